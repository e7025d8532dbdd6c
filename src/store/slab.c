/* slab.c: boxes and small bytes by size class, a few nanoseconds each
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Two layers, after Bonwick and Adams, "Magazines and Vmem" (USENIX 2001):
 *
 * Per thread and class, two lists of free boxes. Allocating pops from the first list and freeing
 * pushes onto it, without any atomic operation, whoever made the box. A list that holds a batch is
 * moved behind; when there is a full one behind already, that one goes to the depot. So a thread
 * that only frees what another one makes keeps at most two batches, and a thread that swings around
 * a border does not go to the depot each time.
 *
 * The depot, one a class with a lock each, keeps a bit for each free box in the head of the box's
 * chunk. Chunks are CHUNK_BYTES large and aligned to that, so a box finds its chunk by masking its
 * address. Bits are taken from the lowest on: boxes that came back in any order go out as
 * neighbours again, so what is computed one after the other lies side by side, and taking a box
 * only writes its (mostly cold) line instead of waiting for a link to be read from it. A chunk none
 * of whose boxes are out is given up: to a small pool that any class takes from, beyond that to the
 * system. Chunks with free boxes are in their class's list, those that are all out are in none; one
 * that gets its first box back goes behind the first in the list, so that it has more to give when
 * its turn comes.
 *
 * Cost: a pop or push 1 to 2 ns; the depot 3 to 5 ns a box.
 * Threads: depot and pool any, under their locks; the pool's may be taken under a depot's.
 */
#include "config.h"

#include "store/weft-store-private.h"

#include <pthread.h>
#include <sys/mman.h>

#define CHUNK_BYTES (256u * 1024)
#define MAX_POOLED 32 /* empty chunks kept ready: 8 MiB */

typedef struct _Chunk Chunk;
struct _Chunk
{
  Chunk *next;                       /* lock: its depot's, or the pool's */
  Chunk *previous;                   /* likewise */
  uint32_t n_out;                    /* lock; boxes whose bit is not set */
  uint32_t first_word;               /* lock; there is no bit before it */
  uint32_t n_boxes;                  /* immutable: room for boxes */
  uint32_t class_idx;                /* immutable */
  uint32_t n_bytes;                  /* immutable: of a box */
  uint32_t reciprocal;               /* immutable: 2^32 / n_bytes, rounded up */
  uint32_t first_bytes;              /* immutable: where the boxes begin; a multiple of 64 */
  WEFT_ALIGNED_LINE uint64_t free[]; /* lock; a bit for each box */
};

typedef struct
{
  WEFT_ALIGNED_LINE pthread_mutex_t lock;
  Chunk *chunks; /* lock: lock; those that can give a box */
} Depot;

/* By (bytes + 15) / 16. */
const uint8_t _weft_slab_class_of_16[WEFT_SLAB_MAX_BYTES / 16 + 1] = {
  0,  0,  0,  1,  2,  3,  3,  4,  4,  5,  5,  5,  5,  6,  6,  6,  6,  7,  7,  7,  7,  8,
  8,  8,  8,  9,  9,  9,  9,  10, 10, 10, 10, 11, 11, 11, 11, 11, 11, 11, 11, 12, 12, 12,
  12, 12, 12, 12, 12, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13,
};

const WeftSlabClass _weft_slab_classes[WEFT_SLAB_N_CLASSES] = {
  { 32, 128 }, { 48, 128 }, { 64, 128 }, { 96, 128 }, { 128, 128 }, { 192, 85 }, { 256, 64 },
  { 320, 51 }, { 384, 42 }, { 448, 36 }, { 512, 32 }, { 640, 25 },  { 768, 21 }, { 1024, 16 },
};

static Depot depots[WEFT_SLAB_N_CLASSES] = { [0 ... WEFT_SLAB_N_CLASSES
                                              - 1] = { PTHREAD_MUTEX_INITIALIZER, NULL } };
static pthread_mutex_t pool_lock = PTHREAD_MUTEX_INITIALIZER;
static Chunk *pool;                /* lock: pool_lock */
static uint32_t n_pooled;          /* lock: pool_lock */
static _Atomic int64_t held_bytes; /* relaxed: a figure for people */

static inline void *
box_next (void *box)
{
  return *(void **) box;
}

static inline void
box_set_next (void *box, void *next)
{
  *(void **) box = next;
}

/* ---- chunks ---------------------------------------------------------------------------------- */

/* Maps twice as much and cuts off what is not aligned. */
static Chunk *
chunk_map (void)
{
  uint8_t *raw =
      mmap (NULL, 2 * CHUNK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  size_t before;

  if (raw == MAP_FAILED)
    return NULL;
  before = -(uintptr_t) raw & (CHUNK_BYTES - 1);
  if (before > 0)
    munmap (raw, before);
  munmap (raw + before + CHUNK_BYTES, CHUNK_BYTES - before);
  atomic_fetch_add_explicit (&held_bytes, CHUNK_BYTES, memory_order_relaxed);
  return (Chunk *) (raw + before);
}

static void
chunk_unmap (Chunk *chunk)
{
  munmap (chunk, CHUNK_BYTES);
  atomic_fetch_sub_explicit (&held_bytes, CHUNK_BYTES, memory_order_relaxed);
}

/* All boxes free. */
static void
chunk_init (Chunk *chunk, uint32_t class_idx)
{
  uint32_t n_bytes = _weft_slab_classes[class_idx].n_bytes;
  uint32_t n_words = CHUNK_BYTES / n_bytes / 64 + 1;
  uint32_t first_bytes = (uint32_t) (sizeof *chunk + n_words * sizeof chunk->free[0] + 63) & ~63u;
  uint32_t n_boxes = (CHUNK_BYTES - first_bytes) / n_bytes;

  *chunk = (Chunk){ .class_idx = class_idx,
                    .n_bytes = n_bytes,
                    .n_boxes = n_boxes,
                    .first_bytes = first_bytes,
                    /* exact for all offsets in a chunk, as n_bytes is below 2^14 */
                    .reciprocal = (uint32_t) (((UINT64_C (1) << 32) + n_bytes - 1) / n_bytes) };
  for (uint32_t i = 0; i < n_words; i++)
    chunk->free[i] = 64 * (i + 1) <= n_boxes ? UINT64_MAX
                     : 64 * i < n_boxes      ? (UINT64_C (1) << n_boxes % 64) - 1
                                             : 0;
}

static Chunk *
chunk_new (uint32_t class_idx)
{
  Chunk *chunk;

  pthread_mutex_lock (&pool_lock);
  chunk = pool;
  if (chunk != NULL)
    {
      pool = chunk->next;
      n_pooled--;
    }
  pthread_mutex_unlock (&pool_lock);

  if (chunk == NULL)
    chunk = chunk_map ();
  if (chunk != NULL)
    chunk_init (chunk, class_idx);
  return chunk;
}

static void
chunk_free (Chunk *chunk)
{
  pthread_mutex_lock (&pool_lock);
  if (n_pooled < MAX_POOLED)
    {
      chunk->next = pool;
      pool = chunk;
      n_pooled++;
      chunk = NULL;
    }
  pthread_mutex_unlock (&pool_lock);

  if (chunk != NULL)
    chunk_unmap (chunk);
}

static inline Chunk *
chunk_of (void *box)
{
  return (Chunk *) ((uintptr_t) box & ~(uintptr_t) (CHUNK_BYTES - 1));
}

static inline bool
chunk_is_all_out (const Chunk *chunk)
{
  return chunk->n_out == chunk->n_boxes;
}

/* Not all out. */
static void *
chunk_take (Chunk *chunk)
{
  uint32_t word = chunk->first_word, bit;

  while (chunk->free[word] == 0)
    word++;
  bit = (uint32_t) __builtin_ctzll (chunk->free[word]);
  chunk->free[word] &= chunk->free[word] - 1;
  chunk->first_word = word;
  chunk->n_out++;
  return (uint8_t *) chunk + chunk->first_bytes + (size_t) (word * 64 + bit) * chunk->n_bytes;
}

static void
chunk_give (Chunk *chunk, const void *box)
{
  uint64_t offset = (uintptr_t) box % CHUNK_BYTES - chunk->first_bytes;
  uint32_t index = (uint32_t) (offset * chunk->reciprocal >> 32);

  chunk->free[index / 64] |= UINT64_C (1) << index % 64;
  if (chunk->first_word > index / 64)
    chunk->first_word = index / 64;
  chunk->n_out--;
}

/* ---- depots ---------------------------------------------------------------------------------- */

/* Behind the first. */
static void
depot_link (Depot *depot, Chunk *chunk)
{
  Chunk **link = depot->chunks != NULL ? &depot->chunks->next : &depot->chunks;

  chunk->previous = depot->chunks;
  chunk->next = *link;
  if (chunk->next != NULL)
    chunk->next->previous = chunk;
  *link = chunk;
}

static void
depot_unlink (Depot *depot, Chunk *chunk)
{
  if (chunk->previous != NULL)
    chunk->previous->next = chunk->next;
  else
    depot->chunks = chunk->next;
  if (chunk->next != NULL)
    chunk->next->previous = chunk->previous;
}

/* lock: depot's. A list of at most n boxes, lowest first; fewer when memory is out. */
static void *
depot_take (Depot *depot, uint32_t class_idx, uint32_t n, uint32_t *n_taken)
{
  void *first = NULL, *last = NULL;
  uint32_t i;

  for (i = 0; i < n; i++)
    {
      Chunk *chunk = depot->chunks;
      void *box;

      if (chunk == NULL && (chunk = chunk_new (class_idx)) != NULL)
        depot_link (depot, chunk);
      if (chunk == NULL)
        break;
      box = chunk_take (chunk);
      if (chunk_is_all_out (chunk))
        depot_unlink (depot, chunk);
      if (last != NULL)
        box_set_next (last, box);
      else
        first = box;
      last = box;
    }
  if (last != NULL)
    box_set_next (last, NULL);
  *n_taken = i;
  return first;
}

/* lock: depot's. Returns: (nullable): a chunk that has become empty, taken out, but for the last */
static Chunk *
depot_give (Depot *depot, void *box)
{
  Chunk *chunk = chunk_of (box);

  if (chunk_is_all_out (chunk))
    depot_link (depot, chunk);
  chunk_give (chunk, box);
  if (chunk->n_out > 0 || (depot->chunks == chunk && chunk->next == NULL))
    return NULL;
  depot_unlink (depot, chunk);
  return chunk;
}

static void *
depot_take_batch (uint32_t class_idx, uint32_t n, uint32_t *n_taken)
{
  Depot *depot = &depots[class_idx];
  void *list;

  pthread_mutex_lock (&depot->lock);
  list = depot_take (depot, class_idx, n, n_taken);
  pthread_mutex_unlock (&depot->lock);
  return list;
}

static void
depot_give_list (uint32_t class_idx, void *list)
{
  Depot *depot = &depots[class_idx];
  Chunk *empty = NULL;

  pthread_mutex_lock (&depot->lock);
  while (list != NULL)
    {
      void *next = box_next (list);
      Chunk *chunk = depot_give (depot, list);

      if (chunk != NULL)
        {
          chunk->next = empty;
          empty = chunk;
        }
      list = next;
    }
  pthread_mutex_unlock (&depot->lock);

  while (empty != NULL)
    {
      Chunk *next = empty->next;

      chunk_free (empty);
      empty = next;
    }
}

/* ---- threads --------------------------------------------------------------------------------- */

void *
_weft_slab_alloc_slow (WeftStoreThread *thread, uint32_t class_idx)
{
  WeftSlabCache *cache;
  void *box;

  if (thread == NULL && (thread = _weft_store_thread_new ()) == NULL)
    return NULL;
  cache = &thread->slabs[class_idx];
  if (cache->head == NULL && cache->spare != NULL)
    {
      cache->head = cache->spare;
      cache->n_head = _weft_slab_classes[class_idx].n_batch;
      cache->spare = NULL;
    }
  else if (cache->head == NULL)
    {
      cache->head =
          depot_take_batch (class_idx, _weft_slab_classes[class_idx].n_batch, &cache->n_head);
      cache->n_net += cache->n_head;
    }
  box = cache->head;
  if (box != NULL)
    {
      cache->head = box_next (box);
      cache->n_head--;
    }
  return box;
}

/* The list holds a batch: it moves behind, and what was there goes to the depot. */
void
_weft_slab_free_slow (WeftSlabCache *cache, uint32_t class_idx)
{
  if (cache->spare != NULL)
    {
      depot_give_list (class_idx, cache->spare);
      cache->n_net -= _weft_slab_classes[class_idx].n_batch;
    }
  cache->spare = cache->head;
  cache->head = NULL;
  cache->n_head = 0;
}

/* Without a thread's part, as memory for one is out. */
void
_weft_slab_free_alone (void *box, uint32_t class_idx)
{
  box_set_next (box, NULL);
  depot_give_list (class_idx, box);
}

void
_weft_slab_release (WeftSlabCache *caches)
{
  for (uint32_t i = 0; i < WEFT_SLAB_N_CLASSES; i++)
    {
      depot_give_list (i, caches[i].head);
      depot_give_list (i, caches[i].spare);
      caches[i] = (WeftSlabCache){ 0 };
    }
}

int64_t
_weft_slab_net_bytes (const WeftSlabCache *caches)
{
  int64_t sum = 0;

  for (uint32_t i = 0; i < WEFT_SLAB_N_CLASSES; i++)
    {
      int64_t n_kept =
          caches[i].n_head + (caches[i].spare != NULL ? _weft_slab_classes[i].n_batch : 0u);

      sum += (caches[i].n_net - n_kept) * _weft_slab_classes[i].n_bytes;
    }
  return sum;
}

int64_t
_weft_slab_held_bytes (void)
{
  return atomic_load_explicit (&held_bytes, memory_order_relaxed);
}

/* The one empty chunk that a depot may have kept stays with it. */
void
_weft_slab_trim (void)
{
  Chunk *chunk;

  pthread_mutex_lock (&pool_lock);
  chunk = pool;
  pool = NULL;
  n_pooled = 0;
  pthread_mutex_unlock (&pool_lock);

  while (chunk != NULL)
    {
      Chunk *next = chunk->next;

      chunk_unmap (chunk);
      chunk = next;
    }
}
