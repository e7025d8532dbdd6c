/* test-resource-view.c: tests of the charts as a widget
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "../ui-app/view-fixture.h"

#include "resources/resource-view.h"

/* It tells in words what it draws, and goes with its window. */
static void
test_words (void)
{
  WeftlineRun *run = example_run ("loop");
  WeftlineSession *session = weftline_session_new (run);
  GtkWidget *window = gtk_window_new ();
  GtkWidget *view = weftline_resource_view_new (session);
  g_autofree char *was = NULL;
  GWeakRef weak;

  g_weak_ref_init (&weak, view);
  gtk_window_set_child (GTK_WINDOW (window), view);
  gtk_window_present (GTK_WINDOW (window));
  gtk_test_accessible_assert_role (view, GTK_ACCESSIBLE_ROLE_IMG);
  gtk_test_accessible_assert_property (view, GTK_ACCESSIBLE_PROPERTY_LABEL, "CPU, memory and I/O");
  gtk_test_accessible_assert_property (view, GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                       "CPU: –, children –\nMemory: –, children –\n"
                                       "Read –, written –");
  run_to_the_end (run);
  test_loop_until (weftline_feed_state (weftline_run_feed (run)) >= WEFT_FEED_ENDED);
  weftline_session_update (session);
  test_loop_drain ();
  was = gtk_test_accessible_check_property (
      GTK_ACCESSIBLE (view), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
      "CPU: –, children –\nMemory: –, children –\nRead –, written –");
  g_assert_nonnull (was);
  gtk_window_destroy (GTK_WINDOW (window));
  test_loop_until (test_is_gone (&weak));
  g_weak_ref_clear (&weak);
  test_assert_finalised (session);
  test_assert_finalised (run);
}

/* A line stands at the moment that is looked at; before the start it is dark where all else is. */
static void
test_looks (void)
{
  g_autoptr (GBytes) plain = NULL;
  ViewFixture f;

  view_fixture_open (&f, example_run ("fork-join"), weftline_resource_view_new, 400, 240);
  assert_drawn_view (f.view, "CPU, memory and I/O");
  assert_goes_dark (&f);
  view_fixture_finish (&f);
  plain = picture_of (&f);
  assert_shows_moment (&f, plain);
  assert_goes_dark (&f);
  view_fixture_close (&f);
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  test_add ("ui-resources", "resource-view", "words", test_words);
  test_add ("ui-resources", "resource-view", "looks", test_looks);
  return g_test_run ();
}
