/* sheet-text.h: the fonts of a sheet: texts measured, wrapped and shown
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Figures are tabular. A text runs as its first letter does, one without letters from left to
 * right. One thread's.
 */
#pragma once

#include "canvas/sheet-layout.h"

#include <cairo.h>

typedef struct _WeftlineSheetText WeftlineSheetText;

/* @font: as pango_font_description_from_string() */
WeftlineSheetText *weftline_sheet_text_new (const char *font);
/* @text: (nullable) */
void weftline_sheet_text_free (WeftlineSheetText *text);

/* For weftline_sheet_flow_run(). (transfer none) */
const WeftlineSheetMeasure *weftline_sheet_text_measure (WeftlineSheetText *text);
/* Height of a line. */
int weftline_sheet_text_height (const WeftlineSheetText *text, WeftlineSheetFont font);
/* Of a text in one line. */
int weftline_sheet_text_width (WeftlineSheetText *text, const char *string, WeftlineSheetFont font);

typedef enum
{
  WEFTLINE_SHEET_WHOLE, /* it is known to fit */
  WEFTLINE_SHEET_CUT_END,
  WEFTLINE_SHEET_CUT_MIDDLE,
} WeftlineSheetCut;

/* In one line with the current source, in a room of that width that begins at @x and @y above; on
 * its left, or on its right. Whoever collects texts is told all of it, however much is cut. */
void weftline_sheet_text_show (WeftlineSheetText *text, cairo_t *cr, const char *string,
                               WeftlineSheetFont font, WeftlineSheetCut cut, double x, double y,
                               int width, bool on_right);
