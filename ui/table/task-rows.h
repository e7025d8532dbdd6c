/* task-rows.h: which tasks a table shows, and in what order
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Rows are numbers of tasks, 4 bytes each; where all tasks are shown as they come, there is not
 * even that. Numbers are sorted with a radix sort by values of 64 bits; keys 8 bytes at a time,
 * read anew for those that were equal before, so a sort takes 32 bytes a task for as long as it
 * goes on, however long the keys are. It is stable: equal tasks stay in the order of their numbers,
 * whichever way the column is sorted. Tasks without a value come last either way.
 *
 * Keys and names of groups are in natural order: numbers in them by their value, so x-9 is before
 * x-10; all else by bytes.
 */
#pragma once

#include "table/task-values.h"

#define WEFTLINE_TASK_ALL_STATES ((1u << WEFT_TASK_N_STATES) - 1)

/**
 * WeftlineTaskQuery:
 * @column: WEFTLINE_TASK_N_COLUMNS: in the order of their numbers
 * @states: bits, 1 << WeftModelState
 * @text: (nullable): a part of key or group; letters of ASCII in either case
 * @only: (nullable): no others; those beyond it are not in it
 */
typedef struct
{
  WeftlineTaskColumn column;
  bool descending;
  uint32_t states;
  const char *text;
  const WeftlineTaskSet *only;
} WeftlineTaskQuery;

/**
 * WeftlineTaskRows:
 * @tasks: (nullable): all tasks in the order of their numbers
 */
typedef struct
{
  uint32_t n;
  uint32_t *tasks;
} WeftlineTaskRows;

/* A query with what it refers to; zeroed: none. */
typedef struct
{
  WeftlineTaskQuery query;
  char *text;
  WeftlineTaskSet *only;
} WeftlineTaskOwnQuery;

void weftline_task_own_query_set (WeftlineTaskOwnQuery *own, const WeftlineTaskQuery *from);
void weftline_task_own_query_clear (WeftlineTaskOwnQuery *own);

/* Whether it leaves nothing out and sorts nothing. */
bool weftline_task_query_is_plain (const WeftlineTaskQuery *query);

/**
 * weftline_task_rows_make:
 * @cancelled: (nullable): looked at now and then
 * @rows: (out caller-allocates): to be cleared
 *
 * O(tasks + rows × bytes sorted by), any thread. In a run that goes on a task's value is read once.
 *
 * Returns: false: it was cancelled, and there are no rows
 */
bool weftline_task_rows_make (const WeftlineTaskSource *source, const WeftlineTaskQuery *query,
                              const _Atomic bool *cancelled, WeftlineTaskRows *rows);
/* As above, of the run as it was at @moment. */
bool weftline_task_rows_make_at (WeftModel *model, const WeftModelSnapshot *snapshot,
                                 const WeftMoment *moment, const WeftlineTaskQuery *query,
                                 const _Atomic bool *cancelled, WeftlineTaskRows *rows);
void weftline_task_rows_clear (WeftlineTaskRows *rows);

static inline uint32_t
weftline_task_rows_get (const WeftlineTaskRows *rows, uint32_t row)
{
  return rows->tasks != NULL ? rows->tasks[row] : row;
}

/* O(rows). Returns: the task's row; WEFT_NONE: it is not shown */
uint32_t weftline_task_rows_find (const WeftlineTaskRows *rows, uint32_t task);

/* The eight bytes from @offset on of a form of the text whose bytes are in natural order; the last
 * is 0 when there is no more. For tests. */
uint64_t weftline_natural_bytes (const char *text, size_t offset);
