/* weftline-search.h: the bar that finds tasks
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "session/weftline-session.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define WEFTLINE_TYPE_SEARCH (weftline_search_get_type ())
G_DECLARE_FINAL_TYPE (WeftlineSearch, weftline_search, WEFTLINE, SEARCH, GtkWidget)

/* What it finds it selects in the session. */
GtkWidget *weftline_search_new (void);
/* (nullable): NULL: nothing can be found */
void weftline_search_set_session (WeftlineSearch *self, WeftlineSession *session);
void weftline_search_set_open (WeftlineSearch *self, gboolean open);
gboolean weftline_search_is_open (WeftlineSearch *self);

G_END_DECLS
