/* graph-pen.h: rectangles and curves, into pixels where there are some, else through cairo
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Cairo draws some hundred thousand lines a second; written straight into an image surface they
 * are twenty times that. Other surfaces (SVG, PDF) get the same shapes as vectors. The background
 * must be opaque. Coordinates are those of the cairo context, which may be scaled and moved, not
 * turned.
 */
#pragma once

#include <cairo.h>
#include <stdbool.h>
#include <stdint.h>

/* Not premultiplied, 0 … 1. */
typedef struct
{
  float r, g, b, a;
} WeftlineGraphColor;

typedef enum
{
  WEFTLINE_PEN_SOLID,
  WEFTLINE_PEN_HATCHED,
  WEFTLINE_PEN_DOTTED,
} WeftlinePenForm;

typedef struct
{
  cairo_t *cr;
  uint32_t *pixels; /* NULL: through cairo */
  int stride;       /* pixels */
  int x0, y0, x1, y1;
  double scale_x, scale_y, move_x, move_y;
} WeftlineGraphPen;

/* Between begin and end nothing else may draw on the surface. */
void weftline_graph_pen_begin (WeftlineGraphPen *pen, cairo_t *cr);
void weftline_graph_pen_end (WeftlineGraphPen *pen);

/* Edges are put on whole pixels; what has an extent gets at least one. */
void weftline_graph_pen_fill (WeftlineGraphPen *pen, double x, double y, double width,
                              double height, const WeftlineGraphColor *color, WeftlinePenForm form);
/* A line of @line along the inside of a rectangle. */
void weftline_graph_pen_frame (WeftlineGraphPen *pen, double x, double y, double width,
                               double height, double line, const WeftlineGraphColor *color,
                               WeftlinePenForm form);
/* From end to end, with these slopes (of y by x) there. */
void weftline_graph_pen_curve (WeftlineGraphPen *pen, double x0, double y0, double x1, double y1,
                               double slope0, double slope1, double line,
                               const WeftlineGraphColor *color);

/* Between two colours; 0: @a */
WeftlineGraphColor weftline_graph_color_mix (const WeftlineGraphColor *a,
                                             const WeftlineGraphColor *b, float share);
static inline WeftlineGraphColor
weftline_graph_color_alpha (const WeftlineGraphColor *color, float alpha)
{
  return (WeftlineGraphColor){ color->r, color->g, color->b, color->a * alpha };
}
