/* test-run-figures.c: tests of how a run stands, in figures
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "test-objects.h"
#include "ui-fixture.h"

#include "app/weftline-run-cards.h"

#include <adwaita.h>

static void
test_figures (void)
{
  WeftlineRun *run = example_run ("fork-join");
  WeftlineSession *session = weftline_session_new (run);
  GtkWidget *figures = g_object_ref_sink (weftline_run_figures_new (session));

  gtk_test_accessible_assert_role (figures, GTK_ACCESSIBLE_ROLE_GROUP);
  gtk_test_accessible_assert_property (figures, GTK_ACCESSIBLE_PROPERTY_LABEL, "This run");
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

/* What a figure is of is told with it. */
static void
test_labels (void)
{
  WeftlineRun *run = example_run ("fork-join");
  WeftlineSession *session = weftline_session_new (run);
  GtkWidget *figures = g_object_ref_sink (weftline_run_figures_new (session));
  GtkWidget *title = find_widget (figures, has_text, "Tasks ended");
  GtkWidget *value = find_widget (figures, has_text, "0 of 21");

  gtk_test_accessible_assert_relation (value, GTK_ACCESSIBLE_RELATION_LABELLED_BY, title, NULL);
  gtk_test_accessible_assert_property (
      find_widget (figures, has_type, GSIZE_TO_POINTER (GTK_TYPE_LEVEL_BAR)),
      GTK_ACCESSIBLE_PROPERTY_LABEL, "Share of tasks that have ended");
  g_assert_finalize_object (figures);
  g_assert_finalize_object (session);
  g_object_unref (run);
}

/* At a moment of the past they are those of then. */
static void
test_then (void)
{
  WeftlineRun *run = example_run ("fork-join");
  WeftlineSession *session = weftline_session_new (run);
  GtkWidget *figures = g_object_ref_sink (weftline_run_figures_new (session));

  run_to_the_end (run);
  test_loop_until (weftline_feed_state (weftline_run_feed (run)) >= WEFT_FEED_ENDED);
  weftline_session_update (session);
  weftline_session_set_time (session, 0);
  test_loop_until (weftline_session_moment (session) != NULL);
  g_assert_nonnull (find_widget (figures, has_text, "0 of 21"));
  weftline_session_set_time (session, WEFTLINE_NOW);
  test_loop_until (find_widget (figures, has_text, "21 of 21") != NULL);
  g_assert_finalize_object (figures);
  test_assert_finalised (session);
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

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  test_add ("ui-app", "run-figures", "figures", test_figures);
  test_add ("ui-app", "run-figures", "labels", test_labels);
  test_add ("ui-app", "run-figures", "then", test_then);
  test_add ("ui-app", "run-figures", "whose-memory", test_whose_memory);
  return g_test_run ();
}
