/* test-format.c: tests of times, bytes and counts as people read them
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "test-support.h"

#include "session/weftline-format.h"

#include <string.h>

#define NB "\u202f"

static void
assert_text (char *text, const char *expected)
{
  g_assert_cmpstr (text, ==, expected);
  g_free (text);
}

static void
test_durations (void)
{
  assert_text (weftline_format_duration (0), "0" NB "ns");
  assert_text (weftline_format_duration (999), "999" NB "ns");
  assert_text (weftline_format_duration (1210), "1.21" NB "µs");
  assert_text (weftline_format_duration (999400), "999" NB "µs");
  assert_text (weftline_format_duration (999600), "1.00" NB "ms");
  assert_text (weftline_format_duration (640000000), "640" NB "ms");
  assert_text (weftline_format_duration (2410000000), "2.41" NB "s");
  assert_text (weftline_format_duration (59949999999), "59.9" NB "s");
  assert_text (weftline_format_duration (59950000000), "1" NB "m 00" NB "s");
  assert_text (weftline_format_duration (843000000000), "14" NB "m 03" NB "s");
  assert_text (weftline_format_duration (7500000000000), "2" NB "h 05" NB "m");
}

/* Never more than four characters of figures, never a unit's thousandfold. */
static void
test_three_figures (void)
{
  for (int i = 0; i < 2000; i++)
    {
      uint64_t n = (uint64_t) (uint32_t) g_test_rand_int () >> g_test_rand_int_range (0, 31);
      g_autofree char *text =
          weftline_format_bytes (n * (uint64_t) g_test_rand_int_range (1, 5000));
      size_t figures = strspn (text, "0123456789.");

      g_assert_cmpuint (figures, >=, 1);
      g_assert_cmpuint (figures, <=, 4);
      g_assert_cmpfloat (g_ascii_strtod (text, NULL), <, 1000);
    }
}

static void
test_parse (void)
{
  uint64_t n = 7;

  g_assert_true (weftline_parse_bytes ("2 GB", &n));
  g_assert_cmpuint (n, ==, 2000000000);
  g_assert_true (weftline_parse_bytes (" 1,5 MiB ", &n));
  g_assert_cmpuint (n, ==, 1572864);
  g_assert_true (weftline_parse_bytes ("", &n));
  g_assert_cmpuint (n, ==, 0);
  n = 7;
  g_assert_false (weftline_parse_bytes ("-1 GB", &n));
  g_assert_false (weftline_parse_bytes ("2 parsecs", &n));
  g_assert_false (weftline_parse_bytes ("inf", &n));
  g_assert_cmpuint (n, ==, 7);
}

/* What is printed is read again, to three figures. */
static void
test_round_trip (void)
{
  for (int i = 0; i < 2000; i++)
    {
      uint64_t n =
          (uint64_t) (uint32_t) g_test_rand_int () * (uint64_t) g_test_rand_int_range (1, 1000000);
      g_autofree char *text = weftline_format_bytes (n);
      uint64_t again;

      if (!weftline_parse_bytes (text, &again))
        g_error ("“%s” was not understood", text);
      g_assert_cmpfloat_with_epsilon ((double) again, (double) n, (double) n * 0.005 + 1);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("ui-session", "format", "durations", test_durations);
  test_add ("ui-session", "format", "three-figures", test_three_figures);
  test_add ("ui-session", "format", "parse", test_parse);
  test_add ("ui-session", "format", "round-trip", test_round_trip);
  return g_test_run ();
}
