/* weftline-handle.h: the gap between two parts of a layout, to be dragged
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define WEFTLINE_TYPE_HANDLE (weftline_handle_get_type ())
G_DECLARE_FINAL_TYPE (WeftlineHandle, weftline_handle, WEFTLINE, HANDLE, GtkWidget)

/* With the signals `moved` (double px: since the drag began, or by an arrow key; gboolean dragging)
 * and `pressed` (a drag begins). */
GtkWidget *weftline_handle_new (gboolean beside);
/* Percent, for those who do not see it. */
void weftline_handle_set_share (WeftlineHandle *self, double share);

G_END_DECLS
