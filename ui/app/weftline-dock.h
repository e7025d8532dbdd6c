/* weftline-dock.h: cards in a layout that the user can change
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "app/weftline-card.h"

G_BEGIN_DECLS

/* Narrower than this, cards stack and the page scrolls. */
#define WEFTLINE_DOCK_NARROW_PX 880

#define WEFTLINE_TYPE_DOCK (weftline_dock_get_type ())
G_DECLARE_FINAL_TYPE (WeftlineDock, weftline_dock, WEFTLINE, DOCK, GtkWidget)

/* To be put into a scrolled window that never scrolls sideways. */
WeftlineDock *weftline_dock_new (void);

/* @card: (transfer full): shown where a layout names it */
void weftline_dock_add (WeftlineDock *self, WeftlineCard *card);
/* (transfer none) (nullable) */
WeftlineCard *weftline_dock_card (WeftlineDock *self, const char *name);

/* As weftline_layout_parse() reads it. Panes without a card are passed over. Returns: whether it
 * was understood; else nothing changes */
gboolean weftline_dock_set_layout (WeftlineDock *self, const char *text);
/* With the shares the user gave. (transfer full) */
char *weftline_dock_dup_layout (WeftlineDock *self);

/* Names of the layout's cards, in its order. (transfer full) */
char **weftline_dock_dup_panes (WeftlineDock *self);
void weftline_dock_set_hidden (WeftlineDock *self, const char *name, gboolean hidden);
gboolean weftline_dock_is_hidden (WeftlineDock *self, const char *name);
/* (nullable): NULL: none; back to the layout */
void weftline_dock_maximise (WeftlineDock *self, const char *name);
const char *weftline_dock_maximised (WeftlineDock *self);

G_END_DECLS
