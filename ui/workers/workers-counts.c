/* workers-counts.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "workers/workers-counts.h"

typedef struct
{
  int64_t first_start_ns, last_start_ns;
  int64_t first_end_ns, last_end_ns;
  uint32_t n_done, n_failed, n_retried;
} Block;

void
weftline_workers_lane_init (WeftlineWorkersLane *lane, uint32_t number, uint32_t worker,
                            const WeftSpans *spans)
{
  *lane = (WeftlineWorkersLane){ .lane = number,
                                 .worker = worker,
                                 .spans = spans,
                                 .blocks = g_array_new (FALSE, FALSE, sizeof (Block)),
                                 .lost = g_array_new (FALSE, FALSE, sizeof (int64_t)) };
}

void
weftline_workers_lane_clear (WeftlineWorkersLane *lane)
{
  g_clear_pointer (&lane->blocks, g_array_unref);
  g_clear_pointer (&lane->lost, g_array_unref);
}

static const Block *
get_block (const WeftlineWorkersLane *lane, guint index)
{
  return &g_array_index (lane->blocks, Block, index);
}

/* A piece of a span says nothing of how it ended, but for what is stuck past its deadline. */
static void
add_outcome (const WeftSpan *span, WeftlineWorkersTasks *tasks)
{
  if (weft_span_is_deadline (span))
    tasks->n_failed++;
  else if (span->kind == WEFT_RECORD_TASK && (span->flags & WEFT_RECORD_CONTINUED) == 0)
    switch (span->how >> 4)
      {
      case WEFT_OUTCOME_OK:
      case WEFT_OUTCOME_REPLACED:
        tasks->n_done++;
        break;
      case WEFT_OUTCOME_FAILED:
      case WEFT_OUTCOME_TIMED_OUT:
        tasks->n_failed++;
        break;
      case WEFT_OUTCOME_RETRIED:
        tasks->n_retried++;
        break;
      default:
        break;
      }
}

static void
take_one (WeftlineWorkersLane *lane, const WeftSpan *span)
{
  WeftlineWorkersTasks ended = { 0 };
  Block *block;

  if (lane->n % WEFTLINE_WORKERS_BLOCK == 0)
    {
      Block fresh = { INT64_MAX, INT64_MIN, INT64_MAX, INT64_MIN, 0, 0, 0 };

      g_array_append_val (lane->blocks, fresh);
    }
  lane->n++;
  if (span->kind == WEFT_RECORD_WORKER_LOST)
    g_array_append_val (lane->lost, span->start_ns);
  if (span->kind != WEFT_RECORD_TASK)
    return;
  block = &g_array_index (lane->blocks, Block, lane->blocks->len - 1);
  block->first_start_ns = MIN (block->first_start_ns, span->start_ns);
  block->last_start_ns = MAX (block->last_start_ns, span->start_ns);
  block->first_end_ns = MIN (block->first_end_ns, span->end_ns);
  block->last_end_ns = MAX (block->last_end_ns, span->end_ns);
  add_outcome (span, &ended);
  block->n_done += (uint32_t) ended.n_done;
  block->n_failed += (uint32_t) ended.n_failed;
  block->n_retried += (uint32_t) ended.n_retried;
  lane->all.n_done += ended.n_done;
  lane->all.n_failed += ended.n_failed;
  lane->all.n_retried += ended.n_retried;
}

void
weftline_workers_lane_take (WeftlineWorkersLane *lane)
{
  uint64_t n = weft_spans_n (lane->spans);

  while (lane->n < n)
    take_one (lane, weft_spans_get (lane->spans, lane->n));
}

/* ---- moments --------------------------------------------------------------------------------- */

/* A task in a task runs where that one does. */
static bool
is_outermost (const WeftSpan *span)
{
  return span->kind == WEFT_RECORD_TASK
         && (span->depth == 0 || (span->flags & WEFT_RECORD_ROW) != 0);
}

static void
count_spans (const WeftlineWorkersLane *lane, guint index, int64_t at_ns,
             WeftlineWorkersTasks *tasks)
{
  uint64_t first = (uint64_t) index * WEFTLINE_WORKERS_BLOCK;
  uint64_t end = MIN (first + WEFTLINE_WORKERS_BLOCK, lane->n);

  for (uint64_t i = first; i < end; i++)
    {
      const WeftSpan *span = weft_spans_get (lane->spans, i);

      if (span->end_ns <= at_ns)
        add_outcome (span, tasks);
      else
        tasks->n_running += is_outermost (span) && span->start_ns <= at_ns;
    }
}

void
weftline_workers_lane_count (const WeftlineWorkersLane *lane, int64_t at_ns,
                             WeftlineWorkersTasks *tasks)
{
  if (at_ns == INT64_MAX)
    {
      tasks->n_done += lane->all.n_done;
      tasks->n_failed += lane->all.n_failed;
      tasks->n_retried += lane->all.n_retried;
      return;
    }
  for (guint i = 0; i < lane->blocks->len; i++)
    {
      const Block *block = get_block (lane, i);

      if (block->first_start_ns > at_ns)
        continue;
      if (block->last_end_ns > at_ns)
        {
          count_spans (lane, i, at_ns, tasks);
          continue;
        }
      tasks->n_done += block->n_done;
      tasks->n_failed += block->n_failed;
      tasks->n_retried += block->n_retried;
    }
}

static bool
began_in_block (const WeftlineWorkersLane *lane, guint index, int64_t after_ns, int64_t until_ns)
{
  uint64_t first = (uint64_t) index * WEFTLINE_WORKERS_BLOCK;
  uint64_t end = MIN (first + WEFTLINE_WORKERS_BLOCK, lane->n);

  for (uint64_t i = first; i < end; i++)
    {
      const WeftSpan *span = weft_spans_get (lane->spans, i);

      if (span->kind == WEFT_RECORD_TASK && span->start_ns > after_ns && span->start_ns <= until_ns)
        return true;
    }
  return false;
}

bool
weftline_workers_lane_began (const WeftlineWorkersLane *lane, int64_t after_ns, int64_t until_ns)
{
  for (guint i = 0; i < lane->blocks->len; i++)
    {
      const Block *block = get_block (lane, i);

      if (block->last_start_ns > after_ns && block->first_start_ns <= until_ns
          && began_in_block (lane, i, after_ns, until_ns))
        return true;
    }
  return false;
}

int64_t
weftline_workers_lane_first (const WeftlineWorkersLane *lane)
{
  int64_t first_ns = INT64_MAX;

  for (guint i = 0; i < lane->blocks->len; i++)
    first_ns = MIN (first_ns, get_block (lane, i)->first_start_ns);
  return first_ns;
}

/* Of one block, if it is later than what was found. */
static const WeftSpan *
latest_in_block (const WeftlineWorkersLane *lane, guint index, int64_t at_ns, const WeftSpan *found)
{
  uint64_t first = (uint64_t) index * WEFTLINE_WORKERS_BLOCK;
  uint64_t end = MIN (first + WEFTLINE_WORKERS_BLOCK, lane->n);

  for (uint64_t i = first; i < end; i++)
    {
      const WeftSpan *span = weft_spans_get (lane->spans, i);

      if (is_outermost (span) && span->task != WEFT_NONE && span->start_ns <= at_ns
          && (found == NULL || span->end_ns > found->end_ns))
        found = span;
    }
  return found;
}

const WeftSpan *
weftline_workers_lane_latest (const WeftlineWorkersLane *lane, int64_t at_ns)
{
  const WeftSpan *found = NULL;

  for (guint i = lane->blocks->len; i > 0; i--)
    {
      const Block *block = get_block (lane, i - 1);

      if (block->first_start_ns <= at_ns && (found == NULL || block->last_end_ns > found->end_ns))
        found = latest_in_block (lane, i - 1, at_ns, found);
    }
  return found;
}
