/* test-killed.c: what is left of a run whose process was killed
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A child process records and keeps, in memory it shares with the test, the end of every record
 * before it publishes it. The test kills it, and compares the file with what really happened.
 */
#include "config.h"

#include "trace-support.h"

#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define RING (1u << 20)

/* Ends of the last records, by number. */
typedef struct
{
  _Atomic uint32_t n_published;
  _Atomic uint64_t quiet_since;
  _Atomic uint64_t ends[RING];
} Truth;

typedef struct
{
  uint32_t n_records;
  uint32_t n_now;     /* frames */
  uint64_t written;   /* stamp of the last frame */
  uint64_t watermark; /* lane 1 */
  uint64_t last_end;
} Found;

static void
record_one (WeftLane *lane, Truth *truth, WeftClockSource source, uint32_t task, uint64_t *start)
{
  uint64_t end;

  weft_lane_set_now (lane, task, 0, 1, *start);
  for (volatile int i = 0; i < 300; i++)
    ;
  end = weft_clock_ticks (source);
  atomic_store (&truth->ends[task % RING], end);
  weft_record_set (weft_lane_next (lane), WEFT_RECORD_TASK, 0, 0, task, 0, *start, end - *start,
                   task);
  weft_lane_publish (lane);
  atomic_store (&truth->n_published, task + 1);
  *start = end;
}

/* Under load for ever, or 1,000 records and then asleep. */
static void
child_main (const char *path, Truth *truth, bool load)
{
  WeftRecorder *recorder = weft_recorder_new (&(WeftRecorderOptions){ .path = path }, NULL);
  WeftClockSource source = weft_clock_source ();
  WeftLane *lane = add_worker (recorder, 0);
  uint64_t start = weft_clock_ticks (source);

  for (uint32_t task = 0; load || task < 1000; task++)
    record_one (lane, truth, source, task, &start);
  weft_lane_set_quiet (lane, start);
  atomic_store (&truth->quiet_since, start);
  for (;;)
    pause ();
}

static void
take_frame (const WeftRunFrame *frame, Found *found)
{
  const WeftRecord *records;
  const WeftNowEntry *entries;
  uint32_t n;

  if (frame->head.kind != WEFT_FRAME_RECORDS)
    found->written = frame->head.watermark;
  if (weft_run_frame_now (frame, &entries, &n))
    {
      found->n_now++;
      for (uint32_t i = 0; i < n; i++)
        if (entries[i].lane == 1)
          found->watermark = entries[i].watermark;
    }
  if (frame->head.lane != 1 || !weft_run_frame_records (frame, NULL, &records, &n))
    return;
  g_assert_cmpuint (frame->head.watermark, >=, found->watermark);
  found->watermark = frame->head.watermark;
  for (uint32_t i = 0; i < n; i++)
    {
      g_assert_cmpuint (records[i].task, ==, found->n_records);
      found->n_records++;
      found->last_end = weft_record_end (&records[i]);
    }
}

/* Follows the file until it has seen as many NOW frames as asked for. */
static void
follow (WeftRunReader *reader, Found *found, uint32_t n_now)
{
  g_autoptr (GError) error = NULL;
  WeftRunReadStatus status;
  WeftRunFrame frame;

  while (found->n_now < n_now)
    {
      status = weft_run_reader_next (reader, &frame, &error);
      g_assert_no_error (error);
      if (status == WEFT_RUN_READ_FRAME)
        take_frame (&frame, found);
      else
        g_usleep (1000); /* a poll */
    }
}

static WeftRunReader *
open_when_there (const char *path)
{
  while (access (path, R_OK) != 0)
    g_usleep (1000); /* a poll */
  return open_reader (path, 0);
}

static void
kill_child (bool load)
{
  g_autoptr (TestDir) dir = test_dir_new ();
  g_autofree char *path = g_build_filename (dir, "a.weft", NULL);
  Truth *truth =
      mmap (NULL, sizeof *truth, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  WeftClockMap map;
  WeftRunReader *reader;
  Found found = { 0 };
  WeftRunFrame frame;
  uint64_t killed;
  uint32_t n_published;
  pid_t child;

  weft_clock_calibrate (&map);
  child = fork ();
  if (child == 0)
    child_main (path, truth, load);
  reader = open_when_there (path);
  follow (reader, &found, load ? 4 : 15);
  g_usleep ((gulong) g_test_rand_int_range (0, 100000)); /* anywhere between two ticks */
  killed = weft_clock_ticks (map.source);
  kill (child, SIGKILL);
  waitpid (child, NULL, 0);
  while (weft_run_reader_next (reader, &frame, NULL) == WEFT_RUN_READ_FRAME)
    take_frame (&frame, &found);
  weft_run_reader_free (reader);

  n_published = atomic_load (&truth->n_published);
  int64_t back_ns =
      weft_clock_ticks_to_ns (&map, killed) - weft_clock_ticks_to_ns (&map, found.written);
  g_test_message ("%u of %u records in the file, last frame %.1f ms before the kill",
                  found.n_records, n_published, 1e-6 * (double) back_ns);
  g_assert_cmpint (back_ns, <, INT64_C (500000000) * test_slowdown ());
  g_assert_cmpuint (found.n_records, <=, n_published + 1);
  /* Everything that ended before the watermark is in the file: what is missing ended later. */
  if (found.n_records < n_published && n_published - found.n_records < RING)
    g_assert_cmpuint (found.watermark, <=, atomic_load (&truth->ends[found.n_records % RING]));
  if (!load)
    {
      g_assert_cmpuint (found.n_records, ==, 1000);
      g_assert_cmpuint (found.watermark, ==, atomic_load (&truth->quiet_since));
    }
  else
    g_assert_cmpuint (found.n_records, >, 1000);
  munmap (truth, sizeof *truth);
}

static void
under_load (void)
{
  for (unsigned i = 0; i < (test_slowdown () > 1 ? 1 : 3); i++)
    kill_child (true);
}

static void
idle (void)
{
  kill_child (false);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  test_add ("trace", "killed", "under-load", under_load);
  test_add ("trace", "killed", "idle", idle);
  return g_test_run ();
}
