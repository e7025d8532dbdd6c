/* priority.c: what priorities ask for where no order is computed
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A task with a higher priority goes first where dependencies allow, and so does what it needs: the
 * effective priority of a task is the highest of its own and of those that depend on it. Sorting a
 * valid order by that, stably, leaves it valid. Units stay together and have the priority of their
 * most important member. The order pass does the same on the way to a better order.
 */
#include "config.h"

#include "optimize/weft-pass-private.h"

#include <stdlib.h>

typedef struct
{
  uint32_t leader; /* first task of the unit, or the task itself */
  uint32_t task;
  int32_t priority;
} Place;

static int
compare_places (const void *a, const void *b)
{
  const Place *x = a, *y = b;

  if (x->priority != y->priority)
    return x->priority > y->priority ? -1 : 1;
  return (x->task > y->task) - (x->task < y->task);
}

static bool
any_priority (const WeftGraphArrays *a)
{
  for (uint32_t t = 0; a->attributes_of_task != NULL && t < a->n_tasks; t++)
    if (_weft_pass_priority (a, t) != 0)
      return true;
  return false;
}

/* Dependents have higher ids, also as units, so all that counts for a unit is known when its last
 * member is met. (transfer full) */
static Place *
find_places (const WeftGraphArrays *a)
{
  g_autofree uint32_t *leaders = _weft_pass_leaders (a);
  Place *places = g_new (Place, (size_t) a->n_tasks + 1);

  for (uint32_t t = 0; t < a->n_tasks; t++)
    places[t] = (Place){ leaders != NULL ? leaders[t] : t, t, INT32_MIN };
  for (uint32_t t = a->n_tasks; t-- > 0;)
    {
      Place *leader = &places[places[t].leader];

      leader->priority = MAX (leader->priority, _weft_pass_priority (a, t));
      for (uint32_t e = a->dependent_offsets[t]; e < a->dependent_offsets[t + 1]; e++)
        leader->priority = MAX (leader->priority, places[places[a->dependents[e]].leader].priority);
    }
  for (uint32_t t = 0; t < a->n_tasks; t++)
    places[t].priority = places[places[t].leader].priority;
  return places;
}

WeftGraph *
_weft_pass_by_priority (WeftGraph *graph, uint32_t *new_ids)
{
  const WeftGraphArrays *a = &graph->arrays;
  g_autofree uint32_t *order = NULL;
  g_autofree Place *places = NULL;
  uint32_t n_moved = 0;

  if (!any_priority (a))
    return _weft_pass_unchanged (graph, new_ids);
  places = find_places (a);
  qsort (places, a->n_tasks, sizeof *places, compare_places);
  order = g_new (uint32_t, (size_t) a->n_tasks + 1);
  for (uint32_t k = 0; k < a->n_tasks; k++)
    {
      order[k] = places[k].task;
      n_moved += order[k] != k;
    }
  if (n_moved == 0)
    return _weft_pass_unchanged (graph, new_ids);
  return _weft_pass_select (graph, a, graph->content, order, a->n_tasks, new_ids);
}
