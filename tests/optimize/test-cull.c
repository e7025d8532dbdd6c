/* test-cull.c: what is left out, and what must not be
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "optimize/draw.h"
#include "test-support.h"

/* Needed by definition: wanted, or a dependency of a needed task, found by going over and over. */
static uint8_t *
find_needed_slowly (const WeftGraphArrays *a)
{
  uint8_t *needed = g_new0 (uint8_t, a->n_tasks + 1);
  bool grew = true;

  for (uint32_t i = 0; i < a->n_wanted; i++)
    needed[a->wanted[i].task] = 1;
  while (grew)
    {
      grew = false;
      for (uint32_t row = 0; row < a->n_tasks; row++)
        for (uint32_t e = a->dependent_offsets[row]; e < a->dependent_offsets[row + 1]; e++)
          if (needed[a->dependents[e]] && !needed[row])
            {
              needed[row] = 1;
              grew = true;
            }
    }
  return needed;
}

static void
test_keeps_exactly_what_is_needed (void)
{
  for (unsigned i = 0; i < 100 / test_slowdown (); i++)
    {
      g_autoptr (DrawnGraph) graph = draw_graph (100);
      const WeftGraphArrays *a = weft_graph_arrays (graph);
      g_autofree uint8_t *needed = find_needed_slowly (a);
      g_autofree uint32_t *new_ids = g_new0 (uint32_t, a->n_tasks);
      g_autoptr (DrawnGraph) culled = optimize (graph, "cull", NULL, new_ids, NULL);

      for (uint32_t t = 0; t < a->n_tasks; t++)
        g_assert_cmpint (new_ids[t] != WEFT_NONE, ==, needed[t] || a->n_wanted == 0);
      g_assert_cmpuint (weft_graph_arrays (culled)->n_imports, ==, a->n_imports);
    }
}

static uint32_t
add (WeftGraphBuilder *builder, const char *key, const WeftTaskOutput *inputs, uint32_t n_inputs)
{
  uint32_t call;

  weft_graph_builder_begin_call (builder, "mix", 0, 1);
  weft_graph_builder_arg_slots (builder, 0, n_inputs);
  call = weft_graph_builder_end_call (builder);
  return weft_graph_builder_add_task (builder, key, -1, call, inputs, n_inputs);
}

/* write → check, both kept only by an order-only edge; lonely is not. */
static void
test_effects_before_an_order_only_edge_are_kept (void)
{
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  uint32_t lonely = add (builder, "lonely", NULL, 0);
  uint32_t source = add (builder, "write", NULL, 0);
  uint32_t check = add (builder, "check", &(WeftTaskOutput){ source, 0 }, 1);
  uint32_t total = add (builder, "total", NULL, 0);
  g_autoptr (DrawnGraph) graph = NULL;
  g_autoptr (DrawnGraph) culled = NULL;
  g_autoptr (GArray) reports = NULL;
  const WeftPassReport *report;

  weft_graph_builder_add_after (builder, total, check);
  weft_graph_builder_want (builder, total, 0);
  graph = weft_graph_builder_freeze (builder, NULL, NULL);
  weft_graph_builder_free (builder);
  g_assert_cmpuint (lonely, ==, 0);

  culled = optimize (graph, "cull", NULL, NULL, &reports);
  g_assert_cmpuint (weft_graph_arrays (culled)->n_tasks, ==, 3);
  g_assert_cmpuint (weft_graph_find (culled, "lonely", -1), ==, WEFT_NONE);
  g_assert_cmpuint (weft_graph_find (culled, "write", -1), !=, WEFT_NONE);
  report = &g_array_index (reports, WeftPassReport, 0);
  g_assert_cmpuint (report->n_tasks_before, ==, 4);
  g_assert_cmpuint (report->n_tasks_after, ==, 3);
  g_assert_cmpuint (report->n_edges_after, ==, 2);
  g_assert_nonnull (strstr (report->why, "not needed for the outputs asked for: 1"));
}

/* A unit of which the first member is gone goes on with the next. */
static void
test_units_stay_together (void)
{
  for (unsigned i = 0; i < 50 / test_slowdown (); i++)
    {
      WeftPassOptions options = { .fuse_width = 5 };
      g_autoptr (DrawnGraph) graph = draw_graph (100);
      g_autoptr (DrawnGraph) fused = optimize (graph, "fuse", &options, NULL, NULL);
      const WeftGraphArrays *a = weft_graph_arrays (fused);
      WeftTaskOutput wanted = { (uint32_t) g_test_rand_int_range (0, (gint32) a->n_tasks), 0 };
      WeftPassOptions cull = { .wanted = &wanted, .n_wanted = 1 };
      g_autofree uint32_t *new_ids = g_new0 (uint32_t, a->n_tasks);
      g_autoptr (DrawnGraph) culled = optimize (fused, "cull", &cull, new_ids, NULL);
      const WeftGraphArrays *b = weft_graph_arrays (culled);
      g_autofree int64_t *values = run_graph (culled);
      uint32_t leader = WEFT_NONE;

      for (uint32_t t = 0; t < a->n_tasks; t++)
        {
          if (a->unit_flags == NULL || (a->unit_flags[t] & WEFT_UNIT_CONTINUES) == 0)
            leader = WEFT_NONE;
          if (new_ids[t] == WEFT_NONE)
            continue;
          if (b->unit_flags != NULL)
            g_assert_cmpint ((b->unit_flags[new_ids[t]] & WEFT_UNIT_CONTINUES) != 0, ==,
                             leader != WEFT_NONE);
          leader = t;
        }
      g_assert_nonnull (values);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("optimize", "cull", "keeps-exactly-what-is-needed", test_keeps_exactly_what_is_needed);
  test_add ("optimize", "cull", "effects-before-an-order-only-edge-are-kept",
            test_effects_before_an_order_only_edge_are_kept);
  test_add ("optimize", "cull", "units-stay-together", test_units_stay_together);
  return g_test_run ();
}
