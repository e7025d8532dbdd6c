/* report-packed.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A message is looked through before any of it is taken. What it says of tasks, inputs and lanes is
 * passed on one by one; records, which come a hundred times as often, as they lie (report-batch.c).
 */
#include "config.h"

#include "server/weft-report-data-private.h"
#include "server/weft-report-packed-private.h"

#include "base/weft-grow-private.h"
#include "graph/weft-graph.h"

#include <string.h>

/* What is read of a message, and what was wrong with it. */
typedef struct
{
  WeftReportPacked *packed;
  const WeftWireHead *head;
  const uint8_t *bytes;
  uint64_t *offset;
  GError **error;
} Reading;

static bool G_GNUC_PRINTF (3, 4)
    fail (const Reading *reading, uint64_t offset, const char *format, ...)
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

static uint32_t
load_u32 (const uint8_t *bytes)
{
  uint32_t value;

  memcpy (&value, bytes, sizeof value);
  return value;
}

static bool
check_task (const Reading *reading, uint64_t offset, uint32_t task)
{
  uint32_t n = reading->packed->n_tasks;

  return task < n
         || fail (reading, offset, "found task %u, expected one below %u: as many were said", task,
                  n);
}

/* ---- tasks ----------------------------------------------------------------------------------- */

#define TASKS_HEAD_BYTES 8

static bool
check_keys (const Reading *reading, uint32_t n)
{
  uint64_t n_bytes = reading->head->n_bytes, at = TASKS_HEAD_BYTES;

  for (uint32_t i = 0; i < n; i++)
    {
      g_autoptr (GError) why = NULL;
      uint32_t n_chars;

      if (n_bytes - at < sizeof n_chars)
        return fail (reading, at, "found %u keys, expected %u", i, n);
      n_chars = load_u32 (reading->bytes + at);
      if (n_bytes - at - sizeof n_chars < n_chars)
        return fail (reading, at,
                     "found a key of %u bytes, expected at most %" G_GUINT64_FORMAT
                     ", the rest of the message",
                     n_chars, n_bytes - at - sizeof n_chars);
      at += sizeof n_chars;
      if (!_weft_report_check_key ((const char *) reading->bytes + at, n_chars, &why))
        return fail (reading, at, "%s", why->message);
      at += n_chars;
    }
  return at == n_bytes
         || fail (reading, at, "found %" G_GUINT64_FORMAT " bytes behind the last key, expected 0",
                  n_bytes - at);
}

static bool
take_tasks (const Reading *reading)
{
  WeftReportPacked *packed = reading->packed;
  uint64_t at = TASKS_HEAD_BYTES;
  uint32_t first, n;

  if (reading->head->n_bytes < TASKS_HEAD_BYTES)
    return fail (reading, 0, "found %u bytes, expected a number, a count and keys",
                 reading->head->n_bytes);
  first = load_u32 (reading->bytes);
  n = load_u32 (reading->bytes + 4);
  if (first != packed->n_tasks)
    return fail (reading, 0, "found the first task's number %u, expected %u: as many were said",
                 first, packed->n_tasks);
  if (n > WEFT_GRAPH_MAX_TASKS - packed->n_tasks)
    return fail (reading, 4, "found %u tasks, expected no more than %u in all", n,
                 WEFT_GRAPH_MAX_TASKS);
  if (!check_keys (reading, n))
    return false;
  _weft_grow_array (packed->tasks, packed->tasks_room, (size_t) packed->n_tasks + n);
  for (uint32_t i = 0; i < n; i++)
    {
      uint32_t n_chars = load_u32 (reading->bytes + at);

      at += sizeof n_chars;
      packed->tasks[packed->n_tasks++] =
          _weft_report_task (packed->report, (const char *) reading->bytes + at, n_chars);
      at += n_chars;
    }
  return true;
}

/* ---- inputs ---------------------------------------------------------------------------------- */

static bool
take_inputs (const Reading *reading)
{
  const WeftReportEdge *pairs = (const WeftReportEdge *) (const void *) reading->bytes;
  const uint32_t *tasks = reading->packed->tasks;
  uint32_t n = reading->head->n_bytes / sizeof *pairs;

  if (reading->head->n_bytes % sizeof *pairs != 0)
    return fail (reading, n * sizeof *pairs,
                 "found half a pair at the end, expected pairs of task and input of %zu bytes",
                 sizeof *pairs);
  for (uint32_t i = 0; i < n; i++)
    {
      uint64_t at = i * sizeof *pairs;

      if (!check_task (reading, at, pairs[i].task) || !check_task (reading, at + 4, pairs[i].input))
        return false;
      if (tasks[pairs[i].task] == tasks[pairs[i].input])
        return fail (reading, at, "found task %u reading itself, expected another task's result",
                     pairs[i].task);
    }
  for (uint32_t i = 0; i < n; i++)
    _weft_report_input (reading->packed->report, tasks[pairs[i].task], tasks[pairs[i].input], 0);
  return true;
}

/* ---- lanes ----------------------------------------------------------------------------------- */

static bool
check_lane_head (const Reading *reading, const WeftLaneHead *head)
{
  uint32_t n = reading->packed->n_lanes;

  if (n == WEFT_REPORT_PACKED_MAX_LANES)
    return fail (reading, 0, "found one more lane, expected at most %u",
                 WEFT_REPORT_PACKED_MAX_LANES);
  if (head->lane != n)
    return fail (reading, offsetof (WeftLaneHead, lane), "found the lane %u, expected %u, the next",
                 head->lane, n);
  if (head->kind > WEFT_LANE_SCHEDULER || head->kind == WEFT_LANE_CONTROL)
    return fail (reading, offsetof (WeftLaneHead, kind),
                 "found a lane of role %u, expected 0 to 5 and not 3, which lane 0 is", head->kind);
  if (head->parent_lane != WEFT_NONE && (head->parent_lane == 0 || head->parent_lane >= n))
    return fail (reading, offsetof (WeftLaneHead, parent_lane),
                 "found the parent %u, expected an earlier lane from 1 on, or %u for none",
                 head->parent_lane, WEFT_NONE);
  if (head->domain != 0)
    return fail (reading, offsetof (WeftLaneHead, domain),
                 "found the clock domain %u, expected 0, this machine's CLOCK_MONOTONIC",
                 head->domain);
  return true;
}

static bool
check_lane_name (const Reading *reading, const WeftLaneHead *head)
{
  const char *name = (const char *) reading->bytes + sizeof *head;
  uint32_t n_left = reading->head->n_bytes - (uint32_t) sizeof *head;
  const char *bad;

  if (head->n_name_bytes != n_left)
    return fail (reading, offsetof (WeftLaneHead, n_name_bytes),
                 "found a name of %u bytes, expected %u, the rest of the message",
                 head->n_name_bytes, n_left);
  if (!g_utf8_validate (name, n_left, &bad))
    return fail (reading, (uint64_t) ((const uint8_t *) bad - reading->bytes),
                 "found the byte 0x%02x in a name, expected UTF-8 without a zero byte",
                 (uint8_t) *bad);
  return true;
}

static bool
take_lane (const Reading *reading)
{
  WeftReportPacked *packed = reading->packed;
  WeftReportPackedLane lane = { .goes_on = WEFT_NONE };
  WeftLaneHead head;

  if (reading->head->n_bytes < sizeof head)
    return fail (reading, 0, "found %u bytes, expected a lane of %zu and its name",
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
explain_record (const Reading *reading, const WeftRecord *record, uint64_t at)
{
  bool is_task = record->kind == WEFT_RECORD_TASK;

  if (!is_task && record->kind != WEFT_RECORD_READY && record->kind != WEFT_RECORD_RELEASED
      && record->kind != WEFT_RECORD_CANCELLED)
    return fail (reading, at + offsetof (WeftRecord, kind),
                 "found a record of kind %u, expected task (1), ready (15), released (16) or "
                 "cancelled (18)",
                 record->kind);
  if ((record->flags & ~FLAGS_TAKEN) != 0)
    return fail (reading, at + offsetof (WeftRecord, flags),
                 "found a record with the flags 0x%02x, expected none but of 0x%02x", record->flags,
                 FLAGS_TAKEN);
  if (!check_task (reading, at + offsetof (WeftRecord, task), record->task))
    return false;
  if (record->segment != WEFT_REPORT_BY_NUMBER)
    return fail (reading, at + offsetof (WeftRecord, segment),
                 "found a record of segment %u, expected 0xfffffffe", record->segment);
  if (is_task && reading->head->lane == 0)
    return fail (reading, at, "found a task's span in lane 0, expected it in a lane of its own");
  if (is_task && weft_record_how (record) > WEFT_HOW_FOREIGN)
    return fail (reading, at + offsetof (WeftRecord, how),
                 "found a task that came to the lane in way %u, expected 0 to 5",
                 weft_record_how (record));
  if (is_task && weft_record_outcome (record) > WEFT_OUTCOME_RUNNING)
    return fail (reading, at + offsetof (WeftRecord, how), "found the outcome %u, expected 0 to 6",
                 weft_record_outcome (record));
  if (weft_record_duration (record) != 0
      && (!is_task || weft_record_outcome (record) == WEFT_OUTCOME_RUNNING))
    return fail (reading, at + offsetof (WeftRecord, duration_amount),
                 "found a duration where nothing has ended, expected 0");
  return fail (reading, at + offsetof (WeftRecord, start),
               "found a record that ends at %" G_GUINT64_FORMAT ", expected an end below 2^63",
               weft_record_end (record));
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

static bool
take_records (const Reading *reading)
{
  WeftReportPacked *packed = reading->packed;
  const WeftRecord *records = (const WeftRecord *) (const void *) reading->bytes;
  uint32_t n = reading->head->n_bytes / sizeof *records, lane = reading->head->lane;

  if (lane >= packed->n_lanes)
    return fail (reading, 0, "found records of lane %u, expected one of the %u that were said",
                 lane, packed->n_lanes);
  if (reading->head->n_bytes % sizeof *records != 0)
    return fail (reading, n * sizeof *records,
                 "found a part of a record at the end, expected records of %zu bytes",
                 sizeof *records);
  for (uint32_t i = 0; i < n; i++)
    if (WEFT_UNLIKELY (!is_fine (&records[i], packed->n_tasks, lane != 0)))
      return explain_record (reading, &records[i], i * sizeof *records);
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

bool
_weft_report_packed_take (WeftReportPacked *packed, const WeftWireMessage *message,
                          uint64_t *offset, GError **error)
{
  Reading reading = { packed, &message->head, message->payload, offset, error };

  if (message->head.flags != 0)
    return fail (&reading, 0, "found a message with the flags 0x%x, expected 0",
                 message->head.flags);
  if (message->head.kind == WEFT_WIRE_RECORDS)
    return take_records (&reading);
  if (message->head.lane != 0)
    return fail (&reading, 0, "found lane %u in the message's head, expected 0",
                 message->head.lane);
  switch (message->head.kind)
    {
    case WEFT_WIRE_TASKS:
      return take_tasks (&reading);
    case WEFT_WIRE_INPUTS:
      return take_inputs (&reading);
    case WEFT_WIRE_LANE:
      return take_lane (&reading);
    default:
      return fail (&reading, 0, "found a message of kind %u, expected packed events",
                   message->head.kind);
    }
}
