/* graph-layout.c: the layered layout from edges to places
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Four steps, each O(nodes + edges) a sweep, all on flat arrays:
 *   layers   longest path, then short edges; connected parts (graph-layers.c)
 *   items    nodes and the bends of long edges, numbered by layer (graph-items.c)
 *   order    sweeps by barycentre, in small graphs with exchanges (graph-order.c, -transpose.c)
 *   places   heights by least squares, folding, wrapping, packing (graph-place.c)
 * The scheme is Sugiyama's, Tagawa's and Toda's (IEEE SMC 1981); what is changed is what a million
 * nodes ask for.
 */
#include "config.h"

#include "graph/graph-layout-private.h"

void
weftline_graph_edges_of (const WeftGraph *graph, WeftlineGraphEdges *edges)
{
  const WeftGraphArrays *arrays = weft_graph_arrays (graph);

  *edges = (WeftlineGraphEdges){
    .n_nodes = arrays->n_tasks,
    .offsets = arrays->dependent_offsets,
    .targets = arrays->dependents,
  };
  if (arrays->n_imports > 0 || arrays->after_offsets != NULL)
    return;
  edges->source_offsets = arrays->input_offsets;
  edges->sources = arrays->input_tasks;
}

/* Hands out the places of bends. Where edges were turned, they are put by the numbers of the edges
 * as they were given. */
static void
take_bends (WeftlineGraphLayout *layout, GraphItems *items, const GraphAcyclic *acyclic,
            const WeftlineGraphEdges *edges, const float *x, const float *y)
{
  uint32_t n = edges->n_nodes, n_edges = edges->offsets[n];
  uint32_t *offsets = g_steal_pointer (&items->bends_of_edge);

  layout->n_bends = items->n_bends;
  layout->bend_x = g_new (float, (size_t) items->n_bends + 1);
  layout->bend_y = g_new (float, (size_t) items->n_bends + 1);
  layout->bends_of_edge = acyclic->numbers == NULL ? offsets : g_new0 (uint32_t, n_edges + 1);
  if (acyclic->numbers != NULL)
    {
      uint32_t n_kept = acyclic->edges.offsets[n];

      for (uint32_t e = 0; e < n_kept; e++)
        layout->bends_of_edge[acyclic->numbers[e] + 1] = offsets[e + 1] - offsets[e];
      for (uint32_t e = 0; e < n_edges; e++)
        layout->bends_of_edge[e + 1] += layout->bends_of_edge[e];
      for (uint32_t e = 0; e < n_kept; e++)
        for (uint32_t b = offsets[e]; b < offsets[e + 1]; b++)
          {
            uint32_t to = layout->bends_of_edge[acyclic->numbers[e]] + b - offsets[e];

            layout->bend_x[to] = x[items->item[n + b]];
            layout->bend_y[to] = y[items->item[n + b]];
          }
      g_free (offsets);
      return;
    }
  for (uint32_t b = 0; b < items->n_bends; b++)
    {
      layout->bend_x[b] = x[items->item[n + b]];
      layout->bend_y[b] = y[items->item[n + b]];
    }
}

/* (transfer full): n_layers */
static float *
node_widths (const GraphLayers *layers, const float *widths)
{
  float *width = g_new (float, (size_t) layers->n_layers + 1);

  for (uint32_t l = 0; l < layers->n_layers; l++)
    width[l] = WEFTLINE_GRAPH_NODE_WIDTH;
  for (uint32_t v = 0; widths != NULL && v < layers->n_nodes; v++)
    {
      float *of_layer = &width[layers->layer[v]];

      *of_layer = MAX (*of_layer, MIN (widths[v], WEFTLINE_GRAPH_MAX_WIDTH));
    }
  return width;
}

static void
take_places (WeftlineGraphLayout *layout, GraphItems *items, GraphLayers *layers,
             const GraphAcyclic *acyclic, const WeftlineGraphEdges *edges, const float *widths)
{
  g_autofree float *node_width = node_widths (layers, widths);
  g_autofree float *x = g_new (float, (size_t) items->n_items + 1);
  g_autofree float *y = g_new (float, (size_t) items->n_items + 1);

  _weftline_graph_place (items, layers, node_width, x, y, &layout->band, &layout->width,
                         &layout->height);
  layout->x = g_new (float, (size_t) edges->n_nodes + 1);
  layout->y = g_new (float, (size_t) edges->n_nodes + 1);
  for (uint32_t v = 0; v < edges->n_nodes; v++)
    {
      layout->x[v] = x[items->item[v]];
      layout->y[v] = y[items->item[v]];
    }
  if (items->n_bends > 0)
    take_bends (layout, items, acyclic, edges, x, y);
  layout->n_layers = layers->n_layers;
  layout->n_parts = layers->n_parts;
  layout->layer = g_steal_pointer (&layers->layer);
  layout->part = g_steal_pointer (&layers->part);
  if (widths != NULL)
    layout->node_width = g_steal_pointer (&node_width);
}

WeftlineGraphLayout *
weftline_graph_layout_new (const WeftlineGraphEdges *edges, const atomic_bool *cancel)
{
  return weftline_graph_layout_new_wide (edges, NULL, cancel);
}

WeftlineGraphLayout *
weftline_graph_layout_new_wide (const WeftlineGraphEdges *edges, const float *widths,
                                const atomic_bool *cancel)
{
  WeftlineGraphLayout *layout = NULL;
  GraphAcyclic acyclic;
  GraphLayers layers;
  GraphItems items = { 0 };

  _weftline_graph_acyclic_init (&acyclic, edges);
  _weftline_graph_layers_init (&layers, &acyclic.edges, acyclic.sequence);
  if (!graph_is_cancelled (cancel))
    {
      _weftline_graph_items_init (&items, &acyclic.edges, &layers);
      layout = g_new0 (WeftlineGraphLayout, 1);
      layout->n_nodes = edges->n_nodes;
      layout->n_crossings = _weftline_graph_order (&items, cancel);
      if (!graph_is_cancelled (cancel))
        take_places (layout, &items, &layers, &acyclic, edges, widths);
      if (graph_is_cancelled (cancel))
        g_clear_pointer (&layout, weftline_graph_layout_free);
    }
  _weftline_graph_items_clear (&items);
  _weftline_graph_layers_clear (&layers);
  _weftline_graph_acyclic_clear (&acyclic);
  return layout;
}

void
weftline_graph_layout_keep_places (WeftlineGraphLayout *layout)
{
  if (layout->node_width != NULL)
    return;
  g_clear_pointer (&layout->layer, g_free);
  g_clear_pointer (&layout->band, g_free);
  g_clear_pointer (&layout->part, g_free);
}

void
weftline_graph_layout_free (WeftlineGraphLayout *layout)
{
  if (layout == NULL)
    return;
  g_free (layout->x);
  g_free (layout->y);
  g_free (layout->layer);
  g_free (layout->node_width);
  g_free (layout->band);
  g_free (layout->part);
  g_free (layout->bends_of_edge);
  g_free (layout->bend_x);
  g_free (layout->bend_y);
  g_free (layout);
}
