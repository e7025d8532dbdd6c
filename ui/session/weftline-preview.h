/* weftline-preview.h: the graph of a run that has not begun, as its model will have it
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A run's model comes from its records, and before the start there are none. So the graph is put
 * into a model of its own, on a thread: all tasks wait in it. Main thread only.
 */
#pragma once

#include "model/weft-model.h"

#include <glib-object.h>

G_BEGIN_DECLS

#define WEFTLINE_TYPE_PREVIEW (weftline_preview_get_type ())
G_DECLARE_FINAL_TYPE (WeftlinePreview, weftline_preview, WEFTLINE, PREVIEW, GObject)

/* @graph: a reference is taken. Emits `changed` once it is there. (transfer full) */
WeftlinePreview *weftline_preview_new (WeftGraph *graph);
/* Nobody waits for it any more. */
void weftline_preview_cancel (WeftlinePreview *self);
/* (transfer none) (nullable): not there yet */
WeftModel *weftline_preview_model (WeftlinePreview *self);
/* Of that model. (transfer none) */
const WeftModelSnapshot *weftline_preview_snapshot (WeftlinePreview *self);

G_END_DECLS
