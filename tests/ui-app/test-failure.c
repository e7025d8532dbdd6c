/* test-failure.c: tests of why a run has failed, in a line
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "test-objects.h"
#include "ui-fixture.h"
#include "window-pictures.h"

#include "app/weftline-failure.h"
#include "app/weftline-run-cards.h"
#include "app/weftline-run-row.h"
#include "session/weftline-run-file.h"

#include <string.h>

/* One attempt fails and the next does not; then a task fails for good. */
static WeftlineRun *
failing_run (const TestDir *dir)
{
  g_autofree char *path = test_dir_write (
      dir, "failing.json",
      "{\"weftline\": 1, \"name\": \"failing\", \"tasks\": {"
      "\"twice\": {\"op\": \"fail\", \"args\": [1, 4, \"not at first\"], \"retries\": 1},"
      "\"boom\": {\"op\": \"fail\", \"args\": [null, null, \"no thread\\nfor it\"],"
      " \"after\": [\"twice\"]},"
      "\"later\": {\"op\": \"sleep\", \"args\": [0.01, {\"ref\": \"boom\"}]}}}");
  g_autoptr (GError) error = NULL;
  g_autoptr (WeftlinePlan) plan = weftline_plan_new_for_file (path, &error);

  g_assert_no_error (error);
  return weftline_run_embedded_new (plan, NULL);
}

static gboolean
is_failure (GtkWidget *widget, const void *data G_GNUC_UNUSED)
{
  return WEFTLINE_IS_FAILURE (widget) && gtk_widget_get_visible (widget);
}

static gboolean
says_attempt (GtkWidget *widget, const void *data G_GNUC_UNUSED)
{
  return GTK_IS_LABEL (widget) && gtk_widget_get_visible (widget)
         && strstr (gtk_label_get_text (GTK_LABEL (widget)), "(attempt ") != NULL;
}

#define BOOM "no thread (task boom)"

/* A click selects the task. */
static void
check_failure (WeftlineSession *session, GtkWidget *widget)
{
  GtkWidget *failure;
  g_autofree char *key = NULL;

  test_loop_until (find_widget (widget, is_failure, NULL) != NULL);
  failure = find_widget (widget, is_failure, NULL);
  g_assert_nonnull (find_widget (failure, has_text, BOOM));
  g_assert_cmpstr (gtk_widget_get_tooltip_text (gtk_widget_get_first_child (failure)), ==, BOOM);
  gtk_test_accessible_assert_property (gtk_widget_get_first_child (failure),
                                       GTK_ACCESSIBLE_PROPERTY_LABEL, BOOM);
  gtk_test_accessible_assert_property (gtk_widget_get_first_child (failure),
                                       GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, "Selects the task");
  weftline_session_select_nothing (session);
  g_signal_emit_by_name (gtk_widget_get_first_child (failure), "clicked");
  key = weft_model_task_dup_key (weftline_session_model (session),
                                 weftline_session_selection (session)->task);
  g_assert_cmpstr (key, ==, "boom");
}

/* Of a run that failed its card and its row say why, in one line, whatever kind of run it is; of
 * what failed at first only, or had not failed by the moment that is shown, nothing. */
static void
check_failed_run (WeftlineRun *run)
{
  WeftlineSession *session = weftline_session_new (run);
  GtkWidget *window = gtk_window_new (), *list = gtk_list_box_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *figures = weftline_run_figures_new (session), *row = weftline_run_row_new (session);

  gtk_window_set_child (GTK_WINDOW (window), box);
  gtk_box_append (GTK_BOX (box), list);
  gtk_box_append (GTK_BOX (box), figures);
  gtk_list_box_append (GTK_LIST_BOX (list), row);
  gtk_window_present (GTK_WINDOW (window));
  if (!weftline_run_is_over (run) && weftline_run_can (run, WEFTLINE_CAN_RUN))
    {
      g_assert_null (find_widget (box, is_failure, NULL));
      run_to_the_end (run);
    }
  check_failure (session, figures);
  g_assert_null (find_widget (figures, says_attempt, NULL)); /* nothing is said twice */
  check_failure (session, row);
  g_assert_true (gtk_list_box_row_is_selected (GTK_LIST_BOX_ROW (row)));
  leave_pictures (window, "failure");
  test_loop_until (weftline_feed_state (weftline_run_feed (run)) >= WEFT_FEED_ENDED);
  weftline_session_update (session);
  weftline_session_set_time (session, 0);
  g_assert_null (find_widget (box, is_failure, NULL));
  weftline_session_set_time (session, WEFTLINE_NOW);
  g_assert_nonnull (find_widget (figures, is_failure, NULL));
  gtk_window_destroy (GTK_WINDOW (window));
  test_loop_drain ();
  test_assert_finalised (session);
}

static void
test_failure (void)
{
  g_autoptr (TestDir) dir = test_dir_new ();
  g_autofree char *path = g_build_filename (dir, "run.weft", NULL);
  WeftlineRun *run = failing_run (dir), *file;
  g_autoptr (GError) error = NULL;

  check_failed_run (run);
  g_assert_true (weftline_run_save (run, path, &error));
  file = weftline_run_file_new (path, &error);
  g_assert_no_error (error);
  check_failed_run (file);
  g_object_unref (file);
  g_object_unref (run);
}

static void
count_cb (unsigned *n)
{
  (*n)++;
}

/* By itself: it says nothing while nothing has failed, and tells of a click. */
static void
test_alone (void)
{
  g_autoptr (TestDir) dir = test_dir_new ();
  WeftlineRun *run = failing_run (dir);
  WeftlineSession *session = weftline_session_new (run);
  GtkWidget *failure = g_object_ref_sink (weftline_failure_new (session));
  g_autofree char *text = NULL;
  unsigned n_clicked = 0;

  g_signal_connect_swapped (failure, "clicked", G_CALLBACK (count_cb), &n_clicked);
  g_assert_false (gtk_widget_get_visible (failure));
  g_assert_null (weftline_failure_dup_text (WEFTLINE_FAILURE (failure)));
  g_signal_emit_by_name (gtk_widget_get_first_child (failure), "clicked");
  g_assert_cmpuint (weftline_session_selection (session)->task, ==, WEFT_NONE);
  run_to_the_end (run);
  test_loop_until (gtk_widget_get_visible (failure));
  text = weftline_failure_dup_text (WEFTLINE_FAILURE (failure));
  g_assert_cmpstr (text, ==, BOOM);
  g_signal_emit_by_name (gtk_widget_get_first_child (failure), "clicked");
  g_assert_cmpuint (n_clicked, ==, 2);
  g_assert_finalize_object (failure);
  test_assert_finalised (session);
  g_object_unref (run);
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  test_add ("ui-app", "failure", "failure", test_failure);
  test_add ("ui-app", "failure", "alone", test_alone);
  return g_test_run ();
}
