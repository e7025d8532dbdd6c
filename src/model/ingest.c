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

#include "model/weft-intake-private.h"

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
  [WEFT_RECORD_COUNTER] = SAMPLE,
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
  [WEFT_RECORD_LINK] = OF_TASK,
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

/* ---- taking in ------------------------------------------------------------------------------- */

/* Of a record without a length, which may have the stamp of the span before it. */
static int64_t
point_time (WeftIntake *in, const WeftRecord *record)
{
  const WeftModelLaneData *lane = in->lane;
  int64_t at_ns;

  if (record->start == lane->last_ticks)
    return lane->last_ns;
  at_ns = _weft_model_ns (in->model, lane->domain, record->start);
  return record->start > lane->last_ticks ? MAX (at_ns, lane->last_ns) : at_ns;
}

uint64_t
_weft_intake_add_span (WeftIntake *in, const WeftRecord *record, uint32_t task, uint32_t group,
                       int64_t start_ns, int64_t end_ns)
{
  WeftSpans *spans = in->lane->spans;
  uint64_t index = weft_spans_n (spans);
  WeftSpan span = _weft_intake_span (record, task, group, start_ns, end_ns);

  weft_spans_append (spans, &span);
  in->lane->target_span = index + 1;
  in->n_spans++;
  return index;
}

/* The lane that an attempt passed its deadline in, as the details behind the record say; WEFT_NONE:
 * it is not a worker's. */
static uint32_t
lane_of_expired (const WeftIntake *in, const WeftRecord *record)
{
  while (++record < in->end && record->flags & WEFT_RECORD_DETAIL)
    if (record->kind == WEFT_RECORD_PEER)
      {
        uint64_t lane = weft_record_amount (record);

        return lane < _weft_get (in->model->n_lanes)
                       && _weft_model_lane (in->model, (uint32_t) lane)->info.kind
                              == WEFT_LANE_THREAD
                   ? (uint32_t) lane
                   : WEFT_NONE;
      }
  return WEFT_NONE;
}

/* An attempt up to its deadline. What became of it comes in a record of its own. Returns: whether
 * it goes into the lane it ran in */
static bool
take_expired (WeftIntake *in, const WeftRecord *record, uint32_t task, uint32_t group,
              int64_t start_ns, int64_t end_ns)
{
  WeftExpired expired = { .lane = lane_of_expired (in, record),
                          .task = task,
                          .attempt = MAX (weft_record_amount (record), 1),
                          .start = record->start,
                          .span = { .start_ns = start_ns,
                                    .end_ns = end_ns,
                                    .task = task,
                                    .group = (uint16_t) group,
                                    .kind = WEFT_RECORD_TASK,
                                    .how = WEFT_OUTCOME_TIMED_OUT << 4,
                                    .flags = WEFT_RECORD_CONTINUED } };

  if (task == WEFT_NONE)
    return false;
  _weft_intake_count (in, group, record, end_ns - start_ns);
  if (expired.lane == WEFT_NONE)
    return false;
  _weft_model_expire (in->model, &expired);
  return true;
}

/* The same, where nobody says which lane that was: it stays in lane 0. */
static void
take_timed_out (WeftIntake *in, const WeftRecord *record, uint32_t task, uint64_t index)
{
  uint32_t lane;
  uint64_t last;

  if (task == WEFT_NONE)
    return;
  if (weft_record_amount (record) < weft_model_task_attempts (in->model, task)
      && weft_model_task_span (in->model, task, &lane, &last))
    return;
  _weft_task_set_place (in->model, task, in->lane, index);
  _weft_task_set_attempts (in->model, task, MAX (weft_record_amount (record), 1));
}

static void
move_result (WeftIntake *in, const WeftRecord *record, uint32_t task)
{
  if (task != WEFT_NONE && (record->flags & WEFT_RECORD_CONTINUED) == 0)
    _weft_slot_move (in->model, in->segment, record->task, record->kind == WEFT_RECORD_SPILL_WRITE);
}

/* Events of the run, and that a process is gone, which has no spans it would be in the way of. */
static bool
keeps_event (const WeftModelLaneData *lane, const WeftRecord *record)
{
  return lane->info.kind == WEFT_LANE_CONTROL
         || (lane->info.kind == WEFT_LANE_PROCESS && record->kind == WEFT_RECORD_WORKER_LOST);
}

static void
take_annotation (WeftIntake *in, const WeftRecord *record, uint32_t task, int64_t start_ns,
                 int64_t end_ns)
{
  WeftModel *model = in->model;
  uint32_t n = _weft_get (model->n_annotations);
  const char *text = weft_model_string (model, (uint32_t) weft_record_amount (record));
  WeftModelAnnotation *annotation;

  if (text == NULL || n == UINT32_MAX)
    return;
  annotation = _weft_blocks_grow (&model->annotations, n, sizeof *annotation);
  *annotation = (WeftModelAnnotation){ start_ns, end_ns, in->lane->number, task, text };
  atomic_store_explicit (&model->n_annotations, n + 1, memory_order_release);
}

static void
take_span (WeftIntake *in, const WeftRecord *record)
{
  uint8_t class = classes[record->kind];
  uint32_t task = WEFT_NONE, group = WEFT_NO_GROUP;
  WeftRecord of_task = *record;
  int64_t start_ns, end_ns;
  uint64_t index;

  if (class & OF_SLOT && record->task != WEFT_NONE && record->segment != WEFT_NONE
      && _weft_intake_segment (in, record)->counted)
    of_task.task = _weft_slot_task (_weft_intake_segment (in, record), record->task);
  else if (class & OF_SLOT)
    of_task.task = WEFT_NONE;
  if (class & (OF_TASK | OF_SLOT))
    task = _weft_intake_task (in, &of_task);
  if (task != WEFT_NONE)
    group = weft_model_task_group (in->model, task);
  _weft_intake_times (in, record, &start_ns, &end_ns);
  in->lane->target = WEFT_NONE;
  in->lane->target_span = 0;
  _weft_intake_supersede_now (in->lane, record, task);
  if ((class & EVENT) && !keeps_event (in->lane, record))
    return;
  if (record->kind == WEFT_RECORD_TIMED_OUT
      && take_expired (in, record, task, group, start_ns, end_ns))
    return;
  index = _weft_intake_add_span (in, record, task, group, start_ns, end_ns);
  if (record->kind == WEFT_RECORD_SPILL_WRITE || record->kind == WEFT_RECORD_SPILL_READ)
    move_result (in, record, task);
  if (record->kind == WEFT_RECORD_TIMED_OUT)
    take_timed_out (in, record, task, index);
  else if (record->kind == WEFT_RECORD_DROPPED)
    _weft_add (in->model->n_dropped, weft_record_amount (record));
  else if (record->kind == WEFT_RECORD_ANNOTATION)
    take_annotation (in, record, task, start_ns, end_ns);
}

static void
set_unless_ended (WeftIntake *in, uint32_t task, WeftModelState state)
{
  if (weft_model_task_state (in->model, task) < WEFT_TASK_MEMORY)
    _weft_task_set_state (in->model, task, state);
}

/* For those who ask later what was when. Returns: that */
static int64_t
keep_point (WeftIntake *in, const WeftRecord *record, uint32_t task)
{
  WeftModel *model = in->model;
  uint64_t n = _weft_get (model->n_points);
  WeftTaskPoint *point = _weft_blocks_grow (&model->points, n, sizeof *point);
  int64_t at_ns = point_time (in, record);

  *point =
      (WeftTaskPoint){ .at_ns = at_ns, .task = task, .kind = record->kind, .state = record->how };
  atomic_store_explicit (&model->n_points, n + 1, memory_order_release);
  in->last_ns = MAX (in->last_ns, at_ns);
  return at_ns;
}

/* Released without a word of its end, it was there all the same. */
static void
set_state_told (WeftIntake *in, const WeftRecord *record, uint32_t task, WeftModelState state)
{
  bool was_there = weft_model_task_state (in->model, task) >= WEFT_TASK_MEMORY;

  _weft_task_set_state (in->model, task, state);
  if (state == WEFT_TASK_RELEASED && !was_there)
    _weft_ready_after (in->model, in->segment, record->task, NULL);
}

/* A foreign scheduler's own word. */
static void
take_state (WeftIntake *in, const WeftRecord *record, uint32_t task)
{
  WeftModelState state = record->how;

  if (state >= WEFT_TASK_N_STATES)
    return;
  if (state >= WEFT_TASK_MEMORY && state != WEFT_TASK_RELEASED
      && weft_model_task_state (in->model, task) != state)
    _weft_task_end (in->model, in->segment, record->task, task, state);
  else
    set_state_told (in, record, task, state);
}

static void
take_begin (WeftIntake *in, const WeftRecord *record, uint32_t task)
{
  int64_t start_ns = _weft_model_ns (in->model, in->lane->domain, record->start);

  set_unless_ended (in, task, WEFT_TASK_RUNNING);
  in->lane->now_start = record->start;
  in->lane->now_task = task;
  _weft_lane_set_now (in->lane, WEFT_RECORD_TASK, task, weft_model_task_group (in->model, task), 1,
                      start_ns, start_ns);
  in->last_ns = MAX (in->last_ns, start_ns);
}

/* Points about a task. */
static void
take_point (WeftIntake *in, const WeftRecord *record)
{
  uint32_t task = _weft_intake_task (in, record);

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
take_detail (WeftIntake *in, const WeftRecord *record)
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
take_setting (WeftIntake *in, const WeftRecord *record)
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

/* What a task needs beside what its graph says; other links are no concern of the model's, nor is
 * one to a task that is not there. */
static void
take_link (WeftIntake *in, const WeftRecord *record)
{
  WeftModel *model = in->model;
  uint64_t segment = weft_record_high (record);
  uint32_t task = _weft_intake_task (in, record), needs = WEFT_NONE;

  if (record->how > WEFT_LINK_AFTER || task == WEFT_NONE)
    return;
  if (segment < WEFT_NONE)
    needs = weft_model_task_of (model, (uint32_t) segment, weft_record_low (record));
  if (needs != WEFT_NONE)
    _weft_model_add_link (model, task, needs);
}

/* The lane's worker comes, or goes. */
static void
take_visit (WeftIntake *in, const WeftRecord *record)
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
take_release (WeftIntake *in, const WeftRecord *record)
{
  WeftModelSegment *segment = _weft_intake_segment (in, record);
  uint32_t number, task;

  if (record->task >= segment->n_slots)
    return;
  _weft_slot_release (in->model, segment, record->task);
  number = _weft_slot_task (segment, record->task);
  task = _weft_segment_task (in->model, segment, number);
  if (task != WEFT_NONE && record->task == weft_graph_output_slot (segment->arrays, number, 0))
    _weft_task_note_release (in->model, task, keep_point (in, record, task));
}

static void
take_phase (WeftModel *model, WeftRunPhase phase, int64_t at_ns)
{
  WeftModelSegment *first = _weft_model_segment (model, 0);

  _weft_set (model->phase, phase);
  if (phase == WEFT_RUN_RUNNING)
    model->has_begun = true;
  if ((phase == WEFT_RUN_RUNNING || phase == WEFT_RUN_PAUSED)
      && _weft_get (model->begin_ns) == INT64_MAX)
    _weft_set (model->begin_ns, at_ns);
  if (phase >= WEFT_RUN_DONE && _weft_get (model->end_ns) == INT64_MAX)
    _weft_set (model->end_ns, at_ns);
  if (model->has_begun && first != NULL && !first->begun)
    _weft_ready_begin (model, first);
}

static void
take_other (WeftIntake *in, const WeftRecord *record)
{
  uint8_t class = classes[record->kind];
  int64_t start_ns, end_ns;

  if (record->kind == WEFT_RECORD_RUN_STATE && record->how <= WEFT_RUN_INTERRUPTED)
    take_phase (in->model, (WeftRunPhase) record->how, point_time (in, record));
  if (record->kind == WEFT_RECORD_WORKER_LOST)
    _weft_model_lane_gone (in->model, in->lane, point_time (in, record));
  if (record->kind == WEFT_RECORD_LINK)
    take_link (in, record);
  else if (class & (SPAN | EVENT))
    take_span (in, record);
  else if (class & SAMPLE)
    {
      _weft_intake_times (in, record, &start_ns, &end_ns);
      _weft_model_sample (in->model, in->lane, record, start_ns, end_ns);
    }
  else if (class & OF_TASK)
    take_point (in, record);
  else if (record->kind == WEFT_RECORD_RELEASED && record->task != WEFT_NONE
           && _weft_intake_segment (in, record) != NULL
           && _weft_intake_segment (in, record)->counted)
    take_release (in, record);
  else if (record->kind == WEFT_RECORD_SETTING)
    take_setting (in, record);
  else if (record->kind == WEFT_RECORD_WORKER_START || record->kind == WEFT_RECORD_WORKER_STOP)
    take_visit (in, record);
}

static void
take_record (WeftIntake *in, const WeftRecord *record)
{
  if (record->flags & WEFT_RECORD_DETAIL)
    take_detail (in, record);
  else if (WEFT_LIKELY (record->kind == WEFT_RECORD_TASK))
    _weft_intake_take_task (in, record);
  else if (record->kind != 0)
    take_other (in, record);
}

static void
take_records (WeftModel *model, const WeftRunFrame *frame)
{
  WeftIntake in = { .model = model,
                    .lane = _weft_model_lane (model, frame->head.lane),
                    .last_ns = INT64_MIN };
  const WeftRecord *records;
  WeftRecordsHead head;
  uint32_t n = 0, n_samples = 0;

  weft_run_frame_records (frame, &head, &records, &n);
  in.end = records + n;
  for (const WeftRecord *record = records; record < in.end;)
    {
      uint32_t n_plain = _weft_intake_take_plain (&in, record);

      if (n_plain == 0)
        take_record (&in, record);
      n_samples += n_plain == 0 && (classes[record->kind] & SAMPLE) != 0;
      record += MAX (n_plain, 1);
    }
  in.lane->watermark = MAX (in.lane->watermark, frame->head.watermark);
  _weft_model_finish_parents (model);
  _weft_add (model->n_spans, in.n_spans);
  if (n_samples < n)
    _weft_add (model->n_changes, 1u);
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
