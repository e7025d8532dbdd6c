/* test-limits.c: each limit has an error that names it, and nothing else is disturbed
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "server/server-fixture.h"

/* Another client, there all the time, that must not notice. */
typedef struct
{
  ServerFixture f;
  Client witness;
} Fixture;

static void
set_up (Fixture *fixture, const void *unused)
{
  server_set_up_only (&fixture->f, NULL);
}

static void
start (Fixture *fixture)
{
  server_start (&fixture->f);
  client_open (&fixture->witness, &fixture->f);
}

static void
tear_down (Fixture *fixture, const void *unused)
{
  client_say (&fixture->witness, "{\"id\": 1, \"do\": \"ping\"}");
  expect (&fixture->witness, "{\"id\": 1, \"ok\"");
  client_clear (&fixture->witness);
  server_tear_down (&fixture->f, NULL);
}

static void
test_line (Fixture *fixture, const void *unused)
{
  g_autofree char *name = g_strnfill (2000, 'x');
  g_auto (Client) client = { 0 };

  fixture->f.options.limits.line_bytes = 1000;
  start (fixture);
  client_open (&client, &fixture->f);
  client_say (&client, "{\"id\": 1, \"do\": \"ping\"}");
  expect (&client, "{\"id\": 1, \"ok\"");
  client_say (&client, "{\"id\": 2, \"do\": \"report\", \"name\": \"%s\"}", name);
  expect (&client, "\"code\": \"limit\"", "1000 bytes", "\"offset\": 79");
  expect_end (&client);
}

static void
test_message (Fixture *fixture, const void *unused)
{
  g_autofree char *text = g_strnfill (2000, 'x');
  g_auto (Client) client = { 0 };

  fixture->f.options.limits.message_bytes = 1000;
  start (fixture);
  client_open_messages (&client, &fixture->f);
  client_message (&client, WEFT_WIRE_BYTES, 1, text, 2000);
  expect (&client, "\"code\": \"limit\"", "at most 1000", "\"offset\": 80");
  g_assert_false (client_receive (&client));
}

static void
test_nesting (Fixture *fixture, const void *unused)
{
  for (int depth = 62; depth <= 64; depth++)
    {
      g_autofree char *open = g_strnfill ((gsize) depth, '['),
                      *close = g_strnfill ((gsize) depth, ']');
      g_auto (Client) client = { 0 };

      if (depth == 62)
        start (fixture);
      client_open (&client, &fixture->f);
      client_say (&client, "{\"id\": 1, \"do\": \"submit\", \"path\": \"a\", \"keep\": %s%s}", open,
                  close);
      expect (&client, "{\"id\": 1, ",
              depth < 64 ? "\"code\": \"not_supported\"" : "\"code\": \"limit\"");
      client_say (&client, "{\"id\": 2, \"do\": \"ping\"}");
      expect (&client, "{\"id\": 2, \"ok\"");
    }
}

static void
test_open_runs (Fixture *fixture, const void *unused)
{
  g_auto (Client) client = { 0 };

  fixture->f.options.limits.open_runs = 2;
  start (fixture);
  client_open_messages (&client, &fixture->f);
  for (int i = 0; i < 2; i++)
    {
      client_say (&client, "{\"id\": 1, \"do\": \"report\", \"name\": \"r\"}");
      expect (&client, "\"ok\"");
    }
  client_say (&client, "{\"id\": 2, \"do\": \"report\", \"name\": \"r\"}");
  expect (&client, "{\"id\": 2, ", "\"code\": \"limit\"", "open_runs");
  client_say (&client, "{\"id\": 3, \"do\": \"finish\", \"channel\": 1}");
  expect (&client, "{\"id\": 3, \"ok\"");
  client_say (&client, "{\"id\": 4, \"do\": \"report\", \"name\": \"r\"}");
  expect (&client, "{\"id\": 4, \"ok\"");
}

static void
test_one_report_in_lines (Fixture *fixture, const void *unused)
{
  g_auto (Client) client = { 0 };
  g_autofree char *path = NULL;

  start (fixture);
  client_open (&client, &fixture->f);
  path = client_report (&client, "");
  client_say (&client, "{\"id\": 2, \"do\": \"report\", \"name\": \"r\"}");
  expect (&client, "{\"id\": 2, ", "\"code\": \"state\"", "finish");
}

static void
test_clients (Fixture *fixture, const void *unused)
{
  g_auto (Client) second = { 0 }, third = { 0 }, fourth = { 0 };

  fixture->f.options.limits.clients = 2;
  start (fixture);
  client_open (&second, &fixture->f);
  client_connect (&third, &fixture->f);
  client_say (&third, HELLO);
  expect (&third, "\"code\": \"limit\"", "the limit clients");
  expect_end (&third);
  client_clear (&second);
  for (;;) /* until it is known that it went */
    {
      g_autofree char *heard = NULL;

      client_connect (&fourth, &fixture->f);
      client_say (&fourth, HELLO);
      heard = client_hear (&fourth);
      if (strstr (heard, "\"version\": 1") != NULL)
        break;
      client_clear (&fourth);
    }
}

/* Of ten mistakes in a second each is told, the others are counted. */
static void
test_errors_of_events (Fixture *fixture, const void *unused)
{
  g_auto (Client) client = { 0 };
  g_autofree char *path = NULL;
  int n_told = 0;
  uint64_t n_more = 0;

  start (fixture);
  client_open (&client, &fixture->f);
  path = client_report (&client, "");
  for (int i = 0; i < 1000; i++)
    client_say (&client, "{\"e\": \"task\", \"k\": \"a\"}");
  client_say (&client, "{\"id\": 1, \"do\": \"finish\"}");
  for (;;)
    {
      g_autofree char *heard = client_hear (&client);
      const char *more = strstr (heard, "\"more\": ");

      if (strstr (heard, "\"id\": 1") != NULL)
        break;
      g_assert_nonnull (strstr (heard, "\"code\": \"event\""));
      if (more != NULL)
        n_more += g_ascii_strtoull (more + strlen ("\"more\": "), NULL, 10);
      else
        n_told++;
    }
  g_assert_cmpint (n_told, >=, 10);
  g_assert_cmpuint ((uint64_t) n_told + n_more, ==, 1000);
  g_assert_cmpint (n_told, <, 1000);
}

/* Who does not read is not read either, and hears everything once it reads. */
static void
test_slow_reader (Fixture *fixture, const void *unused)
{
  const int n = 200000;
  g_auto (Client) client = { 0 };
  GString *said = g_string_new (NULL);
  size_t at = 0, step;

  start (fixture);
  client_open (&client, &fixture->f);
  for (int i = 0; i < n; i++)
    g_string_append_printf (said, "{\"id\": %d, \"do\": \"ping\"}\n", i);
  for (bool is_stuck = false; !is_stuck; at += step)
    {
      ssize_t sent;

      step = MIN (65536, said->len - at);
      g_assert_cmpuint (step, >, 0); /* else all of it was taken from one who reads nothing */
      is_stuck = poll (&(struct pollfd){ client.fd, POLLOUT, 0 }, 1, 500) == 0;
      sent = is_stuck ? 0 : send (client.fd, said->str + at, step, MSG_DONTWAIT | MSG_NOSIGNAL);
      step = (size_t) MAX (sent, 0);
    }
  for (int i = 0; i < n; i++)
    {
      g_autofree char *id = g_strdup_printf ("{\"id\": %d, \"ok\"", i);

      while (at < said->len && poll (&(struct pollfd){ client.fd, POLLOUT, 0 }, 1, 0) == 1)
        {
          ssize_t sent = send (client.fd, said->str + at, MIN (65536, said->len - at),
                               MSG_DONTWAIT | MSG_NOSIGNAL);

          if (sent <= 0)
            break;
          at += (size_t) sent;
        }
      expect (&client, id);
    }
  g_string_free (said, TRUE);
}

/* What the process has in memory, in bytes. */
static uint64_t
resident (void)
{
  g_autofree char *text = NULL;
  uint64_t n_pages;

  g_assert_true (g_file_get_contents ("/proc/self/statm", &text, NULL, NULL));
  n_pages = g_ascii_strtoull (strchr (text, ' '), NULL, 10);
  return n_pages * (uint64_t) sysconf (_SC_PAGESIZE);
}

static void
expect_runs (Client *client, int n_runs)
{
  g_autofree char *heard = client_hear (client), *last = g_strdup_printf ("\"run\": %d, ", n_runs);

  g_assert_nonnull (strstr (heard, last));
}

/* Few bytes ask for much: of what comes at once so much is taken as can be sent, and the rest
 * later. */
static void
test_many_lists (Fixture *fixture, const void *unused)
{
  const char request[] = "{\"id\":1,\"do\":\"runs\"}";
  const int n_runs = 2000, n_asked = 1000;
  WeftServedRun run = { .phase = WEFT_RUN_RUNNING };
  g_autofree char *name = g_strnfill (200, 'n');
  g_autoptr (GByteArray) lines = g_byte_array_new (), messages = g_byte_array_new ();

  run.name = name;
  start (fixture);
  for (int i = 0; i < n_runs; i++)
    weft_server_add_run (fixture->f.server, &run);
  for (int i = 0; i < n_asked; i++)
    {
      g_byte_array_append (lines, (const guint8 *) request, strlen (request));
      g_byte_array_append (lines, (const guint8 *) "\n", 1);
      _weft_wire_append (messages, (WeftWireHead){ .kind = WEFT_WIRE_JSON },
                         &(struct iovec){ (void *) request, strlen (request) }, 1);
    }
  for (int in_messages = 0; in_messages < 2; in_messages++)
    {
      const GByteArray *said = in_messages ? messages : lines;
      g_auto (Client) client = { 0 };
      uint64_t before, most;

      (in_messages ? client_open_messages : client_open) (&client, &fixture->f);
      before = most = resident ();
      client_send (&client, said->data, said->len); /* less than the socket takes unread */
      for (int i = 0; i < 60; i++)
        {
          expect_runs (&client, n_runs);
          most = MAX (most, resident ());
        }
      /* else 1,000 times 650 kB; the address sanitizer keeps 256 MiB of what was freed */
      g_assert_cmpuint (most - before, <, (WEFT_SANITIZED ? 320 : 64) << 20);
    }
}

/* Many runs change while a subscriber does not read: it hears of each, but not of each change. */
static void
test_slow_subscriber (Fixture *fixture, const void *unused)
{
  const int n_runs = 20, n_changes = 4000;
  WeftServedRun run = { .name = "r", .phase = WEFT_RUN_RUNNING };
  g_autofree char *source = g_strnfill (2000, 's');
  g_auto (Client) client = { 0 };
  int n_heard = 0, n_done = 0;

  run.source = source;
  start (fixture);
  client_open (&client, &fixture->f);
  client_say (&client, "{\"id\": 1, \"do\": \"subscribe\"}");
  expect (&client, "\"ok\"");
  for (int i = 0; i < n_runs; i++)
    weft_server_add_run (fixture->f.server, &run);
  for (int i = 0; i < n_changes; i++)
    {
      run.id = 1 + (uint64_t) (i % n_runs);
      run.phase = i / n_runs % 2 ? WEFT_RUN_RUNNING : WEFT_RUN_PAUSED;
      weft_server_update_run (fixture->f.server, &run);
    }
  run.phase = WEFT_RUN_DONE;
  for (run.id = 1; run.id <= (uint64_t) n_runs; run.id++)
    weft_server_update_run (fixture->f.server, &run);
  client_say (&fixture->witness, "{\"id\": 1, \"do\": \"ping\"}");
  expect (&fixture->witness, "{\"id\": 1, \"ok\""); /* all of it has happened */
  while (n_done < n_runs)
    {
      g_autofree char *heard = client_hear (&client);

      n_heard++;
      n_done += strstr (heard, "\"phase\": \"done\"") != NULL;
    }
  g_assert_cmpint (n_heard, <, n_changes);
}

#define ADD(behaviour, test) \
  g_test_add ("/weft/server/limits/" behaviour, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("long-line", test_line);
  ADD ("large-message", test_message);
  ADD ("deep-nesting", test_nesting);
  ADD ("open-runs", test_open_runs);
  ADD ("one-report-in-lines", test_one_report_in_lines);
  ADD ("clients", test_clients);
  ADD ("errors-of-events", test_errors_of_events);
  ADD ("slow-reader-is-held", test_slow_reader);
  ADD ("slow-subscriber-hears-of-each", test_slow_subscriber);
  ADD ("many-lists", test_many_lists);
  return g_test_run ();
}
