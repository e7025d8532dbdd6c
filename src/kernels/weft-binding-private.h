/* weft-binding-private.h: calls bound to signatures, and arguments made from inputs
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A call of a graph is bound once, when its segment is attached; what is left to do for each task
 * is:
 *
 *   IDENTITY  the arguments are the inputs, in order: the inputs' array itself is handed on
 *   FLAT      each argument is an input or a constant: copied into scratch, sixteen bytes each
 *   NESTED    lists or records hold inputs: those are built; a list that is just a run of inputs is
 *             laid over the inputs' array and owns nothing (WeftList.borrowed)
 *
 * A bound argument is a WeftValue whose `aux` is 0 for a constant, else the input's number + 1. In
 * NESTED bindings EMPTY stands for a thing to be built, and the payload points to its plan
 * (bind.c).
 *
 * Values that templates can say and values cannot: a MAP becomes a list tagged "map" of [key,
 * value] lists; TAGGED over a list or map is that list with the tag, over anything else a list with
 * the tag and that one item. The object of a CONSTANT is a WeftValue *, which the graph keeps
 * alive.
 */
#pragma once

#include "graph/weft-graph.h"
#include "kernels/weft-task-private.h"

typedef enum
{
  WEFT_BINDING_IDENTITY = 0,
  WEFT_BINDING_FLAT = 1,
  WEFT_BINDING_NESTED = 2,
} WeftBindingKind;

/* Immutable once made; any thread. */
struct _WeftBinding
{
  const WeftOp *op;
  const WeftValue *values; /* n_args, as told above; NULL when IDENTITY */
  const uint32_t *accepts; /* by parameter: WEFT_ACCEPT… bits; `none` where it may be left out */
  uint32_t n_args;
  uint32_t n_built;    /* NESTED: most boxes a call builds */
  uint32_t n_outputs;  /* of the call */
  uint32_t last_param; /* where the types of further variadic arguments are found */
  uint8_t kind;        /* WeftBindingKind */
  bool checked;        /* some input goes to a parameter that does not take every type */
  bool repeated;       /* some input stands in several places, so none may be stolen */
};

/**
 * _weft_bind_graph:
 *
 * Binds all calls of a graph: finds their operations and fits arguments to parameters, as Python
 * would. Calls without an operation are bound to `replay`, which takes the graph's hints.
 *
 * Errors: WEFT_GRAPH_ERROR_OPERATION and _ARGUMENT, with the call's place, the first task's key,
 * what was found and what is expected. Any thread. O(nodes of all templates).
 *
 * Returns: (transfer full) (nullable) (array): one binding a call; holds references on registry and
 *   graph
 */
WeftBinding *_weft_bind_graph (WeftOpRegistry *registry, WeftGraph *graph, GError **error);
/* @bindings: (nullable): n_calls of them */
void _weft_bindings_free (WeftBinding *bindings, uint32_t n_calls);

/* The unusual parts of _weft_binding_args(). */
const WeftValue *_weft_binding_build (const WeftBinding *binding, const WeftValue *inputs,
                                      WeftTask *task, WeftStatus *status);
const WeftValue *_weft_binding_refuse (const WeftBinding *binding, const WeftValue *args,
                                       WeftTask *task, WeftStatus *status);

/**
 * _weft_binding_done:
 * @args: what _weft_binding_args() returned
 *
 * To be called after each kernel of a NESTED binding, whatever it returned, while the inputs are
 * still held. Lists and records made for the call are let go; where the kernel kept one, it comes
 * to own its items. Calling it again does nothing.
 */
void _weft_binding_done (const WeftBinding *binding, const WeftValue *args, WeftTask *task);

static inline bool
_weft_binding_is_nested (const WeftBinding *binding)
{
  return binding->kind == WEFT_BINDING_NESTED;
}

static inline bool
_weft_binding_types_fit (const WeftBinding *binding, const WeftValue *args)
{
  uint32_t fit = 1;

  for (uint32_t i = 0; i < binding->n_args; i++)
    fit &= binding->accepts[MIN (i, binding->last_param)] >> (args[i].type & 31);
  return fit != 0;
}

/**
 * _weft_binding_args:
 * @inputs: the task's inputs in slot order
 * @n_args: (out): how many arguments
 * @status: (inout): set when %NULL is returned
 *
 * Also forgets what the context kept of the task before.
 *
 * Returns: (nullable): the arguments, valid until the kernel has returned; %NULL when the types do
 *   not fit (@status is WEFT_FAILED and the context has the message) or memory is out
 */
static inline const WeftValue *
_weft_binding_args (const WeftBinding *binding, const WeftValue *inputs, WeftTask *task,
                    uint32_t *n_args, WeftStatus *status)
{
  const WeftValue *args = inputs;

  _weft_task_forget (task);
  *n_args = binding->n_args;
  if (binding->kind == WEFT_BINDING_FLAT)
    {
      const WeftValue *values = binding->values;
      WeftValue *own = _weft_task_scratch_quick (task, binding->n_args * sizeof *own);

      if (WEFT_UNLIKELY (own == NULL))
        {
          *status = WEFT_NO_MEMORY;
          return NULL;
        }
      for (uint32_t i = 0; i < binding->n_args; i++)
        own[i] = values[i].aux == 0 ? values[i] : inputs[values[i].aux - 1];
      args = own;
    }
  else if (binding->kind == WEFT_BINDING_NESTED)
    {
      args = _weft_binding_build (binding, inputs, task, status);
      if (WEFT_UNLIKELY (args == NULL))
        return NULL;
    }
  if (binding->checked && WEFT_UNLIKELY (!_weft_binding_types_fit (binding, args)))
    return _weft_binding_refuse (binding, args, task, status);
  return args;
}
