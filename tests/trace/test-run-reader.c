/* test-run-reader.c: whole, cut, damaged and growing files
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "trace-support.h"
#include "trace/weft-crc32c-private.h"

#include <pthread.h>
#include <stdio.h>

/* ---- a small file with a frame of every kind ------------------------------------------------- */

static bool
produce (void *data, WeftSegmentPiece *piece)
{
  g_byte_array_append (piece->bytes, (const uint8_t *) "content", 7);
  piece->n_tasks = 1;
  return piece->number < 1;
}

static void
write_small (const char *path)
{
  WeftRecorder *recorder = open_recorder (
      &(WeftRecorderOptions){ .path = path, .meta_json = "{\"name\": \"\xc3\xa4\"}" });
  WeftLane *lanes[2] = { add_worker (recorder, 0), add_worker (recorder, 1) };
  WeftRecord link;

  weft_recorder_segment (recorder, 0, WEFT_NONE, WEFT_NONE, produce, NULL, NULL);
  weft_recorder_string (recorder, "a \"quoted\" \\ string");
  weft_recorder_string (recorder, "");
  weft_recorder_series (recorder, WEFT_NONE, "temperature", "K", 0.001);
  weft_recorder_log (recorder, lanes[0], 0, 1, 1, WEFT_STREAM_OUT, 0, 5, "x\0\xff\xe2\x82\ny\t", 8);
  weft_recorder_error (recorder, NULL, 0, 1, 1, 6, "Kind", "message", NULL, "output");
  weft_recorder_facts (recorder, lanes[1], WEFT_NONE, WEFT_NONE, 0, 7, "{}");
  write_tasks (lanes[0], 0, 5);
  weft_lane_set_now (lanes[1], 3, 0, 2, 40);
  weft_recorder_flush (recorder, NULL);
  write_tasks (lanes[1], 5, 3);
  weft_record_set_point (weft_lane_next (lanes[1]), WEFT_RECORD_LINK, 0, WEFT_LINK_FLOW, 1, 0, 99,
                         WEFT_NONE, UINT64_MAX);
  weft_lane_publish (lanes[1]);
  weft_record_set (&link, 77, 0xff, 3, 1, 2, 3, 4, 5); /* of a kind nobody knows */
  weft_recorder_note (recorder, &link);
  g_assert_true (weft_recorder_close (recorder, "{\"ok\": true}", NULL));
  weft_recorder_free (recorder);
}

typedef struct
{
  TestDir *dir;
  char *path;
  uint8_t *bytes;
  size_t n_bytes;
  GArray *ends; /* uint64_t: of the head and each frame */
} Small;

static void
small_init (Small *small)
{
  uint64_t end = WEFT_RUN_FILE_HEAD_BYTES;
  WeftRunReader *reader;
  WeftRunFrame frame;

  small->dir = test_dir_new ();
  small->path = g_build_filename (small->dir, "small.weft", NULL);
  write_small (small->path);
  g_assert_true (g_file_get_contents (small->path, (char **) &small->bytes, &small->n_bytes, NULL));
  small->ends = g_array_new (FALSE, FALSE, sizeof (uint64_t));
  g_array_append_val (small->ends, end);
  reader = open_reader (small->path, 0);
  while (weft_run_reader_next (reader, &frame, NULL) == WEFT_RUN_READ_FRAME)
    {
      g_assert_cmpuint (frame.offset, ==, end);
      end += frame.n_bytes;
      g_array_append_val (small->ends, end);
    }
  g_assert_cmpuint (end + sizeof (WeftRunTrailer), ==, small->n_bytes);
  weft_run_reader_free (reader);
}

static void
small_clear (Small *small)
{
  test_dir_free (small->dir);
  g_free (small->path);
  g_free (small->bytes);
  g_array_unref (small->ends);
}

/* How many frames end at or before n bytes. */
static guint
frames_within (Small *small, size_t n_bytes)
{
  guint n = 0;

  for (guint i = 1; i < small->ends->len; i++)
    n += g_array_index (small->ends, uint64_t, i) <= n_bytes;
  return n;
}

/* ---- cut off --------------------------------------------------------------------------------- */

static void
cut_anywhere (void)
{
  Small small;

  small_init (&small);
  for (size_t n = 0; n < small.n_bytes; n++)
    {
      g_autofree uint8_t *exact = g_memdup2 (small.bytes, n);
      g_autoptr (GError) error = NULL;
      WeftRunReader *reader = weft_run_reader_new_for_bytes (exact, n, 0, &error);
      WeftRunReadStatus status;
      WeftRunReaderInfo info;
      WeftRunFrame frame;
      guint n_frames = 0;

      g_assert_no_error (error);
      while ((status = weft_run_reader_next (reader, &frame, &error)) == WEFT_RUN_READ_FRAME)
        n_frames++;
      g_assert_no_error (error);
      g_assert_cmpuint (n_frames, ==, frames_within (&small, n));
      weft_run_reader_info (reader, &info);
      g_assert_cmpint (status, ==,
                       n_frames == small.ends->len - 1 ? WEFT_RUN_READ_END : WEFT_RUN_READ_AGAIN);
      g_assert_cmpint (info.ended, ==, status == WEFT_RUN_READ_END);
      if (n >= WEFT_RUN_FILE_HEAD_BYTES)
        g_assert_cmpuint (info.n_whole_bytes, ==, g_array_index (small.ends, uint64_t, n_frames));
      g_assert_null (weft_run_reader_index (reader));
      weft_run_reader_free (reader);
    }
  small_clear (&small);
}

/* A file that grows a few bytes at a time gives each frame once. */
static void
grows_byte_by_byte (void)
{
  Small small;
  g_autofree char *path = NULL;
  WeftRunReader *reader;
  WeftRunReadStatus status = WEFT_RUN_READ_AGAIN;
  WeftRunFrame frame;
  guint n_frames = 0;
  FILE *file;

  small_init (&small);
  path = g_build_filename (small.dir, "growing.weft", NULL);
  file = fopen (path, "wb");
  reader = open_reader (path, 0);
  for (size_t n = 0; n < small.n_bytes;)
    {
      size_t drawn = (size_t) g_test_rand_int_range (1, 40);
      size_t step = MIN (drawn, small.n_bytes - n);

      g_assert_cmpuint (fwrite (small.bytes + n, 1, step, file), ==, step);
      fflush (file);
      n += step;
      while ((status = weft_run_reader_next (reader, &frame, NULL)) == WEFT_RUN_READ_FRAME)
        n_frames++;
      g_assert_cmpuint (n_frames, ==, frames_within (&small, n));
    }
  g_assert_cmpint (status, ==, WEFT_RUN_READ_END);
  fclose (file);
  weft_run_reader_free (reader);
  small_clear (&small);
}

/* ---- damaged --------------------------------------------------------------------------------- */

/* Any byte may be wrong: without resync the frames before it are given, with it those behind it
 * too. */
static void
damaged_anywhere (void)
{
  Small small;

  small_init (&small);
  for (size_t at = WEFT_RUN_FILE_HEAD_BYTES; at < small.n_bytes - 16; at++)
    for (int resync = 0; resync < 2; resync++)
      {
        g_autofree uint8_t *copy = g_memdup2 (small.bytes, small.n_bytes);
        g_autoptr (GError) error = NULL;
        WeftRunReader *reader;
        WeftRunReadStatus status;
        WeftRunFrame frame;
        guint n_frames = 0, n_gaps = 0, n_before = frames_within (&small, at);
        guint n_all = small.ends->len - 1;

        copy[at] ^= 1 << g_test_rand_int_range (0, 8);
        reader = weft_run_reader_new_for_bytes (copy, small.n_bytes,
                                                resync ? WEFT_RUN_READER_RESYNC : 0, &error);
        while ((status = weft_run_reader_next (reader, &frame, &error)) == WEFT_RUN_READ_FRAME
               || status == WEFT_RUN_READ_GAP)
          if (status == WEFT_RUN_READ_FRAME)
            n_frames++;
          else
            n_gaps++;
        if (n_frames == n_all) /* a bit of the padding */
          g_assert_cmpint (status, ==, WEFT_RUN_READ_END);
        else if (!resync)
          {
            g_assert_cmpuint (n_frames, ==, n_before);
            g_assert_cmpint (status, ==, WEFT_RUN_READ_ERROR);
            test_assert_error (&error, WEFT_RUN_READER_ERROR, WEFT_RUN_READER_ERROR_DAMAGED,
                               "damaged at byte", NULL);
          }
        else
          {
            g_assert_cmpuint (n_frames, ==, n_all - 1);
            /* behind the last frame no other begins, so no gap ends */
            g_assert_cmpuint (n_gaps, <=, 1);
            g_assert_true (n_gaps == 1 || n_before == n_all - 1);
          }
        weft_run_reader_free (reader);
      }
  small_clear (&small);
}

static void
assert_open_fails (const uint8_t *bytes, size_t n_bytes, int code, const char *text)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (weft_run_reader_new_for_bytes (bytes, n_bytes, 0, &error));
  test_assert_error (&error, WEFT_RUN_READER_ERROR, code, text, NULL);
}

static void
fix_head (uint8_t *bytes)
{
  uint32_t crc = _weft_crc32c (0, bytes, 60);

  memcpy (bytes + 60, &crc, 4);
}

static void
wrong_heads (void)
{
  g_autoptr (GError) error = NULL;
  Small small;

  small_init (&small);
  assert_open_fails ((const uint8_t *) "hello", 5, WEFT_RUN_READER_ERROR_FORMAT, "WEFTRUN");
  small.bytes[20] ^= 1;
  assert_open_fails (small.bytes, small.n_bytes, WEFT_RUN_READER_ERROR_DAMAGED, "head");
  small.bytes[20] ^= 1;
  small.bytes[44] = 1; /* a compatible feature */
  fix_head (small.bytes);
  weft_run_reader_free (weft_run_reader_new_for_bytes (small.bytes, small.n_bytes, 0, &error));
  g_assert_no_error (error);
  small.bytes[46] = 4;
  fix_head (small.bytes);
  assert_open_fails (small.bytes, small.n_bytes, WEFT_RUN_READER_ERROR_UNSUPPORTED, "0x4");
  small.bytes[8] = 2;
  fix_head (small.bytes);
  assert_open_fails (small.bytes, small.n_bytes, WEFT_RUN_READER_ERROR_UNSUPPORTED, "version 2");
  g_assert_null (weft_run_reader_open (small.dir, 0, &error));
  test_assert_error (&error, WEFT_RUN_READER_ERROR, WEFT_RUN_READER_ERROR_FORMAT, "plain file",
                     NULL);
  g_assert_null (weft_run_reader_open ("/no/such/file", 0, &error));
  test_assert_error (&error, WEFT_RUN_READER_ERROR, WEFT_RUN_READER_ERROR_IO, "/no/such/file",
                     "No such file", NULL);
  small_clear (&small);
}

/* A later version may say more in the head: frames begin behind it. */
static void
longer_head (void)
{
  const uint32_t n_head = WEFT_RUN_FILE_HEAD_BYTES + 32, crooked = n_head + 8;
  g_autoptr (GError) error = NULL;
  g_autofree uint8_t *bytes = NULL;
  WeftRunReader *reader;
  WeftRunFrame frame;
  Small small;

  small_init (&small);
  bytes = g_malloc0 (small.n_bytes + 32);
  memcpy (bytes, small.bytes, WEFT_RUN_FILE_HEAD_BYTES);
  memcpy (bytes + n_head, small.bytes + WEFT_RUN_FILE_HEAD_BYTES,
          small.n_bytes - WEFT_RUN_FILE_HEAD_BYTES);
  memcpy (bytes + 12, &n_head, 4);
  fix_head (bytes);
  reader = weft_run_reader_new_for_bytes (bytes, small.n_bytes + 32, 0, &error);
  g_assert_no_error (error);
  g_assert_cmpint (weft_run_reader_next (reader, &frame, &error), ==, WEFT_RUN_READ_FRAME);
  g_assert_cmpuint (frame.offset, ==, n_head);
  weft_run_reader_free (reader);
  memcpy (bytes + 12, &crooked, 4);
  fix_head (bytes);
  assert_open_fails (bytes, small.n_bytes + 32, WEFT_RUN_READER_ERROR_UNSUPPORTED, "version 1");
  small_clear (&small);
}

/* Unknown kinds are handed out, unless they must be understood. */
static void
unknown_kinds (void)
{
  Small small;

  small_init (&small);
  for (int must = 0; must < 2; must++)
    {
      WeftFrameHead *head = (WeftFrameHead *) (void *) (small.bytes + WEFT_RUN_FILE_HEAD_BYTES);
      g_autoptr (GError) error = NULL;
      WeftRunReader *reader;
      WeftRunReadStatus status;
      WeftRunFrame frame;

      head->kind = 999;
      head->flags = must ? WEFT_FRAME_MUST_UNDERSTAND : 0;
      head->head_crc = _weft_crc32c (0, head, 44);
      reader = weft_run_reader_new_for_bytes (small.bytes, small.n_bytes, 0, &error);
      status = weft_run_reader_next (reader, &frame, &error);
      if (must)
        {
          g_assert_cmpint (status, ==, WEFT_RUN_READ_ERROR);
          test_assert_error (&error, WEFT_RUN_READER_ERROR, WEFT_RUN_READER_ERROR_UNSUPPORTED,
                             "999", NULL);
        }
      else
        {
          g_assert_cmpint (status, ==, WEFT_RUN_READ_FRAME);
          g_assert_cmpuint (frame.head.kind, ==, 999);
        }
      weft_run_reader_free (reader);
    }
  small_clear (&small);
}

/* ---- index ----------------------------------------------------------------------------------- */

/* More frames than one index frame lists; each entry leads to its frame. */
static void
index_and_seek (void)
{
  g_autoptr (TestDir) dir = test_dir_new ();
  g_autofree char *path = g_build_filename (dir, "a.weft", NULL);
  WeftRecorder *recorder = open_recorder (&(WeftRecorderOptions){ .path = path });
  WeftLane *lane = add_worker (recorder, 0);
  uint32_t n_logs = 10000;
  g_autoptr (GArray) entries = NULL;
  WeftRunReader *reader;
  const WeftRecord *records;
  WeftRecordsHead head;
  WeftRunFrame frame;
  uint64_t n_frames = 0, previous = 0;
  uint32_t n;

  for (uint32_t i = 0; i < n_logs; i++)
    {
      weft_recorder_log (recorder, lane, 0, i, 1, WEFT_STREAM_OUT, 0, i, "x", 1);
      if (i % 1000 == 0)
        {
          write_tasks (lane, i, 3);
          weft_recorder_flush (recorder, NULL);
        }
    }
  close_recorder (recorder);
  reader = open_reader (path, 0);
  entries = weft_run_reader_index (reader);
  g_assert_nonnull (entries);
  g_assert_cmpuint (entries->len, >, n_logs);
  for (guint i = 0; i < entries->len; i++)
    {
      const WeftIndexEntry *entry = &g_array_index (entries, WeftIndexEntry, i);

      weft_run_reader_seek (reader, entry->offset);
      g_assert_cmpint (weft_run_reader_next (reader, &frame, NULL), ==, WEFT_RUN_READ_FRAME);
      g_assert_cmpuint (frame.head.kind, ==, entry->kind);
      g_assert_cmpuint (frame.head.lane, ==, entry->lane);
      if (weft_run_frame_records (&frame, &head, &records, &n))
        {
          g_assert_cmpuint (entry->n_records, ==, n);
          g_assert_cmpuint (entry->min_start, ==, head.min_start);
          g_assert_cmpuint (entry->max_end, ==, head.max_end);
          g_assert_cmpuint (head.previous, ==, previous);
          g_assert_cmpuint (head.n_task_spans, ==, 3);
          previous = entry->offset;
        }
    }
  weft_run_reader_seek (reader, WEFT_RUN_FILE_HEAD_BYTES);
  while (weft_run_reader_next (reader, &frame, NULL) == WEFT_RUN_READ_FRAME)
    n_frames += frame.head.kind != WEFT_FRAME_INDEX && frame.head.kind != WEFT_FRAME_END;
  g_assert_cmpuint (n_frames, ==, entries->len);
  weft_run_reader_free (reader);
}

/* ---- while it is written --------------------------------------------------------------------- */

#define N_LANES 4

typedef struct
{
  WeftRecorder *recorder;
  WeftLane *lane;
  uint32_t n;
} Writer;

/* Tasks, and between them strings used at once. */
static void *
writer_main (void *data)
{
  Writer *writer = data;

  for (uint32_t i = 0; i < writer->n; i++)
    {
      write_task (writer->lane, i, 10 * (uint64_t) i + 10);
      if (i % 500 == 0)
        {
          g_autofree char *text = g_strdup_printf ("%u-%u", writer->lane->id, i);
          uint32_t id = weft_recorder_string (writer->recorder, text);

          weft_record_set (weft_lane_next (writer->lane), WEFT_RECORD_ANNOTATION, 0, 0, i, 0, 1, 0,
                           id);
          weft_lane_publish (writer->lane);
        }
    }
  return NULL;
}

typedef struct
{
  uint32_t n_strings;
  uint32_t n_lanes;
  uint32_t next[1 + N_LANES];
} Tail;

static void
check_tail_frame (Tail *tail, const WeftRunFrame *frame)
{
  g_autoptr (GArray) texts = g_array_new (FALSE, FALSE, sizeof (WeftRunText));
  const WeftRecord *records;
  uint32_t n, first_id;

  if (frame->head.kind == WEFT_FRAME_LANE)
    g_assert_cmpuint (frame->head.lane, ==, tail->n_lanes++);
  if (weft_run_frame_strings (frame, &first_id, texts))
    {
      g_assert_cmpuint (first_id, ==, tail->n_strings);
      tail->n_strings += texts->len;
    }
  if (!weft_run_frame_records (frame, NULL, &records, &n))
    return;
  g_assert_cmpuint (frame->head.lane, <, tail->n_lanes);
  for (uint32_t i = 0; i < n; i++)
    if (records[i].kind == WEFT_RECORD_TASK)
      g_assert_cmpuint (records[i].task, ==, tail->next[frame->head.lane]++);
    else if (records[i].kind == WEFT_RECORD_ANNOTATION)
      g_assert_cmpuint (weft_record_amount (&records[i]), <, tail->n_strings);
}

static void
tail_while_written (void)
{
  g_autoptr (TestDir) dir = test_dir_new ();
  g_autofree char *path = g_build_filename (dir, "a.weft", NULL);
  WeftRecorder *recorder = open_recorder (&(WeftRecorderOptions){ .path = path });
  WeftRunReader *reader = open_reader (path, 0);
  uint32_t n = 200000 / test_slowdown ();
  pthread_t threads[N_LANES];
  Writer writers[N_LANES];
  g_autoptr (GError) error = NULL;
  WeftRunReadStatus status;
  Tail tail = { 0 };
  WeftRunFrame frame;
  bool closed = false;

  for (uint32_t i = 0; i < N_LANES; i++)
    {
      writers[i] = (Writer){ recorder, add_worker (recorder, i), n };
      g_assert_cmpint (pthread_create (&threads[i], NULL, writer_main, &writers[i]), ==, 0);
    }
  while ((status = weft_run_reader_next (reader, &frame, &error)) != WEFT_RUN_READ_END)
    {
      g_assert_no_error (error);
      if (status == WEFT_RUN_READ_FRAME)
        check_tail_frame (&tail, &frame);
      else if (!closed && tail.next[1] > n / 2)
        {
          for (uint32_t i = 0; i < N_LANES; i++)
            pthread_join (threads[i], NULL);
          close_recorder (recorder);
          closed = true;
        }
    }
  for (uint32_t i = 1; i <= N_LANES; i++)
    g_assert_cmpuint (tail.next[i], ==, n);
  weft_run_reader_free (reader);
}

/* ---- the independent reader ------------------------------------------------------------------ */

static char *
dump (const char *path)
{
  WeftRunReader *reader = open_reader (path, 0);
  GString *text = g_string_new (NULL);
  WeftRunFrame frame;

  while (weft_run_reader_next (reader, &frame, NULL) == WEFT_RUN_READ_FRAME)
    weft_run_frame_dump (&frame, text);
  weft_run_reader_free (reader);
  return g_string_free (text, FALSE);
}

/* The Python reader, written from the document, reads the same from every file. */
static void
assert_python_agrees (const char *path, const char *dumped)
{
  g_autofree char *script = test_source_path ("support/run_file.py");
  g_autofree char *ours = g_strconcat (path, ".jsonl", NULL);
  const char *argv[] = { "/usr/bin/python3", script, "--compare", ours, path, NULL };
  g_autofree char *output = NULL, *errors = NULL;
  g_autoptr (GError) error = NULL;
  int status;

  g_file_set_contents (ours, dumped, -1, &error);
  g_assert_no_error (error);
  g_spawn_sync (NULL, (char **) argv, NULL, 0, NULL, NULL, &output, &errors, &status, &error);
  g_assert_no_error (error);
  if (!g_spawn_check_wait_status (status, &error))
    g_error ("%s\n%s%s", error->message, output, errors);
}

static void
python_agrees (void)
{
  g_autofree char *text = NULL, *big = NULL, *big_path = NULL;
  WeftRecorder *recorder;
  Small small;

  small_init (&small);
  text = dump (small.path);
  assert_python_agrees (small.path, text);

  big_path = g_build_filename (small.dir, "big.weft", NULL);
  recorder = open_recorder (&(WeftRecorderOptions){ .path = big_path, .sample_process = true });
  for (uint32_t i = 0; i < 3; i++)
    write_tasks (add_worker (recorder, i), 0, 3000);
  close_recorder (recorder);
  big = dump (big_path);
  assert_python_agrees (big_path, big);
  small_clear (&small);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  test_add ("trace", "run-reader", "cut-anywhere", cut_anywhere);
  test_add ("trace", "run-reader", "grows-byte-by-byte", grows_byte_by_byte);
  test_add ("trace", "run-reader", "damaged-anywhere", damaged_anywhere);
  test_add ("trace", "run-reader", "wrong-heads", wrong_heads);
  test_add ("trace", "run-reader", "longer-head", longer_head);
  test_add ("trace", "run-reader", "unknown-kinds", unknown_kinds);
  test_add ("trace", "run-reader", "index-and-seek", index_and_seek);
  test_add ("trace", "run-reader", "tail-while-written", tail_while_written);
  test_add ("trace", "run-reader", "python-agrees", python_agrees);
  return g_test_run ();
}
