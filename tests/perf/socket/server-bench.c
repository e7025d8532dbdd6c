/* server-bench.c: what comes over the real socket: events from other processes, and small requests
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Usage: server-bench [--rounds R] ping
 *        server-bench [--rounds R] [--clients C] [--lines N] lines
 *
 *   ping    a process asks “ping” a thousand times, a millisecond apart, of a server without
 *           anything to do, and of one in whose process a run keeps all cores busy; the two take
 *           turns
 *   lines   C processes send N events “task” each, of tasks that were not heard of before, as fast
 *           as they are taken. All of the server's process is kept on one core, a model that
 *           follows the first client's file included, and the clients on another, where there is
 *           one. Timed until the last has heard that its run is complete. Afterwards the spans are
 *           counted, in models and in the files
 */
#include "config.h"

#include "model/weft-model.h"
#include "sched/weft-engine.h"
#include "server/weft-server.h"
#include "trace/weft-run-reader.h"

#include "graph/weft-graph-builder.h"

#include <glib/gstdio.h>
#include <inttypes.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/resource.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define N_PINGS 1000u
#define PING_PAUSE_US 1000u
#define BUSY_SECONDS 0.002 /* of a task, while there are pings */
#define MOST_ROUNDS 99u
#define MOST_CLIENTS 64u
#define MOST_ANSWER 4096u
#define HELLO "{\"hello\": \"weftline\", \"versions\": [1]}\n"

static void
check (bool ok, const char *what)
{
  if (ok)
    return;
  fprintf (stderr, "server-bench: %s failed\n", what);
  exit (EXIT_FAILURE);
}

static double
seconds_since (int64_t start_ns)
{
  return 1e-9 * (double) (weft_clock_mono_ns () - start_ns);
}

static int
compare_doubles (const void *a, const void *b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return (x > y) - (x < y);
}

static void
keep_on_core (uint32_t core)
{
  cpu_set_t set;

  if (weft_usable_cores () < 2)
    return;
  CPU_ZERO (&set);
  CPU_SET (core, &set);
  check (sched_setaffinity (0, sizeof set, &set) == 0, "keeping a process on a core");
}

/* ---- a client -------------------------------------------------------------------------------- */

static int
connect_to (const char *address)
{
  struct sockaddr_un un = { .sun_family = AF_UNIX };
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

  g_strlcpy (un.sun_path, address, sizeof un.sun_path);
  check (connect (fd, (struct sockaddr *) &un, sizeof un) == 0, "connecting");
  return fd;
}

static void
send_all (int fd, const char *bytes, size_t n_bytes)
{
  for (size_t at = 0; at < n_bytes;)
    {
      ssize_t n = send (fd, bytes + at, n_bytes - at, MSG_NOSIGNAL);

      check (n > 0, "sending");
      at += (size_t) n;
    }
}

/* One line, as answers come one at a time here. */
static void
ask (int fd, const char *line, char *answer)
{
  size_t n_chars = 0;

  send_all (fd, line, strlen (line));
  while (n_chars == 0 || answer[n_chars - 1] != '\n')
    {
      ssize_t n = recv (fd, answer + n_chars, MOST_ANSWER - 1 - n_chars, 0);

      check (n > 0, "receiving");
      n_chars += (size_t) n;
    }
  answer[n_chars] = 0;
  check (strstr (answer, "\"error\"") == NULL, answer);
}

/* ---- ping ------------------------------------------------------------------------------------ */

/* In a process of its own: writes how long each took, in µs. */
static void
ping_process (const char *address, int results)
{
  double took_us[N_PINGS];
  char answer[MOST_ANSWER];
  int fd = connect_to (address);

  ask (fd, HELLO, answer);
  for (uint32_t i = 0; i < N_PINGS; i++)
    {
      int64_t start_ns;

      g_usleep (PING_PAUSE_US);
      start_ns = weft_clock_mono_ns ();
      ask (fd, "{\"id\": 1, \"do\": \"ping\"}\n", answer);
      took_us[i] = 1e6 * seconds_since (start_ns);
    }
  check (write (results, took_us, sizeof took_us) == (ssize_t) sizeof took_us, "writing");
  _exit (EXIT_SUCCESS);
}

/* A run that keeps all cores busy until it is cancelled. */
static WeftRun *
start_busy (WeftEngine *engine)
{
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  uint32_t pattern = weft_graph_builder_key_pattern (builder, "busy-", ""), call;
  WeftRunOptions options = { .records = true };
  WeftGraph *graph;
  WeftRun *run;

  weft_graph_builder_begin_call (builder, "busy", 0, 1);
  weft_graph_builder_arg_float64 (builder, BUSY_SECONDS);
  call = weft_graph_builder_end_call (builder);
  for (uint32_t i = 0; i < 100000; i++)
    weft_graph_builder_add_numbered (builder, pattern, i, call, NULL, 0);
  graph = weft_graph_builder_freeze (builder, NULL, NULL);
  weft_graph_builder_free (builder);
  check (graph != NULL, "making a graph");
  run = weft_run_new (engine, graph, &options, NULL);
  check (run != NULL, "making a run");
  weft_graph_unref (graph);
  weft_run_start (run);
  return run;
}

/* Of processes that are forked before there are threads: each waits for its turn. */
typedef struct
{
  pid_t pid;
  int turn, results;
} Pinger;

static void
pinger_start (Pinger *pinger, const char *address)
{
  int turn[2], results[2];
  char byte;

  check (pipe (turn) == 0 && pipe (results) == 0, "making a pipe");
  pinger->pid = fork ();
  check (pinger->pid >= 0, "starting a process");
  if (pinger->pid == 0)
    {
      check (read (turn[0], &byte, 1) == 1, "waiting");
      ping_process (address, results[1]);
    }
  close (turn[0]);
  close (results[1]);
  pinger->turn = turn[1];
  pinger->results = results[0];
}

static void
pinger_go (Pinger *pinger, double *took_us)
{
  size_t n_bytes = N_PINGS * sizeof *took_us, at = 0;

  check (write (pinger->turn, "", 1) == 1, "giving a turn");
  while (at < n_bytes)
    {
      ssize_t n = read (pinger->results, (char *) took_us + at, n_bytes - at);

      check (n > 0, "a client");
      at += (size_t) n;
    }
  waitpid (pinger->pid, NULL, 0);
  close (pinger->turn);
  close (pinger->results);
}

static void
print_pings (const char *when, double *took_us, uint32_t n)
{
  qsort (took_us, n, sizeof *took_us, compare_doubles);
  printf ("ping, %s: median %.0f us, p90 %.0f us, p99 %.0f us, largest %.0f us of %u\n", when,
          took_us[n / 2], took_us[n * 9 / 10], took_us[n * 99 / 100], took_us[n - 1], n);
}

static void
bench_ping (const char *folder, uint32_t n_rounds)
{
  g_autofree char *address = g_build_filename (folder, "socket", NULL);
  g_autofree double *idle = g_new (double, n_rounds *N_PINGS);
  g_autofree double *busy = g_new (double, n_rounds *N_PINGS);
  Pinger pingers[2 * MOST_ROUNDS];
  WeftServerOptions options = { .address = address, .folder = folder };
  WeftEngine *engine;
  WeftServer *server;
  double cpu = 0;

  for (uint32_t i = 0; i < 2 * n_rounds; i++)
    pinger_start (&pingers[i], address);
  server = weft_server_new (&options, NULL);
  check (server != NULL, "starting a server");
  engine = weft_engine_new (NULL, NULL);
  check (engine != NULL, "starting an engine");
  for (uint32_t i = 0; i < n_rounds; i++)
    {
      struct rusage before, after;
      int64_t start_ns;
      WeftRun *run;

      pinger_go (&pingers[2 * i], idle + i * N_PINGS);
      run = start_busy (engine);
      start_ns = weft_clock_mono_ns ();
      getrusage (RUSAGE_SELF, &before);
      pinger_go (&pingers[2 * i + 1], busy + i * N_PINGS);
      getrusage (RUSAGE_SELF, &after);
      cpu += ((double) (after.ru_utime.tv_sec - before.ru_utime.tv_sec)
              + 1e-6 * (double) (after.ru_utime.tv_usec - before.ru_utime.tv_usec))
             / seconds_since (start_ns) / n_rounds;
      weft_run_cancel (run);
      weft_run_wait (run, INT64_MAX);
      weft_run_unref (run);
    }
  print_pings ("nothing else to do", idle, n_rounds * N_PINGS);
  print_pings ("a run on all cores", busy, n_rounds * N_PINGS);
  printf ("the run had %.2f of %u cores\n", cpu, weft_usable_cores ());
  weft_engine_free (engine);
  weft_server_free (server);
}

/* ---- lines ----------------------------------------------------------------------------------- */

static GByteArray *
make_lines (uint32_t n)
{
  GByteArray *bytes = g_byte_array_new ();

  for (uint32_t i = 0; i < n; i++)
    {
      char line[160];
      int n_chars =
          snprintf (line, sizeof line,
                    "{\"e\":\"task\",\"k\":\"work-%u\",\"w\":\"w%u\",\"h\":%u,\"s\":%" PRIu64
                    ",\"d\":800,\"b\":%u}\n",
                    i, i % 8 / 2, i % 2 + 1, 1000 + (uint64_t) (i / 8) * 1000, i % 4096);

      g_byte_array_append (bytes, (const guint8 *) line, (guint) n_chars);
    }
  return bytes;
}

/* In a process of its own: says when it began and when it had its last answer. */
static void
lines_process (const char *address, uint32_t n, int turn, int results)
{
  g_autoptr (GByteArray) bytes = make_lines (n);
  char answer[MOST_ANSWER];
  int64_t when[2];
  char byte;
  int fd;

  keep_on_core (1);
  check (read (turn, &byte, 1) == 1, "waiting");
  fd = connect_to (address);
  ask (fd, HELLO, answer);
  ask (fd, "{\"id\": 1, \"do\": \"report\", \"name\": \"lines\"}\n", answer);
  when[0] = weft_clock_mono_ns ();
  send_all (fd, (const char *) bytes->data, bytes->len);
  ask (fd, "{\"id\": 2, \"do\": \"finish\"}\n", answer);
  when[1] = weft_clock_mono_ns ();
  check (write (results, when, sizeof when) == (ssize_t) sizeof when, "writing");
  _exit (EXIT_SUCCESS);
}

/* What the host is told: the files, in the order of their runs. */
typedef struct
{
  pthread_mutex_t lock;
  pthread_cond_t wake;
  GPtrArray *paths; /* lock; char * */
} Paths;

static void
appeared_cb (void *data, const WeftServedRun *run)
{
  Paths *paths = data;

  pthread_mutex_lock (&paths->lock);
  g_ptr_array_add (paths->paths, g_strdup (run->path));
  pthread_cond_signal (&paths->wake);
  pthread_mutex_unlock (&paths->lock);
}

/* Follows the first file as a window does, until it is complete. */
static void *
follow_thread (void *data)
{
  Paths *paths = data;
  WeftModel *model = weft_model_new ();
  WeftRunReadStatus status = WEFT_RUN_READ_AGAIN;
  WeftRunReader *reader;
  WeftRunFrame frame;

  pthread_mutex_lock (&paths->lock);
  while (paths->paths->len == 0)
    pthread_cond_wait (&paths->wake, &paths->lock);
  reader = weft_run_reader_open (paths->paths->pdata[0], 0, NULL);
  pthread_mutex_unlock (&paths->lock);
  check (reader != NULL, "opening a run file");
  while (status != WEFT_RUN_READ_END)
    {
      status = weft_run_reader_next (reader, &frame, NULL);
      check (status != WEFT_RUN_READ_ERROR, "reading a run file");
      if (status == WEFT_RUN_READ_FRAME)
        check (weft_model_add_frame (model, &frame, NULL), "feeding a model");
      else if (status == WEFT_RUN_READ_AGAIN)
        g_usleep (20000);
    }
  weft_run_reader_free (reader);
  return model;
}

static uint64_t
n_in_model (const WeftModel *model)
{
  WeftModelSnapshot snapshot;

  weft_model_snapshot (model, &snapshot);
  return snapshot.n_states[WEFT_TASK_MEMORY] + snapshot.n_states[WEFT_TASK_RELEASED];
}

/* Spans in the file, and tasks in a model of it. */
static void
count_file (const char *path, uint64_t *n_spans, uint64_t *n_tasks)
{
  WeftRunReader *reader = weft_run_reader_open (path, 0, NULL);
  WeftModel *model = weft_model_new ();
  const WeftRecord *records;
  WeftRunFrame frame;
  uint32_t n;

  check (reader != NULL, "opening a run file");
  while (weft_run_reader_next (reader, &frame, NULL) == WEFT_RUN_READ_FRAME)
    {
      check (weft_model_add_frame (model, &frame, NULL), "feeding a model");
      if (weft_run_frame_records (&frame, NULL, &records, &n))
        for (uint32_t i = 0; i < n; i++)
          *n_spans += records[i].kind == WEFT_RECORD_TASK;
    }
  *n_tasks += n_in_model (model);
  weft_model_unref (model);
  weft_run_reader_free (reader);
}

typedef struct
{
  uint64_t n_in_model, n_in_file;
  double seconds, cpu_seconds;
} Round;

static double
cpu_now (void)
{
  struct rusage usage;

  getrusage (RUSAGE_SELF, &usage);
  return (double) (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
         + 1e-6 * (double) (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

/* In a process of its own, as nothing may be forked where there are threads. */
static void
serve_lines (const char *folder, uint32_t n_clients, const int *turns, const int *results,
             Round *round)
{
  g_autofree char *address = g_build_filename (folder, "socket", NULL);
  Paths paths = { .lock = PTHREAD_MUTEX_INITIALIZER,
                  .wake = PTHREAD_COND_INITIALIZER,
                  .paths = g_ptr_array_new_with_free_func (g_free) };
  WeftServerHost host = { .data = &paths, .run_appeared = appeared_cb };
  WeftServerOptions options = { .address = address, .folder = folder, .host = &host };
  int64_t first_ns = INT64_MAX, last_ns = 0;
  WeftServer *server;
  pthread_t follower;
  void *model;
  double cpu;

  keep_on_core (0);
  server = weft_server_new (&options, NULL);
  check (server != NULL, "starting a server");
  check (pthread_create (&follower, NULL, follow_thread, &paths) == 0, "starting a thread");
  cpu = cpu_now ();
  for (uint32_t i = 0; i < n_clients; i++)
    check (write (turns[i], "", 1) == 1, "giving a turn");
  for (uint32_t i = 0; i < n_clients; i++)
    {
      int64_t when[2];

      check (read (results[i], when, sizeof when) == (ssize_t) sizeof when, "a client");
      first_ns = MIN (first_ns, when[0]);
      last_ns = MAX (last_ns, when[1]);
    }
  pthread_join (follower, &model);
  round->cpu_seconds = cpu_now () - cpu;
  round->seconds = 1e-9 * (double) (last_ns - first_ns);
  weft_server_free (server);
  for (guint i = 0; i < paths.paths->len; i++)
    {
      count_file (paths.paths->pdata[i], &round->n_in_file, &round->n_in_model);
      g_unlink (paths.paths->pdata[i]);
    }
  if (n_clients == 1)
    round->n_in_model = n_in_model (model); /* the one that followed it */
  weft_model_unref (model);
  g_ptr_array_unref (paths.paths);
}

static void
lines_round (const char *folder, uint32_t n_clients, uint32_t n, Round *round)
{
  g_autofree char *address = g_build_filename (folder, "socket", NULL);
  int turns[MOST_CLIENTS], results[MOST_CLIENTS], pair[2], other[2];

  for (uint32_t i = 0; i < n_clients; i++)
    {
      check (pipe (pair) == 0 && pipe (other) == 0, "making a pipe");
      if (fork () == 0)
        lines_process (address, n, pair[0], other[1]);
      close (pair[0]);
      close (other[1]);
      turns[i] = pair[1];
      results[i] = other[0];
    }
  check (pipe (pair) == 0, "making a pipe");
  if (fork () == 0)
    {
      Round told = { 0 };

      serve_lines (folder, n_clients, turns, results, &told);
      check (write (pair[1], &told, sizeof told) == (ssize_t) sizeof told, "writing");
      _exit (EXIT_SUCCESS);
    }
  close (pair[1]);
  check (read (pair[0], round, sizeof *round) == (ssize_t) sizeof *round, "the server");
  close (pair[0]);
  for (uint32_t i = 0; i < n_clients; i++)
    {
      close (turns[i]);
      close (results[i]);
    }
  while (wait (NULL) > 0)
    ;
}

static void
bench_lines (const char *folder, uint32_t n_clients, uint32_t n, uint32_t n_rounds)
{
  uint64_t n_all = (uint64_t) n * n_clients;
  double rates[MOST_ROUNDS], cpu[MOST_ROUNDS];
  Round round = { 0 };

  for (uint32_t i = 0; i < n_rounds; i++)
    {
      lines_round (folder, n_clients, n, &round);
      check (round.n_in_model == n_all && round.n_in_file == n_all, "counting");
      rates[i] = (double) n_all / round.seconds;
      cpu[i] = 1e9 * round.cpu_seconds / (double) n_all;
    }
  qsort (rates, n_rounds, sizeof *rates, compare_doubles);
  qsort (cpu, n_rounds, sizeof *cpu, compare_doubles);
  printf ("lines: %.0f a second from %u clients, median of %u rounds (%.0f to %.0f); of %" PRIu64
          ", %" PRIu64 " in models, %" PRIu64 " in files; %.0f ns of CPU time a line\n",
          rates[n_rounds / 2], n_clients, n_rounds, rates[0], rates[n_rounds - 1], n_all,
          round.n_in_model, round.n_in_file, cpu[n_rounds / 2]);
}

int
main (int argc, char **argv)
{
  g_autofree char *folder = g_dir_make_tmp ("weft-socket-XXXXXX", NULL);
  uint32_t n_rounds = 5, n_clients = 1, n_lines = 1000000;
  const char *what = argc > 1 ? argv[argc - 1] : "";

  for (int i = 1; i + 1 < argc - 1; i += 2)
    {
      uint32_t value = (uint32_t) g_ascii_strtoull (argv[i + 1], NULL, 10);

      if (strcmp (argv[i], "--rounds") == 0)
        n_rounds = CLAMP (value, 1, MOST_ROUNDS);
      else if (strcmp (argv[i], "--clients") == 0)
        n_clients = CLAMP (value, 1, MOST_CLIENTS);
      else if (strcmp (argv[i], "--lines") == 0)
        n_lines = value;
    }
  check (folder != NULL, "making a folder");
  if (strcmp (what, "ping") == 0)
    bench_ping (folder, n_rounds);
  else if (strcmp (what, "lines") == 0)
    bench_lines (folder, n_clients, n_lines, n_rounds);
  else
    fprintf (stderr, "usage: server-bench [--rounds R] [--clients C] [--lines N] ping|lines\n");
  g_autofree char *lock = g_build_filename (folder, "socket.lock", NULL);
  g_unlink (lock);
  g_rmdir (folder);
  return strcmp (what, "ping") == 0 || strcmp (what, "lines") == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
