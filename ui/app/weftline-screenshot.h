/* weftline-screenshot.h: a widget as a picture, without a screen
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Writes what a mapped widget shows as a PNG, at its size times its scale. Its window must have
 * drawn once. Returns: FALSE with an error of G_FILE_ERROR */
gboolean weftline_screenshot (GtkWidget *widget, const char *path, GError **error);

G_END_DECLS
