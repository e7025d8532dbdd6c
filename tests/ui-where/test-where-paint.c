/* test-where-paint.c: pictures of where the time goes against references
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "test-pictures.h"

#include "where/where-paint.h"

#define SECOND INT64_C (1000000000)

static bool writes;

typedef struct
{
  const char *name;
  bool dark, rtl;
  int width, height, scale, scroll;
  uint32_t n_rows;
  bool all_uses;
  WeftlinePaletteKind palette;
} Scene;

static const int64_t usual[][WEFT_TIME_N_USES] = {
  { [WEFT_TIME_RUNNING] = 94 * SECOND,
    [WEFT_TIME_NO_TASK] = 5 * SECOND,
    [WEFT_TIME_MEMORY_PAUSE] = 3 * SECOND,
    [WEFT_TIME_SPILL] = 2 * SECOND,
    [WEFT_TIME_SCHEDULER] = SECOND / 25 },
  { [WEFT_TIME_RUNNING] = 88 * SECOND,
    [WEFT_TIME_NO_TASK] = 12 * SECOND,
    [WEFT_TIME_SPILL] = 4 * SECOND,
    [WEFT_TIME_SCHEDULER] = SECOND / 20 },
  { [WEFT_TIME_RUNNING] = 62 * SECOND,
    [WEFT_TIME_NO_TASK] = 20 * SECOND,
    [WEFT_TIME_RESOURCE] = 22 * SECOND,
    [WEFT_TIME_SCHEDULER] = SECOND / 25 },
};

static void
make_rows (const Scene *scene, WeftTimeRow *rows, WeftTimeRow *total)
{
  *total = (WeftTimeRow){ .name = "" };
  for (uint32_t i = 0; i < scene->n_rows; i++)
    {
      rows[i] = (WeftTimeRow){ .name = "", .worker = i, .lane = i };
      for (unsigned use = 0; use < WEFT_TIME_N_USES; use++)
        {
          bool is_disk = use == WEFT_TIME_SPILL || use == WEFT_TIME_TRANSFER;

          rows[i].ns[use] = scene->all_uses
                                ? (int64_t) (use + 2 * i + 1) * (is_disk ? 6 : 1) * SECOND
                                : usual[i % G_N_ELEMENTS (usual)][use];
          rows[i].total_ns += rows[i].ns[use];
          total->ns[use] += rows[i].ns[use];
        }
      total->total_ns += rows[i].total_ns;
    }
}

/* (transfer full) */
static cairo_surface_t *
draw_scene (const Scene *scene)
{
  cairo_surface_t *surface = picture_new (scene->width, scene->height, scene->scale);
  WeftlineTextCache *text = weftline_text_cache_new ("Sans 10", scene->scale);
  WeftTimeRow rows[32], total;
  WeftlineWhereLayout layout;
  int before, behind;
  cairo_t *cr = cairo_create (surface);

  make_rows (scene, rows, &total);
  weftline_where_layout_init (&layout);
  weftline_where_measure (text, rows, scene->n_rows, scene->width, &before, &behind);
  weftline_where_layout (&layout, &total, rows, scene->n_rows, scene->width, scene->height, before,
                         behind, scene->scroll);
  weftline_where_paint (
      &(WeftlineWherePaint){ .layout = &layout,
                             .total = &total,
                             .rows = rows,
                             .caption = "4 workers, 1 m 44 s together",
                             .awaited = "mAdd",
                             .palette = weftline_palette (scene->palette, scene->dark),
                             .text = text,
                             .hover = { true, WEFT_TIME_NO_TASK, 1 },
                             .rtl = scene->rtl },
      cr);
  g_assert_cmpint (cairo_status (cr), ==, CAIRO_STATUS_SUCCESS);
  cairo_destroy (cr);
  weftline_where_layout_clear (&layout);
  weftline_text_cache_free (text);
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

/* All that a worker's time may be used for, mostly what has a colour of its own in each palette. */
static void
test_palettes (void)
{
  static const Scene scene = { NULL, false, false, 620, 340, 1, 0, 4, true };

  assert_in_all_palettes ("ui-where", "where", draw_in_palette, &scene, writes);
}

static void
test_scenes (void)
{
  static const Scene scenes[] = {
    { "light", false, false, 310, 300, 1, 0, 4, false },
    { "dark", true, false, 310, 300, 1, 0, 4, false },
    { "right-to-left", false, true, 310, 300, 1, 0, 4, false },
    { "scale-2", false, false, 310, 240, 2, 0, 2, false },
    { "scrolled", false, false, 310, 160, 1, 90, 32, false },
    { "small", true, false, 160, 110, 1, 0, 2, false },
    { "empty", false, false, 310, 200, 1, 0, 0, false },
  };

  assert_scenes ("ui-where", scenes, draw_scene, writes);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  writes = picture_writes (argc, argv);
  test_add ("ui-where", "where-paint", "palettes", test_palettes);
  test_add ("ui-where", "where-paint", "scenes", test_scenes);
  return g_test_run ();
}
