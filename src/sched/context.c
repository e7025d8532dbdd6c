/* context.c: what a kernel may ask of its task, as the scheduler answers it
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * One context lives in each seat and is used for every task run there: a start stores three words,
 * all else is looked up when asked for. What makes an end look twice (an error, a returned graph)
 * sets `unusual`.
 */
#include "config.h"

#include "sched/weft-careful-private.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>

#define KEPT_OUTPUT_BYTES 4096 /* of what a task printed, for its error */

static WeftSeatTask *
seat_task (WeftTask *task)
{
  return (WeftSeatTask *) task;
}

static const WeftTaskOps seat_task_ops;

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

/* The last of what the task printed, as valid text. (transfer full) (nullable) */
char *
_weft_seat_task_take_output (WeftSeatTask *task)
{
  const char *text;

  if (task->output == NULL || task->output->len == 0)
    return NULL;
  text = task->output->str;
  /* Cut off in the middle of a character: begin with the next. */
  while (task->output->len == KEPT_OUTPUT_BYTES && ((uint8_t) *text & 0xc0) == 0x80)
    text++;
  return g_utf8_make_valid (text, -1);
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
         || (atomic_load_explicit (&context->segment->status[context->task], memory_order_relaxed)
             & WEFT_STATUS_CANCELLED)
                != 0
         || (atomic_load_explicit (&run->control, memory_order_relaxed) & WEFT_CONTROL_CANCELLED)
                != 0;
}

static int64_t
task_deadline_ns (WeftTask *task)
{
  return seat_task (task)->deadline_ns;
}

/* Made when first asked for; kept for the seat's later tasks. The run's lock decides whether the
 * task asked before it was cancelled, and is told through the descriptor, or after. */
static int
task_cancel_fd (WeftTask *task)
{
  WeftSeatTask *context = seat_task (task);
  WeftRun *run = context->seat->run;
  uint64_t one = 1;

  pthread_mutex_lock (&run->lock);
  if (context->cancel_fd < 0)
    context->cancel_fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  context->used_fd = context->cancel_fd >= 0;
  if (context->used_fd && task_is_cancelled (task))
    while (write (context->cancel_fd, &one, sizeof one) < 0 && errno == EINTR)
      ;
  pthread_mutex_unlock (&run->lock);
  task->used |= WEFT_TASK_SCHEDULER;
  return context->cancel_fd;
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
      || !atomic_compare_exchange_strong_explicit (&segment->consumers[slot_id], &one, 0,
                                                   memory_order_acq_rel, memory_order_relaxed))
    return false;
  atomic_store_explicit (&slot->type, WEFT_SLOT_GONE | (type & WEFT_VALUE_TYPE_MASK),
                         memory_order_relaxed);
  context->stolen |= UINT64_C (1) << input;
  return true;
}

/* ---- printing, children, graphs -------------------------------------------------------------- */

/* Should the task fail, its error shows the last of what it printed. */
static void
keep_output (WeftSeatTask *context, const char *bytes, size_t n_bytes)
{
  size_t n = MIN (n_bytes, KEPT_OUTPUT_BYTES);

  if (context->output == NULL)
    context->output = g_string_new (NULL);
  g_string_append_len (context->output, bytes + (n_bytes - n), (gssize) n);
  if (context->output->len > KEPT_OUTPUT_BYTES)
    g_string_erase (context->output, 0, (gssize) (context->output->len - KEPT_OUTPUT_BYTES));
  context->base.used |= WEFT_TASK_SCHEDULER;
}

static void
task_log (WeftTask *task, int stream, const char *bytes, size_t n_bytes)
{
  WeftSeatTask *context = seat_task (task);
  WeftRun *run = context->seat->run;

  keep_output (context, bytes, n_bytes);
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
  char json[160];

  if (run->recorder == NULL)
    return;
  g_snprintf (json, sizeof json,
              "{\"child\": {\"cpu_ns\": %" PRId64 ", \"max_rss_bytes\": %" PRId64
              ", \"read_bytes\": %" PRId64 ", \"written_bytes\": %" PRId64 "}}",
              MAX (cpu_ns, 0), MAX (max_rss_bytes, 0), MAX (read_bytes, 0), MAX (written_bytes, 0));
  weft_recorder_facts (run->recorder, context->seat->lane, context->segment->index, context->task,
                       task_attempt (task), _weft_engine_stamp (run->engine), json);
}

/* Graph and values that nobody will run. */
static void
drop_graph (WeftGraph *graph, const WeftValue *values, uint32_t n_values)
{
  for (uint32_t i = 0; i < n_values; i++)
    weft_value_unref (&values[i]);
  weft_graph_unref (graph);
}

void
_weft_seat_task_drop_replacement (WeftSeatTask *task)
{
  drop_graph (g_steal_pointer (&task->replacement), task->replacement_values,
              task->n_replacement_values);
  g_clear_pointer (&task->replacement_values, g_free);
  task->n_replacement_values = 0;
}

WeftStatus
weft_task_return_graph (WeftTask *task, WeftGraph *graph, const WeftValue *values,
                        uint32_t n_values)
{
  WeftSeatTask *context = seat_task (task);
  const char *mistake = NULL;

  if (task->ops != &seat_task_ops)
    mistake = "the operation returned a graph, but is not run by an engine";
  else if (graph == NULL)
    mistake = "the operation returned no graph";
  else if (context->replacement != NULL)
    mistake = "the operation returned two graphs";
  if (mistake != NULL)
    {
      drop_graph (graph, values, n_values);
      return weft_task_fail (task, "%s", mistake);
    }
  task->used |= WEFT_TASK_SCHEDULER;
  context->replacement = graph;
  context->replacement_values = g_memdup2 (values, n_values * sizeof *values);
  context->n_replacement_values = n_values;
  return WEFT_AGAIN;
}

WeftRun *
weft_task_run (WeftTask *task)
{
  return task->ops == &seat_task_ops ? seat_task (task)->seat->run : NULL;
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
  task->cancel_fd = -1;
  task->attempt = 1;
  task->deadline_ns = INT64_MAX;
}

void
_weft_seat_task_clear (WeftSeatTask *task)
{
  if (task->base.ops == NULL)
    return; /* it never was a seat's */
  if (task->cancel_fd >= 0)
    close (task->cancel_fd);
  if (task->output != NULL)
    g_string_free (task->output, TRUE);
  _weft_task_context_clear (&task->base);
}

/* Before a kernel on the careful path. */
void
_weft_seat_task_begin (WeftSeatTask *task)
{
  WeftItem item = { task->segment, task->task };
  const WeftTaskAttributes *attributes = _weft_item_attributes (&item);

  task->deadline_ns = attributes != NULL && attributes->timeout_ns > 0
                          ? _weft_engine_now_ns (task->seat->run->engine) + attributes->timeout_ns
                          : INT64_MAX;
}

/* Nobody raises the descriptor from here on; it is made quiet for the next task. */
static void
end_fd (WeftSeatTask *task)
{
  WeftRun *run = task->seat->run;
  uint64_t drained;

  if (task->cancel_fd < 0)
    return;
  pthread_mutex_lock (&run->lock);
  while (task->used_fd && read (task->cancel_fd, &drained, sizeof drained) < 0 && errno == EINTR)
    ;
  task->used_fd = false;
  pthread_mutex_unlock (&run->lock);
}

/* After a kernel that was unusual, or ran on the careful path. */
void
_weft_seat_task_end (WeftSeatTask *task)
{
  _weft_task_context_reset (&task->base);
  if (task->replacement != NULL)
    _weft_seat_task_drop_replacement (task);
  if (task->output != NULL)
    g_string_truncate (task->output, 0);
  task->stolen = 0;
  task->attempt = 1;
  task->deadline_ns = INT64_MAX;
  atomic_store_explicit (&task->cancelled, false, memory_order_relaxed);
  end_fd (task);
}

/* ---- blocking in a kernel -------------------------------------------------------------------- */

/* The seat whose task runs on this thread, if it is a worker of some engine inside a kernel. */
static _Thread_local WeftSeat *current_seat;

void
_weft_seat_set_current (WeftSeat *seat)
{
  current_seat = seat;
}

WeftSeat *
_weft_seat_of_thread (void)
{
  return current_seat;
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
  _weft_seat_end_step (seat);
  seat->blocked_since = _weft_seat_now (seat);
  return true;
}

void
_weft_seat_unblock (WeftSeat *seat)
{
  WeftSegment *segment = seat->task.segment;
  WeftRecord *record;

  atomic_store_explicit (&seat->busy, true, memory_order_seq_cst);
  _weft_engine_unblock (seat->run->engine);
  _weft_seat_enter_runtime (
      seat, segment->plans[segment->arrays.call_of_task[seat->task.task]].op->runtime);
  if (seat->lane == NULL)
    return;
  record = weft_lane_next (seat->lane);
  weft_record_set_span (record, WEFT_RECORD_BLOCKED, 0, 0, seat->task.task, segment->index,
                        seat->blocked_since, _weft_seat_now (seat), 0);
  record->depth = 1; /* inside the task's own span */
  weft_lane_publish (seat->lane);
}
