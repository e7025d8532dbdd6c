/* test-recorder-limits.c: full buffers and full disks
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * The recorder is held up by an observer that waits on a gate, so that "the disk is slow" is a
 * state the test controls and not a matter of time.
 */
#include "config.h"

#include "trace-support.h"
#include "trace/weft-recorder-private.h"

#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>

typedef struct
{
  pthread_mutex_t lock;
  pthread_cond_t changed;
  bool open;
  uint32_t n_held; /* how often the observer was held up */
  uint64_t n_tasks, n_notes;
} Gate;

static Gate gate = { .lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER };

static void
reset_gate (bool open)
{
  gate.open = open;
  gate.n_held = 0;
  gate.n_tasks = gate.n_notes = 0;
}

static void
open_gate (void)
{
  pthread_mutex_lock (&gate.lock);
  gate.open = true;
  pthread_cond_broadcast (&gate.changed);
  pthread_mutex_unlock (&gate.lock);
}

static void
wait_until_held (void)
{
  pthread_mutex_lock (&gate.lock);
  while (gate.n_held == 0)
    pthread_cond_wait (&gate.changed, &gate.lock);
  pthread_mutex_unlock (&gate.lock);
}

static void
gate_observer (uint32_t lane, const WeftRecord *records, uint32_t n, void *data)
{
  pthread_mutex_lock (&gate.lock);
  gate.n_held++;
  pthread_cond_broadcast (&gate.changed);
  while (!gate.open)
    pthread_cond_wait (&gate.changed, &gate.lock);
  for (uint32_t i = 0; i < n; i++)
    {
      gate.n_tasks += records[i].kind == WEFT_RECORD_TASK;
      gate.n_notes += records[i].kind == WEFT_RECORD_READY;
    }
  pthread_mutex_unlock (&gate.lock);
}

/* ---- waiting --------------------------------------------------------------------------------- */

#define N_WAIT_TASKS 20000

static void *
write_main (void *data)
{
  write_tasks (data, 0, N_WAIT_TASKS);
  return NULL;
}

/* Nothing is lost; the wait is a record. */
static void
waits_at_the_limit (void)
{
  g_autoptr (TestDir) dir = test_dir_new ();
  g_autofree char *path = g_build_filename (dir, "a.weft", NULL);
  WeftRecorder *recorder =
      open_recorder (&(WeftRecorderOptions){ .path = path, .buffer_bytes = 200000 });
  WeftLane *lane = add_worker (recorder, 0);
  g_autoptr (GPtrArray) lanes = NULL;
  WeftRecorderStats stats;
  pthread_t thread;

  reset_gate (false);
  weft_recorder_add_observer (recorder, gate_observer, NULL);
  g_assert_cmpint (pthread_create (&thread, NULL, write_main, lane), ==, 0);
  wait_until_held ();
  while (atomic_load (&recorder->n_waiting) == 0)
    g_thread_yield ();
  open_gate ();
  pthread_join (thread, NULL);
  weft_recorder_stats (recorder, &stats);
  close_recorder (recorder);
  lanes = read_records (path);
  assert_tasks (lanes->pdata[1], 0, N_WAIT_TASKS);
  g_assert_cmpuint (stats.n_waits, >, 0);
  g_assert_cmpuint (count_kind (lanes->pdata[1], WEFT_RECORD_RECORDER_WAIT), ==, stats.n_waits);
}

static void
count_observer (uint32_t lane G_GNUC_UNUSED, const WeftRecord *records, uint32_t n, void *data)
{
  for (uint32_t i = 0; i < n; i++)
    *(uint64_t *) data += records[i].kind == WEFT_RECORD_TASK;
}

static void
sample_cb (void *data)
{
  (*(uint32_t *) data)++;
}

/* Who comes while the recorder is held up need not wait for it, and sees what comes later. */
static void
observers_are_added_meanwhile (void)
{
  WeftRecorder *recorder = open_recorder (&(WeftRecorderOptions){ .path = NULL });
  WeftLane *lane = add_worker (recorder, 0);
  uint64_t n_tasks = 0;
  uint32_t n_samples = 0;

  reset_gate (false);
  weft_recorder_add_observer (recorder, gate_observer, NULL);
  write_tasks (lane, 0, 100);
  wait_until_held ();
  weft_recorder_add_observer (recorder, count_observer, &n_tasks);
  weft_recorder_set_sampler (recorder, sample_cb, &n_samples);
  open_gate ();
  g_assert_true (weft_recorder_flush (recorder, NULL));
  n_tasks = 0;
  write_tasks (lane, 100, 50);
  close_recorder (recorder);
  g_assert_cmpuint (n_tasks, ==, 50);
  g_assert_cmpuint (n_samples, >, 0);
}

/* ---- dropping -------------------------------------------------------------------------------- */

static uint64_t
sum_dropped (GArray *records)
{
  uint64_t sum = 0;

  for (guint i = 0; i < records->len; i++)
    {
      const WeftRecord *record = &g_array_index (records, WeftRecord, i);

      if (record->kind == WEFT_RECORD_DROPPED)
        sum += weft_record_amount (record);
    }
  return sum;
}

/* A task with two details, as one group or one by one; now and then a point. */
static void
write_mixture (WeftLane *lane, uint32_t task)
{
  WeftRecord *group;

  if (task % 2 == 0)
    {
      group = weft_lane_next_n (lane, 3);
      weft_record_set (&group[0], WEFT_RECORD_TASK, 0, 0, task, 0, 1, 1, 0);
      weft_record_set (&group[1], WEFT_RECORD_ATTEMPT, WEFT_RECORD_DETAIL, 0, task, 0, 1, 0, 2);
      weft_record_set (&group[2], WEFT_RECORD_PEER, WEFT_RECORD_DETAIL, 0, task, 0, 1, 0, 3);
      weft_lane_publish_n (lane, 3);
    }
  else
    {
      write_task (lane, task, 1);
      weft_record_set (weft_lane_next (lane), WEFT_RECORD_ATTEMPT, WEFT_RECORD_DETAIL, 0, task, 0,
                       1, 0, 2);
      weft_lane_publish (lane);
    }
  if (task % 100 == 0)
    {
      weft_record_set (weft_lane_next (lane), WEFT_RECORD_READY, 0, 0, task, 0, 1, 0, 0);
      weft_lane_publish (lane);
    }
}

static uint32_t
n_details_of (uint32_t task)
{
  return task % 2 == 0 ? 2 : 1;
}

/* Spans are kept or dropped whole: behind each kept task stand all its details, and details without
 * their task only behind the record that says it was dropped. Returns how many tasks were kept. */
static uint32_t
check_mixture (GArray *records)
{
  uint32_t n_kept = 0, n_due = 0, task = WEFT_NONE;
  bool dropped = false;

  for (guint i = 0; i < records->len; i++)
    {
      const WeftRecord *record = &g_array_index (records, WeftRecord, i);

      if (record->flags & WEFT_RECORD_DETAIL)
        {
          if (dropped)
            continue;
          g_assert_cmpuint (record->task, ==, task);
          g_assert_cmpuint (n_due, >, 0);
          n_due--;
          continue;
        }
      g_assert_cmpuint (n_due, ==, 0);
      dropped = record->kind == WEFT_RECORD_DROPPED;
      if (record->kind != WEFT_RECORD_TASK)
        continue;
      g_assert_true (task == WEFT_NONE || record->task > task);
      task = record->task;
      n_due = n_details_of (task);
      n_kept++;
    }
  g_assert_cmpuint (n_due, ==, 0);
  return n_kept;
}

/* How many tasks from @first on are there. */
static uint32_t
count_from (GArray *records, uint32_t first)
{
  uint32_t n = 0;

  for (guint i = 0; i < records->len; i++)
    {
      const WeftRecord *record = &g_array_index (records, WeftRecord, i);

      n += record->kind == WEFT_RECORD_TASK && record->task >= first;
    }
  return n;
}

#define N_DROP_TASKS 60000
/* So many fit below the limit: 2.51 records each. */
#define N_FITTING_TASKS 2000

/* What is kept and what is said to be dropped is all there was; points are never dropped; nothing
 * is dropped while there is room. The observer is held for the first third, so drops are sure; in
 * the second the recorder drains as quickly as it can, and what is dropped is a matter of time; in
 * the last what is written is taken away before it reaches the limit. */
static void
drops_are_counted (void)
{
  g_autoptr (TestDir) dir = test_dir_new ();
  g_autofree char *path = g_build_filename (dir, "a.weft", NULL);
  WeftRecorder *recorder =
      open_recorder (&(WeftRecorderOptions){ .path = path, .buffer_bytes = 200000, .drop = true });
  WeftLane *lane = add_worker (recorder, 0);
  g_autoptr (GPtrArray) lanes = NULL;
  uint32_t n = N_DROP_TASKS, task = 0, n_kept;
  WeftRecorderStats stats;

  reset_gate (false);
  weft_recorder_add_observer (recorder, gate_observer, NULL);
  for (; task < n / 3; task++)
    {
      write_mixture (lane, task);
      if (task == n / 6)
        wait_until_held ();
    }
  weft_recorder_stats (recorder, &stats);
  g_assert_cmpuint (stats.n_dropped, >, 0);
  open_gate ();
  for (; task < 2 * n / 3; task++)
    write_mixture (lane, task);
  for (; task < n; task++)
    {
      if (task % N_FITTING_TASKS == 0)
        g_assert_true (weft_recorder_flush (recorder, NULL));
      write_mixture (lane, task);
    }
  g_assert_true (weft_recorder_close (recorder, NULL, NULL));
  weft_recorder_stats (recorder, &stats);
  weft_recorder_free (recorder);
  lanes = read_records (path);
  n_kept = check_mixture (lanes->pdata[1]);
  g_test_message ("%u of %u kept", n_kept, n);
  g_assert_cmpuint (sum_dropped (lanes->pdata[1]), ==, stats.n_dropped);
  g_assert_cmpuint (n_kept + stats.n_dropped, ==, n);
  g_assert_cmpuint (count_from (lanes->pdata[1], 2 * n / 3), ==, n / 3);
  g_assert_cmpuint (count_kind (lanes->pdata[1], WEFT_RECORD_READY), ==, n / 100);
  g_assert_cmpuint (stats.n_waits, ==, 0);
}

/* ---- disks ----------------------------------------------------------------------------------- */

/* Beyond RLIMIT_FSIZE the run goes on, the file opens, the error is told, and nobody is killed. */
static void
file_too_large (void)
{
  g_autoptr (TestDir) dir = test_dir_new ();
  g_autofree char *path = g_build_filename (dir, "a.weft", NULL);
  WeftRecorder *recorder =
      open_recorder (&(WeftRecorderOptions){ .path = path, .buffer_bytes = 200000 });
  WeftLane *lane = add_worker (recorder, 0);
  struct rlimit before, small;
  g_autoptr (GError) error = NULL;
  WeftRunReader *reader;
  const WeftRecord *records;
  WeftRunFrame frame;
  uint32_t n, n_seen = 0;
  WeftRunReaderInfo info;
  sigset_t pending;

  reset_gate (true);
  weft_recorder_add_observer (recorder, gate_observer, NULL);
  getrlimit (RLIMIT_FSIZE, &before);
  small = before;
  small.rlim_cur = 300000;
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &small), ==, 0);
  write_tasks (lane, 0, 50000);
  g_assert_false (weft_recorder_flush (recorder, &error));
  test_assert_error (&error, WEFT_RECORDER_ERROR, WEFT_RECORDER_ERROR_IO, path, "File too large",
                     NULL);
  g_assert_true (weft_recorder_failed (recorder));
  write_tasks (lane, 50000, 50000);
  g_assert_false (weft_recorder_close (recorder, NULL, &error));
  test_assert_error (&error, WEFT_RECORDER_ERROR, WEFT_RECORDER_ERROR_IO, path, NULL);
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &before), ==, 0);
  weft_recorder_free (recorder);
  g_assert_cmpuint (gate.n_tasks, ==, 100000);
  sigpending (&pending);
  g_assert_false (sigismember (&pending, SIGXFSZ));

  reader = open_reader (path, 0);
  while (weft_run_reader_next (reader, &frame, NULL) == WEFT_RUN_READ_FRAME)
    if (weft_run_frame_records (&frame, NULL, &records, &n))
      n_seen += n;
  weft_run_reader_info (reader, &info);
  g_assert_false (info.ended);
  g_assert_cmpuint (info.n_whole_bytes, ==, info.n_file_bytes);
  g_assert_cmpuint (n_seen, >, 0);
  weft_run_reader_free (reader);
}

static void
full_device (void)
{
  g_autoptr (GError) error = NULL;
  WeftRecorder *recorder =
      weft_recorder_new (&(WeftRecorderOptions){ .path = "/dev/full" }, &error);

  g_assert_null (recorder);
  test_assert_error (&error, WEFT_RECORDER_ERROR, WEFT_RECORDER_ERROR_IO, "/dev/full",
                     "No space left", NULL);
}

static void
no_such_folder (void)
{
  g_autoptr (TestDir) dir = test_dir_new ();
  g_autofree char *path = g_build_filename (dir, "no", "a.weft", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_null (weft_recorder_new (&(WeftRecorderOptions){ .path = path }, &error));
  test_assert_error (&error, WEFT_RECORDER_ERROR, WEFT_RECORDER_ERROR_IO, path, "No such file",
                     NULL);
}

/* ---- chunks ---------------------------------------------------------------------------------- */

/* With a few in use at once, at random: a chunk is taken again only after a slab's worth of others
 * was, and no more than one slab and what is in use is ever made. */
static void
chunks_rest (void)
{
  enum
  {
    MOST_IN_USE = 4,
    N_TAKEN = 2000
  };
  g_autoptr (GHashTable) taken_at = g_hash_table_new (NULL, NULL);
  WeftChunk *in_use[MOST_IN_USE];
  uint32_t n_in_use = 0;
  WeftChunkPool pool;

  _weft_pool_init (&pool);
  for (uint32_t i = 1; i <= N_TAKEN;)
    if (n_in_use < MOST_IN_USE && (n_in_use == 0 || g_test_rand_bit ()))
      {
        WeftChunk *chunk = _weft_pool_take (&pool, false);
        uint32_t before = GPOINTER_TO_UINT (g_hash_table_lookup (taken_at, chunk));

        g_assert_nonnull (chunk);
        if (before > 0)
          g_assert_cmpuint (i - before, >=, WEFT_RESTING_CHUNKS - MOST_IN_USE);
        g_hash_table_insert (taken_at, chunk, GUINT_TO_POINTER (i++));
        in_use[n_in_use++] = chunk;
      }
    else
      {
        uint32_t k = (uint32_t) g_test_rand_int_range (0, (gint32) n_in_use);

        _weft_pool_give (&pool, in_use[k]);
        in_use[k] = in_use[--n_in_use];
      }
  g_assert_cmpuint (g_hash_table_size (taken_at), <=, WEFT_RESTING_CHUNKS + MOST_IN_USE);
  _weft_pool_clear (&pool);
}

/* After many were in use at once all are used again before another slab is mapped. */
static void
spare_chunks_are_used (void)
{
  enum
  {
    N_CHUNKS = 200,
    IN_A_SLAB = WEFT_SLAB_BYTES / WEFT_CHUNK_BYTES
  };
  g_autoptr (GHashTable) made = g_hash_table_new (NULL, NULL);
  WeftChunk *chunks[N_CHUNKS];
  WeftChunkPool pool;

  _weft_pool_init (&pool);
  for (uint32_t round = 0; round < 3; round++)
    {
      for (uint32_t i = 0; i < N_CHUNKS; i++)
        {
          chunks[i] = _weft_pool_take (&pool, false);
          g_hash_table_add (made, chunks[i]);
        }
      for (uint32_t i = 0; i < N_CHUNKS; i++)
        _weft_pool_give (&pool, chunks[i]);
    }
  g_assert_cmpuint (g_hash_table_size (made), <=,
                    (N_CHUNKS + IN_A_SLAB - 1) / IN_A_SLAB * IN_A_SLAB);
  _weft_pool_clear (&pool);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  test_add ("trace", "recorder-limits", "waits-at-the-limit", waits_at_the_limit);
  test_add ("trace", "recorder-limits", "observers-are-added-meanwhile",
            observers_are_added_meanwhile);
  test_add ("trace", "recorder-limits", "drops-are-counted", drops_are_counted);
  test_add ("trace", "recorder-limits", "file-too-large", file_too_large);
  test_add ("trace", "recorder-limits", "full-device", full_device);
  test_add ("trace", "recorder-limits", "no-such-folder", no_such_folder);
  test_add ("trace", "recorder-limits", "chunks-rest", chunks_rest);
  test_add ("trace", "recorder-limits", "spare-chunks-are-used", spare_chunks_are_used);
  return g_test_run ();
}
