/* weftline-save.h: a run's file kept elsewhere, also while it grows
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "session/weftline-run.h"

G_BEGIN_DECLS

#define WEFTLINE_TYPE_SAVE (weftline_save_get_type ())
G_DECLARE_FINAL_TYPE (WeftlineSave, weftline_save, WEFTLINE, SAVE, GObject)

/* Begins to copy what there is, in the background, and goes on until the run is over: then the copy
 * is the same, byte by byte. Until the first part is whole, what was at @path before stays. Emits
 * `ended`. The run is kept until then, and so is this object. (transfer full) (nullable): NULL with
 * an error when there is nothing to save yet */
WeftlineSave *weftline_save_new (WeftlineRun *run, const char *path, GError **error);
/* Whether nothing more will be written. */
bool weftline_save_is_over (WeftlineSave *self);
/* What went wrong. (transfer none) (nullable) */
const char *weftline_save_error (WeftlineSave *self);
/* (transfer none) */
const char *weftline_save_path (WeftlineSave *self);

G_END_DECLS
