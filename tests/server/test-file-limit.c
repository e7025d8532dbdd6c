/* test-file-limit.c: a program with a server may have more files open than is usual
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "server/weft-server.h"

#include <sys/resource.h>

static struct rlimit
limit_after (rlim_t soft)
{
  struct rlimit limit, before;

  g_assert_cmpint (getrlimit (RLIMIT_NOFILE, &before), ==, 0);
  limit = before;
  limit.rlim_cur = soft;
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &limit), ==, 0);
  weft_server_raise_file_limit ();
  g_assert_cmpint (getrlimit (RLIMIT_NOFILE, &limit), ==, 0);
  g_assert_cmpuint (limit.rlim_max, ==, before.rlim_max);
  return limit;
}

static void
test_raised (void)
{
  struct rlimit limit = limit_after (256);

  g_assert_cmpuint (limit.rlim_cur, ==, MIN (limit.rlim_max, 65536));
}

static void
test_never_lowered (void)
{
  struct rlimit limit;

  g_assert_cmpint (getrlimit (RLIMIT_NOFILE, &limit), ==, 0);
  limit = limit_after (limit.rlim_max);
  g_assert_cmpuint (limit.rlim_cur, ==, limit.rlim_max);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/weft/server/file-limit/raised", test_raised);
  g_test_add_func ("/weft/server/file-limit/never-lowered", test_never_lowered);
  return g_test_run ();
}
