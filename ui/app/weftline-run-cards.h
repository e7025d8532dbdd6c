/* weftline-run-cards.h: cards that say in words how a run stands and what came of it
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "app/weftline-card.h"
#include "session/weftline-session.h"

G_BEGIN_DECLS

/* Figures of a run, renewed when it changes, or as of the moment that is shown. */
#define WEFTLINE_TYPE_RUN_FIGURES (weftline_run_figures_get_type ())
G_DECLARE_FINAL_TYPE (WeftlineRunFigures, weftline_run_figures, WEFTLINE, RUN_FIGURES, GtkWidget)

GtkWidget *weftline_run_figures_new (WeftlineSession *session);

/* Its outputs as text that can be copied; before that, what it is about. At a moment before its end
 * it says that there were none yet. */
#define WEFTLINE_TYPE_RUN_RESULTS (weftline_run_results_get_type ())
G_DECLARE_FINAL_TYPE (WeftlineRunResults, weftline_run_results, WEFTLINE, RUN_RESULTS, GtkWidget)

GtkWidget *weftline_run_results_new (WeftlineSession *session);

G_END_DECLS
