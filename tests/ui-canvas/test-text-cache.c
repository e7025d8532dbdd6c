/* test-text-cache.c: texts that are kept
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "test-support.h"

#include "canvas/palette.h"
#include "canvas/text-cache.h"

#include <string.h>

static void
test_laid_out_once (void)
{
  WeftlineTextCache *cache = weftline_text_cache_new ("Sans 10", 1);
  int width, height, other_width;

  for (unsigned i = 0; i < 10; i++)
    {
      weftline_text_size (cache, "mProject", WEFTLINE_TEXT_NORMAL, &width, &height);
      weftline_text_cache_turn (cache);
    }
  g_assert_cmpuint (weftline_text_cache_n_made (cache), ==, 1);
  weftline_text_size (cache, "mProject", WEFTLINE_TEXT_SMALL, &other_width, &height);
  g_assert_cmpint (other_width, <, width);
  g_assert_cmpuint (weftline_text_cache_n_made (cache), ==, 2);
  weftline_text_cache_free (cache);
}

static void
test_forgets_what_is_gone (void)
{
  WeftlineTextCache *cache = weftline_text_cache_new ("Sans 10", 1);
  int width, height;

  for (unsigned turn = 0; turn < 50; turn++)
    {
      for (unsigned i = 0; i < 10; i++)
        {
          g_autofree char *text = g_strdup_printf ("task %u", turn * 10 + i);

          weftline_text_size (cache, text, WEFTLINE_TEXT_NORMAL, &width, &height);
        }
      weftline_text_cache_turn (cache);
    }
  g_assert_cmpuint (weftline_text_cache_n (cache), <=, 30);
  weftline_text_cache_free (cache);
}

static void
test_fits (void)
{
  WeftlineTextCache *cache = weftline_text_cache_new ("Sans 10", 1);
  const char *text = "a rather long näme of a worker";
  int whole, width, height;

  weftline_text_size (cache, text, WEFTLINE_TEXT_NORMAL, &whole, &height);
  for (int room = 20; room < whole + 20; room += 7)
    {
      g_autofree char *fitted = weftline_text_fit (cache, text, WEFTLINE_TEXT_NORMAL, room);

      weftline_text_size (cache, fitted, WEFTLINE_TEXT_NORMAL, &width, &height);
      g_assert_cmpint (width, <=, room);
      g_assert_true (g_utf8_validate (fitted, -1, NULL));
      if (room >= whole)
        g_assert_cmpstr (fitted, ==, text);
      else
        g_assert_true (g_str_has_suffix (fitted, "…"));
    }
  weftline_text_cache_free (cache);
}

/* What is copied looks like what cairo draws. */
static void
test_blit_equals_show (void)
{
  for (int scale = 1; scale <= 2; scale++)
    {
      WeftlineTextCache *cache = weftline_text_cache_new ("Sans 10", scale);
      WeftlinePixels copied = { 0 }, drawn = { 0 };
      cairo_t *cr;
      int n_dark = 0;

      weftline_pixels_resize (&copied, 200, 60, scale);
      weftline_pixels_begin (&copied);
      weftline_pixels_fill (&copied, 0, 0, 200, 60, 0xffffff);
      weftline_text_blit (cache, &copied, "mProject", WEFTLINE_TEXT_NORMAL, 6 * scale, 4 * scale,
                          0x203040);
      weftline_pixels_end (&copied);
      weftline_pixels_resize (&drawn, 200, 60, scale);
      cr = cairo_create (drawn.surface);
      weftline_set_color (cr, 0xffffff, 1);
      cairo_paint (cr);
      weftline_set_color (cr, 0x203040, 1);
      weftline_text_show (cache, cr, "mProject", WEFTLINE_TEXT_NORMAL, 6, 4);
      cairo_destroy (cr);
      weftline_pixels_begin (&copied);
      weftline_pixels_begin (&drawn);
      for (int y = 0; y < 60; y++)
        for (int x = 0; x < 200; x++)
          {
            int a = weftline_pixels_row (&copied, y)[x] & 0xff;
            int b = weftline_pixels_row (&drawn, y)[x] & 0xff;

            g_assert_cmpint (ABS (a - b), <=, 3);
            n_dark += a < 0x80;
          }
      g_assert_cmpint (n_dark, >, 40);
      weftline_pixels_clear (&copied);
      weftline_pixels_clear (&drawn);
      weftline_text_cache_free (cache);
    }
}

/* (transfer full): the text's pixels, one byte each */
static GBytes *
pixels_of (WeftlineTextCache *cache, const char *text)
{
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_A8, 200, 40);
  cairo_t *cr = cairo_create (surface);
  GBytes *bytes;

  weftline_text_show (cache, cr, text, WEFTLINE_TEXT_NORMAL, 2, 2);
  cairo_destroy (cr);
  cairo_surface_flush (surface);
  bytes = g_bytes_new (cairo_image_surface_get_data (surface),
                       (gsize) cairo_image_surface_get_stride (surface) * 40);
  cairo_surface_destroy (surface);
  return bytes;
}

static bool
are_alike (WeftlineTextCache *cache, const char *a, const char *b)
{
  g_autoptr (GBytes) first = pixels_of (cache, a);
  g_autoptr (GBytes) second = pixels_of (cache, b);

  return g_bytes_equal (first, second);
}

#define LTR_MARK "\u200e"
#define RTL_MARK "\u200f"

/* A text goes by its first letter, figures without letters are read from left to right; whichever
 * way the window reads. A mark, which is not seen, makes a text run as it says. */
static void
test_runs_as_its_letters (void)
{
  static const char *const ltr[] = {
    "29 / 53", "12 %", "−5", "+3", "> 0.1 %", "2 × 3", "1.2 s – 3.4 s", "8.7/s", "task 3 – 4",
  };
  static const char *const rtl[] = { "שלום task 3", "عامل task 2", "3 / 4 שלום" };
  WeftlineTextCache *cache = weftline_text_cache_new ("Sans 10", 1);

  for (unsigned i = 0; i < G_N_ELEMENTS (ltr); i++)
    {
      g_autofree char *marked = g_strconcat (LTR_MARK, ltr[i], NULL);
      g_autofree char *other = g_strconcat (RTL_MARK, ltr[i], NULL);

      g_assert_true (are_alike (cache, ltr[i], marked));
      if (i < 6)
        g_assert_false (are_alike (cache, ltr[i], other));
    }
  for (unsigned i = 0; i < G_N_ELEMENTS (rtl); i++)
    {
      g_autofree char *marked = g_strconcat (RTL_MARK, rtl[i], NULL);
      g_autofree char *other = g_strconcat (LTR_MARK, rtl[i], NULL);

      g_assert_true (are_alike (cache, rtl[i], marked));
      g_assert_false (are_alike (cache, rtl[i], other));
    }
  weftline_text_cache_free (cache);
}

/* Nothing is lost between the lines, and no more words would fit into any but the last. */
static void
test_lines (void)
{
  WeftlineTextCache *cache = weftline_text_cache_new ("Sans 10", 1);
  const char *text = "How much was work, and what the rest waited for";

  for (int room = 80; room < 500; room += 9)
    {
      g_auto (GStrv) lines = weftline_text_lines (cache, text, WEFTLINE_TEXT_NORMAL, room, 20);
      g_auto (GStrv) two = weftline_text_lines (cache, text, WEFTLINE_TEXT_NORMAL, room, 2);
      g_autofree char *joined = g_strjoinv (" ", lines);
      int width, height;

      g_assert_cmpstr (joined, ==, text);
      for (char **line = lines; *line != NULL; line++)
        {
          weftline_text_size (cache, *line, WEFTLINE_TEXT_NORMAL, &width, &height);
          g_assert_cmpint (width, <=, room);
        }
      for (char **line = lines; *line != NULL && line[1] != NULL; line++)
        {
          g_autofree char *next = g_strndup (line[1], strcspn (line[1], " "));
          g_autofree char *longer = g_strconcat (*line, " ", next, NULL);

          weftline_text_size (cache, longer, WEFTLINE_TEXT_NORMAL, &width, &height);
          g_assert_cmpint (width, >, room);
        }
      g_assert_cmpuint (g_strv_length (two), ==, MIN (g_strv_length (lines), 2));
      g_assert_cmpint (g_str_has_suffix (two[g_strv_length (two) - 1], "…"), ==,
                       g_strv_length (lines) > 2);
    }
  weftline_text_cache_free (cache);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("ui-canvas", "text-cache", "laid-out-once", test_laid_out_once);
  test_add ("ui-canvas", "text-cache", "forgets-what-is-gone", test_forgets_what_is_gone);
  test_add ("ui-canvas", "text-cache", "fits", test_fits);
  test_add ("ui-canvas", "text-cache", "runs-as-its-letters", test_runs_as_its_letters);
  test_add ("ui-canvas", "text-cache", "lines", test_lines);
  test_add ("ui-canvas", "text-cache", "blit-equals-show", test_blit_equals_show);
  return g_test_run ();
}
