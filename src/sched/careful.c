/* careful.c: one task, with everything that can be unusual about it
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * The steps, in order, each of which may send the task elsewhere (the queue, a waiting list, a
 * timer) and so end the call: may it start now (control word, breakpoint, memory); has something
 * upstream erred; does it get its resources; are its inputs in memory; then the kernel; then
 * success, failure, retry, replacement by a graph. Here locks may be taken and memory allocated.
 */
#include "config.h"

#include "sched/weft-careful-private.h"

#include "sched/weft-timer-private.h"

#include <string.h>

#define DEFAULT_RETRY_DELAY_NS INT64_C (100000000)
#define LONGEST_RETRY_DELAY_NS INT64_C (60000000000)

/* ---- helpers --------------------------------------------------------------------------------- */

const WeftTaskAttributes *
_weft_item_attributes (const WeftItem *item)
{
  const WeftGraphArrays *arrays = &item->segment->arrays;
  uint32_t index =
      arrays->attributes_of_task != NULL ? arrays->attributes_of_task[item->task] : WEFT_NONE;

  return index == WEFT_NONE ? NULL : &arrays->attributes[index];
}

static uint8_t
status_of (const WeftItem *item)
{
  return atomic_load_explicit (&item->segment->status[item->task], memory_order_acquire);
}

static void
set_status (const WeftItem *item, uint8_t bits)
{
  atomic_fetch_or_explicit (&item->segment->status[item->task], bits, memory_order_acq_rel);
}

static void
clear_status (const WeftItem *item, uint8_t bits)
{
  atomic_fetch_and_explicit (&item->segment->status[item->task], (uint8_t) ~bits,
                             memory_order_acq_rel);
}

uint32_t
_weft_item_n_outputs (const WeftItem *item)
{
  return _weft_n_outputs (item->segment, item->task);
}

/* Attempts made are rare enough to be kept in a table. */
uint32_t
_weft_item_attempt (const WeftItem *item)
{
  WeftSegment *segment = item->segment;
  uint32_t n_made = 0;

  pthread_mutex_lock (&segment->lock);
  if (segment->attempts != NULL)
    n_made =
        GPOINTER_TO_UINT (g_hash_table_lookup (segment->attempts, GUINT_TO_POINTER (item->task)));
  pthread_mutex_unlock (&segment->lock);
  return n_made + 1;
}

static void
set_attempts_made (const WeftItem *item, uint32_t n_made)
{
  WeftSegment *segment = item->segment;

  pthread_mutex_lock (&segment->lock);
  if (segment->attempts == NULL)
    segment->attempts = g_hash_table_new (NULL, NULL);
  g_hash_table_insert (segment->attempts, GUINT_TO_POINTER (item->task), GUINT_TO_POINTER (n_made));
  pthread_mutex_unlock (&segment->lock);
}

bool
_weft_item_is_cancelled (const WeftItem *item)
{
  return (status_of (item) & WEFT_STATUS_CANCELLED) != 0;
}

/* ---- may it start? --------------------------------------------------------------------------- */

/* It reads no task's result, so it can only add to what is held. */
static bool
is_source (const WeftItem *item)
{
  const WeftGraphArrays *arrays = &item->segment->arrays;

  for (uint32_t i = arrays->input_offsets[item->task]; i < arrays->input_offsets[item->task + 1];
       i++)
    if (arrays->input_tasks[i] < arrays->n_tasks
        || arrays->imports[arrays->input_tasks[i] - arrays->n_tasks].kind != WEFT_IMPORT_VALUE)
      return false;
  return true;
}

/* A breakpoint: the run pauses, the task waits in front of it and passes it next time. */
static bool
hits_breakpoint (WeftSeat *seat, const WeftItem *item)
{
  WeftRun *run = seat->run;
  uint64_t break_bytes = atomic_load_explicit (&run->break_bytes, memory_order_relaxed);
  bool hit = false;

  if (status_of (item) & WEFT_STATUS_BREAK)
    {
      clear_status (item, WEFT_STATUS_BREAK);
      hit = !seat->stepping;
    }
  if (break_bytes > 0 && !seat->stepping
      && weft_account_held_bytes (run->account) > (int64_t) MIN (break_bytes, INT64_MAX))
    {
      weft_run_break_above_bytes (run, 0);
      hit = true;
    }
  if (hit)
    {
      _weft_run_note (run, WEFT_RECORD_BREAK, 0, item->task, item->segment->index, 0);
      weft_run_pause (run);
    }
  return hit;
}

/* What waits for something else holds no resources meanwhile, which others may need. They are given
 * back first: once it is in the queue it may be anybody's. */
static bool
hold (WeftRun *run, const WeftItem *item)
{
  _weft_item_give_resources (run->engine, item);
  _weft_run_hold (run, *item);
  return false;
}

/* TRUE: go on. FALSE: the task was put where it belongs. */
static bool
may_start (WeftSeat *seat, const WeftItem *item)
{
  WeftRun *run = seat->run;
  uint32_t control = atomic_load_explicit (&run->control, memory_order_acquire);

  if (control & WEFT_CONTROL_ENDING)
    {
      _weft_item_give_resources (run->engine, item);
      return false;
    }
  if (((control & WEFT_CONTROL_PAUSED) != 0 && !seat->stepping) || hits_breakpoint (seat, item))
    return hold (run, item);
  if ((control & WEFT_CONTROL_SLOW) != 0 && !seat->stepping && !_weft_run_slow_start (run))
    return hold (run, item);
  if (control & (WEFT_CONTROL_SPILL | WEFT_CONTROL_MEMORY))
    return _weft_memory_admit (seat, item, is_source (item));
  return true;
}

/* ---- what erred upstream --------------------------------------------------------------------- */

static GHashTable *
table (GHashTable **slot)
{
  if (*slot == NULL)
    *slot = g_hash_table_new (NULL, NULL);
  return *slot;
}

/* The error among the gathered inputs, or of an order-only dependency. NULL: none. Borrowed. */
static WeftBox *
upstream_error (WeftSeat *seat, const WeftItem *item, uint32_t n_inputs)
{
  WeftBox *box = NULL;

  for (uint32_t i = 0; i < n_inputs; i++)
    if (weft_value_type (&seat->inputs[i]) == WEFT_TYPE_ERROR)
      return seat->inputs[i].u.box;
  if ((status_of (item) & WEFT_STATUS_UPSTREAM) == 0)
    return NULL;
  pthread_mutex_lock (&item->segment->lock);
  box = g_hash_table_lookup (table (&item->segment->culprits), GUINT_TO_POINTER (item->task));
  pthread_mutex_unlock (&item->segment->lock);
  return box;
}

/* Order-only dependents learn of an error through a bit and a table; values carry it to the
 * others. */
static void
tell_afters (WeftSegment *segment, uint32_t task, WeftBox *error)
{
  const WeftGraphArrays *arrays = &segment->arrays;

  if (arrays->after_offsets == NULL)
    return;
  for (uint32_t i = arrays->dependent_offsets[task]; i < arrays->dependent_offsets[task + 1]; i++)
    {
      uint32_t dependent = arrays->dependents[i];

      pthread_mutex_lock (&segment->lock);
      if (!g_hash_table_contains (table (&segment->culprits), GUINT_TO_POINTER (dependent)))
        {
          atomic_fetch_add_explicit (&error->refs, 1, memory_order_relaxed);
          g_hash_table_insert (segment->culprits, GUINT_TO_POINTER (dependent), error);
        }
      pthread_mutex_unlock (&segment->lock);
      atomic_fetch_or_explicit (&segment->status[dependent], WEFT_STATUS_UPSTREAM,
                                memory_order_acq_rel);
    }
}

/* ---- outputs, and the end -------------------------------------------------------------------- */

/* Publishes one output and takes over the value's reference. */
static void
publish_output (WeftSegment *segment, uint32_t slot_id, const WeftValue *value)
{
  WeftSlot *slot = &segment->slots[slot_id];

  _weft_slot_publish (slot, value, segment->watchable);
  if (!weft_value_is_boxed (value))
    return;
  if (segment->watchable)
    _weft_slot_drop (segment, slot_id, 1);
  else if (atomic_load_explicit (&segment->consumers[slot_id], memory_order_relaxed) == 0)
    {
      weft_value_unref (value);
      atomic_store_explicit (&slot->type, WEFT_SLOT_GONE | (value->type & WEFT_VALUE_TYPE_MASK),
                             memory_order_relaxed);
    }
}

/* Inputs are let go of as the slots hold them: what was gathered may be pinned values by now. */
void
_weft_drop_inputs (WeftSegment *segment, uint32_t task, const uint64_t *stolen)
{
  const WeftGraphArrays *arrays = &segment->arrays;
  uint32_t first = arrays->input_offsets[task];

  for (uint32_t i = first; i < arrays->input_offsets[task + 1]; i++)
    {
      uint32_t slot = _weft_input_slot (segment, i);
      uint32_t type = atomic_load_explicit (&segment->slots[slot].type, memory_order_relaxed);
      uint32_t k = i - first;

      if (stolen != NULL && k < 64 && ((*stolen >> k) & 1) != 0)
        continue;
      if ((type & WEFT_VALUE_BOXED) != 0 && (type & WEFT_SLOT_GONE) == 0)
        _weft_slot_drop (segment, slot, 1);
    }
}

/* Everything after the outputs are published: dependents, watchers, the rest of the unit,
 * counts. */
static bool
end_task (WeftSeat *seat, WeftItem *item, WeftItem *next)
{
  WeftSegment *segment = item->segment;
  bool more;

  if (status_of (item) & WEFT_STATUS_ATTRIBUTES)
    _weft_item_give_resources (seat->run->engine, item);
  if (segment->watchable)
    _weft_settle_watchers (seat, segment, item->task);
  more = _weft_notify (seat, segment, item->task, next);
  if (_weft_unit_goes_on (segment, item->task))
    {
      if (more)
        _weft_seat_push (seat, next->segment, next->task);
      *next = (WeftItem){ segment, item->task + 1 };
      more = true;
    }
  _weft_seat_count_done (seat, segment);
  if (atomic_load_explicit (&seat->run->control, memory_order_relaxed) & WEFT_CONTROL_SLOW)
    _weft_run_slow_end (seat->run);
  return more;
}

/* Gives all outputs the same error; `error` is borrowed. */
static void
publish_error (WeftItem *item, WeftBox *error)
{
  uint32_t first = _weft_first_slot (item->segment, item->task);

  for (uint32_t k = 0; k < _weft_item_n_outputs (item); k++)
    {
      WeftValue value;

      atomic_fetch_add_explicit (&error->refs, 1, memory_order_relaxed);
      weft_value_take_box (&value, error);
      publish_output (item->segment, first + k, &value);
    }
}

/* ---- records --------------------------------------------------------------------------------- */

static void
record_task (WeftSeat *seat, const WeftItem *item, WeftHow how, WeftOutcome outcome, uint64_t start,
             uint64_t amount, uint8_t flags)
{
  const WeftSegment *segment = item->segment;
  uint32_t attempt = seat->task.attempt;
  uint64_t end;

  if (seat->lane == NULL)
    return;
  end = _weft_seat_now (seat);
  flags |= _weft_unit_record_flag (segment, item->task);
  _weft_seat_record (seat, WEFT_RECORD_TASK, flags, (uint8_t) (how | outcome << 4), item->task,
                     item->segment->index, start, end, amount);
  if (how == WEFT_HOW_STOLEN)
    _weft_seat_detail (seat, WEFT_RECORD_PEER, 0, item->task, item->segment->index,
                       seat->stolen_from);
  if (attempt > 1)
    _weft_seat_detail (seat, WEFT_RECORD_ATTEMPT, 0, item->task, item->segment->index, attempt);
  if (end > start + seat->cpu_ticks)
    _weft_seat_tell_cpu (seat, item, start, end);
  seat->contiguous = false;
}

static void
record_outputs (WeftSeat *seat, const WeftItem *item, const WeftValue *results, uint32_t n)
{
  uint32_t first = _weft_first_slot (item->segment, item->task);

  for (uint32_t k = 0; k < n && seat->lane != NULL && n > 1; k++)
    {
      uint8_t flags = 0;
      uint64_t charge = _weft_result_charge (&results[k], &flags);

      _weft_seat_detail (seat, WEFT_RECORD_OUTPUT, flags, first + k, item->segment->index, charge);
    }
}

/* ---- the ways a task ends -------------------------------------------------------------------- */

/* It never ran: something it depends on erred. */
static bool
end_erred (WeftSeat *seat, WeftItem *item, WeftBox *error, WeftItem *next)
{
  const WeftErrorValue *why = (const WeftErrorValue *) error;
  WeftRun *run = seat->run;

  atomic_fetch_add_explicit (&error->refs, 1, memory_order_relaxed);
  if (seat->lane != NULL)
    {
      uint64_t now = _weft_seat_now (seat);

      _weft_seat_record (seat, WEFT_RECORD_ERRED, 0, 0, item->task, item->segment->index, now, now,
                         0);
      _weft_seat_detail (seat, WEFT_RECORD_CULPRIT, 0, why->culprit_task, why->culprit_segment, 0);
      seat->contiguous = false;
    }
  atomic_fetch_add_explicit (&run->n_erred, 1, memory_order_relaxed);
  if (why->status == WEFT_CANCELLED)
    _weft_run_hurt_by_cancel (run, why->culprit_key);
  _weft_drop_inputs (item->segment, item->task, NULL);
  publish_error (item, error);
  tell_afters (item->segment, item->task, error);
  bool more = end_task (seat, item, next);
  weft_box_unref (error);
  return more;
}

typedef struct
{
  WeftRun *run; /* holds a reference */
  WeftItem item;
  uint64_t since; /* stamp of the failure */
  uint32_t attempt;
} Retry;

static void
retry_cb (void *data)
{
  Retry *retry = data;

  _weft_run_note_span (retry->run, WEFT_RECORD_RETRY_WAIT, &retry->item, retry->since,
                       retry->attempt);
  _weft_run_note (retry->run, WEFT_RECORD_READY, 0, retry->item.task, retry->item.segment->index,
                  0);
  _weft_queue_push (retry->run->queue, retry->item);
  _weft_engine_wake (retry->run->engine);
  weft_run_unref (retry->run);
  g_free (retry);
}

/* Exponential back-off. */
static int64_t
retry_delay_ns (const WeftTaskAttributes *attributes, uint32_t attempt)
{
  int64_t delay =
      attributes->retry_delay_ns > 0 ? attributes->retry_delay_ns : DEFAULT_RETRY_DELAY_NS;

  for (uint32_t i = 1; i < attempt && delay < LONGEST_RETRY_DELAY_NS; i++)
    delay *= 2;
  return MIN (delay, LONGEST_RETRY_DELAY_NS);
}

static void
schedule_retry (WeftSeat *seat, const WeftItem *item, uint32_t attempt)
{
  Retry *retry = g_new0 (Retry, 1);

  retry->run = weft_run_ref (seat->run);
  retry->item = *item;
  retry->since = seat->lane != NULL ? seat->stamp : 0;
  retry->attempt = attempt;
  set_attempts_made (item, attempt);
  _weft_timer_add (seat->run->engine,
                   _weft_engine_now_ns (seat->run->engine)
                       + retry_delay_ns (_weft_item_attributes (item), attempt),
                   retry_cb, retry, seat->run);
}

static WeftOutcome
outcome_of (WeftStatus status)
{
  switch (status)
    {
    case WEFT_CANCELLED:
      return WEFT_OUTCOME_CANCELLED;
    case WEFT_TIMED_OUT:
      return WEFT_OUTCOME_TIMED_OUT;
    default:
      return WEFT_OUTCOME_FAILED;
    }
}

/* The kernel failed for good, or gave up as it was told: `error` is taken over. */
static bool
end_failed (WeftSeat *seat, WeftItem *item, WeftBox *error, WeftItem *next)
{
  const WeftErrorValue *why = (const WeftErrorValue *) error;

  if (seat->run->recorder != NULL)
    weft_recorder_error (seat->run->recorder, seat->lane, item->segment->index, item->task,
                         why->attempt, seat->stamp, why->kind, why->message, why->detail,
                         why->output);
  _weft_drop_inputs (item->segment, item->task, &seat->task.stolen);
  publish_error (item, error);
  tell_afters (item->segment, item->task, error);
  if (why->status == WEFT_CANCELLED)
    atomic_fetch_add_explicit (&seat->run->n_cancelled, 1, memory_order_relaxed);
  else
    _weft_run_fail (seat->run, item, why);
  bool more = end_task (seat, item, next);
  weft_box_unref (error);
  return more;
}

/* What went wrong, as a value; the message is the kernel's or says what the status means. */
static WeftBox *
make_error (WeftSeat *seat, const WeftItem *item, WeftStatus status, uint32_t attempt)
{
  g_autofree char *key = weft_graph_dup_key (item->segment->graph, item->task);
  WeftErrorValue *kept = _weft_seat_task_take_error (&seat->task);
  WeftValue value;

  if (kept == NULL)
    {
      if (weft_value_init_error (&value, status, key, item->segment->index, item->task, attempt,
                                 _weft_status_text (status))
          == WEFT_OK)
        {
          ((WeftErrorValue *) value.u.box)->output = _weft_seat_task_take_output (&seat->task);
          return value.u.box;
        }
      /* Not even that much memory is left: the run keeps one ready. */
      weft_value_ref (&seat->run->no_memory);
      return seat->run->no_memory.u.box;
    }
  kept->output = _weft_seat_task_take_output (&seat->task);
  kept->status = status;
  kept->culprit_task = item->task;
  kept->culprit_segment = item->segment->index;
  kept->attempt = attempt;
  kept->culprit_key = g_steal_pointer (&key);
  return &kept->box;
}

static bool
end_attempt (WeftSeat *seat, WeftItem *item, WeftHow how, WeftStatus status, uint64_t start,
             bool again, WeftItem *next)
{
  uint32_t attempt = seat->task.attempt;
  WeftBox *error = make_error (seat, item, status, attempt);
  const WeftErrorValue *why = (const WeftErrorValue *) error;

  record_task (seat, item, how, again ? WEFT_OUTCOME_RETRIED : outcome_of (status), start, 0, 0);
  if (!again)
    return end_failed (seat, item, error, next);
  if (seat->run->recorder != NULL)
    weft_recorder_error (seat->run->recorder, seat->lane, item->segment->index, item->task, attempt,
                         seat->stamp, why->kind, why->message, why->detail, why->output);
  weft_box_unref (error);
  _weft_item_give_resources (seat->run->engine, item);
  clear_status (item, WEFT_STATUS_GRANTED);
  schedule_retry (seat, item, attempt);
  return false;
}

bool
_weft_end_not_ok (WeftSeat *seat, WeftItem *item, WeftHow how, WeftStatus status, uint64_t start,
                  WeftItem *next)
{
  const WeftTaskAttributes *attributes = _weft_item_attributes (item);
  bool again =
      attributes != NULL && seat->task.attempt <= attributes->retries && status != WEFT_CANCELLED
      && (atomic_load_explicit (&seat->run->control, memory_order_relaxed) & WEFT_CONTROL_ENDING)
             == 0;

  return end_attempt (seat, item, how, status, start, again, next);
}

/* It was cancelled before it started. */
static bool
end_cancelled (WeftSeat *seat, WeftItem *item, WeftItem *next)
{
  uint64_t now = _weft_seat_now (seat);

  if (seat->lane != NULL)
    _weft_seat_record (seat, WEFT_RECORD_CANCELLED, 0, 0, item->task, item->segment->index, now,
                       now, 0);
  seat->contiguous = false;
  return end_failed (seat, item, make_error (seat, item, WEFT_CANCELLED, seat->task.attempt), next);
}

/* A replaced task gets its results from the segment that stood in for it. */
bool
_weft_end_replaced (WeftSeat *seat, WeftItem *item, const WeftValue *results, WeftItem *next)
{
  uint32_t first = _weft_first_slot (item->segment, item->task);

  for (uint32_t k = 0; k < _weft_item_n_outputs (item); k++)
    {
      if (weft_value_type (&results[k]) == WEFT_TYPE_ERROR && k == 0)
        {
          atomic_fetch_add_explicit (_weft_item_is_cancelled (item) ? &seat->run->n_cancelled
                                                                    : &seat->run->n_erred,
                                     1, memory_order_relaxed);
          tell_afters (item->segment, item->task, results[k].u.box);
        }
      publish_output (item->segment, first + k, &results[k]);
    }
  return end_task (seat, item, next);
}

static bool
end_ok (WeftSeat *seat, WeftItem *item, WeftHow how, WeftValue *results, uint64_t start,
        WeftItem *next)
{
  WeftSegment *segment = item->segment;
  uint32_t n = _weft_item_n_outputs (item);
  uint32_t first = _weft_first_slot (segment, item->task);
  uint64_t amount = 0;
  uint8_t flags = 0;

  for (uint32_t k = 0; k < n; k++)
    amount += _weft_result_charge (&results[k], &flags);
  record_task (seat, item, how, WEFT_OUTCOME_OK, start, amount, flags);
  record_outputs (seat, item, results, n);
  for (uint32_t k = 0; k < n; k++)
    {
      _weft_manage (seat, segment, item->task, first + k, &results[k]);
      publish_output (segment, first + k, &results[k]);
    }
  _weft_drop_inputs (segment, item->task, &seat->task.stolen);
  return end_task (seat, item, next);
}

static void
prepare_context (WeftSeat *seat, const WeftItem *item, uint32_t n_inputs)
{
  seat->task.segment = item->segment;
  seat->task.task = item->task;
  seat->task.n_inputs = n_inputs;
  seat->task.stolen = 0;
  seat->task.attempt =
      (status_of (item) & WEFT_STATUS_ATTRIBUTES) != 0 ? _weft_item_attempt (item) : 1;
  _weft_seat_task_begin (&seat->task);
}

static bool
was_told_to_give_up (WeftSeat *seat, const WeftItem *item)
{
  return _weft_item_is_cancelled (item)
         || (atomic_load_explicit (&seat->run->control, memory_order_acquire)
             & WEFT_CONTROL_CANCELLED)
                != 0;
}

/* The task's deadline passed while its kernel ran, which may still go on elsewhere. */
bool
_weft_end_timed_out (WeftSeat *seat, WeftItem *item, WeftItem *next)
{
  bool more;

  prepare_context (seat, item, 0);
  more =
      _weft_end_not_ok (seat, item, WEFT_HOW_QUEUED, WEFT_TIMED_OUT, _weft_seat_now (seat), next);
  _weft_seat_task_end (&seat->task);
  return more;
}

/* The kernel has returned. Decides how the task goes on. */
bool
_weft_finish_carefully (WeftSeat *seat, WeftItem *item, WeftHow how, WeftStatus status,
                        WeftValue *results, uint64_t start, WeftItem *next)
{
  uint32_t n = _weft_item_n_outputs (item);

  if (seat->lane != NULL && start == 0)
    start = _weft_seat_now (seat);
  for (uint32_t k = 0; k < n && status == WEFT_OK; k++)
    if (results[k].type == WEFT_TYPE_EMPTY)
      status = weft_task_fail (&seat->task.base, "the operation gave no result number %u", k);
  if (status == WEFT_AGAIN && _weft_seat_task_is_replaced (&seat->task))
    {
      record_task (seat, item, how, WEFT_OUTCOME_REPLACED, start, 0, 0);
      return _weft_replace (seat, item, next);
    }
  if (status == WEFT_OK)
    return end_ok (seat, item, how, results, start, next);
  for (uint32_t k = 0; k < n; k++)
    weft_value_clear (&results[k]);
  if (was_told_to_give_up (seat, item))
    status = WEFT_CANCELLED; /* whatever the kernel made of it */
  else if (status == WEFT_CANCELLED)
    status = weft_task_fail (&seat->task.base, "the operation gave up, though nobody cancelled it");
  return _weft_end_not_ok (seat, item, how, status, start, next);
}

/* ---- running --------------------------------------------------------------------------------- */

/* It can never run, so nothing is tried again. */
static bool
end_short (WeftSeat *seat, WeftItem *item, const WeftShortage *shortage, WeftItem *next)
{
  weft_task_fail (&seat->task.base, "needs %g of “%s”, but there is %s%g of it in all",
                  shortage->needed, shortage->name, shortage->amount > 0 ? "only " : "",
                  shortage->amount);
  return end_attempt (seat, item, WEFT_HOW_QUEUED, WEFT_FAILED, _weft_seat_now (seat), false, next);
}

static bool
take_resources (WeftSeat *seat, WeftItem *item, WeftItem *next, bool *more)
{
  const WeftTaskAttributes *attributes = _weft_item_attributes (item);
  WeftShortage shortage;
  WeftGrant grant;

  if (attributes == NULL || attributes->n_resources == 0
      || (status_of (item) & WEFT_STATUS_GRANTED) != 0)
    return true;
  grant = _weft_resources_take (seat->run->engine, item, &shortage);
  *more = grant == WEFT_GRANT_NEVER && end_short (seat, item, &shortage, next);
  if (grant == WEFT_GRANT_YES)
    set_status (item, WEFT_STATUS_GRANTED);
  seat->diverted = grant == WEFT_GRANT_LATER;
  return grant == WEFT_GRANT_YES;
}

static bool
run_kernel (WeftSeat *seat, WeftItem *item, WeftHow how, uint32_t n_inputs, WeftItem *next)
{
  const WeftPlan *plan = &item->segment->plans[item->segment->arrays.call_of_task[item->task]];
  uint32_t n = _weft_item_n_outputs (item);
  WeftValue one = WEFT_VALUE_INIT;
  WeftValue *results = n == 1 ? &one : g_new0 (WeftValue, n);
  WeftStatus status = WEFT_OK;
  uint32_t n_args = n_inputs;
  uint64_t start;
  bool more;

  if (seat->lane != NULL)
    _weft_seat_look_at_cpu (seat);
  start = _weft_seat_now (seat);
  if (seat->lane != NULL)
    weft_lane_set_now (seat->lane, item->task, item->segment->index, seat->task.attempt, start);
  _weft_seat_enter_runtime (seat, plan->op->runtime);
  const WeftValue *args =
      _weft_binding_args (plan->binding, seat->inputs, &seat->task.base, &n_args, &status);
  if (status == WEFT_OK && seat->task.deadline_ns != INT64_MAX)
    status = _weft_run_with_deadline (seat, item, plan, args, n_args, results);
  else if (status == WEFT_OK)
    status = plan->kernel (&seat->task.base, args, n_args, results);
  if (args != NULL && plan->nested)
    _weft_binding_done (plan->binding, args, &seat->task.base);
  _weft_unpin_inputs (seat, n_inputs);
  more = !seat->lost && _weft_finish_carefully (seat, item, how, status, results, start, next);
  _weft_seat_task_end (&seat->task);
  if (results != &one)
    g_free (results);
  return more;
}

bool
_weft_execute_carefully (WeftSeat *seat, WeftItem *item, WeftHow how, WeftItem *next)
{
  const WeftGraphArrays *arrays = &item->segment->arrays;
  uint32_t first = arrays->input_offsets[item->task];
  uint32_t n_inputs = arrays->input_offsets[item->task + 1] - first;
  WeftBox *error;
  uint32_t kinds;
  bool more = false;

  _weft_release_held (seat);
  if (!may_start (seat, item))
    return false;
  if (!_weft_seat_ensure_inputs (seat, n_inputs))
    {
      prepare_context (seat, item, 0);
      more = _weft_end_not_ok (seat, item, how, WEFT_NO_MEMORY, _weft_seat_now (seat), next);
      _weft_seat_task_end (&seat->task);
      return more;
    }
  kinds = _weft_gather (seat, item->segment, first, n_inputs, false);
  error = upstream_error (seat, item, n_inputs);
  if (error != NULL)
    return end_erred (seat, item, error, next);
  prepare_context (seat, item, n_inputs);
  if (_weft_item_is_cancelled (item))
    more = end_cancelled (seat, item, next);
  else if (!take_resources (seat, item, next, &more))
    ;
  else if ((kinds & WEFT_VALUE_SPECIAL) != 0 && !_weft_pin_inputs (seat, item, n_inputs))
    more = _weft_end_not_ok (seat, item, how, WEFT_FAILED, _weft_seat_now (seat), next);
  else
    return run_kernel (seat, item, how, n_inputs, next);
  _weft_seat_task_end (&seat->task);
  return more;
}
