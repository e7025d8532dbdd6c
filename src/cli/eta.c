/* eta.c: how long the rest of a run takes
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * What is left is played through: P workers, each taking the ready task with the smallest id, as
 * the engine does. Durations are the mean of what was measured in a task's group. Recorded
 * workflows bring a hint for each task: then the hint counts, times the factor by which the hints
 * of this group were wrong so far. Of very many tasks, where playing takes too long, only Graham's
 * bounds (1969) are looked at: at least work / P, and at least the longest chain.
 *
 * Of a group that was not measured nothing is known: its tasks count as nothing, and the estimate
 * is told as what it then is, a lower bound. But what is cheap anyway is taken to be so.
 */
#include "cli/weft-cli-run-private.h"

#define MOST_PLAYED 200000

typedef struct
{
  const WeftGraphArrays *arrays;
  uint8_t *ended;     /* by task, at one moment */
  double *mean_ns;    /* by group; -1: unknown */
  double *hint_ratio; /* by group */
  bool measured;      /* any group, or there are hints */
} Rest;

static void
look (WeftWatch *watch, double ns_per_tick, double hint_scale, Rest *rest)
{
  rest->arrays = watch->arrays;
  rest->measured = watch->arrays->hints.runtime_ns != NULL;
  rest->mean_ns = g_new (double, MAX (watch->n_groups, 1));
  rest->hint_ratio = g_new (double, MAX (watch->n_groups, 1));
  pthread_mutex_lock (&watch->lock);
  rest->ended = g_memdup2 (watch->ended, MAX (watch->arrays->n_tasks, 1));
  for (uint32_t i = 0; i < watch->n_groups; i++)
    {
      const WeftWatchGroup *group = &watch->groups[i];
      double busy_ns = (double) group->busy_ticks * ns_per_tick;

      rest->mean_ns[i] = group->n_done > 0 ? busy_ns / (double) group->n_done : group->guess_ns;
      rest->measured |= group->n_done > 0;
      rest->hint_ratio[i] = group->hinted_ns > 0 ? busy_ns / group->hinted_ns : hint_scale;
    }
  pthread_mutex_unlock (&watch->lock);
}

/* -1: nothing is known of it */
static double
task_ns (const Rest *rest, uint32_t task)
{
  const int64_t *hints = rest->arrays->hints.runtime_ns;
  uint32_t group = rest->arrays->group_of_task[task];

  if (hints != NULL && hints[task] >= 0)
    return (double) hints[task] * rest->hint_ratio[group];
  return rest->mean_ns[group];
}

/* ---- bounds ---------------------------------------------------------------------------------- */

typedef struct
{
  double work_ns, chain_ns; /* sum; longest chain */
  uint32_t n_known, n_unknown;
} Bounds;

static void
find_bounds (const Rest *rest, Bounds *bounds)
{
  const WeftGraphArrays *arrays = rest->arrays;
  g_autofree double *below = g_new (double, MAX (arrays->n_tasks, 1));

  for (uint32_t task = arrays->n_tasks; task-- > 0;)
    {
      double ns = rest->ended[task] ? 0 : task_ns (rest, task);

      if (!rest->ended[task] && ns < 0)
        bounds->n_unknown++;
      else if (!rest->ended[task])
        bounds->n_known++;
      ns = MAX (ns, 0);
      below[task] = 0;
      for (uint32_t i = arrays->dependent_offsets[task]; i < arrays->dependent_offsets[task + 1];
           i++)
        below[task] = MAX (below[task], below[arrays->dependents[i]]);
      below[task] += ns;
      bounds->work_ns += ns;
      bounds->chain_ns = MAX (bounds->chain_ns, below[task]);
    }
}

/* ---- playing it through ---------------------------------------------------------------------- */

/* Tasks by a number, the least first. */
typedef struct
{
  double at; /* when it ends; of ready tasks its id */
  uint32_t task;
} Entry;

typedef struct
{
  Entry *entries;
  uint32_t n;
} Heap;

static void
heap_push (Heap *heap, double at, uint32_t task)
{
  uint32_t i = heap->n++;

  for (; i > 0 && heap->entries[(i - 1) / 2].at > at; i = (i - 1) / 2)
    heap->entries[i] = heap->entries[(i - 1) / 2];
  heap->entries[i] = (Entry){ at, task };
}

static Entry
heap_pop (Heap *heap)
{
  Entry first = heap->entries[0], last = heap->entries[--heap->n];
  uint32_t i = 0;

  for (uint32_t child = 1; child < heap->n; i = child, child = 2 * i + 1)
    {
      if (child + 1 < heap->n && heap->entries[child + 1].at < heap->entries[child].at)
        child++;
      if (heap->entries[child].at >= last.at)
        break;
      heap->entries[i] = heap->entries[child];
    }
  heap->entries[i] = last;
  return first;
}

/* What is ready at the start goes into the heap. (transfer full): by task: how many tasks before it
 * have not ended */
static uint32_t *
count_pending (const Rest *rest, Heap *ready)
{
  const WeftGraphArrays *arrays = rest->arrays;
  uint32_t *pending = g_new0 (uint32_t, MAX (arrays->n_tasks, 1));

  for (uint32_t task = 0; task < arrays->n_tasks; task++)
    {
      if (rest->ended[task])
        continue;
      for (uint32_t i = arrays->dependent_offsets[task]; i < arrays->dependent_offsets[task + 1];
           i++)
        pending[arrays->dependents[i]]++;
      if (pending[task] == 0) /* ids are topological: all before it were seen */
        heap_push (ready, task, task);
    }
  return pending;
}

static double
play (const Rest *rest, uint32_t n_left, uint32_t n_workers)
{
  const WeftGraphArrays *arrays = rest->arrays;
  Heap ready = { g_new (Entry, n_left + 1), 0 };
  Heap running = { g_new (Entry, n_workers + 1), 0 };
  uint32_t *pending = count_pending (rest, &ready);
  double now = 0;

  while (ready.n > 0 || running.n > 0)
    {
      Entry ended;

      for (; ready.n > 0 && running.n < n_workers;)
        {
          uint32_t task = heap_pop (&ready).task;

          heap_push (&running, now + MAX (task_ns (rest, task), 0), task);
        }
      ended = heap_pop (&running);
      now = ended.at;
      for (uint32_t i = arrays->dependent_offsets[ended.task];
           i < arrays->dependent_offsets[ended.task + 1]; i++)
        if (--pending[arrays->dependents[i]] == 0)
          heap_push (&ready, arrays->dependents[i], arrays->dependents[i]);
    }
  g_free (ready.entries);
  g_free (running.entries);
  g_free (pending);
  return now;
}

int64_t
_weft_cli_eta_ns (WeftWatch *watch, double ns_per_tick, double hint_scale, uint32_t n_workers,
                  bool *at_least)
{
  Rest rest;
  Bounds bounds = { 0 };
  double ns;

  n_workers = MAX (n_workers, 1);
  look (watch, ns_per_tick, hint_scale, &rest);
  find_bounds (&rest, &bounds);
  ns = MAX (bounds.work_ns / n_workers, bounds.chain_ns);
  if (bounds.n_known > 0 && bounds.n_known + bounds.n_unknown <= MOST_PLAYED)
    ns = play (&rest, bounds.n_known + bounds.n_unknown, n_workers);
  g_free (rest.ended);
  g_free (rest.mean_ns);
  g_free (rest.hint_ratio);
  *at_least = bounds.n_unknown > 0;
  return !rest.measured && bounds.n_known + bounds.n_unknown > 0 ? -1 : (int64_t) MIN (ns, 9e18);
}
