/* weft-record.h: what happened, in 32 bytes each
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Workers write these into chunks of their own lane; the recorder appends the chunks to the run
 * file byte for byte; the model reads them there. Little endian. A record belongs to the lane of
 * the frame it stands in (lane = worker or thread of one clock domain); its stamps are ticks of
 * that domain.
 *
 *   0  u8  kind       3  u8 depth: nesting of spans inside a lane (foreign runs); 0
 *   1  u8  flags      4  u32 task
 *   2  u8  how        8  u32 segment
 *  12  u32 low half, 16 u16 high part: amount, 48 bits (bytes, mostly)
 *  18  u16 low part, 20 u32 high half: duration, 48 bits of ticks (30 hours at 2.6 GHz;
 *          longer spans are cut in pieces with WEFT_RECORD_CONTINUED)
 *  24  u64 start, in ticks
 *
 * Kinds from 128 on are points: bytes 12 to 15 (u32) and 16 to 23 (u64) are the kind's own, and
 * there is no duration. Kinds unknown to a reader are skipped; numbers are never reused.
 *
 * Spans of one (lane, depth) never overlap, but for those of lane 0. Depth 255 stands for 255 and
 * deeper. Overlapping tasks of foreign runs are packed into child lanes of role UNPLACED, or into
 * rows (WEFT_RECORD_ROW).
 */
#pragma once

#include "base/weft-base.h"

typedef struct
{
  uint8_t kind;
  uint8_t flags;
  uint8_t how;
  uint8_t depth;
  uint32_t task;
  uint32_t segment;
  uint32_t amount_low;
  uint64_t duration_amount; /* duration << 16 | amount bits 32 … 47 */
  uint64_t start;
} WeftRecord;

_Static_assert(sizeof (WeftRecord) == 32, "records are 32 bytes in rings and files");

typedef enum
{
  /* 0 is padding: skipped */
  WEFT_RECORD_TASK = 1,           /* span; how: outcome and acquisition; amount: bytes newly charged
                                    to the run's account by its result */
  WEFT_RECORD_ATTEMPT = 2,        /* detail of TASK, when > 1; amount: attempt */
  WEFT_RECORD_SPILL_WRITE = 3,    /* span; task: output slot; amount: bytes */
  WEFT_RECORD_SPILL_READ = 4,     /* likewise */
  WEFT_RECORD_TRANSFER = 5,       /* span; foreign: bytes of a task's result from another worker */
  WEFT_RECORD_PAUSED = 6,         /* span: a worker stood still because the user paused */
  WEFT_RECORD_MEMORY_PAUSED = 7,  /* span: no source was started for want of memory */
  WEFT_RECORD_RESOURCE_WAIT = 8,  /* span, lane 0: task was ready; amount: resource's string id */
  WEFT_RECORD_RETRY_WAIT = 9,     /* span, lane 0: back-off; amount: the attempt that failed */
  WEFT_RECORD_RECORDER_WAIT = 10, /* span: the lane's buffer was full */
  WEFT_RECORD_DROPPED = 11,       /* amount: task spans dropped (--trace-drop) since the last such
                                   record; details behind it are of dropped tasks */
  WEFT_RECORD_PARKED = 12,        /* span: worker asleep, nothing to do */
  WEFT_RECORD_WORKER_START = 13,  /* task: OS thread id; segment: worker slot */
  WEFT_RECORD_WORKER_STOP = 14,
  WEFT_RECORD_READY = 15,     /* task became ready (foreign runs, retries, late edges) */
  WEFT_RECORD_RELEASED = 16,  /* freed otherwise than with its last consumer; task: output slot */
  WEFT_RECORD_ERRED = 17,     /* task erred without running; a CULPRIT detail follows */
  WEFT_RECORD_CANCELLED = 18, /* task will not run */
  WEFT_RECORD_MEMORY = 19,    /* task: WeftMemorySample; amount: bytes */
  WEFT_RECORD_CPU = 20,       /* span over the sample's interval; amount: CPU ns in it;
                                    task 0: process, 1: its children */
  WEFT_RECORD_IO = 21,        /* span likewise; task: WeftIoSample; amount: bytes */
  WEFT_RECORD_RUN_STATE = 22, /* how: WeftRunPhase entered */
  WEFT_RECORD_ADMITTED = 23,  /* task was started over the memory limit, as nothing else could */
  WEFT_RECORD_SPILL_FAILED = 24, /* task's result stayed in memory; amount: bytes */
  WEFT_RECORD_STEAL_MISS = 25,   /* span: looking for work in vain before parking */
  WEFT_RECORD_ANNOTATION = 26,   /* span or point; amount: string id; foreign programs' own marks */
  WEFT_RECORD_BLOCKED = 27,      /* span, depth 1: a task waits for a future; its slot went to a
                                    spare */
  /* 28: never used */
  WEFT_RECORD_TASK_CPU = 29,    /* detail of TASK: CPU ns of its thread in amount */
  WEFT_RECORD_WORKER_LOST = 30, /* foreign: the lane's worker is gone */
  WEFT_RECORD_OUTPUT = 31,      /* detail of TASK with several outputs; task: output slot; amount:
                                    bytes newly charged by it */
  WEFT_RECORD_CULPRIT = 32,     /* detail of ERRED: task and segment of the culprit */
  WEFT_RECORD_PEER = 33,        /* detail of TRANSFER, TIMED_OUT, or of a stolen TASK; amount: the
                                    other lane */
  WEFT_RECORD_MESSAGE = 34,     /* detail: amount: string id */
  WEFT_RECORD_TIMED_OUT = 35,   /* span, lane 0: an attempt up to its deadline; amount: attempt; the
                                    lane it ran on follows as PEER */
  WEFT_RECORD_ASSIGNED = 36,    /* foreign: task was given to this lane's worker, not started yet */
  /* 37: never used */
  WEFT_RECORD_COUNTER = 38,   /* task: series id (SERIES frame); amount: value before scaling */
  WEFT_RECORD_ELSEWHERE = 39, /* span: the worker served another run */
  WEFT_RECORD_BEGIN = 40,     /* a span of this task is open since start; its end comes later */
  /* 41: never used */
  WEFT_RECORD_BREAK = 42,   /* point: a breakpoint was hit at task */
  WEFT_RECORD_STEPPED = 43, /* point: the user stepped; task is what ran */
  WEFT_RECORD_REUSED = 44,  /* task was not run: its kept result of an earlier run stands in */
  /* 45: never used */
  WEFT_RECORD_STATE = 46,  /* point, foreign: task entered a state; how: number of the state
                              (0 waiting, 1 queued, 2 processing, 3 memory, 4 released, 5 erred,
                              6 cancelled); amount: lane it is assigned to + 1, or 0 */
  WEFT_RECORD_PHASE = 47,  /* span inside or before a task; how: WeftPhase; amount: bytes */
  WEFT_RECORD_SLOWED = 48, /* span: the delay of slow motion */

  WEFT_RECORD_VALUE = 128,   /* a named value of a task (or, task NONE, of the lane); how:
                                    WeftValueForm; low: name's string id; high: the value */
  WEFT_RECORD_SETTING = 129, /* a setting was changed; how: WeftValueForm; low: WeftSetting;
                                    high: new value */
  WEFT_RECORD_LINK = 130,    /* how: WeftLink; task and segment: the later end; low: other task;
                                    high: other segment */
} WeftRecordKind;

/* Own runs tell TASK_CPU of spans from this length on. */
#define WEFT_RECORD_CPU_NS 100000

/* From this kind on: points without duration and amount. */
#define WEFT_RECORD_FIRST_POINT 128

/* flags */
#define WEFT_RECORD_SHARED 0x01    /* start is the end of the record before: one stamp for both */
#define WEFT_RECORD_CONTINUED 0x02 /* the next record of the lane goes on with the same span */
#define WEFT_RECORD_UNIT 0x04      /* a member of a fused unit, not its first */
#define WEFT_RECORD_LATE 0x08      /* its deadline had passed: the result was dropped */
#define WEFT_RECORD_DETAIL \
  0x10 /* says more of the nearest earlier record of the lane that is not a
                                      detail, also across frames; its duration is 0 */
#define WEFT_RECORD_VIEW \
  0x20                       /* TASK, OUTPUT: the result holds its inputs' buffers, which count
                                      as live until this result is released */
#define WEFT_RECORD_ROW 0x40 /* depth is a packing row, not nesting */

/* how, for TASK: acquisition in bits 0–3, outcome in bits 4–7 */
typedef enum
{
  WEFT_HOW_ISSUED = 0,  /* next in the static order */
  WEFT_HOW_DIRECT = 1,  /* made ready by the task before it on this worker */
  WEFT_HOW_OWN = 2,     /* from the worker's own deque */
  WEFT_HOW_STOLEN = 3,  /* from another worker's */
  WEFT_HOW_QUEUED = 4,  /* from the run's shared queue: retry, resource, import, deferred source */
  WEFT_HOW_FOREIGN = 5, /* somebody else's scheduler */
} WeftHow;

typedef enum
{
  WEFT_OUTCOME_OK = 0,
  WEFT_OUTCOME_FAILED = 1,
  WEFT_OUTCOME_RETRIED = 2, /* failed, will be tried again */
  WEFT_OUTCOME_TIMED_OUT = 3,
  WEFT_OUTCOME_CANCELLED = 4,
  WEFT_OUTCOME_REPLACED = 5, /* returned a graph whose result becomes its own */
  WEFT_OUTCOME_RUNNING = 6,  /* only in "now" frames */
} WeftOutcome;

/* how, for LINK */
typedef enum
{
  WEFT_LINK_DATA = 0,
  WEFT_LINK_AFTER = 1,
  WEFT_LINK_PARENT = 2,      /* the other task made this one */
  WEFT_LINK_REPLACED_BY = 3, /* this task's result is the other's */
  WEFT_LINK_FLOW = 4,        /* an arrow a foreign program drew */
  WEFT_LINK_CAUSE = 5,       /* why this one erred or was cancelled */
} WeftLink;

/* how, for VALUE and SETTING: what the 64 bits are */
typedef enum
{
  WEFT_VALUE_FORM_INT64 = 0,
  WEFT_VALUE_FORM_FLOAT64 = 1,
  WEFT_VALUE_FORM_STRING = 2, /* a string id */
  WEFT_VALUE_FORM_STAMP = 3,  /* ticks of the lane's domain */
} WeftValueForm;

/* how, for PHASE */
typedef enum
{
  WEFT_PHASE_DESERIALIZE = 0,
  WEFT_PHASE_SERIALIZE = 1,
  WEFT_PHASE_GC = 2,
  WEFT_PHASE_STAGE_IN = 3,
  WEFT_PHASE_STAGE_OUT = 4,
  WEFT_PHASE_SET_UP = 5,
} WeftPhase;

/* task, for MEMORY */
typedef enum
{
  WEFT_MEMORY_MANAGED = 0,
  WEFT_MEMORY_SPILLED = 1,
  WEFT_MEMORY_RESIDENT = 2,
  WEFT_MEMORY_LIMIT = 3,
  WEFT_MEMORY_CHILDREN = 4, /* resident bytes of the process's children */
} WeftMemorySample;

/* task, for IO; children that were waited for count with the process, as the kernel counts them */
typedef enum
{
  WEFT_IO_READ = 0,
  WEFT_IO_WRITTEN = 1,
  WEFT_IO_NET_RECEIVED = 2,
  WEFT_IO_NET_SENT = 3,
} WeftIoSample;

/* Phases of a run: how of RUN_STATE. */
typedef enum
{
  WEFT_RUN_PREPARED = 0,
  WEFT_RUN_RUNNING = 1,
  WEFT_RUN_PAUSED = 2,
  WEFT_RUN_DONE = 3,
  WEFT_RUN_FAILED = 4, /* finished, and at least one task erred */
  WEFT_RUN_CANCELLED = 5,
  WEFT_RUN_INTERRUPTED = 6, /* its process ended before it: what a reader of a cut file says */
} WeftRunPhase;

/* low, for SETTING */
typedef enum
{
  WEFT_SETTING_WORKERS = 0,
  WEFT_SETTING_MEMORY_LIMIT = 1, /* bytes; 0: none */
  WEFT_SETTING_SLOW_MOTION = 2,  /* ns */
  WEFT_SETTING_ON_ERROR = 3,     /* 0 stop, 1 continue */
  WEFT_SETTING_SEED = 4,
  WEFT_SETTING_SPEED = 5,             /* float64: replay's factor */
  WEFT_SETTING_BREAK_AT_KEY = 6,      /* string id */
  WEFT_SETTING_BREAK_AT_GROUP = 7,    /* string id */
  WEFT_SETTING_BREAK_ABOVE_BYTES = 8, /* 0: off */
  WEFT_SETTING_BREAK_ON_ERROR = 9,    /* 0 or 1 */
} WeftSetting;

static inline void
weft_record_set (WeftRecord *record, uint8_t kind, uint8_t flags, uint8_t how, uint32_t task,
                 uint32_t segment, uint64_t start, uint64_t duration, uint64_t amount)
{
  record->kind = kind;
  record->flags = flags;
  record->how = how;
  record->depth = 0;
  record->task = task;
  record->segment = segment;
  record->amount_low = (uint32_t) amount;
  record->duration_amount = duration << 16 | ((amount >> 32) & 0xffff);
  record->start = start;
}

/* The same for a span without an amount; @what: segment << 32 | task. Few, wide stores. */
static inline void
weft_record_set_short (WeftRecord *record, uint8_t kind, uint8_t flags, uint8_t how, uint64_t what,
                       uint64_t start, uint64_t duration)
{
  record->kind = kind;
  record->flags = flags;
  record->how = how;
  record->depth = 0;
  memcpy ((uint8_t *) record + offsetof (WeftRecord, task), &what, sizeof what);
  record->amount_low = 0;
  record->duration_amount = duration << 16;
  record->start = start;
}

#define WEFT_RECORD_MAX_DURATION ((UINT64_C (1) << 48) - 1)
#define WEFT_RECORD_MAX_AMOUNT ((UINT64_C (1) << 48) - 1)

/**
 * weft_record_set_span:
 *
 * Fills in the span from @start to @end. An end before its start makes it empty, an amount beyond
 * 48 bits is saturated. A span beyond 48 bits of ticks is cut: this record is then a piece with
 * WEFT_RECORD_CONTINUED and no amount, and the caller goes on with another from where it ends:
 *
 *   do
 *     {
 *       WeftRecord *record = weft_lane_next (lane);
 *       start = weft_record_set_span (record, kind, flags, how, task, segment, start, end, amount);
 *       weft_lane_publish (lane);
 *     }
 *   while (start < end);
 *
 * Returns: where the record ends
 */
WEFT_API uint64_t weft_record_set_span (WeftRecord *record, uint8_t kind, uint8_t flags,
                                        uint8_t how, uint32_t task, uint32_t segment,
                                        uint64_t start, uint64_t end, uint64_t amount);

/* A point with two numbers of its own: kinds from WEFT_RECORD_FIRST_POINT on. */
static inline void
weft_record_set_point (WeftRecord *record, uint8_t kind, uint8_t flags, uint8_t how, uint32_t task,
                       uint32_t segment, uint64_t stamp, uint32_t low, uint64_t high)
{
  weft_record_set (record, kind, flags, how, task, segment, stamp, 0, low);
  record->duration_amount = high;
}

/* In ticks; 0 for points. */
static inline uint64_t
weft_record_duration (const WeftRecord *record)
{
  return record->kind < WEFT_RECORD_FIRST_POINT ? record->duration_amount >> 16 : 0;
}

/* Kinds below WEFT_RECORD_FIRST_POINT. */
static inline uint64_t
weft_record_amount (const WeftRecord *record)
{
  return (uint64_t) record->amount_low | (record->duration_amount & 0xffff) << 32;
}

/* The kind's own numbers of points from WEFT_RECORD_FIRST_POINT on. */
static inline uint32_t
weft_record_low (const WeftRecord *record)
{
  return record->amount_low;
}

static inline uint64_t
weft_record_high (const WeftRecord *record)
{
  return record->duration_amount;
}

static inline uint64_t
weft_record_end (const WeftRecord *record)
{
  return record->start + weft_record_duration (record);
}

static inline WeftHow
weft_record_how (const WeftRecord *record)
{
  return (WeftHow) (record->how & 0x0f);
}

static inline WeftOutcome
weft_record_outcome (const WeftRecord *record)
{
  return (WeftOutcome) (record->how >> 4);
}
