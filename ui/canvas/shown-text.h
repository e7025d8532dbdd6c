/* shown-text.h: text that is drawn, and told beside
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * In SVG cairo draws text as outlines, in which nothing can be searched, selected or read aloud. So
 * whoever writes such a file asks to be told what was drawn where, and adds it as text. One
 * thread's.
 */
#pragma once

#include "base/weft-base.h"

#include <pango/pangocairo.h>

/**
 * WeftlineShownText:
 * @x, @y: where its baseline begins, in units of the surface; left, whichever way it runs
 * @width: of it
 * @size: of its font
 */
typedef struct
{
  char *text;
  double x, y;
  double width;
  double size;
} WeftlineShownText;

/* Shows it with the context's source, its upper left corner at the current point. */
void weftline_show_layout (cairo_t *cr, PangoLayout *layout);

/* From now on what is shown on the surface is told. Returns: (transfer none) (element-type
 * WeftlineShownText): as long as the surface */
GArray *weftline_collect_texts (cairo_surface_t *surface);
