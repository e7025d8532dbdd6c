/* parts.c: what a value is made of that others may hold too
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "store/weft-store-private.h"

static bool
is_shared_box (const WeftValue *value)
{
  return weft_value_is_boxed (value)
         && atomic_load_explicit (&value->u.box->refs, memory_order_relaxed) > 1;
}

static bool
is_shared_buffer (const WeftBuffer *buffer)
{
  return buffer != NULL && !weft_buffer_is_sole (buffer);
}

static bool
any (const WeftValue *values, uint64_t n, bool (*is) (const WeftValue *value))
{
  for (uint64_t i = 0; i < n; i++)
    if (is (&values[i]))
      return true;
  return false;
}

static bool
any_shared_column (const WeftTable *table)
{
  for (uint32_t i = 0; i < table->n_columns; i++)
    {
      const WeftColumn *column = table->columns[i];

      if (atomic_load_explicit (&column->refs, memory_order_relaxed) > 1
          || is_shared_buffer (column->values) || is_shared_buffer (column->offsets))
        return true;
    }
  return false;
}

/* Whether somebody else too holds something of the value: a buffer, an item, a column. Looks one
 * level deep. */
bool
_weft_value_is_view (const WeftValue *value)
{
  if (is_shared_box (value))
    return true;
  switch (weft_value_type (value))
    {
    case WEFT_TYPE_STRING:
      return is_shared_buffer (((const WeftString *) value->u.box)->buffer);
    case WEFT_TYPE_BYTES:
      return is_shared_buffer (((const WeftBytes *) value->u.box)->buffer);
    case WEFT_TYPE_ARRAY:
      return is_shared_buffer (((const WeftArray *) value->u.box)->buffer);
    case WEFT_TYPE_TABLE:
      return any_shared_column ((const WeftTable *) value->u.box);
    case WEFT_TYPE_LIST:
      {
        const WeftList *list = (const WeftList *) value->u.box;

        return any (list->items, list->n_items, is_shared_box);
      }
    case WEFT_TYPE_RECORD:
      {
        const WeftRecordValue *record = (const WeftRecordValue *) value->u.box;

        return any (record->values, record->n_fields, is_shared_box);
      }
    default:
      return false;
    }
}

/* Whether there is a foreign object in it, however deep. */
bool
_weft_value_has_foreign (const WeftValue *value)
{
  switch (weft_value_type (value))
    {
    case WEFT_TYPE_FOREIGN:
      return true;
    case WEFT_TYPE_LIST:
      {
        const WeftList *list = (const WeftList *) value->u.box;

        return any (list->items, list->n_items, _weft_value_has_foreign);
      }
    case WEFT_TYPE_RECORD:
      {
        const WeftRecordValue *record = (const WeftRecordValue *) value->u.box;

        return any (record->values, record->n_fields, _weft_value_has_foreign);
      }
    default:
      return false;
    }
}
