/* workers-source.h: what a model tells of workers that are processes, as rows
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A worker is a lane of a process with a worker's number; lanes below it are its threads, or rows
 * of tasks of which no thread is known. What is new is taken in once; what holds at a moment is
 * then looked up. One thread's.
 */
#pragma once

#include "canvas/short-name.h"
#include "model/weft-model.h"
#include "workers/workers-counts.h"
#include "workers/workers-points.h"

typedef enum
{
  WEFTLINE_WORKERS_NAME,
  WEFTLINE_WORKERS_STATE,
  WEFTLINE_WORKERS_THREADS,
  WEFTLINE_WORKERS_RUNNING,    /* tasks that run now */
  WEFTLINE_WORKERS_PROCESSING, /* tasks given to it that have not ended */
  WEFTLINE_WORKERS_READY,      /* tasks that wait there for a thread */
  WEFTLINE_WORKERS_DONE,
  WEFTLINE_WORKERS_FAILED,
  WEFTLINE_WORKERS_CPU,      /* cores */
  WEFTLINE_WORKERS_MEMORY,   /* bytes of the process; of results where that is not known */
  WEFTLINE_WORKERS_NET_READ, /* from here on bytes a second */
  WEFTLINE_WORKERS_NET_WRITTEN,
  WEFTLINE_WORKERS_DISK_READ,
  WEFTLINE_WORKERS_DISK_WRITTEN,
  WEFTLINE_WORKERS_OCCUPANCY, /* s */
  WEFTLINE_WORKERS_FDS,
  WEFTLINE_WORKERS_N_COLUMNS,
} WeftlineWorkersColumn;

typedef enum
{
  WEFTLINE_WORKER_RUNNING,
  WEFTLINE_WORKER_WAITING, /* it has tasks, none of which runs */
  WEFTLINE_WORKER_IDLE,
  WEFTLINE_WORKER_PAUSED,  /* it starts nothing: its memory is full, or it leaves */
  WEFTLINE_WORKER_AWAITED, /* it had not come then */
  WEFTLINE_WORKER_GONE,
  WEFTLINE_WORKER_N_STATES,
} WeftlineWorkerState;

/**
 * WeftlineWorker:
 * @name: (transfer none) (nullable): as long as the model; "": it has none; %NULL: of the total
 * @lane: the model's
 * @worker: its number
 * @gone_ns: when it went, if it is gone
 * @values: by column; below 0: not known
 * @managed, @resident, @spilled, @limit: bytes; below 0: not known; no @limit: none
 *
 * Of one that is gone nothing holds but what it did.
 */
typedef struct
{
  const char *name;
  uint32_t lane, worker, nth;
  WeftlineWorkerState state;
  int64_t gone_ns;
  double values[WEFTLINE_WORKERS_N_COLUMNS];
  double managed, resident, spilled, limit;
  uint64_t n_retried;
} WeftlineWorker;

/**
 * WeftlineWorkersSource:
 * @workers: (element-type WeftlineWorker): in the order in which they came
 * @order: (element-type uint32_t): of these, as they are sorted
 * @total: sums of what is known
 * @has: columns of which anything is known in the run; of failures, where there are any: not every
 *   source tells of them
 * @n_states: workers by state
 * @at_ns: the moment; INT64_MAX: now
 * @whole: (element-type uint32_t): counters that are of no worker
 * @shared: what their names have in common
 * @tracks, @lanes, @worker_of_lane, @n_counters: private
 */
typedef struct
{
  const WeftModel *model; /* (nullable) */
  GArray *workers;
  GArray *order;
  WeftlineWorker total;
  bool has[WEFTLINE_WORKERS_N_COLUMNS];
  uint32_t n_states[WEFTLINE_WORKER_N_STATES];
  int64_t at_ns;
  GArray *whole;
  WeftlineShared shared;
  GArray *tracks;
  GArray *lanes;
  GArray *worker_of_lane;
  uint32_t n_counters;
} WeftlineWorkersSource;

void weftline_workers_source_init (WeftlineWorkersSource *source);
void weftline_workers_source_clear (WeftlineWorkersSource *source);

/* Takes in what is new: O(it). Another model begins anew. */
void weftline_workers_source_take (WeftlineWorkersSource *source, const WeftModel *model,
                                   const WeftModelSnapshot *snapshot);
/* What held at a moment; INT64_MAX: now. After a take. O(workers × log points + lanes) */
void weftline_workers_source_look (WeftlineWorkersSource *source, const WeftModelSnapshot *snapshot,
                                   int64_t at_ns);
/* Rows of which the column is not known come last, either way; equals stay as they came. */
void weftline_workers_source_sort (WeftlineWorkersSource *source, WeftlineWorkersColumn column,
                                   bool descending);

static inline const WeftlineWorker *
weftline_workers_source_get (const WeftlineWorkersSource *source, uint32_t worker)
{
  return &g_array_index (source->workers, WeftlineWorker, worker);
}

/* What the column was over time. */
WeftlineWorkersPoints weftline_workers_source_points (const WeftlineWorkersSource *source,
                                                      uint32_t worker,
                                                      WeftlineWorkersColumn column);
/* Counters of the worker that no column shows. (element-type uint32_t) (transfer none) */
const GArray *weftline_workers_source_others (const WeftlineWorkersSource *source, uint32_t worker);
/* Whose lane ran the task last, or runs it; WEFT_NONE: nobody's. O(lanes) */
uint32_t weftline_workers_source_worker_of (const WeftlineWorkersSource *source, uint32_t task);
/* The task that ran there longest at the moment, else the one that had ended last; WEFT_NONE. */
uint32_t weftline_workers_source_task_of (const WeftlineWorkersSource *source,
                                          const WeftModelSnapshot *snapshot, uint32_t worker);

/* Whether a lane is such a worker's own. */
static inline bool
weftline_workers_is_worker (const WeftModelLane *lane)
{
  return lane->kind == WEFT_LANE_PROCESS && lane->worker != WEFT_NONE;
}
