/* export-private.h: what the files that write views share
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "export/export.h"

/* What the view is called, and the run. (transfer full) */
char *_weftline_export_title (const WeftlineExport *export, const WeftModel *model);
/* How much of the run is in it. (transfer full) */
char *_weftline_export_about (const WeftModelSnapshot *snapshot);

/* Adds title, description and texts (element-type WeftlineShownText) to what cairo has written. */
void _weftline_svg_finish (GByteArray *bytes, const char *title, const char *about,
                           const GArray *texts);
