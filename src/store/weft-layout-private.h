/* weft-layout-private.h: walking over arrays of any strides and columns of any kind
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "store/weft-value.h"

/* ---- arrays ---------------------------------------------------------------------------------- */

typedef enum
{
  WEFT_LAYOUT_C = 0,       /* stored elements lie one behind the other, last axis fastest */
  WEFT_LAYOUT_FORTRAN = 1, /* the same, first axis fastest */
  WEFT_LAYOUT_STRIDED = 2, /* neither */
} WeftLayoutKind;

/* Axes of stride 0 and more than one element are *repeated*: of these one element is stored. */
typedef struct
{
  WeftLayoutKind kind;
  uint32_t repeated;    /* bit i: axis i */
  int64_t n_elements;   /* all */
  int64_t stored_bytes; /* without repetition */
} WeftLayout;

void _weft_array_layout (const WeftArray *array, WeftLayout *layout);

/* Whether shape's product, without the repeated axes too, and the bytes of it fit. */
bool _weft_shape_count (const int64_t *shape, uint32_t n_dims, uint32_t repeated,
                        uint32_t item_bytes, int64_t *n_elements, int64_t *stored_bytes);

/* Goes through elements in C order, in runs that lie together: while (next ()) use at, run_bytes.
 * */
typedef struct
{
  const uint8_t *at;
  size_t run_bytes;
  int64_t n_left;
  uint32_t n_dims;
  bool begun;
  int64_t shape[WEFT_ARRAY_MAX_DIMS];
  int64_t strides[WEFT_ARRAY_MAX_DIMS];
  int64_t idx[WEFT_ARRAY_MAX_DIMS];
} WeftArrayCursor;

/* skipped: axes of which only the first element is visited. single: each element its own run. */
void _weft_array_cursor_init (WeftArrayCursor *cursor, const WeftArray *array, uint32_t skipped,
                              bool single);
bool _weft_array_cursor_next (WeftArrayCursor *cursor);

/* Fills C (or Fortran) strides for a shape whose repeated axes get stride 0. */
void _weft_strides_fill (int64_t *strides, const int64_t *shape, uint32_t n_dims, uint32_t repeated,
                         uint32_t item_bytes, WeftLayoutKind kind);

/* Dtypes that an array, or a column, may have. */
bool _weft_dtype_is_of_arrays (WeftDType dtype);
bool _weft_dtype_is_of_columns (WeftDType dtype);
/* Of columns: all rows take item_bytes. */
bool _weft_dtype_is_fixed_width (WeftDType dtype);

/* ---- columns --------------------------------------------------------------------------------- */

#define WEFT_COLUMN_MAX_DEPTH 64

static inline bool
_weft_bit_get (const uint8_t *bits, int64_t idx)
{
  return (bits[idx >> 3] >> (idx & 7)) & 1;
}

/* row: logical, from 0 */
static inline bool
_weft_column_is_present (const WeftColumn *column, int64_t row)
{
  return column->dtype != WEFT_DTYPE_NULL
         && (column->validity == NULL
             || _weft_bit_get (column->validity->bytes, column->offset_rows + row));
}

/* Of a STRING, BYTES, LIST or MAP: where row's content begins; row n_rows: where the last ends. */
int64_t _weft_column_offset (const WeftColumn *column, int64_t row);
/* Of a DICTIONARY: the row in its child; -1 or beyond for a code that is none. */
int64_t _weft_column_code (const WeftColumn *column, int64_t row);

/* weft_column_check() without its children. */
bool _weft_column_check_itself (const WeftColumn *column, char **message);

/* Whether both say the same in the given rows, in other layouts perhaps. */
bool _weft_column_rows_equal (const WeftColumn *a, int64_t row_a, const WeftColumn *b,
                              int64_t row_b, int64_t n_rows);
/* Whether both mean the same: name, types, rows. */
bool _weft_column_equal (const WeftColumn *a, const WeftColumn *b);
