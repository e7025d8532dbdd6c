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
#include "sched/weft-range-private.h"

#include <stdlib.h>

#define TELL_AFTER 64 /* tasks of a chain, after which run and segment hear of what has ended */

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
  if (!_weft_pending_take (_weft_pending (seat->held_segment, seat->held_task), n))
    return;
  _weft_seat_push (seat, seat->held_segment, seat->held_task);
  seat->contiguous = false; /* its other dependencies may have ended since the stamp */
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
  if (atomic_load_explicit (_weft_pending (segment, dependent), memory_order_relaxed)
      <= 2 * WEFT_MAX_HELD)
    return false;
  _weft_release_held (seat);
  seat->held_segment = segment;
  seat->held_task = dependent;
  seat->n_held = 1;
  return true;
}

/* How many ids from `first` on each wait for nothing but their token and the task before. */
static inline uint32_t
chain_length (WeftSegment *segment, uint32_t first, uint32_t most)
{
  const uint32_t *offsets = segment->arrays.notify_offsets;
  const uint32_t *notify = segment->arrays.notify;
  uint32_t n = 1;

  while (n < most && offsets[first + n] - offsets[first + n - 1] == 1
         && notify[offsets[first + n - 1]] == first + n
         && atomic_load_explicit (&segment->slots[first + n].pending, memory_order_acquire) == 2)
    n++;
  return n;
}

/* When the next id of the own range waits for nothing but its token and the edge that ends here,
 * taking it from the range gives both parts, and the counter needs no read-modify-write. Only with
 * nothing in the deque, which is earlier in the order. What follows on that in a chain nobody else
 * can run before, so it is taken along at once: one exchange for all. */
static inline bool
take_next_issued (WeftSeat *seat, WeftSegment *segment, uint32_t task, bool chains)
{
  uint64_t range = atomic_load_explicit (&seat->range, memory_order_relaxed);
  uint32_t n = WEFT_RANGE_LENGTH (range);

  if (WEFT_RANGE_FIRST (range) != task || n == 0
      || atomic_load_explicit (&seat->range_segment, memory_order_relaxed) != segment
      || !_weft_deque_is_empty (&seat->deque))
    return false;
  n = chains ? chain_length (segment, task, n) : 1;
  if (!atomic_compare_exchange_strong_explicit (&seat->range, &range, WEFT_RANGE_WITHOUT (range, n),
                                                memory_order_acq_rel, memory_order_relaxed))
    return false;
  atomic_store_explicit (_weft_pending (segment, task), 0, memory_order_relaxed);
  seat->chain_next = task + 1;
  seat->chain_end = task + n;
  seat->n_overtaken += n;
  return true;
}

/* The chain is not gone on with here: its ids have been passed now, and whoever ends the task
 * before each of them runs it. */
static __attribute__ ((noinline)) void
give_up_chain (WeftSeat *seat, WeftSegment *segment)
{
  for (; seat->chain_next < seat->chain_end; seat->chain_next++)
    if (_weft_pending_take (&segment->slots[seat->chain_next].pending, 1))
      _weft_seat_push (seat, segment, seat->chain_next);
}

/* Takes the edge off a dependent's counter; TRUE when it is the caller's to run. */
static inline bool
take_edge (WeftSeat *seat, WeftSegment *segment, uint32_t dependent, const bool plain, bool chains)
{
  _Atomic uint32_t *pending =
      plain ? &segment->slots[dependent].pending : _weft_pending (segment, dependent);

  if (atomic_load_explicit (pending, memory_order_acquire) == 2
      && take_next_issued (seat, segment, dependent, chains))
    return true;
  return _weft_pending_take (pending, 1);
}

/* Tells the dependents. The others that become ready are pushed so that the owner pops them in
 * order. Returns: the first of them; WEFT_NONE: none became ready */
static inline uint32_t
notify_all (WeftSeat *seat, WeftSegment *segment, uint32_t task, bool cheap, const bool plain)
{
  const uint32_t *notify = segment->arrays.notify;
  uint32_t first = segment->arrays.notify_offsets[task];
  uint32_t end = segment->arrays.notify_offsets[task + 1];
  uint32_t ready = WEFT_NONE;

  if (cheap && end - first == 1 && hold_decrement (seat, segment, notify[first]))
    return WEFT_NONE;
  bool chains = plain && end - first == 1; /* of several ready ones another may be gone on with */
  for (uint32_t i = end; i > first; i--)
    {
      uint32_t dependent = notify[i - 1];

      if (!take_edge (seat, segment, dependent, plain, chains))
        continue;
      if (ready != WEFT_NONE)
        _weft_seat_push (seat, segment, ready);
      ready = dependent;
    }
  return ready;
}

/* The same for unusual ends. Returns whether *next was set. */
bool
_weft_notify (WeftSeat *seat, WeftSegment *segment, uint32_t task, WeftItem *next)
{
  uint32_t ready = notify_all (seat, segment, task, false, false);

  *next = (WeftItem){ segment, ready };
  return ready != WEFT_NONE;
}

/* Takes n parts of a slot's consumers. TRUE when they were the last. Where nobody can pin later and
 * exactly ours are left, nobody else touches the word any more: a plain store does, which need not
 * wait for the line the way a read-modify-write would. */
static inline bool
take_consumers (WeftSegment *segment, uint32_t slot_id, uint32_t n)
{
  _Atomic uint32_t *consumers = &segment->consumers[slot_id];

  if (!segment->watchable && atomic_load_explicit (consumers, memory_order_acquire) == n)
    {
      atomic_store_explicit (consumers, 0, memory_order_relaxed);
      return true;
    }
  return atomic_fetch_sub_explicit (consumers, n, memory_order_acq_rel) == n;
}

/* Takes n parts of a boxed slot's consumers; the last lets the value go. */
void
_weft_slot_drop (WeftSegment *segment, uint32_t slot_id, uint32_t n)
{
  WeftSlot *slot = &segment->slots[slot_id];
  WeftValue value;

  if (!take_consumers (segment, slot_id, n))
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

/* Publishes the only output of a task, which has a box. Those that nobody wants go at once. */
static void
publish_boxed (WeftSegment *segment, uint32_t slot_id, const WeftValue *result, bool watchable)
{
  WeftSlot *slot = &segment->slots[slot_id];

  _weft_slot_publish (slot, result, watchable);
  if (watchable)
    _weft_slot_drop (segment, slot_id, 1); /* completion's own part */
  else if (atomic_load_explicit (&segment->consumers[slot_id], memory_order_relaxed) == 0)
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
  if (WEFT_UNLIKELY (seat->op_mean[plan->op_slot] >= seat->cpu_ticks))
    _weft_seat_look_at_cpu (seat);
  return _weft_seat_now (seat);
}

/* Keeps the mean of an operation's longer spans; short operations never write here. A shared start
 * says that the mean is 0. */
static inline void
learn_duration (WeftSeat *seat, const WeftPlan *plan, uint64_t ticks, uint8_t flags)
{
  uint64_t mean;

  if (WEFT_LIKELY ((flags & WEFT_RECORD_SHARED) != 0 && ticks < seat->long_ticks))
    return;
  mean = seat->op_mean[plan->op_slot];
  if (mean == 0 && ticks < seat->long_ticks)
    return;
  mean = (7 * mean + ticks) / 8;
  seat->op_mean[plan->op_slot] = mean * 8 < seat->long_ticks ? 0 : mean;
}

/* What is left to do once the result is published. Returns what to go on with. */
static inline __attribute__ ((always_inline)) WeftItem
finish (WeftSeat *seat, WeftSegment *segment, uint32_t task, const WeftPlan *plan, WeftHow how,
        uint64_t start, uint8_t flags, uint64_t amount, const bool plain, const bool recorded)
{
  /* Before others may go on: else a dependent could be seen to start before this one's end. */
  uint64_t end = recorded ? _weft_seat_now (seat) : 0;
  uint32_t next;

  if (plain && WEFT_LIKELY (seat->chain_next < seat->chain_end))
    {
      next = seat->chain_next++;
      atomic_store_explicit (&segment->slots[next].pending, 0, memory_order_relaxed);
    }
  else
    next = notify_all (seat, segment, task, plan->cheap, plain);
  if (!plain && _weft_unit_goes_on (segment, task))
    {
      if (next != WEFT_NONE)
        _weft_seat_push (seat, segment, next);
      next = task + 1;
    }
  _weft_seat_count_done (seat, segment);
  if (recorded)
    {
      learn_duration (seat, plan, end - start, flags);
      if (!plain)
        flags |= _weft_unit_record_flag (segment, task);
      _weft_seat_record (seat, WEFT_RECORD_TASK, flags, how, task, segment->index, start, end,
                         amount);
      if (WEFT_UNLIKELY (how == WEFT_HOW_STOLEN))
        _weft_seat_detail (seat, WEFT_RECORD_PEER, 0, task, segment->index, seat->stolen_from);
      if (WEFT_UNLIKELY (end > start + seat->cpu_ticks))
        _weft_seat_tell_cpu (seat, &(WeftItem){ segment, task }, start, end);
    }
  return (WeftItem){ next != WEFT_NONE ? segment : NULL, next };
}

/* The kernel failed, or returned a graph, or nothing. */
static __attribute__ ((noinline)) WeftItem
finish_unusual (WeftSeat *seat, WeftItem item, WeftHow how, WeftStatus status, WeftValue *result,
                uint64_t start)
{
  WeftItem next;
  bool more;

  give_up_chain (seat, item.segment);
  seat->task.attempt = 1;
  more = _weft_finish_carefully (seat, &item, how, status, result, start, &next);
  _weft_seat_task_end (&seat->task);
  return more ? next : (WeftItem){ 0 };
}

static __attribute__ ((noinline)) WeftItem
execute_unusual (WeftSeat *seat, WeftItem item, WeftHow how)
{
  WeftItem next;

  give_up_chain (seat, item.segment);
  return _weft_execute_carefully (seat, &item, how, &next) ? next : (WeftItem){ 0 };
}

/* Calls the kernel with arguments that are made of the inputs. */
static inline WeftStatus
call_bound (WeftSeat *seat, const WeftPlan *plan, uint32_t n_args, WeftValue *result)
{
  WeftStatus status = WEFT_OK;
  const WeftValue *args =
      _weft_binding_args (plan->binding, seat->inputs, &seat->task.base, &n_args, &status);

  if (WEFT_LIKELY (status == WEFT_OK))
    status = plan->kernel (&seat->task.base, args, n_args, result);
  if (plan->nested && args != NULL)
    _weft_binding_done (plan->binding, args, &seat->task.base);
  return status;
}

/* Whether the task is to be run with care, as its seat, its run, or it itself are unusual. */
static inline bool
is_unusual (WeftSeat *seat, WeftSegment *segment, uint32_t task, uint32_t n_inputs)
{
  return atomic_load_explicit (&segment->status[task], memory_order_relaxed) != 0
         || atomic_load_explicit (&seat->run->control, memory_order_relaxed) != 0 || seat->in_batch
         || !_weft_seat_ensure_inputs (seat, n_inputs);
}

/* What follows the kernel: its result is published, what it read let go, its dependents told. */
static inline __attribute__ ((always_inline)) WeftItem
complete (WeftSeat *seat, WeftItem item, const WeftPlan *plan, WeftHow how, WeftStatus status,
          WeftValue *result, uint32_t kinds, uint64_t start, uint8_t flags, const bool plain,
          const bool recorded)
{
  WeftSegment *segment = item.segment;
  uint32_t task = item.task;
  uint32_t slot_id = plain ? task : _weft_first_slot (segment, task);
  uint32_t type = result->type;
  uint64_t amount = 0;

  if (WEFT_UNLIKELY (status != WEFT_OK || _weft_task_needs_care (&seat->task.base)
                     || type == WEFT_TYPE_EMPTY))
    return finish_unusual (seat, item, how, status, result, start);
  _weft_task_forget (&seat->task.base);
  if (WEFT_LIKELY ((type & WEFT_VALUE_BOXED) == 0))
    _weft_slot_publish (&segment->slots[slot_id], result, !plain && segment->watchable);
  else
    {
      if (recorded)
        amount = _weft_result_charge (result, &flags);
      if (WEFT_UNLIKELY (weft_value_n_bytes (result) >= WEFT_BULKY_BYTES))
        _weft_manage (seat, segment, task, slot_id, result);
      publish_boxed (segment, slot_id, result, !plain && segment->watchable);
    }
  if (kinds & WEFT_VALUE_BOXED)
    drop_inputs (seat, segment, segment->arrays.input_offsets[task], seat->task.n_inputs);
  if (!plain && WEFT_UNLIKELY (segment->watchable))
    _weft_settle_watchers (seat, segment, task);
  return finish (seat, segment, task, plan, how, start, flags, amount, plain, recorded);
}

/* Runs an ordinary task. Known when compiled, @plain: the segment is; @recorded: the seat has a
 * lane. Returns what to go on with; no segment: nothing. */
static inline __attribute__ ((always_inline)) WeftItem
execute (WeftSeat *seat, WeftItem item, WeftHow how, const bool plain, const bool recorded)
{
  WeftSegment *segment = item.segment;
  const WeftGraphArrays *arrays = &segment->arrays;
  uint32_t task = item.task;
  uint32_t first = arrays->input_offsets[task];
  uint32_t n_inputs = arrays->input_offsets[task + 1] - first;
  const WeftPlan *plan = &segment->plans[arrays->call_of_task[task]];
  uint8_t flags = 0;
  uint64_t start = 0;
  WeftStatus status;
  WeftValue result = WEFT_VALUE_INIT;

  if (WEFT_UNLIKELY (is_unusual (seat, segment, task, n_inputs)))
    return execute_unusual (seat, item, how);
  uint32_t kinds = _weft_gather (seat, segment, first, n_inputs, plain);
  if (WEFT_UNLIKELY (kinds & WEFT_VALUE_SPECIAL))
    return execute_unusual (seat, item, how);
  if (WEFT_UNLIKELY (seat->n_held > 0) && !plan->cheap)
    _weft_release_held (seat);
  if (recorded)
    {
      if (!plain)
        flags |= _weft_unit_record_flag (segment, task);
      start = start_stamp (seat, plan, &flags);
      weft_lane_set_now (seat->lane, task, segment->index, 1, start);
    }

  seat->task.segment = segment;
  seat->task.task = task;
  seat->task.stolen = 0;
  seat->task.n_inputs = n_inputs;
  status = plan->direct ? plan->kernel (&seat->task.base, seat->inputs, n_inputs, &result)
                        : call_bound (seat, plan, n_inputs, &result);
  return complete (seat, item, plan, how, status, &result, kinds, start, flags, plain, recorded);
}

static __attribute__ ((noinline)) WeftItem
execute_any (WeftSeat *seat, WeftItem item, WeftHow how)
{
  return seat->lane != NULL ? execute (seat, item, how, false, true)
                            : execute (seat, item, how, false, false);
}

/* What is not the rule at the end of a task in a chain. */
static __attribute__ ((noinline)) WeftItem
complete_odd (WeftSeat *seat, WeftItem item, WeftStatus status, WeftValue *result, uint64_t start,
              bool recorded)
{
  const WeftPlan *plan = seat->chain_plan;

  return recorded
             ? complete (seat, item, plan, WEFT_HOW_DIRECT, status, result, 0, start,
                         WEFT_RECORD_SHARED, true, true)
             : complete (seat, item, plan, WEFT_HOW_DIRECT, status, result, 0, 0, 0, true, false);
}

/* Whether the seat may go through its chain in the loop below. */
static inline bool
may_follow (WeftSeat *seat, const bool recorded)
{
  return seat->chain_next < seat->chain_end && !seat->single && !seat->in_batch
         && (!recorded || (seat->contiguous && seat->clock == WEFT_CLOCK_TSC));
}

static void
begin_to_follow (WeftSeat *seat, WeftSegment *segment)
{
  _weft_release_held (seat);
  _weft_seat_count_for (seat, segment);
  seat->task.segment = segment;
  seat->task.stolen = 0;
  seat->chain_call = WEFT_NONE;
}

/* Looks at the task's call, unless it is that of the task before. FALSE: it is not for the loop. */
static inline bool
plan_link (WeftSeat *seat, WeftSegment *segment, uint32_t task, const bool recorded)
{
  uint32_t call = segment->arrays.call_of_task[task];
  const WeftPlan *plan;

  if (WEFT_LIKELY (call == seat->chain_call))
    return true;
  plan = &segment->plans[call];
  if (!plan->direct || (recorded && seat->op_mean[plan->op_slot] != 0))
    return false;
  seat->chain_call = call;
  seat->chain_plan = plan;
  return true;
}

/* @before: the result of the task before, if it came from the loop: it goes on from hand to hand
 * rather than through its slot. FALSE: the inputs are not for the loop. */
static inline bool
gather_link (WeftSeat *seat, WeftSegment *segment, uint32_t task, uint32_t first, uint32_t n,
             const WeftValue *before)
{
  if (WEFT_LIKELY (n == 1 && before->type != WEFT_TYPE_EMPTY
                   && segment->arrays.input_tasks[first] == task - 1))
    {
      seat->inputs[0].type = before->type;
      seat->inputs[0].aux = 0;
      seat->inputs[0].u.bits = before->u.bits;
      return true;
    }
  return (_weft_gather (seat, segment, first, n, true) & (WEFT_VALUE_SPECIAL | WEFT_VALUE_BOXED))
         == 0;
}

/* The span from the last one's end to @end. FALSE: the loop is to be left, as the next span needs a
 * stamp of its own, or others are to be served. */
static inline bool
record_link (WeftSeat *seat, WeftLane *lane, uint32_t task, WeftSegment *segment, uint64_t end)
{
  uint64_t start = seat->stamp;
  uint64_t ticks = WEFT_LIKELY (end > start) ? end - start : 0;

  if (WEFT_UNLIKELY (lane->n_used >= lane->capacity))
    {
      _weft_lane_record (seat, lane, WEFT_RECORD_TASK, WEFT_RECORD_SHARED, WEFT_HOW_DIRECT, task,
                         segment->index, start, end, 0);
      learn_duration (seat, seat->chain_plan, ticks, WEFT_RECORD_SHARED);
      return false;
    }
  weft_record_set_short (&lane->chunk->records[lane->n_used], WEFT_RECORD_TASK, WEFT_RECORD_SHARED,
                         WEFT_HOW_DIRECT, task | (uint64_t) segment->index << 32, start, ticks);
  weft_lane_publish (lane);
  seat->stamp = end;
  if (WEFT_UNLIKELY (ticks >= seat->long_ticks))
    {
      learn_duration (seat, seat->chain_plan, ticks, WEFT_RECORD_SHARED);
      if (ticks > seat->cpu_ticks)
        _weft_seat_tell_cpu (seat, &(WeftItem){ segment, task }, start, end);
      return false;
    }
  return WEFT_LIKELY (end < seat->slice_end) || !_weft_seat_slice_is_over (seat);
}

/* Runs item.task and those that follow it in the chain which was taken along, but for the last: the
 * same steps as execute(), for tasks which are so short that each instruction counts. Whatever is
 * not the rule (arguments to be bound, boxed inputs, long operations, something wanted of the run)
 * is left to execute(). Returns what to go on with. */
static inline __attribute__ ((always_inline)) WeftItem
follow_chain (WeftSeat *seat, WeftItem item, const bool recorded)
{
  WeftSegment *segment = item.segment;
  const WeftGraphArrays *arrays = &segment->arrays;
  const _Atomic uint32_t *control = &seat->run->control;
  const _Atomic uint32_t *n_runs = &seat->run->engine->n_runs;
  WeftLane *lane = seat->lane;
  uint64_t segment_bits = (uint64_t) segment->index << 32;
  uint32_t task = item.task, last = seat->chain_end - 1;
  WeftValue result = WEFT_VALUE_INIT;
  bool goes_on = true;

  begin_to_follow (seat, segment);
  for (; task < last && goes_on; task++)
    {
      uint32_t first = arrays->input_offsets[task];
      uint32_t n_inputs = arrays->input_offsets[task + 1] - first;
      WeftStatus status;
      uint64_t end = 0;

      if (WEFT_UNLIKELY ((atomic_load_explicit (&segment->status[task], memory_order_relaxed)
                          | atomic_load_explicit (control, memory_order_relaxed))
                             != 0
                         || n_inputs > seat->inputs_capacity
                         || !plan_link (seat, segment, task, recorded)
                         || !gather_link (seat, segment, task, first, n_inputs, &result)))
        break;
      result.type = WEFT_TYPE_EMPTY;
      if (recorded)
        weft_lane_set_now_detail (lane, WEFT_NOW_DETAIL (WEFT_RECORD_TASK, 0, 1),
                                  segment_bits | task, seat->stamp);
      seat->task.task = task;
      seat->task.n_inputs = n_inputs;
      status = seat->chain_plan->kernel (&seat->task.base, seat->inputs, n_inputs, &result);
      if (WEFT_UNLIKELY (((uint32_t) status | seat->task.base.used) != 0
                         || result.type - 1 >= WEFT_VALUE_BOXED - 1))
        {
          seat->chain_next = task + 1;
          return complete_odd (seat, (WeftItem){ segment, task }, status, &result, seat->stamp,
                               recorded);
        }
      _weft_slot_publish (&segment->slots[task], &result, false);
      if (recorded)
        end = weft_clock_ticks (WEFT_CLOCK_TSC);
      atomic_store_explicit (&segment->slots[task + 1].pending, 0, memory_order_relaxed);
      seat->n_done++;
      goes_on = recorded ? record_link (seat, lane, task, segment, end)
                         : WEFT_LIKELY (atomic_load_explicit (n_runs, memory_order_relaxed) <= 1)
                               || !_weft_seat_slice_is_over (seat);
      if (WEFT_UNLIKELY (seat->n_done >= TELL_AFTER))
        _weft_seat_tell_done (seat);
    }
  seat->chain_next = task + 1;
  return (WeftItem){ segment, task };
}

static __attribute__ ((noinline)) WeftItem
follow_recorded (WeftSeat *seat, WeftItem item)
{
  return follow_chain (seat, item, true);
}

static __attribute__ ((noinline)) WeftItem
follow_silently (WeftSeat *seat, WeftItem item)
{
  return follow_chain (seat, item, false);
}

/* Runs a task and whatever follows directly, until there is nothing, or something else to do. */
static inline __attribute__ ((always_inline)) void
run_until_done (WeftSeat *seat, WeftItem item, WeftHow how, const bool recorded)
{
  uint32_t n_left = seat->single ? 1 : TELL_AFTER;
  bool follows = true;

  for (;;)
    {
      WeftItem next = WEFT_LIKELY (item.segment->plain) ? execute (seat, item, how, true, recorded)
                                                        : execute_any (seat, item, how);

      if (next.segment == NULL)
        break;
      item = next;
      how = WEFT_HOW_DIRECT;
      if (WEFT_UNLIKELY (--n_left == 0) && !seat->single)
        {
          _weft_seat_tell_done (seat);
          n_left = TELL_AFTER;
        }
      if (WEFT_UNLIKELY (n_left == 0 || _weft_seat_slice_is_over (seat)))
        {
          _weft_seat_push (seat, item.segment, item.task);
          give_up_chain (seat, item.segment);
          return;
        }
      if (!follows || !may_follow (seat, recorded))
        continue;
      next = recorded ? follow_recorded (seat, item) : follow_silently (seat, item);
      if (next.segment == NULL)
        {
          item.task = seat->task.task;
          break;
        }
      follows = next.task != item.task;
      item = next;
    }
  seat->last = item;
}

static inline __attribute__ ((always_inline)) void
run_chain (WeftSeat *seat, WeftItem item, WeftHow how)
{
  atomic_store_explicit (&seat->busy, true, memory_order_relaxed);
  if (seat->lane != NULL)
    run_until_done (seat, item, how, true);
  else
    run_until_done (seat, item, how, false);
  atomic_store_explicit (&seat->busy, false, memory_order_relaxed);
}

void
_weft_run_chain (WeftSeat *seat, WeftItem item, WeftHow how)
{
  run_chain (seat, item, how);
}

bool
_weft_run_own (WeftSeat *seat)
{
  uint64_t packed;

  if (!_weft_deque_pop (&seat->deque, &packed))
    return false;
  _weft_run_chain (
      seat,
      (WeftItem){ _weft_run_get_segment (seat->run, (uint32_t) (packed >> 32)), (uint32_t) packed },
      WEFT_HOW_OWN);
  return true;
}

/* Whether the task has to come after any other one. */
static inline bool
has_dependencies (const WeftGraphArrays *arrays, uint32_t task)
{
  return arrays->input_offsets[task + 1] > arrays->input_offsets[task]
         || (arrays->after_offsets != NULL
             && arrays->after_offsets[task + 1] > arrays->after_offsets[task]);
}

/* Whether a task is known to wait for nothing but its token. */
static inline bool
only_wants_token (WeftSegment *segment, uint32_t task)
{
  return task < segment->arrays.n_tasks
         && atomic_load_explicit (_weft_pending (segment, task), memory_order_acquire) == 1;
}

/* The cursor has reached the task: run it, or leave it to whoever ends its last dependency.
 * @known: (inout): the id that wanted only its token before the seat's stamp was taken: the stamp
 * may be its start. Of any other one a dependency may have ended since, with another worker. */
static inline __attribute__ ((always_inline)) bool
issue (WeftSeat *seat, WeftSegment *segment, uint32_t task, uint32_t *known)
{
  const uint8_t *unit_flags = segment->arrays.unit_flags;
  bool was_known = *known == task;

  *known = WEFT_NONE;
  if (unit_flags != NULL && (unit_flags[task] & WEFT_UNIT_CONTINUES) != 0)
    return true; /* its leader brings it along */
  if (!_weft_pending_take (_weft_pending (segment, task), 1))
    return false;
  if (!was_known && has_dependencies (&segment->arrays, task))
    seat->contiguous = false;
  if (only_wants_token (segment, task + 1))
    *known = task + 1;
  run_chain (seat, (WeftItem){ segment, task }, WEFT_HOW_ISSUED);
  return true;
}

/* Works off the own range, newly ready tasks first. Returns how many ids could be run. May leave
 * some for later; then the range must not be filled anew, so whoever calls this has found
 * something. */
uint32_t
_weft_work_off_range (WeftSeat *seat)
{
  WeftSegment *segment = atomic_load_explicit (&seat->range_segment, memory_order_relaxed);
  uint32_t n_run = 0;
  uint32_t task, known = WEFT_NONE;

  while (_weft_range_take_first (seat, &task))
    {
      bool over;

      n_run += issue (seat, segment, task, &known);
      if (WEFT_UNLIKELY (seat->single || seat->lost) && n_run > 0)
        break;
      while (!(over = _weft_seat_slice_is_over (seat)) && _weft_run_own (seat))
        if (WEFT_UNLIKELY (seat->lost))
          return n_run; /* what it had is being taken away, and not its own any more */
      if (WEFT_UNLIKELY (over || _weft_queue_length (seat->run->queue) > 0))
        break;
    }
  return n_run;
}
