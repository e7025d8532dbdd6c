/* weftline-run-embedded.h: a graph on the scheduler inside this program
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "session/weftline-plan.h"
#include "session/weftline-run.h"

G_BEGIN_DECLS

#define WEFTLINE_TYPE_RUN_EMBEDDED (weftline_run_embedded_get_type ())
G_DECLARE_FINAL_TYPE (WeftlineRunEmbedded, weftline_run_embedded, WEFTLINE, RUN_EMBEDDED, GObject)

/**
 * WeftlineRunSettings:
 * @n_workers: 0: usable cores
 * @memory_limit_bytes: 0: none
 * @delay_ns: before each start; 0: none
 * @folder: (nullable): where its run file goes while the run is known; NULL: the user's cache
 */
typedef struct
{
  uint32_t n_workers;
  uint64_t memory_limit_bytes;
  int64_t delay_ns;
  const char *folder;
} WeftlineRunSettings;

/* Nothing runs before weftline_run_start() or a step. @plan: a reference is taken. @settings:
 * (nullable): copied. (transfer full) */
WeftlineRun *weftline_run_embedded_new (WeftlinePlan *plan, const WeftlineRunSettings *settings);

/* (transfer none) */
WeftlinePlan *weftline_run_embedded_plan (WeftlineRunEmbedded *self);

G_END_DECLS
