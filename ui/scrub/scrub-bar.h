/* scrub-bar.h: the bar that rewinds all views of a run together
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * The track, buttons that go from event to event, and one that leads back to now. It shows itself
 * once something has been recorded.
 */
#pragma once

#include "scrub/scrub-track.h"

G_BEGIN_DECLS

#define WEFTLINE_TYPE_SCRUB_BAR (weftline_scrub_bar_get_type ())
G_DECLARE_FINAL_TYPE (WeftlineScrubBar, weftline_scrub_bar, WEFTLINE, SCRUB_BAR, GtkWidget)

GtkWidget *weftline_scrub_bar_new (WeftlineSession *session);
/* (transfer none) */
WeftlineScrubTrack *weftline_scrub_bar_track (WeftlineScrubBar *self);
/* (transfer none) */
GtkWidget *weftline_scrub_bar_now_button (WeftlineScrubBar *self);

G_END_DECLS
