/* compare.c: truth, equality and order of values, as in Python
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Numbers compare by their exact values: an int64 and a float64 that are not the same number are
 * never equal, also where converting one to the other would make them so. Strings compare by code
 * points, which for UTF-8 is by bytes. Values may be nested without a bound, so containers are
 * compared with a limit on depth, beyond which they count as Python counts them there: as an error
 * for order; equality falls back on the bitwise one, which has no limit.
 */
#include "config.h"

#include "kernels/weft-ops-private.h"

#include <math.h>

#define MAX_DEPTH 200
#define TWO_63 9223372036854775808.0

static bool equal_at (const WeftValue *a, const WeftValue *b, int depth);

static size_t
length_of (const WeftValue *value)
{
  switch (weft_value_type (value))
    {
    case WEFT_TYPE_STRING:
      return _weft_string (value)->n_chars;
    case WEFT_TYPE_BYTES:
      return _weft_bytes (value)->n_bytes;
    case WEFT_TYPE_LIST:
      return _weft_list (value)->n_items;
    case WEFT_TYPE_RECORD:
      return _weft_record (value)->n_fields;
    case WEFT_TYPE_TABLE:
      return (size_t) ((const WeftTable *) value->u.box)->n_rows;
    default:
      return 1;
    }
}

bool
_weft_is_true (const WeftValue *value)
{
  switch (weft_value_type (value))
    {
    case WEFT_TYPE_EMPTY:
    case WEFT_TYPE_NONE:
      return false;
    case WEFT_TYPE_BOOL:
      return value->u.b;
    case WEFT_TYPE_INT64:
      return value->u.i != 0;
    case WEFT_TYPE_FLOAT64:
      return value->u.f != 0;
    default:
      return length_of (value) > 0;
    }
}

/* ---- numbers --------------------------------------------------------------------------------- */

/* The integer part of a float within range is exact; what is behind the point decides ties. */
static int
compare_integer_float (int64_t i, double f)
{
  double whole = trunc (f);

  if (f >= TWO_63)
    return -1;
  if (f < -TWO_63)
    return 1;
  if (i != (int64_t) whole)
    return i < (int64_t) whole ? -1 : 1;
  return whole == f ? 0 : whole < f ? -1 : 1;
}

static int
compare_numbers (const WeftValue *a, const WeftValue *b, bool *unordered)
{
  bool float_a = a->type == WEFT_TYPE_FLOAT64;
  bool float_b = b->type == WEFT_TYPE_FLOAT64;
  int64_t x, y;

  *unordered = (float_a && isnan (a->u.f)) || (float_b && isnan (b->u.f));
  if (*unordered)
    return 1;
  if (float_a && float_b)
    return (a->u.f > b->u.f) - (a->u.f < b->u.f);
  if (float_a)
    return -compare_integer_float (_weft_integer (b), a->u.f);
  if (float_b)
    return compare_integer_float (_weft_integer (a), b->u.f);
  x = _weft_integer (a);
  y = _weft_integer (b);
  return (x > y) - (x < y);
}

/* ---- equality -------------------------------------------------------------------------------- */

static bool
lists_equal (const WeftList *a, const WeftList *b, int depth)
{
  if (a->n_items != b->n_items || g_strcmp0 (a->tag, b->tag) != 0)
    return false;
  for (uint64_t i = 0; i < a->n_items; i++)
    if (!equal_at (&a->items[i], &b->items[i], depth))
      return false;
  return true;
}

static const WeftValue *
field_of (const WeftRecordValue *record, const char *name, uint32_t guess)
{
  if (guess < record->n_fields && strcmp (record->shape->names[guess], name) == 0)
    return &record->values[guess];
  for (uint32_t i = 0; i < record->n_fields; i++)
    if (strcmp (record->shape->names[i], name) == 0)
      return &record->values[i];
  return NULL;
}

/* Field by field, in any order, as dicts. */
static bool
records_equal (const WeftRecordValue *a, const WeftRecordValue *b, int depth)
{
  if (a->n_fields != b->n_fields)
    return false;
  for (uint32_t i = 0; i < a->n_fields; i++)
    {
      const WeftValue *other = field_of (b, a->shape->names[i], i);

      if (other == NULL || !equal_at (&a->values[i], other, depth))
        return false;
    }
  return true;
}

static bool
equal_at (const WeftValue *a, const WeftValue *b, int depth)
{
  bool unordered;

  if (_weft_is_number (a) && _weft_is_number (b))
    return compare_numbers (a, b, &unordered) == 0;
  if (weft_value_type (a) != weft_value_type (b))
    return false;
  if (weft_value_type (a) == WEFT_TYPE_LIST && depth < MAX_DEPTH)
    return lists_equal (_weft_list (a), _weft_list (b), depth + 1);
  if (weft_value_type (a) == WEFT_TYPE_RECORD && depth < MAX_DEPTH)
    return records_equal (_weft_record (a), _weft_record (b), depth + 1);
  return weft_value_equal (a, b);
}

bool
_weft_equal (const WeftValue *a, const WeftValue *b)
{
  return equal_at (a, b, 0);
}

/* ---- order ----------------------------------------------------------------------------------- */

static int
compare_bytes (const void *a, size_t n_a, const void *b, size_t n_b)
{
  size_t n = MIN (n_a, n_b);
  int order = n > 0 ? memcmp (a, b, n) : 0;

  return order != 0 ? order : (n_a > n_b) - (n_a < n_b);
}

static WeftStatus
fail_order (WeftTask *task, const WeftValue *a, const WeftValue *b)
{
  return weft_task_fail (
      task, "%s and %s have no order; expected two numbers, strings, bytes or lists",
      weft_type_name (weft_value_type (a)), weft_type_name (weft_value_type (b)));
}

static WeftStatus compare_at (WeftTask *task, const WeftValue *a, const WeftValue *b, int depth,
                              int *order, bool *unordered);

/* The first items that differ decide. */
static WeftStatus
compare_lists (WeftTask *task, const WeftValue *a, const WeftValue *b, int depth, int *order,
               bool *unordered)
{
  const WeftList *left = _weft_list (a), *right = _weft_list (b);
  uint64_t n = MIN (left->n_items, right->n_items);

  if (depth >= MAX_DEPTH)
    return weft_task_fail (task, "lists nested deeper than %d have no order", MAX_DEPTH);
  for (uint64_t i = 0; i < n; i++)
    if (!equal_at (&left->items[i], &right->items[i], depth))
      return compare_at (task, &left->items[i], &right->items[i], depth + 1, order, unordered);
  *order = (left->n_items > right->n_items) - (left->n_items < right->n_items);
  return WEFT_OK;
}

static WeftStatus
compare_at (WeftTask *task, const WeftValue *a, const WeftValue *b, int depth, int *order,
            bool *unordered)
{
  *unordered = false;
  if (_weft_is_number (a) && _weft_is_number (b))
    {
      *order = compare_numbers (a, b, unordered);
      return WEFT_OK;
    }
  if (weft_value_type (a) != weft_value_type (b))
    return fail_order (task, a, b);
  switch (weft_value_type (a))
    {
    case WEFT_TYPE_STRING:
      *order = compare_bytes (_weft_string (a)->chars, _weft_string (a)->n_chars,
                              _weft_string (b)->chars, _weft_string (b)->n_chars);
      return WEFT_OK;
    case WEFT_TYPE_BYTES:
      *order = compare_bytes (_weft_bytes (a)->bytes, _weft_bytes (a)->n_bytes,
                              _weft_bytes (b)->bytes, _weft_bytes (b)->n_bytes);
      return WEFT_OK;
    case WEFT_TYPE_LIST:
      return compare_lists (task, a, b, depth, order, unordered);
    default:
      return fail_order (task, a, b);
    }
}

WeftStatus
_weft_compare (WeftTask *task, const WeftValue *a, const WeftValue *b, int *order, bool *unordered)
{
  return compare_at (task, a, b, 0, order, unordered);
}
