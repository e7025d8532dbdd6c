/* graph-joined.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "graph/graph-joined.h"

void
weftline_graph_joint_grow (WeftlineGraphJoint *joint, const WeftModel *model, uint32_t n_segments)
{
  joint->n_links = weft_model_n_links (model);
  for (; joint->n_segments < n_segments; joint->n_segments++)
    {
      WeftGraph *graph = weft_model_graph (model, joint->n_segments);
      uint32_t n = graph != NULL ? weft_graph_arrays (graph)->n_tasks : 0;

      if (graph == NULL || weft_model_segment_parent (model, joint->n_segments) != WEFT_NONE
          || (n > 0 && weft_model_task_of (model, joint->n_segments, 0) != joint->n_tasks))
        return;
      joint->n_tasks += n;
    }
}

/* The task whose result is read, if it is one of those before. */
static uint32_t
source_of (const WeftModel *model, uint32_t segment, WeftGraph *graph, const WeftImport *import)
{
  if (import->kind == WEFT_IMPORT_TASK)
    return import->segment < segment ? weft_model_task_of (model, import->segment, import->task)
                                     : WEFT_NONE;
  if (import->kind != WEFT_IMPORT_KEY)
    return WEFT_NONE;
  while (segment-- > 0)
    {
      WeftGraph *earlier = weft_model_graph (model, segment);
      uint32_t task = weft_graph_find (earlier, weft_graph_string (graph, import->key), -1);

      if (task != WEFT_NONE)
        return weft_model_task_of (model, segment, task);
    }
  return WEFT_NONE;
}

typedef void (*EdgesFunc) (WeftlineGraphJoined *joined, uint32_t from, const uint32_t *targets,
                           uint32_t n, uint32_t base);

static void
count_edges (WeftlineGraphJoined *joined, uint32_t from, const uint32_t *targets G_GNUC_UNUSED,
             uint32_t n, uint32_t base G_GNUC_UNUSED)
{
  joined->offsets[from + 1] += n;
}

/* Each node's offset is where its next edge goes, meanwhile. */
static void
put_edges (WeftlineGraphJoined *joined, uint32_t from, const uint32_t *targets, uint32_t n,
           uint32_t base)
{
  for (uint32_t i = 0; i < n; i++)
    joined->targets[joined->offsets[from]++] = targets[i] + base;
}

static void
foreach_segment (WeftlineGraphJoined *joined, const WeftModel *model, uint32_t n_segments,
                 EdgesFunc func)
{
  uint32_t base = 0;

  for (uint32_t k = 0; k < n_segments; k++)
    {
      WeftGraph *graph = weft_model_graph (model, k);
      const WeftGraphArrays *arrays = weft_graph_arrays (graph);
      const uint32_t *offsets = arrays->dependent_offsets;

      for (uint32_t v = 0; v < arrays->n_tasks; v++)
        func (joined, base + v, arrays->dependents + offsets[v], offsets[v + 1] - offsets[v], base);
      for (uint32_t i = 0; i < arrays->n_imports; i++)
        {
          uint32_t from = source_of (model, k, graph, &arrays->imports[i]);
          uint32_t at = arrays->n_tasks + i;

          if (from < base)
            func (joined, from, arrays->dependents + offsets[at], offsets[at + 1] - offsets[at],
                  base);
        }
      base += arrays->n_tasks;
    }
}

/* A graph of which nothing was told later has none. */
static void
foreach_late (WeftlineGraphJoined *joined, const WeftModelLink *late, uint32_t n, EdgesFunc func)
{
  for (uint32_t i = 0; i < n; i++)
    func (joined, late[i].needs, &late[i].task, 1, 0);
}

WeftlineGraphJoined *
weftline_graph_joined_new (const WeftModel *model, const WeftlineGraphJoint *joint)
{
  WeftlineGraphJoined *joined = g_new0 (WeftlineGraphJoined, 1);
  uint32_t n_late;
  g_autofree WeftModelLink *late =
      weft_model_dup_links (model, joint->n_links, joint->n_tasks, &n_late);

  joined->n_nodes = joint->n_tasks;
  joined->offsets = g_new0 (uint32_t, (size_t) joined->n_nodes + 1);
  foreach_segment (joined, model, joint->n_segments, count_edges);
  foreach_late (joined, late, n_late, count_edges);
  for (uint32_t v = 0; v < joined->n_nodes; v++)
    joined->offsets[v + 1] += joined->offsets[v];
  joined->targets = g_new (uint32_t, (size_t) joined->offsets[joined->n_nodes] + 1);
  foreach_segment (joined, model, joint->n_segments, put_edges);
  foreach_late (joined, late, n_late, put_edges);
  for (uint32_t v = joined->n_nodes; v > 0; v--) /* back to where each begins */
    joined->offsets[v] = joined->offsets[v - 1];
  joined->offsets[0] = 0;
  return joined;
}

void
weftline_graph_joined_free (WeftlineGraphJoined *joined)
{
  if (joined == NULL)
    return;
  g_free (joined->offsets);
  g_free (joined->targets);
  g_free (joined);
}
