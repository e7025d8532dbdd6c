/* weftline-run-bar.h: how far a run is, as a bar
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "session/weftline-run.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

GtkWidget *weftline_run_bar_new (void);
/* Share and colour. Returns: the share of tasks that have ended, 0 … 1 */
double weftline_run_bar_set (GtkWidget *bar, const WeftlineRunStatus *status);

G_END_DECLS
