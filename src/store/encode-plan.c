/* encode-plan.c: the walk before encoding: what is shared, and what cannot be encoded
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Values are graphs, not trees: a box may stand in several places, and several arrays may look at
 * one buffer. Written as a tree, a box that holds another one twice, which again does so, would
 * take more bytes than there are. So boxes with several references are looked up: the second
 * meeting becomes a reference to the first. A buffer is written whole, and viewed, when its views
 * written one by one would take more than it does (an array and its transpose; a sliding window);
 * two halves of a buffer are just two arrays.
 *
 * Whatever decoding would refuse is refused here, so that nothing is written that cannot be read
 * back.
 */
#include "config.h"

#include "store/weft-codec-private.h"
#include "store/weft-layout-private.h"
#include "store/weft-store-private.h"

#include <stdlib.h>
#include <string.h>

static G_GNUC_PRINTF (2, 3) bool fail (WeftEncoder *encoder, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  if (encoder->out.error == NULL)
    encoder->out.error =
        g_error_new_valist (WEFT_CODEC_ERROR, WEFT_CODEC_ERROR_UNSUPPORTED, format, args);
  va_end (args);
  return false;
}

static WeftEncoderShared *
meet (GHashTable *table, void *key, uint64_t n_viewed_bytes)
{
  WeftEncoderShared *shared = g_hash_table_lookup (table, key);

  if (shared == NULL)
    {
      shared = g_new (WeftEncoderShared, 1);
      *shared = (WeftEncoderShared){ .number = WEFT_NONE };
      g_hash_table_insert (table, key, shared);
    }
  shared->n_met++;
  shared->n_viewed_bytes += MIN (n_viewed_bytes, UINT64_MAX - shared->n_viewed_bytes);
  return shared;
}

static void
meet_buffer (WeftEncoder *encoder, WeftBuffer *buffer, uint64_t n_viewed_bytes)
{
  if (buffer != NULL && (n_viewed_bytes > buffer->n_bytes || !weft_buffer_is_sole (buffer)))
    meet (encoder->buffers, buffer, n_viewed_bytes);
}

bool
_weft_encoder_is_shared (const WeftEncoderShared *shared, const WeftBuffer *buffer)
{
  return shared != NULL && shared->n_viewed_bytes > buffer->n_bytes;
}

static bool
plan_text (WeftEncoder *encoder, const char *what, const char *text, size_t n_chars)
{
  return _weft_utf8_is_valid (text, n_chars) || fail (encoder, "%s is not UTF-8", what);
}

static bool
plan_name (WeftEncoder *encoder, const char *what, const char *text)
{
  return text == NULL || plan_text (encoder, what, text, strlen (text));
}

static bool
plan_values (WeftEncoder *encoder, const WeftValue *values, uint64_t n, uint32_t depth)
{
  for (uint64_t i = 0; i < n; i++)
    if (!_weft_encoder_plan (encoder, &values[i], depth + 1))
      return false;
  return true;
}

static bool
plan_list (WeftEncoder *encoder, const WeftList *list, uint32_t depth)
{
  if (list->tag != NULL && strlen (list->tag) > WEFT_CODEC_MAX_TAG_BYTES)
    return fail (encoder, "the tag “%.40s” is longer than %d bytes", list->tag,
                 WEFT_CODEC_MAX_TAG_BYTES);
  return plan_name (encoder, "a list's tag", list->tag)
         && plan_values (encoder, list->items, list->n_items, depth);
}

static bool
plan_record (WeftEncoder *encoder, const WeftRecordValue *record, uint32_t depth)
{
  for (uint32_t i = 0; i < record->n_fields; i++)
    if (!plan_name (encoder, "a field's name", record->shape->names[i]))
      return false;
  return plan_values (encoder, record->values, record->n_fields, depth);
}

static bool
plan_array (WeftEncoder *encoder, const WeftArray *array)
{
  WeftLayout layout;

  _weft_array_layout (array, &layout);
  meet_buffer (encoder, array->buffer, (uint64_t) layout.stored_bytes);
  return true;
}

/* What is shared below the top is only written once where it has no children itself, as
 * dictionaries mostly have not: so columns, too, do not unfold. */
static bool
plan_column (WeftEncoder *encoder, WeftColumn *column, bool top)
{
  if ((top || column->n_children == 0)
      && atomic_load_explicit (&column->refs, memory_order_relaxed) > 1)
    g_hash_table_add (encoder->shared_columns, column);
  if (!plan_name (encoder, "a column's name", column->name)
      || !plan_name (encoder, "a column's metadata", column->metadata))
    return false;
  for (uint32_t i = 0; i < column->n_children; i++)
    if (!plan_column (encoder, column->children[i], false))
      return false;
  return true;
}

static bool
plan_table (WeftEncoder *encoder, const WeftTable *table)
{
  for (uint32_t i = 0; i < table->n_columns; i++)
    {
      g_autofree char *message = NULL;

      if (!weft_column_check (table->columns[i], &message))
        return fail (encoder, "%s", message);
      if (!plan_column (encoder, table->columns[i], true))
        return false;
    }
  return plan_name (encoder, "a table's metadata", table->metadata);
}

static void
free_form_cb (void *data)
{
  weft_value_clear (data);
  g_free (data);
}

/* Objects are encoded once, here. Their forms have no foreign parts, so this does not come again.
 * */
static bool
plan_foreign (WeftEncoder *encoder, WeftForeign *foreign, uint32_t depth)
{
  const WeftForeignClass *klass = foreign->klass;
  g_autofree char *message = NULL;
  WeftValue form = WEFT_VALUE_INIT;

  if (encoder->forms != NULL && g_hash_table_contains (encoder->forms, foreign))
    return true;
  if (klass->encode == NULL)
    return fail (encoder, "objects of “%s” cannot be encoded", klass->name);
  if (klass->encode (foreign->object, NULL, &form, &message) != WEFT_OK)
    return fail (encoder, "an object of “%s” cannot be encoded: %s", klass->name,
                 message != NULL ? message : "it did not say why");
  if (encoder->forms == NULL)
    encoder->forms = g_hash_table_new_full (NULL, NULL, NULL, free_form_cb);
  g_hash_table_insert (encoder->forms, foreign, g_memdup2 (&form, sizeof form));
  if (weft_value_type (&form) == WEFT_TYPE_FOREIGN)
    return fail (encoder, "objects of “%s” are encoded as a foreign object", klass->name);
  return _weft_encoder_plan (encoder, &form, depth + 1);
}

static bool
plan_box (WeftEncoder *encoder, WeftBox *box, uint32_t depth)
{
  switch ((WeftType) box->type)
    {
    case WEFT_TYPE_STRING:
      return plan_text (encoder, "a string", ((WeftString *) box)->chars,
                        ((WeftString *) box)->n_chars);
    case WEFT_TYPE_BYTES:
      meet_buffer (encoder, ((WeftBytes *) box)->buffer, ((WeftBytes *) box)->n_bytes);
      return true;
    case WEFT_TYPE_LIST:
      return plan_list (encoder, (WeftList *) box, depth);
    case WEFT_TYPE_RECORD:
      return plan_record (encoder, (WeftRecordValue *) box, depth);
    case WEFT_TYPE_ARRAY:
      return plan_array (encoder, (WeftArray *) box);
    case WEFT_TYPE_TABLE:
      return plan_table (encoder, (WeftTable *) box);
    case WEFT_TYPE_FOREIGN:
      return plan_foreign (encoder, (WeftForeign *) box, depth);
    case WEFT_TYPE_ERROR:
      return _weft_encoder_plan (encoder, &((WeftErrorValue *) box)->exception, depth + 1);
    case WEFT_TYPE_HISTOGRAM:
    case WEFT_TYPE_FILE:
      return true;
    default:
      return fail (encoder, "a value of type %s cannot be encoded", weft_type_name (box->type));
    }
}

bool
_weft_encoder_plan (WeftEncoder *encoder, const WeftValue *value, uint32_t depth)
{
  WeftEncoderShared *shared = NULL;
  uint64_t before = encoder->n_unfolded++;
  WeftBox *box = weft_value_is_boxed (value) ? value->u.box : NULL;

  if (box != NULL && atomic_load_explicit (&box->refs, memory_order_relaxed) > 1)
    shared = meet (encoder->boxes, box, 0);
  if (shared != NULL && shared->n_met > 1)
    encoder->n_unfolded += shared->weight;
  if (encoder->n_unfolded > WEFT_CODEC_MAX_UNFOLDED)
    return fail (encoder, "the value unfolds to more than %lld others", WEFT_CODEC_MAX_UNFOLDED);
  if (box == NULL || (shared != NULL && shared->n_met > 1))
    return true;
  if (depth > WEFT_CODEC_MAX_DEPTH)
    return fail (encoder, "the value is nested deeper than %d", WEFT_CODEC_MAX_DEPTH);
  if (!plan_box (encoder, box, depth))
    return false;
  if (shared != NULL)
    shared->weight = encoder->n_unfolded - before;
  return true;
}
