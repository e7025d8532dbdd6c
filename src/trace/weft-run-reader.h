/* weft-run-reader.h: reads run files, also while they are being written
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A reader hands out a file's frames in order. Where the file ends without an END frame, more may
 * come: ask again. Every length and offset is checked before it is used, so any bytes are safe to
 * read; what a frame says (task numbers, string ids, stamps) is not checked here.
 *
 * A reader belongs to one thread at a time.
 */
#pragma once

#include "trace/weft-record.h"
#include "trace/weft-run-file.h"

typedef struct _WeftRunReader WeftRunReader;

#define WEFT_RUN_READER_ERROR (weft_run_reader_error_quark ())
/**
 * weft_run_reader_error_quark:
 *
 * Any thread.
 */
WEFT_API GQuark weft_run_reader_error_quark (void);

typedef enum
{
  WEFT_RUN_READER_ERROR_IO,          /* open, read: path and errno's text */
  WEFT_RUN_READER_ERROR_FORMAT,      /* not a run file */
  WEFT_RUN_READER_ERROR_UNSUPPORTED, /* a later version, or a feature that must be understood */
  WEFT_RUN_READER_ERROR_DAMAGED,     /* where and what */
} WeftRunReaderError;

typedef enum
{
  WEFT_RUN_READ_FRAME, /* a frame */
  WEFT_RUN_READ_AGAIN, /* no further whole frame yet: still being written, or cut off there */
  WEFT_RUN_READ_END,   /* after the END frame: the file is complete */
  WEFT_RUN_READ_GAP,   /* WEFT_RUN_READER_RESYNC: bytes were skipped; the frame tells which */
  WEFT_RUN_READ_ERROR, /* damaged, or it cannot be read: @error is set. Sticky */
} WeftRunReadStatus;

typedef enum
{
  WEFT_RUN_READER_RESYNC = 0x1, /* behind damage search the next valid frame of the run */
} WeftRunReaderFlags;

/**
 * WeftRunFrame:
 * @head: a copy of the frame's head (of a gap: zeros)
 * @offset: of the frame, or the gap, in the file
 * @n_bytes: of the frame with head and padding, or of the gap
 * @payload: head.n_bytes, 16-byte aligned; valid until the reader is asked again
 */
typedef struct
{
  WeftFrameHead head;
  uint64_t offset;
  uint64_t n_bytes;
  const uint8_t *payload;
} WeftRunFrame;

/**
 * weft_run_reader_open:
 *
 * Returns: (transfer full) (nullable): %NULL with an error of WEFT_RUN_READER_ERROR. A file shorter
 *   than its head is no error if the head so far is right: it is still being written
 */
WEFT_API WeftRunReader *weft_run_reader_open (const char *path, WeftRunReaderFlags flags,
                                              GError **error);

/**
 * weft_run_reader_new_for_bytes:
 * @bytes: not copied
 *
 * Returns: (transfer full) (nullable): as weft_run_reader_open()
 */
WEFT_API WeftRunReader *weft_run_reader_new_for_bytes (const void *bytes, size_t n_bytes,
                                                       WeftRunReaderFlags flags, GError **error);

/**
 * weft_run_reader_free:
 * @reader: (nullable)
 */
WEFT_API void weft_run_reader_free (WeftRunReader *reader);

/**
 * weft_run_reader_next:
 * @frame: (out caller-allocates): for FRAME and GAP, else untouched
 *
 * The next frame. Frames of unknown kind are handed out too.
 */
WEFT_API WeftRunReadStatus weft_run_reader_next (WeftRunReader *reader, WeftRunFrame *frame,
                                                 GError **error);

/**
 * WeftRunReaderInfo:
 * @head: the file's head; zeros while it is not there
 * @n_whole_bytes: up to where whole frames were read
 * @n_file_bytes: how long the file was when last looked at; more than @n_whole_bytes (and not
 *   ended): the last frame is cut off
 * @n_frames: how many frames were handed out
 * @n_gaps: how often bytes were skipped
 * @n_gap_bytes: how many
 * @ended: the END frame was read: the file is complete
 */
typedef struct
{
  WeftRunFileHead head;
  uint64_t n_whole_bytes;
  uint64_t n_file_bytes;
  uint64_t n_frames;
  uint64_t n_gaps;
  uint64_t n_gap_bytes;
  bool ended;
} WeftRunReaderInfo;

/**
 * weft_run_reader_info:
 * @info: (out caller-allocates)
 */
WEFT_API void weft_run_reader_info (WeftRunReader *reader, WeftRunReaderInfo *info);

/**
 * weft_run_reader_index:
 *
 * Reads the index of a closed file through its trailer, without the frames.
 *
 * Returns: (transfer full) (nullable) (element-type WeftIndexEntry): in the file's order; %NULL if
 *   the file has no trailer or its index is damaged, which is no error: read the frames
 */
WEFT_API GArray *weft_run_reader_index (WeftRunReader *reader);

/**
 * weft_run_reader_seek:
 * @offset: of a frame, from an index entry or a frame
 *
 * The next frame read is the one there.
 */
WEFT_API void weft_run_reader_seek (WeftRunReader *reader, uint64_t offset);

/* ---- what frames say ------------------------------------------------------------------------- */

/* Text inside a frame: not 0-terminated, perhaps not UTF-8, valid as long as the frame. */
typedef struct
{
  const char *chars;
  size_t n_bytes;
} WeftRunText;

/* Each of these returns whether the frame is of that kind and its payload is whole. Pointers point
 * into the frame. Any thread. */

/**
 * weft_run_frame_records:
 * @head: (out) (nullable)
 * @records: (out): head.n_records of them
 */
WEFT_API bool weft_run_frame_records (const WeftRunFrame *frame, WeftRecordsHead *head,
                                      const WeftRecord **records, uint32_t *n_records);
/**
 * weft_run_frame_now:
 * @entries: (out)
 */
WEFT_API bool weft_run_frame_now (const WeftRunFrame *frame, const WeftNowEntry **entries,
                                  uint32_t *n_entries);
/**
 * weft_run_frame_json:
 * @text: (out): of META, END and FACTS
 */
WEFT_API bool weft_run_frame_json (const WeftRunFrame *frame, WeftRunText *text);
/**
 * weft_run_frame_clock:
 * @clock: (out caller-allocates): ticks_per_second is not 0
 */
WEFT_API bool weft_run_frame_clock (const WeftRunFrame *frame, WeftRunClock *clock);
/**
 * weft_run_frame_lane:
 * @lane: (out caller-allocates)
 * @name: (out)
 */
WEFT_API bool weft_run_frame_lane (const WeftRunFrame *frame, WeftLaneHead *lane,
                                   WeftRunText *name);
/**
 * weft_run_frame_segment:
 * @segment: (out caller-allocates)
 * @content: (out): of the piece
 */
WEFT_API bool weft_run_frame_segment (const WeftRunFrame *frame, WeftSegmentHead *segment,
                                      WeftRunText *content);
/**
 * weft_run_frame_log:
 * @log: (out caller-allocates)
 * @bytes: (out)
 */
WEFT_API bool weft_run_frame_log (const WeftRunFrame *frame, WeftLogHead *log, WeftRunText *bytes);
/**
 * weft_run_frame_error:
 * @error: (out caller-allocates)
 * @texts: (out) (array fixed-size=4): kind, message, detail, output
 */
WEFT_API bool weft_run_frame_error (const WeftRunFrame *frame, WeftErrorHead *error,
                                    WeftRunText texts[4]);
/**
 * weft_run_frame_series:
 * @series: (out caller-allocates)
 * @name: (out)
 * @unit: (out)
 */
WEFT_API bool weft_run_frame_series (const WeftRunFrame *frame, WeftSeriesHead *series,
                                     WeftRunText *name, WeftRunText *unit);
/**
 * weft_run_frame_facts:
 * @facts: (out caller-allocates)
 * @json: (out)
 */
WEFT_API bool weft_run_frame_facts (const WeftRunFrame *frame, WeftFactsHead *facts,
                                    WeftRunText *json);
/**
 * weft_run_frame_index:
 * @head: (out caller-allocates)
 * @entries: (out): head.n_entries
 */
WEFT_API bool weft_run_frame_index (const WeftRunFrame *frame, WeftIndexHead *head,
                                    const WeftIndexEntry **entries);
/**
 * weft_run_frame_end:
 * @end: (out caller-allocates)
 * @json: (out)
 */
WEFT_API bool weft_run_frame_end (const WeftRunFrame *frame, WeftEndHead *end, WeftRunText *json);

/**
 * weft_run_frame_strings:
 * @first_id: (out)
 * @texts: (array): appended to; (element-type WeftRunText)
 */
WEFT_API bool weft_run_frame_strings (const WeftRunFrame *frame, uint32_t *first_id, GArray *texts);

/**
 * weft_run_frame_dump:
 * @text: appended to
 *
 * The frame as lines of JSON, as `weftline dump` prints them; data/doc/run-file.md, "As JSON
 * lines". Bytes that are not UTF-8 are written as \ufffd.
 */
WEFT_API void weft_run_frame_dump (const WeftRunFrame *frame, GString *text);
