/* codec.c: encoding and decoding as a whole, to functions and to memory
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "store/weft-codec-private.h"
#include "store/weft-store-private.h"

#include <string.h>

GQuark
weft_codec_error_quark (void)
{
  return g_quark_from_static_string ("weft-codec-error");
}

/* ---- encoding -------------------------------------------------------------------------------- */

static void
encoder_init (WeftEncoder *encoder)
{
  *encoder = (WeftEncoder){ .boxes = g_hash_table_new_full (NULL, NULL, NULL, g_free),
                            .buffers = g_hash_table_new_full (NULL, NULL, NULL, g_free),
                            .shapes = g_hash_table_new (NULL, NULL),
                            .columns = g_hash_table_new (NULL, NULL),
                            .shared_columns = g_hash_table_new (NULL, NULL) };
}

static void
encoder_clear (WeftEncoder *encoder)
{
  g_hash_table_unref (encoder->boxes);
  g_hash_table_unref (encoder->buffers);
  g_hash_table_unref (encoder->shapes);
  g_hash_table_unref (encoder->columns);
  g_hash_table_unref (encoder->shared_columns);
  if (encoder->forms != NULL)
    g_hash_table_unref (encoder->forms);
  _weft_block_writer_clear (&encoder->out);
}

static void
forget_numbers (GHashTable *table)
{
  GHashTableIter iter;
  void *shared;

  g_hash_table_iter_init (&iter, table);
  while (g_hash_table_iter_next (&iter, NULL, &shared))
    ((WeftEncoderShared *) shared)->number = WEFT_NONE;
}

static void
encoder_restart (WeftEncoder *encoder)
{
  forget_numbers (encoder->boxes);
  forget_numbers (encoder->buffers);
  g_hash_table_remove_all (encoder->shapes);
  g_hash_table_remove_all (encoder->columns);
  encoder->n_boxes = 0;
  encoder->n_buffers = 0;
}

/* Plans and counts. @n_most: (out): bytes of the whole encoded form, were nothing compressed */
static bool
encoder_measure (WeftEncoder *encoder, const WeftValue *value, uint64_t *n_body, uint64_t *n_most,
                 GError **error)
{
  _weft_block_writer_init (&encoder->out, WEFT_COMPRESSION_NONE, NULL, NULL);
  if (_weft_encoder_plan (encoder, value, 1))
    _weft_encoder_node (encoder, value);
  if (!_weft_block_writer_end (&encoder->out))
    {
      g_propagate_error (error, g_steal_pointer (&encoder->out.error));
      return false;
    }
  *n_body = encoder->out.n_raw;
  *n_most = WEFT_CODEC_HEAD_BYTES + encoder->out.n_encoded;
  encoder_restart (encoder);
  return true;
}

static bool
encoder_write (WeftEncoder *encoder, const WeftValue *value, uint64_t n_body,
               WeftCompression compression, WeftCodecWriteFunc write, void *data, GError **error)
{
  uint8_t head[WEFT_CODEC_HEAD_BYTES];

  if (n_body < WEFT_CODEC_MIN_COMPRESSED_BYTES)
    compression = WEFT_COMPRESSION_NONE;
  if (!_weft_block_writer_init (&encoder->out, compression, write, data))
    _weft_block_writer_fail (&encoder->out, WEFT_CODEC_ERROR_NO_MEMORY,
                             "no memory to encode a value in");
  else if (_weft_codec_head_fill (head, compression, n_body),
           write (head, sizeof head, data, &encoder->out.error))
    {
      _weft_encoder_node (encoder, value);
      _weft_block_writer_end (&encoder->out);
    }
  else
    _weft_block_writer_fail (&encoder->out, WEFT_CODEC_ERROR_DAMAGED, "writing failed");
  if (encoder->out.error == NULL)
    return true;
  g_propagate_error (error, g_steal_pointer (&encoder->out.error));
  return false;
}

bool
weft_value_encode_to (const WeftValue *value, WeftCompression compression, WeftCodecWriteFunc write,
                      void *data, GError **error)
{
  WeftEncoder encoder;
  uint64_t n_body, n_most;
  bool done;

  encoder_init (&encoder);
  done = encoder_measure (&encoder, value, &n_body, &n_most, error)
         && encoder_write (&encoder, value, n_body, compression, write, data, error);
  encoder_clear (&encoder);
  return done;
}

typedef struct
{
  WeftBuffer *buffer;
  size_t n_bytes;
} MemoryTarget;

/* The buffer is as large as it can get. */
static bool
write_memory_cb (const void *bytes, size_t n_bytes, void *data, GError **error)
{
  MemoryTarget *target = data;

  memcpy (target->buffer->bytes + target->n_bytes, bytes, n_bytes);
  target->n_bytes += n_bytes;
  return true;
}

/* What compression saved is given back, unless it is little. */
static WeftBuffer *
fit (MemoryTarget *target)
{
  WeftBuffer *exact;

  if (target->n_bytes < target->buffer->n_bytes / 4 * 3
      && (exact = weft_buffer_new (NULL, target->n_bytes)) != NULL)
    {
      memcpy (exact->bytes, target->buffer->bytes, target->n_bytes);
      weft_buffer_unref (target->buffer);
      return exact;
    }
  _weft_buffer_shrink (target->buffer, target->n_bytes);
  return target->buffer;
}

static bool
encode_to_memory (WeftEncoder *encoder, const WeftValue *value, WeftCompression compression,
                  WeftBuffer **bytes, GError **error)
{
  MemoryTarget target = { 0 };
  uint64_t n_body, n_most;

  if (!encoder_measure (encoder, value, &n_body, &n_most, error))
    return false;
  target.buffer = weft_buffer_new (NULL, n_most);
  if (target.buffer == NULL)
    {
      g_set_error (error, WEFT_CODEC_ERROR, WEFT_CODEC_ERROR_NO_MEMORY,
                   "no memory for an encoded value of %" G_GUINT64_FORMAT " bytes", n_most);
      return false;
    }
  if (!encoder_write (encoder, value, n_body, compression, write_memory_cb, &target, error))
    {
      weft_buffer_unref (target.buffer);
      return false;
    }
  *bytes = fit (&target);
  return true;
}

bool
weft_value_encode (const WeftValue *value, WeftCompression compression, WeftBuffer **bytes,
                   GError **error)
{
  WeftEncoder encoder;
  bool done;

  encoder_init (&encoder);
  done = encode_to_memory (&encoder, value, compression, bytes, error);
  encoder_clear (&encoder);
  return done;
}

/* ---- decoding -------------------------------------------------------------------------------- */

static GPtrArray *
array_of (void (*unref) (void *))
{
  return g_ptr_array_new_with_free_func (unref);
}

static void
unref_box_cb (void *box)
{
  weft_box_unref (box);
}

static void
unref_buffer_cb (void *buffer)
{
  weft_buffer_unref (buffer);
}

static void
unref_shape_cb (void *shape)
{
  weft_record_shape_unref (shape);
}

static void
unref_column_cb (void *column)
{
  weft_column_unref (column);
}

static void
decoder_init (WeftDecoder *decoder, WeftAccount *account, const WeftForeignClasses *classes,
              uint64_t max_bytes)
{
  *decoder = (WeftDecoder){ .account = account,
                            .classes = classes,
                            .max_bytes = max_bytes,
                            .boxes = array_of (unref_box_cb),
                            .weights = g_array_new (FALSE, FALSE, sizeof (uint64_t)),
                            .buffers = array_of (unref_buffer_cb),
                            .shapes = array_of (unref_shape_cb),
                            .columns = array_of (unref_column_cb) };
}

static void
decoder_clear (WeftDecoder *decoder)
{
  g_ptr_array_unref (decoder->boxes);
  g_array_unref (decoder->weights);
  g_ptr_array_unref (decoder->buffers);
  g_ptr_array_unref (decoder->shapes);
  g_ptr_array_unref (decoder->columns);
  _weft_block_reader_clear (&decoder->in);
}

/* @n_available: (nullable): bytes of input that there are, head included */
static bool
decode_all (WeftDecoder *decoder, const size_t *n_available, WeftValue *value)
{
  WeftValue decoded = WEFT_VALUE_INIT;
  uint64_t n_body = decoder->in.n_body;

  /* Each block takes its head and a byte at least, and holds a mebibyte at most. */
  if (n_available != NULL
      && n_body / WEFT_CODEC_BLOCK_BYTES > *n_available / WEFT_CODEC_BLOCK_HEAD_BYTES)
    return _weft_block_reader_fail (&decoder->in, WEFT_CODEC_ERROR_DAMAGED,
                                    "%" G_GUINT64_FORMAT " bytes are to come of %" G_GSIZE_FORMAT,
                                    n_body, *n_available);
  if (decoder->max_bytes > 0 && n_body > decoder->max_bytes)
    return _weft_decoder_claim (decoder, n_body, 1);
  if (!_weft_decoder_node (decoder, &decoded))
    return false;
  if (!_weft_block_reader_end (&decoder->in))
    {
      weft_value_clear (&decoded);
      return false;
    }
  *value = decoded;
  return true;
}

static bool
decode (WeftAccount *account, const WeftForeignClasses *classes, WeftCodecReadFunc read, void *data,
        const size_t *n_available, uint64_t max_raw_bytes, WeftValue *value, size_t *n_used,
        GError **error)
{
  WeftDecoder decoder;
  bool done;

  decoder_init (&decoder, account, classes, max_raw_bytes);
  done = _weft_block_reader_init (&decoder.in, read, data)
         && decode_all (&decoder, n_available, value);
  if (done && n_used != NULL)
    *n_used = decoder.in.n_read;
  if (!done)
    g_propagate_error (error, g_steal_pointer (&decoder.in.error));
  decoder_clear (&decoder);
  return done;
}

bool
weft_value_decode_from (WeftAccount *account, const WeftForeignClasses *classes,
                        WeftCodecReadFunc read, void *data, uint64_t max_raw_bytes,
                        WeftValue *value, GError **error)
{
  return decode (account, classes, read, data, NULL, max_raw_bytes, value, NULL, error);
}

typedef struct
{
  const uint8_t *at;
  size_t n_left;
} MemorySource;

/* Without an error of its own: the reader says where. */
static bool
read_memory_cb (void *bytes, size_t n_bytes, void *data, GError **error)
{
  MemorySource *source = data;

  if (n_bytes > source->n_left)
    return false;
  memcpy (bytes, source->at, n_bytes);
  source->at += n_bytes;
  source->n_left -= n_bytes;
  return true;
}

bool
weft_value_decode (WeftAccount *account, const WeftForeignClasses *classes, const uint8_t *bytes,
                   size_t n_bytes, uint64_t max_raw_bytes, WeftValue *value, size_t *n_used,
                   GError **error)
{
  MemorySource source = { bytes, n_bytes };

  return decode (account, classes, read_memory_cb, &source, &n_bytes, max_raw_bytes, value, n_used,
                 error);
}
