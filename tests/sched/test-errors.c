/* test-errors.c: failures, retries, what depends on them, resources, timeouts
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "sched-fixture.h"


static uint32_t
add_with (WeftGraphBuilder *builder, const char *key, const char *op, int64_t number,
          const uint32_t *inputs, uint32_t n_inputs)
{
  WeftTaskOutput edges[8] = { { 0 } };

  weft_graph_builder_begin_call (builder, op, 0, 1);
  if (number >= 0)
    weft_graph_builder_arg_int64 (builder, number);
  if (n_inputs > 0)
    weft_graph_builder_arg_slots (builder, 0, n_inputs);
  for (uint32_t i = 0; i < n_inputs; i++)
    edges[i].task = inputs[i];
  return weft_graph_builder_add_task (builder, key, -1, weft_graph_builder_end_call (builder),
                                      edges, n_inputs);
}

static WeftRun *
run_built (WeftEngine *engine, WeftGraphBuilder *builder, WeftOnError on_error)
{
  g_autoptr (GError) error = NULL;
  WeftRunOptions options = { .on_error = on_error };
  WeftGraph *graph = weft_graph_builder_freeze (builder, NULL, &error);

  g_assert_no_error (error);
  weft_graph_builder_free (builder);
  WeftRun *run = fixture_run (engine, graph, &options);
  weft_graph_unref (graph);
  return run;
}

static uint32_t
find (WeftRun *run, const char *key)
{
  WeftGraph *graph = weft_run_segment (run, 0);
  uint32_t task = weft_graph_find (graph, key, -1);

  weft_graph_unref (graph);
  g_assert_cmpuint (task, !=, WEFT_NONE);
  return task;
}

static void
test_continue_finishes_the_rest (void)
{
  WeftEngine *engine = fixture_engine (2);
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  g_autoptr (GError) error = NULL;
  WeftValue value;
  uint32_t bad = add_with (builder, "bad", "t.fail", 9, NULL, 0);
  uint32_t good = add_with (builder, "good", "t.sum", 5, NULL, 0);
  uint32_t hurt = add_with (builder, "hurt", "t.sum", -1, (uint32_t[]){ bad, good }, 2);
  uint32_t hurt_too = add_with (builder, "hurt-too", "t.sum", -1, &hurt, 1);
  uint32_t fine = add_with (builder, "fine", "t.sum", -1, &good, 1);
  uint32_t late = add_with (builder, "late", "t.sum", 1, NULL, 0);

  weft_graph_builder_add_after (builder, late, bad);
  weft_graph_builder_want (builder, hurt_too, 0);
  weft_graph_builder_want (builder, fine, 0);
  weft_graph_builder_want (builder, late, 0);
  WeftRun *run = run_built (engine, builder, WEFT_ON_ERROR_CONTINUE);
  g_assert_cmpint (weft_run_phase (run), ==, WEFT_RUN_FAILED);
  g_assert_true (weft_run_error (run, &error));
  test_assert_error (&error, WEFT_ENGINE_ERROR, WEFT_ENGINE_ERROR_FAILED, "bad",
                     "attempt 1 fails as asked", NULL);
  g_assert_cmpint (fixture_int (run, 0, find (run, "fine")), ==, 7);
  g_assert_true (weft_run_result (run, 0, find (run, "hurt-too"), 0, &value));
  g_assert_cmpint (weft_value_type (&value), ==, WEFT_TYPE_ERROR);
  g_assert_cmpstr (((WeftErrorValue *) value.u.box)->culprit_key, ==, "bad");
  weft_value_unref (&value);
  g_assert_cmpint (weft_run_task_state (run, 0, find (run, "late")), ==, WEFT_STATE_ERRED);
  weft_run_unref (run);
  weft_engine_free (engine);
}

static void
test_stop_starts_nothing_new (void)
{
  WeftEngine *engine = fixture_engine (1);
  WeftGraphBuilder *builder = weft_graph_builder_new ();

  add_with (builder, "bad", "t.fail", 9, NULL, 0);
  for (int i = 0; i < 100; i++)
    {
      g_autofree char *key = g_strdup_printf ("after-%d", i);

      add_with (builder, key, "t.sum", 1, NULL, 0);
    }
  WeftRun *run = run_built (engine, builder, WEFT_ON_ERROR_STOP);
  g_assert_cmpint (weft_run_phase (run), ==, WEFT_RUN_FAILED);
  g_assert_cmpint (weft_run_task_state (run, 0, find (run, "after-99")), ==, WEFT_STATE_CANCELLED);
  weft_run_unref (run);
  weft_engine_free (engine);
}

static void
test_retries_until_it_works (void)
{
  WeftEngine *engine = fixture_engine (2);
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  WeftTaskAttributes attributes = { .retries = 3, .retry_delay_ns = 1000000, .label = WEFT_NONE };
  uint32_t task = add_with (builder, "flaky", "t.fail", 2, NULL, 0);

  weft_graph_builder_set_attributes (builder, task, &attributes);
  weft_graph_builder_want (builder, task, 0);
  WeftRun *run = run_built (engine, builder, WEFT_ON_ERROR_STOP);
  g_assert_cmpint (weft_run_phase (run), ==, WEFT_RUN_DONE);
  g_assert_cmpint (fixture_int (run, 0, 0), ==, 3);
  weft_run_unref (run);
  weft_engine_free (engine);
}

static void
test_resources_limit_concurrency (void)
{
  WeftEngine *engine = fixture_engine (4);
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  WeftResourceNeed need = { .name = weft_graph_builder_string (builder, "gpu"), .amount = 1 };
  WeftTaskAttributes attributes = { .label = WEFT_NONE, .n_resources = 1, .resources = &need };

  weft_engine_set_resource (engine, "gpu", 2);
  for (int i = 0; i < 30; i++)
    {
      g_autofree char *key = g_strdup_printf ("g-%d", i);

      weft_graph_builder_set_attributes (builder, add_with (builder, key, "t.gate", 1, NULL, 0),
                                         &attributes);
    }
  fixture_close_gate ();
  fixture_open_gate ();
  WeftRun *run = run_built (engine, builder, WEFT_ON_ERROR_STOP);
  g_assert_cmpint (weft_run_phase (run), ==, WEFT_RUN_DONE);
  g_assert_cmpuint (fixture_most_inside (), <=, 2);
  weft_run_unref (run);
  weft_engine_free (engine);
}

static void
test_more_than_there_is_errs (void)
{
  WeftEngine *engine = fixture_engine (1);
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  WeftResourceNeed need = { .name = weft_graph_builder_string (builder, "gpu"), .amount = 3 };
  WeftTaskAttributes attributes = { .label = WEFT_NONE, .n_resources = 1, .resources = &need };
  g_autoptr (GError) error = NULL;

  weft_engine_set_resource (engine, "gpu", 2);
  weft_graph_builder_set_attributes (builder, add_with (builder, "big", "t.sum", 1, NULL, 0),
                                     &attributes);
  WeftRun *run = run_built (engine, builder, WEFT_ON_ERROR_STOP);
  g_assert_true (weft_run_error (run, &error));
  test_assert_error (&error, WEFT_ENGINE_ERROR, WEFT_ENGINE_ERROR_FAILED, "big", "resource", NULL);
  weft_run_unref (run);
  weft_engine_free (engine);
}

static void
test_timeout_errs_at_the_deadline (void)
{
  WeftEngine *engine = fixture_engine (1);
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  WeftTaskAttributes attributes = { .timeout_ns = 20000000, .label = WEFT_NONE };
  g_autoptr (GError) error = NULL;
  uint32_t stuck = add_with (builder, "stuck", "t.gate", 1, NULL, 0);

  weft_graph_builder_set_attributes (builder, stuck, &attributes);
  add_with (builder, "other", "t.sum", 1, NULL, 0);
  fixture_close_gate ();
  WeftRun *run = run_built (engine, builder, WEFT_ON_ERROR_CONTINUE);
  g_assert_cmpint (weft_run_phase (run), ==, WEFT_RUN_FAILED);
  g_assert_true (weft_run_error (run, &error));
  test_assert_error (&error, WEFT_ENGINE_ERROR, WEFT_ENGINE_ERROR_FAILED, "stuck", "timeout", NULL);
  fixture_open_gate ();
  weft_run_unref (run);
  weft_engine_free (engine);
}

static void
test_several_outputs (void)
{
  WeftEngine *engine = fixture_engine (2);
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  WeftTaskOutput both[2];

  weft_graph_builder_begin_call (builder, "t.pair", 0, 2);
  weft_graph_builder_arg_int64 (builder, 10);
  both[0].task = both[1].task = weft_graph_builder_add_task (
      builder, "pair", -1, weft_graph_builder_end_call (builder), NULL, 0);
  both[0].output = 0;
  both[1].output = 1;
  weft_graph_builder_begin_call (builder, "t.sum", 0, 1);
  weft_graph_builder_arg_slots (builder, 0, 2);
  uint32_t total = weft_graph_builder_add_task (builder, "total", -1,
                                                weft_graph_builder_end_call (builder), both, 2);
  weft_graph_builder_want (builder, total, 0);
  WeftRun *run = run_built (engine, builder, WEFT_ON_ERROR_STOP);
  g_autoptr (GError) error = NULL;
  weft_run_error (run, &error);
  g_assert_no_error (error);
  g_assert_cmpint (fixture_int (run, 0, find (run, "total")), ==, 1 + 11 + 12);
  weft_run_unref (run);
  weft_engine_free (engine);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("sched", "errors", "continue-finishes-the-rest", test_continue_finishes_the_rest);
  test_add ("sched", "errors", "stop-starts-nothing-new", test_stop_starts_nothing_new);
  test_add ("sched", "errors", "retries-until-it-works", test_retries_until_it_works);
  test_add ("sched", "errors", "resources-limit-concurrency", test_resources_limit_concurrency);
  test_add ("sched", "errors", "more-than-there-is-errs", test_more_than_there_is_errs);
  test_add ("sched", "errors", "timeout-errs-at-the-deadline", test_timeout_errs_at_the_deadline);
  test_add ("sched", "errors", "several-outputs", test_several_outputs);
  return g_test_run ();
}
