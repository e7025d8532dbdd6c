/* fuzz-codec.c: decodes any bytes, as they are and as a body below right checksums
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Checksums keep a fuzzer out, so each input is also sealed: taken for a body, with a head, a block
 * and an end around it. What decodes must be sound: it is printed, compared, encoded again, and
 * that has to come back equal.
 */
#include "config.h"

#include "store/weft-codec-private.h"

#include <glib.h>
#include <stdlib.h>
#include <string.h>

#define MAX_RAW_BYTES (16 << 20)

int LLVMFuzzerTestOneInput (const guint8 *data, gsize n_bytes);

/* What may come back as an object is text. */
static WeftStatus
encode_cb (void *object, WeftAccount *account, WeftValue *form, char **message)
{
  return weft_value_init_string (form, account, object, strlen (object));
}

static WeftStatus
decode_cb (const WeftForeignClass *klass, uint32_t version, const WeftValue *form,
           WeftAccount *account, void **object, char **message)
{
  *object = weft_value_type (form) == WEFT_TYPE_STRING
                ? strdup (((const WeftString *) form->u.box)->chars)
                : weft_value_to_text (form, false, 4096);
  return WEFT_OK;
}

static const WeftForeignClass text_class = { .name = "t",
                                             .version = 1,
                                             .release = free,
                                             .encode = encode_cb,
                                             .decode = decode_cb };
static const WeftForeignClass *const class_list[] = { &text_class };
static const WeftForeignClasses classes = { class_list, 1 };

/* Windows over windows have more elements than bytes. */
static bool
is_small_array (const WeftArray *array)
{
  int64_t n = 1;

  for (uint32_t i = 0; i < array->n_dims; i++)
    if (__builtin_mul_overflow (n, array->shape[i], &n) || n > 1000000)
      return false;
  return true;
}

/* References to references unfold to millions: sound, but too slow to compare here. */
static bool
is_small (const WeftValue *value, uint32_t *n_left)
{
  const WeftValue *values = NULL;
  uint64_t n = 0;

  if (weft_value_type (value) == WEFT_TYPE_ARRAY)
    return is_small_array ((const WeftArray *) value->u.box);
  if (weft_value_type (value) == WEFT_TYPE_LIST)
    {
      values = ((const WeftList *) value->u.box)->items;
      n = ((const WeftList *) value->u.box)->n_items;
    }
  else if (weft_value_type (value) == WEFT_TYPE_RECORD)
    {
      values = ((const WeftRecordValue *) value->u.box)->values;
      n = ((const WeftRecordValue *) value->u.box)->n_fields;
    }
  else if (weft_value_type (value) == WEFT_TYPE_ERROR)
    {
      values = &((const WeftErrorValue *) value->u.box)->exception;
      n = 1;
    }
  for (uint64_t i = 0; i < n; i++)
    if ((*n_left)-- == 0 || !is_small (&values[i], n_left))
      return false;
  return true;
}

static void
use_value (const WeftValue *value)
{
  uint32_t n_left = 100000;
  g_autofree char *text = weft_value_to_text (value, false, 4096);
  g_autoptr (GError) error = NULL;
  WeftBuffer *bytes = NULL;
  WeftValue back = WEFT_VALUE_INIT;

  g_assert_true (g_utf8_validate (text, -1, NULL));
  g_assert_true (weft_value_equal (value, value));
  g_assert_true (weft_value_encode (value, WEFT_COMPRESSION_LZ4, &bytes, &error));
  g_assert_true (
      weft_value_decode (NULL, &classes, bytes->bytes, bytes->n_bytes, 0, &back, NULL, &error));
  g_assert_true (!is_small (value, &n_left) || weft_value_equal (value, &back));
  weft_value_clear (&back);
  weft_buffer_unref (bytes);
}

static void
try_bytes (const guint8 *data, gsize n_bytes)
{
  WeftAccount *account = weft_account_new (NULL);
  WeftValue value = WEFT_VALUE_INIT;
  g_autoptr (GError) error = NULL;

  if (weft_value_decode (account, &classes, data, n_bytes, MAX_RAW_BYTES, &value, NULL, &error))
    use_value (&value);
  else
    g_assert_true (error != NULL && error->domain == WEFT_CODEC_ERROR
                   && value.type == WEFT_TYPE_EMPTY);
  weft_value_clear (&value);
  g_assert_cmpint (weft_account_held_bytes (account), ==, 0);
  weft_account_unref (account);
}

static bool
append_cb (const void *bytes, size_t n_bytes, void *data, GError **error)
{
  g_byte_array_append (data, bytes, (guint) n_bytes);
  return true;
}

static void
try_body (const guint8 *data, gsize n_bytes)
{
  g_autoptr (GByteArray) sealed = g_byte_array_new ();
  uint8_t head[WEFT_CODEC_HEAD_BYTES];
  WeftBlockWriter writer;

  _weft_codec_head_fill (head, WEFT_COMPRESSION_NONE, n_bytes);
  g_byte_array_append (sealed, head, sizeof head);
  g_assert_true (_weft_block_writer_init (&writer, WEFT_COMPRESSION_NONE, append_cb, sealed));
  _weft_block_writer_put (&writer, data, n_bytes);
  g_assert_true (_weft_block_writer_end (&writer));
  _weft_block_writer_clear (&writer);
  try_bytes (sealed->data, sealed->len);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize n_bytes)
{
  try_bytes (data, n_bytes);
  try_body (data, n_bytes);
  return 0;
}
