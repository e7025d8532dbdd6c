/* test-host.c: what is asked of the program that the server lives in, and of those that report
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "server/server-fixture.h"

#include "store/weft-codec.h"

/* What the server's thread has for the test's. (Not GAsyncQueue: the thread sanitizer does not see
 * its locks.) */
typedef struct
{
  pthread_mutex_t lock;
  pthread_cond_t wake;
  GQueue items; /* lock */
} Mailbox;

/* A host that keeps its requests for the test, and notes what it is told. */
typedef struct
{
  Mailbox requests; /* WeftServerRequest * */
  Mailbox told;     /* char * */
} Host;

static void
post (Mailbox *box, void *item)
{
  pthread_mutex_lock (&box->lock);
  g_queue_push_tail (&box->items, item);
  pthread_cond_signal (&box->wake);
  pthread_mutex_unlock (&box->lock);
}

/* The next thing, which is awaited; (nullable) if not. */
static void *
fetch (Mailbox *box, bool wait)
{
  struct timespec until;
  void *item;
  int code = 0;

  clock_gettime (CLOCK_REALTIME, &until);
  until.tv_sec += PATIENCE_MS / 1000;
  pthread_mutex_lock (&box->lock);
  while (wait && box->items.length == 0 && code == 0)
    code = pthread_cond_timedwait (&box->wake, &box->lock, &until);
  item = g_queue_pop_head (&box->items);
  pthread_mutex_unlock (&box->lock);
  return item;
}

static WeftServerRequest *
next_request (Host *host)
{
  WeftServerRequest *request = fetch (&host->requests, true);

  g_assert_nonnull (request);
  return request;
}

static void
assert_told (Host *host, const char *expected)
{
  g_autofree char *told = fetch (&host->told, true);

  g_assert_cmpstr (told, ==, expected);
}

static void
request_cb (void *data, WeftServerRequest *request)
{
  post (&((Host *) data)->requests, request);
}

static void
appeared_cb (void *data, const WeftServedRun *run)
{
  post (&((Host *) data)->told, g_strdup_printf ("%" G_GUINT64_FORMAT " %s of %s, can %x", run->id,
                                                 run->name, run->source, run->can));
}

static void
changed_cb (void *data, const WeftServedRun *run)
{
  if (run->phase >= WEFT_RUN_DONE)
    post (&((Host *) data)->told, g_strdup_printf ("%" G_GUINT64_FORMAT " over, %" G_GUINT64_FORMAT
                                                   " of %" G_GUINT64_FORMAT,
                                                   run->id, run->n_done, run->n_tasks));
}

static void
gone_cb (void *data, uint64_t id)
{
  post (&((Host *) data)->told, g_strdup_printf ("%" G_GUINT64_FORMAT " gone", id));
}

static WeftServerHost
host_of (Host *host)
{
  pthread_mutex_init (&host->requests.lock, NULL);
  pthread_cond_init (&host->requests.wake, NULL);
  g_queue_init (&host->requests.items);
  pthread_mutex_init (&host->told.lock, NULL);
  pthread_cond_init (&host->told.wake, NULL);
  g_queue_init (&host->told.items);
  return (WeftServerHost){ .data = host,
                           .verbs = WEFT_SERVER_CAN (WEFT_SERVER_N_VERBS) - 1,
                           .request = request_cb,
                           .run_appeared = appeared_cb,
                           .run_changed = changed_cb,
                           .run_gone = gone_cb };
}

/* Ends the server, which still tells its host things, then what the host has. */
static void
host_clear (Host *host, ServerFixture *f)
{
  g_clear_pointer (&f->server, weft_server_free);
  g_queue_clear (&host->requests.items);
  g_queue_clear_full (&host->told.items, g_free);
  pthread_mutex_destroy (&host->requests.lock);
  pthread_cond_destroy (&host->requests.wake);
  pthread_mutex_destroy (&host->told.lock);
  pthread_cond_destroy (&host->told.wake);
}

static void
start_with (ServerFixture *f, Host *host)
{
  WeftServerHost table = host_of (host);

  f->options.host = &table;
  server_start (f);
}

/* ---- runs of the host ------------------------------------------------------------------------ */

static void
test_runs_of_the_host (ServerFixture *f, const void *unused)
{
  WeftServedRun run = { .name = "mine \"1\"",
                        .path = "/nowhere/run.weft",
                        .phase = WEFT_RUN_RUNNING,
                        .begun_wall_ns = 1500000000,
                        .n_tasks = 10,
                        .can = WEFT_SERVER_CAN (WEFT_SERVER_PAUSE) };
  g_auto (Client) client = { 0 };
  Host host;

  start_with (f, &host);
  client_open (&client, f);
  client_say (&client, "{\"id\": 1, \"do\": \"subscribe\"}");
  expect (&client, "{\"id\": 1, \"ok\": {}}");
  run.id = weft_server_add_run (f->server, &run);
  expect (&client, "{\"run\": {\"run\": 1, \"name\": \"mine \\\"1\\\"\", \"source\": \"weftline\"",
          "\"begun\": 1.5", "\"can\": [\"pause\"]");
  run.phase = WEFT_RUN_PAUSED;
  run.n_done = 4;
  weft_server_update_run (f->server, &run);
  expect (&client, "\"phase\": \"paused\"", "\"tasks\": 10, \"done\": 4");
  weft_server_remove_run (f->server, run.id);
  client_say (&client, "{\"id\": 2, \"do\": \"runs\"}");
  expect (&client, "\"runs\": []");
  g_assert_null (fetch (&host.told, false)); /* it knows its own */
  host_clear (&host, f);
}

static void
test_only_what_a_run_can (ServerFixture *f, const void *unused)
{
  WeftServedRun run = { .name = "mine", .can = WEFT_SERVER_CAN (WEFT_SERVER_PAUSE) };
  g_auto (Client) client = { 0 };
  Host host;
  WeftServerRequest *request;

  start_with (f, &host);
  run.id = weft_server_add_run (f->server, &run);
  client_open (&client, f);
  client_say (&client, "{\"id\": 1, \"do\": \"cancel\", \"run\": 1}");
  expect (&client, "{\"id\": 1, \"error\": {\"code\": \"not_supported\"", "cancel");
  client_say (&client, "{\"id\": 2, \"do\": \"pause\", \"run\": 1}");
  request = next_request (&host);
  g_assert_cmpint (weft_server_request_get_verb (request), ==, WEFT_SERVER_PAUSE);
  g_assert_cmpuint (weft_server_request_get_run (request), ==, run.id);
  g_assert_null (weft_server_request_get_text (request, "group"));
  g_assert_null (weft_server_request_get_bytes (request));
  g_assert_false (weft_server_request_takes_bytes (request));
  client_say (&client, "{\"id\": 3, \"do\": \"ping\"}"); /* nobody waits meanwhile */
  expect (&client, "{\"id\": 3");
  weft_server_refuse (request, WEFT_SERVER_REFUSE_STATE, "it is over", "begin anew");
  expect (&client, "{\"id\": 2, \"error\": {\"code\": \"state\", \"message\": \"it is over\", "
                   "\"mend\": \"begin anew\"}}");
  host_clear (&host, f);
}

/* ---- what requests have ---------------------------------------------------------------------- */

static void
test_members (ServerFixture *f, const void *unused)
{
  WeftServedRun run = { .name = "mine", .can = UINT32_MAX };
  g_auto (Client) client = { 0 };
  WeftServerRequest *request;
  int64_t number = -1;
  Host host;

  start_with (f, &host);
  weft_server_add_run (f->server, &run);
  client_open (&client, f);
  client_say (&client, "{\"id\": 1, \"do\": \"set\", \"run\": 1, \"workers\": 3}");
  request = next_request (&host);
  g_assert_true (weft_server_request_get_number (request, "workers", &number));
  g_assert_cmpint (number, ==, 3);
  g_assert_false (weft_server_request_get_number (request, "delay_ns", &number));
  g_assert_cmpint (number, ==, 3);
  weft_server_answer (request, NULL, NULL);
  expect (&client, "{\"id\": 1, \"ok\": {}}");
  client_say (&client,
              "{\"id\": 2, \"do\": \"break\", \"run\": 1, \"key\": \"a\\u00e9\", \"clear\": true}");
  request = next_request (&host);
  g_assert_cmpstr (weft_server_request_get_text (request, "key"), ==, "aé");
  g_assert_cmpstr (weft_server_request_get_json (request, "key"), ==, "\"a\\u00e9\"");
  g_assert_true (weft_server_request_get_flag (request, "clear"));
  g_assert_false (weft_server_request_get_flag (request, "error"));
  weft_server_answer (request, "{\"all\": 1}", NULL);
  expect (&client, "{\"id\": 2, \"ok\": {\"all\": 1}}");
  client_say (&client, "{\"id\": 3, \"do\": \"submit\", \"graph\": {\"tasks\": {}}}");
  request = next_request (&host);
  g_assert_cmpuint (weft_server_request_get_run (request), ==, 0);
  g_assert_cmpmem (g_bytes_get_data (weft_server_request_get_bytes (request), NULL), 13,
                   "{\"tasks\": {}}", 13);
  weft_server_answer (request, "{\"run\": 7}", NULL);
  expect (&client, "{\"id\": 3, \"ok\": {\"run\": 7}}");
  host_clear (&host, f);
}

static const char *const wrong_requests[][3] = {
  { "{\"id\": 1, \"do\": \"break\", \"run\": 1}", "\"where\": \"key\"", "expected one of them" },
  { "{\"id\": 1, \"do\": \"break\", \"run\": 1, \"key\": \"a\", \"error\": true}", "found 2", "" },
  { "{\"id\": 1, \"do\": \"set\", \"run\": 1}", "\"where\": \"workers\"", "" },
  { "{\"id\": 1, \"do\": \"set\", \"run\": 1, \"workers\": -1}", "has -1", "at least 0" },
  { "{\"id\": 1, \"do\": \"set\", \"run\": 1, \"workers\": 1.5}", "has 1.5", "at least 0" },
  { "{\"id\": 1, \"do\": \"step_group\", \"run\": 1}", "found no “group”", "" },
  { "{\"id\": 1, \"do\": \"pause\", \"run\": \"one\"}", "has \\\"one\\\"", "whole number" },
  { "{\"id\": 1, \"do\": \"result\", \"run\": 1, \"key\": \"a\\u0000b\"}", "zero byte", "" },
  { "{\"id\": 1, \"do\": \"submit\", \"n_bytes\": 5}", "lines", "\"mend\"" },
  { "{\"id\": 1.5, \"do\": \"ping\"}", "\"where\": \"id\"", "" },
  { "{\"id\": 1, \"do\": \"report\"}", "\"where\": \"name\"", "" },
  { "{\"id\": 1, \"do\": \"report\", \"name\": \"r\", \"clock\": \"sun\"}", "“sun”", "“wall”" },
  { "{\"id\": 1, \"do\": \"report\", \"name\": \"r\", \"can\": [\"fly\"]}", "fly", "cancel" },
  { "{\"id\": 1, \"do\": \"finish\"}", "no_such_channel", "" },
  { "{\"id\": 1}", "\"where\": \"do\"", "" },
};

static void
test_wrong_requests (ServerFixture *f, const void *unused)
{
  g_auto (Client) client = { 0 };

  client_open (&client, f);
  for (size_t i = 0; i < G_N_ELEMENTS (wrong_requests); i++)
    {
      g_autofree char *heard = NULL;

      client_say (&client, "%s", wrong_requests[i][0]);
      heard = client_hear (&client);
      g_assert_nonnull (strstr (heard, "\"error\""));
      for (int j = 1; j < 3; j++)
        if (strstr (heard, wrong_requests[i][j]) == NULL)
          g_error ("“%s” is not in: %s", wrong_requests[i][j], heard);
    }
  client_say (&client, "{\"id\": 2, \"do\": \"ping\"}");
  expect (&client, "{\"id\": 2, \"ok\"");
}

/* ---- bytes ----------------------------------------------------------------------------------- */

#define OWN_CHANNEL (UINT32_C (1) << 31)

static void
test_bytes_come_in_pieces (ServerFixture *f, const void *unused)
{
  g_auto (Client) client = { 0 };
  g_autofree uint8_t *bytes = g_malloc (3000000);
  WeftServerRequest *request;
  Host host;

  for (int i = 0; i < 3000000; i++)
    bytes[i] = (uint8_t) g_test_rand_int ();
  start_with (f, &host);
  client_open_messages (&client, f);
  client_say (&client, "{\"id\": 1, \"do\": \"submit\", \"n_bytes\": 3000000, \"channel\": %u}",
              OWN_CHANNEL);
  for (size_t at = 0, n; at < 3000000; at += n)
    {
      n = (size_t) g_test_rand_int_range (1, 200000);
      n = MIN (n, 3000000 - at);
      client_message (&client, WEFT_WIRE_BYTES, OWN_CHANNEL, bytes + at, n);
    }
  request = next_request (&host);
  g_assert_cmpmem (g_bytes_get_data (weft_server_request_get_bytes (request), NULL),
                   g_bytes_get_size (weft_server_request_get_bytes (request)), bytes, 3000000);
  weft_server_answer (request, NULL, NULL);
  expect (&client, "{\"id\": 1, \"ok\": {}}");
  client_message (&client, WEFT_WIRE_BYTES, OWN_CHANNEL, bytes, 1);
  expect (&client, "no_such_channel");
  client_say (&client, "{\"id\": 2, \"do\": \"submit\", \"n_bytes\": 3000000000, \"channel\": %u}",
              OWN_CHANNEL);
  expect (&client, "{\"id\": 2", "\"code\": \"limit\"", "graph_bytes");
  host_clear (&host, f);
}

static void
test_bytes_go_in_pieces (ServerFixture *f, const void *unused)
{
  WeftServedRun run = { .name = "mine", .can = UINT32_MAX };
  g_auto (Client) client = { 0 };
  g_autofree uint8_t *bytes = g_malloc (3000000);
  g_autoptr (GByteArray) all = g_byte_array_new (), payload = g_byte_array_new ();
  g_autoptr (GBytes) answer = NULL;
  WeftServerRequest *request;
  WeftWireHead head;
  Host host;

  for (int i = 0; i < 3000000; i++)
    bytes[i] = (uint8_t) g_test_rand_int ();
  answer = g_bytes_new (bytes, 3000000);
  start_with (f, &host);
  weft_server_add_run (f->server, &run);
  client_open_messages (&client, f);
  client_say (&client, "{\"id\": 1, \"do\": \"result\", \"run\": 1, \"key\": \"a\"}");
  request = next_request (&host);
  g_assert_true (weft_server_request_takes_bytes (request));
  weft_server_answer (request, "{\"form\": \"encoded\"}", answer);
  expect (&client, "{\"id\": 1, \"ok\": {\"channel\": 1, \"n_bytes\": 3000000, \"form\": ");
  while (all->len < 3000000)
    {
      g_assert_true (hear_message (&client, &head, payload));
      g_assert_cmpuint (head.kind, ==, WEFT_WIRE_BYTES);
      g_assert_cmpuint (head.channel, ==, 1);
      g_byte_array_append (all, payload->data, head.n_bytes);
    }
  g_assert_cmpmem (all->data, all->len, bytes, 3000000);
  host_clear (&host, f);
}

/* A value in both forms; and what is neither. */
static void
test_values (ServerFixture *f, const void *unused)
{
  WeftServedRun run = { .name = "mine", .can = UINT32_MAX };
  g_auto (Client) client = { 0 };
  g_autoptr (GByteArray) payload = g_byte_array_new ();
  WeftValue value, back = WEFT_VALUE_INIT;
  WeftWireHead head;
  Host host;

  weft_value_set_int64 (&value, 42);
  start_with (f, &host);
  weft_server_add_run (f->server, &run);
  client_open_messages (&client, f);
  client_say (&client, "{\"id\": 1, \"do\": \"result\", \"run\": 1, \"key\": \"a\"}");
  weft_server_answer_value (next_request (&host), &value);
  expect (&client, "{\"id\": 1, \"ok\": {\"value\": 42}}");
  client_say (&client, "{\"id\": 2, \"do\": \"result\", \"run\": 1, \"key\": \"a\", "
                       "\"form\": \"encoded\"}");
  weft_server_answer_value (next_request (&host), &value);
  expect (&client, "{\"id\": 2, \"ok\": {\"channel\": 1, \"n_bytes\": ");
  g_assert_true (hear_message (&client, &head, payload));
  g_assert_cmpuint (head.kind, ==, WEFT_WIRE_BYTES);
  g_assert_true (weft_value_decode (NULL, NULL, payload->data, head.n_bytes, 0, &back, NULL, NULL));
  g_assert_true (weft_value_equal (&value, &back));
  weft_value_clear (&back);
  client_say (&client, "{\"id\": 3, \"do\": \"result\", \"run\": 1, \"key\": \"a\", "
                       "\"form\": \"round\"}");
  weft_server_answer_value (next_request (&host), &value);
  expect (&client, "{\"id\": 3, \"error\": {\"code\": \"request\"", "expected “json” or “encoded”");
  host_clear (&host, f);
}

/* ---- those who report ------------------------------------------------------------------------ */

static void
done_cb (void *data, const char *message)
{
  post (data, g_strdup (message != NULL ? message : "done"));
}

static void
test_reporter_is_asked (ServerFixture *f, const void *unused)
{
  g_auto (Client) reporter = { 0 }, other = { 0 };
  g_autofree char *path = NULL;
  Host host;

  start_with (f, &host);
  client_open (&reporter, f);
  path = client_report (&reporter, ", \"source\": \"dask\", \"can\": [\"cancel\"]");
  assert_told (&host, "1 reported of dask, can 80");
  client_open (&other, f);
  client_say (&other, "{\"id\": \"a\", \"do\": \"pause\", \"run\": 1}");
  expect (&other, "not_supported");
  client_say (&other, "{\"id\": \"b\", \"do\": \"cancel\", \"run\": 1}");
  expect (&reporter, "{\"id\": 1, \"do\": \"cancel\", \"channel\": 1}");
  client_say (&reporter, "{\"id\": 1, \"ok\": {\"n\": 4}}");
  expect (&other, "{\"id\": \"b\", \"ok\": {\"n\": 4}}");
  client_say (&other, "{\"id\": \"c\", \"do\": \"cancel\", \"run\": 1}");
  expect (&reporter, "{\"id\": 2, ");
  client_say (&reporter,
              "{\"id\": 2, \"error\": {\"code\": \"state\", \"message\": \"too late\"}}");
  expect (&other, "{\"id\": \"c\", \"error\": {\"code\": \"state\", \"message\": \"too late\"}}");
  client_say (&reporter, "{\"id\": 2, \"ok\": {}}");
  expect (&reporter, "\"error\"", "not asked");
  weft_server_ask_run (f->server, 1, WEFT_SERVER_CANCEL, "{\"why\": \"so\"}", done_cb, &host.told);
  expect (&reporter, "{\"id\": 3, \"do\": \"cancel\", \"channel\": 1, \"why\": \"so\"}");
  client_say (&reporter, "{\"id\": 3, \"error\": {\"message\": \"too late\"}}");
  assert_told (&host, "too late");
  client_say (&other, "{\"id\": \"d\", \"do\": \"cancel\", \"run\": 1}");
  expect (&reporter, "{\"id\": 4, ");
  client_clear (&reporter);
  expect (&other, "{\"id\": \"d\", \"error\": {\"code\": \"failed\"", "gone");
  assert_told (&host, "1 over, 0 of 0");
  host_clear (&host, f);
}

static void
test_old_runs_are_forgotten (ServerFixture *f, const void *unused)
{
  g_auto (Client) client = { 0 };
  Host host;

  f->options.limits.runs = 2;
  start_with (f, &host);
  client_open (&client, f);
  for (int i = 1; i <= 3; i++)
    {
      client_say (&client, "{\"id\": 1, \"do\": \"report\", \"name\": \"r\"}");
      expect (&client, "\"ok\"");
      if (i == 3)
        assert_told (&host, "1 gone");
      g_free (fetch (&host.told, true));
      client_say (&client, "{\"e\": \"add\", \"k\": \"a\"}");
      client_say (&client, "{\"id\": 2, \"do\": \"finish\"}");
      expect (&client, "\"ok\"");
      g_free (fetch (&host.told, true));
    }
  host_clear (&host, f);
}

/* Who asks too late, or when the server is gone, does no harm. */
static void
test_answers_after_the_end (ServerFixture *f, const void *unused)
{
  WeftServedRun run = { .name = "mine", .can = UINT32_MAX };
  g_auto (Client) client = { 0 };
  WeftServerRequest *requests[2];
  Host host;

  start_with (f, &host);
  weft_server_add_run (f->server, &run);
  client_open (&client, f);
  for (int i = 0; i < 2; i++)
    {
      client_say (&client, "{\"id\": 1, \"do\": \"pause\", \"run\": 1}");
      requests[i] = next_request (&host);
    }
  client_clear (&client);
  weft_server_answer (requests[0], NULL, NULL);
  weft_server_ask_run (f->server, 1, WEFT_SERVER_CANCEL, NULL, done_cb, &host.told);
  assert_told (&host, "there is no such run that is reported");
  g_clear_pointer (&f->server, weft_server_free);
  weft_server_refuse (requests[1], WEFT_SERVER_REFUSE_FAILED, "late", NULL);
  host_clear (&host, f);
}

#define ADD(behaviour, up, test) \
  g_test_add ("/weft/server/host/" behaviour, ServerFixture, NULL, up, test, server_tear_down)

/* Who has asked for so much that it is not read goes all the same, and so do its runs. */
static void
test_gone_with_many_unanswered (ServerFixture *f, const void *unused)
{
  const guint n_asked = 300, n_most = 256;
  g_autoptr (GPtrArray) requests = g_ptr_array_new ();
  g_auto (Client) client = { 0 };
  g_autofree char *path = NULL;
  WeftServerRequest *request;
  Host host;

  start_with (f, &host);
  client_open (&client, f);
  path = client_report (&client, "");
  assert_told (&host, "1 reported of report, can 0");
  for (guint i = 0; i < n_asked; i++)
    client_say (&client, "{\"id\": %u, \"do\": \"submit\", \"path\": \"/a\"}", i);
  while (requests->len < n_most) /* from here on it is not read */
    g_ptr_array_add (requests, next_request (&host));
  client_say (&client, "{\"e\": \"add\", \"k\": \"a\"}");
  client_clear (&client);
  assert_told (&host, "1 over, 0 of 1");
  while ((request = fetch (&host.requests, false)) != NULL)
    g_ptr_array_add (requests, request);
  g_assert_cmpuint (requests->len, ==, n_asked);
  for (guint i = 0; i < n_asked; i++)
    weft_server_answer (requests->pdata[i], NULL, NULL);
  host_clear (&host, f);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("runs-of-the-host-are-listed", server_set_up_only, test_runs_of_the_host);
  ADD ("only-what-a-run-can-is-asked", server_set_up_only, test_only_what_a_run_can);
  ADD ("members-are-there", server_set_up_only, test_members);
  ADD ("wrong-requests-are-told-why", server_set_up, test_wrong_requests);
  ADD ("values-in-both-forms", server_set_up_only, test_values);
  ADD ("bytes-come-in-pieces", server_set_up_only, test_bytes_come_in_pieces);
  ADD ("bytes-go-in-pieces", server_set_up_only, test_bytes_go_in_pieces);
  ADD ("who-reports-is-asked", server_set_up_only, test_reporter_is_asked);
  ADD ("old-runs-are-forgotten", server_set_up_only, test_old_runs_are_forgotten);
  ADD ("answers-after-the-end", server_set_up_only, test_answers_after_the_end);
  ADD ("gone-with-many-unanswered", server_set_up_only, test_gone_with_many_unanswered);
  return g_test_run ();
}
