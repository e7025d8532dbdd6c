/* past.c: see weft-past.h
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "model/weft-past-private.h"

#include <string.h>

/* ---- the past -------------------------------------------------------------------------------- */

static void
take_columns (WeftPast *past)
{
  for (uint32_t task = 0; task < past->n_tasks; task++)
    {
      uint32_t group = weft_model_task_group (past->model, task);
      uint64_t index;

      past->groups[task] = (uint16_t) MIN (group, past->n_groups);
      past->lanes[task] = past->snapshot.n_lanes;
      past->bytes[task] = 0;
      if (past->lives.births[task] == LIFE_NONE)
        continue;
      weft_model_task_span (past->model, task, &past->lanes[task], &index);
      past->lanes[task] = MIN (past->lanes[task], past->snapshot.n_lanes);
      past->bytes[task] = _weft_life_bytes (past->model, task);
    }
}

WeftPast *
weft_past_new (WeftModel *model, const WeftModelSnapshot *snapshot)
{
  WeftPast *past = g_new0 (WeftPast, 1);
  size_t n = MAX (snapshot->n_tasks, 1);

  past->model = weft_model_ref (model);
  past->snapshot = *snapshot;
  past->n_tasks = snapshot->n_tasks;
  past->n_groups = MIN (snapshot->n_groups, WEFT_NO_GROUP);
  past->ready = g_new (int64_t, n);
  past->start = g_new (int64_t, n);
  past->end = g_new (int64_t, n);
  past->release = g_new (int64_t, n);
  past->final = g_new0 (uint8_t, n);
  past->groups = g_new (uint16_t, n);
  past->bytes = g_new (uint64_t, n);
  past->lanes = g_new (uint32_t, n);
  past->odd = g_array_new (FALSE, FALSE, sizeof (PastOdd));
  past->turns = g_array_new (FALSE, FALSE, sizeof (PastTurn));
  past->attempts = g_array_new (FALSE, FALSE, sizeof (PastAttempt));
  past->began_ns = past->ended_ns = PAST_NEVER;
  _weft_past_find_times (past);
  _weft_lives_init (&past->lives, model, snapshot);
  take_columns (past);
  return past;
}

void
weft_past_free (WeftPast *past)
{
  if (past == NULL)
    return;
  _weft_lives_clear (&past->lives);
  g_free (past->ready);
  g_free (past->start);
  g_free (past->end);
  g_free (past->release);
  g_free (past->final);
  g_free (past->groups);
  g_free (past->bytes);
  g_free (past->lanes);
  g_array_unref (past->odd);
  g_array_unref (past->turns);
  g_array_unref (past->attempts);
  weft_model_unref (past->model);
  g_free (past);
}

int64_t
weft_past_end_ns (const WeftPast *past)
{
  return past->snapshot.complete_ns;
}

/* ---- a moment: states ------------------------------------------------------------------------ */

/* Each later thing outdoes the one before. */
static void
find_states (const WeftPast *past, WeftMoment *moment)
{
  int64_t at_ns = moment->at_ns;

  for (uint32_t task = 0; task < past->n_tasks; task++)
    {
      uint8_t state = past->ready[task] <= at_ns ? WEFT_TASK_QUEUED : WEFT_TASK_WAITING;

      state = past->start[task] <= at_ns ? WEFT_TASK_RUNNING : state;
      state = past->end[task] <= at_ns ? past->final[task] : state;
      state = past->release[task] <= at_ns ? WEFT_TASK_RELEASED : state;
      moment->states[task] = state;
    }
}

static void
find_odd_states (const WeftPast *past, WeftMoment *moment)
{
  for (guint i = 0; i < past->odd->len; i++)
    {
      const PastOdd *odd = &g_array_index (past->odd, PastOdd, i);

      if (odd->n == 0 || g_array_index (past->turns, PastTurn, odd->first).at_ns > moment->at_ns)
        moment->states[odd->task] =
            past->ready[odd->task] <= moment->at_ns ? WEFT_TASK_QUEUED : WEFT_TASK_WAITING;
      else
        moment->states[odd->task] = (uint8_t) _weft_past_odd_state (past, odd, moment->at_ns);
    }
}

/* The last place is of tasks without a group. */
static void
count_states (const WeftPast *past, WeftMoment *moment)
{
  for (uint32_t task = 0; task < past->n_tasks; task++)
    {
      WeftMomentGroup *group = &moment->groups[past->groups[task]];
      uint8_t state = moment->states[task];

      group->n_states[state]++;
    }
  for (uint32_t i = 0; i <= past->n_groups; i++)
    for (unsigned state = 0; state < WEFT_TASK_N_STATES; state++)
      moment->n_states[state] += moment->groups[i].n_states[state];
}

/* ---- a moment: bytes ------------------------------------------------------------------------- */

static bool
is_held (const Lives *lives, uint32_t task, uint32_t at)
{
  return lives->births[task] != LIFE_NONE && lives->births[task] <= at && at < lives->deaths[task];
}

static void
add_bytes (const WeftPast *past, WeftMoment *moment, uint32_t task, uint64_t bytes)
{
  moment->groups[past->groups[task]].live_bytes += bytes;
  moment->lanes[past->lanes[task]].live += bytes;
  moment->live_bytes += bytes;
}

/* Moves are in turn there and back, so the last one before the moment says where it is. */
static void
take_away_spilled (const WeftPast *past, WeftMoment *moment, uint32_t at)
{
  const GArray *moves = past->lives.moves;

  for (guint i = 0; i < moves->len; i++)
    {
      const LifeMove *move = &g_array_index (moves, LifeMove, i);
      bool is_last = i + 1 == moves->len || move[1].task != move->task || move[1].at > at;

      if (move->at > at || !is_last || move->comes_back || !is_held (&past->lives, move->task, at))
        continue;
      add_bytes (past, moment, move->task, -past->bytes[move->task]);
      moment->lanes[past->lanes[move->task]].spilled += past->bytes[move->task];
    }
}

static void
find_bytes (const WeftPast *past, WeftMoment *moment)
{
  const Lives *lives = &past->lives;
  uint64_t parts = (uint64_t) MAX (moment->at_ns, 0) >> lives->shift;
  uint32_t at = (uint32_t) MIN (parts, LIFE_FOR_EVER - 1);

  if (moment->at_ns < 0)
    return;
  for (uint32_t task = 0; task < past->n_tasks; task++)
    if (is_held (lives, task, at))
      {
        moment->n_results++;
        add_bytes (past, moment, task, past->bytes[task]);
      }
  take_away_spilled (past, moment, at);
}

/* ---- a moment: attempts ---------------------------------------------------------------------- */

static void
find_attempts (const WeftPast *past, WeftMoment *moment)
{
  const PastAttempt *all = (const PastAttempt *) (const void *) past->attempts->data;

  moment->attempts = g_new (WeftMomentAttempt, (size_t) past->attempts->len + 1);
  for (guint i = 0; i < past->attempts->len; i++)
    {
      WeftMomentAttempt *last = &moment->attempts[moment->n_attempts];

      if (i == 0 || all[i].task != all[i - 1].task)
        *last = (WeftMomentAttempt){ all[i].task, WEFT_NONE, 0 };
      if (all[i].span->start_ns <= moment->at_ns)
        *last = (WeftMomentAttempt){ all[i].task, all[i].lane, all[i].index };
      moment->n_attempts += i + 1 == past->attempts->len || all[i + 1].task != all[i].task;
    }
}

/* (nullable) */
static const WeftMomentAttempt *
find_odd_attempt (const WeftMoment *moment, uint32_t task)
{
  uint32_t low = 0, high = moment->n_attempts;

  while (low < high)
    {
      uint32_t middle = low + (high - low) / 2;

      if (moment->attempts[middle].task < task)
        low = middle + 1;
      else
        high = middle;
    }
  return low < moment->n_attempts && moment->attempts[low].task == task ? &moment->attempts[low]
                                                                        : NULL;
}

bool
weft_moment_attempt (const WeftMoment *moment, const WeftModel *model, uint32_t task,
                     uint32_t *lane, uint64_t *index)
{
  const WeftMomentAttempt *odd = find_odd_attempt (moment, task);
  WeftModelLane info;
  uint64_t found;
  uint32_t in;

  if (odd != NULL && odd->lane == WEFT_NONE)
    return false;
  if (odd != NULL)
    {
      *lane = odd->lane;
      *index = odd->index;
      return true;
    }
  if (!weft_model_task_span (model, task, &in, &found))
    return false;
  weft_model_lane (model, in, &info);
  if (weft_spans_get (info.spans, found)->start_ns > moment->at_ns)
    return false;
  *lane = in;
  *index = found;
  return true;
}

/* ---- a moment -------------------------------------------------------------------------------- */

/* As it is made; @moment comes first. */
typedef struct
{
  WeftMoment moment;
  _Atomic uint32_t ref_count; /* atomic: release and acquire with the last */
} CountedMoment;

WeftMoment *
weft_moment_new (const WeftPast *past, int64_t at_ns)
{
  CountedMoment *counted = g_new0 (CountedMoment, 1);
  WeftMoment *moment = &counted->moment;

  atomic_init (&counted->ref_count, 1);
  moment->at_ns = MIN (at_ns, PAST_NEVER - 1);
  moment->n_tasks = past->n_tasks;
  moment->n_groups = past->n_groups;
  moment->states = g_new (uint8_t, MAX (past->n_tasks, 1));
  moment->groups = g_new0 (WeftMomentGroup, past->n_groups + 1);
  moment->n_lanes = past->snapshot.n_lanes;
  moment->lanes = g_new0 (WeftModelBytes, (size_t) moment->n_lanes + 1);
  find_states (past, moment);
  find_odd_states (past, moment);
  count_states (past, moment);
  find_bytes (past, moment);
  find_attempts (past, moment);
  return moment;
}

/* Only the count is written to. */
const WeftMoment *
weft_moment_ref (const WeftMoment *moment)
{
  atomic_fetch_add_explicit (&((CountedMoment *) moment)->ref_count, 1, memory_order_relaxed);
  return moment;
}

void
weft_moment_unref (const WeftMoment *moment)
{
  CountedMoment *counted = (CountedMoment *) moment;

  if (counted == NULL
      || atomic_fetch_sub_explicit (&counted->ref_count, 1, memory_order_acq_rel) > 1)
    return;
  g_free (counted->moment.states);
  g_free (counted->moment.groups);
  g_free (counted->moment.lanes);
  g_free (counted->moment.attempts);
  g_free (counted);
}

/* ---- from event to event --------------------------------------------------------------------- */

typedef struct
{
  int64_t at_ns;
  int64_t best_ns;
  bool forward;
} Step;

static void
try_ns (Step *step, int64_t ns)
{
  if (step->forward && ns > step->at_ns && ns < step->best_ns)
    step->best_ns = ns;
  else if (!step->forward && ns < step->at_ns && ns > step->best_ns)
    step->best_ns = ns;
}

static void
try_span (Step *step, const WeftSpan *span)
{
  if ((span->kind != WEFT_RECORD_TASK && span->kind != WEFT_RECORD_TIMED_OUT)
      || span->task == WEFT_NONE)
    return;
  try_ns (step, span->start_ns);
  try_ns (step, span->end_ns);
}

/* Whether nothing behind the span, in that direction, can be nearer than what was found. What is
 * nested in a span stands before it. */
static bool
is_beyond (const Step *step, const WeftSpan *span)
{
  if (span->depth > 0)
    return false;
  return step->forward ? span->start_ns > step->best_ns : span->end_ns < step->best_ns;
}

static void
try_ordered (Step *step, const WeftSpans *spans, uint64_t n)
{
  uint64_t from = weft_spans_find (spans, n, step->at_ns), i;

  if (step->forward)
    {
      for (i = from; i < n && !is_beyond (step, weft_spans_get (spans, i)); i++)
        try_span (step, weft_spans_get (spans, i));
      return;
    }
  while (from < n && weft_spans_get (spans, from)->depth > 0)
    from++;
  for (i = MIN (from + 1, n); i-- > 0 && !is_beyond (step, weft_spans_get (spans, i));)
    try_span (step, weft_spans_get (spans, i));
}

int64_t
weft_moment_next_event (const WeftModel *model, const WeftModelSnapshot *snapshot, int64_t at_ns,
                        bool forward)
{
  int64_t none = forward ? INT64_MAX : INT64_MIN;
  Step step = { .at_ns = at_ns, .best_ns = none, .forward = forward };

  for (uint32_t lane = 0; lane < snapshot->n_lanes; lane++)
    {
      WeftModelLane info;
      WeftModelNow now;
      uint64_t n;

      weft_model_lane (model, lane, &info);
      n = weft_spans_n (info.spans);
      if (weft_spans_is_ordered (info.spans))
        try_ordered (&step, info.spans, n);
      else
        for (uint64_t i = 0; i < n; i++)
          try_span (&step, weft_spans_get (info.spans, i));
      if (weft_model_now (model, lane, &now) && now.kind == WEFT_RECORD_TASK)
        try_ns (&step, now.start_ns);
    }
  return step.best_ns == none ? at_ns : step.best_ns;
}
