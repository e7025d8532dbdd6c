/* test-exec.c: programs as tasks
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * What has to happen "while the child runs" is made sure of by the child itself: it says so on
 * stderr, and the context's log, which is called as output comes, acts on it.
 */
#include "config.h"

#include "base/weft-clock.h"
#include "kernels/call-op.h"

#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>

static TestRun *
prepared (const char *tasks)
{
  WeftOpRegistry *registry = weft_op_registry_new ();
  g_autoptr (GError) error = NULL;
  TestRun *run = test_run_new (registry, test_graph (tasks), &error);

  g_assert_no_error (error);
  weft_op_registry_unref (registry);
  return run;
}

/* exec of a shell script; @more: further JSON members of the keyword arguments, or "" */
static TestRun *
prepared_shell (const char *script, const char *more)
{
  g_autofree char *tasks =
      g_strdup_printf ("\"t\": {\"op\": \"exec\", \"args\": [[\"sh\", \"-c\", \"%s\"]], "
                       "\"kwargs\": {%s}}",
                       script, more);

  return prepared (tasks);
}

static void
assert_shell (const char *script, const char *more, const char *expected)
{
  TestRun *run = prepared_shell (script, more);
  WeftStatus status = test_run_all (run);
  g_autofree char *text = status == WEFT_OK ? weft_value_to_text (test_run_wanted (run, 0), true, 0)
                                            : g_strdup_printf ("! %s", run->message);

  g_assert_cmpstr (text, ==, expected);
  test_run_free (run);
}

/* ---- what leaks would look like -------------------------------------------------------------- */

static int
n_open_fds (void)
{
  DIR *dir = opendir ("/proc/self/fd");
  int n = 0;

  while (readdir (dir) != NULL)
    n++;
  closedir (dir);
  return n;
}

static void
assert_no_children (void)
{
  g_assert_cmpint (waitpid (-1, NULL, WNOHANG), ==, -1);
  g_assert_cmpint (errno, ==, ECHILD);
}

/* ---- results --------------------------------------------------------------------------------- */

static void
test_stdout_is_the_result (void)
{
  test_assert_op ("exec", "[[\"printf\", \"%s-%s\\n\", \"a b\", 5]]", "\"a b-5\\n\"");
  assert_shell ("printf 'a\\\\001\\\\377'", "\"as\": \"bytes\"", "{\"$bytes\": \"YQH/\"}");
  assert_shell ("printf '\\\\377'", "",
                "! what it printed is not valid UTF-8 at byte 0; use as=\"bytes\"");
  assert_shell ("true", "", "\"\"");
  assert_no_children ();
}

static void
test_stdin_comes_from_results (void)
{
  assert_shell ("cat", "\"stdin\": \"text in\"", "\"text in\"");
  assert_shell ("cat; echo end", "", "\"end\\n\"");
  test_assert_tasks (
      "\"a\": {\"op\": \"alloc\", \"args\": [3000000, 65]},"
      "\"c\": {\"op\": \"exec\", \"args\": [[\"wc\", \"-c\"]], \"kwargs\": {\"stdin\": "
      "{\"ref\": \"a\"}}}",
      "\"3000000\\n\"");
  test_assert_tasks (
      "\"f\": {\"op\": \"file.info\", \"args\": [\"/proc/self/comm\"]},"
      "\"c\": {\"op\": \"exec\", \"args\": [[\"wc\", \"-l\"]], \"kwargs\": {\"stdin\": "
      "{\"ref\": \"f\"}}}",
      "\"1\\n\"");
}

/* Both directions at once, more than any pipe holds; and a child that does not read at all. */
static void
test_pipes_do_not_block_each_other (void)
{
  TestRun *run = prepared ("\"a\": {\"op\": \"alloc\", \"args\": [2000000, 66]},"
                           "\"c\": {\"op\": \"exec\", \"args\": [[\"tee\", \"/dev/stderr\"]], "
                           "\"kwargs\": {\"stdin\": {\"ref\": \"a\"}}}");

  g_assert_cmpint (test_run_all (run), ==, WEFT_OK);
  g_assert_cmpuint (((const WeftString *) test_run_wanted (run, 0)->u.box)->n_chars, ==, 2000000);
  g_assert_cmpuint (run->log[2]->len, ==, 2000000);
  test_run_free (run);
  test_assert_tasks ("\"a\": {\"op\": \"alloc\", \"args\": [2000000, 66]},"
                     "\"c\": {\"op\": \"exec\", \"args\": [[\"echo\", \"no\"]], \"kwargs\": "
                     "{\"stdin\": {\"ref\": \"a\"}}}",
                     "\"no\\n\"");
}

static void
test_environment_and_folder_are_changed (void)
{
  g_autoptr (TestDir) dir = test_dir_new ();
  g_autofree char *more = g_strdup_printf ("\"cwd\": \"%s\"", dir);
  g_autofree char *expected = g_strdup_printf ("\"%s\\n\"", dir);

  g_setenv ("WEFT_TEST_KEPT", "kept", TRUE);
  g_setenv ("WEFT_TEST_GONE", "gone", TRUE);
  assert_shell ("echo $WEFT_TEST_KEPT ${WEFT_TEST_GONE-none} $WEFT_TEST_NEW",
                "\"env\": {\"WEFT_TEST_NEW\": 5, \"WEFT_TEST_GONE\": null}", "\"kept none 5\\n\"");
  assert_shell ("pwd -P", more, expected);
}

static void
test_output_files_must_be_there (void)
{
  g_autoptr (TestDir) dir = test_dir_new ();
  g_autofree char *more = g_strdup_printf ("\"cwd\": \"%s\", \"outputs\": [\"made\"]", dir);
  g_autofree char *expected = g_strdup_printf (
      "! “sh” ended well, but its output file “%s/made” is not there: No such file or directory",
      dir);

  assert_shell ("true", more, expected);
  assert_shell (": > made", more, "\"\"");
}

static void
test_input_files_must_be_there (void)
{
  g_autoptr (TestDir) dir = test_dir_new ();
  g_autofree char *path = g_build_filename (dir, "read", NULL);
  g_autofree char *more = g_strdup_printf ("\"cwd\": \"%s\", \"inputs\": [\"read\"]", dir);
  g_autofree char *expected = g_strdup_printf (
      "! “sh” cannot start: its input file “%s” is not there: No such file or directory", path);

  assert_shell ("echo ran > ran", more, expected);
  g_assert_true (g_file_set_contents (path, "", 0, NULL));
  assert_shell ("ls", more, "\"read\\n\""); /* and no file “ran”: nothing was started */
}

/* ---- failures -------------------------------------------------------------------------------- */

static void
test_exit_status_is_an_error_with_stderr (void)
{
  TestRun *run = prepared_shell ("for i in 1 2 3 4 5 6 7; do echo line $i >&2; done; exit 3", "");

  g_assert_cmpint (test_run_all (run), ==, WEFT_FAILED);
  g_assert_cmpstr (run->kind, ==, "exit status");
  g_assert_cmpstr (run->message, ==,
                   "“sh” ended with exit status 3; the last lines of stderr:\n"
                   "line 3\nline 4\nline 5\nline 6\nline 7");
  g_assert_true (g_str_has_prefix (run->detail, "line 1\n"));
  g_assert_true (g_str_has_prefix (run->log[2]->str, "line 1\nline 2\n"));
  test_run_free (run);
  assert_shell ("exit 1", "", "! “sh” ended with exit status 1");
  assert_shell ("echo why >&2; exit 1", "", "! “sh” ended with exit status 1: why");
  assert_shell ("kill -9 $$", "", "! “sh” was killed by signal 9 (Killed)");
  assert_no_children ();
}

static void
test_long_stderr_keeps_its_end (void)
{
  TestRun *run =
      prepared_shell ("i=0; while [ $i -lt 3000 ]; do i=$((i+1)); echo line $i >&2; done; "
                      "exit 1",
                      "");

  g_assert_cmpint (test_run_all (run), ==, WEFT_FAILED);
  g_assert_true (g_str_has_suffix (run->message, "line 2999\nline 3000"));
  g_assert_cmpuint (strlen (run->detail), <=, 4096);
  g_assert_true (g_str_has_suffix (run->detail, "line 3000\n"));
  g_assert_true (g_str_has_suffix (run->log[2]->str, "line 3000\n"));
  test_run_free (run);
}

static void
test_programs_that_cannot_start_are_errors (void)
{
  int before = n_open_fds ();

  test_assert_op ("exec", "[[\"weft-no-such-program\"]]",
                  "! cannot start “weft-no-such-program”: No such file or directory");
  test_assert_op ("exec", "[[\"/etc/passwd\"]]", "! cannot start “/etc/passwd”: Permission denied");
  test_assert_op (
      "exec", "[[\"true\"], \"/no/such/folder\"]",
      "! cannot start “true” in the folder “/no/such/folder”: No such file or directory");
  test_assert_op ("exec", "[[]]", "! found no program in argv, expected its name or path");
  test_assert_op ("exec", "[[\"echo\", [1]]]",
                  "! found list in argv, expected string, number or file");
  test_assert_op ("exec", "[[\"echo\", \"a\\u0000b\"]]", "! found a zero byte in argv");
  test_assert_op ("exec", "[[\"true\"], null, {\"A=B\": \"c\"}]",
                  "! found “A=B” as name of an environment variable");
  test_assert_op ("exec", "[[\"true\"], null, null, null, -1]",
                  "! found timeout=-1, expected 0 or more seconds");
  test_assert_op ("exec", "[[\"true\"], null, null, null, null, \"json\"]",
                  "! found as=“json”, expected “text” or “bytes”");
  g_assert_cmpint (n_open_fds (), ==, before);
  assert_no_children ();
}

static void
test_too_much_output_is_an_error (void)
{
  assert_shell (
      "yes", "\"limit\": 100000",
      "! “sh” printed more than 100000 bytes and was terminated; raise `limit`, or let it "
      "write a file");
  assert_shell ("printf 12345", "\"limit\": 5", "\"12345\"");
  assert_shell (
      "printf 123456", "\"limit\": 5",
      "! “sh” printed more than 5 bytes and was terminated; raise `limit`, or let it write a "
      "file");
  assert_no_children ();
}

/* ---- ending early ---------------------------------------------------------------------------- */

static void
test_own_timeout_terminates (void)
{
  TestRun *run = prepared_shell ("sleep 3600", "\"timeout\": 0.05");

  g_assert_cmpint (test_run_all (run), ==, WEFT_TIMED_OUT);
  g_assert_cmpstr (run->message, ==, "“sh” ran longer than its timeout and was terminated");
  test_run_free (run);
  assert_no_children ();
}

static void
test_deadline_terminates (void)
{
  TestRun *run = prepared_shell ("sleep 3600", "");

  run->deadline_ns = weft_clock_mono_ns () + 50000000;
  g_assert_cmpint (test_run_all (run), ==, WEFT_TIMED_OUT);
  test_run_free (run);
  assert_no_children ();
}

/* The log of a task whose child has said that it is ready: cancels it. */
static void
cancel_when_ready (WeftTask *task, int stream, const char *bytes, size_t n_bytes)
{
  test_run_log (task, stream, bytes, n_bytes);
  if (stream == 2 && strstr (((TestRun *) task)->log[2]->str, "ready") != NULL
      && !test_run_is_cancelled (task))
    test_run_cancel ((TestRun *) task);
}

static TestRun *
run_and_cancel (const char *script)
{
  TestRun *run = prepared_shell (script, "");
  WeftTaskOps task_ops = test_run_ops;

  task_ops.log = cancel_when_ready;
  run->base.ops = &task_ops;
  g_assert_cmpint (test_run_all (run), ==, WEFT_CANCELLED);
  run->base.ops = &test_run_ops;
  return run;
}

static bool
is_gone (const char *pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%s/stat", pid);
  g_autofree char *stat_text = NULL;

  return !g_file_get_contents (path, &stat_text, NULL, NULL) || strstr (stat_text, ") Z") != NULL;
}

/* The pids that a script printed go away: a signal was sent, but dying takes its time. */
static void
assert_gone (const char *pids)
{
  g_auto (GStrv) words = g_strsplit_set (pids, " \n", -1);
  int64_t end = weft_clock_mono_ns () + INT64_C (20000000000);

  for (char **word = words; *word != NULL; word++)
    while (g_ascii_isdigit (**word) && !is_gone (*word))
      {
        g_assert_cmpint (weft_clock_mono_ns (), <, end);
        sched_yield ();
      }
}

static void
test_cancel_terminates_the_whole_group (void)
{
  TestRun *run = run_and_cancel ("sleep 3600 & sleep 3600 & echo ready $$ $! >&2; wait");

  g_assert_cmpstr (run->message, ==, "“sh” was terminated, as the task was cancelled");
  assert_gone (run->log[2]->str);
  test_run_free (run);
  assert_no_children ();
}

static void
test_who_ignores_sigterm_is_killed (void)
{
  int64_t before = weft_clock_mono_ns ();
  TestRun *run = run_and_cancel ("trap '' TERM; echo ready $$ >&2; while :; do sleep 3600; done");

  g_assert_cmpint (weft_clock_mono_ns () - before, >=, 2000000000);
  assert_gone (run->log[2]->str);
  test_run_free (run);
  assert_no_children ();
}

/* SIGTERM lets a program clean up. */
static void
test_sigterm_comes_first (void)
{
  TestRun *run = run_and_cancel ("trap 'echo cleaned >&2; exit 0' TERM; echo ready >&2; "
                                 "while :; do sleep 0.01; done");

  g_assert_nonnull (strstr (run->log[2]->str, "cleaned"));
  test_run_free (run);
}

/* A child that ends leaves nothing of its group behind, even if that holds on to its pipes. */
static void
test_what_is_left_behind_is_ended (void)
{
  TestRun *run = prepared_shell ("sleep 3600 & echo $!", "");

  g_assert_cmpint (test_run_all (run), ==, WEFT_OK);
  assert_gone (((const WeftString *) test_run_wanted (run, 0)->u.box)->chars);
  test_run_free (run);
  run = prepared_shell ("sleep 3600 >&- 2>&- & echo $!", "");
  g_assert_cmpint (test_run_all (run), ==, WEFT_OK);
  assert_gone (((const WeftString *) test_run_wanted (run, 0)->u.box)->chars);
  test_run_free (run);
  assert_no_children ();
}

/* ---- the rest -------------------------------------------------------------------------------- */

static void
test_output_is_logged_as_it_comes (void)
{
  TestRun *run = prepared_shell ("echo one; echo two >&2; head -c 200000 /dev/zero", "");

  g_assert_cmpint (test_run_all (run), ==, WEFT_OK);
  g_assert_true (g_str_has_prefix (run->log[1]->str, "one\n"));
  g_assert_cmpuint (run->log[1]->len, ==, 65536);
  g_assert_cmpstr (run->log[2]->str, ==, "two\n");
  test_run_free (run);
}

static void
test_childs_cpu_and_memory_are_accounted (void)
{
  TestRun *run = prepared_shell ("i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done", "");

  g_assert_cmpint (test_run_all (run), ==, WEFT_OK);
  g_assert_cmpint (run->child_cpu_ns, >, 0);
  g_assert_cmpint (run->child_rss_bytes, >, 100000);
  test_run_free (run);
}

/* The child has default signal handling, an empty mask, three descriptors and a group of its own.
 * */
static void
test_child_starts_clean (void)
{
  sigset_t mask, before;
  TestRun *run;
  const char *text, *ignored;

  sigemptyset (&mask);
  sigaddset (&mask, SIGUSR1);
  pthread_sigmask (SIG_BLOCK, &mask, &before);
  signal (SIGPIPE, SIG_IGN);
  run = prepared (
      "\"t\": {\"op\": \"exec\", \"args\": [[\"sh\", \"-c\", \"ls /proc/$$/fd | tr '\\n' ' '; "
      "grep -E 'SigBlk|SigIgn' /proc/$$/status | tr '\\n' ' '; "
      "test $(cut -d' ' -f5 /proc/$$/stat) = $$ && echo own\"]]}");
  g_assert_cmpint (test_run_all (run), ==, WEFT_OK);
  signal (SIGPIPE, SIG_DFL);
  pthread_sigmask (SIG_SETMASK, &before, NULL);
  text = ((const WeftString *) test_run_wanted (run, 0)->u.box)->chars;
  g_assert_true (g_str_has_prefix (text, "0 1 2 "));
  g_assert_nonnull (strstr (text, "SigBlk:\t0000000000000000"));
  ignored = strstr (text, "SigIgn:\t");
  g_assert_nonnull (ignored);
  /* the C library ignores its own two signals, 32 and 33, until the new program sets them up */
  g_assert_cmpuint (
      g_ascii_strtoull (ignored + strlen ("SigIgn:\t"), NULL, 16) & ~UINT64_C (0x180000000), ==, 0);
  g_assert_true (g_str_has_suffix (text, "own\n"));
  test_run_free (run);
}

typedef struct
{
  int number;
  int n_runs;
} Runner;

static void *
run_many (void *data)
{
  const Runner *runner = data;

  for (int i = 0; i < runner->n_runs; i++)
    {
      g_autofree char *script = g_strdup_printf ("cat; echo %d", runner->number);
      g_autofree char *expected = g_strdup_printf ("\"in%d\\n\"", runner->number);

      assert_shell (script, "\"stdin\": \"in\"", expected);
    }
  return NULL;
}

/* Children started at the same time get each their own pipes: nobody waits for a stranger's end. */
static void
test_many_threads_run_programs (void)
{
  pthread_t threads[8];
  Runner runners[8];
  int before = n_open_fds ();

  for (int i = 0; i < 8; i++)
    {
      runners[i] = (Runner){ i, 20 / (int) MIN (4, test_slowdown ()) };
      g_assert_cmpint (pthread_create (&threads[i], NULL, run_many, &runners[i]), ==, 0);
    }
  for (int i = 0; i < 8; i++)
    pthread_join (threads[i], NULL);
  g_assert_cmpint (n_open_fds (), ==, before);
  assert_no_children ();
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("kernels", "exec", "stdout-is-the-result", test_stdout_is_the_result);
  test_add ("kernels", "exec", "stdin-comes-from-results", test_stdin_comes_from_results);
  test_add ("kernels", "exec", "pipes-do-not-block-each-other", test_pipes_do_not_block_each_other);
  test_add ("kernels", "exec", "environment-and-folder-are-changed",
            test_environment_and_folder_are_changed);
  test_add ("kernels", "exec", "output-files-must-be-there", test_output_files_must_be_there);
  test_add ("kernels", "exec", "input-files-must-be-there", test_input_files_must_be_there);
  test_add ("kernels", "exec", "exit-status-is-an-error-with-stderr",
            test_exit_status_is_an_error_with_stderr);
  test_add ("kernels", "exec", "long-stderr-keeps-its-end", test_long_stderr_keeps_its_end);
  test_add ("kernels", "exec", "programs-that-cannot-start-are-errors",
            test_programs_that_cannot_start_are_errors);
  test_add ("kernels", "exec", "too-much-output-is-an-error", test_too_much_output_is_an_error);
  test_add ("kernels", "exec", "own-timeout-terminates", test_own_timeout_terminates);
  test_add ("kernels", "exec", "deadline-terminates", test_deadline_terminates);
  test_add ("kernels", "exec", "cancel-terminates-the-whole-group",
            test_cancel_terminates_the_whole_group);
  test_add ("kernels", "exec", "who-ignores-sigterm-is-killed", test_who_ignores_sigterm_is_killed);
  test_add ("kernels", "exec", "sigterm-comes-first", test_sigterm_comes_first);
  test_add ("kernels", "exec", "what-is-left-behind-is-ended", test_what_is_left_behind_is_ended);
  test_add ("kernels", "exec", "output-is-logged-as-it-comes", test_output_is_logged_as_it_comes);
  test_add ("kernels", "exec", "childs-cpu-and-memory-are-accounted",
            test_childs_cpu_and_memory_are_accounted);
  test_add ("kernels", "exec", "child-starts-clean", test_child_starts_clean);
  test_add ("kernels", "exec", "many-threads-run-programs", test_many_threads_run_programs);
  return g_test_run ();
}
