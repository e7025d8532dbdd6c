/* task-values.h: what a table of tasks tells of each
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Nothing is kept of a task: its values are read from the model when they are asked for. Start,
 * duration, worker and bytes are those of the last attempt. Of a moment of the past they are as
 * they were then: of the last attempt that had begun, up to then. One thread's.
 */
#pragma once

#include "canvas/short-name.h"
#include "graph/graph-links.h"
#include "model/weft-past.h"

typedef enum
{
  WEFTLINE_TASK_KEY,
  WEFTLINE_TASK_GROUP,
  WEFTLINE_TASK_STATE,
  WEFTLINE_TASK_WORKER,
  WEFTLINE_TASK_START,
  WEFTLINE_TASK_DURATION,
  WEFTLINE_TASK_WAIT, /* from ready to start, of a task that was tried once */
  WEFTLINE_TASK_BYTES,
  WEFTLINE_TASK_ATTEMPTS,
  WEFTLINE_TASK_N_COLUMNS,
} WeftlineTaskColumn;

/* A task that runs now, and where. */
typedef struct
{
  uint32_t task, lane;
  int64_t start_ns;
} WeftlineTaskRun;

/**
 * WeftlineTaskSource:
 * @snapshot: with no more tasks than the moment has
 * @moment: (nullable): all is as of then; a reference
 * @links: (nullable): without it no wait is known
 * @runs: (element-type WeftlineTaskRun): by task
 * @shared: what names of lanes have in common
 *
 * What values are read from.
 */
typedef struct
{
  WeftModel *model;
  WeftModelSnapshot snapshot;
  const WeftMoment *moment;
  const WeftlineLinks *links;
  GArray *runs;
  WeftlineShared shared;
} WeftlineTaskSource;

void weftline_task_source_init (WeftlineTaskSource *source);
void weftline_task_source_clear (WeftlineTaskSource *source);
/* @model: (transfer none): it and @links have to live as long as the source is asked. O(lanes) */
void weftline_task_source_take (WeftlineTaskSource *source, WeftModel *model,
                                const WeftModelSnapshot *snapshot, const WeftMoment *moment,
                                const WeftlineLinks *links);
/* How many tasks are in each state; [WEFT_TASK_N_STATES]. (transfer none) */
const uint32_t *weftline_task_source_counts (const WeftlineTaskSource *source);
WeftModelState weftline_task_state (const WeftlineTaskSource *source, uint32_t task);

/**
 * weftline_task_value:
 * @task: below the snapshot's n_tasks
 * @column: not WEFTLINE_TASK_KEY
 * @value: (out): the group's or lane's number, the state, nanoseconds, bytes, a count; untouched
 *   where there is none
 *
 * O(inputs × lanes) for the wait, O(log lanes) else.
 *
 * Returns: whether there is one
 */
bool weftline_task_value (const WeftlineTaskSource *source, uint32_t task,
                          WeftlineTaskColumn column, int64_t *value);

/* A key, read without a string of its own where it is short. */
typedef struct
{
  const char *text; /* until the next */
  char *owned;      /* (nullable) */
  char buffer[128];
} WeftlineTaskKey;

/* @key: begun with zeros */
void weftline_task_key_read (const WeftlineTaskSource *source, uint32_t task, WeftlineTaskKey *key);
void weftline_task_key_clear (WeftlineTaskKey *key);
