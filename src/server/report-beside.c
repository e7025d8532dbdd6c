/* report-beside.c: what is reported beside tasks: what else workers do, counters, words
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "server/weft-report-data-private.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

/* Whole numbers of 48 bits stand in records. Counters are written in thousandths; where these are
 * too many, as a further series of the same name, that counts in larger ones. */
static const double counter_scales[] = { 0.001, 1, 32768 };

_Static_assert(offsetof (WeftErrorHead, segment) == offsetof (WeftLogHead, segment)
                   && offsetof (WeftErrorHead, task) == offsetof (WeftLogHead, task),
               "places are filled in at the same bytes of both");

/* ---- what workers do ------------------------------------------------------------------------- */

void
_weft_report_busy (WeftReport *report, const WeftReportBusy *busy)
{
  uint64_t end = MAX (busy->start, busy->end);
  WeftReportLane *lane = _weft_report_row (report, busy->worker, busy->thread, busy->start, end);
  WeftRecord peer;

  _weft_report_add_span (report, lane->head.lane, (uint8_t) busy->kind, busy->how, busy->task,
                         busy->start, end, MIN (busy->n_bytes, WEFT_RECORD_MAX_AMOUNT));
  if (busy->peer == WEFT_NONE)
    return;
  weft_record_set (&peer, WEFT_RECORD_PEER, WEFT_RECORD_DETAIL, 0, WEFT_NONE, WEFT_NONE, end, 0,
                   g_array_index (report->workers, WeftReportWorker, busy->peer).lane);
  _weft_report_add_record (report, lane->head.lane, &peer);
}

/* ---- counters -------------------------------------------------------------------------------- */

static uint32_t
lane_of (const WeftReport *report, uint32_t worker)
{
  return worker != WEFT_NONE ? g_array_index (report->workers, WeftReportWorker, worker).lane
                             : WEFT_NONE;
}

/* Its number; at first sight a frame tells of it. */
static uint32_t
series_of (WeftReport *report, uint32_t lane, const char *name, size_t n_chars, const char *unit,
           unsigned scale)
{
  g_autofree char *key = g_strdup_printf ("%u %u %.*s", lane, scale, (int) n_chars, name);
  uint32_t n_known = report->series.n;
  uint32_t number = _weft_intern_add (&report->series, key, strlen (key));
  WeftSeriesHead head = { .series = number,
                          .lane = lane,
                          .scale = counter_scales[scale],
                          .n_name_bytes = (uint32_t) n_chars,
                          .n_unit_bytes = (uint32_t) strlen (unit) };
  WeftReportText text = { .kind = WEFT_FRAME_SERIES, .task = WEFT_NONE };

  if (number < n_known)
    return number;
  text.payload = g_byte_array_new ();
  g_byte_array_append (text.payload, (const guint8 *) &head, sizeof head);
  g_byte_array_append (text.payload, (const guint8 *) name, head.n_name_bytes);
  g_byte_array_append (text.payload, (const guint8 *) unit, head.n_unit_bytes);
  g_array_append_val (report->texts, text);
  return number;
}

void
_weft_report_counter (WeftReport *report, uint32_t worker, const char *name, size_t n_chars,
                      const char *unit, uint64_t stamp, double value)
{
  uint32_t lane = lane_of (report, worker);
  double amount = nearbyint (value / counter_scales[0]);
  unsigned scale = 0;
  WeftRecord record;
  uint32_t series;

  while (amount > (double) WEFT_RECORD_MAX_AMOUNT && scale + 1 < G_N_ELEMENTS (counter_scales))
    amount = nearbyint (value / counter_scales[++scale]);
  series = series_of (report, lane, name, n_chars, unit, scale);
  weft_record_set (&record, WEFT_RECORD_COUNTER, 0, 0, series, WEFT_NONE, stamp, 0,
                   (uint64_t) CLAMP (amount, 0, (double) WEFT_RECORD_MAX_AMOUNT));
  _weft_report_add_record (report, lane != WEFT_NONE ? lane : 0, &record);
}

/* ---- words ----------------------------------------------------------------------------------- */

void
_weft_report_log (WeftReport *report, uint32_t worker, uint32_t task, uint64_t stamp,
                  unsigned level, const char *chars, size_t n_chars)
{
  uint32_t lane = lane_of (report, worker);
  WeftLogHead head = { .stamp = stamp,
                       .segment = WEFT_NONE,
                       .task = WEFT_NONE,
                       .stream = WEFT_STREAM_LOG,
                       .level = (uint8_t) level };
  WeftReportText text = { .kind = WEFT_FRAME_LOG,
                          .lane = lane != WEFT_NONE ? lane : 0,
                          .task = task,
                          .payload = g_byte_array_new () };

  if (task != WEFT_NONE)
    head.attempt = MAX (report->tasks[task].attempt, 1);
  report->earliest = MIN (report->earliest, stamp);
  g_byte_array_append (text.payload, (const guint8 *) &head, sizeof head);
  g_byte_array_append (text.payload, (const guint8 *) chars, (guint) n_chars);
  g_array_append_val (report->texts, text);
}

/* Each has a string of its own: those that say the same are few, and looking costs more. */
static uint32_t
string_of (WeftReport *report, const char *chars, size_t n_chars)
{
  WeftReportText text = { .kind = WEFT_FRAME_STRINGS,
                          .task = WEFT_NONE,
                          .payload = g_byte_array_new () };
  WeftStringsHead head = { .first_id = report->n_strings, .n_strings = 1 };
  uint32_t n_bytes = (uint32_t) n_chars;

  g_byte_array_append (text.payload, (const guint8 *) &head, sizeof head);
  g_byte_array_append (text.payload, (const guint8 *) &n_bytes, sizeof n_bytes);
  g_byte_array_append (text.payload, (const guint8 *) chars, n_bytes);
  g_array_append_val (report->texts, text);
  return report->n_strings++;
}

void
_weft_report_annotation (WeftReport *report, uint32_t worker, uint32_t task, uint64_t stamp,
                         const char *chars, size_t n_chars)
{
  uint32_t lane = lane_of (report, worker);
  WeftRecord record;

  weft_record_set (&record, WEFT_RECORD_ANNOTATION, 0, 0, task,
                   task != WEFT_NONE ? WEFT_REPORT_BY_NUMBER : WEFT_NONE, stamp, 0,
                   string_of (report, chars, n_chars));
  report->earliest = MIN (report->earliest, stamp);
  _weft_report_add_record (report, lane != WEFT_NONE ? lane : 0, &record);
}

void
_weft_report_failure (WeftReport *report, uint32_t task, uint64_t stamp, const char *kind,
                      const char *message, const char *detail)
{
  const char *parts[3] = { kind, message, detail };
  WeftErrorHead head = { .stamp = stamp, .attempt = MAX (report->tasks[task].attempt, 1) };
  uint32_t *lengths[3] = { &head.n_kind_bytes, &head.n_message_bytes, &head.n_detail_bytes };
  WeftReportText text = {
    .kind = WEFT_FRAME_ERROR, .lane = WEFT_NONE, .task = task, .payload = g_byte_array_new ()
  };

  for (int i = 0; i < 3; i++)
    *lengths[i] = parts[i] != NULL ? (uint32_t) strlen (parts[i]) : 0;
  g_byte_array_append (text.payload, (const guint8 *) &head, sizeof head);
  for (int i = 0; i < 3; i++)
    g_byte_array_append (text.payload, (const guint8 *) parts[i], *lengths[i]);
  g_array_append_val (report->texts, text);
}

void
_weft_report_write_texts (WeftReport *report)
{
  for (guint i = 0; i < report->texts->len; i++)
    {
      WeftReportText *text = &g_array_index (report->texts, WeftReportText, i);
      WeftErrorHead *head = (WeftErrorHead *) (void *) text->payload->data;

      if (text->task != WEFT_NONE)
        {
          head->segment = report->tasks[text->task].segment;
          head->task = report->tasks[text->task].task;
        }
      _weft_report_frame (report, text->kind, text->lane, 0, g_byte_array_ref (text->payload));
    }
  g_array_set_size (report->texts, 0);
}
