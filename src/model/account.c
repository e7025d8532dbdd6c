/* account.c: where the workers' time went
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Per row a cursor goes through the spans of its lane (account-row.c); what idle workers waited for
 * is told later (account-idle.c).
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
        account->beside_ns[what] += _weft_account_counted (account, span->start_ns, span->end_ns);
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
        _weft_account_take_absent (account, row);
      _weft_account_take_row (account, row);
      _weft_account_resolve (account, row);
    }
  for (guint i = 0; i < account->rows->len; i++)
    _weft_account_take_tail (account, account->rows->pdata[i]);
  if (account->is_part)
    leave_out_empty (account);
  return account->n_left > 0;
}

/* ---- reading --------------------------------------------------------------------------------- */

int64_t
weft_time_account_elapsed (const WeftTimeAccount *account)
{
  return account->has_begun ? _weft_account_counted (account, account->begin_ns,
                                                     MIN (account->told_ns, account->end_ns))
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

  if (!_weft_account_find_visit (account, row, &i, at_ns, &visit) || visit.start_ns > at_ns)
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
  *piece = (WeftTimePiece){ _weft_account_use_of (span->kind), span->start_ns, span->end_ns,
                            WEFT_NONE, WEFT_NONE };
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
