/* task-stream.h: the task stream as a widget
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * The wheel zooms at the pointer, with Shift or sideways it moves in time; dragging moves, with
 * Shift it selects a range. W and S zoom, A and D move, F fits the selection or all, L follows the
 * latest, the brackets go to the task before and after in the lane, comma and period to the time
 * without a task before and after, and tell why there was none. Q shows the selected task's
 * ancestors, E its descendants, Escape selects nothing.
 */
#pragma once

#include "session/weftline-session.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define WEFTLINE_TYPE_TASK_STREAM (weftline_task_stream_get_type ())
G_DECLARE_FINAL_TYPE (WeftlineTaskStream, weftline_task_stream, WEFTLINE, TASK_STREAM, GtkWidget)

GtkWidget *weftline_task_stream_new (WeftlineSession *session);
/* Shows the selected range, or else all of the run. */
void weftline_task_stream_fit (WeftlineTaskStream *self);
/* Whether the end of the run stays in sight. */
void weftline_task_stream_set_follow (WeftlineTaskStream *self, gboolean follow);
gboolean weftline_task_stream_get_follow (WeftlineTaskStream *self);

/* The time it shows; both 0 while it shows nothing. */
void weftline_task_stream_get_range (WeftlineTaskStream *self, int64_t *from_ns, int64_t *to_ns);

/* How many tasks' spans are in what was drawn last. */
uint64_t weftline_task_stream_n_drawn (WeftlineTaskStream *self);

/* Shows in a popover what all that is drawn means. */
void weftline_task_stream_show_legend (WeftlineTaskStream *self);

G_END_DECLS
