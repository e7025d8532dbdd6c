/* bench-run.c: one measured run
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * The clock runs from the start of a prepared run until weft_run_wait() has returned. That this is
 * the whole of the work (values stored and freed, records complete, file closed) is checked
 * afterwards, each time.
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
fail (GError **error, const char *why)
{
  g_set_error_literal (error, WEFT_ENGINE_ERROR, WEFT_ENGINE_ERROR_FAILED, why);
  return false;
}

/* Whether this process has the file open. */
static bool
is_open (const char *path)
{
  g_autoptr (GDir) folder = g_dir_open ("/proc/self/fd", 0, NULL);
  const char *name;
  bool found = false;

  while (!found && folder != NULL && (name = g_dir_read_name (folder)) != NULL)
    {
      g_autofree char *link = g_build_filename ("/proc/self/fd", name, NULL);
      g_autofree char *target = g_file_read_link (link, NULL);

      found = g_strcmp0 (target, path) == 0;
    }
  return found;
}

/* Every task's value; numbers stay readable, of boxed values only the output's is left. */
static bool
check_values (WeftRun *run, WeftGraph *graph, GError **error)
{
  uint32_t n_tasks = weft_graph_arrays (graph)->n_tasks;
  g_autofree uint64_t *expected = _weft_cli_bench_expected (graph);

  for (uint32_t task = 0; task < n_tasks; task++)
    {
      WeftValue value = WEFT_VALUE_INIT;
      bool is_output = task + 1 == n_tasks;
      bool there = weft_run_result (run, 0, task, 0, &value);
      bool boxed = there && weft_value_is_boxed (&value);
      uint64_t found = there ? _weft_cli_bench_value (&value) : expected[task];

      weft_value_clear (&value);
      if (found != expected[task])
        {
          g_set_error (error, WEFT_ENGINE_ERROR, WEFT_ENGINE_ERROR_FAILED,
                       "task %u: wrong result: %" PRIu64 ", expected %" PRIu64, task, found,
                       expected[task]);
          return false;
        }
      if (boxed && !is_output)
        return fail (error, "a value was not freed");
      if (!there && (is_output || weft_run_task_state (run, 0, task) != WEFT_STATE_RELEASED))
        return fail (error, "a value was not stored");
    }
  return true;
}

/* That the time measured was the whole of it: all tasks done, no value but the output left, every
 * record kept, the file closed. */
static bool
check_end (WeftBench *bench, WeftRun *run, WeftGraph *graph, GError **error)
{
  uint32_t n_tasks = weft_graph_arrays (graph)->n_tasks;
  WeftRecorder *recorder = weft_run_recorder (run);
  WeftRunProgress progress;
  WeftRecorderStats stats;

  if (weft_run_phase (run) != WEFT_RUN_DONE)
    return weft_run_error (run, error) ? false : fail (error, "the run did not end");
  weft_run_progress (run, &progress);
  if (progress.n_tasks != n_tasks || progress.n_done != n_tasks)
    return fail (error, "the run ended before all tasks were done");
  if (recorder != NULL)
    {
      weft_recorder_stats (recorder, &stats);
      if (weft_recorder_failed (recorder) || stats.n_records < n_tasks || stats.n_dropped > 0)
        return fail (error, "records are missing");
      if (is_open (bench->run_file))
        return fail (error, "the run file was still open");
    }
  return check_values (run, graph, error);
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
  times->peak_bytes = _weft_cli_status_bytes ("VmHWM");
  good = check_end (bench, run, graph, error);
  times->prepare_ns = prepared_ns - start_ns;
  times->run_ns = ended_ns - prepared_ns;
  start_ns = weft_clock_mono_ns ();
  weft_run_unref (run);
  times->free_ns = weft_clock_mono_ns () - start_ns;
  return good;
}
