/* fuzz-lines.c: any bytes as lines of events
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A line is taken, or refused with an error and none of it taken. What was taken can be written,
 * but for cycles, which are told.
 */
#include "config.h"

#include "graph/weft-graph.h"
#include "server/weft-lines-private.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput (const guint8 *data, gsize n_bytes);

static void
take_line (WeftReport *report, const char *line, gsize n_chars)
{
  WeftLinesClock clock = { .in_seconds = n_chars % 2 == 0 };
  g_autoptr (GError) error = NULL;
  uint32_t n_tasks = _weft_report_n_tasks (report);
  uint32_t n_waiting = _weft_report_n_waiting (report);

  if (_weft_lines_take (report, &clock, line, n_chars, &error) != (error == NULL))
    abort ();
  if (error != NULL
      && (_weft_report_n_tasks (report) != n_tasks || _weft_report_n_waiting (report) != n_waiting))
    abort ();
}

/* Returns: whether it could be written */
static bool
flush (WeftReport *report, bool final)
{
  g_autoptr (GError) error = NULL;
  bool ok = final ? _weft_report_finish (report, WEFT_RUN_DONE, NULL, &error)
                  : _weft_report_flush (report, &error);

  if (ok != (error == NULL) || (error != NULL && error->domain != WEFT_GRAPH_ERROR))
    abort ();
  return ok;
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize n_bytes)
{
  WeftReport *report = _weft_report_new (&(WeftReportOptions){ .path = "/dev/null" }, NULL);
  const char *at = (const char *) data, *end = at + n_bytes;

  if (report == NULL)
    abort ();
  while (at < end)
    {
      const char *line_end = memchr (at, '\n', (size_t) (end - at));
      gsize n = (gsize) ((line_end != NULL ? line_end : end) - at);

      if (n == 0)
        flush (report, false);
      else
        take_line (report, at, n);
      at += n + 1;
    }
  flush (report, true);
  _weft_report_free (report);
  return 0;
}
