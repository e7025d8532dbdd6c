/* test-client-server.c: programs that report to a real server, and what is in the run files then
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Processes are forked before anything here has threads.
 */
#include "config.h"

#include "server/client-story.h"
#include "server/weft-server.h"

#include <sys/wait.h>
#include <unistd.h>

typedef struct
{
  char *dir, *address, *folder;
} Fixture;

static void
set_up (Fixture *f, const void *unused)
{
  f->dir = test_dir_new ();
  f->address = g_build_filename (f->dir, "s", "socket", NULL);
  f->folder = g_build_filename (f->dir, "runs", NULL);
}

static void
tear_down (Fixture *f, const void *unused)
{
  test_dir_free (f->dir);
  g_free (f->address);
  g_free (f->folder);
}

static WeftServer *
start_server (const Fixture *f)
{
  g_autoptr (GError) error = NULL;
  WeftServer *server =
      weft_server_new (&(WeftServerOptions){ .address = f->address, .folder = f->folder }, &error);

  g_assert_no_error (error);
  return server;
}

static WeftClient *
open_client (const Fixture *f)
{
  WeftClientOptions options = {
    .name = "simulation", .worker = "rank 3", .address = f->address, .wait_ms = 30000
  };
  g_autoptr (GError) error = NULL;
  WeftClient *client = weft_client_open (&options, &error);

  g_assert_no_error (error);
  g_assert_true (weft_client_is_listening (client));
  return client;
}

/* The only run file there is. */
static WeftModel *
model_of_run (const Fixture *f)
{
  GDir *dir = g_dir_open (f->folder, 0, NULL);
  g_autofree char *path = NULL;
  const char *name;

  g_assert_nonnull (dir);
  while ((name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_suffix (name, ".weft"))
      {
        g_assert_null (path);
        path = g_build_filename (f->folder, name, NULL);
      }
  g_dir_close (dir);
  g_assert_nonnull (path);
  return model_of_file (path);
}

static void
check_run (const Fixture *f, WeftRunPhase phase)
{
  WeftModel *model = model_of_run (f);

  story_check (model, phase);
  weft_model_unref (model);
}

/* ---- processes ------------------------------------------------------------------------------- */

static void
say (int fd)
{
  g_assert_cmpint (write (fd, "!", 1), ==, 1);
}

static void
hear (int fd)
{
  char byte;

  g_assert_cmpint (read (fd, &byte, 1), ==, 1);
}

static int
end_of (pid_t child)
{
  int status;

  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  return status;
}

/* ---- tests ----------------------------------------------------------------------------------- */

static void
whole (Fixture *f, const void *unused)
{
  WeftServer *server = start_server (f);
  WeftClient *client = open_client (f);

  story_tell (client);
  weft_client_close (client, WEFT_CLIENT_FAILED);
  g_assert_cmpuint (weft_client_dropped (client), ==, 0);
  weft_server_free (server);
  check_run (f, WEFT_RUN_FAILED);
}

/* What a server says of its first run. */
static int64_t
number_of_run (WeftClient *client, const char *member)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *answer = NULL, *pattern = g_strdup_printf ("\"%s\": ?([0-9]+)", member);
  g_autoptr (GRegex) regex = g_regex_new (pattern, 0, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;
  g_autofree char *digits = NULL;

  weft_client_request (client, "{\"do\": \"runs\"}", &answer, &error);
  g_assert_no_error (error);
  g_assert_true (g_regex_match (regex, answer, 0, &match));
  digits = g_match_info_fetch (match, 1);
  return g_ascii_strtoll (digits, NULL, 10);
}

/* A span that is open is seen to run while it does, though no record of it has been made. */
static void
running (Fixture *f, const void *unused)
{
  WeftServer *server = start_server (f);
  WeftClient *client = open_client (f);
  WeftClientSpan span = weft_client_begin (client, weft_client_group (client, "long"));
  WeftModelSnapshot snapshot;
  WeftModel *model;

  while (number_of_run (client, "running") != 1) /* the test's time limit ends it */
    ;
  weft_client_end (client, span, 0);
  weft_client_close (client, WEFT_CLIENT_DONE);
  weft_server_free (server);
  model = model_of_run (f);
  weft_model_snapshot (model, &snapshot);
  g_assert_cmpuint (snapshot.n_tasks, ==, 1);
  g_assert_cmpuint (snapshot.n_states[WEFT_TASK_MEMORY] + snapshot.n_states[WEFT_TASK_RELEASED], ==,
                    1);
  g_assert_cmpuint (weft_model_task_attempts (model, 0), ==, 1);
  weft_model_unref (model);
}

static void
client_killed (Fixture *f, const void *unused)
{
  int ready[2], status;
  WeftServer *server;
  pid_t child;

  g_assert_cmpint (pipe (ready), ==, 0);
  child = fork ();
  if (child == 0)
    {
      WeftClient *client;

      hear (ready[0]);
      client = open_client (f);
      story_tell (client);
      weft_client_flush (client);
      raise (SIGKILL);
    }
  server = start_server (f);
  say (ready[1]);
  status = end_of (child);
  g_assert_true (WIFSIGNALED (status) && WTERMSIG (status) == SIGKILL);
  weft_server_free (server);
  check_run (f, WEFT_RUN_INTERRUPTED);
  close (ready[0]);
  close (ready[1]);
}

/* The program is as it was, to its exit status. */
static void
server_killed (Fixture *f, const void *unused)
{
  int ready[2];
  pid_t child;
  WeftClient *client;
  uint32_t group;
  uint64_t n = 0;

  g_assert_cmpint (pipe (ready), ==, 0);
  child = fork ();
  if (child == 0)
    {
      start_server (f);
      say (ready[1]);
      for (;;)
        pause ();
    }
  hear (ready[0]);
  client = open_client (f);
  story_tell (client);
  g_assert_true (weft_client_flush (client));
  kill (child, SIGKILL);
  end_of (child);
  group = weft_client_group (client, "later");
  for (; weft_client_is_listening (client); n++)
    weft_client_end (client, weft_client_begin (client, group), 0);
  weft_client_close (client, WEFT_CLIENT_DONE);
  g_assert_cmpuint (weft_client_dropped (client), >, 0);
  g_assert_cmpuint (weft_client_dropped (client), <=, n);
  close (ready[0]);
  close (ready[1]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, func) \
  g_test_add ("/weft/server/client-server/" name, Fixture, NULL, set_up, func, tear_down)
  ADD ("client-killed", client_killed);
  ADD ("server-killed", server_killed);
  ADD ("whole", whole);
  ADD ("running", running);
  return g_test_run ();
}
