/* test-run.c: whole runs: results, order, freeing, judged from values and from the records
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "sched-fixture.h"

#include "optimize/weft-pass.h"

#include <string.h>

static const char *const shapes[] = {
  "independent:500", "chains:1,300", "chains:20,20", "tree:128,2",     "stencil:16,20",
  "shuffle:8,8",     "matmul:4,4,4", "fan:300",      "fork-join:5,20", "random:3,400,4",
};

static void
check_results (WeftRun *run, WeftGraph *graph, const WeftShape *shape)
{
  const WeftGraphArrays *arrays = weft_graph_arrays (graph);
  g_autofree int64_t *expected = fixture_expected (shape);

  for (uint32_t i = 0; i < arrays->n_wanted; i++)
    {
      uint32_t task = arrays->wanted[i].task;
      g_autofree char *key = weft_graph_dup_key (graph, task);

      g_assert_cmpint (fixture_int (run, 0, task), ==,
                       expected[g_ascii_strtoull (key + 2, NULL, 10)]);
    }
}

static void
run_shape (const char *spec, const char *op, uint32_t n_workers)
{
  g_autoptr (WeftShape) shape = weft_shape_new_from_spec (spec);
  WeftEngine *engine = fixture_engine (n_workers);
  WeftGraph *graph = fixture_graph (shape, op);
  WeftRun *run = fixture_run (engine, graph, NULL);
  WeftRunProgress progress;

  g_assert_cmpint (weft_run_phase (run), ==, WEFT_RUN_DONE);
  check_results (run, graph, shape);
  weft_run_progress (run, &progress);
  g_assert_cmpuint (progress.n_tasks, ==, shape->n_tasks);
  g_assert_cmpuint (progress.n_done, ==, shape->n_tasks);
  weft_run_unref (run);
  weft_graph_unref (graph);
  weft_engine_free (engine);
}

static void
test_results_any_workers (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    for (uint32_t n_workers = 1; n_workers <= 4; n_workers++)
      run_shape (shapes[i], n_workers % 2 ? "t.sum" : "t.box", n_workers);
}

static void
test_random_graphs (void)
{
  for (int i = 0; i < 30; i++)
    {
      g_autofree char *spec =
          g_strdup_printf ("random:%d,%d,%d", g_test_rand_int_range (1, 10000),
                           g_test_rand_int_range (1, 300), g_test_rand_int_range (1, 6));

      run_shape (spec, i % 2 ? "t.sum" : "t.box", (uint32_t) g_test_rand_int_range (1, 9));
    }
}

static void
test_inputs_taken_in_place (void)
{
  g_autoptr (WeftShape) shape = weft_shape_new_chains (1, 100);
  WeftEngine *engine = fixture_engine (2);
  WeftGraph *graph = fixture_graph (shape, "t.take");

  fixture_n_taken ();
  WeftRun *run = fixture_run (engine, graph, NULL);
  check_results (run, graph, shape);
  /* All but the source have an input whose only consumer they are. */
  g_assert_cmpuint (fixture_n_taken (), ==, 99);
  weft_run_unref (run);
  weft_graph_unref (graph);
  weft_engine_free (engine);
}

/* ---- from the records ------------------------------------------------------------------------ */

typedef struct
{
  GArray *tasks; /* uint32_t, in order of their end stamps within the lane */
  uint64_t *end, *start;
  uint32_t n;
} Seen;

static void
see (uint32_t lane G_GNUC_UNUSED, const WeftRecord *record, void *data)
{
  Seen *seen = data;

  if (record->kind != WEFT_RECORD_TASK)
    return;
  g_array_append_val (seen->tasks, record->task);
  seen->start[record->task] = record->start;
  seen->end[record->task] = weft_record_end (record);
  seen->n++;
}

static Seen
records_of (const WeftShape *shape, const char *op, uint32_t n_workers, WeftGraph **graph)
{
  WeftRunOptions options = { .records = true };
  WeftEngine *engine = fixture_engine (n_workers);
  Seen seen = { g_array_new (FALSE, FALSE, sizeof (uint32_t)), NULL, NULL, 0 };

  *graph = fixture_graph (shape, op);
  seen.start = g_new0 (uint64_t, shape->n_tasks);
  seen.end = g_new0 (uint64_t, shape->n_tasks);
  WeftRun *run = fixture_run (engine, *graph, &options);
  weft_recorder_foreach (weft_run_recorder (run), see, &seen);
  weft_run_unref (run);
  weft_engine_free (engine);
  return seen;
}

static void
seen_clear (Seen *seen)
{
  g_array_unref (seen->tasks);
  g_free (seen->start);
  g_free (seen->end);
}

static void
test_one_worker_keeps_the_order (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    {
      g_autoptr (WeftShape) shape = weft_shape_new_from_spec (shapes[i]);
      WeftGraph *graph;
      Seen seen = records_of (shape, "t.sum", 1, &graph);

      g_assert_cmpuint (seen.n, ==, shape->n_tasks);
      for (uint32_t k = 0; k < seen.n; k++)
        g_assert_cmpuint (g_array_index (seen.tasks, uint32_t, k), ==, k);
      seen_clear (&seen);
      weft_graph_unref (graph);
    }
}

static void
test_records_respect_dependencies (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    {
      g_autoptr (WeftShape) shape = weft_shape_new_from_spec (shapes[i]);
      WeftGraph *graph;
      Seen seen = records_of (shape, "t.box", 3, &graph);
      const WeftGraphArrays *arrays = weft_graph_arrays (graph);

      g_assert_cmpuint (seen.n, ==, shape->n_tasks);
      for (uint32_t task = 0; task < arrays->n_tasks; task++)
        for (uint32_t e = arrays->input_offsets[task]; e < arrays->input_offsets[task + 1]; e++)
          /* A shared stamp may be an earlier one than the dependency's end on another worker. */
          g_assert_cmpuint (seen.start[arrays->input_tasks[e]], <=, seen.end[task]);
      seen_clear (&seen);
      weft_graph_unref (graph);
    }
}

static void
test_bytes_return_to_zero (void)
{
  g_autoptr (WeftShape) shape = weft_shape_new_from_spec ("stencil:16,30");
  WeftEngine *engine = fixture_engine (3);
  WeftGraph *graph = fixture_graph (shape, "t.box");
  WeftRun *run = fixture_run (engine, graph, NULL);
  uint32_t n_left = 0;

  for (uint32_t task = 0; task < weft_graph_arrays (graph)->n_tasks; task++)
    n_left += weft_run_task_state (run, 0, task) == WEFT_STATE_MEMORY;
  g_assert_cmpuint (n_left, ==, weft_graph_arrays (graph)->n_wanted);
  weft_run_unref (run);
  weft_graph_unref (graph);
  weft_engine_free (engine);
}

static void
test_two_engines_at_once (void)
{
  g_autoptr (WeftShape) shape = weft_shape_new_from_spec ("stencil:16,100");
  WeftEngine *engines[2] = { fixture_engine (2), fixture_engine (2) };
  WeftGraph *graph = fixture_graph (shape, "t.box");
  WeftRun *runs[2];

  for (int i = 0; i < 2; i++)
    {
      runs[i] = weft_run_new (engines[i], graph, NULL, NULL);
      weft_run_start (runs[i]);
    }
  for (int i = 0; i < 2; i++)
    {
      g_assert_true (weft_run_wait (runs[i], -1));
      check_results (runs[i], graph, shape);
      weft_run_unref (runs[i]);
      weft_engine_free (engines[i]);
    }
  weft_graph_unref (graph);
}

static void
test_units_run_once_and_give_the_same (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    {
      g_autoptr (WeftShape) shape = weft_shape_new_from_spec (shapes[i]);
      g_autoptr (GError) error = NULL;
      WeftPassOptions options = { .fuse_width = 4 };
      WeftEngine *engine = fixture_engine (3);
      WeftGraph *plain = fixture_graph (shape, "t.box");
      WeftGraph *graph = weft_optimize (plain, NULL, &options, NULL, NULL, &error);

      g_assert_no_error (error);
      WeftRun *run = fixture_run (engine, graph, NULL);
      check_results (run, graph, shape);
      weft_run_unref (run);
      weft_graph_unref (graph);
      weft_graph_unref (plain);
      weft_engine_free (engine);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("sched", "run", "results-do-not-depend-on-workers", test_results_any_workers);
  test_add ("sched", "run", "random-graphs", test_random_graphs);
  test_add ("sched", "run", "inputs-are-taken-in-place", test_inputs_taken_in_place);
  test_add ("sched", "run", "one-worker-keeps-the-order", test_one_worker_keeps_the_order);
  test_add ("sched", "run", "records-respect-dependencies", test_records_respect_dependencies);
  test_add ("sched", "run", "results-are-freed-with-their-last-consumer",
            test_bytes_return_to_zero);
  test_add ("sched", "run", "two-engines-at-once", test_two_engines_at_once);
  test_add ("sched", "run", "units-give-the-same", test_units_run_once_and_give_the_same);
  return g_test_run ();
}
