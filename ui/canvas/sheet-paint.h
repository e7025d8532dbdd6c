/* sheet-paint.h: a list of the window as a picture
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A line with what it is, the time that is shown and figures; then a table, or text. Where not all
 * of it finds room a line at the foot says how much of how much does. One thread's.
 */
#pragma once

#include "canvas/palette.h"
#include "canvas/sheet-text.h"

/**
 * WeftlineSheetLook:
 * @time: (nullable): the moment that is shown; %NULL: now
 * @figures: (nullable)
 * @empty: (nullable): what is said where there is nothing
 */
typedef struct
{
  const WeftlinePalette *palette;
  WeftlineSheetText *text;
  bool rtl;
  const char *title;
  const char *time;
  const char *figures;
  const char *empty;
} WeftlineSheetLook;

/**
 * WeftlineSheetTitle:
 * @is_number: its values stand on the right, with the figures below each other
 * @grows: as of WeftlineSheetColumn
 * @least: characters that are seen at least
 */
typedef struct
{
  const char *title;
  bool is_number, grows;
  unsigned least;
} WeftlineSheetTitle;

/**
 * WeftlineSheetTable:
 * @titles: (array length=n_titles): at most WEFTLINE_SHEET_MAX_COLUMNS
 * @has_head: titles are shown, and rows are ruled; columns go apart where there is room
 * @sorted: the column; @n_titles: none
 * @first: the row that is shown first, where not all are
 * @fill: the value of a row, in a cell of zeros
 * @selected: (nullable): whether a row is
 * @veiled: (nullable): whether other rows stand out
 */
typedef struct
{
  const WeftlineSheetTitle *titles;
  unsigned n_titles;
  bool has_head;
  unsigned sorted;
  bool descending;
  uint32_t n_rows, first;
  void (*fill) (void *data, uint32_t row, unsigned column, WeftlineSheetCell *cell);
  bool (*selected) (void *data, uint32_t row);
  bool (*veiled) (void *data, uint32_t row);
  void *data;
} WeftlineSheetTable;

/* As wide and as high as is needed for all rows, but no higher than @most. */
void weftline_sheet_table_size (const WeftlineSheetLook *look, const WeftlineSheetTable *table,
                                int most, int *width, int *height);
/* Fills all of it. */
void weftline_sheet_table_paint (const WeftlineSheetLook *look, const WeftlineSheetTable *table,
                                 cairo_t *cr, int width, int height);

/* Figures of what is shown; as long as the sheet is painted. (transfer none) (nullable) */
typedef const char *(*WeftlineSheetFigures) (void *data, uint64_t weight);

/**
 * WeftlineSheetPage:
 * @items: (element-type WeftlineSheetItem)
 * @from_end: as of weftline_sheet_flow_run()
 * @figures: (nullable): in place of the look's, of what is shown
 */
typedef struct
{
  const GArray *items;
  bool from_end;
  WeftlineSheetFigures figures;
  void *data;
} WeftlineSheetPage;

/* As high as is needed for all items at that width, but no higher than @most. */
int weftline_sheet_page_height (const WeftlineSheetLook *look, const WeftlineSheetPage *page,
                                int width, int most);
/* Fills all of it. */
void weftline_sheet_page_paint (const WeftlineSheetLook *look, const WeftlineSheetPage *page,
                                cairo_t *cr, int width, int height);
