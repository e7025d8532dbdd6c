/* workers-counts.h: how many tasks of a lane ran and had ended at a moment
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Spans are taken in as they come, in blocks of WEFTLINE_WORKERS_BLOCK, each of which knows its
 * sums and between which times it lies. So what holds now costs nothing, and what held at any
 * moment a look at each block and at the spans of those that the moment cuts, in whatever order
 * spans are. One thread's.
 */
#pragma once

#include "model/weft-model.h"

#include <glib.h>

#define WEFTLINE_WORKERS_BLOCK 512

/* @n_retried: attempts that failed, or whose worker went, and that will be made again */
typedef struct
{
  uint64_t n_running, n_done, n_failed, n_retried;
} WeftlineWorkersTasks;

/**
 * WeftlineWorkersLane:
 * @worker: whose it is
 * @n: spans that were taken in
 * @blocks: private
 * @lost: (element-type int64_t): when its worker went, if it is a process
 * @all: of all that was taken in
 */
typedef struct
{
  uint32_t lane, worker;
  const WeftSpans *spans;
  uint64_t n;
  GArray *blocks;
  GArray *lost;
  WeftlineWorkersTasks all;
} WeftlineWorkersLane;

void weftline_workers_lane_init (WeftlineWorkersLane *lane, uint32_t number, uint32_t worker,
                                 const WeftSpans *spans);
void weftline_workers_lane_clear (WeftlineWorkersLane *lane);
/* Amortised O(1) a span. */
void weftline_workers_lane_take (WeftlineWorkersLane *lane);

/* Adds what held at a moment; INT64_MAX: after all that was taken in. */
void weftline_workers_lane_count (const WeftlineWorkersLane *lane, int64_t at_ns,
                                  WeftlineWorkersTasks *tasks);
/* Whether a task began in (after_ns, until_ns]. */
bool weftline_workers_lane_began (const WeftlineWorkersLane *lane, int64_t after_ns,
                                  int64_t until_ns);
/* When its first span began; INT64_MAX: there is none. */
int64_t weftline_workers_lane_first (const WeftlineWorkersLane *lane);
/* Of the task spans that had begun by then the one that ended last, or goes on longest.
 * (nullable) (transfer none) */
const WeftSpan *weftline_workers_lane_latest (const WeftlineWorkersLane *lane, int64_t at_ns);
