/* test-lane-gone.c: tests of whether a lane's worker has left
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "../ui-workers/workers-fixture.h"

#include "canvas/lane-gone.h"

/* Two workers: lanes 1 and 2 are of the first, 3 and 4 of the other. */
static void
begin_pair (Maker *m)
{
  begin (m);
  give_clock (m, 0, 1000000000, 0, 0);
  give_lane (m, 0, WEFT_LANE_CONTROL, 0);
  give_one (m, 0, span (WEFT_RECORD_RUN_STATE, WEFT_RUN_RUNNING, WEFT_NONE, 0, 0, 0));
  for (uint32_t i = 0; i < 2; i++)
    {
      give_worker (m, 1 + 2 * i, i, "worker", 1, 0);
      give_thread (m, 2 + 2 * i, 1 + 2 * i, i);
      give_memory (m, 1 + 2 * i, WEFT_MEMORY_RESIDENT, 10 * MS, GB);
      give_task (m, 2 + 2 * i, WEFT_OUTCOME_OK, WEFT_NONE, 20 * MS, MS);
    }
}

/* The worker's own lane and those below it, not those of others; before that it was there. */
static void
test_leaves (void)
{
  Maker m;

  begin_pair (&m);
  for (uint32_t lane = 0; lane < 5; lane++)
    g_assert_cmpint (weftline_lane_gone (m.model, lane, INT64_MAX), ==, WEFTLINE_NOT_GONE);
  give_gone (&m, 1, 50 * MS);
  g_assert_cmpint (weftline_lane_gone (m.model, 0, INT64_MAX), ==, WEFTLINE_NOT_GONE);
  for (uint32_t lane = 1; lane < 3; lane++)
    {
      g_assert_cmpint (weftline_lane_gone (m.model, lane, INT64_MAX), ==, 50 * MS);
      g_assert_cmpint (weftline_lane_gone (m.model, lane, 50 * MS), ==, 50 * MS);
      g_assert_cmpint (weftline_lane_gone (m.model, lane, 50 * MS - 1), ==, WEFTLINE_NOT_GONE);
    }
  for (uint32_t lane = 3; lane < 5; lane++)
    g_assert_cmpint (weftline_lane_gone (m.model, lane, INT64_MAX), ==, WEFTLINE_NOT_GONE);
  clear (&m);
}

/* Who is measured again, or runs something, is back; at the time between it was gone. */
static void
test_comes_back (void)
{
  Maker m;

  begin_pair (&m);
  give_gone (&m, 1, 50 * MS);
  give_gone (&m, 3, 50 * MS);
  give_memory (&m, 1, WEFT_MEMORY_RESIDENT, 70 * MS, GB);
  give_task (&m, 4, WEFT_OUTCOME_OK, WEFT_NONE, 80 * MS, MS);
  g_assert_cmpint (weftline_lane_gone (m.model, 1, INT64_MAX), ==, WEFTLINE_NOT_GONE);
  g_assert_cmpint (weftline_lane_gone (m.model, 2, INT64_MAX), ==, WEFTLINE_NOT_GONE);
  g_assert_cmpint (weftline_lane_gone (m.model, 4, INT64_MAX), ==, WEFTLINE_NOT_GONE);
  g_assert_cmpint (weftline_lane_gone (m.model, 1, 60 * MS), ==, 50 * MS);
  give_gone (&m, 1, 90 * MS);
  g_assert_cmpint (weftline_lane_gone (m.model, 2, INT64_MAX), ==, 90 * MS);
  clear (&m);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("ui-canvas", "lane-gone", "leaves", test_leaves);
  test_add ("ui-canvas", "lane-gone", "comes-back", test_comes_back);
  return g_test_run ();
}
