/* control.c: pause, resume, step, breakpoints, cancel, slow motion
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Every start reads one control word; 0 is the normal case. While it says paused, a worker puts
 * what it was about to start into the run's queue. A step first brings everything that is ready
 * into that queue (deques, ranges; and if it is empty the cursor walks on to the next ready id),
 * then hands its best task to a worker, which runs that one and puts what became ready back into
 * the queue.
 */
#include "config.h"

#include "sched/weft-execute-private.h"
#include "sched/weft-timer-private.h"

#include <string.h>

void
_weft_run_note_setting (WeftRun *run, WeftSetting setting, uint64_t value)
{
  if (run->recorder != NULL)
    weft_recorder_note_setting (run->recorder, setting, value);
}

static void
note_break (WeftRun *run, WeftSetting setting, const char *name)
{
  if (run->recorder != NULL)
    _weft_run_note_setting (run, setting, weft_recorder_string (run->recorder, name));
}

/* Sets or clears the bit; the phase follows it, as long as the run goes on. One after the other, so
 * that word, phase and records tell the same story. Returns whether the phase changed. */
static bool
set_paused (WeftRun *run, bool paused)
{
  WeftRunPhase from = paused ? WEFT_RUN_RUNNING : WEFT_RUN_PAUSED;
  WeftRunPhase to = paused ? WEFT_RUN_PAUSED : WEFT_RUN_RUNNING;
  bool changed;

  pthread_mutex_lock (&run->lock);
  if (paused)
    atomic_fetch_or_explicit (&run->control, WEFT_CONTROL_PAUSED, memory_order_seq_cst);
  else
    atomic_fetch_and_explicit (&run->control, ~(uint32_t) WEFT_CONTROL_PAUSED,
                               memory_order_seq_cst);
  changed = run->phase == from;
  if (changed)
    {
      run->phase = to;
      _weft_run_note (run, WEFT_RECORD_RUN_STATE, (uint8_t) to, WEFT_NONE, WEFT_NONE, 0);
    }
  pthread_cond_broadcast (&run->changed);
  pthread_mutex_unlock (&run->lock);
  return changed;
}

void
weft_run_pause (WeftRun *run)
{
  set_paused (run, true);
  _weft_resources_reclaim (run->engine, run);
}

void
weft_run_resume (WeftRun *run)
{
  bool stops;

  pthread_mutex_lock (&run->lock);
  stops = run->stop_at_resume;
  run->stop_at_resume = false;
  pthread_mutex_unlock (&run->lock);
  if (stops)
    _weft_run_stop (run);
  set_paused (run, false);
  if (stops)
    _weft_run_leave (run);
  _weft_engine_wake_all (run->engine);
}

void
weft_run_cancel (WeftRun *run)
{
  pthread_mutex_lock (&run->lock);
  bool ended = run->phase >= WEFT_RUN_DONE;
  pthread_mutex_unlock (&run->lock);
  if (ended)
    return;
  atomic_fetch_or_explicit (&run->control, WEFT_CONTROL_CANCELLED, memory_order_seq_cst);
  _weft_run_end (run);
  _weft_run_cancel_kernels (run);
  weft_run_start (run); /* one that never began ends all the same */
  _weft_run_leave (run);
}

static void
slow_over_cb (void *data)
{
  _weft_engine_wake_all (data);
}

static bool
set_next_start (WeftRun *run, int64_t *now_next, int64_t next_ns)
{
  if (!atomic_compare_exchange_strong_explicit (&run->slow_next_ns, now_next, next_ns,
                                                memory_order_acq_rel, memory_order_relaxed))
    return false;
  _weft_timer_add (run->engine, next_ns, slow_over_cb, run->engine, NULL);
  return true;
}

/* Whether slow motion wants no start yet. Workers meanwhile serve other runs, or sleep. */
bool
_weft_run_is_slowed (WeftRun *run)
{
  return (atomic_load_explicit (&run->control, memory_order_relaxed) & WEFT_CONTROL_SLOW) != 0
         && _weft_engine_now_ns (run->engine)
                < atomic_load_explicit (&run->slow_next_ns, memory_order_acquire);
}

/* Before a start in slow motion. FALSE: it is too early, or another worker was quicker. */
bool
_weft_run_slow_start (WeftRun *run)
{
  int64_t next_ns = atomic_load_explicit (&run->slow_next_ns, memory_order_acquire);
  int64_t now_ns = _weft_engine_now_ns (run->engine);

  return now_ns >= next_ns
         && set_next_start (
             run, &next_ns,
             now_ns + atomic_load_explicit (&run->slow_motion_ns, memory_order_relaxed));
}

/* An end is something to be seen, too: the next start waits. */
void
_weft_run_slow_end (WeftRun *run)
{
  int64_t delay_ns = atomic_load_explicit (&run->slow_motion_ns, memory_order_relaxed);
  int64_t next_ns = atomic_load_explicit (&run->slow_next_ns, memory_order_relaxed);
  int64_t new_ns = _weft_engine_now_ns (run->engine) + delay_ns;

  while (next_ns < new_ns && !set_next_start (run, &next_ns, new_ns))
    ;
}

/* 48 bits of nanoseconds: three days. */
#define LONGEST_DELAY_NS (INT64_C (1) << 48)

void
weft_run_set_slow_motion (WeftRun *run, int64_t delay_ns)
{
  int64_t delay = CLAMP (delay_ns, 0, LONGEST_DELAY_NS);

  atomic_store_explicit (&run->slow_motion_ns, delay, memory_order_relaxed);
  atomic_store_explicit (&run->slow_next_ns, 0, memory_order_release);
  if (delay > 0)
    {
      _weft_run_slow_end (run); /* the first start waits as well */
      atomic_fetch_or_explicit (&run->control, WEFT_CONTROL_SLOW, memory_order_seq_cst);
    }
  else
    atomic_fetch_and_explicit (&run->control, ~(uint32_t) WEFT_CONTROL_SLOW, memory_order_seq_cst);
  _weft_run_note_setting (run, WEFT_SETTING_SLOW_MOTION, (uint64_t) delay);
  _weft_engine_wake_all (run->engine);
}

/* ---- stepping -------------------------------------------------------------------------------- */

/* Puts back what must not start now. */
void
_weft_run_hold (WeftRun *run, WeftItem item)
{
  _weft_queue_push (run->queue, item);
}

/* Gives up the cursor's token of one id; a ready one goes to the queue. */
static bool
issue_to_queue (WeftRun *run, WeftSegment *segment, uint32_t task)
{
  const uint8_t *unit_flags = segment->arrays.unit_flags;

  if (unit_flags != NULL && (unit_flags[task] & WEFT_UNIT_CONTINUES) != 0)
    return false;
  if (!_weft_pending_take (_weft_pending (segment, task), 1))
    return false;
  _weft_queue_push (run->queue, (WeftItem){ segment, task });
  return true;
}

void
_weft_run_collect_seat (WeftRun *run, WeftSeat *seat)
{
  uint64_t range = atomic_load_explicit (&seat->range, memory_order_seq_cst);
  uint64_t packed;
  WeftSegment *segment;

  while (_weft_deque_length (&seat->deque) > 0)
    if (_weft_deque_steal (&seat->deque, &packed))
      _weft_queue_push (
          run->queue,
          (WeftItem){ _weft_run_get_segment (run, (uint32_t) (packed >> 32)), (uint32_t) packed });
  do
    segment = atomic_load_explicit (&seat->range_segment, memory_order_acquire);
  while (WEFT_RANGE_LENGTH (range) > 0
         && !atomic_compare_exchange_weak_explicit (&seat->range, &range,
                                                    range - WEFT_RANGE_LENGTH (range),
                                                    memory_order_seq_cst, memory_order_seq_cst));
  for (uint32_t i = 0; i < WEFT_RANGE_LENGTH (range); i++)
    issue_to_queue (run, segment, WEFT_RANGE_FIRST (range) + i);
}

static void
collect_ready (WeftRun *run)
{
  uint32_t n_seats = atomic_load_explicit (&run->n_seats, memory_order_acquire);

  for (uint32_t i = 0; i < n_seats; i++)
    {
      WeftSeat *seat = atomic_load_explicit (&run->seats[i], memory_order_acquire);

      if (seat != NULL)
        _weft_run_collect_seat (run, seat);
    }
  _weft_memory_give_back (run);
}

/* Whether the cursor may still come to something better than `best`. */
static bool
is_ahead (WeftSegment *segment, const WeftItem *best)
{
  WeftItem next = { segment, atomic_load_explicit (&segment->cursor, memory_order_relaxed) };

  return best->segment == NULL || _weft_item_before (next, *best);
}

/* Walks the cursor on, one id at a time, as long as better ids than `best` may come; `best` follows
 * what is found. A segment of NULL: to the end. */
static void
walk_cursor (WeftRun *run, WeftItem *best)
{
  WeftSegment *segment = atomic_load_explicit (&run->issue, memory_order_acquire);

  while (segment != NULL && (best == NULL || is_ahead (segment, best)))
    {
      uint32_t task = atomic_fetch_add_explicit (&segment->cursor, 1, memory_order_relaxed);

      if (task < segment->arrays.n_tasks)
        {
          if (issue_to_queue (run, segment, task) && best != NULL)
            *best = (WeftItem){ segment, task };
          continue;
        }
      /* Undo, so that the cursor cannot run round. */
      atomic_fetch_sub_explicit (&segment->cursor, 1, memory_order_relaxed);
      WeftSegment *next = _weft_run_next_issue (run, segment);
      if (next == segment)
        return;
      segment = next;
    }
}

static bool
best_ready (WeftRun *run, WeftItem *item)
{
  WeftItem best = { NULL, 0 };

  collect_ready (run);
  _weft_queue_peek (run->queue, &best);
  walk_cursor (run, &best);
  return _weft_queue_pop (run->queue, item);
}

bool
_weft_run_wants_step (WeftRun *run)
{
  return atomic_load_explicit (&run->step_state, memory_order_seq_cst) == 1;
}

/* Run lock held: the stepper goes on. */
static void
tell_stepper (WeftRun *run, bool diverted)
{
  run->step_diverted = diverted;
  atomic_store_explicit (&run->step_state, 3, memory_order_seq_cst);
  pthread_cond_broadcast (&run->changed);
}

/* The stepped task has ended, or is going to wait for a future, which may take further steps. */
void
_weft_seat_end_step (WeftSeat *seat)
{
  WeftRun *run = seat->run;

  if (!seat->stepping)
    return;
  seat->stepping = false;
  if (!seat->diverted)
    _weft_run_note (run, WEFT_RECORD_STEPPED, 0, seat->task.task, seat->task.segment->index, 0);
  pthread_mutex_lock (&run->lock);
  tell_stepper (run, seat->diverted);
  pthread_mutex_unlock (&run->lock);
}

/* A task was ended at its deadline; perhaps it is the one that was stepped. */
void
_weft_run_end_expired_step (WeftRun *run, WeftItem item)
{
  pthread_mutex_lock (&run->lock);
  if (atomic_load_explicit (&run->step_state, memory_order_seq_cst) == 2
      && run->step.segment == item.segment && run->step.task == item.task)
    tell_stepper (run, false);
  pthread_mutex_unlock (&run->lock);
}

/* A worker's part: runs the task that was picked. */
bool
_weft_run_step_if_wanted (WeftSeat *seat)
{
  WeftRun *run = seat->run;
  uint32_t wanted = 1;
  WeftItem item, next;
  bool more;

  if (!_weft_run_wants_step (run)
      || !atomic_compare_exchange_strong_explicit (&run->step_state, &wanted, 2,
                                                   memory_order_seq_cst, memory_order_relaxed))
    return false;
  item = run->step;
  seat->stepping = true;
  seat->diverted = false;
  seat->contiguous = false;
  more = _weft_execute_carefully (seat, &item, WEFT_HOW_QUEUED, &next);
  if (seat->lost)
    return true; /* whoever ended the task at its deadline says so */
  if (more)
    _weft_queue_push (run->queue, next);
  _weft_release_held (seat);
  _weft_seat_tell_done (seat);
  seat->task.segment = item.segment;
  seat->task.task = item.task;
  _weft_seat_end_step (seat);
  return true;
}

/* The caller's part: hands the task over and waits until it ended. FALSE: it waits for a resource
 * instead. */
static bool
step_item (WeftRun *run, WeftItem item)
{
  bool ran;

  run->step = item;
  atomic_store_explicit (&run->step_state, 1, memory_order_seq_cst);
  if (run->engine->manual)
    _weft_worker_serve (run->engine->workers[0], run, true);
  _weft_engine_wake_all (run->engine);
  pthread_mutex_lock (&run->lock);
  while (atomic_load_explicit (&run->step_state, memory_order_seq_cst) != 3
         && run->phase < WEFT_RUN_DONE)
    pthread_cond_wait (&run->changed, &run->lock);
  ran = atomic_load_explicit (&run->step_state, memory_order_seq_cst) != 3 || !run->step_diverted;
  atomic_store_explicit (&run->step_state, 0, memory_order_seq_cst);
  pthread_mutex_unlock (&run->lock);
  return ran;
}

static bool
is_paused (WeftRun *run)
{
  return weft_run_phase (run) == WEFT_RUN_PAUSED;
}

bool
weft_run_step (WeftRun *run)
{
  bool stepped = false;
  WeftItem item;

  pthread_mutex_lock (&run->step_lock);
  while (!stepped && is_paused (run) && best_ready (run, &item))
    stepped = step_item (run, item);
  pthread_mutex_unlock (&run->step_lock);
  return stepped;
}

static bool
is_of_group (WeftItem item, const char *group)
{
  uint32_t id = item.segment->arrays.group_of_task[item.task];

  return strcmp (weft_graph_group_name (item.segment->graph, id), group) == 0;
}

/* All tasks of the group that are ready; the others stay in the queue. */
static GArray *
take_group (WeftRun *run, const char *group)
{
  g_autoptr (GArray) others = g_array_new (FALSE, FALSE, sizeof (WeftItem));
  GArray *chosen = g_array_new (FALSE, FALSE, sizeof (WeftItem));
  WeftItem item;

  collect_ready (run);
  walk_cursor (run, NULL);
  while (_weft_queue_pop (run->queue, &item))
    g_array_append_val (is_of_group (item, group) ? chosen : others, item);
  for (guint i = 0; i < others->len; i++)
    _weft_queue_push (run->queue, g_array_index (others, WeftItem, i));
  return chosen;
}

bool
weft_run_step_group (WeftRun *run, const char *group)
{
  bool any = false;

  pthread_mutex_lock (&run->step_lock);
  if (is_paused (run))
    {
      g_autoptr (GArray) chosen = take_group (run, group);

      for (guint i = 0; i < chosen->len; i++)
        any |= step_item (run, g_array_index (chosen, WeftItem, i));
    }
  pthread_mutex_unlock (&run->step_lock);
  return any;
}

/* ---- breakpoints ----------------------------------------------------------------------------- */

static void
set_break (WeftSegment *segment, uint32_t task)
{
  atomic_fetch_or_explicit (&segment->status[task], WEFT_STATUS_BREAK, memory_order_relaxed);
}

static void
clear_break (WeftSegment *segment, uint32_t task)
{
  atomic_fetch_and_explicit (&segment->status[task], (uint8_t) ~WEFT_STATUS_BREAK,
                             memory_order_relaxed);
}

/* Marks the task in each segment that has it, or takes its mark away. Returns: whether any has */
static bool
mark_key (WeftRun *run, const char *key, bool on)
{
  bool found = false;

  for (uint32_t i = 0; i < weft_run_n_segments (run); i++)
    {
      WeftSegment *segment = _weft_run_get_segment (run, i);
      uint32_t task = weft_graph_find (segment->graph, key, -1);

      if (task == WEFT_NONE)
        continue;
      on ? set_break (segment, task) : clear_break (segment, task);
      found = true;
    }
  return found;
}

bool
weft_run_break_at_key (WeftRun *run, const char *key)
{
  note_break (run, WEFT_SETTING_BREAK_AT_KEY, key);
  return mark_key (run, key, true);
}

bool
weft_run_clear_break_at_key (WeftRun *run, const char *key)
{
  return mark_key (run, key, false);
}

/* Marks all tasks of groups with a breakpoint, in a segment that is new. */
void
_weft_segment_break_groups (WeftSegment *segment, GHashTable *names)
{
  const WeftGraphArrays *arrays = &segment->arrays;

  if (g_hash_table_size (names) == 0)
    return;
  for (uint32_t task = 0; task < arrays->n_tasks; task++)
    if (g_hash_table_contains (names,
                               weft_graph_group_name (segment->graph, arrays->group_of_task[task])))
      set_break (segment, task);
}

/* Marks the tasks of one group, or takes their marks away. Returns: whether it has any */
static bool
mark_group (WeftSegment *segment, const char *group, bool on)
{
  const WeftGraphArrays *arrays = &segment->arrays;
  uint32_t number = 0;

  while (number < arrays->n_groups
         && strcmp (weft_graph_group_name (segment->graph, number), group) != 0)
    number++;
  if (number == arrays->n_groups)
    return false;
  for (uint32_t task = 0; task < arrays->n_tasks; task++)
    if (arrays->group_of_task[task] == number)
      on ? set_break (segment, task) : clear_break (segment, task);
  return true;
}

/* Run lock held. */
static bool
mark_group_everywhere (WeftRun *run, const char *group, bool on)
{
  bool found = false;

  for (uint32_t i = 0; i < weft_run_n_segments (run); i++)
    found |= mark_group (_weft_run_get_segment (run, i), group, on);
  return found;
}

bool
weft_run_break_at_group (WeftRun *run, const char *group)
{
  bool found;

  note_break (run, WEFT_SETTING_BREAK_AT_GROUP, group);
  pthread_mutex_lock (&run->lock);
  g_hash_table_add (run->break_groups, g_strdup (group));
  found = mark_group_everywhere (run, group, true);
  pthread_mutex_unlock (&run->lock);
  return found;
}

void
weft_run_clear_break_at_group (WeftRun *run, const char *group)
{
  pthread_mutex_lock (&run->lock);
  g_hash_table_remove (run->break_groups, group);
  mark_group_everywhere (run, group, false);
  pthread_mutex_unlock (&run->lock);
}

void
weft_run_break_on_error (WeftRun *run, bool enable)
{
  if (atomic_exchange_explicit (&run->break_on_error, enable, memory_order_relaxed) != enable)
    _weft_run_note_setting (run, WEFT_SETTING_BREAK_ON_ERROR, enable);
}

void
weft_run_break_above_bytes (WeftRun *run, uint64_t managed_bytes)
{
  if (atomic_exchange_explicit (&run->break_bytes, managed_bytes, memory_order_relaxed)
      != managed_bytes)
    _weft_run_note_setting (run, WEFT_SETTING_BREAK_ABOVE_BYTES, managed_bytes);
  if (managed_bytes > 0)
    atomic_fetch_or_explicit (&run->control, WEFT_CONTROL_WATCH_BYTES, memory_order_seq_cst);
  else
    atomic_fetch_and_explicit (&run->control, ~(uint32_t) WEFT_CONTROL_WATCH_BYTES,
                               memory_order_seq_cst);
}

void
weft_run_clear_breakpoints (WeftRun *run)
{
  pthread_mutex_lock (&run->lock);
  g_hash_table_remove_all (run->break_groups);
  pthread_mutex_unlock (&run->lock);
  weft_run_break_on_error (run, false);
  weft_run_break_above_bytes (run, 0);
  for (uint32_t i = 0; i < weft_run_n_segments (run); i++)
    {
      WeftSegment *segment = _weft_run_get_segment (run, i);

      for (uint32_t task = 0; task < segment->arrays.n_tasks; task++)
        clear_break (segment, task);
    }
}
