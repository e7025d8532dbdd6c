/* weft-timer-private.h: calls at a moment, on the engine's timer thread
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "sched/weft-engine.h"

typedef void (*WeftTimerFunc) (void *data);

void _weft_engine_open_timers (WeftEngine *engine);
void _weft_engine_close_timers (WeftEngine *engine);

/* Any thread. @owner (nullable) is only compared. Returns a number to remove it by. */
uint64_t _weft_timer_add (WeftEngine *engine, int64_t at_mono_ns, WeftTimerFunc func, void *data,
                          const void *owner);

/* Calls at once what an owner still has to come; NULL: everybody's. */
void _weft_timers_flush (WeftEngine *engine, const void *owner);

/* Manual engines: calls what is due. */
bool _weft_timers_run_due (WeftEngine *engine);

/* FALSE: it has been called, or is being called now. */
bool _weft_timer_remove (WeftEngine *engine, uint64_t id);
