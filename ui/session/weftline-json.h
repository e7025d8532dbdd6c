/* weftline-json.h: texts as they stand in JSON
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* With its quotes. @text: UTF-8 */
void weftline_json_append (GString *json, const char *text);

G_END_DECLS
