/* weftline-break-menu.h: where a run is to stop by itself: a button with what is set, and its menu
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "session/weftline-run.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define WEFTLINE_TYPE_BREAK_MENU (weftline_break_menu_get_type ())
G_DECLARE_FINAL_TYPE (WeftlineBreakMenu, weftline_break_menu, WEFTLINE, BREAK_MENU, GtkWidget)

GtkWidget *weftline_break_menu_new (void);
/* (nullable) */
void weftline_break_menu_set_run (WeftlineBreakMenu *self, WeftlineRun *run);
void weftline_break_menu_popup (WeftlineBreakMenu *self);

G_END_DECLS
