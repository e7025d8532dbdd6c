/* account-row.c: a row of the account goes through the spans of its lane
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * What lies before a span and after what was accounted for is a gap: in a visit of the worker it is
 * the scheduler's, outside it the worker was asleep if it was asked for, else it does not count. A
 * node of the pyramid that holds nothing but tasks is taken in whole.
 */
#include "config.h"

#include "model/weft-account-private.h"
#include "model/weft-model-private.h"

#include <string.h>

/* What a span is. */
static const uint8_t uses[256] = {
  [WEFT_RECORD_TASK] = WEFT_TIME_RUNNING,
  [WEFT_RECORD_TIMED_OUT] = WEFT_TIME_RUNNING,
  [WEFT_RECORD_SPILL_WRITE] = WEFT_TIME_SPILL,
  [WEFT_RECORD_SPILL_READ] = WEFT_TIME_SPILL,
  [WEFT_RECORD_TRANSFER] = WEFT_TIME_TRANSFER,
  [WEFT_RECORD_PHASE] = WEFT_TIME_TRANSFER,
  [WEFT_RECORD_PAUSED] = WEFT_TIME_PAUSED,
  [WEFT_RECORD_MEMORY_PAUSED] = WEFT_TIME_MEMORY_PAUSE,
  [WEFT_RECORD_RESOURCE_WAIT] = WEFT_TIME_RESOURCE,
  [WEFT_RECORD_RETRY_WAIT] = WEFT_TIME_RETRY,
  [WEFT_RECORD_RECORDER_WAIT] = WEFT_TIME_RECORDER,
  [WEFT_RECORD_DROPPED] = WEFT_TIME_UNRECORDED,
  [WEFT_RECORD_PARKED] = WEFT_TIME_NO_TASK,
  [WEFT_RECORD_STEAL_MISS] = WEFT_TIME_SCHEDULER,
  [WEFT_RECORD_ANNOTATION] = WEFT_TIME_OTHER,
  [WEFT_RECORD_BLOCKED] = WEFT_TIME_BLOCKED,
  [WEFT_RECORD_ELSEWHERE] = WEFT_TIME_ELSEWHERE,
  [WEFT_RECORD_SLOWED] = WEFT_TIME_SLOWED,
};

WeftTimeUse
_weft_account_use_of (uint8_t kind)
{
  if (uses[kind] == 0 && kind != WEFT_RECORD_TASK && kind != WEFT_RECORD_TIMED_OUT)
    return WEFT_TIME_OTHER;
  return (WeftTimeUse) uses[kind];
}

/* ---- gaps ------------------------------------------------------------------------------------ */

/* Where what is accounted goes: into the row for good, or into its tail. */
typedef struct
{
  WeftTimeAccount *account;
  Row *row;
  bool is_tail;
} Sink;

static void
put (const Sink *sink, WeftTimeUse use, int64_t ns)
{
  (sink->is_tail ? sink->row->tail_ns : sink->row->ns)[use] += ns;
}

static void
put_idle (const Sink *sink, int64_t x, int64_t y)
{
  Idle idle = { MAX (x, sink->account->from_ns), MIN (y, sink->account->to_ns), INT64_MAX,
                WEFT_NONE, WEFT_NONE };

  if (idle.start_ns >= idle.end_ns)
    return;
  if (sink->is_tail)
    _weft_account_idle_part (sink->account, sink->row, &idle, idle.start_ns, idle.end_ns, 1,
                             sink->row->tail_ns);
  else
    _weft_account_add_idle (sink->account, sink->row, idle.start_ns, idle.end_ns);
}

/* The worker was not there. It slept as long as it was asked for. */
static void
put_absence (const Sink *sink, int64_t x, int64_t y)
{
  const WeftModel *model = sink->account->model;
  uint64_t n = sink->account->n_worker_points;
  uint64_t i = weft_model_series_find (model, WEFT_SERIES_WORKERS, n, x);

  if (sink->row->worker == WEFT_NONE || n == 0)
    return;
  for (i = i == n ? 0 : i; i < n && x < y; i++)
    {
      WeftModelPoint point = weft_model_series_get (model, WEFT_SERIES_WORKERS, i);
      int64_t end_ns =
          i + 1 < n ? weft_model_series_get (model, WEFT_SERIES_WORKERS, i + 1).at_ns : INT64_MAX;

      if (sink->row->worker < point.value)
        put_idle (sink, MAX (x, point.at_ns), MIN (y, end_ns));
    }
}

bool
_weft_account_find_visit (const WeftTimeAccount *account, const Row *row, uint32_t *i,
                          int64_t at_ns, WeftModelVisit *visit)
{
  uint32_t n = row->lane != WEFT_NONE ? weft_model_lane_n_visits (account->model, row->lane) : 0;

  *visit = (WeftModelVisit){ INT64_MIN, INT64_MAX };
  if (n == 0 && row->is_foreign)
    *visit = (WeftModelVisit){ row->came_ns, row->went_ns };
  if (n == 0)
    return row->has_spans && visit->stop_ns > at_ns;
  for (; *i < n; ++*i)
    {
      weft_model_lane_visit (account->model, row->lane, *i, visit);
      if (visit->stop_ns > at_ns)
        return true;
    }
  return false;
}

/* Nothing is recorded from x to y. @told: that is so for good; else it ends where the worker is
 * there. Returns: how far it was accounted for */
static int64_t
put_gap (const Sink *sink, int64_t x, int64_t y, bool told)
{
  uint32_t i = sink->row->visit;

  while (x < y)
    {
      WeftModelVisit visit;
      bool any = _weft_account_find_visit (sink->account, sink->row, &i, x, &visit);
      int64_t end_ns = !any ? y : MIN (y, visit.start_ns > x ? visit.start_ns : visit.stop_ns);

      if (!any || visit.start_ns > x)
        {
          if (i > 0 || sink->row->first)
            put_absence (sink, x, end_ns);
        }
      else if (sink->row->is_foreign && end_ns - x >= WEFT_ACCOUNT_LEAST_IDLE_NS)
        put_idle (sink, x, end_ns);
      else if (!told)
        return x;
      else
        put (sink, WEFT_TIME_SCHEDULER, _weft_account_counted (sink->account, x, end_ns));
      x = end_ns;
    }
  if (!sink->is_tail)
    sink->row->visit = i;
  return x;
}

/* ---- spans ----------------------------------------------------------------------------------- */

static void
put_span (const Sink *sink, const WeftSpan *span, int64_t x, int64_t y)
{
  Row *row = sink->row;
  int64_t ns = _weft_account_counted (sink->account, x, y), blocked_ns = 0;

  if (x >= y)
    return;
  if (_weft_account_use_of (span->kind) == WEFT_TIME_NO_TASK)
    {
      put_idle (sink, x, y);
      return;
    }
  if (span->kind == WEFT_RECORD_TASK && !sink->is_tail)
    {
      blocked_ns = MIN (row->blocked_ns, ns);
      row->blocked_ns = 0;
      put (sink, WEFT_TIME_BLOCKED, blocked_ns);
    }
  put (sink, _weft_account_use_of (span->kind), ns - blocked_ns);
}

static void
advance (const Sink *sink, int64_t to_ns)
{
  sink->row->covered_ns = MAX (sink->row->covered_ns, to_ns);
  sink->account->newest_ns = MAX (sink->account->newest_ns, sink->row->covered_ns);
}

static void
take_span (const Sink *sink, const WeftSpan *span)
{
  Row *row = sink->row;
  int64_t end_ns = MIN (span->end_ns, sink->account->end_ns);
  int64_t start_ns = MIN (MAX (span->start_ns, row->covered_ns), end_ns);

  row->has_spans = true;
  if (span->depth > 0)
    {
      if (span->kind == WEFT_RECORD_BLOCKED && span->depth == 1)
        row->blocked_ns += _weft_account_counted (sink->account, start_ns, end_ns);
      return;
    }
  if (row->is_foreign && span->start_ns < row->covered_ns)
    {
      _weft_account_take_late (sink->account, row, span, _weft_account_use_of (span->kind));
      if (span->end_ns <= row->covered_ns)
        return;
    }
  put_gap (sink, row->covered_ns, start_ns, true);
  if (span->kind == WEFT_RECORD_TASK)
    _weft_account_follow (row, span->task, span->start_ns);
  put_span (sink, span, start_ns, end_ns);
  advance (sink, end_ns);
}

/* ---- nodes ----------------------------------------------------------------------------------- */

#define ONLY_TASKS (WEFT_SPANS_HAS_TASK | WEFT_SPANS_HAS_ERROR | WEFT_SPANS_HAS_RETRY)

static bool
is_only_tasks (const WeftTimeAccount *account, const Row *row, const WeftSpanNode *node,
               uint64_t n_spans)
{
  return (node->content & ~ONLY_TASKS) == 0 && node->n_tasks == n_spans && n_spans < UINT32_MAX
         && node->start_ns >= row->covered_ns
         && node->end_ns <= MIN (account->told_ns, account->end_ns);
}

/* The worker is there from x to y. */
static bool
is_visited (const WeftTimeAccount *account, const Row *row, int64_t x, int64_t y)
{
  uint32_t i = row->visit;
  WeftModelVisit visit;

  return _weft_account_find_visit (account, row, &i, x, &visit) && visit.start_ns <= x
         && visit.stop_ns >= y;
}

/* All of it counts, or nothing. */
static bool
is_of_one_side (const WeftTimeAccount *account, const WeftSpanNode *node)
{
  int64_t ns = _weft_account_counted (account, node->start_ns, node->end_ns);

  return ns == 0 || ns == node->end_ns - node->start_ns;
}

/* Takes in the largest node of tasks that begins at the cursor. Returns: whether there was one */
static bool
take_node (const Sink *sink, uint64_t n)
{
  Row *row = sink->row;
  WeftSpanNode best = { 0 };
  uint64_t index = row->cursor, n_spans = 1, n_best = 0;

  if (row->is_foreign) /* what is between its tasks is told one by one */
    return false;
  for (unsigned level = 0; level < WEFT_SPANS_MAX_LEVELS && index % WEFT_SPANS_FAN == 0; level++)
    {
      WeftSpanNode node;

      index /= WEFT_SPANS_FAN;
      n_spans *= WEFT_SPANS_FAN;
      if (index >= weft_spans_n_nodes (n, level))
        break;
      node = weft_spans_node (row->info.spans, level, index);
      if (!is_only_tasks (sink->account, row, &node, n_spans)
          || !is_of_one_side (sink->account, &node))
        break;
      best = node;
      n_best = n_spans;
    }
  if (n_best == 0 || row->blocked_ns > 0)
    return false;
  row->has_spans = true;
  if (!is_visited (sink->account, row, best.start_ns, best.end_ns))
    return false;
  put_gap (sink, row->covered_ns, best.start_ns, true);
  _weft_account_follow (row, weft_spans_get (row->info.spans, row->cursor)->task, best.start_ns);
  if (_weft_account_counted (sink->account, best.start_ns, best.end_ns) > 0)
    {
      put (sink, WEFT_TIME_RUNNING, best.busy_ns);
      put (sink, WEFT_TIME_SCHEDULER, best.end_ns - best.start_ns - best.busy_ns);
    }
  advance (sink, best.end_ns);
  row->cursor += n_best;
  return true;
}

/* ---- rows in time ---------------------------------------------------------------------------- */

/* Whether the worker is stuck in its last task, which was given up: nothing more comes. */
static bool
is_stuck (const Row *row)
{
  return row->cursor > 0
         && weft_span_is_deadline (weft_spans_get (row->info.spans, row->cursor - 1));
}

/* Records that had to wait stand behind the wait. */
static bool
is_wait (const WeftSpan *span)
{
  return span->kind == WEFT_RECORD_RECORDER_WAIT || span->kind == WEFT_RECORD_DROPPED;
}

/* Takes in the spans at the cursor that belong together. Returns: FALSE: they are not all there, or
 * not over yet */
static bool
take_next (const Sink *sink, uint64_t n)
{
  const WeftTimeAccount *account = sink->account;
  Row *row = sink->row;
  uint64_t i = row->cursor, first = row->cursor;
  int64_t end_ns = INT64_MIN;

  for (; i < n && is_wait (weft_spans_get (row->info.spans, i)); i++)
    end_ns = MAX (end_ns, weft_spans_get (row->info.spans, i)->end_ns);
  if (i == n && !account->is_over)
    return false;
  if (i < n)
    end_ns = MAX (end_ns, weft_spans_get (row->info.spans, i)->end_ns);
  if (end_ns > account->told_ns)
    return false;
  row->cursor = MIN (i + 1, n);
  if (i < n
      && weft_spans_get (row->info.spans, i)->start_ns
             <= weft_spans_get (row->info.spans, first)->start_ns)
    take_span (sink, weft_spans_get (row->info.spans, i));
  else
    i = row->cursor;
  for (; first < i; first++)
    take_span (sink, weft_spans_get (row->info.spans, first));
  return true;
}

/* What comes has begun after what counts, and idle times know by which task they were ended. */
static bool
is_past_the_part (const WeftTimeAccount *account, const Row *row)
{
  return row->covered_ns >= account->to_ns && row->n_followed == row->idles->len;
}

/* The first thing that was measured of a process; INT64_MIN: nothing was. */
static int64_t
first_measured (const WeftModel *model, uint32_t lane)
{
  int64_t first_ns = INT64_MAX;

  for (unsigned i = 0; i < WEFT_N_SERIES; i++)
    if (weft_model_lane_series_n (model, lane, (WeftModelSeries) i) > 0)
      first_ns =
          MIN (first_ns, weft_model_lane_series_get (model, lane, (WeftModelSeries) i, 0).at_ns);
  return first_ns == INT64_MAX ? INT64_MIN : first_ns;
}

/* Who ran something since is back. */
bool
weft_time_lane_stay (const WeftModel *model, uint32_t lane, int64_t *came_ns, int64_t *went_ns)
{
  WeftModelLane info, process;
  const WeftSpan *last;
  uint64_t n, n_events;

  *came_ns = INT64_MIN;
  *went_ns = INT64_MAX;
  weft_model_lane (model, lane, &info);
  if ((info.flags & WEFT_LANE_BEST_EFFORT) == 0)
    return false;
  if (info.parent_lane >= lane)
    return true;
  weft_model_lane (model, info.parent_lane, &process);
  if (process.kind != WEFT_LANE_PROCESS)
    return true;
  n = weft_spans_n (info.spans);
  if (n > 0)
    *came_ns =
        MIN (first_measured (model, info.parent_lane), weft_spans_get (info.spans, 0)->start_ns);
  n_events = weft_spans_n (process.spans);
  last = n_events > 0 ? weft_spans_get (process.spans, n_events - 1) : NULL;
  if (last != NULL && last->kind == WEFT_RECORD_WORKER_LOST
      && (n == 0 || weft_spans_get (info.spans, n - 1)->end_ns <= last->start_ns))
    *went_ns = last->start_ns;
  return true;
}

static void
find_stay (WeftTimeAccount *account, Row *row)
{
  int64_t came_ns;

  if (!row->is_foreign)
    return;
  weft_time_lane_stay (account->model, row->lane, &came_ns, &row->went_ns);
  if (row->cursor == 0)
    row->came_ns = came_ns;
}

void
_weft_account_take_row (WeftTimeAccount *account, Row *row)
{
  const Sink sink = { account, row, false };
  uint64_t n;

  if (row->ended || row->lane == WEFT_NONE)
    return;
  find_stay (account, row);
  n = weft_spans_n (row->info.spans);
  while (row->cursor < n && account->n_left > 0 && !is_past_the_part (account, row))
    {
      account->n_left--;
      if (weft_spans_is_ordered (row->info.spans) && take_node (&sink, n))
        continue;
      if (!take_next (&sink, n))
        break;
    }
  row->ended = row->cursor == n && is_stuck (row);
}

void
_weft_account_take_absent (WeftTimeAccount *account, Row *row)
{
  const Sink sink = { account, row, false };
  int64_t to_ns = MIN (account->told_ns, account->end_ns);

  if (row->covered_ns >= to_ns)
    return;
  put_absence (&sink, row->covered_ns, to_ns);
  advance (&sink, to_ns);
}

/* ---- tails ----------------------------------------------------------------------------------- */

/* What the lane is in, that has not ended: a span that ends later, or what the recorder saw last.
 * Returns: FALSE: nothing is known of it */
static bool
open_span (const WeftTimeAccount *account, const Row *row, WeftSpan *open)
{
  uint64_t n = weft_spans_n (row->info.spans);
  WeftModelNow now;

  for (uint64_t i = row->cursor; i < n; i++)
    {
      *open = *weft_spans_get (row->info.spans, i);
      if (open->depth == 0)
        return true;
    }
  if (!weft_model_now (account->model, row->lane, &now) || now.start_ns < row->covered_ns)
    return false;
  *open = (WeftSpan){ .start_ns = now.start_ns, .end_ns = INT64_MAX, .kind = now.kind };
  return true;
}

void
_weft_account_take_tail (WeftTimeAccount *account, Row *row)
{
  const Sink sink = { account, row, true };
  int64_t to_ns = MIN (account->told_ns, account->end_ns);
  WeftSpan open;

  memset (row->tail_ns, 0, sizeof row->tail_ns);
  if (row->ended || row->covered_ns >= MIN (to_ns, account->to_ns))
    return;
  if (row->lane == WEFT_NONE || !open_span (account, row, &open))
    {
      put_gap (&sink, row->covered_ns, to_ns, account->is_over);
      return;
    }
  row->has_spans = true;
  open.start_ns = CLAMP (open.start_ns, row->covered_ns, to_ns);
  put_gap (&sink, row->covered_ns, open.start_ns, true);
  put_span (&sink, &open, open.start_ns, MIN (open.end_ns, to_ns));
}
