/* test-clock.c: where stamps come from, and what they mean
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "base/weft-clock-private.h"
#include "test-support.h"

static WeftClockSource
choose (const char *folder, bool invariant, const char *text)
{
  g_autofree char *path = g_build_filename (folder, "source", NULL);

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  return _weft_clock_choose (invariant, path);
}

/* The counter is read only where it is invariant and the kernel stands on it too. */
static void
test_falls_back (void)
{
  g_autoptr (TestDir) folder = test_dir_new ();
  g_autofree char *missing = g_build_filename (folder, "missing", NULL);

  g_assert_cmpint (choose (folder, true, "tsc\n"), ==, WEFT_CLOCK_TSC);
  g_assert_cmpint (choose (folder, false, "tsc\n"), ==, WEFT_CLOCK_MONOTONIC);
  g_assert_cmpint (choose (folder, true, "hpet\n"), ==, WEFT_CLOCK_MONOTONIC);
  g_assert_cmpint (choose (folder, true, "kvm-clock\n"), ==, WEFT_CLOCK_MONOTONIC);
  g_assert_cmpint (choose (folder, true, ""), ==, WEFT_CLOCK_MONOTONIC);
  g_assert_cmpint (_weft_clock_choose (true, missing), ==, WEFT_CLOCK_MONOTONIC);
}

/* The process does what is chosen, and says so in its map. */
static void
test_source_of_the_process (void)
{
  WeftClockMap map;

  weft_clock_calibrate (&map);
  g_assert_cmpuint (map.source, ==, weft_clock_source ());
  if (_weft_clock_choose (true, WEFT_CLOCK_SOURCE_FILE) == WEFT_CLOCK_MONOTONIC)
    g_assert_cmpint (weft_clock_source (), ==, WEFT_CLOCK_MONOTONIC);
  if (weft_clock_source () == WEFT_CLOCK_MONOTONIC)
    g_assert_cmpuint (map.ticks_per_second, ==, 1000000000);
}

/* After the fall-back a stamp is a nanosecond of CLOCK_MONOTONIC. */
static void
test_monotonic_stamps (void)
{
  for (int i = 0; i < 100; i++)
    {
      int64_t before = weft_clock_mono_ns ();
      int64_t stamp = (int64_t) weft_clock_ticks (WEFT_CLOCK_MONOTONIC);

      g_assert_cmpint (stamp, >=, before);
      g_assert_cmpint (stamp, <=, weft_clock_mono_ns ());
    }
}

/* There and back again, to half a tick; what lies before the count is its beginning. */
static void
test_moments_become_stamps (void)
{
  WeftClockMap map;
  const WeftClockMap fast = { .ticks_per_second = UINT64_C (3000000000),
                              .anchor_ticks = 500,
                              .anchor_mono_ns = 1000 };

  weft_clock_calibrate (&map);
  for (int i = 0; i < 1000; i++)
    {
      int64_t ns = map.anchor_mono_ns + g_test_rand_int () % 1000000000;
      uint64_t ticks = weft_clock_ns_to_ticks (&map, ns);

      g_assert_cmpint (ABS (weft_clock_ticks_to_ns (&map, ticks) - ns), <=, 1);
      g_assert_cmpuint (weft_clock_ns_to_ticks (&map, ns + 1000), >, ticks);
    }
  g_assert_cmpuint (weft_clock_ns_to_ticks (&fast, 1000), ==, 500);
  g_assert_cmpuint (weft_clock_ns_to_ticks (&fast, 2000), ==, 3500);
  g_assert_cmpuint (weft_clock_ns_to_ticks (&fast, 900), ==, 200);
  g_assert_cmpuint (weft_clock_ns_to_ticks (&fast, 0), ==, 0);
}

/* It grows with work, and stands still while the thread sleeps. */
static void
test_cpu_of_the_thread (void)
{
  const int64_t work_ns = 5000000;
  int64_t begin = weft_clock_thread_cpu_ns (), worked, woke;

  while ((worked = weft_clock_thread_cpu_ns ()) < begin + work_ns)
    g_assert_cmpint (worked, >=, begin);
  g_usleep (50000);
  woke = weft_clock_thread_cpu_ns ();
  g_assert_cmpint (woke, >=, worked);
  g_assert_cmpint (woke - worked, <, 40000000);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("base", "clock", "falls-back", test_falls_back);
  test_add ("base", "clock", "source-of-the-process", test_source_of_the_process);
  test_add ("base", "clock", "stamps-after-the-fall-back", test_monotonic_stamps);
  test_add ("base", "clock", "moments-become-stamps", test_moments_become_stamps);
  test_add ("base", "clock", "cpu-of-the-thread", test_cpu_of_the_thread);
  return g_test_run ();
}
