/* workers-view.h: the workers of a run as a widget
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A row for each worker process, as of the moment that all views show. Titles sort; with the keys,
 * left and right go from title to title, the space bar turns the order round, up and down go from
 * row to row, and Return selects the task that runs there, as a second click does. The row of the
 * worker that runs what is pointed at or selected elsewhere is lit.
 */
#pragma once

#include "session/weftline-session.h"
#include "workers/workers-layout.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define WEFTLINE_TYPE_WORKERS_VIEW (weftline_workers_view_get_type ())
G_DECLARE_FINAL_TYPE (WeftlineWorkersView, weftline_workers_view, WEFTLINE, WORKERS_VIEW, GtkWidget)

GtkWidget *weftline_workers_view_new (WeftlineSession *session);
/* What is shown, and where. (transfer none) */
const WeftlineWorkersSource *weftline_workers_view_source (WeftlineWorkersView *self);
const WeftlineWorkersLayout *weftline_workers_view_layout (WeftlineWorkersView *self);
/* The worker whose row is selected, in the order in which they came; WEFT_NONE: none is. */
uint32_t weftline_workers_view_selected (WeftlineWorkersView *self);

G_END_DECLS
