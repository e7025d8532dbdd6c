/* test-dot.c: tests of layouts by Graphviz
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "graph/graph-dot.h"
#include "graphs.h"
#include "test-support.h"

static TestGraph *
random_graph (void)
{
  static const char *const shapes[] = { "stencil:6,8",   "tree:30,3",  "fork-join:4,9",
                                        "shuffle:5,6",   "chains:5,6", "random-layered:%d,8,8,3",
                                        "random:%d,90,3" };
  const char *shape = shapes[g_test_rand_int_range (0, G_N_ELEMENTS (shapes))];
  g_autofree char *spec = NULL;
  g_auto (GStrv) parts = g_strsplit (shape, "%d", 2);
  g_autofree char *seed = g_strdup_printf ("%d", g_test_rand_int_range (0, 1000));

  spec = g_strjoinv (seed, parts);
  return test_graph_new_shape (spec);
}

static void
check_places (const WeftlineGraphLayout *layout)
{
  for (uint32_t i = 0; i < layout->n_nodes; i++)
    {
      float half = WEFTLINE_GRAPH_NODE_WIDTH / 2;

      g_assert_cmpfloat (layout->x[i], >=, half - 0.1f);
      g_assert_cmpfloat (layout->x[i], <=, layout->width - half + 0.1f);
      g_assert_cmpfloat (layout->y[i], >=, WEFTLINE_GRAPH_NODE_HEIGHT / 2 - 0.1f);
      g_assert_cmpfloat (layout->y[i], <=, layout->height - WEFTLINE_GRAPH_NODE_HEIGHT / 2 + 0.1f);
      g_assert_cmpuint (layout->layer[i], <, layout->n_layers);
      g_assert_cmpuint (layout->part[i], <, layout->n_parts);
      for (uint32_t k = 0; k < i; k++)
        g_assert_true (ABS (layout->x[i] - layout->x[k]) > WEFTLINE_GRAPH_NODE_WIDTH
                       || ABS (layout->y[i] - layout->y[k]) > WEFTLINE_GRAPH_NODE_HEIGHT);
    }
}

/* To the right, over bends from left to right. */
static void
check_edges (const WeftlineGraphLayout *layout, const WeftlineGraphEdges *edges)
{
  for (uint32_t i = 0; i < layout->n_nodes; i++)
    for (uint32_t e = edges->offsets[i]; e < edges->offsets[i + 1]; e++)
      {
        uint32_t to = edges->targets[e];
        float x = layout->x[i];

        g_assert_cmpuint (layout->layer[i], <, layout->layer[to]);
        g_assert_cmpuint (layout->part[i], ==, layout->part[to]);
        for (uint32_t b = layout->bends_of_edge[e]; b < layout->bends_of_edge[e + 1]; b++)
          {
            g_assert_cmpfloat (layout->bend_x[b], >, x);
            g_assert_cmpfloat (layout->bend_y[b], >=, -0.5f);
            g_assert_cmpfloat (layout->bend_y[b], <=, layout->height + 0.5f);
            x = layout->bend_x[b];
          }
        g_assert_cmpfloat (layout->x[to], >, x);
      }
}

static void
test_places (void)
{
  g_assert_true (weftline_dot_is_there ());
  for (int i = 0; i < 12; i++)
    {
      g_autoptr (TestGraph) graph = random_graph ();
      g_autoptr (WeftlineGraphLayout) layout =
          weftline_graph_layout_new_dot (&graph->edges, NULL, WEFTLINE_DOT_LIMIT_MS, NULL, NULL);
      g_autoptr (WeftlineGraphLayout) again =
          weftline_graph_layout_new_dot (&graph->edges, NULL, WEFTLINE_DOT_LIMIT_MS, NULL, NULL);

      g_assert_nonnull (layout);
      g_assert_cmpuint (layout->n_nodes, ==, graph->edges.n_nodes);
      g_assert_cmpmem (layout->y, layout->n_nodes * sizeof (float), again->y,
                       again->n_nodes * sizeof (float));
      check_places (layout);
      check_edges (layout, &graph->edges);
    }
}

static void
test_wide_nodes (void)
{
  g_autoptr (TestGraph) graph = test_graph_new_shape ("tree:9,3");
  g_autofree float *widths = g_new (float, graph->edges.n_nodes);
  g_autoptr (WeftlineGraphLayout) layout = NULL;

  for (uint32_t i = 0; i < graph->edges.n_nodes; i++)
    widths[i] = i % 2 == 0 ? 3.5f : 900;
  layout = weftline_graph_layout_new_dot (&graph->edges, widths, WEFTLINE_DOT_LIMIT_MS, NULL, NULL);
  g_assert_nonnull (layout);
  for (uint32_t i = 0; i < layout->n_nodes; i++)
    {
      g_assert_cmpfloat (weftline_graph_node_width (layout, i), >=, 3.5f);
      g_assert_cmpfloat (weftline_graph_node_width (layout, i), <=, WEFTLINE_GRAPH_MAX_WIDTH);
      g_assert_cmpfloat (layout->x[i] - weftline_graph_node_width (layout, i) / 2, >=, -0.1f);
    }
  check_edges (layout, &graph->edges);
}

static WeftlineDotOutcome
outcome_of (const TestGraph *graph, unsigned limit_ms, const atomic_bool *cancel)
{
  WeftlineDotOutcome outcome = WEFTLINE_DOT_DONE;
  g_autoptr (WeftlineGraphLayout) layout =
      weftline_graph_layout_new_dot (&graph->edges, NULL, limit_ms, cancel, &outcome);

  g_assert_cmpint (layout != NULL, ==, outcome == WEFTLINE_DOT_DONE);
  return outcome;
}

/* It is said why: nobody wants it, it is too large, or its time is over. */
static void
test_given_up (void)
{
  g_autoptr (TestGraph) graph = test_graph_new_shape ("stencil:20,40");
  g_autoptr (TestGraph) large = test_graph_new_shape ("stencil:40,40");
  g_autoptr (TestGraph) dense = test_graph_new_shape ("bipartite:70,70");
  g_autoptr (TestGraph) small = test_graph_new_shape ("tree:9,3");
  atomic_bool cancel = true;

  g_assert_cmpint (outcome_of (graph, WEFTLINE_DOT_LIMIT_MS, &cancel), ==, WEFTLINE_DOT_CANCELLED);
  g_assert_cmpint (outcome_of (large, WEFTLINE_DOT_LIMIT_MS, NULL), ==, WEFTLINE_DOT_TOO_LARGE);
  g_assert_cmpint (outcome_of (dense, WEFTLINE_DOT_LIMIT_MS, NULL), ==, WEFTLINE_DOT_TOO_LARGE);
  g_assert_cmpint (outcome_of (graph, 0, NULL), ==, WEFTLINE_DOT_TOO_LONG);
  g_assert_cmpint (outcome_of (small, WEFTLINE_DOT_LIMIT_MS, NULL), ==, WEFTLINE_DOT_DONE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("ui-graph", "dot", "places", test_places);
  test_add ("ui-graph", "dot", "wide-nodes", test_wide_nodes);
  test_add ("ui-graph", "dot", "given-up", test_given_up);
  return g_test_run ();
}
