/* weftline-run-page.h: all that is shown of one run
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "app/weftline-cards.h"
#include "app/weftline-dock.h"
#include "session/weftline-session.h"

G_BEGIN_DECLS

#define WEFTLINE_TYPE_RUN_PAGE (weftline_run_page_get_type ())
G_DECLARE_FINAL_TYPE (WeftlineRunPage, weftline_run_page, WEFTLINE, RUN_PAGE, GtkWidget)

/* @settings: keeps layouts and hidden panes */
GtkWidget *weftline_run_page_new (WeftlineSession *session, GSettings *settings);
/* (transfer none) */
WeftlineRun *weftline_run_page_run (WeftlineRunPage *self);
WeftlineSession *weftline_run_page_session (WeftlineRunPage *self);
WeftlineDock *weftline_run_page_dock (WeftlineRunPage *self);
/* Whether a layout is offered for this run: `offers-changed` tells when that is another. */
gboolean weftline_run_page_offers (WeftlineRunPage *self, const WeftlineLayoutKind *kind);
/* The name of the layout that is shown. (transfer none) */
const char *weftline_run_page_layout (WeftlineRunPage *self);
/* Puts the panes where they are at first. */
void weftline_run_page_reset_layout (WeftlineRunPage *self);

/* Does what a key does wherever it is pressed. Returns: whether that is anything */
gboolean weftline_run_page_key (WeftlineRunPage *self, guint key);

G_END_DECLS
