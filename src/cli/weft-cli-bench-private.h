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
/* What each task must give, modulo 2^64. Returns: (transfer full) (array) */
uint64_t *_weft_cli_bench_expected (WeftGraph *graph);
/* What a task gave. */
uint64_t _weft_cli_bench_value (const WeftValue *value);
/* The operations of these graphs. @n_steps: of the busy loop; outlives the registry */
bool _weft_cli_bench_add_ops (WeftOpRegistry *registry, uint64_t *n_steps, GError **error);
uint64_t _weft_cli_bench_burn (uint64_t n_steps, uint64_t seed);

/* ---- bench-run.c ----------------------------------------------------------------------------- */

#define WEFT_BENCH_MAX_ROUNDS 1000

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
  uint64_t peak_bytes; /* VmHWM at the end of the run */
} WeftBenchTimes;

/* Runs the graph once, passes off, and checks values, records and that nothing was left to do when
 * the time was taken. */
bool _weft_cli_bench_once (WeftBench *bench, WeftGraph *graph, WeftBenchRecords records,
                           WeftBenchTimes *times, GError **error);

/* ---- bench-metg.c ---------------------------------------------------------------------------- */

/* The last one has tasks of 17 µs. */
#define WEFT_BENCH_MAX_POINTS 12

typedef struct
{
  uint64_t n_steps; /* of the busy loop, each task */
  double step_ns;   /* at the peak rate */
  uint32_t n_tasks, n_workers;
  int64_t run_ns; /* median */
} WeftBenchPoint;

/* Runs the stencil, 64 wide, with ever longer tasks until half of the peak rate is reached.
 * @size: its steps, 0: the usual. @points: room for WEFT_BENCH_MAX_POINTS. Returns: how many
 * points, 0 with @error */
uint32_t _weft_cli_bench_sweep (WeftBench *bench, uint32_t size, WeftBenchRecords records,
                                WeftBenchPoint *points, GError **error);
/* The share of the peak rate. */
double _weft_cli_bench_efficiency (const WeftBenchPoint *point);
/* METG (50 %): the task's own duration, and with the scheduling. Returns: %FALSE if half is not
 * reached */
bool _weft_cli_bench_metg (const WeftBenchPoint *points, uint32_t n, double *task_ns,
                           double *granularity_ns);

/* ---- bench-pair.c ---------------------------------------------------------------------------- */

/* The speed of a thread while a second one works beside it, as a share of its speed alone: 0.9 to 1
 * on two cores, about 2/3 on one core's two threads, 1/2 on one processor; 0: no thread. Takes 27
 * ms. */
double _weft_cli_bench_pair (void);

/* ---- bench-driver.c -------------------------------------------------------------------------- */

/* Lines for tests/perf/peers/table.py. @argv: SHAPE [SIZE [ROUNDS]], shapes, metg [SIZE], bytes
 * [SHAPE] or pair */
bool _weft_cli_bench_drive (WeftBench *bench, WeftBenchRecords records, WeftBenchValues values,
                            int argc, char **argv, GError **error);
/* Bytes a task that the graph with its keys takes, and the state of a run once all of it was
 * touched, both as the kernel counts them. */
bool _weft_cli_bench_bytes (WeftBench *bench, const char *shape, double *graph_bytes,
                            double *state_bytes, GError **error);
