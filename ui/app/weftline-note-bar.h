/* weftline-note-bar.h: what a run does not have from its graph, in a line
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Hidden while there is nothing to say. A click lists all of it.
 */
#pragma once

#include "session/weftline-run.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define WEFTLINE_TYPE_NOTE_BAR (weftline_note_bar_get_type ())
G_DECLARE_FINAL_TYPE (WeftlineNoteBar, weftline_note_bar, WEFTLINE, NOTE_BAR, GtkWidget)

/* (transfer floating) */
GtkWidget *weftline_note_bar_new (WeftlineRun *run);

G_END_DECLS
