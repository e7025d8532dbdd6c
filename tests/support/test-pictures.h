/* test-pictures.h: pictures against references
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * References stand in references/ of the test's folder. To make them anew, run the program with
 * --write-references and look at each. Fonts differ from machine to machine: text is allowed to.
 */
#pragma once

#include "test-support.h"

#include <cairo.h>
#include <stdbool.h>
#include <stdint.h>

/* A pixel differs where a channel is off by more than this; so many may. */
#define PICTURE_CHANNEL_TOLERANCE 48
#define PICTURE_PIXEL_TOLERANCE 0.03

static inline bool
picture_pixel_differs (const uint8_t *a, const uint8_t *b)
{
  for (unsigned i = 0; i < 3; i++)
    if (ABS ((int) a[i] - (int) b[i]) > PICTURE_CHANNEL_TOLERANCE)
      return true;
  return false;
}

static inline double
picture_share_that_differs (cairo_surface_t *a, cairo_surface_t *b)
{
  int width = cairo_image_surface_get_width (a), height = cairo_image_surface_get_height (a);
  uint64_t n = 0;

  g_assert_cmpint (width, ==, cairo_image_surface_get_width (b));
  g_assert_cmpint (height, ==, cairo_image_surface_get_height (b));
  cairo_surface_flush (a);
  cairo_surface_flush (b);
  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++)
      n += picture_pixel_differs (cairo_image_surface_get_data (a)
                                      + (ptrdiff_t) y * cairo_image_surface_get_stride (a) + 4 * x,
                                  cairo_image_surface_get_data (b)
                                      + (ptrdiff_t) y * cairo_image_surface_get_stride (b) + 4 * x);
  return (double) n / ((double) width * height);
}

static inline bool
picture_writes (int argc, char **argv)
{
  for (int i = 1; i < argc; i++)
    if (g_str_equal (argv[i], "--write-references"))
      return true;
  return false;
}

/* @folder: of the tests */
static inline void
assert_as_reference (const char *folder, const char *name, cairo_surface_t *surface, bool writes)
{
  g_autofree char *file = g_strdup_printf ("%s/references/%s.png", folder, name);
  g_autofree char *path = test_source_path (file);
  cairo_surface_t *reference;

  if (writes)
    g_assert_cmpint (cairo_surface_write_to_png (surface, path), ==, CAIRO_STATUS_SUCCESS);
  reference = cairo_image_surface_create_from_png (path);
  g_assert_cmpint (cairo_surface_status (reference), ==, CAIRO_STATUS_SUCCESS);
  g_assert_cmpfloat (picture_share_that_differs (surface, reference), <=, PICTURE_PIXEL_TOLERANCE);
  cairo_surface_destroy (reference);
}

/* An empty picture of that size in units. (transfer full) */
static inline cairo_surface_t *
picture_new (int width, int height, int scale)
{
  cairo_surface_t *surface =
      cairo_image_surface_create (CAIRO_FORMAT_RGB24, width * scale, height * scale);

  cairo_surface_set_device_scale (surface, scale, scale);
  return surface;
}
