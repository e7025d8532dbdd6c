/* test-state-form.c: states differ also without colour
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "test-support.h"

#include "canvas/pixels.h"
#include "canvas/state-form.h"

#define WIDTH 40
#define HEIGHT 24

static void
draw (WeftlinePixels *pixels, const WeftlinePalette *palette, WeftModelState state, uint32_t color)
{
  cairo_t *cr;

  weftline_pixels_resize (pixels, (WIDTH + 8) * 2, (HEIGHT + 8) * 2, 2);
  cr = cairo_create (pixels->surface);
  weftline_set_color (cr, palette->card, 1);
  cairo_paint (cr);
  weftline_state_form_draw (cr, palette, state, color, 4, 4, WIDTH, HEIGHT);
  cairo_destroy (cr);
  weftline_pixels_begin (pixels);
}

static double
brightness (uint32_t color)
{
  return 0.3 * (color >> 16 & 0xff) + 0.59 * (color >> 8 & 0xff) + 0.11 * (color & 0xff);
}

/* In grey, any two states differ in a good part of their pixels: in every palette. */
static void
test_states_differ_in_grey (void)
{
  for (unsigned is_dark = 0; is_dark < 2; is_dark++)
    {
      const WeftlinePalette *palette = weftline_palette (WEFTLINE_PALETTE_SAFE, is_dark);
      WeftlinePixels pixels[WEFT_TASK_N_STATES] = { { 0 } };

      for (unsigned i = 0; i < WEFT_TASK_N_STATES; i++)
        draw (&pixels[i], palette, i, palette->slots[0]);
      for (unsigned i = 0; i < WEFT_TASK_N_STATES; i++)
        for (unsigned k = 0; k < i; k++)
          {
            int n = 0;

            for (int y = 0; y < pixels[i].height; y++)
              for (int x = 0; x < pixels[i].width; x++)
                n += ABS (brightness (weftline_pixels_row (&pixels[i], y)[x])
                          - brightness (weftline_pixels_row (&pixels[k], y)[x]))
                     > 12;
            g_assert_cmpint (n, >, 80);
          }
      for (unsigned i = 0; i < WEFT_TASK_N_STATES; i++)
        weftline_pixels_clear (&pixels[i]);
    }
}

/* Nothing is drawn outside, and edges on whole units are whole pixels. */
static void
test_forms_stay_inside (void)
{
  const WeftlinePalette *palette = weftline_palette (WEFTLINE_PALETTE_SAFE, false);

  for (unsigned state = 0; state < WEFT_TASK_N_STATES; state++)
    {
      WeftlinePixels pixels = { 0 };

      draw (&pixels, palette, state, palette->slots[1]);
      for (int y = 0; y < pixels.height; y++)
        for (int x = 0; x < pixels.width; x++)
          if (x < 8 || x >= 8 + 2 * WIDTH || y < 8 || y >= 8 + 2 * HEIGHT)
            g_assert_cmphex (weftline_pixels_row (&pixels, y)[x] & 0xffffff, ==, palette->card);
      weftline_pixels_clear (&pixels);
    }
}

static void
test_hatch_repeats (void)
{
  for (int scale = 1; scale <= 2; scale++)
    {
      int n = 0, step = WEFTLINE_HATCH_STEP * scale;

      for (int y = 0; y < step; y++)
        for (int x = 0; x < step; x++)
          {
            n += weftline_is_hatched (x, y, scale);
            g_assert_cmpint (weftline_is_hatched (x, y, scale), ==,
                             weftline_is_hatched (x + step, y, scale));
          }
      g_assert_cmpint (n * WEFTLINE_HATCH_STEP, ==, WEFTLINE_HATCH_LINE * step * step);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("ui-canvas", "state-form", "states-differ-in-grey", test_states_differ_in_grey);
  test_add ("ui-canvas", "state-form", "forms-stay-inside", test_forms_stay_inside);
  test_add ("ui-canvas", "state-form", "hatch-repeats", test_hatch_repeats);
  return g_test_run ();
}
