/* graph-pen.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A curve is y as a function of x, a cubic. Pixels are filled column by column: a line of width w
 * and slope m covers, at the distance d from its middle, a box of height w √(1 + m²) blurred by
 * one of the height of m, or of a pixel: a trapezoid. It takes as long as there are pixels.
 */
#include "config.h"

#include "graph/graph-pen.h"

#include <glib.h>
#include <math.h>

#define FLAT 0.4f
#define HATCH 6 /* device pixels from line to line */

WeftlineGraphColor
weftline_graph_color_mix (const WeftlineGraphColor *a, const WeftlineGraphColor *b, float share)
{
  return (WeftlineGraphColor){
    a->r + (b->r - a->r) * share,
    a->g + (b->g - a->g) * share,
    a->b + (b->b - a->b) * share,
    a->a + (b->a - a->a) * share,
  };
}

static bool
find_pixels (WeftlineGraphPen *pen, cairo_surface_t *surface)
{
  double offset_x, offset_y, device_x, device_y;
  double x0, y0, x1, y1;
  cairo_matrix_t matrix;

  if (cairo_surface_get_type (surface) != CAIRO_SURFACE_TYPE_IMAGE
      || cairo_image_surface_get_data (surface) == NULL
      || (cairo_image_surface_get_format (surface) != CAIRO_FORMAT_RGB24
          && cairo_image_surface_get_format (surface) != CAIRO_FORMAT_ARGB32))
    return false;
  cairo_get_matrix (pen->cr, &matrix);
  if (matrix.xy != 0 || matrix.yx != 0 || matrix.xx <= 0 || matrix.yy <= 0)
    return false;
  cairo_surface_get_device_scale (surface, &device_x, &device_y);
  cairo_surface_get_device_offset (surface, &offset_x, &offset_y);
  pen->scale_x = matrix.xx * device_x;
  pen->scale_y = matrix.yy * device_y;
  pen->move_x = matrix.x0 * device_x + offset_x;
  pen->move_y = matrix.y0 * device_y + offset_y;
  cairo_clip_extents (pen->cr, &x0, &y0, &x1, &y1);
  pen->x0 = MAX (0, (int) floor (x0 * pen->scale_x + pen->move_x));
  pen->y0 = MAX (0, (int) floor (y0 * pen->scale_y + pen->move_y));
  pen->x1 =
      MIN (cairo_image_surface_get_width (surface), (int) ceil (x1 * pen->scale_x + pen->move_x));
  pen->y1 =
      MIN (cairo_image_surface_get_height (surface), (int) ceil (y1 * pen->scale_y + pen->move_y));
  return true;
}

void
weftline_graph_pen_begin (WeftlineGraphPen *pen, cairo_t *cr)
{
  cairo_surface_t *surface = cairo_get_group_target (cr);

  *pen = (WeftlineGraphPen){ .cr = cr };
  cairo_save (cr);
  if (!find_pixels (pen, surface))
    return;
  cairo_surface_flush (surface);
  pen->pixels = (uint32_t *) (void *) cairo_image_surface_get_data (surface);
  pen->stride = cairo_image_surface_get_stride (surface) / 4;
}

void
weftline_graph_pen_end (WeftlineGraphPen *pen)
{
  if (pen->pixels != NULL)
    cairo_surface_mark_dirty (cairo_get_group_target (pen->cr));
  cairo_restore (pen->cr);
}

/* ---- pixels ---------------------------------------------------------------------------------- */

static uint32_t
pixel_of (const WeftlineGraphColor *color)
{
  uint32_t r = (uint32_t) (CLAMP (color->r, 0, 1) * 255 + 0.5f);
  uint32_t g = (uint32_t) (CLAMP (color->g, 0, 1) * 255 + 0.5f);
  uint32_t b = (uint32_t) (CLAMP (color->b, 0, 1) * 255 + 0.5f);

  return 0xff000000u | r << 16 | g << 8 | b;
}

/* @alpha: 0 … 256 */
static inline void
blend (uint32_t *pixel, uint32_t color, uint32_t alpha)
{
  uint32_t under = *pixel;
  uint32_t rb = ((color & 0xff00ff) * alpha + (under & 0xff00ff) * (256 - alpha)) >> 8 & 0xff00ff;
  uint32_t g = ((color & 0xff00) * alpha + (under & 0xff00) * (256 - alpha)) >> 8 & 0xff00;

  *pixel = 0xff000000u | rb | g;
}

static void
fill_solid (WeftlineGraphPen *pen, int left, int top, int right, int bottom, uint32_t pixel,
            uint32_t alpha)
{
  for (int row = top; row < bottom; row++)
    {
      uint32_t *line = pen->pixels + (ptrdiff_t) row * pen->stride;

      if (alpha == 256)
        for (int column = left; column < right; column++)
          line[column] = pixel;
      else
        for (int column = left; column < right; column++)
          blend (&line[column], pixel, alpha);
    }
}

static void
fill_pixels (WeftlineGraphPen *pen, double x, double y, double width, double height,
             const WeftlineGraphColor *color, WeftlinePenForm form)
{
  int left = (int) lround (x * pen->scale_x + pen->move_x);
  int top = (int) lround (y * pen->scale_y + pen->move_y);
  int right = MAX (left + 1, (int) lround ((x + width) * pen->scale_x + pen->move_x));
  int bottom = MAX (top + 1, (int) lround ((y + height) * pen->scale_y + pen->move_y));
  uint32_t pixel = pixel_of (color), alpha = (uint32_t) (CLAMP (color->a, 0, 1) * 256 + 0.5f);
  int phase_x = left, phase_y = top;

  left = MAX (left, pen->x0);
  right = MIN (right, pen->x1);
  top = MAX (top, pen->y0);
  bottom = MIN (bottom, pen->y1);
  if (form == WEFTLINE_PEN_SOLID)
    {
      fill_solid (pen, left, top, right, bottom, pixel, alpha);
      return;
    }
  for (int row = top; row < bottom; row++)
    {
      uint32_t *line = pen->pixels + (ptrdiff_t) row * pen->stride;

      for (int column = left; column < right; column++)
        {
          unsigned along = (unsigned) (column - phase_x + row - phase_y);

          if (form == WEFTLINE_PEN_HATCHED ? along % HATCH < HATCH / 2 : (along & 2) == 0)
            blend (&line[column], pixel, alpha);
        }
    }
}

/* One column of a line around @middle: a box as high as @tall, blurred by one as high as @blur.
 * Shares in steps of 2^-16. */
static void
draw_column (WeftlineGraphPen *pen, int column, float middle, float tall, float blur,
             uint32_t pixel, float alpha)
{
  float base = (tall + blur) / 2, peak = MIN (1, tall / blur) * alpha * 65536;
  float slope = peak / MIN (tall, blur);
  int first = MAX (pen->y0, (int) (middle - base));
  int last = MIN (pen->y1 - 1, (int) (middle + base));
  uint32_t *at = pen->pixels + (ptrdiff_t) first * pen->stride + column;
  int32_t step = (int32_t) slope, most = (int32_t) peak;
  int32_t rising = (int32_t) (((float) first + 0.5f - middle + base) * slope);
  int32_t falling = (int32_t) ((base + middle - (float) first - 0.5f) * slope);

  for (int row = first; row <= last; row++, at += pen->stride)
    {
      int32_t share = MIN (MIN (rising, falling), most);

      if (share > 0)
        blend (at, pixel, (uint32_t) share >> 16);
      rising += step;
      falling -= step;
    }
}

/* A thin line that is nearly level: two pixels. */
static inline void
draw_pair (WeftlineGraphPen *pen, int column, float middle, uint32_t pixel, float alpha)
{
  int row = (int) (middle + 4.5f) - 5; /* not far above the clip: rounds down */
  float below = middle - 0.5f - (float) row;
  uint32_t *at = pen->pixels + (ptrdiff_t) row * pen->stride + column;

  if (row >= pen->y0 && row < pen->y1)
    blend (at, pixel, (uint32_t) ((1 - below) * alpha));
  if (row + 1 >= pen->y0 && row + 1 < pen->y1)
    blend (at + pen->stride, pixel, (uint32_t) (below * alpha));
}

/* y of u = 0 … 1, and what makes u of x. */
typedef struct
{
  float c0, c1, c2, c3;
  float scale;
} Cubic;

static void
curve_pixels (WeftlineGraphPen *pen, double x0, double y0, double x1, double y1, double slope0,
              double slope1, double line, const WeftlineGraphColor *color)
{
  uint32_t pixel = pixel_of (color);
  float alpha = CLAMP (color->a, 0, 1) * 256, width = (float) MAX (1, line * pen->scale_x);

  x0 = x0 * pen->scale_x + pen->move_x;
  x1 = x1 * pen->scale_x + pen->move_x;
  y0 = y0 * pen->scale_y + pen->move_y;
  y1 = y1 * pen->scale_y + pen->move_y;
  if ((y0 < pen->y0 && y1 < pen->y0) || (y0 > pen->y1 && y1 > pen->y1))
    return;
  if (x1 < x0)
    {
      double x = x0, y = y0, slope = slope0;

      x0 = x1;
      y0 = y1;
      slope0 = slope1;
      x1 = x;
      y1 = y;
      slope1 = slope;
    }
  /* y0 + rise (3 - 2 u) u² + tangents, as a polynomial of u */
  double length = MAX (x1 - x0, 1), rise = y1 - y0;
  double first_rise = slope0 * pen->scale_y / pen->scale_x * length;
  double last_rise = slope1 * pen->scale_y / pen->scale_x * length;
  double c3 = first_rise + last_rise - 2 * rise, c2 = 3 * rise - 2 * first_rise - last_rise;
  int first = MAX (pen->x0, (int) floor (x0)), last = MIN (pen->x1, (int) ceil (x0 + length));
  Cubic cubic = { (float) y0, (float) first_rise, (float) c2, (float) c3, (float) (1 / length) };
  for (int column = first; column < last; column++)
    {
      float u = CLAMP ((float) (column + 0.5 - x0) * cubic.scale, 0, 1);
      float middle = cubic.c0 + u * (cubic.c1 + u * (cubic.c2 + u * cubic.c3));
      float slope = fabsf ((cubic.c1 + u * (2 * cubic.c2 + 3 * u * cubic.c3)) * cubic.scale);
      float reach = (width + 1) * (1 + slope); /* not less than what the column takes */

      if (middle + reach <= (float) pen->y0 || middle - reach >= (float) pen->y1)
        continue;
      if (slope < FLAT && width <= 1)
        draw_pair (pen, column, middle, pixel, alpha);
      else
        draw_column (pen, column, middle, width * sqrtf (1 + slope * slope), MAX (1, slope), pixel,
                     alpha);
    }
}

/* ---- cairo ----------------------------------------------------------------------------------- */

static void
set_color (WeftlineGraphPen *pen, const WeftlineGraphColor *color)
{
  cairo_set_source_rgba (pen->cr, (double) color->r, (double) color->g, (double) color->b,
                         (double) color->a);
}

static void
hatch_vectors (WeftlineGraphPen *pen, double x, double y, double width, double height)
{
  cairo_save (pen->cr);
  cairo_rectangle (pen->cr, x, y, width, height);
  cairo_clip (pen->cr);
  cairo_set_line_width (pen->cr, HATCH / 2 / G_SQRT2);
  for (double at = 0.75; at < width + height; at += HATCH)
    {
      cairo_move_to (pen->cr, x + at, y);
      cairo_line_to (pen->cr, x + at - height, y + height);
    }
  cairo_stroke (pen->cr);
  cairo_restore (pen->cr);
}

void
weftline_graph_pen_fill (WeftlineGraphPen *pen, double x, double y, double width, double height,
                         const WeftlineGraphColor *color, WeftlinePenForm form)
{
  if (pen->pixels != NULL)
    {
      fill_pixels (pen, x, y, width, height, color, form);
      return;
    }
  set_color (pen, color);
  if (form == WEFTLINE_PEN_HATCHED)
    {
      hatch_vectors (pen, x, y, width, height);
      return;
    }
  cairo_rectangle (pen->cr, x, y, width, height);
  cairo_fill (pen->cr);
}

void
weftline_graph_pen_frame (WeftlineGraphPen *pen, double x, double y, double width, double height,
                          double line, const WeftlineGraphColor *color, WeftlinePenForm form)
{
  static const double dashes[] = { 2, 2 };

  if (pen->pixels != NULL)
    {
      fill_pixels (pen, x, y, width, line, color, form);
      fill_pixels (pen, x, y + height - line, width, line, color, form);
      fill_pixels (pen, x, y + line, line, height - 2 * line, color, form);
      fill_pixels (pen, x + width - line, y + line, line, height - 2 * line, color, form);
      return;
    }
  set_color (pen, color);
  cairo_set_line_width (pen->cr, line);
  cairo_set_dash (pen->cr, dashes, form == WEFTLINE_PEN_DOTTED ? 2 : 0, 0);
  cairo_rectangle (pen->cr, x + line / 2, y + line / 2, width - line, height - line);
  cairo_stroke (pen->cr);
  cairo_set_dash (pen->cr, dashes, 0, 0);
}

/* A cubic function of x is a Bézier curve whose control points are at thirds. */
void
weftline_graph_pen_curve (WeftlineGraphPen *pen, double x0, double y0, double x1, double y1,
                          double slope0, double slope1, double line,
                          const WeftlineGraphColor *color)
{
  if (pen->pixels != NULL)
    {
      curve_pixels (pen, x0, y0, x1, y1, slope0, slope1, line, color);
      return;
    }
  set_color (pen, color);
  cairo_set_line_width (pen->cr, line);
  cairo_move_to (pen->cr, x0, y0);
  cairo_curve_to (pen->cr, x0 + (x1 - x0) / 3, y0 + slope0 * (x1 - x0) / 3, x0 + (x1 - x0) * 2 / 3,
                  y1 - slope1 * (x1 - x0) / 3, x1, y1);
  cairo_stroke (pen->cr);
}
