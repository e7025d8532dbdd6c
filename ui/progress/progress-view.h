/* progress-view.h: progress of all groups as a widget
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A bar a group, none dropped: it scrolls. A click selects a group everywhere.
 */
#pragma once

#include "progress/progress-layout.h"
#include "session/weftline-session.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define WEFTLINE_TYPE_PROGRESS_VIEW (weftline_progress_view_get_type ())
G_DECLARE_FINAL_TYPE (WeftlineProgressView, weftline_progress_view, WEFTLINE, PROGRESS_VIEW,
                      GtkWidget)

GtkWidget *weftline_progress_view_new (WeftlineSession *session);
void weftline_progress_view_set_sort (WeftlineProgressView *self, WeftlineProgressSort sort);
WeftlineProgressSort weftline_progress_view_get_sort (WeftlineProgressView *self);

G_END_DECLS
