/* weft-run-writer-private.h: appends frames to a run file
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Frames are gathered as a list of pieces of memory, heads here and payloads wherever they lie, and
 * written with one writev(). So payloads must stay as they are until the commit.
 *
 * The first error ends it: the file is cut back to its last whole frame, the error is kept, and
 * everything after it is ignored. One thread at a time.
 */
#pragma once

#include "trace/weft-run-file.h"

#include <sys/uio.h>

#define WEFT_WRITER_MAX_IOV 1024
#define WEFT_WRITER_MAX_FRAMES 256
#define WEFT_WRITER_MAX_PARTS 64
#define WEFT_WRITER_INDEX_FRAMES 4096
#define WEFT_WRITER_UNIT 65536 /* what is written between ticks ends at a multiple of this */

typedef struct
{
  int fd; /* -1: not open */
  char *path;
  uint64_t run_tag;   /* immutable once the file is open */
  uint64_t offset;    /* where the next frame goes */
  uint64_t committed; /* what is in the file */
  uint64_t whole;     /* of that, up to the end of the last whole frame */
  uint64_t sequence;
  uint64_t n_records;
  uint64_t previous_index;
  GArray *entries; /* WeftIndexEntry: frames since the index before */
  GError *error;   /* (nullable): why it ended */
  uint8_t *held;   /* WEFT_WRITER_UNIT: copies of what waits for the next commit, as iov[0] */
  /* not yet written */
  uint32_t n_iov, n_frames;
  struct iovec iov[WEFT_WRITER_MAX_IOV];
  WeftFrameHead heads[WEFT_WRITER_MAX_FRAMES];
  uint64_t frame_ends[WEFT_WRITER_MAX_FRAMES];
} WeftRunWriter;

/* Creates the file and writes its head. @created_wall_ns: when the run began. FALSE with an error
 * of WEFT_RECORDER_ERROR */
bool _weft_run_writer_open (WeftRunWriter *writer, const char *path, int64_t created_wall_ns,
                            GError **error);

/* Appends a frame whose payload is the @parts (at most WEFT_WRITER_MAX_PARTS) one after the other.
 * For RECORDS the first part is the WeftRecordsHead. Returns: its offset */
uint64_t _weft_run_writer_frame (WeftRunWriter *writer, WeftFrameKind kind, uint16_t flags,
                                 uint32_t lane, uint64_t watermark, const struct iovec *parts,
                                 uint32_t n_parts);

/* Writes what was appended. */
void _weft_run_writer_commit (WeftRunWriter *writer);
/* Writes most of it, and keeps a copy of the rest, which may begin within a frame. */
void _weft_run_writer_commit_most (WeftRunWriter *writer);

/* Index, END and trailer. */
void _weft_run_writer_finish (WeftRunWriter *writer, uint64_t watermark, const WeftEndHead *end,
                              const char *summary_json);

/* Closes the file; a close that fails is an error like others. */
void _weft_run_writer_close (WeftRunWriter *writer);
void _weft_run_writer_clear (WeftRunWriter *writer);
