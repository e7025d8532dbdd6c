/* occupancy-source.h: a run's workers, and what they did
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * What it has found out stays for the next snapshot. One thread's.
 */
#pragma once

#include "occupancy/occupancy-sums.h"

typedef struct
{
  char *name;
  char *short_name; /* without what all have in common */
  uint32_t lane;    /* the model's */
  uint32_t worker;
  WeftlineOccupancyLane *sums;
} WeftlineOccupancyWorker;

/**
 * WeftlineOccupancySource:
 * @workers: (element-type WeftlineOccupancyWorker): lanes of workers, by their numbers
 * @end_ns: of the run so far
 */
typedef struct
{
  WeftModel *model; /* (nullable) */
  GArray *workers;
  uint32_t n_lanes_seen;
  int64_t end_ns;
} WeftlineOccupancySource;

void weftline_occupancy_source_init (WeftlineOccupancySource *source);
void weftline_occupancy_source_clear (WeftlineOccupancySource *source);

/**
 * weftline_occupancy_source_take:
 * @model: (nullable): a reference is taken; another one: all begins anew
 * @limit: about how many spans to look at
 *
 * Returns: whether that was all there is; if not, call again
 */
bool weftline_occupancy_source_take (WeftlineOccupancySource *source, WeftModel *model,
                                     const WeftModelSnapshot *snapshot, uint64_t limit);
