/* scrub-paint.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "scrub/scrub-paint.h"

#define GAP 12
#define KNOB 5.0 /* without half its line */
#define KNOB_LINE 2.0
#define BASE 4 /* below the curve */

/* ---- the curve ------------------------------------------------------------------------------- */

static double
bottom (const WeftlineScrubPaint *paint)
{
  return paint->height - BASE;
}

static double
top_of (const WeftlineScrubPaint *paint, int column)
{
  const WeftlineScrubLayout *layout = paint->layout;
  double room = bottom (paint) - WEFTLINE_SCRUB_WORDS;

  if (layout->most <= 0)
    return bottom (paint);
  return bottom (paint) - layout->running[column] / layout->most * room;
}

static double
column_x (int column)
{
  return WEFTLINE_SCRUB_MARGIN + column;
}

/* How many columns lie before the moment. */
static int
columns_until (const WeftlineScrubPaint *paint)
{
  double x = weftline_scrub_x (paint->layout, paint->time_ns) - WEFTLINE_SCRUB_MARGIN;

  return (int) CLAMP (x, 0, paint->layout->width);
}

static void
paint_columns (const WeftlineScrubPaint *paint, cairo_t *cr, int from, int to)
{
  for (int column = from; column < to; column++)
    {
      double y = top_of (paint, column);

      if (y < bottom (paint))
        cairo_rectangle (cr, column_x (column), y, 1, bottom (paint) - y);
    }
  cairo_fill (cr);
}

/* Only its upper edge. */
static void
paint_outline (const WeftlineScrubPaint *paint, cairo_t *cr, int from, int to)
{
  double before = bottom (paint);

  for (int column = from; column < to; column++)
    {
      double y = top_of (paint, column);

      cairo_rectangle (cr, column_x (column), MIN (y, before), 1,
                       MAX (MAX (y, before) - MIN (y, before), 1));
      before = y;
    }
  cairo_fill (cr);
}

static void
paint_curve (const WeftlineScrubPaint *paint, cairo_t *cr)
{
  const WeftlineScrubLayout *layout = paint->layout;
  int until = columns_until (paint);

  weftline_set_color (cr, paint->palette->dim, 0.35);
  cairo_rectangle (cr, WEFTLINE_SCRUB_MARGIN, bottom (paint), layout->width, 1);
  cairo_fill (cr);
  if (layout->running == NULL)
    return;
  weftline_set_color (cr, paint->palette->slots[0], 0.35);
  paint_columns (paint, cr, 0, until);
  weftline_set_color (cr, paint->palette->dim, 0.5);
  paint_outline (paint, cr, until, layout->width);
}

/* ---- the knob -------------------------------------------------------------------------------- */

static void
paint_line (const WeftlineScrubPaint *paint, cairo_t *cr, double x, uint32_t color, double width)
{
  weftline_set_color (cr, color, 1);
  cairo_rectangle (cr, (int) x - (int) width / 2, WEFTLINE_SCRUB_WORDS, width,
                   bottom (paint) - WEFTLINE_SCRUB_WORDS);
  cairo_fill (cr);
}

static void
paint_knob (const WeftlineScrubPaint *paint, cairo_t *cr)
{
  double x = weftline_scrub_x (paint->layout, paint->time_ns);
  bool is_now = paint->time_ns == INT64_MAX;

  paint_line (paint, cr, x, paint->palette->accent, is_now ? 1 : 2);
  cairo_arc (cr, (int) x, paint->height - KNOB - KNOB_LINE / 2, KNOB, 0, 2 * G_PI);
  weftline_set_color (cr, is_now ? paint->palette->card : paint->palette->accent, 1);
  cairo_fill_preserve (cr);
  weftline_set_color (cr, paint->palette->accent, 1);
  cairo_set_line_width (cr, KNOB_LINE);
  cairo_stroke (cr);
}

/* ---- words ----------------------------------------------------------------------------------- */

static int
width_of (const WeftlineScrubPaint *paint, const char *words)
{
  int width, height;

  weftline_text_size (paint->text, words, WEFTLINE_TEXT_SMALL, &width, &height);
  return width;
}

static void
show (const WeftlineScrubPaint *paint, cairo_t *cr, const char *words, int x)
{
  weftline_text_show (paint->text, cr, words, WEFTLINE_TEXT_SMALL, x, 0);
}

static void
paint_words (const WeftlineScrubPaint *paint, cairo_t *cr)
{
  int room = paint->width - 2 * WEFTLINE_SCRUB_MARGIN;
  int end_width = width_of (paint, paint->end_words);
  bool has_end = width_of (paint, paint->words) + GAP + end_width <= room;
  g_autofree char *fitting =
      weftline_text_fit (paint->text, paint->words, WEFTLINE_TEXT_SMALL, MAX (room, 0));

  weftline_set_color (cr, paint->time_ns == INT64_MAX ? paint->palette->dim : paint->palette->text,
                      1);
  show (paint, cr, fitting, WEFTLINE_SCRUB_MARGIN);
  weftline_set_color (cr, paint->palette->dim, 1);
  if (has_end)
    show (paint, cr, paint->end_words, paint->width - WEFTLINE_SCRUB_MARGIN - end_width);
}

void
weftline_scrub_paint (const WeftlineScrubPaint *paint, cairo_t *cr)
{
  paint_curve (paint, cr);
  if (paint->hover_x >= 0)
    paint_line (paint, cr, paint->hover_x, paint->palette->dim, 1);
  paint_knob (paint, cr);
  paint_words (paint, cr);
}
