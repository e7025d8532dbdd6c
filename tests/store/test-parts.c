/* test-parts.c: what others hold of a value too, and where there is a foreign object in it
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "test-support.h"

#include "store/weft-store-private.h"

#include <string.h>

#define N_BYTES 5000 /* enough for a buffer of its own */

static WeftValue
new_bytes (void)
{
  WeftValue value;

  g_assert_cmpint (weft_value_init_bytes (&value, NULL, NULL, N_BYTES), ==, WEFT_OK);
  return value;
}

static WeftValue
new_list (WeftValue a, WeftValue b)
{
  const WeftValue items[] = { a, b };
  WeftValue value;

  g_assert_cmpint (weft_value_init_list (&value, NULL, items, G_N_ELEMENTS (items)), ==, WEFT_OK);
  return value;
}

static WeftValue
new_record (WeftValue field)
{
  static const char *const names[] = { "field" };
  WeftRecordShape *shape = weft_record_shape_new (names, 1);
  WeftValue value;

  g_assert_cmpint (weft_value_init_record (&value, shape, &field), ==, WEFT_OK);
  weft_record_shape_unref (shape);
  return value;
}

static WeftValue
new_number (void)
{
  WeftValue value;

  weft_value_set_int64 (&value, 7);
  return value;
}

/* Nobody else holds the value, then somebody holds @part of it, then nobody again. It goes. */
static void
check_part (WeftValue value, const WeftValue *part)
{
  g_assert_false (_weft_value_is_view (&value));
  weft_value_ref (part);
  g_assert_true (_weft_value_is_view (&value));
  weft_value_unref (part);
  g_assert_false (_weft_value_is_view (&value));
  weft_value_unref (&value);
}

static void
test_boxes (void)
{
  WeftValue bytes = new_bytes (), list = new_list (new_number (), new_bytes ());
  WeftValue record = new_record (new_bytes ());

  check_part (bytes, &bytes);
  check_part (list, &((WeftList *) list.u.box)->items[1]);
  check_part (record, ((WeftRecordValue *) record.u.box)->values);
}

/* The value holds @buffer as the only one, then with another holder. It goes. */
static void
check_buffer (WeftValue value, WeftBuffer *buffer)
{
  g_assert_false (_weft_value_is_view (&value));
  weft_buffer_ref (buffer);
  g_assert_true (_weft_value_is_view (&value));
  weft_buffer_unref (buffer);
  g_assert_false (_weft_value_is_view (&value));
  weft_value_unref (&value);
}

static void
test_buffers (void)
{
  const int64_t shape[] = { 10 };
  WeftBuffer *buffer = weft_buffer_new (NULL, 80);
  WeftValue bytes = new_bytes (), string, array;

  check_buffer (bytes, ((WeftBytes *) bytes.u.box)->buffer);
  g_assert_cmpint (weft_value_init_string (&string, NULL, NULL, N_BYTES), ==, WEFT_OK);
  check_buffer (string, ((WeftString *) string.u.box)->buffer);
  g_assert_cmpint (weft_value_init_array (&array, buffer, WEFT_DTYPE_FLOAT64, 0, 1, shape, NULL, 0),
                   ==, WEFT_OK);
  check_buffer (array, buffer);
}

static void
test_columns (void)
{
  WeftColumn *columns[2] = { weft_column_new ("a", WEFT_DTYPE_INT64, 1),
                             weft_column_new ("b", WEFT_DTYPE_INT64, 1) };
  WeftValue table;

  for (int i = 0; i < 2; i++)
    columns[i]->values = weft_buffer_new (NULL, 8);
  g_assert_cmpint (weft_value_init_table (&table, columns, 2, 1), ==, WEFT_OK);
  g_assert_false (_weft_value_is_view (&table));
  weft_column_ref (columns[1]);
  g_assert_true (_weft_value_is_view (&table));
  weft_column_unref (columns[1]);
  check_buffer (table, columns[0]->values);
}

static void
release_nothing (void *object G_GNUC_UNUSED)
{
}

static void
test_foreign_parts (void)
{
  static const WeftForeignClass klass = { .name = "object", .release = release_nothing };
  WeftValue foreign, deep, plain = new_list (new_record (new_bytes ()), new_number ());

  g_assert_cmpint (weft_value_init_foreign (&foreign, &klass, NULL), ==, WEFT_OK);
  g_assert_true (_weft_value_has_foreign (&foreign));
  deep = new_list (new_number (), new_list (new_bytes (), new_record (foreign)));
  g_assert_true (_weft_value_has_foreign (&deep));
  g_assert_false (_weft_value_has_foreign (&plain));
  weft_value_unref (&deep);
  weft_value_unref (&plain);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("store", "parts", "boxes-held-by-others", test_boxes);
  test_add ("store", "parts", "buffers-held-by-others", test_buffers);
  test_add ("store", "parts", "columns-held-by-others", test_columns);
  test_add ("store", "parts", "foreign-objects-however-deep", test_foreign_parts);
  return g_test_run ();
}
