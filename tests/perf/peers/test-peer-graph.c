/* test-peer-graph.c: the graphs of the other schedulers' drivers are those that we measure, and
 * wrong values are noticed
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "cli/weft-cli-bench-private.h"
#include "perf/peers/peer.h"
#include "test-support.h"

#include <stdlib.h>

/* peer-main.c's, which has a main() of its own. */
uint64_t peer_n_steps = 0;

uint64_t
peer_burn (uint64_t n_steps, uint64_t seed)
{
  g_assert_not_reached ();
  return n_steps + seed;
}

static const struct
{
  const char *name;
  int size, n_tasks;
} shapes[] = {
  { "independent", 7, 7 }, { "independent", 0, 100000 },
  { "chain", 9, 9 },       { "chain", 0, 100000 },
  { "tree", 8, 15 },       { "tree", 0, 262143 },
  { "stencil", 4, 256 },   { "stencil", 0, 128000 },
  { "fan", 5, 7 },         { "fan", 0, 100002 },
};

static int
compare_tasks (const void *a, const void *b)
{
  return (int) *(const uint32_t *) a - (int) *(const uint32_t *) b;
}

/* The same tasks with the same inputs, whatever their order. */
static void
test_the_same_graphs (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (shapes); i++)
    {
      PeerGraph theirs = peer_graph_new (shapes[i].name, shapes[i].size);
      WeftGraph *ours =
          _weft_cli_bench_graph (shapes[i].name, (uint32_t) shapes[i].size, WEFT_BENCH_INT);
      const WeftGraphArrays *arrays = weft_graph_arrays (ours);

      g_assert_cmpint (theirs.n_tasks, ==, shapes[i].n_tasks);
      g_assert_cmpuint (arrays->n_tasks, ==, theirs.n_tasks);
      for (uint32_t task = 0; task < arrays->n_tasks; task++)
        {
          uint32_t first = arrays->input_offsets[task];
          uint32_t n = arrays->input_offsets[task + 1] - first;
          g_autofree uint32_t *inputs = g_memdup2 (&arrays->input_tasks[first], n * sizeof *inputs);

          g_assert_cmpint (n, ==, theirs.offsets[task + 1] - theirs.offsets[task]);
          if (n > 0)
            qsort (inputs, n, sizeof *inputs, compare_tasks);
          for (uint32_t k = 0; k < n; k++)
            g_assert_cmpuint (inputs[k], ==, theirs.preds[theirs.offsets[task] + (int) k]);
        }
      weft_graph_unref (ours);
      peer_graph_clear (&theirs);
    }
}

static void
test_the_same_values (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (shapes); i++)
    {
      PeerGraph theirs = peer_graph_new (shapes[i].name, shapes[i].size);
      WeftGraph *ours =
          _weft_cli_bench_graph (shapes[i].name, (uint32_t) shapes[i].size, WEFT_BENCH_INT);
      g_autofree uint64_t *expected = _weft_cli_bench_expected (ours);
      g_autofree uint32_t *values = g_new (uint32_t, theirs.n_tasks);

      for (int task = 0; task < theirs.n_tasks; task++)
        {
          peer_task (&theirs, values, task);
          g_assert_cmpuint (values[task], ==, (uint32_t) expected[task]);
        }
      weft_graph_unref (ours);
      peer_graph_clear (&theirs);
    }
}

static void
test_wrong_values_are_counted (void)
{
  PeerGraph graph = peer_graph_new ("stencil", 20);
  g_autofree uint32_t *values = g_new (uint32_t, graph.n_tasks);

  for (int task = 0; task < graph.n_tasks; task++)
    peer_task (&graph, values, task);
  g_assert_cmpint (peer_graph_check (&graph, values), ==, 0);
  values[g_test_rand_int_range (0, graph.n_tasks / 2)]++;
  values[g_test_rand_int_range (graph.n_tasks / 2, graph.n_tasks)] = 0;
  g_assert_cmpint (peer_graph_check (&graph, values), ==, 2);
  peer_graph_clear (&graph);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/weft/perf/peer-graph/the-same-graphs-as-ours", test_the_same_graphs);
  g_test_add_func ("/weft/perf/peer-graph/the-same-values-as-ours", test_the_same_values);
  g_test_add_func ("/weft/perf/peer-graph/wrong-values-are-counted", test_wrong_values_are_counted);
  return g_test_run ();
}
