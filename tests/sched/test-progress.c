/* test-progress.c: what is told of a run that goes on
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "sched-fixture.h"

#define CHAIN 50

/* t.sum, one after the other, then a t.gate. */
static WeftGraph *
chain_to_the_gate (void)
{
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  g_autoptr (GError) error = NULL;
  WeftGraph *graph;
  uint32_t task = WEFT_NONE;

  for (int i = 0; i <= CHAIN; i++)
    {
      const WeftTaskOutput input = { task, 0 };
      g_autofree char *key = g_strdup_printf (i < CHAIN ? "short-%d" : "long-%d", i);
      uint32_t n_inputs = i > 0 ? 1 : 0, call;

      weft_graph_builder_begin_call (builder, i < CHAIN ? "t.sum" : "t.gate", 0, 1);
      if (n_inputs > 0)
        weft_graph_builder_arg_slots (builder, 0, n_inputs);
      call = weft_graph_builder_end_call (builder);
      task = weft_graph_builder_add_task (builder, key, -1, call, &input, n_inputs);
    }
  weft_graph_builder_want (builder, task, 0);
  graph = weft_graph_builder_freeze (builder, NULL, &error);
  g_assert_no_error (error);
  weft_graph_builder_free (builder);
  return graph;
}

/* Workers tell what they did in bunches: while a long task runs, the short ones before it must be
 * counted nevertheless. A second observer of the records takes nothing away from that. */
static void
count_records (uint32_t lane G_GNUC_UNUSED, const WeftRecord *records, uint32_t n, void *data)
{
  for (uint32_t i = 0; i < n; i++)
    *(uint64_t *) data += records[i].kind == WEFT_RECORD_TASK;
}

static void
a_long_task_hides_none_before_it (void)
{
  WeftEngine *engine = fixture_engine (1);
  WeftGraph *graph = chain_to_the_gate ();
  WeftRunOptions options = { .records = true };
  WeftRun *run = weft_run_new (engine, graph, &options, NULL);
  uint64_t n_seen = 0;
  WeftRunProgress progress;

  weft_recorder_add_observer (weft_run_recorder (run), count_records, &n_seen);
  fixture_close_gate ();
  weft_run_start (run);
  fixture_wait_at_gate (1);
  g_assert_true (weft_recorder_flush (weft_run_recorder (run), NULL));
  weft_run_progress (run, &progress);
  g_assert_cmpuint (progress.n_done, ==, CHAIN);
  g_assert_cmpuint (progress.n_tasks, ==, CHAIN + 1);
  g_assert_cmpuint (n_seen, ==, CHAIN);
  fixture_open_gate ();
  g_assert_true (weft_run_wait (run, -1));
  weft_run_progress (run, &progress);
  g_assert_cmpuint (progress.n_done, ==, CHAIN + 1);
  weft_run_unref (run);
  weft_graph_unref (graph);
  weft_engine_free (engine);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("sched", "progress", "a-long-task-hides-none-before-it",
            a_long_task_hides_none_before_it);
  return g_test_run ();
}
