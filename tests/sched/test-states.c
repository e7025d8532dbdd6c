/* test-states.c: the states of tasks as users know them, through the public functions
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "control-fixture.h"

/* One worker comes to the gate in the order of the keys here. */
static WeftGraph *
before_a_gate (const char *op)
{
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  uint32_t used = control_add (builder, "used", op, 1, NULL, 0, false);
  uint32_t bad = control_add (builder, "bad", "t.fail", 9, NULL, 0, false);
  uint32_t kept, gate;

  kept = control_add (builder, "kept", op, 1, &used, 1, true);
  control_add (builder, "hurt", op, -1, &bad, 1, true);
  gate = control_add (builder, "gate", "t.gate", 1, &kept, 1, true);
  control_add (builder, "waits", op, -1, &gate, 1, true);
  control_add (builder, "queued", op, 1, NULL, 0, true);
  return control_freeze (builder);
}

static void
all_states (const char *op)
{
  WeftEngine *engine = control_engine (1, 0);
  WeftRunOptions options = { .records = true, .on_error = WEFT_ON_ERROR_CONTINUE };
  WeftRun *run = control_run (engine, before_a_gate (op), &options);
  WeftRunProgress progress;

  g_assert_cmpint (control_state (run, "used"), ==, WEFT_STATE_QUEUED);
  g_assert_cmpint (control_state (run, "kept"), ==, WEFT_STATE_WAITING);
  fixture_close_gate ();
  weft_run_start (run);
  fixture_wait_at_gate (1);
  g_assert_cmpint (control_state (run, "used"), ==, WEFT_STATE_RELEASED);
  g_assert_cmpint (control_state (run, "kept"), ==, WEFT_STATE_MEMORY);
  g_assert_cmpint (control_state (run, "bad"), ==, WEFT_STATE_ERRED);
  g_assert_cmpint (control_state (run, "hurt"), ==, WEFT_STATE_ERRED);
  g_assert_cmpint (control_state (run, "gate"), ==, WEFT_STATE_PROCESSING);
  g_assert_cmpint (control_state (run, "waits"), ==, WEFT_STATE_WAITING);
  g_assert_cmpint (control_state (run, "queued"), ==, WEFT_STATE_QUEUED);
  weft_run_progress (run, &progress);
  g_assert_cmpuint (progress.n_tasks, ==, 7);
  g_assert_cmpuint (progress.n_running, ==, 1);
  g_assert_cmpuint (progress.n_erred, ==, 2);
  g_assert_cmpuint (progress.n_cancelled, ==, 0);
  weft_run_cancel (run);
  g_assert_true (weft_run_wait (run, -1));
  g_assert_cmpint (control_state (run, "waits"), ==, WEFT_STATE_CANCELLED);
  g_assert_cmpint (control_state (run, "queued"), ==, WEFT_STATE_CANCELLED);
  g_assert_cmpint (control_state (run, "kept"), ==, WEFT_STATE_MEMORY);
  weft_run_progress (run, &progress);
  /* The gate's kernel gave up, the two behind it never ran. */
  g_assert_cmpuint (progress.n_cancelled, ==, 3);
  g_assert_cmpuint (progress.n_done, ==, 2);
  g_assert_cmpuint (progress.n_running, ==, 0);
  fixture_open_gate ();
  weft_run_unref (run);
  weft_engine_free (engine);
}

static void
test_numbers_and_boxes_show_all_states (void)
{
  all_states ("t.sum");
  all_states ("t.box");
}

/* One that reads a task and also waits for it counts once: what is wanted stays. */
static void
test_read_and_awaited_is_kept (void)
{
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  uint32_t wanted = control_add (builder, "wanted", "t.sum", 1, NULL, 0, true), reader;
  uint32_t let_go = control_add (builder, "let-go", "t.sum", 1, NULL, 0, false);
  uint32_t inputs[] = { wanted, let_go };
  WeftEngine *engine = control_engine (1, 0);
  WeftRun *run;

  reader = control_add (builder, "reader", "t.sum", -1, inputs, G_N_ELEMENTS (inputs), true);
  weft_graph_builder_add_after (builder, reader, wanted);
  weft_graph_builder_add_after (builder, reader, let_go);
  run = control_run (engine, control_freeze (builder), NULL);
  weft_run_start (run);
  g_assert_true (weft_run_wait (run, -1));
  g_assert_cmpint (control_state (run, "wanted"), ==, WEFT_STATE_MEMORY);
  g_assert_cmpint (control_state (run, "let-go"), ==, WEFT_STATE_RELEASED);
  weft_run_unref (run);
  weft_engine_free (engine);
}

/* What a future holds is in memory, and released with it. */
static void
held (const char *op)
{
  WeftEngine *engine = control_engine (2, 0);
  WeftRun *run = control_open_run (engine, WEFT_ON_ERROR_STOP);
  WeftFuture *future = control_submit (run, op, 1);

  g_assert_true (weft_futures_wait (&future, 1, -1, NULL));
  g_assert_cmpint (weft_run_task_state (run, 0, 0), ==, WEFT_STATE_MEMORY);
  WeftFuture *second = weft_run_future (run, 0, 0, 0, NULL);
  weft_future_unref (future);
  g_assert_cmpint (weft_run_task_state (run, 0, 0), ==, WEFT_STATE_MEMORY);
  weft_future_unref (second);
  g_assert_cmpint (weft_run_task_state (run, 0, 0), ==, WEFT_STATE_RELEASED);
  control_end_run (run);
  weft_engine_free (engine);
}

static void
test_futures_hold_results (void)
{
  held ("t.sum");
  held ("t.box");
}

static void
test_cancelled_future_shows (void)
{
  WeftEngine *engine = control_engine (1, 0);
  WeftRun *run = control_open_run (engine, WEFT_ON_ERROR_STOP);
  WeftFuture *gate, *never, *hurt, *other;
  g_autoptr (GError) error = NULL;
  WeftRunProgress progress;
  WeftValue none = WEFT_VALUE_INIT;

  fixture_close_gate ();
  gate = control_submit (run, "t.gate", 1);
  fixture_wait_at_gate (1);
  never = control_submit (run, "t.sum", 1);
  hurt = weft_run_submit (run, "hurt", "t.sum", &none, &never, 1, &error);
  g_assert_no_error (error);
  other = control_submit (run, "t.sum", 1);
  weft_future_cancel (never);
  weft_future_cancel (gate);
  WeftFuture *all[] = { gate, never, hurt, other };
  g_assert_true (weft_futures_wait (all, 4, -1, NULL));
  g_assert_cmpint (weft_run_task_state (run, 0, 0), ==, WEFT_STATE_CANCELLED);
  g_assert_cmpint (weft_run_task_state (run, 1, 0), ==, WEFT_STATE_CANCELLED);
  g_assert_cmpint (weft_run_task_state (run, 2, 0), ==, WEFT_STATE_ERRED);
  g_assert_cmpint (weft_run_task_state (run, 3, 0), ==, WEFT_STATE_MEMORY);
  /* A result is there a moment before it is counted. */
  while (control_n_done (run) < 1)
    g_thread_yield ();
  weft_run_progress (run, &progress);
  g_assert_cmpuint (progress.n_cancelled, ==, 2);
  g_assert_cmpuint (progress.n_erred, ==, 1);
  g_assert_cmpuint (progress.n_done, ==, 1);
  g_assert_true (weft_run_error (run, &error));
  test_assert_error (&error, WEFT_ENGINE_ERROR, WEFT_ENGINE_ERROR_CANCELLED, "t.sum-1", NULL);
  for (int i = 0; i < 4; i++)
    weft_future_unref (all[i]);
  fixture_open_gate ();
  control_end_run (run);
  weft_engine_free (engine);
}

/* Tasks whose turn in the order has come, but that lie in a worker's block behind a long one. */
static void
test_ready_in_a_block_is_queued (void)
{
  WeftEngine *engine = control_engine (1, 0);
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  WeftRun *run;

  for (int i = 0; i < 2000; i++)
    {
      g_autofree char *key = g_strdup_printf ("i-%d", i);

      control_add (builder, key, i == 1500 ? "t.gate" : "t.sum", 1, NULL, 0, true);
    }
  run = control_run (engine, control_freeze (builder), NULL);
  fixture_close_gate ();
  weft_run_start (run);
  fixture_wait_at_gate (1);
  for (uint32_t task = control_find (run, 0, "i-1500") + 1; task < 2000; task++)
    g_assert_cmpint (weft_run_task_state (run, 0, task), ==, WEFT_STATE_QUEUED);
  fixture_open_gate ();
  g_assert_true (weft_run_wait (run, -1));
  weft_run_unref (run);
  weft_engine_free (engine);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("sched", "states", "numbers-and-boxes-show-all-states",
            test_numbers_and_boxes_show_all_states);
  test_add ("sched", "states", "read-and-awaited-is-kept", test_read_and_awaited_is_kept);
  test_add ("sched", "states", "futures-hold-results", test_futures_hold_results);
  test_add ("sched", "states", "cancelled-future-shows", test_cancelled_future_shows);
  test_add ("sched", "states", "ready-in-a-block-is-queued", test_ready_in_a_block_is_queued);
  return g_test_run ();
}
