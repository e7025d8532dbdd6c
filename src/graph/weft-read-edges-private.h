/* weft-read-edges-private.h: edges that are read before the tasks they lead to are complete
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * WfCommons, DOT and DAGMan name an edge anywhere: at either end, or far from both. The builder
 * wants a task with all its inputs. So these readers gather edges, sort them by the task that
 * waits, and then add one task after the other. Two helpers for texts stand here as well.
 */
#pragma once

#include "graph/weft-graph-read-private.h"

/* @task waits for @from. */
typedef struct
{
  uint32_t task;
  uint32_t from;
  uint32_t output; /* of @from that is read; WEFT_NONE: none, order only */
  WeftCallLocation place;
} WeftReadEdge;

/* Zeroed is empty. */
typedef struct
{
  WeftReadEdge *edges; /* n */
  size_t n;
  size_t room;
  size_t *offsets;     /* after sorting: n_tasks + 1 */
  WeftInputSet inputs; /* of the task that is being added */
  WeftInputSet afters;
} WeftEdgeList;

void _weft_edge_list_add (WeftEdgeList *list, const WeftReadEdge *edge);
/* By task, else in order of arrival. O(edges + tasks). */
void _weft_edge_list_sort (WeftEdgeList *list, uint32_t n_tasks);
void _weft_edge_list_clear (WeftEdgeList *list);

/* The call of tasks without operation: reads all inputs, has so many outputs. */
uint32_t _weft_read_replay_call (WeftGraphBuilder *builder, uint32_t n_inputs, uint32_t n_outputs);

/**
 * _weft_read_add_task:
 * @list: sorted; its task numbers are builder ids
 * @task: a mentioned task
 * @where: where it is defined
 *
 * Adds the task with the edges of @list, equal ones once; an order-only edge from a task whose
 * output is read as well says nothing new. An edge from the task to itself is a mistake at the
 * edge's place.
 */
void _weft_read_add_task (WeftGraphBuilder *builder, WeftEdgeList *list, uint32_t task,
                          const char *key, size_t n_chars, uint32_t n_outputs,
                          const WeftLocation *where);

/* ---- texts ----------------------------------------------------------------------------------- */

/* Whether the input is UTF-8 without a zero byte; else an error with the place. */
bool _weft_read_check_text (const char *bytes, size_t n_bytes, const char *file, GError **error);
/* Appends a JSON string, with quotes. @chars: UTF-8 */
void _weft_read_append_json (GString *json, const char *chars, size_t n_chars);
