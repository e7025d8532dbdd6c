/* test-contract.c: what is promised of functions that other tests use only in passing, or not
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "trace-support.h"

#define N_TASKS 100000 /* more than a chunk, so that the lane turns */

/* ---- frames ---------------------------------------------------------------------------------- */

typedef struct
{
  uint32_t n_meta, n_lanes, n_index, n_end, n_records;
  uint64_t n_indexed; /* records, by the index */
  uint64_t previous;  /* offset of the index before; 0: none */
} Seen;

static void
assert_text (WeftRunText text, const char *expected)
{
  g_assert_cmpmem (text.chars, text.n_bytes, expected, strlen (expected));
}

/* The one reader of a frame's kind takes it, and all others leave what they were given. */
static void
see_frame (const WeftRunFrame *frame, Seen *seen)
{
  WeftRunText text = { NULL, 7 };
  WeftLaneHead lane = { .worker = 99 };
  WeftIndexHead index = { .n_entries = 99 };
  const WeftIndexEntry *entries = NULL;
  WeftEndHead end = { .n_waits = 99 };
  uint16_t kind = frame->head.kind;
  bool is_json = kind == WEFT_FRAME_META || kind == WEFT_FRAME_END || kind == WEFT_FRAME_FACTS;

  g_assert_cmpint (weft_run_frame_json (frame, &text), ==, is_json);
  g_assert_true (is_json == (text.chars != NULL));
  if (kind == WEFT_FRAME_META)
    assert_text (text, "{\"a\": 1}");
  seen->n_meta += kind == WEFT_FRAME_META;

  g_assert_cmpint (weft_run_frame_lane (frame, &lane, &text), ==, kind == WEFT_FRAME_LANE);
  if (kind != WEFT_FRAME_LANE)
    g_assert_cmpuint (lane.worker, ==, 99);
  else if (lane.lane > 0)
    {
      g_assert_cmpuint (lane.worker, ==, 5);
      g_assert_cmpuint (lane.os_thread, ==, 1234);
      assert_text (text, "mine");
    }
  seen->n_lanes += kind == WEFT_FRAME_LANE;

  g_assert_cmpint (weft_run_frame_index (frame, &index, &entries), ==, kind == WEFT_FRAME_INDEX);
  if (kind == WEFT_FRAME_INDEX)
    {
      g_assert_cmpuint (index.previous, ==, seen->previous);
      seen->previous = frame->offset;
      for (uint32_t i = 0; i < index.n_entries; i++)
        {
          g_assert_cmpuint (entries[i].offset, <, frame->offset);
          seen->n_indexed += entries[i].n_records;
        }
    }
  else
    g_assert_null (entries);
  seen->n_index += kind == WEFT_FRAME_INDEX;

  g_assert_cmpint (weft_run_frame_end (frame, &end, &text), ==, kind == WEFT_FRAME_END);
  if (kind == WEFT_FRAME_END)
    {
      g_assert_cmpuint (end.n_records, ==, seen->n_records);
      g_assert_cmpuint (end.n_dropped + end.n_waits, ==, 0);
      assert_text (text, "{\"b\": 2}");
    }
  else
    g_assert_cmpuint (end.n_waits, ==, 99);
  seen->n_end += kind == WEFT_FRAME_END;
}

static void
frames_are_told_apart (void)
{
  g_autoptr (TestDir) dir = test_dir_new ();
  g_autofree char *path = g_build_filename (dir, "a.weft", NULL);
  WeftRecorder *recorder =
      open_recorder (&(WeftRecorderOptions){ .path = path, .meta_json = "{\"a\": 1}" });
  WeftLaneInfo info = { .kind = WEFT_LANE_THREAD,
                        .parent_lane = WEFT_NONE,
                        .worker = 5,
                        .os_thread = 1234,
                        .name = "mine" };
  WeftLane *lane = weft_recorder_add_lane (recorder, &info);
  WeftRunReader *reader;
  const WeftRecord *records;
  Seen seen = { 0 };
  WeftRunFrame frame;
  uint32_t n;

  write_tasks (lane, 0, N_TASKS);
  g_assert_true (weft_recorder_close (recorder, "{\"b\": 2}", NULL));
  weft_recorder_free (recorder);
  reader = open_reader (path, 0);
  while (weft_run_reader_next (reader, &frame, NULL) == WEFT_RUN_READ_FRAME)
    {
      if (weft_run_frame_records (&frame, NULL, &records, &n))
        seen.n_records += n;
      see_frame (&frame, &seen);
    }
  weft_run_reader_free (reader);
  g_assert_cmpuint (seen.n_meta, ==, 1);
  g_assert_cmpuint (seen.n_lanes, ==, 2);
  g_assert_cmpuint (seen.n_index, >=, 1);
  g_assert_cmpuint (seen.n_end, ==, 1);
  g_assert_cmpuint (seen.n_records, >=, N_TASKS);
  g_assert_cmpuint (seen.n_indexed, ==, seen.n_records);
}

/* ---- recorder -------------------------------------------------------------------------------- */

/* A record and its details stand together in lane 0, in the order they were given in. */
static void
notes_of_several_records (void)
{
  WeftRecorder *recorder = open_recorder (&(WeftRecorderOptions){ 0 });
  WeftRecorderCursor *cursor;
  WeftRecord group[3];
  const WeftRecord *records;
  uint32_t lane, n, n_seen = 0;

  for (uint32_t i = 0; i < 3; i++)
    weft_record_set (&group[i], i == 0 ? WEFT_RECORD_ERRED : WEFT_RECORD_CULPRIT,
                     i == 0 ? 0 : WEFT_RECORD_DETAIL, 0, i, 0, 100, 0, 0);
  for (int k = 0; k < 1000; k++)
    weft_recorder_note_n (recorder, group, 3);
  g_assert_true (weft_recorder_flush (recorder, NULL));
  cursor = weft_recorder_cursor_new (recorder);
  while ((n = weft_recorder_cursor_next (cursor, &lane, &records)) > 0)
    for (uint32_t i = 0; i < n; i++)
      if (records[i].kind == WEFT_RECORD_ERRED || records[i].kind == WEFT_RECORD_CULPRIT)
        {
          g_assert_cmpuint (lane, ==, 0);
          g_assert_cmpuint (records[i].task, ==, n_seen++ % 3);
        }
  g_assert_cmpuint (n_seen, ==, 3000);
  weft_recorder_cursor_free (cursor);
  close_recorder (recorder);
}

/* The newest lane of a thread, with what it runs; nothing for threads that nobody knows. */
static void
threads_are_found (void)
{
  WeftRecorder *recorder = open_recorder (&(WeftRecorderOptions){ 0 });
  WeftLaneInfo info = { .kind = WEFT_LANE_THREAD, .parent_lane = WEFT_NONE, .os_thread = 77 };
  WeftLane *first = weft_recorder_add_lane (recorder, &info);
  WeftLane *second = weft_recorder_add_lane (recorder, &info);
  WeftNow now = { .task = 12345 };

  info.os_thread = 0;
  weft_recorder_add_lane (recorder, &info);
  weft_lane_set_now (first, 1, 0, 1, 10);
  weft_lane_set_now (second, 2, 3, 4, 20);
  g_assert_null (weft_recorder_find_thread (recorder, 78, &now));
  g_assert_null (weft_recorder_find_thread (recorder, 0, &now));
  g_assert_cmpuint (now.task, ==, 12345);
  g_assert_true (weft_recorder_find_thread (recorder, 77, &now) == second);
  g_assert_cmpuint (now.task, ==, 2);
  g_assert_cmpuint (now.segment, ==, 3);
  g_assert_cmpuint (now.attempt, ==, 4);
  g_assert_cmpuint (now.start, ==, 20);
  close_recorder (recorder);
}

/* Once a record was given out, the strings and lanes it refers to can be had; records never come as
 * frames. */
static void
cursor_gives_frames (void)
{
  WeftRecorder *recorder = open_recorder (&(WeftRecorderOptions){ .meta_json = "{}" });
  WeftRecorderCursor *cursor = weft_recorder_cursor_new (recorder);
  WeftLane *lane = add_worker (recorder, 0);
  uint32_t n_lanes = 0, n_strings = 0, of_lane;
  const WeftRecord *records;
  WeftRunFrame frame;

  weft_recorder_string (recorder, "a string");
  write_tasks (lane, 0, 10);
  g_assert_true (weft_recorder_flush (recorder, NULL));
  while (weft_recorder_cursor_next (cursor, &of_lane, &records) > 0)
    ;
  while (weft_recorder_cursor_next_frame (cursor, &frame))
    {
      g_assert_cmpuint (frame.head.kind, !=, WEFT_FRAME_RECORDS);
      n_lanes += frame.head.kind == WEFT_FRAME_LANE;
      n_strings += frame.head.kind == WEFT_FRAME_STRINGS;
    }
  g_assert_cmpuint (n_lanes, ==, 2);
  g_assert_cmpuint (n_strings, >=, 1);
  g_assert_false (weft_recorder_cursor_next_frame (cursor, &frame));
  add_worker (recorder, 1);
  g_assert_true (weft_recorder_flush (recorder, NULL));
  g_assert_true (weft_recorder_cursor_next_frame (cursor, &frame));
  g_assert_cmpuint (frame.head.kind, ==, WEFT_FRAME_LANE);
  weft_recorder_cursor_free (cursor);
  close_recorder (recorder);
}

/* Turning a lane before its chunk is full loses nothing, and gives room for more. */
static void
lanes_turn_early (void)
{
  g_autoptr (TestDir) dir = test_dir_new ();
  g_autofree char *path = g_build_filename (dir, "a.weft", NULL);
  WeftRecorder *recorder = open_recorder (&(WeftRecorderOptions){ .path = path });
  WeftLane *lane = add_worker (recorder, 0);
  g_autoptr (GPtrArray) lanes = NULL;

  for (uint32_t i = 0; i < 50; i++)
    {
      write_tasks (lane, 10 * i, 10);
      weft_lane_turn (lane);
    }
  close_recorder (recorder);
  lanes = read_records (path);
  assert_tasks (lanes->pdata[1], 0, 500);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("trace", "contract", "frames-are-told-apart", frames_are_told_apart);
  test_add ("trace", "contract", "notes-of-several-records", notes_of_several_records);
  test_add ("trace", "contract", "threads-are-found", threads_are_found);
  test_add ("trace", "contract", "cursor-gives-frames", cursor_gives_frames);
  test_add ("trace", "contract", "lanes-turn-early", lanes_turn_early);
  return g_test_run ();
}
