/* graph-placing.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "graph/graph-placing.h"

#include "graph/graph-dot.h"

/* At the zoom from which on tasks have labels. */
#define ROWS_A_CHAR 0.28f
#define LABEL_ROWS 0.4f /* padding */
#define MOST_WITH_WIDTHS 20000

struct _WeftlineGraphPlacing
{
  WeftGraph *graph; /* (nullable): reference held */
  WeftModel *model; /* (nullable): reference held; of segments that are joined */
  WeftlineGraphJoint joint;
  WeftlineGraphJoined *joined; /* (nullable): made by laying out */
  uint32_t *group_of_task;
  uint32_t n_groups;
  bool with_groups;
  bool with_dot;
  bool far;
  WeftlineDotOutcome dot_outcome;
  atomic_bool cancel; /* atomic: relaxed; set by any thread */
  /* made by laying out */
  WeftlineGraphIndex *index;
  WeftlineGraphGroups *groups;
  WeftlineGraphLayout *group_layout;
};

static uint32_t *
groups_of_segment (const WeftModel *model, WeftGraph *graph, uint32_t segment)
{
  uint32_t n = weft_graph_arrays (graph)->n_tasks;
  uint32_t first = weft_model_task_of (model, segment, 0);
  uint32_t *groups = g_new (uint32_t, n + 1);

  for (uint32_t i = 0; i < n; i++)
    groups[i] = weft_model_task_group (model, first + i);
  return groups;
}

/* FNV-1a, by numbers instead of bytes. */
uint64_t
weftline_graph_groups_hash (const WeftModel *model, uint32_t segment, uint32_t n_tasks)
{
  uint32_t first = weft_model_task_of (model, segment, 0);
  uint64_t hash = 0xcbf29ce484222325;

  for (uint32_t i = 0; i < n_tasks; i++)
    hash = (hash ^ weft_model_task_group (model, first + i)) * 0x100000001b3;
  return hash;
}

WeftlineGraphPlacing *
weftline_graph_placing_new (const WeftModel *model, uint32_t segment, uint32_t n_groups,
                            bool with_groups)
{
  WeftGraph *graph = weft_model_graph (model, segment);
  WeftlineGraphPlacing *placing;

  if (graph == NULL)
    return NULL;
  placing = g_new0 (WeftlineGraphPlacing, 1);
  placing->graph = weft_graph_ref (graph);
  placing->group_of_task = groups_of_segment (model, graph, segment);
  placing->n_groups = n_groups;
  placing->with_groups = with_groups;
  return placing;
}

WeftlineGraphPlacing *
weftline_graph_placing_new_joined (WeftModel *model, const WeftlineGraphJoint *joint)
{
  WeftlineGraphPlacing *placing = g_new0 (WeftlineGraphPlacing, 1);

  placing->model = weft_model_ref (model);
  placing->joint = *joint;
  placing->group_of_task = g_new (uint32_t, (size_t) joint->n_tasks + 1);
  for (uint32_t task = 0; task < joint->n_tasks; task++)
    placing->group_of_task[task] = weft_model_task_group (model, task);
  return placing;
}

const WeftlineGraphJoint *
weftline_graph_placing_joint (const WeftlineGraphPlacing *placing)
{
  return placing->model != NULL ? &placing->joint : NULL;
}

void
weftline_graph_placing_free (void *data)
{
  WeftlineGraphPlacing *placing = data;

  if (placing == NULL)
    return;
  if (placing->graph != NULL)
    weft_graph_unref (placing->graph);
  if (placing->model != NULL)
    weft_model_unref (placing->model);
  weftline_graph_joined_free (placing->joined);
  g_free (placing->group_of_task);
  weftline_graph_index_free (placing->index);
  weftline_graph_groups_free (placing->groups);
  weftline_graph_layout_free (placing->group_layout);
  g_free (placing);
}

/* (transfer full) (nullable): what labels take where they are just high enough to be read; NULL:
 * too many to be worth the time */
static float *
label_widths (const WeftlineGraphPlacing *placing, uint32_t n)
{
  float *widths = NULL;

  if (n > MOST_WITH_WIDTHS)
    return NULL;
  widths = g_new (float, (size_t) n + 1);
  for (uint32_t i = 0; i < n; i++)
    {
      g_autofree char *key = placing->graph != NULL ? weft_graph_dup_key (placing->graph, i)
                                                    : weft_model_task_dup_key (placing->model, i);

      widths[i] = ROWS_A_CHAR * (float) g_utf8_strlen (key, -1) + LABEL_ROWS;
    }
  return widths;
}

void
weftline_graph_placing_set_far (WeftlineGraphPlacing *placing)
{
  placing->far = true;
}

void
weftline_graph_placing_set_dot (WeftlineGraphPlacing *placing, bool dot)
{
  placing->with_dot = dot;
}

unsigned
weftline_graph_placing_dot_outcome (const WeftlineGraphPlacing *placing)
{
  return placing->dot_outcome;
}

/* (transfer full) (nullable) */
static WeftlineGraphLayout *
lay_out (WeftlineGraphPlacing *placing, const WeftlineGraphEdges *edges, const float *widths)
{
  WeftlineGraphLayout *layout = NULL;

  if (placing->with_dot)
    layout = weftline_graph_layout_new_dot (edges, widths, WEFTLINE_DOT_LIMIT_MS, &placing->cancel,
                                            &placing->dot_outcome);
  if (layout == NULL)
    layout = weftline_graph_layout_new_wide (edges, widths, &placing->cancel);
  return layout;
}

/* Returns: false: it was cancelled */
static bool
make_groups (WeftlineGraphPlacing *placing, const WeftlineGraphEdges *edges)
{
  placing->groups = weftline_graph_groups_new (edges, placing->group_of_task, placing->n_groups);
  placing->group_layout = weftline_graph_layout_new (&placing->groups->edges, &placing->cancel);
  return placing->group_layout != NULL;
}

/* Whether groups are what is shown of it from far. */
static bool
has_far_view (const WeftlineGraphPlacing *placing, uint32_t n_tasks)
{
  return placing->with_groups && n_tasks > WEFTLINE_PLACING_FEW_TASKS
         && weftline_graph_scene_shows_groups (n_tasks, placing->n_groups);
}

static void
take_edges (WeftlineGraphPlacing *placing, WeftlineGraphEdges *edges)
{
  if (placing->graph != NULL)
    {
      weftline_graph_edges_of (placing->graph, edges);
      return;
    }
  placing->joined = weftline_graph_joined_new (placing->model, &placing->joint);
  *edges = (WeftlineGraphEdges){ .n_nodes = placing->joined->n_nodes,
                                 .offsets = placing->joined->offsets,
                                 .targets = placing->joined->targets };
}

bool
weftline_graph_placing_run (WeftlineGraphPlacing *placing)
{
  g_autofree float *widths = NULL;
  WeftlineGraphEdges edges;
  WeftlineGraphLayout *layout;

  take_edges (placing, &edges);
  if (placing->far && has_far_view (placing, edges.n_nodes))
    return make_groups (placing, &edges);
  widths = label_widths (placing, edges.n_nodes);
  layout = lay_out (placing, &edges, widths);
  if (layout == NULL)
    return false;
  placing->index = weftline_graph_index_new (layout, &edges);
  weftline_graph_layout_keep_places (layout);
  return !placing->with_groups || make_groups (placing, &edges);
}

void
weftline_graph_placing_cancel (WeftlineGraphPlacing *placing)
{
  atomic_store_explicit (&placing->cancel, true, memory_order_relaxed);
}

bool
weftline_graph_placing_append (WeftlineGraphPlacing *placing, WeftlineGraphScene *scene,
                               GPtrArray *kept)
{
  bool has_tasks = placing->index != NULL;

  if (placing->joined != NULL)
    {
      weftline_graph_scene_forget_tasks (scene); /* before what it looks at */
      g_ptr_array_set_size (kept, 0);
      g_ptr_array_add (kept, g_steal_pointer (&placing->joined->offsets));
      g_ptr_array_add (kept, g_steal_pointer (&placing->joined->targets));
    }
  if (has_tasks)
    {
      weftline_graph_scene_append (scene, g_steal_pointer (&placing->index), placing->group_of_task,
                                   NULL, 0);
      g_ptr_array_add (kept, g_steal_pointer (&placing->group_of_task));
    }
  /* The group graph is that of one segment; of several there are cells instead. */
  weftline_graph_scene_set_groups (scene, g_steal_pointer (&placing->groups),
                                   g_steal_pointer (&placing->group_layout));
  return has_tasks;
}
