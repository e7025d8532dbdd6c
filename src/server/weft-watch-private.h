/* weft-watch-private.h: those who watch runs, see protocol.md, “Watching”
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 *   watching   one subscription of a connection: a cursor into a run's file, what was read ahead of
 *              the socket, and when its progress was told last
 *   watched    a run that somebody watches: where its frames are, and, while somebody wants to know
 *              of its progress, a model that follows the file in a thread of its own
 *
 * Files are read in the pool, a piece at a time and only when the connection has taken the piece
 * before. Whoever does not read therefore has two pieces in memory, and nothing else happens for
 * it. All functions belong to the loop.
 */
#pragma once

#include "server/weft-frames-private.h"
#include "server/weft-server-private.h"

#include "model/weft-model.h"

#define WEFT_WATCH_PIECE_BYTES (128u << 10) /* read at once, but for a frame that is longer */
#define WEFT_WATCH_TICK_MS 20               /* after so long it is seen that a file has grown */
#define WEFT_WATCH_LOOK_NS (500 * INT64_C (1000000)) /* the same where nobody waits for it */
#define WEFT_WATCH_TELL_NS (200 * INT64_C (1000000)) /* between two notices of progress */
#define WEFT_WATCH_MOST_GROUPS 1000u                 /* in such a notice */

typedef struct _WeftWatched WeftWatched;
typedef struct _WeftWatching WeftWatching;

struct _WeftWatching
{
  WeftConnection *connection; /* NULL: it has gone, and a read is under way */
  WeftWatched *watched;
  WeftSaid *said; /* (nullable): the request, until it is answered */
  uint32_t channel;
  bool frames, progress, metrics; /* what is wanted */
  /* frames */
  WeftFramesCursor cursor; /* owner: the pool while is_reading */
  uint64_t next;           /* the first that the connection was not given */
  uv_work_t work;
  bool is_reading;
  bool is_idle;      /* it has all there is */
  bool at_end;       /* and nothing more will come */
  GByteArray *ready; /* (nullable): read, not given to the connection */
  struct
  {
    GByteArray *piece;
    bool at_end;
    GError *error; /* (nullable): the file is damaged */
  } found;         /* owner: the pool while is_reading */
  GError *failure; /* (nullable): why it is over, if it is */
  /* progress and metrics */
  bool has_news;
  bool is_final; /* it was told of when all was there */
  char *told;    /* (nullable): what was said last, but for the time */
  int64_t told_ns;
};

struct _WeftWatched
{
  WeftServer *server;
  uint64_t run;
  char *path;
  GPtrArray *watchings; /* WeftWatching * */
  WeftFrames *frames;   /* (nullable): not open yet */
  uv_work_t work;
  bool is_working; /* it is being opened, or looked at */
  struct
  {
    WeftFrames *frames;
    uint64_t n_frames;
    bool ended;
    GError *error;
  } found; /* owner: the pool while is_working */
  int64_t looked_ns;
  uint64_t n_frames; /* when it was looked at */
  bool ended;
  uint32_t n_quiet; /* looks without news since the run was over */
  /* progress */
  WeftModel *model;    /* (nullable) */
  WeftModelFeed *feed; /* (nullable) */
  struct WeftWatchNews *news;
  uint64_t n_changes; /* of the model, when those who want to know were told there is news */
  uint64_t serial;    /* likewise */
  bool is_over;       /* the feed was told that the run is */
};

/* ---- watched.c ------------------------------------------------------------------------------- */

/* The run's, made if nobody watched it. @watching: is one of those that do now */
void _weft_watched_join (WeftServer *server, uint64_t run, const char *path,
                         WeftWatching *watching);
/* @watching does not any more. With the last the run is not watched. */
void _weft_watched_leave (WeftWatching *watching);
/* Whether the model has what was there when it was begun. */
bool _weft_watched_is_read (const WeftWatched *watched);
/* Whether the run is over, and the model has all of it. */
bool _weft_watched_is_told (const WeftWatched *watched);
void _weft_watched_progress (const WeftWatched *watched, GString *json);

/* ---- watch-metrics.c ------------------------------------------------------------------------- */

/* Adds what was measured last, of the run and of each worker. */
void _weft_watched_metrics (const WeftWatched *watched, GString *json);

/* ---- watch.c --------------------------------------------------------------------------------- */

/* The file is open, or @error says why it is not. */
void _weft_watching_opened (WeftWatching *watching, const GError *error);
/* The next piece, from the pool. */
void _weft_watching_read (WeftWatching *watching);
/* It is over; the client is told when it has all that was read. */
void _weft_watching_fail (WeftWatching *watching, const GError *error);
/* Whether it wants notices. */
bool _weft_watching_is_told (const WeftWatching *watching);
/* Whether there is something to say to the client. */
bool _weft_watching_is_due (const WeftWatching *watching, int64_t now_ns);
