/* weft-deque-private.h: a worker's own ready tasks, which others may steal
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Chase and Lev, "Dynamic Circular Work-Stealing Deque" (SPAA 2005), with the orderings of Lê, Pop,
 * Cohen and Zappa Nardelli, "Correct and Efficient Work-Stealing for Weak Memory Models" (PPoPP
 * 2013), except that their stand-alone fences are sequentially consistent operations on top and
 * bottom: the thread sanitizers misread fences.
 *
 * An item is segment << 32 | task. The owner pushes and pops at the bottom; thieves take at the
 * top. Pushing is sequentially consistent too: an owner that pushed and then sees no sleeper knows
 * that whoever falls asleep later looks at this deque again first.
 *
 * The circular array grows when full; outgrown arrays are kept until the deque is cleared, as
 * thieves may still read them.
 */
#pragma once

#include "base/weft-base.h"

#include <stdatomic.h>
#include <stdlib.h>

typedef struct _WeftDequeArray WeftDequeArray;
struct _WeftDequeArray
{
  int64_t mask;             /* immutable: capacity - 1 */
  WeftDequeArray *outgrown; /* owner: the worker */
  _Atomic uint64_t items[]; /* relaxed: ordered by top and bottom */
};

typedef struct
{
  WEFT_ALIGNED_LINE _Atomic int64_t top;    /* atomic: seq_cst, by thieves and for the last item */
  WEFT_ALIGNED_LINE _Atomic int64_t bottom; /* atomic: written by the owner only */
  _Atomic (WeftDequeArray *) array;         /* atomic: release by the owner, acquire by thieves */
} WeftDeque;

#define WEFT_DEQUE_FIRST_CAPACITY 256

static inline WeftDequeArray *
_weft_deque_array_new (int64_t capacity, WeftDequeArray *outgrown)
{
  WeftDequeArray *array = malloc (sizeof *array + (size_t) capacity * sizeof array->items[0]);

  if (array == NULL)
    return NULL;
  array->mask = capacity - 1;
  array->outgrown = outgrown;
  return array;
}

static inline bool
_weft_deque_init (WeftDeque *deque)
{
  WeftDequeArray *array = _weft_deque_array_new (WEFT_DEQUE_FIRST_CAPACITY, NULL);

  atomic_init (&deque->top, 0);
  atomic_init (&deque->bottom, 0);
  atomic_init (&deque->array, array);
  return array != NULL;
}

/* Only when no thief can look any more. */
static inline void
_weft_deque_clear (WeftDeque *deque)
{
  WeftDequeArray *array = atomic_load_explicit (&deque->array, memory_order_relaxed);

  while (array != NULL)
    {
      WeftDequeArray *outgrown = array->outgrown;

      free (array);
      array = outgrown;
    }
  atomic_init (&deque->array, NULL);
}

/* Owner. Doubles the array; FALSE when memory is out (nothing is lost). */
static inline bool
_weft_deque_grow (WeftDeque *deque, int64_t top, int64_t bottom)
{
  WeftDequeArray *old = atomic_load_explicit (&deque->array, memory_order_relaxed);
  WeftDequeArray *array = _weft_deque_array_new (2 * (old->mask + 1), old);

  if (array == NULL)
    return false;
  for (int64_t i = top; i < bottom; i++)
    {
      uint64_t item = atomic_load_explicit (&old->items[i & old->mask], memory_order_relaxed);

      atomic_store_explicit (&array->items[i & array->mask], item, memory_order_relaxed);
    }
  atomic_store_explicit (&deque->array, array, memory_order_release);
  return true;
}

/* Owner. FALSE when memory is out. */
static inline bool
_weft_deque_push (WeftDeque *deque, uint64_t item)
{
  int64_t bottom = atomic_load_explicit (&deque->bottom, memory_order_relaxed);
  int64_t top = atomic_load_explicit (&deque->top, memory_order_acquire);
  WeftDequeArray *array = atomic_load_explicit (&deque->array, memory_order_relaxed);

  if (WEFT_UNLIKELY (bottom - top > array->mask))
    {
      if (!_weft_deque_grow (deque, top, bottom))
        return false;
      array = atomic_load_explicit (&deque->array, memory_order_relaxed);
    }
  atomic_store_explicit (&array->items[bottom & array->mask], item, memory_order_relaxed);
  atomic_store_explicit (&deque->bottom, bottom + 1, memory_order_seq_cst);
  return true;
}

/* Owner: exact, as only the owner adds. */
static inline bool
_weft_deque_is_empty (const WeftDeque *deque)
{
  return atomic_load_explicit (&deque->bottom, memory_order_relaxed)
         <= atomic_load_explicit (&deque->top, memory_order_relaxed);
}

/* Owner. The youngest item. */
static inline bool
_weft_deque_pop (WeftDeque *deque, uint64_t *item)
{
  int64_t bottom = atomic_load_explicit (&deque->bottom, memory_order_relaxed) - 1;
  WeftDequeArray *array = atomic_load_explicit (&deque->array, memory_order_relaxed);
  int64_t top = atomic_load_explicit (&deque->top, memory_order_relaxed);

  if (bottom < top) /* empty, and only the owner could change that */
    return false;
  atomic_store_explicit (&deque->bottom, bottom, memory_order_seq_cst);
  top = atomic_load_explicit (&deque->top, memory_order_seq_cst);
  if (top > bottom)
    {
      atomic_store_explicit (&deque->bottom, bottom + 1, memory_order_relaxed);
      return false;
    }
  *item = atomic_load_explicit (&array->items[bottom & array->mask], memory_order_relaxed);
  if (top < bottom)
    return true;
  /* The last one: whoever moves top has it. */
  bool won = atomic_compare_exchange_strong_explicit (&deque->top, &top, top + 1,
                                                      memory_order_seq_cst, memory_order_relaxed);
  atomic_store_explicit (&deque->bottom, bottom + 1, memory_order_relaxed);
  return won;
}

/* Any thread. The oldest item; FALSE when empty or when another thief was quicker. */
static inline bool
_weft_deque_steal (WeftDeque *deque, uint64_t *item)
{
  int64_t top = atomic_load_explicit (&deque->top, memory_order_seq_cst);
  int64_t bottom = atomic_load_explicit (&deque->bottom, memory_order_seq_cst);

  if (top >= bottom)
    return false;
  WeftDequeArray *array = atomic_load_explicit (&deque->array, memory_order_acquire);
  uint64_t found = atomic_load_explicit (&array->items[top & array->mask], memory_order_relaxed);

  if (!atomic_compare_exchange_strong_explicit (&deque->top, &top, top + 1, memory_order_seq_cst,
                                                memory_order_relaxed))
    return false;
  *item = found;
  return true;
}

/* Any thread: how many there are, roughly. */
static inline int64_t
_weft_deque_length (WeftDeque *deque)
{
  int64_t top = atomic_load_explicit (&deque->top, memory_order_seq_cst);
  int64_t bottom = atomic_load_explicit (&deque->bottom, memory_order_seq_cst);

  return bottom > top ? bottom - top : 0;
}
