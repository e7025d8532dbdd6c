/* test-errors.c: failures, retries, what depends on them, resources, timeouts
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "control-fixture.h"

#include "base/weft-clock.h"

#define MS INT64_C (1000000)

static uint32_t
add_with (WeftGraphBuilder *builder, const char *key, const char *op, int64_t number,
          const uint32_t *inputs, uint32_t n_inputs)
{
  WeftTaskOutput edges[8] = { { 0 } };

  weft_graph_builder_begin_call (builder, op, 0, 1);
  if (number >= 0)
    weft_graph_builder_arg_int64 (builder, number);
  if (n_inputs > 0)
    weft_graph_builder_arg_slots (builder, 0, n_inputs);
  for (uint32_t i = 0; i < n_inputs; i++)
    edges[i].task = inputs[i];
  return weft_graph_builder_add_task (builder, key, -1, weft_graph_builder_end_call (builder),
                                      edges, n_inputs);
}

static WeftRun *
run_built (WeftEngine *engine, WeftGraphBuilder *builder, WeftOnError on_error)
{
  g_autoptr (GError) error = NULL;
  WeftRunOptions options = { .on_error = on_error };
  WeftGraph *graph = weft_graph_builder_freeze (builder, NULL, &error);

  g_assert_no_error (error);
  weft_graph_builder_free (builder);
  WeftRun *run = fixture_run (engine, graph, &options);
  weft_graph_unref (graph);
  return run;
}

static uint32_t
find (WeftRun *run, const char *key)
{
  WeftGraph *graph = weft_run_segment (run, 0);
  uint32_t task = weft_graph_find (graph, key, -1);

  weft_graph_unref (graph);
  g_assert_cmpuint (task, !=, WEFT_NONE);
  return task;
}

static void
test_continue_finishes_the_rest (void)
{
  WeftEngine *engine = fixture_engine (2);
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  g_autoptr (GError) error = NULL;
  WeftValue value;
  uint32_t bad = add_with (builder, "bad", "t.fail", 9, NULL, 0);
  uint32_t good = add_with (builder, "good", "t.sum", 5, NULL, 0);
  uint32_t hurt = add_with (builder, "hurt", "t.sum", -1, (uint32_t[]){ bad, good }, 2);
  uint32_t hurt_too = add_with (builder, "hurt-too", "t.sum", -1, &hurt, 1);
  uint32_t fine = add_with (builder, "fine", "t.sum", -1, &good, 1);
  uint32_t late = add_with (builder, "late", "t.sum", 1, NULL, 0);

  weft_graph_builder_add_after (builder, late, bad);
  weft_graph_builder_want (builder, hurt_too, 0);
  weft_graph_builder_want (builder, fine, 0);
  weft_graph_builder_want (builder, late, 0);
  WeftRun *run = run_built (engine, builder, WEFT_ON_ERROR_CONTINUE);
  g_assert_cmpint (weft_run_phase (run), ==, WEFT_RUN_FAILED);
  g_assert_true (weft_run_error (run, &error));
  test_assert_error (&error, WEFT_ENGINE_ERROR, WEFT_ENGINE_ERROR_FAILED, "bad",
                     "attempt 1 fails as asked", NULL);
  g_assert_cmpint (fixture_int (run, 0, find (run, "fine")), ==, 7);
  g_assert_true (weft_run_result (run, 0, find (run, "hurt-too"), 0, &value));
  g_assert_cmpint (weft_value_type (&value), ==, WEFT_TYPE_ERROR);
  g_assert_cmpstr (((WeftErrorValue *) value.u.box)->culprit_key, ==, "bad");
  weft_value_unref (&value);
  g_assert_cmpint (weft_run_task_state (run, 0, find (run, "late")), ==, WEFT_STATE_ERRED);
  weft_run_unref (run);
  weft_engine_free (engine);
}

static void
test_stop_starts_nothing_new (void)
{
  WeftEngine *engine = fixture_engine (1);
  WeftGraphBuilder *builder = weft_graph_builder_new ();

  add_with (builder, "bad", "t.fail", 9, NULL, 0);
  for (int i = 0; i < 100; i++)
    {
      g_autofree char *key = g_strdup_printf ("after-%d", i);

      add_with (builder, key, "t.sum", 1, NULL, 0);
    }
  WeftRun *run = run_built (engine, builder, WEFT_ON_ERROR_STOP);
  g_assert_cmpint (weft_run_phase (run), ==, WEFT_RUN_FAILED);
  g_assert_cmpint (weft_run_task_state (run, 0, find (run, "after-99")), ==, WEFT_STATE_CANCELLED);
  weft_run_unref (run);
  weft_engine_free (engine);
}

static void
test_retries_until_it_works (void)
{
  WeftEngine *engine = fixture_engine (2);
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  WeftTaskAttributes attributes = { .retries = 3, .retry_delay_ns = 1000000, .label = WEFT_NONE };
  uint32_t task = add_with (builder, "flaky", "t.fail", 2, NULL, 0);

  weft_graph_builder_set_attributes (builder, task, &attributes);
  weft_graph_builder_want (builder, task, 0);
  WeftRun *run = run_built (engine, builder, WEFT_ON_ERROR_STOP);
  g_assert_cmpint (weft_run_phase (run), ==, WEFT_RUN_DONE);
  g_assert_cmpint (fixture_int (run, 0, 0), ==, 3);
  weft_run_unref (run);
  weft_engine_free (engine);
}

static void
test_resources_limit_concurrency (void)
{
  WeftEngine *engine = fixture_engine (4);
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  WeftResourceNeed need = { .name = weft_graph_builder_string (builder, "gpu"), .amount = 1 };
  WeftTaskAttributes attributes = { .label = WEFT_NONE, .n_resources = 1, .resources = &need };

  weft_engine_set_resource (engine, "gpu", 2);
  for (int i = 0; i < 30; i++)
    {
      g_autofree char *key = g_strdup_printf ("g-%d", i);

      weft_graph_builder_set_attributes (builder, add_with (builder, key, "t.gate", 1, NULL, 0),
                                         &attributes);
    }
  fixture_close_gate ();
  fixture_open_gate ();
  WeftRun *run = run_built (engine, builder, WEFT_ON_ERROR_STOP);
  g_assert_cmpint (weft_run_phase (run), ==, WEFT_RUN_DONE);
  g_assert_cmpuint (fixture_most_inside (), <=, 2);
  weft_run_unref (run);
  weft_engine_free (engine);
}

static void
test_more_than_there_is_errs (void)
{
  WeftEngine *engine = fixture_engine (1);
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  WeftResourceNeed need = { .name = weft_graph_builder_string (builder, "gpu"), .amount = 3 };
  WeftTaskAttributes attributes = {
    .label = WEFT_NONE, .n_resources = 1, .resources = &need, .retries = 5
  };
  g_autoptr (GError) error = NULL;

  weft_engine_set_resource (engine, "gpu", 2);
  weft_graph_builder_set_attributes (builder, add_with (builder, "big", "t.sum", 1, NULL, 0),
                                     &attributes);
  WeftRun *run = run_built (engine, builder, WEFT_ON_ERROR_STOP);
  g_assert_true (weft_run_error (run, &error));
  test_assert_error (&error, WEFT_ENGINE_ERROR, WEFT_ENGINE_ERROR_FAILED, "big", "attempt 1",
                     "needs 3 of “gpu”, but there is only 2 of it in all", NULL);
  weft_run_unref (run);
  weft_engine_free (engine);
}

static void
test_timeout_errs_at_the_deadline (void)
{
  WeftEngine *engine = fixture_engine (1);
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  WeftTaskAttributes attributes = { .timeout_ns = 20000000, .label = WEFT_NONE };
  g_autoptr (GError) error = NULL;
  uint32_t stuck = add_with (builder, "stuck", "t.gate", 1, NULL, 0);

  weft_graph_builder_set_attributes (builder, stuck, &attributes);
  add_with (builder, "other", "t.sum", 1, NULL, 0);
  fixture_close_gate ();
  WeftRun *run = run_built (engine, builder, WEFT_ON_ERROR_CONTINUE);
  g_assert_cmpint (weft_run_phase (run), ==, WEFT_RUN_FAILED);
  g_assert_true (weft_run_error (run, &error));
  test_assert_error (&error, WEFT_ENGINE_ERROR, WEFT_ENGINE_ERROR_FAILED, "stuck", "timeout", NULL);
  fixture_open_gate ();
  weft_run_unref (run);
  weft_engine_free (engine);
}

static void
test_several_outputs (void)
{
  WeftEngine *engine = fixture_engine (2);
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  WeftTaskOutput both[2];

  weft_graph_builder_begin_call (builder, "t.pair", 0, 2);
  weft_graph_builder_arg_int64 (builder, 10);
  both[0].task = both[1].task = weft_graph_builder_add_task (
      builder, "pair", -1, weft_graph_builder_end_call (builder), NULL, 0);
  both[0].output = 0;
  both[1].output = 1;
  weft_graph_builder_begin_call (builder, "t.sum", 0, 1);
  weft_graph_builder_arg_slots (builder, 0, 2);
  uint32_t total = weft_graph_builder_add_task (builder, "total", -1,
                                                weft_graph_builder_end_call (builder), both, 2);
  weft_graph_builder_want (builder, total, 0);
  WeftRun *run = run_built (engine, builder, WEFT_ON_ERROR_STOP);
  g_autoptr (GError) error = NULL;
  weft_run_error (run, &error);
  g_assert_no_error (error);
  g_assert_cmpint (fixture_int (run, 0, find (run, "total")), ==, 1 + 11 + 12);
  weft_run_unref (run);
  weft_engine_free (engine);
}

/* ---- moments, on a clock of the test's own --------------------------------------------------- */

static WeftGraph *
with_attributes (const char *op, int64_t number, const WeftTaskAttributes *attributes)
{
  WeftGraphBuilder *builder = weft_graph_builder_new ();

  weft_graph_builder_set_attributes (
      builder, control_add (builder, "task", op, number, NULL, 0, true), attributes);
  return control_freeze (builder);
}

/* Attempts after 1, 2, 4 … times the delay, at most a minute; not a nanosecond before. */
static void
test_back_off_doubles (void)
{
  static const int64_t expected_ns[] = { 20000 * MS, 40000 * MS, 60000 * MS, 60000 * MS };
  ControlClock clock = { 1000 };
  WeftEngine *engine = control_manual_engine (1, &clock);
  WeftTaskAttributes attributes = { .retries = 4,
                                    .retry_delay_ns = 20000 * MS,
                                    .label = WEFT_NONE };
  WeftRunOptions options = { .records = true };
  WeftRun *run = control_run (engine, with_attributes ("t.fail", 4, &attributes), &options);

  weft_run_start (run);
  control_exhaust (engine, 1);
  for (guint k = 0; k < G_N_ELEMENTS (expected_ns); k++)
    {
      g_assert_cmpint (control_state (run, "task"), ==, WEFT_STATE_QUEUED);
      clock.now_ns += (uint64_t) expected_ns[k] - 1;
      g_assert_cmpuint (control_exhaust (engine, 1), ==, 0);
      clock.now_ns += 1;
      g_assert_cmpuint (control_exhaust (engine, 1), >, 0);
    }
  g_assert_cmpint (weft_run_phase (run), ==, WEFT_RUN_DONE);
  g_assert_cmpint (fixture_int (run, 0, 0), ==, 5);
  g_autoptr (GArray) tasks = control_records (run, WEFT_RECORD_TASK);
  g_assert_cmpuint (tasks->len, ==, 5);
  for (guint k = 0; k < 5; k++)
    g_assert_cmpint (weft_record_outcome (&g_array_index (tasks, ControlRecord, k).record), ==,
                     k < 4 ? WEFT_OUTCOME_RETRIED : WEFT_OUTCOME_OK);
  weft_run_unref (run);
  weft_engine_free (engine);
}

/* Runs until a time to come, which the kernel itself brings about. */
static WeftStatus
late_kernel (WeftTask *task, const WeftValue *args, uint32_t n_args G_GNUC_UNUSED,
             WeftValue *results)
{
  ControlClock *clock = weft_task_user_data (task);

  g_assert_cmpint (weft_task_deadline_ns (task), ==, (int64_t) clock->now_ns + 5 * MS);
  clock->now_ns += (uint64_t) args[0].u.i;
  return weft_value_init_string (results, weft_task_account (task), "a result in a box", 17);
}

/* A result that comes at the deadline or after it is dropped. */
static void
test_late_result_is_dropped (void)
{
  ControlClock clock = { 1000 };
  WeftEngine *engine = control_manual_engine (1, &clock);
  WeftTaskAttributes attributes = { .timeout_ns = 5 * MS, .label = WEFT_NONE };
  const WeftOpParam params[] = { { .name = "ns", .accepts = WEFT_ACCEPT_ANY, .doc = "how long" } };
  const WeftOp op = { .name = "late",
                      .version = 1,
                      .doc = "takes its time",
                      .params = params,
                      .n_params = 1,
                      .n_outputs = 1,
                      .kernel = late_kernel,
                      .user_data = &clock };
  WeftRun *in_time, *late;
  g_autoptr (GError) error = NULL;

  g_assert_true (weft_op_registry_add (weft_engine_registry (engine), &op, 1, &error));
  in_time = control_run (engine, with_attributes ("late", 5 * MS - 1, &attributes), NULL);
  late = control_run (engine, with_attributes ("late", 5 * MS, &attributes), NULL);
  weft_run_start (in_time);
  control_exhaust (engine, 1);
  weft_run_start (late);
  control_exhaust (engine, 1);
  g_assert_cmpint (weft_run_phase (in_time), ==, WEFT_RUN_DONE);
  g_assert_cmpint (weft_run_phase (late), ==, WEFT_RUN_FAILED);
  g_assert_true (weft_run_error (late, &error));
  test_assert_error (&error, WEFT_ENGINE_ERROR, WEFT_ENGINE_ERROR_FAILED, "task", "timeout", NULL);
  weft_run_unref (in_time);
  weft_run_unref (late);
  weft_engine_free (engine);
}

static uint32_t
group_of (WeftRun *run, const char *key)
{
  WeftGraph *graph = weft_run_segment (run, 0);
  uint32_t group = weft_graph_arrays (graph)->group_of_task[control_find (run, 0, key)];

  weft_graph_unref (graph);
  return group;
}

/* ---- timeouts with threads ------------------------------------------------------------------- */

/* The run ends while the kernel is stuck, and other tasks go on in its place: one worker only. */
static void
test_spare_replaces_the_stuck_worker (void)
{
  WeftEngine *engine = control_engine (1, 0);
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  WeftTaskAttributes attributes = { .timeout_ns = 10 * MS, .label = WEFT_NONE };
  WeftRunOptions options = { .records = true, .on_error = WEFT_ON_ERROR_CONTINUE };
  uint32_t stuck = control_add (builder, "stuck", "c.deaf", 1, NULL, 0, true);
  WeftRun *run;

  weft_graph_builder_set_attributes (builder, stuck, &attributes);
  control_add (builder, "hurt", "t.sum", -1, &stuck, 1, true);
  for (int i = 0; i < 100; i++)
    {
      g_autofree char *key = g_strdup_printf ("other-%d", i);

      control_add (builder, key, "t.box", 1, NULL, 0, true);
    }
  run = control_run (engine, control_freeze (builder), &options);
  control_close_door ();
  weft_run_start (run);
  g_assert_true (weft_run_wait (run, -1));
  g_assert_cmpint (control_state (run, "stuck"), ==, WEFT_STATE_ERRED);
  g_assert_cmpint (control_state (run, "hurt"), ==, WEFT_STATE_ERRED);
  g_assert_cmpuint (control_n_done (run), ==, 100);
  g_autoptr (GArray) expired = control_records (run, WEFT_RECORD_TIMED_OUT);
  g_autoptr (GArray) tasks = control_records (run, WEFT_RECORD_TASK);
  g_assert_cmpuint (expired->len, ==, 1);
  g_assert_cmpuint (tasks->len, ==, 101);
  /* The time up to the deadline is the group's. */
  const WeftRecord *attempt = &g_array_index (expired, ControlRecord, 0).record;
  g_autoptr (GArray) groups = weft_run_group_progress (run);
  const WeftGroupProgress *progress =
      &g_array_index (groups, WeftGroupProgress, group_of (run, "stuck"));
  g_assert_cmpuint (weft_record_duration (attempt), >, 0);
  g_assert_cmpuint (control_ticks (progress->busy_ns + 1), >=, weft_record_duration (attempt));
  /* Nothing of it remains to be seen once the kernel has returned. */
  control_open_door ();
  weft_run_unref (run);
  weft_engine_free (engine);
}

static void
test_deadline_holds_while_paused (void)
{
  WeftEngine *engine = control_engine (1, 0);
  WeftTaskAttributes attributes = { .timeout_ns = 20 * MS, .label = WEFT_NONE };
  WeftRunOptions options = { .keep_open = true, .on_error = WEFT_ON_ERROR_CONTINUE };
  WeftRun *run = control_run (engine, with_attributes ("c.deaf", 1, &attributes), &options);
  WeftFuture *future = weft_run_future (run, 0, 0, 0, NULL);

  control_close_door ();
  weft_run_start (run);
  control_wait_at_door (1);
  weft_run_pause (run);
  g_assert_true (weft_futures_wait (&future, 1, -1, NULL));
  g_assert_cmpint (weft_run_phase (run), ==, WEFT_RUN_PAUSED);
  g_assert_cmpint (control_state (run, "task"), ==, WEFT_STATE_ERRED);
  control_open_door ();
  weft_future_unref (future);
  weft_run_resume (run);
  control_end_run (run);
  weft_engine_free (engine);
}

/* A step of a task that gets stuck ends with its deadline. */
static void
test_deadline_ends_the_step (void)
{
  WeftEngine *engine = control_engine (1, 0);
  WeftTaskAttributes attributes = { .timeout_ns = 10 * MS, .label = WEFT_NONE };
  WeftRunOptions options = { .start_paused = true, .on_error = WEFT_ON_ERROR_CONTINUE };
  WeftRun *run = control_run (engine, with_attributes ("c.deaf", 1, &attributes), &options);

  control_close_door ();
  weft_run_start (run);
  g_assert_true (weft_run_step (run));
  g_assert_cmpint (control_state (run, "task"), ==, WEFT_STATE_ERRED);
  control_open_door ();
  g_assert_true (weft_run_wait (run, -1));
  weft_run_unref (run);
  weft_engine_free (engine);
}

/* The first attempt is stuck, the second finds the door open. */
static void
test_timed_out_task_is_tried_again (void)
{
  WeftEngine *engine = control_engine (1, 0);
  WeftTaskAttributes attributes = {
    .timeout_ns = 10 * MS, .retries = 50, .retry_delay_ns = 1 * MS, .label = WEFT_NONE
  };
  WeftRun *run = control_run (engine, with_attributes ("c.deaf", 7, &attributes), NULL);

  control_close_door ();
  weft_run_start (run);
  control_wait_at_door (2);
  control_open_door ();
  g_assert_true (weft_run_wait (run, -1));
  g_assert_cmpint (weft_run_phase (run), ==, WEFT_RUN_DONE);
  g_assert_cmpint (fixture_int (run, 0, 0), ==, 7);
  weft_run_unref (run);
  weft_engine_free (engine);
}

/* ---- what is kept ---------------------------------------------------------------------------- */

/* Message, attempt and output of the last attempt, in the value and in the records. */
static void
test_message_attempt_and_output_are_kept (void)
{
  WeftEngine *engine = control_engine (2, 0);
  WeftTaskAttributes attributes = { .retries = 1, .retry_delay_ns = 1, .label = WEFT_NONE };
  WeftRun *run = control_run (engine, with_attributes ("c.log", 9, &attributes), NULL);
  WeftValue value;

  weft_run_start (run);
  g_assert_true (weft_run_wait (run, -1));
  g_assert_true (weft_run_result (run, 0, 0, 0, &value));
  const WeftErrorValue *why = (const WeftErrorValue *) value.u.box;
  g_assert_cmpint (weft_value_type (&value), ==, WEFT_TYPE_ERROR);
  g_assert_cmpuint (why->attempt, ==, 2);
  g_assert_cmpstr (why->culprit_key, ==, "task");
  g_assert_cmpstr (why->message, ==, "failed after printing");
  g_assert_cmpstr (why->output, ==, "attempt 2 of 9\n");
  weft_value_unref (&value);
  weft_run_unref (run);
  weft_engine_free (engine);
}

static WeftStatus
chatty_kernel (WeftTask *task, const WeftValue *args G_GNUC_UNUSED, uint32_t n_args G_GNUC_UNUSED,
               WeftValue *results G_GNUC_UNUSED)
{
  for (int i = 0; i < 3000; i++)
    weft_task_log (task, 2, "zwölf", strlen ("zwölf"));
  return weft_task_fail (task, "enough");
}

/* Much output is cut off at the front, between two characters. */
static void
test_last_output_is_kept (void)
{
  WeftEngine *engine = control_engine (1, 0);
  const WeftOp op = {
    .name = "chatty", .version = 1, .doc = "prints", .n_outputs = 1, .kernel = chatty_kernel
  };
  WeftRun *run;
  WeftValue value;

  g_assert_true (weft_op_registry_add (weft_engine_registry (engine), &op, 1, NULL));
  run = control_run (engine, control_independent ("c", "chatty", -1, 1), NULL);
  weft_run_start (run);
  g_assert_true (weft_run_wait (run, -1));
  g_assert_true (weft_run_result (run, 0, 0, 0, &value));
  const char *output = ((const WeftErrorValue *) value.u.box)->output;
  g_assert_cmpuint (strlen (output), <=, 4096);
  g_assert_cmpuint (strlen (output), >=, 4090);
  g_assert_true (g_utf8_validate (output, -1, NULL));
  g_assert_true (g_str_has_suffix (output, "zwölfzwölf"));
  weft_value_unref (&value);
  weft_run_unref (run);
  weft_engine_free (engine);
}

/* Under "stop" what runs is not told to give up: its result is there. */
static void
test_stop_lets_running_tasks_finish (void)
{
  WeftEngine *engine = control_engine (2, 0);
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  uint32_t gate = control_add (builder, "gate", "t.gate", 4, NULL, 0, true);
  WeftRun *run;

  control_add (builder, "after", "t.sum", -1, &gate, 1, true);
  control_add (builder, "bad", "t.fail", 9, NULL, 0, true);
  run = control_run (engine, control_freeze (builder), NULL);
  fixture_close_gate ();
  weft_run_start (run);
  fixture_wait_at_gate (1);
  while (!weft_run_error (run, NULL))
    g_thread_yield ();
  g_assert_false (weft_run_wait (run, 5 * MS));
  fixture_open_gate ();
  g_assert_true (weft_run_wait (run, -1));
  g_assert_cmpint (weft_run_phase (run), ==, WEFT_RUN_FAILED);
  g_assert_cmpint (fixture_int (run, 0, control_find (run, 0, "gate")), ==, 5);
  g_assert_cmpint (control_state (run, "after"), ==, WEFT_STATE_CANCELLED);
  weft_run_unref (run);
  weft_engine_free (engine);
}

static WeftStatus
sulks_kernel (WeftTask *task G_GNUC_UNUSED, const WeftValue *args G_GNUC_UNUSED,
              uint32_t n_args G_GNUC_UNUSED, WeftValue *results G_GNUC_UNUSED)
{
  return WEFT_CANCELLED;
}

/* A kernel that gives up though nobody asked it to has failed. */
static void
test_giving_up_unasked_is_a_failure (void)
{
  WeftEngine *engine = control_engine (1, 0);
  const WeftOp op = {
    .name = "sulks", .version = 1, .doc = "gives up", .n_outputs = 1, .kernel = sulks_kernel
  };
  g_autoptr (GError) error = NULL;
  WeftRun *run;

  g_assert_true (weft_op_registry_add (weft_engine_registry (engine), &op, 1, NULL));
  run = control_run (engine, control_independent ("s", "sulks", -1, 1), NULL);
  weft_run_start (run);
  g_assert_true (weft_run_wait (run, -1));
  g_assert_cmpint (weft_run_phase (run), ==, WEFT_RUN_FAILED);
  g_assert_true (weft_run_error (run, &error));
  test_assert_error (&error, WEFT_ENGINE_ERROR, WEFT_ENGINE_ERROR_FAILED, "s-0", "gave up", NULL);
  weft_run_unref (run);
  weft_engine_free (engine);
}

/* A retry that is far away holds up neither the run's end nor the engine's. */
static void
test_cancel_does_not_wait_for_retries (void)
{
  WeftEngine *engine = control_engine (1, 0);
  WeftTaskAttributes attributes = { .retries = 9,
                                    .retry_delay_ns = 3600000 * MS,
                                    .label = WEFT_NONE };
  WeftRunOptions options = { .keep_open = true };
  WeftRun *run = control_run (engine, with_attributes ("t.fail", 99, &attributes), &options);
  WeftFuture *future = weft_run_future (run, 0, 0, 0, NULL);
  WeftFuture *other;

  weft_run_start (run);
  other = control_submit (run, "t.sum", 1);
  g_assert_true (weft_futures_wait (&other, 1, -1, NULL));
  g_assert_false (weft_futures_wait (&future, 1, 2 * MS, NULL));
  weft_run_cancel (run);
  g_assert_true (weft_run_wait (run, -1));
  g_assert_true (weft_future_is_done (future));
  weft_future_unref (future);
  weft_future_unref (other);
  weft_run_unref (run);
  weft_engine_free (engine);
}

/* ---- giving up at the deadline --------------------------------------------------------------- */

#define LONGEST_POLL_NS INT64_C (30000000000)

static _Atomic int told; /* 1: by the flag, -1: never */

static WeftStatus
poll_kernel (WeftTask *task, const WeftValue *args G_GNUC_UNUSED, uint32_t n_args G_GNUC_UNUSED,
             WeftValue *results)
{
  int64_t begun_ns = weft_clock_mono_ns ();

  while (!weft_task_is_cancelled (task) && weft_clock_mono_ns () - begun_ns < LONGEST_POLL_NS)
    g_thread_yield ();
  atomic_store (&told, weft_task_is_cancelled (task) ? 1 : -1);
  weft_value_set_int64 (results, 1);
  return WEFT_OK;
}

/* A kernel that polls its flag, and nothing else, ends soon after its deadline; nobody cancels. */
static void
test_deadline_raises_the_flag (void)
{
  static const WeftOp poll = FIXTURE_OP ("e.poll", poll_kernel, 1, 0);
  WeftEngineOptions engine_options = { .n_workers = 1, .registry = fixture_registry () };
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  WeftTaskAttributes attributes = { .timeout_ns = 10 * MS, .label = WEFT_NONE };
  WeftRunOptions options = { .records = true };

  g_assert_true (weft_op_registry_add (engine_options.registry, &poll, 1, NULL));
  WeftEngine *engine = weft_engine_new (&engine_options, NULL);
  weft_op_registry_unref (engine_options.registry);
  weft_graph_builder_set_attributes (
      builder, control_add (builder, "polls", "e.poll", 1, NULL, 0, true), &attributes);
  WeftRun *run = control_run (engine, control_freeze (builder), &options);
  atomic_store (&told, 0);
  weft_run_start (run);
  g_assert_true (weft_run_wait (run, -1));
  g_assert_cmpint (control_state (run, "polls"), ==, WEFT_STATE_ERRED);
  while (atomic_load (&told) == 0)
    g_thread_yield ();
  g_assert_cmpint (atomic_load (&told), ==, 1);
  weft_run_unref (run);
  weft_engine_free (engine);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("sched", "errors", "continue-finishes-the-rest", test_continue_finishes_the_rest);
  test_add ("sched", "errors", "stop-starts-nothing-new", test_stop_starts_nothing_new);
  test_add ("sched", "errors", "retries-until-it-works", test_retries_until_it_works);
  test_add ("sched", "errors", "resources-limit-concurrency", test_resources_limit_concurrency);
  test_add ("sched", "errors", "more-than-there-is-errs", test_more_than_there_is_errs);
  test_add ("sched", "errors", "timeout-errs-at-the-deadline", test_timeout_errs_at_the_deadline);
  test_add ("sched", "errors", "several-outputs", test_several_outputs);
  test_add ("sched", "errors", "back-off-doubles", test_back_off_doubles);
  test_add ("sched", "errors", "late-result-is-dropped", test_late_result_is_dropped);
  test_add ("sched", "errors", "spare-replaces-the-stuck-worker",
            test_spare_replaces_the_stuck_worker);
  test_add ("sched", "errors", "deadline-holds-while-paused", test_deadline_holds_while_paused);
  test_add ("sched", "errors", "deadline-raises-the-flag", test_deadline_raises_the_flag);
  test_add ("sched", "errors", "deadline-ends-the-step", test_deadline_ends_the_step);
  test_add ("sched", "errors", "timed-out-task-is-tried-again", test_timed_out_task_is_tried_again);
  test_add ("sched", "errors", "message-attempt-and-output-are-kept",
            test_message_attempt_and_output_are_kept);
  test_add ("sched", "errors", "last-output-is-kept", test_last_output_is_kept);
  test_add ("sched", "errors", "stop-lets-running-tasks-finish",
            test_stop_lets_running_tasks_finish);
  test_add ("sched", "errors", "giving-up-unasked-is-a-failure",
            test_giving_up_unasked_is_a_failure);
  test_add ("sched", "errors", "cancel-does-not-wait-for-retries",
            test_cancel_does_not_wait_for_retries);
  return g_test_run ();
}
