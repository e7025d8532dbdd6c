/* run.c: a run's life: prepared, running, ended; its results
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * `remaining` counts open tasks, plus one while the run may be extended. Who takes it to 0, or
 * cancels, sets `ending`: from then on no worker enters. The last seat to leave concludes: records
 * are closed, the phase is set, waiters are told. A worker shows itself inside first and looks at
 * `ending` then; the one who ends sets `ending` first and looks at the seats then; both seq_cst.
 */
#include "config.h"

#include "sched/weft-careful-private.h"
#include "sched/weft-timer-private.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

static bool
open_recorder (WeftRun *run, const WeftRunOptions *options, GError **error)
{
  if (options == NULL || !options->records)
    return true;
  run->recorder = weft_recorder_new (&options->recorder, error);
  if (run->recorder == NULL)
    return false;
  run->groups = _weft_groups_new (run);
  weft_recorder_add_observer (run->recorder, _weft_groups_observe, run->groups);
  _weft_run_begin_records (run);
  return true;
}

static WeftRun *
run_alloc (WeftEngine *engine, const WeftRunOptions *options)
{
  WeftRun *run = aligned_alloc (WEFT_CACHE_LINE, sizeof *run);
  pthread_condattr_t attributes;

  g_assert (run != NULL);
  memset (run, 0, sizeof *run);
  atomic_init (&run->refs, 1);
  run->engine = engine;
  run->name = g_strdup (options != NULL && options->name != NULL ? options->name : "");
  run->seed = options != NULL ? options->seed : 0;
  run->on_error = options != NULL ? options->on_error : WEFT_ON_ERROR_STOP;
  run->keep_open = run->watchable = options != NULL && options->keep_open;
  run->account = weft_account_new (engine->account);
  run->queue = _weft_queue_new ();
  run->expired = _weft_queue_new ();
  run->kernel_waiters = g_ptr_array_new ();
  weft_value_init_error (&run->no_memory, WEFT_NO_MEMORY, "", WEFT_NONE, WEFT_NONE, 1,
                         "out of memory");
  run->ops = g_hash_table_new (NULL, NULL);
  run->break_groups = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  atomic_init (&run->remaining, 1);
  pthread_mutex_init (&run->lock, NULL);
  pthread_mutex_init (&run->step_lock, NULL);
  pthread_condattr_init (&attributes);
  pthread_condattr_setclock (&attributes, CLOCK_MONOTONIC);
  pthread_cond_init (&run->changed, &attributes);
  pthread_condattr_destroy (&attributes);
  run->lost_seats = g_ptr_array_new ();
  if (options != NULL)
    atomic_init (&run->memory_limit_bytes, options->memory_limit_bytes);
  if (options != NULL && options->start_paused)
    atomic_init (&run->control, WEFT_CONTROL_PAUSED);
  return run;
}

WeftRun *
weft_run_new (WeftEngine *engine, WeftGraph *graph, const WeftRunOptions *options, GError **error)
{
  WeftRun *run = run_alloc (engine, options);
  bool good = _weft_run_open_memory (run, error) && open_recorder (run, options, error);

  run->opening = true;
  if (good && graph != NULL)
    good = weft_run_extend (run, graph, NULL, error) != WEFT_NONE;
  run->opening = false;
  if (!good)
    g_clear_pointer (&run, weft_run_unref);
  return run;
}

WeftRun *
weft_run_ref (WeftRun *run)
{
  atomic_fetch_add_explicit (&run->refs, 1, memory_order_relaxed);
  return run;
}

static void
run_free (WeftRun *run)
{
  uint32_t n_seats = atomic_load_explicit (&run->n_seats, memory_order_relaxed);

  for (uint32_t i = 0; i < n_seats; i++)
    _weft_seat_free (atomic_load_explicit (&run->seats[i], memory_order_relaxed));
  for (guint i = 0; i < run->lost_seats->len; i++)
    _weft_seat_free (run->lost_seats->pdata[i]);
  g_ptr_array_unref (run->lost_seats);
  for (uint32_t i = 0; i < atomic_load_explicit (&run->n_segments, memory_order_relaxed); i++)
    _weft_segment_free (_weft_run_get_segment (run, i));
  for (uint32_t i = 0; i < WEFT_SEGMENT_BLOCKS; i++)
    g_free (atomic_load_explicit (&run->segment_blocks[i], memory_order_relaxed));
  if (run->recorder != NULL)
    weft_recorder_free (run->recorder);
  _weft_groups_free (run->groups);
  _weft_run_close_memory (run);
  _weft_queue_free (run->queue);
  _weft_queue_free (run->expired);
  g_ptr_array_unref (run->kernel_waiters);
  g_hash_table_unref (run->ops);
  g_hash_table_unref (run->break_groups);
  weft_value_clear (&run->no_memory);
  weft_account_unref (run->account);
  g_clear_error (&run->error);
  g_clear_error (&run->recorder_error);
  pthread_mutex_destroy (&run->lock);
  pthread_mutex_destroy (&run->step_lock);
  pthread_cond_destroy (&run->changed);
  g_free (run->name);
  free (run);
}

void
weft_run_unref (WeftRun *run)
{
  if (run != NULL && atomic_fetch_sub_explicit (&run->refs, 1, memory_order_acq_rel) == 1)
    run_free (run);
}

/* ---- start and end --------------------------------------------------------------------------- */

void
_weft_run_note (WeftRun *run, uint8_t kind, uint8_t how, uint32_t task, uint32_t segment,
                uint64_t amount)
{
  WeftRecord record;

  if (run->recorder == NULL)
    return;
  weft_record_set (&record, kind, 0, how, task, segment, _weft_engine_stamp (run->engine), 0,
                   amount);
  weft_recorder_note (run->recorder, &record);
}

/* Both locks: who sees that the run was started finds it among the engine's runs. */
static bool
enter_engine (WeftRun *run)
{
  WeftEngine *engine = run->engine;
  uint32_t control;

  pthread_mutex_lock (&engine->lock);
  pthread_mutex_lock (&run->lock);
  bool entered = !run->started;
  if (entered)
    {
      control = atomic_load_explicit (&run->control, memory_order_seq_cst);
      run->started = true;
      run->start_mono_ns = weft_clock_mono_ns ();
      run->phase = control & WEFT_CONTROL_PAUSED ? WEFT_RUN_PAUSED : WEFT_RUN_RUNNING;
      _weft_run_note (run, WEFT_RECORD_RUN_STATE, (uint8_t) run->phase, WEFT_NONE, WEFT_NONE, 0);
      pthread_cond_broadcast (&run->changed);
      _weft_run_join_fairly (run);
      g_ptr_array_insert (engine->runs, 0, weft_run_ref (run));
      atomic_fetch_add_explicit (&engine->n_runs, 1, memory_order_seq_cst);
      if (!run->keep_open)
        _weft_run_done (run, 1); /* nothing more will come */
    }
  pthread_mutex_unlock (&run->lock);
  pthread_mutex_unlock (&engine->lock);
  return entered;
}

void
weft_run_start (WeftRun *run)
{
  if (!enter_engine (run))
    return;
  _weft_run_leave (run);
  _weft_engine_wake (run->engine);
}

void
weft_run_close (WeftRun *run)
{
  pthread_mutex_lock (&run->lock);
  if (run->keep_open && run->started)
    _weft_run_done (run, 1);
  run->keep_open = false;
  pthread_mutex_unlock (&run->lock);
  _weft_run_leave (run);
}

void
_weft_run_done (WeftRun *run, int64_t n_tasks)
{
  if (atomic_fetch_sub_explicit (&run->remaining, n_tasks, memory_order_acq_rel) == n_tasks)
    _weft_run_end (run);
}

void
_weft_run_end (WeftRun *run)
{
  atomic_store_explicit (&run->ending, true, memory_order_seq_cst);
}

static WeftRunPhase
final_phase (WeftRun *run)
{
  uint32_t control = atomic_load_explicit (&run->control, memory_order_seq_cst);

  if (control & WEFT_CONTROL_CANCELLED)
    return WEFT_RUN_CANCELLED;
  return run->n_failed + run->n_erred > 0 ? WEFT_RUN_FAILED : WEFT_RUN_DONE;
}

static char *
summary_json (WeftRun *run, WeftRunPhase phase)
{
  WeftRunProgress progress;

  weft_run_progress (run, &progress);
  return g_strdup_printf ("{\"phase\": %d, \"tasks\": %" PRIu64 ", \"done\": %" PRIu64
                          ", \"erred\": %" PRIu64 ", \"elapsed_ns\": %" PRId64
                          ", \"peak_managed_bytes\": %" PRIu64 "}",
                          (int) phase, progress.n_tasks, progress.n_done, progress.n_erred,
                          progress.elapsed_ns, progress.peak_managed_bytes);
}

/* Takes the run off the engine's list; from then on no sleeping worker writes to its lanes. */
static bool
leave_engine (WeftRun *run)
{
  WeftEngine *engine = run->engine;
  bool removed;

  _weft_resources_forget_run (engine, run);
  pthread_mutex_lock (&engine->lock);
  removed = g_ptr_array_remove (engine->runs, run);
  if (removed)
    atomic_fetch_sub_explicit (&engine->n_runs, 1, memory_order_seq_cst);
  pthread_mutex_unlock (&engine->lock);
  return removed;
}

/* What will not run any more gives back what it was granted. */
static void
drain (WeftRun *run, WeftQueue *queue)
{
  WeftItem item;

  while (_weft_queue_pop (queue, &item))
    _weft_item_give_resources (run->engine, &item);
}

/* From here on nothing is attached, and who waits for a result need not wait longer. */
static void
seal (WeftRun *run)
{
  pthread_mutex_lock (&run->lock);
  atomic_store_explicit (&run->sealed, true, memory_order_seq_cst);
  pthread_mutex_unlock (&run->lock);
  _weft_timers_flush (run->engine, run);
  drain (run, run->queue);
  drain (run, run->expired);
  for (uint32_t i = 0; i < weft_run_n_segments (run); i++)
    _weft_segment_settle_futures (_weft_run_get_segment (run, i));
}

static void
conclude (WeftRun *run)
{
  WeftRunPhase phase = final_phase (run);
  bool removed = leave_engine (run);

  seal (run);
  if (run->recorder != NULL)
    {
      g_autofree char *summary = NULL;
      g_autoptr (GError) error = NULL;

      _weft_run_end_lanes (run);
      run->end_mono_ns = weft_clock_mono_ns ();
      summary = summary_json (run, phase);
      _weft_run_note (run, WEFT_RECORD_RUN_STATE, (uint8_t) phase, WEFT_NONE, WEFT_NONE, 0);
      if (!weft_recorder_close (run->recorder, summary, &error))
        run->recorder_error = g_steal_pointer (&error);
    }
  pthread_mutex_lock (&run->lock);
  run->end_mono_ns = weft_clock_mono_ns ();
  run->phase = phase;
  pthread_cond_broadcast (&run->changed);
  _weft_run_wake_kernels (run);
  pthread_mutex_unlock (&run->lock);
  if (removed)
    weft_run_unref (run);
}

/* Called by whoever left the run, or may have ended it. */
void
_weft_run_leave (WeftRun *run)
{
  bool concluded = false;
  uint32_t n_seats;

  if (!atomic_load_explicit (&run->ending, memory_order_seq_cst) || !run->started)
    return;
  n_seats = atomic_load_explicit (&run->n_seats, memory_order_seq_cst);
  for (uint32_t i = 0; i < n_seats; i++)
    {
      WeftSeat *seat = atomic_load_explicit (&run->seats[i], memory_order_acquire);

      if (seat != NULL && atomic_load_explicit (&seat->inside, memory_order_seq_cst))
        return;
    }
  if (atomic_compare_exchange_strong_explicit (&run->concluded, &concluded, true,
                                               memory_order_seq_cst, memory_order_seq_cst))
    conclude (run);
}

/* CLOCK_MONOTONIC ns; INT64_MAX: none. */
int64_t
_weft_deadline_ns (int64_t timeout_ns)
{
  int64_t now_ns = weft_clock_mono_ns ();

  return timeout_ns < 0 || timeout_ns > INT64_MAX - now_ns ? INT64_MAX : now_ns + timeout_ns;
}

/* Run lock held. FALSE: the deadline has passed. */
bool
_weft_run_wait_changed (WeftRun *run, int64_t deadline_ns)
{
  struct timespec until = { deadline_ns / 1000000000, deadline_ns % 1000000000 };

  if (deadline_ns == INT64_MAX)
    return pthread_cond_wait (&run->changed, &run->lock) == 0;
  return pthread_cond_timedwait (&run->changed, &run->lock, &until) != ETIMEDOUT;
}

bool
weft_run_wait (WeftRun *run, int64_t timeout_ns)
{
  int64_t deadline_ns = _weft_deadline_ns (timeout_ns);
  bool ended;

  pthread_mutex_lock (&run->lock);
  while (!(ended = run->phase >= WEFT_RUN_DONE))
    if (!_weft_run_wait_changed (run, deadline_ns))
      break;
  pthread_mutex_unlock (&run->lock);
  return ended;
}

WeftRunPhase
weft_run_phase (WeftRun *run)
{
  WeftRunPhase phase;

  pthread_mutex_lock (&run->lock);
  phase = run->phase;
  pthread_mutex_unlock (&run->lock);
  return phase;
}

/* ---- errors and results ---------------------------------------------------------------------- */

/* Run lock held. */
static void
keep_first_error (WeftRun *run, GError *error)
{
  if (run->error == NULL)
    run->error = error;
  else
    g_error_free (error);
}

/* Ends the run after a failure under "stop". */
void
_weft_run_stop (WeftRun *run)
{
  atomic_fetch_or_explicit (&run->control, WEFT_CONTROL_STOPPED, memory_order_seq_cst);
  _weft_run_end (run);
  _weft_run_wake_waiters (run);
}

/* Keeps the first failure. Under "stop" it ends the run; a breakpoint on errors comes before that,
 * and the run ends when it is resumed. */
void
_weft_run_fail (WeftRun *run, const WeftItem *item, const WeftErrorValue *why)
{
  bool breaks = atomic_load_explicit (&run->break_on_error, memory_order_relaxed);

  pthread_mutex_lock (&run->lock);
  run->n_failed++;
  keep_first_error (run, g_error_new (WEFT_ENGINE_ERROR, WEFT_ENGINE_ERROR_FAILED,
                                      "task '%s' failed (attempt %u): %s", why->culprit_key,
                                      why->attempt, why->message != NULL ? why->message : ""));
  run->stop_at_resume |= breaks && run->on_error == WEFT_ON_ERROR_STOP;
  pthread_mutex_unlock (&run->lock);
  if (breaks)
    {
      _weft_run_note (run, WEFT_RECORD_BREAK, 0, item->task, item->segment->index, 0);
      weft_run_pause (run);
    }
  else if (run->on_error == WEFT_ON_ERROR_STOP)
    _weft_run_stop (run);
}

/* A task erred as one that it needs was cancelled. */
void
_weft_run_hurt_by_cancel (WeftRun *run, const char *culprit_key)
{
  pthread_mutex_lock (&run->lock);
  keep_first_error (run, g_error_new (WEFT_ENGINE_ERROR, WEFT_ENGINE_ERROR_CANCELLED,
                                      "task '%s' was cancelled, and others need its result",
                                      culprit_key));
  pthread_mutex_unlock (&run->lock);
}

bool
weft_run_error (WeftRun *run, GError **error)
{
  bool failed;

  pthread_mutex_lock (&run->lock);
  failed = run->error != NULL || run->phase == WEFT_RUN_CANCELLED;
  if (run->error != NULL && error != NULL)
    *error = g_error_copy (run->error);
  else if (failed)
    g_set_error (error, WEFT_ENGINE_ERROR, WEFT_ENGINE_ERROR_CANCELLED, "the run was cancelled");
  pthread_mutex_unlock (&run->lock);
  return failed;
}

/* NULL: there is no such output. */
WeftSegment *
_weft_run_find_output (WeftRun *run, uint32_t segment_id, uint32_t task, uint32_t output)
{
  WeftSegment *segment;

  if (segment_id >= weft_run_n_segments (run))
    return NULL;
  segment = _weft_run_get_segment (run, segment_id);
  return task < segment->arrays.n_tasks && output < _weft_n_outputs (segment, task) ? segment
                                                                                    : NULL;
}

static bool
is_wanted (const WeftGraphArrays *arrays, uint32_t task, uint32_t output)
{
  for (uint32_t i = 0; i < arrays->n_wanted; i++)
    if (arrays->wanted[i].task == task && arrays->wanted[i].output == output)
      return true;
  return false;
}

/* Boxes are pinned while they are fetched: what is neither requested nor pinned may just go. Where
 * nobody may pin while the run goes on, only what is requested stays for sure. */
bool
weft_run_result (WeftRun *run, uint32_t segment_id, uint32_t task, uint32_t output,
                 WeftValue *value)
{
  WeftSegment *segment = _weft_run_find_output (run, segment_id, task, output);
  uint32_t slot, type;
  bool there;

  if (segment == NULL)
    return false;
  slot = _weft_first_slot (segment, task) + output;
  type = atomic_load_explicit (&segment->slots[slot].type, memory_order_acquire);
  if (type == WEFT_TYPE_EMPTY || (type & WEFT_SLOT_GONE) != 0)
    return false;
  if ((type & WEFT_VALUE_BOXED) == 0)
    return _weft_slot_fetch (segment, &segment->slots[slot], value);
  if ((!segment->watchable && weft_run_phase (run) < WEFT_RUN_DONE
       && !is_wanted (&segment->arrays, task, output))
      || !_weft_slot_pin (segment, slot))
    return false;
  there = _weft_slot_fetch (segment, &segment->slots[slot], value);
  _weft_slot_unpin (segment, slot);
  return there;
}

uint32_t
weft_run_n_segments (WeftRun *run)
{
  return atomic_load_explicit (&run->n_segments, memory_order_acquire);
}

WeftGraph *
weft_run_segment (WeftRun *run, uint32_t segment)
{
  if (segment >= weft_run_n_segments (run))
    return NULL;
  return weft_graph_ref (_weft_run_get_segment (run, segment)->graph);
}

WeftRecorder *
weft_run_recorder (WeftRun *run)
{
  return run->recorder;
}
