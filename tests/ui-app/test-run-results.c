/* test-run-results.c: tests of what came of a run, as text
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "test-objects.h"
#include "ui-fixture.h"

#include "app/weftline-run-cards.h"
#include "session/weftline-run-file.h"

#include <adwaita.h>

static void
test_results (void)
{
  WeftlineRun *run = example_run ("loop");
  WeftlineSession *session = weftline_session_new (run);
  GtkWidget *results = g_object_ref_sink (weftline_run_results_new (session));

  gtk_test_accessible_assert_role (results, GTK_ACCESSIBLE_ROLE_GROUP);
  gtk_test_accessible_assert_property (results, GTK_ACCESSIBLE_PROPERTY_LABEL, "Results");
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

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  test_add ("ui-app", "run-results", "results", test_results);
  test_add ("ui-app", "run-results", "results-of-a-file", test_results_of_a_file);
  return g_test_run ();
}
