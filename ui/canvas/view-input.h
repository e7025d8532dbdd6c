/* view-input.h: what a drawn view hears of the pointer and the keys
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include <gtk/gtk.h>

/**
 * WeftlineViewInput:
 * @scrolls: in which directions, if it hears of that
 *
 * Signals of GTK's controllers: each callback has the view before the signal's own arguments, and
 * the controller behind them. (nullable) each: the view does not hear of it.
 */
typedef struct
{
  GCallback motion, leave;
  GCallback key;
  GCallback scroll;
  GtkEventControllerScrollFlags scrolls;
  GCallback drag_begin, drag_update, drag_end;
  GCallback click; /* released */
} WeftlineViewInput;

/* In its init. The controllers go with the view. */
void weftline_view_add_input (GtkWidget *view, const WeftlineViewInput *input);
