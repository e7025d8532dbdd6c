/* weft-run-file.h: the layout of a run file (.weft)
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A run file is append-only: a 64-byte file head, then frames. Each frame is a 48-byte head and a
 * payload padded with zeros to a multiple of 16. Readers take whole frames whose CRC fits and stop
 * at the first that does not; while a file is being written they come back later.
 * data/doc/run-file.md is the full description, from which readers in other languages are written.
 *
 * A closed file ends with an INDEX frame, an END frame and the 16 bytes of WeftRunTrailer.
 */
#pragma once

#include "base/weft-base.h"
#include "base/weft-clock.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
               "records and frames are written as they lie in memory, which must be little endian");

#define WEFT_RUN_FILE_MAGIC "WEFTRUN\n"
#define WEFT_RUN_FILE_VERSION 1
#define WEFT_RUN_FILE_HEAD_BYTES 64
#define WEFT_FRAME_MAGIC 0x4d524657u /* "WFRM" */
#define WEFT_FRAME_HEAD_BYTES 48
#define WEFT_FRAME_ALIGN 16
#define WEFT_FRAME_MAX_BYTES (1u << 30)
#define WEFT_RUN_TRAILER_MAGIC "WFTEND\0\n"

/**
 * WeftRunFileHead:
 * @compatible: feature bits a reader may ignore
 * @incompatible: feature bits; a reader that does not know one of them must not read the file
 * @crc: CRC-32C of bytes 0 … 59
 */
typedef struct
{
  uint8_t magic[8];      /* "WEFTRUN\n" */
  uint32_t version;      /* 1 */
  uint32_t n_head_bytes; /* 64 */
  uint8_t run_id[16];    /* random */
  int64_t created_wall_ns;
  uint32_t page_bytes; /* hint */
  uint16_t compatible;
  uint16_t incompatible;
  uint8_t reserved[12];
  uint32_t crc;
} WeftRunFileHead;

_Static_assert(sizeof (WeftRunFileHead) == WEFT_RUN_FILE_HEAD_BYTES, "file heads are 64 bytes");

typedef enum
{
  WEFT_FRAME_META = 1,    /* JSON object: name, program, host, settings */
  WEFT_FRAME_CLOCK = 2,   /* WeftRunClock: a piece of a clock domain's map */
  WEFT_FRAME_STRINGS = 3, /* strings with ids, growing; precede what uses them */
  WEFT_FRAME_SEGMENT =
      4,               /* part of a graph segment; its summary (tasks, groups) comes first, before
                              any record of the segment; open segments may grow */
  WEFT_FRAME_LANE = 5, /* a lane begins; precedes its records */
  WEFT_FRAME_RECORDS = 6, /* WeftRecordsHead, then WeftRecord × n of one lane */
  WEFT_FRAME_NOW = 7,     /* WeftNowEntry × n: what lanes that changed run, and their watermarks */
  WEFT_FRAME_LOG = 8,     /* WeftLogHead, then output of a task or lane */
  WEFT_FRAME_ERROR = 9,   /* WeftErrorHead, then texts: why an attempt failed */
  WEFT_FRAME_INDEX = 10,  /* WeftIndexHead, then WeftIndexEntry × n: where frames are */
  WEFT_FRAME_END = 11,    /* WeftEndHead, then JSON: the summary. Only the trailer follows */
  WEFT_FRAME_SERIES = 12, /* WeftSeriesHead, then name and unit of a counter series */
  WEFT_FRAME_FACTS = 13,  /* WeftFactsHead, then a JSON object about a task's attempt or a lane */
  WEFT_FRAME_LOD = 14,    /* reserved: levels of detail */
} WeftFrameKind;

/* Flags of all kinds; the low byte is the kind's own. */
#define WEFT_FRAME_ENCODING_SHIFT 12
#define WEFT_FRAME_ENCODING_MASK \
  0x3000u /* payload: 0 as it is, 1 LZ4, 2 zstd; version 1 writes 0 */
#define WEFT_FRAME_MUST_UNDERSTAND 0x8000u /* a reader that does not know the kind must stop */
/* Flags of NOW: every lane that has not ended is in it. */
#define WEFT_FRAME_NOW_FULL 0x0001u

/**
 * WeftFrameHead:
 * @magic: WEFT_FRAME_MAGIC
 * @kind: WeftFrameKind; unknown kinds are skipped
 * @flags: see above
 * @n_bytes: of the payload, without padding
 * @lane: lane of RECORDS, LOG, ERROR, FACTS (or WEFT_NONE); segment of SEGMENT; else 0
 * @sequence: number of the frame in the file, from 0
 * @watermark: RECORDS: every record of this lane that ends before this stamp stands in this frame
 *   or before it (ticks of the lane's domain); else the recorder's time of writing (ticks of domain
 *   0)
 * @run_tag: first 8 bytes of the run id, so that frames of another run are never taken for this
 * one's
 * @payload_crc: CRC-32C of the payload
 * @head_crc: CRC-32C of the head's first 44 bytes
 */
typedef struct
{
  uint32_t magic;
  uint16_t kind;
  uint16_t flags;
  uint32_t n_bytes;
  uint32_t lane;
  uint64_t sequence;
  uint64_t watermark;
  uint64_t run_tag;
  uint32_t payload_crc;
  uint32_t head_crc;
} WeftFrameHead;

_Static_assert(sizeof (WeftFrameHead) == WEFT_FRAME_HEAD_BYTES, "frame heads are 48 bytes");

/* ---- payloads -------------------------------------------------------------------------------- */

typedef enum
{
  WEFT_CLOCK_NO_WALL = 0x1,          /* anchor_wall_ns says nothing */
  WEFT_CLOCK_ESTIMATED_OFFSET = 0x2, /* offset_ns was estimated from messages */
  WEFT_CLOCK_HOST_WALL_ONLY = 0x4,   /* only the host's wall clock ties it to others */
  WEFT_CLOCK_FINAL = 0x8,            /* nothing better will come for this domain */
} WeftClockFlags;

/**
 * WeftRunClock:
 * @map: what the domain's ticks mean
 * @offset_ns: from the map's monotonic nanoseconds to the file's common axis (domain 0's)
 * @uncertainty_ns: how far offset and anchors may be off
 * @resolution_ns: smallest step of the domain's stamps that means something
 * @flags: WeftClockFlags
 * @valid_from_ticks: the piece holds from this stamp on, up to the next piece of the domain. A
 *   piece supersedes those written before it that begin at the same stamp or later
 */
typedef struct
{
  WeftClockMap map;
  int64_t offset_ns;
  uint64_t uncertainty_ns;
  uint64_t resolution_ns;
  uint32_t flags;
  uint32_t reserved;
  uint64_t valid_from_ticks;
} WeftRunClock;

/* Then, n_strings times: u32 length in bytes, the bytes (UTF-8, no 0). Ids count up. */
typedef struct
{
  uint32_t first_id;
  uint32_t n_strings;
} WeftStringsHead;

typedef enum
{
  WEFT_SEGMENT_FIRST = 0x1, /* the summary */
  WEFT_SEGMENT_LAST = 0x2,  /* the segment is complete */
  WEFT_SEGMENT_OPEN = 0x4,  /* with FIRST: the segment may grow after this */
} WeftSegmentFlags;

/**
 * WeftSegmentHead:
 * @segment: number of the segment in the run
 * @piece: number of the piece in the segment, from 0
 * @flags: WeftSegmentFlags
 * @first_task: first task the piece tells of
 * @n_tasks: how many it tells of; FIRST: how many the segment has (so far)
 * @parent_segment: whose task returned or submitted this segment, or WEFT_NONE
 * @parent_task: that task, or WEFT_NONE
 *
 * The piece's content follows: a graph segment in the form of data/doc/run-file.md, "Segments".
 */
typedef struct
{
  uint32_t segment;
  uint32_t piece;
  uint32_t flags;
  uint32_t first_task;
  uint32_t n_tasks;
  uint32_t parent_segment;
  uint32_t parent_task;
  uint32_t reserved;
} WeftSegmentHead;

typedef enum
{
  WEFT_LANE_THREAD = 0,  /* a worker: tasks run here */
  WEFT_LANE_PROCESS = 1, /* carries a process's memory, CPU and I/O samples */
  WEFT_LANE_HOST = 2,
  WEFT_LANE_CONTROL = 3,   /* the recorder's own: run state, settings */
  WEFT_LANE_UNPLACED = 4,  /* foreign tasks of which no thread is known, packed */
  WEFT_LANE_SCHEDULER = 5, /* a foreign scheduler's own view */
} WeftLaneKind;

#define WEFT_LANE_BEST_EFFORT 0x1u /* reports may come late, the watermark is no promise */

/* Then n_name_bytes of UTF-8. */
typedef struct
{
  uint32_t lane;
  uint32_t kind;        /* WeftLaneKind */
  uint32_t parent_lane; /* or WEFT_NONE */
  uint32_t domain;
  uint32_t worker;
  uint32_t pid;
  uint64_t os_thread;
  uint32_t n_threads;
  uint32_t flags; /* WEFT_LANE_… */
  uint64_t memory_limit_bytes;
  uint32_t n_name_bytes;
  uint32_t reserved;
} WeftLaneHead;

/**
 * WeftRecordsHead:
 * @min_start: smallest start among the records
 * @max_end: greatest end
 * @previous: offset of the lane's RECORDS frame before this one, or 0
 * @n_records: how many follow
 * @n_task_spans: how many of them are TASK
 */
typedef struct
{
  uint64_t min_start;
  uint64_t max_end;
  uint64_t previous;
  uint32_t n_records;
  uint32_t n_task_spans;
} WeftRecordsHead;

/**
 * WeftNowEntry:
 * @task: what the lane ran when it was looked at, or WEFT_NONE
 * @kind: kind of the span it was in: TASK, PARKED …; 0 unknown
 * @start: its start
 * @watermark: as in the head of RECORDS; UINT64_MAX: the lane has ended
 *
 * A TASK record of the same task, attempt and start supersedes the entry.
 */
typedef struct
{
  uint32_t lane;
  uint32_t task;
  uint32_t segment;
  uint16_t attempt;
  uint8_t kind;
  uint8_t depth;
  uint64_t start;
  uint64_t watermark;
} WeftNowEntry;

typedef enum
{
  WEFT_STREAM_OUT = 1,
  WEFT_STREAM_ERR = 2,
  WEFT_STREAM_LOG = 3,
  WEFT_STREAM_EVENT = 4,
} WeftStream;

/* Then the bytes, not necessarily UTF-8, cut anywhere. */
typedef struct
{
  uint64_t stamp;
  uint32_t segment; /* or WEFT_NONE */
  uint32_t task;    /* or WEFT_NONE: the lane's */
  uint32_t attempt;
  uint8_t stream; /* WeftStream */
  uint8_t level;  /* LOG: syslog's 0 emergency … 7 debug; else 0 */
  uint16_t reserved;
} WeftLogHead;

/* Kind of an ERROR: the process dies of a signal, in that task; the message is “signal 11 (…)”. */
#define WEFT_ERROR_KIND_SIGNAL "signal"

/* Then the four texts one after the other, UTF-8 where the writer had it so. */
typedef struct
{
  uint64_t stamp;
  uint32_t segment;
  uint32_t task;
  uint32_t attempt;
  uint32_t n_kind_bytes; /* exception's type or the engine's word for it */
  uint32_t n_message_bytes;
  uint32_t n_detail_bytes; /* traceback */
  uint32_t n_output_bytes; /* what the task wrote last */
  uint32_t reserved;
} WeftErrorHead;

/* Then name and unit, UTF-8. Values of the series are amount * scale. */
typedef struct
{
  uint32_t series;
  uint32_t lane; /* whose it is, or WEFT_NONE */
  double scale;
  uint32_t n_name_bytes;
  uint32_t n_unit_bytes;
} WeftSeriesHead;

/* Then a JSON object. Task WEFT_NONE: about the lane of the frame's head. */
typedef struct
{
  uint64_t stamp;
  uint32_t segment;
  uint32_t task;
  uint32_t attempt;
  uint32_t reserved;
} WeftFactsHead;

/* An index frame lists the frames since the index frame before it, none of which is an index. */
typedef struct
{
  uint64_t previous; /* offset of the index frame before, or 0 */
  uint32_t n_entries;
  uint32_t reserved;
} WeftIndexHead;

typedef struct
{
  uint64_t offset;    /* of the frame's head in the file */
  uint64_t min_start; /* RECORDS; else 0 */
  uint64_t max_end;   /* RECORDS; else 0 */
  uint32_t lane;      /* as in the frame's head */
  uint32_t n_records; /* RECORDS; else 0 */
  uint16_t kind;
  uint16_t flags;
  uint32_t reserved;
} WeftIndexEntry;

/* Then JSON. */
typedef struct
{
  uint64_t n_records; /* in the file */
  uint64_t n_dropped; /* task spans dropped at the limit */
  uint64_t n_waits;   /* RECORDER_WAIT records */
  uint64_t n_dropped_log_bytes;
} WeftEndHead;

typedef struct
{
  uint64_t index;   /* offset of the last index frame */
  uint8_t magic[8]; /* WEFT_RUN_TRAILER_MAGIC */
} WeftRunTrailer;

_Static_assert(sizeof (WeftRunClock) == 80, "layout of the file");
_Static_assert(sizeof (WeftStringsHead) == 8, "layout of the file");
_Static_assert(sizeof (WeftSegmentHead) == 32, "layout of the file");
_Static_assert(sizeof (WeftLaneHead) == 56, "layout of the file");
_Static_assert(sizeof (WeftRecordsHead) == 32, "layout of the file");
_Static_assert(sizeof (WeftNowEntry) == 32, "layout of the file");
_Static_assert(sizeof (WeftLogHead) == 24, "layout of the file");
_Static_assert(sizeof (WeftErrorHead) == 40, "layout of the file");
_Static_assert(sizeof (WeftSeriesHead) == 24, "layout of the file");
_Static_assert(sizeof (WeftFactsHead) == 24, "layout of the file");
_Static_assert(sizeof (WeftIndexHead) == 16, "layout of the file");
_Static_assert(sizeof (WeftIndexEntry) == 40, "layout of the file");
_Static_assert(sizeof (WeftEndHead) == 32, "layout of the file");
_Static_assert(sizeof (WeftRunTrailer) == 16, "layout of the file");

/* ---- new files ------------------------------------------------------------------------------- */

/**
 * weft_run_file_default_folder:
 *
 * Where files of runs go for which nobody said where: weftline/runs in the user's cache folder.
 *
 * Returns: (transfer full)
 */
WEFT_API char *weft_run_file_default_folder (void);

/**
 * weft_run_file_new_path:
 * @name: of the run; any text
 *
 * A path for a run's file, of what can be read in its name, the moment and chance; there should be
 * no such file. No disk is touched. Any thread.
 *
 * Returns: (transfer full)
 */
WEFT_API char *weft_run_file_new_path (const char *folder, const char *name);

/**
 * weft_run_file_make:
 * @folder: made if it is not there
 * @name: of the run; any text
 *
 * Makes an empty file of such a path, which is the user's alone. Any thread.
 *
 * Returns: (transfer full) (nullable): its path; %NULL with an error of G_FILE_ERROR
 */
WEFT_API char *weft_run_file_make (const char *folder, const char *name, GError **error);
