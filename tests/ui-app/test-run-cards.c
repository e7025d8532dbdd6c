/* test-run-cards.c: tests of how a run stands, in words, in cards and in the sidebar
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "test-objects.h"
#include "ui-fixture.h"
#include "window-pictures.h"

#include "app/weftline-failure.h"
#include "app/weftline-note-bar.h"
#include "app/weftline-ready-bar.h"
#include "app/weftline-run-cards.h"
#include "app/weftline-run-row.h"
#include "session/weftline-run-file.h"

#include <string.h>

static void
test_figures (void)
{
  WeftlineRun *run = example_run ("fork-join");
  WeftlineSession *session = weftline_session_new (run);
  GtkWidget *figures = g_object_ref_sink (weftline_run_figures_new (session));

  g_assert_nonnull (find_widget (figures, has_text, "ready"));
  g_assert_nonnull (find_widget (figures, has_text, "0 of 21"));
  g_assert_null (find_widget (figures, has_text, "Failed"));
  run_to_the_end (run);
  g_assert_nonnull (find_widget (figures, has_text, "done"));
  g_assert_nonnull (find_widget (figures, has_text, "21 of 21"));
  g_assert_finalize_object (figures);
  g_assert_finalize_object (session);
  g_object_unref (run);
}

static gboolean
mentions (GtkWidget *widget, const void *text)
{
  return GTK_IS_LABEL (widget) && strstr (gtk_label_get_text (GTK_LABEL (widget)), text) != NULL;
}

static void
check_note_bar (WeftlineRun *run)
{
  GtkWidget *bar = g_object_ref_sink (weftline_note_bar_new (run));

  test_loop_until (gtk_widget_get_visible (bar));
  g_assert_nonnull (find_widget (bar, mentions, "none recorded for 2 of 2 tasks"));
  g_assert_nonnull (find_widget (bar, has_text, "2 more notes"));
  g_assert_nonnull (find_widget (bar, mentions, "nodes.dag:2:1: DOT is not supported"));
  g_assert_nonnull (find_widget (bar, mentions, "nodes.dag:3:1: CONFIG is not supported"));
  g_assert_finalize_object (bar);
}

/* Before the run, during it and after it; of its file the same. */
static void
test_notes (void)
{
  g_autoptr (TestDir) dir = test_dir_new ();
  g_autofree char *path =
      test_dir_write (dir, "nodes.dag", "JOB A a\nDOT d.dot\nCONFIG c\nJOB B b\n");
  g_autoptr (GError) error = NULL;
  g_autoptr (WeftlinePlan) plan = weftline_plan_new_for_file (path, &error);
  WeftlineRun *run, *file;
  GtkWidget *bar;

  g_assert_no_error (error);
  run = weftline_run_embedded_new (plan, NULL);
  check_note_bar (run);
  run_to_the_end (run);
  check_note_bar (run);
  file = weftline_run_file_new (weftline_run_path (run), &error);
  g_assert_no_error (error);
  check_note_bar (file);
  g_assert_finalize_object (file);
  g_object_unref (run);
  run = example_run ("fork-join");
  bar = g_object_ref_sink (weftline_note_bar_new (run));
  run_to_the_end (run);
  g_assert_false (gtk_widget_get_visible (bar));
  g_assert_finalize_object (bar);
  g_object_unref (run);
}

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

#define BOOM "task boom failed: no thread"

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

/* The process takes more than its results do: it is said what is meant. */
static void
test_whose_memory (void)
{
  WeftlineRun *run = example_run ("rechunk");
  WeftlineSession *session = weftline_session_new (run);
  GtkWidget *figures = g_object_ref_sink (weftline_run_figures_new (session));

  g_assert_nonnull (find_widget (figures, has_text, "Managed"));
  run_to_the_end (run);
  g_assert_nonnull (find_widget (figures, has_text, "Peak managed"));
  g_assert_null (find_widget (figures, has_text, "Managed"));
  g_assert_finalize_object (figures);
  g_assert_finalize_object (session);
  g_object_unref (run);
}

/* Before the start there is nothing to see but how to start. */
static void
test_ready (void)
{
  WeftlineRun *run = example_run ("fork-join");
  GtkWidget *bar = g_object_ref_sink (weftline_ready_bar_new (run));

  g_assert_true (gtk_widget_get_visible (bar));
  g_assert_nonnull (find_widget (bar, has_text, "21 tasks are ready to run."));
  g_assert_nonnull (find_widget (bar, has_action, "win.run"));
  run_to_the_end (run);
  g_assert_false (gtk_widget_get_visible (bar));
  g_assert_finalize_object (bar);
  g_object_unref (run);
}

static void
test_results (void)
{
  WeftlineRun *run = example_run ("loop");
  WeftlineSession *session = weftline_session_new (run);
  GtkWidget *results = g_object_ref_sink (weftline_run_results_new (session));

  g_assert_nonnull (find_widget (results, has_text, weftline_run_about (run)));
  run_to_the_end (run);
  g_assert_nonnull (find_widget (results, has_text, "total: 6"));
  g_assert_finalize_object (results);
  g_assert_finalize_object (session);
  g_object_unref (run);
}

/* The file of a run has no values, and that is said, at all its moments. */
static void
test_results_of_a_file (void)
{
  const char *words =
      "A run file keeps when and how tasks ran, and no values: what the outputs were is not in it.";
  WeftlineRun *run = example_run ("loop"), *file;
  WeftlineSession *session;
  GtkWidget *results;

  run_to_the_end (run);
  test_loop_until (weftline_feed_state (weftline_run_feed (run)) == WEFT_FEED_ENDED);
  g_assert_true (weftline_run_has_results (run));
  file = weftline_run_file_new (weftline_run_path (run), NULL);
  session = weftline_session_new (file);
  results = g_object_ref_sink (weftline_run_results_new (session));
  g_assert_nonnull (find_widget (results, has_text, words));
  test_loop_until (weftline_feed_state (weftline_run_feed (file)) == WEFT_FEED_ENDED);
  g_assert_nonnull (find_widget (results, has_text, words));
  weftline_session_update (session);
  weftline_session_set_time (session, weftline_session_snapshot (session)->last_ns / 2);
  test_loop_until (weftline_session_moment (session) != NULL);
  g_assert_nonnull (find_widget (results, has_text, words));
  g_assert_finalize_object (results);
  g_object_unref (session);
  g_object_unref (file);
  g_object_unref (run);
}

static void
count_cb (GtkWidget *row G_GNUC_UNUSED, unsigned *n)
{
  (*n)++;
}

static void
test_row (void)
{
  WeftlineRun *run = example_run ("loop");
  WeftlineSession *session = weftline_session_new (run);
  GtkWidget *row = g_object_ref_sink (weftline_run_row_new (session));
  unsigned n_closed = 0;

  g_signal_connect (row, "close-run", G_CALLBACK (count_cb), &n_closed);
  g_assert_nonnull (find_widget (row, has_text, weftline_run_name (run)));
  g_assert_nonnull (find_widget (row, has_text, "ready"));
  gtk_test_accessible_assert_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                       "A parallel loop, ready");
  run_to_the_end (run);
  g_assert_null (find_widget (row, has_text, "ready"));
  g_signal_emit_by_name (find_widget (row, has_type, GSIZE_TO_POINTER (GTK_TYPE_BUTTON)),
                         "clicked");
  g_assert_cmpuint (n_closed, ==, 1);
  g_assert_finalize_object (row);
  g_assert_finalize_object (session);
  g_object_unref (run);
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  test_add ("ui-app", "run-cards", "notes", test_notes);
  test_add ("ui-app", "run-cards", "figures", test_figures);
  test_add ("ui-app", "run-cards", "failure", test_failure);
  test_add ("ui-app", "run-cards", "whose-memory", test_whose_memory);
  test_add ("ui-app", "run-cards", "ready", test_ready);
  test_add ("ui-app", "run-cards", "results", test_results);
  test_add ("ui-app", "run-cards", "results-of-a-file", test_results_of_a_file);
  test_add ("ui-app", "run-cards", "row", test_row);
  return g_test_run ();
}
