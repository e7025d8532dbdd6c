/* graph-lineage.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "graph/graph-lineage.h"

#include <glib/gi18n.h>
#include <stdatomic.h>
#include <string.h>

WeftlineTaskSet *
weftline_task_set_new (uint32_t n_tasks)
{
  static _Atomic uint64_t n_sets; /* atomic: relaxed; only its values count */
  WeftlineTaskSet *set = g_new0 (WeftlineTaskSet, 1);

  set->serial = atomic_fetch_add_explicit (&n_sets, 1, memory_order_relaxed) + 1;
  set->n_tasks = n_tasks;
  set->bits = g_new0 (uint64_t, ((size_t) n_tasks + 63) / 64 + 1);
  return set;
}

WeftlineTaskSet *
weftline_task_set_copy (const WeftlineTaskSet *set)
{
  WeftlineTaskSet *copy = weftline_task_set_new (set->n_tasks);

  copy->n_members = set->n_members;
  memcpy (copy->bits, set->bits, ((size_t) set->n_tasks + 63) / 64 * sizeof *set->bits);
  return copy;
}

bool
weftline_task_set_add (WeftlineTaskSet *set, uint32_t task)
{
  uint64_t bit = (uint64_t) 1 << task % 64;
  bool is_new = (set->bits[task / 64] & bit) == 0;

  set->bits[task / 64] |= bit;
  set->n_members += is_new;
  return is_new;
}

static void
push_new (WeftlineTaskSet *set, const uint32_t *tasks, uint32_t n, GArray *todo)
{
  for (uint32_t k = 0; k < n; k++)
    if (tasks[k] < set->n_tasks && weftline_task_set_add (set, tasks[k]))
      g_array_append_val (todo, tasks[k]);
}

static void
add_reachable (WeftlineTaskSet *set, const WeftGraphArrays *arrays, uint32_t task, bool backwards)
{
  GArray *todo = g_array_new (FALSE, FALSE, sizeof (uint32_t));
  const uint32_t *inputs = arrays->input_offsets, *afters = arrays->after_offsets;
  const uint32_t *dependents = arrays->dependent_offsets;

  g_array_append_val (todo, task);
  while (todo->len > 0)
    {
      uint32_t v = g_array_index (todo, uint32_t, todo->len - 1);

      g_array_set_size (todo, todo->len - 1);
      if (!backwards)
        push_new (set, arrays->dependents + dependents[v], dependents[v + 1] - dependents[v], todo);
      else
        {
          push_new (set, arrays->input_tasks + inputs[v], inputs[v + 1] - inputs[v], todo);
          if (afters != NULL)
            push_new (set, arrays->after_tasks + afters[v], afters[v + 1] - afters[v], todo);
        }
    }
  g_array_free (todo, TRUE);
}

/* Neither walk meets a member of the other's: that would close a cycle. */
WeftlineTaskSet *
weftline_task_set_new_lineage (const WeftGraphArrays *arrays, uint32_t task, WeftlineLineage which)
{
  WeftlineTaskSet *set = weftline_task_set_new (arrays->n_tasks);

  weftline_task_set_add (set, task);
  if (which & WEFTLINE_LINEAGE_ANCESTORS)
    add_reachable (set, arrays, task, true);
  if (which & WEFTLINE_LINEAGE_DESCENDANTS)
    add_reachable (set, arrays, task, false);
  return set;
}

void
weftline_task_set_free (WeftlineTaskSet *set)
{
  if (set == NULL)
    return;
  g_free (set->bits);
  g_free (set);
}

/* ---- values of the order --------------------------------------------------------------------- */

/* The last task that reads each one's result; n_tasks where it is held to the end. */
static uint32_t *
last_readers (const WeftGraphArrays *arrays)
{
  uint32_t n = arrays->n_tasks;
  uint32_t *last = g_new (uint32_t, (size_t) n + 1);

  for (uint32_t v = 0; v < n; v++)
    last[v] = WEFT_NONE;
  for (uint32_t v = 0; v < n; v++)
    for (uint32_t e = arrays->input_offsets[v]; e < arrays->input_offsets[v + 1]; e++)
      if (arrays->input_tasks[e] < n)
        last[arrays->input_tasks[e]] = v;
  for (uint32_t k = 0; k < arrays->n_wanted; k++)
    last[arrays->wanted[k].task] = WEFT_NONE;
  for (uint32_t v = 0; v < n; v++)
    last[v] = last[v] == WEFT_NONE ? n : last[v];
  return last;
}

/* How many results each task is the last to read. (transfer full): n_tasks + 1: the last is of
 * those that are held to the end */
static uint32_t *
count_freed (const uint32_t *last, uint32_t n)
{
  uint32_t *n_freed = g_new0 (uint32_t, (size_t) n + 1);

  for (uint32_t v = 0; v < n; v++)
    n_freed[last[v]]++;
  return n_freed;
}

/* @values: n_tasks + 1: the last is what is left at the end */
static void
set_pressure (float *values, const uint32_t *n_freed, uint32_t n)
{
  uint32_t n_held = 0;

  for (uint32_t v = 0; v < n; v++)
    {
      values[v] = (float) ++n_held;
      n_held -= n_freed[v];
    }
  values[n] = (float) n_held;
}

static void
set_change (float *values, const float *pressure, const uint32_t *last, uint32_t n, float sign)
{
  for (uint32_t v = 0; v < n; v++)
    values[v] = MAX (0, sign * (pressure[last[v]] - pressure[v]));
}

static void
set_values (float *values, WeftlineGraphValue value, const uint32_t *last, uint32_t n)
{
  g_autofree uint32_t *n_freed = count_freed (last, n);
  g_autofree float *pressure = g_new (float, (size_t) n + 1);

  set_pressure (pressure, n_freed, n);
  if (value == WEFTLINE_VALUE_INCREASE || value == WEFTLINE_VALUE_DECREASE)
    set_change (values, pressure, last, n, value == WEFTLINE_VALUE_INCREASE ? 1 : -1);
  else
    for (uint32_t v = 0; v < n; v++)
      values[v] = value == WEFTLINE_VALUE_AGE     ? (float) (last[v] - v)
                  : value == WEFTLINE_VALUE_FREED ? (float) n_freed[v]
                                                  : pressure[v];
}

float *
weftline_graph_values_new (const WeftGraphArrays *arrays, WeftlineGraphValue value, float *most)
{
  uint32_t n = arrays->n_tasks;
  float *values = g_new0 (float, (size_t) n + 1);
  g_autofree uint32_t *last = value == WEFTLINE_VALUE_ORDER ? NULL : last_readers (arrays);

  if (last != NULL)
    set_values (values, value, last, n);
  else
    for (uint32_t v = 0; v < n; v++)
      values[v] = (float) v;
  *most = 0;
  for (uint32_t v = 0; v < n; v++)
    *most = MAX (*most, values[v]);
  return values;
}

/* ---- their names ----------------------------------------------------------------------------- */

typedef struct
{
  const char *name, *title;
} ValueNames;

static const ValueNames value_names[WEFTLINE_N_VALUES] = {
  [WEFTLINE_VALUE_ORDER] = { "order", N_ ("Place in the order") },
  [WEFTLINE_VALUE_AGE] = { "age", N_ ("Age: tasks until the result is let go") },
  [WEFTLINE_VALUE_FREED] = { "freed", N_ ("Results let go after the task") },
  [WEFTLINE_VALUE_PRESSURE] = { "memorypressure", N_ ("Memory pressure: results held") },
  [WEFTLINE_VALUE_INCREASE] = { "memoryincreases", N_ ("Memory increase until it is let go") },
  [WEFTLINE_VALUE_DECREASE] = { "memorydecreases", N_ ("Memory decrease until it is let go") },
};

const char *
weftline_graph_value_name (WeftlineGraphValue value)
{
  return value_names[value].name;
}

const char *
weftline_graph_value_title (WeftlineGraphValue value)
{
  return _ (value_names[value].title);
}

bool
weftline_graph_value_find (const char *name, WeftlineGraphValue *value)
{
  for (int i = 0; i < WEFTLINE_N_VALUES; i++)
    if (g_strcmp0 (value_names[i].name, name) == 0)
      {
        *value = (WeftlineGraphValue) i;
        return true;
      }
  return false;
}
