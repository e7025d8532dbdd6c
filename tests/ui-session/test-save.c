/* test-save.c: tests of copies of runs, finished and growing, and of files whose writers are gone
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "child-fixture.h"

#include "session/weftline-run-embedded.h"
#include "session/weftline-run-file.h"
#include "session/weftline-save.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>

static TestDir *dir;

static char *
path_of (const char *name)
{
  return g_build_filename (dir, name, NULL);
}

static WeftlineRun *
embedded_run (const char *tasks)
{
  g_autofree char *text = g_strdup_printf ("{\"weftline\": 1, \"tasks\": {%s}}", tasks);
  g_autofree char *path = test_dir_write (dir, "embedded.json", text);
  g_autoptr (GError) error = NULL;
  g_autoptr (WeftlinePlan) plan = weftline_plan_new_for_file (path, &error);
  const WeftlineRunSettings settings = { .n_workers = 2, .folder = dir };

  g_assert_no_error (error);
  return weftline_run_embedded_new (plan, &settings);
}

/* Tasks of all kinds: many groups, a failure, one that fails with it, a retry, output. */
static const char mixed[] =
    "\"a-0\": {\"op\": \"const\", \"args\": [4]},"
    "\"a-1\": {\"op\": \"fail\", \"args\": [null, null, \"broken thread\"]},"
    "\"b\": {\"op\": \"alloc\", \"args\": [100000, 0]},"
    "\"c\": {\"op\": \"neg\", \"args\": [{\"ref\": \"a-1\"}]},"
    "\"e\": {\"op\": \"exec\", \"args\": [[\"sh\", \"-c\", \"echo warp; echo weft >&2\"]]},"
    "\"r\": {\"op\": \"fail\", \"retries\": 2, \"retry_delay\": 0.001}";

static WeftlineRun *
open_file (const char *path)
{
  g_autoptr (GError) error = NULL;
  WeftlineRun *run = weftline_run_file_new (path, &error);

  g_assert_no_error (error);
  return run;
}

static void
save_whole (WeftlineRun *run, const char *path)
{
  g_autoptr (GError) error = NULL;
  WeftlineSave *save = weftline_save_new (run, path, &error);

  g_assert_no_error (error);
  test_loop_until (weftline_save_is_over (save));
  g_assert_null (weftline_save_error (save));
  test_assert_finalised (save);
}

static void
assert_same_bytes (const char *path, const char *other)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GMappedFile) one = g_mapped_file_new (path, FALSE, &error);
  g_autoptr (GMappedFile) two = g_mapped_file_new (other, FALSE, &error);

  g_assert_no_error (error);
  g_assert_cmpmem (g_mapped_file_get_contents (one), g_mapped_file_get_length (one),
                   g_mapped_file_get_contents (two), g_mapped_file_get_length (two));
}

/* ---- models ---------------------------------------------------------------------------------- */

/* @text: everything that a reader can be told of the run, but for when: of the same run read from
 * its file, clocks are known better. */
static void
dump_tasks (GString *text, WeftModel *model, const WeftModelSnapshot *snapshot)
{
  for (uint32_t task = 0; task < snapshot->n_tasks; task++)
    {
      g_autofree char *key = weft_model_task_dup_key (model, task);
      uint32_t lane = WEFT_NONE;
      uint64_t index = 0;

      weft_model_task_span (model, task, &lane, &index);
      g_string_append_printf (text, "task %s group %u state %d attempts %u lane %u span %u\n", key,
                              weft_model_task_group (model, task),
                              weft_model_task_state (model, task),
                              weft_model_task_attempts (model, task), lane, (unsigned) index);
    }
}

static void
dump_spans (GString *text, const WeftSpans *spans)
{
  for (uint64_t i = 0; i < weft_spans_n (spans); i++)
    {
      const WeftSpan *span = weft_spans_get (spans, i);

      g_string_append_printf (text, " %u %u %u %u %u", span->task, span->group, span->kind,
                              span->how, (unsigned) span->amount);
    }
  g_string_append_c (text, '\n');
}

static void
dump_texts (GString *text, WeftModel *model, const WeftModelSnapshot *snapshot)
{
  WeftModelErrorText error;
  WeftModelLog log;

  for (uint32_t i = 0; i < snapshot->n_errors; i++)
    {
      weft_model_error (model, i, &error);
      g_string_append_printf (text, "error %u %u %s %s %s %s\n", error.task, error.attempt,
                              error.kind, error.message, error.detail, error.output);
    }
  for (uint64_t i = 0; i < snapshot->n_logs; i++)
    {
      weft_model_log (model, i, &log);
      g_string_append_printf (text, "log %u %d %s\n", log.task, log.stream, log.bytes);
    }
}

static char *
dump (WeftlineRun *run)
{
  WeftModel *model = weftline_feed_model (weftline_run_feed (run));
  GString *text = g_string_new (NULL);
  g_autofree char *name = weft_model_dup_name (model);
  WeftModelSnapshot snapshot;
  WeftModelLane lane;

  weft_model_snapshot (model, &snapshot);
  g_string_append_printf (text, "%s phase %d dropped %u\n", name, snapshot.phase,
                          (unsigned) snapshot.n_dropped);
  dump_tasks (text, model, &snapshot);
  for (uint32_t i = 0; i < snapshot.n_lanes; i++)
    {
      weft_model_lane (model, i, &lane);
      g_string_append_printf (text, "lane %s %u:", lane.name, lane.kind);
      dump_spans (text, lane.spans);
    }
  dump_texts (text, model, &snapshot);
  for (unsigned series = 0; series < WEFT_N_SERIES; series++)
    for (uint64_t i = 0; i < weft_model_series_n (model, series); i++)
      if (series <= WEFT_SERIES_CHILDREN) /* rates go by times */
        g_string_append_printf (text, "%u %f\n", series,
                                weft_model_series_get (model, series, i).value);
  return g_string_free (text, FALSE);
}

static void
assert_equal (WeftlineRun *run, WeftlineRun *other)
{
  g_autofree char *one = dump (run);
  g_autofree char *two = dump (other);

  g_assert_cmpstr (one, ==, two);
}

/* ---- tests ----------------------------------------------------------------------------------- */

static void
check_finished (WeftlineRun *run)
{
  g_autofree char *path = path_of ("finished.weft");
  WeftlineRun *copy;

  weftline_run_start (run);
  run_wait (run);
  save_whole (run, path);
  assert_same_bytes (weftline_run_path (run), path);
  copy = open_file (path);
  run_wait (copy);
  assert_equal (run, copy);
  test_assert_finalised (copy);
  test_assert_finalised (run);
}

/* Opened, the copy tells what the live run told, whoever ran it. */
static void
test_finished (void)
{
  check_finished (embedded_run (mixed));
  check_finished (child_run (dir, mixed));
}

static uint64_t
n_ended (WeftlineRun *run)
{
  WeftlineRunStatus status;

  weftline_run_status (run, &status);
  return status.n_ended;
}

/* A chain, so that there is always something still to come. */
static char *
chain (unsigned n)
{
  GString *text = g_string_new ("\"x-0\": {\"op\": \"const\", \"args\": [1]}");

  for (unsigned i = 1; i < n; i++)
    g_string_append_printf (
        text, ",\"x-%u\": {\"op\": \"sleep\", \"args\": [0.01, {\"ref\": \"x-%u\"}]}", i, i - 1);
  return g_string_free (text, FALSE);
}

/* Saved amidst, the copy can be opened at once, follows, and loses nothing. */
static void
check_running (WeftlineRun *run)
{
  g_autofree char *path = path_of ("running.weft");
  g_autoptr (GError) error = NULL;
  WeftlineSave *save;
  WeftlineRun *copy, *original;

  weftline_run_start (run);
  test_loop_until (n_ended (run) > 5);
  save = weftline_save_new (run, path, &error);
  g_assert_no_error (error);
  test_loop_until (g_file_test (path, G_FILE_TEST_EXISTS));
  g_assert_false (weftline_save_is_over (save));
  copy = open_file (path);
  test_loop_until (n_ended (copy) > 0);
  g_assert_cmpint (run_phase (copy), ==, WEFT_RUN_RUNNING);
  run_wait (run);
  test_loop_until (weftline_save_is_over (save));
  run_wait (copy);
  g_assert_cmpint (run_phase (copy), ==, WEFT_RUN_DONE);
  assert_same_bytes (weftline_run_path (run), path);
  assert_equal (run, copy);
  original = open_file (weftline_run_path (run));
  run_wait (original);
  assert_equal (original, copy);
  test_assert_finalised (save);
  test_assert_finalised (original);
  test_assert_finalised (copy);
  test_assert_finalised (run);
  g_assert_cmpint (g_remove (path), ==, 0);
}

static void
test_running (void)
{
  g_autofree char *tasks = chain (60);

  check_running (embedded_run (tasks));
  check_running (child_run (dir, tasks));
}

/* Also what a crash left. */
static void
test_crashed (void)
{
  WeftlineRun *run = child_run (dir, "\"first\": {\"op\": \"const\", \"args\": [1]},"
                                     "\"k\": {\"op\": \"bad.crash\", \"args\": [11]}");
  g_autofree char *path = path_of ("crashed.weft");
  WeftlineRun *copy;

  weftline_run_start (run);
  run_wait (run);
  save_whole (run, path);
  copy = open_file (path);
  run_wait (copy);
  g_assert_cmpstr (weftline_run_message (copy), ==, "interrupted: signal 11 in task k");
  assert_equal (run, copy);
  test_assert_finalised (copy);
  test_assert_finalised (run);
}

static void
test_cannot_save (void)
{
  WeftlineRun *run = embedded_run ("\"a\": {\"op\": \"const\", \"args\": [4]}");
  g_autofree char *path = path_of ("no-folder/saved.weft");
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  g_autoptr (GError) error = NULL;
  WeftlineSave *save;

  g_assert_null (weftline_save_new (run, path, &error));
  g_assert_error (error, WEFT_ENGINE_ERROR, WEFT_ENGINE_ERROR_STATE);
  g_clear_error (&error);
  weftline_run_start (run);
  run_wait (run);
  g_assert_null (weftline_save_new (run, path, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
  g_clear_error (&error);
  /* onto itself: nothing happens to it */
  before = test_file_read (weftline_run_path (run));
  save = weftline_save_new (run, weftline_run_path (run), &error);
  g_assert_no_error (error);
  g_assert_true (weftline_save_is_over (save));
  after = test_file_read (weftline_run_path (run));
  g_assert_cmpstr (before, ==, after);
  test_assert_finalised (save);
  test_assert_finalised (run);
}

/* Another process writes it; when that is killed, the run is interrupted, and it is said why. */
static void
test_writer_killed (void)
{
  g_autofree char *command =
      g_test_build_filename (G_TEST_BUILT, "..", "src", "cli", "weftline", NULL);
  g_autofree char *graph =
      test_dir_write (dir, "long.json",
                      "{\"weftline\": 1, \"tasks\": {\"nap\": {\"op\": \"sleep\", \"args\": "
                      "[600]}, \"a\": {\"op\": \"const\", \"args\": [1]}}}");
  g_autofree char *path = path_of ("killed.weft");
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocess) process =
      g_subprocess_new (G_SUBPROCESS_FLAGS_STDERR_SILENCE, &error, command, "run", "--no-optimize",
                        "--progress", "none", "--trace", path, graph, NULL);
  g_autofree char *expected = NULL;
  WeftlineRun *run, *again;

  g_assert_no_error (error);
  expected = g_strdup_printf ("interrupted in task nap: process %s, which wrote the file, is gone",
                              g_subprocess_get_identifier (process));
  test_loop_until (g_file_test (path, G_FILE_TEST_EXISTS));
  run = open_file (path);
  test_loop_until (run_n_running (run) == 1);
  g_assert_cmpint (run_phase (run), ==, WEFT_RUN_RUNNING);
  g_assert_false (weftline_run_can (run, WEFTLINE_CAN_CANCEL));
  g_subprocess_send_signal (process, SIGKILL);
  g_subprocess_wait (process, NULL, NULL);
  run_wait (run);
  g_assert_cmpint (run_phase (run), ==, WEFT_RUN_INTERRUPTED);
  g_assert_cmpstr (weftline_run_message (run), ==, expected);
  again = open_file (path);
  run_wait (again);
  g_assert_cmpstr (weftline_run_message (again), ==, expected);
  assert_equal (run, again);
  test_assert_finalised (again);
  test_assert_finalised (run);
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  dir = test_dir_new ();
  test_add ("ui-session", "save", "finished", test_finished);
  test_add ("ui-session", "save", "running", test_running);
  test_add ("ui-session", "save", "crashed", test_crashed);
  test_add ("ui-session", "save", "cannot-save", test_cannot_save);
  test_add ("ui-session", "save", "writer-killed", test_writer_killed);
  status = g_test_run ();
  test_dir_free (dir);
  return status;
}
