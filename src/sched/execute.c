/* execute.c: one task, on the fast path
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Between taking a task and having told its dependents there is no lock, no allocation and no
 * look-up. What is unusual about a task shows in its status byte, in the run's control word or in
 * an input's type word; one branch on each leads to careful.c.
 */
#include "config.h"

#include "sched/weft-execute-private.h"

#include <stdlib.h>

/* Room for n inputs in the seat; grows rarely. FALSE when memory is out. */
bool
_weft_seat_ensure_inputs (WeftSeat *seat, uint32_t n)
{
  uint32_t capacity = n + n / 2;
  WeftValue *inputs;

  if (n <= seat->inputs_capacity)
    return true;
  inputs = realloc (seat->inputs, capacity * sizeof *inputs);
  if (inputs == NULL)
    return false;
  seat->inputs = inputs;
  seat->inputs_capacity = capacity;
  return true;
}

void
_weft_release_held (WeftSeat *seat)
{
  uint32_t n = seat->n_held;

  if (n == 0)
    return;
  seat->n_held = 0;
  if (_weft_pending_take (&seat->held_segment->pending[seat->held_task], n))
    _weft_seat_push (seat, seat->held_segment, seat->held_task);
}

/* Gathers decrements of one counter that many tasks share, if this is such a one. */
static inline bool
hold_decrement (WeftSeat *seat, WeftSegment *segment, uint32_t dependent)
{
  if (seat->n_held > 0 && seat->held_task == dependent && seat->held_segment == segment)
    {
      if (++seat->n_held >= WEFT_MAX_HELD)
        _weft_release_held (seat);
      return true;
    }
  if (atomic_load_explicit (&segment->pending[dependent], memory_order_relaxed)
      <= 2 * WEFT_MAX_HELD)
    return false;
  _weft_release_held (seat);
  seat->held_segment = segment;
  seat->held_task = dependent;
  seat->n_held = 1;
  return true;
}

/* When the next id of the own range waits for nothing but its token and the edge that ends here,
 * taking it from the range gives both parts, and the counter needs no read-modify-write. Only with
 * nothing in the deque, which is earlier in the order. */
static inline bool
take_next_issued (WeftSeat *seat, WeftSegment *segment, uint32_t task)
{
  uint64_t range = atomic_load_explicit (&seat->range, memory_order_relaxed);

  if (WEFT_RANGE_FIRST (range) != task || WEFT_RANGE_LENGTH (range) == 0
      || atomic_load_explicit (&seat->range_segment, memory_order_relaxed) != segment
      || !_weft_deque_is_empty (&seat->deque)
      || !atomic_compare_exchange_strong_explicit (&seat->range, &range, WEFT_RANGE_REST (range),
                                                   memory_order_acq_rel, memory_order_relaxed))
    return false;
  atomic_store_explicit (&segment->pending[task], 0, memory_order_relaxed);
  seat->n_overtaken++;
  return true;
}

/* Takes the edge off a dependent's counter; TRUE when it is the caller's to run. */
static inline bool
take_edge (WeftSeat *seat, WeftSegment *segment, uint32_t dependent)
{
  _Atomic uint32_t *pending = &segment->pending[dependent];

  if (atomic_load_explicit (pending, memory_order_acquire) == 2
      && take_next_issued (seat, segment, dependent))
    return true;
  return _weft_pending_take (pending, 1);
}

/* Tells the dependents. Of those that become ready the first in the order is left in *next, the
 * others are pushed so that the owner pops them in order. Returns whether *next was set. */
bool
_weft_notify (WeftSeat *seat, WeftSegment *segment, uint32_t task, bool cheap, WeftItem *next)
{
  const uint32_t *notify = segment->arrays.notify;
  uint32_t first = segment->arrays.notify_offsets[task];
  uint32_t end = segment->arrays.notify_offsets[task + 1];
  uint32_t ready = WEFT_NONE;

  if (cheap && end - first == 1 && hold_decrement (seat, segment, notify[first]))
    return false;
  for (uint32_t i = end; i > first; i--)
    {
      uint32_t dependent = notify[i - 1];

      if (!take_edge (seat, segment, dependent))
        continue;
      if (ready != WEFT_NONE)
        _weft_seat_push (seat, segment, ready);
      ready = dependent;
    }
  if (ready == WEFT_NONE)
    return false;
  next->segment = segment;
  next->task = ready;
  return true;
}

/* Takes n parts of a slot's consumers. TRUE when they were the last. Where nobody can pin later and
 * exactly ours are left, nobody else touches the word any more: a plain store does, which need not
 * wait for the line the way a read-modify-write would. */
static inline bool
take_consumers (WeftSegment *segment, WeftSlot *slot, uint32_t n)
{
  if (!segment->watchable && atomic_load_explicit (&slot->consumers, memory_order_acquire) == n)
    {
      atomic_store_explicit (&slot->consumers, 0, memory_order_relaxed);
      return true;
    }
  return atomic_fetch_sub_explicit (&slot->consumers, n, memory_order_acq_rel) == n;
}

/* Takes n parts of a boxed slot's consumers; the last lets the value go. */
void
_weft_slot_drop (WeftSegment *segment, uint32_t slot_id, uint32_t n)
{
  WeftSlot *slot = &segment->slots[slot_id];
  WeftValue value;

  if (!take_consumers (segment, slot, n))
    return;
  value = _weft_slot_read (slot);
  atomic_store_explicit (&slot->type, WEFT_SLOT_GONE | (value.type & WEFT_VALUE_TYPE_MASK),
                         memory_order_relaxed);
  weft_value_unref (&value);
}

/* Lets go of the boxed inputs a task has read, but for those its kernel took over. */
static void
drop_inputs (WeftSeat *seat, WeftSegment *segment, uint32_t first, uint32_t n)
{
  for (uint32_t i = 0; i < n; i++)
    if (weft_value_is_boxed (&seat->inputs[i]))
      _weft_slot_drop (segment, _weft_input_slot (segment, first + i), 1);
}

/* Publishes the only output of a task. Boxed results that nobody wants go at once. */
static inline void
publish_result (WeftSegment *segment, uint32_t slot_id, const WeftValue *result)
{
  WeftSlot *slot = &segment->slots[slot_id];

  _weft_slot_publish (segment, slot, result);
  if (!weft_value_is_boxed (result))
    return;
  if (segment->watchable)
    _weft_slot_drop (segment, slot_id, 1); /* completion's own part */
  else if (atomic_load_explicit (&slot->consumers, memory_order_relaxed) == 0)
    {
      weft_value_unref (result);
      atomic_store_explicit (&slot->type, WEFT_SLOT_GONE | (result->type & WEFT_VALUE_TYPE_MASK),
                             memory_order_relaxed);
    }
}

/* Start stamp of a task: the end before, unless its operation runs long or there was a gap. */
static inline uint64_t
start_stamp (WeftSeat *seat, const WeftPlan *plan, uint8_t *flags)
{
  if (WEFT_LIKELY (seat->contiguous && seat->op_mean[plan->op_slot] == 0))
    {
      *flags |= WEFT_RECORD_SHARED;
      return seat->stamp;
    }
  return _weft_seat_now (seat);
}

/* Keeps the mean of an operation's longer spans; short operations never write here. */
static inline void
learn_duration (WeftSeat *seat, const WeftPlan *plan, uint64_t ticks)
{
  uint64_t mean = seat->op_mean[plan->op_slot];

  if (WEFT_LIKELY (mean == 0 && ticks < seat->long_ticks))
    return;
  mean = (7 * mean + ticks) / 8;
  seat->op_mean[plan->op_slot] = mean * 8 < seat->long_ticks ? 0 : mean;
}

/* What is left to do once the result is published. Returns whether *next holds a task to go on
 * with. */
static inline bool
finish (WeftSeat *seat, WeftSegment *segment, uint32_t task, const WeftPlan *plan, WeftHow how,
        uint64_t start, uint8_t flags, uint64_t amount, WeftItem *next)
{
  /* Before others may go on: else a dependent could be seen to start before this one's end. */
  uint64_t end = seat->lane != NULL ? _weft_seat_now (seat) : 0;
  bool more = _weft_notify (seat, segment, task, plan->cheap, next);

  if (_weft_unit_goes_on (segment, task))
    {
      if (more)
        _weft_seat_push (seat, next->segment, next->task);
      *next = (WeftItem){ segment, task + 1 };
      more = true;
    }
  _weft_seat_count_done (seat, segment);
  if (seat->lane != NULL)
    {
      learn_duration (seat, plan, end - start);
      flags |= _weft_unit_record_flag (segment, task);
      _weft_seat_record (seat, WEFT_RECORD_TASK, flags, how, task, segment->index, start, end,
                         amount);
      if (WEFT_UNLIKELY (how == WEFT_HOW_STOLEN))
        _weft_seat_detail (seat, WEFT_RECORD_PEER, task, segment->index, seat->stolen_from);
    }
  return more;
}

/* The kernel failed, or returned a graph, or nothing. */
static __attribute__ ((noinline)) bool
finish_unusual (WeftSeat *seat, WeftItem *item, WeftHow how, WeftStatus status, WeftValue *result,
                uint64_t start, WeftItem *next)
{
  bool more;

  seat->task.attempt = 1;
  more = _weft_finish_carefully (seat, item, how, status, result, start, 0, next);
  _weft_seat_task_end (&seat->task);
  return more;
}

/* Runs an ordinary task. Returns whether *next holds a task to go on with. */
bool
_weft_execute (WeftSeat *seat, WeftItem *item, WeftHow how, WeftItem *next)
{
  WeftSegment *segment = item->segment;
  const WeftGraphArrays *arrays = &segment->arrays;
  uint32_t task = item->task;
  uint32_t first = arrays->input_offsets[task];
  uint32_t n_inputs = arrays->input_offsets[task + 1] - first;
  const WeftPlan *plan = &segment->plans[arrays->call_of_task[task]];
  uint8_t flags = 0;
  uint64_t start = 0;
  WeftStatus status = WEFT_OK;
  WeftValue result = WEFT_VALUE_INIT;

  if (WEFT_UNLIKELY (atomic_load_explicit (&segment->status[task], memory_order_relaxed) != 0
                     || atomic_load_explicit (&seat->run->control, memory_order_relaxed) != 0
                     || seat->in_batch || !_weft_seat_ensure_inputs (seat, n_inputs)))
    return _weft_execute_carefully (seat, item, how, next);
  uint32_t kinds = _weft_gather (seat, segment, first, n_inputs);
  if (WEFT_UNLIKELY (kinds & WEFT_VALUE_SPECIAL))
    return _weft_execute_carefully (seat, item, how, next);
  if (seat->n_held > 0 && !plan->cheap)
    _weft_release_held (seat);
  if (seat->lane != NULL)
    {
      if (arrays->unit_flags != NULL && (arrays->unit_flags[task] & WEFT_UNIT_CONTINUES) != 0)
        flags |= WEFT_RECORD_UNIT;
      start = start_stamp (seat, plan, &flags);
      weft_lane_set_now (seat->lane, task, segment->index, 1, start);
    }

  seat->task.segment = segment;
  seat->task.task = task;
  seat->task.stolen = 0;
  seat->task.n_inputs = n_inputs;
  uint32_t n_args = n_inputs;
  const WeftValue *args =
      _weft_binding_args (plan->binding, seat->inputs, &seat->task.base, &n_args, &status);
  if (WEFT_LIKELY (status == WEFT_OK))
    status = plan->kernel (&seat->task.base, args, n_args, &result);
  if (plan->nested && args != NULL)
    _weft_binding_done (plan->binding, args, &seat->task.base);
  if (WEFT_UNLIKELY (status != WEFT_OK || _weft_task_needs_care (&seat->task.base)
                     || result.type == WEFT_TYPE_EMPTY))
    return finish_unusual (seat, item, how, status, &result, start, next);

  uint64_t amount = weft_value_n_bytes (&result);
  uint32_t slot_id = _weft_first_slot (segment, task);
  if (WEFT_UNLIKELY (amount >= WEFT_BULKY_BYTES))
    _weft_manage (seat, segment, task, slot_id, &result);
  publish_result (segment, slot_id, &result);
  if (kinds & WEFT_VALUE_BOXED)
    drop_inputs (seat, segment, first, n_inputs);
  if (WEFT_UNLIKELY (segment->watchable))
    _weft_settle_watchers (seat, segment, task);
  return finish (seat, segment, task, plan, how, start, flags, amount, next);
}
