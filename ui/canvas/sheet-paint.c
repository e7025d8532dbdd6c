/* sheet-paint.c: what all sheets have: ground, first line, foot; and text with titles
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "canvas/sheet-paint-private.h"

#include "canvas/number-format.h"
#include "canvas/reading.h"
#include "canvas/state-form.h"

#include <glib/gi18n.h>
#include <math.h>

/* Of text that tells of errors: libadwaita's error_color. */
#define ERROR_ON_LIGHT 0xc01c28
#define ERROR_ON_DARK 0xff7b63

int
_weftline_sheet_unit (const WeftlineSheetLook *look)
{
  return weftline_sheet_text_height (look->text, WEFTLINE_SHEET_NORMAL);
}

void
_weftline_sheet_body (const WeftlineSheetLook *look, int width, int height, SheetBody *body)
{
  int unit = _weftline_sheet_unit (look);

  body->x = SHEET_MARGIN;
  body->y = SHEET_MARGIN + unit * 3 / 2;
  body->width = MAX (width - 2 * SHEET_MARGIN, 1);
  body->height = MAX (height - body->y - SHEET_MARGIN, 0);
  body->foot = unit * 5 / 4;
}

void
_weftline_sheet_set_tone (const WeftlineSheetLook *look, cairo_t *cr, WeftlineSheetTone tone)
{
  const WeftlinePalette *palette = look->palette;

  switch (tone)
    {
    case WEFTLINE_SHEET_DIM:
      weftline_set_color (cr, palette->dim, 1);
      break;
    case WEFTLINE_SHEET_ERROR:
      weftline_set_color (cr, palette->dark ? ERROR_ON_DARK : ERROR_ON_LIGHT, 1);
      break;
    case WEFTLINE_SHEET_TEXT:
    default:
      weftline_set_color (cr, palette->text, 1);
    }
}

void
_weftline_sheet_show_cell (const WeftlineSheetLook *look, cairo_t *cr,
                           const WeftlineSheetCell *cell, WeftlineSheetCut cut, int form, int x,
                           int y, int width, int height, bool on_right)
{
  int unit = _weftline_sheet_unit (look), high = unit * 3 / 4, room = form + unit / 2;
  int line = weftline_sheet_text_height (look->text, cell->font);

  if (cell->has_form && width >= form)
    weftline_state_form_draw (cr, look->palette, cell->state, cell->color,
                              look->rtl ? x + width - form : x, y + (height - high) / 2, form,
                              high);
  if (cell->has_form && !look->rtl)
    x += room;
  if (cell->has_form)
    width -= room;
  if (cell->text == NULL)
    return;
  _weftline_sheet_set_tone (look, cr, cell->tone);
  weftline_sheet_text_show (look->text, cr, cell->text, cell->font, cut, x, y + (height - line) / 2,
                            width, on_right);
}

/* ---- the first line -------------------------------------------------------------------------- */

static void
round_rectangle (cairo_t *cr, double x, double y, double width, double height, double radius)
{
  cairo_new_sub_path (cr);
  cairo_arc (cr, x + width - radius, y + radius, radius, -G_PI_2, 0);
  cairo_arc (cr, x + width - radius, y + height - radius, radius, 0, G_PI_2);
  cairo_arc (cr, x + radius, y + height - radius, radius, G_PI_2, G_PI);
  cairo_arc (cr, x + radius, y + radius, radius, G_PI, 3 * G_PI_2);
  cairo_close_path (cr);
}

/* The moment in a frame, as a card has it. Returns: its width; 0: there is no room */
static int
show_time (const WeftlineSheetLook *look, cairo_t *cr, int width, int x)
{
  int unit = _weftline_sheet_unit (look), pad = unit / 4;
  int needed = weftline_sheet_text_width (look->text, look->time, WEFTLINE_SHEET_SMALL) + 2 * pad;
  int line = weftline_sheet_text_height (look->text, WEFTLINE_SHEET_SMALL), left;

  if (x + needed > width)
    return 0;
  left = SHEET_MARGIN + (int) weftline_turn (look->rtl, width, x, needed);
  weftline_set_color (cr, look->palette->accent, 0.5);
  cairo_set_line_width (cr, 1);
  round_rectangle (cr, left + 0.5, SHEET_MARGIN + 0.5, needed - 1, unit - 1, pad);
  cairo_stroke (cr);
  weftline_set_color (cr, look->palette->accent, 1);
  weftline_sheet_text_show (look->text, cr, look->time, WEFTLINE_SHEET_SMALL, WEFTLINE_SHEET_WHOLE,
                            left + pad, SHEET_MARGIN + (unit - line) / 2, needed, false);
  return needed;
}

/* What is not said elsewhere stays longest: figures are cut first, then the title. */
static void
show_first_line (const WeftlineSheetLook *look, const char *figures, cairo_t *cr, int width)
{
  int unit = _weftline_sheet_unit (look), room = MAX (width - 2 * SHEET_MARGIN, 0), used;
  int line = weftline_sheet_text_height (look->text, WEFTLINE_SHEET_SMALL);

  used = MIN (weftline_sheet_text_width (look->text, look->title, WEFTLINE_SHEET_BOLD), room);
  _weftline_sheet_set_tone (look, cr, WEFTLINE_SHEET_TEXT);
  weftline_sheet_text_show (
      look->text, cr, look->title, WEFTLINE_SHEET_BOLD, WEFTLINE_SHEET_CUT_END,
      SHEET_MARGIN + weftline_turn (look->rtl, room, 0, used), SHEET_MARGIN, used, look->rtl);
  used += unit / 2;
  if (look->time != NULL)
    used += show_time (look, cr, room, used) + unit / 2;
  if (figures == NULL || room - used < 2 * unit)
    return;
  _weftline_sheet_set_tone (look, cr, WEFTLINE_SHEET_DIM);
  weftline_sheet_text_show (look->text, cr, figures, WEFTLINE_SHEET_SMALL, WEFTLINE_SHEET_CUT_END,
                            SHEET_MARGIN + (look->rtl ? 0 : used), SHEET_MARGIN + unit - line,
                            room - used, !look->rtl);
}

void
_weftline_sheet_begin (const WeftlineSheetLook *look, const char *figures, cairo_t *cr, int width,
                       int height)
{
  weftline_set_color (cr, look->palette->card, 1);
  cairo_rectangle (cr, 0, 0, width, height);
  cairo_fill (cr);
  show_first_line (look, figures, cr, width);
}

/* ---- what is not there ----------------------------------------------------------------------- */

static char **
wrap_empty (const WeftlineSheetLook *look, int width)
{
  const WeftlineSheetMeasure *measure = weftline_sheet_text_measure (look->text);

  return measure->wrap (measure->data, look->empty != NULL ? look->empty : "",
                        WEFTLINE_SHEET_NORMAL, MAX (width - 4 * SHEET_MARGIN, 1));
}

int
_weftline_sheet_empty_height (const WeftlineSheetLook *look, int width)
{
  g_auto (GStrv) lines = wrap_empty (look, width);

  return _weftline_sheet_unit (look) * ((int) g_strv_length (lines) + 2);
}

/* In the middle. */
void
_weftline_sheet_say_empty (const WeftlineSheetLook *look, cairo_t *cr, int width, int height)
{
  g_auto (GStrv) lines = wrap_empty (look, width);
  int unit = _weftline_sheet_unit (look), n = (int) g_strv_length (lines), y;
  SheetBody body;

  _weftline_sheet_body (look, width, height, &body);
  y = body.y + (body.height - n * unit) / 2;
  if (y < body.y)
    return;
  _weftline_sheet_set_tone (look, cr, WEFTLINE_SHEET_DIM);
  for (int i = 0; i < n; i++)
    {
      int needed = weftline_sheet_text_width (look->text, lines[i], WEFTLINE_SHEET_NORMAL);

      weftline_sheet_text_show (look->text, cr, lines[i], WEFTLINE_SHEET_NORMAL,
                                WEFTLINE_SHEET_WHOLE, (width - needed) / 2, y + i * unit, needed,
                                false);
    }
}

void
_weftline_sheet_say_rest (const WeftlineSheetLook *look, cairo_t *cr, const char *words, int width,
                          int height)
{
  int line = weftline_sheet_text_height (look->text, WEFTLINE_SHEET_SMALL);

  _weftline_sheet_set_tone (look, cr, WEFTLINE_SHEET_DIM);
  weftline_sheet_text_show (look->text, cr, words, WEFTLINE_SHEET_SMALL, WEFTLINE_SHEET_CUT_END,
                            SHEET_MARGIN, height - SHEET_MARGIN - line, width - 2 * SHEET_MARGIN,
                            look->rtl);
}

/* ---- text with titles ------------------------------------------------------------------------ */

static void
run_flow (const WeftlineSheetLook *look, const WeftlineSheetPage *page, const SheetBody *body,
          WeftlineSheetFlow *flow)
{
  const WeftlineSheetMeasure *measure = weftline_sheet_text_measure (look->text);

  weftline_sheet_flow_run (flow, measure, page->items, body->width, body->height, page->from_end);
  if (flow->n_items < page->items->len && page->figures == NULL) /* which has to be said */
    weftline_sheet_flow_run (flow, measure, page->items, body->width, body->height - body->foot,
                             page->from_end);
}

int
weftline_sheet_page_height (const WeftlineSheetLook *look, const WeftlineSheetPage *page, int width,
                            int most)
{
  WeftlineSheetFlow flow;
  SheetBody body;
  int height;

  _weftline_sheet_body (look, width, most, &body);
  weftline_sheet_flow_init (&flow);
  weftline_sheet_flow_run (&flow, weftline_sheet_text_measure (look->text), page->items, body.width,
                           body.height, page->from_end);
  height = flow.n_items < page->items->len ? most : body.y + flow.height + SHEET_MARGIN;
  if (page->items->len == 0)
    height = body.y + _weftline_sheet_empty_height (look, width) + SHEET_MARGIN;
  weftline_sheet_flow_clear (&flow);
  return MIN (height, most);
}

static void
show_box (const WeftlineSheetLook *look, const WeftlineSheetPage *page, cairo_t *cr,
          const SheetBody *body, const WeftlineSheetBox *box)
{
  const WeftlineSheetItem *item = &g_array_index (page->items, WeftlineSheetItem, box->item);
  double x = body->x + weftline_turn (look->rtl, body->width, box->x, box->width);
  double y = body->y + box->y, filled = round (box->width * CLAMP (item->share, 0, 1));
  bool is_bar = item->kind == WEFTLINE_SHEET_BAR;

  weftline_set_color (cr, look->palette->text, is_bar ? 0.1 : 0.05);
  round_rectangle (cr, x, y, box->width, box->height, MIN (box->height / 2.0, 6));
  cairo_fill (cr);
  if (!is_bar || filled < 1)
    return;
  weftline_set_color (cr, item->color, 1);
  round_rectangle (cr, x + weftline_turn (look->rtl, box->width, 0, filled), y, filled, box->height,
                   MIN (box->height, filled) / 2.0);
  cairo_fill (cr);
}

/* Keys often differ at their ends, so that they are cut in the middle. */
static void
show_line (const WeftlineSheetLook *look, const WeftlineSheetPage *page, cairo_t *cr,
           const SheetBody *body, const WeftlineSheetLine *line)
{
  const WeftlineSheetItem *item = &g_array_index (page->items, WeftlineSheetItem, line->item);
  WeftlineSheetCut cut =
      item->kind == WEFTLINE_SHEET_HEADING ? WEFTLINE_SHEET_CUT_END : WEFTLINE_SHEET_CUT_MIDDLE;
  int unit = _weftline_sheet_unit (look);

  if (!line->cut)
    cut = WEFTLINE_SHEET_WHOLE;
  _weftline_sheet_show_cell (
      look, cr, &line->cell, cut, unit * 9 / 8,
      body->x + (int) weftline_turn (look->rtl, body->width, line->x, line->width),
      body->y + line->y, line->width, line->height, line->at_end != look->rtl);
}

/* (transfer full) */
static char *
rest_text (const WeftlineSheetFlow *flow, const WeftlineSheetPage *page)
{
  g_autofree char *shown = weftline_format_count (flow->n_items);
  g_autofree char *all = weftline_format_count (page->items->len);

  /* Translators: so many of so many */
  return g_strdup_printf (ngettext ("%s of %s line", "%s of %s lines", (gulong) page->items->len),
                          shown, all);
}

void
weftline_sheet_page_paint (const WeftlineSheetLook *look, const WeftlineSheetPage *page,
                           cairo_t *cr, int width, int height)
{
  WeftlineSheetFlow flow;
  SheetBody body;

  _weftline_sheet_body (look, width, height, &body);
  weftline_sheet_flow_init (&flow);
  run_flow (look, page, &body, &flow);
  _weftline_sheet_begin (
      look, page->figures != NULL ? page->figures (page->data, flow.weight) : look->figures, cr,
      width, height);
  for (guint i = 0; i < flow.boxes->len; i++)
    show_box (look, page, cr, &body, &g_array_index (flow.boxes, WeftlineSheetBox, i));
  for (guint i = 0; i < flow.lines->len; i++)
    show_line (look, page, cr, &body, &g_array_index (flow.lines, WeftlineSheetLine, i));
  if (page->items->len == 0)
    _weftline_sheet_say_empty (look, cr, width, height);
  else if (flow.n_items < page->items->len && page->figures == NULL)
    {
      g_autofree char *words = rest_text (&flow, page);

      _weftline_sheet_say_rest (look, cr, words, width, height);
    }
  weftline_sheet_flow_clear (&flow);
}
