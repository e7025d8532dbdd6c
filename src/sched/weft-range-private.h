/* weft-range-private.h: a seat's range of ids, one atomic word
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * The owner takes from the front, one id at a time; anybody else may take the earlier half.
 */
#pragma once

#include "sched/weft-sched-private.h"

/* Takes the first id of a range, the owner's way. */
static inline bool
_weft_range_take_first (WeftSeat *seat, uint32_t *task)
{
  uint64_t range = atomic_load_explicit (&seat->range, memory_order_relaxed);

  while (WEFT_RANGE_LENGTH (range) > 0)
    {
      if (WEFT_LIKELY (
              atomic_compare_exchange_weak_explicit (&seat->range, &range, WEFT_RANGE_REST (range),
                                                     memory_order_acq_rel, memory_order_relaxed)))
        {
          *task = WEFT_RANGE_FIRST (range);
          return true;
        }
    }
  return false;
}

static inline bool
_weft_range_is_left (WeftSeat *seat)
{
  return WEFT_RANGE_LENGTH (atomic_load_explicit (&seat->range, memory_order_relaxed)) > 0;
}

static inline void
_weft_range_fill (WeftSeat *seat, WeftSegment *segment, uint32_t first, uint32_t n)
{
  uint64_t old = atomic_load_explicit (&seat->range, memory_order_relaxed);

  atomic_store_explicit (&seat->range_segment, segment, memory_order_relaxed);
  atomic_store_explicit (&seat->range, WEFT_RANGE (first, n, WEFT_RANGE_GENERATION (old) + 1),
                         memory_order_seq_cst);
}

/* Takes the id off somebody's range if it is the first there. */
static inline bool
_weft_range_take_id (WeftSeat *victim, WeftSegment *segment, uint32_t task)
{
  uint64_t range = atomic_load_explicit (&victim->range, memory_order_seq_cst);

  return WEFT_RANGE_FIRST (range) == task && WEFT_RANGE_LENGTH (range) > 0
         && atomic_load_explicit (&victim->range_segment, memory_order_acquire) == segment
         && atomic_compare_exchange_strong_explicit (&victim->range, &range,
                                                     WEFT_RANGE_REST (range), memory_order_seq_cst,
                                                     memory_order_relaxed);
}

/* Takes the earlier half of somebody's range: what is earliest in the order goes first, and the
 * owner, who is busy with the task before it, goes on behind. Within a filling the first id only
 * grows, so no range comes back that an exchange could mistake. */
static inline bool
_weft_range_take_half (WeftSeat *victim, WeftSegment **segment, uint32_t *first, uint32_t *n)
{
  uint64_t range = atomic_load_explicit (&victim->range, memory_order_seq_cst);
  uint32_t length = WEFT_RANGE_LENGTH (range);

  if (length == 0)
    return false;
  /* Read between load and exchange: the exchange fails if the range was filled anew. */
  *segment = atomic_load_explicit (&victim->range_segment, memory_order_acquire);
  *n = (length + 1) / 2;
  *first = WEFT_RANGE_FIRST (range);
  return atomic_compare_exchange_strong_explicit (
      &victim->range, &range, WEFT_RANGE (*first + *n, length - *n, WEFT_RANGE_GENERATION (range)),
      memory_order_seq_cst, memory_order_relaxed);
}
