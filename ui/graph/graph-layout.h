/* graph-layout.h: places for the nodes of a task graph, layer by layer from left to right
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Pure: arrays in, arrays out, no clock and no chance, so equal graphs get equal pictures. Made to
 * run on a thread of its own; it looks at a flag now and then and gives up when that is set.
 *
 * Lengths are in rows: neighbours in a layer are one row apart. A node is NODE_WIDTH by NODE_HEIGHT
 * around its place, or as wide as its layer's widest asks for. See graph-layout.c for how it works.
 */
#pragma once

#include "graph/weft-graph.h"

#include <stdatomic.h>

#define WEFTLINE_GRAPH_NODE_WIDTH 2.0f
#define WEFTLINE_GRAPH_NODE_HEIGHT 0.62f
#define WEFTLINE_GRAPH_MAX_WIDTH 5.0f /* of nodes that have long labels */

/**
 * WeftlineGraphEdges:
 * @offsets: n_nodes + 1
 * @targets: of node k: targets[offsets[k]] … targets[offsets[k + 1] - 1]
 * @source_offsets: (nullable): n_nodes + 1: the way back, where somebody has it anyway
 * @sources: (nullable): likewise: whence the same edges come, by where they lead to
 *
 * Edges by source. Doubles, loops and cycles are allowed.
 */
typedef struct
{
  uint32_t n_nodes;
  const uint32_t *offsets;
  const uint32_t *targets;
  const uint32_t *source_offsets;
  const uint32_t *sources;
} WeftlineGraphEdges;

/**
 * weftline_graph_edges_of:
 * @edges: (out caller-allocates): the graph's own arrays, without copying; lives as long as @graph
 *
 * Inputs and order-only dependencies; reading an import is no edge here.
 */
void weftline_graph_edges_of (const WeftGraph *graph, WeftlineGraphEdges *edges);

/**
 * WeftlineGraphLayout:
 * @x: n_nodes: centres, from 0 to @width
 * @y: n_nodes: centres, from 0 to @height
 * @layer: n_nodes: rises along every edge but those that close a cycle; layers of separate parts
 *   have separate numbers. %NULL, as are @band and @part, once nobody asks for them any more
 * @node_width: (nullable): n_layers: of a layer's nodes. %NULL: all are NODE_WIDTH wide
 * @band: (nullable): n_nodes: the line of a wrapped part; an edge leads to the right or to a later
 *   band. %NULL: nothing is wrapped
 * @part: n_nodes: which connected part; all tasks without any edge are one
 * @bends_of_edge: (nullable): n_edges + 1, by the edges' own numbers: where an edge longer than a
 *   layer bends. %NULL: such edges are drawn straight
 * @bend_x: from left to right
 * @n_crossings: crossings of edges between neighbouring layers; UINT64_MAX when nobody counted, as
 *   in graphs whose long edges do not bend
 */
typedef struct
{
  uint32_t n_nodes;
  uint32_t n_layers;
  uint32_t n_parts;
  uint32_t n_bends;
  float *x, *y;
  uint32_t *layer;
  float *node_width;
  uint16_t *band;
  uint32_t *part;
  uint32_t *bends_of_edge;
  float *bend_x, *bend_y;
  float width, height;
  uint64_t n_crossings;
} WeftlineGraphLayout;

/**
 * weftline_graph_layout_new:
 * @cancel: (nullable): looked at between steps
 *
 * O(nodes + edges) for each of a fixed number of sweeps; up to a few thousand nodes more sweeps are
 * made, and neighbours exchanged, until that brings nothing. Any thread.
 *
 * Returns: (transfer full) (nullable): %NULL when cancelled
 */
WeftlineGraphLayout *weftline_graph_layout_new (const WeftlineGraphEdges *edges,
                                                const atomic_bool *cancel);

/**
 * weftline_graph_layout_new_wide:
 * @widths: (nullable) (array length=n_nodes): what each node would like to be wide: a layer gives
 *   all its nodes the greatest, from NODE_WIDTH to MAX_WIDTH
 *
 * Returns: (transfer full) (nullable): %NULL when cancelled
 */
WeftlineGraphLayout *weftline_graph_layout_new_wide (const WeftlineGraphEdges *edges,
                                                     const float *widths,
                                                     const atomic_bool *cancel);

static inline float
weftline_graph_node_width (const WeftlineGraphLayout *layout, uint32_t node)
{
  return layout->node_width == NULL ? WEFTLINE_GRAPH_NODE_WIDTH
                                    : layout->node_width[layout->layer[node]];
}

/* Lets go of layers, bands and parts, unless they tell how wide nodes are: some 10 bytes a node. */
void weftline_graph_layout_keep_places (WeftlineGraphLayout *layout);
/* @layout: (nullable) */
void weftline_graph_layout_free (WeftlineGraphLayout *layout);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeftlineGraphLayout, weftline_graph_layout_free)
