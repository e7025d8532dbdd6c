/* child-fixture.h: runs in processes of their own, with a plug-in that does what it must not
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "test-objects.h"

#include "session/weftline-run-child.h"

static inline char *
child_plugin_path (void)
{
  return g_test_build_filename (G_TEST_BUILT, "ui-session", "weft-crash-plugin.so", NULL);
}

/* @tasks: as in a graph file; it names the plug-in. */
static inline WeftlinePlan *
child_plan (const char *dir, const char *tasks)
{
  g_autofree char *plugin = child_plugin_path ();
  g_autofree char *text = g_strdup_printf (
      "{\"weftline\": 1, \"metadata\": {\"plugins\": [\"%s\"]}, \"tasks\": {%s}}", plugin, tasks);
  g_autofree char *path = test_dir_write (dir, "graph.json", text);
  g_autoptr (GError) error = NULL;
  WeftlinePlan *plan = weftline_plan_new_for_file (path, &error);

  g_assert_no_error (error);
  return plan;
}

static inline WeftlineRun *
child_run (const char *dir, const char *tasks)
{
  g_autoptr (WeftlinePlan) plan = child_plan (dir, tasks);
  const WeftlineRunSettings settings = { .n_workers = 2, .folder = dir };

  return weftline_run_child_new (plan, &settings);
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

/* Until it is over, and all that was recorded of it is read. */
static inline void
run_wait (WeftlineRun *run)
{
  test_loop_until (weftline_run_is_over (run));
  test_loop_until (weftline_run_feed (run) == NULL
                   || weftline_feed_state (weftline_run_feed (run)) >= WEFT_FEED_ENDED);
  test_loop_drain ();
}
