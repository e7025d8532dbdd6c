/* weftline-preferences.h: the window of preferences
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* (transfer none): belongs to @parent */
GtkWidget *weftline_preferences_new (GtkWindow *parent, GSettings *settings);

G_END_DECLS
