/* bench-run.c: one measured run
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "cli/weft-cli-bench-private.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <inttypes.h>
#include <unistd.h>

bool
_weft_cli_bench_open (WeftBench *bench, uint32_t n_workers, GError **error)
{
  WeftEngineOptions options = { .n_workers = n_workers };
  int fd;

  *bench = (WeftBench){ .n_workers = n_workers };
  bench->registry = weft_op_registry_new ();
  if (!_weft_cli_bench_add_ops (bench->registry, &bench->n_steps, error))
    return false;
  fd = g_file_open_tmp ("weftline-bench-XXXXXX", &bench->run_file, error);
  if (fd < 0)
    return false;
  close (fd);
  options.registry = bench->registry;
  bench->engine = weft_engine_new (&options, error);
  return bench->engine != NULL;
}

void
_weft_cli_bench_close (WeftBench *bench)
{
  if (bench->engine != NULL)
    weft_engine_free (bench->engine);
  if (bench->registry != NULL)
    weft_op_registry_unref (bench->registry);
  if (bench->run_file != NULL)
    g_unlink (bench->run_file);
  g_free (bench->run_file);
}

static bool
check_result (WeftRun *run, WeftGraph *graph, GError **error)
{
  uint32_t last = weft_graph_arrays (graph)->n_tasks - 1;
  uint64_t expected = _weft_cli_bench_expected (graph), found = 0;
  WeftValue value = WEFT_VALUE_INIT;

  if (weft_run_phase (run) != WEFT_RUN_DONE)
    {
      if (!weft_run_error (run, error))
        g_set_error (error, WEFT_ENGINE_ERROR, WEFT_ENGINE_ERROR_FAILED, "the run did not end");
      return false;
    }
  if (weft_run_result (run, 0, last, 0, &value))
    found = _weft_cli_bench_value (&value);
  weft_value_clear (&value);
  if (found == expected)
    return true;
  g_set_error (error, WEFT_ENGINE_ERROR, WEFT_ENGINE_ERROR_FAILED,
               "wrong result: %" PRIu64 ", expected %" PRIu64, found, expected);
  return false;
}

bool
_weft_cli_bench_once (WeftBench *bench, WeftGraph *graph, WeftBenchRecords records,
                      WeftBenchTimes *times, GError **error)
{
  const WeftRunOptions options = {
    .records = records != WEFT_BENCH_OFF,
    .recorder = { .path = records == WEFT_BENCH_FILE ? bench->run_file : NULL },
  };
  int64_t start_ns = weft_clock_mono_ns (), prepared_ns, ended_ns;
  WeftRun *run = weft_run_new (bench->engine, graph, &options, error);
  bool good;

  if (run == NULL)
    return false;
  prepared_ns = weft_clock_mono_ns ();
  weft_run_start (run);
  weft_run_wait (run, -1);
  ended_ns = weft_clock_mono_ns ();
  good = check_result (run, graph, error);
  times->prepare_ns = prepared_ns - start_ns;
  times->run_ns = ended_ns - prepared_ns;
  start_ns = weft_clock_mono_ns ();
  weft_run_unref (run);
  times->free_ns = weft_clock_mono_ns () - start_ns;
  return good;
}
