/* runtime.c: foreign runtimes that keep state on worker threads
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A batch stays open over a stretch of tasks of one runtime, so that a lock is not taken and let go
 * for each. It is closed before the worker does anything else: another task, stealing, looking at
 * other runs, blocking, sleeping.
 */
#include "config.h"

#include "sched/weft-sched-private.h"

static void **
runtime_slot (WeftWorker *worker, const WeftRuntime *runtime)
{
  void **slot;

  if (worker->runtime_slots == NULL)
    worker->runtime_slots = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  slot = g_hash_table_lookup (worker->runtime_slots, runtime);
  if (slot == NULL)
    {
      slot = g_new0 (void *, 1);
      g_hash_table_insert (worker->runtime_slots, (gpointer) runtime, slot);
      if (runtime->worker_start != NULL)
        runtime->worker_start (runtime->data, worker->index, slot);
    }
  return slot;
}

static void
begin_batch (WeftWorker *worker, const WeftRuntime *runtime, void **slot)
{
  if (runtime->batch_begin != NULL)
    runtime->batch_begin (runtime->data, worker->index, slot);
}

/* Releases that were put off are done before the lock is let go. */
static void
end_batch (WeftWorker *worker, const WeftRuntime *runtime, void **slot)
{
  if (runtime->has_pending != NULL && runtime->drain != NULL
      && runtime->has_pending (runtime->data))
    runtime->drain (runtime->data, worker->index, slot);
  if (runtime->batch_end != NULL)
    runtime->batch_end (runtime->data, worker->index, slot);
}

void
_weft_seat_leave_runtime (WeftSeat *seat)
{
  WeftWorker *worker = seat->worker;
  const WeftRuntime *runtime = worker->runtime;

  if (runtime == NULL)
    return;
  end_batch (worker, runtime, runtime_slot (worker, runtime));
  worker->runtime = NULL;
  seat->in_batch = false;
}

/* Opens a batch of the runtime, or closes the open one for tasks that need none. */
void
_weft_seat_enter_runtime (WeftSeat *seat, const WeftRuntime *runtime)
{
  WeftWorker *worker = seat->worker;

  if (worker->runtime == runtime)
    return;
  _weft_seat_leave_runtime (seat);
  if (runtime == NULL)
    return;
  begin_batch (worker, runtime, runtime_slot (worker, runtime));
  worker->runtime = runtime;
  seat->in_batch = true;
}

/* The worker is going to sleep, or has woken. What the last tasks of a run left to be released is
 * looked after first. */
void
_weft_worker_park_runtimes (WeftWorker *worker, bool parks)
{
  GHashTableIter iter;
  gpointer key, slot;

  if (worker->runtime_slots == NULL)
    return;
  g_hash_table_iter_init (&iter, worker->runtime_slots);
  while (g_hash_table_iter_next (&iter, &key, &slot))
    {
      const WeftRuntime *runtime = key;

      if (parks && runtime->has_pending != NULL && runtime->has_pending (runtime->data))
        {
          begin_batch (worker, runtime, slot);
          end_batch (worker, runtime, slot);
        }
      if (parks && runtime->park != NULL)
        runtime->park (runtime->data, worker->index, slot);
      if (!parks && runtime->unpark != NULL)
        runtime->unpark (runtime->data, worker->index, slot);
    }
}

void
_weft_worker_stop_runtimes (WeftWorker *worker)
{
  GHashTableIter iter;
  gpointer key, slot;

  if (worker->runtime_slots == NULL)
    return;
  g_hash_table_iter_init (&iter, worker->runtime_slots);
  while (g_hash_table_iter_next (&iter, &key, &slot))
    {
      const WeftRuntime *runtime = key;

      if (runtime->worker_stop != NULL)
        runtime->worker_stop (runtime->data, worker->index, slot);
    }
  g_clear_pointer (&worker->runtime_slots, g_hash_table_unref);
}
