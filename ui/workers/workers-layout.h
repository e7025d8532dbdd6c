/* workers-layout.h: where columns and rows of the workers stand
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * From the top: titles, the sums of all, then a row for each worker, as many as find room in whole;
 * the others scroll. Columns of which nothing is known are left out, and where there is no room
 * those that say least; never the names. No title is cut: where not all find room in whole, all
 * are short ones. What room is left goes to lines over time, names and titles, and the bar of the
 * memory. x is told from where text begins; who paints turns it round. Pure but for the lines,
 * which are read from the model. One thread's.
 */
#pragma once

#include "workers/workers-source.h"

#define WEFTLINE_WORKERS_HEAD 26
#define WEFTLINE_WORKERS_ROW 24
#define WEFTLINE_WORKERS_GAP 14  /* between columns */
#define WEFTLINE_WORKERS_EDGE 6  /* before the first column, behind the last */
#define WEFTLINE_WORKERS_INNER 8 /* between a bar or line and its figure */
#define WEFTLINE_WORKERS_BAR 56  /* least width of the bar of the memory */
#define WEFTLINE_WORKERS_LINE_SPAN INT64_C (60000000000) /* time of a line, up to the moment */

/**
 * WeftlineWorkersRoom:
 * @natural: of a column's texts and its title, without bar or line
 * @least: of its texts, names without what they have in common, and its short title; they may be
 *   cut
 */
typedef struct
{
  int natural[WEFTLINE_WORKERS_N_COLUMNS];
  int least[WEFTLINE_WORKERS_N_COLUMNS];
} WeftlineWorkersRoom;

/* @picture: how wide the bar or the line is, with which the column begins; 0: there is none */
typedef struct
{
  WeftlineWorkersColumn column;
  int x, width;
  int picture;
} WeftlineWorkersPlace;

/**
 * WeftlineWorkersLayout:
 * @places: (array length=n_columns): from the first to the last
 * @n_known: columns of which anything is known: as many would be shown if there was room
 * @short_titles: titles are the short ones; @short_names: likewise
 * @has_total: there is more than one worker, and room
 * @rows_y: where the first row begins
 * @first: of the rows, in their order; @n_shown: of @n_rows that are seen
 * @content_height: what @height would have to be to see all
 * @from_ns, @to_ns: of the lines
 * @lines: (array): of each shown row, of each place with a line, its width; below 0: not known
 * @tops: by column: what a line's upper edge stands for
 * @memory_full: what a whole bar stands for
 */
typedef struct
{
  int width, height;
  unsigned n_columns, n_known;
  WeftlineWorkersPlace places[WEFTLINE_WORKERS_N_COLUMNS];
  bool short_titles, short_names;
  bool has_total;
  int rows_y;
  uint32_t n_rows, first, n_shown;
  int content_height;
  int64_t from_ns, to_ns;
  float *lines;
  size_t n_lines;
  double tops[WEFTLINE_WORKERS_N_COLUMNS];
  double memory_full;
} WeftlineWorkersLayout;

/* Zero is an empty one. */
void weftline_workers_layout_clear (WeftlineWorkersLayout *layout);

/* @scroll: rows out of view above; brought into what is possible */
void weftline_workers_layout (WeftlineWorkersLayout *layout, const WeftlineWorkersSource *source,
                              const WeftlineWorkersRoom *room, int width, int height,
                              uint32_t scroll);
/* Reads the lines of rows that are seen, up to a moment. O(rows seen × points in a minute) */
void weftline_workers_layout_lines (WeftlineWorkersLayout *layout,
                                    const WeftlineWorkersSource *source, int64_t to_ns);
/* The line of the shown row in a place that has one. (array) (transfer none) */
const float *weftline_workers_layout_line (const WeftlineWorkersLayout *layout, uint32_t row,
                                           unsigned place);

static inline bool
weftline_workers_has_line (WeftlineWorkersColumn column)
{
  return column == WEFTLINE_WORKERS_CPU
         || (column >= WEFTLINE_WORKERS_NET_READ && column <= WEFTLINE_WORKERS_DISK_WRITTEN);
}

/**
 * WeftlineWorkersHit:
 * @in_head: it is a title
 * @in_total: it is the sums' row
 * @column: or WEFTLINE_WORKERS_N_COLUMNS
 * @worker: or WEFT_NONE
 */
typedef struct
{
  bool in_head, in_total;
  WeftlineWorkersColumn column;
  uint32_t worker;
} WeftlineWorkersHit;

/* What is at a place, from where text begins. */
WeftlineWorkersHit weftline_workers_hit (const WeftlineWorkersLayout *layout,
                                         const WeftlineWorkersSource *source, int x, int y);
