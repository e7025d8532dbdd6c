/* follow.h: what grows at its end, and is watched there
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Keeps the end in sight as long as it is, until somebody scrolls away from it, and again once
 * somebody scrolls back. */
void weftline_follow_end (GtkScrolledWindow *scrolled);
gboolean weftline_follows_end (GtkScrolledWindow *scrolled);

G_END_DECLS
