/* text-zoom.h: drawn views at the size of large text
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Drawn views have rows, bars and gaps of fixed size, which go with text of the usual size. Where
 * the user asks for larger text, a WeftlineTextZoom shows its child larger as a whole, so that all
 * keeps its proportions.
 */
#pragma once

#include <gtk/gtk.h>

#define WEFTLINE_TYPE_TEXT_ZOOM (weftline_text_zoom_get_type ())
G_DECLARE_FINAL_TYPE (WeftlineTextZoom, weftline_text_zoom, WEFTLINE, TEXT_ZOOM, GtkWidget)

/* @child: (transfer floating): drawn with weftline_widget_text(). Main thread. */
GtkWidget *weftline_text_zoom_new (GtkWidget *child);

/* How much larger than usual the widget's text is, 1 at least. Main thread. */
double weftline_text_zoom_of (GtkWidget *widget);

/* The widget's font as for text of the usual size, for pango_font_description_from_string().
 * (transfer full). Main thread. */
char *weftline_text_zoom_dup_font (GtkWidget *widget);
