/* dot-scan.c: the tokens of DOT
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Source: the DOT language reference of Graphviz ("The DOT Language", section on IDs and comments)
 * and, where that is silent, what libcgraph 2.43 does: a “#” in column 1 begins a comment; in
 * quotes \" is a quote, a backslash before a line break joins the lines, and any other backslash
 * stays.
 */
#include "config.h"

#include "graph/weft-dot-private.h"

#include <string.h>

void
_weft_dot_scanner_init (WeftDotScanner *scanner, const char *bytes, size_t n_bytes,
                        const char *file)
{
  *scanner = (WeftDotScanner){ .bytes = bytes,
                               .at = bytes,
                               .end = bytes + n_bytes,
                               .line_start = bytes,
                               .line = 1,
                               .where = { .file = file, .line = 1, .column = 1 },
                               .text = g_string_new (NULL) };
}

void
_weft_dot_scanner_clear (WeftDotScanner *scanner)
{
  g_string_free (scanner->text, TRUE);
  g_clear_error (&scanner->error);
}

/* ---- errors ---------------------------------------------------------------------------------- */

static void
locate (WeftDotScanner *scanner, const char *at)
{
  scanner->where.line = scanner->line;
  scanner->where.column = (uint32_t) (at - scanner->line_start) + 1;
  scanner->where.offset = (uint64_t) (at - scanner->bytes);
}

bool
_weft_dot_fail (WeftDotScanner *scanner, WeftGraphError code, const char *format, ...)
{
  va_list args;

  if (scanner->error != NULL)
    return false;
  va_start (args, format);
  _weft_graph_set_error_va (&scanner->error, code, &scanner->where, format, args);
  va_end (args);
  return false;
}

bool
_weft_dot_unexpected (WeftDotScanner *scanner, const char *expected)
{
  g_autofree char *found = NULL;

  if (scanner->token == WEFT_DOT_END)
    return _weft_dot_fail (scanner, WEFT_GRAPH_ERROR_TRUNCATED,
                           "found the end of the input, expected %s", expected);
  found = _weft_quote (scanner->start, (size_t) (scanner->at - scanner->start));
  return _weft_dot_fail (scanner, WEFT_GRAPH_ERROR_SYNTAX, "found %s, expected %s", found,
                         expected);
}

static bool
fail_unclosed (WeftDotScanner *scanner, const char *what, const char *closing)
{
  uint32_t line = scanner->where.line, column = scanner->where.column;

  locate (scanner, scanner->end);
  return _weft_dot_fail (scanner, WEFT_GRAPH_ERROR_TRUNCATED,
                         "found the end of the input, expected %s to end the %s that began on line "
                         "%u, column %u",
                         closing, what, line, column);
}

/* ---- white space and comments ---------------------------------------------------------------- */

static inline void
step (WeftDotScanner *scanner)
{
  if (*scanner->at++ == '\n')
    {
      scanner->line++;
      scanner->line_start = scanner->at;
    }
}

static bool
looking_at (const WeftDotScanner *scanner, const char *text)
{
  size_t n = strlen (text);

  return (size_t) (scanner->end - scanner->at) >= n && memcmp (scanner->at, text, n) == 0;
}

static void
skip_line (WeftDotScanner *scanner)
{
  while (scanner->at < scanner->end && *scanner->at != '\n' && *scanner->at != '\r')
    scanner->at++;
}

static bool
skip_block_comment (WeftDotScanner *scanner)
{
  locate (scanner, scanner->at);
  scanner->at += 2;
  while (scanner->at < scanner->end && !looking_at (scanner, "*/"))
    step (scanner);
  if (scanner->at >= scanner->end)
    return fail_unclosed (scanner, "comment", "“*/”");
  scanner->at += 2;
  return true;
}

static bool
skip_space (WeftDotScanner *scanner)
{
  while (scanner->at < scanner->end)
    {
      char c = *scanner->at;

      if (c == ' ' || c == '\t' || c == '\n' || c == '\r')
        step (scanner);
      else if (looking_at (scanner, "//") || (c == '#' && scanner->at == scanner->line_start))
        skip_line (scanner);
      else if (!looking_at (scanner, "/*"))
        break;
      else if (!skip_block_comment (scanner))
        return false;
    }
  return true;
}

/* ---- tokens ---------------------------------------------------------------------------------- */

static bool
is_name_byte (char c)
{
  return g_ascii_isalnum (c) || c == '_' || (c & 0x80) != 0;
}

static bool
scan_quoted_part (WeftDotScanner *scanner)
{
  for (step (scanner); scanner->at < scanner->end && *scanner->at != '"'; step (scanner))
    {
      if (*scanner->at != '\\' || scanner->end - scanner->at < 2)
        {
          g_string_append_c (scanner->text, *scanner->at);
          continue;
        }
      step (scanner);
      if (*scanner->at == '\\')
        g_string_append (scanner->text, "\\\\");
      else if (*scanner->at == '"')
        g_string_append_c (scanner->text, '"');
      else if (*scanner->at != '\n')
        {
          g_string_append_c (scanner->text, '\\');
          g_string_append_c (scanner->text, *scanner->at);
        }
    }
  if (scanner->at >= scanner->end)
    return fail_unclosed (scanner, "string", "“\"”");
  step (scanner);
  return true;
}

/* "…" + "…" is one string. */
static bool
scan_quoted (WeftDotScanner *scanner)
{
  WeftLocation first = scanner->where;

  scanner->token = WEFT_DOT_QUOTED;
  for (;;)
    {
      WeftDotScanner after;

      if (!scan_quoted_part (scanner))
        return false;
      after = *scanner;
      if (!skip_space (scanner))
        return false;
      if (scanner->at >= scanner->end || *scanner->at != '+')
        {
          scanner->at = after.at;
          scanner->line = after.line;
          scanner->line_start = after.line_start;
          break;
        }
      scanner->at++;
      if (!skip_space (scanner))
        return false;
      locate (scanner, scanner->at);
      if (scanner->at >= scanner->end || *scanner->at != '"')
        return _weft_dot_fail (scanner, WEFT_GRAPH_ERROR_SYNTAX,
                               "found no string after “+”, expected “\"”");
    }
  scanner->where = first;
  return true;
}

static bool
scan_html (WeftDotScanner *scanner)
{
  uint32_t depth = 0;

  scanner->token = WEFT_DOT_HTML;
  do
    {
      if (*scanner->at == '<')
        depth++;
      else if (*scanner->at == '>')
        depth--;
      step (scanner);
    }
  while (depth > 0 && scanner->at < scanner->end);
  if (depth > 0)
    return fail_unclosed (scanner, "HTML string", "“>”");
  g_string_append_len (scanner->text, scanner->start + 1, scanner->at - scanner->start - 2);
  return true;
}

/* -?(.digits | digits(.digits?)?), which must not run into a name: libcgraph would take it for two.
 * */
static bool
scan_numeral (WeftDotScanner *scanner)
{
  const char *at = scanner->at + (*scanner->at == '-');
  const char *digits = at;
  bool dot = false;

  while (at < scanner->end && (g_ascii_isdigit (*at) || (*at == '.' && !dot)))
    dot = *at++ == '.' || dot;
  if (at == digits || (at == digits + 1 && dot))
    {
      scanner->at = MIN (at + (at == digits), scanner->end);
      return _weft_dot_unexpected (scanner, "a number, “->”, or a name in quotes");
    }
  scanner->at = at;
  if (at < scanner->end && (is_name_byte (*at) || *at == '.'))
    {
      while (scanner->at < scanner->end && (is_name_byte (*scanner->at) || *scanner->at == '.'))
        scanner->at++;
      return _weft_dot_unexpected (scanner,
                                   "a name that does not begin with a digit; put it in quotes");
    }
  scanner->token = WEFT_DOT_NUMERAL;
  g_string_append_len (scanner->text, scanner->start, at - scanner->start);
  return true;
}

static bool
scan_name (WeftDotScanner *scanner)
{
  while (scanner->at < scanner->end && is_name_byte (*scanner->at))
    scanner->at++;
  scanner->token = WEFT_DOT_NAME;
  g_string_append_len (scanner->text, scanner->start, scanner->at - scanner->start);
  return true;
}

bool
_weft_dot_next (WeftDotScanner *scanner)
{
  g_string_truncate (scanner->text, 0);
  if (scanner->error != NULL || !skip_space (scanner))
    return false;
  locate (scanner, scanner->at);
  scanner->start = scanner->at;
  scanner->token = WEFT_DOT_END;
  if (scanner->at >= scanner->end)
    return true;
  if (*scanner->at == '"')
    return scan_quoted (scanner);
  if (*scanner->at == '<')
    return scan_html (scanner);
  if (looking_at (scanner, "->") || looking_at (scanner, "--"))
    {
      scanner->token = scanner->at[1] == '>' ? WEFT_DOT_ARROW : WEFT_DOT_LINE;
      scanner->at += 2;
      return true;
    }
  scanner->token = WEFT_DOT_CHAR;
  if (g_ascii_isdigit (*scanner->at) || *scanner->at == '-' || *scanner->at == '.')
    return scan_numeral (scanner);
  if (is_name_byte (*scanner->at))
    return scan_name (scanner);
  scanner->at++;
  if (strchr ("{}[]=;,:", *scanner->start) != NULL)
    return true;
  return _weft_dot_unexpected (scanner, "a name, “->”, or one of { } [ ] = ; , :");
}
