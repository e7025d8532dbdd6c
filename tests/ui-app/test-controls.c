/* test-controls.c: tests of run control: what a run cannot serve is not there
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "test-support.h"
#include "ui-fixture.h"

#include "app/weftline-controls.h"
#include "window-pictures.h"
#include "session/weftline-run-file.h"

static gboolean
is_shown (GtkWidget *controls, const char *action)
{
  return gtk_widget_get_visible (find_widget (controls, has_action, action));
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
  gtk_spin_button_set_value (
      GTK_SPIN_BUTTON (find_widget (controls, has_type, GSIZE_TO_POINTER (GTK_TYPE_SPIN_BUTTON))),
      3);
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

static gboolean
is_settings (GtkWidget *widget, const void *data G_GNUC_UNUSED)
{
  g_autofree char *other = NULL;

  if (!GTK_IS_MENU_BUTTON (widget))
    return FALSE;
  other = gtk_test_accessible_check_property (GTK_ACCESSIBLE (widget),
                                              GTK_ACCESSIBLE_PROPERTY_LABEL, "Run settings");
  return other == NULL;
}

static int
width_of (GtkWidget *widget)
{
  int least;

  gtk_widget_measure (widget, GTK_ORIENTATION_HORIZONTAL, -1, &least, NULL, NULL, NULL);
  return least;
}

/* Figures are beside the buttons where there is room, never beyond it, whatever they say and
 * however large; and stay as they are when asked again. */
static void
test_fits (void)
{
  GtkSettings *settings = gtk_settings_get_default ();
  WeftlineRun *run = example_run ("loop");
  GtkWidget *window = gtk_window_new (), *controls = weftline_controls_new ();
  bool seen[2] = { false };

  gtk_window_set_child (GTK_WINDOW (window), controls);
  gtk_window_present (GTK_WINDOW (window));
  weftline_controls_set_run (WEFTLINE_CONTROLS (controls), run);
  for (int i = 0; i < 120; i++)
    {
      GtkWidget *menu = find_widget (controls, is_settings, NULL);
      int room = g_test_rand_int_range (0, 600), all;
      bool narrow;

      g_object_set (settings, "gtk-xft-dpi", i % 2 ? 144 * 1024 : 96 * 1024, NULL);
      weftline_run_set_memory_limit (run, i % 3 ? 0 : 123456789);
      weftline_controls_set_run (WEFTLINE_CONTROLS (controls), run);
      all = width_of (controls) + room;
      weftline_controls_fit (WEFTLINE_CONTROLS (controls), room);
      narrow = gtk_widget_get_visible (menu);
      seen[narrow] = true;
      g_assert_cmpint (width_of (controls), <=, all);
      weftline_controls_fit (WEFTLINE_CONTROLS (controls), all - width_of (controls));
      g_assert_true (gtk_widget_get_visible (menu) == narrow);
    }
  g_assert_true (seen[0] && seen[1]);
  g_object_set (settings, "gtk-xft-dpi", 96 * 1024, NULL);
  gtk_window_destroy (GTK_WINDOW (window));
  test_loop_drain ();
  g_object_unref (run);
}

/* Where there is no room for them, all settings are in one menu, and work there. */
static void
test_narrow (void)
{
  WeftlineRun *run = example_run ("loop");
  GtkWidget *window = gtk_window_new (), *controls = weftline_controls_new ();
  GtkWidget *settings;
  GtkWidget *spin = find_widget (controls, has_type, GSIZE_TO_POINTER (GTK_TYPE_SPIN_BUTTON));

  gtk_window_set_child (GTK_WINDOW (window), controls);
  gtk_window_present (GTK_WINDOW (window));
  weftline_controls_set_run (WEFTLINE_CONTROLS (controls), run);
  settings = find_widget (controls, is_settings, NULL);
  g_assert_nonnull (settings);
  for (int i = 0; i < 4; i++)
    {
      gboolean narrow = i % 2 == 1;
      WeftlineRunStatus status;
      g_autofree char *limit = g_strdup_printf ("%d MB", i + 1);
      GtkWidget *entry;

      weftline_controls_set_narrow (WEFTLINE_CONTROLS (controls), narrow);
      g_assert_cmpint (gtk_widget_get_visible (settings), ==, narrow);
      g_assert_cmpint (gtk_widget_is_ancestor (spin, settings), ==, narrow);
      gtk_spin_button_set_value (GTK_SPIN_BUTTON (spin), 3 + i);
      entry = find_widget (gtk_widget_get_ancestor (spin, GTK_TYPE_POPOVER), has_type,
                           GSIZE_TO_POINTER (GTK_TYPE_ENTRY));
      g_assert_cmpint (entry != NULL, ==, narrow);
      if (narrow)
        {
          gtk_menu_button_popup (GTK_MENU_BUTTON (settings));
          leave_pictures (gtk_widget_get_ancestor (spin, GTK_TYPE_POPOVER), "settings");
          gtk_editable_set_text (GTK_EDITABLE (entry), limit);
          g_signal_emit_by_name (entry, "activate");
        }
      weftline_run_status (run, &status);
      g_assert_cmpuint (status.n_workers, ==, 3 + i);
      g_assert_cmpuint (status.memory_limit_bytes, ==, narrow ? (i + 1) * 1000000 : i * 1000000);
    }
  gtk_test_accessible_assert_property (GTK_ACCESSIBLE (settings),
                                       GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                       "full speed · 6 workers · 4.00\u00a0MB");
  gtk_window_destroy (GTK_WINDOW (window));
  test_loop_drain ();
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
  adw_init ();
  test_add ("ui-app", "controls", "embedded", test_embedded);
  test_add ("ui-app", "controls", "narrow", test_narrow);
  test_add ("ui-app", "controls", "fits", test_fits);
  test_add ("ui-app", "controls", "file", test_file);
  return g_test_run ();
}
