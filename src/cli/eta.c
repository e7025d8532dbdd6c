/* eta.c: how long the rest of a run takes, from what the tally has counted
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A pure operation that costs hardly anything anyway needs no measure: its own hint will do.
 */
#include "cli/weft-cli-run-private.h"

#include <stdlib.h>
#include <string.h>

static int
compare_ages (const void *a, const void *b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return (x < y) - (x > y);
}

/* A worker that runs something began when its last task ended, or at the start; those of which that
 * is longest ago may as well be asleep. Holds the lock. (transfer full): the longest first */
static double *
find_ages (WeftTally *tally, double ns_per_tick, const WeftCliRunning *running)
{
  uint32_t n_lanes = tally->lanes->len, n = MAX (n_lanes, running->n);
  double *ages = g_new (double, n + 1);

  for (uint32_t i = 0; i < n; i++)
    {
      uint64_t since = i < n_lanes ? g_array_index (tally->lanes, WeftTallyLane, i).last_tick
                                   : running->start_ticks;

      ages[i] =
          since < running->now_ticks ? (double) (running->now_ticks - since) * ns_per_tick : 0;
    }
  qsort (ages, n, sizeof *ages, compare_ages);
  memmove (ages, ages + n - running->n, running->n * sizeof *ages);
  return ages;
}

/* The number goes by means, the band by draws: after a few tasks of which one took very long they
 * may not meet. What is said has to be one statement. A lower bound says nothing of the band. */
static void
agree (WeftEta *eta)
{
  if (eta->known && !eta->at_least)
    eta->least_ns = CLAMP (eta->least_ns, eta->low_ns, MAX (eta->low_ns, eta->high_ns));
}

void
_weft_cli_eta (WeftTally *tally, double ns_per_tick, double hint_scale, uint32_t n_workers,
               const WeftCliRunning *running, WeftEta *eta)
{
  g_autofree WeftEtaGroup *groups = g_new (WeftEtaGroup, MAX (tally->n_groups, 1));
  g_autofree uint8_t *ended = NULL;
  g_autofree double *ages = NULL;
  WeftEtaFacts facts = { .groups = groups,
                         .n_groups = tally->n_groups,
                         .n_workers = n_workers,
                         .ns_per_unit = ns_per_tick,
                         .hint_scale = hint_scale };

  pthread_mutex_lock (&tally->lock);
  ended = g_memdup2 (tally->ended, MAX (tally->arrays->n_tasks, 1));
  for (uint32_t i = 0; i < tally->n_groups; i++)
    groups[i] = tally->groups[i].durations;
  if (running != NULL)
    ages = find_ages (tally, ns_per_tick, running);
  pthread_mutex_unlock (&tally->lock);
  facts.ages_ns = ages;
  facts.n_ages = running != NULL ? running->n : 0;
  weft_eta_estimate (&facts, tally->arrays, ended, eta);
  agree (eta);
}
