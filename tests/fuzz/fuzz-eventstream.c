/* fuzz-eventstream.c: any bytes as what a Dask scheduler says over HTTP
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A line of input is a message, or behind “I” and “C” an identity or counts. It is refused, and
 * nothing said of it; or what is said are whole lines that a report takes.
 */
#include "config.h"

#include "attach/weft-eventstream-private.h"
#include "server/weft-lines-private.h"

#include <stdlib.h>
#include <string.h>

#define NOW 1795469600.5

int LLVMFuzzerTestOneInput (const guint8 *data, gsize n_bytes);

static bool
take (WeftEventstream *stream, const char *text, gsize n, GString *lines, GError **error)
{
  if (n > 0 && text[0] == 'I')
    return _weft_eventstream_take_identity (stream, text + 1, n - 1, n % 2 == 0, NOW, NULL, lines,
                                            error);
  if (n > 0 && text[0] == 'C')
    return _weft_eventstream_take_counts (stream, text + 1, n - 1, NOW, lines, error);
  return _weft_eventstream_take (stream, text, n, NOW, lines, error);
}

static void
check_lines (WeftReport *report, const GString *lines)
{
  const WeftLinesClock clock = { .in_seconds = true };

  for (const char *at = lines->str; *at != '\0';)
    {
      const char *end = strchr (at, '\n');

      if (end == NULL || !_weft_lines_take (report, &clock, at, (gsize) (end - at), NULL))
        abort ();
      at = end + 1;
    }
  if (strlen (lines->str) != lines->len)
    abort ();
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize n_bytes)
{
  WeftReport *report = _weft_report_new (&(WeftReportOptions){ .path = "/dev/null" }, NULL);
  const char *at = (const char *) data, *end = at + n_bytes;
  g_autoptr (GString) lines = g_string_new (NULL);
  WeftEventstream stream;

  if (report == NULL)
    abort ();
  _weft_eventstream_init (&stream, n_bytes % 3 != 0);
  while (at < end)
    {
      const char *line_end = memchr (at, '\n', (gsize) (end - at));
      gsize n = (gsize) ((line_end != NULL ? line_end : end) - at);
      g_autoptr (GError) error = NULL;

      if (take (&stream, at, n, lines, &error) != (error == NULL)
          || (error != NULL && lines->len > 0))
        abort ();
      check_lines (report, lines);
      g_string_truncate (lines, 0);
      at += n + 1;
    }
  _weft_eventstream_tell_workers (&stream, lines);
  check_lines (report, lines);
  if (stream.n_untold != 0)
    abort ();
  _weft_eventstream_clear (&stream);
  _weft_report_free (report);
  return 0;
}
