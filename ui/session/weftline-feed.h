/* weftline-feed.h: a run file, or a server's frames, read into a model, seen from the main thread
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "model/weft-model.h"
#include "server/weft-watcher.h"

#include <glib-object.h>

G_BEGIN_DECLS

#define WEFTLINE_TYPE_FEED (weftline_feed_get_type ())
G_DECLARE_FINAL_TYPE (WeftlineFeed, weftline_feed, WEFTLINE, FEED, GObject)

/* Emits `changed` in the main loop when more has come, or its state is another; however much comes,
 * only once per turn of the loop. The file is followed until its end or weftline_feed_no_more(),
 * however long nothing comes. (transfer full) (nullable): NULL with an error */
WeftlineFeed *weftline_feed_new (const char *path, GError **error);
/* The same of a file that a run of this process writes. What the file will have as segment 0 the
 * run has already: @graph, of which a reference is kept, is taken instead of being decoded; NULL:
 * nothing is expected. @run_tag: weft_recorder_run_tag() of the run's recorder. */
WeftlineFeed *weftline_feed_new_with_graph (const char *path, uint64_t run_tag, WeftGraph *graph,
                                            GError **error);
/* The same of a run that a server has, from which its frames come. @path: its file there. Never
 * fails: why it cannot be watched is told as for a file that is broken. */
WeftlineFeed *weftline_feed_new_watched (WeftWatcher *watcher, uint64_t run, const char *path);
/* (transfer none): lives as long as any reference to it */
WeftModel *weftline_feed_model (WeftlineFeed *self);
WeftModelFeedState weftline_feed_state (WeftlineFeed *self);
/* Share of the file that has been read, 0 … 1. */
double weftline_feed_share (WeftlineFeed *self);
/* Why it is broken. (transfer full) (nullable) */
char *weftline_feed_dup_error (WeftlineFeed *self);
/* There is more in the file; of a server's there is nothing to do, here and in the next. */
void weftline_feed_poke (WeftlineFeed *self);
/* Nobody writes to the file any more. */
void weftline_feed_no_more (WeftlineFeed *self);

G_END_DECLS
