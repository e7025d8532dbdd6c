/* report-spans.c: what workers run and have run
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "server/weft-report-data-private.h"

#include <string.h>

#define MOST_UNDER 64u      /* of tasks that run within each other are remembered */
#define MOST_LOOKED_AT 256u /* of records, for one event */

/* ---- what runs ------------------------------------------------------------------------------- */

/* What ran there before runs on beneath it. */
static void
show_task (WeftReportLane *lane, uint32_t task)
{
  if (lane->task != WEFT_NONE)
    {
      if (lane->under == NULL)
        lane->under = g_new (uint32_t, MOST_UNDER);
      if (lane->n_under == MOST_UNDER)
        memmove (lane->under, lane->under + 1, --lane->n_under * sizeof *lane->under);
      lane->under[lane->n_under++] = lane->task;
    }
  lane->task = task;
  lane->changed = true;
}

static void
hide_task (const WeftReport *report, WeftReportLane *lane, uint32_t task)
{
  lane->changed = true;
  if (lane->task != task)
    return;
  lane->task = WEFT_NONE;
  while (lane->task == WEFT_NONE && lane->n_under > 0)
    {
      uint32_t other = lane->under[--lane->n_under];

      if (report->tasks[other].lane == lane->head.lane)
        lane->task = other;
    }
}

void
_weft_report_stop (WeftReport *report, uint32_t task)
{
  WeftReportTask *told = &report->tasks[task];
  WeftReportLane *lane;

  if (told->lane == WEFT_NONE)
    return;
  lane = _weft_report_get_lane (report, told->lane);
  told->lane = WEFT_NONE;
  report->n_running--;
  hide_task (report, lane, task);
  if (lane->key == UINT64_MAX)
    _weft_place_set_running (lane, false);
}

void
_weft_report_start (WeftReport *report, uint32_t task, uint32_t worker, uint64_t thread,
                    uint64_t stamp)
{
  WeftReportLane *lane;

  if (report->tasks[task].lane != WEFT_NONE)
    _weft_report_end (report, task, stamp, WEFT_OUTCOME_RETRIED, 0);
  lane = _weft_report_row_to_run (report, worker, thread, stamp);
  report->tasks[task].lane = lane->head.lane;
  report->tasks[task].start = stamp;
  report->tasks[task].attempt++;
  report->n_running++;
  report->earliest = MIN (report->earliest, stamp);
  show_task (lane, task);
}

/* ---- spans ----------------------------------------------------------------------------------- */

bool
_weft_report_has_failed (const WeftReport *report, uint32_t task)
{
  return report->tasks[task].is_failed;
}

void
_weft_report_stolen (WeftReport *report, uint32_t task, uint32_t worker)
{
  if (report->stolen == NULL)
    report->stolen = g_hash_table_new (NULL, NULL);
  g_hash_table_insert (report->stolen, GUINT_TO_POINTER (task),
                       GUINT_TO_POINTER (_weft_report_get_worker (report, worker)->lane));
}

/* Returns: lane of the worker that had the task before, or WEFT_NONE */
static uint32_t
take_peer (WeftReport *report, uint32_t task)
{
  void *peer;

  if (report->stolen == NULL
      || !g_hash_table_steal_extended (report->stolen, GUINT_TO_POINTER (task), NULL, &peer))
    return WEFT_NONE;
  return GPOINTER_TO_UINT (peer);
}

static void
add_detail (WeftReport *report, uint32_t lane, WeftRecordKind kind, uint32_t task, uint64_t stamp,
            uint64_t amount)
{
  uint32_t segment = task != WEFT_NONE ? WEFT_REPORT_BY_NUMBER : WEFT_NONE;
  WeftRecord record;

  weft_record_set (&record, (uint8_t) kind, WEFT_RECORD_DETAIL, 0, task, segment, stamp, 0, amount);
  _weft_report_add_record (report, lane, &record);
}

/* What was appended from @n on is put before records that wait and are of a later time: readers
 * find things faster in what is sorted. */
static void
sort_in (WeftReportLane *lane, guint n)
{
  WeftRecord *records = (WeftRecord *) (void *) lane->records->data;
  guint n_new = lane->records->len - n, place = n;
  g_autofree WeftRecord *late = NULL;

  for (guint i = n; i > 0 && n - i < MOST_LOOKED_AT; i--)
    {
      bool begins = (records[i - 1].flags & WEFT_RECORD_DETAIL) == 0
                    && (i < 2 || (records[i - 2].flags & WEFT_RECORD_CONTINUED) == 0);

      if (!begins)
        continue;
      if (records[i - 1].start < records[n].start)
        break;
      place = i - 1;
    }
  if (place == n)
    return;
  late = g_memdup2 (records + n, n_new * sizeof *late);
  memmove (records + place + n_new, records + place, (n - place) * sizeof *records);
  memcpy (records + place, late, n_new * sizeof *late);
}

static void
close_span (WeftReport *report, WeftReportLane *lane, uint32_t task, uint64_t start, uint64_t end,
            WeftOutcome outcome, uint64_t n_bytes)
{
  uint32_t peer = take_peer (report, task);
  uint8_t how =
      (uint8_t) ((peer != WEFT_NONE ? WEFT_HOW_STOLEN : WEFT_HOW_FOREIGN) | (uint8_t) outcome << 4);
  guint n = lane->records->len;
  bool is_late = false;

  start = MAX (start, end - MIN (end, WEFT_REPORT_MOST_SPAN_NS)); /* told apart from its end */
  if (lane->place != NULL)
    is_late = _weft_place_take (lane, start, end);
  else
    lane->free_at = end;
  _weft_report_add_span (report, lane->head.lane, WEFT_RECORD_TASK, how, task, start, end, n_bytes);
  if (peer != WEFT_NONE)
    add_detail (report, lane->head.lane, WEFT_RECORD_PEER, WEFT_NONE, end, peer);
  if (report->tasks[task].attempt > 1)
    add_detail (report, lane->head.lane, WEFT_RECORD_ATTEMPT, task, end,
                report->tasks[task].attempt);
  if (WEFT_UNLIKELY (is_late && n > 0))
    sort_in (lane, n);
  lane->changed = true;
  _weft_report_count_outcome (report, task, outcome);
}

/* Of a row. The number in its head is what a client has said, if it has said the lane. */
static uint32_t
worker_of (const WeftReport *report, const WeftReportLane *lane)
{
  return _weft_report_get_lane (report, lane->head.parent_lane)->owner;
}

/* A thread's tasks are shown in its first row while they run. One without a thread is where it was
 * shown, if nothing else was there then. */
bool
_weft_report_end (WeftReport *report, uint32_t task, uint64_t stamp, WeftOutcome outcome,
                  uint64_t n_bytes)
{
  WeftReportTask *told = &report->tasks[task];
  uint64_t start = told->start, end = MAX (start, stamp);
  WeftReportLane *lane;

  if (told->lane == WEFT_NONE)
    return false;
  lane = _weft_report_get_lane (report, told->lane);
  _weft_report_stop (report, task);
  if (lane->place != NULL && (lane->place->thread != 0 || !_weft_place_fits (lane, start, end)))
    lane = _weft_report_row_of_span (report, worker_of (report, lane), lane->place, start, end);
  close_span (report, lane, task, start, end, outcome, n_bytes);
  return true;
}

/* Its start was told too: this one knows better when it was, and perhaps where. */
static void
close_started (WeftReport *report, uint32_t task, uint32_t worker, uint64_t thread, uint64_t start,
               uint64_t end, WeftOutcome outcome, uint64_t n_bytes)
{
  WeftReportTask *told = &report->tasks[task];
  WeftReportLane *lane = _weft_report_get_lane (report, told->lane);

  told->start = start;
  if (thread != 0)
    {
      WeftReportPlace *place = _weft_report_place (report, worker, thread, lane, start);

      if (place != lane->place)
        {
          _weft_report_stop (report, task);
          lane = _weft_report_row_of_span (report, worker, place, start, end);
          close_span (report, lane, task, start, end, outcome, n_bytes);
          return;
        }
    }
  _weft_report_end (report, task, end, outcome, n_bytes);
}

void
_weft_report_span (WeftReport *report, uint32_t task, uint32_t worker, uint64_t thread,
                   uint64_t start, uint64_t end, WeftOutcome outcome, uint64_t n_bytes)
{
  WeftReportPlace *place;

  end = MAX (start, end);
  if (report->tasks[task].lane != WEFT_NONE)
    {
      close_started (report, task, worker, thread, start, end, outcome, n_bytes);
      return;
    }
  report->tasks[task].attempt++;
  place = _weft_report_place (report, worker, thread, NULL, start);
  close_span (report, _weft_report_row_of_span (report, worker, place, start, end), task, start,
              end, outcome, n_bytes);
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
  _weft_report_add_record (report, _weft_report_get_worker (report, worker)->lane, &record);
}

void
_weft_report_worker_lost (WeftReport *report, uint32_t worker_id, uint64_t stamp)
{
  WeftReportWorker *worker = _weft_report_get_worker (report, worker_id);
  WeftRecord record;

  for (guint i = 0; i < worker->lanes->len; i++)
    {
      WeftReportLane *lane =
          _weft_report_get_lane (report, g_array_index (worker->lanes, uint32_t, i));

      while (lane->task != WEFT_NONE)
        _weft_report_end (report, lane->task, stamp, WEFT_OUTCOME_RETRIED, 0);
    }
  weft_record_set (&record, WEFT_RECORD_WORKER_LOST, 0, 0, 0, worker_id, stamp, 0, 0);
  _weft_report_add_record (report, worker->lane, &record);
}
