/* test-scrub-paint.c: pictures of the bar that rewinds against references
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "test-pictures.h"

#include "scrub/scrub-paint.h"

#include <math.h>

#define SECOND INT64_C (1000000000)

static bool writes;

typedef struct
{
  const char *name;
  WeftlinePaletteKind palette;
  bool dark;
  int width, scale;
  int64_t time_ns; /* INT64_MAX: now */
  double hover_x;
  const char *words;
  bool is_empty;
} Scene;

/* As weftline_scrub_layout() has it, of stages that end one by one. */
static void
make_layout (const Scene *scene, WeftlineScrubLayout *layout)
{
  *layout = (WeftlineScrubLayout){ .width = scene->width - 2 * WEFTLINE_SCRUB_MARGIN,
                                   .end_ns = scene->is_empty ? 0 : 104 * SECOND };
  layout->running = g_new0 (double, (size_t) layout->width);
  for (int x = 0; x < layout->width && !scene->is_empty; x++)
    {
      double share = fmod (5.0 * x / layout->width, 1);

      layout->running[x] = 4 * (share < 0.7 ? 1 : (1 - share) / 0.3);
      layout->most = MAX (layout->most, layout->running[x]);
    }
}

/* (transfer full): the view stands on a card */
static cairo_surface_t *
draw_scene (const Scene *scene)
{
  const WeftlinePalette *palette = weftline_palette (scene->palette, scene->dark);
  cairo_surface_t *surface = picture_new (scene->width, WEFTLINE_SCRUB_HEIGHT, scene->scale);
  WeftlineTextCache *text = weftline_text_cache_new ("Sans 10", scene->scale);
  cairo_t *cr = cairo_create (surface);
  WeftlineScrubLayout layout;

  make_layout (scene, &layout);
  weftline_set_color (cr, palette->card, 1);
  cairo_paint (cr);
  weftline_scrub_paint (&(WeftlineScrubPaint){ .layout = &layout,
                                               .palette = palette,
                                               .text = text,
                                               .width = scene->width,
                                               .height = WEFTLINE_SCRUB_HEIGHT,
                                               .time_ns = scene->time_ns,
                                               .hover_x = scene->hover_x,
                                               .words = scene->words,
                                               .end_words = scene->is_empty ? "0 s" : "1 m 44 s" },
                        cr);
  g_assert_cmpint (cairo_status (cr), ==, CAIRO_STATUS_SUCCESS);
  cairo_destroy (cr);
  weftline_scrub_layout_clear (&layout);
  weftline_text_cache_free (text);
  return surface;
}

#define THEN "as of 41.6 s · 4 running · 12 queued · 61 in memory · 1.2 GB"

static cairo_surface_t *
draw_in_palette (const WeftlinePalette *palette, const void *data G_GNUC_UNUSED)
{
  return draw_scene (&(Scene){ NULL, palette->kind, palette->dark, 560, 1, 41600 * SECOND / 1000,
                               400, THEN, false });
}

static void
test_palettes (void)
{
  assert_in_all_palettes ("ui-scrub", "scrub", draw_in_palette, NULL, writes);
}

/* All of the knob is in the view, at both ends. */
static void
test_knob_is_whole (void)
{
  for (int i = 0; i < 2; i++)
    {
      const WeftlinePalette *palette = weftline_palette (WEFTLINE_PALETTE_SAFE, false);
      cairo_surface_t *surface =
          draw_scene (&(Scene){ NULL, 0, false, 300, 1, i == 0 ? 0 : INT64_MAX, -1, "now", false });
      int n_below = 0, n_beside = 0;

      cairo_surface_flush (surface);
      for (int x = 0; x < 300; x++)
        n_below +=
            picture_row (surface, WEFTLINE_SCRUB_HEIGHT - 1)[4 * x] == (uint8_t) palette->accent
            && picture_row (surface, WEFTLINE_SCRUB_HEIGHT - 1)[4 * x + 2]
                   == (uint8_t) (palette->accent >> 16);
      for (int y = 0; y < WEFTLINE_SCRUB_HEIGHT; y++)
        n_beside += picture_row (surface, y)[i == 0 ? 0 : 4 * 299] != 0xff;
      g_assert_cmpint (n_below, <=, 4); /* the foot of a circle, not a chord */
      g_assert_cmpint (n_beside, <=, 6);
      cairo_surface_destroy (surface);
    }
}

static void
test_scenes (void)
{
  static const Scene scenes[] = {
    { "now", 0, false, 560, 1, INT64_MAX, -1, "now", false },
    { "beginning", 0, true, 560, 1, 0, -1, "as of 0 s", false },
    { "scale-2", 0, false, 280, 2, 20 * SECOND, -1, THEN, false },
    { "small", 0, true, 120, 1, 70 * SECOND, 30, THEN, false },
    { "empty", 0, false, 400, 1, INT64_MAX, -1, "now", true },
  };

  assert_scenes ("ui-scrub", scenes, draw_scene, writes);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  writes = picture_writes (argc, argv);
  test_add ("ui-scrub", "scrub-paint", "palettes", test_palettes);
  test_add ("ui-scrub", "scrub-paint", "knob-is-whole", test_knob_is_whole);
  test_add ("ui-scrub", "scrub-paint", "scenes", test_scenes);
  return g_test_run ();
}
