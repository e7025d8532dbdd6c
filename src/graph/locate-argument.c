/* locate-argument.c: where in its file an argument stands
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A graph knows the place of each call, not of each argument: a million tasks would pay for what is
 * asked once, when one of them is wrong. Then the file is read again, as far as that argument. What
 * is no regular file, is gone or has changed meanwhile has no place to tell.
 */
#include "config.h"

#include "graph/weft-graph-read-private.h"
#include "graph/weft-json-private.h"

#include <string.h>

/* To the value of a member of the object that comes next. */
static bool
seek_member (WeftJson *json, const char *name, size_t n_name)
{
  if (_weft_json_next (json) != WEFT_JSON_BEGIN_OBJECT)
    return false;
  while (_weft_json_next_name (json))
    {
      if (json->n_chars == n_name && memcmp (json->chars, name, n_name) == 0)
        return true;
      _weft_json_skip (json);
    }
  return false;
}

/* To an item of the array that comes next: it begins with the token read last. */
static bool
seek_item (WeftJson *json, uint32_t index)
{
  WeftJsonMark mark;

  if (_weft_json_next (json) != WEFT_JSON_BEGIN_ARRAY)
    return false;
  for (uint32_t i = 0;; i++)
    {
      _weft_json_mark (json, &mark);
      if (!_weft_json_next_item (json))
        return false;
      if (i == index)
        return true;
      _weft_json_rewind (json, &mark);
      _weft_json_skip (json);
    }
}

static bool
seek_argument (WeftJson *json, const char *key, const WeftArgumentPlace *argument)
{
  bool positional = argument->kind == WEFT_ARGUMENT_POSITIONAL;
  const char *list = positional ? "args" : "kwargs";

  if (!seek_member (json, "tasks", strlen ("tasks")) || !seek_member (json, key, strlen (key))
      || !seek_member (json, list, strlen (list)))
    return false;
  if (positional)
    return seek_item (json, argument->index);
  return seek_member (json, argument->name, argument->n_name)
         && (argument->kind == WEFT_ARGUMENT_NAME || _weft_json_next (json) != WEFT_JSON_ERROR);
}

bool
_weft_graph_locate_argument (const char *file, const char *key, const WeftArgumentPlace *argument,
                             WeftLocation *where)
{
  g_autofree char *bytes = NULL;
  gsize n_bytes;
  WeftJson json;
  bool found;

  if (argument->kind == WEFT_ARGUMENT_NONE || !g_file_test (file, G_FILE_TEST_IS_REGULAR)
      || !g_file_get_contents (file, &bytes, &n_bytes, NULL))
    return false;
  _weft_json_init (&json, bytes, n_bytes, file);
  found = seek_argument (&json, key, argument);
  if (found)
    {
      where->line = json.where.line;
      where->column = json.where.column;
    }
  _weft_json_clear (&json);
  return found;
}
