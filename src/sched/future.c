/* future.c: handles on results, and waiting for them
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A future pins one output of one task: it is one of its consumers until the last unref. While it
 * waits it hangs on the task (extend.c). Waiters sleep on the run's condition. A kernel that waits
 * gives its worker's slot to a spare first, with everything it holds back given up, and sleeps on
 * its seat's own word, as it must also wake when its own run or task is cancelled; the futures' run
 * keeps a list of such seats.
 */
#include "config.h"

#include "base/weft-futex-private.h"
#include "graph/weft-graph-builder.h"
#include "sched/weft-execute-private.h"

#include <inttypes.h>

struct _WeftFuture
{
  _Atomic uint32_t refs;
  WeftRun *run; /* holds a reference */
  WeftSegment *segment;
  uint32_t task, slot;
  _Atomic bool done; /* atomic: release when the result is there, or never will be */
};

static WeftFuture *
future_new (WeftRun *run, WeftSegment *segment, uint32_t task, uint32_t output)
{
  WeftFuture *future = g_new0 (WeftFuture, 1);

  atomic_init (&future->refs, 1);
  future->run = weft_run_ref (run);
  future->segment = segment;
  future->task = task;
  future->slot = _weft_first_slot (segment, task) + output;
  return future;
}

/* The pin was taken by the caller. */
static void
future_watch (WeftFuture *future)
{
  weft_future_ref (future); /* the list's */
  if (!_weft_watch (future->segment, future->task, future->slot, future))
    _weft_future_settle (future);
}

static void
future_free (WeftFuture *future)
{
  _weft_slot_unpin (future->segment, future->slot);
  weft_run_unref (future->run);
  g_free (future);
}

/* The task has ended. Takes over the list's reference, which nobody sees any more once the future
 * is done: who then gives the last handle back lets the result go. */
void
_weft_future_settle (WeftFuture *future)
{
  WeftRun *run = future->run;
  bool last;

  pthread_mutex_lock (&run->lock);
  atomic_store_explicit (&future->done, true, memory_order_release);
  last = atomic_fetch_sub_explicit (&future->refs, 1, memory_order_acq_rel) == 1;
  pthread_cond_broadcast (&run->changed);
  _weft_run_wake_kernels (run);
  pthread_mutex_unlock (&run->lock);
  if (last)
    future_free (future);
}

/* Run lock held. */
void
_weft_run_wake_kernels (WeftRun *run)
{
  for (guint i = 0; i < run->kernel_waiters->len; i++)
    _weft_seat_wake (run->kernel_waiters->pdata[i]);
}

WeftFuture *
weft_run_future (WeftRun *run, uint32_t segment_id, uint32_t task, uint32_t output, GError **error)
{
  WeftSegment *segment = _weft_run_find_output (run, segment_id, task, output);
  WeftFuture *future;
  uint32_t slot;

  if (segment == NULL)
    {
      g_set_error (error, WEFT_ENGINE_ERROR, WEFT_ENGINE_ERROR_ARGUMENT,
                   "there is no output %u of task %u in segment %u", output, task, segment_id);
      return NULL;
    }
  slot = _weft_first_slot (segment, task) + output;
  /* Where nobody may pin, the last consumer lets go without looking twice: wait for all of them. */
  if (!segment->watchable && weft_run_phase (run) < WEFT_RUN_DONE)
    {
      g_set_error (error, WEFT_ENGINE_ERROR, WEFT_ENGINE_ERROR_STATE,
                   "the result of task %u can be had once the run has ended: it was made without "
                   "keep_open",
                   task);
      return NULL;
    }
  if (!_weft_slot_pin (segment, slot))
    {
      g_set_error (error, WEFT_ENGINE_ERROR, WEFT_ENGINE_ERROR_RELEASED,
                   "the result of task %u was released with its last consumer", task);
      return NULL;
    }
  if (!segment->watchable && !_weft_slot_is_there (segment, slot))
    {
      _weft_slot_unpin (segment, slot);
      g_set_error (error, WEFT_ENGINE_ERROR, WEFT_ENGINE_ERROR_STATE,
                   "the result of task %u never came: the run was cancelled before", task);
      return NULL;
    }
  future = future_new (run, segment, task, output);
  future_watch (future);
  return future;
}

WeftFuture *
weft_future_ref (WeftFuture *future)
{
  atomic_fetch_add_explicit (&future->refs, 1, memory_order_relaxed);
  return future;
}

void
weft_future_unref (WeftFuture *future)
{
  if (future != NULL && atomic_fetch_sub_explicit (&future->refs, 1, memory_order_acq_rel) == 1)
    future_free (future);
}

bool
weft_future_is_done (WeftFuture *future)
{
  return atomic_load_explicit (&future->done, memory_order_acquire);
}

/* ---- waiting --------------------------------------------------------------------------------- */

static bool
all_done (WeftFuture *const *futures, size_t n_futures)
{
  for (size_t i = 0; i < n_futures; i++)
    if (!weft_future_is_done (futures[i]))
      return false;
  return true;
}

static bool
any_done (WeftFuture *const *futures, size_t n_futures)
{
  for (size_t i = 0; i < n_futures; i++)
    if (weft_future_is_done (futures[i]))
      return true;
  return false;
}

typedef bool (*Enough) (WeftFuture *const *futures, size_t n_futures);

static int64_t
now_ns (void)
{
  return weft_clock_mono_ns ();
}

/* Sleeps until `enough` or the run's end or the deadline (CLOCK_MONOTONIC ns, INT64_MAX: none). */
static bool
sleep_until (WeftRun *run, WeftFuture *const *futures, size_t n_futures, Enough enough,
             int64_t deadline_ns)
{
  bool there;

  pthread_mutex_lock (&run->lock);
  while (!(there = enough (futures, n_futures)) && run->phase < WEFT_RUN_DONE)
    if (!_weft_run_wait_changed (run, deadline_ns))
      break;
  pthread_mutex_unlock (&run->lock);
  return there;
}

/* Nothing can come any more for a kernel that waits: its own task was cancelled, or the futures'
 * run has ended. Its own run cannot end before it, so that one's stop is enough. */
static bool
gives_up (WeftSeat *seat, WeftRun *run)
{
  uint32_t control = atomic_load_explicit (&run->control, memory_order_seq_cst);

  return weft_task_is_cancelled (&seat->task.base) || weft_run_phase (run) >= WEFT_RUN_DONE
         || (seat->run == run && (control & WEFT_CONTROL_ENDING) != 0);
}

/* The same, inside a kernel. */
static bool
sleep_in_kernel (WeftSeat *seat, WeftRun *run, WeftFuture *const *futures, size_t n_futures,
                 Enough enough, int64_t deadline_ns)
{
  bool there;

  pthread_mutex_lock (&run->lock);
  g_ptr_array_add (run->kernel_waiters, seat);
  pthread_mutex_unlock (&run->lock);
  for (;;)
    {
      uint32_t seen = atomic_load_explicit (&seat->task.wake, memory_order_seq_cst);
      int64_t left_ns = deadline_ns == INT64_MAX ? -1 : MAX (deadline_ns - now_ns (), 0);

      there = enough (futures, n_futures);
      if (there || left_ns == 0 || gives_up (seat, run))
        break;
      _weft_futex_wait (&seat->task.wake, seen, left_ns);
    }
  pthread_mutex_lock (&run->lock);
  g_ptr_array_remove_fast (run->kernel_waiters, seat);
  pthread_mutex_unlock (&run->lock);
  return there;
}

static bool
may_wait (WeftFuture *const *futures, size_t n_futures, GError **error)
{
  for (size_t i = 1; i < n_futures; i++)
    if (futures[i]->run != futures[0]->run)
      {
        g_set_error (error, WEFT_ENGINE_ERROR, WEFT_ENGINE_ERROR_ARGUMENT,
                     "futures that are waited for together must be of one run");
        return false;
      }
  return true;
}

static bool
wait_for (WeftFuture *const *futures, size_t n_futures, Enough enough, int64_t timeout_ns,
          GError **error)
{
  WeftRun *run = n_futures > 0 ? futures[0]->run : NULL;
  int64_t deadline_ns = _weft_deadline_ns (timeout_ns);
  WeftSeat *seat = _weft_seat_of_thread ();
  bool there;

  if (!may_wait (futures, n_futures, error))
    return false;
  if (n_futures == 0 || enough (futures, n_futures))
    return true;
  if (seat != NULL && !_weft_seat_block (seat, error))
    return false;
  if (seat == NULL)
    there = sleep_until (run, futures, n_futures, enough, deadline_ns);
  else
    {
      there = sleep_in_kernel (seat, run, futures, n_futures, enough, deadline_ns);
      _weft_seat_unblock (seat);
    }
  if (!there)
    g_set_error (error, WEFT_ENGINE_ERROR, WEFT_ENGINE_ERROR_CANCELLED,
                 "the run or the waiting task ended, or the time was up, before the result was "
                 "there");
  return there;
}

bool
weft_futures_wait (WeftFuture *const *futures, size_t n_futures, int64_t timeout_ns, GError **error)
{
  return wait_for (futures, n_futures, all_done, timeout_ns, error);
}

static bool
fetch (WeftFuture *future, WeftValue *value, GError **error)
{
  WeftSlot *slot = &future->segment->slots[future->slot];
  uint32_t type = atomic_load_explicit (&slot->type, memory_order_acquire);

  if (type == WEFT_TYPE_EMPTY || (type & WEFT_SLOT_GONE) != 0)
    {
      g_set_error (error, WEFT_ENGINE_ERROR, WEFT_ENGINE_ERROR_CANCELLED,
                   "the task was cancelled before it ran");
      return false;
    }
  if ((type & WEFT_VALUE_TYPE_MASK) == WEFT_TYPE_ERROR)
    {
      WeftValue why = _weft_slot_read (slot);
      const WeftErrorValue *box = (const WeftErrorValue *) why.u.box;
      bool cancelled = box->status == WEFT_CANCELLED;

      g_set_error (error, WEFT_ENGINE_ERROR,
                   cancelled ? WEFT_ENGINE_ERROR_CANCELLED : WEFT_ENGINE_ERROR_FAILED,
                   "task '%s' %s: %s", box->culprit_key != NULL ? box->culprit_key : "?",
                   cancelled ? "was cancelled" : "failed",
                   box->message != NULL ? box->message : "");
      return false;
    }
  if (_weft_slot_fetch (future->segment, slot, value))
    return true;
  g_set_error (error, WEFT_ENGINE_ERROR, WEFT_ENGINE_ERROR_SYSTEM,
               "the result was spilled and cannot be read back");
  return false;
}

bool
weft_future_get (WeftFuture *future, WeftValue *value, GError **error)
{
  WeftFuture *const futures[] = { future };

  return wait_for (futures, 1, all_done, -1, error) && fetch (future, value, error);
}

bool
weft_futures_gather (WeftFuture *const *futures, size_t n_futures, WeftValue *values,
                     GError **error)
{
  g_autofree WeftValue *fetched = g_new0 (WeftValue, n_futures + 1);

  if (!wait_for (futures, n_futures, all_done, -1, error))
    return false;
  for (size_t i = 0; i < n_futures; i++)
    if (!fetch (futures[i], &fetched[i], error))
      {
        while (i-- > 0)
          weft_value_clear (&fetched[i]);
        return false;
      }
  for (size_t i = 0; i < n_futures; i++)
    values[i] = fetched[i];
  return true;
}

size_t
weft_futures_as_completed (WeftFuture *const *futures, size_t n_futures, bool *taken,
                           GError **error)
{
  g_autofree WeftFuture **open = g_new (WeftFuture *, n_futures + 1);
  size_t n_open = 0;

  for (size_t i = 0; i < n_futures; i++)
    if (!taken[i])
      open[n_open++] = futures[i];
  if (n_open == 0 || !wait_for (open, n_open, any_done, -1, error))
    return SIZE_MAX;
  for (size_t i = 0; i < n_futures; i++)
    if (!taken[i] && weft_future_is_done (futures[i]))
      {
        taken[i] = true;
        return i;
      }
  return SIZE_MAX;
}

/* ---- submitting ------------------------------------------------------------------------------ */

/* Turns every input into an import and every other argument into a constant of the call. */
static void
build_submit (WeftGraphBuilder *builder, const char *key, const char *op, const WeftValue *args,
              WeftFuture *const *inputs, uint32_t n_args, GArray *values)
{
  g_autofree WeftTaskOutput *edges = g_new0 (WeftTaskOutput, n_args + 1);
  uint32_t n_edges = 0;

  weft_graph_builder_begin_call (builder, op, 0, 1);
  for (uint32_t i = 0; i < n_args; i++)
    {
      WeftFuture *input = inputs != NULL ? inputs[i] : NULL;

      weft_graph_builder_arg_slot (builder, n_edges);
      if (input != NULL)
        edges[n_edges].task = weft_graph_builder_import_task (
            builder, input->segment->index, input->task,
            input->slot - _weft_first_slot (input->segment, input->task));
      else
        {
          edges[n_edges].task = weft_graph_builder_import_value (builder);
          weft_value_ref (&args[i]);
          g_array_append_val (values, args[i]);
        }
      n_edges++;
    }
  uint32_t call = weft_graph_builder_end_call (builder);
  /* The future is the one who wants it: it takes this pin over. */
  weft_graph_builder_want (builder,
                           weft_graph_builder_add_task (builder, key, -1, call, edges, n_edges), 0);
}

/* Extends the run by the builder's graph; the values' references are taken over. */
static WeftSegment *
extend_by (WeftRun *run, WeftGraphBuilder *builder, GArray *values, GError **error)
{
  WeftGraph *graph = weft_graph_builder_freeze (builder, NULL, error);
  WeftExtendOptions options = { (const WeftValue *) values->data, values->len, 0 };
  uint32_t index = WEFT_NONE;

  weft_graph_builder_free (builder);
  if (graph != NULL)
    index = weft_run_extend (run, graph, &options, error);
  weft_graph_unref (graph);
  if (index == WEFT_NONE)
    for (guint i = 0; i < values->len; i++)
      weft_value_unref (&g_array_index (values, WeftValue, i));
  return index == WEFT_NONE ? NULL : _weft_run_get_segment (run, index);
}

/* A future that takes over the pin of a wanted output. */
static WeftFuture *
adopt (WeftRun *run, WeftSegment *segment, uint32_t task)
{
  WeftFuture *future = future_new (run, segment, task, 0);

  future_watch (future);
  return future;
}

static char *
make_key (WeftRun *run, const char *op)
{
  return g_strdup_printf ("%s-%" PRIu64, op,
                          atomic_fetch_add_explicit (&run->n_made_keys, 1, memory_order_relaxed));
}

static bool
are_of_run (WeftRun *run, WeftFuture *const *inputs, uint32_t n_args, GError **error)
{
  for (uint32_t i = 0; i < n_args && inputs != NULL; i++)
    if (inputs[i] != NULL && inputs[i]->run != run)
      {
        g_set_error (error, WEFT_ENGINE_ERROR, WEFT_ENGINE_ERROR_ARGUMENT,
                     "argument %u is a future of another run; get its value and give that", i);
        return false;
      }
  return true;
}

WeftFuture *
weft_run_submit (WeftRun *run, const char *key, const char *op, const WeftValue *args,
                 WeftFuture *const *inputs, uint32_t n_args, GError **error)
{
  g_autofree char *made = key == NULL ? make_key (run, op) : NULL;
  g_autoptr (GArray) values = g_array_new (FALSE, FALSE, sizeof (WeftValue));
  WeftGraphBuilder *builder;
  WeftSegment *segment;

  if (!are_of_run (run, inputs, n_args, error))
    return NULL;
  builder = weft_graph_builder_new ();
  build_submit (builder, key != NULL ? key : made, op, args, inputs, n_args, values);
  segment = extend_by (run, builder, values, error);
  return segment == NULL ? NULL : adopt (run, segment, 0);
}

bool
weft_run_map (WeftRun *run, const char *op, const WeftValue *items, size_t n_items,
              WeftFuture **futures, GError **error)
{
  g_autofree char *prefix = make_key (run, op);
  g_autofree char *pattern_text = g_strconcat (prefix, "-", NULL);
  g_autoptr (GArray) values = g_array_new (FALSE, FALSE, sizeof (WeftValue));
  WeftGraphBuilder *builder;
  WeftSegment *segment;
  uint32_t pattern;

  if (n_items == 0)
    return true;
  builder = weft_graph_builder_new ();
  pattern = weft_graph_builder_key_pattern (builder, pattern_text, "");
  weft_graph_builder_begin_call (builder, op, 0, 1);
  weft_graph_builder_arg_slot (builder, 0);
  uint32_t call = weft_graph_builder_end_call (builder);
  for (size_t i = 0; i < n_items; i++)
    {
      WeftTaskOutput input = { weft_graph_builder_import_value (builder), 0 };
      uint32_t task =
          weft_graph_builder_add_numbered (builder, pattern, (uint32_t) i, call, &input, 1);

      weft_graph_builder_want (builder, task, 0);
      weft_value_ref (&items[i]);
      g_array_append_val (values, items[i]);
    }
  segment = extend_by (run, builder, values, error);
  if (segment == NULL)
    return false;
  for (size_t i = 0; i < n_items; i++)
    futures[i] = adopt (run, segment, (uint32_t) i);
  return true;
}

/* Not started yet: it never will be, and its dependents err. Running: its cancel flag is raised. */
void
weft_future_cancel (WeftFuture *future)
{
  _weft_task_cancel (future->segment, future->task);
}
