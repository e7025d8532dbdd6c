/* weft-eventstream-private.h: what a Dask scheduler says over HTTP, as lines of a report
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A scheduler has three things to offer without Python:
 *
 *   eventstream         a WebSocket: workers that come and go; of each task that ended well what
 *                       its worker did for it and when (“startstops”), a message for each of these
 *   json/identity.json  the scheduler, and its workers as their last heartbeats had them
 *   json/counts.json    how many tasks are in which state
 *
 * Text goes in, lines as protocol.md has them come out; nothing here waits or looks anywhere else.
 * Times are seconds since 1970 by the scheduler's clock, by which workers have set theirs. Of tasks
 * that failed nothing comes at all: the scheduler has no JSON for their exceptions.
 *
 * One thread at a time. Errors are of WEFT_GRAPH_ERROR; what had one is left out, nothing else is.
 */
#pragma once

#include "base/weft-base.h"

#include <glib.h>

typedef struct
{
  bool takes_spans;    /* who hears the lines knows “span” and “count” */
  GHashTable *workers; /* char * → WeftEventstreamWorker *: those that are there */
  uint32_t n_untold;   /* of them: of whom nobody has been told */
  int64_t n_erred;     /* tasks, as it was told last */
  uint32_t round;      /* identities that were read */
  uint64_t n_tasks;    /* that were told as run */
} WeftEventstream;

typedef struct
{
  bool is_told;
  uint32_t round;     /* of the identity that had it last */
  double last_seen_s; /* of the heartbeat that was told last */
} WeftEventstreamWorker;

/* Texts are NULL or owned. */
typedef struct
{
  char *id;      /* another one after a restart */
  char *address; /* tcp://… */
} WeftEventstreamScheduler;

void _weft_eventstream_init (WeftEventstream *stream, bool takes_spans);
void _weft_eventstream_clear (WeftEventstream *stream);

/**
 * _weft_eventstream_take:
 * @message: UTF-8
 * @now_s: by the scheduler's clock
 * @lines: appended to
 *
 * Of a worker that came nothing is said yet, as the message has not how many threads it has:
 * n_untold goes up, and what is said of tasks had better wait for
 * _weft_eventstream_take_identity(), or _weft_eventstream_tell_workers(), and go behind it.
 *
 * Returns: FALSE if it is no message; then nothing was appended
 */
bool _weft_eventstream_take (WeftEventstream *stream, const char *message, size_t n_chars,
                             double now_s, GString *lines, GError **error);
/* Something said in words. @level: as syslog has it */
void _weft_eventstream_log (GString *lines, double now_s, int level, const char *text);
/* Says of workers that are not told that they are there, and no more. */
void _weft_eventstream_tell_workers (WeftEventstream *stream, GString *lines);

/**
 * _weft_eventstream_take_identity:
 * @is_all: workers that are not in it are gone; else they may have come since
 * @scheduler: (out) (nullable)
 *
 * Returns: FALSE if a scheduler has not said that; then nothing was appended
 */
bool _weft_eventstream_take_identity (WeftEventstream *stream, const char *json, size_t n_chars,
                                      bool is_all, double now_s,
                                      WeftEventstreamScheduler *scheduler, GString *lines,
                                      GError **error);
void _weft_eventstream_scheduler_clear (WeftEventstreamScheduler *scheduler);
/* The same of json/counts.json. */
bool _weft_eventstream_take_counts (WeftEventstream *stream, const char *json, size_t n_chars,
                                    double now_s, GString *lines, GError **error);
