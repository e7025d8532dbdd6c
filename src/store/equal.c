/* equal.c: deep equality of values, and how far one reaches
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Both walk with a stack of their own: values may be nested as deep as memory allows.
 */
#include "config.h"

#include "store/weft-layout-private.h"
#include "store/weft-store-private.h"

#include <string.h>

/* One byte after the other is UTF-8; zeros are fine. GLib's own check stops at them. */
bool
_weft_utf8_is_valid (const char *chars, size_t n_chars)
{
  const char *end = chars + n_chars;

  while (chars < end)
    {
      const char *zero = memchr (chars, 0, (size_t) (end - chars));
      const char *stop = zero != NULL ? zero : end;

      if (!g_utf8_validate_len (chars, (gsize) (stop - chars), NULL))
        return false;
      chars = stop + 1;
    }
  return true;
}

/* ---- equality -------------------------------------------------------------------------------- */

typedef struct
{
  const WeftValue *a, *b;
  uint64_t n;
} Pairs;

static void
push_pairs (GArray *stack, const WeftValue *a, const WeftValue *b, uint64_t n)
{
  Pairs pairs = { a, b, n };

  if (n > 0)
    g_array_append_val (stack, pairs);
}

/* Along these all elements are the same one. */
static uint32_t
repeated_axes (const WeftArray *array)
{
  uint32_t repeated = 0;

  for (uint32_t i = 0; i < array->n_dims; i++)
    if (array->strides[i] == 0 || array->item_bytes == 0)
      repeated |= 1u << i;
  return repeated;
}

static bool
array_equal (const WeftArray *a, const WeftArray *b)
{
  WeftArrayCursor at_a, at_b;
  uint32_t repeated;

  if (a->dtype != b->dtype || a->n_dims != b->n_dims || a->item_bytes != b->item_bytes)
    return false;
  for (uint32_t i = 0; i < a->n_dims; i++)
    if (a->shape[i] != b->shape[i])
      return false;
  repeated = repeated_axes (a) & repeated_axes (b);
  _weft_array_cursor_init (&at_a, a, repeated, false);
  _weft_array_cursor_init (&at_b, b, repeated, false);
  if (at_a.run_bytes != at_b.run_bytes)
    {
      _weft_array_cursor_init (&at_a, a, repeated, true);
      _weft_array_cursor_init (&at_b, b, repeated, true);
    }
  while (_weft_array_cursor_next (&at_a) && _weft_array_cursor_next (&at_b))
    if (memcmp (at_a.at, at_b.at, at_a.run_bytes) != 0)
      return false;
  return true;
}

static bool
list_equal (GArray *stack, const WeftList *a, const WeftList *b)
{
  if (a->n_items != b->n_items || g_strcmp0 (a->tag, b->tag) != 0)
    return false;
  push_pairs (stack, a->items, b->items, a->n_items);
  return true;
}

static bool
record_equal (GArray *stack, const WeftRecordValue *a, const WeftRecordValue *b)
{
  if (a->n_fields != b->n_fields)
    return false;
  for (uint32_t i = 0; a->shape != b->shape && i < a->n_fields; i++)
    if (strcmp (a->shape->names[i], b->shape->names[i]) != 0)
      return false;
  push_pairs (stack, a->values, b->values, a->n_fields);
  return true;
}

static bool
table_equal (const WeftTable *a, const WeftTable *b)
{
  if (a->n_rows != b->n_rows || a->n_columns != b->n_columns
      || g_strcmp0 (a->metadata, b->metadata) != 0)
    return false;
  for (uint32_t i = 0; i < a->n_columns; i++)
    if (!_weft_column_equal (a->columns[i], b->columns[i]))
      return false;
  return true;
}

static bool
histogram_equal (const WeftHistogram *a, const WeftHistogram *b)
{
  if (a->n_axes != b->n_axes || a->n_cells != b->n_cells || a->n_entries != b->n_entries)
    return false;
  for (uint32_t i = 0; i < a->n_axes; i++)
    if (a->axes[i].n_bins != b->axes[i].n_bins || g_strcmp0 (a->axes[i].name, b->axes[i].name) != 0
        || memcmp (a->axes[i].edges, b->axes[i].edges,
                   ((size_t) a->axes[i].n_bins + 1) * sizeof (double))
               != 0)
      return false;
  return memcmp (a->cells->bytes, b->cells->bytes, a->n_cells * 2 * sizeof (double)) == 0;
}

static bool
foreign_equal (const WeftForeign *a, const WeftForeign *b)
{
  WeftValue form_a = WEFT_VALUE_INIT, form_b = WEFT_VALUE_INIT;
  g_autofree char *message_a = NULL, *message_b = NULL;
  bool equal;

  if (a->klass != b->klass || a->object == b->object)
    return a->klass == b->klass;
  if (a->klass->encode == NULL || a->klass->runtime != NULL)
    return false;
  equal = a->klass->encode (a->object, NULL, &form_a, &message_a) == WEFT_OK
          && b->klass->encode (b->object, NULL, &form_b, &message_b) == WEFT_OK
          && weft_value_equal (&form_a, &form_b);
  weft_value_clear (&form_a);
  weft_value_clear (&form_b);
  return equal;
}

static bool
error_equal (GArray *stack, const WeftErrorValue *a, const WeftErrorValue *b)
{
  push_pairs (stack, &a->exception, &b->exception, 1);
  return a->status == b->status && a->culprit_task == b->culprit_task
         && a->culprit_segment == b->culprit_segment && a->attempt == b->attempt
         && g_strcmp0 (a->culprit_key, b->culprit_key) == 0 && g_strcmp0 (a->kind, b->kind) == 0
         && g_strcmp0 (a->message, b->message) == 0 && g_strcmp0 (a->detail, b->detail) == 0
         && g_strcmp0 (a->output, b->output) == 0;
}

static bool
file_equal (const WeftFile *a, const WeftFile *b)
{
  return strcmp (a->path, b->path) == 0 && a->size_bytes == b->size_bytes
         && a->modified_wall_ns == b->modified_wall_ns;
}

static bool
bytes_equal (const void *a, uint64_t n_a, const void *b, uint64_t n_b)
{
  return n_a == n_b && (n_a == 0 || memcmp (a, b, n_a) == 0);
}

/* Both have the same type; pairs inside go onto the stack. */
static bool
boxes_equal (GArray *stack, const WeftBox *a, const WeftBox *b)
{
  if (a == b)
    return true;
  switch ((WeftType) a->type)
    {
    case WEFT_TYPE_STRING:
      return bytes_equal (((const WeftString *) a)->chars, ((const WeftString *) a)->n_chars,
                          ((const WeftString *) b)->chars, ((const WeftString *) b)->n_chars);
    case WEFT_TYPE_BYTES:
      return bytes_equal (((const WeftBytes *) a)->bytes, ((const WeftBytes *) a)->n_bytes,
                          ((const WeftBytes *) b)->bytes, ((const WeftBytes *) b)->n_bytes);
    case WEFT_TYPE_LIST:
      return list_equal (stack, (const WeftList *) a, (const WeftList *) b);
    case WEFT_TYPE_RECORD:
      return record_equal (stack, (const WeftRecordValue *) a, (const WeftRecordValue *) b);
    case WEFT_TYPE_ARRAY:
      return array_equal ((const WeftArray *) a, (const WeftArray *) b);
    case WEFT_TYPE_TABLE:
      return table_equal ((const WeftTable *) a, (const WeftTable *) b);
    case WEFT_TYPE_HISTOGRAM:
      return histogram_equal ((const WeftHistogram *) a, (const WeftHistogram *) b);
    case WEFT_TYPE_FILE:
      return file_equal ((const WeftFile *) a, (const WeftFile *) b);
    case WEFT_TYPE_FOREIGN:
      return foreign_equal ((const WeftForeign *) a, (const WeftForeign *) b);
    case WEFT_TYPE_ERROR:
      return error_equal (stack, (const WeftErrorValue *) a, (const WeftErrorValue *) b);
    default:
      return false;
    }
}

static bool
payload_equal (GArray *stack, const WeftValue *a, const WeftValue *b)
{
  WeftType type = weft_value_type (a);

  if (type != weft_value_type (b))
    return false;
  if (weft_value_is_boxed (a))
    return boxes_equal (stack, a->u.box, b->u.box);
  if (type == WEFT_TYPE_EMPTY || type == WEFT_TYPE_NONE)
    return true;
  return type == WEFT_TYPE_BOOL ? a->u.b == b->u.b : a->u.bits == b->u.bits;
}

bool
weft_value_equal (const WeftValue *a, const WeftValue *b)
{
  g_autoptr (GArray) stack = g_array_new (FALSE, FALSE, sizeof (Pairs));
  bool equal = payload_equal (stack, a, b);

  while (equal && stack->len > 0)
    {
      Pairs *top = &g_array_index (stack, Pairs, stack->len - 1);
      const WeftValue *next_a = top->a++, *next_b = top->b++;

      if (--top->n == 0)
        g_array_set_size (stack, stack->len - 1);
      equal = payload_equal (stack, next_a, next_b);
    }
  return equal;
}

/* ---- extent ---------------------------------------------------------------------------------- */

typedef struct
{
  GHashTable *seen; /* boxes, buffers, columns and shapes that were counted */
  GPtrArray *todo;  /* boxes */
  uint64_t n_bytes;
} Extent;

static void
extend_buffer (Extent *extent, WeftBuffer *buffer)
{
  if (buffer != NULL && g_hash_table_add (extent->seen, buffer))
    extent->n_bytes += buffer->n_charged;
}

static void
extend_column (Extent *extent, WeftColumn *column)
{
  if (!g_hash_table_add (extent->seen, column))
    return;
  extent->n_bytes += sizeof *column;
  extend_buffer (extent, column->validity);
  extend_buffer (extent, column->offsets);
  extend_buffer (extent, column->values);
  for (uint32_t i = 0; i < column->n_children; i++)
    extend_column (extent, column->children[i]);
}

/* A box with one reference is met once: no need to remember it. */
static void
extend_values (Extent *extent, const WeftValue *values, uint64_t n)
{
  for (uint64_t i = 0; i < n; i++)
    if (weft_value_is_boxed (&values[i])
        && (atomic_load_explicit (&values[i].u.box->refs, memory_order_relaxed) == 1
            || g_hash_table_add (extent->seen, values[i].u.box)))
      g_ptr_array_add (extent->todo, values[i].u.box);
}

static uint64_t
struct_bytes (const WeftBox *box)
{
  switch ((WeftType) box->type)
    {
    case WEFT_TYPE_LIST:
      return sizeof (WeftList)
             + (((const WeftList *) box)->buffer == NULL
                    ? ((const WeftList *) box)->n_items * sizeof (WeftValue)
                    : 0);
    case WEFT_TYPE_ARRAY:
      return sizeof (WeftArray);
    case WEFT_TYPE_TABLE:
      return sizeof (WeftTable) + ((const WeftTable *) box)->n_columns * sizeof (void *);
    case WEFT_TYPE_STRING:
      return sizeof (WeftString)
             + (((const WeftString *) box)->buffer == NULL ? ((const WeftString *) box)->n_chars + 1
                                                           : 0);
    case WEFT_TYPE_BYTES:
      return sizeof (WeftBytes)
             + (((const WeftBytes *) box)->buffer == NULL ? ((const WeftBytes *) box)->n_bytes : 0);
    case WEFT_TYPE_HISTOGRAM:
      return sizeof (WeftHistogram);
    default: /* nothing in it has a buffer of its own */
      return box->n_bytes;
    }
}

static void
extend_box (Extent *extent, WeftBox *box)
{
  extent->n_bytes += struct_bytes (box);
  switch ((WeftType) box->type)
    {
    case WEFT_TYPE_STRING:
      extend_buffer (extent, ((WeftString *) box)->buffer);
      break;
    case WEFT_TYPE_BYTES:
      extend_buffer (extent, ((WeftBytes *) box)->buffer);
      break;
    case WEFT_TYPE_LIST:
      extend_buffer (extent, ((WeftList *) box)->buffer);
      extend_values (extent, ((WeftList *) box)->items, ((WeftList *) box)->n_items);
      break;
    case WEFT_TYPE_RECORD:
      extend_values (extent, ((WeftRecordValue *) box)->values,
                     ((WeftRecordValue *) box)->n_fields);
      break;
    case WEFT_TYPE_ARRAY:
      extend_buffer (extent, ((WeftArray *) box)->buffer);
      break;
    case WEFT_TYPE_TABLE:
      for (uint32_t i = 0; i < ((WeftTable *) box)->n_columns; i++)
        extend_column (extent, ((WeftTable *) box)->columns[i]);
      break;
    case WEFT_TYPE_HISTOGRAM:
      extend_buffer (extent, ((WeftHistogram *) box)->cells);
      break;
    case WEFT_TYPE_ERROR:
      extend_values (extent, &((WeftErrorValue *) box)->exception, 1);
      break;
    default:
      break;
    }
}

uint64_t
weft_value_extent_bytes (const WeftValue *value)
{
  Extent extent = { g_hash_table_new (NULL, NULL), g_ptr_array_new (), 0 };

  extend_values (&extent, value, 1);
  while (extent.todo->len > 0)
    extend_box (&extent, g_ptr_array_steal_index_fast (extent.todo, extent.todo->len - 1));
  g_hash_table_unref (extent.seen);
  g_ptr_array_unref (extent.todo);
  return extent.n_bytes;
}
