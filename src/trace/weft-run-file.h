/* weft-run-file.h: the frame of a run file (.weft)
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A run file is append-only: a 64-byte file head, then frames. Each frame is a 48-byte head and a
 * payload padded with zeros to a multiple of 16. Readers take whole frames whose CRC fits and stop at
 * the first that does not; while a file is being written they come back later. data/doc/run-file.md
 * is the full description, from which readers in other languages are written.
 *
 * File head:
 *   0  u8[8]  "WEFTRUN\n"        8  u32 version = 1     12  u32 head bytes = 64
 *  16  u8[16] run id (random)   32  i64 created, wall-clock ns since 1970
 *  40  u32 page size hint       44  u32 flags (0)
 *  48  u8[12] zeros             60  u32 CRC-32C of bytes 0 … 59
 */
#pragma once

#include "base/weft-base.h"

#define WEFT_RUN_FILE_MAGIC "WEFTRUN\n"
#define WEFT_RUN_FILE_VERSION 1
#define WEFT_RUN_FILE_HEAD_BYTES 64
#define WEFT_FRAME_MAGIC 0x4d524657u /* "WFRM" */
#define WEFT_FRAME_HEAD_BYTES 48
#define WEFT_FRAME_ALIGN 16
#define WEFT_FRAME_MAX_BYTES (1u << 30)

typedef enum
{
  WEFT_FRAME_META = 1,     /* JSON object: name, program, host, settings */
  WEFT_FRAME_CLOCK = 2,    /* WeftClockMap of a domain; a later one for the domain replaces it */
  WEFT_FRAME_STRINGS = 3,  /* strings with ids, growing */
  WEFT_FRAME_SEGMENT = 4,  /* part of a graph segment; its summary (tasks, groups) comes first, before
                              any record of the segment; open segments may grow */
  WEFT_FRAME_LANE = 5,     /* a lane begins: domain, worker number, names of host, process, thread */
  WEFT_FRAME_RECORDS = 6,  /* WeftRecord × n of one lane */
  WEFT_FRAME_NOW = 7,      /* per lane that changed: what it runs, and its watermark */
  WEFT_FRAME_LOG = 8,      /* output of a task: stream, stamp, bytes */
  WEFT_FRAME_ERROR = 9,    /* message, attempt, captured output of a failed task */
  WEFT_FRAME_INDEX = 10,   /* at the end: where the frames are */
  WEFT_FRAME_END = 11,     /* JSON: the summary. After it nothing follows */
  WEFT_FRAME_SERIES = 12,  /* a named counter series: id, lane, unit, scale */
} WeftFrameKind;

/**
 * WeftFrameHead:
 * @magic: WEFT_FRAME_MAGIC
 * @kind: WeftFrameKind; unknown kinds are skipped
 * @flags: kind's own
 * @n_bytes: of the payload, without padding
 * @lane: lane of RECORDS, LOG; segment of SEGMENT; else 0
 * @sequence: number of the frame in the file, from 0
 * @watermark: RECORDS: every record of this lane that ends before this stamp stands in this frame or
 *   before it; else the recorder's time of writing (ticks of domain 0)
 * @first_start: RECORDS: smallest start among them (for seeking); else 0
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
  uint64_t first_start;
  uint32_t payload_crc;
  uint32_t head_crc;
} WeftFrameHead;

_Static_assert (sizeof (WeftFrameHead) == WEFT_FRAME_HEAD_BYTES, "frame heads are 48 bytes");
