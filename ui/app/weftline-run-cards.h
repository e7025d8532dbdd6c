/* weftline-run-cards.h: cards that say in words how a run stands and what came of it
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "app/weftline-card.h"
#include "session/weftline-run.h"

G_BEGIN_DECLS

/* Figures of a run, renewed when it changes. */
#define WEFTLINE_TYPE_RUN_FIGURES (weftline_run_figures_get_type ())
G_DECLARE_FINAL_TYPE (WeftlineRunFigures, weftline_run_figures, WEFTLINE, RUN_FIGURES, GtkWidget)

GtkWidget *weftline_run_figures_new (WeftlineRun *run);

/* Its outputs as text that can be copied; before that, what it is about. */
#define WEFTLINE_TYPE_RUN_RESULTS (weftline_run_results_get_type ())
G_DECLARE_FINAL_TYPE (WeftlineRunResults, weftline_run_results, WEFTLINE, RUN_RESULTS, GtkWidget)

GtkWidget *weftline_run_results_new (WeftlineRun *run);

G_END_DECLS
