/* socket-bench.c: what a server takes of packed events over real sockets
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Usage: socket-bench [--rounds R] [--tasks N] [--clients C] [--stopped W]
 *
 * A server, and C clients in processes of their own, each of which reports a run of N tasks: their
 * keys, and then, which is timed, N spans of them, until the answer to “finish” is there and so all
 * is in the file. With W, as many others watch the first run's frames and never read; rounds with
 * and without them take turns. Afterwards spans are counted in each file, and in a model of it.
 */
#include "config.h"

#include "model/weft-model.h"
#include "server/weft-server.h"
#include "server/weft-wire-private.h"
#include "trace/weft-run-reader.h"

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define BATCH 8192u
#define MOST_ROUNDS 99u
#define MOST_CLIENTS 64u
#define MOST_STOPPED 200u
#define HELLO "{\"hello\": \"weftline\", \"versions\": [1], \"name\": \"bench\"}"
#define REPORT "{\"id\": 1, \"do\": \"report\", \"name\": \"bench\"}"
#define FINISH "{\"id\": 2, \"do\": \"finish\", \"channel\": 1}"
#define RUNS "{\"id\": 3, \"do\": \"runs\"}"

static void
check (bool ok, const char *what)
{
  if (ok)
    return;
  fprintf (stderr, "socket-bench: %s failed\n", what);
  exit (EXIT_FAILURE);
}

/* ---- a client -------------------------------------------------------------------------------- */

static void
send_all (int fd, const void *bytes, size_t n_bytes)
{
  for (const char *at = bytes; n_bytes > 0;)
    {
      ssize_t n = send (fd, at, n_bytes, MSG_NOSIGNAL);

      check (n > 0, "send");
      at += n;
      n_bytes -= (size_t) n;
    }
}

static void
append (GByteArray *bytes, uint16_t kind, uint32_t lane, const void *payload, size_t n_bytes)
{
  uint32_t channel = kind == WEFT_WIRE_JSON ? 0 : 1;

  _weft_wire_append (bytes, (WeftWireHead){ .kind = kind, .channel = channel, .lane = lane },
                     &(struct iovec){ (void *) payload, n_bytes }, 1);
}

static void
say (int fd, const char *json)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();

  append (bytes, WEFT_WIRE_JSON, 0, json, strlen (json));
  send_all (fd, bytes->data, bytes->len);
}

/* Reads until the text has come. (transfer full): all that came */
static char *
hear (int fd, const char *text)
{
  g_autoptr (GByteArray) heard = g_byte_array_new ();
  char bytes[4096];
  ssize_t n;

  while (heard->len == 0 || memmem (heard->data, heard->len, text, strlen (text)) == NULL)
    {
      n = recv (fd, bytes, sizeof bytes, 0);
      check (n > 0, text);
      g_byte_array_append (heard, (const guint8 *) bytes, (guint) n);
    }
  g_byte_array_append (heard, (const guint8 *) "", 1);
  for (guint i = 0; i + 1 < heard->len; i++)
    if (heard->data[i] == 0)
      heard->data[i] = ' ';
  return (char *) g_byte_array_free (g_steal_pointer (&heard), FALSE);
}

static int
open_client (const char *address)
{
  struct sockaddr_un un = { .sun_family = AF_UNIX };
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

  g_strlcpy (un.sun_path, address, sizeof un.sun_path);
  check (connect (fd, (struct sockaddr *) &un, sizeof un) == 0, "connect");
  send_all (fd, WEFT_WIRE_PREAMBLE, WEFT_WIRE_PREAMBLE_BYTES);
  say (fd, HELLO);
  g_free (hear (fd, "\"limits\""));
  return fd;
}

static GByteArray *
make_tasks (uint32_t n)
{
  GByteArray *bytes = g_byte_array_new ();
  WeftLaneHead lane = { .lane = 1, .parent_lane = WEFT_NONE };
  char key[32];

  append (bytes, WEFT_WIRE_LANE, 0, &lane, sizeof lane);
  for (uint32_t first = 0; first < n; first += BATCH)
    {
      g_autoptr (GByteArray) payload = g_byte_array_new ();
      uint32_t head[2] = { first, MIN (BATCH, n - first) };

      g_byte_array_append (payload, (const guint8 *) head, sizeof head);
      for (uint32_t i = 0; i < head[1]; i++)
        {
          uint32_t n_chars = (uint32_t) snprintf (key, sizeof key, "work-%u", first + i);

          g_byte_array_append (payload, (const guint8 *) &n_chars, sizeof n_chars);
          g_byte_array_append (payload, (const guint8 *) key, n_chars);
        }
      append (bytes, WEFT_WIRE_TASKS, 0, payload->data, payload->len);
    }
  return bytes;
}

static GByteArray *
make_records (uint32_t n)
{
  GByteArray *bytes = g_byte_array_new ();
  g_autofree WeftRecord *records = g_new (WeftRecord, BATCH);

  for (uint32_t first = 0; first < n; first += BATCH)
    {
      uint32_t n_records = MIN (BATCH, n - first);

      for (uint32_t i = 0; i < n_records; i++)
        weft_record_set (&records[i], WEFT_RECORD_TASK, 0, WEFT_HOW_FOREIGN, first + i,
                         UINT32_MAX - 1, 1000 + (uint64_t) (first + i) * 1000, 800, i % 4096);
      append (bytes, WEFT_WIRE_RECORDS, 1, records, n_records * sizeof *records);
    }
  return bytes;
}

/* One that watches and does not read. */
static int
open_stopped (const char *address)
{
  int fd = open_client (address);

  say (fd, "{\"id\": 4, \"do\": \"watch\", \"run\": 1, \"frames\": true}");
  return fd;
}

/* Until the server has written what it was told of the run's tasks. */
static void
await_tasks (int fd, uint64_t run, uint32_t n)
{
  g_autofree char *before = g_strdup_printf ("{\"run\": %" PRIu64 ", ", run);
  g_autofree char *tasks = g_strdup_printf ("\"tasks\": %u,", n);

  for (;;)
    {
      g_autofree char *heard = NULL;
      const char *at, *end;

      say (fd, RUNS);
      heard = hear (fd, "\"clients\"");
      at = strstr (heard, before);
      check (at != NULL, "finding the run");
      end = strchr (at, '}');
      if (end != NULL && g_strstr_len (at, end - at, tasks) != NULL)
        return;
      g_usleep (2000);
    }
}

/* The child's part: from when it is told to begin until the run is in its file. */
static void
report (const char *address, uint32_t n, int told, int tell)
{
  g_autoptr (GByteArray) tasks = make_tasks (n), records = make_records (n);
  int fd = open_client (address);
  char byte, *heard;
  uint64_t run;

  say (fd, REPORT);
  heard = hear (fd, "\"path\"");
  run = g_ascii_strtoull (strstr (heard, "\"run\": ") + strlen ("\"run\": "), NULL, 10);
  g_free (heard);
  send_all (fd, tasks->data, tasks->len);
  await_tasks (fd, run, n);
  check (write (tell, "r", 1) == 1, "tell");
  check (read (told, &byte, 1) == 1, "wait");
  send_all (fd, records->data, records->len);
  say (fd, FINISH);
  g_free (hear (fd, "\"ok\""));
  check (write (tell, "d", 1) == 1, "tell");
  _exit (EXIT_SUCCESS);
}

/* ---- counting -------------------------------------------------------------------------------- */

static void
count_file (const char *path, uint64_t *n_in_model, uint64_t *n_in_file)
{
  WeftRunReader *reader = weft_run_reader_open (path, 0, NULL);
  WeftModel *model = weft_model_new ();
  WeftModelSnapshot snapshot;
  const WeftRecord *records;
  WeftRunFrame frame;
  uint32_t n;

  check (reader != NULL, path);
  while (weft_run_reader_next (reader, &frame, NULL) == WEFT_RUN_READ_FRAME)
    {
      check (weft_model_add_frame (model, &frame, NULL), "the model");
      if (weft_run_frame_records (&frame, NULL, &records, &n))
        for (uint32_t i = 0; i < n; i++)
          *n_in_file += records[i].kind == WEFT_RECORD_TASK;
    }
  weft_model_snapshot (model, &snapshot);
  *n_in_model += snapshot.n_states[WEFT_TASK_MEMORY] + snapshot.n_states[WEFT_TASK_RELEASED];
  weft_model_unref (model);
  weft_run_reader_free (reader);
}

static void
count_folder (const char *folder, uint64_t *n_in_model, uint64_t *n_in_file)
{
  GDir *dir = g_dir_open (folder, 0, NULL);

  for (const char *name; (name = g_dir_read_name (dir)) != NULL;)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      count_file (path, n_in_model, n_in_file);
      unlink (path);
    }
  g_dir_close (dir);
}

/* ---- rounds ---------------------------------------------------------------------------------- */

typedef struct
{
  char *dir, *address, *folder;
  uint32_t n_tasks, n_clients;
  uint64_t n_in_model, n_in_file, n_sent;
} Bench;

static void
await (int fd, uint32_t n)
{
  char byte;

  for (; n > 0; n--)
    check (read (fd, &byte, 1) == 1, "a client");
}

/* What this process has used of processors. */
static double
cpu_seconds (void)
{
  struct rusage usage;

  getrusage (RUSAGE_SELF, &usage);
  return (double) (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
         + 1e-6 * (double) (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

/* Returns: seconds */
static double
run_round (Bench *bench, uint32_t n_stopped, double *cpu)
{
  WeftServerOptions options = { .address = bench->address, .folder = bench->folder };
  int told[2], tell[2], stopped[MOST_STOPPED];
  WeftServer *server;
  int64_t start_ns;
  double seconds;

  check (pipe (told) == 0 && pipe (tell) == 0, "pipe");
  server = weft_server_new (&options, NULL);
  check (server != NULL, "the server");
  for (uint32_t i = 0; i < bench->n_clients; i++)
    if (fork () == 0)
      report (bench->address, bench->n_tasks, told[0], tell[1]);
  await (tell[0], bench->n_clients);
  for (uint32_t i = 0; i < n_stopped; i++)
    stopped[i] = open_stopped (bench->address);
  start_ns = weft_clock_mono_ns ();
  *cpu = -cpu_seconds ();
  for (uint32_t i = 0; i < bench->n_clients; i++)
    check (write (told[1], "b", 1) == 1, "begin");
  await (tell[0], bench->n_clients);
  seconds = 1e-9 * (double) (weft_clock_mono_ns () - start_ns);
  *cpu += cpu_seconds ();
  while (wait (NULL) > 0)
    ;
  for (uint32_t i = 0; i < n_stopped; i++)
    close (stopped[i]);
  weft_server_free (server);
  for (int i = 0; i < 2; i++)
    {
      close (told[i]);
      close (tell[i]);
    }
  bench->n_sent += (uint64_t) bench->n_clients * bench->n_tasks;
  count_folder (bench->folder, &bench->n_in_model, &bench->n_in_file);
  return seconds;
}

static int
compare_doubles (const void *a, const void *b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return (x > y) - (x < y);
}

static double
median (double *values, uint32_t n)
{
  qsort (values, n, sizeof *values, compare_doubles);
  return values[n / 2];
}

static void
run (Bench *bench, uint32_t n_rounds, uint32_t n_stopped)
{
  double n = (double) bench->n_clients * bench->n_tasks;
  double seconds[MOST_ROUNDS], cpus[MOST_ROUNDS], with_stopped[MOST_ROUNDS], unused;

  for (uint32_t i = 0; i < n_rounds; i++)
    {
      seconds[i] = run_round (bench, 0, &cpus[i]);
      if (n_stopped > 0)
        with_stopped[i] = run_round (bench, n_stopped, &unused);
    }
  printf ("socket: %.0f packed events a second from %u clients; of %" PRIu64 ", %" PRIu64
          " in the models, %" PRIu64 " in the files\n",
          n / median (seconds, n_rounds), bench->n_clients, bench->n_sent, bench->n_in_model,
          bench->n_in_file);
  printf ("server: %.0f packed events a second of its processor time\n",
          n / median (cpus, n_rounds));
  if (n_stopped > 0)
    printf ("stopped: with %u that watch and do not read it takes %.3f times as long\n", n_stopped,
            median (with_stopped, n_rounds) / median (seconds, n_rounds));
}

static uint32_t
number (const char *text, uint32_t least, uint32_t most)
{
  uint64_t value = g_ascii_strtoull (text, NULL, 10);

  return (uint32_t) CLAMP (value, least, most);
}

int
main (int argc, char **argv)
{
  uint32_t n_rounds = 5, n_stopped = 0;
  Bench bench = { .n_tasks = 1000000, .n_clients = 1 };

  for (int i = 1; i + 1 < argc; i += 2)
    if (g_str_equal (argv[i], "--rounds"))
      n_rounds = number (argv[i + 1], 1, MOST_ROUNDS);
    else if (g_str_equal (argv[i], "--tasks"))
      bench.n_tasks = number (argv[i + 1], 1, 100000000);
    else if (g_str_equal (argv[i], "--clients"))
      bench.n_clients = number (argv[i + 1], 1, MOST_CLIENTS);
    else if (g_str_equal (argv[i], "--stopped"))
      n_stopped = number (argv[i + 1], 0, MOST_STOPPED);
  bench.dir = g_dir_make_tmp ("socket-bench-XXXXXX", NULL);
  bench.address = g_build_filename (bench.dir, "s", "socket", NULL);
  bench.folder = g_build_filename (bench.dir, "runs", NULL);
  run (&bench, n_rounds, n_stopped);
  rmdir (bench.folder);
  unlink (bench.address);
  g_autofree char *socket_folder = g_path_get_dirname (bench.address);
  g_autofree char *lock = g_strconcat (bench.address, ".lock", NULL);
  unlink (lock);
  rmdir (socket_folder);
  rmdir (bench.dir);
  return EXIT_SUCCESS;
}
