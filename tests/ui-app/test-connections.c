/* test-connections.c: tests of the list of clusters that are watched
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "python-fixture.h"
#include "ui-fixture.h"

#include "app/weftline-connections.h"

typedef struct
{
  TestDir *dir;
  GSettings *settings;
  GtkWidget *window;
  WeftlineConnections *list;
  char *ended; /* (nullable): what was told last */
} Fixture;

static void
ended_cb (Fixture *f, const char *message)
{
  g_free (f->ended);
  f->ended = g_strdup (message);
}

static void
set_up (Fixture *f, const void *unused)
{
  f->dir = test_dir_new ();
  f->settings = g_settings_new (WEFTLINE_APPLICATION_ID);
  f->window = gtk_window_new ();
  f->list = g_object_ref_sink (WEFTLINE_CONNECTIONS (weftline_connections_new ()));
  gtk_window_set_child (GTK_WINDOW (f->window), GTK_WIDGET (f->list));
  g_signal_connect_swapped (f->list, "ended", G_CALLBACK (ended_cb), f);
  gtk_window_present (GTK_WINDOW (f->window));
}

static void
tear_down (Fixture *f, const void *unused)
{
  gtk_window_destroy (GTK_WINDOW (f->window));
  test_loop_drain ();
  g_assert_finalize_object (f->list);
  g_object_unref (f->settings);
  g_free (f->ended);
  test_dir_free (f->dir);
}

/* One that is connected. */
static void
add (Fixture *f, const char *address, const char *python)
{
  g_autoptr (WeftlineAttachment) attachment = weftline_attachment_new (address, python, NULL);

  test_loop_until (weftline_attachment_state (attachment) == WEFTLINE_ATTACHMENT_CONNECTED);
  weftline_connections_add (f->list, attachment);
}

static void
test_disconnect (Fixture *f, const void *unused)
{
  g_autofree char *python = python_fake (f->settings, f->dir, PYTHON_WATCHES);
  GtkWidget *button;

  gtk_test_accessible_assert_role (f->list, GTK_ACCESSIBLE_ROLE_GROUP);
  gtk_test_accessible_assert_property (f->list, GTK_ACCESSIBLE_PROPERTY_LABEL, "Dask clusters");
  g_assert_false (gtk_widget_get_visible (GTK_WIDGET (f->list)));
  add (f, "tcp://host:8786", python);
  g_assert_true (gtk_widget_get_visible (GTK_WIDGET (f->list)));
  g_assert_cmpuint (weftline_connections_n (f->list), ==, 1);
  g_assert_nonnull (find_widget (GTK_WIDGET (f->list), has_text, "tcp://host:8786"));
  g_assert_nonnull (find_widget (GTK_WIDGET (f->list), has_text, "connected"));
  gtk_test_accessible_assert_property (find_of_type (GTK_WIDGET (f->list), GTK_TYPE_LIST_BOX_ROW),
                                       GTK_ACCESSIBLE_PROPERTY_LABEL, "tcp://host:8786, connected");
  button = find_of_type (GTK_WIDGET (f->list), GTK_TYPE_BUTTON);
  gtk_test_accessible_assert_property (button, GTK_ACCESSIBLE_PROPERTY_LABEL,
                                       "Disconnect from tcp://host:8786");
  g_signal_emit_by_name (button, "clicked");
  g_assert_nonnull (find_widget (GTK_WIDGET (f->list), has_text, "disconnecting…"));
  g_assert_false (gtk_widget_get_sensitive (button));
  test_loop_until (weftline_connections_n (f->list) == 0);
  g_assert_false (gtk_widget_get_visible (GTK_WIDGET (f->list)));
  g_assert_true (python_said_bye (python));
  g_assert_null (f->ended); /* it was asked for */
}

/* What ends by itself says why, and leaves the others. */
static void
test_ends (Fixture *f, const void *unused)
{
  g_autofree char *dies = python_fake (f->settings, f->dir,
                                       "echo watching $4\nwhile [ ! -e \"$0.go\" ]; do sleep 0.01; "
                                       "done\necho 'weftline: it is lost' >&2\nexit 3");
  g_autofree char *lives = NULL;
  g_autofree char *go = g_strconcat (dies, ".go", NULL);
  TestDir *other = test_dir_new ();

  lives = python_fake (f->settings, other, PYTHON_WATCHES);
  add (f, "tcp://short:1", dies);
  add (f, "tcp://long:1", lives);
  g_assert_cmpuint (weftline_connections_n (f->list), ==, 2);
  g_assert_true (g_file_set_contents (go, "", 0, NULL));
  test_loop_until (weftline_connections_n (f->list) == 1);
  g_assert_cmpstr (f->ended, ==, "it is lost");
  g_assert_nonnull (find_widget (GTK_WIDGET (f->list), has_text, "tcp://long:1"));
  weftline_connections_stop (f->list);
  test_loop_until (python_is_gone (lives));
  test_loop_until (weftline_connections_n (f->list) == 0);
  test_dir_free (other);
}

/* With the list its processes end. */
static void
test_goes (Fixture *f, const void *unused)
{
  g_autofree char *python = python_fake (f->settings, f->dir, PYTHON_WATCHES);

  add (f, "tcp://host:8786", python);
  gtk_window_set_child (GTK_WINDOW (f->window), NULL);
  test_loop_drain ();
  g_object_run_dispose (G_OBJECT (f->list));
  test_loop_until (python_is_gone (python));
  g_assert_true (python_said_bye (python));
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
#define ADD(name, func) \
  g_test_add ("/weft/ui-app/connections/" name, Fixture, NULL, set_up, func, tear_down)
  ADD ("disconnect", test_disconnect);
  ADD ("ends", test_ends);
  ADD ("goes", test_goes);
  return g_test_run ();
}
