/* test-chain.c: chains, which a worker takes along many ids at a time: leaving them anywhere
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A task on the way that fails or gives a graph, a second run, pauses, and a caller who takes
 * single steps make a worker put a chain down whose next ids it holds. Each task must be run all
 * the same, once, and after the one before.
 */
#include "config.h"

#include "sched-fixture.h"

#include <sched.h>
#include <stdatomic.h>

#define LENGTH 4000
#define CLOCK_SLACK 200 /* ticks by which the clock reads apart on two lanes (run-file.md) */

/* A chain of `n` tasks that each add one; every `nth` is another operation, of a number (< 0:
 * none) and what comes before. */
static WeftGraph *
chain (uint32_t n, uint32_t nth, const char *op, int64_t number)
{
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  g_autoptr (GError) error = NULL;
  WeftTaskOutput input = { 0, 0 };
  WeftGraph *graph;

  for (uint32_t i = 0; i < n; i++)
    {
      bool other = i % nth == nth - 1;
      g_autofree char *key = g_strdup_printf ("t-%u", i);

      weft_graph_builder_begin_call (builder, other ? op : "t.sum", 0, 1);
      if (other && number >= 0)
        weft_graph_builder_arg_int64 (builder, number);
      if (i > 0)
        weft_graph_builder_arg_slot (builder, 0);
      input.task = weft_graph_builder_add_task (
          builder, key, -1, weft_graph_builder_end_call (builder), &input, i > 0);
    }
  weft_graph_builder_want (builder, n - 1, 0);
  graph = weft_graph_builder_freeze (builder, NULL, &error);
  g_assert_no_error (error);
  weft_graph_builder_free (builder);
  return graph;
}

static void
see (uint32_t lane G_GNUC_UNUSED, const WeftRecord *record, void *data)
{
  uint32_t *seen = data; /* by task */

  if (record->kind != WEFT_RECORD_TASK || record->segment != 0)
    return;
  seen[record->task]++;
}

/* Each of the first `n` tasks once, and after the one before. */
static void
check_tasks (WeftRun *run, uint32_t n)
{
  g_autofree uint32_t *seen = g_new0 (uint32_t, LENGTH);

  weft_recorder_foreach (weft_run_recorder (run), see, seen);
  for (uint32_t i = 0; i < n; i++)
    {
      g_assert_cmpuint (seen[i], ==, 1);
      g_assert_cmpint (fixture_int (run, 0, i), ==, i + 1); /* so after the one before */
    }
}

static WeftRun *
begin (WeftEngine *engine, WeftGraph *graph, WeftOnError on_error)
{
  WeftRunOptions options = { .records = true, .on_error = on_error };
  g_autoptr (GError) error = NULL;
  WeftRun *run = weft_run_new (engine, graph, &options, &error);

  g_assert_no_error (error);
  weft_run_start (run);
  return run;
}

static void
check_end (WeftRun *run, uint32_t n_ok)
{
  WeftRunProgress progress;

  weft_run_wait (run, -1);
  weft_run_progress (run, &progress);
  g_assert_cmpuint (progress.n_done, ==, n_ok);
  g_assert_cmpuint (progress.n_erred, ==, progress.n_tasks - n_ok);
  check_tasks (run, n_ok);
}

static void
test_graphs_on_the_way (void)
{
  for (uint32_t n_workers = 1; n_workers <= 4; n_workers++)
    {
      WeftEngine *engine = fixture_engine (n_workers);
      WeftGraph *graph = chain (LENGTH, 37, "t.nest", 1);
      WeftRun *run = begin (engine, graph, WEFT_ON_ERROR_STOP);

      weft_run_wait (run, -1);
      g_assert_cmpint (weft_run_phase (run), ==, WEFT_RUN_DONE);
      g_assert_cmpint (fixture_int (run, 0, LENGTH - 1), ==, 42 + LENGTH % 37);
      weft_run_unref (run);
      weft_graph_unref (graph);
      weft_engine_free (engine);
    }
}

static void
test_failures_on_the_way (void)
{
  for (uint32_t n_workers = 1; n_workers <= 4; n_workers++)
    {
      uint32_t nth = (uint32_t) g_test_rand_int_range (100, LENGTH);
      WeftEngine *engine = fixture_engine (n_workers);
      WeftGraph *graph = chain (LENGTH, nth, "t.fail", 9);
      WeftRun *run = begin (engine, graph, WEFT_ON_ERROR_CONTINUE);

      check_end (run, nth - 1);
      weft_run_unref (run);
      weft_graph_unref (graph);
      weft_engine_free (engine);
    }
}

/* Two runs that take turns, each paused and resumed all the while. */
static void
test_pauses_and_another_run (void)
{
  WeftEngine *engine = fixture_engine (4);
  WeftGraph *graph = chain (LENGTH, LENGTH + 1, NULL, 0);

  for (int i = 0; i < 20; i++)
    {
      WeftRun *runs[2] = { begin (engine, graph, WEFT_ON_ERROR_STOP),
                           begin (engine, graph, WEFT_ON_ERROR_STOP) };

      while (weft_run_phase (runs[0]) < WEFT_RUN_DONE || weft_run_phase (runs[1]) < WEFT_RUN_DONE)
        {
          WeftRun *run = runs[g_test_rand_int_range (0, 2)];

          weft_run_pause (run);
          if (g_test_rand_bit ())
            weft_run_step (run);
          weft_run_resume (run);
        }
      for (guint k = 0; k < G_N_ELEMENTS (runs); k++)
        {
          check_end (runs[k], LENGTH);
          g_assert_cmpint (fixture_int (runs[k], 0, LENGTH - 1), ==, LENGTH);
          weft_run_unref (runs[k]);
        }
    }
  weft_graph_unref (graph);
  weft_engine_free (engine);
}

/* Tasks that set going one that waits, see fork_graph(). */
static _Atomic bool told;

static WeftStatus
await_kernel (WeftTask *task G_GNUC_UNUSED, const WeftValue *args G_GNUC_UNUSED,
              uint32_t n_args G_GNUC_UNUSED, WeftValue *results)
{
  int64_t give_up_ns = weft_clock_mono_ns () + 10 * G_TIME_SPAN_MILLISECOND * 1000;

  while (!atomic_load (&told) && weft_clock_mono_ns () < give_up_ns)
    sched_yield ();
  weft_value_set_int64 (results, 1);
  return WEFT_OK;
}

static WeftStatus
tell_kernel (WeftTask *task G_GNUC_UNUSED, const WeftValue *args G_GNUC_UNUSED,
             uint32_t n_args G_GNUC_UNUSED, WeftValue *results)
{
  atomic_store (&told, true);
  weft_value_set_int64 (results, 1);
  return WEFT_OK;
}

static const WeftOp fork_ops[] = {
  FIXTURE_OP ("c.await", await_kernel, 1, WEFT_OP_PURE),
  FIXTURE_OP ("c.tell", tell_kernel, 1, WEFT_OP_PURE),
};

#define N_TELL 3
#define N_CHAINS 6
#define MOST_BEFORE 2100
#define MOST_FORK_TASKS (MOST_BEFORE + 3 + N_TELL + 3 * N_CHAINS)

typedef struct
{
  WeftGraphBuilder *builder;
  int64_t *values; /* expected */
  uint32_t n;
} Forks;

static uint32_t
add (Forks *forks, const char *op, int64_t input)
{
  g_autofree char *key = g_strdup_printf ("t-%u", forks->n);
  WeftTaskOutput output = { (uint32_t) input, 0 };

  weft_graph_builder_begin_call (forks->builder, op, 0, 1);
  if (input >= 0)
    weft_graph_builder_arg_slot (forks->builder, 0);
  forks->values[forks->n] = 1 + (input >= 0 ? forks->values[input] : 0);
  weft_graph_builder_add_task (forks->builder, key, -1,
                               weft_graph_builder_end_call (forks->builder), &output, input >= 0);
  return forks->n++;
}

/* One task waits, and then makes ready another that has dependents right behind it, which have been
 * passed meanwhile by a worker that took half the range, as that half has what is waited for; and
 * dependents that begin a chain, one of which is the first of the other half: two are ready at
 * once, and only one of them is gone on with. Before that quick tasks, for blocks to be long. */
static WeftGraph *
fork_graph (uint32_t n_before, int64_t *values)
{
  Forks forks = { .builder = weft_graph_builder_new (), .values = values };
  g_autoptr (GError) error = NULL;
  WeftGraph *graph;
  uint32_t root;

  for (uint32_t i = 0; i < n_before; i++)
    add (&forks, "t.sum", -1);
  root = add (&forks, "t.sum", add (&forks, "c.await", -1));
  add (&forks, "t.sum", add (&forks, "t.sum", root));
  for (uint32_t i = 0; i < N_TELL; i++)
    add (&forks, "c.tell", -1);
  for (uint32_t i = 0; i < N_CHAINS; i++)
    add (&forks, "t.sum", add (&forks, "t.sum", add (&forks, "t.sum", root)));
  weft_graph_builder_want (forks.builder, 0, 0);
  graph = weft_graph_builder_freeze (forks.builder, NULL, &error);
  g_assert_no_error (error);
  weft_graph_builder_free (forks.builder);
  return graph;
}

static void
check_forks (WeftEngine *engine)
{
  g_autofree int64_t *values = g_new0 (int64_t, MOST_FORK_TASKS + 1);
  WeftGraph *graph =
      fork_graph ((uint32_t) g_test_rand_int_range (MOST_BEFORE - 64, MOST_BEFORE), values);
  uint32_t n_tasks = weft_graph_arrays (graph)->n_tasks;
  WeftRun *run;

  atomic_store (&told, false);
  run = begin (engine, graph, WEFT_ON_ERROR_STOP);
  g_assert_true (weft_run_wait (run, 10 * G_TIME_SPAN_SECOND * 1000));
  for (uint32_t i = 0; i < n_tasks; i++)
    g_assert_cmpint (fixture_int (run, 0, i), ==, values[i]);
  weft_run_unref (run);
  weft_graph_unref (graph);
}

static void
test_two_ready_at_once (void)
{
  WeftEngineOptions options = { .n_workers = 2, .registry = fixture_registry () };
  g_autoptr (GError) error = NULL;
  WeftEngine *engine;

  weft_op_registry_add (options.registry, fork_ops, G_N_ELEMENTS (fork_ops), &error);
  g_assert_no_error (error);
  engine = weft_engine_new (&options, &error);
  g_assert_no_error (error);
  for (int round = 0; round < 1000; round++)
    check_forks (engine);
  weft_engine_free (engine);
  weft_op_registry_unref (options.registry);
}

/* One task a step, on workers taken at random. */
static void
test_single_steps (void)
{
  WeftEngineOptions options = { .n_workers = 3, .manual = true, .registry = fixture_registry () };
  WeftEngine *engine = weft_engine_new (&options, NULL);
  WeftGraph *graph = chain (LENGTH, LENGTH + 1, NULL, 0);
  WeftRun *run = begin (engine, graph, WEFT_ON_ERROR_STOP);
  WeftRunProgress progress;
  uint32_t n_steps = 0;

  while (weft_run_phase (run) < WEFT_RUN_DONE)
    {
      n_steps += weft_engine_step_manual (engine, (uint32_t) g_test_rand_int_range (0, 3));
      weft_run_progress (run, &progress);
      g_assert_cmpuint (progress.n_done, <=, n_steps);
    }
  check_end (run, LENGTH);
  g_assert_cmpint (fixture_int (run, 0, LENGTH - 1), ==, LENGTH);
  weft_run_unref (run);
  weft_graph_unref (graph);
  weft_engine_free (engine);
  weft_op_registry_unref (options.registry);
}

/* ---- what is not the rule on the way --------------------------------------------------------- */

/* 1 and its inputs, which takes longer than what is called short. */
static WeftStatus
long_kernel (WeftTask *task G_GNUC_UNUSED, const WeftValue *args, uint32_t n_args,
             WeftValue *results)
{
  int64_t until_ns = weft_clock_mono_ns () + 5000;
  uint64_t sum = 1;

  while (weft_clock_mono_ns () < until_ns)
    ;
  for (uint32_t i = 0; i < n_args; i++)
    sum += (uint64_t) args[i].u.i;
  weft_value_set_int64 (results, (int64_t) sum);
  return WEFT_OK;
}

static WeftStatus
nothing_kernel (WeftTask *task G_GNUC_UNUSED, const WeftValue *args G_GNUC_UNUSED,
                uint32_t n_args G_GNUC_UNUSED, WeftValue *results G_GNUC_UNUSED)
{
  return WEFT_OK;
}

static const WeftOp odd_ops[] = { FIXTURE_OP ("c.long", long_kernel, 1, WEFT_OP_PURE),
                                  FIXTURE_OP ("c.nothing", nothing_kernel, 1, WEFT_OP_PURE) };

static WeftEngine *
odd_engine (uint32_t n_workers)
{
  WeftEngineOptions options = { .n_workers = n_workers, .registry = fixture_registry () };
  g_autoptr (GError) error = NULL;
  WeftEngine *engine;

  weft_op_registry_add (options.registry, odd_ops, G_N_ELEMENTS (odd_ops), &error);
  g_assert_no_error (error);
  engine = weft_engine_new (&options, &error);
  g_assert_no_error (error);
  weft_op_registry_unref (options.registry);
  return engine;
}

/* A chain in which every 4th task or so has a boxed result, runs long, is bound to a constant, has
 * two inputs, or takes the first task's result and only comes after the one before. @expected: what
 * each gives. @is_long: which may run long. */
static WeftGraph *
mixed_chain (uint64_t *expected, bool *is_long)
{
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  bool boxed = false;
  g_autoptr (GError) error = NULL;
  WeftGraph *graph;

  for (uint32_t i = 0; i < LENGTH; i++)
    {
      int kind = g_test_rand_int_range (0, 16);
      const char *op = kind == 3 ? "t.box" : kind == 4 && !boxed ? "c.long" : "t.sum";
      bool far = kind == 5 && i > 1;
      WeftTaskOutput inputs[2] = { { far ? 0 : i - 1, 0 }, { i - 2, 0 } };
      uint32_t n_inputs = i == 0 ? 0 : kind == 2 && i > 1 ? 2 : 1;
      g_autofree char *key = g_strdup_printf ("t-%u", i);
      uint32_t task;

      is_long[i] = kind == 4;
      weft_graph_builder_begin_call (builder, op, 0, 1);
      if (kind == 1)
        weft_graph_builder_arg_int64 (builder, 10);
      expected[i] = kind == 1 ? 11 : 1;
      for (uint32_t k = 0; k < n_inputs; k++)
        {
          weft_graph_builder_arg_slot (builder, k);
          expected[i] += expected[inputs[k].task];
        }
      task = weft_graph_builder_add_task (builder, key, -1, weft_graph_builder_end_call (builder),
                                          inputs, n_inputs);
      if (far)
        weft_graph_builder_add_after (builder, task, i - 1);
      boxed = kind == 3;
    }
  weft_graph_builder_want (builder, LENGTH - 1, 0);
  graph = weft_graph_builder_freeze (builder, NULL, &error);
  g_assert_no_error (error);
  weft_graph_builder_free (builder);
  return graph;
}

typedef struct
{
  uint64_t start[LENGTH], end[LENGTH];
  uint32_t n_seen[LENGTH];
  uint64_t lane_end[8]; /* of the lane's last record */
  const bool *is_long;
  uint32_t n_long, n_long_shared;
} Spans;

static void
see_span (uint32_t lane, const WeftRecord *record, void *data)
{
  Spans *spans = data;

  if (record->kind == WEFT_RECORD_TASK)
    {
      g_assert_cmpint (weft_record_outcome (record), ==, WEFT_OUTCOME_OK);
      if (record->flags & WEFT_RECORD_SHARED)
        g_assert_cmpuint (record->start, ==, spans->lane_end[lane]);
      if (spans->is_long[record->task])
        {
          spans->n_long++;
          spans->n_long_shared += (record->flags & WEFT_RECORD_SHARED) != 0;
        }
      spans->n_seen[record->task]++;
      spans->start[record->task] = record->start;
      spans->end[record->task] = weft_record_end (record);
    }
  if (!(record->flags & WEFT_RECORD_DETAIL))
    spans->lane_end[lane] = weft_record_end (record);
}

/* Each task once, after the one before, and what it gave; boxes are gone but for the last. */
static void
check_mixed (WeftRun *run, const uint64_t *expected, const bool *is_long)
{
  g_autofree Spans *spans = g_new0 (Spans, 1);

  spans->is_long = is_long;

  for (uint32_t i = 0; i < LENGTH; i++)
    {
      WeftValue value;

      if (!weft_run_result (run, 0, i, 0, &value))
        {
          g_assert_cmpuint (i, <, LENGTH - 1);
          continue;
        }
      g_assert_true (i == LENGTH - 1 || !weft_value_is_boxed (&value));
      weft_value_unref (&value);
      g_assert_cmpuint ((uint64_t) fixture_int (run, 0, i), ==, expected[i]);
    }
  if (weft_run_recorder (run) == NULL)
    return;
  weft_recorder_foreach (weft_run_recorder (run), see_span, spans);
  for (uint32_t i = 0; i < LENGTH; i++)
    {
      g_assert_cmpuint (spans->n_seen[i], ==, 1);
      if (i > 0)
        g_assert_cmpuint (spans->start[i] + CLOCK_SLACK, >=, spans->end[i - 1]);
    }
  /* Once it is known to run long, an operation gets a start stamp of its own. */
  g_assert_cmpuint (spans->n_long_shared, <=, spans->n_long / 4);
}

/* Stops at a task on the way: those before it are done, and it is not. */
static void
stop_at (WeftRun *run, uint32_t task)
{
  g_autofree char *key = g_strdup_printf ("t-%u", task);

  g_assert_true (weft_run_break_at_key (run, key));
  weft_run_start (run);
  while (weft_run_phase (run) != WEFT_RUN_PAUSED)
    sched_yield ();
  g_assert_cmpint (weft_run_task_state (run, 0, task - 1), >=, WEFT_STATE_MEMORY);
  g_assert_cmpint (weft_run_task_state (run, 0, task), <, WEFT_STATE_PROCESSING);
  weft_run_resume (run);
}

static void
test_kinds_on_the_way (void)
{
  g_autofree uint64_t *expected = g_new0 (uint64_t, LENGTH);
  g_autofree bool *is_long = g_new0 (bool, LENGTH);

  for (uint32_t round = 0; round < 16; round++)
    {
      WeftRunOptions options = { .records = round % 2 == 0 };
      WeftEngine *engine = odd_engine (1 + round % 4);
      WeftGraph *graph = mixed_chain (expected, is_long);
      g_autoptr (GError) error = NULL;
      WeftRun *run = weft_run_new (engine, graph, &options, &error);

      g_assert_no_error (error);
      if (round % 3 == 0)
        stop_at (run, (uint32_t) g_test_rand_int_range (1, LENGTH));
      else
        weft_run_start (run);
      weft_run_wait (run, -1);
      g_assert_cmpint (weft_run_phase (run), ==, WEFT_RUN_DONE);
      check_mixed (run, expected, is_long);
      weft_run_unref (run);
      weft_graph_unref (graph);
      weft_engine_free (engine);
    }
}

/* An operation that says it did well, and leaves no result: not the one before's again. */
static void
test_nothing_on_the_way (void)
{
  uint32_t nth = (uint32_t) g_test_rand_int_range (100, LENGTH);
  WeftEngine *engine = odd_engine (2);
  WeftGraph *graph = chain (LENGTH, nth, "c.nothing", -1);
  WeftRun *run = begin (engine, graph, WEFT_ON_ERROR_CONTINUE);

  check_end (run, nth - 1);
  weft_run_unref (run);
  weft_graph_unref (graph);
  weft_engine_free (engine);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("sched", "chain", "graphs-on-the-way", test_graphs_on_the_way);
  test_add ("sched", "chain", "failures-on-the-way", test_failures_on_the_way);
  test_add ("sched", "chain", "pauses-and-another-run", test_pauses_and_another_run);
  test_add ("sched", "chain", "two-ready-at-once", test_two_ready_at_once);
  test_add ("sched", "chain", "single-steps", test_single_steps);
  test_add ("sched", "chain", "kinds-on-the-way", test_kinds_on_the_way);
  test_add ("sched", "chain", "nothing-on-the-way", test_nothing_on_the_way);
  return g_test_run ();
}
