/* graph-links.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Within a segment its own arrays say it all. Between segments there are imports: each is resolved
 * once, and those who read an import are found by the task it stands for. What was told later than
 * its task is few, and is looked up both ways.
 */
#include "config.h"

#include "graph/graph-links.h"

#include <stdlib.h>

typedef struct
{
  const WeftGraphArrays *arrays; /* (nullable): not known */
  uint32_t *imports;             /* (nullable): the task each stands for, or WEFT_NONE */
} Segment;

/* Who reads an import. */
typedef struct
{
  uint32_t task;    /* it stands for */
  uint32_t segment; /* that imports it */
  uint32_t import;
} Import;

struct _WeftlineLinks
{
  const WeftModel *model;
  uint32_t n_tasks;
  uint32_t n_segments;
  Segment *segments;
  GArray *imports; /* of Import, by task */
  uint32_t n_told; /* of the model's links */
  uint32_t n_late;
  WeftModelLink *late;        /* (nullable): n_late, by task */
  WeftModelLink *late_by_way; /* (nullable): n_late, by what is needed */
};

static uint32_t
find_by_key (const WeftlineLinks *links, uint32_t segment, const char *key)
{
  while (segment-- > 0)
    {
      WeftGraph *graph = weft_model_graph (links->model, segment);
      uint32_t number = graph != NULL ? weft_graph_find (graph, key, -1) : WEFT_NONE;

      if (number != WEFT_NONE)
        return weft_model_task_of (links->model, segment, number);
    }
  return WEFT_NONE;
}

static uint32_t
resolve (const WeftlineLinks *links, uint32_t segment, WeftGraph *graph, const WeftImport *import)
{
  if (import->kind == WEFT_IMPORT_TASK)
    return weft_model_task_of (links->model, import->segment, import->task);
  if (import->kind == WEFT_IMPORT_KEY)
    return find_by_key (links, segment, weft_graph_string (graph, import->key));
  return WEFT_NONE;
}

static void
take_segment (WeftlineLinks *links, uint32_t number)
{
  WeftGraph *graph = weft_model_graph (links->model, number);
  Segment *segment = &links->segments[number];

  if (graph == NULL)
    return;
  segment->arrays = weft_graph_arrays (graph);
  segment->imports = g_new (uint32_t, (size_t) segment->arrays->n_imports + 1);
  for (uint32_t i = 0; i < segment->arrays->n_imports; i++)
    {
      uint32_t task = resolve (links, number, graph, &segment->arrays->imports[i]);
      Import import = { task, number, i };

      segment->imports[i] = task < links->n_tasks ? task : WEFT_NONE;
      if (segment->imports[i] != WEFT_NONE)
        g_array_append_val (links->imports, import);
    }
}

static int
compare_imports (const void *a, const void *b)
{
  uint32_t one = ((const Import *) a)->task, other = ((const Import *) b)->task;

  return (one > other) - (one < other);
}

static int
compare_needs (const void *a, const void *b)
{
  const WeftModelLink *one = a, *other = b;

  if (one->needs != other->needs)
    return one->needs < other->needs ? -1 : 1;
  return (one->task > other->task) - (one->task < other->task);
}

static void
take_late (WeftlineLinks *links)
{
  links->n_told = weft_model_n_links (links->model);
  links->late = weft_model_dup_links (links->model, links->n_told, links->n_tasks, &links->n_late);
  if (links->n_late == 0)
    return;
  links->late_by_way = g_memdup2 (links->late, links->n_late * sizeof *links->late);
  qsort (links->late_by_way, links->n_late, sizeof *links->late_by_way, compare_needs);
}

WeftlineLinks *
weftline_links_new (const WeftModel *model, const WeftModelSnapshot *snapshot)
{
  WeftlineLinks *links = g_new0 (WeftlineLinks, 1);

  links->model = model;
  links->n_tasks = snapshot->n_tasks;
  links->n_segments = snapshot->n_segments;
  links->segments = g_new0 (Segment, (size_t) snapshot->n_segments + 1);
  links->imports = g_array_new (FALSE, FALSE, sizeof (Import));
  for (uint32_t i = 0; i < links->n_segments; i++)
    take_segment (links, i);
  g_array_sort (links->imports, compare_imports);
  take_late (links);
  return links;
}

void
weftline_links_free (WeftlineLinks *links)
{
  if (links == NULL)
    return;
  for (uint32_t i = 0; i < links->n_segments; i++)
    g_free (links->segments[i].imports);
  g_free (links->segments);
  g_array_unref (links->imports);
  g_free (links->late);
  g_free (links->late_by_way);
  g_free (links);
}

bool
weftline_links_is_current (const WeftlineLinks *links, const WeftModelSnapshot *snapshot)
{
  if (links->n_segments != snapshot->n_segments || links->n_tasks != snapshot->n_tasks
      || links->n_told != weft_model_n_links (links->model))
    return false;
  for (uint32_t i = 0; i < links->n_segments; i++)
    {
      WeftGraph *graph = weft_model_graph (links->model, i);

      if (links->segments[i].arrays != (graph != NULL ? weft_graph_arrays (graph) : NULL))
        return false;
    }
  return true;
}

/* ---- neighbours ------------------------------------------------------------------------------ */

/* (nullable): where the task is not known, or its segment's graph is not */
static const Segment *
segment_of (const WeftlineLinks *links, uint32_t task, uint32_t *segment, uint32_t *number)
{
  if (task >= links->n_tasks)
    return NULL;
  *segment = weft_model_task_segment (links->model, task, number);
  if (*segment >= links->n_segments || links->segments[*segment].arrays == NULL
      || *number >= links->segments[*segment].arrays->n_tasks)
    return NULL;
  return &links->segments[*segment];
}

/* Returns: whether it is known */
static bool
add_task (const WeftlineLinks *links, uint32_t segment, uint32_t number, GArray *tasks)
{
  uint32_t task = weft_model_task_of (links->model, segment, number);

  if (task >= links->n_tasks)
    return false;
  g_array_append_val (tasks, task);
  return true;
}

/* @by_way: those that need the task, else what it needs */
static void
add_late (const WeftlineLinks *links, uint32_t task, bool by_way, GArray *tasks)
{
  const WeftModelLink *late = by_way ? links->late_by_way : links->late;
  uint32_t low = 0, high = links->n_late;

  while (low < high)
    {
      uint32_t middle = low + (high - low) / 2;

      if ((by_way ? late[middle].needs : late[middle].task) < task)
        low = middle + 1;
      else
        high = middle;
    }
  for (; low < links->n_late && (by_way ? late[low].needs : late[low].task) == task; low++)
    g_array_append_vals (tasks, by_way ? &late[low].task : &late[low].needs, 1);
}

bool
weftline_links_inputs (const WeftlineLinks *links, uint32_t task, GArray *tasks)
{
  uint32_t segment, number;
  const Segment *of = segment_of (links, task, &segment, &number);
  const WeftGraphArrays *arrays = of != NULL ? of->arrays : NULL;
  bool known = true;

  if (of == NULL)
    return false;
  for (uint32_t i = arrays->input_offsets[number]; i < arrays->input_offsets[number + 1]; i++)
    {
      uint32_t input = arrays->input_tasks[i];

      if (input < arrays->n_tasks)
        known &= add_task (links, segment, input, tasks);
      else if (of->imports[input - arrays->n_tasks] != WEFT_NONE)
        g_array_append_val (tasks, of->imports[input - arrays->n_tasks]);
      else
        known = false;
    }
  if (arrays->after_offsets != NULL)
    for (uint32_t i = arrays->after_offsets[number]; i < arrays->after_offsets[number + 1]; i++)
      known &= add_task (links, segment, arrays->after_tasks[i], tasks);
  add_late (links, task, false, tasks);
  return known;
}

static bool
add_readers (const WeftlineLinks *links, uint32_t segment, uint32_t place, GArray *tasks)
{
  const WeftGraphArrays *arrays = links->segments[segment].arrays;
  bool known = true;

  for (uint32_t i = arrays->dependent_offsets[place]; i < arrays->dependent_offsets[place + 1]; i++)
    known &= add_task (links, segment, arrays->dependents[i], tasks);
  return known;
}

static guint
first_import (const WeftlineLinks *links, uint32_t task)
{
  guint low = 0, high = links->imports->len;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (g_array_index (links->imports, Import, middle).task < task)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

bool
weftline_links_dependents (const WeftlineLinks *links, uint32_t task, GArray *tasks)
{
  uint32_t segment, number;
  const Segment *of = segment_of (links, task, &segment, &number);
  bool known = of != NULL;

  if (of != NULL)
    known &= add_readers (links, segment, number, tasks);
  for (guint i = first_import (links, task); i < links->imports->len; i++)
    {
      const Import *import = &g_array_index (links->imports, Import, i);

      if (import->task != task)
        break;
      known &=
          add_readers (links, import->segment,
                       links->segments[import->segment].arrays->n_tasks + import->import, tasks);
    }
  add_late (links, task, true, tasks);
  return known;
}

/* ---- lineage --------------------------------------------------------------------------------- */

typedef bool (*Neighbours) (const WeftlineLinks *links, uint32_t task, GArray *tasks);

static void
walk (const WeftlineLinks *links, uint32_t task, Neighbours neighbours, WeftlineTaskSet *set)
{
  g_autoptr (GArray) todo = g_array_new (FALSE, FALSE, sizeof (uint32_t));
  g_autoptr (GArray) next = g_array_new (FALSE, FALSE, sizeof (uint32_t));

  g_array_append_val (todo, task);
  while (todo->len > 0)
    {
      uint32_t at = g_array_index (todo, uint32_t, todo->len - 1);

      g_array_set_size (todo, todo->len - 1);
      g_array_set_size (next, 0);
      neighbours (links, at, next);
      for (guint i = 0; i < next->len; i++)
        if (weftline_task_set_add (set, g_array_index (next, uint32_t, i)))
          g_array_append_val (todo, g_array_index (next, uint32_t, i));
    }
}

WeftlineTaskSet *
weftline_links_lineage (const WeftlineLinks *links, uint32_t task, WeftlineLineage which)
{
  WeftlineTaskSet *set;

  if (links->n_segments == 1 && links->n_late == 0 && links->segments[0].arrays != NULL
      && links->segments[0].arrays->n_tasks == links->n_tasks && task < links->n_tasks)
    return weftline_task_set_new_lineage (links->segments[0].arrays, task, which);
  set = weftline_task_set_new (links->n_tasks);
  if (task >= links->n_tasks)
    return set;
  weftline_task_set_add (set, task);
  if (which & WEFTLINE_LINEAGE_ANCESTORS)
    walk (links, task, weftline_links_inputs, set);
  if (which & WEFTLINE_LINEAGE_DESCENDANTS)
    walk (links, task, weftline_links_dependents, set);
  return set;
}
