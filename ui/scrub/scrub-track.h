/* scrub-track.h: the time of a run as a slider over what ran
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Dragging shows the moment under the pointer in all views; at the end they show now. Left and
 * right go from start or end of a task to the next, Page Up and Down a twentieth of the run, Home
 * to its beginning, End and Escape to now.
 */
#pragma once

#include "scrub/scrub-layout.h"
#include "session/weftline-session.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define WEFTLINE_TYPE_SCRUB_TRACK (weftline_scrub_track_get_type ())
G_DECLARE_FINAL_TYPE (WeftlineScrubTrack, weftline_scrub_track, WEFTLINE, SCRUB_TRACK, GtkWidget)

GtkWidget *weftline_scrub_track_new (WeftlineSession *session);
/* As if it had been pressed there. */
void weftline_scrub_track_go_to (WeftlineScrubTrack *self, double x);
/* Returns: whether the key means something to it */
gboolean weftline_scrub_track_key (WeftlineScrubTrack *self, guint key);
/* What is drawn above the curve. (transfer none) */
const char *weftline_scrub_track_words (WeftlineScrubTrack *self);
/* (transfer none) */
const WeftlineScrubLayout *weftline_scrub_track_layout (WeftlineScrubTrack *self);

G_END_DECLS
