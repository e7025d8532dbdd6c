/* test-codec.c: what is encoded comes back equal; what is damaged does not come back
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "random-values.h"
#include "test-support.h"

#include "store/weft-codec-private.h"

static const WeftCompression compressions[] = { WEFT_COMPRESSION_NONE, WEFT_COMPRESSION_LZ4,
                                                WEFT_COMPRESSION_ZSTD };

static WeftBuffer *
encode (const WeftValue *value, WeftCompression compression)
{
  g_autoptr (GError) error = NULL;
  WeftBuffer *bytes = NULL;

  weft_value_encode (value, compression, &bytes, &error);
  g_assert_no_error (error);
  g_assert_nonnull (bytes);
  return bytes;
}

/* Encodes and decodes; takes the value. */
static void
come_back (WeftValue *value, WeftCompression compression, WeftValue *back)
{
  WeftBuffer *bytes = encode (value, compression);
  g_autoptr (GError) error = NULL;
  size_t n_used;

  *back = (WeftValue) WEFT_VALUE_INIT;
  weft_value_decode (NULL, &object_classes, bytes->bytes, bytes->n_bytes, 0, back, &n_used, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (n_used, ==, bytes->n_bytes);
  weft_buffer_unref (bytes);
}

static void
assert_round_trip (WeftValue *value)
{
  for (guint i = 0; i < G_N_ELEMENTS (compressions); i++)
    {
      WeftValue back;

      come_back (value, compressions[i], &back);
      g_assert_true (weft_value_equal (value, &back));
      weft_value_clear (&back);
    }
}

/* ---- round trips ----------------------------------------------------------------------------- */

static void
test_random_values_come_back (void)
{
  for (guint i = 0; i < 400 / test_slowdown (); i++)
    {
      WeftAccount *account = weft_account_new (NULL);
      RandomValues random;
      WeftValue value;

      random_values_init (&random, account, true);
      random_value (&random, &value, 0);
      assert_round_trip (&value);
      weft_value_clear (&value);
      random_values_clear (&random);
      g_assert_cmpint (weft_account_held_bytes (account), ==, 0);
      weft_account_unref (account);
    }
  g_assert_cmpint (n_objects, ==, 0);
}

static void
test_scalars_come_back (void)
{
  WeftValue values[7], back;

  values[0] = (WeftValue) WEFT_VALUE_INIT;
  weft_value_set_none (&values[1]);
  weft_value_set_bool (&values[2], true);
  weft_value_set_int64 (&values[3], INT64_MIN);
  weft_value_set_float64 (&values[4], -0.0);
  weft_value_set_float64 (&values[5], NAN);
  weft_value_set_bool (&values[6], false);
  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    {
      come_back (&values[i], WEFT_COMPRESSION_NONE, &back);
      g_assert_true (weft_value_equal (&values[i], &back));
      g_assert_cmpuint (back.type, ==, values[i].type);
    }
}

static void
make_array_of (WeftValue *value, WeftBuffer *buffer, int64_t rows, int64_t columns,
               int64_t row_stride, int64_t column_stride, int64_t offset)
{
  int64_t shape[] = { rows, columns }, strides[] = { row_stride, column_stride };

  g_assert_cmpint (
      weft_value_init_array (value, buffer, WEFT_DTYPE_FLOAT64, 0, 2, shape, strides, offset), ==,
      WEFT_OK);
}

static WeftBuffer *
counting_buffer (size_t n_doubles)
{
  WeftBuffer *buffer = weft_buffer_new (NULL, n_doubles * 8);

  for (size_t i = 0; i < n_doubles; i++)
    ((double *) buffer->bytes)[i] = (double) i;
  return buffer;
}

/* Fortran order stays so; other strides become C order; repeated axes stay repeated. */
static void
test_layouts_of_arrays (void)
{
  WeftValue value, back;
  const WeftArray *array;

  make_array_of (&value, counting_buffer (600), 20, 30, 8, 160, 0);
  come_back (&value, WEFT_COMPRESSION_NONE, &back);
  array = (const WeftArray *) back.u.box;
  g_assert_true (weft_value_equal (&value, &back));
  g_assert_cmpint (array->strides[0], ==, 8);
  g_assert_cmpint (array->strides[1], ==, 160);
  weft_value_clear (&value);
  weft_value_clear (&back);

  make_array_of (&value, counting_buffer (600), 10, 15, 480, -16, 8 * 29);
  come_back (&value, WEFT_COMPRESSION_NONE, &back);
  array = (const WeftArray *) back.u.box;
  g_assert_true (weft_value_equal (&value, &back));
  g_assert_cmpuint (array->buffer->n_bytes, ==, 10 * 15 * 8);
  g_assert_cmpint (array->strides[1], ==, 8);
  weft_value_clear (&value);
  weft_value_clear (&back);

  make_array_of (&value, counting_buffer (30), INT64_C (1) << 40, 30, 0, 8, 0);
  come_back (&value, WEFT_COMPRESSION_NONE, &back);
  array = (const WeftArray *) back.u.box;
  g_assert_cmpuint (array->buffer->n_bytes, ==, 240);
  g_assert_cmpint (array->shape[0], ==, INT64_C (1) << 40);
  g_assert_cmpint (array->strides[0], ==, 0);
  weft_value_clear (&value);
  weft_value_clear (&back);
}

/* ---- sharing --------------------------------------------------------------------------------- */

static void
make_pair (WeftValue *pair, WeftValue *a, WeftValue *b)
{
  WeftValue items[] = { *a, *b };

  g_assert_cmpint (weft_value_init_list (pair, NULL, items, 2), ==, WEFT_OK);
}

/* Forty lists, each holding the one before twice, unfold to 2^40 and take some bytes each. */
static void
test_shared_boxes_stay_shared (void)
{
  WeftValue value, back, pair;
  WeftBuffer *bytes;
  const WeftList *list;

  weft_value_init_string (&value, NULL, "leaf", 4);
  for (int i = 0; i < 25; i++)
    {
      weft_value_ref (&value);
      make_pair (&pair, &value, &value);
      value = pair;
    }
  bytes = encode (&value, WEFT_COMPRESSION_NONE);
  g_assert_cmpuint (bytes->n_bytes, <, 1000);
  weft_buffer_unref (bytes);
  come_back (&value, WEFT_COMPRESSION_NONE, &back);
  list = (const WeftList *) back.u.box;
  g_assert_true (list->items[0].u.box == list->items[1].u.box);
  g_assert_cmpuint (weft_value_extent_bytes (&back), ==, weft_value_extent_bytes (&value));
  weft_value_clear (&value);
  weft_value_clear (&back);
}

static void
test_unfolding_too_far_is_refused (void)
{
  g_autoptr (GError) error = NULL;
  WeftBuffer *bytes = NULL;
  WeftValue value, pair;

  weft_value_init_string (&value, NULL, "leaf", 4);
  for (int i = 0; i < 100; i++)
    {
      weft_value_ref (&value);
      make_pair (&pair, &value, &value);
      value = pair;
    }
  g_assert_false (weft_value_encode (&value, WEFT_COMPRESSION_NONE, &bytes, &error));
  test_assert_error (&error, WEFT_CODEC_ERROR, WEFT_CODEC_ERROR_UNSUPPORTED, "unfolds", NULL);
  g_assert_null (bytes);
  weft_value_clear (&value);
}

/* An array and its transpose look at one buffer, also afterwards; its bytes are written once. */
static void
test_overlapping_views_share_a_buffer (void)
{
  WeftBuffer *buffer = counting_buffer (10000);
  WeftValue a, b, pair, back;
  WeftBuffer *bytes;
  const WeftList *list;

  make_array_of (&a, weft_buffer_ref (buffer), 100, 100, 800, 8, 0);
  make_array_of (&b, buffer, 100, 100, 8, 800, 0);
  make_pair (&pair, &a, &b);
  bytes = encode (&pair, WEFT_COMPRESSION_NONE);
  g_assert_cmpuint (bytes->n_bytes, <, 81000);
  weft_buffer_unref (bytes);
  come_back (&pair, WEFT_COMPRESSION_NONE, &back);
  g_assert_true (weft_value_equal (&pair, &back));
  list = (const WeftList *) back.u.box;
  g_assert_true (((WeftArray *) list->items[0].u.box)->buffer
                 == ((WeftArray *) list->items[1].u.box)->buffer);
  weft_value_clear (&pair);
  weft_value_clear (&back);
}

/* 900 windows of 100 over 1,000 numbers are 1,000 numbers. */
static void
test_sliding_windows_stay_windows (void)
{
  WeftBuffer *bytes;
  WeftValue value, back;

  make_array_of (&value, counting_buffer (1000), 900, 100, 8, 8, 0);
  bytes = encode (&value, WEFT_COMPRESSION_NONE);
  g_assert_cmpuint (bytes->n_bytes, <, 8500);
  weft_buffer_unref (bytes);
  come_back (&value, WEFT_COMPRESSION_NONE, &back);
  g_assert_true (weft_value_equal (&value, &back));
  g_assert_cmpuint (((WeftArray *) back.u.box)->buffer->n_bytes, ==, 8000);
  weft_value_clear (&value);
  weft_value_clear (&back);
}

/* Ten rows of a long buffer are ten rows. */
static void
test_small_views_do_not_drag_the_rest (void)
{
  WeftBuffer *buffer = counting_buffer (1000000);
  WeftValue a, b, pair, back;
  WeftBuffer *bytes;

  make_array_of (&a, weft_buffer_ref (buffer), 2, 5, 40, 8, 80);
  weft_value_init_bytes_buffer (&b, buffer, 8000, 16);
  make_pair (&pair, &a, &b);
  bytes = encode (&pair, WEFT_COMPRESSION_NONE);
  g_assert_cmpuint (bytes->n_bytes, <, 500);
  weft_buffer_unref (bytes);
  come_back (&pair, WEFT_COMPRESSION_NONE, &back);
  g_assert_true (weft_value_equal (&pair, &back));
  weft_value_clear (&pair);
  weft_value_clear (&back);
}

/* Bulk bytes begin on multiples of 64 of the body, whatever stands before them. */
static void
test_long_runs_are_aligned (void)
{
  static const uint8_t mark[] = { 0xca, 0xfe, 0xba, 0xbe, 1, 2, 3, 4 };
  uint8_t content[1024] = { 0 };

  memcpy (content, mark, sizeof mark);
  for (size_t n_before = 0; n_before < 70; n_before++)
    {
      char before[70] = "";
      WeftValue a, b, pair;
      WeftBuffer *bytes;
      const uint8_t *body, *found;

      weft_value_init_string (&a, NULL, memset (before, 'x', sizeof before), n_before);
      weft_value_init_bytes (&b, NULL, content, sizeof content);
      make_pair (&pair, &a, &b);
      bytes = encode (&pair, WEFT_COMPRESSION_NONE);
      body = bytes->bytes + WEFT_CODEC_HEAD_BYTES + WEFT_CODEC_BLOCK_HEAD_BYTES;
      found = memmem (body, bytes->n_bytes - 48, mark, sizeof mark);
      g_assert_nonnull (found);
      g_assert_cmpint ((found - body) % 64, ==, 0);
      weft_buffer_unref (bytes);
      weft_value_clear (&pair);
    }
}

/* ---- streaming ------------------------------------------------------------------------------- */

typedef struct
{
  GByteArray *bytes;
  size_t at;
  size_t n_direct; /* bytes that came from, or went to, the buffer itself */
  const uint8_t *start, *end;
  size_t fail_at;
} Stream;

static bool
stream_write (const void *bytes, size_t n_bytes, void *data, GError **error)
{
  Stream *stream = data;

  if (stream->bytes->len + n_bytes > stream->fail_at)
    {
      g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_NOSPC, "full");
      return false;
    }
  if ((const uint8_t *) bytes >= stream->start && (const uint8_t *) bytes < stream->end)
    stream->n_direct += n_bytes;
  g_byte_array_append (stream->bytes, bytes, (guint) n_bytes);
  return true;
}

static bool
stream_read (void *bytes, size_t n_bytes, void *data, GError **error)
{
  Stream *stream = data;

  if (stream->at + n_bytes > MIN (stream->bytes->len, stream->fail_at))
    {
      g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_IO, "broken");
      return false;
    }
  memcpy (bytes, stream->bytes->data + stream->at, n_bytes);
  stream->at += n_bytes;
  return true;
}

static void
test_streams_as_it_encodes (void)
{
  Stream stream = { .bytes = g_byte_array_new (), .fail_at = SIZE_MAX };
  WeftBuffer *buffer = counting_buffer (400000), *bytes;
  g_autoptr (GError) error = NULL;
  WeftValue value, back;

  stream.start = buffer->bytes;
  stream.end = buffer->bytes + buffer->n_bytes;
  make_array_of (&value, buffer, 400, 1000, 8000, 8, 0);
  g_assert_true (
      weft_value_encode_to (&value, WEFT_COMPRESSION_NONE, stream_write, &stream, &error));
  g_assert_cmpuint (stream.n_direct, ==, 3200000); /* no copy on the way */
  bytes = encode (&value, WEFT_COMPRESSION_NONE);
  g_assert_cmpmem (bytes->bytes, bytes->n_bytes, stream.bytes->data, stream.bytes->len);
  weft_buffer_unref (bytes);

  g_assert_true (weft_value_decode_from (NULL, NULL, stream_read, &stream, 0, &back, &error));
  g_assert_no_error (error);
  g_assert_true (weft_value_equal (&value, &back));
  g_assert_cmpuint (stream.at, ==, stream.bytes->len);
  weft_value_clear (&back);
  weft_value_clear (&value);
  g_byte_array_unref (stream.bytes);
}

static void
test_errors_of_streams_come_through (void)
{
  Stream stream = { .bytes = g_byte_array_new (), .fail_at = 5000 };
  WeftValue value, back = WEFT_VALUE_INIT;
  g_autoptr (GError) error = NULL;

  make_array_of (&value, counting_buffer (1000), 10, 100, 800, 8, 0);
  g_assert_false (
      weft_value_encode_to (&value, WEFT_COMPRESSION_NONE, stream_write, &stream, &error));
  test_assert_error (&error, G_FILE_ERROR, G_FILE_ERROR_NOSPC, "full", NULL);
  stream.fail_at = SIZE_MAX;
  g_byte_array_set_size (stream.bytes, 0);
  g_assert_true (
      weft_value_encode_to (&value, WEFT_COMPRESSION_NONE, stream_write, &stream, &error));
  for (stream.fail_at = 0; stream.fail_at < stream.bytes->len; stream.fail_at += 97)
    {
      stream.at = 0;
      g_assert_false (weft_value_decode_from (NULL, NULL, stream_read, &stream, 0, &back, &error));
      test_assert_error (&error, G_FILE_ERROR, G_FILE_ERROR_IO, "broken", NULL);
    }
  weft_value_clear (&value);
  g_byte_array_unref (stream.bytes);
}

static void
test_compression_only_where_it_saves (void)
{
  WeftBuffer *dull = counting_buffer (200000), *noise = weft_buffer_new (NULL, 200000), *bytes;
  WeftValue value;

  memset (dull->bytes, 7, dull->n_bytes);
  for (size_t i = 0; i < noise->n_bytes; i++)
    noise->bytes[i] = (uint8_t) g_test_rand_int ();
  weft_value_init_bytes_buffer (&value, dull, 0, dull->n_bytes);
  bytes = encode (&value, WEFT_COMPRESSION_LZ4);
  g_assert_cmpuint (bytes->n_bytes, <, 20000);
  g_assert_cmpuint (bytes->bytes[6], ==, WEFT_COMPRESSION_LZ4);
  weft_buffer_unref (bytes);
  assert_round_trip (&value);
  weft_value_clear (&value);

  weft_value_init_bytes_buffer (&value, noise, 0, noise->n_bytes);
  bytes = encode (&value, WEFT_COMPRESSION_ZSTD);
  g_assert_cmpuint (bytes->n_bytes, >=, 200000);
  weft_buffer_unref (bytes);
  weft_value_clear (&value);

  weft_value_init_bytes (&value, NULL, "short", 5);
  bytes = encode (&value, WEFT_COMPRESSION_ZSTD);
  g_assert_cmpuint (bytes->bytes[6], ==, WEFT_COMPRESSION_NONE);
  weft_buffer_unref (bytes);
  weft_value_clear (&value);
}

/* ---- damage ---------------------------------------------------------------------------------- */

static void
assert_no_value (const uint8_t *bytes, size_t n_bytes)
{
  g_autofree uint8_t *exact = g_memdup2 (bytes, n_bytes);
  WeftAccount *account = weft_account_new (NULL);
  WeftValue value = WEFT_VALUE_INIT;
  g_autoptr (GError) error = NULL;

  g_assert_false (
      weft_value_decode (account, &object_classes, exact, n_bytes, 1 << 26, &value, NULL, &error));
  g_assert_true (error != NULL && error->domain == WEFT_CODEC_ERROR);
  g_assert_cmpuint (value.type, ==, WEFT_TYPE_EMPTY);
  g_assert_cmpint (weft_account_held_bytes (account), ==, 0);
  weft_account_unref (account);
}

/* A sample with something of everything, of a few KiB. */
static WeftBuffer *
make_sample (WeftCompression compression)
{
  WeftBuffer *bytes = NULL;

  while (bytes == NULL)
    {
      RandomValues random;
      WeftValue value;

      random_values_init (&random, NULL, true);
      random_value (&random, &value, 0);
      bytes = encode (&value, compression);
      if (bytes->n_bytes < 700 || bytes->n_bytes > 4000)
        g_clear_pointer (&bytes, weft_buffer_unref);
      weft_value_clear (&value);
      random_values_clear (&random);
    }
  return bytes;
}

static void
test_every_changed_byte_is_noticed (void)
{
  for (guint i = 0; i < 6; i++)
    {
      WeftBuffer *bytes = make_sample (compressions[i % 3]);

      for (size_t k = 0; k<bytes->n_bytes; k += test_slowdown ()> 1 ? 3 : 1)
        {
          uint8_t change = (uint8_t) g_test_rand_int_range (1, 256);

          bytes->bytes[k] ^= change;
          assert_no_value (bytes->bytes, bytes->n_bytes);
          bytes->bytes[k] ^= change;
        }
      weft_buffer_unref (bytes);
    }
  g_assert_cmpint (n_objects, ==, 0);
}

static void
test_every_truncation_is_noticed (void)
{
  for (guint i = 0; i < 6; i++)
    {
      WeftBuffer *bytes = make_sample (compressions[i % 3]);

      for (size_t n = 0; n<bytes->n_bytes; n += test_slowdown ()> 1 ? 3 : 1)
        assert_no_value (bytes->bytes, n);
      weft_buffer_unref (bytes);
    }
  g_assert_cmpint (n_objects, ==, 0);
}

/* Wrong on purpose, with right checksums: what somebody hostile would write. */
static WeftBuffer *
seal (const uint8_t *body, size_t n_body, uint64_t n_said)
{
  Stream stream = { .bytes = g_byte_array_new (), .fail_at = SIZE_MAX };
  uint8_t head[WEFT_CODEC_HEAD_BYTES];
  WeftBlockWriter writer;
  WeftBuffer *bytes;

  _weft_codec_head_fill (head, WEFT_COMPRESSION_NONE, n_said);
  g_byte_array_append (stream.bytes, head, sizeof head);
  g_assert_true (_weft_block_writer_init (&writer, WEFT_COMPRESSION_NONE, stream_write, &stream));
  _weft_block_writer_put (&writer, body, n_body);
  g_assert_true (_weft_block_writer_end (&writer));
  _weft_block_writer_clear (&writer);
  bytes = weft_buffer_new (NULL, stream.bytes->len);
  memcpy (bytes->bytes, stream.bytes->data, stream.bytes->len);
  g_byte_array_unref (stream.bytes);
  return bytes;
}

/* The body of an encoded value of one block. */
static void
body_of (const WeftBuffer *bytes, uint8_t **body, size_t *n_body)
{
  *body = bytes->bytes + WEFT_CODEC_HEAD_BYTES + WEFT_CODEC_BLOCK_HEAD_BYTES;
  *n_body = bytes->n_bytes - WEFT_CODEC_HEAD_BYTES - 2 * WEFT_CODEC_BLOCK_HEAD_BYTES
            - WEFT_CODEC_END_BYTES;
}

/* Any change of the body below right checksums gives an error or some sound value, no crash. */
static void
test_hostile_bodies_do_no_harm (void)
{
  guint n_values = 0, n_errors = 0;

  for (guint i = 0; i < 12; i++)
    {
      WeftBuffer *sample = make_sample (WEFT_COMPRESSION_NONE);
      size_t n_body;
      uint8_t *body;

      body_of (sample, &body, &n_body);
      for (guint k = 0; k < 600 / test_slowdown (); k++)
        {
          g_autofree uint8_t *changed = g_memdup2 (body, n_body);
          WeftValue value = WEFT_VALUE_INIT;
          g_autoptr (GError) error = NULL;
          WeftBuffer *bytes;

          for (int n = g_test_rand_int_range (1, 4); n > 0; n--)
            changed[g_test_rand_int_range (0, (int) n_body)] =
                g_test_rand_int_range (0, 3) == 0 ? 0xff : (uint8_t) g_test_rand_int ();
          bytes = seal (changed, n_body, n_body);
          if (weft_value_decode (NULL, &object_classes, bytes->bytes, bytes->n_bytes, 1 << 26,
                                 &value, NULL, &error))
            {
              g_autofree char *text = weft_value_to_text (&value, false, 1000);

              g_assert_true (weft_value_equal (&value, &value));
              n_values++;
            }
          else
            n_errors++;
          weft_value_clear (&value);
          weft_buffer_unref (bytes);
        }
      weft_buffer_unref (sample);
    }
  g_assert_cmpuint (n_values, >, 0);
  g_assert_cmpuint (n_errors, >, 0);
  g_assert_cmpint (n_objects, ==, 0);
}

static void
assert_refused (const uint8_t *body, size_t n_body, uint64_t n_said, const char *what)
{
  WeftBuffer *bytes = seal (body, n_body, n_said);
  WeftValue value = WEFT_VALUE_INIT;
  g_autoptr (GError) error = NULL;

  g_assert_false (
      weft_value_decode (NULL, NULL, bytes->bytes, bytes->n_bytes, 0, &value, NULL, &error));
  test_assert_error (&error, WEFT_CODEC_ERROR, WEFT_CODEC_ERROR_DAMAGED, "byte ", what, NULL);
  weft_buffer_unref (bytes);
}

/* A length of 2^60 in a few bytes must not be believed. */
static void
test_lengths_are_checked_first (void)
{
  uint8_t string[9] = { WEFT_TYPE_STRING, 0, 0, 0, 0, 0, 0, 0, 0x10 };
  uint8_t list[13] = { WEFT_TYPE_LIST, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0x10 };
  uint8_t ref[5] = { WEFT_NODE_REF, 0, 0, 0, 0 };
  uint8_t none[2] = { WEFT_TYPE_NONE, WEFT_TYPE_NONE };
  uint8_t managed[1] = { WEFT_TYPE_MANAGED };

  assert_refused (string, sizeof string, sizeof string, "bytes");
  assert_refused (string, sizeof string, INT64_MAX, "to come");
  assert_refused (list, sizeof list, sizeof list, "items cannot follow");
  assert_refused (ref, sizeof ref, sizeof ref, "box 0 of 0");
  assert_refused (none, sizeof none, sizeof none, "too many");
  assert_refused (none, 0, 1, "cannot be here");
  assert_refused (managed, sizeof managed, sizeof managed, "type 18");
}

/* A list that holds itself: the reference comes before the shared node is complete. */
static void
test_cycles_are_refused (void)
{
  uint8_t body[] = { WEFT_NODE_SHARED,
                     WEFT_TYPE_LIST,
                     0xff,
                     0xff,
                     0xff,
                     0xff,
                     1,
                     0,
                     0,
                     0,
                     0,
                     0,
                     0,
                     0,
                     WEFT_NODE_REF,
                     0,
                     0,
                     0,
                     0 };

  assert_refused (body, sizeof body, sizeof body, "box 0 of 0");
}

static void
test_limit_of_the_caller_holds (void)
{
  WeftBuffer *bytes;
  WeftValue value, back = WEFT_VALUE_INIT;
  g_autoptr (GError) error = NULL;

  make_array_of (&value, counting_buffer (10000), 100, 100, 800, 8, 0);
  bytes = encode (&value, WEFT_COMPRESSION_LZ4);
  g_assert_false (
      weft_value_decode (NULL, NULL, bytes->bytes, bytes->n_bytes, 79999, &back, NULL, &error));
  test_assert_error (&error, WEFT_CODEC_ERROR, WEFT_CODEC_ERROR_NO_MEMORY, "79999", NULL);
  g_assert_true (
      weft_value_decode (NULL, NULL, bytes->bytes, bytes->n_bytes, 90000, &back, NULL, &error));
  weft_value_clear (&back);
  weft_value_clear (&value);
  weft_buffer_unref (bytes);
}

/* A later version, with a head that is sound otherwise. */
static void
test_later_versions_are_named (void)
{
  WeftBuffer *bytes;
  WeftValue value, back = WEFT_VALUE_INIT;
  g_autoptr (GError) error = NULL;
  uint64_t checksum;

  weft_value_set_int64 (&value, 1);
  bytes = encode (&value, WEFT_COMPRESSION_NONE);
  bytes->bytes[4] = 2;
  checksum = XXH3_64bits (bytes->bytes, 24);
  memcpy (bytes->bytes + 24, &checksum, 8);
  g_assert_false (
      weft_value_decode (NULL, NULL, bytes->bytes, bytes->n_bytes, 0, &back, NULL, &error));
  test_assert_error (&error, WEFT_CODEC_ERROR, WEFT_CODEC_ERROR_VERSION, "version 2", NULL);
  weft_buffer_unref (bytes);
}

/* ---- what cannot be encoded ------------------------------------------------------------------ */

static void
assert_unsupported (WeftValue *value, const char *what)
{
  for (guint i = 0; i < 2; i++)
    {
      Stream stream = { .bytes = g_byte_array_new (), .fail_at = SIZE_MAX };
      g_autoptr (GError) error = NULL;

      g_assert_false (
          weft_value_encode_to (value, WEFT_COMPRESSION_NONE, stream_write, &stream, &error));
      test_assert_error (&error, WEFT_CODEC_ERROR, WEFT_CODEC_ERROR_UNSUPPORTED, what, NULL);
      g_assert_cmpuint (stream.bytes->len, ==, 0); /* nothing half written */
      g_byte_array_unref (stream.bytes);
    }
  weft_value_clear (value);
}

static void
test_what_cannot_come_back_is_refused (void)
{
  static const WeftForeignClass mute = { .name = "mute", .release = object_release };
  WeftColumn *column = weft_column_new ("c", WEFT_DTYPE_INT64, 3);
  WeftValue value;

  weft_value_init_string (&value, NULL, "\xff", 1);
  assert_unsupported (&value, "UTF-8");
  weft_value_init_foreign (&value, &mute, object_new ("x"));
  assert_unsupported (&value, "mute");
  weft_value_init_foreign (&value, &object_class, object_new ("stubborn"));
  assert_unsupported (&value, "stubborn");
  weft_value_take_box (&value, weft_box_alloc (WEFT_TYPE_MANAGED, sizeof (WeftManaged)));
  assert_unsupported (&value, "managed");
  weft_value_init_table (&value, &column, 1, 3); /* without its values */
  assert_unsupported (&value, "too few");
  g_assert_cmpint (n_objects, ==, 0);
}

static void
nest (WeftValue *value, int depth)
{
  weft_value_set_none (value);
  for (int i = 0; i < depth; i++)
    {
      WeftValue outer;

      weft_value_init_list (&outer, NULL, value, 1);
      *value = outer;
    }
}

static void
test_nesting_up_to_the_limit (void)
{
  WeftValue value;

  nest (&value, WEFT_CODEC_MAX_DEPTH);
  assert_round_trip (&value);
  weft_value_clear (&value);
  nest (&value, WEFT_CODEC_MAX_DEPTH + 1);
  assert_unsupported (&value, "deeper");
}

/* Keeps in its data which version the form was of. */
static WeftStatus
noting_decode (const WeftForeignClass *klass, uint32_t version, const WeftValue *form,
               WeftAccount *account, void **object, char **message)
{
  *(uint32_t *) klass->data = version;
  return object_decode (klass, version, form, account, object, message);
}

/* A later version of a class reads older forms, and is told so; an older one refuses later ones. */
static void
test_forms_of_other_versions (void)
{
  uint32_t told = 0;
  WeftForeignClass later = object_class, older = object_class;
  const WeftForeignClass *const later_list[] = { &later }, *const older_list[] = { &older };
  const WeftForeignClasses with_later = { later_list, 1 }, with_older = { older_list, 1 };
  WeftValue value, back = WEFT_VALUE_INIT;
  g_autoptr (GError) error = NULL;
  WeftBuffer *bytes;

  later.version = object_class.version + 3;
  later.decode = noting_decode;
  later.data = &told;
  older.version = object_class.version - 1;
  weft_value_init_foreign (&value, &object_class, object_new ("hello"));
  g_assert_true (weft_value_encode (&value, WEFT_COMPRESSION_NONE, &bytes, &error));
  g_assert_true (
      weft_value_decode (NULL, &with_later, bytes->bytes, bytes->n_bytes, 0, &back, NULL, &error));
  g_assert_cmpuint (told, ==, object_class.version);
  weft_value_clear (&back);
  g_assert_false (
      weft_value_decode (NULL, &with_older, bytes->bytes, bytes->n_bytes, 0, &back, NULL, &error));
  test_assert_error (&error, WEFT_CODEC_ERROR, WEFT_CODEC_ERROR_UNSUPPORTED, "test-text", NULL);
  weft_buffer_unref (bytes);
  weft_value_clear (&value);
  g_assert_cmpint (n_objects, ==, 0);
}

static void
test_unknown_classes_are_named (void)
{
  WeftBuffer *bytes;
  WeftValue value, back = WEFT_VALUE_INIT;
  g_autoptr (GError) error = NULL;

  weft_value_init_foreign (&value, &object_class, object_new ("hello"));
  bytes = encode (&value, WEFT_COMPRESSION_NONE);
  g_assert_false (
      weft_value_decode (NULL, NULL, bytes->bytes, bytes->n_bytes, 0, &back, NULL, &error));
  test_assert_error (&error, WEFT_CODEC_ERROR, WEFT_CODEC_ERROR_UNSUPPORTED, "test-text",
                     "version 2", NULL);
  weft_buffer_unref (bytes);
  weft_value_clear (&value);
}

/* ---- an independent reader ------------------------------------------------------------------- */

static void
write_bytes (const char *dir, const char *name, const void *bytes, size_t n_bytes)
{
  g_autofree char *path = g_build_filename (dir, name, NULL);
  g_autoptr (GError) error = NULL;

  g_file_set_contents (path, bytes, (gssize) n_bytes, &error);
  g_assert_no_error (error);
}

/* A reader in Python, written from data/doc/value-codec.md alone, says of each sample what
 * weft_value_to_text() says. */
static void
test_another_reader_agrees (void)
{
  g_autoptr (TestDir) dir = test_dir_new ();
  g_autofree char *script = test_source_path ("support/value_codec.py");
  g_autoptr (GError) error = NULL;
  g_autofree char *output = NULL, *messages = NULL;
  const char *argv[] = { "/usr/bin/python3", script, dir, NULL };
  int status;

  for (guint i = 0; i < 90 / test_slowdown (); i++)
    {
      g_autofree char *name = g_strdup_printf ("%u.wval", i);
      g_autofree char *json_name = g_strdup_printf ("%u.json", i);
      RandomValues random;
      WeftBuffer *bytes;
      WeftValue value;
      g_autofree char *json = NULL;

      random_values_init (&random, NULL, false);
      random_value (&random, &value, 0);
      bytes = encode (&value, compressions[i % 3]);
      json = weft_value_to_text (&value, true, 0);
      write_bytes (dir, name, bytes->bytes, bytes->n_bytes);
      write_bytes (dir, json_name, json, strlen (json));
      weft_buffer_unref (bytes);
      weft_value_clear (&value);
      random_values_clear (&random);
    }
  g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, &output, &messages,
                &status, &error);
  g_assert_no_error (error);
  if (!g_spawn_check_wait_status (status, NULL))
    g_test_message ("%s%s", output, messages);
  g_assert_cmpint (status, ==, 0);
  g_assert_true (g_str_has_suffix (output, " agree\n"));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  test_add ("store", "codec", "scalars-come-back", test_scalars_come_back);
  test_add ("store", "codec", "random-values-come-back", test_random_values_come_back);
  test_add ("store", "codec", "layouts-of-arrays", test_layouts_of_arrays);
  test_add ("store", "codec", "shared-boxes-stay-shared", test_shared_boxes_stay_shared);
  test_add ("store", "codec", "unfolding-too-far-is-refused", test_unfolding_too_far_is_refused);
  test_add ("store", "codec", "overlapping-views-share-a-buffer",
            test_overlapping_views_share_a_buffer);
  test_add ("store", "codec", "sliding-windows-stay-windows", test_sliding_windows_stay_windows);
  test_add ("store", "codec", "small-views-do-not-drag-the-rest",
            test_small_views_do_not_drag_the_rest);
  test_add ("store", "codec", "long-runs-are-aligned", test_long_runs_are_aligned);
  test_add ("store", "codec", "streams-as-it-encodes", test_streams_as_it_encodes);
  test_add ("store", "codec", "errors-of-streams-come-through",
            test_errors_of_streams_come_through);
  test_add ("store", "codec", "compression-only-where-it-saves",
            test_compression_only_where_it_saves);
  test_add ("store", "codec", "every-changed-byte-is-noticed", test_every_changed_byte_is_noticed);
  test_add ("store", "codec", "every-truncation-is-noticed", test_every_truncation_is_noticed);
  test_add ("store", "codec", "hostile-bodies-do-no-harm", test_hostile_bodies_do_no_harm);
  test_add ("store", "codec", "lengths-are-checked-first", test_lengths_are_checked_first);
  test_add ("store", "codec", "cycles-are-refused", test_cycles_are_refused);
  test_add ("store", "codec", "limit-of-the-caller-holds", test_limit_of_the_caller_holds);
  test_add ("store", "codec", "later-versions-are-named", test_later_versions_are_named);
  test_add ("store", "codec", "what-cannot-come-back-is-refused",
            test_what_cannot_come_back_is_refused);
  test_add ("store", "codec", "nesting-up-to-the-limit", test_nesting_up_to_the_limit);
  test_add ("store", "codec", "forms-of-other-versions", test_forms_of_other_versions);
  test_add ("store", "codec", "unknown-classes-are-named", test_unknown_classes_are_named);
  test_add ("store", "codec", "another-reader-agrees", test_another_reader_agrees);
  return g_test_run ();
}
