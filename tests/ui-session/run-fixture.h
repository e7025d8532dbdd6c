/* run-fixture.h: what tests of runs share, whatever kind they are
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "test-objects.h"

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

static inline WeftRunPhase
run_phase (WeftlineRun *run)
{
  WeftlineRunStatus status;

  weftline_run_status (run, &status);
  return status.phase;
}

static inline uint64_t
run_n_running (WeftlineRun *run)
{
  WeftlineRunStatus status;

  weftline_run_status (run, &status);
  return status.n_running;
}

static inline uint64_t
run_n_ended (WeftlineRun *run)
{
  WeftlineRunStatus status;

  weftline_run_status (run, &status);
  return status.n_ended;
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
