/* test-run-path.c: tests of the names of new run files
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "test-support.h"

#include "trace/weft-run-file.h"

#include <string.h>
#include <sys/stat.h>

/* Whatever a run is called, its file is one in that folder. */
static void
test_plain (void)
{
  static const char *const names[] = { "sum", "../../etc/passwd", "", "äöü\n\"", ".", "-rf *" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = weft_run_file_new_path ("/somewhere", names[i]);
      g_autofree char *folder = g_path_get_dirname (path);
      g_autofree char *file = g_path_get_basename (path);

      g_assert_cmpstr (folder, ==, "/somewhere");
      g_assert_true (g_str_has_suffix (file, ".weft"));
      g_assert_cmpuint (strspn (file, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "-")
                            + strlen (".weft"),
                        ==, strlen (file));
    }
}

static void
test_long (void)
{
  g_autofree char *name = g_strnfill (5000, 'x');
  g_autofree char *path = weft_run_file_new_path ("/somewhere", name);

  g_assert_cmpuint (strlen (path), <, 120);
}

/* Runs of the same name at the same moment. */
static void
test_made (void)
{
  TestDir *dir = test_dir_new ();
  g_autofree char *folder = g_build_filename (dir, "of", "its", "own", NULL);
  g_autoptr (GHashTable) paths = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GError) error = NULL;
  struct stat info;

  for (int i = 0; i < 200; i++)
    {
      char *path = weft_run_file_make (folder, "sum", &error);

      g_assert_no_error (error);
      g_assert_cmpint (stat (path, &info), ==, 0);
      g_assert_cmpint (info.st_size, ==, 0);
      g_assert_cmpint (info.st_mode & 0777, ==, 0600);
      g_assert_true (g_hash_table_add (paths, path));
    }
  g_assert_cmpint (stat (folder, &info), ==, 0);
  g_assert_cmpint (info.st_mode & 0777, ==, 0700);
  test_dir_free (dir);
}

static void
test_no_folder (void)
{
  TestDir *dir = test_dir_new ();
  g_autofree char *file = test_dir_write (dir, "file", "");
  g_autoptr (GError) error = NULL;

  g_assert_null (weft_run_file_make (file, "sum", &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOTDIR);
  g_assert_nonnull (strstr (error->message, file));
  test_dir_free (dir);
}

static void
test_default (void)
{
  g_autofree char *folder = weft_run_file_default_folder ();

  g_assert_true (g_str_has_prefix (folder, g_get_user_cache_dir ()));
  g_assert_true (g_str_has_suffix (folder, "/weftline/runs"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("trace", "run-path", "plain", test_plain);
  test_add ("trace", "run-path", "long", test_long);
  test_add ("trace", "run-path", "made", test_made);
  test_add ("trace", "run-path", "no-folder", test_no_folder);
  test_add ("trace", "run-path", "default", test_default);
  return g_test_run ();
}
