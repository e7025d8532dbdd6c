/* test-number-format.c: numbers as people read them
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "test-support.h"

#include "canvas/number-format.h"

#include <math.h>

typedef struct
{
  int64_t ns;
  const char *text;
} Duration;

/* With plain spaces, to be read here. */
static char *
plain (char *text)
{
  GString *string = g_string_new (text);

  g_string_replace (string, WEFTLINE_NO_BREAK_SPACE, " ", 0);
  g_string_replace (string, WEFTLINE_NARROW_SPACE, "_", 0);
  g_free (text);
  return g_string_free (string, FALSE);
}

static void
assert_text (char *text, const char *expected)
{
  g_autofree char *got = plain (text);

  g_assert_cmpstr (got, ==, expected);
}

static void
test_durations (void)
{
  static const Duration durations[] = {
    { 0, "0 ns" },
    { 412, "412 ns" },
    { 999, "999 ns" },
    { 1000, "1.00 µs" },
    { 99960, "100 µs" },
    { 999499, "999 µs" },
    { 999500, "1.00 ms" },
    { 3410000000, "3.41 s" },
    { 34150000000, "34.1 s" },
    { 59940000000, "59.9 s" },
    { 59960000000, "1 m 00 s" },
    { 104000000000, "1 m 44 s" },
    { 3599600000000, "1 h 00 m" },
    { 7500000000000, "2 h 05 m" },
    { -3410000000, "−3.41 s" },
    { INT64_MIN, "−2562047 h 47 m" },
  };

  for (unsigned i = 0; i < G_N_ELEMENTS (durations); i++)
    assert_text (weftline_format_duration (durations[i].ns), durations[i].text);
}

static double
value_of (const char *text)
{
  static const struct
  {
    const char *unit;
    double ns;
  } units[] = { { " ns", 1 }, { " µs", 1e3 }, { " ms", 1e6 }, { " s", 1e9 } };
  char *end;
  double value = g_ascii_strtod (text, &end);

  for (unsigned i = 0; i < G_N_ELEMENTS (units); i++)
    if (g_str_equal (end, units[i].unit))
      return value * units[i].ns;
  return -1;
}

/* What is read is what was written, to half a per cent. */
static void
test_durations_are_near (void)
{
  for (unsigned i = 0; i < 10000; i++)
    {
      int64_t ns =
          (int64_t) (1 + g_test_rand_double_range (0, 1) * 59e9) >> g_test_rand_int_range (0, 36);
      g_autofree char *text = plain (weftline_format_duration (ns));

      g_assert_cmpfloat_with_epsilon (value_of (text), (double) ns, 0.0051 * (double) ns + 0.001);
    }
}

static void
test_bytes (void)
{
  assert_text (weftline_format_bytes (0, WEFTLINE_BYTES_DECIMAL), "0 B");
  assert_text (weftline_format_bytes (999, WEFTLINE_BYTES_DECIMAL), "999 B");
  assert_text (weftline_format_bytes (1000, WEFTLINE_BYTES_DECIMAL), "1.00 kB");
  assert_text (weftline_format_bytes (337000000, WEFTLINE_BYTES_DECIMAL), "337 MB");
  assert_text (weftline_format_bytes (999600, WEFTLINE_BYTES_DECIMAL), "1.00 MB");
  assert_text (weftline_format_bytes (1210000000, WEFTLINE_BYTES_DECIMAL), "1.21 GB");
  assert_text (weftline_format_bytes (1023, WEFTLINE_BYTES_BINARY), "1023 B");
  assert_text (weftline_format_bytes (1536, WEFTLINE_BYTES_BINARY), "1.50 KiB");
  assert_text (weftline_format_bytes (UINT64_MAX, WEFTLINE_BYTES_BINARY), "16.0 EiB");
}

static void
test_whole (void)
{
  g_assert_cmpuint (weftline_whole (1e15 + 1), ==, 1000000000000001);
  g_assert_cmpuint (weftline_whole (0.9), ==, 0);
  g_assert_cmpuint (weftline_whole (-3), ==, 0);
  g_assert_cmpuint (weftline_whole (NAN), ==, 0);
  g_assert_cmpuint (weftline_whole (0x1p63), ==, UINT64_C (1) << 63);
  g_assert_cmpuint (weftline_whole (0x1p64), ==, UINT64_MAX);
  g_assert_cmpuint (weftline_whole (INFINITY), ==, UINT64_MAX);
}

static void
test_rough_durations (void)
{
  assert_text (weftline_format_rough_duration (-5), "0.0 s");
  assert_text (weftline_format_rough_duration (430000000), "0.4 s");
  assert_text (weftline_format_rough_duration (9949999999), "9.9 s");
  assert_text (weftline_format_rough_duration (9950000000), "10 s");
  assert_text (weftline_format_rough_duration (59499999999), "59 s");
  assert_text (weftline_format_rough_duration (59500000000), "1 m 00 s");
  assert_text (weftline_format_rough_duration (INT64_C (131000000000)), "2 m 10 s");
  assert_text (weftline_format_rough_duration (INT64_C (1000000000000)), "16 m 30 s");
  assert_text (weftline_format_rough_duration (INT64_C (7520000000000)), "2 h 05 m");
}

static void
test_counts (void)
{
  assert_text (weftline_format_count (0), "0");
  assert_text (weftline_format_count (9999), "9999");
  assert_text (weftline_format_count (12345), "12_345");
  assert_text (weftline_format_count (10000000), "10_000_000");
}

static void
test_shares (void)
{
  assert_text (weftline_format_share (0), "0 %");
  assert_text (weftline_format_share (0.0004), "0.04 %");
  assert_text (weftline_format_share (0.0000001), "0.01 %");
  assert_text (weftline_format_share (0.017), "1.7 %");
  assert_text (weftline_format_share (0.91), "91 %");
  assert_text (weftline_format_share (0.99999), "99.9 %");
  assert_text (weftline_format_share (1), "100 %");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("ui-canvas", "number-format", "durations", test_durations);
  test_add ("ui-canvas", "number-format", "durations-are-near", test_durations_are_near);
  test_add ("ui-canvas", "number-format", "bytes", test_bytes);
  test_add ("ui-canvas", "number-format", "whole", test_whole);
  test_add ("ui-canvas", "number-format", "rough-durations", test_rough_durations);
  test_add ("ui-canvas", "number-format", "counts", test_counts);
  test_add ("ui-canvas", "number-format", "shares", test_shares);
  return g_test_run ();
}
