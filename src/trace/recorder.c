/* recorder.c: making, waking and closing a recorder
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * The thread sleeps until 50 ms are over (a tick) or somebody says that enough waits, and makes a
 * round. Who flushes or closes makes the round itself, which is quicker than waking a thread for
 * it. All signals are blocked in the thread, so the program's handlers never run there.
 */
#include "config.h"

#include "base/weft-futex-private.h"
#include "trace/weft-recorder-private.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define LOOK_OUT_NS 150000 /* about what it takes a chain of short tasks to fill some chunks */
#define LOOK_OUT_PAUSES 8
#define MANY_RECORDS (WEFT_SIGNAL_BYTES / 4 / sizeof (WeftRecord)) /* in a round: they come fast */

G_DEFINE_QUARK (weft - recorder - error - quark, weft_recorder_error)

#define NS_PER_SECOND 1000000000

/* ---- time and waking ------------------------------------------------------------------------- */

uint64_t
_weft_recorder_now (WeftRecorder *recorder)
{
  if (WEFT_UNLIKELY (recorder->clock != NULL))
    return recorder->clock (recorder->clock_data);
  return weft_clock_ticks (recorder->source);
}

void
_weft_recorder_signal (WeftRecorder *recorder)
{
  if (atomic_exchange_explicit (&recorder->wake, 1, memory_order_seq_cst) == 0)
    _weft_futex_wake (&recorder->wake, 1);
}

/* Domain 0's map as it is known now. */
static void
add_own_clock (WeftRecorder *recorder, uint32_t flags)
{
  WeftRunClock clock = { .flags = flags, .resolution_ns = 1 };

  weft_clock_calibrate (&clock.map);
  if (recorder->clock != NULL)
    {
      clock.map.source = WEFT_CLOCK_INJECTED;
      clock.map.ticks_per_second = NS_PER_SECOND;
      clock.map.anchor_ticks = 0;
      clock.map.anchor_mono_ns = 0;
      clock.flags |= WEFT_CLOCK_NO_WALL;
    }
  recorder->created_wall_ns = clock.map.anchor_wall_ns;
  weft_recorder_add_clock (recorder, &clock);
}

/* ---- the thread ------------------------------------------------------------------------------ */

static void
sample (WeftRecorder *recorder)
{
  WeftRecorderSampleFunc func;
  void *data;

  if (recorder->sampler != NULL)
    _weft_sampler_take (recorder->sampler, recorder, _weft_recorder_now (recorder));
  pthread_mutex_lock (&recorder->lock);
  func = recorder->sample;
  data = recorder->sample_data;
  pthread_mutex_unlock (&recorder->lock);
  if (func != NULL)
    func (data);
}

/* Returns: whether to make another round at once */
static bool
make_round (WeftRecorder *recorder)
{
  int64_t now_ns = weft_clock_mono_ns ();
  uint64_t n_records;
  bool tick, more;

  pthread_mutex_lock (&recorder->round_lock);
  if (recorder->closed)
    {
      pthread_mutex_unlock (&recorder->round_lock);
      return false;
    }
  tick = now_ns >= recorder->next_tick_ns;
  if (tick)
    recorder->next_tick_ns = now_ns + WEFT_TICK_NS;
  if (now_ns >= recorder->next_sample_ns)
    {
      sample (recorder);
      recorder->next_sample_ns = now_ns + WEFT_SAMPLE_NS;
    }
  n_records = atomic_load_explicit (&recorder->n_records, memory_order_relaxed);
  more = _weft_recorder_round (recorder, tick, false);
  n_records = atomic_load_explicit (&recorder->n_records, memory_order_relaxed) - n_records;
  recorder->flows = n_records >= MANY_RECORDS && recorder->n_busy < recorder->n_processors;
  pthread_mutex_unlock (&recorder->round_lock);
  return more;
}

/* While records come fast and a processor is free, looks out for the next ones rather than sleep:
 * a worker pays 10 to 20 µs for waking it, several times in a run of a few milliseconds. */
static void
look_out (WeftRecorder *recorder)
{
  int64_t until_ns = MIN (weft_clock_mono_ns () + LOOK_OUT_NS, recorder->next_tick_ns);

  while (atomic_load_explicit (&recorder->wake, memory_order_relaxed) == 0
         && weft_clock_mono_ns () < until_ns)
    for (int i = 0; i < LOOK_OUT_PAUSES; i++)
      _weft_cpu_relax ();
}

static void *
thread_main (void *data)
{
  WeftRecorder *recorder = data;
  bool more = false;
  int64_t wait_ns;

  while (!atomic_load_explicit (&recorder->stop, memory_order_seq_cst))
    {
      if (!more && recorder->flows)
        look_out (recorder);
      wait_ns = recorder->next_tick_ns - weft_clock_mono_ns ();
      if (!more && wait_ns > 0)
        _weft_futex_wait (&recorder->wake, 0, wait_ns);
      if (atomic_load_explicit (&recorder->stop, memory_order_seq_cst))
        break;
      atomic_store_explicit (&recorder->wake, 0, memory_order_seq_cst);
      more = make_round (recorder);
    }
  return NULL;
}

static bool
start_thread (WeftRecorder *recorder, GError **error)
{
  sigset_t all, before;
  int code;

  sigfillset (&all);
  pthread_sigmask (SIG_SETMASK, &all, &before);
  code = pthread_create (&recorder->thread, NULL, thread_main, recorder);
  pthread_sigmask (SIG_SETMASK, &before, NULL);
  if (code != 0)
    {
      g_set_error (error, WEFT_RECORDER_ERROR, WEFT_RECORDER_ERROR_SYSTEM,
                   "cannot start the recorder's thread: %s", g_strerror (code));
      return false;
    }
  pthread_setname_np (recorder->thread, "weft-recorder");
  recorder->threaded = true;
  return true;
}

/* It may be on its way out for a while; it touches nothing but `closed` any more once a round_lock
 * was held after this. */
static void
stop_thread (WeftRecorder *recorder)
{
  atomic_store_explicit (&recorder->stop, true, memory_order_seq_cst);
  atomic_store_explicit (&recorder->wake, 1, memory_order_seq_cst);
  _weft_futex_wake (&recorder->wake, 1);
}

/* ---- life ------------------------------------------------------------------------------------ */

static void
free_job (void *job)
{
  _weft_segment_job_free (job);
}

static void
init_shared (WeftRecorder *recorder)
{
  pthread_mutex_init (&recorder->lock, NULL);
  pthread_mutex_init (&recorder->note_lock, NULL);
  pthread_mutex_init (&recorder->round_lock, NULL);
  pthread_cond_init (&recorder->drained, NULL);
  recorder->lanes = g_ptr_array_new ();
  recorder->queue = g_byte_array_new ();
  recorder->strings = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  recorder->new_strings = g_byte_array_new ();
  recorder->new_jobs = g_ptr_array_new ();
  recorder->kept = g_ptr_array_new_with_free_func ((GDestroyNotify) g_byte_array_unref);
}

static void
init_round (WeftRecorder *recorder)
{
  recorder->active = g_ptr_array_new ();
  recorder->drain = g_array_new (FALSE, FALSE, sizeof (WeftDrained));
  recorder->observers = g_array_new (FALSE, FALSE, sizeof (WeftObserver));
  recorder->new_observers = g_array_new (FALSE, FALSE, sizeof (WeftObserver));
  recorder->finished = g_ptr_array_new ();
  recorder->now_entries = g_array_new (FALSE, TRUE, sizeof (WeftNowEntry));
  recorder->taken_queue = g_byte_array_new ();
  recorder->taken_strings = g_byte_array_new ();
  recorder->piece = g_byte_array_new ();
  recorder->jobs = g_ptr_array_new_with_free_func (free_job);
  recorder->next_tick_ns = weft_clock_mono_ns (); /* at once: what the file begins with */
  recorder->next_sample_ns = recorder->next_tick_ns + WEFT_SAMPLE_NS;
}

/* The frames every file begins with, and lane 0. */
static void
begin (WeftRecorder *recorder, const WeftRecorderOptions *options)
{
  const char *json = options->meta_json != NULL ? options->meta_json : "{}";
  WeftLaneInfo info = { .kind = WEFT_LANE_CONTROL,
                        .parent_lane = WEFT_NONE,
                        .pid = (uint32_t) getpid (),
                        .best_effort = true,
                        .name = "recorder" };

  _weft_recorder_queue (recorder, WEFT_FRAME_META, 0,
                        &(struct iovec){ (void *) json, strlen (json) }, 1);
  add_own_clock (recorder, 0);
  weft_recorder_add_lane (recorder, &info);
}

/* The first chunks are touched here rather than under the first tasks. */
static void
touch_first_slab (WeftRecorder *recorder)
{
  WeftChunk *chunk = _weft_pool_take (&recorder->pool, false);

  if (chunk == NULL)
    return;
#ifdef MADV_POPULATE_WRITE
  madvise ((void *) recorder->pool.slabs->pdata[0], WEFT_SLAB_BYTES, MADV_POPULATE_WRITE);
#endif
  _weft_pool_give (&recorder->pool, chunk);
}

WeftRecorder *
weft_recorder_new (const WeftRecorderOptions *options, GError **error)
{
  WeftRecorder *recorder = aligned_alloc (WEFT_CACHE_LINE, sizeof *recorder);

  g_assert (recorder != NULL);
  memset (recorder, 0, sizeof *recorder);
  recorder->source = weft_clock_source ();
  recorder->clock = options->clock;
  recorder->clock_data = options->clock_data;
  recorder->buffer_bytes =
      options->buffer_bytes != 0 ? options->buffer_bytes : WEFT_DEFAULT_BUFFER_BYTES;
  recorder->drop = options->drop;
  recorder->in_memory = options->path == NULL;
  recorder->keep = recorder->in_memory && !options->discard;
  recorder->writer.fd = -1;
  recorder->n_processors = g_get_num_processors ();
  _weft_pool_init (&recorder->pool);
  init_shared (recorder);
  init_round (recorder);
  begin (recorder, options);
  touch_first_slab (recorder);
  if (options->sample_process)
    recorder->sampler = _weft_sampler_new (recorder, _weft_recorder_now (recorder));
  if ((!recorder->in_memory
       && !_weft_run_writer_open (&recorder->writer, options->path, recorder->created_wall_ns,
                                  error))
      || !start_thread (recorder, error))
    {
      recorder->closed = true;
      g_clear_pointer (&recorder, weft_recorder_free);
    }
  return recorder;
}

void
weft_recorder_add_observer (WeftRecorder *recorder, WeftRecorderObserverFunc func, void *data)
{
  const WeftObserver observer = { func, data };

  /* Not the round's lock: it is held while a round is written, which may take long. */
  pthread_mutex_lock (&recorder->lock);
  g_array_append_val (recorder->new_observers, observer);
  pthread_mutex_unlock (&recorder->lock);
}

void
weft_recorder_set_sampler (WeftRecorder *recorder, WeftRecorderSampleFunc func, void *data)
{
  pthread_mutex_lock (&recorder->lock);
  recorder->sample = func;
  recorder->sample_data = data;
  pthread_mutex_unlock (&recorder->lock);
}

uint64_t
weft_recorder_run_tag (const WeftRecorder *recorder)
{
  return recorder->writer.run_tag;
}

bool
weft_recorder_failed (WeftRecorder *recorder)
{
  return atomic_load_explicit (&recorder->failed, memory_order_acquire);
}

/* Under round_lock. */
static bool
report (WeftRecorder *recorder, GError **error)
{
  if (recorder->writer.error == NULL)
    return true;
  if (error != NULL)
    *error = g_error_copy (recorder->writer.error);
  return false;
}

bool
weft_recorder_flush (WeftRecorder *recorder, GError **error)
{
  bool ok;

  pthread_mutex_lock (&recorder->round_lock);
  if (!recorder->closed)
    _weft_recorder_round (recorder, true, false);
  ok = report (recorder, error);
  pthread_mutex_unlock (&recorder->round_lock);
  return ok;
}

/* Somebody may be adding a lane, in vain, to a run that has ended, or a note to lane 0. */
static void
settle_lanes (WeftRecorder *recorder)
{
  WeftLaneData *notes;

  pthread_mutex_lock (&recorder->lock);
  notes = recorder->lanes->pdata[0];
  pthread_mutex_unlock (&recorder->lock);
  pthread_mutex_lock (&recorder->note_lock);
  _weft_lane_settle (notes);
  pthread_mutex_unlock (&recorder->note_lock);
  pthread_mutex_lock (&recorder->lock);
  for (guint i = 1; i < recorder->lanes->len; i++)
    {
      WeftLaneData *data = recorder->lanes->pdata[i];

      if (atomic_load_explicit (&data->state, memory_order_seq_cst) == 0)
        _weft_lane_settle (data);
    }
  pthread_mutex_unlock (&recorder->lock);
}

static void
finish_file (WeftRecorder *recorder, const char *summary_json)
{
  WeftRunWriter *writer = &recorder->writer;
  WeftEndHead end = {
    .n_records = writer->n_records,
    .n_dropped = atomic_load_explicit (&recorder->n_dropped, memory_order_relaxed),
    .n_waits = atomic_load_explicit (&recorder->n_waits, memory_order_relaxed),
    .n_dropped_log_bytes =
        atomic_load_explicit (&recorder->n_dropped_log_bytes, memory_order_relaxed),
  };

  if (recorder->in_memory)
    return;
  _weft_run_writer_finish (writer, _weft_recorder_now (recorder), &end, summary_json);
  _weft_run_writer_close (writer);
  atomic_store_explicit (&recorder->n_frames, writer->sequence, memory_order_relaxed);
  atomic_store_explicit (&recorder->n_file_bytes, writer->committed, memory_order_relaxed);
  if (writer->error != NULL)
    atomic_store_explicit (&recorder->failed, true, memory_order_release);
}

bool
weft_recorder_close (WeftRecorder *recorder, const char *summary_json, GError **error)
{
  bool ok;

  stop_thread (recorder);
  pthread_mutex_lock (&recorder->round_lock);
  if (!recorder->closed)
    {
      sample (recorder);
      settle_lanes (recorder);
      add_own_clock (recorder, WEFT_CLOCK_FINAL);
      _weft_recorder_round (recorder, true, true);
      finish_file (recorder, summary_json);
      recorder->closed = true;
    }
  ok = report (recorder, error);
  pthread_mutex_unlock (&recorder->round_lock);
  return ok;
}

static void
clear_round (WeftRecorder *recorder)
{
  g_ptr_array_unref (recorder->active);
  g_array_unref (recorder->drain);
  g_array_unref (recorder->observers);
  g_array_unref (recorder->new_observers);
  g_ptr_array_unref (recorder->finished);
  g_array_unref (recorder->now_entries);
  g_byte_array_unref (recorder->taken_queue);
  g_byte_array_unref (recorder->taken_strings);
  g_byte_array_unref (recorder->piece);
  g_ptr_array_unref (recorder->jobs);
  _weft_sampler_free (recorder->sampler);
  _weft_run_writer_clear (&recorder->writer);
  pthread_mutex_destroy (&recorder->round_lock);
}

void
weft_recorder_free (WeftRecorder *recorder)
{
  if (recorder == NULL)
    return;
  if (!recorder->closed)
    weft_recorder_close (recorder, NULL, NULL);
  if (recorder->threaded)
    pthread_join (recorder->thread, NULL);
  clear_round (recorder);
  for (guint i = 0; i < recorder->lanes->len; i++)
    _weft_lane_free (recorder->lanes->pdata[i]);
  g_ptr_array_unref (recorder->lanes);
  g_byte_array_unref (recorder->queue);
  g_hash_table_unref (recorder->strings);
  g_byte_array_unref (recorder->new_strings);
  g_ptr_array_foreach (recorder->new_jobs, (GFunc) (void (*) (void)) free_job, NULL);
  g_ptr_array_unref (recorder->new_jobs);
  g_ptr_array_unref (recorder->kept);
  _weft_pool_clear (&recorder->pool);
  pthread_cond_destroy (&recorder->drained);
  pthread_mutex_destroy (&recorder->note_lock);
  pthread_mutex_destroy (&recorder->lock);
  free (recorder);
}

void
weft_recorder_stats (WeftRecorder *recorder, WeftRecorderStats *stats)
{
  stats->n_records = atomic_load_explicit (&recorder->n_records, memory_order_relaxed);
  stats->n_dropped = atomic_load_explicit (&recorder->n_dropped, memory_order_relaxed);
  stats->n_waits = atomic_load_explicit (&recorder->n_waits, memory_order_relaxed);
  stats->n_lost = atomic_load_explicit (&recorder->n_lost, memory_order_relaxed);
  stats->n_dropped_log_bytes =
      atomic_load_explicit (&recorder->n_dropped_log_bytes, memory_order_relaxed);
  stats->n_frames = atomic_load_explicit (&recorder->n_frames, memory_order_relaxed);
  stats->n_file_bytes = atomic_load_explicit (&recorder->n_file_bytes, memory_order_relaxed);
}
