/* test-client-faults.c: nobody listens, nobody listens any more, too much is said, fork, requests
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "server/client-fixture.h"

#include <sys/wait.h>

/* ---- nobody listens -------------------------------------------------------------------------- */

static void
use_quietly (WeftClient *client)
{
  uint32_t group = weft_client_group (client, "step");
  uint32_t task = weft_client_task (client, "one", NULL, 0);

  g_assert_false (weft_client_is_listening (client));
  g_assert_cmpuint (weft_client_begin (client, group), ==, 0);
  g_assert_cmpuint (weft_client_span_begin (client, task), ==, 0);
  weft_client_end (client, 0, 1);
  weft_client_span_end (client, 0, 1);
  weft_client_fail (client, 0, "a", "b");
  weft_client_ready (client, task);
  weft_client_release (client, task);
  weft_client_cancel (client, task);
  weft_client_memory (client, WEFT_CLIENT_MANAGED, 1);
  weft_client_name_thread (client, "one");
  g_assert_false (weft_client_flush (client));
  g_assert_cmpuint (weft_client_dropped (client), ==, 0);
}

static void
quiet (void)
{
  g_autoptr (TestDir) dir = test_dir_new ();
  WeftClient *client = open_elsewhere (dir);
  g_autoptr (GError) error = NULL;
  char *answer = NULL;

  use_quietly (client);
  g_assert_false (weft_client_request (client, "{\"do\": \"ping\"}", &answer, &error));
  test_assert_error (&error, WEFT_CLIENT_ERROR, WEFT_CLIENT_ERROR_NOBODY, dir, NULL);
  weft_client_close (client, WEFT_CLIENT_DONE);
  use_quietly (client); /* whoever comes late does no harm */
  weft_client_close (client, WEFT_CLIENT_DONE);
  use_quietly (NULL);
  weft_client_close (NULL, WEFT_CLIENT_DONE);
  g_assert_null (answer);
}

static void
address_of_environment (void)
{
  g_autoptr (Peer) peer = peer_new (PEER_WELL);
  WeftClient *client;

  g_setenv ("WEFTLINE_ADDRESS", peer->address, TRUE);
  client = weft_client_open_as ("by hand", "rank 0", NULL);
  g_unsetenv ("WEFTLINE_ADDRESS");
  g_assert_true (weft_client_is_listening (client));
  weft_client_close (client, WEFT_CLIENT_CANCELLED);
  peer_stop (peer);
  g_assert_nonnull (strstr (peer->report, "\"by hand\""));
  g_assert_nonnull (strstr (peer->finish, "\"cancelled\""));
}

static void
refused (void)
{
  g_autoptr (Peer) peer = peer_new (PEER_REFUSES);
  g_autoptr (GError) error = NULL;

  g_assert_null (weft_client_open (&(WeftClientOptions){ .address = peer->address }, &error));
  test_assert_error (&error, WEFT_CLIENT_ERROR, WEFT_CLIENT_ERROR_REFUSED, "limit",
                     "1024 clients are here", NULL);
}

static void
mute (void)
{
  g_autoptr (Peer) peer = peer_new (PEER_MUTE);
  g_autoptr (GError) error = NULL;
  WeftClientOptions options = { .address = peer->address, .wait_ms = 50 };

  g_assert_null (weft_client_open (&options, &error));
  test_assert_error (&error, WEFT_CLIENT_ERROR, WEFT_CLIENT_ERROR_LOST, "does not answer", NULL);
}

/* ---- too much, and nobody any more ----------------------------------------------------------- */

static void
say_many (WeftClient *client, uint32_t group, uint32_t n)
{
  for (uint32_t i = 0; i < n; i++)
    weft_client_end (client, weft_client_begin (client, group), 0);
}

/* Who is not heard in time drops, counts, and is not held up. */
static void
flood (void)
{
  const uint32_t n = 400000 / test_slowdown ();
  g_autoptr (Peer) peer = peer_new (PEER_DEAF);
  WeftClientOptions options = { .address = peer->address, .ring_spans = 1000, .wait_ms = 60000 };
  WeftClient *client = weft_client_open (&options, NULL);
  g_autofree char *dropped = NULL, *summary = NULL;
  uint64_t n_dropped;

  say_many (client, weft_client_group (client, "step"), n);
  g_assert_cmpuint (weft_client_dropped (client), >, 0);
  peer_set_mood (peer, PEER_WELL);
  weft_client_close (client, WEFT_CLIENT_DONE);
  peer_stop (peer);
  n_dropped = weft_client_dropped (client);
  g_assert_cmpuint (n_spans (peer), >, 0);
  g_assert_cmpuint (n_spans (peer) + n_dropped, ==, n);
  summary = peer_member (peer->finish, "summary");
  dropped = peer_member (summary, "dropped");
  g_assert_cmpuint (g_ascii_strtoull (dropped, NULL, 10), ==, n_dropped);
}

/* What is said in lines waits too, in messages that a server takes, and not without end. */
static void
flood_of_lines (void)
{
  g_autoptr (Peer) peer = peer_new (PEER_DEAF);
  WeftClientOptions options = { .address = peer->address, .wait_ms = 60000 };
  WeftClient *client = weft_client_open (&options, NULL);
  g_autofree char *text = g_strnfill (60000, 'x'); /* 32 MiB of them wait, a message has 16 */
  uint64_t n = 0;

  for (; weft_client_dropped (client) == 0; n++)
    {
      g_assert_cmpuint (n, <, 10000);
      weft_client_annotate (client, text);
    }
  weft_client_memory (client, WEFT_CLIENT_RESIDENT, 1);
  peer_set_mood (peer, PEER_WELL);
  weft_client_close (client, WEFT_CLIENT_DONE);
  peer_stop (peer);
  g_assert_nonnull (peer->finish); /* the connection has held */
  g_assert_cmpuint (peer->lines->len + weft_client_dropped (client), ==, n + 1);
}

static void
deaf_at_close (void)
{
  g_autoptr (Peer) peer = peer_new (PEER_DEAF);
  WeftClientOptions options = { .address = peer->address, .wait_ms = 100 };
  WeftClient *client = weft_client_open (&options, NULL);
  uint64_t from = now_ns ();

  say_many (client, weft_client_group (client, "step"), 1000);
  weft_client_close (client, WEFT_CLIENT_DONE);
  g_assert_cmpuint (now_ns () - from, <, 30000000000u); /* it does come back */
  g_assert_false (weft_client_is_listening (client));
}

static void
server_vanishes (void)
{
  g_autoptr (Peer) peer = peer_new (PEER_WELL);
  WeftClient *client = open_client (peer);
  uint32_t group = weft_client_group (client, "step");
  WeftClientSpan open = weft_client_begin (client, group);
  uint64_t n = 0;

  peer->hang_up_after = 100;
  while (weft_client_is_listening (client))
    {
      say_many (client, group, 50);
      n += 50;
      weft_client_flush (client);
    }
  g_assert_false (weft_client_flush (client));
  say_many (client, group, 50);
  weft_client_end (client, open, 0);
  weft_client_fail (client, open, "kind", "of a span that is not there");
  peer_stop (peer);
  g_assert_cmpuint (n_spans (peer), >=, 100);
  g_assert_cmpuint (weft_client_dropped (client), <=, n + 2);
  g_assert_cmpuint (weft_client_dropped (client) + n_spans (peer), >=, 100);
  weft_client_close (client, WEFT_CLIENT_DONE);
  g_assert_null (peer->finish);
}

/* ---- fork ------------------------------------------------------------------------------------ */

static void
child_main (WeftClient *client, uint32_t group, WeftClientSpan span)
{
  bool fine = !weft_client_is_listening (client) && weft_client_begin (client, group) == 0;

  weft_client_end (client, span, 0);
  fine = fine && weft_client_task (client, "of the child", NULL, 0) == 0;
  fine = fine && !weft_client_request (client, "{\"do\": \"ping\"}", NULL, NULL);
  weft_client_close (client, WEFT_CLIENT_FAILED);
  _exit (fine ? 0 : 1);
}

static void
forked (void)
{
  g_autoptr (Peer) peer = peer_new (PEER_WELL);
  WeftClient *client = open_client (peer);
  uint32_t group = weft_client_group (client, "step");
  WeftClientSpan span = weft_client_begin (client, group);
  pid_t child = fork ();
  int status;

  if (child == 0)
    child_main (client, group, span);
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFEXITED (status) && WEXITSTATUS (status) == 0);
  weft_client_end (client, span, 7);
  weft_client_close (client, WEFT_CLIENT_DONE);
  peer_stop (peer);
  g_assert_cmpuint (n_spans (peer), ==, 1);
  g_assert_cmpuint (weft_record_amount (&find_span (peer, "step-0")->record), ==, 7);
  g_assert_nonnull (strstr (peer->finish, "\"done\""));
  g_assert_cmpuint (peer->n_connections, ==, 1);
}

/* ---- requests -------------------------------------------------------------------------------- */

static void
requests (void)
{
  g_autoptr (Peer) peer = peer_new (PEER_WELL);
  WeftClientOptions options = { .address = peer->address, .requests_only = true };
  g_autoptr (GError) error = NULL;
  WeftClient *client = weft_client_open (&options, &error);
  g_autofree char *answer = NULL;

  g_assert_no_error (error);
  g_assert_false (weft_client_is_listening (client));
  g_assert_true (weft_client_request (client, " {\"do\": \"ping\"}", &answer, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (answer, ==, "{\"now\": 5}");
  g_assert_false (weft_client_request (client, "{\"do\": \"nothing\"}", NULL, &error));
  test_assert_error (&error, WEFT_CLIENT_ERROR, WEFT_CLIENT_ERROR_ANSWER,
                     "request: there is no such request; ping", NULL);
  g_assert_false (weft_client_request (client, "ping", NULL, &error));
  test_assert_error (&error, WEFT_CLIENT_ERROR, WEFT_CLIENT_ERROR_ANSWER, "no object", NULL);
  g_assert_true (weft_client_request (client, "{\"do\": \"ping\"}", NULL, &error));
  weft_client_close (client, WEFT_CLIENT_DONE);
  peer_stop (peer);
  g_assert_cmpuint (peer->n_connections, ==, 1);
  g_assert_null (peer->report);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("server", "client-faults", "nobody-listens", quiet);
  test_add ("server", "client-faults", "address-of-the-environment", address_of_environment);
  test_add ("server", "client-faults", "refused", refused);
  test_add ("server", "client-faults", "no-answer", mute);
  test_add ("server", "client-faults", "flood", flood);
  test_add ("server", "client-faults", "flood-of-lines", flood_of_lines);
  test_add ("server", "client-faults", "deaf-at-close", deaf_at_close);
  test_add ("server", "client-faults", "server-vanishes", server_vanishes);
  test_add ("server", "client-faults", "fork", forked);
  test_add ("server", "client-faults", "requests", requests);
  return g_test_run ();
}
