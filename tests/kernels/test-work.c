/* test-work.c: operations that stand in for work
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "base/weft-clock.h"
#include "kernels/call-op.h"

#include <pthread.h>

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

static int64_t
thread_cpu_ns (void)
{
  struct timespec now;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &now);
  return (int64_t) now.tv_sec * 1000000000 + now.tv_nsec;
}

/* ---- waiting --------------------------------------------------------------------------------- */

static void
test_sleep_takes_its_time_and_no_cpu (void)
{
  int64_t before = weft_clock_mono_ns (), cpu_before = thread_cpu_ns ();

  test_assert_op ("sleep", "[0.05, \"done\"]", "\"done\"");
  g_assert_cmpint (weft_clock_mono_ns () - before, >=, 50000000);
  g_assert_cmpint (thread_cpu_ns () - cpu_before, <, 45000000);
  test_assert_op ("sleep", "[0]", "null");
  test_assert_op ("sleep", "[-1]", "! found -1 seconds, expected 0 or more");
}

static void *
cancel_later (void *data)
{
  TestRun *run = data;

  test_run_cancel (run);
  return NULL;
}

/* An hour of it ends at once, whether it has begun or not. */
static void
test_cancel_ends_waiting_and_burning (void)
{
  static const char *const tasks[] = {
    "\"t\": {\"op\": \"sleep\", \"args\": [3600]}", "\"t\": {\"op\": \"busy\", \"args\": [3600]}",
    "\"t\": {\"op\": \"replay\", \"args\": [3600, 0, \"burn\"]}"
  };

  for (size_t i = 0; i < G_N_ELEMENTS (tasks); i++)
    {
      TestRun *run = prepared (tasks[i]);
      pthread_t thread;

      g_assert_cmpint (pthread_create (&thread, NULL, cancel_later, run), ==, 0);
      g_assert_cmpint (test_run_task (run, 0), ==, WEFT_CANCELLED);
      pthread_join (thread, NULL);
      test_run_free (run);
    }
}

static void *
raise_flag_only (void *data)
{
  TestRun *run = data;

  atomic_store_explicit (&run->cancelled, true, memory_order_relaxed);
  return NULL;
}

/* Then the flag is polled. */
static void
test_cancel_is_seen_without_a_descriptor (void)
{
  TestRun *run = prepared ("\"t\": {\"op\": \"sleep\", \"args\": [3600]}");
  int fd = run->cancel_fd;
  pthread_t thread;

  run->cancel_fd = -1;
  g_assert_cmpint (pthread_create (&thread, NULL, raise_flag_only, run), ==, 0);
  g_assert_cmpint (test_run_task (run, 0), ==, WEFT_CANCELLED);
  pthread_join (thread, NULL);
  run->cancel_fd = fd;
  test_run_free (run);
}

static void
test_deadline_ends_waiting (void)
{
  TestRun *run = prepared ("\"t\": {\"op\": \"busy\", \"args\": [3600]}");

  run->deadline_ns = weft_clock_mono_ns () + 20000000;
  g_assert_cmpint (test_run_task (run, 0), ==, WEFT_TIMED_OUT);
  test_run_free (run);
}

/* The functions of Dask's first lesson: they take their time, and then what `add` gives. */
static void
test_slow_sums (void)
{
  int64_t before = weft_clock_mono_ns ();

  test_assert_op ("slow.inc", "[1, 0.02]", "2");
  test_assert_op ("slow.add", "[2, 3.5, 0.02]", "5.5");
  g_assert_cmpint (weft_clock_mono_ns () - before, >=, 40000000);
  test_assert_op ("slow.inc", "[1, -1]", "! found -1 seconds, expected 0 or more");
  test_assert_op (
      "slow.add", "[9223372036854775807, 1, 0]",
      "! 9223372036854775807 + 1 does not fit into a 64-bit integer; use a float operand, "
      "as in 9223372036854775808.0");
}

/* ---- burning --------------------------------------------------------------------------------- */

/* CPU time, not wall time: true also on a crowded machine. The limits are wide, as the clock's
 * steps may be 4 ms and the last piece is not cut. */
static void
test_busy_burns_the_cpu_time_it_says (void)
{
  int64_t before = thread_cpu_ns (), taken;

  test_assert_op ("busy", "[0.1, 5]", "5");
  taken = thread_cpu_ns () - before;
  g_assert_cmpint (taken, >=, 90000000);
  g_assert_cmpint (taken, <, 200000000);
}

/* Short burns go by the calibration. A thousand of 2 µs. */
static void
test_short_burns_are_calibrated (void)
{
  TestRun *run = prepared ("\"t\": {\"op\": \"busy\", \"args\": [0.000002]}");
  const WeftBinding *binding = run->bindings;
  int64_t best = INT64_MAX;
  uint32_t n_args;

  for (int round = 0; round < 9; round++)
    {
      int64_t before = thread_cpu_ns ();

      for (int i = 0; i < 1000; i++)
        {
          WeftStatus status = WEFT_OK;
          WeftValue result;
          const WeftValue *args = _weft_binding_args (binding, NULL, &run->base, &n_args, &status);

          g_assert_cmpint (binding->op->kernel (&run->base, args, n_args, &result), ==, WEFT_OK);
        }
      best = MIN (best, thread_cpu_ns () - before);
    }
  g_assert_cmpint (best, >=, 2000000 / 3);
  g_assert_cmpint (best, <, 2000000 * 3 * (int64_t) test_slowdown ());
  test_run_free (run);
}

/* ---- memory ---------------------------------------------------------------------------------- */

static void
test_alloc_gives_charged_bytes (void)
{
  TestRun *run = prepared ("\"t\": {\"op\": \"alloc\", \"args\": [3000000, 7]}");
  const WeftBytes *bytes;

  g_assert_cmpint (test_run_all (run), ==, WEFT_OK);
  bytes = (const WeftBytes *) test_run_wanted (run, 0)->u.box;
  g_assert_cmpuint (bytes->n_bytes, ==, 3000000);
  for (size_t i = 0; i < bytes->n_bytes; i++)
    if (bytes->bytes[i] != 7)
      g_error ("byte %zu is %d", i, bytes->bytes[i]);
  g_assert_cmpint (weft_account_held_bytes (run->account), >=, 3000000);
  test_run_free (run);
  test_assert_op ("alloc", "[-1]", "! found -1 bytes, expected 0 or more");
  test_assert_op ("alloc", "[1, 256]", "! found fill=256, expected 0 to 255");
}

/* The last consumer works in place; one that is not gets a copy, and the other's bytes stay. */
static void
test_touch_works_in_place_where_it_may (void)
{
  TestRun *run = prepared ("\"a\": {\"op\": \"alloc\", \"args\": [10000]},"
                           "\"t\": {\"op\": \"touch\", \"args\": [{\"ref\": \"a\"}]},"
                           "\"i\": {\"op\": \"getitem\", \"args\": [{\"ref\": \"t\"}, 4096]}");

  g_assert_cmpint (test_run_all (run), ==, WEFT_OK);
  g_assert_cmpuint (run->n_stolen, ==, 1);
  g_assert_cmpint (test_run_wanted (run, 0)->u.i, ==, 1);
  test_run_free (run);
  run = prepared ("\"a\": {\"op\": \"alloc\", \"args\": [10000]},"
                  "\"t\": {\"op\": \"touch\", \"args\": [{\"ref\": \"a\"}], \"after\": []},"
                  "\"z\": {\"op\": \"list\", \"args\": [{\"ref\": \"a\"}, {\"ref\": \"t\"}]},"
                  "\"x\": {\"op\": \"getitem\", \"args\": [{\"ref\": \"z\"}, 0]},"
                  "\"y\": {\"op\": \"getitem\", \"args\": [{\"ref\": \"x\"}, 4096]}");
  g_assert_cmpint (test_run_all (run), ==, WEFT_OK);
  g_assert_cmpuint (run->n_stolen, ==, 0);
  g_assert_cmpint (test_run_wanted (run, 0)->u.i, ==, 0);
  test_run_free (run);
}

/* ---- fail, replay ---------------------------------------------------------------------------- */

static void
test_fail_succeeds_after_so_many_attempts (void)
{
  TestRun *run = prepared ("\"t\": {\"op\": \"fail\", \"args\": [2, \"at last\", \"not yet\"]}");

  for (run->attempt = 1; run->attempt <= 2; run->attempt++)
    {
      g_assert_cmpint (test_run_task (run, 0), ==, WEFT_FAILED);
      g_assert_cmpstr (run->message, ==, "not yet");
    }
  g_assert_cmpint (test_run_task (run, 0), ==, WEFT_OK);
  test_run_free (run);
  test_assert_op ("fail", "[]", "! failed as asked");
}

static void
assert_n_bytes (TestRun *run, const char *key, uint32_t output, uint64_t n_bytes)
{
  uint32_t task = weft_graph_find (run->graph, key, -1);
  const WeftValue *value = &run->slots[test_run_slot_of (run, task, output)];

  g_assert_cmpint (weft_value_type (value), ==, WEFT_TYPE_BYTES);
  g_assert_cmpuint (((const WeftBytes *) value->u.box)->n_bytes, ==, n_bytes);
}

/* A call without an operation takes what the graph's hints say. */
static void
test_calls_without_operation_replay_hints (void)
{
  TestRun *run = prepared ("\"a\": {\"runtime\": 0.03, \"bytes\": 5000},"
                           "\"b\": {\"args\": [{\"ref\": \"a\"}], \"runtime\": 0}");
  int64_t before = weft_clock_mono_ns ();
  uint32_t task = weft_graph_find (run->graph, "a", -1);

  g_assert_cmpint (test_run_task (run, task), ==, WEFT_OK);
  g_assert_cmpint (weft_clock_mono_ns () - before, >=, 30000000);
  assert_n_bytes (run, "a", 0, 5000);
  g_assert_cmpint (test_run_task (run, 1 - task), ==, WEFT_OK);
  g_assert_cmpint (test_run_wanted (run, 0)->type, ==, WEFT_TYPE_NONE);
  test_run_free (run);
}

static void
test_replay_takes_arguments (void)
{
  TestRun *run =
      prepared ("\"a\": {\"op\": \"replay\", \"args\": [0.001, 100, \"burn\"]},"
                "\"b\": {\"op\": \"replay\", \"args\": [0, [10, 20], \"sleep\", {\"ref\": "
                "\"a\"}], \"outputs\": 2}");

  g_assert_cmpint (test_run_task (run, 0), ==, WEFT_OK);
  assert_n_bytes (run, "a", 0, 100);
  g_assert_cmpint (test_run_task (run, 1), ==, WEFT_OK);
  assert_n_bytes (run, "b", 0, 10);
  assert_n_bytes (run, "b", 1, 20);
  test_run_free (run);
  test_assert_op ("replay", "[0, 1, \"fly\"]", "! found mode “fly”, expected “burn” or “sleep”");
  test_assert_op ("replay", "[0, [1, 2]]", "! found 2 sizes for 1 outputs");
  test_assert_op ("replay", "[0, -1]", "! found a size that is no integer from 0 on");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("kernels", "work", "slow-sums", test_slow_sums);
  test_add ("kernels", "work", "sleep-takes-its-time-and-no-cpu",
            test_sleep_takes_its_time_and_no_cpu);
  test_add ("kernels", "work", "cancel-ends-waiting-and-burning",
            test_cancel_ends_waiting_and_burning);
  test_add ("kernels", "work", "cancel-is-seen-without-a-descriptor",
            test_cancel_is_seen_without_a_descriptor);
  test_add ("kernels", "work", "deadline-ends-waiting", test_deadline_ends_waiting);
  test_add ("kernels", "work", "busy-burns-the-cpu-time-it-says",
            test_busy_burns_the_cpu_time_it_says);
  test_add ("kernels", "work", "short-burns-are-calibrated", test_short_burns_are_calibrated);
  test_add ("kernels", "work", "alloc-gives-charged-bytes", test_alloc_gives_charged_bytes);
  test_add ("kernels", "work", "touch-works-in-place-where-it-may",
            test_touch_works_in_place_where_it_may);
  test_add ("kernels", "work", "fail-succeeds-after-so-many-attempts",
            test_fail_succeeds_after_so_many_attempts);
  test_add ("kernels", "work", "calls-without-operation-replay-hints",
            test_calls_without_operation_replay_hints);
  test_add ("kernels", "work", "replay-takes-arguments", test_replay_takes_arguments);
  return g_test_run ();
}
