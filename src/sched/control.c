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

#include <string.h>

void
_weft_run_note_setting (WeftRun *run, WeftSetting setting, uint64_t value)
{
  if (run->recorder != NULL)
    weft_recorder_note_setting (run->recorder, setting, value);
}

/* Phase follows the control word, as long as the run has not ended. */
static void
change_phase (WeftRun *run, WeftRunPhase from, WeftRunPhase to)
{
  bool changed;

  pthread_mutex_lock (&run->lock);
  changed = run->phase == from;
  if (changed)
    run->phase = to;
  pthread_cond_broadcast (&run->changed);
  pthread_mutex_unlock (&run->lock);
  if (changed)
    _weft_run_note (run, WEFT_RECORD_RUN_STATE, (uint8_t) to, 0, 0, 0);
}

void
weft_run_pause (WeftRun *run)
{
  atomic_fetch_or_explicit (&run->control, WEFT_CONTROL_PAUSED, memory_order_seq_cst);
  change_phase (run, WEFT_RUN_RUNNING, WEFT_RUN_PAUSED);
}

void
weft_run_resume (WeftRun *run)
{
  atomic_fetch_and_explicit (&run->control, ~(uint32_t) WEFT_CONTROL_PAUSED, memory_order_seq_cst);
  change_phase (run, WEFT_RUN_PAUSED, WEFT_RUN_RUNNING);
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
  if (!run->started)
    weft_run_start (run);
  _weft_run_leave (run);
}

void
weft_run_set_slow_motion (WeftRun *run, int64_t delay_ns)
{
  atomic_store_explicit (&run->slow_motion_ns, MAX (delay_ns, 0), memory_order_relaxed);
  if (delay_ns > 0)
    atomic_fetch_or_explicit (&run->control, WEFT_CONTROL_SLOW, memory_order_seq_cst);
  else
    atomic_fetch_and_explicit (&run->control, ~(uint32_t) WEFT_CONTROL_SLOW, memory_order_seq_cst);
  _weft_run_note_setting (run, WEFT_SETTING_SLOW_MOTION, (uint64_t) MAX (delay_ns, 0));
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
  if (!_weft_pending_take (&segment->pending[task], 1))
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

/* Walks the cursor on, one id at a time, until `enough` ids were ready or there are no more. */
static void
walk_cursor (WeftRun *run, bool only_one)
{
  WeftSegment *segment = atomic_load_explicit (&run->issue, memory_order_acquire);

  while (segment != NULL)
    {
      uint32_t task = atomic_fetch_add_explicit (&segment->cursor, 1, memory_order_relaxed);

      if (task < segment->arrays.n_tasks)
        {
          if (issue_to_queue (run, segment, task) && only_one)
            return;
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
  collect_ready (run);
  if (_weft_queue_length (run->queue) == 0)
    walk_cursor (run, true);
  return _weft_queue_pop (run->queue, item);
}

bool
_weft_run_wants_step (WeftRun *run)
{
  return atomic_load_explicit (&run->step_state, memory_order_seq_cst) == 1;
}

/* A worker's part: runs the task that was picked. */
bool
_weft_run_step_if_wanted (WeftSeat *seat)
{
  WeftRun *run = seat->run;
  uint32_t wanted = 1;
  WeftItem item, next;

  if (!_weft_run_wants_step (run)
      || !atomic_compare_exchange_strong_explicit (&run->step_state, &wanted, 2,
                                                   memory_order_seq_cst, memory_order_relaxed))
    return false;
  item = run->step;
  seat->stepping = true;
  seat->contiguous = false;
  if (_weft_execute_carefully (seat, &item, WEFT_HOW_QUEUED, &next))
    _weft_queue_push (run->queue, next);
  seat->stepping = false;
  _weft_release_held (seat);
  _weft_seat_tell_done (seat);
  _weft_run_note (run, WEFT_RECORD_STEPPED, 0, item.task, item.segment->index, 0);
  pthread_mutex_lock (&run->lock);
  atomic_store_explicit (&run->step_state, 3, memory_order_seq_cst);
  pthread_cond_broadcast (&run->changed);
  pthread_mutex_unlock (&run->lock);
  return true;
}

/* The caller's part: hands the task over and waits until it ended. */
static void
step_item (WeftRun *run, WeftItem item)
{
  run->step = item;
  atomic_store_explicit (&run->step_state, 1, memory_order_seq_cst);
  if (run->engine->manual)
    _weft_worker_serve_any (run->engine->workers[0], true);
  _weft_engine_wake_all (run->engine);
  pthread_mutex_lock (&run->lock);
  while (atomic_load_explicit (&run->step_state, memory_order_seq_cst) != 3
         && run->phase < WEFT_RUN_DONE)
    pthread_cond_wait (&run->changed, &run->lock);
  pthread_mutex_unlock (&run->lock);
  atomic_store_explicit (&run->step_state, 0, memory_order_seq_cst);
}

static bool
is_paused (WeftRun *run)
{
  return weft_run_phase (run) == WEFT_RUN_PAUSED;
}

bool
weft_run_step (WeftRun *run)
{
  WeftItem item;
  bool stepped;

  pthread_mutex_lock (&run->step_lock);
  stepped = is_paused (run) && best_ready (run, &item);
  if (stepped)
    step_item (run, item);
  pthread_mutex_unlock (&run->step_lock);
  return stepped;
}

bool
weft_run_step_group (WeftRun *run, const char *group)
{
  g_autoptr (GArray) others = g_array_new (FALSE, FALSE, sizeof (WeftItem));
  g_autoptr (GArray) chosen = g_array_new (FALSE, FALSE, sizeof (WeftItem));
  WeftItem item;

  pthread_mutex_lock (&run->step_lock);
  if (is_paused (run))
    {
      collect_ready (run);
      walk_cursor (run, false);
      while (_weft_queue_pop (run->queue, &item))
        {
          uint32_t id = item.segment->arrays.group_of_task[item.task];
          bool match = strcmp (weft_graph_group_name (item.segment->graph, id), group) == 0;

          g_array_append_val (match ? chosen : others, item);
        }
      for (guint i = 0; i < others->len; i++)
        _weft_queue_push (run->queue, g_array_index (others, WeftItem, i));
      for (guint i = 0; i < chosen->len; i++)
        step_item (run, g_array_index (chosen, WeftItem, i));
    }
  pthread_mutex_unlock (&run->step_lock);
  return chosen->len > 0;
}

/* ---- breakpoints ----------------------------------------------------------------------------- */

static void
set_break (WeftSegment *segment, uint32_t task)
{
  atomic_fetch_or_explicit (&segment->status[task], WEFT_STATUS_BREAK, memory_order_relaxed);
}

bool
weft_run_break_at_key (WeftRun *run, const char *key)
{
  bool found = false;

  for (uint32_t i = 0; i < weft_run_n_segments (run); i++)
    {
      WeftSegment *segment = _weft_run_get_segment (run, i);
      uint32_t task = weft_graph_find (segment->graph, key, -1);

      if (task == WEFT_NONE)
        continue;
      set_break (segment, task);
      found = true;
    }
  return found;
}

/* Marks all tasks of groups with a breakpoint; also called for segments that come later. */
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

static bool
has_group (WeftSegment *segment, const char *group)
{
  for (uint32_t i = 0; i < segment->arrays.n_groups; i++)
    if (strcmp (weft_graph_group_name (segment->graph, i), group) == 0)
      return true;
  return false;
}

bool
weft_run_break_at_group (WeftRun *run, const char *group)
{
  bool found = false;

  pthread_mutex_lock (&run->lock);
  g_hash_table_add (run->break_groups, g_strdup (group));
  for (uint32_t i = 0; i < weft_run_n_segments (run); i++)
    {
      WeftSegment *segment = _weft_run_get_segment (run, i);

      if (!has_group (segment, group))
        continue;
      found = true;
      _weft_segment_break_groups (segment, run->break_groups);
    }
  pthread_mutex_unlock (&run->lock);
  return found;
}

void
weft_run_break_on_error (WeftRun *run, bool enable)
{
  atomic_store_explicit (&run->break_on_error, enable, memory_order_relaxed);
}

void
weft_run_break_above_bytes (WeftRun *run, uint64_t managed_bytes)
{
  atomic_store_explicit (&run->break_bytes, managed_bytes, memory_order_relaxed);
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
        atomic_fetch_and_explicit (&segment->status[task], (uint8_t) ~WEFT_STATUS_BREAK,
                                   memory_order_relaxed);
    }
}
