/* workers-words.h: workers and what they did, in words
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "canvas/time-scale.h"
#include "workers/workers-layout.h"

/* What stands above a column, in whole or where there is little room. (transfer none) */
const char *weftline_workers_title (WeftlineWorkersColumn column);
const char *weftline_workers_short_title (WeftlineWorkersColumn column);
/* What it means. (transfer none) */
const char *weftline_workers_about (WeftlineWorkersColumn column);
/* Its name, or by its number. (transfer full) */
char *weftline_workers_name (const WeftlineWorker *worker);
/* Without what all names have in common. (transfer full) */
char *weftline_workers_short_name (const WeftlineWorkersSource *source,
                                   const WeftlineWorker *worker);
/* A word. (transfer none) */
const char *weftline_workers_state_name (WeftlineWorkerState state);
/* What stands in a cell; “–”: not known. (transfer full) */
char *weftline_workers_text (const WeftlineWorker *worker, WeftlineWorkersColumn column,
                             const WeftlineClock *clock);
/* In the first cell of the sums: “3 workers”. (transfer full) */
char *weftline_workers_count (const WeftlineWorkersSource *source);
/* “11 of 300 workers, 4 gone; 9 of 14 columns”. (transfer full) */
char *weftline_workers_figures (const WeftlineWorkersSource *source,
                                const WeftlineWorkersLayout *layout);
/* All figures of one, a line each, with counters that have no column. (transfer full) */
char *weftline_workers_explain (const WeftlineWorkersSource *source, uint32_t worker,
                                const WeftlineClock *clock);
/* The same of all together. (transfer full) */
char *weftline_workers_explain_total (const WeftlineWorkersSource *source,
                                      const WeftlineClock *clock);
/* What a title means. (transfer full) */
char *weftline_workers_explain_column (WeftlineWorkersColumn column);
/* All in few sentences, for those who do not see it. (transfer full) */
char *weftline_workers_summary (const WeftlineWorkersSource *source, WeftlineWorkersColumn sort,
                                bool descending, const WeftlineClock *clock);
