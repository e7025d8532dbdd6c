/* draw.h: graphs drawn at random, and what running them gives
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * For the tests of passes. A value is an int64: of a list, a record or a call it mixes the values
 * of what is in it, so that a slot in the wrong place or a literal that got lost gives another
 * value.
 */
#pragma once

#include "optimize/weft-pass.h"
#include "shapes.h"

#include <string.h>

/* A graph that goes with the scope. */
typedef WeftGraph DrawnGraph;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DrawnGraph, weft_graph_unref)

/* ---- drawing --------------------------------------------------------------------------------- */

/* What is drawn besides calls; all edges of plain and sized graphs are inputs, every task has one
 * output, and nothing is wanted. */
typedef enum
{
  DRAW_PLAIN,
  DRAW_SIZED,         /* plain, with the shape's sizes as hints */
  DRAW_NO_PRIORITIES, /* outputs, order-only edges, imports, some sizes, wanted outputs */
  DRAW_ALL,
} DrawKind;

typedef struct
{
  WeftGraphBuilder *builder;
  const WeftShape *shape;
  DrawKind kind;
  uint8_t *n_outputs; /* by task */
  uint32_t imports[2];
} Draw;

/* Literals between slots, some of them nested. */
static inline void
draw_literal (WeftGraphBuilder *builder)
{
  char text[16];

  switch (g_test_rand_int_range (0, 5))
    {
    case 0:
      weft_graph_builder_arg_none (builder);
      break;
    case 1:
      g_snprintf (text, sizeof text, "s%d", g_test_rand_int_range (0, 4));
      weft_graph_builder_arg_string (builder, text, -1);
      break;
    case 2:
      weft_graph_builder_arg_begin_list (builder);
      weft_graph_builder_arg_int64 (builder, g_test_rand_int_range (0, 3));
      weft_graph_builder_arg_end (builder);
      break;
    default:
      weft_graph_builder_arg_int64 (builder, g_test_rand_int_range (0, 4));
    }
}

/* Slots from *slot to end - 1 as items, with other things between them. */
static inline void
draw_items (WeftGraphBuilder *builder, uint32_t *slot, uint32_t end, uint32_t depth)
{
  while (*slot < end)
    {
      int choice = g_test_rand_int_range (0, 8);

      if (choice == 0)
        draw_literal (builder);
      else if (choice == 1 && depth < 4)
        {
          weft_graph_builder_arg_begin_list (builder);
          draw_items (builder, slot, *slot + (uint32_t) g_test_rand_int_range (0, end - *slot + 1),
                      depth + 1);
          weft_graph_builder_arg_end (builder);
        }
      else if (choice == 2 && depth < 4)
        {
          weft_graph_builder_arg_begin_record (builder);
          weft_graph_builder_arg_name (builder, "r", -1);
          weft_graph_builder_arg_slot (builder, (*slot)++);
          weft_graph_builder_arg_end (builder);
        }
      else if (choice == 3 && *slot > 0)
        weft_graph_builder_arg_slot (builder, (uint32_t) g_test_rand_int_range (0, *slot));
      else if (choice == 4)
        {
          weft_graph_builder_arg_tag (builder, "tuple");
          weft_graph_builder_arg_slot (builder, (*slot)++);
        }
      else
        weft_graph_builder_arg_slot (builder, (*slot)++);
    }
}

static inline uint32_t
draw_call (WeftGraphBuilder *builder, uint32_t n_slots, uint32_t n_outputs, bool constant)
{
  uint32_t n_named = n_slots > 0 ? (uint32_t) g_test_rand_int_range (0, 2) : 0;
  uint32_t slot = 0;

  weft_graph_builder_begin_call (builder, constant ? "const" : "mix", 0, n_outputs);
  if (constant)
    draw_literal (builder);
  else
    draw_items (builder, &slot, n_slots - n_named, 0);
  if (n_named > 0)
    {
      weft_graph_builder_begin_kwargs (builder);
      weft_graph_builder_arg_name (builder, "named", -1);
      weft_graph_builder_arg_slot (builder, slot);
    }
  return weft_graph_builder_end_call (builder);
}

static inline void
add_distinct (WeftTaskOutput *pairs, uint32_t *n, WeftTaskOutput pair)
{
  for (uint32_t i = 0; i < *n; i++)
    if (pairs[i].task == pair.task && pairs[i].output == pair.output)
      return;
  pairs[(*n)++] = pair;
}

/* Inputs of a task; some edges become order-only ones. */
static inline uint32_t
draw_inputs (Draw *draw, uint32_t task, WeftTaskOutput *pairs)
{
  const WeftShape *shape = draw->shape;
  uint32_t n = 0;

  for (uint32_t e = shape->dep_offsets[task]; e < shape->dep_offsets[task + 1]; e++)
    {
      uint32_t dep = shape->deps[e];
      WeftTaskOutput pair = { dep, (uint32_t) g_test_rand_int_range (0, draw->n_outputs[dep]) };

      if (draw->kind <= DRAW_SIZED || g_test_rand_int_range (0, 8) > 0)
        add_distinct (pairs, &n, pair);
      else
        weft_graph_builder_add_after (draw->builder, task, dep);
    }
  if (draw->kind > DRAW_SIZED && g_test_rand_int_range (0, 20) == 0)
    add_distinct (pairs, &n, (WeftTaskOutput){ draw->imports[g_test_rand_int_range (0, 2)], 0 });
  return n;
}

static inline void
draw_rare (Draw *draw, uint32_t task)
{
  WeftTaskAttributes attributes = { .priority = g_test_rand_int_range (-2, 3), .label = WEFT_NONE };
  uint64_t bytes[4];

  for (uint32_t i = 0; i < draw->n_outputs[task]; i++)
    bytes[i] = g_test_rand_int_range (0, 5) > 0 ? draw->shape->bytes[task] + i : UINT64_MAX;
  if (draw->kind == DRAW_ALL && g_test_rand_int_range (0, 4) == 0)
    weft_graph_builder_set_attributes (draw->builder, task, &attributes);
  if (g_test_rand_int_range (0, 4) > 0)
    weft_graph_builder_set_hints (draw->builder, task, -1, bytes, draw->n_outputs[task], WEFT_NONE);
}

static inline void
draw_task (Draw *draw, uint32_t task)
{
  uint32_t n_deps = draw->shape->dep_offsets[task + 1] - draw->shape->dep_offsets[task];
  g_autofree WeftTaskOutput *pairs = g_new (WeftTaskOutput, n_deps + 2);
  uint32_t n = draw_inputs (draw, task, pairs);
  bool constant = n_deps == 0 && n == 0 && draw->n_outputs[task] == 1;
  g_autofree char *key = g_strdup_printf ("t-%u", task);
  uint32_t call = draw_call (draw->builder, n, draw->n_outputs[task], constant);

  weft_graph_builder_add_task (draw->builder, key, -1, call, pairs, n);
  if (draw->kind > DRAW_SIZED)
    draw_rare (draw, task);
  else if (draw->kind == DRAW_SIZED)
    weft_graph_builder_set_hints (draw->builder, task, -1, &draw->shape->bytes[task], 1, WEFT_NONE);
}

/* A graph of that shape. */
static inline WeftGraph *
draw_graph_of (const WeftShape *shape, DrawKind kind)
{
  Draw draw = { .builder = weft_graph_builder_new (),
                .shape = shape,
                .n_outputs = g_new (uint8_t, shape->n_tasks + 1),
                .kind = kind };
  bool plain = kind <= DRAW_SIZED;
  g_autofree uint32_t *new_ids = g_new (uint32_t, shape->n_tasks + 1);
  g_autoptr (GError) error = NULL;
  WeftGraph *graph;

  for (uint32_t t = 0; t < shape->n_tasks; t++)
    {
      g_autofree char *key = g_strdup_printf ("t-%u", t);

      g_assert_cmpuint (weft_graph_builder_mention (draw.builder, key, -1), ==, t);
      draw.n_outputs[t] = plain || g_test_rand_int_range (0, 6) > 0 ? 1 : 3;
    }
  for (uint32_t i = 0; i < 2 && !plain; i++)
    draw.imports[i] = weft_graph_builder_import_value (draw.builder);
  for (uint32_t t = 0; t < shape->n_tasks; t++)
    draw_task (&draw, t);
  for (int i = plain ? 0 : g_test_rand_int_range (0, 4); i > 0; i--)
    {
      uint32_t task = (uint32_t) g_test_rand_int_range (0, (gint32) shape->n_tasks);

      weft_graph_builder_want (draw.builder, task, draw.n_outputs[task] - 1u);
    }
  graph = weft_graph_builder_freeze (draw.builder, new_ids, &error);
  g_assert_no_error (error);
  weft_graph_builder_free (draw.builder);
  g_free (draw.n_outputs);
  return graph;
}

static inline WeftGraph *
draw_graph (uint32_t max_tasks)
{
  g_autoptr (WeftShape) shape = weft_shape_new_random (
      (guint) g_test_rand_int (), (guint) g_test_rand_int_range (1, (gint32) max_tasks),
      (guint) g_test_rand_int_range (1, 5));

  return draw_graph_of (shape, DRAW_ALL);
}

static inline void
assert_valid (const WeftGraph *graph)
{
  g_autoptr (GError) error = NULL;

  weft_graph_validate (graph, &error);
  g_assert_no_error (error);
}

/* ---- running --------------------------------------------------------------------------------- */

static inline int64_t
mix (int64_t seed, int64_t value)
{
  return (int64_t) (((uint64_t) seed ^ (uint64_t) value) * 0x9e3779b97f4a7c15u
                    + ((uint64_t) seed >> 29));
}

static inline int64_t
mix_text (const char *text, uint32_t n_bytes)
{
  int64_t value = n_bytes;

  for (uint32_t i = 0; i < n_bytes; i++)
    value = mix (value, text[i]);
  return value;
}

typedef struct
{
  const WeftGraph *graph;
  const WeftGraphArrays *a;
  int64_t *values; /* by slot */
  uint8_t *done;   /* by task */
  uint32_t n_done;
} Interpreter;

static inline int64_t
input_value (const Interpreter *in, uint32_t task, uint32_t slot)
{
  const WeftGraphArrays *a = in->a;
  uint32_t e = a->input_offsets[task] + slot;
  uint32_t dep = a->input_tasks[e];

  g_assert_cmpuint (slot, <, weft_graph_n_inputs (a, task));
  if (dep >= a->n_tasks)
    return 1000 + dep - a->n_tasks;
  g_assert_true (in->done[dep]);
  return in
      ->values[weft_graph_output_slot (a, dep, a->input_outputs != NULL ? a->input_outputs[e] : 0)];
}

static inline int64_t
node_value (const Interpreter *in, uint32_t task, uint32_t at)
{
  const WeftArg *node = &in->a->args[at];
  int64_t value = node->kind;

  switch (node->kind)
    {
    case WEFT_ARG_INT64:
      return node->u.i;
    case WEFT_ARG_STRING:
      return mix_text (in->a->text + node->u.offset, node->count);
    case WEFT_ARG_SLOT:
      return input_value (in, task, node->u.slot.first);
    case WEFT_ARG_CONSTANT:
      return *(int64_t *) weft_graph_constant (in->graph, node->count);
    default:
      break;
    }
  for (uint32_t child = at + 1; child < at + node->skip; child += in->a->args[child].skip)
    if (in->a->args[child].kind == WEFT_ARG_SLOTS)
      for (uint32_t i = 0; i < in->a->args[child].count; i++)
        value = mix (value, input_value (in, task, in->a->args[child].u.slot.first + i));
    else
      value = mix (value, node_value (in, task, child));
  return value;
}

static inline void
run_task (Interpreter *in, uint32_t task)
{
  const WeftGraphArrays *a = in->a;
  const WeftCall *call = &a->calls[a->call_of_task[task]];
  const char *op = weft_graph_op_name (in->graph, task);
  bool constant = g_strcmp0 (op, "const") == 0;
  uint32_t at = call->args;
  int64_t value = 7;

  for (uint32_t i = 0; i < call->n_args; i++, at += a->args[at].skip)
    value = constant ? node_value (in, task, at) : mix (value, node_value (in, task, at));
  at = call->kwargs;
  for (uint32_t i = 0; i < 2 * call->n_kwargs; i++, at += a->args[at].skip)
    value = mix (value, node_value (in, task, at));
  for (uint32_t i = 0; i < call->n_outputs; i++)
    in->values[weft_graph_output_slot (a, task, i)] = value + i;
  for (uint32_t e = a->after_offsets != NULL ? a->after_offsets[task] : 0;
       a->after_offsets != NULL && e < a->after_offsets[task + 1]; e++)
    g_assert_true (in->done[a->after_tasks[e]]);
  g_assert_false (in->done[task]);
  in->done[task] = 1;
  in->n_done++;
}

static inline void
interpreter_init (Interpreter *in, const WeftGraph *graph)
{
  *in = (Interpreter){ .graph = graph,
                       .a = weft_graph_arrays (graph),
                       .values = g_new0 (int64_t, weft_graph_n_slots (graph) + 1) };
  in->done = g_new0 (uint8_t, in->a->n_tasks + 1);
}

/* Takes off @row's entries of what waits; what has nothing left goes to ready. */
static inline uint32_t
notify_row (const WeftGraphArrays *a, uint32_t row, uint32_t *pending, uint32_t *ready, uint32_t n)
{
  for (uint32_t e = a->notify_offsets[row]; e < a->notify_offsets[row + 1]; e++)
    if (--pending[a->notify[e]] == 0)
      ready[n++] = a->notify[e];
  return n;
}

/* Runs the units in an order drawn at random, counting as a scheduler does: by notify alone. */
static inline void
run_drawn (Interpreter *in)
{
  const WeftGraphArrays *a = in->a;
  g_autofree uint32_t *pending = g_new0 (uint32_t, a->n_tasks + 1);
  g_autofree uint32_t *ready = g_new (uint32_t, a->n_tasks + 1);
  uint32_t n_ready = 0;

  for (uint32_t e = 0; e < a->notify_offsets[a->n_tasks + a->n_imports]; e++)
    pending[a->notify[e]]++;
  for (uint32_t t = 0; t < a->n_tasks; t++)
    if (pending[t] == 0 && (a->unit_flags == NULL || (a->unit_flags[t] & WEFT_UNIT_CONTINUES) == 0))
      ready[n_ready++] = t;
  for (uint32_t i = 0; i < a->n_imports; i++)
    n_ready = notify_row (a, a->n_tasks + i, pending, ready, n_ready);
  while (n_ready > 0)
    {
      uint32_t i = (uint32_t) g_test_rand_int_range (0, (gint32) n_ready);
      uint32_t task = ready[i];

      ready[i] = ready[--n_ready];
      do
        {
          run_task (in, task);
          n_ready = notify_row (a, task, pending, ready, n_ready);
          task++;
        }
      while (task < a->n_tasks && a->unit_flags != NULL
             && (a->unit_flags[task] & WEFT_UNIT_CONTINUES) != 0);
    }
  g_assert_cmpuint (in->n_done, ==, a->n_tasks);
}

/* The values of all slots. (transfer full) */
static inline int64_t *
run_graph (const WeftGraph *graph)
{
  Interpreter in;

  interpreter_init (&in, graph);
  run_drawn (&in);
  g_free (in.done);
  return in.values;
}

static inline int64_t
value_of (const WeftGraph *graph, const int64_t *values, WeftTaskOutput output)
{
  return values[weft_graph_output_slot (weft_graph_arrays (graph), output.task, output.output)];
}

/* ---- options --------------------------------------------------------------------------------- */

static inline bool
is_const (const char *op, void *data)
{
  return strcmp (op, "const") == 0;
}

static inline bool
is_nothing (const char *op, void *data)
{
  return false;
}

static const WeftPassOps const_ops = { is_const, is_const, NULL };

/* The graph after one pass, or several. Checked. */
static inline WeftGraph *
optimize (WeftGraph *graph, const char *names, const WeftPassOptions *options, uint32_t *new_ids,
          GArray **reports)
{
  g_autoptr (GError) error = NULL;
  WeftGraph *optimized = weft_optimize (graph, names, options, new_ids, reports, &error);

  g_assert_no_error (error);
  g_assert_nonnull (optimized);
  assert_valid (optimized);
  return optimized;
}
