/* array.c: element types, and arrays of any shape and strides
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "store/weft-layout-private.h"
#include "store/weft-store-private.h"

#include <string.h>

typedef struct
{
  const char *name;
  uint8_t item_bytes; /* 0: the value says, or not of fixed width */
  bool array;
  bool column;
} DTypeInfo;

static const DTypeInfo dtypes[] = {
  [WEFT_DTYPE_BOOL] = { "bool", 1, true, true },
  [WEFT_DTYPE_INT8] = { "int8", 1, true, true },
  [WEFT_DTYPE_INT16] = { "int16", 2, true, true },
  [WEFT_DTYPE_INT32] = { "int32", 4, true, true },
  [WEFT_DTYPE_INT64] = { "int64", 8, true, true },
  [WEFT_DTYPE_UINT8] = { "uint8", 1, true, true },
  [WEFT_DTYPE_UINT16] = { "uint16", 2, true, true },
  [WEFT_DTYPE_UINT32] = { "uint32", 4, true, true },
  [WEFT_DTYPE_UINT64] = { "uint64", 8, true, true },
  [WEFT_DTYPE_FLOAT16] = { "float16", 2, true, true },
  [WEFT_DTYPE_FLOAT32] = { "float32", 4, true, true },
  [WEFT_DTYPE_FLOAT64] = { "float64", 8, true, true },
  [WEFT_DTYPE_COMPLEX64] = { "complex64", 8, true, true },
  [WEFT_DTYPE_COMPLEX128] = { "complex128", 16, true, true },
  [WEFT_DTYPE_DATETIME_NS] = { "datetime64[ns]", 8, true, true },
  [WEFT_DTYPE_TIMEDELTA_NS] = { "timedelta64[ns]", 8, true, true },
  [WEFT_DTYPE_FIXED_BYTES] = { "fixed_bytes", 0, true, true },
  [WEFT_DTYPE_STRING] = { "string", 0, false, true },
  [WEFT_DTYPE_BYTES] = { "bytes", 0, false, true },
  [WEFT_DTYPE_LIST] = { "list", 0, false, true },
  [WEFT_DTYPE_STRUCT] = { "struct", 0, false, true },
  [WEFT_DTYPE_DICTIONARY] = { "dictionary", 0, false, true },
  [WEFT_DTYPE_FIXED_LIST] = { "fixed_list", 0, false, true },
  [WEFT_DTYPE_NULL] = { "null", 0, false, true },
  [WEFT_DTYPE_DATE32] = { "date32", 4, false, true },
  [WEFT_DTYPE_TIMESTAMP] = { "timestamp", 8, false, true },
  [WEFT_DTYPE_MAP] = { "map", 0, false, true },
  [WEFT_DTYPE_DECIMAL128] = { "decimal128", 16, false, true },
  [WEFT_DTYPE_UNICODE4] = { "unicode", 0, true, false },
};

static const DTypeInfo *
info_of (WeftDType dtype)
{
  static const DTypeInfo unknown = { NULL, 0, false, false };

  return (size_t) dtype < G_N_ELEMENTS (dtypes) ? &dtypes[dtype] : &unknown;
}

uint32_t
weft_dtype_item_bytes (WeftDType dtype)
{
  return info_of (dtype)->item_bytes;
}

const char *
weft_dtype_name (WeftDType dtype)
{
  const char *name = info_of (dtype)->name;

  return name != NULL ? name : "unknown";
}

bool
_weft_dtype_is_of_arrays (WeftDType dtype)
{
  return info_of (dtype)->array;
}

bool
_weft_dtype_is_of_columns (WeftDType dtype)
{
  return info_of (dtype)->column;
}

bool
_weft_dtype_is_fixed_width (WeftDType dtype)
{
  return dtype != WEFT_DTYPE_BOOL
         && (info_of (dtype)->item_bytes > 0 || dtype == WEFT_DTYPE_FIXED_BYTES);
}

/* ---- shapes and strides ---------------------------------------------------------------------- */

/* Empty axes first: they make any shape fit. */
static bool
has_empty_axis (const int64_t *shape, uint32_t n_dims)
{
  for (uint32_t i = 0; i < n_dims; i++)
    if (shape[i] == 0)
      return true;
  return false;
}

bool
_weft_shape_count (const int64_t *shape, uint32_t n_dims, uint32_t repeated, uint32_t item_bytes,
                   int64_t *n_elements, int64_t *stored_bytes)
{
  bool empty = has_empty_axis (shape, n_dims);

  *n_elements = empty ? 0 : 1;
  *stored_bytes = empty ? 0 : item_bytes;
  for (uint32_t i = 0; i < n_dims; i++)
    {
      int64_t n_stored = (repeated >> i & 1) ? 1 : shape[i];

      if (shape[i] < 0 || __builtin_mul_overflow (*n_elements, shape[i], n_elements)
          || __builtin_mul_overflow (*stored_bytes, n_stored, stored_bytes))
        return false;
    }
  return true;
}

void
_weft_strides_fill (int64_t *strides, const int64_t *shape, uint32_t n_dims, uint32_t repeated,
                    uint32_t item_bytes, WeftLayoutKind kind)
{
  uint64_t step =
      item_bytes; /* unsigned: beside an empty axis it may wrap, where it means nothing */

  for (uint32_t i = 0; i < n_dims; i++)
    {
      uint32_t axis = kind == WEFT_LAYOUT_FORTRAN ? i : n_dims - 1 - i;
      bool is_repeated = (repeated >> axis & 1) != 0;

      strides[axis] = is_repeated ? 0 : (int64_t) step;
      if (!is_repeated)
        step *= (uint64_t) MAX (shape[axis], 1);
    }
}

/* Axes of one element may have any stride. */
static bool
has_strides (const WeftArray *array, const int64_t *strides)
{
  for (uint32_t i = 0; i < array->n_dims; i++)
    if (array->shape[i] > 1 && array->strides[i] != strides[i])
      return false;
  return true;
}

void
_weft_array_layout (const WeftArray *array, WeftLayout *layout)
{
  int64_t strides[WEFT_ARRAY_MAX_DIMS];

  *layout = (WeftLayout){ .kind = WEFT_LAYOUT_C };
  for (uint32_t i = 0; i < array->n_dims; i++)
    if (array->strides[i] == 0 && array->shape[i] > 1)
      layout->repeated |= 1u << i;
  if (has_empty_axis (array->shape, array->n_dims))
    layout->repeated = 0;
  _weft_shape_count (array->shape, array->n_dims, layout->repeated, array->item_bytes,
                     &layout->n_elements, &layout->stored_bytes);
  if (layout->n_elements == 0)
    return;

  _weft_strides_fill (strides, array->shape, array->n_dims, layout->repeated, array->item_bytes,
                      WEFT_LAYOUT_C);
  if (has_strides (array, strides))
    return;
  _weft_strides_fill (strides, array->shape, array->n_dims, layout->repeated, array->item_bytes,
                      WEFT_LAYOUT_FORTRAN);
  layout->kind = has_strides (array, strides) ? WEFT_LAYOUT_FORTRAN : WEFT_LAYOUT_STRIDED;
}

/* ---- walking --------------------------------------------------------------------------------- */

void
_weft_array_cursor_init (WeftArrayCursor *cursor, const WeftArray *array, uint32_t skipped,
                         bool single)
{
  *cursor = (WeftArrayCursor){ .at = array->buffer->bytes + array->offset_bytes,
                               .run_bytes = array->item_bytes,
                               .n_left = has_empty_axis (array->shape, array->n_dims) ? 0 : 1,
                               .n_dims = array->n_dims };
  for (uint32_t i = 0; i < array->n_dims; i++)
    {
      cursor->shape[i] = (skipped >> i & 1) ? MIN (array->shape[i], 1) : array->shape[i];
      cursor->strides[i] = array->strides[i];
      cursor->n_left *= cursor->shape[i];
    }
  /* Last axes whose elements follow one another become part of the run. */
  while (!single && cursor->n_dims > 0 && cursor->n_left > 0)
    {
      uint32_t last = cursor->n_dims - 1;

      if (cursor->shape[last] != 1 && cursor->strides[last] != (int64_t) cursor->run_bytes)
        break;
      cursor->run_bytes *= (size_t) cursor->shape[last];
      cursor->n_left /= cursor->shape[last];
      cursor->n_dims = last;
    }
}

bool
_weft_array_cursor_next (WeftArrayCursor *cursor)
{
  if (cursor->n_left == 0)
    return false;
  cursor->n_left--;
  if (!cursor->begun)
    {
      cursor->begun = true;
      return true;
    }
  for (uint32_t axis = cursor->n_dims; axis-- > 0;)
    {
      cursor->at += cursor->strides[axis];
      if (++cursor->idx[axis] < cursor->shape[axis])
        break;
      cursor->at -= cursor->strides[axis] * cursor->shape[axis];
      cursor->idx[axis] = 0;
    }
  return true;
}

/* ---- constructor ----------------------------------------------------------------------------- */

/* Whether every element lies in n_bytes. */
static bool
lies_inside (const WeftArray *array, int64_t n_elements, size_t n_bytes)
{
  int64_t lowest = array->offset_bytes;
  int64_t end;

  if (n_elements == 0)
    return true;
  if (lowest < 0 || __builtin_add_overflow (lowest, (int64_t) array->item_bytes, &end))
    return false;
  for (uint32_t i = 0; i < array->n_dims; i++)
    {
      int64_t reach;
      int64_t *side = array->strides[i] < 0 ? &lowest : &end;

      if (__builtin_mul_overflow (array->strides[i], array->shape[i] - 1, &reach)
          || __builtin_add_overflow (*side, reach, side))
        return false;
    }
  return lowest >= 0 && (uint64_t) end <= n_bytes;
}

static bool
array_fill (WeftArray *array, const WeftArray *wanted, const int64_t *shape,
            const int64_t *strides_bytes)
{
  int64_t n_elements, n_stored_bytes;
  uint32_t repeated = 0;

  array->buffer = wanted->buffer;
  array->dtype = wanted->dtype;
  array->n_dims = wanted->n_dims;
  array->item_bytes = wanted->item_bytes;
  array->offset_bytes = wanted->offset_bytes;
  if (array->n_dims > 0)
    memcpy (array->shape, shape, array->n_dims * sizeof *shape);
  if (strides_bytes != NULL && array->n_dims > 0)
    memcpy (array->strides, strides_bytes, array->n_dims * sizeof *shape);
  else
    _weft_strides_fill (array->strides, shape, array->n_dims, 0, array->item_bytes, WEFT_LAYOUT_C);
  for (uint32_t i = 0; i < array->n_dims; i++)
    if (array->strides[i] == 0)
      repeated |= 1u << i;
  return _weft_shape_count (shape, array->n_dims, repeated, array->item_bytes, &n_elements,
                            &n_stored_bytes)
         && lies_inside (array, n_elements, array->buffer->n_bytes);
}

WeftStatus
weft_value_init_array (WeftValue *value, WeftBuffer *buffer, WeftDType dtype, uint32_t item_bytes,
                       uint32_t n_dims, const int64_t *shape, const int64_t *strides_bytes,
                       int64_t offset_bytes)
{
  uint32_t natural_bytes = weft_dtype_item_bytes (dtype);
  WeftArray wanted = { .buffer = buffer,
                       .dtype = (uint8_t) dtype,
                       .n_dims = (uint8_t) n_dims,
                       .item_bytes = item_bytes != 0 ? item_bytes : natural_bytes,
                       .offset_bytes = offset_bytes };
  WeftArray *array;

  if (n_dims > WEFT_ARRAY_MAX_DIMS || !_weft_dtype_is_of_arrays (dtype)
      || (natural_bytes != 0 && wanted.item_bytes != natural_bytes)
      || (dtype == WEFT_DTYPE_UNICODE4 && item_bytes % 4 != 0))
    return WEFT_FAILED;
  array = (WeftArray *) weft_box_alloc (WEFT_TYPE_ARRAY, sizeof *array);
  if (array == NULL)
    return WEFT_NO_MEMORY;
  if (!array_fill (array, &wanted, shape, strides_bytes))
    {
      array->buffer = NULL;
      weft_box_free (&array->box);
      return WEFT_FAILED;
    }
  if (weft_buffer_is_sole (buffer))
    array->box.n_bytes += buffer->n_charged;
  weft_value_take_box (value, &array->box);
  return WEFT_OK;
}
