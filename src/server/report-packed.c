/* report-packed.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A message is looked through before any of it is taken. What it says of tasks, inputs and lanes is
 * passed on one by one; records, which come a hundred times as often, as they lie (report-batch.c).
 */
#include "config.h"

#include "server/weft-report-data-private.h"
#include "server/weft-report-reading-private.h"

#include "base/weft-grow-private.h"
#include "graph/weft-graph.h"

#include <string.h>

bool
_weft_reading_fail (const WeftReading *reading, uint64_t offset, const char *format, ...)
{
  va_list args;

  *reading->offset = offset;
  if (reading->error == NULL)
    return false;
  va_start (args, format);
  *reading->error = g_error_new_valist (WEFT_GRAPH_ERROR, WEFT_GRAPH_ERROR_FORMAT, format, args);
  va_end (args);
  return false;
}

/* ---- tasks ----------------------------------------------------------------------------------- */

static bool
check_keys (const WeftReading *reading, uint32_t n)
{
  uint64_t n_bytes = reading->head->n_bytes, at = WEFT_READING_TASKS_HEAD;

  for (uint32_t i = 0; i < n; i++)
    {
      g_autoptr (GError) why = NULL;
      uint32_t n_chars;

      if (n_bytes - at < sizeof n_chars)
        return _weft_reading_fail (reading, at, "found %u keys, expected %u", i, n);
      n_chars = _weft_reading_u32 (reading->bytes + at);
      if (n_bytes - at - sizeof n_chars < n_chars)
        return _weft_reading_fail (reading, at,
                                   "found a key of %u bytes, expected at most %" G_GUINT64_FORMAT
                                   ", the rest of the message",
                                   n_chars, n_bytes - at - sizeof n_chars);
      at += sizeof n_chars;
      if (!_weft_report_check_key ((const char *) reading->bytes + at, n_chars, &why))
        return _weft_reading_fail (reading, at, "%s", why->message);
      at += n_chars;
    }
  return at == n_bytes
         || _weft_reading_fail (reading, at,
                                "found %" G_GUINT64_FORMAT " bytes behind the last key, expected 0",
                                n_bytes - at);
}

/* Their places in the table are fetched together. */
void
_weft_report_packed_add (WeftReportPacked *packed, const WeftReadingKey *keys, uint32_t n)
{
  uint64_t hashes[WEFT_READING_KEYS];

  for (uint32_t i = 0; i < n; i++)
    hashes[i] = _weft_report_expect_task (packed->report, keys[i].chars, keys[i].n_chars);
  _weft_grow_array (packed->tasks, packed->tasks_room, (size_t) packed->n_tasks + n);
  for (uint32_t i = 0; i < n; i++)
    packed->tasks[packed->n_tasks++] =
        _weft_report_expected_task (packed->report, keys[i].chars, keys[i].n_chars, hashes[i]);
}

bool
_weft_reading_tasks_head (const WeftReading *reading, uint32_t *n)
{
  const WeftReportPacked *packed = reading->packed;
  uint32_t first;

  if (reading->head->n_bytes < WEFT_READING_TASKS_HEAD)
    return _weft_reading_fail (reading, 0, "found %u bytes, expected a number, a count and keys",
                               reading->head->n_bytes);
  first = _weft_reading_u32 (reading->bytes);
  *n = _weft_reading_u32 (reading->bytes + 4);
  if (first != packed->n_tasks)
    return _weft_reading_fail (reading, 0,
                               "found the first task's number %u, expected %u: as many were said",
                               first, packed->n_tasks);
  return *n <= WEFT_GRAPH_MAX_TASKS - packed->n_tasks
         || _weft_reading_fail (reading, 4, "found %u tasks, expected no more than %u in all", *n,
                                WEFT_GRAPH_MAX_TASKS);
}

static bool
take_tasks (const WeftReading *reading)
{
  const uint8_t *at = reading->bytes + WEFT_READING_TASKS_HEAD;
  WeftReadingKey keys[WEFT_READING_KEYS];
  uint32_t n;

  if (!_weft_reading_tasks_head (reading, &n) || !check_keys (reading, n))
    return false;
  for (uint32_t i = 0, k = 0; i < n; i++)
    {
      keys[k] = (WeftReadingKey){ (const char *) at + 4, _weft_reading_u32 (at) };
      at += 4 + keys[k++].n_chars;
      if (k < WEFT_READING_KEYS && i + 1 < n)
        continue;
      _weft_report_packed_add (reading->packed, keys, k);
      k = 0;
    }
  return true;
}

/* ---- inputs ---------------------------------------------------------------------------------- */

static bool
take_inputs (const WeftReading *reading)
{
  const WeftReportEdge *pairs = (const WeftReportEdge *) (const void *) reading->bytes;
  const uint32_t *tasks = reading->packed->tasks;
  uint32_t n = reading->head->n_bytes / sizeof *pairs;

  if (reading->head->n_bytes % sizeof *pairs != 0)
    return _weft_reading_fail (
        reading, n * sizeof *pairs,
        "found half a pair at the end, expected pairs of task and input of %zu bytes",
        sizeof *pairs);
  for (uint32_t i = 0; i < n; i++)
    {
      uint64_t at = i * sizeof *pairs;

      if (!_weft_reading_task (reading, at, pairs[i].task)
          || !_weft_reading_task (reading, at + 4, pairs[i].input))
        return false;
      if (tasks[pairs[i].task] == tasks[pairs[i].input])
        return _weft_reading_fail (reading, at,
                                   "found task %u reading itself, expected another task's result",
                                   pairs[i].task);
    }
  for (uint32_t i = 0; i < n; i++)
    _weft_report_input (reading->packed->report, tasks[pairs[i].task], tasks[pairs[i].input], 0);
  return true;
}

/* ---- lanes ----------------------------------------------------------------------------------- */

static bool
check_lane_head (const WeftReading *reading, const WeftLaneHead *head)
{
  uint32_t n = reading->packed->n_lanes;

  if (n == WEFT_REPORT_PACKED_MAX_LANES)
    return _weft_reading_fail (reading, 0, "found one more lane, expected at most %u",
                               WEFT_REPORT_PACKED_MAX_LANES);
  if (head->lane != n)
    return _weft_reading_fail (reading, offsetof (WeftLaneHead, lane),
                               "found the lane %u, expected %u, the next", head->lane, n);
  if (head->kind > WEFT_LANE_SCHEDULER || head->kind == WEFT_LANE_CONTROL)
    return _weft_reading_fail (
        reading, offsetof (WeftLaneHead, kind),
        "found a lane of role %u, expected 0 to 5 and not 3, which lane 0 is", head->kind);
  if (head->parent_lane != WEFT_NONE && (head->parent_lane == 0 || head->parent_lane >= n))
    return _weft_reading_fail (
        reading, offsetof (WeftLaneHead, parent_lane),
        "found the parent %u, expected an earlier lane from 1 on, or %u for none",
        head->parent_lane, WEFT_NONE);
  if (head->domain != 0)
    return _weft_reading_fail (
        reading, offsetof (WeftLaneHead, domain),
        "found the clock domain %u, expected 0, this machine's CLOCK_MONOTONIC", head->domain);
  return true;
}

static bool
check_lane_name (const WeftReading *reading, const WeftLaneHead *head)
{
  const char *name = (const char *) reading->bytes + sizeof *head;
  uint32_t n_left = reading->head->n_bytes - (uint32_t) sizeof *head;
  const char *bad;

  if (head->n_name_bytes != n_left)
    return _weft_reading_fail (reading, offsetof (WeftLaneHead, n_name_bytes),
                               "found a name of %u bytes, expected %u, the rest of the message",
                               head->n_name_bytes, n_left);
  if (n_left > WEFT_REPORT_MOST_NAME_BYTES)
    return _weft_reading_fail (reading, offsetof (WeftLaneHead, n_name_bytes),
                               "found a name of %u bytes, expected at most %u", n_left,
                               WEFT_REPORT_MOST_NAME_BYTES);
  if (!g_utf8_validate (name, n_left, &bad))
    return _weft_reading_fail (
        reading, (uint64_t) ((const uint8_t *) bad - reading->bytes),
        "found the byte 0x%02x in a name, expected UTF-8 without a zero byte", (uint8_t) *bad);
  return true;
}

static bool
take_lane (const WeftReading *reading)
{
  WeftReportPacked *packed = reading->packed;
  WeftReportPackedLane lane = { .goes_on = WEFT_NONE };
  WeftLaneHead head;

  if (reading->head->n_bytes < sizeof head)
    return _weft_reading_fail (reading, 0, "found %u bytes, expected a lane of %zu and its name",
                               reading->head->n_bytes, sizeof head);
  memcpy (&head, reading->bytes, sizeof head);
  if (!check_lane_head (reading, &head) || !check_lane_name (reading, &head))
    return false;
  if (head.parent_lane != WEFT_NONE)
    head.parent_lane = packed->lanes[head.parent_lane].lane;
  lane.lane = _weft_report_lane (packed->report, &head, (const char *) reading->bytes + sizeof head,
                                 head.n_name_bytes);
  _weft_grow_array (packed->lanes, packed->lanes_room, (size_t) packed->n_lanes + 1);
  packed->lanes[packed->n_lanes++] = lane;
  return true;
}

/* ---- records --------------------------------------------------------------------------------- */

#define FLAGS_TAKEN                                                                 \
  (WEFT_RECORD_SHARED | WEFT_RECORD_CONTINUED | WEFT_RECORD_UNIT | WEFT_RECORD_LATE \
   | WEFT_RECORD_VIEW | WEFT_RECORD_ROW)

static bool
explain_record (const WeftReading *reading, const WeftRecord *record, uint64_t at)
{
  bool is_task = record->kind == WEFT_RECORD_TASK;

  if (!is_task && record->kind != WEFT_RECORD_READY && record->kind != WEFT_RECORD_RELEASED
      && record->kind != WEFT_RECORD_CANCELLED)
    return _weft_reading_fail (
        reading, at + offsetof (WeftRecord, kind),
        "found a record of kind %u, expected task (1), ready (15), released (16) or "
        "cancelled (18)",
        record->kind);
  if ((record->flags & ~FLAGS_TAKEN) != 0)
    return _weft_reading_fail (reading, at + offsetof (WeftRecord, flags),
                               "found a record with the flags 0x%02x, expected none but of 0x%02x",
                               record->flags, FLAGS_TAKEN);
  if (!_weft_reading_task (reading, at + offsetof (WeftRecord, task), record->task))
    return false;
  if (record->segment != WEFT_REPORT_BY_NUMBER)
    return _weft_reading_fail (reading, at + offsetof (WeftRecord, segment),
                               "found a record of segment %u, expected 0xfffffffe",
                               record->segment);
  if (is_task && reading->head->lane == 0)
    return _weft_reading_fail (reading, at,
                               "found a task's span in lane 0, expected it in a lane of its own");
  if (is_task && weft_record_how (record) > WEFT_HOW_FOREIGN)
    return _weft_reading_fail (reading, at + offsetof (WeftRecord, how),
                               "found a task that came to the lane in way %u, expected 0 to 5",
                               weft_record_how (record));
  if (is_task && weft_record_outcome (record) > WEFT_OUTCOME_RUNNING)
    return _weft_reading_fail (reading, at + offsetof (WeftRecord, how),
                               "found the outcome %u, expected 0 to 6",
                               weft_record_outcome (record));
  if (weft_record_duration (record) != 0
      && (!is_task || weft_record_outcome (record) == WEFT_OUTCOME_RUNNING))
    return _weft_reading_fail (reading, at + offsetof (WeftRecord, duration_amount),
                               "found a duration where nothing has ended, expected 0");
  return _weft_reading_fail (
      reading, at + offsetof (WeftRecord, start),
      "found a record that ends at %" G_GUINT64_FORMAT ", expected an end below %s",
      weft_record_end (record),
      reading->packed->report->ahead_ns == 0 ? "2^63" : "2^63 ns after 1970");
}

/* One comparison for what all records have alike, as nearly all are fine. */
static inline bool
is_fine (const WeftRecord *record, uint32_t n_tasks, bool in_lane)
{
  uint64_t duration = record->duration_amount >> 16;

  if (((record->flags & ~FLAGS_TAKEN) != 0) | (record->task >= n_tasks)
      | (record->segment != WEFT_REPORT_BY_NUMBER)
      | (((record->start | (record->start + duration)) >> 63) != 0))
    return false;
  if (WEFT_LIKELY (record->kind == WEFT_RECORD_TASK))
    return in_lane && (record->how & 0x0f) <= WEFT_HOW_FOREIGN
           && (record->how >> 4 < WEFT_OUTCOME_RUNNING
               || (record->how >> 4 == WEFT_OUTCOME_RUNNING && duration == 0));
  return duration == 0
         && (record->kind == WEFT_RECORD_READY || record->kind == WEFT_RECORD_RELEASED
             || record->kind == WEFT_RECORD_CANCELLED);
}

/* Of a run that counts from 1970: its packed events are of CLOCK_MONOTONIC, as all are.
 * Returns: (transfer full) (nullable): NULL: one cannot be */
static WeftRecord *
move (const WeftReading *reading, const WeftRecord *records, uint32_t n)
{
  uint64_t ahead = (uint64_t) reading->packed->report->ahead_ns;
  WeftRecord *moved = g_memdup2 (records, (gsize) n * sizeof *records);

  for (uint32_t i = 0; i < n; i++)
    {
      moved[i].start += ahead;
      if (weft_record_end (&records[i]) < WEFT_READING_NO_TIME - ahead)
        continue;
      g_free (moved);
      explain_record (reading, &records[i], i * sizeof *records);
      return NULL;
    }
  return moved;
}

static bool
take_records (const WeftReading *reading)
{
  WeftReportPacked *packed = reading->packed;
  const WeftRecord *records = (const WeftRecord *) (const void *) reading->bytes;
  uint32_t n = reading->head->n_bytes / sizeof *records, lane = reading->head->lane;
  g_autofree WeftRecord *moved = NULL;

  if (lane >= packed->n_lanes)
    return _weft_reading_fail (reading, 0,
                               "found records of lane %u, expected one of the %u that were said",
                               lane, packed->n_lanes);
  if (reading->head->n_bytes % sizeof *records != 0)
    return _weft_reading_fail (reading, n * sizeof *records,
                               "found a part of a record at the end, expected records of %zu bytes",
                               sizeof *records);
  for (uint32_t i = 0; i < n; i++)
    if (WEFT_UNLIKELY (!is_fine (&records[i], packed->n_tasks, lane != 0)))
      return explain_record (reading, &records[i], i * sizeof *records);
  if (packed->report->ahead_ns != 0 && n > 0)
    {
      records = moved = move (reading, records, n);
      if (moved == NULL)
        return false;
    }
  _weft_report_batch (packed->report, packed->lanes[lane].lane, records, n, packed->tasks,
                      &packed->lanes[lane].goes_on);
  return true;
}

/* ---- messages -------------------------------------------------------------------------------- */

void
_weft_report_packed_init (WeftReportPacked *packed, WeftReport *report)
{
  *packed = (WeftReportPacked){ .report = report, .n_lanes = 1 };
  _weft_grow_array (packed->lanes, packed->lanes_room, 1);
  packed->lanes[0] = (WeftReportPackedLane){ .lane = 0, .goes_on = WEFT_NONE };
}

void
_weft_report_packed_clear (WeftReportPacked *packed)
{
  g_clear_pointer (&packed->tasks, g_free);
  g_clear_pointer (&packed->lanes, g_free);
  packed->n_tasks = packed->n_lanes = 0;
  packed->tasks_room = packed->lanes_room = 0;
}

/* That its head may have. */
static uint32_t
flag_of (uint16_t kind)
{
  if (kind == WEFT_WIRE_SPANS || kind == WEFT_WIRE_KEYED_SPANS)
    return WEFT_READING_HAS_BYTES;
  if ((kind >= WEFT_WIRE_KEYS && kind <= WEFT_WIRE_GROUP) || kind == WEFT_WIRE_WANTED)
    return WEFT_READING_MORE;
  return 0;
}

static bool
take_kind (const WeftReading *reading)
{
  switch (reading->head->kind)
    {
    case WEFT_WIRE_TASKS:
      return take_tasks (reading);
    case WEFT_WIRE_INPUTS:
      return take_inputs (reading);
    case WEFT_WIRE_LANE:
      return take_lane (reading);
    case WEFT_WIRE_RECORDS:
      return take_records (reading);
    case WEFT_WIRE_KEYS:
      return _weft_reading_keys (reading);
    case WEFT_WIRE_READS:
      return _weft_reading_reads (reading);
    case WEFT_WIRE_GROUP:
      return _weft_reading_group (reading);
    case WEFT_WIRE_SPANS:
    case WEFT_WIRE_KEYED_SPANS:
      return _weft_reading_spans (reading);
    case WEFT_WIRE_WANTED:
      return _weft_reading_wanted (reading);
    default:
      return _weft_reading_fail (reading, 0, "found a message of kind %u, expected packed events",
                                 reading->head->kind);
    }
}

bool
_weft_report_packed_take (WeftReportPacked *packed, const WeftWireMessage *message,
                          uint64_t *offset, GError **error)
{
  const WeftWireHead *head = &message->head;
  WeftReading reading = { packed, head, message->payload, offset, error };
  uint32_t flag = flag_of (head->kind);

  if ((head->flags & ~flag) != 0)
    return _weft_reading_fail (&reading, 0, "found a message with the flags 0x%x, expected %s",
                               head->flags,
                               flag == WEFT_READING_HAS_BYTES ? "0 or 1"
                               : flag == WEFT_READING_MORE    ? "0 or 2"
                                                              : "0");
  if (head->lane != 0 && head->kind != WEFT_WIRE_RECORDS)
    return _weft_reading_fail (&reading, 0, "found lane %u in the message's head, expected 0",
                               head->lane);
  if (!take_kind (&reading))
    return false;
  packed->is_half_said = (head->flags & flag & WEFT_READING_MORE) != 0;
  return true;
}
