/* widget-text.h: a widget's cache of texts; labels of any length
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "canvas/text-cache.h"

#include <gtk/gtk.h>

/**
 * weftline_widget_text:
 * @text: (inout) (nullable): the widget's cache; %NULL at first
 * @scale: (inout): the scale it was made for
 *
 * Makes the cache with the widget's font in the usual size, anew where font or scale have changed.
 * Larger text is the matter of a WeftlineTextZoom around the widget. Main thread.
 *
 * Returns: whether it was made
 */
gboolean weftline_widget_text (GtkWidget *widget, WeftlineTextCache **text, int *scale);

/* The widget and what is in it now go with time, which is not turned round where text runs from
 * right to left (canvas/reading.h). Main thread. */
void weftline_widget_keep_ltr (GtkWidget *widget);

/* What is told at the pointer. To set it, though it is the same, asks the display where the pointer
 * is, and waits for the answer: this does not. @text: (nullable). Main thread. */
void weftline_widget_tell (GtkWidget *widget, const char *text);

/* Wraps the label, inside a word too where that is too long: without a hyphen, which could be taken
 * for a part of a key or a path. Main thread. */
void weftline_label_wrap (GtkWidget *label);
