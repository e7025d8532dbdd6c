/* test-observed.c: runs of other programs, as they are heard of while they go on
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "made-fixture.h"

#include "model/weft-past.h"

static WeftModelState
state (Maker *m, uint32_t task)
{
  return weft_model_task_state (m->model, task);
}

/* A process in lane 1 and two threads of it. */
static void
begin_observed (Maker *m)
{
  begin_foreign (m);
  give_foreign_lane (m, 2, WEFT_LANE_THREAD, 1);
  give_foreign_lane (m, 3, WEFT_LANE_THREAD, 1);
  give_one (m, 0, span (WEFT_RECORD_RUN_STATE, WEFT_RUN_RUNNING, WEFT_NONE, 1000, 0, 0));
}

static void
run_task (Maker *m, uint32_t lane, uint32_t task, int64_t start, int64_t end)
{
  give_one (m, lane,
            span (WEFT_RECORD_TASK, WEFT_HOW_FOREIGN, task, (uint64_t) start,
                  (uint64_t) (end - start), 100));
}

static void
release (Maker *m, uint32_t task, int64_t at)
{
  give_one (m, 0, span (WEFT_RECORD_RELEASED, 0, task, (uint64_t) at, 0, 0));
}

/* ---- made again ------------------------------------------------------------------------------ */

static void
assert_there (Maker *m, uint32_t lane, bool is_there)
{
  WeftModelBytes bytes;

  weft_model_lane_bytes (m->model, lane, &bytes);
  g_assert_cmpuint (state (m, 0), ==, is_there ? WEFT_TASK_MEMORY : WEFT_TASK_RELEASED);
  g_assert_cmpuint (bytes.live, ==, is_there ? 100 : 0);
}

static void
assert_was (Maker *m, const int64_t *at_ns, const WeftModelState *states, unsigned n)
{
  WeftModelSnapshot snapshot;
  WeftPast *past;

  weft_model_snapshot (m->model, &snapshot);
  past = weft_past_new (m->model, &snapshot);
  for (unsigned i = 0; i < n; i++)
    {
      WeftMoment *moment = weft_moment_new (past, at_ns[i]);

      g_assert_cmpuint (moment->states[0], ==, states[i]);
      weft_moment_unref (moment);
    }
  weft_past_free (past);
}

/* The worker that held a result is lost, and it is made again: it is there again, and goes when
 * that is told, however often it was read meanwhile. */
static void
test_made_again (void)
{
  static const uint32_t distances[] = { 0, 1 };
  Maker m;

  begin_observed (&m);
  give_segment (&m, 0, 0, distances, 2);
  run_task (&m, 2, 0, 2000, 2010);
  assert_there (&m, 2, true);
  release (&m, 0, 2200);
  assert_there (&m, 2, false);
  run_task (&m, 3, 0, 2300, 2310);
  assert_there (&m, 3, true);
  run_task (&m, 2, 1, 2400, 2410);
  assert_there (&m, 3, true);
  release (&m, 0, 2500);
  assert_there (&m, 3, false);
  assert_was (&m, (int64_t[]){ 1005, 1100, 1250, 1305, 1450, 1600 },
              (WeftModelState[]){ WEFT_TASK_RUNNING, WEFT_TASK_MEMORY, WEFT_TASK_RELEASED,
                                  WEFT_TASK_RELEASED, WEFT_TASK_MEMORY, WEFT_TASK_RELEASED },
              6);
  clear (&m);
}

/* Lane 0 is told first: that the new result was let go of is heard before it is known to be there.
 * What is told twice is not there twice. */
static void
test_let_go_before_told (void)
{
  static const uint32_t distances[] = { 0, 1 };
  Maker m;

  begin_observed (&m);
  give_segment (&m, 0, 0, distances, 2);
  run_task (&m, 2, 0, 2000, 2010);
  release (&m, 0, 2200);
  run_task (&m, 2, 0, 2000, 2010);
  assert_there (&m, 2, false);
  release (&m, 0, 2700);
  run_task (&m, 3, 0, 2600, 2610);
  assert_there (&m, 3, false);
  run_task (&m, 3, 0, 2800, 2810);
  assert_there (&m, 3, true);
  clear (&m);
}

/* Nothing was said of it: it went with the last that reads it, and goes at once when it is made
 * again. What failed and is tried again is there. */
static void
test_made_again_for_nobody (void)
{
  static const uint32_t distances[] = { 0, 1, 0, 1 };
  Maker m;

  begin_observed (&m);
  give_segment (&m, 0, 0, distances, 4);
  run_task (&m, 2, 0, 2000, 2010);
  run_task (&m, 2, 1, 2020, 2030);
  assert_there (&m, 2, false);
  run_task (&m, 2, 0, 2100, 2110);
  assert_there (&m, 2, false);
  give_one (&m, 2, span (WEFT_RECORD_TASK, WEFT_OUTCOME_FAILED << 4, 2, 2200, 10, 0));
  release (&m, 2, 2220);
  run_task (&m, 2, 2, 2300, 2310);
  g_assert_cmpuint (state (&m, 2), ==, WEFT_TASK_MEMORY);
  release (&m, 2, 2400);
  g_assert_cmpuint (state (&m, 2), ==, WEFT_TASK_RELEASED);
  clear (&m);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("model", "observed", "made-again", test_made_again);
  test_add ("model", "observed", "let-go-before-told", test_let_go_before_told);
  test_add ("model", "observed", "made-again-for-nobody", test_made_again_for_nobody);
  return g_test_run ();
}
