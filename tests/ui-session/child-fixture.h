/* child-fixture.h: runs in processes of their own, with a plug-in that does what it must not
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "run-fixture.h"

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
  g_autofree char *metadata = g_strdup_printf ("\"plugins\": [\"%s\"]", plugin);

  return run_plan (dir, metadata, tasks);
}

static inline WeftlineRun *
child_run (const char *dir, const char *tasks)
{
  g_autoptr (WeftlinePlan) plan = child_plan (dir, tasks);
  const WeftlineRunSettings settings = { .n_workers = 2, .folder = dir };

  return weftline_run_child_new (plan, &settings);
}
