/* json-steps.c: what readers do with the tokens of the JSON scanner again and again
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "graph/weft-json-private.h"

#include "base/weft-nearest-private.h"

#include <string.h>

bool
_weft_json_expect (WeftJson *json, WeftJsonToken token, const char *what)
{
  return _weft_json_next (json) == token || _weft_json_unexpected (json, what);
}

static bool
fail_range (WeftJson *json, double min, double max, const char *what)
{
  g_autofree char *found = _weft_json_describe (json);

  return _weft_json_fail (json, WEFT_GRAPH_ERROR_RANGE, "found %s, expected %s from %.17g to %.17g",
                          found, what, min, max);
}

bool
_weft_json_expect_int64 (WeftJson *json, int64_t min, int64_t max, const char *what, int64_t *value)
{
  if (!_weft_json_expect (json, WEFT_JSON_INT64, what))
    return false;
  if (json->i < min || json->i > max)
    {
      g_autofree char *found = _weft_json_describe (json);

      return _weft_json_fail (json, WEFT_GRAPH_ERROR_RANGE,
                              "found %s, expected %s from %" G_GINT64_FORMAT
                              " to %" G_GINT64_FORMAT,
                              found, what, min, max);
    }
  *value = json->i;
  return true;
}

bool
_weft_json_expect_number (WeftJson *json, double min, double max, const char *what, double *value)
{
  WeftJsonToken token = _weft_json_next (json);

  if (token != WEFT_JSON_INT64 && token != WEFT_JSON_FLOAT64)
    return _weft_json_unexpected (json, what);
  if (json->f < min || json->f > max)
    return fail_range (json, min, max, what);
  *value = json->f;
  return true;
}

/* The rest of the value that began with the token read last. */
static bool
finish_value (WeftJson *json, uint32_t depth)
{
  while (json->depth > depth || json->token == WEFT_JSON_NAME)
    if (_weft_json_next (json) == WEFT_JSON_ERROR)
      return false;
  return json->token != WEFT_JSON_ERROR;
}

bool
_weft_json_skip (WeftJson *json)
{
  uint32_t depth = json->depth;

  return _weft_json_next (json) != WEFT_JSON_ERROR && finish_value (json, depth);
}

bool
_weft_json_raw (WeftJson *json, const char **text, size_t *n_chars)
{
  uint32_t depth = json->depth;
  const char *start;

  if (_weft_json_next (json) == WEFT_JSON_ERROR)
    return false;
  start = json->bytes + json->where.offset;
  if (!finish_value (json, depth))
    return false;
  *text = start;
  *n_chars = (size_t) (json->at - start);
  return true;
}

bool
_weft_json_next_name (WeftJson *json)
{
  return _weft_json_next (json) == WEFT_JSON_NAME;
}

bool
_weft_json_next_item (WeftJson *json)
{
  WeftJsonToken token = _weft_json_next (json);

  return token != WEFT_JSON_END_ARRAY && token != WEFT_JSON_ERROR;
}

bool
_weft_json_is (const WeftJson *json, const char *text)
{
  size_t n = strlen (text);

  return json->n_chars == n && memcmp (json->chars, text, n) == 0;
}

int
_weft_json_member (WeftJson *json, const char *const *names, uint64_t *seen)
{
  for (int i = 0; names[i] != NULL; i++)
    if (_weft_json_is (json, names[i]))
      {
        uint64_t bit = (uint64_t) 1 << i;

        if ((*seen & bit) != 0)
          {
            _weft_json_fail (
                json, WEFT_GRAPH_ERROR_DUPLICATE,
                "found the member “%s” a second time in the same object, expected each "
                "once",
                names[i]);
            return -1;
          }
        *seen |= bit;
        return i;
      }
  return -1;
}

bool
_weft_json_unknown_member (WeftJson *json, const char *const *names, const char *owner)
{
  g_autofree char *found = NULL;
  g_autofree char *all = NULL;
  WeftNearest nearest;

  if (json->error != NULL)
    return false;
  found = _weft_json_describe (json);
  _weft_nearest_init (&nearest, json->chars, json->n_chars);
  for (uint32_t i = 0; names[i] != NULL; i++)
    _weft_nearest_offer (&nearest, names[i], strlen (names[i]), i);
  if (nearest.best != WEFT_NONE)
    return _weft_json_fail (json, WEFT_GRAPH_ERROR_FORMAT,
                            "found %s, expected a member of %s; did you mean “%s”?", found, owner,
                            names[nearest.best]);
  all = g_strjoinv (", ", (char **) names);
  return _weft_json_fail (json, WEFT_GRAPH_ERROR_FORMAT, "found %s, expected a member of %s: %s",
                          found, owner, all);
}

void
_weft_json_mark (const WeftJson *json, WeftJsonMark *mark)
{
  *mark = (WeftJsonMark){ .at = json->at,
                          .line_start = json->line_start,
                          .line = json->line,
                          .depth = json->depth,
                          .state = json->state,
                          .token = json->token,
                          .where = json->where };
  memcpy (mark->is_object, json->is_object, sizeof mark->is_object);
}

void
_weft_json_rewind (WeftJson *json, const WeftJsonMark *mark)
{
  json->at = mark->at;
  json->line_start = mark->line_start;
  json->line = mark->line;
  json->depth = mark->depth;
  json->state = mark->state;
  json->token = json->error != NULL ? WEFT_JSON_ERROR : mark->token;
  json->where = mark->where;
  memcpy (json->is_object, mark->is_object, sizeof json->is_object);
}

bool
_weft_json_is_object (const char *text)
{
  WeftJson json;
  bool is_object;

  _weft_json_init (&json, text, strlen (text), NULL);
  is_object = _weft_json_next (&json) == WEFT_JSON_BEGIN_OBJECT;
  while (json.token != WEFT_JSON_ERROR && json.token != WEFT_JSON_END)
    _weft_json_next (&json);
  is_object = is_object && json.token == WEFT_JSON_END;
  _weft_json_clear (&json);
  return is_object;
}
