/* test-text.c: values as people and JSON readers see them
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "random-values.h"
#include "test-support.h"

static void
assert_text (const WeftValue *value, const char *json, const char *readable)
{
  g_autofree char *as_json = weft_value_to_text (value, true, 0);
  g_autofree char *as_text = weft_value_to_text (value, false, 0);

  g_assert_cmpstr (as_json, ==, json);
  g_assert_cmpstr (as_text, ==, readable);
}

static void
test_scalars (void)
{
  WeftValue value;

  weft_value_set_none (&value);
  assert_text (&value, "null", "none");
  weft_value_set_bool (&value, true);
  assert_text (&value, "true", "true");
  weft_value_set_int64 (&value, INT64_MIN);
  assert_text (&value, "-9223372036854775808", "-9223372036854775808");
}

static void
test_floats_are_short_and_exact (void)
{
  static const struct
  {
    double f;
    const char *json, *readable;
  } cases[] = {
    { 0.1, "0.1", "0.1" },
    { 5, "5.0", "5.0" },
    { -0.0, "-0.0", "-0.0" },
    { 1e22, "1e+22", "1e+22" },
    { 1.0 / 3, "0.3333333333333333", "0.3333333333333333" },
    { 5e-324, "4.94065645841247e-324", "4.94065645841247e-324" },
    { 0.1 + 0.2, "0.30000000000000004", "0.30000000000000004" },
    { NAN, "{\"$float\": \"nan\"}", "nan" },
    { -INFINITY, "{\"$float\": \"-inf\"}", "-inf" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      WeftValue value;

      weft_value_set_float64 (&value, cases[i].f);
      assert_text (&value, cases[i].json, cases[i].readable);
    }
  for (guint i = 0; i < 10000 / test_slowdown (); i++)
    {
      uint64_t bits = (uint64_t) g_test_rand_int () << 32 | (uint32_t) g_test_rand_int ();
      g_autofree char *text = NULL;
      WeftValue value;

      value = (WeftValue){ WEFT_TYPE_FLOAT64, 0, { .bits = bits } };
      if (!isfinite (value.u.f))
        continue;
      text = weft_value_to_text (&value, true, 0);
      g_assert_true (g_ascii_strtod (text, NULL) == value.u.f);
    }
}

static void
test_strings_and_bytes (void)
{
  WeftValue value, list;

  weft_value_init_string (&value, NULL, "a\"\n\0é", 6);
  weft_value_init_list (&list, NULL, &value, 1);
  assert_text (&list, "[\"a\\\"\\n\\u0000é\"]", "[\"a\\\"\\n\\u0000é\"]");
  weft_value_clear (&list);
  weft_value_init_string (&value, NULL, "plain \"as\" it is", 16);
  assert_text (&value, "\"plain \\\"as\\\" it is\"", "plain \"as\" it is");
  weft_value_clear (&value);
  weft_value_init_bytes (&value, NULL, "\x00\xffok", 4);
  assert_text (&value, "{\"$bytes\": \"AP9vaw==\"}", "b\"\\x00\\xffok\"");
  weft_value_clear (&value);
  weft_value_init_bytes (&value, NULL, NULL, 0);
  assert_text (&value, "{\"$bytes\": \"\"}", "b\"\"");
  weft_value_clear (&value);
}

static void
test_lists_and_records (void)
{
  const char *names[] = { "x", "$ref" };
  WeftRecordShape *shape = weft_record_shape_new (names, 2);
  WeftValue items[2], value, list;

  weft_value_set_int64 (&items[0], 1);
  weft_value_set_float64 (&items[1], 2.5);
  weft_value_init_record (&value, shape, items);
  weft_record_shape_unref (shape);
  weft_value_init_list (&list, NULL, &value, 1);
  ((WeftList *) list.u.box)->tag = "tuple";
  assert_text (&list, "[{\"x\": 1, \"$$ref\": 2.5}]", "({x: 1, $ref: 2.5},)");
  ((WeftList *) list.u.box)->tag = "set";
  assert_text (&list, "[{\"x\": 1, \"$$ref\": 2.5}]", "set({x: 1, $ref: 2.5})");
  weft_value_clear (&list);
}

static void
test_arrays (void)
{
  float numbers[] = { 0.1f, 1, 2, NAN };
  int64_t shape[] = { 2, 2 }, turned[] = { 4, 8 };
  WeftBuffer *buffer = weft_buffer_new (NULL, sizeof numbers);
  WeftValue value;

  memcpy (buffer->bytes, numbers, sizeof numbers);
  weft_value_init_array (&value, buffer, WEFT_DTYPE_FLOAT32, 0, 2, shape, turned, 0);
  assert_text (&value,
               "{\"$array\": {\"dtype\": \"float32\", \"item_bytes\": 4, \"shape\": [2, 2], "
               "\"data\": [[0.1, 2.0], [1.0, {\"$float\": \"nan\"}]]}}",
               "array float32 2×2 [[0.1, 2.0], [1.0, nan]]");
  weft_value_clear (&value);
}

/* Half floats: 0x3555 is 1365/4096, 0x0001 the least, 0xfc00 minus infinity, 0x7bff the largest. */
static void
test_moments_and_halves (void)
{
  uint16_t halves[] = { 0x3555, 0x0001, 0xfc00, 0x7bff };
  int64_t moments[] = { 0, -1, INT64_MIN }, shape[] = { 4 }, three[] = { 3 };
  WeftBuffer *buffer = weft_buffer_new (NULL, sizeof halves);
  WeftValue value;
  g_autofree char *text = NULL;

  memcpy (buffer->bytes, halves, sizeof halves);
  weft_value_init_array (&value, buffer, WEFT_DTYPE_FLOAT16, 0, 1, shape, NULL, 0);
  text = weft_value_to_text (&value, false, 0);
  g_assert_cmpstr (text, ==, "array float16 4 [0.33325195, 5.9604645e-08, -inf, 65504.0]");
  weft_value_clear (&value);

  buffer = weft_buffer_new (NULL, sizeof moments);
  memcpy (buffer->bytes, moments, sizeof moments);
  weft_value_init_array (&value, buffer, WEFT_DTYPE_DATETIME_NS, 0, 1, three, NULL, 0);
  assert_text (&value,
               "{\"$array\": {\"dtype\": \"datetime64[ns]\", \"item_bytes\": 8, \"shape\": [3], "
               "\"data\": [0, -1, -9223372036854775808]}}",
               "array datetime64[ns] 3 [1970-01-01T00:00:00.000000000, "
               "1969-12-31T23:59:59.999999999, NaT]");
  weft_value_clear (&value);
}

static void
test_other_boxes (void)
{
  double edges[] = { 0, 1 };
  WeftHistogramAxis axis = { (char *) "x", 1, edges };
  WeftValue value;

  weft_value_init_file (&value, "/tmp/a b", 12, 7);
  assert_text (&value,
               "{\"$file\": {\"path\": \"/tmp/a b\", \"size_bytes\": 12, \"modified_wall_ns\": 7}}",
               "file \"/tmp/a b\" (12 bytes)");
  weft_value_clear (&value);
  weft_value_init_error (&value, WEFT_FAILED, "sum-1", 0, 0, 2, "no luck");
  assert_text (&value,
               "{\"$error\": {\"key\": \"sum-1\", \"status\": 1, \"attempt\": 2, \"kind\": null, "
               "\"message\": \"no luck\", \"detail\": null, \"output\": null}}",
               "error of sum-1: no luck");
  weft_value_clear (&value);
  weft_value_init_histogram (&value, NULL, &axis, 1, NULL, 3);
  assert_text (&value,
               "{\"$histogram\": {\"n_entries\": 3, \"axes\": [{\"name\": \"x\", \"edges\": [0.0, "
               "1.0]}], \"weights\": [0.0, 0.0, 0.0], \"squares\": [0.0, 0.0, 0.0]}}",
               "histogram of 3 entries [0.0, 0.0, 0.0]");
  weft_value_clear (&value);
  weft_value_init_foreign (&value, &object_class, object_new ("me"));
  assert_text (&value, "{\"$foreign\": {\"class\": \"test-text\", \"text\": \"me\"}}",
               "<test-text: me>");
  weft_value_clear (&value);
}

static void
test_tables (void)
{
  WeftColumn *columns[2] = { weft_column_new ("n", WEFT_DTYPE_INT8, 2),
                             weft_column_new ("s", WEFT_DTYPE_STRING, 2) };
  int64_t offsets[] = { 0, 1, 3 };
  WeftValue value;

  columns[0]->values = weft_buffer_new (NULL, 2);
  columns[0]->values->bytes[0] = 7;
  columns[0]->values->bytes[1] = 0xff;
  columns[1]->validity = weft_buffer_new (NULL, 1);
  columns[1]->validity->bytes[0] = 2;
  columns[1]->offsets = weft_buffer_new (NULL, sizeof offsets);
  memcpy (columns[1]->offsets->bytes, offsets, sizeof offsets);
  columns[1]->values = weft_buffer_new (NULL, 3);
  memcpy (columns[1]->values->bytes, "abc", 3);
  g_assert_cmpint (weft_value_init_table (&value, columns, 2, 3), ==, WEFT_FAILED);
  g_assert_cmpint (weft_value_init_table (&value, columns, 2, 2), ==, WEFT_OK);
  assert_text (&value,
               "{\"$table\": {\"n_rows\": 2, \"columns\": [{\"name\": \"n\", \"dtype\": \"int8\", "
               "\"data\": [7, -1]}, {\"name\": \"s\", \"dtype\": \"string\", \"data\": [null, "
               "\"bc\"]}]}}",
               "table of 2 rows: n int8 [7, -1], s string [none, \"bc\"]");
  weft_value_clear (&value);
}

/* About max_chars and an ellipsis, whatever the value; UTF-8 stays whole. */
static void
test_long_values_are_cut (void)
{
  for (guint i = 0; i < 300 / test_slowdown (); i++)
    {
      size_t max = (size_t) g_test_rand_int_range (1, 200);
      RandomValues random;
      WeftValue value;
      g_autofree char *whole = NULL, *cut = NULL;

      random_values_init (&random, NULL, true);
      random_value (&random, &value, 0);
      whole = weft_value_to_text (&value, false, 0);
      cut = weft_value_to_text (&value, false, max);
      g_assert_true (g_utf8_validate (cut, -1, NULL));
      if (strlen (whole) <= max)
        g_assert_cmpstr (cut, ==, whole);
      else
        {
          g_assert_true (g_str_has_suffix (cut, "…"));
          g_assert_cmpuint (strlen (cut), <=, max + strlen ("…"));
          g_assert_cmpint (strncmp (cut, whole, strlen (cut) - strlen ("…")), ==, 0);
        }
      weft_value_clear (&value);
      random_values_clear (&random);
    }
}

/* An array of a trillion elements that repeat is cut, too. */
static void
test_endless_arrays_are_cut (void)
{
  int64_t shape[] = { 1000000, 1000000 }, strides[] = { 0, 0 };
  g_autofree char *text = NULL;
  WeftValue value;
  WeftBuffer *buffer = weft_buffer_new (NULL, 1);

  buffer->bytes[0] = 7;
  weft_value_init_array (&value, buffer, WEFT_DTYPE_UINT8, 0, 2, shape, strides, 0);
  text = weft_value_to_text (&value, false, 60);
  g_assert_true (g_str_has_prefix (text, "array uint8 1000000×1000000 [[7, 7, 7"));
  g_assert_true (g_str_has_suffix (text, "…"));
  weft_value_clear (&value);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  test_add ("store", "text", "scalars", test_scalars);
  test_add ("store", "text", "floats-are-short-and-exact", test_floats_are_short_and_exact);
  test_add ("store", "text", "strings-and-bytes", test_strings_and_bytes);
  test_add ("store", "text", "lists-and-records", test_lists_and_records);
  test_add ("store", "text", "arrays", test_arrays);
  test_add ("store", "text", "moments-and-halves", test_moments_and_halves);
  test_add ("store", "text", "other-boxes", test_other_boxes);
  test_add ("store", "text", "tables", test_tables);
  test_add ("store", "text", "long-values-are-cut", test_long_values_are_cut);
  test_add ("store", "text", "endless-arrays-are-cut", test_endless_arrays_are_cut);
  return g_test_run ();
}
