/* report-lanes.c: workers, where their tasks run, and what happens there
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "server/weft-report-data-private.h"

#include <string.h>

/* ---- lanes ----------------------------------------------------------------------------------- */

WeftReportLane *
_weft_report_add_lane (WeftReport *report, const WeftLaneHead *head, const char *name)
{
  WeftReportLane *lane = g_new0 (WeftReportLane, 1);

  lane->head = *head;
  lane->head.lane = report->lanes->len;
  lane->head.flags |= WEFT_LANE_BEST_EFFORT;
  lane->name = g_strdup (name);
  lane->owner = WEFT_NONE;
  lane->task = WEFT_NONE;
  lane->records = g_array_new (FALSE, FALSE, sizeof (WeftRecord));
  g_ptr_array_add (report->lanes, lane);
  return lane;
}

void
_weft_report_lane_free (void *data)
{
  WeftReportLane *lane = data;

  g_array_unref (lane->records);
  g_free (lane->name);
  g_free (lane);
}

static WeftReportLane *
get_lane (const WeftReport *report, uint32_t lane)
{
  return report->lanes->pdata[lane];
}

void
_weft_report_add_record (WeftReport *report, uint32_t lane, const WeftRecord *record)
{
  g_array_append_vals (get_lane (report, lane)->records, record, 1);
  report->earliest = MIN (report->earliest, record->start);
  report->n_waiting++;
}

/* Spans longer than a record can tell are cut in pieces. */
void
_weft_report_add_span (WeftReport *report, uint32_t lane, uint8_t kind, uint8_t how, uint32_t task,
                       uint64_t start, uint64_t end, uint64_t amount)
{
  uint32_t segment = task != WEFT_NONE ? WEFT_REPORT_BY_NUMBER : WEFT_NONE;
  WeftRecord record;

  do
    {
      start = weft_record_set_span (&record, kind, 0, how, task, segment, start, end, amount);
      _weft_report_add_record (report, lane, &record);
    }
  while ((record.flags & WEFT_RECORD_CONTINUED) != 0);
}

/* ---- workers --------------------------------------------------------------------------------- */

/* Of a worker that is new: @head is of its process. */
static void
add_worker (WeftReport *report, uint32_t id, const WeftLaneHead *head, const char *name,
            size_t n_chars)
{
  WeftReportWorker worker = { .lanes = g_array_new (FALSE, FALSE, sizeof (uint32_t)) };
  g_autofree char *text = g_strndup (name, n_chars);
  WeftReportLane *lane = _weft_report_add_lane (report, head, text);

  lane->owner = id;
  worker.lane = lane->head.lane;
  g_array_append_val (report->workers, worker);
}

uint32_t
_weft_report_worker (WeftReport *report, const char *name, size_t n_chars,
                     const WeftReportWorkerInfo *info)
{
  uint32_t n_known = report->worker_names.n;
  uint32_t id = _weft_intern_add (&report->worker_names, name, n_chars);
  WeftLaneHead head = { .kind = WEFT_LANE_PROCESS, .parent_lane = WEFT_NONE, .worker = id };

  if (id < n_known)
    return id;
  if (info != NULL)
    {
      head.pid = info->pid;
      head.n_threads = info->n_threads;
      head.memory_limit_bytes = info->memory_limit_bytes;
    }
  add_worker (report, id, &head, name, n_chars);
  return id;
}

static WeftReportLane *
add_below (WeftReport *report, WeftReportWorker *worker, uint32_t number, uint64_t thread)
{
  WeftReportLane *process = get_lane (report, worker->lane), *lane;
  bool is_thread = thread != 0 && thread != WEFT_REPORT_OF_SPANS;
  WeftLaneHead head = { .kind = is_thread ? WEFT_LANE_THREAD : WEFT_LANE_UNPLACED,
                        .parent_lane = worker->lane,
                        .worker = process->head.worker,
                        .pid = process->head.pid,
                        .os_thread = is_thread ? thread : 0 };
  g_autofree char *name = g_strdup_printf (thread == WEFT_REPORT_OF_SPANS ? "%s/data %u" : "%s/%u",
                                           process->name, number);

  lane = _weft_report_add_lane (report, &head, name);
  lane->thread = thread;
  g_array_append_val (worker->lanes, lane->head.lane);
  return lane;
}

/* The thread's lane, or the first row that is free at @start. A thread's lane where something else
 * still runs is not free either: the report is wrong about one of them, and both are shown. */
static WeftReportLane *
find_lane (WeftReport *report, uint32_t worker_id, uint64_t thread, uint64_t start)
{
  WeftReportWorker *worker = &g_array_index (report->workers, WeftReportWorker, worker_id);

  for (guint i = 0; i < worker->lanes->len; i++)
    {
      WeftReportLane *lane = get_lane (report, g_array_index (worker->lanes, uint32_t, i));

      if (lane->thread == thread && lane->task == WEFT_NONE && lane->free_at <= start)
        return lane;
    }
  return add_below (report, worker, worker->lanes->len, thread);
}

/* A thread of this worker that has a lane already. */
static WeftReportLane *
find_thread (const WeftReport *report, const WeftReportWorker *worker, uint64_t thread)
{
  for (guint i = 0; i < worker->lanes->len; i++)
    {
      WeftReportLane *lane = get_lane (report, g_array_index (worker->lanes, uint32_t, i));

      if (lane->thread == thread)
        return lane;
    }
  return NULL;
}

WeftReportLane *
_weft_report_row (WeftReport *report, uint32_t worker_id, uint64_t thread, uint64_t start,
                  uint64_t rows)
{
  WeftReportWorker *worker = &g_array_index (report->workers, WeftReportWorker, worker_id);
  WeftReportLane *lane = thread != 0 ? find_thread (report, worker, thread) : NULL;

  if (lane != NULL && lane->task == WEFT_NONE && lane->free_at <= start)
    return lane;
  return find_lane (report, worker_id, rows, start);
}

/* ---- lanes of a client ----------------------------------------------------------------------- */

static uint32_t
lane_of_process (WeftReport *report, const WeftLaneHead *head, const char *name, size_t n_chars)
{
  uint32_t n_known = report->worker_names.n;
  uint32_t id = _weft_intern_add (&report->worker_names, name, n_chars);

  if (id == n_known)
    add_worker (report, id, head, name, n_chars);
  return g_array_index (report->workers, WeftReportWorker, id).lane;
}

/* Below a process or host, or nothing. */
static uint32_t
lane_below (WeftReport *report, const WeftLaneHead *head, const char *name, size_t n_chars)
{
  uint32_t owner =
      head->parent_lane != WEFT_NONE ? get_lane (report, head->parent_lane)->owner : WEFT_NONE;
  WeftReportWorker *worker =
      owner != WEFT_NONE ? &g_array_index (report->workers, WeftReportWorker, owner) : NULL;
  uint64_t thread = head->kind == WEFT_LANE_THREAD && head->os_thread != 0 ? head->os_thread
                                                                           : WEFT_REPORT_OF_CLIENT;
  WeftReportLane *lane = NULL;
  g_autofree char *text = g_strndup (name, n_chars);

  if (worker != NULL && thread != WEFT_REPORT_OF_CLIENT)
    lane = find_thread (report, worker, thread);
  if (lane != NULL)
    return lane->head.lane;
  lane = _weft_report_add_lane (report, head, text);
  lane->thread = thread;
  if (worker != NULL)
    g_array_append_val (worker->lanes, lane->head.lane);
  return lane->head.lane;
}

uint32_t
_weft_report_lane (WeftReport *report, const WeftLaneHead *head, const char *name, size_t n_chars)
{
  return head->kind == WEFT_LANE_PROCESS ? lane_of_process (report, head, name, n_chars)
                                         : lane_below (report, head, name, n_chars);
}

/* ---- spans ----------------------------------------------------------------------------------- */

void
_weft_report_stop (WeftReport *report, uint32_t task)
{
  WeftReportTask *told = &report->tasks[task];
  WeftReportLane *lane;

  if (told->lane == WEFT_NONE)
    return;
  lane = get_lane (report, told->lane);
  told->lane = WEFT_NONE;
  report->n_running--;
  lane->changed = true;
  if (lane->task == task) /* it may run another one within this one */
    lane->task = WEFT_NONE;
}

void
_weft_report_start (WeftReport *report, uint32_t task, uint32_t worker, uint64_t thread,
                    uint64_t stamp)
{
  WeftReportLane *lane;

  if (report->tasks[task].lane != WEFT_NONE)
    _weft_report_end (report, task, stamp, WEFT_OUTCOME_RETRIED, 0);
  lane = find_lane (report, worker, thread, stamp);
  report->tasks[task].lane = lane->head.lane;
  report->tasks[task].start = stamp;
  report->tasks[task].attempt++;
  report->n_running++;
  report->earliest = MIN (report->earliest, stamp);
  lane->task = task;
  lane->changed = true;
}

bool
_weft_report_has_failed (const WeftReport *report, uint32_t task)
{
  return report->tasks[task].is_failed;
}

static void
add_attempt (WeftReport *report, uint32_t lane, uint32_t task, uint64_t stamp)
{
  WeftRecord record;

  if (report->tasks[task].attempt <= 1)
    return;
  weft_record_set (&record, WEFT_RECORD_ATTEMPT, WEFT_RECORD_DETAIL, 0, task, WEFT_REPORT_BY_NUMBER,
                   stamp, 0, report->tasks[task].attempt);
  _weft_report_add_record (report, lane, &record);
}

static void
close_span (WeftReport *report, WeftReportLane *lane, uint32_t task, uint64_t start, uint64_t end,
            WeftOutcome outcome, uint64_t n_bytes)
{
  uint8_t how = (uint8_t) (WEFT_HOW_FOREIGN | (uint8_t) outcome << 4);

  end = MAX (start, end);
  _weft_report_add_span (report, lane->head.lane, WEFT_RECORD_TASK, how, task, start, end, n_bytes);
  add_attempt (report, lane->head.lane, task, end);
  lane->free_at = end;
  lane->changed = true;
  _weft_report_count_outcome (report, task, outcome);
}

bool
_weft_report_end (WeftReport *report, uint32_t task, uint64_t stamp, WeftOutcome outcome,
                  uint64_t n_bytes)
{
  WeftReportTask *told = &report->tasks[task];
  WeftReportLane *lane;

  if (told->lane == WEFT_NONE)
    return false;
  lane = get_lane (report, told->lane);
  _weft_report_stop (report, task);
  close_span (report, lane, task, told->start, stamp, outcome, n_bytes);
  return true;
}

void
_weft_report_span (WeftReport *report, uint32_t task, uint32_t worker, uint64_t thread,
                   uint64_t start, uint64_t end, WeftOutcome outcome, uint64_t n_bytes)
{
  WeftReportTask *told = &report->tasks[task];
  uint32_t lane = told->lane;

  /* its start was told too: this one knows better when it was, and perhaps where */
  if (lane != WEFT_NONE && (thread == 0 || get_lane (report, lane)->thread == thread))
    {
      told->start = start;
      _weft_report_end (report, task, end, outcome, n_bytes);
      return;
    }
  if (lane != WEFT_NONE)
    _weft_report_stop (report, task);
  else
    told->attempt++;
  close_span (report, find_lane (report, worker, thread, start), task, start, end, outcome,
              n_bytes);
}

/* ---- points ---------------------------------------------------------------------------------- */

void
_weft_report_point (WeftReport *report, uint32_t task, WeftRecordKind kind, uint64_t stamp)
{
  WeftRecord record;

  weft_record_set (&record, (uint8_t) kind, 0, 0, task, WEFT_REPORT_BY_NUMBER, stamp, 0, 0);
  _weft_report_add_record (report, 0, &record);
  if (kind == WEFT_RECORD_ERRED)
    _weft_report_count_outcome (report, task, WEFT_OUTCOME_FAILED);
}

void
_weft_report_memory (WeftReport *report, uint32_t worker, uint32_t what, uint64_t n_bytes,
                     uint64_t stamp)
{
  WeftRecord record;

  weft_record_set (&record, WEFT_RECORD_MEMORY, 0, 0, what, WEFT_NONE, stamp, 0,
                   MIN (n_bytes, WEFT_RECORD_MAX_AMOUNT));
  _weft_report_add_record (report, g_array_index (report->workers, WeftReportWorker, worker).lane,
                           &record);
}

void
_weft_report_worker_lost (WeftReport *report, uint32_t worker_id, uint64_t stamp)
{
  WeftReportWorker *worker = &g_array_index (report->workers, WeftReportWorker, worker_id);
  WeftRecord record;

  for (guint i = 0; i < worker->lanes->len; i++)
    {
      WeftReportLane *lane = get_lane (report, g_array_index (worker->lanes, uint32_t, i));

      if (lane->task != WEFT_NONE)
        _weft_report_end (report, lane->task, stamp, WEFT_OUTCOME_RETRIED, 0);
    }
  weft_record_set (&record, WEFT_RECORD_WORKER_LOST, 0, 0, 0, worker_id, stamp, 0, 0);
  _weft_report_add_record (report, worker->lane, &record);
}
