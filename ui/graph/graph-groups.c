/* graph-groups.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * The edges of one group are gathered node by node (nodes sorted by group, by counting) into a
 * column of counts as long as there are groups, of which only what was touched is looked at.
 */
#include "config.h"

#include "graph/graph-groups.h"

#include <stdlib.h>

static uint32_t *
nodes_by_group (const uint32_t *group_of_node, uint32_t n_nodes, uint32_t n_groups, uint32_t *first)
{
  uint32_t *nodes = g_new (uint32_t, (size_t) n_nodes + 1);

  for (uint32_t v = 0; v < n_nodes; v++)
    first[group_of_node[v] + 2]++;
  for (uint32_t g = 0; g < n_groups; g++)
    first[g + 2] += first[g + 1];
  for (uint32_t v = 0; v < n_nodes; v++)
    nodes[first[group_of_node[v] + 1]++] = v;
  return nodes;
}

static int
compare_ids (const void *a, const void *b)
{
  uint32_t x = *(const uint32_t *) a, y = *(const uint32_t *) b;

  return (x > y) - (x < y);
}

/* Appends the edges that leave a group with these nodes. @column: n_groups, zero before and
 * after */
static void
add_group (WeftlineGraphGroups *groups, uint32_t g, const WeftlineGraphEdges *edges,
           const uint32_t *group_of_node, const uint32_t *nodes, uint64_t *column, GArray *targets,
           GArray *counts)
{
  uint32_t start = targets->len;

  for (uint32_t k = 0; k < groups->n_tasks[g]; k++)
    for (uint32_t e = edges->offsets[nodes[k]]; e < edges->offsets[nodes[k] + 1]; e++)
      {
        uint32_t to = group_of_node[edges->targets[e]];

        if (column[to]++ == 0 && to != g)
          g_array_append_val (targets, to);
      }
  groups->n_inner[g] = column[g];
  column[g] = 0;
  if (targets->len > start)
    qsort (&g_array_index (targets, uint32_t, start), targets->len - start, sizeof (uint32_t),
           compare_ids);
  for (uint32_t e = start; e < targets->len; e++)
    {
      uint32_t to = g_array_index (targets, uint32_t, e);

      g_array_append_val (counts, column[to]);
      column[to] = 0;
    }
}

WeftlineGraphGroups *
weftline_graph_groups_new (const WeftlineGraphEdges *edges, const uint32_t *group_of_node,
                           uint32_t n_groups)
{
  WeftlineGraphGroups *groups = g_new0 (WeftlineGraphGroups, 1);
  g_autofree uint32_t *first = g_new0 (uint32_t, (size_t) n_groups + 3);
  g_autofree uint32_t *nodes = nodes_by_group (group_of_node, edges->n_nodes, n_groups, first);
  g_autofree uint64_t *column = g_new0 (uint64_t, (size_t) n_groups + 1);
  GArray *targets = g_array_new (FALSE, FALSE, sizeof (uint32_t));
  GArray *counts = g_array_new (FALSE, FALSE, sizeof (uint64_t));

  groups->n_groups = n_groups;
  groups->offsets = g_new0 (uint32_t, (size_t) n_groups + 1);
  groups->n_tasks = g_new0 (uint32_t, (size_t) n_groups + 1);
  groups->n_inner = g_new0 (uint64_t, (size_t) n_groups + 1);
  for (uint32_t g = 0; g < n_groups; g++)
    {
      groups->offsets[g] = targets->len;
      groups->n_tasks[g] = first[g + 1] - first[g];
      add_group (groups, g, edges, group_of_node, nodes + first[g], column, targets, counts);
    }
  groups->offsets[n_groups] = targets->len;
  groups->targets = (uint32_t *) (void *) g_array_free (targets, FALSE);
  groups->counts = (uint64_t *) (void *) g_array_free (counts, FALSE);
  groups->edges = (WeftlineGraphEdges){ .n_nodes = n_groups,
                                        .offsets = groups->offsets,
                                        .targets = groups->targets };
  return groups;
}

void
weftline_graph_groups_free (WeftlineGraphGroups *groups)
{
  if (groups == NULL)
    return;
  g_free (groups->offsets);
  g_free (groups->targets);
  g_free (groups->counts);
  g_free (groups->n_tasks);
  g_free (groups->n_inner);
  g_free (groups);
}
