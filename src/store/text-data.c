/* text-data.c: the elements of arrays and tables as text
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "store/weft-layout-private.h"
#include "store/weft-text-private.h"

#include <math.h>
#include <string.h>

/* IEEE 754 binary16: 5 bits of exponent, 10 of fraction. */
static double
half_to_double (uint16_t half)
{
  int exponent = half >> 10 & 31;
  double fraction = half & 1023;
  double size = exponent == 0 ? ldexp (fraction, -24) : ldexp (fraction + 1024, exponent - 25);

  if (exponent == 31)
    size = fraction == 0 ? INFINITY : NAN;
  return half >> 15 ? -size : size;
}

static void
append_int (WeftText *text, int64_t i)
{
  g_string_append_printf (text->out, "%" G_GINT64_FORMAT, i);
}

/* JSON: [real, imaginary] */
static void
append_complex (WeftText *text, double real, double imaginary, bool single)
{
  g_string_append_c (text->out, text->json ? '[' : '(');
  single ? _weft_text_float32 (text, (float) real) : _weft_text_float (text, real);
  g_string_append (text->out, text->json ? ", " : signbit (imaginary) ? "" : "+");
  single ? _weft_text_float32 (text, (float) imaginary) : _weft_text_float (text, imaginary);
  g_string_append (text->out, text->json ? "]" : "j)");
}

/* A count since 1970 in steps of 10^-digits s; in JSON the count itself. */
static void
append_moment (WeftText *text, int64_t count, uint32_t digits)
{
  int64_t steps_a_second = digits == 9   ? 1000000000
                           : digits == 6 ? 1000000
                           : digits == 3 ? 1000
                                         : 1;
  int64_t fraction = count % steps_a_second;
  int64_t seconds = count / steps_a_second;
  g_autoptr (GDateTime) date = NULL;
  g_autofree char *shown = NULL;

  if (fraction < 0)
    {
      fraction += steps_a_second;
      seconds--;
    }
  if (!text->json && count != INT64_MIN)
    date = g_date_time_new_from_unix_utc (seconds);
  if (date == NULL)
    {
      if (text->json || count != INT64_MIN)
        append_int (text, count);
      else
        g_string_append (text->out, "NaT");
      return;
    }
  shown = g_date_time_format (date, "%Y-%m-%dT%H:%M:%S");
  g_string_append (text->out, shown);
  if (digits > 0)
    g_string_append_printf (text->out, ".%0*" G_GINT64_FORMAT, (int) digits, fraction);
}

/* Final zeros only fill up. */
static void
append_unicode4 (WeftText *text, const uint8_t *bytes, uint32_t n_bytes)
{
  g_autoptr (GString) utf8 = g_string_new (NULL);

  for (uint32_t i = 0; i + 4 <= n_bytes; i += 4)
    {
      gunichar c;

      memcpy (&c, bytes + i, 4);
      g_string_append_unichar (utf8, g_unichar_validate (c) ? c : 0xfffd);
    }
  while (utf8->len > 0 && utf8->str[utf8->len - 1] == '\0')
    g_string_truncate (utf8, utf8->len - 1);
  _weft_text_string (text, utf8->str, utf8->len);
}

static void
append_decimal128 (WeftText *text, const uint8_t *bytes)
{
  char digits[48];
  char *at = digits + sizeof digits;
  __int128 i;
  unsigned __int128 size;

  memcpy (&i, bytes, sizeof i);
  size = i < 0 ? -(unsigned __int128) i : (unsigned __int128) i;
  *--at = '\0';
  do
    *--at = (char) ('0' + (int) (size % 10));
  while ((size /= 10) > 0);
  if (i < 0)
    *--at = '-';
  g_string_append (text->out, at);
}

static bool
append_integer (WeftText *text, WeftDType dtype, const uint8_t *at)
{
  union
  {
    int8_t i8;
    int16_t i16;
    int32_t i32;
    int64_t i64;
    uint8_t u8;
    uint16_t u16;
    uint32_t u32;
    uint64_t u64;
  } v;

  memcpy (&v, at, weft_dtype_item_bytes (dtype));
  switch (dtype)
    {
    case WEFT_DTYPE_INT8:
      append_int (text, v.i8);
      return true;
    case WEFT_DTYPE_INT16:
      append_int (text, v.i16);
      return true;
    case WEFT_DTYPE_INT32:
    case WEFT_DTYPE_DATE32:
      append_int (text, v.i32);
      return true;
    case WEFT_DTYPE_INT64:
    case WEFT_DTYPE_TIMEDELTA_NS:
      append_int (text, v.i64);
      return true;
    case WEFT_DTYPE_UINT8:
      append_int (text, v.u8);
      return true;
    case WEFT_DTYPE_UINT16:
      append_int (text, v.u16);
      return true;
    case WEFT_DTYPE_UINT32:
      append_int (text, v.u32);
      return true;
    case WEFT_DTYPE_UINT64:
      g_string_append_printf (text->out, "%" G_GUINT64_FORMAT, v.u64);
      return true;
    default:
      return false;
    }
}

static bool
append_floating (WeftText *text, WeftDType dtype, const uint8_t *at)
{
  double f[2];
  float g[2];
  uint16_t half;

  switch (dtype)
    {
    case WEFT_DTYPE_FLOAT16:
      memcpy (&half, at, sizeof half);
      _weft_text_float32 (text, (float) half_to_double (half));
      return true;
    case WEFT_DTYPE_FLOAT32:
      memcpy (g, at, sizeof g[0]);
      _weft_text_float32 (text, g[0]);
      return true;
    case WEFT_DTYPE_FLOAT64:
      memcpy (f, at, sizeof f[0]);
      _weft_text_float (text, f[0]);
      return true;
    case WEFT_DTYPE_COMPLEX64:
      memcpy (g, at, sizeof g);
      append_complex (text, g[0], g[1], true);
      return true;
    case WEFT_DTYPE_COMPLEX128:
      memcpy (f, at, sizeof f);
      append_complex (text, f[0], f[1], false);
      return true;
    default:
      return false;
    }
}

/* Of fixed width. unit: of a timestamp */
static void
append_element (WeftText *text, WeftDType dtype, uint32_t item_bytes, uint32_t unit,
                const uint8_t *at)
{
  int64_t count;

  if (append_floating (text, dtype, at))
    return;
  switch (dtype)
    {
    case WEFT_DTYPE_BOOL:
      g_string_append (text->out, *at ? "true" : "false");
      break;
    case WEFT_DTYPE_DATETIME_NS:
    case WEFT_DTYPE_TIMESTAMP:
      memcpy (&count, at, sizeof count);
      append_moment (text, count, dtype == WEFT_DTYPE_TIMESTAMP ? unit : 9);
      break;
    case WEFT_DTYPE_FIXED_BYTES:
      _weft_text_bytes (text, at, item_bytes);
      break;
    case WEFT_DTYPE_UNICODE4:
      append_unicode4 (text, at, item_bytes);
      break;
    case WEFT_DTYPE_DECIMAL128:
      append_decimal128 (text, at);
      break;
    default:
      append_integer (text, dtype, at);
      break;
    }
}

/* ---- arrays ---------------------------------------------------------------------------------- */

static void
append_axis (WeftText *text, const WeftArray *array, uint32_t axis, const uint8_t *at)
{
  if (axis == array->n_dims)
    {
      append_element (text, array->dtype, array->item_bytes, 0, at);
      return;
    }
  g_string_append_c (text->out, '[');
  for (int64_t i = 0; i < array->shape[axis] && !_weft_text_is_full (text); i++)
    {
      g_string_append (text->out, i > 0 ? ", " : "");
      append_axis (text, array, axis + 1, at + i * array->strides[axis]);
    }
  g_string_append_c (text->out, ']');
}

static void
append_shape (WeftText *text, const WeftArray *array, const char *between)
{
  for (uint32_t i = 0; i < array->n_dims; i++)
    g_string_append_printf (text->out, "%s%" G_GINT64_FORMAT, i > 0 ? between : "",
                            array->shape[i]);
}

/* A million rows of no columns are no data, too. */
static bool
is_empty (const WeftArray *array)
{
  for (uint32_t i = 0; i < array->n_dims; i++)
    if (array->shape[i] == 0)
      return true;
  return false;
}

void
_weft_text_array (WeftText *text, const WeftArray *array)
{
  const uint8_t *first = array->buffer->bytes + array->offset_bytes;

  g_string_append_printf (text->out, text->json ? "{\"$array\": {\"dtype\": \"%s\", " : "array %s ",
                          weft_dtype_name (array->dtype));
  if (text->json)
    g_string_append_printf (text->out, "\"item_bytes\": %u, \"shape\": [", array->item_bytes);
  append_shape (text, array, text->json ? ", " : "×");
  g_string_append (text->out, text->json ? "], \"data\": " : array->n_dims > 0 ? " " : "");
  if (is_empty (array))
    g_string_append (text->out, "[]");
  else
    append_axis (text, array, 0, first);
  g_string_append (text->out, text->json ? "}}" : "");
}

/* ---- tables ---------------------------------------------------------------------------------- */

static void append_row (WeftText *text, const WeftColumn *column, int64_t row);

static void
append_rows (WeftText *text, const WeftColumn *column, int64_t row, int64_t n_rows)
{
  g_string_append_c (text->out, '[');
  for (int64_t i = 0; i < n_rows && !_weft_text_is_full (text); i++)
    {
      g_string_append (text->out, i > 0 ? ", " : "");
      append_row (text, column, row + i);
    }
  g_string_append_c (text->out, ']');
}

static void
append_struct (WeftText *text, const WeftColumn *column, int64_t row)
{
  g_string_append_c (text->out, '{');
  for (uint32_t i = 0; i < column->n_children; i++)
    {
      _weft_text_member (text, column->children[i]->name);
      append_row (text, column->children[i], column->offset_rows + row);
    }
  g_string_append_c (text->out, '}');
}

static void
append_varying (WeftText *text, const WeftColumn *column, int64_t row)
{
  int64_t start = _weft_column_offset (column, row);
  int64_t n = _weft_column_offset (column, row + 1) - start;
  const uint8_t *bytes = column->values != NULL ? column->values->bytes + start : NULL;

  if (column->dtype == WEFT_DTYPE_STRING)
    _weft_text_string (text, n > 0 ? (const char *) bytes : "", (size_t) n);
  else if (column->dtype == WEFT_DTYPE_BYTES)
    _weft_text_bytes (text, bytes, (size_t) n);
  else
    append_rows (text, column->children[0], start, n);
}

static void
append_row (WeftText *text, const WeftColumn *column, int64_t row)
{
  int64_t at = column->offset_rows + row;

  if (!_weft_column_is_present (column, row))
    {
      g_string_append (text->out, text->json ? "null" : "none");
      return;
    }
  switch ((WeftDType) column->dtype)
    {
    case WEFT_DTYPE_BOOL:
      g_string_append (text->out, _weft_bit_get (column->values->bytes, at) ? "true" : "false");
      break;
    case WEFT_DTYPE_STRING:
    case WEFT_DTYPE_BYTES:
    case WEFT_DTYPE_LIST:
    case WEFT_DTYPE_MAP:
      append_varying (text, column, row);
      break;
    case WEFT_DTYPE_FIXED_LIST:
      append_rows (text, column->children[0], at * column->list_size, column->list_size);
      break;
    case WEFT_DTYPE_STRUCT:
      append_struct (text, column, row);
      break;
    case WEFT_DTYPE_DICTIONARY:
      append_row (text, column->children[0], _weft_column_code (column, row));
      break;
    default:
      append_element (text, column->dtype, column->item_bytes, column->unit,
                      column->values->bytes + at * column->item_bytes);
      break;
    }
}

static void
append_column (WeftText *text, const WeftColumn *column)
{
  const char *dtype = weft_dtype_name (column->dtype);

  if (text->json)
    {
      g_string_append_c (text->out, '{');
      _weft_text_member (text, "name");
      _weft_text_string (text, column->name, strlen (column->name));
      g_string_append_printf (text->out, ", \"dtype\": \"%s\", \"data\": ", dtype);
    }
  else
    g_string_append_printf (text->out, "%s %s ", column->name, dtype);
  append_rows (text, column, 0, column->n_rows);
  g_string_append (text->out, text->json ? "}" : "");
}

void
_weft_text_table (WeftText *text, const WeftTable *table)
{
  g_string_append_printf (text->out,
                          text->json ? "{\"$table\": {\"n_rows\": %" G_GINT64_FORMAT
                                       ", \"columns\": ["
                                     : "table of %" G_GINT64_FORMAT " rows: ",
                          table->n_rows);
  for (uint32_t i = 0; i < table->n_columns && !_weft_text_is_full (text); i++)
    {
      g_string_append (text->out, i > 0 ? ", " : "");
      append_column (text, table->columns[i]);
    }
  g_string_append (text->out, text->json ? "]}}" : "");
}
