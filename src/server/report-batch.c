/* report-batch.c: many records of a lane at once
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * What _weft_report_span() and its neighbours do for each span by itself is done here for a row of
 * records that lie ready: they are copied behind those that wait, and what they change in their
 * tasks is all that is looked at one by one.
 *
 * Which task a lane runs is said by a span without length, of outcome “running”. It is the same
 * attempt as the span that comes later with the same task and start, and may be said any number of
 * times. Within a task that waits for others the lane may run another: both are running then, and
 * what was said last is what the lane is shown in.
 */
#include "config.h"

#include "server/weft-report-data-private.h"

typedef struct
{
  WeftReport *report;
  WeftReportLane *lane;
  WeftRecord *out; /* where the next one goes */
  uint32_t goes_on;
  uint64_t earliest, free_at;
} Batch;

/* Whether the task's attempt that began then is known already. */
static bool
is_known (const WeftReportTask *told, uint64_t start)
{
  return told->attempt > 0 && told->start == start;
}

static void
begin_attempt (WeftReportTask *told, uint64_t start)
{
  told->attempt++;
  told->start = start;
}

static void
set_running (Batch *batch, uint32_t task, uint64_t start)
{
  WeftReportTask *told = &batch->report->tasks[task];

  if (is_known (told, start) && told->lane != batch->lane->head.lane)
    return; /* it has ended, or somebody else said where it runs */
  if (!is_known (told, start))
    {
      _weft_report_stop (batch->report, task);
      begin_attempt (told, start);
    }
  batch->report->n_running += told->lane == WEFT_NONE;
  told->lane = batch->lane->head.lane;
  batch->lane->changed |= batch->lane->task != task;
  batch->lane->task = task;
}

/* Room for one more behind those of the message. */
static void
add_attempt (Batch *batch, uint32_t task, uint64_t stamp, uint32_t attempt)
{
  GArray *records = batch->lane->records;
  size_t at = (size_t) (batch->out - (WeftRecord *) (void *) records->data);

  g_array_set_size (records, records->len + 1);
  batch->out = (WeftRecord *) (void *) records->data + at;
  weft_record_set (batch->out++, WEFT_RECORD_ATTEMPT, WEFT_RECORD_DETAIL, 0, task,
                   WEFT_REPORT_BY_NUMBER, stamp, 0, attempt);
}

static inline void
take_span (Batch *batch, const WeftRecord *record, uint32_t task)
{
  WeftReportTask *told = &batch->report->tasks[task];
  uint64_t end = weft_record_end (record);
  bool goes_on = batch->goes_on == task;

  batch->free_at = MAX (batch->free_at, end);
  batch->goes_on = WEFT_UNLIKELY (record->flags & WEFT_RECORD_CONTINUED) ? task : WEFT_NONE;
  if (WEFT_UNLIKELY (told->lane != WEFT_NONE) && (goes_on || is_known (told, record->start))
      && batch->goes_on == WEFT_NONE)
    _weft_report_stop (batch->report, task);
  if (!goes_on && !is_known (told, record->start))
    begin_attempt (told, record->start);
  if (batch->goes_on != WEFT_NONE)
    return;
  _weft_report_count_outcome (batch->report, task, weft_record_outcome (record));
  if (WEFT_UNLIKELY (told->attempt > 1))
    add_attempt (batch, task, end, told->attempt);
}

static void
take_all (Batch *batch, const WeftRecord *records, uint32_t n, const uint32_t *tasks)
{
  for (uint32_t i = 0; i < n; i++)
    {
      uint32_t task = tasks[records[i].task];

      batch->earliest = MIN (batch->earliest, records[i].start);
      if (WEFT_UNLIKELY (records[i].kind == WEFT_RECORD_TASK
                         && weft_record_outcome (&records[i]) == WEFT_OUTCOME_RUNNING))
        {
          set_running (batch, task, records[i].start);
          continue;
        }
      *batch->out = records[i];
      batch->out++->task = task;
      if (records[i].kind == WEFT_RECORD_TASK)
        take_span (batch, &records[i], task);
    }
}

void
_weft_report_batch (WeftReport *report, uint32_t lane_id, const WeftRecord *records, uint32_t n,
                    const uint32_t *tasks, uint32_t *goes_on)
{
  WeftReportLane *lane = report->lanes->pdata[lane_id];
  Batch batch = { .report = report,
                  .lane = lane,
                  .goes_on = *goes_on,
                  .earliest = report->earliest,
                  .free_at = lane->free_at };
  guint n_before = lane->records->len;

  if (n == 0)
    return;
  g_array_set_size (lane->records, n_before + n);
  batch.out = &g_array_index (lane->records, WeftRecord, n_before);
  take_all (&batch, records, n, tasks);
  g_array_set_size (lane->records,
                    (guint) (batch.out - (WeftRecord *) (void *) lane->records->data));
  report->n_waiting += lane->records->len - n_before;
  report->earliest = batch.earliest;
  lane->changed |= batch.free_at != lane->free_at;
  lane->free_at = batch.free_at;
  *goes_on = batch.goes_on;
}
