/* report-lanes.c: workers, and the rows in which their tasks stand
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "server/weft-report-data-private.h"

#include "base/weft-text-private.h"

#include <string.h>

#define MOST_LOOKED_AT 256u      /* of rows, for one event */
#define MOST_ROW_NAME_BYTES 256u /* of its worker's name, which each row has in its own */

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
  g_free (lane->under);
  g_free (lane->name);
  g_free (lane);
}

void
_weft_report_add_record (WeftReport *report, uint32_t lane, const WeftRecord *record)
{
  g_array_append_vals (_weft_report_get_lane (report, lane)->records, record, 1);
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
  WeftReportWorker worker = { .n_threads = head->n_threads,
                              .lanes = g_array_new (FALSE, FALSE, sizeof (uint32_t)),
                              .unnamed = g_ptr_array_new (),
                              .places = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL,
                                                               _weft_place_free) };
  g_autofree char *text = g_strndup (name, n_chars);
  WeftReportLane *lane = _weft_report_add_lane (report, head, text);

  lane->owner = id;
  worker.lane = lane->head.lane;
  g_array_append_val (report->workers, worker);
}

void
_weft_report_worker_clear (void *data)
{
  WeftReportWorker *worker = data;

  g_array_unref (worker->lanes);
  g_ptr_array_unref (worker->unnamed);
  g_hash_table_unref (worker->places);
}

/* Its name was heard before: as somebody's peer, say. */
static void
add_info (WeftReport *report, uint32_t id, const WeftReportWorkerInfo *info)
{
  WeftReportWorker *worker = _weft_report_get_worker (report, id);
  WeftReportLane *lane = _weft_report_get_lane (report, worker->lane);

  if (worker->n_threads == 0)
    worker->n_threads = info->n_threads;
  if (worker->lane < report->n_lanes_told)
    return;
  if (lane->head.pid == 0)
    lane->head.pid = info->pid;
  if (lane->head.n_threads == 0)
    lane->head.n_threads = info->n_threads;
  if (lane->head.memory_limit_bytes == 0)
    lane->head.memory_limit_bytes = info->memory_limit_bytes;
}

bool
_weft_report_has_room (const WeftReport *report, const char *worker, size_t n_chars)
{
  return report->lanes->len < WEFT_REPORT_MOST_LANES
         || _weft_intern_find (&report->worker_names, worker, n_chars) != WEFT_NONE;
}

uint32_t
_weft_report_worker (WeftReport *report, const char *name, size_t n_chars,
                     const WeftReportWorkerInfo *info)
{
  uint32_t n_known = report->worker_names.n;
  uint32_t id = _weft_intern_add (&report->worker_names, name, n_chars);
  WeftLaneHead head = { .kind = WEFT_LANE_PROCESS, .parent_lane = WEFT_NONE, .worker = id };

  if (id < n_known)
    {
      if (info != NULL && info->n_threads > 0)
        add_info (report, id, info);
      return id;
    }
  if (info != NULL)
    {
      head.pid = info->pid;
      head.n_threads = info->n_threads;
      head.memory_limit_bytes = info->memory_limit_bytes;
    }
  add_worker (report, id, &head, name, n_chars);
  return id;
}

/* ---- rows ------------------------------------------------------------------------------------ */

/* Returns: (nullable): of which something was said */
static WeftReportPlace *
find_place (WeftReportWorker *worker, uint64_t thread)
{
  if (WEFT_UNLIKELY (worker->last == NULL || worker->last->thread != thread))
    {
      WeftReportPlace *place = g_hash_table_lookup (worker->places, &thread);

      if (place == NULL)
        return NULL;
      worker->last = place;
    }
  return worker->last;
}

static WeftReportPlace *
add_place (WeftReportWorker *worker, uint64_t thread)
{
  WeftReportPlace *place = _weft_place_new (thread);

  g_hash_table_insert (worker->places, &place->thread, place);
  return place;
}

/* Each worker has one row in any case. */
static bool
has_room_for_row (const WeftReport *report, const WeftReportWorker *worker)
{
  return report->lanes->len < WEFT_REPORT_MOST_LANES || worker->lanes->len == 0;
}

/* Where there is no room for another: one of the place, or of the worker. */
static WeftReportLane *
any_row (const WeftReport *report, const WeftReportWorker *worker, const WeftReportPlace *place)
{
  return place->first != NULL
             ? place->first
             : _weft_report_get_lane (report, g_array_index (worker->lanes, uint32_t, 0));
}

/* (transfer full) */
static char *
name_row (const WeftReportWorker *worker, const char *worker_name, bool is_of_spans)
{
  size_t n_chars = _weft_text_cut (worker_name, strlen (worker_name), MOST_ROW_NAME_BYTES);

  return g_strdup_printf ("%.*s%s/%s%u", (int) n_chars, worker_name,
                          worker_name[n_chars] != '\0' ? "…" : "", is_of_spans ? "data " : "",
                          worker->lanes->len);
}

static WeftReportLane *
add_row (WeftReport *report, WeftReportWorker *worker, WeftReportPlace *place, WeftLaneKind kind)
{
  WeftReportLane *process = _weft_report_get_lane (report, worker->lane), *lane;
  WeftLaneHead head = { .kind = kind,
                        .parent_lane = worker->lane,
                        .worker = process->head.worker,
                        .pid = process->head.pid };
  g_autofree char *name = name_row (worker, process->name, place->thread == WEFT_REPORT_OF_SPANS);

  if (kind == WEFT_LANE_THREAD)
    {
      head.os_thread = place->thread;
      worker->n_thread_rows++;
    }
  lane = _weft_report_add_lane (report, &head, name);
  g_array_append_val (worker->lanes, lane->head.lane);
  _weft_place_add (place, lane);
  return lane;
}

/* A row of tasks whose thread is not known: as long as the worker can have more threads than were
 * heard of, it stands for one of them. Who does not say how many it has needs one for what it @runs
 * now, which is perhaps named when that has ended. */
static WeftReportLane *
add_unnamed (WeftReport *report, WeftReportWorker *worker, WeftReportPlace *place, bool runs)
{
  bool is_thread = worker->n_threads == 0 ? runs : worker->n_thread_rows < worker->n_threads;
  WeftReportLane *lane;

  if (!has_room_for_row (report, worker))
    return any_row (report, worker, place);
  lane = add_row (report, worker, place, is_thread ? WEFT_LANE_THREAD : WEFT_LANE_UNPLACED);
  if (is_thread)
    g_ptr_array_add (worker->unnamed, lane);
  return lane;
}

static bool
is_free (const WeftReportLane *lane, uint64_t start)
{
  return lane->task == WEFT_NONE && lane->free_at <= start;
}

/* The row that a thread, heard of for the first time, is taken for: where the task was thought to
 * run, else one that is free; (nullable): it gets one of its own. */
static WeftReportLane *
take_unnamed (WeftReportWorker *worker, WeftReportLane *own, uint64_t start)
{
  GPtrArray *unnamed = worker->unnamed;
  guint best = 0;

  if (unnamed->len == 0)
    return NULL;
  for (guint i = 0; i < unnamed->len; i++)
    {
      const WeftReportLane *lane = unnamed->pdata[i], *other = unnamed->pdata[best];

      if (lane == own)
        return g_ptr_array_remove_index (unnamed, i);
      if (is_free (lane, start) && !is_free (other, start))
        best = i;
    }
  if (worker->n_threads == 0 && !is_free (unnamed->pdata[best], start))
    return NULL;
  return worker->n_thread_rows < worker->n_threads ? NULL
                                                   : g_ptr_array_remove_index (unnamed, best);
}

WeftReportPlace *
_weft_report_place (WeftReport *report, uint32_t worker_id, uint64_t thread, WeftReportLane *own,
                    uint64_t start)
{
  WeftReportWorker *worker = _weft_report_get_worker (report, worker_id);
  WeftReportPlace *place = find_place (worker, thread);
  WeftReportLane *lane;

  if (place == NULL && !has_room_for_row (report, worker))
    place = find_place (worker, thread = 0);
  if (place != NULL)
    return place;
  place = add_place (worker, thread);
  if (thread == 0 || thread == WEFT_REPORT_OF_SPANS)
    return place;
  lane = take_unnamed (worker, own, start);
  if (lane == NULL)
    add_row (report, worker, place, WEFT_LANE_THREAD);
  else
    {
      if (lane->head.lane >= report->n_lanes_told)
        lane->head.os_thread = thread;
      _weft_place_set_running (lane, false);
      _weft_place_move (lane, place);
    }
  return place;
}

static WeftReportLane *
add_row_of (WeftReport *report, uint32_t worker_id, WeftReportPlace *place)
{
  WeftReportWorker *worker = _weft_report_get_worker (report, worker_id);

  if (place->thread == 0)
    return add_unnamed (report, worker, place, false);
  if (!has_room_for_row (report, worker))
    return any_row (report, worker, place);
  return add_row (report, worker, place,
                  place->thread == WEFT_REPORT_OF_SPANS ? WEFT_LANE_UNPLACED : WEFT_LANE_THREAD);
}

/* Of a worker all of whose threads have rows, as far as is known: one that runs nothing, and may so
 * be the one that does; best one that did not then either. Where nobody said how many there are and
 * all run something, the task is shown within another one until its thread is named: a row of its
 * own might stay empty. */
static WeftReportLane *
find_idle_thread (const WeftReport *report, const WeftReportWorker *worker, uint64_t start)
{
  WeftReportLane *idle = NULL, *named = NULL;

  if (worker->n_thread_rows < worker->n_threads)
    return NULL;
  for (guint i = 0; i < MIN (worker->lanes->len, MOST_LOOKED_AT); i++)
    {
      uint32_t number = g_array_index (worker->lanes, uint32_t, i);
      WeftReportLane *lane = _weft_report_get_lane (report, number);

      if (lane->head.kind != WEFT_LANE_THREAD || lane->place == NULL)
        continue;
      if (is_free (lane, start))
        return lane;
      if (lane->task == WEFT_NONE)
        idle = lane;
      if (named == NULL && lane->place->thread != 0)
        named = lane;
    }
  return idle != NULL || worker->n_threads > 0 ? idle : named;
}

WeftReportLane *
_weft_report_row_to_run (WeftReport *report, uint32_t worker_id, uint64_t thread, uint64_t start)
{
  WeftReportWorker *worker = _weft_report_get_worker (report, worker_id);
  WeftReportPlace *place = _weft_report_place (report, worker_id, thread, NULL, start);
  WeftReportLane *lane;

  if (place->thread != 0)
    return place->first;
  lane = _weft_place_find_free (place, start);
  if (lane == NULL)
    lane = find_idle_thread (report, worker, start);
  if (lane == NULL)
    lane = add_unnamed (report, worker, place, true);
  if (lane->place == place)
    _weft_place_set_running (lane, true);
  return lane;
}

WeftReportLane *
_weft_report_row_of_span (WeftReport *report, uint32_t worker_id, WeftReportPlace *place,
                          uint64_t start, uint64_t end)
{
  WeftReportLane *lane = _weft_place_find (place, start, end);

  return lane != NULL ? lane : add_row_of (report, worker_id, place);
}

WeftReportLane *
_weft_report_row (WeftReport *report, uint32_t worker_id, uint64_t thread, uint64_t start,
                  uint64_t end)
{
  WeftReportPlace *place =
      thread != 0 ? find_place (_weft_report_get_worker (report, worker_id), thread) : NULL;
  WeftReportLane *lane = place != NULL ? place->first : NULL;

  if (lane == NULL || lane->task != WEFT_NONE || !_weft_place_fits (lane, start, end))
    {
      place = _weft_report_place (report, worker_id, WEFT_REPORT_OF_SPANS, NULL, start);
      lane = _weft_report_row_of_span (report, worker_id, place, start, end);
    }
  if (lane->place != NULL)
    _weft_place_take (lane, start, end);
  lane->changed = true;
  return lane;
}

/* ---- lanes of a client ----------------------------------------------------------------------- */

static uint32_t
lane_of_process (WeftReport *report, const WeftLaneHead *head, const char *name, size_t n_chars)
{
  uint32_t n_known = report->worker_names.n;
  uint32_t id = _weft_intern_add (&report->worker_names, name, n_chars);

  if (id == n_known)
    add_worker (report, id, head, name, n_chars);
  return _weft_report_get_worker (report, id)->lane;
}

/* Below a process or host, or nothing. */
static uint32_t
lane_below (WeftReport *report, const WeftLaneHead *head, const char *name, size_t n_chars)
{
  uint32_t owner = head->parent_lane != WEFT_NONE
                       ? _weft_report_get_lane (report, head->parent_lane)->owner
                       : WEFT_NONE;
  WeftReportWorker *worker = owner != WEFT_NONE ? _weft_report_get_worker (report, owner) : NULL;
  bool is_thread = head->kind == WEFT_LANE_THREAD && head->os_thread != 0 && worker != NULL;
  WeftReportPlace *place = is_thread ? find_place (worker, head->os_thread) : NULL;
  g_autofree char *text = g_strndup (name, n_chars);
  WeftReportLane *lane;

  if (place != NULL)
    return place->first->head.lane;
  lane = _weft_report_add_lane (report, head, text);
  if (is_thread)
    {
      _weft_place_add (add_place (worker, head->os_thread), lane);
      worker->n_thread_rows++;
    }
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
