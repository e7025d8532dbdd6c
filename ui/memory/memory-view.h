/* memory-view.h: what memory a run takes, as a widget
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Results in memory with the limit's thresholds, results on disk, the process; and all of them over
 * time. The property `figures` tells how much of the limit is taken.
 */
#pragma once

#include "session/weftline-session.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define WEFTLINE_TYPE_MEMORY_VIEW (weftline_memory_view_get_type ())
G_DECLARE_FINAL_TYPE (WeftlineMemoryView, weftline_memory_view, WEFTLINE, MEMORY_VIEW, GtkWidget)

GtkWidget *weftline_memory_view_new (WeftlineSession *session);

G_END_DECLS
