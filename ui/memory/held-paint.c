/* held-paint.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "memory/held-paint.h"

#include "canvas/reading.h"
#include "memory/plot-paint.h"

#include <glib/gi18n.h>

#define SWATCH 10
#define GAP 6
#define BETWEEN 14 /* names of the legend */
#define PEAK_RADIUS 4
#define DASHES 18 /* length of the line beside its name */

/* ---- areas ----------------------------------------------------------------------------------- */

/* The outline of the sum of the bands up to this one. */
static void
trace_band (const WeftlineHeldLayout *layout, cairo_t *cr, uint32_t band)
{
  uint32_t n = layout->steps.n_steps;
  const double *tops = layout->tops + (size_t) band * n;
  double bottom = layout->plot.y + layout->plot.height;

  cairo_move_to (cr, layout->edges[0], bottom);
  for (uint32_t step = 0; step < n; step++)
    {
      uint32_t first = step;

      while (step + 1 < n && tops[step + 1] == tops[first])
        step++;
      cairo_line_to (cr, layout->edges[first], tops[first]);
      cairo_line_to (cr, layout->edges[step + 1], tops[first]);
    }
  cairo_line_to (cr, layout->edges[n], bottom);
  cairo_close_path (cr);
}

static uint32_t
band_color (const WeftlineHeldPaint *paint, uint32_t band)
{
  bool is_dimmed = paint->selected_band != WEFT_NONE && paint->selected_band != band;

  return is_dimmed ? weftline_blend (paint->palette->card, paint->colors[band], 90)
                   : paint->colors[band];
}

static void
paint_bands (const WeftlineHeldPaint *paint, cairo_t *cr)
{
  for (uint32_t band = paint->layout->steps.n_bands; band-- > 0;)
    {
      trace_band (paint->layout, cr, band);
      weftline_set_color (cr, band_color (paint, band), 1);
      cairo_fill (cr);
    }
}

/* ---- marks ----------------------------------------------------------------------------------- */

static void
paint_threshold (const WeftlineHeldPaint *paint, cairo_t *cr)
{
  const WeftlineHeldPlot *plot = &paint->layout->plot;
  double y = paint->layout->threshold_y;

  if (y < 0)
    return;
  weftline_plot_dashes (cr, plot->x, y, plot->x + plot->width, y);
  weftline_plot_label (paint->text, cr, _ ("spill"), paint->rtl, plot->x, y, plot->width,
                       paint->palette->dim, paint->palette->card);
}

/* With an edge around it, as an area may have its colour. */
static void
stroke_in_memory (const WeftlineHeldPaint *paint, cairo_t *cr)
{
  const double dashes[] = { 3, 3 };

  cairo_save (cr);
  weftline_set_color (cr, paint->palette->card, 0.8);
  cairo_set_line_width (cr, 4);
  cairo_stroke_preserve (cr);
  weftline_set_color (cr, paint->palette->spill, 1);
  cairo_set_line_width (cr, 1.5);
  cairo_set_dash (cr, dashes, G_N_ELEMENTS (dashes), 0);
  cairo_stroke (cr);
  cairo_restore (cr);
}

/* Below it is what was in memory; which results were on disk nobody says. */
static void
paint_in_memory (const WeftlineHeldPaint *paint, cairo_t *cr)
{
  const WeftlineHeldLayout *layout = paint->layout;

  if (layout->steps.on_disk == NULL)
    return;
  for (uint32_t step = 0; step < layout->steps.n_steps; step++)
    {
      double y = weftline_held_in_memory_y (layout, step);

      cairo_line_to (cr, layout->edges[step], y);
      cairo_line_to (cr, layout->edges[step + 1], y);
    }
  stroke_in_memory (paint, cr);
}

static void
paint_peak (const WeftlineHeldPaint *paint, cairo_t *cr)
{
  const WeftlineHeldLayout *layout = paint->layout;
  double x = layout->peak_x, y = layout->peak_y;

  weftline_set_color (cr, paint->palette->text, 0.6);
  weftline_plot_dashes (cr, x, y, x, layout->plot.y + layout->plot.height);
  cairo_arc (cr, x, y, PEAK_RADIUS, 0, 2 * G_PI);
  weftline_set_color (cr, paint->palette->card, 1);
  cairo_fill_preserve (cr);
  weftline_set_color (cr, paint->palette->text, 1);
  cairo_set_line_width (cr, 1.5);
  cairo_stroke (cr);
}

static void
paint_vertical (const WeftlineHeldPaint *paint, cairo_t *cr, double x, uint32_t color, double alpha)
{
  const WeftlineHeldPlot *plot = &paint->layout->plot;

  weftline_set_color (cr, color, alpha);
  cairo_rectangle (cr, (int) x, plot->y, 1, plot->height);
  cairo_fill (cr);
}

static void
paint_hover (const WeftlineHeldPaint *paint, cairo_t *cr)
{
  const WeftlineHeldLayout *layout = paint->layout;
  uint32_t step = paint->hover_step;

  if (step < layout->steps.n_steps)
    paint_vertical (paint, cr, (layout->edges[step] + layout->edges[step + 1]) / 2,
                    paint->palette->text, 0.7);
  if (paint->time_ns != INT64_MAX)
    paint_vertical (paint, cr, weftline_held_x (layout, paint->time_ns), paint->palette->accent, 1);
}

/* ---- legend ---------------------------------------------------------------------------------- */

static int
width_of (const WeftlineHeldPaint *paint, const char *text)
{
  int width, height;

  weftline_text_size (paint->text, text, WEFTLINE_TEXT_SMALL, &width, &height);
  return width;
}

static double
turn (const WeftlineHeldPaint *paint, double x, double width)
{
  return weftline_turn (paint->rtl, paint->layout->width, x, width);
}

/* Returns: how many names there is room for, when what is left out is said */
static uint32_t
count_names (const WeftlineHeldPaint *paint, int room)
{
  uint32_t n_bands = paint->layout->steps.n_bands, n = 0;
  int more = width_of (paint, "+00"), x = 0;

  for (; n < n_bands; n++)
    {
      x += SWATCH + GAP + width_of (paint, paint->names[n]);
      if (x + (n + 1 < n_bands ? BETWEEN + more : 0) > room)
        break;
      x += BETWEEN;
    }
  return n;
}

/* What the dashed line is, at the far end. Returns: the room that is left for names */
static int
paint_line_name (const WeftlineHeldPaint *paint, cairo_t *cr, double text_y)
{
  /* Translators: what is above a dashed line in a drawing of memory over time */
  const char *name = _ ("above: on disk");
  int width = width_of (paint, name), x = paint->layout->width - width;
  int room = x - GAP - DASHES - BETWEEN;
  double line_x = turn (paint, x - GAP - DASHES, DASHES);
  double y = paint->layout->height - WEFTLINE_HELD_LEGEND + 6 + SWATCH / 2 + 0.5;

  if (paint->layout->steps.on_disk == NULL || room < width_of (paint, "+00"))
    return paint->layout->width;
  cairo_move_to (cr, line_x, y);
  cairo_line_to (cr, line_x + DASHES, y);
  stroke_in_memory (paint, cr);
  weftline_set_color (cr, paint->palette->dim, 1);
  weftline_text_show (paint->text, cr, name, WEFTLINE_TEXT_SMALL, turn (paint, x, width), text_y);
  return room;
}

/* The topmost area first. */
static void
paint_legend (const WeftlineHeldPaint *paint, cairo_t *cr)
{
  int y = paint->layout->height - WEFTLINE_HELD_LEGEND, x = 0;
  int height = weftline_text_height (paint->text, WEFTLINE_TEXT_SMALL);
  double text_y = y + (WEFTLINE_HELD_LEGEND + 2 - height) / 2;
  uint32_t n_bands = paint->layout->steps.n_bands;
  uint32_t n = count_names (paint, paint_line_name (paint, cr, text_y));
  g_autofree char *more = g_strdup_printf ("+%u", n_bands - n);

  for (uint32_t i = 0; i < n; i++)
    {
      uint32_t band = n_bands - 1 - i;
      int width = width_of (paint, paint->names[band]);

      weftline_set_color (cr, band_color (paint, band), 1);
      cairo_rectangle (cr, turn (paint, x, SWATCH), y + 6, SWATCH, SWATCH);
      cairo_fill (cr);
      weftline_set_color (
          cr, band == paint->hover_band ? paint->palette->text : paint->palette->dim, 1);
      weftline_text_show (paint->text, cr, paint->names[band], WEFTLINE_TEXT_SMALL,
                          turn (paint, x + SWATCH + GAP, width), text_y);
      x += SWATCH + GAP + width + BETWEEN;
    }
  if (n == n_bands)
    return;
  weftline_set_color (cr, paint->palette->dim, 1);
  weftline_text_show (paint->text, cr, more, WEFTLINE_TEXT_SMALL,
                      turn (paint, x, width_of (paint, more)), text_y);
}

/* ---- all ------------------------------------------------------------------------------------- */

int
weftline_held_gutter (WeftlineTextCache *text, uint64_t most)
{
  return weftline_plot_gutter (text, most);
}

static void
paint_nothing (const WeftlineHeldPaint *paint, cairo_t *cr)
{
  const char *title = _ ("No result has taken memory yet");
  const char *about = _ ("Areas show what each group of tasks holds, and for how long");

  if (paint->waiting)
    title = _ ("Looking at what was held …");
  else if (paint->small)
    {
      title = _ ("No result takes memory of its own");
      about = _ ("Numbers and other small values are kept with their tasks");
    }
  weftline_plot_empty (paint->text, cr, paint->palette, paint->layout->width, paint->layout->height,
                       title, about);
}

void
weftline_held_paint (const WeftlineHeldPaint *paint, cairo_t *cr)
{
  const WeftlineHeldLayout *layout = paint->layout;

  weftline_set_color (cr, paint->palette->card, 1);
  cairo_rectangle (cr, 0, 0, layout->width, layout->height);
  cairo_fill (cr);
  if (layout->edges == NULL || layout->steps.n_results == 0)
    {
      paint_nothing (paint, cr);
      return;
    }
  weftline_plot_grid (paint->text, cr, paint->palette, &layout->bytes, &layout->time, paint->rtl,
                      layout->plot.x, layout->plot.y, layout->plot.width, layout->plot.height);
  paint_bands (paint, cr);
  weftline_set_color (cr, paint->palette->dim, 1);
  paint_threshold (paint, cr);
  paint_in_memory (paint, cr);
  paint_peak (paint, cr);
  paint_hover (paint, cr);
  paint_legend (paint, cr);
}
