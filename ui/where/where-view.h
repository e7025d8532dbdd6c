/* where-view.h: where the time goes, as a widget
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * What the workers' time went into, all together and each: up to what is known of the run, or up to
 * the moment of the past that is looked at, or in the time that is selected, as far as it had gone
 * by then. Hovering says what a use means and what was awaited; a click on “no task ready” selects
 * the task that was awaited longest.
 */
#pragma once

#include "model/weft-account.h"
#include "session/weftline-session.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define WEFTLINE_TYPE_WHERE_VIEW (weftline_where_view_get_type ())
G_DECLARE_FINAL_TYPE (WeftlineWhereView, weftline_where_view, WEFTLINE, WHERE_VIEW, GtkWidget)

GtkWidget *weftline_where_view_new (WeftlineSession *session);
/* What is shown. (transfer none) (nullable): before the start there is none */
const WeftTimeAccount *weftline_where_view_account (WeftlineWhereView *self);
/* What stands above the workers, as it was drawn last. (transfer full) (nullable): there is nothing
 * to account for yet */
char *weftline_where_view_dup_caption (WeftlineWhereView *self);
/* Whether another one is being worked out. */
bool weftline_where_view_is_behind (WeftlineWhereView *self);

/* The time that it is of, if one is selected; else both are 0. */
void weftline_where_view_get_range (WeftlineWhereView *self, int64_t *from_ns, int64_t *to_ns);

G_END_DECLS
