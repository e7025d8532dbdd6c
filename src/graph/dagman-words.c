/* dagman-words.c: lines and words of DAGMan files
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Source: the HTCondor manual, chapter "DAGMan", sections on the input file's syntax. A command is
 * a line; a backslash at the end joins the next one to it. Words stand between blanks; in double
 * quotes blanks belong to the word, and a backslash takes the next character as it is. A line that
 * begins with “#” is a comment.
 */
#include "config.h"

#include "graph/weft-dagman-private.h"

#include <string.h>

void
_weft_dag_words_init (WeftDagWords *words, const char *bytes, size_t n_bytes, const char *file)
{
  *words = (WeftDagWords){ .bytes = bytes,
                           .at = bytes,
                           .end = bytes + n_bytes,
                           .line_start = bytes,
                           .line = 1,
                           .where = { .file = file, .line = 1, .column = 1 } };
}

/* ---- errors ---------------------------------------------------------------------------------- */

bool
_weft_dag_fail (WeftDagWords *words, WeftGraphError code, const char *format, ...)
{
  va_list args;

  if (words->error != NULL)
    return false;
  va_start (args, format);
  _weft_graph_set_error_va (&words->error, code, &words->where, format, args);
  va_end (args);
  return false;
}

bool
_weft_dag_unexpected (WeftDagWords *words, const char *expected)
{
  g_autofree char *found = NULL;

  if (words->word.chars == NULL)
    return _weft_dag_fail (words, WEFT_GRAPH_ERROR_SYNTAX, "found the end of the line, expected %s",
                           expected);
  found = _weft_quote (words->word.chars, words->word.n);
  return _weft_dag_fail (words, WEFT_GRAPH_ERROR_SYNTAX, "found %s, expected %s", found, expected);
}

/* ---- words ----------------------------------------------------------------------------------- */

static void
locate (WeftDagWords *words)
{
  words->where.line = words->line;
  words->where.column = (uint32_t) (words->at - words->line_start) + 1;
  words->where.offset = (uint64_t) (words->at - words->bytes);
}

static void
to_next_line (WeftDagWords *words)
{
  const char *found = memchr (words->at, '\n', (size_t) (words->end - words->at));

  words->at = found != NULL ? found + 1 : words->end;
  words->line += found != NULL;
  words->line_start = words->at;
}

static bool
is_blank (char c)
{
  return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v';
}

/* Whether a backslash here joins the next line. */
static bool
is_joint (const WeftDagWords *words, const char *at)
{
  if (at >= words->end || *at != '\\')
    return false;
  at++;
  if (at < words->end && *at == '\r')
    at++;
  return at < words->end && *at == '\n';
}

static void
skip_blanks (WeftDagWords *words)
{
  while (words->at < words->end)
    {
      if (is_blank (*words->at))
        words->at++;
      else if (is_joint (words, words->at))
        to_next_line (words);
      else
        break;
    }
}

/* Past the closing quote; the opening one is at words->at. */
static bool
skip_quoted (WeftDagWords *words)
{
  uint32_t column = (uint32_t) (words->at - words->line_start) + 1;

  for (words->at++; words->at < words->end && *words->at != '"' && *words->at != '\n'; words->at++)
    if (*words->at == '\\' && words->end - words->at > 1 && words->at[1] != '\n')
      words->at++;
  if (words->at < words->end && *words->at == '"')
    {
      words->at++;
      return true;
    }
  locate (words);
  return _weft_dag_fail (words, WEFT_GRAPH_ERROR_SYNTAX,
                         "found the end of the line, expected “\"” to end the string that began at "
                         "column %u",
                         column);
}

bool
_weft_dag_next_word (WeftDagWords *words)
{
  words->word = (WeftDagText){ NULL, 0 };
  if (words->error != NULL)
    return false;
  skip_blanks (words);
  locate (words);
  if (words->at >= words->end || *words->at == '\n')
    return false;
  words->word.chars = words->at;
  while (words->at < words->end && *words->at != '\n' && !is_blank (*words->at)
         && !is_joint (words, words->at))
    {
      if (*words->at != '"')
        words->at++;
      else if (!skip_quoted (words))
        return false;
    }
  words->word.n = (size_t) (words->at - words->word.chars);
  return true;
}

bool
_weft_dag_next_line (WeftDagWords *words)
{
  if (words->at != words->bytes)
    to_next_line (words);
  while (words->error == NULL && words->at < words->end)
    {
      while (words->at < words->end && is_blank (*words->at))
        words->at++;
      if (words->at < words->end && *words->at != '#' && _weft_dag_next_word (words))
        return true;
      to_next_line (words);
    }
  return false;
}

bool
_weft_dag_is (const WeftDagWords *words, const char *text)
{
  size_t n = strlen (text);

  return words->word.n == n && g_ascii_strncasecmp (words->word.chars, text, n) == 0;
}

bool
_weft_dag_expect_word (WeftDagWords *words, const char *what)
{
  return _weft_dag_next_word (words) || _weft_dag_unexpected (words, what);
}

bool
_weft_dag_expect_end (WeftDagWords *words)
{
  if (_weft_dag_next_word (words))
    return _weft_dag_unexpected (words, "the end of the line");
  return words->error == NULL;
}

bool
_weft_dag_expect_int64 (WeftDagWords *words, int64_t min, int64_t max, const char *what,
                        int64_t *value)
{
  g_autofree char *copy = NULL;
  char *end;

  if (!_weft_dag_expect_word (words, what))
    return false;
  copy = g_strndup (words->word.chars, words->word.n);
  if (!g_ascii_isdigit (copy[*copy == '-']))
    return _weft_dag_unexpected (words, what);
  *value = g_ascii_strtoll (copy, &end, 10);
  if (*end != 0)
    return _weft_dag_unexpected (words, what);
  if (*value >= min && *value <= max)
    return true;
  return _weft_dag_fail (words, WEFT_GRAPH_ERROR_RANGE,
                         "found %s, expected %s from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT,
                         copy, what, min, max);
}

bool
_weft_dag_skip_block (WeftDagWords *words, const char *last)
{
  uint32_t line = words->line;
  size_t n_last = strlen (last);

  for (;;)
    {
      const char *start, *end;

      to_next_line (words);
      locate (words);
      if (words->at >= words->end)
        return _weft_dag_fail (words, WEFT_GRAPH_ERROR_TRUNCATED,
                               "found the end of the input, expected “%s” to end the submit "
                               "description that began on line %u",
                               last, line);
      start = words->at;
      end = memchr (start, '\n', (size_t) (words->end - start));
      end = end != NULL ? end : words->end;
      while (start < end && is_blank (*start))
        start++;
      while (end > start && is_blank (end[-1]))
        end--;
      if ((size_t) (end - start) == n_last && memcmp (start, last, n_last) == 0)
        {
          words->at = end;
          return true;
        }
    }
}
