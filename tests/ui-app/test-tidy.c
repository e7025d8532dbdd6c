/* test-tidy.c: tests that what a thread left in its heap is given back
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "test-support.h"

#include "app/weftline-tidy.h"

#include <stdlib.h>
#include <string.h>

#define N_BLOCKS 4096
#define BLOCK_BYTES (8 << 10)
#define ALL_BYTES ((gint64) N_BLOCKS * BLOCK_BYTES)

/* The process's own memory. */
static gint64
own_bytes (void)
{
  g_autofree char *status = test_file_read ("/proc/self/status");
  const char *line = strstr (status, "RssAnon:");

  g_assert_nonnull (line);
  return g_ascii_strtoll (line + strlen ("RssAnon:"), NULL, 10) * 1024;
}

/* Takes a lot, gives it all back but for one block in the middle, if @kept, and ends. */
static void *
use_heap (void *kept)
{
  char **blocks = g_new (char *, N_BLOCKS);
  void **left = kept;

  for (unsigned i = 0; i < N_BLOCKS; i++)
    blocks[i] = memset (malloc (BLOCK_BYTES), 1, BLOCK_BYTES);
  for (unsigned i = 0; i < N_BLOCKS; i++)
    if (left == NULL || i != N_BLOCKS / 2)
      free (blocks[i]);
  if (left != NULL)
    *left = blocks[N_BLOCKS / 2];
  g_free (blocks);
  return NULL;
}

/* At its heap's end, and in the middle of it, where something is still used. */
static void
test_threads (void)
{
  gint64 before = own_bytes ();
  void *kept = NULL;

  weftline_tidy_init ();
  g_thread_join (g_thread_new ("plain", use_heap, NULL));
  g_thread_join (g_thread_new ("keeps", use_heap, &kept));
  if (test_slowdown () == 1) /* sanitizers have a heap of their own */
    g_assert_cmpint (own_bytes () - before, >, ALL_BYTES / 2);
  weftline_tidy ();
  if (test_slowdown () == 1)
    g_assert_cmpint (own_bytes () - before, <, ALL_BYTES / 8);
  g_assert_cmpint (((char *) kept)[BLOCK_BYTES - 1], ==, 1);
  free (kept);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("ui-app", "tidy", "threads", test_threads);
  return g_test_run ();
}
