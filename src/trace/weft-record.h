/* weft-record.h: what happened, in 32 bytes each
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Workers write these into chunks of their own lane; the recorder appends the chunks to the run file
 * byte for byte; the model reads them there. Little endian. A record belongs to the lane of the frame
 * it stands in (lane = worker or thread of one clock domain); its stamps are ticks of that domain.
 *
 *   0  u8  kind       3  u8 depth: nesting of spans inside a lane (foreign runs); 0
 *   1  u8  flags      4  u32 task
 *   2  u8  how        8  u32 segment
 *  12  u32 low half, 16 u16 high part: amount, 48 bits (bytes, mostly)
 *  18  u16 low part, 20 u32 high half: duration, 48 bits of ticks (30 hours at 2.6 GHz;
 *          longer spans are cut in pieces with WEFT_RECORD_CONTINUED)
 *  24  u64 start, in ticks
 *
 * Kinds unknown to a reader are skipped; numbers are never reused.
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

_Static_assert (sizeof (WeftRecord) == 32, "records are 32 bytes in rings and files");

typedef enum
{
  /* 0 is padding: skipped */
  WEFT_RECORD_TASK = 1,          /* span; how: outcome and acquisition; amount: bytes made */
  WEFT_RECORD_ATTEMPT = 2,       /* detail of TASK, when > 1; amount: attempt */
  WEFT_RECORD_SPILL_WRITE = 3,   /* span; task: output slot; amount: bytes */
  WEFT_RECORD_SPILL_READ = 4,    /* likewise */
  WEFT_RECORD_TRANSFER = 5,      /* span; foreign: bytes of a task's result from another worker */
  WEFT_RECORD_PAUSED = 6,        /* span: a worker stood still because the user paused */
  WEFT_RECORD_MEMORY_PAUSED = 7, /* span: no source was started for want of memory */
  WEFT_RECORD_RESOURCE_WAIT = 8, /* span: task was ready; amount: resource's string id */
  WEFT_RECORD_RETRY_WAIT = 9,    /* span: back-off before the next attempt */
  WEFT_RECORD_RECORDER_WAIT = 10,/* span: the lane's buffer was full */
  WEFT_RECORD_DROPPED = 11,      /* amount: spans dropped (--trace-drop) since the last such record */
  WEFT_RECORD_PARKED = 12,       /* span: worker asleep, nothing to do */
  WEFT_RECORD_WORKER_START = 13, /* task: OS thread id; segment: worker slot */
  WEFT_RECORD_WORKER_STOP = 14,
  WEFT_RECORD_READY = 15,        /* task became ready (foreign runs, retries, late edges) */
  WEFT_RECORD_RELEASED = 16,     /* freed otherwise than with its last consumer; task: output slot */
  WEFT_RECORD_ERRED = 17,        /* task erred without running; a CULPRIT detail follows */
  WEFT_RECORD_CANCELLED = 18,    /* task will not run */
  WEFT_RECORD_MEMORY = 19,       /* task 0: managed, 1: spilled, 2: resident, 3: limit; amount: bytes */
  WEFT_RECORD_CPU = 20,          /* span over the sample's interval; amount: CPU ns in it;
                                    task 0: process, 1: its children */
  WEFT_RECORD_IO = 21,           /* span likewise; task 0: bytes read, 1: written */
  WEFT_RECORD_RUN_STATE = 22,    /* how: WeftRunPhase entered */
  WEFT_RECORD_ADMITTED = 23,     /* task was started over the memory limit, as nothing else could */
  WEFT_RECORD_SPILL_FAILED = 24, /* task's result stayed in memory; amount: bytes */
  WEFT_RECORD_STEAL_MISS = 25,   /* span: looking for work in vain before parking */
  WEFT_RECORD_ANNOTATION = 26,   /* span or point; amount: string id; foreign programs' own marks */
  WEFT_RECORD_BLOCKED = 27,      /* span: a task waits for a future; its slot went to a spare */
  WEFT_RECORD_SETTING = 28,      /* task: which (WeftSetting); amount: new value */
  WEFT_RECORD_TASK_CPU = 29,     /* detail of TASK: CPU ns in amount */
  WEFT_RECORD_WORKER_LOST = 30,  /* foreign: the lane's worker is gone */
  WEFT_RECORD_OUTPUT = 31,       /* detail of TASK with several outputs; task: output slot; amount:
                                    its bytes */
  WEFT_RECORD_CULPRIT = 32,      /* detail of ERRED: task and segment of the culprit */
  WEFT_RECORD_PEER = 33,         /* detail of TRANSFER: amount: the other lane */
  WEFT_RECORD_MESSAGE = 34,      /* detail: amount: string id */
  WEFT_RECORD_TIMED_OUT = 35,    /* point, control lane: task passed its deadline; amount: attempt */
  WEFT_RECORD_ASSIGNED = 36,     /* foreign: task was given to this lane's worker, not started yet */
  WEFT_RECORD_DESERIALIZE = 37,  /* span; foreign */
  WEFT_RECORD_COUNTER = 38,      /* task: series id (SERIES frame); start_value in amount */
  WEFT_RECORD_ELSEWHERE = 39,    /* span: the worker served another run */
  WEFT_RECORD_BEGIN = 40,        /* a span of this task is open since start; its end comes later */
  WEFT_RECORD_PARENT = 41,       /* detail: task and segment that made this segment (amount) */
  WEFT_RECORD_BREAK = 42,        /* point: a breakpoint was hit at task */
  WEFT_RECORD_STEPPED = 43,      /* point: the user stepped; task is what ran */
  WEFT_RECORD_REUSED = 44,       /* task was not run: its kept result of an earlier run stands in */
} WeftRecordKind;

/* flags */
#define WEFT_RECORD_SHARED 0x01    /* start is the end of the record before: one stamp for both */
#define WEFT_RECORD_CONTINUED 0x02 /* the next record of the lane goes on with the same span */
#define WEFT_RECORD_UNIT 0x04      /* a member of a fused unit, not its first */
#define WEFT_RECORD_LATE 0x08      /* its deadline had passed: the result was dropped */
#define WEFT_RECORD_DETAIL 0x10    /* says more of the nearest earlier record of the lane that is not a
                                      detail, also across frames; its duration is 0 */

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

static inline uint64_t
weft_record_duration (const WeftRecord *record)
{
  return record->duration_amount >> 16;
}

static inline uint64_t
weft_record_amount (const WeftRecord *record)
{
  return (uint64_t) record->amount_low | (record->duration_amount & 0xffff) << 32;
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
