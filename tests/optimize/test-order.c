/* test-order.c: the static order, its passes put together, and its checker.
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */

#include "shapes.h"
#include "optimize/weft-order-private.h"

#include <string.h>

static WeftOrderInput
input_of (const WeftShape *shape)
{
  return (WeftOrderInput){
    .n_tasks = shape->n_tasks,
    .dep_offsets = shape->dep_offsets,
    .deps = shape->deps,
    .dependent_offsets = shape->dependent_offsets,
    .dependents = shape->dependents,
    .bytes = shape->bytes,
  };
}

static guint32 *
compute (const WeftOrderInput *input)
{
  guint32 *order = g_new (guint32, (gsize) input->n_tasks + 1);

  memset (order, 0xff, ((gsize) input->n_tasks + 1) * sizeof *order);
  g_assert_true (_weft_order_compute (input, order));
  g_assert_cmpuint (order[input->n_tasks], ==, G_MAXUINT32);
  return order;
}

static void
assert_topological (const WeftOrderInput *input, const guint32 *order)
{
  g_autofree guint8 *done = g_new0 (guint8, (gsize) input->n_tasks + 1);

  for (guint32 k = 0; k < input->n_tasks; k++)
    {
      g_assert_cmpuint (order[k], <, input->n_tasks);
      g_assert_false (done[order[k]]);
      for (guint32 e = input->dep_offsets[order[k]]; e < input->dep_offsets[order[k] + 1]; e++)
        g_assert_true (done[input->deps[e]]);
      done[order[k]] = TRUE;
    }
}

static WeftOrderPeak
peak_of (const WeftOrderInput *input, const guint32 *order)
{
  WeftOrderPeak peak;

  g_assert_true (_weft_order_simulate (input, order, &peak));
  return peak;
}

static WeftOrderPeak
peak_of_shape (WeftShape *shape, gboolean sized)
{
  g_autoptr (WeftShape) owned = shape;
  WeftOrderInput input = input_of (owned);
  g_autofree guint32 *order = NULL;

  if (!sized)
    input.bytes = NULL;
  order = compute (&input);
  assert_topological (&input, order);
  return peak_of (&input, order);
}

static WeftShape *
draw_graph (guint max_tasks)
{
  return weft_shape_new_random (g_test_rand_int (), g_test_rand_int_range (0, max_tasks),
                                g_test_rand_int_range (1, 6));
}

static guint8 *
draw_outputs (guint32 n_tasks)
{
  guint8 *outputs = g_new (guint8, (gsize) n_tasks + 1);

  for (guint32 t = 0; t < n_tasks; t++)
    outputs[t] = g_test_rand_int_range (0, 4) == 0;
  return outputs;
}

static gint32 *
draw_priorities (guint32 n_tasks, gint32 bound)
{
  gint32 *priorities = g_new (gint32, (gsize) n_tasks + 1);

  for (guint32 t = 0; t < n_tasks; t++)
    priorities[t] = g_test_rand_int_range (-bound, bound);
  return priorities;
}

/* --- validity */

static void
test_random_graphs_are_topological (void)
{
  for (guint round = 0; round < 400; round++)
    {
      g_autoptr (WeftShape) shape = draw_graph (120);
      g_autofree guint8 *outputs = draw_outputs (shape->n_tasks);
      g_autofree gint32 *priorities = draw_priorities (shape->n_tasks, 3);
      WeftOrderInput input = input_of (shape);
      g_autofree guint32 *order = NULL;

      if (round % 2 == 0)
        input.bytes = NULL;
      if (round % 3 == 0)
        input.is_output = outputs;
      if (round % 5 == 0)
        input.priorities = priorities;
      order = compute (&input);
      assert_topological (&input, order);
    }
}

/* Large enough that tasks are renumbered on the way. */
static void
test_large_graphs_are_topological (void)
{
  static const char *specs[] = {
    "random:1,20000,3",  "random-layered:1,20,1000,3",  "map-overlap:60,60@1",
    "stencil:300,100@1", "random-layered:1,40,500,2@1",
  };

  for (gsize k = 0; k < G_N_ELEMENTS (specs); k++)
    {
      g_autoptr (WeftShape) shape = weft_shape_new_from_spec (specs[k]);
      g_autofree guint8 *outputs = NULL;
      g_autofree guint32 *plain = NULL;
      g_autofree guint32 *holding = NULL;
      WeftOrderInput input;

      g_assert_nonnull (shape);
      input = input_of (shape);
      plain = compute (&input);
      assert_topological (&input, plain);
      outputs = draw_outputs (shape->n_tasks);
      input.is_output = outputs;
      input.bytes = NULL;
      holding = compute (&input);
      assert_topological (&input, holding);
    }
}

static void
test_same_input_gives_same_order (void)
{
  for (guint round = 0; round < 40; round++)
    {
      g_autoptr (WeftShape) shape = draw_graph (300);
      WeftOrderInput input = input_of (shape);
      g_autofree guint32 *first = compute (&input);
      g_autofree guint32 *second = compute (&input);

      g_assert_cmpmem (first, shape->n_tasks * sizeof *first, second,
                       shape->n_tasks * sizeof *second);
    }
}

/* --- the checker */

static gboolean
is_live (const WeftOrderInput *input, const guint32 *position, guint32 task, guint32 now)
{
  gboolean output = input->is_output != NULL && input->is_output[task];
  guint32 last = position[task];

  for (guint32 e = input->dependent_offsets[task]; e < input->dependent_offsets[task + 1]; e++)
    last = MAX (last, position[input->dependents[e]]);
  return position[task] <= now && (output || now <= last);
}

static WeftOrderPeak
simulate_naively (const WeftOrderInput *input, const guint32 *order)
{
  g_autofree guint32 *position = g_new (guint32, (gsize) input->n_tasks + 1);
  WeftOrderPeak peak = { 0 };

  for (guint32 k = 0; k < input->n_tasks; k++)
    position[order[k]] = k;
  for (guint32 k = 0; k < input->n_tasks; k++)
    {
      guint64 results = 0;
      guint64 bytes = 0;

      for (guint32 t = 0; t < input->n_tasks; t++)
        if (is_live (input, position, t, k))
          {
            results++;
            bytes += input->bytes != NULL ? input->bytes[t] : 1;
          }
      peak.peak_results = MAX (peak.peak_results, results);
      if (bytes > peak.peak_bytes)
        {
          peak.peak_bytes = bytes;
          peak.peak_position = k;
        }
    }
  return peak;
}

static void
test_simulation_agrees_with_definition (void)
{
  for (guint round = 0; round < 120; round++)
    {
      g_autoptr (WeftShape) shape = draw_graph (60);
      g_autofree guint8 *outputs = draw_outputs (shape->n_tasks);
      WeftOrderInput input = input_of (shape);
      g_autofree guint32 *order = NULL;
      WeftOrderPeak peak, naive;

      if (round % 2 == 0)
        input.is_output = outputs;
      if (round % 3 == 0)
        input.bytes = NULL;
      order = compute (&input);
      peak = peak_of (&input, order);
      naive = simulate_naively (&input, order);
      g_assert_cmpuint (peak.peak_results, ==, naive.peak_results);
      g_assert_cmpuint (peak.peak_bytes, ==, naive.peak_bytes);
      g_assert_cmpuint (peak.peak_position, ==, naive.peak_position);
    }
}

/* 0 and 1 feed 2; 3 reads 2 and nobody reads 3. */
static void
test_simulation_counts_inputs_with_output (void)
{
  const guint32 dep_offsets[] = { 0, 0, 0, 2, 3 };
  const guint32 deps[] = { 0, 1, 2 };
  const guint32 dependent_offsets[] = { 0, 1, 2, 3, 3 };
  const guint32 dependents[] = { 2, 2, 3 };
  const guint64 bytes[] = { 10, 20, 4, 100 };
  const guint8 outputs[] = { 1, 0, 0, 0 };
  const guint32 order[] = { 0, 1, 2, 3 };
  WeftOrderInput input = { .n_tasks = 4,
                           .dep_offsets = dep_offsets,
                           .deps = deps,
                           .dependent_offsets = dependent_offsets,
                           .dependents = dependents,
                           .bytes = bytes };
  WeftOrderPeak peak = peak_of (&input, order);

  g_assert_cmpuint (peak.peak_results, ==, 3);
  g_assert_cmpuint (peak.peak_bytes, ==, 104);
  g_assert_cmpuint (peak.peak_position, ==, 3);

  input.is_output = outputs;
  peak = peak_of (&input, order);
  g_assert_cmpuint (peak.peak_results, ==, 3);
  g_assert_cmpuint (peak.peak_bytes, ==, 114);
}

/* --- degenerate inputs */

static void
test_no_task (void)
{
  const guint32 offsets[] = { 0 };
  WeftOrderInput input = { .dep_offsets = offsets, .dependent_offsets = offsets };
  g_autofree guint32 *order = compute (&input);
  WeftOrderPeak peak = peak_of (&input, order);

  g_assert_cmpuint (peak.peak_results, ==, 0);
  g_assert_cmpuint (peak.peak_bytes, ==, 0);
}

static void
test_one_task (void)
{
  const guint32 offsets[] = { 0, 0 };
  const gint32 priority = G_MININT32;
  WeftOrderInput input = {
    .n_tasks = 1, .dep_offsets = offsets, .dependent_offsets = offsets, .priorities = &priority
  };
  g_autofree guint32 *order = compute (&input);

  g_assert_cmpuint (order[0], ==, 0);
  g_assert_cmpuint (peak_of (&input, order).peak_results, ==, 1);
}

static void
test_duplicate_edges_count_once (void)
{
  const guint32 dep_offsets[] = { 0, 3, 3, 5 };
  const guint32 deps[] = { 1, 2, 1, 1, 1 };
  const guint32 dependent_offsets[] = { 0, 0, 4, 5 };
  const guint32 dependents[] = { 0, 0, 2, 2, 0 };
  WeftOrderInput input = { .n_tasks = 3,
                           .dep_offsets = dep_offsets,
                           .deps = deps,
                           .dependent_offsets = dependent_offsets,
                           .dependents = dependents };
  g_autofree guint32 *order = compute (&input);

  assert_topological (&input, order);
  g_assert_cmpuint (peak_of (&input, order).peak_results, ==, 3);
}

static void
test_results_without_bytes (void)
{
  for (guint round = 0; round < 40; round++)
    {
      g_autoptr (WeftShape) shape = draw_graph (100);
      WeftOrderInput input = input_of (shape);
      g_autofree guint32 *order = NULL;

      for (guint32 task = 0; task < shape->n_tasks; task++) /* of no tasks there are no bytes */
        shape->bytes[task] = 0;
      order = compute (&input);
      assert_topological (&input, order);
      g_assert_cmpuint (peak_of (&input, order).peak_bytes, ==, 0);
    }
}

/* --- quality, where the best is known */

static void
test_independent_tasks_follow_ids (void)
{
  g_autoptr (WeftShape) shape = weft_shape_new_independent (100);
  WeftOrderInput input = input_of (shape);
  g_autofree guint32 *order = compute (&input);

  for (guint32 k = 0; k < 100; k++)
    g_assert_cmpuint (order[k], ==, k);
}

static void
test_known_optima (void)
{
  static const struct
  {
    const char *spec;
    guint64 results;
  } cases[] = {
    { "chains:50,40", 2 },                               /* one chain after the other */
    { "chains:50,40@3", 2 },   { "tree:1024,2", 12 },    /* Sethi-Ullman: depth + 2 */
    { "tree:1024,2@5", 12 },   { "fan:500", 501 },       /* all are wanted at once */
    { "fork-join:30,20", 21 }, { "grid:20,50", 21 },     /* the shorter side + 1 */
    { "grid:50,20@1", 21 },    { "stencil:10,200", 12 }, /* a row + 2 */
    { "bipartite:40,60", 41 }, { "shuffle:20,20", 41 },  /* inputs, pieces and one result */
  };

  for (gsize k = 0; k < G_N_ELEMENTS (cases); k++)
    {
      WeftShape *shape = weft_shape_new_from_spec (cases[k].spec);

      g_test_message ("%s", cases[k].spec);
      g_assert_nonnull (shape);
      g_assert_cmpuint (peak_of_shape (shape, FALSE).peak_results, ==, cases[k].results);
    }
}

/* A source of 100 whose reader leaves 90, and 50 sources of 1 that leave 1:
 * the big one first, or its peak comes on top of what the others leave. */
static void
test_components_with_outputs_interleave (void)
{
  g_autoptr (WeftShape) shape = weft_shape_new_chains (51, 2);
  g_autofree guint8 *outputs = g_new0 (guint8, shape->n_tasks);
  WeftOrderInput input = input_of (shape);
  g_autofree guint32 *order = NULL;

  for (guint32 c = 0; c < 51; c++)
    {
      shape->bytes[c] = c == 50 ? 100 : 1;
      shape->bytes[51 + c] = c == 50 ? 90 : 1;
      outputs[51 + c] = 1;
    }
  input.is_output = outputs;
  order = compute (&input);
  assert_topological (&input, order);
  g_assert_cmpuint (peak_of (&input, order).peak_bytes, ==, 190);
}

/* Sizes matter: the branch with the big intermediate goes first. */
static void
test_bytes_decide (void)
{
  const guint32 dep_offsets[] = { 0, 0, 1, 1, 2, 4 };
  const guint32 deps[] = { 0, 2, 1, 3 };
  const guint32 dependent_offsets[] = { 0, 1, 2, 3, 4, 4 };
  const guint32 dependents[] = { 1, 4, 3, 4 };
  const guint64 bytes[] = { 10, 9, 1000, 1, 1 };
  WeftOrderInput input = { .n_tasks = 5,
                           .dep_offsets = dep_offsets,
                           .deps = deps,
                           .dependent_offsets = dependent_offsets,
                           .dependents = dependents,
                           .bytes = bytes };
  g_autofree guint32 *order = compute (&input);

  g_assert_cmpuint (peak_of (&input, order).peak_bytes, ==, 1001);
}

/* --- priorities */

static gint32 *
effective_priorities (const WeftOrderInput *input, const guint32 *order)
{
  gint32 *effective = g_new (gint32, (gsize) input->n_tasks + 1);

  for (guint32 k = input->n_tasks; k-- > 0;)
    {
      guint32 task = order[k];

      effective[task] = input->priorities[task];
      for (guint32 e = input->dependent_offsets[task]; e < input->dependent_offsets[task + 1]; e++)
        effective[task] = MAX (effective[task], effective[input->dependents[e]]);
    }
  return effective;
}

static void
test_higher_priority_goes_first (void)
{
  for (guint round = 0; round < 100; round++)
    {
      g_autoptr (WeftShape) shape = draw_graph (150);
      g_autofree gint32 *priorities = draw_priorities (shape->n_tasks, round % 2 ? 2 : G_MAXINT32);
      WeftOrderInput input = input_of (shape);
      g_autofree guint32 *order = NULL;
      g_autofree gint32 *effective = NULL;

      input.priorities = priorities;
      order = compute (&input);
      assert_topological (&input, order);
      effective = effective_priorities (&input, order);
      for (guint32 k = 1; k < input.n_tasks; k++)
        g_assert_cmpint (effective[order[k - 1]], >=, effective[order[k]]);
    }
}

static void
test_equal_priorities_change_nothing (void)
{
  g_autoptr (WeftShape) shape = weft_shape_new_random (7, 200, 3);
  g_autofree gint32 *priorities = g_new (gint32, shape->n_tasks);
  WeftOrderInput input = input_of (shape);
  g_autofree guint32 *without = compute (&input);
  g_autofree guint32 *with = NULL;

  for (guint32 t = 0; t < shape->n_tasks; t++)
    priorities[t] = -5;
  input.priorities = priorities;
  with = compute (&input);
  g_assert_cmpmem (with, shape->n_tasks * sizeof *with, without, shape->n_tasks * sizeof *without);
}

/* --- cost, in steps: the same on every machine */

static double
steps_a_visit (const char *spec)
{
  g_autoptr (WeftShape) shape = weft_shape_new_from_spec (spec);
  g_autofree guint32 *order = NULL;
  WeftOrderInput input;
  WeftOrderStats stats;

  g_assert_nonnull (shape);
  input = input_of (shape);
  order = g_new (guint32, shape->n_tasks);
  g_assert_true (_weft_order_compute_full (&input, order, &stats));
  g_test_message ("%s: %" G_GUINT64_FORMAT " steps", spec, stats.n_steps);
  return (double) stats.n_steps / ((double) shape->n_tasks + (double) shape->n_edges);
}

/* Ten times the graph may cost ten times the steps and little more. */
static void
test_steps_are_linear (void)
{
  static const char *pairs[][2] = {
    { "fan:20000", "fan:200000" },
    { "chains:20000,5", "chains:200000,5" },
    { "chains:1,100000", "chains:1,1000000" },
    { "bipartite:300,300", "bipartite:1000,900" },
    { "independent:100000", "independent:1000000" },
    { "fork-join:1000,20", "fork-join:10000,20" },
    { "stencil:200,100", "stencil:2000,100" },
    { "tree:10000,2", "tree:100000,2" },
    { "random-layered:1,20,500,3", "random-layered:1,20,5000,3" },
    { "shuffle:100,100", "shuffle:316,316" },
  };

  for (gsize k = 0; k < G_N_ELEMENTS (pairs); k++)
    {
      double small = steps_a_visit (pairs[k][0]);
      double large = steps_a_visit (pairs[k][1]);

      g_assert_cmpfloat (large, <, 1.6 * small + 4);
      g_assert_cmpfloat (large, <, 80);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

#define ADD(path, name) g_test_add_func ("/weft/optimize/order/" path, test_##name)
  ADD ("random-graphs-are-topological", random_graphs_are_topological);
  ADD ("large-graphs-are-topological", large_graphs_are_topological);
  ADD ("same-input-gives-same-order", same_input_gives_same_order);
  ADD ("simulation-agrees-with-definition", simulation_agrees_with_definition);
  ADD ("simulation-counts-inputs-with-output", simulation_counts_inputs_with_output);
  ADD ("no-task", no_task);
  ADD ("one-task", one_task);
  ADD ("duplicate-edges-count-once", duplicate_edges_count_once);
  ADD ("results-without-bytes", results_without_bytes);
  ADD ("independent-tasks-follow-ids", independent_tasks_follow_ids);
  ADD ("known-optima", known_optima);
  ADD ("components-with-outputs-interleave", components_with_outputs_interleave);
  ADD ("bytes-decide", bytes_decide);
  ADD ("higher-priority-goes-first", higher_priority_goes_first);
  ADD ("equal-priorities-change-nothing", equal_priorities_change_nothing);
  ADD ("steps-are-linear", steps_are_linear);
#undef ADD

  return g_test_run ();
}
