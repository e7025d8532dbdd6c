/* text.c: characters, lists of strings, and text of values for the operations
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "kernels/weft-ops-private.h"

uint32_t
_weft_next_char (const char **at, const char *end)
{
  const uint8_t *byte = (const uint8_t *) *at;
  uint32_t c = *byte++;
  int n_more = c < 0xc0 ? 0 : c < 0xe0 ? 1 : c < 0xf0 ? 2 : 3;

  if (n_more > 0)
    c &= 0x3fu >> n_more;
  for (; n_more > 0 && (const char *) byte < end; n_more--)
    c = c << 6 | (*byte++ & 0x3fu);
  *at = (const char *) byte;
  return c;
}

/* Source: the Python Language Reference, str.isspace(): bidirectional type WS, B or S, or category
 * Zs. */
bool
_weft_is_space (uint32_t c)
{
  if (c < 0x80)
    return c == ' ' || (c >= '\t' && c <= '\r') || (c >= 0x1c && c <= 0x1f);
  return c == 0x85 || c == 0xa0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x2028
         || c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x3000;
}

size_t
_weft_valid_text (const char *chars, size_t n)
{
  const char *at = chars, *end = chars + n;

  while (at < end)
    {
      if (g_utf8_validate_len (at, (gsize) (end - at), &at))
        break;
      if (*at != '\0')
        return (size_t) (at - chars);
      at++;
    }
  return n;
}

int64_t
_weft_count_chars (const char *chars, size_t n)
{
  int64_t count = 0;

  for (size_t i = 0; i < n; i++)
    count += ((uint8_t) chars[i] & 0xc0) != 0x80;
  return count;
}

/* ---- making lists ---------------------------------------------------------------------------- */

void
_weft_list_maker_init (WeftListMaker *maker, WeftAccount *account)
{
  *maker = (WeftListMaker){ g_array_new (FALSE, FALSE, sizeof (WeftValue)), account, WEFT_OK };
}

void
_weft_list_maker_add (WeftListMaker *maker, WeftValue *value)
{
  g_array_append_val (maker->items, *value);
}

void
_weft_list_maker_add_string (WeftListMaker *maker, const char *chars, size_t n)
{
  WeftValue value;

  if (maker->status != WEFT_OK)
    return;
  maker->status = weft_value_init_string (&value, maker->account, chars, n);
  if (maker->status == WEFT_OK)
    _weft_list_maker_add (maker, &value);
}

/* Ends are \n, \r\n and \r; a last one begins no further line. */
void
_weft_list_maker_add_lines (WeftListMaker *maker, const char *chars, size_t n)
{
  const char *at = chars, *end = chars + n;

  while (at < end && maker->status == WEFT_OK)
    {
      const char *start = at;

      while (at < end && *at != '\n' && *at != '\r')
        at++;
      _weft_list_maker_add_string (maker, start, (size_t) (at - start));
      if (at < end)
        at += at + 1 < end && at[0] == '\r' && at[1] == '\n' ? 2 : 1;
    }
}

WeftStatus
_weft_list_maker_finish (WeftListMaker *maker, WeftValue *result)
{
  WeftValue *items = (WeftValue *) maker->items->data;

  if (maker->status == WEFT_OK)
    maker->status = weft_value_init_list (result, maker->account, items, maker->items->len);
  for (guint i = 0; maker->status != WEFT_OK && i < maker->items->len; i++)
    weft_value_unref (&items[i]);
  g_array_unref (maker->items);
  return maker->status;
}

/* ---- text ------------------------------------------------------------------------------------ */

void
_weft_append_text (GString *out, const WeftValue *value)
{
  g_autofree char *text = NULL;

  if (weft_value_type (value) == WEFT_TYPE_STRING)
    {
      g_string_append_len (out, _weft_string (value)->chars,
                           (gssize) _weft_string (value)->n_chars);
      return;
    }
  text = weft_value_to_text (value, false, 0);
  g_string_append (out, text);
}

WeftStatus
_weft_give_text (WeftTask *task, GString *text, WeftValue *result)
{
  WeftStatus status =
      weft_value_init_string (result, weft_task_account (task), text->str, text->len);

  g_string_free (text, TRUE);
  return status;
}

const char *
_weft_path (WeftTask *task, const WeftValue *value)
{
  const WeftString *string;

  if (weft_value_type (value) == WEFT_TYPE_FILE)
    return ((const WeftFile *) value->u.box)->path;
  string = _weft_string (value);
  if (string->n_chars > 0 && memchr (string->chars, '\0', string->n_chars) == NULL)
    return string->chars;
  weft_task_fail (task,
                  string->n_chars == 0 ? "found an empty path" : "found a path with a zero byte");
  return NULL;
}
