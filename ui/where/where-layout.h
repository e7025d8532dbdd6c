/* where-layout.h: where the time goes: bars, their legend, and what belongs where
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Pure: sums of time in, rectangles in the view's units out. The bar of all workers stays where it
 * is; the legend below it, and a bar for each worker below that, scroll, line by line. The line
 * above the workers stays in sight: it says how many there are. What cannot be seen in whole is not
 * shown. Any thread.
 */
#pragma once

#include "model/weft-account.h"

#define WEFTLINE_WHERE_BAR 14   /* height of the bar of all */
#define WEFTLINE_WHERE_TOP 24   /* what stays where it is: that bar and the room below it */
#define WEFTLINE_WHERE_ENTRY 24 /* height of a line of the legend */
#define WEFTLINE_WHERE_ROW 24   /* height of a worker's line */
#define WEFTLINE_WHERE_ROW_BAR 10
#define WEFTLINE_WHERE_CAPTION 26 /* height of the line above the workers */
#define WEFTLINE_WHERE_GAP 10     /* between columns */
#define WEFTLINE_WHERE_COLUMN 300 /* least width of a column of the legend */

/* A use of time in a bar. */
typedef struct
{
  WeftTimeUse use;
  int x, width;
} WeftlineWherePiece;

/* A bar: pieces side by side, together as wide as it is. */
typedef struct
{
  unsigned n_pieces;
  WeftlineWherePiece pieces[WEFT_TIME_N_USES];
} WeftlineWhereBar;

/* A line of the legend. @permille: of all; those of all lines add up to 1,000. @shown: in whole,
 * else not at all */
typedef struct
{
  WeftTimeUse use;
  int x, y, width;
  int permille;
  bool shown;
} WeftlineWhereEntry;

/* A worker's line. @row: its number among the rows given. */
typedef struct
{
  uint32_t row;
  int y;
  WeftlineWhereBar bar;
} WeftlineWhereLine;

/**
 * WeftlineWhereLayout:
 * @entries: by use, as many as @n_entries, of which @n_entries_shown are shown
 * @lines: (element-type WeftlineWhereLine): those that are shown
 * @has_caption: there is room for the line above the workers
 * @caption_y: of that line
 * @bar_x, @bar_width: of the workers' bars: names before them, figures behind
 * @content_height: what @height would have to be to see all
 * @most_scroll: until then it can be scrolled
 * @n_rows, @n_shown: how many workers there are, and how many are shown
 */
typedef struct
{
  WeftlineWhereBar total;
  WeftlineWhereEntry entries[WEFT_TIME_N_USES];
  unsigned n_entries, n_entries_shown;
  GArray *lines;
  int width, height;
  bool has_caption;
  int caption_y;
  int bar_x, bar_width;
  int content_height;
  int most_scroll;
  uint32_t n_rows, n_shown;
} WeftlineWhereLayout;

void weftline_where_layout_init (WeftlineWhereLayout *layout);
void weftline_where_layout_clear (WeftlineWhereLayout *layout);

/* How wide the uses are in a bar: in proportion, by largest remainders, but none that is there is
 * less than a unit while there is room. They add up to @width, unless there is no time at all. */
void weftline_where_divide (const int64_t *ns, int width, WeftlineWhereBar *bar);

/* Thousandths by largest remainders: they add up to 1,000, unless there is no time at all. */
void weftline_where_permille (const int64_t *ns, int *permille);

/**
 * weftline_where_layout:
 * @before, @behind: room that names and figures of the workers take
 * @scroll: units that all below the first bar is moved up; brought into what is possible, and to
 *   the next line
 */
void weftline_where_layout (WeftlineWhereLayout *layout, const WeftTimeRow *total,
                            const WeftTimeRow *rows, uint32_t n_rows, int width, int height,
                            int before, int behind, int scroll);

/* What is at a place. @row: WEFT_NONE: all workers */
typedef struct
{
  bool has_use;
  WeftTimeUse use;
  uint32_t row;
} WeftlineWhereHit;

/* Returns: FALSE: nothing. */
bool weftline_where_hit (const WeftlineWhereLayout *layout, int x, int y, WeftlineWhereHit *hit);
