/* run-fixture.h: what tests of runs share, whatever kind they are
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "test-objects.h"

#include "session/weftline-recorded.h"
#include "session/weftline-run.h"

/* @metadata, @tasks: members of these objects, as in a graph file. */
static inline WeftlinePlan *
run_plan (const char *dir, const char *metadata, const char *tasks)
{
  g_autofree char *text =
      g_strdup_printf ("{\"weftline\": 1, \"metadata\": {%s}, \"tasks\": {%s}}", metadata, tasks);
  g_autofree char *path = test_dir_write (dir, "graph.json", text);
  g_autoptr (GError) error = NULL;
  WeftlinePlan *plan = weftline_plan_new_for_file (path, &error);

  g_assert_no_error (error);
  return plan;
}

/* A file of nodes without times, with a command that is not kept: two notes. (transfer full) */
static inline WeftlinePlan *
run_plan_with_notes (const char *dir)
{
  g_autofree char *path = test_dir_write (
      dir, "nodes.dag", "JOB A a.sub\nJOB B b.sub\nPARENT A CHILD B\nDOT \"d.dot\"\n");
  g_autoptr (GError) error = NULL;
  WeftlinePlan *plan = weftline_plan_new_for_file (path, &error);

  g_assert_no_error (error);
  return plan;
}

/* Made of run_plan_with_notes(): what it says before is what stands in its run file. A reference is
 * taken over. */
static inline void
run_check_notes (WeftlineRun *run)
{
  const WeftModelNotes *told = weftline_run_notes (run), *recorded;

  g_assert_cmpuint (told->n_replayed, ==, 2);
  g_assert_cmpuint (told->n_without_time, ==, 2);
  g_assert_cmpuint (g_strv_length (told->lines), ==, 1);
  weftline_run_start (run);
  test_loop_until (weftline_run_is_over (run));
  test_loop_until (weftline_feed_state (weftline_run_feed (run)) >= WEFT_FEED_ENDED);
  recorded = weft_model_notes (weftline_feed_model (weftline_run_feed (run)));
  g_assert_nonnull (recorded);
  g_assert_cmpuint (recorded->n_replayed, ==, told->n_replayed);
  g_assert_cmpuint (recorded->n_without_time, ==, told->n_without_time);
  g_assert_cmpint (recorded->stand_in_ns, ==, told->stand_in_ns);
  g_assert_cmpstrv (recorded->lines, told->lines);
  test_loop_drain ();
  test_assert_finalised (run);
}

static inline WeftlineRunStatus
run_status (WeftlineRun *run)
{
  WeftlineRunStatus status;

  weftline_run_status (run, &status);
  return status;
}

static inline WeftRunPhase
run_phase (WeftlineRun *run)
{
  return run_status (run).phase;
}

static inline uint64_t
run_n_running (WeftlineRun *run)
{
  return run_status (run).n_running;
}

static inline uint64_t
run_n_ended (WeftlineRun *run)
{
  return run_status (run).n_ended;
}

/* Until the run's own time has gone on by some looks of its recorder; it does so while paused too.
 */
static inline void
run_let_time_pass (WeftlineRun *run)
{
  int64_t from_ns = run_status (run).elapsed_ns;

  test_loop_until (run_status (run).elapsed_ns > from_ns + 250000000);
}

/* Until it is over and has told so, and all that was recorded of it is read. */
static inline void
run_wait (WeftlineRun *run)
{
  test_loop_until (weftline_run_is_over (run));
  test_loop_until (weftline_run_feed (run) == NULL
                   || weftline_feed_state (weftline_run_feed (run)) >= WEFT_FEED_ENDED);
  test_loop_drain ();
}

/* ---- what every kind that can be controlled does --------------------------------------------- */

#define RUN_CHAIN                                                    \
  "\"a\": {\"op\": \"const\", \"args\": [4]},"                       \
  "\"b\": {\"op\": \"sleep\", \"args\": [0.001, {\"ref\": \"a\"}]}," \
  "\"c\": {\"op\": \"sleep\", \"args\": [0.001, {\"ref\": \"b\"}]}"

/* @run: of RUN_CHAIN, not started. A reference is taken over. */
static inline void
run_check_steps (WeftlineRun *run)
{
  for (uint64_t n = 1; n <= 2; n++)
    {
      weftline_run_step (run);
      test_loop_until (run_n_ended (run) >= n);
      run_let_time_pass (run);
      g_assert_cmpuint (run_n_ended (run), ==, n);
      g_assert_cmpint (run_phase (run), ==, WEFT_RUN_PAUSED);
    }
  weftline_run_step (run);
  run_wait (run);
  g_assert_cmpint (run_phase (run), ==, WEFT_RUN_DONE);
  weftline_run_step (run);
  test_assert_finalised (run);
}

/* The same. A step that is asked for during another follows it, and only one. */
static inline void
run_check_step_during_a_step (WeftlineRun *run)
{
  for (int i = 0; i < 5; i++)
    weftline_run_step (run);
  test_loop_until (run_n_ended (run) >= 2);
  run_let_time_pass (run);
  g_assert_cmpuint (run_n_ended (run), ==, 2);
  weftline_run_resume (run);
  run_wait (run);
  g_assert_cmpint (run_phase (run), ==, WEFT_RUN_DONE);
  test_assert_finalised (run);
}

/* The same. */
static inline void
run_check_run_to (WeftlineRun *run)
{
  weftline_run_run_to (run, "c");
  test_loop_until (run_n_ended (run) == 2);
  run_let_time_pass (run);
  g_assert_cmpuint (run_n_ended (run), ==, 2);
  g_assert_cmpint (run_phase (run), ==, WEFT_RUN_PAUSED);
  weftline_run_run_to (run, "not there");
  run_let_time_pass (run);
  g_assert_cmpint (run_phase (run), ==, WEFT_RUN_PAUSED);
  weftline_run_start (run); /* goes on */
  run_wait (run);
  g_assert_cmpint (run_phase (run), ==, WEFT_RUN_DONE);
  test_assert_finalised (run);
}

static inline void
run_note_refusal_cb (WeftlineRun *run G_GNUC_UNUSED, const char *reason, GPtrArray *reasons)
{
  g_ptr_array_add (reasons, g_strdup (reason));
}

#define run_assert_refused(reasons, reason)                                      \
  G_STMT_START                                                                   \
  {                                                                              \
    test_loop_until ((reasons)->len > 0);                                        \
    g_assert_cmpuint ((reasons)->len, ==, 1);                                    \
    g_assert_cmpstr ((const char *) g_ptr_array_index (reasons, 0), ==, reason); \
    g_ptr_array_set_size (reasons, 0);                                           \
  }                                                                              \
  G_STMT_END

/* One that does not end by itself, and one after it. */
#define RUN_STUCK                                \
  "\"a\": {\"op\": \"sleep\", \"args\": [600]}," \
  "\"b\": {\"op\": \"sleep\", \"args\": [0, {\"ref\": \"a\"}]}"

/* @run: of RUN_STUCK with 2 workers, not started. What is not done says why, once; what is done
 * says nothing. A reference is taken over. */
static inline void
run_check_refusals (WeftlineRun *run, const char *too_many_workers)
{
  g_autoptr (GPtrArray) reasons = g_ptr_array_new_with_free_func (g_free);

  g_signal_connect (run, "refused", G_CALLBACK (run_note_refusal_cb), reasons);
  weftline_run_start (run);
  test_loop_until (run_n_running (run) == 1);
  weftline_run_step (run);
  run_assert_refused (reasons, "No step was made: no task is ready");
  test_loop_until (run_phase (run) == WEFT_RUN_PAUSED);
  test_loop_until (weftline_recorded_has_begun (weftline_run_feed (run), "a"));
  weftline_run_run_to (run, "a");
  run_assert_refused (reasons, "The run does not go on: “a” has begun already");
  weftline_run_run_to (run, "c");
  run_assert_refused (reasons, "The run does not go on: no task “c”");
  g_assert_cmpint (run_phase (run), ==, WEFT_RUN_PAUSED);
  weftline_run_set_workers (run, 5000);
  run_assert_refused (reasons, too_many_workers);
  g_assert_cmpuint (run_status (run).n_workers, ==, 2);
  weftline_run_set_workers (run, 3);
  weftline_run_set_memory_limit (run, 1000000);
  weftline_run_set_delay (run, 1000);
  weftline_run_run_to (run, "b");
  test_loop_until (run_phase (run) == WEFT_RUN_RUNNING && run_status (run).n_workers == 3);
  run_let_time_pass (run);
  weftline_run_cancel (run);
  run_wait (run);
  weftline_run_step (run);
  weftline_run_run_to (run, "b");
  g_assert_cmpuint (reasons->len, ==, 0);
  g_assert_cmpint (run_phase (run), ==, WEFT_RUN_CANCELLED);
  g_signal_handlers_disconnect_by_data (run, reasons);
  test_assert_finalised (run);
}

/* One after the other; one fails, and one holds memory. */
#define RUN_BREAKS                                                                        \
  "\"a\": {\"op\": \"const\", \"args\": [4]},"                                            \
  "\"b-0\": {\"op\": \"sleep\", \"args\": [0.001, {\"ref\": \"a\"}]},"                    \
  "\"c\": {\"op\": \"alloc\", \"args\": [300000], \"after\": [\"b-0\"]},"                 \
  "\"d\": {\"op\": \"fail\", \"args\": [null, null, \"no thread\"], \"after\": [\"c\"]}," \
  "\"e-0\": {\"op\": \"alloc\", \"args\": [10, 0, {\"ref\": \"c\"}]},"                    \
  "\"e-1\": {\"op\": \"sleep\", \"args\": [0.001], \"after\": [\"e-0\"]}"

static inline void
run_assert_rests (WeftlineRun *run, uint64_t n_ended)
{
  test_loop_until (run_phase (run) == WEFT_RUN_PAUSED && run_n_ended (run) == n_ended);
  run_let_time_pass (run);
  g_assert_cmpuint (run_n_ended (run), ==, n_ended);
  g_assert_cmpint (run_phase (run), ==, WEFT_RUN_PAUSED);
}

/* @run: of RUN_BREAKS, not started. It stops where it was told to, before its start
 * or while it rests, and not where that was taken away; one above an amount of memory stops it
 * once, and is gone then. A reference is taken over. */
static inline void
run_check_breaks (WeftlineRun *run)
{
  const WeftlineBreak at_b = { .kind = WEFTLINE_BREAK_AT_GROUP, .group = "b" };
  const WeftlineBreak at_e = { .kind = WEFTLINE_BREAK_AT_GROUP, .group = "e" };
  const WeftlineBreak above = { .kind = WEFTLINE_BREAK_ABOVE_BYTES, .n_bytes = 200000 };
  const WeftlineBreak on_error = { .kind = WEFTLINE_BREAK_ON_ERROR };
  WeftlineRun *again;

  g_assert_true (weftline_run_can (run, WEFTLINE_CAN_BREAK));
  weftline_run_set_workers (run, 1);
  weftline_run_set_break (run, &at_b, true);
  weftline_run_set_break (run, &at_e, true);
  weftline_run_set_break (run, &above, true);
  g_assert_cmpuint (weftline_breaks_n (weftline_run_breaks (run)), ==, 3);
  weftline_run_start (run);
  run_assert_rests (run, 1); /* before b-0 */
  weftline_run_set_break (run, &at_e, false);
  weftline_run_set_break (run, &on_error, true);
  weftline_run_resume (run);
  run_assert_rests (run, 3); /* not at b-0 once more; c holds too much */
  test_loop_until (weftline_breaks_find (weftline_run_breaks (run), &above) == NULL);
  g_assert_cmpuint (weftline_breaks_n (weftline_run_breaks (run)), ==, 2);
  weftline_run_resume (run);
  test_loop_until (run_phase (run) == WEFT_RUN_PAUSED && run_status (run).n_erred == 1);
  g_assert_false (weftline_run_is_over (run));
  again = weftline_run_again (run, NULL);
  g_assert_cmpuint (weftline_breaks_n (weftline_run_breaks (again)), ==, 2);
  g_assert_finalize_object (again);
  weftline_run_resume (run); /* e does not stop it any more */
  run_wait (run);
  g_assert_cmpint (run_phase (run), ==, WEFT_RUN_FAILED);
  g_assert_cmpuint (run_n_ended (run), ==, 6);
  test_assert_finalised (run);
}

/* @run: the same. On the way to a task it stops where it was told to before. */
static inline void
run_check_run_to_with_breaks (WeftlineRun *run)
{
  const WeftlineBreak at_b = { .kind = WEFTLINE_BREAK_AT_GROUP, .group = "b" };

  weftline_run_set_workers (run, 1);
  weftline_run_set_break (run, &at_b, true);
  weftline_run_run_to (run, "e-1");
  run_assert_rests (run, 1);
  g_assert_cmpuint (weftline_breaks_n (weftline_run_breaks (run)), ==, 1);
  weftline_run_resume (run);
  run_assert_rests (run, 5);
  weftline_run_resume (run);
  run_wait (run);
  g_assert_cmpint (run_phase (run), ==, WEFT_RUN_FAILED);
  test_assert_finalised (run);
}

/* So many tasks that they do not end by themselves meanwhile. (transfer full) */
static inline char *
run_many_tasks (void)
{
  GString *tasks = g_string_new (NULL);

  for (int i = 0; i < 5000; i++)
    g_string_append_printf (tasks, "%s\"a-%d\": {\"op\": \"sleep\", \"args\": [0.002]}",
                            i > 0 ? "," : "", i);
  return g_string_free (tasks, FALSE);
}

/* @run: of run_many_tasks(), not started. A reference is taken over. */
static inline void
run_check_pause (WeftlineRun *run)
{
  uint64_t n;

  weftline_run_start (run);
  test_loop_until (run_n_ended (run) > 0);
  weftline_run_pause (run);
  test_loop_until (run_phase (run) == WEFT_RUN_PAUSED && run_n_running (run) == 0);
  run_let_time_pass (run); /* the pause may be read before what other threads ended until then */
  g_assert_true (weftline_run_is_active (run));
  n = run_n_ended (run);
  g_assert_cmpuint (n, <, 5000);
  run_let_time_pass (run);
  g_assert_cmpuint (run_n_ended (run), ==, n);
  g_assert_cmpuint (run_n_running (run), ==, 0);
  weftline_run_resume (run);
  test_loop_until (run_phase (run) == WEFT_RUN_RUNNING && run_n_ended (run) > n);
  weftline_run_cancel (run);
  run_wait (run);
  g_assert_cmpint (run_phase (run), ==, WEFT_RUN_CANCELLED);
  test_assert_finalised (run);
}
