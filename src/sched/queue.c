/* queue.c: ready tasks that belong to no seat, best first
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A binary heap behind a mutex, ordered by (segment priority, segment, task). It holds what comes
 * back from elsewhere: retries, granted resources, resumed tasks, filled imports. The length may be
 * read without the lock, and is written seq_cst after a push, so that a pusher and a worker that
 * falls asleep cannot miss each other.
 */
#include "config.h"

#include "sched/weft-sched-private.h"

#include <stdlib.h>

WeftQueue *
_weft_queue_new (void)
{
  WeftQueue *queue = g_new0 (WeftQueue, 1);

  pthread_mutex_init (&queue->lock, NULL);
  return queue;
}

void
_weft_queue_free (WeftQueue *queue)
{
  if (queue == NULL)
    return;
  pthread_mutex_destroy (&queue->lock);
  g_free (queue->items);
  g_free (queue);
}

/* Which of two tasks has the better priority. */
bool
_weft_item_before (WeftItem a, WeftItem b)
{
  if (a.segment->priority != b.segment->priority)
    return a.segment->priority > b.segment->priority;
  if (a.segment->index != b.segment->index)
    return a.segment->index < b.segment->index;
  return a.task < b.task;
}

static void
sift_up (WeftItem *items, uint32_t i)
{
  WeftItem item = items[i];

  while (i > 0 && _weft_item_before (item, items[(i - 1) / 2]))
    {
      items[i] = items[(i - 1) / 2];
      i = (i - 1) / 2;
    }
  items[i] = item;
}

static void
sift_down (WeftItem *items, uint32_t n, uint32_t i)
{
  WeftItem item = items[i];

  for (uint32_t child = 2 * i + 1; child < n; child = 2 * i + 1)
    {
      if (child + 1 < n && _weft_item_before (items[child + 1], items[child]))
        child++;
      if (!_weft_item_before (items[child], item))
        break;
      items[i] = items[child];
      i = child;
    }
  items[i] = item;
}

void
_weft_queue_push (WeftQueue *queue, WeftItem item)
{
  pthread_mutex_lock (&queue->lock);
  uint32_t n = atomic_load_explicit (&queue->length, memory_order_relaxed);

  if (n == queue->capacity)
    {
      queue->capacity = MAX (16, 2 * queue->capacity);
      queue->items = g_renew (WeftItem, queue->items, queue->capacity);
    }
  queue->items[n] = item;
  sift_up (queue->items, n);
  atomic_store_explicit (&queue->length, n + 1, memory_order_seq_cst);
  pthread_mutex_unlock (&queue->lock);
}

bool
_weft_queue_pop (WeftQueue *queue, WeftItem *item)
{
  uint32_t n;

  if (_weft_queue_length (queue) == 0)
    return false;
  pthread_mutex_lock (&queue->lock);
  n = atomic_load_explicit (&queue->length, memory_order_relaxed);
  if (n > 0)
    {
      *item = queue->items[0];
      queue->items[0] = queue->items[n - 1];
      if (n > 1)
        sift_down (queue->items, n - 1, 0);
      atomic_store_explicit (&queue->length, n - 1, memory_order_relaxed);
    }
  pthread_mutex_unlock (&queue->lock);
  return n > 0;
}

/* The best item, which stays. */
bool
_weft_queue_peek (WeftQueue *queue, WeftItem *item)
{
  bool any;

  pthread_mutex_lock (&queue->lock);
  any = atomic_load_explicit (&queue->length, memory_order_relaxed) > 0;
  if (any)
    *item = queue->items[0];
  pthread_mutex_unlock (&queue->lock);
  return any;
}
