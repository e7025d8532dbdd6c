/* event-view.h: what happened in a run, and what its tasks wrote
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A list of events by kind, which makes only the rows that are seen, and the tasks' output. Both
 * follow the run while their end is in sight. Choosing an event selects its task everywhere.
 */
#pragma once

#include "events/event-list.h"
#include "session/weftline-session.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define WEFTLINE_TYPE_EVENT_VIEW (weftline_event_view_get_type ())
G_DECLARE_FINAL_TYPE (WeftlineEventView, weftline_event_view, WEFTLINE, EVENT_VIEW, GtkWidget)

GtkWidget *weftline_event_view_new (WeftlineSession *session);
/* (transfer none) */
WeftlineEventList *weftline_event_view_list (WeftlineEventView *self);
/* Whether a kind is listed. */
void weftline_event_view_show_kind (WeftlineEventView *self, WeftlineEventKind kind,
                                    gboolean shown);
/* Of what was said in words, see WeftlineEventFilter: 0, 7, 5 or 4 levels are offered. */
void weftline_event_view_show_levels (WeftlineEventView *self, unsigned n_levels);
/* @lane: of a worker's process; 0: of all */
void weftline_event_view_show_worker (WeftlineEventView *self, uint32_t lane);
/* Whether it is the tasks' output that is seen, not the events. */
gboolean weftline_event_view_shows_output (WeftlineEventView *self);
void weftline_event_view_show_output (WeftlineEventView *self, gboolean shown);

G_END_DECLS
