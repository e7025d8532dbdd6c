/* test-groups.c: the group graph, lineage and values, beside plain ways to the same
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "graphs.h"
#include "graph/graph-groups.h"
#include "graph/graph-lineage.h"
#include "test-support.h"

static uint64_t
edges_between (const TestGraph *graph, uint32_t from, uint32_t to)
{
  uint64_t n = 0;

  for (uint32_t v = 0; v < graph->edges.n_nodes; v++)
    for (uint32_t e = graph->edges.offsets[v]; e < graph->edges.offsets[v + 1]; e++)
      n += graph->group[v] == from && graph->group[graph->edges.targets[e]] == to;
  return n;
}

static void
check_groups (const TestGraph *graph)
{
  g_autoptr (WeftlineGraphGroups) groups =
      weftline_graph_groups_new (&graph->edges, graph->group, graph->n_groups);
  g_autoptr (WeftlineGraphLayout) layout = weftline_graph_layout_new (&groups->edges, NULL);
  uint64_t n_edges = 0, n_tasks = 0;

  g_assert_cmpuint (layout->n_nodes, ==, graph->n_groups);
  for (uint32_t g = 0; g < groups->n_groups; g++)
    {
      n_tasks += groups->n_tasks[g];
      n_edges += groups->n_inner[g];
      g_assert_cmpuint (groups->n_inner[g], ==, edges_between (graph, g, g));
      for (uint32_t e = groups->offsets[g]; e < groups->offsets[g + 1]; e++)
        {
          g_assert_cmpuint (groups->targets[e], !=, g);
          g_assert_cmpuint (groups->counts[e], ==, edges_between (graph, g, groups->targets[e]));
          n_edges += groups->counts[e];
        }
    }
  g_assert_cmpuint (n_tasks, ==, graph->edges.n_nodes);
  g_assert_cmpuint (n_edges, ==, graph->edges.offsets[graph->edges.n_nodes]);
}

static void
test_counts (void)
{
  static const char *const shapes[] = { "stencil:9,7", "shuffle:5,4", "random:3,200,3" };

  for (guint k = 0; k < G_N_ELEMENTS (shapes); k++)
    {
      g_autoptr (TestGraph) graph = test_graph_new_shape (shapes[k]);

      check_groups (graph);
      /* groups that form cycles, and inner edges */
      graph->n_groups = 7;
      for (uint32_t v = 0; v < graph->edges.n_nodes; v++)
        graph->group[v] = (uint32_t) g_test_rand_int_range (0, 7);
      check_groups (graph);
    }
}

/* A graph file with the shape's edges. */
static WeftGraph *
graph_of_shape (const char *spec)
{
  g_autoptr (WeftShape) shape = weft_shape_new_from_spec (spec);
  g_autoptr (GString) text = g_string_new ("digraph g {\n");
  g_autoptr (GError) error = NULL;
  WeftGraph *graph;

  for (uint32_t v = 0; v < shape->n_tasks; v++)
    {
      g_string_append_printf (text, "  t%u;\n", v);
      for (uint32_t e = shape->dependent_offsets[v]; e < shape->dependent_offsets[v + 1]; e++)
        g_string_append_printf (text, "  t%u -> t%u;\n", v, shape->dependents[e]);
    }
  g_string_append (text, "}\n");
  graph = weft_graph_read_bytes (text->str, text->len, "g.dot", WEFT_GRAPH_FORMAT_DOT, &error);
  g_assert_no_error (error);
  return graph;
}

/* reach[v * n + w]: whether w is v or comes of it. */
static bool *
reach_of (const WeftGraphArrays *arrays)
{
  uint32_t n = arrays->n_tasks;
  bool *reach = g_new0 (bool, (size_t) n *n + 1);

  for (uint32_t v = n; v-- > 0;)
    {
      reach[(size_t) v * n + v] = true;
      for (uint32_t e = arrays->dependent_offsets[v]; e < arrays->dependent_offsets[v + 1]; e++)
        for (uint32_t w = 0; w < n; w++)
          reach[(size_t) v * n + w] |= reach[(size_t) arrays->dependents[e] * n + w];
    }
  return reach;
}

static void
test_lineage (void)
{
  static const char *const shapes[] = { "stencil:8,9", "random:4,150,2", "tree:30,3" };

  for (guint k = 0; k < G_N_ELEMENTS (shapes); k++)
    {
      WeftGraph *graph = graph_of_shape (shapes[k]);
      const WeftGraphArrays *arrays = weft_graph_arrays (graph);
      g_autofree bool *reach = reach_of (arrays);
      uint32_t n = arrays->n_tasks;

      for (uint32_t v = 0; v < n; v++)
        for (int which = 1; which <= 3; which++)
          {
            g_autoptr (WeftlineTaskSet) set =
                weftline_task_set_new_lineage (arrays, v, (WeftlineLineage) which);
            uint32_t n_members = 0;

            for (uint32_t w = 0; w < n; w++)
              {
                bool wanted =
                    ((which & WEFTLINE_LINEAGE_ANCESTORS) && reach[(size_t) w * n + v])
                    || ((which & WEFTLINE_LINEAGE_DESCENDANTS) && reach[(size_t) v * n + w]);

                g_assert_cmpint (weftline_task_set_has (set, w), ==, wanted);
                n_members += wanted;
              }
            g_assert_cmpuint (set->n_members, ==, n_members);
          }
      weft_graph_unref (graph);
    }
}

/* What is let go after each task, and what has changed when its own result is. */
static void
check_changes (const WeftGraphArrays *arrays, const float *age, const float *pressure)
{
  float most;
  g_autofree float *freed = weftline_graph_values_new (arrays, WEFTLINE_VALUE_FREED, &most);
  g_autofree float *more = weftline_graph_values_new (arrays, WEFTLINE_VALUE_INCREASE, &most);
  g_autofree float *less = weftline_graph_values_new (arrays, WEFTLINE_VALUE_DECREASE, &most);
  uint32_t n_left = 0;

  for (uint32_t v = 0; v < arrays->n_tasks; v++)
    n_left += v + (uint32_t) age[v] == arrays->n_tasks;
  for (uint32_t v = 0; v < arrays->n_tasks; v++)
    {
      uint32_t last = v + (uint32_t) age[v], n_freed = 0;
      float then = last < arrays->n_tasks ? pressure[last] : (float) n_left;

      for (uint32_t u = 0; u <= v; u++)
        n_freed += u + (uint32_t) age[u] == v;
      g_assert_cmpfloat (freed[v], ==, (float) n_freed);
      g_assert_cmpfloat (more[v] - less[v], ==, then - pressure[v]);
      g_assert_true (more[v] == 0 || less[v] == 0);
    }
}

static void
test_value_names (void)
{
  for (int i = 0; i < WEFTLINE_N_VALUES; i++)
    {
      WeftlineGraphValue value;

      g_assert_true (
          weftline_graph_value_find (weftline_graph_value_name ((WeftlineGraphValue) i), &value));
      g_assert_cmpint (value, ==, i);
      g_assert_cmpstr (weftline_graph_value_title (value), !=, "");
      g_assert_false (weftline_graph_value_find ("state", &value));
    }
}

static void
test_values (void)
{
  WeftGraph *graph = graph_of_shape ("random:8,120,2");
  const WeftGraphArrays *arrays = weft_graph_arrays (graph);
  float most;
  g_autofree float *order = weftline_graph_values_new (arrays, WEFTLINE_VALUE_ORDER, &most);
  g_assert_cmpfloat (most, ==, (float) arrays->n_tasks - 1);
  g_autofree float *age = weftline_graph_values_new (arrays, WEFTLINE_VALUE_AGE, &most);
  g_autofree float *pressure = weftline_graph_values_new (arrays, WEFTLINE_VALUE_PRESSURE, &most);

  for (uint32_t v = 0; v < arrays->n_tasks; v++)
    {
      uint32_t first = arrays->dependent_offsets[v], end = arrays->dependent_offsets[v + 1];
      uint32_t last = first == end ? arrays->n_tasks : 0, n_held = 0;

      for (uint32_t e = first; e < end; e++)
        last = MAX (last, arrays->dependents[e]);
      for (uint32_t k = 0; k < arrays->n_wanted; k++)
        if (arrays->wanted[k].task == v)
          last = arrays->n_tasks;
      g_assert_cmpfloat (order[v], ==, (float) v);
      g_assert_cmpfloat (age[v], ==, (float) (last - v));
      for (uint32_t u = 0; u <= v; u++)
        n_held += (float) u + age[u] >= (float) v;
      g_assert_cmpfloat (pressure[v], ==, (float) n_held);
      g_assert_cmpfloat (pressure[v], <=, most);
    }
  check_changes (arrays, age, pressure);
  weft_graph_unref (graph);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("ui-graph", "groups", "counts-equal-a-plain-count", test_counts);
  test_add ("ui-graph", "groups", "lineage-equals-reachability", test_lineage);
  test_add ("ui-graph", "groups", "values-equal-a-simulation", test_values);
  test_add ("ui-graph", "groups", "values-have-names", test_value_names);
  return g_test_run ();
}
