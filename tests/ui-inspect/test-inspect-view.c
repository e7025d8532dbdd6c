/* test-inspect-view.c: tests of the inspector's widget
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "test-objects.h"

#include "inspect/inspect-view.h"
#include "session/weftline-run-embedded.h"
#include "session/weftline-run-file.h"

typedef gboolean (*WidgetTest) (GtkWidget *widget, const void *data);

static GtkWidget *
find_widget (GtkWidget *widget, WidgetTest test, const void *data)
{
  GtkWidget *found = gtk_widget_get_visible (widget) && test (widget, data) ? widget : NULL;

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL && found == NULL;
       child = gtk_widget_get_next_sibling (child))
    found = gtk_widget_get_visible (widget) ? find_widget (child, test, data) : NULL;
  return found;
}

static gboolean
says (GtkWidget *widget, const void *text)
{
  return GTK_IS_LABEL (widget) && g_str_equal (gtk_label_get_text (GTK_LABEL (widget)), text);
}

static gboolean
is_button (GtkWidget *widget, const void *text)
{
  const char *label = GTK_IS_BUTTON (widget) ? gtk_button_get_label (GTK_BUTTON (widget)) : NULL;

  return GTK_IS_BUTTON (widget)
         && (g_strcmp0 (label, text) == 0
             || g_strcmp0 (gtk_widget_get_tooltip_text (widget), text) == 0);
}

typedef struct
{
  WeftlineRun *run;
  WeftlineSession *session;
  GtkWidget *view;
} Fixture;

static void
set_up (Fixture *fixture, WeftlineRun *run)
{
  fixture->run = run;
  fixture->session = weftline_session_new (run);
  fixture->view = g_object_ref_sink (weftline_inspect_view_new (fixture->session));
}

static void
tear_down (Fixture *fixture)
{
  g_assert_finalize_object (fixture->view);
  g_assert_finalize_object (fixture->session);
  test_assert_finalised (fixture->run);
}

static WeftlineRun *
example (void)
{
  g_autofree char *path = test_example_path ("01-two-increments.json");
  g_autoptr (GError) error = NULL;
  g_autoptr (WeftlinePlan) plan = weftline_plan_new_for_file (path, &error);

  g_assert_no_error (error);
  return weftline_run_embedded_new (plan, NULL);
}

static void
iterate_until_phase (Fixture *fixture, WeftRunPhase phase)
{
  WeftlineRunStatus status;

  for (;;)
    {
      weftline_run_status (fixture->run, &status);
      weftline_session_update (fixture->session);
      if (status.phase == phase
          && weftline_session_snapshot (fixture->session)->phase == (WeftRunPhase) phase)
        return;
      g_main_context_iteration (NULL, TRUE);
    }
}

static void
select_key (Fixture *fixture, const char *key)
{
  uint32_t task = weft_model_find_key (weftline_session_model (fixture->session), key);

  g_assert_cmpuint (task, !=, WEFT_NONE);
  weftline_session_select_task (fixture->session, task);
}

static void
settle (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static void
test_follows (void)
{
  Fixture fixture;
  GtkWidget *link;
  uint32_t sum;

  set_up (&fixture, example ());
  g_assert_null (find_widget (fixture.view, says, "Key"));
  gtk_test_accessible_assert_property (GTK_ACCESSIBLE (fixture.view), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                       "Inspector");
  weftline_run_start (fixture.run);
  iterate_until_phase (&fixture, WEFT_RUN_DONE);
  select_key (&fixture, "inc-1");
  sum = weft_model_find_key (weftline_session_model (fixture.session), "total");
  g_assert_nonnull (find_widget (fixture.view, says, "inc-1"));
  g_assert_nonnull (find_widget (fixture.view, says, "released"));
  link = find_widget (fixture.view, is_button, "total");
  g_assert_nonnull (link);
  gtk_test_accessible_assert_property (GTK_ACCESSIBLE (link), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                       "total, in memory");
  g_signal_emit_by_name (link, "clicked");
  g_assert_cmpuint (weftline_session_selection (fixture.session)->task, ==, sum);
  g_assert_nonnull (find_widget (fixture.view, says, "in memory"));
  g_assert_nonnull (find_widget (fixture.view, is_button, "inc-1"));
  g_assert_nonnull (find_widget (fixture.view, is_button, "inc-2"));
  weftline_session_select_nothing (fixture.session);
  settle ();
  tear_down (&fixture);
}

/* Whether what is said of a task stands below its title. */
static bool
is_below (Fixture *fixture)
{
  GtkWidget *title = find_widget (fixture->view, says, "Group");
  GtkWidget *value = find_widget (fixture->view, says, "inc");
  graphene_rect_t above, below;

  g_assert_nonnull (title);
  g_assert_nonnull (value);
  return gtk_widget_compute_bounds (title, fixture->view, &above)
         && gtk_widget_compute_bounds (value, fixture->view, &below)
         && below.origin.y >= above.origin.y + above.size.height
         && fabsf (below.origin.x - above.origin.x) < 20;
}

/* Where there is little room, or text is large, values stand below their titles, and are not broken
 * within a word. */
static void
test_narrow (void)
{
  GtkSettings *settings = gtk_settings_get_default ();
  GtkWidget *window = gtk_window_new ();
  Fixture fixture;

  set_up (&fixture, example ());
  weftline_run_start (fixture.run);
  iterate_until_phase (&fixture, WEFT_RUN_DONE);
  select_key (&fixture, "inc-1");
  gtk_window_set_child (GTK_WINDOW (window), fixture.view);
  gtk_window_set_default_size (GTK_WINDOW (window), 280, 300);
  gtk_window_present (GTK_WINDOW (window));
  test_loop_until (gtk_widget_get_width (fixture.view) == 280 && !is_below (&fixture));
  g_object_set (settings, "gtk-xft-dpi", 192 * 1024, NULL);
  test_loop_until (is_below (&fixture));
  g_object_set (settings, "gtk-xft-dpi", 96 * 1024, NULL);
  test_loop_until (!is_below (&fixture));
  gtk_window_set_child (GTK_WINDOW (window), NULL);
  gtk_window_destroy (GTK_WINDOW (window));
  settle ();
  tear_down (&fixture);
}

/* Values are named by their titles. */
static void
test_accessible (void)
{
  Fixture fixture;
  GtkWidget *title, *value;

  set_up (&fixture, example ());
  weftline_run_start (fixture.run);
  iterate_until_phase (&fixture, WEFT_RUN_DONE);
  select_key (&fixture, "inc-1");
  title = find_widget (fixture.view, says, "Key");
  value = find_widget (fixture.view, says, "inc-1");
  gtk_test_accessible_assert_relation (GTK_ACCESSIBLE (value), GTK_ACCESSIBLE_RELATION_LABELLED_BY,
                                       title, NULL);
  tear_down (&fixture);
}

/* What stays the same is not made anew: not for a new snapshot, nor another task of that form. */
static void
test_stays (void)
{
  Fixture fixture;
  WeftlineInspectView *view;
  unsigned n_built;

  set_up (&fixture, example ());
  view = WEFTLINE_INSPECT_VIEW (fixture.view);
  weftline_run_start (fixture.run);
  iterate_until_phase (&fixture, WEFT_RUN_DONE);
  select_key (&fixture, "total");
  n_built = weftline_inspect_view_n_built (view);
  g_assert_cmpuint (n_built, >, 0);
  g_signal_emit_by_name (fixture.session, "snapshot-changed");
  g_assert_cmpuint (weftline_inspect_view_n_built (view), ==, n_built);
  tear_down (&fixture);
}

static void
test_run_to_here (void)
{
  Fixture fixture;
  GtkWidget *button;
  uint32_t total;

  set_up (&fixture, example ());
  weftline_run_step (fixture.run);
  iterate_until_phase (&fixture, WEFT_RUN_PAUSED);
  select_key (&fixture, "total");
  total = weftline_session_selection (fixture.session)->task;
  button = find_widget (fixture.view, is_button, "Run to Here");
  g_assert_nonnull (button);
  g_assert_null (find_widget (fixture.view, is_button, "Re-run"));
  g_signal_emit_by_name (button, "clicked");
  for (;;) /* until all before it have run */
    {
      WeftlineRunStatus status;

      weftline_session_update (fixture.session);
      weftline_run_status (fixture.run, &status);
      if (status.n_ended == 2 && status.phase == WEFT_RUN_PAUSED)
        break;
      g_assert_cmpuint (status.n_ended, <=, 2);
      g_main_context_iteration (NULL, TRUE);
    }
  g_assert_cmpuint (weft_model_task_attempts (weftline_session_model (fixture.session), total), ==,
                    0);
  weftline_run_resume (fixture.run);
  iterate_until_phase (&fixture, WEFT_RUN_DONE);
  settle ();
  weftline_session_select_task (fixture.session, WEFT_NONE);
  weftline_session_select_task (fixture.session, total);
  g_assert_null (find_widget (fixture.view, is_button, "Run to Here"));
  g_assert_nonnull (find_widget (fixture.view, is_button, "Re-run"));
  tear_down (&fixture);
}

static void
test_rerun (void)
{
  Fixture fixture;
  g_autoptr (GError) error = NULL;
  g_autoptr (WeftlineRun) again = NULL;
  WeftlineRunStatus status;

  set_up (&fixture, example ());
  again = weftline_run_rerun_task (fixture.run, "inc-2", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (weftline_run_name (again), ==, "inc-2");
  weftline_run_status (again, &status);
  g_assert_cmpuint (status.n_tasks, ==, 1);
  weftline_run_start (again);
  while (!weftline_run_is_over (again))
    g_main_context_iteration (NULL, TRUE);
  weftline_run_status (again, &status);
  g_assert_cmpint (status.phase, ==, WEFT_RUN_DONE);
  settle ();
  g_assert_null (weftline_run_rerun_task (fixture.run, "nothing", &error));
  test_assert_error (&error, WEFT_GRAPH_ERROR, WEFT_GRAPH_ERROR_MISSING, "nothing", NULL);
  tear_down (&fixture);
}

/* A file can serve neither. */
static void
test_file (void)
{
  Fixture live, fixture;
  g_autoptr (TestDir) dir = test_dir_new ();
  g_autofree char *path = g_build_filename (dir, "run.weft", NULL);
  g_autoptr (GError) error = NULL;

  set_up (&live, example ());
  weftline_run_start (live.run);
  while (!weftline_run_is_over (live.run))
    g_main_context_iteration (NULL, TRUE);
  g_assert_true (weftline_run_save (live.run, path, &error));
  settle ();
  tear_down (&live);
  set_up (&fixture, weftline_run_file_new (path, &error));
  g_assert_no_error (error);
  iterate_until_phase (&fixture, WEFT_RUN_DONE);
  select_key (&fixture, "inc-1");
  g_assert_nonnull (find_widget (fixture.view, says, "inc-1"));
  g_assert_null (find_widget (fixture.view, is_button, "Run to Here"));
  g_assert_null (find_widget (fixture.view, is_button, "Re-run"));
  tear_down (&fixture);
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  test_add ("ui-inspect", "inspect-view", "follows", test_follows);
  test_add ("ui-inspect", "inspect-view", "accessible", test_accessible);
  test_add ("ui-inspect", "inspect-view", "narrow", test_narrow);
  test_add ("ui-inspect", "inspect-view", "stays", test_stays);
  test_add ("ui-inspect", "inspect-view", "run-to-here", test_run_to_here);
  test_add ("ui-inspect", "inspect-view", "rerun", test_rerun);
  test_add ("ui-inspect", "inspect-view", "file", test_file);
  return g_test_run ();
}
