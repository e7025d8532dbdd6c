/* sink.c: text on its way into a file, in pieces
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "graph/weft-graph-write-private.h"

#include <math.h>
#include <string.h>

WeftSink *
_weft_sink_new (WeftWriteFunc write, void *data)
{
  WeftSink *sink = g_new (WeftSink, 1);

  sink->write = write;
  sink->data = data;
  sink->error = NULL;
  sink->n = 0;
  return sink;
}

static void
flush (WeftSink *sink)
{
  if (sink->n > 0 && sink->error == NULL
      && !sink->write (sink->bytes, sink->n, sink->data, &sink->error) && sink->error == NULL)
    g_set_error_literal (&sink->error, WEFT_GRAPH_ERROR, WEFT_GRAPH_ERROR_IO,
                         "the graph could not be written");
  sink->n = 0;
}

bool
_weft_sink_finish (WeftSink *sink, GError **error)
{
  bool written;

  flush (sink);
  written = sink->error == NULL;
  if (!written)
    g_propagate_error (error, sink->error);
  g_free (sink);
  return written;
}

void
_weft_sink_chars (WeftSink *sink, const char *chars, size_t n_chars)
{
  while (n_chars > 0)
    {
      size_t n = MIN (n_chars, WEFT_SINK_BYTES - sink->n);

      memcpy (sink->bytes + sink->n, chars, n);
      sink->n += n;
      chars += n;
      n_chars -= n;
      if (sink->n == WEFT_SINK_BYTES)
        flush (sink);
    }
}

void
_weft_sink_text (WeftSink *sink, const char *text)
{
  _weft_sink_chars (sink, text, strlen (text));
}

void
_weft_sink_printf (WeftSink *sink, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  _weft_sink_text (sink, text);
}

void
_weft_sink_int64 (WeftSink *sink, int64_t value)
{
  char digits[24];
  char *first = digits + sizeof digits;
  uint64_t left = value < 0 ? 0 - (uint64_t) value : (uint64_t) value;

  do
    *--first = (char) ('0' + left % 10);
  while ((left /= 10) != 0);
  if (value < 0)
    *--first = '-';
  _weft_sink_chars (sink, first, (size_t) (digits + sizeof digits - first));
}

void
_weft_sink_float64 (WeftSink *sink, double value)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  for (int precision = 15; precision <= 17; precision++)
    {
      char format[8];

      g_snprintf (format, sizeof format, "%%.%dg", precision);
      g_ascii_formatd (text, sizeof text, format, value);
      if (g_ascii_strtod (text, NULL) == value)
        break;
    }
  _weft_sink_text (sink, text);
  if (strpbrk (text, ".e") == NULL)
    _weft_sink_text (sink, ".0");
}

/* The short escape of a character, or NULL. */
static const char *
short_escape (char c)
{
  switch (c)
    {
    case '"':
      return "\\\"";
    case '\\':
      return "\\\\";
    case '\n':
      return "\\n";
    case '\r':
      return "\\r";
    case '\t':
      return "\\t";
    default:
      return NULL;
    }
}

void
_weft_sink_json_string (WeftSink *sink, const char *chars, size_t n_chars)
{
  size_t start = 0;

  _weft_sink_chars (sink, "\"", 1);
  for (size_t i = 0; i < n_chars; i++)
    {
      const char *escape = short_escape (chars[i]);

      if (escape == NULL && (uint8_t) chars[i] >= 0x20)
        continue;
      _weft_sink_chars (sink, chars + start, i - start);
      if (escape != NULL)
        _weft_sink_text (sink, escape);
      else
        _weft_sink_printf (sink, "\\u%04x", (uint8_t) chars[i]);
      start = i + 1;
    }
  _weft_sink_chars (sink, chars + start, n_chars - start);
  _weft_sink_chars (sink, "\"", 1);
}
