/* report.c: a reported run's life, its tasks, and how what waits gets into the file
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A flush writes in the order in which a reader needs it: lanes, the batch's segment, texts,
 * records, what runs now. Records have waited with their tasks' numbers here; the places these got
 * with the segment are filled in on the way.
 */
#include "config.h"

#include "server/weft-report-data-private.h"

#include "base/weft-grow-private.h"
#include "graph/weft-graph.h"
#include "graph/weft-keys-private.h"

#include <string.h>

#define NS_PER_SECOND 1000000000

/* ---- life ------------------------------------------------------------------------------------ */

static void
text_clear (void *data)
{
  g_byte_array_unref (((WeftReportText *) data)->payload);
}

uint64_t
_weft_report_frame (WeftReport *report, WeftFrameKind kind, uint32_t lane, uint64_t watermark,
                    GByteArray *payload)
{
  g_ptr_array_add (report->payloads, payload);
  return _weft_run_writer_frame (report->writer, kind, 0, lane, watermark,
                                 &(struct iovec){ payload->data, payload->len }, 1);
}

static void
commit (WeftReport *report)
{
  _weft_run_writer_commit (report->writer);
  g_ptr_array_set_size (report->payloads, 0);
}

static GByteArray *
bytes_of (const void *bytes, size_t n_bytes)
{
  return g_byte_array_append (g_byte_array_new (), bytes, (guint) n_bytes);
}

static WeftRecord
phase_record (WeftRunPhase phase, uint64_t stamp)
{
  WeftRecord record;

  weft_record_set (&record, WEFT_RECORD_RUN_STATE, 0, (uint8_t) phase, 0, 0, stamp, 0, 0);
  return record;
}

/* The run began when the first thing in it did, which was perhaps before anybody listened. It has
 * to be the first record, from which readers count the time. What is told later may be of before:
 * unless @all is told the run is taken to have begun with the report. */
static void
note_begin (WeftReport *report, bool all)
{
  WeftReportLane *control = report->lanes->pdata[0];
  WeftRecord record;

  if (report->begun)
    return;
  report->begin = all && report->earliest != UINT64_MAX ? report->earliest
                                                        : MIN (report->earliest, report->opened);
  record = phase_record (WEFT_RUN_RUNNING, report->begin);
  g_array_prepend_val (control->records, record);
  report->begun = true;
}

/* When the last thing in it ended; now, where nothing did. */
static uint64_t
find_end (const WeftReport *report)
{
  uint64_t latest = report->latest;

  for (guint i = 0; i < report->lanes->len; i++)
    {
      const GArray *records = ((const WeftReportLane *) report->lanes->pdata[i])->records;

      for (guint k = 0; k < records->len; k++)
        latest = MAX (latest, weft_record_end (&g_array_index (records, WeftRecord, k)));
    }
  return latest > report->begin ? latest : _weft_report_now (report);
}

void
_weft_report_times (const WeftReport *report, int64_t *begun_wall_ns, int64_t *ended_wall_ns)
{
  *begun_wall_ns = report->begun ? (int64_t) report->begin + report->wall_ahead_ns : 0;
  *ended_wall_ns = report->end != 0 ? (int64_t) report->end + report->wall_ahead_ns : 0;
}

/* The frames that every file begins with, and lane 0. */
static void
begin (WeftReport *report, const WeftReportOptions *options, const WeftClockMap *map)
{
  const char *json = options->meta_json != NULL ? options->meta_json : "{}";
  WeftRunClock clock = { .map = *map,
                         .flags = options->clock_flags,
                         .uncertainty_ns = options->uncertainty_ns,
                         .resolution_ns = 1 };
  WeftLaneHead control = { .kind = WEFT_LANE_CONTROL, .parent_lane = WEFT_NONE };

  clock.map.source = report->ahead_ns == 0 ? WEFT_CLOCK_MONOTONIC : WEFT_CLOCK_INJECTED;
  clock.map.anchor_mono_ns += report->ahead_ns;
  clock.map.ticks_per_second = NS_PER_SECOND;
  clock.map.anchor_ticks = (uint64_t) clock.map.anchor_mono_ns;
  _weft_report_frame (report, WEFT_FRAME_META, 0, 0, bytes_of (json, strlen (json)));
  _weft_report_frame (report, WEFT_FRAME_CLOCK, 0, 0, bytes_of (&clock, sizeof clock));
  _weft_report_add_lane (report, &control, "recorder");
  report->wall_ahead_ns = clock.map.anchor_wall_ns - clock.map.anchor_mono_ns;
  /* not the anchor's time: the process may have anchored its clock long before */
  report->opened = _weft_report_now (report);
  report->earliest = UINT64_MAX;
}

WeftReport *
_weft_report_new (const WeftReportOptions *options, GError **error)
{
  WeftReport *report = g_new0 (WeftReport, 1);
  WeftClockMap map;

  weft_clock_calibrate (&map);
  report->writer = g_new0 (WeftRunWriter, 1);
  report->ahead_ns = options->ahead_ns;
  report->keeps = options->keeps;
  if (!_weft_run_writer_open (report->writer, options->path, map.anchor_wall_ns, error))
    {
      g_free (report->writer);
      g_free (report);
      return NULL;
    }
  _weft_intern_init (&report->keys);
  _weft_intern_init (&report->worker_names);
  report->edges = g_array_new (FALSE, FALSE, sizeof (WeftReportEdge));
  report->groups = g_hash_table_new (NULL, NULL);
  _weft_intern_init (&report->group_names);
  report->workers = g_array_new (FALSE, FALSE, sizeof (WeftReportWorker));
  g_array_set_clear_func (report->workers, _weft_report_worker_clear);
  report->lanes = g_ptr_array_new_with_free_func (_weft_report_lane_free);
  _weft_intern_init (&report->series);
  report->texts = g_array_new (FALSE, FALSE, sizeof (WeftReportText));
  g_array_set_clear_func (report->texts, text_clear);
  report->payloads = g_ptr_array_new_with_free_func ((GDestroyNotify) g_byte_array_unref);
  begin (report, options, &map);
  commit (report);
  return report;
}

void
_weft_report_free (WeftReport *report)
{
  if (report == NULL)
    return;
  _weft_run_writer_clear (report->writer);
  g_free (report->writer);
  _weft_intern_clear (&report->keys);
  _weft_intern_clear (&report->worker_names);
  g_free (report->tasks);
  g_array_unref (report->edges);
  g_hash_table_unref (report->groups);
  _weft_intern_clear (&report->group_names);
  g_array_unref (report->workers);
  g_ptr_array_unref (report->lanes);
  _weft_intern_clear (&report->series);
  g_clear_pointer (&report->stolen, g_hash_table_unref);
  g_array_unref (report->texts);
  g_ptr_array_unref (report->payloads);
  g_free (report);
}

/* ---- tasks ----------------------------------------------------------------------------------- */

/* Nearly all keys are; the loop takes many bytes at once. */
static bool
is_ascii (const char *chars, size_t n_chars)
{
  bool other = false;

  for (size_t i = 0; i < n_chars; i++)
    other |= (uint8_t) (chars[i] - 1) >= 0x7f;
  return !other;
}

bool
_weft_report_check_key (const char *key, size_t n_chars, GError **error)
{
  const char *bad;

  if (WEFT_LIKELY (n_chars > 0 && n_chars <= WEFT_KEY_MAX_BYTES && is_ascii (key, n_chars)))
    return true;
  if (n_chars == 0)
    g_set_error (error, WEFT_GRAPH_ERROR, WEFT_GRAPH_ERROR_FORMAT,
                 "found an empty key, expected at least one character");
  else if (n_chars > WEFT_KEY_MAX_BYTES)
    g_set_error (error, WEFT_GRAPH_ERROR, WEFT_GRAPH_ERROR_FORMAT,
                 "found a key of %zu bytes, expected at most %d", n_chars, WEFT_KEY_MAX_BYTES);
  else if (!g_utf8_validate (key, (gssize) n_chars, &bad))
    g_set_error (error, WEFT_GRAPH_ERROR, WEFT_GRAPH_ERROR_FORMAT,
                 "found the byte 0x%02x in a key, expected UTF-8 without a zero byte",
                 (uint8_t) *bad);
  else
    return true;
  return false;
}

uint64_t
_weft_report_expect_task (const WeftReport *report, const char *key, size_t n_chars)
{
  return _weft_intern_expect (&report->keys, key, n_chars);
}

uint32_t
_weft_report_expected_task (WeftReport *report, const char *key, size_t n_chars, uint64_t hash)
{
  uint32_t n_known = report->keys.n;
  uint32_t task = _weft_intern_add_expected (&report->keys, key, n_chars, hash);

  if (task < n_known)
    return task;
  _weft_grow_array (report->tasks, report->tasks_room, (size_t) task + 1);
  report->tasks[task] =
      (WeftReportTask){ .segment = WEFT_NONE, .task = WEFT_NONE, .lane = WEFT_NONE };
  return task;
}

uint32_t
_weft_report_task (WeftReport *report, const char *key, size_t n_chars)
{
  return _weft_report_expected_task (report, key, n_chars,
                                     _weft_report_expect_task (report, key, n_chars));
}

uint32_t
_weft_report_n_tasks (const WeftReport *report)
{
  return report->keys.n;
}

void
_weft_report_count (const WeftReport *report, uint64_t *n_running, uint64_t *n_done,
                    uint64_t *n_failed)
{
  *n_running = report->n_running;
  *n_done = report->n_done;
  *n_failed = report->n_failed;
}

void
_weft_report_input (WeftReport *report, uint32_t task, uint32_t input, uint64_t stamp)
{
  WeftReportEdge edge = { task, input };
  WeftRecord record;

  if (report->tasks[task].segment == WEFT_NONE)
    {
      g_array_append_val (report->edges, edge);
      return;
    }
  if (stamp == 0)
    stamp = _weft_report_now (report);
  weft_record_set_point (&record, WEFT_RECORD_LINK, 0, WEFT_LINK_DATA, task, WEFT_REPORT_BY_NUMBER,
                         stamp, input, 0);
  _weft_report_add_record (report, 0, &record);
}

void
_weft_report_group (WeftReport *report, uint32_t task, const char *group, size_t n_chars,
                    uint32_t *name)
{
  if (report->tasks[task].segment != WEFT_NONE)
    return;
  if (*name == WEFT_NONE)
    *name = _weft_intern_add (&report->group_names, group, n_chars);
  g_hash_table_insert (report->groups, GUINT_TO_POINTER (task), GUINT_TO_POINTER (*name + 1));
}

void
_weft_report_want (WeftReport *report, uint32_t task)
{
  report->tasks[task].is_wanted = true;
}

/* ---- a flush --------------------------------------------------------------------------------- */

static void
write_lanes (WeftReport *report)
{
  for (; report->n_lanes_told < report->lanes->len; report->n_lanes_told++)
    {
      WeftReportLane *lane = report->lanes->pdata[report->n_lanes_told];
      GByteArray *payload;

      lane->head.n_name_bytes = (uint32_t) strlen (lane->name);
      payload = bytes_of (&lane->head, sizeof lane->head);
      g_byte_array_append (payload, (const guint8 *) lane->name, lane->head.n_name_bytes);
      _weft_report_frame (report, WEFT_FRAME_LANE, lane->head.lane, 0, payload);
    }
}

static void
place (const WeftReport *report, WeftRecord *record)
{
  const WeftReportTask *told;

  if (record->segment != WEFT_REPORT_BY_NUMBER)
    return;
  told = &report->tasks[record->task];
  if (record->kind == WEFT_RECORD_LINK)
    {
      const WeftReportTask *other = &report->tasks[weft_record_low (record)];

      record->amount_low = other->task;
      record->duration_amount = other->segment;
    }
  record->task = told->task;
  record->segment = told->segment;
}

static void
write_some_records (WeftReport *report, WeftReportLane *lane, WeftRecord *records, uint32_t n)
{
  WeftRecordsHead head = { .min_start = UINT64_MAX, .previous = lane->previous, .n_records = n };
  GByteArray *kept;

  for (uint32_t i = 0; i < n; i++)
    {
      place (report, &records[i]);
      head.min_start = MIN (head.min_start, records[i].start);
      head.max_end = MAX (head.max_end, weft_record_end (&records[i]));
      head.n_task_spans += records[i].kind == WEFT_RECORD_TASK;
    }
  report->latest = MAX (report->latest, head.max_end);
  kept = bytes_of (&head, sizeof head);
  g_ptr_array_add (report->payloads, kept);
  lane->previous = _weft_run_writer_frame (
      report->writer, WEFT_FRAME_RECORDS, 0, lane->head.lane, head.max_end,
      (struct iovec[]){ { kept->data, kept->len }, { records, n * sizeof *records } }, 2);
}

/* A frame goes to watchers as one message, so it is never large. */
static void
write_records (WeftReport *report, WeftReportLane *lane)
{
  WeftRecord *records = (WeftRecord *) (void *) lane->records->data;

  for (guint at = 0, n; at < lane->records->len; at += n)
    {
      n = MIN (lane->records->len - at, WEFT_REPORT_FULL);
      write_some_records (report, lane, records + at, n);
    }
}

/* What lanes run; also when nothing has changed, so that a reader sees that the run goes on. */
static void
write_now (WeftReport *report)
{
  GByteArray *entries = g_byte_array_new ();

  for (guint i = 1; i < report->lanes->len; i++)
    {
      WeftReportLane *lane = report->lanes->pdata[i];
      WeftNowEntry entry = {
        .lane = lane->head.lane, .task = WEFT_NONE, .segment = WEFT_NONE, .watermark = lane->free_at
      };

      if (!lane->changed)
        continue;
      lane->changed = false;
      if (lane->task != WEFT_NONE)
        {
          const WeftReportTask *told = &report->tasks[lane->task];

          entry.task = told->task;
          entry.segment = told->segment;
          entry.attempt = (uint16_t) MIN (told->attempt, UINT16_MAX);
          entry.kind = WEFT_RECORD_TASK;
          entry.start = told->start;
        }
      g_byte_array_append (entries, (const guint8 *) &entry, sizeof entry);
    }
  _weft_report_frame (report, WEFT_FRAME_NOW, 0, _weft_report_now (report), entries);
}

uint32_t
_weft_report_n_waiting (const WeftReport *report)
{
  return report->n_waiting;
}

bool
_weft_report_flush (WeftReport *report, GError **error)
{
  bool ok;

  note_begin (report, false);
  write_lanes (report);
  ok = _weft_report_write_segment (report, error);
  _weft_report_write_texts (report);
  for (guint i = 0; i < report->lanes->len; i++)
    write_records (report, report->lanes->pdata[i]);
  write_now (report);
  commit (report);
  for (guint i = 0; i < report->lanes->len; i++)
    g_array_set_size (((WeftReportLane *) report->lanes->pdata[i])->records, 0);
  report->n_waiting = 0;
  if (report->writer->error == NULL)
    return ok;
  if (ok)
    g_propagate_error (error, g_error_copy (report->writer->error));
  return false;
}

bool
_weft_report_finish (WeftReport *report, WeftRunPhase phase, const char *summary_json,
                     GError **error)
{
  uint64_t now = _weft_report_now (report);
  WeftEndHead end = { 0 };
  WeftRecord record;
  bool ok;

  for (uint32_t task = 0; phase != WEFT_RUN_INTERRUPTED && task < report->keys.n; task++)
    _weft_report_end (report, task, now, WEFT_OUTCOME_CANCELLED, 0);
  note_begin (report, true);
  report->end = report->n_running > 0 ? now : find_end (report);
  record = phase_record (phase, report->end);
  _weft_report_add_record (report, 0, &record);
  ok = _weft_report_flush (report, error);
  end.n_records = report->writer->n_records;
  _weft_run_writer_finish (report->writer, now, &end, summary_json);
  _weft_run_writer_close (report->writer);
  if (!ok || report->writer->error == NULL)
    return ok;
  g_propagate_error (error, g_error_copy (report->writer->error));
  return false;
}
