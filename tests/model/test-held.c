/* test-held.c: what was held, against a look at every moment
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Random trees of tasks whose records are made by hand, some results going to disk and back.
 */
#include "config.h"

#include "made-fixture.h"

#include "model/weft-held.h"
#include "model/weft-past.h"

#define MOST_TASKS 120
#define N_LANES 3

typedef struct
{
  int64_t birth, death; /* death INT64_MAX: none */
  int64_t away, back;   /* on disk between, if away > 0; back INT64_MAX: for good */
  uint64_t bytes;
} Life;

typedef struct
{
  uint32_t n_tasks;
  uint32_t distances[MOST_TASKS];
  Life lives[MOST_TASKS];
  int64_t end;
} MadeRun;

/* ---- making ---------------------------------------------------------------------------------- */

static int64_t
draw (int64_t from, int64_t to)
{
  return g_test_rand_int_range ((gint32) from, (gint32) to + 1);
}

static void
make_moves (MadeRun *run)
{
  for (uint32_t i = 0; i < run->n_tasks; i++)
    {
      Life *life = &run->lives[i];

      if (life->bytes == 0 || life->death == INT64_MAX || life->death - life->birth < 8
          || draw (0, 1) == 0)
        continue;
      life->away = draw (life->birth + 1, life->death - 4);
      life->back = draw (0, 1) ? draw (life->away + 1, life->death - 1) : INT64_MAX;
    }
}

/* Readers end after what they read; a result goes with the last of them, or at once. */
static void
make_run (MadeRun *run)
{
  int64_t at[N_LANES] = { 0 };

  memset (run, 0, sizeof *run);
  run->n_tasks = (uint32_t) draw (2, MOST_TASKS);
  for (uint32_t i = 0; i < run->n_tasks; i++)
    {
      uint32_t lane = i % N_LANES, distance = i > 0 && draw (0, 4) > 0 ? (uint32_t) draw (1, i) : 0;
      int64_t from = distance > 0 ? MAX (at[lane], run->lives[i - distance].birth) : at[lane];

      run->distances[i] = distance;
      at[lane] = from + draw (0, 9);
      run->lives[i] = (Life){ .birth = at[lane],
                              .death = at[lane],
                              .bytes = draw (0, 5) > 0 ? (uint64_t) draw (1, 1000000) : 0 };
      run->end = MAX (run->end, at[lane]);
      if (distance > 0)
        run->lives[i - distance].death = MAX (run->lives[i - distance].death, at[lane]);
    }
  make_moves (run);
}

static int
compare_records (const void *a, const void *b)
{
  const WeftRecord *x = a, *y = b;
  uint64_t first = weft_record_end (x), second = weft_record_end (y);

  return (first > second) - (first < second);
}

/* Lane 1 … N_LANES ran the tasks, one more moved results. */
static void
give_run (Maker *m, const MadeRun *run)
{
  WeftRecord moves[2 * MOST_TASKS];
  uint32_t n_moves = 0;

  begin (m);
  give_clock (m, 0, 1000000000, 0, 0);
  give_lane (m, 0, WEFT_LANE_CONTROL, 0);
  give_one (m, 0, span (WEFT_RECORD_RUN_STATE, WEFT_RUN_RUNNING, WEFT_NONE, 0, 0, 0));
  for (uint32_t lane = 1; lane <= N_LANES + 1; lane++)
    give_lane (m, lane, WEFT_LANE_THREAD, 0);
  give_segment (m, 0, 0, run->distances, run->n_tasks);
  for (uint32_t i = 0; i < run->n_tasks; i++)
    {
      const Life *life = &run->lives[i];

      give_one (
          m, i % N_LANES + 1,
          span (WEFT_RECORD_TASK, WEFT_OUTCOME_OK << 4, i, (uint64_t) life->birth, 0, life->bytes));
      if (life->away > 0)
        moves[n_moves++] = span (WEFT_RECORD_SPILL_WRITE, 0, i, (uint64_t) life->away, 0, 1);
      if (life->away > 0 && life->back != INT64_MAX)
        moves[n_moves++] = span (WEFT_RECORD_SPILL_READ, 0, i, (uint64_t) life->back, 0, 1);
    }
  qsort (moves, n_moves, sizeof *moves, compare_records);
  if (n_moves > 0)
    give_records (m, N_LANES + 1, moves, n_moves);
}

/* ---- one moment after the other -------------------------------------------------------------- */

/* At a moment what begins comes first, so all that ends there still counts. */
static bool
is_held (const Life *life, int64_t t)
{
  return life->bytes > 0 && life->birth <= t && life->death >= t;
}

static bool
is_in_memory (const Life *life, int64_t t)
{
  return is_held (life, t)
         && (life->away == 0 || t <= life->away || (life->back != INT64_MAX && t >= life->back));
}

static uint64_t
held_at (const MadeRun *run, int64_t t)
{
  uint64_t bytes = 0;

  for (uint32_t i = 0; i < run->n_tasks; i++)
    bytes += is_in_memory (&run->lives[i], t) ? run->lives[i].bytes : 0;
  return bytes;
}

static void
assert_steps (const MadeRun *run, const WeftHeldSteps *steps)
{
  uint64_t peak = 0;

  for (uint32_t step = 0; step < steps->n_steps; step++)
    {
      uint64_t sum = 0;

      for (uint32_t band = 0; band < steps->n_bands; band++)
        sum += steps->bands[(size_t) band * steps->n_steps + step];
      g_assert_cmpuint (sum, ==, steps->totals[step]);
      peak = MAX (peak, sum);
    }
  g_assert_cmpuint (steps->peak_bytes, ==, peak);
  for (int64_t t = 0; t <= run->end; t++)
    {
      uint64_t bytes = held_at (run, t);
      int64_t n_moments = steps->end_ns + 1;
      uint32_t step = (uint32_t) (t * steps->n_steps / n_moments);

      g_assert_cmpuint (bytes, <=, steps->totals[step]);
      if (t == steps->at_ns[step])
        g_assert_cmpuint (bytes, >=, steps->totals[step]);
      if (t < steps->peak_ns)
        g_assert_cmpuint (bytes, <, steps->peak_bytes);
    }
  if (steps->peak_bytes > 0)
    g_assert_cmpuint (held_at (run, steps->peak_ns), ==, steps->peak_bytes);
}

static void
assert_list (const MadeRun *run, const WeftModel *model, const WeftModelSnapshot *snapshot,
             int64_t t)
{
  WeftHeld held[MOST_TASKS];
  WeftHeldSum sum;
  uint32_t n = weft_held_at (model, snapshot, t, held, MOST_TASKS, &sum), n_held = 0;

  for (uint32_t i = 0; i < run->n_tasks; i++)
    n_held += is_held (&run->lives[i], t);
  g_assert_cmpuint (n, ==, n_held);
  g_assert_cmpuint (sum.n, ==, n_held);
  g_assert_cmpuint (sum.bytes, ==, held_at (run, t));
  for (uint32_t i = 0; i < n; i++)
    {
      const Life *life = &run->lives[held[i].task];

      g_assert_true (is_held (life, t));
      g_assert_cmpint (held[i].on_disk, ==, !is_in_memory (life, t));
      g_assert_cmpuint (held[i].bytes, ==, life->bytes);
      g_assert_cmpint (held[i].since_ns, ==, life->birth);
      g_assert_cmpint (held[i].until_ns, ==, life->death);
      g_assert_true (i == 0 || held[i].bytes <= held[i - 1].bytes);
      if (held[i].keeper == WEFT_NONE)
        continue;
      g_assert_cmpuint (run->distances[held[i].keeper], ==, held[i].keeper - held[i].task);
      g_assert_cmpint (run->lives[held[i].keeper].birth, ==, life->death);
    }
}

/* As states go: what ends or goes to disk at a moment is gone then. */
static void
assert_moment (const MadeRun *run, const WeftPast *past, int64_t t)
{
  WeftMoment *moment = weft_moment_new (past, t);
  uint64_t bytes = 0, n_results = 0;

  for (uint32_t i = 0; i < run->n_tasks; i++)
    {
      const Life *life = &run->lives[i];

      if (!is_held (life, t) || life->death == t)
        continue;
      n_results++;
      bytes += life->away == 0 || t < life->away || (life->back != INT64_MAX && t >= life->back)
                   ? life->bytes
                   : 0;
    }
  g_assert_cmpuint (moment->n_results, ==, n_results);
  g_assert_cmpuint (moment->live_bytes, ==, bytes);
  g_assert_cmpuint (moment->groups[0].live_bytes, ==, bytes);
  g_assert_true (weft_moment_ref (moment) == moment);
  weft_moment_unref (moment);
  g_assert_cmpuint (moment->n_results, ==, n_results);
  weft_moment_unref (moment);
}

static void
try_moments (const MadeRun *run, WeftModel *model, const WeftModelSnapshot *snapshot)
{
  WeftPast *past = weft_past_new (model, snapshot);

  for (int64_t t = 0; t <= run->end; t++)
    assert_moment (run, past, t);
  weft_past_free (past);
}

static void
try_run (const MadeRun *run)
{
  WeftModelSnapshot snapshot;
  WeftHeldHistory *history;
  WeftHeldSteps steps;
  Maker m;

  give_run (&m, run);
  weft_model_finish (m.model, false);
  weft_model_snapshot (m.model, &snapshot);
  history = weft_held_history_new (m.model, &snapshot, (uint32_t) draw (1, 60), 4);
  weft_held_history_steps (history, &steps);
  g_assert_cmpint (steps.end_ns, ==, run->end);
  assert_steps (run, &steps);
  for (int i = 0; i < 8; i++)
    assert_list (run, m.model, &snapshot, draw (0, run->end));
  assert_list (run, m.model, &snapshot, steps.peak_ns);
  try_moments (run, m.model, &snapshot);
  weft_held_history_free (history);
  clear (&m);
}

static void
test_random_runs (void)
{
  MadeRun *run = g_new (MadeRun, 1);

  for (int i = 0; i < 400; i++)
    {
      make_run (run);
      try_run (run);
    }
  g_free (run);
}

/* What is still read lives on, and the reader that has not ended keeps it. */
static void
test_while_it_runs (void)
{
  static const uint32_t distances[] = { 0, 1, 2 };
  WeftNowEntry entries[] = { { .lane = 1, .task = WEFT_NONE, .watermark = 500 } };
  WeftModelSnapshot snapshot;
  WeftHeldHistory *history;
  WeftHeldSteps steps;
  WeftHeld held[3];
  WeftHeldSum sum;
  Maker m;

  begin_run (&m);
  give_segment (&m, 0, 0, distances, 3);
  give_one (&m, 1, span (WEFT_RECORD_TASK, 0, 0, 1000, 100, 700));
  give_one (&m, 1, span (WEFT_RECORD_TASK, 0, 1, 1100, 100, 0));
  entries[0].watermark = 1500;
  put (&m, entries, sizeof entries);
  give_well (&m, WEFT_FRAME_NOW, 0);
  weft_model_snapshot (m.model, &snapshot);
  history = weft_held_history_new (m.model, &snapshot, 10, 4);
  weft_held_history_steps (history, &steps);
  g_assert_cmpuint (steps.totals[0], ==, 0);
  g_assert_cmpuint (steps.totals[9], ==, 700);
  g_assert_cmpint (steps.peak_ns, ==, 100);
  g_assert_cmpuint (weft_held_at (m.model, &snapshot, 400, held, 3, &sum), ==, 1);
  g_assert_cmpuint (held[0].task, ==, 0);
  g_assert_cmpuint (held[0].keeper, ==, 2);
  g_assert_cmpint (held[0].until_ns, ==, INT64_MAX);
  weft_held_history_free (history);
  clear (&m);
}

/* Before anything was told there is nothing, at no time. */
static void
test_nothing (void)
{
  WeftModel *model = weft_model_new ();
  WeftModelSnapshot snapshot;
  WeftHeldHistory *history;
  WeftHeldSteps steps;
  WeftHeldSum sum;

  weft_model_snapshot (model, &snapshot);
  history = weft_held_history_new (model, &snapshot, 3, 4);
  weft_held_history_steps (history, &steps);
  g_assert_cmpuint (steps.n_bands, ==, 0);
  g_assert_cmpuint (steps.n_results, ==, 0);
  g_assert_cmpuint (steps.peak_bytes, ==, 0);
  g_assert_cmpuint (weft_held_at (model, &snapshot, 0, NULL, 0, &sum), ==, 0);
  weft_held_history_free (history);
  weft_model_unref (model);
}

/* ---- on disk, nobody says what --------------------------------------------------------------- */

#define MS INT64_C (1000000)

/* Two results of 100 bytes; then the worker tells that 60 bytes are on disk. */
static void
test_told_on_disk (void)
{
  static const uint32_t distances[] = { 0, 0, 2, 2 };
  WeftModelSnapshot snapshot;
  WeftHeldHistory *history;
  WeftHeldSteps steps;
  WeftHeld held[4];
  WeftHeldSum sum;
  Maker m;

  begin_foreign (&m);
  give_foreign_lane (&m, 2, WEFT_LANE_THREAD, 1);
  give_one (&m, 0, span (WEFT_RECORD_RUN_STATE, WEFT_RUN_RUNNING, WEFT_NONE, MS, 0, 0));
  give_segment (&m, 0, 0, distances, 4);
  for (uint32_t i = 0; i < 2; i++)
    give_one (&m, 2, span (WEFT_RECORD_TASK, WEFT_HOW_FOREIGN, i, (2 + 2 * i) * MS, MS, 100));
  give_one (&m, 1, span (WEFT_RECORD_MEMORY, 0, 1, 8 * MS, 0, 60));
  give_one (&m, 1, span (WEFT_RECORD_MEMORY, 0, 1, 11 * MS, 0, 60));
  weft_model_finish (m.model, true);
  weft_model_snapshot (m.model, &snapshot);
  history = weft_held_history_new (m.model, &snapshot, 10, 4);
  weft_held_history_steps (history, &steps);
  g_assert_nonnull (steps.on_disk);
  g_assert_cmpuint (steps.totals[5], ==, 200);
  g_assert_cmpuint (steps.on_disk[5], ==, 0);
  g_assert_cmpuint (steps.on_disk[9], ==, 60);
  weft_held_history_free (history);
  weft_held_at (m.model, &snapshot, 9 * MS, held, 4, &sum);
  g_assert_cmpuint (sum.bytes, ==, 200);
  g_assert_cmpuint (sum.on_disk, ==, 60);
  clear (&m);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("model", "held", "random-runs", test_random_runs);
  test_add ("model", "held", "while-it-runs", test_while_it_runs);
  test_add ("model", "held", "nothing", test_nothing);
  test_add ("model", "held", "told-on-disk", test_told_on_disk);
  return g_test_run ();
}
