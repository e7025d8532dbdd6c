/* test-support.c: what test programs share
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "test-support.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>

#ifdef __SANITIZE_ADDRESS__
/* ---- GLib's first table of quarks ------------------------------------------------------------ */

/* GLib makes it while it is loaded, and gives it up for a larger one after 2,048 quarks, as other
 * threads may still look into it. Whether a suppression meets that leak depends on how far the
 * stack can be followed there; so it is kept in sight: it is the first block of that size. */
#define QUARK_TABLE_BYTES (2048 * sizeof (char *))

static const volatile void *volatile first_table;

__attribute__ ((visibility ("default"))) void __sanitizer_malloc_hook (const volatile void *block,
                                                                       size_t n_bytes);

void
__sanitizer_malloc_hook (const volatile void *block, size_t n_bytes)
{
  if (n_bytes == QUARK_TABLE_BYTES && first_table == NULL)
    first_table = block;
}
#endif

#define LOOP_TICK_MS 10
#define LOOP_SECONDS 30 /* what a test waits for takes a thousandth of that, without sanitizers */

char *
test_dir_new (void)
{
  g_autoptr (GError) error = NULL;
  char *path = g_dir_make_tmp ("weft-test-XXXXXX", &error);
  g_assert_no_error (error);
  return path;
}

static int
remove_cb (const char *path, const struct stat *info, int kind, struct FTW *place)
{
  return remove (path);
}

void
test_dir_free (char *path)
{
  if (path == NULL)
    return;
  if (nftw (path, remove_cb, 16, FTW_DEPTH | FTW_PHYS) != 0 && errno != ENOENT)
    g_error ("cannot remove %s: %s", path, g_strerror (errno));
  g_free (path);
}

char *
test_dir_write (const char *dir, const char *name, const char *text)
{
  g_autoptr (GError) error = NULL;
  char *path = g_build_filename (dir, name, NULL);
  g_file_set_contents (path, text, -1, &error);
  g_assert_no_error (error);
  return path;
}

char *
test_file_read (const char *path)
{
  g_autoptr (GError) error = NULL;
  char *text = NULL;
  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  return text;
}

char *
test_source_path (const char *relative)
{
  return g_test_build_filename (G_TEST_DIST, relative, NULL);
}

char *
test_example_path (const char *name)
{
  return g_test_build_filename (G_TEST_DIST, "..", "data", "examples", name, NULL);
}

unsigned
test_slowdown (void)
{
  return WEFT_SANITIZED ? 10 : 1;
}

static gboolean
tick_cb (void *data G_GNUC_UNUSED)
{
  return G_SOURCE_CONTINUE;
}

/* The tick is behind all others: a condition that takes longer than a tick (a picture, on a machine
 * with other work) would else find it due at each turn, and no frame be drawn any more. */
TestLoop
test_loop_begin (const char *what, const char *where)
{
  gint64 seconds = LOOP_SECONDS * (WEFT_SANITIZED ? 4 : 1);

  return (TestLoop){ .what = what,
                     .where = where,
                     .deadline_us = g_get_monotonic_time () + seconds * G_USEC_PER_SEC,
                     .tick =
                         g_timeout_add_full (G_PRIORITY_LOW, LOOP_TICK_MS, tick_cb, NULL, NULL) };
}

void
test_loop_turn (TestLoop *loop)
{
  if (g_get_monotonic_time () > loop->deadline_us)
    g_error ("%s: waited in vain for “%s”", loop->where, loop->what);
  g_main_context_iteration (NULL, TRUE);
}

void
test_loop_end (TestLoop *loop)
{
  g_source_remove (loop->tick);
}

void
test_loop_drain (void)
{
  gint64 until_us = g_get_monotonic_time () + G_USEC_PER_SEC;

  while (g_get_monotonic_time () < until_us && g_main_context_iteration (NULL, FALSE))
    ;
}

void
test_assert_error (GError **error, GQuark domain, int code, ...)
{
  va_list parts;

  g_assert_error (*error, domain, code);
  va_start (parts, code);
  for (const char *part = va_arg (parts, const char *); part != NULL;
       part = va_arg (parts, const char *))
    if (strstr ((*error)->message, part) == NULL)
      g_error ("“%s” does not contain “%s”", (*error)->message, part);
  va_end (parts);
  g_clear_error (error);
}
