/* test-test-support.c: tests of what test programs share
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "test-support.h"

#include <unistd.h>

static void
test_dir_is_removed_with_content (void)
{
  char *dir = test_dir_new ();
  g_autofree char *kept = g_strdup (dir);
  g_autofree char *below = g_build_filename (dir, "a", "b", NULL);
  g_autofree char *file = NULL;

  g_assert_cmpint (g_mkdir_with_parents (below, 0700), ==, 0);
  file = test_dir_write (below, "c.txt", "text");
  test_dir_free (dir);
  g_assert_false (g_file_test (file, G_FILE_TEST_EXISTS));
  g_assert_false (g_file_test (kept, G_FILE_TEST_EXISTS));
  test_dir_free (NULL);
}

static void
test_dir_links_are_not_followed (void)
{
  g_autoptr (TestDir) outside = test_dir_new ();
  g_autofree char *file = test_dir_write (outside, "keep.txt", "kept");
  char *dir = test_dir_new ();
  g_autofree char *link = g_build_filename (dir, "link", NULL);
  g_autofree char *text = NULL;

  g_assert_cmpint (symlink (outside, link), ==, 0);
  test_dir_free (dir);
  text = test_file_read (file);
  g_assert_cmpstr (text, ==, "kept");
}

static void
test_example_path_is_in_the_tree (void)
{
  g_autofree char *path = test_example_path ("x.json");
  g_autofree char *self = test_source_path ("support/test-test-support.c");

  g_assert_true (g_str_has_suffix (path, "data/examples/x.json"));
  g_assert_true (g_file_test (self, G_FILE_TEST_IS_REGULAR));
}

static void
test_error_is_cleared (void)
{
  GError *error = g_error_new (G_FILE_ERROR, G_FILE_ERROR_NOENT, "a.json:3:7: expected a comma");

  test_assert_error (&error, G_FILE_ERROR, G_FILE_ERROR_NOENT, "a.json:3:7", "comma", NULL);
  g_assert_null (error);
}

static void
test_error_without_the_text (void)
{
  if (g_test_subprocess ())
    {
      GError *error = g_error_new (G_FILE_ERROR, G_FILE_ERROR_NOENT, "some text");
      test_assert_error (&error, G_FILE_ERROR, G_FILE_ERROR_NOENT, "other text", NULL);
      return;
    }
  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_failed ();
  g_test_trap_assert_stderr ("*does not contain*");
}

static void *
set_flag_thread (void *flag)
{
  g_atomic_int_set ((gint *) flag, 1);
  return NULL;
}

static gboolean
count_cb (void *data)
{
  unsigned *n = data;

  return ++*n < 3 ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

/* What is waited for wakes nobody; what is pending is done. */
static void
test_loop_turns (void)
{
  gint flag = 0;
  unsigned n = 0;
  GThread *thread = g_thread_new ("flag", set_flag_thread, &flag);

  test_loop_until (g_atomic_int_get (&flag) == 1);
  g_thread_join (thread);
  g_idle_add (count_cb, &n);
  test_loop_drain ();
  g_assert_cmpuint (n, ==, 3);
  g_assert_false (g_main_context_pending (NULL));
}

static void
test_loop_fails (void)
{
  if (g_test_subprocess ())
    {
      TestLoop loop = test_loop_begin ("the weft is in", "here");

      loop.deadline_us = 0;
      test_loop_turn (&loop);
      return;
    }
  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_failed ();
  g_test_trap_assert_stderr ("*here: waited in vain for*the weft is in*");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  test_add ("support", "dir", "removed-with-content", test_dir_is_removed_with_content);
  test_add ("support", "dir", "links-are-not-followed", test_dir_links_are_not_followed);
  test_add ("support", "path", "example-in-the-tree", test_example_path_is_in_the_tree);
  test_add ("support", "error", "cleared", test_error_is_cleared);
  test_add ("support", "error", "without-the-text-fails", test_error_without_the_text);
  test_add ("support", "loop", "turns", test_loop_turns);
  test_add ("support", "loop", "fails-in-time", test_loop_fails);
  return g_test_run ();
}
