/* test-column.c: columns that contradict themselves are found, sound ones are not
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "random-values.h"
#include "test-support.h"

#include "store/weft-layout-private.h"

static void
test_random_columns_are_sound (void)
{
  for (guint i = 0; i < 400 / test_slowdown (); i++)
    {
      RandomValues random;
      WeftColumn *column;
      g_autofree char *message = NULL;

      random_values_init (&random, NULL, false);
      column = random_column (&random, random_below (100), 0);
      g_assert_true (weft_column_check (column, &message));
      g_assert_null (message);
      g_assert_true (_weft_column_equal (column, column));
      weft_column_unref (column);
      random_values_clear (&random);
    }
}

/* ---- one thing wrong each -------------------------------------------------------------------- */

/* Three strings "a", "bc", "é", in a column whose rows begin at row 1 of its buffers. */
static WeftColumn *
strings_new (void)
{
  WeftColumn *column = weft_column_new ("s", WEFT_DTYPE_STRING, 3);
  int64_t offsets[] = { 0, 1, 2, 4, 6 };

  column->offset_rows = 1;
  column->offsets = weft_buffer_new (NULL, sizeof offsets);
  memcpy (column->offsets->bytes, offsets, sizeof offsets);
  column->values = weft_buffer_new (NULL, 6);
  memcpy (column->values->bytes, "zabc\xc3\xa9", 6);
  return column;
}

static WeftColumn *
dictionary_new (void)
{
  WeftColumn *column = weft_column_new ("d", WEFT_DTYPE_DICTIONARY, 4);

  column->code_dtype = WEFT_DTYPE_UINT16;
  column->values = weft_buffer_new (NULL, 8);
  memset (column->values->bytes, 0, 8);
  add_child (column, strings_new ());
  return column;
}

/* Takes the column. */
static void
assert_wrong (WeftColumn *column, const char *what)
{
  g_autofree char *message = NULL;

  g_assert_false (weft_column_check (column, &message));
  if (strstr (message, what) == NULL)
    g_error ("“%s” does not say “%s”", message, what);
  g_assert_nonnull (strstr (message, column->name)); /* whose fault it is */
  weft_column_unref (column);
}

static int64_t *
offsets_of (WeftColumn *column)
{
  return (int64_t *) column->offsets->bytes;
}

static void
test_wrong_offsets (void)
{
  WeftColumn *column = strings_new ();

  offsets_of (column)[2] = 0;
  assert_wrong (column, "falls behind");
  column = strings_new ();
  offsets_of (column)[1] = -1;
  assert_wrong (column, "falls behind");
  column = strings_new ();
  offsets_of (column)[4] = 7;
  assert_wrong (column, "values has 6 bytes");
  column = strings_new ();
  column->n_rows = 4;
  assert_wrong (column, "offsets has 40 bytes");
  column = strings_new ();
  column->offset_width = 3;
  assert_wrong (column, "offsets of 3 bytes");
  column = strings_new ();
  column->n_rows = INT64_MAX;
  assert_wrong (column, "rows");
  column = strings_new ();
  column->n_nulls = 4;
  assert_wrong (column, "nulls");
}

static void
test_wrong_text (void)
{
  WeftColumn *column = strings_new ();

  column->values->bytes[5] = 'x';
  assert_wrong (column, "not UTF-8");
  column = strings_new ();
  offsets_of (column)[3] = 5;
  assert_wrong (column, "inside a character");
  column = strings_new ();
  column->values->bytes[0] = 0xff; /* before the first row: nobody's business */
  column->dtype = WEFT_DTYPE_STRING;
  {
    g_autofree char *message = NULL;

    g_assert_true (weft_column_check (column, &message));
  }
  weft_column_unref (column);
}

static void
test_wrong_codes (void)
{
  WeftColumn *column = dictionary_new ();

  ((uint16_t *) column->values->bytes)[3] = 3;
  assert_wrong (column, "not in the dictionary");
  column = dictionary_new ();
  ((uint16_t *) column->values->bytes)[3] = 3; /* under a null it means nothing */
  column->validity = weft_buffer_new (NULL, 1);
  column->validity->bytes[0] = 7;
  {
    g_autofree char *message = NULL;

    g_assert_true (weft_column_check (column, &message));
  }
  weft_column_unref (column);
  column = dictionary_new ();
  column->code_dtype = WEFT_DTYPE_FLOAT32;
  assert_wrong (column, "no integers");
  column = dictionary_new ();
  column->offset_rows = 1;
  assert_wrong (column, "codes has 8 bytes");
}

static void
test_wrong_children (void)
{
  WeftColumn *column = weft_column_new ("st", WEFT_DTYPE_STRUCT, 4);

  add_child (column, strings_new ());
  assert_wrong (column, "4 needed");
  column = weft_column_new ("l", WEFT_DTYPE_LIST, 0);
  assert_wrong (column, "0 children");
  column = weft_column_new ("f", WEFT_DTYPE_FIXED_LIST, 2);
  column->list_size = 2;
  add_child (column, strings_new ());
  assert_wrong (column, "4 needed");
  column = weft_column_new ("f", WEFT_DTYPE_FIXED_LIST, 2);
  column->list_size = -1;
  add_child (column, strings_new ());
  assert_wrong (column, "-1 items");
  column = weft_column_new ("m", WEFT_DTYPE_MAP, 0);
  add_child (column, strings_new ());
  assert_wrong (column, "key and value");
}

static void
test_wrong_types (void)
{
  WeftColumn *column;

  assert_wrong (weft_column_new ("u", WEFT_DTYPE_UNICODE4, 0), "not one of columns");
  assert_wrong (weft_column_new ("u", 77, 0), "not one of columns");
  assert_wrong (weft_column_new ("i", WEFT_DTYPE_INT64, 1), "too few");
  column = weft_column_new ("i", WEFT_DTYPE_INT64, 0);
  column->item_bytes = 4;
  assert_wrong (column, "items of 4 bytes");
  column = weft_column_new ("t", WEFT_DTYPE_TIMESTAMP, 0);
  column->unit = 4;
  assert_wrong (column, "unit");
  column = weft_column_new ("i", WEFT_DTYPE_INT64, 0);
  column->validity = weft_buffer_new (NULL, 0);
  column->offset_rows = 1;
  assert_wrong (column, "validity");
}

static void
test_nesting_without_end (void)
{
  WeftColumn *column = weft_column_new ("leaf", WEFT_DTYPE_NULL, 0);

  for (int i = 0; i < WEFT_COLUMN_MAX_DEPTH; i++)
    {
      WeftColumn *outer = weft_column_new ("leaf", WEFT_DTYPE_STRUCT, 0);

      add_child (outer, column);
      column = outer;
    }
  assert_wrong (column, "deeper");
}

/* ---- equality -------------------------------------------------------------------------------- */

/* The same rows at another offset, with other offsets, and other content under nulls. */
static void
test_layout_does_not_count (void)
{
  WeftColumn *a = strings_new (), *b = weft_column_new ("s", WEFT_DTYPE_STRING, 3);
  int32_t offsets[] = { 3, 4, 6, 8 };

  b->offset_width = 4;
  b->offsets = weft_buffer_new (NULL, sizeof offsets);
  memcpy (b->offsets->bytes, offsets, sizeof offsets);
  b->values = weft_buffer_new (NULL, 8);
  memcpy (b->values->bytes, "___abc\xc3\xa9", 8);
  g_assert_true (_weft_column_equal (a, b));
  b->values->bytes[4] = 'x';
  g_assert_false (_weft_column_equal (a, b));
  b->validity = weft_buffer_new (NULL, 1);
  b->validity->bytes[0] = 5; /* row 1 is null */
  g_assert_false (_weft_column_equal (a, b));
  a->validity = weft_buffer_new (NULL, 1);
  a->validity->bytes[0] = 10; /* likewise, from row 1 on */
  g_assert_true (_weft_column_equal (a, b));
  weft_column_unref (a);
  weft_column_unref (b);
  weft_column_unref (NULL);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  test_add ("store", "column", "random-columns-are-sound", test_random_columns_are_sound);
  test_add ("store", "column", "wrong-offsets", test_wrong_offsets);
  test_add ("store", "column", "wrong-text", test_wrong_text);
  test_add ("store", "column", "wrong-codes", test_wrong_codes);
  test_add ("store", "column", "wrong-children", test_wrong_children);
  test_add ("store", "column", "wrong-types", test_wrong_types);
  test_add ("store", "column", "nesting-without-end", test_nesting_without_end);
  test_add ("store", "column", "layout-does-not-count", test_layout_does_not_count);
  return g_test_run ();
}
