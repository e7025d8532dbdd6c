/* occupancy-sums.h: what a worker did until any moment
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * How long a worker did what in a time is what it did until its end less what it did until its
 * start. So sums are kept for every 32nd span of a lane (1.5 bytes a span), and a moment costs a
 * binary search and a few spans, however long the time is. Each span is looked at once, as it
 * comes. One thread's.
 */
#pragma once

#include "model/weft-model.h"

/* From the bottom of a strip to its top. */
typedef enum
{
  WEFTLINE_OCCUPANCY_RUNNING,
  WEFTLINE_OCCUPANCY_SPILL,    /* results written, read, moved, packed */
  WEFTLINE_OCCUPANCY_OVERHEAD, /* there, and nothing else is recorded */
  WEFTLINE_OCCUPANCY_STEALING, /* looking for work, in vain */
  WEFTLINE_OCCUPANCY_HELD,     /* paused, short of memory, slow motion, with another run */
  WEFTLINE_OCCUPANCY_PARKED,   /* asleep */
  WEFTLINE_OCCUPANCY_N_USES,
} WeftlineOccupancyUse;

/* @ns: together as long as the worker was there, or asked for
 * @n_stolen: tasks that another worker had, by their starts */
typedef struct
{
  int64_t ns[WEFTLINE_OCCUPANCY_N_USES];
  uint64_t n_stolen;
} WeftlineOccupancyShare;

typedef struct _WeftlineOccupancyLane WeftlineOccupancyLane;

/* @lane: the model's, of a worker; the model has to live as long. (transfer full) */
WeftlineOccupancyLane *weftline_occupancy_lane_new (const WeftModel *model, uint32_t lane);
/* @lane: (nullable) */
void weftline_occupancy_lane_free (WeftlineOccupancyLane *lane);

/**
 * weftline_occupancy_lane_update:
 * @limit: (inout): how many spans to look at
 *
 * Takes in what is new. O(spans that are new + times the worker came + changes of their number).
 *
 * Returns: whether that was all
 */
bool weftline_occupancy_lane_update (WeftlineOccupancyLane *lane, const WeftModelSnapshot *snapshot,
                                     uint64_t *limit);

/**
 * weftline_occupancy_lane_columns:
 * @shares: (array length=n): added to
 *
 * Divides [@t0_ns, @t1_ns) into @n parts of equal length (see weftline_occupancy_edge()) and adds
 * what was done in each. O(n × log spans); of a lane whose spans are not in order O(n + spans).
 */
void weftline_occupancy_lane_columns (const WeftlineOccupancyLane *lane, int64_t t0_ns,
                                      int64_t t1_ns, unsigned n, WeftlineOccupancyShare *shares);

/* Where part @i of @n begins. */
int64_t weftline_occupancy_edge (int64_t t0_ns, int64_t t1_ns, unsigned n, unsigned i);
/* What a span of that kind is. */
WeftlineOccupancyUse weftline_occupancy_use (uint8_t kind);
