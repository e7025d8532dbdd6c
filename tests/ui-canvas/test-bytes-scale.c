/* test-bytes-scale.c: ticks of bytes
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "test-support.h"

#include "canvas/bytes-scale.h"

#include <math.h>

/* Whatever has to find room: ticks go up from 0 by the step, are apart, inside and differ. */
static void
test_any_size (void)
{
  for (int i = 0; i < 20000; i++)
    {
      uint64_t most = (uint64_t) exp (g_test_rand_double_range (0, 43));
      double height = g_test_rand_double_range (1, 2000), apart = g_test_rand_double_range (10, 60);
      WeftlineBytesScale scale;

      weftline_bytes_scale (&scale, most, height, apart, i % 2);
      g_assert_cmpuint (scale.top, >=, most);
      g_assert_cmpfloat ((double) scale.top, <=, (double) most * 1.1 + 1);
      g_assert_cmpuint (scale.n_ticks, >=, 1);
      for (unsigned k = 0; k < scale.n_ticks; k++)
        {
          g_assert_cmpuint (scale.ticks[k].bytes, ==, k * scale.step);
          g_assert_cmpuint (scale.ticks[k].bytes, <=, scale.top);
          g_assert_cmpfloat (scale.ticks[k].y, <=, height);
          if (k == 0)
            continue;
          g_assert_cmpfloat (scale.ticks[k].y - scale.ticks[k - 1].y, >=, apart * 0.999);
          g_assert_cmpstr (scale.ticks[k].label, !=, scale.ticks[k - 1].label);
        }
    }
}

static void
test_labels (void)
{
  WeftlineBytesScale scale;

  weftline_bytes_scale (&scale, 44000000, 200, 40, WEFTLINE_BYTES_DECIMAL);
  g_assert_cmpuint (scale.step, ==, 10000000);
  g_assert_cmpstr (scale.ticks[0].label, ==, "0" WEFTLINE_NO_BREAK_SPACE "B");
  g_assert_cmpstr (scale.ticks[4].label, ==, "40" WEFTLINE_NO_BREAK_SPACE "MB");
  weftline_bytes_scale (&scale, UINT64_C (1400000000), 200, 60, WEFTLINE_BYTES_DECIMAL);
  g_assert_cmpstr (scale.ticks[1].label, ==, "500" WEFTLINE_NO_BREAK_SPACE "MB");
  weftline_bytes_scale (&scale, 3 << 20, 200, 60, WEFTLINE_BYTES_BINARY);
  g_assert_cmpstr (scale.ticks[1].label, ==, "1" WEFTLINE_NO_BREAK_SPACE "MiB");
}

static void
test_extremes (void)
{
  WeftlineBytesScale scale;

  weftline_bytes_scale (&scale, 0, 100, 20, WEFTLINE_BYTES_DECIMAL);
  g_assert_cmpuint (scale.n_ticks, >=, 1);
  g_assert_cmpfloat (weftline_bytes_y (&scale, UINT64_MAX, 100), ==, 100);
  weftline_bytes_scale (&scale, UINT64_MAX, 100, 20, WEFTLINE_BYTES_DECIMAL);
  g_assert_cmpuint (scale.top, ==, UINT64_MAX);
  weftline_bytes_scale (&scale, 1000, 0, 20, WEFTLINE_BYTES_DECIMAL);
  g_assert_cmpuint (scale.n_ticks, ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("ui-canvas", "bytes-scale", "any-size", test_any_size);
  test_add ("ui-canvas", "bytes-scale", "labels", test_labels);
  test_add ("ui-canvas", "bytes-scale", "extremes", test_extremes);
  return g_test_run ();
}
