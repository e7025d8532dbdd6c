/* sheet-layout.h: where the columns, rows and lines of a sheet stand
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A sheet is a list of the window as a picture: a table, or text with titles beside it. Pure: how
 * wide texts are is asked of whoever has fonts. All in units of the view; x is told from where
 * lines begin, so that it can be turned round. Any thread.
 *
 * What does not find room is left out whole, and how much that is can be told: columns from the
 * last on, rows and lines from the end that is not wanted.
 */
#pragma once

#include "model/weft-model.h"

#include <glib.h>

#define WEFTLINE_SHEET_MAX_COLUMNS 16

/* ---- a table --------------------------------------------------------------------------------- */

/**
 * WeftlineSheetColumn:
 * @natural: how wide it is when all of it can be read
 * @least: below this it says nothing
 * @grows: it takes the room that is left
 */
typedef struct
{
  int natural, least;
  bool grows;
} WeftlineSheetColumn;

typedef struct
{
  int x, width;
} WeftlineSheetPlace;

/**
 * weftline_sheet_columns:
 * @gap: between columns
 * @most_gap: where there is more room than they want
 * @places: (out) (array length=n)
 *
 * Columns one after the other, none below its least width; the widest give way first. What room is
 * left goes into gaps and columns that grow alike, so that nothing in a row is far apart; then into
 * these columns.
 *
 * Returns: how many of them find room, one at least
 */
unsigned weftline_sheet_columns (const WeftlineSheetColumn *columns, unsigned n, int width, int gap,
                                 int most_gap, WeftlineSheetPlace *places);

/* The rows that are shown of so many: all of them from @first on, or from further up when there is
 * room for more than are left. Returns: how many */
uint32_t weftline_sheet_rows (uint32_t n_rows, int height, int row_height, uint32_t *first);

/* ---- text ------------------------------------------------------------------------------------ */

typedef enum
{
  WEFTLINE_SHEET_NORMAL,
  WEFTLINE_SHEET_SMALL,
  WEFTLINE_SHEET_BOLD,
  WEFTLINE_SHEET_MONO, /* as programs write */
  WEFTLINE_SHEET_N_FONTS,
} WeftlineSheetFont;

typedef enum
{
  WEFTLINE_SHEET_TEXT,
  WEFTLINE_SHEET_DIM,
  WEFTLINE_SHEET_ERROR,
} WeftlineSheetTone;

/**
 * WeftlineSheetCell:
 * @text: (nullable): nothing
 * @has_form: the form of @state, in @color, stands before it
 */
typedef struct
{
  char *text;
  WeftlineSheetFont font;
  WeftlineSheetTone tone;
  bool has_form;
  WeftModelState state;
  uint32_t color;
} WeftlineSheetCell;

typedef enum
{
  WEFTLINE_SHEET_PAIR,    /* a title, and text beside it, or below where there is no room */
  WEFTLINE_SHEET_HEADING, /* a title, and text behind it */
  WEFTLINE_SHEET_ACROSS,  /* text only */
  WEFTLINE_SHEET_BAR,     /* @share of it is filled */
} WeftlineSheetKind;

/**
 * WeftlineSheetItem:
 * @cut: the text is cut in its middle where it is too long, else it is wrapped
 * @at_end: the text stands at the end of its line
 * @boxed: the text stands in a box, in one with the next if that goes on with it
 * @goes_on: with the item before: nothing stands between them
 * @share: of a bar, 0 … 1
 * @color: likewise
 * @weight: what it counts for when it is told how much is shown
 */
typedef struct
{
  WeftlineSheetKind kind;
  WeftlineSheetCell title;
  WeftlineSheetCell text;
  bool cut, at_end, boxed, goes_on;
  double share;
  uint32_t color;
  uint64_t weight;
} WeftlineSheetItem;

/**
 * WeftlineSheetMeasure:
 * @heights: of lines
 * @width: of a text in one line
 * @wrap: a text's lines, each no wider than that unless it is one letter. (transfer full)
 */
typedef struct
{
  int heights[WEFTLINE_SHEET_N_FONTS];
  int (*width) (void *data, const char *text, WeftlineSheetFont font);
  char **(*wrap) (void *data, const char *text, WeftlineSheetFont font, int width);
  void *data;
} WeftlineSheetMeasure;

/* (element-type WeftlineSheetItem): clears its elements. (transfer full) */
GArray *weftline_sheet_items_new (void);
/* Adds one of that kind, with texts of its own; each may be %NULL. (transfer none): until more are
 * added */
WeftlineSheetItem *weftline_sheet_items_add (GArray *items, WeftlineSheetKind kind,
                                             const char *title, const char *text);
/* Adds a text of many lines as an item each, the first with the title; those behind it go on. All
 * are like @like. */
void weftline_sheet_items_add_lines (GArray *items, const WeftlineSheetItem *like,
                                     const char *title, const char *text);

/**
 * WeftlineSheetLine:
 * @item: whose it is
 * @width: that it has; of what is wrapped at least as much as it needs
 * @cell: font, tone and form; its text is the line's
 * @cut: the text may need more
 */
typedef struct
{
  guint item;
  int x, y, width, height;
  WeftlineSheetCell cell;
  bool cut, at_end;
} WeftlineSheetLine;

typedef struct
{
  guint item; /* the bar, or the first in the box */
  int x, y, width, height;
} WeftlineSheetBox;

/**
 * WeftlineSheetFlow:
 * @lines: (element-type WeftlineSheetLine): from top to bottom
 * @boxes: (element-type WeftlineSheetBox): likewise, bars among them
 * @first: of the items that are shown
 * @n_items: that are
 * @weight: of these
 * @height: they take
 */
typedef struct
{
  GArray *lines;
  GArray *boxes;
  guint first, n_items;
  uint64_t weight;
  int height;
} WeftlineSheetFlow;

void weftline_sheet_flow_init (WeftlineSheetFlow *flow);
void weftline_sheet_flow_clear (WeftlineSheetFlow *flow);

/**
 * weftline_sheet_flow_run:
 * @height: room there is
 * @from_end: where it is not enough for all the last are shown, else the first
 *
 * O(items shown, and their text).
 */
void weftline_sheet_flow_run (WeftlineSheetFlow *flow, const WeftlineSheetMeasure *measure,
                              const GArray *items, int width, int height, bool from_end);
