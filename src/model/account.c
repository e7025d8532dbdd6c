/* account.c: where the workers' time went
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Per row a cursor goes through the spans of its lane. What lies before a span and after what was
 * accounted for is a gap: in a visit of the worker it is the scheduler's, outside it the worker was
 * asleep if it was asked for, else it does not count. A node of the pyramid that holds nothing but
 * tasks is taken in whole.
 *
 * A span is taken in once the model is complete up to its end: then all tasks that ended before it
 * are known, and what the control lane says of it, but for waits, which are recorded at their ends.
 * Should anything that was taken for granted turn out otherwise (the run's begin, the number of
 * workers), all is counted anew.
 *
 * An account of a part goes the same way and counts what lies in it: what is put anywhere is cut to
 * it first. A row is done when it has come to the part's end, and knows what task came next.
 */
#include "config.h"

#include "model/weft-account-private.h"
#include "model/weft-model-private.h"

#include <string.h>

#define MOST_WAITS 4096  /* looked at each time: the oldest */
#define MOST_ABSENT 4096 /* workers that were asked for and never called */

typedef struct
{
  uint32_t lane;
  uint64_t cursor;
} Control;

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

static WeftTimeUse
use_of (uint8_t kind)
{
  if (uses[kind] == 0 && kind != WEFT_RECORD_TASK && kind != WEFT_RECORD_TIMED_OUT)
    return WEFT_TIME_OTHER;
  return (WeftTimeUse) uses[kind];
}

/* ---- life ------------------------------------------------------------------------------------ */

static void
row_free (void *data)
{
  Row *row = data;

  g_array_unref (row->idles);
  g_free (row);
}

WeftTimeAccount *
weft_time_account_new (WeftModel *model)
{
  WeftTimeAccount *account = g_new0 (WeftTimeAccount, 1);

  account->from_ns = INT64_MIN;
  account->to_ns = INT64_MAX;
  account->model = weft_model_ref (model);
  account->rows = g_ptr_array_new_with_free_func (row_free);
  account->order = g_array_new (FALSE, FALSE, sizeof (guint));
  account->workers = g_hash_table_new (NULL, NULL);
  account->controls = g_array_new (FALSE, FALSE, sizeof (Control));
  account->besides = g_array_new (FALSE, FALSE, sizeof (Control));
  account->waits = g_array_new (FALSE, FALSE, sizeof (WeftTaskWait));
  account->parts = g_array_new (FALSE, FALSE, sizeof (TimePiece));
  account->awaited = _weft_account_awaited_new ();
  for (unsigned i = 0; i < N_REASONS; i++)
    account->reasons[i] = g_array_new (FALSE, FALSE, sizeof (TimePiece));
  account->end_ns = account->paused_ns = INT64_MAX;
  return account;
}

WeftTimeAccount *
weft_time_account_new_between (WeftModel *model, int64_t from_ns, int64_t to_ns)
{
  WeftTimeAccount *account = weft_time_account_new (model);

  account->is_part = true;
  account->from_ns = from_ns;
  account->to_ns = MAX (from_ns, to_ns);
  return account;
}

void
weft_time_account_free (WeftTimeAccount *account)
{
  if (account == NULL)
    return;
  weft_model_unref (account->model);
  g_ptr_array_unref (account->rows);
  g_array_unref (account->order);
  g_hash_table_unref (account->workers);
  g_array_unref (account->controls);
  g_array_unref (account->besides);
  g_array_unref (account->waits);
  g_array_unref (account->parts);
  g_hash_table_unref (account->awaited);
  g_free (account->links);
  for (unsigned i = 0; i < N_REASONS; i++)
    g_array_unref (account->reasons[i]);
  g_free (account);
}

/* Nothing of the row is accounted for any more. */
static void
forget_row (WeftTimeAccount *account, Row *row)
{
  row->cursor = 0;
  row->covered_ns = account->begin_ns;
  row->blocked_ns = 0;
  row->visit = 0;
  row->ended = false;
  row->n_followed = row->n_resolved = 0;
  g_array_set_size (row->idles, 0);
  memset (row->ns, 0, sizeof row->ns);
  memset (row->tail_ns, 0, sizeof row->tail_ns);
}

static void
forget_all (WeftTimeAccount *account)
{
  for (guint i = 0; i < account->rows->len; i++)
    forget_row (account, account->rows->pdata[i]);
  g_hash_table_remove_all (account->awaited);
  account->newest_ns = INT64_MIN;
}

/* ---- the run's course ------------------------------------------------------------------------ */

static void
set_begin (WeftTimeAccount *account, int64_t at_ns)
{
  account->has_begun = true;
  account->begin_ns = at_ns;
  forget_all (account);
}

static void
take_phase (WeftTimeAccount *account, const WeftSpan *span)
{
  WeftRunPhase phase = (WeftRunPhase) span->how;

  if (!account->begin_is_told && (phase == WEFT_RUN_RUNNING || phase == WEFT_RUN_PAUSED))
    {
      account->begin_is_told = true;
      set_begin (account, span->start_ns);
    }
  if (phase == WEFT_RUN_PAUSED && account->paused_ns == INT64_MAX)
    account->paused_ns = span->start_ns;
  else if (phase != WEFT_RUN_PAUSED && account->paused_ns != INT64_MAX)
    {
      _weft_account_add_reason (account, REASON_PAUSED, account->paused_ns, span->start_ns);
      account->paused_ns = INT64_MAX;
    }
  if (phase < WEFT_RUN_DONE || account->end_ns != INT64_MAX)
    return;
  account->end_ns = MAX (span->start_ns, account->begin_ns);
  if (account->newest_ns > account->end_ns)
    forget_all (account);
}

static void
take_control (WeftTimeAccount *account, Control *control)
{
  WeftModelLane info;
  uint64_t n;

  weft_model_lane (account->model, control->lane, &info);
  n = weft_spans_n (info.spans);
  for (; control->cursor < n && account->n_left > 0; control->cursor++, account->n_left--)
    {
      const WeftSpan *span = weft_spans_get (info.spans, control->cursor);

      if (span->kind == WEFT_RECORD_RUN_STATE)
        take_phase (account, span);
      else if (span->kind == WEFT_RECORD_RESOURCE_WAIT)
        _weft_account_add_reason (account, REASON_RESOURCE, span->start_ns, span->end_ns);
      else if (span->kind == WEFT_RECORD_RETRY_WAIT)
        _weft_account_add_reason (account, REASON_RETRY, span->start_ns, span->end_ns);
    }
}

/* ---- rows ------------------------------------------------------------------------------------ */

static int
compare_rows (const void *a, const void *b, void *data)
{
  const GPtrArray *rows = data;
  const Row *x = rows->pdata[*(const guint *) a], *y = rows->pdata[*(const guint *) b];

  if (x->worker != y->worker)
    return x->worker < y->worker ? -1 : 1;
  return (x->number > y->number) - (x->number < y->number);
}

static Row *
add_row (WeftTimeAccount *account, uint32_t worker)
{
  Row *row = g_new0 (Row, 1);

  row->number = account->rows->len;
  row->lane = WEFT_NONE;
  row->worker = worker;
  row->first = true;
  row->idles = g_array_new (FALSE, FALSE, sizeof (Idle));
  row->covered_ns = account->begin_ns;
  g_array_append_val (account->order, row->number);
  g_ptr_array_add (account->rows, row);
  return row;
}

/* The row of a new lane: that of its worker, if nobody has come for it yet. */
static Row *
row_for (WeftTimeAccount *account, uint32_t worker)
{
  void *key = GUINT_TO_POINTER (worker + 1);
  Row *known = worker != WEFT_NONE ? g_hash_table_lookup (account->workers, key) : NULL;
  Row *row;

  if (known != NULL && known->lane == WEFT_NONE)
    {
      forget_row (account, known);
      return known;
    }
  row = add_row (account, worker);
  row->first = known == NULL;
  if (known == NULL && worker != WEFT_NONE)
    g_hash_table_insert (account->workers, key, row);
  return row;
}

static void
find_lanes (WeftTimeAccount *account, uint32_t n_lanes)
{
  guint n_rows = account->rows->len;

  for (; account->n_lanes < n_lanes; account->n_lanes++)
    {
      Control control = { account->n_lanes, 0 };
      WeftModelLane info;
      Row *row;

      weft_model_lane (account->model, account->n_lanes, &info);
      if (info.kind == WEFT_LANE_CONTROL)
        g_array_append_val (account->controls, control);
      if (info.kind == WEFT_LANE_UNPLACED)
        g_array_append_val (account->besides, control);
      if (info.kind != WEFT_LANE_THREAD)
        continue;
      row = row_for (account, info.worker);
      row->lane = account->n_lanes;
      row->info = info;
      row->is_foreign = (info.flags & WEFT_LANE_BEST_EFFORT) != 0;
      row->came_ns = INT64_MIN;
      row->went_ns = INT64_MAX;
    }
  if (account->rows->len > n_rows)
    g_array_sort_with_data (account->order, compare_rows, account->rows);
}

/* Workers that were asked for and have no lane yet. */
static void
find_absent (WeftTimeAccount *account)
{
  uint64_t n = weft_model_series_n (account->model, WEFT_SERIES_WORKERS);
  guint n_rows = account->rows->len;

  for (; account->n_worker_points < n; account->n_worker_points++)
    {
      WeftModelPoint point =
          weft_model_series_get (account->model, WEFT_SERIES_WORKERS, account->n_worker_points);

      for (uint32_t w = 0; w < MIN (point.value, MOST_ABSENT); w++)
        if (!g_hash_table_contains (account->workers, GUINT_TO_POINTER (w + 1)))
          g_hash_table_insert (account->workers, GUINT_TO_POINTER (w + 1), add_row (account, w));
      if (point.at_ns < account->newest_ns)
        forget_all (account);
    }
  if (account->rows->len > n_rows)
    g_array_sort_with_data (account->order, compare_rows, account->rows);
}

/* ---- gaps ------------------------------------------------------------------------------------ */

/* Where what is accounted goes: into the row for good, or into its tail. */
typedef struct
{
  WeftTimeAccount *account;
  Row *row;
  bool is_tail;
} Sink;

/* What counts of that time. */
static int64_t
counted (const WeftTimeAccount *account, int64_t x, int64_t y)
{
  return MAX (MIN (y, account->to_ns) - MAX (x, account->from_ns), 0);
}

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

/* The visit that ends after a moment, or begins then. Returns: FALSE: there is none any more */
static bool
find_visit (const WeftTimeAccount *account, const Row *row, uint32_t *i, int64_t at_ns,
            WeftModelVisit *visit)
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
      bool any = find_visit (sink->account, sink->row, &i, x, &visit);
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
        put (sink, WEFT_TIME_SCHEDULER, counted (sink->account, x, end_ns));
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
  int64_t ns = counted (sink->account, x, y), blocked_ns = 0;

  if (x >= y)
    return;
  if (use_of (span->kind) == WEFT_TIME_NO_TASK)
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
  put (sink, use_of (span->kind), ns - blocked_ns);
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
        row->blocked_ns += counted (sink->account, start_ns, end_ns);
      return;
    }
  if (row->is_foreign && span->start_ns < row->covered_ns)
    {
      _weft_account_take_late (sink->account, row, span, use_of (span->kind));
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

  return find_visit (account, row, &i, x, &visit) && visit.start_ns <= x && visit.stop_ns >= y;
}

/* All of it counts, or nothing. */
static bool
is_of_one_side (const WeftTimeAccount *account, const WeftSpanNode *node)
{
  int64_t ns = counted (account, node->start_ns, node->end_ns);

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
  if (counted (sink->account, best.start_ns, best.end_ns) > 0)
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

/* From when until when a foreign worker's process was there. Who ran something since is back. */
static void
find_stay (const WeftTimeAccount *account, Row *row)
{
  uint64_t n = weft_spans_n (row->info.spans), n_events;
  WeftModelLane process;
  const WeftSpan *last;

  if (!row->is_foreign || row->info.parent_lane >= row->lane)
    return;
  weft_model_lane (account->model, row->info.parent_lane, &process);
  if (process.kind != WEFT_LANE_PROCESS)
    return;
  if (row->cursor == 0 && n > 0)
    row->came_ns = MIN (first_measured (account->model, row->info.parent_lane),
                        weft_spans_get (row->info.spans, 0)->start_ns);
  n_events = weft_spans_n (process.spans);
  last = n_events > 0 ? weft_spans_get (process.spans, n_events - 1) : NULL;
  row->went_ns = INT64_MAX;
  if (last != NULL && last->kind == WEFT_RECORD_WORKER_LOST
      && (n == 0 || weft_spans_get (row->info.spans, n - 1)->end_ns <= last->start_ns))
    row->went_ns = last->start_ns;
}

static void
take_row (WeftTimeAccount *account, Row *row)
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

/* A worker that nobody has called sleeps on. */
static void
take_absent (WeftTimeAccount *account, Row *row)
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

static void
take_tail (WeftTimeAccount *account, Row *row)
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

/* ---- updating -------------------------------------------------------------------------------- */

static void
take_controls (WeftTimeAccount *account)
{
  for (guint i = 0; i < account->controls->len; i++)
    take_control (account, &g_array_index (account->controls, Control, i));
  if (account->n_left > 0 && account->paused_ns < account->told_ns)
    _weft_account_add_reason (account, REASON_PAUSED, account->paused_ns, account->told_ns);
}

/* ---- beside tasks ---------------------------------------------------------------------------- */

static WeftTimeBeside
beside_of (uint8_t kind)
{
  switch (kind)
    {
    case WEFT_RECORD_TRANSFER:
      return WEFT_BESIDE_TRANSFER;
    case WEFT_RECORD_SPILL_WRITE:
    case WEFT_RECORD_SPILL_READ:
      return WEFT_BESIDE_DISK;
    case WEFT_RECORD_PHASE:
      return WEFT_BESIDE_PHASE;
    default:
      return WEFT_BESIDE_N;
    }
}

/* They do not depend on when the run began: nothing is counted anew. */
static void
take_beside (WeftTimeAccount *account, Control *beside)
{
  WeftModelLane info;
  uint64_t n;

  weft_model_lane (account->model, beside->lane, &info);
  n = weft_spans_n (info.spans);
  for (; beside->cursor < n && account->n_left > 0; beside->cursor++, account->n_left--)
    {
      const WeftSpan *span = weft_spans_get (info.spans, beside->cursor);
      WeftTimeBeside what = beside_of (span->kind);

      if (what < WEFT_BESIDE_N)
        account->beside_ns[what] += counted (account, span->start_ns, span->end_ns);
    }
}

int64_t
weft_time_account_beside (const WeftTimeAccount *account, WeftTimeBeside what)
{
  return account->beside_ns[what];
}

/* ---- waits that go on ------------------------------------------------------------------------ */

static void
find_waits (WeftTimeAccount *account)
{
  const WeftModel *model = account->model;
  uint64_t n = atomic_load_explicit (&model->n_waits, memory_order_acquire);

  for (; account->n_waits < n; account->n_waits++)
    g_array_append_vals (account->waits,
                         _weft_blocks_get (&model->waits, account->n_waits, sizeof (WeftTaskWait)),
                         1);
}

/* Records tell of a wait when it is over. Until then it is known of tasks that are queued. */
static void
take_waits (WeftTimeAccount *account)
{
  int64_t since_ns[N_REASONS] = { INT64_MAX, INT64_MAX, INT64_MAX };
  guint n_seen, n = 0;

  find_waits (account);
  n_seen = MIN (account->waits->len, MOST_WAITS);
  for (guint i = 0; i < n_seen; i++)
    {
      WeftTaskWait wait = g_array_index (account->waits, WeftTaskWait, i);
      IdleReason reason = wait.is_retry ? REASON_RETRY : REASON_RESOURCE;

      if (weft_model_task_state (account->model, wait.task) != WEFT_TASK_QUEUED)
        continue;
      if (wait.since_ns == INT64_MIN)
        wait.since_ns = _weft_account_ready (account, wait.task);
      g_array_index (account->waits, WeftTaskWait, n++) = wait;
      since_ns[reason] = MIN (since_ns[reason], wait.since_ns);
    }
  if (n < n_seen)
    g_array_remove_range (account->waits, n, n_seen - n);
  for (unsigned reason = 0; reason < N_REASONS && !account->is_over; reason++)
    if (since_ns[reason] < account->told_ns)
      _weft_account_add_reason (account, reason, since_ns[reason], account->told_ns);
}

/* Runs whose begin nobody tells begin with what is told first. */
static bool
has_begun (WeftTimeAccount *account, const WeftModelSnapshot *snapshot)
{
  bool begins = snapshot->phase != WEFT_RUN_PREPARED;

  for (guint i = 0; i < account->rows->len && !account->has_begun && !begins; i++)
    {
      const Row *row = account->rows->pdata[i];

      begins = row->lane != WEFT_NONE && weft_spans_n (row->info.spans) > 0;
    }
  if (!account->has_begun && begins)
    set_begin (account, 0);
  return account->has_begun;
}

static bool
is_empty (const Row *row)
{
  for (unsigned use = 0; use < WEFT_TIME_N_USES; use++)
    if (row->ns[use] + row->tail_ns[use] > 0)
      return false;
  return true;
}

/* Of rows that are told. */
static void
leave_out_empty (WeftTimeAccount *account)
{
  g_array_set_size (account->order, 0);
  for (guint i = 0; i < account->rows->len; i++)
    if (!is_empty (account->rows->pdata[i]))
      g_array_append_val (account->order, i);
  g_array_sort_with_data (account->order, compare_rows, account->rows);
}

bool
weft_time_account_update (WeftTimeAccount *account, const WeftModelSnapshot *snapshot,
                          uint64_t limit)
{
  account->n_left = MAX (limit, 1);
  account->is_over = snapshot->phase >= WEFT_RUN_DONE;
  find_lanes (account, snapshot->n_lanes);
  find_absent (account);
  account->told_ns = MAX (snapshot->complete_ns, account->told_ns);
  take_controls (account);
  if (account->n_left == 0)
    return false;
  if (!has_begun (account, snapshot))
    return true;
  _weft_account_follow_links (account);
  take_waits (account);
  for (guint i = 0; i < account->besides->len; i++)
    take_beside (account, &g_array_index (account->besides, Control, i));
  for (guint i = 0; i < account->rows->len; i++)
    {
      Row *row = account->rows->pdata[i];

      if (row->lane == WEFT_NONE)
        take_absent (account, row);
      take_row (account, row);
      _weft_account_resolve (account, row);
    }
  for (guint i = 0; i < account->rows->len; i++)
    take_tail (account, account->rows->pdata[i]);
  if (account->is_part)
    leave_out_empty (account);
  return account->n_left > 0;
}

/* ---- reading --------------------------------------------------------------------------------- */

int64_t
weft_time_account_elapsed (const WeftTimeAccount *account)
{
  return account->has_begun
             ? counted (account, account->begin_ns, MIN (account->told_ns, account->end_ns))
             : 0;
}

uint32_t
weft_time_account_n_rows (const WeftTimeAccount *account)
{
  return account->order->len;
}

static void
add_to_row (const Row *row, WeftTimeRow *sum)
{
  for (unsigned use = 0; use < WEFT_TIME_N_USES; use++)
    {
      sum->ns[use] += row->ns[use] + row->tail_ns[use];
      sum->total_ns += row->ns[use] + row->tail_ns[use];
    }
}

void
weft_time_account_row (const WeftTimeAccount *account, uint32_t index, WeftTimeRow *row)
{
  const Row *data = account->rows->pdata[g_array_index (account->order, guint, index)];

  *row = (WeftTimeRow){ .name = data->info.name != NULL ? data->info.name : "",
                        .worker = data->worker,
                        .nth = MAX (data->info.nth, 1),
                        .lane = data->lane };
  add_to_row (data, row);
}

void
weft_time_account_total (const WeftTimeAccount *account, WeftTimeRow *row)
{
  *row = (WeftTimeRow){ .name = "", .worker = WEFT_NONE, .lane = WEFT_NONE };
  for (guint i = 0; i < account->rows->len; i++)
    add_to_row (account->rows->pdata[i], row);
}

static const Row *
row_of_lane (const WeftTimeAccount *account, uint32_t lane)
{
  for (guint i = 0; i < account->rows->len; i++)
    if (((const Row *) account->rows->pdata[i])->lane == lane)
      return account->rows->pdata[i];
  return NULL;
}

/* A gap ends where the worker came or went. Returns: FALSE: it was not there */
static bool
bound_gap (const WeftTimeAccount *account, const Row *row, int64_t at_ns, WeftTimePiece *piece)
{
  WeftModelVisit visit;
  uint32_t i = 0;

  if (!find_visit (account, row, &i, at_ns, &visit) || visit.start_ns > at_ns)
    return false;
  piece->start_ns = MAX (MAX (piece->start_ns, visit.start_ns), account->begin_ns);
  piece->end_ns = MIN (piece->end_ns, visit.stop_ns);
  return true;
}

/* What is between the tasks of a lane in the order of time, and no idling. */
static bool
explain_other (const WeftTimeAccount *account, const Row *row, int64_t at_ns, WeftTimePiece *piece)
{
  const WeftSpans *spans = row->info.spans;
  const WeftSpan *span = NULL;
  uint64_t i;

  if (row->lane == WEFT_NONE || !weft_spans_is_ordered (spans))
    return false;
  for (i = weft_spans_find (spans, row->cursor, at_ns); i < row->cursor; i++)
    {
      span = weft_spans_get (spans, i);
      if (span->depth == 0)
        break;
    }
  if (i == row->cursor)
    return false;
  *piece =
      (WeftTimePiece){ use_of (span->kind), span->start_ns, span->end_ns, WEFT_NONE, WEFT_NONE };
  if (span->start_ns <= at_ns)
    return piece->use != WEFT_TIME_RUNNING;
  piece->use = WEFT_TIME_SCHEDULER;
  while (i-- > 0 && weft_spans_get (spans, i)->depth > 0)
    ;
  piece->end_ns = span->start_ns;
  piece->start_ns = i != UINT64_MAX ? weft_spans_get (spans, i)->end_ns : INT64_MIN;
  return bound_gap (account, row, at_ns, piece);
}

bool
weft_time_account_explain (const WeftTimeAccount *account, uint32_t lane, int64_t at_ns,
                           WeftTimePiece *piece)
{
  const Row *row = row_of_lane (account, lane);
  const Idle *idle = row != NULL ? _weft_account_find_idle (row, at_ns) : NULL;

  if (row == NULL || at_ns < account->begin_ns || at_ns >= row->covered_ns)
    return false;
  if (idle == NULL)
    return explain_other (account, row, at_ns, piece);
  piece->use = _weft_account_use_at (account, idle, at_ns, &piece->start_ns, &piece->end_ns);
  piece->awaited = piece->use == WEFT_TIME_NO_TASK ? idle->awaited : WEFT_NONE;
  piece->next = idle->next;
  return true;
}
