/* test-bytes.c: tests of sizes as people write them
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "test-support.h"

#include "canvas/number-format.h"
#include "session/weftline-bytes.h"

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
      g_autofree char *text = weftline_format_bytes (n, WEFTLINE_BYTES_DECIMAL);
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
  test_add ("ui-session", "bytes", "parse", test_parse);
  test_add ("ui-session", "bytes", "round-trip", test_round_trip);
  return g_test_run ();
}
