/* test-resource-paint.c: pictures of what was measured of a process against references
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "test-pictures.h"

#include "resources/resource-paint.h"

#include <math.h>

#define SECOND INT64_C (1000000000)

static bool writes;

typedef struct
{
  const char *name;
  WeftlinePaletteKind palette;
  bool dark, rtl;
  int width, height, scale;
  bool is_empty, has_moment;
} Scene;

/* As wide as the chart: waves, and the children's share of them, which begins later. */
static void
make_chart (WeftlineResourceChart *chart, int width, double top, double swing)
{
  chart->top = top;
  for (int x = 0; x < width; x++)
    {
      double share = (double) x / width;
      double value = top * (0.45 + 0.4 * share * fabs (sin (swing * share)));
      double jitter = x % 11 == 0 ? 0.1 * top : 0;

      chart->columns[0][x] = (WeftlineResourceColumn){ value - jitter, value + jitter / 2 };
      chart->columns[1][x] = share < 0.3
                                 ? (WeftlineResourceColumn){ -1, -1 }
                                 : (WeftlineResourceColumn){ value / 3 - jitter / 4, value / 3 };
    }
  chart->last[0] = chart->columns[0][width - 1].high;
  chart->last[1] = chart->columns[1][width - 1].high;
}

/* (transfer full) */
static cairo_surface_t *
draw_scene (const Scene *scene)
{
  static const double tops[] = { 5, 5e8, 2e7 };
  cairo_surface_t *surface = picture_new (scene->width, scene->height, scene->scale);
  WeftlineTextCache *text = weftline_text_cache_new ("Sans 10", scene->scale);
  cairo_t *cr = cairo_create (surface);
  WeftlineResourceLayout layout = { 0 };

  weftline_resource_layout (&layout, NULL, scene->is_empty ? 0 : 104 * SECOND, scene->width,
                            scene->height);
  for (unsigned i = 0; i < WEFTLINE_RESOURCE_N_CHARTS && !scene->is_empty; i++)
    make_chart (&layout.charts[i], scene->width, tops[i], 7 + 9 * i);
  weftline_resource_paint (
      &(WeftlineResourcePaint){ .layout = &layout,
                                .palette = weftline_palette (scene->palette, scene->dark),
                                .text = text,
                                .rtl = scene->rtl,
                                .has_time = scene->has_moment,
                                .time_ns = 60 * SECOND },
      cr);
  g_assert_cmpint (cairo_status (cr), ==, CAIRO_STATUS_SUCCESS);
  cairo_destroy (cr);
  weftline_resource_layout_clear (&layout);
  weftline_text_cache_free (text);
  return surface;
}

static cairo_surface_t *
draw_in_palette (const WeftlinePalette *palette, const void *data G_GNUC_UNUSED)
{
  return draw_scene (
      &(Scene){ NULL, palette->kind, palette->dark, false, 400, 280, 1, false, true });
}

static void
test_palettes (void)
{
  assert_in_all_palettes ("ui-resources", "resource", draw_in_palette, NULL, writes);
}

static void
test_scenes (void)
{
  static const Scene scenes[] = {
    { "right-to-left", 0, false, true, 400, 240, 1, false, true },
    { "scale-2", 0, true, false, 200, 170, 2, false, false },
    { "small", 0, true, false, 160, 150, 1, false, false },
    { "empty", 0, false, false, 400, 200, 1, true, false },
  };

  assert_scenes ("ui-resources", scenes, draw_scene, writes);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  writes = picture_writes (argc, argv);
  test_add ("ui-resources", "resource-paint", "palettes", test_palettes);
  test_add ("ui-resources", "resource-paint", "scenes", test_scenes);
  return g_test_run ();
}
