/* bench-metg.c: the smallest task that is worth its scheduling
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * METG(50 %) (Slaughter et al., "Task Bench", SC 2020): the smallest task with which the workers
 * reach half of the peak rate. The peak is what the busy loop makes with as many threads as there
 * are workers and nothing else to do, right before and after each run, as the machine's own rate
 * changes from one second to the next. Tasks grow by quarters of a power of ten, all else staying
 * the same, until half the rate is reached; between two points the line counts.
 *
 * The task's size is told in two ways: its own duration (what the busy loop takes at the peak
 * rate), and Task Bench's granularity, wall time × workers / tasks, which includes the scheduling
 * and so is about twice as much where half of the time is lost.
 */
#include "cli/weft-cli-bench-private.h"

#include <pthread.h>
#include <stdlib.h>

#define N_RUNS 3
#define FIRST_NS 30
#define STEP_RATIO 1.7782794
#define CALIBRATE_STEPS 500000
#define CALIBRATE_ROUNDS 3

static void *
calibrate_thread (void *data)
{
  double *best_ns = data;

  *best_ns = 1e9;
  for (uint64_t round = 0; round < CALIBRATE_ROUNDS; round++)
    {
      int64_t start_ns = weft_clock_mono_ns ();
      volatile uint64_t kept = _weft_cli_bench_burn (CALIBRATE_STEPS, round);
      double ns = (double) (weft_clock_mono_ns () - start_ns) / CALIBRATE_STEPS;

      (void) kept;
      *best_ns = MIN (*best_ns, ns);
    }
  return NULL;
}

/* ns of one step with all workers' cores busy. */
static double
step_ns (uint32_t n_workers)
{
  g_autofree pthread_t *threads = g_new (pthread_t, n_workers);
  g_autofree double *best_ns = g_new (double, n_workers);
  double slowest_ns = 0;
  uint32_t n = 0;

  while (n < n_workers && pthread_create (&threads[n], NULL, calibrate_thread, &best_ns[n]) == 0)
    n++;
  for (uint32_t i = 0; i < n; i++)
    {
      pthread_join (threads[i], NULL);
      slowest_ns = MAX (slowest_ns, best_ns[i]);
    }
  return slowest_ns;
}

double
_weft_cli_bench_efficiency (const WeftBenchPoint *point)
{
  return point->n_tasks * (double) point->n_steps * point->step_ns / point->n_workers
         / (double) point->run_ns;
}

static int
compare_efficiency (const void *a, const void *b)
{
  double x = _weft_cli_bench_efficiency (a), y = _weft_cli_bench_efficiency (b);

  return (x > y) - (x < y);
}

/* The stencil with tasks of bench->n_steps: of some runs, each beside the peak rate of its time,
 * that with the median share of it. */
static bool
measure_point (WeftBench *bench, WeftGraph *graph, WeftBenchRecords records, WeftBenchPoint *point,
               GError **error)
{
  WeftBenchPoint runs[N_RUNS];
  double before_ns = step_ns (bench->n_workers);

  for (int i = 0; i < N_RUNS; i++)
    {
      WeftBenchTimes times;

      if (!_weft_cli_bench_once (bench, graph, records, &times, error))
        return false;
      double after_ns = step_ns (bench->n_workers);
      runs[i] = (WeftBenchPoint){ .n_steps = bench->n_steps,
                                  .step_ns = (before_ns + after_ns) / 2,
                                  .n_tasks = weft_graph_arrays (graph)->n_tasks,
                                  .n_workers = bench->n_workers,
                                  .run_ns = times.run_ns };
      before_ns = after_ns;
    }
  qsort (runs, N_RUNS, sizeof runs[0], compare_efficiency);
  *point = runs[N_RUNS / 2];
  return true;
}

uint32_t
_weft_cli_bench_sweep (WeftBench *bench, uint32_t size, WeftBenchRecords records,
                       WeftBenchPoint *points, GError **error)
{
  WeftGraph *graph = _weft_cli_bench_graph ("stencil", size, WEFT_BENCH_BURN);
  WeftBenchPoint warm;
  double per_step_ns = 1, aim_ns = FIRST_NS;
  uint32_t n = 0;
  bool good = true;

  bench->n_steps = 1;
  good = measure_point (bench, graph, records, &warm, error);
  if (good)
    per_step_ns = warm.step_ns;
  while (good && n < WEFT_BENCH_MAX_POINTS
         && (n == 0 || _weft_cli_bench_efficiency (&points[n - 1]) < 0.5))
    {
      bench->n_steps = MAX ((uint64_t) (aim_ns / per_step_ns + 0.5), 1);
      good = measure_point (bench, graph, records, &points[n], error);
      aim_ns *= STEP_RATIO;
      n++;
    }
  weft_graph_unref (graph);
  return good ? n : 0;
}

bool
_weft_cli_bench_metg (const WeftBenchPoint *points, uint32_t n, double *task_ns,
                      double *granularity_ns)
{
  double last = 0, last_task_ns = 0, last_granularity_ns = 0;

  for (uint32_t i = 0; i < n; i++)
    {
      const WeftBenchPoint *point = &points[i];
      double share = _weft_cli_bench_efficiency (point);
      double own_ns = (double) point->n_steps * point->step_ns;
      double wall_ns = (double) point->run_ns * point->n_workers / point->n_tasks;

      if (share >= 0.5)
        {
          double part = i > 0 ? (0.5 - last) / (share - last) : 1;

          *task_ns = last_task_ns + part * (own_ns - last_task_ns);
          *granularity_ns = last_granularity_ns + part * (wall_ns - last_granularity_ns);
          return true;
        }
      last = share;
      last_task_ns = own_ns;
      last_granularity_ns = wall_ns;
    }
  return false;
}
