/* test-order-pass.c: graphs renumbered by the static order, and what running them holds
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "optimize/draw.h"
#include "optimize/weft-order-private.h"
#include "test-support.h"

/* Peaks the slow way: who is live is found anew at each task. */
static WeftOrderFigures
simulate_slowly (const WeftGraph *graph, const uint64_t *bytes)
{
  const WeftGraphArrays *a = weft_graph_arrays (graph);
  uint32_t n_slots = weft_graph_n_slots (graph);
  g_autofree uint32_t *made = g_new0 (uint32_t, n_slots);
  g_autofree uint32_t *last = g_new0 (uint32_t, n_slots);
  WeftOrderFigures peak = { 0 };

  for (uint32_t t = 0; t < a->n_tasks; t++)
    {
      for (uint32_t s = weft_graph_output_slot (a, t, 0); s < weft_graph_output_slot (a, t + 1, 0);
           s++)
        made[s] = last[s] = t;
      for (uint32_t e = a->input_offsets[t]; e < a->input_offsets[t + 1]; e++)
        if (a->input_tasks[e] < a->n_tasks)
          last[weft_graph_output_slot (a, a->input_tasks[e],
                                       a->input_outputs != NULL ? a->input_outputs[e] : 0)] = t;
    }
  for (uint32_t i = 0; i < a->n_wanted; i++)
    last[weft_graph_output_slot (a, a->wanted[i].task, a->wanted[i].output)] = a->n_tasks;
  for (uint32_t t = 0; t < a->n_tasks; t++)
    {
      uint64_t results = 0;
      uint64_t sum = 0;

      for (uint32_t s = 0; s < n_slots; s++)
        if (made[s] <= t && t <= last[s])
          {
            results++;
            sum += bytes != NULL ? bytes[s] : 1;
          }
      peak.peak_results = MAX (peak.peak_results, results);
      if (sum > peak.peak_bytes)
        peak.peak_task = t;
      peak.peak_bytes = MAX (peak.peak_bytes, sum);
    }
  return peak;
}

static uint64_t *
draw_bytes (const WeftGraph *graph)
{
  uint32_t n_slots = weft_graph_n_slots (graph);
  uint64_t *bytes = g_new (uint64_t, n_slots);

  for (uint32_t s = 0; s < n_slots; s++)
    bytes[s] = (uint64_t) g_test_rand_int_range (0, 1000);
  return bytes;
}

static void
test_simulation_agrees_with_the_slow_one (void)
{
  for (unsigned i = 0; i < 60 / test_slowdown (); i++)
    {
      g_autoptr (DrawnGraph) graph = draw_graph (80);
      g_autofree uint64_t *bytes = draw_bytes (graph);
      WeftOrderFigures fast;
      WeftOrderFigures slow = simulate_slowly (graph, bytes);

      weft_order_simulate (graph, bytes, &fast);
      g_assert_cmpuint (fast.peak_results, ==, slow.peak_results);
      g_assert_cmpuint (fast.peak_bytes, ==, slow.peak_bytes);
      g_assert_cmpuint (fast.peak_task, ==, slow.peak_task);
    }
}

static WeftGraph *
take_shape (WeftShape *shape)
{
  WeftGraph *graph = draw_graph_of (shape, DRAW_PLAIN);

  weft_shape_free (shape);
  return graph;
}

/* A graph with hints for the middle one of three tasks only: 10 each. Without any: 1 each. */
static void
test_unknown_sizes_count_as_the_mean (void)
{
  for (int known = 0; known < 3; known++)
    {
      WeftGraphBuilder *builder = weft_graph_builder_new ();
      g_autoptr (DrawnGraph) graph = NULL;
      WeftOrderFigures figures;
      uint64_t bytes[] = { 6, 14 };
      uint32_t call;

      weft_graph_builder_begin_call (builder, "mix", 0, 1);
      call = weft_graph_builder_end_call (builder);
      for (int i = 0; i < 3; i++)
        {
          g_autofree char *key = g_strdup_printf ("t-%d", i);
          uint32_t task = weft_graph_builder_add_task (builder, key, -1, call, NULL, 0);

          weft_graph_builder_want (builder, task, 0);
          if (i < known)
            weft_graph_builder_set_hints (builder, task, -1, &bytes[i], 1, WEFT_NONE);
        }
      graph = weft_graph_builder_freeze (builder, NULL, NULL);
      weft_graph_builder_free (builder);
      weft_order_simulate (graph, NULL, &figures);
      g_assert_cmpuint (figures.peak_results, ==, 3);
      g_assert_cmpuint (figures.peak_bytes, ==, ((uint64_t[]){ 3, 18, 30 })[known]);
    }
}

/* A plain graph is given to the static order as it is, so its peak is the one found there. */
static void
test_peak_is_that_of_the_static_order (void)
{
  for (unsigned i = 0; i < 40 / test_slowdown (); i++)
    {
      g_autoptr (WeftShape) shape = weft_shape_new_random_layered (
          (guint) g_test_rand_int (), 8, (guint) g_test_rand_int_range (1, 20), 3);
      g_autoptr (DrawnGraph) graph = draw_graph_of (shape, DRAW_PLAIN);
      const WeftGraphArrays *a = weft_graph_arrays (graph);
      uint32_t middle = a->n_tasks / 2;
      WeftTaskOutput wanted[] = { { 0, 0 }, { middle, 0 } };
      WeftPassOptions options = { .wanted = wanted, .n_wanted = 2 };
      g_autoptr (DrawnGraph) ordered = optimize (graph, "order", &options, NULL, NULL);
      g_autofree uint8_t *is_output = g_new0 (uint8_t, a->n_tasks);
      g_autofree uint32_t *order = g_new (uint32_t, a->n_tasks);
      WeftOrderInput input = {
        .n_tasks = a->n_tasks,
        .dep_offsets = a->input_offsets,
        .deps = a->input_tasks,
        .dependent_offsets = a->dependent_offsets,
        .dependents = a->dependents,
        .is_output = is_output,
      };
      WeftOrderFigures figures;
      WeftOrderPeak peak;

      is_output[0] = is_output[middle] = 1;
      g_assert_true (_weft_order_compute (&input, order));
      g_assert_true (_weft_order_simulate (&input, order, &peak));
      weft_order_simulate (ordered, NULL, &figures);
      g_assert_cmpuint (figures.peak_results, ==, peak.peak_results);
    }
}

/* Sources first, as such graphs are written, holds all of them; the order few. */
static void
test_order_saves_memory (void)
{
  g_autoptr (DrawnGraph) graph = take_shape (weft_shape_new_tree (256, 2));
  g_autoptr (GArray) reports = NULL;
  g_autoptr (DrawnGraph) ordered = optimize (graph, "order", NULL, NULL, &reports);
  const WeftPassReport *report = &g_array_index (reports, WeftPassReport, 0);
  WeftOrderFigures before;
  WeftOrderFigures after;
  g_autofree char *told = NULL;

  weft_order_simulate (graph, NULL, &before);
  weft_order_simulate (ordered, NULL, &after);
  told = g_strdup_printf ("at most %" G_GUINT64_FORMAT " results are held at a time, instead of "
                          "%" G_GUINT64_FORMAT,
                          after.peak_results, before.peak_results);
  g_assert_cmpuint (before.peak_results, >, 200);
  g_assert_cmpuint (after.peak_results, <=, 10);
  g_assert_nonnull (strstr (report->why, told));
}

/* Two chains of a small source, something huge and a small sum; all four ends meet in one task. By
 * count it makes no difference in which order they go, by bytes the huge ones must not be held
 * together. */
static void
test_sizes_of_hints_are_used (void)
{
  static const uint64_t bytes[] = { 1, 1, 1000, 1000, 1, 1, 1 };
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  g_autoptr (DrawnGraph) graph = NULL;
  g_autoptr (DrawnGraph) ordered = NULL;
  WeftOrderFigures figures;

  for (uint32_t i = 0; i < 7; i++)
    {
      WeftTaskOutput inputs[] = { { i == 6 ? 4 : i - 2, 0 }, { 5, 0 } };
      uint32_t n = i < 2 ? 0 : i < 6 ? 1 : 2;
      g_autofree char *key = g_strdup_printf ("t-%u", i);
      uint32_t task;

      weft_graph_builder_begin_call (builder, "mix", 0, 1);
      weft_graph_builder_arg_slots (builder, 0, n);
      task = weft_graph_builder_add_task (builder, key, -1, weft_graph_builder_end_call (builder),
                                          inputs, n);
      weft_graph_builder_set_hints (builder, task, -1, &bytes[i], 1, WEFT_NONE);
    }
  graph = weft_graph_builder_freeze (builder, NULL, NULL);
  weft_graph_builder_free (builder);
  weft_order_simulate (graph, NULL, &figures);
  g_assert_cmpuint (figures.peak_bytes, >, 2000);
  ordered = optimize (graph, "order", NULL, NULL, NULL);
  weft_order_simulate (ordered, NULL, &figures);
  g_assert_cmpuint (figures.peak_bytes, ==, 1002);
}

/* Independent tasks, drawn priorities: nothing but they decides. */
static void
test_higher_priorities_go_first (void)
{
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  g_autoptr (DrawnGraph) graph = NULL;
  g_autoptr (DrawnGraph) ordered = NULL;
  const WeftGraphArrays *a;
  uint32_t call;

  weft_graph_builder_begin_call (builder, "mix", 0, 1);
  call = weft_graph_builder_end_call (builder);
  for (int i = 0; i < 40; i++)
    {
      g_autofree char *key = g_strdup_printf ("t-%d", i);
      uint32_t task = weft_graph_builder_add_task (builder, key, -1, call, NULL, 0);
      WeftTaskAttributes attributes = { .priority = i * 7 % 5 - 2, .label = WEFT_NONE };

      if (attributes.priority != 0)
        weft_graph_builder_set_attributes (builder, task, &attributes);
    }
  graph = weft_graph_builder_freeze (builder, NULL, NULL);
  weft_graph_builder_free (builder);
  ordered = optimize (graph, "order", NULL, NULL, NULL);
  a = weft_graph_arrays (ordered);
  for (uint32_t t = 0; t < 40; t++)
    {
      uint32_t which = a->attributes_of_task[t];

      g_assert_cmpint (which != WEFT_NONE ? a->attributes[which].priority : 0, ==,
                       2 - (int) (t / 8));
    }
}

/* Members of a unit stay next to each other in their order; units go where the order wants them. */
static void
test_units_are_ordered_as_wholes (void)
{
  for (unsigned i = 0; i < 60 / test_slowdown (); i++)
    {
      WeftPassOptions options = { .fuse_width = 1 + i % 6 };
      g_autoptr (DrawnGraph) graph = draw_graph (120);
      g_autoptr (DrawnGraph) fused = optimize (graph, "fuse", &options, NULL, NULL);
      const WeftGraphArrays *a = weft_graph_arrays (fused);
      g_autofree uint32_t *new_ids = g_new (uint32_t, a->n_tasks);
      g_autoptr (DrawnGraph) ordered = optimize (fused, "order", NULL, new_ids, NULL);
      const WeftGraphArrays *b = weft_graph_arrays (ordered);

      g_assert_cmpint (a->unit_flags == NULL, ==, b->unit_flags == NULL);
      for (uint32_t t = 0; a->unit_flags != NULL && t < a->n_tasks; t++)
        {
          g_assert_cmpuint (a->unit_flags[t], ==, b->unit_flags[new_ids[t]]);
          if ((a->unit_flags[t] & WEFT_UNIT_CONTINUES) != 0)
            g_assert_cmpuint (new_ids[t], ==, new_ids[t - 1] + 1);
        }
    }
}

/* Units that are no trees, as a builder may make them: any neighbours. */
static void
test_any_units_are_ordered (void)
{
  for (unsigned i = 0; i < 100 / test_slowdown (); i++)
    {
      g_autoptr (DrawnGraph) graph = draw_graph (40);
      uint32_t n_tasks = weft_graph_arrays (graph)->n_tasks;
      g_autofree uint32_t *ids = g_new (uint32_t, n_tasks);
      g_autofree uint8_t *flags = g_new0 (uint8_t, n_tasks);
      g_autoptr (DrawnGraph) joined = NULL;
      g_autoptr (DrawnGraph) ordered = NULL;
      g_autofree int64_t *values = NULL;

      for (uint32_t t = 0; t < n_tasks; t++)
        {
          ids[t] = t;
          if (t > 0 && g_test_rand_int_range (0, 3) > 0)
            flags[t] = WEFT_UNIT_CONTINUES;
        }
      joined = weft_graph_permute (graph, ids, flags);
      ordered = optimize (joined, "order", NULL, ids, NULL);
      values = run_graph (ordered);
      for (uint32_t t = 0; t < n_tasks; t++)
        if ((flags[t] & WEFT_UNIT_CONTINUES) != 0)
          g_assert_cmpuint (ids[t], ==, ids[t - 1] + 1);
    }
}

/* Fusing gives some of the order's freedom away, but little of what it saves, whether a unit is to
 * be seen as one or by its members. */
static void
test_units_cost_little_memory (void)
{
  double sum = 0;
  const unsigned n = 60; /* a fixed sample, so that its mean is the same everywhere */

  for (unsigned i = 0; i < n; i++)
    {
      g_autoptr (WeftShape) shape = weft_shape_new_random_layered (i + 1, 20, 12, 1 + i % 2);
      g_autoptr (DrawnGraph) graph = draw_graph_of (shape, DRAW_SIZED);
      g_autoptr (DrawnGraph) ordered = optimize (graph, "order", NULL, NULL, NULL);
      g_autoptr (DrawnGraph) fused = optimize (graph, "fuse,order", NULL, NULL, NULL);
      WeftOrderFigures figures[2];

      weft_order_simulate (ordered, NULL, &figures[0]);
      weft_order_simulate (fused, NULL, &figures[1]);
      sum += (double) figures[1].peak_bytes / (double) figures[0].peak_bytes;
    }
  g_test_message ("%.4f times the peak in the mean", sum / n);
  g_assert_cmpfloat (sum / n, <=, 1.03);
}

/* Where the static order knows less than the truth, the pass still never makes things worse. */
static void
test_order_never_holds_more_than_before (void)
{
  for (unsigned i = 0; i < 1000 / test_slowdown (); i++)
    {
      g_autoptr (WeftShape) shape = weft_shape_new_random (
          (guint) g_test_rand_int (), (guint) g_test_rand_int_range (2, 16), 2);
      g_autoptr (DrawnGraph) graph = draw_graph_of (shape, DRAW_NO_PRIORITIES);
      g_autoptr (DrawnGraph) ordered = optimize (graph, "order", NULL, NULL, NULL);
      WeftOrderFigures figures[2];

      weft_order_simulate (graph, NULL, &figures[0]);
      weft_order_simulate (ordered, NULL, &figures[1]);
      g_assert_cmpuint (figures[1].peak_bytes, <=, figures[0].peak_bytes);
    }
}

/* Sizes near the end of the range do not make sums run over. */
static void
test_huge_sizes_do_no_harm (void)
{
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  uint64_t bytes = UINT64_MAX - 1;
  g_autoptr (DrawnGraph) graph = NULL;
  g_autoptr (DrawnGraph) ordered = NULL;
  uint32_t previous = 0;

  for (uint32_t i = 0; i < 50; i++)
    {
      g_autofree char *key = g_strdup_printf ("t-%u", i);
      WeftTaskOutput input = { previous, 0 };
      uint32_t n_inputs = i % 5 > 0 ? 1 : 0;

      weft_graph_builder_begin_call (builder, "mix", 0, 1);
      weft_graph_builder_arg_slots (builder, 0, n_inputs);
      previous = weft_graph_builder_add_task (
          builder, key, -1, weft_graph_builder_end_call (builder), &input, n_inputs);
      if (i % 2 == 0)
        weft_graph_builder_set_hints (builder, previous, -1, &bytes, 1, WEFT_NONE);
    }
  graph = weft_graph_builder_freeze (builder, NULL, NULL);
  weft_graph_builder_free (builder);
  ordered = optimize (graph, "order", NULL, NULL, NULL);
  g_assert_cmpuint (weft_graph_arrays (ordered)->n_tasks, ==, 50);
}

/* The aim: 100,000 tasks in 60 ms, the new graph included. */
static void
test_time_of_100000_tasks (void)
{
  static const char *const specs[] = {
    "tree:65536,3",
    "stencil:100,1000",
    "stencil:100,1000@1",
    "shuffle:316,316",
    "matmul:46,46,46",
    "map-overlap:120,120",
    "fan:100000",
    "chains:1000,100",
    "fork-join:100,1000",
    "rechunk:1000,100,20",
    "grid:316,316",
    "random-layered:1,1000,100,3",
    "random-layered:1,100,1000,3",
    "random:1,100000,3",
  };

  for (size_t i = 0; i < 2 * G_N_ELEMENTS (specs); i++)
    {
      const char *name = i % 2 == 0 ? "none" : "fuse";
      g_autoptr (DrawnGraph) drawn = take_shape (weft_shape_new_from_spec (specs[i / 2]));
      g_autoptr (DrawnGraph) graph = optimize (drawn, name, NULL, NULL, NULL);
      double least_s = G_MAXDOUBLE;

      for (int k = 0; k < 9; k++)
        {
          g_autoptr (DrawnGraph) ordered = NULL;

          g_test_timer_start ();
          ordered = weft_optimize (graph, "order", NULL, NULL, NULL, NULL);
          least_s = MIN (least_s, g_test_timer_elapsed ());
        }
      g_test_minimized_result (least_s, "%s, %u tasks, before it %s: %.1f ms", specs[i / 2],
                               weft_graph_arrays (graph)->n_tasks, name, 1e3 * least_s);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("optimize", "order-pass", "simulation-agrees-with-the-slow-one",
            test_simulation_agrees_with_the_slow_one);
  test_add ("optimize", "order-pass", "unknown-sizes-count-as-the-mean",
            test_unknown_sizes_count_as_the_mean);
  test_add ("optimize", "order-pass", "peak-is-that-of-the-static-order",
            test_peak_is_that_of_the_static_order);
  test_add ("optimize", "order-pass", "order-saves-memory", test_order_saves_memory);
  test_add ("optimize", "order-pass", "sizes-of-hints-are-used", test_sizes_of_hints_are_used);
  test_add ("optimize", "order-pass", "higher-priorities-go-first",
            test_higher_priorities_go_first);
  test_add ("optimize", "order-pass", "units-are-ordered-as-wholes",
            test_units_are_ordered_as_wholes);
  test_add ("optimize", "order-pass", "any-units-are-ordered", test_any_units_are_ordered);
  test_add ("optimize", "order-pass", "units-cost-little-memory", test_units_cost_little_memory);
  test_add ("optimize", "order-pass", "order-never-holds-more-than-before",
            test_order_never_holds_more_than_before);
  test_add ("optimize", "order-pass", "huge-sizes-do-no-harm", test_huge_sizes_do_no_harm);
  if (g_test_perf ())
    test_add ("optimize", "order-pass", "time-of-100000-tasks", test_time_of_100000_tasks);
  return g_test_run ();
}
