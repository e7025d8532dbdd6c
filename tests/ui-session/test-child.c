/* test-child.c: tests of runs in a process of their own
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "child-fixture.h"

#include "session/weftline-child-output.h"
#include "session/weftline-recorded.h"

#include <signal.h>
#include <string.h>

static TestDir *dir;

static void
test_to_the_end (void)
{
  WeftlineRun *run = child_run (dir, "\"a\": {\"op\": \"const\", \"args\": [4]},"
                                     "\"b\": {\"op\": \"add\", \"args\": [{\"ref\": \"a\"}, 3]}");
  WeftlineRunStatus status;
  g_autofree char *results = NULL;
  g_autofree char *path = NULL;

  g_assert_cmpint (run_phase (run), ==, WEFT_RUN_PREPARED);
  g_assert_null (weftline_run_path (run));
  weftline_run_start (run);
  g_assert_true (weftline_run_is_active (run));
  run_wait (run);
  weftline_run_status (run, &status);
  g_assert_cmpstr (weftline_run_message (run), ==, NULL);
  g_assert_cmpint (status.phase, ==, WEFT_RUN_DONE);
  g_assert_cmpuint (status.n_tasks, ==, 2);
  g_assert_cmpuint (status.n_ended, ==, 2);
  g_assert_null (weftline_run_message (run));
  results = weftline_run_dup_results (run);
  g_assert_cmpstr (results, ==, "b: 7");
  path = g_strdup (weftline_run_path (run));
  g_assert_true (g_file_test (path, G_FILE_TEST_EXISTS));
  test_assert_finalised (run);
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
}

#define EVERYTHING                                                                     \
  (WEFTLINE_CAN_RUN | WEFTLINE_CAN_PAUSE | WEFTLINE_CAN_STEP | WEFTLINE_CAN_CANCEL     \
   | WEFTLINE_CAN_SET_SPEED | WEFTLINE_CAN_SET_WORKERS | WEFTLINE_CAN_SET_MEMORY_LIMIT \
   | WEFTLINE_CAN_SAVE | WEFTLINE_CAN_RUN_AGAIN | WEFTLINE_CAN_RUN_TO | WEFTLINE_CAN_RERUN_TASK)

static WeftlineRunStatus
status_of (WeftlineRun *run)
{
  WeftlineRunStatus status;

  weftline_run_status (run, &status);
  return status;
}

/* Before the start, while it runs, and in the next one. */
static void
test_settings (void)
{
  WeftlineRun *run = child_run (dir, "\"a\": {\"op\": \"sleep\", \"args\": [600]}");
  g_autoptr (GError) error = NULL;
  WeftlineRunStatus recorded;
  WeftlineRun *again;

  g_assert_true (weftline_run_can (run, EVERYTHING));
  weftline_run_set_workers (run, 3);
  weftline_run_set_memory_limit (run, 123456789);
  weftline_run_set_delay (run, 1000000);
  weftline_run_start (run);
  test_loop_until (run_n_running (run) == 1);
  g_assert_true (weftline_run_can (run, EVERYTHING));
  weftline_recorded_status (weftline_run_feed (run), &recorded);
  g_assert_cmpuint (recorded.n_workers, ==, 3);
  g_assert_cmpuint (recorded.memory_limit_bytes, ==, 123456789);
  g_assert_cmpint (recorded.delay_ns, ==, 1000000);
  weftline_run_set_workers (run, 5);
  weftline_run_set_memory_limit (run, 0);
  weftline_run_set_delay (run, 0);
  g_assert_cmpuint (status_of (run).n_workers, ==, 5); /* as was asked for */
  test_loop_until (
      (weftline_recorded_status (weftline_run_feed (run), &recorded),
       recorded.n_workers == 5 && recorded.memory_limit_bytes == 0 && recorded.delay_ns == 0));
  weftline_run_set_workers (run, 5000); /* no: it stays as the records have it */
  test_loop_until (status_of (run).n_workers == 5);
  weftline_run_cancel (run);
  run_wait (run);
  g_assert_cmpint (run_phase (run), ==, WEFT_RUN_CANCELLED);
  g_assert_true (weftline_run_can (run, EVERYTHING));
  again = weftline_run_again (run, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (status_of (again).n_workers, ==, 5);
  test_assert_finalised (again);
  test_assert_finalised (run);
}

static void
test_steps (void)
{
  run_check_steps (child_run (dir, RUN_CHAIN));
}

static void
test_breaks (void)
{
  run_check_breaks (child_run (dir, RUN_BREAKS));
}

static void
test_run_to_with_breaks (void)
{
  run_check_run_to_with_breaks (child_run (dir, RUN_BREAKS));
}

static void
test_refusals (void)
{
  run_check_refusals (child_run (dir, RUN_STUCK),
                      "The number of workers stays as it was: "
                      "workers “5000”: a whole number from 1 to 1024 expected");
}

static void
test_step_during_a_step (void)
{
  run_check_step_during_a_step (child_run (dir, RUN_CHAIN));
}

static void
test_run_to (void)
{
  run_check_run_to (child_run (dir, RUN_CHAIN));
}

static void
test_pause (void)
{
  g_autofree char *tasks = run_many_tasks ();

  run_check_pause (child_run (dir, tasks));
}

/* Commands are taken before there is a process. */
static void
test_paused_at_once (void)
{
  g_autofree char *tasks = run_many_tasks ();
  WeftlineRun *run = child_run (dir, tasks);

  weftline_run_start (run);
  weftline_run_pause (run);
  test_loop_until (run_phase (run) == WEFT_RUN_PAUSED);
  weftline_run_cancel (run);
  run_wait (run);
  g_assert_cmpint (run_phase (run), ==, WEFT_RUN_CANCELLED);
  test_assert_finalised (run);
}

/* What is waited for then never comes, and nobody waits. */
static void
test_crash_during_a_step (void)
{
  WeftlineRun *run = child_run (dir, "\"boom\": {\"op\": \"bad.crash\", \"args\": [11]}");

  weftline_run_step (run);
  weftline_run_step (run);
  run_wait (run);
  g_assert_cmpint (run_phase (run), ==, WEFT_RUN_INTERRUPTED);
  g_assert_cmpstr (weftline_run_message (run), ==, "interrupted: signal 11 in task boom");
  weftline_run_step (run);
  weftline_run_pause (run);
  weftline_run_run_to (run, "boom");
  g_assert_cmpint (run_phase (run), ==, WEFT_RUN_INTERRUPTED);
  test_assert_finalised (run);
}

static void
test_killed_while_paused (void)
{
  WeftlineRun *run = child_run (dir, "\"a\": {\"op\": \"sleep\", \"args\": [600]},"
                                     "\"b\": {\"op\": \"sleep\", \"args\": [600]}");

  weftline_run_step (run);
  test_loop_until (run_n_running (run) == 1);
  g_assert_cmpint (run_phase (run), ==, WEFT_RUN_PAUSED);
  g_assert_cmpint (kill ((pid_t) weftline_recorded_pid (weftline_run_feed (run)), SIGKILL), ==, 0);
  run_wait (run);
  g_assert_cmpint (run_phase (run), ==, WEFT_RUN_INTERRUPTED);
  test_assert_finalised (run);
}

/* The plug-in is not loaded by who opens the graph. */
static void
test_plan (void)
{
  g_autoptr (WeftlinePlan) plan =
      child_plan (dir, "\"a\": {\"op\": \"bad.crash\", \"args\": [11]}");
  g_autofree char *path = child_plugin_path ();
  g_autofree char *text = NULL;
  g_autofree char *other = NULL;
  g_autofree char *expected = NULL;
  g_autoptr (WeftlinePlan) relative = NULL;
  g_autoptr (WeftlinePlan) asks = NULL;
  g_autofree char *maps = NULL;

  g_assert_true (weftline_plan_wants_own_process (plan));
  g_assert_true (weftline_plan_needs_review (plan));
  g_assert_cmpstr (weftline_plan_plugins (plan)[0], ==, path);
  g_assert_null (weftline_plan_plugins (plan)[1]);
  g_assert_null (weft_op_registry_find (weftline_plan_registry (plan), "bad.crash", 0));
  maps = test_file_read ("/proc/self/maps");
  g_assert_null (strstr (maps, "weft-crash-plugin"));
  text = test_dir_write (dir, "relative.json",
                         "{\"weftline\": 1, \"metadata\": {\"about\": \"say \\\"plugins\\\": [1]\","
                         "\"x\": {\"plugins\": [\"no\"]}, \"plugins\": [\"lib/own.so\"]},"
                         "\"tasks\": {\"a\": {\"op\": \"own.thing\"}}}");
  relative = weftline_plan_new_for_file (text, NULL);
  expected = g_build_filename (dir, "lib", "own.so", NULL);
  g_assert_cmpstr (weftline_plan_plugins (relative)[0], ==, expected);
  g_assert_cmpstr (weftline_plan_about (relative), ==, "say \"plugins\": [1]");
  other = test_dir_write (dir, "asks.json",
                          "{\"weftline\": 1, \"metadata\": {\"own_process\": true},"
                          "\"tasks\": {\"a\": {\"op\": \"const\", \"args\": [1]}}}");
  asks = weftline_plan_new_for_file (other, NULL);
  g_assert_true (weftline_plan_wants_own_process (asks));
  g_assert_false (weftline_plan_needs_review (asks));
}

/* At once, so that no frame of the recorder has told of the task by itself. */
static void
test_crash (void)
{
  WeftlineRun *run =
      child_run (dir, "\"first\": {\"op\": \"bad.say\", \"args\": [1]},"
                      "\"boom\": {\"op\": \"bad.crash\", \"args\": [11]},"
                      "\"late\": {\"op\": \"identity\", \"args\": [{\"ref\": \"boom\"}]},"
                      "\"long\": {\"op\": \"sleep\", \"args\": [600]}");
  g_autofree char *results = NULL;
  WeftModelSnapshot snapshot;
  WeftModelErrorText text;
  WeftModel *model;

  weftline_run_start (run);
  run_wait (run);
  g_assert_cmpint (run_phase (run), ==, WEFT_RUN_INTERRUPTED);
  g_assert_cmpstr (weftline_run_message (run), ==, "interrupted: signal 11 in task boom");
  model = weftline_feed_model (weftline_run_feed (run));
  weft_model_snapshot (model, &snapshot);
  g_assert_cmpuint (snapshot.n_tasks, ==, 4);
  g_assert_cmpuint (snapshot.n_errors, ==, 1);
  weft_model_error (model, 0, &text);
  g_assert_cmpuint (text.task, ==, weft_model_find_key (model, "boom"));
  results = weftline_run_dup_results (run);
  g_assert_nonnull (strstr (results, "Standard error:"));
  g_assert_nonnull (strstr (results, "line 1 of the loom"));
  g_assert_nonnull (strstr (results, "signal 11"));
  test_assert_finalised (run);
}

/* Any deadly signal, on whichever of the workers. */
static void
test_crashes (void)
{
  static const int signals[] = { SIGABRT, SIGBUS, SIGFPE, SIGILL };

  for (unsigned i = 0; i < G_N_ELEMENTS (signals); i++)
    {
      g_autofree char *tasks =
          g_strdup_printf ("\"k\": {\"op\": \"bad.crash\", \"args\": [%d]}", signals[i]);
      g_autofree char *expected = g_strdup_printf ("interrupted: signal %d in task k", signals[i]);
      WeftlineRun *run = child_run (dir, tasks);

      weftline_run_start (run);
      run_wait (run);
      g_assert_cmpstr (weftline_run_message (run), ==, expected);
      test_assert_finalised (run);
    }
}

/* Its kernel does not listen, so asking once does not help. */
static void
test_kill (void)
{
  WeftlineRun *run = child_run (dir, "\"deaf\": {\"op\": \"bad.hang\"}");

  weftline_run_start (run);
  test_loop_until (run_n_running (run) == 1);
  weftline_run_cancel (run);
  g_assert_true (weftline_run_is_active (run));
  weftline_run_cancel (run);
  run_wait (run);
  g_assert_cmpint (run_phase (run), ==, WEFT_RUN_INTERRUPTED);
  g_assert_cmpstr (weftline_run_message (run), ==, "interrupted: signal 9 in task deaf");
  test_assert_finalised (run);
}

/* Nobody waits for the pipe, and the last lines are kept. */
static void
test_much_output (void)
{
  WeftlineRun *run = child_run (dir, "\"a\": {\"op\": \"bad.say\", \"args\": [50000]}");
  g_autofree char *results = NULL;

  weftline_run_start (run);
  run_wait (run);
  g_assert_cmpint (run_phase (run), ==, WEFT_RUN_DONE);
  results = weftline_run_dup_results (run);
  g_assert_true (g_str_has_prefix (results, "a: 50000\n\nStandard error:\n…\nline "));
  g_assert_true (g_str_has_suffix (results, "line 50000 of the loom"));
  g_assert_cmpuint (strlen (results), <, 17000);
  test_assert_finalised (run);
}

static void
test_cannot_run (void)
{
  WeftlineRun *run = child_run (dir, "\"a\": {\"op\": \"bad.unheard-of\"}");

  weftline_run_start (run);
  run_wait (run);
  g_assert_cmpint (run_phase (run), ==, WEFT_RUN_FAILED);
  g_assert_nonnull (strstr (weftline_run_message (run), "bad.unheard-of"));
  weftline_run_cancel (run);
  test_assert_finalised (run);
}

static void
test_cancelled_at_once (void)
{
  WeftlineRun *run = child_run (dir, "\"a\": {\"op\": \"sleep\", \"args\": [600]}");

  weftline_run_start (run);
  weftline_run_cancel (run);
  run_wait (run);
  g_assert_cmpint (run_phase (run), >=, WEFT_RUN_FAILED);
  test_assert_finalised (run);
}

/* The same, and one task with what it needs. */
static void
test_again (void)
{
  WeftlineRun *run = child_run (dir, "\"a\": {\"op\": \"bad.say\", \"args\": [2]},"
                                     "\"b\": {\"op\": \"neg\", \"args\": [{\"ref\": \"a\"}]},"
                                     "\"c\": {\"op\": \"bad.hang\"}");
  WeftlineRun *one, *again;
  g_autofree char *results = NULL;
  g_autoptr (GError) error = NULL;

  again = weftline_run_again (run, &error);
  g_assert_no_error (error);
  g_assert_true (weftline_run_plan (again) == weftline_run_plan (run));
  one = weftline_run_rerun_task (run, "b", &error);
  g_assert_no_error (error);
  weftline_run_start (one);
  run_wait (one);
  g_assert_cmpint (run_phase (one), ==, WEFT_RUN_DONE);
  results = weftline_run_dup_results (one);
  g_assert_true (g_str_has_prefix (results, "b: -2\n"));
  test_assert_finalised (one);
  test_assert_finalised (again);
  test_assert_finalised (run);
}

static WeftlineChildOutput *
output_of (const char *text, bool keep_last)
{
  g_autoptr (GInputStream) stream =
      g_memory_input_stream_new_from_data (text, (gssize) strlen (text), NULL);
  WeftlineChildOutput *output = weftline_child_output_new (stream, keep_last);

  test_loop_until (weftline_child_output_is_whole (output));
  return output;
}

/* Its process is given a file of ours, and records what stood of the first. */
static void
test_notes (void)
{
  g_autoptr (WeftlinePlan) plan = run_plan_with_notes (dir);
  const WeftlineRunSettings settings = { .n_workers = 1, .folder = dir };

  run_check_notes (weftline_run_child_new (plan, &settings));
}

static void
test_output (void)
{
  static const char *const empty[] = { "", "\n\n" };
  WeftlineChildOutput *output = output_of ("a\nb\xff\n", true);
  g_autofree char *text = weftline_child_output_dup_text (output);
  g_autofree char *line = weftline_child_output_dup_last_line (output);

  g_assert_cmpstr (text, ==, "a\nb\xef\xbf\xbd");
  g_assert_cmpstr (line, ==, "b\xef\xbf\xbd");
  test_assert_finalised (output);
  for (unsigned i = 0; i < G_N_ELEMENTS (empty); i++)
    {
      output = output_of (empty[i], i == 0);
      g_assert_null (weftline_child_output_dup_text (output));
      g_assert_null (weftline_child_output_dup_last_line (output));
      test_assert_finalised (output);
    }
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  dir = test_dir_new ();
  test_add ("ui-session", "child", "to-the-end", test_to_the_end);
  test_add ("ui-session", "child", "settings", test_settings);
  test_add ("ui-session", "child", "steps", test_steps);
  test_add ("ui-session", "child", "breaks", test_breaks);
  test_add ("ui-session", "child", "run-to-with-breaks", test_run_to_with_breaks);
  test_add ("ui-session", "child", "refusals", test_refusals);
  test_add ("ui-session", "child", "step-during-a-step", test_step_during_a_step);
  test_add ("ui-session", "child", "run-to", test_run_to);
  test_add ("ui-session", "child", "pause", test_pause);
  test_add ("ui-session", "child", "paused-at-once", test_paused_at_once);
  test_add ("ui-session", "child", "crash-during-a-step", test_crash_during_a_step);
  test_add ("ui-session", "child", "killed-while-paused", test_killed_while_paused);
  test_add ("ui-session", "child", "plan", test_plan);
  test_add ("ui-session", "child", "crash", test_crash);
  test_add ("ui-session", "child", "crashes", test_crashes);
  test_add ("ui-session", "child", "kill", test_kill);
  test_add ("ui-session", "child", "much-output", test_much_output);
  test_add ("ui-session", "child", "cannot-run", test_cannot_run);
  test_add ("ui-session", "child", "cancelled-at-once", test_cancelled_at_once);
  test_add ("ui-session", "child", "again", test_again);
  test_add ("ui-session", "child", "notes", test_notes);
  test_add ("ui-session", "child", "output", test_output);
  status = g_test_run ();
  test_dir_free (dir);
  return status;
}
