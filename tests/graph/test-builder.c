/* test-builder.c: from tasks and edges to frozen arrays
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "graph-support.h"
#include "graph/weft-graph-file.h"
#include "test-support.h"

static WeftGraph *
freeze (WeftGraphBuilder *builder, uint32_t *new_ids)
{
  g_autoptr (GError) error = NULL;
  WeftGraph *graph = weft_graph_builder_freeze (builder, new_ids, &error);

  g_assert_no_error (error);
  weft_graph_builder_free (builder);
  g_assert_true (weft_graph_validate (graph, &error));
  g_assert_no_error (error);
  return graph;
}

/* A call that reads n inputs, as one list. */
static uint32_t
call_of (WeftGraphBuilder *builder, uint32_t n_inputs, uint32_t n_outputs)
{
  weft_graph_builder_begin_call (builder, "f", 0, n_outputs);
  weft_graph_builder_arg_begin_list (builder);
  weft_graph_builder_arg_slots (builder, 0, n_inputs);
  weft_graph_builder_arg_end (builder);
  return weft_graph_builder_end_call (builder);
}

static uint32_t
add (WeftGraphBuilder *builder, const char *key, uint32_t n_inputs, const WeftTaskOutput *inputs)
{
  return weft_graph_builder_add_task (builder, key, -1, call_of (builder, n_inputs, 1), inputs,
                                      n_inputs);
}

static void
assert_key (const WeftGraph *graph, uint32_t task, const char *expected)
{
  g_autofree char *key = weft_graph_dup_key (graph, task);

  g_assert_cmpstr (key, ==, expected);
  g_assert_cmpuint (weft_graph_find (graph, expected, -1), ==, task);
}

/* ---- edges and ids --------------------------------------------------------------------------- */

/* A random graph as plain lists, to compare with. */
typedef struct
{
  uint32_t n;
  GArray **inputs; /* by builder id: ids */
  GArray **afters;
} Plain;

static void
plain_init (Plain *plain, uint32_t n)
{
  plain->n = n;
  plain->inputs = g_new (GArray *, n);
  plain->afters = g_new (GArray *, n);
  for (uint32_t t = 0; t < n; t++)
    {
      plain->inputs[t] = g_array_new (FALSE, FALSE, sizeof (uint32_t));
      plain->afters[t] = g_array_new (FALSE, FALSE, sizeof (uint32_t));
    }
}

static void
plain_clear (Plain *plain)
{
  for (uint32_t t = 0; t < plain->n; t++)
    {
      g_array_unref (plain->inputs[t]);
      g_array_unref (plain->afters[t]);
    }
  g_free (plain->inputs);
  g_free (plain->afters);
}

static bool
contains (const GArray *ids, uint32_t id)
{
  for (guint i = 0; i < ids->len; i++)
    if (g_array_index (ids, uint32_t, i) == id)
      return true;
  return false;
}

/* Edges lead from lower to higher rank; rank is a random permutation, or the id itself. */
static void
draw_edges (Plain *plain, const uint32_t *rank)
{
  for (uint32_t t = 0; t < plain->n; t++)
    for (int i = g_test_rand_int_range (0, 5); i > 0; i--)
      {
        uint32_t from = (uint32_t) g_test_rand_int_range (0, (gint32) plain->n);
        GArray *edges = random_chance (70) ? plain->inputs[t] : plain->afters[t];

        if (rank[from] < rank[t] && !contains (edges, from))
          g_array_append_val (edges, from);
      }
}

static uint32_t *
draw_rank (uint32_t n, bool shuffled)
{
  uint32_t *rank = g_new (uint32_t, n);

  for (uint32_t t = 0; t < n; t++)
    rank[t] = t;
  for (uint32_t t = n; shuffled && t-- > 1;)
    {
      uint32_t other = (uint32_t) g_test_rand_int_range (0, (gint32) t + 1);
      uint32_t swapped = rank[t];

      rank[t] = rank[other];
      rank[other] = swapped;
    }
  return rank;
}

static WeftGraph *
build_plain (const Plain *plain, uint32_t *new_ids)
{
  WeftGraphBuilder *builder = weft_graph_builder_new ();

  for (uint32_t t = 0; t < plain->n; t++)
    {
      g_autofree char *key = g_strdup_printf ("t-%u", t);

      g_assert_cmpuint (weft_graph_builder_mention (builder, key, -1), ==, t);
    }
  for (uint32_t i = 0; i < plain->n; i++)
    {
      uint32_t t = (i * 7 + 3) % plain->n; /* added in another order than mentioned */
      g_autofree char *key = g_strdup_printf ("t-%u", t);
      WeftTaskOutput inputs[8];

      for (guint k = 0; k < plain->inputs[t]->len; k++)
        inputs[k] = (WeftTaskOutput){ g_array_index (plain->inputs[t], uint32_t, k), 0 };
      g_assert_cmpuint (add (builder, key, plain->inputs[t]->len, inputs), ==, t);
      for (guint k = 0; k < plain->afters[t]->len; k++)
        for (int times = 0; times < 2; times++) /* said twice, there once */
          weft_graph_builder_add_after (builder, t, g_array_index (plain->afters[t], uint32_t, k));
    }
  return freeze (builder, new_ids);
}

static void
assert_row (const uint32_t *offsets, const uint32_t *tasks, uint32_t row, const GArray *expected,
            const uint32_t *new_ids)
{
  g_assert_cmpuint (offsets[row + 1] - offsets[row], ==, expected->len);
  for (guint i = 0; i < expected->len; i++)
    g_assert_cmpuint (tasks[offsets[row] + i], ==, new_ids[g_array_index (expected, uint32_t, i)]);
}

/* The smallest ready id each time, found the slow way. */
static void
assert_smallest_first (const Plain *plain, const uint32_t *new_ids)
{
  g_autofree bool *done = g_new0 (bool, plain->n);

  for (uint32_t k = 0; k < plain->n; k++)
    for (uint32_t t = 0;; t++)
      {
        bool ready = !done[t];

        for (guint i = 0; i < plain->inputs[t]->len; i++)
          ready &= done[g_array_index (plain->inputs[t], uint32_t, i)];
        for (guint i = 0; i < plain->afters[t]->len; i++)
          ready &= done[g_array_index (plain->afters[t], uint32_t, i)];
        if (!ready)
          continue;
        done[t] = true;
        g_assert_cmpuint (new_ids[t], ==, k);
        break;
      }
}

static void
check_random_edges (uint32_t n, bool shuffled)
{
  g_autofree uint32_t *rank = draw_rank (n, shuffled);
  g_autofree uint32_t *new_ids = g_new (uint32_t, n);
  const WeftGraphArrays *a;
  WeftGraph *graph;
  Plain plain;

  plain_init (&plain, n);
  draw_edges (&plain, rank);
  graph = build_plain (&plain, new_ids);
  a = weft_graph_arrays (graph);
  g_assert_cmpuint (a->n_tasks, ==, n);
  for (uint32_t t = 0; t < n; t++)
    {
      g_autofree char *key = g_strdup_printf ("t-%u", t);

      assert_key (graph, new_ids[t], key);
      assert_row (a->input_offsets, a->input_tasks, new_ids[t], plain.inputs[t], new_ids);
      if (a->after_offsets != NULL)
        assert_row (a->after_offsets, a->after_tasks, new_ids[t], plain.afters[t], new_ids);
      if (!shuffled)
        g_assert_cmpuint (new_ids[t], ==, t);
    }
  if (n <= 200)
    assert_smallest_first (&plain, new_ids);
  weft_graph_unref (graph);
  plain_clear (&plain);
}

static void
test_random_edges (void)
{
  for (int i = 0; i < 100; i++)
    check_random_edges ((uint32_t) g_test_rand_int_range (1, 150) * 7 + 1, i % 2 != 0);
}

static void
test_dependents_are_the_inverse (void)
{
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  uint32_t x = add (builder, "x", 0, NULL);
  uint32_t y = add (builder, "y", 1, (WeftTaskOutput[]){ { x, 0 } });
  uint32_t z = add (builder, "z", 2, (WeftTaskOutput[]){ { y, 0 }, { x, 0 } });
  static const uint32_t offsets[] = { 0, 3, 4, 4 };
  static const uint32_t dependents[] = { 1, 2, 2, 2 };
  const WeftGraphArrays *a;
  WeftGraph *graph;

  weft_graph_builder_add_after (builder, z, x);
  graph = freeze (builder, NULL);
  a = weft_graph_arrays (graph);
  g_assert_cmpuint (a->n_edges, ==, 4);
  g_assert_cmpmem (a->dependent_offsets, sizeof offsets, offsets, sizeof offsets);
  g_assert_cmpmem (a->dependents, sizeof dependents, dependents, sizeof dependents);
  g_assert_true (a->notify == a->dependents);
  g_assert_null (a->input_outputs);
  g_assert_null (a->output_offsets);
  g_assert_null (a->call_locations);
  weft_graph_unref (graph);
}

static void
test_several_outputs (void)
{
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  uint32_t a1 = weft_graph_builder_add_task (builder, "a", -1, call_of (builder, 0, 3), NULL, 0);
  uint32_t b = add (builder, "b", 2, (WeftTaskOutput[]){ { a1, 2 }, { a1, 0 } });
  WeftTaskOutput inputs[] = { { b, 0 }, { a1, 2 } };
  static const uint32_t offsets[] = { 0, 3, 4, 5 };
  static const uint16_t outputs[] = { 2, 0, 0, 2 };
  const WeftGraphArrays *a;
  WeftGraph *graph;

  add (builder, "c", 2, inputs);
  weft_graph_builder_want (builder, a1, 1);
  weft_graph_builder_want (builder, a1, 1);
  graph = freeze (builder, NULL);
  a = weft_graph_arrays (graph);
  g_assert_cmpuint (weft_graph_n_slots (graph), ==, 5);
  g_assert_cmpmem (a->output_offsets, sizeof offsets, offsets, sizeof offsets);
  g_assert_cmpmem (a->input_outputs, sizeof outputs, outputs, sizeof outputs);
  g_assert_cmpuint (a->n_wanted, ==, 1);
  g_assert_cmpuint (weft_graph_output_slot (a, 1, 0), ==, 3);
  weft_graph_unref (graph);
}

/* As many as are let in, and one more; 66,000 tasks of the most each would not fit 32 bits. */
static void
test_too_many_outputs (void)
{
  static const uint32_t counts[] = { 1024, 1025, 66000 };

  for (guint i = 0; i < G_N_ELEMENTS (counts); i++)
    {
      WeftGraphBuilder *builder = weft_graph_builder_new ();
      uint32_t call = call_of (builder, 0, 65535);
      g_autoptr (GError) error = NULL;
      WeftGraph *graph;

      for (uint32_t t = 0; t < counts[i]; t++)
        {
          g_autofree char *key = g_strdup_printf ("s-%u", t);

          weft_graph_builder_add_task (builder, key, -1, call, NULL, 0);
        }
      graph = weft_graph_builder_freeze (builder, NULL, &error);
      weft_graph_builder_free (builder);
      g_assert_cmpint (graph != NULL, ==, i == 0);
      if (graph != NULL)
        g_assert_cmpuint (weft_graph_n_slots (graph), ==, 1024 * 65535);
      else
        test_assert_error (&error, WEFT_GRAPH_ERROR, WEFT_GRAPH_ERROR_RANGE, "s-1024", "67108864",
                           NULL);
      g_clear_pointer (&graph, weft_graph_unref);
    }
}

static void
test_imports (void)
{
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  uint32_t key = weft_graph_builder_import (builder, "early-1", 2);
  uint32_t value = weft_graph_builder_import_value (builder);
  uint32_t task = weft_graph_builder_import_task (builder, 3, 4, 5);
  const WeftGraphArrays *a;
  WeftGraph *graph;

  add (builder, "x", 3, (WeftTaskOutput[]){ { value, 0 }, { task, 0 }, { key, 0 } });
  add (builder, "y", 1, (WeftTaskOutput[]){ { key, 0 } });
  graph = freeze (builder, NULL);
  a = weft_graph_arrays (graph);
  g_assert_cmpuint (a->n_imports, ==, 3);
  g_assert_cmpuint (a->input_tasks[0], ==, 3);
  g_assert_cmpuint (a->input_tasks[1], ==, 4);
  g_assert_cmpuint (a->input_tasks[2], ==, 2);
  g_assert_cmpint (a->imports[0].kind, ==, WEFT_IMPORT_KEY);
  g_assert_cmpstr (weft_graph_string (graph, a->imports[0].key), ==, "early-1");
  g_assert_cmpuint (a->imports[0].output, ==, 2);
  g_assert_cmpint (a->imports[1].kind, ==, WEFT_IMPORT_VALUE);
  g_assert_cmpuint (a->imports[2].segment, ==, 3);
  g_assert_cmpuint (a->dependent_offsets[3] - a->dependent_offsets[2], ==, 2);
  weft_graph_unref (graph);
}

/* ---- calls and keys -------------------------------------------------------------------------- */

static uint32_t
call_with (WeftGraphBuilder *builder, const char *op, const char *text, double f)
{
  weft_graph_builder_begin_call (builder, op, 0, 1);
  weft_graph_builder_arg_string (builder, text, -1);
  weft_graph_builder_begin_kwargs (builder);
  weft_graph_builder_arg_name (builder, "f", -1);
  weft_graph_builder_arg_float64 (builder, f);
  return weft_graph_builder_end_call (builder);
}

static void
test_equal_calls_are_one (void)
{
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  uint32_t first = call_with (builder, "f", "x", 0.0);

  for (int i = 0; i < 1000; i++)
    {
      g_autofree char *text = g_strdup_printf ("y%d", i);

      g_assert_cmpuint (call_with (builder, "f", text, 0.0), ==, first + 1 + (uint32_t) i);
    }
  g_assert_cmpuint (call_with (builder, "f", "x", 0.0), ==, first);
  g_assert_cmpuint (call_with (builder, "f", "y7", 0.0), ==, first + 8);
  g_assert_cmpuint (call_with (builder, "f", "x", -0.0), ==, first + 1001);
  g_assert_cmpuint (call_with (builder, "g", "x", 0.0), ==, first + 1002);
  g_assert_cmpuint (call_with (builder, NULL, "x", 0.0), ==, first + 1003);
  weft_graph_builder_free (builder);
}

static void
count_cb (gpointer data)
{
  int *n = data;

  ++*n;
}

static void
test_constants_go_with_the_graph (void)
{
  int n_freed = 0;

  for (int frozen = 0; frozen < 2; frozen++)
    {
      WeftGraphBuilder *builder = weft_graph_builder_new ();
      WeftGraph *graph;
      uint32_t call;

      weft_graph_builder_begin_call (builder, "f", 0, 1);
      weft_graph_builder_arg_constant (builder, &n_freed, count_cb);
      call = weft_graph_builder_end_call (builder);
      weft_graph_builder_add_task (builder, "a", -1, call, NULL, 0);
      if (frozen == 0)
        weft_graph_builder_free (builder);
      else
        {
          graph = freeze (builder, NULL);
          g_assert_true (weft_graph_constant (graph, 0) == &n_freed);
          g_assert_cmpint (n_freed, ==, 1);
          weft_graph_unref (graph);
        }
      g_assert_cmpint (n_freed, ==, frozen + 1);
    }
}

/* However a key comes in, it is the same key. */
static void
test_numbered_keys (void)
{
  static const char *const prefixes[] = { "inc-", "('x', 3, ", "block2", "", "x-" };
  static const char *const suffixes[] = { "", ")", "", "", "-end" };
  static const uint32_t numbers[] = { 0, 1, 7, 10, 999999999, 1000000000, UINT32_MAX };

  for (size_t p = 0; p < G_N_ELEMENTS (prefixes); p++)
    {
      WeftGraphBuilder *builder = weft_graph_builder_new ();
      uint32_t pattern = weft_graph_builder_key_pattern (builder, prefixes[p], suffixes[p]);
      uint32_t call = call_of (builder, 0, 1);
      WeftGraph *graph;

      for (uint32_t i = 0; i < G_N_ELEMENTS (numbers); i++)
        {
          g_autofree char *key = g_strdup_printf ("%s%u%s", prefixes[p], numbers[i], suffixes[p]);
          uint32_t task = i % 2 != 0 ? weft_graph_builder_mention (builder, key, -1) : i;

          g_assert_cmpuint (task, ==, i);
          g_assert_cmpuint (
              weft_graph_builder_add_numbered (builder, pattern, numbers[i], call, NULL, 0), ==, i);
          g_assert_cmpuint (weft_graph_builder_mention (builder, key, -1), ==, i);
        }
      graph = freeze (builder, NULL);
      for (uint32_t i = 0; i < G_N_ELEMENTS (numbers); i++)
        {
          g_autofree char *key = g_strdup_printf ("%s%u%s", prefixes[p], numbers[i], suffixes[p]);

          assert_key (graph, i, key);
        }
      weft_graph_unref (graph);
    }
}

/* Ascending for a while, then anyhow: each key has one task, whoever mentions it when. */
static void
test_keys_out_of_order (void)
{
  for (unsigned round = 0; round < 50; round++)
    {
      g_autoptr (GHashTable) ids = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
      WeftGraphBuilder *builder = weft_graph_builder_new ();
      unsigned n_ordered = (unsigned) g_test_rand_int_range (0, 200);
      unsigned number = 0;

      for (unsigned i = 0; i < n_ordered + 100; i++)
        {
          char *key;
          uint32_t id;
          void *known;

          number = i < n_ordered ? number + (unsigned) g_test_rand_int_range (1, 4)
                                 : (unsigned) g_test_rand_int_range (0, 400);
          key = g_strdup_printf ("%c-%u", "abc"[g_test_rand_int_range (0, 3)], number);
          id = weft_graph_builder_mention (builder, key, -1);
          if (g_hash_table_lookup_extended (ids, key, NULL, &known))
            g_assert_cmpuint (id, ==, GPOINTER_TO_UINT (known));
          else
            g_assert_cmpuint (id, ==, g_hash_table_size (ids));
          g_hash_table_insert (ids, key, GUINT_TO_POINTER (id));
        }
      weft_graph_builder_free (builder);
    }
}

static void
test_groups (void)
{
  static const char *const keys[] = { "inc-1", "inc-2", "x1", "x2", "('x1', 5)", "sum", "inc-3" };
  static const char *const groups[] = { "inc", "inc", "x1", "x2", "x1", "mine", "inc" };
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  WeftGraph *graph;

  for (uint32_t i = 0; i < G_N_ELEMENTS (keys); i++)
    add (builder, keys[i], 0, NULL);
  weft_graph_builder_set_group (builder, 5, "mine");
  graph = freeze (builder, NULL);
  g_assert_cmpuint (weft_graph_arrays (graph)->n_groups, ==, 4);
  for (uint32_t i = 0; i < G_N_ELEMENTS (keys); i++)
    g_assert_cmpstr (weft_graph_group_name (graph, weft_graph_arrays (graph)->group_of_task[i]), ==,
                     groups[i]);
  weft_graph_unref (graph);
}

/* Two names that differ at the end only are two groups, however long they are. */
static void
test_long_groups (void)
{
  g_autoptr (GString) name = g_string_new ("x");
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  WeftGraph *graph;

  while (name->len < 700)
    g_string_append (name, "é");
  for (uint32_t i = 0; i < 4; i++)
    {
      g_autofree char *key = g_strdup_printf ("%s%s-%u", name->str, i < 2 ? "" : "a", i);

      add (builder, key, 0, NULL);
    }
  graph = freeze (builder, NULL);
  g_assert_cmpuint (weft_graph_arrays (graph)->n_groups, ==, 2);
  g_assert_cmpstr (weft_graph_group_name (graph, weft_graph_arrays (graph)->group_of_task[0]), ==,
                   name->str);
  weft_graph_unref (graph);
}

static void
test_equal_attributes_are_shared (void)
{
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  WeftTaskAttributes attributes = { .priority = 1, .label = WEFT_NONE };
  WeftTaskAttributes none = { .label = WEFT_NONE };
  const WeftGraphArrays *a;
  WeftGraph *graph;

  for (int i = 0; i < 4; i++)
    {
      g_autofree char *key = g_strdup_printf ("k-%d", i);
      uint32_t task = add (builder, key, 0, NULL);

      attributes.priority = i == 2 ? 2 : 1;
      weft_graph_builder_set_attributes (builder, task, i == 3 ? &none : &attributes);
    }
  graph = freeze (builder, NULL);
  a = weft_graph_arrays (graph);
  g_assert_cmpuint (a->attributes_of_task[0], ==, a->attributes_of_task[1]);
  g_assert_cmpuint (a->attributes_of_task[0], !=, a->attributes_of_task[2]);
  g_assert_cmpuint (a->attributes_of_task[3], ==, WEFT_NONE);
  weft_graph_unref (graph);
}

/* ---- mistakes -------------------------------------------------------------------------------- */

typedef void (*MistakeFunc) (WeftGraphBuilder *builder);

static void
too_many_inputs (WeftGraphBuilder *builder)
{
  uint32_t x = add (builder, "x", 0, NULL);

  weft_graph_builder_add_task (builder, "y", -1, call_of (builder, 1, 1),
                               (WeftTaskOutput[]){ { x, 0 }, { x, 0 } }, 2);
}

static void
double_input (WeftGraphBuilder *builder)
{
  uint32_t x = add (builder, "x", 0, NULL);

  add (builder, "y", 2, (WeftTaskOutput[]){ { x, 0 }, { x, 0 } });
}

static void
unknown_input (WeftGraphBuilder *builder)
{
  add (builder, "y", 1, (WeftTaskOutput[]){ { 17, 0 } });
}

static void
unknown_call (WeftGraphBuilder *builder)
{
  weft_graph_builder_add_task (builder, "y", -1, 5, NULL, 0);
}

static void
open_list (WeftGraphBuilder *builder)
{
  weft_graph_builder_begin_call (builder, "f", 0, 1);
  weft_graph_builder_arg_begin_list (builder);
  weft_graph_builder_end_call (builder);
}

static void
value_without_name (WeftGraphBuilder *builder)
{
  weft_graph_builder_begin_call (builder, "f", 0, 1);
  weft_graph_builder_arg_begin_record (builder);
  weft_graph_builder_arg_none (builder);
  weft_graph_builder_arg_end (builder);
  weft_graph_builder_end_call (builder);
}

static void
skipped_slot (WeftGraphBuilder *builder)
{
  weft_graph_builder_begin_call (builder, "f", 0, 1);
  weft_graph_builder_arg_slot (builder, 1);
  weft_graph_builder_end_call (builder);
}

static void
argument_without_call (WeftGraphBuilder *builder)
{
  weft_graph_builder_arg_none (builder);
}

static void
wrong_metadata (WeftGraphBuilder *builder)
{
  weft_graph_builder_set_metadata (builder, "{} x");
}

static void
missing_output (WeftGraphBuilder *builder)
{
  uint32_t x = add (builder, "x", 0, NULL);

  add (builder, "y", 1, (WeftTaskOutput[]){ { x, 1 } });
}

static void
nothing (WeftGraphBuilder *builder)
{
}

static void
odd_map (WeftGraphBuilder *builder)
{
  weft_graph_builder_begin_call (builder, "f", 0, 1);
  weft_graph_builder_arg_begin_map (builder);
  weft_graph_builder_arg_none (builder);
  weft_graph_builder_arg_end (builder);
  weft_graph_builder_end_call (builder);
}

static const struct
{
  MistakeFunc make;
  WeftGraphError code;
  const char *text;
  bool late; /* seen by freeze, not before */
} mistakes[] = {
  { too_many_inputs, WEFT_GRAPH_ERROR_FORMAT, "found 2 inputs, expected the 1 that the call reads",
    false },
  { double_input, WEFT_GRAPH_ERROR_FORMAT, "“y” reads the same output through two inputs", true },
  { unknown_input, WEFT_GRAPH_ERROR_MISSING, "input 0 is task 17, but there are only 1 tasks",
    false },
  { unknown_call, WEFT_GRAPH_ERROR_FORMAT, "found call 5", false },
  { open_list, WEFT_GRAPH_ERROR_FORMAT, "before the lists and records in it", false },
  { value_without_name, WEFT_GRAPH_ERROR_FORMAT, "without a name", false },
  { skipped_slot, WEFT_GRAPH_ERROR_FORMAT, "not the next one", false },
  { argument_without_call, WEFT_GRAPH_ERROR_FORMAT, "outside of any call", false },
  { wrong_metadata, WEFT_GRAPH_ERROR_FORMAT, "not a JSON object", false },
  { missing_output, WEFT_GRAPH_ERROR_RANGE, "found output 1 of the task “x”, expected 0 to 0",
    true },
  { nothing, WEFT_GRAPH_ERROR_EMPTY, "without tasks", true },
  { odd_map, WEFT_GRAPH_ERROR_FORMAT, "not whole", false },
};

/* The first mistake is what freeze reports, and afterwards the builder is as new. */
static void
test_mistakes (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (mistakes); i++)
    {
      WeftGraphBuilder *builder = weft_graph_builder_new ();
      g_autoptr (GError) error = NULL;

      mistakes[i].make (builder);
      if (!mistakes[i].late)
        weft_graph_builder_add_task (builder, "second mistake", -1, 99, NULL, 0);
      g_assert_null (weft_graph_builder_freeze (builder, NULL, &error));
      test_assert_error (&error, WEFT_GRAPH_ERROR, (int) mistakes[i].code, mistakes[i].text, NULL);
      add (builder, "good", 0, NULL);
      weft_graph_unref (freeze (builder, NULL));
    }
}

/* ---- size ------------------------------------------------------------------------------------ */

static WeftGraphBuilder *
stencil (uint32_t n, bool numbered)
{
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  uint32_t pattern = weft_graph_builder_key_pattern (builder, "cell-", "");
  uint32_t calls[2] = { call_of (builder, 0, 1), call_of (builder, 3, 1) };

  for (uint32_t i = 0; i < n; i++)
    {
      uint32_t k = i >= 65 ? 3 : 0;
      WeftTaskOutput inputs[] = { { i - 65, 0 }, { i - 64, 0 }, { i - 63, 0 } };
      char key[64];

      g_snprintf (key, sizeof key, "cell-%08x-%u-x", i * 2654435761u, i);
      if (numbered)
        weft_graph_builder_add_numbered (builder, pattern, i, calls[k == 3], inputs, k);
      else
        weft_graph_builder_add_task (builder, key, -1, calls[k == 3], inputs, k);
    }
  return builder;
}

static void
test_bytes_per_task (void)
{
  uint32_t n = 100000;
  WeftGraph *graph = freeze (stencil (n, true), NULL);

  g_assert_cmpuint (weft_graph_memory_bytes (graph), <, 50 * n);
  weft_graph_unref (graph);
  graph = freeze (stencil (n, false), NULL); /* no key like another */
  g_assert_cmpuint (weft_graph_memory_bytes (graph), <, 110 * n);
  weft_graph_unref (graph);
}

/* The aim: 1 million tasks built and frozen in a second, in 200 bytes each. */
static void
test_speed_of_a_million (void)
{
  static const char *const names[] = { "written keys", "numbered keys" };

  for (int numbered = 0; numbered < 2; numbered++)
    {
      double least_s = G_MAXDOUBLE;
      double bytes = 0;
      uint32_t n = 1000000;

      for (int i = 0; i < 5; i++)
        {
          WeftGraphBuilder *builder;
          WeftGraph *graph;

          g_test_timer_start ();
          builder = stencil (n, numbered);
          graph = weft_graph_builder_freeze (builder, NULL, NULL);
          weft_graph_builder_free (builder);
          least_s = MIN (least_s, g_test_timer_elapsed ());
          bytes = (double) weft_graph_memory_bytes (graph) / n;
          weft_graph_unref (graph);
        }
      g_test_minimized_result (least_s, "%s: %.3f s, %.1f bytes a task", names[numbered], least_s,
                               bytes);
    }
}

/* Wrong expectations change nothing but the time it takes. */
static void
test_reserved_sizes_are_hints (void)
{
  const struct
  {
    uint32_t n_tasks;
    uint64_t n_edges;
  } sizes[] = { { 0, 0 }, { 1, 1 }, { 300, 299 }, { 1000000, 0 }, { 0, 3000000 } };

  for (size_t i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      WeftGraphBuilder *builder = weft_graph_builder_new ();

      weft_graph_builder_reserve (builder, sizes[i].n_tasks, sizes[i].n_edges);
      add (builder, "t-0", 0, NULL);
      for (uint32_t t = 1; t < 300; t++)
        {
          g_autofree char *key = g_strdup_printf ("t-%u", t);
          const WeftTaskOutput before = { t - 1, 0 };

          if (t == 150)
            weft_graph_builder_reserve (builder, sizes[i].n_tasks, sizes[i].n_edges);
          g_assert_cmpuint (add (builder, key, 1, &before), ==, t);
        }
      WeftGraph *graph = freeze (builder, NULL);
      g_assert_cmpuint (weft_graph_arrays (graph)->n_tasks, ==, 300);
      g_assert_cmpuint (weft_graph_arrays (graph)->n_edges, ==, 299);
      assert_key (graph, 299, "t-299");
      weft_graph_unref (graph);
    }
}

/* What is read by these names on the command line. */
static void
test_formats_have_names (void)
{
  static const char *const names[] = { "auto", "native", "wfcommons", "dot", "dagman" };

  for (int i = 0; i < (int) G_N_ELEMENTS (names); i++)
    g_assert_cmpstr (weft_graph_format_name ((WeftGraphFormat) i), ==, names[i]);
  g_assert_null (weft_graph_format_name ((WeftGraphFormat) G_N_ELEMENTS (names)));
  g_assert_null (weft_graph_format_name ((WeftGraphFormat) -1));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  test_add ("graph", "builder", "random-edges", test_random_edges);
  test_add ("graph", "builder", "dependents-are-the-inverse", test_dependents_are_the_inverse);
  test_add ("graph", "builder", "several-outputs", test_several_outputs);
  test_add ("graph", "builder", "too-many-outputs", test_too_many_outputs);
  test_add ("graph", "builder", "imports", test_imports);
  test_add ("graph", "builder", "equal-calls-are-one", test_equal_calls_are_one);
  test_add ("graph", "builder", "constants-go-with-the-graph", test_constants_go_with_the_graph);
  test_add ("graph", "builder", "numbered-keys", test_numbered_keys);
  test_add ("graph", "builder", "keys-out-of-order", test_keys_out_of_order);
  test_add ("graph", "builder", "groups", test_groups);
  test_add ("graph", "builder", "long-groups", test_long_groups);
  test_add ("graph", "builder", "equal-attributes-are-shared", test_equal_attributes_are_shared);
  test_add ("graph", "builder", "mistakes", test_mistakes);
  test_add ("graph", "builder", "reserved-sizes-are-hints", test_reserved_sizes_are_hints);
  test_add ("graph", "builder", "formats-have-names", test_formats_have_names);
  test_add ("graph", "builder", "bytes-per-task", test_bytes_per_task);
  if (g_test_perf ())
    test_add ("graph", "builder", "speed-of-a-million", test_speed_of_a_million);
  return g_test_run ();
}
