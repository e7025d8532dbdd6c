/* test-pass.c: passes put together: results, ids, reports, names
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "optimize/draw.h"
#include "test-support.h"

#define N_PASSES 4

/* "cull,fuse" for bits 0 and 2. (transfer full) */
static char *
names_of (unsigned subset)
{
  g_autoptr (GString) names = g_string_new (NULL);

  for (unsigned i = N_PASSES; i-- > 0;)
    if ((subset & 1u << i) != 0)
      g_string_append_printf (names, "%s%s", names->len > 0 ? "," : "", weft_passes ()[i].name);
  return g_strdup (names->len > 0 ? names->str : "none");
}

static void
assert_same_wanted (WeftGraph *before, WeftGraph *after, const uint32_t *new_ids)
{
  const WeftGraphArrays *a = weft_graph_arrays (before);
  const WeftGraphArrays *b = weft_graph_arrays (after);
  g_autofree int64_t *old = run_graph (before);
  g_autofree int64_t *new = run_graph (after);

  g_assert_cmpuint (a->n_wanted, ==, b->n_wanted);
  for (uint32_t i = 0; i < a->n_wanted; i++)
    {
      g_assert_cmpuint (b->wanted[i].task, ==, new_ids[a->wanted[i].task]);
      g_assert_cmpuint (b->wanted[i].output, ==, a->wanted[i].output);
      g_assert_cmpint (value_of (before, old, a->wanted[i]), ==,
                       value_of (after, new, b->wanted[i]));
    }
}

/* What is still there is the same task: key, group, and what it computes. */
static void
assert_same_tasks (WeftGraph *before, WeftGraph *after, const uint32_t *new_ids)
{
  const WeftGraphArrays *a = weft_graph_arrays (before);
  const WeftGraphArrays *b = weft_graph_arrays (after);
  g_autofree int64_t *old = run_graph (before);
  g_autofree int64_t *new = run_graph (after);
  uint32_t n_left = 0;

  for (uint32_t t = 0; t < a->n_tasks; t++)
    {
      g_autofree char *key = weft_graph_dup_key (before, t);

      g_assert_cmpuint (weft_graph_find (after, key, -1), ==, new_ids[t]);
      if (new_ids[t] == WEFT_NONE)
        continue;
      n_left++;
      g_assert_cmpstr (weft_graph_group_name (before, a->group_of_task[t]), ==,
                       weft_graph_group_name (after, b->group_of_task[new_ids[t]]));
      g_assert_cmpint (value_of (before, old, (WeftTaskOutput){ t, 0 }), ==,
                       value_of (after, new, (WeftTaskOutput){ new_ids[t], 0 }));
    }
  g_assert_cmpuint (n_left, ==, b->n_tasks);
}

static void
check_subset (WeftGraph *graph, unsigned subset)
{
  g_autofree char *names = names_of (subset);
  g_autofree uint32_t *new_ids = g_new0 (uint32_t, weft_graph_arrays (graph)->n_tasks);
  WeftPassOptions options = { .ops = &const_ops,
                              .fuse_width = (uint32_t) g_test_rand_int_range (0, 20) };
  g_autoptr (DrawnGraph) optimized = optimize (graph, names, &options, new_ids, NULL);

  assert_same_wanted (graph, optimized, new_ids);
  assert_same_tasks (graph, optimized, new_ids);
}

static void
test_results_do_not_depend_on_passes (void)
{
  for (unsigned i = 0; i < 60 / test_slowdown (); i++)
    {
      g_autoptr (DrawnGraph) graph = draw_graph (1 + (i % 4 + 1) * 30);

      assert_valid (graph);
      for (unsigned subset = 0; subset < 1u << N_PASSES; subset++)
        check_subset (graph, subset);
    }
}

static void
test_passes_again_change_nothing (void)
{
  for (unsigned i = 0; i < 20 / test_slowdown (); i++)
    {
      WeftPassOptions options = { .ops = &const_ops, .fuse_width = 4 };
      g_autoptr (DrawnGraph) graph = draw_graph (80);
      g_autoptr (DrawnGraph) once = optimize (graph, "cull,inline,fuse", &options, NULL, NULL);
      g_autoptr (DrawnGraph) twice = optimize (once, "cull,inline,fuse", &options, NULL, NULL);
      g_autoptr (DrawnGraph) none = optimize (graph, "none", &options, NULL, NULL);
      g_autoptr (DrawnGraph) still = optimize (none, "none", &options, NULL, NULL);
      g_autoptr (GArray) all = NULL;
      g_autoptr (DrawnGraph) whole = optimize (graph, "all", &options, NULL, &all);

      g_assert_true (once == twice);
      g_assert_true (none == still);
      g_assert_nonnull (whole);
      g_assert_cmpuint (all->len, ==, N_PASSES);
    }
}

/* ---- priorities ------------------------------------------------------------------------------ */

/* The highest of the task's own and those of all that come after it, in any unit. */
static int32_t *
effective_priorities (const WeftGraphArrays *a)
{
  int32_t *best = g_new0 (int32_t, (size_t) a->n_tasks + 1);
  bool changed = true;

  for (uint32_t t = 0; t < a->n_tasks; t++)
    if (a->attributes_of_task != NULL && a->attributes_of_task[t] != WEFT_NONE)
      best[t] = a->attributes[a->attributes_of_task[t]].priority;
  while (changed)
    {
      g_autofree int32_t *before = g_memdup2 (best, (a->n_tasks + 1) * sizeof *best);

      for (uint32_t t = 0; t < a->n_tasks; t++)
        for (uint32_t e = a->dependent_offsets[t]; e < a->dependent_offsets[t + 1]; e++)
          best[t] = MAX (best[t], best[a->dependents[e]]);
      for (uint32_t t = 1; t < a->n_tasks; t++)
        if (a->unit_flags != NULL && (a->unit_flags[t] & WEFT_UNIT_CONTINUES) != 0)
          best[t] = best[t - 1] = MAX (best[t], best[t - 1]);
      changed = memcmp (before, best, a->n_tasks * sizeof *best) != 0;
    }
  return best;
}

/* Whatever passes are run: ids rise as what is asked for first falls. Among equals nothing moves
 * unless the order pass wants it to. */
static void
test_priorities_hold_without_order (void)
{
  const char *const names[] = { "none", "cull", "cull,inline", "fuse", "cull,inline,fuse" };

  for (unsigned i = 0; i < 100 / test_slowdown (); i++)
    {
      WeftPassOptions options = { .ops = &const_ops, .fuse_width = 1 + i % 4 };
      g_autoptr (DrawnGraph) graph = draw_graph (80);
      uint32_t n_tasks = weft_graph_arrays (graph)->n_tasks;
      g_autofree uint32_t *new_ids = g_new0 (uint32_t, n_tasks);
      g_autoptr (DrawnGraph) after =
          optimize (graph, names[i % G_N_ELEMENTS (names)], &options, new_ids, NULL);
      g_autofree int32_t *best = effective_priorities (weft_graph_arrays (after));

      for (uint32_t t = 1; t < weft_graph_arrays (after)->n_tasks; t++)
        g_assert_cmpint (best[t - 1], >=, best[t]);
      for (uint32_t t = 1; t < n_tasks && i % G_N_ELEMENTS (names) == 0; t++)
        g_assert_true (new_ids[t - 1] < new_ids[t] || best[new_ids[t - 1]] < best[new_ids[t]]);
    }
}

/* Each pass by itself, with nothing optional given. */
static void
test_pass_needs_no_options (void)
{
  g_autoptr (DrawnGraph) graph = draw_graph (60);

  for (const WeftPass *pass = weft_passes (); pass->name != NULL; pass++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (DrawnGraph) result = pass->run (graph, NULL, NULL, NULL, &error);

      g_assert_no_error (error);
      g_assert_nonnull (pass->doc);
      assert_valid (result);
    }
}

/* Wanted outputs of the options count with every subset of passes. */
static void
test_options_say_what_is_wanted (void)
{
  for (unsigned subset = 0; subset < 1u << N_PASSES; subset++)
    {
      g_autoptr (DrawnGraph) graph = draw_graph (60);
      uint32_t n_tasks = weft_graph_arrays (graph)->n_tasks;
      g_autofree uint32_t *new_ids = g_new0 (uint32_t, n_tasks);
      WeftTaskOutput wanted[] = { { (uint32_t) g_test_rand_int_range (0, (gint32) n_tasks), 0 } };
      WeftPassOptions options = { .ops = &const_ops, .wanted = wanted, .n_wanted = 1 };
      g_autofree char *names = names_of (subset);
      g_autoptr (DrawnGraph) result = optimize (graph, names, &options, new_ids, NULL);
      const WeftGraphArrays *b = weft_graph_arrays (result);
      g_autofree int64_t *old = run_graph (graph);
      g_autofree int64_t *new = run_graph (result);

      g_assert_cmpuint (b->n_wanted, ==, 1);
      g_assert_cmpuint (b->wanted[0].task, ==, new_ids[wanted[0].task]);
      g_assert_cmpint (value_of (graph, old, wanted[0]), ==, value_of (result, new, b->wanted[0]));
    }
}

static void
test_wanted_outputs_must_exist (void)
{
  static const WeftTaskOutput wrong[] = { { 1000, 0 }, { 0, 77 } };
  static const char *const found[] = { "task 1000", "output 77" };
  g_autoptr (DrawnGraph) graph = draw_graph (60);

  for (int i = 0; i < 4; i++)
    {
      WeftPassOptions options = { .wanted = &wrong[i % 2], .n_wanted = 1 };
      g_autoptr (GError) error = NULL;
      GArray *reports = NULL;
      uint32_t untouched[60] = { 123 };

      if (i < 2)
        g_assert_null (weft_optimize (graph, "order", &options, untouched, &reports, &error));
      else
        g_assert_null (weft_passes ()[0].run (graph, &options, untouched, NULL, &error));
      g_assert_cmpuint (untouched[0], ==, 123);
      g_assert_null (reports);
      test_assert_error (&error, WEFT_GRAPH_ERROR, WEFT_GRAPH_ERROR_ARGUMENT, found[i % 2],
                         "expected", NULL);
    }
}

static void
test_unknown_names_are_refused (void)
{
  static const char *const wrong[][2] = {
    { "ordr", "did you mean “order”" },
    { "cull,infuse", "did you mean “fuse”" },
    { "cull, inlin", "did you mean “inline”" },
    { "", "expected cull" },
    { "cull,", "expected cull" },
    { "none,order", "“none”" },
    { "fuse=", "did you mean “fuse”" },
    { "order=2", "“order=2”" },
    { "xyzzyxyzzy", "“xyzzyxyzzy”" },
    { "\xff", "\\xff" },
  };
  g_autoptr (DrawnGraph) graph = draw_graph (10);

  for (size_t i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (weft_optimize (graph, wrong[i][0], NULL, NULL, NULL, &error));
      test_assert_error (&error, WEFT_GRAPH_ERROR, WEFT_GRAPH_ERROR_ARGUMENT, wrong[i][1],
                         "inline, fuse or order", NULL);
    }
}

static void
test_widths_out_of_range_are_refused (void)
{
  static const char *const wrong[] = { "fuse=0", "fuse=17", "fuse=99999999999999999999", "fuse=x" };
  g_autoptr (DrawnGraph) graph = draw_graph (10);

  for (size_t i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (weft_optimize (graph, wrong[i], NULL, NULL, NULL, &error));
      test_assert_error (&error, WEFT_GRAPH_ERROR, WEFT_GRAPH_ERROR_ARGUMENT, wrong[i],
                         "from 1 to 16", NULL);
    }
}

static void
test_names_may_have_any_order_and_spaces (void)
{
  g_autoptr (DrawnGraph) graph = draw_graph (60);
  g_autoptr (GArray) reports = NULL;
  g_autoptr (DrawnGraph) result = optimize (graph, " order , cull,order", NULL, NULL, &reports);

  g_assert_cmpuint (reports->len, ==, 2);
  g_assert_cmpstr (g_array_index (reports, WeftPassReport, 0).pass, ==, "cull");
  g_assert_cmpstr (g_array_index (reports, WeftPassReport, 1).pass, ==, "order");
  g_assert_nonnull (result);
}

/* “fuse=4” counts more than the options' width. */
static void
test_fuse_with_a_width (void)
{
  g_autoptr (WeftShape) shape = weft_shape_new_tree (64, 2);
  g_autoptr (DrawnGraph) graph = draw_graph_of (shape, DRAW_PLAIN);
  WeftPassOptions options = { .fuse_width = 8 };

  for (uint32_t width = 1; width <= 4; width *= 2)
    {
      g_autofree char *name = g_strdup_printf ("fuse=%u", width);
      g_autoptr (GArray) named = NULL;
      g_autoptr (GArray) given = NULL;
      g_autoptr (DrawnGraph) one = optimize (graph, name, &options, NULL, &named);
      WeftPassOptions same = { .fuse_width = width };
      g_autoptr (DrawnGraph) other = optimize (graph, "fuse", &same, NULL, &given);
      uint32_t n_units = g_array_index (named, WeftPassReport, 0).n_tasks_after;

      g_assert_cmpuint (n_units, ==, g_array_index (given, WeftPassReport, 0).n_tasks_after);
      g_assert_cmpint (n_units<weft_graph_arrays (graph)->n_tasks, ==, width> 1);
      g_assert_true (one != NULL && other != NULL);
    }
}

/* Each report starts where the one before ended, and the figures are those of the graphs. */
static void
test_reports_tell_what_happened (void)
{
  for (unsigned i = 0; i < 10; i++)
    {
      WeftPassOptions options = { .ops = &const_ops, .fuse_width = 3 };
      g_autoptr (DrawnGraph) graph = draw_graph (100);
      g_autoptr (GArray) reports = NULL;
      g_autoptr (DrawnGraph) result = optimize (graph, NULL, &options, NULL, &reports);
      const WeftPassReport *first = &g_array_index (reports, WeftPassReport, 0);
      const WeftPassReport *last = &g_array_index (reports, WeftPassReport, N_PASSES - 1);

      g_assert_cmpuint (reports->len, ==, N_PASSES);
      g_assert_cmpuint (first->n_tasks_before, ==, weft_graph_arrays (graph)->n_tasks);
      g_assert_cmpuint (first->n_edges_before, ==, weft_graph_arrays (graph)->n_edges);
      g_assert_cmpuint (last->n_tasks_after, ==, weft_graph_arrays (result)->n_tasks);
      g_assert_cmpuint (last->n_edges_after, ==, weft_graph_arrays (result)->n_edges);
      for (unsigned k = 0; k < N_PASSES; k++)
        {
          g_assert_cmpstr (first[k].pass, ==, weft_passes ()[k].name);
          g_assert_cmpstr (first[k].why, !=, "");
          g_assert_cmpint (first[k].elapsed_ns, >=, 0);
          if (k == 1 || k == 2)
            g_assert_cmpuint (first[k].n_tasks_before, ==, first[k - 1].n_tasks_after);
        }
    }
}

static void
test_report_clears_twice (void)
{
  WeftPassReport report = { 0 };
  g_autoptr (DrawnGraph) graph = draw_graph (10);
  g_autoptr (DrawnGraph) result = weft_passes ()[0].run (graph, NULL, NULL, &report, NULL);

  g_assert_nonnull (report.why);
  weft_pass_report_clear (&report);
  g_assert_null (report.why);
  weft_pass_report_clear (&report);
  g_assert_nonnull (result);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("optimize", "pass", "results-do-not-depend-on-passes",
            test_results_do_not_depend_on_passes);
  test_add ("optimize", "pass", "priorities-hold-without-order",
            test_priorities_hold_without_order);
  test_add ("optimize", "pass", "passes-again-change-nothing", test_passes_again_change_nothing);
  test_add ("optimize", "pass", "pass-needs-no-options", test_pass_needs_no_options);
  test_add ("optimize", "pass", "options-say-what-is-wanted", test_options_say_what_is_wanted);
  test_add ("optimize", "pass", "wanted-outputs-must-exist", test_wanted_outputs_must_exist);
  test_add ("optimize", "pass", "unknown-names-are-refused", test_unknown_names_are_refused);
  test_add ("optimize", "pass", "widths-out-of-range-are-refused",
            test_widths_out_of_range_are_refused);
  test_add ("optimize", "pass", "names-may-have-any-order-and-spaces",
            test_names_may_have_any_order_and_spaces);
  test_add ("optimize", "pass", "fuse-with-a-width", test_fuse_with_a_width);
  test_add ("optimize", "pass", "reports-tell-what-happened", test_reports_tell_what_happened);
  test_add ("optimize", "pass", "report-clears-twice", test_report_clears_twice);
  return g_test_run ();
}
