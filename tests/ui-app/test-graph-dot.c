/* test-graph-dot.c: tests of what the graph says where Graphviz does not lay it out
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * With WEFT_PICTURES set to a folder, pictures are left there to be looked at.
 */
#include "test-objects.h"
#include "ui-fixture.h"
#include "window-pictures.h"

#include "graph/graph-dot.h"
#include "graph/task-graph.h"
#include "session/weftline-run-embedded.h"

#include <adwaita.h>
#include <string.h>

static WeftlineRun *
run_of (const TestDir *dir, uint32_t n_tasks)
{
  const WeftlineRunSettings settings = { .n_workers = 2, .folder = dir };
  GString *json = g_string_new ("{\"weftline\": 1, \"tasks\": {");
  g_autoptr (WeftlinePlan) plan = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;

  for (uint32_t i = 0; i < n_tasks; i++)
    g_string_append_printf (json, "%s\"x-%u\": {\"op\": \"const\", \"args\": [1]}",
                            i > 0 ? ", " : "", i);
  g_string_append (json, "}}");
  path = test_dir_write (dir, "graph.json", json->str);
  g_string_free (json, TRUE);
  plan = weftline_plan_new_for_file (path, &error);
  g_assert_no_error (error);
  return weftline_run_embedded_new (plan, &settings);
}

static gboolean
is_described (GtkWidget *widget, const char *text)
{
  g_autofree char *told = gtk_test_accessible_check_property (
      GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, "nothing is as this");

  return told != NULL && strstr (told, text) != NULL;
}

/* What is too large is laid out all the same, and it is said by whom, as long as Graphviz is asked
 * for. Of what is small nothing is said. */
static void
assert_said (uint32_t n_tasks, bool said)
{
  TestDir *dir = test_dir_new ();
  WeftlineRun *run = run_of (dir, n_tasks);
  WeftlineSession *session = weftline_session_new (run);
  GtkWidget *view = weftline_task_graph_new (session);
  GtkWidget *window = gtk_window_new ();

  gtk_window_set_default_size (GTK_WINDOW (window), 700, 500);
  gtk_window_set_child (GTK_WINDOW (window), view);
  gtk_window_present (GTK_WINDOW (window));
  run_to_the_end (run);
  test_loop_until (weftline_feed_state (weftline_run_feed (run)) == WEFT_FEED_ENDED);
  weftline_session_update (session);
  test_loop_until (is_described (view, "tasks"));
  g_assert_false (is_described (view, "Graphviz"));
  weftline_task_graph_set_dot (WEFTLINE_TASK_GRAPH (view), true);
  if (said)
    test_loop_until (is_described (view, "Too large for Graphviz"));
  test_loop_until (is_described (view, "tasks"));
  g_assert_cmpint (is_described (view, "Graphviz"), ==, said);
  if (said)
    leave_pictures (window, "dot");
  weftline_task_graph_set_dot (WEFTLINE_TASK_GRAPH (view), false);
  test_loop_until (is_described (view, "tasks") && !is_described (view, "Graphviz"));
  gtk_window_destroy (GTK_WINDOW (window));
  test_loop_drain ();
  g_object_unref (session);
  test_assert_finalised (run);
  test_dir_free (dir);
}

static void
test_says_why_not (void)
{
  assert_said (WEFTLINE_DOT_MAX_TASKS + 1, true);
  assert_said (12, false);
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  test_add ("ui-app", "graph-dot", "says-why-not", test_says_why_not);
  return g_test_run ();
}
