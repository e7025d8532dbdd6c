/* graph-bench.c: laying out a large graph, and its frames when it is panned and zoomed
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 *   graph-bench SHAPE [LAYOUTS [WALKS]]
 *
 * Times are CPU times of the thread, at 1920 × 1080 on an image surface. A walk goes to a random
 * place and zoom (each tenth: the whole graph), then pans by a few steps; each step is a frame of
 * scene and paint, with the states of a run that is half done and labels where there is room.
 */
#include "config.h"

#include "graph/graph-paint.h"
#include "graphs.h"
#include "picture-times.h"

#include <math.h>

#define PAN_STEPS 4
#define PAN_PX 48

typedef struct
{
  TestGraph *graph;
  WeftlineGraphScene *scene;
  WeftlineSceneFacts facts;
  WeftlineGraphStyle style;
  WeftlineGraphPainting painting;
  WeftlineSceneFrame frame;
  cairo_t *cr;
} Bench;

static char *
dup_label (uint32_t task, const void *data G_GNUC_UNUSED)
{
  return g_strdup_printf ("task-%u", task);
}

static const char *
group_name (uint32_t group G_GNUC_UNUSED, const void *data G_GNUC_UNUSED)
{
  return "step";
}

static uint8_t *
make_states (uint32_t n)
{
  uint8_t *states = g_new0 (uint8_t, (size_t) n + 1);

  for (uint32_t task = 0; task < n / 2; task++)
    states[task] = task % 97 == 41       ? WEFT_TASK_ERRED
                   : task < n / 8 * (3u) ? WEFT_TASK_RELEASED
                                         : WEFT_TASK_MEMORY;
  for (uint32_t task = n / 2; task < n / 2 + n / 40; task++)
    states[task] = WEFT_TASK_RUNNING;
  return states;
}

/* Layouts, of which the last stays, each after a calibration. */
static WeftlineGraphLayout *
time_layouts (Bench *bench, unsigned n)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (2);
  g_autofree double *times = g_new (double, n);
  g_autofree double *base = g_new (double, n);
  WeftlineGraphLayout *layout = NULL;

  for (unsigned i = 0; i < n; i++)
    {
      double start;

      weftline_graph_layout_free (layout);
      base[i] = calibrate (bench->cr, rand);
      start = thread_ms ();
      layout = weftline_graph_layout_new (&bench->graph->edges, NULL);
      times[i] = thread_ms () - start;
    }
  print_times ("layout", times, n, quantile_of (base, n, 0.5));
  return layout;
}

static void
place (Bench *bench, WeftlineGraphLayout *layout)
{
  TestGraph *graph = bench->graph;
  WeftlineGraphGroups *groups =
      weftline_graph_groups_new (&graph->edges, graph->group, graph->n_groups);
  WeftlineGraphLayout *of_groups = weftline_graph_layout_new (&groups->edges, NULL);

  bench->scene = weftline_graph_scene_new ();
  weftline_graph_scene_append (bench->scene, weftline_graph_index_new (layout, &graph->edges),
                               graph->group, NULL, 0);
  weftline_graph_scene_set_groups (bench->scene, groups, of_groups);
}

static double
draw (Bench *bench, const WeftlineViewport *viewport)
{
  double start = thread_ms ();

  weftline_graph_scene_frame (bench->scene, viewport, &bench->facts, &bench->frame);
  weftline_graph_paint (bench->cr, &bench->frame, &bench->style, &bench->painting);
  return thread_ms () - start;
}

static void
walk_to (Bench *bench, GRand *rand, bool whole, WeftlineViewport *viewport)
{
  float width, height;

  weftline_graph_scene_fit (bench->scene, PICTURE_WIDTH, PICTURE_HEIGHT, viewport);
  if (whole)
    return;
  weftline_graph_scene_size (bench->scene, &width, &height);
  viewport->scale *= exp (g_rand_double_range (rand, 0.05, 7));
  viewport->x = g_rand_double (rand) * (double) width - PICTURE_WIDTH / 2.0 / viewport->scale;
  viewport->y = g_rand_double (rand) * (double) height - PICTURE_HEIGHT / 2.0 / viewport->scale;
}

static void
time_frames (Bench *bench, unsigned n_walks)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);
  g_autofree double *frames = g_new (double, n_walks *(PAN_STEPS + 1));
  g_autofree double *base = g_new (double, n_walks);
  double middle;
  unsigned n = 0;

  for (unsigned walk = 0; walk < n_walks; walk++)
    {
      WeftlineViewport viewport;

      base[walk] = calibrate (bench->cr, rand);
      walk_to (bench, rand, walk % 10 == 0, &viewport);
      for (unsigned step = 0; step <= PAN_STEPS; step++)
        {
          frames[n++] = draw (bench, &viewport);
          viewport.x += PAN_PX / viewport.scale;
        }
    }
  middle = quantile_of (base, n_walks, 0.5);
  print_times ("frames", frames, n, middle);
  print_times ("calibration", base, n_walks, middle);
}

int
main (int argc, char **argv)
{
  const char *spec = argc > 1 ? argv[1] : "stencil:1000,1000";
  unsigned n_layouts = argc > 2 ? (unsigned) MAX (atoi (argv[2]), 1) : 5;
  unsigned n_walks = argc > 3 ? (unsigned) MAX (atoi (argv[3]), 1) : 200;
  Bench bench = { .graph = test_graph_new_shape (spec) };
  cairo_surface_t *surface =
      cairo_image_surface_create (CAIRO_FORMAT_RGB24, PICTURE_WIDTH, PICTURE_HEIGHT);
  g_autofree uint8_t *states = make_states (bench.graph->edges.n_nodes);

  bench.cr = cairo_create (surface);
  bench.facts.states = states;
  bench.painting = (WeftlineGraphPainting){ .selected = WEFT_NONE, .hovered = WEFT_NONE };
  weftline_graph_style_init (&bench.style, false);
  bench.style.texts = weftline_graph_texts_new ();
  bench.style.dup_label = dup_label;
  bench.style.group_name = group_name;
  bench.style.max_labels = WEFTLINE_GRAPH_LABELS;
  weftline_scene_frame_init (&bench.frame);
  printf ("%u nodes, %u edges\n", bench.graph->edges.n_nodes,
          bench.graph->edges.offsets[bench.graph->edges.n_nodes]);
  place (&bench, time_layouts (&bench, n_layouts));
  time_frames (&bench, n_walks);

  weftline_scene_frame_clear (&bench.frame);
  weftline_graph_texts_free (bench.style.texts);
  weftline_graph_scene_free (bench.scene);
  cairo_destroy (bench.cr);
  cairo_surface_destroy (surface);
  test_graph_free (bench.graph);
  return 0;
}
