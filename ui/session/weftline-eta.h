/* weftline-eta.h: how long a run still takes, worked out beside the main thread
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * One for each run, whatever shows it. Looked at anew when the run has changed, as often as that
 * takes less than a fortieth of a core; in between the time left counts down.
 */
#pragma once

#include "session/weftline-run.h"

G_BEGIN_DECLS

#define WEFTLINE_TYPE_ETA (weftline_eta_get_type ())
G_DECLARE_FINAL_TYPE (WeftlineEta, weftline_eta, WEFTLINE, ETA, GObject)

/* The run's, made when it is first asked for. Emits `changed` when there is another estimate.
 * (transfer none): lives as long as the run */
WeftlineEta *weftline_eta_of_run (WeftlineRun *run);
/* @eta: (out): as of now. Returns: whether there is anything to be said: it runs, and something was
 * measured */
bool weftline_eta_now (WeftlineEta *self, WeftEta *eta);

/* “2 m 10 s left (1 m 50 s – 2 m 40 s)”, or without what is in brackets; where groups are left of
 * which nothing is known, only from when to when, or the least. (transfer full) (nullable):
 * nothing is known yet, or it does not run */
char *weftline_eta_dup_text (WeftlineEta *self, bool band);

/* The same of an estimate. (transfer full) (nullable) */
char *weftline_eta_text (const WeftEta *eta, bool band);

G_END_DECLS
