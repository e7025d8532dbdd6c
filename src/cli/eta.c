/* eta.c: how long the rest of a run takes
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Graham's bounds on list scheduling (1969): P workers need at least work / P and at least the
 * longest chain, and in-order issue comes close to the larger of the two. Durations are the mean
 * of what was measured in a task's group. Recorded workflows bring a hint for each task: then the
 * hint counts, times the factor by which the hints of this group were wrong so far.
 */
#include "cli/weft-cli-run-private.h"

typedef struct
{
  double *mean_ns;    /* by group; -1: unknown */
  double *hint_ratio; /* by group */
  double any_mean_ns; /* of all groups; -1: unknown */
} Durations;

static double
all_groups_mean_ns (const WeftWatch *watch, double ns_per_tick)
{
  uint64_t n = 0;
  double ticks = 0;

  for (uint32_t i = 0; i < watch->n_groups; i++)
    {
      n += watch->groups[i].n_done;
      ticks += (double) watch->groups[i].busy_ticks;
    }
  return n > 0 ? ticks * ns_per_tick / (double) n : -1;
}

static void
measure_groups (const WeftWatch *watch, double ns_per_tick, double hint_scale, Durations *durations)
{
  durations->mean_ns = g_new (double, MAX (watch->n_groups, 1));
  durations->hint_ratio = g_new (double, MAX (watch->n_groups, 1));
  durations->any_mean_ns = all_groups_mean_ns (watch, ns_per_tick);
  for (uint32_t i = 0; i < watch->n_groups; i++)
    {
      const WeftWatchGroup *group = &watch->groups[i];
      double busy_ns = (double) group->busy_ticks * ns_per_tick;

      durations->mean_ns[i] = group->n_done > 0 ? busy_ns / (double) group->n_done : -1;
      durations->hint_ratio[i] = group->hinted_ns > 0 ? busy_ns / group->hinted_ns : hint_scale;
    }
}

/* -1: nothing is known of it */
static double
task_ns (const WeftWatch *watch, const Durations *durations, uint32_t task)
{
  const int64_t *hints = watch->arrays->hints.runtime_ns;
  uint32_t group = watch->arrays->group_of_task[task];

  if (hints != NULL && hints[task] >= 0)
    return (double) hints[task] * durations->hint_ratio[group];
  if (durations->mean_ns[group] >= 0)
    return durations->mean_ns[group];
  return durations->any_mean_ns;
}

/* Longest chain of tasks that have not ended, from each of them on; the sum of their work. */
static bool
walk (const WeftWatch *watch, const Durations *durations, double *work_ns, double *chain_ns)
{
  const WeftGraphArrays *arrays = watch->arrays;
  g_autofree double *below = g_new (double, MAX (arrays->n_tasks, 1));

  for (uint32_t task = arrays->n_tasks; task-- > 0;)
    {
      double ns = watch->ended[task] ? 0 : task_ns (watch, durations, task);

      if (ns < 0)
        return false;
      below[task] = 0;
      for (uint32_t i = arrays->dependent_offsets[task]; i < arrays->dependent_offsets[task + 1];
           i++)
        below[task] = MAX (below[task], below[arrays->dependents[i]]);
      below[task] += ns;
      *work_ns += ns;
      *chain_ns = MAX (*chain_ns, below[task]);
    }
  return true;
}

int64_t
_weft_cli_eta_ns (const WeftWatch *watch, double ns_per_tick, double hint_scale, uint32_t n_workers)
{
  Durations durations;
  double work_ns = 0, chain_ns = 0;
  bool known;

  measure_groups (watch, ns_per_tick, hint_scale, &durations);
  known = walk (watch, &durations, &work_ns, &chain_ns);
  g_free (durations.mean_ns);
  g_free (durations.hint_ratio);
  if (!known)
    return -1;
  return (int64_t) MIN (MAX (work_ns / MAX (n_workers, 1), chain_ns), 9e18);
}
