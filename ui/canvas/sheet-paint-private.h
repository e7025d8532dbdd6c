/* sheet-paint-private.h: what the files that paint sheets share
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "canvas/sheet-paint.h"

#define SHEET_MARGIN 12

/* Where a sheet's body stands; @foot: of the picture's height, once anything is left out. */
typedef struct
{
  int x, y, width, height;
  int foot;
} SheetBody;

/* ---- sheet-paint.c --------------------------------------------------------------------------- */

/* Height of a line of usual text. */
int _weftline_sheet_unit (const WeftlineSheetLook *look);
void _weftline_sheet_body (const WeftlineSheetLook *look, int width, int height, SheetBody *body);
/* Ground and first line. */
void _weftline_sheet_begin (const WeftlineSheetLook *look, const char *figures, cairo_t *cr,
                            int width, int height);
/* What is said in place of a body. */
void _weftline_sheet_say_empty (const WeftlineSheetLook *look, cairo_t *cr, int width, int height);
/* Height it takes. */
int _weftline_sheet_empty_height (const WeftlineSheetLook *look, int width);
/* What stands at the foot: how much is left out. */
void _weftline_sheet_say_rest (const WeftlineSheetLook *look, cairo_t *cr, const char *words,
                               int width, int height);
/* A text with its form in a room that begins at @x on the left. @form: width of one */
void _weftline_sheet_show_cell (const WeftlineSheetLook *look, cairo_t *cr,
                                const WeftlineSheetCell *cell, WeftlineSheetCut cut, int form,
                                int x, int y, int width, int height, bool on_right);
void _weftline_sheet_set_tone (const WeftlineSheetLook *look, cairo_t *cr, WeftlineSheetTone tone);
