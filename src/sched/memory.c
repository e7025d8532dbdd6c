/* memory.c: the memory limit: what is spilled, what waits, what is admitted all the same
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Thresholds act on the run's managed bytes: above 60 % of the limit workers spill before they
 * start something, until they are below; above 80 % they start no new sources. What is spilled are
 * results of 64 KiB and more, which stand behind a WeftManaged handle; the one whose next use lies
 * furthest ahead in the order goes first (Belady's rule; the order is the future here). Managed
 * handles are kept in a list per run; choosing is a scan, which costs little next to writing a
 * file.
 *
 * A source that has to wait is put aside. When nothing of the run is running, one is admitted over
 * the limit, and the record says so; the engine never hangs for want of memory.
 *
 * A handle's place changes under bit 31 of `pins`, set only while no user pins it; a user who meets
 * the bit waits for the mover, which is writing or reading a file.
 */
#include "config.h"

#include "sched/weft-careful-private.h"

#include "base/weft-futex-private.h"
#include "store/weft-spill.h"

#include <limits.h>
#include <stdlib.h>

#define TARGET_PERCENT 60
#define PAUSE_PERCENT 80
#define MOVING 0x80000000u

enum
{
  PLACE_MEMORY = 0,
  PLACE_DISK = 1,
  PLACE_LOST = 2,
};

/* A run's managed results. */
struct _WeftMemory
{
  pthread_mutex_t lock;
  _Atomic (WeftSpillStore *) store; /* (nullable): no limit, nothing is spilled */
  GPtrArray *handles;               /* lock: WeftManaged *, weak: removed when freed */
  GArray *waiting;                  /* lock: WeftItem: sources put aside */
  _Atomic uint32_t n_waiting;       /* lock for writing */
  uint64_t waiting_since;           /* lock: when the first was put aside */
  pthread_mutex_t read_lock;        /* one reader of spilled results at a time */
  _Atomic int64_t spilled_bytes;
};

bool
_weft_run_open_memory (WeftRun *run, GError **error)
{
  struct _WeftMemory *memory = g_new0 (struct _WeftMemory, 1);
  uint64_t limit = atomic_load_explicit (&run->memory_limit_bytes, memory_order_relaxed);

  pthread_mutex_init (&memory->lock, NULL);
  pthread_mutex_init (&memory->read_lock, NULL);
  memory->handles = g_ptr_array_new ();
  memory->waiting = g_array_new (FALSE, FALSE, sizeof (WeftItem));
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
  g_array_unref (memory->waiting);
  pthread_mutex_destroy (&memory->lock);
  pthread_mutex_destroy (&memory->read_lock);
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
percent_of_limit (WeftRun *run, uint32_t percent)
{
  return atomic_load_explicit (&run->memory_limit_bytes, memory_order_relaxed) / 100 * percent;
}

static uint64_t
held_bytes (WeftRun *run)
{
  return (uint64_t) MAX (0, weft_account_held_bytes (run->account));
}

/* Sets or clears a bit of the control word as the held bytes say. */
static void
update_pressure (WeftRun *run)
{
  uint64_t limit = atomic_load_explicit (&run->memory_limit_bytes, memory_order_relaxed);
  uint64_t held = held_bytes (run);
  uint32_t bits = 0;

  if (limit == 0)
    return;
  if (held > percent_of_limit (run, TARGET_PERCENT))
    bits |= WEFT_CONTROL_SPILL;
  if (held > percent_of_limit (run, PAUSE_PERCENT))
    bits |= WEFT_CONTROL_MEMORY;
  uint32_t now = atomic_load_explicit (&run->control, memory_order_relaxed);
  if ((now & (WEFT_CONTROL_SPILL | WEFT_CONTROL_MEMORY)) == bits)
    return;
  atomic_fetch_and_explicit (&run->control, ~(uint32_t) (WEFT_CONTROL_SPILL | WEFT_CONTROL_MEMORY),
                             memory_order_seq_cst);
  atomic_fetch_or_explicit (&run->control, bits, memory_order_seq_cst);
}

void
weft_run_set_memory_limit (WeftRun *run, uint64_t limit_bytes)
{
  atomic_store_explicit (&run->memory_limit_bytes, limit_bytes, memory_order_relaxed);
  pthread_mutex_lock (&run->memory->lock);
  if (limit_bytes > 0 && run->memory->store == NULL)
    run->memory->store = weft_spill_store_new (
        run->engine->spill_dir != NULL ? run->engine->spill_dir : g_get_tmp_dir (), NULL);
  pthread_mutex_unlock (&run->memory->lock);
  if (limit_bytes == 0)
    atomic_fetch_and_explicit (&run->control,
                               ~(uint32_t) (WEFT_CONTROL_SPILL | WEFT_CONTROL_MEMORY),
                               memory_order_seq_cst);
  update_pressure (run);
  /* Those that wait ask again under the new limit. */
  _weft_memory_let_all_in (run);
  _weft_engine_wake_all (run->engine);
  _weft_run_note_setting (run, WEFT_SETTING_MEMORY_LIMIT, limit_bytes);
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
  bool taken;

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
  /* Under the lock: it may not have been moved since it was looked at. */
  taken = victim != NULL
          && atomic_compare_exchange_strong_explicit (&victim->pins, &unpinned, MOVING,
                                                      memory_order_acq_rel, memory_order_relaxed);
  pthread_mutex_unlock (&memory->lock);
  if (victim != NULL && !taken)
    weft_box_unref (
        &victim->box); /* somebody was quicker to use it; the last hold takes the lock */
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
}

/* ---- admission ------------------------------------------------------------------------------- */

static void
spill_to_target (WeftSeat *seat)
{
  WeftRun *run = seat->run;

  while (held_bytes (run) > percent_of_limit (run, TARGET_PERCENT) && spill_one (seat))
    ;
  weft_buffer_trim ((int64_t) percent_of_limit (run, 10));
  update_pressure (run);
}

static void
put_aside (WeftSeat *seat, const WeftItem *item)
{
  struct _WeftMemory *memory = seat->run->memory;

  pthread_mutex_lock (&memory->lock);
  if (memory->waiting->len == 0)
    memory->waiting_since = _weft_seat_now (seat);
  g_array_append_val (memory->waiting, *item);
  atomic_store_explicit (&memory->n_waiting, memory->waiting->len, memory_order_seq_cst);
  pthread_mutex_unlock (&memory->lock);
}

/* Called with the control word's memory bits set. FALSE: the source was put aside. */
bool
_weft_memory_admit (WeftSeat *seat, const WeftItem *item, bool source)
{
  WeftRun *run = seat->run;

  spill_to_target (seat);
  if (!source || seat->stepping
      || (atomic_load_explicit (&run->control, memory_order_relaxed) & WEFT_CONTROL_MEMORY) == 0)
    return true;
  if (atomic_load_explicit (&run->n_executing, memory_order_seq_cst) == 0)
    {
      _weft_run_note (run, WEFT_RECORD_ADMITTED, 0, item->task, item->segment->index,
                      held_bytes (run));
      return true;
    }
  _weft_item_give_resources (run->engine, item);
  put_aside (seat, item);
  return false;
}

/* An idle worker asks whether sources that were put aside may start. Gives one back to the
 * queue. */
bool
_weft_memory_let_in (WeftSeat *seat)
{
  WeftRun *run = seat->run;
  struct _WeftMemory *memory = run->memory;
  WeftItem item = { NULL, 0 };
  uint64_t since = 0;

  if (atomic_load_explicit (&memory->n_waiting, memory_order_seq_cst) == 0)
    return false;
  update_pressure (run);
  pthread_mutex_lock (&memory->lock);
  bool may = (atomic_load_explicit (&run->control, memory_order_relaxed) & WEFT_CONTROL_MEMORY) == 0
             || atomic_load_explicit (&run->n_executing, memory_order_seq_cst) == 0;
  if (may && memory->waiting->len > 0)
    {
      item = g_array_index (memory->waiting, WeftItem, 0);
      since = memory->waiting_since;
      g_array_remove_index (memory->waiting, 0);
      atomic_store_explicit (&memory->n_waiting, memory->waiting->len, memory_order_seq_cst);
    }
  pthread_mutex_unlock (&memory->lock);
  if (item.segment == NULL)
    return false;
  if (seat->lane != NULL)
    {
      _weft_seat_record (seat, WEFT_RECORD_MEMORY_PAUSED, 0, 0, item.task, item.segment->index,
                         MAX (since, seat->stamp), _weft_seat_now (seat), 0);
      seat->contiguous = false;
    }
  _weft_queue_push (run->queue, item);
  return true;
}

/* A paused run is stepped: sources that were put aside are among what may be chosen. */
void
_weft_memory_let_all_in (WeftRun *run)
{
  struct _WeftMemory *memory = run->memory;

  pthread_mutex_lock (&memory->lock);
  for (guint i = 0; i < memory->waiting->len; i++)
    _weft_queue_push (run->queue, g_array_index (memory->waiting, WeftItem, i));
  g_array_set_size (memory->waiting, 0);
  atomic_store_explicit (&memory->n_waiting, 0, memory_order_seq_cst);
  pthread_mutex_unlock (&memory->lock);
}

uint32_t
_weft_memory_n_waiting (WeftRun *run)
{
  uint32_t n;

  pthread_mutex_lock (&run->memory->lock);
  n = run->memory->waiting->len;
  pthread_mutex_unlock (&run->memory->lock);
  return n;
}
