/* workers-points.h: what was measured of a worker over time
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A counter of the worker's own, or what every process has. Any thread.
 */
#pragma once

#include "model/weft-model.h"

/* @counter: or WEFT_NONE: then it is the series of the lane; @lane: or WEFT_NONE: nothing */
typedef struct
{
  uint32_t counter;
  uint32_t lane;
  WeftModelSeries series;
} WeftlineWorkersPoints;

uint64_t weftline_workers_points_n (const WeftlineWorkersPoints *points, const WeftModel *model);
WeftModelPoint weftline_workers_points_get (const WeftlineWorkersPoints *points,
                                            const WeftModel *model, uint64_t index);
/* How many are at a moment or before it. O(log n) */
uint64_t weftline_workers_points_until (const WeftlineWorkersPoints *points, const WeftModel *model,
                                        int64_t at_ns);
/* What was measured last at a moment; below 0: nothing was. */
double weftline_workers_points_at (const WeftlineWorkersPoints *points, const WeftModel *model,
                                   int64_t at_ns);

/**
 * weftline_workers_points_line:
 * @values: (array length=n): the greatest in each part of the time; below 0: not known
 *
 * The time divided into @n parts. A value holds until the next is measured. O(n + points in it).
 *
 * Returns: the greatest of all; below 0: there is none
 */
double weftline_workers_points_line (const WeftlineWorkersPoints *points, const WeftModel *model,
                                     int64_t from_ns, int64_t to_ns, int n, float *values);
