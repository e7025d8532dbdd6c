/* weftline-server.h: the local socket, as the window has it: runs of other programs appear
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * The server has a thread of its own; what it tells arrives here in the main thread, where all of
 * this belongs. Signals:
 *
 *   run-appeared (WeftlineRun *)  a program reports a run; or one was submitted, and waits or runs
 */
#pragma once

#include "session/weftline-run.h"

G_BEGIN_DECLS

#define WEFTLINE_TYPE_SERVER (weftline_server_get_type ())
G_DECLARE_FINAL_TYPE (WeftlineServer, weftline_server, WEFTLINE, SERVER, GObject)

/* Listens. @address: (nullable): the user's own. (transfer full) (nullable): NULL with an error of
 * WEFT_SERVER_ERROR */
WeftlineServer *weftline_server_new (const char *address, GError **error);
/* Workers of submitted runs for which none are asked for; 0: usable cores. */
void weftline_server_set_workers (WeftlineServer *self, uint32_t n_workers);
/* Where it listens. (transfer none) */
const char *weftline_server_address (WeftlineServer *self);

G_END_DECLS
