/* pixels.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "canvas/palette.h"
#include "canvas/pixels.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif
#include <string.h>

static cairo_surface_t *
new_surface (const WeftlinePixels *pixels)
{
  cairo_surface_t *surface =
      cairo_image_surface_create (CAIRO_FORMAT_RGB24, pixels->width, pixels->height);

  cairo_surface_set_device_scale (surface, pixels->scale, pixels->scale);
  return surface;
}

void
weftline_pixels_resize (WeftlinePixels *pixels, int width, int height, int scale)
{
  if (pixels->surface != NULL && pixels->width == width && pixels->height == height
      && pixels->scale == scale)
    return;
  weftline_pixels_clear (pixels);
  pixels->width = width;
  pixels->height = height;
  pixels->scale = scale;
  pixels->surface = new_surface (pixels);
}

void
weftline_pixels_clear (WeftlinePixels *pixels)
{
  g_clear_pointer (&pixels->surface, cairo_surface_destroy);
  g_clear_pointer (&pixels->other, cairo_surface_destroy);
  *pixels = (WeftlinePixels){ 0 };
}

void
weftline_pixels_turn (WeftlinePixels *pixels, bool is_live)
{
  cairo_surface_t *before = pixels->surface;

  if (!is_live)
    {
      g_clear_pointer (&pixels->other, cairo_surface_destroy);
      return;
    }
  pixels->surface = pixels->other != NULL ? pixels->other : new_surface (pixels);
  pixels->other = before;
}

void
weftline_pixels_begin (WeftlinePixels *pixels)
{
  cairo_surface_flush (pixels->surface);
  pixels->data = (uint32_t *) (void *) cairo_image_surface_get_data (pixels->surface);
  pixels->stride = cairo_image_surface_get_stride (pixels->surface) / (int) sizeof (uint32_t);
}

void
weftline_pixels_end (WeftlinePixels *pixels)
{
  cairo_surface_mark_dirty (pixels->surface);
  pixels->data = NULL;
}

void
weftline_pixels_paint (const WeftlinePixels *pixels, cairo_t *cr)
{
  cairo_save (cr);
  cairo_set_source_surface (cr, pixels->surface, 0, 0);
  cairo_pattern_set_filter (cairo_get_source (cr), CAIRO_FILTER_NEAREST);
  cairo_set_operator (cr, CAIRO_OPERATOR_SOURCE);
  cairo_rectangle (cr, 0, 0, (double) pixels->width / pixels->scale,
                   (double) pixels->height / pixels->scale);
  cairo_fill (cr);
  cairo_restore (cr);
}

#ifdef __SSE2__
/* Past the caches: a picture is larger than they are, and a line that is written whole need not be
 * read before. */
static void
copy_past_caches (uint32_t *to, const uint32_t *line, int n)
{
  int i = 0;

  for (; i < n && ((uintptr_t) &to[i] & 15) != 0; i++)
    to[i] = line[i];
  for (; i + 4 <= n; i += 4)
    _mm_stream_si128 ((__m128i *) (void *) &to[i],
                      _mm_loadu_si128 ((const __m128i *) (const void *) &line[i]));
  for (; i < n; i++)
    to[i] = line[i];
}
#endif

void
weftline_pixels_set_row (WeftlinePixels *pixels, int y, const uint32_t *line)
{
#ifdef __SSE2__
  copy_past_caches (weftline_pixels_row (pixels, y), line, pixels->width);
#else
  memcpy (weftline_pixels_row (pixels, y), line, (size_t) pixels->width * sizeof *line);
#endif
}

void
weftline_pixels_fill (WeftlinePixels *pixels, int x, int y, int width, int height, uint32_t color)
{
  int right = MIN (x + width, pixels->width);
  int bottom = MIN (y + height, pixels->height);

  x = MAX (x, 0);
  for (int row = MAX (y, 0); row < bottom; row++)
    for (int column = x; column < right; column++)
      weftline_pixels_row (pixels, row)[column] = color;
}

void
weftline_pixels_mask (WeftlinePixels *pixels, cairo_surface_t *mask, int x, int y, uint32_t color)
{
  const uint8_t *shares = cairo_image_surface_get_data (mask);
  int stride = cairo_image_surface_get_stride (mask);
  int first = MAX (0, -x);
  int last = MIN (cairo_image_surface_get_width (mask), pixels->width - x);
  int bottom = MIN (cairo_image_surface_get_height (mask), pixels->height - y);

  for (int row = MAX (0, -y); row < bottom; row++)
    {
      uint32_t *to = weftline_pixels_row (pixels, y + row) + x;
      const uint8_t *from = shares + (ptrdiff_t) row * stride;

      for (int column = first; column < last; column++)
        if (from[column] != 0)
          to[column] = weftline_blend (to[column], color, from[column] + (from[column] >> 7));
    }
}
