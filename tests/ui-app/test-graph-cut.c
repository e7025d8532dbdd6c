/* test-graph-cut.c: tests of what the graph tells of a run whose file ends in the middle of it
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * With WEFT_PICTURES set to a folder, pictures are left there to be looked at.
 */
#include "test-objects.h"
#include "ui-fixture.h"
#include "window-pictures.h"

#include "graph/task-graph.h"
#include "session/weftline-run-file.h"

#include <adwaita.h>
#include <string.h>

/* Four tasks that take long, of which two workers run two; others that wait for them. */
static WeftlineRun *
start_run (const TestDir *dir)
{
  static const WeftlineRunSettings settings = { .n_workers = 2 };
  WeftlineRunSettings own = settings;
  GString *json = g_string_new ("{\"weftline\": 1, \"tasks\": {");
  g_autoptr (WeftlinePlan) plan = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;
  WeftlineRun *run;

  for (int i = 0; i < 4; i++)
    g_string_append_printf (json,
                            "%s\"long-%d\": {\"op\": \"sleep\", \"args\": [600]}, "
                            "\"after-%d\": {\"op\": \"identity\", \"args\": [{\"ref\": "
                            "\"long-%d\"}]}",
                            i > 0 ? ", " : "", i, i, i);
  g_string_append (json, "}}");
  path = test_dir_write (dir, "graph.json", json->str);
  g_string_free (json, TRUE);
  plan = weftline_plan_new_for_file (path, &error);
  g_assert_no_error (error);
  own.folder = dir;
  run = weftline_run_embedded_new (plan, &own);
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
  WeftlineRun *run = start_run (dir);
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
is_described (GtkWidget *widget, const char *text)
{
  g_autofree char *told = gtk_test_accessible_check_property (
      GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, "nothing is as this");

  return told != NULL && strstr (told, text) != NULL;
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
  g_autoptr (TestDir) dir = test_dir_new ();
  g_autofree char *path = make_cut_file (dir);
  g_autoptr (GError) error = NULL;
  WeftlineRun *run = weftline_run_file_new (path, &error);
  WeftlineSession *session = weftline_session_new (run);
  GtkWidget *view = weftline_task_graph_new (session), *window = gtk_window_new ();

  g_assert_no_error (error);
  gtk_window_set_default_size (GTK_WINDOW (window), 900, 500);
  gtk_window_set_child (GTK_WINDOW (window), view);
  gtk_window_present (GTK_WINDOW (window));
  test_loop_until (is_interrupted (session));
  test_loop_until (is_described (view, "2 ran when the run was interrupted"));
  leave_pictures (window, "cut");
  gtk_window_destroy (GTK_WINDOW (window));
  test_loop_drain ();
  test_assert_finalised (session);
  test_assert_finalised (run);
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  test_add ("ui-app", "graph-cut", "told-as-text", test_text);
  return g_test_run ();
}
