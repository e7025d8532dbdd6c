/* round.c: one turn of draining lanes and writing frames
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * The order of things in a round is what makes a file right wherever it is cut off:
 *
 *   1. look at each lane: state, now-slot, then counts
 *   2. take the queue (what the records seen refer to is in it)
 *   3. write: strings, queued frames, first pieces of new segments, records, NOW
 *   4. one writev(); then the observers; then chunks are recycled and waiting workers woken
 *
 * Watermarks. What a lane has published when its now-slot says "in this span since S" is everything
 * that ended before S, because a worker publishes a record before it says what it is in next. So S,
 * read before the count, is a watermark; so is the stamp since which it sleeps; so is the end of
 * the last record, but for those the recorder itself wrote. The greatest of them holds. That the
 * lane was still in that span when the round began is what the NOW entry itself says.
 */
#include "config.h"

#include "base/weft-futex-private.h"
#include "trace/weft-recorder-private.h"

#include <string.h>

/* ---- 1. look --------------------------------------------------------------------------------- */

/* What the recorder writes while a lane's record waits for room stands before that record, which
 * ended earlier: it says nothing about what is still to come. */
static inline bool
is_own (const WeftRecord *record)
{
  return record->kind == WEFT_RECORD_RECORDER_WAIT || record->kind == WEFT_RECORD_DROPPED;
}

static void
scan (WeftDrained *drained)
{
  const WeftRecord *records = drained->records;
  uint64_t min_start = UINT64_MAX, max_end = 0, last_end = 0;
  uint32_t n_task_spans = 0;

  for (uint32_t i = 0; i < drained->n; i++)
    {
      uint64_t end = records[i].start + (records[i].duration_amount >> 16);

      min_start = MIN (min_start, records[i].start);
      if (WEFT_LIKELY (records[i].kind == WEFT_RECORD_TASK))
        {
          last_end = MAX (last_end, end);
          n_task_spans++;
          continue;
        }
      end = weft_record_end (&records[i]);
      max_end = MAX (max_end, end);
      if (!is_own (&records[i]))
        last_end = MAX (last_end, end);
    }
  drained->min_start = min_start;
  drained->max_end = MAX (max_end, last_end);
  drained->last_end = last_end;
  drained->n_task_spans = n_task_spans;
}

static void
finish_chunk (WeftRecorder *recorder, WeftChunk *chunk)
{
  if (!recorder->keep)
    g_ptr_array_add (recorder->finished, chunk);
}

/* Notes what is new in the chunk. */
static void
look_at_chunk (WeftRecorder *recorder, WeftLaneData *data, WeftChunk *chunk)
{
  uint32_t n_published = atomic_load_explicit (&chunk->n_published, memory_order_acquire);
  WeftDrained drained = { .data = data,
                          .records = chunk->records + chunk->n_drained,
                          .n = n_published - chunk->n_drained };

  if (drained.n == 0)
    return;
  scan (&drained);
  data->last_end = MAX (data->last_end, drained.last_end);
  g_array_append_val (recorder->drain, drained);
  chunk->n_drained = n_published;
}

static void
look_at_chunks (WeftRecorder *recorder, WeftLaneData *data, bool ended)
{
  WeftChunk *chunk = data->drain, *next;

  if (chunk == NULL)
    chunk = atomic_load_explicit (&data->first, memory_order_acquire);
  for (; chunk != NULL; chunk = next)
    {
      data->drain = chunk;
      next = atomic_load_explicit (&chunk->next, memory_order_acquire);
      look_at_chunk (recorder, data, chunk);
      if (next == NULL)
        break;
      finish_chunk (recorder, chunk);
    }
  if (ended && chunk != NULL)
    finish_chunk (recorder, chunk);
}

static void
look_at_lane (WeftRecorder *recorder, WeftLaneData *data, WeftNowEntry *entry)
{
  bool ended = (atomic_load_explicit (&data->state, memory_order_seq_cst) & WEFT_LANE_ENDED) != 0;
  uint64_t told = atomic_load_explicit (&data->lane.watermark, memory_order_acquire);
  WeftNow now = { .task = WEFT_NONE, .segment = WEFT_NONE };

  *entry = (WeftNowEntry){
    .lane = data->lane.id, .task = WEFT_NONE, .segment = WEFT_NONE, .watermark = UINT64_MAX
  };
  if (data->retired)
    return;
  weft_lane_get_now (&data->lane, &now);
  recorder->n_busy += now.task != WEFT_NONE;
  look_at_chunks (recorder, data, ended);
  data->retired = ended;
  data->watermark = MAX (data->watermark, told != 0 ? told : MAX (data->last_end, now.start));
  if (!ended)
    *entry = (WeftNowEntry){ .lane = data->lane.id,
                             .task = now.task,
                             .segment = now.segment,
                             .attempt = now.attempt,
                             .kind = now.kind,
                             .depth = now.depth,
                             .start = now.start,
                             .watermark = data->watermark };
}

static void
see_new_lanes (WeftRecorder *recorder)
{
  pthread_mutex_lock (&recorder->lock);
  for (; recorder->n_lanes_seen < recorder->lanes->len; recorder->n_lanes_seen++)
    g_ptr_array_add (recorder->active, recorder->lanes->pdata[recorder->n_lanes_seen]);
  pthread_mutex_unlock (&recorder->lock);
}

static void
look_at_lanes (WeftRecorder *recorder)
{
  recorder->n_busy = 0;
  g_array_set_size (recorder->now_entries, recorder->active->len);
  for (guint i = 0; i < recorder->active->len; i++)
    look_at_lane (recorder, recorder->active->pdata[i],
                  &g_array_index (recorder->now_entries, WeftNowEntry, i));
}

/* ---- 2. take --------------------------------------------------------------------------------- */

static void
take_queue (WeftRecorder *recorder)
{
  GByteArray *queue;

  pthread_mutex_lock (&recorder->lock);
  if (recorder->keep)
    _weft_recorder_keep_queue (recorder);
  _weft_recorder_take_strings (recorder, recorder->taken_strings);
  queue = recorder->queue;
  recorder->queue = recorder->taken_queue;
  recorder->taken_queue = queue;
  g_byte_array_set_size (recorder->queue, 0);
  for (guint i = 0; i < recorder->new_jobs->len; i++)
    g_ptr_array_add (recorder->jobs, recorder->new_jobs->pdata[i]);
  g_ptr_array_set_size (recorder->new_jobs, 0);
  pthread_cond_broadcast (&recorder->drained);
  pthread_mutex_unlock (&recorder->lock);
}

/* ---- 3. write -------------------------------------------------------------------------------- */

static void
write_queue (WeftRecorder *recorder, uint64_t stamp)
{
  GByteArray *strings = recorder->taken_strings;
  size_t offset = 0;
  WeftQueuedHead head;
  const uint8_t *payload;

  if (strings->len > 0)
    _weft_run_writer_frame (&recorder->writer, WEFT_FRAME_STRINGS, 0, 0, stamp,
                            &(struct iovec){ strings->data, strings->len }, 1);
  while (_weft_queue_next (recorder->taken_queue, &offset, &head, &payload))
    _weft_run_writer_frame (&recorder->writer, head.kind, 0, head.lane, stamp,
                            &(struct iovec){ (void *) payload, head.n_bytes }, 1);
}

/* First pieces of new segments, and one more of the oldest; all of them in the final round.
 * Returns: whether pieces are left */
static bool
write_segments (WeftRecorder *recorder, uint64_t stamp, bool final)
{
  bool more, one_done = false;

  for (guint i = 0; i < recorder->jobs->len;)
    {
      WeftSegmentJob *job = recorder->jobs->pdata[i];

      more = true;
      if (job->n_pieces == 0)
        _weft_write_piece (&recorder->writer, job, recorder->piece, stamp, &more);
      while (more && (final || !one_done))
        {
          _weft_write_piece (&recorder->writer, job, recorder->piece, stamp, &more);
          one_done = true;
        }
      if (more)
        i++;
      else
        g_ptr_array_remove_index (recorder->jobs, i);
    }
  return recorder->jobs->len > 0;
}

/* What is said of the lane in a frame whose last entry is that before i: what is still to come of
 * this round may not get into the file. */
static uint64_t
frame_watermark (WeftRecorder *recorder, WeftLaneData *data, guint i)
{
  const WeftDrained *drained = (const WeftDrained *) (void *) recorder->drain->data;
  uint64_t so_far = MAX (data->framed, drained[i - 1].last_end);

  if (i == recorder->drain->len || drained[i].data != data)
    so_far = data->watermark;
  data->framed = MIN (so_far, data->watermark);
  return data->framed;
}

/* One frame of the lane's records from entry i of the drain on. Returns: the entry after them */
static guint
write_records_frame (WeftRecorder *recorder, guint i)
{
  WeftLaneData *data = g_array_index (recorder->drain, WeftDrained, i).data;
  struct iovec parts[WEFT_WRITER_MAX_PARTS] = { { &data->head, sizeof data->head } };
  uint32_t n_parts = 1;
  size_t n_bytes = 0;

  if (data->waits_for_commit)
    _weft_run_writer_commit_most (&recorder->writer);
  data->head = (WeftRecordsHead){ .min_start = UINT64_MAX, .previous = data->previous };
  for (; i < recorder->drain->len && n_parts < WEFT_WRITER_MAX_PARTS; i++)
    {
      const WeftDrained *drained = &g_array_index (recorder->drain, WeftDrained, i);

      if (drained->data != data || n_bytes >= WEFT_FRAME_RECORD_BYTES)
        break;
      data->head.min_start = MIN (data->head.min_start, drained->min_start);
      data->head.max_end = MAX (data->head.max_end, drained->max_end);
      data->head.n_records += drained->n;
      data->head.n_task_spans += drained->n_task_spans;
      parts[n_parts].iov_base = (void *) drained->records;
      parts[n_parts].iov_len = drained->n * sizeof (WeftRecord);
      n_bytes += parts[n_parts++].iov_len;
    }
  data->previous = _weft_run_writer_frame (&recorder->writer, WEFT_FRAME_RECORDS, 0, data->lane.id,
                                           frame_watermark (recorder, data, i), parts, n_parts);
  data->waits_for_commit = true;
  return i;
}

static void
write_records (WeftRecorder *recorder)
{
  for (guint i = 0; i < recorder->drain->len;)
    i = write_records_frame (recorder, i);
}

/* Entries of lanes that changed, or of all; they are moved to the front. */
static void
write_now (WeftRecorder *recorder, uint64_t stamp, bool full)
{
  WeftNowEntry *entries = (WeftNowEntry *) (void *) recorder->now_entries->data;
  guint n = 0;

  for (guint i = 0; i < recorder->active->len; i++)
    {
      WeftLaneData *data = recorder->active->pdata[i];

      if (!full && !data->retired && memcmp (&entries[i], &data->told, sizeof entries[i]) == 0)
        continue;
      data->told = entries[i];
      entries[n++] = data->told;
    }
  _weft_run_writer_frame (&recorder->writer, WEFT_FRAME_NOW, full ? WEFT_FRAME_NOW_FULL : 0, 0,
                          stamp, &(struct iovec){ entries, n * sizeof *entries }, 1);
}

/* ---- 4. let go ------------------------------------------------------------------------------- */

/* As late as can be: what was drained since an observer was added must not be missed. */
static void
take_new_observers (WeftRecorder *recorder)
{
  pthread_mutex_lock (&recorder->lock);
  g_array_append_vals (recorder->observers, recorder->new_observers->data,
                       recorder->new_observers->len);
  g_array_set_size (recorder->new_observers, 0);
  pthread_mutex_unlock (&recorder->lock);
}

static void
tell_observers (WeftRecorder *recorder, bool failed)
{
  uint64_t n_records = 0;

  take_new_observers (recorder);
  for (guint i = 0; i < recorder->drain->len; i++)
    {
      const WeftDrained *drained = &g_array_index (recorder->drain, WeftDrained, i);

      n_records += drained->n;
      drained->data->waits_for_commit = false;
      for (guint k = 0; k < recorder->observers->len; k++)
        {
          const WeftObserver *observer = &g_array_index (recorder->observers, WeftObserver, k);

          observer->func (drained->data->lane.id, drained->records, drained->n, observer->data);
        }
    }
  atomic_fetch_add_explicit (failed ? &recorder->n_lost : &recorder->n_records, n_records,
                             memory_order_relaxed);
  g_array_set_size (recorder->drain, 0);
}

static void
recycle (WeftRecorder *recorder)
{
  uint64_t n_bytes = 0;

  for (guint i = 0; i < recorder->finished->len; i++)
    {
      WeftChunk *chunk = recorder->finished->pdata[i];

      if (atomic_load_explicit (&chunk->next, memory_order_relaxed) != NULL)
        n_bytes += chunk->n_drained * sizeof (WeftRecord);
      _weft_pool_give (&recorder->pool, chunk);
    }
  if (recorder->finished->len > 0)
    {
      g_ptr_array_set_size (recorder->finished, 0);
      atomic_fetch_sub_explicit (&recorder->undrained, n_bytes, memory_order_relaxed);
      atomic_fetch_add_explicit (&recorder->space, 1, memory_order_seq_cst);
      if (atomic_load_explicit (&recorder->n_waiting, memory_order_seq_cst) > 0)
        _weft_futex_wake (&recorder->space, INT32_MAX);
    }
}

static void
forget_retired (WeftRecorder *recorder)
{
  for (guint i = recorder->active->len; i-- > 0;)
    {
      WeftLaneData *data = recorder->active->pdata[i];

      if (data->retired)
        g_ptr_array_remove_index (recorder->active, i);
    }
}

static bool
write_round (WeftRecorder *recorder, uint64_t stamp, bool tick, bool final)
{
  int64_t mono_ns = weft_clock_mono_ns ();
  bool more;

  write_queue (recorder, stamp);
  more = write_segments (recorder, stamp, final);
  write_records (recorder);
  if (tick)
    {
      write_now (recorder, stamp, mono_ns >= recorder->next_full_ns);
      if (mono_ns >= recorder->next_full_ns)
        recorder->next_full_ns = mono_ns + WEFT_NOW_FULL_NS;
    }
  if (tick)
    _weft_run_writer_commit (&recorder->writer);
  else
    _weft_run_writer_commit_most (&recorder->writer);
  atomic_store_explicit (&recorder->n_frames, recorder->writer.sequence, memory_order_relaxed);
  atomic_store_explicit (&recorder->n_file_bytes, recorder->writer.committed, memory_order_relaxed);
  if (recorder->writer.error != NULL)
    atomic_store_explicit (&recorder->failed, true, memory_order_release);
  return more;
}

bool
_weft_recorder_round (WeftRecorder *recorder, bool tick, bool final)
{
  bool failed = atomic_load_explicit (&recorder->failed, memory_order_relaxed);
  uint64_t stamp = _weft_recorder_now (recorder); /* before the look: what it finds was so then */
  bool more = false;

  see_new_lanes (recorder);
  look_at_lanes (recorder);
  take_queue (recorder);
  if (!recorder->keep && (recorder->in_memory || failed))
    g_ptr_array_set_size (recorder->jobs, 0);
  else if (!recorder->in_memory)
    more = write_round (recorder, stamp, tick, final);
  tell_observers (recorder, failed);
  recycle (recorder);
  if (tick || failed || recorder->in_memory)
    forget_retired (recorder);
  return more;
}
