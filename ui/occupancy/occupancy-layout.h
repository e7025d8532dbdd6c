/* occupancy-layout.h: what workers did over time: where their strips stand, and what is in them
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * All workers together stand at the top and stay there, the time below stays too; a strip for each
 * worker scrolls between, strip by strip: none is cut. Where there is little height the legend goes
 * first, then the time, then the strip of all gets lower. A strip is a row of columns, one a unit
 * of the view; from its bottom up stand the uses, as high as the share of the column's time they
 * took. Pure; one thread's.
 */
#pragma once

#include "occupancy/occupancy-source.h"

#define WEFTLINE_OCCUPANCY_LEGEND 20 /* heights, in units of the view; of a line of the legend */
#define WEFTLINE_OCCUPANCY_TOTAL 56  /* where there is room, at least … */
#define WEFTLINE_OCCUPANCY_LEAST 28
#define WEFTLINE_OCCUPANCY_ROW 26 /* at least; where there is room, up to … */
#define WEFTLINE_OCCUPANCY_MAX_ROW 64
#define WEFTLINE_OCCUPANCY_GAP 6 /* between two strips */
#define WEFTLINE_OCCUPANCY_AXIS 22
#define WEFTLINE_OCCUPANCY_PAD 8

/* @row: of the workers; WEFT_NONE: all together. @shares: of the columns */
typedef struct
{
  uint32_t row;
  int y, height; /* of the strip */
  WeftlineOccupancyShare sum;
  WeftlineOccupancyShare *shares;
} WeftlineOccupancyStrip;

/**
 * WeftlineOccupancyLayout:
 * @strips: (element-type WeftlineOccupancyStrip): all together, then those workers that can be seen
 * @x, @columns: where strips begin, from where lines do, and how many columns they have
 * @n_legend: lines of the legend for which there is room
 * @has_axis: there is room for the time
 * @top: where the strip of all begins: below the legend
 * @rows_y, @rows_height: of the place in which workers scroll
 * @row_height: of a worker, its strip and the gap
 * @n_workers, @n_shown: how many there are, and how many are shown
 * @most_scroll: until then workers can be scrolled
 */
typedef struct
{
  GArray *strips;
  int64_t t0_ns, t1_ns;
  int width, height;
  int x, columns;
  int n_legend;
  bool has_axis;
  int top;
  int rows_y, rows_height;
  int row_height;
  int most_scroll;
  uint32_t n_workers, n_shown;
} WeftlineOccupancyLayout;

void weftline_occupancy_layout_init (WeftlineOccupancyLayout *layout);
void weftline_occupancy_layout_clear (WeftlineOccupancyLayout *layout);

/* Room that texts take: names before strips, figures behind them. @n_legend: the legend's lines */
typedef struct
{
  int before, behind, n_legend;
} WeftlineOccupancyRoom;

/**
 * weftline_occupancy_layout:
 * @scroll: units that workers are moved up; brought into what is possible, and to the next strip
 *
 * O(workers × columns × log spans): all of them are in the sum.
 */
void weftline_occupancy_layout (WeftlineOccupancyLayout *layout,
                                const WeftlineOccupancySource *source, int64_t t0_ns, int64_t t1_ns,
                                int width, int height, const WeftlineOccupancyRoom *room,
                                int scroll);

/**
 * weftline_occupancy_divide:
 * @length_ns: what the whole height stands for
 * @edges: (out) (array length=WEFTLINE_OCCUPANCY_N_USES+1): heights from the bottom, the first is 0
 *
 * Edges are rounded, not heights, so none is off by more than half a unit.
 */
void weftline_occupancy_divide (const WeftlineOccupancyShare *share, int64_t length_ns, int height,
                                int *edges);

/* What a strip's whole height stands for in a column. */
int64_t weftline_occupancy_length (const WeftlineOccupancyLayout *layout,
                                   const WeftlineOccupancyStrip *strip, int column);

/**
 * weftline_occupancy_hit:
 * @x: units from where lines begin; from there time runs to the right
 * @column: (out): −1: beside
 *
 * Returns: (nullable): the strip there
 */
const WeftlineOccupancyStrip *weftline_occupancy_hit (const WeftlineOccupancyLayout *layout, int x,
                                                      int y, int *column);
/* The time at a place, kept within what is shown. */
int64_t weftline_occupancy_at (const WeftlineOccupancyLayout *layout, double x);
