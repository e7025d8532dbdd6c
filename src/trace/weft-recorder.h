/* weft-recorder.h: from the workers' lanes into the run file
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A lane is written by one thread (its worker) and drained by the recorder's thread; they share only a
 * list of chunks with published counts. The worker never waits for the file, except when more than
 * `buffer_bytes` of records are undrained: then it waits and the wait is a record, or, if told so, it
 * drops whole spans and counts them.
 *
 * One recorder per run. Without a path it keeps the chunks in memory ("records in memory"), and
 * weft_recorder_foreach() reads them.
 */
#pragma once

#include "base/weft-clock.h"
#include "trace/weft-record.h"
#include "trace/weft-run-file.h"

#include <stdatomic.h>

typedef struct _WeftRecorder WeftRecorder;
typedef struct _WeftLane WeftLane;

#define WEFT_RECORDER_ERROR (weft_recorder_error_quark ())
WEFT_API GQuark weft_recorder_error_quark (void);

typedef enum
{
  WEFT_RECORDER_ERROR_IO, /* open, write, full disk: path and errno's text */
} WeftRecorderError;

/* 2,046 records behind a 64-byte head: 64 KiB. */
#define WEFT_CHUNK_BYTES 65536
#define WEFT_CHUNK_RECORDS ((WEFT_CHUNK_BYTES - 64) / 32)

typedef struct _WeftChunk WeftChunk;
struct _WeftChunk
{
  _Atomic uint32_t n_published; /* atomic: release by the worker, acquire by the recorder */
  uint32_t n_drained;           /* owner: recorder */
  _Atomic (WeftChunk *) next;   /* atomic: release by the worker when the chunk is full */
  uint8_t pad[64 - 16];
  WeftRecord records[WEFT_CHUNK_RECORDS];
};

_Static_assert (sizeof (WeftChunk) == WEFT_CHUNK_BYTES, "chunks are 64 KiB");

/* What a lane runs now: a seqlock, written by the worker at every start, read by the recorder. Odd
 * sequence: being written. Fields are stored with release and loaded with acquire, so that no field is
 * seen before the odd sequence that announces it (Boehm, "Can seqlocks get along with programming
 * language memory models?", MSPC 2012). */
typedef struct
{
  _Atomic uint32_t sequence;
  _Atomic uint32_t task; /* WEFT_NONE: nothing */
  _Atomic uint32_t segment;
  _Atomic uint32_t attempt;
  _Atomic uint64_t start;
} WeftNowSlot;

struct _WeftLane
{
  /* owner: worker */
  WEFT_ALIGNED_LINE WeftChunk *chunk; /* the one being filled */
  uint32_t n_used;
  uint32_t id; /* immutable: number in the file */
  WeftRecorder *recorder; /* immutable */
  /* written by the worker, read by the recorder */
  WEFT_ALIGNED_LINE WeftNowSlot now;
  _Atomic uint64_t quiet_since; /* stamp up to which nothing more will come while parked; 0: busy */
};

typedef struct
{
  const char *path;        /* (nullable): NULL keeps the records in memory */
  uint64_t buffer_bytes;   /* most undrained bytes; 0: 256 MiB */
  bool drop;               /* at the limit drop spans instead of waiting */
  bool sample_process;     /* CPU, memory and I/O samples of this process, each 100 ms */
  bool discard;            /* without a path: chunks are recycled once the observer saw them */
  const char *meta_json;   /* (nullable): members for the META frame, a JSON object */
} WeftRecorderOptions;

WEFT_API WeftRecorder *weft_recorder_new (const WeftRecorderOptions *options, GError **error);

typedef enum
{
  WEFT_LANE_THREAD = 0,  /* a worker: tasks run here */
  WEFT_LANE_PROCESS = 1, /* carries a process's memory, CPU and I/O samples */
  WEFT_LANE_HOST = 2,
  WEFT_LANE_CONTROL = 3, /* the recorder's own: run state, settings */
} WeftLaneKind;

/* Zero-initialise and fill in what is known. */
typedef struct
{
  uint32_t kind;        /* WeftLaneKind */
  uint32_t parent_lane; /* process of a thread, host of a process; WEFT_NONE */
  uint32_t domain;      /* clock domain, 0: this process */
  uint32_t worker;      /* number shown to people */
  uint32_t pid, tid;
  bool best_effort;     /* foreign: reports may come late, the watermark is no promise */
  const char *name;     /* (nullable): of thread, process or host; copied */
} WeftLaneInfo;

/**
 * weft_recorder_add_lane:
 *
 * The first chunk is taken with the first record (2 KiB for foreign lanes, of which there may be many).
 *
 * Returns: (transfer none): a lane to be used by one thread at a time
 */
WEFT_API WeftLane *weft_recorder_add_lane (WeftRecorder *recorder, const WeftLaneInfo *info);

/* Takes the lane from a thread that will not come back in time (stuck past its deadline): what it
 * published stays, what it writes later goes nowhere. Close does not wait for it. */
WEFT_API void weft_lane_abandon (WeftLane *lane);

/* Sees every batch on the recorder's thread, in lane order. Set before the first record. */
typedef void (*WeftRecorderObserverFunc) (uint32_t lane, const WeftRecord *records, uint32_t n,
                                          void *data);
WEFT_API void weft_recorder_set_observer (WeftRecorder *recorder, WeftRecorderObserverFunc func,
                                          void *data);

/* Foreign lanes: nothing that ended before @ticks will come any more. */
WEFT_API void weft_lane_set_watermark (WeftLane *lane, uint64_t ticks);
/* Defines a counter series for COUNTER records; value = amount * scale. Returns: its id */
WEFT_API uint32_t weft_recorder_series (WeftRecorder *recorder, uint32_t lane, const char *name,
                                        const char *unit, double scale);
/* A new clock domain; its number is written to @map->domain. A later map of a domain holds from its
 * anchor on and never moves the past. @error_ns: how far the anchors may be off (foreign hosts) */
WEFT_API void weft_recorder_add_clock (WeftRecorder *recorder, WeftClockMap *map,
                                       int64_t error_ns);

/* ---- the worker's side ------------------------------------------------------------------------ */

/* Called when the lane's chunk is full: publishes it and gives the next one, waiting or dropping at
 * the limit. Slow path of weft_lane_next(). */
WEFT_API void weft_lane_turn (WeftLane *lane);

/* Where the next record goes; call weft_lane_publish() when it is filled. */
static inline WeftRecord *
weft_lane_next (WeftLane *lane)
{
  if (WEFT_UNLIKELY (lane->n_used == WEFT_CHUNK_RECORDS))
    weft_lane_turn (lane);
  return &lane->chunk->records[lane->n_used];
}

static inline void
weft_lane_publish (WeftLane *lane)
{
  lane->n_used++;
  atomic_store_explicit (&lane->chunk->n_published, lane->n_used, memory_order_release);
}

static inline void
weft_lane_set_now (WeftLane *lane, uint32_t task, uint32_t segment, uint32_t attempt,
                   uint64_t start)
{
  WeftNowSlot *now = &lane->now;
  uint32_t sequence = atomic_load_explicit (&now->sequence, memory_order_relaxed);

  /* Writers of the fields use release so that none of them is seen before the odd sequence. */
  atomic_store_explicit (&now->sequence, sequence + 1, memory_order_relaxed);
  atomic_store_explicit (&now->task, task, memory_order_release);
  atomic_store_explicit (&now->segment, segment, memory_order_release);
  atomic_store_explicit (&now->attempt, attempt, memory_order_release);
  atomic_store_explicit (&now->start, start, memory_order_release);
  atomic_store_explicit (&now->sequence, sequence + 2, memory_order_release);
}

/* ---- everything else, any thread; locked, for rare events -------------------------------------- */

/* A string's id in this run; equal strings have one. */
WEFT_API uint32_t weft_recorder_string (WeftRecorder *recorder, const char *string);
/* Records of no lane (run state, settings, samples) go to the recorder's own lane 0. */
WEFT_API void weft_recorder_note (WeftRecorder *recorder, const WeftRecord *record);
WEFT_API void weft_recorder_log (WeftRecorder *recorder, uint32_t segment, uint32_t task,
                                 uint32_t attempt, int stream, uint64_t stamp, const char *bytes,
                                 size_t n_bytes);
WEFT_API void weft_recorder_error (WeftRecorder *recorder, uint32_t segment, uint32_t task,
                                   uint32_t attempt, uint64_t stamp, const char *message,
                                   const char *output);

/* A segment's bytes are fetched on the recorder's thread, in pieces of at most 1 MiB, so attaching a
 * graph costs its submitter nothing. @produce returns FALSE after the last piece; @free when done. */
typedef bool (*WeftSegmentProduceFunc) (void *data, GByteArray *piece);
WEFT_API void weft_recorder_segment (WeftRecorder *recorder, uint32_t segment,
                                     WeftSegmentProduceFunc produce, void *data,
                                     GDestroyNotify free);

/* Asks for a flush now; returns when everything published before the call is in the file (or, in
 * memory, can be read). */
WEFT_API bool weft_recorder_flush (WeftRecorder *recorder, GError **error);

/* Last drain, index and END frame; closes the file. All lanes must be at rest. @summary_json
 * (nullable): members of the END frame. */
WEFT_API bool weft_recorder_close (WeftRecorder *recorder, const char *summary_json,
                                   GError **error);
WEFT_API void weft_recorder_free (WeftRecorder *recorder);

/* In-memory recorders after flush or close: all records, lane by lane in order. */
typedef void (*WeftRecordFunc) (uint32_t lane, const WeftRecord *record, void *data);
WEFT_API void weft_recorder_foreach (WeftRecorder *recorder, WeftRecordFunc func, void *data);

typedef struct
{
  uint64_t n_records, n_dropped, n_waits, n_frames, n_file_bytes;
} WeftRecorderStats;
WEFT_API void weft_recorder_stats (WeftRecorder *recorder, WeftRecorderStats *stats);
