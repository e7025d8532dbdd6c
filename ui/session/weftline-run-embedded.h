/* weftline-run-embedded.h: a graph on the scheduler inside this program
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "session/weftline-run-planned.h"

G_BEGIN_DECLS

#define WEFTLINE_TYPE_RUN_EMBEDDED (weftline_run_embedded_get_type ())
G_DECLARE_FINAL_TYPE (WeftlineRunEmbedded, weftline_run_embedded, WEFTLINE, RUN_EMBEDDED,
                      WeftlineRunPlanned)

/* Nothing runs before weftline_run_start() or a step. @plan: a reference is taken. @settings:
 * (nullable): copied. (transfer full) */
WeftlineRun *weftline_run_embedded_new (WeftlinePlan *plan, const WeftlineRunSettings *settings);

G_END_DECLS
