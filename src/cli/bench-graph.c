/* bench-graph.c: the graphs that are measured, and what their tasks do
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Each task adds one to the sum of its inputs: as little as a task can do.
 *
 *   independent  no edges
 *   chain        each after the one before
 *   tree         leaves, added in pairs
 *   fan          one, many that read it, one that reads these
 *   stencil      64 wide; each reads three neighbours of the row before (two at the borders)
 */
#include "cli/weft-cli-bench-private.h"

#include <string.h>

#define STENCIL_WIDTH 64
/* With the box's head and fields: 64 bytes. */
#define HEAP_BYTES (64 - sizeof (WeftBytes))

static const char *const op_names[] = { "bench.add", "bench.box", "bench.burn" };

/* ---- kernels --------------------------------------------------------------------------------- */

uint64_t
_weft_cli_bench_burn (uint64_t n_steps, uint64_t seed)
{
  for (uint64_t i = 0; i < n_steps; i++)
    {
      seed = seed * 6364136223846793005u + 1442695040888963407u;
      __asm__ volatile("" : "+r"(seed));
    }
  return seed;
}

uint64_t
_weft_cli_bench_value (const WeftValue *value)
{
  uint64_t number = 0;

  if (weft_value_type (value) == WEFT_TYPE_BYTES)
    memcpy (&number, ((const WeftBytes *) value->u.box)->bytes, sizeof number);
  else if (weft_value_type (value) == WEFT_TYPE_INT64)
    number = (uint64_t) value->u.i;
  return number;
}

static WeftStatus
add_kernel (WeftTask *task G_GNUC_UNUSED, const WeftValue *args, uint32_t n_args,
            WeftValue *results)
{
  uint64_t sum = 1;

  for (uint32_t i = 0; i < n_args; i++)
    sum += (uint64_t) args[i].u.i;
  weft_value_set_int64 (results, (int64_t) sum);
  return WEFT_OK;
}

static WeftStatus
box_kernel (WeftTask *task G_GNUC_UNUSED, const WeftValue *args, uint32_t n_args,
            WeftValue *results)
{
  uint64_t words[HEAP_BYTES / sizeof (uint64_t)] = { 1 };

  for (uint32_t i = 0; i < n_args; i++)
    words[0] += _weft_cli_bench_value (&args[i]);
  return weft_value_init_bytes (results, NULL, words, sizeof words);
}

static WeftStatus
burn_kernel (WeftTask *task, const WeftValue *args, uint32_t n_args, WeftValue *results)
{
  const uint64_t *n_steps = weft_task_user_data (task);
  WeftStatus status = add_kernel (task, args, n_args, results);

  results->u.i += (int64_t) (_weft_cli_bench_burn (*n_steps, (uint64_t) results->u.i) & 0);
  return status;
}

bool
_weft_cli_bench_add_ops (WeftOpRegistry *registry, uint64_t *n_steps, GError **error)
{
  static const WeftOpParam inputs = { .name = "inputs",
                                      .accepts = WEFT_ACCEPT_ANY,
                                      .doc = "what to add" };
  static const WeftKernelFunc kernels[] = { add_kernel, box_kernel, burn_kernel };
  static const char doc[] = "One and the sum of the inputs, for measuring the scheduler";
  WeftOp ops[G_N_ELEMENTS (kernels)];

  for (size_t i = 0; i < G_N_ELEMENTS (kernels); i++)
    ops[i] = (WeftOp){ .name = op_names[i],
                       .version = 1,
                       .doc = doc,
                       .params = &inputs,
                       .n_params = 1,
                       .variadic = true,
                       .n_outputs = 1,
                       .flags = WEFT_OP_PURE | (i == WEFT_BENCH_BURN ? 0 : WEFT_OP_CHEAP),
                       .kernel = kernels[i],
                       .user_data = n_steps };
  return weft_op_registry_add (registry, ops, G_N_ELEMENTS (ops), error);
}

/* ---- shapes ---------------------------------------------------------------------------------- */

typedef struct
{
  WeftGraphBuilder *builder;
  const char *op;
  uint32_t pattern;
  uint32_t n_tasks;
  uint32_t calls[4]; /* by number of inputs; WEFT_NONE: not made yet */
} Shape;

static uint32_t
call_of (Shape *shape, uint32_t n_inputs)
{
  uint32_t call;

  if (n_inputs < G_N_ELEMENTS (shape->calls) && shape->calls[n_inputs] != WEFT_NONE)
    return shape->calls[n_inputs];
  weft_graph_builder_begin_call (shape->builder, shape->op, 0, 1);
  if (n_inputs > 0)
    weft_graph_builder_arg_slots (shape->builder, 0, n_inputs);
  call = weft_graph_builder_end_call (shape->builder);
  if (n_inputs < G_N_ELEMENTS (shape->calls))
    shape->calls[n_inputs] = call;
  return call;
}

static void
add_task (Shape *shape, const WeftTaskOutput *inputs, uint32_t n_inputs)
{
  weft_graph_builder_add_numbered (shape->builder, shape->pattern, shape->n_tasks++,
                                   call_of (shape, n_inputs), inputs, n_inputs);
}

static void
add_independent (Shape *shape, uint32_t size)
{
  for (uint32_t i = 0; i < size; i++)
    add_task (shape, NULL, 0);
}

static void
add_chain (Shape *shape, uint32_t size)
{
  for (uint32_t i = 0; i < size; i++)
    {
      WeftTaskOutput input = { i - 1, 0 };

      add_task (shape, &input, i > 0);
    }
}

static void
add_tree (Shape *shape, uint32_t n_leaves)
{
  add_independent (shape, n_leaves);
  for (uint32_t i = 0; i + 1 < n_leaves; i++)
    {
      WeftTaskOutput inputs[] = { { 2 * i, 0 }, { 2 * i + 1, 0 } };

      add_task (shape, inputs, 2);
    }
}

static void
add_stencil (Shape *shape, uint32_t n_steps)
{
  add_independent (shape, STENCIL_WIDTH);
  for (uint32_t i = STENCIL_WIDTH; i < n_steps * STENCIL_WIDTH; i++)
    {
      uint32_t cell = i % STENCIL_WIDTH, above = i - STENCIL_WIDTH, n = 0;
      WeftTaskOutput inputs[3];

      if (cell > 0)
        inputs[n++] = (WeftTaskOutput){ above - 1, 0 };
      inputs[n++] = (WeftTaskOutput){ above, 0 };
      if (cell + 1 < STENCIL_WIDTH)
        inputs[n++] = (WeftTaskOutput){ above + 1, 0 };
      add_task (shape, inputs, n);
    }
}

static void
add_fan (Shape *shape, uint32_t width)
{
  WeftTaskOutput source = { 0, 0 };
  g_autofree WeftTaskOutput *all = g_new0 (WeftTaskOutput, width);

  add_task (shape, NULL, 0);
  for (uint32_t i = 0; i < width; i++)
    {
      add_task (shape, &source, 1);
      all[i].task = i + 1;
    }
  add_task (shape, all, width);
}

static const char *const shape_names[] = { "independent", "chain", "tree", "stencil", "fan", NULL };

static const struct
{
  void (*add) (Shape *shape, uint32_t size);
  uint32_t size;
} shapes[] = {
  { add_independent, 100000 }, { add_chain, 100000 }, { add_tree, 1 << 17 },
  { add_stencil, 2000 },       { add_fan, 100000 },
};

const char *const *
_weft_cli_bench_shapes (void)
{
  return shape_names;
}

WeftGraph *
_weft_cli_bench_graph (const char *name, uint32_t size, WeftBenchValues values)
{
  Shape shape = { .op = op_names[values] };
  WeftGraph *graph = NULL;
  uint32_t k = 0;

  while (shape_names[k] != NULL && strcmp (shape_names[k], name) != 0)
    k++;
  if (shape_names[k] == NULL)
    return NULL;
  memset (shape.calls, 0xff, sizeof shape.calls);
  shape.builder = weft_graph_builder_new ();
  shape.pattern = weft_graph_builder_key_pattern (shape.builder, "task-", "");
  shapes[k].add (&shape, size > 0 ? size : shapes[k].size);
  weft_graph_builder_want (shape.builder, shape.n_tasks - 1, 0);
  graph = weft_graph_builder_freeze (shape.builder, NULL, NULL);
  weft_graph_builder_free (shape.builder);
  return graph;
}

uint64_t *
_weft_cli_bench_expected (WeftGraph *graph)
{
  const WeftGraphArrays *arrays = weft_graph_arrays (graph);
  uint64_t *values = g_new (uint64_t, arrays->n_tasks);

  for (uint32_t task = 0; task < arrays->n_tasks; task++)
    {
      values[task] = 1;
      for (uint32_t i = arrays->input_offsets[task]; i < arrays->input_offsets[task + 1]; i++)
        values[task] += values[arrays->input_tasks[i]];
    }
  return values;
}
