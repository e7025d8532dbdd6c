/* test-ready-bar.c: tests of what leads to the start of a run
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "test-objects.h"
#include "ui-fixture.h"

#include "app/weftline-ready-bar.h"

#include <adwaita.h>

/* Before the start there is nothing to see but how to start. */
static void
test_ready (void)
{
  WeftlineRun *run = example_run ("fork-join");
  GtkWidget *bar = g_object_ref_sink (weftline_ready_bar_new (run));

  g_assert_true (gtk_widget_get_visible (bar));
  gtk_test_accessible_assert_role (bar, GTK_ACCESSIBLE_ROLE_GROUP);
  gtk_test_accessible_assert_property (bar, GTK_ACCESSIBLE_PROPERTY_LABEL, "Ready");
  g_assert_nonnull (find_widget (bar, has_text, "21 tasks are ready to run."));
  g_assert_nonnull (find_widget (bar, has_action, "win.run"));
  run_to_the_end (run);
  g_assert_false (gtk_widget_get_visible (bar));
  g_assert_finalize_object (bar);
  g_object_unref (run);
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  test_add ("ui-app", "ready-bar", "ready", test_ready);
  return g_test_run ();
}
