/* test-interrupted.c: tests that tasks which a run was interrupted in are not shown as running
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "made-fixture.h"

#include "graph/graph-look.h"
#include "model/weft-past.h"

#include <string.h>

#define WIDTH 400
#define HEIGHT 260
#define SCALE 60

/* Three tasks, of which lane 1 has run the first, and is in the second when nothing more comes. */
static void
give_run (Maker *m, bool interrupted)
{
  static const uint32_t distances[] = { 0, 1, 1 };
  WeftNowEntry entry = {
    .lane = 1, .task = 1, .kind = WEFT_RECORD_TASK, .attempt = 1, .start = 1100, .watermark = 1100
  };
  WeftRunFrame frame = { .head = { .kind = WEFT_FRAME_NOW, .watermark = 1400 },
                         .payload = (const uint8_t *) &entry };

  begin_run (m);
  give_segment (m, 0, 0, distances, 3);
  give_one (m, 1, span (WEFT_RECORD_WORKER_START, 0, 7, 1000, 0, 0));
  give_one (m, 1, span (WEFT_RECORD_TASK, 0, 0, 1000, 100, 64));
  frame.head.n_bytes = sizeof entry;
  g_assert_true (weft_model_add_frame (m->model, &frame, NULL));
  if (interrupted)
    weft_model_finish (m->model, true);
}

static void
look_init (WeftlineGraphLook *look, WeftModel *model)
{
  WeftModelSnapshot snapshot;

  weft_model_snapshot (model, &snapshot);
  weftline_graph_look_init (look);
  look->model = model;
  look->n_groups = snapshot.n_groups;
  look->palette = weftline_palette (WEFTLINE_PALETTE_SAFE, false);
}

/* In words: what ran does so no more, as of now; at a moment of the past it did. */
static void
test_words (void)
{
  for (int interrupted = 0; interrupted < 2; interrupted++)
    {
      WeftMoment moment = { 0 };
      WeftlineGraphLook look;
      g_autofree char *words = NULL, *then = NULL;
      Maker m;

      give_run (&m, interrupted);
      g_assert_cmpint (weft_model_task_state (m.model, 1), ==, WEFT_TASK_RUNNING);
      look_init (&look, m.model);
      g_assert_cmpuint (weftline_graph_look_n_interrupted (&look), ==, interrupted ? 1 : 0);
      words = weftline_graph_look_dup_words (&look, 1, WEFT_TASK_RUNNING);
      g_assert_true (strstr (words, interrupted ? "interrupted" : "running") != NULL);
      g_assert_true (strstr (words, interrupted ? "running" : "interrupted") == NULL);
      look.moment = &moment;
      g_assert_cmpuint (weftline_graph_look_n_interrupted (&look), ==, 0);
      then = weftline_graph_look_dup_words (&look, 1, WEFT_TASK_RUNNING);
      g_assert_true (strstr (then, "running") != NULL);
      weftline_graph_look_clear (&look);
      clear (&m);
    }
}

/* A task in a state, and below it the legend. (transfer full) */
static cairo_surface_t *
draw (WeftModel *model, WeftModelState state, WeftlineSceneMode mode)
{
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, WIDTH, HEIGHT);
  cairo_t *cr = cairo_create (surface);
  WeftlineSceneTask task = { .group = 0, .width = 4, .state = (uint8_t) state };
  WeftlineSceneCell cell = { .group = 0, .x = -1, .y = -1, .side = 2, .n_tasks = 1 };
  WeftlineGraphPainting painting = { .selected = WEFT_NONE, .hovered = WEFT_NONE };
  WeftlineGraphLook look;
  WeftlineSceneFrame frame;

  look_init (&look, model);
  weftline_scene_frame_init (&frame);
  cell.n_states[state] = 1;
  frame.mode = mode;
  frame.viewport = (WeftlineViewport){ .x = -WIDTH / 2.0 / SCALE,
                                       .y = -80.0 / SCALE,
                                       .scale = SCALE,
                                       .width_px = WIDTH,
                                       .height_px = 160 };
  if (mode == WEFTLINE_SCENE_TASKS)
    g_array_append_val (frame.tasks, task);
  else
    g_array_append_val (frame.cells, cell);
  weftline_graph_look_foot (&look, WIDTH, HEIGHT);
  weftline_graph_look_paint (&look, cr, &frame, &painting, 0);
  weftline_scene_frame_clear (&frame);
  weftline_graph_look_clear (&look);
  cairo_destroy (cr);
  cairo_surface_flush (surface);
  return surface;
}

/* Whether lines [y0, y1) are the same. */
static bool
is_same (cairo_surface_t *a, cairo_surface_t *b, int y0, int y1)
{
  int stride = cairo_image_surface_get_stride (a);

  return memcmp (cairo_image_surface_get_data (a) + y0 * stride,
                 cairo_image_surface_get_data (b) + y0 * stride, (size_t) ((y1 - y0) * stride))
         == 0;
}

/* It has a form of its own, alone, in a cell, and in the legend; all other states have theirs. */
static void
test_form (void)
{
  static const WeftlineSceneMode modes[] = { WEFTLINE_SCENE_TASKS, WEFTLINE_SCENE_CELLS,
                                             WEFTLINE_SCENE_GROUPS };
  Maker cut, alive;

  give_run (&cut, true);
  give_run (&alive, false);
  for (unsigned k = 0; k < G_N_ELEMENTS (modes); k++)
    for (int state = 0; state < WEFT_TASK_N_STATES; state++)
      {
        cairo_surface_t *interrupted = draw (cut.model, WEFT_TASK_RUNNING, modes[k]);
        cairo_surface_t *same = draw (cut.model, (WeftModelState) state, modes[k]);
        cairo_surface_t *other = draw (alive.model, (WeftModelState) state, modes[k]);

        g_assert_cmpint (is_same (interrupted, same, 0, 160), ==, state == WEFT_TASK_RUNNING);
        g_assert_false (is_same (interrupted, other, 0, 160));
        g_assert_cmpint (is_same (same, other, 0, 160), ==, state != WEFT_TASK_RUNNING);
        g_assert_false (is_same (interrupted, other, 160, HEIGHT));
        cairo_surface_destroy (interrupted);
        cairo_surface_destroy (same);
        cairo_surface_destroy (other);
      }
  clear (&cut);
  clear (&alive);
}

/* The word is in the legend only where there is such a task. */
static void
test_legend (void)
{
  Maker m;
  WeftlineGraphLook look;

  begin_run (&m);
  weft_model_finish (m.model, true); /* nothing ran */
  look_init (&look, m.model);
  g_assert_cmpuint (weftline_graph_look_n_interrupted (&look), ==, 0);
  weftline_graph_look_clear (&look);
  clear (&m);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("ui-graph", "interrupted", "words", test_words);
  test_add ("ui-graph", "interrupted", "form", test_form);
  test_add ("ui-graph", "interrupted", "only-where-it-occurs", test_legend);
  return g_test_run ();
}
