/* weftline-source.h: a run's model, filled while the run writes its file
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Follows the run file of a run as soon as there is one. What views show is the snapshot: it is
 * taken anew right before WeftlineSource::changed, so all views that draw in a frame agree. Main
 * thread only.
 */
#pragma once

#include "session/weftline-run.h"

G_BEGIN_DECLS

#define WEFTLINE_TYPE_SOURCE (weftline_source_get_type ())
G_DECLARE_FINAL_TYPE (WeftlineSource, weftline_source, WEFTLINE, SOURCE, GObject)

/* Signal: `changed`, at most 60 times a second. (transfer full) */
WeftlineSource *weftline_source_new (WeftlineRun *run);
/* (transfer none) */
WeftModel *weftline_source_model (WeftlineSource *self);
/* (transfer none): as of the last `changed` */
const WeftModelSnapshot *weftline_source_snapshot (WeftlineSource *self);
/* Whether more of the file is to be read, and how much of it was: 0 … 1. */
bool weftline_source_is_reading (WeftlineSource *self, double *share);
/* Why it ended early, for people. (transfer full) (nullable) */
char *weftline_source_dup_error (WeftlineSource *self);

G_END_DECLS
