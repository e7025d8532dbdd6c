/* json.c: a streaming JSON scanner that knows where it is
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Source: RFC 8259 (JSON), RFC 3629 (UTF-8, section 4 for the ranges of second bytes).
 *
 * The scanner is a pointer into the input, a stack of bits (is the open bracket a “{”?) and a
 * state: what may stand next. A token costs a few instructions a byte; strings are passed eight
 * bytes at a time as long as nothing in them is special, and are handed out where they stand
 * unless they hold an escape.
 *
 * Lines are counted where white space is skipped and nowhere else: a line break inside a string is
 * an error, so every line break of a correct document is white space.
 */
#include "config.h"

#include "graph/weft-json-private.h"

#include "graph/weft-graph-read-private.h"

#include <math.h>
#include <string.h>

enum
{
  STATE_VALUE,      /* a value must follow */
  STATE_FIRST,      /* after an opening bracket: an item or member, or the closing bracket */
  STATE_NAME,       /* after a comma in an object */
  STATE_AFTER_VALUE /* a comma, a closing bracket, or the document's end */
};

void
_weft_json_init (WeftJson *json, const char *bytes, size_t n_bytes, const char *file)
{
  *json = (WeftJson){ .where = { .file = file, .line = 1, .column = 1 },
                      .bytes = bytes,
                      .at = bytes,
                      .end = bytes + n_bytes,
                      .line_start = bytes,
                      .line = 1,
                      .state = STATE_VALUE };
  if (n_bytes >= 3 && memcmp (bytes, "\xef\xbb\xbf", 3) == 0)
    json->at += 3;
}

void
_weft_json_clear (WeftJson *json)
{
  g_clear_error (&json->error);
  g_clear_pointer (&json->scratch, g_free);
  json->n_scratch = 0;
}

/* ---- errors ---------------------------------------------------------------------------------- */

static void
locate (const WeftJson *json, const char *at, WeftLocation *where)
{
  where->file = json->where.file;
  where->line = json->line;
  where->column = (uint32_t) (at - json->line_start) + 1;
  where->offset = (uint64_t) (at - json->bytes);
}

static bool G_GNUC_PRINTF (4, 0)
    fail_va (WeftJson *json, WeftGraphError code, const WeftLocation *where, const char *format,
             va_list args)
{
  if (json->error == NULL)
    _weft_graph_set_error_va (&json->error, code, where, format, args);
  json->token = WEFT_JSON_ERROR;
  return false;
}

bool
_weft_json_fail (WeftJson *json, WeftGraphError code, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  fail_va (json, code, &json->where, format, args);
  va_end (args);
  return false;
}

bool
_weft_json_fail_at (WeftJson *json, WeftGraphError code, const WeftLocation *where,
                    const char *format, ...)
{
  va_list args;

  va_start (args, format);
  fail_va (json, code, where, format, args);
  va_end (args);
  return false;
}

/* An error at a byte that is no token. */
static WeftJsonToken G_GNUC_PRINTF (4, 5)
    fail_at (WeftJson *json, WeftGraphError code, const char *at, const char *format, ...)
{
  WeftLocation where;
  va_list args;

  locate (json, at, &where);
  va_start (args, format);
  fail_va (json, code, &where, format, args);
  va_end (args);
  return WEFT_JSON_ERROR;
}

/* What stands at a byte where no token could begin: the whole word, if it is one. */
static char *
describe_bytes (const WeftJson *json, const char *at)
{
  const char *end = at;

  while (end < json->end && (g_ascii_isalnum (*end) || strchr ("+-._", *end) != NULL) && *end != 0)
    end++;
  if (end == at && (uint8_t) *at < 0x80)
    end++;
  while (end == at || (end < json->end && ((uint8_t) *end & 0xc0) == 0x80))
    end++;
  return _weft_quote (at, (size_t) (end - at));
}

/* Found something, or the end of the input, where @expected should be. */
static WeftJsonToken
fail_expected (WeftJson *json, const char *at, const char *expected)
{
  g_autofree char *found = NULL;

  if (at >= json->end)
    return fail_at (json, WEFT_GRAPH_ERROR_TRUNCATED, json->end,
                    "found the end of the input, expected %s", expected);
  found = describe_bytes (json, at);
  return fail_at (json, WEFT_GRAPH_ERROR_SYNTAX, at, "found %s, expected %s", found, expected);
}

/* Tokens that are always written alike. */
static const char *
fixed_text (WeftJsonToken token)
{
  switch (token)
    {
    case WEFT_JSON_BEGIN_OBJECT:
      return "“{”";
    case WEFT_JSON_END_OBJECT:
      return "“}”";
    case WEFT_JSON_BEGIN_ARRAY:
      return "“[”";
    case WEFT_JSON_END_ARRAY:
      return "“]”";
    case WEFT_JSON_TRUE:
      return "“true”";
    case WEFT_JSON_FALSE:
      return "“false”";
    case WEFT_JSON_NULL:
      return "“null”";
    default:
      return "the end of the input";
    }
}

char *
_weft_json_describe (const WeftJson *json)
{
  const char *start = json->bytes + json->where.offset;
  g_autofree char *quoted = NULL;

  switch (json->token)
    {
    case WEFT_JSON_NAME:
    case WEFT_JSON_STRING:
      quoted = _weft_quote (json->chars, json->n_chars);
      return g_strdup_printf ("the %s %s", json->token == WEFT_JSON_NAME ? "member" : "string",
                              quoted);
    case WEFT_JSON_INT64:
    case WEFT_JSON_FLOAT64:
      return g_strdup_printf ("the number %.*s", (int) MIN (json->at - start, 40), start);
    default:
      return g_strdup (fixed_text (json->token));
    }
}

bool
_weft_json_unexpected (WeftJson *json, const char *expected)
{
  g_autofree char *found = NULL;

  if (json->error != NULL)
    return false;
  found = _weft_json_describe (json);
  return _weft_json_fail (json, WEFT_GRAPH_ERROR_FORMAT, "found %s, expected %s", found, expected);
}

bool
_weft_json_finish (WeftJson *json, GError **error)
{
  if (json->error == NULL)
    return true;
  g_propagate_error (error, g_steal_pointer (&json->error));
  return false;
}

/* ---- strings --------------------------------------------------------------------------------- */

#define EACH_BYTE(b) (0x0101010101010101u * (uint64_t) (b))

/* Of eight bytes, the first in the lowest bits: the top bit of each that is a quote, a backslash, a
 * control character or not ASCII. Bytes above the first one marked may be marked wrongly, by a
 * borrow; the first is right. Source for the test for zero bytes: H. S. Warren, Hacker's Delight,
 * 2nd edition, section 6-1. */
static inline uint64_t
mark_special (uint64_t eight)
{
  uint64_t quote = eight ^ EACH_BYTE ('"');
  uint64_t backslash = eight ^ EACH_BYTE ('\\');
  uint64_t found = (quote - EACH_BYTE (1)) & ~quote;

  found |= (backslash - EACH_BYTE (1)) & ~backslash;
  found |= (eight - EACH_BYTE (0x20)) & ~eight;
  return (found | eight) & EACH_BYTE (0x80);
}

/* Past bytes that stand for themselves. */
static inline const char *
skip_plain (const char *at, const char *end)
{
  for (; end - at >= 8; at += 8)
    {
      uint64_t eight;
      uint64_t marks;

      memcpy (&eight, at, 8);
      marks = mark_special (GUINT64_FROM_LE (eight));
      if (marks != 0)
        return at + __builtin_ctzll (marks) / 8;
    }
  while (at < end && (uint8_t) *at >= 0x20 && (uint8_t) *at < 0x80 && *at != '"' && *at != '\\')
    at++;
  return at;
}

/* Bytes of the UTF-8 sequence at @at, 0 if it is none. */
static size_t
utf8_length (const char *at, const char *end)
{
  const uint8_t *b = (const uint8_t *) at;
  size_t n = b[0] >= 0xf0 ? 4 : b[0] >= 0xe0 ? 3 : 2;
  uint8_t low = b[0] == 0xe0 ? 0xa0 : b[0] == 0xf0 ? 0x90 : 0x80;
  uint8_t high = b[0] == 0xed ? 0x9f : b[0] == 0xf4 ? 0x8f : 0xbf;

  if (b[0] < 0xc2 || b[0] > 0xf4 || (size_t) (end - at) < n || b[1] < low || b[1] > high)
    return 0;
  for (size_t i = 2; i < n; i++)
    if ((b[i] & 0xc0) != 0x80)
      return 0;
  return n;
}

/* Past everything up to the next quote, backslash or error. */
static const char *
skip_text (WeftJson *json, const char *at)
{
  for (;;)
    {
      size_t n;

      at = skip_plain (at, json->end);
      if (at >= json->end || (uint8_t) *at < 0x80)
        return at;
      n = utf8_length (at, json->end);
      if (n == 0)
        {
          fail_at (json, WEFT_GRAPH_ERROR_UTF8, at, "found byte 0x%02x, expected UTF-8 text",
                   (uint8_t) *at);
          return NULL;
        }
      at += n;
    }
}

static void
scratch_append (WeftJson *json, size_t *n, const char *chars, size_t n_chars)
{
  if (*n + n_chars >= json->n_scratch)
    {
      json->n_scratch = MAX (256, 2 * (*n + n_chars));
      json->scratch = g_realloc (json->scratch, json->n_scratch);
    }
  memcpy (json->scratch + *n, chars, n_chars);
  *n += n_chars;
}

/* Four hexadecimal digits at @at; -1 if there are not four. */
static int
hex4 (const char *at, const char *end)
{
  int value = 0;

  for (int i = 0; i < 4; i++)
    {
      if (at + i >= end || !g_ascii_isxdigit (at[i]))
        return -1;
      value = value * 16 + g_ascii_xdigit_value (at[i]);
    }
  return value;
}

/* The “\u” escape at @at. Returns: past it, or NULL */
static const char *
unescape_unicode (WeftJson *json, const char *at, size_t *n)
{
  int high = hex4 (at + 2, json->end);
  gunichar code = (gunichar) high;
  const char *next = at + 6;
  char utf8[6];

  if (high < 0)
    {
      g_autofree char *quoted = _weft_quote (at, (size_t) MIN (json->end - at, 6));

      if (json->end - at < 6)
        fail_expected (json, json->end, "the four hexadecimal digits of an escape");
      else
        fail_at (json, WEFT_GRAPH_ERROR_SYNTAX, at,
                 "found the escape %s, expected “\\u” and four hexadecimal digits", quoted);
      return NULL;
    }
  if (high >= 0xd800 && high <= 0xdbff && next + 1 < json->end && next[0] == '\\' && next[1] == 'u')
    {
      int low = hex4 (next + 2, json->end);

      if (low >= 0xdc00 && low <= 0xdfff)
        {
          code = 0x10000u + (((gunichar) high - 0xd800u) << 10) + ((gunichar) low - 0xdc00u);
          next += 6;
        }
    }
  if (code >= 0xd800 && code <= 0xdfff)
    {
      fail_at (
          json, WEFT_GRAPH_ERROR_UTF8, at,
          "found “\\u%04x”, one half of a surrogate pair, expected both: “\\ud800” to “\\udbff”, "
          "then “\\udc00” to “\\udfff”",
          code);
      return NULL;
    }
  scratch_append (json, n, utf8, (size_t) g_unichar_to_utf8 (code, utf8));
  return next;
}

/* The escape at @at. Returns: past it, or NULL */
static const char *
unescape (WeftJson *json, const char *at, size_t *n)
{
  static const char from[] = "\"\\/bfnrt";
  static const char to[] = "\"\\/\b\f\n\r\t";
  const char *found;

  if (at + 1 >= json->end)
    {
      fail_expected (json, json->end, "the rest of a string");
      return NULL;
    }
  if (at[1] == 'u')
    return unescape_unicode (json, at, n);
  found = at[1] != 0 ? strchr (from, at[1]) : NULL;
  if (found == NULL)
    {
      g_autofree char *quoted = _weft_quote (at, 2);

      fail_at (json, WEFT_GRAPH_ERROR_SYNTAX, at,
               "found the escape %s, expected one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u",
               quoted);
      return NULL;
    }
  scratch_append (json, n, to + (found - from), 1);
  return at + 2;
}

/* The end of a string that was not closed, or a character that may not stand in one. */
static bool
fail_in_string (WeftJson *json, const char *at)
{
  if (at >= json->end)
    fail_at (json, WEFT_GRAPH_ERROR_TRUNCATED, json->end,
             "found the end of the input, expected the end of the string that began on line %u, "
             "column %u",
             json->where.line, json->where.column);
  else if (*at == '\n' || *at == '\r')
    fail_at (
        json, WEFT_GRAPH_ERROR_SYNTAX, at,
        "found the end of the line inside a string, expected “\"”; a line break in a string is "
        "written \\n");
  else
    fail_at (json, WEFT_GRAPH_ERROR_SYNTAX, at,
             "found control character 0x%02x inside a string, expected \\u%04x", (uint8_t) *at,
             (uint8_t) *at);
  return false;
}

/* The rest of a string with escapes; @at is the first of them. */
static bool
scan_escaped (WeftJson *json, const char *start, const char *at)
{
  size_t n = 0;

  scratch_append (json, &n, start, (size_t) (at - start));
  while (at < json->end && *at == '\\')
    {
      const char *plain = unescape (json, at, &n);

      at = plain != NULL ? skip_text (json, plain) : NULL;
      if (at == NULL)
        return false;
      scratch_append (json, &n, plain, (size_t) (at - plain));
    }
  if (at >= json->end || *at != '"')
    return fail_in_string (json, at);
  json->chars = json->scratch;
  json->n_chars = n;
  json->at = at + 1;
  return true;
}

/* The string whose opening quote is at json->at. */
static inline bool
scan_string (WeftJson *json)
{
  const char *start = json->at + 1;
  const char *at = skip_text (json, start);

  if (at == NULL)
    return false;
  if (at >= json->end || *at != '"')
    return at < json->end && *at == '\\' ? scan_escaped (json, start, at)
                                         : fail_in_string (json, at);
  json->chars = start;
  json->n_chars = (size_t) (at - start);
  json->at = at + 1;
  return true;
}

/* ---- numbers --------------------------------------------------------------------------------- */

/* A number as its digits: mantissa × 10^exponent, exact as long as n_digits <= 19. */
typedef struct
{
  uint64_t mantissa;
  int32_t exponent;
  uint32_t n_digits; /* without leading zeros */
  bool negative;
  bool is_float;
} Decimal;

static const char *
scan_digits (const char *at, const char *end, Decimal *decimal)
{
  while (at < end && *at >= '0' && *at <= '9')
    {
      if (decimal->n_digits < 19)
        decimal->mantissa = decimal->mantissa * 10 + (uint64_t) (*at - '0');
      decimal->n_digits += decimal->mantissa != 0;
      at++;
    }
  return at;
}

static const char *
scan_exponent (WeftJson *json, const char *at, Decimal *decimal)
{
  bool negative = false;
  int32_t exponent = 0;

  if (at < json->end && (*at == '+' || *at == '-'))
    negative = *at++ == '-';
  if (at >= json->end || !g_ascii_isdigit (*at))
    {
      fail_expected (json, at, "a digit of the exponent");
      return NULL;
    }
  for (; at < json->end && g_ascii_isdigit (*at); at++)
    exponent = MIN (exponent * 10 + (*at - '0'), 100000);
  decimal->exponent += negative ? -exponent : exponent;
  decimal->is_float = true;
  return at;
}

static const char *
scan_fraction (WeftJson *json, const char *at, Decimal *decimal)
{
  const char *end;

  if (at >= json->end || !g_ascii_isdigit (*at))
    {
      fail_expected (json, at, "a digit after the decimal point");
      return NULL;
    }
  end = scan_digits (at, json->end, decimal);
  decimal->exponent -= (int32_t) MIN (end - at, 1000000000);
  decimal->is_float = true;
  return end;
}

/* The general way: correctly rounded by the C library. */
static bool
convert_slowly (WeftJson *json, const char *start, const char *end)
{
  g_autofree char *copy = g_strndup (start, (size_t) (end - start));

  json->f = g_ascii_strtod (copy, NULL);
  if (isfinite (json->f))
    return true;
  fail_at (json, WEFT_GRAPH_ERROR_RANGE, start,
           "found the number %.40s, expected at most 1.7976931348623157e+308 in size", copy);
  return false;
}

/* Mantissa and power of ten both exact as doubles, so their product is rounded only once. Source:
 * W. D. Clinger, How to read floating point numbers accurately, PLDI 1990. */
static bool
convert_float (WeftJson *json, const Decimal *decimal, const char *start, const char *end)
{
  static const double powers[] = { 1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                   1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                   1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22 };
  double f = (double) decimal->mantissa;

  json->token = WEFT_JSON_FLOAT64;
  if (decimal->n_digits > 19 || decimal->mantissa >> 53 != 0 || ABS (decimal->exponent) > 22)
    return convert_slowly (json, start, end);
  f = decimal->exponent < 0 ? f / powers[-decimal->exponent] : f * powers[decimal->exponent];
  json->f = decimal->negative ? -f : f;
  return true;
}

static bool
convert_integer (WeftJson *json, const Decimal *decimal, const char *start, const char *end)
{
  uint64_t limit = (uint64_t) INT64_MAX + decimal->negative;

  json->token = WEFT_JSON_INT64;
  if (decimal->n_digits > 19 || decimal->mantissa > limit)
    {
      fail_at (json, WEFT_GRAPH_ERROR_RANGE, start,
               "found the integer %.*s, expected one from -9223372036854775808 to "
               "9223372036854775807",
               (int) MIN (end - start, 40), start);
      return false;
    }
  json->i = (int64_t) (decimal->negative ? 0 - decimal->mantissa : decimal->mantissa);
  json->f = (double) json->i;
  return true;
}

static bool
scan_number (WeftJson *json)
{
  const char *start = json->at;
  const char *at = start + (*start == '-');
  Decimal decimal = { .negative = *start == '-' };

  if (at >= json->end || !g_ascii_isdigit (*at))
    return fail_expected (json, at, "a digit after “-”") != WEFT_JSON_ERROR;
  if (*at == '0' && at + 1 < json->end && g_ascii_isdigit (at[1]))
    return fail_expected (json, start, "a number without leading zeros") != WEFT_JSON_ERROR;
  at = scan_digits (at, json->end, &decimal);
  if (at < json->end && *at == '.')
    at = scan_fraction (json, at + 1, &decimal);
  if (at != NULL && at < json->end && (*at == 'e' || *at == 'E'))
    at = scan_exponent (json, at + 1, &decimal);
  if (at == NULL)
    return false;
  json->at = at;
  return decimal.is_float ? convert_float (json, &decimal, start, at)
                          : convert_integer (json, &decimal, start, at);
}

/* ---- tokens ---------------------------------------------------------------------------------- */

static inline const char *
skip_space (WeftJson *json)
{
  const char *at = json->at;

  for (; at < json->end; at++)
    {
      if (*at == '\n')
        {
          json->line++;
          json->line_start = at + 1;
        }
      else if (*at != ' ' && *at != '\t' && *at != '\r')
        break;
    }
  json->at = at;
  return at;
}

static inline bool
in_object (const WeftJson *json)
{
  uint32_t top = json->depth - 1;

  return (json->is_object[top / 64] >> (top % 64) & 1) != 0;
}

static WeftJsonToken
open_bracket (WeftJson *json, bool is_object)
{
  uint64_t bit = (uint64_t) 1 << (json->depth % 64);

  if (json->depth == WEFT_JSON_MAX_DEPTH)
    return fail_at (json, WEFT_GRAPH_ERROR_DEPTH, json->at,
                    "found brackets nested deeper than %d, the most that is read",
                    WEFT_JSON_MAX_DEPTH);
  if (is_object)
    json->is_object[json->depth / 64] |= bit;
  else
    json->is_object[json->depth / 64] &= ~bit;
  json->depth++;
  json->at++;
  json->state = STATE_FIRST;
  json->token = is_object ? WEFT_JSON_BEGIN_OBJECT : WEFT_JSON_BEGIN_ARRAY;
  return json->token;
}

static WeftJsonToken
close_bracket (WeftJson *json)
{
  json->token = in_object (json) ? WEFT_JSON_END_OBJECT : WEFT_JSON_END_ARRAY;
  json->depth--;
  json->at++;
  json->state = STATE_AFTER_VALUE;
  return json->token;
}

static WeftJsonToken
scan_word (WeftJson *json, const char *word, WeftJsonToken token)
{
  size_t n = strlen (word);

  if ((size_t) (json->end - json->at) < n)
    {
      if (memcmp (json->at, word, (size_t) (json->end - json->at)) == 0)
        return fail_expected (json, json->end, "the rest of a word");
      return fail_expected (json, json->at, "a value");
    }
  if (memcmp (json->at, word, n) != 0
      || (json->at + n < json->end && g_ascii_isalnum (json->at[n])))
    return fail_expected (json, json->at, "a value");
  json->at += n;
  json->state = STATE_AFTER_VALUE;
  json->token = token;
  return token;
}

static WeftJsonToken
scan_value (WeftJson *json)
{
  switch (*json->at)
    {
    case '{':
      return open_bracket (json, true);
    case '[':
      return open_bracket (json, false);
    case '"':
      json->token = WEFT_JSON_STRING;
      json->state = STATE_AFTER_VALUE;
      return scan_string (json) ? WEFT_JSON_STRING : WEFT_JSON_ERROR;
    case 't':
      return scan_word (json, "true", WEFT_JSON_TRUE);
    case 'f':
      return scan_word (json, "false", WEFT_JSON_FALSE);
    case 'n':
      return scan_word (json, "null", WEFT_JSON_NULL);
    case '-':
    case '0' ... '9':
      json->state = STATE_AFTER_VALUE;
      return scan_number (json) ? json->token : WEFT_JSON_ERROR;
    default:
      return fail_expected (json, json->at, "a value");
    }
}

/* A member's name and the colon after it. */
static WeftJsonToken
scan_name (WeftJson *json, const char *expected)
{
  if (*json->at != '"')
    return fail_expected (json, json->at, expected);
  json->token = WEFT_JSON_NAME;
  if (!scan_string (json))
    return WEFT_JSON_ERROR;
  if (json->at >= json->end || *json->at != ':')
    {
      const char *at = skip_space (json);

      if (at >= json->end || *at != ':')
        return fail_expected (json, at, "“:” after a member's name");
    }
  json->at++;
  json->state = STATE_VALUE;
  return WEFT_JSON_NAME;
}

/* After a value: a comma (whose token follows), the closing bracket, or the end. */
static WeftJsonToken
scan_after_value (WeftJson *json)
{
  bool object;

  if (json->depth == 0)
    {
      if (json->at < json->end)
        return fail_expected (json, json->at, "nothing after the end of the document");
      json->token = WEFT_JSON_END;
      return json->token;
    }
  object = in_object (json);
  if (json->at >= json->end || (*json->at != ',' && *json->at != (object ? '}' : ']')))
    return fail_expected (json, json->at, object ? "“,” or “}”" : "“,” or “]”");
  if (*json->at != ',')
    return close_bracket (json);
  json->at++;
  skip_space (json);
  locate (json, json->at, &json->where);
  if (object)
    return json->at < json->end ? scan_name (json, "the name of a member after “,”")
                                : fail_expected (json, json->at, "the name of a member after “,”");
  return json->at < json->end ? scan_value (json)
                              : fail_expected (json, json->at, "a value after “,”");
}

WeftJsonToken
_weft_json_next (WeftJson *json)
{
  if (G_UNLIKELY (json->error != NULL))
    return json->token = WEFT_JSON_ERROR;
  skip_space (json);
  locate (json, json->at, &json->where);
  if (json->state == STATE_AFTER_VALUE)
    return scan_after_value (json);
  if (json->state == STATE_VALUE)
    return json->at < json->end ? scan_value (json) : fail_expected (json, json->at, "a value");

  if (json->at < json->end && *json->at == (in_object (json) ? '}' : ']'))
    return close_bracket (json);
  if (json->at >= json->end)
    return fail_expected (json, json->at,
                          in_object (json) ? "the name of a member or “}”" : "a value or “]”");
  return in_object (json) ? scan_name (json, "the name of a member or “}”") : scan_value (json);
}
