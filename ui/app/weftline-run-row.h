/* weftline-run-row.h: a run in the sidebar
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "session/weftline-session.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define WEFTLINE_TYPE_RUN_ROW (weftline_run_row_get_type ())
G_DECLARE_FINAL_TYPE (WeftlineRunRow, weftline_run_row, WEFTLINE, RUN_ROW, GtkListBoxRow)

/* Emits `close-run` when its button is pressed. While views show a moment of the past, so does the
 * row, and says so. */
GtkWidget *weftline_run_row_new (WeftlineSession *session);
/* (transfer none) */
WeftlineRun *weftline_run_row_run (WeftlineRunRow *self);
/* (transfer none) */
WeftlineSession *weftline_run_row_session (WeftlineRunRow *self);

G_END_DECLS
