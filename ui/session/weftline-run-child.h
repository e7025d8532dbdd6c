/* weftline-run-child.h: a graph in a process of its own
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "session/weftline-run-planned.h"

G_BEGIN_DECLS

#define WEFTLINE_TYPE_RUN_CHILD (weftline_run_child_get_type ())
G_DECLARE_FINAL_TYPE (WeftlineRunChild, weftline_run_child, WEFTLINE, RUN_CHILD, WeftlineRunPlanned)

/* Nothing runs before weftline_run_start(), a step, or a task to run to. @plan: a reference is
 * taken. @settings: (nullable): copied. (transfer full) */
WeftlineRun *weftline_run_child_new (WeftlinePlan *plan, const WeftlineRunSettings *settings);

G_END_DECLS
