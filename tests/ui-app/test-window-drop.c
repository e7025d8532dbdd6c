/* test-window-drop.c: tests of files dropped onto the window
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "test-objects.h"
#include "ui-fixture.h"

#include "app/weftline-application.h"
#include "app/weftline-window.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static WeftlineApplication *application;

typedef WindowAndDir Fixture;

static void
set_up (Fixture *fixture, const void *data G_GNUC_UNUSED)
{
  window_and_dir_open (fixture, application);
}

/* (transfer none) */
static GtkDropTarget *
target_of (WeftlineWindow *window)
{
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (GTK_WIDGET (window));

  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++)
    {
      g_autoptr (GtkEventController) controller = g_list_model_get_item (controllers, i);

      if (GTK_IS_DROP_TARGET (controller))
        return GTK_DROP_TARGET (controller);
    }
  g_assert_not_reached ();
}

/* Returns: whether it was taken */
static gboolean
drop_value (Fixture *fixture, const GValue *value)
{
  gboolean is_taken = FALSE;

  g_signal_emit_by_name (target_of (fixture->window), "drop", value, 10.0, 10.0, &is_taken);
  test_loop_until (!weftline_window_is_opening (fixture->window));
  test_loop_drain ();
  return is_taken;
}

/* As a file manager does. Returns: whether they were taken */
static gboolean
drop (Fixture *fixture, GFile *const *files, gsize n)
{
  GtkDropTarget *target = target_of (fixture->window);
  GdkFileList *list = gdk_file_list_new_from_array ((GFile **) files, n);
  GValue value = G_VALUE_INIT;
  gboolean is_taken;

  g_assert_true (
      gdk_content_formats_contain_gtype (gtk_drop_target_get_formats (target), GDK_TYPE_FILE_LIST));
  g_assert_cmpint (gtk_drop_target_get_actions (target) & GDK_ACTION_COPY, !=, 0);
  g_value_init (&value, GDK_TYPE_FILE_LIST);
  g_value_take_boxed (&value, list);
  is_taken = drop_value (fixture, &value);
  g_value_unset (&value);
  return is_taken;
}

typedef struct
{
  GValue value;
  bool is_there;
} Received;

static void
received_cb (GObject *source G_GNUC_UNUSED, GAsyncResult *result, void *data)
{
  Received *received = data;
  g_autoptr (GError) error = NULL;

  gdk_content_deserialize_finish (result, &received->value, &error);
  g_assert_no_error (error);
  received->is_there = true;
}

/* As another program does: what it offers goes to the target the way GDK takes it there. */
static gboolean
drop_text (Fixture *fixture, const char *mime_type, const char *text)
{
  GdkContentFormatsBuilder *builder = gdk_content_formats_builder_new ();
  g_autoptr (GInputStream) stream =
      g_memory_input_stream_new_from_data (text, (gssize) strlen (text), NULL);
  GdkContentFormats *offered;
  Received received = { 0 };
  gboolean is_taken;

  gdk_content_formats_builder_add_mime_type (builder, mime_type);
  offered = gdk_content_formats_union_deserialize_gtypes (
      gdk_content_formats_builder_free_to_formats (builder));
  g_assert_true (gdk_content_formats_match (
      offered, gtk_drop_target_get_formats (target_of (fixture->window))));
  gdk_content_formats_unref (offered);
  gdk_content_deserialize_async (stream, mime_type, GDK_TYPE_FILE_LIST, G_PRIORITY_DEFAULT, NULL,
                                 received_cb, &received);
  test_loop_until (received.is_there);
  is_taken = drop_value (fixture, &received.value);
  g_value_unset (&received.value);
  return is_taken;
}

/* A file of a run that has ended. */
static GFile *
record (Fixture *fixture)
{
  WeftlineRun *run = example_run ("tree");
  g_autofree char *path = g_build_filename (fixture->dir, "dropped.weft", NULL);
  g_autoptr (GFile) source = NULL;
  GFile *file = g_file_new_for_path (path);
  g_autoptr (GError) error = NULL;

  run_to_the_end (run);
  source = g_file_new_for_path (weftline_run_path (run));
  g_file_copy (source, file, G_FILE_COPY_NONE, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_object_unref (run);
  return file;
}

static WeftRunPhase
shown_phase (Fixture *fixture)
{
  WeftlineRunStatus status;

  g_assert_nonnull (weftline_window_run (fixture->window));
  weftline_run_status (weftline_window_run (fixture->window), &status);
  return status.phase;
}

/* It is shown, and waits for “Run”. */
static void
test_graph (Fixture *fixture, const void *data G_GNUC_UNUSED)
{
  g_autofree char *path = test_example_path ("03-tree-reduction.json");
  g_autoptr (GFile) file = g_file_new_for_path (path);

  g_assert_true (drop (fixture, &file, 1));
  g_assert_cmpuint (weftline_window_n_runs (fixture->window), ==, 1);
  g_assert_cmpint (shown_phase (fixture), ==, WEFT_RUN_PREPARED);
}

static void
test_run (Fixture *fixture, const void *data G_GNUC_UNUSED)
{
  g_autoptr (GFile) file = record (fixture);

  g_assert_true (drop (fixture, &file, 1));
  g_assert_cmpuint (weftline_window_n_runs (fixture->window), ==, 1);
  test_loop_until (shown_phase (fixture) == WEFT_RUN_DONE);
}

static gboolean
speaks_of (GtkWidget *widget, const void *text)
{
  return GTK_IS_LABEL (widget) && gtk_widget_has_css_class (widget, "message")
         && strstr (gtk_label_get_text (GTK_LABEL (widget)), text) != NULL;
}

/* The button beside a message. */
static gboolean
is_closing (GtkWidget *widget, const void *data G_GNUC_UNUSED)
{
  return GTK_IS_BUTTON (widget)
         && g_strcmp0 (gtk_button_get_icon_name (GTK_BUTTON (widget)), "window-close-symbolic")
                == 0;
}

/* Puts a message about something else away, so that the one before it comes again. */
static gboolean
is_said (Fixture *fixture, const char *text)
{
  GtkWidget *window = GTK_WIDGET (fixture->window);
  GtkWidget *message = find_widget (window, speaks_of, "");
  GtkWidget *toast, *close = NULL;

  if (find_widget (window, speaks_of, text) != NULL)
    return TRUE;
  if (message == NULL)
    return FALSE;
  toast = gtk_widget_get_parent (message);
  while (GTK_IS_WIDGET (toast) && (close = find_widget (toast, is_closing, NULL)) == NULL)
    toast = gtk_widget_get_parent (toast);
  g_signal_emit_by_name (close, "clicked");
  return FALSE;
}

/* All that can be are opened; of the others it is said why not, in one. */
static void
test_several (Fixture *fixture, const void *data G_GNUC_UNUSED)
{
  g_autofree char *path = test_example_path ("01-two-increments.json");
  g_autofree char *bad_path = test_dir_write (fixture->dir, "bad.json", "{\"weftline\": 1, ");
  g_autoptr (GFile) graph = g_file_new_for_path (path);
  g_autoptr (GFile) run = record (fixture);
  g_autoptr (GFile) bad = g_file_new_for_path (bad_path);
  g_autoptr (GFile) remote = g_file_new_for_uri ("sftp://nowhere.invalid/graph.json");
  GFile *const files[] = { graph, bad, remote, run };

  g_assert_true (drop (fixture, files, G_N_ELEMENTS (files)));
  g_assert_cmpuint (weftline_window_n_runs (fixture->window), ==, 2);
  test_loop_until (is_said (fixture, "bad.json"));
  g_assert_true (is_said (fixture, "“sftp://nowhere.invalid/graph.json” is elsewhere"));
  g_assert_false (drop (fixture, files, 0));
}

/* URIs a line each, as RFC 2483 has them, from whatever program. */
static void
test_uri_list (Fixture *fixture, const void *data G_GNUC_UNUSED)
{
  g_autofree char *path = test_example_path ("01-two-increments.json");
  g_autofree char *text = NULL;
  g_autofree char *odd_path = NULL;
  g_autofree char *odd_uri = NULL;
  g_autofree char *uri = g_filename_to_uri (path, NULL, NULL);
  g_autofree char *list = NULL;

  g_file_get_contents (path, &text, NULL, NULL);
  odd_path = test_dir_write (fixture->dir, "with space & ünï%.json", text);
  odd_uri = g_filename_to_uri (odd_path, NULL, NULL);
  list =
      g_strdup_printf ("# dropped\r\n%s\r\n%s\r\nhttp://nowhere.invalid/g.json\r\n", uri, odd_uri);
  g_assert_true (drop_text (fixture, "text/uri-list", list));
  g_assert_cmpuint (weftline_window_n_runs (fixture->window), ==, 2);
  test_loop_until (is_said (fixture, "“http://nowhere.invalid/g.json” is elsewhere"));
}

static void
test_no_graphs (Fixture *fixture, const void *data G_GNUC_UNUSED)
{
  g_autoptr (GFile) folder = g_file_new_for_path (fixture->dir);
  g_autofree char *pipe_path = g_build_filename (fixture->dir, "pipe", NULL);
  g_autofree char *picture_path = test_dir_write (fixture->dir, "picture.png", "\x89PNG\r\n");
  g_autoptr (GFile) picture = g_file_new_for_path (picture_path);
  g_autoptr (GFile) pipe = g_file_new_for_path (pipe_path);

  g_assert_cmpint (mkfifo (pipe_path, 0600), ==, 0);
  g_assert_true (drop (fixture, &folder, 1));
  test_loop_until (is_said (fixture, "” is a folder"));
  g_assert_true (drop (fixture, &picture, 1));
  test_loop_until (is_said (fixture, "picture.png:1:1: found"));
  g_assert_true (drop (fixture, &pipe, 1));
  test_loop_until (is_said (fixture, "” is no file that has an end"));
  g_assert_cmpuint (weftline_window_n_runs (fixture->window), ==, 0);
}

/* One that is larger than memory is not read to find out that it is no graph. */
static void
test_huge (Fixture *fixture, const void *data G_GNUC_UNUSED)
{
  g_autofree char *path = test_dir_write (fixture->dir, "film.mkv", "\x1a\x45\xdf\xa3");
  g_autoptr (GFile) film = g_file_new_for_path (path);

  g_assert_cmpint (truncate (path, (off_t) 1 << 42), ==, 0);
  g_assert_true (drop (fixture, &film, 1));
  test_loop_until (is_said (fixture, "film.mkv:1:1: found a file that is no text"));
}

static unsigned
n_messages (GtkWidget *widget)
{
  unsigned n = speaks_of (widget, "");

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    n += n_messages (child);
  return n;
}

/* Of a folder full of pictures one message is enough. */
static void
test_many_wrong (Fixture *fixture, const void *data G_GNUC_UNUSED)
{
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func (g_object_unref);

  for (unsigned i = 0; i < 50; i++)
    {
      g_autofree char *name = g_strdup_printf ("%u.png", i);
      g_autofree char *path = test_dir_write (fixture->dir, name, "\x89PNG\r\n");

      g_ptr_array_add (files, g_file_new_for_path (path));
    }
  g_assert_true (drop (fixture, (GFile *const *) files->pdata, files->len));
  test_loop_until (find_widget (GTK_WIDGET (fixture->window), speaks_of, "") != NULL);
  g_assert_nonnull (find_widget (GTK_WIDGET (fixture->window), speaks_of, "46 more files"));
  g_assert_cmpuint (n_messages (GTK_WIDGET (fixture->window)), ==, 1);
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *path;
    void (*test) (Fixture *fixture, const void *data);
  } tests[] = {
    { "/weft/ui-app/window-drop/graph", test_graph },
    { "/weft/ui-app/window-drop/run", test_run },
    { "/weft/ui-app/window-drop/several", test_several },
    { "/weft/ui-app/window-drop/uri-list", test_uri_list },
    { "/weft/ui-app/window-drop/no-graphs", test_no_graphs },
    { "/weft/ui-app/window-drop/huge", test_huge },
    { "/weft/ui-app/window-drop/many-wrong", test_many_wrong },
  };
  int status;

  gtk_test_init (&argc, &argv, NULL);
  application = weftline_application_new ();
  g_application_set_flags (G_APPLICATION (application), G_APPLICATION_NON_UNIQUE);
  g_application_register (G_APPLICATION (application), NULL, NULL);
  for (unsigned i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, NULL, set_up, tests[i].test, window_and_dir_close);
  status = g_test_run ();
  g_object_unref (application);
  return status;
}
