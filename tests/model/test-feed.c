/* test-feed.c: run files read on a thread of their own
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * The test waits for the feed through its callback, never for time; a file that grows is written by
 * the test itself, or by a run.
 */
#include "config.h"

#include "model-fixture.h"
#include "sched-fixture.h"

#include <pthread.h>
#include <stdio.h>

/* ---- waiting --------------------------------------------------------------------------------- */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static unsigned n_changes;

static void
changed_cb (WeftModelFeed *feed G_GNUC_UNUSED, void *data G_GNUC_UNUSED)
{
  pthread_mutex_lock (&lock);
  n_changes++;
  pthread_cond_broadcast (&changed);
  pthread_mutex_unlock (&lock);
}

typedef struct
{
  TestDir *dir;
  char *path, *growing;
  char *bytes;
  gsize n_bytes;
  WeftModel *whole;
  WeftModel *model;
  WeftModelFeed *feed;
} Feed;

static uint64_t
n_read (Feed *f)
{
  uint64_t n, n_all;

  weft_model_feed_progress (f->feed, &n, &n_all);
  return n;
}

static void
wait_for_state (Feed *f, WeftModelFeedState state)
{
  pthread_mutex_lock (&lock);
  while (weft_model_feed_state (f->feed) != state)
    pthread_cond_wait (&changed, &lock);
  pthread_mutex_unlock (&lock);
}

static void
wait_for_bytes (Feed *f, uint64_t n)
{
  pthread_mutex_lock (&lock);
  while (n_read (f) < n)
    pthread_cond_wait (&changed, &lock);
  pthread_mutex_unlock (&lock);
}

/* ---- files ----------------------------------------------------------------------------------- */

static void
record (const char *path, const char *spec)
{
  WeftRunOptions options = { .records = true,
                             .recorder = { .path = path,
                                           .sample_process = true,
                                           .meta_json = "{\"name\": \"a run\", \"n\": [1]}" } };
  WeftShape *shape = weft_shape_new_from_spec (spec);
  WeftEngine *engine = fixture_engine (2);
  WeftGraph *graph = fixture_graph (shape, "t.box");
  WeftRun *run = fixture_run (engine, graph, &options);

  weft_shape_free (shape);
  weft_graph_unref (graph);
  weft_run_unref (run);
  weft_engine_free (engine);
}

static void
begin (Feed *f, const char *spec)
{
  *f = (Feed){ .dir = test_dir_new (), .model = weft_model_new () };
  f->path = g_build_filename (f->dir, "run.weft", NULL);
  f->growing = g_build_filename (f->dir, "growing.weft", NULL);
  record (f->path, spec);
  g_file_get_contents (f->path, &f->bytes, &f->n_bytes, NULL);
  f->whole = model_of_file (f->path);
}

static void
open_feed (Feed *f, const char *path, int64_t give_up_ns)
{
  g_autoptr (GError) error = NULL;

  f->feed = weft_model_feed_new (f->model, path, give_up_ns, changed_cb, NULL, &error);
  g_assert_no_error (error);
}

static void
clear (Feed *f)
{
  weft_model_feed_free (f->feed);
  weft_model_unref (f->model);
  weft_model_unref (f->whole);
  g_free (f->bytes);
  g_free (f->path);
  g_free (f->growing);
  test_dir_free (f->dir);
}

static void
grow (Feed *f, gsize from, gsize to)
{
  FILE *file = fopen (f->growing, from == 0 ? "wb" : "ab");

  g_assert_cmpuint (fwrite (f->bytes + from, 1, to - from, file), ==, to - from);
  g_assert_cmpint (fclose (file), ==, 0);
}

/* ---- tests ----------------------------------------------------------------------------------- */

static void
test_whole (void)
{
  g_autofree char *name = NULL;
  uint64_t n, n_all;
  Feed f;

  begin (&f, "tree:3000,2");
  open_feed (&f, f.path, -1);
  wait_for_state (&f, WEFT_FEED_ENDED);
  assert_same (f.model, f.whole);
  assert_counts (f.model);
  name = weft_model_dup_name (f.model);
  g_assert_cmpstr (name, ==, "a run");
  g_assert_cmpint (weft_model_wall_ns (f.model), >, INT64_C (1600000000) * 1000000000);
  weft_model_feed_progress (f.feed, &n, &n_all);
  g_assert_cmpuint (n_all, ==, f.n_bytes);
  g_assert_cmpuint (n, ==, f.n_bytes - sizeof (WeftRunTrailer));
  g_assert_null (weft_model_feed_dup_error (f.feed));
  clear (&f);
}

/* Whether a descriptor of this process is of the file. */
static bool
is_open (const char *path)
{
  g_autofree char *real = g_canonicalize_filename (path, NULL);
  g_autoptr (GDir) folder = g_dir_open ("/proc/self/fd", 0, NULL);
  bool found = false;

  g_assert_nonnull (folder);
  for (const char *name; !found && (name = g_dir_read_name (folder)) != NULL;)
    {
      g_autofree char *link = g_build_filename ("/proc/self/fd", name, NULL);
      g_autofree char *target = g_file_read_link (link, NULL);

      found = g_strcmp0 (target, real) == 0;
    }
  return found;
}

/* Once all was read, however long the model is there; while it is followed it is open. */
static void
test_closes_its_file (void)
{
  Feed f;

  begin (&f, "tree:300,2");
  grow (&f, 0, f.n_bytes / 2);
  open_feed (&f, f.growing, -1);
  wait_for_state (&f, WEFT_FEED_FOLLOWING);
  g_assert_true (is_open (f.growing));
  grow (&f, f.n_bytes / 2, f.n_bytes);
  weft_model_feed_poke (f.feed);
  wait_for_state (&f, WEFT_FEED_ENDED);
  while (is_open (f.growing))
    g_thread_yield ();
  assert_same (f.model, f.whole);
  clear (&f);
}

/* Byte ranges of any length: what was read is always the whole frames there are, in order. */
static void
test_growing (void)
{
  gsize at = 0;
  Feed f;

  begin (&f, "tree:3000,2");
  grow (&f, 0, 10);
  open_feed (&f, f.growing, -1);
  for (at = 10; at < f.n_bytes;)
    {
      gsize n = (gsize) g_test_rand_int_range (1, (gint32) f.n_bytes / 20);
      gsize to = MIN (f.n_bytes, at + n);

      grow (&f, at, to);
      weft_model_feed_poke (f.feed);
      at = to;
    }
  wait_for_state (&f, WEFT_FEED_ENDED);
  assert_same (f.model, f.whole);
  clear (&f);
}

/* Frame by frame, waiting until each was read: the same as at once. */
static void
test_frame_by_frame (void)
{
  g_autoptr (GPtrArray) frames = NULL;
  gsize at = 64;
  Feed f;

  begin (&f, "tree:400,2");
  frames = read_frames (f.path);
  grow (&f, 0, at);
  open_feed (&f, f.growing, -1);
  for (guint i = 0; i < frames->len; i++)
    {
      const WeftRunFrame *frame = frames->pdata[i];

      grow (&f, at, at + frame->n_bytes);
      at += frame->n_bytes;
      weft_model_feed_poke (f.feed);
      wait_for_bytes (&f, at);
    }
  grow (&f, at, f.n_bytes);
  wait_for_state (&f, WEFT_FEED_ENDED);
  assert_same (f.model, f.whole);
  clear (&f);
}

static void
test_cut (void)
{
  WeftModelSnapshot snapshot;
  Feed f;

  begin (&f, "tree:3000,2");
  grow (&f, 0, f.n_bytes / 2);
  open_feed (&f, f.growing, -1);
  wait_for_state (&f, WEFT_FEED_FOLLOWING);
  weft_model_feed_no_more (f.feed);
  wait_for_state (&f, WEFT_FEED_CUT);
  weft_model_unref (f.whole);
  f.whole = model_of_file (f.growing);
  assert_same (f.model, f.whole);
  weft_model_snapshot (f.model, &snapshot);
  g_assert_cmpuint (snapshot.phase, ==, WEFT_RUN_INTERRUPTED);
  clear (&f);
}

/* Of a run that goes on what is there is wanted: it was not interrupted, and its graph is there. */
static void
test_enough (void)
{
  WeftModelSnapshot before, snapshot;
  Feed f;

  begin (&f, "tree:3000,2");
  grow (&f, 0, f.n_bytes / 2);
  open_feed (&f, f.growing, -1);
  wait_for_state (&f, WEFT_FEED_FOLLOWING);
  weft_model_snapshot (f.model, &before);
  weft_model_feed_enough (f.feed);
  wait_for_state (&f, WEFT_FEED_CUT);
  weft_model_snapshot (f.model, &snapshot);
  g_assert_cmpuint (before.phase, !=, WEFT_RUN_INTERRUPTED);
  g_assert_cmpuint (snapshot.phase, ==, before.phase);
  g_assert_cmpuint (snapshot.n_segments, ==, 1);
  g_assert_nonnull (weft_model_graph (f.model, 0));
  clear (&f);
}

static void
test_gives_up (void)
{
  Feed f;

  begin (&f, "tree:300,2");
  grow (&f, 0, f.n_bytes / 2);
  open_feed (&f, f.growing, 0);
  wait_for_state (&f, WEFT_FEED_CUT);
  g_assert_null (weft_model_feed_dup_error (f.feed));
  clear (&f);
}

static void
test_broken (void)
{
  g_autofree char *why = NULL;
  Feed f;

  begin (&f, "tree:3000,2");
  for (gsize i = f.n_bytes / 2; i < f.n_bytes / 2 + 100; i++)
    f.bytes[i] ^= 0x55;
  grow (&f, 0, f.n_bytes);
  open_feed (&f, f.growing, -1);
  wait_for_state (&f, WEFT_FEED_BROKEN);
  why = weft_model_feed_dup_error (f.feed);
  g_assert_nonnull (strstr (why, "damaged"));
  clear (&f);
}

static void
test_no_run_file (void)
{
  g_autoptr (TestDir) dir = test_dir_new ();
  g_autofree char *path = test_dir_write (dir, "x.weft", "something else altogether");
  g_autofree char *missing = g_build_filename (dir, "missing.weft", NULL);
  WeftModel *model = weft_model_new ();
  GError *error = NULL;

  g_assert_null (weft_model_feed_new (model, path, -1, NULL, NULL, &error));
  test_assert_error (&error, WEFT_RUN_READER_ERROR, WEFT_RUN_READER_ERROR_FORMAT, "not a run file",
                     NULL);
  g_assert_null (weft_model_feed_new (model, missing, -1, NULL, NULL, &error));
  test_assert_error (&error, WEFT_RUN_READER_ERROR, WEFT_RUN_READER_ERROR_IO, "missing.weft", NULL);
  weft_model_unref (model);
}

/* Freed at any moment. */
static void
test_freed_early (void)
{
  Feed f;

  begin (&f, "tree:40000,2");
  for (unsigned i = 0; i < 10; i++)
    {
      uint64_t n = (uint64_t) g_test_rand_int_range (0, (gint32) f.n_bytes);

      open_feed (&f, f.path, -1);
      while (n_read (&f) < n && weft_model_feed_state (f.feed) < WEFT_FEED_ENDED)
        g_thread_yield ();
      weft_model_feed_free (f.feed);
      weft_model_unref (f.model);
      f.model = weft_model_new ();
    }
  f.feed = NULL;
  clear (&f);
}

/* A run that is being recorded: seen running, then at its end. @expected: it tells what graph it
 * has */
static void
follow_run (bool expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TestDir) dir = test_dir_new ();
  g_autofree char *path = g_build_filename (dir, "run.weft", NULL);
  WeftRunOptions options = { .records = true, .recorder = { .path = path } };
  WeftShape *shape = weft_shape_new_from_spec ("chains:4,5");
  WeftEngine *engine = fixture_engine (2);
  WeftGraph *graph = fixture_graph (shape, "t.gate");
  Feed f = { .model = weft_model_new () };
  WeftModelSnapshot snapshot;
  WeftRun *run;

  fixture_close_gate ();
  run = weft_run_new (engine, graph, &options, &error);
  g_assert_no_error (error);
  if (expected)
    weft_model_expect_graph (f.model, weft_recorder_run_tag (weft_run_recorder (run)), 0, graph);
  open_feed (&f, path, -1);
  weft_run_start (run);
  fixture_wait_at_gate (2);
  pthread_mutex_lock (&lock);
  do
    {
      weft_model_snapshot (f.model, &snapshot);
      if (snapshot.n_states[WEFT_TASK_RUNNING] < 2)
        pthread_cond_wait (&changed, &lock);
    }
  while (snapshot.n_states[WEFT_TASK_RUNNING] < 2);
  pthread_mutex_unlock (&lock);
  fixture_open_gate ();
  g_assert_true (weft_run_wait (run, -1));
  wait_for_state (&f, WEFT_FEED_ENDED);
  weft_model_snapshot (f.model, &snapshot);
  g_assert_cmpuint (snapshot.phase, ==, WEFT_RUN_DONE);
  g_assert_cmpuint (snapshot.n_states[WEFT_TASK_MEMORY] + snapshot.n_states[WEFT_TASK_RELEASED], ==,
                    20);
  g_assert_cmpint (weft_model_graph (f.model, 0) == graph, ==, expected);
  weft_model_feed_free (f.feed);
  weft_model_unref (f.model);
  weft_run_unref (run);
  weft_engine_free (engine);
  weft_graph_unref (graph);
  weft_shape_free (shape);
}

static void
test_live (void)
{
  follow_run (false);
}

static void
test_live_expected (void)
{
  follow_run (true);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("model", "feed", "whole-file", test_whole);
  test_add ("model", "feed", "closes-its-file", test_closes_its_file);
  test_add ("model", "feed", "growing-file", test_growing);
  test_add ("model", "feed", "frame-by-frame", test_frame_by_frame);
  test_add ("model", "feed", "nobody-writes-any-more", test_cut);
  test_add ("model", "feed", "enough-of-a-run-that-goes-on", test_enough);
  test_add ("model", "feed", "gives-up", test_gives_up);
  test_add ("model", "feed", "damaged-file", test_broken);
  test_add ("model", "feed", "no-run-file", test_no_run_file);
  test_add ("model", "feed", "freed-early", test_freed_early);
  test_add ("model", "feed", "live-run", test_live);
  test_add ("model", "feed", "live-run-whose-graph-is-known", test_live_expected);
  return g_test_run ();
}
