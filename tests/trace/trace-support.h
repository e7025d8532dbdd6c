/* trace-support.h: what the tests of records and run files share
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "test-support.h"
#include "trace/weft-recorder.h"

#include <string.h>

/* A span of @task from @start on, 10 ticks long. */
static inline void
write_task (WeftLane *lane, uint32_t task, uint64_t start)
{
  weft_record_set (weft_lane_next (lane), WEFT_RECORD_TASK, 0, 0, task, 0, start, 10, task);
  weft_lane_publish (lane);
}

static inline void
write_tasks (WeftLane *lane, uint32_t first, uint32_t n)
{
  for (uint32_t i = first; i < first + n; i++)
    write_task (lane, i, 10 * (uint64_t) i + 10);
}

static inline WeftRecorder *
open_recorder (const WeftRecorderOptions *options)
{
  g_autoptr (GError) error = NULL;
  WeftRecorder *recorder = weft_recorder_new (options, &error);

  g_assert_no_error (error);
  g_assert_nonnull (recorder);
  return recorder;
}

static inline void
close_recorder (WeftRecorder *recorder)
{
  g_autoptr (GError) error = NULL;
  bool ok = weft_recorder_close (recorder, NULL, &error);

  g_assert_no_error (error);
  g_assert_true (ok);
  weft_recorder_free (recorder);
}

static inline WeftLane *
add_worker (WeftRecorder *recorder, uint32_t worker)
{
  WeftLaneInfo info = { .kind = WEFT_LANE_THREAD, .parent_lane = WEFT_NONE, .worker = worker };

  return weft_recorder_add_lane (recorder, &info);
}

static inline WeftRunReader *
open_reader (const char *path, WeftRunReaderFlags flags)
{
  g_autoptr (GError) error = NULL;
  WeftRunReader *reader = weft_run_reader_open (path, flags, &error);

  g_assert_no_error (error);
  return reader;
}

/* All records of a complete file by lane: array of GArray of WeftRecord. */
static inline GPtrArray *
read_records (const char *path)
{
  GPtrArray *lanes = g_ptr_array_new_with_free_func ((GDestroyNotify) g_array_unref);
  WeftRunReader *reader = open_reader (path, 0);
  g_autoptr (GError) error = NULL;
  const WeftRecord *records;
  WeftRunReadStatus status;
  WeftRunFrame frame;
  uint32_t n;

  while ((status = weft_run_reader_next (reader, &frame, &error)) == WEFT_RUN_READ_FRAME)
    {
      if (frame.head.kind == WEFT_FRAME_LANE)
        g_ptr_array_add (lanes, g_array_new (FALSE, FALSE, sizeof (WeftRecord)));
      if (!weft_run_frame_records (&frame, NULL, &records, &n))
        continue;
      g_assert_cmpuint (frame.head.lane, <, lanes->len);
      g_array_append_vals (lanes->pdata[frame.head.lane], records, n);
    }
  g_assert_no_error (error);
  g_assert_cmpint (status, ==, WEFT_RUN_READ_END);
  weft_run_reader_free (reader);
  return lanes;
}

static inline uint64_t
count_kind (GArray *records, uint8_t kind)
{
  uint64_t n = 0;

  for (guint i = 0; i < records->len; i++)
    n += g_array_index (records, WeftRecord, i).kind == kind;
  return n;
}

/* The lane's TASK records are first … first + n - 1 in order. */
static inline void
assert_tasks (GArray *records, uint32_t first, uint32_t n)
{
  uint32_t next = first;

  for (guint i = 0; i < records->len; i++)
    {
      const WeftRecord *record = &g_array_index (records, WeftRecord, i);

      if (record->kind != WEFT_RECORD_TASK)
        continue;
      g_assert_cmpuint (record->task, ==, next);
      g_assert_cmpuint (weft_record_amount (record), ==, next);
      next++;
    }
  g_assert_cmpuint (next, ==, first + n);
}
