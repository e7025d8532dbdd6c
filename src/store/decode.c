/* decode.c: bytes to values
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Bytes may come from anywhere. Checksums find damage; everything else a file can say wrong is
 * checked here: each count against the bytes that are left before memory is taken for it, what the
 * value takes in all against the caller's limit, each nesting against WEFT_CODEC_MAX_DEPTH. A
 * reference can only go to what is complete, so there are no cycles.
 */
#include "config.h"

#include "store/weft-codec-private.h"
#include "store/weft-layout-private.h"
#include "store/weft-store-private.h"

#include <stdlib.h>
#include <string.h>

#define damaged(decoder, ...) \
  _weft_block_reader_fail (&(decoder)->in, WEFT_CODEC_ERROR_DAMAGED, __VA_ARGS__)

/* ---- parts ----------------------------------------------------------------------------------- */

bool
_weft_decoder_u8 (WeftDecoder *decoder, uint8_t *u)
{
  return _weft_block_reader_get (&decoder->in, u, sizeof *u);
}

bool
_weft_decoder_u32 (WeftDecoder *decoder, uint32_t *u)
{
  return _weft_block_reader_get (&decoder->in, u, sizeof *u);
}

bool
_weft_decoder_u64 (WeftDecoder *decoder, uint64_t *u)
{
  return _weft_block_reader_get (&decoder->in, u, sizeof *u);
}

bool
_weft_decoder_i64 (WeftDecoder *decoder, int64_t *i)
{
  return _weft_block_reader_get (&decoder->in, i, sizeof *i);
}

bool
_weft_decoder_no_memory (WeftDecoder *decoder)
{
  return _weft_block_reader_fail (&decoder->in, WEFT_CODEC_ERROR_NO_MEMORY, "no memory");
}

bool
_weft_decoder_claim (WeftDecoder *decoder, uint64_t n, uint64_t item_bytes)
{
  uint64_t n_bytes;

  if (!__builtin_mul_overflow (n, item_bytes, &n_bytes)
      && !__builtin_add_overflow (decoder->n_bytes, n_bytes, &n_bytes)
      && (decoder->max_bytes == 0 || n_bytes <= decoder->max_bytes))
    {
      decoder->n_bytes = n_bytes;
      return true;
    }
  return _weft_block_reader_fail (&decoder->in, WEFT_CODEC_ERROR_NO_MEMORY,
                                  "the value takes more than the %" G_GUINT64_FORMAT
                                  " bytes allowed",
                                  decoder->max_bytes > 0 ? decoder->max_bytes : UINT64_MAX);
}

bool
_weft_decoder_count (WeftDecoder *decoder, const char *what, uint64_t n, uint64_t min_bytes)
{
  uint64_t n_left = _weft_block_reader_left (&decoder->in);

  return n <= n_left / min_bytes
         || damaged (decoder,
                     "%" G_GUINT64_FORMAT " %s cannot follow in %" G_GUINT64_FORMAT " bytes", n,
                     what, n_left);
}

bool
_weft_decoder_text (WeftDecoder *decoder, bool utf8, char **text)
{
  uint32_t n;
  char *chars;

  *text = NULL;
  if (!_weft_decoder_u32 (decoder, &n))
    return false;
  if (n == WEFT_NONE)
    return true;
  if (!_weft_decoder_count (decoder, "characters", n, 1)
      || !_weft_decoder_claim (decoder, (uint64_t) n + 1, 1))
    return false;
  chars = malloc ((size_t) n + 1);
  if (chars == NULL)
    return _weft_decoder_no_memory (decoder);
  chars[n] = '\0';
  if (_weft_block_reader_get (&decoder->in, chars, n)
      && (strlen (chars) == n || damaged (decoder, "a zero inside of a text"))
      && (!utf8 || _weft_utf8_is_valid (chars, n) || damaged (decoder, "a text that is not UTF-8")))
    *text = chars;
  else
    free (chars);
  return *text != NULL;
}

/* The same where a missing text makes no sense. */
static bool
get_required_text (WeftDecoder *decoder, bool utf8, const char *what, char **text)
{
  return _weft_decoder_text (decoder, utf8, text)
         && (*text != NULL || damaged (decoder, "%s is missing", what));
}

bool
_weft_decoder_run_head (WeftDecoder *decoder, uint64_t *n_bytes)
{
  uint8_t padding[WEFT_CODEC_RUN_ALIGN] = { 0 };
  size_t n_padding;

  if (!_weft_decoder_u64 (decoder, n_bytes))
    return false;
  n_padding = *n_bytes < WEFT_CODEC_LONG_RUN_BYTES ? 0 : -decoder->in.n_raw % WEFT_CODEC_RUN_ALIGN;
  if (!_weft_block_reader_get (&decoder->in, padding, n_padding))
    return false;
  for (size_t i = 0; i < n_padding; i++)
    if (padding[i] != 0)
      return damaged (decoder, "padding that is not zero");
  return _weft_decoder_count (decoder, "bytes", *n_bytes, 1);
}

/* A new buffer, filled from the body. */
static bool
get_buffer (WeftDecoder *decoder, uint64_t n_bytes, WeftBuffer **buffer)
{
  WeftBuffer *own;

  if (!_weft_decoder_claim (decoder, n_bytes, 1))
    return false;
  own = weft_buffer_new (decoder->account, n_bytes);
  if (own == NULL)
    return _weft_decoder_no_memory (decoder);
  if (!_weft_block_reader_get (&decoder->in, own->bytes, n_bytes))
    {
      weft_buffer_unref (own);
      return false;
    }
  *buffer = own;
  return true;
}

bool
_weft_decoder_run_buffer (WeftDecoder *decoder, WeftBuffer **buffer)
{
  uint64_t n_bytes;

  return _weft_decoder_run_head (decoder, &n_bytes) && get_buffer (decoder, n_bytes, buffer);
}

/* A run that must have a certain length. */
static bool
get_exact_buffer (WeftDecoder *decoder, uint64_t n_wanted, WeftBuffer **buffer)
{
  uint64_t n_bytes;

  return _weft_decoder_run_head (decoder, &n_bytes)
         && (n_bytes == n_wanted
             || damaged (decoder,
                         "%" G_GUINT64_FORMAT " bytes where %" G_GUINT64_FORMAT " are needed",
                         n_bytes, n_wanted))
         && get_buffer (decoder, n_bytes, buffer);
}

/* A shared buffer, new or met before. (transfer full) */
static bool
get_shared_buffer (WeftDecoder *decoder, WeftBuffer **buffer)
{
  uint32_t number;

  if (!_weft_decoder_u32 (decoder, &number))
    return false;
  if (number == WEFT_CODEC_NEW)
    {
      if (!_weft_decoder_run_buffer (decoder, buffer))
        return false;
      g_ptr_array_add (decoder->buffers, weft_buffer_ref (*buffer));
      return true;
    }
  if (number >= decoder->buffers->len)
    return damaged (decoder, "buffer %u of %u", number, decoder->buffers->len);
  *buffer = weft_buffer_ref (g_ptr_array_index (decoder->buffers, number));
  return true;
}

/* ---- scalars, strings, bytes ----------------------------------------------------------------- */

static bool
get_bool (WeftDecoder *decoder, WeftValue *value)
{
  uint8_t b;

  if (!_weft_decoder_u8 (decoder, &b))
    return false;
  if (b > 1)
    return damaged (decoder, "a bool of %u", b);
  weft_value_set_bool (value, b == 1);
  return true;
}

static bool
get_number (WeftDecoder *decoder, WeftType type, WeftValue *value)
{
  uint64_t bits;

  if (!_weft_decoder_u64 (decoder, &bits))
    return false;
  *value = (WeftValue){ type, 0, { .bits = bits } };
  return true;
}

static bool
get_string (WeftDecoder *decoder, WeftValue *value)
{
  WeftValue made = WEFT_VALUE_INIT;
  WeftString *string;
  uint64_t n;

  if (!_weft_decoder_run_head (decoder, &n)
      || !_weft_decoder_claim (decoder, n + sizeof *string, 1))
    return false;
  if (weft_value_init_string (&made, decoder->account, NULL, n) != WEFT_OK)
    return _weft_decoder_no_memory (decoder);
  string = (WeftString *) made.u.box;
  if (!_weft_block_reader_get (&decoder->in, (char *) string->chars, n)
      || !(_weft_utf8_is_valid (string->chars, n)
           || damaged (decoder, "a string that is not UTF-8")))
    {
      weft_value_clear (&made);
      return false;
    }
  *value = made;
  return true;
}

static bool
get_bytes_view (WeftDecoder *decoder, WeftValue *value)
{
  WeftBuffer *buffer;
  uint64_t offset, n;
  WeftStatus status;

  if (!get_shared_buffer (decoder, &buffer))
    return false;
  if (!_weft_decoder_u64 (decoder, &offset) || !_weft_decoder_u64 (decoder, &n)
      || !_weft_decoder_claim (decoder, 1, sizeof (WeftBytes)))
    status = WEFT_FAILED;
  else if ((status = weft_value_init_bytes_buffer (value, buffer, offset, n)) == WEFT_NO_MEMORY)
    _weft_decoder_no_memory (decoder);
  else if (status == WEFT_FAILED)
    damaged (decoder, "bytes that do not lie in their buffer");
  if (status != WEFT_OK)
    weft_buffer_unref (buffer);
  return status == WEFT_OK;
}

static bool
get_bytes (WeftDecoder *decoder, WeftValue *value)
{
  WeftValue made = WEFT_VALUE_INIT;
  uint8_t is_view;
  uint64_t n;

  if (!_weft_decoder_u8 (decoder, &is_view))
    return false;
  if (is_view > 1)
    return damaged (decoder, "bytes of kind %u", is_view);
  if (is_view == 1)
    return get_bytes_view (decoder, value);
  if (!_weft_decoder_run_head (decoder, &n)
      || !_weft_decoder_claim (decoder, n + sizeof (WeftBytes), 1))
    return false;
  if (weft_value_init_bytes (&made, decoder->account, NULL, n) != WEFT_OK)
    return _weft_decoder_no_memory (decoder);
  if (!_weft_block_reader_get (&decoder->in, (uint8_t *) ((WeftBytes *) made.u.box)->bytes, n))
    {
      weft_value_clear (&made);
      return false;
    }
  *value = made;
  return true;
}

/* ---- lists, records -------------------------------------------------------------------------- */

static bool
get_values (WeftDecoder *decoder, WeftValue *values, uint64_t n)
{
  for (uint64_t i = 0; i < n; i++)
    if (!_weft_decoder_node (decoder, &values[i]))
      return false;
  return true;
}

/* Takes @text. Tags live as long as the process, so they are short and few kinds are known. */
static bool
intern_tag (WeftDecoder *decoder, char *text, const char **tag)
{
  if (text != NULL && strlen (text) > WEFT_CODEC_MAX_TAG_BYTES)
    {
      free (text);
      return damaged (decoder, "a list's tag longer than %d bytes", WEFT_CODEC_MAX_TAG_BYTES);
    }
  *tag = g_intern_string (text);
  free (text);
  return true;
}

static bool
get_list (WeftDecoder *decoder, WeftValue *value)
{
  WeftValue made = WEFT_VALUE_INIT;
  WeftList *list;
  const char *tag = NULL;
  char *text;
  uint64_t n;

  if (!_weft_decoder_text (decoder, true, &text) || !intern_tag (decoder, text, &tag)
      || !_weft_decoder_u64 (decoder, &n) || !_weft_decoder_count (decoder, "items", n, 1)
      || !_weft_decoder_claim (decoder, n, sizeof (WeftValue))
      || !_weft_decoder_claim (decoder, 1, sizeof (WeftList)))
    return false;
  if (weft_value_init_list (&made, decoder->account, NULL, n) != WEFT_OK)
    return _weft_decoder_no_memory (decoder);
  list = (WeftList *) made.u.box;
  list->tag = tag;
  if (!get_values (decoder, list->items, n))
    {
      weft_value_clear (&made);
      return false;
    }
  *value = made;
  return true;
}

static bool
get_names (WeftDecoder *decoder, char **names, uint32_t n)
{
  for (uint32_t i = 0; i < n; i++)
    if (!get_required_text (decoder, true, "a field's name", &names[i]))
      return false;
  return true;
}

static bool
get_new_shape (WeftDecoder *decoder)
{
  WeftRecordShape *shape = NULL;
  uint32_t n_fields;
  char **names;

  if (!_weft_decoder_u32 (decoder, &n_fields)
      || !_weft_decoder_count (decoder, "fields", n_fields, 5)
      || !_weft_decoder_claim (decoder, n_fields, 2 * sizeof *names))
    return false;
  names = calloc (MAX (n_fields, 1), sizeof *names);
  if (names == NULL)
    return _weft_decoder_no_memory (decoder);
  if (get_names (decoder, names, n_fields)
      && (shape = weft_record_shape_new ((const char *const *) names, n_fields)) == NULL)
    _weft_decoder_no_memory (decoder);
  for (uint32_t i = 0; i < n_fields; i++)
    free (names[i]);
  free (names);
  if (shape != NULL)
    g_ptr_array_add (decoder->shapes, shape);
  return shape != NULL;
}

static bool
get_record (WeftDecoder *decoder, WeftValue *value)
{
  WeftValue made = WEFT_VALUE_INIT;
  WeftRecordShape *shape;
  uint32_t number;

  if (!_weft_decoder_u32 (decoder, &number))
    return false;
  if (number == WEFT_CODEC_NEW)
    {
      if (!get_new_shape (decoder))
        return false;
      number = decoder->shapes->len - 1;
    }
  if (number >= decoder->shapes->len)
    return damaged (decoder, "shape %u of %u", number, decoder->shapes->len);
  shape = g_ptr_array_index (decoder->shapes, number);
  if (!_weft_decoder_count (decoder, "fields", shape->n_fields, 1)
      || !_weft_decoder_claim (decoder, shape->n_fields, sizeof (WeftValue))
      || !_weft_decoder_claim (decoder, 1, sizeof (WeftRecordValue)))
    return false;
  if (weft_value_init_record (&made, shape, NULL) != WEFT_OK)
    return _weft_decoder_no_memory (decoder);
  if (!get_values (decoder, ((WeftRecordValue *) made.u.box)->values, shape->n_fields))
    {
      weft_value_clear (&made);
      return false;
    }
  *value = made;
  return true;
}

/* ---- arrays ---------------------------------------------------------------------------------- */

typedef struct
{
  uint8_t dtype, n_dims, layout, reserved;
  uint32_t item_bytes;
  uint32_t repeated;
} ArrayHead;

static bool
get_array_head (WeftDecoder *decoder, ArrayHead *head, int64_t *shape)
{
  if (!_weft_block_reader_get (&decoder->in, head, sizeof *head))
    return false;
  if (head->n_dims > WEFT_ARRAY_MAX_DIMS || head->layout > WEFT_CODEC_LAYOUT_VIEW
      || head->reserved != 0 || ((uint64_t) head->repeated >> head->n_dims) != 0)
    return damaged (decoder, "an array of %u dimensions in layout %u", head->n_dims, head->layout);
  return _weft_block_reader_get (&decoder->in, shape, head->n_dims * sizeof *shape)
         && _weft_decoder_claim (decoder, 1, sizeof (WeftArray));
}

/* Takes @buffer. */
static bool
make_array (WeftDecoder *decoder, const ArrayHead *head, WeftBuffer *buffer, const int64_t *shape,
            const int64_t *strides, int64_t offset_bytes, WeftValue *value)
{
  WeftStatus status = weft_value_init_array (value, buffer, head->dtype, head->item_bytes,
                                             head->n_dims, shape, strides, offset_bytes);

  if (status == WEFT_OK)
    return true;
  weft_buffer_unref (buffer);
  return status == WEFT_NO_MEMORY
             ? _weft_decoder_no_memory (decoder)
             : damaged (decoder, "an array that does not fit its type or its buffer");
}

static bool
get_array (WeftDecoder *decoder, WeftValue *value)
{
  int64_t shape[WEFT_ARRAY_MAX_DIMS], strides[WEFT_ARRAY_MAX_DIMS];
  int64_t n_elements, n_stored_bytes, offset = 0;
  WeftBuffer *buffer = NULL;
  ArrayHead head;

  if (!get_array_head (decoder, &head, shape))
    return false;
  if (head.layout == WEFT_CODEC_LAYOUT_VIEW)
    {
      if (!get_shared_buffer (decoder, &buffer))
        return false;
      if (!_weft_decoder_i64 (decoder, &offset)
          || !_weft_block_reader_get (&decoder->in, strides, head.n_dims * sizeof *strides))
        {
          weft_buffer_unref (buffer);
          return false;
        }
      return make_array (decoder, &head, buffer, shape, strides, offset, value);
    }
  if (!_weft_shape_count (shape, head.n_dims, head.repeated, head.item_bytes, &n_elements,
                          &n_stored_bytes))
    return damaged (decoder, "an array with more elements than can be");
  _weft_strides_fill (strides, shape, head.n_dims, head.repeated, head.item_bytes,
                      (WeftLayoutKind) head.layout);
  return get_exact_buffer (decoder, (uint64_t) n_stored_bytes, &buffer)
         && make_array (decoder, &head, buffer, shape, strides, 0, value);
}

/* ---- histograms, files, errors, foreign objects ---------------------------------------------- */

static bool
get_axis (WeftDecoder *decoder, WeftHistogramAxis *axis)
{
  uint64_t n_bytes, n_wanted;

  if (!_weft_decoder_text (decoder, false, &axis->name)
      || !_weft_decoder_u32 (decoder, &axis->n_bins) || !_weft_decoder_run_head (decoder, &n_bytes))
    return false;
  n_wanted = ((uint64_t) axis->n_bins + 1) * sizeof *axis->edges;
  if (n_bytes != n_wanted)
    return damaged (decoder, "%" G_GUINT64_FORMAT " bytes of edges for %u bins", n_bytes,
                    axis->n_bins);
  if (!_weft_decoder_claim (decoder, n_bytes, 2))
    return false;
  axis->edges = malloc (n_bytes);
  if (axis->edges == NULL)
    return _weft_decoder_no_memory (decoder);
  return _weft_block_reader_get (&decoder->in, axis->edges, n_bytes);
}

static bool
get_histogram_of (WeftDecoder *decoder, WeftHistogramAxis *axes, uint32_t n_axes, WeftValue *value)
{
  WeftBuffer *cells;
  uint64_t n_entries;
  WeftStatus status;

  for (uint32_t i = 0; i < n_axes; i++)
    if (!get_axis (decoder, &axes[i]))
      return false;
  if (!_weft_decoder_u64 (decoder, &n_entries) || !_weft_decoder_run_buffer (decoder, &cells))
    return false;
  status = weft_value_init_histogram (value, decoder->account, axes, n_axes, cells, n_entries);
  if (status == WEFT_OK)
    return true;
  weft_buffer_unref (cells);
  return status == WEFT_NO_MEMORY
             ? _weft_decoder_no_memory (decoder)
             : damaged (decoder, "a histogram whose cells do not fit its axes");
}

static bool
get_histogram (WeftDecoder *decoder, WeftValue *value)
{
  WeftHistogramAxis *axes;
  uint32_t n_axes;
  bool done;

  if (!_weft_decoder_u32 (decoder, &n_axes) || !_weft_decoder_count (decoder, "axes", n_axes, 16)
      || !_weft_decoder_claim (decoder, n_axes, 2 * sizeof *axes)
      || !_weft_decoder_claim (decoder, 1, sizeof (WeftHistogram)))
    return false;
  axes = calloc (MAX (n_axes, 1), sizeof *axes);
  if (axes == NULL)
    return _weft_decoder_no_memory (decoder);
  done = get_histogram_of (decoder, axes, n_axes, value);
  for (uint32_t i = 0; i < n_axes; i++)
    {
      free (axes[i].name);
      free (axes[i].edges);
    }
  free (axes);
  return done;
}

static bool
get_file (WeftDecoder *decoder, WeftValue *value)
{
  uint64_t size_bytes;
  int64_t modified_wall_ns;
  bool done = false;
  char *path;

  if (!get_required_text (decoder, false, "a file's path", &path))
    return false;
  if (_weft_decoder_u64 (decoder, &size_bytes) && _weft_decoder_i64 (decoder, &modified_wall_ns)
      && _weft_decoder_claim (decoder, 1, sizeof (WeftFile)))
    done = weft_value_init_file (value, path, size_bytes, modified_wall_ns) == WEFT_OK
           || _weft_decoder_no_memory (decoder);
  free (path);
  return done;
}

static bool
get_error_fields (WeftDecoder *decoder, WeftErrorValue *error)
{
  return _weft_decoder_u32 (decoder, &error->status)
         && _weft_decoder_u32 (decoder, &error->culprit_task)
         && _weft_decoder_u32 (decoder, &error->culprit_segment)
         && _weft_decoder_u32 (decoder, &error->attempt)
         && _weft_decoder_text (decoder, false, &error->culprit_key)
         && _weft_decoder_text (decoder, false, &error->kind)
         && _weft_decoder_text (decoder, false, &error->message)
         && _weft_decoder_text (decoder, false, &error->detail)
         && _weft_decoder_text (decoder, false, &error->output)
         && _weft_decoder_node (decoder, &error->exception);
}

static bool
get_error (WeftDecoder *decoder, WeftValue *value)
{
  WeftValue made = WEFT_VALUE_INIT;

  if (!_weft_decoder_claim (decoder, 1, sizeof (WeftErrorValue)))
    return false;
  if (weft_value_init_error (&made, WEFT_FAILED, NULL, 0, 0, 0, NULL) != WEFT_OK)
    return _weft_decoder_no_memory (decoder);
  if (!get_error_fields (decoder, (WeftErrorValue *) made.u.box))
    {
      weft_value_clear (&made);
      return false;
    }
  *value = made;
  return true;
}

static const WeftForeignClass *
find_class (WeftDecoder *decoder, const char *name, uint32_t version)
{
  const WeftForeignClasses *classes = decoder->classes;

  for (size_t i = 0; classes != NULL && i < classes->n_classes; i++)
    if (strcmp (classes->classes[i]->name, name) == 0 && classes->classes[i]->decode != NULL
        && classes->classes[i]->version >= version)
      return classes->classes[i];
  _weft_block_reader_fail (&decoder->in, WEFT_CODEC_ERROR_UNSUPPORTED,
                           "an object of “%s”, version %u, which nothing loaded here can decode",
                           name, version);
  return NULL;
}

static bool
decode_object (WeftDecoder *decoder, const WeftForeignClass *klass, uint32_t version,
               const WeftValue *form, WeftValue *value)
{
  g_autofree char *message = NULL;
  void *object = NULL;

  if (klass->decode (klass, version, form, decoder->account, &object, &message) != WEFT_OK)
    return _weft_block_reader_fail (&decoder->in, WEFT_CODEC_ERROR_UNSUPPORTED,
                                    "an object of “%s” cannot be decoded: %s", klass->name,
                                    message != NULL ? message : "it did not say why");
  if (weft_value_init_foreign (value, klass, object) == WEFT_OK)
    return true;
  klass->release (object);
  return _weft_decoder_no_memory (decoder);
}

static bool
get_foreign (WeftDecoder *decoder, WeftValue *value)
{
  const WeftForeignClass *klass = NULL;
  WeftValue form = WEFT_VALUE_INIT;
  uint32_t version;
  char *name;
  bool done;

  if (!get_required_text (decoder, true, "a class's name", &name))
    return false;
  if (_weft_decoder_u32 (decoder, &version))
    klass = find_class (decoder, name, version);
  free (name);
  if (klass == NULL || !_weft_decoder_claim (decoder, 1, sizeof (WeftForeign))
      || !_weft_decoder_node (decoder, &form))
    return false;
  done = decode_object (decoder, klass, version, &form, value);
  weft_value_clear (&form);
  return done;
}

/* ---- nodes ----------------------------------------------------------------------------------- */

/* So that a few bytes of references to references do not keep those busy who walk through them. */
static bool
unfold (WeftDecoder *decoder, uint64_t n)
{
  decoder->n_unfolded += n;
  return decoder->n_unfolded <= WEFT_CODEC_MAX_UNFOLDED
         || damaged (decoder, "the value unfolds to more than %lld others",
                     WEFT_CODEC_MAX_UNFOLDED);
}

static bool
get_ref (WeftDecoder *decoder, WeftValue *value)
{
  uint32_t number;
  WeftBox *box;

  if (!_weft_decoder_u32 (decoder, &number))
    return false;
  if (number >= decoder->boxes->len)
    return damaged (decoder, "box %u of %u", number, decoder->boxes->len);
  if (!unfold (decoder, g_array_index (decoder->weights, uint64_t, number)))
    return false;
  box = g_ptr_array_index (decoder->boxes, number);
  weft_value_take_box (value, box);
  weft_value_ref (value);
  return true;
}

static bool
get_node (WeftDecoder *decoder, uint8_t type, WeftValue *value)
{
  switch (type)
    {
    case WEFT_TYPE_EMPTY:
      *value = (WeftValue) WEFT_VALUE_INIT;
      return true;
    case WEFT_TYPE_NONE:
      weft_value_set_none (value);
      return true;
    case WEFT_TYPE_BOOL:
      return get_bool (decoder, value);
    case WEFT_TYPE_INT64:
    case WEFT_TYPE_FLOAT64:
      return get_number (decoder, type, value);
    case WEFT_TYPE_STRING:
      return get_string (decoder, value);
    case WEFT_TYPE_BYTES:
      return get_bytes (decoder, value);
    case WEFT_TYPE_LIST:
      return get_list (decoder, value);
    case WEFT_TYPE_RECORD:
      return get_record (decoder, value);
    case WEFT_TYPE_ARRAY:
      return get_array (decoder, value);
    case WEFT_TYPE_TABLE:
      return _weft_decoder_table (decoder, value);
    case WEFT_TYPE_HISTOGRAM:
      return get_histogram (decoder, value);
    case WEFT_TYPE_FILE:
      return get_file (decoder, value);
    case WEFT_TYPE_FOREIGN:
      return get_foreign (decoder, value);
    case WEFT_TYPE_ERROR:
      return get_error (decoder, value);
    default:
      return damaged (decoder, "a node of type %u", type);
    }
}

static bool
get_shared_node (WeftDecoder *decoder, WeftValue *value)
{
  uint64_t before = decoder->n_unfolded;
  uint64_t weight;
  uint8_t type;

  if (!_weft_decoder_u8 (decoder, &type))
    return false;
  if (type < WEFT_TYPE_STRING)
    return damaged (decoder, "a shared node of type %u", type);
  if (!get_node (decoder, type, value))
    return false;
  weft_value_ref (value);
  g_ptr_array_add (decoder->boxes, value->u.box);
  weight = decoder->n_unfolded - before + 1; /* itself was counted before */
  g_array_append_val (decoder->weights, weight);
  return true;
}

/* On failure value is untouched. */
bool
_weft_decoder_node (WeftDecoder *decoder, WeftValue *value)
{
  uint8_t type;
  bool done;

  if (!_weft_decoder_u8 (decoder, &type) || !unfold (decoder, 1))
    return false;
  if (type == WEFT_NODE_REF)
    return get_ref (decoder, value);
  if (decoder->depth == WEFT_CODEC_MAX_DEPTH)
    return type < WEFT_TYPE_STRING
               ? get_node (decoder, type, value)
               : damaged (decoder, "nested deeper than %d", WEFT_CODEC_MAX_DEPTH);
  decoder->depth++;
  done =
      type == WEFT_NODE_SHARED ? get_shared_node (decoder, value) : get_node (decoder, type, value);
  decoder->depth--;
  return done;
}
