/* test-model.c: real runs, recorded, and what the model makes of their files
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * The engine itself is asked what became of each task, and the model must say the same.
 */
#include "config.h"

#include "model-run.h"

#include "model/weft-account.h"
#include "model/weft-held.h"
#include "model/weft-past.h"
#include "sched/weft-sched-private.h"

/* ---- graphs ---------------------------------------------------------------------------------- */

static void
test_shapes (void)
{
  static const char *const specs[] = {
    "tree:200,3",     "stencil:12,20", "fan:300",   "chains:4,50", "random-layered:3,8,30,4",
    "independent:90", "shuffle:8,9",   "grid:12,12"
  };
  static const char *const ops[] = { "t.sum", "t.box" };

  for (unsigned i = 0; i < G_N_ELEMENTS (specs); i++)
    for (unsigned k = 0; k < G_N_ELEMENTS (ops); k++)
      {
        WeftShape *shape = weft_shape_new_from_spec (specs[i]);
        WeftModelGroup group;
        Run f;

        if (shape == NULL)
          {
            g_test_message ("no shape %s", specs[i]);
            g_test_fail ();
            return;
          }
        begin (&f, 2, fixture_graph (shape, ops[k]), (WeftRunOptions){ 0 });
        weft_shape_free (shape);
        finish_and_compare (&f);
        weft_model_group (f.model, 0, &group);
        g_assert_cmpstr (group.name, ==, "t");
        clear (&f);
      }
}

/* Decoded beside: its states come out all the same. */
static void
test_large_graph (void)
{
  Run f;

  begin (&f, 2, shape_graph ("tree:40000,2", "t.box"), (WeftRunOptions){ 0 });
  finish_and_compare (&f);
  clear (&f);
}

static void
test_failures (void)
{
  WeftModelSnapshot snapshot;
  WeftModelErrorText text;
  Run f;

  begin (&f, 2, failing_graph (), (WeftRunOptions){ .on_error = WEFT_ON_ERROR_CONTINUE });
  finish_and_compare (&f);
  weft_model_snapshot (f.model, &snapshot);
  g_assert_cmpuint (snapshot.n_states[WEFT_TASK_ERRED], ==, 20);
  g_assert_cmpuint (snapshot.n_errors, ==, 30); /* ten that fail once, ten twice */
  for (int i = 0; i < 30; i++)
    {
      g_autofree char *key = g_strdup_printf ("fails-%d", i);
      uint32_t task = weft_model_find_key (f.model, key);

      g_assert_cmpuint (weft_model_task_attempts (f.model, task), ==, i % 3 == 0 ? 1 : 2);
    }
  weft_model_error (f.model, 0, &text);
  g_assert_cmpstr (text.message, ==, "attempt 1 fails as asked");
  g_assert_cmpuint (text.attempt, ==, 1);
  g_assert_cmpuint (weft_model_find_key (f.model, "nothing"), ==, WEFT_NONE);
  clear (&f);
}

static void
test_stop_on_error (void)
{
  Run f;

  begin (&f, 1, failing_graph (), (WeftRunOptions){ .on_error = WEFT_ON_ERROR_STOP });
  finish_and_compare (&f);
  clear (&f);
}

/* What ended has a reader the run never came to: it stays in memory. */
static void
test_stop_before_a_reader (void)
{
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  WeftTaskOutput inputs[2] = { 0 };
  Run f;

  inputs[0].task = add_task (builder, "kept", "t.box", 1, WEFT_NONE, 0, 1);
  inputs[1].task = add_task (builder, "fails", "t.fail", 9, WEFT_NONE, 0, 1);
  weft_graph_builder_add_after (builder, inputs[1].task, inputs[0].task);
  weft_graph_builder_begin_call (builder, "t.sum", 0, 1);
  weft_graph_builder_arg_slot (builder, 0);
  weft_graph_builder_arg_slot (builder, 1);
  weft_graph_builder_add_task (builder, "reader", -1, weft_graph_builder_end_call (builder), inputs,
                               2);
  begin (&f, 1, freeze (builder), (WeftRunOptions){ .on_error = WEFT_ON_ERROR_STOP });
  finish_and_compare (&f);
  g_assert_cmpuint (weft_model_task_state (f.model, weft_model_find_key (f.model, "kept")), ==,
                    WEFT_TASK_MEMORY);
  clear (&f);
}

static void
test_several_outputs (void)
{
  Run f;

  begin (&f, 2, pairs_graph (), (WeftRunOptions){ 0 });
  finish_and_compare (&f);
  clear (&f);
}

static uint64_t
spilled_at (const WeftPast *past, int64_t at_ns)
{
  WeftMoment *moment = weft_moment_new (past, at_ns);
  uint64_t bytes = 0;

  for (uint32_t i = 0; i < moment->n_lanes; i++)
    bytes += moment->lanes[i].spilled;
  weft_moment_unref (moment);
  return bytes;
}

/* What moments say is on disk is what was written and not read again; in the end it is nothing. */
static void
assert_spilled (WeftModel *model, const WeftModelSnapshot *snapshot)
{
  WeftPast *past = weft_past_new (model, snapshot);
  uint64_t bytes = 0;

  for (uint32_t i = 0; i < snapshot->n_lanes; i++)
    {
      WeftModelBytes left;
      WeftModelLane lane;

      weft_model_lane (model, i, &lane);
      for (uint64_t k = 0; k < weft_spans_n (lane.spans); k++)
        {
          const WeftSpan *span = weft_spans_get (lane.spans, k);

          if (span->kind == WEFT_RECORD_SPILL_WRITE)
            bytes += span->amount;
          else if (span->kind == WEFT_RECORD_SPILL_READ)
            bytes -= span->amount;
          else
            continue;
          g_assert_cmpuint (spilled_at (past, span->end_ns), ==, bytes);
        }
      weft_model_lane_bytes (model, i, &left);
      g_assert_cmpuint (left.live + left.spilled, ==, 0);
    }
  weft_past_free (past);
}

/* Ten sources of a megabyte under a limit of four, all read by one at the end. */
static void
test_spilling (void)
{
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  WeftTaskOutput inputs[10];
  WeftModelSnapshot snapshot;
  WeftModelGroup group;
  uint64_t n_spills = 0;
  Run f;

  for (uint32_t i = 0; i < G_N_ELEMENTS (inputs); i++)
    {
      g_autofree char *key = g_strdup_printf ("big-%u", i);

      inputs[i] =
          (WeftTaskOutput){ add_task (builder, key, "t.bytes", 1 << 20, WEFT_NONE, 0, 1), 0 };
    }
  weft_graph_builder_begin_call (builder, "t.sum", 0, 1);
  for (uint32_t i = 0; i < G_N_ELEMENTS (inputs); i++)
    weft_graph_builder_arg_slot (builder, i);
  weft_graph_builder_want (builder,
                           weft_graph_builder_add_task (builder, "all", -1,
                                                        weft_graph_builder_end_call (builder),
                                                        inputs, G_N_ELEMENTS (inputs)),
                           0);
  begin (&f, 1, freeze (builder), (WeftRunOptions){ .memory_limit_bytes = 4u << 20 });
  finish_and_compare (&f);
  weft_model_snapshot (f.model, &snapshot);
  for (uint32_t i = 0; i < snapshot.n_lanes; i++)
    {
      WeftModelLane lane;

      weft_model_lane (f.model, i, &lane);
      for (uint64_t k = 0; k < weft_spans_n (lane.spans); k++)
        {
          const WeftSpan *span = weft_spans_get (lane.spans, k);

          if (span->kind != WEFT_RECORD_SPILL_WRITE)
            continue;
          n_spills++;
          g_assert_cmpuint (span->group, ==, 0);
          g_assert_cmpuint (span->amount, >=, 1 << 20);
        }
    }
  g_assert_cmpuint (n_spills, >, 0);
  assert_spilled (f.model, &snapshot);
  g_assert_cmpuint (weft_model_memory_limit (f.model), ==, 4u << 20);
  weft_model_group (f.model, 0, &group);
  g_assert_cmpstr (group.name, ==, "big");
  g_assert_cmpuint (group.live_bytes, ==, 0);
  clear (&f);
}

/* ---- several segments ------------------------------------------------------------------------ */

/* A task that is four graphs deep: all parents end with the innermost. */
static void
test_nested (void)
{
  uint32_t task;
  Run f;

  begin (&f, 2, NULL, (WeftRunOptions){ .keep_open = true });
  get (submit (&f, "outer", "t.nest", 3));
  finish (&f);
  assert_groups (&f);
  g_assert_cmpuint (weft_model_segment_parent (f.model, 0), ==, WEFT_NONE);
  for (uint32_t s = 1; s < 5; s++)
    {
      g_assert_cmpuint (weft_model_segment_parent (f.model, s), ==,
                        weft_model_task_of (f.model, s - 1, 0));
      /* Handed on to the parent. */
      task = weft_model_task_of (f.model, s, 0);
      g_assert_cmpuint (weft_model_task_state (f.model, task), ==, WEFT_TASK_RELEASED);
    }
  clear (&f);
}

static void
test_imports (void)
{
  Run f;

  run_with_imports (&f);
  clear (&f);
}

static void
test_futures (void)
{
  Run f;

  begin (&f, 2, NULL, (WeftRunOptions){ .keep_open = true });
  for (int i = 0; i < 500; i++)
    {
      WeftFuture *future = submit (&f, NULL, "t.sum", i);

      if (i % 100 == 99)
        get (future);
      else
        weft_future_unref (future);
    }
  finish (&f);
  assert_groups (&f);
  clear (&f);
}

/* ---- while it goes on ------------------------------------------------------------------------ */

/* What the file tells while a task stands at the gate. */
static void
test_running (void)
{
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  g_autoptr (GPtrArray) frames = NULL;
  g_autoptr (GError) error = NULL;
  WeftModelNow now;
  uint32_t gate, n_in = 0;
  WeftModelSnapshot snapshot;
  Run f;

  add_task (builder, "before", "t.sum", 1, WEFT_NONE, 0, 1);
  gate = add_task (builder, "gate", "t.gate", 1, WEFT_NONE, 0, 1);
  add_task (builder, "after", "t.sum", 1, gate, 0, 1);
  fixture_close_gate ();
  begin (&f, 1, freeze (builder), (WeftRunOptions){ 0 });
  fixture_wait_at_gate (1);
  weft_recorder_flush (weft_run_recorder (f.run), &error);
  g_assert_no_error (error);
  frames = read_frames (f.path);
  f.model = weft_model_new ();
  add_frames (f.model, frames, 0, frames->len);
  weft_model_snapshot (f.model, &snapshot);
  for (uint32_t i = 0; i < snapshot.n_lanes; i++)
    if (weft_model_now (f.model, i, &now) && now.kind == WEFT_RECORD_TASK)
      {
        g_assert_cmpuint (now.task, ==, weft_model_find_key (f.model, "gate"));
        g_assert_cmpint (now.seen_ns, >=, now.start_ns);
        n_in++;
      }
  g_assert_cmpuint (n_in, ==, 1);
  assert_states (&f);
  assert_counts (f.model);
  weft_model_finish (f.model, true);
  weft_model_snapshot (f.model, &snapshot);
  g_assert_cmpuint (snapshot.phase, ==, WEFT_RUN_INTERRUPTED);
  g_assert_cmpuint (snapshot.n_states[WEFT_TASK_RUNNING], ==, 1);
  weft_model_unref (f.model);
  fixture_open_gate ();
  finish_and_compare (&f);
  clear (&f);
}

static void
test_cancel (void)
{
  Run f;

  fixture_close_gate ();
  begin (&f, 2, shape_graph ("chains:4,5", "t.gate"), (WeftRunOptions){ 0 });
  fixture_wait_at_gate (2);
  weft_run_cancel (f.run);
  finish_and_compare (&f);
  fixture_open_gate ();
  clear (&f);
}

static void
test_cancelled_task (void)
{
  WeftFuture *first, *second;
  Run f;

  begin (&f, 1, NULL, (WeftRunOptions){ .keep_open = true, .on_error = WEFT_ON_ERROR_CONTINUE });
  fixture_close_gate ();
  first = submit (&f, "first", "t.gate", 1);
  fixture_wait_at_gate (1);
  second = submit (&f, "second", "t.sum", 1);
  weft_future_cancel (second);
  fixture_open_gate ();
  get (first);
  weft_future_unref (second);
  finish (&f);
  g_assert_cmpuint (weft_model_task_state (f.model, weft_model_find_key (f.model, "second")), ==,
                    WEFT_TASK_CANCELLED);
  clear (&f);
}

/* ---- where the time went --------------------------------------------------------------------- */

static int64_t
busy_of_groups (const WeftModel *model)
{
  WeftModelSnapshot snapshot;
  int64_t busy_ns = 0;

  weft_model_snapshot (model, &snapshot);
  for (uint32_t i = 0; i < snapshot.n_groups; i++)
    {
      WeftModelGroup group;

      weft_model_group (model, i, &group);
      busy_ns += group.busy_ns;
    }
  return busy_ns;
}

/* Every worker that was asked for is accounted for from begin to end, and tasks ran as long as they
 * did; looking on meanwhile changes nothing. */
static void
assert_account (Run *f, uint32_t n_workers)
{
  g_autoptr (GPtrArray) frames = read_frames (f->path);
  WeftModel *twin = weft_model_new ();
  WeftTimeAccount *account = weft_time_account_new (f->model);
  WeftTimeAccount *watching = weft_time_account_new (twin);
  WeftTimeRow total, row;
  WeftModelSnapshot snapshot;

  for (guint i = 0; i < frames->len; i++)
    {
      add_frames (twin, frames, i, i + 1);
      weft_model_snapshot (twin, &snapshot);
      while (!weft_time_account_update (watching, &snapshot, 100))
        ;
    }
  weft_model_finish (twin, false);
  weft_model_snapshot (twin, &snapshot);
  while (!weft_time_account_update (watching, &snapshot, 100))
    ;
  weft_model_snapshot (f->model, &snapshot);
  g_assert_true (weft_time_account_update (account, &snapshot, UINT64_MAX));
  weft_time_account_total (account, &total);
  g_assert_cmpuint (weft_time_account_n_rows (account), ==, n_workers);
  g_assert_cmpint (total.total_ns, ==, n_workers * weft_time_account_elapsed (account));
  g_assert_cmpint (total.ns[WEFT_TIME_RUNNING], ==, busy_of_groups (f->model));
  for (uint32_t i = 0; i < n_workers; i++)
    {
      weft_time_account_row (account, i, &row);
      g_assert_cmpint (row.total_ns, ==, weft_time_account_elapsed (account));
      g_assert_cmpuint (row.worker, ==, i);
    }
  weft_time_account_total (watching, &row);
  g_assert_cmpmem (row.ns, sizeof row.ns, total.ns, sizeof total.ns);
  weft_time_account_free (account);
  weft_time_account_free (watching);
  weft_model_unref (twin);
}

static void
test_time_adds_up (void)
{
  static const char *const specs[] = { "tree:500,2", "chains:1,200", "stencil:20,20", "fan:300" };

  for (unsigned i = 0; i < G_N_ELEMENTS (specs); i++)
    for (uint32_t n_workers = 1; n_workers <= 5; n_workers += 2)
      {
        Run f;

        begin (&f, n_workers, shape_graph (specs[i], "t.box"), (WeftRunOptions){ 0 });
        finish (&f);
        assert_account (&f, n_workers);
        clear (&f);
      }
}

/* While nothing may start, and while one waits for the gate, the others sleep: that is the pause's
 * time, and the gate's. */
static void
test_time_of_a_pause (void)
{
  WeftModelSnapshot snapshot;
  WeftTimeAccount *account;
  WeftTimeRow total;
  Run f;

  fixture_close_gate ();
  begin (&f, 2, shape_graph ("chains:1,3", "t.gate"), (WeftRunOptions){ 0 });
  fixture_wait_at_gate (1);
  weft_run_pause (f.run);
  fixture_open_gate ();
  while (weft_run_phase (f.run) != WEFT_RUN_PAUSED
         || atomic_load_explicit (&f.engine->n_asleep, memory_order_seq_cst) < 2)
    g_thread_yield ();
  weft_run_resume (f.run);
  finish (&f);
  assert_account (&f, 2);
  account = weft_time_account_new (f.model);
  weft_model_snapshot (f.model, &snapshot);
  weft_time_account_update (account, &snapshot, UINT64_MAX);
  weft_time_account_total (account, &total);
  g_assert_cmpint (total.ns[WEFT_TIME_PAUSED], >, 0);
  weft_time_account_free (account);
  clear (&f);
}

/* ---- what was held --------------------------------------------------------------------------- */

/* In the end what is held is what the groups have live. */
static void
assert_held_at_the_end (Run *f)
{
  WeftModelSnapshot snapshot;
  WeftHeldHistory *history;
  WeftHeldSteps steps;
  WeftHeldSum sum;
  WeftHeld held[4];
  uint64_t live_bytes = 0;

  weft_model_snapshot (f->model, &snapshot);
  for (uint32_t i = 0; i < snapshot.n_groups; i++)
    {
      WeftModelGroup group;

      weft_model_group (f->model, i, &group);
      live_bytes += group.live_bytes;
    }
  weft_held_at (f->model, &snapshot, snapshot.complete_ns, held, G_N_ELEMENTS (held), &sum);
  g_assert_cmpuint (sum.bytes, ==, live_bytes);
  history = weft_held_history_new (f->model, &snapshot, 100, 8);
  weft_held_history_steps (history, &steps);
  g_assert_cmpuint (steps.peak_bytes, >=, live_bytes);
  g_assert_cmpuint (steps.totals[steps.n_steps - 1], >=, live_bytes);
  weft_held_history_free (history);
}

/* A graph in a task's stead hands its results over; another segment reads them. */
static void
test_held (void)
{
  static const char *const specs[] = { "tree:500,2", "stencil:20,20", "shuffle:8,9" };
  Run f;

  for (unsigned i = 0; i < G_N_ELEMENTS (specs); i++)
    {
      begin (&f, 2, shape_graph (specs[i], "t.box"), (WeftRunOptions){ 0 });
      finish (&f);
      assert_held_at_the_end (&f);
      clear (&f);
    }
  begin (&f, 2, NULL, (WeftRunOptions){ .keep_open = true });
  get (submit (&f, "nested", "t.nest", 3));
  get (submit (&f, "bytes", "t.bytes", 1 << 20));
  finish (&f);
  assert_held_at_the_end (&f);
  clear (&f);
}

/* Settings and strings of the file, as long as anybody holds the model. */
static void
test_settings_and_strings (void)
{
  bool seed_is_told = false, text_is_told = false;
  WeftModelAnnotation annotation;
  WeftModelSetting setting;
  Run f;

  begin (&f, 2, shape_graph ("chains:1,5", "t.sum"),
         (WeftRunOptions){ .seed = 77, .keep_open = true }); /* for the mark */
  weft_run_annotate (f.run, "a mark");
  finish_and_compare (&f);
  g_assert_true (weft_model_ref (f.model) == f.model);
  weft_model_unref (f.model);
  g_assert_cmpuint (weft_model_n_settings (f.model), >=, 2);
  for (uint32_t i = 0; i < weft_model_n_settings (f.model); i++)
    {
      weft_model_setting (f.model, i, &setting);
      g_assert_true (setting.setting != WEFT_SETTING_WORKERS || setting.value == 2);
      seed_is_told |= setting.setting == WEFT_SETTING_SEED && setting.value == 77;
    }
  g_assert_true (seed_is_told);
  for (uint32_t id = 0; weft_model_string (f.model, id) != NULL; id++)
    text_is_told |= strcmp (weft_model_string (f.model, id), "a mark") == 0;
  g_assert_true (text_is_told);
  g_assert_cmpuint (weft_model_n_annotations (f.model), ==, 1);
  weft_model_annotation (f.model, 0, &annotation);
  g_assert_cmpstr (annotation.text, ==, "a mark");
  g_assert_cmpuint (annotation.lane, ==, 0);
  g_assert_cmpint (annotation.at_ns, ==, annotation.end_ns);
  g_assert_null (weft_model_string (f.model, WEFT_NONE));
  clear (&f);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("model", "model", "shapes", test_shapes);
  test_add ("model", "model", "large-graph", test_large_graph);
  test_add ("model", "model", "failures-and-retries", test_failures);
  test_add ("model", "model", "stop-on-error", test_stop_on_error);
  test_add ("model", "model", "stop-before-a-reader", test_stop_before_a_reader);
  test_add ("model", "model", "several-outputs", test_several_outputs);
  test_add ("model", "model", "spilling", test_spilling);
  test_add ("model", "model", "nested-graphs", test_nested);
  test_add ("model", "model", "imports", test_imports);
  test_add ("model", "model", "futures", test_futures);
  test_add ("model", "model", "while-it-runs", test_running);
  test_add ("model", "model", "cancelled-run", test_cancel);
  test_add ("model", "model", "cancelled-task", test_cancelled_task);
  test_add ("model", "model", "time-adds-up", test_time_adds_up);
  test_add ("model", "model", "time-of-a-pause", test_time_of_a_pause);
  test_add ("model", "model", "held", test_held);
  test_add ("model", "model", "settings-and-strings", test_settings_and_strings);
  return g_test_run ();
}
