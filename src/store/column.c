/* column.c: Arrow columns: life time, whether they are sound, whether two are equal
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Layout after the Arrow columnar format, version 1.3, "Physical memory layout". A column's rows
 * are offset_rows … offset_rows + n_rows of its buffers; the rows of a child are counted from the
 * child's own offset_rows, and a parent's offset applies to the children of structs and fixed lists
 * too.
 */
#include "config.h"

#include "store/weft-layout-private.h"

#include "store/weft-store-private.h"

#include <stdlib.h>
#include <string.h>

WeftColumn *
weft_column_new (const char *name, WeftDType dtype, int64_t n_rows)
{
  WeftColumn *column = calloc (1, sizeof *column);

  if (column == NULL)
    return NULL;
  column->name = strdup (name);
  if (column->name == NULL)
    {
      free (column);
      return NULL;
    }
  atomic_init (&column->refs, 1);
  column->dtype = (uint8_t) dtype;
  column->offset_width = 8;
  column->item_bytes = weft_dtype_item_bytes (dtype);
  column->n_rows = n_rows;
  column->n_nulls = -1;
  return column;
}

WeftColumn *
weft_column_ref (WeftColumn *column)
{
  atomic_fetch_add_explicit (&column->refs, 1, memory_order_relaxed);
  return column;
}

void
weft_column_unref (WeftColumn *column)
{
  if (column == NULL || atomic_fetch_sub_explicit (&column->refs, 1, memory_order_acq_rel) != 1)
    return;
  for (uint32_t i = 0; column->children != NULL && i < column->n_children; i++)
    weft_column_unref (column->children[i]);
  free (column->children);
  weft_buffer_unref (column->validity);
  weft_buffer_unref (column->offsets);
  weft_buffer_unref (column->values);
  free (column->metadata);
  free (column->name);
  free (column);
}

/* ---- reading --------------------------------------------------------------------------------- */

int64_t
_weft_column_offset (const WeftColumn *column, int64_t row)
{
  int64_t at = column->offset_rows + row;

  if (column->offsets == NULL || column->offsets->n_bytes == 0)
    return 0;
  return column->offset_width == 4 ? ((const int32_t *) column->offsets->bytes)[at]
                                   : ((const int64_t *) column->offsets->bytes)[at];
}

int64_t
_weft_column_code (const WeftColumn *column, int64_t row)
{
  const uint8_t *codes = column->values->bytes;
  int64_t at = column->offset_rows + row;

  switch ((WeftDType) column->code_dtype)
    {
    case WEFT_DTYPE_INT8:
      return ((const int8_t *) codes)[at];
    case WEFT_DTYPE_UINT8:
      return codes[at];
    case WEFT_DTYPE_INT16:
      return ((const int16_t *) codes)[at];
    case WEFT_DTYPE_UINT16:
      return ((const uint16_t *) codes)[at];
    case WEFT_DTYPE_INT32:
      return ((const int32_t *) codes)[at];
    case WEFT_DTYPE_UINT32:
      return ((const uint32_t *) codes)[at];
    default: /* a code beyond int64 is beyond any dictionary, too */
      return ((const int64_t *) codes)[at];
    }
}

/* ---- checking -------------------------------------------------------------------------------- */

static G_GNUC_PRINTF (3, 4) bool wrong (char **message, const WeftColumn *column,
                                        const char *format, ...)
{
  g_autofree char *what = NULL;
  va_list args;

  va_start (args, format);
  what = g_strdup_vprintf (format, args);
  va_end (args);
  *message =
      g_strdup_printf ("column “%s” (%s): %s", column->name, weft_dtype_name (column->dtype), what);
  return false;
}

/* A buffer must hold n elements of item_bytes; where nothing is needed it may be missing. */
static bool
check_buffer (const WeftColumn *column, const WeftBuffer *buffer, const char *name, int64_t n,
              uint64_t item_bytes, char **message)
{
  uint64_t n_bytes = buffer != NULL ? buffer->n_bytes : 0;
  uint64_t needed;

  if (__builtin_mul_overflow ((uint64_t) n, item_bytes, &needed) || n_bytes < needed)
    return wrong (message, column,
                  "%s has %" G_GUINT64_FORMAT " bytes, too few for %" G_GINT64_FORMAT
                  " × %" G_GUINT64_FORMAT,
                  name, n_bytes, n, item_bytes);
  return true;
}

static bool
check_n_children (const WeftColumn *column, uint32_t n, char **message)
{
  if (column->n_children != n)
    return wrong (message, column, "has %u children, not %u", column->n_children, n);
  return true;
}

static bool
check_child_rows (const WeftColumn *column, uint32_t child, int64_t n_rows, char **message)
{
  if (column->children[child]->n_rows < n_rows)
    return wrong (message, column,
                  "child %u has %" G_GINT64_FORMAT " rows, %" G_GINT64_FORMAT " needed", child,
                  column->children[child]->n_rows, n_rows);
  return true;
}

/* Offsets begin at 0 or more and never fall. @end: (out): what the last says */
static bool
check_offsets (const WeftColumn *column, int64_t *end, char **message)
{
  int64_t before = 0;

  *end = 0;
  if (column->offset_width != 4 && column->offset_width != 8)
    return wrong (message, column, "offsets of %u bytes, not 4 or 8", column->offset_width);
  if (column->n_rows == 0 && (column->offsets == NULL || column->offsets->n_bytes == 0))
    return true;
  if (!check_buffer (column, column->offsets, "offsets", column->offset_rows + column->n_rows + 1,
                     column->offset_width, message))
    return false;
  for (int64_t row = 0; row <= column->n_rows; row++)
    {
      int64_t offset = _weft_column_offset (column, row);

      if (offset < before)
        return wrong (message, column, "offset of row %" G_GINT64_FORMAT " falls behind", row);
      before = offset;
    }
  *end = before;
  return true;
}

/* Checked as one run of text, and that no row begins inside of a character. */
static bool
check_utf8 (const WeftColumn *column, int64_t end, char **message)
{
  int64_t start = _weft_column_offset (column, 0);
  const char *chars = column->values != NULL ? (const char *) column->values->bytes : "";

  if (!_weft_utf8_is_valid (chars + start, (size_t) (end - start)))
    return wrong (message, column, "is not UTF-8");
  for (int64_t row = 0; row < column->n_rows; row++)
    {
      int64_t offset = _weft_column_offset (column, row);

      if (offset < end && ((uint8_t) chars[offset] & 0xc0) == 0x80)
        return wrong (message, column, "row %" G_GINT64_FORMAT " begins inside a character", row);
    }
  return true;
}

static bool
check_text (const WeftColumn *column, char **message)
{
  int64_t end;

  return check_offsets (column, &end, message)
         && check_buffer (column, column->values, "values", end, 1, message)
         && (column->dtype != WEFT_DTYPE_STRING || check_utf8 (column, end, message));
}

static bool
check_list (const WeftColumn *column, char **message)
{
  int64_t end;

  return check_n_children (column, 1, message) && check_offsets (column, &end, message)
         && check_child_rows (column, 0, end, message);
}

static bool
check_map (const WeftColumn *column, char **message)
{
  if (!check_list (column, message))
    return false;
  if (column->children[0]->dtype != WEFT_DTYPE_STRUCT || column->children[0]->n_children != 2)
    return wrong (message, column, "its child is no struct of key and value");
  return true;
}

static bool
check_fixed_list (const WeftColumn *column, char **message)
{
  int64_t n_rows;

  if (column->list_size < 0
      || __builtin_mul_overflow (column->offset_rows + column->n_rows, (int64_t) column->list_size,
                                 &n_rows))
    return wrong (message, column, "lists of %d items", column->list_size);
  return check_n_children (column, 1, message) && check_child_rows (column, 0, n_rows, message);
}

static bool
check_struct (const WeftColumn *column, char **message)
{
  for (uint32_t i = 0; i < column->n_children; i++)
    if (!check_child_rows (column, i, column->offset_rows + column->n_rows, message))
      return false;
  return true;
}

static bool
check_dictionary (const WeftColumn *column, char **message)
{
  int64_t n_rows = column->offset_rows + column->n_rows;

  if (column->code_dtype < WEFT_DTYPE_INT8 || column->code_dtype > WEFT_DTYPE_UINT64)
    return wrong (message, column, "its codes are no integers but type %u", column->code_dtype);
  if (!check_n_children (column, 1, message)
      || !check_buffer (column, column->values, "codes", n_rows,
                        weft_dtype_item_bytes (column->code_dtype), message))
    return false;
  for (int64_t row = 0; row < column->n_rows; row++)
    if (_weft_column_is_present (column, row)
        && (uint64_t) _weft_column_code (column, row) >= (uint64_t) column->children[0]->n_rows)
      return wrong (message, column,
                    "the code of row %" G_GINT64_FORMAT " is not in the dictionary", row);
  return true;
}

static bool
check_fixed_width (const WeftColumn *column, char **message)
{
  uint32_t natural_bytes = weft_dtype_item_bytes (column->dtype);

  if (natural_bytes != 0 && column->item_bytes != natural_bytes)
    return wrong (message, column, "items of %u bytes, not %u", column->item_bytes, natural_bytes);
  if (column->dtype == WEFT_DTYPE_TIMESTAMP && (column->unit > 9 || column->unit % 3 != 0))
    return wrong (message, column, "unit 10^-%u s, not 0, 3, 6 or 9", column->unit);
  return check_n_children (column, 0, message)
         && check_buffer (column, column->values, "values", column->offset_rows + column->n_rows,
                          column->item_bytes, message);
}

static bool
check_content (const WeftColumn *column, char **message)
{
  switch ((WeftDType) column->dtype)
    {
    case WEFT_DTYPE_BOOL:
      return check_n_children (column, 0, message)
             && check_buffer (column, column->values, "values",
                              (column->offset_rows + column->n_rows + 7) / 8, 1, message);
    case WEFT_DTYPE_STRING:
    case WEFT_DTYPE_BYTES:
      return check_n_children (column, 0, message) && check_text (column, message);
    case WEFT_DTYPE_LIST:
      return check_list (column, message);
    case WEFT_DTYPE_MAP:
      return check_map (column, message);
    case WEFT_DTYPE_FIXED_LIST:
      return check_fixed_list (column, message);
    case WEFT_DTYPE_STRUCT:
      return check_struct (column, message);
    case WEFT_DTYPE_DICTIONARY:
      return check_dictionary (column, message);
    case WEFT_DTYPE_NULL:
      return check_n_children (column, 0, message);
    default:
      return check_fixed_width (column, message);
    }
}

static bool
check_rows (const WeftColumn *column, char **message)
{
  int64_t n_rows;

  if (column->n_rows < 0 || column->offset_rows < 0 || column->n_nulls < -1
      || column->n_nulls > column->n_rows
      || __builtin_add_overflow (column->n_rows, column->offset_rows, &n_rows)
      || n_rows > INT64_MAX - 8)
    return wrong (message, column,
                  "%" G_GINT64_FORMAT " rows from row %" G_GINT64_FORMAT ", %" G_GINT64_FORMAT
                  " nulls",
                  column->n_rows, column->offset_rows, column->n_nulls);
  return column->validity == NULL
         || check_buffer (column, column->validity, "validity", (n_rows + 7) / 8, 1, message);
}

bool
_weft_column_check_itself (const WeftColumn *column, char **message)
{
  if (!_weft_dtype_is_of_columns (column->dtype))
    return wrong (message, column, "type %u is not one of columns", column->dtype);
  return check_rows (column, message) && check_content (column, message);
}

static bool
check_column (const WeftColumn *column, uint32_t depth, char **message)
{
  if (depth > WEFT_COLUMN_MAX_DEPTH)
    return wrong (message, column, "nested deeper than %d", WEFT_COLUMN_MAX_DEPTH);
  for (uint32_t i = 0; i < column->n_children; i++)
    if (!check_column (column->children[i], depth + 1, message))
      return false;
  return _weft_column_check_itself (column, message);
}

bool
weft_column_check (const WeftColumn *column, char **message)
{
  return check_column (column, 1, message);
}

/* ---- equality -------------------------------------------------------------------------------- */

static bool
same_bytes (const WeftBuffer *a, int64_t at_a, const WeftBuffer *b, int64_t at_b, int64_t n)
{
  return n == 0 || memcmp (a->bytes + at_a, b->bytes + at_b, (size_t) n) == 0;
}

static bool
content_equal (const WeftColumn *a, int64_t row_a, const WeftColumn *b, int64_t row_b)
{
  int64_t start_a = _weft_column_offset (a, row_a);
  int64_t start_b = _weft_column_offset (b, row_b);
  int64_t n = _weft_column_offset (a, row_a + 1) - start_a;

  if (_weft_column_offset (b, row_b + 1) - start_b != n)
    return false;
  if (a->dtype == WEFT_DTYPE_STRING || a->dtype == WEFT_DTYPE_BYTES)
    return same_bytes (a->values, start_a, b->values, start_b, n);
  return _weft_column_rows_equal (a->children[0], start_a, b->children[0], start_b, n);
}

static bool
children_equal (const WeftColumn *a, int64_t row_a, const WeftColumn *b, int64_t row_b, int64_t n)
{
  for (uint32_t i = 0; i < a->n_children; i++)
    if (!_weft_column_rows_equal (a->children[i], row_a, b->children[i], row_b, n))
      return false;
  return true;
}

/* Both are present. */
static bool
row_equal (const WeftColumn *a, int64_t row_a, const WeftColumn *b, int64_t row_b)
{
  int64_t at_a = a->offset_rows + row_a, at_b = b->offset_rows + row_b;

  switch ((WeftDType) a->dtype)
    {
    case WEFT_DTYPE_NULL:
      return true;
    case WEFT_DTYPE_BOOL:
      return _weft_bit_get (a->values->bytes, at_a) == _weft_bit_get (b->values->bytes, at_b);
    case WEFT_DTYPE_STRING:
    case WEFT_DTYPE_BYTES:
    case WEFT_DTYPE_LIST:
    case WEFT_DTYPE_MAP:
      return content_equal (a, row_a, b, row_b);
    case WEFT_DTYPE_STRUCT:
      return children_equal (a, at_a, b, at_b, 1);
    case WEFT_DTYPE_FIXED_LIST:
      return children_equal (a, at_a * a->list_size, b, at_b * b->list_size, a->list_size);
    case WEFT_DTYPE_DICTIONARY:
      return _weft_column_rows_equal (a->children[0], _weft_column_code (a, row_a), b->children[0],
                                      _weft_column_code (b, row_b), 1);
    default:
      return same_bytes (a->values, at_a * a->item_bytes, b->values, at_b * b->item_bytes,
                         a->item_bytes);
    }
}

bool
_weft_column_rows_equal (const WeftColumn *a, int64_t row_a, const WeftColumn *b, int64_t row_b,
                         int64_t n_rows)
{
  if (a == b && row_a == row_b)
    return true;
  if (_weft_dtype_is_fixed_width (a->dtype) && a->validity == NULL && b->validity == NULL)
    return same_bytes (a->values, (a->offset_rows + row_a) * a->item_bytes, b->values,
                       (b->offset_rows + row_b) * b->item_bytes, n_rows * a->item_bytes);
  for (int64_t i = 0; i < n_rows; i++)
    {
      bool present = _weft_column_is_present (a, row_a + i);

      if (present != _weft_column_is_present (b, row_b + i)
          || (present && !row_equal (a, row_a + i, b, row_b + i)))
        return false;
    }
  return true;
}

static bool
types_equal (const WeftColumn *a, const WeftColumn *b)
{
  if (a->dtype != b->dtype || strcmp (a->name, b->name) != 0
      || g_strcmp0 (a->metadata, b->metadata) != 0 || a->unit != b->unit
      || a->code_dtype != b->code_dtype || a->flags != b->flags || a->list_size != b->list_size
      || a->item_bytes != b->item_bytes || a->n_children != b->n_children)
    return false;
  for (uint32_t i = 0; i < a->n_children; i++)
    if (!types_equal (a->children[i], b->children[i]))
      return false;
  return true;
}

bool
_weft_column_equal (const WeftColumn *a, const WeftColumn *b)
{
  return a == b
         || (a->n_rows == b->n_rows && types_equal (a, b)
             && _weft_column_rows_equal (a, 0, b, 0, a->n_rows));
}
