/* test-pool.c: the pool of workers: how many, where, resized, idle
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "sched-fixture.h"
#include "sched/weft-sched-private.h"

#include <errno.h>
#include <math.h>
#include <sched.h>
#include <string.h>
#include <sys/resource.h>

/* ---- how many -------------------------------------------------------------------------------- */

static void
write_below (const char *root, const char *path, const char *text)
{
  g_autofree char *file = g_build_filename (root, path, NULL);
  g_autofree char *folder = g_path_get_dirname (file);

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  g_assert_true (g_file_set_contents (file, text, -1, NULL));
}

/* The lowest quota of the own group and all above it, rounded up to whole cores. */
static void
test_quota (void)
{
  g_autoptr (TestDir) root = test_dir_new ();

  g_assert_cmpuint (_weft_quota_cores (root), ==, 0);
  write_below (root, "proc/self/cgroup", "0::/a/b\n");
  g_assert_cmpuint (_weft_quota_cores (root), ==, 0);
  write_below (root, "sys/fs/cgroup/a/b/cpu.max", "max 100000\n");
  g_assert_cmpuint (_weft_quota_cores (root), ==, 0);
  write_below (root, "sys/fs/cgroup/a/cpu.max", "420000 100000\n");
  g_assert_cmpuint (_weft_quota_cores (root), ==, 5);
  write_below (root, "sys/fs/cgroup/a/b/cpu.max", "300000 100000\n");
  g_assert_cmpuint (_weft_quota_cores (root), ==, 3);
  write_below (root, "sys/fs/cgroup/cpu.max", "10000 100000\n");
  g_assert_cmpuint (_weft_quota_cores (root), ==, 1);
}

static void
test_quota_of_version_1 (void)
{
  g_autoptr (TestDir) root = test_dir_new ();

  write_below (root, "proc/self/cgroup", "5:memory:/x\n4:cpu,cpuacct:/jobs/7\n");
  write_below (root, "sys/fs/cgroup/cpu,cpuacct/jobs/7/cpu.cfs_quota_us", "-1\n");
  write_below (root, "sys/fs/cgroup/cpu,cpuacct/jobs/7/cpu.cfs_period_us", "100000\n");
  g_assert_cmpuint (_weft_quota_cores (root), ==, 0);
  write_below (root, "sys/fs/cgroup/cpu,cpuacct/jobs/cpu.cfs_quota_us", "250000\n");
  write_below (root, "sys/fs/cgroup/cpu,cpuacct/jobs/cpu.cfs_period_us", "100000\n");
  g_assert_cmpuint (_weft_quota_cores (root), ==, 3);
}

/* Runs `body` with the thread's affinity narrowed to its first core. */
static void
on_one_core (void (*body) (const cpu_set_t *one))
{
  cpu_set_t before, one;
  int core = 0;

  g_assert_cmpint (sched_getaffinity (0, sizeof before, &before), ==, 0);
  while (!CPU_ISSET (core, &before))
    core++;
  CPU_ZERO (&one);
  CPU_SET (core, &one);
  g_assert_cmpint (sched_setaffinity (0, sizeof one, &one), ==, 0);
  body (&one);
  g_assert_cmpint (sched_setaffinity (0, sizeof before, &before), ==, 0);
}

static void
check_one_usable (const cpu_set_t *one G_GNUC_UNUSED)
{
  WeftEngine *engine = weft_engine_new (NULL, NULL);

  g_assert_cmpuint (weft_usable_cores (), ==, 1);
  g_assert_cmpuint (weft_engine_n_workers (engine), ==, 1);
  weft_engine_free (engine);
}

static void
test_affinity (void)
{
  WeftEngine *engine = weft_engine_new (NULL, NULL);

  g_assert_cmpuint (weft_engine_n_workers (engine), ==, weft_usable_cores ());
  weft_engine_free (engine);
  on_one_core (check_one_usable);
}

static void
test_most_and_least (void)
{
  g_autoptr (WeftShape) shape = weft_shape_new_from_spec ("stencil:32,20");
  WeftEngineOptions options = { .n_workers = WEFT_MAX_WORKERS + 1 };
  g_autoptr (GError) error = NULL;
  WeftEngine *engine = weft_engine_new (&options, &error);

  g_assert_null (engine);
  test_assert_error (&error, WEFT_ENGINE_ERROR, WEFT_ENGINE_ERROR_ARGUMENT, "1025", "1024", NULL);
  engine = fixture_engine (WEFT_MAX_WORKERS);
  WeftGraph *graph = fixture_graph (shape, "t.box");
  WeftRun *run = fixture_run (engine, graph, NULL);
  g_assert_cmpint (weft_run_phase (run), ==, WEFT_RUN_DONE);
  g_assert_false (weft_engine_set_workers (engine, 0, &error));
  test_assert_error (&error, WEFT_ENGINE_ERROR, WEFT_ENGINE_ERROR_ARGUMENT, "0", NULL);
  g_assert_cmpuint (weft_engine_n_workers (engine), ==, WEFT_MAX_WORKERS);
  weft_run_unref (run);
  weft_graph_unref (graph);
  weft_engine_free (engine);
}

/* ---- resized --------------------------------------------------------------------------------- */

/* More workers take up tasks at once; with fewer, fewer run at the same time from then on. */
static void
test_resized_while_running (void)
{
  g_autoptr (WeftShape) shape = weft_shape_new_independent (64);
  WeftEngine *engine = fixture_engine (1);
  WeftGraph *graph = fixture_graph (shape, "t.gate");
  WeftRun *run;

  fixture_close_gate ();
  run = weft_run_new (engine, graph, NULL, NULL);
  weft_run_start (run);
  fixture_wait_at_gate (1);
  g_assert_true (weft_engine_set_workers (engine, 5, NULL));
  fixture_wait_at_gate (5);
  g_assert_true (weft_engine_set_workers (engine, 2, NULL));
  g_assert_cmpuint (weft_engine_n_workers (engine), ==, 2);
  fixture_open_gate ();
  weft_run_wait (run, -1);
  g_assert_cmpuint (fixture_most_inside (), ==, 5);
  weft_run_unref (run);

  fixture_close_gate ();
  run = weft_run_new (engine, graph, NULL, NULL);
  weft_run_start (run);
  fixture_wait_at_gate (2);
  fixture_open_gate ();
  weft_run_wait (run, -1);
  g_assert_cmpuint (fixture_most_inside (), ==, 2);
  weft_run_unref (run);
  weft_graph_unref (graph);
  weft_engine_free (engine);
}

/* ---- pinned ---------------------------------------------------------------------------------- */

static pthread_mutex_t places_lock = PTHREAD_MUTEX_INITIALIZER;
static cpu_set_t places[64]; /* by worker */

static WeftStatus
place_kernel (WeftTask *task, const WeftValue *args, uint32_t n_args, WeftValue *results)
{
  uint32_t worker = weft_task_worker (task);

  pthread_mutex_lock (&places_lock);
  if (worker < G_N_ELEMENTS (places))
    sched_getaffinity (0, sizeof places[worker], &places[worker]);
  pthread_mutex_unlock (&places_lock);
  weft_value_set_int64 (results, n_args > 0 ? args[0].u.i : 0);
  return WEFT_OK;
}

static const WeftOpParam place_param = { .name = "x", .accepts = WEFT_ACCEPT_ANY, .doc = "x" };
static const WeftOp place_op = { .name = "p.place",
                                 .version = 1,
                                 .doc = "notes where its worker may run",
                                 .params = &place_param,
                                 .n_params = 1,
                                 .variadic = true,
                                 .n_outputs = 1,
                                 .kernel = place_kernel };

static void
run_places (uint32_t n_workers, bool pin)
{
  g_autoptr (WeftShape) shape = weft_shape_new_independent (200);
  WeftEngineOptions options = { .n_workers = n_workers,
                                .pin = pin,
                                .registry = fixture_registry () };

  memset (places, 0, sizeof places);
  g_assert_true (weft_op_registry_add (options.registry, &place_op, 1, NULL));
  WeftEngine *engine = weft_engine_new (&options, NULL);
  WeftGraph *graph = fixture_graph (shape, "p.place");
  weft_run_unref (fixture_run (engine, graph, NULL));
  weft_graph_unref (graph);
  weft_engine_free (engine);
  weft_op_registry_unref (options.registry);
}

/* Each worker that ran anything may run on one processor only, of those the process may use. */
static void
check_pinned (const cpu_set_t *allowed)
{
  uint32_t n = 0;

  run_places (2, true);
  for (uint32_t i = 0; i < 2; i++)
    {
      cpu_set_t both;

      if (CPU_COUNT (&places[i]) == 0)
        continue;
      n++;
      CPU_AND (&both, &places[i], allowed);
      g_assert_true (CPU_EQUAL (&both, &places[i]));
      g_assert_cmpint (CPU_COUNT (&places[i]), ==, 1);
      for (uint32_t k = 0; k < i && CPU_COUNT (allowed) > 1; k++)
        g_assert_false (CPU_EQUAL (&places[i], &places[k]));
    }
  g_assert_cmpuint (n, >, 0);
}

static void
test_pinned (void)
{
  cpu_set_t allowed;

  g_assert_cmpint (sched_getaffinity (0, sizeof allowed, &allowed), ==, 0);
  check_pinned (&allowed);
  on_one_core (check_pinned);
  run_places (1, false);
  g_assert_true (CPU_EQUAL (&places[0], &allowed));
}

/* ---- idle ------------------------------------------------------------------------------------ */

static double
cpu_seconds (void)
{
  struct rusage usage;

  getrusage (RUSAGE_SELF, &usage);
  return (double) (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
         + (double) (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

/* The share of one core that the process takes while its 64 workers have nothing to do. A sanitizer
 * has threads of its own. */
static void
test_idle (void)
{
  g_autoptr (WeftShape) shape = weft_shape_new_from_spec ("stencil:64,200");
  WeftEngine *engine = fixture_engine (64);
  WeftGraph *graph = fixture_graph (shape, "t.sum");
  struct timespec pause = { .tv_sec = test_slowdown () / 2, .tv_nsec = 500000000 };
  struct timespec span = { .tv_sec = 4 };

  weft_run_unref (fixture_run (engine, graph, NULL));
  nanosleep (&pause, NULL); /* they spin for a while before they sleep */
  double cpu = cpu_seconds ();
  int64_t wall_ns = weft_clock_mono_ns ();
  nanosleep (&span, NULL);
  double share = (cpu_seconds () - cpu) / ((double) (weft_clock_mono_ns () - wall_ns) / 1e9);
  g_test_message ("64 idle workers: %.4f %% of a core", 100 * share);
  g_assert_cmpfloat (share, <, 0.001 * test_slowdown ());
  weft_graph_unref (graph);
  weft_engine_free (engine);
}

/* While one works on what all others wait for, they nap, though there are ids left to look at. */
static void
test_blocked (void)
{
  /* Looking at so many ids takes a few ms, a sanitizer's ten times as long. */
  g_autoptr (WeftShape) shape = weft_shape_new_chains (1, 300000 / (guint) test_slowdown ());
  WeftEngine *engine = fixture_engine (8);
  WeftGraph *graph = fixture_graph (shape, "t.gate");
  g_autoptr (GError) error = NULL;
  struct timespec span = { .tv_nsec = 100000000 };
  double share = HUGE_VAL;

  fixture_close_gate ();
  WeftRun *run = weft_run_new (engine, graph, NULL, &error);
  g_assert_no_error (error);
  weft_run_start (run);
  fixture_wait_at_gate (1);
  /* what they do at first, and what else the machine does, is not in each of them */
  for (unsigned i = 0; i < 5; i++)
    {
      double cpu = cpu_seconds ();
      int64_t wall_ns = weft_clock_mono_ns ();

      nanosleep (&span, NULL);
      share =
          MIN (share, (cpu_seconds () - cpu) / ((double) (weft_clock_mono_ns () - wall_ns) / 1e9));
    }
  g_test_message ("7 workers that wait for the eighth: %.2f %% of a core", 100 * share);
  fixture_open_gate ();
  g_assert_true (weft_run_wait (run, -1));
  g_assert_cmpfloat (share, <, 0.11 * test_slowdown ());
  weft_run_unref (run);
  weft_graph_unref (graph);
  weft_engine_free (engine);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("sched", "pool", "quota-is-respected", test_quota);
  test_add ("sched", "pool", "quota-of-version-1", test_quota_of_version_1);
  test_add ("sched", "pool", "affinity-is-respected", test_affinity);
  test_add ("sched", "pool", "up-to-1024-workers", test_most_and_least);
  test_add ("sched", "pool", "resized-while-running", test_resized_while_running);
  test_add ("sched", "pool", "pinned-within-the-affinity", test_pinned);
  test_add ("sched", "pool", "idle-workers-take-no-time", test_idle);
  test_add ("sched", "pool", "blocked-workers-nap", test_blocked);
  return g_test_run ();
}
