/* answer.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "server/weft-answer-private.h"

void
_weft_answer_read_error (WeftJson *json, char **code, char **message, char **mend)
{
  if (!_weft_json_expect (json, WEFT_JSON_BEGIN_OBJECT, "an error"))
    return;
  while (_weft_json_next_name (json))
    {
      char **to = _weft_json_is (json, "code")      ? code
                  : _weft_json_is (json, "message") ? message
                  : _weft_json_is (json, "mend")    ? mend
                                                    : NULL;

      if (to == NULL)
        {
          _weft_json_skip (json);
          continue;
        }
      if (!_weft_json_expect (json, WEFT_JSON_STRING, "a text"))
        return;
      g_free (*to);
      *to = g_strndup (json->chars, json->n_chars);
    }
}
