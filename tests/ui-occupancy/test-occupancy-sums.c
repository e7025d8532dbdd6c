/* test-occupancy-sums.c: what workers did over time, against a look at every nanosecond
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "../model/made-fixture.h"

#include "model/weft-account.h"
#include "occupancy/occupancy-source.h"

#define END 4000
#define MOST_TASKS 600
#define MOST_COLUMNS 300

/* ---- made lanes ------------------------------------------------------------------------------ */

static int64_t
draw (int64_t from, int64_t to)
{
  return g_test_rand_int_range ((gint32) from, (gint32) to + 1);
}

static void
give_span (Maker *m, uint32_t lane, uint8_t kind, uint8_t how, uint32_t task, int64_t start,
           int64_t end, uint8_t depth)
{
  WeftRecord record = span (kind, how, task, (uint64_t) start, (uint64_t) (end - start), 0);

  record.depth = depth;
  give_one (m, lane, record);
}

/* One thing that a worker does. Returns: when it ends */
static int64_t
give_piece (Maker *m, uint32_t lane, uint32_t *task, int64_t start)
{
  static const uint8_t kinds[] = { WEFT_RECORD_PARKED,      WEFT_RECORD_PAUSED,
                                   WEFT_RECORD_SPILL_WRITE, WEFT_RECORD_SPILL_READ,
                                   WEFT_RECORD_STEAL_MISS,  WEFT_RECORD_MEMORY_PAUSED,
                                   WEFT_RECORD_ELSEWHERE,   WEFT_RECORD_SLOWED };
  int64_t end = start + draw (0, 30);

  if (draw (0, 2) > 0 && *task < MOST_TASKS)
    {
      uint8_t how = draw (0, 3) == 0 ? WEFT_HOW_STOLEN : WEFT_HOW_OWN;

      if (end - start > 6 && draw (0, 3) == 0)
        give_span (m, lane, WEFT_RECORD_BLOCKED, 0, WEFT_NONE, start + 1, start + 4, 1);
      if (draw (0, 9) == 0)
        give_span (m, lane, WEFT_RECORD_RECORDER_WAIT, 0, WEFT_NONE, end + 1, end + 5, 0);
      give_span (m, lane, WEFT_RECORD_TASK, how, (*task)++, start, end, 0);
      return end + 5;
    }
  give_span (m, lane, kinds[draw (0, G_N_ELEMENTS (kinds) - 1)], 0, WEFT_NONE, start, end, 0);
  return end;
}

static void
give_workers (Maker *m, int64_t at, uint32_t n)
{
  WeftRecord record;

  weft_record_set_point (&record, WEFT_RECORD_SETTING, 0, WEFT_VALUE_FORM_INT64, WEFT_NONE,
                         WEFT_NONE, (uint64_t) at, WEFT_SETTING_WORKERS, n);
  give_one (m, 0, record);
}

/* @visits: whether it tells when it came and went */
static void
give_worker (Maker *m, uint32_t lane, uint32_t *task, bool visits)
{
  int64_t at = draw (1000, 1300);

  while (at < 1000 + END - 200)
    {
      int64_t until = visits ? at + draw (0, 900) : 1000 + END - 200;

      if (visits)
        give_span (m, lane, WEFT_RECORD_WORKER_START, 0, 7, at, at, 0);
      while (at < until)
        at = give_piece (m, lane, task, at + draw (0, 1) * draw (0, 20));
      at = MAX (at, until);
      if (visits)
        give_span (m, lane, WEFT_RECORD_WORKER_STOP, 0, 7, at, at, 0);
      at += draw (1, 300);
    }
}

static void
make_model (Maker *m, uint32_t n_workers)
{
  uint32_t distances[MOST_TASKS] = { 0 }, task = 0;

  begin_run (m);
  give_workers (m, 1000, (uint32_t) draw (0, 3));
  give_workers (m, 1000 + draw (500, 2000), (uint32_t) draw (0, 3));
  give_segment (m, 0, 0, distances, MOST_TASKS);
  for (uint32_t i = 0; i < n_workers; i++)
    {
      if (i > 0)
        give_lane (m, i + 1, WEFT_LANE_THREAD, 0);
      give_worker (m, i + 1, &task, draw (0, 3) > 0);
    }
}

/* ---- every nanosecond ------------------------------------------------------------------------ */

static bool
is_asked_for (const WeftModel *model, uint32_t worker, int64_t at_ns)
{
  bool asked = false;

  for (uint64_t i = 0; i < weft_model_series_n (model, WEFT_SERIES_WORKERS); i++)
    {
      WeftModelPoint point = weft_model_series_get (model, WEFT_SERIES_WORKERS, i);

      if (point.at_ns <= at_ns)
        asked = worker < point.value;
    }
  return asked;
}

/* Whether a worker served the run then; one that does not say so: all the time, if it ever did. */
static bool
is_served (const WeftModel *model, uint32_t lane, const WeftSpans *spans, int64_t at_ns)
{
  uint32_t n = weft_model_lane_n_visits (model, lane);

  for (uint32_t i = 0; i < n; i++)
    {
      WeftModelVisit visit;

      weft_model_lane_visit (model, lane, i, &visit);
      if (visit.start_ns <= at_ns && at_ns < visit.stop_ns)
        return true;
    }
  return n == 0 && weft_spans_n (spans) > 0;
}

/* What a worker did in each nanosecond; N_USES: it was not there. */
static void
look_at_all (const WeftModel *model, const WeftModelSnapshot *snapshot, uint32_t lane,
             const WeftModelLane *info, uint8_t *uses)
{
  for (int64_t t = 0; t < snapshot->last_ns; t++)
    {
      uses[t] = WEFTLINE_OCCUPANCY_N_USES;
      if (is_served (model, lane, info->spans, t))
        uses[t] = WEFTLINE_OCCUPANCY_OVERHEAD;
      else if (weft_model_lane_n_visits (model, lane) > 0 && is_asked_for (model, info->worker, t))
        uses[t] = WEFTLINE_OCCUPANCY_PARKED;
    }
  for (uint64_t i = 0; i < weft_spans_n (info->spans); i++)
    {
      const WeftSpan *span = weft_spans_get (info->spans, i);
      WeftlineOccupancyUse use = weftline_occupancy_use (span->kind);

      if (span->depth == 0 && use != WEFTLINE_OCCUPANCY_OVERHEAD)
        memset (uses + span->start_ns, (int) use, (size_t) (span->end_ns - span->start_ns));
    }
}

static uint64_t
count_stolen (const WeftSpans *spans, int64_t until_ns)
{
  uint64_t n = 0;

  for (uint64_t i = 0; i < weft_spans_n (spans); i++)
    {
      const WeftSpan *span = weft_spans_get (spans, i);

      n += span->kind == WEFT_RECORD_TASK && (span->how & 15) == WEFT_HOW_STOLEN
           && (span->start_ns < until_ns || span->end_ns <= until_ns);
    }
  return n;
}

static void
check_lane (const WeftModel *model, const WeftModelSnapshot *snapshot, uint32_t lane,
            const WeftlineOccupancyLane *sums)
{
  g_autofree uint8_t *uses = g_malloc ((gsize) snapshot->last_ns + 1);
  WeftModelLane info;

  weft_model_lane (model, lane, &info);
  look_at_all (model, snapshot, lane, &info, uses);
  for (unsigned round = 0; round < 8; round++)
    {
      int64_t t0 = round == 0 ? 0 : draw (0, snapshot->last_ns - 1);
      int64_t t1 = round == 0 ? snapshot->last_ns : draw (t0 + 1, snapshot->last_ns);
      unsigned n = (unsigned) draw (1, MOST_COLUMNS);
      WeftlineOccupancyShare shares[MOST_COLUMNS] = { 0 };

      weftline_occupancy_lane_columns (sums, t0, t1, n, shares);
      for (unsigned x = 0; x < n; x++)
        {
          int64_t from = weftline_occupancy_edge (t0, t1, n, x);
          int64_t to = weftline_occupancy_edge (t0, t1, n, x + 1);
          int64_t ns[WEFTLINE_OCCUPANCY_N_USES + 1] = { 0 };

          for (int64_t t = from; t < to; t++)
            ns[uses[t]]++;
          for (unsigned use = 0; use < WEFTLINE_OCCUPANCY_N_USES; use++)
            g_assert_cmpint (shares[x].ns[use], ==, ns[use]);
          g_assert_cmpuint (shares[x].n_stolen, ==,
                            count_stolen (info.spans, to) - count_stolen (info.spans, from));
        }
    }
}

/* ---- another program's ----------------------------------------------------------------------- */

#define MS INT64_C (1000000)

/* Two workers come after each other, work with gaps long and short, and one of them is lost. */
static void
make_foreign (Maker *m, bool in_order)
{
  uint32_t distances[8] = { 0 };

  begin_foreign (m);
  give_foreign_lane (m, 2, WEFT_LANE_PROCESS, WEFT_NONE);
  give_foreign_lane (m, 3, WEFT_LANE_THREAD, 1);
  give_foreign_lane (m, 4, WEFT_LANE_THREAD, 2);
  give_one (m, 0, span (WEFT_RECORD_RUN_STATE, WEFT_RUN_RUNNING, WEFT_NONE, MS, 0, 0));
  give_segment (m, 0, 0, distances, 8);
  give_one (m, 1, span (WEFT_RECORD_MEMORY, 0, 2, 5 * MS, 0, 1000));
  give_one (m, 2, span (WEFT_RECORD_MEMORY, 0, 2, 31 * MS, 0, 1000));
  for (uint32_t i = 0; i < 6; i++)
    {
      uint32_t task = in_order ? i : i ^ 1;
      int64_t start = (10 + 20 * (task / 2)) * MS + (task % 2) * (5 * MS + MS / 20);

      give_span (m, 3, WEFT_RECORD_TASK, WEFT_HOW_FOREIGN, task, start, start + 5 * MS, 0);
    }
  give_span (m, 4, WEFT_RECORD_TASK, WEFT_HOW_FOREIGN, 6, 30 * MS, 50 * MS, 0);
  give_one (m, 2, span (WEFT_RECORD_WORKER_LOST, 0, WEFT_NONE, 80 * MS, 0, 0));
  give_one (m, 0, span (WEFT_RECORD_RUN_STATE, WEFT_RUN_DONE, WEFT_NONE, 101 * MS, 0, 0));
  weft_model_finish (m->model, false);
}

/* @lane: of a thread */
static void
assert_stay (Maker *m, uint32_t lane, int64_t came_ns, int64_t went_ns)
{
  int64_t came, went;

  g_assert_true (weft_time_lane_stay (m->model, lane, &came, &went));
  g_assert_cmpint (came, ==, came_ns);
  g_assert_cmpint (went, ==, went_ns);
}

/* Of what is there it says what the account of the workers' time says: neither counts the time
 * before a worker came and after it was lost, and between tasks it slept. */
static void
test_as_the_account (void)
{
  for (unsigned in_order = 0; in_order < 2; in_order++)
    {
      WeftlineOccupancySource source;
      WeftlineOccupancyShare sum = { 0 };
      WeftModelSnapshot snapshot;
      WeftTimeAccount *account;
      WeftTimeRow total;
      Maker m;

      make_foreign (&m, in_order);
      assert_stay (&m, 3, 4 * MS, INT64_MAX);
      assert_stay (&m, 4, 29 * MS, 79 * MS);
      weft_model_snapshot (m.model, &snapshot);
      weftline_occupancy_source_init (&source);
      g_assert_true (weftline_occupancy_source_take (&source, m.model, &snapshot, 1000));
      for (guint i = 0; i < source.workers->len; i++)
        weftline_occupancy_lane_columns (
            g_array_index (source.workers, WeftlineOccupancyWorker, i).sums, 0, snapshot.last_ns, 1,
            &sum);
      account = weft_time_account_new (m.model);
      g_assert_true (weft_time_account_update (account, &snapshot, 1000));
      weft_time_account_total (account, &total);
      g_assert_cmpint (total.total_ns, ==, 96 * MS + 50 * MS);
      g_assert_cmpint (sum.ns[WEFTLINE_OCCUPANCY_RUNNING], ==, 50 * MS);
      g_assert_cmpint (sum.ns[WEFTLINE_OCCUPANCY_RUNNING], ==, total.ns[WEFT_TIME_RUNNING]);
      g_assert_cmpint (sum.ns[WEFTLINE_OCCUPANCY_PARKED] + sum.ns[WEFTLINE_OCCUPANCY_OVERHEAD], ==,
                       total.total_ns - 50 * MS);
      if (in_order)
        g_assert_cmpint (sum.ns[WEFTLINE_OCCUPANCY_OVERHEAD], ==, 3 * MS / 20);
      weft_time_account_free (account);
      weftline_occupancy_source_clear (&source);
      clear (&m);
    }
}

/* Taken in piece by piece, whatever the pieces. */
static void
test_every_nanosecond (void)
{
  for (unsigned round = 0; round < 12 / MIN (test_slowdown (), 4) + 1; round++)
    {
      uint32_t n_workers = (uint32_t) draw (1, 3);
      WeftModelSnapshot snapshot;
      WeftlineOccupancySource source;
      Maker m;

      make_model (&m, n_workers);
      weft_model_finish (m.model, false);
      weft_model_snapshot (m.model, &snapshot);
      weftline_occupancy_source_init (&source);
      while (
          !weftline_occupancy_source_take (&source, m.model, &snapshot, (uint64_t) draw (1, 200)))
        ;
      g_assert_cmpuint (source.workers->len, ==, n_workers);
      for (guint i = 0; i < source.workers->len; i++)
        {
          const WeftlineOccupancyWorker *worker =
              &g_array_index (source.workers, WeftlineOccupancyWorker, i);

          check_lane (m.model, &snapshot, worker->lane, worker->sums);
        }
      weftline_occupancy_source_clear (&source);
      clear (&m);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("ui-occupancy", "occupancy-sums", "every-nanosecond", test_every_nanosecond);
  test_add ("ui-occupancy", "occupancy-sums", "as-the-account", test_as_the_account);
  return g_test_run ();
}
