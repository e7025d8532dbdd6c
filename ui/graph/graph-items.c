/* graph-items.c: the nodes and bends of a layered graph, and the links between them
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * An edge that passes layers gets a bend in each, as long as that makes the graph not much larger:
 * then sorting sees where the edge runs. Beyond that long edges pull at their ends directly.
 */
#include "config.h"

#include "graph/graph-layout-private.h"

#define FEW_NODES 20000

static uint32_t
edge_span (const GraphLayers *layers, uint32_t from, uint32_t to)
{
  return layers->layer[to] - layers->layer[from];
}

/* Returns: how many bends there are when long edges bend; 0 when that would be too many */
static uint32_t
count_bends (const WeftlineGraphEdges *edges, const GraphLayers *layers, bool *is_proper)
{
  uint32_t n = edges->n_nodes;
  uint64_t n_bends = 0, room = n <= FEW_NODES ? (uint64_t) n * 8 + 4096 : n / 4;

  for (uint32_t v = 0; v < n; v++)
    for (uint32_t e = edges->offsets[v]; e < edges->offsets[v + 1]; e++)
      n_bends += edge_span (layers, v, edges->targets[e]) - 1;
  *is_proper = n_bends <= room;
  return *is_proper ? (uint32_t) n_bends : 0;
}

/* Fills bends_of_edge, and for each bend the layer it stands in. */
static uint32_t *
make_bends (GraphItems *items, const WeftlineGraphEdges *edges, const GraphLayers *layers)
{
  uint32_t *layer_of_bend = g_new (uint32_t, (size_t) items->n_bends + 1);
  uint32_t n_bends = 0;

  items->bends_of_edge = g_new (uint32_t, (size_t) edges->offsets[edges->n_nodes] + 1);
  for (uint32_t v = 0; v < edges->n_nodes; v++)
    for (uint32_t e = edges->offsets[v]; e < edges->offsets[v + 1]; e++)
      {
        items->bends_of_edge[e] = n_bends;
        for (uint32_t l = layers->layer[v] + 1; l < layers->layer[edges->targets[e]]; l++)
          layer_of_bend[n_bends++] = l;
      }
  items->bends_of_edge[edges->offsets[edges->n_nodes]] = n_bends;
  return layer_of_bend;
}

static void
fill_layers (GraphItems *items, const GraphLayers *layers, const uint32_t *layer_of_bend)
{
  uint32_t n = layers->n_nodes;
  uint32_t *first = g_new0 (uint32_t, (size_t) items->n_layers + 3);

  for (uint32_t k = 0; k < items->n_items; k++)
    first[(k < n ? layers->layer[k] : layer_of_bend[k - n]) + 2]++;
  for (uint32_t l = 0; l < items->n_layers; l++)
    first[l + 2] += first[l + 1];
  for (uint32_t k = 0; k < items->n_items; k++)
    {
      uint32_t item = first[(k < n ? layers->layer[k] : layer_of_bend[k - n]) + 1]++;

      items->node[item] = k;
      items->item[k] = item;
    }
  items->first = first;
}

/* The items one step further along the edges of a node, or from a bend. Returns how many. */
static uint32_t
links_of_node (const GraphItems *items, const WeftlineGraphEdges *edges, uint32_t v, uint32_t *out)
{
  uint32_t first = edges->offsets[v], n = edges->offsets[v + 1] - first;

  for (uint32_t k = 0; k < n; k++)
    {
      uint32_t e = first + k;
      bool bends =
          items->bends_of_edge != NULL && items->bends_of_edge[e] < items->bends_of_edge[e + 1];

      out[k] = items->item[bends ? edges->n_nodes + items->bends_of_edge[e] : edges->targets[e]];
    }
  return n;
}

/* Where each bend leads to: the next of its edge, or the edge's end. */
static uint32_t *
next_of_bends (const GraphItems *items, const WeftlineGraphEdges *edges)
{
  uint32_t *next = g_new (uint32_t, (size_t) items->n_bends + 1);

  for (uint32_t e = 0; e < edges->offsets[edges->n_nodes]; e++)
    {
      uint32_t end = items->bends_of_edge[e + 1];

      for (uint32_t b = items->bends_of_edge[e]; b < end; b++)
        next[b] = items->item[b + 1 < end ? edges->n_nodes + b + 1 : edges->targets[e]];
    }
  return next;
}

static void
link_down (GraphItems *items, const WeftlineGraphEdges *edges)
{
  size_t n_links = (size_t) edges->offsets[edges->n_nodes] + items->n_bends;
  g_autofree uint32_t *next = items->n_bends > 0 ? next_of_bends (items, edges) : NULL;
  uint32_t n = 0;

  items->down_offsets = g_new (uint32_t, (size_t) items->n_items + 1);
  items->down = g_new (uint32_t, n_links + 1);
  for (uint32_t i = 0; i < items->n_items; i++)
    {
      uint32_t v = items->node[i];

      items->down_offsets[i] = n;
      if (v < edges->n_nodes)
        n += links_of_node (items, edges, v, items->down + n);
      else
        items->down[n++] = next[v - edges->n_nodes];
    }
  items->down_offsets[items->n_items] = n;
}

static void
link_up (GraphItems *items)
{
  uint32_t n_links = items->down_offsets[items->n_items];
  uint32_t *offsets = g_new0 (uint32_t, (size_t) items->n_items + 3);

  items->up = g_new (uint32_t, (size_t) n_links + 1);
  for (uint32_t e = 0; e < n_links; e++)
    offsets[items->down[e] + 2]++;
  for (uint32_t i = 0; i < items->n_items; i++)
    offsets[i + 2] += offsets[i + 1];
  for (uint32_t i = 0; i < items->n_items; i++)
    for (uint32_t e = items->down_offsets[i]; e < items->down_offsets[i + 1]; e++)
      items->up[offsets[items->down[e] + 1]++] = i;
  items->up_offsets = offsets;
}

void
_weftline_graph_items_init (GraphItems *items, const WeftlineGraphEdges *edges,
                            const GraphLayers *layers)
{
  g_autofree uint32_t *layer_of_bend = NULL;

  *items = (GraphItems){ .n_layers = layers->n_layers };
  items->n_bends = count_bends (edges, layers, &items->is_proper);
  items->n_items = edges->n_nodes + items->n_bends;
  items->node = g_new (uint32_t, (size_t) items->n_items + 1);
  items->item = g_new (uint32_t, (size_t) items->n_items + 1);
  items->order = g_new (uint32_t, (size_t) items->n_items + 1);
  items->rank = g_new (uint32_t, (size_t) items->n_items + 1);
  items->starts_part = g_new0 (bool, (size_t) layers->n_layers + 1);
  for (uint32_t p = 0; p < layers->n_parts; p++)
    items->starts_part[layers->part_layers[p]] = true;
  if (items->n_bends > 0)
    layer_of_bend = make_bends (items, edges, layers);
  fill_layers (items, layers, layer_of_bend);
  link_down (items, edges);
  link_up (items);
}

void
_weftline_graph_items_clear (GraphItems *items)
{
  g_clear_pointer (&items->first, g_free);
  g_clear_pointer (&items->node, g_free);
  g_clear_pointer (&items->item, g_free);
  g_clear_pointer (&items->up_offsets, g_free);
  g_clear_pointer (&items->up, g_free);
  g_clear_pointer (&items->down_offsets, g_free);
  g_clear_pointer (&items->down, g_free);
  g_clear_pointer (&items->bends_of_edge, g_free);
  g_clear_pointer (&items->starts_part, g_free);
  g_clear_pointer (&items->order, g_free);
  g_clear_pointer (&items->rank, g_free);
}
