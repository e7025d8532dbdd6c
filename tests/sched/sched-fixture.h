/* sched-fixture.h: an engine with the tests' own operations, graphs from shapes, records in memory
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "graph/weft-graph-builder.h"
#include "sched/weft-engine.h"
#include "shapes.h"
#include "test-support.h"

/* Operations: t.sum (1 + sum of int64 inputs), t.box (the same as 64-byte boxes), t.bytes (a buffer
 * of so many bytes), t.fail (fails up to attempt n, then gives n), t.gate (waits for
 * fixture_open_gate()), t.pair (two outputs: sum, and sum + 1), t.take (adds 1 in place, counts how
 * often it could), t.nest (n: returns a graph that nests n - 1 further). */
WeftOpRegistry *fixture_registry (void);

/* An operation for tests, of any arguments. */
extern const WeftOpParam fixture_any_params[1];
#define FIXTURE_OP(op_name, op_kernel, outputs, op_flags)                                         \
  {                                                                                               \
    .name = op_name, .version = 1, .doc = "for tests", .params = fixture_any_params,              \
    .n_params = 1, .variadic = true, .n_outputs = outputs, .flags = op_flags, .kernel = op_kernel \
  }

WeftEngine *fixture_engine (uint32_t n_workers);
/* Tasks key "t-<id>" in the shape's order, made topological; the last sinks are wanted. */
WeftGraph *fixture_graph (const WeftShape *shape, const char *op);
/* A task's dependencies without repeats, by id in the shape. Returns how many. */
uint32_t fixture_unique_inputs (const WeftShape *shape, uint32_t task, WeftTaskOutput *inputs);
/* The value t.sum gives each task, computed serially, by builder id. (transfer full) */
int64_t *fixture_expected (const WeftShape *shape);
/* Starts, waits, checks DONE. (transfer full) */
WeftRun *fixture_run (WeftEngine *engine, WeftGraph *graph, const WeftRunOptions *options);
int64_t fixture_int (WeftRun *run, uint32_t segment, uint32_t task);

void fixture_close_gate (void);
void fixture_open_gate (void);
/* Blocks until n tasks have come to the gate since it was closed. */
void fixture_wait_at_gate (uint32_t n);
uint32_t fixture_n_taken (void);
uint32_t fixture_most_inside (void);
