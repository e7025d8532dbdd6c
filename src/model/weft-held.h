/* weft-held.h: what was held in memory, when, and for whom
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Worked out from a model in one go, by tasks: a result lives from its task's end to the end of the
 * last task that reads it; those that are asked for, or that somebody still reads, live on. What is
 * on disk meanwhile is not in memory. At one moment what begins comes before what ends, as a task
 * holds its inputs until its result is there.
 *
 * Where workers tell how much is on disk, and no record of which results (another program's do),
 * that is told beside: it is of those that count as held.
 *
 * Bytes are those that results were charged with when they were made; of several outputs of a task
 * they count together until the last is read. So the sum may differ from the managed bytes that the
 * run measured of itself. Any thread may do this while the model grows; what comes after the
 * snapshot's complete_ns is left out.
 */
#pragma once

#include "model/weft-model.h"

typedef struct _WeftHeldHistory WeftHeldHistory;

#define WEFT_HELD_MOST_BANDS 16

/**
 * WeftHeldSteps:
 * @end_ns: of the last step; each is @end_ns / @n_steps long, the first begins at 0
 * @groups: of the bands; the last is WEFT_NONE, all others, if there are more groups than bands
 * @at_ns: (array length=n_steps): the moment in the step at which most was held
 * @totals: (array length=n_steps): bytes then
 * @bands: (array length=n_bands*n_steps): bytes then by group, band by band: they add up
 * @on_disk: (array length=n_steps) (nullable): bytes of @totals that were on disk then, of results
 *   that are not known; NULL: it is known of all, and such results are in no total
 * @peak_ns: the first moment of all at which most was held
 * @n_results: that took memory at all
 */
typedef struct
{
  int64_t end_ns;
  uint32_t n_steps;
  uint32_t n_bands;
  const uint32_t *groups;
  const int64_t *at_ns;
  const uint64_t *totals;
  const uint64_t *bands;
  const uint64_t *on_disk;
  int64_t peak_ns;
  uint64_t peak_bytes;
  uint64_t n_results;
} WeftHeldSteps;

/**
 * weft_held_history_new:
 * @n_steps: how finely time is told
 * @n_bands: most groups to tell apart, up to WEFT_HELD_MOST_BANDS: those that take most bytes for
 *   longest
 *
 * O(tasks + edges), with some 10 bytes a task meanwhile. Moments are exact to the 2^31st part of
 * the time.
 *
 * Returns: (transfer full)
 */
WEFT_API WeftHeldHistory *weft_held_history_new (const WeftModel *model,
                                                 const WeftModelSnapshot *snapshot,
                                                 uint32_t n_steps, uint32_t n_bands);
/**
 * weft_held_history_free:
 * @history: (nullable)
 */
WEFT_API void weft_held_history_free (WeftHeldHistory *history);

/**
 * weft_held_history_steps:
 * @steps: (out caller-allocates): what it points to lives as long as @history
 */
WEFT_API void weft_held_history_steps (const WeftHeldHistory *history, WeftHeldSteps *steps);

/**
 * WeftHeld:
 * @task: whose result it is
 * @since_ns: its task's end
 * @until_ns: INT64_MAX: it is still held
 * @keeper: the task that is, or was, the last to read it; WEFT_NONE: it was asked for
 * @on_disk: it was spilled then, and counts as nothing
 */
typedef struct
{
  uint32_t task;
  uint32_t keeper;
  uint64_t bytes;
  int64_t since_ns, until_ns;
  bool on_disk;
} WeftHeld;

/**
 * WeftHeldSum:
 * @n: how many results were held
 * @bytes: of those in memory
 * @on_disk: bytes of these that were on disk then, of results that are not known
 */
typedef struct
{
  uint64_t n;
  uint64_t bytes;
  uint64_t on_disk;
} WeftHeldSum;

/**
 * weft_held_at:
 * @held: (out caller-allocates) (array length=n): the largest first
 * @sum: (out): of all
 *
 * What was held at a moment, and which task kept it alive. O(tasks + edges).
 *
 * Returns: how many were filled in
 */
WEFT_API uint32_t weft_held_at (const WeftModel *model, const WeftModelSnapshot *snapshot,
                                int64_t at_ns, WeftHeld *held, uint32_t n, WeftHeldSum *sum);
