/* weft-intake-private.h: a frame of records while it is taken in
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "model/weft-model-private.h"

typedef struct
{
  WeftModel *model;
  WeftModelLaneData *lane;
  const WeftRecord *end;
  WeftModelSegment *segment; /* of the record before */
  WeftClockReach reach;      /* of the lane's clock, for stamps as the last ones */
  uint64_t n_spans;
  int64_t last_ns;
} WeftIntake;

static inline WeftModelSegment *
_weft_intake_segment (WeftIntake *in, const WeftRecord *record)
{
  if (in->segment == NULL || in->segment->number != record->segment)
    in->segment = _weft_model_segment (in->model, record->segment);
  return in->segment;
}

static inline uint32_t
_weft_intake_task (WeftIntake *in, const WeftRecord *record)
{
  const WeftModelSegment *segment;
  uint32_t task;

  if (record->task == WEFT_NONE || record->segment == WEFT_NONE)
    return WEFT_NONE;
  segment = _weft_intake_segment (in, record);
  if (segment == NULL)
    return WEFT_NONE;
  if (WEFT_LIKELY (segment->n_ranges == 1))
    task = record->task < segment->n_tasks ? segment->first + record->task : WEFT_NONE;
  else
    task = _weft_segment_task (in->model, segment, record->task);
  if (WEFT_UNLIKELY (task != WEFT_NONE && _weft_model_page (in->model, task) == NULL))
    _weft_model_grow_tasks (in->model, task, 1, WEFT_NO_GROUP);
  return task;
}

static inline int64_t
_weft_intake_ns (WeftIntake *in, uint64_t ticks)
{
  if (WEFT_UNLIKELY (ticks - in->reach.from >= in->reach.n))
    {
      _weft_clock_reach (in->model, in->lane->domain, ticks, &in->reach);
      if (ticks - in->reach.from >= in->reach.n)
        return _weft_model_ns (in->model, in->lane->domain, ticks);
    }
  return _weft_clock_reach_ns (&in->reach, ticks);
}

/* Start and end of a record. Where one begins with the end of the one before, both are the same; a
 * better map of the clock that came between never makes them overlap. @last_ticks, @last_ns: the
 * lane's, or copies of them. */
static inline void
_weft_intake_times_after (WeftIntake *in, const WeftRecord *record, uint64_t *last_ticks,
                          int64_t *last_ns, int64_t *start_ns, int64_t *end_ns)
{
  uint64_t duration = weft_record_duration (record);

  if (record->start == *last_ticks)
    *start_ns = *last_ns;
  else
    *start_ns = _weft_intake_ns (in, record->start);
  if (record->start > *last_ticks && *start_ns < *last_ns)
    *start_ns = *last_ns;
  *end_ns = *start_ns;
  if (duration > 0)
    *end_ns =
        MAX (*start_ns,
             _weft_intake_ns (in, record->start + MIN (duration, UINT64_MAX - record->start)));
  if (record->depth == 0 && record->start + duration >= *last_ticks)
    {
      *last_ticks = record->start + duration;
      *last_ns = *end_ns;
    }
}

static inline void
_weft_intake_times (WeftIntake *in, const WeftRecord *record, int64_t *start_ns, int64_t *end_ns)
{
  _weft_intake_times_after (in, record, &in->lane->last_ticks, &in->lane->last_ns, start_ns,
                            end_ns);
  in->last_ns = MAX (in->last_ns, *end_ns);
}

static inline WeftSpan
_weft_intake_span (const WeftRecord *record, uint32_t task, uint32_t group, int64_t start_ns,
                   int64_t end_ns)
{
  return (WeftSpan){ .start_ns = start_ns,
                     .end_ns = end_ns,
                     .task = task,
                     .group = (uint16_t) group,
                     .kind = record->kind,
                     .how = record->how,
                     .flags = record->flags,
                     .depth = record->depth,
                     .amount = weft_record_amount (record) };
}

/* What the record tells of is not going on any more. */
static inline void
_weft_intake_supersede_now (WeftModelLaneData *lane, const WeftRecord *record, uint32_t task)
{
  if (lane->now_kind == record->kind && lane->now_start == record->start
      && (task == lane->now_task || record->kind != WEFT_RECORD_TASK))
    _weft_lane_clear_now (lane);
}

/* ---- ingest.c -------------------------------------------------------------------------------- */

/* Returns: its index */
uint64_t _weft_intake_add_span (WeftIntake *in, const WeftRecord *record, uint32_t task,
                                uint32_t group, int64_t start_ns, int64_t end_ns);

/* ---- attempts.c ------------------------------------------------------------------------------ */

/* An attempt in what is known of its group. */
void _weft_intake_count (WeftIntake *in, uint32_t group, const WeftRecord *record, int64_t ns);
/* The span of an attempt is there: what becomes of its task. */
void _weft_intake_end_attempt (WeftIntake *in, const WeftRecord *record, uint32_t task,
                               uint64_t index, int64_t start_ns, int64_t end_ns);
/* A record of kind TASK. */
void _weft_intake_take_task (WeftIntake *in, const WeftRecord *record);

/* ---- plain.c --------------------------------------------------------------------------------- */

/* Takes the records from this one on as far as they are plain. Returns: how many; 0: it is not, or
 * alone */
uint32_t _weft_intake_take_plain (WeftIntake *in, const WeftRecord *record);
