/* weftline-hosted.h: runs of the window, as others ask for them through the socket
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Graphs that are submitted become runs as if they had been opened: one that starts programs waits
 * for a “Run” in the window. Main thread.
 */
#pragma once

#include "session/weftline-run.h"

G_BEGIN_DECLS

typedef struct _WeftlineHosted WeftlineHosted;

/* @run: new; keeps a reference if it wants it */
typedef void (*WeftlineHostedFunc) (WeftlineRun *run, void *data);

/* What the host carries out. */
uint32_t weftline_hosted_verbs (void);
/* @server: outlives it. @appeared: a graph was submitted. (transfer full) */
WeftlineHosted *weftline_hosted_new (WeftServer *server, WeftlineHostedFunc appeared, void *data);
void weftline_hosted_free (WeftlineHosted *self);
/* Workers of runs for which none are asked for; 0: usable cores. */
void weftline_hosted_set_workers (WeftlineHosted *self, uint32_t n_workers);
/* @request: (transfer full) */
void weftline_hosted_take (WeftlineHosted *self, WeftServerRequest *request);

G_END_DECLS
