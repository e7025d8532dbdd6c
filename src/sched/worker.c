/* worker.c: the worker threads: whom they serve, when they sleep, who wakes them
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A worker serves the run that got least worker time, for a millisecond at most, then looks again.
 * Finding nothing anywhere it spins for some 20 µs (a sleep and its wake cost twice that), then
 * sleeps on its own word. A sleeper shows its bit first and looks once more; who makes work makes
 * it visible first and looks at the sleepers then; both sequentially consistent, so one sees the
 * other.
 *
 * Where there are ids left, but none that could run yet, it spins longer, then naps: a sleep that
 * ends by itself, as nobody tells when an id becomes ready that was not issued yet. Whoever has a
 * ready task to give away, or sees that the next id is one, wakes nappers too; who merely has more
 * ids does not, or a chain's worker would wake it with every block.
 *
 * Wakes come in a chain: at most one woken worker is on its way at a time, and it wakes the next
 * when it has found something itself. So a burst of pushes costs one system call, not one each.
 *
 * Worker i works while i < n_allowed (workers asked for + blocked tasks' spares); above that it
 * sleeps until it is wanted again. Taking a worker away is nothing but lowering that number.
 */
#include "config.h"

#include "base/weft-futex-private.h"
#include "sched/weft-execute-private.h"

#include <sched.h>
#include <stdlib.h>

#define SPIN_NS 20000
#define PATIENCE_NS 100000 /* of spinning where ids are blocked: they may be ready soon */
#define FIRST_NAP_NS 50000
#define LONGEST_NAP_NS 250000
#define LOOK_NS 1000 /* about what a look and the pause after it take while spinning */
#define MAX_PAUSES 32

/* ---- waking ---------------------------------------------------------------------------------- */

static void
wake_worker (WeftWorker *worker)
{
  atomic_store_explicit (&worker->asleep, 0, memory_order_release);
  _weft_futex_wake (&worker->asleep, 1);
}

/* Clears the lowest bit of a sleeper from worker `first` up to below `end`. WEFT_NONE when there is
 * none. */
static uint32_t
take_sleeper_in (WeftEngine *engine, uint32_t first, uint32_t end)
{
  for (uint32_t word = first / 64; word * 64 < end; word++)
    {
      uint64_t bits = atomic_load_explicit (&engine->asleep[word], memory_order_seq_cst);

      while (bits != 0)
        {
          uint64_t wanted = word == first / 64 ? bits & (~UINT64_C (0) << first % 64) : bits;
          uint32_t bit = wanted != 0 ? (uint32_t) __builtin_ctzll (wanted) : 64;

          if (bit == 64)
            break;
          if (word * 64 + bit >= end)
            return WEFT_NONE;
          if (atomic_compare_exchange_weak_explicit (&engine->asleep[word], &bits,
                                                     bits & ~(UINT64_C (1) << bit),
                                                     memory_order_seq_cst, memory_order_seq_cst))
            {
              atomic_fetch_sub_explicit (&engine->n_asleep, 1, memory_order_seq_cst);
              return word * 64 + bit;
            }
        }
    }
  return WEFT_NONE;
}

/* One that is allowed to work. */
static uint32_t
take_sleeper (WeftEngine *engine)
{
  return take_sleeper_in (engine, 0,
                          atomic_load_explicit (&engine->n_allowed, memory_order_acquire));
}

/* Wakes one sleeper unless one is on its way already. */
void
_weft_engine_wake (WeftEngine *engine)
{
  uint32_t index;

  if (atomic_load_explicit (&engine->n_asleep, memory_order_seq_cst) == 0
      || atomic_exchange_explicit (&engine->waking, true, memory_order_seq_cst))
    return;
  index = take_sleeper (engine);
  if (index == WEFT_NONE)
    atomic_store_explicit (&engine->waking, false, memory_order_seq_cst);
  else
    wake_worker (engine->workers[index]);
}

/* Wakes whoever sleeps now, each once: those who fall asleep again meanwhile have looked. */
void
_weft_engine_wake_all (WeftEngine *engine)
{
  uint32_t n_allowed = atomic_load_explicit (&engine->n_allowed, memory_order_acquire);

  for (uint32_t word = 0; word * 64 < n_allowed; word++)
    {
      uint32_t n = MIN (64, n_allowed - word * 64);
      uint64_t allowed = n == 64 ? UINT64_MAX : (UINT64_C (1) << n) - 1;
      uint64_t bits =
          allowed
          & atomic_fetch_and_explicit (&engine->asleep[word], ~allowed, memory_order_seq_cst);

      atomic_fetch_sub_explicit (&engine->n_asleep, (uint32_t) __builtin_popcountll (bits),
                                 memory_order_seq_cst);
      for (; bits != 0; bits &= bits - 1)
        wake_worker (engine->workers[word * 64 + (uint32_t) __builtin_ctzll (bits)]);
    }
}

/* Workers that were taken away in their sleep wake up once, to say that they have stopped. */
void
_weft_engine_wake_dismissed (WeftEngine *engine)
{
  uint32_t n_allowed = atomic_load_explicit (&engine->n_allowed, memory_order_acquire);
  uint32_t index = n_allowed;

  while ((index = take_sleeper_in (engine, index, WEFT_MAX_THREADS)) != WEFT_NONE)
    wake_worker (engine->workers[index++]);
}

/* ---- whom to serve --------------------------------------------------------------------------- */

/* The n-th least served run, with a reference. NULL when there are not so many. */
static WeftRun *
pick_run (WeftEngine *engine, uint32_t n)
{
  WeftRun *picked = NULL;

  pthread_mutex_lock (&engine->lock);
  /* Runs are few; the list is kept sorted lazily: one bubble towards order each time. */
  for (uint32_t i = engine->runs->len; i-- > 1;)
    {
      WeftRun *a = engine->runs->pdata[i - 1];
      WeftRun *b = engine->runs->pdata[i];

      if (atomic_load_explicit (&b->served_ticks, memory_order_relaxed)
          < atomic_load_explicit (&a->served_ticks, memory_order_relaxed))
        {
          engine->runs->pdata[i - 1] = b;
          engine->runs->pdata[i] = a;
        }
    }
  if (n < engine->runs->len)
    picked = weft_run_ref (engine->runs->pdata[n]);
  pthread_mutex_unlock (&engine->lock);
  return picked;
}

/* The worker has done something for the run, and now looks elsewhere. */
static void
leave_off (WeftSeat *seat, uint64_t start)
{
  uint64_t now = _weft_seat_now (seat);

  atomic_fetch_add_explicit (&seat->run->served_ticks, now - start, memory_order_relaxed);
  if (seat->lane != NULL && !seat->lost)
    weft_lane_set_now_kind (seat->lane, 0, 0, WEFT_NONE, WEFT_NONE, 0, now);
}

/* Serves one run, to which the caller holds a reference. Returns whether it had anything to do. */
bool
_weft_worker_serve (WeftWorker *worker, WeftRun *run, bool single)
{
  WeftSeat *seat = _weft_seat_get (run, worker);
  uint64_t start;
  bool any = false;

  if (seat == NULL)
    return false;
  seat->single = single;
  atomic_fetch_add_explicit (&run->n_serving, 1, memory_order_relaxed);
  atomic_store_explicit (&seat->inside, true, memory_order_seq_cst);
  _weft_seat_set_current (seat);
  if (!atomic_load_explicit (&run->ending, memory_order_seq_cst))
    {
      if (WEFT_UNLIKELY (!seat->begun))
        _weft_seat_begins (seat);
      start = _weft_seat_now (seat);
      any = _weft_run_step_if_wanted (seat) || _weft_seat_serve (seat);
      if (any)
        leave_off (seat, start);
    }
  if (WEFT_UNLIKELY (worker->runtime != NULL))
    _weft_seat_leave_runtime (seat); /* after a step, or a task that ran past its deadline */
  _weft_seat_set_current (NULL);
  atomic_store_explicit (&seat->inside, false, memory_order_seq_cst);
  atomic_fetch_sub_explicit (&run->n_serving, 1, memory_order_relaxed);
  _weft_run_leave (run);
  return any;
}

/* What a run did not want while it was paused, or had nothing to do, it has no claim to later: else
 * it would take all workers from the others for as long. */
static void
forget_claims (WeftEngine *engine, uint64_t served)
{
  pthread_mutex_lock (&engine->lock);
  for (uint32_t i = 0; i < engine->runs->len; i++)
    {
      WeftRun *run = engine->runs->pdata[i];

      if (atomic_load_explicit (&run->served_ticks, memory_order_relaxed) < served
          && atomic_load_explicit (&run->n_serving, memory_order_relaxed) == 0
          && !_weft_run_may_have_work (run))
        atomic_store_explicit (&run->served_ticks, served, memory_order_relaxed);
    }
  pthread_mutex_unlock (&engine->lock);
}

/* Serves runs in turn until one had something to do; `single`: one task only. */
bool
_weft_worker_serve_any (WeftWorker *worker, bool single)
{
  bool any = false;

  for (uint32_t i = 0; !any; i++)
    {
      WeftRun *run = pick_run (worker->engine, i);

      if (run == NULL)
        break;
      any = _weft_worker_serve (worker, run, single);
      uint64_t served = atomic_load_explicit (&run->served_ticks, memory_order_relaxed);
      weft_run_unref (run);
      if (any && atomic_load_explicit (&worker->engine->n_runs, memory_order_relaxed) > 1)
        forget_claims (worker->engine, served);
    }
  return any;
}

static bool
any_run (WeftEngine *engine, bool (*may_have) (WeftRun *run))
{
  bool may = false;

  pthread_mutex_lock (&engine->lock);
  for (uint32_t i = 0; i < engine->runs->len && !may; i++)
    may = may_have (engine->runs->pdata[i]);
  pthread_mutex_unlock (&engine->lock);
  return may;
}

/* ---- sleeping -------------------------------------------------------------------------------- */

static bool
is_allowed (WeftWorker *worker)
{
  return worker->index < atomic_load_explicit (&worker->engine->n_allowed, memory_order_acquire);
}

/* Takes back the own bit; FALSE when a waker took it already. */
static bool
take_back_bit (WeftWorker *worker)
{
  WeftEngine *engine = worker->engine;
  uint64_t bit = UINT64_C (1) << worker->index % 64;

  if ((atomic_fetch_and_explicit (&engine->asleep[worker->index / 64], ~bit, memory_order_seq_cst)
       & bit)
      == 0)
    return false;
  atomic_fetch_sub_explicit (&engine->n_asleep, 1, memory_order_seq_cst);
  return true;
}

static void
show_bit (WeftWorker *worker)
{
  WeftEngine *engine = worker->engine;
  uint64_t bit = UINT64_C (1) << worker->index % 64;

  atomic_store_explicit (&worker->asleep, 1, memory_order_relaxed);
  atomic_fetch_add_explicit (&engine->n_asleep, 1, memory_order_seq_cst);
  atomic_fetch_or_explicit (&engine->asleep[worker->index / 64], bit, memory_order_seq_cst);
}

/* The worker sleeps until it is woken, or for @ns; < 0: as long as it takes. Returns: whether it
 * was woken */
static bool
sleep_for (WeftWorker *worker, int64_t ns)
{
  _weft_worker_parks (worker, true);
  _weft_worker_park_runtimes (worker, true);
  do
    _weft_futex_wait (&worker->asleep, 1, ns);
  while (ns < 0 && atomic_load_explicit (&worker->asleep, memory_order_acquire) == 1);
  _weft_worker_park_runtimes (worker, false);
  _weft_worker_parks (worker, false);
  return atomic_load_explicit (&worker->asleep, memory_order_acquire) == 0;
}

/* Who took the bit wakes the worker in a moment. */
static void
wait_for_waker (WeftWorker *worker)
{
  while (atomic_load_explicit (&worker->asleep, memory_order_acquire) == 1)
    _weft_futex_wait (&worker->asleep, 1, -1);
}

static void
fall_asleep (WeftWorker *worker)
{
  WeftEngine *engine = worker->engine;

  show_bit (worker);
  if (!atomic_load_explicit (&engine->stopping, memory_order_seq_cst)
      && !(is_allowed (worker) && any_run (engine, _weft_run_may_have_work)))
    sleep_for (worker, -1);
  else if (!take_back_bit (worker))
    wait_for_waker (worker);
  atomic_store_explicit (&engine->waking, false, memory_order_seq_cst);
}

/* Its looks meanwhile count as if it had gone on spinning. */
static void
nap (WeftWorker *worker, int64_t ns)
{
  WeftEngine *engine = worker->engine;
  bool woken = false;

  atomic_fetch_add_explicit (&engine->n_napping, 1, memory_order_relaxed);
  show_bit (worker);
  if (!atomic_load_explicit (&engine->stopping, memory_order_seq_cst)
      && !any_run (engine, _weft_run_has_ready))
    woken = sleep_for (worker, ns);
  if (!woken && !take_back_bit (worker))
    {
      wait_for_waker (worker);
      woken = true;
    }
  if (woken)
    atomic_store_explicit (&engine->waking, false, memory_order_seq_cst);
  atomic_fetch_sub_explicit (&engine->n_napping, 1, memory_order_relaxed);
  worker->n_looks_slept = (uint32_t) (ns / LOOK_NS);
}

/* ---- the thread ------------------------------------------------------------------------------ */

/* Looks for work until there is none left that anybody might find. */
static void
work_until_idle (WeftWorker *worker)
{
  WeftEngine *engine = worker->engine;
  int64_t idle_since = 0, nap_ns = FIRST_NAP_NS;
  uint32_t pauses = 1;
  bool found = false;

  while (is_allowed (worker) && !atomic_load_explicit (&engine->stopping, memory_order_relaxed))
    {
      if (_weft_worker_serve_any (worker, false))
        {
          if (!found)
            _weft_engine_wake (engine); /* pass the wake on, now that there is work */
          found = true;
          idle_since = 0;
          nap_ns = FIRST_NAP_NS;
          pauses = 1;
          continue;
        }
      int64_t now = weft_clock_mono_ns ();
      worker->n_looks_slept = 0;
      if (idle_since == 0)
        idle_since = now;
      else if (now - idle_since > SPIN_NS && !any_run (engine, _weft_run_may_have_work))
        return;
      else if (now - idle_since > PATIENCE_NS)
        {
          nap (worker, nap_ns);
          nap_ns = MIN (2 * nap_ns, LONGEST_NAP_NS);
          continue;
        }
      for (uint32_t i = 0; i < pauses; i++)
        _weft_cpu_relax ();
      pauses = MIN (2 * pauses, MAX_PAUSES);
      if (now - idle_since > SPIN_NS)
        sched_yield (); /* there is work, but somebody else has to be let go on with it */
    }
}

static void *
worker_main (void *data)
{
  WeftWorker *worker = data;
  WeftEngine *engine = worker->engine;
  char name[16];

  g_snprintf (name, sizeof name, "weft-%u", worker->index);
  pthread_setname_np (pthread_self (), name);
  _weft_worker_pin (worker);
  while (!atomic_load_explicit (&engine->stopping, memory_order_acquire))
    {
      work_until_idle (worker);
      /* Who was woken, but is not wanted any more, hands the wake on. */
      if (!is_allowed (worker))
        _weft_engine_wake (engine);
      if (!atomic_load_explicit (&engine->stopping, memory_order_acquire))
        fall_asleep (worker);
    }
  _weft_worker_stop_runtimes (worker);
  return NULL;
}

/* Engine lock held. Makes thread `index` if it is not there yet. */
bool
_weft_engine_add_thread (WeftEngine *engine, uint32_t index, GError **error)
{
  WeftWorker *worker = engine->workers[index];
  pthread_attr_t attributes;
  int failure;

  if (worker != NULL)
    return true;
  worker = aligned_alloc (WEFT_CACHE_LINE, sizeof *worker);
  if (worker == NULL)
    {
      g_set_error (error, WEFT_ENGINE_ERROR, WEFT_ENGINE_ERROR_SYSTEM, "no memory for worker %u",
                   index);
      return false;
    }
  memset (worker, 0, sizeof *worker);
  worker->engine = engine;
  worker->index = index;
  engine->workers[index] = worker;
  pthread_attr_init (&attributes);
  failure = engine->manual ? 0 : pthread_create (&worker->thread, &attributes, worker_main, worker);
  pthread_attr_destroy (&attributes);
  if (failure != 0)
    {
      engine->workers[index] = NULL;
      free (worker);
      g_set_error (error, WEFT_ENGINE_ERROR, WEFT_ENGINE_ERROR_SYSTEM,
                   "cannot start worker thread %u: %s", index, g_strerror (failure));
      return false;
    }
  engine->n_threads = MAX (engine->n_threads, index + 1);
  return true;
}
