/* weft-blocks-private.h: an array that grows without moving, in blocks of doubling size
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Block k holds WEFT_BLOCKS_FIRST << k items, from number FIRST * (2^k - 1) on. One writer makes
 * room and fills items, then publishes a length (release) kept elsewhere; who has read the length
 * (acquire) may read the items below it, and the pointers to their blocks, which were set before.
 */
#pragma once

#include "base/weft-base.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>

#define WEFT_BLOCKS_FIRST_SHIFT 6
#define WEFT_BLOCKS_N 40
#define WEFT_BLOCKS_HUGE_BYTES (UINT64_C (1) << 21)

typedef struct
{
  /* atomic: release; loaded relaxed where a published length orders it, else acquire */
  _Atomic (void *) blocks[WEFT_BLOCKS_N];
} WeftBlocks;

static inline unsigned
_weft_blocks_of (uint64_t index, uint64_t *offset)
{
  uint64_t n = (index >> WEFT_BLOCKS_FIRST_SHIFT) + 1;
  unsigned block = 63 - (unsigned) __builtin_clzll (n);

  *offset = index - (((UINT64_C (1) << block) - 1) << WEFT_BLOCKS_FIRST_SHIFT);
  return block;
}

/* The item's place; its block must be there. */
static inline void *
_weft_blocks_get (const WeftBlocks *blocks, uint64_t index, size_t item_bytes)
{
  uint64_t offset;
  unsigned block = _weft_blocks_of (index, &offset);

  return (char *) atomic_load_explicit (&blocks->blocks[block], memory_order_relaxed)
         + offset * item_bytes;
}

/* The item's place, or NULL where its block is not there: for tables with holes, whose items are
 * atomics. */
static inline void *
_weft_blocks_peek (const WeftBlocks *blocks, uint64_t index, size_t item_bytes)
{
  uint64_t offset;
  unsigned block = _weft_blocks_of (index, &offset);
  char *items = atomic_load_explicit (&blocks->blocks[block], memory_order_acquire);

  return items != NULL ? items + offset * item_bytes : NULL;
}

/* Zeros. Large blocks are filled from the front and all of them is used in the end: with huge pages
 * there is a fault each 2 MiB instead of each 4 KiB. */
static inline void *
_weft_blocks_alloc (size_t n_bytes)
{
  char *items = g_malloc0 (n_bytes);
  uintptr_t begin = ((uintptr_t) items + WEFT_BLOCKS_HUGE_BYTES - 1) & -WEFT_BLOCKS_HUGE_BYTES;
  uintptr_t end = ((uintptr_t) items + n_bytes) & -WEFT_BLOCKS_HUGE_BYTES;

  if (n_bytes >= 4 * WEFT_BLOCKS_HUGE_BYTES && end > begin)
    madvise ((void *) begin, end - begin, MADV_HUGEPAGE);
  return items;
}

/* The writer: the item's place, in a new block of zeros where there was none. */
static inline void *
_weft_blocks_grow (WeftBlocks *blocks, uint64_t index, size_t item_bytes)
{
  uint64_t offset;
  unsigned block = _weft_blocks_of (index, &offset);
  char *items = atomic_load_explicit (&blocks->blocks[block], memory_order_relaxed);

  if (items == NULL)
    {
      items = _weft_blocks_alloc (item_bytes << (block + WEFT_BLOCKS_FIRST_SHIFT));
      atomic_store_explicit (&blocks->blocks[block], items, memory_order_release);
    }
  return items + offset * item_bytes;
}

static inline void
_weft_blocks_clear (WeftBlocks *blocks)
{
  for (unsigned i = 0; i < WEFT_BLOCKS_N; i++)
    g_free (atomic_load_explicit (&blocks->blocks[i], memory_order_relaxed));
}
