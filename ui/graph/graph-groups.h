/* graph-groups.h: the graph of groups: a node for each, with what is between them
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "graph/graph-layout.h"

/**
 * WeftlineGraphGroups:
 * @edges: group → group, each pair once, without loops; cycles are possible. Points into @offsets
 *   and @targets
 * @counts: by edge: how many edges between tasks it stands for
 * @n_tasks: n_groups
 * @n_inner: n_groups: edges within the group
 */
typedef struct
{
  uint32_t n_groups;
  WeftlineGraphEdges edges;
  uint32_t *offsets, *targets;
  uint64_t *counts;
  uint32_t *n_tasks;
  uint64_t *n_inner;
} WeftlineGraphGroups;

/**
 * weftline_graph_groups_new:
 * @group_of_node: n_nodes: below @n_groups
 *
 * O(nodes + edges). Any thread.
 *
 * Returns: (transfer full)
 */
WeftlineGraphGroups *weftline_graph_groups_new (const WeftlineGraphEdges *edges,
                                                const uint32_t *group_of_node, uint32_t n_groups);
/* @groups: (nullable) */
void weftline_graph_groups_free (WeftlineGraphGroups *groups);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeftlineGraphGroups, weftline_graph_groups_free)
