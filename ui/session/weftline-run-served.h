/* weftline-run-served.h: a run that another program has, as the local socket tells of it
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * What is known of it comes from its run file, which the server writes. What it can be told to do
 * is what its program has said it will; commands go back to it through the socket.
 */
#pragma once

#include "session/weftline-run-file.h"

G_BEGIN_DECLS

#define WEFTLINE_TYPE_RUN_SERVED (weftline_run_served_get_type ())
G_DECLARE_FINAL_TYPE (WeftlineRunServed, weftline_run_served, WEFTLINE, RUN_SERVED, WeftlineRunFile)

/**
 * WeftlineServedFunc:
 * @members_json: (nullable): what else the request has, an object
 *
 * Passes a command on. What comes of it is told by the run's records, or weftline_run_refuse().
 */
typedef void (*WeftlineServedFunc) (WeftlineRun *run, WeftServerVerb verb, const char *members_json,
                                    void *data);

/* @served: copied. @data: outlives the run, or it is told to be gone. (transfer full) (nullable):
 * NULL with an error when its file cannot be read */
WeftlineRun *weftline_run_served_new (const WeftServedRun *served, WeftlineServedFunc command,
                                      void *data, GError **error);
uint64_t weftline_run_served_id (WeftlineRunServed *self);
/* What the server says of it now. */
void weftline_run_served_update (WeftlineRunServed *self, const WeftServedRun *served);
/* It is not served any more: what it could be told to do it cannot now. */
void weftline_run_served_gone (WeftlineRunServed *self, const char *reason);

G_END_DECLS
