/* test-idle.c: what workers do when there is nothing to do, and who is served first then
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Workers spin a little before they sleep; a burst of work wakes one of them, who wakes the next;
 * what comes back to the run's queue is taken by (priority of the segment, segment, task).
 */
#include "config.h"

#include "control-fixture.h"
#include "sched/weft-sched-private.h"

#define N_SLEEPERS 4
#define N_BURST 100
#define N_NAPS 30
#define LEAST_SPIN_NS 15000 /* of some 20 µs; a sleep and its wake take twice that */
#define N_SEGMENTS 8

/* ---- waking ---------------------------------------------------------------------------------- */

/* Workers of this runtime are counted when they fall asleep and when they wake, and are held up
 * while they wake. */
static _Atomic uint32_t n_parked, n_unparked, n_met;
static _Atomic bool held;

static void
park_cb (void *data G_GNUC_UNUSED, uint32_t worker G_GNUC_UNUSED, void **slot G_GNUC_UNUSED)
{
  atomic_fetch_add (&n_parked, 1);
}

static void
unpark_cb (void *data G_GNUC_UNUSED, uint32_t worker G_GNUC_UNUSED, void **slot G_GNUC_UNUSED)
{
  atomic_fetch_add (&n_unparked, 1);
  while (atomic_load (&held))
    g_thread_yield ();
}

static const WeftRuntime sleepers = { .name = "sleepers", .park = park_cb, .unpark = unpark_cb };

/* Ends when all workers are in it, so each of them has come to know the runtime. */
static WeftStatus
meet_kernel (WeftTask *task G_GNUC_UNUSED, const WeftValue *args G_GNUC_UNUSED,
             uint32_t n_args G_GNUC_UNUSED, WeftValue *results)
{
  atomic_fetch_add (&n_met, 1);
  while (atomic_load (&n_met) < N_SLEEPERS)
    g_thread_yield ();
  weft_value_set_int64 (results, 1);
  return WEFT_OK;
}

static WeftEngine *
engine_of_sleepers (void)
{
  WeftEngineOptions options = { .n_workers = N_SLEEPERS, .registry = fixture_registry () };
  WeftOp meet = FIXTURE_OP ("i.meet", meet_kernel, 1, WEFT_OP_RUNTIME);

  meet.runtime = &sleepers;
  g_assert_true (weft_op_registry_add (options.registry, &meet, 1, NULL));
  WeftEngine *engine = weft_engine_new (&options, NULL);
  weft_op_registry_unref (options.registry);
  return engine;
}

static bool
all_are_parked (void)
{
  return atomic_load (&n_parked) - atomic_load (&n_unparked) == N_SLEEPERS;
}

/* Nobody is awake who could wake anybody: all have shown their bit, and said that they sleep. */
static void
wait_until_all_sleep (WeftEngine *engine)
{
  while (!all_are_parked () || atomic_load (&engine->n_asleep) != N_SLEEPERS || !all_are_parked ())
    g_thread_yield ();
}

/* While the worker that a burst woke is on its way, no further one is woken. */
static void
test_wakes_are_batched (void)
{
  WeftEngine *engine = engine_of_sleepers ();
  WeftFuture *futures[N_BURST];

  atomic_store (&n_parked, 0);
  atomic_store (&n_unparked, 0);
  atomic_store (&n_met, 0);
  WeftRun *run = control_open_run (engine, WEFT_ON_ERROR_STOP);
  for (int i = 0; i < N_SLEEPERS; i++)
    weft_future_unref (control_submit (run, "i.meet", 1));
  while (control_n_done (run) < N_SLEEPERS)
    g_thread_yield ();
  wait_until_all_sleep (engine);
  atomic_store (&held, true);
  atomic_store (&n_unparked, 0);
  for (int i = 0; i < N_BURST; i++)
    futures[i] = control_submit (run, "t.sum", i);
  while (atomic_load (&n_unparked) == 0)
    g_thread_yield ();
  g_assert_cmpuint (atomic_load (&engine->n_asleep), ==, N_SLEEPERS - 1);
  g_assert_cmpuint (atomic_load (&n_unparked), ==, 1);
  atomic_store (&held, false);
  g_assert_true (weft_futures_wait (futures, N_BURST, -1, NULL));
  for (int i = 0; i < N_BURST; i++)
    weft_future_unref (futures[i]);
  control_end_run (run);
  weft_engine_free (engine);
}

/* ---- spinning -------------------------------------------------------------------------------- */

typedef struct
{
  uint64_t task_end; /* 0: no task since the last sleep */
  uint64_t least_ticks;
  uint32_t n;
} Gaps;

static void
see_gap (uint32_t lane G_GNUC_UNUSED, const WeftRecord *record, void *data)
{
  Gaps *gaps = data;

  if (record->kind == WEFT_RECORD_TASK)
    gaps->task_end = weft_record_end (record);
  else if (record->kind == WEFT_RECORD_PARKED && gaps->task_end != 0)
    {
      gaps->least_ticks = MIN (gaps->least_ticks, record->start - gaps->task_end);
      gaps->task_end = 0;
      gaps->n++;
    }
}

/* The one worker never sleeps at once after a task, be the machine quick or slow. */
static void
test_spins_before_it_sleeps (void)
{
  WeftEngine *engine = fixture_engine (1);
  Gaps gaps = { .least_ticks = UINT64_MAX };
  WeftRunOptions options = { .records = true, .keep_open = true };
  WeftRun *run = control_run (engine, NULL, &options);

  weft_run_start (run);
  for (int i = 0; i < N_NAPS; i++)
    {
      WeftFuture *future = control_submit (run, "t.sum", i);

      g_assert_true (weft_futures_wait (&future, 1, -1, NULL));
      weft_future_unref (future);
      while (atomic_load (&engine->n_asleep) == 0)
        g_thread_yield ();
    }
  weft_run_close (run);
  weft_run_wait (run, -1);
  weft_recorder_foreach (weft_run_recorder (run), see_gap, &gaps);
  g_assert_cmpuint (gaps.n, >, N_NAPS / 2);
  g_assert_cmpuint (gaps.least_ticks, >=, control_ticks (LEAST_SPIN_NS));
  weft_run_unref (run);
  weft_engine_free (engine);
}

/* ---- who is first ---------------------------------------------------------------------------- */

/* A task that fails once, and comes back a second later. */
static WeftGraph *
retried (uint32_t i)
{
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  WeftTaskAttributes attributes = { .retries = 1,
                                    .retry_delay_ns = 1000000000,
                                    .label = WEFT_NONE };
  g_autofree char *key = g_strdup_printf ("retried-%u", i);

  weft_graph_builder_set_attributes (
      builder, control_add (builder, key, "t.fail", 1, NULL, 0, true), &attributes);
  return control_freeze (builder);
}

/* All of them come back at the same moment: the records tell in which order they were taken. */
static void
test_queue_goes_by_segments (void)
{
  ControlClock clock = { 0 };
  WeftEngine *engine = control_manual_engine (1, &clock);
  WeftRunOptions options = { .records = true, .keep_open = true };
  const int32_t priorities[N_SEGMENTS] = { 0, 0, 5, 0, 5, -1, 0, 5 };
  const uint32_t expected[N_SEGMENTS] = { 2, 4, 7, 0, 1, 3, 6, 5 };
  WeftRun *run = control_run (engine, retried (0), &options);

  for (uint32_t i = 1; i < N_SEGMENTS; i++)
    {
      WeftExtendOptions extend = { .priority = priorities[i] };
      WeftGraph *graph = retried (i);

      g_assert_cmpuint (weft_run_extend (run, graph, &extend, NULL), ==, i);
      weft_graph_unref (graph);
    }
  weft_run_start (run);
  weft_run_close (run);
  control_exhaust (engine, 1);
  clock.now_ns = 1000000000;
  while (weft_engine_step_manual (engine, 0))
    clock.now_ns += 1000; /* so that starts tell the order */
  g_assert_cmpint (weft_run_phase (run), ==, WEFT_RUN_DONE);
  g_autoptr (GArray) tasks = control_records (run, WEFT_RECORD_TASK);
  g_assert_cmpuint (tasks->len, ==, 2 * N_SEGMENTS);
  for (uint32_t i = 0; i < N_SEGMENTS; i++)
    {
      const WeftRecord *again = &g_array_index (tasks, ControlRecord, N_SEGMENTS + i).record;

      g_assert_cmpuint (again->segment, ==, expected[i]);
    }
  weft_run_unref (run);
  weft_engine_free (engine);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("sched", "idle", "wakes-are-batched", test_wakes_are_batched);
  test_add ("sched", "idle", "spins-before-it-sleeps", test_spins_before_it_sleeps);
  test_add ("sched", "idle", "queue-goes-by-segments", test_queue_goes_by_segments);
  return g_test_run ();
}
