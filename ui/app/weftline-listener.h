/* weftline-listener.h: whether the program listens to others, as its settings say
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Signals:
 *
 *   run-appeared (WeftlineRun *)  as of WeftlineServer, or WeftlineBeside
 *   changed                       how things stand is another
 */
#pragma once

#include "session/weftline-beside.h"
#include "session/weftline-server.h"

#include <gio/gio.h>

G_BEGIN_DECLS

#define WEFTLINE_TYPE_LISTENER (weftline_listener_get_type ())
G_DECLARE_FINAL_TYPE (WeftlineListener, weftline_listener, WEFTLINE, LISTENER, GObject)

/* (transfer full) */
WeftlineListener *weftline_listener_new (GSettings *settings);
/* How things stand, in a sentence. (transfer none) */
const char *weftline_listener_text (WeftlineListener *self);

G_END_DECLS
