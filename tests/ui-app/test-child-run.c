/* test-child-run.c: tests of runs in processes of their own, in the window
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "../ui-session/child-fixture.h"
#include "ui-fixture.h"

#include "app/weftline-application.h"
#include "app/weftline-window.h"

#include <string.h>

static WeftlineApplication *application;
static TestDir *dir;

static WeftlineWindow *
make_window (void)
{
  g_autoptr (GSettings) settings = g_settings_new (WEFTLINE_APPLICATION_ID);
  WeftlineWindow *window = weftline_window_new (ADW_APPLICATION (application), settings);

  gtk_window_present (GTK_WINDOW (window));
  return window;
}

static void
open_graph (WeftlineWindow *window, const char *tasks)
{
  g_autoptr (WeftlinePlan) plan = child_plan (dir, tasks);
  g_autoptr (GFile) file = g_file_new_for_path (weftline_plan_file (plan));

  weftline_window_open (window, file);
  test_loop_until (!weftline_window_is_opening (window));
  test_loop_drain ();
}

static gboolean
contains_text (GtkWidget *widget, const void *text)
{
  return GTK_IS_LABEL (widget) && gtk_widget_get_visible (widget)
         && strstr (gtk_label_get_text (GTK_LABEL (widget)), text) != NULL;
}

static gboolean
is_button_of (GtkWidget *widget, const void *action)
{
  return has_action (widget, action) && gtk_widget_get_visible (widget);
}

static gboolean
is_named (GtkWidget *button, const char *name)
{
  return g_strcmp0 (gtk_widget_get_tooltip_text (button), name) == 0;
}

/* A plug-in is shown first; a crash in it ends the run, and the window goes on. */
static void
test_crash (void)
{
  WeftlineWindow *window = make_window ();
  WeftlineRun *run;

  open_graph (window, "\"say\": {\"op\": \"bad.say\", \"args\": [3]},"
                      "\"k\": {\"op\": \"bad.crash\", \"args\": [11]}");
  run = weftline_window_run (window);
  g_assert_true (WEFTLINE_IS_RUN_CHILD (run));
  g_assert_cmpint (run_phase (run), ==, WEFT_RUN_PREPARED);
  g_assert_nonnull (find_widget (GTK_WIDGET (window), has_text,
                                 "A plug-in is loaded, in a process of its own. Nothing runs "
                                 "before you say so."));
  g_assert_nonnull (find_widget (GTK_WIDGET (window), contains_text, "weft-crash-plugin.so"));
  gtk_widget_activate_action (GTK_WIDGET (window), "win.run", NULL);
  run_wait (run);
  g_assert_nonnull (
      find_widget (GTK_WIDGET (window), has_text, "interrupted: signal 11 in task k"));
  g_assert_nonnull (find_widget (GTK_WIDGET (window), contains_text, "line 3 of the loom"));
  weftline_window_open_example (window, "loop", 2, 0, 0, TRUE);
  test_loop_until (!weftline_window_is_opening (window)
                   && weftline_run_is_over (weftline_window_run (window)));
  g_assert_cmpint (run_phase (weftline_window_run (window)), ==, WEFT_RUN_DONE);
  window_close (window);
}

/* Its buttons are those of a run inside the window, and do the same. */
static void
test_controls (void)
{
  g_autofree char *tasks = run_many_tasks ();
  WeftlineWindow *window = make_window ();
  GtkWidget *widget = GTK_WIDGET (window);
  GtkWidget *play, *step;
  WeftlineRun *run;
  uint64_t n;

  open_graph (window, tasks);
  run = weftline_window_run (window);
  play = find_widget (widget, is_button_of, "win.run");
  step = find_widget (widget, is_button_of, "win.step");
  g_assert_nonnull (step);
  gtk_widget_activate (play);
  test_loop_until (run_n_ended (run) > 0);
  test_loop_until (is_named (play, "Pause"));
  gtk_widget_activate (play);
  test_loop_until (is_named (play, "Go On") && run_n_running (run) == 0);
  n = run_n_ended (run);
  run_let_time_pass (run);
  g_assert_cmpuint (run_n_ended (run), ==, n);
  gtk_widget_activate (step);
  test_loop_until (run_n_ended (run) > n);
  run_let_time_pass (run);
  g_assert_cmpuint (run_n_ended (run), ==, n + 1);
  gtk_widget_activate (play);
  test_loop_until (is_named (play, "Pause") && run_n_ended (run) > n + 1);
  gtk_widget_activate_action (widget, "win.stop", NULL);
  run_wait (run);
  g_assert_cmpint (run_phase (run), ==, WEFT_RUN_CANCELLED);
  window_close (window);
}

/* A kernel that does not listen is ended when it is asked again. */
static void
test_deaf (void)
{
  WeftlineWindow *window = make_window ();
  GtkWidget *widget = GTK_WIDGET (window);
  WeftlineRun *run;

  open_graph (window, "\"deaf\": {\"op\": \"bad.hang\"}");
  run = weftline_window_run (window);
  gtk_widget_activate_action (widget, "win.run", NULL);
  test_loop_until (run_n_running (run) == 1);
  test_loop_drain ();
  g_assert_nonnull (find_widget (widget, is_button_of, "win.stop"));
  gtk_widget_activate_action (widget, "win.stop", NULL);
  gtk_widget_activate_action (widget, "win.stop", NULL);
  run_wait (run);
  g_assert_cmpint (run_phase (run), ==, WEFT_RUN_INTERRUPTED);
  window_close (window);
}

/* The user may ask for it. */
static void
test_apart (void)
{
  WeftlineWindow *window = make_window ();
  WeftlineRun *run, *apart;
  g_autofree char *results = NULL;
  g_autofree char *same = NULL;

  weftline_window_open_example (window, "increments", 0, -1, 0, TRUE);
  test_loop_until (!weftline_window_is_opening (window)
                   && weftline_run_is_over (weftline_window_run (window)));
  test_loop_drain ();
  run = weftline_window_run (window);
  gtk_widget_activate_action (GTK_WIDGET (window), "win.run-apart", NULL);
  apart = weftline_window_run (window);
  g_assert_true (WEFTLINE_IS_RUN_CHILD (apart));
  run_wait (apart);
  g_assert_cmpint (run_phase (apart), ==, WEFT_RUN_DONE);
  results = weftline_run_dup_results (run);
  same = weftline_run_dup_results (apart);
  g_assert_cmpstr (same, ==, results);
  window_close (window);
}

int
main (int argc, char **argv)
{
  int status;

  gtk_test_init (&argc, &argv, NULL);
  dir = test_dir_new ();
  application = weftline_application_new ();
  g_application_set_flags (G_APPLICATION (application), G_APPLICATION_NON_UNIQUE);
  g_application_register (G_APPLICATION (application), NULL, NULL);
  test_add ("ui-app", "child-run", "crash", test_crash);
  test_add ("ui-app", "child-run", "controls", test_controls);
  test_add ("ui-app", "child-run", "deaf", test_deaf);
  test_add ("ui-app", "child-run", "apart", test_apart);
  status = g_test_run ();
  g_object_unref (application);
  test_dir_free (dir);
  return status;
}
