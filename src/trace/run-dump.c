/* run-dump.c: the frames of a run file as lines of JSON
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * One line for a frame, and, below a frame of records, one for each record. The names are those of
 * data/doc/run-file.md. Numbers are written out whole, also beyond 2^53.
 */
#include "config.h"

#include "trace/weft-run-reader.h"

#include <inttypes.h>
#include <string.h>

static const char *const frame_names[] = {
  NULL,  "meta",  "clock", "strings", "segment", "lane",  "records", "now",
  "log", "error", "index", "end",     "series",  "facts", "lod",
};

static const struct
{
  uint8_t kind;
  const char *name;
} record_names[] = {
  { WEFT_RECORD_TASK, "task" },
  { WEFT_RECORD_ATTEMPT, "attempt" },
  { WEFT_RECORD_SPILL_WRITE, "spill-write" },
  { WEFT_RECORD_SPILL_READ, "spill-read" },
  { WEFT_RECORD_TRANSFER, "transfer" },
  { WEFT_RECORD_PAUSED, "paused" },
  { WEFT_RECORD_MEMORY_PAUSED, "memory-paused" },
  { WEFT_RECORD_RESOURCE_WAIT, "resource-wait" },
  { WEFT_RECORD_RETRY_WAIT, "retry-wait" },
  { WEFT_RECORD_RECORDER_WAIT, "recorder-wait" },
  { WEFT_RECORD_DROPPED, "dropped" },
  { WEFT_RECORD_PARKED, "parked" },
  { WEFT_RECORD_WORKER_START, "worker-start" },
  { WEFT_RECORD_WORKER_STOP, "worker-stop" },
  { WEFT_RECORD_READY, "ready" },
  { WEFT_RECORD_RELEASED, "released" },
  { WEFT_RECORD_ERRED, "erred" },
  { WEFT_RECORD_CANCELLED, "cancelled" },
  { WEFT_RECORD_MEMORY, "memory" },
  { WEFT_RECORD_CPU, "cpu" },
  { WEFT_RECORD_IO, "io" },
  { WEFT_RECORD_RUN_STATE, "run-state" },
  { WEFT_RECORD_ADMITTED, "admitted" },
  { WEFT_RECORD_SPILL_FAILED, "spill-failed" },
  { WEFT_RECORD_STEAL_MISS, "steal-miss" },
  { WEFT_RECORD_ANNOTATION, "annotation" },
  { WEFT_RECORD_BLOCKED, "blocked" },
  { WEFT_RECORD_TASK_CPU, "task-cpu" },
  { WEFT_RECORD_WORKER_LOST, "worker-lost" },
  { WEFT_RECORD_OUTPUT, "output" },
  { WEFT_RECORD_CULPRIT, "culprit" },
  { WEFT_RECORD_PEER, "peer" },
  { WEFT_RECORD_MESSAGE, "message" },
  { WEFT_RECORD_TIMED_OUT, "timed-out" },
  { WEFT_RECORD_ASSIGNED, "assigned" },
  { WEFT_RECORD_COUNTER, "counter" },
  { WEFT_RECORD_ELSEWHERE, "elsewhere" },
  { WEFT_RECORD_BEGIN, "begin" },
  { WEFT_RECORD_BREAK, "break" },
  { WEFT_RECORD_STEPPED, "stepped" },
  { WEFT_RECORD_REUSED, "reused" },
  { WEFT_RECORD_STATE, "state" },
  { WEFT_RECORD_PHASE, "phase" },
  { WEFT_RECORD_SLOWED, "slowed" },
  { WEFT_RECORD_VALUE, "value" },
  { WEFT_RECORD_SETTING, "setting" },
  { WEFT_RECORD_LINK, "link" },
};

static const char *
record_name (uint8_t kind)
{
  for (guint i = 0; i < G_N_ELEMENTS (record_names); i++)
    if (record_names[i].kind == kind)
      return record_names[i].name;
  return NULL;
}

/* ---- JSON ------------------------------------------------------------------------------------ */

static void
append_char (GString *text, unsigned char c)
{
  if (c == '"' || c == '\\')
    g_string_append_printf (text, "\\%c", c);
  else if (c < 0x20)
    g_string_append_printf (text, "\\u%04x", c);
  else if (c < 0x80)
    g_string_append_c (text, (char) c);
  else
    g_string_append (text, "\\ufffd"); /* not part of a character */
}

static void
append_string (GString *text, WeftRunText string)
{
  const char *at = string.chars, *end = string.chars + string.n_bytes;

  g_string_append_c (text, '"');
  while (at < end)
    {
      const char *next = at;

      if ((unsigned char) *at >= 0x80)
        g_utf8_validate_len (at, (gsize) MIN (end - at, 4), &next);
      if (next == at)
        append_char (text, (unsigned char) *at++);
      else
        {
          next = MIN (next, g_utf8_next_char (at));
          g_string_append_len (text, at, next - at);
          at = next;
        }
    }
  g_string_append_c (text, '"');
}

static void
number (GString *text, const char *name, uint64_t value)
{
  g_string_append_printf (text, ",\"%s\":%" PRIu64, name, value);
}

static void
signed_number (GString *text, const char *name, int64_t value)
{
  g_string_append_printf (text, ",\"%s\":%" PRId64, name, value);
}

static void
string (GString *text, const char *name, WeftRunText value)
{
  g_string_append_printf (text, ",\"%s\":", name);
  append_string (text, value);
}

/* ---- frames ---------------------------------------------------------------------------------- */

static bool
dump_json (const WeftRunFrame *frame, GString *text)
{
  WeftRunText json;

  if (!weft_run_frame_json (frame, &json))
    return false;
  string (text, "text", json);
  return true;
}

static bool
dump_clock (const WeftRunFrame *frame, GString *text)
{
  WeftRunClock clock;

  if (!weft_run_frame_clock (frame, &clock))
    return false;
  number (text, "domain", clock.map.domain);
  number (text, "source", clock.map.source);
  number (text, "ticks_per_second", clock.map.ticks_per_second);
  number (text, "anchor_ticks", clock.map.anchor_ticks);
  signed_number (text, "anchor_mono_ns", clock.map.anchor_mono_ns);
  signed_number (text, "anchor_wall_ns", clock.map.anchor_wall_ns);
  signed_number (text, "offset_ns", clock.offset_ns);
  number (text, "uncertainty_ns", clock.uncertainty_ns);
  number (text, "resolution_ns", clock.resolution_ns);
  number (text, "clock_flags", clock.flags);
  number (text, "valid_from_ticks", clock.valid_from_ticks);
  return true;
}

static bool
dump_strings (const WeftRunFrame *frame, GString *text)
{
  g_autoptr (GArray) strings = g_array_new (FALSE, FALSE, sizeof (WeftRunText));
  uint32_t first_id;

  if (!weft_run_frame_strings (frame, &first_id, strings))
    return false;
  number (text, "first_id", first_id);
  g_string_append (text, ",\"strings\":[");
  for (guint i = 0; i < strings->len; i++)
    {
      if (i > 0)
        g_string_append_c (text, ',');
      append_string (text, g_array_index (strings, WeftRunText, i));
    }
  g_string_append_c (text, ']');
  return true;
}

static bool
dump_segment (const WeftRunFrame *frame, GString *text)
{
  WeftSegmentHead segment;
  WeftRunText content;

  if (!weft_run_frame_segment (frame, &segment, &content))
    return false;
  number (text, "segment", segment.segment);
  number (text, "piece", segment.piece);
  number (text, "segment_flags", segment.flags);
  number (text, "first_task", segment.first_task);
  number (text, "n_tasks", segment.n_tasks);
  number (text, "parent_segment", segment.parent_segment);
  number (text, "parent_task", segment.parent_task);
  number (text, "content_bytes", content.n_bytes);
  return true;
}

static bool
dump_lane (const WeftRunFrame *frame, GString *text)
{
  WeftLaneHead lane;
  WeftRunText name;

  if (!weft_run_frame_lane (frame, &lane, &name))
    return false;
  number (text, "role", lane.kind);
  number (text, "parent_lane", lane.parent_lane);
  number (text, "domain", lane.domain);
  number (text, "worker", lane.worker);
  number (text, "pid", lane.pid);
  number (text, "os_thread", lane.os_thread);
  number (text, "n_threads", lane.n_threads);
  number (text, "lane_flags", lane.flags);
  number (text, "memory_limit_bytes", lane.memory_limit_bytes);
  string (text, "name", name);
  return true;
}

static bool
dump_records (const WeftRunFrame *frame, GString *text)
{
  WeftRecordsHead head;
  const WeftRecord *records;
  uint32_t n_records;

  if (!weft_run_frame_records (frame, &head, &records, &n_records))
    return false;
  number (text, "min_start", head.min_start);
  number (text, "max_end", head.max_end);
  number (text, "previous", head.previous);
  number (text, "n_records", head.n_records);
  number (text, "n_task_spans", head.n_task_spans);
  return true;
}

static bool
dump_now (const WeftRunFrame *frame, GString *text)
{
  const WeftNowEntry *entries;
  uint32_t n_entries;

  if (!weft_run_frame_now (frame, &entries, &n_entries))
    return false;
  g_string_append (text, ",\"entries\":[");
  for (uint32_t i = 0; i < n_entries; i++)
    {
      g_string_append_printf (text, "%s{\"lane\":%u", i > 0 ? "," : "", entries[i].lane);
      number (text, "task", entries[i].task);
      number (text, "segment", entries[i].segment);
      number (text, "attempt", entries[i].attempt);
      number (text, "kind", entries[i].kind);
      number (text, "depth", entries[i].depth);
      number (text, "start", entries[i].start);
      number (text, "watermark", entries[i].watermark);
      g_string_append_c (text, '}');
    }
  g_string_append_c (text, ']');
  return true;
}

static bool
dump_log (const WeftRunFrame *frame, GString *text)
{
  WeftLogHead log;
  WeftRunText bytes;

  if (!weft_run_frame_log (frame, &log, &bytes))
    return false;
  number (text, "stamp", log.stamp);
  number (text, "segment", log.segment);
  number (text, "task", log.task);
  number (text, "attempt", log.attempt);
  number (text, "stream", log.stream);
  number (text, "level", log.level);
  string (text, "text", bytes);
  return true;
}

static bool
dump_error (const WeftRunFrame *frame, GString *text)
{
  static const char *const names[4] = { "error_kind", "message", "detail", "output" };
  WeftErrorHead error;
  WeftRunText texts[4];

  if (!weft_run_frame_error (frame, &error, texts))
    return false;
  number (text, "stamp", error.stamp);
  number (text, "segment", error.segment);
  number (text, "task", error.task);
  number (text, "attempt", error.attempt);
  for (int i = 0; i < 4; i++)
    string (text, names[i], texts[i]);
  return true;
}

static bool
dump_series (const WeftRunFrame *frame, GString *text)
{
  WeftSeriesHead series;
  WeftRunText name, unit;
  char scale[G_ASCII_DTOSTR_BUF_SIZE];

  if (!weft_run_frame_series (frame, &series, &name, &unit))
    return false;
  number (text, "series", series.series);
  number (text, "of_lane", series.lane);
  g_ascii_dtostr (scale, sizeof scale, series.scale);
  g_string_append_printf (text, ",\"scale\":\"%s\"", scale);
  string (text, "name", name);
  string (text, "unit", unit);
  return true;
}

static bool
dump_facts (const WeftRunFrame *frame, GString *text)
{
  WeftFactsHead facts;
  WeftRunText json;

  if (!weft_run_frame_facts (frame, &facts, &json))
    return false;
  number (text, "stamp", facts.stamp);
  number (text, "segment", facts.segment);
  number (text, "task", facts.task);
  number (text, "attempt", facts.attempt);
  string (text, "text", json);
  return true;
}

static bool
dump_index (const WeftRunFrame *frame, GString *text)
{
  WeftIndexHead head;
  const WeftIndexEntry *entries;

  if (!weft_run_frame_index (frame, &head, &entries))
    return false;
  number (text, "previous", head.previous);
  g_string_append (text, ",\"entries\":[");
  for (uint32_t i = 0; i < head.n_entries; i++)
    {
      g_string_append_printf (text, "%s{\"offset\":%" PRIu64, i > 0 ? "," : "", entries[i].offset);
      number (text, "min_start", entries[i].min_start);
      number (text, "max_end", entries[i].max_end);
      number (text, "lane", entries[i].lane);
      number (text, "n_records", entries[i].n_records);
      number (text, "kind", entries[i].kind);
      number (text, "flags", entries[i].flags);
      g_string_append_c (text, '}');
    }
  g_string_append_c (text, ']');
  return true;
}

static bool
dump_end (const WeftRunFrame *frame, GString *text)
{
  WeftEndHead end;
  WeftRunText json;

  if (!weft_run_frame_end (frame, &end, &json))
    return false;
  number (text, "n_records", end.n_records);
  number (text, "n_dropped", end.n_dropped);
  number (text, "n_waits", end.n_waits);
  number (text, "n_dropped_log_bytes", end.n_dropped_log_bytes);
  string (text, "text", json);
  return true;
}

static void
dump_record (uint32_t lane, const WeftRecord *record, GString *text)
{
  const char *name = record_name (record->kind);

  if (name != NULL)
    g_string_append_printf (text, "{\"record\":\"%s\"", name);
  else
    g_string_append_printf (text, "{\"record\":%u", record->kind);
  number (text, "lane", lane);
  number (text, "flags", record->flags);
  number (text, "how", record->how);
  number (text, "depth", record->depth);
  number (text, "task", record->task);
  number (text, "segment", record->segment);
  number (text, "start", record->start);
  if (record->kind < WEFT_RECORD_FIRST_POINT)
    {
      number (text, "duration", weft_record_duration (record));
      number (text, "amount", weft_record_amount (record));
    }
  else
    {
      number (text, "low", weft_record_low (record));
      number (text, "high", weft_record_high (record));
    }
  g_string_append (text, "}\n");
}

void
weft_run_frame_dump (const WeftRunFrame *frame, GString *text)
{
  static bool (*const dumps[]) (const WeftRunFrame *, GString *) = {
    NULL,     dump_json, dump_clock, dump_strings, dump_segment, dump_lane,   dump_records,
    dump_now, dump_log,  dump_error, dump_index,   dump_end,     dump_series, dump_facts
  };
  const WeftFrameHead *head = &frame->head;
  const WeftRecord *records;
  uint32_t n_records = 0;
  bool known = head->kind < G_N_ELEMENTS (frame_names) && frame_names[head->kind] != NULL;

  g_string_append_printf (text, "{\"frame\":%" PRIu64, head->sequence);
  if (known)
    g_string_append_printf (text, ",\"kind\":\"%s\"", frame_names[head->kind]);
  else
    number (text, "kind", head->kind);
  number (text, "flags", head->flags);
  number (text, "offset", frame->offset);
  number (text, "payload_bytes", head->n_bytes);
  number (text, "payload_crc", head->payload_crc);
  number (text, "lane", head->lane);
  number (text, "watermark", head->watermark);
  if (head->kind < G_N_ELEMENTS (dumps) && dumps[head->kind] != NULL
      && !dumps[head->kind](frame, text))
    g_string_append (text, ",\"malformed\":true");
  g_string_append (text, "}\n");
  if (weft_run_frame_records (frame, NULL, &records, &n_records))
    for (uint32_t i = 0; i < n_records; i++)
      dump_record (head->lane, &records[i], text);
}
