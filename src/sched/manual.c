/* manual.c: an engine without threads, stepped by its caller on a clock of the caller's
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * For tests: which worker does the next thing is the test's choice, and so are the stamps in the
 * records and the moments of retries and deadlines. The code that runs is the workers' own.
 */
#include "config.h"

#include "sched/weft-sched-private.h"
#include "sched/weft-timer-private.h"

#define TICK_NS 1000

uint64_t
_weft_engine_manual_now (WeftEngine *engine)
{
  if (engine->manual_clock != NULL)
    return engine->manual_clock (engine->manual_data);
  return atomic_fetch_add_explicit (&engine->manual_count, TICK_NS, memory_order_relaxed);
}

/* What deadlines and back-offs count in. */
int64_t
_weft_engine_now_ns (WeftEngine *engine)
{
  return engine->manual ? (int64_t) _weft_engine_manual_now (engine) : weft_clock_mono_ns ();
}

/* A stamp for a record, in the engine's clock. */
uint64_t
_weft_engine_stamp (WeftEngine *engine)
{
  return engine->manual ? _weft_engine_manual_now (engine) : weft_clock_ticks (engine->clock);
}

bool
weft_engine_step_manual (WeftEngine *engine, uint32_t worker)
{
  bool any;

  if (!engine->manual || worker >= engine->n_threads)
    return false;
  any = _weft_timers_run_due (engine);
  return _weft_worker_serve_any (engine->workers[worker], true) || any;
}
