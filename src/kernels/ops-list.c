/* ops-list.c: reductions of lists: sum, min, max, mean, count, concat
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * min, max and concat take one list, or the values themselves as arguments.
 */
#include "config.h"

#include "kernels/weft-ops-private.h"

static WeftStatus
fail_item (WeftTask *task, size_t i, const WeftValue *item, const char *expected)
{
  return weft_task_fail (task, "item %zu is %s, expected %s", i,
                         weft_type_name (weft_value_type (item)), expected);
}

/* ---- sum, mean, count ------------------------------------------------------------------------ */

/* From left to right; integers as long as all are. */
static WeftStatus
add_up (WeftTask *task, const WeftList *list, WeftValue *sum)
{
  for (uint64_t i = 0; i < list->n_items; i++)
    {
      WeftStatus status;

      if (!_weft_is_number (&list->items[i]))
        return fail_item (task, i, &list->items[i], "a number");
      status = _weft_add (task, sum, &list->items[i], sum);
      if (status != WEFT_OK)
        return status;
    }
  return WEFT_OK;
}

static WeftStatus
op_sum (WeftTask *task, const WeftValue *args, uint32_t n_args, WeftValue *results)
{
  WeftValue sum = args[1];
  WeftStatus status;

  sum.aux = 0;
  status = add_up (task, _weft_list (&args[0]), &sum);
  if (status == WEFT_OK)
    *results = sum;
  return status;
}

static WeftStatus
op_mean (WeftTask *task, const WeftValue *args, uint32_t n_args, WeftValue *results)
{
  const WeftList *list = _weft_list (&args[0]);
  WeftValue sum, n;
  WeftStatus status;

  if (list->n_items == 0)
    return weft_task_fail (task, "an empty list has no mean");
  weft_value_set_int64 (&sum, 0);
  weft_value_set_int64 (&n, (int64_t) list->n_items);
  status = add_up (task, list, &sum);
  return status == WEFT_OK ? _weft_divide (task, &sum, &n, results) : status;
}

static WeftStatus
op_count (WeftTask *task, const WeftValue *args, uint32_t n_args, WeftValue *results)
{
  const WeftList *list = _weft_list (&args[0]);
  int64_t n = 0;

  if (n_args > 2)
    return weft_task_fail (task, "found %u values to count, expected one", n_args - 1);
  for (uint64_t i = 0; i < list->n_items; i++)
    n += n_args == 1 || _weft_equal (&list->items[i], &args[1]);
  weft_value_set_int64 (results, n);
  return WEFT_OK;
}

/* ---- min, max -------------------------------------------------------------------------------- */

/* One list as the only argument stands for its items. */
static void
values_of (const WeftValue *args, uint32_t n_args, const WeftValue **values, size_t *n)
{
  bool one_list = n_args == 1 && weft_value_type (&args[0]) == WEFT_TYPE_LIST;

  *values = one_list ? _weft_list (&args[0])->items : args;
  *n = one_list ? _weft_list (&args[0])->n_items : n_args;
}

/* The first of equal ones, as in Python. @sign: 1 for the least, -1 for the greatest */
static WeftStatus
extreme (WeftTask *task, const WeftValue *args, uint32_t n_args, int sign, WeftValue *result)
{
  const WeftValue *values, *best;
  size_t n;

  values_of (args, n_args, &values, &n);
  if (n == 0)
    return weft_task_fail (task, "an empty list has no least or greatest item");
  best = &values[0];
  for (size_t i = 1; i < n; i++)
    {
      bool unordered;
      int order = 0;
      WeftStatus status = _weft_compare (task, &values[i], best, &order, &unordered);

      if (status != WEFT_OK)
        return status;
      if (!unordered && order * sign < 0)
        best = &values[i];
    }
  return _weft_give (result, best);
}

static WeftStatus
op_min (WeftTask *task, const WeftValue *args, uint32_t n_args, WeftValue *results)
{
  return extreme (task, args, n_args, 1, results);
}

static WeftStatus
op_max (WeftTask *task, const WeftValue *args, uint32_t n_args, WeftValue *results)
{
  return extreme (task, args, n_args, -1, results);
}

/* ---- concat ---------------------------------------------------------------------------------- */

static size_t
part_length (const WeftValue *part)
{
  switch (weft_value_type (part))
    {
    case WEFT_TYPE_STRING:
      return _weft_string (part)->n_chars;
    case WEFT_TYPE_BYTES:
      return _weft_bytes (part)->n_bytes;
    default:
      return _weft_list (part)->n_items;
    }
}

static WeftStatus
concat_text (WeftTask *task, const WeftValue *parts, size_t n, size_t n_bytes, WeftValue *result)
{
  bool text = weft_value_type (&parts[0]) == WEFT_TYPE_STRING;
  WeftStatus status = text
                          ? weft_value_init_string (result, weft_task_account (task), NULL, n_bytes)
                          : weft_value_init_bytes (result, weft_task_account (task), NULL, n_bytes);
  char *at;

  if (status != WEFT_OK)
    return status;
  at = text ? (char *) _weft_string (result)->chars : (char *) _weft_bytes (result)->bytes;
  for (size_t i = 0; i < n; i++)
    {
      const void *from = text ? (const void *) _weft_string (&parts[i])->chars
                              : (const void *) _weft_bytes (&parts[i])->bytes;

      if (part_length (&parts[i]) > 0)
        at = mempcpy (at, from, part_length (&parts[i]));
    }
  return WEFT_OK;
}

static WeftStatus
concat_lists (WeftTask *task, const WeftValue *parts, size_t n, size_t n_items, WeftValue *result)
{
  WeftStatus status = weft_value_init_list (result, weft_task_account (task), NULL, n_items);
  WeftValue *at;

  if (status != WEFT_OK)
    return status;
  at = _weft_list (result)->items;
  for (size_t i = 0; i < n; i++)
    for (uint64_t k = 0; k < _weft_list (&parts[i])->n_items; k++)
      _weft_give (at++, &_weft_list (&parts[i])->items[k]);
  return WEFT_OK;
}

static WeftStatus
op_concat (WeftTask *task, const WeftValue *args, uint32_t n_args, WeftValue *results)
{
  const WeftValue *parts;
  size_t n, length = 0;
  WeftType type;

  values_of (args, n_args, &parts, &n);
  if (n == 0)
    return weft_value_init_list (results, weft_task_account (task), NULL, 0);
  type = weft_value_type (&parts[0]);
  if (type != WEFT_TYPE_STRING && type != WEFT_TYPE_BYTES && type != WEFT_TYPE_LIST)
    return fail_item (task, 0, &parts[0], "string, bytes or list");
  for (size_t i = 0; i < n; i++)
    {
      if (weft_value_type (&parts[i]) != type)
        return fail_item (task, i, &parts[i], weft_type_name (type));
      length += part_length (&parts[i]);
    }
  return type == WEFT_TYPE_LIST ? concat_lists (task, parts, n, length, results)
                                : concat_text (task, parts, n, length, results);
}

/* ---- table ----------------------------------------------------------------------------------- */

static const WeftOpParam one_list[] = { WEFT_PARAM ("values", WEFT_ACCEPT_LIST,
                                                    "list of numbers") };
static const WeftOpParam sum_params[] = {
  WEFT_PARAM ("values", WEFT_ACCEPT_LIST, "list of numbers"),
  WEFT_PARAM_OR ("start", WEFT_ACCEPT_NUMBER, WEFT_INT (0), "what to begin with"),
};
static const WeftOpParam count_params[] = {
  WEFT_PARAM ("values", WEFT_ACCEPT_LIST, "list"),
  WEFT_PARAM_REST ("equal_to", WEFT_ACCEPT_ANY, "count only items equal to this value"),
};
static const WeftOpParam list_or_values[] = {
  WEFT_PARAM ("values", WEFT_ACCEPT_ANY, "a list, or the first value"),
  WEFT_PARAM_REST ("more", WEFT_ACCEPT_ANY, "further values"),
};
static const WeftOpParam parts[] = {
  WEFT_PARAM_REST ("parts", WEFT_ACCEPT_ANY, "one list of parts, or the parts"),
};

#define LIST_OP(op_name, table, is_variadic, text, func)                                      \
  {                                                                                           \
    .name = op_name, .version = 1, .doc = text, WEFT_PARAMS (table), .variadic = is_variadic, \
    .n_outputs = 1, .flags = WEFT_OP_PURE, .cost_hint_ns = 100, .kernel = func                \
  }

static const WeftOp ops[] = {
  LIST_OP ("sum", sum_params, false,
           "the sum of a list of numbers\n"
           "Adds from left to right. Integers that do not fit into 64 bits are an error.",
           op_sum),
  LIST_OP ("mean", one_list, false, "the mean of a list of numbers, a float64", op_mean),
  LIST_OP ("count", count_params, true, "how many items a list has, or how many equal a value",
           op_count),
  LIST_OP ("min", list_or_values, true, "the least item of a list, or of several values", op_min),
  LIST_OP ("max", list_or_values, true, "the greatest item of a list, or of several values",
           op_max),
  LIST_OP ("concat", parts, true,
           "strings, bytes or lists, one behind the other\n"
           "Takes the parts as arguments or in one list.",
           op_concat),
};

const WeftOpTable _weft_ops_list = { ops, G_N_ELEMENTS (ops) };
