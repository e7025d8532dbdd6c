/* test-preferences.c: tests of the preferences and the shortcuts
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * With WEFT_PICTURES set to a folder, pictures of both are left there to be looked at.
 */
#include "test-support.h"
#include "ui-fixture.h"

#include "app/weftline-application.h"
#include "app/weftline-preferences.h"
#include "app/weftline-screenshot.h"

#define LAPTOP_PX 768 /* a window that does not scroll has to fit */

typedef struct
{
  GtkWidget *window;
  unsigned n;
} Painted;

static void
painted_cb (GdkFrameClock *clock G_GNUC_UNUSED, Painted *painted)
{
  painted->n++;
  gtk_widget_queue_draw (painted->window);
}

static void
leave_picture (GtkWidget *window, const char *name)
{
  const char *folder = g_getenv ("WEFT_PICTURES");
  g_autofree char *path = folder != NULL ? g_build_filename (folder, name, NULL) : NULL;
  g_autoptr (GError) error = NULL;
  Painted painted = { .window = window };

  if (path == NULL)
    return;
  g_signal_connect (gtk_widget_get_frame_clock (window), "after-paint", G_CALLBACK (painted_cb),
                    &painted);
  gtk_widget_queue_draw (window);
  test_loop_until (painted.n >= 3);
  g_signal_handlers_disconnect_by_func (gtk_widget_get_frame_clock (window), painted_cb, &painted);
  g_assert_true (weftline_screenshot (window, path, &error));
  g_assert_no_error (error);
}

static gboolean
is_combo (GtkWidget *widget, const void *title)
{
  return ADW_IS_COMBO_ROW (widget)
         && g_str_equal (adw_preferences_row_get_title (ADW_PREFERENCES_ROW (widget)), title);
}

/* Rows show what the settings say, and the other way round. */
static void
test_bound (void)
{
  g_autoptr (GSettings) settings = g_settings_new (WEFTLINE_APPLICATION_ID);
  GtkWidget *parent = gtk_window_new ();
  GtkWidget *window;
  GtkWidget *row;
  g_autofree char *density = NULL;

  g_settings_set_string (settings, "palette", "dask");
  window = weftline_preferences_new (GTK_WINDOW (parent), settings);
  gtk_window_present (GTK_WINDOW (window));
  row = find_widget (window, is_combo, "Colours of task groups");
  g_assert_cmpuint (adw_combo_row_get_selected (ADW_COMBO_ROW (row)), ==, 1);
  g_settings_set_string (settings, "palette", "safe");
  g_assert_cmpuint (adw_combo_row_get_selected (ADW_COMBO_ROW (row)), ==, 0);
  row = find_widget (window, is_combo, "Labels");
  adw_combo_row_set_selected (ADW_COMBO_ROW (row), 2);
  density = g_settings_get_string (settings, "label-density");
  g_assert_cmpstr (density, ==, "many");
  leave_picture (window, "preferences.png");
  gtk_window_destroy (GTK_WINDOW (window));
  gtk_window_destroy (GTK_WINDOW (parent));
}

/* A shortcut's action that is one of these. */
static gboolean
is_shortcut_of (GtkWidget *widget, const void *action)
{
  g_autofree char *given = NULL;
  g_autofree char *name = NULL;
  g_autofree char *detailed = NULL;
  g_autoptr (GVariant) target = NULL;

  if (!g_str_equal (G_OBJECT_TYPE_NAME (widget), "GtkShortcutsShortcut"))
    return FALSE;
  g_object_get (widget, "action-name", &given, NULL);
  if (given == NULL || !g_action_parse_detailed_name (given, &name, &target, NULL))
    return FALSE;
  detailed = g_action_print_detailed_name (name, target);
  return g_str_equal (detailed, action);
}

/* What has keys is in the window that tells of them. */
static void
test_every_shortcut (void)
{
  g_autoptr (WeftlineApplication) application = weftline_application_new ();
  g_autoptr (GtkBuilder) builder =
      gtk_builder_new_from_resource ("/org/weftline/Weftline/gtk/help-overlay.ui");
  GtkWidget *window = GTK_WIDGET (gtk_builder_get_object (builder, "help_overlay"));
  g_auto (GStrv) actions = NULL;
  unsigned n = 0;

  g_application_set_flags (G_APPLICATION (application), G_APPLICATION_NON_UNIQUE);
  g_assert_true (g_application_register (G_APPLICATION (application), NULL, NULL));
  actions = gtk_application_list_action_descriptions (GTK_APPLICATION (application));
  for (char **action = actions; *action != NULL; action++, n++)
    if (find_widget (window, is_shortcut_of, *action) == NULL)
      g_error ("%s has keys and is no shortcut", *action);
  g_assert_cmpuint (n, >, 10);
  gtk_window_destroy (GTK_WINDOW (window));
}

static void
test_shortcuts (void)
{
  g_autoptr (GtkBuilder) builder =
      gtk_builder_new_from_resource ("/org/weftline/Weftline/gtk/help-overlay.ui");
  GtkWidget *window = GTK_WIDGET (gtk_builder_get_object (builder, "help_overlay"));
  int height;

  g_assert_true (GTK_IS_SHORTCUTS_WINDOW (window));
  gtk_window_present (GTK_WINDOW (window));
  gtk_widget_measure (window, GTK_ORIENTATION_VERTICAL, -1, &height, NULL, NULL, NULL);
  g_assert_cmpint (height, <=, LAPTOP_PX);
  leave_picture (window, "shortcuts.png");
  gtk_window_destroy (GTK_WINDOW (window));
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  test_add ("ui-app", "preferences", "bound", test_bound);
  test_add ("ui-app", "preferences", "shortcuts", test_shortcuts);
  test_add ("ui-app", "preferences", "every-shortcut", test_every_shortcut);
  return g_test_run ();
}
