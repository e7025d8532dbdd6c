/* engine.c: the pool of workers, and what all runs of an engine share
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "base/weft-futex-private.h"
#include "sched/weft-execute-private.h"
#include "sched/weft-timer-private.h"

#include <stdlib.h>

G_DEFINE_QUARK (weft - engine - error - quark, weft_engine_error)

static WeftEngine *
engine_alloc (const WeftEngineOptions *options)
{
  WeftEngine *engine = aligned_alloc (WEFT_CACHE_LINE, sizeof *engine);

  g_assert (engine != NULL);
  memset (engine, 0, sizeof *engine);
  engine->registry = options != NULL && options->registry != NULL
                         ? weft_op_registry_ref (options->registry)
                         : weft_op_registry_new ();
  engine->account = weft_account_new (NULL);
  engine->manual = options != NULL && options->manual;
  engine->cores = options != NULL && options->pin ? _weft_cores_new () : NULL;
  engine->max_spares =
      options != NULL && options->max_spares > 0 ? MIN (options->max_spares, WEFT_MAX_SPARES) : 256;
  engine->spill_dir = g_strdup (options != NULL ? options->spill_dir : NULL);
  engine->clock = engine->manual ? WEFT_CLOCK_INJECTED : weft_clock_source ();
  weft_clock_calibrate (&engine->clock_map);
  if (engine->manual)
    {
      engine->clock_map.source = WEFT_CLOCK_INJECTED;
      engine->clock_map.ticks_per_second = 1000000000;
      engine->manual_clock = options->manual_clock;
      engine->manual_data = options->manual_data;
    }
  engine->slice_ticks =
      engine->clock_map.ticks_per_second / (UINT64_C (1000000000) / WEFT_SLICE_NS);
  engine->runs = g_ptr_array_new ();
  pthread_mutex_init (&engine->lock, NULL);
  _weft_engine_open_timers (engine);
  _weft_engine_open_resources (engine);
  return engine;
}

WeftEngine *
weft_engine_new (const WeftEngineOptions *options, GError **error)
{
  uint32_t n_workers =
      options != NULL && options->n_workers > 0 ? options->n_workers : weft_usable_cores ();
  WeftEngine *engine;

  if (n_workers > WEFT_MAX_WORKERS)
    {
      g_set_error (error, WEFT_ENGINE_ERROR, WEFT_ENGINE_ERROR_ARGUMENT,
                   "%u workers were asked for; 1 to %d are possible", n_workers, WEFT_MAX_WORKERS);
      return NULL;
    }
  engine = engine_alloc (options);
  if (!weft_engine_set_workers (engine, n_workers, error))
    {
      weft_engine_free (engine);
      return NULL;
    }
  return engine;
}

static void
cancel_all (WeftEngine *engine)
{
  for (;;)
    {
      WeftRun *run = NULL;

      pthread_mutex_lock (&engine->lock);
      if (engine->runs->len > 0)
        run = weft_run_ref (engine->runs->pdata[0]);
      pthread_mutex_unlock (&engine->lock);
      if (run == NULL)
        return;
      weft_run_cancel (run);
      weft_run_wait (run, -1);
      weft_run_unref (run);
    }
}

void
weft_engine_free (WeftEngine *engine)
{
  if (engine == NULL)
    return;
  cancel_all (engine);
  pthread_mutex_lock (&engine->lock); /* from here on no thread is made */
  atomic_store_explicit (&engine->stopping, true, memory_order_seq_cst);
  pthread_mutex_unlock (&engine->lock);
  for (uint32_t i = 0; i < engine->n_threads; i++)
    if (engine->workers[i] != NULL && !engine->manual)
      {
        atomic_store_explicit (&engine->workers[i]->asleep, 0, memory_order_seq_cst);
        _weft_futex_wake (&engine->workers[i]->asleep, 1);
      }
  for (uint32_t i = 0; i < engine->n_threads; i++)
    if (engine->workers[i] != NULL && !engine->manual)
      pthread_join (engine->workers[i]->thread, NULL);
  /* A kernel that ran past its deadline returned only now, and had its timer to look after. */
  _weft_engine_close_timers (engine);
  /* Only now: a worker that stops may still be waking another. */
  for (uint32_t i = 0; i < engine->n_threads; i++)
    free (engine->workers[i]);
  _weft_engine_close_resources (engine);
  g_ptr_array_unref (engine->runs);
  weft_account_unref (engine->account);
  weft_op_registry_unref (engine->registry);
  pthread_mutex_destroy (&engine->lock);
  _weft_cores_free (engine->cores);
  g_free (engine->spill_dir);
  free (engine);
}

uint32_t
weft_engine_n_workers (WeftEngine *engine)
{
  uint32_t n;

  pthread_mutex_lock (&engine->lock);
  n = engine->n_workers;
  pthread_mutex_unlock (&engine->lock);
  return n;
}

WeftOpRegistry *
weft_engine_registry (WeftEngine *engine)
{
  return engine->registry;
}

/* Engine lock held. Makes threads up to n and lets that many work. */
static bool
allow (WeftEngine *engine, uint32_t n, GError **error)
{
  for (uint32_t i = engine->n_threads; i < n; i++)
    if (!_weft_engine_add_thread (engine, i, error))
      return false;
  atomic_store_explicit (&engine->n_allowed, n, memory_order_seq_cst);
  return true;
}

bool
weft_engine_set_workers (WeftEngine *engine, uint32_t n_workers, GError **error)
{
  bool done;

  if (n_workers < 1 || n_workers > WEFT_MAX_WORKERS)
    {
      g_set_error (error, WEFT_ENGINE_ERROR, WEFT_ENGINE_ERROR_ARGUMENT,
                   "%u workers were asked for; 1 to %d are possible", n_workers, WEFT_MAX_WORKERS);
      return false;
    }
  pthread_mutex_lock (&engine->lock);
  done = allow (engine, n_workers + atomic_load_explicit (&engine->n_blocked, memory_order_relaxed),
                error);
  if (done)
    engine->n_workers = n_workers;
  for (uint32_t i = 0; i < engine->runs->len && done; i++)
    _weft_run_note_setting (engine->runs->pdata[i], WEFT_SETTING_WORKERS, n_workers);
  pthread_mutex_unlock (&engine->lock);
  _weft_engine_wake_all (engine);
  _weft_engine_wake_dismissed (engine);
  return done;
}

/* A task is about to block: a spare takes its slot. FALSE beyond the limit. */
bool
_weft_engine_block (WeftEngine *engine, GError **error)
{
  uint32_t n_blocked;
  bool done = false;

  pthread_mutex_lock (&engine->lock);
  n_blocked = atomic_load_explicit (&engine->n_blocked, memory_order_relaxed);
  if (atomic_load_explicit (&engine->stopping, memory_order_relaxed))
    g_set_error_literal (error, WEFT_ENGINE_ERROR, WEFT_ENGINE_ERROR_STATE,
                         "the engine is being freed");
  else if (n_blocked >= engine->max_spares)
    g_set_error (error, WEFT_ENGINE_ERROR, WEFT_ENGINE_ERROR_LIMIT,
                 "%u tasks are waiting inside their kernels already, which is the limit: return a "
                 "graph instead of waiting, or raise the number of spare workers",
                 n_blocked);
  else
    done = allow (engine, engine->n_workers + n_blocked + 1, error);
  if (done)
    atomic_store_explicit (&engine->n_blocked, n_blocked + 1, memory_order_relaxed);
  pthread_mutex_unlock (&engine->lock);
  if (done)
    _weft_engine_wake (engine);
  return done;
}

void
_weft_engine_unblock (WeftEngine *engine)
{
  pthread_mutex_lock (&engine->lock);
  uint32_t n_blocked = atomic_load_explicit (&engine->n_blocked, memory_order_relaxed) - 1;
  atomic_store_explicit (&engine->n_blocked, n_blocked, memory_order_relaxed);
  atomic_store_explicit (&engine->n_allowed, engine->n_workers + n_blocked, memory_order_seq_cst);
  pthread_mutex_unlock (&engine->lock);
}

/* ---- seats and threads ----------------------------------------------------------------------- */

bool
_weft_seat_open (WeftSeat *seat, WeftRun *run, WeftWorker *worker)
{
  WeftEngine *engine = run->engine;

  seat->run = run;
  seat->worker = worker;
  seat->clock = engine->clock;
  seat->long_ticks =
      MAX (1, engine->clock_map.ticks_per_second * WEFT_LONG_TASK_NS / UINT64_C (1000000000));
  seat->cpu_ticks = seat->long_ticks * (WEFT_RECORD_CPU_NS / WEFT_LONG_TASK_NS);
  seat->block = 1;
  seat->os_thread = (uint32_t) gettid ();
  seat->random = (run->seed ^ ((uint64_t) worker->index + 1) * UINT64_C (0x9e3779b97f4a7c15)) | 1;
  seat->op_mean = calloc (WEFT_MAX_OPS, sizeof *seat->op_mean);
  if (seat->op_mean == NULL || !_weft_seat_ensure_inputs (seat, 64))
    return false;
  seat->told = g_array_new (FALSE, FALSE, sizeof (uint64_t) * 2);
  seat->pinned = g_ptr_array_new ();
  seat->task.seat = seat;
  _weft_seat_task_init (&seat->task, run, worker->index);
  if (run->recorder != NULL)
    {
      WeftLaneInfo info = { .kind = WEFT_LANE_THREAD,
                            .parent_lane = WEFT_NONE,
                            .worker = worker->index,
                            .pid = (uint32_t) getpid (),
                            .os_thread = seat->os_thread };

      seat->lane = weft_recorder_add_lane (run->recorder, &info);
    }
  return true;
}

/* Tells the recorders that a worker sleeps, so that its lane's watermark may advance. */
void
_weft_worker_parks (WeftWorker *worker, bool parks)
{
  WeftEngine *engine = worker->engine;
  uint64_t now = _weft_engine_stamp (engine);

  pthread_mutex_lock (&engine->lock);
  for (uint32_t i = 0; i < engine->runs->len; i++)
    {
      WeftRun *run = engine->runs->pdata[i];
      WeftSeat *seat = atomic_load_explicit (&run->seats[worker->index], memory_order_acquire);

      if (seat != NULL && seat->lane != NULL)
        _weft_seat_parks (seat, parks, now);
    }
  pthread_mutex_unlock (&engine->lock);
}
