/* weft-frames-private.h: the frames of a run file by their numbers, for those who watch
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A WeftFrames knows how many whole frames a file has, also while it grows, and finds the one of a
 * number. It keeps one offset for many frames; of a file that is complete the INDEX frames tell
 * them, else the heads are gone through, once for all who watch.
 *
 * Frames are read right into the messages that carry them, and only when asked for: who does not
 * read costs nothing but its cursor.
 *
 * Any thread.
 */
#pragma once

#include "base/weft-base.h"

typedef struct _WeftFrames WeftFrames;

/* Returns: (transfer full) (nullable): NULL with an error of WEFT_RUN_READER_ERROR */
WeftFrames *_weft_frames_open (const char *path, GError **error);
WeftFrames *_weft_frames_ref (WeftFrames *frames);
/* @frames: (nullable) */
void _weft_frames_unref (WeftFrames *frames);

/**
 * _weft_frames_look:
 * @n_frames: (out): whole ones
 * @ended: (out): the last of them is END
 *
 * Looks what has come. Returns: FALSE with an error of WEFT_RUN_READER_ERROR, of which what was
 * there before is not touched
 */
bool _weft_frames_look (WeftFrames *frames, uint64_t *n_frames, bool *ended, GError **error);

/* For how long the frame of that number has been there, as far as anybody has looked; 0: it is not
 * there yet. In ns */
int64_t _weft_frames_age_ns (WeftFrames *frames, uint64_t number);

/**
 * WeftFramesCursor:
 * @next: number of the next frame
 * @offset: where it is, if @known
 *
 * Zero-initialise but for next.
 */
typedef struct
{
  uint64_t next;
  uint64_t offset;
  bool known;
} WeftFramesCursor;

/**
 * _weft_frames_read:
 * @cursor: goes on
 * @channel: of the messages
 * @most: bytes; above, only a frame that is longer by itself
 * @messages: the messages are appended
 * @at_end: (out): the cursor is behind END now; nothing will come any more
 *
 * The frames from the cursor on as messages of the wire (protocol.md, “Watching”), those that are
 * there. A cursor beyond them waits.
 *
 * Returns: FALSE with an error of WEFT_RUN_READER_ERROR: the file is damaged there
 */
bool _weft_frames_read (WeftFrames *frames, WeftFramesCursor *cursor, uint32_t channel, size_t most,
                        GByteArray *messages, bool *at_end, GError **error);
