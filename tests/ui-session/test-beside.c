/* test-beside.c: the runs of another program that listens, as the window has them
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * The other program is `weftline serve`; who reports is a socket here, which speaks lines.
 */
#include "run-fixture.h"

#include "session/weftline-beside.h"

#include <errno.h>
#include <gio/gio.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

typedef struct
{
  TestDir *dir;
  char *address;
  GSubprocess *server; /* (nullable) */
  WeftlineBeside *beside;
  GPtrArray *runs; /* WeftlineRun: that appeared */
  char *refused;   /* (nullable): the last reason */
  unsigned n_changed, n_lost;
  int fd; /* a program that reports, or asks */
  GString *heard;
} Fixture;

static void
refused_cb (Fixture *f, const char *reason)
{
  g_free (f->refused);
  f->refused = g_strdup (reason);
}

static void
appeared_cb (Fixture *f, WeftlineRun *run)
{
  g_ptr_array_add (f->runs, g_object_ref (run));
  g_signal_connect_swapped (run, "refused", G_CALLBACK (refused_cb), f);
}

static void
changed_cb (Fixture *f)
{
  f->n_changed++;
}

static void
lost_cb (Fixture *f)
{
  f->n_lost++;
}

/* ---- the other program ----------------------------------------------------------------------- */

static bool
is_there (Fixture *f)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };

  g_strlcpy (address.sun_path, f->address, sizeof address.sun_path);
  f->fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (connect (f->fd, (struct sockaddr *) &address, sizeof address) == 0)
    return true;
  close (f->fd);
  f->fd = -1;
  return false;
}

static void G_GNUC_PRINTF (2, 3) say (Fixture *f, const char *format, ...)
{
  g_autofree char *line = NULL;
  g_autofree char *whole = NULL;
  va_list args;

  va_start (args, format);
  line = g_strdup_vprintf (format, args);
  va_end (args);
  whole = g_strconcat (line, "\n", NULL);
  g_assert_cmpint (send (f->fd, whole, strlen (whole), MSG_NOSIGNAL), ==, (gssize) strlen (whole));
}

static bool
has_heard (Fixture *f, const char *text)
{
  char bytes[4096];
  ssize_t n;

  while ((n = recv (f->fd, bytes, sizeof bytes, MSG_DONTWAIT)) > 0)
    g_string_append_len (f->heard, bytes, n);
  return strstr (f->heard->str, text) != NULL;
}

static void
start_server (Fixture *f)
{
  g_autofree char *command =
      g_test_build_filename (G_TEST_BUILT, "..", "src", "cli", "weftline", NULL);
  g_autofree char *folder = g_build_filename (f->dir, "runs", NULL);
  g_autoptr (GError) error = NULL;

  f->server = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_SILENCE, &error, command, "serve",
                                "--address", f->address, "--folder", folder, NULL);
  g_assert_no_error (error);
  test_loop_until (is_there (f));
  say (f, "{\"hello\": \"weftline\", \"versions\": [1], \"name\": \"test\"}");
}

static void
stop_server (Fixture *f, int signal)
{
  g_subprocess_send_signal (f->server, signal);
  g_subprocess_wait (f->server, NULL, NULL);
  g_clear_object (&f->server);
}

static void
begin_beside (Fixture *f)
{
  g_autoptr (GError) error = NULL;

  f->beside = weftline_beside_new (f->address, &error);
  g_assert_no_error (error);
  g_signal_connect_swapped (f->beside, "run-appeared", G_CALLBACK (appeared_cb), f);
  g_signal_connect_swapped (f->beside, "changed", G_CALLBACK (changed_cb), f);
  g_signal_connect_swapped (f->beside, "lost", G_CALLBACK (lost_cb), f);
  g_assert_cmpstr (weftline_beside_address (f->beside), ==, f->address);
}

static void
set_up (Fixture *f, const void *unused)
{
  f->dir = test_dir_new ();
  f->address = g_build_filename (f->dir, "private", "socket", NULL);
  f->runs = g_ptr_array_new_with_free_func (g_object_unref);
  f->heard = g_string_new (NULL);
  start_server (f);
}

static void
tear_down (Fixture *f, const void *unused)
{
  for (guint i = 0; i < f->runs->len; i++)
    g_signal_handlers_disconnect_by_data (f->runs->pdata[i], f);
  if (f->beside != NULL)
    {
      g_signal_handlers_disconnect_by_data (f->beside, f);
      test_assert_finalised (f->beside);
    }
  g_ptr_array_unref (f->runs);
  if (f->fd >= 0)
    close (f->fd);
  if (f->server != NULL)
    stop_server (f, SIGTERM);
  test_loop_drain ();
  g_string_free (f->heard, TRUE);
  g_free (f->refused);
  g_free (f->address);
  test_dir_free (f->dir);
}

static WeftlineRun *
wait_for_run (Fixture *f, guint index)
{
  test_loop_until (f->runs->len > index);
  return f->runs->pdata[index];
}

static void
report_tasks (Fixture *f, int from, int n)
{
  for (int i = from; i < from + n; i++)
    say (f,
         "{\"e\": \"task\", \"k\": \"inc-%d\", \"w\": \"w\", \"s\": %" G_GINT64_FORMAT
         ", \"d\": 10}",
         i, weft_clock_mono_ns ());
}

/* ---- tests ----------------------------------------------------------------------------------- */

/* What was there before and what comes after, with its source, live, to the end. */
static void
test_reported (Fixture *f, const void *unused)
{
  WeftlineRun *run;

  say (f, "{\"id\": 1, \"do\": \"report\", \"name\": \"elsewhere\", \"source\": \"dask\"}");
  report_tasks (f, 0, 100);
  begin_beside (f);
  run = wait_for_run (f, 0);
  g_assert_cmpstr (weftline_run_name (run), ==, "elsewhere");
  g_assert_cmpstr (weftline_run_kind (run), ==, "dask");
  g_assert_cmpint (weftline_run_capabilities (run), ==, WEFTLINE_CAN_SAVE);
  g_assert_true (weftline_run_goes_on (run));
  test_loop_until (run_status (run).n_ended == 100);
  g_assert_cmpint (run_phase (run), ==, WEFT_RUN_RUNNING);
  report_tasks (f, 100, 2000);
  test_loop_until (run_status (run).n_ended == 2100);
  g_assert_true (g_file_test (weftline_run_path (run), G_FILE_TEST_EXISTS));
  say (f, "{\"id\": 2, \"do\": \"finish\", \"phase\": \"done\"}");
  run_wait (run);
  g_assert_cmpint (run_phase (run), ==, WEFT_RUN_DONE);
  say (f, "{\"id\": 3, \"do\": \"report\", \"name\": \"next\"}");
  g_assert_cmpstr (weftline_run_name (wait_for_run (f, 1)), ==, "next");
  g_assert_cmpuint (f->n_lost, ==, 0);
}

/* A run of the server's own has all the controls that it serves, and takes them. */
static void
test_controls (Fixture *f, const void *unused)
{
  const WeftlineBreak at_b = { .kind = WEFTLINE_BREAK_AT_GROUP, .group = "b" };
  WeftlineRun *run;

  begin_beside (f);
  say (f,
       "{\"id\": 1, \"do\": \"submit\", \"hold\": true, \"workers\": 1, \"graph\": {\"weftline\": "
       "1, \"name\": \"chain\", \"tasks\": {\"a\": {\"op\": \"sleep\", \"args\": [0.01]}, "
       "\"b-0\": {\"op\": \"sleep\", \"args\": [0.01, {\"ref\": \"a\"}]}, "
       "\"b-1\": {\"op\": \"sleep\", \"args\": [0.01, {\"ref\": \"b-0\"}]}, "
       "\"c\": {\"op\": \"sleep\", \"args\": [600, {\"ref\": \"b-1\"}]}}}}");
  run = wait_for_run (f, 0);
  g_assert_cmpint (run_phase (run), ==, WEFT_RUN_PREPARED);
  g_assert_true (weftline_run_can (run, WEFTLINE_CAN_RUN));
  g_assert_false (weftline_run_can (run, WEFTLINE_CAN_PAUSE));
  g_assert_null (weftline_run_breaks (run));
  weftline_run_start (run);
  test_loop_until (weftline_run_can (run, WEFTLINE_CAN_BREAK));
  g_assert_true (weftline_run_can (run, WEFTLINE_CAN_SET_SPEED));
  g_assert_true (weftline_run_can (run, WEFTLINE_CAN_SET_WORKERS));
  g_assert_true (weftline_run_can (run, WEFTLINE_CAN_SET_MEMORY_LIMIT));
  weftline_run_set_break (run, &at_b, true);
  g_assert_cmpuint (weftline_breaks_n (weftline_run_breaks (run)), ==, 1);
  test_loop_until (run_phase (run) == WEFT_RUN_PAUSED);
  test_loop_until (run_n_ended (run) >= 1 && run_n_running (run) == 0);
  weftline_run_set_break (run, &at_b, false);
  g_assert_cmpuint (weftline_breaks_n (weftline_run_breaks (run)), ==, 0);
  weftline_run_step (run);
  test_loop_until (run_n_ended (run) >= 2);
  weftline_run_set_workers (run, 3);
  test_loop_until (run_status (run).n_workers == 3);
  weftline_run_set_memory_limit (run, 5000000);
  test_loop_until (run_status (run).memory_limit_bytes == 5000000);
  weftline_run_set_delay (run, 1000);
  test_loop_until (run_status (run).delay_ns == 1000);
  g_assert_null (f->refused);
  weftline_run_set_workers (run, 5000);
  test_loop_until (f->refused != NULL);
  weftline_run_resume (run);
  test_loop_until (run_phase (run) == WEFT_RUN_RUNNING && run_n_running (run) == 1);
  weftline_run_pause (run);
  test_loop_until (run_phase (run) == WEFT_RUN_PAUSED);
  weftline_run_cancel (run);
  run_wait (run);
  g_assert_cmpint (run_phase (run), ==, WEFT_RUN_CANCELLED);
  test_loop_until (weftline_run_capabilities (run) == WEFTLINE_CAN_SAVE);
}

/* Of many that are over only the newest are listed, which are read when they are shown. */
static void
test_over (Fixture *f, const void *unused)
{
  WeftlineRun *run;

  for (int i = 0; i < 40; i++)
    {
      g_autofree char *finished = g_strdup_printf ("\"id\": %d, \"ok\": {\"run\"", 1000 + i);

      say (f, "{\"id\": %d, \"do\": \"report\", \"name\": \"run %d\"}", i, i);
      report_tasks (f, 0, 3);
      say (f, "{\"id\": %d, \"do\": \"finish\"}", 1000 + i);
      test_loop_until (has_heard (f, finished));
    }
  say (f, "{\"id\": 99, \"do\": \"report\", \"name\": \"last\"}");
  begin_beside (f);
  test_loop_until (weftline_beside_was_there (f->beside));
  test_loop_until (f->runs->len >= 17);
  test_loop_drain ();
  g_assert_cmpuint (f->runs->len, ==, 17);
  g_assert_cmpuint (weftline_beside_n_left_out (f->beside), ==, 24);
  run = f->runs->pdata[0];
  g_assert_cmpstr (weftline_run_name (run), ==, "run 24");
  g_assert_cmpint (run_phase (run), ==, WEFT_RUN_DONE);
  g_assert_cmpuint (run_status (run).n_ended, ==, 3);
  g_assert_null (weftline_run_feed (run));
  weftline_run_show (run);
  weftline_run_show (run);
  test_loop_until (weftline_feed_state (weftline_run_feed (run)) == WEFT_FEED_ENDED);
  g_assert_cmpuint (run_status (run).n_ended, ==, 3);
  g_assert_cmpstr (weftline_run_name (f->runs->pdata[16]), ==, "last");
  g_assert_nonnull (weftline_run_feed (f->runs->pdata[16]));
}

/* The other program dies: what came is kept, and says why nothing more does. */
static void
test_killed (Fixture *f, const void *unused)
{
  WeftlineRun *run, *over;

  say (f, "{\"id\": 1, \"do\": \"report\", \"name\": \"over\"}");
  say (f, "{\"id\": 2, \"do\": \"finish\"}");
  test_loop_until (has_heard (f, "\"id\": 2"));
  say (f, "{\"id\": 3, \"do\": \"report\", \"name\": \"cut\", \"can\": [\"cancel\"]}");
  report_tasks (f, 0, 50);
  begin_beside (f);
  over = wait_for_run (f, 0);
  run = wait_for_run (f, 1);
  test_loop_until (run_status (run).n_ended == 50);
  stop_server (f, SIGKILL);
  test_loop_until (f->n_lost == 1);
  test_loop_until (weftline_run_is_over (run));
  g_assert_cmpint (run_phase (run), ==, WEFT_RUN_INTERRUPTED);
  g_assert_cmpuint (run_status (run).n_ended, ==, 50);
  g_assert_nonnull (strstr (weftline_run_message (run), "is gone"));
  g_assert_cmpint (weftline_run_capabilities (run), ==, WEFTLINE_CAN_SAVE);
  g_assert_cmpint (run_phase (over), ==, WEFT_RUN_DONE);
  weftline_run_cancel (run); /* to nobody */
  g_assert_false (weftline_run_goes_on (run));
}

/* One that was closed here stays so, whatever becomes of it. */
static void
test_closed (Fixture *f, const void *unused)
{
  begin_beside (f);
  say (f, "{\"id\": 1, \"do\": \"report\", \"name\": \"closed\"}");
  wait_for_run (f, 0);
  g_ptr_array_set_size (f->runs, 0);
  test_loop_drain ();
  say (f, "{\"id\": 2, \"do\": \"finish\"}");
  test_loop_until (has_heard (f, "\"id\": 2"));
  say (f, "{\"id\": 3, \"do\": \"report\", \"name\": \"another\"}");
  g_assert_cmpstr (weftline_run_name (wait_for_run (f, 0)), ==, "another");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, func) \
  g_test_add ("/weft/ui-session/beside/" name, Fixture, NULL, set_up, func, tear_down)
  ADD ("reported", test_reported);
  ADD ("controls", test_controls);
  ADD ("over", test_over);
  ADD ("killed", test_killed);
  ADD ("closed", test_closed);
  return g_test_run ();
}
