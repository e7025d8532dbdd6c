/* export-fixture.h: runs to be drawn, and pictures to be compared
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "ui-inspect/inspect-fixture.h"

#include "export/export.h"

#include <cairo.h>
#include <stdlib.h>

/* A pixel differs where a channel is off by more than this. */
#define CHANNEL_TOLERANCE 48

#define EXPORT_RUN                                                                             \
  "{\"weftline\": 1, \"name\": \"a loom\", \"tasks\": {"                                       \
  "\"spin-1\": {\"op\": \"sleep\", \"args\": [0.02, 1]},"                                      \
  "\"spin-2\": {\"op\": \"sleep\", \"args\": [0.01, 2]},"                                      \
  "\"dye-1\": {\"op\": \"sleep\", \"args\": [0.015, {\"ref\": \"spin-1\"}]},"                  \
  "\"tear-1\": {\"op\": \"fail\", \"args\": []},"                                              \
  "\"mend-1\": {\"op\": \"neg\", \"args\": [{\"ref\": \"tear-1\"}]},"                          \
  "\"weave\": {\"op\": \"sum\", \"args\": [[{\"ref\": \"dye-1\"}, {\"ref\": \"spin-2\"}]]}}, " \
  "\"outputs\": [\"weave\", \"mend-1\"]}"

/* Share of pixels that differ; both RGB24 and of the same size. */
static inline double
share_that_differs (cairo_surface_t *a, cairo_surface_t *b)
{
  int width = cairo_image_surface_get_width (a), height = cairo_image_surface_get_height (a);
  uint64_t n = 0;

  g_assert_cmpint (cairo_image_surface_get_width (b), ==, width);
  g_assert_cmpint (cairo_image_surface_get_height (b), ==, height);
  cairo_surface_flush (a);
  cairo_surface_flush (b);
  for (int y = 0; y < height; y++)
    {
      const uint8_t *one = cairo_image_surface_get_data (a)
                           + (size_t) y * (size_t) cairo_image_surface_get_stride (a);
      const uint8_t *other = cairo_image_surface_get_data (b)
                             + (size_t) y * (size_t) cairo_image_surface_get_stride (b);

      for (int x = 0; x < width; x++)
        n += abs (one[4 * x] - other[4 * x]) > CHANNEL_TOLERANCE
             || abs (one[4 * x + 1] - other[4 * x + 1]) > CHANNEL_TOLERANCE
             || abs (one[4 * x + 2] - other[4 * x + 2]) > CHANNEL_TOLERANCE;
    }
  return (double) n / ((double) width * height);
}

/* Share of pixels that are not as the first one: whether there is a picture at all. */
static inline double
share_of_ink (cairo_surface_t *surface)
{
  int width = cairo_image_surface_get_width (surface);
  int height = cairo_image_surface_get_height (surface);
  const uint8_t *data = cairo_image_surface_get_data (surface);
  size_t stride = (size_t) cairo_image_surface_get_stride (surface);
  uint32_t first = *(const uint32_t *) (const void *) data & 0xffffff;
  uint64_t n = 0;

  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++)
      n +=
          (((const uint32_t *) (const void *) (data + (size_t) y * stride))[x] & 0xffffff) != first;
  return (double) n / ((double) width * height);
}

typedef struct
{
  const uint8_t *bytes;
  gsize n_bytes, at;
} PngReading;

static inline cairo_status_t
png_read_cb (void *data, unsigned char *bytes, unsigned n_bytes)
{
  PngReading *reading = data;

  if (reading->at + n_bytes > reading->n_bytes)
    return CAIRO_STATUS_READ_ERROR;
  memcpy (bytes, reading->bytes + reading->at, n_bytes);
  reading->at += n_bytes;
  return CAIRO_STATUS_SUCCESS;
}

static inline cairo_surface_t *
surface_of_png (GBytes *png)
{
  PngReading reading = { .at = 0 };
  cairo_surface_t *surface;

  reading.bytes = g_bytes_get_data (png, &reading.n_bytes);
  surface = cairo_image_surface_create_from_png_stream (png_read_cb, &reading);
  g_assert_cmpint (cairo_surface_status (surface), ==, CAIRO_STATUS_SUCCESS);
  return surface;
}
