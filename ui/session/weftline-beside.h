/* weftline-beside.h: the runs of another program that listens, such as `weftline serve`
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Runs that go on are watched at once, those that are over when they are shown. Of many that were
 * over before only the newest appear. Signals, in the main thread:
 *
 *   run-appeared (WeftlineRun *)  the other program has it, or is told of it
 *   changed                       it is there; or more are left out
 *   lost                          it is gone: its runs are interrupted, with all that came of them
 */
#pragma once

#include "session/weftline-run.h"

G_BEGIN_DECLS

#define WEFTLINE_TYPE_BESIDE (weftline_beside_get_type ())
G_DECLARE_FINAL_TYPE (WeftlineBeside, weftline_beside, WEFTLINE, BESIDE, GObject)

/* Begins to connect. (transfer full) (nullable): NULL with an error of WEFT_SERVER_ERROR */
WeftlineBeside *weftline_beside_new (const char *address, GError **error);
const char *weftline_beside_address (WeftlineBeside *self);
/* Whether it has told of its runs. */
bool weftline_beside_was_there (WeftlineBeside *self);
/* How many of its runs did not appear. */
unsigned weftline_beside_n_left_out (WeftlineBeside *self);

G_END_DECLS
