/* graph-shape.c: how deep and how wide a graph is
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * The level of a task is the longest path that ends in it; ids are topological, so one pass finds
 * all.
 */
#include "config.h"

#include "graph/weft-graph.h"

/* One more than the highest level of what the task waits for; 0 when it waits for no task. */
static uint32_t
level_of (const WeftGraphArrays *a, const uint32_t *levels, uint32_t task)
{
  uint32_t level = 0;

  for (uint32_t e = a->input_offsets[task]; e < a->input_offsets[task + 1]; e++)
    if (a->input_tasks[e] < a->n_tasks)
      level = MAX (level, levels[a->input_tasks[e]] + 1);
  if (a->after_offsets == NULL)
    return level;
  for (uint32_t e = a->after_offsets[task]; e < a->after_offsets[task + 1]; e++)
    level = MAX (level, levels[a->after_tasks[e]] + 1);
  return level;
}

void
weft_graph_shape (const WeftGraph *graph, WeftGraphShape *shape)
{
  const WeftGraphArrays *a = weft_graph_arrays (graph);
  g_autofree uint32_t *levels = g_new (uint32_t, a->n_tasks);
  g_autofree uint32_t *widths = g_new0 (uint32_t, a->n_tasks);

  *shape =
      (WeftGraphShape){ .n_tasks = a->n_tasks, .n_groups = a->n_groups, .n_edges = a->n_edges };
  for (uint32_t t = 0; t < a->n_tasks; t++)
    {
      levels[t] = level_of (a, levels, t);
      widths[levels[t]]++;
      shape->n_sources += levels[t] == 0;
      shape->n_sinks += a->dependent_offsets[t] == a->dependent_offsets[t + 1];
      shape->depth = MAX (shape->depth, levels[t] + 1);
      shape->width = MAX (shape->width, widths[levels[t]]);
    }
}
