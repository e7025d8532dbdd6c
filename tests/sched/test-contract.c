/* test-contract.c: what each public function of weft-engine.h promises at its edges
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "control-fixture.h"

#include "kernels/weft-task-private.h"

#include <pthread.h>
#include <string.h>

#define MS INT64_C (1000000)
#define UNTOUCHED 0x5a5a5a5a

/* A value that shows whether somebody wrote it. */
static WeftValue
marked (void)
{
  WeftValue value;

  memset (&value, 0x5a, sizeof value);
  return value;
}

static void
assert_untouched (const WeftValue *value)
{
  WeftValue mark = marked ();

  g_assert_cmpmem (value, sizeof *value, &mark, sizeof mark);
}

static WeftGraph *
one_task (const char *key, const char *op)
{
  WeftGraphBuilder *builder = weft_graph_builder_new ();

  control_add (builder, key, op, 1, NULL, 0, true);
  return control_freeze (builder);
}

static WeftRun *
finished_run (WeftEngine *engine)
{
  WeftRun *run = control_run (engine, one_task ("one", "t.box"), NULL);

  weft_run_start (run);
  g_assert_true (weft_run_wait (run, -1));
  return run;
}

/* ---- engine ---------------------------------------------------------------------------------- */

static void
test_engine_new_and_free (void)
{
  WeftEngineOptions options = { .n_workers = 1025 };
  g_autoptr (GError) error = NULL;
  WeftEngine *engine;

  weft_engine_free (NULL);
  g_assert_null (weft_engine_new (&options, &error));
  test_assert_error (&error, WEFT_ENGINE_ERROR, WEFT_ENGINE_ERROR_ARGUMENT, "1025", "1 to 1024",
                     NULL);
  g_assert_null (weft_engine_new (&options, NULL));
  engine = weft_engine_new (NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (weft_engine_n_workers (engine), ==, weft_usable_cores ());
  g_assert_nonnull (weft_op_registry_find (weft_engine_registry (engine), "add", 0));
  weft_engine_free (engine);
  g_assert_cmpuint (weft_usable_cores (), >=, 1);
  g_assert_cmpuint (weft_usable_cores (), <=, 1024);
}

/* New threads cannot be had: their stacks would be too big. */
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
test_engine_without_threads (void)
{
  WeftEngineOptions options = { .n_workers = 2 };
  WeftEngine *engine = control_engine (2, 0);
  g_autoptr (GError) error = NULL;
  WeftRun *run;

  set_stack_bytes ((size_t) 1 << 46);
  g_assert_null (weft_engine_new (&options, &error));
  test_assert_error (&error, WEFT_ENGINE_ERROR, WEFT_ENGINE_ERROR_SYSTEM, "worker thread", NULL);
  g_assert_false (weft_engine_set_workers (engine, 5, &error));
  test_assert_error (&error, WEFT_ENGINE_ERROR, WEFT_ENGINE_ERROR_SYSTEM, "worker thread", NULL);
  g_assert_cmpuint (weft_engine_n_workers (engine), ==, 2);
  /* Nor can a spare: the wait is an error, no hang. If the other worker is quick there is nothing
   * to wait for. */
  WeftRunPhase phase = WEFT_RUN_DONE;
  for (int i = 0; i < 1000 && phase == WEFT_RUN_DONE; i++)
    {
      run = control_run (engine, one_task ("one", "c.block"), NULL);
      weft_run_start (run);
      g_assert_true (weft_run_wait (run, -1));
      phase = weft_run_phase (run);
      weft_run_unref (run);
    }
  g_assert_cmpint (phase, ==, WEFT_RUN_FAILED);
  set_stack_bytes (8 << 20);
  g_assert_true (weft_engine_set_workers (engine, 5, &error));
  g_assert_cmpuint (weft_engine_n_workers (engine), ==, 5);
  weft_engine_free (engine);
}

static void
test_engine_set_workers (void)
{
  WeftEngine *engine = control_engine (3, 0);
  g_autoptr (GError) error = NULL;

  g_assert_false (weft_engine_set_workers (engine, 0, &error));
  test_assert_error (&error, WEFT_ENGINE_ERROR, WEFT_ENGINE_ERROR_ARGUMENT, "0 workers", NULL);
  g_assert_false (weft_engine_set_workers (engine, 1025, NULL));
  g_assert_cmpuint (weft_engine_n_workers (engine), ==, 3);
  g_assert_false (weft_engine_step_manual (engine, 0));
  weft_engine_free (engine);
}

static void
test_engine_step_manual (void)
{
  ControlClock clock = { 1 };
  WeftEngine *engine = control_manual_engine (2, &clock);

  g_assert_false (weft_engine_step_manual (engine, 0));
  g_assert_false (weft_engine_step_manual (engine, 2));
  weft_engine_free (engine);
}

/* An amount set while a task runs that was not counted would go wrong. */
static void
test_engine_set_resource (void)
{
  WeftEngine *engine = control_engine (2, 0);
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  WeftResourceNeed need = { .name = weft_graph_builder_string (builder, "disk"), .amount = 1 };
  WeftTaskAttributes attributes = { .label = WEFT_NONE, .n_resources = 1, .resources = &need };
  WeftRunOptions options = { .keep_open = true };
  WeftFuture *second;
  WeftRun *run;

  for (int i = 0; i < 3; i++)
    {
      g_autofree char *key = g_strdup_printf ("d-%d", i);

      weft_graph_builder_set_attributes (
          builder, control_add (builder, key, "t.gate", 1, NULL, 0, true), &attributes);
    }
  run = control_run (engine, control_freeze (builder), &options);
  second = weft_run_future (run, 0, 2, 0, NULL);
  fixture_close_gate ();
  weft_run_start (run);
  fixture_wait_at_gate (2);
  weft_engine_set_resource (engine, "disk", 1);
  fixture_open_gate ();
  g_assert_true (weft_futures_wait (&second, 1, -1, NULL));
  weft_future_unref (second);
  control_end_run (run);
  weft_engine_free (engine);
}

/* ---- making and extending runs --------------------------------------------------------------- */

static void
test_run_new (void)
{
  WeftEngine *engine = control_engine (1, 0);
  WeftGraph *graph = one_task ("one", "nobody");
  WeftRunOptions records = { .records = true,
                             .recorder = { .path = "/proc/no/such/folder/run.weft" } };
  g_autoptr (GError) error = NULL;
  WeftRun *run;

  g_assert_null (weft_run_new (engine, graph, NULL, &error));
  test_assert_error (&error, WEFT_GRAPH_ERROR, WEFT_GRAPH_ERROR_OPERATION, "nobody", NULL);
  g_assert_null (weft_run_new (engine, graph, NULL, NULL));
  g_assert_null (weft_run_new (engine, NULL, &records, &error));
  test_assert_error (&error, WEFT_RECORDER_ERROR, WEFT_RECORDER_ERROR_IO, "/proc/no", NULL);
  run = weft_run_new (engine, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (weft_run_phase (run), ==, WEFT_RUN_PREPARED);
  g_assert_cmpuint (weft_run_n_segments (run), ==, 0);
  g_assert_null (weft_run_recorder (run));
  g_assert_null (weft_run_segment (run, 0));
  g_assert_true (weft_run_ref (run) == run);
  weft_run_unref (run);
  weft_run_unref (run);
  weft_run_unref (NULL);
  weft_graph_unref (graph);
  weft_engine_free (engine);
}

static void
test_run_start_and_wait (void)
{
  WeftEngine *engine = control_engine (1, 0);
  WeftRun *run = control_run (engine, one_task ("one", "t.gate"), NULL);
  WeftRunProgress progress, later;

  weft_run_progress (run, &progress);
  g_assert_cmpuint (progress.n_tasks, ==, 1);
  g_assert_cmpuint (progress.n_done, ==, 0);
  g_assert_cmpint (progress.elapsed_ns, ==, 0);
  fixture_close_gate ();
  weft_run_start (run);
  fixture_wait_at_gate (1);
  g_assert_false (weft_run_wait (run, 0));
  g_assert_false (weft_run_wait (run, MS));
  weft_run_progress (run, &progress);
  weft_run_start (run);
  weft_run_progress (run, &later);
  g_assert_cmpint (later.elapsed_ns, >=, progress.elapsed_ns);
  fixture_open_gate ();
  g_assert_true (weft_run_wait (run, INT64_MAX));
  g_assert_true (weft_run_wait (run, 0));
  g_assert_cmpint (weft_run_phase (run), ==, WEFT_RUN_DONE);
  weft_run_start (run);
  g_assert_cmpint (weft_run_phase (run), ==, WEFT_RUN_DONE);
  weft_run_unref (run);
  weft_engine_free (engine);
}

/* A negative code is one of WEFT_GRAPH_ERROR. */
static void
extend_fails (WeftRun *run, WeftGraph *graph, const WeftExtendOptions *options, int code)
{
  GQuark domain = code < 0 ? WEFT_GRAPH_ERROR : WEFT_ENGINE_ERROR;
  uint32_t n_segments = weft_run_n_segments (run);
  g_autoptr (GError) error = NULL;

  g_assert_cmpuint (weft_run_extend (run, graph, options, &error), ==, WEFT_NONE);
  test_assert_error (&error, domain, code < 0 ? -code : code, NULL);
  g_assert_cmpuint (weft_run_extend (run, graph, options, NULL), ==, WEFT_NONE);
  g_assert_cmpuint (weft_run_n_segments (run), ==, n_segments);
  weft_graph_unref (graph);
}

static WeftGraph *
importing (const char *key, uint32_t segment, uint32_t output)
{
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  uint32_t import = key != NULL ? weft_graph_builder_import (builder, key, output)
                                : weft_graph_builder_import_task (builder, segment, 0, output);

  control_add (builder, "reads", "t.sum", -1, &import, 1, true);
  return control_freeze (builder);
}

static void
test_run_extend_errors (void)
{
  WeftEngine *engine = control_engine (1, 0);
  WeftRun *run = control_open_run (engine, WEFT_ON_ERROR_STOP);
  WeftFuture *future = control_submit (run, "t.box", 1);
  WeftRun *plain = control_run (engine, one_task ("one", "t.sum"), NULL);
  WeftValue values[1];
  WeftExtendOptions options = { .values = values, .n_values = 1 };

  weft_value_init_string (&values[0], NULL, "kept", 4);
  g_assert_true (weft_futures_wait (&future, 1, -1, NULL));
  extend_fails (run, one_task ("one", "nobody"), NULL, -WEFT_GRAPH_ERROR_OPERATION);
  extend_fails (run, importing ("nobody", 0, 0), NULL, WEFT_ENGINE_ERROR_GRAPH);
  extend_fails (run, importing (NULL, 9, 0), NULL, WEFT_ENGINE_ERROR_GRAPH);
  extend_fails (run, importing (NULL, 0, 3), NULL, WEFT_ENGINE_ERROR_GRAPH);
  /* The value is still the caller's. */
  extend_fails (run, one_task ("one", "t.sum"), &options, WEFT_ENGINE_ERROR_ARGUMENT);
  g_assert_cmpstr (((WeftString *) values[0].u.box)->chars, ==, "kept");
  weft_value_unref (&values[0]);
  weft_future_unref (future);
  while (weft_run_task_state (run, 0, 0) != WEFT_STATE_RELEASED)
    g_thread_yield (); /* the worker that woke us may have it still */
  extend_fails (run, importing ("t.box-0", 0, 0), NULL, WEFT_ENGINE_ERROR_RELEASED);
  weft_run_close (run);
  weft_run_close (run);
  extend_fails (run, one_task ("one", "t.sum"), NULL, WEFT_ENGINE_ERROR_STATE);
  g_assert_true (weft_run_wait (run, -1));
  extend_fails (run, one_task ("one", "t.sum"), NULL, WEFT_ENGINE_ERROR_STATE);
  weft_run_close (plain);
  weft_run_start (plain);
  g_assert_true (weft_run_wait (plain, -1));
  extend_fails (plain, one_task ("one", "t.sum"), NULL, WEFT_ENGINE_ERROR_STATE);
  weft_run_unref (run);
  weft_run_unref (plain);
  weft_engine_free (engine);
}

/* ---- results --------------------------------------------------------------------------------- */

static void
test_run_result_and_error (void)
{
  WeftEngine *engine = control_engine (1, 0);
  WeftRun *run = finished_run (engine);
  WeftValue value = marked ();
  g_autoptr (GError) error = NULL;

  g_assert_false (weft_run_result (run, 1, 0, 0, &value));
  g_assert_false (weft_run_result (run, 0, 1, 0, &value));
  g_assert_false (weft_run_result (run, 0, 0, 1, &value));
  g_assert_false (weft_run_result (run, 0, 0, UINT32_MAX, &value));
  g_assert_false (weft_run_result (run, WEFT_NONE, WEFT_NONE, WEFT_NONE, &value));
  assert_untouched (&value);
  g_assert_true (weft_run_result (run, 0, 0, 0, &value));
  weft_value_unref (&value);
  g_assert_false (weft_run_error (run, &error));
  g_assert_no_error (error);
  g_assert_false (weft_run_error (run, NULL));
  g_assert_cmpint (weft_run_task_state (run, 0, 9), ==, WEFT_STATE_WAITING);
  g_assert_cmpint (weft_run_task_state (run, 9, 0), ==, WEFT_STATE_WAITING);
  g_autoptr (GArray) groups = weft_run_group_progress (run);
  g_assert_cmpuint (groups->len, ==, 0);
  weft_run_unref (run);
  weft_engine_free (engine);
}

static void
test_group_progress (void)
{
  WeftEngine *engine = control_engine (2, 0);
  WeftRunOptions options = { .records = true, .on_error = WEFT_ON_ERROR_CONTINUE };
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  WeftRun *run;

  for (int i = 0; i < 5; i++)
    {
      g_autofree char *good = g_strdup_printf ("good-%d", i);
      g_autofree char *bad = g_strdup_printf ("bad-%d", i);

      control_add (builder, good, "t.sum", 1, NULL, 0, true);
      control_add (builder, bad, "t.fail", 9, NULL, 0, true);
    }
  run = control_run (engine, control_freeze (builder), &options);
  weft_run_start (run);
  g_assert_true (weft_run_wait (run, -1));
  g_autoptr (GArray) groups = weft_run_group_progress (run);
  g_assert_cmpuint (groups->len, ==, 2);
  for (guint i = 0; i < 2; i++)
    {
      const WeftGroupProgress *group = &g_array_index (groups, WeftGroupProgress, i);
      WeftGraph *graph = weft_run_segment (run, group->segment);
      bool is_good = strcmp (weft_graph_group_name (graph, group->group), "good") == 0;

      g_assert_cmpuint (group->n_tasks, ==, 5);
      g_assert_cmpuint (group->n_done, ==, is_good ? 5 : 0);
      g_assert_cmpuint (group->n_erred, ==, is_good ? 0 : 5);
      g_assert_cmpuint (group->n_running, ==, 0);
      weft_graph_unref (graph);
    }
  weft_run_unref (run);
  weft_engine_free (engine);
}

/* ---- control --------------------------------------------------------------------------------- */

static void
test_control_out_of_season (void)
{
  WeftEngine *engine = control_engine (1, 0);
  WeftRun *run = control_run (engine, control_chain ("c", "t.sum", 1, 5), NULL);

  /* Before the start. */
  g_assert_false (weft_run_step (run));
  g_assert_false (weft_run_step_group (run, "c"));
  weft_run_resume (run);
  weft_run_pause (run);
  weft_run_pause (run);
  g_assert_cmpint (weft_run_phase (run), ==, WEFT_RUN_PREPARED);
  weft_run_set_slow_motion (run, -5);
  weft_run_set_memory_limit (run, 0);
  g_assert_false (weft_run_break_at_key (run, "nobody"));
  g_assert_false (weft_run_break_at_group (run, "nobody"));
  weft_run_break_above_bytes (run, UINT64_MAX);
  weft_run_clear_breakpoints (run);
  weft_run_start (run);
  g_assert_cmpint (weft_run_phase (run), ==, WEFT_RUN_PAUSED);
  g_assert_false (weft_run_step_group (run, "nobody"));
  weft_run_resume (run);
  weft_run_resume (run);
  g_assert_true (weft_run_wait (run, -1));
  /* After the end. */
  weft_run_pause (run);
  g_assert_cmpint (weft_run_phase (run), ==, WEFT_RUN_DONE);
  g_assert_false (weft_run_step (run));
  g_assert_false (weft_run_step_group (run, "c"));
  weft_run_resume (run);
  weft_run_cancel (run);
  weft_run_cancel (run);
  g_assert_cmpint (weft_run_phase (run), ==, WEFT_RUN_DONE);
  weft_run_set_slow_motion (run, MS);
  g_assert_true (weft_run_break_at_key (run, "c-1"));
  weft_run_unref (run);
  weft_engine_free (engine);
}

static void
test_cancel_before_the_start (void)
{
  WeftEngine *engine = control_engine (1, 0);
  WeftRun *run = control_run (engine, one_task ("one", "t.sum"), NULL);
  g_autoptr (GError) error = NULL;

  weft_run_cancel (run);
  g_assert_true (weft_run_wait (run, -1));
  g_assert_cmpint (weft_run_phase (run), ==, WEFT_RUN_CANCELLED);
  g_assert_true (weft_run_error (run, &error));
  test_assert_error (&error, WEFT_ENGINE_ERROR, WEFT_ENGINE_ERROR_CANCELLED, NULL);
  weft_run_start (run);
  g_assert_cmpint (weft_run_phase (run), ==, WEFT_RUN_CANCELLED);
  weft_run_unref (run);
  weft_engine_free (engine);
}

/* ---- futures --------------------------------------------------------------------------------- */

static void
test_submit_and_map_errors (void)
{
  WeftEngine *engine = control_engine (1, 0);
  WeftRun *run = control_open_run (engine, WEFT_ON_ERROR_STOP);
  WeftRun *other = control_open_run (engine, WEFT_ON_ERROR_STOP);
  WeftFuture *foreign = control_submit (other, "t.sum", 1);
  WeftFuture *futures[2] = { GUINT_TO_POINTER (UNTOUCHED), GUINT_TO_POINTER (UNTOUCHED) };
  g_autoptr (GError) error = NULL;
  WeftValue items[2];

  for (int i = 0; i < 2; i++)
    weft_value_init_string (&items[i], NULL, "kept", 4);
  g_assert_null (weft_run_submit (run, "x", "nobody", items, NULL, 1, &error));
  test_assert_error (&error, WEFT_GRAPH_ERROR, WEFT_GRAPH_ERROR_OPERATION, "nobody", NULL);
  g_assert_null (weft_run_submit (run, NULL, "nobody", items, NULL, 1, NULL));
  g_assert_null (weft_run_submit (run, "x", "t.sum", items, &foreign, 1, &error));
  test_assert_error (&error, WEFT_ENGINE_ERROR, WEFT_ENGINE_ERROR_ARGUMENT, "another run", NULL);
  g_assert_false (weft_run_map (run, "nobody", items, 2, futures, &error));
  test_assert_error (&error, WEFT_GRAPH_ERROR, WEFT_GRAPH_ERROR_OPERATION, "nobody", NULL);
  for (int i = 0; i < 2; i++)
    {
      g_assert_cmpuint (GPOINTER_TO_UINT (futures[i]), ==, UNTOUCHED);
      g_assert_cmpuint (items[i].u.box->refs, ==, 1);
      weft_value_unref (&items[i]);
    }
  g_assert_true (weft_run_map (run, "nobody", NULL, 0, NULL, &error));
  g_assert_cmpuint (weft_run_n_segments (run), ==, 0);
  weft_run_close (run);
  g_assert_null (weft_run_submit (run, "x", "t.sum", NULL, NULL, 0, &error));
  test_assert_error (&error, WEFT_ENGINE_ERROR, WEFT_ENGINE_ERROR_STATE, NULL);
  weft_future_unref (foreign);
  control_end_run (run);
  control_end_run (other);
  weft_engine_free (engine);
}

static void
test_run_future_errors (void)
{
  WeftEngine *engine = control_engine (1, 0);
  WeftRun *plain = control_run (engine, control_chain ("c", "t.box", 1, 3), NULL);
  WeftRun *run = control_open_run (engine, WEFT_ON_ERROR_STOP);
  WeftFuture *future = control_submit (run, "t.box", 1);
  static const uint32_t wrong[][3] = {
    { 9, 0, 0 }, { 0, 9, 0 }, { 0, 0, 1 }, { 0, 0, UINT32_MAX }, { WEFT_NONE, 0, 0 }
  };
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_assert_null (weft_run_future (run, wrong[i][0], wrong[i][1], wrong[i][2], &error));
      test_assert_error (&error, WEFT_ENGINE_ERROR, WEFT_ENGINE_ERROR_ARGUMENT, NULL);
    }
  g_assert_true (weft_futures_wait (&future, 1, -1, NULL));
  g_assert_true (weft_future_ref (future) == future);
  weft_future_unref (future);
  g_assert_true (weft_future_is_done (future));
  weft_future_cancel (future);
  weft_future_unref (future);
  weft_future_unref (NULL);
  g_assert_null (weft_run_future (run, 0, 0, 0, &error));
  test_assert_error (&error, WEFT_ENGINE_ERROR, WEFT_ENGINE_ERROR_RELEASED, NULL);
  /* Results that nobody will tell of cannot be waited for; those that are there can be had. */
  g_assert_null (weft_run_future (plain, 0, 2, 0, &error));
  test_assert_error (&error, WEFT_ENGINE_ERROR, WEFT_ENGINE_ERROR_STATE, "keep_open", NULL);
  weft_run_start (plain);
  g_assert_true (weft_run_wait (plain, -1));
  future = weft_run_future (plain, 0, 2, 0, &error);
  g_assert_no_error (error);
  g_assert_true (weft_future_is_done (future));
  weft_future_unref (future);
  g_assert_null (weft_run_future (plain, 0, 0, 0, NULL));
  weft_run_unref (plain);
  control_end_run (run);
  weft_engine_free (engine);
}

static void
test_waiting_errors (void)
{
  WeftEngine *engine = control_engine (3, 0);
  WeftRun *run = control_open_run (engine, WEFT_ON_ERROR_CONTINUE);
  WeftRun *other = control_open_run (engine, WEFT_ON_ERROR_CONTINUE);
  WeftFuture *good, *gate, *bad, *foreign;
  WeftValue values[2] = { marked (), marked () };
  bool taken[2] = { true, true };
  g_autoptr (GError) error = NULL;

  fixture_close_gate ();
  good = control_submit (run, "t.box", 1);
  gate = control_submit (run, "t.gate", 1);
  bad = control_submit (run, "t.fail", 9);
  foreign = control_submit (other, "t.sum", 1);
  WeftFuture *mixed[] = { good, foreign };
  WeftFuture *spoilt[] = { good, bad };

  g_assert_true (weft_futures_wait (NULL, 0, -1, &error));
  g_assert_true (weft_futures_gather (NULL, 0, NULL, &error));
  g_assert_true (weft_futures_as_completed (NULL, 0, NULL, &error) == SIZE_MAX);
  g_assert_no_error (error);
  g_assert_false (weft_futures_wait (&gate, 1, 0, &error));
  test_assert_error (&error, WEFT_ENGINE_ERROR, WEFT_ENGINE_ERROR_CANCELLED, NULL);
  g_assert_false (weft_futures_wait (&gate, 1, MS, NULL));
  g_assert_false (weft_future_is_done (gate));
  g_assert_false (weft_futures_wait (mixed, 2, -1, &error));
  test_assert_error (&error, WEFT_ENGINE_ERROR, WEFT_ENGINE_ERROR_ARGUMENT, "one run", NULL);
  g_assert_false (weft_futures_gather (mixed, 2, values, NULL));
  g_assert_false (weft_futures_gather (spoilt, 2, values, &error));
  test_assert_error (&error, WEFT_ENGINE_ERROR, WEFT_ENGINE_ERROR_FAILED, "t.fail", NULL);
  g_assert_false (weft_future_get (bad, &values[0], &error));
  test_assert_error (&error, WEFT_ENGINE_ERROR, WEFT_ENGINE_ERROR_FAILED, NULL);
  assert_untouched (&values[0]);
  assert_untouched (&values[1]);
  g_assert_true (weft_futures_as_completed (spoilt, 2, taken, &error) == SIZE_MAX);
  g_assert_no_error (error);
  taken[1] = false;
  g_assert_cmpuint (weft_futures_as_completed (spoilt, 2, taken, &error), ==, 1);
  g_assert_true (taken[1]);
  fixture_open_gate ();
  g_assert_true (weft_futures_wait (&gate, 1, INT64_MAX, NULL));
  weft_future_unref (good);
  weft_future_unref (gate);
  weft_future_unref (bad);
  weft_future_unref (foreign);
  control_end_run (run);
  control_end_run (other);
  weft_engine_free (engine);
}

/* ---- kernels that make tasks ----------------------------------------------------------------- */

/* A context that is no engine's: no run is behind it that a graph could be attached to. */
static void
test_kernels_without_an_engine (void)
{
  static const WeftTaskOps ops;
  WeftTask task;

  _weft_task_context_init (&task, &ops, NULL, 0, 0);
  g_assert_null (weft_task_run (&task));
  g_assert_cmpint (weft_task_return_graph (&task, one_task ("inner", "t.sum"), NULL, 0), ==,
                   WEFT_FAILED);
  g_assert_nonnull (strstr (_weft_task_failure (&task)->message, "not run by an engine"));
  _weft_task_context_clear (&task);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("sched", "contract", "engine-new-and-free", test_engine_new_and_free);
  test_add ("sched", "contract", "engine-without-threads", test_engine_without_threads);
  test_add ("sched", "contract", "engine-set-workers", test_engine_set_workers);
  test_add ("sched", "contract", "engine-step-manual", test_engine_step_manual);
  test_add ("sched", "contract", "engine-set-resource", test_engine_set_resource);
  test_add ("sched", "contract", "run-new", test_run_new);
  test_add ("sched", "contract", "run-start-and-wait", test_run_start_and_wait);
  test_add ("sched", "contract", "run-extend-errors", test_run_extend_errors);
  test_add ("sched", "contract", "run-result-and-error", test_run_result_and_error);
  test_add ("sched", "contract", "group-progress", test_group_progress);
  test_add ("sched", "contract", "control-out-of-season", test_control_out_of_season);
  test_add ("sched", "contract", "cancel-before-the-start", test_cancel_before_the_start);
  test_add ("sched", "contract", "submit-and-map-errors", test_submit_and_map_errors);
  test_add ("sched", "contract", "run-future-errors", test_run_future_errors);
  test_add ("sched", "contract", "waiting-errors", test_waiting_errors);
  test_add ("sched", "contract", "kernels-without-an-engine", test_kernels_without_an_engine);
  return g_test_run ();
}
