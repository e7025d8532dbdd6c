/* graphs.h: graphs for tests of the graph view, from shapes and files
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "graph/graph-layout.h"
#include "graph/weft-graph-file.h"
#include "shapes.h"

/**
 * TestGraph:
 * @group: n_nodes: of a shape, the length of the longest path to the node
 *
 * Edges with their owner: a shape, a graph file, or arrays made by hand.
 */
typedef struct
{
  char *name;
  WeftlineGraphEdges edges;
  uint32_t *group;
  uint32_t n_groups;
  WeftShape *shape;
  WeftGraph *graph;
  uint32_t *offsets, *targets;
} TestGraph;

/* "stencil:10,20", as weft_shape_new_from_spec() has it. */
TestGraph *test_graph_new_shape (const char *spec);
/* The file must be readable. */
TestGraph *test_graph_new_file (const char *path);
/* @n_edges pairs (from, to), any. */
TestGraph *test_graph_new_pairs (uint32_t n_nodes, const uint32_t (*pairs)[2], uint32_t n_edges);
void test_graph_free (TestGraph *graph);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TestGraph, test_graph_free)
