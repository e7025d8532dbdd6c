/* report-columns.c: packed events that a script can make without a loop
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * What report-packed.c takes as rows stands in columns here: all the keys, all the starts, all the
 * ends. These say what lines say, with the same words for workers and threads, so they go the way
 * that lines go. Here too a message is looked through before any of it is taken.
 */
#include "config.h"

#include "server/weft-report-data-private.h"
#include "server/weft-report-reading-private.h"

/* Of a message: from @at on. Columns of 8 bytes begin at multiples of 8. */
static const uint32_t *
u32_at (const WeftReading *reading, uint64_t at)
{
  return (const uint32_t *) (const void *) (reading->bytes + at);
}

static const uint64_t *
u64_at (const WeftReading *reading, uint64_t at)
{
  return (const uint64_t *) (const void *) (reading->bytes + at);
}

/* A name that is fine, from @at on, and zeros up to a multiple of @align. @said_at: where it is
 * said how long it is. Returns: where that ends; 0: it cannot be */
static uint64_t
check_text (const WeftReading *reading, uint64_t said_at, uint64_t at, uint32_t n_chars,
            uint32_t align)
{
  uint64_t n_bytes = reading->head->n_bytes, end = at + n_chars;
  uint64_t next = (end + align - 1) / align * align;
  const char *text = (const char *) reading->bytes + at, *bad;

  if (n_chars > n_bytes - at)
    _weft_reading_fail (reading, said_at,
                        "found a text of %u bytes, expected at most %" G_GUINT64_FORMAT
                        ", the rest of the message",
                        n_chars, n_bytes - at);
  else if (n_chars > WEFT_REPORT_MOST_NAME_BYTES)
    _weft_reading_fail (reading, said_at, "found a name of %u bytes, expected at most %u", n_chars,
                        WEFT_REPORT_MOST_NAME_BYTES);
  else if (!g_utf8_validate (text, n_chars, &bad))
    _weft_reading_fail (reading, at + (uint64_t) (bad - text),
                        "found the byte 0x%02x in a text, expected UTF-8 without a zero byte",
                        (uint8_t) *bad);
  else if (next > n_bytes)
    _weft_reading_fail (reading, n_bytes,
                        "found the message's end, expected zeros up to a multiple of %u bytes",
                        align);
  else
    {
      while (end < next && reading->bytes[end] == 0)
        end++;
      if (end == next)
        return next;
      _weft_reading_fail (reading, end,
                          "found the byte 0x%02x behind a text, expected zeros up to a multiple of "
                          "%u bytes",
                          reading->bytes[end], align);
    }
  return 0;
}

/* ---- tasks ----------------------------------------------------------------------------------- */

/* @n keys from @at to the end. */
static bool
check_keys (const WeftReading *reading, uint64_t at, uint32_t n)
{
  const char *chars = (const char *) reading->bytes;
  uint64_t n_bytes = reading->head->n_bytes;

  for (uint32_t i = 0; i < n; i++)
    {
      const char *end = memchr (chars + at, 0, n_bytes - at);
      g_autoptr (GError) why = NULL;

      if (end == NULL)
        return _weft_reading_fail (
            reading, at, "found %u keys, expected %u, each with a zero byte behind it", i, n);
      if (!_weft_report_check_key (chars + at, (size_t) (end - chars) - at, &why))
        return _weft_reading_fail (reading, at, "%s", why->message);
      at = (uint64_t) (end + 1 - chars);
    }
  return at == n_bytes
         || _weft_reading_fail (reading, at,
                                "found %" G_GUINT64_FORMAT " bytes behind the last key, expected 0",
                                n_bytes - at);
}

bool
_weft_reading_keys (const WeftReading *reading)
{
  const char *at = (const char *) reading->bytes + WEFT_READING_TASKS_HEAD;
  WeftReadingKey keys[WEFT_READING_KEYS];
  uint32_t n;

  if (!_weft_reading_tasks_head (reading, &n) || !check_keys (reading, WEFT_READING_TASKS_HEAD, n))
    return false;
  for (uint32_t i = 0, k = 0; i < n; i++)
    {
      keys[k] = (WeftReadingKey){ at, (uint32_t) strlen (at) };
      at += keys[k++].n_chars + 1;
      if (k < WEFT_READING_KEYS && i + 1 < n)
        continue;
      _weft_report_packed_add (reading->packed, keys, k);
      k = 0;
    }
  return true;
}

/* ---- inputs ---------------------------------------------------------------------------------- */

#define READS_HEAD 8

typedef struct
{
  uint32_t first, n;
  const uint32_t *counts; /* n */
  const uint32_t *inputs; /* n_inputs */
  uint64_t n_inputs;
} Reads;

static bool
read_reads (const WeftReading *reading, Reads *reads)
{
  uint64_t n_bytes = reading->head->n_bytes;
  uint32_t n_tasks = reading->packed->n_tasks;

  if (n_bytes < READS_HEAD || n_bytes % 4 != 0)
    return _weft_reading_fail (
        reading, n_bytes / 4 * 4,
        "found %u bytes, expected a number, a count, counts and inputs of 4 bytes each",
        reading->head->n_bytes);
  reads->first = _weft_reading_u32 (reading->bytes);
  reads->n = _weft_reading_u32 (reading->bytes + 4);
  if (reads->first > n_tasks || reads->n > n_tasks - reads->first)
    return _weft_reading_fail (reading, 0,
                               "found %u tasks from %u on, expected none above %u: as many were "
                               "said",
                               reads->n, reads->first, n_tasks);
  if (reads->n > (n_bytes - READS_HEAD) / 4)
    return _weft_reading_fail (reading, 4,
                               "found %u tasks, expected at most %" G_GUINT64_FORMAT
                               ", the counts that follow",
                               reads->n, (n_bytes - READS_HEAD) / 4);
  reads->counts = u32_at (reading, READS_HEAD);
  reads->inputs = reads->counts + reads->n;
  reads->n_inputs = (n_bytes - READS_HEAD) / 4 - reads->n;
  return true;
}

/* Where an input stands in the message. */
static uint64_t
offset_of_input (const Reads *reads, uint64_t i)
{
  return READS_HEAD + 4 * (reads->n + i);
}

static bool
check_sum (const WeftReading *reading, const Reads *reads)
{
  uint64_t n_left = reads->n_inputs;

  for (uint32_t i = 0; i < reads->n; i++)
    {
      if (reads->counts[i] > n_left)
        return _weft_reading_fail (reading, READS_HEAD + 4 * (uint64_t) i,
                                   "found %u inputs of task %u, expected at most %" G_GUINT64_FORMAT
                                   ", the rest of the message",
                                   reads->counts[i], reads->first + i, n_left);
      n_left -= reads->counts[i];
    }
  return n_left == 0
         || _weft_reading_fail (reading, offset_of_input (reads, reads->n_inputs - n_left),
                                "found %" G_GUINT64_FORMAT
                                " inputs behind those of the last task, expected 0",
                                n_left);
}

static bool
check_inputs (const WeftReading *reading, const Reads *reads)
{
  const uint32_t *tasks = reading->packed->tasks;
  uint64_t at = 0;

  for (uint32_t i = 0; i < reads->n; i++)
    for (uint64_t end = at + reads->counts[i]; at < end; at++)
      {
        if (!_weft_reading_task (reading, offset_of_input (reads, at), reads->inputs[at]))
          return false;
        if (tasks[reads->first + i] == tasks[reads->inputs[at]])
          return _weft_reading_fail (reading, offset_of_input (reads, at),
                                     "found task %u reading itself, expected another task's result",
                                     reads->first + i);
      }
  return true;
}

bool
_weft_reading_reads (const WeftReading *reading)
{
  const uint32_t *tasks = reading->packed->tasks;
  uint64_t at = 0;
  Reads reads = { 0 };

  if (!read_reads (reading, &reads) || !check_sum (reading, &reads)
      || !check_inputs (reading, &reads))
    return false;
  for (uint32_t i = 0; i < reads.n; i++)
    for (uint64_t end = at + reads.counts[i]; at < end; at++)
      _weft_report_input (reading->packed->report, tasks[reads.first + i], tasks[reads.inputs[at]],
                          0);
  return true;
}

/* ---- groups, and what is wanted -------------------------------------------------------------- */

#define GROUP_HEAD 4

/* That numbers of tasks stand from there to the end. */
static bool
check_numbers (const WeftReading *reading, uint64_t at)
{
  uint32_t n_bytes = reading->head->n_bytes;

  if (n_bytes % 4 != 0)
    return _weft_reading_fail (reading, n_bytes / 4 * 4,
                               "found a part of a number at the end, expected tasks of 4 bytes "
                               "each");
  for (uint64_t i = at; i < n_bytes; i += 4)
    if (!_weft_reading_task (reading, i, _weft_reading_u32 (reading->bytes + i)))
      return false;
  return true;
}

bool
_weft_reading_group (const WeftReading *reading)
{
  const char *group = (const char *) reading->bytes + GROUP_HEAD;
  uint32_t n_bytes = reading->head->n_bytes, n_chars, name = WEFT_NONE;
  uint64_t at;

  if (n_bytes < GROUP_HEAD)
    return _weft_reading_fail (reading, 0, "found %u bytes, expected a group's name and its tasks",
                               n_bytes);
  n_chars = _weft_reading_u32 (reading->bytes);
  at = check_text (reading, 0, GROUP_HEAD, n_chars, 4);
  if (at == 0)
    return false;
  if (!check_numbers (reading, at))
    return false;
  for (uint64_t i = at; i < n_bytes; i += 4)
    _weft_report_group (reading->packed->report,
                        reading->packed->tasks[_weft_reading_u32 (reading->bytes + i)], group,
                        n_chars, &name);
  return true;
}

bool
_weft_reading_wanted (const WeftReading *reading)
{
  if (!check_numbers (reading, 0))
    return false;
  for (uint64_t i = 0; i < reading->head->n_bytes; i += 4)
    _weft_report_want (reading->packed->report,
                       reading->packed->tasks[_weft_reading_u32 (reading->bytes + i)]);
  return true;
}

/* ---- spans ----------------------------------------------------------------------------------- */

#define SPANS_HEAD 16

typedef struct
{
  uint32_t n;
  uint32_t n_chars; /* of the worker's name */
  uint64_t thread;
  const uint64_t *starts, *ends;
  const uint64_t *sizes; /* (nullable) */
  const uint32_t *tasks; /* (nullable): else keys */
  const char *keys;      /* each with a zero byte behind it */
} Spans;

static bool
read_spans (const WeftReading *reading, Spans *spans)
{
  bool has_sizes = (reading->head->flags & WEFT_READING_HAS_BYTES) != 0;
  bool has_keys = reading->head->kind == WEFT_WIRE_KEYED_SPANS;
  uint32_t n_bytes = reading->head->n_bytes;
  uint64_t at, expected;

  if (n_bytes < SPANS_HEAD)
    return _weft_reading_fail (reading, 0, "found %u bytes, expected a thread and its spans",
                               n_bytes);
  spans->n = _weft_reading_u32 (reading->bytes);
  spans->n_chars = _weft_reading_u32 (reading->bytes + 4);
  spans->thread = *u64_at (reading, 8);
  if (spans->thread > INT64_MAX)
    return _weft_reading_fail (
        reading, 8, "found the thread %" G_GUINT64_FORMAT ", expected a number below 2^63",
        spans->thread);
  at = check_text (reading, 4, SPANS_HEAD, spans->n_chars, 8);
  if (at == 0)
    return false;
  expected = at + (uint64_t) spans->n * ((has_sizes ? 24 : 16) + (has_keys ? 0 : 4));
  if (has_keys ? n_bytes < expected : n_bytes != expected)
    return _weft_reading_fail (reading, 0,
                               "found %u spans in %u bytes, expected %" G_GUINT64_FORMAT " bytes%s",
                               spans->n, n_bytes, expected, has_keys ? ", and keys" : "");
  spans->starts = u64_at (reading, at);
  spans->ends = spans->starts + spans->n;
  spans->sizes = has_sizes ? spans->ends + spans->n : NULL;
  if (has_keys)
    {
      spans->keys = (const char *) reading->bytes + expected;
      return check_keys (reading, expected, spans->n);
    }
  spans->tasks = (const uint32_t *) (const void *) (reading->bytes + expected) - spans->n;
  return true;
}

static uint64_t
offset_in (const WeftReading *reading, const void *value)
{
  return (uint64_t) ((const uint8_t *) value - reading->bytes);
}

/* @total: how long those before it are. Returns: whether it is fine */
static bool
check_span (const WeftReading *reading, const Spans *spans, uint32_t i, uint64_t total)
{
  uint64_t start = spans->starts[i], end = spans->ends[i];

  if (end >= WEFT_READING_NO_TIME - (uint64_t) reading->packed->report->ahead_ns)
    return _weft_reading_fail (
        reading, offset_in (reading, &spans->ends[i]),
        "found a span that ends at %" G_GUINT64_FORMAT ", expected an end below %s", end,
        reading->packed->report->ahead_ns == 0 ? "2^63" : "2^63 ns after 1970");
  if (start > end)
    return _weft_reading_fail (reading, offset_in (reading, &spans->ends[i]),
                               "found a span that ends at %" G_GUINT64_FORMAT
                               ", expected an end not before its start, %" G_GUINT64_FORMAT,
                               end, start);
  if (end - start > WEFT_REPORT_MOST_SPAN_NS)
    return _weft_reading_fail (reading, offset_in (reading, &spans->ends[i]),
                               "found a span of %" G_GUINT64_FORMAT
                               " ns, expected at most %" G_GUINT64_FORMAT ", 366 days",
                               end - start, WEFT_REPORT_MOST_SPAN_NS);
  if ((total + (end - start)) >> 63 != 0)
    return _weft_reading_fail (
        reading, offset_in (reading, &spans->ends[i]),
        "found a span of %" G_GUINT64_FORMAT
        " ns, with those before it 2^63 ns or more, expected less in one message",
        end - start);
  if (spans->sizes != NULL && spans->sizes[i] > INT64_MAX)
    return _weft_reading_fail (reading, offset_in (reading, &spans->sizes[i]),
                               "found a result of %" G_GUINT64_FORMAT
                               " bytes, expected a number below 2^63",
                               spans->sizes[i]);
  return spans->tasks == NULL
         || _weft_reading_task (reading, offset_in (reading, &spans->tasks[i]), spans->tasks[i]);
}

/* What is wrong is collected, as mostly nothing is; then it is looked for. */
static bool
check_spans (const WeftReading *reading, const Spans *spans)
{
  const uint64_t ahead = (uint64_t) reading->packed->report->ahead_ns;
  uint64_t bad = 0, total = 0;
  uint32_t most = 0;

  for (uint32_t i = 0; i < spans->n; i++)
    {
      uint64_t length = spans->ends[i] - spans->starts[i]; /* an end before its start: above 2^63 */

      total += length;
      bad |= spans->starts[i] | spans->ends[i] | (spans->ends[i] + ahead) | total | length
             | (WEFT_REPORT_MOST_SPAN_NS - length);
    }
  for (uint32_t i = 0; spans->tasks != NULL && i < spans->n; i++)
    most = MAX (most, spans->tasks[i]);
  for (uint32_t i = 0; spans->sizes != NULL && i < spans->n; i++)
    bad |= spans->sizes[i];
  if (bad >> 63 == 0 && (spans->n == 0 || spans->tasks == NULL || most < reading->packed->n_tasks))
    return true;
  total = 0;
  for (uint32_t i = 0; i < spans->n; i++)
    {
      if (!check_span (reading, spans, i, total))
        return false;
      total += spans->ends[i] - spans->starts[i];
    }
  return true;
}

static void
take_span (WeftReport *report, const Spans *spans, uint32_t i, uint32_t worker, uint32_t task)
{
  uint64_t ahead = (uint64_t) report->ahead_ns;

  _weft_report_span (report, task, worker, spans->thread, spans->starts[i] + ahead,
                     spans->ends[i] + ahead, WEFT_OUTCOME_OK,
                     spans->sizes != NULL ? spans->sizes[i] : 0);
}

/* The tasks' places in the table of keys are fetched together. */
static void
take_keyed_spans (WeftReport *report, const Spans *spans, uint32_t worker)
{
  const char *at = spans->keys;

  for (uint32_t first = 0, n; first < spans->n; first += n)
    {
      WeftReadingKey keys[WEFT_READING_KEYS];
      uint64_t hashes[WEFT_READING_KEYS];

      n = MIN (WEFT_READING_KEYS, spans->n - first);
      for (uint32_t k = 0; k < n; k++)
        {
          keys[k] = (WeftReadingKey){ at, (uint32_t) strlen (at) };
          hashes[k] = _weft_report_expect_task (report, keys[k].chars, keys[k].n_chars);
          at += keys[k].n_chars + 1;
        }
      for (uint32_t k = 0; k < n; k++)
        take_span (report, spans, first + k, worker,
                   _weft_report_expected_task (report, keys[k].chars, keys[k].n_chars, hashes[k]));
    }
}

bool
_weft_reading_spans (const WeftReading *reading)
{
  WeftReport *report = reading->packed->report;
  const char *name = (const char *) reading->bytes + SPANS_HEAD;
  uint32_t worker;
  Spans spans = { 0 };

  if (!read_spans (reading, &spans) || !check_spans (reading, &spans))
    return false;
  if (!_weft_report_has_room (report, name, spans.n_chars))
    return _weft_reading_fail (reading, SPANS_HEAD,
                               "found one more worker, expected at most %u lanes in a run",
                               WEFT_REPORT_MOST_LANES);
  worker = _weft_report_worker (report, name, spans.n_chars, NULL);
  if (spans.tasks == NULL)
    take_keyed_spans (report, &spans, worker);
  for (uint32_t i = 0; spans.tasks != NULL && i < spans.n; i++)
    take_span (report, &spans, i, worker, reading->packed->tasks[spans.tasks[i]]);
  return true;
}
