/* weftline-card-line.h: what stands in a card's head beside its buttons
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

#define WEFTLINE_TYPE_CARD_LINE (weftline_card_line_get_type ())
G_DECLARE_FINAL_TYPE (WeftlineCardLine, weftline_card_line, WEFTLINE, CARD_LINE, GtkWidget)

/* (transfer floating) each: labels that may be cut. Main thread. */
GtkWidget *weftline_card_line_new (GtkWidget *title, GtkWidget *time, GtkWidget *figures);

G_END_DECLS
