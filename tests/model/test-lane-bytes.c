/* test-lane-bytes.c: what workers' results take, against a look at every result
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Random runs whose records are made by hand: tasks that fail, are tried again in another lane, err
 * without having run, or never come to an end; results that go to disk and back, that are freed
 * early, and that hold what their tasks read. Lanes are told in any order. No two things happen at
 * the same moment, but that what a result holds goes with it.
 */
#include "config.h"

#include "made-fixture.h"

#include "model/weft-past.h"

#define MOST_TASKS 120
#define N_WORKERS 3
#define N_LANES (N_WORKERS + 3) /* lane 0, and two that move results */
#define MOST_MOVES 6
#define NEVER INT64_MAX

/* Moments are steps; in each there is one for every kind of thing and task. */
#define STEP 1000

typedef enum
{
  ENDS_WELL,
  FAILS,
  NEVER_RUNS, /* a point says so */
  NEVER_ENDS, /* nothing says anything */
  RUNS_TWICE, /* the first attempt fails */
  N_FATES,
} Fate;

typedef struct
{
  Fate fate;
  uint32_t distance; /* back to what it reads; 0: nothing */
  bool is_view;      /* its result holds what it reads */
  uint32_t lane;
  int64_t first_end; /* of an attempt before, in the next lane */
  int64_t start, end;
  int64_t death;             /* of its result */
  int64_t freed;             /* early; NEVER: not */
  int64_t moves[MOST_MOVES]; /* away and back in turn */
  unsigned n_moves;
  uint64_t bytes;
} Task;

typedef struct
{
  int64_t at;
  uint32_t lane, task;
  WeftRecord records[2];
  uint32_t n;
} Event;

typedef struct
{
  uint32_t n_tasks;
  Task tasks[MOST_TASKS];
  GArray *events; /* Event */
  int64_t end;
} MadeRun;

static int64_t
draw (int64_t from, int64_t to)
{
  return g_test_rand_int_range ((gint32) from, (gint32) to + 1);
}

static int64_t
moment (int64_t step, unsigned kind, uint32_t task)
{
  return step * STEP + kind * MOST_TASKS + task;
}

/* ---- making ---------------------------------------------------------------------------------- */

static bool
has_result (const Task *task)
{
  return task->fate == ENDS_WELL || task->fate == RUNS_TWICE;
}

static Fate
draw_fate (const Task *input)
{
  if (input != NULL && !has_result (input))
    return input->fate == NEVER_ENDS ? NEVER_ENDS : NEVER_RUNS;
  return draw (0, 2) > 0 ? ENDS_WELL : (Fate) draw (0, N_FATES - 1);
}

static void
make_task (MadeRun *run, uint32_t i, int64_t *free_at)
{
  Task *task = &run->tasks[i];
  const Task *input = NULL;
  int64_t ready = 0;

  if (i > 0 && draw (0, 4) > 0)
    task->distance = (uint32_t) draw (1, MIN (i, 20));
  if (task->distance > 0)
    input = &run->tasks[i - task->distance];
  if (input != NULL && input->end != NEVER)
    ready = input->end / STEP + 1;
  task->fate = draw_fate (input);
  task->is_view = task->distance > 0 && draw (0, 2) == 0;
  task->lane = (uint32_t) draw (1, N_WORKERS);
  task->end = task->freed = NEVER;
  if (task->fate == NEVER_ENDS)
    return;
  task->start = MAX (ready, free_at[task->lane]) * STEP;
  if (task->fate == RUNS_TWICE)
    {
      task->first_end = moment (MAX (ready, free_at[task->lane % N_WORKERS + 1]) + 1, 0, i);
      free_at[task->lane % N_WORKERS + 1] = task->first_end / STEP + 1;
      task->start = MAX (task->start, task->first_end + STEP);
    }
  task->end = moment (task->start / STEP + draw (1, 6), task->fate == NEVER_RUNS ? 1 : 2, i);
  if (task->fate != NEVER_RUNS)
    free_at[task->lane] = task->end / STEP + 1;
  if (draw (0, 5) > 0)
    task->bytes = (uint64_t) draw (1, 1000000);
}

/* Until the last that reads it has ended, and the last result that holds it has gone; nobody asks
 * for any. Later tasks are done. */
static void
find_death (MadeRun *run, uint32_t i)
{
  Task *task = &run->tasks[i];

  task->death = task->end;
  for (uint32_t k = i + 1; k < run->n_tasks; k++)
    {
      const Task *reader = &run->tasks[k];

      if (reader->distance != k - i)
        continue;
      task->death = MAX (task->death, reader->end);
      if (reader->is_view && has_result (reader))
        task->death = MAX (task->death, reader->death);
    }
}

static void
make_fate_of_result (MadeRun *run, uint32_t i, bool frees)
{
  Task *task = &run->tasks[i];
  int64_t last = (MIN (task->death, run->end) / STEP) - 1, at = task->end / STEP + 1;

  if (!has_result (task))
    return;
  if (frees && task->death > task->end + 4 * STEP && draw (0, 3) == 0)
    task->death = task->freed = moment (draw (task->end / STEP + 2, last), 3, i);
  last = (MIN (task->death, run->end) / STEP) - 1;
  while (draw (0, 2) > 0 && at <= last && task->n_moves < MOST_MOVES)
    {
      at = draw (at, last);
      task->moves[task->n_moves++] = moment (at++, 4, i);
    }
}

static void
add_event (MadeRun *run, uint32_t lane, uint32_t task, int64_t at, WeftRecord record)
{
  Event event = { .at = at, .lane = lane, .task = task, .records = { record }, .n = 1 };

  g_array_append_val (run->events, event);
}

static void
add_run (MadeRun *run, uint32_t i)
{
  const Task *task = &run->tasks[i];
  WeftOutcome outcome = task->fate == FAILS ? WEFT_OUTCOME_FAILED : WEFT_OUTCOME_OK;
  WeftRecord record =
      span (WEFT_RECORD_TASK, (uint8_t) (outcome << 4), i, (uint64_t) task->start,
            (uint64_t) (task->end - task->start), has_result (task) ? task->bytes : 0);
  Event *last;

  if (task->fate == RUNS_TWICE)
    add_event (run, task->lane % N_WORKERS + 1, i, task->first_end,
               span (WEFT_RECORD_TASK, WEFT_OUTCOME_RETRIED << 4, i,
                     (uint64_t) task->first_end - STEP, STEP, 0));
  if (task->is_view)
    record.flags |= WEFT_RECORD_VIEW;
  add_event (run, task->lane, i, task->end, record);
  if (task->fate != RUNS_TWICE)
    return;
  last = &g_array_index (run->events, Event, run->events->len - 1);
  last->records[1] = span (WEFT_RECORD_ATTEMPT, 0, i, (uint64_t) task->end, 0, 2);
  last->records[1].flags = WEFT_RECORD_DETAIL;
  last->n = 2;
}

static void
add_events (MadeRun *run, uint32_t i)
{
  const Task *task = &run->tasks[i];

  if (task->fate == NEVER_RUNS)
    add_event (run, 0, i, task->end,
               span (draw (0, 1) ? WEFT_RECORD_ERRED : WEFT_RECORD_CANCELLED, 0, i,
                     (uint64_t) task->end, 0, 0));
  else if (task->fate != NEVER_ENDS)
    add_run (run, i);
  for (unsigned k = 0; k < task->n_moves; k++)
    add_event (run, N_WORKERS + (uint32_t) draw (1, 2), i, task->moves[k],
               span (k % 2 == 0 ? WEFT_RECORD_SPILL_WRITE : WEFT_RECORD_SPILL_READ, 0, i,
                     (uint64_t) task->moves[k], 0, task->bytes));
  if (task->freed != NEVER)
    add_event (run, 0, i, task->freed,
               span (WEFT_RECORD_RELEASED, 0, i, (uint64_t) task->freed, 0, 0));
}

static int
compare_events (const void *a, const void *b)
{
  const Event *x = a, *y = b;

  return (x->at > y->at) - (x->at < y->at);
}

static void
make_run (MadeRun *run, bool frees)
{
  int64_t free_at[N_LANES] = { 0 };

  memset (run, 0, sizeof *run);
  run->n_tasks = (uint32_t) draw (2, MOST_TASKS - 1);
  run->events = g_array_new (FALSE, FALSE, sizeof (Event));
  for (uint32_t i = 0; i < run->n_tasks; i++)
    {
      make_task (run, i, free_at);
      if (run->tasks[i].end != NEVER)
        run->end = MAX (run->end, run->tasks[i].end);
    }
  run->end = (run->end / STEP + 4) * STEP;
  for (uint32_t i = run->n_tasks; i-- > 0;)
    {
      find_death (run, i);
      make_fate_of_result (run, i, frees);
    }
  for (uint32_t i = 0; i < run->n_tasks; i++)
    add_events (run, i);
  g_array_sort (run->events, compare_events);
}

/* ---- one result after the other -------------------------------------------------------------- */

static WeftModelBytes
bytes_at (const MadeRun *run, uint32_t lane, int64_t at)
{
  WeftModelBytes bytes = { 0, 0 };

  for (uint32_t i = 0; i < run->n_tasks; i++)
    {
      const Task *task = &run->tasks[i];
      unsigned n_moves = 0;

      if (!has_result (task) || task->lane != lane || task->end > at || task->death <= at)
        continue;
      while (n_moves < task->n_moves && task->moves[n_moves] <= at)
        n_moves++;
      *(n_moves % 2 == 0 ? &bytes.live : &bytes.spilled) += task->bytes;
    }
  return bytes;
}

static void
assert_same_bytes (const WeftModelBytes *a, const WeftModelBytes *b)
{
  g_assert_cmpuint (a->live, ==, b->live);
  g_assert_cmpuint (a->spilled, ==, b->spilled);
}

static void
assert_now (const MadeRun *run, const WeftModel *model, int64_t at)
{
  WeftModelGroup group;
  uint64_t live = 0;

  for (uint32_t lane = 0; lane < N_LANES; lane++)
    {
      WeftModelBytes expected = bytes_at (run, lane, at), bytes;

      weft_model_lane_bytes (model, lane, &bytes);
      assert_same_bytes (&bytes, &expected);
      live += expected.live;
    }
  weft_model_group (model, 0, &group);
  g_assert_cmpuint (group.live_bytes, ==, live);
}

static void
assert_moment (const MadeRun *run, const WeftPast *past, int64_t at)
{
  WeftMoment *moment_then = weft_moment_new (past, at);
  uint64_t live = 0;

  g_assert_cmpuint (moment_then->n_lanes, ==, N_LANES);
  for (uint32_t lane = 0; lane < N_LANES; lane++)
    {
      WeftModelBytes expected = bytes_at (run, lane, at);

      assert_same_bytes (&moment_then->lanes[lane], &expected);
      live += expected.live;
    }
  g_assert_cmpuint (moment_then->live_bytes, ==, live);
  g_assert_cmpuint (moment_then->groups[0].live_bytes, ==, live);
  weft_moment_unref (moment_then);
}

/* ---- telling --------------------------------------------------------------------------------- */

static void
begin_made (Maker *m)
{
  begin (m);
  give_clock (m, 0, 1000000000, 0, 0);
  give_lane (m, 0, WEFT_LANE_CONTROL, 0);
  for (uint32_t lane = 1; lane < N_LANES; lane++)
    give_lane (m, lane, WEFT_LANE_THREAD, 0);
  give_one (m, 0, span (WEFT_RECORD_RUN_STATE, WEFT_RUN_RUNNING, WEFT_NONE, 0, 0, 0));
}

static void
give_tasks (Maker *m, const MadeRun *run, uint32_t first, uint32_t n)
{
  uint32_t distances[MOST_TASKS];

  for (uint32_t i = 0; i < n; i++)
    distances[i] = run->tasks[first + i].distance;
  give_segment (m, 0, first, distances, n);
}

static void
finish (Maker *m, const MadeRun *run)
{
  give_one (m, 0,
            span (WEFT_RECORD_RUN_STATE, WEFT_RUN_FAILED, WEFT_NONE, (uint64_t) run->end, 0, 0));
  weft_model_finish (m->model, false);
}

/* As things happen: after each of them the model says what there is. */
static void
test_live (void)
{
  g_autofree MadeRun *run = g_new (MadeRun, 1);

  for (int round = 0; round < 200; round++)
    {
      Maker m;

      make_run (run, true);
      begin_made (&m);
      give_tasks (&m, run, 0, run->n_tasks);
      for (guint i = 0; i < run->events->len; i++)
        {
          const Event *event = &g_array_index (run->events, Event, i);

          give_records (&m, event->lane, event->records, event->n);
          assert_now (run, m.model, event->at);
        }
      finish (&m, run);
      assert_now (run, m.model, run->end);
      clear (&m);
      g_array_unref (run->events);
    }
}

/* The next of a random lane. Returns: its index */
static guint
draw_event (const MadeRun *run, const bool *given)
{
  uint32_t order[N_LANES], n = 0;

  for (uint32_t lane = 0; lane < N_LANES; lane++)
    order[n++] = lane;
  for (uint32_t i = n - 1; i > 0; i--)
    {
      uint32_t k = (uint32_t) draw (0, i), lane = order[i];

      order[i] = order[k];
      order[k] = lane;
    }
  for (uint32_t i = 0; i < n; i++)
    for (guint k = 0; k < run->events->len; k++)
      if (!given[k] && g_array_index (run->events, Event, k).lane == order[i])
        return k;
  return run->events->len;
}

/* Lane by lane in any order, the graph in two pieces. */
static void
give_shuffled (Maker *m, const MadeRun *run, uint32_t n_first)
{
  g_autofree bool *given = g_new0 (bool, run->events->len + 1);
  uint32_t n_told = n_first;
  guint next;

  give_tasks (m, run, 0, n_first);
  while ((next = draw_event (run, given)) < run->events->len)
    {
      const Event *event = &g_array_index (run->events, Event, next);

      if (event->task >= n_told)
        {
          give_tasks (m, run, n_told, run->n_tasks - n_told);
          n_told = run->n_tasks;
        }
      given[next] = true;
      give_records (m, event->lane, event->records, event->n);
    }
  if (n_told < run->n_tasks)
    give_tasks (m, run, n_told, run->n_tasks - n_told);
}

/* In the end it makes no difference what came first; and of all moments the past says the same. */
static void
test_any_order (void)
{
  g_autofree MadeRun *run = g_new (MadeRun, 1);

  for (int round = 0; round < 200; round++)
    {
      bool grows = draw (0, 1) == 0;
      WeftModelSnapshot snapshot;
      WeftPast *past;
      Maker m;

      make_run (run, !grows);
      begin_made (&m);
      give_shuffled (&m, run, grows ? (uint32_t) draw (1, run->n_tasks) : run->n_tasks);
      finish (&m, run);
      assert_now (run, m.model, run->end);
      assert_counts (m.model);
      weft_model_snapshot (m.model, &snapshot);
      past = weft_past_new (m.model, &snapshot);
      for (guint i = 0; i < run->events->len; i++)
        {
          int64_t at = g_array_index (run->events, Event, i).at;

          assert_moment (run, past, at - 1);
          assert_moment (run, past, at);
        }
      assert_moment (run, past, run->end);
      weft_past_free (past);
      clear (&m);
      g_array_unref (run->events);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("model", "lane-bytes", "live", test_live);
  test_add ("model", "lane-bytes", "any-order", test_any_order);
  return g_test_run ();
}
