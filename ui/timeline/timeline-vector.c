/* timeline-vector.c: the task stream as shapes, for SVG and PDF
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * From the same rows of colours as the pixels: neighbours of one colour are one rectangle. So a
 * file is as large as what is to be seen, however many tasks there are. A lane in which colours
 * change every few pixels has no shapes to speak of: it is a picture in the picture, of the
 * resolution it was laid out for.
 */
#include "config.h"

#include "canvas/state-form.h"
#include "timeline/timeline-paint-private.h"

#include <string.h>

#define DENSE_PX 6 /* a lane is dense where the colour changes that often, on average */

typedef struct
{
  cairo_t *cr;
  WeftlineTimelinePaint *paint;
  const WeftlineTimelineLayout *layout;
  double scale;
} Vector;

/* A line of colours from y on, as high as that; x and y in device pixels. */
static void
fill_row (const Vector *vector, const uint32_t *row, int y, int height)
{
  int first = vector->layout->area_x, last = first + vector->layout->area_width, end;

  for (int x = first; x < last; x = end)
    {
      for (end = x + 1; end < last && row[end] == row[x]; end++)
        ;
      weftline_set_color (vector->cr, row[x], 1);
      cairo_rectangle (vector->cr, x / vector->scale, y / vector->scale, (end - x) / vector->scale,
                       height / vector->scale);
      cairo_fill (vector->cr);
    }
}

static void
draw_hatches (const Vector *vector, int y)
{
  const GArray *hatches = vector->paint->lanes[0].hatches;
  double scale = vector->scale;

  for (unsigned i = 0; i < hatches->len; i++)
    {
      const Hatch *hatch = &g_array_index (hatches, Hatch, i);

      weftline_set_color (vector->cr, hatch->color, hatch->thin ? 0.5 : 1);
      weftline_hatch_draw (vector->cr, hatch->x0 / scale, y / scale,
                           (hatch->x1 - hatch->x0) / scale, vector->layout->lane_height / scale);
    }
}

static void
draw_strikes (const Vector *vector, int y)
{
  const GArray *strikes = vector->paint->lanes[0].strikes;
  double scale = vector->scale;
  int at =
      y
      + _weftline_timeline_paint_strike_y (vector->layout->lane_height, vector->layout->view.scale);

  for (unsigned i = 0; i < strikes->len; i++)
    {
      const Strike *strike = &g_array_index (strikes, Strike, i);

      weftline_set_color (vector->cr, strike->color, 1);
      cairo_rectangle (vector->cr, strike->x0 / scale, at / scale,
                       (strike->x1 - strike->x0) / scale, 2);
      cairo_fill (vector->cr);
    }
}

static const uint32_t *
row_of_line (const Vector *vector, int line)
{
  return vector->paint->lanes[0].rows[_weftline_timeline_paint_row_kind (
      line, vector->layout->lane_height, vector->layout->view.scale)];
}

static bool
are_same (const Vector *vector, const uint32_t *row, const uint32_t *other)
{
  int first = vector->layout->area_x;

  return row == other
         || memcmp (row + first, other + first,
                    (size_t) vector->layout->area_width * sizeof (uint32_t))
                == 0;
}

/* Lines that look the same are one. */
static void
fill_rows (const Vector *vector, int y)
{
  int height = vector->layout->lane_height, end;

  for (int line = 0; line < height; line = end)
    {
      const uint32_t *row = row_of_line (vector, line);

      end = line + 1;
      while (end < height && are_same (vector, row, row_of_line (vector, end)))
        end++;
      fill_row (vector, row, y + line, end - line);
    }
}

static bool
is_dense (const Vector *vector)
{
  const WeftlineTimelineLayout *layout = vector->layout;
  const uint32_t *row = row_of_line (vector, layout->lane_height / 2);
  int n_changes = 0;

  for (int x = layout->area_x + 1; x < layout->area_x + layout->area_width; x++)
    n_changes += row[x] != row[x - 1];
  return n_changes > layout->area_width / DENSE_PX;
}

/* The lane's pixels, as the window shows them. */
static void
paint_pixels (const Vector *vector, int y)
{
  const WeftlineTimelineLayout *layout = vector->layout;
  int width = layout->area_width, height = layout->lane_height, scale = layout->view.scale;
  WeftlinePixels pixels = { 0 };

  weftline_pixels_resize (&pixels, width, height, scale);
  weftline_pixels_begin (&pixels);
  for (int line = 0; line < height; line++)
    memcpy (weftline_pixels_row (&pixels, line), row_of_line (vector, line) + layout->area_x,
            (size_t) width * sizeof (uint32_t));
  weftline_pixels_end (&pixels);
  cairo_save (vector->cr);
  cairo_translate (vector->cr, layout->area_x / vector->scale, y / vector->scale);
  weftline_pixels_paint (&pixels, vector->cr);
  cairo_restore (vector->cr);
  weftline_pixels_clear (&pixels);
}

static void
draw_lane (const Vector *vector, const WeftlineTimelineLook *look, unsigned lane)
{
  int y = weftline_timeline_lane_y (vector->layout, lane);

  _weftline_timeline_paint_lane_colors (vector->paint, &vector->paint->lanes[0], vector->layout,
                                        look, lane);
  if (is_dense (vector))
    paint_pixels (vector, y);
  else
    fill_rows (vector, y);
  draw_hatches (vector, y);
  draw_strikes (vector, y);
}

static void
show_text_cb (WeftlineTimelinePaint *paint, const PlacedText *text, void *data)
{
  const Vector *vector = data;
  double scale = vector->scale;

  if (text->plate != WEFT_NONE)
    {
      weftline_set_color (vector->cr, text->plate, 1);
      cairo_rectangle (vector->cr, text->x / scale - 2, text->y / scale,
                       text->plate_width / scale + 4, text->plate_height / scale);
      cairo_fill (vector->cr);
    }
  weftline_set_color (vector->cr, text->color, 1);
  weftline_text_show (paint->texts, vector->cr, text->text, text->style, text->x / scale,
                      text->y / scale);
}

void
weftline_timeline_paint_vector (WeftlineTimelinePaint *paint, cairo_t *cr,
                                const WeftlineTimelineLayout *layout,
                                const WeftlineTimelineLook *look)
{
  Vector vector = { cr, paint, layout, layout->view.scale };
  double scale = vector.scale;

  _weftline_timeline_paint_prepare (paint, layout, look);
  cairo_save (cr);
  cairo_set_antialias (cr, CAIRO_ANTIALIAS_NONE); /* neighbours meet without a seam */
  weftline_set_color (cr, look->palette->card, 1);
  cairo_rectangle (cr, 0, 0, layout->view.width, layout->view.height);
  cairo_fill (cr);
  cairo_save (cr);
  cairo_rectangle (cr, layout->area_x / scale, layout->area_y / scale, layout->area_width / scale,
                   layout->area_height / scale);
  cairo_clip (cr);
  fill_row (&vector, paint->background, layout->area_y, layout->area_height);
  for (unsigned i = 0; i < layout->n_lanes; i++)
    draw_lane (&vector, look, layout->first_lane + i);
  cairo_restore (cr);
  cairo_set_antialias (cr, CAIRO_ANTIALIAS_DEFAULT);
  _weftline_timeline_paint_cross_out (cr, layout, look->palette);
  _weftline_timeline_paint_foreach_text (paint, layout, look, show_text_cb, &vector);
  cairo_restore (cr);
  weftline_text_cache_turn (paint->texts);
}
