/* pixels.h: a picture that stays and is written pixel by pixel
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A CAIRO_FORMAT_RGB24 image surface with a device scale. Positions and sizes are device pixels
 * here. For the owner's thread only. Call weftline_pixels_begin() before writing after cairo has
 * drawn into it, and weftline_pixels_end() before cairo reads it.
 */
#pragma once

#include "base/weft-base.h"

#include <cairo.h>
#include <stdbool.h>

typedef struct
{
  cairo_surface_t *surface; /* (nullable) */
  cairo_surface_t *other;   /* (nullable): the one before */
  uint32_t *data;           /* between begin and end */
  int stride;               /* in pixels */
  int width, height;        /* in device pixels */
  int scale;
} WeftlinePixels;

/* Of zeros: empty. Makes it this large; what was drawn is lost if that changes anything. */
void weftline_pixels_resize (WeftlinePixels *pixels, int width, int height, int scale);
void weftline_pixels_clear (WeftlinePixels *pixels);
/* Before all of it is drawn anew. What was painted of it may be kept by others, who get a copy of
 * it when it changes; where pictures follow each other (@is_live) two take turns, which takes room
 * and saves the copy: by the next time but one, nobody has it any more. */
void weftline_pixels_turn (WeftlinePixels *pixels, bool is_live);
void weftline_pixels_begin (WeftlinePixels *pixels);
void weftline_pixels_end (WeftlinePixels *pixels);
/* Paints it at the origin, each pixel as it is, nothing between. */
void weftline_pixels_paint (const WeftlinePixels *pixels, cairo_t *cr);

/* Parts that are outside are cut off. */
void weftline_pixels_fill (WeftlinePixels *pixels, int x, int y, int width, int height,
                           uint32_t color);
/* Lays a colour on with the strength of a mask: CAIRO_FORMAT_A8. */
void weftline_pixels_mask (WeftlinePixels *pixels, cairo_surface_t *mask, int x, int y,
                           uint32_t color);

static inline uint32_t *
weftline_pixels_row (const WeftlinePixels *pixels, int y)
{
  return pixels->data + (ptrdiff_t) y * pixels->stride;
}

/* line: as wide as the picture */
void weftline_pixels_set_row (WeftlinePixels *pixels, int y, const uint32_t *line);
