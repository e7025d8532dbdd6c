/* seat.c: a worker's place in a run, and where its next task comes from
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * In this order, which is also the order of what is earliest in the static order:
 *   1. its own deque (tasks made ready here that had been passed)
 *   2. held decrements, which may make a task ready
 *   3. the run's queue (retries, grants, resumed tasks)
 *   4. its own range of ids
 *   5. now and then what others hold but do not come to: that was issued before what is next
 *   6. a new block from the cursor
 *   7. others' deques and ranges
 * A seat whose blocks were all blocked naps before it walks further ahead than the others run, but
 * steals meanwhile. Blocks save trips to the cursor, and cost order: at each border between two
 * workers' blocks a result may wait for one on the other side. Where results are bulky that counts
 * for more than the trip, so there ids are taken one by one.
 */
#include "config.h"

#include "sched/weft-careful-private.h"
#include "sched/weft-range-private.h"

#include "base/weft-futex-private.h"

#include <stdlib.h>

#define FIRST_NAP 8
#define LONGEST_NAP 4096
#define LOOK_BACK_NS 16000 /* between two looks back */
#define LOOK_NS 4000       /* that passed since are worth a look at another seat */
#define LAG_BLOCKS 2       /* of every worker: ids that far behind the cursor were left behind */
#define MOST_FOLLOWING 8   /* dependents that are looked at for what goes on from here */
#define LAG_ALWAYS 3       /* blocks up to this size: tasks that long make any rest one */
#define BLIND_LOOKS 64     /* in vain before ids are stolen that nobody can run yet */
#define MOST_PEEKED 64     /* ids of a range that are asked whether one is ready */

WeftSeat *
_weft_seat_get (WeftRun *run, WeftWorker *worker)
{
  WeftSeat *seat = atomic_load_explicit (&run->seats[worker->index], memory_order_acquire);

  if (seat != NULL)
    return seat;
  seat = aligned_alloc (WEFT_CACHE_LINE, sizeof *seat);
  if (seat == NULL)
    return NULL;
  memset (seat, 0, sizeof *seat);
  if (!_weft_deque_init (&seat->deque) || !_weft_seat_open (seat, run, worker))
    {
      _weft_seat_free (seat);
      return NULL;
    }
  atomic_store_explicit (&run->seats[worker->index], seat, memory_order_release);
  uint32_t n_seats = atomic_load_explicit (&run->n_seats, memory_order_relaxed);
  while (n_seats <= worker->index
         && !atomic_compare_exchange_weak_explicit (&run->n_seats, &n_seats, worker->index + 1,
                                                    memory_order_seq_cst, memory_order_relaxed))
    ;
  return seat;
}

void
_weft_seat_free (WeftSeat *seat)
{
  if (seat == NULL)
    return;
  if (seat->slab_bytes_charged != 0)
    weft_account_charge (seat->run->account, -seat->slab_bytes_charged);
  _weft_deque_clear (&seat->deque);
  _weft_seat_task_clear (&seat->task);
  free (seat->inputs);
  free (seat->op_mean);
  g_clear_pointer (&seat->told, g_array_unref);
  g_clear_pointer (&seat->pinned, g_ptr_array_unref);
  free (seat);
}

/* Makes a ready task available to this worker and, if others sleep, to them. */
void
_weft_seat_push (WeftSeat *seat, WeftSegment *segment, uint32_t task)
{
  WeftEngine *engine = seat->run->engine;
  WeftItem item = { segment, task };

  if (!_weft_deque_push (&seat->deque, _weft_item_pack (item)))
    _weft_queue_push (seat->run->queue, item);
  if (WEFT_UNLIKELY (atomic_load_explicit (&engine->n_asleep, memory_order_seq_cst) > 0))
    _weft_engine_wake (engine);
}

/* Charges the run with what its tasks took in boxes on this thread, or gave back, since last time:
 * buffers are charged one by one, boxes are too many for that. */
static void
charge_boxes (WeftSeat *seat)
{
  int64_t now = weft_thread_slab_bytes ();
  int64_t n_bytes = now - seat->slab_bytes_seen;

  seat->slab_bytes_seen = now;
  if (n_bytes == 0)
    return;
  seat->slab_bytes_charged += n_bytes;
  weft_account_charge (seat->run->account, n_bytes);
  _weft_memory_update (seat->run);
}

typedef struct
{
  WeftSegment *segment;
  uint32_t n;
} Told;

/* Tells segment and run of ended tasks. Ending a segment that stands in for a task ends that task,
 * which counts an ended task here again: that is put on a list, so nested graphs are ended one by
 * one. */
void
_weft_seat_tell_done (WeftSeat *seat)
{
  Told told = { seat->done_segment, seat->n_done };

  if (told.n == 0)
    return;
  charge_boxes (seat);
  seat->n_done = 0;
  seat->n_tasks_run += told.n;
  if (seat->telling)
    {
      g_array_append_val (seat->told, told);
      return;
    }
  seat->telling = true;
  for (;;)
    {
      if (_weft_segment_done (told.segment, told.n))
        _weft_parent_finish (seat, told.segment);
      _weft_run_done (seat->run, told.n);
      if (seat->n_done > 0)
        {
          Told more = { seat->done_segment, seat->n_done };

          seat->n_done = 0;
          g_array_append_val (seat->told, more);
        }
      if (seat->told->len == 0)
        break;
      told = g_array_index (seat->told, Told, seat->told->len - 1);
      g_array_set_size (seat->told, seat->told->len - 1);
    }
  seat->telling = false;
}

/* ---- running what was found ------------------------------------------------------------------ */

/* ---- ranges of ids --------------------------------------------------------------------------- */

/* The next block from the segment in line; moves the line on past used-up segments. */
static bool
claim_block (WeftSeat *seat)
{
  WeftRun *run = seat->run;
  WeftSegment *segment = atomic_load_explicit (&run->issue, memory_order_acquire);

  while (segment != NULL)
    {
      uint32_t n_tasks = segment->arrays.n_tasks;
      uint32_t first = atomic_load_explicit (&segment->cursor, memory_order_relaxed);

      if (first < n_tasks)
        first = atomic_fetch_add_explicit (&segment->cursor, seat->block, memory_order_relaxed);
      if (first < n_tasks)
        {
          uint32_t n = n_tasks - first < seat->block ? n_tasks - first : seat->block;

          _weft_range_fill (seat, segment, first, n);
          return true;
        }
      segment = _weft_run_next_issue (run, segment);
    }
  return false;
}

/* Nanoseconds in ticks. */
static inline uint64_t
ticks_of (const WeftSeat *seat, uint64_t ns)
{
  return seat->long_ticks * ns / WEFT_LONG_TASK_NS;
}

/* Ids in a block of tasks that cost so much: what lasts for the goal where they are tiny, as each
 * border between two workers' blocks is paid for by both; ever less of it where they are longer,
 * and a long task makes a block of its own. */
static inline uint64_t
fitting_block (const WeftSeat *seat, uint32_t n_run, uint64_t ticks)
{
  uint64_t n_fit = ticks_of (seat, WEFT_BLOCK_GOAL_NS) * n_run / (ticks + 1);
  uint64_t n_fit_long = WEFT_BLOCK_GOAL_NS / WEFT_LONG_TASK_NS;

  return n_fit > n_fit_long ? n_fit - n_fit_long : 1;
}

/* Sizes the next block by what this one cost, and the nap by whether it was any use. */
static void
learn_block (WeftSeat *seat, uint32_t n_ids, uint32_t n_run, uint64_t ticks)
{
  if (n_run == 0)
    {
      seat->n_naps = seat->n_naps == 0 ? FIRST_NAP : MIN (2 * seat->n_naps, LONGEST_NAP);
      seat->block = MIN (2 * n_ids + 1, WEFT_MAX_BLIND_BLOCK - 1);
      return;
    }
  seat->n_naps = 0;
  uint64_t fitting = fitting_block (seat, n_run, ticks);
  uint64_t most = seat->n_bulky > 0 ? 1 : MIN ((uint64_t) 2 * n_ids, WEFT_MAX_BLOCK);
  seat->n_bulky -= seat->n_bulky > 0;
  seat->block = (uint32_t) CLAMP (fitting, 1, most);
}

static bool
waits_for_token (WeftSegment *segment, uint32_t task)
{
  return task < segment->arrays.n_tasks
         && atomic_load_explicit (_weft_pending (segment, task), memory_order_relaxed) == 1;
}

/* Whether the id after the first of the own range, or the next at the cursor, could run now. */
static bool
next_is_ready (WeftSeat *seat)
{
  uint64_t range = atomic_load_explicit (&seat->range, memory_order_relaxed);
  WeftSegment *segment = atomic_load_explicit (&seat->range_segment, memory_order_relaxed);

  if (WEFT_RANGE_LENGTH (range) > 1 && waits_for_token (segment, WEFT_RANGE_FIRST (range) + 1))
    return true;
  segment = atomic_load_explicit (&seat->run->issue, memory_order_acquire);
  return segment != NULL
         && waits_for_token (segment,
                             atomic_load_explicit (&segment->cursor, memory_order_relaxed));
}

/* There is more where this came from: a sleeper may share it, and one that naps as there was
 * nothing but blocked ids may, if that has changed. Before it is worked off, as the first task may
 * take long. */
static inline void
share_work (WeftSeat *seat)
{
  WeftEngine *engine = seat->run->engine;
  uint32_t n_asleep = atomic_load_explicit (&engine->n_asleep, memory_order_seq_cst);

  if (WEFT_LIKELY (n_asleep == 0))
    return;
  if (n_asleep > atomic_load_explicit (&engine->n_napping, memory_order_relaxed)
      || next_is_ready (seat))
    _weft_engine_wake (engine);
}

/* ---- stealing -------------------------------------------------------------------------------- */

static uint32_t
next_random (WeftSeat *seat)
{
  seat->random ^= seat->random << 13;
  seat->random ^= seat->random >> 7;
  seat->random ^= seat->random << 17;
  return (uint32_t) (seat->random >> 32);
}

/* Whether to take ids of the victim's range: one of them waits for its token only. Where all wait
 * for other tasks their owner comes to them sooner, and each exchange costs it the line; now and
 * then they are taken all the same, as it may be busy with a long task. */
static bool
is_worth_halving (WeftSeat *seat, WeftSeat *victim)
{
  uint64_t range = atomic_load_explicit (&victim->range, memory_order_acquire);
  WeftSegment *segment = atomic_load_explicit (&victim->range_segment, memory_order_acquire);
  uint32_t first = WEFT_RANGE_FIRST (range), n = WEFT_RANGE_LENGTH (range);

  if (n == 0)
    return false;
  if (seat->idle_looks - seat->blind_looks >= BLIND_LOOKS)
    {
      seat->blind_looks = seat->idle_looks;
      return true;
    }
  /* The range may be of another segment by now, which may have fewer tasks. */
  for (uint32_t i = 0; i < MIN (n, MOST_PEEKED); i++)
    if (waits_for_token (segment, first + i))
      return true;
  return false;
}

static bool
steal_from (WeftSeat *seat, WeftSeat *victim)
{
  WeftSegment *segment;
  uint64_t packed;
  uint32_t first, n;

  if (_weft_deque_steal (&victim->deque, &packed))
    {
      seat->contiguous = false;
      if (_weft_deque_length (&victim->deque) > 0)
        share_work (seat);
      segment = _weft_run_get_segment (seat->run, (uint32_t) (packed >> 32));
      seat->stolen_from = victim->lane != NULL ? victim->lane->id : 0;
      _weft_run_chain (seat, (WeftItem){ segment, (uint32_t) packed }, WEFT_HOW_STOLEN);
      return true;
    }
  if (!is_worth_halving (seat, victim))
    return _weft_range_is_left (seat);
  /* Never over an own range that is not worked off: its ids would be lost. */
  while (!_weft_range_is_left (seat) && _weft_range_take_half (victim, &segment, &first, &n))
    {
      seat->contiguous = false;
      _weft_range_fill (seat, segment, first, n);
      if (_weft_work_off_range (seat) > 0)
        return true;
    }
  return _weft_range_is_left (seat);
}

static bool
run_stolen (WeftSeat *seat)
{
  WeftRun *run = seat->run;
  uint32_t n_seats = atomic_load_explicit (&run->n_seats, memory_order_acquire);
  uint32_t start = next_random (seat) % n_seats;

  for (uint32_t i = 0; i < n_seats; i++)
    {
      uint32_t k = (start + i) % n_seats;
      WeftSeat *victim = atomic_load_explicit (&run->seats[k], memory_order_acquire);

      if (victim != NULL && victim != seat && steal_from (seat, victim))
        return true;
    }
  return false;
}

/* ---- issuing --------------------------------------------------------------------------------- */

/* Whether the ids at the front of a range have been overtaken by what was issued since. */
static bool
lags (const WeftSeat *seat, const WeftSeat *victim)
{
  uint64_t range = atomic_load_explicit (&victim->range, memory_order_acquire);
  WeftSegment *segment = atomic_load_explicit (&victim->range_segment, memory_order_acquire);
  uint32_t n_seats = atomic_load_explicit (&seat->run->n_seats, memory_order_relaxed);

  if (WEFT_RANGE_LENGTH (range) == 0)
    return false;
  return seat->block <= LAG_ALWAYS
         || atomic_load_explicit (&segment->cursor, memory_order_relaxed) - WEFT_RANGE_FIRST (range)
                > LAG_BLOCKS * WEFT_MAX_BLOCK * n_seats;
}

/* Takes the id if it is the first of somebody's range or the next at the cursor. */
static bool
take_id (WeftSeat *seat, WeftSegment *segment, uint32_t task)
{
  WeftRun *run = seat->run;
  uint32_t n_seats = atomic_load_explicit (&run->n_seats, memory_order_relaxed);

  if (atomic_load_explicit (&run->issue, memory_order_acquire) == segment
      && atomic_load_explicit (&segment->cursor, memory_order_relaxed) == task)
    return claim_block (seat);
  for (uint32_t i = 0; i < n_seats; i++)
    {
      WeftSeat *victim = atomic_load_explicit (&run->seats[i], memory_order_acquire);

      if (victim == NULL || victim == seat || !_weft_range_take_id (victim, segment, task))
        continue;
      _weft_range_fill (seat, segment, task, 1);
      return true;
    }
  return false;
}

/* Takes what follows on the task it ran last, if only its token was missing: begun is to be gone on
 * with before anything else is begun, or there would be more results about than workers. */
static bool
take_what_follows (WeftSeat *seat)
{
  WeftSegment *segment = seat->last.segment;
  const uint32_t *notify;

  if (segment == NULL)
    return false;
  notify = segment->arrays.notify + segment->arrays.notify_offsets[seat->last.task];
  uint32_t n = segment->arrays.notify_offsets[seat->last.task + 1]
               - segment->arrays.notify_offsets[seat->last.task];
  for (uint32_t i = 0; i < MIN (n, MOST_FOLLOWING); i++)
    if (atomic_load_explicit (_weft_pending (segment, notify[i]), memory_order_relaxed) == 1
        && take_id (seat, segment, notify[i]))
      return true;
  return false;
}

/* When what was just run has ended: with records the last stamp tells, and saves one. */
static inline uint64_t
ended_at (WeftSeat *seat)
{
  return seat->lane != NULL && seat->stamp > seat->served_until ? seat->stamp
                                                                : _weft_seat_now (seat);
}

/* Before it goes further down the order a worker looks whether somebody holds what comes earlier
 * but is busy with a longer task: at so many others as the time that passed since is worth. */
static bool
look_back (WeftSeat *seat)
{
  WeftRun *run = seat->run;
  uint64_t since = seat->served_until - seat->looked_back;
  uint32_t n_seats = atomic_load_explicit (&run->n_seats, memory_order_relaxed);

  if (WEFT_LIKELY (since < ticks_of (seat, LOOK_BACK_NS)) || take_what_follows (seat))
    return false;
  uint64_t n_looks = since / ticks_of (seat, LOOK_NS);
  seat->looked_back = seat->served_until;
  for (uint64_t i = MIN (n_looks, n_seats); i > 0; i--)
    {
      WeftSeat *victim =
          atomic_load_explicit (&run->seats[seat->look_at++ % n_seats], memory_order_acquire);

      if (victim != NULL && victim != seat
          && (_weft_deque_length (&victim->deque) > 0 || lags (seat, victim))
          && steal_from (seat, victim))
        return true;
    }
  return false;
}

/* Own range first, then what others left behind, then a new block. Returns whether anything was
 * run. */
static bool
run_issued (WeftSeat *seat)
{
  uint32_t n_ids = WEFT_RANGE_LENGTH (atomic_load_explicit (&seat->range, memory_order_relaxed));

  if (n_ids == 0)
    {
      if (look_back (seat))
        return true;
      if (!_weft_range_is_left (seat) && (seat->idle_looks < seat->n_naps || !claim_block (seat)))
        return false;
      n_ids = WEFT_RANGE_LENGTH (atomic_load_explicit (&seat->range, memory_order_relaxed));
    }
  share_work (seat);
  uint64_t start = seat->served_until;
  if (seat->idle_looks > 0)
    seat->contiguous = false;
  seat->n_overtaken = 0;
  uint32_t n_run = _weft_work_off_range (seat);
  n_run += seat->n_overtaken;
  seat->served_until = ended_at (seat);
  learn_block (seat, n_ids, n_run, seat->served_until - start);
  _weft_seat_tell_done (seat);
  return n_run > 0 || _weft_range_is_left (seat);
}

/* ---- the loop -------------------------------------------------------------------------------- */

static bool
run_queued (WeftSeat *seat)
{
  WeftItem item;

  if (!_weft_queue_pop (seat->run->queue, &item))
    return false;
  if (_weft_queue_length (seat->run->queue) > 0)
    share_work (seat);
  seat->contiguous = false;
  _weft_run_chain (seat, item, WEFT_HOW_QUEUED);
  return true;
}

/* A task that ran past its deadline is ended; no start, so pauses do not hold it up. */
static bool
run_expired (WeftSeat *seat)
{
  WeftItem item, next;

  if (!_weft_queue_pop (seat->run->expired, &item))
    return false;
  _weft_release_held (seat);
  seat->contiguous = false;
  if (_weft_end_timed_out (seat, &item, &next))
    _weft_seat_push (seat, next.segment, next.task);
  _weft_seat_tell_done (seat);
  _weft_run_end_expired_step (seat->run, item);
  return true;
}

/* Whether the run wants anything started by this worker now. */
static inline bool
wants_starts (WeftSeat *seat)
{
  uint32_t control = atomic_load_explicit (&seat->run->control, memory_order_relaxed);

  if (WEFT_LIKELY (control == 0))
    return true;
  return (control & (WEFT_CONTROL_PAUSED | WEFT_CONTROL_ENDING)) == 0
         && !_weft_run_is_slowed (seat->run);
}

/* A source that had been put aside for want of memory. */
static bool
run_let_in (WeftSeat *seat)
{
  WeftItem item;

  if (!_weft_memory_let_in (seat, &item))
    return false;
  seat->contiguous = false;
  _weft_run_chain (seat, item, WEFT_HOW_QUEUED);
  seat->admitted = false;
  return true;
}

static inline bool
run_something (WeftSeat *seat)
{
  if (_weft_run_own (seat))
    return true;
  if (seat->n_held > 0)
    {
      _weft_release_held (seat);
      return true;
    }
  if (run_queued (seat) || run_issued (seat))
    return true;
  if (WEFT_UNLIKELY (seat->in_batch))
    _weft_seat_leave_runtime (seat);
  return run_stolen (seat) || run_let_in (seat);
}

/* Serves the run until there is nothing to do, the slice is over, or the run wants no starts.
 * Returns whether anything was run. */
bool
_weft_seat_serve (WeftSeat *seat)
{
  WeftRun *run = seat->run;
  bool any = false;
  uint64_t now = _weft_seat_now (seat);

  seat->slab_bytes_seen = weft_thread_slab_bytes ();
  seat->served_until = now;
  seat->slice_end = now + run->engine->slice_ticks;
  if (seat->idle_looks == 0 || seat->stamp == 0)
    seat->contiguous = false;
  while (WEFT_UNLIKELY (_weft_queue_length (run->expired) > 0)
         && !atomic_load_explicit (&run->ending, memory_order_relaxed) && run_expired (seat))
    any = true;
  while (!atomic_load_explicit (&run->ending, memory_order_relaxed) && wants_starts (seat))
    {
      uint64_t before = seat->served_until;

      if (!run_something (seat))
        break;
      any = true;
      if (WEFT_UNLIKELY (seat->lost))
        return true;
      if (WEFT_UNLIKELY (seat->single))
        break;
      seat->idle_looks = seat->blind_looks = 0;
      if (seat->served_until == before)
        seat->served_until = ended_at (seat);
      if (seat->served_until >= seat->slice_end)
        break;
    }
  _weft_release_held (seat);
  _weft_seat_tell_done (seat);
  if (WEFT_UNLIKELY (seat->in_batch))
    _weft_seat_leave_runtime (seat);
  if (!any && seat->idle_looks < UINT32_MAX / 2)
    seat->idle_looks += 1 + seat->worker->n_looks_slept;
  return any;
}

typedef enum
{
  READY,   /* a task that can be run at once is there for anybody */
  BLOCKED, /* there is none, but ids that somebody has to come to */
  NOTHING,
} Outlook;

static bool
any_seat (WeftRun *run, bool (*has) (WeftSeat *seat))
{
  uint32_t n_seats = atomic_load_explicit (&run->n_seats, memory_order_seq_cst);

  for (uint32_t i = 0; i < n_seats; i++)
    {
      WeftSeat *seat = atomic_load_explicit (&run->seats[i], memory_order_acquire);

      if (seat != NULL && has (seat))
        return true;
    }
  return false;
}

static bool
seat_has_ready (WeftSeat *seat)
{
  return _weft_deque_length (&seat->deque) > 0;
}

static bool
seat_has_ids (WeftSeat *seat)
{
  return WEFT_RANGE_LENGTH (atomic_load_explicit (&seat->range, memory_order_seq_cst)) > 0;
}

static Outlook
look_out (WeftRun *run)
{
  WeftSegment *segment = atomic_load_explicit (&run->issue, memory_order_seq_cst);
  uint32_t control = atomic_load_explicit (&run->control, memory_order_seq_cst);

  if ((control & WEFT_CONTROL_ENDING) == 0 && _weft_queue_length (run->expired) > 0)
    return READY;
  if (control & (WEFT_CONTROL_PAUSED | WEFT_CONTROL_ENDING))
    return _weft_run_wants_step (run) ? READY : NOTHING;
  if (_weft_run_is_slowed (run))
    return NOTHING;
  if (_weft_queue_length (run->queue) > 0 || _weft_memory_has_room (run)
      || any_seat (run, seat_has_ready))
    return READY;
  for (; segment != NULL;
       segment = atomic_load_explicit (&segment->next_issue, memory_order_acquire))
    if (atomic_load_explicit (&segment->cursor, memory_order_relaxed) < segment->arrays.n_tasks)
      return BLOCKED;
  return any_seat (run, seat_has_ids) ? BLOCKED : NOTHING;
}

/* Whether a worker that looks now may find something: asked before it falls asleep. */
bool
_weft_run_may_have_work (WeftRun *run)
{
  return look_out (run) != NOTHING;
}

/* Whether it would find something it can run: asked before it naps. */
bool
_weft_run_has_ready (WeftRun *run)
{
  return look_out (run) == READY;
}
