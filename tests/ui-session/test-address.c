/* test-address.c: tests of what is taken for the address of a scheduler
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "test-support.h"

#include "session/weftline-address.h"

#include <string.h>

static void
test_good (void)
{
  static const char *const known[][2] = {
    { "tcp://host:8786", "tcp://host:8786" },
    { "host:8786", "tcp://host:8786" },
    { "  127.0.0.1:1 \n", "tcp://127.0.0.1:1" },
    { "tls://a.b.example:65535", "tls://a.b.example:65535" },
    { "[::1]:8786", "tcp://[::1]:8786" },
    { "tcp://[fe80::1]:8786", "tcp://[fe80::1]:8786" },
    { "http://host:8787", "http://host:8787" },
    { "http://host:8787/status", "http://host:8787/status" },
    { "https://hub.example/user/a/proxy/8787/status",
      "https://hub.example/user/a/proxy/8787/status" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (known); i++)
    {
      g_autofree char *problem = NULL;
      g_autofree char *address = weftline_address_read (known[i][0], &problem);

      g_assert_cmpstr (problem, ==, NULL);
      g_assert_cmpstr (address, ==, known[i][1]);
    }
}

/* With a word that the problem must have. */
static void
test_bad (void)
{
  static const char *const known[][2] = {
    { "host", "port" },
    { "host:", "port" },
    { "host:0", "“0”" },
    { "host:65536", "“65536”" },
    { "host:87a6", "“87a6”" },
    { "host:99999999999999999999", "65535" },
    { ":8786", "host" },
    { "tcp://", "host" },
    { "tcp://:8786", "host" },
    { "tcp://[]:8786", "host" },
    { "tcp://[::1", "host" },
    { "tcp://[::1]8786", "host" },
    { "::1:8786", "brackets" },
    { "ftp://host:21", "ftp://" },
    { "://host:8786", "“://”" },
    { "tcp://ho st:8786", "spaces" },
    { "tcp://host:8786/status", "“/status”" },
    { "http://", "host" },
    { "http://host:port/x", "“port”" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (known); i++)
    {
      g_autofree char *problem = NULL;

      g_assert_null (weftline_address_read (known[i][0], &problem));
      if (problem == NULL || strstr (problem, known[i][1]) == NULL)
        g_error ("%s: %s", known[i][0], problem);
    }
}

/* Nobody is told off for what was not written yet. */
static void
test_empty (void)
{
  g_autofree char *problem = g_strdup ("before");
  char *was = problem;

  g_assert_null (weftline_address_read (" ", &problem));
  g_assert_null (problem);
  g_free (was);
  g_assert_null (weftline_address_read ("", NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("ui-session", "address", "good", test_good);
  test_add ("ui-session", "address", "bad", test_bad);
  test_add ("ui-session", "address", "empty", test_empty);
  return g_test_run ();
}
