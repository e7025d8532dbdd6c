/* inspect-facts.h: all that is known of one task, as rows of words
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Pure: a model and a snapshot in, rows out. What the records do not say has no row. Times are
 * since the run's start.
 *
 * When a task became ready is not recorded, but follows from the graph: when the last of what it
 * depends on ended, or, for a task of the run's own graph that depends on nothing, when the run
 * began. It is left out where that cannot be known: a dependency whose result a graph stands in
 * for, spans that were dropped, values from outside.
 *
 * Any thread. O(dependencies + dependents + what was spilled + log pieces); for a task of several
 * attempts also the failed attempts of the run, and its errors.
 */
#pragma once

#include "canvas/time-scale.h"
#include "model/weft-past.h"

/* Lists are no longer than this; how many there are is told. */
#define WEFTLINE_FACTS_MAX_LINKS 30
#define WEFTLINE_FACTS_MAX_ATTEMPTS 12
#define WEFTLINE_FACTS_MAX_ERRORS 4
#define WEFTLINE_FACTS_MAX_OUTPUT 4000 /* bytes */

typedef enum
{
  WEFTLINE_FACT_HEADING, /* @title, and perhaps @text: how many of how many */
  WEFTLINE_FACT_TEXT,
  WEFTLINE_FACT_STATE,  /* @text in words; of @task */
  WEFTLINE_FACT_LINK,   /* @text is the key of another task, @task */
  WEFTLINE_FACT_OUTPUT, /* @text has lines, as a program wrote them */
} WeftlineFactKind;

/**
 * WeftlineFact:
 * @title: (transfer none): translated; "" in lists
 * @task: what a link selects, or WEFT_NONE
 * @state: of @task
 */
typedef struct
{
  WeftlineFactKind kind;
  const char *title;
  char *text;
  uint32_t task;
  WeftModelState state;
} WeftlineFact;

/**
 * weftline_inspect_facts:
 * @moment: (nullable): all is told as it was known then, and the state of @task as it is now too
 * @time_form: of its stamps
 * @task: below the snapshot's n_tasks
 *
 * Returns: (transfer full) (element-type WeftlineFact): frees its elements
 */
GPtrArray *weftline_inspect_facts (const WeftModel *model, const WeftModelSnapshot *snapshot,
                                   const WeftMoment *moment, WeftlineTimeForm time_form,
                                   uint32_t task);

/* Whether they could stand in the same widgets: only texts and states differ. */
bool weftline_facts_have_same_form (const GPtrArray *facts, const GPtrArray *others);

/* The operation as one would write it, “add(inc-1, 2)”, at most about @max_bytes bytes; other
 * tasks' results by their keys. (transfer full) */
char *weftline_inspect_call_text (WeftGraph *graph, uint32_t task, size_t max_bytes);

/* One word, translated. (transfer none) */
const char *weftline_state_word (WeftModelState state);
