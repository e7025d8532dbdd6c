/* test-value.c: constructors, life times, equality, and what values take
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "random-values.h"
#include "test-support.h"

#include "store/weft-layout-private.h"
#include "store/weft-spill.h"

/* ---- strings, bytes, lists ------------------------------------------------------------------- */

static void
test_strings_of_any_length (void)
{
  WeftAccount *account = weft_account_new (NULL);

  for (size_t n = 0; n < 5000; n = n * 3 / 2 + 1)
    {
      g_autofree char *text = g_strnfill (n, 'x');
      const WeftString *string;
      WeftValue value;

      g_assert_cmpint (weft_value_init_string (&value, account, text, n), ==, WEFT_OK);
      string = (const WeftString *) value.u.box;
      g_assert_cmpuint (weft_value_type (&value), ==, WEFT_TYPE_STRING);
      g_assert_cmpuint (string->n_chars, ==, n);
      g_assert_cmpstr (string->chars, ==, text); /* hence also the final 0 */
      g_assert_true (string->buffer != NULL || n < 1024);
      g_assert_cmpint (weft_account_held_bytes (account), ==,
                       string->buffer != NULL ? (int64_t) n + 1 : 0);
      g_assert_cmpuint (weft_value_n_bytes (&value), >, n);
      weft_value_clear (&value);
      g_assert_cmpuint (value.type, ==, WEFT_TYPE_EMPTY);
    }
  g_assert_cmpint (weft_account_held_bytes (account), ==, 0);
  weft_account_unref (account);
}

static void
test_long_lists_are_charged (void)
{
  WeftAccount *account = weft_account_new (NULL);
  WeftValue items[1000], list;

  for (int64_t i = 0; i < 1000; i++)
    weft_value_set_int64 (&items[i], i);
  g_assert_cmpint (weft_value_init_list (&list, account, items, 1000), ==, WEFT_OK);
  g_assert_cmpint (weft_account_held_bytes (account), ==, 16000);
  g_assert_cmpuint (weft_value_n_bytes (&list), >=, 16000);
  g_assert_cmpint (((WeftList *) list.u.box)->items[999].u.i, ==, 999);
  weft_value_clear (&list);
  g_assert_cmpint (weft_account_held_bytes (account), ==, 0);
  g_assert_cmpint (weft_value_init_list (&list, NULL, NULL, 100), ==, WEFT_OK);
  for (guint i = 0; i < 100; i++)
    g_assert_cmpuint (((WeftList *) list.u.box)->items[i].type, ==, WEFT_TYPE_EMPTY);
  weft_value_clear (&list);
  weft_account_unref (account);
}

/* A borrowed list leaves its items alone. */
static void
test_borrowed_lists_own_nothing (void)
{
  WeftValue item, list;

  weft_value_init_string (&item, NULL, "mine", 4);
  weft_value_init_list (&list, NULL, &item, 1);
  ((WeftList *) list.u.box)->borrowed = true;
  weft_value_clear (&list);
  g_assert_cmpuint (item.u.box->refs, ==, 1);
  g_assert_cmpstr (((WeftString *) item.u.box)->chars, ==, "mine");
  weft_value_clear (&item);
}

/* Nested a million deep: freeing, comparing and printing use no stack for it. */
static void
test_depth_takes_no_stack (void)
{
  WeftValue a, b, outer;
  g_autofree char *text = NULL;

  weft_value_set_none (&a);
  weft_value_set_none (&b);
  for (guint i = 0; i < 1000000 / test_slowdown (); i++)
    {
      weft_value_init_list (&outer, NULL, &a, 1);
      a = outer;
      weft_value_init_list (&outer, NULL, &b, 1);
      b = outer;
    }
  g_assert_true (weft_value_equal (&a, &b));
  g_assert_cmpuint (weft_value_extent_bytes (&a), >, 64000000 / test_slowdown ());
  text = weft_value_to_text (&a, true, 0);
  g_assert_true (g_str_has_prefix (text, "[[[["));
  g_assert_nonnull (strstr (text, "[null]"));
  weft_value_clear (&a);
  weft_value_clear (&b);
}

static void
test_records_share_a_shape (void)
{
  const char *names[] = { "x", "y" };
  WeftRecordShape *shape = weft_record_shape_new (names, 2);
  WeftValue values[2], a, b;

  weft_value_set_int64 (&values[0], 1);
  weft_value_init_string (&values[1], NULL, "one", 3);
  weft_value_ref (&values[1]);
  g_assert_cmpint (weft_value_init_record (&a, shape, values), ==, WEFT_OK);
  g_assert_cmpint (weft_value_init_record (&b, shape, values), ==, WEFT_OK);
  g_assert_cmpuint (shape->refs, ==, 3);
  g_assert_true (weft_record_shape_ref (shape) == shape);
  g_assert_cmpuint (shape->refs, ==, 4);
  weft_record_shape_unref (shape);
  weft_record_shape_unref (shape);
  g_assert_true (weft_value_equal (&a, &b));
  g_assert_cmpstr (((WeftRecordValue *) a.u.box)->shape->names[1], ==, "y");
  weft_value_set_int64 (&((WeftRecordValue *) b.u.box)->values[0], 2);
  g_assert_false (weft_value_equal (&a, &b));
  weft_value_clear (&a);
  weft_value_clear (&b);
  weft_record_shape_unref (NULL);
}

/* ---- arrays ---------------------------------------------------------------------------------- */

typedef struct
{
  uint32_t n_dims;
  int64_t shape[3], strides[3], offset;
  bool fits; /* into 100 float64 */
} ArrayCase;

static const ArrayCase array_cases[] = {
  { 0, { 0 }, { 0 }, 792, true },
  { 0, { 0 }, { 0 }, 793, false },
  { 1, { 100 }, { 8 }, 0, true },
  { 1, { 101 }, { 8 }, 0, false },
  { 1, { 100 }, { -8 }, 792, true },
  { 1, { 100 }, { -8 }, 784, false },
  { 1, { 100 }, { 8 }, -8, false },
  { 1, { -1 }, { 8 }, 0, false },
  { 1, { 1000000 }, { 0 }, 792, true },
  { 2, { 10, 10 }, { 80, 8 }, 0, true },
  { 2, { 10, 10 }, { 80, 8 }, 1, false },
  { 2, { 10, 10 }, { 88, 8 }, 0, false },
  { 2, { 0, 1000 }, { 1, 1 }, 123456, true },
  { 3, { INT64_MAX, INT64_MAX, 0 }, { 8, 8, 8 }, 0, true },
  { 3, { INT64_MAX, INT64_MAX, 2 }, { 0, 0, 0 }, 0, false },
  { 2, { 2, 2 }, { INT64_MAX, INT64_MAX }, 0, false },
  { 2, { 2, 2 }, { INT64_MIN, 8 }, 0, false },
};

static void
test_arrays_lie_in_their_buffer (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (array_cases); i++)
    {
      const ArrayCase *c = &array_cases[i];
      WeftBuffer *buffer = weft_buffer_new (NULL, 800);
      WeftValue value = WEFT_VALUE_INIT;
      WeftStatus status = weft_value_init_array (&value, buffer, WEFT_DTYPE_FLOAT64, 0, c->n_dims,
                                                 c->shape, c->strides, c->offset);

      g_test_message ("case %u", i);
      g_assert_cmpint (status, ==, c->fits ? WEFT_OK : WEFT_FAILED);
      if (!c->fits)
        {
          g_assert_cmpuint (value.type, ==, WEFT_TYPE_EMPTY);
          g_assert_true (weft_buffer_is_sole (buffer)); /* still the caller's */
          weft_buffer_unref (buffer);
        }
      weft_value_clear (&value);
    }
}

static void
test_arrays_of_wrong_types_are_refused (void)
{
  WeftBuffer *buffer = weft_buffer_new (NULL, 64);
  int64_t shape[33] = { 0 };
  WeftValue value;

  g_assert_cmpint (weft_value_init_array (&value, buffer, WEFT_DTYPE_STRING, 8, 1, shape, NULL, 0),
                   ==, WEFT_FAILED);
  g_assert_cmpint (weft_value_init_array (&value, buffer, 99, 8, 1, shape, NULL, 0), ==,
                   WEFT_FAILED);
  g_assert_cmpint (weft_value_init_array (&value, buffer, WEFT_DTYPE_INT32, 8, 1, shape, NULL, 0),
                   ==, WEFT_FAILED);
  g_assert_cmpint (
      weft_value_init_array (&value, buffer, WEFT_DTYPE_UNICODE4, 6, 1, shape, NULL, 0), ==,
      WEFT_FAILED);
  g_assert_cmpint (weft_value_init_array (&value, buffer, WEFT_DTYPE_INT8, 0, 33, shape, NULL, 0),
                   ==, WEFT_FAILED);
  weft_buffer_unref (buffer);
}

/* The cursor, against the formula: element [i, j, …] is at offset + Σ index × stride. */
static void
test_cursor_visits_in_c_order (void)
{
  for (guint round = 0; round < 200 / test_slowdown (); round++)
    {
      RandomValues random;
      WeftValue value;
      WeftArrayCursor single, joined;
      const WeftArray *array;
      int64_t n = 0;
      size_t left = 0;

      random_values_init (&random, NULL, false);
      random_array (&random, &value);
      array = (const WeftArray *) value.u.box;
      _weft_array_cursor_init (&single, array, 0, true);
      _weft_array_cursor_init (&joined, array, 0, false);
      while (_weft_array_cursor_next (&single))
        {
          const uint8_t *at = array->buffer->bytes + array->offset_bytes;
          int64_t rest = n++;

          for (uint32_t axis = array->n_dims; axis-- > 0;)
            {
              at += rest % array->shape[axis] * array->strides[axis];
              rest /= array->shape[axis];
            }
          g_assert_true (single.at == at);
          if (array->item_bytes == 0)
            continue;
          if (left == 0)
            {
              g_assert_true (_weft_array_cursor_next (&joined));
              left = joined.run_bytes;
            }
          g_assert_true (joined.at + (joined.run_bytes - left) == at);
          left -= array->item_bytes;
        }
      for (uint32_t axis = 0; axis < array->n_dims && array->shape[axis] > 0; axis++)
        g_assert_cmpint (n % array->shape[axis], ==, 0);
      g_assert_cmpuint (left, ==, 0);
      weft_value_clear (&value);
    }
}

/* ---- equality -------------------------------------------------------------------------------- */

static void
test_equality_is_bitwise (void)
{
  WeftValue a, b;

  weft_value_set_float64 (&a, 0.0);
  weft_value_set_float64 (&b, -0.0);
  g_assert_false (weft_value_equal (&a, &b));
  weft_value_set_float64 (&a, NAN);
  weft_value_set_float64 (&b, NAN);
  g_assert_true (weft_value_equal (&a, &b));
  weft_value_set_int64 (&a, 1);
  weft_value_set_float64 (&b, 1);
  g_assert_false (weft_value_equal (&a, &b));
  weft_value_set_bool (&b, true);
  g_assert_false (weft_value_equal (&a, &b));
}

/* Whatever one byte is changed in a copy, somewhere in bulk data, is seen. */
static void
test_equality_sees_each_element (void)
{
  int64_t shape[] = { 7, 9 }, turned[] = { 24, 168 }, plain[] = { 216, 24 };

  for (guint i = 0; i < 63; i++)
    {
      WeftBuffer *x = weft_buffer_new (NULL, 63 * 24), *y = weft_buffer_new (NULL, 63 * 24);
      WeftValue a, b;

      for (int64_t row = 0; row < 7; row++)
        for (int64_t column = 0; column < 9; column++)
          {
            memset (x->bytes + row * 216 + column * 24, (int) (row * 9 + column), 24);
            memset (y->bytes + row * 24 + column * 168, (int) (row * 9 + column), 24);
          }
      weft_value_init_array (&a, x, WEFT_DTYPE_FIXED_BYTES, 24, 2, shape, plain, 0);
      weft_value_init_array (&b, y, WEFT_DTYPE_FIXED_BYTES, 24, 2, shape, turned, 0);
      g_assert_true (weft_value_equal (&a, &b));
      y->bytes[i * 24 + (guint) g_test_rand_int_range (0, 24)] ^= 0x80;
      g_assert_false (weft_value_equal (&a, &b));
      weft_value_clear (&a);
      weft_value_clear (&b);
    }
}

/* ---- what goes with a value ------------------------------------------------------------------ */

static void
test_foreign_objects_are_released_once (void)
{
  WeftValue value, copy, other;

  weft_value_init_foreign (&value, &object_class, object_new ("hello"));
  g_assert_cmpuint (weft_value_n_bytes (&value), >=, 5 + sizeof (WeftForeign));
  copy = value;
  weft_value_ref (&copy);
  weft_value_init_foreign (&other, &object_class, object_new ("hello"));
  g_assert_true (weft_value_equal (&value, &other));
  weft_value_clear (&other);
  weft_value_init_foreign (&other, &object_class, object_new ("other"));
  g_assert_false (weft_value_equal (&value, &other));
  weft_value_clear (&other);
  weft_value_clear (&value);
  g_assert_cmpint (n_objects, ==, 1);
  weft_value_clear (&copy);
  g_assert_cmpint (n_objects, ==, 0);
}

static void
test_errors_own_their_parts (void)
{
  WeftErrorValue *error;
  WeftValue value;

  weft_value_init_error (&value, WEFT_FAILED, "key", 0, 5, 2, "no luck");
  g_assert_true (value.type & WEFT_VALUE_SPECIAL);
  error = (WeftErrorValue *) value.u.box;
  error->kind = strdup ("ValueError");
  error->detail = strdup ("line 1");
  error->output = strdup ("last words");
  weft_value_init_foreign (&error->exception, &object_class, object_new ("exception"));
  weft_value_clear (&value);
  g_assert_cmpint (n_objects, ==, 0);
}

/* A managed handle frees what it has in memory, and drops what it has on disk. */
static void
test_managed_values_leave_nothing (void)
{
  g_autoptr (TestDir) dir = test_dir_new ();
  WeftSpillStore *store = weft_spill_store_new (dir, NULL);
  WeftManaged *managed;
  WeftValue value;

  managed = (WeftManaged *) weft_box_alloc (WEFT_TYPE_MANAGED, sizeof *managed);
  weft_value_init_foreign (&managed->value, &object_class, object_new ("in memory"));
  weft_value_take_box (&value, &managed->box);
  g_assert_true (value.type & WEFT_VALUE_SPECIAL);
  weft_value_clear (&value);
  g_assert_cmpint (n_objects, ==, 0);

  weft_value_init_string (&value, NULL, "on disk", 7);
  managed = (WeftManaged *) weft_box_alloc (WEFT_TYPE_MANAGED, sizeof *managed);
  g_assert_true (
      weft_spill_write (store, &value, WEFT_COMPRESSION_NONE, &managed->spill_handle, NULL));
  weft_value_clear (&value);
  managed->store = store;
  g_assert_cmpuint (weft_spill_store_disk_bytes (store), >, 0);
  weft_value_take_box (&value, &managed->box);
  weft_value_clear (&value);
  g_assert_cmpuint (weft_spill_store_disk_bytes (store), ==, 0);
  weft_spill_store_unref (store);
}

/* A view brings its box, the first holder the buffer too; the extent counts a buffer once. */
static void
test_bytes_count_once (void)
{
  WeftBuffer *buffer = weft_buffer_new (NULL, 100000);
  int64_t shape[] = { 100000 };
  WeftValue items[2], list;

  weft_value_init_array (&items[0], buffer, WEFT_DTYPE_UINT8, 0, 1, shape, NULL, 0);
  g_assert_cmpuint (weft_value_n_bytes (&items[0]), >=, 100000);
  weft_value_init_bytes_buffer (&items[1], weft_buffer_ref (buffer), 10, 50000);
  g_assert_cmpuint (weft_value_n_bytes (&items[1]), <, 1000);
  g_assert_cmpint (weft_value_init_bytes_buffer (&list, buffer, 99999, 2), ==, WEFT_FAILED);
  weft_value_init_list (&list, NULL, items, 2);
  g_assert_cmpuint (weft_value_extent_bytes (&list), >=, 100000);
  g_assert_cmpuint (weft_value_extent_bytes (&list), <, 102000);
  weft_value_clear (&list);
}

static void
test_histograms_need_matching_cells (void)
{
  double edges[] = { 0, 1, 2 };
  WeftHistogramAxis axes[] = { { (char *) "x", 2, edges }, { NULL, 2, edges } };
  WeftAccount *account = weft_account_new (NULL);
  WeftBuffer *cells = weft_buffer_new (NULL, 255);
  WeftValue value;

  g_assert_cmpint (weft_value_init_histogram (&value, account, axes, 2, cells, 0), ==, WEFT_FAILED);
  weft_buffer_unref (cells);
  g_assert_cmpint (weft_value_init_histogram (&value, account, axes, 2, NULL, 0), ==, WEFT_OK);
  g_assert_cmpuint (((WeftHistogram *) value.u.box)->n_cells, ==, 16);
  g_assert_cmpint (weft_account_held_bytes (account), ==, 256);
  for (guint i = 0; i < 256; i++)
    g_assert_cmpuint (((WeftHistogram *) value.u.box)->cells->bytes[i], ==, 0);
  weft_value_clear (&value);
  weft_account_unref (account);
}

static void
test_types_have_names (void)
{
  g_assert_cmpstr (weft_type_name (WEFT_TYPE_INT64), ==, "int64");
  g_assert_cmpstr (weft_type_name (WEFT_TYPE_MANAGED), ==, "managed");
  g_assert_cmpstr (weft_type_name (6), ==, "unknown");
  g_assert_cmpstr (weft_type_name (1000), ==, "unknown");
  g_assert_cmpstr (weft_dtype_name (WEFT_DTYPE_DATETIME_NS), ==, "datetime64[ns]");
  g_assert_cmpstr (weft_dtype_name (20), ==, "unknown");
  g_assert_cmpuint (weft_dtype_item_bytes (WEFT_DTYPE_COMPLEX128), ==, 16);
  g_assert_cmpuint (weft_dtype_item_bytes (WEFT_DTYPE_STRING), ==, 0);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  test_add ("store", "value", "strings-of-any-length", test_strings_of_any_length);
  test_add ("store", "value", "long-lists-are-charged", test_long_lists_are_charged);
  test_add ("store", "value", "borrowed-lists-own-nothing", test_borrowed_lists_own_nothing);
  test_add ("store", "value", "depth-takes-no-stack", test_depth_takes_no_stack);
  test_add ("store", "value", "records-share-a-shape", test_records_share_a_shape);
  test_add ("store", "value", "arrays-lie-in-their-buffer", test_arrays_lie_in_their_buffer);
  test_add ("store", "value", "arrays-of-wrong-types-are-refused",
            test_arrays_of_wrong_types_are_refused);
  test_add ("store", "value", "cursor-visits-in-c-order", test_cursor_visits_in_c_order);
  test_add ("store", "value", "equality-is-bitwise", test_equality_is_bitwise);
  test_add ("store", "value", "equality-sees-each-element", test_equality_sees_each_element);
  test_add ("store", "value", "foreign-objects-are-released-once",
            test_foreign_objects_are_released_once);
  test_add ("store", "value", "errors-own-their-parts", test_errors_own_their_parts);
  test_add ("store", "value", "managed-values-leave-nothing", test_managed_values_leave_nothing);
  test_add ("store", "value", "bytes-count-once", test_bytes_count_once);
  test_add ("store", "value", "histograms-need-matching-cells",
            test_histograms_need_matching_cells);
  test_add ("store", "value", "types-have-names", test_types_have_names);
  return g_test_run ();
}
