/* graph-joined.h: the segments of a run as one graph, with what they read of each other
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A run that is reported, or extended, comes in segments, as its tasks become known, and what a
 * task reads may be told later than the task. To people it is one graph. Segments that stand in for
 * a task are not: they are shown beside what they stand for.
 */
#pragma once

#include "graph/graph-layout.h"
#include "model/weft-model.h"

/**
 * WeftlineGraphJoined:
 * @offsets: n_nodes + 1: as in WeftlineGraphEdges
 * @targets: likewise
 *
 * Nodes have the model's numbers.
 */
typedef struct
{
  uint32_t n_nodes;
  uint32_t *offsets;
  uint32_t *targets;
} WeftlineGraphJoined;

/* So many of a run's first segments are there and make one graph, of so many tasks; with so many
 * edges that were told later than their tasks. */
typedef struct
{
  uint32_t n_segments;
  uint32_t n_tasks;
  uint32_t n_links;
} WeftlineGraphJoint;

/* Takes in what has come. O(new segments). @n_segments: the snapshot's */
void weftline_graph_joint_grow (WeftlineGraphJoint *joint, const WeftModel *model,
                                uint32_t n_segments);
/* O(tasks + edges). Any thread. (transfer full) */
WeftlineGraphJoined *weftline_graph_joined_new (const WeftModel *model,
                                                const WeftlineGraphJoint *joint);
/* @joined: (nullable) */
void weftline_graph_joined_free (WeftlineGraphJoined *joined);
