/* bench-metg.c: the smallest task that is worth its scheduling
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * METG(50 %) (Slaughter et al., "Task Bench", SC 2020): the smallest duration of a task at which
 * the workers do useful work for half of the time. The busy loop is calibrated with as many
 * threads as there are workers; durations go up by quarters of a power of ten, and between two
 * points the line counts.
 */
#include "cli/weft-cli-bench-private.h"

#include <pthread.h>
#include <stdlib.h>

#define WIDTH 64
#define ROUNDS 5
#define TARGET_NS 120e6
#define CALIBRATE_STEPS 2000000

static void *
calibrate_thread (void *data)
{
  double *best_ns = data;

  *best_ns = 1e9;
  for (uint64_t round = 0; round < 9; round++)
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

static int
compare_ns (const void *a, const void *b)
{
  int64_t x = *(const int64_t *) a, y = *(const int64_t *) b;

  return (x > y) - (x < y);
}

/* The useful share of the time with tasks of so many steps; below 0 on errors. */
static double
efficiency (WeftBench *bench, WeftBenchRecords records, double task_ns, GError **error)
{
  double n_rows = TARGET_NS * bench->n_workers / task_ns / WIDTH;
  WeftGraph *graph =
      _weft_cli_bench_graph ("stencil", (uint32_t) CLAMP (n_rows, 40, 2000), WEFT_BENCH_BURN);
  double useful_ns = weft_graph_arrays (graph)->n_tasks * task_ns / bench->n_workers;
  int64_t ns[ROUNDS];
  WeftBenchTimes times;
  bool good = true;

  for (int round = 0; round < ROUNDS && good; round++)
    {
      good = _weft_cli_bench_once (bench, graph, records, &times, error);
      ns[round] = times.run_ns;
    }
  weft_graph_unref (graph);
  if (!good)
    return -1;
  qsort (ns, ROUNDS, sizeof ns[0], compare_ns);
  return useful_ns / (double) ns[ROUNDS / 2];
}

double
_weft_cli_bench_metg (WeftBench *bench, WeftBenchRecords records, GError **error)
{
  double per_step_ns = step_ns (bench->n_workers);
  double last_ns = 0, last = 0;

  for (double aim_ns = 30; aim_ns < 1e6; aim_ns *= 1.7782794)
    {
      double task_ns, share;

      bench->n_steps = MAX ((uint64_t) (aim_ns / per_step_ns + 0.5), 1);
      task_ns = (double) bench->n_steps * per_step_ns;
      share = efficiency (bench, records, task_ns, error);
      if (share < 0)
        return -1;
      if (share >= 0.5)
        return last_ns > 0 ? last_ns + (0.5 - last) / (share - last) * (task_ns - last_ns)
                           : task_ns;
      last_ns = task_ns;
      last = share;
    }
  g_set_error (error, WEFT_ENGINE_ERROR, WEFT_ENGINE_ERROR_SYSTEM,
               "half the ideal speed is not reached; is the machine busy?");
  return -1;
}
