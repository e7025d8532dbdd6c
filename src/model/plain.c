/* plain.c: tasks that ran and ended well, many at once
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Of a run of millions of tasks nearly all records are of one kind: a task's first attempt, which
 * ended well. They come in rows, one lane's tasks of one segment. A row is taken in two goes: first
 * its spans, which are published together; then what becomes of its tasks, one by one and in order,
 * while what they change in the counters is added up and told once a row, or when the group is
 * another. So nothing is told that was not told before of each: only readers see the counters some
 * microseconds later.
 *
 * Of which task something is known already (a task may be told of twice, even in one row) is seen
 * by its state and its place; what becomes of it attempts.c works out.
 */
#include "config.h"

#include "model/weft-intake-private.h"

#define MOST_IN_ROW 128u

/* ---- spans ----------------------------------------------------------------------------------- */

static inline bool
is_plain (const WeftRecord *record, const WeftModelSegment *segment)
{
  const uint8_t others = (uint8_t) ~(WEFT_RECORD_SHARED | WEFT_RECORD_UNIT);

  return record->kind == WEFT_RECORD_TASK && (record->flags & others) == 0
         && record->how >> 4 == WEFT_OUTCOME_OK && record->segment == segment->number
         && record->task < segment->n_told;
}

static uint32_t
count_plain (const WeftRecord *record, uint32_t most, const WeftModelSegment *segment)
{
  uint32_t n = 0;

  while (n < most && is_plain (&record[n], segment))
    n++;
  return n;
}

static void
fill_spans (WeftIntake *in, const WeftRecord *records, uint32_t n, WeftSpan *room)
{
  WeftModelLaneData *lane = in->lane;
  uint32_t first = in->segment->first;
  const WeftTaskPage *page = NULL;
  uint32_t page_end = 0, page_first = 0;
  uint64_t last_ticks = lane->last_ticks;
  int64_t last_ns = lane->last_ns, latest_ns = in->last_ns;

  for (uint32_t i = 0; i < n; i++)
    {
      uint32_t task = first + records[i].task;
      int64_t start_ns, end_ns;

      if (task < page_first || task >= page_end || page == NULL)
        {
          page = _weft_model_page (in->model, task);
          page_first = task - task % WEFT_TASK_PAGE;
          page_end = page_first + WEFT_TASK_PAGE;
        }
      _weft_intake_times_after (in, &records[i], &last_ticks, &last_ns, &start_ns, &end_ns);
      latest_ns = MAX (latest_ns, end_ns);
      room[i] = _weft_intake_span (
          &records[i], task, _weft_task_page_group (page, task % WEFT_TASK_PAGE), start_ns, end_ns);
      _weft_intake_supersede_now (lane, &records[i], task);
    }
  lane->last_ticks = last_ticks;
  lane->last_ns = last_ns;
  in->last_ns = latest_ns;
}

/* ---- tasks ----------------------------------------------------------------------------------- */

typedef struct
{
  WeftIntake *in;
  WeftTally tally;     /* of the group */
  WeftTallies others;  /* of what their ends change */
  uint64_t lane_bytes; /* charged in the lane */
} Row;

static void
count (Row *row, const WeftSpan *span)
{
  int64_t ns = span->end_ns - span->start_ns;

  _weft_tally_turn (row->in->model, &row->tally, span->group);
  row->tally.n_ended++;
  row->tally.busy_ns += ns;
  row->tally.longest_ns = MAX (row->tally.longest_ns, ns);
}

/* Whether nothing was known of a task but that it is to run. */
static inline bool
is_untouched (const WeftTaskPage *page, uint32_t i)
{
  return _weft_get (page->states[i]) < WEFT_TASK_MEMORY && _weft_get (page->places[i]) == 0;
}

/* Where the task's segment is not counted yet, or it is and its results are simple. */
static void
end_untouched (Row *row, const WeftSpan *span, WeftTaskPage *page, uint32_t i, uint32_t number)
{
  WeftModelSegment *segment = row->in->segment;
  WeftModelState before = _weft_get (page->states[i]), state = WEFT_TASK_MEMORY;

  if (segment->counted && segment->readers[number] == 0)
    {
      segment->readers[number] = WEFT_SLOT_GONE;
      state = WEFT_TASK_RELEASED;
    }
  else
    {
      row->tally.live_bytes += span->amount;
      row->lane_bytes += span->amount;
    }
  _weft_set (page->states[i], (uint8_t) (state | WEFT_TASK_ENDED | WEFT_TASK_TRIED));
  row->tally.n_states[before]--;
  row->tally.n_states[state]++;
  segment->n_ended++;
  if (segment->counted)
    {
      _weft_task_consume_simply (row->in->model, segment, number, &row->others);
      _weft_ready_after (row->in->model, segment, number, &row->others);
    }
}

/* Of the tasks of a segment: whether they end as end_untouched() has it. */
static bool
ends_simply (const WeftModel *model, const WeftModelSegment *segment)
{
  return segment->parent == WEFT_NONE
         && (!segment->counted || _weft_segment_is_simple (model, segment));
}

static void
end_tasks (Row *row, const WeftRecord *records, uint32_t n, const WeftSpan *spans, uint64_t index)
{
  WeftIntake *in = row->in;
  WeftModelSegment *segment = in->segment;
  bool simply = ends_simply (in->model, segment);
  uint32_t n_known = segment->counted ? segment->arrays->n_tasks : UINT32_MAX;

  for (uint32_t k = 0; k < n; k++)
    {
      uint32_t task = spans[k].task, i = task % WEFT_TASK_PAGE;
      WeftTaskPage *page = _weft_model_page (in->model, task);

      count (row, &spans[k]);
      if (simply && records[k].task < n_known && is_untouched (page, i)
          && _weft_lane_reach_stretch (in->model, in->lane, index + k))
        {
          _weft_task_page_set_place (page, i, in->lane, index + k);
          end_untouched (row, &spans[k], page, i, records[k].task);
        }
      else
        _weft_intake_end_attempt (in, &records[k], task, index + k, spans[k].start_ns,
                                  spans[k].end_ns);
    }
}

uint32_t
_weft_intake_take_plain (WeftIntake *in, const WeftRecord *record)
{
  WeftModelLaneData *lane = in->lane;
  Row row = { .in = in,
              .tally = { .group = WEFT_NO_GROUP },
              .others = { { .group = WEFT_NO_GROUP }, { .group = WEFT_NO_GROUP } } };
  uint64_t n_room, index;
  WeftSpan *room;
  uint32_t n;

  if (record + 1 >= in->end || record->kind != WEFT_RECORD_TASK
      || record[1].kind != WEFT_RECORD_TASK || record->segment == WEFT_NONE
      || _weft_intake_segment (in, record) == NULL || in->segment->n_ranges != 1)
    return 0;
  room = _weft_spans_room (lane->spans, &n_room);
  n = (uint32_t) MIN (MIN (n_room, MOST_IN_ROW), (uint64_t) (in->end - record));
  n = count_plain (record, n, in->segment);
  if (n == 0)
    return 0;
  fill_spans (in, record, n, room);
  index = weft_spans_n (lane->spans);
  _weft_spans_publish (lane->spans, room, n);
  if (WEFT_UNLIKELY (!in->segment->begun))
    _weft_ready_begin (in->model, in->segment);
  end_tasks (&row, record, n, room, index);
  _weft_tally_flush (in->model, &row.tally);
  _weft_tally_flush (in->model, &row.others.released);
  _weft_tally_flush (in->model, &row.others.queued);
  _weft_add (lane->live_bytes, row.lane_bytes);
  in->n_spans += n;
  lane->target = room[n - 1].task;
  lane->target_span = index + n;
  return n;
}
