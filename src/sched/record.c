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

/* The recorder's thread fetches the segment's bytes; attaching costs the caller nothing. That of a
 * run's first graph is told as soon as its number is known, so that it is written while the state
 * of its tasks is made, rather than while they run. */
void
_weft_segment_record (WeftSegment *segment)
{
  WeftRun *run = segment->run;
  const WeftItem *parent = &segment->parent;

  if (run->recorder == NULL || segment->recorded)
    return;
  segment->recorded = true;
  weft_recorder_segment (run->recorder, segment->index,
                         parent->segment != NULL ? parent->segment->index : WEFT_NONE,
                         parent->segment != NULL ? parent->task : WEFT_NONE, produce_cb,
                         weft_graph_encoder_new (segment->graph), produce_free);
}

/* ---- lane 0 ---------------------------------------------------------------------------------- */

/* Something lasted from `start` to now, somewhere else than on a worker. */
void
_weft_run_note_span (WeftRun *run, uint8_t kind, const WeftItem *item, uint64_t start,
                     uint64_t amount)
{
  WeftRecord record;

  if (run->recorder == NULL)
    return;
  weft_record_set_span (&record, kind, 0, 0, item->task, item->segment->index, start,
                        _weft_engine_stamp (run->engine), amount);
  weft_recorder_note (run->recorder, &record);
}

/* With what the run begins; changes are noted where they are made. */
static void
note_settings (WeftRun *run)
{
  uint64_t limit = atomic_load_explicit (&run->memory_limit_bytes, memory_order_relaxed);

  _weft_run_note_setting (run, WEFT_SETTING_WORKERS, weft_engine_n_workers (run->engine));
  _weft_run_note_setting (run, WEFT_SETTING_MEMORY_LIMIT, limit);
  if (limit > 0)
    _weft_run_note (run, WEFT_RECORD_MEMORY, 0, WEFT_MEMORY_LIMIT, WEFT_NONE, limit);
  _weft_run_note_setting (run, WEFT_SETTING_ON_ERROR, run->on_error == WEFT_ON_ERROR_CONTINUE);
  _weft_run_note_setting (run, WEFT_SETTING_SEED, run->seed);
}

static void
note_memory (WeftRun *run, WeftMemorySample sample, uint64_t bytes, uint64_t *told)
{
  if (bytes == *told)
    return;
  *told = bytes;
  _weft_run_note (run, WEFT_RECORD_MEMORY, 0, sample, WEFT_NONE, bytes);
}

/* Ten times a second, on the recorder's thread: what the run's values take. */
static void
sample_cb (void *data)
{
  WeftRun *run = data;

  note_memory (run, WEFT_MEMORY_MANAGED, (uint64_t) MAX (weft_account_held_bytes (run->account), 0),
               &run->told_managed_bytes);
  note_memory (run, WEFT_MEMORY_SPILLED, _weft_run_spilled_bytes (run), &run->told_spilled_bytes);
}

void
_weft_run_begin_records (WeftRun *run)
{
  if (!run->engine->manual) /* there even a look at the clock is the caller's */
    weft_recorder_set_sampler (run->recorder, sample_cb, run);
  _weft_run_note (run, WEFT_RECORD_RUN_STATE, WEFT_RUN_PREPARED, WEFT_NONE, WEFT_NONE, 0);
  note_settings (run);
}

void
weft_run_annotate (WeftRun *run, const char *text)
{
  if (run->recorder != NULL)
    _weft_run_note (run, WEFT_RECORD_ANNOTATION, 0, WEFT_NONE, WEFT_NONE,
                    weft_recorder_string (run->recorder, text));
}

/* ---- workers --------------------------------------------------------------------------------- */

static void
record_worker (WeftSeat *seat, uint8_t kind, uint64_t now)
{
  weft_record_set (weft_lane_next (seat->lane), kind, 0, 0, seat->os_thread, seat->worker->index,
                   now, 0, 0);
  weft_lane_publish (seat->lane);
}

/* The worker serves the run for the first time, or again after it was taken away. */
void
_weft_seat_begins (WeftSeat *seat)
{
  seat->begun = true;
  if (seat->lane == NULL)
    return;
  record_worker (seat, WEFT_RECORD_WORKER_START, _weft_seat_now (seat));
  _weft_seat_look_at_cpu (seat);
}

/* Ends the span of a sleep, if there is one. */
static void
record_sleep (WeftSeat *seat, uint64_t now)
{
  if (seat->parked_since == 0)
    return;
  weft_record_set_span (weft_lane_next (seat->lane), seat->parked_kind, 0, 0, WEFT_NONE, WEFT_NONE,
                        seat->parked_since, now, 0);
  weft_lane_publish (seat->lane);
  if (seat->parked_kind == WEFT_RECORD_MEMORY_PAUSED)
    _weft_memory_wakes (seat->run);
  seat->parked_since = 0;
  seat->stamp = now;
  seat->contiguous = false;
}

/* Why the worker stands still. */
static uint8_t
why_parked (const WeftSeat *seat)
{
  if (atomic_load_explicit (&seat->run->control, memory_order_relaxed) & WEFT_CONTROL_PAUSED)
    return WEFT_RECORD_PAUSED;
  if (_weft_memory_sleeps (seat->run))
    return WEFT_RECORD_MEMORY_PAUSED;
  return _weft_run_is_slowed (seat->run) ? WEFT_RECORD_SLOWED : WEFT_RECORD_PARKED;
}

static void
fall_asleep (WeftSeat *seat, uint64_t now)
{
  WeftEngine *engine = seat->run->engine;

  if (!seat->begun)
    return;
  if (seat->worker->index >= atomic_load_explicit (&engine->n_allowed, memory_order_relaxed))
    {
      seat->begun = false;
      record_worker (seat, WEFT_RECORD_WORKER_STOP, now);
    }
  else
    {
      seat->parked_since = now;
      seat->parked_kind = why_parked (seat);
    }
  weft_lane_set_now_kind (seat->lane, seat->begun ? seat->parked_kind : 0, 0, WEFT_NONE, WEFT_NONE,
                          0, now);
}

/* A worker falls asleep or wakes: its lanes say so, which lets their watermarks advance. */
void
_weft_seat_parks (WeftSeat *seat, bool parks, uint64_t now)
{
  if (parks)
    {
      fall_asleep (seat, now);
      return;
    }
  if (seat->parked_since == 0)
    return;
  record_sleep (seat, now);
  _weft_seat_look_at_cpu (seat);
  weft_lane_set_now_kind (seat->lane, 0, 0, WEFT_NONE, WEFT_NONE, 0, now);
}

/* ---- CPU time of longer tasks ---------------------------------------------------------------- */

/* What was used before a look counts for the task that starts after it, if no more than one part in
 * so many of its span lies between. */
#define CPU_SLACK 50

/* Looks at the thread's CPU time, unless that was just done. The worker's thread. */
void
_weft_seat_look_at_cpu (WeftSeat *seat)
{
  uint64_t now = _weft_seat_now (seat);

  if (seat->cpu_stamp != 0 && now - seat->cpu_stamp <= seat->cpu_ticks / CPU_SLACK)
    return;
  seat->cpu_ns = weft_clock_thread_cpu_ns ();
  seat->cpu_stamp = now;
}

/* More of the task span that was just recorded: what its thread used of a processor. One look at
 * its end does, as the next one mostly follows at once; where a look is missing at its start,
 * nothing is said. What programs that it started used is a fact of its attempt. The worker's
 * thread. */
void
_weft_seat_tell_cpu (WeftSeat *seat, const WeftItem *item, uint64_t start, uint64_t end)
{
  uint64_t looked = seat->cpu_stamp, ticks = end - start;
  int64_t before = seat->cpu_ns;

  seat->cpu_ns = weft_clock_thread_cpu_ns ();
  seat->cpu_stamp = _weft_seat_now (seat);
  seat->contiguous = false; /* the look took time */
  if (looked == 0 || looked > start || start - looked > ticks / CPU_SLACK)
    return;
  uint64_t span_ns = (uint64_t) ((double) ticks * WEFT_LONG_TASK_NS / (double) seat->long_ticks);
  _weft_seat_detail (seat, WEFT_RECORD_TASK_CPU, 0, item->task, item->segment->index,
                     MIN ((uint64_t) (seat->cpu_ns - before), span_ns));
}

/* The run has ended, nobody is inside and no sleeper writes to its lanes any more: their last
 * records are written here. */
void
_weft_run_end_lanes (WeftRun *run)
{
  uint32_t n_seats = atomic_load_explicit (&run->n_seats, memory_order_acquire);

  for (uint32_t i = 0; i < n_seats; i++)
    {
      WeftSeat *seat = atomic_load_explicit (&run->seats[i], memory_order_acquire);

      if (seat == NULL || seat->lane == NULL || !seat->begun)
        continue;
      record_sleep (seat, _weft_seat_now (seat));
      record_worker (seat, WEFT_RECORD_WORKER_STOP, _weft_seat_now (seat));
    }
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
