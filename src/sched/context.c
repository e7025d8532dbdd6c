/* context.c: what a kernel may ask of its task, as the scheduler answers it
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * One context lives in each seat and is used for every task run there: a start stores three words,
 * all else is looked up when asked for. What makes an end look twice (an error, a returned graph)
 * sets `unusual`.
 */
#include "config.h"

#include "base/weft-futex-private.h"
#include "sched/weft-careful-private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>

static WeftSeatTask *
seat_task (WeftTask *task)
{
  return (WeftSeatTask *) task;
}

/* ---- errors ---------------------------------------------------------------------------------- */

/* The failure a kernel left, as an error value with one reference; NULL when it left none. */
WeftErrorValue *
_weft_seat_task_take_error (WeftSeatTask *task)
{
  WeftTaskFailure *failure = _weft_task_failure (&task->base);
  WeftErrorValue *error;

  if (failure == NULL)
    return NULL;
  error = (WeftErrorValue *) weft_box_alloc (WEFT_TYPE_ERROR, sizeof *error);
  if (error == NULL)
    return NULL;
  error->message = g_steal_pointer (&failure->message);
  error->kind = g_steal_pointer (&failure->kind);
  error->detail = g_steal_pointer (&failure->detail);
  error->exception = failure->exception;
  failure->exception = (WeftValue) WEFT_VALUE_INIT;
  return error;
}

const char *
_weft_status_text (WeftStatus status)
{
  switch (status)
    {
    case WEFT_CANCELLED:
      return "cancelled";
    case WEFT_NO_MEMORY:
      return "out of memory";
    case WEFT_TIMED_OUT:
      return "ran past its timeout";
    case WEFT_AGAIN:
      return "the operation asked to be called again, but returned no graph";
    default:
      return "the operation failed without a message";
    }
}

/* ---- what it is ------------------------------------------------------------------------------ */

static size_t
task_key (WeftTask *task, char *buffer, size_t size)
{
  WeftSeatTask *context = seat_task (task);

  return weft_graph_key (context->segment->graph, context->task, buffer, size);
}

static uint32_t
task_attempt (WeftTask *task)
{
  return MAX (1, seat_task (task)->attempt);
}

static const WeftBinding *
task_binding (WeftTask *task)
{
  WeftSegment *segment = seat_task (task)->segment;

  return segment->plans[segment->arrays.call_of_task[seat_task (task)->task]].binding;
}

static WeftValue *
task_inputs (WeftTask *task, uint32_t *n_inputs)
{
  *n_inputs = seat_task (task)->n_inputs;
  return seat_task (task)->seat->inputs;
}

static void
task_hint (WeftTask *task, uint32_t output, int64_t *runtime_ns, uint64_t *output_bytes)
{
  WeftSeatTask *context = seat_task (task);
  const WeftGraphHints *hints = &context->segment->arrays.hints;
  uint32_t slot = _weft_first_slot (context->segment, context->task) + output;

  *runtime_ns = hints->runtime_ns != NULL ? hints->runtime_ns[context->task] : -1;
  *output_bytes = hints->output_bytes != NULL ? hints->output_bytes[slot] : UINT64_MAX;
}

/* ---- cancelling ------------------------------------------------------------------------------ */

static bool
task_is_cancelled (WeftTask *task)
{
  WeftSeatTask *context = seat_task (task);
  WeftRun *run = context->seat->run;

  return atomic_load_explicit (&context->cancelled, memory_order_relaxed)
         || (atomic_load_explicit (&run->control, memory_order_relaxed) & WEFT_CONTROL_ENDING) != 0;
}

static int64_t
task_deadline_ns (WeftTask *task)
{
  return seat_task (task)->deadline_ns;
}

static void
raise_fd (WeftSeatTask *context)
{
  uint64_t one = 1;
  int fd = atomic_load_explicit (&context->cancel_fd, memory_order_seq_cst);

  while (fd >= 0 && write (fd, &one, sizeof one) < 0 && errno == EINTR)
    ;
}

/* Made when first asked for; kept for the seat's later tasks. */
static int
task_cancel_fd (WeftTask *task)
{
  WeftSeatTask *context = seat_task (task);
  int fd = atomic_load_explicit (&context->cancel_fd, memory_order_relaxed);

  if (fd < 0)
    {
      fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
      atomic_store_explicit (&context->cancel_fd, fd, memory_order_seq_cst);
    }
  context->used_fd = true;
  if (fd >= 0 && task_is_cancelled (task))
    raise_fd (context);
  return fd;
}

void
_weft_seat_task_cancel (WeftSeatTask *task)
{
  atomic_store_explicit (&task->cancelled, true, memory_order_seq_cst);
  raise_fd (task);
}

/* The run is ending: whoever polls a descriptor is told. */
void
_weft_run_cancel_kernels (WeftRun *run)
{
  uint32_t n_seats = atomic_load_explicit (&run->n_seats, memory_order_acquire);

  for (uint32_t i = 0; i < n_seats; i++)
    {
      WeftSeat *seat = atomic_load_explicit (&run->seats[i], memory_order_acquire);

      if (seat != NULL)
        raise_fd (&seat->task);
    }
  pthread_mutex_lock (&run->lock);
  pthread_cond_broadcast (&run->changed);
  pthread_mutex_unlock (&run->lock);
}

bool
_weft_seat_runs (WeftSeat *seat, WeftSegment *segment, uint32_t task)
{
  WeftNow now;

  return seat->lane != NULL && weft_lane_get_now (seat->lane, &now) && now.segment == segment->index
         && now.task == task;
}

void
_weft_run_cancel_kernel (WeftRun *run, WeftSegment *segment, uint32_t task)
{
  uint32_t n_seats = atomic_load_explicit (&run->n_seats, memory_order_acquire);

  for (uint32_t i = 0; i < n_seats; i++)
    {
      WeftSeat *seat = atomic_load_explicit (&run->seats[i], memory_order_acquire);

      if (seat != NULL && _weft_seat_runs (seat, segment, task))
        _weft_seat_task_cancel (&seat->task);
    }
}

/* ---- taking inputs over ---------------------------------------------------------------------- */

/* Another attempt would find its input gone or half changed. */
static bool
may_steal (WeftSeatTask *context)
{
  WeftItem item = { context->segment, context->task };
  const WeftTaskAttributes *attributes = _weft_item_attributes (&item);

  return attributes == NULL || (attributes->retries == 0 && attributes->timeout_ns == 0);
}

/* Gives the slot's hold on an input to the kernel: only the last consumer can, and nobody who pins
 * the output later finds it (increment-if-not-zero). */
static bool
task_steal (WeftTask *task, uint32_t input)
{
  WeftSeatTask *context = seat_task (task);
  WeftSegment *segment = context->segment;
  uint32_t slot_id =
      _weft_input_slot (segment, segment->arrays.input_offsets[context->task] + input);
  WeftSlot *slot = &segment->slots[slot_id];
  uint32_t type = atomic_load_explicit (&slot->type, memory_order_relaxed);
  uint32_t one = 1;

  if (input >= 64 || !may_steal (context) || (type & WEFT_VALUE_TYPE_MASK) == WEFT_TYPE_MANAGED
      || !atomic_compare_exchange_strong_explicit (&slot->consumers, &one, 0, memory_order_acq_rel,
                                                   memory_order_relaxed))
    return false;
  atomic_store_explicit (&slot->type, WEFT_SLOT_GONE | (type & WEFT_VALUE_TYPE_MASK),
                         memory_order_relaxed);
  context->stolen |= UINT64_C (1) << input;
  return true;
}

/* ---- printing, children, graphs -------------------------------------------------------------- */

static void
task_log (WeftTask *task, int stream, const char *bytes, size_t n_bytes)
{
  WeftSeatTask *context = seat_task (task);
  WeftRun *run = context->seat->run;

  if (run->recorder != NULL)
    weft_recorder_log (run->recorder, context->seat->lane, context->segment->index, context->task,
                       task_attempt (task), (WeftStream) stream, 0,
                       _weft_engine_stamp (run->engine), bytes, n_bytes);
}

static void
task_account_child (WeftTask *task, int64_t cpu_ns, int64_t max_rss_bytes, int64_t read_bytes,
                    int64_t written_bytes)
{
  WeftSeatTask *context = seat_task (task);
  WeftRun *run = context->seat->run;
  uint32_t segment = context->segment->index;

  _weft_run_note (run, WEFT_RECORD_CPU, 0, 1, segment, (uint64_t) MAX (cpu_ns, 0));
  _weft_run_note (run, WEFT_RECORD_MEMORY, 0, 4, segment, (uint64_t) MAX (max_rss_bytes, 0));
  _weft_run_note (run, WEFT_RECORD_IO, 0, 0, segment, (uint64_t) MAX (read_bytes, 0));
  _weft_run_note (run, WEFT_RECORD_IO, 0, 1, segment, (uint64_t) MAX (written_bytes, 0));
}

WeftStatus
weft_task_return_graph (WeftTask *task, WeftGraph *graph, const WeftValue *values,
                        uint32_t n_values)
{
  WeftSeatTask *context = seat_task (task);

  task->used |= WEFT_TASK_SCHEDULER;
  if (context->replacement != NULL)
    return weft_task_fail (task, "the operation returned two graphs");
  context->replacement = graph;
  context->replacement_values = g_memdup2 (values, n_values * sizeof *values);
  context->n_replacement_values = n_values;
  return WEFT_AGAIN;
}

WeftRun *
weft_task_run (WeftTask *task)
{
  return seat_task (task)->seat->run;
}

bool
_weft_seat_task_is_replaced (WeftSeatTask *task)
{
  return task->replacement != NULL;
}

/* ---- life ------------------------------------------------------------------------------------ */

static const WeftTaskOps seat_task_ops = {
  .binding = task_binding,
  .inputs = task_inputs,
  .attempt = task_attempt,
  .key = task_key,
  .hint = task_hint,
  .is_cancelled = task_is_cancelled,
  .deadline_ns = task_deadline_ns,
  .cancel_fd = task_cancel_fd,
  .steal = task_steal,
  .log = task_log,
  .account_child = task_account_child,
};

void
_weft_seat_task_init (WeftSeatTask *task, WeftRun *run, uint32_t worker)
{
  _weft_task_context_init (&task->base, &seat_task_ops, run->account, run->seed, worker);
  atomic_init (&task->cancel_fd, -1);
  task->attempt = 1;
  task->deadline_ns = INT64_MAX;
}

void
_weft_seat_task_clear (WeftSeatTask *task)
{
  int fd = atomic_load_explicit (&task->cancel_fd, memory_order_relaxed);

  if (fd >= 0 && task->seat != NULL)
    close (fd);
  _weft_task_context_clear (&task->base);
}

/* Before a kernel on the careful path. */
void
_weft_seat_task_begin (WeftSeatTask *task)
{
  WeftItem item = { task->segment, task->task };
  const WeftTaskAttributes *attributes = _weft_item_attributes (&item);

  atomic_store_explicit (&task->cancelled, false, memory_order_relaxed);
  task->deadline_ns = attributes != NULL && attributes->timeout_ns > 0
                          ? _weft_engine_now_ns (task->seat->run->engine) + attributes->timeout_ns
                          : INT64_MAX;
}

/* After a kernel that was unusual, or ran on the careful path. */
void
_weft_seat_task_end (WeftSeatTask *task)
{
  int fd = atomic_load_explicit (&task->cancel_fd, memory_order_relaxed);
  uint64_t drained;

  _weft_task_context_reset (&task->base);
  g_clear_pointer (&task->replacement, weft_graph_unref);
  g_clear_pointer (&task->replacement_values, g_free);
  task->n_replacement_values = 0;
  task->stolen = 0;
  task->attempt = 1;
  task->deadline_ns = INT64_MAX;
  atomic_store_explicit (&task->cancelled, false, memory_order_relaxed);
  if (fd >= 0 && task->used_fd)
    while (read (fd, &drained, sizeof drained) < 0 && errno == EINTR)
      ;
  task->used_fd = false;
}

/* ---- foreign runtimes ------------------------------------------------------------------------ */

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

void
_weft_seat_leave_runtime (WeftSeat *seat)
{
  WeftWorker *worker = seat->worker;
  const WeftRuntime *runtime = worker->runtime;
  void **slot;

  if (runtime == NULL)
    return;
  slot = runtime_slot (worker, runtime);
  if (runtime->has_pending != NULL && runtime->drain != NULL
      && runtime->has_pending (runtime->data))
    runtime->drain (runtime->data, worker->index, slot);
  if (runtime->batch_end != NULL)
    runtime->batch_end (runtime->data, worker->index, slot);
  worker->runtime = NULL;
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
  void **slot = runtime_slot (worker, runtime);
  if (runtime->batch_begin != NULL)
    runtime->batch_begin (runtime->data, worker->index, slot);
  worker->runtime = runtime;
}

void
_weft_worker_stop_runtimes (WeftWorker *worker)
{
  GHashTableIter iter;
  gpointer runtime, slot;

  if (worker->runtime_slots == NULL)
    return;
  g_hash_table_iter_init (&iter, worker->runtime_slots);
  while (g_hash_table_iter_next (&iter, &runtime, &slot))
    if (((const WeftRuntime *) runtime)->worker_stop != NULL)
      ((const WeftRuntime *) runtime)
          ->worker_stop (((const WeftRuntime *) runtime)->data, worker->index, slot);
  g_clear_pointer (&worker->runtime_slots, g_hash_table_unref);
}

/* ---- blocking in a kernel -------------------------------------------------------------------- */

/* The seat whose task runs on this thread, if it is a worker of the engine inside a kernel. */
static _Thread_local WeftSeat *current_seat;

void
_weft_seat_set_current (WeftSeat *seat)
{
  current_seat = seat;
}

WeftSeat *
_weft_seat_of_thread (WeftEngine *engine)
{
  return current_seat != NULL && current_seat->run->engine == engine ? current_seat : NULL;
}

/* The kernel is going to wait: everything the seat holds back is given up, a spare takes its
 * place. */
bool
_weft_seat_block (WeftSeat *seat, GError **error)
{
  /* Before others are woken: what waits for memory must not wait for this task. */
  atomic_store_explicit (&seat->busy, false, memory_order_seq_cst);
  if (!_weft_engine_block (seat->run->engine, error))
    {
      atomic_store_explicit (&seat->busy, true, memory_order_seq_cst);
      return false;
    }
  _weft_release_held (seat);
  _weft_seat_tell_done (seat);
  _weft_seat_leave_runtime (seat);
  seat->blocked_since = _weft_seat_now (seat);
  return true;
}

void
_weft_seat_unblock (WeftSeat *seat)
{
  WeftSegment *segment = seat->task.segment;

  atomic_store_explicit (&seat->busy, true, memory_order_seq_cst);
  _weft_engine_unblock (seat->run->engine);
  _weft_seat_enter_runtime (
      seat, segment->plans[segment->arrays.call_of_task[seat->task.task]].op->runtime);
  if (seat->lane == NULL)
    return;
  weft_record_set (weft_lane_next (seat->lane), WEFT_RECORD_BLOCKED, 0, 0, seat->task.task,
                   segment->index, seat->blocked_since, _weft_seat_now (seat) - seat->blocked_since,
                   0);
  weft_lane_publish (seat->lane);
}

/* Slow motion: waits before a start, but not longer than until the control word changes. FALSE: it
 * did. */
bool
_weft_seat_slow_motion (WeftSeat *seat)
{
  WeftRun *run = seat->run;
  uint32_t control = atomic_load_explicit (&run->control, memory_order_acquire);
  int64_t end_ns =
      weft_clock_mono_ns () + atomic_load_explicit (&run->slow_motion_ns, memory_order_relaxed);
  int64_t left_ns;

  while ((left_ns = end_ns - weft_clock_mono_ns ()) > 0)
    {
      _weft_futex_wait (&run->control, control, MIN (left_ns, INT64_C (20000000)));
      if (atomic_load_explicit (&run->control, memory_order_acquire) != control)
        return false;
    }
  return true;
}
