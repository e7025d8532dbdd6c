/* peer-graph.c: the graphs that drivers of other schedulers are given
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "peer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *
allocate (size_t n, size_t size)
{
  void *block = calloc (n ? n : 1, size);
  if (block == NULL)
    {
      fputs ("no memory\n", stderr);
      exit (3);
    }
  return block;
}

static PeerGraph
graph_alloc (int n_tasks, size_t n_edges)
{
  return (PeerGraph){
    .n_tasks = n_tasks,
    .offsets = allocate ((size_t) n_tasks + 1, sizeof (int)),
    .preds = allocate (n_edges, sizeof (int)),
  };
}

static PeerGraph
new_independent (int size)
{
  return graph_alloc (size ? size : 100000, 0);
}

static PeerGraph
new_chain (int size)
{
  PeerGraph graph = graph_alloc (size ? size : 100000, (size_t) (size ? size : 100000));

  for (int i = 1; i < graph.n_tasks; i++)
    {
      graph.preds[i - 1] = i - 1;
      graph.offsets[i + 1] = i;
    }
  return graph;
}

static PeerGraph
new_tree (int size)
{
  int n_leaves = size ? size : 1 << 17;
  PeerGraph graph = graph_alloc (2 * n_leaves - 1, 2 * (size_t) n_leaves);
  int n = 0;

  for (int i = n_leaves; i < graph.n_tasks; i++)
    {
      graph.preds[n++] = 2 * (i - n_leaves);
      graph.preds[n++] = 2 * (i - n_leaves) + 1;
      graph.offsets[i + 1] = n;
    }
  return graph;
}

/* A row of 64, each cell after its three neighbours of the row before. */
static PeerGraph
new_stencil (int size)
{
  int n_steps = size ? size : 2000;
  PeerGraph graph = graph_alloc (64 * n_steps, 3 * 64 * (size_t) n_steps);
  int n = 0;

  for (int i = 0; i < graph.n_tasks; i++)
    {
      int row = i / 64, cell = i % 64;
      for (int x = cell - 1; row > 0 && x <= cell + 1; x++)
        if (x >= 0 && x < 64)
          graph.preds[n++] = (row - 1) * 64 + x;
      graph.offsets[i + 1] = n;
    }
  return graph;
}

static PeerGraph
new_fan (int size)
{
  int width = size ? size : 100000;
  PeerGraph graph = graph_alloc (width + 2, 2 * (size_t) width);

  for (int i = 1; i <= width; i++)
    {
      graph.offsets[i + 1] = i;
      graph.preds[width + i - 1] = i;
    }
  graph.offsets[width + 2] = 2 * width;
  return graph;
}

PeerGraph
peer_graph_new (const char *shape, int size)
{
  static const struct
  {
    const char *name;
    PeerGraph (*make) (int size);
  } shapes[] = {
    { "independent", new_independent }, { "chain", new_chain }, { "tree", new_tree },
    { "stencil", new_stencil },         { "fan", new_fan },
  };

  for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++)
    if (strcmp (shapes[i].name, shape) == 0)
      return shapes[i].make (size);
  fprintf (stderr, "unknown shape: %s\n", shape);
  exit (2);
}

void
peer_graph_clear (PeerGraph *graph)
{
  free (graph->offsets);
  free (graph->preds);
}

int
peer_graph_check (const PeerGraph *graph, const uint32_t *values)
{
  uint32_t *right = allocate ((size_t) graph->n_tasks, sizeof *right);
  uint64_t n_steps = peer_n_steps;
  int n_wrong = 0;

  peer_n_steps = 0;
  for (int i = 0; i < graph->n_tasks; i++)
    {
      peer_task (graph, right, i);
      n_wrong += right[i] != values[i];
    }
  peer_n_steps = n_steps;
  free (right);
  return n_wrong;
}
