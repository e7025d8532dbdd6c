/* weftline-then.h: how a run stood at a moment, and how long it would still take
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "session/weftline-run.h"

#include "model/weft-eta.h"

G_BEGIN_DECLS

/* @snapshot: of @model. Settings and memory are those of the last point before the moment. */
void weftline_status_then (WeftModel *model, const WeftModelSnapshot *snapshot,
                           const WeftMoment *moment, WeftlineRunStatus *status);

/* Estimates of moments, worked out on a thread of the pool, one at a time; of several that are
 * asked for meanwhile only the last. Main thread only. */
#define WEFTLINE_TYPE_ETA_THEN (weftline_eta_then_get_type ())
G_DECLARE_FINAL_TYPE (WeftlineEtaThen, weftline_eta_then, WEFTLINE, ETA_THEN, GObject)

/* Signal: `changed`: there is an estimate of the moment asked for last. (transfer full) */
WeftlineEtaThen *weftline_eta_then_new (void);
void weftline_eta_then_ask (WeftlineEtaThen *self, WeftModel *model,
                            const WeftModelSnapshot *snapshot, const WeftMoment *moment);
/* None is wanted any more. Tells nobody. */
void weftline_eta_then_forget (WeftlineEtaThen *self);
/* @eta: (out). Returns: whether there is one */
bool weftline_eta_then_get (WeftlineEtaThen *self, WeftEta *eta);

G_END_DECLS
