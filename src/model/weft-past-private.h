/* weft-past-private.h: when things happened to tasks
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Most tasks wait, become ready, run once, end, and are let go of: a column for each of these
 * moments. What went otherwise (several attempts, a graph that stands in, another scheduler's own
 * words) is odd: such a task has its columns all the same, and a list of turns beside, which is
 * what counts from its first on.
 */
#pragma once

#include "model/weft-held-private.h"
#include "model/weft-model-private.h"
#include "model/weft-past.h"

#define PAST_NEVER INT64_MAX

/* From then on the task is in this state. */
typedef struct
{
  int64_t at_ns;
  uint32_t task;
  uint32_t order; /* among those of one moment */
  uint8_t state;
  bool is_said; /* by another scheduler: also after an end */
} PastTurn;

/* A task's turns: first … first + n - 1. There is room for PAST_LATER more. */
#define PAST_LATER 2
typedef struct
{
  uint32_t task;
  uint32_t n;
  uint64_t first;
  int64_t replaced_ns; /* a segment stands in for it from then on; PAST_NEVER: none does */
} PastOdd;

/* An attempt of an odd task. */
typedef struct
{
  uint32_t task;
  uint32_t lane;
  uint64_t index;
  const WeftSpan *span;
} PastAttempt;

/**
 * WeftPast:
 * @ready: (array length=n_tasks): likewise all others
 * @start: of the first attempt
 * @end: of the last attempt, or when it was known that there will be none
 * @release: PAST_NEVER: it still is in memory, or never was
 * @final: WeftModelState at the end
 * @odd: (element-type PastOdd): by task
 * @turns: (element-type PastTurn): by task, then time
 * @attempts: (element-type PastAttempt): of odd tasks, by task, then start
 * @began_ns: the run
 * @ended_ns: PAST_NEVER: it has not
 */
struct _WeftPast
{
  WeftModel *model;
  WeftModelSnapshot snapshot;
  uint32_t n_tasks, n_groups;
  int64_t *ready, *start, *end, *release;
  uint8_t *final;
  uint16_t *groups;
  uint64_t *bytes;
  uint32_t *lanes;    /* of those that have bytes */
  uint64_t *given_up; /* a bit a task, while times are found */
  GArray *odd;
  GArray *turns;
  GArray *attempts;
  int64_t began_ns, ended_ns;
  Lives lives;
};

/* ---- past-odd.c ------------------------------------------------------------------------------ */

/* Which tasks are odd. */
typedef struct
{
  uint64_t *bits;
  uint32_t n;
} PastOddSet;

static inline void
past_odd_add (PastOddSet *set, uint32_t task)
{
  uint64_t bit = UINT64_C (1) << task % 64;

  set->n += (set->bits[task / 64] & bit) == 0;
  set->bits[task / 64] |= bit;
}

static inline bool
past_odd_has (const PastOddSet *set, uint32_t task)
{
  return (set->bits[task / 64] >> task % 64 & 1) != 0;
}

/* What the lanes are in, as it was known before their spans were looked at. */
typedef struct
{
  uint32_t task;
  int64_t start_ns;
} PastNow;

/* Fills in the lists of those tasks, and their columns. @nows: (element-type PastNow) */
void _weft_past_find_turns (WeftPast *past, const PastOddSet *set, const GArray *nows);
/* (nullable) */
PastOdd *_weft_past_find_odd (const WeftPast *past, uint32_t task);
/* One more, after all others. */
void _weft_past_add_turn (WeftPast *past, PastOdd *odd, int64_t at_ns, WeftModelState state);
/* In which state an odd task was; WEFT_TASK_WAITING before its first turn. */
WeftModelState _weft_past_odd_state (const WeftPast *past, const PastOdd *odd, int64_t at_ns);

/* ---- past-times.c ---------------------------------------------------------------------------- */

/* Fills in all columns. */
void _weft_past_find_times (WeftPast *past);

/* What a span of a task says; a span that is no attempt says nothing. */
static inline bool
past_is_attempt (const WeftPast *past, const WeftSpan *span)
{
  return (span->kind == WEFT_RECORD_TASK || span->kind == WEFT_RECORD_TIMED_OUT)
         && span->task < past->n_tasks && (span->flags & WEFT_RECORD_LATE) == 0;
}

/* The state in which an attempt leaves its task; RUNNING: it goes on, or what came of it is told
 * elsewhere. */
static inline WeftModelState
past_state_after (const WeftSpan *span)
{
  if (span->kind == WEFT_RECORD_TIMED_OUT || span->flags & WEFT_RECORD_CONTINUED)
    return WEFT_TASK_RUNNING;
  switch (span->how >> 4)
    {
    case WEFT_OUTCOME_RETRIED:
      return WEFT_TASK_QUEUED;
    case WEFT_OUTCOME_REPLACED:
      return WEFT_TASK_WAITING;
    case WEFT_OUTCOME_FAILED:
    case WEFT_OUTCOME_TIMED_OUT:
      return WEFT_TASK_ERRED;
    case WEFT_OUTCOME_CANCELLED:
      return WEFT_TASK_CANCELLED;
    default:
      return WEFT_TASK_MEMORY;
    }
}
