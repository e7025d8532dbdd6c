/* cancel.c: telling running kernels to give up
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * What a kernel polls is the run's control word, a bit in its task's status and a flag of its
 * context that the deadline sets; nothing here has to know which worker runs what. Two kinds of
 * sleeper must be woken besides: who polls a descriptor, which belongs to the seat and is written
 * under the run's lock while the very task that asked for it runs; and who waits for a future, on
 * the seat's own word.
 */
#include "config.h"

#include "sched/weft-careful-private.h"

#include "base/weft-futex-private.h"

#include <errno.h>
#include <limits.h>
#include <unistd.h>

void
_weft_seat_wake (WeftSeat *seat)
{
  atomic_fetch_add_explicit (&seat->task.wake, 1, memory_order_seq_cst);
  _weft_futex_wake (&seat->task.wake, INT_MAX);
}

/* Run lock held. */
static void
raise_fd (WeftSeatTask *task)
{
  uint64_t one = 1;

  while (task->used_fd && write (task->cancel_fd, &one, sizeof one) < 0 && errno == EINTR)
    ;
}

/* The task's deadline has passed while its kernel runs. */
void
_weft_seat_task_cancel (WeftSeatTask *task)
{
  WeftRun *run = task->seat->run;

  atomic_store_explicit (&task->cancelled, true, memory_order_seq_cst);
  pthread_mutex_lock (&run->lock);
  raise_fd (task);
  pthread_mutex_unlock (&run->lock);
  _weft_seat_wake (task->seat);
}

/* Lets all waiting kernels look again, and raises the descriptors of those that `raises` holds of.
 * Who has asked for a descriptor did so under this lock, and its task has not ended. */
static void
tell_sleepers (WeftRun *run, bool (*raises) (const WeftSeatTask *))
{
  uint32_t n_seats = atomic_load_explicit (&run->n_seats, memory_order_acquire);

  pthread_mutex_lock (&run->lock);
  for (uint32_t i = 0; i < n_seats; i++)
    {
      WeftSeat *seat = atomic_load_explicit (&run->seats[i], memory_order_acquire);

      if (seat == NULL)
        continue;
      if (seat->task.used_fd && raises (&seat->task))
        raise_fd (&seat->task);
      _weft_seat_wake (seat);
    }
  pthread_cond_broadcast (&run->changed);
  pthread_mutex_unlock (&run->lock);
}

static bool
any (const WeftSeatTask *task G_GNUC_UNUSED)
{
  return true;
}

static bool
none (const WeftSeatTask *task G_GNUC_UNUSED)
{
  return false;
}

/* The run was cancelled: its control word says so. */
void
_weft_run_cancel_kernels (WeftRun *run)
{
  tell_sleepers (run, any);
}

/* The run stops: kernels go on to their end, but for those that wait for what will not come. */
void
_weft_run_wake_waiters (WeftRun *run)
{
  tell_sleepers (run, none);
}

static void
cancel_one (WeftSegment *segment, uint32_t task)
{
  WeftItem item = { segment, task };

  atomic_fetch_or_explicit (&segment->status[task], WEFT_STATUS_CANCELLED, memory_order_seq_cst);
  if (_weft_item_attributes (&item) != NULL)
    _weft_resources_let_go (segment->run->engine, &item);
}

/* Segments that stand in for cancelled tasks go with them. They come after their parents, so one
 * walk finds those of any depth. One that is being attached is either seen here, or sees its
 * parent's bit itself. The walk costs little, so that it catches up with a task that goes on
 * nesting meanwhile. */
static void
cancel_replacements (WeftSegment *segment)
{
  WeftRun *run = segment->run;

  for (uint32_t i = segment->index + 1; i < weft_run_n_segments (run); i++)
    {
      WeftSegment *inner = _weft_run_get_segment (run, i);

      if (inner->parent.segment == NULL || !_weft_item_is_cancelled (&inner->parent))
        continue;
      for (uint32_t task = 0; task < inner->arrays.n_tasks; task++)
        cancel_one (inner, task);
    }
}

static bool
is_cancelled (const WeftSeatTask *task)
{
  return _weft_item_is_cancelled (&(WeftItem){ task->segment, task->task });
}

/* Cancels one task: if it has not started it never will; if it runs it is told; if a graph stands
 * in for it, that is cancelled. */
void
_weft_task_cancel (WeftSegment *segment, uint32_t task)
{
  cancel_one (segment, task);
  if (atomic_load_explicit (&segment->has_replaced, memory_order_seq_cst))
    cancel_replacements (segment);
  tell_sleepers (segment->run, is_cancelled);
}
