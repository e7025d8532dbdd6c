/* graph-before.h: what is selected and pointed at in a graph before it runs
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Other views do not know the tasks yet, so this is the graph's own: the task or group, and what
 * stands out with a task: what it depends on and what needs it, or the lineage asked for. One
 * thread's.
 */
#pragma once

#include "graph/graph-links.h"

/**
 * WeftlineGraphBefore:
 * @task: selected, or WEFT_NONE
 * @group: likewise
 * @hover_task: pointed at, or WEFT_NONE
 * @hover_group: likewise
 * @lineage: of the task; NONE: its neighbours
 * @marked: (nullable): what stands out; what follows is its own
 */
typedef struct
{
  uint32_t task, group;
  uint32_t hover_task, hover_group;
  WeftlineLineage lineage;
  WeftlineTaskSet *marked;
  WeftModel *model;     /* (nullable): reference held, as the links need it */
  WeftlineLinks *links; /* (nullable) */
  char *told; /* (nullable): the words of @told_task, which may have read a million others */
  uint32_t told_task;
} WeftlineGraphBefore;

void weftline_graph_before_init (WeftlineGraphBefore *before);
/* Nothing is selected or pointed at. */
void weftline_graph_before_clear (WeftlineGraphBefore *before);

/* @task: or WEFT_NONE; @group: likewise, without a task. */
void weftline_graph_before_select (WeftlineGraphBefore *before, WeftModel *model,
                                   const WeftModelSnapshot *snapshot, uint32_t task,
                                   uint32_t group);
/* Ancestors or descendants: asked for, or not any more. */
void weftline_graph_before_toggle (WeftlineGraphBefore *before, WeftlineLineage which);
/* Returns: whether it is something else than before */
bool weftline_graph_before_hover (WeftlineGraphBefore *before, uint32_t task, uint32_t group);
/* The group as a whole that stands out: the one pointed at, else the one selected; WEFT_NONE. */
static inline uint32_t
weftline_graph_before_group (const WeftlineGraphBefore *before)
{
  return before->hover_task == WEFT_NONE && before->hover_group != WEFT_NONE ? before->hover_group
                                                                             : before->group;
}

/* What is selected, in words, a task with what weftline_graph_before_dup_words() tells; "":
 * nothing. (transfer full) */
char *weftline_graph_before_dup_text (WeftlineGraphBefore *before);
/* What a task is, beside its key: the operation, what it waits for, what needs it, a line each,
 * each after a line's end. (transfer full) */
char *weftline_graph_before_dup_words (WeftlineGraphBefore *before, WeftModel *model,
                                       const WeftModelSnapshot *snapshot, uint32_t task);
