/* ingest-bench.c: what an event that comes over the socket costs, without the socket
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Usage: ingest-bench [--rounds R] [--tasks N] [--inputs 0|1|2] [lines|packed|columns|all]
 *
 * The bytes of a connection lie ready. All that becomes of them is timed: they are copied into the
 * wire's buffer as read() does, cut, checked, taken into a report, written into a run file, read
 * back from there by a model that follows it. All in one thread; `taskset -c 0` keeps what the
 * model does in others on the same core.
 *
 *   lines   N events “task”, of N tasks that were not heard of before
 *   packed  N tasks with their keys and inputs, then N spans of them; the two are timed
 *           apart
 *   columns the same, with keys, inputs and spans in columns, as a script makes them: spans of one
 *           thread, few in a message
 *
 * Afterwards the spans are counted in the model, and in the file by reading it again.
 */
#include "config.h"

#include "model/weft-model.h"
#include "server/weft-lines-private.h"
#include "server/weft-report-packed-private.h"
#include "trace/weft-run-reader.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define N_LANES 8u
#define BATCH 8192u              /* records, keys, or pairs in a message */
#define COLUMN 512u              /* spans in a message of columns */
#define FLUSH_BYTES (4u << 20)   /* of a connection between two flushes, at most */
#define FIRST_NS UINT64_C (1000) /* when the run begins */
#define SPAN_NS 800u
#define STEP_NS 1000u
#define MOST_ROUNDS 99u

typedef struct
{
  WeftReport *report;
  WeftReportPacked packed;
  WeftWire wire;
  WeftRunReader *reader;
  WeftModel *model;
  uint64_t n_refused;
} Ingest;

static void
check (bool ok, GError *error)
{
  if (ok)
    return;
  fprintf (stderr, "ingest-bench: %s\n", error != NULL ? error->message : "something failed");
  exit (EXIT_FAILURE);
}

/* ---- taking ---------------------------------------------------------------------------------- */

/* What was written since the last time, into the model. */
static void
follow (Ingest *ingest)
{
  WeftRunReadStatus status;
  GError *error = NULL;
  WeftRunFrame frame;

  while ((status = weft_run_reader_next (ingest->reader, &frame, &error)) == WEFT_RUN_READ_FRAME)
    check (weft_model_add_frame (ingest->model, &frame, &error), error);
  check (status != WEFT_RUN_READ_ERROR, error);
}

static void
flush (Ingest *ingest)
{
  GError *error = NULL;

  check (_weft_report_flush (ingest->report, &error), error);
  follow (ingest);
}

static void
take (Ingest *ingest, const WeftWireMessage *message)
{
  const char *line;
  size_t at = 0, n_chars;
  uint64_t offset;

  if (_weft_report_packed_is (message->head.kind))
    ingest->n_refused += !_weft_report_packed_take (&ingest->packed, message, &offset, NULL);
  else
    while (_weft_wire_next_line (&ingest->wire, message, &at, &line, &n_chars))
      ingest->n_refused +=
          !_weft_lines_take (ingest->report, &(WeftLinesClock){ 0 }, line, n_chars, NULL);
}

/* Returns: seconds */
static double
receive (Ingest *ingest, const GByteArray *bytes)
{
  int64_t start_ns = weft_clock_mono_ns ();
  WeftWireMessage message;
  size_t since = 0;

  for (size_t at = 0, n; at < bytes->len; at += n)
    {
      uint8_t *room = _weft_wire_room (&ingest->wire, &n);

      n = MIN (n, bytes->len - at);
      memcpy (room, bytes->data + at, n);
      _weft_wire_received (&ingest->wire, n);
      while (_weft_wire_next (&ingest->wire, &message) == WEFT_WIRE_MESSAGE)
        take (ingest, &message);
      since += n;
      if (_weft_report_n_waiting (ingest->report) < WEFT_REPORT_FULL && since < FLUSH_BYTES)
        continue;
      flush (ingest);
      since = 0;
    }
  flush (ingest);
  return 1e-9 * (double) (weft_clock_mono_ns () - start_ns);
}

static void
begin (Ingest *ingest, const char *path)
{
  GError *error = NULL;

  *ingest = (Ingest){ .wire = { .limits = WEFT_WIRE_LIMITS_DEFAULT } };
  ingest->report = _weft_report_new (&(WeftReportOptions){ .path = path }, &error);
  check (ingest->report != NULL, error);
  _weft_report_packed_init (&ingest->packed, ingest->report);
  ingest->reader = weft_run_reader_open (path, 0, &error);
  check (ingest->reader != NULL, error);
  ingest->model = weft_model_new ();
}

static uint64_t
spans_in_file (const char *path)
{
  WeftRunReader *reader = weft_run_reader_open (path, 0, NULL);
  const WeftRecord *records;
  WeftRunFrame frame;
  uint64_t n_spans = 0;
  uint32_t n;

  while (weft_run_reader_next (reader, &frame, NULL) == WEFT_RUN_READ_FRAME)
    if (weft_run_frame_records (&frame, NULL, &records, &n))
      for (uint32_t i = 0; i < n; i++)
        n_spans += records[i].kind == WEFT_RECORD_TASK;
  weft_run_reader_free (reader);
  return n_spans;
}

/* What is there of what was told, in the model and in the file. */
static void
end (Ingest *ingest, const char *path, uint64_t *n_in_model, uint64_t *n_in_file)
{
  WeftModelSnapshot snapshot;
  GError *error = NULL;

  weft_model_snapshot (ingest->model, &snapshot);
  *n_in_model = snapshot.n_states[WEFT_TASK_MEMORY] + snapshot.n_states[WEFT_TASK_RELEASED];
  check (ingest->n_refused == 0, NULL);
  check (_weft_report_finish (ingest->report, WEFT_RUN_DONE, NULL, &error), error);
  *n_in_file = spans_in_file (path);
  weft_model_unref (ingest->model);
  weft_run_reader_free (ingest->reader);
  _weft_report_packed_clear (&ingest->packed);
  _weft_report_free (ingest->report);
  _weft_wire_clear (&ingest->wire);
  unlink (path);
}

/* ---- what is sent ---------------------------------------------------------------------------- */

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
                    ",\"d\":%u,\"b\":%u}\n",
                    i, i % N_LANES / 2, i % 2 + 1, FIRST_NS + (uint64_t) (i / N_LANES) * STEP_NS,
                    SPAN_NS, i % 4096);

      g_byte_array_append (bytes, (const guint8 *) line, (guint) n_chars);
    }
  return bytes;
}

static void
append (GByteArray *bytes, uint16_t kind, uint32_t lane, const void *payload, size_t n_bytes)
{
  _weft_wire_append (bytes, (WeftWireHead){ .kind = kind, .channel = 1, .lane = lane },
                     &(struct iovec){ (void *) payload, n_bytes }, 1);
}

static void
append_lanes (GByteArray *bytes)
{
  for (uint32_t i = 0; i < N_LANES; i++)
    {
      WeftLaneHead head = { .lane = i + 1,
                            .kind = WEFT_LANE_THREAD,
                            .parent_lane = WEFT_NONE,
                            .worker = i,
                            .os_thread = i + 1 };

      append (bytes, WEFT_WIRE_LANE, 0, &head, sizeof head);
    }
}

static void
append_keys (GByteArray *bytes, uint32_t first, uint32_t n)
{
  g_autoptr (GByteArray) payload = g_byte_array_new ();
  char key[32];

  g_byte_array_append (payload, (const guint8 *) (uint32_t[]){ first, n }, 8);
  for (uint32_t i = 0; i < n; i++)
    {
      uint32_t n_chars = (uint32_t) snprintf (key, sizeof key, "work-%u", first + i);

      g_byte_array_append (payload, (const guint8 *) &n_chars, sizeof n_chars);
      g_byte_array_append (payload, (const guint8 *) key, n_chars);
    }
  append (bytes, WEFT_WIRE_TASKS, 0, payload->data, payload->len);
}

/* Each reads the results of two of those before it, near and far. */
static void
append_inputs (GByteArray *bytes, uint32_t first, uint32_t n, uint32_t n_inputs)
{
  g_autoptr (GByteArray) payload = g_byte_array_new ();

  for (uint32_t i = MAX (first, 1); i < first + n; i++)
    {
      uint32_t pairs[4] = { i, i - 1, i, i / 2 };

      g_byte_array_append (payload, (const guint8 *) pairs, i / 2 == i - 1 ? 8 : 8 * n_inputs);
    }
  append (bytes, WEFT_WIRE_INPUTS, 0, payload->data, payload->len);
}

static GByteArray *
make_graph (uint32_t n, uint32_t n_inputs)
{
  GByteArray *bytes = g_byte_array_new ();

  g_byte_array_append (bytes, (const guint8 *) WEFT_WIRE_PREAMBLE, WEFT_WIRE_PREAMBLE_BYTES);
  append_lanes (bytes);
  for (uint32_t first = 0; first < n; first += BATCH)
    {
      append_keys (bytes, first, MIN (BATCH, n - first));
      if (n_inputs > 0)
        append_inputs (bytes, first, MIN (BATCH, n - first), n_inputs);
    }
  return bytes;
}

/* Lanes take turns: task i runs in lane i mod N_LANES. */
static GByteArray *
make_records (uint32_t n)
{
  GByteArray *bytes = g_byte_array_new ();
  g_autofree WeftRecord *records = g_new (WeftRecord, BATCH);

  for (uint32_t first = 0; first < n; first += N_LANES * BATCH)
    for (uint32_t lane = 0; lane < N_LANES; lane++)
      {
        uint32_t n_records = 0;

        for (uint32_t i = first + lane; i < MIN (n, first + N_LANES * BATCH); i += N_LANES)
          weft_record_set (&records[n_records++], WEFT_RECORD_TASK, 0, WEFT_HOW_FOREIGN, i,
                           UINT32_MAX - 1, FIRST_NS + (uint64_t) (i / N_LANES) * STEP_NS, SPAN_NS,
                           i % 4096);
        append (bytes, WEFT_WIRE_RECORDS, lane + 1, records, n_records * sizeof *records);
      }
  return bytes;
}

/* ---- the same in columns --------------------------------------------------------------------- */

static void
append_column_of_keys (GByteArray *bytes, uint32_t first, uint32_t n)
{
  g_autoptr (GByteArray) payload = g_byte_array_new ();
  char key[32];

  g_byte_array_append (payload, (const guint8 *) (uint32_t[]){ first, n }, 8);
  for (uint32_t i = 0; i < n; i++)
    g_byte_array_append (payload, (const guint8 *) key,
                         1 + (guint) snprintf (key, sizeof key, "work-%u", first + i));
  append (bytes, WEFT_WIRE_KEYS, 0, payload->data, payload->len);
}

/* As append_inputs() has them. */
static void
append_column_of_inputs (GByteArray *bytes, uint32_t first, uint32_t n, uint32_t n_inputs)
{
  g_autofree uint32_t *payload = g_new (uint32_t, 2 + 3 * n);
  uint32_t *counts = payload + 2, *input = counts + n;

  payload[0] = first;
  payload[1] = n;
  for (uint32_t i = first; i < first + n; i++)
    {
      *counts = i == 0 ? 0 : i / 2 == i - 1 ? 1 : n_inputs;
      if (*counts > 0)
        *input++ = i - 1;
      if (*counts++ > 1)
        *input++ = i / 2;
    }
  append (bytes, WEFT_WIRE_READS, 0, payload, (size_t) (input - payload) * sizeof *payload);
}

static GByteArray *
make_columns_of_graph (uint32_t n, uint32_t n_inputs)
{
  GByteArray *bytes = g_byte_array_new ();

  g_byte_array_append (bytes, (const guint8 *) WEFT_WIRE_PREAMBLE, WEFT_WIRE_PREAMBLE_BYTES);
  for (uint32_t first = 0; first < n; first += BATCH)
    {
      append_column_of_keys (bytes, first, MIN (BATCH, n - first));
      if (n_inputs > 0)
        append_column_of_inputs (bytes, first, MIN (BATCH, n - first), n_inputs);
    }
  return bytes;
}

/* All of one thread, with the bytes of their results. */
static GByteArray *
make_columns (uint32_t n)
{
  GByteArray *bytes = g_byte_array_new ();

  for (uint32_t first = 0; first < n; first += COLUMN)
    {
      uint32_t n_spans = MIN (COLUMN, n - first), head[4] = { n_spans, 2, 1, 0 };
      uint64_t numbers[3 * COLUMN];
      uint32_t tasks[COLUMN];
      struct iovec parts[] = { { head, sizeof head },
                               { (void *) "w0\0\0\0\0\0", 8 },
                               { numbers, 3 * n_spans * sizeof *numbers },
                               { tasks, n_spans * sizeof *tasks } };

      for (uint32_t i = 0; i < n_spans; i++)
        {
          numbers[i] = FIRST_NS + (uint64_t) (first + i) * STEP_NS;
          numbers[n_spans + i] = numbers[i] + SPAN_NS;
          numbers[2 * n_spans + i] = (first + i) % 4096;
          tasks[i] = first + i;
        }
      _weft_wire_append (bytes, (WeftWireHead){ .kind = WEFT_WIRE_SPANS, .flags = 1, .channel = 1 },
                         parts, G_N_ELEMENTS (parts));
    }
  return bytes;
}

/* ---- rounds ---------------------------------------------------------------------------------- */

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
check_counts (uint32_t n, uint64_t n_in_model, uint64_t n_in_file)
{
  if (n_in_model == n && n_in_file == n)
    return;
  fprintf (stderr,
           "ingest-bench: of %u events %" PRIu64 " are in the model, %" PRIu64 " in the file\n", n,
           n_in_model, n_in_file);
  exit (EXIT_FAILURE);
}

static void
bench_lines (uint32_t n, uint32_t n_rounds, const char *path)
{
  g_autoptr (GByteArray) bytes = make_lines (n);
  uint64_t n_in_model = 0, n_in_file = 0;
  double seconds[MOST_ROUNDS];

  for (uint32_t i = 0; i < n_rounds; i++)
    {
      Ingest ingest;

      begin (&ingest, path);
      seconds[i] = receive (&ingest, bytes);
      end (&ingest, path, &n_in_model, &n_in_file);
      check_counts (n, n_in_model, n_in_file);
    }
  printf ("lines: %.0f a second; of %u in %u bytes each, %" PRIu64 " in the model, %" PRIu64
          " in the file\n",
          n / median (seconds, n_rounds), n, bytes->len / n, n_in_model, n_in_file);
}

static void
bench_packed (uint32_t n, uint32_t n_inputs, uint32_t n_rounds, const char *path, bool in_columns)
{
  g_autoptr (GByteArray) graph =
      in_columns ? make_columns_of_graph (n, n_inputs) : make_graph (n, n_inputs);
  g_autoptr (GByteArray) records = in_columns ? make_columns (n) : make_records (n);
  double of_graph[MOST_ROUNDS], of_records[MOST_ROUNDS], of_both[MOST_ROUNDS];
  uint64_t n_in_model = 0, n_in_file = 0;

  for (uint32_t i = 0; i < n_rounds; i++)
    {
      Ingest ingest;

      begin (&ingest, path);
      of_graph[i] = receive (&ingest, graph);
      of_records[i] = receive (&ingest, records);
      of_both[i] = of_graph[i] + of_records[i];
      end (&ingest, path, &n_in_model, &n_in_file);
      check_counts (n, n_in_model, n_in_file);
    }
  printf ("%s: %.0f events a second; of %u, %" PRIu64 " in the model, %" PRIu64 " in the file\n",
          in_columns ? "columns" : "packed", n / median (of_records, n_rounds), n, n_in_model,
          n_in_file);
  printf ("graph: %.0f ns a task to announce, with a key and %u inputs; both together %.0f "
          "tasks a second\n",
          1e9 * median (of_graph, n_rounds) / n, n_inputs, n / median (of_both, n_rounds));
}

int
main (int argc, char **argv)
{
  g_autofree char *path = g_strdup_printf ("%s/ingest-bench-%d.weft", g_get_tmp_dir (), getpid ());
  uint32_t n = 1000000, n_rounds = 5, n_inputs = 2;
  const char *what = "all";

  for (int i = 1; i < argc; i++)
    if (g_str_equal (argv[i], "--tasks") && i + 1 < argc)
      n = (uint32_t) strtoul (argv[++i], NULL, 10);
    else if (g_str_equal (argv[i], "--rounds") && i + 1 < argc)
      n_rounds = (uint32_t) strtoul (argv[++i], NULL, 10);
    else if (g_str_equal (argv[i], "--inputs") && i + 1 < argc)
      n_inputs = MIN ((uint32_t) strtoul (argv[i + 1], NULL, 10), 2), i++;
    else
      what = argv[i];
  n_rounds = CLAMP (n_rounds, 1, MOST_ROUNDS);
  if (g_str_equal (what, "lines") || g_str_equal (what, "all"))
    bench_lines (n, n_rounds, path);
  if (g_str_equal (what, "packed") || g_str_equal (what, "all"))
    bench_packed (n, n_inputs, n_rounds, path, false);
  if (g_str_equal (what, "columns") || g_str_equal (what, "all"))
    bench_packed (n, n_inputs, n_rounds, path, true);
  return EXIT_SUCCESS;
}
