/* test-pace.c: how often a run is shown anew
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "test-support.h"

#include "app/weftline-pace.h"

#define MS G_GINT64_CONSTANT (1000000)

/* A machine that does nothing but draw: pictures a second, and the share of the time they take. */
static double
pictures (double cost_ms, unsigned rate, unsigned n_cores, double *share)
{
  WeftlinePace pace = { 0 };
  int64_t now_us = 1000, cpu_ns = 5 * MS;
  const unsigned n = 500;

  for (unsigned i = 0; i < n; i++)
    {
      weftline_pace_shown (&pace, now_us, cpu_ns);
      g_assert_cmpint (weftline_pace_due_us (&pace, rate, n_cores), >, now_us);
      cpu_ns += (int64_t) (cost_ms * 1e6 * g_test_rand_double_range (0.5, 1.5));
      now_us = weftline_pace_due_us (&pace, rate, n_cores);
    }
  *share = (double) (cpu_ns - 5 * MS) / 1e3 / (double) (now_us - 1000) / n_cores;
  return n / ((double) (now_us - 1000) / 1e6);
}

/* As often as is wanted where that is affordable; else a tenth of the machine, but so often at
 * least. */
static void
test_share (void)
{
  static const unsigned rates[] = { 5, 30, 60 };

  for (unsigned i = 0; i < 300; i++)
    {
      double cost_ms = g_test_rand_double_range (0.05, 60), share;
      unsigned rate = rates[g_test_rand_int_range (0, G_N_ELEMENTS (rates))];
      unsigned n_cores = (unsigned) g_test_rand_int_range (1, 33);
      double a_second = pictures (cost_ms, rate, n_cores, &share);

      g_assert_cmpfloat (a_second, <=, rate * 1.001);
      if (cost_ms / 1e3 * rate < WEFTLINE_PACE_SHARE / 2 * n_cores)
        g_assert_cmpfloat (a_second, >=, rate * 0.99);
      if (a_second > WEFTLINE_PACE_LEAST * 1.05)
        g_assert_cmpfloat (share, <=, WEFTLINE_PACE_SHARE * 1.15);
      g_assert_cmpfloat (a_second, >=, MIN (rate, WEFTLINE_PACE_LEAST) * 0.99);
    }
}

/* What a long wait cost is forgotten soon. */
static void
test_forgets (void)
{
  WeftlinePace pace = { 0 };
  int64_t now_us = 1000, cpu_ns = 0;

  weftline_pace_shown (&pace, now_us, cpu_ns);
  g_assert_cmpint (weftline_pace_due_us (&pace, 50, 2), ==, now_us + 20000);
  for (unsigned i = 0; i < 20; i++)
    {
      now_us += 20000;
      cpu_ns += i == 0 ? 500 * MS : MS;
      weftline_pace_shown (&pace, now_us, cpu_ns);
      if (i == 0)
        g_assert_cmpint (weftline_pace_due_us (&pace, 50, 2), ==,
                         now_us + 1000000 / WEFTLINE_PACE_LEAST);
    }
  g_assert_cmpint (weftline_pace_due_us (&pace, 50, 2), <, now_us + 60000);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("ui-app", "pace", "share", test_share);
  test_add ("ui-app", "pace", "forgets", test_forgets);
  return g_test_run ();
}
