/* record.c: what a run's recorder is told beside the spans: segments, links, sleeping workers
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "graph/weft-graph-codec.h"
#include "sched/weft-execute-private.h"

static bool
produce_cb (void *data, WeftSegmentPiece *piece)
{
  return weft_graph_encoder_next (data, piece->number, piece->bytes, &piece->first_task,
                                  &piece->n_tasks);
}

static void
produce_free (void *data)
{
  weft_graph_encoder_free (data);
}

/* The recorder's thread fetches the segment's bytes; attaching costs the caller nothing. */
void
_weft_segment_record (WeftSegment *segment)
{
  WeftRun *run = segment->run;
  const WeftItem *parent = &segment->parent;

  if (run->recorder == NULL)
    return;
  weft_recorder_segment (run->recorder, segment->index,
                         parent->segment != NULL ? parent->segment->index : WEFT_NONE,
                         parent->segment != NULL ? parent->task : WEFT_NONE, produce_cb,
                         weft_graph_encoder_new (segment->graph), produce_free);
}

static uint8_t
why_parked (const WeftSeat *seat)
{
  if (atomic_load_explicit (&seat->run->control, memory_order_relaxed) & WEFT_CONTROL_PAUSED)
    return WEFT_RECORD_PAUSED;
  return _weft_run_is_slowed (seat->run) ? WEFT_RECORD_SLOWED : WEFT_RECORD_PARKED;
}

/* A worker falls asleep or wakes: its lanes say so, which lets their watermarks advance. */
void
_weft_seat_parks (WeftSeat *seat, bool parks, uint64_t now)
{
  WeftLane *lane = seat->lane;

  if (parks)
    {
      seat->parked_since = now;
      seat->parked_kind = why_parked (seat);
      weft_lane_set_now (lane, WEFT_NONE, 0, 0, now);
      weft_lane_set_quiet (lane, now);
      return;
    }
  weft_lane_set_quiet (lane, 0);
  if (seat->parked_since == 0)
    return;
  weft_record_set (weft_lane_next (lane), seat->parked_kind, 0, 0, WEFT_NONE, 0, seat->parked_since,
                   now - seat->parked_since, 0);
  weft_lane_publish (lane);
  seat->parked_since = 0;
  seat->contiguous = false;
}

/* A run that joins others starts with the least service any of them had, so it neither starves them
 * nor waits for them. Engine lock held. */
void
_weft_run_join_fairly (WeftRun *run)
{
  GPtrArray *runs = run->engine->runs;
  uint64_t least = UINT64_MAX;

  for (guint i = 0; i < runs->len; i++)
    {
      WeftRun *other = runs->pdata[i];

      least = MIN (least, atomic_load_explicit (&other->served_ticks, memory_order_relaxed));
    }
  if (least != UINT64_MAX)
    atomic_store_explicit (&run->served_ticks, least, memory_order_relaxed);
}
