/* test-window-run.c: tests of a run's end in the window: closing, notifications, saving
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "../ui-session/child-fixture.h"
#include "ui-fixture.h"

#include "app/weftline-application.h"
#include "app/weftline-window.h"

#include <string.h>

static WeftlineApplication *application;
static TestDir *dir;

static WeftlineWindow *
make_window (void)
{
  g_autoptr (GSettings) settings = g_settings_new (WEFTLINE_APPLICATION_ID);

  return weftline_window_new (ADW_APPLICATION (application), settings);
}

static void
wait_until_gone (GWeakRef *weak)
{
  test_loop_until (test_is_gone (weak));
  g_weak_ref_clear (weak);
}

/* ---- a run that ends when it is told --------------------------------------------------------- */

#define TEST_TYPE_RUN (test_run_get_type ())
G_DECLARE_FINAL_TYPE (TestRun, test_run, TEST, RUN, GObject)

struct _TestRun
{
  GObject parent_instance;

  WeftRunPhase phase;
  int64_t elapsed_ns;
  const char *message;
};

static WeftlineCapabilities
test_run_capabilities (WeftlineRun *run G_GNUC_UNUSED)
{
  return WEFTLINE_CAN_SAVE;
}

static void
test_run_status (WeftlineRun *run, WeftlineRunStatus *status)
{
  TestRun *self = TEST_RUN (run);

  *status = (WeftlineRunStatus){
    .phase = self->phase, .known = true, .n_tasks = 1, .elapsed_ns = self->elapsed_ns
  };
}

static WeftlineFeed *
test_run_feed (WeftlineRun *run G_GNUC_UNUSED)
{
  return NULL;
}

static const char *
test_run_name (WeftlineRun *run G_GNUC_UNUSED)
{
  return "a long weave";
}

static const char *
test_run_path (WeftlineRun *run G_GNUC_UNUSED)
{
  return NULL;
}

static const char *
test_run_message (WeftlineRun *run)
{
  return TEST_RUN (run)->message;
}

static void
iface_init (WeftlineRunInterface *iface)
{
  iface->capabilities = test_run_capabilities;
  iface->status = test_run_status;
  iface->feed = test_run_feed;
  iface->name = test_run_name;
  iface->kind = test_run_name;
  iface->path = test_run_path;
  iface->message = test_run_message;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (TestRun, test_run, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (WEFTLINE_TYPE_RUN, iface_init))

static void
test_run_class_init (TestRunClass *klass G_GNUC_UNUSED)
{
}

static void
test_run_init (TestRun *self)
{
  self->phase = WEFT_RUN_RUNNING;
}

static void
end_run (WeftlineWindow *window, double seconds, WeftRunPhase phase, const char *message)
{
  TestRun *run = g_object_new (TEST_TYPE_RUN, NULL);

  weftline_window_add_run (window, WEFTLINE_RUN (run));
  weftline_run_changed (WEFTLINE_RUN (run));
  run->phase = phase;
  run->elapsed_ns = (int64_t) (seconds * 1e9);
  run->message = message;
  weftline_run_changed (WEFTLINE_RUN (run));
  weftline_run_changed (WEFTLINE_RUN (run)); /* told once */
  g_object_unref (run);
}

/* ---- who shows notifications ----------------------------------------------------------------- */

static GPtrArray *notifications; /* "title: body" */

static void
call_cb (GDBusConnection *connection G_GNUC_UNUSED, const char *sender G_GNUC_UNUSED,
         const char *path G_GNUC_UNUSED, const char *interface G_GNUC_UNUSED, const char *method,
         GVariant *arguments, GDBusMethodInvocation *invocation, void *data G_GNUC_UNUSED)
{
  g_autoptr (GVariant) given = NULL;
  const char *title = "", *body = "";

  if (g_str_equal (method, "AddNotification"))
    {
      given = g_variant_get_child_value (arguments, 2);
      g_variant_lookup (given, "title", "&s", &title);
      g_variant_lookup (given, "body", "&s", &body);
      g_ptr_array_add (notifications, g_strdup_printf ("%s: %s", title, body));
    }
  g_dbus_method_invocation_return_value (invocation, NULL);
}

/* The desktop's side, on a connection of its own. (transfer full) */
static GDBusConnection *
show_notifications (void)
{
  static const char xml[] =
      "<node><interface name='org.gtk.Notifications'>"
      "<method name='AddNotification'><arg type='s'/><arg type='s'/><arg type='a{sv}'/></method>"
      "<method name='RemoveNotification'><arg type='s'/><arg type='s'/></method>"
      "</interface></node>";
  static const GDBusInterfaceVTable vtable = { .method_call = call_cb };
  g_autoptr (GError) error = NULL;
  g_autoptr (GDBusNodeInfo) info = g_dbus_node_info_new_for_xml (xml, &error);
  g_autofree char *address = g_dbus_address_get_for_bus_sync (G_BUS_TYPE_SESSION, NULL, &error);
  GDBusConnection *desktop =
      g_dbus_connection_new_for_address_sync (address,
                                              G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT
                                                  | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
                                              NULL, NULL, &error);
  g_autoptr (GVariant) answer = NULL;

  g_assert_no_error (error);
  g_dbus_connection_register_object (desktop, "/org/gtk/Notifications", info->interfaces[0],
                                     &vtable, NULL, NULL, &error);
  g_assert_no_error (error);
  answer = g_dbus_connection_call_sync (desktop, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                                        "org.freedesktop.DBus", "RequestName",
                                        g_variant_new ("(su)", "org.gtk.Notifications", 0), NULL,
                                        G_DBUS_CALL_FLAGS_NONE, -1, NULL, &error);
  g_assert_no_error (error);
  return desktop;
}

/* A long run's end is told of while nobody looks at the window, once. */
static void
test_notification (void)
{
  g_autoptr (GDBusConnection) desktop = show_notifications ();
  WeftlineWindow *window = make_window ();

  notifications = g_ptr_array_new_with_free_func (g_free);
  end_run (window, 2, WEFT_RUN_DONE, NULL); /* too short to be told of */
  end_run (window, 3600, WEFT_RUN_DONE, NULL);
  end_run (window, 11, WEFT_RUN_INTERRUPTED, "interrupted: signal 11 in task k");
  test_loop_until (notifications->len >= 2);
  gtk_window_present (GTK_WINDOW (window));
  test_loop_until (gtk_window_is_active (GTK_WINDOW (window)));
  end_run (window, 3600, WEFT_RUN_DONE, NULL); /* it is looked at */
  gtk_window_destroy (GTK_WINDOW (window));
  window = make_window ();
  end_run (window, 60, WEFT_RUN_FAILED, NULL); /* what comes before it has come, too */
  test_loop_until (notifications->len >= 3);
  test_loop_drain ();
  g_assert_cmpuint (notifications->len, ==, 3);
  g_assert_cmpstr (notifications->pdata[0], ==, "a long weave: The run has ended: done");
  g_assert_cmpstr (notifications->pdata[1], ==, "a long weave: interrupted: signal 11 in task k");
  g_assert_cmpstr (notifications->pdata[2], ==, "a long weave: The run has ended: failed");
  gtk_window_destroy (GTK_WINDOW (window));
  test_loop_drain ();
  g_ptr_array_unref (notifications);
}

/* ---- closing --------------------------------------------------------------------------------- */

static AdwMessageDialog *
dialog_of (WeftlineWindow *window)
{
  GListModel *windows = gtk_window_get_toplevels ();

  for (guint i = 0; i < g_list_model_get_n_items (windows); i++)
    {
      g_autoptr (GtkWindow) other = g_list_model_get_item (windows, i);

      if (gtk_window_get_transient_for (other) == GTK_WINDOW (window)
          && ADW_IS_MESSAGE_DIALOG (other))
        return ADW_MESSAGE_DIALOG (other);
    }
  return NULL;
}

/* A window with two runs: one in here, one in a process of its own. @child: (out) */
static WeftlineWindow *
busy_window (const char *child_tasks, WeftlineRun **child)
{
  WeftlineWindow *window = make_window ();

  gtk_window_present (GTK_WINDOW (window));
  *child = child_run (dir, child_tasks);
  weftline_window_add_run (window, *child);
  weftline_run_start (*child);
  weftline_window_open_example (window, "loop", 1000, 0.001, 0, TRUE);
  test_loop_until (!weftline_window_is_opening (window));
  test_loop_until (run_n_running (*child) == 1);
  return window;
}

/* All are cancelled, and the window waits until the last has ended. */
static void
test_close (void)
{
  WeftlineRun *child;
  WeftlineWindow *window = busy_window ("\"a\": {\"op\": \"sleep\", \"args\": [600]}", &child);
  WeftlineRun *embedded = g_object_ref (weftline_window_run (window));
  GWeakRef weak;

  g_weak_ref_init (&weak, window);
  gtk_window_close (GTK_WINDOW (window));
  g_assert_nonnull (dialog_of (window));
  adw_message_dialog_response (dialog_of (window), "no");
  test_loop_drain ();
  g_assert_true (weftline_run_is_active (child));
  gtk_window_close (GTK_WINDOW (window));
  adw_message_dialog_response (dialog_of (window), "yes");
  wait_until_gone (&weak);
  g_assert_cmpint (run_phase (child), ==, WEFT_RUN_CANCELLED);
  g_assert_true (weftline_run_is_over (embedded));
  test_assert_finalised (child);
  test_assert_finalised (embedded);
}

/* A kernel that does not listen: closing again kills its process. */
static void
test_close_again (void)
{
  WeftlineRun *child;
  WeftlineWindow *window = busy_window ("\"deaf\": {\"op\": \"bad.hang\"}", &child);
  GWeakRef weak;

  g_weak_ref_init (&weak, window);
  gtk_window_close (GTK_WINDOW (window));
  adw_message_dialog_response (dialog_of (window), "yes");
  test_loop_until (!weftline_run_is_active (weftline_window_run (window)));
  test_loop_drain ();
  g_assert_true (weftline_run_is_active (child));
  gtk_window_close (GTK_WINDOW (window));
  wait_until_gone (&weak);
  g_assert_cmpint (run_phase (child), ==, WEFT_RUN_INTERRUPTED);
  test_assert_finalised (child);
}

/* ---- refusals -------------------------------------------------------------------------------- */

static unsigned
n_messages (GtkWidget *widget)
{
  unsigned n = gtk_widget_has_css_class (widget, "message");

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    n += n_messages (child);
  return n;
}

/* The button beside a message. */
static gboolean
is_closing (GtkWidget *widget, const void *data G_GNUC_UNUSED)
{
  return GTK_IS_BUTTON (widget) && gtk_widget_get_ancestor (widget, ADW_TYPE_TOAST_OVERLAY) != NULL
         && g_strcmp0 (gtk_button_get_icon_name (GTK_BUTTON (widget)), "window-close-symbolic") == 0
         && n_messages (gtk_widget_get_parent (widget)) > 0;
}

/* Why a command was not carried out is said once, and only of the last one. */
static void
test_refusals (void)
{
  g_autoptr (WeftlineRun) run = g_object_new (TEST_TYPE_RUN, NULL);
  WeftlineWindow *window = make_window ();
  GWeakRef weak;

  g_weak_ref_init (&weak, window);
  gtk_window_present (GTK_WINDOW (window));
  weftline_window_add_run (window, run);
  for (int i = 0; i < 5; i++)
    weftline_run_refuse (run, "No step was made: no task is ready");
  test_loop_until (find_widget (GTK_WIDGET (window), has_text, "No step was made: no task is ready")
                   != NULL);
  test_loop_drain ();
  g_assert_cmpuint (n_messages (GTK_WIDGET (window)), ==, 1);
  for (int i = 0; i < 5; i++)
    {
      g_autofree char *reason = g_strdup_printf ("reason %d", i);

      weftline_run_refuse (run, reason);
      if (i % 2 == 0)
        test_loop_drain ();
    }
  test_loop_until (find_widget (GTK_WIDGET (window), has_text, "reason 4") != NULL
                   && n_messages (GTK_WIDGET (window)) == 1);
  g_signal_emit_by_name (find_widget (GTK_WIDGET (window), is_closing, NULL), "clicked");
  test_loop_until (n_messages (GTK_WIDGET (window)) == 0);
  test_loop_drain ();
  g_assert_cmpuint (n_messages (GTK_WIDGET (window)), ==, 0);
  weftline_run_refuse (run, "reason 4"); /* again, as it was put away */
  g_assert_nonnull (find_widget (GTK_WIDGET (window), has_text, "reason 4"));
  gtk_window_destroy (GTK_WINDOW (window));
  wait_until_gone (&weak);
}

/* ---- saving ---------------------------------------------------------------------------------- */

static gboolean
starts_with (GtkWidget *widget, const void *text)
{
  return GTK_IS_LABEL (widget) && g_str_has_prefix (gtk_label_get_text (GTK_LABEL (widget)), text);
}

/* Saved while it goes on, opened again: nothing is lost. */
static void
test_save (void)
{
  WeftlineWindow *window = make_window ();
  g_autofree char *path = g_build_filename (dir, "saved.weft", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  WeftlineRunStatus live, read;
  WeftlineRun *run;
  GWeakRef weak;

  g_weak_ref_init (&weak, window);
  gtk_window_present (GTK_WINDOW (window));
  weftline_window_save (window, file); /* of nothing */
  weftline_window_open_example (window, "loop", 100, 0.005, 0, TRUE);
  test_loop_until (!weftline_window_is_opening (window));
  run = weftline_window_run (window);
  weftline_window_save (window, file);
  g_assert_nonnull (find_widget (GTK_WIDGET (window), starts_with, "“saved.weft” grows"));
  run_wait (run);
  weftline_run_status (run, &live);
  test_loop_until (find_widget (GTK_WIDGET (window), starts_with, "“saved.weft” was saved")
                   != NULL);
  weftline_window_open (window, file);
  run = weftline_window_run (window);
  run_wait (run);
  weftline_run_status (run, &read);
  g_assert_cmpint (read.phase, ==, WEFT_RUN_DONE);
  g_assert_cmpuint (read.n_tasks, ==, live.n_tasks);
  g_assert_cmpuint (read.n_ended, ==, live.n_ended);
  gtk_window_destroy (GTK_WINDOW (window));
  wait_until_gone (&weak);
}

int
main (int argc, char **argv)
{
  int status;

  gtk_test_init (&argc, &argv, NULL);
  dir = test_dir_new ();
  application = weftline_application_new ();
  g_application_set_flags (G_APPLICATION (application), G_APPLICATION_NON_UNIQUE);
  g_application_register (G_APPLICATION (application), NULL, NULL);
  test_add ("ui-app", "window-run", "notification", test_notification);
  test_add ("ui-app", "window-run", "close", test_close);
  test_add ("ui-app", "window-run", "close-again", test_close_again);
  test_add ("ui-app", "window-run", "refusals", test_refusals);
  test_add ("ui-app", "window-run", "save", test_save);
  status = g_test_run ();
  g_object_unref (application);
  test_dir_free (dir);
  return status;
}
