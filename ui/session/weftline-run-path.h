/* weftline-run-path.h: where run files go while their runs are known
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A new, empty file, named after the run. @folder: (nullable): the user's cache. (transfer full)
 * (nullable): NULL with an error of G_FILE_ERROR */
char *weftline_new_run_path (const char *folder, const char *name, GError **error);

G_END_DECLS
