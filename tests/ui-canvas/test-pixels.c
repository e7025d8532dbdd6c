/* test-pixels.c: a picture written directly
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "test-support.h"

#include "canvas/pixels.h"

static void
test_fill_is_cut_off (void)
{
  WeftlinePixels pixels = { 0 };

  weftline_pixels_resize (&pixels, 20, 10, 1);
  weftline_pixels_begin (&pixels);
  for (unsigned i = 0; i < 500; i++)
    {
      int x = g_test_rand_int_range (-30, 30), y = g_test_rand_int_range (-30, 30);
      int width = g_test_rand_int_range (-3, 40), height = g_test_rand_int_range (-3, 40);

      weftline_pixels_fill (&pixels, 0, 0, 20, 10, 0);
      weftline_pixels_fill (&pixels, x, y, width, height, 0xff);
      for (int row = 0; row < 10; row++)
        for (int column = 0; column < 20; column++)
          {
            bool inside = column >= x && column < x + width && row >= y && row < y + height;

            g_assert_cmphex (weftline_pixels_row (&pixels, row)[column] & 0xffffff, ==,
                             inside ? 0xff : 0);
          }
    }
  weftline_pixels_end (&pixels);
  weftline_pixels_clear (&pixels);
}

/* A row takes all of a line and nothing else, wherever it begins in memory. */
static void
test_set_row (void)
{
  for (int width = 1; width < 40; width++)
    {
      WeftlinePixels pixels = { 0 };
      uint32_t line[40];

      weftline_pixels_resize (&pixels, width, 5, 1);
      weftline_pixels_begin (&pixels);
      for (int row = 0; row < 5; row++)
        {
          for (int x = 0; x < width; x++)
            line[x] = (uint32_t) g_test_rand_int () & 0xffffff;
          weftline_pixels_fill (&pixels, 0, 0, width, 5, 0xabcdef);
          weftline_pixels_set_row (&pixels, row, line);
          for (int y = 0; y < 5; y++)
            for (int x = 0; x < width; x++)
              g_assert_cmphex (weftline_pixels_row (&pixels, y)[x] & 0xffffff, ==,
                               y == row ? line[x] : 0xabcdef);
        }
      weftline_pixels_end (&pixels);
      weftline_pixels_clear (&pixels);
    }
}

static void
test_mask_is_cut_off (void)
{
  WeftlinePixels pixels = { 0 };
  cairo_surface_t *mask = cairo_image_surface_create (CAIRO_FORMAT_A8, 9, 7);

  cairo_surface_flush (mask);
  memset (cairo_image_surface_get_data (mask), 0xff,
          (size_t) cairo_image_surface_get_stride (mask) * 7);
  weftline_pixels_resize (&pixels, 20, 10, 2);
  weftline_pixels_begin (&pixels);
  for (int y = -9; y < 12; y++)
    for (int x = -11; x < 22; x++)
      {
        int n = 0;

        weftline_pixels_fill (&pixels, 0, 0, 20, 10, 0);
        weftline_pixels_mask (&pixels, mask, x, y, 0xabcdef);
        for (int row = 0; row < 10; row++)
          for (int column = 0; column < 20; column++)
            n += (weftline_pixels_row (&pixels, row)[column] & 0xffffff) == 0xabcdef;
        g_assert_cmpint (
            n, ==, MAX (0, MIN (x + 9, 20) - MAX (x, 0)) * MAX (0, MIN (y + 7, 10) - MAX (y, 0)));
      }
  weftline_pixels_end (&pixels);
  cairo_surface_destroy (mask);
  weftline_pixels_clear (&pixels);
}

/* At its scale a pixel is a pixel of the target. */
static void
test_paint_is_exact (void)
{
  WeftlinePixels pixels = { 0 }, target = { 0 };
  cairo_t *cr;

  weftline_pixels_resize (&pixels, 40, 20, 2);
  weftline_pixels_resize (&target, 40, 20, 2);
  weftline_pixels_begin (&pixels);
  for (int y = 0; y < 20; y++)
    for (int x = 0; x < 40; x++)
      weftline_pixels_row (&pixels, y)[x] = (uint32_t) (x * 0x050301 + y * 0x010307);
  weftline_pixels_end (&pixels);
  cr = cairo_create (target.surface);
  weftline_pixels_paint (&pixels, cr);
  cairo_destroy (cr);
  weftline_pixels_begin (&target);
  for (int y = 0; y < 20; y++)
    for (int x = 0; x < 40; x++)
      g_assert_cmphex (weftline_pixels_row (&target, y)[x] & 0xffffff, ==,
                       (uint32_t) (x * 0x050301 + y * 0x010307) & 0xffffff);
  weftline_pixels_end (&target);
  weftline_pixels_clear (&pixels);
  weftline_pixels_clear (&target);
}

static void
test_same_size_keeps_the_surface (void)
{
  WeftlinePixels pixels = { 0 };
  cairo_surface_t *surface;

  weftline_pixels_resize (&pixels, 40, 20, 1);
  surface = pixels.surface;
  weftline_pixels_resize (&pixels, 40, 20, 1);
  g_assert_true (pixels.surface == surface);
  weftline_pixels_resize (&pixels, 41, 20, 1);
  g_assert_cmpint (cairo_image_surface_get_width (pixels.surface), ==, 41);
  weftline_pixels_clear (&pixels);
}

/* What was recorded of it stays as it was; of pictures that follow each other none is copied. */
static void
test_turns (void)
{
  WeftlinePixels pixels = { 0 };
  cairo_surface_t *recording = NULL, *seen[2];

  weftline_pixels_resize (&pixels, 20, 10, 1);
  for (unsigned i = 0; i < 6; i++)
    {
      cairo_surface_t *before = recording;
      cairo_t *cr;

      weftline_pixels_turn (&pixels, true);
      weftline_pixels_begin (&pixels);
      weftline_pixels_fill (&pixels, 0, 0, 20, 10, i + 1);
      weftline_pixels_end (&pixels);
      recording = cairo_recording_surface_create (CAIRO_CONTENT_COLOR, NULL);
      cr = cairo_create (recording);
      weftline_pixels_paint (&pixels, cr);
      cairo_destroy (cr);
      if (i >= 2)
        g_assert_true (pixels.surface == seen[i % 2]);
      seen[i % 2] = pixels.surface;
      if (before != NULL)
        {
          cairo_surface_t *shown = cairo_image_surface_create (CAIRO_FORMAT_RGB24, 20, 10);

          cr = cairo_create (shown);
          cairo_set_source_surface (cr, before, 0, 0);
          cairo_paint (cr);
          cairo_destroy (cr);
          cairo_surface_flush (shown);
          g_assert_cmphex (*(uint32_t *) (void *) cairo_image_surface_get_data (shown) & 0xffffff,
                           ==, i);
          cairo_surface_destroy (shown);
          cairo_surface_destroy (before);
        }
    }
  weftline_pixels_turn (&pixels, false);
  g_assert_null (pixels.other);
  g_assert_true (pixels.surface == seen[1]);
  cairo_surface_destroy (recording);
  weftline_pixels_clear (&pixels);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("ui-canvas", "pixels", "fill-is-cut-off", test_fill_is_cut_off);
  test_add ("ui-canvas", "pixels", "turns", test_turns);
  test_add ("ui-canvas", "pixels", "set-row", test_set_row);
  test_add ("ui-canvas", "pixels", "mask-is-cut-off", test_mask_is_cut_off);
  test_add ("ui-canvas", "pixels", "paint-is-exact", test_paint_is_exact);
  test_add ("ui-canvas", "pixels", "same-size-keeps-the-surface", test_same_size_keeps_the_surface);
  return g_test_run ();
}
