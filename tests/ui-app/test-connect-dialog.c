/* test-connect-dialog.c: tests of the dialog that connects to Dask clusters
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * With WEFT_PICTURES set to a folder, pictures are left there to be looked at.
 */
#include "python-fixture.h"
#include "ui-fixture.h"

#include "app/weftline-connect-dialog.h"
#include "app/weftline-screenshot.h"
#include "session/weftline-server.h"

typedef struct
{
  TestDir *dir;
  GSettings *settings;
  GtkWidget *parent;
  WeftlineConnectDialog *dialog;
  GWeakRef weak;
  WeftlineAttachment *attachment; /* (nullable): that is connected */
} Fixture;

static void
connected_cb (Fixture *f, WeftlineAttachment *attachment)
{
  g_assert_null (f->attachment);
  f->attachment = g_object_ref (attachment);
}

static void
open_dialog (Fixture *f)
{
  f->dialog = weftline_connect_dialog_new (GTK_WINDOW (f->parent), f->settings);
  g_weak_ref_init (&f->weak, f->dialog);
  g_signal_connect_swapped (f->dialog, "connected", G_CALLBACK (connected_cb), f);
  gtk_window_present (GTK_WINDOW (f->dialog));
}

static void
set_up (Fixture *f, const void *unused)
{
  f->dir = test_dir_new ();
  f->settings = g_settings_new (WEFTLINE_APPLICATION_ID);
  g_settings_reset (f->settings, "python");
  g_settings_reset (f->settings, "recent-clusters");
  f->parent = gtk_window_new ();
  open_dialog (f);
}

static void
tear_down (Fixture *f, const void *unused)
{
  test_loop_until (test_is_gone (&f->weak));
  g_weak_ref_clear (&f->weak);
  if (f->attachment != NULL)
    {
      weftline_attachment_stop (f->attachment);
      test_loop_until (weftline_attachment_state (f->attachment) == WEFTLINE_ATTACHMENT_ENDED);
      test_loop_drain ();
      test_assert_finalised (f->attachment);
    }
  gtk_window_destroy (GTK_WINDOW (f->parent));
  g_object_unref (f->settings);
  test_dir_free (f->dir);
}

/* ---- its parts ------------------------------------------------------------------------------- */

static gboolean
is_button (GtkWidget *widget, const void *label)
{
  return GTK_IS_BUTTON (widget)
         && g_strcmp0 (gtk_button_get_label (GTK_BUTTON (widget)), label) == 0;
}

static gboolean
is_row (GtkWidget *widget, const void *title)
{
  return ADW_IS_PREFERENCES_ROW (widget)
         && g_strcmp0 (adw_preferences_row_get_title (ADW_PREFERENCES_ROW (widget)), title) == 0;
}

static gboolean
is_words (GtkWidget *widget, const void *unused)
{
  return gtk_widget_has_css_class (widget, "connect-words");
}

static GtkWidget *
part (Fixture *f, WidgetTest test, const void *data)
{
  return find_widget (GTK_WIDGET (f->dialog), test, data);
}

static GtkWidget *
connect_button (Fixture *f)
{
  return part (f, is_button, "C_onnect");
}

static GtkWidget *
address (Fixture *f)
{
  return part (f, is_row, "Address of the scheduler");
}

static void
type (Fixture *f, const char *text)
{
  gtk_editable_set_text (GTK_EDITABLE (address (f)), text);
}

static bool
says (Fixture *f, const char *text, bool is_wrong)
{
  GtkWidget *words = part (f, is_words, NULL);

  return strstr (gtk_label_get_text (GTK_LABEL (words)), text) != NULL
         && gtk_widget_has_css_class (words, "error") == is_wrong;
}

static void
leave_picture (Fixture *f, const char *name)
{
  const char *folder = g_getenv ("WEFT_PICTURES");
  g_autofree char *path = folder != NULL ? g_build_filename (folder, name, NULL) : NULL;

  if (path == NULL)
    return;
  test_loop_drain ();
  if (!weftline_screenshot (GTK_WIDGET (f->dialog), path, NULL))
    g_test_message ("%s: no picture", path);
}

/* ---- tests ----------------------------------------------------------------------------------- */

/* Who has an address types it, without looking for where. */
static void
test_focus (Fixture *f, const void *unused)
{
  GtkWidget *focus = gtk_root_get_focus (GTK_ROOT (f->dialog));

  g_assert_nonnull (focus);
  g_assert_true (gtk_widget_is_ancestor (focus, address (f)));
  gtk_window_close (GTK_WINDOW (f->dialog));
}

/* Who types is told what is missing, and can only connect to what is an address. */
static void
test_typing (Fixture *f, const void *unused)
{
  gtk_test_accessible_assert_role (f->dialog, GTK_ACCESSIBLE_ROLE_DIALOG);
  g_assert_false (gtk_widget_get_sensitive (connect_button (f)));
  g_assert_true (says (f, "tcp://host:8786", false));
  leave_picture (f, "connect.png");
  type (f, "host");
  g_assert_false (gtk_widget_get_sensitive (connect_button (f)));
  g_assert_true (says (f, "port", false));
  type (f, "host:8786");
  g_assert_true (gtk_widget_get_sensitive (connect_button (f)));
  g_assert_true (says (f, "tcp://host:8786", false));
  type (f, "");
  g_assert_false (gtk_widget_get_sensitive (connect_button (f)));
  type (f, "host");
  g_signal_emit_by_name (address (f), "entry-activated"); /* nothing to connect to */
  g_assert_true (says (f, "port", true));
  g_assert_true (gtk_editable_get_editable (GTK_EDITABLE (address (f))));
  gtk_window_close (GTK_WINDOW (f->dialog));
}

/* It closes once it is connected, and the address is the first of those to choose from. */
static void
test_connects (Fixture *f, const void *unused)
{
  static const char *const before[] = { "tcp://a:1", "tcp://host:8786", "tcp://b:1",
                                        "tcp://c:1", "tcp://d:1",       NULL };
  static const char *const after[] = { "tcp://host:8786", "tcp://a:1", "tcp://b:1",
                                       "tcp://c:1",       "tcp://d:1", NULL };
  g_autofree char *python = python_fake (f->settings, f->dir, PYTHON_WATCHES);
  g_auto (GStrv) recent = NULL;

  g_settings_set_strv (f->settings, "recent-clusters", before);
  type (f, "host:8786");
  gtk_widget_activate (connect_button (f));
  test_loop_until (f->attachment != NULL);
  test_loop_until (test_is_gone (&f->weak));
  g_assert_cmpstr (weftline_attachment_address (f->attachment), ==, "tcp://host:8786");
  recent = g_settings_get_strv (f->settings, "recent-clusters");
  g_assert_cmpstrv (recent, after);
  g_assert_false (python_said_bye (python));
}

/* One of before is a click. */
static void
test_recent (Fixture *f, const void *unused)
{
  static const char *const before[] = { "tcp://a:1", "tcp://b:2", NULL };
  g_autofree char *python = python_fake (f->settings, f->dir, PYTHON_WATCHES);

  gtk_window_destroy (GTK_WINDOW (f->dialog));
  test_loop_until (test_is_gone (&f->weak));
  g_settings_set_strv (f->settings, "recent-clusters", before);
  open_dialog (f);
  leave_picture (f, "connect-recent.png");
  g_signal_emit_by_name (part (f, is_row, "tcp://b:2"), "activated");
  test_loop_until (f->attachment != NULL);
  g_assert_cmpstr (weftline_attachment_address (f->attachment), ==, "tcp://b:2");
}

/* What failed is said where it was asked for, and can be tried once more. */
static void
test_fails (Fixture *f, const void *unused)
{
  g_autofree char *python =
      python_fake (f->settings, f->dir, "echo 'weftline: tcp://h:1: nobody is there' >&2\nexit 3");
  g_autofree char *better = NULL;

  type (f, "tcp://h:1");
  g_signal_emit_by_name (address (f), "entry-activated");
  g_assert_true (says (f, "Connecting… 0 s", false));
  g_assert_false (gtk_editable_get_editable (GTK_EDITABLE (address (f))));
  g_assert_false (gtk_widget_get_sensitive (connect_button (f)));
  test_loop_until (says (f, "tcp://h:1: nobody is there", true));
  leave_picture (f, "connect-failed.png");
  g_assert_true (gtk_widget_has_css_class (address (f), "error"));
  g_assert_true (gtk_editable_get_editable (GTK_EDITABLE (address (f))));
  g_assert_false (gtk_widget_get_mapped (part (f, is_row, "Python that has Dask")));
  g_assert_null (f->attachment);
  better = python_fake (f->settings, f->dir, PYTHON_WATCHES);
  gtk_widget_activate (connect_button (f));
  test_loop_until (f->attachment != NULL);
}

/* A Python without Dask: another can be named at once. That is a real one, without its packages. */
static void
test_no_dask (Fixture *f, const void *unused)
{
  g_autofree char *python = python_fake (f->settings, f->dir, "exec /usr/bin/python3 -S \"$@\"");
  g_autofree char *text = g_strconcat ("#!/bin/sh\n", PYTHON_WATCHES, "\n", NULL);
  g_autofree char *better = test_dir_write (f->dir, "better", text);
  g_autoptr (WeftlineServer) server = NULL; /* where nobody listens that is what is said */
  g_autoptr (GError) error = NULL;
  GtkWidget *row = part (f, is_row, "Python that has Dask");

  g_assert_cmpint (g_chmod (better, 0700), ==, 0);
  server = weftline_server_new (NULL, &error);
  g_assert_no_error (error);
  type (f, "tcp://h:1");
  gtk_widget_activate (connect_button (f));
  test_loop_until (says (f, "WEFTLINE_PYTHON", true));
  test_loop_until (gtk_widget_get_mapped (row));
  leave_picture (f, "connect-python.png");
  gtk_editable_set_text (GTK_EDITABLE (row), better);
  g_signal_emit_by_name (row, "entry-activated");
  test_loop_until (f->attachment != NULL);
}

/* Who has enough leaves no process behind. */
static void
test_cancelled (Fixture *f, const void *unused)
{
  g_autofree char *python = python_fake (f->settings, f->dir, PYTHON_CONNECTS);

  type (f, "tcp://h:1");
  gtk_widget_activate (connect_button (f));
  test_loop_until (python_has_begun (python) && says (f, "Connecting… 1 s", false));
  gtk_widget_activate (part (f, is_button, "_Cancel"));
  test_loop_until (test_is_gone (&f->weak));
  test_loop_until (python_is_gone (python));
  g_assert_null (f->attachment);
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
#define ADD(name, func) \
  g_test_add ("/weft/ui-app/connect-dialog/" name, Fixture, NULL, set_up, func, tear_down)
  ADD ("focus", test_focus);
  ADD ("typing", test_typing);
  ADD ("connects", test_connects);
  ADD ("recent", test_recent);
  ADD ("fails", test_fails);
  ADD ("no-dask", test_no_dask);
  ADD ("cancelled", test_cancelled);
  return g_test_run ();
}
