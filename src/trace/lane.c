/* lane.c: where workers write their records
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A lane is a list of chunks. The worker fills the last one and publishes counts; when it is full
 * the worker links the next and never looks back. The round follows behind: it reads the link
 * before the count, so a chunk that has a successor has its final count, and may be recycled once
 * drained.
 *
 *   first, or drain ─▶ chunk ─next─▶ chunk ─next─▶ tail (being filled) ─▶ NULL
 *
 * The limit counts full chunks that are not recycled yet. A worker that finds it exceeded has
 * already linked its next chunk, so the round can recycle all it waits for: no deadlock, and at
 * most one chunk per lane above the limit.
 *
 * Overflow. With `drop`, a worker at the limit goes on in a chunk of its own that is never linked
 * ("trash"), with no room in it as the inline functions see it, so that each record comes through
 * the slow path. There a task with its details is dropped and counted, anything else is copied
 * behind the tail; once there is space, a DROPPED record says how many, and the lane goes on as
 * before.
 */
#include "config.h"

#include "base/weft-futex-private.h"
#include "trace/weft-recorder-private.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define NOW_READ_TRIES 64

/* ---- chunks ---------------------------------------------------------------------------------- */

void
_weft_pool_init (WeftChunkPool *pool)
{
  memset (pool, 0, sizeof *pool);
  pthread_mutex_init (&pool->lock, NULL);
  pool->slabs = g_ptr_array_new ();
  pool->small_all = g_ptr_array_new_with_free_func (free);
}

void
_weft_pool_clear (WeftChunkPool *pool)
{
  for (guint i = 0; i < pool->slabs->len; i++)
    munmap (pool->slabs->pdata[i], WEFT_SLAB_BYTES);
  g_ptr_array_unref (pool->slabs);
  g_ptr_array_unref (pool->small_all);
  pthread_mutex_destroy (&pool->lock);
}

/* A slab is one huge page where the system has them: the first touch of 512 small pages costs ten
 * times as much. */
static uint8_t *
map_slab (void)
{
  uint8_t *wide =
      mmap (NULL, 2 * WEFT_SLAB_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  size_t before;

  if (wide == MAP_FAILED)
    return NULL;
  before = -(uintptr_t) wide % WEFT_SLAB_BYTES;
  if (before > 0)
    munmap (wide, before);
  munmap (wide + before + WEFT_SLAB_BYTES, WEFT_SLAB_BYTES - before);
  madvise (wide + before, WEFT_SLAB_BYTES, MADV_HUGEPAGE);
  return wide + before;
}

static WeftChunk *
make_chunk (void *memory, size_t n_bytes)
{
  WeftChunk *chunk = memory;

  chunk->capacity = (uint32_t) ((n_bytes - WEFT_CHUNK_HEAD_BYTES) / sizeof (WeftRecord));
  return chunk;
}

static WeftChunk *
carve (WeftChunkPool *pool)
{
  if (pool->fresh == pool->fresh_end)
    {
      uint8_t *slab = map_slab ();

      if (slab == NULL)
        return NULL;
      g_ptr_array_add (pool->slabs, slab);
      pool->fresh = slab;
      pool->fresh_end = slab + WEFT_SLAB_BYTES;
    }
  pool->fresh += WEFT_CHUNK_BYTES;
  return make_chunk (pool->fresh - WEFT_CHUNK_BYTES, WEFT_CHUNK_BYTES);
}

static WeftChunk *
make_small (WeftChunkPool *pool)
{
  void *memory = aligned_alloc (WEFT_CACHE_LINE, WEFT_CHUNK_SMALL_BYTES);

  if (memory == NULL)
    return NULL;
  g_ptr_array_add (pool->small_all, memory);
  return make_chunk (memory, WEFT_CHUNK_SMALL_BYTES);
}

static WeftChunk *
take_from (WeftChunk **stack)
{
  WeftChunk *chunk = *stack;

  if (chunk != NULL)
    *stack = atomic_load_explicit (&chunk->next, memory_order_relaxed);
  return chunk;
}

static WeftChunk *
take_full_size (WeftChunkPool *pool)
{
  WeftChunk *chunk = NULL;

  if (pool->n_resting < WEFT_RESTING_CHUNKS)
    {
      chunk = take_from (&pool->spare);
      if (chunk == NULL && pool->fresh != pool->fresh_end)
        chunk = carve (pool);
    }
  if (chunk == NULL && pool->oldest != NULL)
    {
      pool->n_resting--;
      chunk = take_from (&pool->oldest);
    }
  return chunk != NULL ? chunk : carve (pool);
}

WeftChunk *
_weft_pool_take (WeftChunkPool *pool, bool small)
{
  WeftChunk *chunk;

  pthread_mutex_lock (&pool->lock);
  if (!small)
    chunk = take_full_size (pool);
  else if ((chunk = take_from (&pool->small)) == NULL)
    chunk = make_small (pool);
  pthread_mutex_unlock (&pool->lock);
  if (chunk == NULL)
    return NULL;
  atomic_store_explicit (&chunk->n_published, 0, memory_order_relaxed);
  atomic_store_explicit (&chunk->next, NULL, memory_order_relaxed);
  chunk->n_drained = 0;
  return chunk;
}

static void
put_on (WeftChunk **stack, WeftChunk *chunk)
{
  atomic_store_explicit (&chunk->next, *stack, memory_order_relaxed);
  *stack = chunk;
}

static void
lay_to_rest (WeftChunkPool *pool, WeftChunk *chunk)
{
  atomic_store_explicit (&chunk->next, NULL, memory_order_relaxed);
  if (pool->oldest == NULL)
    pool->oldest = chunk;
  else
    atomic_store_explicit (&pool->newest->next, chunk, memory_order_relaxed);
  pool->newest = chunk;
  pool->n_resting++;
}

void
_weft_pool_give (WeftChunkPool *pool, WeftChunk *chunk)
{
  bool small = chunk->capacity < (WEFT_CHUNK_BYTES - WEFT_CHUNK_HEAD_BYTES) / sizeof (WeftRecord);

  pthread_mutex_lock (&pool->lock);
  if (small)
    put_on (&pool->small, chunk);
  else if (pool->n_resting < WEFT_RESTING_CHUNKS)
    lay_to_rest (pool, chunk);
  else
    put_on (&pool->spare, chunk);
  pthread_mutex_unlock (&pool->lock);
}

/* ---- lanes ----------------------------------------------------------------------------------- */

WeftLaneData *
_weft_lane_new (WeftRecorder *recorder, uint32_t id, const WeftLaneInfo *info)
{
  WeftLaneData *data = aligned_alloc (WEFT_CACHE_LINE, sizeof *data);

  g_assert (data != NULL);
  memset (data, 0, sizeof *data);
  data->lane.id = id;
  data->lane.recorder = recorder;
  data->kind = info->kind;
  data->worker = info->worker;
  data->os_thread = info->os_thread;
  data->small = info->kind != WEFT_LANE_THREAD || info->domain != 0 || info->best_effort;
  data->unlimited = info->kind == WEFT_LANE_CONTROL || recorder->keep;
  data->best_effort = info->best_effort;
  atomic_store_explicit (&data->lane.now.what, UINT64_MAX, memory_order_relaxed);
  data->told.task = WEFT_NONE;
  return data;
}

void
_weft_lane_free (WeftLaneData *data)
{
  free (data->trash);
  free (data);
}

bool
weft_lane_get_now (WeftLane *lane, WeftNow *now)
{
  uint64_t quiet_since = atomic_load_explicit (&lane->quiet_since, memory_order_acquire);
  uint32_t before, after, detail;
  uint64_t what, start;

  if (quiet_since != 0)
    {
      *now = (WeftNow){
        .task = WEFT_NONE, .segment = WEFT_NONE, .kind = WEFT_RECORD_PARKED, .start = quiet_since
      };
      return true;
    }
  for (int i = 0; i < NOW_READ_TRIES; i++)
    {
      before = atomic_load_explicit (&lane->now.sequence, memory_order_acquire);
      detail = atomic_load_explicit (&lane->now.detail, memory_order_acquire);
      what = atomic_load_explicit (&lane->now.what, memory_order_acquire);
      start = atomic_load_explicit (&lane->now.start, memory_order_acquire);
      after = atomic_load_explicit (&lane->now.sequence, memory_order_relaxed);
      if (before != after || before % 2 != 0)
        continue;
      *now = (WeftNow){ .task = (uint32_t) what,
                        .segment = (uint32_t) (what >> 32),
                        .attempt = (uint16_t) detail,
                        .kind = (uint8_t) (detail >> 16),
                        .depth = (uint8_t) (detail >> 24),
                        .start = start };
      return true;
    }
  return false;
}

void
weft_lane_set_watermark (WeftLane *lane, uint64_t ticks)
{
  atomic_store_explicit (&lane->watermark, ticks, memory_order_release);
}

void
weft_lane_abandon (WeftLane *lane)
{
  WeftLaneData *data = (WeftLaneData *) lane;
  WeftRecorder *recorder = lane->recorder;

  atomic_fetch_or_explicit (&data->state, WEFT_LANE_ABANDONED, memory_order_seq_cst);
  atomic_fetch_add_explicit (&recorder->space, 1, memory_order_seq_cst);
  _weft_futex_wake (&recorder->space, INT32_MAX);
}

static bool
is_abandoned (WeftLaneData *data)
{
  return (atomic_load_explicit (&data->state, memory_order_seq_cst) & WEFT_LANE_ABANDONED) != 0;
}

/* ---- the slow path --------------------------------------------------------------------------- */

static bool
over_limit (WeftRecorder *recorder)
{
  return atomic_load_explicit (&recorder->undrained, memory_order_relaxed) > recorder->buffer_bytes;
}

/* Links an empty chunk behind the tail. The one before counts as undrained from here on. */
static bool
link_chunk (WeftLaneData *data)
{
  WeftRecorder *recorder = data->lane.recorder;
  WeftChunk *tail = data->tail;
  WeftChunk *chunk = _weft_pool_take (&recorder->pool, data->small && tail == NULL);
  uint64_t n_bytes;

  if (chunk == NULL)
    return false;
  data->tail = chunk;
  if (tail == NULL)
    {
      atomic_store_explicit (&data->first, chunk, memory_order_release);
      return true;
    }
  n_bytes = atomic_load_explicit (&tail->n_published, memory_order_relaxed) * sizeof (WeftRecord);
  n_bytes += atomic_fetch_add_explicit (&recorder->undrained, n_bytes, memory_order_relaxed);
  atomic_store_explicit (&tail->next, chunk, memory_order_release);
  if (n_bytes >= MIN (WEFT_SIGNAL_BYTES, recorder->buffer_bytes) && !recorder->keep)
    _weft_recorder_signal (recorder);
  return true;
}

static bool
has_room (WeftChunk *chunk, uint32_t n)
{
  return atomic_load_explicit (&chunk->n_published, memory_order_relaxed) + n <= chunk->capacity;
}

/* Copies records behind the tail, when the inline functions are elsewhere. */
static bool
append (WeftLaneData *data, const WeftRecord *records, uint32_t n)
{
  uint32_t n_published;

  if ((data->tail == NULL || !has_room (data->tail, n)) && !link_chunk (data))
    return false;
  n_published = atomic_load_explicit (&data->tail->n_published, memory_order_relaxed);
  memcpy (&data->tail->records[n_published], records, n * sizeof *records);
  atomic_store_explicit (&data->tail->n_published, n_published + n, memory_order_release);
  return true;
}

static void
say_dropped (WeftLaneData *data)
{
  WeftRecord record;

  if (data->n_dropped == 0)
    return;
  weft_record_set_span (&record, WEFT_RECORD_DROPPED, 0, 0, 0, 0, data->dropped_since,
                        _weft_recorder_now (data->lane.recorder), data->n_dropped);
  if (append (data, &record, 1))
    data->n_dropped = 0;
}

static void
drop (WeftLaneData *data, const WeftRecord *records, uint32_t n)
{
  uint64_t n_spans = 0;

  for (uint32_t i = 0; i < n; i++)
    if (records[i].kind == WEFT_RECORD_TASK && !(records[i].flags & WEFT_RECORD_CONTINUED))
      n_spans++;
  if (data->n_dropped == 0)
    data->dropped_since = records[0].start;
  data->n_dropped += n_spans;
  atomic_fetch_add_explicit (&data->lane.recorder->n_dropped, n_spans, memory_order_relaxed);
}

/* What was written into trash since the last look: one group. */
static void
sort_out_trash (WeftLaneData *data)
{
  const WeftRecord *records = data->lane.chunk->records;
  uint32_t n = data->lane.n_used;

  data->lane.n_used = 0;
  if (n == 0 || is_abandoned (data))
    return;
  if (!(records[0].flags & WEFT_RECORD_DETAIL))
    data->dropping = records[0].kind == WEFT_RECORD_TASK;
  if (data->dropping)
    {
      drop (data, records, n);
      return;
    }
  say_dropped (data);
  if (!append (data, records, n))
    atomic_fetch_add_explicit (&data->lane.recorder->n_lost, n, memory_order_relaxed);
}

static void
enter_overflow (WeftLaneData *data)
{
  WeftLane *lane = &data->lane;

  if (data->trash == NULL)
    {
      data->trash = aligned_alloc (WEFT_CACHE_LINE, WEFT_CHUNK_SMALL_BYTES);
      g_assert (data->trash != NULL);
      memset (data->trash, 0, WEFT_CHUNK_HEAD_BYTES);
    }
  data->overflow = true;
  data->dropping = false; /* a detail that comes first belongs to a record that was kept */
  lane->chunk = data->trash;
  lane->n_used = 0;
  lane->capacity = 0;
}

/* The inline functions go on in the tail. */
static void
open_tail (WeftLaneData *data)
{
  data->overflow = false;
  data->lane.chunk = data->tail;
  data->lane.n_used = atomic_load_explicit (&data->tail->n_published, memory_order_relaxed);
  data->lane.capacity = data->tail->capacity;
}

static void
leave_overflow (WeftLaneData *data)
{
  WeftRecorder *recorder = data->lane.recorder;

  sort_out_trash (data);
  if (is_abandoned (data) || (over_limit (recorder) && !data->unlimited))
    return;
  say_dropped (data);
  if ((data->tail == NULL || !has_room (data->tail, WEFT_LANE_MAX_GROUP)) && !link_chunk (data))
    return;
  open_tail (data);
}

static void
wait_for_space (WeftLaneData *data)
{
  WeftRecorder *recorder = data->lane.recorder;

  atomic_fetch_add_explicit (&recorder->n_waiting, 1, memory_order_seq_cst);
  for (;;)
    {
      uint32_t seen = atomic_load_explicit (&recorder->space, memory_order_seq_cst);

      if (!over_limit (recorder) || is_abandoned (data))
        break;
      _weft_recorder_signal (recorder);
      _weft_futex_wait (&recorder->space, seen, -1);
    }
  atomic_fetch_sub_explicit (&recorder->n_waiting, 1, memory_order_seq_cst);
}

/* Waits, and says so. */
static void
wait_at_limit (WeftLaneData *data)
{
  WeftRecorder *recorder = data->lane.recorder;
  uint64_t start = _weft_recorder_now (recorder);
  WeftRecord record;

  wait_for_space (data);
  atomic_fetch_add_explicit (&recorder->n_waits, 1, memory_order_relaxed);
  weft_record_set_span (&record, WEFT_RECORD_RECORDER_WAIT, 0, 0, 0, 0, start,
                        _weft_recorder_now (recorder), 0);
  append (data, &record, 1);
}

void
weft_lane_turn (WeftLane *lane)
{
  WeftLaneData *data = (WeftLaneData *) lane;
  WeftRecorder *recorder = lane->recorder;

  if (data->overflow)
    leave_overflow (data);
  else if (is_abandoned (data) || !link_chunk (data))
    enter_overflow (data);
  else if (WEFT_LIKELY (data->unlimited || !over_limit (recorder)))
    open_tail (data);
  else if (recorder->drop)
    enter_overflow (data);
  else
    {
      wait_at_limit (data);
      if (is_abandoned (data))
        enter_overflow (data);
      else
        open_tail (data);
    }
}

void
_weft_lane_settle (WeftLaneData *data)
{
  if (data->overflow)
    {
      sort_out_trash (data);
      say_dropped (data);
    }
}
