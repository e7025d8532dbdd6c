/* graph-placing.h: a segment of a run on its way into a scene
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Made and appended by the scene's thread; laying out, in between, is any one thread's.
 */
#pragma once

#include "graph/graph-scene.h"

#include <stdatomic.h>

typedef struct _WeftlineGraphPlacing WeftlineGraphPlacing;

/**
 * weftline_graph_placing_new:
 * @with_groups: whether the scene gets the segment's group graph, for a run of one segment
 *
 * Returns: (transfer full) (nullable): %NULL while the segment's graph is not there
 */
WeftlineGraphPlacing *weftline_graph_placing_new (const WeftModel *model, uint32_t segment,
                                                  uint32_t n_groups, bool with_groups);
/* @data: (nullable): a WeftlineGraphPlacing */
void weftline_graph_placing_free (void *data);

/* Asks Graphviz, where it is there and the segment is small enough. Before it is laid out. */
void weftline_graph_placing_set_dot (WeftlineGraphPlacing *placing, bool dot);
/* What came of asking it, once it is laid out; DONE: it was not asked. WeftlineDotOutcome */
unsigned weftline_graph_placing_dot_outcome (const WeftlineGraphPlacing *placing);
/* Lays it out. O(tasks + edges), mostly. Returns: false: it was cancelled meanwhile */
bool weftline_graph_placing_run (WeftlineGraphPlacing *placing);
/* Any thread: nobody waits for it any more. */
void weftline_graph_placing_cancel (WeftlineGraphPlacing *placing);

/* Puts it into the scene. Returns: (transfer full): what the scene looks at as long as it lives */
uint32_t *weftline_graph_placing_append (WeftlineGraphPlacing *placing, WeftlineGraphScene *scene);
