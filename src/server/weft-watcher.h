/* weft-watcher.h: the runs of a server, seen by another program
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A watcher is a connection to the server of the same user, with a thread of its own: it is told
 * which runs there are and when they change, passes on what is asked of them, and feeds models with
 * the frames of those that are watched. A connection that is lost is made anew, and every model
 * goes on where it was, as long as the same server is there.
 */
#pragma once

#include "model/weft-model.h"
#include "server/weft-server.h"

typedef struct _WeftWatcher WeftWatcher;
typedef struct _WeftWatch WeftWatch;

/**
 * WeftWatcherFuncs:
 * @data: given to the functions
 * @listed: all runs that the server knows, the oldest first; on each connection once. What is not
 *   among them is not known there any more
 * @told: a run has appeared, or its phase is another
 * @lost: nobody is there (any more), or who is there does not want to; the last call. @why: in
 *   words
 *
 * All of it is called in the watcher's thread, and must not wait. Runs are valid during the call.
 */
typedef struct
{
  void *data;
  void (*listed) (void *data, const WeftServedRun *runs, size_t n_runs);
  void (*told) (void *data, const WeftServedRun *run);
  void (*lost) (void *data, const char *why);
  void *reserved[4]; /* NULL */
} WeftWatcherFuncs;

/**
 * weft_watcher_new:
 * @address: (nullable): path of the socket; %NULL: weft_server_default_address()
 * @name: what to be called there
 * @funcs: copied
 *
 * Begins to connect. Whether somebody is there is told later: this never waits. Any thread.
 *
 * Returns: (transfer full) (nullable): %NULL with an error of #WeftServerError: no thread
 */
WEFT_API WeftWatcher *weft_watcher_new (const char *address, const char *name,
                                        const WeftWatcherFuncs *funcs, GError **error);

/**
 * weft_watcher_free:
 * @watcher: (nullable)
 *
 * Hangs up. None of its functions is called any more, but those of requests that are not answered.
 * What is watched is CUT. Does not wait. Not from its functions.
 */
WEFT_API void weft_watcher_free (WeftWatcher *watcher);

/**
 * weft_watcher_ask:
 * @run: as the server numbers it
 * @members_json: (nullable): an object with further members of the request
 * @done: (nullable): when it was answered, or cannot be any more; in the watcher's thread
 *
 * Asks for something of a run. Any thread.
 */
WEFT_API void weft_watcher_ask (WeftWatcher *watcher, uint64_t run, WeftServerVerb verb,
                                const char *members_json, WeftServerDone done, void *data);

/* ---- a run that is watched ------------------------------------------------------------------- */

/* In the watcher's thread, after something came in or the state changed; at most every 10 ms, but
 * for the last two calls. */
typedef void (*WeftWatchFunc) (WeftWatch *watch, void *data);

/**
 * weft_watch_new:
 * @run: as the server numbers it
 * @path: its file, by which it is known again on another connection
 * @model: empty; is filled by the watcher's thread; a reference is taken
 * @changed: (nullable)
 *
 * Fills the model with the run's frames, those that are there and those that come. Any thread.
 *
 * Returns: (transfer full)
 */
WEFT_API WeftWatch *weft_watch_new (WeftWatcher *watcher, uint64_t run, const char *path,
                                    WeftModel *model, WeftWatchFunc changed, void *data);

/**
 * weft_watch_free:
 * @watch: (nullable)
 *
 * @changed is not called any more. Does not wait. Not from @changed; also after the watcher.
 */
WEFT_API void weft_watch_free (WeftWatch *watch);

/**
 * weft_watch_state:
 *
 * Any thread. When it is one of the last three, weft_model_finish() was called.
 *
 * Returns: as of a feed that reads a file
 */
WEFT_API WeftModelFeedState weft_watch_state (const WeftWatch *watch);

/**
 * weft_watch_next:
 *
 * Any thread.
 *
 * Returns: number of the first frame that has not come yet
 */
WEFT_API uint64_t weft_watch_next (const WeftWatch *watch);

/**
 * weft_watch_dup_error:
 *
 * Any thread.
 *
 * Returns: (transfer full) (nullable): why it is BROKEN, or cannot be watched
 */
WEFT_API char *weft_watch_dup_error (WeftWatch *watch);
