/* account-idle.c: what idle workers waited for
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * An idle time is cut where a reason begins or ends and where the next task became ready. Sums know
 * only its pieces, so a new reason moves no more than what it overlaps: rows are searched for idle
 * times in it, these go out of the sums, the reason comes in, they come in again. Likewise where a
 * span is told after later ones: the idle time that it lies in is cut.
 */
#include "config.h"

#include "model/weft-account-private.h"
#include "model/weft-inputs-private.h"
#include "model/weft-model-private.h"

#define SKEW_NS 500
#define FEW_LINKS 8192u /* of more, not all are sorted whenever there is another */
#define NEVER (INT64_MAX - SKEW_NS)

static const WeftTimeUse use_of_reason[N_REASONS] = {
  [REASON_PAUSED] = WEFT_TIME_PAUSED,
  [REASON_RESOURCE] = WEFT_TIME_RESOURCE,
  [REASON_RETRY] = WEFT_TIME_RETRY,
};

/* ---- sums of what was awaited ---------------------------------------------------------------- */

typedef struct
{
  uint64_t key; /* row << 32 | group; row WEFT_NONE: all */
  WeftTimeAwaited sum;
} Waits;

GHashTable *
_weft_account_awaited_new (void)
{
  return g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, g_free);
}

static void
add_to_sum (WeftTimeAccount *account, uint32_t row, uint32_t task, int64_t ns)
{
  uint32_t group = weft_model_task_group (account->model, task);
  uint64_t key = (uint64_t) row << 32 | group;
  Waits *waits = g_hash_table_lookup (account->awaited, &key);

  if (waits == NULL)
    {
      waits = g_new (Waits, 1);
      *waits = (Waits){ key, { group, WEFT_NONE, 0, 0 } };
      g_hash_table_insert (account->awaited, &waits->key, waits);
    }
  waits->sum.ns += ns;
  if (task == waits->sum.longest_task && ns < 0)
    waits->sum.longest_ns += ns;
  if (ns > waits->sum.longest_ns)
    {
      waits->sum.longest_ns = ns;
      waits->sum.longest_task = task;
    }
}

static int
compare_awaited (const void *a, const void *b)
{
  const WeftTimeAwaited *first = a, *second = b;

  if (first->ns != second->ns)
    return first->ns > second->ns ? -1 : 1;
  return (first->group > second->group) - (first->group < second->group);
}

uint32_t
weft_time_account_awaited (const WeftTimeAccount *account, uint32_t index, WeftTimeAwaited *awaited,
                           uint32_t n)
{
  g_autoptr (GArray) sums = g_array_new (FALSE, FALSE, sizeof (WeftTimeAwaited));
  uint32_t row = index != WEFT_NONE ? g_array_index (account->order, guint, index) : WEFT_NONE;
  GHashTableIter iter;
  void *value;

  g_hash_table_iter_init (&iter, account->awaited);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      const Waits *waits = value;

      if (waits->sum.ns > 0 && waits->key >> 32 == row)
        g_array_append_val (sums, waits->sum);
    }
  g_array_sort (sums, compare_awaited);
  n = MIN (n, sums->len);
  if (n > 0)
    memcpy (awaited, sums->data, n * sizeof *awaited);
  return n;
}

/* ---- reasons --------------------------------------------------------------------------------- */

/* The first piece that ends after the moment. */
static guint
find_piece (const GArray *pieces, int64_t at_ns)
{
  guint low = 0, high = pieces->len;

  if (high == 0 || g_array_index (pieces, TimePiece, high - 1).end_ns <= at_ns)
    return high;
  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (g_array_index (pieces, TimePiece, middle).end_ns > at_ns)
        high = middle;
      else
        low = middle + 1;
    }
  return low;
}

WeftTimeUse
_weft_account_use_at (const WeftTimeAccount *account, const Idle *idle, int64_t at_ns,
                      int64_t *start_ns, int64_t *end_ns)
{
  *start_ns = idle->start_ns;
  *end_ns = idle->end_ns;
  for (unsigned reason = 0; reason < N_REASONS; reason++)
    {
      const GArray *pieces = account->reasons[reason];
      guint i = find_piece (pieces, at_ns);
      const TimePiece *piece = &g_array_index (pieces, TimePiece, i);

      if (i < pieces->len && piece->start_ns <= at_ns)
        {
          *start_ns = MAX (*start_ns, piece->start_ns);
          *end_ns = MIN (*end_ns, piece->end_ns);
          return use_of_reason[reason];
        }
      if (i < pieces->len)
        *end_ns = MIN (*end_ns, piece->start_ns);
      if (i > 0)
        *start_ns = MAX (*start_ns, (piece - 1)->end_ns);
    }
  if (at_ns < idle->ready_ns)
    {
      *end_ns = MIN (*end_ns, idle->ready_ns);
      return WEFT_TIME_NO_TASK;
    }
  *start_ns = MAX (*start_ns, idle->ready_ns);
  return WEFT_TIME_SCHEDULER;
}

void
_weft_account_idle_part (WeftTimeAccount *account, Row *row, const Idle *idle, int64_t x, int64_t y,
                         int sign, int64_t *ns)
{
  while (x < y)
    {
      int64_t start_ns, end_ns;
      WeftTimeUse use = _weft_account_use_at (account, idle, x, &start_ns, &end_ns);

      end_ns = MIN (end_ns, y);
      ns[use] += sign * (end_ns - x);
      if (use == WEFT_TIME_NO_TASK && idle->awaited != WEFT_NONE)
        {
          add_to_sum (account, row->number, idle->awaited, sign * (end_ns - x));
          add_to_sum (account, WEFT_NONE, idle->awaited, sign * (end_ns - x));
        }
      x = end_ns;
    }
}

/* ---- idle times ------------------------------------------------------------------------------ */

/* The first idle time that ends after the moment. */
static guint
find_idle (const GArray *idles, int64_t at_ns)
{
  guint low = 0, high = idles->len;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (g_array_index (idles, Idle, middle).end_ns > at_ns)
        high = middle;
      else
        low = middle + 1;
    }
  return low;
}

const Idle *
_weft_account_find_idle (const Row *row, int64_t at_ns)
{
  guint i = find_idle (row->idles, at_ns);
  const Idle *idle = &g_array_index (row->idles, Idle, i);

  return i < row->idles->len && idle->start_ns <= at_ns ? idle : NULL;
}

void
_weft_account_add_idle (WeftTimeAccount *account, Row *row, int64_t x, int64_t y)
{
  Idle idle = { x, y, INT64_MAX, WEFT_NONE, WEFT_NONE };
  guint n = row->idles->len;
  Idle *last = n > row->n_followed ? &g_array_index (row->idles, Idle, n - 1) : NULL;

  _weft_account_idle_part (account, row, &idle, x, y, 1, row->ns);
  if (last != NULL && last->end_ns == x)
    last->end_ns = y;
  else
    g_array_append_val (row->idles, idle);
}

/* It was not ready later than it started. */
void
_weft_account_follow (Row *row, uint32_t task, int64_t start_ns)
{
  for (; row->n_followed < row->idles->len; row->n_followed++)
    {
      g_array_index (row->idles, Idle, row->n_followed).next = task;
      g_array_index (row->idles, Idle, row->n_followed).ready_ns = start_ns;
    }
}

/* What of the row's idle times is in that time comes into the sums, or goes out of them. */
static void
account_part (WeftTimeAccount *account, const TimePiece *part, int sign)
{
  for (guint i = 0; i < account->rows->len; i++)
    {
      Row *row = account->rows->pdata[i];

      for (guint k = find_idle (row->idles, part->start_ns); k < row->idles->len; k++)
        {
          const Idle *idle = &g_array_index (row->idles, Idle, k);

          if (idle->start_ns >= part->end_ns)
            break;
          _weft_account_idle_part (account, row, idle, MAX (idle->start_ns, part->start_ns),
                                   MIN (idle->end_ns, part->end_ns), sign, row->ns);
        }
    }
}

/* The parts of [x, y) in none of the pieces first … end - 1, which overlap or touch it. */
static void
find_new_parts (WeftTimeAccount *account, const GArray *pieces, guint first, guint end, int64_t x,
                int64_t y)
{
  g_array_set_size (account->parts, 0);
  for (guint i = first; i <= end; i++)
    {
      TimePiece part = { x, y };

      if (i < end)
        {
          part.end_ns = g_array_index (pieces, TimePiece, i).start_ns;
          x = MAX (x, g_array_index (pieces, TimePiece, i).end_ns);
        }
      if (part.start_ns < part.end_ns)
        g_array_append_val (account->parts, part);
    }
}

void
_weft_account_add_reason (WeftTimeAccount *account, IdleReason reason, int64_t x, int64_t y)
{
  GArray *pieces = account->reasons[reason];
  guint first = find_piece (pieces, x - 1), end = first;
  TimePiece whole = { x, y };

  if (x >= y)
    return;
  for (; end < pieces->len && g_array_index (pieces, TimePiece, end).start_ns <= y; end++)
    {
      whole.start_ns = MIN (whole.start_ns, g_array_index (pieces, TimePiece, end).start_ns);
      whole.end_ns = MAX (whole.end_ns, g_array_index (pieces, TimePiece, end).end_ns);
    }
  find_new_parts (account, pieces, first, end, x, y);
  for (guint i = 0; i < account->parts->len; i++)
    account_part (account, &g_array_index (account->parts, TimePiece, i), -1);
  if (end > first + 1)
    g_array_remove_range (pieces, first + 1, end - first - 1);
  if (end > first)
    g_array_index (pieces, TimePiece, first) = whole;
  else
    g_array_insert_val (pieces, first, whole);
  for (guint i = 0; i < account->parts->len; i++)
    account_part (account, &g_array_index (account->parts, TimePiece, i), 1);
}

/* ---- what was awaited ------------------------------------------------------------------------ */

/* Takes over a task that ended later than what was found so far, and not after @by_ns, when the
 * next one started. A start that is the end before it on its own lane may lie a little before. */
static void
look_at (const WeftModel *model, uint32_t task, int64_t by_ns, Idle *idle)
{
  const WeftSpan *span;
  WeftModelLane info;
  uint32_t lane;
  uint64_t index;

  if (task == WEFT_NONE || !weft_model_task_span (model, task, &lane, &index))
    return;
  weft_model_lane (model, lane, &info);
  span = weft_spans_get (info.spans, index);
  if (span->end_ns > by_ns + SKEW_NS
      || (idle->awaited != WEFT_NONE && MIN (span->end_ns, by_ns) <= idle->ready_ns))
    return;
  idle->awaited = task;
  idle->ready_ns = MIN (span->end_ns, by_ns);
}

static void
look_at_inputs (WeftTimeAccount *account, WeftGraph *graph, uint32_t segment, uint32_t number,
                int64_t by_ns, Idle *idle)
{
  const WeftGraphArrays *arrays = weft_graph_arrays (graph);
  const WeftModel *model = account->model;

  for (uint32_t i = arrays->input_offsets[number]; i < arrays->input_offsets[number + 1]; i++)
    look_at (model, _weft_input_source (model, graph, segment, arrays->input_tasks[i]), by_ns,
             idle);
  if (arrays->after_offsets != NULL)
    for (uint32_t i = arrays->after_offsets[number]; i < arrays->after_offsets[number + 1]; i++)
      look_at (model, weft_model_task_of (model, segment, arrays->after_tasks[i]), by_ns, idle);
}

static void
look_at_links (const WeftTimeAccount *account, int64_t by_ns, Idle *idle)
{
  for (uint32_t i = _weft_links_find (account->links, account->n_sorted, idle->next);
       i < account->n_sorted && account->links[i].task == idle->next; i++)
    look_at (account->model, account->links[i].needs, by_ns, idle);
}

/* Of a run that is observed nobody waited for what the task needs before the task was told of. */
static void
look_at_telling (WeftTimeAccount *account, uint32_t segment, int64_t by_ns, bool needs_any,
                 Idle *idle)
{
  int64_t told_ns;

  if (!weft_model_segment_told (account->model, segment, &told_ns)
      || (idle->awaited != WEFT_NONE ? told_ns <= idle->ready_ns : needs_any))
    return;
  idle->awaited = WEFT_NONE;
  idle->ready_ns = MIN (MAX (told_ns, account->begin_ns), by_ns);
}

/* Returns: FALSE: its graph is not there yet */
static bool
resolve (WeftTimeAccount *account, Idle *idle)
{
  int64_t by_ns = idle->ready_ns;
  uint32_t number, segment = weft_model_task_segment (account->model, idle->next, &number);
  WeftGraph *graph = weft_model_graph (account->model, segment);
  bool needs_any;

  if (graph == NULL || number >= weft_graph_arrays (graph)->n_tasks)
    return false;
  look_at_inputs (account, graph, segment, number, by_ns, idle);
  look_at_links (account, by_ns, idle);
  if (idle->awaited == WEFT_NONE)
    look_at (account->model, weft_model_segment_parent (account->model, segment), by_ns, idle);
  /* A task of the first graph that waits for none is ready from the start; of a later one of an own
   * run it is not told when it was handed in. */
  needs_any = weft_graph_n_inputs (weft_graph_arrays (graph), number) > 0;
  if (idle->awaited == WEFT_NONE && segment == 0 && !needs_any)
    idle->ready_ns = account->begin_ns;
  look_at_telling (account, segment, by_ns, needs_any, idle);
  return true;
}

static void
take_out_and_in (WeftTimeAccount *account, Row *row, Idle *idle, const Idle *found)
{
  _weft_account_idle_part (account, row, idle, idle->start_ns, idle->end_ns, -1, row->ns);
  *idle = *found;
  _weft_account_idle_part (account, row, idle, idle->start_ns, idle->end_ns, 1, row->ns);
}

/* Of idle times before a task, what was awaited is looked at once more. */
static void
resolve_again (WeftTimeAccount *account, Row *row, uint32_t task, int64_t start_ns)
{
  guint i = find_idle (row->idles, start_ns - 1);

  for (i = MIN (i + 1, row->n_resolved); i-- > 0;)
    {
      Idle *idle = &g_array_index (row->idles, Idle, i), found = *idle;

      if (idle->end_ns <= start_ns && idle->next != task)
        return;
      if (idle->next != task)
        continue;
      found.ready_ns = start_ns;
      found.awaited = WEFT_NONE;
      if (resolve (account, &found))
        take_out_and_in (account, row, idle, &found);
    }
}

/* A task of which more is known now, in the row in which it has run. */
static void
resolve_task_again (WeftTimeAccount *account, uint32_t task)
{
  WeftModelLane info;
  uint32_t lane;
  uint64_t index;

  if (!weft_model_task_span (account->model, task, &lane, &index))
    return;
  weft_model_lane (account->model, lane, &info);
  for (guint i = 0; i < account->rows->len; i++)
    {
      Row *row = account->rows->pdata[i];

      if (row->lane == lane)
        resolve_again (account, row, task, weft_spans_get (info.spans, index)->start_ns);
    }
}

void
_weft_account_follow_links (WeftTimeAccount *account)
{
  uint32_t n = weft_model_n_links (account->model), first = account->n_links;
  bool is_growing = n != account->n_links_seen;

  account->n_links_seen = n;
  if (n == first || (is_growing && n - first < first / 8 && n > FEW_LINKS))
    return;
  g_free (account->links);
  account->links = weft_model_dup_links (account->model, n, WEFT_NONE, &account->n_sorted);
  account->n_links = n;
  for (uint32_t i = first, last = WEFT_NONE; i < n; i++)
    {
      const WeftModelLink *link = _weft_blocks_get (&account->model->links, i, sizeof *link);

      if (link->task != last) /* a task's links are mostly told together */
        resolve_task_again (account, link->task);
      last = link->task;
    }
}

int64_t
_weft_account_ready (WeftTimeAccount *account, uint32_t task)
{
  Idle idle = { 0, 0, NEVER, task, WEFT_NONE };

  return resolve (account, &idle) ? idle.ready_ns : NEVER;
}

void
_weft_account_resolve (WeftTimeAccount *account, Row *row)
{
  for (; row->n_resolved < row->n_followed && account->n_left > 0; row->n_resolved++)
    {
      Idle *idle = &g_array_index (row->idles, Idle, row->n_resolved);
      Idle found = *idle;

      if (!account->is_over && idle->ready_ns + SKEW_NS >= account->told_ns)
        return; /* what ends at told_ns may come yet */
      account->n_left--;
      if (idle->next == WEFT_NONE)
        continue;
      if (!resolve (account, &found))
        return;
      take_out_and_in (account, row, idle, &found);
    }
}

/* ---- spans that come late -------------------------------------------------------------------- */

/* What is idle before the span ended with its task, if it is one. */
static void
follow_late (WeftTimeAccount *account, Row *row, guint i, const WeftSpan *span, Idle *before)
{
  Idle found;

  if (span->kind != WEFT_RECORD_TASK)
    return;
  for (; row->n_followed < i; row->n_followed++)
    {
      g_array_index (row->idles, Idle, row->n_followed).next = span->task;
      g_array_index (row->idles, Idle, row->n_followed).ready_ns = span->start_ns;
    }
  before->next = span->task;
  before->ready_ns = span->start_ns;
  before->awaited = WEFT_NONE;
  found = *before;
  if (i < row->n_resolved && span->task != WEFT_NONE && resolve (account, &found))
    *before = found;
}

/* What is left of an idle time comes in its place, sorted. Returns: the first behind what is before
 * the span */
static guint
cut_one (WeftTimeAccount *account, Row *row, guint i, const WeftSpan *span, int64_t x, int64_t y,
         WeftTimeUse use)
{
  Idle whole = g_array_index (row->idles, Idle, i), left[2];
  bool is_task = span->kind == WEFT_RECORD_TASK, was_followed = i < row->n_followed;
  guint n = 0, n_before = whole.start_ns < x;

  _weft_account_idle_part (account, row, &whole, whole.start_ns, whole.end_ns, -1, row->ns);
  row->ns[use] += MIN (whole.end_ns, y) - MAX (whole.start_ns, x);
  if (n_before > 0)
    {
      left[n] = whole;
      left[n].end_ns = x;
      follow_late (account, row, i, span, &left[n++]);
    }
  if (y < whole.end_ns)
    {
      left[n] = whole;
      left[n++].start_ns = y;
    }
  if (i < row->n_resolved)
    row->n_resolved += n - 1;
  if (was_followed)
    row->n_followed += n - 1;
  else if (is_task && n_before > 0)
    row->n_followed = i + 1;
  g_array_remove_index (row->idles, i);
  g_array_insert_vals (row->idles, i, left, n);
  for (guint k = 0; k < n; k++)
    _weft_account_idle_part (account, row, &left[k], left[k].start_ns, left[k].end_ns, 1, row->ns);
  return i + n_before;
}

static void
cut_idle (WeftTimeAccount *account, Row *row, const WeftSpan *span, int64_t x, int64_t y,
          WeftTimeUse use)
{
  guint i = find_idle (row->idles, x);

  while (i < row->idles->len && g_array_index (row->idles, Idle, i).start_ns < y)
    i = cut_one (account, row, i, span, x, y, use);
}

/* The row was there earlier than was known. Until it was thought to have come it is idle, but for
 * what it ran. */
static void
come_earlier (WeftTimeAccount *account, Row *row, WeftTimeUse use, int64_t x, int64_t y)
{
  int64_t came_ns = MIN (row->came_ns, row->covered_ns), end_ns = MIN (y, came_ns);
  Idle idle = { end_ns, MIN (came_ns, account->to_ns), INT64_MAX, WEFT_NONE, WEFT_NONE };

  row->ns[use] += end_ns - x;
  row->came_ns = x;
  if (idle.start_ns >= idle.end_ns)
    return;
  _weft_account_idle_part (account, row, &idle, idle.start_ns, idle.end_ns, 1, row->ns);
  g_array_insert_val (row->idles, 0, idle);
  row->n_followed += row->n_followed > 0;
  row->n_resolved += row->n_resolved > 0;
}

void
_weft_account_take_late (WeftTimeAccount *account, Row *row, const WeftSpan *span, WeftTimeUse use)
{
  int64_t x = MAX (MAX (span->start_ns, account->begin_ns), account->from_ns);
  int64_t y = MIN (MIN (span->end_ns, row->covered_ns), MIN (account->end_ns, account->to_ns));

  if (x > y)
    return;
  if (x < row->came_ns)
    come_earlier (account, row, use, x, y);
  cut_idle (account, row, span, x, y, use);
}
