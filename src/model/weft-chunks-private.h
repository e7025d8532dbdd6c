/* weft-chunks-private.h: arrays that grow side by side without moving, in chunks from one arena
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Where many arrays grow at once, blocks of doubling size (weft-blocks-private.h) cost each of them
 * a page that is begun and not full; on huge pages, which readers that jump need, that is 2 MiB.
 * Chunks are small, and all arrays take theirs from one arena, so that only the arena's last page
 * is not full. A chunk's place is looked up in a table, which is to stay in the cache: chunks of 64
 * items made pictures take a quarter longer.
 *
 * Writing and reading are as with blocks: one writer, a length published elsewhere. An arena is
 * changed by that thread only, and is given back as a whole.
 */
#pragma once

#include "model/weft-blocks-private.h"

#define WEFT_CHUNK_SHIFT 9
#define WEFT_CHUNK (1u << WEFT_CHUNK_SHIFT)
/* The first chunks are smaller, as blocks are: this many items in so many chunks. */
#define WEFT_CHUNKS_SMALL 3
#define WEFT_CHUNKS_FEW (((1u << WEFT_CHUNKS_SMALL) - 1) << WEFT_BLOCKS_FIRST_SHIFT)

typedef struct _WeftArena WeftArena;

/* Nothing is allocated yet. (transfer full) */
WeftArena *_weft_arena_new (void);
/* (nullable) */
void _weft_arena_free (WeftArena *arena);
/* Memory on a cache line, of any content; lives as long as the arena. */
void *_weft_arena_take (WeftArena *arena, size_t bytes);

/* Zeroed is empty. */
typedef struct
{
  WeftBlocks places; /* char *: of each chunk */
} WeftChunks;

static inline uint64_t
_weft_chunk_items (uint64_t chunk)
{
  return chunk < WEFT_CHUNKS_SMALL ? UINT64_C (1) << (chunk + WEFT_BLOCKS_FIRST_SHIFT) : WEFT_CHUNK;
}

static inline uint64_t
_weft_chunk_of (uint64_t index, uint64_t *offset)
{
  if (WEFT_UNLIKELY (index < WEFT_CHUNKS_FEW))
    return _weft_blocks_of (index, offset);
  index -= WEFT_CHUNKS_FEW;
  *offset = index % WEFT_CHUNK;
  return WEFT_CHUNKS_SMALL + (index >> WEFT_CHUNK_SHIFT);
}

/* How many items lie one behind the other from this one on. */
static inline uint64_t
_weft_chunks_n_from (uint64_t index)
{
  uint64_t offset, chunk = _weft_chunk_of (index, &offset);

  return _weft_chunk_items (chunk) - offset;
}

/* The item's place; its chunk must be there. */
static inline void *
_weft_chunks_get (const WeftChunks *chunks, uint64_t index, size_t item_bytes)
{
  uint64_t offset, chunk = _weft_chunk_of (index, &offset);
  char *const *place = _weft_blocks_get (&chunks->places, chunk, sizeof *place);

  return *place + offset * item_bytes;
}

/* The writer: the item's place, where items are appended one after the other. */
static inline void *
_weft_chunks_grow (WeftChunks *chunks, WeftArena *arena, uint64_t index, size_t item_bytes)
{
  uint64_t offset, chunk = _weft_chunk_of (index, &offset);
  char **place = _weft_blocks_grow (&chunks->places, chunk, sizeof *place);

  if (*place == NULL)
    *place = _weft_arena_take (arena, _weft_chunk_items (chunk) * item_bytes);
  return *place + offset * item_bytes;
}

static inline void
_weft_chunks_clear (WeftChunks *chunks)
{
  _weft_blocks_clear (&chunks->places);
}
