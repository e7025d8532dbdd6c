/* weft-execute-private.h: the steps of running one task, inlined into the fast and the careful path
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "sched/weft-sched-private.h"
#include "store/weft-store-private.h"

/* The slot of an input's (task, output); imports stand behind all tasks' outputs. */
static inline uint32_t
_weft_input_slot (const WeftSegment *segment, uint32_t edge)
{
  const WeftGraphArrays *arrays = &segment->arrays;
  uint32_t task = arrays->input_tasks[edge];

  if (WEFT_LIKELY (arrays->output_offsets == NULL))
    return task; /* one output each: slots are tasks, then imports */
  if (task >= arrays->n_tasks)
    return arrays->output_offsets[arrays->n_tasks] + (task - arrays->n_tasks);
  return arrays->output_offsets[task]
         + (arrays->input_outputs == NULL ? 0 : arrays->input_outputs[edge]);
}

static inline uint32_t
_weft_first_slot (const WeftSegment *segment, uint32_t task)
{
  const WeftGraphArrays *arrays = &segment->arrays;

  if (arrays->output_offsets == NULL)
    return task;
  if (task >= arrays->n_tasks)
    return arrays->output_offsets[arrays->n_tasks] + (task - arrays->n_tasks);
  return arrays->output_offsets[task];
}

/* What a task waits for. */
static inline _Atomic uint32_t *
_weft_pending (const WeftSegment *segment, uint32_t task)
{
  return &segment->slots[_weft_first_slot (segment, task)].pending;
}

static inline uint32_t
_weft_n_outputs (const WeftSegment *segment, uint32_t task)
{
  const WeftGraphArrays *arrays = &segment->arrays;

  return arrays->output_offsets == NULL
             ? 1
             : arrays->output_offsets[task + 1] - arrays->output_offsets[task];
}

/* Reads a published slot; what orders it is the reader's acquire on its own `pending`. */
static inline WeftValue
_weft_slot_read (WeftSlot *slot)
{
  WeftValue value;

  value.type = atomic_load_explicit (&slot->type, memory_order_relaxed);
  value.aux = 0;
  value.u.bits = atomic_load_explicit (&slot->payload, memory_order_relaxed);
  return value;
}

/* Copies a task's inputs into the seat's array; returns the OR of their type words. In a plain
 * segment slots are tasks. */
static inline uint32_t
_weft_gather (WeftSeat *seat, WeftSegment *segment, uint32_t first, uint32_t n, bool plain)
{
  uint32_t kinds = 0;
  WeftValue *inputs = seat->inputs;

  for (uint32_t i = 0; i < n; i++)
    {
      uint32_t slot =
          plain ? segment->arrays.input_tasks[first + i] : _weft_input_slot (segment, first + i);

      inputs[i] = _weft_slot_read (&segment->slots[slot]);
      kinds |= inputs[i].type;
    }
  return kinds;
}

/* Makes a result visible. Watchable segments pair this with the status load of the ender. */
static inline void
_weft_slot_publish (WeftSlot *slot, const WeftValue *value, bool watchable)
{
  atomic_store_explicit (&slot->payload, value->u.bits, memory_order_relaxed);
  if (WEFT_UNLIKELY (watchable))
    atomic_store_explicit (&slot->type, value->type, memory_order_seq_cst);
  else
    atomic_store_explicit (&slot->type, value->type, memory_order_release);
}

/* Takes n parts off a task's counter; TRUE when they were the last, so the caller has the task. */
static inline bool
_weft_pending_take (_Atomic uint32_t *pending, uint32_t n)
{
  /* Nobody else holds a part when exactly ours are left: no read-modify-write needed. */
  if (atomic_load_explicit (pending, memory_order_acquire) == n)
    {
      atomic_store_explicit (pending, 0, memory_order_relaxed);
      return true;
    }
  return atomic_fetch_sub_explicit (pending, n, memory_order_acq_rel) == n;
}

/* One span into the seat's lane, which the caller has at hand; `end` becomes the seat's stamp. The
 * next span gets a stamp of its own if this one was the first in its chunk: then it may have waited
 * for room. */
static inline void
_weft_lane_record (WeftSeat *seat, WeftLane *lane, uint8_t kind, uint8_t flags, uint8_t how,
                   uint32_t task, uint32_t segment, uint64_t start, uint64_t end, uint64_t amount)
{
  bool turns = lane->n_used >= lane->capacity;

  weft_record_set (weft_lane_next (lane), kind, flags, how, task, segment, start,
                   end > start ? end - start : 0, amount);
  weft_lane_publish (lane);
  seat->stamp = end;
  seat->contiguous = !WEFT_UNLIKELY (turns);
}

static inline void
_weft_seat_record (WeftSeat *seat, uint8_t kind, uint8_t flags, uint8_t how, uint32_t task,
                   uint32_t segment, uint64_t start, uint64_t end, uint64_t amount)
{
  _weft_lane_record (seat, seat->lane, kind, flags, how, task, segment, start, end, amount);
}

/* More of the last span; @flags: beside WEFT_RECORD_DETAIL. */
static inline void
_weft_seat_detail (WeftSeat *seat, uint8_t kind, uint8_t flags, uint32_t task, uint32_t segment,
                   uint64_t amount)
{
  WeftLane *lane = seat->lane;

  if (WEFT_UNLIKELY (lane->n_used >= lane->capacity))
    seat->contiguous = false;
  weft_record_set (weft_lane_next (lane), kind, WEFT_RECORD_DETAIL | flags, 0, task, segment,
                   seat->stamp, 0, amount);
  weft_lane_publish (lane);
}

/* Bytes that a result brings with it. What others hold too is none of that, and the record says so:
 * with its reader's inputs it would count twice. */
static inline uint64_t
_weft_result_charge (const WeftValue *result, uint8_t *flags)
{
  if (!weft_value_is_boxed (result) || WEFT_LIKELY (!_weft_value_is_view (result)))
    return weft_value_n_bytes (result);
  *flags |= WEFT_RECORD_VIEW;
  return atomic_load_explicit (&result->u.box->refs, memory_order_relaxed) > 1
             ? 0
             : weft_value_n_bytes (result);
}

/* From here on ended tasks are counted for this segment. */
static inline void
_weft_seat_count_for (WeftSeat *seat, WeftSegment *segment)
{
  if (WEFT_LIKELY (seat->done_segment == segment))
    return;
  _weft_seat_tell_done (seat);
  seat->done_segment = segment;
}

/* Counts an ended task; told to run and segment in bunches. */
static inline void
_weft_seat_count_done (WeftSeat *seat, WeftSegment *segment)
{
  _weft_seat_count_for (seat, segment);
  seat->n_done++;
}

/* Whether the task after this one belongs to the same fused unit. */
static inline bool
_weft_unit_goes_on (const WeftSegment *segment, uint32_t task)
{
  const uint8_t *flags = segment->arrays.unit_flags;

  return flags != NULL && task + 1 < segment->arrays.n_tasks
         && (flags[task + 1] & WEFT_UNIT_CONTINUES) != 0;
}

/* WEFT_RECORD_UNIT for members of a fused unit but its first. */
static inline uint8_t
_weft_unit_record_flag (const WeftSegment *segment, uint32_t task)
{
  const uint8_t *flags = segment->arrays.unit_flags;

  return flags != NULL && (flags[task] & WEFT_UNIT_CONTINUES) != 0 ? WEFT_RECORD_UNIT : 0;
}

/* Whether the worker shall look at the other runs now, if there are any: putting a chain down for
 * nothing would let another worker begin one more. With records the last stamp tells the time. */
static inline bool
_weft_seat_slice_is_over (WeftSeat *seat)
{
  const _Atomic uint32_t *n_runs = &seat->run->engine->n_runs;

  if (seat->lane != NULL)
    return WEFT_UNLIKELY (seat->stamp >= seat->slice_end)
           && atomic_load_explicit (n_runs, memory_order_relaxed) > 1;
  return WEFT_UNLIKELY (atomic_load_explicit (n_runs, memory_order_relaxed) > 1)
         && _weft_seat_now (seat) >= seat->slice_end;
}
