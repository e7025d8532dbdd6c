/* graph-layers.c: which layer each node stands in, and which parts are connected
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Longest path from the sources, which keeps layers few. Then what has more readers than inputs is
 * moved towards its readers, sources and the chains behind them foremost, which shortens edges;
 * what has more inputs stands next to these already. Small graphs are tightened further
 * (graph-tighten.c). A graph with cycles (groups may form them) gets edges turned round: nodes are
 * taken away as soon as nothing points at them, and where none is left, the one with the lowest
 * number, whose remaining incoming edges are those turned.
 */
#include "config.h"

#include "graph/graph-layout-private.h"

#include <string.h>

/* Up to here edges are made as short as they can be. */
#define TIGHTENED_NODES 2500
#define TIGHTENED_EDGES 8000

static bool
is_topological (const WeftlineGraphEdges *edges)
{
  for (uint32_t v = 0; v < edges->n_nodes; v++)
    for (uint32_t e = edges->offsets[v]; e < edges->offsets[v + 1]; e++)
      if (edges->targets[e] <= v)
        return false;
  return true;
}

static uint32_t *
count_inputs (const WeftlineGraphEdges *edges)
{
  uint32_t *n_in = g_new0 (uint32_t, (size_t) edges->n_nodes + 1);

  for (uint32_t e = 0; e < edges->offsets[edges->n_nodes]; e++)
    n_in[edges->targets[e]]++;
  return n_in;
}

/* Kahn's algorithm; a node that stays behind in a cycle is taken all the same. Returns whether one
 * was. */
static bool
take_in_order (const WeftlineGraphEdges *edges, uint32_t *sequence)
{
  g_autofree uint32_t *n_in = count_inputs (edges);
  uint32_t n = edges->n_nodes, n_queued = 0, n_taken = 0, lowest = 0;
  bool cyclic = false;

  for (uint32_t v = 0; v < n; v++)
    if (n_in[v] == 0)
      sequence[n_queued++] = v;
  while (n_taken < n)
    {
      if (n_taken == n_queued)
        {
          while (n_in[lowest] == 0 || n_in[lowest] == UINT32_MAX)
            lowest++;
          n_in[lowest] = 0;
          sequence[n_queued++] = lowest;
          cyclic = true;
        }
      uint32_t v = sequence[n_taken++];
      n_in[v] = UINT32_MAX;
      for (uint32_t e = edges->offsets[v]; e < edges->offsets[v + 1]; e++)
        {
          uint32_t w = edges->targets[e];

          if (n_in[w] != UINT32_MAX && n_in[w] != 0 && --n_in[w] == 0)
            sequence[n_queued++] = w;
        }
    }
  return cyclic;
}

static void
turn_edges (GraphAcyclic *acyclic, const WeftlineGraphEdges *edges, const uint32_t *place)
{
  uint32_t n = edges->n_nodes;
  uint32_t *offsets = g_new0 (uint32_t, (size_t) n + 3);
  uint32_t *targets = g_new (uint32_t, (size_t) edges->offsets[n] + 1);

  acyclic->numbers = g_new (uint32_t, (size_t) edges->offsets[n] + 1);
  for (int pass = 0; pass < 2; pass++)
    {
      for (uint32_t v = 0; v < n; v++)
        for (uint32_t e = edges->offsets[v]; e < edges->offsets[v + 1]; e++)
          {
            uint32_t w = edges->targets[e];
            uint32_t from = place[v] < place[w] ? v : w;

            if (v == w)
              continue;
            if (pass == 0)
              {
                offsets[from + 2]++;
                continue;
              }
            acyclic->numbers[offsets[from + 1]] = e;
            targets[offsets[from + 1]++] = v + w - from;
          }
      for (uint32_t v = 0; pass == 0 && v <= n; v++)
        offsets[v + 1] += offsets[v];
    }
  acyclic->edges = (WeftlineGraphEdges){ .n_nodes = n, .offsets = offsets, .targets = targets };
}

void
_weftline_graph_acyclic_init (GraphAcyclic *acyclic, const WeftlineGraphEdges *edges)
{
  *acyclic = (GraphAcyclic){ .edges = *edges };
  if (is_topological (edges))
    return;
  acyclic->sequence = g_new (uint32_t, edges->n_nodes);
  if (!take_in_order (edges, acyclic->sequence))
    return;

  g_autofree uint32_t *place = g_new (uint32_t, edges->n_nodes);
  for (uint32_t k = 0; k < edges->n_nodes; k++)
    place[acyclic->sequence[k]] = k;
  turn_edges (acyclic, edges, place);
}

void
_weftline_graph_acyclic_clear (GraphAcyclic *acyclic)
{
  if (acyclic->numbers != NULL)
    {
      g_free ((void *) acyclic->edges.offsets);
      g_free ((void *) acyclic->edges.targets);
    }
  g_clear_pointer (&acyclic->numbers, g_free);
  g_clear_pointer (&acyclic->sequence, g_free);
}

/* A node is loose when nothing but a chain from one source leads to it: such chains go along with
 * the end they lead to. */
static void
longest_paths (const WeftlineGraphEdges *edges, const uint32_t *sequence, const uint32_t *n_in,
               uint32_t *layer, uint8_t *is_loose)
{
  for (uint32_t k = 0; k < edges->n_nodes; k++)
    {
      uint32_t v = sequence == NULL ? k : sequence[k];
      uint32_t n_out = edges->offsets[v + 1] - edges->offsets[v];

      if (n_in[v] == 0)
        is_loose[v] = true;
      for (uint32_t e = edges->offsets[v]; e < edges->offsets[v + 1]; e++)
        {
          uint32_t w = edges->targets[e];

          layer[w] = MAX (layer[w], layer[v] + 1);
          if (is_loose[v] && n_out == 1 && n_in[w] == 1)
            is_loose[w] = true;
        }
    }
}

static void
move_right (const WeftlineGraphEdges *edges, const uint32_t *sequence, const uint32_t *n_in,
            uint32_t *layer, const uint8_t *is_loose)
{
  for (uint32_t k = edges->n_nodes; k-- > 0;)
    {
      uint32_t v = sequence == NULL ? k : sequence[k];
      uint32_t n_out = edges->offsets[v + 1] - edges->offsets[v];
      uint32_t nearest = UINT32_MAX;

      if (n_out == 0 || (n_out <= n_in[v] && !is_loose[v]))
        continue;
      for (uint32_t e = edges->offsets[v]; e < edges->offsets[v + 1]; e++)
        nearest = MIN (nearest, layer[edges->targets[e]]);
      layer[v] = nearest - 1;
    }
}

static uint32_t
find_root (uint32_t *parent, uint32_t v)
{
  while (parent[v] != v)
    {
      parent[v] = parent[parent[v]];
      v = parent[v];
    }
  return v;
}

/* Leaves in @part the lowest node of each part; WEFT_NONE where a node has no edge at all. */
static void
join_parts (const WeftlineGraphEdges *edges, const uint32_t *n_in, uint32_t *part)
{
  for (uint32_t v = 0; v < edges->n_nodes; v++)
    part[v] = v;
  for (uint32_t v = 0; v < edges->n_nodes; v++)
    for (uint32_t e = edges->offsets[v]; e < edges->offsets[v + 1]; e++)
      {
        uint32_t a = find_root (part, v), b = find_root (part, edges->targets[e]);

        part[MAX (a, b)] = MIN (a, b);
      }
  for (uint32_t v = 0; v < edges->n_nodes; v++)
    part[v] = find_root (part, v);
  for (uint32_t v = 0; v < edges->n_nodes; v++)
    if (n_in[v] == 0 && edges->offsets[v] == edges->offsets[v + 1])
      part[v] = WEFT_NONE;
}

/* Numbers the parts in the order of their lowest nodes; the single nodes come last. */
static void
number_parts (GraphLayers *layers)
{
  uint32_t n = layers->n_nodes, n_parts = 0;
  bool has_single = false;

  for (uint32_t v = 0; v < n; v++)
    {
      if (layers->part[v] == WEFT_NONE)
        has_single = true;
      else
        layers->part[v] = layers->part[v] == v ? n_parts++ : layers->part[layers->part[v]];
    }
  for (uint32_t v = 0; has_single && v < n; v++)
    if (layers->part[v] == WEFT_NONE)
      layers->part[v] = n_parts;
  layers->n_parts = n_parts + has_single;
}

/* Layers are counted from each part's first, and numbered through. */
static void
number_layers (GraphLayers *layers)
{
  uint32_t n = layers->n_nodes, n_parts = layers->n_parts;
  g_autofree uint32_t *lowest = g_new (uint32_t, (size_t) n_parts + 1);
  uint32_t *first = g_new0 (uint32_t, (size_t) n_parts + 1);

  memset (lowest, 0xff, sizeof *lowest * n_parts);
  for (uint32_t v = 0; v < n; v++)
    {
      uint32_t p = layers->part[v];

      lowest[p] = MIN (lowest[p], layers->layer[v]);
      first[p + 1] = MAX (first[p + 1], layers->layer[v] + 1);
    }
  for (uint32_t p = 0; p < n_parts; p++)
    first[p + 1] += first[p] - lowest[p];
  for (uint32_t v = 0; v < n; v++)
    layers->layer[v] += first[layers->part[v]] - lowest[layers->part[v]];
  layers->part_layers = first;
  layers->n_layers = first[n_parts];
}

void
_weftline_graph_layers_init (GraphLayers *layers, const WeftlineGraphEdges *edges,
                             const uint32_t *sequence)
{
  g_autofree uint32_t *n_in = count_inputs (edges);
  g_autofree uint8_t *is_loose = g_new0 (uint8_t, (size_t) edges->n_nodes + 1);

  *layers = (GraphLayers){
    .n_nodes = edges->n_nodes,
    .layer = g_new0 (uint32_t, (size_t) edges->n_nodes + 1),
    .part = g_new (uint32_t, (size_t) edges->n_nodes + 1),
  };
  longest_paths (edges, sequence, n_in, layers->layer, is_loose);
  move_right (edges, sequence, n_in, layers->layer, is_loose);
  if (edges->n_nodes <= TIGHTENED_NODES && edges->offsets[edges->n_nodes] <= TIGHTENED_EDGES)
    _weftline_graph_tighten (edges, layers->layer);
  join_parts (edges, n_in, layers->part);
  number_parts (layers);
  number_layers (layers);
}

void
_weftline_graph_layers_clear (GraphLayers *layers)
{
  g_clear_pointer (&layers->layer, g_free);
  g_clear_pointer (&layers->part, g_free);
  g_clear_pointer (&layers->part_layers, g_free);
}
