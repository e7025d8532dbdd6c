/* graph-support.h: random graphs, and whether two graphs are the same
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "graph/weft-graph-file.h"

#include <math.h>
#include <string.h>

#define TEST_MAX_INPUTS 6

typedef struct
{
  WeftGraphBuilder *builder;
  uint32_t n_slots; /* of the open call */
} RandomCall;

static inline bool
random_chance (int percent)
{
  return g_test_rand_int_range (0, 100) < percent;
}

/* Text with characters of one to four bytes, escapes and zero bytes among them. */
static inline char *
random_text (size_t *n_chars)
{
  static const char *const pieces[] = { "a",  "b",    "-", "7", "\"", "\\", "/",   "\n",
                                        "\t", "\x01", "é", "€", "😀",  " ",  "ref", "$" };
  GString *text = g_string_new (NULL);

  for (int i = g_test_rand_int_range (0, 8); i > 0; i--)
    g_string_append (text, pieces[g_test_rand_int_range (0, G_N_ELEMENTS (pieces))]);
  if (random_chance (10))
    g_string_append_len (text, "\0z", 2);
  *n_chars = text->len;
  return g_string_free (text, FALSE);
}

static inline double
random_double (void)
{
  static const double edges[] = { 0.0,
                                  -0.0,
                                  1.0,
                                  0.1,
                                  1e22,
                                  1e23,
                                  5e-324,
                                  1e-308,
                                  1.7976931348623157e308,
                                  NAN,
                                  INFINITY,
                                  -INFINITY,
                                  9007199254740993.0 };
  guint64 bits = (guint64) (guint32) g_test_rand_int () << 32 | (guint32) g_test_rand_int ();
  double value;

  if (random_chance (30))
    return edges[g_test_rand_int_range (0, G_N_ELEMENTS (edges))];
  memcpy (&value, &bits, sizeof value);
  return isnan (value) ? 0.5 : value;
}

static inline int64_t
random_int64 (void)
{
  static const int64_t edges[] = { 0, 1, -1, INT64_MAX, INT64_MIN, 1000000007 };
  uint64_t bits = (uint64_t) (guint32) g_test_rand_int () << 32 | (guint32) g_test_rand_int ();

  return random_chance (50) ? edges[g_test_rand_int_range (0, G_N_ELEMENTS (edges))]
                            : (int64_t) bits;
}

static inline void random_arg (RandomCall *call, int depth);

static inline void
random_name (RandomCall *call, int number)
{
  g_autofree char *name = NULL;

  if (random_chance (15))
    name = g_strdup_printf ("$%d", number);
  else if (number == 0 && random_chance (15))
    name = g_strdup (random_chance (50) ? "ref" : "output");
  else
    name = g_strdup_printf ("n%d", number);
  weft_graph_builder_arg_name (call->builder, name, -1);
}

static inline void
random_container (RandomCall *call, int kind, int depth)
{
  WeftGraphBuilder *builder = call->builder;

  if (kind == 0)
    weft_graph_builder_arg_begin_list (builder);
  else if (kind == 1)
    weft_graph_builder_arg_begin_record (builder);
  else
    weft_graph_builder_arg_begin_map (builder);
  for (int i = 0, n = g_test_rand_int_range (0, 4); i < n; i++)
    {
      if (kind == 1)
        random_name (call, i);
      random_arg (call, depth + 1);
      if (kind == 2)
        random_arg (call, depth + 1);
    }
  weft_graph_builder_arg_end (builder);
}

static inline void
random_slot (RandomCall *call)
{
  uint32_t slot =
      (uint32_t) g_test_rand_int_range (0, (gint32) MIN (call->n_slots + 1, TEST_MAX_INPUTS));

  call->n_slots = MAX (call->n_slots, slot + 1);
  weft_graph_builder_arg_slot (call->builder, slot);
}

static inline void
random_leaf (RandomCall *call)
{
  WeftGraphBuilder *builder = call->builder;
  g_autofree char *text = NULL;
  size_t n;

  switch (g_test_rand_int_range (0, 8))
    {
    case 0:
      weft_graph_builder_arg_none (builder);
      break;
    case 1:
      weft_graph_builder_arg_bool (builder, random_chance (50));
      break;
    case 2:
      weft_graph_builder_arg_int64 (builder, random_int64 ());
      break;
    case 3:
      weft_graph_builder_arg_float64 (builder, random_double ());
      break;
    case 4:
      text = random_text (&n);
      weft_graph_builder_arg_bytes (builder, text, n);
      break;
    case 5:
      text = random_text (&n);
      weft_graph_builder_arg_encoded (builder, text, n);
      break;
    default:
      text = random_text (&n);
      weft_graph_builder_arg_string (builder, text, (gssize) n);
    }
}

static inline void
random_arg (RandomCall *call, int depth)
{
  if (random_chance (35))
    random_slot (call);
  else if (depth < 4 && random_chance (40))
    random_container (call, g_test_rand_int_range (0, 3), depth);
  else if (depth < 4 && random_chance (10))
    {
      weft_graph_builder_arg_tag (call->builder, "tuple");
      random_arg (call, depth + 1);
    }
  else
    random_leaf (call);
}

static inline uint32_t
random_call (WeftGraphBuilder *builder, uint32_t *n_slots, uint32_t *n_outputs)
{
  static const char *const ops[] = { "add", "sum", NULL, "str.join" };
  RandomCall call = { .builder = builder };

  *n_outputs = random_chance (20) ? 3 : 1;
  weft_graph_builder_begin_call (builder, ops[g_test_rand_int_range (0, G_N_ELEMENTS (ops))],
                                 (uint32_t) g_test_rand_int_range (0, 3), *n_outputs);
  for (int i = g_test_rand_int_range (0, 4); i > 0; i--)
    random_arg (&call, 0);
  if (random_chance (30))
    {
      weft_graph_builder_begin_kwargs (builder);
      for (int i = 0, n = g_test_rand_int_range (0, 3); i < n; i++)
        {
          random_name (&call, i);
          random_arg (&call, 0);
        }
    }
  *n_slots = call.n_slots;
  return weft_graph_builder_end_call (builder);
}

static inline char *
random_key (uint32_t number)
{
  static const char *const forms[][2] = {
    { "inc-", "" },  { "('x', ", ")" },  { "('x-y', 3, ", ")" }, { "plain", "" },        { "", "" },
    { "z-000", "" }, { "é \"q\" ", "" }, { "k", "-end" },        { "n-99999999999", "" }
  };
  uint32_t form = number % G_N_ELEMENTS (forms);

  return g_strdup_printf ("%s%u%s", forms[form][0], number * 7, forms[form][1]);
}

static inline void
random_attributes (WeftGraphBuilder *builder, uint32_t task)
{
  WeftResourceNeed needs[2] = {
    { .name = weft_graph_builder_string (builder, "gpu"), .amount = 0.5 },
    { .name = weft_graph_builder_string (builder, "disk"), .amount = 3 }
  };
  WeftTaskAttributes attributes = {
    .priority = g_test_rand_int_range (-2, 3),
    .retries = (uint32_t) g_test_rand_int_range (0, 3),
    .retry_delay_ns = random_chance (50) ? 0 : g_test_rand_int_range (0, G_MAXINT32),
    .timeout_ns = random_chance (50) ? 0 : g_test_rand_int_range (0, G_MAXINT32) * 1000003ll,
    .label = random_chance (50) ? WEFT_NONE : weft_graph_builder_string (builder, "a \"label\""),
    .n_resources = (uint32_t) g_test_rand_int_range (0, 3),
    .resources = needs,
    .metadata = random_chance (50) ? NULL : (char *) "{\"k\": [1, {\"x\": null}]}"
  };

  weft_graph_builder_set_attributes (builder, task, &attributes);
}

static inline void
random_hints (WeftGraphBuilder *builder, uint32_t task, uint32_t n_outputs)
{
  uint64_t bytes[3] = { (uint64_t) g_test_rand_int_range (0, G_MAXINT32), UINT64_MAX, 0 };

  weft_graph_builder_set_hints (
      builder, task, random_chance (30) ? -1 : g_test_rand_int_range (0, G_MAXINT32) * 31ll,
      random_chance (50) ? bytes : NULL, n_outputs,
      random_chance (50) ? WEFT_NONE : weft_graph_builder_string (builder, "host-1"));
}

/* A graph of all there is that a file can say. @shuffled: tasks are added in no order. */
static inline WeftGraph *
random_graph (uint32_t n_tasks, bool shuffled)
{
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  g_autofree uint32_t *n_outputs = g_new0 (uint32_t, n_tasks);
  g_autofree uint32_t *ids = g_new (uint32_t, n_tasks);
  g_autoptr (GError) error = NULL;
  WeftGraph *graph;

  for (uint32_t t = 0; t < n_tasks; t++)
    ids[t] = WEFT_NONE;
  for (uint32_t i = n_tasks; shuffled && i-- > 0;)
    {
      g_autofree char *key = random_key ((uint32_t) ((i * 7919ull) % n_tasks));

      weft_graph_builder_mention (builder, key, -1);
    }
  for (uint32_t t = 0; t < n_tasks; t++)
    {
      g_autofree char *key = random_key (t);
      WeftTaskOutput inputs[TEST_MAX_INPUTS];
      uint32_t n_slots = 0;
      uint32_t call = random_call (builder, &n_slots, &n_outputs[t]);
      uint32_t task;

      while (n_slots > t)
        call = random_call (builder, &n_slots, &n_outputs[t]);
      for (uint32_t i = 0; i < n_slots; i++)
        inputs[i] = (WeftTaskOutput){ ids[t - 1 - i], n_outputs[t - 1 - i] - 1 };
      ids[t] = task = weft_graph_builder_add_task (builder, key, -1, call, inputs, n_slots);
      if (t > 0 && random_chance (20))
        weft_graph_builder_add_after (builder, task, ids[g_test_rand_int_range (0, (gint32) t)]);
      if (random_chance (10))
        weft_graph_builder_set_group (builder, task, "my group");
      if (random_chance (30))
        random_attributes (builder, task);
      if (random_chance (30))
        random_hints (builder, task, n_outputs[t]);
      if (random_chance (10))
        weft_graph_builder_want (builder, task, n_outputs[t] - 1);
    }
  weft_graph_builder_set_name (builder, "ran\"dom");
  weft_graph_builder_set_metadata (builder, "{\"seed\": 1}");
  graph = weft_graph_builder_freeze (builder, NULL, &error);
  g_assert_no_error (error);
  weft_graph_builder_free (builder);
  return graph;
}

/* ---- equality -------------------------------------------------------------------------------- */

static inline void
assert_same_text (const WeftGraphArrays *a, const WeftArg *x, const WeftGraphArrays *b,
                  const WeftArg *y)
{
  g_assert_cmpmem (a->text + x->u.offset, x->count, b->text + y->u.offset, y->count);
}

static inline void
assert_same_args (const WeftGraphArrays *a, const WeftArg *x, const WeftGraphArrays *b,
                  const WeftArg *y, uint32_t n_nodes)
{
  for (uint32_t i = 0; i < n_nodes; i++, x++, y++)
    {
      g_assert_cmpuint (x->kind, ==, y->kind);
      g_assert_cmpuint (x->count, ==, y->count);
      g_assert_cmpuint (x->skip, ==, y->skip);
      if (x->kind == WEFT_ARG_STRING || x->kind == WEFT_ARG_BYTES || x->kind == WEFT_ARG_ENCODED)
        assert_same_text (a, x, b, y);
      else if (x->kind == WEFT_ARG_FLOAT64 && isnan (x->u.f))
        g_assert_true (isnan (y->u.f));
      else
        g_assert_cmpmem (&x->u, sizeof x->u, &y->u, sizeof y->u);
    }
}

static inline uint32_t
count_nodes (const WeftArg *args, uint32_t n, bool named)
{
  uint32_t at = 0;

  for (uint32_t i = 0; i < n; i++)
    {
      at += named;
      at += args[at].skip;
    }
  return at;
}

static inline void
assert_same_call (const WeftGraphArrays *a, const WeftCall *x, const WeftGraphArrays *b,
                  const WeftCall *y)
{
  uint32_t n;

  g_assert_cmpstr (a->text + x->op, ==, b->text + y->op);
  g_assert_cmpuint (x->op_version, ==, y->op_version);
  g_assert_cmpuint (x->n_args, ==, y->n_args);
  g_assert_cmpuint (x->n_kwargs, ==, y->n_kwargs);
  g_assert_cmpuint (x->n_slots, ==, y->n_slots);
  g_assert_cmpuint (x->n_outputs, ==, y->n_outputs);
  n = count_nodes (a->args + x->args, x->n_args, false);
  assert_same_args (a, a->args + x->args, b, b->args + y->args, n);
  n = count_nodes (a->args + x->kwargs, x->n_kwargs, true);
  assert_same_args (a, a->args + x->kwargs, b, b->args + y->kwargs, n);
}

static inline void
assert_same_csr (const uint32_t *offsets, const uint32_t *tasks, const uint32_t *other_offsets,
                 const uint32_t *other_tasks, uint32_t n)
{
  bool empty = offsets == NULL || offsets[n] == 0;

  g_assert_true (empty == (other_offsets == NULL || other_offsets[n] == 0));
  if (empty)
    return;
  g_assert_cmpmem (offsets, (n + 1) * sizeof *offsets, other_offsets,
                   (n + 1) * sizeof *other_offsets);
  g_assert_cmpmem (tasks, offsets[n] * sizeof *tasks, other_tasks, offsets[n] * sizeof *tasks);
}

static inline void
assert_same_attributes (const WeftGraph *g, const WeftGraph *h, uint32_t task)
{
  const WeftGraphArrays *a = weft_graph_arrays (g);
  const WeftGraphArrays *b = weft_graph_arrays (h);
  uint32_t i = a->attributes_of_task != NULL ? a->attributes_of_task[task] : WEFT_NONE;
  uint32_t j = b->attributes_of_task != NULL ? b->attributes_of_task[task] : WEFT_NONE;
  const WeftTaskAttributes *x = &a->attributes[i];
  const WeftTaskAttributes *y = &b->attributes[j];

  g_assert_cmpint (i == WEFT_NONE, ==, j == WEFT_NONE);
  if (i == WEFT_NONE)
    return;
  g_assert_cmpint (x->priority, ==, y->priority);
  g_assert_cmpuint (x->retries, ==, y->retries);
  g_assert_cmpint (x->retry_delay_ns, ==, y->retry_delay_ns);
  g_assert_cmpint (x->timeout_ns, ==, y->timeout_ns);
  g_assert_cmpint (x->label == WEFT_NONE, ==, y->label == WEFT_NONE);
  if (x->label != WEFT_NONE)
    g_assert_cmpstr (weft_graph_string (g, x->label), ==, weft_graph_string (h, y->label));
  g_assert_cmpuint (x->n_resources, ==, y->n_resources);
  for (uint32_t k = 0; k < x->n_resources; k++)
    {
      g_assert_cmpstr (weft_graph_string (g, x->resources[k].name), ==,
                       weft_graph_string (h, y->resources[k].name));
      g_assert_cmpfloat (x->resources[k].amount, ==, y->resources[k].amount);
    }
  g_assert_cmpstr (x->metadata, ==, y->metadata);
}

static inline void
assert_same_hints (const WeftGraph *g, const WeftGraph *h, uint32_t task)
{
  const WeftGraphArrays *a = weft_graph_arrays (g);
  const WeftGraphArrays *b = weft_graph_arrays (h);
  const WeftGraphHints *x = &a->hints;
  const WeftGraphHints *y = &b->hints;
  uint32_t mx = x->machine != NULL ? x->machine[task] : WEFT_NONE;
  uint32_t my = y->machine != NULL ? y->machine[task] : WEFT_NONE;

  g_assert_cmpint (x->runtime_ns != NULL ? x->runtime_ns[task] : -1, ==,
                   y->runtime_ns != NULL ? y->runtime_ns[task] : -1);
  g_assert_cmpint (mx == WEFT_NONE, ==, my == WEFT_NONE);
  if (mx != WEFT_NONE)
    g_assert_cmpstr (weft_graph_string (g, mx), ==, weft_graph_string (h, my));
  for (uint32_t k = 0; k < a->calls[a->call_of_task[task]].n_outputs; k++)
    {
      uint32_t slot = weft_graph_output_slot (a, task, k);

      g_assert_cmpuint (x->output_bytes != NULL ? x->output_bytes[slot] : UINT64_MAX, ==,
                        y->output_bytes != NULL ? y->output_bytes[slot] : UINT64_MAX);
    }
}

static inline void
assert_same_task (const WeftGraph *g, const WeftGraph *h, uint32_t task)
{
  const WeftGraphArrays *a = weft_graph_arrays (g);
  const WeftGraphArrays *b = weft_graph_arrays (h);
  g_autofree char *key = weft_graph_dup_key (g, task);
  g_autofree char *other_key = weft_graph_dup_key (h, task);

  g_assert_cmpstr (key, ==, other_key);
  assert_same_call (a, &a->calls[a->call_of_task[task]], b, &b->calls[b->call_of_task[task]]);
  g_assert_cmpstr (weft_graph_group_name (g, a->group_of_task[task]), ==,
                   weft_graph_group_name (h, b->group_of_task[task]));
  assert_same_attributes (g, h, task);
  assert_same_hints (g, h, task);
}

/* Everything a file can say, ids included. */
static inline void
assert_same_graph (const WeftGraph *g, const WeftGraph *h)
{
  const WeftGraphArrays *a = weft_graph_arrays (g);
  const WeftGraphArrays *b = weft_graph_arrays (h);

  g_assert_cmpuint (a->n_tasks, ==, b->n_tasks);
  g_assert_cmpuint (a->n_edges, ==, b->n_edges);
  g_assert_cmpuint (a->n_groups, ==, b->n_groups);
  g_assert_cmpstr (weft_graph_name (g), ==, weft_graph_name (h));
  g_assert_cmpstr (weft_graph_metadata (g), ==, weft_graph_metadata (h));
  assert_same_csr (a->input_offsets, a->input_tasks, b->input_offsets, b->input_tasks, a->n_tasks);
  assert_same_csr (a->after_offsets, a->after_tasks, b->after_offsets, b->after_tasks, a->n_tasks);
  for (uint32_t e = 0; e < a->input_offsets[a->n_tasks]; e++)
    g_assert_cmpuint (a->input_outputs != NULL ? a->input_outputs[e] : 0, ==,
                      b->input_outputs != NULL ? b->input_outputs[e] : 0);
  for (uint32_t t = 0; t < a->n_tasks; t++)
    assert_same_task (g, h, t);
  g_assert_cmpmem (a->wanted, a->n_wanted * sizeof *a->wanted, b->wanted,
                   b->n_wanted * sizeof *b->wanted);
}
