/* weft-watcher-private.h: what the parts of a watcher share
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "graph/weft-json-private.h"
#include "server/weft-dial-private.h"
#include "server/weft-watcher.h"

#include <pthread.h>
#include <stdatomic.h>

struct _WeftWatch
{
  _Atomic uint32_t refs; /* atomic: the holder's, and the watcher's thread's */
  struct _WeftWatcher *watcher;
  uint64_t run;
  char *path;
  WeftModel *model;
  _Atomic uint32_t state;  /* atomic: release by the thread */
  _Atomic uint64_t next;   /* atomic: relaxed; written by the thread */
  _Atomic bool unwanted;   /* atomic: relaxed; set once */
  pthread_mutex_t telling; /* held while the function is called, and for a moment else */
  WeftWatchFunc changed;   /* telling; NULL: there is none, or not any more */
  void *data;
  char *error; /* telling (nullable) */
  /* owner: the thread */
  uint32_t channel; /* 0: none on this connection */
  uint64_t request; /* its id, while there is no answer; else 0 */
  bool asked;       /* on this connection */
  bool saw_end;     /* the END frame */
  bool news;
  int64_t told_ns;
};

typedef enum
{
  WEFT_WATCHER_ASKS_RUNS,
  WEFT_WATCHER_ASKS_SUBSCRIBE,
  WEFT_WATCHER_ASKS_WATCH,
  WEFT_WATCHER_ASKS_VERB,
} WeftWatcherAsks;

/* A request without an answer. */
typedef struct
{
  WeftWatcherAsks what;
  WeftServerDone done; /* (nullable) */
  void *data;
} WeftWatcherPending;

struct _WeftWatcher
{
  _Atomic uint32_t refs; /* atomic: the owner's, the thread's, and each watch's */
  char *address;
  char *name;
  pthread_mutex_t telling; /* held while one of the functions is called */
  WeftWatcherFuncs funcs;  /* telling: zeros once the owner has gone */
  int wake_fd;
  _Atomic bool stop;    /* atomic: relaxed; set once */
  pthread_mutex_t lock; /* held for moments; never together with one above */
  GPtrArray *watches;   /* lock: WeftWatch, a reference each; the thread alone takes them out */
  GByteArray *asked;    /* lock: messages to be sent */
  GHashTable *pending;  /* lock: by id: WeftWatcherPending */
  uint64_t n_asked;     /* lock: ids of requests */
  bool lost;            /* lock: nobody sends or reads any more */
  /* owner: the thread */
  WeftDial *dial;  /* (nullable) */
  GByteArray *out; /* being sent */
  bool listed;     /* on this connection */
};

/* Puts a request behind those that are to be sent. @members: of the request, without braces.
 * Returns: its id; 0: the connection is lost, and nothing was kept */
uint64_t _weft_watcher_post (WeftWatcher *watcher, WeftWatcherAsks what, const char *members,
                             WeftServerDone done, void *data);

/* ---- watcher-said.c: the thread ------------------------------------------------------------- */

/* Takes a message of the server. FALSE with an error: it is none that a server sends */
bool _weft_watcher_take (WeftWatcher *watcher, const WeftWireMessage *message, GError **error);

/* ---- watcher-watch.c: the thread ------------------------------------------------------------- */

/* Asks for what is watched and was not asked for yet; lets go of what is not wanted any more. */
void _weft_watcher_ask_watches (WeftWatcher *watcher);
/* The connection is another: all must be asked for anew. */
void _weft_watcher_reset_watches (WeftWatcher *watcher);
/* Those whose run is not among these cannot be watched any more. */
void _weft_watcher_check_watches (WeftWatcher *watcher, const WeftServedRun *runs, size_t n_runs);
void _weft_watcher_end_watches (WeftWatcher *watcher);
/* All that is there was read. */
void _weft_watcher_watches_follow (WeftWatcher *watcher);
/* Tells of what is new, if it is time. Returns: whether there will be
 * something to tell though nothing comes */
bool _weft_watcher_tell_watches (WeftWatcher *watcher);
/* The answer to “watch”. @channel: 0: it was refused, and @why says why */
void _weft_watcher_watch_answered (WeftWatcher *watcher, uint64_t id, uint32_t channel,
                                   const char *why);
void _weft_watcher_take_frame (WeftWatcher *watcher, const WeftWireMessage *message);
/* What is wrong with what is watched there. */
void _weft_watcher_watch_failed (WeftWatcher *watcher, uint32_t channel, const char *why);
void _weft_watcher_watch_ended (WeftWatcher *watcher, uint32_t channel);
void _weft_watcher_unref (WeftWatcher *watcher);
