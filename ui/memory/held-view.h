/* held-view.h: what was held over time, as a widget
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A click asks what was held then, and which tasks kept it alive; near the peak, at the peak. The
 * property `figures` tells the peak.
 */
#pragma once

#include "model/weft-held.h"
#include "session/weftline-session.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define WEFTLINE_TYPE_HELD_VIEW (weftline_held_view_get_type ())
G_DECLARE_FINAL_TYPE (WeftlineHeldView, weftline_held_view, WEFTLINE, HELD_VIEW, GtkWidget)

GtkWidget *weftline_held_view_new (WeftlineSession *session);
/* (transfer none) (nullable): while nothing was worked out yet */
const WeftHeldHistory *weftline_held_view_history (WeftlineHeldView *self);
/* Whether what it shows is not the newest there is. */
bool weftline_held_view_is_busy (WeftlineHeldView *self);
/* Lists what was held at a moment, beside the place of that moment. */
void weftline_held_view_list (WeftlineHeldView *self, int64_t at_ns);
/* The list that is open. (transfer none) (nullable) */
GtkWidget *weftline_held_view_popover (WeftlineHeldView *self);

G_END_DECLS
