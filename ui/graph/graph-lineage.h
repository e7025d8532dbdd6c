/* graph-lineage.h: what a task comes from and what comes of it, and values of the static order
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "graph/weft-graph.h"

/* A set of tasks: a bit for each. @serial: no other set of the program has it, ever. */
typedef struct
{
  uint64_t serial;
  uint32_t n_tasks;
  uint32_t n_members;
  uint64_t *bits; /* (n_tasks + 63) / 64 */
} WeftlineTaskSet;

typedef enum
{
  WEFTLINE_LINEAGE_NONE = 0,
  WEFTLINE_LINEAGE_ANCESTORS = 1,
  WEFTLINE_LINEAGE_DESCENDANTS = 2,
  WEFTLINE_LINEAGE_BOTH = 3,
} WeftlineLineage;

static inline bool
weftline_task_set_has (const WeftlineTaskSet *set, uint32_t task)
{
  return (set->bits[task / 64] >> task % 64 & 1) != 0;
}

/* (transfer full): a set of nothing, of that many tasks */
WeftlineTaskSet *weftline_task_set_new (uint32_t n_tasks);
/* (transfer full) */
WeftlineTaskSet *weftline_task_set_copy (const WeftlineTaskSet *set);
/* @task: below n_tasks. Returns: whether it was not in the set */
bool weftline_task_set_add (WeftlineTaskSet *set, uint32_t task);

/**
 * weftline_task_set_new_lineage:
 *
 * The task itself belongs to it. O(what is found + tasks / 64). Any thread.
 *
 * Returns: (transfer full)
 */
WeftlineTaskSet *weftline_task_set_new_lineage (const WeftGraphArrays *arrays, uint32_t task,
                                                WeftlineLineage which);
/* @set: (nullable) */
void weftline_task_set_free (WeftlineTaskSet *set);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeftlineTaskSet, weftline_task_set_free)

/* What dask.visualize (color=…) offers, with every task taken in the order of ids. */
typedef enum
{
  WEFTLINE_VALUE_ORDER,    /* the task's place in the order */
  WEFTLINE_VALUE_AGE,      /* tasks run from this one's end until its result is let go */
  WEFTLINE_VALUE_FREED,    /* results let go when the task has run */
  WEFTLINE_VALUE_PRESSURE, /* results held while the task runs, its own included */
  WEFTLINE_VALUE_INCREASE, /* by how many more are held when its own is let go; 0: fewer */
  WEFTLINE_VALUE_DECREASE, /* by how many fewer; 0: more */
  WEFTLINE_N_VALUES,
} WeftlineGraphValue;

/**
 * weftline_graph_values_new:
 * @most: (out): the greatest value; the least is 0 or more
 *
 * O(tasks + edges). Results nobody reads, and wanted ones, are held to the end. Any thread.
 *
 * Returns: (transfer full): n_tasks
 */
float *weftline_graph_values_new (const WeftGraphArrays *arrays, WeftlineGraphValue value,
                                  float *most);

/* A value's name as menus and settings have it. */
const char *weftline_graph_value_name (WeftlineGraphValue value);
/* For people: translated. */
const char *weftline_graph_value_title (WeftlineGraphValue value);
/* Returns: whether there is a value of that name */
bool weftline_graph_value_find (const char *name, WeftlineGraphValue *value);
