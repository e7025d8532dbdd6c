/* test-file.c: operations on files
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "kernels/call-op.h"

#include <sys/stat.h>

/* One call with the folder put in for every %s of @args. */
#define assert_in(dir, op, args, expected)                      \
  G_STMT_START                                                  \
  {                                                             \
    g_auto (GStrv) parts_ = g_strsplit ((args), "%s", -1);      \
    g_autofree char *args_ = g_strjoinv ((dir), parts_);        \
    g_auto (GStrv) wanted_ = g_strsplit ((expected), "%s", -1); \
    g_autofree char *expected_ = g_strjoinv ((dir), wanted_);   \
    test_assert_op (op, args_, expected_);                      \
  }                                                             \
  G_STMT_END

static void
write_bytes (const char *dir, const char *name, const char *bytes, gssize n)
{
  g_autofree char *path = g_build_filename (dir, name, NULL);
  g_autoptr (GError) error = NULL;

  g_file_set_contents (path, bytes, n, &error);
  g_assert_no_error (error);
}

static void
test_content_is_read (void)
{
  g_autoptr (TestDir) dir = test_dir_new ();

  write_bytes (dir, "a.txt", "one\ntwö\n\nthree", -1);
  write_bytes (dir, "empty", "", 0);
  write_bytes (dir, "zero", "a\0b", 3);
  assert_in (dir, "file.read", "[\"%s/a.txt\"]", "\"one\\ntwö\\n\\nthree\"");
  assert_in (dir, "file.lines", "[\"%s/a.txt\"]", "[\"one\", \"twö\", \"\", \"three\"]");
  assert_in (dir, "file.size", "[\"%s/a.txt\"]", "15");
  assert_in (dir, "file.read", "[\"%s/empty\"]", "\"\"");
  assert_in (dir, "file.lines", "[\"%s/empty\"]", "[]");
  assert_in (dir, "file.read", "[\"%s/zero\"]", "\"a\\u0000b\"");
  assert_in (dir, "file.read", "[\"%s/zero\", \"bytes\"]", "{\"$bytes\": \"YQBi\"}");
  assert_in (dir, "file.exists", "[\"%s/a.txt\"]", "true");
  assert_in (dir, "file.exists", "[\"%s/b.txt\"]", "false");
}

static void
test_files_that_cannot_be_read_are_errors (void)
{
  g_autoptr (TestDir) dir = test_dir_new ();

  write_bytes (dir, "latin1",
               "stra\xdf"
               "e",
               -1);
  assert_in (dir, "file.read", "[\"%s/none\"]",
             "! cannot open “%s/none”: No such file or directory");
  assert_in (dir, "file.read", "[\"%s\"]", "! cannot read “%s”: Is a directory");
  assert_in (dir, "file.read", "[\"%s/latin1\"]",
             "! “%s/latin1” is not valid UTF-8 at byte 4; read it with as=\"bytes\" (file.read)");
  assert_in (dir, "file.size", "[\"%s/none\"]",
             "! cannot look at “%s/none”: No such file or directory");
  assert_in (dir, "file.read", "[\"\"]", "! found an empty path");
  assert_in (dir, "file.read", "[\"%s\\u0000x\"]", "! found a path with a zero byte");
  assert_in (dir, "file.read", "[\"%s/latin1\", \"utf7\"]",
             "! found as=“utf7”, expected “text” or “bytes”");
}

/* /proc files say they are empty. */
static void
test_streams_are_read_to_their_end (void)
{
  WeftStatus status;
  TestRun *run =
      test_eval ("\"t\": {\"op\": \"file.read\", \"args\": [\"/proc/self/status\"]}", &status);

  g_assert_cmpint (status, ==, WEFT_OK);
  g_assert_true (
      g_str_has_prefix (((const WeftString *) test_run_wanted (run, 0)->u.box)->chars, "Name:"));
  test_run_free (run);
}

static void
test_files_are_written_whole (void)
{
  g_autoptr (TestDir) dir = test_dir_new ();
  g_autofree char *tasks =
      g_strdup_printf ("\"w\": {\"op\": \"file.write\", \"args\": [\"%s/out\", \"text\\n\"]},"
                       "\"r\": {\"op\": \"file.read\", \"args\": [{\"ref\": \"w\"}]}",
                       dir);
  g_autofree char *path = g_build_filename (dir, "out", NULL);
  struct stat info;
  mode_t mask = umask (0);

  umask (mask);
  test_assert_tasks (tasks, "\"text\\n\"");
  g_assert_cmpint (stat (path, &info), ==, 0);
  g_assert_cmpint (info.st_mode & 0777, ==, 0666 & ~mask);
  assert_in (dir, "file.write", "[\"%s/no/out\", \"x\"]",
             "! cannot create “%s/no/out”: No such file or directory");
  assert_in (dir, "file.write", "[\"%s\", \"x\"]", "! cannot create “%s”: Is a directory");
  /* and nothing is left behind */
  assert_in (dir, "glob", "[\"%s*\"]", "[\"%s\"]");
  assert_in (dir, "glob", "[\"%s/*\"]", "[\"%s/out\"]");
}

static void
test_glob_is_sorted_by_bytes (void)
{
  g_autoptr (TestDir) dir = test_dir_new ();

  write_bytes (dir, "b.txt", "", 0);
  write_bytes (dir, "B.txt", "", 0);
  write_bytes (dir, "a.txt", "", 0);
  write_bytes (dir, "a.csv", "", 0);
  assert_in (dir, "glob", "[\"%s/*.txt\"]", "[\"%s/B.txt\", \"%s/a.txt\", \"%s/b.txt\"]");
  assert_in (dir, "glob", "[\"%s/[bB].txt\"]", "[\"%s/B.txt\", \"%s/b.txt\"]");
  assert_in (dir, "glob", "[\"%s/none*\"]", "[]");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("kernels", "file", "content-is-read", test_content_is_read);
  test_add ("kernels", "file", "files-that-cannot-be-read-are-errors",
            test_files_that_cannot_be_read_are_errors);
  test_add ("kernels", "file", "streams-are-read-to-their-end", test_streams_are_read_to_their_end);
  test_add ("kernels", "file", "files-are-written-whole", test_files_are_written_whole);
  test_add ("kernels", "file", "glob-is-sorted-by-bytes", test_glob_is_sorted_by_bytes);
  return g_test_run ();
}
