/* test-future.c: submitting while a run goes on, waiting, nested graphs
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "sched-fixture.h"

static WeftRun *
open_run (WeftEngine *engine)
{
  WeftRunOptions options = { .keep_open = true };
  g_autoptr (GError) error = NULL;
  WeftRun *run = weft_run_new (engine, NULL, &options, &error);

  g_assert_no_error (error);
  weft_run_start (run);
  return run;
}

static void
close_run (WeftRun *run)
{
  weft_run_close (run);
  g_assert_true (weft_run_wait (run, -1));
  weft_run_unref (run);
}

static int64_t
get (WeftFuture *future)
{
  g_autoptr (GError) error = NULL;
  WeftValue value;

  weft_future_get (future, &value, &error);
  g_assert_no_error (error);
  g_assert_cmpint (weft_value_type (&value), ==, WEFT_TYPE_INT64);
  return value.u.i;
}

static void
test_chain_of_submits (void)
{
  WeftEngine *engine = fixture_engine (2);
  WeftRun *run = open_run (engine);
  WeftFuture *last = NULL;

  for (int i = 0; i < 500; i++)
    {
      WeftValue zero;
      WeftFuture *future;

      weft_value_set_int64 (&zero, 0);
      future = weft_run_submit (run, NULL, "t.sum", &zero, &last, 1, NULL);
      g_assert_nonnull (future);
      weft_future_unref (last);
      last = future;
    }
  g_assert_cmpint (get (last), ==, 500);
  weft_future_unref (last);
  close_run (run);
  weft_engine_free (engine);
}

static void
test_map_gather_as_completed (void)
{
  WeftEngine *engine = fixture_engine (3);
  WeftRun *run = open_run (engine);
  WeftValue items[100], values[100];
  WeftFuture *futures[100];
  bool taken[100] = { false };
  g_autoptr (GError) error = NULL;
  size_t n = 0;

  for (int i = 0; i < 100; i++)
    weft_value_set_int64 (&items[i], i);
  g_assert_true (weft_run_map (run, "t.sum", items, 100, futures, &error));
  while (weft_futures_as_completed (futures, 100, taken, &error) != SIZE_MAX)
    n++;
  g_assert_cmpuint (n, ==, 100);
  g_assert_true (weft_futures_gather (futures, 100, values, &error));
  for (int i = 0; i < 100; i++)
    {
      g_assert_cmpint (values[i].u.i, ==, i + 1);
      weft_future_unref (futures[i]);
    }
  close_run (run);
  weft_engine_free (engine);
}

static void
test_failed_future_says_why (void)
{
  WeftEngine *engine = fixture_engine (1);
  WeftRunOptions options = { .keep_open = true, .on_error = WEFT_ON_ERROR_CONTINUE };
  WeftRun *run = weft_run_new (engine, NULL, &options, NULL);
  WeftValue five, value;
  g_autoptr (GError) error = NULL;

  weft_run_start (run);
  weft_value_set_int64 (&five, 5);
  WeftFuture *future = weft_run_submit (run, "bad", "t.fail", &five, NULL, 1, NULL);
  g_assert_false (weft_future_get (future, &value, &error));
  test_assert_error (&error, WEFT_ENGINE_ERROR, WEFT_ENGINE_ERROR_FAILED, "bad", "fails as asked",
                     NULL);
  weft_future_unref (future);
  close_run (run);
  weft_engine_free (engine);
}

static void
nested_depth (int64_t depth)
{
  WeftEngine *engine = fixture_engine (2);
  WeftRun *run = open_run (engine);
  WeftValue n;

  weft_value_set_int64 (&n, depth);
  WeftFuture *future = weft_run_submit (run, "outer", "t.nest", &n, NULL, 1, NULL);
  g_assert_cmpint (get (future), ==, 42);
  weft_future_unref (future);
  close_run (run);
  weft_engine_free (engine);
}

static void
test_nested_graphs (void)
{
  nested_depth (0);
  nested_depth (3);
  nested_depth (2000);
}

static void
test_segments_import_by_key (void)
{
  WeftEngine *engine = fixture_engine (2);
  WeftRun *run = open_run (engine);
  WeftValue three;
  g_autoptr (GError) error = NULL;

  weft_value_set_int64 (&three, 3);
  WeftFuture *first = weft_run_submit (run, "first", "t.sum", &three, NULL, 1, NULL);
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  WeftTaskOutput input = { weft_graph_builder_import (builder, "first", 0), 0 };
  weft_graph_builder_begin_call (builder, "t.sum", 0, 1);
  weft_graph_builder_arg_slot (builder, 0);
  uint32_t task = weft_graph_builder_add_task (builder, "second", -1,
                                               weft_graph_builder_end_call (builder), &input, 1);
  weft_graph_builder_want (builder, task, 0);
  WeftGraph *graph = weft_graph_builder_freeze (builder, NULL, &error);
  g_assert_no_error (error);
  weft_graph_builder_free (builder);
  uint32_t segment = weft_run_extend (run, graph, NULL, &error);
  g_assert_no_error (error);
  WeftFuture *second = weft_run_future (run, segment, 0, 0, &error);
  g_assert_no_error (error);
  g_assert_cmpint (get (second), ==, 5);
  weft_future_unref (first);
  weft_future_unref (second);
  weft_graph_unref (graph);
  close_run (run);
  weft_engine_free (engine);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("sched", "future", "chain-of-submits", test_chain_of_submits);
  test_add ("sched", "future", "map-gather-as-completed", test_map_gather_as_completed);
  test_add ("sched", "future", "failed-future-says-why", test_failed_future_says_why);
  test_add ("sched", "future", "nested-graphs", test_nested_graphs);
  test_add ("sched", "future", "segments-import-by-key", test_segments_import_by_key);
  return g_test_run ();
}
