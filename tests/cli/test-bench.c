/* test-bench.c: tests of what `weftline bench` measures and reckons
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "cli/weft-cli-bench-private.h"
#include "test-support.h"

#include <string.h>

static const char *const shape_names[] = { "independent", "chain", "tree", "stencil", "fan" };

static void
test_every_shape_is_checked (void)
{
  WeftBench bench;
  g_autoptr (GError) error = NULL;

  g_assert_true (_weft_cli_bench_open (&bench, 2, &error));
  for (size_t i = 0; i < G_N_ELEMENTS (shape_names); i++)
    for (int values = WEFT_BENCH_INT; values <= WEFT_BENCH_BURN; values++)
      for (int records = 0; records < WEFT_BENCH_N_RECORDS; records++)
        {
          WeftGraph *graph = _weft_cli_bench_graph (shape_names[i], 50, (WeftBenchValues) values);
          WeftBenchTimes times = { 0 };

          bench.n_steps = 10;
          g_assert_true (
              _weft_cli_bench_once (&bench, graph, (WeftBenchRecords) records, &times, &error));
          g_assert_no_error (error);
          g_assert_cmpint (times.prepare_ns, >, 0);
          g_assert_cmpint (times.run_ns, >, 0);
          g_assert_cmpuint (times.peak_bytes, >, 0);
          weft_graph_unref (graph);
        }
  _weft_cli_bench_close (&bench);
}

/* A time with a failed run in it would be a lie. */
static void
test_a_failed_run_has_no_time (void)
{
  WeftBench bench;
  g_autoptr (GError) error = NULL;
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  WeftGraph *graph;
  WeftBenchTimes times;
  uint32_t pattern = weft_graph_builder_key_pattern (builder, "task-", "");

  g_assert_true (_weft_cli_bench_open (&bench, 2, &error));
  /* the constant is added, though it is no input */
  weft_graph_builder_begin_call (builder, "bench.add", 0, 1);
  weft_graph_builder_arg_int64 (builder, 5);
  uint32_t call = weft_graph_builder_end_call (builder);
  weft_graph_builder_add_numbered (builder, pattern, 0, call, NULL, 0);
  weft_graph_builder_want (builder, 0, 0);
  graph = weft_graph_builder_freeze (builder, NULL, &error);
  g_assert_no_error (error);
  weft_graph_builder_free (builder);
  g_assert_false (_weft_cli_bench_once (&bench, graph, WEFT_BENCH_OFF, &times, &error));
  g_assert_error (error, WEFT_ENGINE_ERROR, WEFT_ENGINE_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, "wrong result: 6, expected 1"));
  weft_graph_unref (graph);
  _weft_cli_bench_close (&bench);
}

static void
test_expected_values (void)
{
  WeftGraph *graph = _weft_cli_bench_graph ("tree", 4, WEFT_BENCH_INT);
  g_autofree uint64_t *values = _weft_cli_bench_expected (graph);
  const uint64_t right[] = { 1, 1, 1, 1, 3, 3, 7 };

  g_assert_cmpmem (values, sizeof right, right, sizeof right);
  weft_graph_unref (graph);
  g_assert_null (_weft_cli_bench_graph ("square", 4, WEFT_BENCH_INT));
}

static void
test_a_heap_value_takes_64_bytes (void)
{
  WeftBench bench;
  WeftGraph *graph = _weft_cli_bench_graph ("chain", 1, WEFT_BENCH_HEAP);
  WeftValue value = WEFT_VALUE_INIT;
  WeftRun *run;

  g_assert_true (_weft_cli_bench_open (&bench, 1, NULL));
  run = weft_run_new (bench.engine, graph, NULL, NULL);
  weft_run_start (run);
  weft_run_wait (run, -1);
  g_assert_true (weft_run_result (run, 0, 0, 0, &value));
  g_assert_true (weft_value_is_boxed (&value));
  g_assert_cmpuint (weft_value_n_bytes (&value), ==, 64);
  weft_value_clear (&value);
  weft_run_unref (run);
  weft_graph_unref (graph);
  _weft_cli_bench_close (&bench);
}

/* A thread beside another one is not faster than alone, but for noise, and not stopped by it: two
 * on one processor have half of it each. Other programs may keep it from that for a while. */
static void
test_two_threads_are_measured (void)
{
  const gint64 deadline_us = g_get_monotonic_time () + 30 * G_USEC_PER_SEC;
  double best = 0;

  while (best < 0.3 && g_get_monotonic_time () < deadline_us)
    best = MAX (best, _weft_cli_bench_pair ());
  g_assert_cmpfloat (best, >=, 0.3);
  g_assert_cmpfloat (best, <, 10);
}

static WeftBenchPoint
point (uint64_t n_steps, int64_t run_ns)
{
  return (WeftBenchPoint){
    .n_steps = n_steps, .step_ns = 2, .n_tasks = 1000, .n_workers = 2, .run_ns = run_ns
  };
}

/* The same figures as in tests/perf/peers/test-table.py. */
static void
test_metg_lies_between_two_points (void)
{
  const WeftBenchPoint points[] = { point (50, 125000), point (100, 166667) };
  double task_ns, granularity_ns;

  g_assert_cmpfloat_with_epsilon (_weft_cli_bench_efficiency (&points[0]), 0.4, 1e-6);
  g_assert_cmpfloat_with_epsilon (_weft_cli_bench_efficiency (&points[1]), 0.6, 1e-5);
  g_assert_true (_weft_cli_bench_metg (points, 2, &task_ns, &granularity_ns));
  g_assert_cmpfloat_with_epsilon (task_ns, 150, 1e-2);
  g_assert_cmpfloat_with_epsilon (granularity_ns, (250 + 333.333) / 2, 1e-2);
}

static void
test_metg_is_the_first_point_or_none (void)
{
  const WeftBenchPoint points[] = { point (50, 125000), point (50, 80000) };
  double task_ns = -1, granularity_ns = -1;

  g_assert_false (_weft_cli_bench_metg (points, 1, &task_ns, &granularity_ns));
  g_assert_false (_weft_cli_bench_metg (points, 0, &task_ns, &granularity_ns));
  g_assert_cmpfloat (task_ns, ==, -1);
  g_assert_true (_weft_cli_bench_metg (&points[1], 1, &task_ns, &granularity_ns));
  g_assert_cmpfloat (task_ns, ==, 100);
  g_assert_cmpfloat (granularity_ns, ==, 160);
}

static void
test_a_sweep_ends_at_half_the_rate (void)
{
  WeftBench bench;
  WeftBenchPoint points[WEFT_BENCH_MAX_POINTS];
  uint32_t n;

  g_assert_true (_weft_cli_bench_open (&bench, 2, NULL));
  n = _weft_cli_bench_sweep (&bench, 10, WEFT_BENCH_FILE, points, NULL);
  g_assert_cmpuint (n, >, 0);
  for (uint32_t i = 0; i < n; i++)
    {
      g_assert_cmpuint (points[i].n_tasks, ==, 640);
      g_assert_cmpuint (points[i].n_workers, ==, 2);
      if (i + 1 < n)
        {
          g_assert_cmpuint (points[i].n_steps, <, points[i + 1].n_steps);
          g_assert_cmpfloat (_weft_cli_bench_efficiency (&points[i]), <, 0.5);
        }
    }
  _weft_cli_bench_close (&bench);
}

static void
test_memory_is_counted (void)
{
  WeftBench bench;
  double graph_bytes = 0, state_bytes = 0;

  g_assert_true (_weft_cli_bench_open (&bench, 1, NULL));
  g_assert_true (_weft_cli_bench_bytes (&bench, "stencil", &graph_bytes, &state_bytes, NULL));
  /* three inputs and three dependents of four bytes, sixteen for the value */
  g_assert_cmpfloat (graph_bytes, >, 24);
  g_assert_cmpfloat (state_bytes, >, 16);
  _weft_cli_bench_close (&bench);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/weft/cli/bench/every-shape-is-checked", test_every_shape_is_checked);
  g_test_add_func ("/weft/cli/bench/a-failed-run-has-no-time", test_a_failed_run_has_no_time);
  g_test_add_func ("/weft/cli/bench/expected-values", test_expected_values);
  g_test_add_func ("/weft/cli/bench/a-heap-value-takes-64-bytes", test_a_heap_value_takes_64_bytes);
  g_test_add_func ("/weft/cli/bench/two-threads-are-measured", test_two_threads_are_measured);
  g_test_add_func ("/weft/cli/bench/metg-lies-between-two-points",
                   test_metg_lies_between_two_points);
  g_test_add_func ("/weft/cli/bench/metg-is-the-first-point-or-none",
                   test_metg_is_the_first_point_or_none);
  g_test_add_func ("/weft/cli/bench/a-sweep-ends-at-half-the-rate",
                   test_a_sweep_ends_at_half_the_rate);
  g_test_add_func ("/weft/cli/bench/memory-is-counted", test_memory_is_counted);
  return g_test_run ();
}
