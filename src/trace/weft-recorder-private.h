/* weft-recorder-private.h: the parts of a recorder
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Threads:
 *
 *   worker      its LaneData's first half; links chunks behind the tail, which the round follows
 *   round       one thread at a time, holding round_lock: the recorder's thread, or who flushes or
 *               closes. Drains lanes, writes frames, calls the observers, recycles chunks
 *   any         under `lock`: the list of lanes, and the queue of frames that are not records
 *
 * Lock order: round_lock, lock, pool.lock. Workers take pool.lock only, for a few instructions.
 *
 * A round looks at the lanes' published counts first and takes the queue afterwards. What a record
 * refers to (lane, string, segment) was queued before the record was published, so it is in the
 * queue taken, and its frame is written first.
 */
#pragma once

#include "trace/weft-recorder.h"
#include "trace/weft-run-writer-private.h"

#include <pthread.h>

/* What is promised is a frame each 100 ms; a thread that sleeps is woken late now and then. */
#define WEFT_TICK_NS INT64_C (50000000)
#define WEFT_SAMPLE_NS INT64_C (100000000)
#define WEFT_NOW_FULL_NS INT64_C (10000000000)
#define WEFT_DEFAULT_BUFFER_BYTES (UINT64_C (256) << 20)
/* The recorder is woken when so much waits: early, so that little is left to do at close. */
#define WEFT_SIGNAL_BYTES (256u << 10)
#define WEFT_FRAME_RECORD_BYTES (1u << 20)

/* ---- chunks ---------------------------------------------------------------------------------- */

#define WEFT_SLAB_BYTES (2u << 20)
/* So many chunks rest before the first of them is used again: by then the recorder's cache has let
 * go of its lines, which are dearer to get from there than from anywhere else. */
#define WEFT_RESTING_CHUNKS (WEFT_SLAB_BYTES / WEFT_CHUNK_BYTES)

typedef struct
{
  pthread_mutex_t lock;
  WeftChunk *oldest, *newest; /* lock: free ones that rest */
  uint32_t n_resting;         /* lock */
  WeftChunk *spare;           /* lock: further free ones */
  WeftChunk *small;           /* lock */
  GPtrArray *slabs;           /* lock: mappings of WEFT_SLAB_BYTES */
  GPtrArray *small_all;       /* lock */
  uint8_t *fresh;             /* lock: never used part of the newest slab */
  uint8_t *fresh_end;
} WeftChunkPool;

void _weft_pool_init (WeftChunkPool *pool);
void _weft_pool_clear (WeftChunkPool *pool);
/* Returns: (nullable): empty, unlinked */
WeftChunk *_weft_pool_take (WeftChunkPool *pool, bool small);
void _weft_pool_give (WeftChunkPool *pool, WeftChunk *chunk);

/* ---- lanes ----------------------------------------------------------------------------------- */

enum
{
  WEFT_LANE_ENDED = 0x1,
  WEFT_LANE_ABANDONED = 0x2,
};

typedef struct
{
  WeftLane lane;               /* first: what the worker sees */
  _Atomic (WeftChunk *) first; /* atomic: release by the worker */
  _Atomic uint32_t state;      /* atomic: seq_cst; WEFT_LANE_… bits */
  /* immutable */
  uint32_t kind;
  uint32_t worker;
  uint64_t os_thread;
  bool small;     /* begins with a small chunk */
  bool unlimited; /* never waits or drops */
  bool best_effort;
  /* owner: worker */
  WEFT_ALIGNED_LINE WeftChunk *tail; /* newest linked chunk */
  WeftChunk *trash; /* (nullable): where records go while there is no room; never linked */
  bool overflow;    /* lane.chunk is trash */
  bool dropping;    /* the last main record was dropped, so its details are */
  uint64_t n_dropped, dropped_since;
  /* owner: round */
  WEFT_ALIGNED_LINE WeftChunk *drain;
  bool retired;
  bool waits_for_commit; /* head is part of a frame not yet written */
  uint64_t last_end, watermark, previous;
  uint64_t framed; /* watermark of its last frame */
  WeftRecordsHead head;
  WeftNowEntry told;
} WeftLaneData;

_Static_assert(offsetof (WeftLaneData, lane) == 0, "a lane is its data");

WeftLaneData *_weft_lane_new (WeftRecorder *recorder, uint32_t id, const WeftLaneInfo *info);
void _weft_lane_free (WeftLaneData *data);
/* By the lane's thread, or at rest: what lies in trash and is to be kept goes behind the tail, and
 * what was dropped is said. */
void _weft_lane_settle (WeftLaneData *data);

/* ---- the queue: frames that are not records -------------------------------------------------- */

/* In the queue before each payload, which is padded to 16 bytes. */
typedef struct
{
  uint32_t kind;
  uint32_t lane;
  uint32_t n_bytes;
  uint32_t reserved;
} WeftQueuedHead;

typedef struct
{
  uint32_t segment, parent_segment, parent_task;
  uint32_t n_pieces; /* written */
  WeftSegmentProduceFunc produce;
  void *data;
  GDestroyNotify free;
} WeftSegmentJob;

void _weft_segment_job_free (WeftSegmentJob *job);

/* ---- samples of the process ------------------------------------------------------------------ */

typedef struct _WeftSampler WeftSampler;

WeftSampler *_weft_sampler_new (WeftRecorder *recorder, uint64_t stamp);
void _weft_sampler_free (WeftSampler *sampler);
/* Notes the samples since the last ones in the recorder's lane 0. */
void _weft_sampler_take (WeftSampler *sampler, WeftRecorder *recorder, uint64_t stamp);

/* ---- recorder -------------------------------------------------------------------------------- */

typedef struct
{
  WeftLaneData *data;
  const WeftRecord *records;
  uint32_t n;
  uint32_t n_task_spans;
  uint64_t min_start, max_end, last_end;
} WeftDrained;

typedef struct
{
  WeftRecorderObserverFunc func;
  void *data;
} WeftObserver;

struct _WeftRecorder
{
  /* immutable */
  WeftClockSource source;
  uint64_t (*clock) (void *data);
  void *clock_data;
  uint64_t buffer_bytes;
  bool drop;
  bool in_memory; /* no path */
  bool keep;      /* chunks stay */
  uint32_t n_processors;
  int64_t created_wall_ns;
  WeftChunkPool pool;
  pthread_t thread;
  bool threaded;

  /* atomic: relaxed, but for the futexes */
  WEFT_ALIGNED_LINE _Atomic uint64_t undrained; /* bytes of chunks that are full and not recycled */
  _Atomic uint32_t wake;                        /* futex: 1: there is work */
  _Atomic uint32_t space;                       /* futex: counts up when chunks were recycled */
  _Atomic uint32_t n_waiting;
  _Atomic bool stop, failed;
  _Atomic uint64_t n_records, n_dropped, n_waits, n_lost, n_dropped_log_bytes;
  _Atomic uint64_t n_frames, n_file_bytes;

  /* lock */
  pthread_mutex_t lock;
  pthread_cond_t drained; /* the queue was taken */
  GPtrArray *lanes;       /* of WeftLaneData, by id */
  GByteArray *queue;
  GHashTable *strings; /* string → id */
  GByteArray *new_strings;
  uint32_t n_new_strings;
  GPtrArray *new_jobs;
  uint32_t n_series, n_domains;
  GPtrArray *kept;       /* in memory: queues taken, GByteArray */
  GArray *new_observers; /* WeftObserver: from the next round on */
  WeftRecorderSampleFunc sample;
  void *sample_data;
  pthread_mutex_t note_lock; /* lane 0 */

  /* round_lock */
  pthread_mutex_t round_lock;
  WeftRunWriter writer;
  GPtrArray *active; /* lanes that have not retired */
  guint n_lanes_seen;
  GArray *drain;       /* WeftDrained of this round */
  GArray *observers;   /* WeftObserver */
  GPtrArray *finished; /* chunks to recycle after it */
  GArray *now_entries;
  GByteArray *taken_queue, *taken_strings;
  GByteArray *piece;
  GPtrArray *jobs; /* segments not yet written whole; in memory: all */
  int64_t next_tick_ns, next_sample_ns, next_full_ns;
  WeftSampler *sampler;
  uint32_t n_busy; /* lanes that were in a task when it looked */
  bool flows;      /* more will come soon, and a processor is free meanwhile */
  bool closed;
};

/* A stamp of domain 0. */
uint64_t _weft_recorder_now (WeftRecorder *recorder);
/* Wakes the recorder's thread. */
void _weft_recorder_signal (WeftRecorder *recorder);

/* recorder-queue.c */
void _weft_recorder_queue (WeftRecorder *recorder, WeftFrameKind kind, uint32_t lane,
                           const struct iovec *parts, uint32_t n_parts);
/* Under lock; gives the queue's next frame from *offset on. */
bool _weft_queue_next (const GByteArray *queue, size_t *offset, WeftQueuedHead *head,
                       const uint8_t **payload);
/* Under lock: strings that are new, as the payload of a frame; clears them. */
void _weft_recorder_take_strings (WeftRecorder *recorder, GByteArray *payload);
/* Under lock, in memory: strings and queue go to what is kept. */
void _weft_recorder_keep_queue (WeftRecorder *recorder);

/* recorder-segments.c */
void _weft_write_piece (WeftRunWriter *writer, WeftSegmentJob *job, GByteArray *content,
                        uint64_t watermark, bool *more);

/* round.c */
/* @final: all segments whole, and a last NOW. Under round_lock. Returns: whether there is more to
 * do at once */
bool _weft_recorder_round (WeftRecorder *recorder, bool tick, bool final);
