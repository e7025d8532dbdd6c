/* test-time-scale.c: ticks of time
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "test-support.h"

#include "canvas/number-format.h"
#include "canvas/time-scale.h"

#include <math.h>

#define FIGURE 7.0
#define SECOND INT64_C (1000000000)

static void
assert_apart (const WeftlineTimeScale *scale)
{
  for (unsigned i = 1; i < scale->n_ticks; i++)
    {
      double left = scale->ticks[i - 1].x
                    + (double) g_utf8_strlen (scale->ticks[i - 1].label, -1) * FIGURE / 2;
      double right =
          scale->ticks[i].x - (double) g_utf8_strlen (scale->ticks[i].label, -1) * FIGURE / 2;

      g_assert_cmpint (scale->ticks[i].at_ns, >, scale->ticks[i - 1].at_ns);
      g_assert_cmpfloat (right - left, >=, FIGURE);
      g_assert_cmpstr (scale->ticks[i].label, !=, scale->ticks[i - 1].label);
    }
}

/* Any view: labels keep apart and differ, ticks are inside and where they say, and there are some.
 */
static void
test_any_view (void)
{
  for (unsigned i = 0; i < 20000; i++)
    {
      WeftlineTimeScale scale;
      double width = g_test_rand_double_range (400, 3800);
      int64_t length = (int64_t) exp (g_test_rand_double_range (log (width), log (3e15)));
      int64_t t0 = (int64_t) (g_test_rand_double_range (-0.2, 1)
                              * exp (g_test_rand_double_range (1, log (3e15))));

      weftline_time_scale (&scale, t0, t0 + length, width, FIGURE,
                           i % 2 ? WEFTLINE_TIME_OF_DAY : WEFTLINE_TIME_SINCE_START,
                           1700000000 * SECOND + 123456789);
      assert_apart (&scale);
      g_assert_cmpuint (scale.n_ticks, >=, 1);
      for (unsigned k = 0; k < scale.n_ticks; k++)
        {
          g_assert_cmpint (scale.ticks[k].at_ns, >=, t0);
          g_assert_cmpint (scale.ticks[k].at_ns, <=, t0 + length);
          g_assert_cmpfloat_with_epsilon (
              scale.ticks[k].x, (double) (scale.ticks[k].at_ns - t0) * width / (double) length,
              0.01);
        }
    }
}

typedef struct
{
  int64_t t0, t1;
  WeftlineTimeForm form;
  const char *base, *first, *second;
} Case;

static void
test_labels (void)
{
  static const Case cases[] = {
    { 0, 110 * SECOND, WEFTLINE_TIME_SINCE_START, "", "0 s", "10 s" },
    { 0, 2000, WEFTLINE_TIME_SINCE_START, "", "0 µs", "0.2 µs" },
    { -200, 2000, WEFTLINE_TIME_SINCE_START, "", "−0.2 µs", "0 µs" },
    { 0, 1800 * SECOND, WEFTLINE_TIME_SINCE_START, "", "0 m", "2 m" },
    { 7200 * SECOND, 7260 * SECOND, WEFTLINE_TIME_SINCE_START, "", "2 h 00 m 00 s",
      "2 h 00 m 10 s" },
    { 200 * SECOND, 200 * SECOND + 1000000, WEFTLINE_TIME_SINCE_START, "3 m 20.000 s", "+0 µs",
      "+100 µs" },
    { 0, 10 * SECOND, WEFTLINE_TIME_OF_DAY, "11/14/23", "22:13:20", "22:13:21" },
    { 0, 10, WEFTLINE_TIME_OF_DAY, "11/14/23 22:13:20.000000", "+0 ns", "+1 ns" },
  };

  for (unsigned i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      WeftlineTimeScale scale;
      g_autoptr (GString) text = NULL;

      weftline_time_scale (&scale, cases[i].t0, cases[i].t1, 1000, FIGURE, cases[i].form,
                           1700000000 * SECOND);
      g_assert_cmpstr (scale.base, !=, NULL);
      text = g_string_new (NULL);
      g_string_append_printf (text, "%s|%s|%s", scale.base, scale.ticks[0].label,
                              scale.ticks[1].label);
      g_string_replace (text, WEFTLINE_NO_BREAK_SPACE, " ", 0);
      {
        g_autofree char *expected =
            g_strdup_printf ("%s|%s|%s", cases[i].base, cases[i].first, cases[i].second);

        g_assert_cmpstr (text->str, ==, expected);
      }
    }
}

static void
test_unknown_time_of_day (void)
{
  WeftlineTimeScale scale;

  weftline_time_scale (&scale, 0, 110 * SECOND, 1000, FIGURE, WEFTLINE_TIME_OF_DAY, 0);
  g_assert_cmpstr (scale.ticks[0].label, ==, "0" WEFTLINE_NO_BREAK_SPACE "s");
}

static void
test_moment (void)
{
  int64_t wall = 1700000000 * SECOND + 999999999;
  g_autofree char *since = weftline_format_moment (1500000, WEFTLINE_TIME_SINCE_START, wall);
  g_autofree char *unknown = weftline_format_moment (1500000, WEFTLINE_TIME_OF_DAY, 0);
  g_autofree char *start = weftline_format_moment (0, WEFTLINE_TIME_OF_DAY, wall);
  g_autofree char *later = weftline_format_moment (1500000, WEFTLINE_TIME_OF_DAY, wall);

  g_assert_cmpstr (since, ==, "1.50" WEFTLINE_NO_BREAK_SPACE "ms");
  g_assert_cmpstr (unknown, ==, since);
  g_assert_cmpstr (start, ==, "22:13:20.999");
  g_assert_cmpstr (later, ==, "22:13:21.001");
}

int
main (int argc, char **argv)
{
  g_setenv ("TZ", "UTC", TRUE);
  g_test_init (&argc, &argv, NULL);
  test_add ("ui-canvas", "time-scale", "any-view", test_any_view);
  test_add ("ui-canvas", "time-scale", "labels", test_labels);
  test_add ("ui-canvas", "time-scale", "unknown-time-of-day", test_unknown_time_of_day);
  test_add ("ui-canvas", "time-scale", "moment", test_moment);
  return g_test_run ();
}
