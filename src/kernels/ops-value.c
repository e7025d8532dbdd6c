/* ops-value.c: constants, lists, and parts of values
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "kernels/weft-ops-private.h"

#include <inttypes.h>

static WeftStatus
op_identity (WeftTask *task, const WeftValue *args, uint32_t n_args, WeftValue *results)
{
  return _weft_give (results, &args[0]);
}

static WeftStatus
op_list (WeftTask *task, const WeftValue *args, uint32_t n_args, WeftValue *results)
{
  WeftStatus status = weft_value_init_list (results, weft_task_account (task), args, n_args);

  for (uint32_t i = 0; status == WEFT_OK && i < n_args; i++)
    weft_value_ref (&args[i]);
  return status;
}

/* ---- length and items ------------------------------------------------------------------------ */

static WeftStatus
op_len (WeftTask *task, const WeftValue *args, uint32_t n_args, WeftValue *results)
{
  int64_t n = 0;

  switch (weft_value_type (&args[0]))
    {
    case WEFT_TYPE_STRING:
      n = _weft_count_chars (_weft_string (&args[0])->chars, _weft_string (&args[0])->n_chars);
      break;
    case WEFT_TYPE_BYTES:
      n = (int64_t) _weft_bytes (&args[0])->n_bytes;
      break;
    case WEFT_TYPE_LIST:
      n = (int64_t) _weft_list (&args[0])->n_items;
      break;
    case WEFT_TYPE_RECORD:
      n = _weft_record (&args[0])->n_fields;
      break;
    case WEFT_TYPE_TABLE:
      n = ((const WeftTable *) args[0].u.box)->n_rows;
      break;
    default: /* an array, as the signature lets nothing else in */
      if (((const WeftArray *) args[0].u.box)->n_dims == 0)
        return weft_task_fail (task, "an array without dimensions has no length");
      n = ((const WeftArray *) args[0].u.box)->shape[0];
    }
  weft_value_set_int64 (results, n);
  return WEFT_OK;
}

static WeftStatus
get_field (WeftTask *task, const WeftRecordValue *record, const WeftValue *name, WeftValue *result)
{
  g_autofree char *quoted = NULL;

  if (weft_value_type (name) != WEFT_TYPE_STRING)
    return weft_task_fail (task, "a record's items have names; found %s as index, expected string",
                           weft_type_name (weft_value_type (name)));
  for (uint32_t i = 0; i < record->n_fields; i++)
    if (strcmp (record->shape->names[i], _weft_string (name)->chars) == 0)
      return _weft_give (result, &record->values[i]);
  quoted = weft_value_to_text (name, false, 100);
  return weft_task_fail (task, "found no field “%s” in a record of %u fields", quoted,
                         record->n_fields);
}

static const char *
nth_char (const char *at, const char *end, int64_t n)
{
  while (n-- > 0)
    _weft_next_char (&at, end);
  return at;
}

static WeftStatus
get_char (WeftTask *task, const WeftString *string, int64_t i, WeftValue *result)
{
  const char *end = string->chars + string->n_chars;
  const char *at = nth_char (string->chars, end, i);
  const char *next = at;

  _weft_next_char (&next, end);
  return weft_value_init_string (result, weft_task_account (task), at, (size_t) (next - at));
}

/* From behind when negative, as in Python. */
static WeftStatus
get_at (WeftTask *task, const WeftValue *container, int64_t i, WeftValue *result)
{
  WeftValue n;
  int64_t index = i;

  op_len (task, container, 1, &n);
  if (index < 0)
    index += n.u.i;
  if (index < 0 || index >= n.u.i)
    return weft_task_fail (task, "index %" PRId64 " is out of range: the %s has %" PRId64 " items",
                           i, weft_type_name (weft_value_type (container)), n.u.i);
  if (weft_value_type (container) == WEFT_TYPE_LIST)
    return _weft_give (result, &_weft_list (container)->items[index]);
  if (weft_value_type (container) == WEFT_TYPE_STRING)
    return get_char (task, _weft_string (container), index, result);
  weft_value_set_int64 (result, _weft_bytes (container)->bytes[index]);
  return WEFT_OK;
}

static WeftStatus
op_getitem (WeftTask *task, const WeftValue *args, uint32_t n_args, WeftValue *results)
{
  if (weft_value_type (&args[0]) == WEFT_TYPE_RECORD)
    return get_field (task, _weft_record (&args[0]), &args[1], results);
  if (!_weft_is_integer (&args[1]))
    return weft_task_fail (task, "found %s as index of a %s, expected int64",
                           weft_type_name (weft_value_type (&args[1])),
                           weft_type_name (weft_value_type (&args[0])));
  return get_at (task, &args[0], _weft_integer (&args[1]), results);
}

/* ---- table ----------------------------------------------------------------------------------- */

#define WITH_ITEMS \
  (WEFT_ACCEPT_STRING | WEFT_ACCEPT (WEFT_TYPE_BYTES) | WEFT_ACCEPT_LIST | WEFT_ACCEPT_RECORD)

static const WeftOpParam one_value[] = { WEFT_PARAM ("value", WEFT_ACCEPT_ANY, "any value") };
static const WeftOpParam values[] = { WEFT_PARAM_REST ("values", WEFT_ACCEPT_ANY, "the items") };
static const WeftOpParam len_params[] = {
  WEFT_PARAM ("value", WITH_ITEMS | WEFT_ACCEPT (WEFT_TYPE_TABLE) | WEFT_ACCEPT (WEFT_TYPE_ARRAY),
              "what to count the items of"),
};
static const WeftOpParam getitem_params[] = {
  WEFT_PARAM ("container", WITH_ITEMS, "string, bytes, list or record"),
  WEFT_PARAM ("index", WEFT_ACCEPT_INTEGER | WEFT_ACCEPT_STRING,
              "number from 0, or from the end when negative; a record's field name"),
};

#define VALUE_OP(op_name, table, text, func)                                         \
  {                                                                                  \
    .name = op_name, .version = 1, .doc = text, WEFT_PARAMS (table), .n_outputs = 1, \
    .flags = WEFT_CHEAP_OP, .cost_hint_ns = 10, .kernel = func                       \
  }

static const WeftOp ops[] = {
  VALUE_OP ("const", one_value, "the value itself\nFor values that several tasks use.",
            op_identity),
  VALUE_OP ("identity", one_value, "the value itself", op_identity),
  { .name = "list",
    .version = 1,
    .doc = "a list of the arguments",
    WEFT_PARAMS (values),
    .variadic = true,
    .n_outputs = 1,
    .flags = WEFT_CHEAP_OP,
    .cost_hint_ns = 50,
    .kernel = op_list },
  VALUE_OP ("len", len_params,
            "number of items: characters of a string, fields of a record, rows of a table", op_len),
  VALUE_OP ("getitem", getitem_params, "one item of a string, bytes, list or record", op_getitem),
};

const WeftOpTable _weft_ops_value = { ops, G_N_ELEMENTS (ops) };
