/* test-short-name.c: names of workers where there is little room
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "test-support.h"

#include "canvas/short-name.h"

#define MOST 4

typedef struct
{
  const char *names[MOST];
  const char *texts[MOST];
} Names;

static void
check (const Names *names)
{
  WeftlineShared shared = { 0 };

  for (unsigned i = 0; i < MOST && names->names[i] != NULL; i++)
    weftline_shared_add (&shared, names->names[i]);
  for (unsigned i = 0; i < MOST && names->names[i] != NULL; i++)
    {
      g_autofree char *text = weftline_shared_short (&shared, names->names[i]);

      g_assert_cmpstr (text, ==, names->texts[i]);
    }
  weftline_shared_clear (&shared);
}

static void
test_what_differs (void)
{
  static const Names all[] = {
    { { "tcp://127.0.0.1:33183", "tcp://127.0.0.1:41823" }, { "33183", "41823" } },
    { { "tcp://10.0.0.1:40000/0", "tcp://10.0.0.1:40000/1", "tcp://10.0.0.2:40000/0" },
      { "10.0.0.1/0", "10.0.0.1/1", "10.0.0.2/0" } },
    { { "tcp://10.0.0.1:40000", "tcp://10.0.1.1:40000" }, { "10.0.0.1", "10.0.1.1" } },
    { { "tls://node-0001.rack7.example.org:38121", "tls://node-0002.rack7.example.org:38121" },
      { "node-0001", "node-0002" } },
    { { "tls://a.rack7.example.org:1", "tls://a.rack8.example.org:1" }, { "a.rack7", "a.rack8" } },
    { { "tcp://[2001:db8::ff00:42:1]:40001/0", "tcp://[2001:db8::ff00:42:2]:40002/data 1" },
      { "[…:1]:40001/0", "[…:2]:40002/data 1" } },
    { { "tcp://[2001:db8::7:1]:40000", "tcp://[2001:db8::8:1]:40000" }, { "[…:7:1]", "[…:8:1]" } },
    { { "tcp://[fe80::1]:1", "tcp://[fe80::1]:2" }, { "1", "2" } },
    { { "tcp://h:1", "tls://h:1" }, { "tcp://h", "tls://h" } },
  };

  for (unsigned i = 0; i < G_N_ELEMENTS (all); i++)
    check (&all[i]);
}

/* Of one worker, whose threads have names, only the scheme; and nothing of what is no address. */
static void
test_what_stays (void)
{
  static const Names all[] = {
    { { "tcp://host:40000/0", "tcp://host:40000/1" }, { "host:40000/0", "host:40000/1" } },
    { { "worker-1", "worker-2" }, { "worker-1", "worker-2" } },
    { { "tcp://host:1", "worker-2" }, { "tcp://host:1", "worker-2" } },
    { { "" }, { "" } },
  };

  for (unsigned i = 0; i < G_N_ELEMENTS (all); i++)
    check (&all[i]);
}

/* Whatever the addresses: names that differ are still told apart, and are no longer than before. */
static void
test_told_apart (void)
{
  static const char *const parts[] = { "a", "b1", "10", "1", ".", ":", "[", "]", "-" };

  for (int round = 0; round < 5000; round++)
    {
      WeftlineShared shared = { 0 };
      char *names[3], *texts[3];

      for (unsigned i = 0; i < 3; i++)
        {
          GString *name = g_string_new ("tcp://h");

          for (int k = g_test_rand_int_range (1, 7); k > 0; k--)
            g_string_append (name, parts[g_test_rand_int_range (0, G_N_ELEMENTS (parts))]);
          names[i] = g_string_free (name, FALSE);
          weftline_shared_add (&shared, names[i]);
        }
      for (unsigned i = 0; i < 3; i++)
        texts[i] = weftline_shared_short (&shared, names[i]);
      for (unsigned i = 0; i < 3; i++)
        {
          g_assert_cmpuint (strlen (texts[i]), >, 0);
          g_assert_cmpint (g_str_equal (texts[i], texts[(i + 1) % 3]), ==,
                           g_str_equal (names[i], names[(i + 1) % 3]));
        }
      for (unsigned i = 0; i < 3; i++)
        {
          g_free (names[i]);
          g_free (texts[i]);
        }
      weftline_shared_clear (&shared);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("ui-canvas", "short-name", "what-differs", test_what_differs);
  test_add ("ui-canvas", "short-name", "what-stays", test_what_stays);
  test_add ("ui-canvas", "short-name", "told-apart", test_told_apart);
  return g_test_run ();
}
