/* encode.c: values to bytes
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Three walks: the plan; one that only counts, as the head says how long the body is; and the one
 * that writes. The last two are the same code.
 */
#include "config.h"

#include "store/weft-codec-private.h"
#include "store/weft-layout-private.h"
#include "store/weft-store-private.h"

#include <string.h>

void
_weft_encoder_u8 (WeftEncoder *encoder, uint8_t u)
{
  _weft_block_writer_put (&encoder->out, &u, sizeof u);
}

void
_weft_encoder_u32 (WeftEncoder *encoder, uint32_t u)
{
  _weft_block_writer_put (&encoder->out, &u, sizeof u);
}

void
_weft_encoder_u64 (WeftEncoder *encoder, uint64_t u)
{
  _weft_block_writer_put (&encoder->out, &u, sizeof u);
}

void
_weft_encoder_text (WeftEncoder *encoder, const char *text)
{
  size_t n = text != NULL ? strlen (text) : 0;

  _weft_encoder_u32 (encoder, text != NULL ? (uint32_t) MIN (n, WEFT_NONE - 1) : WEFT_NONE);
  _weft_block_writer_put (&encoder->out, text, MIN (n, WEFT_NONE - 1));
}

void
_weft_encoder_run_head (WeftEncoder *encoder, uint64_t n_bytes)
{
  static const uint8_t zeros[WEFT_CODEC_RUN_ALIGN];

  _weft_encoder_u64 (encoder, n_bytes);
  if (n_bytes >= WEFT_CODEC_LONG_RUN_BYTES)
    _weft_block_writer_put (&encoder->out, zeros, -encoder->out.n_raw % WEFT_CODEC_RUN_ALIGN);
}

void
_weft_encoder_run (WeftEncoder *encoder, const void *bytes, uint64_t n_bytes)
{
  _weft_encoder_run_head (encoder, n_bytes);
  _weft_block_writer_put (&encoder->out, bytes, n_bytes);
}

/* ---- shared things --------------------------------------------------------------------------- */

/* Writes the number of what was written before, or that it is new. Returns: whether it is new */
static bool
number_is_new (WeftEncoder *encoder, GHashTable *table, void *key)
{
  uint32_t number = GPOINTER_TO_UINT (g_hash_table_lookup (table, key));

  _weft_encoder_u32 (encoder, number == 0 ? WEFT_CODEC_NEW : number - 1);
  if (number == 0)
    g_hash_table_insert (table, key, GUINT_TO_POINTER (g_hash_table_size (table) + 1));
  return number == 0;
}

static WeftEncoderShared *
shared_buffer (WeftEncoder *encoder, WeftBuffer *buffer)
{
  WeftEncoderShared *shared =
      buffer != NULL ? g_hash_table_lookup (encoder->buffers, buffer) : NULL;

  return shared != NULL && _weft_encoder_is_shared (shared, buffer) ? shared : NULL;
}

static void
put_buffer (WeftEncoder *encoder, WeftEncoderShared *shared, const WeftBuffer *buffer)
{
  if (shared->number != WEFT_NONE)
    {
      _weft_encoder_u32 (encoder, shared->number);
      return;
    }
  _weft_encoder_u32 (encoder, WEFT_CODEC_NEW);
  _weft_encoder_run (encoder, buffer->bytes, buffer->n_bytes);
  shared->number = encoder->n_buffers++;
}

/* ---- boxes ----------------------------------------------------------------------------------- */

static void
put_bytes (WeftEncoder *encoder, const WeftBytes *bytes)
{
  WeftEncoderShared *shared = shared_buffer (encoder, bytes->buffer);

  _weft_encoder_u8 (encoder, shared != NULL);
  if (shared == NULL)
    {
      _weft_encoder_run (encoder, bytes->bytes, bytes->n_bytes);
      return;
    }
  put_buffer (encoder, shared, bytes->buffer);
  _weft_encoder_u64 (encoder, (uint64_t) (bytes->bytes - bytes->buffer->bytes));
  _weft_encoder_u64 (encoder, bytes->n_bytes);
}

static void
put_list (WeftEncoder *encoder, const WeftList *list)
{
  _weft_encoder_text (encoder, list->tag);
  _weft_encoder_u64 (encoder, list->n_items);
  for (uint64_t i = 0; i < list->n_items && encoder->out.error == NULL; i++)
    _weft_encoder_node (encoder, &list->items[i]);
}

static void
put_record (WeftEncoder *encoder, const WeftRecordValue *record)
{
  if (number_is_new (encoder, encoder->shapes, record->shape))
    {
      _weft_encoder_u32 (encoder, record->n_fields);
      for (uint32_t i = 0; i < record->n_fields; i++)
        _weft_encoder_text (encoder, record->shape->names[i]);
    }
  for (uint32_t i = 0; i < record->n_fields; i++)
    _weft_encoder_node (encoder, &record->values[i]);
}

static void
put_array_view (WeftEncoder *encoder, WeftEncoderShared *shared, const WeftArray *array)
{
  put_buffer (encoder, shared, array->buffer);
  _weft_encoder_u64 (encoder, (uint64_t) array->offset_bytes);
  for (uint32_t i = 0; i < array->n_dims; i++)
    _weft_encoder_u64 (encoder, (uint64_t) array->strides[i]);
}

/* In Fortran order elements follow one another as in C order with the axes turned round. */
static void
put_elements (WeftEncoder *encoder, const WeftArray *array, const WeftLayout *layout)
{
  WeftArray turned = *array;
  uint32_t repeated = layout->repeated;
  WeftArrayCursor cursor;

  if (layout->kind == WEFT_LAYOUT_FORTRAN)
    {
      repeated = 0;
      for (uint32_t i = 0; i < array->n_dims; i++)
        {
          uint32_t axis = array->n_dims - 1u - i;

          turned.shape[i] = array->shape[axis];
          turned.strides[i] = array->strides[axis];
          repeated |= (layout->repeated >> axis & 1) << i;
        }
    }
  _weft_encoder_run_head (encoder, (uint64_t) layout->stored_bytes);
  _weft_array_cursor_init (&cursor, &turned, repeated, false);
  while (encoder->out.error == NULL && _weft_array_cursor_next (&cursor))
    _weft_block_writer_put (&encoder->out, cursor.at, cursor.run_bytes);
}

static void
put_array (WeftEncoder *encoder, const WeftArray *array)
{
  WeftEncoderShared *shared = shared_buffer (encoder, array->buffer);
  WeftLayout layout;

  _weft_array_layout (array, &layout);
  _weft_encoder_u8 (encoder, array->dtype);
  _weft_encoder_u8 (encoder, array->n_dims);
  _weft_encoder_u8 (encoder, shared != NULL                       ? WEFT_CODEC_LAYOUT_VIEW
                             : layout.kind == WEFT_LAYOUT_FORTRAN ? WEFT_LAYOUT_FORTRAN
                                                                  : WEFT_LAYOUT_C);
  _weft_encoder_u8 (encoder, 0);
  _weft_encoder_u32 (encoder, array->item_bytes);
  _weft_encoder_u32 (encoder, shared != NULL ? 0 : layout.repeated);
  for (uint32_t i = 0; i < array->n_dims; i++)
    _weft_encoder_u64 (encoder, (uint64_t) array->shape[i]);
  if (shared != NULL)
    put_array_view (encoder, shared, array);
  else
    put_elements (encoder, array, &layout);
}

static void
put_histogram (WeftEncoder *encoder, const WeftHistogram *histogram)
{
  _weft_encoder_u32 (encoder, histogram->n_axes);
  for (uint32_t i = 0; i < histogram->n_axes; i++)
    {
      const WeftHistogramAxis *axis = &histogram->axes[i];

      _weft_encoder_text (encoder, axis->name);
      _weft_encoder_u32 (encoder, axis->n_bins);
      _weft_encoder_run (encoder, axis->edges, ((uint64_t) axis->n_bins + 1) * sizeof (double));
    }
  _weft_encoder_u64 (encoder, histogram->n_entries);
  _weft_encoder_run (encoder, histogram->cells->bytes, histogram->n_cells * 2 * sizeof (double));
}

static void
put_file (WeftEncoder *encoder, const WeftFile *file)
{
  _weft_encoder_text (encoder, file->path);
  _weft_encoder_u64 (encoder, file->size_bytes);
  _weft_encoder_u64 (encoder, (uint64_t) file->modified_wall_ns);
}

static void
put_foreign (WeftEncoder *encoder, const WeftForeign *foreign)
{
  _weft_encoder_text (encoder, foreign->klass->name);
  _weft_encoder_u32 (encoder, foreign->klass->version);
  _weft_encoder_node (encoder, g_hash_table_lookup (encoder->forms, foreign));
}

static void
put_error (WeftEncoder *encoder, const WeftErrorValue *error)
{
  _weft_encoder_u32 (encoder, error->status);
  _weft_encoder_u32 (encoder, error->culprit_task);
  _weft_encoder_u32 (encoder, error->culprit_segment);
  _weft_encoder_u32 (encoder, error->attempt);
  _weft_encoder_text (encoder, error->culprit_key);
  _weft_encoder_text (encoder, error->kind);
  _weft_encoder_text (encoder, error->message);
  _weft_encoder_text (encoder, error->detail);
  _weft_encoder_text (encoder, error->output);
  _weft_encoder_node (encoder, &error->exception);
}

static void
put_box (WeftEncoder *encoder, const WeftBox *box)
{
  _weft_encoder_u8 (encoder, box->type);
  switch ((WeftType) box->type)
    {
    case WEFT_TYPE_STRING:
      _weft_encoder_run (encoder, ((const WeftString *) box)->chars,
                         ((const WeftString *) box)->n_chars);
      break;
    case WEFT_TYPE_BYTES:
      put_bytes (encoder, (const WeftBytes *) box);
      break;
    case WEFT_TYPE_LIST:
      put_list (encoder, (const WeftList *) box);
      break;
    case WEFT_TYPE_RECORD:
      put_record (encoder, (const WeftRecordValue *) box);
      break;
    case WEFT_TYPE_ARRAY:
      put_array (encoder, (const WeftArray *) box);
      break;
    case WEFT_TYPE_TABLE:
      _weft_encoder_table (encoder, (const WeftTable *) box);
      break;
    case WEFT_TYPE_HISTOGRAM:
      put_histogram (encoder, (const WeftHistogram *) box);
      break;
    case WEFT_TYPE_FILE:
      put_file (encoder, (const WeftFile *) box);
      break;
    case WEFT_TYPE_FOREIGN:
      put_foreign (encoder, (const WeftForeign *) box);
      break;
    case WEFT_TYPE_ERROR:
      put_error (encoder, (const WeftErrorValue *) box);
      break;
    default: /* the plan refused it */
      break;
    }
}

/* A box that is met more than once is marked, and counted when it is complete; so a reference never
 * goes to a box it stands in. */
static void
put_shared_box (WeftEncoder *encoder, WeftEncoderShared *shared, const WeftBox *box)
{
  if (shared->number != WEFT_NONE)
    {
      _weft_encoder_u8 (encoder, WEFT_NODE_REF);
      _weft_encoder_u32 (encoder, shared->number);
      return;
    }
  _weft_encoder_u8 (encoder, WEFT_NODE_SHARED);
  put_box (encoder, box);
  shared->number = encoder->n_boxes++;
}

static void
put_unboxed (WeftEncoder *encoder, const WeftValue *value)
{
  WeftType type = weft_value_type (value);

  _weft_encoder_u8 (encoder, (uint8_t) type);
  if (type == WEFT_TYPE_BOOL)
    _weft_encoder_u8 (encoder, value->u.b);
  else if (type == WEFT_TYPE_INT64 || type == WEFT_TYPE_FLOAT64)
    _weft_encoder_u64 (encoder, value->u.bits);
}

void
_weft_encoder_node (WeftEncoder *encoder, const WeftValue *value)
{
  WeftEncoderShared *shared = NULL;

  if (!weft_value_is_boxed (value))
    {
      put_unboxed (encoder, value);
      return;
    }
  if (g_hash_table_size (encoder->boxes) > 0)
    shared = g_hash_table_lookup (encoder->boxes, value->u.box);
  if (shared != NULL && shared->n_met > 1)
    put_shared_box (encoder, shared, value->u.box);
  else
    put_box (encoder, value->u.box);
}
