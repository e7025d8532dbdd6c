/* test-graph-codec.c: graph segments in the form of run files
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "graph-support.h"
#include "graph/weft-graph-codec.h"
#include "test-support.h"

/* The pieces of a graph. (transfer full) (element-type GByteArray) */
static GPtrArray *
encode (WeftGraphEncoder *encoder)
{
  GPtrArray *pieces = g_ptr_array_new_with_free_func ((GDestroyNotify) g_byte_array_unref);
  uint32_t first_task, n_tasks, next = 0, total = 0;
  bool more = true;

  while (more)
    {
      GByteArray *piece = g_byte_array_new ();

      more = weft_graph_encoder_next (encoder, pieces->len, piece, &first_task, &n_tasks);
      if (pieces->len == 0)
        total = n_tasks;
      else if (n_tasks > 0)
        {
          g_assert_cmpuint (first_task, ==, next);
          next += n_tasks;
        }
      g_ptr_array_add (pieces, piece);
    }
  g_assert_cmpuint (next, ==, total);
  return pieces;
}

static GPtrArray *
encode_graph (WeftGraph *graph)
{
  WeftGraphEncoder *encoder = weft_graph_encoder_new (graph);
  GPtrArray *pieces = encode (encoder);

  weft_graph_encoder_free (encoder);
  return pieces;
}

static WeftGraph *
decode (GPtrArray *pieces, guint n_pieces, GError **error)
{
  WeftGraphDecoder *decoder = weft_graph_decoder_new ();
  WeftGraph *graph = NULL;
  bool ok = true;

  for (guint i = 0; i < n_pieces && ok; i++)
    {
      GByteArray *piece = pieces->pdata[i];
      g_autofree uint8_t *exact = g_memdup2 (piece->data, piece->len);

      ok = weft_graph_decoder_add (decoder, exact, piece->len, error);
    }
  if (ok)
    graph = weft_graph_decoder_finish (decoder, error);
  weft_graph_decoder_free (decoder);
  return graph;
}

static void
assert_round_trip (WeftGraph *graph)
{
  g_autoptr (GPtrArray) pieces = encode_graph (graph);
  g_autoptr (GError) error = NULL;
  WeftGraph *back = decode (pieces, pieces->len, &error);

  g_assert_no_error (error);
  g_assert_true (weft_graph_validate (back, &error));
  g_assert_no_error (error);
  assert_same_graph (graph, back);
  weft_graph_unref (back);
}

static void
random_graphs (void)
{
  for (unsigned i = 0; i < 60 / test_slowdown (); i++)
    {
      WeftGraph *graph = random_graph ((uint32_t) g_test_rand_int_range (1, 300), i % 2 == 0);

      assert_round_trip (graph);
      weft_graph_unref (graph);
    }
}

/* Units and ids of another order, as the passes leave them; patterns that no task uses any more. */
static void
permuted_graphs (void)
{
  for (unsigned i = 0; i < 20 / MIN (test_slowdown (), 4); i++)
    {
      WeftGraph *graph = random_graph (100, false), *permuted, *back;
      g_autoptr (GPtrArray) pieces = NULL;
      g_autoptr (GError) error = NULL;
      uint32_t order[100];
      uint8_t units[100] = { 0 };

      for (uint32_t t = 0; t < 100; t++)
        {
          order[t] = t;
          units[t] = t > 0 && random_chance (30) ? WEFT_UNIT_CONTINUES : 0;
        }
      permuted = weft_graph_permute (graph, order, units);
      pieces = encode_graph (permuted);
      back = decode (pieces, pieces->len, &error);
      g_assert_no_error (error);
      assert_same_graph (permuted, back);
      g_assert_nonnull (weft_graph_arrays (back)->unit_flags);
      g_assert_cmpmem (weft_graph_arrays (back)->unit_flags, 100, units, 100);
      weft_graph_unref (back);
      weft_graph_unref (permuted);
      weft_graph_unref (graph);
    }
}

static void
imports (void)
{
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  WeftTaskOutput inputs[3] = {
    { weft_graph_builder_import (builder, "earlier", 2), 0 },
    { weft_graph_builder_import_task (builder, 3, 70000, 1), 0 },
    { weft_graph_builder_import_value (builder), 0 },
  };
  const WeftImport *found;
  g_autoptr (GPtrArray) pieces = NULL;
  g_autoptr (GError) error = NULL;
  WeftGraph *graph, *back;
  uint32_t call;

  weft_graph_builder_begin_call (builder, "sum", 1, 1);
  weft_graph_builder_arg_slots (builder, 0, 3);
  call = weft_graph_builder_end_call (builder);
  weft_graph_builder_add_task (builder, "a", -1, call, inputs, 3);
  graph = weft_graph_builder_freeze (builder, NULL, &error);
  weft_graph_builder_free (builder);
  g_assert_no_error (error);
  pieces = encode_graph (graph);
  back = decode (pieces, pieces->len, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (weft_graph_arrays (back)->n_imports, ==, 3);
  found = weft_graph_arrays (back)->imports;
  g_assert_cmpuint (found[0].kind, ==, WEFT_IMPORT_KEY);
  g_assert_cmpstr (weft_graph_string (back, found[0].key), ==, "earlier");
  g_assert_cmpuint (found[0].output, ==, 2);
  g_assert_cmpuint (found[1].kind, ==, WEFT_IMPORT_TASK);
  g_assert_cmpuint (found[1].segment, ==, 3);
  g_assert_cmpuint (found[1].task, ==, 70000);
  g_assert_cmpuint (found[1].output, ==, 1);
  g_assert_cmpuint (found[2].kind, ==, WEFT_IMPORT_VALUE);
  assert_same_graph (graph, back);
  weft_graph_unref (back);
  weft_graph_unref (graph);
}

/* Objects of the process are told by their place. */
static void
constants (void)
{
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  g_autoptr (GPtrArray) pieces = NULL;
  g_autoptr (GError) error = NULL;
  const WeftGraphArrays *arrays;
  WeftGraph *graph, *back;
  uint32_t call;
  int object;

  weft_graph_builder_begin_call (builder, "f", 0, 1);
  weft_graph_builder_arg_constant (builder, &object, NULL);
  call = weft_graph_builder_end_call (builder);
  weft_graph_builder_add_task (builder, "a", -1, call, NULL, 0);
  graph = weft_graph_builder_freeze (builder, NULL, &error);
  weft_graph_builder_free (builder);
  pieces = encode_graph (graph);
  back = decode (pieces, pieces->len, &error);
  g_assert_no_error (error);
  arrays = weft_graph_arrays (back);
  g_assert_cmpuint (arrays->args[arrays->calls[0].args].kind, ==, WEFT_ARG_TAGGED);
  weft_graph_unref (back);
  weft_graph_unref (graph);
}

static WeftGraph *
stencil (uint32_t width, uint32_t steps)
{
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  uint32_t pattern = weft_graph_builder_key_pattern (builder, "cell-", "");
  g_autoptr (GError) error = NULL;
  uint32_t calls[2];
  WeftGraph *graph;

  for (uint32_t k = 0; k < 2; k++)
    {
      weft_graph_builder_begin_call (builder, "sum", 0, 1);
      if (k == 1)
        weft_graph_builder_arg_slots (builder, 0, 3);
      calls[k] = weft_graph_builder_end_call (builder);
    }
  for (uint32_t t = 0; t < width * steps; t++)
    {
      uint32_t above = t - width, column = t % width;
      WeftTaskOutput inputs[3] = { { above - column + (column + width - 1) % width, 0 },
                                   { above, 0 },
                                   { above - column + (column + 1) % width, 0 } };

      weft_graph_builder_add_numbered (builder, pattern, t, calls[t >= width], inputs,
                                       t >= width ? 3 : 0);
    }
  graph = weft_graph_builder_freeze (builder, NULL, &error);
  g_assert_no_error (error);
  weft_graph_builder_free (builder);
  return graph;
}

typedef uint32_t (*InputsFunc) (uint32_t task, uint32_t n_tasks, WeftTaskOutput *inputs);

static uint32_t
no_inputs (uint32_t task, uint32_t n_tasks, WeftTaskOutput *inputs)
{
  return 0;
}

static uint32_t
chain_inputs (uint32_t task, uint32_t n_tasks, WeftTaskOutput *inputs)
{
  inputs[0].task = task - 1;
  return task > 0;
}

/* The last reads all others. */
static uint32_t
fan_inputs (uint32_t task, uint32_t n_tasks, WeftTaskOutput *inputs)
{
  for (uint32_t i = 0; i + 1 < n_tasks; i++)
    inputs[i].task = i;
  return task + 1 < n_tasks ? task > 0 : n_tasks - 1;
}

/* The second half reads two each. */
static uint32_t
tree_inputs (uint32_t task, uint32_t n_tasks, WeftTaskOutput *inputs)
{
  inputs[0].task = 2 * (task - n_tasks / 2);
  inputs[1].task = inputs[0].task + 1;
  return task > n_tasks / 2 && inputs[1].task < task ? 2 : 0;
}

/* Seven inputs each, all others than the next task's, backwards. */
static uint32_t
wide_inputs (uint32_t task, uint32_t n_tasks, WeftTaskOutput *inputs)
{
  for (uint32_t i = 0; i < 7; i++)
    inputs[i].task = task - 2 * i - 3;
  return task > 20 ? 7 : 0;
}

static WeftGraph *
graph_of_inputs (InputsFunc inputs_of, uint32_t n_tasks)
{
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  uint32_t pattern = weft_graph_builder_key_pattern (builder, "t-", "");
  g_autofree WeftTaskOutput *inputs = g_new0 (WeftTaskOutput, n_tasks);
  g_autoptr (GError) error = NULL;
  uint32_t call = 0, n_args = WEFT_NONE;
  WeftGraph *graph;

  for (uint32_t task = 0; task < n_tasks; task++)
    {
      uint32_t n = inputs_of (task, n_tasks, inputs);

      if (n != n_args)
        {
          weft_graph_builder_begin_call (builder, "sum", 0, 1);
          for (uint32_t i = 0; i < n; i++)
            weft_graph_builder_arg_slot (builder, i);
          call = weft_graph_builder_end_call (builder);
          n_args = n;
        }
      weft_graph_builder_add_numbered (builder, pattern, task, call, inputs, n);
    }
  graph = weft_graph_builder_freeze (builder, NULL, &error);
  g_assert_no_error (error);
  weft_graph_builder_free (builder);
  return graph;
}

/* Where inputs follow from those of the task before a task is little more than a byte, and so is an
 * input, or an argument, that follows on the one before it. */
static void
regular_graphs (void)
{
  static const InputsFunc kinds[] = { no_inputs, chain_inputs, fan_inputs, tree_inputs,
                                      wide_inputs };
  const uint32_t n_tasks = 20000;

  for (unsigned i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      WeftGraph *graph = graph_of_inputs (kinds[i], n_tasks);
      g_autoptr (GPtrArray) pieces = encode_graph (graph);
      uint32_t most = kinds[i] == fan_inputs ? 3 * n_tasks : n_tasks;
      size_t n_bytes = 0;

      for (guint k = 0; k < pieces->len; k++)
        n_bytes += ((GByteArray *) pieces->pdata[k])->len;
      g_test_message ("%u: %zu bytes for %u tasks", i, n_bytes, n_tasks);
      g_assert_cmpuint (n_bytes, <, most + n_tasks / 20);
      assert_round_trip (graph);
      weft_graph_unref (graph);
    }
}

static void
add_section (GByteArray *piece, uint8_t kind, const uint8_t *head, uint8_t n_head,
             const uint8_t *rest, uint8_t n_rest)
{
  const uint8_t start[8] = { kind, 0, 0, 0, (uint8_t) (n_head + n_rest) };

  g_byte_array_append (piece, start, sizeof start);
  g_byte_array_append (piece, head, n_head);
  g_byte_array_append (piece, rest, n_rest);
}

/* Nine tasks with these bytes for their inputs, of which the second and the third read one. */
static WeftGraph *
decode_inputs (const uint8_t *inputs, uint8_t n_bytes, GError **error)
{
  static const uint8_t summary[] = { 9, 0, 2, 0, 0, 1, 1, 't', 9 };
  static const uint8_t calls[] = { 0, 2, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 8, 0 };
  static const uint8_t pattern[] = { 0, 1, 0, 1, 't', 0 };
  static const uint8_t tasks[] = { 0, 9, 0x80, 1, 0, 2, 1, 6, 0, 9, 0, 9, 0, 2 };
  g_autoptr (GByteArray) piece = g_byte_array_new ();
  g_autoptr (GPtrArray) pieces = g_ptr_array_new ();

  add_section (piece, 1, summary, sizeof summary, NULL, 0);
  add_section (piece, 3, calls, sizeof calls, NULL, 0);
  add_section (piece, 4, pattern, sizeof pattern, NULL, 0);
  add_section (piece, 7, tasks, sizeof tasks, inputs, n_bytes);
  g_ptr_array_add (pieces, piece);
  return decode (pieces, 1, error);
}

/* For each task the number of inputs + 1, step, distance of the first, and what the others are
 * further on; 0: they follow. */
static void
irregular_bytes (void)
{
  static const struct
  {
    uint8_t bytes[16];
    uint8_t n;
    bool good;
  } cases[] = {
    { { 1, 2, 2, 1, 0, 1, 1, 1, 1, 1, 1 }, 11, true },     /* two links of a chain */
    { { 0, 1, 1, 1, 1, 1, 1, 1, 1 }, 9, false },           /* nothing it could follow from */
    { { 1, 2, 4, 1, 0, 1, 1, 1, 1, 1, 1 }, 11, false },    /* the step leads to itself */
    { { 1, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1 }, 11, false },    /* before the first task */
    { { 1, 2, 2, 0, 1, 1, 1, 1, 1, 1, 1 }, 11, false },    /* itself */
    { { 1, 3, 2, 1, 0, 1, 1, 1, 1, 1, 1, 1 }, 12, false }, /* the second input is itself */
    { { 1, 0x7f, 2, 1, 1, 1, 1, 1, 1, 1, 1 }, 11, false }, /* more inputs than bytes */
    { { 1, 2, 2, 1, 0 }, 5, false },                       /* fewer tasks than it says */
  };

  for (unsigned i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      WeftGraph *graph = decode_inputs (cases[i].bytes, cases[i].n, &error);

      if (cases[i].good)
        g_assert_no_error (error);
      else
        {
          g_assert_error (error, WEFT_GRAPH_ERROR, WEFT_GRAPH_ERROR_FORMAT);
          g_assert_null (strstr (error->message, "the call reads"));
        }
      g_assert_true ((graph != NULL) == cases[i].good);
      weft_graph_unref (graph);
    }
}

/* Many pieces, none too big; again from the start gives the same; a part of them is a graph too. */
static void
many_pieces (void)
{
  WeftGraph *graph = stencil (64, 4000 / test_slowdown ()), *part;
  WeftGraphEncoder *encoder = weft_graph_encoder_new (graph);
  g_autoptr (GPtrArray) pieces = encode (encoder), again = encode (encoder);
  g_autoptr (GError) error = NULL;
  uint64_t n_bytes = 0;

  g_assert_cmpuint (pieces->len, ==, again->len);
  for (guint i = 0; i < pieces->len; i++)
    {
      GByteArray *piece = pieces->pdata[i], *other = again->pdata[i];

      g_assert_cmpmem (piece->data, piece->len, other->data, other->len);
      g_assert_cmpuint (piece->len, <=, 1 << 20);
      n_bytes += piece->len;
    }
  g_assert_cmpuint (n_bytes, <, 6 * (uint64_t) weft_graph_arrays (graph)->n_tasks + 1000);
  assert_round_trip (graph);
  if (pieces->len > 3)
    {
      part = decode (pieces, pieces->len - 2, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (weft_graph_arrays (part)->n_tasks, <, weft_graph_arrays (graph)->n_tasks);
      weft_graph_unref (part);
    }
  weft_graph_encoder_free (encoder);
  weft_graph_unref (graph);
}

/* Cut off or changed anywhere: a graph, or an error with a message; never anything else. */
static void
damaged (void)
{
  for (unsigned i = 0; i < 2000 / test_slowdown (); i++)
    {
      WeftGraph *graph = random_graph ((uint32_t) g_test_rand_int_range (1, 12), false), *back;
      g_autoptr (GPtrArray) pieces = encode_graph (graph);
      GByteArray *piece = pieces->pdata[g_test_rand_int_range (0, (gint32) pieces->len)];
      g_autoptr (GError) error = NULL;

      if (random_chance (30))
        g_byte_array_set_size (piece, (guint) g_test_rand_int_range (0, (gint32) piece->len));
      else
        for (int k = g_test_rand_int_range (1, 4); k > 0; k--)
          piece->data[g_test_rand_int_range (0, (gint32) piece->len)] =
              (uint8_t) g_test_rand_int_range (0, 256);
      back = decode (pieces, pieces->len, &error);
      g_assert_true ((back == NULL) == (error != NULL));
      if (back != NULL)
        {
          g_assert_true (weft_graph_validate (back, &error));
          weft_graph_unref (back);
        }
      else
        g_assert_true (error->domain == WEFT_GRAPH_ERROR);
      weft_graph_unref (graph);
    }
}

/* Opens a list, a record, a map or a tag in turn, where a value is expected. */
static void
open_container (WeftGraphBuilder *builder, int i)
{
  switch (i % 4)
    {
    case 0:
      weft_graph_builder_arg_begin_list (builder);
      break;
    case 1:
      weft_graph_builder_arg_begin_record (builder);
      weft_graph_builder_arg_name (builder, "r", -1);
      break;
    case 2:
      weft_graph_builder_arg_begin_map (builder);
      weft_graph_builder_arg_int64 (builder, i);
      break;
    default:
      weft_graph_builder_arg_tag (builder, "tag");
    }
}

/* (transfer full) (nullable): a graph whose only argument lies in so many containers */
static WeftGraph *
nested_graph (int depth, bool keyword, GError **error)
{
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  WeftGraph *graph;

  weft_graph_builder_begin_call (builder, "const", 0, 1);
  if (keyword)
    {
      weft_graph_builder_begin_kwargs (builder);
      weft_graph_builder_arg_name (builder, "value", -1);
    }
  for (int i = 0; i < depth; i++)
    open_container (builder, i);
  weft_graph_builder_arg_int64 (builder, 7);
  for (int i = 0; i < depth; i++) /* a tag ends with its value */
    if (i % 4 != 3)
      weft_graph_builder_arg_end (builder);
  weft_graph_builder_add_task (builder, "deep", -1, weft_graph_builder_end_call (builder), NULL, 0);
  graph = weft_graph_builder_freeze (builder, NULL, error);
  weft_graph_builder_free (builder);
  return graph;
}

/* What the builder allows is valid, and comes back from run files. */
static void
deepest_arguments (void)
{
  for (int keyword = 0; keyword < 2; keyword++)
    {
      g_autoptr (GError) error = NULL;
      WeftGraph *graph = nested_graph (WEFT_GRAPH_MAX_DEPTH, keyword, &error);

      g_assert_no_error (error);
      g_assert_true (weft_graph_validate (graph, &error));
      g_assert_no_error (error);
      assert_round_trip (graph);
      weft_graph_unref (graph);
      g_assert_null (nested_graph (WEFT_GRAPH_MAX_DEPTH + 1, keyword, &error));
      g_assert_error (error, WEFT_GRAPH_ERROR, WEFT_GRAPH_ERROR_DEPTH);
    }
}

/* What a column of a graph of runs has now, and for how many tasks more. */
typedef struct
{
  uint32_t value, left;
} RunColumn;

/* Lengths around those from which, and in which, columns are looked at in strides. */
static bool
begin_run (RunColumn *column, uint32_t n_values)
{
  bool begins = column->left == 0;

  if (begins)
    *column = (RunColumn){ (uint32_t) g_test_rand_int_range (0, (int) n_values),
                           (uint32_t) g_test_rand_int_range (1, 130) };
  column->left--;
  return begins;
}

/* Groups, calls, keys and inputs that stay as they are, or go on as they do, for as long as chance
 * has it, each for itself. */
static WeftGraph *
graph_of_runs (uint32_t n_tasks)
{
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  RunColumn group = { 0 }, pattern = { 0 }, step = { 0 }, inputs = { 0 }, input_step = { 0 };
  uint32_t patterns[3], calls[4], number = 0, first = 0;
  g_autoptr (GError) error = NULL;
  WeftGraph *graph;

  for (uint32_t i = 0; i < 3; i++)
    patterns[i] = weft_graph_builder_key_pattern (builder, (const char *[]){ "a-", "b", "c-" }[i],
                                                  i == 1 ? ")" : "");
  for (uint32_t n = 0; n < 4; n++)
    {
      weft_graph_builder_begin_call (builder, "sum", 0, 1);
      for (uint32_t slot = 0; slot < n; slot++)
        weft_graph_builder_arg_slot (builder, slot);
      calls[n] = weft_graph_builder_end_call (builder);
    }
  for (uint32_t task = 0; task < n_tasks; task++)
    {
      WeftTaskOutput read[3] = { 0 };
      bool again = begin_run (&inputs, 4) | begin_run (&input_step, 3);
      uint32_t n = task < 200 ? 0 : inputs.value;

      begin_run (&pattern, 3);
      begin_run (&step, 3);
      first = again || first + 16 >= task ? task / 4 : first + input_step.value;
      for (uint32_t i = 0; i < n; i++)
        read[i].task = first + 7 * i;
      weft_graph_builder_add_numbered (builder, patterns[pattern.value],
                                       number += 1 + 5 * step.value, calls[n], read, n);
      begin_run (&group, 5);
      weft_graph_builder_set_group (builder, task,
                                    (const char *[]){ "v", "w", "x", "y", "z" }[group.value]);
    }
  weft_graph_builder_want (builder, n_tasks - 1, 0);
  graph = weft_graph_builder_freeze (builder, NULL, &error);
  g_assert_no_error (error);
  weft_graph_builder_free (builder);
  return graph;
}

static void
graphs_of_runs (void)
{
  for (unsigned i = 0; i < 40 / test_slowdown (); i++)
    {
      WeftGraph *graph = graph_of_runs ((uint32_t) g_test_rand_int_range (300, 6000));

      assert_round_trip (graph);
      weft_graph_unref (graph);
    }
}

/* What is not measured as a promise but printed: ns a task. */
static void
speed (void)
{
  WeftGraph *graph = stencil (64, 20000);
  WeftGraphEncoder *encoder = weft_graph_encoder_new (graph);
  uint32_t n_tasks = weft_graph_arrays (graph)->n_tasks, first, n;
  GByteArray *piece = g_byte_array_new ();

  for (int i = 0; i < 9; i++)
    {
      gint64 start = g_get_monotonic_time ();
      uint32_t number = 0;
      double ns;

      do
        g_byte_array_set_size (piece, 0);
      while (weft_graph_encoder_next (encoder, number++, piece, &first, &n));
      ns = 1e3 * (double) (g_get_monotonic_time () - start) / n_tasks;
      g_test_minimized_result (ns, "encoding: %.1f ns a task", ns);
    }
  g_byte_array_unref (piece);
  weft_graph_encoder_free (encoder);
  weft_graph_unref (graph);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  test_add ("graph", "graph-codec", "random-graphs", random_graphs);
  test_add ("graph", "graph-codec", "regular-graphs", regular_graphs);
  test_add ("graph", "graph-codec", "graphs-of-runs", graphs_of_runs);
  test_add ("graph", "graph-codec", "irregular-bytes", irregular_bytes);
  test_add ("graph", "graph-codec", "permuted-graphs", permuted_graphs);
  test_add ("graph", "graph-codec", "imports", imports);
  test_add ("graph", "graph-codec", "constants", constants);
  test_add ("graph", "graph-codec", "deepest-arguments", deepest_arguments);
  test_add ("graph", "graph-codec", "many-pieces", many_pieces);
  test_add ("graph", "graph-codec", "damaged", damaged);
  if (g_test_perf ())
    test_add ("graph", "graph-codec", "speed", speed);
  return g_test_run ();
}
