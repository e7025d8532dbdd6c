/* weft-past.h: a run as it was at any of its moments
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A WeftPast is worked out from a model in one go: when each task became ready, started, ended, and
 * was let go of. Any moment is then a look at these columns, task by task, without any record being
 * read again: some milliseconds a million tasks, wherever the moment is and whatever was asked
 * before. What comes into the model later changes nothing before the snapshot's complete_ns; so a
 * past serves for as long as no later moment is asked for.
 *
 * At a moment all that happens at it has happened: a task that ends then is in memory, and what it
 * was the last to read is not. All tasks that the run ever announces are there from the start.
 *
 * Any thread may make a past while the model grows, and ask it.
 */
#pragma once

#include "model/weft-model.h"

typedef struct _WeftPast WeftPast;

/**
 * weft_past_new:
 *
 * O(tasks + spans + edges), with 55 bytes a task; it keeps a reference to @model.
 *
 * Returns: (transfer full)
 */
WEFT_API WeftPast *weft_past_new (WeftModel *model, const WeftModelSnapshot *snapshot);

/**
 * weft_past_free:
 * @past: (nullable) (transfer full)
 */
WEFT_API void weft_past_free (WeftPast *past);

/**
 * weft_past_end_ns:
 *
 * Returns: the last moment that it knows all of, even if the model has grown
 */
WEFT_API int64_t weft_past_end_ns (const WeftPast *past);

/**
 * WeftMomentGroup:
 * @n_states: tasks by state
 * @live_bytes: of results in memory
 */
typedef struct
{
  uint32_t n_states[WEFT_TASK_N_STATES];
  uint64_t live_bytes;
} WeftMomentGroup;

/**
 * WeftMomentAttempt:
 * @lane: WEFT_NONE: none had begun
 * @index: of its span there
 */
typedef struct
{
  uint32_t task;
  uint32_t lane;
  uint64_t index;
} WeftMomentAttempt;

/**
 * WeftMoment:
 * @n_states: tasks by state
 * @states: (array length=n_tasks): WeftModelState. QUEUED is every task that could have been
 *   started: all it needs was there, and the run had begun; or it had been put back
 * @groups: (array length=n_groups): by the model's number
 * @n_results: results that were held, and took memory at all, those on disk included
 * @live_bytes: of those in memory, charged as weft-held.h does
 * @lanes: (array length=n_lanes): of these bytes, and of those on disk, what tasks that ran in each
 *   lane had made
 * @attempts: (array length=n_attempts): by task, of those that did not go straight: the last one
 *   that had begun, for weft_moment_attempt()
 *
 * One moment. The ready queue is as long as n_states[WEFT_TASK_QUEUED].
 */
typedef struct
{
  int64_t at_ns;
  uint32_t n_tasks;
  uint32_t n_groups;
  uint32_t n_lanes;
  uint32_t n_states[WEFT_TASK_N_STATES];
  uint64_t n_results;
  uint64_t live_bytes;
  uint32_t n_attempts;
  uint8_t *states;
  WeftMomentGroup *groups;
  WeftModelBytes *lanes;
  WeftMomentAttempt *attempts;
} WeftMoment;

/**
 * weft_moment_new:
 * @at_ns: before 0 nothing has happened; after the past's end it is as at the end of what was known
 *
 * O(tasks).
 *
 * Returns: (transfer full)
 */
WEFT_API WeftMoment *weft_moment_new (const WeftPast *past, int64_t at_ns);

/**
 * weft_moment_ref:
 *
 * Nothing of it ever changes. Any thread.
 *
 * Returns: (transfer full): @moment
 */
WEFT_API const WeftMoment *weft_moment_ref (const WeftMoment *moment);

/**
 * weft_moment_unref:
 * @moment: (nullable) (transfer full)
 *
 * Any thread.
 */
WEFT_API void weft_moment_unref (const WeftMoment *moment);

/**
 * weft_moment_attempt:
 * @model: of which the past was made
 * @task: below @moment's n_tasks
 * @lane: (out): untouched while there is none
 * @index: (out): likewise
 *
 * Where the attempt is that had begun last. One that ends later than the moment was running then;
 * one that has not ended yet is no span, and not found: see weft_model_now(). O(log odd tasks).
 *
 * Returns: whether there is one
 */
WEFT_API bool weft_moment_attempt (const WeftMoment *moment, const WeftModel *model, uint32_t task,
                                   uint32_t *lane, uint64_t *index);

/**
 * weft_moment_next_event:
 * @snapshot: of @model
 * @at_ns: from there
 * @forward: else backward
 *
 * Looks for the nearest start or end of a task's attempt that is not at @at_ns itself. Of workers'
 * lanes O(log spans) each, of others O(spans).
 *
 * Returns: when it is; @at_ns: there is none
 */
WEFT_API int64_t weft_moment_next_event (const WeftModel *model, const WeftModelSnapshot *snapshot,
                                         int64_t at_ns, bool forward);
