/* weftline-run-file.h: a run file, finished or still being written by another process
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "session/weftline-run.h"

G_BEGIN_DECLS

#define WEFTLINE_TYPE_RUN_FILE (weftline_run_file_get_type ())
G_DECLARE_FINAL_TYPE (WeftlineRunFile, weftline_run_file, WEFTLINE, RUN_FILE, GObject)

/* Begins to read it in the background. (transfer full) (nullable): NULL with an error when it is no
 * run file */
WeftlineRun *weftline_run_file_new (const char *path, GError **error);

G_END_DECLS
