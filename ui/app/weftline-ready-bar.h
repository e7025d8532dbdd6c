/* weftline-ready-bar.h: what to do with a graph that has not run yet
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "session/weftline-run.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define WEFTLINE_TYPE_READY_BAR (weftline_ready_bar_get_type ())
G_DECLARE_FINAL_TYPE (WeftlineReadyBar, weftline_ready_bar, WEFTLINE, READY_BAR, GtkWidget)

/* Stands where the bar of the time will be, and is seen until the run begins. Its button is the
 * action “win.run”. */
GtkWidget *weftline_ready_bar_new (WeftlineRun *run);

G_END_DECLS
