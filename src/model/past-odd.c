/* past-odd.c: tasks that did not go straight from waiting to their end
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Their attempts and what was said of them become turns, sorted by time; then the rules by which
 * the model takes records in are gone through once: after an end only another scheduler's word
 * changes anything, or that a result is let go of, or made anew; and a state that a task is in
 * already is no turn.
 */
#include "config.h"

#include "model/weft-past-private.h"

/* ---- collecting ------------------------------------------------------------------------------ */

static void
add_raw (GArray *raw, uint32_t task, int64_t at_ns, unsigned state, bool is_said)
{
  PastTurn turn = {
    .at_ns = at_ns, .task = task, .state = (uint8_t) state, .is_said = is_said, .order = raw->len
  };

  g_array_append_val (raw, turn);
}

static void
add_span (GArray *raw, const WeftSpan *span)
{
  WeftModelState after = past_state_after (span);

  add_raw (raw, span->task, span->start_ns, WEFT_TASK_RUNNING, false);
  if (after != WEFT_TASK_RUNNING)
    add_raw (raw, span->task, span->end_ns, after, false);
}

static void
add_spans (WeftPast *past, const PastOddSet *set, GArray *raw)
{
  for (uint32_t lane = 0; lane < past->snapshot.n_lanes; lane++)
    {
      WeftModelLane info;
      uint64_t n;

      weft_model_lane (past->model, lane, &info);
      n = weft_spans_n (info.spans);
      for (uint64_t i = 0; i < n; i++)
        {
          const WeftSpan *span = weft_spans_get (info.spans, i);

          if (!past_is_attempt (past, span) || !past_odd_has (set, span->task))
            continue;
          add_span (raw, span);
          g_array_append_vals (past->attempts, &(PastAttempt){ span->task, lane, i, span }, 1);
        }
    }
}

static void
add_point (GArray *raw, const WeftTaskPoint *point)
{
  switch (point->kind)
    {
    case WEFT_RECORD_ERRED:
      add_raw (raw, point->task, point->at_ns, WEFT_TASK_ERRED, false);
      break;
    case WEFT_RECORD_CANCELLED:
      add_raw (raw, point->task, point->at_ns, WEFT_TASK_CANCELLED, false);
      break;
    case WEFT_RECORD_REUSED:
      add_raw (raw, point->task, point->at_ns, WEFT_TASK_MEMORY, false);
      break;
    case WEFT_RECORD_RELEASED:
      add_raw (raw, point->task, point->at_ns, WEFT_TASK_RELEASED, false);
      break;
    case WEFT_RECORD_STATE:
      if (point->state < WEFT_TASK_N_STATES)
        add_raw (raw, point->task, point->at_ns, point->state, true);
      break;
    default:
      break;
    }
}

static GArray *
collect (WeftPast *past, const PastOddSet *set, const GArray *nows)
{
  GArray *raw = g_array_new (FALSE, FALSE, sizeof (PastTurn));
  uint64_t n_points = atomic_load_explicit (&past->model->n_points, memory_order_acquire);

  add_spans (past, set, raw);
  for (uint64_t i = 0; i < n_points; i++)
    {
      const WeftTaskPoint *point =
          _weft_blocks_get (&past->model->points, i, sizeof (WeftTaskPoint));

      if (point->task < past->n_tasks && past_odd_has (set, point->task))
        add_point (raw, point);
    }
  for (guint i = 0; i < nows->len; i++)
    {
      const PastNow *now = &g_array_index (nows, PastNow, i);

      if (past_odd_has (set, now->task))
        add_raw (raw, now->task, now->start_ns, WEFT_TASK_RUNNING, false);
    }
  return raw;
}

/* ---- in order -------------------------------------------------------------------------------- */

static int
compare_turns (const void *a, const void *b)
{
  const PastTurn *x = a, *y = b;

  if (x->task != y->task)
    return x->task < y->task ? -1 : 1;
  if (x->at_ns != y->at_ns)
    return x->at_ns < y->at_ns ? -1 : 1;
  return (x->order > y->order) - (x->order < y->order);
}

static int
compare_attempts (const void *a, const void *b)
{
  const PastAttempt *x = a, *y = b;

  if (x->task != y->task)
    return x->task < y->task ? -1 : 1;
  if (x->span->start_ns != y->span->start_ns)
    return x->span->start_ns < y->span->start_ns ? -1 : 1;
  return (x->span->end_ns > y->span->end_ns) - (x->span->end_ns < y->span->end_ns);
}

/* Of an attempt up to its deadline a record of its own says how it ended, which is none. */
static bool
only_says_how (const PastAttempt *attempt, const PastAttempt *before)
{
  WeftOutcome outcome = (WeftOutcome) (attempt->span->how >> 4);

  return before->task == attempt->task && weft_span_is_deadline (before->span)
         && !weft_span_is_deadline (attempt->span)
         && (outcome == WEFT_OUTCOME_TIMED_OUT || outcome == WEFT_OUTCOME_RETRIED);
}

static void
sort_attempts (GArray *attempts)
{
  PastAttempt *all = (PastAttempt *) (void *) attempts->data;
  bool is_last = false; /* the one before was kept */
  guint n = 0;

  g_array_sort (attempts, compare_attempts);
  for (guint i = 0; i < attempts->len; i++)
    {
      is_last = !is_last || !only_says_how (&all[i], &all[n - 1]);
      if (is_last)
        all[n++] = all[i];
    }
  g_array_set_size (attempts, n);
}

/* What is known of a task so far. */
typedef struct
{
  WeftPast *past;
  PastOdd *odd;
  uint8_t state;
} Course;

/* Whether the turn says something new of a task that has ended. */
static bool
goes_on (const Course *course, const PastTurn *turn)
{
  if (turn->is_said)
    return true;
  return turn->state == WEFT_TASK_RELEASED ? course->state == WEFT_TASK_MEMORY
                                           : turn->state == WEFT_TASK_MEMORY;
}

static void
take_turn (Course *course, const PastTurn *turn)
{
  WeftPast *past = course->past;
  uint32_t task = turn->task;

  if (course->state >= WEFT_TASK_MEMORY ? !goes_on (course, turn)
                                        : turn->state == WEFT_TASK_RELEASED && !turn->is_said)
    return;
  if (turn->state == WEFT_TASK_WAITING && !turn->is_said)
    course->odd->replaced_ns = MIN (course->odd->replaced_ns, turn->at_ns);
  if (turn->state == WEFT_TASK_RUNNING)
    past->start[task] = MIN (past->start[task], turn->at_ns);
  if (turn->state == course->state && course->odd->n > 0)
    return;
  if (turn->state >= WEFT_TASK_MEMORY && turn->state != WEFT_TASK_RELEASED)
    {
      past->end[task] = turn->at_ns;
      past->final[task] = turn->state;
    }
  course->state = turn->state;
  g_array_append_vals (past->turns, turn, 1);
  course->odd->n++;
}

static void
take_task (WeftPast *past, const PastTurn *raw, guint n)
{
  static const PastTurn none = { .at_ns = PAST_NEVER };
  PastOdd odd = { .task = raw->task, .first = past->turns->len, .replaced_ns = PAST_NEVER };
  Course course = { .past = past, .odd = &odd, .state = WEFT_TASK_WAITING };

  past->start[odd.task] = past->end[odd.task] = PAST_NEVER;
  for (guint i = 0; i < n; i++)
    take_turn (&course, &raw[i]);
  past->start[odd.task] = MIN (past->start[odd.task], past->end[odd.task]);
  for (guint i = 0; i < PAST_LATER; i++)
    g_array_append_val (past->turns, none);
  g_array_append_val (past->odd, odd);
}

void
_weft_past_find_turns (WeftPast *past, const PastOddSet *set, const GArray *nows)
{
  g_autoptr (GArray) raw = collect (past, set, nows);
  const PastTurn *turns = (const PastTurn *) (const void *) raw->data;
  guint from = 0;

  sort_attempts (past->attempts);
  g_array_sort (raw, compare_turns);
  for (guint i = 1; i <= raw->len; i++)
    if (i == raw->len || turns[i].task != turns[from].task)
      {
        take_task (past, &turns[from], i - from);
        from = i;
      }
}

/* ---- asking ---------------------------------------------------------------------------------- */

PastOdd *
_weft_past_find_odd (const WeftPast *past, uint32_t task)
{
  guint low = 0, high = past->odd->len;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (g_array_index (past->odd, PastOdd, middle).task < task)
        low = middle + 1;
      else
        high = middle;
    }
  if (low == past->odd->len || g_array_index (past->odd, PastOdd, low).task != task)
    return NULL;
  return &g_array_index (past->odd, PastOdd, low);
}

void
_weft_past_add_turn (WeftPast *past, PastOdd *odd, int64_t at_ns, WeftModelState state)
{
  PastTurn *turn = &g_array_index (past->turns, PastTurn, odd->first + odd->n);

  if (turn->at_ns != PAST_NEVER) /* no room: the next task's */
    return;
  *turn = (PastTurn){ .at_ns = at_ns, .task = odd->task, .state = (uint8_t) state };
  odd->n++;
}

WeftModelState
_weft_past_odd_state (const WeftPast *past, const PastOdd *odd, int64_t at_ns)
{
  WeftModelState state = WEFT_TASK_WAITING;

  for (uint32_t i = 0; i < odd->n; i++)
    {
      const PastTurn *turn = &g_array_index (past->turns, PastTurn, odd->first + i);

      if (turn->at_ns > at_ns)
        break;
      state = turn->state;
    }
  return state;
}
