/* test-engine.c: the engine gives the same outputs whatever passes were run before
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Random graphs of built-in operations: numbers, lists of them inside of lists, constants to fold,
 * chains to fuse, order-only edges, outputs of which some are asked for.
 */
#include "config.h"

#include "optimize/draw.h"
#include "sched/weft-engine.h"
#include "test-support.h"

#define ALL_PASSES "cull,inline,fuse,order"

static bool
has_flag (const char *op, void *registry, uint32_t flag)
{
  return (weft_op_registry_find (registry, op, 0)->flags & flag) != 0;
}

static bool
is_cheap (const char *op, void *registry)
{
  return has_flag (op, registry, WEFT_OP_CHEAP);
}

static bool
is_pure (const char *op, void *registry)
{
  return has_flag (op, registry, WEFT_OP_PURE);
}

/* A list is what no other operation here may read, so only sinks give one. */
static const char *
draw_name (uint32_t n_inputs, bool is_sink)
{
  static const char *const names[] = { "sum", "max", "min", "len", "neg" };

  if (n_inputs == 0)
    return "const";
  if (is_sink && g_test_rand_bit ())
    return "list";
  return names[g_test_rand_int_range (0, n_inputs == 1 ? 5 : 4)];
}

static uint32_t
draw_builtin_call (WeftGraphBuilder *builder, uint32_t n_inputs, bool is_sink)
{
  const char *name = draw_name (n_inputs, is_sink);

  weft_graph_builder_begin_call (builder, name, 0, 1);
  if (n_inputs == 0)
    weft_graph_builder_arg_int64 (builder, g_test_rand_int_range (-50, 50));
  else if (strcmp (name, "neg") == 0)
    weft_graph_builder_arg_slot (builder, 0);
  else
    {
      weft_graph_builder_arg_begin_list (builder);
      weft_graph_builder_arg_slots (builder, 0, n_inputs);
      weft_graph_builder_arg_int64 (builder, g_test_rand_int_range (0, 9));
      weft_graph_builder_arg_slot (builder, n_inputs - 1);
      weft_graph_builder_arg_end (builder);
    }
  return weft_graph_builder_end_call (builder);
}

/* Edges become inputs, a few order-only ones. */
static void
add_task (WeftGraphBuilder *builder, const WeftShape *shape, uint32_t task)
{
  bool is_sink = shape->dependent_offsets[task] == shape->dependent_offsets[task + 1];
  g_autofree WeftTaskOutput *inputs = g_new (WeftTaskOutput, shape->n_edges + 1);
  g_autofree char *key = g_strdup_printf ("t-%u", task);
  uint32_t n = 0;

  for (uint32_t e = shape->dep_offsets[task]; e < shape->dep_offsets[task + 1]; e++)
    if (g_test_rand_int_range (0, 8) > 0)
      add_distinct (inputs, &n, (WeftTaskOutput){ shape->deps[e], 0 });
    else
      weft_graph_builder_add_after (builder, task, shape->deps[e]);
  weft_graph_builder_add_task (builder, key, -1, draw_builtin_call (builder, n, is_sink), inputs,
                               n);
  if (task == shape->n_tasks - 1 || g_test_rand_int_range (0, is_sink ? 2 : 10) == 0)
    weft_graph_builder_want (builder, task, 0);
}

static WeftGraph *
draw_runnable (uint32_t max_tasks)
{
  g_autoptr (WeftShape) shape = weft_shape_new_random (
      (guint) g_test_rand_int (), (guint) g_test_rand_int_range (1, (gint32) max_tasks),
      (guint) g_test_rand_int_range (1, 5));
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  g_autoptr (GError) error = NULL;
  WeftGraph *graph;

  for (uint32_t t = 0; t < shape->n_tasks; t++)
    {
      g_autofree char *key = g_strdup_printf ("t-%u", t);

      weft_graph_builder_mention (builder, key, -1);
    }
  for (uint32_t t = 0; t < shape->n_tasks; t++)
    add_task (builder, shape, t);
  graph = weft_graph_builder_freeze (builder, NULL, &error);
  g_assert_no_error (error);
  weft_graph_builder_free (builder);
  return graph;
}

/* The wanted outputs. (transfer full) */
static WeftValue *
run_by_engine (WeftEngine *engine, WeftGraph *graph)
{
  const WeftGraphArrays *a = weft_graph_arrays (graph);
  WeftValue *values = g_new0 (WeftValue, (size_t) a->n_wanted + 1);
  g_autoptr (GError) error = NULL;
  WeftRun *run = weft_run_new (engine, graph, NULL, &error);

  g_assert_no_error (error);
  weft_run_start (run);
  g_assert_true (weft_run_wait (run, -1));
  g_assert_cmpint (weft_run_phase (run), ==, WEFT_RUN_DONE);
  for (uint32_t i = 0; i < a->n_wanted; i++)
    g_assert_true (weft_run_result (run, 0, a->wanted[i].task, a->wanted[i].output, &values[i]));
  weft_run_unref (run);
  return values;
}

static void
free_values (WeftValue *values, uint32_t n)
{
  for (uint32_t i = 0; i < n; i++)
    weft_value_unref (&values[i]);
  g_free (values);
}

static void
assert_same_outputs (WeftEngine *engine, WeftGraph *graph, const WeftValue *expected,
                     const char *names, const WeftPassOptions *options)
{
  uint32_t n = weft_graph_arrays (graph)->n_wanted;
  g_autoptr (DrawnGraph) optimized = optimize (graph, names, options, NULL, NULL);
  WeftValue *values = run_by_engine (engine, optimized);

  g_assert_cmpuint (weft_graph_arrays (optimized)->n_wanted, ==, n);
  for (uint32_t i = 0; i < n; i++)
    if (!weft_value_equal (&values[i], &expected[i]))
      g_error ("output %u is another one after %s", i, names);
  free_values (values, n);
}

/* Each pass alone, all, and all but one. */
static void
test_outputs_do_not_depend_on_passes (void)
{
  static const char *const names[] = {
    "cull",
    "inline",
    "fuse",
    "order",
    ALL_PASSES,
    "inline,fuse,order",
    "cull,fuse,order",
    "cull,inline,order",
    "cull,inline,fuse",
  };
  WeftOpRegistry *registry = weft_op_registry_new ();
  WeftPassOps ops = { is_cheap, is_pure, registry };

  for (unsigned i = 0; i < 40 / test_slowdown (); i++)
    {
      WeftEngineOptions how = { .n_workers = 1 + i % 4, .registry = registry };
      WeftPassOptions options = { .ops = &ops,
                                  .fuse_width = (uint32_t) g_test_rand_int_range (0, 20) };
      WeftEngine *engine = weft_engine_new (&how, NULL);
      g_autoptr (DrawnGraph) graph = draw_runnable (200);
      WeftValue *expected = run_by_engine (engine, graph);

      for (size_t k = 0; k < G_N_ELEMENTS (names); k++)
        assert_same_outputs (engine, graph, expected, names[k], &options);
      free_values (expected, weft_graph_arrays (graph)->n_wanted);
      weft_engine_free (engine);
    }
  weft_op_registry_unref (registry);
}

/* The sample above is one on which each pass has work. */
static void
test_passes_have_work (void)
{
  WeftOpRegistry *registry = weft_op_registry_new ();
  WeftPassOps ops = { is_cheap, is_pure, registry };
  WeftPassOptions options = { .ops = &ops };
  uint64_t n_gone[3] = { 0 };

  for (int i = 0; i < 40; i++)
    {
      g_autoptr (DrawnGraph) graph = draw_runnable (200);
      g_autoptr (GArray) reports = NULL;
      g_autoptr (DrawnGraph) optimized = optimize (graph, ALL_PASSES, &options, NULL, &reports);

      for (int k = 0; k < 3; k++)
        {
          WeftPassReport *report = &g_array_index (reports, WeftPassReport, k);

          n_gone[k] += report->n_tasks_before - report->n_tasks_after;
        }
      g_assert_nonnull (optimized);
    }
  for (int k = 0; k < 3; k++)
    g_assert_cmpuint (n_gone[k], >, 100);
  weft_op_registry_unref (registry);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("optimize", "engine", "outputs-do-not-depend-on-passes",
            test_outputs_do_not_depend_on_passes);
  test_add ("optimize", "engine", "passes-have-work", test_passes_have_work);
  return g_test_run ();
}
