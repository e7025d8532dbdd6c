/* fault.c: what is wrong, as the protocol tells it
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "server/weft-said-private.h"

#include "graph/weft-read-edges-private.h"

#include <string.h>

static const char *const refusals[] = {
  [WEFT_SERVER_REFUSE_REQUEST] = "request",
  [WEFT_SERVER_REFUSE_NOT_SUPPORTED] = "not_supported",
  [WEFT_SERVER_REFUSE_NO_SUCH_RUN] = "no_such_run",
  [WEFT_SERVER_REFUSE_NO_SUCH_KEY] = "no_such_key",
  [WEFT_SERVER_REFUSE_NO_SUCH_CHANNEL] = "no_such_channel",
  [WEFT_SERVER_REFUSE_STATE] = "state",
  [WEFT_SERVER_REFUSE_LIMIT] = "limit",
  [WEFT_SERVER_REFUSE_FAILED] = "failed",
};

static const char *const fault_codes[] = {
  [WEFT_FAULT_MALFORMED - WEFT_FAULT_MALFORMED] = "malformed",
  [WEFT_FAULT_VERSION - WEFT_FAULT_MALFORMED] = "version",
  [WEFT_FAULT_REFUSED - WEFT_FAULT_MALFORMED] = "refused",
  [WEFT_FAULT_EVENT - WEFT_FAULT_MALFORMED] = "event",
};

void
_weft_fault_set (WeftFault *fault, int code, const char *where, const char *mend,
                 const char *format, ...)
{
  va_list args;

  va_start (args, format);
  *fault = (WeftFault){ .code = code,
                        .where = g_strdup (where),
                        .mend = g_strdup (mend),
                        .message = g_strdup_vprintf (format, args),
                        .offset = WEFT_FAULT_NOWHERE };
  va_end (args);
}

void
_weft_fault_clear (WeftFault *fault)
{
  g_clear_pointer (&fault->message, g_free);
  g_clear_pointer (&fault->mend, g_free);
  g_clear_pointer (&fault->where, g_free);
}

void
_weft_said_append_text (GString *json, const char *text)
{
  g_autofree char *valid = NULL;

  if (text == NULL)
    {
      g_string_append (json, "null");
      return;
    }
  valid = g_utf8_make_valid (text, -1);
  _weft_read_append_json (json, valid, strlen (valid));
}

void
_weft_said_append_number (GString *json, const char *format, double value)
{
  char digits[G_ASCII_DTOSTR_BUF_SIZE];

  g_string_append (json, g_ascii_formatd (digits, sizeof digits, format, value));
}

static const char *
code_name (int code)
{
  return code >= WEFT_FAULT_MALFORMED ? fault_codes[code - WEFT_FAULT_MALFORMED] : refusals[code];
}

void
_weft_fault_json (const WeftFault *fault, const char *id_json, GString *json)
{
  g_string_append (json, "{");
  if (id_json != NULL)
    g_string_append_printf (json, "\"id\": %s, ", id_json);
  g_string_append_printf (json,
                          "\"error\": {\"code\": \"%s\", \"message\": ", code_name (fault->code));
  _weft_said_append_text (json, fault->message);
  if (fault->where != NULL)
    {
      g_string_append (json, ", \"where\": ");
      _weft_said_append_text (json, fault->where);
    }
  if (fault->mend != NULL)
    {
      g_string_append (json, ", \"mend\": ");
      _weft_said_append_text (json, fault->mend);
    }
  if (fault->offset != WEFT_FAULT_NOWHERE)
    g_string_append_printf (json, ", \"offset\": %" G_GUINT64_FORMAT, fault->offset);
  if (fault->more > 0)
    g_string_append_printf (json, ", \"more\": %" G_GUINT64_FORMAT, fault->more);
  g_string_append (json, "}");
  if (fault->channel != 0)
    g_string_append_printf (json, ", \"channel\": %u", fault->channel);
  g_string_append (json, "}");
}
