/* past-times.c: when tasks became ready, started, ended and were let go of
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * First what records tell: one walk through the spans of all lanes, and the points. Then what
 * follows from it. A task for which a segment stands in ends with the last of that segment's tasks;
 * such segments have higher numbers than their parents', so a walk from the last segment to the
 * first meets all ends in time. A task is ready when the last thing it needs had ended well, and a
 * result is let go of when the last that reads it had ended, as in readers.c: each reader tells.
 *
 * When a segment was submitted to a running run is not recorded: its tasks are ready with the first
 * start of one of them, at the latest. Of a run that is observed it is known when it was told of:
 * nothing of it is ready before.
 */
#include "config.h"

#include "model/weft-inputs-private.h"
#include "model/weft-past-private.h"

/* ---- what records tell ----------------------------------------------------------------------- */

typedef struct
{
  WeftPast *past;
  PastOddSet odd;
  GArray *nows; /* PastNow */
} Search;

static void
take_span (Search *search, const WeftSpan *span)
{
  WeftPast *past = search->past;
  WeftModelState after = past_state_after (span);
  uint32_t task = span->task;

  if (after < WEFT_TASK_MEMORY || past->start[task] != PAST_NEVER)
    past_odd_add (&search->odd, task);
  past->start[task] = span->start_ns;
  past->end[task] = span->end_ns;
  past->final[task] = (uint8_t) after;
}

/* The run's own course. */
static void
take_phase (WeftPast *past, const WeftSpan *span)
{
  if (span->how == WEFT_RUN_RUNNING)
    past->began_ns = MIN (past->began_ns, span->start_ns);
  else if (span->how >= WEFT_RUN_DONE && past->ended_ns == PAST_NEVER)
    past->ended_ns = span->start_ns;
}

static void
take_lane (Search *search, uint32_t lane)
{
  WeftPast *past = search->past;
  WeftModelLane info;
  uint64_t n;

  weft_model_lane (past->model, lane, &info);
  n = weft_spans_n (info.spans);
  for (uint64_t i = 0; i < n; i++)
    {
      const WeftSpan *span = weft_spans_get (info.spans, i);

      if (past_is_attempt (past, span))
        take_span (search, span);
      else if (span->kind == WEFT_RECORD_RUN_STATE)
        take_phase (past, span);
    }
}

static void
take_end_point (Search *search, const WeftTaskPoint *point, WeftModelState state)
{
  WeftPast *past = search->past;

  if (past->start[point->task] != PAST_NEVER)
    past_odd_add (&search->odd, point->task);
  past->start[point->task] = past->end[point->task] = point->at_ns;
  past->final[point->task] = (uint8_t) state;
}

static void
take_point (Search *search, const WeftTaskPoint *point)
{
  WeftPast *past = search->past;

  switch (point->kind)
    {
    case WEFT_RECORD_ERRED:
      take_end_point (search, point, WEFT_TASK_ERRED);
      break;
    case WEFT_RECORD_CANCELLED:
      take_end_point (search, point, WEFT_TASK_CANCELLED);
      break;
    case WEFT_RECORD_REUSED:
      take_end_point (search, point, WEFT_TASK_MEMORY);
      break;
    case WEFT_RECORD_READY:
    case WEFT_RECORD_ASSIGNED:
      past->ready[point->task] = MIN (past->ready[point->task], point->at_ns);
      break;
    case WEFT_RECORD_STATE:
      past_odd_add (&search->odd, point->task);
      break;
    default:
      break;
    }
}

static void
take_points (Search *search)
{
  const WeftModel *model = search->past->model;
  uint64_t n = atomic_load_explicit (&model->n_points, memory_order_acquire);

  for (uint64_t i = 0; i < n; i++)
    {
      const WeftTaskPoint *point = _weft_blocks_get (&model->points, i, sizeof (WeftTaskPoint));

      if (point->task < search->past->n_tasks)
        take_point (search, point);
    }
}

/* Before the spans: what ends meanwhile is then among them. */
static void
look_at_lanes (Search *search)
{
  const WeftPast *past = search->past;

  for (uint32_t lane = 0; lane < past->snapshot.n_lanes; lane++)
    {
      WeftModelNow now;

      if (weft_model_now (past->model, lane, &now) && now.kind == WEFT_RECORD_TASK
          && now.task < past->n_tasks)
        {
          PastNow is = { now.task, now.start_ns };

          g_array_append_val (search->nows, is);
        }
    }
}

/* What runs has started, and that is all. */
static void
take_nows (Search *search)
{
  WeftPast *past = search->past;

  for (guint i = 0; i < search->nows->len; i++)
    {
      const PastNow *now = &g_array_index (search->nows, PastNow, i);

      if (past->start[now->task] == now->start_ns)
        continue;
      if (past->start[now->task] != PAST_NEVER)
        past_odd_add (&search->odd, now->task);
      else
        past->start[now->task] = now->start_ns;
    }
}

static void
search_records (WeftPast *past)
{
  Search search = { .past = past, .nows = g_array_new (FALSE, FALSE, sizeof (PastNow)) };

  search.odd.bits = g_new0 (uint64_t, past->n_tasks / 64 + 1);
  look_at_lanes (&search);
  for (uint32_t lane = 0; lane < past->snapshot.n_lanes; lane++)
    take_lane (&search, lane);
  take_points (&search);
  take_nows (&search);
  if (search.odd.n > 0)
    _weft_past_find_turns (past, &search.odd, search.nows);
  g_free (search.odd.bits);
  g_array_unref (search.nows);
}

/* ---- ends that follow ------------------------------------------------------------------------ */

static void
end_task (WeftPast *past, uint32_t task, int64_t at_ns, WeftModelState state)
{
  PastOdd *odd = _weft_past_find_odd (past, task);

  if (past->start[task] == PAST_NEVER)
    past->start[task] = at_ns;
  past->end[task] = at_ns;
  past->final[task] = (uint8_t) state;
  if (odd != NULL)
    _weft_past_add_turn (past, odd, at_ns, state);
}

static const WeftGraphArrays *
arrays_of (const WeftPast *past, uint32_t segment)
{
  WeftGraph *graph = weft_model_graph (past->model, segment);

  return graph != NULL ? weft_graph_arrays (graph) : NULL;
}

/* A segment as it is looked at: a model's numbers of its tasks. */
static uint32_t
task_in (const WeftPast *past, uint32_t segment, uint32_t number)
{
  uint32_t task = weft_model_task_of (past->model, segment, number);

  return task < past->n_tasks ? task : WEFT_NONE;
}

/* Whether a segment stands in for its parent, which has no end yet. */
static PastOdd *
stands_in (const WeftPast *past, uint32_t segment)
{
  uint32_t parent = weft_model_segment_parent (past->model, segment);
  PastOdd *odd = parent < past->n_tasks ? _weft_past_find_odd (past, parent) : NULL;

  return odd != NULL && odd->replaced_ns != PAST_NEVER ? odd : NULL;
}

/* When all of the segment had ended; PAST_NEVER: not yet */
static int64_t
last_end (const WeftPast *past, uint32_t segment, const WeftGraphArrays *arrays)
{
  int64_t last_ns = INT64_MIN;

  for (uint32_t number = 0; number < arrays->n_tasks; number++)
    {
      uint32_t task = task_in (past, segment, number);

      if (task == WEFT_NONE || past->end[task] == PAST_NEVER)
        return PAST_NEVER;
      last_ns = MAX (last_ns, past->end[task]);
    }
  return last_ns;
}

static void
end_parent (WeftPast *past, uint32_t segment)
{
  const WeftGraphArrays *arrays = arrays_of (past, segment);
  const PastOdd *odd = stands_in (past, segment);
  WeftModelState state = WEFT_TASK_MEMORY;
  int64_t at_ns;

  if (arrays == NULL || odd == NULL || past->end[odd->task] != PAST_NEVER)
    return;
  at_ns = last_end (past, segment, arrays);
  if (at_ns == PAST_NEVER)
    return;
  if (arrays->n_wanted > 0)
    state = past->final[task_in (past, segment, arrays->wanted[0].task)];
  if (state != WEFT_TASK_ERRED && state != WEFT_TASK_CANCELLED)
    state = WEFT_TASK_MEMORY;
  end_task (past, odd->task, MAX (at_ns, odd->replaced_ns), state);
}

/* The run is over: what has no end by then never had one, or its record was dropped. */
static void
give_up (WeftPast *past)
{
  WeftRunPhase phase = past->snapshot.phase;

  if (phase < WEFT_RUN_DONE || phase == WEFT_RUN_INTERRUPTED)
    return;
  past->ended_ns = MIN (past->ended_ns, past->snapshot.last_ns);
  for (uint32_t task = 0; task < past->n_tasks; task++)
    {
      if (past->end[task] != PAST_NEVER || _weft_model_page (past->model, task) == NULL)
        continue;
      if (phase != WEFT_RUN_DONE)
        past->given_up[task / 64] |= UINT64_C (1) << task % 64;
      end_task (past, task, past->ended_ns,
                phase == WEFT_RUN_DONE ? WEFT_TASK_MEMORY : WEFT_TASK_CANCELLED);
    }
}

/* ---- ready ----------------------------------------------------------------------------------- */

/* From when on the segment's tasks may start as far as they need nothing. */
static int64_t
segment_begin (const WeftPast *past, uint32_t segment, const WeftGraphArrays *arrays)
{
  const PastOdd *odd = stands_in (past, segment);
  int64_t first_ns = PAST_NEVER;

  if (odd != NULL)
    return odd->replaced_ns;
  if (!weft_model_segment_told (past->model, segment, &first_ns) && segment == 0)
    return past->began_ns;
  for (uint32_t number = 0; number < arrays->n_tasks; number++)
    {
      uint32_t task = task_in (past, segment, number);

      if (task != WEFT_NONE)
        first_ns = MIN (first_ns, past->start[task]);
    }
  return MAX (first_ns, past->began_ns);
}

/* When a task's result was there; what is not a task's is there always. */
static int64_t
there (const WeftPast *past, uint32_t source)
{
  if (source >= past->n_tasks)
    return INT64_MIN;
  return past->final[source] == WEFT_TASK_MEMORY ? past->end[source] : PAST_NEVER;
}

static uint32_t
source_of (const WeftPast *past, uint32_t segment, const WeftGraphArrays *arrays, uint32_t input)
{
  if (WEFT_LIKELY (input < arrays->n_tasks))
    return task_in (past, segment, input);
  return _weft_input_source (past->model, weft_model_graph (past->model, segment), segment, input);
}

static int64_t
task_ready (const WeftPast *past, uint32_t segment, const WeftGraphArrays *arrays, uint32_t number,
            int64_t begin_ns)
{
  int64_t ready_ns = begin_ns;

  for (uint32_t i = arrays->input_offsets[number]; i < arrays->input_offsets[number + 1]; i++)
    ready_ns =
        MAX (ready_ns, there (past, source_of (past, segment, arrays, arrays->input_tasks[i])));
  if (arrays->after_offsets == NULL)
    return ready_ns;
  for (uint32_t i = arrays->after_offsets[number]; i < arrays->after_offsets[number + 1]; i++)
    ready_ns = MAX (ready_ns, there (past, task_in (past, segment, arrays->after_tasks[i])));
  return ready_ns;
}

static void
find_ready (WeftPast *past, uint32_t segment)
{
  const WeftGraphArrays *arrays = arrays_of (past, segment);
  int64_t begin_ns;

  if (arrays == NULL)
    return;
  begin_ns = segment_begin (past, segment, arrays);
  for (uint32_t number = 0; number < arrays->n_tasks; number++)
    {
      uint32_t task = task_in (past, segment, number);

      if (task != WEFT_NONE)
        past->ready[task] =
            MIN (past->ready[task], task_ready (past, segment, arrays, number, begin_ns));
    }
}

/* What waits by a link that was told later waits; what had started did not. */
static void
follow_links (WeftPast *past)
{
  uint32_t n;
  g_autofree WeftModelLink *links =
      weft_model_dup_links (past->model, weft_model_n_links (past->model), past->n_tasks, &n);

  for (uint32_t i = 0; i < n; i++)
    {
      int64_t *ready = &past->ready[links[i].task];

      *ready = MAX (*ready, MIN (there (past, links[i].needs), past->start[links[i].task]));
    }
}

/* ---- let go of ------------------------------------------------------------------------------- */

/* When a task needed its inputs no more. Those that were given up keep them. */
static int64_t
consumed (const WeftPast *past, uint32_t task)
{
  const PastOdd *odd;

  if (past->given_up[task / 64] >> task % 64 & 1)
    return PAST_NEVER;
  odd = past->odd->len > 0 ? _weft_past_find_odd (past, task) : NULL;
  return odd != NULL ? MIN (odd->replaced_ns, past->end[task]) : past->end[task];
}

static void
tell_inputs (WeftPast *past, uint32_t segment, const WeftGraphArrays *arrays, uint32_t number)
{
  uint32_t task = task_in (past, segment, number);
  int64_t at_ns = task != WEFT_NONE ? consumed (past, task) : PAST_NEVER;

  for (uint32_t i = arrays->input_offsets[number]; i < arrays->input_offsets[number + 1]; i++)
    {
      uint32_t output = arrays->input_outputs != NULL ? arrays->input_outputs[i] : 0;
      uint32_t source = source_of (past, segment, arrays, arrays->input_tasks[i]);
      const WeftImport *import = arrays->input_tasks[i] >= arrays->n_tasks
                                     ? &arrays->imports[arrays->input_tasks[i] - arrays->n_tasks]
                                     : NULL;

      if (import != NULL)
        output = import->output;
      if (source < past->n_tasks && output == 0)
        past->release[source] = MAX (past->release[source], at_ns);
    }
}

/* What was asked for stays, unless the task for which the segment stands in has it from then on. */
static void
keep_wanted (WeftPast *past, uint32_t segment, const WeftGraphArrays *arrays)
{
  const PastOdd *odd = stands_in (past, segment);
  uint32_t parent_number, n_handed = 0;
  int64_t handed_ns = PAST_NEVER;

  if (odd != NULL && past->final[odd->task] == WEFT_TASK_MEMORY)
    {
      const WeftGraphArrays *to =
          arrays_of (past, weft_model_task_segment (past->model, odd->task, &parent_number));

      handed_ns = past->end[odd->task];
      n_handed = to == NULL ? 0
                 : to->output_offsets == NULL
                     ? 1
                     : to->output_offsets[parent_number + 1] - to->output_offsets[parent_number];
    }
  for (uint32_t i = 0; i < arrays->n_wanted; i++)
    {
      uint32_t task = task_in (past, segment, arrays->wanted[i].task);

      if (task != WEFT_NONE && arrays->wanted[i].output == 0)
        past->release[task] = MAX (past->release[task], i < n_handed ? handed_ns : PAST_NEVER);
    }
}

static void
begin_release (WeftPast *past, uint32_t segment, const WeftGraphArrays *arrays)
{
  for (uint32_t number = 0; number < arrays->n_tasks; number++)
    {
      uint32_t task = task_in (past, segment, number);

      if (task != WEFT_NONE)
        past->release[task] = past->end[task];
    }
}

/* Freed otherwise than with the last reader. */
static void
take_releases (WeftPast *past)
{
  uint64_t n = atomic_load_explicit (&past->model->n_points, memory_order_acquire);

  for (uint64_t i = 0; i < n; i++)
    {
      const WeftTaskPoint *point =
          _weft_blocks_get (&past->model->points, i, sizeof (WeftTaskPoint));

      if (point->kind == WEFT_RECORD_RELEASED && point->task < past->n_tasks
          && point->at_ns >= past->end[point->task])
        past->release[point->task] = MIN (past->release[point->task], point->at_ns);
    }
}

/* Only what was in memory can be let go of. */
static void
finish_release (WeftPast *past)
{
  for (uint32_t task = 0; task < past->n_tasks; task++)
    if (past->final[task] != WEFT_TASK_MEMORY)
      past->release[task] = PAST_NEVER;
  for (guint i = 0; i < past->odd->len; i++)
    {
      PastOdd *odd = &g_array_index (past->odd, PastOdd, i);

      if (past->release[odd->task] != PAST_NEVER)
        _weft_past_add_turn (past, odd, past->release[odd->task], WEFT_TASK_RELEASED);
    }
}

static void
find_release (WeftPast *past)
{
  uint32_t n_segments = past->snapshot.n_segments;
  const WeftGraphArrays *arrays;

  for (uint32_t segment = 0; segment < n_segments; segment++)
    if ((arrays = arrays_of (past, segment)) != NULL)
      begin_release (past, segment, arrays);
  for (uint32_t segment = 0; segment < n_segments; segment++)
    {
      if ((arrays = arrays_of (past, segment)) == NULL)
        continue;
      for (uint32_t number = 0; number < arrays->n_tasks; number++)
        tell_inputs (past, segment, arrays, number);
      keep_wanted (past, segment, arrays);
    }
  take_releases (past);
  finish_release (past);
}

/* ---- all ------------------------------------------------------------------------------------- */

void
_weft_past_find_times (WeftPast *past)
{
  uint32_t n_segments = past->snapshot.n_segments;

  for (uint32_t task = 0; task < past->n_tasks; task++)
    past->ready[task] = past->start[task] = past->end[task] = past->release[task] = PAST_NEVER;
  past->given_up = g_new0 (uint64_t, past->n_tasks / 64 + 1);
  search_records (past);
  if (past->began_ns == PAST_NEVER)
    past->began_ns = 0;
  for (uint32_t segment = n_segments; segment-- > 0;)
    end_parent (past, segment);
  give_up (past);
  for (uint32_t segment = 0; segment < n_segments; segment++)
    find_ready (past, segment);
  follow_links (past);
  find_release (past);
  g_clear_pointer (&past->given_up, g_free);
}
