/* graph-picture.c: pictures of graphs, and how long a frame takes
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * graph-picture GRAPH [--out FILE.png|.svg] [--frames N]: draws one frame, or times N of random
 * places and zooms (each the least of three, so that what else runs does not count), beside a
 * calibration drawing (20,000 rectangles filled by cairo).
 */
#include "config.h"

#include "graphs.h"
#include "graph/graph-lineage.h"
#include "graph/graph-paint.h"

#include <cairo-svg.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int opt_width = 1900, opt_height = 1000, opt_frames, opt_select = -1, opt_overlay = -1;
static double opt_zoom = 1, opt_x = 0.5, opt_y = 0.5, opt_done = 0.6;
static gboolean opt_dark;
static char *opt_out;

static const GOptionEntry entries[] = {
  { "out", 0, 0, G_OPTION_ARG_FILENAME, &opt_out, "Write the picture", "FILE" },
  { "width", 0, 0, G_OPTION_ARG_INT, &opt_width, "Pixels", "N" },
  { "height", 0, 0, G_OPTION_ARG_INT, &opt_height, "Pixels", "N" },
  { "frames", 0, 0, G_OPTION_ARG_INT, &opt_frames, "Time so many random frames", "N" },
  { "zoom", 0, 0, G_OPTION_ARG_DOUBLE, &opt_zoom, "Times the whole graph", "F" },
  { "at-x", 0, 0, G_OPTION_ARG_DOUBLE, &opt_x, "Middle, share of the width", "F" },
  { "at-y", 0, 0, G_OPTION_ARG_DOUBLE, &opt_y, "Middle, share of the height", "F" },
  { "done", 0, 0, G_OPTION_ARG_DOUBLE, &opt_done, "Share of the tasks that ran", "F" },
  { "select", 0, 0, G_OPTION_ARG_INT, &opt_select, "Show a task's lineage", "TASK" },
  { "overlay", 0, 0, G_OPTION_ARG_INT, &opt_overlay, "0 order, 1 age, 2 pressure", "N" },
  { "dark", 0, 0, G_OPTION_ARG_NONE, &opt_dark, "On dark", NULL },
  { NULL, 0, 0, 0, NULL, NULL, NULL },
};

typedef struct
{
  TestGraph *graph;
  WeftlineGraphScene *scene;
  uint8_t *states;
  WeftlineTaskSet *lineage;
  float *values;
  WeftlineSceneFacts facts;
  WeftlineGraphPainting painting;
  WeftlineGraphStyle style;
} Picture;

static char *
dup_label (uint32_t task, const void *data)
{
  const TestGraph *graph = data;

  return graph->graph != NULL ? weft_graph_dup_key (graph->graph, task)
                              : g_strdup_printf ("t-%u", task);
}

static const char *
group_name (uint32_t group, const void *data)
{
  static char names[32][16];
  const TestGraph *graph = data;

  if (graph->graph != NULL)
    return weft_graph_group_name (graph->graph, group);
  g_snprintf (names[group % 32], sizeof names[0], "step-%u", group);
  return names[group % 32];
}

static void
group_facts (uint32_t group, const void *data G_GNUC_UNUSED, WeftlineGroupFacts *facts)
{
  *facts = (WeftlineGroupFacts){ INT64_C (3700000000) * (group + 1), UINT64_C (120000000) * group };
}

/* As if tasks had run in the order of ids: some released, some in memory, a few erred. */
static void
make_states (Picture *picture)
{
  uint32_t n = picture->graph->edges.n_nodes;
  uint32_t done = (uint32_t) (n * opt_done), running = 1 + n / 40;

  picture->states = g_new0 (uint8_t, (size_t) n + 1);
  for (uint32_t v = 0; v < n; v++)
    {
      bool is_hit = v % 97 == 41;

      if (v < done * 3 / 4)
        picture->states[v] = is_hit ? WEFT_TASK_ERRED : WEFT_TASK_RELEASED;
      else if (v < done)
        picture->states[v] = is_hit ? WEFT_TASK_CANCELLED : WEFT_TASK_MEMORY;
      else if (v < done + running)
        picture->states[v] = WEFT_TASK_RUNNING;
      else if (v < done + 2 * running)
        picture->states[v] = WEFT_TASK_QUEUED;
    }
}

static void
open_picture (Picture *picture, const char *spec)
{
  TestGraph *graph = g_file_test (spec, G_FILE_TEST_EXISTS) ? test_graph_new_file (spec)
                                                            : test_graph_new_shape (spec);
  int64_t start = g_get_monotonic_time ();
  WeftlineGraphLayout *layout = weftline_graph_layout_new (&graph->edges, NULL);
  int64_t laid_out = g_get_monotonic_time ();
  WeftlineGraphIndex *index = weftline_graph_index_new (layout, &graph->edges);
  int64_t indexed = g_get_monotonic_time ();
  WeftlineGraphGroups *groups =
      weftline_graph_groups_new (&graph->edges, graph->group, graph->n_groups);
  WeftlineGraphLayout *group_layout = weftline_graph_layout_new (&groups->edges, NULL);
  int64_t grouped = g_get_monotonic_time ();

  printf ("%s: layout %.4f s, index %.4f s, groups %.4f s\n", graph->name,
          (double) (laid_out - start) / 1e6, (double) (indexed - laid_out) / 1e6,
          (double) (grouped - indexed) / 1e6);
  picture->graph = graph;
  picture->scene = weftline_graph_scene_new ();
  weftline_graph_scene_append (picture->scene, index, graph->group, NULL, 0);
  weftline_graph_scene_set_groups (picture->scene, groups, group_layout);
  make_states (picture);
  picture->facts.states = picture->states;
  picture->painting = (WeftlineGraphPainting){ .selected = WEFT_NONE, .hovered = WEFT_NONE };
  weftline_graph_style_init (&picture->style, opt_dark);
  picture->style.texts = weftline_graph_texts_new ();
  picture->style.dup_label = dup_label;
  picture->style.group_name = group_name;
  picture->style.group_facts = group_facts;
  picture->style.data = graph;
}

static void
add_selection (Picture *picture)
{
  const WeftGraphArrays *arrays =
      picture->graph->graph == NULL ? NULL : weft_graph_arrays (picture->graph->graph);

  if (arrays != NULL && opt_select >= 0)
    {
      picture->lineage =
          weftline_task_set_new_lineage (arrays, (uint32_t) opt_select, WEFTLINE_LINEAGE_BOTH);
      picture->facts.marked = picture->lineage->bits;
      picture->painting.has_lineage = true;
      picture->painting.selected = (uint32_t) opt_select;
    }
  if (arrays != NULL && opt_overlay >= 0)
    {
      picture->values = weftline_graph_values_new (arrays, (WeftlineGraphValue) opt_overlay,
                                                   &picture->painting.value_most);
      picture->facts.values = picture->values;
    }
}

static void
close_picture (Picture *picture)
{
  weftline_graph_scene_free (picture->scene);
  weftline_graph_texts_free (picture->style.texts);
  weftline_task_set_free (picture->lineage);
  g_free (picture->values);
  g_free (picture->states);
  test_graph_free (picture->graph);
}

static void
set_viewport (const Picture *picture, double zoom, double at_x, double at_y,
              WeftlineViewport *viewport)
{
  float width, height;

  weftline_graph_scene_fit (picture->scene, opt_width, opt_height, viewport);
  if (zoom == 1)
    return;
  weftline_graph_scene_size (picture->scene, &width, &height);
  viewport->scale *= zoom;
  viewport->x = at_x * (double) width - opt_width / 2.0 / viewport->scale;
  viewport->y = at_y * (double) height - opt_height / 2.0 / viewport->scale;
}

static void
draw (Picture *picture, const char *path)
{
  bool is_svg = g_str_has_suffix (path, ".svg");
  cairo_surface_t *surface =
      is_svg ? cairo_svg_surface_create (path, opt_width, opt_height)
             : cairo_image_surface_create (CAIRO_FORMAT_RGB24, opt_width, opt_height);
  cairo_t *cr = cairo_create (surface);
  WeftlineViewport viewport;
  WeftlineSceneFrame frame;

  set_viewport (picture, opt_zoom, opt_x, opt_y, &viewport);
  weftline_scene_frame_init (&frame);
  weftline_graph_scene_frame (picture->scene, &viewport, &picture->facts, &frame);
  weftline_graph_paint (cr, &frame, &picture->style, &picture->painting);
  weftline_graph_paint_legend (cr, 16, opt_height - 26, opt_width, 1, &picture->style, 0,
                               picture->painting.value_most);
  g_autofree char *summary = weftline_scene_frame_dup_summary (&frame);
  printf ("%s; %u edges drawn\n", summary, frame.edges->len);
  if (!is_svg)
    cairo_surface_write_to_png (surface, path);
  weftline_scene_frame_clear (&frame);
  cairo_destroy (cr);
  cairo_surface_destroy (surface);
}

static double
calibrate (cairo_t *cr)
{
  int64_t start = g_get_monotonic_time ();

  for (int k = 0; k < 20000; k++)
    cairo_rectangle (cr, k % 180 * 10, k / 180 * 8, 7, 5);
  cairo_fill (cr);
  return (double) (g_get_monotonic_time () - start) / 1e3;
}

static int
compare_doubles (const void *a, const void *b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return (x > y) - (x < y);
}

static void
time_frames (Picture *picture, int n)
{
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, opt_width, opt_height);
  cairo_t *cr = cairo_create (surface);
  g_autofree double *times = g_new (double, n);
  g_autofree double *base = g_new (double, n);
  g_autoptr (GRand) random = g_rand_new_with_seed (1);
  WeftlineSceneFrame frame;
  double worst = 0;

  weftline_scene_frame_init (&frame);
  for (int k = 0; k < n; k++)
    {
      WeftlineViewport viewport;
      double zoom = k % 10 == 0 ? 1 : exp (g_rand_double_range (random, 0.05, 7));
      int64_t start, laid_out;

      base[k] = calibrate (cr);
      set_viewport (picture, zoom, g_rand_double (random), g_rand_double (random), &viewport);
      times[k] = INFINITY;
      for (int turn = 0; turn < 3; turn++)
        {
          start = g_get_monotonic_time ();
          weftline_graph_scene_frame (picture->scene, &viewport, &picture->facts, &frame);
          laid_out = g_get_monotonic_time ();
          weftline_graph_paint (cr, &frame, &picture->style, &picture->painting);
          times[k] = MIN (times[k], (double) (g_get_monotonic_time () - start) / 1e3);
        }
      if (times[k] > worst)
        {
          worst = times[k];
          printf (
              "  zoom %.2f, mode %d: %u tasks, %u cells, %u edges: %.2f ms, %.2f of it layout\n",
              zoom, (int) frame.mode, frame.tasks->len, frame.cells->len, frame.edges->len,
              times[k], (double) (laid_out - start) / 1e3);
        }
    }
  weftline_scene_frame_clear (&frame);
  qsort (times, (size_t) n, sizeof *times, compare_doubles);
  qsort (base, (size_t) n, sizeof *base, compare_doubles);
  printf ("frame: median %.2f ms, p99 %.2f ms, most %.2f ms; %.2f and %.2f of the calibration's "
          "median %.2f ms\n",
          times[n / 2], times[n * 99 / 100], times[n - 1], times[n / 2] / base[n / 2],
          times[n * 99 / 100] / base[n / 2], base[n / 2]);
  cairo_destroy (cr);
  cairo_surface_destroy (surface);
}

int
main (int argc, char **argv)
{
  g_autoptr (GOptionContext) context = g_option_context_new ("GRAPH");
  Picture picture = { 0 };

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, NULL) || argc != 2)
    return 2;
  open_picture (&picture, argv[1]);
  add_selection (&picture);
  if (opt_out != NULL)
    draw (&picture, opt_out);
  if (opt_frames > 0)
    time_frames (&picture, opt_frames);
  close_picture (&picture);
  return 0;
}
