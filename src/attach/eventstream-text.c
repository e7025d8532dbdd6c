/* eventstream-text.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "attach/weft-eventstream-text-private.h"

#include "base/weft-text-private.h"

#include <string.h>

/* Longer ones cannot be read by anybody; the Python adapters cut at the same length. */
#define MOST_KEY_BYTES 4096
#define DIGEST_CHARS 16
#define MOST_TEXT_BYTES (1u << 16)
#define MOST_NUMBER 9e18

/* ---- reading --------------------------------------------------------------------------------- */

/* TRUE: the value was of this kind, and is the token read last. */
static bool
read_scalar (WeftJson *json, bool (*is_wanted) (WeftJsonToken token))
{
  WeftJsonMark mark;

  _weft_json_mark (json, &mark);
  if (is_wanted (_weft_json_next (json)))
    return true;
  if (json->error != NULL)
    return false;
  _weft_json_rewind (json, &mark);
  _weft_json_skip (json);
  return false;
}

static bool
is_text (WeftJsonToken token)
{
  return token == WEFT_JSON_STRING;
}

static bool
is_count (WeftJsonToken token)
{
  return token == WEFT_JSON_INT64;
}

static bool
is_number (WeftJsonToken token)
{
  return token == WEFT_JSON_INT64 || token == WEFT_JSON_FLOAT64;
}

char *
_weft_eventstream_read_text (WeftJson *json)
{
  char *text;

  if (!read_scalar (json, is_text) || json->n_chars == 0)
    return NULL;
  text = g_strndup (json->chars, _weft_text_cut (json->chars, json->n_chars, MOST_TEXT_BYTES));
  if (text[0] == '\0')
    g_clear_pointer (&text, g_free);
  return text;
}

int64_t
_weft_eventstream_read_count (WeftJson *json)
{
  return read_scalar (json, is_count) && json->i >= 0 ? json->i : -1;
}

double
_weft_eventstream_read_number (WeftJson *json)
{
  return read_scalar (json, is_number) && json->f >= 0 && json->f <= MOST_NUMBER ? json->f : -1;
}

/* ---- keys ------------------------------------------------------------------------------------ */

/* As repr() of Python has it. */
static void
append_quoted (GString *key, const char *chars, size_t n_chars)
{
  bool has_single = memchr (chars, '\'', n_chars) != NULL;
  char quote = has_single && memchr (chars, '"', n_chars) == NULL ? '"' : '\'';

  g_string_append_c (key, quote);
  for (size_t i = 0; i < n_chars; i++)
    {
      char c = chars[i];
      const char *letter = c != '\0' ? strchr ("\nn\tt\rr", c) : NULL;

      if (c == quote || c == '\\')
        g_string_append_printf (key, "\\%c", c);
      else if (letter != NULL && !g_ascii_isalpha (c))
        g_string_append_printf (key, "\\%c", letter[1]);
      else if (g_ascii_iscntrl (c))
        g_string_append_printf (key, "\\x%02x", (uint8_t) c);
      else
        g_string_append_c (key, c);
    }
  g_string_append_c (key, quote);
}

static bool append_value (WeftJson *json, GString *key);

static bool
append_tuple (WeftJson *json, GString *key)
{
  WeftJsonMark mark;
  unsigned n = 0;

  g_string_append_c (key, '(');
  for (;; n++)
    {
      _weft_json_mark (json, &mark);
      if (!_weft_json_next_item (json))
        break;
      _weft_json_rewind (json, &mark);
      if (n > 0)
        g_string_append (key, ", ");
      if (!append_value (json, key))
        return false;
    }
  g_string_append (key, n == 1 ? ",)" : ")");
  return json->error == NULL;
}

/* A number as it stands there: both write it as repr() does. */
static bool
append_raw (WeftJson *json, const WeftJsonMark *mark, GString *key)
{
  const char *text;
  size_t n_chars;

  _weft_json_rewind (json, mark);
  if (!_weft_json_raw (json, &text, &n_chars))
    return false;
  g_string_append_len (key, text, (gssize) n_chars);
  return true;
}

static bool
append_value (WeftJson *json, GString *key)
{
  WeftJsonMark mark;

  _weft_json_mark (json, &mark);
  switch (_weft_json_next (json))
    {
    case WEFT_JSON_STRING:
      append_quoted (key, json->chars, json->n_chars);
      return true;
    case WEFT_JSON_BEGIN_ARRAY:
      return append_tuple (json, key);
    case WEFT_JSON_INT64:
    case WEFT_JSON_FLOAT64:
      return append_raw (json, &mark, key);
    case WEFT_JSON_TRUE:
    case WEFT_JSON_FALSE:
      g_string_append (key, json->token == WEFT_JSON_TRUE ? "True" : "False");
      return true;
    case WEFT_JSON_NULL:
      g_string_append (key, "None");
      return true;
    default:
      return _weft_json_unexpected (json, "a key");
    }
}

/* Its beginning, and what tells it from others that begin so. */
static void
shorten_key (GString *key)
{
  g_autofree char *digest = NULL;

  if (key->len <= MOST_KEY_BYTES)
    return;
  digest = g_compute_checksum_for_data (G_CHECKSUM_SHA256, (const guchar *) key->str, key->len);
  g_string_truncate (key, _weft_text_cut (key->str, key->len, MOST_KEY_BYTES - DIGEST_CHARS - 8));
  g_string_append_printf (key, "…%.*s", DIGEST_CHARS, digest);
}

char *
_weft_eventstream_read_key (WeftJson *json)
{
  g_autoptr (GString) key = g_string_new (NULL);
  WeftJsonMark mark;

  _weft_json_mark (json, &mark);
  if (_weft_json_next (json) == WEFT_JSON_STRING)
    g_string_append_len (key, json->chars, (gssize) json->n_chars);
  else
    {
      if (json->error != NULL)
        return NULL;
      _weft_json_rewind (json, &mark);
      if (!append_value (json, key))
        return NULL;
    }
  if (key->len == 0 || memchr (key->str, '\0', key->len) != NULL)
    {
      _weft_json_fail (json, WEFT_GRAPH_ERROR_FORMAT,
                       "found a key that is empty or has a zero byte, expected neither");
      return NULL;
    }
  shorten_key (key);
  return g_string_free (g_steal_pointer (&key), FALSE);
}

/* ---- writing --------------------------------------------------------------------------------- */

void
_weft_eventstream_quote (GString *json, const char *text)
{
  g_autofree char *valid = g_utf8_validate (text, -1, NULL) ? NULL : g_utf8_make_valid (text, -1);

  if (valid != NULL)
    text = valid;
  g_string_append_c (json, '"');
  for (const char *at = text; *at != '\0';)
    {
      const char *from = at;

      while ((uint8_t) *at >= 0x20 && *at != '"' && *at != '\\')
        at++;
      g_string_append_len (json, from, at - from);
      if (*at == '"' || *at == '\\')
        g_string_append_printf (json, "\\%c", *at++);
      else if (*at != '\0')
        g_string_append_printf (json, "\\u%04x", (uint8_t) *at++);
    }
  g_string_append_c (json, '"');
}

void
_weft_eventstream_begin (GString *lines, const char *event)
{
  g_string_append_printf (lines, "{\"e\":\"%s\"", event);
}

void
_weft_eventstream_text (GString *lines, const char *name, const char *text)
{
  if (text == NULL)
    return;
  g_string_append_printf (lines, ",\"%s\":", name);
  _weft_eventstream_quote (lines, text);
}

void
_weft_eventstream_count (GString *lines, const char *name, int64_t count)
{
  if (count >= 0)
    g_string_append_printf (lines, ",\"%s\":%" G_GINT64_FORMAT, name, count);
}

void
_weft_eventstream_number (GString *lines, const char *name, double number)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  if (number >= 0)
    g_string_append_printf (lines, ",\"%s\":%s", name, g_ascii_dtostr (text, sizeof text, number));
}

void
_weft_eventstream_end (GString *lines)
{
  g_string_append (lines, "}\n");
}
