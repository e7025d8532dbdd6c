/* memory.c: the memory limit: when results are spilled, what waits, what is admitted all the same
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Thresholds act on the run's managed bytes: above 70 % of the limit workers spill before they
 * start something, until they are below 60 % (managed.c says what goes first); above 80 % they
 * start no new sources. What the process keeps of freed memory for reuse counts too: both together
 * stay below the limit.
 *
 * A source that has to wait is put aside, and the worker goes on down the order: what else is ready
 * may free memory. Who finds nothing at all asks for the best one that was put aside. When no task
 * of the run is running and nothing can be spilled, one is admitted over the limit, and the record
 * says so; the engine never hangs for want of memory.
 */
#include "config.h"

#include "sched/weft-memory-private.h"

#include <stdlib.h>

#define TARGET_PERCENT 60
#define SPILL_PERCENT 70
#define PAUSE_PERCENT 80
#define CACHE_PERCENT 10

bool
_weft_run_open_memory (WeftRun *run, GError **error)
{
  struct _WeftMemory *memory = g_new0 (struct _WeftMemory, 1);
  uint64_t limit = atomic_load_explicit (&run->memory_limit_bytes, memory_order_relaxed);

  pthread_mutex_init (&memory->lock, NULL);
  memory->handles = g_ptr_array_new ();
  memory->waiting = _weft_queue_new ();
  run->memory = memory;
  if (limit == 0)
    return true;
  const char *parent = run->engine->spill_dir != NULL ? run->engine->spill_dir : g_get_tmp_dir ();
  memory->store = weft_spill_store_new (parent, error);
  return memory->store != NULL;
}

void
_weft_run_close_memory (WeftRun *run)
{
  struct _WeftMemory *memory = run->memory;

  if (memory == NULL)
    return;
  weft_spill_store_unref (memory->store);
  g_ptr_array_unref (memory->handles);
  _weft_queue_free (memory->waiting);
  pthread_mutex_destroy (&memory->lock);
  g_free (memory);
  run->memory = NULL;
}

uint64_t
_weft_run_spilled_bytes (WeftRun *run)
{
  return (uint64_t) MAX (0,
                         atomic_load_explicit (&run->memory->spilled_bytes, memory_order_relaxed));
}

static uint64_t
limit_of (WeftRun *run)
{
  return atomic_load_explicit (&run->memory_limit_bytes, memory_order_seq_cst);
}

static uint64_t
percent_of (uint64_t limit, uint32_t percent)
{
  return limit / 100 * percent;
}

static uint64_t
held_bytes (WeftRun *run)
{
  return (uint64_t) MAX (0, weft_account_held_bytes (run->account));
}

static void
set_bits (WeftRun *run, uint32_t bits)
{
  const uint32_t both = WEFT_CONTROL_SPILL | WEFT_CONTROL_MEMORY;

  if ((atomic_load_explicit (&run->control, memory_order_relaxed) & both) == bits)
    return;
  atomic_fetch_and_explicit (&run->control, ~both, memory_order_seq_cst);
  atomic_fetch_or_explicit (&run->control, bits, memory_order_seq_cst);
}

/* Sets or clears bits of the control word as the held bytes say, and gives memory that nobody uses
 * back to the system where it would not fit beside them. Who is overtaken here by a change of the
 * limit may set what does not hold any more; so whoever means to wait asks again. */
void
_weft_memory_update (WeftRun *run)
{
  uint64_t limit = limit_of (run);
  uint64_t held = limit > 0 ? held_bytes (run) : 0;
  uint32_t bits = 0;

  if (limit > 0 && held + (uint64_t) weft_buffer_cached_bytes () > limit)
    weft_buffer_trim (held < limit ? (int64_t) (limit - held) : 0);
  if (held > percent_of (limit, SPILL_PERCENT))
    bits |= WEFT_CONTROL_SPILL;
  if (held > percent_of (limit, PAUSE_PERCENT))
    bits |= WEFT_CONTROL_MEMORY;
  set_bits (run, bits);
}

void
weft_run_set_memory_limit (WeftRun *run, uint64_t limit_bytes)
{
  atomic_store_explicit (&run->memory_limit_bytes, limit_bytes, memory_order_seq_cst);
  pthread_mutex_lock (&run->memory->lock);
  if (limit_bytes > 0 && run->memory->store == NULL)
    run->memory->store = weft_spill_store_new (
        run->engine->spill_dir != NULL ? run->engine->spill_dir : g_get_tmp_dir (), NULL);
  pthread_mutex_unlock (&run->memory->lock);
  _weft_memory_update (run);
  _weft_run_note_setting (run, WEFT_SETTING_MEMORY_LIMIT, limit_bytes);
  _weft_run_note (run, WEFT_RECORD_MEMORY, 0, WEFT_MEMORY_LIMIT, WEFT_NONE, limit_bytes);
  _weft_engine_wake (run->engine);
}

/* ---- admission ------------------------------------------------------------------------------- */

static void
spill_to_target (WeftSeat *seat, const WeftItem *item)
{
  WeftRun *run = seat->run;
  uint64_t limit = limit_of (run);

  if (limit > 0 && held_bytes (run) > percent_of (limit, SPILL_PERCENT))
    {
      while (held_bytes (run) > percent_of (limit, TARGET_PERCENT) && _weft_spill_one (seat, item))
        ;
      weft_buffer_trim ((int64_t) percent_of (limit, CACHE_PERCENT));
    }
  _weft_memory_update (run);
}

static bool
is_short_of_memory (WeftRun *run)
{
  return (atomic_load_explicit (&run->control, memory_order_relaxed) & WEFT_CONTROL_MEMORY) != 0;
}

static void
put_aside (WeftSeat *seat, const WeftItem *item)
{
  struct _WeftMemory *memory = seat->run->memory;

  if (_weft_queue_length (memory->waiting) == 0)
    atomic_store_explicit (&memory->waiting_since, _weft_seat_now (seat), memory_order_relaxed);
  _weft_queue_push (memory->waiting, *item);
}

/* Called with the control word's memory bits set. FALSE: the source was put aside. */
bool
_weft_memory_admit (WeftSeat *seat, const WeftItem *item, bool source)
{
  spill_to_target (seat, item);
  if (!source || seat->stepping || seat->admitted || !is_short_of_memory (seat->run))
    return true;
  _weft_item_give_resources (seat->run->engine, item); /* others may go on with them */
  put_aside (seat, item);
  return false;
}

/* Whether some worker runs a task of this run, at the end of which there may be more memory. Who
 * looks has shown itself idle first, both sequentially consistent: of two that look at the same
 * time at least one sees the other idle. */
static bool
somebody_is_busy (WeftRun *run)
{
  uint32_t n_seats = atomic_load_explicit (&run->n_seats, memory_order_seq_cst);

  for (uint32_t i = 0; i < n_seats; i++)
    {
      WeftSeat *seat = atomic_load_explicit (&run->seats[i], memory_order_acquire);

      if (seat != NULL && atomic_load_explicit (&seat->busy, memory_order_seq_cst))
        return true;
    }
  return false;
}

static void
record_pause (WeftSeat *seat, const WeftItem *item)
{
  uint64_t since = atomic_load_explicit (&seat->run->memory->waiting_since, memory_order_relaxed);

  if (seat->lane == NULL)
    return;
  _weft_seat_record (seat, WEFT_RECORD_MEMORY_PAUSED, 0, 0, item->task, item->segment->index,
                     MAX (since, seat->stamp), _weft_seat_now (seat), 0);
  seat->contiguous = false;
}

/* Nothing waits for memory any more: who sleeps for that sleeps for something else now. */
static void
tell_sleepers (WeftRun *run)
{
  if (_weft_queue_length (run->memory->waiting) == 0
      && atomic_load_explicit (&run->memory->n_sleepers, memory_order_seq_cst) > 0)
    _weft_engine_wake_all (run->engine);
}

/* A worker that has found nothing else asks for a source that was put aside: the best one, if there
 * is memory again, or if nothing runs and nothing can be spilled that would make some. Only one is
 * let in at a time over the limit, as it makes its worker busy before anybody else may ask. */
bool
_weft_memory_let_in (WeftSeat *seat, WeftItem *item)
{
  WeftRun *run = seat->run;
  struct _WeftMemory *memory = run->memory;
  bool found = false;

  if (_weft_queue_length (memory->waiting) == 0)
    return false;
  spill_to_target (seat, NULL);
  pthread_mutex_lock (&memory->lock);
  atomic_store_explicit (&seat->busy, false, memory_order_seq_cst);
  bool over = is_short_of_memory (run);
  if (!over || !somebody_is_busy (run))
    found = _weft_queue_pop (memory->waiting, item);
  if (found)
    atomic_store_explicit (&seat->busy, true, memory_order_seq_cst);
  pthread_mutex_unlock (&memory->lock);
  if (!found)
    return false;
  record_pause (seat, item);
  seat->admitted = over;
  if (over)
    _weft_run_note (run, WEFT_RECORD_ADMITTED, 0, item->task, item->segment->index,
                    held_bytes (run));
  else if (_weft_queue_length (memory->waiting) > 0)
    _weft_engine_wake (run->engine);
  tell_sleepers (run);
  return true;
}

/* All that were put aside become ready tasks like others: the caller chooses among them. */
void
_weft_memory_give_back (WeftRun *run)
{
  WeftItem item;

  while (_weft_queue_pop (run->memory->waiting, &item))
    _weft_queue_push (run->queue, item);
  tell_sleepers (run);
}

/* A worker falls asleep: TRUE if that is because sources wait for memory. Then it is woken when
 * none does any more, and says so when it wakes; counted before the look, so nobody is missed. */
bool
_weft_memory_sleeps (WeftRun *run)
{
  atomic_fetch_add_explicit (&run->memory->n_sleepers, 1, memory_order_seq_cst);
  if (is_short_of_memory (run) && _weft_queue_length (run->memory->waiting) > 0)
    return true;
  _weft_memory_wakes (run);
  return false;
}

void
_weft_memory_wakes (WeftRun *run)
{
  atomic_fetch_sub_explicit (&run->memory->n_sleepers, 1, memory_order_seq_cst);
}

/* Whether a source that was put aside could start now. Asked by who is about to fall asleep, after
 * showing it. */
bool
_weft_memory_has_room (WeftRun *run)
{
  if (_weft_queue_length (run->memory->waiting) == 0)
    return false;
  _weft_memory_update (run);
  return !is_short_of_memory (run) || !somebody_is_busy (run);
}
