/* graphs.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "graphs.h"

static void
group_by_depth (TestGraph *graph, const WeftShape *shape)
{
  g_autofree uint32_t *n_left = g_new (uint32_t, (size_t) shape->n_tasks + 1);
  g_autofree uint32_t *queue = g_new (uint32_t, (size_t) shape->n_tasks + 1);
  uint32_t n_queued = 0;

  graph->group = g_new0 (uint32_t, (size_t) shape->n_tasks + 1);
  for (uint32_t v = 0; v < shape->n_tasks; v++)
    {
      n_left[v] = shape->dep_offsets[v + 1] - shape->dep_offsets[v];
      if (n_left[v] == 0)
        queue[n_queued++] = v;
    }
  for (uint32_t k = 0; k < n_queued; k++)
    {
      uint32_t v = queue[k];

      graph->n_groups = MAX (graph->n_groups, graph->group[v] + 1);
      for (uint32_t e = shape->dependent_offsets[v]; e < shape->dependent_offsets[v + 1]; e++)
        {
          uint32_t w = shape->dependents[e];

          graph->group[w] = MAX (graph->group[w], graph->group[v] + 1);
          if (--n_left[w] == 0)
            queue[n_queued++] = w;
        }
    }
}

TestGraph *
test_graph_new_shape (const char *spec)
{
  TestGraph *graph = g_new0 (TestGraph, 1);

  graph->name = g_strdup (spec);
  graph->shape = weft_shape_new_from_spec (spec);
  g_assert_nonnull (graph->shape);
  graph->edges = (WeftlineGraphEdges){
    .n_nodes = graph->shape->n_tasks,
    .offsets = graph->shape->dependent_offsets,
    .targets = graph->shape->dependents,
  };
  group_by_depth (graph, graph->shape);
  return graph;
}

TestGraph *
test_graph_new_file (const char *path)
{
  TestGraph *graph = g_new0 (TestGraph, 1);
  g_autoptr (GError) error = NULL;

  graph->name = g_path_get_basename (path);
  graph->graph = weft_graph_read_file (path, WEFT_GRAPH_FORMAT_AUTO, &error);
  g_assert_no_error (error);
  weftline_graph_edges_of (graph->graph, &graph->edges);
  const WeftGraphArrays *arrays = weft_graph_arrays (graph->graph);
  graph->group = g_memdup2 (arrays->group_of_task, sizeof (uint32_t) * arrays->n_tasks);
  graph->n_groups = arrays->n_groups;
  return graph;
}

TestGraph *
test_graph_new_pairs (uint32_t n_nodes, const uint32_t (*pairs)[2], uint32_t n_edges)
{
  TestGraph *graph = g_new0 (TestGraph, 1);

  graph->name = g_strdup_printf ("%u nodes, %u edges", n_nodes, n_edges);
  graph->offsets = g_new0 (uint32_t, (size_t) n_nodes + 3);
  graph->targets = g_new (uint32_t, (size_t) n_edges + 1);
  graph->group = g_new0 (uint32_t, (size_t) n_nodes + 1);
  graph->n_groups = 1;
  for (uint32_t e = 0; e < n_edges; e++)
    graph->offsets[pairs[e][0] + 2]++;
  for (uint32_t v = 0; v < n_nodes; v++)
    graph->offsets[v + 2] += graph->offsets[v + 1];
  for (uint32_t e = 0; e < n_edges; e++)
    graph->targets[graph->offsets[pairs[e][0] + 1]++] = pairs[e][1];
  graph->edges = (WeftlineGraphEdges){ .n_nodes = n_nodes,
                                       .offsets = graph->offsets,
                                       .targets = graph->targets };
  return graph;
}

void
test_graph_free (TestGraph *graph)
{
  if (graph == NULL)
    return;
  weft_shape_free (graph->shape);
  weft_graph_unref (graph->graph);
  g_free (graph->name);
  g_free (graph->group);
  g_free (graph->offsets);
  g_free (graph->targets);
  g_free (graph);
}
