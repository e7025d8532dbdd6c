/* weftline-window.h: the window: runs at the side, one of them in full
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "app/weftline-run-page.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define WEFTLINE_TYPE_WINDOW (weftline_window_get_type ())
G_DECLARE_FINAL_TYPE (WeftlineWindow, weftline_window, WEFTLINE, WINDOW, AdwApplicationWindow)

WeftlineWindow *weftline_window_new (AdwApplication *application, GSettings *settings);

/* Adds it to the list and shows it. */
void weftline_window_add_run (WeftlineWindow *self, WeftlineRun *run);
/* Adds it to the list. It is shown at once only in the place of the start page: who looks at
 * another run is not taken away from it. */
void weftline_window_add_observed (WeftlineWindow *self, WeftlineRun *run);
/* Whether runs of other programs can appear, in a sentence. */
void weftline_window_set_others (WeftlineWindow *self, const char *text);
/* The run that is shown. (transfer none) (nullable): the start page is */
WeftlineRun *weftline_window_run (WeftlineWindow *self);
WeftlineRunPage *weftline_window_page (WeftlineWindow *self);
unsigned weftline_window_n_runs (WeftlineWindow *self);

/* Reads a graph or a run in the background, and adds it; a toast tells what is wrong with it. */
void weftline_window_open (WeftlineWindow *self, GFile *file);
/* Likewise several; one toast tells what is wrong with those that are not opened. */
void weftline_window_open_files (WeftlineWindow *self, GFile *const *files, gsize n);
/* @size: 0, @seconds: < 0: the example's own. @n_workers: 0: as new runs have. @run: starts it,
 * unless it needs a review. */
void weftline_window_open_example (WeftlineWindow *self, const char *id, unsigned size,
                                   double seconds, unsigned n_workers, gboolean run);
/* Copies the records of the run that is shown, in the background and until the run is over; a toast
 * tells how it went. */
void weftline_window_save (WeftlineWindow *self, GFile *file);
/* Writes what a pane shows into a picture, in the background; a toast tells how it went. */
void weftline_window_export (WeftlineWindow *self, const char *pane, const char *path);
/* Whether something is being read. */
gboolean weftline_window_is_opening (WeftlineWindow *self);

G_END_DECLS
