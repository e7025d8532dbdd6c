/* ops-string.c: operations on text, str.*
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * They do what Python's methods of the same name do, on code points. Strings may hold zero bytes,
 * so nothing here relies on the final one.
 */
#include "config.h"

#include "kernels/weft-ops-private.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

/* ---- upper, lower ---------------------------------------------------------------------------- */

typedef char *CaseFunc (const char *chars, gssize n);

/* GLib's functions end at a zero byte, so they get the text piece by piece. */
static WeftStatus
change_case (WeftTask *task, const WeftString *string, CaseFunc *func, WeftValue *result)
{
  const char *at = string->chars, *end = at + string->n_chars;
  GString *out = g_string_sized_new (string->n_chars);

  while (at < end)
    {
      size_t n = strnlen (at, (size_t) (end - at));
      g_autofree char *piece = func (at, (gssize) n);

      g_string_append (out, piece);
      at += n;
      for (; at < end && *at == '\0'; at++)
        g_string_append_c (out, '\0');
    }
  return _weft_give_text (task, out, result);
}

static WeftStatus
op_upper (WeftTask *task, const WeftValue *args, uint32_t n_args, WeftValue *results)
{
  return change_case (task, _weft_string (&args[0]), g_utf8_strup, results);
}

static WeftStatus
op_lower (WeftTask *task, const WeftValue *args, uint32_t n_args, WeftValue *results)
{
  return change_case (task, _weft_string (&args[0]), g_utf8_strdown, results);
}

/* ---- strip ----------------------------------------------------------------------------------- */

static bool
is_in (uint32_t c, const WeftString *set)
{
  const char *at, *end;

  if (set == NULL)
    return _weft_is_space (c);
  for (at = set->chars, end = at + set->n_chars; at < end;)
    if (_weft_next_char (&at, end) == c)
      return true;
  return false;
}

static const char *
char_before (const char *at, const char *start)
{
  do
    at--;
  while (at > start && ((uint8_t) *at & 0xc0) == 0x80);
  return at;
}

static WeftStatus
op_strip (WeftTask *task, const WeftValue *args, uint32_t n_args, WeftValue *results)
{
  const WeftString *string = _weft_string (&args[0]);
  const WeftString *set = _weft_is_none (&args[1]) ? NULL : _weft_string (&args[1]);
  const char *start = string->chars, *end = start + string->n_chars;

  while (start < end)
    {
      const char *next = start;

      if (!is_in (_weft_next_char (&next, end), set))
        break;
      start = next;
    }
  while (end > start)
    {
      const char *last = char_before (end, start);
      const char *at = last;

      if (!is_in (_weft_next_char (&at, end), set))
        break;
      end = last;
    }
  return weft_value_init_string (results, weft_task_account (task), start, (size_t) (end - start));
}

/* ---- split, lines, join ---------------------------------------------------------------------- */

/* Where the run of characters ends that are white space, or that are not. */
static const char *
skip_run (const char *at, const char *end, bool space)
{
  while (at < end)
    {
      const char *next = at;

      if (_weft_is_space (_weft_next_char (&next, end)) != space)
        break;
      at = next;
    }
  return at;
}

/* At runs of white space; the last of n_most + 1 parts keeps what is in it, but not what is around.
 * */
static void
split_words (WeftListMaker *maker, const char *at, const char *end, int64_t n_left)
{
  for (at = skip_run (at, end, true); at < end; at = skip_run (at, end, true))
    {
      const char *start = at;

      at = n_left-- == 0 ? end : skip_run (at, end, false);
      _weft_list_maker_add_string (maker, start, (size_t) (at - start));
    }
}

static void
split_at (WeftListMaker *maker, const char *at, const char *end, const WeftString *separator,
          int64_t n_left)
{
  const char *found;

  while (n_left-- != 0
         && (found = memmem (at, (size_t) (end - at), separator->chars, separator->n_chars))
                != NULL)
    {
      _weft_list_maker_add_string (maker, at, (size_t) (found - at));
      at = found + separator->n_chars;
    }
  _weft_list_maker_add_string (maker, at, (size_t) (end - at));
}

static WeftStatus
op_split (WeftTask *task, const WeftValue *args, uint32_t n_args, WeftValue *results)
{
  const WeftString *string = _weft_string (&args[0]);
  const char *end = string->chars + string->n_chars;
  int64_t n_most = _weft_integer (&args[2]);
  WeftListMaker maker;

  if (!_weft_is_none (&args[1]) && _weft_string (&args[1])->n_chars == 0)
    return weft_task_fail (task, "found an empty separator; leave it out to split at white space");
  _weft_list_maker_init (&maker, weft_task_account (task));
  if (_weft_is_none (&args[1]))
    split_words (&maker, string->chars, end, n_most);
  else
    split_at (&maker, string->chars, end, _weft_string (&args[1]), n_most);
  return _weft_list_maker_finish (&maker, results);
}

static WeftStatus
op_lines (WeftTask *task, const WeftValue *args, uint32_t n_args, WeftValue *results)
{
  const WeftString *string = _weft_string (&args[0]);
  WeftListMaker maker;

  _weft_list_maker_init (&maker, weft_task_account (task));
  _weft_list_maker_add_lines (&maker, string->chars, string->n_chars);
  return _weft_list_maker_finish (&maker, results);
}

static WeftStatus
op_join (WeftTask *task, const WeftValue *args, uint32_t n_args, WeftValue *results)
{
  const WeftString *separator = _weft_string (&args[0]);
  const WeftList *list = _weft_list (&args[1]);
  GString *out = g_string_new (NULL);

  for (uint64_t i = 0; i < list->n_items; i++)
    {
      const WeftValue *item = &list->items[i];

      if (weft_value_type (item) != WEFT_TYPE_STRING)
        {
          g_string_free (out, TRUE);
          return weft_task_fail (task, "item %" PRIu64 " is %s, expected string", i,
                                 weft_type_name (weft_value_type (item)));
        }
      if (i > 0)
        g_string_append_len (out, separator->chars, (gssize) separator->n_chars);
      g_string_append_len (out, _weft_string (item)->chars, (gssize) _weft_string (item)->n_chars);
    }
  return _weft_give_text (task, out, results);
}

/* ---- replace, contains, … -------------------------------------------------------------------- */

/* An empty text to look for stands before each character and at the end. */
static void
replace_empty (GString *out, const WeftString *string, const WeftString *with, int64_t n_left)
{
  const char *at = string->chars, *end = at + string->n_chars;

  for (;;)
    {
      const char *next = at;

      if (n_left-- != 0)
        g_string_append_len (out, with->chars, (gssize) with->n_chars);
      else
        break;
      if (at == end)
        return;
      _weft_next_char (&next, end);
      g_string_append_len (out, at, next - at);
      at = next;
    }
  g_string_append_len (out, at, end - at);
}

static void
replace_text (GString *out, const WeftString *string, const WeftString *old, const WeftString *with,
              int64_t n_left)
{
  const char *at = string->chars, *end = at + string->n_chars, *found;

  while (n_left-- != 0
         && (found = memmem (at, (size_t) (end - at), old->chars, old->n_chars)) != NULL)
    {
      g_string_append_len (out, at, found - at);
      g_string_append_len (out, with->chars, (gssize) with->n_chars);
      at = found + old->n_chars;
    }
  g_string_append_len (out, at, end - at);
}

static WeftStatus
op_replace (WeftTask *task, const WeftValue *args, uint32_t n_args, WeftValue *results)
{
  const WeftString *old = _weft_string (&args[1]), *with = _weft_string (&args[2]);
  GString *out = g_string_new (NULL);

  if (old->n_chars == 0)
    replace_empty (out, _weft_string (&args[0]), with, _weft_integer (&args[3]));
  else
    replace_text (out, _weft_string (&args[0]), old, with, _weft_integer (&args[3]));
  return _weft_give_text (task, out, results);
}

static WeftStatus
op_contains (WeftTask *task, const WeftValue *args, uint32_t n_args, WeftValue *results)
{
  const WeftString *string = _weft_string (&args[0]), *part = _weft_string (&args[1]);

  weft_value_set_bool (results,
                       memmem (string->chars, string->n_chars, part->chars, part->n_chars) != NULL);
  return WEFT_OK;
}

static WeftStatus
op_starts_with (WeftTask *task, const WeftValue *args, uint32_t n_args, WeftValue *results)
{
  const WeftString *string = _weft_string (&args[0]), *part = _weft_string (&args[1]);

  weft_value_set_bool (results, string->n_chars >= part->n_chars
                                    && memcmp (string->chars, part->chars, part->n_chars) == 0);
  return WEFT_OK;
}

static WeftStatus
op_ends_with (WeftTask *task, const WeftValue *args, uint32_t n_args, WeftValue *results)
{
  const WeftString *string = _weft_string (&args[0]), *part = _weft_string (&args[1]);

  weft_value_set_bool (results, string->n_chars >= part->n_chars
                                    && memcmp (string->chars + string->n_chars - part->n_chars,
                                               part->chars, part->n_chars)
                                           == 0);
  return WEFT_OK;
}

/* ---- format ---------------------------------------------------------------------------------- */

/* What stands between { and }: nothing for the next value, or a number. */
static WeftStatus
format_field (WeftTask *task, const char *digits, size_t n, const WeftValue *values,
              uint32_t n_values, uint64_t *next, GString *out)
{
  uint64_t k = *next;

  for (size_t i = 0; i < n; i++)
    {
      if (digits[i] < '0' || digits[i] > '9' || n > 9)
        return weft_task_fail (task, "found {%.*s}, expected {} or a number as in {0}",
                               (int) MIN (n, 20), digits);
      k = (i == 0 ? 0 : k * 10) + (uint64_t) (digits[i] - '0');
    }
  *next += n == 0;
  if (k >= n_values)
    return weft_task_fail (task, "the template asks for value %" PRIu64 ", but there are %u", k,
                           n_values);
  _weft_append_text (out, &values[k]);
  return WEFT_OK;
}

static WeftStatus
format_text (WeftTask *task, const WeftString *template, const WeftValue *values, uint32_t n_values,
             GString *out)
{
  const char *at = template->chars, *end = at + template->n_chars;
  uint64_t next = 0;

  for (; at < end; at++)
    {
      const char *close;
      WeftStatus status;

      if ((*at == '{' || *at == '}') && at + 1 < end && at[1] == *at)
        {
          g_string_append_c (out, *at++);
          continue;
        }
      if (*at == '}')
        return weft_task_fail (task, "found a single } in the template, expected }}");
      if (*at != '{')
        {
          g_string_append_c (out, *at);
          continue;
        }
      close = memchr (at, '}', (size_t) (end - at));
      if (close == NULL)
        return weft_task_fail (task, "found a single { in the template, expected {{ or {}");
      status = format_field (task, at + 1, (size_t) (close - at - 1), values, n_values, &next, out);
      if (status != WEFT_OK)
        return status;
      at = close;
    }
  return WEFT_OK;
}

static WeftStatus
op_format (WeftTask *task, const WeftValue *args, uint32_t n_args, WeftValue *results)
{
  GString *out = g_string_new (NULL);
  WeftStatus status = format_text (task, _weft_string (&args[0]), args + 1, n_args - 1, out);

  if (status == WEFT_OK)
    return _weft_give_text (task, out, results);
  g_string_free (out, TRUE);
  return status;
}

/* ---- to and from numbers --------------------------------------------------------------------- */

static WeftStatus
op_of (WeftTask *task, const WeftValue *args, uint32_t n_args, WeftValue *results)
{
  GString *out = g_string_new (NULL);

  _weft_append_text (out, &args[0]);
  return _weft_give_text (task, out, results);
}

/* Text without white space around it, for the C library's functions. NULL: it has none, or zeros.
 * */
static char *
number_text (const WeftString *string)
{
  g_autofree char *text = g_strndup (string->chars, string->n_chars);

  g_strstrip (text);
  if (*text == '\0' || strlen (string->chars) != string->n_chars)
    return NULL;
  return g_steal_pointer (&text);
}

static WeftStatus
fail_number (WeftTask *task, const WeftValue *value, const char *expected)
{
  g_autofree char *text = weft_value_to_text (value, true, 0);

  return weft_task_fail (task, "found %.100s, expected %s", text, expected);
}

static WeftStatus
op_to_int (WeftTask *task, const WeftValue *args, uint32_t n_args, WeftValue *results)
{
  g_autofree char *text = number_text (_weft_string (&args[0]));
  char *end = NULL;
  int64_t i;

  if (text == NULL)
    return fail_number (task, &args[0], "an integer");
  errno = 0;
  i = g_ascii_strtoll (text, &end, 10);
  if (errno == ERANGE)
    return fail_number (task, &args[0], "an integer of at most 64 bits");
  if (*end != '\0')
    return fail_number (task, &args[0], "an integer");
  weft_value_set_int64 (results, i);
  return WEFT_OK;
}

static WeftStatus
op_to_float (WeftTask *task, const WeftValue *args, uint32_t n_args, WeftValue *results)
{
  g_autofree char *text = number_text (_weft_string (&args[0]));
  char *end = NULL;
  double f = text != NULL ? g_ascii_strtod (text, &end) : 0;

  if (text == NULL || *end != '\0' || strpbrk (text, "xX") != NULL)
    return fail_number (task, &args[0], "a number");
  weft_value_set_float64 (results, f);
  return WEFT_OK;
}

/* ---- table ----------------------------------------------------------------------------------- */

static const WeftOpParam one_text[] = { WEFT_PARAM ("text", WEFT_ACCEPT_STRING, "any text") };
static const WeftOpParam text_and_part[] = {
  WEFT_PARAM ("text", WEFT_ACCEPT_STRING, "any text"),
  WEFT_PARAM ("part", WEFT_ACCEPT_STRING, "what to look for"),
};
static const WeftOpParam strip_params[] = {
  WEFT_PARAM ("text", WEFT_ACCEPT_STRING, "any text"),
  WEFT_PARAM_OR ("chars", WEFT_ACCEPT_STRING, WEFT_NO_VALUE,
                 "characters to take off; none: white space"),
};
static const WeftOpParam split_params[] = {
  WEFT_PARAM ("text", WEFT_ACCEPT_STRING, "any text"),
  WEFT_PARAM_OR ("sep", WEFT_ACCEPT_STRING, WEFT_NO_VALUE, "where to split; none: at white space"),
  WEFT_PARAM_OR ("most", WEFT_ACCEPT_INTEGER, WEFT_INT (-1), "most splits to make; -1: all"),
};
static const WeftOpParam join_params[] = {
  WEFT_PARAM ("sep", WEFT_ACCEPT_STRING, "what to put between"),
  WEFT_PARAM ("parts", WEFT_ACCEPT_LIST, "list of strings"),
};
static const WeftOpParam replace_params[] = {
  WEFT_PARAM ("text", WEFT_ACCEPT_STRING, "any text"),
  WEFT_PARAM ("old", WEFT_ACCEPT_STRING, "what to replace"),
  WEFT_PARAM ("new", WEFT_ACCEPT_STRING, "what to put there"),
  WEFT_PARAM_OR ("most", WEFT_ACCEPT_INTEGER, WEFT_INT (-1), "how often at most; -1: always"),
};
static const WeftOpParam format_params[] = {
  WEFT_PARAM ("template", WEFT_ACCEPT_STRING, "text with {} or {0}, {1} …; {{ and }} are braces"),
  WEFT_PARAM_REST ("values", WEFT_ACCEPT_ANY, "what to put there"),
};
static const WeftOpParam of_params[] = { WEFT_PARAM ("value", WEFT_ACCEPT_ANY, "any value") };

#define STRING_OP(op_name, table, is_variadic, text, func)                               \
  {                                                                                      \
    .name = "str." op_name, .version = 1, .doc = text, WEFT_PARAMS (table),              \
    .variadic = is_variadic, .n_outputs = 1, .flags = WEFT_OP_PURE, .cost_hint_ns = 300, \
    .kernel = func                                                                       \
  }

static const WeftOp ops[] = {
  STRING_OP ("upper", one_text, false, "the text in upper case", op_upper),
  STRING_OP ("lower", one_text, false, "the text in lower case", op_lower),
  STRING_OP ("strip", strip_params, false,
             "the text without white space, or other characters, at both ends", op_strip),
  STRING_OP ("split", split_params, false, "the parts of a text, as a list", op_split),
  STRING_OP ("lines", one_text, false, "the lines of a text, without their ends, as a list",
             op_lines),
  STRING_OP ("join", join_params, false, "strings joined with a separator between them", op_join),
  STRING_OP ("replace", replace_params, false, "the text with one part replaced by another",
             op_replace),
  STRING_OP ("contains", text_and_part, false, "whether a text contains another", op_contains),
  STRING_OP ("starts_with", text_and_part, false, "whether a text begins with another",
             op_starts_with),
  STRING_OP ("ends_with", text_and_part, false, "whether a text ends with another", op_ends_with),
  STRING_OP ("format", format_params, true, "a template with values put in", op_format),
  STRING_OP ("of", of_params, false, "a value as text", op_of),
  STRING_OP ("to_int", one_text, false, "the integer that a text says", op_to_int),
  STRING_OP ("to_float", one_text, false, "the number that a text says", op_to_float),
};

const WeftOpTable _weft_ops_string = { ops, G_N_ELEMENTS (ops) };
