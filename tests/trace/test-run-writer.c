/* test-run-writer.c: what is held back between ticks, and files that must not grow further
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "trace-support.h"
#include "trace/weft-run-writer-private.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#define MOST_BYTES 50000

static uint64_t
file_bytes (const char *path)
{
  struct stat info;

  g_assert_cmpint (stat (path, &info), ==, 0);
  return (uint64_t) info.st_size;
}

/* A frame of random length whose bytes are all its number, overwritten once it was committed. */
static void
append_frame (WeftRunWriter *writer, uint8_t *bytes, size_t n_bytes, uint8_t number)
{
  memset (bytes, number, n_bytes);
  _weft_run_writer_frame (writer, WEFT_FRAME_META, 0, number, 0, &(struct iovec){ bytes, n_bytes },
                          1);
}

/* Returns: how many frames of append_frame() stand at the file's beginning, all right */
static uint32_t
count_frames (const char *path, WeftRunReadStatus *status)
{
  WeftRunReader *reader = open_reader (path, 0);
  g_autoptr (GError) error = NULL;
  WeftRunFrame frame;
  uint32_t n = 0;

  while ((*status = weft_run_reader_next (reader, &frame, &error)) == WEFT_RUN_READ_FRAME)
    {
      if (frame.head.kind != WEFT_FRAME_META)
        continue;
      g_assert_cmpuint (frame.head.lane, ==, (uint8_t) n);
      for (uint32_t i = 0; i < frame.head.n_bytes; i++)
        g_assert_cmpuint (frame.payload[i], ==, (uint8_t) n);
      n++;
    }
  g_assert_no_error (error);
  weft_run_reader_free (reader);
  return n;
}

static void
test_commits_at_random (void)
{
  g_autoptr (TestDir) dir = test_dir_new ();
  g_autofree char *path = g_build_filename (dir, "a.weft", NULL);
  g_autofree WeftRunWriter *writer = g_new (WeftRunWriter, 1);
  g_autofree uint8_t *bytes = g_malloc (MOST_BYTES);
  g_autoptr (GError) error = NULL;
  WeftEndHead end = { 0 };
  WeftRunReadStatus status;
  uint32_t n_whole = 0;

  g_assert_true (_weft_run_writer_open (writer, path, 0, &error));
  for (uint32_t n = 0; n < 400; n++)
    {
      uint64_t before = file_bytes (path);

      append_frame (writer, bytes, (size_t) g_test_rand_int_range (0, MOST_BYTES), (uint8_t) n);
      if (g_test_rand_int_range (0, 10) > 0)
        {
          _weft_run_writer_commit_most (writer);
          if (file_bytes (path) != before)
            g_assert_cmpuint (file_bytes (path) % WEFT_WRITER_UNIT, ==, 0);
          g_assert_cmpuint (writer->offset - file_bytes (path), <, WEFT_WRITER_UNIT);
        }
      else
        {
          _weft_run_writer_commit (writer);
          g_assert_cmpuint (file_bytes (path), ==, writer->offset);
          n_whole = n + 1;
        }
      memset (bytes, 0xff, MOST_BYTES);
      if (n % 20 == 0)
        g_assert_cmpuint (count_frames (path, &status), >=, n_whole);
    }
  _weft_run_writer_finish (writer, 0, &end, NULL);
  _weft_run_writer_close (writer);
  g_assert_no_error (writer->error);
  g_assert_cmpuint (count_frames (path, &status), ==, 400);
  g_assert_cmpint (status, ==, WEFT_RUN_READ_END);
  _weft_run_writer_clear (writer);
}

/* What got in whole stays, also of what was held back; the file ends behind it. */
static void
test_full_at_random (void)
{
  g_autofree uint8_t *bytes = g_malloc (MOST_BYTES);
  struct rlimit before, small;

  getrlimit (RLIMIT_FSIZE, &before);
  for (int round = 0; round < 40; round++)
    {
      g_autoptr (TestDir) dir = test_dir_new ();
      g_autofree char *path = g_build_filename (dir, "a.weft", NULL);
      g_autofree WeftRunWriter *writer = g_new (WeftRunWriter, 1);
      uint64_t limit = (uint64_t) g_test_rand_int_range (1000, 1000000), whole = 0;
      g_autoptr (GError) error = NULL;
      WeftRunReadStatus status;
      uint32_t n_whole = 0, n;

      g_assert_true (_weft_run_writer_open (writer, path, 0, &error));
      small = before;
      small.rlim_cur = limit;
      g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &small), ==, 0);
      for (n = 0; writer->error == NULL; n++)
        {
          append_frame (writer, bytes, (size_t) g_test_rand_int_range (0, MOST_BYTES), (uint8_t) n);
          if (writer->offset <= limit)
            {
              n_whole = n + 1;
              whole = writer->offset;
            }
          if (g_test_rand_int_range (0, 5) > 0)
            _weft_run_writer_commit_most (writer);
          else
            _weft_run_writer_commit (writer);
        }
      g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &before), ==, 0);
      g_assert_error (writer->error, WEFT_RECORDER_ERROR, WEFT_RECORDER_ERROR_IO);
      _weft_run_writer_close (writer);
      g_assert_cmpuint (count_frames (path, &status), ==, n_whole);
      g_assert_cmpint (status, ==, WEFT_RUN_READ_AGAIN);
      if (n_whole > 0)
        g_assert_cmpuint (file_bytes (path), ==, whole);
      _weft_run_writer_clear (writer);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("trace", "run-writer", "commits-at-random", test_commits_at_random);
  test_add ("trace", "run-writer", "full-at-random", test_full_at_random);
  return g_test_run ();
}
