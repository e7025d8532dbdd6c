/* inspect-view.h: all that is known of the selected task, as a widget
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A list of rows that follows the session's selection and snapshot. Links select the task they
 * name. “Run to Here” and “Re-run” are there where the run can serve them.
 */
#pragma once

#include "session/weftline-session.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define WEFTLINE_TYPE_INSPECT_VIEW (weftline_inspect_view_get_type ())
G_DECLARE_FINAL_TYPE (WeftlineInspectView, weftline_inspect_view, WEFTLINE, INSPECT_VIEW, GtkWidget)

GtkWidget *weftline_inspect_view_new (WeftlineSession *session);
/* For tests: how often its rows were made anew. */
unsigned weftline_inspect_view_n_built (WeftlineInspectView *self);

G_END_DECLS
