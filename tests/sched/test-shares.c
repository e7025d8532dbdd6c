/* test-shares.c: several runs on one pool, judged from their records
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "control-fixture.h"

#define MS INT64_C (1000000)

typedef struct
{
  uint64_t begin, end, busy; /* ticks; busy: within the window that is asked for */
} Span;

/* The stretch from the first start to the last end. */
static Span
stretch_of (WeftRun *run)
{
  g_autoptr (GArray) tasks = control_records (run, WEFT_RECORD_TASK);
  Span span = { UINT64_MAX, 0, 0 };

  for (guint i = 0; i < tasks->len; i++)
    {
      const WeftRecord *record = &g_array_index (tasks, ControlRecord, i).record;

      span.begin = MIN (span.begin, record->start);
      span.end = MAX (span.end, weft_record_end (record));
    }
  return span;
}

static uint64_t
busy_in (WeftRun *run, uint64_t begin, uint64_t end)
{
  g_autoptr (GArray) tasks = control_records (run, WEFT_RECORD_TASK);
  uint64_t busy = 0;

  for (guint i = 0; i < tasks->len; i++)
    {
      const WeftRecord *record = &g_array_index (tasks, ControlRecord, i).record;
      uint64_t from = MAX (record->start, begin);
      uint64_t to = MIN (weft_record_end (record), end);

      busy += to > from ? to - from : 0;
    }
  return busy;
}

/* Two runs of the same graph share the workers; what counts is while both have tasks. */
static double
share_of_first (uint32_t n_workers, const char *spec, int64_t task_us)
{
  WeftEngine *engine = control_engine (n_workers, 0);
  WeftRunOptions options = { .records = true };
  g_autoptr (WeftShape) shape = weft_shape_new_from_spec (spec);
  WeftRun *runs[2];

  for (int i = 0; i < 2; i++)
    {
      WeftGraph *graph = task_us > 0 ? control_independent ("s", "c.spin", task_us, shape->n_tasks)
                                     : fixture_graph (shape, "t.box");

      runs[i] = control_run (engine, graph, &options);
    }
  for (int i = 0; i < 2; i++)
    weft_run_start (runs[i]);
  for (int i = 0; i < 2; i++)
    g_assert_true (weft_run_wait (runs[i], -1));
  Span first = stretch_of (runs[0]);
  Span second = stretch_of (runs[1]);
  uint64_t begin = MAX (first.begin, second.begin);
  uint64_t end = MIN (first.end, second.end);
  double a = (double) busy_in (runs[0], begin, end);
  double b = (double) busy_in (runs[1], begin, end);
  weft_run_unref (runs[0]);
  weft_run_unref (runs[1]);
  weft_engine_free (engine);
  return a / (a + b);
}

static void
test_equal_runs_get_equal_shares (void)
{
  static const struct
  {
    uint32_t n_workers;
    const char *spec;
    int64_t task_us;
  } cases[] = { { 1, "independent:5000", 60 },
                { 2, "independent:8000", 60 },
                { 2, "independent:1500", 400 } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      double share = 100 * share_of_first (cases[i].n_workers, cases[i].spec, cases[i].task_us);

      g_test_message ("%u workers, tasks of %d us: %.1f %% and %.1f %%", cases[i].n_workers,
                      (int) cases[i].task_us, share, 100 - share);
      g_assert_cmpfloat (share, >=, 45);
      g_assert_cmpfloat (share, <=, 55);
    }
}

/* ---- turns ----------------------------------------------------------------------------------- */

typedef struct
{
  uint64_t start;
  int run;
} Turn;

static int
by_start (gconstpointer a, gconstpointer b)
{
  uint64_t left = ((const Turn *) a)->start;
  uint64_t right = ((const Turn *) b)->start;

  return left < right ? -1 : left > right;
}

static void
add_turns (GArray *turns, WeftRun *run, int number)
{
  g_autoptr (GArray) tasks = control_records (run, WEFT_RECORD_TASK);

  for (guint i = 0; i < tasks->len; i++)
    {
      Turn turn = { g_array_index (tasks, ControlRecord, i).record.start, number };

      g_array_append_val (turns, turn);
    }
}

#define IN_A_SLICE 11 /* tasks of 100 µs at least that fit into a millisecond, and the last */

/* Tasks that ran although their run had got more than the other, and the worker should have looked
 * since. One worker: from start to start its time belongs to the earlier one's run. The machine
 * may take the worker's core away for long, so tasks are counted and times only compared: a turn
 * may be long while its run is behind. What lies before the second run's first task counts for one
 * slice. */
static uint32_t
count_unfair (WeftRun *first, WeftRun *second)
{
  g_autoptr (GArray) turns = g_array_new (FALSE, FALSE, sizeof (Turn));
  uint64_t both = MAX (stretch_of (first).begin, stretch_of (second).begin);
  uint64_t end = MIN (stretch_of (first).end, stretch_of (second).end);
  int64_t got[2] = { 0, 0 };
  int64_t slack = (int64_t) control_ticks (MS / 5);
  int64_t lead[IN_A_SLICE] = { 0 }; /* of the turn's run over the other, at its last tasks */
  uint32_t length = 0, n_unfair = 0;

  add_turns (turns, first, 0);
  add_turns (turns, second, 1);
  g_array_sort (turns, by_start);
  for (guint i = 0; i + 1 < turns->len; i++)
    {
      Turn turn = g_array_index (turns, Turn, i);
      Turn before = g_array_index (turns, Turn, i > 0 ? i - 1 : 0);
      guint later = MIN (i + IN_A_SLICE, turns->len - 1);

      if (g_array_index (turns, Turn, later).start < both || turn.start >= end)
        continue;
      length = turn.run == before.run ? length + 1 : 1;
      n_unfair += length > IN_A_SLICE && turn.start > both && lead[length % IN_A_SLICE] > slack;
      lead[length % IN_A_SLICE] = got[turn.run] - got[1 - turn.run];
      got[turn.run] += (int64_t) (g_array_index (turns, Turn, i + 1).start - turn.start);
    }
  return n_unfair;
}

/* A worker looks at the other runs after a millisecond. A chain is worst, as it never leaves the
 * worker by itself. */
static void
test_workers_look_again_each_millisecond (void)
{
  WeftEngine *engine = control_engine (1, 0);
  WeftRunOptions options = { .records = true };
  WeftRun *runs[2];

  for (int i = 0; i < 2; i++)
    runs[i] = control_run (engine, control_chain ("c", "c.spin", 100, 600), &options);
  for (int i = 0; i < 2; i++)
    weft_run_start (runs[i]);
  for (int i = 0; i < 2; i++)
    g_assert_true (weft_run_wait (runs[i], -1));
  uint32_t n_unfair = count_unfair (runs[0], runs[1]);
  g_test_message ("%u of 1200 tasks ran past their run's turn", n_unfair);
  /* Turns of 64 tasks would make it a thousand; the machine may take the core away in between. */
  g_assert_cmpuint (n_unfair, <, 150);
  /* And they did take turns. */
  g_assert_cmpuint (stretch_of (runs[1]).begin, <, stretch_of (runs[0]).end);
  weft_run_unref (runs[0]);
  weft_run_unref (runs[1]);
  weft_engine_free (engine);
}

static WeftStatus
tick_kernel (WeftTask *task, const WeftValue *args G_GNUC_UNUSED, uint32_t n_args G_GNUC_UNUSED,
             WeftValue *results)
{
  ((ControlClock *) weft_task_user_data (task))->now_ns += 100000;
  weft_value_set_int64 (results, 1);
  return WEFT_OK;
}

/* Exactly, on a clock that only the tasks move on: a run that was paused has no claim to the time
 * it missed, nor has one that had nothing to do. */
static void
test_idle_runs_have_no_claims (void)
{
  ControlClock clock = { 1 };
  WeftEngine *engine = control_manual_engine (1, &clock);
  const WeftOpParam params[] = { { .name = "any", .accepts = WEFT_ACCEPT_ANY, .doc = "any" } };
  const WeftOp op = { .name = "tick",
                      .version = 1,
                      .doc = "moves the clock on",
                      .params = params,
                      .n_params = 1,
                      .variadic = true,
                      .n_outputs = 1,
                      .kernel = tick_kernel,
                      .user_data = &clock };
  WeftRunOptions paused_options = { .start_paused = true };
  WeftRunOptions open_options = { .keep_open = true };
  g_autoptr (GError) error = NULL;
  WeftGraph *late = NULL;
  WeftRun *runs[3];

  g_assert_true (weft_op_registry_add (weft_engine_registry (engine), &op, 1, &error));
  runs[0] = control_run (engine, control_chain ("a", "tick", 1, 300), NULL);
  runs[1] = control_run (engine, control_chain ("p", "tick", 1, 300), &paused_options);
  runs[2] = control_run (engine, NULL, &open_options);
  for (int i = 0; i < 3; i++)
    weft_run_start (runs[i]);
  for (int k = 0; k < 100; k++)
    g_assert_true (weft_engine_step_manual (engine, 0));
  g_assert_cmpuint (control_n_done (runs[0]), >=, 99);
  uint64_t before = control_n_done (runs[0]);
  late = control_chain ("l", "tick", 1, 300);
  weft_run_extend (runs[2], late, NULL, &error);
  g_assert_no_error (error);
  weft_run_resume (runs[1]);
  for (int k = 0; k < 90; k++)
    g_assert_true (weft_engine_step_manual (engine, 0));
  g_assert_cmpuint (control_n_done (runs[0]) - before, >=, 28);
  g_assert_cmpuint (control_n_done (runs[0]) - before, <=, 32);
  g_assert_cmpuint (control_n_done (runs[1]), >=, 28);
  g_assert_cmpuint (control_n_done (runs[1]), <=, 32);
  weft_graph_unref (late);
  for (int i = 0; i < 3; i++)
    {
      weft_run_cancel (runs[i]);
      weft_run_unref (runs[i]);
    }
  weft_engine_free (engine);
}

static uint32_t
unfair_after_resuming (void)
{
  WeftEngine *engine = control_engine (1, 0);
  WeftRunOptions options = { .records = true };
  WeftRunOptions paused_options = { .records = true, .start_paused = true };
  WeftRun *paused = control_run (engine, control_chain ("p", "c.spin", 100, 600), &paused_options);
  WeftRun *other = control_run (engine, control_chain ("o", "c.spin", 100, 1200), &options);
  uint32_t n_unfair;

  weft_run_start (paused);
  weft_run_start (other);
  while (control_n_done (other) < 500)
    g_thread_yield ();
  weft_run_resume (paused);
  g_assert_true (weft_run_wait (paused, -1));
  g_assert_true (weft_run_wait (other, -1));
  n_unfair = count_unfair (paused, other);
  g_test_message ("%u of 1800 tasks ran past their run's turn", n_unfair);
  weft_run_unref (paused);
  weft_run_unref (other);
  weft_engine_free (engine);
  return n_unfair;
}

/* With threads: with the claim it would take five hundred tasks in a row, each time. It has one to
 * the turn in which it is resumed, and that may be as long where the machine takes the worker's
 * core away: but not each time. */
static void
test_resumed_run_takes_no_more_than_its_share (void)
{
  uint32_t least = UINT32_MAX;

  for (int i = 0; i < 4 && least >= 200; i++)
    {
      uint32_t n_unfair = unfair_after_resuming ();

      least = MIN (least, n_unfair);
    }
  g_assert_cmpuint (least, <, 200);
}

/* A run works, while another is stepped @most_steps times. Returns: the share of its time for which
 * it kept both workers busy */
static double
busy_beside_steps (uint32_t most_steps)
{
  WeftEngine *engine = control_engine (2, 0);
  WeftRunOptions options = { .records = true };
  WeftRunOptions stepped_options = { .records = true, .start_paused = true };
  WeftRun *stepped =
      control_run (engine, control_independent ("s", "t.sum", 1, 100), &stepped_options);
  WeftRun *other = control_run (engine, control_independent ("o", "c.spin", 100, 3000), &options);
  uint32_t n_steps = 0;
  double busy;
  Span span;

  weft_run_start (stepped);
  weft_run_start (other);
  while (weft_run_phase (other) == WEFT_RUN_RUNNING && n_steps < most_steps
         && weft_run_step (stepped))
    n_steps++;
  g_assert_true (weft_run_wait (other, -1));
  g_assert_cmpint (weft_run_phase (stepped), ==, WEFT_RUN_PAUSED);
  g_assert_cmpuint (control_n_done (stepped), ==, n_steps);
  g_assert_cmpint (n_steps > 0, ==, most_steps > 0);
  span = stretch_of (other);
  busy = (double) busy_in (other, span.begin, span.end) / (2 * (double) (span.end - span.begin));
  g_test_message ("%u steps; the other run kept both workers busy %.1f %% of its time", n_steps,
                  100 * busy);
  weft_run_cancel (stepped);
  weft_run_unref (stepped);
  weft_run_unref (other);
  weft_engine_free (engine);
  return busy;
}

/* The other has the pool to itself but for the stepped tasks: it is as busy as without them. Not
 * each time where the machine takes a worker's core away, so pairs are made until one is fine. */
static void
test_stepping_one_does_not_delay_another (void)
{
  double share = 0;

  for (int i = 0; i < 6 && share < 0.8; i++)
    {
      double alone = busy_beside_steps (0);

      share = MAX (share, busy_beside_steps (50) / alone);
    }
  g_assert_cmpfloat (share, >=, 0.8);
}

/* ---- resources ------------------------------------------------------------------------------- */

static WeftGraph *
needy_graph (const char *op, double amount, uint32_t n)
{
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  WeftResourceNeed need = { .name = weft_graph_builder_string (builder, "gpu"), .amount = amount };
  WeftTaskAttributes attributes = { .label = WEFT_NONE, .n_resources = 1, .resources = &need };

  for (uint32_t i = 0; i < n; i++)
    {
      g_autofree char *key = g_strdup_printf ("g-%u", i);

      weft_graph_builder_set_attributes (
          builder, control_add (builder, key, op, 100, NULL, 0, true), &attributes);
    }
  return control_freeze (builder);
}

static int
by_time (gconstpointer a, gconstpointer b)
{
  const int64_t *left = a, *right = b;

  return left[0] != right[0] ? (left[0] < right[0] ? -1 : 1) : (left[1] < right[1] ? -1 : 1);
}

/* Never more of them at once than there is, over all runs, as the records tell. */
static void
test_resources_hold_across_runs (void)
{
  WeftEngine *engine = control_engine (6, 0);
  g_autoptr (GArray) changes = g_array_new (FALSE, FALSE, 2 * sizeof (int64_t));
  WeftRunOptions options = { .records = true };
  WeftRun *runs[3];
  int64_t inside = 0, most = 0;

  weft_engine_set_resource (engine, "gpu", 2);
  for (int i = 0; i < 3; i++)
    {
      runs[i] = control_run (engine, needy_graph ("c.spin", 1, 200), &options);
      weft_run_start (runs[i]);
    }
  for (int i = 0; i < 3; i++)
    {
      g_assert_true (weft_run_wait (runs[i], -1));
      g_assert_cmpint (weft_run_phase (runs[i]), ==, WEFT_RUN_DONE);
      g_autoptr (GArray) tasks = control_records (runs[i], WEFT_RECORD_TASK);
      g_assert_cmpuint (tasks->len, ==, 200);
      for (guint k = 0; k < tasks->len; k++)
        {
          const WeftRecord *record = &g_array_index (tasks, ControlRecord, k).record;
          /* The stamp of an end comes before the resource is given back, so the kernel's own time
           * is what counts: it took 100 µs. */
          int64_t start[2] = { (int64_t) record->start, 1 };
          int64_t end[2] = { (int64_t) (record->start + control_ticks (100000) * 9 / 10), -1 };

          g_array_append_val (changes, start);
          g_array_append_val (changes, end);
        }
      weft_run_unref (runs[i]);
    }
  g_array_sort (changes, by_time);
  for (guint i = 0; i < changes->len; i++)
    {
      inside += ((int64_t (*)[2]) changes->data)[i][1];
      most = MAX (most, inside);
    }
  g_test_message ("%d at once of 2", (int) most);
  g_assert_cmpint (most, <=, 2);
  weft_engine_free (engine);
}

/* More of it lets waiters through at once; one that is cancelled stops waiting. */
static void
test_waiters_for_resources (void)
{
  WeftEngine *engine = control_engine (3, 0);
  WeftRunOptions options = { .keep_open = true };
  WeftGraph *graph = needy_graph ("t.gate", 1, 3);
  WeftRun *run = control_run (engine, graph, &options);
  WeftFuture *futures[3];
  g_autoptr (GError) error = NULL;
  WeftValue value;

  weft_engine_set_resource (engine, "gpu", 1);
  fixture_close_gate ();
  for (uint32_t i = 0; i < 3; i++)
    {
      futures[i] = weft_run_future (run, 0, i, 0, &error);
      g_assert_no_error (error);
    }
  weft_run_start (run);
  fixture_wait_at_gate (1);
  weft_future_cancel (futures[2]);
  g_assert_false (weft_future_get (futures[2], &value, &error));
  test_assert_error (&error, WEFT_ENGINE_ERROR, WEFT_ENGINE_ERROR_CANCELLED, "g-2", NULL);
  g_assert_false (weft_futures_wait (&futures[1], 1, 2 * MS, &error));
  test_assert_error (&error, WEFT_ENGINE_ERROR, WEFT_ENGINE_ERROR_CANCELLED, NULL);
  weft_engine_set_resource (engine, "gpu", 2);
  fixture_wait_at_gate (2);
  fixture_open_gate ();
  g_assert_true (weft_futures_wait (futures, 2, -1, NULL));
  for (uint32_t i = 0; i < 3; i++)
    weft_future_unref (futures[i]);
  control_end_run (run);
  weft_engine_free (engine);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("sched", "shares", "equal-runs-get-equal-shares", test_equal_runs_get_equal_shares);
  test_add ("sched", "shares", "workers-look-again-each-millisecond",
            test_workers_look_again_each_millisecond);
  test_add ("sched", "shares", "idle-runs-have-no-claims", test_idle_runs_have_no_claims);
  test_add ("sched", "shares", "resumed-run-takes-no-more-than-its-share",
            test_resumed_run_takes_no_more_than_its_share);
  test_add ("sched", "shares", "stepping-one-does-not-delay-another",
            test_stepping_one_does_not_delay_another);
  test_add ("sched", "shares", "resources-hold-across-runs", test_resources_hold_across_runs);
  test_add ("sched", "shares", "waiters-for-resources", test_waiters_for_resources);
  return g_test_run ();
}
