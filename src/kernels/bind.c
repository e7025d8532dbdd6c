/* bind.c: all calls of a graph, bound
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Calls are few where tasks are alike and a million where each task has constants of its own, so
 * what a binding points to is cut from chunks, and an operation's table of types is made once.
 */
#include "config.h"

#include "kernels/weft-bind-private.h"
#include "kernels/weft-registry-private.h"

#include <stdarg.h>
#include <string.h>

#define CHUNK_BYTES 65536

/* ---- memory ---------------------------------------------------------------------------------- */

void *
_weft_binder_alloc (WeftBinder *binder, size_t n_bytes)
{
  WeftBindingSet *set = binder->set;
  size_t room = set->chunks->len == 0 ? 1024 : CHUNK_BYTES;
  char *at;

  n_bytes = (n_bytes + 15) & ~(size_t) 15;
  if (n_bytes > (size_t) (set->end - set->at))
    {
      room = MAX (room, n_bytes);
      set->at = g_malloc (room);
      set->end = set->at + room;
      g_ptr_array_add (set->chunks, set->at);
    }
  at = set->at;
  set->at += n_bytes;
  return at;
}

static void
shape_unref (void *shape)
{
  weft_record_shape_unref (shape);
}

static void
box_unref (void *box)
{
  weft_box_unref (box);
}

static WeftBindingSet *
binding_set_new (WeftOpRegistry *registry, WeftGraph *graph)
{
  uint32_t n_calls = weft_graph_arrays (graph)->n_calls;
  WeftBindingSet *set = g_malloc0 (sizeof *set + (size_t) n_calls * sizeof (WeftBinding));

  set->registry = weft_op_registry_ref (registry);
  set->graph = weft_graph_ref (graph);
  set->chunks = g_ptr_array_new_with_free_func (g_free);
  set->boxes = g_ptr_array_new_with_free_func (box_unref);
  set->shapes = g_ptr_array_new_with_free_func (shape_unref);
  return set;
}

static void
binding_set_free (WeftBindingSet *set)
{
  g_ptr_array_unref (set->boxes);
  g_ptr_array_unref (set->shapes);
  g_ptr_array_unref (set->chunks);
  weft_graph_unref (set->graph);
  weft_op_registry_unref (set->registry);
  g_free (set);
}

void
_weft_bindings_free (WeftBinding *bindings, uint32_t n_calls G_GNUC_UNUSED)
{
  if (bindings != NULL)
    binding_set_free ((WeftBindingSet *) ((char *) bindings - offsetof (WeftBindingSet, bindings)));
}

/* ---- errors ---------------------------------------------------------------------------------- */

/* The first task of the call: what people know it by. (transfer full) (nullable) */
static char *
dup_task_key (const WeftBinder *binder)
{
  const WeftGraphArrays *arrays = binder->arrays;

  for (uint32_t task = 0; task < arrays->n_tasks; task++)
    if (arrays->call_of_task[task] == binder->call)
      return weft_graph_dup_key (binder->set->graph, task);
  return NULL;
}

bool
_weft_binder_fail (WeftBinder *binder, WeftGraphError code, const char *format, ...)
{
  const WeftGraphArrays *arrays = binder->arrays;
  g_autofree char *key = dup_task_key (binder);
  g_autofree char *quoted = key != NULL ? _weft_quote (key, strlen (key)) : NULL;
  g_autofree char *text = NULL;
  WeftLocation where = { .file = weft_graph_file (binder->set->graph) };
  va_list list;

  va_start (list, format);
  text = g_strdup_vprintf (format, list);
  va_end (list);
  if (arrays->call_locations != NULL)
    {
      where.line = arrays->call_locations[binder->call].line;
      where.column = arrays->call_locations[binder->call].column;
      if (key != NULL)
        _weft_graph_locate_argument (where.file, key, &binder->argument, &where);
    }
  return _weft_graph_set_error (binder->error, code, &where, "task %s: %s",
                                quoted != NULL ? quoted : "(none)", text);
}

/* ---- operations ------------------------------------------------------------------------------ */

static bool
fail_unknown (WeftBinder *binder, const char *name, uint32_t version)
{
  const WeftOp *other = weft_op_registry_find (binder->set->registry, name, 0);
  g_autofree char *nearest = weft_op_registry_suggest (binder->set->registry, name);
  g_autofree char *quoted = _weft_quote (name, strlen (name));

  if (other != NULL)
    return _weft_binder_fail (binder, WEFT_GRAPH_ERROR_OPERATION,
                              "found version %u of operation %s, expected version %u", version,
                              quoted, other->version);
  if (nearest != NULL)
    return _weft_binder_fail (
        binder, WEFT_GRAPH_ERROR_OPERATION,
        "found unknown operation %s, expected one of those that `weftline ops` "
        "lists; did you mean “%s”?",
        quoted, nearest);
  return _weft_binder_fail (
      binder, WEFT_GRAPH_ERROR_OPERATION,
      "found unknown operation %s, expected one of those that `weftline ops` lists; "
      "--plugin loads more",
      quoted);
}

static bool
find_op (WeftBinder *binder, const WeftCall *call)
{
  const char *name = call->op != 0 ? binder->arrays->text + call->op : "replay";

  /* Equal names are equal texts' offsets, and mostly many calls of one operation follow each other.
   * */
  if (binder->op != NULL && call->op_version == 0 && strcmp (binder->op->name, name) == 0)
    return true;
  binder->op = weft_op_registry_find (binder->set->registry, name, call->op_version);
  return binder->op != NULL || fail_unknown (binder, name, call->op_version);
}

/* What each parameter takes; a parameter that may be left out also takes none. */
const uint32_t *
_weft_binder_accepts (WeftBinder *binder)
{
  const WeftOp *op = binder->op;
  uint32_t *accepts = g_hash_table_lookup (binder->accepts, op);

  if (accepts != NULL)
    return accepts;
  accepts = _weft_binder_alloc (binder, MAX (op->n_params, 1) * sizeof *accepts);
  accepts[0] = WEFT_ACCEPT_ANY;
  for (uint32_t i = 0; i < op->n_params; i++)
    {
      const WeftOpParam *param = &op->params[i];
      WeftType fallback = weft_value_type (&param->fallback);

      accepts[i] = param->accepts;
      if (!param->required && !(op->variadic && i == op->n_params - 1)
          && (fallback == WEFT_TYPE_EMPTY || fallback == WEFT_TYPE_NONE))
        accepts[i] |= WEFT_ACCEPT (WEFT_TYPE_NONE);
    }
  g_hash_table_insert (binder->accepts, (void *) op, accepts);
  return accepts;
}

static bool
check_outputs (WeftBinder *binder, const WeftCall *call)
{
  uint32_t n = MAX (call->n_outputs, 1);

  if (n == binder->op->n_outputs || (binder->op->flags & WEFT_OP_VARIABLE_OUTPUTS) != 0)
    return true;
  return _weft_binder_fail (binder, WEFT_GRAPH_ERROR_ARGUMENT,
                            "found %u outputs of operation “%s”, which has %u", n, binder->op->name,
                            binder->op->n_outputs);
}

/* ---- graphs ---------------------------------------------------------------------------------- */

static bool
bind_calls (WeftBinder *binder)
{
  for (binder->call = 0; binder->call < binder->arrays->n_calls; binder->call++)
    {
      const WeftCall *call = &binder->arrays->calls[binder->call];

      binder->argument = (WeftArgumentPlace){ WEFT_ARGUMENT_NONE, 0, NULL, 0 };
      binder->n_positional = 0;
      if (!find_op (binder, call) || !check_outputs (binder, call)
          || !_weft_bind_call (binder, &binder->set->bindings[binder->call]))
        return false;
    }
  return true;
}

WeftBinding *
_weft_bind_graph (WeftOpRegistry *registry, WeftGraph *graph, GError **error)
{
  WeftBinder binder = { .set = binding_set_new (registry, graph),
                        .arrays = weft_graph_arrays (graph),
                        .classes = weft_op_registry_classes (registry),
                        .error = error };
  bool ok;

  binder.accepts = g_hash_table_new (NULL, NULL);
  binder.values = g_array_new (FALSE, FALSE, sizeof (WeftValue));
  binder.given = g_array_new (FALSE, FALSE, sizeof (char));
  ok = bind_calls (&binder);
  g_hash_table_unref (binder.accepts);
  g_array_unref (binder.values);
  g_array_unref (binder.given);
  if (ok)
    return binder.set->bindings;
  binding_set_free (binder.set);
  return NULL;
}
