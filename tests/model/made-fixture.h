/* made-fixture.h: frames made by hand
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "model-fixture.h"

/* ---- making frames --------------------------------------------------------------------------- */

typedef struct
{
  WeftModel *model;
  GByteArray *bytes;
} Maker;

static inline void
begin (Maker *m)
{
  m->model = weft_model_new ();
  m->bytes = g_byte_array_new ();
}

static inline void
clear (Maker *m)
{
  weft_model_unref (m->model);
  g_byte_array_unref (m->bytes);
}

static inline void
put (Maker *m, const void *bytes, size_t n)
{
  g_byte_array_append (m->bytes, bytes, (guint) n);
}

static inline void
put_varint (Maker *m, uint64_t x)
{
  for (; x >= 0x80; x >>= 7)
    put (m, &(uint8_t){ (uint8_t) (x | 0x80) }, 1);
  put (m, &(uint8_t){ (uint8_t) x }, 1);
}

static inline void
put_text (Maker *m, const char *text)
{
  put_varint (m, strlen (text));
  put (m, text, strlen (text));
}

/* Hands the bytes over as a frame of that kind. */
static inline bool
give (Maker *m, uint16_t kind, uint32_t lane, GError **error)
{
  WeftRunFrame frame = { .head = { .kind = kind, .lane = lane, .n_bytes = m->bytes->len },
                         .payload = m->bytes->data };
  bool ok = weft_model_add_frame (m->model, &frame, error);

  g_byte_array_set_size (m->bytes, 0);
  return ok;
}

static inline void
give_well (Maker *m, uint16_t kind, uint32_t lane)
{
  g_autoptr (GError) error = NULL;

  give (m, kind, lane, &error);
  g_assert_no_error (error);
}

static inline void
give_clock (Maker *m, uint32_t domain, uint64_t ticks_per_second, int64_t offset_ns, uint64_t from)
{
  WeftRunClock clock = { .map = { .domain = domain,
                                  .source = WEFT_CLOCK_INJECTED,
                                  .ticks_per_second = ticks_per_second,
                                  .anchor_wall_ns = 5000 },
                         .offset_ns = offset_ns,
                         .valid_from_ticks = from };

  put (m, &clock, sizeof clock);
  give_well (m, WEFT_FRAME_CLOCK, 0);
}

static inline void
give_lane (Maker *m, uint32_t lane, WeftLaneKind kind, uint32_t domain)
{
  WeftLaneHead head = { .lane = lane, .kind = kind, .domain = domain, .parent_lane = WEFT_NONE };

  put (m, &head, sizeof head);
  give_well (m, WEFT_FRAME_LANE, 0);
}

static inline void
give_foreign_lane (Maker *m, uint32_t lane, WeftLaneKind kind, uint32_t parent)
{
  WeftLaneHead head = {
    .lane = lane, .kind = kind, .parent_lane = parent, .flags = WEFT_LANE_BEST_EFFORT
  };

  put (m, &head, sizeof head);
  give_well (m, WEFT_FRAME_LANE, 0);
}

static inline void
give_records (Maker *m, uint32_t lane, const WeftRecord *records, uint32_t n)
{
  WeftRecordsHead head = { .n_records = n, .min_start = records[0].start };

  put (m, &head, sizeof head);
  put (m, records, n * sizeof *records);
  give_well (m, WEFT_FRAME_RECORDS, lane);
}

static inline WeftRecord
span (uint8_t kind, uint8_t how, uint32_t task, uint64_t start, uint64_t ticks, uint64_t amount)
{
  WeftRecord record;

  weft_record_set (&record, kind, 0, how, task, 0, start, ticks, amount);
  return record;
}

static inline void
give_one (Maker *m, uint32_t lane, WeftRecord record)
{
  give_records (m, lane, &record, 1);
}

/* A lane 0 and a worker's, by a clock of nanoseconds. */
static inline void
begin_run (Maker *m)
{
  begin (m);
  give_clock (m, 0, 1000000000, 0, 0);
  give_lane (m, 0, WEFT_LANE_CONTROL, 0);
  give_lane (m, 1, WEFT_LANE_THREAD, 0);
  give_one (m, 0, span (WEFT_RECORD_RUN_STATE, WEFT_RUN_RUNNING, WEFT_NONE, 1000, 0, 0));
}

/* A lane 0, and in lane 1 the process of another program. */
static inline void
begin_foreign (Maker *m)
{
  begin (m);
  give_clock (m, 0, 1000000000, 0, 0);
  give_lane (m, 0, WEFT_LANE_CONTROL, 0);
  give_foreign_lane (m, 1, WEFT_LANE_PROCESS, WEFT_NONE);
}

/* ---- segments -------------------------------------------------------------------------------- */

/* Opens a section; its length is put in when it is closed. */
static inline guint
open_section (Maker *m, uint32_t kind)
{
  put (m, &kind, sizeof kind);
  put (m, &(uint32_t){ 0 }, sizeof (uint32_t));
  return m->bytes->len;
}

static inline void
close_section (Maker *m, guint from)
{
  uint32_t n = m->bytes->len - from;

  memcpy (m->bytes->data + from - sizeof n, &n, sizeof n);
}

static inline void
put_summary (Maker *m, uint32_t n_tasks, uint32_t n_edges)
{
  guint section = open_section (m, 1);

  put_varint (m, n_tasks);
  put_varint (m, 0);
  put_varint (m, n_edges);
  put_text (m, "made");
  put_varint (m, 0);
  put_varint (m, 1);
  put_text (m, "g");
  put_varint (m, n_tasks);
  close_section (m, section);
}

/* Two calls: without an input, and with one. */
static inline void
put_calls (Maker *m)
{
  guint section = open_section (m, 3);

  put_varint (m, 0);
  put_varint (m, 2);
  for (uint32_t n_args = 0; n_args < 2; n_args++)
    {
      static const uint8_t head[] = { 0, 0, 1, 0, 0 }; /* no name, any version, one output */

      put (m, head, sizeof head);
      put_varint (m, n_args);
      put_varint (m, 0);
      if (n_args > 0)
        put (m, "\10\0", 2); /* slot 0 */
    }
  close_section (m, section);
  section = open_section (m, 4);
  put (m, "\0\1\0", 3); /* one pattern, no padding */
  put_text (m, "g-");
  put_text (m, "");
  close_section (m, section);
}

/* Tasks from `first` on; distances[i] back to what each reads, 0: nothing. */
static inline void
put_tasks (Maker *m, uint32_t first, const uint32_t *distances, uint32_t n)
{
  guint section = open_section (m, 7);

  put_varint (m, first);
  put_varint (m, n);
  put_varint (m, 0);
  for (uint32_t i = 0; i < n; i++)
    {
      put_varint (m, 1);
      put_varint (m, distances[i] != 0);
    }
  put_varint (m, n);
  put_varint (m, 0);
  put_varint (m, 1);
  put_varint (m, 0);
  put_varint (m, 2 * first);
  if (n > 1)
    {
      put_varint (m, n - 1);
      put_varint (m, 0);
      put_varint (m, 2);
    }
  for (uint32_t i = 0; i < n; i++)
    {
      put_varint (m, distances[i] != 0);
      if (distances[i] != 0)
        put_varint (m, distances[i]);
    }
  close_section (m, section);
}

/* Announces the segment, or that it grew to n_all tasks, and tells of what is new. */
static inline void
give_segment (Maker *m, uint32_t segment, uint32_t first, const uint32_t *distances, uint32_t n)
{
  WeftSegmentHead head = { .segment = segment,
                           .flags = WEFT_SEGMENT_FIRST | WEFT_SEGMENT_LAST | WEFT_SEGMENT_OPEN,
                           .n_tasks = first + n,
                           .parent_segment = WEFT_NONE,
                           .parent_task = WEFT_NONE };

  put (m, &head, sizeof head);
  put_summary (m, first + n, 0);
  if (first == 0)
    put_calls (m);
  put_tasks (m, first, distances, n);
  give_well (m, WEFT_FRAME_SEGMENT, segment);
}
