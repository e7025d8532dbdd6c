/* weft-cli-bench-private.h: what `weftline bench` is made of
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "cli/weft-cli-private.h"

/* ---- bench-graph.c --------------------------------------------------------------------------- */

typedef enum
{
  WEFT_BENCH_INT,  /* 1 + sum of the inputs, int64 */
  WEFT_BENCH_HEAP, /* the same in boxes of 64 bytes */
  WEFT_BENCH_BURN, /* int64, after a busy loop of n_steps */
} WeftBenchValues;

/* Names of the shapes, %NULL-terminated. */
const char *const *_weft_cli_bench_shapes (void);
/* The shape with generated keys; @size: tasks, leaves or steps, 0: the usual. Only its last task
 * is an output. Returns: (transfer full) (nullable): %NULL for an unknown shape */
WeftGraph *_weft_cli_bench_graph (const char *shape, uint32_t size, WeftBenchValues values);
/* What the last task must give, modulo 2^64. */
uint64_t _weft_cli_bench_expected (WeftGraph *graph);
/* What the last task gave. */
uint64_t _weft_cli_bench_value (const WeftValue *value);
/* The operations of these graphs. @n_steps: of the busy loop; outlives the registry */
bool _weft_cli_bench_add_ops (WeftOpRegistry *registry, uint64_t *n_steps, GError **error);
uint64_t _weft_cli_bench_burn (uint64_t n_steps, uint64_t seed);

/* ---- bench-run.c ----------------------------------------------------------------------------- */

typedef enum
{
  WEFT_BENCH_OFF,
  WEFT_BENCH_MEMORY,
  WEFT_BENCH_FILE,
  WEFT_BENCH_N_RECORDS,
} WeftBenchRecords;

typedef struct
{
  WeftEngine *engine;
  WeftOpRegistry *registry;
  uint64_t n_steps; /* of the busy loop */
  uint32_t n_workers;
  char *run_file; /* where runs are recorded */
} WeftBench;

bool _weft_cli_bench_open (WeftBench *bench, uint32_t n_workers, GError **error);
void _weft_cli_bench_close (WeftBench *bench);

typedef struct
{
  int64_t prepare_ns; /* operations bound, state allocated */
  int64_t run_ns;     /* start to end: values stored and freed, run file closed */
  int64_t free_ns;
} WeftBenchTimes;

/* Runs the graph once, passes off, and checks its result. */
bool _weft_cli_bench_once (WeftBench *bench, WeftGraph *graph, WeftBenchRecords records,
                           WeftBenchTimes *times, GError **error);

/* ---- bench-metg.c ---------------------------------------------------------------------------- */

/* METG (50 %) of the stencil, 64 wide, in ns; below 0 with @error or when it is not reached. */
double _weft_cli_bench_metg (WeftBench *bench, WeftBenchRecords records, GError **error);
