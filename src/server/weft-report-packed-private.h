/* weft-report-packed-private.h: packed events of a client, checked, into a report
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * data/doc/protocol.md, “Packed events”, says what may stand in them. A client names tasks and
 * lanes by numbers of its own, which are those of one channel: here is what they are in the report.
 * The same report takes lines too: keys, workers and threads are the same in both.
 *
 * One thread at a time.
 */
#pragma once

#include "server/weft-report-private.h"
#include "server/weft-wire-private.h"

/* Lanes of a channel. */
#define WEFT_REPORT_PACKED_MAX_LANES 65536u

/**
 * WeftReportPackedLane:
 * @lane: in the report
 * @goes_on: the task whose span the lane's next record goes on with, by its number in the report,
 *   or WEFT_NONE
 */
typedef struct
{
  uint32_t lane;
  uint32_t goes_on;
} WeftReportPackedLane;

/**
 * WeftReportPacked:
 * @report: not owned
 * @tasks: by the client's number: the report's
 * @lanes: likewise; 0 is the run itself
 * @is_half_said: more of the tasks that were said last is on its way
 */
typedef struct
{
  WeftReport *report;
  uint32_t *tasks;
  size_t tasks_room;
  uint32_t n_tasks;
  WeftReportPackedLane *lanes;
  size_t lanes_room;
  uint32_t n_lanes;
  bool is_half_said;
} WeftReportPacked;

void _weft_report_packed_init (WeftReportPacked *packed, WeftReport *report);
void _weft_report_packed_clear (WeftReportPacked *packed);

/* Whether messages of this kind are packed events. */
static inline bool
_weft_report_packed_is (uint16_t kind)
{
  return kind >= WEFT_WIRE_TASKS && kind <= WEFT_WIRE_WANTED;
}

/**
 * _weft_report_packed_take:
 * @message: of a kind that _weft_report_packed_is(); its payload is aligned to 8 bytes
 * @offset: (out): in the payload, of what is wrong
 *
 * Takes the message into the report, or nothing of it.
 *
 * Returns: FALSE with an error of WEFT_GRAPH_ERROR
 */
bool _weft_report_packed_take (WeftReportPacked *packed, const WeftWireMessage *message,
                               uint64_t *offset, GError **error);
