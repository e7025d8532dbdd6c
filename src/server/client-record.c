/* client-record.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "server/weft-client-record-private.h"

#include "server/weft-client.h"
#include "server/weft-lines-private.h"
#include "server/weft-report-packed-private.h"
#include "trace/weft-recorder.h"

#include <string.h>

struct _WeftClientRecord
{
  WeftReport *report;
  WeftReportPacked packed;
};

WeftClientRecord *
_weft_client_record_new (const char *path, const char *meta_json, GError **error)
{
  WeftReportOptions options = { .path = path, .meta_json = meta_json };
  g_autoptr (GError) why = NULL;
  WeftReport *report = _weft_report_new (&options, &why);
  WeftClientRecord *record;

  if (report == NULL)
    {
      g_set_error_literal (error, WEFT_CLIENT_ERROR, WEFT_CLIENT_ERROR_FILE, why->message);
      return NULL;
    }
  record = g_new0 (WeftClientRecord, 1);
  record->report = report;
  _weft_report_packed_init (&record->packed, report);
  return record;
}

void
_weft_client_record_free (WeftClientRecord *record)
{
  if (record == NULL)
    return;
  _weft_report_packed_clear (&record->packed);
  _weft_report_free (record->report);
  g_free (record);
}

static void
take_lines (WeftClientRecord *record, const WeftWireMessage *message)
{
  static const WeftLinesClock clock;
  const char *line;
  size_t at = 0, n_chars;

  while (_weft_wire_cut_line (message->payload, message->head.n_bytes, &at, &line, &n_chars))
    _weft_lines_take (record->report, &clock, line, n_chars, NULL);
}

/* Events that cannot be are left out, as a server would. */
bool
_weft_client_record_take (WeftClientRecord *record, const uint8_t *bytes, size_t n_bytes)
{
  g_autoptr (GError) error = NULL;

  for (size_t at = 0; at < n_bytes;)
    {
      WeftWireMessage message;
      uint64_t offset;

      memcpy (&message.head, bytes + at, sizeof message.head);
      message.payload = bytes + at + sizeof message.head;
      message.offset = at + sizeof message.head;
      at = message.offset
           + (message.head.n_bytes + WEFT_WIRE_ALIGN - 1) / WEFT_WIRE_ALIGN * WEFT_WIRE_ALIGN;
      if (message.head.kind == WEFT_WIRE_LINES)
        take_lines (record, &message);
      else
        _weft_report_packed_take (&record->packed, &message, &offset, NULL);
    }
  return _weft_report_flush (record->report, &error) || error->domain != WEFT_RECORDER_ERROR;
}

bool
_weft_client_record_finish (WeftClientRecord *record, WeftRunPhase phase, const char *summary_json)
{
  return _weft_report_finish (record->report, phase, summary_json, NULL);
}
