/* test-server.c: who may speak to the server, where it listens, and what it answers by itself
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "server/server-fixture.h"

#include "model/model-fixture.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/stat.h>

/* ---- greeting and requests ------------------------------------------------------------------- */

static void
test_answers_in_both_forms (ServerFixture *f, const void *unused)
{
  for (int in_messages = 0; in_messages < 2; in_messages++)
    {
      g_auto (Client) client = { 0 };

      if (in_messages)
        client_open_messages (&client, f);
      else
        client_open (&client, f);
      client_say (&client, "{\"id\": 1, \"do\": \"ping\"}");
      expect (&client, "{\"id\": 1, \"ok\": {\"now\": ");
      client_say (&client, "{\"do\": \"runs\", \"id\": \"one\"}");
      expect (&client, "{\"id\": \"one\", \"ok\": {\"runs\": [], \"clients\": [",
              "\"name\": \"test\"");
      client_say (&client, "{\"do\": \"ping\"}"); /* nobody waits for the answer */
      client_say (&client, "{\"id\": 2, \"do\": \"pause\", \"run\": 99}");
      expect (&client, "{\"id\": 2, \"error\": {\"code\": \"no_such_run\"");
      client_say (&client, "{\"id\": 3, \"do\": \"watch\", \"run\": 99, \"form\": 1}");
      expect (&client, "\"code\": \"request\"", "\"where\": \"form\"", "did you mean “from”?");
      client_say (&client, "{\"id\": 4, \"do\": \"submit\", \"path\": \"a.json\"}");
      expect (&client, "{\"id\": 4, \"error\": {\"code\": \"not_supported\"");
    }
}

/* What is said, and what is in the one answer, after which the connection ends. */
static const struct
{
  const char *name, *said, *answer[4];
} refused[] = {
  { "no-greeting", "{\"id\": 1, \"do\": \"ping\"}\n", { "malformed", "greeting" } },
  { "another-protocol", "GET / HTTP/1.1\r\n\r\n", { "malformed", "\"offset\": 0" } },
  { "other-versions",
    "{\"hello\": \"weftline\", \"versions\": [2, 3]}\n",
    { "\"code\": \"version\"", "\"where\": \"versions\"" } },
  { "other-hello", "{\"hello\": \"weft\", \"versions\": [1]}\n", { "malformed" } },
  { "odd-member",
    "{\"hello\": \"weftline\", \"versions\": [1], \"nam\": \"x\"}\n",
    { "\"code\": \"request\"", "\"where\": \"nam\"", "did you mean “name”?" } },
  { "no-json", HELLO "\n{\"id\": 1, \"do\": }\n", { "malformed", "\"offset\": 55" } },
  { "no-event-either", HELLO "\n{\"e\" \"task\"}\n", { "no_such_channel" } },
  { "greets-twice", HELLO "\n" HELLO "\n", { "malformed", "second greeting" } },
};

static void
test_refuses (ServerFixture *f, const void *data)
{
  size_t i = GPOINTER_TO_SIZE (data);
  g_auto (Client) client = { 0 };
  g_autofree char *heard = NULL;

  client_connect (&client, f);
  client_send (&client, refused[i].said, strlen (refused[i].said));
  if (g_str_has_prefix (refused[i].said, HELLO))
    expect (&client, "\"version\": 1");
  heard = client_hear (&client);
  for (int j = 0; j < 4 && refused[i].answer[j] != NULL; j++)
    g_assert_nonnull (strstr (heard, refused[i].answer[j]));
  if (strstr (heard, "no_such_channel") == NULL)
    expect_end (&client);
}

static void
test_greeting_time (ServerFixture *f, const void *unused)
{
  g_auto (Client) client = { 0 };

  f->options.limits.greeting_ms = 50;
  server_start (f);
  client_connect (&client, f);
  expect (&client, "\"code\": \"limit\"", "greeting_ms");
  expect_end (&client);
}

/* ---- reports --------------------------------------------------------------------------------- */

#define TASK \
  "{\"e\": \"task\", \"k\": \"inc-%d\", \"w\": \"w%d\", \"s\": %" G_GINT64_FORMAT ", \"d\": 1000}"

static void
say_tasks (Client *client, int n)
{
  int64_t now = weft_clock_mono_ns ();

  for (int i = 0; i < n; i++)
    client_say (client, TASK, i, i % 3, now + 1000 * i);
}

static void
assert_file (const char *path, WeftRunPhase phase, uint32_t n_tasks)
{
  WeftModel *model = model_of_file (path);
  WeftModelSnapshot snapshot;

  weft_model_snapshot (model, &snapshot);
  g_assert_cmpint (snapshot.phase, ==, phase);
  g_assert_cmpuint (snapshot.n_tasks, ==, n_tasks);
  g_assert_cmpuint (snapshot.n_states[WEFT_TASK_MEMORY] + snapshot.n_states[WEFT_TASK_RELEASED], ==,
                    n_tasks);
  weft_model_unref (model);
}

static void
test_reported_run (ServerFixture *f, const void *unused)
{
  g_auto (Client) client = { 0 };
  g_autofree char *path = NULL;

  client_open (&client, f);
  path = client_report (&client, "");
  say_tasks (&client, 500);
  client_say (&client, "{\"e\": \"task\", \"k\": \"bad\"}");
  client_say (&client, "{\"id\": 1, \"do\": \"finish\", \"phase\": \"failed\"}");
  expect (&client, "\"code\": \"event\"", "\"offset\"", "\"channel\": 1");
  expect (&client, "{\"id\": 1, \"ok\": {\"run\": 1}}");
  assert_file (path, WEFT_RUN_FAILED, 500);
  client_say (&client, "{\"id\": 2, \"do\": \"runs\"}");
  expect (&client, "\"phase\": \"failed\"", "\"tasks\": 500, \"done\": 500", "\"can\": []");
}

/* All that came before the end is kept. */
static void
test_client_that_goes (ServerFixture *f, const void *unused)
{
  g_auto (Client) client = { 0 }, other = { 0 };
  g_autofree char *path = NULL;

  client_open (&other, f);
  client_say (&other, "{\"id\": 1, \"do\": \"subscribe\"}");
  expect (&other, "\"ok\"");
  client_open (&client, f);
  path = client_report (&client, "");
  expect (&other, "{\"run\": {\"run\": 1,", "\"phase\": \"running\"");
  say_tasks (&client, 500);
  client_clear (&client);
  expect (&other, "{\"run\": {\"run\": 1,", "\"phase\": \"interrupted\"");
  assert_file (path, WEFT_RUN_INTERRUPTED, 500);
}

/* The server ends: the same. */
static void
test_server_that_goes (ServerFixture *f, const void *unused)
{
  g_auto (Client) client = { 0 };
  g_autofree char *path = NULL;

  client_open (&client, f);
  path = client_report (&client, "");
  say_tasks (&client, 500);
  client_say (&client, "{\"id\": 1, \"do\": \"ping\"}");
  expect (&client, "{\"id\": 1");
  g_clear_pointer (&f->server, weft_server_free);
  expect_end (&client);
  assert_file (path, WEFT_RUN_INTERRUPTED, 500);
  g_assert_false (g_file_test (f->address, G_FILE_TEST_EXISTS));
}

/* Several at once, each with its own channel. */
static void
test_channels (ServerFixture *f, const void *unused)
{
  g_auto (Client) client = { 0 };
  char *paths[3];

  client_open_messages (&client, f);
  for (int i = 0; i < 3; i++)
    {
      g_autofree char *heard = NULL;

      client_say (&client, "{\"id\": %d, \"do\": \"report\", \"name\": \"r\"}", i);
      heard = client_hear (&client);
      paths[i] = member_of (heard, "path");
    }
  for (uint32_t i = 0; i < 300; i++)
    {
      g_autofree char *line = g_strdup_printf (TASK, i, 0, (int64_t) 1000 * i);

      for (uint32_t channel = 1; channel <= 1 + i % 3; channel++)
        client_message (&client, WEFT_WIRE_LINES, channel, line, strlen (line));
    }
  client_message (&client, WEFT_WIRE_LINES, 9, "{}", 2);
  expect (&client, "no_such_channel", "\"channel\": 9");
  for (int i = 0; i < 3; i++)
    {
      client_say (&client, "{\"id\": %d, \"do\": \"finish\", \"channel\": %d}", i, i + 1);
      expect (&client, "\"ok\"");
      assert_file (paths[i], WEFT_RUN_DONE, (uint32_t) (300 - 100 * i));
      g_free (paths[i]);
    }
}

/* ---- where it listens ------------------------------------------------------------------------ */

static void
assert_no_server (ServerFixture *f, int code, const char *word)
{
  g_autoptr (GError) error = NULL;
  WeftServer *server;

  f->options.address = f->address;
  server = weft_server_new (&f->options, &error);
  g_assert_null (server);
  test_assert_error (&error, WEFT_SERVER_ERROR, code, f->address, word, NULL);
}

static void
test_living_socket (ServerFixture *f, const void *unused)
{
  g_auto (Client) client = { 0 };

  assert_no_server (f, WEFT_SERVER_ERROR_IN_USE, "alive");
  client_open (&client, f); /* it is none the worse */
}

static void
test_stale_socket (ServerFixture *f, const void *unused)
{
  g_autofree char *folder = g_path_get_dirname (f->address);
  struct sockaddr_un un = { .sun_family = AF_UNIX };
  g_auto (Client) client = { 0 };
  struct stat is;
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

  g_assert_cmpint (mkdir (folder, 0700), ==, 0);
  strcpy (un.sun_path, f->address);
  g_assert_cmpint (bind (fd, (struct sockaddr *) &un, sizeof un), ==, 0);
  close (fd);
  server_start (f);
  client_open (&client, f);
  g_assert_cmpstr (weft_server_get_address (f->server), ==, f->address);
  g_assert_cmpint (stat (f->address, &is), ==, 0);
  g_assert_cmpuint (is.st_mode & 0777, ==, 0600);
  g_assert_cmpint (stat (folder, &is), ==, 0);
  g_assert_cmpuint (is.st_mode & 0777, ==, 0700);
}

static void
test_folder_that_is_not_ours (ServerFixture *f, const void *unused)
{
  g_autofree char *folder = g_path_get_dirname (f->address);
  g_autofree char *elsewhere = g_build_filename (f->dir, "elsewhere", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (mkdir (elsewhere, 0700), ==, 0);
  g_assert_cmpint (symlink (elsewhere, folder), ==, 0);
  f->options.address = f->address;
  g_assert_null (weft_server_new (&f->options, &error));
  test_assert_error (&error, WEFT_SERVER_ERROR, WEFT_SERVER_ERROR_ADDRESS, folder, "link", NULL);
  g_assert_cmpint (unlink (folder), ==, 0);
  g_assert_cmpint (mkdir (folder, 0700), ==, 0);
  g_assert_cmpint (chmod (folder, 0750), ==, 0);
  g_assert_null (weft_server_new (&f->options, &error));
  test_assert_error (&error, WEFT_SERVER_ERROR, WEFT_SERVER_ERROR_ADDRESS, "750", "chmod 700",
                     NULL);
  if (geteuid () != 0)
    return;
  g_assert_cmpint (chmod (folder, 0700), ==, 0);
  g_assert_cmpint (chown (folder, 65534, 65534), ==, 0);
  g_assert_null (weft_server_new (&f->options, &error));
  test_assert_error (&error, WEFT_SERVER_ERROR, WEFT_SERVER_ERROR_ADDRESS, folder, "65534", NULL);
}

static void
test_long_address (ServerFixture *f, const void *unused)
{
  g_autofree char *name = g_strnfill (120, 'x');

  g_free (f->address);
  f->address = g_build_filename (f->dir, name, NULL);
  assert_no_server (f, WEFT_SERVER_ERROR_ADDRESS, "expected fewer than 108");
}

static void
test_default_address (ServerFixture *f, const void *unused)
{
  g_autofree char *address = weft_server_default_address ();

  g_assert_true (g_path_is_absolute (address));
  g_assert_true (g_str_has_suffix (address, "/socket"));
  g_assert_nonnull (strstr (address, "weftline"));
}

/* ---- TCP ------------------------------------------------------------------------------------- */

static void
client_connect_tcp (Client *client, uint16_t port)
{
  struct sockaddr_in in = { .sin_family = AF_INET,
                            .sin_port = htons (port),
                            .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  g_assert_cmpint (connect (fd, (struct sockaddr *) &in, sizeof in), ==, 0);
  client_init (client, fd);
}

static void
test_tcp_wants_the_token (ServerFixture *f, const void *unused)
{
  const char *wrong[] = { "", "\"token\": \"\", ", "\"token\": \"00ff\", " };
  g_auto (Client) client = { 0 };
  g_autofree char *token = NULL;
  struct stat is;
  uint16_t port;

  f->options.tcp = true;
  server_start (f);
  port = weft_server_get_tcp_port (f->server);
  for (size_t i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_auto (Client) stranger = { 0 };

      client_connect_tcp (&stranger, port);
      client_say (&stranger, "{\"hello\": \"weftline\", %s\"versions\": [1]}", wrong[i]);
      expect (&stranger, "\"code\": \"refused\"", "\"where\": \"token\"");
      expect_end (&stranger);
    }
  token = test_file_read (weft_server_get_token_path (f->server));
  g_assert_cmpint (stat (weft_server_get_token_path (f->server), &is), ==, 0);
  g_assert_cmpuint (is.st_mode & 0777, ==, 0600);
  client_connect_tcp (&client, port);
  client_say (&client, "{\"hello\": \"weftline\", \"versions\": [1], \"token\": \"%s\"}",
              g_strstrip (token));
  expect (&client, "\"version\": 1");
}

/* ---- main ------------------------------------------------------------------------------------ */

#define ADD(behaviour, up, test) \
  g_test_add ("/weft/server/server/" behaviour, ServerFixture, NULL, up, test, server_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("answers-in-both-forms", server_set_up, test_answers_in_both_forms);
  for (size_t i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      g_autofree char *path = g_strconcat ("/weft/server/server/refuses/", refused[i].name, NULL);

      g_test_add (path, ServerFixture, GSIZE_TO_POINTER (i), server_set_up, test_refuses,
                  server_tear_down);
    }
  ADD ("no-greeting-in-time-ends-it", server_set_up_only, test_greeting_time);
  ADD ("reported-run-is-in-its-file", server_set_up, test_reported_run);
  ADD ("client-that-goes-leaves-what-it-said", server_set_up, test_client_that_goes);
  ADD ("server-that-goes-leaves-what-it-heard", server_set_up, test_server_that_goes);
  ADD ("channels-are-runs-of-their-own", server_set_up, test_channels);
  ADD ("living-socket-is-left-alone", server_set_up, test_living_socket);
  ADD ("stale-socket-is-replaced", server_set_up_only, test_stale_socket);
  ADD ("folder-of-others-is-refused", server_set_up_only, test_folder_that_is_not_ours);
  ADD ("long-address-is-refused", server_set_up_only, test_long_address);
  ADD ("default-address", server_set_up_only, test_default_address);
  ADD ("tcp-wants-the-token", server_set_up_only, test_tcp_wants_the_token);
  return g_test_run ();
}
