/* timeline-legend.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "timeline/timeline-legend.h"

#include "canvas/state-form.h"
#include "timeline/timeline-paint-private.h"

#include <glib/gi18n.h>

#define LEAST_VIEW 140 /* units: lower views keep their lanes */
#define MARGIN 10
#define GAP 14      /* between two */
#define NAME_GAP 5  /* behind a sample */
#define EDGE 3      /* of a lane's marks */
#define LAID_ON 102 /* as lanes are coloured */
#define THIN_STEP 6

static const struct
{
  const char *name, *meaning;
} kinds_words[WEFTLINE_LEGEND_N_KINDS] = {
  [WEFTLINE_LEGEND_TASK] = { N_ ("task"), N_ ("A task, in its group’s colour; paler where several "
                                              "share a pixel with idle time") },
  [WEFTLINE_LEGEND_RUNNING] = { N_ ("running"), N_ ("A task that runs now") },
  [WEFTLINE_LEGEND_ERRED] = { N_ ("error"), N_ ("A task that failed or ran out of time; among "
                                                "others a mark at the upper edge") },
  [WEFTLINE_LEGEND_RETRIED] = { N_ ("retried"), N_ ("A failed attempt after which the task was "
                                                    "tried again") },
  [WEFTLINE_LEGEND_CANCELLED] = { N_ ("cancelled"), N_ ("An attempt that was cut short") },
  [WEFTLINE_LEGEND_SPILL] = { N_ ("spill"), N_ ("Results written to disk, or read back") },
  [WEFTLINE_LEGEND_TRANSFER] = { N_ ("transfer"), N_ ("Results sent from one worker to another") },
  [WEFTLINE_LEGEND_PHASE] = { N_ ("other work"), N_ ("Deserialising and the like") },
  [WEFTLINE_LEGEND_PAUSED] = { N_ ("paused"), N_ ("The run, or for its memory the worker, was "
                                                  "paused") },
  [WEFTLINE_LEGEND_IDLE] = { N_ ("idle"), N_ ("The worker had nothing to do; point at it to see "
                                              "why") },
};

/* ---- what occurs ----------------------------------------------------------------------------- */

static unsigned
kinds_of (const WeftlineTimelineColumn *column)
{
  static const unsigned of_form[] = {
    [WEFTLINE_FORM_FOLDED] = 0,
    [WEFTLINE_FORM_DONE] = 1u << WEFTLINE_LEGEND_TASK,
    [WEFTLINE_FORM_ERRED] = 1u << WEFTLINE_LEGEND_ERRED,
    [WEFTLINE_FORM_CANCELLED] = 1u << WEFTLINE_LEGEND_CANCELLED,
    [WEFTLINE_FORM_RETRIED] = 1u << WEFTLINE_LEGEND_RETRIED,
    [WEFTLINE_FORM_RUNNING] = 1u << WEFTLINE_LEGEND_RUNNING,
  };
  static const struct
  {
    uint16_t content;
    uint8_t kind;
  } marks[] = {
    { WEFT_SPANS_HAS_RETRY, WEFTLINE_LEGEND_RETRIED },
    { WEFT_SPANS_HAS_SPILL, WEFTLINE_LEGEND_SPILL },
    { WEFT_SPANS_HAS_TRANSFER, WEFTLINE_LEGEND_TRANSFER },
  };
  unsigned kinds = of_form[column->form];

  if (column->form == WEFTLINE_FORM_FOLDED && column->share > 0)
    kinds |= 1u << WEFTLINE_LEGEND_TASK;
  if ((column->content & WEFT_SPANS_HAS_ERROR) != 0 && column->form != WEFTLINE_FORM_CANCELLED)
    kinds |= 1u << WEFTLINE_LEGEND_ERRED;
  for (unsigned i = 0; i < G_N_ELEMENTS (marks); i++)
    if ((column->content & marks[i].content) != 0)
      kinds |= 1u << marks[i].kind;
  if (column->share > 0)
    return kinds;
  if ((column->content & WEFT_SPANS_HAS_PAUSE) != 0)
    kinds |= 1u << WEFTLINE_LEGEND_PAUSED;
  else if ((column->content & WEFT_SPANS_HAS_PHASE) != 0)
    kinds |= 1u << WEFTLINE_LEGEND_PHASE;
  else if ((column->content & WEFT_SPANS_HAS_PARKED) != 0)
    kinds |= 1u << WEFTLINE_LEGEND_IDLE;
  return kinds;
}

unsigned
weftline_timeline_legend_kinds (const WeftlineTimelineLayout *layout)
{
  size_t n = (size_t) layout->n_lanes * (size_t) MAX (layout->area_width, 0);
  const WeftlineTimelineColumn *last = NULL;
  unsigned kinds = 0;

  for (size_t i = 0; i < n; i++)
    {
      const WeftlineTimelineColumn *column = &layout->columns[i];

      /* most are as the one before them */
      if (last != NULL && column->content == last->content && column->form == last->form
          && (column->share > 0) == (last->share > 0))
        continue;
      kinds |= kinds_of (column);
      last = column;
    }
  return kinds;
}

const char *
weftline_timeline_legend_name (WeftlineLegendKind kind)
{
  return _ (kinds_words[kind].name);
}

const char *
weftline_timeline_legend_meaning (WeftlineLegendKind kind)
{
  return _ (kinds_words[kind].meaning);
}

/* ---- samples --------------------------------------------------------------------------------- */

static void
fill (cairo_t *cr, uint32_t color, double x, double y, double width, double height)
{
  weftline_set_color (cr, color, 1);
  cairo_rectangle (cr, x, y, width, height);
  cairo_fill (cr);
}

static void
draw_ground (cairo_t *cr, const WeftlinePalette *palette, WeftlineLegendKind kind, uint32_t color,
             double x, double y)
{
  uint32_t ground = color;

  if (kind == WEFTLINE_LEGEND_PAUSED)
    ground = palette->track;
  else if (kind == WEFTLINE_LEGEND_IDLE)
    ground = palette->idle;
  else if (kind == WEFTLINE_LEGEND_ERRED)
    ground = palette->error;
  else if (kind == WEFTLINE_LEGEND_CANCELLED)
    ground = weftline_blend (palette->track, color, 100);
  else if (kind == WEFTLINE_LEGEND_SPILL)
    ground = weftline_blend (palette->track, palette->spill, LAID_ON);
  else if (kind == WEFTLINE_LEGEND_TRANSFER)
    ground = weftline_blend (palette->track, palette->transfer, LAID_ON);
  else if (kind == WEFTLINE_LEGEND_PHASE)
    ground = weftline_blend (palette->track, palette->phase, LAID_ON);
  fill (cr, ground, x, y, WEFTLINE_LEGEND_SAMPLE_WIDTH, WEFTLINE_LEGEND_SAMPLE_HEIGHT);
}

/* As thin as in a lane. */
static void
draw_pause (cairo_t *cr, const WeftlinePalette *palette, double x, double y)
{
  int width = WEFTLINE_LEGEND_SAMPLE_WIDTH, height = WEFTLINE_LEGEND_SAMPLE_HEIGHT;

  cairo_save (cr);
  cairo_rectangle (cr, x, y, width, height);
  cairo_clip (cr);
  weftline_set_color (cr, palette->pause, 1);
  cairo_set_line_width (cr, 1);
  for (int at = THIN_STEP / 2; at < width + height; at += THIN_STEP)
    {
      cairo_move_to (cr, x + at, y);
      cairo_line_to (cr, x + at - height, y + height);
    }
  cairo_stroke (cr);
  cairo_restore (cr);
}

/* Dashes one above the other, as lanes have them at an edge. */
static void
draw_dashes (cairo_t *cr, uint32_t color, double x, double y)
{
  fill (cr, color, x, y, WEFTLINE_LEGEND_SAMPLE_WIDTH, 1);
  fill (cr, color, x, y + 3, WEFTLINE_LEGEND_SAMPLE_WIDTH, 1);
}

void
weftline_timeline_legend_sample (cairo_t *cr, const WeftlinePalette *palette,
                                 WeftlineLegendKind kind, uint32_t color, double x, double y)
{
  int width = WEFTLINE_LEGEND_SAMPLE_WIDTH, height = WEFTLINE_LEGEND_SAMPLE_HEIGHT;

  if (kind == WEFTLINE_LEGEND_RUNNING)
    {
      weftline_state_form_draw (cr, palette, WEFT_TASK_RUNNING, color, x, y, width, height);
      return;
    }
  draw_ground (cr, palette, kind, color, x, y);
  if (kind == WEFTLINE_LEGEND_RETRIED)
    draw_dashes (cr, palette->error, x, y);
  else if (kind == WEFTLINE_LEGEND_CANCELLED)
    fill (cr, color, x, y + height / 2 - 1, width, 2);
  else if (kind == WEFTLINE_LEGEND_SPILL)
    fill (cr, palette->spill, x, y + height - EDGE, width, EDGE);
  else if (kind == WEFTLINE_LEGEND_TRANSFER)
    draw_dashes (cr, palette->transfer, x, y + height - EDGE - 1);
  else if (kind == WEFTLINE_LEGEND_PAUSED)
    draw_pause (cr, palette, x, y);
  else if (kind == WEFTLINE_LEGEND_IDLE)
    {
      weftline_set_color (cr, palette->grid, 1);
      cairo_set_line_width (cr, 1);
      cairo_rectangle (cr, x + 0.5, y + 0.5, width - 1, height - 1);
      cairo_stroke (cr);
    }
}

/* ---- the line -------------------------------------------------------------------------------- */

int
weftline_timeline_legend_height (int width, int height)
{
  return height >= LEAST_VIEW && width >= LEAST_VIEW ? WEFTLINE_LEGEND_HEIGHT : 0;
}

unsigned
weftline_timeline_paint_legend (WeftlineTimelinePaint *paint, cairo_t *cr,
                                const WeftlinePalette *palette, unsigned kinds, int width, int y,
                                bool rtl)
{
  int at = MARGIN;
  unsigned n = 0;

  fill (cr, palette->card, 0, y, width, WEFTLINE_LEGEND_HEIGHT);
  for (unsigned kind = 0; kind < WEFTLINE_LEGEND_N_KINDS; kind++)
    {
      const char *name = weftline_timeline_legend_name ((WeftlineLegendKind) kind);
      int text_width, text_height, wide, x;

      if ((kinds >> kind & 1) == 0)
        continue;
      weftline_text_size (paint->texts, name, WEFTLINE_TEXT_SMALL, &text_width, &text_height);
      wide = WEFTLINE_LEGEND_SAMPLE_WIDTH + NAME_GAP + text_width;
      if (at + wide > width - MARGIN)
        break;
      x = rtl ? width - at - WEFTLINE_LEGEND_SAMPLE_WIDTH : at;
      weftline_timeline_legend_sample (
          cr, palette, (WeftlineLegendKind) kind, palette->dim, x,
          y + (WEFTLINE_LEGEND_HEIGHT - WEFTLINE_LEGEND_SAMPLE_HEIGHT) / 2);
      x = rtl ? x - NAME_GAP - text_width : x + WEFTLINE_LEGEND_SAMPLE_WIDTH + NAME_GAP;
      weftline_set_color (cr, palette->dim, 1);
      weftline_text_show (paint->texts, cr, name, WEFTLINE_TEXT_SMALL, x,
                          y + (WEFTLINE_LEGEND_HEIGHT - text_height) / 2);
      at += wide + GAP;
      n++;
    }
  return n;
}
