/* progress.c: counts by group, live, from the records themselves
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * The recorder's thread sees every record when it drains it; counting there costs workers nothing.
 * It is the only writer; readers load relaxed. Groups are numbered per segment, so a segment's
 * first group has an offset into one growing table; the table is blocks that never move.
 */
#include "config.h"

#include "sched/weft-execute-private.h"

#include <stdlib.h>

#define BLOCK_GROUPS 1024
#define MAX_BLOCKS 4096

typedef struct
{
  _Atomic uint64_t n_done; /* owner: recorder; relaxed */
  _Atomic uint64_t n_erred;
  _Atomic uint64_t busy_ticks;
} GroupCount;

struct _WeftGroups
{
  pthread_mutex_t lock;
  WeftRun *run;
  GroupCount *blocks[MAX_BLOCKS]; /* lock for writing */
  uint32_t n_groups;              /* lock */
  GArray *totals;                 /* lock: uint64_t tasks of each group */
};

struct _WeftGroups *
_weft_groups_new (WeftRun *run)
{
  struct _WeftGroups *groups = g_new0 (struct _WeftGroups, 1);

  pthread_mutex_init (&groups->lock, NULL);
  groups->run = run;
  groups->totals = g_array_new (FALSE, TRUE, sizeof (uint64_t));
  return groups;
}

void
_weft_groups_free (struct _WeftGroups *groups)
{
  if (groups == NULL)
    return;
  for (uint32_t i = 0; i < MAX_BLOCKS; i++)
    g_free (groups->blocks[i]);
  g_array_unref (groups->totals);
  pthread_mutex_destroy (&groups->lock);
  g_free (groups);
}

/* Called before the segment can have records. */
void
_weft_groups_add_segment (struct _WeftGroups *groups, WeftSegment *segment)
{
  uint32_t n = segment->arrays.n_groups;

  if (groups == NULL)
    return;
  pthread_mutex_lock (&groups->lock);
  if (groups->n_groups + n <= BLOCK_GROUPS * MAX_BLOCKS)
    {
      segment->first_group = groups->n_groups;
      groups->n_groups += n;
      g_array_set_size (groups->totals, groups->n_groups);
      for (uint32_t i = 0; i < (groups->n_groups + BLOCK_GROUPS - 1) / BLOCK_GROUPS; i++)
        if (groups->blocks[i] == NULL)
          groups->blocks[i] = g_new0 (GroupCount, BLOCK_GROUPS);
      for (uint32_t task = 0; task < segment->arrays.n_tasks; task++)
        g_array_index (groups->totals, uint64_t,
                       segment->first_group + segment->arrays.group_of_task[task])++;
    }
  else
    segment->first_group = WEFT_NONE; /* counted in the run's totals only */
  pthread_mutex_unlock (&groups->lock);
}

static void
add (_Atomic uint64_t *counter, uint64_t n)
{
  atomic_store_explicit (counter, atomic_load_explicit (counter, memory_order_relaxed) + n,
                         memory_order_relaxed);
}

/* What records one after the other say of one group; the shared counters are touched when another
 * group comes, as tasks next to each other mostly are of one. */
typedef struct
{
  struct _WeftGroups *groups;
  WeftSegment *segment;
  uint32_t number; /* the segment's; WEFT_NONE: none yet */
  uint32_t group;  /* of the table; WEFT_NONE: none yet */
  uint64_t n_done, n_erred, busy_ticks;
} Sum;

static void
flush (Sum *sum)
{
  GroupCount *count;

  if (sum->group == WEFT_NONE)
    return;
  count = &sum->groups->blocks[sum->group / BLOCK_GROUPS][sum->group % BLOCK_GROUPS];
  add (&count->n_done, sum->n_done);
  add (&count->n_erred, sum->n_erred);
  add (&count->busy_ticks, sum->busy_ticks);
  sum->n_done = sum->n_erred = sum->busy_ticks = 0;
}

/* Makes the sum one of the task's group. FALSE: it has none in the table. */
static inline bool
turn_to (Sum *sum, uint32_t number, uint32_t task)
{
  uint32_t group;

  if (WEFT_UNLIKELY (sum->number != number))
    {
      sum->segment = _weft_run_get_segment (sum->groups->run, number);
      sum->number = number;
    }
  if (sum->segment->first_group == WEFT_NONE || task >= sum->segment->arrays.n_tasks)
    return false;
  group = sum->segment->first_group + sum->segment->arrays.group_of_task[task];
  if (group != sum->group)
    {
      flush (sum);
      sum->group = group;
    }
  return true;
}

static void
observe_one (Sum *sum, const WeftRecord *record)
{
  WeftOutcome outcome = weft_record_outcome (record);

  if (record->kind != WEFT_RECORD_TASK && record->kind != WEFT_RECORD_ERRED
      && record->kind != WEFT_RECORD_CANCELLED && record->kind != WEFT_RECORD_TIMED_OUT)
    return;
  if (!turn_to (sum, record->segment, record->task))
    return;
  if (record->kind == WEFT_RECORD_TIMED_OUT)
    {
      /* The attempt's time; how it ends is in the task's own record, on another worker. */
      sum->busy_ticks += weft_record_duration (record);
      return;
    }
  if (record->kind != WEFT_RECORD_TASK)
    {
      sum->n_erred++;
      return;
    }
  sum->busy_ticks += weft_record_duration (record);
  if (record->flags & WEFT_RECORD_CONTINUED)
    return;
  if (outcome == WEFT_OUTCOME_OK || outcome == WEFT_OUTCOME_REPLACED)
    sum->n_done++;
  else if (outcome != WEFT_OUTCOME_RETRIED)
    sum->n_erred++;
}

/* A task that ended well, in one span. */
static inline bool
is_ordinary (const WeftRecord *record)
{
  return record->kind == WEFT_RECORD_TASK && (record->flags & WEFT_RECORD_CONTINUED) == 0
         && record->how < WEFT_OUTCOME_FAILED << 4;
}

/* The ordinary ones from the first on that are of the sum's group. Returns: how many */
static inline uint32_t
observe_ordinary (Sum *sum, const WeftRecord *records, uint32_t n)
{
  const uint32_t *groups = sum->segment->arrays.group_of_task;
  uint32_t n_tasks = sum->segment->arrays.n_tasks;
  uint32_t group = sum->group - sum->segment->first_group;
  uint64_t busy_ticks = 0;
  uint32_t i = 0;

  for (; i < n && is_ordinary (&records[i]) && records[i].segment == sum->number
         && records[i].task < n_tasks && groups[records[i].task] == group;
       i++)
    busy_ticks += records[i].duration_amount >> 16;
  sum->busy_ticks += busy_ticks;
  sum->n_done += i;
  return i;
}

void
_weft_groups_observe (uint32_t lane G_GNUC_UNUSED, const WeftRecord *records, uint32_t n,
                      void *data)
{
  Sum sum = { .groups = data, .number = WEFT_NONE, .group = WEFT_NONE };

  for (uint32_t i = 0; i < n;)
    {
      observe_one (&sum, &records[i++]);
      if (sum.group != WEFT_NONE && sum.segment->first_group != WEFT_NONE)
        i += observe_ordinary (&sum, records + i, n - i);
    }
  flush (&sum);
}

/* ---- what callers see ------------------------------------------------------------------------ */

static int64_t
ticks_to_ns (WeftEngine *engine, uint64_t ticks)
{
  return (int64_t) ((double) ticks * 1e9 / (double) engine->clock_map.ticks_per_second);
}

static void
append_segment (WeftRun *run, WeftSegment *segment, GArray *result)
{
  struct _WeftGroups *groups = run->groups;

  if (segment->first_group == WEFT_NONE)
    return;
  for (uint32_t i = 0; i < segment->arrays.n_groups; i++)
    {
      uint32_t group = segment->first_group + i;
      GroupCount *count = &groups->blocks[group / BLOCK_GROUPS][group % BLOCK_GROUPS];
      WeftGroupProgress progress = {
        .group = i,
        .segment = segment->index,
        .n_tasks = g_array_index (groups->totals, uint64_t, group),
        .n_done = atomic_load_explicit (&count->n_done, memory_order_relaxed),
        .n_erred = atomic_load_explicit (&count->n_erred, memory_order_relaxed),
        .busy_ns = ticks_to_ns (run->engine,
                                atomic_load_explicit (&count->busy_ticks, memory_order_relaxed)),
      };

      g_array_append_val (result, progress);
    }
}

/* Adds what runs at this moment, from the workers' now-slots. */
static void
add_running (WeftRun *run, GArray *result)
{
  uint32_t n_seats = atomic_load_explicit (&run->n_seats, memory_order_acquire);
  WeftNow now;

  for (uint32_t i = 0; i < n_seats; i++)
    {
      WeftSeat *seat = atomic_load_explicit (&run->seats[i], memory_order_acquire);

      if (seat == NULL || seat->lane == NULL || !weft_lane_get_now (seat->lane, &now)
          || now.task == WEFT_NONE)
        continue;
      WeftSegment *segment = _weft_run_get_segment (run, now.segment);
      for (guint k = 0; k < result->len; k++)
        {
          WeftGroupProgress *progress = &g_array_index (result, WeftGroupProgress, k);

          if (progress->segment == now.segment
              && progress->group == segment->arrays.group_of_task[now.task])
            progress->n_running++;
        }
    }
}

GArray *
weft_run_group_progress (WeftRun *run)
{
  GArray *result = g_array_new (FALSE, TRUE, sizeof (WeftGroupProgress));

  if (run->groups == NULL)
    return result;
  pthread_mutex_lock (&run->groups->lock);
  for (uint32_t i = 0; i < weft_run_n_segments (run); i++)
    append_segment (run, _weft_run_get_segment (run, i), result);
  pthread_mutex_unlock (&run->groups->lock);
  add_running (run, result);
  return result;
}

/* Tasks that the records drained so far say are done. Workers tell the run of theirs in bunches, so
 * during a long task after many short ones the records know more. */
static uint64_t
n_recorded (WeftRun *run)
{
  struct _WeftGroups *groups = run->groups;
  uint64_t n = 0;

  if (groups == NULL)
    return 0;
  pthread_mutex_lock (&groups->lock);
  for (uint32_t i = 0; i < groups->n_groups; i++)
    n += atomic_load_explicit (&groups->blocks[i / BLOCK_GROUPS][i % BLOCK_GROUPS].n_done,
                               memory_order_relaxed);
  pthread_mutex_unlock (&groups->lock);
  return n;
}

void
weft_run_progress (WeftRun *run, WeftRunProgress *progress)
{
  int64_t remaining = atomic_load_explicit (&run->remaining, memory_order_acquire);
  uint32_t n_seats = atomic_load_explicit (&run->n_seats, memory_order_acquire);

  memset (progress, 0, sizeof *progress);
  pthread_mutex_lock (&run->lock);
  bool holds_open = run->keep_open || !run->started;
  bool goes_on = run->phase < WEFT_RUN_DONE;
  progress->n_tasks = run->n_tasks;
  progress->n_erred = run->n_failed + run->n_erred;
  if (run->phase >= WEFT_RUN_DONE)
    progress->elapsed_ns = run->end_mono_ns - run->start_mono_ns;
  else if (run->started)
    progress->elapsed_ns = weft_clock_mono_ns () - run->start_mono_ns;
  progress->n_cancelled = run->n_cancelled;
  if (run->phase == WEFT_RUN_CANCELLED)
    progress->n_cancelled += (uint64_t) MAX (remaining - (holds_open ? 1 : 0), 0);
  pthread_mutex_unlock (&run->lock);
  remaining = MAX (remaining - (holds_open ? 1 : 0), 0);
  progress->n_done = progress->n_tasks - MIN (progress->n_tasks, (uint64_t) remaining);
  uint64_t n_lost = progress->n_erred + run->n_cancelled;
  progress->n_done -= MIN (progress->n_done, n_lost);
  /* A task that a graph replaced is recorded as done, and may err all the same. At the end all
   * workers have told of theirs. */
  if (goes_on && progress->n_tasks > n_lost)
    progress->n_done = MAX (progress->n_done, MIN (n_recorded (run), progress->n_tasks - n_lost));
  for (uint32_t i = 0; i < n_seats; i++)
    {
      WeftSeat *seat = atomic_load_explicit (&run->seats[i], memory_order_acquire);
      WeftNow now;

      if (seat != NULL && seat->lane != NULL && weft_lane_get_now (seat->lane, &now)
          && now.task != WEFT_NONE)
        progress->n_running++;
    }
  progress->managed_bytes = (uint64_t) MAX (weft_account_held_bytes (run->account), 0);
  progress->peak_managed_bytes = (uint64_t) MAX (weft_account_peak_bytes (run->account), 0);
  progress->spilled_bytes = _weft_run_spilled_bytes (run);
}

/* ---- state of a task ------------------------------------------------------------------------- */

static bool
seat_runs (WeftSeat *seat, WeftSegment *segment, uint32_t task)
{
  WeftNow now;

  return seat->lane != NULL && weft_lane_get_now (seat->lane, &now) && now.segment == segment->index
         && now.task == task;
}

/* Whether the seat's range has the task: its turn to be issued has not come yet. */
static bool
seat_has_in_range (WeftSeat *seat, WeftSegment *segment, uint32_t task)
{
  uint64_t range = atomic_load_explicit (&seat->range, memory_order_seq_cst);

  return atomic_load_explicit (&seat->range_segment, memory_order_acquire) == segment
         && task - WEFT_RANGE_FIRST (range) < WEFT_RANGE_LENGTH (range);
}

static bool
any_seat (WeftSegment *segment, uint32_t task,
          bool (*test) (WeftSeat *seat, WeftSegment *segment, uint32_t task))
{
  WeftRun *run = segment->run;
  uint32_t n_seats = atomic_load_explicit (&run->n_seats, memory_order_acquire);

  for (uint32_t i = 0; i < n_seats; i++)
    {
      WeftSeat *seat = atomic_load_explicit (&run->seats[i], memory_order_acquire);

      if (seat != NULL && test (seat, segment, task))
        return true;
    }
  return false;
}

/* How many edges read the task's first output, and whether all their tasks have ended. */
static uint32_t
count_readers (WeftSegment *segment, uint32_t task, bool *all_ended)
{
  const WeftGraphArrays *arrays = &segment->arrays;
  uint32_t slot = _weft_first_slot (segment, task);
  uint32_t n_readers = 0;

  *all_ended = true;
  for (uint32_t i = arrays->dependent_offsets[task]; i < arrays->dependent_offsets[task + 1]; i++)
    {
      uint32_t reader = arrays->dependents[i];
      uint32_t n_before = n_readers;

      /* Dependents are sorted; one that also waits for the task, or reads two of its outputs, comes
       * again. */
      if (i > arrays->dependent_offsets[task] && arrays->dependents[i - 1] == reader)
        continue;
      for (uint32_t k = arrays->input_offsets[reader]; k < arrays->input_offsets[reader + 1]; k++)
        n_readers += _weft_input_slot (segment, k) == slot;
      if (n_readers > n_before)
        *all_ended &= _weft_slot_is_there (segment, _weft_first_slot (segment, reader));
    }
  return n_readers;
}

/* Results without a box are never let go of, as there is nothing to free: they count as released
 * when their last consumer has ended. What consumers there are beside the readers in the segment,
 * and completion's own part, are futures, imports and whoever asked for the output. */
static bool
is_spent (WeftSegment *segment, uint32_t task)
{
  uint32_t slot = _weft_first_slot (segment, task);
  bool all_ended;
  uint32_t n_readers = count_readers (segment, task, &all_ended);

  return all_ended
         && atomic_load_explicit (&segment->consumers[slot], memory_order_acquire)
                <= n_readers + (segment->watchable ? 1 : 0);
}

static WeftTaskState
state_of_ended (WeftSegment *segment, uint32_t task, uint32_t type)
{
  uint8_t status = atomic_load_explicit (&segment->status[task], memory_order_acquire);

  if ((type & WEFT_VALUE_TYPE_MASK) == WEFT_TYPE_ERROR)
    return status & WEFT_STATUS_CANCELLED ? WEFT_STATE_CANCELLED : WEFT_STATE_ERRED;
  if ((type & WEFT_SLOT_GONE) != 0 || ((type & WEFT_VALUE_BOXED) == 0 && is_spent (segment, task)))
    return WEFT_STATE_RELEASED;
  return WEFT_STATE_MEMORY;
}

WeftTaskState
weft_run_task_state (WeftRun *run, uint32_t segment_id, uint32_t task)
{
  WeftSegment *segment = _weft_run_find_output (run, segment_id, task, 0);
  uint32_t type, pending;
  bool passed;

  if (segment == NULL)
    return WEFT_STATE_WAITING;
  type = atomic_load_explicit (&segment->slots[_weft_first_slot (segment, task)].type,
                               memory_order_acquire);
  if (type != WEFT_TYPE_EMPTY)
    return state_of_ended (segment, task, type);
  if (atomic_load_explicit (&run->control, memory_order_relaxed) & WEFT_CONTROL_ENDING
      && !any_seat (segment, task, seat_runs))
    return WEFT_STATE_CANCELLED;
  if (any_seat (segment, task, seat_runs))
    return WEFT_STATE_PROCESSING;
  /* The cursor's token is one part of `pending`, given up when the id is issued. */
  passed = task < atomic_load_explicit (&segment->cursor, memory_order_relaxed)
           && !any_seat (segment, task, seat_has_in_range);
  pending = atomic_load_explicit (_weft_pending (segment, task), memory_order_relaxed);
  return pending <= (passed ? 0u : 1u) ? WEFT_STATE_QUEUED : WEFT_STATE_WAITING;
}
