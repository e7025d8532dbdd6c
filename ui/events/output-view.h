/* output-view.h: what tasks write, as it comes
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * The last megabyte of it; while its end is in sight, it is followed. Of a moment of the past there
 * is what had been written by then.
 */
#pragma once

#include "session/weftline-session.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define WEFTLINE_TYPE_OUTPUT_VIEW (weftline_output_view_get_type ())
G_DECLARE_FINAL_TYPE (WeftlineOutputView, weftline_output_view, WEFTLINE, OUTPUT_VIEW, GtkWidget)

GtkWidget *weftline_output_view_new (WeftlineSession *session);
/* How much was written, and how much of that is shown. */
void weftline_output_view_get_sizes (WeftlineOutputView *self, uint64_t *n_shown,
                                     uint64_t *n_bytes);

G_END_DECLS
