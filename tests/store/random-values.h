/* random-values.h: values of all kinds, nested and shared at random, for property tests
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Randomness comes from g_test_rand_*, so --seed brings a value back.
 */
#pragma once

#include "store/weft-codec.h"

#include <glib.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Some values made so far, to stand in a second place. */
typedef struct
{
  WeftAccount *account; /* (nullable) */
  WeftValue pool[8];    /* a reference each */
  WeftRecordShape *shapes[3];
  WeftColumn *dictionary;
  bool foreign; /* also objects */
} RandomValues;

/* ---- an object of somebody else's: a counted string ------------------------------------------ */

static G_GNUC_UNUSED _Atomic int n_objects;

static G_GNUC_UNUSED void *
object_new (const char *text)
{
  atomic_fetch_add (&n_objects, 1);
  return strdup (text);
}

static void
object_release (void *object)
{
  atomic_fetch_sub (&n_objects, 1);
  free (object);
}

static uint64_t
object_n_bytes (void *object)
{
  return strlen (object);
}

static WeftStatus
object_encode (void *object, WeftAccount *account, WeftValue *form, char **message)
{
  if (strcmp (object, "stubborn") != 0)
    return weft_value_init_bytes (form, account, object, strlen (object));
  *message = g_strdup ("it is stubborn");
  return WEFT_FAILED;
}

static WeftStatus
object_decode (const WeftForeignClass *klass, uint32_t version, const WeftValue *form,
               WeftAccount *account, void **object, char **message)
{
  const WeftBytes *bytes = (const WeftBytes *) form->u.box;
  char *text;

  if (weft_value_type (form) != WEFT_TYPE_BYTES || memchr (bytes->bytes, 0, bytes->n_bytes))
    {
      *message = g_strdup ("no text in bytes");
      return WEFT_FAILED;
    }
  atomic_fetch_add (&n_objects, 1);
  text = calloc (1, bytes->n_bytes + 1); /* from malloc: the class frees it so */
  memcpy (text, bytes->bytes, bytes->n_bytes);
  *object = text;
  return WEFT_OK;
}

static char *
object_describe (void *object)
{
  return strdup (object);
}

static G_GNUC_UNUSED const WeftForeignClass object_class = {
  .name = "test-text",
  .version = 2,
  .n_bytes = object_n_bytes,
  .release = object_release,
  .encode = object_encode,
  .decode = object_decode,
  .describe = object_describe,
};

static G_GNUC_UNUSED const WeftForeignClass *const object_class_list[] = { &object_class };
static G_GNUC_UNUSED const WeftForeignClasses object_classes = { object_class_list, 1 };

/* ---- parts ----------------------------------------------------------------------------------- */

static inline int
random_below (int n)
{
  return g_test_rand_int_range (0, n);
}

/* Mostly short, at times beyond every threshold. */
static int
random_length (void)
{
  static const int lengths[] = { 0, 1, 2, 5, 17, 63, 64, 1000, 1023, 1024, 1025, 5000 };
  int i = random_below (40);

  return i < (int) G_N_ELEMENTS (lengths) ? lengths[i] : i < 39 ? random_below (20) : 70000;
}

static char *
random_text (int n_least)
{
  static const char *const pieces[] = { "a", "Z", " ", "\"", "\\", "\n", "ä", "€", "😀", "0", "\t" };
  GString *text = g_string_new (NULL);

  while ((int) text->len < n_least)
    g_string_append (text, pieces[random_below (G_N_ELEMENTS (pieces))]);
  return g_string_free (text, FALSE);
}

static void
random_fill (void *bytes, size_t n)
{
  uint8_t *at = bytes;
  bool dull = random_below (2) == 0;

  for (size_t i = 0; i < n; i++)
    at[i] = dull ? (uint8_t) (i / 64) : (uint8_t) random_below (256);
}

static WeftBuffer *
random_buffer (RandomValues *random, size_t n_bytes)
{
  WeftBuffer *buffer = weft_buffer_new (random->account, n_bytes);

  g_assert_nonnull (buffer);
  random_fill (buffer->bytes, n_bytes);
  return buffer;
}

static double
random_double (void)
{
  static const double special[] = {
    0.0, -0.0, 1.0, 0.1, 1e300, -5e-324, 1e15, 123456789012345678.0
  };
  int i = random_below (12);

  if (i < (int) G_N_ELEMENTS (special))
    return special[i];
  return i == 8 ? NAN : i == 9 ? INFINITY : i == 10 ? -INFINITY : g_test_rand_double ();
}

/* ---- arrays ---------------------------------------------------------------------------------- */

static const WeftDType array_dtypes[] = {
  WEFT_DTYPE_BOOL,        WEFT_DTYPE_INT8,       WEFT_DTYPE_INT16,       WEFT_DTYPE_INT32,
  WEFT_DTYPE_INT64,       WEFT_DTYPE_UINT8,      WEFT_DTYPE_UINT16,      WEFT_DTYPE_UINT32,
  WEFT_DTYPE_UINT64,      WEFT_DTYPE_FLOAT16,    WEFT_DTYPE_FLOAT32,     WEFT_DTYPE_FLOAT64,
  WEFT_DTYPE_COMPLEX64,   WEFT_DTYPE_COMPLEX128, WEFT_DTYPE_DATETIME_NS, WEFT_DTYPE_TIMEDELTA_NS,
  WEFT_DTYPE_FIXED_BYTES, WEFT_DTYPE_UNICODE4,
};

/* A parent in C order of up to five axes, of which the array takes steps, turned, reversed or
 * repeated axes. */
static void
random_array (RandomValues *random, WeftValue *value)
{
  WeftDType dtype = array_dtypes[random_below (G_N_ELEMENTS (array_dtypes))];
  uint32_t item_bytes = weft_dtype_item_bytes (dtype);
  int n_dims = random_below (6);
  int64_t shape[8], strides[8], offset = 0, n_bytes;

  if (item_bytes == 0)
    item_bytes = 4 * (uint32_t) random_below (4);
  n_bytes = item_bytes;
  for (int i = 0; i < n_dims; i++)
    {
      int64_t n = random_below (8) == 0 ? random_below (2) : random_below (n_dims < 3 ? 60 : 7);

      shape[i] = n;
      strides[i] = n_bytes;
      n_bytes *= MAX (n, 1);
      if (random_below (4) == 0 && n > 1) /* from the end back */
        {
          offset += strides[i] * (n - 1);
          strides[i] = -strides[i];
        }
      else if (random_below (5) == 0 && n > 1) /* every other */
        {
          shape[i] = (n + 1) / 2;
          strides[i] *= 2;
        }
      else if (random_below (6) == 0)
        strides[i] = 0;
    }
  for (int i = 0; random_below (2) == 0 && i < n_dims / 2; i++) /* as built: first axis fastest */
    {
      int64_t swap = shape[i];

      shape[i] = shape[n_dims - 1 - i];
      shape[n_dims - 1 - i] = swap;
      swap = strides[i];
      strides[i] = strides[n_dims - 1 - i];
      strides[n_dims - 1 - i] = swap;
    }
  g_assert_cmpint (weft_value_init_array (value, random_buffer (random, (size_t) n_bytes), dtype,
                                          item_bytes, (uint32_t) n_dims, shape, strides, offset),
                   ==, WEFT_OK);
  if (dtype == WEFT_DTYPE_BOOL)
    for (int64_t i = 0; i < n_bytes; i++)
      ((WeftArray *) value->u.box)->buffer->bytes[i] &= 1;
}

/* ---- tables ---------------------------------------------------------------------------------- */

static WeftColumn *random_column (RandomValues *random, int64_t n_rows, int depth);

static void
random_offsets (RandomValues *random, WeftColumn *column, int64_t n_physical, int64_t *end)
{
  bool narrow = column->dtype == WEFT_DTYPE_MAP || random_below (2) == 0;
  int64_t offset = random_below (3);

  column->offset_width = narrow ? 4 : 8;
  column->offsets = random_buffer (random, (size_t) (n_physical + 1) * column->offset_width);
  for (int64_t i = 0; i <= n_physical; i++)
    {
      if (narrow)
        ((int32_t *) column->offsets->bytes)[i] = (int32_t) offset;
      else
        ((int64_t *) column->offsets->bytes)[i] = offset;
      *end = offset;
      offset += random_below (4);
    }
}

static void
add_child (WeftColumn *column, WeftColumn *child)
{
  column->children = realloc (column->children, (column->n_children + 1) * sizeof child);
  column->children[column->n_children++] = child;
}

static WeftColumn *
random_dictionary (RandomValues *random)
{
  if (random->dictionary == NULL)
    {
      WeftColumn *made = weft_column_new ("words", WEFT_DTYPE_INT32, 5);

      made->values = random_buffer (random, 5 * 4);
      random->dictionary = made;
    }
  return weft_column_ref (random->dictionary);
}

static void
random_content (RandomValues *random, WeftColumn *column, int64_t n_physical, int depth)
{
  int64_t end;

  switch ((WeftDType) column->dtype)
    {
    case WEFT_DTYPE_BOOL:
      column->values = random_buffer (random, (size_t) (n_physical + 7) / 8);
      break;
    case WEFT_DTYPE_STRING:
    case WEFT_DTYPE_BYTES:
      random_offsets (random, column, n_physical, &end);
      column->values = random_buffer (random, (size_t) end);
      for (int64_t i = 0; i < end; i++)
        column->values->bytes[i] &= 0x7f;
      break;
    case WEFT_DTYPE_LIST:
      random_offsets (random, column, n_physical, &end);
      add_child (column, random_column (random, end + random_below (3), depth + 1));
      break;
    case WEFT_DTYPE_MAP:
      random_offsets (random, column, n_physical, &end);
      add_child (column, weft_column_new ("entries", WEFT_DTYPE_STRUCT, end));
      add_child (column->children[0], random_column (random, end, depth + 2));
      add_child (column->children[0], random_column (random, end, depth + 2));
      break;
    case WEFT_DTYPE_FIXED_LIST:
      column->list_size = random_below (4);
      add_child (column, random_column (random, n_physical * column->list_size, depth + 1));
      break;
    case WEFT_DTYPE_STRUCT:
      for (int i = random_below (3); i >= 0; i--)
        add_child (column, random_column (random, n_physical + random_below (2), depth + 1));
      break;
    case WEFT_DTYPE_DICTIONARY:
      column->code_dtype = WEFT_DTYPE_INT8;
      column->values = random_buffer (random, (size_t) n_physical);
      for (int64_t i = 0; i < n_physical; i++)
        column->values->bytes[i] = (uint8_t) random_below (5);
      add_child (column, random_dictionary (random));
      break;
    case WEFT_DTYPE_NULL:
      break;
    default:
      column->values = random_buffer (random, (size_t) n_physical * column->item_bytes);
      break;
    }
}

static WeftColumn *
random_column (RandomValues *random, int64_t n_rows, int depth)
{
  static const WeftDType dtypes[] = {
    WEFT_DTYPE_BOOL,      WEFT_DTYPE_INT16,       WEFT_DTYPE_INT64,       WEFT_DTYPE_FLOAT32,
    WEFT_DTYPE_FLOAT64,   WEFT_DTYPE_DATETIME_NS, WEFT_DTYPE_FIXED_BYTES, WEFT_DTYPE_STRING,
    WEFT_DTYPE_BYTES,     WEFT_DTYPE_DICTIONARY,  WEFT_DTYPE_NULL,        WEFT_DTYPE_DATE32,
    WEFT_DTYPE_TIMESTAMP, WEFT_DTYPE_DECIMAL128, /* no children until here */
    WEFT_DTYPE_LIST,      WEFT_DTYPE_STRUCT,      WEFT_DTYPE_FIXED_LIST,  WEFT_DTYPE_MAP,
  };
  WeftDType dtype = dtypes[random_below (depth > 2 ? 14 : G_N_ELEMENTS (dtypes))];
  g_autofree char *name = random_text (random_below (6));
  WeftColumn *column = weft_column_new (name, dtype, n_rows);
  int64_t n_physical;

  column->offset_rows = random_below (3) == 0 ? random_below (20) : 0;
  n_physical = column->offset_rows + n_rows;
  if (dtype == WEFT_DTYPE_FIXED_BYTES)
    column->item_bytes = (uint32_t) random_below (9);
  if (dtype == WEFT_DTYPE_TIMESTAMP)
    column->unit = (uint8_t) (3 * random_below (4));
  if (random_below (2) == 0)
    column->validity = random_buffer (random, (size_t) (n_physical + 7) / 8);
  if (random_below (4) == 0)
    column->metadata = strdup ("{\"unit\": \"m\"}");
  random_content (random, column, n_physical, depth);
  return column;
}

static void
random_table (RandomValues *random, WeftValue *value)
{
  WeftColumn *columns[6];
  uint32_t n_columns = (uint32_t) random_below (6);
  int64_t n_rows = random_below (10) == 0 ? 3000 : random_below (40);

  for (uint32_t i = 0; i < n_columns; i++)
    columns[i] = i > 0 && random_below (5) == 0 ? weft_column_ref (columns[i - 1])
                                                : random_column (random, n_rows, 0);
  g_assert_cmpint (weft_value_init_table (value, columns, n_columns, n_rows), ==, WEFT_OK);
  if (random_below (2) == 0)
    ((WeftTable *) value->u.box)->metadata = strdup ("{\"index\": []}");
}

/* ---- values ---------------------------------------------------------------------------------- */

static void random_value (RandomValues *random, WeftValue *value, int depth);

static void
random_histogram (RandomValues *random, WeftValue *value)
{
  double edges[2][12];
  WeftHistogramAxis axes[2];

  for (int i = 0; i < 2; i++)
    {
      axes[i] = (WeftHistogramAxis){ i == 0 ? (char *) "x" : NULL, (uint32_t) random_below (11),
                                     edges[i] };
      for (int k = 0; k < 12; k++)
        edges[i][k] = k + g_test_rand_double () / 2;
    }
  g_assert_cmpint (weft_value_init_histogram (value, random->account, axes,
                                              (uint32_t) random_below (3), NULL, 7),
                   ==, WEFT_OK);
}

static void
random_list (RandomValues *random, WeftValue *value, int depth)
{
  static const char *const tags[] = { "tuple", "set", "slice" };
  int n = random_below (30) == 0 ? 200 : random_below (6);
  WeftList *list;

  weft_value_init_list (value, random->account, NULL, (size_t) n);
  list = (WeftList *) value->u.box;
  if (random_below (4) == 0)
    list->tag = tags[random_below (3)];
  for (int i = 0; i < n; i++)
    random_value (random, &list->items[i], n > 100 ? 99 : depth + 1);
}

static void
random_record (RandomValues *random, WeftValue *value, int depth)
{
  int which = random_below (3);
  WeftRecordShape *shape = random->shapes[which];

  if (shape == NULL)
    {
      const char *names[] = { "x", "$y", "größe" };

      shape = random->shapes[which] = weft_record_shape_new (names, (uint32_t) which + 1);
    }
  weft_value_init_record (value, shape, NULL);
  for (uint32_t i = 0; i < shape->n_fields; i++)
    random_value (random, &((WeftRecordValue *) value->u.box)->values[i], depth + 1);
}

static void
random_error (RandomValues *random, WeftValue *value, int depth)
{
  WeftErrorValue *error;

  weft_value_init_error (value, WEFT_TIMED_OUT, "key-1", 1, 2, 3, "took \"too\" long");
  error = (WeftErrorValue *) value->u.box;
  error->kind = strdup ("Timeout");
  if (random_below (2) == 0)
    error->output = strdup ("\xff raw");
  random_value (random, &error->exception, depth + 1);
}

static void
random_box (RandomValues *random, WeftValue *value, int depth)
{
  int n = random_length ();
  g_autofree char *text = random_text (n);

  switch (random_below (depth > 3 ? 6 : 10))
    {
    case 0:
      weft_value_init_string (value, random->account, text, strlen (text));
      break;
    case 1:
      random_array (random, value);
      break;
    case 2:
      weft_value_init_bytes (value, random->account, text, (size_t) n);
      break;
    case 3:
      weft_value_init_file (value, "/tmp/\xff data", 12, -5);
      break;
    case 4:
      if (random->foreign)
        weft_value_init_foreign (value, &object_class, object_new (text));
      else
        random_histogram (random, value);
      break;
    case 5:
      random_histogram (random, value);
      break;
    case 6:
      random_table (random, value);
      break;
    case 7:
      random_record (random, value, depth);
      break;
    case 8:
      random_error (random, value, depth);
      break;
    default:
      random_list (random, value, depth);
      break;
    }
}

static void
random_value (RandomValues *random, WeftValue *value, int depth)
{
  WeftValue *pooled = &random->pool[random_below (8)];

  switch (random_below (depth == 0 ? 4 : 12))
    {
    case 4:
      weft_value_set_none (value);
      return;
    case 5:
      weft_value_set_bool (value, random_below (2) == 0);
      return;
    case 6:
      weft_value_set_int64 (value,
                            (int64_t) g_test_rand_int () * (INT64_C (1) << random_below (32)));
      return;
    case 7:
      weft_value_set_float64 (value, random_double ());
      return;
    case 8:
      *value = *pooled;
      weft_value_ref (value);
      return;
    default:
      break;
    }
  if (depth == 0)
    random_list (random, value, depth);
  else
    random_box (random, value, depth);
  if (random_below (4) == 0)
    {
      weft_value_clear (pooled);
      *pooled = *value;
      weft_value_ref (pooled);
    }
}

static G_GNUC_UNUSED void
random_values_init (RandomValues *random, WeftAccount *account, bool foreign)
{
  *random = (RandomValues){ .account = account, .foreign = foreign };
}

/* What is only held by the pool goes. */
static G_GNUC_UNUSED void
random_values_clear (RandomValues *random)
{
  for (int i = 0; i < 8; i++)
    weft_value_clear (&random->pool[i]);
  for (int i = 0; i < 3; i++)
    weft_record_shape_unref (random->shapes[i]);
  weft_column_unref (random->dictionary);
}
