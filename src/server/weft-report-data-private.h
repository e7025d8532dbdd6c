/* weft-report-data-private.h: what report*.c share
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "server/weft-report-private.h"

#include "base/weft-intern-private.h"
#include "trace/weft-run-writer-private.h"

/* In a waiting record's segment: its task is one of ours, not yet by its place. Of a LINK the other
 * task is one too. */
#define WEFT_REPORT_BY_NUMBER (UINT32_MAX - 1)

/* In a lane's thread: a client says itself what runs there, so no row of ours is made of it. */
#define WEFT_REPORT_OF_CLIENT UINT64_MAX
/* Likewise: spans beside tasks, which overlap them */
#define WEFT_REPORT_OF_SPANS (UINT64_MAX - 1)

typedef struct
{
  uint32_t segment;      /* WEFT_NONE: not written yet */
  uint32_t task;         /* there */
  uint32_t lane;         /* where it runs, or WEFT_NONE */
  uint32_t attempt : 30; /* how often it was started */
  uint32_t is_done : 1;
  uint32_t is_failed : 1; /* the last time */
  uint64_t start;         /* of its attempt, where that was told before its end */
} WeftReportTask;

typedef struct
{
  uint32_t task, input;
} WeftReportEdge;

typedef struct
{
  WeftLaneHead head;
  char *name;
  uint32_t owner;    /* number of the worker whose process it is, or WEFT_NONE */
  uint64_t thread;   /* which one it is, 0, or WEFT_REPORT_OF_CLIENT */
  uint64_t free_at;  /* end of its last span */
  uint32_t task;     /* what it runs, or WEFT_NONE */
  bool changed;      /* since its NOW was told */
  GArray *records;   /* WeftRecord: waiting */
  uint64_t previous; /* offset of its last frame of records */
} WeftReportLane;

typedef struct
{
  uint32_t lane; /* of the process; its threads and rows are lanes behind it */
  GArray *lanes; /* uint32_t: of those */
} WeftReportWorker;

/* Of a frame ERROR, LOG or SERIES that waits. */
typedef struct
{
  WeftFrameKind kind;
  uint32_t lane; /* of the frame's head */
  uint32_t task; /* whose place is still to be filled in, or WEFT_NONE */
  GByteArray *payload;
} WeftReportText;

struct _WeftReport
{
  WeftRunWriter *writer;

  WeftIntern keys;
  WeftReportTask *tasks;
  size_t tasks_room;
  uint32_t n_written; /* of the tasks */
  uint32_t n_segments;
  GArray *edges;      /* WeftReportEdge: of the batch */
  GHashTable *groups; /* task → char *: of the batch */

  WeftIntern worker_names;
  GArray *workers;  /* WeftReportWorker */
  GPtrArray *lanes; /* WeftReportLane *, by lane */
  uint32_t n_lanes_told;
  WeftIntern series;   /* “lane name” of counters */
  GArray *texts;       /* WeftReportText: waiting */
  GPtrArray *payloads; /* GByteArray *: of frames that were appended and not written */
  uint32_t n_waiting;  /* records */
  uint64_t n_running, n_done, n_failed; /* tasks */
  uint64_t earliest;                    /* of all stamps so far */
  bool begun;                           /* the file says when the run began */
};

/* What has become of the task now. */
static inline void
_weft_report_count_outcome (WeftReport *report, uint32_t task, WeftOutcome outcome)
{
  WeftReportTask *told = &report->tasks[task];
  bool is_done = outcome == WEFT_OUTCOME_OK, is_failed = outcome == WEFT_OUTCOME_FAILED;

  report->n_done += (uint64_t) is_done - told->is_done;
  report->n_failed += (uint64_t) is_failed - told->is_failed;
  told->is_done = is_done;
  told->is_failed = is_failed;
}

/* report-lanes.c */
WeftReportLane *_weft_report_add_lane (WeftReport *report, const WeftLaneHead *head,
                                       const char *name);
void _weft_report_add_record (WeftReport *report, uint32_t lane, const WeftRecord *record);
void _weft_report_lane_free (void *lane);
/* The task does not run any more. */
void _weft_report_stop (WeftReport *report, uint32_t task);
/* The lane that a client says: of a process that is known, or a thread of one, it is that lane.
 * Numbers in the head are ours. Returns: its number */
uint32_t _weft_report_lane (WeftReport *report, const WeftLaneHead *head, const char *name,
                            size_t n_chars);

/**
 * _weft_report_batch:
 * @records: of these kinds: TASK (outcome RUNNING: what the lane runs now), READY, RELEASED,
 *   CANCELLED; of tasks by a client's number
 * @tasks: what these are here
 * @goes_on: (inout): the task whose span goes on in the lane's next record, or WEFT_NONE
 */
void _weft_report_batch (WeftReport *report, uint32_t lane, const WeftRecord *records, uint32_t n,
                         const uint32_t *tasks, uint32_t *goes_on);

/* Where a span stands that is no task: in the thread's lane if it is free at @start, else in the
 * first such row of @rows (in the place of a thread) that is */
WeftReportLane *_weft_report_row (WeftReport *report, uint32_t worker, uint64_t thread,
                                  uint64_t start, uint64_t rows);
/* In pieces if it is longer than a record can tell. @task: or WEFT_NONE */
void _weft_report_add_span (WeftReport *report, uint32_t lane, uint8_t kind, uint8_t how,
                            uint32_t task, uint64_t start, uint64_t end, uint64_t amount);

/* report-beside.c: texts that wait, once their tasks have places. */
void _weft_report_write_texts (WeftReport *report);

/* report-segment.c: the tasks that are not written yet get a segment and their places. FALSE: they
 * have them, but what they were said to read cannot be. */
bool _weft_report_write_segment (WeftReport *report, GError **error);
/* Keeps the payload until what was appended is written. @payload: (transfer full) */
uint64_t _weft_report_frame (WeftReport *report, WeftFrameKind kind, uint32_t lane,
                             uint64_t watermark, GByteArray *payload);
