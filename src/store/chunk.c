/* chunk.c: bulk memory of buffers, recycled by size class
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * The first touch of a fresh page costs about 2 µs, which is more than most kernels need for the 4
 * KiB on it. So chunks that come back are kept, in classes of eight steps a doubling (at most an
 * eighth is wasted), last in first out; and each thread keeps one chunk a class up to 256 KiB for
 * itself, which is likely still in its cache.
 *
 * What is kept counts against the process's memory but serves nobody, so it is bounded: what would
 * exceed the bound pushes out others, the largest first, and is freed itself where that does not
 * do. Below MAP_BYTES memory comes from malloc, as a mapping each would run into the system's limit
 * of mappings; from there on it is mapped, so that what is freed does go back.
 *
 * A thread's own slot is written by its thread only, but emptied by anybody who trims.
 */
#include "config.h"

#include "store/weft-store-private.h"

#include <malloc.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>

#define STEPS 8 /* classes a doubling */
#define LOG2_MIN 12
#define MAP_BYTES (128u * 1024)
#define PLAIN_MOST_BYTES ((size_t) 1 << 38)

typedef struct
{
  pthread_mutex_t lock;
  void *head; /* lock: lock; linked through each chunk's first word */
} List;

static List lists[WEFT_CHUNK_N_CLASSES] = { [0 ... WEFT_CHUNK_N_CLASSES
                                             - 1] = { PTHREAD_MUTEX_INITIALIZER, NULL } };
static _Atomic int64_t cached_bytes; /* relaxed: lists and slots; raised before, lowered after */
static _Atomic int64_t max_cached_bytes = WEFT_CHUNK_CACHE_BYTES; /* relaxed */

static _Atomic bool gave_to_malloc; /* relaxed: it may hold pages that nobody uses */

/* The class and the bytes of its chunks; sizes beyond the last class are whole pages. */
static uint32_t
classify (size_t n_bytes, size_t *capacity)
{
  uint32_t log2, shift;

  if (n_bytes <= WEFT_CHUNK_MIN_BYTES)
    {
      *capacity = WEFT_CHUNK_MIN_BYTES;
      return 0;
    }
  log2 = 63 - (uint32_t) __builtin_clzll (n_bytes - 1);
  shift = log2 - 3;
  *capacity = ((n_bytes - 1) >> shift << shift) + ((size_t) 1 << shift);
  if (log2 - LOG2_MIN >= WEFT_CHUNK_N_CLASSES / STEPS)
    {
      *capacity = (n_bytes + 4095) & ~(size_t) 4095;
      return WEFT_CHUNK_CLASS_NONE;
    }
  return (log2 - LOG2_MIN) * STEPS + (uint32_t) ((n_bytes - 1) >> shift) - STEPS + 1;
}

static size_t
class_capacity (uint32_t class_idx)
{
  return (size_t) (STEPS + class_idx % STEPS) << (LOG2_MIN - 3 + class_idx / STEPS);
}

size_t
_weft_chunk_capacity (size_t n_bytes)
{
  size_t capacity;

  classify (n_bytes, &capacity);
  return capacity;
}

static void *
system_alloc (size_t capacity)
{
  void *bytes;

  /* The sanitizer ends the process where malloc would answer NULL. */
  if (WEFT_STORE_PLAIN_MALLOC && capacity > PLAIN_MOST_BYTES)
    return NULL;
  if (WEFT_STORE_PLAIN_MALLOC || capacity < MAP_BYTES)
    return aligned_alloc (WEFT_CACHE_LINE, capacity);
  bytes = mmap (NULL, capacity, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return bytes == MAP_FAILED ? NULL : bytes;
}

static void
system_free (void *bytes, size_t capacity)
{
  if (WEFT_STORE_PLAIN_MALLOC || capacity < MAP_BYTES)
    {
      free (bytes);
      atomic_store_explicit (&gave_to_malloc, true, memory_order_relaxed);
    }
  else
    munmap (bytes, capacity);
}

static void
count (int64_t n_bytes)
{
  atomic_fetch_add_explicit (&cached_bytes, n_bytes, memory_order_relaxed);
}

/* ---- lists and slots ------------------------------------------------------------------------- */

static void
list_push (uint32_t class_idx, void *chunk)
{
  List *list = &lists[class_idx];

  pthread_mutex_lock (&list->lock);
  *(void **) chunk = list->head;
  list->head = chunk;
  pthread_mutex_unlock (&list->lock);
}

static void *
list_pop (uint32_t class_idx)
{
  List *list = &lists[class_idx];
  void *chunk;

  pthread_mutex_lock (&list->lock);
  chunk = list->head;
  if (chunk != NULL)
    list->head = *(void **) chunk;
  pthread_mutex_unlock (&list->lock);
  return chunk;
}

static void *
slot_take (WeftStoreThread *thread, uint32_t class_idx)
{
  if (atomic_load_explicit (&thread->hot[class_idx], memory_order_relaxed) == NULL)
    return NULL;
  return atomic_exchange_explicit (&thread->hot[class_idx], NULL, memory_order_acquire);
}

/* Owner only, so an empty slot stays empty. */
static bool
slot_put (WeftStoreThread *thread, uint32_t class_idx, void *chunk)
{
  if (atomic_load_explicit (&thread->hot[class_idx], memory_order_relaxed) != NULL)
    return false;
  atomic_store_explicit (&thread->hot[class_idx], chunk, memory_order_release);
  return true;
}

/* ---- alloc, free ----------------------------------------------------------------------------- */

void *
_weft_chunk_alloc (size_t n_bytes, uint32_t *class_idx)
{
  WeftStoreThread *thread = _weft_store_thread ();
  size_t capacity;
  void *chunk = NULL;

  if (n_bytes > PTRDIFF_MAX - 4096)
    return NULL;
  *class_idx = classify (n_bytes, &capacity);
  if (*class_idx == WEFT_CHUNK_CLASS_NONE || WEFT_STORE_PLAIN_MALLOC)
    return system_alloc (capacity);

  if (*class_idx < WEFT_CHUNK_N_HOT && thread != NULL)
    chunk = slot_take (thread, *class_idx);
  if (chunk == NULL)
    chunk = list_pop (*class_idx);
  if (chunk == NULL)
    return system_alloc (capacity);
  count (-(int64_t) capacity);
  return chunk;
}

/* Frees chunks of lists, the largest first, until at most keep_bytes are left or the lists empty.
 * */
static void
trim_lists (int64_t keep_bytes)
{
  for (uint32_t i = WEFT_CHUNK_N_CLASSES; i-- > 0;)
    while (_weft_chunk_cached_bytes () > keep_bytes)
      {
        void *chunk = list_pop (i);

        if (chunk == NULL)
          break;
        system_free (chunk, class_capacity (i));
        count (-(int64_t) class_capacity (i));
      }
}

/* Whether the chunk's bytes may be kept; if so they are counted. */
static bool
reserve (int64_t capacity)
{
  int64_t max = atomic_load_explicit (&max_cached_bytes, memory_order_relaxed);

  if (capacity > max)
    return false;
  if (atomic_fetch_add_explicit (&cached_bytes, capacity, memory_order_relaxed) + capacity <= max)
    return true;
  trim_lists (max);
  if (_weft_chunk_cached_bytes () <= max)
    return true;
  count (-capacity);
  return false;
}

void
_weft_chunk_free (void *chunk, size_t n_bytes, uint32_t class_idx)
{
  WeftStoreThread *thread = _weft_store_thread ();
  size_t capacity;

  classify (n_bytes, &capacity);
  if (class_idx == WEFT_CHUNK_CLASS_NONE || WEFT_STORE_PLAIN_MALLOC
      || !reserve ((int64_t) capacity))
    system_free (chunk, capacity);
  else if (class_idx >= WEFT_CHUNK_N_HOT || thread == NULL || !slot_put (thread, class_idx, chunk))
    list_push (class_idx, chunk);
}

/* ---- giving back ----------------------------------------------------------------------------- */

static void
release_slots_cb (WeftStoreThread *thread, void *data)
{
  for (uint32_t i = 0; i < WEFT_CHUNK_N_HOT; i++)
    {
      void *chunk = slot_take (thread, i);

      if (chunk != NULL)
        list_push (i, chunk);
    }
}

void
_weft_chunk_release (WeftStoreThread *thread)
{
  release_slots_cb (thread, NULL);
}

int64_t
_weft_chunk_cached_bytes (void)
{
  return atomic_load_explicit (&cached_bytes, memory_order_relaxed);
}

void
_weft_chunk_trim (int64_t keep_bytes)
{
  trim_lists (keep_bytes);
  if (_weft_chunk_cached_bytes () <= keep_bytes)
    return;
  _weft_store_thread_foreach (release_slots_cb, NULL);
  trim_lists (keep_bytes);
}

/* malloc keeps pages between pieces in use; what was given to it goes back to the system. */
void
_weft_chunk_trim_malloc (void)
{
  if (atomic_exchange_explicit (&gave_to_malloc, false, memory_order_relaxed))
    malloc_trim (0);
}

int64_t
_weft_buffer_set_max_cached_bytes (int64_t max_bytes)
{
  int64_t before = atomic_exchange_explicit (&max_cached_bytes, max_bytes, memory_order_relaxed);

  _weft_chunk_trim (max_bytes);
  return before;
}
