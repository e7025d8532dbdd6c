/* text-line.h: texts in a line that give way to each other
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A title, the time that is shown, and figures at the other end. Where there is no room for all of
 * them the figures are cut first, and go where hardly anything of them would be left; then the
 * title, then the time: what is not said elsewhere stays longest.
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define WEFTLINE_TYPE_TEXT_LINE (weftline_text_line_get_type ())
G_DECLARE_FINAL_TYPE (WeftlineTextLine, weftline_text_line, WEFTLINE, TEXT_LINE, GtkWidget)

/* (transfer floating) each: labels that may be cut. @time: (nullable). Main thread. */
GtkWidget *weftline_text_line_new (GtkWidget *title, GtkWidget *time, GtkWidget *figures);

G_END_DECLS
