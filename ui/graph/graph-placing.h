/* graph-placing.h: a segment of a run on its way into a scene
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Made and appended by the scene's thread; laying out, in between, is any one thread's.
 *
 * The places of a million tasks take 20 MB. From far only groups are seen, which take next to
 * nothing; so the tasks of a large segment are laid out when somebody comes nearer.
 */
#pragma once

#include "graph/graph-joined.h"
#include "graph/graph-scene.h"

#include <stdatomic.h>

/* More are large. */
#define WEFTLINE_PLACING_FEW_TASKS 200000

typedef struct _WeftlineGraphPlacing WeftlineGraphPlacing;

/**
 * weftline_graph_placing_new:
 * @with_groups: whether the scene gets the segment's group graph, for a run of one segment
 *
 * Returns: (transfer full) (nullable): %NULL while the segment's graph is not there
 */
WeftlineGraphPlacing *weftline_graph_placing_new (const WeftModel *model, uint32_t segment,
                                                  uint32_t n_groups, bool with_groups);
/* All of these segments as one graph; what was laid out before is replaced. @model: a reference is
 * taken. (transfer full) */
WeftlineGraphPlacing *weftline_graph_placing_new_joined (WeftModel *model,
                                                         const WeftlineGraphJoint *joint);
/* (nullable): what it lays out of segments that are one graph, in the place of all that was laid
 * out before; %NULL: one segment by itself. */
const WeftlineGraphJoint *weftline_graph_placing_joint (const WeftlineGraphPlacing *placing);
/* @data: (nullable): a WeftlineGraphPlacing */
void weftline_graph_placing_free (void *data);

/* A large segment gets its group graph only, where it has one: that is what is seen from far.
 * Before it is laid out. */
void weftline_graph_placing_set_far (WeftlineGraphPlacing *placing);
/* Asks Graphviz, where it is there and the segment is small enough. Before it is laid out. */
void weftline_graph_placing_set_dot (WeftlineGraphPlacing *placing, bool dot);
/* What came of asking it, once it is laid out; DONE: it was not asked. WeftlineDotOutcome */
unsigned weftline_graph_placing_dot_outcome (const WeftlineGraphPlacing *placing);
/* Lays it out. O(tasks + edges), mostly. Returns: false: it was cancelled meanwhile */
bool weftline_graph_placing_run (WeftlineGraphPlacing *placing);
/* Any thread: nobody waits for it any more. */
void weftline_graph_placing_cancel (WeftlineGraphPlacing *placing);

/* Puts it into the scene. @kept: of arrays, freed with g_free(): what the scene looks at as long as
 * it has the segment is added; where all is replaced, what was there goes. Returns: whether it has
 * tasks; false: groups only */
bool weftline_graph_placing_append (WeftlineGraphPlacing *placing, WeftlineGraphScene *scene,
                                    GPtrArray *kept);

/* Of which groups the tasks of a segment are, in a number: where it is another, they are others. */
uint64_t weftline_graph_groups_hash (const WeftModel *model, uint32_t segment, uint32_t n_tasks);
