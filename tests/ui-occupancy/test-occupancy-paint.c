/* test-occupancy-paint.c: pictures of what workers did over time against references
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "../model/made-fixture.h"
#include "test-pictures.h"

#include "occupancy/occupancy-picture.h"

#define MOST_TASKS 4000
#define UNIT 1000000 /* ns */

static bool writes;

typedef struct
{
  const char *name;
  bool dark, rtl, as_shapes;
  int width, height, scale;
  uint32_t n_workers;
  int64_t from_ms, to_ms;
  bool spills;
  WeftlinePaletteKind palette;
} Scene;

static void
give_span (Maker *m, uint32_t lane, uint8_t kind, uint8_t how, uint32_t task, int64_t start,
           int64_t end)
{
  give_one (m, lane, span (kind, how, task, (uint64_t) start, (uint64_t) (end - start), 0));
}

/* Tasks, then one of everything else, or half as much on disk; more of it the higher the worker's
 * number. The same each time. */
static void
give_worker (Maker *m, uint32_t lane, uint32_t *task, bool spills)
{
  static const uint8_t kinds[] = { WEFT_RECORD_PARKED, WEFT_RECORD_SPILL_WRITE,
                                   WEFT_RECORD_STEAL_MISS, WEFT_RECORD_MEMORY_PAUSED,
                                   WEFT_RECORD_PARKED };
  int64_t at = 1000 + lane * UNIT;

  give_span (m, lane, WEFT_RECORD_WORKER_START, 0, 7, at, at);
  for (unsigned i = 0; i < 40 && *task < MOST_TASKS; i++)
    {
      for (unsigned k = 0; k < 8 && *task < MOST_TASKS; k++)
        {
          uint8_t how = (i + k) % 13 == 0 ? WEFT_HOW_STOLEN : WEFT_HOW_OWN;

          give_span (m, lane, WEFT_RECORD_TASK, how, (*task)++, at, at + (k + 1) * UNIT / 8);
          at += (k + 1) * UNIT / 8 + UNIT / 20;
        }
      give_span (m, lane, kinds[(i + lane) % G_N_ELEMENTS (kinds)], 0, WEFT_NONE, at,
                 at + lane * UNIT / 2);
      at += lane * UNIT / 2 + UNIT / 10;
      if (spills)
        give_span (m, lane, WEFT_RECORD_SPILL_WRITE, 0, WEFT_NONE, at, at + 2 * UNIT);
      at += spills ? 2 * UNIT : 0;
    }
  give_span (m, lane, WEFT_RECORD_WORKER_STOP, 0, 7, at, at);
}

static void
give_lane_of (Maker *m, uint32_t lane)
{
  WeftLaneHead head = {
    .lane = lane, .kind = WEFT_LANE_THREAD, .worker = lane - 1, .parent_lane = WEFT_NONE
  };

  put (m, &head, sizeof head);
  give_well (m, WEFT_FRAME_LANE, 0);
}

static void
make_model (Maker *m, uint32_t n_workers, bool spills)
{
  static uint32_t distances[MOST_TASKS];
  uint32_t task = 0;

  begin_run (m);
  give_segment (m, 0, 0, distances, MOST_TASKS);
  for (uint32_t i = 0; i < n_workers; i++)
    {
      if (i > 0)
        give_lane_of (m, i + 1);
      give_worker (m, i + 1, &task, spills);
    }
  weft_model_finish (m->model, false);
}

/* (transfer full) */
static cairo_surface_t *
draw_scene (const Scene *scene)
{
  cairo_surface_t *surface = picture_new (scene->width, scene->height, scene->scale);
  WeftlineTextCache *text = weftline_text_cache_new ("Sans 10", scene->scale);
  cairo_t *cr = cairo_create (surface);
  WeftModelSnapshot snapshot = { 0 };
  Maker m = { 0 };

  if (scene->n_workers > 0)
    {
      make_model (&m, scene->n_workers, scene->spills);
      weft_model_snapshot (m.model, &snapshot);
    }
  weftline_occupancy_picture (
      m.model, &snapshot,
      &(WeftlineOccupancyPaint){ .palette = weftline_palette (scene->palette, scene->dark),
                                 .text = text,
                                 .at_ns = INT64_MAX,
                                 .rtl = scene->rtl,
                                 .as_shapes = scene->as_shapes },
      scene->from_ms * UNIT, scene->to_ms * UNIT, cr, scene->width, scene->height);
  g_assert_cmpint (cairo_status (cr), ==, CAIRO_STATUS_SUCCESS);
  cairo_destroy (cr);
  weftline_text_cache_free (text);
  if (m.model != NULL)
    clear (&m);
  return surface;
}

static cairo_surface_t *
draw_in_palette (const WeftlinePalette *palette, const void *data)
{
  Scene scene = *(const Scene *) data;

  scene.dark = palette->dark;
  scene.palette = palette->kind;
  return draw_scene (&scene);
}

static void
test_palettes (void)
{
  static const Scene scene = { NULL, false, false, false, 640, 260, 1, 4, 0, 0, true };

  assert_in_all_palettes ("ui-occupancy", "occupancy", draw_in_palette, &scene, writes);
}

static void
test_scenes (void)
{
  static const Scene scenes[] = {
    { "zoomed", false, false, false, 640, 200, 1, 3, 20, 35 },
    { "right-to-left", false, true, false, 640, 200, 1, 3, 0, 0 },
    { "shapes", false, false, true, 640, 200, 1, 3, 20, 35 },
    { "scale-2", false, false, false, 320, 160, 2, 2, 0, 0 },
    { "one-worker", false, false, false, 400, 180, 1, 1, 0, 0 },
    { "small", true, false, false, 180, 120, 1, 2, 0, 0 },
    { "empty", false, false, false, 400, 180, 1, 0, 0, 0 },
  };

  assert_scenes ("ui-occupancy", scenes, draw_scene, writes);
}

/* All of 64 workers are there, at the height that is asked for. */
static void
test_many_workers (void)
{
  static const Scene scenes[] = { { "many-workers", false, false, false, 640, 420, 1, 64, 0, 0 } };
  WeftModelSnapshot snapshot;
  Maker m;

  make_model (&m, 64, false);
  weft_model_snapshot (m.model, &snapshot);
  g_assert_cmpint (weftline_occupancy_picture_height (m.model, &snapshot), ==,
                   WEFTLINE_OCCUPANCY_LEGEND + WEFTLINE_OCCUPANCY_PAD / 2 + WEFTLINE_OCCUPANCY_TOTAL
                       + WEFTLINE_OCCUPANCY_AXIS + 64 * WEFTLINE_OCCUPANCY_ROW);
  clear (&m);
  assert_scenes ("ui-occupancy", scenes, draw_scene, writes);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  writes = picture_writes (argc, argv);
  test_add ("ui-occupancy", "occupancy-paint", "palettes", test_palettes);
  test_add ("ui-occupancy", "occupancy-paint", "scenes", test_scenes);
  test_add ("ui-occupancy", "occupancy-paint", "many-workers", test_many_workers);
  return g_test_run ();
}
