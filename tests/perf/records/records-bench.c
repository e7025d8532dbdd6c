/* records-bench.c: a long run file: how quickly it opens, how much memory its reader takes
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Usage: records-bench [RECORDS [FOLDER]]
 *
 * Two lanes are written by two threads as workers do it, in a child process, so that the one which
 * then reads the index and all records has nothing else in its memory.
 */
#include "config.h"

#include "trace/weft-recorder.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define N_LANES 2

typedef struct
{
  WeftLane *lane;
  uint32_t n;
} Writer;

static void *
writer_main (void *data)
{
  const Writer *writer = data;

  for (uint32_t i = 0; i < writer->n; i++)
    {
      weft_record_set (weft_lane_next (writer->lane), WEFT_RECORD_TASK, 0, 0, i, 0, 100 * i, 90, i);
      weft_lane_publish (writer->lane);
    }
  return NULL;
}

static bool
write_file (const char *path, uint64_t n_records)
{
  WeftRecorder *recorder = weft_recorder_new (&(WeftRecorderOptions){ .path = path }, NULL);
  pthread_t threads[N_LANES];
  Writer writers[N_LANES];
  bool ok;

  if (recorder == NULL)
    return false;
  for (uint32_t i = 0; i < N_LANES; i++)
    {
      WeftLaneInfo info = { .kind = WEFT_LANE_THREAD, .parent_lane = WEFT_NONE, .worker = i };

      writers[i] =
          (Writer){ weft_recorder_add_lane (recorder, &info), (uint32_t) (n_records / N_LANES) };
      pthread_create (&threads[i], NULL, writer_main, &writers[i]);
    }
  for (uint32_t i = 0; i < N_LANES; i++)
    pthread_join (threads[i], NULL);
  ok = weft_recorder_close (recorder, NULL, NULL);
  weft_recorder_free (recorder);
  return ok;
}

static double
ms_since (int64_t start_ns)
{
  return 1e-6 * (double) (weft_clock_mono_ns () - start_ns);
}

/* Of this program alone: getrusage() also tells of what the process was before. */
static long
peak_kib (void)
{
  g_autofree char *status = NULL;
  const char *peak = NULL;

  if (g_file_get_contents ("/proc/self/status", &status, NULL, NULL))
    peak = strstr (status, "VmHWM:");
  return peak != NULL ? strtol (peak + strlen ("VmHWM:"), NULL, 10) : 0;
}

static uint64_t
read_all (WeftRunReader *reader)
{
  const WeftRecord *records;
  WeftRunFrame frame;
  uint64_t n_records = 0;
  uint32_t n;

  while (weft_run_reader_next (reader, &frame, NULL) == WEFT_RUN_READ_FRAME)
    if (weft_run_frame_records (&frame, NULL, &records, &n))
      n_records += n;
  return n_records;
}

static int
read_file (const char *path)
{
  long before_kib = peak_kib ();
  int64_t start_ns = weft_clock_mono_ns ();
  WeftRunReader *reader = weft_run_reader_open (path, 0, NULL);
  GArray *index = reader != NULL ? weft_run_reader_index (reader) : NULL;
  double index_ms = ms_since (start_ns);
  WeftRunReaderInfo info;
  uint64_t n_records;

  if (index == NULL)
    return EXIT_FAILURE;
  start_ns = weft_clock_mono_ns ();
  n_records = read_all (reader);
  printf ("%" PRIu64 " records read in %.0f ms\n", n_records, ms_since (start_ns));
  weft_run_reader_info (reader, &info);
  printf ("file of %.0f MiB opens in %.2f ms: %u frames in its index\n",
          (double) info.n_file_bytes / (1 << 20), index_ms, index->len);
  printf ("reader took %.1f MiB\n", (double) (peak_kib () - before_kib) / 1024);
  g_array_unref (index);
  weft_run_reader_free (reader);
  return info.ended ? EXIT_SUCCESS : EXIT_FAILURE;
}

int
main (int argc, char **argv)
{
  uint64_t n_records = argc > 1 ? strtoull (argv[1], NULL, 10) : 10000000;
  const char *folder = argc > 2 ? argv[2] : g_get_tmp_dir ();
  g_autofree char *path = g_strdup_printf ("%s/records-bench-%d.weft", folder, (int) getpid ());
  bool written = true;
  int status = EXIT_FAILURE;
  pid_t child = fork ();

  /* The child writes, so that the parent's own memory has never been large. */
  if (child == 0)
    _exit (write_file (path, n_records) ? EXIT_SUCCESS : EXIT_FAILURE);
  written = child > 0 && waitpid (child, &status, 0) == child && WIFEXITED (status)
            && WEXITSTATUS (status) == EXIT_SUCCESS;
  status = written ? read_file (path) : EXIT_FAILURE;
  unlink (path);
  return status;
}
