/* bench-driver.c: lines for tests/perf/peers/table.py, which puts other schedulers beside ours
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * The protocol is described in tests/perf/peers/peer-main.c; "bytes" and "pair" are only ours.
 */
#include "config.h"

#include "cli/weft-cli-bench-private.h"

#include <inttypes.h>
#include <malloc.h>
#include <string.h>

#define MAX_SIZE 100000000
#define MEMORY_SIZE 1000000 /* tasks: enough to make pages and the heap's top vanish beside them */

/* Lets the peak of memory begin anew. */
static void
reset_peak (void)
{
  FILE *file = fopen ("/proc/self/clear_refs", "w");

  if (file == NULL)
    return;
  fputs ("5", file);
  fclose (file);
}

static bool
drive_round (WeftBench *bench, const char *shape, uint32_t size, WeftBenchValues values,
             WeftBenchRecords records, GError **error)
{
  uint64_t before, peak;
  int64_t start_ns, build_ns, free_ns;
  WeftBenchTimes times;

  reset_peak ();
  before = _weft_cli_status_bytes ("VmRSS");
  start_ns = weft_clock_mono_ns ();
  WeftGraph *graph = _weft_cli_bench_graph (shape, size, values);
  uint32_t n_tasks = weft_graph_arrays (graph)->n_tasks;
  build_ns = weft_clock_mono_ns () - start_ns;
  bool good = _weft_cli_bench_once (bench, graph, records, &times, error);
  peak = times.peak_bytes;
  start_ns = weft_clock_mono_ns ();
  weft_graph_unref (graph);
  free_ns = weft_clock_mono_ns () - start_ns;
  if (good)
    printf ("%u\t%" PRId64 "\t%" PRId64 "\t%" PRId64 "\t%" PRIu64 "\n", n_tasks,
            build_ns + times.prepare_ns, times.run_ns, free_ns + times.free_ns,
            peak > before ? peak - before : 0);
  fflush (stdout);
  return good;
}

/* Without what was freed and not given back yet. */
static uint64_t
resident_bytes (void)
{
  malloc_trim (0);
  return _weft_cli_status_bytes ("VmRSS");
}

bool
_weft_cli_bench_bytes (WeftBench *bench, const char *shape, double *graph_bytes,
                       double *state_bytes, GError **error)
{
  uint32_t size = strcmp (shape, "stencil") == 0 ? MEMORY_SIZE / 64 : MEMORY_SIZE;
  uint64_t start = resident_bytes (), built, ran;
  WeftGraph *graph = _weft_cli_bench_graph (shape, size, WEFT_BENCH_INT);
  uint32_t n_tasks = weft_graph_arrays (graph)->n_tasks;
  WeftRun *run;

  built = resident_bytes ();
  run = weft_run_new (bench->engine, graph, NULL, error);
  if (run != NULL)
    {
      weft_run_start (run);
      weft_run_wait (run, -1);
      ran = resident_bytes ();
      *graph_bytes = (double) built / n_tasks - (double) start / n_tasks;
      *state_bytes = (double) ran / n_tasks - (double) built / n_tasks;
    }
  weft_run_unref (run);
  weft_graph_unref (graph);
  return run != NULL;
}

static bool
drive_bytes (WeftBench *bench, int argc, char **argv, GError **error)
{
  const char *shape = argc > 1 ? argv[1] : "stencil";
  double graph_bytes, state_bytes;

  if (_weft_cli_choice ("shape", shape, _weft_cli_bench_shapes (), error) < 0
      || !_weft_cli_bench_bytes (bench, shape, &graph_bytes, &state_bytes, error))
    return false;
  printf ("%.1f\t%.1f\n", graph_bytes, state_bytes);
  return true;
}

static bool
drive_metg (WeftBench *bench, WeftBenchRecords records, int argc, char **argv, GError **error)
{
  WeftBenchPoint points[WEFT_BENCH_MAX_POINTS];
  int64_t size = 0;
  uint32_t n;

  if (argc > 1 && !_weft_cli_number ("size", argv[1], 1, MAX_SIZE, &size, error))
    return false;
  n = _weft_cli_bench_sweep (bench, (uint32_t) size, records, points, error);
  for (uint32_t i = 0; i < n; i++)
    printf ("%" PRIu64 "\t%.4f\t%u\t%" PRId64 "\n", points[i].n_steps, points[i].step_ns,
            points[i].n_tasks, points[i].run_ns);
  return n > 0;
}

bool
_weft_cli_bench_drive (WeftBench *bench, WeftBenchRecords records, WeftBenchValues values, int argc,
                       char **argv, GError **error)
{
  const char *const *shapes = _weft_cli_bench_shapes ();
  int64_t size = 0, n_rounds = 1;

  if (strcmp (argv[0], "shapes") == 0)
    {
      g_autofree char *list = g_strjoinv (" ", (char **) shapes);

      printf ("Weftline\t%s\t%s\n", list, PACKAGE_VERSION);
      return true;
    }
  if (strcmp (argv[0], "metg") == 0)
    return drive_metg (bench, records, argc, argv, error);
  if (strcmp (argv[0], "bytes") == 0)
    return drive_bytes (bench, argc, argv, error);
  if (strcmp (argv[0], "pair") == 0)
    return printf ("%.3f\n", _weft_cli_bench_pair ()) > 0;
  if (_weft_cli_choice ("shape", argv[0], shapes, error) < 0
      || (argc > 1 && !_weft_cli_number ("size", argv[1], 0, MAX_SIZE, &size, error))
      || (argc > 2
          && !_weft_cli_number ("rounds", argv[2], 1, WEFT_BENCH_MAX_ROUNDS, &n_rounds, error)))
    return false;
  for (int64_t round = 0; round < n_rounds; round++)
    if (!drive_round (bench, argv[0], (uint32_t) size, values, records, error))
      return false;
  return true;
}
