/* weftline-json.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "session/weftline-json.h"

void
weftline_json_append (GString *json, const char *text)
{
  g_string_append_c (json, '"');
  for (const char *at = text; *at != '\0'; at++)
    if (*at == '"' || *at == '\\')
      g_string_append_printf (json, "\\%c", *at);
    else if ((unsigned char) *at < 0x20)
      g_string_append_printf (json, "\\u%04x", (unsigned) *at);
    else
      g_string_append_c (json, *at);
  g_string_append_c (json, '"');
}
