/* run-facts.h: how a run stands, what came of it, and why it failed, in words
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * The same words in the window's cards and in pictures of them. Any thread.
 */
#pragma once

#include "session/weftline-run.h"

#include "model/weft-eta.h"

typedef enum
{
  WEFTLINE_RUN_FACT_STATE,
  WEFTLINE_RUN_FACT_TASKS,
  WEFTLINE_RUN_FACT_RUNNING,
  WEFTLINE_RUN_FACT_ERRED,
  WEFTLINE_RUN_FACT_ELAPSED,
  WEFTLINE_RUN_FACT_LEFT,
  WEFTLINE_RUN_FACT_MEMORY,
  WEFTLINE_RUN_FACT_PEAK,
  WEFTLINE_RUN_FACT_SPILLED,
  WEFTLINE_RUN_N_FACTS,
} WeftlineRunFact;

/* Translated. (transfer none) */
const char *weftline_run_fact_title (WeftlineRunFact fact);
/* @left: (nullable): nothing is said of it. (transfer full) */
char *weftline_run_fact_text (const WeftlineRunStatus *status, const WeftEta *left,
                              WeftlineRunFact fact);
/* Whether there is anything to say: of no failures, and of nothing spilled, nothing is. @text: of
 * that row */
bool weftline_run_fact_is_shown (const WeftlineRunStatus *status, WeftlineRunFact fact,
                                 const char *text);
/* Of the tasks, that have ended: 0 … 1 */
double weftline_run_share (const WeftlineRunStatus *status);

/* The first error of a task that failed in the end; those of attempts that were followed by a
 * better one are passed over. @index: (out): the model's. Returns: whether there is one */
bool weftline_run_find_failure (const WeftModel *model, uint32_t *index);
/* “task k failed: why”, in one line. (transfer full) */
char *weftline_run_failure_text (const WeftModel *model, uint32_t index);

/**
 * WeftlineRunOutcome:
 * @has_results: whether there ever are any: a run file has no values
 * @too_early: a moment before the run's end is shown
 * @results: (nullable): what they are, once they are there
 * @about: (nullable): what the graph's author says of it
 */
typedef struct
{
  bool has_results, too_early, is_over;
  const char *results;
  const char *about;
} WeftlineRunOutcome;

/* What is said of a run's outputs: @results themselves, or why they are not there. (transfer
 * none) */
const char *weftline_run_results_text (const WeftlineRunOutcome *outcome);
