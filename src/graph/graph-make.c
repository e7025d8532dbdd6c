/* graph-make.c: the arrays that follow from others, and graphs under other ids
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Notify is what the scheduler counts by. It is made from dependents by replacing each entry by
 * the leader of its unit and leaving out the entries inside a unit. Members of a unit are
 * neighbours, so the leader of each task is found in one pass.
 */
#include "config.h"

#include "graph/weft-graph-private.h"

#include <string.h>

/* ---- outputs --------------------------------------------------------------------------------- */

void
_weft_graph_make_outputs (WeftGraph *graph)
{
  WeftGraphArrays *a = &graph->arrays;
  bool several = false;
  uint32_t *offsets;
  uint64_t sum = 0;

  graph->n_slots = a->n_tasks;
  for (uint32_t c = 0; c < a->n_calls; c++)
    several |= a->calls[c].n_outputs != 1;
  if (!several)
    return;
  offsets = g_new (uint32_t, (size_t) a->n_tasks + 1);
  for (uint32_t t = 0; t < a->n_tasks; t++)
    {
      offsets[t] = (uint32_t) sum;
      sum += a->calls[a->call_of_task[t]].n_outputs;
    }
  offsets[a->n_tasks] = (uint32_t) sum;
  graph->n_slots = (uint32_t) sum;
  if (sum == a->n_tasks)
    g_free (offsets);
  else
    a->output_offsets = offsets;
}

/* ---- dependents ------------------------------------------------------------------------------ */

/* The first task of each task's unit. */
static uint32_t *
make_leaders (const WeftGraphArrays *a)
{
  uint32_t *leaders = g_new (uint32_t, (size_t) a->n_tasks + 1);

  for (uint32_t t = 0; t < a->n_tasks; t++)
    leaders[t] = (a->unit_flags[t] & WEFT_UNIT_CONTINUES) != 0 ? leaders[t - 1] : t;
  return leaders;
}

static void
make_notify (WeftGraphArrays *a)
{
  uint32_t n_rows = a->n_tasks + a->n_imports;
  g_autofree uint32_t *leaders = make_leaders (a);
  uint32_t *offsets = g_new (uint32_t, (size_t) n_rows + 1);
  uint32_t *entries = g_new (uint32_t, (size_t) a->dependent_offsets[n_rows] + 1);
  uint32_t n = 0;

  for (uint32_t row = 0; row < n_rows; row++)
    {
      uint32_t own = row < a->n_tasks ? leaders[row] : WEFT_NONE;

      offsets[row] = n;
      for (uint32_t e = a->dependent_offsets[row]; e < a->dependent_offsets[row + 1]; e++)
        if (leaders[a->dependents[e]] != own)
          entries[n++] = leaders[a->dependents[e]];
    }
  offsets[n_rows] = n;
  a->notify_offsets = offsets;
  a->notify = g_renew (uint32_t, entries, (size_t) n + 1);
}

void
_weft_graph_make_dependents (WeftGraph *graph)
{
  WeftGraphArrays *a = &graph->arrays;
  uint32_t *offsets;
  uint32_t *rows;

  _weft_transpose (a->n_tasks, a->n_tasks + a->n_imports, a->input_offsets, a->input_tasks,
                   a->after_offsets, a->after_tasks, &offsets, &rows);
  a->dependent_offsets = offsets;
  a->dependents = rows;
  a->n_edges = offsets[a->n_tasks + a->n_imports];
  a->notify_offsets = offsets;
  a->notify = rows;
  if (a->unit_flags != NULL)
    make_notify (a);
}

/* ---- other ids ------------------------------------------------------------------------------- */

/* Old graph, new graph and the way between their ids. */
typedef struct
{
  const WeftGraphArrays *old;
  WeftGraphArrays *new;
  const uint32_t *order; /* new → old */
  uint32_t *new_ids;     /* old → new, WEFT_NONE: left out; imports too */
} Selection;

static uint32_t *
make_new_ids (const WeftGraphArrays *old, const uint32_t *order, uint32_t n_tasks)
{
  size_t n_old = (size_t) old->n_tasks + old->n_imports;
  uint32_t *new_ids = g_new (uint32_t, n_old + 1);

  memset (new_ids, 0xff, (n_old + 1) * sizeof *new_ids);
  for (uint32_t k = 0; k < n_tasks; k++)
    new_ids[order[k]] = k;
  for (uint32_t i = 0; i < old->n_imports; i++)
    new_ids[old->n_tasks + i] = n_tasks + i;
  return new_ids;
}

/* (transfer full) (nullable) */
static uint32_t *
select_column (const Selection *s, const uint32_t *column)
{
  uint32_t *selected;

  if (column == NULL)
    return NULL;
  selected = g_new (uint32_t, (size_t) s->new->n_tasks + 1);
  for (uint32_t k = 0; k < s->new->n_tasks; k++)
    selected[k] = column[s->order[k]];
  return selected;
}

static void
select_keys (const Selection *s, const WeftKeys *old, WeftKeys *new)
{
  new->patterns = g_new (uint32_t, (size_t) s->new->n_tasks + 1);
  new->numbers = g_new (uint32_t, (size_t) s->new->n_tasks + 1);
  for (uint32_t k = 0; k < s->new->n_tasks; k++)
    _weft_keys_get (old, s->order[k], &new->patterns[k], &new->numbers[k]);
}

static void
select_edges (const Selection *s, const uint32_t *old_offsets, const uint32_t *old_tasks,
              const uint16_t *old_outputs, const uint32_t **offsets, const uint32_t **tasks,
              const uint16_t **outputs)
{
  uint32_t n = s->new->n_tasks;
  size_t room = (size_t) old_offsets[s->old->n_tasks] + 1;
  uint32_t *new_offsets = g_new (uint32_t, (size_t) n + 1);
  uint32_t *new_tasks = g_new (uint32_t, room);
  uint16_t *new_outputs = old_outputs != NULL ? g_new (uint16_t, room) : NULL;
  uint32_t at = 0;

  for (uint32_t k = 0; k < n; k++)
    {
      new_offsets[k] = at;
      for (uint32_t e = old_offsets[s->order[k]]; e < old_offsets[s->order[k] + 1]; e++, at++)
        {
          new_tasks[at] = s->new_ids[old_tasks[e]];
          if (new_outputs != NULL)
            new_outputs[at] = old_outputs[e];
        }
    }
  new_offsets[n] = at;
  *offsets = new_offsets;
  *tasks = g_renew (uint32_t, new_tasks, (size_t) at + 1);
  if (new_outputs != NULL)
    *outputs = g_renew (uint16_t, new_outputs, (size_t) at + 1);
}

static void
select_wanted (const Selection *s)
{
  WeftTaskOutput *wanted = g_new (WeftTaskOutput, s->old->n_wanted);
  uint32_t n = 0;

  for (uint32_t i = 0; i < s->old->n_wanted; i++)
    {
      WeftTaskOutput output = s->old->wanted[i];

      output.task = s->new_ids[output.task];
      if (output.task != WEFT_NONE)
        wanted[n++] = output;
    }
  s->new->wanted = wanted;
  s->new->n_wanted = n;
}

static void
select_hints (const Selection *s, uint32_t n_slots)
{
  const WeftGraphHints *old = &s->old->hints;
  WeftGraphHints *new = &s->new->hints;
  uint32_t n = s->new->n_tasks;

  new->machine = select_column (s, old->machine);
  if (old->runtime_ns != NULL)
    {
      int64_t *runtime_ns = g_new (int64_t, (size_t) n + 1);

      for (uint32_t k = 0; k < n; k++)
        runtime_ns[k] = old->runtime_ns[s->order[k]];
      new->runtime_ns = runtime_ns;
    }
  if (old->output_bytes != NULL)
    {
      uint64_t *bytes = g_new (uint64_t, (size_t) n_slots + 1);

      for (uint32_t k = 0; k < n; k++)
        {
          uint32_t n_outputs = s->new->calls[s->new->call_of_task[k]].n_outputs;

          memcpy (bytes + weft_graph_output_slot (s->new, k, 0),
                  old->output_bytes + weft_graph_output_slot (s->old, s->order[k], 0),
                  n_outputs * sizeof *bytes);
        }
      new->output_bytes = bytes;
    }
}

WeftGraph *
_weft_graph_select (WeftGraph *graph, const uint32_t *order, uint32_t n_tasks,
                    const uint8_t *unit_flags)
{
  WeftGraph *selected = _weft_graph_new ();
  const WeftGraphArrays *old = &graph->arrays;
  WeftGraphArrays *new = &selected->arrays;
  g_autofree uint32_t *new_ids = make_new_ids (old, order, n_tasks);
  Selection s = { old, new, order, new_ids };

  _weft_graph_set_content (selected, _weft_graph_content_ref (graph->content));
  new->n_tasks = n_tasks;
  new->n_imports = old->n_imports;
  new->imports = g_memdup2 (old->imports, old->n_imports * sizeof *old->imports);
  select_edges (&s, old->input_offsets, old->input_tasks, old->input_outputs, &new->input_offsets,
                &new->input_tasks, &new->input_outputs);
  if (old->after_offsets != NULL)
    select_edges (&s, old->after_offsets, old->after_tasks, NULL, &new->after_offsets,
                  &new->after_tasks, NULL);
  new->call_of_task = select_column (&s, old->call_of_task);
  new->group_of_task = select_column (&s, old->group_of_task);
  new->attributes_of_task = select_column (&s, old->attributes_of_task);
  select_keys (&s, &graph->keys, &selected->keys);
  if (unit_flags != NULL)
    new->unit_flags = g_memdup2 (unit_flags, n_tasks);
  _weft_graph_make_outputs (selected);
  select_hints (&s, selected->n_slots);
  select_wanted (&s);
  _weft_graph_make_dependents (selected);
  return selected;
}

WeftGraph *
weft_graph_permute (WeftGraph *graph, const uint32_t *order, const uint8_t *unit_flags)
{
  return _weft_graph_select (graph, order, graph->arrays.n_tasks, unit_flags);
}
