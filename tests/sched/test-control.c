/* test-control.c: pause, resume, step, breakpoints, cancel
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "sched-fixture.h"

typedef struct
{
  WeftEngine *engine;
  WeftShape *shape;
  WeftGraph *graph;
  WeftRun *run;
} Fixture;

static void
set_up (Fixture *f, const char *spec, uint32_t n_workers, bool paused)
{
  WeftRunOptions options = { .start_paused = paused };

  f->engine = fixture_engine (n_workers);
  f->shape = weft_shape_new_from_spec (spec);
  f->graph = fixture_graph (f->shape, "t.sum");
  f->run = weft_run_new (f->engine, f->graph, &options, NULL);
  g_assert_nonnull (f->run);
}

static void
tear_down (Fixture *f)
{
  weft_run_unref (f->run);
  weft_graph_unref (f->graph);
  weft_shape_free (f->shape);
  weft_engine_free (f->engine);
}

static uint64_t
n_done (WeftRun *run)
{
  WeftRunProgress progress;

  weft_run_progress (run, &progress);
  return progress.n_done;
}

static void
test_paused_starts_nothing (void)
{
  Fixture f;

  set_up (&f, "stencil:8,10", 2, true);
  weft_run_start (f.run);
  g_assert_false (weft_run_wait (f.run, 20000000));
  g_assert_cmpint (weft_run_phase (f.run), ==, WEFT_RUN_PAUSED);
  g_assert_cmpuint (n_done (f.run), ==, 0);
  weft_run_resume (f.run);
  g_assert_true (weft_run_wait (f.run, -1));
  g_assert_cmpuint (n_done (f.run), ==, f.shape->n_tasks);
  tear_down (&f);
}

static void
test_steps_follow_the_order (void)
{
  Fixture f;

  set_up (&f, "stencil:4,5", 3, true);
  weft_run_start (f.run);
  for (uint32_t k = 0; k < f.shape->n_tasks; k++)
    {
      g_assert_cmpuint (n_done (f.run), ==, k);
      /* The best ready task of an order run one by one is the next in the order. */
      g_assert_true (weft_run_step (f.run));
      g_assert_cmpint (weft_run_task_state (f.run, 0, k), !=, WEFT_STATE_WAITING);
      g_assert_cmpint (weft_run_task_state (f.run, 0, k), !=, WEFT_STATE_QUEUED);
    }
  g_assert_true (weft_run_wait (f.run, -1));
  g_assert_cmpint (weft_run_phase (f.run), ==, WEFT_RUN_DONE);
  tear_down (&f);
}

static void
test_step_then_resume (void)
{
  Fixture f;

  set_up (&f, "random:7,200,3", 2, true);
  weft_run_start (f.run);
  for (int k = 0; k < 50; k++)
    g_assert_true (weft_run_step (f.run));
  weft_run_resume (f.run);
  g_assert_true (weft_run_wait (f.run, -1));
  g_assert_cmpuint (n_done (f.run), ==, f.shape->n_tasks);
  tear_down (&f);
}

static void
test_breakpoint_stops_before (void)
{
  Fixture f;

  set_up (&f, "chains:1,50", 2, true);
  g_assert_true (weft_run_break_at_key (f.run, "t-20"));
  g_assert_false (weft_run_break_at_key (f.run, "nobody"));
  weft_run_start (f.run);
  weft_run_resume (f.run);
  while (weft_run_phase (f.run) != WEFT_RUN_PAUSED)
    g_thread_yield ();
  g_assert_false (weft_run_wait (f.run, 5000000));
  g_assert_cmpuint (n_done (f.run), ==, 20);
  weft_run_resume (f.run);
  g_assert_true (weft_run_wait (f.run, -1));
  g_assert_cmpuint (n_done (f.run), ==, 50);
  tear_down (&f);
}

/* What has ended is told a moment after the pause. */
static void
wait_for_pause (WeftRun *run, uint32_t n_done)
{
  WeftRunProgress progress;

  while (weft_run_phase (run) != WEFT_RUN_PAUSED)
    g_thread_yield ();
  g_assert_false (weft_run_wait (run, 5000000));
  weft_run_progress (run, &progress);
  g_assert_cmpuint (progress.n_done, ==, n_done);
}

/* a-0, b-0, a-1, b-1 …, one after the other. */
static WeftGraph *
chain_of_two_groups (void)
{
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  g_autoptr (GError) error = NULL;
  WeftGraph *graph;

  for (uint32_t i = 0; i < 8; i++)
    {
      g_autofree char *key = g_strdup_printf ("%c-%u", "ab"[i % 2], i / 2);
      WeftTaskOutput input = { i - 1, 0 };

      weft_graph_builder_begin_call (builder, "t.sum", 0, 1);
      if (i > 0)
        weft_graph_builder_arg_slot (builder, 0);
      weft_graph_builder_add_task (builder, key, -1, weft_graph_builder_end_call (builder), &input,
                                   i > 0);
    }
  graph = weft_graph_builder_freeze (builder, NULL, &error);
  g_assert_no_error (error);
  weft_graph_builder_free (builder);
  return graph;
}

/* A breakpoint that is taken away, or set, leaves those of other groups as they are: what was
 * stopped at once is not stopped at again. */
static void
test_breakpoints_of_groups (void)
{
  WeftEngine *engine = fixture_engine (1);
  g_autoptr (GError) error = NULL;
  WeftGraph *graph = chain_of_two_groups ();
  WeftRun *run = weft_run_new (engine, graph, NULL, &error);

  g_assert_no_error (error);
  g_assert_true (weft_run_break_at_group (run, "a"));
  g_assert_true (weft_run_break_at_group (run, "b"));
  weft_run_start (run);
  for (uint32_t n = 0; n < 8; n++)
    {
      wait_for_pause (run, n);
      if (n == 3) /* before b-1 */
        weft_run_clear_break_at_group (run, "a");
      if (n == 5) /* before b-2 */
        g_assert_true (weft_run_break_at_group (run, "a"));
      if (n == 3)
        n++; /* past a-2 */
      weft_run_resume (run);
    }
  g_assert_true (weft_run_wait (run, -1));
  weft_run_unref (run);
  weft_graph_unref (graph);
  weft_engine_free (engine);
}

/* One of a group's is taken away, and one that was set by its key: all others are stopped at. */
static void
test_breakpoints_of_keys (void)
{
  static const uint32_t stops[] = { 0, 3, 4, 6 }; /* a-0, b-1, a-2, a-3 */
  WeftEngine *engine = fixture_engine (1);
  g_autoptr (GError) error = NULL;
  WeftGraph *graph = chain_of_two_groups ();
  WeftRun *run = weft_run_new (engine, graph, NULL, &error);

  g_assert_no_error (error);
  g_assert_true (weft_run_break_at_group (run, "a"));
  g_assert_true (weft_run_break_at_key (run, "b-1"));
  g_assert_true (weft_run_break_at_key (run, "b-3"));
  g_assert_true (weft_run_clear_break_at_key (run, "a-1"));
  g_assert_true (weft_run_clear_break_at_key (run, "b-3"));
  g_assert_true (weft_run_clear_break_at_key (run, "b-2")); /* it had none */
  g_assert_false (weft_run_clear_break_at_key (run, "c-1"));
  weft_run_start (run);
  for (unsigned i = 0; i < G_N_ELEMENTS (stops); i++)
    {
      wait_for_pause (run, stops[i]);
      weft_run_resume (run);
    }
  g_assert_true (weft_run_wait (run, -1));
  weft_run_unref (run);
  weft_graph_unref (graph);
  weft_engine_free (engine);
}

static void
test_group_step (void)
{
  Fixture f;

  set_up (&f, "fan:30", 2, true);
  weft_run_start (f.run);
  g_assert_true (weft_run_step_group (f.run, "t"));
  g_assert_cmpuint (n_done (f.run), ==, 1);
  g_assert_true (weft_run_step_group (f.run, "t"));
  g_assert_cmpuint (n_done (f.run), ==, 31);
  g_assert_false (weft_run_step_group (f.run, "nobody"));
  weft_run_resume (f.run);
  g_assert_true (weft_run_wait (f.run, -1));
  tear_down (&f);
}

static void
test_cancel_raises_the_flag (void)
{
  g_autoptr (WeftShape) shape = weft_shape_new_independent (100);
  WeftEngine *engine = fixture_engine (2);
  WeftGraph *graph = fixture_graph (shape, "t.gate");
  WeftRun *run = weft_run_new (engine, graph, NULL, NULL);

  fixture_close_gate ();
  weft_run_start (run);
  fixture_wait_at_gate (2);
  weft_run_cancel (run);
  g_assert_true (weft_run_wait (run, -1));
  g_assert_cmpint (weft_run_phase (run), ==, WEFT_RUN_CANCELLED);
  g_assert_cmpint (weft_run_task_state (run, 0, 99), ==, WEFT_STATE_CANCELLED);
  fixture_open_gate ();
  weft_run_unref (run);
  weft_graph_unref (graph);
  weft_engine_free (engine);
}

static void
test_pausing_one_does_not_delay_another (void)
{
  Fixture f, other;

  set_up (&f, "stencil:8,50", 2, true);
  weft_run_start (f.run);
  set_up (&other, "stencil:8,50", 2, false);
  WeftRun *second = weft_run_new (f.engine, other.graph, NULL, NULL);
  weft_run_start (second);
  g_assert_true (weft_run_wait (second, -1));
  g_assert_cmpint (weft_run_phase (f.run), ==, WEFT_RUN_PAUSED);
  weft_run_unref (second);
  weft_run_resume (f.run);
  g_assert_true (weft_run_wait (f.run, -1));
  tear_down (&f);
  tear_down (&other);
}

static void
test_resize_while_running (void)
{
  Fixture f;

  set_up (&f, "stencil:32,400", 1, false);
  weft_run_start (f.run);
  for (int i = 0; i < 40; i++)
    g_assert_true (
        weft_engine_set_workers (f.engine, (uint32_t) g_test_rand_int_range (1, 9), NULL));
  g_assert_true (weft_run_wait (f.run, -1));
  g_assert_cmpuint (n_done (f.run), ==, f.shape->n_tasks);
  g_assert_false (weft_engine_set_workers (f.engine, 0, NULL));
  g_assert_false (weft_engine_set_workers (f.engine, 1025, NULL));
  tear_down (&f);
}

/* Pauses, resumes, resizes and cancels at random; every run ends. */
static void
check_values (Fixture *f)
{
  g_autofree int64_t *expected = fixture_expected (f->shape);

  for (uint32_t task = 0; task < f->shape->n_tasks; task++)
    {
      g_autofree char *key = weft_graph_dup_key (f->graph, task);

      g_assert_cmpint (fixture_int (f->run, 0, task), ==,
                       expected[g_ascii_strtoull (key + 2, NULL, 10)]);
    }
}

static void
test_random_control (void)
{
  const char *const specs[] = { "random:5,2000,4", "random:7,2000,2", "random-layered:3,40,20,3",
                                "chains:40,40",    "grid:40,40",      "stencil:64,20" };

  for (guint round = 0; round < 40; round++)
    {
      g_autofree char *spec = g_strdup_printf ("%s@%d", specs[round % G_N_ELEMENTS (specs)],
                                               g_test_rand_int_range (1, 10000));
      Fixture f;

      set_up (&f, spec, 4, false);
      weft_run_start (f.run);
      for (int i = 0; i < 10; i++)
        switch (g_test_rand_int_range (0, 4))
          {
          case 0:
            weft_run_pause (f.run);
            break;
          case 1:
            weft_run_resume (f.run);
            break;
          case 2:
            weft_run_step (f.run);
            break;
          default:
            weft_engine_set_workers (f.engine, (uint32_t) g_test_rand_int_range (1, 9), NULL);
          }
      if (round % 4 == 0)
        weft_run_cancel (f.run);
      else
        weft_run_resume (f.run);
      g_assert_true (weft_run_wait (f.run, -1));
      if (round % 4 != 0)
        {
          g_assert_cmpuint (n_done (f.run), ==, f.shape->n_tasks);
          check_values (&f);
        }
      tear_down (&f);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("sched", "control", "paused-starts-nothing", test_paused_starts_nothing);
  test_add ("sched", "control", "steps-follow-the-order", test_steps_follow_the_order);
  test_add ("sched", "control", "step-then-resume", test_step_then_resume);
  test_add ("sched", "control", "breakpoint-stops-before", test_breakpoint_stops_before);
  test_add ("sched", "control", "breakpoints-of-groups", test_breakpoints_of_groups);
  test_add ("sched", "control", "breakpoints-of-keys", test_breakpoints_of_keys);
  test_add ("sched", "control", "group-step", test_group_step);
  test_add ("sched", "control", "cancel-raises-the-flag", test_cancel_raises_the_flag);
  test_add ("sched", "control", "pausing-one-does-not-delay-another",
            test_pausing_one_does_not_delay_another);
  test_add ("sched", "control", "resize-while-running", test_resize_while_running);
  test_add ("sched", "control", "random-control", test_random_control);
  return g_test_run ();
}
