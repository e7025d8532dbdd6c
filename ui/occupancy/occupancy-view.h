/* occupancy-view.h: what workers did over time
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "occupancy/occupancy-layout.h"
#include "session/weftline-session.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define WEFTLINE_TYPE_OCCUPANCY_VIEW (weftline_occupancy_view_get_type ())
G_DECLARE_FINAL_TYPE (WeftlineOccupancyView, weftline_occupancy_view, WEFTLINE, OCCUPANCY_VIEW,
                      GtkWidget)

/* Shows the time that the session's views over time show, and moves them: wheel zooms, a drag pans,
 * with Shift it selects a range; W A S D and F as in the task stream. Its property `figures` says
 * of how many workers it tells. */
GtkWidget *weftline_occupancy_view_new (WeftlineSession *session);
/* Selects the task at a place, as a click does; nothing where a worker ran none. */
void weftline_occupancy_view_select (WeftlineOccupancyView *self, double x, double y);
/* As laid out last. (transfer none) */
const WeftlineOccupancyLayout *weftline_occupancy_view_layout (WeftlineOccupancyView *self);
/* Whether all that the snapshot has is in it. */
gboolean weftline_occupancy_view_is_current (WeftlineOccupancyView *self);

G_END_DECLS
