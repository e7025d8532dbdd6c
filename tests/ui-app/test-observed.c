/* test-observed.c: runs of other programs in the real window: what appears, and what is absent
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Programs are sockets here, which report to a real server as data/doc/protocol.md has it: a
 * cluster of two workers, one of which leaves.
 */
#include "ui-fixture.h"

#include "app/weftline-card.h"
#include "app/weftline-controls.h"
#include "app/weftline-dock.h"
#include "events/event-view.h"
#include "failures/failure-button.h"
#include "session/weftline-server.h"
#include "timeline/timeline-source.h"
#include "transfers/transfer-view.h"
#include "workers/workers-view.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define MS INT64_C (1000000)

static WeftlineApplication *application;

typedef struct
{
  WindowAndDir w;
  char *address;
  WeftlineServer *server;
  int64_t t;  /* when the reports begin */
  bool shown; /* what appears is, as if it had been clicked */
} Fixture;

static void
appeared_cb (Fixture *f, WeftlineRun *run)
{
  if (f->shown)
    weftline_window_add_run (f->w.window, run);
  else
    weftline_window_add_observed (f->w.window, run);
}

static void
set_up (Fixture *f, const void *unused G_GNUC_UNUSED)
{
  g_autoptr (GError) error = NULL;

  window_and_dir_open (&f->w, application);
  f->address = g_build_filename (f->w.dir, "private", "socket", NULL);
  f->server = weftline_server_new (f->address, &error);
  g_assert_no_error (error);
  g_signal_connect_swapped (f->server, "run-appeared", G_CALLBACK (appeared_cb), f);
  f->t = weft_clock_mono_ns () - 1000 * MS;
}

static void
tear_down (Fixture *f, const void *unused G_GNUC_UNUSED)
{
  g_signal_handlers_disconnect_by_data (f->server, f);
  g_object_unref (f->server);
  window_and_dir_close (&f->w, NULL);
  g_free (f->address);
}

/* ---- a program ------------------------------------------------------------------------------- */

static void G_GNUC_PRINTF (2, 3) say (int program, const char *format, ...)
{
  g_autofree char *line = NULL;
  g_autofree char *whole = NULL;
  va_list args;

  va_start (args, format);
  line = g_strdup_vprintf (format, args);
  va_end (args);
  whole = g_strconcat (line, "\n", NULL);
  g_assert_cmpint (send (program, whole, strlen (whole), MSG_NOSIGNAL), ==,
                   (gssize) strlen (whole));
}

/* @can: what the program carries out, as JSON has it. Returns: its socket */
static int
report (const Fixture *f, const char *name, const char *source, const char *can)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int program = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  unsigned n = weftline_window_n_runs (f->w.window);

  g_strlcpy (address.sun_path, f->address, sizeof address.sun_path);
  g_assert_cmpint (connect (program, (struct sockaddr *) &address, sizeof address), ==, 0);
  say (program, "{\"hello\": \"weftline\", \"versions\": [1], \"name\": \"test\"}");
  say (program,
       "{\"id\": 1, \"do\": \"report\", \"name\": \"%s\", \"source\": \"%s\", \"can\": [%s]}", name,
       source, can);
  test_loop_until (weftline_window_n_runs (f->w.window) > n);
  return program;
}

/* @members: of the event but for its time, at so many ms. */
static void
tell (const Fixture *f, int program, const char *members, int64_t at_ms)
{
  say (program, "{%s, \"t\": %" G_GINT64_FORMAT "}", members, f->t + at_ms * MS);
}

static void
tell_span (const Fixture *f, int program, const char *members, int64_t at_ms, int64_t ms)
{
  say (program, "{%s, \"s\": %" G_GINT64_FORMAT ", \"d\": %" G_GINT64_FORMAT "}", members,
       f->t + at_ms * MS, ms * MS);
}

static void
tell_worker (const Fixture *f, int program, const char *worker)
{
  static const char *const counters[] = { "cpu",       "network-read", "network-written",
                                          "disk-read", "disk-written", "processing",
                                          "occupancy", "fds" };

  say (program, "{\"e\": \"worker\", \"w\": \"%s\", \"threads\": 1, \"limit\": 4000000000}",
       worker);
  for (unsigned i = 0; i < G_N_ELEMENTS (counters); i++)
    {
      g_autofree char *members =
          g_strdup_printf ("\"e\": \"count\", \"name\": \"%s\", \"w\": \"%s\", \"v\": %u",
                           counters[i], worker, i + 1);

      tell (f, program, members, 100);
    }
  say (program,
       "{\"e\": \"memory\", \"w\": \"%s\", \"t\": %" G_GINT64_FORMAT
       ", \"managed\": 300000000, \"spilled\": 100000000, \"resident\": 900000000}",
       worker, f->t + 100 * MS);
}

/* Two workers, of which the second leaves; tasks, two of which fail alike and one otherwise. */
static void
tell_cluster (const Fixture *f, int program)
{
  static const char *const failures[][2] = { { "bad-1", "no item 17" },
                                             { "bad-2", "no item 4" },
                                             { "bad-3", "quite another" } };

  tell_worker (f, program, "node-0");
  tell_worker (f, program, "node-1");
  tell_span (f, program, "\"e\": \"task\", \"k\": \"load-1\", \"w\": \"node-0\", \"h\": 1", 100,
             50);
  tell_span (f, program, "\"e\": \"task\", \"k\": \"load-2\", \"w\": \"node-1\", \"h\": 2", 100,
             60);
  tell_span (f, program,
             "\"e\": \"span\", \"what\": \"transfer\", \"w\": \"node-0\", \"peer\": \"node-1\","
             " \"k\": \"load-2\", \"b\": 50000000",
             200, 100);
  for (unsigned i = 0; i < G_N_ELEMENTS (failures); i++)
    {
      g_autofree char *start = g_strdup_printf (
          "\"e\": \"start\", \"k\": \"%s\", \"w\": \"node-0\", \"h\": 1", failures[i][0]);
      g_autofree char *fail =
          g_strdup_printf ("\"e\": \"fail\", \"k\": \"%s\", \"kind\": \"KeyError\","
                           " \"message\": \"%s\"",
                           failures[i][0], failures[i][1]);

      tell (f, program, start, 300 + 20 * i);
      tell (f, program, fail, 310 + 20 * i);
    }
  tell (f, program,
        "\"e\": \"count\", \"name\": \"bandwidth-of numpy.ndarray\", \"unit\": \"B/s\","
        " \"v\": 150000000",
        340);
  tell (f, program, "\"e\": \"log\", \"w\": \"node-0\", \"level\": 4, \"message\": \"hot\"", 350);
  tell (f, program, "\"e\": \"log\", \"w\": \"node-1\", \"message\": \"hello\"", 360);
  tell (f, program, "\"e\": \"gone\", \"w\": \"node-1\"", 400);
  tell_span (f, program, "\"e\": \"task\", \"k\": \"last-1\", \"w\": \"node-0\", \"h\": 1", 450,
             50);
}

/* ---- what is shown --------------------------------------------------------------------------- */

static WeftlineSession *
session_of (const Fixture *f)
{
  return weftline_run_page_session (weftline_window_page (f->w.window));
}

/* Of the cluster's layout. */
static GtkWidget *
view_of (const Fixture *f, const char *card)
{
  WeftlineDock *dock = weftline_run_page_dock (weftline_window_page (f->w.window));

  return weftline_card_child (weftline_dock_card (dock, card));
}

static bool
has_ended (const WeftModel *model, const char *key)
{
  uint32_t task = weft_model_find_key (model, key), lane;
  uint64_t index;

  return task != WEFT_NONE && weft_model_task_span (model, task, &lane, &index);
}

/* All of the cluster has come, and the layout for clusters is chosen. */
static int
show_cluster (Fixture *f)
{
  g_autoptr (GSettings) settings = g_settings_new (WEFTLINE_APPLICATION_ID);
  int program = report (f, "Dask at tcp://127.0.0.1:8786", "dask", "");
  WeftModel *model;

  tell_cluster (f, program);
  test_loop_until (weftline_session_model (session_of (f)) != NULL);
  model = weftline_session_model (session_of (f));
  test_loop_until (has_ended (model, "last-1"));
  g_settings_set_string (settings, "layout", "cluster");
  test_loop_until (gtk_widget_get_mapped (view_of (f, "workers")));
  return program;
}

static bool
is_seen (GtkWidget *parent, const char *action)
{
  GtkWidget *button = find_widget (parent, has_action, action);

  return button != NULL && gtk_widget_get_mapped (button);
}

static gboolean
is_control (GtkWidget *widget, const void *data G_GNUC_UNUSED)
{
  return gtk_widget_get_mapped (widget)
         && (GTK_IS_BUTTON (widget) || GTK_IS_MENU_BUTTON (widget) || GTK_IS_SPIN_BUTTON (widget)
             || GTK_IS_SCALE (widget) || GTK_IS_ENTRY (widget));
}

static gboolean
is_steal (GtkWidget *widget, const void *data G_GNUC_UNUSED)
{
  const char *text = GTK_IS_LABEL (widget) ? gtk_label_get_text (GTK_LABEL (widget)) : "";

  return g_str_has_prefix (text, "node-0") && strstr (text, " stole moved-1 from node-1") != NULL;
}

/* ---- tests ----------------------------------------------------------------------------------- */

/* In the sidebar as they connect, each with its source; who looks at one is left there. */
static void
test_sidebar (Fixture *f, const void *unused G_GNUC_UNUSED)
{
  int first = report (f, "first", "dask", ""), second;
  WeftlineRun *run = weftline_window_run (f->w.window);

  g_assert_cmpstr (weftline_run_name (run), ==, "first");
  second = report (f, "second", "celery", "");
  g_assert_true (weftline_window_run (f->w.window) == run);
  g_assert_cmpuint (weftline_window_n_runs (f->w.window), ==, 2);
  test_loop_until (find_widget (GTK_WIDGET (f->w.window), has_text, "dask") != NULL
                   && find_widget (GTK_WIDGET (f->w.window), has_text, "celery") != NULL);
  close (first);
  test_loop_until (weftline_run_is_over (run));
  g_assert_cmpuint (weftline_window_n_runs (f->w.window), ==, 2); /* what ended stays */
  close (second);
}

/* What the source does not carry out is absent, with its keys; what it does is there until it goes.
 */
static void
test_controls (Fixture *f, const void *unused G_GNUC_UNUSED)
{
  static const char *const actions[] = { "win.run", "win.step", "win.breaks", "win.stop" };
  GtkWidget *window = GTK_WIDGET (f->w.window);
  int silent = report (f, "silent", "dask", ""), obedient;
  GtkWidget *controls = find_of_type (window, WEFTLINE_TYPE_CONTROLS);

  test_loop_until (weftline_session_model (session_of (f)) != NULL);
  for (unsigned i = 0; i < G_N_ELEMENTS (actions); i++)
    {
      g_assert_false (is_seen (window, actions[i]));
      g_assert_false (is_enabled (f->w.window, actions[i]));
    }
  test_loop_drain ();
  g_assert_null (find_widget (controls, is_control, NULL));
  close (silent);
  f->shown = true;
  obedient = report (f, "obedient", "other", "\"cancel\"");
  tell (f, obedient, "\"e\": \"start\", \"k\": \"a\", \"w\": \"w\"", 100);
  test_loop_until (is_seen (window, "win.stop") && is_enabled (f->w.window, "win.stop"));
  for (unsigned i = 0; i < G_N_ELEMENTS (actions) - 1; i++)
    {
      g_assert_false (is_seen (window, actions[i]));
      g_assert_false (is_enabled (f->w.window, actions[i]));
    }
  close (obedient);
  test_loop_until (!is_seen (window, "win.stop") && !is_enabled (f->w.window, "win.stop"));
}

/* Gone in the list of workers, in the stream, with its lane, and among events. */
static void
test_worker_leaves (Fixture *f, const void *unused G_GNUC_UNUSED)
{
  int program = show_cluster (f);
  const WeftlineWorkersSource *workers =
      weftline_workers_view_source (WEFTLINE_WORKERS_VIEW (view_of (f, "workers")));
  WeftModel *model = weftline_session_model (session_of (f));
  WeftlineTimelineSource stream;
  WeftlineTimelineInput input;
  unsigned n_gone = 0;

  test_loop_until (workers->workers->len == 2
                   && weftline_workers_source_get (workers, 1)->state == WEFTLINE_WORKER_GONE);
  g_assert_cmpint (weftline_workers_source_get (workers, 0)->state, !=, WEFTLINE_WORKER_GONE);
  weftline_timeline_source_init (&stream);
  weftline_timeline_source_take (&stream, model, weftline_session_snapshot (session_of (f)),
                                 &input);
  for (unsigned i = 0; i < input.n_lanes; i++)
    {
      g_assert_cmpint (input.lanes[i].gone, ==, g_str_has_prefix (input.lanes[i].name, "node-1"));
      n_gone += input.lanes[i].gone;
    }
  g_assert_cmpuint (n_gone, ==, 1);
  weftline_timeline_source_clear (&stream);
  test_loop_until (find_widget (view_of (f, "events"), has_text, "node-1 is gone") != NULL);
  close (program);
}

/* Each has its column, with what was said last. */
static void
test_figures (Fixture *f, const void *unused G_GNUC_UNUSED)
{
  int program = show_cluster (f);
  const WeftlineWorkersSource *workers =
      weftline_workers_view_source (WEFTLINE_WORKERS_VIEW (view_of (f, "workers")));
  static const WeftlineWorkersColumn columns[] = {
    WEFTLINE_WORKERS_CPU,       WEFTLINE_WORKERS_NET_READ,     WEFTLINE_WORKERS_NET_WRITTEN,
    WEFTLINE_WORKERS_DISK_READ, WEFTLINE_WORKERS_DISK_WRITTEN, WEFTLINE_WORKERS_PROCESSING,
    WEFTLINE_WORKERS_OCCUPANCY, WEFTLINE_WORKERS_FDS,
  };

  test_loop_until (workers->workers->len == 2 && workers->has[WEFTLINE_WORKERS_FDS]);
  for (unsigned i = 0; i < G_N_ELEMENTS (columns); i++)
    {
      const WeftlineWorker *worker = weftline_workers_source_get (workers, 0);

      g_assert_true (workers->has[columns[i]]);
      g_assert_cmpfloat (worker->values[columns[i]], ==, i + 1);
    }
  g_assert_cmpfloat (weftline_workers_source_get (workers, 0)->managed, ==, 3e8);
  g_assert_cmpfloat (weftline_workers_source_get (workers, 0)->spilled, ==, 1e8);
  g_assert_cmpfloat (weftline_workers_source_get (workers, 0)->limit, ==, 4e9);
  close (program);
}

/* By pair and by group, in bytes and bytes a second. */
static void
test_transfers (Fixture *f, const void *unused G_GNUC_UNUSED)
{
  int program = show_cluster (f);
  WeftlineTransferChart *chart =
      weftline_transfer_view_chart (WEFTLINE_TRANSFER_VIEW (view_of (f, "transfers")));
  const WeftlineTransferMatrix *matrix;

  test_loop_until (gtk_widget_get_mapped (GTK_WIDGET (chart)));
  close (program); /* the last transfer of a lane waits for the next, or the end */
  test_loop_until ((matrix = weftline_transfer_chart_matrix (chart)) != NULL
                   && matrix->total.n == 1);
  g_assert_cmpuint (matrix->n_places, ==, 2);
  g_assert_cmpstr (matrix->places[1].name, ==, "node-1");
  g_assert_cmpuint (matrix->cells[1 * 2 + 0].bytes, ==, 50000000);
  g_assert_cmpfloat (weftline_transfer_cell_rate (&matrix->cells[1 * 2 + 0]), ==, 5e8);
  g_assert_cmpuint (matrix->n_types, ==, 2);
  g_assert_cmpstr (matrix->types[0].name, ==, "load");
  g_assert_cmpstr (matrix->types[1].name, ==, "numpy.ndarray");
  g_assert_cmpfloat (matrix->types[1].best, ==, 1.5e8);
}

/* Words by level and worker. */
static void
test_log (Fixture *f, const void *unused G_GNUC_UNUSED)
{
  int program = show_cluster (f);
  WeftlineEventView *view = WEFTLINE_EVENT_VIEW (view_of (f, "events"));
  WeftlineEventList *list = weftline_event_view_list (view);
  const WeftModelSnapshot *snapshot = weftline_session_snapshot (session_of (f));
  WeftModelLane lane = { .name = "" };
  uint32_t process = 0;

  test_loop_until (weftline_event_list_n_of (list, WEFTLINE_EVENT_LOG) == 2);
  for (unsigned kind = 0; kind < WEFTLINE_EVENT_N_KINDS; kind++)
    weftline_event_view_show_kind (view, kind, kind == WEFTLINE_EVENT_LOG);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (list)), ==, 2);
  weftline_event_view_show_levels (view, 5);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (list)), ==, 1);
  test_loop_until (find_widget (GTK_WIDGET (view), has_text, "node-0, warning: hot") != NULL);
  weftline_event_view_show_levels (view, 0);
  while (strcmp (lane.name, "node-1") != 0 && ++process < snapshot->n_lanes)
    weft_model_lane (weftline_session_model (session_of (f)), process, &lane);
  weftline_event_view_show_worker (view, process);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (list)), ==, 1);
  test_loop_until (find_widget (GTK_WIDGET (view), has_text, "node-1: hello") != NULL);
  close (program);
}

/* A task that another worker was given first is marked, with that worker. */
static void
test_stealing (Fixture *f, const void *unused G_GNUC_UNUSED)
{
  int program = show_cluster (f);
  GtkWidget *events = view_of (f, "events");

  tell_span (f, program,
             "\"e\": \"task\", \"k\": \"moved-1\", \"w\": \"node-0\", \"h\": 1,"
             " \"peer\": \"node-1\"",
             550, 20);
  weftline_event_view_show_kind (WEFTLINE_EVENT_VIEW (events), WEFTLINE_EVENT_STEAL, TRUE);
  test_loop_until (
      weftline_event_list_n_of (weftline_event_view_list (WEFTLINE_EVENT_VIEW (events)),
                                WEFTLINE_EVENT_STEAL)
      == 1);
  test_loop_until (find_widget (events, is_steal, NULL) != NULL);
  close (program);
}

/* What failed alike is one. */
static void
test_failures (Fixture *f, const void *unused G_GNUC_UNUSED)
{
  int program = show_cluster (f);
  WeftlineFailureButton *button;
  const WeftlineFailures *failures = NULL;

  button =
      WEFTLINE_FAILURE_BUTTON (find_of_type (view_of (f, "run"), WEFTLINE_TYPE_FAILURE_BUTTON));
  test_loop_until ((failures = weftline_failure_button_failures (button)) != NULL
                   && weftline_failures_n (failures) == 3);
  g_assert_cmpuint (weftline_failures_n_groups (failures), ==, 2);
  close (program);
}

/* ---- all ------------------------------------------------------------------------------------- */

static void
add (const char *name, void (*test) (Fixture *f, const void *unused))
{
  g_autofree char *path = g_strconcat ("/weft/ui-app/observed/", name, NULL);

  g_test_add (path, Fixture, NULL, set_up, test, tear_down);
}

int
main (int argc, char **argv)
{
  int status;

  gtk_test_init (&argc, &argv, NULL);
  application = weftline_application_new ();
  g_application_set_flags (G_APPLICATION (application), G_APPLICATION_NON_UNIQUE);
  g_application_register (G_APPLICATION (application), NULL, NULL);
  add ("sidebar", test_sidebar);
  add ("controls", test_controls);
  add ("worker-leaves", test_worker_leaves);
  add ("figures", test_figures);
  add ("transfers", test_transfers);
  add ("log", test_log);
  add ("stealing", test_stealing);
  add ("failures", test_failures);
  status = g_test_run ();
  g_object_unref (application);
  return status;
}
