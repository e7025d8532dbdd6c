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
#include <string.h>
#include <sys/mman.h>

#define WEFT_BLOCKS_FIRST_SHIFT 6
#define WEFT_BLOCKS_N 40
#define WEFT_BLOCKS_HUGE_BYTES (UINT64_C (8) << 20)
#define WEFT_BLOCKS_PAGE_BYTES (UINT64_C (2) << 20)

typedef struct
{
  /* atomic: release; read relaxed below a published length */
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

/* Where the memory of a block began; stands before its items. bytes: of a mapping; 0: g_malloc */
typedef struct
{
  void *memory;
  size_t bytes;
} WeftBlockHead;

/* Readers jump: on small pages half of their time goes into finding where a page is. Returns: the
 * items' place, on huge pages where there are such, with the head's room before it on a small one;
 * NULL: there is no memory */
static inline char *
_weft_blocks_map (size_t bytes, WeftBlockHead *head)
{
  uintptr_t items;
  size_t whole =
      (bytes + WEFT_BLOCKS_PAGE_BYTES - 1) / WEFT_BLOCKS_PAGE_BYTES * WEFT_BLOCKS_PAGE_BYTES;

  head->bytes = whole + WEFT_BLOCKS_PAGE_BYTES + WEFT_CACHE_LINE;
  head->memory =
      mmap (NULL, head->bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (head->memory == MAP_FAILED)
    return NULL;
  items = ((uintptr_t) head->memory + WEFT_CACHE_LINE + WEFT_BLOCKS_PAGE_BYTES - 1)
          / WEFT_BLOCKS_PAGE_BYTES * WEFT_BLOCKS_PAGE_BYTES;
#ifdef MADV_HUGEPAGE
  madvise ((void *) items, whole, MADV_HUGEPAGE); /* an advice: without it all works too */
#endif
  return (char *) items;
}

/* Zeros that begin on a cache line, so that runs of items touch as few as can be. */
static inline void *
_weft_blocks_alloc (size_t bytes)
{
  WeftBlockHead head = { 0 };
  char *items = bytes >= WEFT_BLOCKS_HUGE_BYTES ? _weft_blocks_map (bytes, &head) : NULL;

  if (items == NULL)
    {
      head.bytes = 0;
      head.memory = g_malloc0 (bytes + WEFT_CACHE_LINE);
      items = (char *) head.memory + WEFT_CACHE_LINE - (uintptr_t) head.memory % WEFT_CACHE_LINE;
    }
  memcpy (items - sizeof head, &head, sizeof head);
  return items;
}

static inline void
_weft_blocks_release (char *items)
{
  WeftBlockHead head;

  if (items == NULL)
    return;
  memcpy (&head, items - sizeof head, sizeof head);
  if (head.bytes > 0)
    munmap (head.memory, head.bytes);
  else
    g_free (head.memory);
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
    _weft_blocks_release (atomic_load_explicit (&blocks->blocks[i], memory_order_relaxed));
}
