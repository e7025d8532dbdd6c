/* report-rows.c: in which of its rows a worker's span stands
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A place is a thread of a worker; or all of its tasks whose thread is not known, or all that it
 * does beside tasks. It has one row, and further ones where its spans overlap.
 *
 * Spans are told in any order. A row is free from the end of its last span on (its key), and in the
 * gaps before that. Of gaps a place remembers the last ones, sorted by when they begin, so that a
 * span that comes late finds its way between those that are there. Where none of them will do it
 * goes to the row that has been free for the shortest time when it starts: then spans that are told
 * in the order in which they start, and those in the order in which they end, take as many rows as
 * overlap at most. In other orders nobody could promise that who may not move what is written, but
 * spans that do not overlap stand in one row in any order.
 *
 * Later than all gaps that are remembered a thread is believed: it stands in its first row.
 *
 * A span costs the search for a row, O(log n), and a look at a bounded number of gaps; one that
 * comes in time to a place with one row, as nearly all do, costs a comparison and a gap.
 */
#include "config.h"

#include "server/weft-report-data-private.h"

#include "base/weft-grow-private.h"

#include <string.h>

#define MOST_GAPS 32u /* of a place */

/* ---- life ------------------------------------------------------------------------------------ */

WeftReportPlace *
_weft_place_new (uint64_t thread)
{
  WeftReportPlace *place = g_new0 (WeftReportPlace, 1);

  place->thread = thread;
  return place;
}

void
_weft_place_free (void *data)
{
  WeftReportPlace *place = data;

  g_clear_pointer (&place->rows, g_sequence_free);
  g_free (place->gaps);
  g_free (place);
}

/* ---- rows by when they are free -------------------------------------------------------------- */

static int
compare_rows (const void *a, const void *b, void *unused G_GNUC_UNUSED)
{
  const WeftReportLane *one = a, *other = b;

  if (one->key != other->key)
    return one->key < other->key ? -1 : 1;
  return (one->head.lane > other->head.lane) - (one->head.lane < other->head.lane);
}

static void
set_key (WeftReportLane *lane, uint64_t key)
{
  lane->key = key;
  if (lane->iter != NULL)
    g_sequence_sort_changed (lane->iter, compare_rows, NULL);
}

void
_weft_place_add (WeftReportPlace *place, WeftReportLane *lane)
{
  lane->place = place;
  lane->key = lane->free_at;
  place->n_rows++;
  if (place->first == NULL)
    place->first = lane;
  else if (place->rows == NULL)
    {
      place->rows = g_sequence_new (NULL);
      place->first->iter = g_sequence_insert_sorted (place->rows, place->first, compare_rows, NULL);
    }
  if (place->rows != NULL)
    lane->iter = g_sequence_insert_sorted (place->rows, lane, compare_rows, NULL);
}

void
_weft_place_set_running (WeftReportLane *lane, bool running)
{
  set_key (lane, running ? UINT64_MAX : lane->free_at);
}

/* The one that is free at @start and was not for long. */
WeftReportLane *
_weft_place_find_free (const WeftReportPlace *place, uint64_t start)
{
  const WeftReportLane probe = { .key = start, .head.lane = UINT32_MAX };
  GSequenceIter *iter;
  WeftReportLane *lane;

  if (place->rows == NULL)
    return place->first != NULL && MAX (place->first->key, place->first->free_at) <= start
               ? place->first
               : NULL;
  for (;;)
    {
      iter = g_sequence_search (place->rows, (void *) &probe, compare_rows, NULL);
      if (g_sequence_iter_is_begin (iter))
        return NULL;
      lane = g_sequence_get (g_sequence_iter_prev (iter));
      if (lane->free_at <= lane->key)
        return lane;
      set_key (lane, lane->free_at); /* packed events have gone there meanwhile */
    }
}

/* ---- gaps ------------------------------------------------------------------------------------ */

static WeftReportGap *
gap_at (const WeftReportPlace *place, uint32_t i)
{
  return &place->gaps[place->gaps_from + i];
}

static void
remove_gap (WeftReportPlace *place, uint32_t i)
{
  memmove (gap_at (place, i), gap_at (place, i + 1),
           (place->n_gaps - i - 1) * sizeof (WeftReportGap));
  place->n_gaps--;
}

/* The first one, if there is no room; then they are moved to the array's begin now and then. */
static void
make_room (WeftReportPlace *place)
{
  if (place->n_gaps == MOST_GAPS)
    {
      place->forgotten = MAX (place->forgotten, gap_at (place, 0)->end);
      place->gaps_from++;
      place->n_gaps--;
    }
  if (place->gaps_from == MOST_GAPS)
    {
      memmove (place->gaps, gap_at (place, 0), place->n_gaps * sizeof (WeftReportGap));
      place->gaps_from = 0;
    }
  _weft_grow_array (place->gaps, place->gaps_room, (size_t) place->gaps_from + place->n_gaps + 1);
}

static void
add_gap (WeftReportPlace *place, WeftReportLane *lane, uint64_t begin, uint64_t end)
{
  uint32_t i;

  if (begin >= end)
    return;
  make_room (place);
  for (i = place->n_gaps; i > 0 && gap_at (place, i - 1)->begin > begin; i--)
    *gap_at (place, i) = *gap_at (place, i - 1);
  *gap_at (place, i) = (WeftReportGap){ begin, end, lane };
  place->n_gaps++;
  place->gaps_end = MAX (place->gaps_end, end);
}

/* Returns: its number; n_gaps: none. @lane: (nullable): of any row */
static uint32_t
find_gap (const WeftReportPlace *place, const WeftReportLane *lane, uint64_t start, uint64_t end)
{
  if (end > place->gaps_end)
    return place->n_gaps;
  for (uint32_t i = place->n_gaps; i-- > 0;)
    {
      const WeftReportGap *gap = gap_at (place, i);

      if (gap->begin <= start && end <= gap->end && (lane == NULL || lane == gap->lane))
        return i;
    }
  return place->n_gaps;
}

/* ---- spans ----------------------------------------------------------------------------------- */

/* Of a time so long ago that nobody knows, a thread's word is taken. */
static bool
is_believed (const WeftReportPlace *place, uint64_t end)
{
  return place->thread != 0 && place->thread != WEFT_REPORT_OF_SPANS && end <= place->forgotten;
}

WeftReportLane *
_weft_place_find (const WeftReportPlace *place, uint64_t start, uint64_t end)
{
  uint32_t i;

  if (WEFT_LIKELY (place->n_rows == 1 && place->first->key <= start
                   && place->first->free_at <= start))
    return place->first;
  i = find_gap (place, NULL, start, end);
  if (i < place->n_gaps)
    return gap_at (place, i)->lane;
  return is_believed (place, end) ? place->first : _weft_place_find_free (place, start);
}

bool
_weft_place_fits (const WeftReportLane *lane, uint64_t start, uint64_t end)
{
  const WeftReportPlace *place = lane->place;

  return lane->free_at <= start || find_gap (place, lane, start, end) < place->n_gaps
         || is_believed (place, end);
}

bool
_weft_place_take (WeftReportLane *lane, uint64_t start, uint64_t end)
{
  WeftReportPlace *place = lane->place;
  uint32_t i;

  if (WEFT_LIKELY (lane->free_at <= start))
    {
      add_gap (place, lane, lane->free_at, start);
      lane->free_at = end;
      set_key (lane, end);
      return false;
    }
  i = find_gap (place, lane, start, end);
  if (i < place->n_gaps)
    {
      WeftReportGap gap = *gap_at (place, i);

      remove_gap (place, i);
      add_gap (place, lane, gap.begin, start);
      add_gap (place, lane, end, gap.end);
    }
  if (end > lane->free_at)
    {
      lane->free_at = end;
      set_key (lane, end);
    }
  return true;
}

/* ---- moving ---------------------------------------------------------------------------------- */

/* Its first row is the one that was made first. */
static void
find_first (WeftReportPlace *place)
{
  GSequenceIter *iter;

  place->first = NULL;
  if (place->rows == NULL)
    return;
  for (iter = g_sequence_get_begin_iter (place->rows); !g_sequence_iter_is_end (iter);
       iter = g_sequence_iter_next (iter))
    {
      WeftReportLane *lane = g_sequence_get (iter);

      if (place->first == NULL || lane->head.lane < place->first->head.lane)
        place->first = lane;
    }
}

void
_weft_place_move (WeftReportLane *lane, WeftReportPlace *to)
{
  WeftReportPlace *from = lane->place;

  g_clear_pointer (&lane->iter, g_sequence_remove);
  from->n_rows--;
  if (from->first == lane)
    find_first (from);
  _weft_place_add (to, lane);
  to->forgotten = MAX (to->forgotten, from->forgotten);
  for (uint32_t i = from->n_gaps; i-- > 0;)
    if (gap_at (from, i)->lane == lane)
      {
        WeftReportGap gap = *gap_at (from, i);

        remove_gap (from, i);
        add_gap (to, lane, gap.begin, gap.end);
      }
}
