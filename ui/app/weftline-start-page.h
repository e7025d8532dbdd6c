/* weftline-start-page.h: recent files, and examples to run
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define WEFTLINE_TYPE_START_PAGE (weftline_start_page_get_type ())
G_DECLARE_FINAL_TYPE (WeftlineStartPage, weftline_start_page, WEFTLINE, START_PAGE, GtkWidget)

/* Emits `example` (string id, uint size, double seconds, uint workers) and `open` (GFile).
 * @n_workers: where the sliders for them begin; 0: as many as there are cores */
GtkWidget *weftline_start_page_new (unsigned n_workers);
/* How other programs' runs get here. @text: (nullable): whether they can now, in a sentence; NULL:
 * nothing is said of them */
void weftline_start_page_set_others (WeftlineStartPage *self, const char *text);

G_END_DECLS
