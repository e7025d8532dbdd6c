/* eta.c: how long the rest of a run takes, from what the watch has counted
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A pure operation that costs hardly anything anyway needs no measure: its own hint will do.
 */
#include "cli/weft-cli-run-private.h"

void
_weft_cli_eta (WeftWatch *watch, double ns_per_tick, double hint_scale, uint32_t n_workers,
               WeftEta *eta)
{
  g_autofree WeftEtaGroup *groups = g_new (WeftEtaGroup, MAX (watch->n_groups, 1));
  g_autofree uint8_t *ended = NULL;
  WeftEtaFacts facts = { .groups = groups,
                         .n_groups = watch->n_groups,
                         .n_workers = n_workers,
                         .ns_per_unit = ns_per_tick,
                         .hint_scale = hint_scale };

  pthread_mutex_lock (&watch->lock);
  ended = g_memdup2 (watch->ended, MAX (watch->arrays->n_tasks, 1));
  for (uint32_t i = 0; i < watch->n_groups; i++)
    groups[i] = watch->groups[i].durations;
  pthread_mutex_unlock (&watch->lock);
  weft_eta_estimate (&facts, watch->arrays, ended, eta);
}
