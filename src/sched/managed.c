/* managed.c: big results behind handles, which may be moved to disk and back
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * What is spilled are results of 64 KiB and more, which stand behind a WeftManaged handle; the one
 * whose next use lies furthest ahead in the order goes first (Belady's rule; the order is the
 * future here). Handles are kept in a list per run; choosing is a scan, which costs little next to
 * writing a file.
 *
 * A handle's value changes hands under bit 31 of `pins`, set only while no user pins it; a user who
 * meets the bit waits for the mover. Users pin first and look at `place` then: who finds the value
 * on disk and moves `place` on to READING reads it, all others wait for that.
 */
#include "config.h"

#include "sched/weft-memory-private.h"

#include "base/weft-futex-private.h"
#include "store/weft-store-private.h"

#include <limits.h>

#define MOVING 0x80000000u

enum
{
  PLACE_MEMORY = 0,
  PLACE_DISK = 1,
  PLACE_READING = 2,
};

/* Order-only edges read nothing. */
static bool
is_order_only (const WeftGraphArrays *arrays, uint32_t dependent, uint32_t task)
{
  if (arrays->after_offsets == NULL)
    return false;
  for (uint32_t i = arrays->after_offsets[dependent]; i < arrays->after_offsets[dependent + 1]; i++)
    if (arrays->after_tasks[i] == task)
      return true;
  return false;
}

/* The first reader's id behind `after`: the handle's next use, as far as the order knows. */
static uint64_t
next_use (WeftSegment *segment, uint32_t task, uint32_t after)
{
  const WeftGraphArrays *arrays = &segment->arrays;

  for (uint32_t i = arrays->dependent_offsets[task]; i < arrays->dependent_offsets[task + 1]; i++)
    if (arrays->dependents[i] > after && !is_order_only (arrays, arrays->dependents[i], task))
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

  if (weft_value_n_bytes (result) >= WEFT_BULKY_BYTES)
    seat->n_bulky = WEFT_BULKY_BLOCKS;
  if (weft_value_n_bytes (result) < WEFT_MANAGED_BYTES)
    return;
  _weft_memory_update (seat->run);
  /* Foreign objects are encoded inside their runtime's batches only, which spilling is not. */
  if (memory->store == NULL || _weft_value_has_foreign (result))
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

/* Under the lock, where pins get MOVING: no move begins meanwhile. One that has ended was after the
 * same lock; acquire, as what it left behind (unspillable) was written before its end_move(). */
static bool
is_spillable (WeftManaged *managed)
{
  return atomic_load_explicit (&managed->pins, memory_order_acquire) == 0
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

/* The handle whose next use lies furthest ahead, taken for moving, with a reference. What the task
 * that is about to start will read stays, as it would be read back at once. NULL: none. */
static WeftManaged *
take_victim (struct _WeftMemory *memory, uint64_t starting)
{
  WeftManaged *victim = NULL;
  uint64_t furthest = 0;
  uint32_t unpinned = 0;
  bool taken;

  pthread_mutex_lock (&memory->lock);
  for (guint i = 0; i < memory->handles->len; i++)
    {
      WeftManaged *managed = memory->handles->pdata[i];
      uint64_t use = atomic_load_explicit (&managed->next_use, memory_order_relaxed);

      if (use < furthest || use == starting || !is_spillable (managed))
        continue;
      furthest = use;
      victim = managed;
    }
  if (victim != NULL && !ref_if_alive (victim))
    victim = NULL;
  /* Under the lock: it may not have been moved since it was looked at. */
  taken = victim != NULL
          && atomic_compare_exchange_strong_explicit (&victim->pins, &unpinned, MOVING,
                                                      memory_order_acq_rel, memory_order_relaxed);
  pthread_mutex_unlock (&memory->lock);
  /* Somebody was quicker to use it: its last hold takes the lock, so it goes after that. */
  if (victim != NULL && !taken)
    weft_box_unref (&victim->box);
  return taken ? victim : NULL;
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
bool
_weft_spill_one (WeftSeat *seat, const WeftItem *item)
{
  struct _WeftMemory *memory = seat->run->memory;
  WeftManaged *managed =
      take_victim (memory, item != NULL ? _weft_item_pack (*item) : UINT64_MAX - 1);
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

/* The only reader. Whether it worked or not, others may look again. */
static bool
read_back (WeftSeat *seat, WeftRun *run, WeftManaged *managed, GError **error)
{
  struct _WeftMemory *memory = run->memory;
  uint64_t start = seat != NULL ? _weft_seat_now (seat) : 0;
  bool read =
      weft_spill_read (memory->store, managed->spill_handle, run->account,
                       weft_op_registry_classes (run->engine->registry), &managed->value, error);

  if (read)
    {
      weft_spill_drop (memory->store, managed->spill_handle);
      managed->store = NULL;
      atomic_fetch_sub_explicit (&memory->spilled_bytes, (int64_t) managed->spill_bytes,
                                 memory_order_relaxed);
    }
  atomic_store_explicit (&managed->place, read ? PLACE_MEMORY : PLACE_DISK, memory_order_release);
  _weft_futex_wake (&managed->place, INT_MAX);
  if (read)
    _weft_memory_update (run); /* what was spilled to make room is back */
  if (read && seat != NULL)
    record_move (seat, WEFT_RECORD_SPILL_READ, managed, start);
  return read;
}

/* Sees to it that a pinned handle's value is in memory. */
static bool
bring_back (WeftSeat *seat, WeftRun *run, WeftManaged *managed, GError **error)
{
  for (;;)
    {
      uint32_t place = atomic_load_explicit (&managed->place, memory_order_acquire);

      if (place == PLACE_MEMORY)
        return true;
      if (place == PLACE_READING)
        _weft_futex_wait (&managed->place, PLACE_READING, -1);
      else if (atomic_compare_exchange_strong_explicit (&managed->place, &place, PLACE_READING,
                                                        memory_order_acquire, memory_order_relaxed))
        return read_back (seat, run, managed, error);
    }
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
}
