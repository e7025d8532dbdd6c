/* test-controls.c: tests of run control: what a run cannot serve is not there
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "test-support.h"
#include "ui-fixture.h"

#include "app/weftline-controls.h"
#include "session/weftline-run-file.h"

static gboolean
is_shown (GtkWidget *controls, const char *action)
{
  return gtk_widget_get_visible (find_widget (controls, has_action, action));
}

static gboolean
is_spin (GtkWidget *widget, const void *data G_GNUC_UNUSED)
{
  return GTK_IS_SPIN_BUTTON (widget);
}

static void
test_embedded (void)
{
  WeftlineRun *run = example_run ("loop");
  GtkWidget *controls = g_object_ref_sink (weftline_controls_new ());
  GtkWidget *play = find_widget (controls, has_action, "win.run");
  WeftlineRunStatus status;

  g_assert_false (gtk_widget_get_visible (controls));
  weftline_controls_set_run (WEFTLINE_CONTROLS (controls), run);
  g_assert_true (gtk_widget_get_visible (controls));
  g_assert_true (is_shown (controls, "win.step"));
  gtk_test_accessible_assert_property (GTK_ACCESSIBLE (play), GTK_ACCESSIBLE_PROPERTY_LABEL, "Run");
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (find_widget (controls, is_spin, NULL)), 3);
  weftline_run_status (run, &status);
  g_assert_cmpuint (status.n_workers, ==, 3);
  run_to_the_end (run);
  gtk_test_accessible_assert_property (GTK_ACCESSIBLE (play), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                       "Run Again");
  weftline_controls_set_run (WEFTLINE_CONTROLS (controls), NULL);
  g_assert_false (gtk_widget_get_visible (controls));
  g_assert_finalize_object (controls);
  g_object_unref (run);
}

static void
test_file (void)
{
  g_autoptr (TestDir) dir = test_dir_new ();
  g_autofree char *path = g_build_filename (dir, "run.weft", NULL);
  WeftlineRun *run = example_run ("loop");
  GtkWidget *controls = g_object_ref_sink (weftline_controls_new ());
  g_autoptr (GError) error = NULL;
  WeftlineRun *file;

  run_to_the_end (run);
  g_assert_true (weftline_run_save (run, path, &error));
  file = weftline_run_file_new (path, &error);
  g_assert_no_error (error);
  weftline_controls_set_run (WEFTLINE_CONTROLS (controls), file);
  g_assert_false (is_shown (controls, "win.run"));
  g_assert_false (is_shown (controls, "win.step"));
  g_assert_false (is_shown (controls, "win.stop"));
  g_assert_finalize_object (controls);
  g_assert_finalize_object (file);
  g_object_unref (run);
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  test_add ("ui-app", "controls", "embedded", test_embedded);
  test_add ("ui-app", "controls", "file", test_file);
  return g_test_run ();
}
