/* test-inline.c: constants become literals of the calls that read them
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "optimize/draw.h"
#include "test-support.h"

static uint32_t
add_const (WeftGraphBuilder *builder, const char *key, int64_t i)
{
  weft_graph_builder_begin_call (builder, "const", 0, 1);
  weft_graph_builder_arg_int64 (builder, i);
  return weft_graph_builder_add_task (builder, key, -1, weft_graph_builder_end_call (builder), NULL,
                                      0);
}

/* mix ([n slots]) */
static uint32_t
add_list (WeftGraphBuilder *builder, const char *key, const WeftTaskOutput *inputs, uint32_t n)
{
  weft_graph_builder_begin_call (builder, "mix", 0, 1);
  weft_graph_builder_arg_begin_list (builder);
  weft_graph_builder_arg_slots (builder, 0, n);
  weft_graph_builder_arg_end (builder);
  return weft_graph_builder_add_task (builder, key, -1, weft_graph_builder_end_call (builder),
                                      inputs, n);
}

static WeftGraph *
freeze (WeftGraphBuilder *builder)
{
  g_autoptr (GError) error = NULL;
  WeftGraph *graph = weft_graph_builder_freeze (builder, NULL, &error);

  g_assert_no_error (error);
  weft_graph_builder_free (builder);
  return graph;
}

static WeftGraph *
fold (WeftGraph *graph)
{
  static const WeftPassOptions options = { .ops = &const_ops };

  return optimize (graph, "inline", &options, NULL, NULL);
}

static uint32_t
n_tasks (const WeftGraph *graph)
{
  return weft_graph_arrays (graph)->n_tasks;
}

/* [source, 5, source2, source3] is one list of a slot, a literal and a run. */
static void
test_run_of_slots_falls_apart_around_a_literal (void)
{
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  uint32_t a = add_list (builder, "a", NULL, 0);
  uint32_t five = add_const (builder, "five", 5);
  uint32_t b = add_list (builder, "b", NULL, 0);
  uint32_t c = add_list (builder, "c", NULL, 0);
  WeftTaskOutput inputs[] = { { a, 0 }, { five, 0 }, { b, 0 }, { c, 0 } };
  g_autoptr (DrawnGraph) graph = NULL;
  g_autoptr (DrawnGraph) folded = NULL;
  const WeftGraphArrays *arrays;
  const WeftArg *list;

  add_list (builder, "all", inputs, 4);
  graph = freeze (builder);
  folded = fold (graph);
  arrays = weft_graph_arrays (folded);
  g_assert_cmpuint (arrays->n_tasks, ==, 4);
  g_assert_cmpuint (weft_graph_n_inputs (arrays, 3), ==, 3);
  list = &arrays->args[arrays->calls[arrays->call_of_task[3]].args];
  g_assert_cmpuint (list[0].kind, ==, WEFT_ARG_LIST);
  g_assert_cmpuint (list[0].count, ==, 3);
  g_assert_cmpuint (list[0].skip, ==, 4);
  g_assert_cmpuint (list[1].kind, ==, WEFT_ARG_SLOT);
  g_assert_cmpuint (list[2].kind, ==, WEFT_ARG_INT64);
  g_assert_cmpint (list[2].u.i, ==, 5);
  g_assert_cmpuint (list[3].kind, ==, WEFT_ARG_SLOTS);
  g_assert_cmpuint (list[3].u.slot.first, ==, 1);
  g_assert_cmpuint (list[3].count, ==, 2);
}

/* However the literal came in, equal calls have one number. */
static void
test_equal_calls_are_one (void)
{
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  uint32_t a = add_list (builder, "a", NULL, 0);
  uint32_t five = add_const (builder, "five", 5);
  uint32_t also = add_const (builder, "also-five", 5);
  g_autoptr (DrawnGraph) graph = NULL;
  g_autoptr (DrawnGraph) folded = NULL;
  const WeftGraphArrays *arrays;

  add_list (builder, "x", (WeftTaskOutput[]){ { a, 0 }, { five, 0 } }, 2);
  add_list (builder, "y", (WeftTaskOutput[]){ { a, 0 }, { also, 0 } }, 2);
  weft_graph_builder_begin_call (builder, "mix", 0, 1);
  weft_graph_builder_arg_begin_list (builder);
  weft_graph_builder_arg_slot (builder, 0);
  weft_graph_builder_arg_int64 (builder, 5);
  weft_graph_builder_arg_end (builder);
  weft_graph_builder_add_task (builder, "z", -1, weft_graph_builder_end_call (builder),
                               (WeftTaskOutput[]){ { a, 0 } }, 1);
  graph = freeze (builder);
  folded = fold (graph);
  arrays = weft_graph_arrays (folded);
  g_assert_cmpuint (arrays->n_tasks, ==, 4);
  g_assert_cmpuint (arrays->n_calls, ==, weft_graph_arrays (graph)->n_calls);
  g_assert_cmpuint (arrays->call_of_task[1], ==, arrays->call_of_task[2]);
  g_assert_cmpuint (arrays->call_of_task[1], ==, arrays->call_of_task[3]);
}

/* [c0, c1, a, b] and a list that had a and b with a constant's slot between the numbers. */
static void
test_neighbours_become_one_run (void)
{
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  uint32_t a = add_list (builder, "a", NULL, 0);
  uint32_t b = add_list (builder, "b", NULL, 0);
  uint32_t five = add_const (builder, "five", 5);
  g_autoptr (DrawnGraph) graph = NULL;
  g_autoptr (DrawnGraph) folded = NULL;
  const WeftGraphArrays *arrays;
  const WeftArg *nodes;

  weft_graph_builder_begin_call (builder, "mix", 0, 1);
  weft_graph_builder_arg_slots (builder, 0, 3);
  weft_graph_builder_arg_begin_list (builder);
  weft_graph_builder_arg_slot (builder, 0);
  weft_graph_builder_arg_slot (builder, 2);
  weft_graph_builder_arg_end (builder);
  weft_graph_builder_add_task (builder, "z", -1, weft_graph_builder_end_call (builder),
                               (WeftTaskOutput[]){ { a, 0 }, { five, 0 }, { b, 0 } }, 3);
  graph = freeze (builder);
  folded = fold (graph);
  arrays = weft_graph_arrays (folded);
  nodes = &arrays->args[arrays->calls[arrays->call_of_task[2]].args];
  g_assert_cmpuint (nodes[1].kind, ==, WEFT_ARG_INT64);
  g_assert_cmpuint (nodes[3].kind, ==, WEFT_ARG_LIST);
  g_assert_cmpuint (nodes[3].count, ==, 1);
  g_assert_cmpuint (nodes[3].skip, ==, 2);
  g_assert_cmpuint (nodes[4].kind, ==, WEFT_ARG_SLOTS);
  g_assert_cmpuint (nodes[4].count, ==, 2);
}

/* Why a constant may have to stay: each makes one of a graph where it would go. */
enum
{
  GOES,
  WANTED,
  UNREAD,
  HAS_AFTER,
  HAS_METADATA,
  HAS_RESOURCE,
  MANY_NODES,
  MUCH_TEXT,
  READER_WITHOUT_OP,
  READER_TOO_DEEP,
  OTHER_OP,
  TWO_ARGUMENTS,
  N_REASONS
};

static uint32_t
add_special_const (WeftGraphBuilder *builder, int reason)
{
  g_autofree char *text = g_strnfill (2000, 'x');

  weft_graph_builder_begin_call (builder, reason == OTHER_OP ? "mix" : "const", 0, 1);
  weft_graph_builder_arg_begin_list (builder);
  for (int i = 0; i < (reason == MANY_NODES ? 30 : 2); i++)
    weft_graph_builder_arg_int64 (builder, i);
  weft_graph_builder_arg_end (builder);
  if (reason == TWO_ARGUMENTS)
    weft_graph_builder_arg_int64 (builder, 1);
  if (reason == MUCH_TEXT)
    {
      weft_graph_builder_end_call (builder);
      weft_graph_builder_begin_call (builder, "const", 0, 1);
      weft_graph_builder_arg_string (builder, text, -1);
    }
  return weft_graph_builder_add_task (builder, "c", -1, weft_graph_builder_end_call (builder), NULL,
                                      0);
}

static void
add_special_reader (WeftGraphBuilder *builder, int reason, uint32_t constant)
{
  int n_lists = WEFT_GRAPH_MAX_DEPTH - (reason == READER_TOO_DEEP ? 0 : 1);

  weft_graph_builder_begin_call (builder, reason == READER_WITHOUT_OP ? NULL : "mix", 0, 1);
  for (int i = 0; i < n_lists; i++)
    weft_graph_builder_arg_begin_list (builder);
  weft_graph_builder_arg_slot (builder, 0);
  for (int i = 0; i < n_lists; i++)
    weft_graph_builder_arg_end (builder);
  weft_graph_builder_add_task (builder, "reader", -1, weft_graph_builder_end_call (builder),
                               &(WeftTaskOutput){ constant, 0 }, 1);
}

static WeftGraph *
make_special (int reason)
{
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  uint32_t before = add_list (builder, "before", NULL, 0);
  uint32_t constant = add_special_const (builder, reason);
  WeftResourceNeed need = { weft_graph_builder_string (builder, "gpu"), 0, 1.0 };
  WeftTaskAttributes attributes = {
    .label = WEFT_NONE,
    .retries = 3,
    .metadata = reason == HAS_METADATA ? (char *) "{\"files\": [\"x\"]}" : NULL,
    .n_resources = reason == HAS_RESOURCE,
    .resources = &need,
  };

  weft_graph_builder_set_attributes (builder, constant, &attributes);
  if (reason != UNREAD)
    add_special_reader (builder, reason, constant);
  if (reason == HAS_AFTER)
    weft_graph_builder_add_after (builder, constant, before);
  if (reason == WANTED)
    weft_graph_builder_want (builder, constant, 0);
  return freeze (builder);
}

static void
test_constants_stay_for_a_reason (void)
{
  for (int reason = GOES; reason < N_REASONS; reason++)
    {
      g_autoptr (DrawnGraph) graph = make_special (reason);
      g_autoptr (DrawnGraph) folded = fold (graph);
      uint32_t found = weft_graph_find (folded, "c", -1);

      g_test_message ("reason %d", reason);
      g_assert_cmpint (found == WEFT_NONE, ==, reason == GOES);
      g_assert_cmpint (folded == graph, ==, reason != GOES);
    }
}

/* Passes know no operations by themselves. */
static void
test_operations_must_be_cheap_and_pure (void)
{
  static const WeftPassOps ops[] = { { is_const, is_nothing, NULL },
                                     { is_nothing, is_const, NULL } };
  g_autoptr (DrawnGraph) graph = make_special (GOES);

  for (int i = 0; i < 3; i++)
    {
      WeftPassOptions options = { .ops = i < 2 ? &ops[i] : NULL };
      g_autoptr (DrawnGraph) folded = optimize (graph, "inline", &options, NULL, NULL);

      g_assert_true (folded == graph);
    }
}

/* What comes after a constant need not wait for it. */
static void
test_order_only_edges_to_constants_go (void)
{
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  uint32_t five = add_const (builder, "five", 5);
  uint32_t a = add_list (builder, "a", NULL, 0);
  uint32_t b = add_list (builder, "b", &(WeftTaskOutput){ five, 0 }, 1);
  g_autoptr (DrawnGraph) graph = NULL;
  g_autoptr (DrawnGraph) folded = NULL;
  const WeftGraphArrays *arrays;

  weft_graph_builder_add_after (builder, a, five);
  weft_graph_builder_add_after (builder, b, a);
  graph = freeze (builder);
  folded = fold (graph);
  arrays = weft_graph_arrays (folded);
  g_assert_cmpuint (arrays->n_tasks, ==, 2);
  g_assert_cmpuint (arrays->n_edges, ==, 1);
  g_assert_cmpuint (arrays->after_tasks[arrays->after_offsets[1]], ==, 0);
}

static int n_freed;

static void
count_free_cb (gpointer object)
{
  n_freed++;
}

/* Objects live until the last graph that may use them is gone, and are let go once. */
static void
test_objects_are_let_go_once (void)
{
  static int64_t object = 77;
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  g_autoptr (DrawnGraph) graph = NULL;
  g_autoptr (DrawnGraph) folded = NULL;
  g_autofree int64_t *before = NULL;
  g_autofree int64_t *after = NULL;
  uint32_t constant;

  weft_graph_builder_begin_call (builder, "const", 0, 1);
  weft_graph_builder_arg_constant (builder, &object, count_free_cb);
  constant = weft_graph_builder_add_task (builder, "c", -1, weft_graph_builder_end_call (builder),
                                          NULL, 0);
  add_list (builder, "x", &(WeftTaskOutput){ constant, 0 }, 1);
  graph = freeze (builder);
  folded = fold (graph);
  g_assert_cmpuint (n_tasks (folded), ==, 1);
  before = run_graph (graph);
  g_clear_pointer (&graph, weft_graph_unref);
  g_assert_cmpint (n_freed, ==, 0);
  after = run_graph (folded);
  g_assert_cmpint (before[1], ==, after[0]);
  g_clear_pointer (&folded, weft_graph_unref);
  g_assert_cmpint (n_freed, ==, 1);
}

/* Everything that goes by string ids and places is as before. */
static void
test_texts_and_attributes_are_kept (void)
{
  WeftLocation where = { "graph.json", 17, 4, 0 };
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  WeftResourceNeed needs[] = { { weft_graph_builder_string (builder, "gpu"), 0, 2.0 } };
  WeftTaskAttributes attributes = { .priority = 3,
                                    .label = weft_graph_builder_string (builder, "the label"),
                                    .metadata = (char *) "{\"a\": 1}",
                                    .n_resources = 1,
                                    .resources = needs };
  uint32_t five = add_const (builder, "five", 5);
  g_autoptr (DrawnGraph) graph = NULL;
  g_autoptr (DrawnGraph) folded = NULL;
  const WeftGraphArrays *arrays;
  const WeftTaskAttributes *kept;
  uint32_t task;

  weft_graph_builder_set_name (builder, "named");
  weft_graph_builder_set_metadata (builder, "{\"m\": 2}");
  weft_graph_builder_set_location (builder, &where);
  task = add_list (builder, "inc-7", &(WeftTaskOutput){ five, 0 }, 1);
  weft_graph_builder_set_attributes (builder, task, &attributes);
  graph = freeze (builder);
  folded = fold (graph);
  g_clear_pointer (&graph, weft_graph_unref);

  arrays = weft_graph_arrays (folded);
  kept = &arrays->attributes[arrays->attributes_of_task[0]];
  g_assert_cmpstr (weft_graph_name (folded), ==, "named");
  g_assert_cmpstr (weft_graph_metadata (folded), ==, "{\"m\": 2}");
  g_assert_cmpstr (weft_graph_group_name (folded, arrays->group_of_task[0]), ==, "inc");
  g_assert_cmpuint (weft_graph_find (folded, "inc-7", -1), ==, 0);
  g_assert_cmpuint (weft_graph_find (folded, "five", -1), ==, WEFT_NONE);
  g_assert_cmpstr (weft_graph_string (folded, kept->label), ==, "the label");
  g_assert_cmpstr (weft_graph_string (folded, kept->resources[0].name), ==, "gpu");
  g_assert_cmpfloat (kept->resources[0].amount, ==, 2.0);
  g_assert_cmpstr (kept->metadata, ==, "{\"a\": 1}");
  g_assert_cmpuint (arrays->call_locations[arrays->call_of_task[0]].line, ==, 17);
  g_assert_cmpuint (weft_graph_memory_bytes (folded), >, 0);
}

/* Templates that turn out to be known leave nothing behind. */
static void
test_equal_calls_take_no_memory (void)
{
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  uint32_t five = add_const (builder, "five", 5);
  g_autoptr (DrawnGraph) graph = NULL;
  g_autoptr (DrawnGraph) folded = NULL;

  for (int i = 0; i < 1000; i++)
    {
      g_autofree char *key = g_strdup_printf ("x-%d", i);

      add_list (builder, key, &(WeftTaskOutput){ five, 0 }, 1);
    }
  graph = freeze (builder);
  folded = fold (graph);
  g_assert_cmpuint (weft_graph_arrays (folded)->n_calls, ==, 3);
  g_assert_cmpuint (weft_graph_memory_bytes (folded), <=, weft_graph_memory_bytes (graph));
}

/* Many constants and calls: the table of calls grows on the way. */
static void
test_many_different_calls (void)
{
  enum
  {
    N = 3000
  };
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  g_autoptr (DrawnGraph) graph = NULL;
  g_autoptr (DrawnGraph) folded = NULL;
  const WeftGraphArrays *arrays;
  uint32_t a = add_list (builder, "a", NULL, 0);

  for (int i = 0; i < N; i++)
    {
      g_autofree char *constant = g_strdup_printf ("c-%d", i);
      g_autofree char *key = g_strdup_printf ("x-%d", i);
      uint32_t task = add_const (builder, constant, i / 2);

      add_list (builder, key, (WeftTaskOutput[]){ { task, 0 }, { a, 0 } }, 2);
    }
  graph = freeze (builder);
  folded = fold (graph);
  arrays = weft_graph_arrays (folded);
  g_assert_cmpuint (arrays->n_tasks, ==, N + 1);
  g_assert_cmpuint (arrays->n_calls, ==, weft_graph_arrays (graph)->n_calls + N / 2);
  for (int i = 0; i < N; i++)
    g_assert_cmpint (arrays->args[arrays->calls[arrays->call_of_task[i + 1]].args + 1].u.i, ==,
                     i / 2);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("optimize", "inline", "run-of-slots-falls-apart-around-a-literal",
            test_run_of_slots_falls_apart_around_a_literal);
  test_add ("optimize", "inline", "equal-calls-are-one", test_equal_calls_are_one);
  test_add ("optimize", "inline", "neighbours-become-one-run", test_neighbours_become_one_run);
  test_add ("optimize", "inline", "constants-stay-for-a-reason", test_constants_stay_for_a_reason);
  test_add ("optimize", "inline", "operations-must-be-cheap-and-pure",
            test_operations_must_be_cheap_and_pure);
  test_add ("optimize", "inline", "order-only-edges-to-constants-go",
            test_order_only_edges_to_constants_go);
  test_add ("optimize", "inline", "objects-are-let-go-once", test_objects_are_let_go_once);
  test_add ("optimize", "inline", "texts-and-attributes-are-kept",
            test_texts_and_attributes_are_kept);
  test_add ("optimize", "inline", "equal-calls-take-no-memory", test_equal_calls_take_no_memory);
  test_add ("optimize", "inline", "many-different-calls", test_many_different_calls);
  return g_test_run ();
}
