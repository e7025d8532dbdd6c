/* weftline-card.h: a pane's frame: title left, figures right, a view below
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define WEFTLINE_TYPE_CARD (weftline_card_get_type ())
G_DECLARE_FINAL_TYPE (WeftlineCard, weftline_card, WEFTLINE, CARD, GtkWidget)

/* @name: in layouts; @title: for people; @child: (transfer full): the view; @is_drawn: in sizes
 * that go with text of the usual size */
WeftlineCard *weftline_card_new (const char *name, const char *title, GtkWidget *child,
                                 gboolean is_drawn);
const char *weftline_card_name (WeftlineCard *self);
const char *weftline_card_title (WeftlineCard *self);
/* (transfer none) */
GtkWidget *weftline_card_child (WeftlineCard *self);
/* (nullable): what stands right of the title */
void weftline_card_set_figures (WeftlineCard *self, const char *figures);
/* (nullable): what time is shown, beside the title, and the same in words; NULL: it is now */
void weftline_card_set_time (WeftlineCard *self, const char *time, const char *words);
/* (nullable): what its menu offers; NULL: it has none */
void weftline_card_set_menu (WeftlineCard *self, GMenuModel *menu);
/* Shows that menu at a place in the card. */
void weftline_card_popup_menu (WeftlineCard *self, double x, double y);
/* The state of its button. */
void weftline_card_set_maximised (WeftlineCard *self, gboolean maximised);

G_END_DECLS
