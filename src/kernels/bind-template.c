/* bind-template.c: one argument of a template: a constant, an input, or a plan of what to build
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A subtree without inputs is made into a value here, once, and shared by all tasks of the call. A
 * subtree with inputs becomes a plan. Nesting is bounded by WEFT_GRAPH_MAX_DEPTH, so this recurses.
 */
#include "config.h"

#include "kernels/weft-bind-private.h"

#include <string.h>

/* Encoded constants come from graph files. */
#define MAX_ENCODED_BYTES (UINT64_C (1) << 40)

static bool bind_node (WeftBinder *binder, const WeftArg *node, uint32_t depth, WeftValue *value);

static bool
fail_memory (WeftBinder *binder)
{
  return _weft_binder_fail (binder, WEFT_GRAPH_ERROR_RANGE,
                            "there is no memory for its constant arguments");
}

static bool
is_constant (const WeftValue *value)
{
  return value->aux == 0 && !_weft_value_is_build (value);
}

/* The set holds the one reference of a constant that was made here. */
static bool
own_constant (WeftBinder *binder, WeftStatus status, const WeftValue *value)
{
  if (status != WEFT_OK)
    return fail_memory (binder);
  if (weft_value_is_boxed (value))
    g_ptr_array_add (binder->set->boxes, value->u.box);
  return true;
}

static const char *
node_text (const WeftBinder *binder, const WeftArg *node)
{
  return binder->arrays->text + node->u.offset;
}

/* ---- leaves ---------------------------------------------------------------------------------- */

static bool
bind_encoded (WeftBinder *binder, const WeftArg *node, WeftValue *value)
{
  g_autoptr (GError) error = NULL;

  if (!weft_value_decode (NULL, binder->classes, (const uint8_t *) node_text (binder, node),
                          node->count, MAX_ENCODED_BYTES, value, NULL, &error))
    return _weft_binder_fail (binder, WEFT_GRAPH_ERROR_ARGUMENT,
                              "found an encoded constant that cannot be decoded: %s",
                              error->message);
  return own_constant (binder, WEFT_OK, value);
}

static bool
bind_object (WeftBinder *binder, const WeftArg *node, WeftValue *value)
{
  const WeftValue *object = weft_graph_constant (binder->set->graph, node->count);

  if (object == NULL || object->type == WEFT_TYPE_EMPTY || object->aux != 0)
    return _weft_binder_fail (binder, WEFT_GRAPH_ERROR_ARGUMENT,
                              "found an in-process constant that is no value");
  *value = *object;
  return true;
}

static bool
bind_leaf (WeftBinder *binder, const WeftArg *node, WeftValue *value)
{
  switch ((WeftArgKind) node->kind)
    {
    case WEFT_ARG_BOOL:
      weft_value_set_bool (value, node->u.b);
      return true;
    case WEFT_ARG_INT64:
      weft_value_set_int64 (value, node->u.i);
      return true;
    case WEFT_ARG_FLOAT64:
      weft_value_set_float64 (value, node->u.f);
      return true;
    case WEFT_ARG_STRING:
      return own_constant (
          binder, weft_value_init_string (value, NULL, node_text (binder, node), node->count),
          value);
    case WEFT_ARG_BYTES:
      return own_constant (
          binder, weft_value_init_bytes (value, NULL, node_text (binder, node), node->count),
          value);
    case WEFT_ARG_SLOT:
      *value = (WeftValue){ .aux = node->u.slot.first + 1 };
      binder->n_slot_uses++;
      return true;
    case WEFT_ARG_CONSTANT:
      return bind_object (binder, node, value);
    case WEFT_ARG_ENCODED:
      return bind_encoded (binder, node, value);
    default:
      weft_value_set_none (value);
      return true;
    }
}

/* ---- lists and records ----------------------------------------------------------------------- */

static bool
are_constant (const WeftValue *values, size_t n)
{
  for (size_t i = 0; i < n; i++)
    if (!is_constant (&values[i]))
      return false;
  return true;
}

static bool
is_run (const WeftValue *values, size_t n)
{
  for (size_t i = 0; i < n; i++)
    if (values[i].aux != values[0].aux + i || values[i].aux == 0)
      return false;
  return n > 0;
}

static void
set_build (WeftBinder *binder, WeftValue *value, const WeftBuild *build)
{
  WeftBuild *own = _weft_binder_alloc (binder, sizeof *own);

  *own = *build;
  binder->n_built++;
  *value = (WeftValue){ .type = WEFT_TYPE_EMPTY, .u.bits = (uintptr_t) own };
}

static WeftValue *
dup_values (WeftBinder *binder, const WeftValue *values, size_t n)
{
  return memcpy (_weft_binder_alloc (binder, n * sizeof *values), values, n * sizeof *values);
}

/* Each value that goes into a constant takes a reference of its own with it. */
static void
ref_all (const WeftValue *values, size_t n)
{
  for (size_t i = 0; i < n; i++)
    weft_value_ref (&values[i]);
}

static bool
make_list (WeftBinder *binder, const WeftValue *values, size_t n, const char *tag, WeftValue *value)
{
  WeftBuild build = { .n = (uint32_t) n, .tag = tag };
  WeftStatus status;

  if (n >= UINT32_MAX)
    return fail_memory (binder);
  if (are_constant (values, n))
    {
      status = weft_value_init_list (value, NULL, values, n);
      if (!own_constant (binder, status, value))
        return false;
      ref_all (values, n);
      ((WeftList *) value->u.box)->tag = tag;
      return true;
    }
  build.kind = is_run (values, n) ? WEFT_BUILD_RUN : WEFT_BUILD_LIST;
  if (build.kind == WEFT_BUILD_RUN)
    build.first = values[0].aux - 1;
  else
    build.values = dup_values (binder, values, n);
  set_build (binder, value, &build);
  return true;
}

/* Children of a list, one after the other; a SLOTS node stands for many. */
static bool
bind_items (WeftBinder *binder, const WeftArg *node, uint32_t n, uint32_t depth, GArray *items)
{
  for (uint32_t i = 0; i < n; i++, node += node->skip)
    {
      uint32_t n_slots = node->kind == WEFT_ARG_SLOTS ? node->count : 0;
      WeftValue value;

      for (uint32_t k = 0; k < n_slots; k++)
        {
          value = (WeftValue){ .aux = node->u.slot.first + k + 1 };
          g_array_append_val (items, value);
        }
      binder->n_slot_uses += n_slots;
      if (node->kind == WEFT_ARG_SLOTS)
        continue;
      if (!bind_node (binder, node, depth, &value))
        return false;
      g_array_append_val (items, value);
    }
  return true;
}

static bool
bind_list (WeftBinder *binder, const WeftArg *node, uint32_t depth, const char *tag,
           WeftValue *value)
{
  g_autoptr (GArray) items = g_array_new (FALSE, FALSE, sizeof (WeftValue));

  return bind_items (binder, node + 1, node->count, depth, items)
         && make_list (binder, (const WeftValue *) items->data, items->len, tag, value);
}

/* Pairs as lists of two. */
static bool
bind_map (WeftBinder *binder, const WeftArg *node, uint32_t depth, const char *tag,
          WeftValue *value)
{
  g_autoptr (GArray) pairs = g_array_new (FALSE, FALSE, sizeof (WeftValue));
  const WeftArg *at = node + 1;

  for (uint32_t i = 0; i < node->count; i++)
    {
      WeftValue both[2], pair;

      if (!bind_node (binder, at, depth, &both[0]))
        return false;
      at += at->skip;
      if (!bind_node (binder, at, depth, &both[1]))
        return false;
      at += at->skip;
      if (!make_list (binder, both, 2, NULL, &pair))
        return false;
      g_array_append_val (pairs, pair);
    }
  return make_list (binder, (const WeftValue *) pairs->data, pairs->len, tag, value);
}

/* The children's names go into a shape, their values into @values. */
static bool
bind_fields (WeftBinder *binder, const WeftArg *node, uint32_t depth, WeftValue *values,
             WeftRecordShape **shape)
{
  g_autofree const char **names = g_new (const char *, node->count + 1);
  const WeftArg *at = node + 1;

  for (uint32_t i = 0; i < node->count; i++)
    {
      names[i] = node_text (binder, at);
      at += at->skip;
      if (!bind_node (binder, at, depth, &values[i]))
        return false;
      at += at->skip;
    }
  *shape = weft_record_shape_new (names, node->count);
  if (*shape == NULL)
    return fail_memory (binder);
  g_ptr_array_add (binder->set->shapes, *shape);
  return true;
}

static bool
bind_record (WeftBinder *binder, const WeftArg *node, uint32_t depth, WeftValue *value)
{
  g_autofree WeftValue *values = g_new (WeftValue, node->count + 1);
  WeftBuild build = { .kind = WEFT_BUILD_RECORD, .n = node->count };

  if (!bind_fields (binder, node, depth, values, &build.shape))
    return false;
  if (are_constant (values, node->count))
    {
      if (!own_constant (binder, weft_value_init_record (value, build.shape, values), value))
        return false;
      ref_all (values, node->count);
      return true;
    }
  build.values = dup_values (binder, values, node->count);
  set_build (binder, value, &build);
  return true;
}

static bool
bind_tagged (WeftBinder *binder, const WeftArg *node, uint32_t depth, WeftValue *value)
{
  const char *tag = g_intern_string (node_text (binder, node + 1));
  const WeftArg *inner = node + 1 + node[1].skip;
  WeftValue item;

  if (inner->kind == WEFT_ARG_LIST)
    return bind_list (binder, inner, depth, tag, value);
  if (inner->kind == WEFT_ARG_MAP)
    return bind_map (binder, inner, depth, tag, value);
  return bind_node (binder, inner, depth, &item) && make_list (binder, &item, 1, tag, value);
}

static bool
bind_node (WeftBinder *binder, const WeftArg *node, uint32_t depth, WeftValue *value)
{
  if (depth > WEFT_GRAPH_MAX_DEPTH + 1)
    return _weft_binder_fail (binder, WEFT_GRAPH_ERROR_DEPTH,
                              "found arguments nested deeper than %d, the most that is allowed",
                              WEFT_GRAPH_MAX_DEPTH);
  switch (node->kind)
    {
    case WEFT_ARG_LIST:
      return bind_list (binder, node, depth + 1, NULL, value);
    case WEFT_ARG_RECORD:
      return bind_record (binder, node, depth + 1, value);
    case WEFT_ARG_MAP:
      return bind_map (binder, node, depth + 1, "map", value);
    case WEFT_ARG_TAGGED:
      return bind_tagged (binder, node, depth + 1, value);
    default:
      return bind_leaf (binder, node, value);
    }
}

bool
_weft_bind_argument (WeftBinder *binder, const WeftArg *node, WeftValue *value)
{
  return bind_node (binder, node, 0, value);
}
