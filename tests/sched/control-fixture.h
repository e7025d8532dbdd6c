/* control-fixture.h: what the tests of control, errors, futures and sharing need besides
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "sched-fixture.h"

/* Operations, beside those of sched-fixture.h: c.deaf (waits for control_open_door(), whatever it
 * is told), c.block (n: submits c.block of n - 1 and waits for it; its result plus 1), c.log
 * (prints its number, fails up to that attempt), c.spin (keeps the core for so many microseconds),
 * c.nests (n: a graph of c.nests of n - 1, or of t.fail at the end), c.waits (submits a t.gate and
 * waits for it). Registry of an engine of one's own: control_registry(). */
WeftOpRegistry *control_registry (void);
WeftEngine *control_engine (uint32_t n_workers, uint32_t max_spares);

/* A time that only the test moves on. */
typedef struct
{
  uint64_t now_ns;
} ControlClock;

WeftEngine *control_manual_engine (uint32_t n_workers, ControlClock *clock);
/* Steps worker after worker until none has anything to do; returns how many steps had. */
uint32_t control_exhaust (WeftEngine *engine, uint32_t n_workers);

/* Adds a task with a number in front of its inputs (< 0: none); its first output is wanted. */
uint32_t control_add (WeftGraphBuilder *builder, const char *key, const char *op, int64_t number,
                      const uint32_t *inputs, uint32_t n_inputs, bool wanted);
/* n tasks "<prefix>-<i>" without inputs, wanted. */
WeftGraph *control_independent (const char *prefix, const char *op, int64_t number, uint32_t n);
/* n tasks, one after the other; the last is wanted. */
WeftGraph *control_chain (const char *prefix, const char *op, int64_t number, uint32_t n);
/* Takes the builder over. (transfer full) */
WeftGraph *control_freeze (WeftGraphBuilder *builder);
/* Takes the graph over; not started. */
WeftRun *control_run (WeftEngine *engine, WeftGraph *graph, const WeftRunOptions *options);
/* A run that may be extended, started. */
WeftRun *control_open_run (WeftEngine *engine, WeftOnError on_error);
/* Closes, waits, unrefs. */
void control_end_run (WeftRun *run);
WeftFuture *control_submit (WeftRun *run, const char *op, int64_t number);

uint32_t control_find (WeftRun *run, uint32_t segment, const char *key);
WeftTaskState control_state (WeftRun *run, const char *key);
uint64_t control_n_done (WeftRun *run);
void control_wait_phase (WeftRun *run, WeftRunPhase phase);

typedef struct
{
  uint32_t lane;
  WeftRecord record;
} ControlRecord;

/* Records of a kind, in the order of their starts. (element-type ControlRecord) */
GArray *control_records (WeftRun *run, WeftRecordKind kind);

/* Nanoseconds in the stamps' unit. */
uint64_t control_ticks (int64_t ns);

void control_close_door (void);
void control_open_door (void);
/* Blocks until n tasks have come to the door since it was closed. */
void control_wait_at_door (uint32_t n);
