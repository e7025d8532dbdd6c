/* attempts.c: what an attempt at a task says of the task
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Attempts may come in any order, from several lanes, and be told of twice. Those of which nothing
 * of that is true are taken in many at once: plain.c.
 */
#include "config.h"

#include "model/weft-intake-private.h"

void
_weft_intake_count (WeftIntake *in, uint32_t group_number, const WeftRecord *record, int64_t ns)
{
  WeftModelGroupData *group;
  WeftOutcome outcome = weft_record_outcome (record);

  if (group_number == WEFT_NO_GROUP)
    return;
  group = _weft_model_group (in->model, (uint16_t) group_number);
  _weft_add (group->busy_ns, ns);
  if (ns > _weft_get (group->longest_ns))
    _weft_set (group->longest_ns, ns);
  if (record->kind == WEFT_RECORD_TASK && (record->flags & WEFT_RECORD_CONTINUED) == 0
      && (outcome == WEFT_OUTCOME_OK || outcome == WEFT_OUTCOME_REPLACED))
    _weft_add (group->n_ended, 1u);
}

/* Which attempt the record is of, as the details behind it say. */
static uint64_t
attempt_of (const WeftIntake *in, const WeftRecord *record)
{
  while (++record < in->end && record->flags & WEFT_RECORD_DETAIL)
    if (record->kind == WEFT_RECORD_ATTEMPT)
      return weft_record_amount (record);
  return 1;
}

/* Which attempt passed its deadline. */
static uint64_t
deadline_attempt (const WeftModel *model, const WeftSpan *span, uint32_t lane, uint64_t index)
{
  uint64_t attempt = span->kind == WEFT_RECORD_TIMED_OUT ? MAX (span->amount, 1) : 1;

  weft_model_span_detail (model, lane, index, WEFT_RECORD_ATTEMPT, &attempt);
  return attempt;
}

/* Whether the span that is known of the task stays its last: it is of a later attempt, which other
 * lanes told of first; or it is the attempt up to its deadline, and the record only says how it
 * ended, on another worker and in no time to speak of. */
static bool
keeps_place (WeftIntake *in, const WeftRecord *record, uint32_t task, int64_t start_ns)
{
  WeftOutcome outcome = weft_record_outcome (record);
  const WeftSpan *known;
  uint32_t lane;
  uint64_t index;

  if (WEFT_LIKELY (!weft_model_task_span (in->model, task, &lane, &index)))
    return false;
  known = weft_spans_get (_weft_model_lane (in->model, lane)->spans, index);
  if (weft_span_is_deadline (known)
      && (outcome == WEFT_OUTCOME_TIMED_OUT || outcome == WEFT_OUTCOME_RETRIED)
      && attempt_of (in, record) == deadline_attempt (in->model, known, lane, index))
    return true;
  return known->start_ns > start_ns;
}

/* Nothing more is known of the task than that this attempt failed. */
static void
queue_again (WeftIntake *in, const WeftRecord *record, uint32_t task, int64_t at_ns)
{
  if (weft_model_task_state (in->model, task) < WEFT_TASK_MEMORY
      && weft_model_task_attempts (in->model, task) <= attempt_of (in, record))
    {
      _weft_task_set_state (in->model, task, WEFT_TASK_QUEUED);
      _weft_ready_wait (in->model, task, at_ns, true);
    }
}

static void
end_task (WeftIntake *in, const WeftRecord *record, uint32_t task, int64_t at_ns)
{
  WeftModel *model = in->model;
  WeftModelSegment *segment = in->segment;

  _weft_task_set_attempts (model, task, 1);
  switch (weft_record_outcome (record))
    {
    case WEFT_OUTCOME_RETRIED:
      queue_again (in, record, task, at_ns);
      break;
    case WEFT_OUTCOME_REPLACED:
      _weft_task_replace (model, segment, record->task, task);
      break;
    case WEFT_OUTCOME_FAILED:
    case WEFT_OUTCOME_TIMED_OUT:
      _weft_task_end (model, segment, record->task, task, WEFT_TASK_ERRED);
      break;
    case WEFT_OUTCOME_CANCELLED:
      _weft_task_end (model, segment, record->task, task, WEFT_TASK_CANCELLED);
      break;
    default:
      if (WEFT_UNLIKELY (_weft_task_flags (model, task) & WEFT_TASK_ENDED))
        _weft_task_end_again (model, segment, record->task, task, at_ns);
      else
        _weft_task_end (model, segment, record->task, task, WEFT_TASK_MEMORY);
    }
}

void
_weft_intake_end_attempt (WeftIntake *in, const WeftRecord *record, uint32_t task, uint64_t index,
                          int64_t start_ns, int64_t end_ns)
{
  if (!keeps_place (in, record, task, start_ns))
    _weft_task_move (in->model, in->segment, record->task, task, in->lane, index);
  if ((record->flags & WEFT_RECORD_CONTINUED) == 0)
    end_task (in, record, task, end_ns);
}

void
_weft_intake_take_task (WeftIntake *in, const WeftRecord *record)
{
  uint32_t task = _weft_intake_task (in, record);
  uint32_t group = task != WEFT_NONE ? weft_model_task_group (in->model, task) : WEFT_NO_GROUP;
  int64_t start_ns, end_ns;
  uint64_t index;

  _weft_intake_times (in, record, &start_ns, &end_ns);
  index = _weft_intake_add_span (in, record, task, group, start_ns, end_ns);
  _weft_intake_supersede_now (in->lane, record, task);
  in->lane->target = task;
  if (WEFT_UNLIKELY (record->flags & WEFT_RECORD_VIEW))
    in->model->has_views = true;
  _weft_intake_count (in, group, record, end_ns - start_ns);
  if (task == WEFT_NONE || record->flags & WEFT_RECORD_LATE)
    return;
  if (WEFT_UNLIKELY (!in->segment->begun))
    _weft_ready_begin (in->model, in->segment);
  _weft_intake_end_attempt (in, record, task, index, start_ns, end_ns);
}
