/* fuzz-packed.c: any bytes as packed events, in rows and in columns
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * The bytes are messages as on the wire, without what a connection begins with; one of kind LINES
 * has lines for the same report, and an empty one of any other kind has it written. A message is
 * taken, or refused with an error at a place within it and none of it taken. A model takes the file
 * that becomes of it.
 */
#include "config.h"

#include "graph/weft-graph.h"
#include "model/weft-model.h"
#include "server/weft-lines-private.h"
#include "server/weft-report-data-private.h"
#include "server/weft-report-packed-private.h"
#include "trace/weft-run-reader.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput (const guint8 *data, gsize n_bytes);

static void
take_lines (WeftReport *report, WeftWire *wire, const WeftWireMessage *message)
{
  const char *line;
  size_t at = 0, n_chars;

  while (_weft_wire_next_line (wire, message, &at, &line, &n_chars))
    _weft_lines_take (report, &(WeftLinesClock){ 0 }, line, n_chars, NULL);
}

/* Of all that a report keeps, how much there is. */
static uint64_t
how_much (const WeftReportPacked *packed)
{
  const WeftReport *report = packed->report;

  return (uint64_t) packed->n_tasks + packed->n_lanes + report->keys.n + report->n_waiting
         + report->edges->len + g_hash_table_size (report->groups) + report->group_names.n
         + report->workers->len + report->lanes->len;
}

static void
take_packed (WeftReportPacked *packed, const WeftWireMessage *message)
{
  uint64_t before = how_much (packed);
  g_autoptr (GError) error = NULL;
  uint64_t offset;

  if (_weft_report_packed_take (packed, message, &offset, &error) != (error == NULL))
    abort ();
  if (error == NULL)
    return;
  if (error->domain != WEFT_GRAPH_ERROR || offset > message->head.n_bytes
      || how_much (packed) != before)
    abort ();
}

/* But for cycles, which are told, what was taken can be written. */
static void
write_out (WeftReport *report, bool final)
{
  g_autoptr (GError) error = NULL;
  bool ok = final ? _weft_report_finish (report, WEFT_RUN_DONE, NULL, &error)
                  : _weft_report_flush (report, &error);

  if (ok != (error == NULL)
      || (error != NULL && !g_error_matches (error, WEFT_GRAPH_ERROR, WEFT_GRAPH_ERROR_CYCLE)
          && !g_error_matches (error, WEFT_GRAPH_ERROR, WEFT_GRAPH_ERROR_SELF)))
    abort ();
}

static void
report_all (WeftReport *report, const guint8 *data, gsize n_bytes)
{
  WeftWire wire = { .limits = WEFT_WIRE_LIMITS_DEFAULT, .form = WEFT_WIRE_AS_MESSAGES };
  WeftReportPacked packed;
  WeftWireMessage message;
  size_t n_room;

  _weft_report_packed_init (&packed, report);
  for (gsize n; n_bytes > 0 && wire.error == NULL; data += n, n_bytes -= n)
    {
      uint8_t *room = _weft_wire_room (&wire, &n_room);

      n = MIN (n_bytes, n_room);
      memcpy (room, data, n);
      _weft_wire_received (&wire, n);
      while (_weft_wire_next (&wire, &message) == WEFT_WIRE_MESSAGE)
        if (message.head.kind == WEFT_WIRE_LINES)
          take_lines (report, &wire, &message);
        else if (_weft_report_packed_is (message.head.kind))
          take_packed (&packed, &message);
        else
          write_out (report, false);
    }
  write_out (report, true);
  _weft_report_packed_clear (&packed);
  _weft_wire_clear (&wire);
}

static void
read_all (const char *path)
{
  WeftRunReader *reader = weft_run_reader_open (path, 0, NULL);
  WeftModel *model = weft_model_new ();
  WeftRunReadStatus status;
  WeftRunFrame frame;

  if (reader == NULL)
    abort ();
  while ((status = weft_run_reader_next (reader, &frame, NULL)) == WEFT_RUN_READ_FRAME)
    if (!weft_model_add_frame (model, &frame, NULL))
      abort ();
  if (status != WEFT_RUN_READ_END)
    abort ();
  weft_model_finish (model, false);
  weft_model_unref (model);
  weft_run_reader_free (reader);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize n_bytes)
{
  int fd = memfd_create ("run", MFD_CLOEXEC);
  g_autofree char *path = g_strdup_printf ("/proc/self/fd/%d", fd);
  WeftReport *report = _weft_report_new (&(WeftReportOptions){ .path = path }, NULL);

  if (fd < 0 || report == NULL)
    abort ();
  report_all (report, data, n_bytes);
  _weft_report_free (report);
  read_all (path);
  close (fd);
  return 0;
}
