/* client-threads.c: what threads say: begin and end, and whose rings they go to
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * The hot path. A begin puts the span into the first slot above those that are open; an end takes
 * it out again and puts an entry into the ring. The slot is given up before the entry is there, so
 * the sender, who looks at entries first, never takes a span for open that it has seen the end of.
 *
 * The ring: n_put and n_taken count for ever, an entry's place is its number modulo the size. The
 * thread looks at n_taken only when by what it knows the ring is full. Each half a ring it wakes
 * the sender, who otherwise comes by itself twenty times a second.
 */
#include "config.h"

#include "server/weft-client-private.h"

#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The last client this thread has reported to, and its data there. */
static __thread __attribute__ ((tls_model ("initial-exec"))) WeftClient *local_client;
static __thread __attribute__ ((tls_model ("initial-exec"))) WeftClientThread *local_thread;

static pthread_once_t key_once = PTHREAD_ONCE_INIT;
static pthread_key_t owned_key; /* WeftClientThread *: those of the thread, by next_owned */

/* ---- threads --------------------------------------------------------------------------------- */

WeftClientThread *
_weft_client_thread_ref (WeftClientThread *thread)
{
  atomic_fetch_add_explicit (&thread->n_refs, 1, memory_order_relaxed);
  return thread;
}

void
_weft_client_thread_unref (WeftClientThread *thread)
{
  if (atomic_fetch_sub_explicit (&thread->n_refs, 1, memory_order_acq_rel) != 1)
    return;
  for (uint64_t i = atomic_load (&thread->n_taken); i < atomic_load (&thread->n_put); i++)
    {
      const WeftClientEntry *entry = &thread->entries[i & thread->mask];

      if (entry->kind == WEFT_CLIENT_ENTRY_FAILED)
        _weft_client_failure_free (_weft_client_failure (entry));
    }
  g_free (thread->name);
  free (thread->entries);
  free (thread);
}

static void
leave (void *data)
{
  WeftClientThread *thread = data, *next;

  local_client = NULL;
  local_thread = NULL;
  for (; thread != NULL; thread = next)
    {
      next = thread->next_owned;
      atomic_store_explicit (&thread->left, true, memory_order_release);
      _weft_client_thread_unref (thread);
    }
}

static void
make_key (void)
{
  pthread_key_create (&owned_key, leave);
}

static void *
aligned_zeros (size_t n_bytes)
{
  void *memory = aligned_alloc (WEFT_CACHE_LINE, n_bytes);

  return memory != NULL ? memset (memory, 0, n_bytes) : NULL;
}

/* Rings are not touched here: what is never written takes no memory. */
static WeftClientThread *
make_thread (WeftClient *client)
{
  WeftClientThread *thread = aligned_zeros (sizeof *thread);
  size_t n_bytes = client->ring_size * sizeof *thread->entries;

  if (thread == NULL || (thread->entries = aligned_alloc (WEFT_CACHE_LINE, n_bytes)) == NULL)
    {
      free (thread);
      return NULL;
    }
  thread->client = client;
  thread->mask = client->ring_size - 1;
  thread->source = client->source;
  atomic_init (&thread->n_refs, 1);
  g_ptr_array_add (client->threads, thread);
  return thread;
}

/* That of a thread which is gone, with its lane, or a new one. */
static WeftClientThread *
take_thread (WeftClient *client)
{
  WeftClientThread *thread;

  if (client->left->len == 0)
    return make_thread (client);
  thread = g_ptr_array_steal_index_fast (client->left, client->left->len - 1);
  for (uint32_t depth = 0; depth < thread->n_open; depth++)
    atomic_store_explicit (&thread->slots[depth].start, 0, memory_order_relaxed);
  thread->n_open = 0;
  thread->is_left = false;
  atomic_store_explicit (&thread->depth, 0, memory_order_relaxed);
  atomic_store_explicit (&thread->left, false, memory_order_relaxed);
  return thread;
}

/* Those of clients that were closed are let go. */
static WeftClientThread *
find_owned (const WeftClient *client, WeftClientThread **owned)
{
  WeftClientThread *found = NULL, *thread;

  while ((thread = *owned) != NULL)
    {
      if (thread->client == client)
        found = thread;
      if (thread->client == client || weft_client_is_listening (thread->client))
        {
          owned = &thread->next_owned;
          continue;
        }
      *owned = thread->next_owned;
      atomic_store_explicit (&thread->left, true, memory_order_release);
      _weft_client_thread_unref (thread);
    }
  return found;
}

static __attribute__ ((noinline)) WeftClientThread *
join (WeftClient *client)
{
  WeftClientThread *owned, *thread;

  pthread_once (&key_once, make_key);
  owned = pthread_getspecific (owned_key);
  thread = find_owned (client, &owned);
  if (thread == NULL)
    {
      pthread_mutex_lock (&client->lock);
      if (weft_client_is_listening (client) && (thread = take_thread (client)) != NULL)
        {
          _weft_client_thread_ref (thread);
          thread->os_thread = (uint64_t) syscall (SYS_gettid);
          thread->next_owned = owned;
          owned = thread;
        }
      pthread_mutex_unlock (&client->lock);
    }
  pthread_setspecific (owned_key, owned);
  if (thread == NULL)
    return NULL;
  local_client = client;
  local_thread = thread;
  return thread;
}

WeftClientThread *
_weft_client_thread (WeftClient *client)
{
  return WEFT_LIKELY (local_client == client) ? local_thread : join (client);
}

/* ---- the ring -------------------------------------------------------------------------------- */

static void
count_dropped (_Atomic uint64_t *count)
{
  atomic_store_explicit (count, atomic_load_explicit (count, memory_order_relaxed) + 1,
                         memory_order_relaxed);
}

static bool
has_room (WeftClientThread *thread)
{
  if (WEFT_LIKELY (thread->put - thread->taken <= thread->mask))
    return true;
  thread->taken = atomic_load_explicit (&thread->n_taken, memory_order_acquire);
  return thread->put - thread->taken <= thread->mask;
}

static bool
put_entry (WeftClientThread *thread, const WeftClientEntry *entry)
{
  if (WEFT_UNLIKELY (!has_room (thread)))
    {
      count_dropped (&thread->n_dropped);
      return false;
    }
  thread->entries[thread->put & thread->mask] = *entry;
  thread->put++;
  atomic_store_explicit (&thread->n_put, thread->put, memory_order_release);
  if (WEFT_UNLIKELY ((thread->put & (thread->mask >> 1)) == 0))
    _weft_client_wake (thread->client);
  return true;
}

/* ---- spans ----------------------------------------------------------------------------------- */

static void
set_depth (WeftClientThread *thread, uint32_t depth)
{
  thread->n_open = depth;
  atomic_store_explicit (&thread->depth, depth, memory_order_release);
}

WeftClientSpan
weft_client_span_begin (WeftClient *client, uint32_t what)
{
  WeftClientThread *thread;
  WeftClientSlot *slot;
  uint64_t start;

  if (!weft_client_is_listening (client) || (thread = _weft_client_thread (client)) == NULL)
    return 0;
  start = weft_clock_ticks (thread->source);
  if (WEFT_UNLIKELY (start <= thread->last_start))
    start = thread->last_start + 1;
  thread->last_start = start;
  if (WEFT_UNLIKELY (thread->n_open == WEFT_CLIENT_DEPTH))
    return start; /* its end will not find it, and count it as dropped */
  slot = &thread->slots[thread->n_open];
  atomic_store_explicit (&slot->what, what, memory_order_release);
  atomic_store_explicit (&slot->start, start, memory_order_release);
  set_depth (thread, thread->n_open + 1);
  return start;
}

/* The slot is free again, and so are those below it that were left before. */
static void
give_up_slot (WeftClientThread *thread, uint32_t depth)
{
  atomic_store_explicit (&thread->slots[depth].start, 0, memory_order_release);
  if (depth + 1 != thread->n_open)
    return;
  while (depth > 0
         && atomic_load_explicit (&thread->slots[depth - 1].start, memory_order_relaxed) == 0)
    depth--;
  set_depth (thread, depth);
}

/* Returns: the slot's depth, or WEFT_CLIENT_DEPTH if the thread has no such span */
static uint32_t
find_slot (const WeftClientThread *thread, WeftClientSpan span)
{
  for (uint32_t depth = thread->n_open; depth-- > 0;)
    if (atomic_load_explicit (&thread->slots[depth].start, memory_order_relaxed) == span)
      return depth;
  return WEFT_CLIENT_DEPTH;
}

static inline bool
end_span (WeftClient *client, WeftClientSpan span, WeftClientEntryKind kind, uint64_t amount)
{
  uint64_t end = weft_clock_ticks (client->source);
  WeftClientThread *thread = _weft_client_thread (client);
  WeftClientEntry entry = { .start = span, .end = end, .amount = amount, .kind = (uint8_t) kind };
  uint32_t depth;

  if (thread == NULL)
    return false;
  depth = find_slot (thread, span);
  if (WEFT_UNLIKELY (depth == WEFT_CLIENT_DEPTH))
    {
      count_dropped (&thread->n_dropped);
      return false;
    }
  entry.what = atomic_load_explicit (&thread->slots[depth].what, memory_order_relaxed);
  entry.depth = (uint8_t) depth;
  give_up_slot (thread, depth);
  return put_entry (thread, &entry);
}

void
weft_client_span_end (WeftClient *client, WeftClientSpan span, uint64_t n_bytes)
{
  if (client != NULL && span != 0)
    end_span (client, span, WEFT_CLIENT_ENTRY_SPAN, n_bytes);
}

static char *
dup_text (const char *text)
{
  return text != NULL ? g_utf8_make_valid (text, -1) : NULL;
}

void
weft_client_fail (WeftClient *client, WeftClientSpan span, const char *kind, const char *message)
{
  WeftClientFailure *failure;

  if (client == NULL || span == 0)
    return;
  failure = g_new (WeftClientFailure, 1);
  failure->kind = dup_text (kind);
  failure->message = dup_text (message);
  if (!end_span (client, span, WEFT_CLIENT_ENTRY_FAILED, (uint64_t) (uintptr_t) failure))
    _weft_client_failure_free (failure);
}

void
_weft_client_failure_free (WeftClientFailure *failure)
{
  g_free (failure->kind);
  g_free (failure->message);
  g_free (failure);
}

/* ---- points ---------------------------------------------------------------------------------- */

static void
put_point (WeftClient *client, uint32_t task, WeftClientEntryKind kind)
{
  WeftClientEntry entry = { .what = task, .kind = (uint8_t) kind };
  WeftClientThread *thread;

  if (!weft_client_is_listening (client) || (task & WEFT_CLIENT_IS_GROUP) != 0
      || (thread = _weft_client_thread (client)) == NULL)
    return;
  entry.start = entry.end = weft_clock_ticks (thread->source);
  put_entry (thread, &entry);
}

void
weft_client_ready (WeftClient *client, uint32_t task)
{
  put_point (client, task, WEFT_CLIENT_ENTRY_READY);
}

void
weft_client_release (WeftClient *client, uint32_t task)
{
  put_point (client, task, WEFT_CLIENT_ENTRY_RELEASED);
}

void
weft_client_cancel (WeftClient *client, uint32_t task)
{
  put_point (client, task, WEFT_CLIENT_ENTRY_CANCELLED);
}
