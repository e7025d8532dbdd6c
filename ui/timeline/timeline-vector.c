/* timeline-vector.c: the task stream as shapes, for SVG and PDF
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * From the same rows of colours as the pixels: neighbours of one colour are one rectangle. So a
 * file is as large as what is to be seen, however many tasks there are.
 */
#include "config.h"

#include "canvas/state-form.h"
#include "timeline/timeline-paint-private.h"

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
  const GArray *hatches = vector->paint->hatches;
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
  const GArray *strikes = vector->paint->strikes;
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

/* Lines that show the same row are one. */
static void
draw_lane (const Vector *vector, const WeftlineTimelineLook *look, unsigned lane)
{
  const WeftlineTimelineLayout *layout = vector->layout;
  int scale = layout->view.scale, y = weftline_timeline_lane_y (layout, lane), end;

  _weftline_timeline_paint_lane_colors (vector->paint, layout, look, lane);
  for (int line = 0; line < layout->lane_height; line = end)
    {
      RowKind kind = _weftline_timeline_paint_row_kind (line, layout->lane_height, scale);

      end = line + 1;
      while (end < layout->lane_height
             && _weftline_timeline_paint_row_kind (end, layout->lane_height, scale) == kind)
        end++;
      fill_row (vector, vector->paint->rows[kind], y + line, end - line);
    }
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
