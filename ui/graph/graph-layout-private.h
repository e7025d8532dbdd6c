/* graph-layout-private.h: what the steps of the layout hand to each other
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Items are what stands in layers: nodes, and bends of long edges. They are numbered layer by
 * layer, so that a sweep works on a few neighbouring pages. Layers are numbered through all parts.
 */
#pragma once

#include "graph/graph-layout.h"

/* Rows between a bend and its neighbour, of each. */
#define GRAPH_BEND_HALF 0.22
#define GRAPH_NODE_HALF 0.5

/* graph-layers.c */
typedef struct
{
  uint32_t n_nodes;
  uint32_t n_layers;
  uint32_t n_parts;
  uint32_t *layer;       /* n_nodes; through all parts */
  uint32_t *part;        /* n_nodes */
  uint32_t *part_layers; /* n_parts + 1: first layer of each */
} GraphLayers;

/* Edges without cycles: those given, or some of them turned round and loops left out. */
typedef struct
{
  WeftlineGraphEdges edges;
  uint32_t *sequence; /* (nullable): a topological order; NULL when the numbers are one */
  uint32_t *numbers;  /* (nullable): of each edge, as it was given; NULL when none was turned */
} GraphAcyclic;

void _weftline_graph_acyclic_init (GraphAcyclic *acyclic, const WeftlineGraphEdges *edges);
void _weftline_graph_acyclic_clear (GraphAcyclic *acyclic);
void _weftline_graph_layers_init (GraphLayers *layers, const WeftlineGraphEdges *edges,
                                  const uint32_t *sequence);
void _weftline_graph_layers_clear (GraphLayers *layers);

/* graph-tighten.c: makes the sum of the edges' lengths least. @layer: (inout): n_nodes: rises along
 * every edge */
void _weftline_graph_tighten (const WeftlineGraphEdges *edges, uint32_t *layer);

/* graph-items.c */
typedef struct
{
  uint32_t n_items;
  uint32_t n_layers;
  uint32_t n_bends;
  bool is_proper;       /* every link is between neighbouring layers */
  uint32_t *first;      /* n_layers + 1: items of a layer */
  uint32_t *node;       /* n_items: node, or n_nodes + bend */
  uint32_t *item;       /* n_nodes + n_bends: the inverse */
  uint32_t *up_offsets; /* n_items + 1 */
  uint32_t *up;         /* items further left */
  uint32_t *down_offsets;
  uint32_t *down;
  uint32_t *bends_of_edge; /* (nullable): n_edges + 1, by the edges laid out */
  bool *starts_part;       /* n_layers */
  uint32_t *order;         /* n_items: the layers' items from top to bottom */
  uint32_t *rank;          /* n_items: place within the layer */
} GraphItems;

void _weftline_graph_items_init (GraphItems *items, const WeftlineGraphEdges *edges,
                                 const GraphLayers *layers);
void _weftline_graph_items_clear (GraphItems *items);

/* graph-order.c: fills order and rank. Returns: crossings, UINT64_MAX when not counted */
uint64_t _weftline_graph_order (GraphItems *items, const atomic_bool *cancel);
/* Crossings between neighbouring layers. O(links log width) */
uint64_t _weftline_graph_crossings (const GraphItems *items);

/* graph-transpose.c: exchanges neighbours while that lessens crossings */
typedef struct _GraphTransposer GraphTransposer;
GraphTransposer *_weftline_graph_transposer_new (GraphItems *items);
void _weftline_graph_transposer_free (GraphTransposer *transposer);
/* What it has done so far, in links looked at: the same for the same graph, unlike time. */
uint64_t _weftline_graph_transposer_work (const GraphTransposer *transposer);
/* @equal: also where it changes nothing. Returns: crossings saved */
uint64_t _weftline_graph_transpose (GraphTransposer *transposer, bool equal);
/* Moves each item once to its best place. O(links of a layer × its width). Returns: crossings
 * saved */
uint64_t _weftline_graph_sift (GraphTransposer *transposer);

/* graph-place.c: x and y of items, from order and rank. @node_width: (array length=n_layers) */
void _weftline_graph_place (const GraphItems *items, const GraphLayers *layers,
                            const float *node_width, float *x, float *y, uint16_t **band,
                            float *width, float *height);

static inline bool
graph_is_cancelled (const atomic_bool *cancel)
{
  return cancel != NULL && atomic_load_explicit (cancel, memory_order_relaxed);
}
