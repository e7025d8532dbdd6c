/* weftline-recorded.h: what the records of a run say of it, for runs that nobody else can be asked
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "session/weftline-run.h"

G_BEGIN_DECLS

void weftline_recorded_status (WeftlineFeed *feed, WeftlineRunStatus *status);
/* The process that wrote it, on its machine; 0: not known (yet). */
uint32_t weftline_recorded_pid (WeftlineFeed *feed);
/* “interrupted: signal 11 in task k”, of a run without an end. The task is the one that the process
 * named when it died, else those that were last seen running. @signal: what it was seen to die of;
 * 0: not known, then @reason (nullable) stands for it, where the records do not say. (transfer
 * full) */
char *weftline_recorded_dup_interruption (WeftlineFeed *feed, int signal, const char *reason);

/* Whether a task of that key is known to have begun, or never will. @feed: (nullable) */
bool weftline_recorded_has_begun (WeftlineFeed *feed, const char *key);

G_END_DECLS
