/* weft-report-private.h: a run that somebody else reports, into a run file
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * What a foreign program says of its run (tasks and what they read, workers, what began and ended)
 * is gathered here and written as frames of a run file, as the recorder writes those of a run of
 * our own. What reads the file cannot tell the difference, but for lanes that are best effort.
 *
 *   task      known by key; gets a number here when its key is first heard, and its place (segment
 *             and number there) when the batch it came in is written. Until then records name it by
 *             the number here
 *   batch     the tasks since the last flush, and what they read: one closed segment. What they
 *             read of earlier segments are imports
 *   worker    known by name: a lane for the process, below it rows: one for each thread that is
 *             named, and for tasks of which no thread is known; further ones where spans overlap
 *             (report-rows.c). Of a worker that said how many threads it has, rows of tasks are
 *             threads as long as they are no more than these
 *
 * Whatever is said in whatever order is taken: a task that ends was there, a worker that ran
 * something too. What cannot be (a cycle) is an error, and its tasks are written without what they
 * read, so that the batch's records stay right.
 *
 * Stamps are nanoseconds of CLOCK_MONOTONIC of this machine; or since 1970, as what others tell may
 * be from before its boot.
 *
 * One thread at a time.
 */
#pragma once

#include "trace/weft-record.h"
#include "trace/weft-run-file.h"

typedef struct _WeftReport WeftReport;

/* Records that wait before a flush is due. */
#define WEFT_REPORT_FULL 32768u
/* Of a name of a worker, lane, group or counter. */
#define WEFT_REPORT_MOST_NAME_BYTES 4096u
/* 366 days. A record tells of three at most: a longer span is a number that is wrong, and many
 * records. */
#define WEFT_REPORT_MOST_SPAN_NS (UINT64_C (366) * 86400 * 1000000000)
/* Of a run. Then no worker is added, and those that there are get no further rows: what overlaps
 * stands in the same. */
#define WEFT_REPORT_MOST_LANES 65536u

/**
 * WeftReportOptions:
 * @path: the run file, which is made
 * @meta_json: (nullable): an object: name, program, host …
 * @clock_flags: WeftClockFlags of what is known of the stamps
 * @uncertainty_ns: how far stamps may be off
 * @ahead_ns: how far stamps are ahead of CLOCK_MONOTONIC: 0, or of a run that counts from 1970
 * @keeps: results are kept until it is told that they are released, whoever reads them
 */
typedef struct
{
  const char *path;
  const char *meta_json;
  uint32_t clock_flags;
  uint64_t uncertainty_ns;
  int64_t ahead_ns;
  bool keeps;
} WeftReportOptions;

/* Returns: (transfer full) (nullable): NULL with an error of WEFT_RECORDER_ERROR */
WeftReport *_weft_report_new (const WeftReportOptions *options, GError **error);
/* Without a finish before, the file stays as it is: cut off. @report: (nullable) */
void _weft_report_free (WeftReport *report);

/* ---- tasks ----------------------------------------------------------------------------------- */

/* Whether it can be a key: UTF-8 without a zero byte, not empty, no longer than a graph takes.
 * FALSE with an error of WEFT_GRAPH_ERROR */
bool _weft_report_check_key (const char *key, size_t n_chars, GError **error);
/* The task's number here; it is new if its key was never heard. The key was checked. */
uint32_t _weft_report_task (WeftReport *report, const char *key, size_t n_chars);
/* The same in two steps, with other work between them: @hash is what the first returned. */
uint64_t _weft_report_expect_task (const WeftReport *report, const char *key, size_t n_chars);
uint32_t _weft_report_expected_task (WeftReport *report, const char *key, size_t n_chars,
                                     uint64_t hash);
/* @task reads the result of @input. Of a task that is written already it becomes a LINK record.
 * @stamp: 0: now */
void _weft_report_input (WeftReport *report, uint32_t task, uint32_t input, uint64_t stamp);
/* Otherwise the group comes from the key. Too late for a task that is written already. @name:
 * (inout): of the group; WEFT_NONE for the first task that is said to be of it */
void _weft_report_group (WeftReport *report, uint32_t task, const char *group, size_t n_chars,
                         uint32_t *name);
/* Its result is kept until its release is told. Too late for a task that is written already. */
void _weft_report_want (WeftReport *report, uint32_t task);
uint32_t _weft_report_n_tasks (const WeftReport *report);
/* How many of them run, are done, have failed the last time. */
void _weft_report_count (const WeftReport *report, uint64_t *n_running, uint64_t *n_done,
                         uint64_t *n_failed);

/* ---- workers --------------------------------------------------------------------------------- */

/**
 * WeftReportWorkerInfo:
 * @pid: 0 unknown
 * @n_threads: how many tasks it runs at once; 0 unknown
 * @memory_limit_bytes: 0 none
 */
typedef struct
{
  uint32_t pid;
  uint32_t n_threads;
  uint64_t memory_limit_bytes;
} WeftReportWorkerInfo;

/* Whether there may be a worker of this name: there is, or there is room for one more. */
bool _weft_report_has_room (const WeftReport *report, const char *worker, size_t n_chars);
/* The worker's number here. @info: (nullable): of one that was written already only how many
 * threads it has is heard, if nobody said before */
uint32_t _weft_report_worker (WeftReport *report, const char *name, size_t n_chars,
                              const WeftReportWorkerInfo *info);
/* It is gone; what it ran is closed as interrupted. */
void _weft_report_worker_lost (WeftReport *report, uint32_t worker, uint64_t stamp);
void _weft_report_memory (WeftReport *report, uint32_t worker, uint32_t what, uint64_t n_bytes,
                          uint64_t stamp);

/* ---- what happens ---------------------------------------------------------------------------- */

/* @thread: 0: not known */
void _weft_report_start (WeftReport *report, uint32_t task, uint32_t worker, uint64_t thread,
                         uint64_t stamp);
/* Returns: whether the task was running */
bool _weft_report_end (WeftReport *report, uint32_t task, uint64_t stamp, WeftOutcome outcome,
                       uint64_t n_bytes);
/* Whether the task has failed the last time it was told of. */
bool _weft_report_has_failed (const WeftReport *report, uint32_t task);
/* The worker had the task before: its next span was stolen from there. */
void _weft_report_stolen (WeftReport *report, uint32_t task, uint32_t worker);
/* Start and end in one. */
void _weft_report_span (WeftReport *report, uint32_t task, uint32_t worker, uint64_t thread,
                        uint64_t start, uint64_t end, WeftOutcome outcome, uint64_t n_bytes);
/* READY, RELEASED, CANCELLED … */
void _weft_report_point (WeftReport *report, uint32_t task, WeftRecordKind kind, uint64_t stamp);

/**
 * WeftReportBusy:
 * @thread: 0: not known
 * @kind: TRANSFER, SPILL_WRITE, SPILL_READ or PHASE
 * @how: of a PHASE: which
 * @task: whose result it is about, or WEFT_NONE; with SPILL_…: WEFT_NONE
 * @peer: of a TRANSFER: the worker that sent it, or WEFT_NONE
 */
typedef struct
{
  uint32_t worker;
  uint64_t thread;
  WeftRecordKind kind;
  uint8_t how;
  uint32_t task;
  uint32_t peer;
  uint64_t start, end;
  uint64_t n_bytes;
} WeftReportBusy;

/* What a worker did beside running tasks, in rows of its own where it overlaps them. */
void _weft_report_busy (WeftReport *report, const WeftReportBusy *busy);
/* @worker: whose it is, or WEFT_NONE; @unit: of the first time; @value: from 0 to 9.2e18, kept to a
 * thousandth, above 2.8e11 to a whole number, above 2.8e14 to nine figures */
void _weft_report_counter (WeftReport *report, uint32_t worker, const char *name, size_t n_chars,
                           const char *unit, uint64_t stamp, double value);
/* Something said in words, of a worker or task, or neither: WEFT_NONE. @level: syslog's 0 to 7 */
void _weft_report_log (WeftReport *report, uint32_t worker, uint32_t task, uint64_t stamp,
                       unsigned level, const char *chars, size_t n_chars);
/* Something said of a moment, to be seen beside what ran then; likewise. */
void _weft_report_annotation (WeftReport *report, uint32_t worker, uint32_t task, uint64_t stamp,
                              const char *chars, size_t n_chars);
/* Why an attempt failed. Texts: (nullable) */
void _weft_report_failure (WeftReport *report, uint32_t task, uint64_t stamp, const char *kind,
                           const char *message, const char *detail);

/* ---- writing --------------------------------------------------------------------------------- */

/* Records that wait. */
uint32_t _weft_report_n_waiting (const WeftReport *report);

/* Writes what was said since the last time. @error: of WEFT_GRAPH_ERROR: what was said of tasks
 * cannot be, see above; of WEFT_RECORDER_ERROR: the file could not be written, and is not any
 * more */
bool _weft_report_flush (WeftReport *report, GError **error);

/* When the run began and ended, as the file has it, since 1970; 0: that is not written yet. */
void _weft_report_times (const WeftReport *report, int64_t *begun_wall_ns, int64_t *ended_wall_ns);

/* The run is over, since the last thing that was told of it has ended. What runs still is closed
 * as interrupted. */
bool _weft_report_finish (WeftReport *report, WeftRunPhase phase, const char *summary_json,
                          GError **error);
