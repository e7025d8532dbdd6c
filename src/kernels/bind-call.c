/* bind-call.c: a call's arguments, fitted to an operation's parameters
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * As Python would: positional arguments fill parameters from the left, keyword arguments by name, a
 * parameter that got nothing has its fallback, and a variadic last parameter takes what is left.
 * The messages say which of these rules was not kept.
 */
#include "config.h"

#include "kernels/weft-bind-private.h"

#include "base/weft-nearest-private.h"

#include <string.h>

#define fail(binder, ...) _weft_binder_fail (binder, WEFT_GRAPH_ERROR_ARGUMENT, __VA_ARGS__)

/* Parameters before a variadic one. */
static uint32_t
n_fixed_params (const WeftOp *op)
{
  return op->n_params - (op->variadic ? 1 : 0);
}

/* "a, b=…, *values": the signature, for messages. (transfer full) */
static char *
signature_text (const WeftOp *op)
{
  GString *text = g_string_new (NULL);

  for (uint32_t i = 0; i < op->n_params; i++)
    {
      bool rest = op->variadic && i == op->n_params - 1;

      g_string_append_printf (text, "%s%s%s%s", i > 0 ? ", " : "", rest ? "*" : "",
                              op->params[i].name, !rest && !op->params[i].required ? "=…" : "");
    }
  return g_string_free (text, FALSE);
}

/* From here on errors are about this argument. */
static void
look_at (WeftBinder *binder, WeftArgumentKind kind, uint32_t index, const char *name, size_t n_name)
{
  binder->argument = (WeftArgumentPlace){ kind, index, name, n_name };
}

/* ---- what was given -------------------------------------------------------------------------- */

static void
set_value (WeftBinder *binder, uint32_t i, const WeftValue *value)
{
  g_array_index (binder->values, WeftValue, i) = *value;
  g_array_index (binder->given, char, i) = 1;
}

static uint64_t
count_positional (const WeftBinder *binder, const WeftCall *call)
{
  const WeftArg *node = &binder->arrays->args[call->args];
  uint64_t n = 0;

  for (uint32_t i = 0; i < call->n_args; i++, node += node->skip)
    n += node->kind == WEFT_ARG_SLOTS ? node->count : 1;
  return n;
}

static bool
fail_too_many (WeftBinder *binder, uint64_t n)
{
  uint32_t most = n_fixed_params (binder->op);
  g_autofree char *signature = signature_text (binder->op);

  look_at (binder, WEFT_ARGUMENT_POSITIONAL, most, NULL, 0);
  return fail (binder, "found %" G_GUINT64_FORMAT " positional argument%s, expected %s%u: %s (%s)",
               n, n == 1 ? "" : "s", most == 0 ? "" : "at most ", most, binder->op->name,
               signature);
}

static bool
bind_positional (WeftBinder *binder, const WeftCall *call)
{
  const WeftArg *node = &binder->arrays->args[call->args];
  uint32_t at = 0;

  for (uint32_t i = 0; i < call->n_args; i++, node += node->skip)
    {
      uint32_t n_slots = node->kind == WEFT_ARG_SLOTS ? node->count : 0;
      WeftValue value;

      for (uint32_t k = 0; k < n_slots; k++, at++)
        {
          value = (WeftValue){ .aux = node->u.slot.first + k + 1 };
          set_value (binder, at, &value);
        }
      binder->n_slot_uses += n_slots;
      if (node->kind == WEFT_ARG_SLOTS)
        continue;
      look_at (binder, WEFT_ARGUMENT_POSITIONAL, at, NULL, 0);
      if (!_weft_bind_argument (binder, node, &value))
        return false;
      set_value (binder, at++, &value);
    }
  return true;
}

/* ---- keywords -------------------------------------------------------------------------------- */

static bool
fail_unknown_keyword (WeftBinder *binder, const char *name, uint32_t n_name)
{
  const WeftOp *op = binder->op;
  g_autofree char *quoted = _weft_quote (name, n_name);
  g_autofree char *signature = signature_text (op);
  WeftNearest nearest;

  _weft_nearest_init (&nearest, name, n_name);
  for (uint32_t i = 0; i < n_fixed_params (op); i++)
    _weft_nearest_offer (&nearest, op->params[i].name, strlen (op->params[i].name), i);
  if (nearest.best != WEFT_NONE)
    return fail (binder,
                 "found unknown keyword argument %s, expected those of %s (%s); did you mean “%s”?",
                 quoted, op->name, signature, op->params[nearest.best].name);
  return fail (binder, "found unknown keyword argument %s, expected those of %s (%s)", quoted,
               op->name, signature);
}

static uint32_t
find_param (const WeftOp *op, const char *name, uint32_t n_name)
{
  for (uint32_t i = 0; i < n_fixed_params (op); i++)
    if (strlen (op->params[i].name) == n_name && memcmp (op->params[i].name, name, n_name) == 0)
      return i;
  return WEFT_NONE;
}

static bool
bind_keywords (WeftBinder *binder, const WeftCall *call)
{
  const WeftArg *node = &binder->arrays->args[call->kwargs];

  for (uint32_t i = 0; i < call->n_kwargs; i++)
    {
      const char *name = binder->arrays->text + node->u.offset;
      uint32_t param = find_param (binder->op, name, node->count);
      WeftValue value;

      look_at (binder, WEFT_ARGUMENT_NAME, 0, name, node->count);
      if (param == WEFT_NONE)
        return fail_unknown_keyword (binder, name, node->count);
      if (g_array_index (binder->given, char, param))
        return fail (
            binder,
            "found argument “%s” of operation “%s” a second time, by its name, expected it "
            "once",
            binder->op->params[param].name, binder->op->name);
      look_at (binder, WEFT_ARGUMENT_VALUE, 0, name, node->count);
      node += node->skip;
      if (!_weft_bind_argument (binder, node, &value))
        return false;
      set_value (binder, param, &value);
      node += node->skip;
    }
  return true;
}

static bool
fill_in (WeftBinder *binder)
{
  const WeftOp *op = binder->op;
  g_autofree char *signature = NULL;

  look_at (binder, WEFT_ARGUMENT_NONE, 0, NULL, 0);
  for (uint32_t i = 0; i < n_fixed_params (op); i++)
    {
      WeftValue fallback = op->params[i].fallback;

      if (g_array_index (binder->given, char, i))
        continue;
      if (op->params[i].required)
        {
          signature = signature_text (op);
          return fail (binder, "found no argument “%s”, expected %s (%s)", op->params[i].name,
                       op->name, signature);
        }
      if (fallback.type == WEFT_TYPE_EMPTY)
        weft_value_set_none (&fallback);
      set_value (binder, i, &fallback);
    }
  return true;
}

/* ---- types ----------------------------------------------------------------------------------- */

char *
_weft_accepts_text (uint32_t accepts)
{
  GString *text = g_string_new (NULL);
  uint32_t left = accepts & ((2u << WEFT_TYPE_FOREIGN) - 2);

  for (uint32_t type = WEFT_TYPE_NONE; type <= WEFT_TYPE_FOREIGN; type++)
    if (left & (1u << type))
      {
        left &= ~(1u << type);
        g_string_append_printf (text, "%s%s",
                                text->len == 0 ? ""
                                : left == 0    ? " or "
                                               : ", ",
                                weft_type_name ((WeftType) type));
      }
  return g_string_free (text, FALSE);
}

static WeftType
type_of (const WeftValue *value)
{
  if (!_weft_value_is_build (value))
    return weft_value_type (value);
  return _weft_value_build (value)->kind == WEFT_BUILD_RECORD ? WEFT_TYPE_RECORD : WEFT_TYPE_LIST;
}

static void
look_at_value (WeftBinder *binder, uint32_t i, uint32_t param)
{
  const char *name = binder->op->params[param].name;

  if (i < binder->n_positional)
    look_at (binder, WEFT_ARGUMENT_POSITIONAL, i, NULL, 0);
  else
    look_at (binder, WEFT_ARGUMENT_VALUE, 0, name, strlen (name));
}

/* Constants and what is built are checked now, inputs when they are there. */
static bool
check_types (WeftBinder *binder, WeftBinding *binding)
{
  for (uint32_t i = 0; i < binding->n_args; i++)
    {
      const WeftValue *value = &g_array_index (binder->values, WeftValue, i);
      uint32_t param = MIN (i, binding->last_param);
      uint32_t accepts = binding->accepts[param];
      g_autofree char *expected = NULL;

      if (value->aux != 0)
        binding->checked |= accepts != WEFT_ACCEPT_ANY;
      if (value->aux != 0 || (accepts & WEFT_ACCEPT (type_of (value))) != 0)
        continue;
      expected = _weft_accepts_text (accepts);
      look_at_value (binder, i, param);
      return fail (binder, "found %s as argument “%s” of operation “%s”, expected %s",
                   weft_type_name (type_of (value)), binder->op->params[param].name,
                   binder->op->name, expected);
    }
  return true;
}

static WeftBindingKind
kind_of (const WeftBinder *binder, const WeftCall *call)
{
  const WeftValue *values = (const WeftValue *) binder->values->data;
  bool identity = binder->values->len == call->n_slots;

  if (binder->n_built > 0)
    return WEFT_BINDING_NESTED;
  for (uint32_t i = 0; identity && i < binder->values->len; i++)
    identity = values[i].aux == i + 1;
  return identity || binder->values->len == 0 ? WEFT_BINDING_IDENTITY : WEFT_BINDING_FLAT;
}

static void
start_call (WeftBinder *binder, uint64_t n_args)
{
  g_array_set_size (binder->values, (guint) n_args);
  g_array_set_size (binder->given, (guint) n_args);
  if (n_args > 0)
    memset (binder->given->data, 0, n_args);
  binder->n_slot_uses = 0;
  binder->n_built = 0;
}

/* A call that is known by its hints only: nothing of its template is an argument. */
static bool
bind_replay (WeftBinder *binder)
{
  start_call (binder, n_fixed_params (binder->op));
  return fill_in (binder);
}

static bool
bind_arguments (WeftBinder *binder, const WeftCall *call)
{
  const WeftOp *op = binder->op;
  uint32_t n_fixed = n_fixed_params (op);
  uint64_t n_given;

  if (call->op == 0)
    return bind_replay (binder);
  n_given = count_positional (binder, call);
  binder->n_positional = (uint32_t) MIN (n_given, UINT32_MAX);
  if (n_given > (op->variadic ? UINT32_MAX - 1 : n_fixed))
    return fail_too_many (binder, n_given);
  start_call (binder, MAX (n_given, n_fixed));
  return bind_positional (binder, call) && bind_keywords (binder, call) && fill_in (binder);
}

bool
_weft_bind_call (WeftBinder *binder, WeftBinding *binding)
{
  const WeftCall *call = &binder->arrays->calls[binder->call];
  size_t n_bytes;

  if (!bind_arguments (binder, call))
    return false;
  *binding = (WeftBinding){ .op = binder->op,
                            .accepts = _weft_binder_accepts (binder),
                            .n_args = binder->values->len,
                            .n_built = binder->n_built,
                            .n_outputs = MAX (call->n_outputs, 1),
                            .last_param = MAX (binder->op->n_params, 1) - 1,
                            .kind = (uint8_t) kind_of (binder, call),
                            .repeated = binder->n_slot_uses > call->n_slots };
  if (!check_types (binder, binding))
    return false;
  if (binding->kind == WEFT_BINDING_IDENTITY)
    return true;
  n_bytes = binding->n_args * sizeof (WeftValue);
  binding->values = memcpy (_weft_binder_alloc (binder, n_bytes), binder->values->data, n_bytes);
  return true;
}
