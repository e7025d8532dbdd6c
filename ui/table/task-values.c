/* task-values.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "table/task-values.h"

#include "timeline/timeline-gap.h"

/* ---- what runs ------------------------------------------------------------------------------- */

void
weftline_task_source_init (WeftlineTaskSource *source)
{
  *source = (WeftlineTaskSource){ 0 };
  source->runs = g_array_new (FALSE, FALSE, sizeof (WeftlineTaskRun));
}

void
weftline_task_source_clear (WeftlineTaskSource *source)
{
  g_clear_pointer (&source->runs, g_array_unref);
  g_clear_pointer (&source->moment, weft_moment_unref);
  weftline_shared_clear (&source->shared);
}

static void
share_names (WeftlineTaskSource *source)
{
  weftline_shared_clear (&source->shared);
  for (uint32_t lane = 0; lane < source->snapshot.n_lanes; lane++)
    {
      WeftModelLane info;

      weft_model_lane (source->model, lane, &info);
      if (info.kind == WEFT_LANE_THREAD)
        weftline_shared_add (&source->shared, info.name);
    }
}

static int
compare_runs (const void *a, const void *b)
{
  uint32_t one = ((const WeftlineTaskRun *) a)->task, other = ((const WeftlineTaskRun *) b)->task;

  return (one > other) - (one < other);
}

void
weftline_task_source_take (WeftlineTaskSource *source, WeftModel *model,
                           const WeftModelSnapshot *snapshot, const WeftMoment *moment,
                           const WeftlineLinks *links)
{
  const WeftMoment *before = source->moment;

  source->model = model;
  source->snapshot = *snapshot;
  source->moment = moment != NULL ? weft_moment_ref (moment) : NULL;
  source->links = links;
  weft_moment_unref (before);
  if (moment != NULL)
    source->snapshot.n_tasks = MIN (snapshot->n_tasks, moment->n_tasks);
  share_names (source);
  g_array_set_size (source->runs, 0);
  for (uint32_t lane = 0; weft_model_has_nows (snapshot) && lane < snapshot->n_lanes; lane++)
    {
      WeftModelNow now;
      WeftlineTaskRun run;

      if (!weft_model_now (model, lane, &now) || now.kind != WEFT_RECORD_TASK
          || now.task >= source->snapshot.n_tasks
          || (moment != NULL && now.start_ns > moment->at_ns))
        continue;
      run = (WeftlineTaskRun){ now.task, lane, now.start_ns };
      g_array_append_val (source->runs, run);
    }
  g_array_sort (source->runs, compare_runs);
}

const uint32_t *
weftline_task_source_counts (const WeftlineTaskSource *source)
{
  return source->moment != NULL ? source->moment->n_states : source->snapshot.n_states;
}

WeftModelState
weftline_task_state (const WeftlineTaskSource *source, uint32_t task)
{
  return source->moment != NULL ? source->moment->states[task]
                                : weft_model_task_state (source->model, task);
}

/* (nullable) */
static const WeftlineTaskRun *
find_run (const WeftlineTaskSource *source, uint32_t task)
{
  guint low = 0, high = source->runs->len;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;
      const WeftlineTaskRun *run = &g_array_index (source->runs, WeftlineTaskRun, middle);

      if (run->task == task)
        return run;
      if (run->task < task)
        low = middle + 1;
      else
        high = middle;
    }
  return NULL;
}

/* ---- values ---------------------------------------------------------------------------------- */

/* Of the last attempt, which may go on. */
typedef struct
{
  const WeftSpan *span; /* (nullable): it goes on */
  uint32_t lane;
  uint32_t number; /* from 1 */
  int64_t start_ns, end_ns;
} Attempt;

/* The last of them that is a span. */
static bool
find_span (const WeftlineTaskSource *source, uint32_t task, uint32_t *lane, uint64_t *index)
{
  if (source->moment != NULL)
    return weft_moment_attempt (source->moment, source->model, task, lane, index);
  return weft_model_task_span (source->model, task, lane, index);
}

/* Which attempt a span is, and the worker it was on. */
static void
take_details (const WeftModel *model, uint64_t index, Attempt *attempt)
{
  uint64_t amount;

  if (attempt->span->kind == WEFT_RECORD_TIMED_OUT)
    attempt->number = (uint32_t) attempt->span->amount;
  else if (weft_model_span_detail (model, attempt->lane, index, WEFT_RECORD_ATTEMPT, &amount))
    attempt->number = (uint32_t) amount;
}

/* What ends later went on then. */
static void
cut (const WeftlineTaskSource *source, Attempt *attempt)
{
  if (source->moment == NULL || attempt->end_ns <= source->moment->at_ns)
    return;
  attempt->end_ns = source->moment->at_ns;
  attempt->span = NULL;
}

static bool
find_attempt (const WeftlineTaskSource *source, uint32_t task, Attempt *attempt)
{
  int64_t until_ns = source->moment != NULL ? source->moment->at_ns : source->snapshot.last_ns;
  const WeftlineTaskRun *run = NULL;
  WeftModelLane info;
  uint64_t index;

  if (weftline_task_state (source, task) < WEFT_TASK_MEMORY)
    run = find_run (source, task);
  if (run != NULL)
    {
      *attempt = (Attempt){ NULL, run->lane, weft_model_task_attempts (source->model, task),
                            run->start_ns, MAX (until_ns, run->start_ns) };
      return true;
    }
  attempt->number = 1;
  if (!find_span (source, task, &attempt->lane, &index)
      || attempt->lane >= source->snapshot.n_lanes)
    return false;
  weft_model_lane (source->model, attempt->lane, &info);
  attempt->span = weft_spans_get (info.spans, index);
  attempt->start_ns = attempt->span->start_ns;
  attempt->end_ns = attempt->span->end_ns;
  if (source->moment != NULL)
    take_details (source->model, index, attempt);
  cut (source, attempt);
  return true;
}

/* How often it had been tried. */
static bool
find_attempts (const WeftlineTaskSource *source, uint32_t task, int64_t *value)
{
  Attempt attempt;

  if (source->moment == NULL)
    *value = weft_model_task_attempts (source->model, task);
  else
    *value = find_attempt (source, task, &attempt) ? attempt.number : 0;
  return *value > 0;
}

static bool
find_wait (const WeftlineTaskSource *source, uint32_t task, const Attempt *attempt, int64_t *value)
{
  uint32_t last, n;
  int64_t ready_ns;

  n = source->moment != NULL ? attempt->number : weft_model_task_attempts (source->model, task);
  if (source->links == NULL || n > 1
      || !weftline_timeline_ready (source->model, &source->snapshot, source->links, task, &ready_ns,
                                   &last)
      || attempt->start_ns < ready_ns)
    return false;
  *value = attempt->start_ns - ready_ns;
  return true;
}

static bool
find_bytes (const Attempt *attempt, int64_t *value)
{
  if (attempt->span == NULL || attempt->span->kind != WEFT_RECORD_TASK
      || attempt->span->how >> 4 != WEFT_OUTCOME_OK)
    return false;
  *value = (int64_t) attempt->span->amount;
  return true;
}

static bool
value_of_attempt (const WeftlineTaskSource *source, uint32_t task, WeftlineTaskColumn column,
                  int64_t *value)
{
  Attempt attempt;

  if (!find_attempt (source, task, &attempt))
    return false;
  switch (column)
    {
    case WEFTLINE_TASK_WORKER:
      *value = attempt.lane;
      return true;
    case WEFTLINE_TASK_START:
      *value = attempt.start_ns;
      return true;
    case WEFTLINE_TASK_DURATION:
      *value = attempt.end_ns - attempt.start_ns;
      return true;
    case WEFTLINE_TASK_WAIT:
      return find_wait (source, task, &attempt, value);
    case WEFTLINE_TASK_BYTES:
      return find_bytes (&attempt, value);
    default:
      return false;
    }
}

bool
weftline_task_value (const WeftlineTaskSource *source, uint32_t task, WeftlineTaskColumn column,
                     int64_t *value)
{
  int64_t found;

  switch (column)
    {
    case WEFTLINE_TASK_GROUP:
      found = weft_model_task_group (source->model, task);
      if (found >= source->snapshot.n_groups)
        return false;
      break;
    case WEFTLINE_TASK_STATE:
      found = weftline_task_state (source, task);
      break;
    case WEFTLINE_TASK_ATTEMPTS:
      if (!find_attempts (source, task, &found))
        return false;
      break;
    default:
      return value_of_attempt (source, task, column, value);
    }
  *value = found;
  return true;
}

/* ---- keys ------------------------------------------------------------------------------------ */

void
weftline_task_key_read (const WeftlineTaskSource *source, uint32_t task, WeftlineTaskKey *key)
{
  uint32_t number, segment = weft_model_task_segment (source->model, task, &number);
  WeftGraph *graph = weft_model_graph (source->model, segment);

  g_clear_pointer (&key->owned, g_free);
  key->text = key->buffer;
  if (graph != NULL && number < weft_graph_arrays (graph)->n_tasks
      && weft_graph_key (graph, number, key->buffer, sizeof key->buffer) < sizeof key->buffer)
    return;
  key->text = key->owned = weft_model_task_dup_key (source->model, task);
}

void
weftline_task_key_clear (WeftlineTaskKey *key)
{
  g_clear_pointer (&key->owned, g_free);
}
