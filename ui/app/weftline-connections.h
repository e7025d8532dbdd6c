/* weftline-connections.h: the clusters that are watched, and the way to let go of them
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Not there while there is none. With the widget all of them end. Signals:
 *
 *   ended (char *)  one has ended that nobody told to; why, for people
 */
#pragma once

#include "session/weftline-attachment.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define WEFTLINE_TYPE_CONNECTIONS (weftline_connections_get_type ())
G_DECLARE_FINAL_TYPE (WeftlineConnections, weftline_connections, WEFTLINE, CONNECTIONS, GtkWidget)

GtkWidget *weftline_connections_new (void);
void weftline_connections_add (WeftlineConnections *self, WeftlineAttachment *attachment);
unsigned weftline_connections_n (WeftlineConnections *self);
/* Has all of them end. */
void weftline_connections_stop (WeftlineConnections *self);

G_END_DECLS
