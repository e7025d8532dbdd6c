/* test-future.c: submitting while a run goes on, waiting, nested graphs
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "control-fixture.h"

#include <pthread.h>
#include <string.h>

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
  WeftFuture *future = control_submit (run, "t.nest", depth);

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

/* ---- 100,000 levels -------------------------------------------------------------------------- */

#define N_LEVELS 100000

static uint64_t
resident_bytes (void)
{
  g_autofree char *text = test_file_read ("/proc/self/statm");

  return g_ascii_strtoull (strchr (text, ' '), NULL, 10) * 4096;
}

/* New threads get so small a stack that nothing could recurse that deep. */
static void
set_stack_bytes (size_t n_bytes)
{
  pthread_attr_t attributes;

  pthread_attr_init (&attributes);
  g_assert_cmpint (pthread_attr_setstacksize (&attributes, n_bytes), ==, 0);
  g_assert_cmpint (pthread_setattr_default_np (&attributes), ==, 0);
  pthread_attr_destroy (&attributes);
}

static void
test_100000_levels (void)
{
  size_t stack_bytes = test_slowdown () > 1 ? 2 << 20 : 128 << 10;
  uint64_t before, after;
  WeftEngine *engine;
  WeftFuture *future;
  WeftRun *run;

  set_stack_bytes (stack_bytes);
  engine = fixture_engine (2);
  run = open_run (engine);
  before = resident_bytes ();
  future = control_submit (run, "t.nest", N_LEVELS - 1);
  g_assert_cmpint (get (future), ==, 42);
  after = resident_bytes ();
  g_assert_cmpuint (weft_run_n_segments (run), ==, N_LEVELS + 1);
  g_test_message ("%d levels, stacks of %u KiB, %.1f MiB resident, %d bytes a level", N_LEVELS,
                  (unsigned) (stack_bytes >> 10), (double) (after - before) / (1 << 20),
                  (int) ((after - before) / N_LEVELS));
  if (test_slowdown () == 1)
    g_assert_cmpuint ((after - before) / N_LEVELS, <, 6000);
  weft_future_unref (future);
  close_run (run);
  weft_engine_free (engine);
  set_stack_bytes (8 << 20);
}

/* The failure at the bottom becomes everybody's on the way up, and nobody's on the way is lost. */
static void
test_failure_100000_levels_down (void)
{
  WeftEngine *engine = control_engine (2, 0);
  WeftRun *run = control_open_run (engine, WEFT_ON_ERROR_CONTINUE);
  WeftFuture *future = control_submit (run, "c.nests", N_LEVELS - 1);
  g_autoptr (GError) error = NULL;
  WeftRunProgress progress;
  WeftValue value;

  g_assert_false (weft_future_get (future, &value, &error));
  test_assert_error (&error, WEFT_ENGINE_ERROR, WEFT_ENGINE_ERROR_FAILED, "inner", "fails as asked",
                     NULL);
  weft_run_progress (run, &progress);
  g_assert_cmpuint (progress.n_erred, ==, N_LEVELS + 1);
  weft_future_unref (future);
  control_end_run (run);
  weft_engine_free (engine);
}

/* ---- returning graphs wrongly ---------------------------------------------------------------- */

#define WRONG_BYTES 100000 /* of a value that would be missed; errors stay until the run goes */

static WeftStatus
return_one (WeftTask *task, const char *op, uint32_t n_values)
{
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  g_autofree char *big = g_strnfill (WRONG_BYTES, 'x');
  WeftValue values[2];
  WeftTaskOutput input;
  uint32_t inner;

  for (uint32_t i = 0; i < n_values; i++)
    weft_value_init_string (&values[i], weft_task_account (task), big, WRONG_BYTES);
  weft_graph_builder_begin_call (builder, op, 0, 1);
  weft_graph_builder_arg_slot (builder, 0);
  input = (WeftTaskOutput){ weft_graph_builder_import_value (builder), 0 };
  inner = weft_graph_builder_add_task (builder, "inner", -1, weft_graph_builder_end_call (builder),
                                       &input, 1);
  weft_graph_builder_want (builder, inner, 0);
  return weft_task_return_graph (task, control_freeze (builder), values, n_values);
}

/* The number says what is wrong. */
static WeftStatus
wrong_kernel (WeftTask *task, const WeftValue *args, uint32_t n_args G_GNUC_UNUSED,
              WeftValue *results)
{
  switch (args[0].u.i)
    {
    case 0:
      return_one (task, "t.sum", 1);
      return return_one (task, "t.sum", 1);
    case 1:
      return weft_task_return_graph (task, NULL, NULL, 0);
    case 2:
      return return_one (task, "t.sum", 2);
    case 3:
      return return_one (task, "nobody", 1);
    case 4:
      return WEFT_AGAIN;
    default: /* changes its mind */
      return_one (task, "t.sum", 1);
      weft_value_set_int64 (results, 5);
      return WEFT_OK;
    }
}

static void
test_wrong_graphs_fail_and_leak_nothing (void)
{
  static const char *const says[] = { "two graphs", "no graph", "1 values, 2 were given", "nobody",
                                      "no graph" };
  WeftEngine *engine = control_engine (2, 0);
  const WeftOpParam params[] = { { .name = "n", .accepts = WEFT_ACCEPT_ANY, .doc = "what" } };
  const WeftOp op = { .name = "wrong",
                      .version = 1,
                      .doc = "wrong",
                      .params = params,
                      .n_params = 1,
                      .n_outputs = 1,
                      .kernel = wrong_kernel };
  WeftRun *run = control_open_run (engine, WEFT_ON_ERROR_CONTINUE);
  g_autoptr (GError) error = NULL;
  WeftRunProgress progress;
  WeftFuture *future;
  WeftValue value;

  g_assert_true (weft_op_registry_add (weft_engine_registry (engine), &op, 1, NULL));
  for (int k = 0; k < 5; k++)
    {
      future = control_submit (run, "wrong", k);
      g_assert_false (weft_future_get (future, &value, &error));
      test_assert_error (&error, WEFT_ENGINE_ERROR, WEFT_ENGINE_ERROR_FAILED, says[k], NULL);
      weft_future_unref (future);
    }
  future = control_submit (run, "wrong", 5);
  g_assert_cmpint (get (future), ==, 5);
  weft_future_unref (future);
  weft_run_close (run);
  g_assert_true (weft_run_wait (run, -1));
  weft_run_progress (run, &progress);
  g_assert_cmpuint (progress.managed_bytes, <, WRONG_BYTES);
  weft_run_unref (run);
  weft_engine_free (engine);
}

/* ---- kernels that wait ----------------------------------------------------------------------- */

/* Records of waiting and of other work never meet on one lane. Where the machine takes a core away
 * between submission and wait, the result is there already and none is recorded: not for most. */
static void
check_nothing_runs_on_waiting_stacks (WeftRun *run, uint32_t n_waits)
{
  g_autoptr (GArray) blocked = control_records (run, WEFT_RECORD_BLOCKED);
  g_autoptr (GArray) tasks = control_records (run, WEFT_RECORD_TASK);

  g_assert_cmpuint (blocked->len, <=, n_waits);
  g_assert_cmpuint (blocked->len, >, n_waits / 2);
  for (guint i = 0; i < blocked->len; i++)
    for (guint k = 0; k < tasks->len; k++)
      {
        const ControlRecord *waits = &g_array_index (blocked, ControlRecord, i);
        const ControlRecord *runs = &g_array_index (tasks, ControlRecord, k);

        if (waits->lane == runs->lane)
          g_assert_true (runs->record.start <= waits->record.start
                         || runs->record.start >= weft_record_end (&waits->record));
      }
}

/* One worker, and tasks that wait for tasks that wait …: spares take their slots. */
static void
test_spares_stand_in_for_waiting_tasks (void)
{
  WeftEngine *engine = control_engine (1, 0);
  WeftRunOptions options = { .records = true, .keep_open = true };
  WeftRun *run = control_run (engine, NULL, &options);
  WeftFuture *futures[3];

  weft_run_start (run);
  for (int i = 0; i < 3; i++)
    futures[i] = control_submit (run, "c.block", 20);
  for (int i = 0; i < 3; i++)
    {
      g_assert_cmpint (get (futures[i]), ==, 20);
      weft_future_unref (futures[i]);
    }
  weft_run_close (run);
  g_assert_true (weft_run_wait (run, -1));
  check_nothing_runs_on_waiting_stacks (run, 60);
  weft_run_unref (run);
  weft_engine_free (engine);
}

/* 256 may wait, as the documentation says; the next gets an error at once, and nothing hangs. */
static void
waits_up_to (uint32_t max_spares, uint32_t limit)
{
  WeftEngine *engine = control_engine (1, max_spares);
  WeftRun *run = control_open_run (engine, WEFT_ON_ERROR_CONTINUE);
  WeftFuture *future = control_submit (run, "c.block", limit);
  g_autofree char *says = g_strdup_printf ("%u tasks are waiting", limit);
  g_autoptr (GError) error = NULL;
  WeftValue value;

  g_assert_cmpint (get (future), ==, limit);
  weft_future_unref (future);
  future = control_submit (run, "c.block", limit + 1);
  g_assert_false (weft_future_get (future, &value, &error));
  test_assert_error (&error, WEFT_ENGINE_ERROR, WEFT_ENGINE_ERROR_FAILED, "cannot wait", says,
                     "which is the limit", NULL);
  weft_future_unref (future);
  /* And it goes on as before. */
  future = control_submit (run, "c.block", limit);
  g_assert_cmpint (get (future), ==, limit);
  weft_future_unref (future);
  control_end_run (run);
  weft_engine_free (engine);
}

static void
test_limit_of_waiting_tasks (void)
{
  waits_up_to (3, 3);
  waits_up_to (0, 256);
}

/* A kernel of a run that takes no segments from outside may still submit. */
static void
test_kernels_submit_to_any_run (void)
{
  WeftEngine *engine = control_engine (2, 0);
  WeftRun *run = control_run (engine, control_independent ("b", "c.block", 5, 4), NULL);

  weft_run_start (run);
  g_assert_true (weft_run_wait (run, -1));
  for (uint32_t task = 0; task < 4; task++)
    g_assert_cmpint (fixture_int (run, 0, task), ==, 5);
  weft_run_unref (run);
  weft_engine_free (engine);
}

/* ---- cancelling ------------------------------------------------------------------------------ */

static void
test_cancel_wakes_kernels_that_wait (void)
{
  WeftEngine *engine = control_engine (2, 0);
  WeftRun *run = control_open_run (engine, WEFT_ON_ERROR_STOP);
  WeftFuture *future;
  g_autoptr (GError) error = NULL;
  WeftValue value;

  fixture_close_gate ();
  future = control_submit (run, "c.waits", 1);
  fixture_wait_at_gate (1);
  weft_run_cancel (run);
  g_assert_true (weft_run_wait (run, -1));
  g_assert_cmpint (weft_run_phase (run), ==, WEFT_RUN_CANCELLED);
  g_assert_false (weft_future_get (future, &value, &error));
  test_assert_error (&error, WEFT_ENGINE_ERROR, WEFT_ENGINE_ERROR_CANCELLED, NULL);
  fixture_open_gate ();
  weft_future_unref (future);
  weft_run_unref (run);
  weft_engine_free (engine);
}

/* Only the one task: what it waited for, and the run, go on. */
static void
test_cancelled_task_stops_waiting (void)
{
  WeftEngine *engine = control_engine (2, 0);
  WeftRun *run = control_open_run (engine, WEFT_ON_ERROR_STOP);
  WeftFuture *future, *inner;
  g_autoptr (GError) error = NULL;
  WeftValue value;

  fixture_close_gate ();
  future = control_submit (run, "c.waits", 1);
  fixture_wait_at_gate (1);
  inner = weft_run_future (run, 1, 0, 0, &error);
  g_assert_no_error (error);
  weft_future_cancel (future);
  g_assert_false (weft_future_get (future, &value, &error));
  test_assert_error (&error, WEFT_ENGINE_ERROR, WEFT_ENGINE_ERROR_CANCELLED, "c.waits", NULL);
  g_assert_false (weft_future_is_done (inner));
  fixture_open_gate ();
  g_assert_cmpint (get (inner), ==, 2);
  weft_future_unref (future);
  weft_future_unref (inner);
  control_end_run (run);
  weft_engine_free (engine);
}

static WeftStatus
waits_elsewhere_kernel (WeftTask *task, const WeftValue *args G_GNUC_UNUSED,
                        uint32_t n_args G_GNUC_UNUSED, WeftValue *results)
{
  WeftFuture *future = weft_task_user_data (task);
  g_autoptr (GError) error = NULL;

  if (!weft_future_get (future, results, &error))
    return weft_task_fail (task, "%s", error->message);
  return WEFT_OK;
}

/* A kernel waits for a future of another engine's run; its own run is cancelled. */
static void
test_cancel_wakes_across_engines (void)
{
  WeftEngine *engines[2] = { control_engine (1, 0), control_engine (1, 0) };
  WeftRun *other = control_open_run (engines[1], WEFT_ON_ERROR_STOP);
  WeftOp op = { .name = "elsewhere",
                .version = 1,
                .doc = "waits",
                .n_outputs = 1,
                .kernel = waits_elsewhere_kernel };
  WeftFuture *future;
  WeftRun *run;

  fixture_close_gate ();
  op.user_data = future = control_submit (other, "t.gate", 1);
  g_assert_true (weft_op_registry_add (weft_engine_registry (engines[0]), &op, 1, NULL));
  for (int k = 0; k < 2; k++)
    {
      WeftRunOptions options = { .records = true };

      run = control_run (engines[0], control_independent ("w", "elsewhere", -1, 1), &options);
      weft_run_start (run);
      while (control_state (run, "w-0") != WEFT_STATE_PROCESSING
             && weft_run_phase (run) == WEFT_RUN_RUNNING)
        g_thread_yield ();
      if (k == 0)
        weft_run_cancel (run);
      else
        fixture_open_gate ();
      g_assert_true (weft_run_wait (run, -1));
      g_assert_cmpint (weft_run_phase (run), ==, k == 0 ? WEFT_RUN_CANCELLED : WEFT_RUN_DONE);
      weft_run_unref (run);
    }
  weft_future_unref (future);
  control_end_run (other);
  weft_engine_free (engines[0]);
  weft_engine_free (engines[1]);
}

/* A graph that stands in for a task goes with it, however deep. */
static void
test_cancel_reaches_nested_graphs (void)
{
  WeftEngine *engine = control_engine (1, 0);
  WeftRun *run = control_open_run (engine, WEFT_ON_ERROR_STOP);
  WeftFuture *future, *last;
  g_autoptr (GError) error = NULL;
  WeftValue value;

  future = control_submit (run, "t.nest", 3000000);
  while (weft_run_n_segments (run) < 50)
    g_thread_yield ();
  weft_future_cancel (future);
  g_assert_false (weft_future_get (future, &value, &error));
  test_assert_error (&error, WEFT_ENGINE_ERROR, WEFT_ENGINE_ERROR_CANCELLED, NULL);
  g_assert_cmpint (weft_run_task_state (run, 0, 0), ==, WEFT_STATE_CANCELLED);
  last = control_submit (run, "t.sum", 1);
  g_assert_cmpint (get (last), ==, 2);
  weft_future_unref (future);
  weft_future_unref (last);
  control_end_run (run);
  weft_engine_free (engine);
}

/* Without records too: nobody has to see what runs. */
static void
test_cancel_reaches_a_running_task (void)
{
  WeftEngine *engine = control_engine (2, 0);
  WeftRun *run = control_open_run (engine, WEFT_ON_ERROR_STOP);
  WeftFuture *futures[2];
  g_autoptr (GError) error = NULL;
  WeftValue value;

  fixture_close_gate ();
  for (int i = 0; i < 2; i++)
    futures[i] = control_submit (run, "t.gate", i);
  fixture_wait_at_gate (2);
  weft_future_cancel (futures[0]);
  g_assert_false (weft_future_get (futures[0], &value, &error));
  test_assert_error (&error, WEFT_ENGINE_ERROR, WEFT_ENGINE_ERROR_CANCELLED, NULL);
  g_assert_false (weft_future_is_done (futures[1]));
  fixture_open_gate ();
  g_assert_cmpint (get (futures[1]), ==, 2);
  for (int i = 0; i < 2; i++)
    weft_future_unref (futures[i]);
  control_end_run (run);
  weft_engine_free (engine);
}

/* Futures that still wait when their run is cancelled are told, and hold nothing up. */
static void
test_pending_futures_end_with_the_run (void)
{
  WeftEngine *engine = control_engine (1, 0);
  WeftRunOptions options = { .keep_open = true, .start_paused = true };
  WeftRun *run = control_run (engine, NULL, &options);
  WeftFuture *futures[20];
  g_autoptr (GError) error = NULL;
  WeftValue value;

  weft_run_start (run);
  for (int i = 0; i < 20; i++)
    futures[i] = control_submit (run, "t.box", i);
  weft_run_cancel (run);
  g_assert_true (weft_run_wait (run, -1));
  for (int i = 0; i < 20; i++)
    {
      g_assert_true (weft_future_is_done (futures[i]));
      g_assert_false (weft_future_get (futures[i], &value, &error));
      test_assert_error (&error, WEFT_ENGINE_ERROR, WEFT_ENGINE_ERROR_CANCELLED, NULL);
      weft_future_unref (futures[i]);
    }
  /* Nor does one that comes too late wait. */
  futures[0] = weft_run_future (run, 3, 0, 0, &error);
  g_assert_no_error (error);
  g_assert_true (weft_future_is_done (futures[0]));
  weft_future_unref (futures[0]);
  weft_run_unref (run);
  weft_engine_free (engine);
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
  test_add ("sched", "future", "100000-levels", test_100000_levels);
  test_add ("sched", "future", "failure-100000-levels-down", test_failure_100000_levels_down);
  test_add ("sched", "future", "wrong-graphs-fail-and-leak-nothing",
            test_wrong_graphs_fail_and_leak_nothing);
  test_add ("sched", "future", "spares-stand-in-for-waiting-tasks",
            test_spares_stand_in_for_waiting_tasks);
  test_add ("sched", "future", "limit-of-waiting-tasks", test_limit_of_waiting_tasks);
  test_add ("sched", "future", "kernels-submit-to-any-run", test_kernels_submit_to_any_run);
  test_add ("sched", "future", "cancel-wakes-kernels-that-wait",
            test_cancel_wakes_kernels_that_wait);
  test_add ("sched", "future", "cancelled-task-stops-waiting", test_cancelled_task_stops_waiting);
  test_add ("sched", "future", "cancel-wakes-across-engines", test_cancel_wakes_across_engines);
  test_add ("sched", "future", "cancel-reaches-nested-graphs", test_cancel_reaches_nested_graphs);
  test_add ("sched", "future", "cancel-reaches-a-running-task", test_cancel_reaches_a_running_task);
  test_add ("sched", "future", "pending-futures-end-with-the-run",
            test_pending_futures_end_with_the_run);
  return g_test_run ();
}
