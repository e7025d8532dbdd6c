/* weft-account.h: where the workers' time went
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Each nanosecond for which a worker was there, from the run's start to what is known of it, is one
 * use of time: they add up exactly. Reads a model from outside, as a view does, and keeps what it
 * has read: the cost is that of what is new. One thread's, which need not be the model's.
 *
 * What stands in the records is taken as it is. What is inferred:
 *
 * - A worker whose lane tells no visits was there all the time if the lane has spans; if it has
 *   none either, the worker was never called.
 * - An idle worker (asleep, or asked for and never called) waited for its next task, which became
 *   ready with the end of the last of its dependencies: that one was awaited. From then on it was
 *   ready and not yet started, which is the scheduler's time. In a run that is observed it was not
 *   ready before it was told of: until then there was no task.
 * - Idle while the run was paused is paused, while a task was ready but for a resource it is that
 *   resource's, while a task waited for its next attempt it is that. When several hold, the first
 *   of these. Tasks' waits are recorded when they end; until then a task waits for its next attempt
 *   from its failure on, and for a resource that it needs while it is ready and a worker idle.
 * - A foreign worker (WEFT_LANE_BEST_EFFORT) was there from the first thing that is known of its
 *   process until that is gone. Of what it does between tasks nothing is recorded: it was idle, but
 *   for moments too short for that (WEFT_ACCOUNT_LEAST_IDLE_NS), which are the scheduler's.
 * - Between records a worker that is there does what is needed between tasks, looks for work or
 *   wakes up; this cannot be told apart and is called the scheduler's.
 *
 * An account may be of a part of the time only. It knows what came after it: an idle worker waited
 * for its next task, whenever that was. So accounts of parts add up to that of the whole.
 */
#pragma once

#include "model/weft-model.h"

/* What is between two tasks of a foreign worker takes so long at least to be idling. */
#define WEFT_ACCOUNT_LEAST_IDLE_NS 100000

typedef enum
{
  WEFT_TIME_RUNNING,
  WEFT_TIME_BLOCKED,      /* inside a task that waits for a future */
  WEFT_TIME_NO_TASK,      /* no task was ready */
  WEFT_TIME_RESOURCE,     /* idle while a ready task waited for a resource */
  WEFT_TIME_RETRY,        /* idle while a task waited for its next attempt */
  WEFT_TIME_MEMORY_PAUSE, /* held for want of memory */
  WEFT_TIME_SPILL,
  WEFT_TIME_TRANSFER, /* also deserialising and the like */
  WEFT_TIME_PAUSED,   /* by the user */
  WEFT_TIME_SLOWED,   /* slow motion */
  WEFT_TIME_ELSEWHERE,
  WEFT_TIME_RECORDER,   /* waited until records could be taken */
  WEFT_TIME_UNRECORDED, /* spans were dropped */
  WEFT_TIME_OTHER,      /* what a program marked itself */
  WEFT_TIME_SCHEDULER,
  WEFT_TIME_N_USES,
} WeftTimeUse;

/**
 * WeftTimeRow:
 * @name: (transfer none): "" where it has none
 * @worker: its number, or WEFT_NONE
 * @nth: of its lanes, from 1
 * @lane: the model's; WEFT_NONE: asked for, and never called
 * @total_ns: sum of @ns
 *
 * One worker, or all.
 */
typedef struct
{
  const char *name;
  uint32_t worker;
  uint32_t nth;
  uint32_t lane;
  int64_t ns[WEFT_TIME_N_USES];
  int64_t total_ns;
} WeftTimeRow;

/**
 * WeftTimeAwaited:
 * @group: of the tasks awaited
 * @ns: idle until the end of one of them
 * @longest_ns: the longest single wait among these, for @longest_task
 */
typedef struct
{
  uint32_t group;
  uint32_t longest_task;
  int64_t ns;
  int64_t longest_ns;
} WeftTimeAwaited;

typedef struct _WeftTimeAccount WeftTimeAccount;

/**
 * weft_time_account_new:
 * @model: a reference is taken
 *
 * Returns: (transfer full)
 */
WEFT_API WeftTimeAccount *weft_time_account_new (WeftModel *model);

/**
 * weft_time_account_new_between:
 * @model: a reference is taken
 * @from_ns: since the run's start; before it there is nothing to account for
 * @to_ns: where it ends, exclusive; behind what is known of the run it ends there
 *
 * What happened from a moment to another. To be had, all up to @to_ns is read, nodes of the pyramid
 * in whole. Workers that were not there meanwhile, nor asked for, are no rows.
 *
 * Returns: (transfer full)
 */
WEFT_API WeftTimeAccount *weft_time_account_new_between (WeftModel *model, int64_t from_ns,
                                                         int64_t to_ns);

/**
 * weft_time_account_free:
 * @account: (nullable)
 */
WEFT_API void weft_time_account_free (WeftTimeAccount *account);

/**
 * weft_time_account_update:
 * @snapshot: of the model; not older than the last one
 * @limit: about how many spans to look at
 *
 * Takes in what is new. Runs of tasks without anything between are taken in whole, by the pyramid.
 *
 * Returns: whether that was all; if not, call again
 */
WEFT_API bool weft_time_account_update (WeftTimeAccount *account, const WeftModelSnapshot *snapshot,
                                        uint64_t limit);

/**
 * weft_time_account_elapsed:
 *
 * Returns: from the run's start to what is known of it; what of that is in the account's part
 */
WEFT_API int64_t weft_time_account_elapsed (const WeftTimeAccount *account);

/**
 * weft_time_account_n_rows:
 *
 * Returns: how many workers there are, or were asked for; of an account of a part how many were
 */
WEFT_API uint32_t weft_time_account_n_rows (const WeftTimeAccount *account);

/**
 * weft_time_account_row:
 * @index: below weft_time_account_n_rows(); by worker
 * @row: (out caller-allocates)
 */
WEFT_API void weft_time_account_row (const WeftTimeAccount *account, uint32_t index,
                                     WeftTimeRow *row);

/**
 * weft_time_account_total:
 * @row: (out caller-allocates): all workers together
 */
WEFT_API void weft_time_account_total (const WeftTimeAccount *account, WeftTimeRow *row);

/* What workers did beside running tasks, in no thread's time: side by side with it. */
typedef enum
{
  WEFT_BESIDE_TRANSFER, /* of results between workers */
  WEFT_BESIDE_DISK,     /* results to disk and back */
  WEFT_BESIDE_PHASE,    /* packing and unpacking, and the like */
  WEFT_BESIDE_N,
} WeftTimeBeside;

/**
 * weft_time_account_beside:
 *
 * What stands in lanes that are no thread's: of all workers, summed up; several may have gone on at
 * once.
 *
 * Returns: nanoseconds
 */
WEFT_API int64_t weft_time_account_beside (const WeftTimeAccount *account, WeftTimeBeside what);

/**
 * weft_time_account_awaited:
 * @index: of a row; WEFT_NONE: all
 * @awaited: (out caller-allocates) (array length=n)
 *
 * What the part of NO_TASK of which that is known was awaited for: by group, the most first.
 *
 * Returns: how many were filled in
 */
WEFT_API uint32_t weft_time_account_awaited (const WeftTimeAccount *account, uint32_t index,
                                             WeftTimeAwaited *awaited, uint32_t n);

/**
 * weft_time_lane_stay:
 * @lane: the model's, of a thread
 * @came_ns: (out): INT64_MIN: it is not known, or the worker was there all the time
 * @went_ns: (out): INT64_MAX: it has not gone
 *
 * From when until when the process of another program's worker was there, as the account has it.
 *
 * Returns: FALSE: it is a worker of the run's own, of which visits tell
 */
WEFT_API bool weft_time_lane_stay (const WeftModel *model, uint32_t lane, int64_t *came_ns,
                                   int64_t *went_ns);

/**
 * WeftTimePiece:
 * @awaited: task that was awaited, or WEFT_NONE
 * @next: task that the lane ran next, where that is known; or WEFT_NONE
 */
typedef struct
{
  WeftTimeUse use;
  int64_t start_ns, end_ns;
  uint32_t awaited;
  uint32_t next;
} WeftTimePiece;

/**
 * weft_time_account_explain:
 * @lane: the model's
 * @piece: (out caller-allocates)
 *
 * What a lane's worker did at a moment that no task fills: why there is a gap. In a lane that is
 * not in the order of time only idle times can be told. Of accounts of the whole time. O(log n).
 *
 * Returns: whether anything is known of it; not if a task ran
 */
WEFT_API bool weft_time_account_explain (const WeftTimeAccount *account, uint32_t lane,
                                         int64_t at_ns, WeftTimePiece *piece);
