/* weftline-pace.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "app/weftline-pace.h"

#include <glib.h>

#define WEIGHT 0.2  /* of the last picture in what one costs */
#define MOST_NS 2e8 /* that one is taken to cost */

void
weftline_pace_shown (WeftlinePace *pace, int64_t now_us, int64_t cpu_ns)
{
  double cost_ns = (double) MAX (cpu_ns - pace->cpu_ns, 0);

  /* no matter how long nothing was shown */
  cost_ns = MIN (cost_ns, MOST_NS);
  if (pace->shown_us != 0)
    pace->cost_ns += pace->cost_ns > 0 ? WEIGHT * (cost_ns - pace->cost_ns) : cost_ns;
  pace->shown_us = now_us;
  pace->cpu_ns = cpu_ns;
}

int64_t
weftline_pace_due_us (const WeftlinePace *pace, unsigned rate, unsigned n_cores)
{
  double affordable_us = pace->cost_ns / 1e3 / (WEFTLINE_PACE_SHARE * MAX (n_cores, 1));
  double wanted_us = 1e6 / MAX (rate, 1);

  affordable_us = MIN (affordable_us, 1e6 / WEFTLINE_PACE_LEAST);
  return pace->shown_us + (int64_t) MAX (wanted_us, affordable_us);
}
