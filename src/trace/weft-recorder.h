/* weft-recorder.h: from the workers' lanes into the run file
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A lane is written by one thread (its worker) and drained by the recorder's thread; they share
 * only a list of chunks with published counts. The worker never waits for the file, except when
 * more than `buffer_bytes` of records are undrained: then it waits and the wait is a record, or, if
 * told so, it drops whole task spans and counts them.
 *
 * One recorder per run. Without a path it keeps the chunks in memory ("records in memory"): nobody
 * ever waits, cursors read what is there while workers write, and weft_recorder_save() makes a file
 * of it later.
 *
 * A failing disk never stops a run: recording ends, records are dropped from then on, and flush and
 * close report the error that was kept.
 *
 * Never call weft_lane_next() under a lock that the observer or a segment's producer takes: at the
 * limit it waits for the recorder's thread, which runs them.
 */
#pragma once

#include "base/weft-clock.h"
#include "trace/weft-record.h"
#include "trace/weft-run-file.h"
#include "trace/weft-run-reader.h"

#include <stdatomic.h>

typedef struct _WeftRecorder WeftRecorder;
typedef struct _WeftLane WeftLane;
typedef struct _WeftRecorderCursor WeftRecorderCursor;

#define WEFT_RECORDER_ERROR (weft_recorder_error_quark ())
/**
 * weft_recorder_error_quark:
 *
 * Any thread.
 */
WEFT_API GQuark weft_recorder_error_quark (void);

typedef enum
{
  WEFT_RECORDER_ERROR_IO,     /* open, write, full disk: path and errno's text */
  WEFT_RECORDER_ERROR_SYSTEM, /* no thread, no memory */
  WEFT_RECORDER_ERROR_STATE,  /* not possible for this recorder, or not now */
} WeftRecorderError;

/* 2,046 records behind a 64-byte head: 64 KiB. A lane that is rarely used begins with a chunk of
 * 2 KiB. */
#define WEFT_CHUNK_BYTES 65536
#define WEFT_CHUNK_SMALL_BYTES 2048
#define WEFT_CHUNK_HEAD_BYTES 64
/* Most records weft_lane_next_n() can give. */
#define WEFT_LANE_MAX_GROUP 60

typedef struct _WeftChunk WeftChunk;
struct _WeftChunk
{
  _Atomic uint32_t n_published; /* atomic: release by the worker, acquire by readers */
  uint32_t n_drained;           /* owner: recorder */
  _Atomic (WeftChunk *)
      next;          /* atomic: release by the worker when it goes on; n_published is final */
  uint32_t capacity; /* immutable: records it has room for */
  uint8_t pad[WEFT_CHUNK_HEAD_BYTES - 20];
  WeftRecord records[];
};

_Static_assert(sizeof (WeftChunk) == WEFT_CHUNK_HEAD_BYTES, "records begin on a cache line");

/* What a lane runs now: a seqlock, written by the worker at every start, read by the recorder. Odd
 * sequence: being written. Fields are stored with release and loaded with acquire, so that no field
 * is seen before the odd sequence that announces it (Boehm, "Can seqlocks get along with
 * programming language memory models?", MSPC 2012). */
typedef struct
{
  _Atomic uint32_t sequence;
  _Atomic uint32_t detail; /* attempt | kind << 16 | depth << 24 */
  _Atomic uint64_t what;   /* task | segment << 32; task WEFT_NONE: nothing */
  _Atomic uint64_t start;
} WeftNowSlot;

struct _WeftLane
{
  /* owner: worker */
  WEFT_ALIGNED_LINE WeftChunk *chunk; /* the one being filled */
  uint32_t n_used;
  uint32_t capacity;      /* of the chunk; 0: the next record takes the slow path */
  uint32_t id;            /* immutable: number in the file */
  WeftRecorder *recorder; /* immutable */
  /* written by the worker, read by the recorder */
  WEFT_ALIGNED_LINE WeftNowSlot now;
  _Atomic uint64_t quiet_since; /* atomic: release/acquire; parked since this stamp; 0: busy */
  _Atomic uint64_t watermark;   /* atomic: release/acquire; foreign lanes: as told; 0: not told */
};

typedef struct
{
  const char *path;      /* (nullable): NULL keeps the records in memory */
  uint64_t buffer_bytes; /* most undrained bytes; 0: 256 MiB */
  bool drop;             /* at the limit drop spans instead of waiting */
  bool sample_process;   /* CPU, memory and I/O samples of this process, each 100 ms */
  bool discard;          /* without a path: chunks are recycled once the observer saw them */
  const char *meta_json; /* (nullable): the META frame, a JSON object */
  uint64_t (*clock) (void *data); /* (nullable): an injected clock of domain 0, in ns; any thread */
  void *clock_data;
  void *reserved[4]; /* NULL */
} WeftRecorderOptions;

/**
 * weft_recorder_new:
 * @options: copied
 *
 * Creates the file (an existing one is replaced) and starts the recorder's thread.
 *
 * Returns: (transfer full) (nullable): %NULL with an error of WEFT_RECORDER_ERROR
 */
WEFT_API WeftRecorder *weft_recorder_new (const WeftRecorderOptions *options, GError **error);

/* Zero-initialise and fill in what is known. */
typedef struct
{
  uint32_t kind;        /* WeftLaneKind */
  uint32_t parent_lane; /* process of a thread, host of a process; WEFT_NONE */
  uint32_t domain;      /* clock domain, 0: this process */
  uint32_t worker;      /* number shown to people */
  uint32_t pid;
  uint64_t os_thread;          /* the system's number of the thread */
  uint32_t n_threads;          /* PROCESS, foreign workers: how many tasks they run at once */
  uint64_t memory_limit_bytes; /* 0: none */
  bool best_effort;            /* foreign: reports may come late, the watermark is no promise */
  const char *name;            /* (nullable): of thread, process or host; copied */
  void *reserved[4];           /* NULL */
} WeftLaneInfo;

/**
 * weft_recorder_add_lane:
 *
 * The first chunk is taken with the first record (2 KiB for other than local threads, of which
 * there may be many). Any thread.
 *
 * Returns: (transfer none): a lane to be used by one thread at a time, up to
 *   weft_recorder_end_lane() or close
 */
WEFT_API WeftLane *weft_recorder_add_lane (WeftRecorder *recorder, const WeftLaneInfo *info);

/**
 * weft_recorder_end_lane:
 *
 * No record will come any more; gives the lane's memory back. By the thread that writes the lane,
 * or after it.
 */
WEFT_API void weft_recorder_end_lane (WeftRecorder *recorder, WeftLane *lane);

/**
 * weft_lane_abandon:
 *
 * Takes the lane from a thread that will not come back in time (stuck past its deadline): what it
 * published stays, what it writes after its chunk is full goes nowhere. Close does not wait for it;
 * the recorder must not be freed before the thread has come back. Any thread.
 */
WEFT_API void weft_lane_abandon (WeftLane *lane);

/* Sees every batch, in lane order. On the recorder's thread, or the one that flushes or closes;
 * never two at a time. It must not flush or close the recorder. */
typedef void (*WeftRecorderObserverFunc) (uint32_t lane, const WeftRecord *records, uint32_t n,
                                          void *data);
/* Must not flush or close the recorder. */
typedef void (*WeftRecorderSampleFunc) (void *data);

/**
 * weft_recorder_add_observer:
 *
 * Calls @func with @data for all records that are handed out from now on, so it is best added
 * before the first one. Does not wait for the recorder, however slow its file. A run with records
 * has added one of its own, which counts by group; others come after it. Observers stay for good.
 */
WEFT_API void weft_recorder_add_observer (WeftRecorder *recorder, WeftRecorderObserverFunc func,
                                          void *data);

/**
 * weft_recorder_set_sampler:
 * @func: notes what it measures with weft_recorder_note()
 *
 * Called ten times a second, and once more when the recorder is closed. On the recorder's thread,
 * or the one that closes; never two at a time. Before the first record.
 */
WEFT_API void weft_recorder_set_sampler (WeftRecorder *recorder, WeftRecorderSampleFunc func,
                                         void *data);

/**
 * weft_lane_set_watermark:
 *
 * Foreign lanes: nothing that ended before @ticks will come any more. The lane's thread.
 */
WEFT_API void weft_lane_set_watermark (WeftLane *lane, uint64_t ticks);

/**
 * weft_recorder_series:
 * @lane: whose counter it is, or WEFT_NONE
 *
 * Defines a counter series for COUNTER records; value = amount * scale. Any thread.
 *
 * Returns: its id
 */
WEFT_API uint32_t weft_recorder_series (WeftRecorder *recorder, uint32_t lane, const char *name,
                                        const char *unit, double scale);

/**
 * weft_recorder_add_clock:
 * @clock: (inout): map.domain WEFT_NONE asks for a new domain, whose number is written there; else
 *   a further piece of a domain
 *
 * Any thread.
 */
WEFT_API void weft_recorder_add_clock (WeftRecorder *recorder, WeftRunClock *clock);

/* ---- the worker's side ----------------------------------------------------------------------- */

/**
 * weft_lane_turn:
 *
 * Called when the lane's chunk is full: gives the next one, waiting or dropping at the limit. Slow
 * path of weft_lane_next().
 */
WEFT_API void weft_lane_turn (WeftLane *lane);

/* Room for @n records (at most WEFT_LANE_MAX_GROUP) that belong together: a record and its details.
 * They stand in one chunk, are seen together, and are dropped together. */
static inline WeftRecord *
weft_lane_next_n (WeftLane *lane, uint32_t n)
{
  if (WEFT_UNLIKELY (lane->n_used + n > lane->capacity))
    weft_lane_turn (lane);
  return &lane->chunk->records[lane->n_used];
}

static inline void
weft_lane_publish_n (WeftLane *lane, uint32_t n)
{
  lane->n_used += n;
  atomic_store_explicit (&lane->chunk->n_published, lane->n_used, memory_order_release);
}

/* Where the next record goes; call weft_lane_publish() when it is filled. */
static inline WeftRecord *
weft_lane_next (WeftLane *lane)
{
  return weft_lane_next_n (lane, 1);
}

static inline void
weft_lane_publish (WeftLane *lane)
{
  weft_lane_publish_n (lane, 1);
}

#define WEFT_NOW_DETAIL(kind, depth, attempt) \
  ((attempt) | (uint32_t) (kind) << 16 | (uint32_t) (depth) << 24)

/* What the lane's thread is in from @start on. Everything that ended before must have been
 * published: the recorder takes @start for a watermark. @what: segment << 32 | task. */
static inline void
weft_lane_set_now_detail (WeftLane *lane, uint32_t detail, uint64_t what, uint64_t start)
{
  WeftNowSlot *now = &lane->now;
  uint32_t sequence = atomic_load_explicit (&now->sequence, memory_order_relaxed);

  /* Writers of the fields use release so that none of them is seen before the odd sequence. */
  atomic_store_explicit (&now->sequence, sequence + 1, memory_order_relaxed);
  atomic_store_explicit (&now->detail, detail, memory_order_release);
  atomic_store_explicit (&now->what, what, memory_order_release);
  atomic_store_explicit (&now->start, start, memory_order_release);
  atomic_store_explicit (&now->sequence, sequence + 2, memory_order_release);
}

/* The same, its parts one by one. */
static inline void
weft_lane_set_now_kind (WeftLane *lane, uint8_t kind, uint8_t depth, uint32_t task,
                        uint32_t segment, uint32_t attempt, uint64_t start)
{
  weft_lane_set_now_detail (lane, WEFT_NOW_DETAIL (kind, depth, MIN (attempt, UINT16_MAX)),
                            task | (uint64_t) segment << 32, start);
}

static inline void
weft_lane_set_now (WeftLane *lane, uint32_t task, uint32_t segment, uint32_t attempt,
                   uint64_t start)
{
  weft_lane_set_now_kind (lane, WEFT_RECORD_TASK, 0, task, segment, attempt, start);
}

/* The lane's thread is about to sleep; all that ended before @stamp is published. 0: awake again,
 * said before the record of the sleep ends. */
static inline void
weft_lane_set_quiet (WeftLane *lane, uint64_t stamp)
{
  atomic_store_explicit (&lane->quiet_since, stamp, memory_order_release);
}

/* What a lane runs. task WEFT_NONE: nothing known; kind PARKED: asleep since start. */
typedef struct
{
  uint32_t task;
  uint32_t segment;
  uint16_t attempt;
  uint8_t kind; /* WeftRecordKind */
  uint8_t depth;
  uint64_t start;
} WeftNow;

/**
 * weft_lane_get_now:
 * @now: (out caller-allocates): untouched on failure
 *
 * Any thread. Wait-free: gives up when the slot is being written again and again.
 *
 * Returns: whether @now was filled
 */
WEFT_API bool weft_lane_get_now (WeftLane *lane, WeftNow *now);

/**
 * weft_recorder_find_thread:
 * @os_thread: the system's number of a thread, as its lane was added with
 * @now: (out caller-allocates): untouched on failure
 *
 * What a thread is in: who looks after a process that is about to die asks for it. Any thread.
 * O(lanes).
 *
 * Returns: (transfer none) (nullable): its newest lane; %NULL: it has none, or its slot is being
 *   written again and again
 */
WEFT_API WeftLane *weft_recorder_find_thread (WeftRecorder *recorder, uint64_t os_thread,
                                              WeftNow *now);

/* ---- everything else, any thread; locked, for rare events ------------------------------------ */

/**
 * weft_recorder_string:
 *
 * Returns: a string's id in this run; equal strings have one. Any thread.
 */
WEFT_API uint32_t weft_recorder_string (WeftRecorder *recorder, const char *string);

/**
 * weft_recorder_note:
 *
 * Records of no lane (run state, settings, samples) go to the recorder's own lane 0. Never waits.
 * Any thread.
 */
WEFT_API void weft_recorder_note (WeftRecorder *recorder, const WeftRecord *record);

/**
 * weft_recorder_note_n:
 * @n: at most WEFT_LANE_MAX_GROUP
 *
 * The same for a record and its details.
 */
WEFT_API void weft_recorder_note_n (WeftRecorder *recorder, const WeftRecord *records, uint32_t n);

/**
 * weft_recorder_note_setting:
 * @value: an integer, a string id, or the bits of a float64, as the setting has it
 *
 * A SETTING record in lane 0, stamped now. Any thread.
 */
WEFT_API void weft_recorder_note_setting (WeftRecorder *recorder, WeftSetting setting,
                                          uint64_t value);

/**
 * weft_recorder_log:
 * @lane: (nullable)
 * @task: or WEFT_NONE
 * @stream: WeftStream
 * @level: for WEFT_STREAM_LOG
 *
 * Output of a task. At the limit waits for the disk, or, with `drop`, drops it. Any thread but the
 * observer's.
 */
WEFT_API void weft_recorder_log (WeftRecorder *recorder, WeftLane *lane, uint32_t segment,
                                 uint32_t task, uint32_t attempt, WeftStream stream, uint8_t level,
                                 uint64_t stamp, const char *bytes, size_t n_bytes);

/**
 * weft_recorder_error:
 * @lane: (nullable)
 * @kind: (nullable): type of the error
 * @detail: (nullable): a traceback
 * @output: (nullable): what the task wrote last
 *
 * Why an attempt of a task failed. Any thread.
 */
WEFT_API void weft_recorder_error (WeftRecorder *recorder, WeftLane *lane, uint32_t segment,
                                   uint32_t task, uint32_t attempt, uint64_t stamp,
                                   const char *kind, const char *message, const char *detail,
                                   const char *output);

/**
 * weft_recorder_facts:
 * @lane: (nullable)
 * @task: or WEFT_NONE: about the lane
 * @json: an object
 *
 * What else is known of an attempt, or a lane. Any thread.
 */
WEFT_API void weft_recorder_facts (WeftRecorder *recorder, WeftLane *lane, uint32_t segment,
                                   uint32_t task, uint32_t attempt, uint64_t stamp,
                                   const char *json);

/**
 * WeftSegmentPiece:
 * @number: in: which piece is asked for; 0 begins anew
 * @bytes: out: append the content here, at most about 1 MiB
 * @first_task: out
 * @n_tasks: out
 * @open: out, with piece 0: the segment may grow
 */
typedef struct
{
  uint32_t number;
  GByteArray *bytes;
  uint32_t first_task;
  uint32_t n_tasks;
  bool open;
} WeftSegmentPiece;

/* Fills in a piece. Returns: whether more follow */
typedef bool (*WeftSegmentProduceFunc) (void *data, WeftSegmentPiece *piece);

/**
 * weft_recorder_segment:
 * @parent_segment: or WEFT_NONE
 * @parent_task: or WEFT_NONE
 * @produce: fetches the content, piece by piece; the first is the summary
 * @data: kept until the last piece is written (in memory: until the recorder is freed)
 * @free: (nullable): for @data
 *
 * Announces a segment; before any record that names it. The pieces are fetched on the recorder's
 * thread (or one that flushes, closes or saves), so attaching a graph costs its submitter nothing.
 * A segment number that is announced again continues an open segment. Any thread.
 */
WEFT_API void weft_recorder_segment (WeftRecorder *recorder, uint32_t segment,
                                     uint32_t parent_segment, uint32_t parent_task,
                                     WeftSegmentProduceFunc produce, void *data,
                                     GDestroyNotify free);

/**
 * weft_recorder_flush:
 *
 * Returns when everything published before the call is in the file and the observer saw it. Any
 * thread.
 *
 * Returns: %FALSE with the error of WEFT_RECORDER_ERROR that ended recording
 */
WEFT_API bool weft_recorder_flush (WeftRecorder *recorder, GError **error);

/**
 * weft_recorder_failed:
 *
 * Returns: whether recording ended with an error. Any thread.
 */
WEFT_API bool weft_recorder_failed (WeftRecorder *recorder);

/**
 * weft_recorder_close:
 * @summary_json: (nullable): an object, for the END frame
 *
 * Last drain, index and END frame; closes the file and ends the thread. All lanes must be at rest.
 * Once; later calls only report the error again.
 *
 * Returns: %FALSE with the error of WEFT_RECORDER_ERROR that ended recording
 */
WEFT_API bool weft_recorder_close (WeftRecorder *recorder, const char *summary_json,
                                   GError **error);

/**
 * weft_recorder_free:
 * @recorder: (nullable): closed first if it was not
 */
WEFT_API void weft_recorder_free (WeftRecorder *recorder);

/**
 * weft_recorder_run_tag:
 *
 * What tells frames of this recorder's file from those of all others: WeftFrameHead has it. Any
 * thread.
 *
 * Returns: the first 8 bytes of the run's random id; 0: there is no file
 */
WEFT_API uint64_t weft_recorder_run_tag (const WeftRecorder *recorder);

typedef struct
{
  uint64_t n_records; /* drained so far */
  uint64_t n_dropped; /* task spans dropped at the limit */
  uint64_t n_waits;   /* times a worker waited */
  uint64_t n_lost;    /* records drained after recording had failed */
  uint64_t n_dropped_log_bytes;
  uint64_t n_frames;
  uint64_t n_file_bytes;
} WeftRecorderStats;

/**
 * weft_recorder_stats:
 *
 * Any thread; the numbers may be of slightly different moments.
 */
WEFT_API void weft_recorder_stats (WeftRecorder *recorder, WeftRecorderStats *stats);

/* ---- records in memory ----------------------------------------------------------------------- */

typedef void (*WeftRecordFunc) (uint32_t lane, const WeftRecord *record, void *data);

/**
 * weft_recorder_foreach:
 *
 * All records published so far, lane by lane in order. In-memory recorders that keep; any thread,
 * also while workers write.
 */
WEFT_API void weft_recorder_foreach (WeftRecorder *recorder, WeftRecordFunc func, void *data);

/**
 * weft_recorder_cursor_new:
 *
 * Follows an in-memory recorder while workers write. A cursor belongs to one thread at a time and
 * does not outlive the recorder.
 *
 * Returns: (transfer full)
 */
WEFT_API WeftRecorderCursor *weft_recorder_cursor_new (WeftRecorder *recorder);

/**
 * weft_recorder_cursor_next:
 * @lane: (out)
 * @records: (out): valid until the recorder is freed
 *
 * Returns: how many records there are at @records; 0: nothing new in any lane for now
 */
WEFT_API uint32_t weft_recorder_cursor_next (WeftRecorderCursor *cursor, uint32_t *lane,
                                             const WeftRecord **records);

/**
 * weft_recorder_cursor_next_frame:
 * @frame: (out): its bytes are valid until the recorder is freed
 *
 * What is not a record: META, CLOCK, LANE, STRINGS, SERIES, LOG, ERROR, FACTS. Once a record was
 * given out, all frames it may refer to can be had: so first take records, then frames until there
 * are none, then look into the records.
 *
 * Returns: whether there was one
 */
WEFT_API bool weft_recorder_cursor_next_frame (WeftRecorderCursor *cursor, WeftRunFrame *frame);

/**
 * weft_recorder_cursor_free:
 * @cursor: (nullable)
 */
WEFT_API void weft_recorder_cursor_free (WeftRecorderCursor *cursor);

/**
 * weft_recorder_save:
 * @summary_json: (nullable): an object, for the END frame
 *
 * Writes what an in-memory recorder keeps into a run file, complete with index and END. After
 * close, as often as wanted.
 *
 * Returns: %FALSE with an error of WEFT_RECORDER_ERROR; nothing is left at @path then
 */
WEFT_API bool weft_recorder_save (WeftRecorder *recorder, const char *path,
                                  const char *summary_json, GError **error);
