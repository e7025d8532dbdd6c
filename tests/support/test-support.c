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
