/* weft-report-data-private.h: what report*.c share
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "server/weft-report-private.h"

#include "base/weft-clock.h"
#include "base/weft-intern-private.h"
#include "trace/weft-run-writer-private.h"

/* In a waiting record's segment: its task is one of ours, not yet by its place. Of a LINK the other
 * task is one too. */
#define WEFT_REPORT_BY_NUMBER (UINT32_MAX - 1)

/* In the place of a thread: spans beside tasks, which overlap them */
#define WEFT_REPORT_OF_SPANS UINT64_MAX

typedef struct
{
  uint32_t segment;       /* WEFT_NONE: not written yet */
  uint32_t task;          /* there */
  uint32_t lane;          /* where it runs, or WEFT_NONE */
  uint32_t attempt : 29;  /* how often it was started */
  uint32_t is_wanted : 1; /* its result is kept, whoever reads it */
  uint32_t is_done : 1;
  uint32_t is_failed : 1; /* the last time */
  uint64_t start;         /* of its attempt, where that was told before its end */
} WeftReportTask;

typedef struct
{
  uint32_t task, input;
} WeftReportEdge;

typedef struct _WeftReportPlace WeftReportPlace;

typedef struct
{
  WeftLaneHead head;
  char *name;
  uint32_t owner;         /* number of the worker whose process it is, or WEFT_NONE */
  WeftReportPlace *place; /* (nullable): of which it is a row; without one a client says itself what
                             runs there */
  GSequenceIter *iter;    /* among the place's rows, where these are more than one */
  uint64_t key;           /* by which they are sorted: when it is free, or UINT64_MAX: it runs */
  uint64_t free_at;       /* end of its last span */
  uint32_t task;          /* what it runs, or WEFT_NONE */
  uint32_t n_under;
  uint32_t *under;   /* (nullable): what else runs there, within which it was started */
  bool changed;      /* since its NOW was told */
  GArray *records;   /* WeftRecord: waiting */
  uint64_t previous; /* offset of its last frame of records */
} WeftReportLane;

/* When a row runs nothing, between two of its spans. */
typedef struct
{
  uint64_t begin, end;
  WeftReportLane *lane;
} WeftReportGap;

struct _WeftReportPlace
{
  uint64_t thread;       /* which one, 0: not known, or WEFT_REPORT_OF_SPANS */
  WeftReportLane *first; /* (nullable): of its rows */
  uint32_t n_rows;
  uint32_t n_gaps;
  uint32_t gaps_from;  /* where the first of them is */
  size_t gaps_room;    /* of the array */
  WeftReportGap *gaps; /* the last ones, by when they begin */
  uint64_t gaps_end;   /* none ends later */
  uint64_t forgotten;  /* of gaps until then nothing is known any more */
  GSequence *rows;     /* (nullable): WeftReportLane *, by key, once it had more than one */
};

typedef struct
{
  uint32_t lane;      /* of the process; its threads and rows are lanes behind it */
  uint32_t n_threads; /* how many tasks it runs at once; 0: not known */
  uint32_t n_thread_rows;
  GArray *lanes;         /* uint32_t: of those behind it */
  GPtrArray *unnamed;    /* WeftReportLane *: of threads that are not known yet */
  GHashTable *places;    /* thread → WeftReportPlace */
  WeftReportPlace *last; /* (nullable): that was asked for */
} WeftReportWorker;

/* Of a frame ERROR, LOG, SERIES or STRINGS that waits. */
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
  int64_t ahead_ns; /* of CLOCK_MONOTONIC: stamps */
  bool keeps;       /* results, until their release is told */

  WeftIntern keys;
  WeftReportTask *tasks;
  size_t tasks_room;
  uint32_t n_written; /* of the tasks */
  uint32_t n_segments;
  GArray *edges;      /* WeftReportEdge: of the batch */
  GHashTable *groups; /* task → 1 + number of its group's name: of the batch */
  WeftIntern group_names;

  WeftIntern worker_names;
  GArray *workers;  /* WeftReportWorker */
  GPtrArray *lanes; /* WeftReportLane *, by lane */
  uint32_t n_lanes_told;
  WeftIntern series;   /* “lane scale name” of counters */
  uint32_t n_strings;  /* that frames told of */
  GArray *texts;       /* WeftReportText: waiting */
  GPtrArray *payloads; /* GByteArray *: of frames that were appended and not written */
  uint32_t n_waiting;  /* records */
  GHashTable *stolen;  /* task → lane of the worker that had it before */

  uint64_t n_running, n_done, n_failed; /* tasks */
  int64_t wall_ahead_ns;                /* of stamps: the time since 1970 */
  uint64_t opened;                      /* when the report was */
  uint64_t earliest;                    /* of all stamps so far; UINT64_MAX: none */
  uint64_t latest;                      /* end of what is written */
  bool begun;                           /* the file says when the run began */
  uint64_t begin, end;                  /* what it says; end 0: not yet */
};

/* As stamps are. */
static inline uint64_t
_weft_report_now (const WeftReport *report)
{
  return (uint64_t) (weft_clock_mono_ns () + report->ahead_ns);
}

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

static inline WeftReportLane *
_weft_report_get_lane (const WeftReport *report, uint32_t lane)
{
  return report->lanes->pdata[lane];
}

static inline WeftReportWorker *
_weft_report_get_worker (const WeftReport *report, uint32_t worker)
{
  return &g_array_index (report->workers, WeftReportWorker, worker);
}

/* report-lanes.c */
WeftReportLane *_weft_report_add_lane (WeftReport *report, const WeftLaneHead *head,
                                       const char *name);
void _weft_report_add_record (WeftReport *report, uint32_t lane, const WeftRecord *record);
void _weft_report_lane_free (void *lane);
void _weft_report_worker_clear (void *worker);
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

/* Where a span stands that is no task: in the thread's row if it is free then, else in a row for
 * such spans. It is taken then. */
WeftReportLane *_weft_report_row (WeftReport *report, uint32_t worker, uint64_t thread,
                                  uint64_t start, uint64_t end);
/* In pieces if it is longer than a record can tell. @task: or WEFT_NONE */
void _weft_report_add_span (WeftReport *report, uint32_t lane, uint8_t kind, uint8_t how,
                            uint32_t task, uint64_t start, uint64_t end, uint64_t amount);

/* The rows of a thread, which get their first one; or those of tasks without one (0), or of spans.
 * @own: (nullable): where the task was thought to run */
WeftReportPlace *_weft_report_place (WeftReport *report, uint32_t worker, uint64_t thread,
                                     WeftReportLane *own, uint64_t start);
/* Where a task is shown that has begun. A thread's tasks are all in its first row: whether they
 * overlap is known once they have ended. */
WeftReportLane *_weft_report_row_to_run (WeftReport *report, uint32_t worker, uint64_t thread,
                                         uint64_t start);
/* Where a span stands that was told whole. */
WeftReportLane *_weft_report_row_of_span (WeftReport *report, uint32_t worker,
                                          WeftReportPlace *place, uint64_t start, uint64_t end);

/* report-spans.c: the task does not run any more. */
void _weft_report_stop (WeftReport *report, uint32_t task);

/* report-rows.c */
WeftReportPlace *_weft_place_new (uint64_t thread);
void _weft_place_free (void *place);
void _weft_place_add (WeftReportPlace *place, WeftReportLane *lane);
/* The row becomes one of another place, with its gaps. */
void _weft_place_move (WeftReportLane *lane, WeftReportPlace *to);
/* Returns: (nullable): a row that is free from @start to @end */
WeftReportLane *_weft_place_find (const WeftReportPlace *place, uint64_t start, uint64_t end);
/* Returns: (nullable): one that is free from @start on */
WeftReportLane *_weft_place_find_free (const WeftReportPlace *place, uint64_t start);
bool _weft_place_fits (const WeftReportLane *lane, uint64_t start, uint64_t end);
/* The row is not free then any more. Returns: whether that is before what it has run last */
bool _weft_place_take (WeftReportLane *lane, uint64_t start, uint64_t end);
/* Whether the row is found by what is free. */
void _weft_place_set_running (WeftReportLane *lane, bool running);

/* report-beside.c: texts that wait, once their tasks have places. */
void _weft_report_write_texts (WeftReport *report);

/* report-cycle.c: tasks of the batch that read each other in a circle read nothing any more. The
 * edges stand in the order of their tasks. */
void _weft_report_drop_cycles (WeftReport *report);

/* report-segment.c: the tasks that are not written yet get a segment and their places. FALSE: they
 * have them, but what they were said to read cannot be. */
bool _weft_report_write_segment (WeftReport *report, GError **error);
/* Keeps the payload until what was appended is written. @payload: (transfer full) */
uint64_t _weft_report_frame (WeftReport *report, WeftFrameKind kind, uint32_t lane,
                             uint64_t watermark, GByteArray *payload);
