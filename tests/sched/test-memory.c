/* test-memory.c: a run whose results are larger than its memory limit
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "sched-fixture.h"

#define MIB (1 << 20)
#define N_RESULTS 60

/* N results of a MiB each, all of which are needed at the end. */
static WeftGraph *
hold_all (void)
{
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  WeftTaskOutput inputs[N_RESULTS] = { { 0 } };
  g_autoptr (GError) error = NULL;

  weft_graph_builder_begin_call (builder, "t.bytes", 0, 1);
  weft_graph_builder_arg_int64 (builder, MIB);
  uint32_t call = weft_graph_builder_end_call (builder);
  for (uint32_t i = 0; i < N_RESULTS; i++)
    {
      g_autofree char *key = g_strdup_printf ("part-%u", i);

      inputs[i].task = weft_graph_builder_add_task (builder, key, -1, call, NULL, 0);
    }
  weft_graph_builder_begin_call (builder, "t.sum", 0, 1);
  weft_graph_builder_arg_slots (builder, 0, N_RESULTS);
  uint32_t total = weft_graph_builder_add_task (
      builder, "total", -1, weft_graph_builder_end_call (builder), inputs, N_RESULTS);
  weft_graph_builder_want (builder, total, 0);
  WeftGraph *graph = weft_graph_builder_freeze (builder, NULL, &error);
  g_assert_no_error (error);
  weft_graph_builder_free (builder);
  return graph;
}

typedef struct
{
  uint32_t n_written, n_read;
} Moves;

static void
count_moves (uint32_t lane G_GNUC_UNUSED, const WeftRecord *record, void *data)
{
  Moves *moves = data;

  moves->n_written += record->kind == WEFT_RECORD_SPILL_WRITE;
  moves->n_read += record->kind == WEFT_RECORD_SPILL_READ;
}

static void
test_spills_and_gives_the_same (void)
{
  g_autoptr (TestDir) dir = test_dir_new ();
  WeftEngineOptions engine_options = { .n_workers = 2,
                                       .registry = fixture_registry (),
                                       .spill_dir = dir };
  WeftEngine *engine = weft_engine_new (&engine_options, NULL);
  WeftRunOptions options = { .memory_limit_bytes = 12 * MIB, .records = true };
  WeftGraph *graph = hold_all ();
  WeftRun *run = fixture_run (engine, graph, &options);
  WeftRunProgress progress;
  Moves moves = { 0, 0 };
  g_autoptr (GError) error = NULL;

  weft_run_error (run, &error);
  g_assert_no_error (error);
  g_assert_cmpint (fixture_int (run, 0, N_RESULTS), ==, 1 + (int64_t) N_RESULTS * MIB);
  weft_recorder_foreach (weft_run_recorder (run), count_moves, &moves);
  /* At least what the last task's inputs exceed the target by had to be on disk once. */
  g_assert_cmpuint (moves.n_written, >=, N_RESULTS - 12);
  g_assert_cmpuint (moves.n_read, >=, N_RESULTS - 12);
  weft_run_progress (run, &progress);
  g_assert_cmpuint (progress.spilled_bytes, ==, 0);
  weft_run_unref (run);
  weft_graph_unref (graph);
  weft_engine_free (engine);
  weft_op_registry_unref (engine_options.registry);
}

static void
test_no_limit_spills_nothing (void)
{
  WeftEngine *engine = fixture_engine (2);
  WeftRunOptions options = { .records = true };
  WeftGraph *graph = hold_all ();
  WeftRun *run = fixture_run (engine, graph, &options);
  Moves moves = { 0, 0 };

  weft_recorder_foreach (weft_run_recorder (run), count_moves, &moves);
  g_assert_cmpuint (moves.n_written, ==, 0);
  weft_run_unref (run);
  weft_graph_unref (graph);
  weft_engine_free (engine);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("sched", "memory", "spills-and-gives-the-same", test_spills_and_gives_the_same);
  test_add ("sched", "memory", "no-limit-spills-nothing", test_no_limit_spills_nothing);
  return g_test_run ();
}
