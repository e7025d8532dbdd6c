/* test-recorder.c: lanes, the queue and the recorder, in files and in memory
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "trace-support.h"

#include <pthread.h>

#define N_THREADS 4

/* ---- files ----------------------------------------------------------------------------------- */

typedef struct
{
  WeftLane *lane;
  uint32_t n;
} Worker;

static void *
worker_main (void *data)
{
  Worker *worker = data;

  for (uint32_t i = 0; i < worker->n; i++)
    {
      weft_lane_set_now (worker->lane, i, 0, 1, 10 * (uint64_t) i + 10);
      write_task (worker->lane, i, 10 * (uint64_t) i + 10);
    }
  return NULL;
}

static void
run_workers (WeftRecorder *recorder, uint32_t n_records)
{
  pthread_t threads[N_THREADS];
  Worker workers[N_THREADS];

  for (uint32_t i = 0; i < N_THREADS; i++)
    {
      workers[i] = (Worker){ add_worker (recorder, i), n_records };
      g_assert_cmpint (pthread_create (&threads[i], NULL, worker_main, &workers[i]), ==, 0);
    }
  for (uint32_t i = 0; i < N_THREADS; i++)
    pthread_join (threads[i], NULL);
}

static void
threads_into_file (void)
{
  g_autoptr (TestDir) dir = test_dir_new ();
  g_autofree char *path = g_build_filename (dir, "a.weft", NULL);
  WeftRecorder *recorder = open_recorder (&(WeftRecorderOptions){ .path = path });
  uint32_t n = 200000 / test_slowdown ();
  g_autoptr (GPtrArray) lanes = NULL;

  run_workers (recorder, n);
  close_recorder (recorder);
  lanes = read_records (path);
  g_assert_cmpuint (lanes->len, ==, 1 + N_THREADS);
  for (guint i = 1; i < lanes->len; i++)
    assert_tasks (lanes->pdata[i], 0, n);
}

/* What a flush promises. */
static void
flush_is_seen (void)
{
  g_autoptr (TestDir) dir = test_dir_new ();
  g_autofree char *path = g_build_filename (dir, "a.weft", NULL);
  WeftRecorder *recorder = open_recorder (&(WeftRecorderOptions){ .path = path });
  WeftLane *lane = add_worker (recorder, 0);
  WeftRunReader *reader = open_reader (path, 0);
  const WeftRecord *records;
  WeftRunFrame frame;
  uint32_t n, n_seen = 0;

  for (uint32_t i = 0; i < 100; i++)
    {
      write_task (lane, i, 10 * i);
      g_assert_true (weft_recorder_flush (recorder, NULL));
      while (weft_run_reader_next (reader, &frame, NULL) == WEFT_RUN_READ_FRAME)
        if (weft_run_frame_records (&frame, NULL, &records, &n))
          n_seen += n;
      g_assert_cmpuint (n_seen, ==, i + 1);
    }
  weft_run_reader_free (reader);
  close_recorder (recorder);
}

static bool
produce_three (void *data, WeftSegmentPiece *piece)
{
  g_byte_array_append (piece->bytes, data, piece->number + 1);
  piece->first_task = piece->number;
  piece->n_tasks = piece->number == 0 ? 3 : 1;
  return piece->number < 2;
}

/* The tag is in each frame of the recorder's file, and in no other's. */
static void
run_tag (void)
{
  g_autoptr (TestDir) dir = test_dir_new ();
  g_autofree char *path = g_build_filename (dir, "a.weft", NULL);
  g_autofree char *other_path = g_build_filename (dir, "b.weft", NULL);
  WeftRecorder *recorder = open_recorder (&(WeftRecorderOptions){ .path = path });
  WeftRecorder *other = open_recorder (&(WeftRecorderOptions){ .path = other_path });
  WeftRecorder *in_memory = open_recorder (&(WeftRecorderOptions){ 0 });
  uint64_t tag = weft_recorder_run_tag (recorder);
  WeftRunReader *reader;
  WeftRunFrame frame;
  unsigned n = 0;

  g_assert_cmpuint (tag, !=, weft_recorder_run_tag (other));
  g_assert_cmpuint (weft_recorder_run_tag (in_memory), ==, 0);
  close_recorder (in_memory);
  close_recorder (other);
  close_recorder (recorder);
  reader = open_reader (path, 0);
  for (; weft_run_reader_next (reader, &frame, NULL) == WEFT_RUN_READ_FRAME; n++)
    g_assert_cmpuint (frame.head.run_tag, ==, tag);
  g_assert_cmpuint (n, >, 2);
  weft_run_reader_free (reader);
}

static void
count_free (void *data)
{
  ((char *) data)[4]++;
}

typedef struct
{
  guint kinds[WEFT_FRAME_LOD + 1];
  guint n_pieces;
} Seen;

/* Checks a frame of the file that rare_frames() writes. */
static void
check_rare_frame (const WeftRunFrame *frame, Seen *seen)
{
  WeftSegmentHead segment;
  WeftErrorHead error;
  WeftSeriesHead series;
  WeftFactsHead facts;
  WeftLogHead log;
  WeftRunText text, unit, texts[4];

  g_assert_cmpuint (frame->head.kind, <=, WEFT_FRAME_LOD);
  seen->kinds[frame->head.kind]++;
  if (weft_run_frame_segment (frame, &segment, &text))
    {
      g_assert_cmpuint (segment.piece, ==, seen->n_pieces);
      g_assert_cmpuint (segment.parent_segment, ==, 4);
      g_assert_cmpuint (segment.parent_task, ==, 5);
      g_assert_cmpuint (segment.flags, ==,
                        segment.piece == 0   ? WEFT_SEGMENT_FIRST
                        : segment.piece == 2 ? WEFT_SEGMENT_LAST
                                             : 0);
      g_assert_cmpmem (text.chars, text.n_bytes, "abc", segment.piece + 1);
      seen->n_pieces++;
    }
  if (weft_run_frame_log (frame, &log, &text))
    {
      g_assert_cmpmem (text.chars, text.n_bytes, "a\0b", 3);
      g_assert_cmpuint (log.stream, ==, WEFT_STREAM_ERR);
      g_assert_cmpuint (log.stamp, ==, 77);
      g_assert_cmpuint (frame->head.lane, ==, WEFT_NONE);
    }
  if (weft_run_frame_error (frame, &error, texts))
    {
      g_assert_cmpuint (error.attempt, ==, 2);
      g_assert_cmpuint (frame->head.lane, ==, 1);
      g_assert_cmpuint (texts[0].n_bytes, ==, 0);
      g_assert_cmpmem (texts[1].chars, texts[1].n_bytes, "broken", 6);
      g_assert_cmpmem (texts[2].chars, texts[2].n_bytes, "at line 3", 9);
      g_assert_cmpuint (texts[3].n_bytes, ==, 0);
    }
  if (weft_run_frame_series (frame, &series, &text, &unit))
    {
      g_assert_cmpmem (text.chars, text.n_bytes, "load", 4);
      g_assert_cmpmem (unit.chars, unit.n_bytes, "%", 1);
      g_assert_cmpfloat (series.scale, ==, 0.5);
    }
  if (weft_run_frame_facts (frame, &facts, &text))
    g_assert_cmpmem (text.chars, text.n_bytes, "{\"a\": 1}", 8);
}

static void
write_rare_frames (WeftRecorder *recorder, char *content)
{
  WeftLane *lane = add_worker (recorder, 0);

  weft_recorder_segment (recorder, 0, 4, 5, produce_three, content, count_free);
  g_assert_cmpuint (weft_recorder_series (recorder, lane->id, "load", "%", 0.5), ==, 0);
  g_assert_cmpuint (weft_recorder_series (recorder, lane->id, "load", "%", 0.5), ==, 1);
  weft_recorder_log (recorder, NULL, 0, 1, 1, WEFT_STREAM_ERR, 0, 77, "a\0b", 3);
  weft_recorder_error (recorder, lane, 0, 1, 2, 78, NULL, "broken", "at line 3", NULL);
  weft_recorder_facts (recorder, lane, 0, 1, 1, 79, "{\"a\": 1}");
  g_assert_cmpuint (weft_recorder_string (recorder, "one"), ==, 0);
  g_assert_cmpuint (weft_recorder_string (recorder, "two"), ==, 1);
  g_assert_cmpuint (weft_recorder_string (recorder, "one"), ==, 0);
  write_tasks (lane, 0, 3);
}

static void
check_rare_file (const char *path)
{
  WeftRunReader *reader = open_reader (path, 0);
  g_autoptr (GError) error = NULL;
  WeftRunReadStatus status;
  Seen seen = { 0 };
  WeftRunFrame frame;

  while ((status = weft_run_reader_next (reader, &frame, &error)) == WEFT_RUN_READ_FRAME)
    check_rare_frame (&frame, &seen);
  g_assert_no_error (error);
  g_assert_cmpint (status, ==, WEFT_RUN_READ_END);
  g_assert_cmpuint (seen.n_pieces, ==, 3);
  g_assert_cmpuint (seen.kinds[WEFT_FRAME_META], ==, 1);
  g_assert_cmpuint (seen.kinds[WEFT_FRAME_CLOCK], ==, 2);
  g_assert_cmpuint (seen.kinds[WEFT_FRAME_LANE], ==, 2);
  g_assert_cmpuint (seen.kinds[WEFT_FRAME_LOG], ==, 1);
  g_assert_cmpuint (seen.kinds[WEFT_FRAME_ERROR], ==, 1);
  g_assert_cmpuint (seen.kinds[WEFT_FRAME_SERIES], ==, 2);
  g_assert_cmpuint (seen.kinds[WEFT_FRAME_FACTS], ==, 1);
  g_assert_cmpuint (seen.kinds[WEFT_FRAME_STRINGS], >=, 1);
  g_assert_cmpuint (seen.kinds[WEFT_FRAME_INDEX], ==, 1);
  weft_run_reader_free (reader);
}

static void
rare_frames (void)
{
  g_autoptr (TestDir) dir = test_dir_new ();
  g_autofree char *path = g_build_filename (dir, "a.weft", NULL);
  WeftRecorder *recorder = open_recorder (&(WeftRecorderOptions){ .path = path });
  char content[5] = "abc";

  write_rare_frames (recorder, content);
  close_recorder (recorder);
  g_assert_cmpint (content[4], ==, 1);
  check_rare_file (path);
}

/* The segment's first piece comes before the first record that names it, in every file. */
static void
summary_comes_first (void)
{
  g_autoptr (TestDir) dir = test_dir_new ();
  g_autofree char *path = g_build_filename (dir, "a.weft", NULL);
  WeftRecorder *recorder = open_recorder (&(WeftRecorderOptions){ .path = path });
  WeftLane *lane = add_worker (recorder, 0);
  g_autoptr (GHashTable) known = g_hash_table_new (NULL, NULL);
  const WeftRecord *records;
  WeftRunReader *reader;
  WeftRunFrame frame;
  uint32_t n;

  for (uint32_t segment = 0; segment < 200; segment++)
    {
      weft_recorder_segment (recorder, segment, WEFT_NONE, WEFT_NONE, produce_three, (void *) "abc",
                             NULL);
      weft_record_set (weft_lane_next (lane), WEFT_RECORD_TASK, 0, 0, 0, segment, 1, 1, 1);
      weft_lane_publish (lane);
      if (g_test_rand_int_range (0, 10) == 0)
        g_assert_true (weft_recorder_flush (recorder, NULL));
    }
  close_recorder (recorder);
  reader = open_reader (path, 0);
  while (weft_run_reader_next (reader, &frame, NULL) == WEFT_RUN_READ_FRAME)
    {
      if (frame.head.kind == WEFT_FRAME_SEGMENT)
        g_hash_table_add (known, GUINT_TO_POINTER (frame.head.lane + 1));
      if (weft_run_frame_records (&frame, NULL, &records, &n))
        for (uint32_t i = 0; i < n; i++)
          g_assert_true (g_hash_table_contains (known, GUINT_TO_POINTER (records[i].segment + 1)));
    }
  g_assert_cmpuint (g_hash_table_size (known), ==, 200);
  weft_run_reader_free (reader);
}

/* ---- lanes ----------------------------------------------------------------------------------- */

/* A group never crosses a chunk. */
static void
groups_stay_together (void)
{
  WeftRecorder *recorder = open_recorder (&(WeftRecorderOptions){ 0 });
  WeftLane *lane = add_worker (recorder, 0);
  WeftRecorderCursor *cursor = weft_recorder_cursor_new (recorder);
  const WeftRecord *records;
  uint32_t id, n, n_groups = 0;

  for (uint32_t i = 0; i < 3000; i++)
    {
      uint32_t size = (uint32_t) g_test_rand_int_range (1, WEFT_LANE_MAX_GROUP + 1);
      WeftRecord *group = weft_lane_next_n (lane, size);

      for (uint32_t k = 0; k < size; k++)
        weft_record_set (&group[k], k == 0 ? WEFT_RECORD_TASK : WEFT_RECORD_OUTPUT,
                         k == 0 ? 0 : WEFT_RECORD_DETAIL, 0, i, size, 1, 1, k);
      weft_lane_publish_n (lane, size);
    }
  while ((n = weft_recorder_cursor_next (cursor, &id, &records)) > 0)
    for (uint32_t i = 0; i < n; i += records[i].segment)
      {
        g_assert_cmpuint (records[i].kind, ==, WEFT_RECORD_TASK);
        g_assert_cmpuint (records[i].task, ==, n_groups);
        g_assert_cmpuint (i + records[i].segment, <=, n);
        n_groups++;
      }
  g_assert_cmpuint (n_groups, ==, 3000);
  weft_recorder_cursor_free (cursor);
  close_recorder (recorder);
}

static WeftNowEntry
last_now_entry (const char *path, uint32_t lane)
{
  WeftRunReader *reader = open_reader (path, 0);
  WeftNowEntry found = { .lane = WEFT_NONE };
  const WeftNowEntry *entries;
  WeftRunFrame frame;
  uint32_t n;

  while (weft_run_reader_next (reader, &frame, NULL) == WEFT_RUN_READ_FRAME)
    if (weft_run_frame_now (&frame, &entries, &n))
      for (uint32_t i = 0; i < n; i++)
        if (entries[i].lane == lane)
          found = entries[i];
  weft_run_reader_free (reader);
  g_assert_cmpuint (found.lane, ==, lane);
  return found;
}

/* The watermark goes on while a lane runs, sleeps, and has ended. */
static void
now_and_watermarks (void)
{
  g_autoptr (TestDir) dir = test_dir_new ();
  g_autofree char *path = g_build_filename (dir, "a.weft", NULL);
  WeftRecorder *recorder = open_recorder (&(WeftRecorderOptions){ .path = path });
  WeftLane *lane = add_worker (recorder, 0);
  WeftNowEntry now;

  write_task (lane, 0, 100);
  weft_recorder_flush (recorder, NULL);
  g_assert_cmpuint (last_now_entry (path, lane->id).watermark, ==, 110);

  weft_lane_set_now (lane, 1, 7, 3, 500);
  weft_recorder_flush (recorder, NULL);
  now = last_now_entry (path, lane->id);
  g_assert_cmpuint (now.watermark, ==, 500);
  g_assert_cmpuint (now.task, ==, 1);
  g_assert_cmpuint (now.segment, ==, 7);
  g_assert_cmpuint (now.attempt, ==, 3);
  g_assert_cmpuint (now.kind, ==, WEFT_RECORD_TASK);
  g_assert_cmpuint (now.start, ==, 500);

  weft_lane_set_quiet (lane, 900);
  weft_recorder_flush (recorder, NULL);
  now = last_now_entry (path, lane->id);
  g_assert_cmpuint (now.watermark, ==, 900);
  g_assert_cmpuint (now.task, ==, WEFT_NONE);
  g_assert_cmpuint (now.kind, ==, WEFT_RECORD_PARKED);
  weft_lane_set_quiet (lane, 0);

  weft_recorder_end_lane (recorder, lane);
  weft_recorder_flush (recorder, NULL);
  g_assert_cmpuint (last_now_entry (path, lane->id).watermark, ==, UINT64_MAX);
  close_recorder (recorder);
}

/* Foreign lanes say themselves up to where they are complete. */
static void
told_watermark (void)
{
  g_autoptr (TestDir) dir = test_dir_new ();
  g_autofree char *path = g_build_filename (dir, "a.weft", NULL);
  WeftRecorder *recorder = open_recorder (&(WeftRecorderOptions){ .path = path });
  WeftRunClock clock = { .map = { .domain = WEFT_NONE, .ticks_per_second = 1000 } };
  WeftLaneInfo info = { .kind = WEFT_LANE_THREAD, .domain = 1, .best_effort = true, .name = "w" };
  WeftLane *lane;

  weft_recorder_add_clock (recorder, &clock);
  g_assert_cmpuint (clock.map.domain, ==, 1);
  lane = weft_recorder_add_lane (recorder, &info);
  write_task (lane, 0, 1000);
  weft_lane_set_watermark (lane, 600);
  weft_recorder_flush (recorder, NULL);
  g_assert_cmpuint (last_now_entry (path, lane->id).watermark, ==, 600);
  write_task (lane, 1, 700);
  weft_lane_set_watermark (lane, 1200);
  weft_recorder_flush (recorder, NULL);
  g_assert_cmpuint (last_now_entry (path, lane->id).watermark, ==, 1200);
  close_recorder (recorder);
}

/* Many lanes that come and go leave no memory behind but their own small one. */
static void
lanes_come_and_go (void)
{
  g_autoptr (TestDir) dir = test_dir_new ();
  g_autofree char *path = g_build_filename (dir, "a.weft", NULL);
  WeftRecorder *recorder = open_recorder (&(WeftRecorderOptions){ .path = path });
  g_autoptr (GPtrArray) lanes = NULL;

  for (uint32_t i = 0; i < 300; i++)
    {
      WeftLane *lane = add_worker (recorder, i);

      write_tasks (lane, 0, i % 100);
      weft_recorder_end_lane (recorder, lane);
      if (i % 7 == 0)
        weft_recorder_flush (recorder, NULL);
    }
  close_recorder (recorder);
  lanes = read_records (path);
  for (uint32_t i = 0; i < 300; i++)
    assert_tasks (lanes->pdata[i + 1], 0, i % 100);
}

/* What was published stays; what comes later does no harm, however much. */
static void
abandoned_lane (void)
{
  g_autoptr (TestDir) dir = test_dir_new ();
  g_autofree char *path = g_build_filename (dir, "a.weft", NULL);
  WeftRecorder *recorder = open_recorder (&(WeftRecorderOptions){ .path = path });
  WeftLane *lane = add_worker (recorder, 0);
  g_autoptr (GPtrArray) lanes = NULL;
  uint64_t n;

  write_tasks (lane, 0, 10);
  weft_lane_abandon (lane);
  write_tasks (lane, 10, 10000);
  g_assert_true (weft_recorder_close (recorder, NULL, NULL));
  write_tasks (lane, 20000, 10000);
  weft_recorder_free (recorder);
  lanes = read_records (path);
  n = count_kind (lanes->pdata[1], WEFT_RECORD_TASK);
  g_assert_cmpuint (n, >=, 10);
  g_assert_cmpuint (n, <=, WEFT_CHUNK_BYTES / sizeof (WeftRecord));
  assert_tasks (lanes->pdata[1], 0, (uint32_t) n);
}

/* ---- observer, notes, samples ---------------------------------------------------------------- */

static void
count_tasks (uint32_t lane, const WeftRecord *records, uint32_t n, void *data)
{
  uint64_t *counts = data;

  for (uint32_t i = 0; i < n; i++)
    counts[lane] += records[i].kind == WEFT_RECORD_TASK;
}

static void
observe (const WeftRecorderOptions *options)
{
  WeftRecorder *recorder = open_recorder (options);
  uint64_t counts[1 + N_THREADS] = { 0 }, again[1 + N_THREADS] = { 0 };
  uint32_t n = 100000 / test_slowdown ();

  weft_recorder_add_observer (recorder, count_tasks, counts);
  weft_recorder_add_observer (recorder, count_tasks, again);
  run_workers (recorder, n);
  g_assert_true (weft_recorder_flush (recorder, NULL));
  for (int i = 1; i <= N_THREADS; i++)
    {
      g_assert_cmpuint (counts[i], ==, n);
      g_assert_cmpuint (again[i], ==, n);
    }
  close_recorder (recorder);
}

static void
observer_sees_all (void)
{
  g_autoptr (TestDir) dir = test_dir_new ();
  g_autofree char *path = g_build_filename (dir, "a.weft", NULL);

  observe (&(WeftRecorderOptions){ .path = path });
  observe (&(WeftRecorderOptions){ 0 });
  observe (&(WeftRecorderOptions){ .discard = true, .buffer_bytes = 1 << 20 });
}

static uint64_t
manual_clock (void *data)
{
  return atomic_fetch_add ((_Atomic uint64_t *) data, 1) + 1;
}

static void
notes_and_settings (void)
{
  g_autoptr (TestDir) dir = test_dir_new ();
  g_autofree char *path = g_build_filename (dir, "a.weft", NULL);
  _Atomic uint64_t now = 1000;
  WeftRecorder *recorder = open_recorder (
      &(WeftRecorderOptions){ .path = path, .clock = manual_clock, .clock_data = &now });
  g_autoptr (GPtrArray) lanes = NULL;
  const WeftRecord *record;

  weft_recorder_note_setting (recorder, WEFT_SETTING_WORKERS, 8);
  for (uint32_t i = 0; i < 10000; i++)
    {
      WeftRecord note;

      weft_record_set (&note, WEFT_RECORD_READY, 0, 0, i, 0, 5, 0, 0);
      weft_recorder_note (recorder, &note);
    }
  close_recorder (recorder);
  lanes = read_records (path);
  g_assert_cmpuint (((GArray *) lanes->pdata[0])->len, ==, 10001);
  record = &g_array_index ((GArray *) lanes->pdata[0], WeftRecord, 0);
  g_assert_cmpuint (record->kind, ==, WEFT_RECORD_SETTING);
  g_assert_cmpuint (record->how, ==, WEFT_VALUE_FORM_INT64);
  g_assert_cmpuint (weft_record_low (record), ==, WEFT_SETTING_WORKERS);
  g_assert_cmpuint (weft_record_high (record), ==, 8);
  g_assert_cmpuint (record->start, >, 1000);
  g_assert_cmpuint (record->start, <, 2000);
}

static void
samples_of_the_process (void)
{
  WeftRecorder *recorder = open_recorder (&(WeftRecorderOptions){ .sample_process = true });
  WeftRecorderCursor *cursor = weft_recorder_cursor_new (recorder);
  size_t n_bytes = 64 << 20;
  char *memory = g_malloc (n_bytes);
  uint64_t cpu_ns = 0, resident = 0;
  const WeftRecord *records;
  volatile uint64_t sum = 0;
  uint32_t lane, n;

  memset (memory, 1, n_bytes);
  for (uint32_t i = 0; i < 20000000; i++)
    sum += i;
  g_assert_true (weft_recorder_close (recorder, NULL, NULL));
  while ((n = weft_recorder_cursor_next (cursor, &lane, &records)) > 0)
    for (uint32_t i = 0; i < n; i++)
      {
        g_assert_cmpuint (lane, ==, 0);
        if (records[i].kind == WEFT_RECORD_CPU && records[i].task == 0)
          cpu_ns += weft_record_amount (&records[i]);
        if (records[i].kind == WEFT_RECORD_MEMORY && records[i].task == WEFT_MEMORY_RESIDENT)
          resident = weft_record_amount (&records[i]);
      }
  g_assert_cmpuint (cpu_ns, >, 5000000);
  g_assert_cmpuint (resident, >, n_bytes);
  g_free (memory);
  weft_recorder_cursor_free (cursor);
  weft_recorder_free (recorder);
}

/* ---- in memory ------------------------------------------------------------------------------- */

/* A cursor follows four workers while they write, and sees each record once, in order. */
static void
cursor_follows (void)
{
  WeftRecorder *recorder = open_recorder (&(WeftRecorderOptions){ .buffer_bytes = 65536 });
  WeftRecorderCursor *cursor = weft_recorder_cursor_new (recorder);
  uint32_t n = 200000 / test_slowdown (), next[1 + N_THREADS] = { 0 };
  pthread_t threads[N_THREADS];
  Worker workers[N_THREADS];
  const WeftRecord *records;
  uint64_t n_seen = 0;
  uint32_t lane, n_new;

  for (uint32_t i = 0; i < N_THREADS; i++)
    {
      workers[i] = (Worker){ add_worker (recorder, i), n };
      g_assert_cmpint (pthread_create (&threads[i], NULL, worker_main, &workers[i]), ==, 0);
    }
  while (n_seen < (uint64_t) n * N_THREADS)
    {
      n_new = weft_recorder_cursor_next (cursor, &lane, &records);
      for (uint32_t i = 0; i < n_new; i++)
        g_assert_cmpuint (records[i].task, ==, next[lane]++);
      n_seen += n_new;
    }
  for (uint32_t i = 0; i < N_THREADS; i++)
    pthread_join (threads[i], NULL);
  g_assert_cmpuint (weft_recorder_cursor_next (cursor, &lane, &records), ==, 0);
  weft_recorder_cursor_free (cursor);
  close_recorder (recorder);
}

static void
saved_later (void)
{
  g_autoptr (TestDir) dir = test_dir_new ();
  g_autofree char *path = g_build_filename (dir, "a.weft", NULL);
  g_autofree char *nowhere = g_build_filename (dir, "no", "a.weft", NULL);
  WeftRecorder *recorder = open_recorder (&(WeftRecorderOptions){ 0 });
  g_autoptr (GPtrArray) lanes = NULL;
  g_autoptr (GError) error = NULL;
  char content[5] = "abc";

  write_rare_frames (recorder, content);
  g_assert_false (weft_recorder_save (recorder, path, NULL, &error));
  test_assert_error (&error, WEFT_RECORDER_ERROR, WEFT_RECORDER_ERROR_STATE, "a.weft", NULL);
  g_assert_true (weft_recorder_close (recorder, NULL, NULL));
  g_assert_false (weft_recorder_save (recorder, nowhere, NULL, &error));
  test_assert_error (&error, WEFT_RECORDER_ERROR, WEFT_RECORDER_ERROR_IO, nowhere, NULL);
  for (int i = 0; i < 2; i++)
    {
      g_assert_true (weft_recorder_save (recorder, path, "{}", &error));
      check_rare_file (path);
      g_clear_pointer (&lanes, g_ptr_array_unref);
      lanes = read_records (path);
      assert_tasks (lanes->pdata[1], 0, 3);
    }
  weft_recorder_free (recorder);
  g_assert_cmpint (content[4], ==, 1);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  test_add ("trace", "recorder", "threads-into-file", threads_into_file);
  test_add ("trace", "recorder", "flush-is-seen", flush_is_seen);
  test_add ("trace", "recorder", "rare-frames", rare_frames);
  test_add ("trace", "recorder", "run-tag", run_tag);
  test_add ("trace", "recorder", "summary-comes-first", summary_comes_first);
  test_add ("trace", "recorder", "groups-stay-together", groups_stay_together);
  test_add ("trace", "recorder", "now-and-watermarks", now_and_watermarks);
  test_add ("trace", "recorder", "told-watermark", told_watermark);
  test_add ("trace", "recorder", "lanes-come-and-go", lanes_come_and_go);
  test_add ("trace", "recorder", "abandoned-lane", abandoned_lane);
  test_add ("trace", "recorder", "observer-sees-all", observer_sees_all);
  test_add ("trace", "recorder", "notes-and-settings", notes_and_settings);
  test_add ("trace", "recorder", "samples-of-the-process", samples_of_the_process);
  test_add ("trace", "recorder", "cursor-follows", cursor_follows);
  test_add ("trace", "recorder", "saved-later", saved_later);
  return g_test_run ();
}
