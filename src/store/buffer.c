/* buffer.c: reference-counted bytes from slabs, malloc, recycled chunks, or somebody else
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * The head is a box of the slab, the bytes come from where their size fits: the slab up to 1 KiB,
 * malloc below 4 KiB, chunks from there on. So a megabyte takes a megabyte of chunk and not a
 * little more, and bytes always start on 64. An account is charged for what was asked for; the head
 * counts as slab memory of the thread.
 */
#include "config.h"

#include "store/weft-store-private.h"

#include <stdlib.h>

/* WeftBuffer.flags: where bytes come from, and the class there. */
#define KIND_MASK 0xf00u
#define KIND_SLAB 0x100u
#define KIND_MALLOC 0x200u
#define KIND_CHUNK 0x300u
#define KIND_FOREIGN 0x400u
#define CLASS_MASK 0xffu

_Static_assert(sizeof (WeftBuffer) <= 64, "a head is one cache line");

/* What weft_thread_slab_bytes() is to say besides the slab's own count. */
static void
count_small (WeftStoreThread *thread, int64_t n_bytes)
{
  if (thread != NULL)
    thread->other_bytes += n_bytes;
}

static WeftBuffer *
head_alloc (void)
{
  WeftStoreThread *thread = _weft_store_thread ();
  WeftBuffer *buffer = WEFT_STORE_PLAIN_MALLOC
                           ? malloc (sizeof *buffer)
                           : _weft_slab_alloc (thread, _weft_slab_class (sizeof *buffer));

  if (WEFT_STORE_PLAIN_MALLOC && buffer != NULL)
    count_small (thread, 64);
  return buffer;
}

static void
head_free (WeftBuffer *buffer)
{
  WeftStoreThread *thread = _weft_store_thread ();

  if (WEFT_STORE_PLAIN_MALLOC)
    {
      count_small (thread, -64);
      free (buffer);
    }
  else
    _weft_slab_free (thread, buffer, _weft_slab_class (sizeof *buffer));
}

static size_t
round_to_line (size_t n_bytes)
{
  return (MAX (n_bytes, 1) + WEFT_CACHE_LINE - 1) & ~(size_t) (WEFT_CACHE_LINE - 1);
}

/* Counted in accounts, so not as slab memory. */
static uint8_t *
small_alloc (uint32_t class_idx)
{
  uint8_t *bytes = _weft_slab_alloc (_weft_store_thread (), class_idx);

  if (bytes != NULL)
    count_small (_weft_store_thread (), -(int64_t) _weft_slab_classes[class_idx].n_bytes);
  return bytes;
}

static void
small_free (uint8_t *bytes, uint32_t class_idx)
{
  count_small (_weft_store_thread (), _weft_slab_classes[class_idx].n_bytes);
  _weft_slab_free (_weft_store_thread (), bytes, class_idx);
}

static uint8_t *
bytes_alloc (size_t n_bytes, uint32_t *flags)
{
  uint32_t class_idx;
  uint8_t *bytes;

  if (n_bytes <= WEFT_SLAB_MAX_BYTES && !WEFT_STORE_PLAIN_MALLOC)
    {
      class_idx = _weft_slab_class (round_to_line (n_bytes));
      *flags = KIND_SLAB | class_idx;
      return small_alloc (class_idx);
    }
  if (n_bytes < WEFT_CHUNK_MIN_BYTES)
    {
      *flags = KIND_MALLOC;
      return aligned_alloc (WEFT_CACHE_LINE, round_to_line (n_bytes));
    }
  bytes = _weft_chunk_alloc (n_bytes, &class_idx);
  *flags = KIND_CHUNK | class_idx;
  return bytes;
}

static void
bytes_free (WeftBuffer *buffer)
{
  uint32_t class_idx = buffer->flags & CLASS_MASK;

  switch (buffer->flags & KIND_MASK)
    {
    case KIND_SLAB:
      small_free (buffer->bytes, class_idx);
      break;
    case KIND_MALLOC:
      free (buffer->bytes);
      break;
    case KIND_CHUNK:
      _weft_chunk_free (buffer->bytes, buffer->n_charged, class_idx);
      break;
    default:
      if (buffer->release != NULL)
        buffer->release (buffer->bytes, buffer->n_bytes, buffer->release_data);
      break;
    }
}

/* Everything but where the bytes are. */
static void
head_init (WeftBuffer *buffer, WeftAccount *account, size_t n_bytes)
{
  *buffer = (WeftBuffer){ .refs = 1, .n_bytes = n_bytes, .n_charged = n_bytes };
  if (account == NULL)
    return;
  buffer->account = weft_account_ref (account);
  weft_account_charge (account, (int64_t) n_bytes);
}

WeftBuffer *
weft_buffer_new (WeftAccount *account, size_t n_bytes)
{
  WeftBuffer *buffer;
  uint32_t flags = 0;
  uint8_t *bytes;

  if (n_bytes > PTRDIFF_MAX)
    return NULL;
  bytes = bytes_alloc (n_bytes, &flags);
  if (bytes == NULL)
    return NULL;
  buffer = head_alloc ();
  if (buffer == NULL)
    {
      bytes_free (&(WeftBuffer){ .flags = flags, .bytes = bytes, .n_charged = n_bytes });
      return NULL;
    }
  head_init (buffer, account, n_bytes);
  buffer->flags = flags;
  buffer->bytes = bytes;
  return buffer;
}

WeftBuffer *
weft_buffer_new_foreign (WeftAccount *account, void *bytes, size_t n_bytes,
                         WeftBufferReleaseFunc release, void *release_data)
{
  WeftBuffer *buffer = head_alloc ();

  if (buffer == NULL)
    return NULL;
  head_init (buffer, account, n_bytes);
  buffer->flags = KIND_FOREIGN;
  buffer->bytes = bytes;
  buffer->release = release;
  buffer->release_data = release_data;
  return buffer;
}

WeftBuffer *
weft_buffer_ref (WeftBuffer *buffer)
{
  atomic_fetch_add_explicit (&buffer->refs, 1, memory_order_relaxed);
  return buffer;
}

void
weft_buffer_unref (WeftBuffer *buffer)
{
  if (buffer == NULL)
    return;
  if (!weft_buffer_is_sole (buffer)
      && atomic_fetch_sub_explicit (&buffer->refs, 1, memory_order_acq_rel) != 1)
    return;
  bytes_free (buffer);
  if (buffer->account != NULL)
    {
      weft_account_charge (buffer->account, -(int64_t) buffer->n_charged);
      weft_account_unref (buffer->account);
    }
  head_free (buffer);
}

void
_weft_buffer_shrink (WeftBuffer *buffer, size_t n_bytes)
{
  buffer->n_bytes = MIN (n_bytes, buffer->n_bytes);
}

int64_t
weft_buffer_cached_bytes (void)
{
  return _weft_chunk_cached_bytes ();
}

void
weft_buffer_trim (int64_t keep_bytes)
{
  _weft_chunk_trim (keep_bytes);
  _weft_slab_trim ();
  _weft_chunk_trim_malloc ();
}
