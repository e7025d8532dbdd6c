/* test-lane-text.c: tests of what lanes are called
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "test-support.h"

#include "canvas/lane-text.h"

static void
assert_text (const char *name, uint32_t worker, uint32_t nth, const char *expected)
{
  g_autofree char *text = weftline_lane_text (name, worker, nth);

  g_assert_cmpstr (text, ==, expected);
}

/* By name, else by worker; a worker's second lane is told from its first. */
static void
test_names (void)
{
  assert_text ("loader", 3, 1, "loader");
  assert_text ("", 3, 1, "worker 3");
  assert_text ("", 3, 2, "worker 3 (2)");
  assert_text ("loader", 3, 4, "loader (4)");
  assert_text ("", WEFT_NONE, 1, "");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("ui-canvas", "lane-text", "names", test_names);
  return g_test_run ();
}
