/* test-layout.c: the layered layout keeps its promises on every shape
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "graphs.h"
#include "test-support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const shapes[] = {
  "tree:64,2",
  "tree:3000,3@5",
  "stencil:30,20",
  "stencil:200,100@2",
  "shuffle:8,8",
  "shuffle:60,60",
  "matmul:5,4,3",
  "fan:1",
  "fan:40",
  "fan:100000",
  "chains:1,1",
  "chains:7,30",
  "chains:400,5",
  "chains:1,100000",
  "fork-join:6,9",
  "independent:1",
  "independent:5",
  "grid:20,20",
  "independent:20000",
  "bipartite:20,9",
  "map-overlap:6,5",
  "random:3,60,2",
  "rechunk:8,8,4",
  "random:9,3000,2",
  "random:11,50000,3",
  "random-layered:4,12,30,3",
};

static uint32_t
n_edges_of (const TestGraph *graph)
{
  return graph->edges.offsets[graph->edges.n_nodes];
}

static bool
leads_right (const WeftlineGraphLayout *layout, uint32_t from, uint32_t to)
{
  if (layout->band != NULL && layout->band[from] != layout->band[to])
    return layout->band[from] < layout->band[to] && layout->y[from] < layout->y[to];
  return layout->x[to] - layout->x[from] >= WEFTLINE_GRAPH_NODE_WIDTH + 0.3f;
}

static void
check_edges (const TestGraph *graph, const WeftlineGraphLayout *layout)
{
  for (uint32_t v = 0; v < graph->edges.n_nodes; v++)
    for (uint32_t e = graph->edges.offsets[v]; e < graph->edges.offsets[v + 1]; e++)
      {
        uint32_t w = graph->edges.targets[e];

        g_assert_cmpuint (layout->layer[v], <, layout->layer[w]);
        g_assert_cmpuint (layout->part[v], ==, layout->part[w]);
        g_assert_true (leads_right (layout, v, w));
        if (layout->bends_of_edge == NULL)
          continue;
        g_assert_cmpuint (layout->bends_of_edge[e + 1] - layout->bends_of_edge[e], ==,
                          layout->layer[w] - layout->layer[v] - 1);
        for (uint32_t b = layout->bends_of_edge[e]; b + 1 < layout->bends_of_edge[e + 1]; b++)
          g_assert_true (layout->band != NULL || layout->bend_x[b] < layout->bend_x[b + 1]);
      }
}

typedef struct
{
  float x, y;
} Place;

static int
compare_places (const void *a, const void *b)
{
  const Place *p = a, *q = b;

  return p->x != q->x ? (p->x > q->x) - (p->x < q->x) : (p->y > q->y) - (p->y < q->y);
}

/* In a column of equal x neighbours are a row apart; columns are further apart than nodes are wide,
 * or belong to different bands or parts, which the check against all near columns sees. */
static void
check_no_overlap (const WeftlineGraphLayout *layout)
{
  uint32_t n = layout->n_nodes;
  g_autofree Place *places = g_new (Place, (size_t) n + 1);
  uint32_t first = 0;

  for (uint32_t v = 0; v < n; v++)
    places[v] = (Place){ layout->x[v], layout->y[v] };
  qsort (places, n, sizeof *places, compare_places);
  for (uint32_t k = 1; k < n; k++)
    {
      if (places[k].x == places[k - 1].x)
        g_assert_cmpfloat (places[k].y - places[k - 1].y, >=, 0.98f);
      while (places[k].x - places[first].x >= WEFTLINE_GRAPH_NODE_WIDTH)
        first++;
      if (n <= 20000)
        for (uint32_t j = first; j < k; j++)
          g_assert_true (fabsf (places[j].y - places[k].y) >= WEFTLINE_GRAPH_NODE_HEIGHT);
    }
}

static void
check_extent (const WeftlineGraphLayout *layout)
{
  float left = INFINITY, right = 0, bottom = 0;

  for (uint32_t v = 0; v < layout->n_nodes; v++)
    {
      g_assert_cmpfloat (layout->x[v], >=, WEFTLINE_GRAPH_NODE_WIDTH / 2 - 0.01f);
      g_assert_cmpfloat (layout->y[v], >=, 0.5f - 0.01f);
      left = MIN (left, layout->x[v] - WEFTLINE_GRAPH_NODE_WIDTH / 2);
      right = MAX (right, layout->x[v] + WEFTLINE_GRAPH_NODE_WIDTH / 2);
      bottom = MAX (bottom, layout->y[v] + 0.5f);
    }
  g_assert_cmpfloat (fabsf (left), <, 0.01f);
  g_assert_cmpfloat (fabsf (right - layout->width), <, 0.1f);
  g_assert_cmpfloat (bottom, <=, layout->height + 0.1f);
}

static void
check (const TestGraph *graph)
{
  g_autoptr (WeftlineGraphLayout) layout = weftline_graph_layout_new (&graph->edges, NULL);

  g_test_message ("%s", graph->name);
  check_edges (graph, layout);
  check_no_overlap (layout);
  check_extent (layout);
}

static void
test_promises (void)
{
  for (guint k = 0; k < G_N_ELEMENTS (shapes); k++)
    {
      g_autoptr (TestGraph) graph = test_graph_new_shape (shapes[k]);

      check (graph);
    }
}

static void
test_random (void)
{
  for (unsigned k = 0; k < 60 / test_slowdown () + 1; k++)
    {
      g_autofree char *spec =
          g_strdup_printf ("random:%d,%d,%d", g_test_rand_int_range (1, 1 << 20),
                           g_test_rand_int_range (1, 400), g_test_rand_int_range (1, 4));
      g_autoptr (TestGraph) graph = test_graph_new_shape (spec);

      check (graph);
    }
}

static void
test_deterministic (void)
{
  for (guint k = 0; k < G_N_ELEMENTS (shapes); k++)
    {
      g_autoptr (TestGraph) graph = test_graph_new_shape (shapes[k]);
      g_autoptr (WeftlineGraphLayout) a = weftline_graph_layout_new (&graph->edges, NULL);
      g_autoptr (WeftlineGraphLayout) b = weftline_graph_layout_new (&graph->edges, NULL);

      g_assert_cmpmem (a->x, sizeof (float) * a->n_nodes, b->x, sizeof (float) * b->n_nodes);
      g_assert_cmpmem (a->y, sizeof (float) * a->n_nodes, b->y, sizeof (float) * b->n_nodes);
      g_assert_cmpuint (a->n_crossings, ==, b->n_crossings);
    }
}

/* Pairs of edges that cross between two neighbouring layers, counted one by one. */
static uint64_t
naive_crossings (const TestGraph *graph, const WeftlineGraphLayout *layout)
{
  g_autoptr (GArray) lines = g_array_new (FALSE, FALSE, 3 * sizeof (float));
  uint64_t n = 0;

  for (uint32_t v = 0; v < graph->edges.n_nodes; v++)
    for (uint32_t e = graph->edges.offsets[v]; e < graph->edges.offsets[v + 1]; e++)
      {
        float line[3] = { (float) layout->layer[v], layout->y[v], 0 };

        if (layout->bends_of_edge != NULL)
          for (uint32_t b = layout->bends_of_edge[e]; b < layout->bends_of_edge[e + 1]; b++)
            {
              line[2] = layout->bend_y[b];
              g_array_append_val (lines, line);
              line[0]++;
              line[1] = layout->bend_y[b];
            }
        line[2] = layout->y[graph->edges.targets[e]];
        g_array_append_val (lines, line);
      }
  float (*at)[3] = (void *) lines->data;
  for (guint i = 0; i < lines->len; i++)
    for (guint j = 0; j < i; j++)
      n += at[i][0] == at[j][0]
           && ((at[i][1] < at[j][1] && at[i][2] > at[j][2])
               || (at[i][1] > at[j][1] && at[i][2] < at[j][2]));
  return n;
}

static void
test_crossings_counted (void)
{
  static const char *const some[] = { "shuffle:6,5", "stencil:12,9", "random-layered:4,9,14,3",
                                      "matmul:3,4,3", "random:7,90,2" };

  for (guint k = 0; k < G_N_ELEMENTS (some); k++)
    {
      g_autoptr (TestGraph) graph = test_graph_new_shape (some[k]);
      g_autoptr (WeftlineGraphLayout) layout = weftline_graph_layout_new (&graph->edges, NULL);

      g_assert_cmpuint (layout->n_crossings, ==, naive_crossings (graph, layout));
    }
}

/* A stencil whose ids tell nothing comes out as one whose ids are in order. */
static void
test_planar_found (void)
{
  static const char *const pairs[][2] = { { "stencil:20,10", "stencil:20,10@9" },
                                          { "tree:81,3", "tree:81,3@4" },
                                          { "fork-join:4,9", "fork-join:4,9@2" } };

  for (guint k = 0; k < G_N_ELEMENTS (pairs); k++)
    {
      g_autoptr (TestGraph) a = test_graph_new_shape (pairs[k][0]);
      g_autoptr (TestGraph) b = test_graph_new_shape (pairs[k][1]);
      g_autoptr (WeftlineGraphLayout) ordered = weftline_graph_layout_new (&a->edges, NULL);
      g_autoptr (WeftlineGraphLayout) found = weftline_graph_layout_new (&b->edges, NULL);

      g_assert_cmpuint (found->n_crossings, ==, ordered->n_crossings);
    }
}

static void
test_cycles (void)
{
  static const uint32_t pairs[][2] = { { 0, 1 }, { 1, 2 }, { 2, 0 }, { 2, 2 },
                                       { 2, 3 }, { 3, 1 }, { 0, 3 }, { 0, 3 } };
  g_autoptr (TestGraph) graph = test_graph_new_pairs (5, pairs, G_N_ELEMENTS (pairs));
  g_autoptr (WeftlineGraphLayout) layout = weftline_graph_layout_new (&graph->edges, NULL);
  uint32_t n_back = 0;

  check_no_overlap (layout);
  check_extent (layout);
  for (uint32_t v = 0; v < 5; v++)
    for (uint32_t e = graph->edges.offsets[v]; e < graph->edges.offsets[v + 1]; e++)
      {
        uint32_t w = graph->edges.targets[e];
        uint32_t span = layout->layer[MAX (v, w)] - layout->layer[MIN (v, w)];

        n_back += v != w && layout->layer[v] > layout->layer[w];
        g_assert_true (v == w || layout->layer[v] != layout->layer[w]);
        if (v != w && layout->bends_of_edge != NULL)
          g_assert_cmpuint (layout->bends_of_edge[e + 1] - layout->bends_of_edge[e] + 1, ==, span);
      }
  g_assert_cmpuint (n_back, ==, 2);
}

/* No picture is a line: what is very wide is folded, what is very deep is wrapped. */
static void
test_proportions (void)
{
  static const char *const extreme[] = { "fan:100000",   "chains:1,100000", "independent:100000",
                                         "tree:50000,2", "chains:20000,5",  "shuffle:100,100" };

  for (guint k = 0; k < G_N_ELEMENTS (extreme); k++)
    {
      g_autoptr (TestGraph) graph = test_graph_new_shape (extreme[k]);
      g_autoptr (WeftlineGraphLayout) layout = weftline_graph_layout_new (&graph->edges, NULL);

      g_test_message ("%s: %f x %f", extreme[k], (double) layout->width, (double) layout->height);
      g_assert_cmpfloat (layout->width, <, 5 * layout->height);
      g_assert_cmpfloat (layout->height, <, 3 * layout->width);
      g_assert_cmpfloat (layout->width * layout->height, <, 60.0f * (float) layout->n_nodes);
    }
}

static void
test_straight (void)
{
  g_autoptr (TestGraph) graph = test_graph_new_shape ("chains:6,20");
  g_autoptr (WeftlineGraphLayout) layout = weftline_graph_layout_new (&graph->edges, NULL);

  for (uint32_t v = 0; v < graph->edges.n_nodes; v++)
    for (uint32_t e = graph->edges.offsets[v]; e < graph->edges.offsets[v + 1]; e++)
      g_assert_cmpfloat (layout->y[v], ==, layout->y[graph->edges.targets[e]]);
}

static uint32_t
sum_of_spans (const TestGraph *graph, const uint32_t *layer)
{
  uint32_t sum = 0;

  for (uint32_t v = 0; v < graph->edges.n_nodes; v++)
    for (uint32_t e = graph->edges.offsets[v]; e < graph->edges.offsets[v + 1]; e++)
      {
        uint32_t w = graph->edges.targets[e];

        if (layer[v] >= layer[w])
          return UINT32_MAX;
        sum += layer[w] - layer[v];
      }
  return sum;
}

/* Of all ways to put 6 nodes into 6 layers, one in which edges are shortest is found. */
static void
test_short_edges (void)
{
  for (unsigned k = 0; k < 40 / test_slowdown () + 1; k++)
    {
      uint32_t pairs[15][2], n_edges = 0, least = UINT32_MAX, layer[6] = { 0 };

      for (uint32_t v = 0; v < 6; v++)
        for (uint32_t w = v + 1; w < 6; w++)
          if (g_test_rand_int_range (0, 5) < 2)
            {
              pairs[n_edges][0] = v;
              pairs[n_edges++][1] = w;
            }
      g_autoptr (TestGraph) graph = test_graph_new_pairs (6, pairs, n_edges);
      g_autoptr (WeftlineGraphLayout) layout = weftline_graph_layout_new (&graph->edges, NULL);
      for (uint32_t code = 0; code < 6 * 6 * 6 * 6 * 6 * 6; code++)
        {
          for (uint32_t v = 0, rest = code; v < 6; v++, rest /= 6)
            layer[v] = rest % 6;
          least = MIN (least, sum_of_spans (graph, layer));
        }
      g_assert_cmpuint (sum_of_spans (graph, layout->layer), ==, least);
    }
}

static void
test_empty (void)
{
  g_autoptr (TestGraph) none = test_graph_new_pairs (0, NULL, 0);
  g_autoptr (WeftlineGraphLayout) layout = weftline_graph_layout_new (&none->edges, NULL);

  g_assert_cmpuint (layout->n_nodes, ==, 0);
  g_assert_cmpuint (layout->n_layers, ==, 0);
}

static void
test_cancelled (void)
{
  g_autoptr (TestGraph) graph = test_graph_new_shape ("stencil:20,20");
  atomic_bool cancel = true;

  g_assert_cmpuint (n_edges_of (graph), >, 0);
  g_assert_null (weftline_graph_layout_new (&graph->edges, &cancel));
  cancel = false;
  g_autoptr (WeftlineGraphLayout) layout = weftline_graph_layout_new (&graph->edges, &cancel);
  g_assert_nonnull (layout);
}

/* Wishes are met up to the limit, by whole layers, and boxes lie apart all the same. */
static void
test_widths (void)
{
  static const char *const some[] = { "stencil:12,9", "random:4,300,3", "tree:40,3",
                                      "shuffle:6,5" };

  for (guint k = 0; k < G_N_ELEMENTS (some); k++)
    {
      g_autoptr (TestGraph) graph = test_graph_new_shape (some[k]);
      uint32_t n = graph->edges.n_nodes;
      g_autofree float *widths = g_new (float, n);

      for (uint32_t v = 0; v < n; v++)
        widths[v] = (float) g_test_rand_double_range (0.5, 1.3 * (double) WEFTLINE_GRAPH_MAX_WIDTH);
      g_autoptr (WeftlineGraphLayout) layout =
          weftline_graph_layout_new_wide (&graph->edges, widths, NULL);
      for (uint32_t v = 0; v < n; v++)
        {
          float width = weftline_graph_node_width (layout, v);

          g_assert_cmpfloat (width, >=, MIN (widths[v], WEFTLINE_GRAPH_MAX_WIDTH));
          g_assert_cmpfloat (width, >=, WEFTLINE_GRAPH_NODE_WIDTH);
          g_assert_cmpfloat (width, <=, WEFTLINE_GRAPH_MAX_WIDTH);
          g_assert_cmpfloat (layout->x[v] - width / 2, >=, -0.01f);
          g_assert_cmpfloat (layout->x[v] + width / 2, <=, layout->width + 0.01f);
          for (uint32_t u = 0; u < v; u++)
            {
              float apart = (width + weftline_graph_node_width (layout, u)) / 2;

              g_assert_true (fabsf (layout->y[u] - layout->y[v]) >= WEFTLINE_GRAPH_NODE_HEIGHT
                             || fabsf (layout->x[u] - layout->x[v]) >= apart - 0.01f);
            }
        }
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("ui-graph", "layout", "promises-hold-on-every-shape", test_promises);
  test_add ("ui-graph", "layout", "promises-hold-on-random-graphs", test_random);
  test_add ("ui-graph", "layout", "deterministic", test_deterministic);
  test_add ("ui-graph", "layout", "crossings-equal-a-count-by-pairs", test_crossings_counted);
  test_add ("ui-graph", "layout", "order-found-when-ids-tell-nothing", test_planar_found);
  test_add ("ui-graph", "layout", "cycles-get-edges-turned", test_cycles);
  test_add ("ui-graph", "layout", "no-picture-is-a-line", test_proportions);
  test_add ("ui-graph", "layout", "chains-are-straight", test_straight);
  test_add ("ui-graph", "layout", "edges-of-small-graphs-are-shortest", test_short_edges);
  test_add ("ui-graph", "layout", "no-tasks", test_empty);
  test_add ("ui-graph", "layout", "cancelled", test_cancelled);
  test_add ("ui-graph", "layout", "widths-follow-wishes", test_widths);
  return g_test_run ();
}
