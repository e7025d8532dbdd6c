/* fuzz-lines.c: any bytes as lines of events
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A line is taken, or refused with an error and none of it taken. What was taken can be written,
 * but for cycles, which are told. A space after a line, with which only the scanner reads it, makes
 * no difference.
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

static void
assert_alike (const WeftReport *one, const WeftReport *other)
{
  uint64_t n_running[2], n_done[2], n_failed[2];

  _weft_report_count (one, &n_running[0], &n_done[0], &n_failed[0]);
  _weft_report_count (other, &n_running[1], &n_done[1], &n_failed[1]);
  if (_weft_report_n_tasks (one) != _weft_report_n_tasks (other)
      || _weft_report_n_waiting (one) != _weft_report_n_waiting (other)
      || n_running[0] != n_running[1] || n_done[0] != n_done[1] || n_failed[0] != n_failed[1])
    abort ();
}

/* In nanoseconds, as others are left to the scanner. */
static void
take_both_ways (WeftReport *quickly, WeftReport *slowly, const char *line, gsize n_chars)
{
  g_autofree char *spaced = g_malloc (n_chars + 1);

  memcpy (spaced, line, n_chars);
  spaced[n_chars] = ' ';
  if (_weft_lines_take (quickly, &(WeftLinesClock){ 0 }, line, n_chars, NULL)
      != _weft_lines_take (slowly, &(WeftLinesClock){ 0 }, spaced, n_chars + 1, NULL))
    abort ();
  assert_alike (quickly, slowly);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize n_bytes)
{
  WeftReport *report = _weft_report_new (&(WeftReportOptions){ .path = "/dev/null" }, NULL);
  WeftReport *quickly = _weft_report_new (&(WeftReportOptions){ .path = "/dev/null" }, NULL);
  WeftReport *slowly = _weft_report_new (&(WeftReportOptions){ .path = "/dev/null" }, NULL);
  const char *at = (const char *) data, *end = at + n_bytes;

  if (report == NULL || quickly == NULL || slowly == NULL)
    abort ();
  while (at < end)
    {
      const char *line_end = memchr (at, '\n', (size_t) (end - at));
      gsize n = (gsize) ((line_end != NULL ? line_end : end) - at);

      if (n == 0)
        flush (report, false);
      else
        {
          take_line (report, at, n);
          take_both_ways (quickly, slowly, at, n);
        }
      at += n + 1;
    }
  flush (report, true);
  _weft_report_free (report);
  _weft_report_free (quickly);
  _weft_report_free (slowly);
  return 0;
}
