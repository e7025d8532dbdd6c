/* where-view.h: where the time goes, as a widget
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * What the workers' time went into, all together and each, up to what is known of the run. Hovering
 * says what a use means and what was awaited; a click on “no task ready” selects the task that was
 * awaited longest.
 */
#pragma once

#include "model/weft-account.h"
#include "session/weftline-session.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define WEFTLINE_TYPE_WHERE_VIEW (weftline_where_view_get_type ())
G_DECLARE_FINAL_TYPE (WeftlineWhereView, weftline_where_view, WEFTLINE, WHERE_VIEW, GtkWidget)

GtkWidget *weftline_where_view_new (WeftlineSession *session);
/* (transfer none) (nullable): before the start there is none */
const WeftTimeAccount *weftline_where_view_account (WeftlineWhereView *self);

G_END_DECLS
