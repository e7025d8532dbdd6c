/* encode-table.c: tables and their columns to bytes
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A column is written as if it began at row 0 of buffers that hold just its rows: of a slice of a
 * long table only the slice goes out. Offsets are shifted to begin at 0, bits to begin at bit 0;
 * children are cut to the rows that are used, but for dictionaries, which are written whole and,
 * where several columns hold the same, once.
 */
#include "config.h"

#include "store/weft-codec-private.h"
#include "store/weft-layout-private.h"

#include <string.h>

#define PIECE_BYTES 4096

static void put_column (WeftEncoder *encoder, WeftColumn *column, bool top, int64_t first,
                        int64_t n_rows);

/* Eight bits from a bit index on; bits beyond end are 0. */
static uint8_t
eight_bits (const uint8_t *bits, int64_t idx, int64_t end)
{
  uint32_t shift = (uint32_t) (idx & 7);
  uint32_t byte = bits[idx >> 3] >> shift;

  if (shift > 0 && end - idx > 8 - (int64_t) shift)
    byte |= (uint32_t) bits[(idx >> 3) + 1] << (8 - shift);
  if (end - idx < 8)
    byte &= (1u << (end - idx)) - 1;
  return (uint8_t) byte;
}

static void
put_bits (WeftEncoder *encoder, const uint8_t *bits, int64_t first, int64_t n)
{
  int64_t end = first + n;
  uint8_t piece[PIECE_BYTES];
  size_t n_piece = 0;

  _weft_encoder_run_head (encoder, (uint64_t) (n + 7) / 8);
  for (int64_t idx = first; idx < end; idx += 8)
    {
      piece[n_piece++] = eight_bits (bits, idx, end);
      if (n_piece < sizeof piece)
        continue;
      _weft_block_writer_put (&encoder->out, piece, n_piece);
      n_piece = 0;
    }
  _weft_block_writer_put (&encoder->out, piece, n_piece);
}

static void
put_shifted_offsets (WeftEncoder *encoder, const WeftColumn *column, int64_t first, int64_t n_rows)
{
  int64_t base = _weft_column_offset (column, first);
  uint8_t piece[PIECE_BYTES];
  size_t n_piece = 0;

  for (int64_t row = first; row <= first + n_rows; row++)
    {
      int64_t offset = _weft_column_offset (column, row) - base;

      memcpy (piece + n_piece, &offset, column->offset_width);
      n_piece += column->offset_width;
      if (n_piece < sizeof piece)
        continue;
      _weft_block_writer_put (&encoder->out, piece, n_piece);
      n_piece = 0;
    }
  _weft_block_writer_put (&encoder->out, piece, n_piece);
}

static void
put_offsets (WeftEncoder *encoder, const WeftColumn *column, int64_t first, int64_t n_rows)
{
  uint64_t n_bytes = (uint64_t) (n_rows + 1) * column->offset_width;
  int64_t at = (column->offset_rows + first) * column->offset_width;

  _weft_encoder_run_head (encoder, n_bytes);
  if (_weft_column_offset (column, first) != 0 || column->offsets == NULL
      || column->offsets->n_bytes == 0)
    put_shifted_offsets (encoder, column, first, n_rows);
  else
    _weft_block_writer_put (&encoder->out, column->offsets->bytes + at, n_bytes);
}

static void
put_items (WeftEncoder *encoder, const WeftColumn *column, int64_t first, int64_t n_rows,
           uint32_t item_bytes)
{
  int64_t n_bytes = n_rows * item_bytes;
  int64_t at = (column->offset_rows + first) * item_bytes;

  _weft_encoder_run (encoder, n_bytes > 0 ? column->values->bytes + at : NULL, (uint64_t) n_bytes);
}

static bool
has_offsets (const WeftColumn *column)
{
  return column->dtype == WEFT_DTYPE_STRING || column->dtype == WEFT_DTYPE_BYTES
         || column->dtype == WEFT_DTYPE_LIST || column->dtype == WEFT_DTYPE_MAP;
}

/* What stands in the values buffer, if the type has one. */
static void
put_values (WeftEncoder *encoder, const WeftColumn *column, int64_t first, int64_t n_rows)
{
  int64_t start, end;

  switch ((WeftDType) column->dtype)
    {
    case WEFT_DTYPE_BOOL:
      put_bits (encoder, n_rows > 0 ? column->values->bytes : NULL, column->offset_rows + first,
                n_rows);
      break;
    case WEFT_DTYPE_STRING:
    case WEFT_DTYPE_BYTES:
      start = _weft_column_offset (column, first);
      end = _weft_column_offset (column, first + n_rows);
      _weft_encoder_run (encoder, end > start ? column->values->bytes + start : NULL,
                         (uint64_t) (end - start));
      break;
    case WEFT_DTYPE_DICTIONARY:
      put_items (encoder, column, first, n_rows, weft_dtype_item_bytes (column->code_dtype));
      break;
    case WEFT_DTYPE_LIST:
    case WEFT_DTYPE_MAP:
    case WEFT_DTYPE_STRUCT:
    case WEFT_DTYPE_FIXED_LIST:
    case WEFT_DTYPE_NULL:
      break;
    default:
      put_items (encoder, column, first, n_rows, column->item_bytes);
      break;
    }
}

/* The rows of a child that a column's rows reach. */
static void
child_rows (const WeftColumn *column, int64_t first, int64_t n_rows, int64_t *child_first,
            int64_t *n_child)
{
  int64_t at = column->offset_rows + first;

  switch ((WeftDType) column->dtype)
    {
    case WEFT_DTYPE_LIST:
    case WEFT_DTYPE_MAP:
      *child_first = _weft_column_offset (column, first);
      *n_child = _weft_column_offset (column, first + n_rows) - *child_first;
      break;
    case WEFT_DTYPE_FIXED_LIST:
      *child_first = at * column->list_size;
      *n_child = n_rows * column->list_size;
      break;
    case WEFT_DTYPE_STRUCT:
      *child_first = at;
      *n_child = n_rows;
      break;
    default: /* a dictionary */
      *child_first = 0;
      *n_child = column->children[0]->n_rows;
      break;
    }
}

static int64_t
n_nulls_of (const WeftColumn *column, int64_t n_rows)
{
  return n_rows == column->n_rows || column->n_nulls == 0 ? column->n_nulls : -1;
}

static void
put_column_head (WeftEncoder *encoder, const WeftColumn *column, int64_t n_rows)
{
  _weft_encoder_u8 (encoder, column->dtype);
  _weft_encoder_u8 (encoder, has_offsets (column) ? column->offset_width : 0);
  _weft_encoder_u8 (encoder, column->unit);
  _weft_encoder_u8 (encoder, column->code_dtype);
  _weft_encoder_u8 (encoder, column->flags);
  _weft_encoder_u8 (encoder, column->validity != NULL);
  _weft_encoder_u8 (encoder, 0);
  _weft_encoder_u8 (encoder, 0);
  _weft_encoder_u32 (encoder, (uint32_t) column->list_size);
  _weft_encoder_u32 (encoder, column->item_bytes);
  _weft_encoder_u64 (encoder, (uint64_t) n_rows);
  _weft_encoder_u64 (encoder, (uint64_t) n_nulls_of (column, n_rows));
  _weft_encoder_text (encoder, column->name);
  _weft_encoder_text (encoder, column->metadata);
  _weft_encoder_u32 (encoder, column->n_children);
}

static void
put_column_content (WeftEncoder *encoder, const WeftColumn *column, int64_t first, int64_t n_rows)
{
  put_column_head (encoder, column, n_rows);
  if (column->validity != NULL)
    put_bits (encoder, column->validity->bytes, column->offset_rows + first, n_rows);
  if (has_offsets (column))
    put_offsets (encoder, column, first, n_rows);
  put_values (encoder, column, first, n_rows);
  for (uint32_t i = 0; i < column->n_children; i++)
    {
      int64_t child_first, n_child;

      child_rows (column, first, n_rows, &child_first, &n_child);
      put_column (encoder, column->children[i], false, child_first, n_child);
    }
}

/* Whole columns that somebody else holds too are counted, and may be referred to later. */
static void
put_column (WeftEncoder *encoder, WeftColumn *column, bool top, int64_t first, int64_t n_rows)
{
  bool whole = (top || column->n_children == 0) && first == 0 && n_rows == column->n_rows;
  uint32_t number = whole ? GPOINTER_TO_UINT (g_hash_table_lookup (encoder->columns, column)) : 0;
  bool counted = whole && g_hash_table_contains (encoder->shared_columns, column);

  if (number > 0)
    {
      _weft_encoder_u32 (encoder, number - 1);
      return;
    }
  _weft_encoder_u32 (encoder, counted ? WEFT_CODEC_NEW_COUNTED : WEFT_CODEC_NEW);
  put_column_content (encoder, column, first, n_rows);
  if (counted)
    g_hash_table_insert (encoder->columns, column,
                         GUINT_TO_POINTER (g_hash_table_size (encoder->columns) + 1));
}

void
_weft_encoder_table (WeftEncoder *encoder, const WeftTable *table)
{
  _weft_encoder_u64 (encoder, (uint64_t) table->n_rows);
  _weft_encoder_u32 (encoder, table->n_columns);
  _weft_encoder_text (encoder, table->metadata);
  for (uint32_t i = 0; i < table->n_columns; i++)
    put_column (encoder, table->columns[i], true, 0, table->n_rows);
}
