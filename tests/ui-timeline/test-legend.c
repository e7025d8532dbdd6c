/* test-legend.c: tests that the task stream's legend has what occurs, and tells it apart
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "test-support.h"
#include "timeline-fixture.h"

#include "timeline/timeline-legend.h"

#include <string.h>

#define WIDTH 800
#define HEIGHT 200

/* What of @kinds is seen of a run that is shown whole. */
static unsigned
kinds_of (const FixtureRun *run)
{
  WeftlineTimelineLayout *layout = weftline_timeline_layout_new ();
  WeftlineTimelineView view = {
    .t0_ns = -1000000, .t1_ns = 11000000, .width = WIDTH, .height = HEIGHT, .scale = 1, .gutter = 60
  };
  unsigned kinds;

  weftline_timeline_layout_run (layout, &run->input, &view);
  kinds = weftline_timeline_legend_kinds (layout);
  weftline_timeline_layout_free (layout);
  return kinds;
}

#define BIT(kind) (1u << WEFTLINE_LEGEND_##kind)

/* Only what occurs, and all of it. */
static void
test_what_occurs (void)
{
  FixtureRunSpec spec = { .n_lanes = 2 };
  g_autoptr (FixtureRun) empty = fixture_run_new (&spec);
  g_autoptr (FixtureRun) run = fixture_run_new (&spec);

  g_assert_cmpuint (kinds_of (empty), ==, 0);
  fixture_add_task (&run->lanes[0], 1, 0, 2000000, WEFT_OUTCOME_OK);
  g_assert_cmpuint (kinds_of (run), ==, BIT (TASK));
  fixture_add_task (&run->lanes[1], 2, 0, 2000000, WEFT_OUTCOME_FAILED);
  g_assert_cmpuint (kinds_of (run), ==, BIT (TASK) | BIT (ERRED));
  fixture_add (&run->lanes[0], WEFT_RECORD_PARKED, 3000000, 4000000);
  g_assert_cmpuint (kinds_of (run), ==, BIT (TASK) | BIT (ERRED) | BIT (IDLE));
  fixture_add (&run->lanes[0], WEFT_RECORD_PAUSED, 5000000, 6000000);
  g_assert_cmpuint (kinds_of (run), ==, BIT (TASK) | BIT (ERRED) | BIT (IDLE) | BIT (PAUSED));
  fixture_add_task (&run->lanes[0], 3, 7000000, 8000000, WEFT_OUTCOME_CANCELLED);
  g_assert_cmpuint (kinds_of (run), ==,
                    BIT (TASK) | BIT (ERRED) | BIT (IDLE) | BIT (PAUSED) | BIT (CANCELLED));
}

/* (transfer full) */
static cairo_surface_t *
draw_sample (const WeftlinePalette *palette, WeftlineLegendKind kind)
{
  cairo_surface_t *surface = cairo_image_surface_create (
      CAIRO_FORMAT_RGB24, WEFTLINE_LEGEND_SAMPLE_WIDTH, WEFTLINE_LEGEND_SAMPLE_HEIGHT);
  cairo_t *cr = cairo_create (surface);

  weftline_set_color (cr, palette->card, 1);
  cairo_paint (cr);
  weftline_timeline_legend_sample (cr, palette, kind, palette->dim, 0, 0);
  cairo_destroy (cr);
  cairo_surface_flush (surface);
  return surface;
}

/* No two samples look alike, in any palette, and each has a name and a meaning of its own. */
static void
test_samples_differ (void)
{
  for (int look = 0; look < 4; look++)
    {
      const WeftlinePalette *palette =
          weftline_palette ((WeftlinePaletteKind) (look / 2), look % 2);
      cairo_surface_t *samples[WEFTLINE_LEGEND_N_KINDS];

      for (int a = 0; a < WEFTLINE_LEGEND_N_KINDS; a++)
        {
          size_t n;

          samples[a] = draw_sample (palette, (WeftlineLegendKind) a);
          n = (size_t) cairo_image_surface_get_stride (samples[a]) * WEFTLINE_LEGEND_SAMPLE_HEIGHT;
          for (int b = 0; b < a; b++)
            {
              g_assert_cmpint (memcmp (cairo_image_surface_get_data (samples[a]),
                                       cairo_image_surface_get_data (samples[b]), n),
                               !=, 0);
              g_assert_cmpstr (weftline_timeline_legend_name ((WeftlineLegendKind) a), !=,
                               weftline_timeline_legend_name ((WeftlineLegendKind) b));
              g_assert_cmpstr (weftline_timeline_legend_meaning ((WeftlineLegendKind) a), !=,
                               weftline_timeline_legend_meaning ((WeftlineLegendKind) b));
            }
        }
      for (int a = 0; a < WEFTLINE_LEGEND_N_KINDS; a++)
        cairo_surface_destroy (samples[a]);
    }
}

static bool
is_untouched (cairo_surface_t *surface, int from_x)
{
  int stride = cairo_image_surface_get_stride (surface) / 4;
  const uint32_t *pixels = (const uint32_t *) (const void *) cairo_image_surface_get_data (surface);

  for (int y = 0; y < cairo_image_surface_get_height (surface); y++)
    for (int x = from_x; x < cairo_image_surface_get_width (surface); x++)
      if ((pixels[y * stride + x] & 0xffffff) != 0)
        return false;
  return true;
}

/* How many entries a line so wide has; what is beside it stays as it was. */
static unsigned
n_in (int width, bool rtl)
{
  const WeftlinePalette *palette = weftline_palette (WEFTLINE_PALETTE_SAFE, false);
  cairo_surface_t *surface =
      cairo_image_surface_create (CAIRO_FORMAT_RGB24, width + 50, WEFTLINE_LEGEND_HEIGHT);
  WeftlineTimelinePaint *paint = weftline_timeline_paint_new ();
  WeftlineTimelineLook look = { .palette = palette, .font = "Sans 10" };
  WeftlineTimelineInput input = { 0 };
  cairo_t *cr = cairo_create (surface);
  unsigned n;

  weftline_timeline_paint_gutter (paint, &input, &look, 1);
  n = weftline_timeline_paint_legend (paint, cr, palette, (1u << WEFTLINE_LEGEND_N_KINDS) - 1,
                                      width, 0, rtl);
  cairo_surface_flush (surface);
  g_assert_true (is_untouched (surface, width));
  cairo_destroy (cr);
  cairo_surface_destroy (surface);
  weftline_timeline_paint_free (paint);
  return n;
}

/* As many as there is room for, in whole; a small view keeps its lanes. */
static void
test_room (void)
{
  for (int rtl = 0; rtl < 2; rtl++)
    {
      unsigned before = 0;

      for (int width = 50; width <= 1200; width += 50)
        {
          unsigned n = n_in (width, rtl);

          g_assert_cmpuint (n, >=, before);
          before = n;
        }
      g_assert_cmpuint (before, ==, WEFTLINE_LEGEND_N_KINDS);
    }
  g_assert_cmpint (weftline_timeline_legend_height (800, 400), ==, WEFTLINE_LEGEND_HEIGHT);
  g_assert_cmpint (weftline_timeline_legend_height (800, 100), ==, 0);
  g_assert_cmpint (weftline_timeline_legend_height (100, 400), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("ui-timeline", "legend", "what-occurs", test_what_occurs);
  test_add ("ui-timeline", "legend", "samples-differ", test_samples_differ);
  test_add ("ui-timeline", "legend", "room", test_room);
  return g_test_run ();
}
