/* run-frames.c: what the frames of a run file say
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "trace/weft-run-reader.h"

#include <string.h>

/* Whether the frame is of the kind, its payload as it is, and long enough for its head, which is
 * copied; @rest is what follows. */
static bool
open_frame (const WeftRunFrame *frame, WeftFrameKind kind, void *head, size_t n_head_bytes,
            WeftRunText *rest)
{
  if (frame->head.kind != kind || (frame->head.flags & WEFT_FRAME_ENCODING_MASK) != 0
      || frame->head.n_bytes < n_head_bytes)
    return false;
  if (n_head_bytes > 0)
    memcpy (head, frame->payload, n_head_bytes);
  rest->chars = (const char *) frame->payload + n_head_bytes;
  rest->n_bytes = frame->head.n_bytes - n_head_bytes;
  return true;
}

/* Takes the first n bytes off the text. */
static bool
take (WeftRunText *rest, size_t n_bytes, WeftRunText *taken)
{
  if (n_bytes > rest->n_bytes)
    return false;
  *taken = (WeftRunText){ rest->chars, n_bytes };
  rest->chars += n_bytes;
  rest->n_bytes -= n_bytes;
  return true;
}

bool
weft_run_frame_records (const WeftRunFrame *frame, WeftRecordsHead *head,
                        const WeftRecord **records, uint32_t *n_records)
{
  WeftRecordsHead copy;
  WeftRunText rest;

  if (!open_frame (frame, WEFT_FRAME_RECORDS, &copy, sizeof copy, &rest)
      || rest.n_bytes != copy.n_records * sizeof (WeftRecord))
    return false;
  if (head != NULL)
    *head = copy;
  *records = (const WeftRecord *) (const void *) rest.chars;
  *n_records = copy.n_records;
  return true;
}

bool
weft_run_frame_now (const WeftRunFrame *frame, const WeftNowEntry **entries, uint32_t *n_entries)
{
  WeftRunText rest;

  if (!open_frame (frame, WEFT_FRAME_NOW, NULL, 0, &rest)
      || rest.n_bytes % sizeof (WeftNowEntry) != 0)
    return false;
  *entries = (const WeftNowEntry *) (const void *) rest.chars;
  *n_entries = (uint32_t) (rest.n_bytes / sizeof (WeftNowEntry));
  return true;
}

bool
weft_run_frame_json (const WeftRunFrame *frame, WeftRunText *text)
{
  WeftEndHead end;
  WeftFactsHead facts;

  switch (frame->head.kind)
    {
    case WEFT_FRAME_META:
      return open_frame (frame, WEFT_FRAME_META, NULL, 0, text);
    case WEFT_FRAME_END:
      return open_frame (frame, WEFT_FRAME_END, &end, sizeof end, text);
    case WEFT_FRAME_FACTS:
      return open_frame (frame, WEFT_FRAME_FACTS, &facts, sizeof facts, text);
    default:
      return false;
    }
}

bool
weft_run_frame_clock (const WeftRunFrame *frame, WeftRunClock *clock)
{
  WeftRunClock copy;
  WeftRunText rest;

  if (!open_frame (frame, WEFT_FRAME_CLOCK, &copy, sizeof copy, &rest)
      || copy.map.ticks_per_second == 0)
    return false;
  *clock = copy;
  return true;
}

bool
weft_run_frame_lane (const WeftRunFrame *frame, WeftLaneHead *lane, WeftRunText *name)
{
  WeftRunText rest;

  return open_frame (frame, WEFT_FRAME_LANE, lane, sizeof *lane, &rest)
         && take (&rest, lane->n_name_bytes, name);
}

bool
weft_run_frame_segment (const WeftRunFrame *frame, WeftSegmentHead *segment, WeftRunText *content)
{
  return open_frame (frame, WEFT_FRAME_SEGMENT, segment, sizeof *segment, content);
}

bool
weft_run_frame_log (const WeftRunFrame *frame, WeftLogHead *log, WeftRunText *bytes)
{
  return open_frame (frame, WEFT_FRAME_LOG, log, sizeof *log, bytes);
}

bool
weft_run_frame_error (const WeftRunFrame *frame, WeftErrorHead *error, WeftRunText texts[4])
{
  WeftRunText rest;

  return open_frame (frame, WEFT_FRAME_ERROR, error, sizeof *error, &rest)
         && take (&rest, error->n_kind_bytes, &texts[0])
         && take (&rest, error->n_message_bytes, &texts[1])
         && take (&rest, error->n_detail_bytes, &texts[2])
         && take (&rest, error->n_output_bytes, &texts[3]);
}

bool
weft_run_frame_series (const WeftRunFrame *frame, WeftSeriesHead *series, WeftRunText *name,
                       WeftRunText *unit)
{
  WeftRunText rest;

  return open_frame (frame, WEFT_FRAME_SERIES, series, sizeof *series, &rest)
         && take (&rest, series->n_name_bytes, name) && take (&rest, series->n_unit_bytes, unit);
}

bool
weft_run_frame_facts (const WeftRunFrame *frame, WeftFactsHead *facts, WeftRunText *json)
{
  return open_frame (frame, WEFT_FRAME_FACTS, facts, sizeof *facts, json);
}

bool
weft_run_frame_index (const WeftRunFrame *frame, WeftIndexHead *head,
                      const WeftIndexEntry **entries)
{
  WeftRunText rest;

  if (!open_frame (frame, WEFT_FRAME_INDEX, head, sizeof *head, &rest)
      || rest.n_bytes != head->n_entries * sizeof (WeftIndexEntry))
    return false;
  *entries = (const WeftIndexEntry *) (const void *) rest.chars;
  return true;
}

bool
weft_run_frame_end (const WeftRunFrame *frame, WeftEndHead *end, WeftRunText *json)
{
  return open_frame (frame, WEFT_FRAME_END, end, sizeof *end, json);
}

bool
weft_run_frame_strings (const WeftRunFrame *frame, uint32_t *first_id, GArray *texts)
{
  WeftStringsHead head;
  WeftRunText rest, length, text;
  guint n_before = texts->len;
  uint32_t n_bytes;

  if (!open_frame (frame, WEFT_FRAME_STRINGS, &head, sizeof head, &rest))
    return false;
  for (uint32_t i = 0; i < head.n_strings; i++)
    {
      bool whole = take (&rest, sizeof n_bytes, &length);

      if (whole)
        memcpy (&n_bytes, length.chars, sizeof n_bytes);
      if (!whole || !take (&rest, n_bytes, &text))
        {
          g_array_set_size (texts, n_before);
          return false;
        }
      g_array_append_val (texts, text);
    }
  *first_id = head.first_id;
  return true;
}
