/* test-observed.c: runs of other programs, as they are heard of while they go on
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "made-fixture.h"

#include "model/weft-account.h"
#include "model/weft-past.h"

#define MS INT64_C (1000000)

static WeftModelState
state (Maker *m, uint32_t task)
{
  return weft_model_task_state (m->model, task);
}

static void
give_now (Maker *m, int64_t at, const WeftNowEntry *entries, uint32_t n)
{
  WeftRunFrame frame = { .head = { .kind = WEFT_FRAME_NOW,
                                   .n_bytes = n * (uint32_t) sizeof *entries,
                                   .watermark = (uint64_t) at },
                         .payload = (const uint8_t *) entries };
  g_autoptr (GError) error = NULL;

  weft_model_add_frame (m->model, &frame, &error);
  g_assert_no_error (error);
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

/* ---- told of --------------------------------------------------------------------------------- */

/* Nothing was to be done for 19 s. Then two tasks are told of: one runs, the other waits. */
static void
give_late_graph (Maker *m)
{
  static const uint32_t distances[] = { 0, 0 };

  begin_foreign (m);
  give_foreign_lane (m, 2, WEFT_LANE_THREAD, 1);
  give_foreign_lane (m, 3, WEFT_LANE_THREAD, 1);
  give_one (m, 0, span (WEFT_RECORD_RUN_STATE, WEFT_RUN_RUNNING, WEFT_NONE, MS, 0, 0));
  give_one (m, 1, span (WEFT_RECORD_MEMORY, 0, 2, MS, 0, 1000));
  give_now (m, 19001 * MS, NULL, 0);
  give_segment (m, 0, 0, distances, 2);
  run_task (m, 2, 0, 19051 * MS, 19251 * MS);
  give_now (m, 19101 * MS, NULL, 0);
  run_task (m, 3, 1, 19401 * MS, 19501 * MS);
  give_one (m, 0, span (WEFT_RECORD_RUN_STATE, WEFT_RUN_DONE, WEFT_NONE, 20001 * MS, 0, 0));
  weft_model_finish (m->model, false);
}

static void
test_told_of_late (void)
{
  WeftTimeAccount *account;
  WeftModelSnapshot snapshot;
  WeftTimeRow total;
  int64_t told_ns;
  Maker m;

  give_late_graph (&m);
  g_assert_true (weft_model_segment_told (m.model, 0, &told_ns));
  g_assert_cmpint (told_ns, ==, 19100 * MS);
  weft_model_snapshot (m.model, &snapshot);
  account = weft_time_account_new (m.model);
  g_assert_true (weft_time_account_update (account, &snapshot, 1000));
  weft_time_account_total (account, &total);
  g_assert_cmpint (total.ns[WEFT_TIME_RUNNING], ==, 300 * MS);
  g_assert_cmpint (total.ns[WEFT_TIME_SCHEDULER], ==, 300 * MS);
  g_assert_cmpint (total.ns[WEFT_TIME_NO_TASK], ==, 2 * 20000 * MS - 600 * MS);
  weft_time_account_free (account);
  assert_was (&m, (int64_t[]){ 10000 * MS, 19040 * MS, 19060 * MS },
              (WeftModelState[]){ WEFT_TASK_WAITING, WEFT_TASK_WAITING, WEFT_TASK_RUNNING }, 3);
  clear (&m);
}

/* What came with the run's begin was ready then, and so was all of an own run. */
static void
test_told_of_at_once (void)
{
  static const uint32_t distances[] = { 0 };
  int64_t told_ns;
  Maker m;

  begin_observed (&m);
  give_segment (&m, 0, 0, distances, 1);
  give_now (&m, 2000, NULL, 0);
  g_assert_false (weft_model_segment_told (m.model, 0, &told_ns));
  give_segment (&m, 1, 0, distances, 1);
  g_assert_true (weft_model_segment_told (m.model, 1, &told_ns));
  g_assert_cmpint (told_ns, ==, INT64_MAX);
  clear (&m);
  begin_run (&m);
  give_now (&m, 2000, NULL, 0);
  give_segment (&m, 0, 0, distances, 1);
  give_now (&m, 3000, NULL, 0);
  g_assert_false (weft_model_segment_told (m.model, 0, &told_ns));
  clear (&m);
}

/* ---- killed ---------------------------------------------------------------------------------- */

/* Its file is complete, but nobody said how what ran went on. */
static void
test_killed (void)
{
  static const uint32_t distances[] = { 0, 0, 1 };
  const WeftNowEntry entry = { .lane = 2, .kind = WEFT_RECORD_TASK, .start = 2000, .attempt = 1 };
  WeftModelSnapshot snapshot;
  WeftModelNow now;
  Maker m;

  begin_observed (&m);
  give_segment (&m, 0, 0, distances, 3);
  give_now (&m, 3000, &entry, 1);
  run_task (&m, 3, 1, 2500, 3500);
  give_one (&m, 0, span (WEFT_RECORD_RUN_STATE, WEFT_RUN_INTERRUPTED, WEFT_NONE, 4000, 0, 0));
  give_now (&m, 4000, NULL, 0);
  weft_model_finish (m.model, false);
  weft_model_snapshot (m.model, &snapshot);
  g_assert_cmpuint (snapshot.phase, ==, WEFT_RUN_INTERRUPTED);
  g_assert_cmpuint (state (&m, 0), ==, WEFT_TASK_RUNNING);
  g_assert_cmpuint (snapshot.n_states[WEFT_TASK_CANCELLED], ==, 0);
  g_assert_true (weft_model_has_nows (&snapshot));
  g_assert_true (weft_model_now (m.model, 2, &now));
  g_assert_cmpuint (now.task, ==, 0);
  g_assert_cmpint (now.start_ns, ==, 1000);
  g_assert_cmpint (snapshot.last_ns, ==, 3000);
  clear (&m);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("model", "observed", "made-again", test_made_again);
  test_add ("model", "observed", "let-go-before-told", test_let_go_before_told);
  test_add ("model", "observed", "made-again-for-nobody", test_made_again_for_nobody);
  test_add ("model", "observed", "told-of-late", test_told_of_late);
  test_add ("model", "observed", "told-of-at-once", test_told_of_at_once);
  test_add ("model", "observed", "killed", test_killed);
  return g_test_run ();
}
