/* test-steps.c: breakpoints, steps and slow motion, one by one
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "control-fixture.h"

#include "base/weft-clock.h"
#include "optimize/weft-pass.h"

#define MS INT64_C (1000000)

/* ---- breakpoints ----------------------------------------------------------------------------- */

/* A group's breakpoint holds in front of each of its tasks, also of segments that come later. */
static void
test_break_at_group (void)
{
  WeftEngine *engine = control_engine (2, 0);
  WeftRun *run = control_open_run (engine, WEFT_ON_ERROR_STOP);
  WeftGraph *graph = control_chain ("late", "t.sum", 1, 3);
  g_autoptr (GError) error = NULL;

  g_assert_false (weft_run_break_at_group (run, "late"));
  g_assert_cmpuint (weft_run_extend (run, graph, NULL, &error), ==, 0);
  for (uint64_t k = 0; k < 3; k++)
    {
      control_wait_phase (run, WEFT_RUN_PAUSED);
      g_assert_false (weft_run_wait (run, 2 * MS));
      g_assert_cmpuint (control_n_done (run), ==, k);
      weft_run_resume (run);
    }
  weft_run_clear_breakpoints (run);
  WeftFuture *future = control_submit (run, "t.sum", 1);
  g_assert_true (weft_futures_wait (&future, 1, -1, NULL));
  weft_future_unref (future);
  weft_graph_unref (graph);
  control_end_run (run);
  weft_engine_free (engine);
}

/* What runs when a breakpoint is hit goes on to its end; nothing new starts. */
static void
test_running_finishes_at_a_breakpoint (void)
{
  WeftEngine *engine = control_engine (2, 0);
  WeftRun *run = control_open_run (engine, WEFT_ON_ERROR_STOP);
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  WeftFuture *runs;
  WeftGraph *graph;

  control_close_door ();
  runs = control_submit (run, "c.deaf", 1);
  control_wait_at_door (1);
  control_add (builder, "stops", "t.sum", 1, NULL, 0, true);
  for (int i = 0; i < 20; i++)
    {
      g_autofree char *key = g_strdup_printf ("rest-%d", i);

      control_add (builder, key, "t.sum", 1, NULL, 0, true);
    }
  graph = control_freeze (builder);
  weft_run_break_at_group (run, "stops");
  g_assert_cmpuint (weft_run_extend (run, graph, NULL, NULL), ==, 1);
  control_wait_phase (run, WEFT_RUN_PAUSED);
  control_open_door ();
  g_assert_true (weft_futures_wait (&runs, 1, -1, NULL));
  g_assert_cmpint (weft_run_task_state (run, 0, 0), ==, WEFT_STATE_MEMORY);
  g_assert_cmpint (weft_run_task_state (run, 1, weft_graph_find (graph, "stops", -1)), ==,
                   WEFT_STATE_QUEUED);
  g_assert_cmpint (weft_run_phase (run), ==, WEFT_RUN_PAUSED);
  uint64_t n_done = control_n_done (run);
  g_assert_false (weft_run_wait (run, 2 * MS));
  g_assert_cmpuint (control_n_done (run), <=, n_done + 1);
  g_assert_cmpuint (control_n_done (run), <, 22);
  weft_run_resume (run);
  weft_future_unref (runs);
  weft_graph_unref (graph);
  control_end_run (run);
  weft_engine_free (engine);
}

static WeftGraph *
failing_graph (void)
{
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  uint32_t bad = control_add (builder, "bad", "t.fail", 9, NULL, 0, false);

  control_add (builder, "hurt", "t.sum", -1, &bad, 1, true);
  control_add (builder, "fine", "t.sum", 1, NULL, 0, true);
  return control_freeze (builder);
}

static void
break_on_error (WeftOnError policy)
{
  WeftEngine *engine = control_engine (1, 0);
  WeftRunOptions options = { .on_error = policy, .records = true };
  WeftRun *run = control_run (engine, failing_graph (), &options);
  g_autoptr (GError) error = NULL;

  weft_run_break_on_error (run, true);
  weft_run_start (run);
  control_wait_phase (run, WEFT_RUN_PAUSED);
  g_assert_false (weft_run_wait (run, 2 * MS));
  g_assert_cmpint (control_state (run, "bad"), ==, WEFT_STATE_ERRED);
  g_assert_cmpint (control_state (run, "hurt"), !=, WEFT_STATE_ERRED);
  g_assert_true (weft_run_error (run, &error));
  test_assert_error (&error, WEFT_ENGINE_ERROR, WEFT_ENGINE_ERROR_FAILED, "bad", NULL);
  weft_run_resume (run);
  g_assert_true (weft_run_wait (run, -1));
  g_assert_cmpint (weft_run_phase (run), ==, WEFT_RUN_FAILED);
  /* Only now what the policy says. */
  g_assert_cmpint (control_state (run, "hurt"), ==,
                   policy == WEFT_ON_ERROR_STOP ? WEFT_STATE_CANCELLED : WEFT_STATE_ERRED);
  g_assert_cmpint (control_state (run, "fine"), ==,
                   policy == WEFT_ON_ERROR_STOP ? WEFT_STATE_CANCELLED : WEFT_STATE_MEMORY);
  g_autoptr (GArray) breaks = control_records (run, WEFT_RECORD_BREAK);
  g_assert_cmpuint (breaks->len, ==, 1);
  weft_run_unref (run);
  weft_engine_free (engine);
}

static void
test_break_on_error (void)
{
  break_on_error (WEFT_ON_ERROR_STOP);
  break_on_error (WEFT_ON_ERROR_CONTINUE);
}

static void
test_break_above_bytes (void)
{
  WeftEngine *engine = control_engine (1, 0);
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  WeftRunProgress progress;
  WeftRun *run;

  for (int i = 0; i < 20; i++)
    {
      g_autofree char *key = g_strdup_printf ("b-%d", i);

      control_add (builder, key, "t.bytes", 100000, NULL, 0, true);
    }
  run = control_run (engine, control_freeze (builder), NULL);
  weft_run_break_above_bytes (run, 1000000);
  weft_run_start (run);
  control_wait_phase (run, WEFT_RUN_PAUSED);
  g_assert_false (weft_run_wait (run, 2 * MS));
  weft_run_progress (run, &progress);
  g_assert_cmpuint (progress.managed_bytes, >, 1000000);
  /* The first start after the limit was passed: one result above it. */
  g_assert_cmpuint (progress.managed_bytes, <=, 1200000);
  weft_run_resume (run);
  g_assert_true (weft_run_wait (run, -1));
  weft_run_unref (run);
  weft_engine_free (engine);
}

/* ---- steps ----------------------------------------------------------------------------------- */

static WeftGraph *
fused_chain (uint32_t n)
{
  WeftGraph *plain = control_chain ("m", "t.sum", 1, n);
  g_autoptr (GError) error = NULL;
  WeftGraph *graph = weft_optimize (plain, "fuse", NULL, NULL, NULL, &error);

  g_assert_no_error (error);
  g_assert_nonnull (weft_graph_arrays (graph)->unit_flags);
  weft_graph_unref (plain);
  return graph;
}

/* A fused unit is stepped, broken at and recorded by its members. */
static void
test_units_go_by_members (void)
{
  WeftEngine *engine = control_engine (2, 0);
  WeftRunOptions options = { .start_paused = true, .records = true };
  WeftRun *run = control_run (engine, fused_chain (10), &options);

  weft_run_start (run);
  for (uint64_t k = 0; k < 4; k++)
    {
      g_assert_cmpuint (control_n_done (run), ==, k);
      g_assert_true (weft_run_step (run));
    }
  g_assert_true (weft_run_break_at_key (run, "m-7"));
  weft_run_resume (run);
  control_wait_phase (run, WEFT_RUN_PAUSED);
  g_assert_false (weft_run_wait (run, 2 * MS));
  g_assert_cmpuint (control_n_done (run), ==, 7);
  g_assert_true (weft_run_step (run));
  g_assert_cmpuint (control_n_done (run), ==, 8);
  weft_run_resume (run);
  g_assert_true (weft_run_wait (run, -1));
  g_autoptr (GArray) tasks = control_records (run, WEFT_RECORD_TASK);
  g_autoptr (GArray) stepped = control_records (run, WEFT_RECORD_STEPPED);
  g_assert_cmpuint (tasks->len, ==, 10);
  for (uint32_t k = 0; k < 10; k++)
    {
      const WeftRecord *record = &g_array_index (tasks, ControlRecord, k).record;

      g_assert_cmpuint (record->task, ==, k);
      g_assert_cmpint ((record->flags & WEFT_RECORD_UNIT) != 0, ==, k > 0);
    }
  g_assert_cmpuint (stepped->len, ==, 5);
  weft_run_unref (run);
  weft_engine_free (engine);
}

/* The best is looked for everywhere: in the queue, and in segments whose turn has not come. */
static void
test_step_takes_the_best (void)
{
  WeftEngine *engine = control_engine (2, 0);
  WeftRunOptions options = { .keep_open = true, .start_paused = true };
  WeftExtendOptions urgent = { .priority = 5 };
  WeftRun *run = control_run (engine, NULL, &options);
  WeftGraph *plain = control_independent ("plain", "t.sum", 1, 10);
  WeftGraph *better = control_independent ("better", "t.sum", 1, 3);
  g_autoptr (GError) error = NULL;

  weft_run_start (run);
  weft_run_extend (run, plain, NULL, &error);
  g_assert_true (weft_run_step (run));
  /* Everything ready stands in the queue now. */
  g_assert_false (weft_run_step_group (run, "nobody"));
  weft_run_extend (run, better, &urgent, &error);
  g_assert_no_error (error);
  for (uint32_t k = 0; k < 3; k++)
    {
      g_assert_cmpint (weft_run_task_state (run, 1, k), ==, WEFT_STATE_QUEUED);
      g_assert_true (weft_run_step (run));
      g_assert_cmpint (weft_run_task_state (run, 1, k), ==, WEFT_STATE_MEMORY);
      g_assert_cmpint (weft_run_task_state (run, 0, 1), ==, WEFT_STATE_QUEUED);
    }
  g_assert_true (weft_run_step (run));
  g_assert_cmpint (weft_run_task_state (run, 0, 1), ==, WEFT_STATE_MEMORY);
  weft_run_resume (run);
  weft_graph_unref (plain);
  weft_graph_unref (better);
  control_end_run (run);
  weft_engine_free (engine);
}

/* What waits for a resource is not ready: the step takes the next. */
static void
test_step_passes_by_what_waits (void)
{
  WeftEngine *engine = control_engine (2, 0);
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  WeftResourceNeed need = { .name = weft_graph_builder_string (builder, "gpu"), .amount = 1 };
  WeftTaskAttributes attributes = { .label = WEFT_NONE, .n_resources = 1, .resources = &need };
  WeftRunOptions options = { .start_paused = true };
  WeftRun *holder, *run;

  weft_graph_builder_set_attributes (
      builder, control_add (builder, "gpu", "c.deaf", 1, NULL, 0, true), &attributes);
  control_add (builder, "plain", "t.sum", 1, NULL, 0, true);
  WeftGraph *graph = control_freeze (builder);
  weft_engine_set_resource (engine, "gpu", 1);
  control_close_door ();
  holder = control_run (engine, weft_graph_ref (graph), NULL);
  weft_run_start (holder);
  control_wait_at_door (1);
  run = control_run (engine, graph, &options);
  weft_run_start (run);
  g_assert_true (weft_run_step (run));
  g_assert_cmpint (control_state (run, "plain"), ==, WEFT_STATE_MEMORY);
  g_assert_cmpint (control_state (run, "gpu"), ==, WEFT_STATE_QUEUED);
  g_assert_false (weft_run_step (run));
  control_open_door ();
  g_assert_true (weft_run_wait (holder, -1));
  g_assert_true (weft_run_step (run));
  g_assert_true (weft_run_wait (run, -1));
  weft_run_unref (run);
  weft_run_unref (holder);
  weft_engine_free (engine);
}

/* A stepped task that waits for a future gives the next step a chance to run what it waits for. */
static void
test_step_returns_when_its_task_waits (void)
{
  WeftEngine *engine = control_engine (1, 0);
  WeftRunOptions options = { .keep_open = true, .start_paused = true };
  WeftRun *run = control_run (engine, NULL, &options);
  WeftFuture *future = control_submit (run, "c.block", 2);

  weft_run_start (run);
  for (int k = 0; k < 3; k++)
    g_assert_true (weft_run_step (run));
  g_assert_true (weft_futures_wait (&future, 1, -1, NULL));
  /* A result is there a moment before it is counted. */
  while (control_n_done (run) < 3)
    g_thread_yield ();
  g_assert_cmpuint (control_n_done (run), ==, 3);
  weft_future_unref (future);
  weft_run_resume (run);
  control_end_run (run);
  weft_engine_free (engine);
}

/* Stepping on an engine without threads, where another run has got less time so far. */
static void
test_step_on_a_manual_engine (void)
{
  ControlClock clock = { 0 };
  WeftEngine *engine = control_manual_engine (1, &clock);
  WeftRunOptions options = { .start_paused = true };
  WeftRun *run = control_run (engine, control_chain ("s", "t.sum", 1, 3), &options);
  WeftRun *other = control_run (engine, control_chain ("o", "t.sum", 1, 3), NULL);

  weft_run_start (run);
  weft_run_start (other);
  for (uint64_t k = 1; k <= 3; k++)
    {
      g_assert_true (weft_run_step (run));
      g_assert_cmpuint (control_n_done (run), ==, k);
    }
  g_assert_cmpuint (control_n_done (other), ==, 0);
  control_exhaust (engine, 1);
  g_assert_cmpint (weft_run_phase (other), ==, WEFT_RUN_DONE);
  weft_run_unref (run);
  weft_run_unref (other);
  weft_engine_free (engine);
}

/* ---- slow motion ----------------------------------------------------------------------------- */

/* On a clock of the test's own: each start waits for the delay, other runs do not. */
static void
test_slow_motion_delays_each_start (void)
{
  ControlClock clock = { 1000 };
  WeftEngine *engine = control_manual_engine (1, &clock);
  WeftRun *slow = control_run (engine, control_independent ("s", "t.sum", 1, 5), NULL);
  WeftRun *other = control_run (engine, control_chain ("o", "t.sum", 1, 50), NULL);

  weft_run_set_slow_motion (slow, 10 * MS);
  weft_run_start (slow);
  control_exhaust (engine, 1);
  weft_run_start (other);
  control_exhaust (engine, 1);
  g_assert_cmpint (weft_run_phase (other), ==, WEFT_RUN_DONE);
  for (uint64_t k = 0; k < 5; k++)
    {
      g_assert_cmpuint (control_n_done (slow), ==, k);
      clock.now_ns += 10 * MS - 1;
      control_exhaust (engine, 1);
      g_assert_cmpuint (control_n_done (slow), ==, k);
      clock.now_ns += 1;
      control_exhaust (engine, 1);
    }
  g_assert_cmpint (weft_run_phase (slow), ==, WEFT_RUN_DONE);
  weft_run_unref (slow);
  weft_run_unref (other);
  weft_engine_free (engine);
}

/* With threads, from the records: every start lies the delay after the end before it. */
static void
test_slow_motion_shows_in_the_records (void)
{
  WeftEngine *engine = control_engine (2, 0);
  WeftRunOptions options = { .records = true };
  WeftRun *run = control_run (engine, control_chain ("s", "t.sum", 1, 6), &options);

  weft_run_set_slow_motion (run, 3 * MS);
  weft_run_start (run);
  g_assert_true (weft_run_wait (run, -1));
  g_autoptr (GArray) tasks = control_records (run, WEFT_RECORD_TASK);
  uint64_t delay = control_ticks (3 * MS);
  g_assert_cmpuint (tasks->len, ==, 6);
  for (uint32_t k = 1; k < 6; k++)
    g_assert_cmpuint (g_array_index (tasks, ControlRecord, k).record.start, >=,
                      weft_record_end (&g_array_index (tasks, ControlRecord, k - 1).record)
                          + delay * 99 / 100);
  weft_run_unref (run);
  weft_engine_free (engine);
}

/* A delay of an hour, cut short. */
static void
test_slow_motion_can_be_ended (void)
{
  WeftEngine *engine = control_engine (2, 0);
  WeftRun *run = control_run (engine, control_chain ("s", "t.sum", 1, 20), NULL);
  WeftRun *cancelled = control_run (engine, control_chain ("c", "t.sum", 1, 20), NULL);

  weft_run_set_slow_motion (run, 3600000 * MS);
  weft_run_set_slow_motion (cancelled, 3600000 * MS);
  weft_run_start (run);
  weft_run_start (cancelled);
  g_assert_false (weft_run_wait (run, 2 * MS));
  weft_run_cancel (cancelled);
  g_assert_true (weft_run_wait (cancelled, -1));
  weft_run_set_slow_motion (run, 0);
  g_assert_true (weft_run_wait (run, -1));
  weft_run_unref (run);
  weft_run_unref (cancelled);
  weft_engine_free (engine);
}

/* ---- what it costs --------------------------------------------------------------------------- */

/* Nanoseconds a task, from start to end. With `used` the run has been through all of it before. */
static int64_t
time_chain (WeftEngine *engine, WeftGraph *graph, bool used)
{
  WeftRunOptions options = { .start_paused = true };
  WeftRun *run = control_run (engine, weft_graph_ref (graph), &options);
  uint32_t n_tasks = weft_graph_arrays (graph)->n_tasks;
  int64_t begin_ns, took_ns;

  weft_run_start (run);
  if (used)
    {
      g_assert_true (weft_run_step (run));
      weft_run_set_slow_motion (run, MS);
      weft_run_break_at_key (run, "c-1000");
      weft_run_break_at_group (run, "c");
      weft_run_break_above_bytes (run, 1);
      weft_run_break_on_error (run, true);
      weft_run_clear_breakpoints (run);
      weft_run_set_slow_motion (run, 0);
    }
  begin_ns = weft_clock_mono_ns ();
  weft_run_resume (run);
  g_assert_true (weft_run_wait (run, -1));
  took_ns = weft_clock_mono_ns () - begin_ns;
  g_assert_cmpint (weft_run_phase (run), ==, WEFT_RUN_DONE);
  weft_run_unref (run);
  return took_ns / n_tasks;
}

/* Control that is not in use leaves nothing behind on the way of a task: best of interleaved runs,
 * never used and used before; of more of them while a busy machine has let only one of both be
 * quick. */
static void
test_unused_control_costs_nothing (void)
{
  WeftEngine *engine = control_engine (1, 0);
  WeftGraph *graph = control_chain ("c", "t.sum", 1, 100000 / test_slowdown ());
  int64_t never_ns = INT64_MAX, used_ns = INT64_MAX;

  for (int round = 0; round < 11 || (round < 220 && used_ns > 2 * never_ns + 2); round++)
    {
      never_ns = MIN (never_ns, time_chain (engine, graph, false));
      used_ns = MIN (used_ns, time_chain (engine, graph, true));
    }
  g_test_message ("%d ns a task, control never used; %d ns after it was used", (int) never_ns,
                  (int) used_ns);
  g_assert_cmpint (used_ns, <=, 2 * never_ns + 2);
  weft_graph_unref (graph);
  weft_engine_free (engine);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("sched", "steps", "break-at-group-also-of-later-segments", test_break_at_group);
  test_add ("sched", "steps", "what-runs-finishes-at-a-breakpoint",
            test_running_finishes_at_a_breakpoint);
  test_add ("sched", "steps", "break-on-error-comes-before-the-policy", test_break_on_error);
  test_add ("sched", "steps", "break-above-bytes", test_break_above_bytes);
  test_add ("sched", "steps", "units-go-by-members", test_units_go_by_members);
  test_add ("sched", "steps", "step-takes-the-best", test_step_takes_the_best);
  test_add ("sched", "steps", "step-passes-by-what-waits", test_step_passes_by_what_waits);
  test_add ("sched", "steps", "step-returns-when-its-task-waits",
            test_step_returns_when_its_task_waits);
  test_add ("sched", "steps", "step-on-a-manual-engine", test_step_on_a_manual_engine);
  test_add ("sched", "steps", "slow-motion-delays-each-start", test_slow_motion_delays_each_start);
  test_add ("sched", "steps", "slow-motion-shows-in-the-records",
            test_slow_motion_shows_in_the_records);
  test_add ("sched", "steps", "slow-motion-can-be-ended", test_slow_motion_can_be_ended);
  test_add ("sched", "steps", "unused-control-costs-nothing", test_unused_control_costs_nothing);
  return g_test_run ();
}
