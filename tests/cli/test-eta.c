/* test-eta.c: tests of the estimate of what is left, and of the counts it is made from
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "test-support.h"

#include "cli/weft-cli-run-private.h"

#include <string.h>

#define TICK_NS 1.0

static WeftGraph *
read_graph (const char *json)
{
  GError *error = NULL;
  WeftGraph *graph =
      weft_graph_read_bytes (json, strlen (json), "test", WEFT_GRAPH_FORMAT_NATIVE, &error);

  g_assert_no_error (error);
  return graph;
}

static void
observe (WeftTally *tally, uint32_t lane, uint32_t task, WeftOutcome outcome, uint64_t ticks)
{
  WeftRecord record;

  weft_record_set (&record, WEFT_RECORD_TASK, 0, (uint8_t) (outcome << 4), task, 0, 0, ticks, 0);
  _weft_cli_tally_observe (lane, &record, 1, tally);
}

static const char chain_and_loop[] =
    "{\"weftline\": 1, \"tasks\": {"
    "\"a-1\": {\"op\": \"const\", \"args\": [1]}, \"a-2\": {\"op\": \"const\", \"args\": [1]},"
    "\"a-3\": {\"op\": \"const\", \"args\": [1]}, \"a-4\": {\"op\": \"const\", \"args\": [1]},"
    "\"b-1\": {\"op\": \"neg\", \"args\": [{\"ref\": \"a-1\"}]},"
    "\"b-2\": {\"op\": \"neg\", \"args\": [{\"ref\": \"b-1\"}]}}}";

/* What is left, checked for whether it is a lower bound only. */
static int64_t
left (WeftTally *tally, double ns_per_tick, uint32_t n_workers, bool expect_at_least)
{
  WeftEta eta;

  _weft_cli_eta (tally, ns_per_tick, 1, n_workers, NULL, &eta);
  g_assert_true (eta.at_least == expect_at_least);
  g_assert_cmpint (eta.low_ns, <=, eta.middle_ns);
  g_assert_cmpint (eta.middle_ns, <=, eta.high_ns);
  if (!eta.at_least)
    {
      g_assert_cmpint (eta.low_ns, <=, eta.least_ns);
      g_assert_cmpint (eta.least_ns, <=, eta.high_ns);
    }
  return eta.known ? eta.least_ns : -1;
}

static void
nothing_measured_is_unknown (void)
{
  WeftGraph *graph = read_graph (chain_and_loop);
  WeftTally *tally = _weft_cli_tally_new (graph, NULL);

  g_assert_cmpint (left (tally, TICK_NS, 2, true), ==, -1);
  _weft_cli_tally_free (tally);
  weft_graph_unref (graph);
}

static void
work_and_chain_bound_it (void)
{
  WeftGraph *graph = read_graph (chain_and_loop);
  WeftTally *tally = _weft_cli_tally_new (graph, NULL);
  uint32_t a1 = weft_graph_find (graph, "a-1", -1), b1 = weft_graph_find (graph, "b-1", -1);
  uint32_t a4 = weft_graph_find (graph, "a-4", -1), b2 = weft_graph_find (graph, "b-2", -1);

  observe (tally, 1, a1, WEFT_OUTCOME_OK, 100);
  /* b is not measured yet and counts as nothing; 3 tasks of 100 are left */
  g_assert_cmpint (left (tally, TICK_NS, 1, true), ==, 300);
  g_assert_cmpint (left (tally, TICK_NS, 2, true), ==, 200);
  g_assert_cmpint (left (tally, TICK_NS, 100, true), ==, 100);
  observe (tally, 1, b1, WEFT_OUTCOME_OK, 1000);
  /* 3 × 100 + 1,000 are left */
  g_assert_cmpint (left (tally, TICK_NS, 1, false), ==, 1300);
  g_assert_cmpint (left (tally, TICK_NS, 2, false), <=, 1100);
  g_assert_cmpint (left (tally, TICK_NS, 2, false), >=, 1000);
  g_assert_cmpint (left (tally, TICK_NS, 4, false), ==, 1000);
  g_assert_cmpint (left (tally, 2 * TICK_NS, 1, false), ==, 2600);
  observe (tally, 1, a4, WEFT_OUTCOME_OK, 100);
  observe (tally, 1, b2, WEFT_OUTCOME_OK, 1000);
  g_assert_cmpint (left (tally, TICK_NS, 1, false), ==, 200);
  _weft_cli_tally_free (tally);
  weft_graph_unref (graph);
}

/* One task of hundreds took very long: a mean says more than most draws do, and both are told. */
static void
number_lies_in_its_band (void)
{
  g_autoptr (GString) json = g_string_new ("{\"weftline\": 1, \"tasks\": {\"a-0\": "
                                           "{\"op\": \"const\", \"args\": [1]}");

  for (int i = 1; i < 300; i++)
    g_string_append_printf (json, ", \"a-%d\": {\"op\": \"const\", \"args\": [1]}", i);
  g_string_append (json, "}}");
  WeftGraph *graph = read_graph (json->str);
  WeftTally *tally = _weft_cli_tally_new (graph, NULL);

  for (uint32_t task = 0; task < 298; task++)
    {
      observe (tally, 1, task, WEFT_OUTCOME_OK, task == 0 ? 1000000 : 100);
      left (tally, TICK_NS, 1, false);
    }
  g_assert_cmpint (left (tally, TICK_NS, 1, false), <, 1000000);
  _weft_cli_tally_free (tally);
  weft_graph_unref (graph);
}

/* A cheap operation whose turn has not come makes no estimate a lower bound; one that may take any
 * time does. */
static void
cheap_ones_need_no_measure (void)
{
  static const char *const ops[] = { "\"neg\", \"args\": [", "\"sleep\", \"args\": [" };
  WeftOpRegistry *registry = weft_op_registry_new ();

  for (int i = 0; i < 2; i++)
    {
      g_autofree char *json = g_strdup_printf (
          "{\"weftline\": 1, \"tasks\": {\"a-1\": {\"op\": \"sleep\", \"args\": [1]}, "
          "\"a-2\": {\"op\": \"sleep\", \"args\": [1]}, "
          "\"b\": {\"op\": %s{\"ref\": \"a-2\"}]}}}",
          ops[i]);
      WeftGraph *graph = read_graph (json);
      WeftTally *tally = _weft_cli_tally_new (graph, registry);

      g_assert_cmpint (left (tally, TICK_NS, 1, true), ==, -1);
      observe (tally, 1, weft_graph_find (graph, "a-1", -1), WEFT_OUTCOME_OK, 1000000);
      g_assert_cmpint (left (tally, TICK_NS, 1, i == 1), >=, 1000000);
      g_assert_cmpint (left (tally, TICK_NS, 1, i == 1), <=, 1001000);
      _weft_cli_tally_free (tally);
      weft_graph_unref (graph);
    }
  weft_op_registry_unref (registry);
}

/* Five chains of two: neither work / P nor the longest chain says how long four workers take. */
static void
what_does_not_divide_is_played (void)
{
  g_autoptr (GString) json = g_string_new ("{\"weftline\": 1, \"tasks\": {");
  WeftGraph *graph;
  WeftTally *tally;

  for (int i = 0; i < 5; i++)
    g_string_append_printf (json,
                            "\"a-%d\": {\"op\": \"const\", \"args\": [1]},"
                            "\"b-%d\": {\"op\": \"neg\", \"args\": [{\"ref\": \"a-%d\"}]},",
                            i, i, i);
  g_string_append (json, "\"a-9\": {\"op\": \"const\", \"args\": [1]},"
                         "\"b-9\": {\"op\": \"const\", \"args\": [1]}}}");
  graph = read_graph (json->str);
  tally = _weft_cli_tally_new (graph, NULL);
  observe (tally, 1, weft_graph_find (graph, "a-9", -1), WEFT_OUTCOME_OK, 100);
  observe (tally, 1, weft_graph_find (graph, "b-9", -1), WEFT_OUTCOME_OK, 100);
  g_assert_cmpint (left (tally, TICK_NS, 1, false), ==, 1000);
  g_assert_cmpint (left (tally, TICK_NS, 3, false), ==, 400);
  g_assert_cmpint (left (tally, TICK_NS, 4, false), ==, 400); /* work / 4 = 250, chain = 200 */
  g_assert_cmpint (left (tally, TICK_NS, 5, false), ==, 200);
  _weft_cli_tally_free (tally);
  weft_graph_unref (graph);
}

static void
hints_are_corrected (void)
{
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  WeftGraph *graph;
  WeftTally *tally;
  WeftEta eta;
  uint32_t call;

  weft_graph_builder_begin_call (builder, NULL, 0, 1);
  call = weft_graph_builder_end_call (builder);
  for (uint32_t i = 0; i < 3; i++)
    {
      g_autofree char *key = g_strdup_printf ("t-%u", i);
      uint32_t task = weft_graph_builder_add_task (builder, key, -1, call, NULL, 0);

      weft_graph_builder_set_hints (builder, task, 100 * (i + 1), NULL, 0, WEFT_NONE);
      weft_graph_builder_want (builder, task, 0);
    }
  graph = weft_graph_builder_freeze (builder, NULL, NULL);
  weft_graph_builder_free (builder);
  tally = _weft_cli_tally_new (graph, NULL);
  _weft_cli_eta (tally, TICK_NS, 0.5, 1, NULL, &eta);
  g_assert_cmpint (eta.least_ns, ==, 300);
  g_assert_false (eta.at_least);
  observe (tally, 1, 0, WEFT_OUTCOME_OK, 300); /* three times its hint of 100 */
  _weft_cli_eta (tally, TICK_NS, 0.5, 1, NULL, &eta);
  g_assert_cmpint (eta.least_ns, ==, 3 * (200 + 300));
  _weft_cli_tally_free (tally);
  weft_graph_unref (graph);
}

/* Workers that are at something have been since their last task ended, or since the start. */
static void
what_runs_has_begun (void)
{
  WeftGraph *graph = read_graph (chain_and_loop);
  WeftTally *tally = _weft_cli_tally_new (graph, NULL);
  uint32_t a1 = weft_graph_find (graph, "a-1", -1), b1 = weft_graph_find (graph, "b-1", -1);
  WeftCliRunning running = { .n = 0, .now_ticks = 1130, .start_ticks = 0 };
  WeftEta eta;

  observe (tally, 1, a1, WEFT_OUTCOME_OK, 100);
  observe (tally, 1, b1, WEFT_OUTCOME_OK, 1100);
  _weft_cli_eta (tally, TICK_NS, 1, 2, &running, &eta);
  g_assert_cmpint (eta.least_ns, ==, 1200); /* two of 100, then b-2 beside the third */
  running.n = 1;
  _weft_cli_eta (tally, TICK_NS, 1, 2, &running, &eta);
  g_assert_cmpint (eta.least_ns, <=, 1200); /* one of them has been running for 30 */
  _weft_cli_eta (tally, TICK_NS, 1, 1, &running, &eta);
  g_assert_cmpint (eta.least_ns, ==, 1400 - 30);
  running.n = 2; /* the other one's worker has never ended a task */
  _weft_cli_eta (tally, TICK_NS, 1, 1, &running, &eta);
  g_assert_cmpint (eta.least_ns, <, 1400 - 30);
  _weft_cli_tally_free (tally);
  weft_graph_unref (graph);
}

static void
outcomes_are_told_apart (void)
{
  WeftGraph *graph = read_graph (chain_and_loop);
  WeftTally *tally = _weft_cli_tally_new (graph, NULL);
  uint32_t a1 = weft_graph_find (graph, "a-1", -1), a2 = weft_graph_find (graph, "a-2", -1);
  uint32_t b1 = weft_graph_find (graph, "b-1", -1);
  const WeftTallyGroup *a = &tally->groups[tally->arrays->group_of_task[a1]];
  const WeftTallyGroup *b = &tally->groups[tally->arrays->group_of_task[b1]];
  WeftRecord erred;

  observe (tally, 1, a1, WEFT_OUTCOME_RETRIED, 10);
  g_assert_cmpuint (a->n_done + a->n_erred, ==, 0);
  observe (tally, 2, a1, WEFT_OUTCOME_FAILED, 20);
  observe (tally, 1, a2, WEFT_OUTCOME_OK, 5);
  weft_record_set (&erred, WEFT_RECORD_ERRED, 0, 0, b1, 0, 0, 0, 0);
  _weft_cli_tally_observe (1, &erred, 1, tally);
  g_assert_cmpuint (a->n_done, ==, 1);
  g_assert_cmpuint (a->n_erred, ==, 1);
  g_assert_cmpuint (a->n_spans, ==, 3);
  g_assert_cmpuint (a->longest_ticks, ==, 20);
  g_assert_cmpuint (b->n_erred, ==, 1);
  g_assert_cmpuint (tally->failed->len, ==, 1); /* the one that itself failed */
  g_assert_cmpuint (g_array_index (tally->failed, uint32_t, 0), ==, a1);
  g_assert_cmpuint (tally->lanes->len, ==, 2);
  g_assert_cmpuint (g_array_index (tally->lanes, WeftTallyLane, 0).busy_ticks, ==, 15);
  _weft_cli_tally_free (tally);
  weft_graph_unref (graph);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("cli", "eta", "nothing-measured-is-unknown", nothing_measured_is_unknown);
  test_add ("cli", "eta", "work-and-chain-bound-it", work_and_chain_bound_it);
  test_add ("cli", "eta", "what-does-not-divide-is-played", what_does_not_divide_is_played);
  test_add ("cli", "eta", "number-lies-in-its-band", number_lies_in_its_band);
  test_add ("cli", "eta", "cheap-ones-need-no-measure", cheap_ones_need_no_measure);
  test_add ("cli", "eta", "hints-are-corrected", hints_are_corrected);
  test_add ("cli", "eta", "what-runs-has-begun", what_runs_has_begun);
  test_add ("cli", "eta", "outcomes-are-told-apart", outcomes_are_told_apart);
  return g_test_run ();
}
