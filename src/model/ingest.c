/* ingest.c: records into spans, states and series
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A frame of records is looked through before any of it is taken in: what refers to something that
 * cannot be makes the frame an error, and nothing was changed. What refers to tasks that were
 * announced but of which no piece has told yet is held back, with all records that come after it,
 * until the piece is there.
 *
 * Which records become spans: those with a duration, but for samples, which become series; and in
 * lane 0 the points that tell of the run's course (EVENT below), as spans without length.
 */
#include "config.h"

#include "model/weft-model-private.h"

#include <string.h>

/* What is done with a record, by kind. */
enum
{
  OF_TASK = 0x01, /* `task` is one of the segment's, or NONE */
  OF_SLOT = 0x02, /* `task` is an output slot */
  SPAN = 0x04,
  EVENT = 0x08,
  SAMPLE = 0x10,
};

static const uint8_t classes[256] = {
  [WEFT_RECORD_TASK] = OF_TASK | SPAN,
  [WEFT_RECORD_SPILL_WRITE] = OF_SLOT | SPAN,
  [WEFT_RECORD_SPILL_READ] = OF_SLOT | SPAN,
  [WEFT_RECORD_TRANSFER] = OF_TASK | SPAN,
  [WEFT_RECORD_PAUSED] = SPAN,
  [WEFT_RECORD_MEMORY_PAUSED] = OF_TASK | SPAN,
  [WEFT_RECORD_RESOURCE_WAIT] = OF_TASK | SPAN,
  [WEFT_RECORD_RETRY_WAIT] = OF_TASK | SPAN,
  [WEFT_RECORD_RECORDER_WAIT] = SPAN,
  [WEFT_RECORD_DROPPED] = SPAN,
  [WEFT_RECORD_PARKED] = SPAN,
  [WEFT_RECORD_READY] = OF_TASK,
  [WEFT_RECORD_RELEASED] = OF_SLOT,
  [WEFT_RECORD_ERRED] = OF_TASK,
  [WEFT_RECORD_CANCELLED] = OF_TASK,
  [WEFT_RECORD_MEMORY] = SAMPLE,
  [WEFT_RECORD_CPU] = SAMPLE,
  [WEFT_RECORD_IO] = SAMPLE,
  [WEFT_RECORD_RUN_STATE] = EVENT,
  [WEFT_RECORD_ADMITTED] = OF_TASK | EVENT,
  [WEFT_RECORD_SPILL_FAILED] = OF_SLOT | EVENT,
  [WEFT_RECORD_STEAL_MISS] = SPAN,
  [WEFT_RECORD_ANNOTATION] = OF_TASK | SPAN,
  [WEFT_RECORD_BLOCKED] = OF_TASK | SPAN,
  [WEFT_RECORD_WORKER_LOST] = EVENT,
  [WEFT_RECORD_TIMED_OUT] = OF_TASK | SPAN,
  [WEFT_RECORD_ASSIGNED] = OF_TASK,
  [WEFT_RECORD_ELSEWHERE] = SPAN,
  [WEFT_RECORD_BEGIN] = OF_TASK,
  [WEFT_RECORD_BREAK] = OF_TASK | EVENT,
  [WEFT_RECORD_STEPPED] = OF_TASK | EVENT,
  [WEFT_RECORD_REUSED] = OF_TASK,
  [WEFT_RECORD_STATE] = OF_TASK,
  [WEFT_RECORD_PHASE] = OF_TASK | SPAN,
  [WEFT_RECORD_SLOWED] = SPAN,
};

/* ---- looking through ------------------------------------------------------------------------- */

typedef enum
{
  FINE,
  TOO_EARLY, /* of tasks that were announced, but not told of */
  WRONG,
} Verdict;

static Verdict
check_record (const WeftModel *model, const WeftRecord *record,
              const WeftModelSegment **last_segment)
{
  uint8_t class = classes[record->kind];
  const WeftModelSegment *segment = *last_segment;

  if ((class & (OF_TASK | OF_SLOT)) == 0 || record->task == WEFT_NONE
      || record->flags & WEFT_RECORD_DETAIL)
    return FINE;
  if (segment == NULL || segment->number != record->segment)
    {
      if (record->segment == WEFT_NONE)
        return FINE;
      segment = *last_segment = _weft_model_segment (model, record->segment);
      if (segment == NULL)
        return WRONG;
    }
  if (class & OF_SLOT)
    return !segment->counted ? TOO_EARLY : record->task < segment->n_slots ? FINE : WRONG;
  return record->task < segment->n_told    ? FINE
         : record->task < segment->n_tasks ? TOO_EARLY
                                           : WRONG;
}

static Verdict
check_records (const WeftModel *model, const WeftRecord *records, uint32_t n, uint32_t *wrong)
{
  const WeftModelSegment *segment = NULL;
  Verdict verdict = FINE;

  for (uint32_t i = 0; i < n; i++)
    {
      Verdict one = check_record (model, &records[i], &segment);

      if (one == WRONG)
        {
          *wrong = i;
          return WRONG;
        }
      verdict = MAX (verdict, one);
    }
  return verdict;
}

/* ---- what runs now --------------------------------------------------------------------------- */

static void
set_now (WeftModelLaneData *lane, uint8_t kind, uint32_t task, uint32_t group, uint32_t attempt,
         int64_t start_ns, int64_t seen_ns)
{
  WeftModelNowSlot *now = &lane->now;
  uint32_t sequence = _weft_get (now->sequence);

  _weft_set (now->sequence, sequence + 1);
  atomic_store_explicit (&now->task, task, memory_order_release);
  atomic_store_explicit (&now->what, group | (uint32_t) kind << 16, memory_order_release);
  atomic_store_explicit (&now->attempt, attempt, memory_order_release);
  atomic_store_explicit (&now->start_ns, start_ns, memory_order_release);
  atomic_store_explicit (&now->seen_ns, seen_ns, memory_order_release);
  atomic_store_explicit (&now->sequence, sequence + 2, memory_order_release);
  lane->now_kind = kind;
}

void
_weft_lane_clear_now (WeftModelLaneData *lane)
{
  if (lane->now_kind != 0)
    set_now (lane, 0, WEFT_NONE, WEFT_NO_GROUP, 0, 0, 0);
}

bool
weft_model_now (const WeftModel *model, uint32_t lane, WeftModelNow *now)
{
  WeftModelNowSlot *slot = &_weft_model_lane (model, lane)->now;
  uint32_t before, after, what;

  do
    {
      before = atomic_load_explicit (&slot->sequence, memory_order_acquire);
      now->task = atomic_load_explicit (&slot->task, memory_order_acquire);
      what = atomic_load_explicit (&slot->what, memory_order_acquire);
      now->attempt = (uint16_t) atomic_load_explicit (&slot->attempt, memory_order_acquire);
      now->start_ns = atomic_load_explicit (&slot->start_ns, memory_order_acquire);
      now->seen_ns = atomic_load_explicit (&slot->seen_ns, memory_order_acquire);
      after = _weft_get (slot->sequence);
    }
  while (before != after || before % 2 != 0);
  now->group = (uint16_t) what;
  now->kind = (uint8_t) (what >> 16);
  return now->kind != 0;
}

/* ---- taking in ------------------------------------------------------------------------------- */

/* A frame being taken in. */
typedef struct
{
  WeftModel *model;
  WeftModelLaneData *lane;
  const WeftRecord *end;
  WeftModelSegment *segment; /* of the record before */
  uint64_t n_spans;
  int64_t last_ns;
} Intake;

static WeftModelSegment *
segment_of (Intake *in, const WeftRecord *record)
{
  if (in->segment == NULL || in->segment->number != record->segment)
    in->segment = _weft_model_segment (in->model, record->segment);
  return in->segment;
}

static uint32_t
task_of (Intake *in, const WeftRecord *record)
{
  const WeftModelSegment *segment;
  uint32_t task;

  if (record->task == WEFT_NONE || record->segment == WEFT_NONE)
    return WEFT_NONE;
  segment = segment_of (in, record);
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

/* Start and end of a record. Where one begins with the end of the one before, both are the same; a
 * better map of the clock that came between never makes them overlap. */
static void
times_of (Intake *in, const WeftRecord *record, int64_t *start_ns, int64_t *end_ns)
{
  WeftModelLaneData *lane = in->lane;
  uint64_t duration = weft_record_duration (record);

  if (record->start == lane->last_ticks)
    *start_ns = lane->last_ns;
  else
    *start_ns = _weft_model_ns (in->model, lane->domain, record->start);
  if (record->start > lane->last_ticks && *start_ns < lane->last_ns)
    *start_ns = lane->last_ns;
  *end_ns = *start_ns;
  if (duration > 0)
    *end_ns = MAX (*start_ns,
                   _weft_model_ns (in->model, lane->domain,
                                   record->start + MIN (duration, UINT64_MAX - record->start)));
  if (record->depth == 0 && record->start + duration >= lane->last_ticks)
    {
      lane->last_ticks = record->start + duration;
      lane->last_ns = *end_ns;
    }
  in->last_ns = MAX (in->last_ns, *end_ns);
}

/* Of a record without a length, which may have the stamp of the span before it. */
static int64_t
point_time (Intake *in, const WeftRecord *record)
{
  const WeftModelLaneData *lane = in->lane;
  int64_t at_ns;

  if (record->start == lane->last_ticks)
    return lane->last_ns;
  at_ns = _weft_model_ns (in->model, lane->domain, record->start);
  return record->start > lane->last_ticks ? MAX (at_ns, lane->last_ns) : at_ns;
}

/* Returns: its index */
static uint64_t
add_span (Intake *in, const WeftRecord *record, uint32_t task, uint16_t group, int64_t start_ns,
          int64_t end_ns)
{
  WeftSpans *spans = in->lane->spans;
  uint64_t index = weft_spans_n (spans);
  WeftSpan span = { .start_ns = start_ns,
                    .end_ns = end_ns,
                    .task = task,
                    .group = group,
                    .kind = record->kind,
                    .how = record->how,
                    .flags = record->flags,
                    .depth = record->depth,
                    .amount = weft_record_amount (record) };

  weft_spans_append (spans, &span);
  in->lane->target_span = index + 1;
  in->n_spans++;
  return index;
}

static void
count_attempt (Intake *in, uint32_t group_number, const WeftRecord *record, int64_t ns)
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

/* Whether the span that is known of the task stays its last: it is of a later attempt, which other
 * lanes told of first; or it is the attempt up to its deadline, in lane 0, and the record only says
 * how it ended, without a length. */
static bool
keeps_place (Intake *in, const WeftRecord *record, uint32_t task, int64_t start_ns)
{
  WeftOutcome outcome = weft_record_outcome (record);
  const WeftSpan *known;
  uint32_t lane;
  uint64_t index;

  if (WEFT_LIKELY (!weft_model_task_span (in->model, task, &lane, &index)))
    return false;
  known = weft_spans_get (_weft_model_lane (in->model, lane)->spans, index);
  if (known->kind == WEFT_RECORD_TIMED_OUT && weft_record_duration (record) == 0
      && (outcome == WEFT_OUTCOME_TIMED_OUT || outcome == WEFT_OUTCOME_RETRIED))
    return true;
  return known->start_ns > start_ns;
}

/* Which attempt the record is of, as the details behind it say. */
static uint64_t
attempt_of (const Intake *in, const WeftRecord *record)
{
  while (++record < in->end && record->flags & WEFT_RECORD_DETAIL)
    if (record->kind == WEFT_RECORD_ATTEMPT)
      return weft_record_amount (record);
  return 1;
}

/* Nothing more is known of the task than that this attempt failed. */
static void
queue_again (Intake *in, const WeftRecord *record, uint32_t task)
{
  if (weft_model_task_state (in->model, task) < WEFT_TASK_MEMORY
      && weft_model_task_attempts (in->model, task) <= attempt_of (in, record))
    _weft_task_set_state (in->model, task, WEFT_TASK_QUEUED);
}

static void
end_attempt (Intake *in, const WeftRecord *record, uint32_t task)
{
  WeftModel *model = in->model;
  WeftModelSegment *segment = in->segment;

  _weft_task_set_attempts (model, task, 1);
  switch (weft_record_outcome (record))
    {
    case WEFT_OUTCOME_RETRIED:
      queue_again (in, record, task);
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
      _weft_task_end (model, segment, record->task, task, WEFT_TASK_MEMORY);
    }
}

static void
supersede_now (WeftModelLaneData *lane, const WeftRecord *record, uint32_t task)
{
  if (lane->now_kind == record->kind && lane->now_start == record->start
      && (task == lane->now_task || record->kind != WEFT_RECORD_TASK))
    _weft_lane_clear_now (lane);
}

static void
take_task (Intake *in, const WeftRecord *record)
{
  uint32_t task = task_of (in, record);
  uint32_t group = task != WEFT_NONE ? weft_model_task_group (in->model, task) : WEFT_NO_GROUP;
  int64_t start_ns, end_ns;
  uint64_t index;

  times_of (in, record, &start_ns, &end_ns);
  index = add_span (in, record, task, (uint16_t) group, start_ns, end_ns);
  supersede_now (in->lane, record, task);
  in->lane->target = task;
  if (WEFT_UNLIKELY (record->flags & WEFT_RECORD_VIEW))
    in->model->has_views = true;
  count_attempt (in, group, record, end_ns - start_ns);
  if (task == WEFT_NONE || record->flags & WEFT_RECORD_LATE)
    return;
  if (!keeps_place (in, record, task, start_ns))
    _weft_task_move (in->model, in->segment, record->task, task, in->lane, index);
  if ((record->flags & WEFT_RECORD_CONTINUED) == 0)
    end_attempt (in, record, task);
}

/* An attempt up to its deadline, in lane 0. What became of it comes in a record of its own. */
static void
take_timed_out (Intake *in, const WeftRecord *record, uint32_t task, uint64_t index, int64_t ns)
{
  uint32_t lane;
  uint64_t last;

  if (task == WEFT_NONE)
    return;
  count_attempt (in, weft_model_task_group (in->model, task), record, ns);
  if (weft_record_amount (record) < weft_model_task_attempts (in->model, task)
      && weft_model_task_span (in->model, task, &lane, &last))
    return;
  _weft_task_set_place (in->model, task, in->lane, index);
  _weft_task_set_attempts (in->model, task, MAX (weft_record_amount (record), 1));
}

static void
move_result (Intake *in, const WeftRecord *record, uint32_t task)
{
  if (task != WEFT_NONE && (record->flags & WEFT_RECORD_CONTINUED) == 0)
    _weft_slot_move (in->model, in->segment, record->task, record->kind == WEFT_RECORD_SPILL_WRITE);
}

static void
take_span (Intake *in, const WeftRecord *record)
{
  uint8_t class = classes[record->kind];
  uint32_t task = WEFT_NONE, group = WEFT_NO_GROUP;
  WeftRecord of_task = *record;
  int64_t start_ns, end_ns;
  uint64_t index;

  if (class & OF_SLOT && record->task != WEFT_NONE && record->segment != WEFT_NONE
      && segment_of (in, record)->counted)
    of_task.task = _weft_slot_task (segment_of (in, record), record->task);
  else if (class & OF_SLOT)
    of_task.task = WEFT_NONE;
  if (class & (OF_TASK | OF_SLOT))
    task = task_of (in, &of_task);
  if (task != WEFT_NONE)
    group = weft_model_task_group (in->model, task);
  times_of (in, record, &start_ns, &end_ns);
  in->lane->target = WEFT_NONE;
  in->lane->target_span = 0;
  supersede_now (in->lane, record, task);
  if ((class & EVENT) && in->lane->info.kind != WEFT_LANE_CONTROL)
    return;
  index = add_span (in, record, task, (uint16_t) group, start_ns, end_ns);
  if (record->kind == WEFT_RECORD_SPILL_WRITE || record->kind == WEFT_RECORD_SPILL_READ)
    move_result (in, record, task);
  if (record->kind == WEFT_RECORD_TIMED_OUT)
    take_timed_out (in, record, task, index, end_ns - start_ns);
  else if (record->kind == WEFT_RECORD_DROPPED)
    _weft_add (in->model->n_dropped, weft_record_amount (record));
}

static void
set_unless_ended (Intake *in, uint32_t task, WeftModelState state)
{
  if (weft_model_task_state (in->model, task) < WEFT_TASK_MEMORY)
    _weft_task_set_state (in->model, task, state);
}

/* For those who ask later what was when. */
static void
keep_point (Intake *in, const WeftRecord *record, uint32_t task)
{
  WeftModel *model = in->model;
  uint64_t n = _weft_get (model->n_points);
  WeftTaskPoint *point = _weft_blocks_grow (&model->points, n, sizeof *point);
  int64_t at_ns = point_time (in, record);

  *point =
      (WeftTaskPoint){ .at_ns = at_ns, .task = task, .kind = record->kind, .state = record->how };
  atomic_store_explicit (&model->n_points, n + 1, memory_order_release);
  in->last_ns = MAX (in->last_ns, at_ns);
}

/* A foreign scheduler's own word. */
static void
take_state (Intake *in, const WeftRecord *record, uint32_t task)
{
  WeftModelState state = record->how;

  if (state >= WEFT_TASK_N_STATES)
    return;
  if (state >= WEFT_TASK_MEMORY && state != WEFT_TASK_RELEASED
      && weft_model_task_state (in->model, task) != state)
    _weft_task_end (in->model, in->segment, record->task, task, state);
  else
    _weft_task_set_state (in->model, task, state);
}

static void
take_begin (Intake *in, const WeftRecord *record, uint32_t task)
{
  int64_t start_ns = _weft_model_ns (in->model, in->lane->domain, record->start);

  set_unless_ended (in, task, WEFT_TASK_RUNNING);
  in->lane->now_start = record->start;
  in->lane->now_task = task;
  set_now (in->lane, WEFT_RECORD_TASK, task, weft_model_task_group (in->model, task), 1, start_ns,
           start_ns);
  in->last_ns = MAX (in->last_ns, start_ns);
}

/* Points about a task. */
static void
take_point (Intake *in, const WeftRecord *record)
{
  uint32_t task = task_of (in, record);

  in->lane->target = task;
  in->lane->target_span = 0;
  if (task == WEFT_NONE)
    return;
  if (record->kind != WEFT_RECORD_BEGIN)
    keep_point (in, record, task);
  switch (record->kind)
    {
    case WEFT_RECORD_READY:
    case WEFT_RECORD_ASSIGNED:
      if (weft_model_task_state (in->model, task) == WEFT_TASK_WAITING)
        _weft_task_set_state (in->model, task, WEFT_TASK_QUEUED);
      break;
    case WEFT_RECORD_ERRED:
      _weft_task_end (in->model, in->segment, record->task, task, WEFT_TASK_ERRED);
      break;
    case WEFT_RECORD_CANCELLED:
      _weft_task_end (in->model, in->segment, record->task, task, WEFT_TASK_CANCELLED);
      break;
    case WEFT_RECORD_REUSED:
      _weft_task_end (in->model, in->segment, record->task, task, WEFT_TASK_MEMORY);
      break;
    case WEFT_RECORD_BEGIN:
      take_begin (in, record, task);
      break;
    case WEFT_RECORD_STATE:
      take_state (in, record, task);
      break;
    default:
      break;
    }
}

static void
keep_detail (WeftModelLaneData *lane, const WeftRecord *record)
{
  uint64_t n = _weft_get (lane->n_details);
  WeftSpanDetail *detail = _weft_blocks_grow (&lane->details, n, sizeof *detail);

  *detail = (WeftSpanDetail){ .span = lane->target_span - 1,
                              .kind = record->kind,
                              .amount = weft_record_amount (record) };
  atomic_store_explicit (&lane->n_details, n + 1, memory_order_release);
}

static void
take_detail (Intake *in, const WeftRecord *record)
{
  uint32_t segment_number;
  WeftModelSegment *segment;

  if (in->lane->target_span > 0 && record->kind < WEFT_RECORD_FIRST_POINT
      && record->kind != WEFT_RECORD_OUTPUT)
    keep_detail (in->lane, record);
  if (in->lane->target == WEFT_NONE)
    return;
  if (record->kind == WEFT_RECORD_ATTEMPT)
    _weft_task_set_attempts (in->model, in->lane->target, weft_record_amount (record));
  if (record->kind != WEFT_RECORD_OUTPUT)
    return;
  _weft_model_number (in->model, in->lane->target, &segment_number);
  segment = _weft_model_segment (in->model, segment_number);
  _weft_task_output (in->model, segment, record->task, weft_record_amount (record),
                     in->lane->number);
}

bool
weft_model_span_detail (const WeftModel *model, uint32_t lane, uint64_t index, uint8_t kind,
                        uint64_t *amount)
{
  const WeftModelLaneData *data = _weft_model_lane (model, lane);
  uint64_t n = atomic_load_explicit (&data->n_details, memory_order_acquire);
  uint64_t low = 0, high = n;

  while (low < high)
    {
      uint64_t middle = low + (high - low) / 2;
      const WeftSpanDetail *detail =
          _weft_blocks_get (&data->details, middle, sizeof (WeftSpanDetail));

      if (detail->span < index)
        low = middle + 1;
      else
        high = middle;
    }
  for (; low < n; low++)
    {
      const WeftSpanDetail *detail =
          _weft_blocks_get (&data->details, low, sizeof (WeftSpanDetail));

      if (detail->span != index)
        return false;
      if (detail->kind != kind)
        continue;
      *amount = detail->amount;
      return true;
    }
  return false;
}

static void
take_setting (Intake *in, const WeftRecord *record)
{
  WeftModel *model = in->model;
  uint32_t n = _weft_get (model->n_settings);
  WeftModelSetting *setting = _weft_blocks_grow (&model->settings, n, sizeof *setting);
  int64_t at_ns = _weft_model_ns (model, in->lane->domain, record->start);

  *setting = (WeftModelSetting){ .at_ns = at_ns,
                                 .setting = weft_record_low (record),
                                 .form = record->how,
                                 .value = weft_record_high (record) };
  atomic_store_explicit (&model->n_settings, n + 1, memory_order_release);
  if (weft_record_low (record) == WEFT_SETTING_MEMORY_LIMIT)
    _weft_model_set (in->model, WEFT_SERIES_LIMIT, at_ns, weft_record_high (record));
  else if (weft_record_low (record) == WEFT_SETTING_WORKERS)
    _weft_model_set (in->model, WEFT_SERIES_WORKERS, at_ns, weft_record_high (record));
}

/* The lane's worker comes, or goes. */
static void
take_visit (Intake *in, const WeftRecord *record)
{
  WeftModelLaneData *lane = in->lane;
  uint32_t n = _weft_get (lane->n_visits);
  WeftLaneVisit *last = n > 0 ? _weft_blocks_get (&lane->visits, n - 1, sizeof *last) : NULL;
  int64_t at_ns = point_time (in, record);

  in->last_ns = MAX (in->last_ns, at_ns);
  if (record->kind == WEFT_RECORD_WORKER_STOP)
    {
      if (last != NULL && _weft_get (last->stop_ns) == INT64_MAX)
        _weft_set (last->stop_ns, MAX (at_ns, last->start_ns));
      return;
    }
  if (last != NULL && (_weft_get (last->stop_ns) > at_ns || n == UINT32_MAX))
    return; /* it is there already */
  last = _weft_blocks_grow (&lane->visits, n, sizeof *last);
  last->start_ns = at_ns;
  _weft_set (last->stop_ns, INT64_MAX);
  atomic_store_explicit (&lane->n_visits, n + 1, memory_order_release);
}

uint32_t
weft_model_lane_n_visits (const WeftModel *model, uint32_t lane)
{
  return atomic_load_explicit (&_weft_model_lane (model, lane)->n_visits, memory_order_acquire);
}

void
weft_model_lane_visit (const WeftModel *model, uint32_t lane, uint32_t index, WeftModelVisit *visit)
{
  const WeftLaneVisit *data =
      _weft_blocks_get (&_weft_model_lane (model, lane)->visits, index, sizeof (WeftLaneVisit));

  *visit = (WeftModelVisit){ data->start_ns, _weft_get (data->stop_ns) };
}

/* Of the outputs of a task the first decides what is said of it. */
static void
take_release (Intake *in, const WeftRecord *record)
{
  WeftModelSegment *segment = segment_of (in, record);
  uint32_t number, task;

  if (record->task >= segment->n_slots)
    return;
  _weft_slot_release (in->model, segment, record->task);
  number = _weft_slot_task (segment, record->task);
  task = _weft_segment_task (in->model, segment, number);
  if (task != WEFT_NONE && record->task == weft_graph_output_slot (segment->arrays, number, 0))
    keep_point (in, record, task);
}

static void
take_other (Intake *in, const WeftRecord *record)
{
  uint8_t class = classes[record->kind];
  int64_t start_ns, end_ns;

  if (record->kind == WEFT_RECORD_RUN_STATE && record->how <= WEFT_RUN_INTERRUPTED)
    _weft_set (in->model->phase, record->how);
  if (class & (SPAN | EVENT))
    take_span (in, record);
  else if (class & SAMPLE)
    {
      times_of (in, record, &start_ns, &end_ns);
      _weft_model_sample (in->model, record, start_ns, end_ns);
    }
  else if (class & OF_TASK)
    take_point (in, record);
  else if (record->kind == WEFT_RECORD_RELEASED && record->task != WEFT_NONE
           && segment_of (in, record) != NULL && segment_of (in, record)->counted)
    take_release (in, record);
  else if (record->kind == WEFT_RECORD_SETTING)
    take_setting (in, record);
  else if (record->kind == WEFT_RECORD_WORKER_START || record->kind == WEFT_RECORD_WORKER_STOP)
    take_visit (in, record);
}

static void
take_records (WeftModel *model, const WeftRunFrame *frame)
{
  Intake in = { .model = model,
                .lane = _weft_model_lane (model, frame->head.lane),
                .last_ns = INT64_MIN };
  const WeftRecord *records;
  WeftRecordsHead head;
  uint32_t n = 0;

  weft_run_frame_records (frame, &head, &records, &n);
  in.end = records + n;
  for (uint32_t i = 0; i < n; i++)
    {
      const WeftRecord *record = &records[i];

      if (record->flags & WEFT_RECORD_DETAIL)
        take_detail (&in, record);
      else if (WEFT_LIKELY (record->kind == WEFT_RECORD_TASK))
        take_task (&in, record);
      else if (record->kind != 0)
        take_other (&in, record);
    }
  in.lane->watermark = MAX (in.lane->watermark, frame->head.watermark);
  _weft_model_finish_parents (model);
  _weft_add (model->n_spans, in.n_spans);
  _weft_model_saw (model, in.last_ns);
}

/* ---- frames ---------------------------------------------------------------------------------- */

void
_weft_model_release_held (WeftModel *model, bool all)
{
  WeftRunFrame *frame;

  while ((frame = g_queue_peek_head (&model->held)) != NULL)
    {
      const WeftRecord *records;
      uint32_t n, wrong;

      weft_run_frame_records (frame, NULL, &records, &n);
      if (!all && check_records (model, records, n, &wrong) == TOO_EARLY)
        return;
      take_records (model, frame);
      g_queue_pop_head (&model->held);
      _weft_frame_free (frame);
    }
}

/* Time 0 is the first thing told by a record, whichever lane it is in. */
static void
begin_time (WeftModel *model, const WeftModelLaneData *lane, const WeftRecordsHead *head)
{
  if (!model->has_origin && head->n_records > 0)
    _weft_model_ns (model, lane->domain, head->min_start);
}

bool
_weft_model_add_records (WeftModel *model, const WeftRunFrame *frame, GError **error)
{
  const WeftModelLaneData *lane;
  const WeftRecord *records;
  WeftRecordsHead head;
  uint32_t n, wrong = 0;
  Verdict verdict;

  if (!weft_run_frame_records (frame, &head, &records, &n))
    return _weft_model_fail (error, "a RECORDS frame is not as it should be");
  if (frame->head.lane >= _weft_get (model->n_lanes))
    return _weft_model_fail (error, "records of lane %u, which is unknown", frame->head.lane);
  lane = _weft_model_lane (model, frame->head.lane);
  if (!_weft_model_has_clock (model, lane->domain))
    return _weft_model_fail (error, "records of lane %u, whose clock %u is unknown",
                             frame->head.lane, lane->domain);
  verdict = check_records (model, records, n, &wrong);
  if (verdict == WRONG)
    return _weft_model_fail (
        error, "record %u of frame %" G_GUINT64_FORMAT ": there is no task %u in segment %u", wrong,
        frame->head.sequence, records[wrong].task, records[wrong].segment);
  begin_time (model, lane, &head);
  if (verdict == TOO_EARLY || !g_queue_is_empty (&model->held))
    g_queue_push_tail (&model->held, _weft_frame_copy (frame));
  else
    take_records (model, frame);
  return true;
}

/* ---- NOW ------------------------------------------------------------------------------------- */

/* The task as the model has it; NONE for one of which nothing was told yet. */
static uint32_t
now_task (WeftModel *model, const WeftNowEntry *entry)
{
  const WeftModelSegment *segment =
      entry->task != WEFT_NONE ? _weft_model_segment (model, entry->segment) : NULL;

  return segment != NULL && entry->task < segment->n_told
             ? _weft_segment_task (model, segment, entry->task)
             : WEFT_NONE;
}

/* Whether a record of the task has come already that begins there or later. */
static bool
has_been (const WeftModel *model, uint32_t task, int64_t start_ns)
{
  uint32_t lane;
  uint64_t index;

  return weft_model_task_span (model, task, &lane, &index)
         && weft_spans_get (_weft_model_lane (model, lane)->spans, index)->start_ns >= start_ns;
}

static void
take_entry (WeftModel *model, const WeftNowEntry *entry, int64_t seen_ns)
{
  WeftModelLaneData *lane = _weft_model_lane (model, entry->lane);
  uint32_t task = now_task (model, entry);
  uint32_t group = task != WEFT_NONE ? weft_model_task_group (model, task) : WEFT_NO_GROUP;
  int64_t start_ns;

  lane->watermark = MAX (lane->watermark, entry->watermark);
  if (entry->watermark == UINT64_MAX || entry->kind == 0
      || (entry->kind == WEFT_RECORD_TASK && task == WEFT_NONE))
    {
      _weft_lane_clear_now (lane);
      return;
    }
  start_ns = _weft_model_ns (model, lane->domain, entry->start);
  if (task != WEFT_NONE && has_been (model, task, start_ns))
    {
      _weft_lane_clear_now (lane);
      return;
    }
  lane->now_start = entry->start;
  lane->now_task = task;
  set_now (lane, entry->kind, task, group, entry->attempt, start_ns, MAX (seen_ns, start_ns));
  if (task == WEFT_NONE || entry->kind != WEFT_RECORD_TASK)
    return;
  _weft_task_set_attempts (model, task, MAX (entry->attempt, 1));
  if (weft_model_task_state (model, task) < WEFT_TASK_MEMORY)
    _weft_task_set_state (model, task, WEFT_TASK_RUNNING);
}

bool
_weft_model_add_now (WeftModel *model, const WeftRunFrame *frame, GError **error)
{
  const WeftNowEntry *entries;
  int64_t seen_ns;
  uint32_t n;

  if (!weft_run_frame_now (frame, &entries, &n))
    return _weft_model_fail (error, "a NOW frame is not as it should be");
  for (uint32_t i = 0; i < n; i++)
    if (entries[i].lane >= _weft_get (model->n_lanes)
        || !_weft_model_has_clock (model, _weft_model_lane (model, entries[i].lane)->domain))
      return _weft_model_fail (error, "a NOW frame tells of lane %u, which is unknown",
                               entries[i].lane);
  if (!model->has_origin)
    return true; /* before anything was recorded */
  seen_ns = frame->head.watermark != 0 && _weft_model_has_clock (model, 0)
                ? _weft_model_ns (model, 0, frame->head.watermark)
                : INT64_MIN;
  for (uint32_t i = 0; i < n; i++)
    take_entry (model, &entries[i], seen_ns);
  _weft_model_saw (model, seen_ns);
  _weft_model_update_complete (model);
  return true;
}

/* Up to where all lanes have told everything. */
void
_weft_model_update_complete (WeftModel *model)
{
  int64_t complete_ns = INT64_MAX;

  if (!g_queue_is_empty (&model->held))
    return;
  for (uint32_t i = 0; i < _weft_get (model->n_lanes); i++)
    {
      const WeftModelLaneData *lane = _weft_model_lane (model, i);

      if (lane->watermark == 0 || lane->watermark == UINT64_MAX
          || lane->info.kind == WEFT_LANE_CONTROL || lane->info.flags & WEFT_LANE_BEST_EFFORT)
        continue;
      complete_ns = MIN (complete_ns, _weft_model_ns (model, lane->domain, lane->watermark));
    }
  if (complete_ns == INT64_MAX)
    complete_ns = _weft_get (model->last_ns);
  _weft_set (model->complete_ns, MAX (complete_ns, _weft_get (model->complete_ns)));
}

void
_weft_model_saw (WeftModel *model, int64_t at_ns)
{
  if (at_ns > _weft_get (model->last_ns))
    _weft_set (model->last_ns, at_ns);
}
