/* thread.c: what a thread keeps of slabs and chunks, from its first use to its end
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A thread's part is made when it first allocates and hangs on a thread-local pointer. A key's
 * destructor gives everything back when the thread ends; should a later destructor allocate again,
 * a new part is made and its destructor called in the next round, as pthreads promise. The main
 * thread ends with the process.
 *
 * Threads are numbered densely from 0 and numbers are used again: accounts give the first numbers a
 * share each that only that thread writes. The registry's lock orders the last write of a thread
 * that ended before the first of the one that inherits its number.
 */
#include "config.h"

#include "store/weft-store-private.h"

#include <pthread.h>
#include <stdlib.h>

_Thread_local WeftStoreThread *_weft_store_thread_current;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t key;
static pthread_mutex_t registry_lock = PTHREAD_MUTEX_INITIALIZER;
static WeftStoreThread *registry; /* lock: registry_lock */
static uint64_t *numbers;         /* lock: registry_lock; bit set: in use */
static uint32_t n_words;          /* lock: registry_lock */

static void
thread_free_cb (void *data)
{
  WeftStoreThread *thread = data;

  _weft_slab_release (thread->slabs);
  _weft_chunk_release (thread);

  pthread_mutex_lock (&registry_lock);
  numbers[thread->number / 64] &= ~(1ull << thread->number % 64);
  *thread->link = thread->next;
  if (thread->next != NULL)
    thread->next->link = thread->link;
  pthread_mutex_unlock (&registry_lock);

  _weft_store_thread_current = NULL;
  free (thread);
}

static void
make_key_cb (void)
{
  pthread_key_create (&key, thread_free_cb);
}

/* lock: registry_lock. WEFT_NONE: memory is out */
static uint32_t
take_number (void)
{
  uint32_t word = 0;
  uint32_t bit;

  while (word < n_words && numbers[word] == UINT64_MAX)
    word++;
  if (word == n_words)
    {
      uint64_t *more = realloc (numbers, (n_words + 1) * sizeof *numbers);

      if (more == NULL)
        return WEFT_NONE;
      numbers = more;
      numbers[n_words++] = 0;
    }
  bit = (uint32_t) __builtin_ctzll (~numbers[word]);
  numbers[word] |= 1ull << bit;
  return word * 64 + bit;
}

static bool
register_thread (WeftStoreThread *thread)
{
  pthread_mutex_lock (&registry_lock);
  thread->number = take_number ();
  if (thread->number != WEFT_NONE)
    {
      thread->next = registry;
      thread->link = &registry;
      if (registry != NULL)
        registry->link = &thread->next;
      registry = thread;
    }
  pthread_mutex_unlock (&registry_lock);
  return thread->number != WEFT_NONE;
}

WeftStoreThread *
_weft_store_thread_new (void)
{
  WeftStoreThread *thread = aligned_alloc (WEFT_CACHE_LINE, sizeof *thread);

  pthread_once (&once, make_key_cb);
  if (thread == NULL)
    return NULL;
  *thread = (WeftStoreThread){ 0 };
  if (!register_thread (thread))
    {
      free (thread);
      return NULL;
    }
  pthread_setspecific (key, thread);
  _weft_store_thread_current = thread;
  return thread;
}

void
_weft_store_thread_foreach (void (*func) (WeftStoreThread *thread, void *data), void *data)
{
  pthread_mutex_lock (&registry_lock);
  for (WeftStoreThread *thread = registry; thread != NULL; thread = thread->next)
    func (thread, data);
  pthread_mutex_unlock (&registry_lock);
}
