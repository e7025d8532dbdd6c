/* links.c: what tasks need that their graphs do not say
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A segment is written when its tasks are known; what is told of these later comes as records.
 * They are kept as they come. Who looks for edges asks for all of them, sorted and without those
 * that the graphs have: it is few runs that tell anything late, and the others pay nothing.
 *
 * Which tasks could start (ready.c) follows them too: what waits for a result by such a link alone
 * is not queued before that is there.
 */
#include "config.h"

#include "model/weft-inputs-private.h"
#include "model/weft-model-private.h"

#include <stdlib.h>

uint32_t
weft_model_n_links (const WeftModel *model)
{
  return atomic_load_explicit (&model->n_links, memory_order_acquire);
}

/* ---- sorted ---------------------------------------------------------------------------------- */

static int
compare_links (const void *a, const void *b)
{
  const WeftModelLink *one = a, *other = b;

  if (one->task != other->task)
    return one->task < other->task ? -1 : 1;
  return (one->needs > other->needs) - (one->needs < other->needs);
}

static uint32_t
leave_out_doubles (WeftModelLink *links, uint32_t n)
{
  uint32_t n_kept = 0;

  for (uint32_t i = 0; i < n; i++)
    if (i == 0 || compare_links (&links[i], &links[n_kept - 1]) != 0)
      links[n_kept++] = links[i];
  return n_kept;
}

/* Of one task's links. */
typedef struct
{
  const WeftModelLink *links;
  uint32_t n;
  bool *is_known; /* that the graph has */
} Known;

static void
leave_out (const Known *known, uint32_t needs)
{
  const WeftModelLink link = { known->links->task, needs };
  const WeftModelLink *found =
      needs != WEFT_NONE ? bsearch (&link, known->links, known->n, sizeof link, compare_links)
                         : NULL;

  if (found != NULL)
    known->is_known[found - known->links] = true;
}

static void
leave_out_known (const WeftModel *model, const Known *known)
{
  uint32_t number, segment = weft_model_task_segment (model, known->links->task, &number);
  WeftGraph *graph = weft_model_graph (model, segment);
  const WeftGraphArrays *arrays = graph != NULL ? weft_graph_arrays (graph) : NULL;

  if (arrays == NULL || number >= arrays->n_tasks)
    return;
  for (uint32_t i = arrays->input_offsets[number]; i < arrays->input_offsets[number + 1]; i++)
    leave_out (known, _weft_input_source (model, graph, segment, arrays->input_tasks[i]));
  if (arrays->after_offsets == NULL)
    return;
  for (uint32_t i = arrays->after_offsets[number]; i < arrays->after_offsets[number + 1]; i++)
    leave_out (known, weft_model_task_of (model, segment, arrays->after_tasks[i]));
}

/* Those of tasks that are there. Returns: how many */
static uint32_t
gather (const WeftModel *model, uint32_t n_links, uint32_t n_tasks, WeftModelLink *links)
{
  uint32_t n = 0;

  for (uint32_t i = 0; i < n_links; i++)
    {
      const WeftModelLink *link = _weft_blocks_get (&model->links, i, sizeof *link);

      if (link->task < n_tasks && link->needs < n_tasks)
        links[n++] = *link;
    }
  qsort (links, n, sizeof *links, compare_links);
  return leave_out_doubles (links, n);
}

WeftModelLink *
weft_model_dup_links (const WeftModel *model, uint32_t n_links, uint32_t n_tasks, uint32_t *n)
{
  WeftModelLink *links = n_links > 0 ? g_new (WeftModelLink, n_links) : NULL;
  uint32_t n_found = n_links > 0 ? gather (model, n_links, n_tasks, links) : 0;
  g_autofree bool *is_known = g_new0 (bool, (size_t) n_found + 1);

  for (uint32_t first = 0, end; first < n_found; first = end)
    {
      for (end = first + 1; end < n_found && links[end].task == links[first].task; end++)
        ;
      leave_out_known (model, &(Known){ links + first, end - first, is_known + first });
    }
  *n = 0;
  for (uint32_t i = 0; i < n_found; i++)
    if (!is_known[i])
      links[(*n)++] = links[i];
  return links;
}

uint32_t
_weft_links_find (const WeftModelLink *links, uint32_t n, uint32_t task)
{
  uint32_t low = 0, high = n;

  while (low < high)
    {
      uint32_t middle = low + (high - low) / 2;

      if (links[middle].task < task)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

/* ---- which tasks could start ----------------------------------------------------------------- */

/* What links say of one task. */
typedef struct
{
  GArray *tasks;    /* uint32_t */
  uint32_t n_there; /* of what it needs: so many in a row were there */
} Late;

static void
late_free (void *data)
{
  Late *late = data;

  g_array_unref (late->tasks);
  g_free (late);
}

/* (nullable) */
static Late *
find_late (GHashTable *table, uint32_t task)
{
  return table != NULL ? g_hash_table_lookup (table, GUINT_TO_POINTER (task + 1)) : NULL;
}

static void
add_late (GHashTable **table, uint32_t of, uint32_t task)
{
  Late *late;

  if (*table == NULL)
    *table = g_hash_table_new_full (NULL, NULL, NULL, late_free);
  late = find_late (*table, of);
  if (late == NULL)
    {
      late = g_new0 (Late, 1);
      late->tasks = g_array_new (FALSE, FALSE, sizeof (uint32_t));
      g_hash_table_insert (*table, GUINT_TO_POINTER (of + 1), late);
    }
  g_array_append_val (late->tasks, task);
}

const GArray *
_weft_late_readers (const WeftModel *model, uint32_t task)
{
  const Late *late = find_late (model->late_readers, task);

  return late != NULL ? late->tasks : NULL;
}

static bool
is_there (const WeftModel *model, uint32_t task)
{
  return _weft_state_went_well (weft_model_task_state (model, task));
}

/* What waits no more, or for what is there, is as it was. */
static void
wait_for (WeftModel *model, uint32_t task, uint32_t needs)
{
  WeftModelState state = weft_model_task_state (model, task);

  if (model->is_whole || state > WEFT_TASK_QUEUED || is_there (model, needs))
    return;
  add_late (&model->late_needs, task, needs);
  add_late (&model->late_readers, needs, task);
  if (state == WEFT_TASK_QUEUED)
    _weft_task_set_state (model, task, WEFT_TASK_WAITING);
}

bool
_weft_late_is_there (const WeftModel *model, uint32_t task)
{
  Late *late = find_late (model->late_needs, task);
  uint32_t i;

  if (late == NULL)
    return true;
  i = model->took_back ? 0 : late->n_there;
  while (i < late->tasks->len && is_there (model, g_array_index (late->tasks, uint32_t, i)))
    i++;
  late->n_there = i;
  return i == late->tasks->len;
}

void
_weft_model_add_link (WeftModel *model, uint32_t task, uint32_t needs)
{
  uint32_t n = _weft_get (model->n_links);
  WeftModelLink *link;

  if (task == needs || n == UINT32_MAX)
    return;
  link = _weft_blocks_grow (&model->links, n, sizeof *link);
  *link = (WeftModelLink){ .task = task, .needs = needs };
  atomic_store_explicit (&model->n_links, n + 1, memory_order_release);
  wait_for (model, task, needs);
}
