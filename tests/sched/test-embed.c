/* test-embed.c: an engine as a guest in somebody's process
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "control-fixture.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static uint32_t
count_threads (void)
{
  g_autoptr (GDir) dir = g_dir_open ("/proc/self/task", 0, NULL);
  uint32_t n = 0;

  while (g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

typedef struct
{
  WeftEngine *engine;
  const char *op;
  int64_t sum;
} Host;

/* Everything an engine does, over and over. */
static void *
host (void *data)
{
  Host *self = data;

  for (int round = 0; round < 30; round++)
    {
      WeftRunOptions options = { .records = round % 2 == 0, .seed = (uint64_t) round };
      g_autoptr (WeftShape) shape = weft_shape_new_from_spec ("stencil:8,20");
      WeftGraph *graph = fixture_graph (shape, self->op);
      WeftRun *run = control_run (self->engine, graph, &options);

      weft_run_pause (run);
      weft_run_start (run);
      g_assert_true (weft_run_step (run));
      weft_run_resume (run);
      g_assert_true (weft_run_wait (run, -1));
      g_assert_cmpint (weft_run_phase (run), ==, WEFT_RUN_DONE);
      self->sum += fixture_int (run, 0, shape->n_tasks - 1);
      weft_run_unref (run);
      g_assert_true (weft_engine_set_workers (self->engine, 1 + (uint32_t) round % 4, NULL));
    }
  return NULL;
}

static void *
nothing (void *data)
{
  return data;
}

/* Two engines, with other numbers of workers and registries, worked by two threads; one is freed
 * while the other goes on. */
static void
test_two_engines_in_one_process (void)
{
  /* With the first thread a sanitizer may start one of its own. */
  g_thread_join (g_thread_new ("first", nothing, NULL));
  uint32_t n_before = count_threads ();
  WeftEngine *third = control_engine (2, 0);
  WeftRun *gate = control_run (third, control_independent ("g", "t.gate", 1, 2), NULL);
  Host hosts[2] = { { control_engine (2, 0), "t.sum", 0 }, { fixture_engine (3), "t.box", 0 } };
  GThread *threads[2];

  fixture_close_gate ();
  weft_run_start (gate);
  fixture_wait_at_gate (2);
  for (int i = 0; i < 2; i++)
    threads[i] = g_thread_new ("host", host, &hosts[i]);
  for (int i = 0; i < 2; i++)
    g_thread_join (threads[i]);
  g_assert_cmpint (hosts[0].sum, ==, hosts[1].sum);
  weft_engine_free (hosts[0].engine);
  weft_engine_free (hosts[1].engine);
  g_assert_cmpint (weft_run_phase (gate), ==, WEFT_RUN_RUNNING);
  fixture_open_gate ();
  g_assert_true (weft_run_wait (gate, -1));
  weft_run_unref (gate);
  weft_engine_free (third);
  /* The kernel may still be taking the last one down. */
  while (count_threads () > n_before)
    g_thread_yield ();
}

static bool
same_signal (int number, const struct sigaction *before)
{
  struct sigaction now;

  return sigaction (number, NULL, &now) != 0 || now.sa_handler == before->sa_handler;
}

static void
test_signals_are_left_alone (void)
{
  struct sigaction before[NSIG] = { 0 };
  sigset_t mask_before, mask;
  Host self = { NULL, "t.box", 0 };

  for (int number = 1; number < NSIG; number++)
    sigaction (number, NULL, &before[number]);
  pthread_sigmask (SIG_SETMASK, NULL, &mask_before);
  self.engine = control_engine (2, 0);
  host (&self);
  for (int number = 1; number < NSIG; number++)
    g_assert_true (same_signal (number, &before[number]));
  pthread_sigmask (SIG_SETMASK, NULL, &mask);
  for (int number = 1; number < NSIG; number++)
    g_assert_cmpint (sigismember (&mask, number), ==, sigismember (&mask_before, number));
  weft_engine_free (self.engine);
  for (int number = 1; number < NSIG; number++)
    g_assert_true (same_signal (number, &before[number]));
}

/* As documented: the child of a fork leaves the engine alone and ends; the parent goes on. */
static void
test_fork_leaves_the_parent_alone (void)
{
  WeftEngine *engine = control_engine (2, 0);
  WeftRun *run = control_run (engine, control_independent ("g", "t.gate", 1, 2), NULL);
  int status = -1;
  pid_t child;

  fixture_close_gate ();
  weft_run_start (run);
  fixture_wait_at_gate (2);
  child = fork ();
  if (child == 0)
    _exit (7);
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFEXITED (status));
  g_assert_cmpint (WEXITSTATUS (status), ==, 7);
  fixture_open_gate ();
  g_assert_true (weft_run_wait (run, -1));
  g_assert_cmpint (weft_run_phase (run), ==, WEFT_RUN_DONE);
  weft_run_unref (run);
  weft_engine_free (engine);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("sched", "embed", "two-engines-in-one-process", test_two_engines_in_one_process);
  test_add ("sched", "embed", "signals-are-left-alone", test_signals_are_left_alone);
  test_add ("sched", "embed", "fork-leaves-the-parent-alone", test_fork_leaves_the_parent_alone);
  return g_test_run ();
}
