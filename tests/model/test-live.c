/* test-live.c: a run that goes on is known up to now
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Frames made by hand, of a lane 0 and two workers by a clock of nanoseconds; time 0 is at 1000,
 * where the run begins.
 */
#include "config.h"

#include "made-fixture.h"

#include "model/weft-account.h"
#include "model/weft-held.h"
#include "model/weft-past.h"

static WeftModelState
state (const Maker *m, uint32_t segment, uint32_t number)
{
  return weft_model_task_state (m->model, weft_model_task_of (m->model, segment, number));
}

static void
give_now (Maker *m, uint64_t at, const WeftNowEntry *entries, uint32_t n)
{
  WeftRunFrame frame = { .head = { .kind = WEFT_FRAME_NOW, .watermark = at },
                         .payload = (const uint8_t *) entries };
  g_autoptr (GError) error = NULL;

  frame.head.n_bytes = n * (uint32_t) sizeof *entries;
  g_assert_true (weft_model_add_frame (m->model, &frame, &error));
  g_assert_no_error (error);
}

static WeftNowEntry
in_task (uint32_t lane, uint32_t task, uint64_t since)
{
  return (WeftNowEntry){ .lane = lane,
                         .task = task,
                         .kind = WEFT_RECORD_TASK,
                         .attempt = 1,
                         .start = since,
                         .watermark = since };
}

static WeftNowEntry
in_other (uint32_t lane, uint8_t kind, uint64_t since)
{
  return (WeftNowEntry){ .lane = lane,
                         .task = WEFT_NONE,
                         .segment = WEFT_NONE,
                         .kind = kind,
                         .start = since,
                         .watermark = since };
}

/* Lane 1 runs task 0, lane 2 ran tasks 1 and 2 and is in `kind`. */
static void
give_long_task (Maker *m, uint8_t kind)
{
  static const uint32_t distances[] = { 0, 0, 1, 3 };
  WeftNowEntry entries[] = { in_task (1, 0, 1000), in_other (2, kind, 1300) };

  begin_run (m);
  give_lane (m, 2, WEFT_LANE_THREAD, 0);
  give_segment (m, 0, 0, distances, 4);
  give_one (m, 1, span (WEFT_RECORD_WORKER_START, 0, 7, 1000, 0, 0));
  give_one (m, 2, span (WEFT_RECORD_WORKER_START, 0, 8, 1000, 0, 0));
  give_one (m, 2, span (WEFT_RECORD_TASK, 0, 1, 1000, 100, 64));
  give_one (m, 2, span (WEFT_RECORD_TASK, 0, 2, 1100, 200, 32));
  give_now (m, 1400, entries, 2);
}

/* What a row has, of all time: they add up. */
static void
assert_accounted (const Maker *m, int64_t elapsed_ns, WeftTimeUse use, int64_t ns)
{
  WeftTimeAccount *account = weft_time_account_new (m->model);
  WeftModelSnapshot snapshot;
  WeftTimeRow total;

  weft_model_snapshot (m->model, &snapshot);
  g_assert_cmpint (snapshot.complete_ns, ==, elapsed_ns);
  g_assert_true (weft_time_account_update (account, &snapshot, 1000));
  weft_time_account_total (account, &total);
  g_assert_cmpint (weft_time_account_elapsed (account), ==, elapsed_ns);
  g_assert_cmpint (total.total_ns, ==, 2 * elapsed_ns);
  g_assert_cmpint (total.ns[WEFT_TIME_RUNNING], ==, elapsed_ns + 300);
  g_assert_cmpint (total.ns[use], ==, ns);
  weft_time_account_free (account);
}

/* A lane that goes on in what it was in holds nothing up: time is accounted for up to the look
 * before the last one. */
static void
test_account (void)
{
  static const struct
  {
    uint8_t kind;
    WeftTimeUse use;
  } idle[] = { { WEFT_RECORD_PARKED, WEFT_TIME_NO_TASK },
               { WEFT_RECORD_PAUSED, WEFT_TIME_PAUSED },
               { WEFT_RECORD_MEMORY_PAUSED, WEFT_TIME_MEMORY_PAUSE },
               { WEFT_RECORD_SLOWED, WEFT_TIME_SLOWED } };

  for (unsigned i = 0; i < G_N_ELEMENTS (idle); i++)
    {
      Maker m;

      give_long_task (&m, idle[i].kind);
      give_now (&m, 9000, NULL, 0);
      assert_accounted (&m, 400, idle[i].use, 100);
      give_now (&m, 20000, NULL, 0);
      assert_accounted (&m, 8000, idle[i].use, 7700);
      clear (&m);
    }
}

/* A wait for the next attempt that is not over counts from the failure on. */
static void
test_waits_for_an_attempt (void)
{
  WeftTimeAccount *account;
  WeftModelSnapshot snapshot;
  WeftTimeRow total;
  Maker m;

  give_long_task (&m, WEFT_RECORD_PARKED);
  give_one (&m, 2, span (WEFT_RECORD_PARKED, 0, WEFT_NONE, 1300, 200, 0));
  give_one (&m, 2, span (WEFT_RECORD_TASK, WEFT_OUTCOME_RETRIED << 4, 3, 1500, 100, 0));
  g_assert_cmpuint (state (&m, 0, 3), ==, WEFT_TASK_QUEUED);
  give_now (&m, 2000, (WeftNowEntry[]){ in_other (2, WEFT_RECORD_PARKED, 1600) }, 1);
  give_now (&m, 9000, NULL, 0);
  account = weft_time_account_new (m.model);
  for (unsigned i = 0; i < 3; i++)
    {
      weft_model_snapshot (m.model, &snapshot);
      g_assert_true (weft_time_account_update (account, &snapshot, 1000));
      weft_time_account_total (account, &total);
      g_assert_cmpint (total.ns[WEFT_TIME_RETRY], ==, snapshot.complete_ns - 600);
      g_assert_cmpint (total.total_ns, ==, 2 * snapshot.complete_ns);
      give_now (&m, 10000 + 1000 * i, NULL, 0);
    }
  weft_time_account_free (account);
  clear (&m);
}

/* The past reaches there, too: what runs is running then, and what was held is known. */
static void
test_past_and_held (void)
{
  WeftModelSnapshot snapshot;
  WeftHeldHistory *history;
  WeftHeldSteps steps;
  WeftMoment *moment;
  WeftPast *past;
  Maker m;

  give_long_task (&m, WEFT_RECORD_PARKED);
  give_now (&m, 9000, NULL, 0);
  give_now (&m, 20000, NULL, 0);
  weft_model_snapshot (m.model, &snapshot);
  past = weft_past_new (m.model, &snapshot);
  g_assert_cmpint (weft_past_end_ns (past), ==, 8000);
  moment = weft_moment_new (past, 4000);
  g_assert_cmpuint (moment->states[0], ==, WEFT_TASK_RUNNING);
  g_assert_cmpuint (moment->states[1], ==, WEFT_TASK_RELEASED);
  g_assert_cmpuint (moment->states[2], ==, weft_model_task_state (m.model, 2));
  weft_moment_unref (moment);
  weft_past_free (past);
  history = weft_held_history_new (m.model, &snapshot, 10, 4);
  weft_held_history_steps (history, &steps);
  g_assert_cmpint (steps.end_ns, ==, 8000);
  g_assert_cmpuint (steps.n_results, >, 0);
  weft_held_history_free (history);
  clear (&m);
}

/* A lane that is between things, one that changed, and one that another program tells of, are
 * complete only as far as they say. */
static void
test_not_further_than_told (void)
{
  WeftNowEntry between = in_other (2, 0, 1300);
  WeftNowEntry changed = in_task (1, 3, 15000);
  WeftModelSnapshot snapshot;
  Maker m;

  give_long_task (&m, WEFT_RECORD_PARKED);
  give_now (&m, 9000, &between, 1);
  give_now (&m, 20000, NULL, 0);
  weft_model_snapshot (m.model, &snapshot);
  g_assert_cmpint (snapshot.complete_ns, ==, 300);
  clear (&m);
  give_long_task (&m, WEFT_RECORD_PARKED);
  give_now (&m, 9000, NULL, 0);
  give_one (&m, 1, span (WEFT_RECORD_TASK, 0, 0, 1000, 14000, 0));
  give_now (&m, 20000, &changed, 1);
  weft_model_snapshot (m.model, &snapshot);
  g_assert_cmpint (snapshot.complete_ns, ==, 8000);
  clear (&m);
}

/* A worker that was taken away holds nothing up. */
static void
test_a_worker_is_gone (void)
{
  WeftNowEntry gone = in_other (2, 0, 1300);
  WeftModelSnapshot snapshot;
  Maker m;

  give_long_task (&m, WEFT_RECORD_PARKED);
  give_one (&m, 2, span (WEFT_RECORD_WORKER_STOP, 0, 8, 1300, 0, 0));
  give_now (&m, 9000, &gone, 1);
  give_now (&m, 20000, NULL, 0);
  weft_model_snapshot (m.model, &snapshot);
  g_assert_cmpint (snapshot.complete_ns, ==, 8000);
  clear (&m);
}

/* ---- states ---------------------------------------------------------------------------------- */

/* What has all it needs is queued, in the present as in the past. */
static void
test_ready_is_queued (void)
{
  static const uint32_t distances[] = { 0, 0, 1, 3, 1 };
  WeftNowEntry entry = in_task (1, 0, 1000);
  Maker m;

  begin (&m);
  give_clock (&m, 0, 1000000000, 0, 0);
  give_lane (&m, 0, WEFT_LANE_CONTROL, 0);
  give_lane (&m, 1, WEFT_LANE_THREAD, 0);
  give_segment (&m, 0, 0, distances, 5);
  g_assert_cmpuint (state (&m, 0, 1), ==, WEFT_TASK_WAITING); /* the run has not begun */
  give_one (&m, 0, span (WEFT_RECORD_RUN_STATE, WEFT_RUN_RUNNING, WEFT_NONE, 1000, 0, 0));
  g_assert_cmpuint (state (&m, 0, 0), ==, WEFT_TASK_QUEUED);
  g_assert_cmpuint (state (&m, 0, 1), ==, WEFT_TASK_QUEUED);
  g_assert_cmpuint (state (&m, 0, 2), ==, WEFT_TASK_WAITING);
  give_now (&m, 1100, &entry, 1);
  g_assert_cmpuint (state (&m, 0, 0), ==, WEFT_TASK_RUNNING);
  give_one (&m, 1, span (WEFT_RECORD_TASK, 0, 0, 1000, 300, 0));
  g_assert_cmpuint (state (&m, 0, 3), ==, WEFT_TASK_QUEUED);
  g_assert_cmpuint (state (&m, 0, 4), ==, WEFT_TASK_WAITING);
  give_one (&m, 1, span (WEFT_RECORD_TASK, WEFT_OUTCOME_FAILED << 4, 3, 1300, 100, 0));
  g_assert_cmpuint (state (&m, 0, 4), ==, WEFT_TASK_WAITING); /* what it needs did not end well */
  clear (&m);
}

/* ---- deadlines ------------------------------------------------------------------------------- */

/* The span stands where it ran, whenever the lane's own records come, and is the task's. */
static void
test_past_the_deadline (void)
{
  static const uint32_t distances[] = { 0, 0 };
  WeftRecord records[2];
  WeftNowEntry entry = in_task (1, 1, 1100);
  const WeftSpan *span_of_task;
  WeftModelLane info;
  uint64_t index;
  uint32_t lane;
  Maker m;

  begin_run (&m);
  give_lane (&m, 2, WEFT_LANE_THREAD, 0);
  give_segment (&m, 0, 0, distances, 2);
  records[0] = span (WEFT_RECORD_TIMED_OUT, 0, 1, 1100, 300, 1);
  records[1] = span (WEFT_RECORD_PEER, 0, 1, 1400, 0, 1);
  records[1].flags = WEFT_RECORD_DETAIL;
  give_records (&m, 0, records, 2);
  give_one (&m, 1, span (WEFT_RECORD_TASK, 0, 0, 1000, 100, 0));
  give_now (&m, 1500, &entry, 1);
  give_one (&m, 2, span (WEFT_RECORD_TASK, WEFT_OUTCOME_TIMED_OUT << 4, 1, 1450, 8, 0));
  g_assert_cmpuint (state (&m, 0, 1), ==, WEFT_TASK_ERRED);
  g_assert_true (weft_model_task_span (m.model, 1, &lane, &index));
  g_assert_cmpuint (lane, ==, 1);
  weft_model_lane (m.model, 1, &info);
  g_assert_cmpuint (weft_spans_n (info.spans), ==, 2);
  g_assert_true (weft_spans_is_ordered (info.spans));
  span_of_task = weft_spans_get (info.spans, index);
  g_assert_true (weft_span_is_deadline (span_of_task));
  g_assert_cmpint (span_of_task->start_ns, ==, 100);
  g_assert_cmpint (span_of_task->end_ns, ==, 400);
  g_assert_true (weft_spans_content (span_of_task) & WEFT_SPANS_HAS_ERROR);
  clear (&m);
}

/* A second attempt that fails has a place of its own. */
static void
test_tried_again_after_a_deadline (void)
{
  static const uint32_t distances[] = { 0 };
  WeftRecord records[2], again[2];
  WeftModelSnapshot snapshot;
  WeftMoment *moment;
  WeftPast *past;
  uint64_t index;
  uint32_t lane;
  Maker m;

  begin_run (&m);
  give_lane (&m, 2, WEFT_LANE_THREAD, 0);
  give_segment (&m, 0, 0, distances, 1);
  records[0] = span (WEFT_RECORD_TIMED_OUT, 0, 0, 1000, 300, 1);
  records[1] = span (WEFT_RECORD_PEER, 0, 0, 1300, 0, 1);
  records[1].flags = WEFT_RECORD_DETAIL;
  give_records (&m, 0, records, 2);
  give_now (&m, 1310, (WeftNowEntry[]){ in_task (1, 0, 1000) }, 1);
  give_one (&m, 2, span (WEFT_RECORD_TASK, WEFT_OUTCOME_RETRIED << 4, 0, 1305, 5, 0));
  g_assert_cmpuint (state (&m, 0, 0), ==, WEFT_TASK_QUEUED);
  g_assert_true (weft_model_task_span (m.model, 0, &lane, &index));
  g_assert_cmpuint (lane, ==, 1);
  again[0] = span (WEFT_RECORD_TASK, WEFT_OUTCOME_RETRIED << 4, 0, 1400, 50, 0);
  again[1] = span (WEFT_RECORD_ATTEMPT, 0, 0, 1450, 0, 2);
  again[1].flags = WEFT_RECORD_DETAIL;
  give_records (&m, 2, again, 2);
  g_assert_true (weft_model_task_span (m.model, 0, &lane, &index));
  g_assert_cmpuint (lane, ==, 2);
  give_one (&m, 2, span (WEFT_RECORD_TASK, 0, 0, 1500, 50, 0));
  weft_model_finish (m.model, false);
  weft_model_snapshot (m.model, &snapshot);
  past = weft_past_new (m.model, &snapshot);
  moment = weft_moment_new (past, 425); /* in the second attempt */
  g_assert_cmpuint (moment->states[0], ==, WEFT_TASK_RUNNING);
  weft_moment_unref (moment);
  moment = weft_moment_new (past, 200);
  g_assert_cmpuint (moment->states[0], ==, WEFT_TASK_RUNNING);
  weft_moment_unref (moment);
  weft_past_free (past);
  clear (&m);
}

/* A worker's second lane is told from its first, and from that of another process's worker. */
static void
test_lanes_of_a_worker (void)
{
  static const WeftLaneHead heads[] = {
    { .parent_lane = WEFT_NONE, .worker = 0 }, { .parent_lane = WEFT_NONE, .worker = 1 },
    { .parent_lane = WEFT_NONE, .worker = 0 }, { .parent_lane = WEFT_NONE, .worker = 0 },
    { .parent_lane = 1, .worker = 0 },         { .parent_lane = WEFT_NONE, .worker = WEFT_NONE }
  };
  static const uint32_t expected[] = { 1, 1, 2, 3, 1, 1 };
  Maker m;

  begin (&m);
  give_clock (&m, 0, 1000000000, 0, 0);
  for (uint32_t i = 0; i < G_N_ELEMENTS (heads); i++)
    {
      WeftLaneHead head = heads[i];
      WeftModelLane info;

      head.lane = i;
      put (&m, &head, sizeof head);
      give_well (&m, WEFT_FRAME_LANE, 0);
      weft_model_lane (m.model, i, &info);
      g_assert_cmpuint (info.nth, ==, expected[i]);
    }
  clear (&m);
}

/* ---- changes --------------------------------------------------------------------------------- */

/* Samples and looks at lanes that go on are no change; all else is. */
static void
test_changes (void)
{
  WeftModelSnapshot before, after;
  Maker m;

  give_long_task (&m, WEFT_RECORD_PAUSED);
  weft_model_snapshot (m.model, &before);
  give_one (&m, 0, span (WEFT_RECORD_MEMORY, 0, WEFT_MEMORY_RESIDENT, 1500, 0, 4096));
  give_now (&m, 9000, (WeftNowEntry[]){ in_other (0, 0, 0), in_task (1, 0, 1000) }, 2);
  give_now (&m, 9500, (WeftNowEntry[]){ { .lane = 0, .task = WEFT_NONE, .watermark = 9300 } }, 1);
  weft_model_snapshot (m.model, &before);
  give_one (&m, 0, span (WEFT_RECORD_MEMORY, 0, WEFT_MEMORY_RESIDENT, 9600, 0, 4096));
  give_now (&m, 10000, NULL, 0);
  weft_model_snapshot (m.model, &after);
  g_assert_cmpuint (after.n_changes, ==, before.n_changes);
  g_assert_cmpuint (after.serial, >, before.serial);
  g_assert_cmpint (after.last_ns, >, before.last_ns);
  give_one (&m, 0, span (WEFT_RECORD_RUN_STATE, WEFT_RUN_RUNNING, WEFT_NONE, 10100, 0, 0));
  weft_model_snapshot (m.model, &before);
  g_assert_cmpuint (after.n_changes, <, before.n_changes);
  give_now (&m, 11000, (WeftNowEntry[]){ in_other (2, WEFT_RECORD_PARKED, 10100) }, 1);
  weft_model_snapshot (m.model, &after);
  g_assert_cmpuint (after.n_changes, >, before.n_changes);
  clear (&m);
}

/* How long a run takes is told from its begin to its end, whatever comes before and after. */
static void
test_elapsed (void)
{
  WeftModelSnapshot snapshot;
  Maker m;

  begin (&m);
  give_clock (&m, 0, 1000000000, 0, 0);
  give_lane (&m, 0, WEFT_LANE_CONTROL, 0);
  give_one (&m, 0, span (WEFT_RECORD_RUN_STATE, WEFT_RUN_PREPARED, WEFT_NONE, 1000, 0, 0));
  give_one (&m, 0, span (WEFT_RECORD_RUN_STATE, WEFT_RUN_RUNNING, WEFT_NONE, 1300, 0, 0));
  give_now (&m, 1700, NULL, 0);
  weft_model_snapshot (m.model, &snapshot);
  g_assert_cmpint (weft_model_elapsed (&snapshot), ==, 400);
  give_one (&m, 0, span (WEFT_RECORD_RUN_STATE, WEFT_RUN_DONE, WEFT_NONE, 2000, 0, 0));
  give_one (&m, 0, span (WEFT_RECORD_MEMORY, 0, WEFT_MEMORY_RESIDENT, 2500, 0, 4096));
  weft_model_finish (m.model, false);
  weft_model_snapshot (m.model, &snapshot);
  g_assert_cmpint (weft_model_elapsed (&snapshot), ==, 700);
  clear (&m);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("model", "live", "account", test_account);
  test_add ("model", "live", "waits-for-an-attempt", test_waits_for_an_attempt);
  test_add ("model", "live", "past-and-held", test_past_and_held);
  test_add ("model", "live", "not-further-than-told", test_not_further_than_told);
  test_add ("model", "live", "a-worker-is-gone", test_a_worker_is_gone);
  test_add ("model", "live", "ready-is-queued", test_ready_is_queued);
  test_add ("model", "live", "past-the-deadline", test_past_the_deadline);
  test_add ("model", "live", "tried-again-after-a-deadline", test_tried_again_after_a_deadline);
  test_add ("model", "live", "lanes-of-a-worker", test_lanes_of_a_worker);
  test_add ("model", "live", "changes", test_changes);
  test_add ("model", "live", "elapsed", test_elapsed);
  return g_test_run ();
}
