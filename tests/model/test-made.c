/* test-made.c: frames made by hand, for what the engine does not write
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Segments that grow, other clocks, attempts past their deadline, results that were kept or let go
 * of otherwise, and a foreign scheduler's own words.
 */
#include "config.h"

#include "made-fixture.h"
#include "model/weft-model-private.h"
#include "model/weft-past.h"

/* The last moment of the past is the present; of what has not ended the past may know more. */
static void
assert_past_and_present (WeftModel *model)
{
  WeftModelSnapshot snapshot;
  WeftMoment *moment;
  WeftPast *past;

  weft_model_snapshot (model, &snapshot);
  past = weft_past_new (model, &snapshot);
  moment = weft_moment_new (past, snapshot.last_ns);
  g_assert_cmpuint (moment->n_tasks, ==, snapshot.n_tasks);
  for (uint32_t task = 0; task < snapshot.n_tasks; task++)
    {
      WeftModelState now = weft_model_task_state (model, task);

      if (now < WEFT_TASK_MEMORY)
        g_assert_cmpuint (moment->states[task], <, WEFT_TASK_MEMORY);
      else
        g_assert_cmpuint (moment->states[task], ==, now);
    }
  weft_moment_unref (moment);
  weft_past_free (past);
}

static WeftModelState
state (Maker *m, uint32_t segment, uint32_t number)
{
  assert_past_and_present (m->model);
  return weft_model_task_state (m->model, weft_model_task_of (m->model, segment, number));
}

static void
run_task (Maker *m, uint32_t task, uint64_t start)
{
  give_one (m, 1, span (WEFT_RECORD_TASK, WEFT_OUTCOME_OK << 4, task, start, 10, 100));
}

/* Results that were let go of are read again when the segment has grown. */
static void
test_growing_segment (void)
{
  static const uint32_t first[] = { 0, 1, 1 }, more[] = { 1, 4 }, other[] = { 0, 0 };
  WeftModelGroup group;
  WeftGraph *before;
  Maker m;

  begin_run (&m);
  give_segment (&m, 0, 0, first, 3);
  for (uint32_t i = 0; i < 3; i++)
    run_task (&m, i, 2000 + 10 * i);
  for (uint32_t i = 0; i < 3; i++)
    g_assert_cmpuint (state (&m, 0, i), ==, WEFT_TASK_RELEASED);
  give_segment (&m, 1, 0, other, 2);
  before = weft_model_graph (m.model, 0);
  give_segment (&m, 0, 3, more, 2);
  assert_counts (m.model);
  g_assert_cmpuint (weft_model_task_of (m.model, 0, 2), ==, 2);
  g_assert_cmpuint (weft_model_task_of (m.model, 0, 3), ==, 5);
  g_assert_cmpuint (weft_model_find_key (m.model, "g-4"), ==, 6);
  g_assert_cmpuint (weft_model_task_of (m.model, 1, 2), ==, WEFT_NONE);
  g_assert_true (weft_model_graph (m.model, 0) != before);
  g_assert_cmpuint (weft_graph_arrays (before)->n_tasks, ==, 3); /* is still there */
  g_assert_cmpuint (state (&m, 0, 0), ==, WEFT_TASK_MEMORY);
  g_assert_cmpuint (state (&m, 0, 1), ==, WEFT_TASK_RELEASED);
  g_assert_cmpuint (state (&m, 0, 2), ==, WEFT_TASK_MEMORY);
  weft_model_group (m.model, 0, &group);
  g_assert_cmpuint (group.live_bytes, ==, 200);
  run_task (&m, 3, 3000);
  g_assert_cmpuint (state (&m, 0, 2), ==, WEFT_TASK_RELEASED);
  run_task (&m, 4, 3010);
  weft_model_group (m.model, 0, &group);
  g_assert_cmpuint (group.live_bytes, ==, 0);
  g_assert_cmpuint (group.n_tasks, ==, 7);
  g_assert_cmpuint (group.n_states[WEFT_TASK_RELEASED], ==, 5);
  assert_counts (m.model);
  clear (&m);
}

static void
test_bad_growth (void)
{
  static const uint32_t distances[] = { 0, 1, 1 };
  WeftSegmentHead head = { .flags = WEFT_SEGMENT_FIRST | WEFT_SEGMENT_LAST | WEFT_SEGMENT_OPEN,
                           .n_tasks = 2,
                           .parent_segment = WEFT_NONE,
                           .parent_task = WEFT_NONE };
  GError *error = NULL;
  Maker m;

  begin_run (&m);
  give_segment (&m, 0, 0, distances, 3);
  put (&m, &head, sizeof head); /* it cannot shrink */
  put_summary (&m, 2, 0);
  g_assert_false (give (&m, WEFT_FRAME_SEGMENT, 0, &error));
  test_assert_error (&error, WEFT_MODEL_ERROR, WEFT_MODEL_ERROR_CONTENT, "segment 0", NULL);
  head.segment = 1; /* nor does a piece come from nowhere */
  head.flags = WEFT_SEGMENT_LAST;
  put (&m, &head, sizeof head);
  put_tasks (&m, 0, distances, 2);
  g_assert_false (give (&m, WEFT_FRAME_SEGMENT, 0, &error));
  test_assert_error (&error, WEFT_MODEL_ERROR, WEFT_MODEL_ERROR_CONTENT, "segment 1", NULL);
  assert_counts (m.model);
  clear (&m);
}

static void
assert_state_at (Maker *m, int64_t at_ns, WeftModelState state_then)
{
  WeftModelSnapshot snapshot;
  WeftMoment *moment;
  WeftPast *past;

  weft_model_snapshot (m->model, &snapshot);
  past = weft_past_new (m->model, &snapshot);
  moment = weft_moment_new (past, at_ns);
  g_assert_cmpuint (moment->states[0], ==, state_then);
  weft_moment_unref (moment);
  weft_past_free (past);
}

/* ---- records --------------------------------------------------------------------------------- */

static void
test_past_the_deadline (void)
{
  static const uint32_t distances[] = { 0 };
  uint32_t lane;
  uint64_t index;
  Maker m;

  begin_run (&m);
  give_segment (&m, 0, 0, distances, 1);
  give_one (&m, 0, span (WEFT_RECORD_TIMED_OUT, 0, 0, 2000, 500, 1));
  g_assert_cmpuint (state (&m, 0, 0), ==, WEFT_TASK_QUEUED);
  give_one (&m, 1, span (WEFT_RECORD_TASK, WEFT_OUTCOME_TIMED_OUT << 4, 0, 2600, 0, 0));
  g_assert_cmpuint (state (&m, 0, 0), ==, WEFT_TASK_ERRED);
  assert_state_at (&m, 999, WEFT_TASK_QUEUED);
  assert_state_at (&m, 1000, WEFT_TASK_RUNNING);
  assert_state_at (&m, 1599, WEFT_TASK_RUNNING);
  assert_state_at (&m, 1600, WEFT_TASK_ERRED);
  g_assert_true (weft_model_task_span (m.model, 0, &lane, &index));
  g_assert_cmpuint (lane, ==, 0);
  g_assert_cmpuint (weft_model_task_attempts (m.model, 0), ==, 1);
  clear (&m);
}

static void
test_late_result (void)
{
  static const uint32_t distances[] = { 0 };
  WeftRecord late = span (WEFT_RECORD_TASK, WEFT_OUTCOME_OK << 4, 0, 2000, 900, 8);
  Maker m;

  begin_run (&m);
  give_segment (&m, 0, 0, distances, 1);
  give_one (&m, 1, span (WEFT_RECORD_TASK, WEFT_OUTCOME_TIMED_OUT << 4, 0, 2000, 500, 0));
  late.flags = WEFT_RECORD_LATE;
  give_one (&m, 1, late);
  g_assert_cmpuint (state (&m, 0, 0), ==, WEFT_TASK_ERRED);
  clear (&m);
}

/* A span in pieces ends with its last. */
static void
test_continued (void)
{
  static const uint32_t distances[] = { 0, 1 };
  WeftRecord pieces[2] = { span (WEFT_RECORD_TASK, 0, 0, 2000, 50, 0),
                           span (WEFT_RECORD_TASK, 0, 0, 2050, 10, 64) };
  WeftModelGroup group;
  Maker m;

  begin_run (&m);
  give_segment (&m, 0, 0, distances, 2);
  pieces[0].flags = WEFT_RECORD_CONTINUED;
  give_records (&m, 1, pieces, 1);
  g_assert_cmpuint (state (&m, 0, 0), ==, WEFT_TASK_QUEUED);
  give_records (&m, 1, &pieces[1], 1);
  g_assert_cmpuint (state (&m, 0, 0), ==, WEFT_TASK_MEMORY);
  assert_state_at (&m, 1000, WEFT_TASK_RUNNING);
  assert_state_at (&m, 1055, WEFT_TASK_RUNNING);
  assert_state_at (&m, 1060, WEFT_TASK_MEMORY);
  weft_model_group (m.model, 0, &group);
  g_assert_cmpuint (group.n_ended, ==, 1);
  g_assert_cmpint (group.busy_ns, ==, 60);
  g_assert_cmpuint (group.live_bytes, ==, 64);
  clear (&m);
}

static void
give_facts (Maker *m, uint32_t segment, uint32_t task, uint32_t attempt, const char *json)
{
  WeftFactsHead head = { .stamp = 2000, .segment = segment, .task = task, .attempt = attempt };

  put (m, &head, sizeof head);
  put (m, json, strlen (json));
  give_well (m, WEFT_FRAME_FACTS, 1);
}

/* What programs used counts for the attempt that started them, all of them together; also where it
 * is told before the task is. What else facts may say is no mistake. */
static void
test_child_cpu (void)
{
  static const uint32_t distances[] = { 0, 0, 0 };
  static const char *const others[] = { "{}",
                                        "[1]",
                                        "{\"child\": 7}",
                                        "{\"child\": {\"cpu_ns\": -3}}",
                                        "{\"child\": {\"cpu",
                                        "{\"x\": {\"cpu_ns\": 5}}" };
  g_autoptr (GError) error = NULL;
  int64_t ns = 99;
  Maker m;

  begin_run (&m);
  give_facts (&m, 0, 1, 1, "{\"host\": {\"a\": [1]}, \"child\": {\"cpu_ns\": 40, \"max\": 2}}");
  give_segment (&m, 0, 0, distances, 3);
  give_facts (&m, 0, 1, 2, "{\"child\": {\"cpu_ns\": 7}}");
  give_facts (&m, 0, 1, 1, "{\"child\": {\"cpu_ns\": 2}}");
  give_facts (&m, 1, 2, 1, "{\"child\": {\"cpu_ns\": 1000}}"); /* of a segment that never comes */
  give_facts (&m, WEFT_NONE, WEFT_NONE, 0, "{\"child\": {\"cpu_ns\": 1000}}");
  for (unsigned i = 0; i < G_N_ELEMENTS (others); i++)
    give_facts (&m, 0, 2, 1, others[i]);
  g_assert_false (weft_model_child_cpu (m.model, 0, 1, &ns));
  g_assert_false (weft_model_child_cpu (m.model, 2, 1, &ns));
  g_assert_cmpint (ns, ==, 99);
  g_assert_true (weft_model_child_cpu (m.model, 1, 1, &ns));
  g_assert_cmpint (ns, ==, 42);
  g_assert_true (weft_model_child_cpu (m.model, 1, 2, &ns));
  g_assert_cmpint (ns, ==, 7);
  give_facts (&m, 0, 1, 2, "{\"child\": {\"cpu_ns\": 9223372036854775807}}");
  g_assert_true (weft_model_child_cpu (m.model, 1, 2, &ns));
  g_assert_cmpint (ns, ==, INT64_MAX);
  put (&m, "short", 5);
  g_assert_false (give (&m, WEFT_FRAME_FACTS, 1, &error));
  g_assert_nonnull (error);
  clear (&m);
}

/* A span's details are found again, those of spans without any are not. */
static void
test_details (void)
{
  static const uint32_t distances[] = { 0, 0, 0 };
  WeftRecord peer = span (WEFT_RECORD_PEER, 0, 1, 2200, 0, 1);
  WeftRecord attempt = span (WEFT_RECORD_ATTEMPT, 0, 1, 2200, 0, 3);
  uint64_t amount = 99;
  Maker m;

  begin_run (&m);
  give_segment (&m, 0, 0, distances, 3);
  peer.flags = attempt.flags = WEFT_RECORD_DETAIL;
  run_task (&m, 0, 2000);
  run_task (&m, 1, 2100);
  give_one (&m, 1, peer); /* also across frames */
  give_one (&m, 1, attempt);
  run_task (&m, 2, 2300);
  for (uint64_t i = 0; i < 3; i += 2)
    g_assert_false (weft_model_span_detail (m.model, 1, i, WEFT_RECORD_PEER, &amount));
  g_assert_false (weft_model_span_detail (m.model, 1, 1, WEFT_RECORD_TASK_CPU, &amount));
  g_assert_cmpuint (amount, ==, 99);
  g_assert_true (weft_model_span_detail (m.model, 1, 1, WEFT_RECORD_PEER, &amount));
  g_assert_cmpuint (amount, ==, 1);
  g_assert_true (weft_model_span_detail (m.model, 1, 1, WEFT_RECORD_ATTEMPT, &amount));
  g_assert_cmpuint (amount, ==, 3);
  g_assert_cmpuint (weft_model_task_attempts (m.model, 1), ==, 3);
  clear (&m);
}

static void
test_kept_and_let_go (void)
{
  static const uint32_t distances[] = { 0, 1, 0, 1 };
  Maker m;

  begin_run (&m);
  give_segment (&m, 0, 0, distances, 4);
  give_one (&m, 1, span (WEFT_RECORD_REUSED, 0, 0, 2000, 0, 0));
  g_assert_cmpuint (state (&m, 0, 0), ==, WEFT_TASK_MEMORY);
  run_task (&m, 2, 2100);
  g_assert_cmpuint (state (&m, 0, 2), ==, WEFT_TASK_MEMORY);
  give_one (&m, 1, span (WEFT_RECORD_RELEASED, 0, 2, 2200, 0, 0));
  g_assert_cmpuint (state (&m, 0, 2), ==, WEFT_TASK_RELEASED);
  run_task (&m, 3, 2300);
  g_assert_cmpuint (state (&m, 0, 2), ==, WEFT_TASK_RELEASED);
  assert_counts (m.model);
  clear (&m);
}

static void
test_foreign_states (void)
{
  static const uint32_t distances[] = { 0, 0 };
  Maker m;

  begin_run (&m);
  give_segment (&m, 0, 0, distances, 2);
  give_one (&m, 0, span (WEFT_RECORD_ASSIGNED, 0, 1, 1900, 0, 0));
  g_assert_cmpuint (state (&m, 0, 1), ==, WEFT_TASK_QUEUED);
  for (unsigned s = 0; s < WEFT_TASK_N_STATES; s++)
    {
      give_one (&m, 0, span (WEFT_RECORD_STATE, (uint8_t) s, 0, 2000 + s, 0, 0));
      if (s != WEFT_TASK_MEMORY) /* nobody reads it: it is released at once */
        g_assert_cmpuint (state (&m, 0, 0), ==, s);
      assert_counts (m.model);
    }
  assert_state_at (&m, 999, WEFT_TASK_QUEUED);
  for (unsigned s = 0; s < WEFT_TASK_N_STATES; s++)
    assert_state_at (&m, 1000 + s, s);
  clear (&m);
}

static void
test_begun_and_interrupted (void)
{
  static const uint32_t distances[] = { 0 };
  WeftModelSnapshot snapshot;
  WeftModelNow now;
  Maker m;

  begin_run (&m);
  give_segment (&m, 0, 0, distances, 1);
  give_one (&m, 1, span (WEFT_RECORD_BEGIN, 0, 0, 2000, 0, 0));
  g_assert_true (weft_model_now (m.model, 1, &now));
  g_assert_cmpuint (now.task, ==, 0);
  g_assert_cmpint (now.start_ns, ==, 1000);
  weft_model_finish (m.model, true);
  weft_model_snapshot (m.model, &snapshot);
  g_assert_cmpuint (snapshot.phase, ==, WEFT_RUN_INTERRUPTED);
  g_assert_cmpuint (state (&m, 0, 0), ==, WEFT_TASK_RUNNING);
  clear (&m);
}

/* ---- clocks ---------------------------------------------------------------------------------- */

static void
test_two_clocks (void)
{
  WeftModelLane lane;
  Maker m;

  begin_run (&m);
  give_clock (&m, 7, 1000, 500000, 0); /* milliseconds, half a millisecond on */
  give_lane (&m, 2, WEFT_LANE_THREAD, 7);
  give_one (&m, 2, span (WEFT_RECORD_PARKED, 0, WEFT_NONE, 3, 2, 0));
  give_clock (&m, 7, 1000, 600000, 4); /* holds for stamps from 4 on, and what comes later */
  give_one (&m, 2, span (WEFT_RECORD_PARKED, 0, WEFT_NONE, 6, 1, 0));
  weft_model_lane (m.model, 2, &lane);
  g_assert_cmpint (weft_spans_get (lane.spans, 0)->start_ns, ==, 3500000 - 1000);
  g_assert_cmpint (weft_spans_get (lane.spans, 0)->end_ns, ==, 5500000 - 1000);
  g_assert_cmpint (weft_spans_get (lane.spans, 1)->start_ns, ==, 6600000 - 1000);
  g_assert_cmpint (weft_model_wall_ns (m.model), ==, 6000);
  clear (&m);
}

/* A refined map never makes spans overlap that do not. */
static void
test_refined_clock (void)
{
  WeftModelLane lane;
  Maker m;

  begin_run (&m);
  give_one (&m, 1, span (WEFT_RECORD_PARKED, 0, WEFT_NONE, 5000, 5000, 0));
  give_clock (&m, 0, 1001000000, 0, 0);
  give_one (&m, 1, span (WEFT_RECORD_PARKED, 0, WEFT_NONE, 10000, 5, 0));
  give_one (&m, 1, span (WEFT_RECORD_PARKED, 0, WEFT_NONE, 10006, 500, 0));
  weft_model_lane (m.model, 1, &lane);
  g_assert_true (weft_spans_is_ordered (lane.spans));
  clear (&m);
}

/* Without a division the same comes out, to the nanosecond. */
static void
test_stamps (void)
{
  for (unsigned round = 0; round < 200000; round++)
    {
      static const uint64_t frequencies[] = { 1,          2,          3,
                                              1000,       1000000000, 2599999999,
                                              8999999999, 9000000000, UINT64_C (1) << 62 };
      uint64_t random = (uint64_t) g_test_rand_int () << 32 | (uint32_t) g_test_rand_int ();
      unsigned shift = (unsigned) g_test_rand_int_range (0, 64);
      WeftRunClock clock = { .map = { .anchor_ticks = (uint32_t) g_test_rand_int (),
                                      .anchor_mono_ns = g_test_rand_int () } };
      WeftClockPiece piece;

      clock.map.ticks_per_second = g_test_rand_bit () ? frequencies[g_test_rand_int_range (0, 9)]
                                                      : 1 + (uint32_t) g_test_rand_int ();
      _weft_clock_piece_init (&piece, &clock);
      random >>= shift;
      g_assert_cmpint (_weft_clock_piece_ns (&piece, random), ==,
                       weft_clock_ticks_to_ns (&clock.map, random));
    }
}

/* Whatever a program writes there: no META breaks a run, and what is said first stays. */
static void
test_notes (void)
{
  static const char *const nothing[] = {
    "{}",
    "{\"notes\": []}",
    "{\"notes\": 7, \"replay\": 7}",
    "{\"notes\": {\"a\": [1]}}",
    "{\"notes\": [[\"a\"]]}",
    "{\"replay\": {\"tasks\": -1, \"without_time\": \"3\"}}",
    "{\"replay\": {\"tasks\": 3, \"without_time\": 0, \"stand_in_ns\": 5}}",
  };
  static const char *const metas[] = {
    "{\"x\": [{}], \"notes\": [\"a: \\\"b\\\"\", \"c\"], \"replay\": {\"tasks\": 5, \"x\": [1],"
    " \"without_time\": 3, \"stand_in_ns\": 20000000}}",
    "{\"notes\": [\"later\"]}",
  };
  const WeftModelNotes *notes;
  Maker m;

  for (unsigned i = 0; i < G_N_ELEMENTS (nothing); i++)
    {
      begin (&m);
      put (&m, nothing[i], strlen (nothing[i]));
      give_well (&m, WEFT_FRAME_META, 0);
      g_assert_null (weft_model_notes (m.model));
      clear (&m);
    }
  begin (&m);
  for (unsigned i = 0; i < 2; i++)
    {
      put (&m, metas[i], strlen (metas[i]));
      give_well (&m, WEFT_FRAME_META, 0);
    }
  notes = weft_model_notes (m.model);
  g_assert_nonnull (notes);
  g_assert_cmpstr (notes->lines[0], ==, "a: \"b\"");
  g_assert_cmpstr (notes->lines[1], ==, "c");
  g_assert_null (notes->lines[2]);
  g_assert_cmpuint (notes->n_replayed, ==, 5);
  g_assert_cmpuint (notes->n_without_time, ==, 3);
  g_assert_cmpint (notes->stand_in_ns, ==, 20000000);
  clear (&m);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("model", "made", "growing-segment", test_growing_segment);
  test_add ("model", "made", "bad-growth", test_bad_growth);
  test_add ("model", "made", "past-the-deadline", test_past_the_deadline);
  test_add ("model", "made", "late-result", test_late_result);
  test_add ("model", "made", "continued-span", test_continued);
  test_add ("model", "made", "child-cpu", test_child_cpu);
  test_add ("model", "made", "details", test_details);
  test_add ("model", "made", "kept-and-let-go", test_kept_and_let_go);
  test_add ("model", "made", "foreign-states", test_foreign_states);
  test_add ("model", "made", "begun-and-interrupted", test_begun_and_interrupted);
  test_add ("model", "made", "two-clocks", test_two_clocks);
  test_add ("model", "made", "refined-clock", test_refined_clock);
  test_add ("model", "made", "notes", test_notes);
  test_add ("model", "made", "stamps-without-division", test_stamps);
  return g_test_run ();
}
