/* test-rows.c: in which rows a worker's spans stand, in whatever order they are told
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "model/model-fixture.h"
#include "server/weft-report-data-private.h"

#include <sys/stat.h>

#define MOST_SPANS 400

typedef struct
{
  char *dir;
  char *path;
  WeftReport *report;
  uint64_t begin; /* of the run: spans are told from there on */
  uint32_t n_tasks;
} Fixture;

static void
begin_report (Fixture *f)
{
  g_autoptr (GError) error = NULL;

  f->report = _weft_report_new (&(WeftReportOptions){ .path = f->path }, &error);
  g_assert_no_error (error);
  f->begin = (uint64_t) weft_clock_mono_ns ();
  f->n_tasks = 0;
}

static void
set_up (Fixture *f, const void *unused)
{
  f->dir = test_dir_new ();
  f->path = g_build_filename (f->dir, "reported.weft", NULL);
  begin_report (f);
}

static void
tear_down (Fixture *f, const void *unused)
{
  _weft_report_free (f->report);
  test_dir_free (f->dir);
  g_free (f->path);
}

static WeftModel *
finish (Fixture *f)
{
  g_autoptr (GError) error = NULL;

  _weft_report_finish (f->report, WEFT_RUN_DONE, "{}", &error);
  g_assert_no_error (error);
  return model_of_file (f->path);
}

static void
begin_again (Fixture *f)
{
  _weft_report_free (f->report);
  g_assert_cmpint (unlink (f->path), ==, 0);
  begin_report (f);
}

static void
flush (Fixture *f)
{
  g_autoptr (GError) error = NULL;

  _weft_report_flush (f->report, &error);
  g_assert_no_error (error);
}

static uint32_t
worker (Fixture *f, uint32_t number, uint32_t n_threads)
{
  g_autofree char *name = g_strdup_printf ("w%u", number);
  WeftReportWorkerInfo info = { .n_threads = n_threads };

  return _weft_report_worker (f->report, name, strlen (name), &info);
}

static uint32_t
task_of (Fixture *f, uint32_t number)
{
  g_autofree char *key = g_strdup_printf ("task-%u", number);

  return _weft_report_task (f->report, key, strlen (key));
}

static uint32_t
new_task (Fixture *f)
{
  return task_of (f, f->n_tasks++);
}

static void
tell_span (Fixture *f, uint32_t task, uint32_t to, uint64_t thread, uint64_t start, uint64_t end)
{
  _weft_report_span (f->report, task, to, thread, f->begin + start, f->begin + end, WEFT_OUTCOME_OK,
                     0);
}

/* ---- what comes of it ------------------------------------------------------------------------ */

/* Lanes of the kind, below the worker of that name (nullable: any); each of them without spans that
 * overlap. @n_spans: (out) (nullable): in all of them */
static uint32_t
count_rows (const WeftModel *model, WeftLaneKind kind, const char *of, uint64_t *n_spans)
{
  g_autofree char *prefix = g_strdup_printf ("%s/", of != NULL ? of : "");
  WeftModelSnapshot snapshot;
  uint64_t sum = 0;
  uint32_t n = 0;

  weft_model_snapshot (model, &snapshot);
  for (uint32_t i = 0; i < snapshot.n_lanes; i++)
    {
      WeftModelLane lane;

      weft_model_lane (model, i, &lane);
      if (lane.kind != kind || (of != NULL && !g_str_has_prefix (lane.name, prefix)))
        continue;
      n++;
      sum += weft_spans_n (lane.spans);
      for (uint64_t k = 0; k < weft_spans_n (lane.spans); k++)
        for (uint64_t l = 0; l < k; l++)
          {
            const WeftSpan *one = weft_spans_get (lane.spans, k);
            const WeftSpan *other = weft_spans_get (lane.spans, l);

            g_assert_true (one->end_ns <= other->start_ns || other->end_ns <= one->start_ns);
          }
    }
  if (n_spans != NULL)
    *n_spans = sum;
  return n;
}

typedef struct
{
  uint64_t start, end;
  uint32_t worker; /* number of it in the test */
  uint64_t thread;
} Drawn;

static int
by_start (const void *a, const void *b)
{
  const Drawn *one = a, *other = b;

  return one->start < other->start ? -1 : one->start > other->start;
}

static int
by_end (const void *a, const void *b)
{
  const Drawn *one = a, *other = b;

  return one->end < other->end ? -1 : one->end > other->end;
}

static void
shuffle (Drawn *drawn, uint32_t n)
{
  for (uint32_t i = n; i > 1; i--)
    {
      uint32_t k = (uint32_t) g_test_rand_int_range (0, (gint32) i);
      Drawn kept = drawn[k];

      drawn[k] = drawn[i - 1];
      drawn[i - 1] = kept;
    }
}

/* Spans of one thread, or of none, that overlap as chance has it. */
static uint32_t
draw_overlapping (Drawn *drawn, uint64_t thread)
{
  uint32_t n = (uint32_t) g_test_rand_int_range (1, MOST_SPANS);
  gint32 longest = g_test_rand_int_range (2, 400);

  for (uint32_t i = 0; i < n; i++)
    {
      drawn[i] = (Drawn){ .start = (uint64_t) g_test_rand_int_range (0, 20000), .thread = thread };
      drawn[i].end = drawn[i].start + (uint64_t) g_test_rand_int_range (1, longest);
    }
  return n;
}

/* What one thread runs: one after the other. */
static uint32_t
draw_disjoint (Drawn *drawn, uint32_t most, uint32_t to, uint64_t thread)
{
  uint32_t n = (uint32_t) g_test_rand_int_range (1, (gint32) most);
  uint64_t at = 0;

  for (uint32_t i = 0; i < n; i++)
    {
      at += (uint64_t) g_test_rand_int_range (0, 2) * (uint64_t) g_test_rand_int_range (0, 100);
      drawn[i] = (Drawn){ at, at + (uint64_t) g_test_rand_int_range (1, 100), to, thread };
      at = drawn[i].end;
    }
  return n;
}

static uint32_t
largest_overlap (const Drawn *drawn, uint32_t n)
{
  uint32_t most = 0;

  for (uint32_t i = 0; i < n; i++)
    {
      uint32_t overlap = 0;

      for (uint32_t k = 0; k < n; k++)
        overlap += drawn[k].start <= drawn[i].start && drawn[i].start < drawn[k].end;
      most = MAX (most, overlap);
    }
  return most;
}

static void
tell_all (Fixture *f, const Drawn *drawn, uint32_t n, uint32_t n_threads)
{
  for (uint32_t i = 0; i < n; i++)
    {
      tell_span (f, new_task (f), worker (f, drawn[i].worker, n_threads), drawn[i].thread,
                 drawn[i].start, drawn[i].end);
      if (g_test_rand_int_range (0, 20) == 0)
        flush (f);
    }
}

/* ---- whole spans ----------------------------------------------------------------------------- */

/* Told in the order in which they start, or end: as many rows as overlap at most. */
static void
test_as_many_as_overlap (Fixture *f, const void *unused)
{
  Drawn drawn[MOST_SPANS];

  for (int round = 0; round < 60; round++)
    {
      uint64_t thread = round % 2 == 0 ? 7 : 0, n_spans;
      uint32_t n = draw_overlapping (drawn, thread);
      WeftModel *model;

      qsort (drawn, n, sizeof *drawn, round % 4 < 2 ? by_start : by_end);
      tell_all (f, drawn, n, 0);
      model = finish (f);
      g_assert_cmpuint (
          count_rows (model, thread != 0 ? WEFT_LANE_THREAD : WEFT_LANE_UNPLACED, "w0", &n_spans),
          ==, largest_overlap (drawn, n));
      g_assert_cmpuint (n_spans, ==, n);
      weft_model_unref (model);
      begin_again (f);
    }
}

/* Spans of threads that do one thing after the other stand in one row of each, in any order. */
static void
test_thread_keeps_its_row (Fixture *f, const void *unused)
{
  Drawn drawn[MOST_SPANS];

  for (int round = 0; round < 60; round++)
    {
      uint32_t n = 0, n_threads = (uint32_t) g_test_rand_int_range (1, 5);
      uint64_t n_spans;
      WeftModel *model;

      for (uint32_t i = 0; i < n_threads; i++) /* threads of different processes have equal ids */
        n += draw_disjoint (drawn + n, MOST_SPANS / 5, i % 2, 100 + i / 2);
      shuffle (drawn, n);
      tell_all (f, drawn, n, round % 2 == 0 ? 4 : 0);
      model = finish (f);
      g_assert_cmpuint (count_rows (model, WEFT_LANE_THREAD, NULL, &n_spans), ==, n_threads);
      g_assert_cmpuint (count_rows (model, WEFT_LANE_UNPLACED, NULL, NULL), ==, 0);
      g_assert_cmpuint (n_spans, ==, n);
      weft_model_unref (model);
      begin_again (f);
    }
}

/* How many others any of them overlaps, at most. */
static uint32_t
most_neighbours (const Drawn *drawn, uint32_t n)
{
  uint32_t most = 0;

  for (uint32_t i = 0; i < n; i++)
    {
      uint32_t others = 0;

      for (uint32_t k = 0; k < n; k++)
        others += k != i && drawn[k].start < drawn[i].end && drawn[i].start < drawn[k].end;
      most = MAX (most, others);
    }
  return most;
}

/* In any order, a row is made only where each row there was has something that overlaps. */
static void
test_any_order (Fixture *f, const void *unused)
{
  Drawn drawn[MOST_SPANS];

  for (int round = 0; round < 60; round++)
    {
      uint32_t n = draw_overlapping (drawn, 0), n_rows;
      uint64_t n_spans;
      WeftModel *model;

      n = MIN (n, 30); /* gaps of all are remembered */
      tell_all (f, drawn, n, 0);
      model = finish (f);
      n_rows = count_rows (model, WEFT_LANE_UNPLACED, "w0", &n_spans);
      g_assert_cmpuint (n_rows, >=, largest_overlap (drawn, n));
      g_assert_cmpuint (n_rows, <=, most_neighbours (drawn, n) + 1);
      g_assert_cmpuint (n_spans, ==, n);
      weft_model_unref (model);
      begin_again (f);
    }
}

/* What waits is written in the order of time: a lane is fast to read then. */
static void
test_late_ones_are_sorted_in (Fixture *f, const void *unused)
{
  Drawn drawn[MOST_SPANS];
  uint32_t n = draw_disjoint (drawn, MOST_SPANS, 0, 7);
  WeftModelSnapshot snapshot;
  WeftModel *model;

  for (uint32_t i = 0; i < n; i += 8)
    shuffle (drawn + i, MIN (n - i, 8));
  for (uint32_t i = 0; i < n; i++)
    tell_span (f, new_task (f), worker (f, 0, 1), 7, drawn[i].start, drawn[i].end);
  model = finish (f);
  weft_model_snapshot (model, &snapshot);
  g_assert_cmpuint (count_rows (model, WEFT_LANE_THREAD, "w0", NULL), ==, 1);
  assert_lanes_ordered (model, WEFT_LANE_THREAD);
  weft_model_unref (model);
}

/* ---- starts and ends ------------------------------------------------------------------------- */

typedef struct
{
  uint64_t at;
  uint32_t task; /* number of it among those that were drawn */
  bool is_end;
} Event;

static int
by_time (const void *a, const void *b)
{
  const Event *one = a, *other = b;

  if (one->at != other->at)
    return one->at < other->at ? -1 : 1;
  return (int) other->is_end - (int) one->is_end; /* at the same time one ends first */
}

static void
tell_starts_and_ends (Fixture *f, const Drawn *drawn, uint32_t n)
{
  g_autofree Event *events = g_new (Event, 2 * n);
  g_autofree uint32_t *tasks = g_new (uint32_t, n);
  uint32_t to = worker (f, 0, 0);

  for (uint32_t i = 0; i < n; i++)
    {
      tasks[i] = new_task (f);
      events[2 * i] = (Event){ drawn[i].start, i, false };
      events[2 * i + 1] = (Event){ drawn[i].end, i, true };
    }
  qsort (events, 2 * n, sizeof *events, by_time);
  for (uint32_t i = 0; i < 2 * n; i++)
    {
      const Event *event = &events[i];

      if (event->is_end)
        g_assert_true (_weft_report_end (f->report, tasks[event->task], f->begin + event->at,
                                         WEFT_OUTCOME_OK, 0));
      else
        _weft_report_start (f->report, tasks[event->task], to, drawn[event->task].thread,
                            f->begin + event->at);
    }
}

static void
test_starts_and_ends (Fixture *f, const void *unused)
{
  Drawn drawn[MOST_SPANS];

  for (int round = 0; round < 40; round++)
    {
      uint64_t thread = round % 2 == 0 ? 7 : 0, n_spans;
      uint32_t n = draw_overlapping (drawn, thread);
      WeftModel *model;

      tell_starts_and_ends (f, drawn, n);
      model = finish (f);
      g_assert_cmpuint (count_rows (model, WEFT_LANE_THREAD, "w0", &n_spans), ==,
                        largest_overlap (drawn, n));
      g_assert_cmpuint (n_spans, ==, n);
      weft_model_unref (model);
      begin_again (f);
    }
}

/* What runs within another task is shown, and after it the other one again. */
static void
test_within_another (Fixture *f, const void *unused)
{
  uint32_t to = worker (f, 0, 1), outer = new_task (f), inner = new_task (f);
  WeftModelNow now;
  WeftModel *model;

  _weft_report_start (f->report, outer, to, 7, f->begin);
  _weft_report_start (f->report, inner, to, 7, f->begin + 10);
  flush (f);
  model = model_of_file (f->path);
  g_assert_true (weft_model_now (model, 2, &now));
  g_assert_cmpuint (now.task, ==, inner);
  weft_model_unref (model);
  _weft_report_end (f->report, inner, f->begin + 20, WEFT_OUTCOME_OK, 0);
  flush (f);
  model = model_of_file (f->path);
  g_assert_true (weft_model_now (model, 2, &now));
  g_assert_cmpuint (now.task, ==, outer);
  weft_model_unref (model);
}

/* ---- threads that are known late ------------------------------------------------------------- */

/* Of what runs when the @i-th of them ends, in the order of ends, some are told to run. */
static void
tell_some_starts (Fixture *f, const Drawn *drawn, bool *started, uint32_t i, uint32_t n,
                  uint32_t to)
{
  for (uint32_t k = i; k < n && i > 0; k++)
    if (!started[k] && drawn[k].start < drawn[i - 1].end && g_test_rand_int_range (0, 2) == 0)
      {
        started[k] = true;
        _weft_report_start (f->report, task_of (f, k), to, 0, f->begin + drawn[k].start);
      }
}

/* Each of a worker's threads runs one task after the other. Of some it is told that they run, as
 * Dask does: late, and without a thread; with the end comes where it was. */
static void
test_threads_known_late (Fixture *f, const void *unused)
{
  Drawn drawn[MOST_SPANS];

  for (int round = 0; round < 60; round++)
    {
      uint32_t n_threads = (uint32_t) g_test_rand_int_range (1, 5), n = 0;
      uint32_t to = worker (f, 0, n_threads);
      bool started[MOST_SPANS] = { false };
      uint64_t n_spans;
      WeftModel *model;

      for (uint32_t i = 0; i < n_threads; i++)
        n += draw_disjoint (drawn + n, MOST_SPANS / 5, 0, 100 + i);
      qsort (drawn, n, sizeof *drawn, by_end);
      for (uint32_t i = 0; i < n; i++)
        {
          tell_some_starts (f, drawn, started, i, n, to);
          if (g_test_rand_int_range (0, 10) == 0)
            flush (f);
          tell_span (f, task_of (f, i), to, drawn[i].thread, drawn[i].start, drawn[i].end);
        }
      model = finish (f);
      g_assert_cmpuint (count_rows (model, WEFT_LANE_THREAD, "w0", &n_spans), ==, n_threads);
      g_assert_cmpuint (count_rows (model, WEFT_LANE_UNPLACED, NULL, NULL), ==, 0);
      g_assert_cmpuint (n_spans, ==, n);
      weft_model_unref (model);
      begin_again (f);
    }
}

/* What it does beside tasks stands in rows of another kind, which nobody takes for a worker's. */
static void
test_rows_beside (Fixture *f, const void *unused)
{
  uint32_t to = worker (f, 0, 2);
  WeftModel *model;

  for (uint32_t i = 0; i < 100; i++)
    {
      WeftReportBusy busy = { .worker = to,
                              .kind = WEFT_RECORD_TRANSFER,
                              .task = new_task (f),
                              .peer = WEFT_NONE,
                              .start = f->begin + 10 * i,
                              .end = f->begin + 10 * i + 25 };

      _weft_report_busy (f->report, &busy);
      tell_span (f, busy.task, to, 1 + i % 2, 10 * i, 10 * i + 20);
    }
  model = finish (f);
  g_assert_cmpuint (count_rows (model, WEFT_LANE_THREAD, "w0", NULL), ==, 2);
  g_assert_cmpuint (count_rows (model, WEFT_LANE_UNPLACED, "w0", NULL), ==, 3);
  weft_model_unref (model);
}

/* A worker without a word of its threads: another one's peer first. */
static void
test_threads_told_later (Fixture *f, const void *unused)
{
  WeftModelLane lane;
  WeftModel *model;
  uint32_t to;

  _weft_report_worker (f->report, "w0", 2, NULL);
  to = worker (f, 0, 2);
  tell_span (f, new_task (f), to, 0, 0, 10);
  tell_span (f, new_task (f), to, 0, 5, 15);
  tell_span (f, new_task (f), to, 0, 7, 9);
  model = finish (f);
  weft_model_lane (model, 1, &lane);
  g_assert_cmpuint (lane.n_threads, ==, 2);
  g_assert_cmpuint (count_rows (model, WEFT_LANE_THREAD, "w0", NULL), ==, 2);
  g_assert_cmpuint (count_rows (model, WEFT_LANE_UNPLACED, "w0", NULL), ==, 1); /* really more */
  weft_model_unref (model);
}

static int
by_start_of (const void *a, const void *b)
{
  const uint64_t *one = a, *other = b;

  return (*one > *other) - (*one < *other);
}

/* A worker that never says how many threads it has. Of each task is told that it began, and once it
 * has ended, with its thread, when that was: no row stays empty, there is one for each thread. */
static void
test_threads_never_told (Fixture *f, const void *unused)
{
  for (int round = 0; round < 60; round++)
    {
      uint32_t n_threads = (uint32_t) g_test_rand_int_range (1, 6), to;
      uint64_t events[5 * 2 * 20], at[5] = { 0 }, starts[5] = { 0 }, n_spans;
      uint32_t tasks[5], n = 0;
      WeftModel *model;

      to = _weft_report_worker (f->report, "w0", 2, NULL);
      for (uint32_t thread = 0; thread < n_threads; thread++)
        for (uint32_t k = 0; k < 20; k++)
          {
            at[thread] += (uint64_t) g_test_rand_int_range (1, 50);
            events[n++] = at[thread] << 4 | thread << 1;
            at[thread] += (uint64_t) g_test_rand_int_range (1, 50);
            events[n++] = at[thread] << 4 | thread << 1 | 1;
          }
      qsort (events, n, sizeof *events, by_start_of);
      for (uint32_t i = 0; i < n; i++)
        {
          uint32_t thread = events[i] >> 1 & 7;
          uint64_t stamp = f->begin + (events[i] >> 4);

          if ((events[i] & 1) == 0)
            {
              tasks[thread] = new_task (f);
              starts[thread] = stamp;
              _weft_report_start (f->report, tasks[thread], to, 0, stamp);
            }
          else
            _weft_report_span (f->report, tasks[thread], to, 100 + thread, starts[thread], stamp,
                               WEFT_OUTCOME_OK, 0);
          if (g_test_rand_int_range (0, 4) == 0)
            flush (f);
        }
      model = finish (f);
      g_assert_cmpuint (count_rows (model, WEFT_LANE_UNPLACED, "w0", NULL), ==, 0);
      g_assert_cmpuint (count_rows (model, WEFT_LANE_THREAD, "w0", &n_spans), ==, n_threads);
      g_assert_cmpuint (n_spans, ==, n / 2);
      weft_model_unref (model);
      begin_again (f);
    }
}

static void
test_stolen (Fixture *f, const void *unused)
{
  uint32_t from = worker (f, 0, 1), to = worker (f, 1, 1), task = new_task (f), lane_id;
  uint64_t index, peer = 0;
  WeftModelLane lane;
  WeftModel *model;

  _weft_report_stolen (f->report, task, from);
  _weft_report_start (f->report, task, to, 0, f->begin);
  _weft_report_end (f->report, task, f->begin + 10, WEFT_OUTCOME_FAILED, 0);
  tell_span (f, task, to, 9, 20, 30);
  model = finish (f);
  g_assert_true (weft_model_task_span (model, 0, &lane_id, &index));
  weft_model_lane (model, lane_id, &lane);
  g_assert_cmpuint (weft_spans_n (lane.spans), ==, 2);
  g_assert_cmpint (weft_spans_get (lane.spans, 0)->how, ==,
                   WEFT_HOW_STOLEN | WEFT_OUTCOME_FAILED << 4);
  g_assert_true (weft_model_span_detail (model, lane_id, 0, WEFT_RECORD_PEER, &peer));
  weft_model_lane (model, (uint32_t) peer, &lane);
  g_assert_cmpstr (lane.name, ==, "w0");
  weft_model_lane (model, lane_id, &lane);
  g_assert_cmpint (weft_spans_get (lane.spans, 1)->how, ==, WEFT_HOW_FOREIGN);
  weft_model_unref (model);
}

/* Not even one message of spans that all overlap makes rows without end, or a file that is many
 * times as large. */
static void
test_no_more_than_there_is_room_for (Fixture *f, const void *unused)
{
  g_autofree char *name = g_strnfill (WEFT_REPORT_MOST_NAME_BYTES, 'n');
  uint32_t to = _weft_report_worker (f->report, name, strlen (name), NULL), task = new_task (f);
  uint32_t other = worker (f, 1, 1), late;
  struct stat file;

  for (uint64_t i = 0; i < WEFT_REPORT_MOST_LANES + 1000; i++)
    tell_span (f, task, to, i % 3, 1000 + i, 10000000 - i);
  g_assert_cmpuint (f->report->lanes->len, ==, WEFT_REPORT_MOST_LANES);
  for (uint64_t thread = 0; thread < 10; thread++)
    {
      _weft_report_start (f->report, task, to, thread + 10, f->begin);
      tell_span (f, task, to, thread + 20, 0, 1000);
      tell_span (f, task, other, thread, 0, 1000);
    }
  _weft_report_busy (f->report, &(WeftReportBusy){ .worker = to,
                                                   .kind = WEFT_RECORD_TRANSFER,
                                                   .task = WEFT_NONE,
                                                   .peer = WEFT_NONE,
                                                   .end = 1000 });
  g_assert_cmpuint (f->report->lanes->len, ==, WEFT_REPORT_MOST_LANES + 1); /* the other's */
  g_assert_true (_weft_report_has_room (f->report, name, strlen (name)));
  g_assert_false (_weft_report_has_room (f->report, "late", 4));
  late = worker (f, 2, 1); /* who looks for room first does not come here */
  tell_span (f, task, late, 0, 0, 1);
  weft_model_unref (finish (f));
  g_assert_cmpint (stat (f->path, &file), ==, 0);
  g_assert_cmpint (file.st_size, <, 64 << 20); /* else 270 MB of names alone */
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, func) \
  g_test_add ("/weft/server/rows/" name, Fixture, NULL, set_up, func, tear_down)
  ADD ("as-many-as-overlap", test_as_many_as_overlap);
  ADD ("thread-keeps-its-row", test_thread_keeps_its_row);
  ADD ("any-order", test_any_order);
  ADD ("late-ones-are-sorted-in", test_late_ones_are_sorted_in);
  ADD ("starts-and-ends", test_starts_and_ends);
  ADD ("within-another", test_within_another);
  ADD ("threads-known-late", test_threads_known_late);
  ADD ("rows-beside", test_rows_beside);
  ADD ("threads-told-later", test_threads_told_later);
  ADD ("threads-never-told", test_threads_never_told);
  ADD ("stolen", test_stolen);
  ADD ("no-more-than-there-is-room-for", test_no_more_than_there_is_room_for);
  return g_test_run ();
}
