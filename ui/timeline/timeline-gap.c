/* timeline-gap.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "timeline/timeline-gap.h"

#include "timeline/timeline-forest.h"
#include "timeline/timeline-hit.h"

#define MAX_STEPS 10000 /* from task to task; behind them nothing is known */
#define MAX_INPUTS 200000
#define MAX_STATES 10000 /* spans of the run's own lane looked at for its start */

typedef struct
{
  const WeftModel *model;
  const WeftModelSnapshot *snapshot;
  const WeftlineLinks *links; /* (nullable) */
  int64_t at_ns;
  bool has_begin;
  int64_t begin_ns; /* when the run began to run */
} Question;

/* When and where a task ran last, or runs. */
typedef struct
{
  int64_t start_ns, end_ns; /* INT64_MAX: runs */
  uint32_t lane;
  uint64_t index;
  bool is_replaced; /* its result is that of a graph */
} Place;

/* ---- the run's own lane ---------------------------------------------------------------------- */

static bool
find_control (const Question *question, uint32_t *lane, WeftModelLane *info)
{
  for (*lane = 0; *lane < question->snapshot->n_lanes; ++*lane)
    {
      weft_model_lane (question->model, *lane, info);
      if (info->kind == WEFT_LANE_CONTROL)
        return true;
    }
  return false;
}

static void
find_begin (Question *question)
{
  WeftModelLane info;
  uint32_t lane;
  uint64_t n;

  if (!find_control (question, &lane, &info))
    return;
  n = MIN (weft_spans_n (info.spans), MAX_STATES);
  for (uint64_t i = 0; i < n && !question->has_begin; i++)
    {
      const WeftSpan *span = weft_spans_get (info.spans, i);

      if (span->kind != WEFT_RECORD_RUN_STATE || span->how != WEFT_RUN_RUNNING)
        continue;
      question->has_begin = true;
      question->begin_ns = span->start_ns;
    }
}

/* What kept a ready task from being started at that moment. */
typedef struct
{
  const WeftSpans *spans;
  uint32_t task;
  int64_t at_ns;
  const WeftSpan *found; /* (nullable) */
} Hold;

static void
look_at (Hold *hold, uint64_t index)
{
  const WeftSpan *span = weft_spans_get (hold->spans, index);

  if (span->task == hold->task && span->start_ns <= hold->at_ns && span->end_ns > hold->at_ns
      && (span->kind == WEFT_RECORD_RESOURCE_WAIT || span->kind == WEFT_RECORD_RETRY_WAIT))
    hold->found = span;
}

static void
search_node (Hold *hold, unsigned level, uint64_t index)
{
  WeftSpanNode node = weft_spans_node (hold->spans, level, index);

  if ((node.content & WEFT_SPANS_HAS_OTHER) == 0 || node.start_ns > hold->at_ns
      || node.end_ns <= hold->at_ns)
    return;
  for (uint64_t i = index * WEFT_SPANS_FAN; i < (index + 1) * WEFT_SPANS_FAN; i++)
    if (level == 0)
      look_at (hold, i);
    else
      search_node (hold, level - 1, i);
}

/* (nullable) (transfer none) */
static const WeftSpan *
find_hold (const Question *question, uint32_t task)
{
  WeftlineForest forest;
  WeftModelLane info;
  uint32_t lane;
  Hold hold;

  if (!find_control (question, &lane, &info))
    return NULL;
  hold = (Hold){ info.spans, task, question->at_ns, NULL };
  weftline_forest_begin (&forest, weft_spans_n (info.spans));
  while (weftline_forest_next (&forest))
    for (uint64_t i = forest.first; i < forest.first + forest.n; i++)
      if (forest.is_spans)
        look_at (&hold, i);
      else
        search_node (&hold, forest.level, i);
  return hold.found;
}

/* ---- tasks ----------------------------------------------------------------------------------- */

static bool
find_now (const Question *question, uint32_t task, Place *place)
{
  WeftModelNow now;

  for (uint32_t lane = 0; lane < question->snapshot->n_lanes; lane++)
    if (weft_model_now (question->model, lane, &now) && now.kind == WEFT_RECORD_TASK
        && now.task == task)
      {
        *place = (Place){ now.start_ns, INT64_MAX, lane, UINT64_MAX, false };
        return true;
      }
  return false;
}

/* Returns: whether it is known when it ran */
static bool
find_place (const Question *question, uint32_t task, Place *place)
{
  const WeftSpan *span;
  WeftModelLane info;

  if (question->snapshot->phase < WEFT_RUN_DONE
      && weft_model_task_state (question->model, task) < WEFT_TASK_MEMORY
      && find_now (question, task, place))
    return true;
  if (!weft_model_task_span (question->model, task, &place->lane, &place->index))
    return false;
  weft_model_lane (question->model, place->lane, &info);
  span = weft_spans_get (info.spans, place->index);
  place->start_ns = span->start_ns;
  place->end_ns = span->end_ns;
  place->is_replaced = span->how >> 4 == WEFT_OUTCOME_REPLACED;
  return span->kind == WEFT_RECORD_TASK;
}

/* What a task gave in place of a result. Returns: whether that is known */
static bool
add_replacement (const Question *question, uint32_t task, GArray *tasks)
{
  const WeftGraphArrays *arrays = NULL;
  uint32_t segment = WEFT_NONE;

  for (uint32_t i = 0; i < question->snapshot->n_segments; i++)
    {
      if (weft_model_segment_parent (question->model, i) != task)
        continue;
      if (segment != WEFT_NONE)
        return false; /* it may have submitted one of them */
      segment = i;
    }
  if (segment == WEFT_NONE || weft_model_graph (question->model, segment) == NULL)
    return false;
  arrays = weft_graph_arrays (weft_model_graph (question->model, segment));
  for (uint32_t i = 0; i < arrays->n_wanted; i++)
    {
      uint32_t wanted = weft_model_task_of (question->model, segment, arrays->wanted[i].task);

      if (wanted == WEFT_NONE)
        return false;
      g_array_append_val (tasks, wanted);
    }
  return arrays->n_wanted > 0;
}

/* Where the last of these ended, in @last and @place. Returns: whether all of that is known */
static bool
find_last (const Question *question, GArray *tasks, uint32_t *last, Place *place)
{
  int64_t latest_ns = INT64_MIN;

  *last = WEFT_NONE;
  for (guint i = 0; i < tasks->len && i < MAX_INPUTS; i++) /* it grows meanwhile */
    {
      uint32_t task = g_array_index (tasks, uint32_t, i);
      Place here;

      if (!find_place (question, task, &here)
          || (here.is_replaced && !add_replacement (question, task, tasks)))
        return false;
      if (here.end_ns <= latest_ns)
        continue;
      latest_ns = here.end_ns;
      *last = task;
      *place = here;
    }
  return tasks->len < MAX_INPUTS;
}

typedef enum
{
  READY,     /* it was, at that moment */
  NOT_READY, /* there was something to wait for */
  UNKNOWN,
} Readiness;

/* @last, @place: of what it had to wait for */
static Readiness
readiness (const Question *question, uint32_t task, uint32_t *last, Place *place)
{
  g_autoptr (GArray) tasks = g_array_new (FALSE, FALSE, sizeof (uint32_t));
  uint32_t number, segment = weft_model_task_segment (question->model, task, &number);
  uint32_t parent = weft_model_segment_parent (question->model, segment);

  if (question->links == NULL || !weftline_links_inputs (question->links, task, tasks)
      || (segment > 0 && parent == WEFT_NONE))
    return UNKNOWN;
  if (segment > 0)
    g_array_append_val (tasks, parent); /* its part of the graph was not there before */
  if (tasks->len == 0)
    return question->has_begin ? READY : UNKNOWN;
  if (!find_last (question, tasks, last, place))
    return UNKNOWN;
  return place->end_ns > question->at_ns ? NOT_READY : READY;
}

bool
weftline_timeline_ready (const WeftModel *model, const WeftModelSnapshot *snapshot,
                         const WeftlineLinks *links, uint32_t task, int64_t *ready_ns,
                         uint32_t *last)
{
  Question question = { .model = model, .snapshot = snapshot, .links = links, .at_ns = INT64_MAX };
  uint32_t found = WEFT_NONE;
  Place place = { 0 };

  find_begin (&question);
  if (readiness (&question, task, &found, &place) != READY || place.end_ns == INT64_MAX)
    return false;
  *ready_ns = found != WEFT_NONE ? place.end_ns : question.begin_ns;
  *last = found;
  return true;
}

/* ---- the answer ------------------------------------------------------------------------------ */

static void
say_ready (const Question *question, uint32_t task, WeftlineGap *gap)
{
  const WeftSpan *hold = find_hold (question, task);

  gap->task = task;
  if (hold != NULL && hold->kind == WEFT_RECORD_RESOURCE_WAIT)
    {
      gap->kind = WEFTLINE_GAP_RESOURCE;
      gap->resource = weft_model_string (question->model, (uint32_t) hold->amount);
    }
  else if (hold != NULL)
    gap->kind = WEFTLINE_GAP_RETRY;
  else if (weft_model_task_attempts (question->model, task) > 1)
    gap->task = WEFT_NONE; /* it may have been in an attempt before its last */
  else
    gap->kind = gap->n_between == 0 ? WEFTLINE_GAP_SCHEDULER : WEFTLINE_GAP_UNTAKEN;
}

/* From what the worker ran next back to what was on at that moment. */
static void
explain (const Question *question, WeftlineGap *gap)
{
  uint32_t task = gap->next;

  for (unsigned step = 0; step < MAX_STEPS; step++)
    {
      uint32_t last = WEFT_NONE;
      Place place = { 0 };
      Readiness is_ready = readiness (question, task, &last, &place);

      if (is_ready == READY)
        say_ready (question, task, gap);
      if (is_ready != NOT_READY)
        return;
      if (place.start_ns <= question->at_ns)
        {
          gap->kind = WEFTLINE_GAP_AWAITED;
          gap->task = last;
          gap->lane = place.lane;
          gap->index = place.index;
          return;
        }
      task = last;
      gap->n_between = step + 1;
    }
}

/* What another worker was in at that moment. */
static bool
find_running (const Question *question, uint32_t lane, Place *place, uint32_t *task)
{
  WeftModelLane info;
  WeftModelNow now;
  uint64_t n, i;

  weft_model_lane (question->model, lane, &info);
  if (info.kind != WEFT_LANE_THREAD || !weft_spans_is_ordered (info.spans))
    return false;
  n = weft_spans_n (info.spans);
  i = weft_spans_find (info.spans, n, question->at_ns);
  if (i < n)
    {
      const WeftSpan *span = weft_spans_get (info.spans, i);

      *place = (Place){ span->start_ns, span->end_ns, lane, i, false };
      *task = span->task;
      return span->kind == WEFT_RECORD_TASK && span->start_ns <= question->at_ns;
    }
  if (!weft_model_has_nows (question->snapshot) || !weft_model_now (question->model, lane, &now))
    return false;
  *place = (Place){ now.start_ns, INT64_MAX, lane, UINT64_MAX, false };
  *task = now.task;
  return now.kind == WEFT_RECORD_TASK && now.start_ns <= question->at_ns;
}

/* The longest of what ran elsewhere. */
static void
say_no_more (const Question *question, uint32_t lane, WeftlineGap *gap)
{
  int64_t latest_ns = INT64_MIN;

  gap->kind = WEFTLINE_GAP_NO_MORE;
  for (uint32_t i = 0; i < question->snapshot->n_lanes; i++)
    {
      Place place = { 0 };
      uint32_t task;

      if (i == lane || !find_running (question, i, &place, &task) || place.end_ns <= latest_ns)
        continue;
      latest_ns = place.end_ns;
      gap->task = task;
      gap->lane = i;
      gap->index = place.index;
    }
}

static bool
is_ready (const Question *question, uint32_t task)
{
  uint32_t last;
  Place place = { 0 };

  return task != WEFT_NONE && readiness (question, task, &last, &place) == READY;
}

/* The worker itself says why it stood still. Returns: whether it does */
static bool
say_recorded (const Question *question, uint32_t of_task, WeftlineGap *gap)
{
  if (gap->span_kind == WEFT_RECORD_PAUSED)
    gap->kind = WEFTLINE_GAP_PAUSED;
  else if (gap->span_kind == WEFT_RECORD_MEMORY_PAUSED)
    gap->kind = WEFTLINE_GAP_MEMORY;
  else if (gap->span_kind == WEFT_RECORD_SLOWED)
    gap->kind = WEFTLINE_GAP_SLOWED;
  else
    return false;
  if (of_task != WEFT_NONE)
    gap->task = of_task;
  else if (is_ready (question, gap->next))
    gap->task = gap->next;
  return true;
}

/* What the worker did before and after. @of_task: (out): of what it did meanwhile */
static void
find_bounds (const Question *question, const WeftlineTimelineLane *lane, uint64_t first,
             WeftlineGap *gap, uint32_t *of_task)
{
  *of_task = WEFT_NONE;
  if (first > 0)
    gap->from_ns = weft_spans_get (lane->spans, first - 1)->end_ns;
  if (first < lane->n)
    {
      const WeftSpan *span = weft_spans_get (lane->spans, first);

      gap->to_ns = span->start_ns;
      if (span->start_ns <= question->at_ns)
        {
          gap->from_ns = span->start_ns;
          gap->to_ns = span->end_ns;
          gap->span_kind = span->kind;
          *of_task = span->task;
        }
    }
}

static void
find_next (const Question *question, uint32_t id, const WeftlineTimelineLane *lane, uint64_t first,
           WeftlineGap *gap)
{
  uint64_t next = first == 0 ? weftline_timeline_step (lane, WEFTLINE_TIMELINE_NO_SPAN, 1)
                             : weftline_timeline_step (lane, first - 1, 1);
  WeftModelNow now;

  if (next != WEFTLINE_TIMELINE_NO_SPAN)
    gap->next = weft_spans_get (lane->spans, next)->task;
  else if (weft_model_has_nows (question->snapshot) && weft_model_now (question->model, id, &now)
           && now.kind == WEFT_RECORD_TASK && now.start_ns > question->at_ns)
    gap->next = now.task;
}

void
weftline_timeline_gap (const WeftModel *model, const WeftModelSnapshot *snapshot,
                       const WeftlineLinks *links, uint32_t lane, int64_t at_ns, WeftlineGap *gap)
{
  Question question = { .model = model, .snapshot = snapshot, .links = links, .at_ns = at_ns };
  WeftlineTimelineLane of = { 0 };
  WeftModelLane info;
  uint64_t first;
  uint32_t of_task;

  *gap = (WeftlineGap){
    .to_ns = INT64_MAX, .next = WEFT_NONE, .task = WEFT_NONE, .lane = WEFT_NONE, .index = UINT64_MAX
  };
  weft_model_lane (model, lane, &info);
  of.spans = info.spans;
  of.n = weft_spans_n (info.spans);
  if (!weft_spans_is_ordered (info.spans))
    return;
  find_begin (&question);
  first = weft_spans_find (info.spans, of.n, at_ns);
  find_bounds (&question, &of, first, gap, &of_task);
  find_next (&question, lane, &of, first, gap);
  if (question.has_begin && at_ns < question.begin_ns)
    {
      gap->kind = WEFTLINE_GAP_NOT_STARTED;
      return;
    }
  if (say_recorded (&question, of_task, gap))
    return;
  if (gap->next != WEFT_NONE)
    explain (&question, gap);
  else
    say_no_more (&question, lane, gap);
}
