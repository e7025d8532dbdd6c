/* decode-table.c: bytes to tables and their columns
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * What a column's figures say is checked once its buffers and children are there, by the same check
 * as columns of any other origin.
 */
#include "config.h"

#include "store/weft-codec-private.h"
#include "store/weft-layout-private.h"

#include <stdlib.h>
#include <string.h>

#define damaged(decoder, ...) \
  _weft_block_reader_fail (&(decoder)->in, WEFT_CODEC_ERROR_DAMAGED, __VA_ARGS__)

#define MIN_COLUMN_BYTES 4

typedef struct
{
  uint8_t dtype, offset_width, unit, code_dtype, flags, has_validity, reserved[2];
  int32_t list_size;
  uint32_t item_bytes;
  int64_t n_rows;
  int64_t n_nulls;
} ColumnHead;

_Static_assert(sizeof (ColumnHead) == 32, "no padding");

static bool get_column (WeftDecoder *decoder, uint32_t depth, WeftColumn **column);

static bool
get_column_head (WeftDecoder *decoder, WeftColumn *column, ColumnHead *head)
{
  if (!_weft_block_reader_get (&decoder->in, head, sizeof *head))
    return false;
  if (head->has_validity > 1 || head->reserved[0] != 0 || head->reserved[1] != 0
      || head->n_rows < 0)
    return damaged (decoder, "a column's head with unknown marks");
  column->dtype = head->dtype;
  column->offset_width = head->offset_width;
  column->unit = head->unit;
  column->code_dtype = head->code_dtype;
  column->flags = head->flags;
  column->list_size = head->list_size;
  column->item_bytes = head->item_bytes;
  column->n_rows = head->n_rows;
  column->n_nulls = head->n_nulls;
  return true;
}

static bool
get_column_texts (WeftDecoder *decoder, WeftColumn *column)
{
  free (column->name);
  column->name = NULL;
  return _weft_decoder_text (decoder, true, &column->name)
         && (column->name != NULL || damaged (decoder, "a column's name is missing"))
         && _weft_decoder_text (decoder, true, &column->metadata);
}

static bool
get_column_buffers (WeftDecoder *decoder, WeftColumn *column, const ColumnHead *head)
{
  bool has_values = column->dtype == WEFT_DTYPE_BOOL || column->dtype == WEFT_DTYPE_STRING
                    || column->dtype == WEFT_DTYPE_BYTES || column->dtype == WEFT_DTYPE_DICTIONARY
                    || _weft_dtype_is_fixed_width (column->dtype);

  return (!head->has_validity || _weft_decoder_run_buffer (decoder, &column->validity))
         && (head->offset_width == 0 || _weft_decoder_run_buffer (decoder, &column->offsets))
         && (!has_values || _weft_decoder_run_buffer (decoder, &column->values));
}

static bool
get_children (WeftDecoder *decoder, WeftColumn *column, uint32_t n_children, uint32_t depth)
{
  column->children = calloc (MAX (n_children, 1), sizeof *column->children);
  if (column->children == NULL)
    return _weft_decoder_no_memory (decoder);
  for (uint32_t i = 0; i < n_children; i++)
    {
      if (!get_column (decoder, depth + 1, &column->children[i]))
        return false;
      column->n_children = i + 1;
    }
  return true;
}

static bool
fill_column (WeftDecoder *decoder, WeftColumn *column, uint32_t depth)
{
  uint32_t n_children;
  ColumnHead head;

  return get_column_head (decoder, column, &head) && get_column_texts (decoder, column)
         && _weft_decoder_u32 (decoder, &n_children)
         && _weft_decoder_count (decoder, "child columns", n_children, MIN_COLUMN_BYTES)
         && _weft_decoder_claim (decoder, n_children, sizeof (WeftColumn *))
         && get_column_buffers (decoder, column, &head)
         && get_children (decoder, column, n_children, depth);
}

/* Its children are sound, as each is checked when it is complete. */
static bool
check_column (WeftDecoder *decoder, const WeftColumn *column)
{
  g_autofree char *message = NULL;

  return _weft_column_check_itself (column, &message) || damaged (decoder, "%s", message);
}

static bool
get_new_column (WeftDecoder *decoder, uint32_t depth, WeftColumn **column)
{
  WeftColumn *made;

  if (depth > WEFT_COLUMN_MAX_DEPTH)
    return damaged (decoder, "columns nested deeper than %d", WEFT_COLUMN_MAX_DEPTH);
  if (!_weft_decoder_claim (decoder, 1, sizeof *made))
    return false;
  made = weft_column_new ("", WEFT_DTYPE_NULL, 0);
  if (made == NULL)
    return _weft_decoder_no_memory (decoder);
  if (!fill_column (decoder, made, depth) || !check_column (decoder, made))
    {
      weft_column_unref (made);
      return false;
    }
  *column = made;
  return true;
}

/* New, or one that was counted before. */
static bool
get_column (WeftDecoder *decoder, uint32_t depth, WeftColumn **column)
{
  WeftColumn *met;
  uint32_t number;

  if (!_weft_decoder_u32 (decoder, &number))
    return false;
  if (number == WEFT_CODEC_NEW || number == WEFT_CODEC_NEW_COUNTED)
    {
      if (!get_new_column (decoder, depth, column))
        return false;
      if (number == WEFT_CODEC_NEW_COUNTED)
        g_ptr_array_add (decoder->columns, weft_column_ref (*column));
      return true;
    }
  if (number >= decoder->columns->len)
    return damaged (decoder, "column %u of %u", number, decoder->columns->len);
  met = g_ptr_array_index (decoder->columns, number);
  if (depth > 1 && met->n_children > 0)
    return damaged (decoder, "column %u, which has children, below another", number);
  *column = weft_column_ref (met);
  return true;
}

/* Columns that were got are dropped again on failure. */
static bool
make_table (WeftDecoder *decoder, WeftColumn **columns, uint32_t n_columns, int64_t n_rows,
            WeftValue *value)
{
  WeftStatus status = WEFT_FAILED;
  uint32_t n = 0;

  while (n < n_columns && get_column (decoder, 1, &columns[n]))
    n++;
  if (n == n_columns)
    {
      status = weft_value_init_table (value, columns, n_columns, n_rows);
      if (status == WEFT_NO_MEMORY)
        _weft_decoder_no_memory (decoder);
      if (status == WEFT_FAILED)
        damaged (decoder, "columns that are not as long as their table");
    }
  for (uint32_t i = 0; status != WEFT_OK && i < n; i++)
    weft_column_unref (columns[i]);
  return status == WEFT_OK;
}

bool
_weft_decoder_table (WeftDecoder *decoder, WeftValue *value)
{
  WeftColumn **columns;
  char *metadata = NULL;
  uint32_t n_columns;
  int64_t n_rows;
  bool done = false;

  if (!_weft_decoder_i64 (decoder, &n_rows) || !_weft_decoder_u32 (decoder, &n_columns)
      || !_weft_decoder_text (decoder, true, &metadata))
    return false;
  if (n_rows < 0)
    damaged (decoder, "a table of %" G_GINT64_FORMAT " rows", n_rows);
  else if (_weft_decoder_count (decoder, "columns", n_columns, MIN_COLUMN_BYTES)
           && _weft_decoder_claim (decoder, n_columns, 2 * sizeof *columns)
           && _weft_decoder_claim (decoder, 1, sizeof (WeftTable)))
    {
      columns = calloc (MAX (n_columns, 1), sizeof *columns);
      done = columns != NULL ? make_table (decoder, columns, n_columns, n_rows, value)
                             : _weft_decoder_no_memory (decoder);
      free (columns);
    }
  if (done)
    ((WeftTable *) value->u.box)->metadata = metadata;
  else
    free (metadata);
  return done;
}
