/* test-account.c: where the time went, against a look at every nanosecond
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Random runs some thousand nanoseconds long, made of frames that come in pieces, while an account
 * is kept; at the end it says what a plain walk through time says.
 */
#include "config.h"

#include "made-fixture.h"

#include "model/weft-account.h"

#define END 1500
#define MOST_LANES 4
#define MOST_TASKS 400
#define N_WAITS 4
#define SKEW 500 /* that starts may have */
#define MOST_RECORDS 400

typedef struct
{
  int64_t start, end;
} Part;

/* A lane as it was made. */
typedef struct
{
  uint32_t worker;
  bool tells_visits;
  Part visits[16];
  uint32_t n_visits;
  WeftRecord spans[MOST_RECORDS]; /* as they are written */
  uint32_t n_spans;
  uint32_t n_given;
  int64_t at;
} MadeLane;

typedef struct
{
  MadeLane lanes[MOST_LANES];
  uint32_t n_lanes;
  uint32_t distances[MOST_TASKS];
  Part tasks[MOST_TASKS]; /* where each ran; end 0: nowhere */
  uint32_t n_tasks;
  Part paused[2], resource[N_WAITS], retry[N_WAITS];
  int64_t begin, end;
  struct
  {
    int64_t at;
    uint32_t n;
  } workers[3];
  uint32_t n_settings;
} MadeRun;

/* ---- making ---------------------------------------------------------------------------------- */

static int64_t
draw (int64_t from, int64_t to)
{
  return g_test_rand_int_range ((gint32) from, (gint32) to + 1);
}

static void
write_span (MadeLane *lane, uint8_t kind, uint32_t task, int64_t start, int64_t end, uint8_t depth)
{
  WeftRecord record = span (kind, 0, task, (uint64_t) start, (uint64_t) (end - start), 0);

  record.depth = depth;
  g_assert_cmpuint (lane->n_spans, <, MOST_RECORDS);
  lane->spans[lane->n_spans++] = record;
}

/* A task, perhaps with a wait for a future in it, perhaps one whose record had to wait. */
static void
make_task (MadeRun *run, MadeLane *lane, int64_t start, int64_t end)
{
  uint32_t task = run->n_tasks++;
  bool waits = end < END - 20 && draw (0, 15) == 0;

  run->distances[task] = task > 0 && draw (0, 3) > 0 ? (uint32_t) draw (1, MIN (task, 9)) : 0;
  run->tasks[task] = (Part){ start, end };
  if (end - start > 6 && draw (0, 5) == 0)
    write_span (lane, WEFT_RECORD_BLOCKED, WEFT_NONE, start + 2, start + 5, 1);
  if (waits)
    write_span (lane, WEFT_RECORD_RECORDER_WAIT, WEFT_NONE, end + 1, end + 9, 0);
  write_span (lane, WEFT_RECORD_TASK, task, start, end, 0);
  lane->at = waits ? end + 9 : end;
}

static void
make_visit (MadeRun *run, MadeLane *lane, int64_t until)
{
  static const uint8_t kinds[] = { WEFT_RECORD_PARKED,      WEFT_RECORD_PARKED,
                                   WEFT_RECORD_PARKED,      WEFT_RECORD_PAUSED,
                                   WEFT_RECORD_SPILL_WRITE, WEFT_RECORD_MEMORY_PAUSED,
                                   WEFT_RECORD_STEAL_MISS,  WEFT_RECORD_SLOWED,
                                   WEFT_RECORD_ANNOTATION,  WEFT_RECORD_ELSEWHERE };
  bool dense = draw (0, 2) == 0;

  while (lane->at < until - 40 && run->n_tasks < MOST_TASKS && lane->n_spans < MOST_RECORDS - 8)
    {
      int64_t start = lane->at + (draw (0, 1) != 0 ? 0 : draw (0, 9));
      int64_t end = start + draw (0, 15);

      if (dense || draw (0, 2) > 0)
        make_task (run, lane, start, end);
      else
        {
          write_span (lane, kinds[draw (0, G_N_ELEMENTS (kinds) - 1)], WEFT_NONE, start, end, 0);
          lane->at = end;
        }
    }
}

static void
make_lane (MadeRun *run, uint32_t number)
{
  MadeLane *lane = &run->lanes[number];
  uint32_t n_visits = (uint32_t) draw (1, 3);

  lane->worker = number + (uint32_t) draw (0, 1) * 2; /* some are asked for and never come */
  lane->tells_visits = draw (0, 4) > 0;
  lane->at = run->begin + draw (0, 100);
  for (uint32_t i = 0; i < n_visits; i++)
    {
      int64_t until = lane->at + draw (50, END);
      Part *visit = &lane->visits[lane->n_visits++];

      visit->start = lane->at;
      if (lane->tells_visits)
        write_span (lane, WEFT_RECORD_WORKER_START, 0, lane->at, lane->at, 0);
      make_visit (run, lane, MIN (until, run->end));
      if (lane->tells_visits)
        write_span (lane, WEFT_RECORD_WORKER_STOP, 0, lane->at, lane->at, 0);
      visit->end = lane->at;
      lane->at += draw (1, 150);
      if (lane->at > run->end - 60)
        break;
    }
}

static Part
draw_part (const MadeRun *run)
{
  int64_t start = draw (run->begin, run->end - 20);

  return (Part){ start, start + draw (1, 200) };
}

static void
make_run (MadeRun *run)
{
  memset (run, 0, sizeof *run);
  run->begin = draw (0, 40);
  run->end = END;
  run->n_lanes = (uint32_t) draw (1, MOST_LANES);
  for (uint32_t i = 0; i < run->n_lanes; i++)
    make_lane (run, i);
  for (unsigned i = 0; i < N_WAITS; i++)
    {
      run->resource[i] = draw (0, 2) > 0 ? draw_part (run) : (Part){ 0, 0 };
      run->retry[i] = draw (0, 2) > 0 ? draw_part (run) : (Part){ 0, 0 };
    }
  run->paused[0] = (Part){ draw (200, 400), draw (401, 500) };
  run->paused[1] = (Part){ draw (600, 700), draw (701, 900) };
  run->n_settings = (uint32_t) draw (0, 3);
  for (uint32_t i = 0; i < run->n_settings; i++)
    {
      run->workers[i].at = i == 0 ? 0 : draw (100 * i, 100 * i + 400);
      run->workers[i].n = (uint32_t) draw (0, 7);
      if (i > 0 && run->workers[i].at < run->workers[i - 1].at)
        run->workers[i].at = run->workers[i - 1].at;
    }
}

/* ---- giving ---------------------------------------------------------------------------------- */

static void
give_worker_lane (Maker *m, uint32_t number, uint32_t worker)
{
  WeftLaneHead head = {
    .lane = number, .kind = WEFT_LANE_THREAD, .worker = worker, .parent_lane = WEFT_NONE
  };

  put (m, &head, sizeof head);
  give_well (m, WEFT_FRAME_LANE, 0);
}

static void
give_setting (Maker *m, int64_t at, uint32_t n)
{
  WeftRecord record;

  weft_record_set_point (&record, WEFT_RECORD_SETTING, 0, WEFT_VALUE_FORM_INT64, WEFT_NONE,
                         WEFT_NONE, (uint64_t) at, WEFT_SETTING_WORKERS, n);
  give_one (m, 0, record);
}

static void
give_phase (Maker *m, int64_t at, WeftRunPhase phase)
{
  give_one (m, 0, span (WEFT_RECORD_RUN_STATE, (uint8_t) phase, WEFT_NONE, (uint64_t) at, 0, 0));
}

static void
give_start (Maker *m, MadeRun *run)
{
  begin (m);
  give_clock (m, 0, 1000000000, 0, 0);
  give_lane (m, 0, WEFT_LANE_CONTROL, 0);
  give_phase (m, 0, WEFT_RUN_PREPARED);
  give_segment (m, 0, 0, run->distances, run->n_tasks);
  if (run->n_settings > 0)
    give_setting (m, run->workers[0].at, run->workers[0].n);
  give_phase (m, run->begin, WEFT_RUN_RUNNING);
}

/* What a lane recorded up to a moment; its watermark is that, or the end of what is held back. */
static void
give_lane_until (Maker *m, MadeRun *run, uint32_t number, int64_t at)
{
  MadeLane *lane = &run->lanes[number];
  WeftNowEntry entry = { .lane = number + 1, .task = WEFT_NONE, .watermark = (uint64_t) at };
  uint32_t n = 0;

  while (lane->n_given + n < lane->n_spans)
    {
      uint32_t last = lane->n_given + n;

      /* what had to wait comes with what it waited for */
      while (last + 1 < lane->n_spans
             && (lane->spans[last].kind == WEFT_RECORD_RECORDER_WAIT
                 || lane->spans[last].kind == WEFT_RECORD_BLOCKED))
        last++;
      if (weft_record_end (&lane->spans[lane->n_given + n]) >= (uint64_t) at
          || weft_record_end (&lane->spans[last]) >= (uint64_t) at)
        {
          for (uint32_t i = lane->n_given + n; i <= last; i++)
            entry.watermark = MIN (entry.watermark, weft_record_end (&lane->spans[i]));
          break;
        }
      n = last + 1 - lane->n_given;
    }
  if (n > 0)
    give_records (m, number + 1, &lane->spans[lane->n_given], n);
  lane->n_given += n;
  put (m, &entry, sizeof entry);
  give_well (m, WEFT_FRAME_NOW, 0);
}

static void
give_waits (Maker *m, MadeRun *run, int64_t from, int64_t to)
{
  for (unsigned i = 0; i < N_WAITS; i++)
    {
      const Part *parts[] = { &run->resource[i], &run->retry[i] };
      static const uint8_t kinds[] = { WEFT_RECORD_RESOURCE_WAIT, WEFT_RECORD_RETRY_WAIT };

      for (unsigned k = 0; k < 2; k++)
        if (parts[k]->end > from && parts[k]->end <= to)
          give_one (m, 0,
                    span (kinds[k], 0, 0, (uint64_t) parts[k]->start,
                          (uint64_t) (parts[k]->end - parts[k]->start), 0));
    }
  for (unsigned i = 0; i < G_N_ELEMENTS (run->paused); i++)
    {
      if (run->paused[i].start > from && run->paused[i].start <= to)
        give_phase (m, run->paused[i].start, WEFT_RUN_PAUSED);
      if (run->paused[i].end > from && run->paused[i].end <= to)
        give_phase (m, run->paused[i].end, WEFT_RUN_RUNNING);
    }
  for (uint32_t i = 1; i < run->n_settings; i++)
    if (run->workers[i].at > from && run->workers[i].at <= to)
      give_setting (m, run->workers[i].at, run->workers[i].n);
}

/* ---- one nanosecond after the other ---------------------------------------------------------- */

static bool
is_in (const Part *parts, unsigned n, int64_t t)
{
  for (unsigned i = 0; i < n; i++)
    if (t >= parts[i].start && t < parts[i].end)
      return true;
  return false;
}

static uint32_t
n_workers_at (const MadeRun *run, int64_t t)
{
  uint32_t n = 0;

  for (uint32_t i = 0; i < run->n_settings; i++)
    if (run->workers[i].at <= t)
      n = run->workers[i].n;
  return n;
}

/* The latest record of the lane at a depth that covers the moment. (nullable) */
static const WeftRecord *
record_at (const MadeLane *lane, int64_t t, uint8_t depth)
{
  for (uint32_t i = 0; i < lane->n_spans; i++)
    if (lane->spans[i].depth == depth && lane->spans[i].start <= (uint64_t) t
        && weft_record_end (&lane->spans[i]) > (uint64_t) t)
      return &lane->spans[i];
  return NULL;
}

static WeftTimeUse
idle_use (const MadeRun *run, const MadeLane *lane, int64_t t, bool *awaited)
{
  const WeftRecord *next = NULL;
  uint32_t distance;

  *awaited = false;
  if (is_in (run->paused, G_N_ELEMENTS (run->paused), t))
    return WEFT_TIME_PAUSED;
  if (is_in (run->resource, N_WAITS, t))
    return WEFT_TIME_RESOURCE;
  if (is_in (run->retry, N_WAITS, t))
    return WEFT_TIME_RETRY;
  for (uint32_t i = 0; lane != NULL && i < lane->n_spans && next == NULL; i++)
    if (lane->spans[i].kind == WEFT_RECORD_TASK && lane->spans[i].start > (uint64_t) t)
      next = &lane->spans[i];
  if (next == NULL)
    return WEFT_TIME_NO_TASK;
  distance = run->distances[next->task];
  if (distance == 0)
    return WEFT_TIME_SCHEDULER; /* ready from the start */
  if (run->tasks[next->task - distance].end > (int64_t) next->start + SKEW)
    return WEFT_TIME_NO_TASK; /* made-up runs keep no order */
  *awaited = true;
  if (t < run->tasks[next->task - distance].end)
    return WEFT_TIME_NO_TASK;
  *awaited = false;
  return WEFT_TIME_SCHEDULER;
}

static WeftTimeUse
use_of_record (const WeftRecord *record)
{
  switch (record->kind)
    {
    case WEFT_RECORD_TASK:
      return WEFT_TIME_RUNNING;
    case WEFT_RECORD_PAUSED:
      return WEFT_TIME_PAUSED;
    case WEFT_RECORD_SPILL_WRITE:
      return WEFT_TIME_SPILL;
    case WEFT_RECORD_MEMORY_PAUSED:
      return WEFT_TIME_MEMORY_PAUSE;
    case WEFT_RECORD_SLOWED:
      return WEFT_TIME_SLOWED;
    case WEFT_RECORD_ANNOTATION:
      return WEFT_TIME_OTHER;
    case WEFT_RECORD_ELSEWHERE:
      return WEFT_TIME_ELSEWHERE;
    case WEFT_RECORD_RECORDER_WAIT:
      return WEFT_TIME_RECORDER;
    default:
      return WEFT_TIME_SCHEDULER;
    }
}

/* @lane: (nullable): one that was never called. Returns: FALSE: the moment does not count */
static bool
use_at (const MadeRun *run, const MadeLane *lane, uint32_t worker, int64_t t, WeftTimeUse *use,
        bool *awaited)
{
  const WeftRecord *record = lane != NULL ? record_at (lane, t, 0) : NULL;
  bool there = lane != NULL && lane->n_spans > 0
               && (!lane->tells_visits || is_in (lane->visits, lane->n_visits, t));

  *awaited = false;
  if (record != NULL && record->kind != WEFT_RECORD_PARKED)
    {
      *use = use_of_record (record);
      if (*use == WEFT_TIME_RUNNING && record_at (lane, t, 1) != NULL)
        *use = WEFT_TIME_BLOCKED;
      return true;
    }
  if (record == NULL && there)
    {
      *use = WEFT_TIME_SCHEDULER;
      return true;
    }
  if (record == NULL && worker >= n_workers_at (run, t))
    return false;
  *use = idle_use (run, lane, t, awaited);
  return true;
}

typedef struct
{
  int64_t ns[WEFT_TIME_N_USES];
  int64_t total, awaited;
} Brute;

static void
brute_part (const MadeRun *run, const MadeLane *lane, uint32_t worker, Part part, Brute *brute)
{
  memset (brute, 0, sizeof *brute);
  for (int64_t t = MAX (run->begin, part.start); t < MIN (run->end, part.end); t++)
    {
      WeftTimeUse use;
      bool awaited;

      if (!use_at (run, lane, worker, t, &use, &awaited))
        continue;
      brute->ns[use]++;
      brute->total++;
      brute->awaited += awaited;
    }
}

static void
brute_row (const MadeRun *run, const MadeLane *lane, uint32_t worker, Brute *brute)
{
  brute_part (run, lane, worker, (Part){ run->begin, run->end }, brute);
}

/* ---- comparing ------------------------------------------------------------------------------- */

static int64_t
awaited_sum (const WeftTimeAccount *account, uint32_t index)
{
  WeftTimeAwaited awaited[4];
  uint32_t n = weft_time_account_awaited (account, index, awaited, G_N_ELEMENTS (awaited));

  g_assert_cmpuint (n, <=, 1); /* there is one group */
  if (n == 0)
    return 0;
  g_assert_cmpint (awaited[0].longest_ns, <=, awaited[0].ns);
  return awaited[0].ns;
}

/* Rows add up to the total, and no row to more than there was. */
static void
assert_adds_up (const WeftTimeAccount *account)
{
  WeftTimeRow total, row, sum = { 0 };

  weft_time_account_total (account, &total);
  for (uint32_t i = 0; i < weft_time_account_n_rows (account); i++)
    {
      int64_t ns = 0;

      weft_time_account_row (account, i, &row);
      for (unsigned use = 0; use < WEFT_TIME_N_USES; use++)
        {
          g_assert_cmpint (row.ns[use], >=, 0);
          sum.ns[use] += row.ns[use];
          ns += row.ns[use];
        }
      g_assert_cmpint (ns, ==, row.total_ns);
      g_assert_cmpint (ns, <=, weft_time_account_elapsed (account));
      g_assert_cmpint (awaited_sum (account, i), <=, row.ns[WEFT_TIME_NO_TASK]);
      sum.total_ns += ns;
    }
  g_assert_cmpmem (sum.ns, sizeof sum.ns, total.ns, sizeof total.ns);
  g_assert_cmpint (sum.total_ns, ==, total.total_ns);
}

static void
update (WeftTimeAccount *account, const WeftModel *model)
{
  WeftModelSnapshot snapshot;

  weft_model_snapshot (model, &snapshot);
  while (!weft_time_account_update (account, &snapshot, (uint64_t) draw (1, 60)))
    ;
  assert_adds_up (account);
}

static void
assert_explained (const WeftTimeAccount *account, const MadeRun *run, uint32_t number, int64_t t)
{
  WeftTimePiece piece;
  WeftTimeUse use;
  bool awaited;

  if (!weft_time_account_explain (account, number + 1, t, &piece))
    return;
  g_assert_true (use_at (run, &run->lanes[number], run->lanes[number].worker, t, &use, &awaited));
  if (use == WEFT_TIME_BLOCKED)
    return;
  g_assert_cmpint (piece.start_ns, <=, t);
  g_assert_cmpint (piece.end_ns, >, t);
  g_assert_cmpint (piece.awaited != WEFT_NONE, ==, awaited);
  for (int64_t at = MAX (piece.start_ns, run->begin); at < MIN (piece.end_ns, run->end); at++)
    {
      g_assert_true (
          use_at (run, &run->lanes[number], run->lanes[number].worker, at, &use, &awaited));
      g_assert_cmpint (piece.use, ==, use);
    }
}

static void
assert_as_brute (const WeftTimeAccount *account, const MadeRun *run)
{
  for (uint32_t i = 0; i < weft_time_account_n_rows (account); i++)
    {
      WeftTimeRow row;
      Brute brute;

      weft_time_account_row (account, i, &row);
      brute_row (run, row.lane != WEFT_NONE ? &run->lanes[row.lane - 1] : NULL, row.worker, &brute);
      g_assert_cmpmem (row.ns, sizeof row.ns, brute.ns, sizeof brute.ns);
      g_assert_cmpint (row.total_ns, ==, brute.total);
      g_assert_cmpint (awaited_sum (account, i), ==, brute.awaited);
    }
}

/* ---- tests ----------------------------------------------------------------------------------- */

/* No lane of one worker comes twice here, and there is something to do. */
static bool
are_apart (const MadeRun *run)
{
  if (run->n_tasks == 0)
    return false;
  for (uint32_t i = 0; i < run->n_lanes; i++)
    for (uint32_t k = 0; k < i; k++)
      if (run->lanes[i].worker == run->lanes[k].worker)
        return false;
  return true;
}

/* An account of some part says what a walk through that part says, and no row is left out in which
 * there was anything. What is left of the time is the other parts'. */
static void
assert_part_as_brute (const WeftModel *model, const MadeRun *run, Part part, WeftTimeRow *sum)
{
  WeftTimeAccount *account =
      weft_time_account_new_between ((WeftModel *) model, part.start, part.end);
  int64_t n_accounted = 0;
  WeftTimeRow total;
  Brute brute;

  update (account, model);
  g_assert_cmpint (weft_time_account_elapsed (account), ==,
                   MAX (MIN (part.end, run->end) - MAX (part.start, run->begin), 0));
  for (uint32_t i = 0; i < weft_time_account_n_rows (account); i++)
    {
      WeftTimeRow row;

      weft_time_account_row (account, i, &row);
      brute_part (run, row.lane != WEFT_NONE ? &run->lanes[row.lane - 1] : NULL, row.worker, part,
                  &brute);
      g_assert_cmpmem (row.ns, sizeof row.ns, brute.ns, sizeof brute.ns);
      g_assert_cmpint (row.total_ns, ==, brute.total);
      g_assert_cmpint (row.total_ns, >, 0);
      g_assert_cmpint (awaited_sum (account, i), ==, brute.awaited);
    }
  for (uint32_t i = 0; i < run->n_lanes; i++)
    {
      brute_part (run, &run->lanes[i], run->lanes[i].worker, part, &brute);
      n_accounted += brute.ns[WEFT_TIME_RUNNING] + brute.ns[WEFT_TIME_BLOCKED];
    }
  weft_time_account_total (account, &total);
  g_assert_cmpint (total.ns[WEFT_TIME_RUNNING] + total.ns[WEFT_TIME_BLOCKED], ==, n_accounted);
  for (unsigned use = 0; use < WEFT_TIME_N_USES; use++)
    sum->ns[use] += total.ns[use];
  sum->total_ns += total.total_ns;
  weft_time_account_free (account);
}

/* Cut anywhere, the parts are as they should be, and add up to the account of all. */
static void
assert_parts (const WeftTimeAccount *whole, const WeftModel *model, const MadeRun *run)
{
  WeftTimeRow total, sum = { 0 };
  int64_t cuts[] = { INT64_MIN, draw (0, END), 0, INT64_MAX };

  cuts[2] = draw (cuts[1], END);
  for (unsigned i = 1; i < G_N_ELEMENTS (cuts); i++)
    assert_part_as_brute (model, run, (Part){ cuts[i - 1], cuts[i] }, &sum);
  weft_time_account_total (whole, &total);
  g_assert_cmpmem (sum.ns, sizeof sum.ns, total.ns, sizeof total.ns);
  g_assert_cmpint (sum.total_ns, ==, total.total_ns);
}

/* The account is kept each time so many nanoseconds were told. */
static void
try_run (MadeRun *run, int64_t least, int64_t most)
{
  WeftTimeAccount *account;
  int64_t told = 0;
  Maker m;

  give_start (&m, run);
  account = weft_time_account_new (m.model);
  for (uint32_t i = 0; i < run->n_lanes; i++)
    give_worker_lane (&m, i + 1, run->lanes[i].worker);
  while (told < END)
    {
      int64_t to = told + (least < most ? draw (least, most) : most);

      to = MIN (to, END);
      for (uint32_t i = 0; i < run->n_lanes; i++)
        give_lane_until (&m, run, i, to == END ? END + 1 : to);
      give_waits (&m, run, told, to);
      update (account, m.model);
      told = to;
    }
  give_waits (&m, run, END, END + 1000);
  give_phase (&m, END, WEFT_RUN_DONE);
  weft_model_finish (m.model, false);
  update (account, m.model);
  assert_as_brute (account, run);
  assert_parts (account, m.model, run);
  for (int64_t t = run->begin; t < run->end; t += 7)
    for (uint32_t i = 0; i < run->n_lanes; i++)
      assert_explained (account, run, i, t);
  weft_time_account_free (account);
  clear (&m);
}

static void
test_random_runs (void)
{
  MadeRun *run = g_new (MadeRun, 1);

  for (int i = 0; i < 400; i++)
    {
      make_run (run);
      while (!are_apart (run))
        make_run (run);
      if (draw (0, 3) > 0)
        try_run (run, 1, 300);
      else
        try_run (run, END, END);
    }
  g_free (run);
}

/* A lane without a record is one of a worker that was never called: it was not there, and asleep as
 * far as it was asked for. */
static void
test_a_lane_without_records (void)
{
  MadeRun *run = g_new (MadeRun, 1);

  for (uint32_t n_workers = 0; n_workers <= 2; n_workers++)
    {
      Brute brute;

      *run = (MadeRun){ .n_lanes = 1,
                        .n_tasks = 1,
                        .begin = 10,
                        .end = END,
                        .workers = { { 0, n_workers } },
                        .n_settings = 1 };
      run->lanes[0].worker = 1;
      brute_row (run, &run->lanes[0], 1, &brute);
      g_assert_cmpint (brute.ns[WEFT_TIME_NO_TASK], ==, n_workers > 1 ? END - 10 : 0);
      g_assert_cmpint (brute.total, ==, brute.ns[WEFT_TIME_NO_TASK]);
      try_run (run, END, END);
    }
  g_free (run);
}

/* What ends right at a watermark may come after it: here the task that was awaited, by a start that
 * lies before its end as far as may be. @waits: its record had to wait, and holds the watermark. */
static void
try_watermark (bool waits)
{
  MadeRun *run = g_new (MadeRun, 1);
  Brute brute;

  *run = (MadeRun){ .n_lanes = 2, .n_tasks = 2, .begin = 10, .end = END };
  run->distances[1] = 1;
  run->tasks[0] = (Part){ 300, 30 + SKEW };
  run->tasks[1] = (Part){ 30, 40 };
  for (uint32_t i = 0; i < 2; i++)
    run->lanes[i].worker = i;
  if (waits)
    write_span (&run->lanes[0], WEFT_RECORD_RECORDER_WAIT, WEFT_NONE, 31 + SKEW, 39 + SKEW, 0);
  write_span (&run->lanes[0], WEFT_RECORD_TASK, 0, 300, 30 + SKEW, 0);
  write_span (&run->lanes[1], WEFT_RECORD_PARKED, WEFT_NONE, 10, 30, 0);
  write_span (&run->lanes[1], WEFT_RECORD_TASK, 1, 30, 40, 0);
  brute_row (run, &run->lanes[1], 1, &brute);
  g_assert_cmpint (brute.awaited, ==, 20);
  try_run (run, 1, 1);
  g_free (run);
}

static void
test_awaited_at_the_watermark (void)
{
  try_watermark (false);
  try_watermark (true);
}

/* @n tasks of one worker, whole ten thousands, one each 10 ns: 7 ns long, every fourth 10. */
static void
give_long_run (Maker *m, uint64_t n)
{
  static const uint32_t distances[] = { 0, 1 };
  g_autofree WeftRecord *records = g_new (WeftRecord, 10000);

  begin_run (m);
  give_segment (m, 0, 0, distances, 2);
  for (uint64_t i = 0; i < n; i++)
    {
      records[i % 10000] = span (WEFT_RECORD_TASK, 0, 1, 1000 + 10 * i, i % 4 == 0 ? 10 : 7, 0);
      if (i % 10000 == 9999)
        give_records (m, 1, records, 10000);
    }
  weft_model_finish (m->model, true);
}

/* A million tasks without anything between are some nodes of the pyramid. */
static void
test_tasks_are_taken_in_whole (void)
{
  WeftModelSnapshot snapshot;
  WeftTimeAccount *account;
  WeftTimeRow total;
  Maker m;

  give_long_run (&m, 1000000);
  account = weft_time_account_new (m.model);
  weft_model_snapshot (m.model, &snapshot);
  g_assert_true (weft_time_account_update (account, &snapshot, 200));
  weft_time_account_total (account, &total);
  g_assert_cmpint (total.ns[WEFT_TIME_RUNNING], ==, 7750000);
  g_assert_cmpint (total.ns[WEFT_TIME_SCHEDULER], ==, 2250000 - 3);
  g_assert_cmpint (total.total_ns, ==, weft_time_account_elapsed (account));
  weft_time_account_free (account);
  clear (&m);
}

/* At a moment no more is looked at than has begun by then, and most of it in whole. */
static void
test_parts_of_a_long_run (void)
{
  WeftModelSnapshot snapshot;
  Maker m;

  give_long_run (&m, 200000);
  weft_model_snapshot (m.model, &snapshot);
  for (int i = 0; i < 200; i++)
    {
      int64_t first = draw (0, 200000), n = draw (0, 200000 - first), n_long = 0;
      WeftTimeAccount *account =
          weft_time_account_new_between (m.model, 10 * first, 10 * (first + n));
      WeftTimeRow total;

      for (int64_t k = first; k < first + n; k++)
        n_long += k % 4 == 0;
      g_assert_true (weft_time_account_update (account, &snapshot, 300));
      weft_time_account_total (account, &total);
      g_assert_cmpint (total.ns[WEFT_TIME_RUNNING], ==, 7 * n + 3 * n_long);
      g_assert_cmpint (total.total_ns, ==, weft_time_account_elapsed (account));
      weft_time_account_free (account);
    }
  clear (&m);
}

/* A worker that is stuck past its task's deadline is let go of; the next lane is its own. */
static void
test_past_the_deadline (void)
{
  static const uint32_t distances[] = { 0, 1, 1 };
  WeftModelSnapshot snapshot;
  WeftTimeAccount *account;
  WeftTimeRow total;
  WeftRecord records[2];
  Maker m;

  begin_run (&m);
  give_segment (&m, 0, 0, distances, 3);
  give_one (&m, 1, span (WEFT_RECORD_TASK, 0, 0, 1000, 100, 0));
  records[0] = span (WEFT_RECORD_TIMED_OUT, 0, 1, 1100, 300, 1);
  records[1] = span (WEFT_RECORD_PEER, 0, 1, 1400, 0, 1);
  records[1].flags = WEFT_RECORD_DETAIL;
  give_records (&m, 0, records, 2);
  give_lane (&m, 2, WEFT_LANE_THREAD, 0);
  give_one (&m, 2, span (WEFT_RECORD_WORKER_START, 0, 7, 1400, 0, 0));
  give_one (&m, 2, span (WEFT_RECORD_TASK, WEFT_OUTCOME_TIMED_OUT << 4, 1, 1400, 0, 0));
  give_one (&m, 2, span (WEFT_RECORD_TASK, 0, 2, 1500, 500, 0));
  give_one (&m, 2, span (WEFT_RECORD_WORKER_STOP, 0, 7, 2000, 0, 0));
  give_one (&m, 0, span (WEFT_RECORD_RUN_STATE, WEFT_RUN_DONE, WEFT_NONE, 2000, 0, 0));
  weft_model_finish (m.model, false);
  account = weft_time_account_new (m.model);
  weft_model_snapshot (m.model, &snapshot);
  g_assert_true (weft_time_account_update (account, &snapshot, 1000));
  weft_time_account_total (account, &total);
  g_assert_cmpint (total.ns[WEFT_TIME_RUNNING], ==, 100 + 300 + 500);
  g_assert_cmpint (total.ns[WEFT_TIME_SCHEDULER], ==, 100);
  g_assert_cmpint (total.total_ns, ==, 1000);
  weft_time_account_free (account);
  clear (&m);
}

/* What a lane is in counts before it has ended, and no more than that. */
static void
test_what_runs_now (void)
{
  static const uint32_t distances[] = { 0, 1 };
  WeftNowEntry entries[] = {
    { .lane = 1, .task = 0, .kind = WEFT_RECORD_TASK, .start = 1010, .watermark = 1500 },
  };
  WeftModelSnapshot snapshot;
  WeftTimeAccount *account;
  WeftTimeRow total;
  Maker m;

  begin_run (&m);
  give_segment (&m, 0, 0, distances, 2);
  give_one (&m, 1, span (WEFT_RECORD_WORKER_START, 0, 7, 1000, 0, 0));
  put (&m, entries, sizeof entries);
  give_well (&m, WEFT_FRAME_NOW, 0);
  account = weft_time_account_new (m.model);
  weft_model_snapshot (m.model, &snapshot);
  g_assert_true (weft_time_account_update (account, &snapshot, 1000));
  weft_time_account_total (account, &total);
  g_assert_cmpint (total.ns[WEFT_TIME_SCHEDULER], ==, 10);
  g_assert_cmpint (total.ns[WEFT_TIME_RUNNING], ==, 490);
  give_one (&m, 1, span (WEFT_RECORD_TASK, 0, 0, 1010, 300, 0));
  weft_model_finish (m.model, false);
  weft_model_snapshot (m.model, &snapshot);
  g_assert_true (weft_time_account_update (account, &snapshot, 1000));
  weft_time_account_total (account, &total);
  g_assert_cmpint (total.ns[WEFT_TIME_RUNNING], ==, 300);
  weft_time_account_free (account);
  clear (&m);
}

/* Another program's run: nobody says when it began, or that workers came. */
static void
test_a_run_nobody_began (void)
{
  static const uint32_t distances[] = { 0, 1 };
  WeftNowEntry entries[] = { { .lane = 1, .task = WEFT_NONE, .watermark = 500 } };
  WeftModelSnapshot snapshot;
  WeftTimeAccount *account;
  WeftTimeRow total;
  Maker m;

  begin (&m);
  give_clock (&m, 0, 1000000000, 0, 0);
  give_lane (&m, 0, WEFT_LANE_CONTROL, 0);
  give_lane (&m, 1, WEFT_LANE_THREAD, 0);
  account = weft_time_account_new (m.model);
  weft_model_snapshot (m.model, &snapshot);
  g_assert_true (weft_time_account_update (account, &snapshot, 1000));
  g_assert_cmpint (weft_time_account_elapsed (account), ==, 0);
  give_segment (&m, 0, 0, distances, 2);
  give_one (&m, 1, span (WEFT_RECORD_TASK, 0, 0, 100, 200, 0));
  put (&m, entries, sizeof entries);
  give_well (&m, WEFT_FRAME_NOW, 0);
  weft_model_snapshot (m.model, &snapshot);
  g_assert_true (weft_time_account_update (account, &snapshot, 1000));
  weft_time_account_total (account, &total);
  g_assert_cmpint (total.ns[WEFT_TIME_RUNNING], ==, 200);
  g_assert_cmpint (total.total_ns, ==, 200); /* time 0 is its first record */
  give_one (&m, 0, span (WEFT_RECORD_RUN_STATE, WEFT_RUN_RUNNING, WEFT_NONE, 150, 0, 0));
  weft_model_snapshot (m.model, &snapshot);
  g_assert_true (weft_time_account_update (account, &snapshot, 1000));
  weft_time_account_total (account, &total);
  g_assert_cmpint (total.ns[WEFT_TIME_RUNNING], ==, 150); /* now it is told */
  weft_time_account_free (account);
  clear (&m);
}

#define MS INT64_C (1000000)

/* Another program's worker is there from the first thing that is known of its process until that is
 * gone. Between its tasks it was idle, but for moments too short for that. */
static void
test_foreign_workers (void)
{
  static const int64_t starts[] = { 20 * MS, 40 * MS, 50 * MS + 50000 };
  WeftModelSnapshot snapshot;
  WeftTimeAccount *account;
  WeftTimeRow total;
  Maker m;

  begin_foreign (&m);
  give_foreign_lane (&m, 2, WEFT_LANE_THREAD, 1);
  give_foreign_lane (&m, 3, WEFT_LANE_UNPLACED, 1);
  give_one (&m, 0, span (WEFT_RECORD_RUN_STATE, WEFT_RUN_RUNNING, WEFT_NONE, 0, 0, 0));
  give_one (&m, 1, span (WEFT_RECORD_MEMORY, 0, WEFT_MEMORY_RESIDENT, 10 * MS, 0, 1));
  for (unsigned i = 0; i < G_N_ELEMENTS (starts); i++)
    give_one (
        &m, 2,
        span (WEFT_RECORD_TASK, WEFT_HOW_FOREIGN, WEFT_NONE, (uint64_t) starts[i], 10 * MS, 0));
  give_one (&m, 3, span (WEFT_RECORD_TRANSFER, 0, WEFT_NONE, 25 * MS, 9 * MS, 100));
  give_one (&m, 3, span (WEFT_RECORD_SPILL_WRITE, 0, WEFT_NONE, 40 * MS, 3 * MS, 100));
  give_one (&m, 3, span (WEFT_RECORD_SPILL_READ, 0, WEFT_NONE, 45 * MS, 4 * MS, 100));
  give_one (&m, 1, span (WEFT_RECORD_WORKER_LOST, 0, 0, 70 * MS, 0, 0));
  give_one (&m, 0, span (WEFT_RECORD_RUN_STATE, WEFT_RUN_DONE, WEFT_NONE, 100 * MS, 0, 0));
  weft_model_finish (m.model, false);
  weft_model_snapshot (m.model, &snapshot);
  account = weft_time_account_new (m.model);
  while (!weft_time_account_update (account, &snapshot, 1))
    ;
  weft_time_account_total (account, &total);
  g_assert_cmpint (total.ns[WEFT_TIME_RUNNING], ==, 30 * MS);
  g_assert_cmpint (total.ns[WEFT_TIME_SCHEDULER], ==, 50000);
  g_assert_cmpint (total.total_ns, ==, 60 * MS);
  g_assert_cmpint (total.ns[WEFT_TIME_NO_TASK], ==, 30 * MS - 50000);
  g_assert_cmpint (weft_time_account_beside (account, WEFT_BESIDE_TRANSFER), ==, 9 * MS);
  g_assert_cmpint (weft_time_account_beside (account, WEFT_BESIDE_DISK), ==, 7 * MS);
  g_assert_cmpint (weft_time_account_beside (account, WEFT_BESIDE_PHASE), ==, 0);
  weft_time_account_free (account);
  clear (&m);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("model", "account", "random-runs", test_random_runs);
  test_add ("model", "account", "a-lane-without-records", test_a_lane_without_records);
  test_add ("model", "account", "awaited-at-the-watermark", test_awaited_at_the_watermark);
  test_add ("model", "account", "tasks-are-taken-in-whole", test_tasks_are_taken_in_whole);
  test_add ("model", "account", "parts-of-a-long-run", test_parts_of_a_long_run);
  test_add ("model", "account", "past-the-deadline", test_past_the_deadline);
  test_add ("model", "account", "what-runs-now", test_what_runs_now);
  test_add ("model", "account", "a-run-nobody-began", test_a_run_nobody_began);
  test_add ("model", "account", "foreign-workers", test_foreign_workers);
  return g_test_run ();
}
