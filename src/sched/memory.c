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
<<<<<<< HEAD
  _weft_run_note (run, WEFT_RECORD_MEMORY, 0, WEFT_MEMORY_LIMIT, WEFT_NONE, limit_bytes);
  _weft_engine_wake (run->engine);
=======
}

/* ---- handles --------------------------------------------------------------------------------- */

/* The first consumer's id: the handle's next use, as far as the order knows. */
static uint64_t
next_use (WeftSegment *segment, uint32_t task, uint32_t after)
{
  const WeftGraphArrays *arrays = &segment->arrays;

  for (uint32_t i = arrays->dependent_offsets[task]; i < arrays->dependent_offsets[task + 1]; i++)
    if (arrays->dependents[i] > after)
      return (uint64_t) segment->index << 32 | arrays->dependents[i];
  return UINT64_MAX;
}

static void managed_freed_cb (void *data);

/* Puts a big result behind a handle that may be spilled. Small ones, and runs without a limit, are
 * left as they are. */
void
_weft_manage (WeftSeat *seat, WeftSegment *segment, uint32_t task, uint32_t slot, WeftValue *result)
{
  struct _WeftMemory *memory = seat->run->memory;
  WeftManaged *managed;

  if (weft_value_n_bytes (result) < WEFT_MANAGED_BYTES)
    return;
  update_pressure (seat->run);
  if (memory->store == NULL || weft_value_type (result) == WEFT_TYPE_FOREIGN)
    return;
  managed = (WeftManaged *) weft_box_alloc (WEFT_TYPE_MANAGED, sizeof *managed);
  if (managed == NULL)
    return;
  managed->box.n_bytes = weft_value_n_bytes (result);
  managed->value = *result;
  managed->spill_bytes = weft_value_n_bytes (result);
  managed->owner = memory;
  managed->on_free = managed_freed_cb;
  managed->segment = segment->index;
  managed->task = task;
  managed->slot = slot;
  atomic_init (&managed->next_use, next_use (segment, task, task));
  pthread_mutex_lock (&memory->lock);
  g_ptr_array_add (memory->handles, managed);
  pthread_mutex_unlock (&memory->lock);
  weft_value_take_box (result, &managed->box);
}

static bool
is_spillable (WeftManaged *managed)
{
  return atomic_load_explicit (&managed->pins, memory_order_relaxed) == 0
         && atomic_load_explicit (&managed->place, memory_order_relaxed) == PLACE_MEMORY
         && !managed->unspillable;
}

/* One more reference, unless the last one is just going. */
static bool
ref_if_alive (WeftManaged *managed)
{
  uint32_t refs = atomic_load_explicit (&managed->box.refs, memory_order_relaxed);

  do
    if (refs == 0)
      return false;
  while (!atomic_compare_exchange_weak_explicit (&managed->box.refs, &refs, refs + 1,
                                                 memory_order_acq_rel, memory_order_relaxed));
  return true;
}

/* The handle whose next use lies furthest ahead, taken for moving, with a reference. NULL: none. */
static WeftManaged *
take_victim (struct _WeftMemory *memory)
{
  WeftManaged *victim = NULL;
  uint64_t furthest = 0;
  uint32_t unpinned = 0;

  pthread_mutex_lock (&memory->lock);
  for (guint i = 0; i < memory->handles->len; i++)
    {
      WeftManaged *managed = memory->handles->pdata[i];
      uint64_t use = atomic_load_explicit (&managed->next_use, memory_order_relaxed);

      if (use < furthest || !is_spillable (managed))
        continue;
      furthest = use;
      victim = managed;
    }
  if (victim != NULL && !ref_if_alive (victim))
    victim = NULL;
  pthread_mutex_unlock (&memory->lock);
  if (victim == NULL
      || atomic_compare_exchange_strong_explicit (&victim->pins, &unpinned, MOVING,
                                                  memory_order_acq_rel, memory_order_relaxed))
    return victim;
  weft_box_unref (&victim->box); /* somebody was quicker to use it; not under the lock it takes */
  return NULL;
}

static void
end_move (WeftManaged *managed)
{
  atomic_store_explicit (&managed->pins, 0, memory_order_release);
  _weft_futex_wake (&managed->pins, INT_MAX);
}

static void
record_move (WeftSeat *seat, uint8_t kind, WeftManaged *managed, uint64_t start)
{
  if (seat->lane == NULL)
    return;
  _weft_seat_record (seat, kind, 0, 0, managed->slot, managed->segment, start,
                     _weft_seat_now (seat), managed->spill_bytes);
  seat->contiguous = false;
}

/* Writes one result to disk. FALSE: nothing can be spilled. A failed write keeps the value. */
static bool
spill_one (WeftSeat *seat)
{
  struct _WeftMemory *memory = seat->run->memory;
  WeftManaged *managed = take_victim (memory);
  uint64_t start = _weft_seat_now (seat);

  if (managed == NULL)
    return false;
  if (weft_spill_write (memory->store, &managed->value, WEFT_COMPRESSION_LZ4,
                        &managed->spill_handle, NULL))
    {
      weft_value_clear (&managed->value);
      managed->store = memory->store;
      atomic_store_explicit (&managed->place, PLACE_DISK, memory_order_release);
      atomic_fetch_add_explicit (&memory->spilled_bytes, (int64_t) managed->spill_bytes,
                                 memory_order_relaxed);
      record_move (seat, WEFT_RECORD_SPILL_WRITE, managed, start);
    }
  else
    {
      managed->unspillable = true;
      _weft_run_note (seat->run, WEFT_RECORD_SPILL_FAILED, 0, managed->slot, managed->segment,
                      managed->spill_bytes);
    }
  end_move (managed);
  weft_box_unref (&managed->box);
  return true;
}

/* Reads a pinned handle's value back, if it is on disk. */
static bool
bring_back (WeftSeat *seat, WeftRun *run, WeftManaged *managed, GError **error)
{
  struct _WeftMemory *memory = run->memory;
  uint64_t start = seat != NULL ? _weft_seat_now (seat) : 0;
  bool there = true;
  bool read = false;

  pthread_mutex_lock (&memory->read_lock);
  if (atomic_load_explicit (&managed->place, memory_order_acquire) == PLACE_DISK)
    {
      read = there = weft_spill_read (memory->store, managed->spill_handle, run->account,
                                      weft_op_registry_classes (run->engine->registry),
                                      &managed->value, error);
      if (read)
        {
          weft_spill_drop (memory->store, managed->spill_handle);
          managed->store = NULL;
          atomic_fetch_sub_explicit (&memory->spilled_bytes, (int64_t) managed->spill_bytes,
                                     memory_order_relaxed);
          atomic_store_explicit (&managed->place, PLACE_MEMORY, memory_order_release);
        }
    }
  pthread_mutex_unlock (&memory->read_lock);
  if (read && seat != NULL)
    record_move (seat, WEFT_RECORD_SPILL_READ, managed, start);
  return there;
}

static bool
pin (WeftSeat *seat, WeftRun *run, WeftManaged *managed, GError **error)
{
  uint32_t pins = atomic_load_explicit (&managed->pins, memory_order_relaxed);

  do
    while (pins & MOVING)
      {
        _weft_futex_wait (&managed->pins, pins, -1);
        pins = atomic_load_explicit (&managed->pins, memory_order_relaxed);
      }
  while (!atomic_compare_exchange_weak_explicit (&managed->pins, &pins, pins + 1,
                                                 memory_order_acq_rel, memory_order_relaxed));
  if (bring_back (seat, run, managed, error))
    return true;
  atomic_fetch_sub_explicit (&managed->pins, 1, memory_order_acq_rel);
  return false;
}

/* The last reference to a handle is gone. */
static void
managed_freed_cb (void *data)
{
  WeftManaged *managed = data;
  struct _WeftMemory *memory = managed->owner;

  pthread_mutex_lock (&memory->lock);
  g_ptr_array_remove_fast (memory->handles, managed);
  pthread_mutex_unlock (&memory->lock);
  if (atomic_load_explicit (&managed->place, memory_order_relaxed) == PLACE_DISK)
    atomic_fetch_sub_explicit (&memory->spilled_bytes, (int64_t) managed->spill_bytes,
                               memory_order_relaxed);
}

/* ---- inputs ---------------------------------------------------------------------------------- */

/* Replaces handles among the gathered inputs by their values, pinned. FALSE: one cannot be read
 * back; the task's error says so and nothing is pinned. */
bool
_weft_pin_inputs (WeftSeat *seat, WeftItem *item, uint32_t n_inputs)
{
  g_autoptr (GError) error = NULL;

  for (uint32_t i = 0; i < n_inputs; i++)
    {
      WeftManaged *managed = (WeftManaged *) seat->inputs[i].u.box;

      if (weft_value_type (&seat->inputs[i]) != WEFT_TYPE_MANAGED)
        continue;
      if (!pin (seat, seat->run, managed, &error))
        {
          _weft_unpin_inputs (seat, n_inputs);
          weft_task_fail (&seat->task.base, "input %u was spilled and cannot be read back: %s", i,
                          error->message);
          return false;
        }
      /* A kernel past its deadline may use it after the slot has let go of it. */
      atomic_fetch_add_explicit (&managed->box.refs, 1, memory_order_relaxed);
      g_ptr_array_add (seat->pinned, managed);
      seat->inputs[i] = managed->value;
      /* What a later segment imported says nothing of the order in its own. */
      if (managed->segment == item->segment->index)
        atomic_store_explicit (&managed->next_use,
                               next_use (item->segment, managed->task, item->task),
                               memory_order_relaxed);
    }
  return true;
}

void
_weft_unpin_inputs (WeftSeat *seat, uint32_t n_inputs G_GNUC_UNUSED)
{
  for (guint i = 0; i < seat->pinned->len; i++)
    {
      WeftManaged *managed = seat->pinned->pdata[i];

      atomic_fetch_sub_explicit (&managed->pins, 1, memory_order_acq_rel);
      weft_box_unref (&managed->box);
    }
  g_ptr_array_set_size (seat->pinned, 0);
}

/* A published output for somebody outside, with a reference of its own. */
bool
_weft_slot_fetch (WeftSegment *segment, WeftSlot *slot, WeftValue *value)
{
  WeftValue there = _weft_slot_read (slot);
  WeftManaged *managed = (WeftManaged *) there.u.box;

  if (weft_value_type (&there) != WEFT_TYPE_MANAGED)
    {
      weft_value_ref (&there);
      *value = there;
      return true;
    }
  if (!pin (NULL, segment->run, managed, NULL))
    return false;
  weft_value_ref (&managed->value);
  *value = managed->value;
  atomic_fetch_sub_explicit (&managed->pins, 1, memory_order_acq_rel);
  return true;
>>>>>>> h-control
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
  return true;
}

/* All that were put aside become ready tasks like others: the caller chooses among them. */
void
_weft_memory_give_back (WeftRun *run)
{
  WeftItem item;

  while (_weft_queue_pop (run->memory->waiting, &item))
    _weft_queue_push (run->queue, item);
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
