/* test-server.c: other programs' runs, and graphs that they submit, as the window gets them
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A program is a socket here, which speaks lines as data/doc/protocol.md has them.
 */
#include "run-fixture.h"

#include "inspect/run-facts.h"
#include "session/weftline-run-served.h"
#include "session/weftline-server.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

typedef struct
{
  char *dir;
  char *address;
  WeftlineServer *server;
  GPtrArray *runs; /* WeftlineRun: that appeared */
  char *refused;   /* (nullable): the last reason */
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
set_up (Fixture *f, const void *unused)
{
  g_autoptr (GError) error = NULL;

  f->dir = test_dir_new ();
  f->address = g_build_filename (f->dir, "private", "socket", NULL);
  f->runs = g_ptr_array_new_with_free_func (g_object_unref);
  f->server = weftline_server_new (f->address, &error);
  g_assert_no_error (error);
  g_signal_connect_swapped (f->server, "run-appeared", G_CALLBACK (appeared_cb), f);
}

static void
tear_down (Fixture *f, const void *unused)
{
  for (guint i = 0; i < f->runs->len; i++)
    g_signal_handlers_disconnect_by_data (f->runs->pdata[i], f);
  g_ptr_array_unref (f->runs);
  if (f->server != NULL)
    test_assert_finalised (f->server);
  test_loop_drain ();
  g_free (f->refused);
  g_free (f->address);
  test_dir_free (f->dir);
}

/* ---- a program ------------------------------------------------------------------------------- */

typedef struct
{
  int fd;
  GString *heard;
} Program;

static void G_GNUC_PRINTF (2, 3) say (Program *p, const char *format, ...)
{
  g_autofree char *line = NULL;
  g_autofree char *whole = NULL;
  va_list args;

  va_start (args, format);
  line = g_strdup_vprintf (format, args);
  va_end (args);
  whole = g_strconcat (line, "\n", NULL);
  g_assert_cmpint (send (p->fd, whole, strlen (whole), MSG_NOSIGNAL), ==, (gssize) strlen (whole));
}

static bool
has_heard (Program *p, const char *text)
{
  char bytes[4096];
  ssize_t n;

  while ((n = recv (p->fd, bytes, sizeof bytes, MSG_DONTWAIT)) > 0)
    g_string_append_len (p->heard, bytes, n);
  return strstr (p->heard->str, text) != NULL;
}

static void
connect_to (Program *p, const Fixture *f)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };

  g_strlcpy (address.sun_path, f->address, sizeof address.sun_path);
  p->fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  p->heard = g_string_new (NULL);
  g_assert_cmpint (connect (p->fd, (struct sockaddr *) &address, sizeof address), ==, 0);
}

static void
greet (Program *p, const Fixture *f)
{
  connect_to (p, f);
  say (p, "{\"hello\": \"weftline\", \"versions\": [1], \"name\": \"test\"}");
}

static void
hang_up (Program *p)
{
  if (p->fd >= 0)
    close (p->fd);
  p->fd = -1;
  g_string_free (p->heard, TRUE);
  p->heard = g_string_new (NULL);
}

static void
forget (Program *p)
{
  hang_up (p);
  g_string_free (p->heard, TRUE);
}

static WeftlineRun *
wait_for_run (Fixture *f, guint index)
{
  test_loop_until (f->runs->len > index);
  return f->runs->pdata[index];
}

/* ---- reported runs --------------------------------------------------------------------------- */

/* What nobody said is not shown as 0. */
static void
assert_shows_memory (WeftlineRun *run, bool expected)
{
  const WeftlineRunStatus status = run_status (run);
  g_autofree char *text = weftline_run_fact_text (&status, NULL, WEFTLINE_RUN_FACT_MEMORY);

  g_assert_cmpint (weftline_run_fact_is_shown (&status, WEFTLINE_RUN_FACT_MEMORY, text), ==,
                   expected);
}

static void
test_appears_and_ends (Fixture *f, const void *unused)
{
  WeftlineRun *run;
  Program p;

  greet (&p, f);
  say (&p, "{\"id\": 1, \"do\": \"report\", \"name\": \"elsewhere\", \"source\": \"dask\"}");
  run = wait_for_run (f, 0);
  g_assert_cmpstr (weftline_run_name (run), ==, "elsewhere");
  g_assert_cmpstr (weftline_run_kind (run), ==, "dask");
  g_assert_cmpint (weftline_run_capabilities (run), ==, WEFTLINE_CAN_SAVE);
  for (int i = 0; i < 100; i++)
    say (&p,
         "{\"e\": \"task\", \"k\": \"inc-%d\", \"w\": \"w\", \"s\": %" G_GINT64_FORMAT
         ", \"d\": 10}",
         i, weft_clock_mono_ns ());
  say (&p, "{\"e\": \"add\", \"k\": \"later\"}");
  test_loop_until (run_status (run).n_ended == 100 && run_status (run).n_tasks == 101);
  g_assert_cmpint (run_phase (run), ==, WEFT_RUN_RUNNING);
  assert_shows_memory (run, false);
  say (&p, "{\"e\": \"memory\", \"w\": \"w\", \"t\": %" G_GINT64_FORMAT ", \"managed\": 4096}",
       weft_clock_mono_ns ());
  test_loop_until (run_status (run).managed_bytes == 4096);
  assert_shows_memory (run, true);
  say (&p, "{\"id\": 2, \"do\": \"finish\", \"phase\": \"done\"}");
  test_loop_until (weftline_run_is_over (run));
  g_assert_cmpint (run_phase (run), ==, WEFT_RUN_DONE);
  forget (&p);
}

/* What programs tell waits for the main loop, also where none turns just now: the server's thread
 * touches no run. */
static void
test_tells_in_the_loop (Fixture *f, const void *unused)
{
  const gint64 deadline_us = g_get_monotonic_time () + 30 * G_USEC_PER_SEC;
  Program p;

  greet (&p, f);
  say (&p, "{\"id\": 1, \"do\": \"report\", \"name\": \"elsewhere\"}");
  say (&p, "{\"id\": 2, \"do\": \"runs\"}");
  while (!has_heard (&p, "\"id\": 2"))
    {
      g_assert_cmpint (g_get_monotonic_time (), <, deadline_us);
      g_usleep (1000);
    }
  g_assert_cmpuint (f->runs->len, ==, 0);
  wait_for_run (f, 0);
  forget (&p);
}

/* A program that goes without a word leaves an interrupted run, with all that came. */
static void
test_program_goes (Fixture *f, const void *unused)
{
  WeftlineRun *run;
  Program p;

  greet (&p, f);
  say (&p, "{\"id\": 1, \"do\": \"report\", \"name\": \"short\"}");
  say (&p, "{\"e\": \"start\", \"k\": \"a\", \"w\": \"w\", \"t\": %" G_GINT64_FORMAT "}",
       weft_clock_mono_ns ());
  run = wait_for_run (f, 0);
  test_loop_until (run_n_running (run) == 1);
  hang_up (&p);
  test_loop_until (weftline_run_is_over (run));
  g_assert_cmpint (run_phase (run), ==, WEFT_RUN_INTERRUPTED);
  g_assert_cmpuint (run_status (run).n_tasks, ==, 1);
  forget (&p);
}

/* What the program can do is what the window offers, and is sent to it. */
static void
test_commands (Fixture *f, const void *unused)
{
  WeftlineRun *run;
  Program p;

  greet (&p, f);
  say (&p, "{\"id\": 1, \"do\": \"report\", \"name\": \"obedient\", "
           "\"can\": [\"pause\", \"resume\", \"cancel\", \"set\"]}");
  run = wait_for_run (f, 0);
  g_assert_cmpint (weftline_run_capabilities (run), ==,
                   WEFTLINE_CAN_SAVE | WEFTLINE_CAN_RUN | WEFTLINE_CAN_PAUSE | WEFTLINE_CAN_CANCEL
                       | WEFTLINE_CAN_SET_WORKERS | WEFTLINE_CAN_SET_MEMORY_LIMIT);
  weftline_run_pause (run);
  test_loop_until (has_heard (&p, "\"do\": \"pause\""));
  weftline_run_set_workers (run, 7);
  test_loop_until (has_heard (&p, "\"workers\": 7"));
  weftline_run_cancel (run);
  test_loop_until (has_heard (&p, "\"do\": \"cancel\""));
  g_assert_null (f->refused);
  hang_up (&p); /* nothing was answered */
  test_loop_until (f->refused != NULL);
  test_loop_until (weftline_run_is_over (run));
  test_loop_until (weftline_run_capabilities (run) == WEFTLINE_CAN_SAVE);
  forget (&p);
}

/* The way to pause without the way on is not offered. */
static void
test_no_way_on (Fixture *f, const void *unused)
{
  Program p;

  greet (&p, f);
  say (&p, "{\"id\": 1, \"do\": \"report\", \"name\": \"trap\", \"can\": [\"pause\", \"step\"]}");
  g_assert_cmpint (weftline_run_capabilities (wait_for_run (f, 0)), ==, WEFTLINE_CAN_SAVE);
  forget (&p);
}

/* The window stops listening: its runs are cut off, and say so. */
static void
test_stops_listening (Fixture *f, const void *unused)
{
  WeftlineRun *run;
  Program p;

  greet (&p, f);
  say (&p, "{\"id\": 1, \"do\": \"report\", \"name\": \"left alone\", \"can\": [\"cancel\"]}");
  run = wait_for_run (f, 0);
  say (&p, "{\"e\": \"add\", \"k\": \"a\"}");
  test_loop_until (run_status (run).n_tasks == 1);
  test_assert_finalised (g_steal_pointer (&f->server));
  test_loop_until (weftline_run_is_over (run));
  g_assert_cmpint (run_phase (run), ==, WEFT_RUN_INTERRUPTED);
  g_assert_cmpint (weftline_run_capabilities (run), ==, WEFTLINE_CAN_SAVE);
  weftline_run_cancel (run); /* to nobody */
  forget (&p);
}

/* ---- submitted graphs ------------------------------------------------------------------------ */

static void
test_submit (Fixture *f, const void *unused)
{
  WeftlineRun *run;
  Program p;

  greet (&p, f);
  say (&p, "{\"id\": 1, \"do\": \"submit\", \"workers\": 3, \"graph\": {\"weftline\": 1, "
           "\"name\": \"sum\", \"tasks\": {\"a\": {\"op\": \"add\", \"args\": [3, 4]}}}}");
  run = wait_for_run (f, 0);
  g_assert_cmpstr (weftline_run_name (run), ==, "sum");
  g_assert_cmpuint (run_status (run).n_workers, ==, 3);
  test_loop_until (weftline_run_is_over (run));
  test_loop_until (has_heard (&p, "{\"id\": 1, \"ok\": {\"run\": 1"));
  say (&p, "{\"id\": 2, \"do\": \"result\", \"run\": 1, \"key\": \"a\"}");
  test_loop_until (has_heard (&p, "{\"id\": 2, \"ok\": {\"value\": 7}}"));
  say (&p, "{\"id\": 3, \"do\": \"result\", \"run\": 1, \"key\": \"b\"}");
  test_loop_until (has_heard (&p, "no_such_key"));
  say (&p, "{\"id\": 4, \"do\": \"pause\", \"run\": 1}");
  test_loop_until (has_heard (&p, "\"id\": 4, \"error\": {\"code\": \"not_supported\""));
  g_ptr_array_set_size (f->runs, 0); /* closed in the window */
  test_loop_drain ();
  say (&p, "{\"id\": 5, \"do\": \"result\", \"run\": 1, \"key\": \"a\"}");
  test_loop_until (has_heard (&p, "no_such_run"));
  forget (&p);
}

/* The next message: a head of 16 bytes, a payload, zeros up to a multiple of 8. */
static uint16_t
next_message (Program *p, GByteArray *payload)
{
  struct
  {
    uint32_t n_bytes;
    uint16_t kind, flags;
    uint32_t channel, lane;
  } head;
  gsize n_all;

  test_loop_until (has_heard (p, "") && p->heard->len >= sizeof head);
  memcpy (&head, p->heard->str, sizeof head);
  n_all = sizeof head + (head.n_bytes + 7) / 8 * 8;
  test_loop_until (has_heard (p, "") && p->heard->len >= n_all);
  g_byte_array_set_size (payload, 0);
  g_byte_array_append (payload, (const guint8 *) p->heard->str + sizeof head, head.n_bytes);
  g_byte_array_append (payload, (const guint8 *) "", 1);
  g_string_erase (p->heard, 0, (gssize) n_all);
  return head.kind;
}

static void
say_message (Program *p, const char *json)
{
  const uint32_t head[4] = { (uint32_t) strlen (json), 256, 0, 0 };
  const char zeros[8] = "";

  g_assert_cmpint (send (p->fd, head, sizeof head, MSG_NOSIGNAL), ==, sizeof head);
  g_assert_cmpint (send (p->fd, json, head[0], MSG_NOSIGNAL), ==, (gssize) head[0]);
  g_assert_cmpint (send (p->fd, zeros, -head[0] % 8, MSG_NOSIGNAL), ==, (gssize) (-head[0] % 8));
}

/* A result in the form of the value codec is what the graph's own engine gives, however large; in
 * the form of lines there is none. */
static void
test_encoded (Fixture *f, const void *unused)
{
  g_autoptr (GByteArray) payload = g_byte_array_new ();
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autoptr (GError) error = NULL;
  WeftValue value = WEFT_VALUE_INIT;
  Program p, lines;
  gsize n_bytes;

  greet (&lines, f);
  connect_to (&p, f);
  g_assert_cmpint (send (p.fd, "WEFTSOCK", 8, MSG_NOSIGNAL), ==, 8);
  say_message (&p, "{\"hello\": \"weftline\", \"versions\": [1]}");
  test_loop_until (has_heard (&p, "WEFTSOCK"));
  g_string_erase (p.heard, 0, 8);
  g_assert_cmpuint (next_message (&p, payload), ==, 256);
  say_message (&p, "{\"id\": 1, \"do\": \"submit\", \"graph\": {\"weftline\": 1, \"tasks\": "
                   "{\"a\": {\"op\": \"alloc\", \"args\": [20000000]}}}}");
  g_assert_cmpuint (next_message (&p, payload), ==, 256);
  test_loop_until (weftline_run_is_over (wait_for_run (f, 0)));
  say_message (&p, "{\"id\": 2, \"do\": \"result\", \"run\": 1, \"key\": \"a\", "
                   "\"form\": \"encoded\"}");
  g_assert_cmpuint (next_message (&p, payload), ==, 256);
  g_assert_nonnull (strstr ((const char *) payload->data, "\"n_bytes\": "));
  n_bytes =
      g_ascii_strtoull (strstr ((const char *) payload->data, "\"n_bytes\": ") + 11, NULL, 10);
  while (bytes->len < n_bytes)
    {
      g_assert_cmpuint (next_message (&p, payload), ==, 258);
      g_byte_array_append (bytes, payload->data, payload->len - 1);
    }
  g_assert_cmpuint (bytes->len, ==, n_bytes);
  g_assert_true (weft_value_decode (NULL, NULL, bytes->data, bytes->len, 0, &value, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (weft_value_n_bytes (&value), >=, 20000000);
  weft_value_clear (&value);
  say (&lines, "{\"id\": 3, \"do\": \"result\", \"run\": 1, \"key\": \"a\", "
               "\"form\": \"encoded\"}");
  test_loop_until (has_heard (&lines, "\"id\": 3, \"error\": {\"code\": \"not_supported\""));
  say (&lines, "{\"id\": 4, \"do\": \"result\", \"run\": 1, \"key\": \"a\", "
               "\"form\": \"round\"}");
  test_loop_until (has_heard (&lines, "\"id\": 4, \"error\": {\"code\": \"request\""));
  forget (&p);
  forget (&lines);
}

static void
test_held (Fixture *f, const void *unused)
{
  WeftlineRun *run;
  Program p;

  greet (&p, f);
  say (&p, "{\"id\": 1, \"do\": \"submit\", \"hold\": true, \"graph\": {\"weftline\": 1, "
           "\"tasks\": {\"a\": {\"op\": \"add\", \"args\": [3, 4]}}}}");
  run = wait_for_run (f, 0);
  test_loop_until (has_heard (&p, "\"held\": true"));
  g_assert_cmpint (run_phase (run), ==, WEFT_RUN_PREPARED);
  say (&p, "{\"id\": 2, \"do\": \"start\", \"run\": 1}");
  test_loop_until (weftline_run_is_over (run));
  forget (&p);
}

/* What would start programs is started by nobody but who looks at it. */
static void
test_review (Fixture *f, const void *unused)
{
  WeftlineRun *run;
  Program p;

  greet (&p, f);
  say (&p, "{\"id\": 1, \"do\": \"submit\", \"graph\": {\"weftline\": 1, \"tasks\": {\"a\": "
           "{\"op\": \"exec\", \"args\": [[\"true\"]]}}}}");
  run = wait_for_run (f, 0);
  test_loop_until (has_heard (&p, "\"held\": true"));
  say (&p, "{\"id\": 2, \"do\": \"start\", \"run\": 1}");
  test_loop_until (has_heard (&p, "\"id\": 2, \"error\": {\"code\": \"not_supported\""));
  g_assert_cmpint (run_phase (run), ==, WEFT_RUN_PREPARED);
  weftline_run_start (run);
  test_loop_until (weftline_run_is_over (run));
  forget (&p);
}

/* By the name that it was submitted with, in the window as to programs, and with its results only
 * once it is over. */
static void
test_name_and_early_result (Fixture *f, const void *unused)
{
  WeftlineRun *run;
  Program p;

  greet (&p, f);
  say (&p,
       "{\"id\": 1, \"do\": \"submit\", \"name\": \"mine\", \"graph\": {\"weftline\": 1, "
       "\"name\": \"of the graph\", \"tasks\": {\"a\": {\"op\": \"sleep\", \"args\": [600]}}}}");
  run = wait_for_run (f, 0);
  g_assert_cmpstr (weftline_run_name (run), ==, "mine");
  test_loop_until (has_heard (&p, "{\"id\": 1, \"ok\": {\"run\": 1"));
  test_loop_until (run_status (run).n_running == 1);
  say (&p, "{\"id\": 2, \"do\": \"result\", \"run\": 1, \"key\": \"a\"}");
  test_loop_until (has_heard (&p, "\"id\": 2, \"error\": {\"code\": \"state\""));
  g_assert_true (has_heard (&p, "the run still goes on"));
  say (&p, "{\"id\": 3, \"do\": \"runs\"}");
  test_loop_until (has_heard (&p, "\"run\": 1, \"name\": \"mine\""));
  weftline_run_cancel (run);
  test_loop_until (weftline_run_is_over (run));
  forget (&p);
}

static void
test_bad_graphs (Fixture *f, const void *unused)
{
  Program p;

  greet (&p, f);
  say (&p, "{\"id\": 1, \"do\": \"submit\", \"graph\": {\"weftline\": 1, \"tasks\": {\"a\": "
           "{\"op\": \"no-such\"}}}}");
  test_loop_until (has_heard (&p, "no-such"));
  say (&p, "{\"id\": 2, \"do\": \"submit\", \"path\": \"here.json\"}");
  test_loop_until (has_heard (&p, "is not absolute"));
  say (&p, "{\"id\": 3, \"do\": \"submit\", \"workers\": 5000, \"path\": \"/x\"}");
  test_loop_until (has_heard (&p, "from 1 to 1024"));
  g_assert_cmpuint (f->runs->len, ==, 0);
  forget (&p);
}

static void
test_in_use (Fixture *f, const void *unused)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (weftline_server_new (f->address, &error));
  g_assert_error (error, WEFT_SERVER_ERROR, WEFT_SERVER_ERROR_IN_USE);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, func) \
  g_test_add ("/weft/ui-session/server/" name, Fixture, NULL, set_up, func, tear_down)
  ADD ("appears-and-ends", test_appears_and_ends);
  ADD ("tells-in-the-loop", test_tells_in_the_loop);
  ADD ("program-goes", test_program_goes);
  ADD ("commands", test_commands);
  ADD ("no-way-on", test_no_way_on);
  ADD ("stops-listening", test_stops_listening);
  ADD ("submit", test_submit);
  ADD ("encoded", test_encoded);
  ADD ("held", test_held);
  ADD ("review", test_review);
  ADD ("name-and-early-result", test_name_and_early_result);
  ADD ("bad-graphs", test_bad_graphs);
  ADD ("in-use", test_in_use);
  return g_test_run ();
}
