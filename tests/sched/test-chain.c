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

/* A chain of `n` tasks that each add one; every `nth` is another operation, of a number and what
 * comes before. */
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
      if (other)
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

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("sched", "chain", "graphs-on-the-way", test_graphs_on_the_way);
  test_add ("sched", "chain", "failures-on-the-way", test_failures_on_the_way);
  test_add ("sched", "chain", "pauses-and-another-run", test_pauses_and_another_run);
  test_add ("sched", "chain", "two-ready-at-once", test_two_ready_at_once);
  test_add ("sched", "chain", "single-steps", test_single_steps);
  return g_test_run ();
}
