/* inspect-facts-private.h: what the files that find facts of a task share
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "inspect/inspect-facts.h"

/**
 * WeftlineAttempt:
 * @lane: where it ran; of one that timed out as it is told
 * @span: (transfer none)
 */
typedef struct
{
  const WeftSpan *span;
  uint64_t index;
  uint32_t span_lane; /* the lane the span is in */
  uint32_t lane;
  uint32_t number; /* from 1 */
} WeftlineAttempt;

/**
 * WeftlineInspection:
 * @graph: (nullable): while it is not known
 * @inputs: of uint32_t: the model's tasks it depends on, each once
 * @all_inputs_known: false: it also reads what no task of the run made
 * @dependents: of uint32_t: likewise what depends on it
 * @attempts: of WeftlineAttempt, in the order of time; those that ended
 * @running: whether a lane is in it now: @now, @now_lane
 * @ready_ns: where @has_ready
 * @n_writes, @n_reads: of its result, spilled; @written_ns, @read_ns: the last of them
 * @last_input: the one that ended last, or WEFT_NONE
 */
typedef struct
{
  const WeftModel *model;
  const WeftModelSnapshot *snapshot;
  const WeftMoment *moment; /* (nullable) */
  WeftlineTimeForm time_form;
  GPtrArray *facts;
  uint32_t task, segment, number;
  WeftGraph *graph;
  const WeftGraphArrays *arrays;
  GArray *inputs;
  GArray *dependents;
  bool all_inputs_known;
  GArray *attempts;
  bool running;
  WeftModelNow now;
  uint32_t now_lane;
  bool has_ready;
  int64_t ready_ns;
  uint32_t last_input;
  uint32_t n_writes, n_reads;
  int64_t written_ns, read_ns;
} WeftlineInspection;

/* ---- inspect-facts.c ------------------------------------------------------------------------- */

/* Finds its segment and graph. */
void _weftline_inspection_begin (WeftlineInspection *in, uint32_t task);
/* @text: (transfer full) (nullable): no row then */
void _weftline_fact_add (WeftlineInspection *in, WeftlineFactKind kind, const char *title,
                         char *text);
/* In which state it is to be shown: then, or now. */
WeftModelState _weftline_state_of (const WeftlineInspection *in, uint32_t task);
/* A task that can be selected, by its key. */
void _weftline_fact_add_link (WeftlineInspection *in, const char *title, uint32_t task);
/* (transfer full): a lane as people call it */
char *_weftline_lane_text (const WeftModel *model, uint32_t lane);

/* ---- inspect-links.c ------------------------------------------------------------------------- */

void _weftline_find_inputs (WeftlineInspection *in);
void _weftline_find_dependents (WeftlineInspection *in);
void _weftline_add_inputs (WeftlineInspection *in);
void _weftline_add_dependents (WeftlineInspection *in);

/* ---- inspect-search.c ------------------------------------------------------------------------ */

typedef void (*WeftlineSpanFunc) (WeftlineInspection *in, uint32_t lane, uint64_t index,
                                  const WeftSpan *span);

/* The task's spans in a lane that have some of the content (WeftSpansContent); of the content of
 * successful attempts all nodes would have to be opened. */
void _weftline_each_span (WeftlineInspection *in, uint32_t lane, uint16_t content,
                          WeftlineSpanFunc each);

/* ---- inspect-times.c ------------------------------------------------------------------------- */

/* When a task's last attempt ended, however. Returns: whether it has one */
bool _weftline_task_end (const WeftModel *model, uint32_t task, int64_t *end_ns);
/* Attempts, what runs now, and when it was ready. */
void _weftline_find_times (WeftlineInspection *in);
void _weftline_add_times (WeftlineInspection *in);

/* ---- inspect-wait.c -------------------------------------------------------------------------- */

/* Why it waited, or what it waits for. */
void _weftline_add_wait (WeftlineInspection *in);

/* ---- inspect-errors.c ------------------------------------------------------------------------ */

void _weftline_add_errors (WeftlineInspection *in);
