/* test-pictures.h: pictures against references
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * References stand in references/ of the test's folder. To make them anew, run the program with
 * --write-references and look at each. Fonts differ from machine to machine: text is allowed to. A
 * picture that differs is written into the folder for temporary files, to be looked at.
 *
 * Each view that is drawn has four, VIEW-safe-light.png and so on: one in each palette, light and
 * dark.
 */
#pragma once

#include "test-support.h"

#include "canvas/palette.h"

#include <stdint.h>
#include <stdlib.h>

/* A pixel differs from its reference where a channel is off by more than this; so many may. It is
 * less than what is between a colour of one palette and its like in the other. */
#define PICTURE_CHANNEL_TOLERANCE 20
#define PICTURE_PIXEL_TOLERANCE 0.03
/* Of pictures drawn in two ways, whose lines are smoothed another way. */
#define PICTURE_FAR 48

static inline const uint8_t *
picture_row (cairo_surface_t *surface, int y)
{
  return cairo_image_surface_get_data (surface)
         + (ptrdiff_t) y * cairo_image_surface_get_stride (surface);
}

/* By how much the channel differs most. */
static inline int
picture_distance (const uint8_t *a, const uint8_t *b)
{
  int most = 0;

  for (unsigned i = 0; i < 3; i++)
    most = MAX (most, abs ((int) a[i] - (int) b[i]));
  return most;
}

/* Two of a size. */
static inline double
picture_share_that_differs (cairo_surface_t *a, cairo_surface_t *b, int by_more_than)
{
  int width = cairo_image_surface_get_width (a), height = cairo_image_surface_get_height (a);
  uint64_t n = 0;

  g_assert_cmpint (width, ==, cairo_image_surface_get_width (b));
  g_assert_cmpint (height, ==, cairo_image_surface_get_height (b));
  cairo_surface_flush (a);
  cairo_surface_flush (b);
  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++)
      n += picture_distance (picture_row (a, y) + 4 * x, picture_row (b, y) + 4 * x) > by_more_than;
  return (double) n / ((double) width * height);
}

/* Of a channel's value, 0 … 255. */
static inline double
picture_mean_difference (cairo_surface_t *a, cairo_surface_t *b)
{
  int width = cairo_image_surface_get_width (a), height = cairo_image_surface_get_height (a);
  uint64_t sum = 0;

  for (int y = 0; y < height; y++)
    for (int x = 0; x < 4 * width; x++)
      if (x % 4 < 3)
        sum += (uint64_t) abs ((int) picture_row (a, y)[x] - (int) picture_row (b, y)[x]);
  return (double) sum / (3.0 * width * height);
}

static inline bool
picture_writes (int argc, char **argv)
{
  for (int i = 1; i < argc; i++)
    if (g_str_equal (argv[i], "--write-references"))
      return true;
  return false;
}

static inline void
picture_leave (cairo_surface_t *surface, const char *name)
{
  g_autofree char *file = g_strdup_printf ("%s.new.png", name);
  g_autofree char *path = g_build_filename (g_get_tmp_dir (), file, NULL);

  cairo_surface_write_to_png (surface, path);
  g_test_message ("written: %s", path);
}

/* @folder: of the tests; @tolerance: how many pixels may differ */
static inline void
assert_as_reference_within (const char *folder, const char *name, cairo_surface_t *surface,
                            double tolerance, bool writes)
{
  g_autofree char *file = g_strdup_printf ("%s/references/%s.png", folder, name);
  g_autofree char *path = test_source_path (file);
  cairo_surface_t *reference;
  double share = 1;

  if (writes)
    g_assert_cmpint (cairo_surface_write_to_png (surface, path), ==, CAIRO_STATUS_SUCCESS);
  reference = cairo_image_surface_create_from_png (path);
  if (cairo_surface_status (reference) == CAIRO_STATUS_SUCCESS)
    share = picture_share_that_differs (surface, reference, PICTURE_CHANNEL_TOLERANCE);
  g_test_message ("%s: %.3f %% of pixels differ", name, share * 100);
  if (share > tolerance)
    picture_leave (surface, name);
  g_assert_cmpfloat (share, <=, tolerance);
  cairo_surface_destroy (reference);
}

static inline void
assert_as_reference (const char *folder, const char *name, cairo_surface_t *surface, bool writes)
{
  assert_as_reference_within (folder, name, surface, PICTURE_PIXEL_TOLERANCE, writes);
}

/* The same of a picture that was drawn for this alone. @surface: (transfer full) */
static inline void
assert_drawn_as_reference (const char *folder, const char *name, cairo_surface_t *surface,
                           bool writes)
{
  assert_as_reference (folder, name, surface, writes);
  cairo_surface_destroy (surface);
}

/* Each of an array of scenes, which have names. @draw: gives the picture of one (transfer full) */
#define assert_scenes(folder, scenes, draw, writes)                                        \
  G_STMT_START                                                                             \
  {                                                                                        \
    for (unsigned i_ = 0; i_ < G_N_ELEMENTS (scenes); i_++)                                \
      assert_drawn_as_reference (folder, (scenes)[i_].name, draw (&(scenes)[i_]), writes); \
  }                                                                                        \
  G_STMT_END

/* An empty picture of that size in units. (transfer full) */
static inline cairo_surface_t *
picture_new (int width, int height, int scale)
{
  cairo_surface_t *surface =
      cairo_image_surface_create (CAIRO_FORMAT_RGB24, width * scale, height * scale);

  cairo_surface_set_device_scale (surface, scale, scale);
  return surface;
}

/* ---- in all palettes ------------------------------------------------------------------------- */

#define PICTURE_N_PALETTES 4

/* (transfer full): the view */
typedef cairo_surface_t *(*PictureOf) (const WeftlinePalette *palette, const void *data);

static inline void
assert_told_apart (cairo_surface_t *a, cairo_surface_t *b, double tolerance)
{
  double share = picture_share_that_differs (a, b, PICTURE_CHANNEL_TOLERANCE);

  if (picture_share_that_differs (a, b, 0) == 0)
    return; /* nothing that it shows has another colour there */
  g_test_message ("%.3f %% of pixels tell it from another", share * 100);
  g_assert_cmpfloat (share, >, tolerance);
}

/* As its references, each of which would be another's only if both look the same. */
static inline void
assert_in_all_palettes_within (const char *folder, const char *view, PictureOf draw,
                               const void *data, double tolerance, bool writes)
{
  cairo_surface_t *pictures[PICTURE_N_PALETTES];

  for (unsigned i = 0; i < PICTURE_N_PALETTES; i++)
    {
      bool classic = i / 2, dark = i % 2;
      g_autofree char *name =
          g_strdup_printf ("%s-%s-%s", view, classic ? "classic" : "safe", dark ? "dark" : "light");

      pictures[i] =
          draw (weftline_palette (classic ? WEFTLINE_PALETTE_CLASSIC : WEFTLINE_PALETTE_SAFE, dark),
                data);
      assert_as_reference_within (folder, name, pictures[i], tolerance, writes);
      for (unsigned k = 0; k < i; k++)
        assert_told_apart (pictures[i], pictures[k], tolerance);
    }
  g_assert_cmpfloat (picture_share_that_differs (pictures[0], pictures[1], 0), >, 0);
  g_assert_cmpfloat (picture_share_that_differs (pictures[2], pictures[3], 0), >, 0);
  for (unsigned i = 0; i < PICTURE_N_PALETTES; i++)
    cairo_surface_destroy (pictures[i]);
}

static inline void
assert_in_all_palettes (const char *folder, const char *view, PictureOf draw, const void *data,
                        bool writes)
{
  assert_in_all_palettes_within (folder, view, draw, data, PICTURE_PIXEL_TOLERANCE, writes);
}
