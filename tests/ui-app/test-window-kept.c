/* test-window-kept.c: tests of what the window keeps until it is started again
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Settings are kept in a file here. Each start has settings of its own, so what comes back went
 * through that file.
 */
#define G_SETTINGS_ENABLE_BACKEND

#include "test-objects.h"
#include "ui-fixture.h"

#include "app/weftline-application.h"
#include "app/weftline-window.h"

#include <gio/gsettingsbackend.h>

static WeftlineApplication *application;

typedef struct
{
  char *path;
  GSettings *settings;
  WeftlineWindow *window;
} Start;

static bool
is_busy (WeftlineWindow *window)
{
  WeftlineRun *run = weftline_window_run (window);

  return weftline_window_is_opening (window) || (run != NULL && weftline_run_is_active (run));
}

static WeftlineDock *
dock_of (Start *start)
{
  return weftline_run_page_dock (weftline_window_page (start->window));
}

/* The window as it comes, with an example. */
static void
begin (Start *start, const char *dir)
{
  g_autoptr (GSettingsBackend) backend = NULL;

  start->path = g_build_filename (dir, "settings", NULL);
  backend = g_keyfile_settings_backend_new (start->path, "/", NULL);
  start->settings = g_settings_new_with_backend (WEFTLINE_APPLICATION_ID, backend);
  start->window = weftline_window_new (ADW_APPLICATION (application), start->settings);
  gtk_window_present (GTK_WINDOW (start->window));
  weftline_window_open_example (start->window, "loop", 4, 0.0001, 0, TRUE);
  test_loop_until (!is_busy (start->window));
  test_loop_drain ();
}

static void
end (Start *start)
{
  window_close (start->window);
  g_settings_sync ();
  g_object_unref (start->settings);
  test_loop_until (g_file_test (start->path, G_FILE_TEST_EXISTS));
  g_free (start->path);
}

static gboolean
is_handle (GtkWidget *widget, const void *data G_GNUC_UNUSED)
{
  return gtk_widget_get_mapped (widget)
         && g_str_equal (gtk_widget_get_css_name (widget), "weftgap");
}

/* The size that is asked for has the window's frame in it. */
static void
assert_size (Start *start, int width, int height, int frame)
{
  int now_width, now_height;

  gtk_window_get_default_size (GTK_WINDOW (start->window), &now_width, &now_height);
  g_assert_cmpint (now_width, ==, width);
  g_assert_cmpint (now_height, ==, height);
  test_loop_until (gtk_widget_get_width (GTK_WIDGET (start->window)) == width - frame);
  g_assert_cmpint (gtk_widget_get_height (GTK_WIDGET (start->window)), ==, height - frame);
}

static void
test_size (void)
{
  g_autoptr (TestDir) dir = test_dir_new ();
  int frame;
  Start start;

  begin (&start, dir);
  frame = 1600 - gtk_widget_get_width (GTK_WIDGET (start.window));
  assert_size (&start, 1600, 1000, frame);
  gtk_window_set_default_size (GTK_WINDOW (start.window), 1234, 777);
  assert_size (&start, 1234, 777, frame);
  end (&start);
  begin (&start, dir);
  assert_size (&start, 1234, 777, frame);
  g_assert_false (gtk_window_is_maximized (GTK_WINDOW (start.window)));
  end (&start);
}

/* Which layout is shown, where its borders are, and what is hidden; other layouts are as they were
 * at first. */
static void
test_panes (void)
{
  g_autoptr (TestDir) dir = test_dir_new ();
  g_autofree char *first = NULL, *other = NULL, *moved = NULL, *again = NULL, *other_again = NULL;
  g_autofree char *layout = NULL;
  Start start;

  begin (&start, dir);
  other = weftline_dock_dup_layout (dock_of (&start));
  gtk_widget_activate_action (GTK_WIDGET (start.window), "win.layout", "s", "graph");
  first = weftline_dock_dup_layout (dock_of (&start));
  g_assert_cmpstr (first, !=, other);
  test_loop_until (find_widget (GTK_WIDGET (dock_of (&start)), is_handle, NULL) != NULL);
  test_loop_drain ();
  g_signal_emit_by_name (find_widget (GTK_WIDGET (dock_of (&start)), is_handle, NULL), "moved",
                         -150.0, FALSE);
  moved = weftline_dock_dup_layout (dock_of (&start));
  g_assert_cmpstr (moved, !=, first);
  gtk_widget_activate_action (GTK_WIDGET (start.window), "win.toggle-pane", "s", "progress");
  end (&start);

  begin (&start, dir);
  layout = g_settings_get_string (start.settings, "layout");
  g_assert_cmpstr (layout, ==, "graph");
  again = weftline_dock_dup_layout (dock_of (&start));
  g_assert_cmpstr (again, ==, moved);
  g_assert_true (weftline_dock_is_hidden (dock_of (&start), "progress"));
  g_assert_false (weftline_dock_is_hidden (dock_of (&start), "graph"));
  gtk_widget_activate_action (GTK_WIDGET (start.window), "win.layout", "s", "status");
  other_again = weftline_dock_dup_layout (dock_of (&start));
  g_assert_cmpstr (other_again, ==, other);
  end (&start);
}

int
main (int argc, char **argv)
{
  int status;

  gtk_test_init (&argc, &argv, NULL);
  application = weftline_application_new ();
  g_application_set_flags (G_APPLICATION (application), G_APPLICATION_NON_UNIQUE);
  g_application_register (G_APPLICATION (application), NULL, NULL);
  test_add ("ui-app", "window-kept", "size", test_size);
  test_add ("ui-app", "window-kept", "panes", test_panes);
  status = g_test_run ();
  g_object_unref (application);
  return status;
}
