/* stream-legend.h: all that the task stream draws, with its meaning, in a popover
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "timeline/timeline-source.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define WEFTLINE_LEGEND_GROUPS 12 /* that are named; how many more there are is told */

/* All kinds, and the groups of @source with their colours. @palette: for ever */
GtkWidget *weftline_stream_legend_new (const WeftlinePalette *palette,
                                       const WeftlineTimelineSource *source);

G_END_DECLS
