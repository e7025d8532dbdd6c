/* test-text.c: tests of sizes, times and arguments as text
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "test-support.h"

#include "cli/weft-cli-private.h"

#include <string.h>

static void
sizes_are_understood (void)
{
  static const struct
  {
    const char *text;
    uint64_t n_bytes;
  } good[] = { { "0", 0 },
               { "512", 512 },
               { "64k", 65536 },
               { "1.5G", 1610612736 },
               { "2GiB", 2147483648 },
               { "3MB", 3000000 },
               { "10 M", 10485760 },
               { "7b", 7 } };
  static const char *const bad[] = { "", "x", "-1", "5Q", "1e30", "nan", "3MX", "2 GiBs" };
  uint64_t n_bytes;

  for (size_t i = 0; i < G_N_ELEMENTS (good); i++)
    {
      GError *error = NULL;

      g_assert_true (_weft_cli_size (good[i].text, &n_bytes, &error));
      g_assert_no_error (error);
      g_assert_cmpuint (n_bytes, ==, good[i].n_bytes);
    }
  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      GError *error = NULL;

      n_bytes = 42;
      g_assert_false (_weft_cli_size (bad[i], &n_bytes, &error));
      test_assert_error (&error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "bytes", NULL);
      g_assert_cmpuint (n_bytes, ==, 42);
    }
}

static void
durations_are_understood (void)
{
  int64_t ns;

  g_assert_true (_weft_cli_duration ("x", "10ms", &ns, NULL));
  g_assert_cmpint (ns, ==, 10000000);
  g_assert_true (_weft_cli_duration ("x", "1.5", &ns, NULL));
  g_assert_cmpint (ns, ==, 1500000000);
  g_assert_true (_weft_cli_duration ("x", "2 min", &ns, NULL));
  g_assert_cmpint (ns, ==, INT64_C (120000000000));
  g_assert_false (_weft_cli_duration ("x", "2 weeks", &ns, NULL));
  g_assert_false (_weft_cli_duration ("x", "-1s", &ns, NULL));
  g_assert_false (_weft_cli_duration ("x", "ms", &ns, NULL));
}

static void
numbers_have_ranges (void)
{
  GError *error = NULL;
  int64_t number;

  g_assert_true (_weft_cli_number ("--workers", "1024", 1, 1024, &number, NULL));
  g_assert_cmpint (number, ==, 1024);
  g_assert_false (_weft_cli_number ("--workers", "1025", 1, 1024, &number, &error));
  test_assert_error (&error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "--workers", "1025",
                     "1 to 1024", NULL);
  g_assert_false (_weft_cli_number ("--workers", "4x", 1, 1024, &number, NULL));
  g_assert_false (_weft_cli_number ("--seed", "99999999999999999999", 0, INT64_MAX, &number, NULL));
}

static void
figures_have_three_digits (void)
{
  static const struct
  {
    int64_t ns;
    const char *text;
  } times[] = { { 0, "0 ns" },
                { 999, "999 ns" },
                { 1234, "1.23 µs" },
                { 999600, "1.00 ms" },
                { 45600000, "45.6 ms" },
                { 1999000000, "2.00 s" },
                { 99000000000, "99.0 s" },
                { 125000000000, "2 min 05 s" },
                { INT64_C (7260000000000), "2 h 01 min" } };

  for (size_t i = 0; i < G_N_ELEMENTS (times); i++)
    {
      g_autofree char *text = _weft_cli_time_text (times[i].ns);

      g_assert_cmpstr (text, ==, times[i].text);
    }
  g_autofree char *small = _weft_cli_bytes_text (1023);
  g_autofree char *large = _weft_cli_bytes_text (UINT64_MAX);
  g_autofree char *count = _weft_cli_count_text (1234567);

  g_assert_cmpstr (small, ==, "1023 B");
  g_assert_cmpstr (large, ==, "16.0 EiB");
  g_assert_cmpstr (count, ==, "1,234,567");
}

static void
json_strings_are_escaped (void)
{
  GString *json = g_string_new (NULL);

  _weft_cli_json_string (json, "a\"b\\c\n\001\xff€");
  g_assert_cmpstr (json->str, ==, "\"a\\\"b\\\\c\\n\\u0001\357\277\275€\"");
  g_string_free (json, TRUE);
}

/* Any text, to any width: never wider, exactly as wide when padded. */
static void
fitting_keeps_the_width (void)
{
  static const char *const pieces[] = { "a", "é", "漢", "\t", "e\314\201", "🧵", "\033", " " };

  for (int round = 0; round < 2000; round++)
    {
      GString *text = g_string_new (NULL);
      uint32_t columns = (uint32_t) g_test_rand_int_range (0, 30);

      for (int i = g_test_rand_int_range (0, 20); i > 0; i--)
        g_string_append (text, pieces[g_test_rand_int_range (0, (int) G_N_ELEMENTS (pieces))]);
      g_autofree char *cut = _weft_cli_fit (text->str, columns, false);
      g_autofree char *padded = _weft_cli_fit (text->str, columns, true);

      g_assert_cmpuint (_weft_cli_columns (cut), <=, columns);
      g_assert_cmpuint (_weft_cli_columns (padded), ==, columns);
      g_assert_true (g_utf8_validate (cut, -1, NULL));
      g_assert_null (strchr (cut, '\033'));
      g_string_free (text, TRUE);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("cli", "text", "sizes-are-understood", sizes_are_understood);
  test_add ("cli", "text", "durations-are-understood", durations_are_understood);
  test_add ("cli", "text", "numbers-have-ranges", numbers_have_ranges);
  test_add ("cli", "text", "figures-have-three-digits", figures_have_three_digits);
  test_add ("cli", "text", "json-strings-are-escaped", json_strings_are_escaped);
  test_add ("cli", "text", "fitting-keeps-the-width", fitting_keeps_the_width);
  return g_test_run ();
}
