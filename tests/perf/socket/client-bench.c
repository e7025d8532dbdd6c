/* client-bench.c: what a task costs a program that reports it
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Usage: client-bench [ROUNDS]
 *
 * A begin and an end, above two readings of the clock, which they are for: with a server that reads
 * (a process of its own, which takes what comes and does nothing with it), and with nobody there,
 * above an empty loop. By 1, 2 and 4 threads at once. A round is a block of readings and a block of
 * tasks one after the other, then a pause in which the sender catches up; what is measured is the
 * thread's own CPU time, so that threads which wait for a core do not count. The median and the p99
 * are of all rounds of all threads.
 */
#include "config.h"

#include "server/weft-client.h"
#include "server/weft-wire-private.h"

#include "base/weft-clock.h"
#include "graph/weft-json-private.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define N_PAIRS 2048 /* of a block: an eighth of a ring */
#define MOST_THREADS 4
#define DEFAULT_ROUNDS 2000

/* ---- a server that reads --------------------------------------------------------------------- */

static void
say (int fd, bool first, const char *json)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();

  if (first)
    g_byte_array_append (bytes, (const guint8 *) WEFT_WIRE_PREAMBLE, WEFT_WIRE_PREAMBLE_BYTES);
  _weft_wire_append (bytes, (WeftWireHead){ .kind = WEFT_WIRE_JSON },
                     &(struct iovec){ (char *) json, strlen (json) }, 1);
  if (send (fd, bytes->data, bytes->len, MSG_NOSIGNAL) < 0)
    _exit (1);
}

static void
answer (int fd, const WeftWireMessage *message)
{
  g_autofree char *text = NULL;
  int64_t id = -1;
  WeftJson json;

  _weft_json_init (&json, (const char *) message->payload, message->head.n_bytes, "request");
  _weft_json_expect (&json, WEFT_JSON_BEGIN_OBJECT, "a request");
  while (_weft_json_next_name (&json))
    if (_weft_json_is (&json, "id"))
      _weft_json_expect_int64 (&json, 0, INT64_MAX, "an id", &id);
    else
      _weft_json_skip (&json);
  _weft_json_clear (&json);
  text = id < 0 ? g_strdup ("{\"hello\": \"weftline\", \"version\": 1}")
                : g_strdup_printf ("{\"id\": %d, \"ok\": {\"channel\": 1}}", (int) id);
  say (fd, id < 0, text);
}

static void
serve (int fd)
{
  WeftWireMessage message;
  WeftWire wire;

  _weft_wire_init (&wire, &WEFT_WIRE_LIMITS_DEFAULT);
  for (;;)
    {
      size_t n_room;
      uint8_t *room = _weft_wire_room (&wire, &n_room);
      ssize_t n = recv (fd, room, n_room, 0);

      if (n <= 0)
        break;
      _weft_wire_received (&wire, (size_t) n);
      while (_weft_wire_next (&wire, &message) == WEFT_WIRE_MESSAGE)
        if (message.head.kind == WEFT_WIRE_JSON)
          answer (fd, &message);
    }
  _weft_wire_clear (&wire);
  close (fd);
}

static pid_t
start_server (const char *path)
{
  struct sockaddr_un where = { .sun_family = AF_UNIX };
  int listener = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  pid_t child;

  g_strlcpy (where.sun_path, path, sizeof where.sun_path);
  if (listener < 0 || bind (listener, (struct sockaddr *) &where, sizeof where) != 0
      || listen (listener, 16) != 0)
    g_error ("%s: no socket there", path);
  child = fork ();
  while (child == 0)
    serve (accept (listener, NULL, NULL));
  close (listener);
  return child;
}

/* ---- blocks ---------------------------------------------------------------------------------- */

static void
read_clocks (WeftClockSource source)
{
  for (uint32_t i = 0; i < N_PAIRS; i++)
    {
      uint64_t begin = weft_clock_ticks (source), end;

      __asm__ volatile("" : "+r"(begin) : : "memory");
      end = weft_clock_ticks (source);
      __asm__ volatile("" : "+r"(end) : : "memory");
    }
}

static void
do_nothing (void)
{
  for (uint32_t i = 0; i < N_PAIRS; i++)
    __asm__ volatile("" : : : "memory");
}

static void
report_tasks (WeftClient *client, uint32_t group)
{
  for (uint32_t i = 0; i < N_PAIRS; i++)
    {
      WeftClientSpan span = weft_client_begin (client, group);

      __asm__ volatile("" : "+r"(span) : : "memory");
      weft_client_end (client, span, i);
    }
}

typedef struct
{
  WeftClient *client;
  uint32_t group, n_rounds;
  pthread_barrier_t *together;
  double *without, *with; /* ns a pair, by round */
} Thread;

static void *
thread_main (void *data)
{
  const Thread *thread = data;
  WeftClockSource source = weft_clock_source ();
  bool listening = weft_client_is_listening (thread->client);

  for (uint32_t i = 0; i < thread->n_rounds; i++)
    {
      int64_t at[3];

      pthread_barrier_wait (thread->together);
      at[0] = weft_clock_thread_cpu_ns ();
      if (listening)
        read_clocks (source);
      else
        do_nothing ();
      at[1] = weft_clock_thread_cpu_ns ();
      report_tasks (thread->client, thread->group);
      at[2] = weft_clock_thread_cpu_ns ();
      thread->without[i] = (double) (at[1] - at[0]) / N_PAIRS;
      thread->with[i] = (double) (at[2] - at[1]) / N_PAIRS;
      weft_client_flush (thread->client);
    }
  return NULL;
}

/* ---- figures --------------------------------------------------------------------------------- */

static int
compare (const void *a, const void *b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return x < y ? -1 : x > y;
}

static double
quantile (const double *sorted, uint32_t n, double q)
{
  return sorted[MIN ((uint32_t) (q * n), n - 1)];
}

static void
print (const char *who, uint32_t n_threads, double *without, double *with, uint32_t n)
{
  double base;

  qsort (without, n, sizeof *without, compare);
  qsort (with, n, sizeof *with, compare);
  base = quantile (without, n, 0.5);
  printf (
      "client, %s, %u thread%s: a begin and an end, median %.2f ns, p99 %.2f ns above %.2f ns\n",
      who, n_threads, n_threads > 1 ? "s" : "", quantile (with, n, 0.5) - base,
      quantile (with, n, 0.99) - base, base);
}

static void
measure (const char *who, const char *address, uint32_t n_threads, uint32_t n_rounds)
{
  WeftClient *client = weft_client_open (&(WeftClientOptions){ .address = address }, NULL);
  uint32_t group = weft_client_group (client, "step"), n = n_threads * n_rounds;
  g_autofree double *without = g_new (double, n), *with = g_new (double, n);
  pthread_t ids[MOST_THREADS];
  Thread threads[MOST_THREADS];
  pthread_barrier_t together;

  pthread_barrier_init (&together, NULL, n_threads);
  for (uint32_t i = 0; i < n_threads; i++)
    {
      threads[i] = (Thread){ client,
                             group,
                             n_rounds,
                             &together,
                             without + (size_t) i * n_rounds,
                             with + (size_t) i * n_rounds };
      pthread_create (&ids[i], NULL, thread_main, &threads[i]);
    }
  for (uint32_t i = 0; i < n_threads; i++)
    pthread_join (ids[i], NULL);
  pthread_barrier_destroy (&together);
  weft_client_close (client, WEFT_CLIENT_DONE);
  print (who, n_threads, without, with, n);
  if (weft_client_dropped (client) > 0)
    printf ("  %" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT " dropped\n",
            weft_client_dropped (client), (uint64_t) n * N_PAIRS);
}

int
main (int argc, char **argv)
{
  uint32_t n_rounds = argc > 1 ? (uint32_t) strtoul (argv[1], NULL, 10) : DEFAULT_ROUNDS;
  g_autofree char *dir = g_dir_make_tmp ("client-bench-XXXXXX", NULL);
  g_autofree char *address = g_build_filename (dir, "socket", NULL);
  g_autofree char *nobody = g_build_filename (dir, "nobody", NULL);
  pid_t server = start_server (address);

  for (uint32_t n_threads = 1; n_threads <= MOST_THREADS; n_threads *= 2)
    {
      measure ("a server listens", address, n_threads, MAX (n_rounds, 1));
      measure ("nobody listens", nobody, n_threads, MAX (n_rounds, 1));
    }
  kill (server, SIGKILL);
  waitpid (server, NULL, 0);
  unlink (address);
  rmdir (dir);
  return 0;
}
