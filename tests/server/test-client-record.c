/* test-client-record.c: where nobody listens, the program records its run itself
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "server/client-story.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>

typedef struct
{
  char *dir, *nobody, *path;
} Fixture;

static void
set_up (Fixture *f, const void *unused)
{
  f->dir = test_dir_new ();
  f->nobody = g_build_filename (f->dir, "nobody", NULL);
  f->path = g_build_filename (f->dir, "run.weft", NULL);
}

static void
tear_down (Fixture *f, const void *unused)
{
  test_dir_free (f->dir);
  g_free (f->nobody);
  g_free (f->path);
}

static WeftClient *
open_client (Fixture *f)
{
  WeftClientOptions options = {
    .name = "simulation", .worker = "rank 3", .address = f->nobody, .file = f->path
  };
  g_autoptr (GError) error = NULL;
  WeftClient *client = weft_client_open (&options, &error);

  g_assert_no_error (error);
  g_assert_true (weft_client_is_listening (client));
  return client;
}

static void
whole (Fixture *f, const void *unused)
{
  WeftClient *client = open_client (f);
  g_autofree char *name = NULL;
  WeftModel *model;

  story_tell (client);
  weft_client_close (client, WEFT_CLIENT_FAILED);
  g_assert_cmpuint (weft_client_dropped (client), ==, 0);
  model = model_of_file (f->path);
  story_check (model, WEFT_RUN_FAILED);
  name = weft_model_dup_name (model);
  g_assert_cmpstr (name, ==, "simulation");
  weft_model_unref (model);
}

/* A span that failed and a line that says why are one failure: no record of a task that erred
 * without running. */
static void
failure_is_told_once (Fixture *f, const void *unused)
{
  WeftClient *client = open_client (f);
  g_autoptr (GPtrArray) frames = NULL;
  uint32_t n_failed = 0;

  story_tell (client);
  weft_client_close (client, WEFT_CLIENT_FAILED);
  frames = read_frames (f->path);
  for (guint i = 0; i < frames->len; i++)
    {
      const WeftRunFrame *frame = frames->pdata[i];
      const WeftRecord *records;
      WeftRecordsHead head;
      uint32_t n = 0;

      if (frame->head.kind != WEFT_FRAME_RECORDS)
        continue;
      weft_run_frame_records (frame, &head, &records, &n);
      for (uint32_t k = 0; k < n; k++)
        {
          g_assert_cmpuint (records[k].kind, !=, WEFT_RECORD_ERRED);
          n_failed += records[k].kind == WEFT_RECORD_TASK
                      && weft_record_outcome (&records[k]) == WEFT_OUTCOME_FAILED;
        }
    }
  g_assert_cmpuint (n_failed, ==, 1);
}

/* A program that is killed leaves what it had said, and what it ran. */
static void
killed (Fixture *f, const void *unused)
{
  pid_t child = fork ();
  WeftModelSnapshot snapshot;
  WeftModel *model;
  int status;

  if (child == 0)
    {
      WeftClient *client = open_client (f);

      story_tell (client);
      weft_client_flush (client);
      raise (SIGKILL);
    }
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFSIGNALED (status) && WTERMSIG (status) == SIGKILL);
  model = model_of_file (f->path);
  weft_model_snapshot (model, &snapshot);
  g_assert_cmpint (snapshot.phase, ==, WEFT_RUN_INTERRUPTED);
  story_check (model, WEFT_RUN_INTERRUPTED);
  weft_model_unref (model);
}

static void
no_such_folder (Fixture *f, const void *unused)
{
  g_autofree char *path = g_build_filename (f->dir, "nowhere", "run.weft", NULL);
  WeftClientOptions options = { .address = f->nobody, .file = path };
  g_autoptr (GError) error = NULL;

  g_assert_null (weft_client_open (&options, &error));
  test_assert_error (&error, WEFT_CLIENT_ERROR, WEFT_CLIENT_ERROR_FILE, path, NULL);
}

/* Where the disk is full, the program goes on and what is lost is counted. */
static void
full_disk (Fixture *f, const void *unused)
{
  struct rlimit before, little;
  WeftClient *client;
  uint32_t group;
  uint64_t n = 0;

  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &before), ==, 0);
  client = open_client (f);
  group = weft_client_group (client, "step");
  little = before;
  little.rlim_cur = 65536;
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &little), ==, 0);
  for (; weft_client_is_listening (client); n++)
    {
      weft_client_end (client, weft_client_begin (client, group), 0);
      if (n % 100 == 0)
        weft_client_flush (client);
    }
  weft_client_close (client, WEFT_CLIENT_DONE);
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &before), ==, 0);
  g_assert_cmpuint (weft_client_dropped (client), >, 0);
  g_assert_cmpuint (weft_client_dropped (client), <=, n);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  signal (SIGXFSZ, SIG_IGN);
#define ADD(name, func) \
  g_test_add ("/weft/server/client-record/" name, Fixture, NULL, set_up, func, tear_down)
  ADD ("whole", whole);
  ADD ("failure-is-told-once", failure_is_told_once);
  ADD ("killed", killed);
  ADD ("no-such-folder", no_such_folder);
  ADD ("full-disk", full_disk);
  return g_test_run ();
}
