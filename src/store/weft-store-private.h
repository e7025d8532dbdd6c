/* weft-store-private.h: memory below values: slabs, chunks and what each thread keeps of them
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Three layers, each with its own file and essay:
 *
 *   slab.c    boxes and small bytes, up to 1 KiB, by size class
 *   chunk.c   bulk memory of buffers, from 4 KiB up, recycled by size class
 *   thread.c  what one thread keeps of both, and how it is given back when the thread ends
 *
 * All state that is shared between threads is process wide, as memory is; it is never visible in
 * results. Lock order: registry of threads → chunk class; slab depot → slab pool. Nothing outside
 * is called under any of them. After fork() the child may use none of this before it calls exec.
 */
#pragma once

#include "store/weft-value.h"

/* The address sanitizer finds use after free best in malloc's quarantine, so boxes and buffers come
 * from there in such builds; the slab itself is still tested. */
#if defined(__SANITIZE_ADDRESS__)
#define WEFT_STORE_PLAIN_MALLOC 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WEFT_STORE_PLAIN_MALLOC 1
#endif
#endif
#ifndef WEFT_STORE_PLAIN_MALLOC
#define WEFT_STORE_PLAIN_MALLOC 0
#endif

/* ---- slabs ----------------------------------------------------------------------------------- */

#define WEFT_SLAB_N_CLASSES 14
#define WEFT_SLAB_MAX_BYTES 1024
#define WEFT_SLAB_CLASS_MALLOC 255

/* One thread's boxes of one class: a list in use, and at most one full list behind it. */
typedef struct
{
  void *head;      /* owner: thread; linked through each box's first word */
  void *spare;     /* owner: thread; a full batch, or NULL */
  uint32_t n_head; /* owner: thread */
  uint32_t pad;
  int64_t n_net; /* owner: thread; boxes it got from the depot less those it gave */
} WeftSlabCache;

/* ---- what a thread keeps --------------------------------------------------------------------- */

#define WEFT_CHUNK_N_HOT 49 /* size classes up to 256 KiB */

typedef struct _WeftStoreThread WeftStoreThread;
struct _WeftStoreThread
{
  WEFT_ALIGNED_LINE WeftSlabCache slabs[WEFT_SLAB_N_CLASSES]; /* owner: thread */
  int64_t other_bytes;    /* owner: thread; boxes from malloc, less small bytes of buffers */
  uint32_t number;        /* immutable; dense, used again after the thread */
  WeftStoreThread *next;  /* lock: registry */
  WeftStoreThread **link; /* lock: registry; what points to this */
  _Atomic (void *) hot[WEFT_CHUNK_N_HOT]; /* atomic: one recycled chunk a class; acq_rel exchange */
};

/* Initial-exec: one pointer of static thread storage, so that reading it costs no call. */
extern _Thread_local WeftStoreThread *_weft_store_thread_current
    __attribute__ ((tls_model ("initial-exec"), visibility ("hidden")));

/* Slow path of the next. (nullable): when memory is out */
WeftStoreThread *_weft_store_thread_new (void);

/* The calling thread's own; made at first use, given back by the thread's end. (nullable) */
static inline WeftStoreThread *
_weft_store_thread (void)
{
  WeftStoreThread *thread = _weft_store_thread_current;

  return WEFT_LIKELY (thread != NULL) ? thread : _weft_store_thread_new ();
}

/* Calls func for each living thread's part, under the registry's lock. */
void _weft_store_thread_foreach (void (*func) (WeftStoreThread *thread, void *data), void *data);

typedef struct
{
  uint16_t n_bytes;
  uint16_t n_batch; /* boxes a list holds at most: 16 KiB of them, or 128 */
} WeftSlabClass;

extern const WeftSlabClass _weft_slab_classes[WEFT_SLAB_N_CLASSES];
extern const uint8_t _weft_slab_class_of_16[WEFT_SLAB_MAX_BYTES / 16 + 1];

void *_weft_slab_alloc_slow (WeftStoreThread *thread, uint32_t class_idx);
void _weft_slab_free_slow (WeftSlabCache *cache, uint32_t class_idx);
void _weft_slab_free_alone (void *box, uint32_t class_idx);

/* The least class that holds n_bytes (0 … WEFT_SLAB_MAX_BYTES). Multiples of 64 get a class whose
 * boxes start on 64. */
static inline uint32_t
_weft_slab_class (size_t n_bytes)
{
  return _weft_slab_class_of_16[(n_bytes + 15) / 16];
}

/* Not cleared; (nullable). thread: the caller's own, (nullable) */
static inline void *
_weft_slab_alloc (WeftStoreThread *thread, uint32_t class_idx)
{
  WeftSlabCache *cache = &thread->slabs[class_idx];
  void *box;

  if (WEFT_UNLIKELY (thread == NULL) || WEFT_UNLIKELY (cache->head == NULL))
    return _weft_slab_alloc_slow (thread, class_idx);
  box = cache->head;
  cache->head = *(void **) box;
  cache->n_head--;
  return box;
}

/* Whoever made the box. */
static inline void
_weft_slab_free (WeftStoreThread *thread, void *box, uint32_t class_idx)
{
  WeftSlabCache *cache = &thread->slabs[class_idx];

  if (WEFT_UNLIKELY (thread == NULL))
    {
      _weft_slab_free_alone (box, class_idx);
      return;
    }
  *(void **) box = cache->head;
  cache->head = box;
  if (WEFT_UNLIKELY (++cache->n_head == _weft_slab_classes[class_idx].n_batch))
    _weft_slab_free_slow (cache, class_idx);
}

/* Bytes in boxes that a thread allocated less those it freed. */
int64_t _weft_slab_net_bytes (const WeftSlabCache *caches);
/* Gives all that a thread keeps back to the process. */
void _weft_slab_release (WeftSlabCache *caches);
/* Bytes in chunks that the slabs hold from the system, used or not; and giving back empty ones. */
int64_t _weft_slab_held_bytes (void);
void _weft_slab_trim (void);

/* ---- chunks ---------------------------------------------------------------------------------- */

#define WEFT_CHUNK_MIN_BYTES 4096
#define WEFT_CHUNK_N_CLASSES 105            /* 4 KiB … 32 MiB, eight steps a doubling */
#define WEFT_CHUNK_CLASS_NONE 255           /* larger: straight from and to the system */
#define WEFT_CHUNK_CACHE_BYTES (64ll << 20) /* kept ready unless told otherwise */

/* Bulk memory, 64-byte aligned, not cleared. @class_idx: (out): for freeing. (nullable) */
void *_weft_chunk_alloc (size_t n_bytes, uint32_t *class_idx);
void _weft_chunk_free (void *chunk, size_t n_bytes, uint32_t class_idx);
/* What an allocation of n_bytes really takes. */
size_t _weft_chunk_capacity (size_t n_bytes);
/* Gives all that a thread keeps back to the process. */
void _weft_chunk_release (WeftStoreThread *thread);
int64_t _weft_chunk_cached_bytes (void);
void _weft_chunk_trim (int64_t keep_bytes);
void _weft_chunk_trim_malloc (void);

/* How many bytes of chunks are kept ready at most, process wide; returns what it was. Trims at
 * once. Any thread. */
int64_t _weft_buffer_set_max_cached_bytes (int64_t max_bytes);

/* ---- what a value is made of: parts.c -------------------------------------------------------- */

/* Whether somebody else too holds something of the value: the box itself, a buffer, an item, a
 * column. Looks one level deep. Whoever holds the value. */
bool _weft_value_is_view (const WeftValue *value);
/* Whether there is a foreign object in it, however deep. Whoever holds the value. */
bool _weft_value_has_foreign (const WeftValue *value);

/* ---- for the module's own files -------------------------------------------------------------- */

/* Cuts what users see of a new buffer, which nobody else holds yet, down to n_bytes. */
void _weft_buffer_shrink (WeftBuffer *buffer, size_t n_bytes);

/* Boxes with text behind the struct: a copy of chars with a final 0 after the first struct_bytes.
 * */
bool _weft_utf8_is_valid (const char *chars, size_t n_chars);
