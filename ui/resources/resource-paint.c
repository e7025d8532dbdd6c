/* resource-paint.c: draws what resource-layout.h laid out
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * The first line of a chart is an area, the second a line of dots, so they differ without colour.
 */
#include "config.h"

#include "resources/resource-paint.h"

#include "canvas/reading.h"

#define DOT 4

static void
fill (cairo_t *cr, double x, double y, double width, double height)
{
  cairo_rectangle (cr, x, y, width, height);
  cairo_fill (cr);
}

static double
y_of (const WeftlineResourceChart *chart, double value)
{
  return chart->y + chart->height - value / chart->top * chart->height;
}

static void
paint_area (const WeftlineResourcePaint *paint, cairo_t *cr, const WeftlineResourceChart *chart)
{
  double bottom = chart->y + chart->height;

  weftline_set_color (cr, paint->palette->slots[0], 0.25);
  for (int x = 0; x < paint->layout->width; x++)
    if (chart->columns[0][x].high > 0)
      {
        double y = y_of (chart, chart->columns[0][x].high);

        cairo_rectangle (cr, x, y, 1, bottom - y);
      }
  cairo_fill (cr);
  weftline_set_color (cr, paint->palette->slots[0], 1);
  for (int x = 0; x < paint->layout->width; x++)
    if (chart->columns[0][x].high >= 0)
      {
        double y = y_of (chart, chart->columns[0][x].high);

        cairo_rectangle (cr, x, y - 0.5, 1, y_of (chart, chart->columns[0][x].low) - y + 1.5);
      }
  cairo_fill (cr);
}

static void
paint_dots (const WeftlineResourcePaint *paint, cairo_t *cr, const WeftlineResourceChart *chart)
{
  weftline_set_color (cr, paint->palette->text, 0.8);
  for (int x = 0; x < paint->layout->width; x++)
    if (chart->columns[1][x].high > 0 && x / DOT % 2 == 0)
      {
        double y = y_of (chart, chart->columns[1][x].high);

        cairo_rectangle (cr, x, y - 1, 1, y_of (chart, chart->columns[1][x].low) - y + 2);
      }
  cairo_fill (cr);
}

/* Of nothing there is no scale. */
static bool
is_known (const WeftlineResourceChart *chart)
{
  return chart->last[0] >= 0 || chart->last[1] >= 0;
}

static void
paint_words (const WeftlineResourcePaint *paint, cairo_t *cr, WeftlineResource resource)
{
  const WeftlineResourceChart *chart = &paint->layout->charts[resource];
  g_autofree char *words = weftline_resource_text (paint->layout, resource);
  g_autofree char *top =
      is_known (chart) ? weftline_resource_value_text (resource, chart->top) : g_strdup ("");
  g_autofree char *fitting = NULL;
  double whole = paint->layout->width;
  int width, height;

  weftline_text_size (paint->text, top, WEFTLINE_TEXT_SMALL, &width, &height);
  weftline_set_color (cr, paint->palette->dim, 1);
  weftline_text_show (paint->text, cr, top, WEFTLINE_TEXT_SMALL,
                      weftline_turn (paint->rtl, whole, whole - width, width),
                      chart->y - height - 1);
  fitting = weftline_text_fit (paint->text, words, WEFTLINE_TEXT_NORMAL,
                               MAX (paint->layout->width - width - 8, 0));
  weftline_text_size (paint->text, fitting, WEFTLINE_TEXT_NORMAL, &width, &height);
  weftline_set_color (cr, paint->palette->text, 1);
  weftline_text_show (paint->text, cr, fitting, WEFTLINE_TEXT_NORMAL,
                      weftline_turn (paint->rtl, whole, 0, width), chart->y - height - 2);
}

static void
paint_chart (const WeftlineResourcePaint *paint, cairo_t *cr, WeftlineResource resource)
{
  const WeftlineResourceChart *chart = &paint->layout->charts[resource];

  if (chart->height <= 0)
    return;
  weftline_set_color (cr, paint->palette->track, 1);
  fill (cr, 0, chart->y, paint->layout->width, chart->height);
  weftline_set_color (cr, paint->palette->grid, 1);
  fill (cr, 0, chart->y, paint->layout->width, 1);
  fill (cr, 0, chart->y + chart->height / 2, paint->layout->width, 1);
  cairo_save (cr);
  cairo_rectangle (cr, 0, chart->y, paint->layout->width, chart->height);
  cairo_clip (cr);
  paint_area (paint, cr, chart);
  paint_dots (paint, cr, chart);
  cairo_restore (cr);
  paint_words (paint, cr, resource);
}

static void
paint_axis (const WeftlineResourcePaint *paint, cairo_t *cr)
{
  const WeftlineResourceLayout *layout = paint->layout;
  WeftlineTimeScale scale;
  int width, height, figure;

  weftline_text_size (paint->text, "0", WEFTLINE_TEXT_SMALL, &figure, &height);
  weftline_time_scale (&scale, 0, layout->end_ns, layout->width, figure, paint->time_form,
                       paint->wall_ns);
  weftline_set_color (cr, paint->palette->dim, 1);
  for (unsigned i = 0; i < scale.n_ticks; i++)
    {
      const WeftlineTick *tick = &scale.ticks[i];
      double x;

      weftline_text_size (paint->text, tick->label, WEFTLINE_TEXT_SMALL, &width, &height);
      x = tick->x - width / 2.0;
      if (x >= 0 && x + width <= layout->width)
        weftline_text_show (paint->text, cr, tick->label, WEFTLINE_TEXT_SMALL, x,
                            layout->height - height - 1);
    }
}

/* The moment that other views show. */
static void
paint_moment (const WeftlineResourcePaint *paint, cairo_t *cr)
{
  const WeftlineResourceLayout *layout = paint->layout;
  double share = (double) paint->time_ns / (double) MAX (layout->end_ns, 1);

  if (!paint->has_time || share > 1)
    return;
  weftline_set_color (cr, paint->palette->accent, 1);
  for (unsigned i = 0; i < WEFTLINE_RESOURCE_N_CHARTS; i++)
    if (layout->charts[i].height > 0)
      fill (cr, (int) (share * (layout->width - 1)), layout->charts[i].y, 1,
            layout->charts[i].height);
}

void
weftline_resource_paint (const WeftlineResourcePaint *paint, cairo_t *cr)
{
  weftline_set_color (cr, paint->palette->card, 1);
  fill (cr, 0, 0, paint->layout->width, paint->layout->height);
  if (paint->layout->width <= 0)
    return;
  for (unsigned resource = 0; resource < WEFTLINE_RESOURCE_N_CHARTS; resource++)
    paint_chart (paint, cr, (WeftlineResource) resource);
  paint_axis (paint, cr);
  paint_moment (paint, cr);
}
