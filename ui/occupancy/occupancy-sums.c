/* occupancy-sums.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * When a worker was there stands in its course: pieces of time for which it served the run, or was
 * asked for and slept. What no span covers of the former is overhead, of the latter sleep. So spans
 * that are overhead themselves need not be looked at, nor does it matter that a wait for the
 * recorder stands before what it made wait.
 *
 * Of a worker of another program nothing is recorded between its tasks: it slept, but for moments
 * too short for that, which are overhead. So where the time goes (weft-account.h) says the same.
 */
#include "config.h"

#include "occupancy/occupancy-sums.h"

#include "model/weft-account.h"

#include <string.h>

#define STEP 64 /* spans between two marks, of 64 bytes each */
#define N_KEPT WEFTLINE_OCCUPANCY_N_USES

/* Of all spans before its own. */
typedef struct
{
  int64_t end_ns; /* of the last of these */
  int64_t ns[N_KEPT];
  uint64_t n_stolen;
} Mark;

/* A piece of the course, and how long those before it were. */
typedef struct
{
  int64_t start_ns, end_ns;
  int64_t served_ns, asked_ns;
  bool is_served;
} Piece;

struct _WeftlineOccupancyLane
{
  const WeftModel *model;
  uint32_t lane, worker;
  const WeftSpans *spans;
  uint64_t n; /* spans taken in */
  Mark now;   /* of all of them */
  bool is_ordered;
  bool is_foreign; /* another program's worker */
  GArray *marks;
  GArray *course;            /* Piece, in the order of time, without overlap */
  int64_t first_ns, last_ns; /* of all spans */
  uint8_t open_kind;         /* of what goes on; 0: nothing */
  int64_t open_start_ns, open_end_ns;
  bool open_stolen;
};

WeftlineOccupancyUse
weftline_occupancy_use (uint8_t kind)
{
  switch (kind)
    {
    case WEFT_RECORD_TASK:
      return WEFTLINE_OCCUPANCY_RUNNING;
    case WEFT_RECORD_SPILL_WRITE:
    case WEFT_RECORD_SPILL_READ:
    case WEFT_RECORD_TRANSFER:
    case WEFT_RECORD_PHASE:
      return WEFTLINE_OCCUPANCY_SPILL;
    case WEFT_RECORD_PAUSED:
    case WEFT_RECORD_MEMORY_PAUSED:
    case WEFT_RECORD_RESOURCE_WAIT:
    case WEFT_RECORD_RETRY_WAIT:
    case WEFT_RECORD_ELSEWHERE:
    case WEFT_RECORD_SLOWED:
      return WEFTLINE_OCCUPANCY_HELD;
    case WEFT_RECORD_STEAL_MISS:
      return WEFTLINE_OCCUPANCY_STEALING;
    case WEFT_RECORD_PARKED:
      return WEFTLINE_OCCUPANCY_PARKED;
    default:
      return WEFTLINE_OCCUPANCY_OVERHEAD;
    }
}

WeftlineOccupancyLane *
weftline_occupancy_lane_new (const WeftModel *model, uint32_t lane)
{
  WeftlineOccupancyLane *self = g_new0 (WeftlineOccupancyLane, 1);
  WeftModelLane info;

  weft_model_lane (model, lane, &info);
  self->model = model;
  self->lane = lane;
  self->worker = info.worker;
  self->spans = info.spans;
  self->now.end_ns = INT64_MIN;
  self->first_ns = INT64_MAX;
  self->last_ns = INT64_MIN;
  self->is_ordered = true;
  self->is_foreign = (info.flags & WEFT_LANE_BEST_EFFORT) != 0;
  self->marks = g_array_new (FALSE, FALSE, sizeof (Mark));
  self->course = g_array_new (FALSE, FALSE, sizeof (Piece));
  return self;
}

void
weftline_occupancy_lane_free (WeftlineOccupancyLane *lane)
{
  if (lane == NULL)
    return;
  g_array_unref (lane->marks);
  g_array_unref (lane->course);
  g_free (lane);
}

/* ---- taking in ------------------------------------------------------------------------------- */

static bool
is_stolen (const WeftSpan *span)
{
  return span->kind == WEFT_RECORD_TASK && (span->how & 15) == WEFT_HOW_STOLEN;
}

static bool
is_counted (const WeftSpan *span)
{
  return span->depth == 0 && weftline_occupancy_use (span->kind) != WEFTLINE_OCCUPANCY_OVERHEAD;
}

/* Between two tasks of a foreign worker. */
static void
add_gap (const WeftlineOccupancyLane *self, Mark *mark, const WeftSpan *span)
{
  int64_t gap_ns = mark->end_ns != INT64_MIN ? span->start_ns - mark->end_ns : 0;

  if (self->is_foreign && gap_ns > 0 && gap_ns < WEFT_ACCOUNT_LEAST_IDLE_NS)
    mark->ns[WEFTLINE_OCCUPANCY_OVERHEAD] += gap_ns;
}

static void
add_span (const WeftlineOccupancyLane *self, Mark *mark, const WeftSpan *span)
{
  add_gap (self, mark, span);
  mark->end_ns = MAX (mark->end_ns, span->end_ns);
  mark->ns[weftline_occupancy_use (span->kind)] += span->end_ns - span->start_ns;
  mark->n_stolen += is_stolen (span);
}

static void
take_spans (WeftlineOccupancyLane *self, uint64_t n, uint64_t *limit)
{
  for (; self->n<n && * limit> 0; self->n++, --*limit)
    {
      const WeftSpan *span = weft_spans_get (self->spans, self->n);

      if (self->n % STEP == 0)
        g_array_append_val (self->marks, self->now);
      if (span->depth > 0)
        continue;
      self->first_ns = MIN (self->first_ns, span->start_ns);
      self->last_ns = MAX (self->last_ns, span->end_ns);
      if (!is_counted (span))
        continue;
      self->is_ordered &= span->start_ns >= self->now.end_ns;
      add_span (self, &self->now, span);
    }
}

static void
take_open (WeftlineOccupancyLane *self, const WeftModelSnapshot *snapshot)
{
  WeftModelNow now;

  self->open_kind = 0;
  if (!weft_model_has_nows (snapshot) || !weft_model_now (self->model, self->lane, &now))
    return;
  if (weftline_occupancy_use (now.kind) != WEFTLINE_OCCUPANCY_OVERHEAD)
    self->open_kind = now.kind;
  self->open_start_ns = MAX (now.start_ns, self->now.end_ns);
  self->open_end_ns = MAX (snapshot->last_ns, self->open_start_ns);
  self->first_ns = MIN (self->first_ns, self->open_start_ns);
}

/* ---- the course ------------------------------------------------------------------------------ */

static void
add_piece (WeftlineOccupancyLane *self, int64_t start_ns, int64_t end_ns, bool is_served)
{
  Piece piece = { .start_ns = start_ns, .end_ns = end_ns, .is_served = is_served };

  if (start_ns >= end_ns)
    return;
  if (self->course->len > 0)
    {
      const Piece *last = &g_array_index (self->course, Piece, self->course->len - 1);
      int64_t length = last->end_ns - last->start_ns;

      piece.served_ns = last->served_ns + (last->is_served ? length : 0);
      piece.asked_ns = last->asked_ns + (last->is_served ? 0 : length);
    }
  g_array_append_val (self->course, piece);
}

/* The worker was not there: it slept as long as it was asked for. */
static void
add_absence (WeftlineOccupancyLane *self, int64_t start_ns, int64_t end_ns)
{
  uint64_t n = weft_model_series_n (self->model, WEFT_SERIES_WORKERS);
  uint64_t i;

  if (self->worker == WEFT_NONE || n == 0 || start_ns >= end_ns)
    return;
  i = weft_model_series_find (self->model, WEFT_SERIES_WORKERS, n, start_ns);
  for (i = i == n ? 0 : i; i < n; i++)
    {
      WeftModelPoint point = weft_model_series_get (self->model, WEFT_SERIES_WORKERS, i);
      int64_t until_ns = end_ns;

      if (point.at_ns >= end_ns)
        return;
      if (i + 1 < n)
        until_ns =
            MIN (weft_model_series_get (self->model, WEFT_SERIES_WORKERS, i + 1).at_ns, end_ns);
      if (self->worker < point.value)
        add_piece (self, MAX (point.at_ns, start_ns), until_ns, false);
    }
}

/* A worker that tells no visits is there as long as its process, or the run. */
static void
find_stay (WeftlineOccupancyLane *self, const WeftModelSnapshot *snapshot)
{
  int64_t came_ns, went_ns, begin_ns = snapshot->begin_ns != INT64_MAX ? snapshot->begin_ns : 0;

  if (self->first_ns == INT64_MAX)
    return;
  weft_time_lane_stay (self->model, self->lane, &came_ns, &went_ns);
  add_piece (self, MAX (MIN (came_ns, self->first_ns), begin_ns),
             MIN (went_ns, MIN (snapshot->last_ns, snapshot->end_ns)), true);
}

static void
find_course (WeftlineOccupancyLane *self, const WeftModelSnapshot *snapshot)
{
  uint32_t n = weft_model_lane_n_visits (self->model, self->lane);
  int64_t at_ns = 0;

  g_array_set_size (self->course, 0);
  if (n == 0)
    {
      find_stay (self, snapshot);
      return;
    }
  for (uint32_t i = 0; i < n; i++)
    {
      WeftModelVisit visit;

      weft_model_lane_visit (self->model, self->lane, i, &visit);
      visit.stop_ns = MIN (visit.stop_ns, snapshot->last_ns);
      add_absence (self, at_ns, visit.start_ns);
      add_piece (self, MAX (visit.start_ns, at_ns), visit.stop_ns, true);
      at_ns = MAX (at_ns, visit.stop_ns);
    }
  add_absence (self, at_ns, snapshot->last_ns);
}

bool
weftline_occupancy_lane_update (WeftlineOccupancyLane *lane, const WeftModelSnapshot *snapshot,
                                uint64_t *limit)
{
  uint64_t n = weft_spans_n (lane->spans);

  take_spans (lane, n, limit);
  take_open (lane, snapshot);
  find_course (lane, snapshot);
  return lane->n == n;
}

/* ---- until a moment -------------------------------------------------------------------------- */

/* Where the last moment was: the next is not before it. */
typedef struct
{
  guint mark, piece;
} Cursor;

/* The last mark that is not behind the moment, by steps that double. */
static void
find_mark (const WeftlineOccupancyLane *self, int64_t at_ns, Cursor *cursor)
{
  guint step = 1, low = cursor->mark, high;

  while (low + step < self->marks->len
         && g_array_index (self->marks, Mark, low + step).end_ns <= at_ns)
    {
      low += step;
      step *= 2;
    }
  high = MIN (low + step, self->marks->len);
  while (high - low > 1)
    {
      guint middle = low + (high - low) / 2;

      if (g_array_index (self->marks, Mark, middle).end_ns <= at_ns)
        low = middle;
      else
        high = middle;
    }
  cursor->mark = low;
}

/* What its spans cover. */
static void
sum_spans (const WeftlineOccupancyLane *self, int64_t at_ns, Cursor *cursor, Mark *sum)
{
  uint64_t i;

  *sum = (Mark){ .end_ns = INT64_MIN };
  if (self->marks->len == 0)
    return;
  find_mark (self, at_ns, cursor);
  *sum = g_array_index (self->marks, Mark, cursor->mark);
  for (i = (uint64_t) cursor->mark * STEP; i < self->n; i++)
    {
      const WeftSpan *span = weft_spans_get (self->spans, i);

      if (!is_counted (span))
        continue;
      if (span->end_ns <= at_ns)
        {
          add_span (self, sum, span);
          continue;
        }
      if (span->start_ns < at_ns)
        {
          add_gap (self, sum, span);
          sum->ns[weftline_occupancy_use (span->kind)] += at_ns - span->start_ns;
          sum->n_stolen += is_stolen (span);
        }
      return;
    }
}

static void
sum_open (const WeftlineOccupancyLane *self, int64_t at_ns, Mark *sum)
{
  if (self->open_kind != 0 && at_ns > self->open_start_ns)
    sum->ns[weftline_occupancy_use (self->open_kind)] +=
        MIN (at_ns, self->open_end_ns) - self->open_start_ns;
}

static void
sum_course (const WeftlineOccupancyLane *self, int64_t at_ns, Cursor *cursor, int64_t *served_ns,
            int64_t *asked_ns)
{
  const Piece *piece;
  int64_t inside;

  *served_ns = *asked_ns = 0;
  if (self->course->len == 0)
    return;
  while (cursor->piece + 1 < self->course->len
         && g_array_index (self->course, Piece, cursor->piece + 1).start_ns <= at_ns)
    cursor->piece++;
  piece = &g_array_index (self->course, Piece, cursor->piece);
  inside = CLAMP (at_ns, piece->start_ns, piece->end_ns) - piece->start_ns;
  *served_ns = piece->served_ns + (piece->is_served ? inside : 0);
  *asked_ns = piece->asked_ns + (piece->is_served ? 0 : inside);
}

/* ---- columns --------------------------------------------------------------------------------- */

int64_t
weftline_occupancy_edge (int64_t t0_ns, int64_t t1_ns, unsigned n, unsigned i)
{
  int64_t length = t1_ns - t0_ns;

  return t0_ns + length / n * i + length % n * i / n;
}

/* What is recorded, and how long it was there beside. */
static void
add_share (const WeftlineOccupancyLane *self, WeftlineOccupancyShare *share, const int64_t *ns,
           int64_t served_ns, int64_t asked_ns)
{
  int64_t rest_ns = served_ns + asked_ns, overhead_ns = served_ns;

  for (unsigned use = 0; use < N_KEPT; use++)
    {
      share->ns[use] += ns[use];
      rest_ns -= ns[use];
      overhead_ns -= ns[use];
    }
  overhead_ns = self->is_foreign ? 0 : MAX (overhead_ns, 0);
  share->ns[WEFTLINE_OCCUPANCY_OVERHEAD] += overhead_ns;
  share->ns[WEFTLINE_OCCUPANCY_PARKED] += MAX (rest_ns - overhead_ns, 0);
}

/* Where spans overlap or are in no order: each into all columns it touches, these filled up to
 * their length at most. */
static void
scan (const WeftlineOccupancyLane *self, int64_t t0_ns, int64_t t1_ns, unsigned n,
      WeftlineOccupancyShare *found)
{
  for (uint64_t i = 0; i < self->n; i++)
    {
      const WeftSpan *span = weft_spans_get (self->spans, i);
      double per_ns = (double) n / (double) (t1_ns - t0_ns);
      unsigned x;

      if (!is_counted (span) || span->end_ns <= t0_ns || span->start_ns >= t1_ns)
        continue;
      x = (unsigned) MAX ((double) (span->start_ns - t0_ns) * per_ns - 1, 0);
      while (x + 1 < n && weftline_occupancy_edge (t0_ns, t1_ns, n, x + 1) <= span->start_ns)
        x++;
      if (span->start_ns >= t0_ns)
        found[x].n_stolen += is_stolen (span);
      for (; x < n && weftline_occupancy_edge (t0_ns, t1_ns, n, x) < span->end_ns; x++)
        found[x].ns[weftline_occupancy_use (span->kind)] +=
            MIN (span->end_ns, weftline_occupancy_edge (t0_ns, t1_ns, n, x + 1))
            - MAX (span->start_ns, weftline_occupancy_edge (t0_ns, t1_ns, n, x));
    }
}

/* Of what overlaps the first uses have it. */
static void
fit (WeftlineOccupancyShare *share, int64_t length)
{
  for (unsigned use = 0; use < N_KEPT; use++)
    {
      share->ns[use] = MIN (share->ns[use], length);
      length -= share->ns[use];
    }
}

static void
columns_in_no_order (const WeftlineOccupancyLane *self, int64_t t0_ns, int64_t t1_ns, unsigned n,
                     WeftlineOccupancyShare *shares)
{
  g_autofree WeftlineOccupancyShare *found = g_new0 (WeftlineOccupancyShare, n);
  Cursor cursor = { 0 };
  int64_t served, asked, served_before, asked_before;

  scan (self, t0_ns, t1_ns, n, found);
  sum_course (self, t0_ns, &cursor, &served_before, &asked_before);
  for (unsigned x = 0; x < n; x++)
    {
      int64_t end_ns = weftline_occupancy_edge (t0_ns, t1_ns, n, x + 1);

      fit (&found[x], end_ns - weftline_occupancy_edge (t0_ns, t1_ns, n, x));
      sum_course (self, end_ns, &cursor, &served, &asked);
      add_share (self, &shares[x], found[x].ns, served - served_before, asked - asked_before);
      shares[x].n_stolen += found[x].n_stolen;
      served_before = served;
      asked_before = asked;
    }
}

void
weftline_occupancy_lane_columns (const WeftlineOccupancyLane *lane, int64_t t0_ns, int64_t t1_ns,
                                 unsigned n, WeftlineOccupancyShare *shares)
{
  int64_t served, asked, served_before = 0, asked_before = 0;
  Cursor cursor = { 0 };
  Mark sum, before = { 0 };

  if (t1_ns <= t0_ns || n == 0)
    return;
  if (!lane->is_ordered)
    {
      columns_in_no_order (lane, t0_ns, t1_ns, n, shares);
      return;
    }
  for (unsigned x = 0; x <= n; x++)
    {
      int64_t at_ns = weftline_occupancy_edge (t0_ns, t1_ns, n, x), ns[N_KEPT];

      sum_spans (lane, at_ns, &cursor, &sum);
      sum_open (lane, at_ns, &sum);
      sum_course (lane, at_ns, &cursor, &served, &asked);
      for (unsigned use = 0; use < N_KEPT; use++)
        ns[use] = sum.ns[use] - before.ns[use];
      if (x > 0)
        {
          add_share (lane, &shares[x - 1], ns, served - served_before, asked - asked_before);
          shares[x - 1].n_stolen += sum.n_stolen - before.n_stolen;
        }
      before = sum;
      served_before = served;
      asked_before = asked;
    }
}
