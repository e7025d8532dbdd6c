/* test-run.c: tests of runs as the window knows them: embedded, and from a file
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "graph/graph-support.h"
#include "model/model-fixture.h"
#include "run-fixture.h"

#include "session/weftline-run-embedded.h"
#include "session/weftline-run-file.h"

#include <string.h>

static TestDir *dir;

static WeftlineRun *
run_of (const char *tasks)
{
  g_autoptr (WeftlinePlan) plan = run_plan (dir, "", tasks);
  const WeftlineRunSettings settings = { .n_workers = 2, .folder = dir };

  return weftline_run_embedded_new (plan, &settings);
}

static void
test_to_the_end (void)
{
  WeftlineRun *run = run_of ("\"a\": {\"op\": \"const\", \"args\": [4]},"
                             "\"b\": {\"op\": \"add\", \"args\": [{\"ref\": \"a\"}, 3]}");
  WeftlineRunStatus status;
  g_autofree char *results = NULL;
  g_autofree char *path = NULL;

  g_assert_cmpint (run_phase (run), ==, WEFT_RUN_PREPARED);
  g_assert_null (weftline_run_path (run));
  g_assert_null (weftline_run_dup_results (run));
  weftline_run_start (run);
  run_wait (run);
  weftline_run_status (run, &status);
  g_assert_cmpint (status.phase, ==, WEFT_RUN_DONE);
  g_assert_cmpuint (status.n_tasks, ==, 2);
  g_assert_cmpuint (status.n_ended, ==, 2);
  results = weftline_run_dup_results (run);
  g_assert_cmpstr (results, ==, "b: 7");
  path = g_strdup (weftline_run_path (run));
  g_assert_true (g_file_test (path, G_FILE_TEST_EXISTS));
  test_assert_finalised (run);
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
}

static void
test_notes (void)
{
  g_autoptr (WeftlinePlan) plan = run_plan_with_notes (dir);
  const WeftlineRunSettings settings = { .n_workers = 1, .folder = dir };

  run_check_notes (weftline_run_embedded_new (plan, &settings));
}

/* Of a file it is said as of the run. */
static void
test_notes_of_file (void)
{
  g_autoptr (WeftlinePlan) plan = run_plan_with_notes (dir);
  const WeftlineRunSettings settings = { .n_workers = 1, .folder = dir };
  WeftlineRun *run = weftline_run_embedded_new (plan, &settings), *file;
  g_autoptr (GError) error = NULL;

  g_assert_nonnull (weftline_run_notes (run));
  weftline_run_start (run);
  run_wait (run);
  file = weftline_run_file_new (weftline_run_path (run), &error);
  g_assert_no_error (error);
  run_wait (file);
  g_assert_cmpstrv (weftline_run_notes (file)->lines, weftline_run_notes (run)->lines);
  g_assert_cmpuint (weftline_run_notes (file)->n_without_time, ==, 2);
  test_assert_finalised (file);
  test_assert_finalised (run);
}

static void
test_failure (void)
{
  WeftlineRun *run = run_of ("\"a\": {\"op\": \"fail\", \"args\": [null, null, \"no thread\"]}");
  WeftlineRunStatus status;

  weftline_run_start (run);
  run_wait (run);
  weftline_run_status (run, &status);
  g_assert_cmpint (status.phase, ==, WEFT_RUN_FAILED);
  g_assert_cmpuint (status.n_erred, ==, 1);
  g_assert_nonnull (strstr (weftline_run_message (run), "no thread"));
  test_assert_finalised (run);
}

static void
test_steps (void)
{
  run_check_steps (run_of (RUN_CHAIN));
}

static void
test_breaks (void)
{
  run_check_breaks (run_of (RUN_BREAKS));
}

static void
test_run_to_with_breaks (void)
{
  run_check_run_to_with_breaks (run_of (RUN_BREAKS));
}

static void
test_refusals (void)
{
  run_check_refusals (run_of (RUN_STUCK), "The number of workers stays as it was: "
                                          "5000 workers were asked for; 1 to 1024 are possible");
}

static void
test_step_during_a_step (void)
{
  run_check_step_during_a_step (run_of (RUN_CHAIN));
}

static void
test_run_to (void)
{
  run_check_run_to (run_of (RUN_CHAIN));
}

static void
test_pause (void)
{
  g_autofree char *tasks = run_many_tasks ();

  run_check_pause (run_of (tasks));
}

static void
test_cancel (void)
{
  WeftlineRun *run = run_of ("\"a\": {\"op\": \"sleep\", \"args\": [600]}");
  WeftlineRunStatus status;

  weftline_run_start (run);
  g_assert_true (weftline_run_is_active (run));
  weftline_run_cancel (run);
  run_wait (run);
  g_assert_cmpint (run_phase (run), ==, WEFT_RUN_CANCELLED);
  weftline_run_status (run, &status);
  g_assert_cmpuint (status.n_ended, ==, 0);
  test_assert_finalised (run);
}

static void
test_settings (void)
{
  WeftlineRun *run = run_of ("\"a\": {\"op\": \"const\", \"args\": [4]}");
  WeftlineRunStatus status;
  WeftlineRun *again;
  g_autoptr (GError) error = NULL;

  weftline_run_set_workers (run, 3);
  weftline_run_set_memory_limit (run, 1000000);
  weftline_run_set_delay (run, 1000);
  again = weftline_run_again (run, &error);
  g_assert_no_error (error);
  weftline_run_status (again, &status);
  g_assert_cmpuint (status.n_workers, ==, 3);
  g_assert_cmpuint (status.memory_limit_bytes, ==, 1000000);
  g_assert_cmpint (status.delay_ns, ==, 1000);
  weftline_run_start (again);
  weftline_run_set_workers (again, 1);
  run_wait (again);
  weftline_run_status (again, &status);
  g_assert_cmpuint (status.n_workers, ==, 1);
  test_assert_finalised (again);
  test_assert_finalised (run);
}

/* A graph that cannot be run says so, once, and is over. */
static void
test_no_folder (void)
{
  g_autofree char *path = test_dir_write (dir, "graph.json",
                                          "{\"weftline\": 1, \"tasks\": {\"a\": {\"op\": "
                                          "\"const\", \"args\": [1]}}}");
  g_autofree char *folder = g_build_filename (path, "below-a-file", NULL);
  g_autoptr (WeftlinePlan) plan = weftline_plan_new_for_file (path, NULL);
  const WeftlineRunSettings settings = { .folder = folder };
  WeftlineRun *run = weftline_run_embedded_new (plan, &settings);

  weftline_run_start (run);
  g_assert_true (weftline_run_is_over (run));
  g_assert_nonnull (strstr (weftline_run_message (run), "below-a-file"));
  weftline_run_step (run);
  weftline_run_start (run);
  weftline_run_pause (run);
  test_assert_finalised (run);
}

/* The model has the graph that the run has, not a copy of it; who has the model may keep it longer
 * than all others. */
static void
test_takes_the_graph (void)
{
  g_autofree char *tasks = run_many_tasks ();
  g_autoptr (WeftlinePlan) plan = run_plan (dir, "", tasks);
  const WeftlineRunSettings settings = { .n_workers = 2, .folder = dir };
  WeftlineRun *run = weftline_run_embedded_new (plan, &settings);
  WeftGraph *graph = weftline_plan_graph (plan);
  g_autofree char *key = NULL;
  WeftModel *model;

  weftline_run_start (run);
  model = weft_model_ref (weftline_feed_model (weftline_run_feed (run)));
  test_loop_until (weft_model_graph (model, 0) != NULL);
  g_assert_true (weft_model_graph (model, 0) == graph);
  weftline_run_cancel (run);
  run_wait (run);
  assert_counts (model);
  test_assert_finalised (run);
  g_clear_pointer (&plan, weftline_plan_unref);
  key = weft_model_task_dup_key (model, 4999);
  g_assert_true (g_str_has_prefix (key, "a-"));
  weft_model_unref (model);
}

/* Saved and opened, it says the same. */
static void
test_file_equals_live (void)
{
  WeftlineRun *run = run_of ("\"a-0\": {\"op\": \"const\", \"args\": [4]},"
                             "\"a-1\": {\"op\": \"fail\"},"
                             "\"b\": {\"op\": \"alloc\", \"args\": [100000, 0]}");
  g_autofree char *path = g_build_filename (dir, "saved.weft", NULL);
  g_autoptr (GError) error = NULL;
  WeftlineRun *file;
  WeftlineRunStatus live, read;

  weftline_run_start (run);
  run_wait (run);
  g_assert_true (weftline_run_save (run, path, &error));
  g_assert_no_error (error);
  file = weftline_run_file_new (path, &error);
  g_assert_no_error (error);
  run_wait (file);
  weftline_run_status (run, &live);
  weftline_run_status (file, &read);
  g_assert_cmpint (read.phase, ==, live.phase);
  g_assert_cmpuint (read.n_tasks, ==, live.n_tasks);
  g_assert_cmpuint (read.n_ended, ==, live.n_ended);
  g_assert_cmpuint (read.n_erred, ==, live.n_erred);
  assert_same (weftline_feed_model (weftline_run_feed (run)),
               weftline_feed_model (weftline_run_feed (file))); /* every span, to the nanosecond */
  assert_same_graph (weft_model_graph (weftline_feed_model (weftline_run_feed (run)), 0),
                     weft_model_graph (weftline_feed_model (weftline_run_feed (file)), 0));
  g_assert_cmpstr (weftline_run_name (file), ==, "saved.weft");
  g_assert_false (weftline_run_can (file, WEFTLINE_CAN_PAUSE));
  g_assert_true (weftline_run_can (file, WEFTLINE_CAN_SAVE));
  weftline_run_pause (file);
  weftline_run_cancel (file);
  g_assert_finalize_object (file);
  test_assert_finalised (run);
}

static void
count_cb (unsigned *n)
{
  (*n)++;
}

/* A long one, while it is read: however often there is more, it is told ten times a second. */
static void
test_file_tells_now_and_then (void)
{
  g_autofree char *path = g_build_filename (dir, "long.weft", NULL);
  g_autoptr (GString) tasks = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  unsigned n_read = 0, n_told = 0;
  WeftlineRun *run, *file;
  gint64 begin_us;

  for (int i = 0; i < 50000; i++)
    g_string_append_printf (tasks, "%s\"a-%d\": {\"op\": \"const\", \"args\": [1]}",
                            i > 0 ? "," : "", i);
  run = run_of (tasks->str);
  weftline_run_start (run);
  run_wait (run);
  g_assert_true (weftline_run_save (run, path, &error));
  begin_us = g_get_monotonic_time ();
  file = weftline_run_file_new (path, &error);
  g_assert_no_error (error);
  g_signal_connect_swapped (weftline_run_feed (file), "changed", G_CALLBACK (count_cb), &n_read);
  g_signal_connect_swapped (file, "changed", G_CALLBACK (count_cb), &n_told);
  run_wait (file);
  g_assert_cmpuint (n_read, >=, 2);
  g_assert_cmpuint (n_told, >=, 1);
  g_assert_cmpint (n_told, <=, (g_get_monotonic_time () - begin_us) / 100000 + 1);
  g_assert_cmpuint (run_n_ended (file), ==, 50000);
  test_assert_finalised (file);
  test_assert_finalised (run);
}

static void
test_not_a_run (void)
{
  g_autofree char *path = test_dir_write (dir, "x.weft",
                                          "these are the threads of the warp, "
                                          "but no run file at all, as one sees");
  g_autoptr (GError) error = NULL;

  g_assert_null (weftline_run_file_new (path, &error));
  g_assert_error (error, WEFT_RUN_READER_ERROR, WEFT_RUN_READER_ERROR_FORMAT);
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  dir = test_dir_new ();
  test_add ("ui-session", "run", "to-the-end", test_to_the_end);
  test_add ("ui-session", "run", "failure", test_failure);
  test_add ("ui-session", "run", "steps", test_steps);
  test_add ("ui-session", "run", "breaks", test_breaks);
  test_add ("ui-session", "run", "run-to-with-breaks", test_run_to_with_breaks);
  test_add ("ui-session", "run", "refusals", test_refusals);
  test_add ("ui-session", "run", "step-during-a-step", test_step_during_a_step);
  test_add ("ui-session", "run", "run-to", test_run_to);
  test_add ("ui-session", "run", "pause", test_pause);
  test_add ("ui-session", "run", "cancel", test_cancel);
  test_add ("ui-session", "run", "settings", test_settings);
  test_add ("ui-session", "run", "notes", test_notes);
  test_add ("ui-session", "run", "notes-of-file", test_notes_of_file);
  test_add ("ui-session", "run", "no-folder", test_no_folder);
  test_add ("ui-session", "run", "takes-the-graph", test_takes_the_graph);
  test_add ("ui-session", "run", "file-equals-live", test_file_equals_live);
  test_add ("ui-session", "run", "file-tells-now-and-then", test_file_tells_now_and_then);
  test_add ("ui-session", "run", "not-a-run", test_not_a_run);
  status = g_test_run ();
  test_dir_free (dir);
  return status;
}
