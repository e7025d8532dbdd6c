/* timeline-gap.h: why a worker had nothing to do
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Found through the graph and the spans: the worker's next task was ready when the last thing it
 * needed had ended. Where that still ran, it was awaited; where that had not been started either,
 * the same is asked of it. That it stood still for a pause, for memory or in slow motion, the
 * worker has recorded. What the records do not tell is unknown. One thread's.
 */
#pragma once

#include "graph/graph-links.h"

typedef enum
{
  WEFTLINE_GAP_UNKNOWN,
  WEFTLINE_GAP_NOT_STARTED, /* the run had not */
  WEFTLINE_GAP_AWAITED,     /* nothing was ready: @task was running */
  WEFTLINE_GAP_UNTAKEN,     /* nothing was ready here: @task had to come first, and was ready, but
                               nobody had started it */
  WEFTLINE_GAP_RESOURCE,    /* @task was ready, but had to wait for @resource */
  WEFTLINE_GAP_RETRY,       /* @task had failed and was held before another attempt */
  WEFTLINE_GAP_PAUSED,      /* the user had paused the run; @task was ready */
  WEFTLINE_GAP_MEMORY,      /* no source was started for want of memory; @task was ready */
  WEFTLINE_GAP_SLOWED,      /* slow motion held what was ready */
  WEFTLINE_GAP_SCHEDULER,   /* @task was ready, and is what the worker took next */
  WEFTLINE_GAP_NO_MORE,     /* nothing came to this worker after it; @task ran elsewhere */
} WeftlineGapKind;

/**
 * WeftlineGap:
 * @from_ns: end of what the worker did before, or of the run's preparation
 * @to_ns: start of what it did next; INT64_MAX: nothing yet
 * @span_kind: WeftRecordKind of what it did meanwhile (asleep, looking); 0: nothing was recorded
 * @next: what it ran next, or WEFT_NONE
 * @task: see the kinds, or WEFT_NONE
 * @lane: the model's, where @task ran or runs, or WEFT_NONE
 * @index: its span there; UINT64_MAX: it is what the lane is in now
 * @n_between: tasks that had to come between @task and @next
 * @resource: (nullable): of RESOURCE; as long as the model
 */
typedef struct
{
  WeftlineGapKind kind;
  int64_t from_ns, to_ns;
  uint8_t span_kind;
  uint32_t next;
  uint32_t task;
  uint32_t lane;
  uint64_t index;
  unsigned n_between;
  const char *resource;
} WeftlineGap;

/**
 * weftline_timeline_ready:
 * @links: (nullable): the graph is not known
 * @ready_ns: (out): when all that the task needed was there; untouched when that is not known
 * @last: (out): what it needed last, or WEFT_NONE: it needs nothing
 *
 * Returns: whether it is known
 */
bool weftline_timeline_ready (const WeftModel *model, const WeftModelSnapshot *snapshot,
                              const WeftlineLinks *links, uint32_t task, int64_t *ready_ns,
                              uint32_t *last);

/**
 * weftline_timeline_gap:
 * @links: (nullable): the graph is not known
 * @lane: the model's, of a worker
 * @at_ns: when it ran no task
 * @gap: (out caller-allocates)
 *
 * O(tasks on the way × (their inputs + lanes)).
 */
void weftline_timeline_gap (const WeftModel *model, const WeftModelSnapshot *snapshot,
                            const WeftlineLinks *links, uint32_t lane, int64_t at_ns,
                            WeftlineGap *gap);
