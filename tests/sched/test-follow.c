/* test-follow.c: how tasks come to their workers, told by the records
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Also what follows from it: the same results whatever the workers and the seed that belongs to
 * them, and a manual scheduler whose caller decides who does what, and when.
 */
#include "config.h"

#include "sched-fixture.h"
#include "sched/weft-execute-private.h"

#include <string.h>

/* ---- records --------------------------------------------------------------------------------- */

typedef struct
{
  uint32_t n_how[16];
  uint32_t n_tasks, n_peers, n_outputs;
  uint32_t peer;       /* lane that the last stolen task came from */
  uint32_t first_lane; /* that ran task 0 */
  uint64_t stamps[16]; /* by task: its end */
} Ways;

static void
see_way (uint32_t lane, const WeftRecord *record, void *data)
{
  Ways *ways = data;

  if (record->kind == WEFT_RECORD_TASK)
    {
      ways->n_tasks++;
      ways->n_how[weft_record_how (record)]++;
      if (record->task < G_N_ELEMENTS (ways->stamps))
        ways->stamps[record->task] = weft_record_end (record);
      if (record->task == 0)
        ways->first_lane = lane;
    }
  else if (record->kind == WEFT_RECORD_PEER)
    {
      ways->n_peers++;
      ways->peer = (uint32_t) weft_record_amount (record);
    }
  else if (record->kind == WEFT_RECORD_OUTPUT)
    ways->n_outputs++;
}

static void
read_ways (WeftRun *run, Ways *ways)
{
  *ways = (Ways){ 0 };
  weft_recorder_foreach (weft_run_recorder (run), see_way, ways);
}

static WeftRun *
run_shape (const char *spec, const char *op, uint32_t n_workers, WeftEngine **engine)
{
  g_autoptr (WeftShape) shape = weft_shape_new_from_spec (spec);
  WeftRunOptions options = { .records = true };
  WeftGraph *graph = fixture_graph (shape, op);

  *engine = fixture_engine (n_workers);
  WeftRun *run = fixture_run (*engine, graph, &options);
  weft_graph_unref (graph);
  return run;
}

/* A task that makes one dependent ready runs it next, without deque or cursor: two workers cannot
 * share a chain. */
static void
test_direct (void)
{
  WeftEngine *engine;
  WeftRun *run = run_shape ("chains:1,1000", "t.box", 2, &engine);
  Ways ways;

  read_ways (run, &ways);
  g_assert_cmpuint (ways.n_tasks, ==, 1000);
  /* Others were reached by the cursor when the one before had just ended; only with the end of a
   * slice, a millisecond, the next one waits in the deque. */
  g_assert_cmpuint (ways.n_how[WEFT_HOW_DIRECT] + ways.n_how[WEFT_HOW_ISSUED], >=, 950);
  weft_run_unref (run);
  weft_engine_free (engine);
}

static _Atomic bool held;

static WeftStatus
hold_kernel (WeftTask *task G_GNUC_UNUSED, const WeftValue *args G_GNUC_UNUSED,
             uint32_t n_args G_GNUC_UNUSED, WeftValue *results)
{
  while (atomic_load (&held))
    g_thread_yield ();
  weft_value_set_int64 (results, 1);
  return WEFT_OK;
}

static WeftStatus
draw_kernel (WeftTask *task, const WeftValue *args, uint32_t n_args, WeftValue *results)
{
  uint64_t sum = weft_task_random (task) >> 8;

  for (uint32_t i = 0; i < n_args; i++)
    sum = sum * 31 + (uint64_t) args[i].u.i;
  weft_value_set_int64 (results, (int64_t) sum);
  return WEFT_OK;
}

static const WeftOp own_ops[] = {
  FIXTURE_OP ("f.hold", hold_kernel, 1, 0),
  FIXTURE_OP ("f.draw", draw_kernel, 1, 0),
};

static WeftGraph *
hold_and_fan (uint32_t width)
{
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  WeftTaskOutput source = { 0, 0 };

  weft_graph_builder_begin_call (builder, "f.hold", 0, 1);
  weft_graph_builder_add_task (builder, "hold", -1, weft_graph_builder_end_call (builder), NULL, 0);
  weft_graph_builder_begin_call (builder, "t.gate", 0, 1);
  weft_graph_builder_arg_slots (builder, 0, 1);
  uint32_t call = weft_graph_builder_end_call (builder);
  for (uint32_t i = 0; i < width; i++)
    {
      g_autofree char *key = g_strdup_printf ("gate-%u", i);

      weft_graph_builder_add_task (builder, key, -1, call, &source, 1);
    }
  WeftGraph *graph = weft_graph_builder_freeze (builder, NULL, NULL);
  weft_graph_builder_free (builder);
  return graph;
}

/* One task makes three ready that the cursor had passed: it goes on with one of them, and only by
 * stealing can two other workers have the others. The records name whose they were. */
static void
test_stolen (void)
{
  WeftEngineOptions engine_options = { .n_workers = 3, .registry = fixture_registry () };
  WeftRunOptions options = { .records = true };
  Ways ways;

  g_assert_true (weft_op_registry_add (engine_options.registry, own_ops, 2, NULL));
  WeftEngine *engine = weft_engine_new (&engine_options, NULL);
  WeftGraph *graph = hold_and_fan (3);
  fixture_close_gate ();
  atomic_store (&held, true);
  WeftRun *run = weft_run_new (engine, graph, &options, NULL);
  WeftSegment *segment = _weft_run_get_segment (run, 0);
  weft_run_start (run);
  /* Passed: the cursor's token is gone, the edge is left. */
  for (uint32_t task = 1; task <= 3; task++)
    while (atomic_load (_weft_pending (segment, task)) != 1)
      g_thread_yield ();
  atomic_store (&held, false);
  fixture_wait_at_gate (3);
  fixture_open_gate ();
  weft_run_wait (run, -1);
  read_ways (run, &ways);
  /* Held for longer than a slice, it looks at the other runs first, and may come too late. */
  g_assert_cmpuint (
      ways.n_how[WEFT_HOW_DIRECT] + ways.n_how[WEFT_HOW_OWN] + ways.n_how[WEFT_HOW_STOLEN], ==, 3);
  g_assert_cmpuint (ways.n_how[WEFT_HOW_STOLEN], >=, 2);
  g_assert_cmpuint (ways.n_peers, ==, ways.n_how[WEFT_HOW_STOLEN]);
  g_assert_cmpuint (ways.peer, ==, ways.first_lane);
  weft_run_unref (run);
  weft_graph_unref (graph);
  weft_engine_free (engine);
  weft_op_registry_unref (engine_options.registry);
}

/* ---- manual ---------------------------------------------------------------------------------- */

typedef struct
{
  uint64_t now_ns;
} Clock;

static uint64_t
read_clock (void *data)
{
  return ((Clock *) data)->now_ns;
}

static WeftEngine *
manual_engine (uint32_t n_workers, Clock *clock)
{
  WeftEngineOptions options = { .n_workers = n_workers,
                                .registry = fixture_registry (),
                                .manual = true,
                                .manual_clock = read_clock,
                                .manual_data = clock };
  WeftEngine *engine = weft_engine_new (&options, NULL);

  weft_op_registry_unref (options.registry);
  return engine;
}

/* The caller says which worker does the next thing, and what time it is. */
static void
test_manual_stamps (void)
{
  g_autoptr (WeftShape) shape = weft_shape_new_from_spec ("chains:1,3");
  Clock clock = { 1000000 };
  WeftEngine *engine = manual_engine (2, &clock);
  WeftRunOptions options = { .records = true };
  WeftGraph *graph = fixture_graph (shape, "t.take");
  WeftRun *run = weft_run_new (engine, graph, &options, NULL);
  Ways ways;

  weft_run_start (run);
  g_assert_true (weft_engine_step_manual (engine, 0));
  clock.now_ns = 5000000;
  g_assert_true (weft_engine_step_manual (engine, 1));
  clock.now_ns = 7000000;
  g_assert_true (weft_engine_step_manual (engine, 0));
  g_assert_cmpint (weft_run_phase (run), ==, WEFT_RUN_DONE);
  g_assert_false (weft_engine_step_manual (engine, 0));
  g_assert_false (weft_engine_step_manual (engine, 7));
  read_ways (run, &ways);
  g_assert_cmpuint (ways.n_tasks, ==, 3);
  g_assert_cmpuint (ways.stamps[0], ==, 1000000);
  g_assert_cmpuint (ways.stamps[1], ==, 5000000);
  g_assert_cmpuint (ways.stamps[2], ==, 7000000);
  weft_run_unref (run);
  weft_graph_unref (graph);
  weft_engine_free (engine);
}

/* A retry comes when the injected clock says so, not before: back-off doubles. */
static void
test_manual_back_off (void)
{
  Clock clock = { 0 };
  WeftEngine *engine = manual_engine (1, &clock);
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  WeftTaskAttributes attributes = { .retries = 2, .retry_delay_ns = 1000000000 };

  weft_graph_builder_begin_call (builder, "t.fail", 0, 1);
  weft_graph_builder_arg_int64 (builder, 2);
  uint32_t task = weft_graph_builder_add_task (builder, "f", -1,
                                               weft_graph_builder_end_call (builder), NULL, 0);
  weft_graph_builder_set_attributes (builder, task, &attributes);
  weft_graph_builder_want (builder, task, 0);
  WeftGraph *graph = weft_graph_builder_freeze (builder, NULL, NULL);
  weft_graph_builder_free (builder);
  WeftRun *run = weft_run_new (engine, graph, NULL, NULL);
  weft_run_start (run);
  g_assert_true (weft_engine_step_manual (engine, 0));
  g_assert_false (weft_engine_step_manual (engine, 0));
  clock.now_ns = 999999999;
  g_assert_false (weft_engine_step_manual (engine, 0));
  clock.now_ns = 1000000000;
  g_assert_true (weft_engine_step_manual (engine, 0));
  clock.now_ns = 2999999999;
  g_assert_false (weft_engine_step_manual (engine, 0));
  clock.now_ns = 3000000000;
  while (weft_engine_step_manual (engine, 0))
    ;
  g_assert_cmpint (weft_run_phase (run), ==, WEFT_RUN_DONE);
  g_assert_cmpint (fixture_int (run, 0, 0), ==, 3);
  weft_run_unref (run);
  weft_graph_unref (graph);
  weft_engine_free (engine);
}

/* Steps in any order of workers give the same as threads do; who steps what is drawn. */
static void
test_manual_any_interleaving (void)
{
  for (int round = 0; round < 20; round++)
    {
      g_autofree char *spec = g_strdup_printf ("random:%d,%d,4", g_test_rand_int_range (1, 9999),
                                               g_test_rand_int_range (1, 200));
      g_autoptr (WeftShape) shape = weft_shape_new_from_spec (spec);
      g_autofree int64_t *expected = fixture_expected (shape);
      Clock clock = { 0 };
      WeftEngine *engine = manual_engine (4, &clock);
      WeftGraph *graph = fixture_graph (shape, round % 2 ? "t.box" : "t.sum");
      const WeftGraphArrays *arrays = weft_graph_arrays (graph);
      WeftRun *run = weft_run_new (engine, graph, NULL, NULL);

      weft_run_start (run);
      while (weft_run_phase (run) < WEFT_RUN_DONE)
        weft_engine_step_manual (engine, (uint32_t) g_test_rand_int_range (0, 4));
      for (uint32_t i = 0; i < arrays->n_wanted; i++)
        {
          g_autofree char *key = weft_graph_dup_key (graph, arrays->wanted[i].task);

          g_assert_cmpint (fixture_int (run, 0, arrays->wanted[i].task), ==,
                           expected[g_ascii_strtoull (key + 2, NULL, 10)]);
        }
      weft_run_unref (run);
      weft_graph_unref (graph);
      weft_engine_free (engine);
    }
}

/* ---- the same every time --------------------------------------------------------------------- */

/* What the wanted tasks of a graph of drawing tasks come to. */
static uint64_t
draw_all (uint32_t n_workers, uint64_t seed)
{
  g_autoptr (WeftShape) shape = weft_shape_new_from_spec ("stencil:16,40");
  WeftEngineOptions engine_options = { .n_workers = n_workers, .registry = fixture_registry () };
  WeftRunOptions options = { .seed = seed };
  uint64_t sum = 0;

  g_assert_true (weft_op_registry_add (engine_options.registry, own_ops, 2, NULL));
  WeftEngine *engine = weft_engine_new (&engine_options, NULL);
  WeftGraph *graph = fixture_graph (shape, "f.draw");
  WeftRun *run = fixture_run (engine, graph, &options);
  const WeftGraphArrays *arrays = weft_graph_arrays (graph);
  for (uint32_t i = 0; i < arrays->n_wanted; i++)
    sum = sum * 31 + (uint64_t) fixture_int (run, 0, arrays->wanted[i].task);
  weft_run_unref (run);
  weft_graph_unref (graph);
  weft_engine_free (engine);
  weft_op_registry_unref (engine_options.registry);
  return sum;
}

static void
test_seed (void)
{
  uint64_t first = draw_all (1, 7);

  for (uint32_t n_workers = 1; n_workers <= 8; n_workers++)
    g_assert_cmpuint (draw_all (n_workers, 7), ==, first);
  g_assert_cmpuint (draw_all (2, 8), !=, first);
}

/* ---- several outputs ------------------------------------------------------------------------- */

/* P tasks of P outputs each, P readers of one output of each: a shuffle of 2P tasks. Each output is
 * freed by itself: after reader j only the outputs behind it are held. */
static void
test_outputs_are_freed_one_by_one (void)
{
  enum
  {
    P = 8,
    N_BYTES = 70000
  };
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  Clock clock = { 0 };
  WeftEngine *engine = manual_engine (1, &clock);
  WeftRunOptions options = { .records = true };
  WeftRunProgress progress;
  g_autoptr (GError) error = NULL;
  Ways ways;

  weft_graph_builder_begin_call (builder, "replay", 0, P);
  weft_graph_builder_arg_int64 (builder, 0);
  weft_graph_builder_arg_int64 (builder, N_BYTES);
  uint32_t call = weft_graph_builder_end_call (builder);
  for (uint32_t i = 0; i < P; i++)
    {
      g_autofree char *key = g_strdup_printf ("split-%u", i);

      weft_graph_builder_add_task (builder, key, -1, call, NULL, 0);
    }
  weft_graph_builder_begin_call (builder, "t.sum", 0, 1);
  weft_graph_builder_arg_slots (builder, 0, P);
  call = weft_graph_builder_end_call (builder);
  for (uint32_t j = 0; j < P; j++)
    {
      g_autofree char *key = g_strdup_printf ("join-%u", j);
      WeftTaskOutput inputs[P];

      for (uint32_t i = 0; i < P; i++)
        inputs[i] = (WeftTaskOutput){ i, (uint16_t) j };
      uint32_t task = weft_graph_builder_add_task (builder, key, -1, call, inputs, P);
      weft_graph_builder_want (builder, task, 0);
    }
  WeftGraph *graph = weft_graph_builder_freeze (builder, NULL, &error);
  g_assert_no_error (error);
  weft_graph_builder_free (builder);
  WeftRun *run = weft_run_new (engine, graph, &options, &error);
  g_assert_no_error (error);
  weft_run_start (run);
  for (uint32_t k = 0; k < 2 * P; k++)
    {
      g_assert_true (weft_engine_step_manual (engine, 0));
      weft_run_progress (run, &progress);
      uint64_t n_held = k < P ? (k + 1) * P : P * P - (k + 1 - P) * P;
      g_assert_cmpuint (progress.managed_bytes / N_BYTES, ==, n_held);
    }
  read_ways (run, &ways);
  g_assert_cmpuint (ways.n_tasks, ==, 2 * P);
  g_assert_cmpuint (ways.n_outputs, ==, P * P);
  weft_run_unref (run);
  weft_graph_unref (graph);
  weft_engine_free (engine);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("sched", "follow", "chains-run-directly", test_direct);
  test_add ("sched", "follow", "stolen-tasks-name-their-victim", test_stolen);
  test_add ("sched", "follow", "manual/stamps-are-the-clock's", test_manual_stamps);
  test_add ("sched", "follow", "manual/retries-by-the-clock", test_manual_back_off);
  test_add ("sched", "follow", "manual/any-interleaving", test_manual_any_interleaving);
  test_add ("sched", "follow", "seed-decides-not-the-workers", test_seed);
  test_add ("sched", "follow", "outputs-are-freed-one-by-one", test_outputs_are_freed_one_by_one);
  return g_test_run ();
}
