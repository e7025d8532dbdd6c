/* test-prepared.c: tests of what is shown of a graph before it runs, and when it begins
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "view-fixture.h"
#include "window-pictures.h"

#include "canvas/number-format.h"
#include "graph/task-graph.h"
#include "progress/progress-view.h"

typedef struct
{
  WeftlineRun *run;
  RunPage page;
  GtkWidget *graph, *progress;
} Fixture;

/* @data: how many tasks there are beside the one that all wait for */
static void
set_up (Fixture *f, const void *data)
{
  GString *tasks = load_and_parts (GPOINTER_TO_UINT (data));

  f->run = run_of_tasks (tasks->str, 2);
  g_string_free (tasks, TRUE);
  run_page_open (&f->page, f->run);
  f->graph = find_of_type (f->page.window, WEFTLINE_TYPE_TASK_GRAPH);
  f->progress = find_of_type (f->page.window, WEFTLINE_TYPE_PROGRESS_VIEW);
}

static void
tear_down (Fixture *f, const void *data G_GNUC_UNUSED)
{
  run_page_close (&f->page, f->run);
}

static WeftRunPhase
phase (Fixture *f)
{
  WeftlineRunStatus status;

  weftline_run_status (f->run, &status);
  return status.phase;
}

/* All tasks stand in the graph and in progress, and nothing has run; the same tasks are there when
 * it has. */
static void
test_graph (Fixture *f, const void *data)
{
  unsigned n = GPOINTER_TO_UINT (data) + 1;
  g_autofree char *digits = weftline_format_count (n);
  g_autofree char *waiting = g_strdup_printf ("0 of %s", digits);
  const WeftModelSnapshot *snapshot = NULL;
  WeftModel *model;

  g_assert_cmpint (phase (f), ==, WEFT_RUN_PREPARED);
  test_loop_until (is_described (f->graph, digits) && is_described (f->progress, waiting));
  leave_pictures (f->page.window, "prepared");
  g_assert_cmpint (phase (f), ==, WEFT_RUN_PREPARED);
  g_assert_null (weftline_run_feed (f->run));
  model = weftline_session_preview (f->page.session, &snapshot);
  g_assert_nonnull (model);
  g_assert_true (weft_model_graph (model, 0)
                 == weftline_plan_graph (weftline_run_plan (f->run))); /* there is one */
  g_assert_cmpuint (snapshot->n_tasks, ==, n);
  for (uint32_t task = 0; task < n; task++)
    g_assert_cmpint (weft_model_task_state (model, task), ==, WEFT_TASK_WAITING);
  run_to_the_end (f->run);
  test_loop_until (weftline_session_snapshot (f->page.session)->phase == WEFT_RUN_DONE
                   && weftline_session_preview (f->page.session, &snapshot) == NULL);
  g_assert_cmpuint (weftline_session_snapshot (f->page.session)->n_tasks, ==, n);
  test_loop_until (is_described (f->graph, digits) && !is_described (f->progress, waiting));
  leave_pictures (f->page.window, "has-run");
}

/* What is pointed at or pressed before the start does no harm: no view knows the tasks yet. */
static void
test_input (Fixture *f, const void *data G_GNUC_UNUSED)
{
  static const char *const actions[] = { "graph.go-right", "graph.nearer", "graph.fit",
                                         "graph.ancestors", "graph.select-nothing" };
  const WeftlineSelection *selection = weftline_session_selection (f->page.session);

  test_loop_until (is_described (f->graph, "tasks"));
  for (unsigned i = 0; i < G_N_ELEMENTS (actions); i++)
    gtk_widget_activate_action (f->graph, actions[i], NULL);
  gtk_widget_activate_action (f->progress, "progress.next-group", NULL);
  gtk_widget_activate_action (f->progress, "progress.select-group", NULL);
  test_loop_drain ();
  g_assert_cmpuint (selection->task, ==, WEFT_NONE);
  g_assert_cmpuint (selection->group, ==, WEFT_NONE);
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  g_test_add ("/weft/ui-app/prepared/graph", Fixture, GUINT_TO_POINTER (20), set_up, test_graph,
              tear_down);
  g_test_add ("/weft/ui-app/prepared/large-graph", Fixture, GUINT_TO_POINTER (60000), set_up,
              test_graph, tear_down);
  g_test_add ("/weft/ui-app/prepared/input", Fixture, GUINT_TO_POINTER (20), set_up, test_input,
              tear_down);
  return g_test_run ();
}
