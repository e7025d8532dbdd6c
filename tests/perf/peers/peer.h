/* peer.h: what a driver of another scheduler provides, and the graphs it is given
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A driver runs one kind of graph with one library, as a user of that library would write it: every
 * task adds up its predecessors' values and one. peer-main.c measures and checks it.
 */
#pragma once

#include <stdint.h>

#ifdef __cplusplus
#define PEER_C extern "C"
#else
#define PEER_C extern
#endif

/* Tasks are numbered in a topological order; those before task i are
 * preds[offsets[i]] … preds[offsets[i + 1] - 1]. */
typedef struct
{
  int n_tasks;
  int *offsets;
  int *preds;
} PeerGraph;

/* shape: independent, chain, tree, stencil or fan. size: tasks, leaves or steps; 0: the usual. Ends
 * the process on an unknown shape. */
PEER_C PeerGraph peer_graph_new (const char *shape, int size);
PEER_C void peer_graph_clear (PeerGraph *graph);
/* How many values are wrong. */
PEER_C int peer_graph_check (const PeerGraph *graph, const uint32_t *values);

/* Steps of the busy loop that each task makes; 0: the task is only the addition. */
PEER_C uint64_t peer_n_steps;
PEER_C uint64_t peer_burn (uint64_t n_steps, uint64_t seed);

/* The task. */
static inline void
peer_task (const PeerGraph *graph, uint32_t *values, int task)
{
  uint32_t sum = 1;

  for (int i = graph->offsets[task]; i < graph->offsets[task + 1]; i++)
    sum += values[graph->preds[i]];
  if (peer_n_steps)
    sum += (uint32_t) (peer_burn (peer_n_steps, sum) & 0);
  values[task] = sum;
}

/* What a driver provides. */
PEER_C const char *const peer_name;
PEER_C const char *const peer_shapes; /* those it can express */
PEER_C const char *peer_version (void);

PEER_C void peer_init (int n_workers);
PEER_C void peer_build (const PeerGraph *graph, uint32_t *values); /* everything before the start */
PEER_C void peer_run (void);                                       /* start, and wait for all */
PEER_C void peer_free (void);                                      /* undoes peer_build() */
PEER_C void peer_fini (void);
