/* test-window-connect.c: the window with a Dask cluster, and beside `weftline serve`
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * All is real: the cluster, the child that speaks with it, the server. With WEFT_PICTURES set to a
 * folder, pictures are left there to be looked at.
 */
#include "python-fixture.h"
#include "ui-fixture.h"

#include "app/weftline-connect-dialog.h"
#include "app/weftline-connections.h"
#include "app/weftline-listener.h"
#include "app/weftline-run-row.h"
#include "app/weftline-screenshot.h"

#define PYTHON "/usr/bin/python3"

static WeftlineApplication *application;

typedef struct
{
  TestDir *dir;
  GSettings *settings;
  WeftlineWindow *window;
  WeftlineListener *listener;
} Fixture;

static void
appeared_cb (Fixture *f, WeftlineRun *run)
{
  weftline_window_add_observed (f->window, run);
}

static void
open_window (Fixture *f)
{
  f->window = weftline_window_new (ADW_APPLICATION (application), f->settings);
  gtk_window_present (GTK_WINDOW (f->window));
}

static void
set_up (Fixture *f, const void *unused)
{
  f->dir = test_dir_new ();
  f->settings = g_settings_new (WEFTLINE_APPLICATION_ID);
  g_settings_set_string (f->settings, "python", PYTHON);
  open_window (f);
}

static void
listen_as_the_application (Fixture *f)
{
  f->listener = weftline_listener_new (f->settings);
  g_signal_connect_swapped (f->listener, "run-appeared", G_CALLBACK (appeared_cb), f);
}

static void
tear_down (Fixture *f, const void *unused)
{
  if (f->listener != NULL)
    {
      g_signal_handlers_disconnect_by_data (f->listener, f);
      test_assert_finalised (f->listener);
    }
  if (f->window != NULL)
    window_close (f->window);
  test_loop_drain ();
  g_settings_reset (f->settings, "python");
  g_object_unref (f->settings);
  test_dir_free (f->dir);
}

/* ---- other programs -------------------------------------------------------------------------- */

/* A process with pipes. (transfer full) */
static GSubprocess *
start (const char *program, ...)
{
  g_autoptr (GPtrArray) arguments = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;
  GSubprocess *process;
  va_list args;

  g_ptr_array_add (arguments, (char *) program);
  va_start (args, program);
  for (char *argument; (argument = va_arg (args, char *)) != NULL;)
    g_ptr_array_add (arguments, argument);
  va_end (args);
  g_ptr_array_add (arguments, NULL);
  process =
      g_subprocess_newv ((const char *const *) arguments->pdata,
                         G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDIN_PIPE, &error);
  g_assert_no_error (error);
  return process;
}

static void
line_cb (GObject *lines, GAsyncResult *result, void *data)
{
  char **line = data;

  *line = g_data_input_stream_read_line_finish (G_DATA_INPUT_STREAM (lines), result, NULL, NULL);
  if (*line == NULL)
    *line = g_strdup ("");
}

/* The next line it says. (transfer full) */
static char *
hear_line (GDataInputStream *lines)
{
  char *line = NULL;

  g_data_input_stream_read_line_async (lines, G_PRIORITY_DEFAULT, NULL, line_cb, &line);
  test_loop_until (line != NULL);
  return line;
}

static void
end (GSubprocess *process, int signal)
{
  g_subprocess_send_signal (process, signal);
  g_subprocess_wait (process, NULL, NULL);
  g_object_unref (process);
}

static void
submitted_cb (GObject *process, GAsyncResult *result, void *data)
{
  g_assert_true (g_subprocess_wait_check_finish (G_SUBPROCESS (process), result, NULL));
  *(bool *) data = true;
}

/* It may be this program that answers. */
static void
submit (const char *weftline, const char *graph)
{
  g_autoptr (GSubprocess) process = start (weftline, "submit", graph, NULL);
  bool done = false;

  g_subprocess_wait_check_async (process, NULL, submitted_cb, &done);
  test_loop_until (done);
}

static char *
command (void)
{
  return g_test_build_filename (G_TEST_BUILT, "..", "src", "cli", "weftline", NULL);
}

/* ---- the window's parts ---------------------------------------------------------------------- */

static void
leave_picture (GtkWidget *widget, const char *name)
{
  const char *folder = g_getenv ("WEFT_PICTURES");
  g_autofree char *path = folder != NULL ? g_build_filename (folder, name, NULL) : NULL;

  if (path == NULL)
    return;
  test_loop_drain ();
  if (!weftline_screenshot (widget, path, NULL))
    g_test_message ("%s: no picture", path);
}

static GtkWidget *
part (Fixture *f, GType type)
{
  return find_of_type (GTK_WIDGET (f->window), type);
}

/* (nullable) */
static GtkWidget *
dialog (void)
{
  g_autoptr (GList) windows = gtk_window_list_toplevels ();

  for (GList *window = windows; window != NULL; window = window->next)
    if (WEFTLINE_IS_CONNECT_DIALOG (window->data))
      return window->data;
  return NULL;
}

/* (nullable): the newest in the list */
static WeftlineRun *
newest (Fixture *f)
{
  GtkWidget *row = part (f, WEFTLINE_TYPE_RUN_ROW);

  return row != NULL ? weftline_run_row_run (WEFTLINE_RUN_ROW (row)) : NULL;
}

static WeftlineRunStatus
status_of (WeftlineRun *run)
{
  WeftlineRunStatus status = { 0 };

  if (run != NULL)
    weftline_run_status (run, &status);
  return status;
}

static void
connect_to (Fixture *f, const char *address)
{
  GtkWidget *row;

  gtk_widget_activate_action (GTK_WIDGET (f->window), "win.connect", NULL);
  test_loop_until (dialog () != NULL);
  row = find_of_type (dialog (), ADW_TYPE_ENTRY_ROW);
  gtk_editable_set_text (GTK_EDITABLE (row), address);
  g_signal_emit_by_name (row, "entry-activated");
}

static WeftlineConnections *
connections (Fixture *f)
{
  return WEFTLINE_CONNECTIONS (part (f, WEFTLINE_TYPE_CONNECTIONS));
}

/* ---- a cluster ------------------------------------------------------------------------------- */

typedef struct
{
  GSubprocess *process;
  GDataInputStream *lines;
  char *address;
} Cluster;

static void
cluster_start (Cluster *c)
{
  g_autofree char *script = g_test_build_filename (G_TEST_DIST, "ui-app", "cluster.py", NULL);

  c->process = start (PYTHON, script, NULL);
  c->lines = g_data_input_stream_new (g_subprocess_get_stdout_pipe (c->process));
  c->address = hear_line (c->lines);
  g_assert_true (g_str_has_prefix (c->address, "tcp://"));
}

static void
cluster_compute (Cluster *c, const char *n)
{
  g_autofree char *line = g_strconcat (n, "\n", NULL);
  g_autofree char *done = g_strconcat ("computed ", n, NULL);
  g_autofree char *said = NULL;

  g_assert_true (g_output_stream_write_all (g_subprocess_get_stdin_pipe (c->process), line,
                                            strlen (line), NULL, NULL, NULL));
  said = hear_line (c->lines);
  g_assert_cmpstr (said, ==, done);
}

static void
cluster_end (Cluster *c)
{
  g_object_unref (c->lines);
  end (c->process, SIGKILL);
  g_free (c->address);
}

/* From the dialog to the run in the list, until it is let go of; then the cluster goes away while
 * it is watched. */
static void
test_cluster (Fixture *f, const void *unused)
{
  GtkWidget *button;
  WeftlineRun *run;
  Cluster c;

  listen_as_the_application (f);
  cluster_start (&c);
  connect_to (f, c.address);
  test_loop_until (weftline_connections_n (connections (f)) == 1);
  test_loop_until (dialog () == NULL);
  test_loop_until (newest (f) != NULL);
  run = newest (f);
  g_assert_cmpstr (weftline_run_kind (run), ==, "dask");
  cluster_compute (&c, "20");
  test_loop_until (status_of (run).n_ended == 20);
  g_assert_cmpint (status_of (run).phase, ==, WEFT_RUN_RUNNING);
  leave_picture (GTK_WIDGET (f->window), "window-connected.png");
  button = find_of_type (GTK_WIDGET (connections (f)), GTK_TYPE_BUTTON);
  g_signal_emit_by_name (button, "clicked");
  test_loop_until (weftline_connections_n (connections (f)) == 0);
  test_loop_until (weftline_run_is_over (run));
  g_assert_cmpint (status_of (run).phase, ==, WEFT_RUN_DONE);
  g_assert_cmpuint (status_of (run).n_ended, ==, 20);
  cluster_compute (&c, "5"); /* it goes on by itself */
  connect_to (f, c.address);
  test_loop_until (weftline_connections_n (connections (f)) == 1);
  test_loop_until (newest (f) != run);
  run = newest (f);
  cluster_end (&c);
  test_loop_until (weftline_connections_n (connections (f)) == 0);
  test_loop_until (weftline_run_is_over (run));
}

/* A port where nobody is: the child's own words. */
static void
test_nobody (Fixture *f, const void *unused)
{
  GtkWidget *open;

  listen_as_the_application (f);
  connect_to (f, "127.0.0.1:1");
  open = dialog ();
  test_loop_until (gtk_widget_has_css_class (find_of_type (open, ADW_TYPE_ENTRY_ROW), "error"));
  leave_picture (open, "window-connect-failed.png");
  g_assert_cmpuint (weftline_connections_n (connections (f)), ==, 0);
  gtk_window_destroy (GTK_WINDOW (open));
}

/* The window closes, and nothing of it stays. */
static void
test_window_closes (Fixture *f, const void *unused)
{
  g_autofree char *python = python_fake (f->settings, f->dir, PYTHON_WATCHES);

  connect_to (f, "tcp://host:8786");
  test_loop_until (weftline_connections_n (connections (f)) == 1);
  g_assert_false (python_is_gone (python));
  gtk_window_close (GTK_WINDOW (g_steal_pointer (&f->window)));
  test_loop_until (python_is_gone (python));
  g_assert_true (python_said_bye (python));
}

/* ---- beside a server ------------------------------------------------------------------------- */

/* Where `weftline serve` listens the window has its runs, without a question when it closes; and
 * takes its place when it dies. */
static void
test_beside (Fixture *f, const void *unused)
{
  g_autofree char *weftline = command ();
  g_autofree char *graph = test_dir_write (
      f->dir, "graph.json",
      "{\"weftline\": 1, \"name\": \"stuck\", \"tasks\": {\"a\": {\"op\": \"sleep\", \"args\": "
      "[0.001]}, \"b\": {\"op\": \"sleep\", \"args\": [600, {\"ref\": \"a\"}]}}}");
  GSubprocess *server = start (weftline, "serve", "--folder", f->dir, NULL);
  g_autoptr (GDataInputStream) lines =
      g_data_input_stream_new (g_subprocess_get_stdout_pipe (server));
  g_autofree char *said = hear_line (lines);
  WeftlineRun *run;

  listen_as_the_application (f);
  g_assert_nonnull (strstr (weftline_listener_text (f->listener), "Another program listens at"));
  submit (weftline, graph);
  test_loop_until (newest (f) != NULL);
  run = newest (f);
  g_assert_cmpstr (weftline_run_name (run), ==, "stuck");
  test_loop_until (status_of (run).n_ended == 1 && status_of (run).n_running == 1);
  g_assert_true (weftline_window_run (f->window) == run);
  g_assert_true (weftline_run_can (run, WEFTLINE_CAN_CANCEL));
  gtk_widget_activate_action (GTK_WIDGET (f->window), "win.run", NULL);
  test_loop_until (status_of (run).phase == WEFT_RUN_PAUSED);
  leave_picture (GTK_WIDGET (f->window), "window-beside.png");
  window_close (g_steal_pointer (&f->window)); /* asks nobody: it goes on */
  open_window (f);
  end (server, SIGKILL);
  test_loop_until (strstr (weftline_listener_text (f->listener), "Listening at") != NULL);
  submit (weftline, graph);
  test_loop_until (newest (f) != NULL);
  test_loop_until (status_of (newest (f)).n_running == 1);
  g_assert_false (weftline_run_goes_on (newest (f)));
  weftline_run_cancel (newest (f));
  test_loop_until (weftline_run_is_over (newest (f)));
}

int
main (int argc, char **argv)
{
  TestDir *runtime = test_dir_new ();
  g_autofree char *cache = g_build_filename (runtime, "cache", NULL);
  int status;

  g_setenv ("XDG_RUNTIME_DIR", runtime, TRUE); /* before anybody asks */
  g_setenv ("XDG_CACHE_HOME", cache, TRUE);
  gtk_test_init (&argc, &argv, NULL);
  application = weftline_application_new ();
  g_application_set_flags (G_APPLICATION (application), G_APPLICATION_NON_UNIQUE);
  g_assert_true (g_application_register (G_APPLICATION (application), NULL, NULL));
#define ADD(name, func) \
  g_test_add ("/weft/ui-app/window-connect/" name, Fixture, NULL, set_up, func, tear_down)
  ADD ("cluster", test_cluster);
  ADD ("nobody", test_nobody);
  ADD ("window-closes", test_window_closes);
  ADD ("beside", test_beside);
  status = g_test_run ();
  test_dir_free (runtime);
  return status;
}
