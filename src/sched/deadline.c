/* deadline.c: tasks with a timeout
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * In-process code cannot be killed. Whoever wins the execution's state word ends the task: the
 * returning kernel, or the timer at the deadline. If the timer wins, the cancel flag is raised and
 * the task errs on some other worker, also while the run is paused; the stuck worker's seat is
 * taken out of the run (its ready tasks move to the queue, its lane is closed), and a spare worker
 * takes its place. When the kernel returns after all, its results are dropped, and the references
 * it held on its inputs. A result that is there only after the deadline is late, too.
 */
#include "config.h"

#include "sched/weft-careful-private.h"

#include "base/weft-futex-private.h"
#include "sched/weft-timer-private.h"

enum
{
  RUNNING = 0,
  FINISHED = 1,
  ABANDONED = 2, /* the timer has won … */
  DETACHED = 3,  /* … and taken the seat away */
};

typedef struct _WeftExecution
{
  _Atomic uint32_t refs;
  _Atomic uint32_t state; /* atomic: acq_rel compare-and-swap decides who ends the task; futex */
  WeftRun *run;           /* holds a reference */
  WeftSeat *seat;
  WeftItem item;
  uint32_t attempt;
  bool blocked; /* a spare was allowed for the stuck worker */
} Execution;

static void
execution_unref (Execution *execution)
{
  if (atomic_fetch_sub_explicit (&execution->refs, 1, memory_order_acq_rel) != 1)
    return;
  weft_run_unref (execution->run);
  g_free (execution);
}

static bool
win (Execution *execution, uint32_t state)
{
  uint32_t running = RUNNING;

  return atomic_compare_exchange_strong_explicit (&execution->state, &running, state,
                                                  memory_order_acq_rel, memory_order_acquire);
}

/* Takes the seat out of the run; what it had ready goes to the queue. */
static void
detach_seat (WeftRun *run, WeftSeat *seat)
{
  _weft_run_collect_seat (run, seat);
  pthread_mutex_lock (&run->lock);
  atomic_store_explicit (&run->seats[seat->worker->index], NULL, memory_order_seq_cst);
  g_ptr_array_add (run->lost_seats, seat);
  pthread_mutex_unlock (&run->lock);
  if (seat->lane != NULL)
    weft_lane_abandon (seat->lane);
  atomic_store_explicit (&seat->inside, false, memory_order_seq_cst);
}

/* The stuck worker's lane is closed to it, so the attempt's span goes to lane 0. */
static void
record_timed_out (const Execution *execution)
{
  const WeftSeat *seat = execution->seat;
  const WeftItem *item = &execution->item;
  WeftRecord records[2];
  WeftNow now;

  if (seat->lane == NULL || !weft_lane_get_now (seat->lane, &now))
    return;
  weft_record_set_span (&records[0], WEFT_RECORD_TIMED_OUT, 0, 0, item->task, item->segment->index,
                        now.start, _weft_engine_stamp (execution->run->engine), now.attempt);
  weft_record_set (&records[1], WEFT_RECORD_PEER, WEFT_RECORD_DETAIL, 0, item->task,
                   item->segment->index, weft_record_end (&records[0]), 0, seat->lane->id);
  weft_recorder_note_n (execution->run->recorder, records, 2);
}

static void
deadline_cb (void *data)
{
  Execution *execution = data;
  WeftRun *run = execution->run;

  execution->blocked = _weft_engine_block (run->engine, NULL);
  if (win (execution, ABANDONED))
    {
      record_timed_out (execution);
      /* The kernel cannot end its task any more, so the flag meets nobody else. */
      _weft_seat_task_cancel (&execution->seat->task);
      _weft_queue_push (run->expired, execution->item);
      detach_seat (run, execution->seat);
      atomic_store_explicit (&execution->state, DETACHED, memory_order_release);
      _weft_futex_wake (&execution->state, 1);
      _weft_engine_wake_all (run->engine);
      _weft_run_leave (run);
    }
  else if (execution->blocked)
    _weft_engine_unblock (run->engine);
  execution_unref (execution);
}

static void
ref_inputs (const WeftSeat *seat, uint32_t n, bool take)
{
  for (uint32_t i = 0; i < n; i++)
    if (take)
      weft_value_ref (&seat->inputs[i]);
    else
      weft_value_unref (&seat->inputs[i]);
}

/* The kernel has returned too late: its thread must not meet the seat in the run any more. */
static void
wait_until_detached (Execution *execution)
{
  while (atomic_load_explicit (&execution->state, memory_order_acquire) == ABANDONED)
    _weft_futex_wait (&execution->state, ABANDONED, -1);
}

/* Runs the kernel on this thread. WEFT_AGAIN with the seat lost: the task was ended without us. */
WeftStatus
_weft_run_with_deadline (WeftSeat *seat, WeftItem *item, const WeftPlan *plan,
                         const WeftValue *args, uint32_t n_args, WeftValue *results)
{
  Execution *execution = g_new0 (Execution, 1);
  uint32_t n_inputs = seat->task.n_inputs;
  WeftEngine *engine = seat->run->engine;
  WeftStatus status;
  uint64_t timer;

  atomic_init (&execution->refs, 2);
  execution->run = weft_run_ref (seat->run);
  execution->seat = seat;
  execution->item = *item;
  execution->attempt = seat->task.attempt;
  _weft_seat_tell_done (seat);
  ref_inputs (seat, n_inputs, true);
  timer = _weft_timer_add (engine, seat->task.deadline_ns, deadline_cb, execution, NULL);
  status = plan->kernel (&seat->task.base, args, n_args, results);
  if (_weft_timer_remove (engine, timer))
    execution_unref (execution);
  ref_inputs (seat, n_inputs, false);
  if (!win (execution, FINISHED))
    {
      wait_until_detached (execution);
      for (uint32_t k = 0; k < plan->n_outputs; k++)
        weft_value_clear (&results[k]);
      if (execution->blocked)
        _weft_engine_unblock (engine);
      seat->lost = true;
      status = WEFT_AGAIN;
    }
  else if (_weft_engine_now_ns (engine) >= seat->task.deadline_ns)
    {
      /* It returned just before the timer came, perhaps as it watches the clock itself. */
      for (uint32_t k = 0; k < plan->n_outputs; k++)
        weft_value_clear (&results[k]);
      status = WEFT_TIMED_OUT;
    }
  execution_unref (execution);
  return status;
}
