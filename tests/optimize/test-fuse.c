/* test-fuse.c: which tasks become units, and that they are neighbours
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "optimize/draw.h"
#include "test-support.h"

static WeftGraph *
fuse (WeftGraph *graph, uint32_t width, uint32_t *new_ids)
{
  WeftPassOptions options = { .fuse_width = width };

  return optimize (graph, "fuse", &options, new_ids, NULL);
}

static bool
continues (const WeftGraphArrays *a, uint32_t task)
{
  return a->unit_flags != NULL && task < a->n_tasks
         && (a->unit_flags[task] & WEFT_UNIT_CONTINUES) != 0;
}

static uint32_t
n_units (const WeftGraph *graph)
{
  const WeftGraphArrays *a = weft_graph_arrays (graph);
  uint32_t n = 0;

  for (uint32_t t = 0; t < a->n_tasks; t++)
    n += !continues (a, t);
  return n;
}

static WeftGraph *
take_shape (WeftShape *shape)
{
  WeftGraph *graph = draw_graph_of (shape, DRAW_PLAIN);

  weft_shape_free (shape);
  return graph;
}

static void
test_chains_become_units (void)
{
  g_autoptr (DrawnGraph) chains = take_shape (weft_shape_new_chains (7, 11));
  g_autoptr (DrawnGraph) fan = take_shape (weft_shape_new_fan (20));
  g_autoptr (DrawnGraph) tree = take_shape (weft_shape_new_tree (16, 2));
  g_autoptr (DrawnGraph) fused = fuse (chains, 1, NULL);
  g_autoptr (DrawnGraph) fused_fan = fuse (fan, 1, NULL);
  g_autoptr (DrawnGraph) fused_tree = fuse (tree, 0, NULL);
  const WeftGraphArrays *a = weft_graph_arrays (fused);

  g_assert_cmpuint (n_units (fused), ==, 7);
  g_assert_cmpuint (a->notify_offsets[a->n_tasks], ==, 0);
  g_assert_true (fused_fan == fan);
  g_assert_true (fused_tree == tree);
}

/* 16 leaves, folded two at a time: width w takes in whole subtrees of at most w leaves; what stands
 * above them begins units anew. */
static void
test_width_bounds_trees (void)
{
  static const struct
  {
    uint32_t width, n_units;
  } cases[] = {
    { 1, 31 }, { 2, 11 }, { 3, 11 }, { 4, 5 }, { 8, 3 }, { 15, 3 }, { 16, 1 }, { 99, 1 }
  };
  g_autoptr (DrawnGraph) tree = take_shape (weft_shape_new_tree (16, 2));
  g_autoptr (DrawnGraph) wide = take_shape (weft_shape_new_tree (17, 17));

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (DrawnGraph) fused = fuse (tree, cases[i].width, NULL);
      g_autoptr (DrawnGraph) unfused = fuse (wide, cases[i].width, NULL);

      g_assert_cmpuint (n_units (fused), ==, cases[i].n_units);
      g_assert_true (unfused == wide);
    }
}

/* In a unit that is a whole binary tree, depth first holds one result a level, and one more. */
static void
test_members_go_depth_first (void)
{
  g_autoptr (DrawnGraph) tree = take_shape (weft_shape_new_tree (16, 2));
  g_autoptr (DrawnGraph) fused = fuse (tree, 16, NULL);
  WeftOrderFigures figures;

  weft_order_simulate (fused, NULL, &figures);
  g_assert_cmpuint (figures.peak_results, ==, 6);
}

/* Every unit is a tree of its members: each but the last has its dependents, and only those, in it,
 * and at most width of them start it. */
static void
check_unit (const WeftGraphArrays *a, uint32_t first, uint32_t end, uint32_t width)
{
  uint32_t n_leaves = 0;

  for (uint32_t t = first; t < end; t++)
    {
      bool has_member_before = false;

      for (uint32_t e = a->dependent_offsets[t]; t + 1 < end && e < a->dependent_offsets[t + 1];
           e++)
        g_assert_true (a->dependents[e] > t && a->dependents[e] < end
                       && a->dependents[e] == a->dependents[a->dependent_offsets[t]]);
      for (uint32_t before = first; before < t; before++)
        for (uint32_t e = a->dependent_offsets[before]; e < a->dependent_offsets[before + 1]; e++)
          has_member_before |= a->dependents[e] == t;
      n_leaves += !has_member_before;
    }
  g_assert_cmpuint (n_leaves, <=, width);
}

static void
test_units_are_trees_within_the_width (void)
{
  uint32_t n_joined = 0;

  for (unsigned i = 0; i < 100 / test_slowdown (); i++)
    {
      uint32_t width = (uint32_t) g_test_rand_int_range (1, WEFT_FUSE_MAX_WIDTH + 1);
      g_autoptr (DrawnGraph) graph = draw_graph (120);
      g_autoptr (DrawnGraph) fused = fuse (graph, width, NULL);
      const WeftGraphArrays *a = weft_graph_arrays (fused);
      uint32_t end;

      for (uint32_t t = 0; t < a->n_tasks; t = end)
        {
          for (end = t + 1; continues (a, end);)
            end++;
          check_unit (a, t, end, width);
          n_joined += end - t - 1;
        }
    }
  g_assert_cmpuint (n_joined, >, 0);
}

/* a → b → c, of which b has another priority, or reads an import, or is needed elsewhere. */
static void
test_what_is_not_joined (void)
{
  for (int what = 0; what < 4; what++)
    {
      WeftGraphBuilder *builder = weft_graph_builder_new ();
      WeftTaskAttributes urgent = { .priority = 1, .label = WEFT_NONE };
      uint32_t tasks[4];
      g_autoptr (DrawnGraph) graph = NULL;
      g_autoptr (DrawnGraph) fused = NULL;

      for (uint32_t i = 0; i < (what == 3 ? 4 : 3); i++)
        {
          uint32_t n = i > 0 ? 1 : 0;
          WeftTaskOutput inputs[2] = { { i > 0 ? tasks[i == 3 ? 0 : i - 1] : 0, 0 } };
          g_autofree char *key = g_strdup_printf ("t-%u", i);

          if (what == 2 && i == 1)
            inputs[n++].task = weft_graph_builder_import_value (builder);
          weft_graph_builder_begin_call (builder, "mix", 0, 1);
          weft_graph_builder_arg_slots (builder, 0, n);
          tasks[i] = weft_graph_builder_add_task (builder, key, -1,
                                                  weft_graph_builder_end_call (builder), inputs, n);
        }
      if (what == 1)
        weft_graph_builder_set_attributes (builder, tasks[1], &urgent);
      graph = weft_graph_builder_freeze (builder, NULL, NULL);
      weft_graph_builder_free (builder);
      fused = fuse (graph, 16, NULL);
      /* as it is; b alone; b and c; b and c, with d */
      g_assert_cmpuint (n_units (fused), ==, ((uint32_t[]){ 1, 3, 2, 3 })[what]);
    }
}

/* An order-only edge is joined as any other, and a task wanted in the middle may be inside. */
static void
test_order_only_edges_and_wanted_outputs_join (void)
{
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  g_autoptr (DrawnGraph) graph = NULL;
  g_autoptr (DrawnGraph) fused = NULL;
  uint32_t call;
  uint32_t a;
  uint32_t b;

  weft_graph_builder_begin_call (builder, "mix", 0, 1);
  call = weft_graph_builder_end_call (builder);
  a = weft_graph_builder_add_task (builder, "a", -1, call, NULL, 0);
  b = weft_graph_builder_add_task (builder, "b", -1, call, NULL, 0);
  weft_graph_builder_add_after (builder, b, a);
  weft_graph_builder_want (builder, a, 0);
  weft_graph_builder_want (builder, b, 0);
  graph = weft_graph_builder_freeze (builder, NULL, NULL);
  weft_graph_builder_free (builder);
  fused = fuse (graph, 1, NULL);
  g_assert_cmpuint (n_units (fused), ==, 1);
}

static void
test_report_counts_units (void)
{
  WeftPassOptions options = { .fuse_width = 4 };
  g_autoptr (DrawnGraph) tree = take_shape (weft_shape_new_tree (16, 2));
  g_autoptr (GArray) reports = NULL;
  g_autoptr (DrawnGraph) fused = optimize (tree, "fuse,order", &options, NULL, &reports);
  const WeftPassReport *report = &g_array_index (reports, WeftPassReport, 0);

  g_assert_cmpuint (report->n_tasks_before, ==, 31);
  g_assert_cmpuint (report->n_tasks_after, ==, 5);
  g_assert_cmpuint (report->n_edges_before, ==, 30);
  g_assert_cmpuint (report->n_edges_after, ==, 4);
  g_assert_cmpuint (n_units (fused), ==, 5);
}

static void
test_units_that_are_there_are_kept (void)
{
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  g_autoptr (DrawnGraph) graph = NULL;
  g_autoptr (DrawnGraph) all = NULL;
  uint32_t call;

  weft_graph_builder_begin_call (builder, "mix", 0, 1);
  call = weft_graph_builder_end_call (builder);
  for (uint32_t i = 0; i < 6; i++)
    {
      uint32_t pattern = weft_graph_builder_key_pattern (builder, "t-", "");
      uint32_t task = weft_graph_builder_add_numbered (builder, pattern, i, call, NULL, 0);

      if (i % 3 > 0)
        weft_graph_builder_set_continues (builder, task);
    }
  graph = weft_graph_builder_freeze (builder, NULL, NULL);
  weft_graph_builder_free (builder);
  g_assert_cmpuint (n_units (graph), ==, 2);
  all = optimize (graph, NULL, NULL, NULL, NULL);
  g_assert_cmpuint (n_units (all), ==, 2);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("optimize", "fuse", "chains-become-units", test_chains_become_units);
  test_add ("optimize", "fuse", "width-bounds-trees", test_width_bounds_trees);
  test_add ("optimize", "fuse", "members-go-depth-first", test_members_go_depth_first);
  test_add ("optimize", "fuse", "units-are-trees-within-the-width",
            test_units_are_trees_within_the_width);
  test_add ("optimize", "fuse", "what-is-not-joined", test_what_is_not_joined);
  test_add ("optimize", "fuse", "order-only-edges-and-wanted-outputs-join",
            test_order_only_edges_and_wanted_outputs_join);
  test_add ("optimize", "fuse", "report-counts-units", test_report_counts_units);
  test_add ("optimize", "fuse", "units-that-are-there-are-kept",
            test_units_that_are_there_are_kept);
  return g_test_run ();
}
