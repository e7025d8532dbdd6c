/* transfer-layout.h: where a matrix of transfers and the bandwidth by group stand
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Pure: a matrix in, rectangles in the view's units out. From top to bottom: a line that says what
 * is seen, the cells with names before and above them and sums behind and below them, a line over
 * the groups, a bar for each, and their scale. Bars scroll, line by line. Where there is no room
 * for all rows, those that are the least busy are one together. Any thread.
 */
#pragma once

#include "transfers/transfer-matrix.h"

#define WEFTLINE_TRANSFER_LINE 24 /* height of a line of text, or of a bar */
#define WEFTLINE_TRANSFER_BAR 10
#define WEFTLINE_TRANSFER_AXIS 16
#define WEFTLINE_TRANSFER_FOOT 20 /* sums below */
#define WEFTLINE_TRANSFER_GAP 8   /* between text and what it belongs to */
#define WEFTLINE_TRANSFER_LEAST_CELL 13
#define WEFTLINE_TRANSFER_MOST_WIDTH 120
#define WEFTLINE_TRANSFER_MOST_HEIGHT 40

/* What colour tells. */
typedef enum
{
  WEFTLINE_TRANSFER_BY_BYTES,
  WEFTLINE_TRANSFER_BY_RATE,
  WEFTLINE_TRANSFER_BY_NUMBER, /* where no bytes are told */
} WeftlineTransferMeasure;

/* How much room texts want. @name: of the longest place; @short_name: above a column; @figure: of a
 * sum; @type: of the longest group */
typedef struct
{
  int name, short_name, figure, type;
} WeftlineTransferRoom;

/* @rate: bytes a second; < 0: not known */
typedef struct
{
  uint64_t n;
  uint64_t bytes;
  double rate;
} WeftlineTransferValue;

typedef struct
{
  uint32_t type;
  int y;
} WeftlineTransferLine;

/**
 * WeftlineTransferLayout:
 * @n_rows: and columns; 0: there is no room for any
 * @n_alike: the first of them, of a worker or host each: all others are too much for one scale
 * @row_of: (array): of each place of the matrix
 * @place_of: (array length=n_rows): the place that a row stands for; WEFT_NONE: several
 * @values: (array): (n_rows + 1)², row by row, the last row and the last column are sums
 * @x, @y: of the first cell; names begin at 0, columns' names end above @y
 * @is_upright: columns' names stand on end
 * @sum_x, @sum_width: of sums behind; 0: none
 * @types_y: of the line over the bars
 * @lines: (element-type WeftlineTransferLine): bars that are shown in whole
 * @has_types: there is room for that line and a bar at least
 * @content_height: what the height would have to be to see all
 */
typedef struct
{
  int width, height;
  uint32_t n_rows, n_alike;
  uint32_t *row_of;
  uint32_t *place_of;
  WeftlineTransferValue *values;
  int x, y, cell_width, cell_height;
  int head;
  bool is_upright;
  int sum_x, sum_width;
  bool has_types;
  int types_y;
  GArray *lines;
  int bar_x, bar_width;
  double most_rate;
  int most_scroll;
  int content_height;
} WeftlineTransferLayout;

void weftline_transfer_layout_init (WeftlineTransferLayout *layout);
void weftline_transfer_layout_clear (WeftlineTransferLayout *layout);

/**
 * weftline_transfer_layout:
 * @matrix: (nullable)
 * @scroll: how many bars are passed over; brought into what is possible
 *
 * O(places² + types).
 */
void weftline_transfer_layout (WeftlineTransferLayout *layout, const WeftlineTransferMatrix *matrix,
                               int width, int height, const WeftlineTransferRoom *room, int scroll);

/* @row, @column: n_rows: the sum. */
static inline const WeftlineTransferValue *
weftline_transfer_value (const WeftlineTransferLayout *layout, uint32_t row, uint32_t column)
{
  return &layout->values[row * (layout->n_rows + 1) + column];
}

/* The least and the greatest of what cells of rows that are alike are coloured by; if there are
 * none, of all. Returns: whether there are any */
bool weftline_transfer_range (const WeftlineTransferLayout *layout, WeftlineTransferMeasure measure,
                              double *least, double *most);
/* What can be told of those that is wanted. */
static inline WeftlineTransferMeasure
weftline_transfer_measure_of (const WeftlineTransferMatrix *matrix, WeftlineTransferMeasure wanted)
{
  return matrix != NULL && matrix->total.n > 0 && matrix->total.bytes == 0
             ? WEFTLINE_TRANSFER_BY_NUMBER
             : wanted;
}
/* < 0: nothing, or not known. */
double weftline_transfer_measured (const WeftlineTransferValue *value,
                                   WeftlineTransferMeasure measure);
/* Where in a range of that scale, which is logarithmic: 0 … 1. */
double weftline_transfer_share (double value, double least, double most);

typedef enum
{
  WEFTLINE_TRANSFER_NOTHING,
  WEFTLINE_TRANSFER_CELL,
  WEFTLINE_TRANSFER_TYPE,
} WeftlineTransferHitKind;

/* @row, @column: WEFTLINE_TRANSFER_ALL: all; @type: in the matrix */
typedef struct
{
  WeftlineTransferHitKind kind;
  uint32_t row, column;
  uint32_t type;
} WeftlineTransferHit;

/* @x: from where lines begin. */
WeftlineTransferHit weftline_transfer_hit (const WeftlineTransferLayout *layout, int x, int y);
