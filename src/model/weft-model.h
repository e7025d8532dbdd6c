/* weft-model.h: one run as indexed columns
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Whatever the run was (embedded, a child process, another program's, long over), it comes as the
 * frames of a run file, in order, from one thread (weft_model_add_frame(), or a WeftModelFeed).
 * Readers take no lock: a WeftModelSnapshot tells how much there is, and all of that stays where
 * and as it is. Times are nanoseconds since the run's start; tasks are numbered through all
 * segments, groups by name, lanes as in the file.
 *
 * Functions without a word on threads may be called from any.
 */
#pragma once

#include "graph/weft-graph.h"
#include "model/weft-spans.h"
#include "trace/weft-run-reader.h"

typedef struct _WeftModel WeftModel;

#define WEFT_MODEL_ERROR (weft_model_error_quark ())
/**
 * weft_model_error_quark:
 *
 * Returns: the error domain of #WeftModelError
 */
WEFT_API GQuark weft_model_error_quark (void);

typedef enum
{
  WEFT_MODEL_ERROR_CONTENT, /* a frame refers to what is not there, or says what cannot be */
} WeftModelError;

/* States as users of Dask know them. */
typedef enum
{
  WEFT_TASK_WAITING = 0, /* also for a graph that stands in for it */
  WEFT_TASK_QUEUED = 1,  /* could be started: waits for a worker, a retry, a resource, or room */
  WEFT_TASK_RUNNING = 2,
  WEFT_TASK_MEMORY = 3,
  WEFT_TASK_RELEASED = 4,
  WEFT_TASK_ERRED = 5,
  WEFT_TASK_CANCELLED = 6,
  WEFT_TASK_N_STATES = 7,
} WeftModelState;

/**
 * WeftModelSnapshot:
 * @phase: WEFT_RUN_INTERRUPTED where the file ends without an end and nobody writes to it
 * @complete_ns: up to here nothing is missing, and what had not ended by then is told by
 *   weft_model_now(); later things may already be there
 * @last_ns: the latest stamp seen
 * @begin_ns: when the run began; %INT64_MAX: not yet, or nobody says so
 * @end_ns: when it ended; %INT64_MAX: not yet
 * @n_states: tasks by state, as of @last_ns
 * @n_changes: grows whenever more changed than the time, and samples of the process
 * @serial: grows whenever anything changed
 *
 * What of the run there is to be read.
 */
typedef struct
{
  WeftRunPhase phase;
  int64_t complete_ns;
  int64_t last_ns;
  int64_t begin_ns;
  int64_t end_ns;
  uint32_t n_lanes;
  uint32_t n_segments;
  uint32_t n_tasks;
  uint32_t n_groups;
  uint32_t n_errors;
  uint64_t n_spans;
  uint64_t n_dropped;
  uint64_t n_logs;
  uint32_t n_states[WEFT_TASK_N_STATES];
  uint64_t n_changes;
  uint64_t serial;
} WeftModelSnapshot;

/**
 * weft_model_new:
 *
 * Returns: (transfer full): a model without anything in it
 */
WEFT_API WeftModel *weft_model_new (void);

/**
 * weft_model_ref:
 *
 * Returns: (transfer full): @model
 */
WEFT_API WeftModel *weft_model_ref (WeftModel *model);

/**
 * weft_model_unref:
 * @model: (nullable) (transfer full)
 *
 * With the last reference goes all that functions gave out with (transfer none).
 */
WEFT_API void weft_model_unref (WeftModel *model);

/**
 * weft_model_new_for_graph:
 * @graph: a reference is kept
 *
 * A run of the graph that has not begun: segment 0 is the graph itself, and all its tasks wait.
 * O(tasks).
 *
 * Returns: (transfer full)
 */
WEFT_API WeftModel *weft_model_new_for_graph (WeftGraph *graph);

/**
 * weft_model_expect_graph:
 * @run_tag: of the file whose frames will come: weft_recorder_run_tag()
 * @segment: the number under which that file's run has the graph
 * @graph: as the run has it: weft_run_segment(). A reference is kept
 *
 * A run of this process writes the graph it has into its file. A model of that file need not decode
 * what is there already: where a frame of that file begins that segment, the graph itself is taken,
 * all of it at once, and what else the file has of the segment is passed over. One graph at a time;
 * before the first frame, or on the feeding thread.
 *
 * What the frame says of the graph (its name, numbers and groups) must be what the encoder makes of
 * @graph, to the byte. A segment of another file, one that says something else, one that may grow,
 * and a graph with in-process objects, of which a file has none, are decoded as if nothing was
 * expected.
 */
WEFT_API void weft_model_expect_graph (WeftModel *model, uint64_t run_tag, uint32_t segment,
                                       WeftGraph *graph);

/**
 * weft_model_add_frame:
 *
 * The feeding thread. Frames of unknown kind are passed over. Stamps are converted when they come,
 * by the map of their clock as it is then: a CLOCK frame refines only what comes after it. Records
 * of tasks that were announced but not told of wait for the SEGMENT frame that does.
 *
 * Graphs of more than 50,000 tasks are decoded on a thread beside: weft_model_graph(), and which
 * results are released, come with a later frame or weft_model_finish(), and so does an error in
 * them. One that was expected (weft_model_expect_graph()) is there with its first frame.
 *
 * Returns: %FALSE with an error of WEFT_MODEL_ERROR or WEFT_GRAPH_ERROR: the frame is left out, and
 *   the model stays as it was; further pieces of a segment with such a frame are errors too
 */
WEFT_API bool weft_model_add_frame (WeftModel *model, const WeftRunFrame *frame, GError **error);

/**
 * weft_model_finish:
 * @interrupted: the file ended without an END frame
 *
 * The feeding thread, once no frame will come any more. Tasks that did not end are then cancelled,
 * if the run ended; if it was interrupted they stay in the state they were last known to be in.
 */
WEFT_API void weft_model_finish (WeftModel *model, bool interrupted);

/**
 * weft_model_snapshot:
 * @snapshot: (out caller-allocates)
 *
 * O(states).
 */
WEFT_API void weft_model_snapshot (const WeftModel *model, WeftModelSnapshot *snapshot);

/**
 * weft_model_elapsed_then:
 *
 * Returns: from the run's begin to a moment, or to its end if that comes before
 */
static inline int64_t
weft_model_elapsed_then (const WeftModelSnapshot *snapshot, int64_t at_ns)
{
  int64_t begin_ns = snapshot->begin_ns == INT64_MAX ? 0 : snapshot->begin_ns;
  int64_t end_ns = at_ns < snapshot->end_ns ? at_ns : snapshot->end_ns;

  return end_ns > begin_ns ? end_ns - begin_ns : 0;
}

/**
 * weft_model_elapsed:
 *
 * For all who say how long a run took, or takes so far.
 *
 * Returns: from its begin to its end, or to the latest stamp
 */
static inline int64_t
weft_model_elapsed (const WeftModelSnapshot *snapshot)
{
  return weft_model_elapsed_then (snapshot, snapshot->last_ns);
}

/* ---- the run --------------------------------------------------------------------------------- */

/**
 * weft_model_dup_name:
 *
 * The name in META, else that of the first graph, else the graph's file as META has it.
 *
 * Returns: (transfer full) (nullable)
 */
WEFT_API char *weft_model_dup_name (const WeftModel *model);

/**
 * WeftModelNotes:
 * @lines: (array zero-terminated=1): what was said of the graph when it was read, a line each;
 *   weft_graph_note()
 * @n_replayed: tasks that had no operation, and take the time they were recorded with
 * @n_without_time: those of them without such a time
 * @stand_in_ns: what these take each
 */
typedef struct
{
  char **lines;
  uint32_t n_replayed, n_without_time;
  int64_t stand_in_ns;
} WeftModelNotes;

/**
 * weft_model_notes:
 *
 * What the run does not have from its graph, as META has it: what was left out or assumed when that
 * was read.
 *
 * Returns: (transfer none) (nullable): as long as the model; %NULL when there is nothing of that
 *   kind, or META has not come yet
 */
WEFT_API const WeftModelNotes *weft_model_notes (const WeftModel *model);

/**
 * weft_model_wall_ns:
 *
 * Time 0 is the first thing that a record tells: when the run was prepared.
 *
 * Returns: the wall clock at time 0, nanoseconds since 1970; 0: unknown
 */
WEFT_API int64_t weft_model_wall_ns (const WeftModel *model);

/**
 * weft_model_memory_limit:
 *
 * Returns: the limit in bytes as last set; 0: none
 */
WEFT_API uint64_t weft_model_memory_limit (const WeftModel *model);

/**
 * weft_model_string:
 * @id: string number, as a span's amount is one (a resource, an annotation)
 *
 * Returns: (transfer none) (nullable): as long as the model
 */
WEFT_API const char *weft_model_string (const WeftModel *model, uint32_t id);

/* ---- lanes ----------------------------------------------------------------------------------- */

/**
 * WeftModelLane:
 * @name: (transfer none): as long as the model
 * @worker: number of the worker, or WEFT_NONE
 * @nth: of the worker's lanes: from 1; a worker that is stuck past a deadline leaves its lane
 * @n_threads: of a process: how many tasks it runs at once; 0: nobody says
 * @spans: (transfer none)
 */
typedef struct
{
  const char *name;
  WeftLaneKind kind;
  uint32_t worker;
  uint32_t nth;
  uint32_t parent_lane;
  uint32_t pid;
  uint32_t n_threads;
  uint32_t flags;
  uint64_t os_thread;
  const WeftSpans *spans;
} WeftModelLane;

/**
 * weft_model_lane:
 * @lane: below the snapshot's n_lanes
 * @info: (out caller-allocates)
 */
WEFT_API void weft_model_lane (const WeftModel *model, uint32_t lane, WeftModelLane *info);

/**
 * WeftModelVisit:
 * @stop_ns: INT64_MAX while it goes on
 *
 * A time for which a worker served the run.
 */
typedef struct
{
  int64_t start_ns;
  int64_t stop_ns;
} WeftModelVisit;

/**
 * weft_model_lane_n_visits:
 * @lane: below the snapshot's n_lanes
 *
 * Returns: how often its worker came; 0 also where nobody says so
 */
WEFT_API uint32_t weft_model_lane_n_visits (const WeftModel *model, uint32_t lane);

/**
 * weft_model_lane_visit:
 * @index: below what weft_model_lane_n_visits() said
 * @visit: (out caller-allocates)
 *
 * They are in the order of time and do not overlap.
 */
WEFT_API void weft_model_lane_visit (const WeftModel *model, uint32_t lane, uint32_t index,
                                     WeftModelVisit *visit);

/**
 * weft_model_span_detail:
 * @lane: below the snapshot's n_lanes
 * @index: of a span there
 * @kind: WEFT_RECORD_ATTEMPT (which attempt, when not the first), WEFT_RECORD_TASK_CPU (ns),
 *   WEFT_RECORD_PEER (the lane it was stolen or came from), WEFT_RECORD_MESSAGE (a string's number)
 * @amount: (out): untouched when there is none
 *
 * What was recorded of a span beside itself. O(log details).
 *
 * Returns: whether there is such a detail
 */
WEFT_API bool weft_model_span_detail (const WeftModel *model, uint32_t lane, uint64_t index,
                                      uint8_t kind, uint64_t *amount);

/**
 * weft_model_child_cpu:
 * @task: below the snapshot's n_tasks
 * @attempt: from 1
 * @cpu_ns: (out): of all programs that this attempt started, once they have ended; untouched when
 *   nothing is known of any
 *
 * Their user and system time, which may be more than the attempt took. O(programs of the run).
 *
 * Returns: whether there is something known of such programs
 */
WEFT_API bool weft_model_child_cpu (const WeftModel *model, uint32_t task, uint32_t attempt,
                                    int64_t *cpu_ns);

/**
 * WeftModelNow:
 * @task: what the lane is in, or WEFT_NONE
 * @kind: WeftRecordKind; 0: unknown, or the lane has ended
 * @seen_ns: when the writer looked
 */
typedef struct
{
  uint32_t task;
  uint16_t group;
  uint16_t attempt;
  uint8_t kind;
  int64_t start_ns;
  int64_t seen_ns;
} WeftModelNow;

/**
 * weft_model_now:
 *
 * What a lane runs now, as of the last look of the recorder. A span of the same start takes its
 * place.
 *
 * Returns: whether it is in anything
 */
WEFT_API bool weft_model_now (const WeftModel *model, uint32_t lane, WeftModelNow *now);

/**
 * weft_model_has_nows:
 *
 * Returns: whether what weft_model_now() tells goes on up to the snapshot's last_ns: the run does,
 *   or it was interrupted then
 */
static inline bool
weft_model_has_nows (const WeftModelSnapshot *snapshot)
{
  return snapshot->phase < WEFT_RUN_DONE || snapshot->phase == WEFT_RUN_INTERRUPTED;
}

/**
 * WeftModelBytes:
 * @live: in memory
 * @spilled: on disk
 */
typedef struct
{
  uint64_t live;
  uint64_t spilled;
} WeftModelBytes;

/**
 * weft_model_lane_bytes:
 * @lane: below the snapshot's n_lanes
 * @bytes: (out caller-allocates)
 *
 * How much is there of what tasks that ran in the lane have made, whichever worker sent it to disk:
 * what each result was charged with when it was made, until the last that reads it has ended. What
 * a graph that stands in for a task hands over to it still counts for those who made it. What
 * another result holds counts until that has gone, see WEFT_RECORD_VIEW. O(1).
 */
WEFT_API void weft_model_lane_bytes (const WeftModel *model, uint32_t lane, WeftModelBytes *bytes);

/* ---- groups ---------------------------------------------------------------------------------- */

/**
 * WeftModelGroup:
 * @name: (transfer none)
 * @n_states: tasks by state
 * @busy_ns: of ended attempts
 * @longest_ns: of ended attempts
 * @n_ended: attempts that ended well: what busy_ns / n_ended is the mean of
 * @live_bytes: of results in memory, and of those whose buffers others hold
 */
typedef struct
{
  const char *name;
  uint32_t n_tasks;
  uint32_t n_states[WEFT_TASK_N_STATES];
  int64_t busy_ns;
  int64_t longest_ns;
  uint64_t n_ended;
  uint64_t live_bytes;
} WeftModelGroup;

/**
 * weft_model_group:
 * @group: below the snapshot's n_groups
 * @info: (out caller-allocates)
 *
 * Groups beyond 65,534 count as one more, “other”.
 */
WEFT_API void weft_model_group (const WeftModel *model, uint32_t group, WeftModelGroup *info);

/* ---- tasks ----------------------------------------------------------------------------------- */

/**
 * weft_model_task_segment:
 * @task: below the snapshot's n_tasks
 * @number: (out): its number in the segment
 *
 * O(log segments).
 *
 * Returns: the segment it is of
 */
WEFT_API uint32_t weft_model_task_segment (const WeftModel *model, uint32_t task, uint32_t *number);

/**
 * weft_model_task_of:
 * @segment: as in records
 * @number: as in records
 *
 * Returns: the model's number; WEFT_NONE: unknown
 */
WEFT_API uint32_t weft_model_task_of (const WeftModel *model, uint32_t segment, uint32_t number);

/**
 * weft_model_graph:
 * @segment: any number
 *
 * Returns: (transfer none) (nullable): %NULL while not all of it has come, or been decoded. It
 *   stays as long as the model, also when the segment grows and another takes its place
 */
WEFT_API WeftGraph *weft_model_graph (const WeftModel *model, uint32_t segment);

/**
 * weft_model_segment_parent:
 * @segment: any number
 *
 * Returns: the model's number of the task whose result the segment is, or which submitted it;
 *   WEFT_NONE: none
 */
WEFT_API uint32_t weft_model_segment_parent (const WeftModel *model, uint32_t segment);

/**
 * weft_model_segment_told:
 * @segment: any number
 * @at_ns: (out): to a tenth of a second; INT64_MAX: not known yet
 *
 * When a segment was told of, where it came into a run of another program that was observed
 * already: its tasks were not ready before, as far as anybody knows.
 *
 * Returns: FALSE: with the run, or the run is not observed; @at_ns is untouched
 */
WEFT_API bool weft_model_segment_told (const WeftModel *model, uint32_t segment, int64_t *at_ns);

/**
 * weft_model_task_dup_key:
 * @task: below the snapshot's n_tasks
 *
 * Returns: (transfer full): its key; segment and number while there is no graph
 */
WEFT_API char *weft_model_task_dup_key (const WeftModel *model, uint32_t task);

/**
 * weft_model_task_group:
 * @task: below the snapshot's n_tasks
 *
 * Returns: its group; WEFT_NO_GROUP while nothing is known of it but that it will come
 */
WEFT_API uint32_t weft_model_task_group (const WeftModel *model, uint32_t task);

/**
 * weft_model_task_state:
 * @task: below the snapshot's n_tasks
 *
 * A task with several outputs is judged by its first one. Released is what nobody reads any more,
 * as far as the graphs tell; results that were asked for stay in memory.
 *
 * Returns: its state
 */
WEFT_API WeftModelState weft_model_task_state (const WeftModel *model, uint32_t task);

/**
 * weft_model_task_span:
 * @task: below the snapshot's n_tasks
 * @lane: (out): untouched while there is none
 * @index: (out): likewise
 *
 * Where its last attempt is.
 *
 * Returns: whether there is one
 */
WEFT_API bool weft_model_task_span (const WeftModel *model, uint32_t task, uint32_t *lane,
                                    uint64_t *index);

/**
 * weft_model_task_attempts:
 * @task: below the snapshot's n_tasks
 *
 * Returns: attempts so far, the running one included; up to 65,535
 */
WEFT_API uint32_t weft_model_task_attempts (const WeftModel *model, uint32_t task);

/**
 * weft_model_find_key:
 *
 * O(1) a segment; the first call builds an index of each.
 *
 * Returns: the first task of that key; WEFT_NONE: none
 */
WEFT_API uint32_t weft_model_find_key (const WeftModel *model, const char *key);

/* ---- errors and logs ------------------------------------------------------------------------- */

/* Strings: (transfer none), as long as the model; "" where nothing was said. */
typedef struct
{
  int64_t at_ns;
  uint32_t task; /* or WEFT_NONE */
  uint32_t attempt;
  const char *kind, *message, *detail, *output;
} WeftModelErrorText;

/**
 * weft_model_error:
 * @index: below the snapshot's n_errors
 * @text: (out caller-allocates)
 */
WEFT_API void weft_model_error (const WeftModel *model, uint32_t index, WeftModelErrorText *text);

typedef struct
{
  int64_t at_ns;
  uint32_t task; /* or WEFT_NONE */
  uint32_t lane;
  uint32_t attempt;
  WeftStream stream;
  uint8_t level;
  const char *bytes; /* n_bytes, and a 0 */
  size_t n_bytes;
} WeftModelLog;

/**
 * weft_model_log:
 * @index: below the snapshot's n_logs
 * @log: (out caller-allocates)
 */
WEFT_API void weft_model_log (const WeftModel *model, uint64_t index, WeftModelLog *log);

/* ---- settings -------------------------------------------------------------------------------- */

/**
 * WeftModelSetting:
 * @setting: WeftSetting
 * @form: WeftValueForm
 * @value: as @form says; a string's number for weft_model_string()
 */
typedef struct
{
  int64_t at_ns;
  uint32_t setting;
  uint8_t form;
  uint64_t value;
} WeftModelSetting;

/**
 * weft_model_n_settings:
 *
 * Returns: how often a setting was made, the first ones of the run included
 */
WEFT_API uint32_t weft_model_n_settings (const WeftModel *model);

/**
 * weft_model_setting:
 * @index: below what weft_model_n_settings() said
 * @setting: (out caller-allocates)
 */
WEFT_API void weft_model_setting (const WeftModel *model, uint32_t index,
                                  WeftModelSetting *setting);

/* ---- annotations ----------------------------------------------------------------------------- */

/**
 * WeftModelAnnotation:
 * @end_ns: as @at_ns where it is of a moment
 * @lane: what it is about: 0: the run
 * @task: what it is about, or WEFT_NONE
 * @text: (transfer none): as long as the model
 *
 * What the program that runs said of a time.
 */
typedef struct
{
  int64_t at_ns;
  int64_t end_ns;
  uint32_t lane;
  uint32_t task;
  const char *text;
} WeftModelAnnotation;

/**
 * weft_model_n_annotations:
 *
 * Returns: how many there are
 */
WEFT_API uint32_t weft_model_n_annotations (const WeftModel *model);

/**
 * weft_model_annotation:
 * @index: below what weft_model_n_annotations() said: in the order in which they came
 * @annotation: (out caller-allocates)
 */
WEFT_API void weft_model_annotation (const WeftModel *model, uint32_t index,
                                     WeftModelAnnotation *annotation);

/* ---- links ----------------------------------------------------------------------------------- */

/**
 * WeftModelLink:
 * @task: the model's number
 * @needs: the task whose result it reads, or that it comes after
 *
 * What a task needs and its segment's graph does not say: it was told when that was written
 * already. It says nothing of how long the result is kept.
 */
typedef struct
{
  uint32_t task;
  uint32_t needs;
} WeftModelLink;

/**
 * weft_model_n_links:
 *
 * Returns: how many were told so far; whenever there are more, weft_model_dup_links() may be others
 */
WEFT_API uint32_t weft_model_n_links (const WeftModel *model);

/**
 * weft_model_dup_links:
 * @n_links: what weft_model_n_links() said
 * @n_tasks: those of tasks from there on are left out: the snapshot's
 * @n: (out)
 *
 * Each once, by task and then by what it needs, but for those that the graphs have by now. They
 * may lead from any segment to any other, and close circles. O(links log links + their tasks'
 * inputs).
 *
 * Returns: (transfer full) (nullable) (array length=n): %NULL where none was told; g_free()
 */
WEFT_API WeftModelLink *weft_model_dup_links (const WeftModel *model, uint32_t n_links,
                                              uint32_t n_tasks, uint32_t *n);

/* ---- series ---------------------------------------------------------------------------------- */

typedef enum
{
  WEFT_SERIES_MANAGED,  /* bytes of results in memory */
  WEFT_SERIES_SPILLED,  /* bytes on disk */
  WEFT_SERIES_RESIDENT, /* bytes of the process */
  WEFT_SERIES_CHILDREN, /* bytes of its children */
  WEFT_SERIES_CPU,      /* share of one core, 1.0 is one core kept busy */
  WEFT_SERIES_CHILDREN_CPU,
  WEFT_SERIES_READ,    /* bytes a second */
  WEFT_SERIES_WRITTEN, /* bytes a second */
  WEFT_SERIES_WORKERS, /* asked for, from then on */
  WEFT_SERIES_LIMIT,   /* of memory in bytes, from then on; 0: none */
  WEFT_N_SERIES,
} WeftModelSeries;

/* No value of a point is beyond it, whatever was told: as a whole number it is one of 64 bits. */
#define WEFT_SERIES_MOST 0x1p63

/**
 * WeftModelPoint:
 * @value: of a series that is measured 0 or more, of a counter as it was told; finite, and at most
 *   %WEFT_SERIES_MOST away from 0
 */
typedef struct
{
  int64_t at_ns;
  double value;
} WeftModelPoint;

/**
 * weft_model_series_n:
 *
 * Returns: how many points there are
 */
WEFT_API uint64_t weft_model_series_n (const WeftModel *model, WeftModelSeries series);

/**
 * weft_model_series_get:
 * @index: below what weft_model_series_n() said
 *
 * Returns: the point; they are in the order of time
 */
WEFT_API WeftModelPoint weft_model_series_get (const WeftModel *model, WeftModelSeries series,
                                               uint64_t index);

/**
 * weft_model_series_find:
 * @n: how many points to look at
 *
 * O(log n).
 *
 * Returns: the last point at or before @at_ns; @n when there is none
 */
WEFT_API uint64_t weft_model_series_find (const WeftModel *model, WeftModelSeries series,
                                          uint64_t n, int64_t at_ns);

/**
 * weft_model_lane_series_n:
 * @lane: below the snapshot's n_lanes: of a process
 *
 * What was measured of that process alone. Where there are several, the run's own series have their
 * sums.
 *
 * Returns: how many points there are
 */
WEFT_API uint64_t weft_model_lane_series_n (const WeftModel *model, uint32_t lane,
                                            WeftModelSeries series);

/**
 * weft_model_lane_series_get:
 * @index: below what weft_model_lane_series_n() said
 *
 * Returns: the point; they are in the order of time
 */
WEFT_API WeftModelPoint weft_model_lane_series_get (const WeftModel *model, uint32_t lane,
                                                    WeftModelSeries series, uint64_t index);

/**
 * weft_model_lane_series_at:
 * @value: (out): untouched if there is none
 *
 * O(log n).
 *
 * Returns: whether anything was measured at or before @at_ns
 */
WEFT_API bool weft_model_lane_series_at (const WeftModel *model, uint32_t lane,
                                         WeftModelSeries series, int64_t at_ns, double *value);

/**
 * WeftModelCounter:
 * @name: (transfer none): as long as the model
 * @unit: (transfer none): likewise; may be empty
 * @lane: what it is about, or WEFT_NONE
 *
 * A series that a foreign program measured of itself.
 */
typedef struct
{
  const char *name;
  const char *unit;
  uint32_t lane;
} WeftModelCounter;

/**
 * weft_model_n_counters:
 *
 * Returns: how many there are
 */
WEFT_API uint32_t weft_model_n_counters (const WeftModel *model);

/**
 * weft_model_counter:
 * @counter: below what weft_model_n_counters() said
 * @info: (out caller-allocates)
 */
WEFT_API void weft_model_counter (const WeftModel *model, uint32_t counter, WeftModelCounter *info);

/**
 * weft_model_counter_n:
 *
 * Returns: how many points there are
 */
WEFT_API uint64_t weft_model_counter_n (const WeftModel *model, uint32_t counter);

/**
 * weft_model_counter_get:
 * @index: below what weft_model_counter_n() said
 *
 * Returns: the point; they are in the order of time
 */
WEFT_API WeftModelPoint weft_model_counter_get (const WeftModel *model, uint32_t counter,
                                                uint64_t index);

/* ---- the feed -------------------------------------------------------------------------------- */

typedef struct _WeftModelFeed WeftModelFeed;

typedef enum
{
  WEFT_FEED_READING,   /* there is more in the file than has been read */
  WEFT_FEED_FOLLOWING, /* all that is there was read; more may come */
  WEFT_FEED_ENDED,     /* the run is whole */
  WEFT_FEED_CUT,       /* ended without an end: nobody writes any more */
  WEFT_FEED_BROKEN,    /* damaged, or it cannot be read: see weft_model_feed_dup_error() */
} WeftModelFeedState;

/* On the feed's thread, after something came in or the state changed; at most every 10 ms, but for
 * the last two calls. */
typedef void (*WeftModelFeedFunc) (WeftModelFeed *feed, void *data);

/**
 * weft_model_feed_new:
 * @model: what is filled; a reference is taken
 * @give_up_ns: < 0: never
 * @changed: (nullable)
 *
 * Reads a run file on a thread of its own and follows it while it grows. A file that has no end and
 * does not grow for @give_up_ns is CUT: a writer writes ten times a second. When the state is one
 * of the last three, weft_model_finish() was called.
 *
 * A file with an index is read through it, clocks and graphs first. Its stamps are those of the
 * same run while it was written: a recorder's final map, better by parts in a million, is used
 * where there is no other.
 *
 * Returns: (transfer full) (nullable): %NULL with an error of WEFT_RUN_READER_ERROR
 */
WEFT_API WeftModelFeed *weft_model_feed_new (WeftModel *model, const char *path, int64_t give_up_ns,
                                             WeftModelFeedFunc changed, void *data, GError **error);
/**
 * weft_model_feed_free:
 * @feed: (nullable)
 *
 * Stops its thread and waits for it; @changed is not called any more. Not from @changed. Large
 * graphs that are not decoded by then never will be.
 */
WEFT_API void weft_model_feed_free (WeftModelFeed *feed);

/**
 * weft_model_feed_state:
 *
 * Returns: how far it is
 */
WEFT_API WeftModelFeedState weft_model_feed_state (WeftModelFeed *feed);

/**
 * weft_model_feed_poke:
 *
 * There is more in the file: look now.
 */
WEFT_API void weft_model_feed_poke (WeftModelFeed *feed);

/**
 * weft_model_feed_no_more:
 *
 * Nobody writes to the file any more: what is there is all.
 */
WEFT_API void weft_model_feed_no_more (WeftModelFeed *feed);

/**
 * weft_model_feed_enough:
 *
 * What is there is all that is wanted, though the run goes on: the feed is CUT after what was read
 * so far, but the model is that of a run that goes on; weft_model_finish() is not called.
 */
WEFT_API void weft_model_feed_enough (WeftModelFeed *feed);

/**
 * weft_model_feed_dup_error:
 *
 * Returns: (transfer full) (nullable): why it is BROKEN
 */
WEFT_API char *weft_model_feed_dup_error (WeftModelFeed *feed);

/**
 * weft_model_feed_progress:
 * @n_read: (out): bytes read
 * @n_bytes: (out): bytes there are
 *
 * For a bar while a large file is opened.
 */
WEFT_API void weft_model_feed_progress (WeftModelFeed *feed, uint64_t *n_read, uint64_t *n_bytes);
