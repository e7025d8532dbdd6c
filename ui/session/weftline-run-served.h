/* weftline-run-served.h: a run that another program has, as the local socket tells of it
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * What is known of it comes from its run file, which the server writes, or from the file's frames;
 * until it is read, from what the server says. What it can be told to do is what its program has
 * said it will; commands go back to it through the socket.
 */
#pragma once

#include "session/weftline-run-file.h"

G_BEGIN_DECLS

#define WEFTLINE_TYPE_RUN_SERVED (weftline_run_served_get_type ())
G_DECLARE_FINAL_TYPE (WeftlineRunServed, weftline_run_served, WEFTLINE, RUN_SERVED, WeftlineRunFile)

/**
 * WeftlineServedFuncs:
 * @command: passes a command on. @members_json: (nullable): what else the request has, an object.
 *   What comes of it is told by the run's records, or weftline_run_refuse()
 * @show: (nullable): it is wanted to be seen, and is not read: weftline_run_file_follow() may be
 *   called now or later
 * @goes_on: when this program ends
 *
 * Of the run's owner.
 */
typedef struct
{
  void (*command) (WeftlineRun *run, WeftServerVerb verb, const char *members_json, void *data);
  void (*show) (WeftlineRun *run, void *data);
  bool goes_on;
} WeftlineServedFuncs;

/* It is not read yet. @served: copied. @funcs: static. @data: outlives the run, or it is told to be
 * gone. (transfer full) */
WeftlineRun *weftline_run_served_new (const WeftServedRun *served, const WeftlineServedFuncs *funcs,
                                      void *data);
/* What the server has said of it last. (transfer none) */
const WeftServedRun *weftline_run_served_told (WeftlineRunServed *self);
uint64_t weftline_run_served_id (WeftlineRunServed *self);
/* What the server says of it now. */
void weftline_run_served_update (WeftlineRunServed *self, const WeftServedRun *served);
/* It is not served any more: what it could be told to do it cannot now. */
void weftline_run_served_gone (WeftlineRunServed *self, const char *reason);

G_END_DECLS
