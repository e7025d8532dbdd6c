/* test-graph-cut.c: tests of what the graph tells of a run whose file ends in the middle of it
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * With WEFT_PICTURES set to a folder, pictures are left there to be looked at.
 */
#include "view-fixture.h"
#include "window-pictures.h"

#include "graph/task-graph.h"
#include "session/weftline-run-file.h"

/* Four tasks that take long, of which two workers run two; others that wait for them. */
static WeftlineRun *
start_run (void)
{
  GString *tasks = g_string_new (NULL);
  WeftlineRun *run;

  for (int i = 0; i < 4; i++)
    g_string_append_printf (tasks,
                            "%s\"long-%d\": {\"op\": \"sleep\", \"args\": [600]}, "
                            "\"after-%d\": {\"op\": \"identity\", \"args\": [{\"ref\": "
                            "\"long-%d\"}]}",
                            i > 0 ? ", " : "", i, i, i);
  run = run_of_tasks (tasks->str, 2);
  g_string_free (tasks, TRUE);
  weftline_run_start (run);
  return run;
}

static uint32_t
n_running (WeftlineSession *session)
{
  weftline_session_update (session);
  return weftline_session_snapshot (session)->n_states[WEFT_TASK_RUNNING];
}

/* The file of a run as it was while two tasks ran. (transfer full): its path */
static char *
make_cut_file (const TestDir *dir)
{
  WeftlineRun *run = start_run ();
  WeftlineSession *session = weftline_session_new (run);
  char *path = g_build_filename (dir, "cut.weft", NULL), *bytes = NULL;
  gsize n_bytes = 0;

  test_loop_until (n_running (session) == 2);
  g_assert_true (g_file_get_contents (weftline_run_path (run), &bytes, &n_bytes, NULL));
  g_assert_true (g_file_set_contents (path, bytes, (gssize) n_bytes, NULL));
  g_free (bytes);
  weftline_run_cancel (run);
  test_loop_until (weftline_run_is_over (run));
  g_object_unref (session);
  test_assert_finalised (run);
  return path;
}

static gboolean
is_interrupted (WeftlineSession *session)
{
  weftline_session_update (session);
  return weftline_session_snapshot (session)->phase == WEFT_RUN_INTERRUPTED;
}

/* Two ran when it was interrupted, and the view says so to those who do not see it. */
static void
test_text (void)
{
  TestDir *dir = test_dir_new ();
  g_autofree char *path = make_cut_file (dir);
  g_autoptr (GError) error = NULL;
  WeftlineRun *run = weftline_run_file_new (path, &error);
  ViewFixture f;

  g_assert_no_error (error);
  view_fixture_open_in (&f, dir, run, weftline_task_graph_new, 900, 500);
  test_loop_until (is_interrupted (f.session));
  test_loop_until (is_described (f.view, "2 ran when the run was interrupted"));
  leave_pictures (f.window, "cut");
  view_fixture_close (&f);
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  test_add ("ui-app", "graph-cut", "told-as-text", test_text);
  return g_test_run ();
}
