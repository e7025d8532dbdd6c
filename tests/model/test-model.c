/* test-model.c: real runs, recorded, and what the model makes of their files
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * The engine itself is asked what became of each task, and the model must say the same. Whatever
 * way the frames come (all, cut, records before the graph they are of), it comes to the same.
 */
#include "config.h"

#include "model-fixture.h"
#include "sched-fixture.h"

#include <stdatomic.h>

typedef struct
{
  TestDir *dir;
  char *path;
  WeftEngine *engine;
  WeftRun *run;
  WeftModel *model;
} Run;

static void
begin (Run *f, uint32_t n_workers, WeftGraph *graph, WeftRunOptions options)
{
  g_autoptr (GError) error = NULL;

  f->dir = test_dir_new ();
  f->path = g_build_filename (f->dir, "run.weft", NULL);
  f->engine = fixture_engine (n_workers);
  options.records = true;
  options.recorder.path = f->path;
  f->run = weft_run_new (f->engine, graph, &options, &error);
  g_assert_no_error (error);
  weft_graph_unref (graph);
  weft_run_start (f->run);
  f->model = NULL;
}

static void
clear (Run *f)
{
  weft_model_unref (f->model);
  weft_run_unref (f->run);
  weft_engine_free (f->engine);
  g_free (f->path);
  test_dir_free (f->dir);
}

static WeftGraph *
shape_graph (const char *spec, const char *op)
{
  WeftShape *shape = weft_shape_new_from_spec (spec);
  WeftGraph *graph = fixture_graph (shape, op);

  weft_shape_free (shape);
  return graph;
}

/* ---- as the engine has it -------------------------------------------------------------------- */

static const WeftModelState as_model[] = {
  [WEFT_STATE_WAITING] = WEFT_TASK_WAITING,     [WEFT_STATE_QUEUED] = WEFT_TASK_QUEUED,
  [WEFT_STATE_PROCESSING] = WEFT_TASK_RUNNING,  [WEFT_STATE_MEMORY] = WEFT_TASK_MEMORY,
  [WEFT_STATE_RELEASED] = WEFT_TASK_RELEASED,   [WEFT_STATE_ERRED] = WEFT_TASK_ERRED,
  [WEFT_STATE_CANCELLED] = WEFT_TASK_CANCELLED,
};

/* In a run that is cancelled the engine calls an attempt erred that gave up because of it, though
 * its record says cancelled. */
static void
assert_state (Run *f, uint32_t segment, uint32_t number, WeftModelState state)
{
  WeftTaskState engine = weft_run_task_state (f->run, segment, number);

  if (weft_run_phase (f->run) == WEFT_RUN_CANCELLED && engine == WEFT_STATE_ERRED)
    engine = WEFT_STATE_CANCELLED;
  g_assert_cmpuint (state, ==, as_model[engine]);
}

static void
assert_states (Run *f)
{
  for (uint32_t s = 0; s < weft_run_n_segments (f->run); s++)
    {
      WeftGraph *graph = weft_run_segment (f->run, s);
      uint32_t n = weft_graph_arrays (graph)->n_tasks;

      for (uint32_t number = 0; number < n; number++)
        {
          uint32_t task = weft_model_task_of (f->model, s, number), back;
          g_autofree char *key = weft_graph_dup_key (graph, number);
          g_autofree char *found = weft_model_task_dup_key (f->model, task);

          g_assert_cmpstr (key, ==, found);
          g_assert_cmpuint (weft_model_task_segment (f->model, task, &back), ==, s);
          g_assert_cmpuint (back, ==, number);
          assert_state (f, s, number, weft_model_task_state (f->model, task));
        }
      weft_graph_unref (graph);
    }
}

static void
assert_progress (Run *f)
{
  WeftModelSnapshot snapshot;
  WeftRunProgress progress;

  weft_run_progress (f->run, &progress);
  weft_model_snapshot (f->model, &snapshot);
  g_assert_cmpuint (snapshot.n_tasks, ==, progress.n_tasks);
  g_assert_cmpuint (snapshot.n_states[WEFT_TASK_MEMORY] + snapshot.n_states[WEFT_TASK_RELEASED], ==,
                    progress.n_done);
  g_assert_cmpuint (snapshot.n_states[WEFT_TASK_ERRED], ==, progress.n_erred);
  g_assert_cmpuint (snapshot.phase, ==, weft_run_phase (f->run));
}

/* Each group's attempts and their time, by the engine's own count. */
static void
assert_groups (Run *f)
{
  g_autoptr (GArray) groups = weft_run_group_progress (f->run);
  WeftModelSnapshot snapshot;
  int64_t busy_ns = 0, engine_ns = 0;
  uint64_t n_ended = 0, n_done = 0;

  weft_model_snapshot (f->model, &snapshot);
  for (uint32_t i = 0; i < snapshot.n_groups; i++)
    {
      WeftModelGroup group;

      weft_model_group (f->model, i, &group);
      busy_ns += group.busy_ns;
      n_ended += group.n_ended;
    }
  for (guint i = 0; i < groups->len; i++)
    {
      engine_ns += g_array_index (groups, WeftGroupProgress, i).busy_ns;
      n_done += g_array_index (groups, WeftGroupProgress, i).n_done;
    }
  g_assert_cmpuint (n_ended, ==, n_done);
  /* The engine's map is the first one; and each span is rounded for itself. */
  assert_near (busy_ns, engine_ns, engine_ns / 1000 + 2 * (int64_t) snapshot.n_spans + 1000);
}

static void
assert_ordered (WeftModel *model)
{
  WeftModelSnapshot snapshot;

  weft_model_snapshot (model, &snapshot);
  for (uint32_t i = 0; i < snapshot.n_lanes; i++)
    {
      WeftModelLane lane;

      weft_model_lane (model, i, &lane);
      if (lane.kind == WEFT_LANE_THREAD)
        g_assert_true (weft_spans_is_ordered (lane.spans));
    }
}

/* Waits for the end, and compares. */
static void
finish (Run *f)
{
  weft_run_close (f->run);
  g_assert_true (weft_run_wait (f->run, -1));
  f->model = model_of_file (f->path);
  assert_counts (f->model);
  assert_progress (f);
  assert_ordered (f->model);
}

static void
finish_and_compare (Run *f)
{
  finish (f);
  assert_states (f);
  assert_groups (f);
}

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

static WeftGraph *
freeze (WeftGraphBuilder *builder)
{
  g_autoptr (GError) error = NULL;
  WeftGraph *graph = weft_graph_builder_freeze (builder, NULL, &error);

  g_assert_no_error (error);
  weft_graph_builder_free (builder);
  return graph;
}

/* A task of one argument and perhaps an input. */
static uint32_t
add_task (WeftGraphBuilder *builder, const char *key, const char *op, int64_t number,
          uint32_t input, uint32_t output, uint32_t n_outputs)
{
  WeftTaskOutput read = { input, output };

  weft_graph_builder_begin_call (builder, op, 0, n_outputs);
  if (input == WEFT_NONE)
    weft_graph_builder_arg_int64 (builder, number);
  else
    weft_graph_builder_arg_slot (builder, 0);
  return weft_graph_builder_add_task (builder, key, -1, weft_graph_builder_end_call (builder),
                                      &read, input == WEFT_NONE ? 0 : 1);
}

/* A third of the tasks fails once or twice, some of them for good; others depend on them. */
static WeftGraph *
failing_graph (void)
{
  WeftTaskAttributes attributes = { .retries = 1, .retry_delay_ns = 1000, .label = WEFT_NONE };
  WeftGraphBuilder *builder = weft_graph_builder_new ();

  for (int i = 0; i < 30; i++)
    {
      g_autofree char *key = g_strdup_printf ("fails-%d", i);
      g_autofree char *reader = g_strdup_printf ("reads-%d", i);
      uint32_t task = add_task (builder, key, "t.fail", i % 3, WEFT_NONE, 0, 1);

      weft_graph_builder_set_attributes (builder, task, &attributes);
      task = add_task (builder, reader, "t.box", 0, task, 0, 1);
      if (i % 2 == 0)
        weft_graph_builder_want (builder, task, 0);
    }
  return freeze (builder);
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

static void
test_several_outputs (void)
{
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  Run f;

  for (int i = 0; i < 12; i++)
    {
      g_autofree char *key = g_strdup_printf ("pair-%d", i);
      g_autofree char *reader = g_strdup_printf ("read-%d", i);
      uint32_t pair = add_task (builder, key, "t.pair", i, WEFT_NONE, 0, 2);

      if (i % 3 > 0)
        add_task (builder, reader, "t.sum", 0, pair, i % 2, 1);
      if (i % 4 == 0)
        weft_graph_builder_want (builder, pair, 1);
    }
  begin (&f, 2, freeze (builder), (WeftRunOptions){ 0 });
  finish_and_compare (&f);
  clear (&f);
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
  g_assert_cmpuint (weft_model_memory_limit (f.model), ==, 4u << 20);
  weft_model_group (f.model, 0, &group);
  g_assert_cmpstr (group.name, ==, "big");
  g_assert_cmpuint (group.live_bytes, ==, 0);
  clear (&f);
}

/* ---- several segments ------------------------------------------------------------------------ */

static WeftFuture *
submit (Run *f, const char *key, const char *op, int64_t number)
{
  g_autoptr (GError) error = NULL;
  WeftFuture *future;
  WeftValue value;

  weft_value_set_int64 (&value, number);
  future = weft_run_submit (f->run, key, op, &value, NULL, 1, &error);
  g_assert_no_error (error);
  return future;
}

static void
get (WeftFuture *future)
{
  g_autoptr (GError) error = NULL;
  WeftValue value;

  weft_future_get (future, &value, &error);
  g_assert_no_error (error);
  weft_value_unref (&value);
  weft_future_unref (future);
}

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
  g_autoptr (GError) error = NULL;
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  WeftTaskOutput input = { .output = 0 };
  WeftGraphBuilder *first = weft_graph_builder_new ();
  WeftGraph *graph;
  Run f;

  add_task (first, "source", "t.box", 0, add_task (first, "gate", "t.gate", 1, WEFT_NONE, 0, 1), 0,
            1);
  fixture_close_gate ();
  begin (&f, 2, freeze (first), (WeftRunOptions){ .keep_open = true });
  input.task = weft_graph_builder_import (builder, "source", 0);
  for (int i = 0; i < 3; i++)
    {
      g_autofree char *key = g_strdup_printf ("reads-%d", i);

      weft_graph_builder_begin_call (builder, "t.box", 0, 1);
      weft_graph_builder_arg_slot (builder, 0);
      weft_graph_builder_want (builder,
                               weft_graph_builder_add_task (builder, key, -1,
                                                            weft_graph_builder_end_call (builder),
                                                            &input, 1),
                               0);
    }
  graph = freeze (builder);
  weft_run_extend (f.run, graph, NULL, &error);
  g_assert_no_error (error);
  weft_graph_unref (graph);
  fixture_open_gate ();
  finish_and_compare (&f);
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

/* ---- however the frames come ----------------------------------------------------------------- */

static void
record (Run *f)
{
  begin (f, 2, failing_graph (),
         (WeftRunOptions){ .on_error = WEFT_ON_ERROR_CONTINUE,
                           .recorder = { .sample_process = true } });
  finish (f);
}

/* A file cut anywhere is the frames before the cut, and no more. */
static void
test_cut_anywhere (void)
{
  g_autoptr (GPtrArray) frames = NULL;
  g_autofree char *bytes = NULL;
  gsize n_bytes;
  Run f;

  record (&f);
  frames = read_frames (f.path);
  g_file_get_contents (f.path, &bytes, &n_bytes, NULL);
  for (unsigned round = 0; round < 40; round++)
    {
      gsize at = (gsize) g_test_rand_int_range (64, (gint32) n_bytes);
      g_autofree char *path = g_build_filename (f.dir, "cut.weft", NULL);
      WeftModel *model, *twin;
      guint n = 0;

      g_file_set_contents (path, bytes, (gssize) at, NULL);
      while (n < frames->len)
        {
          const WeftRunFrame *frame = frames->pdata[n];

          if (frame->offset + frame->n_bytes > at)
            break;
          n++;
        }
      if (n == 0)
        continue;
      model = model_of_file (path);
      twin = model_of_frames (frames, n,
                              ((WeftRunFrame *) frames->pdata[n - 1])->head.kind != WEFT_FRAME_END);
      assert_same (model, twin);
      assert_counts (model);
      weft_model_unref (model);
      weft_model_unref (twin);
    }
  clear (&f);
}

/* Pieces of a large graph come after all records of its tasks: these are held back till then. */
static void
test_records_first (void)
{
  g_autoptr (GPtrArray) frames = NULL;
  GPtrArray *late = g_ptr_array_new ();
  WeftModelSnapshot snapshot;
  WeftModel *model = weft_model_new ();
  WeftSegmentHead head;
  WeftRunText content;
  Run f;

  begin (&f, 2, shape_graph ("tree:30000,2", "t.box"), (WeftRunOptions){ 0 });
  finish (&f);
  frames = read_frames (f.path);
  for (guint i = 0; i < frames->len; i++)
    if (weft_run_frame_segment (frames->pdata[i], &head, &content)
        && (head.flags & WEFT_SEGMENT_FIRST) == 0)
      g_ptr_array_add (late, frames->pdata[i]);
    else
      add_frames (model, frames, i, i + 1);
  g_assert_cmpuint (late->len, >, 0);
  weft_model_snapshot (model, &snapshot);
  g_assert_cmpuint (snapshot.n_tasks, >, 50000);
  g_assert_cmpuint (snapshot.n_states[WEFT_TASK_WAITING], ==, snapshot.n_tasks);
  add_frames (model, late, 0, late->len);
  weft_model_finish (model, false);
  assert_same_within (model, f.model, FINER_NS); /* by then the final clock was known */
  g_ptr_array_unref (late);
  weft_model_unref (model);
  clear (&f);
}

/* Cut off before the graph was told: what can be known of the records is. */
static void
test_records_without_graph (void)
{
  g_autoptr (GPtrArray) frames = NULL;
  WeftModelSnapshot snapshot, whole;
  WeftModel *model = weft_model_new ();
  WeftSegmentHead head;
  WeftRunText content;
  Run f;

  begin (&f, 2, shape_graph ("tree:3000,2", "t.box"), (WeftRunOptions){ 0 });
  finish (&f);
  frames = read_frames (f.path);
  for (guint i = 0; i < frames->len; i++)
    if (!weft_run_frame_segment (frames->pdata[i], &head, &content)
        || head.flags & WEFT_SEGMENT_FIRST)
      add_frames (model, frames, i, i + 1);
  weft_model_finish (model, true);
  weft_model_snapshot (model, &snapshot);
  weft_model_snapshot (f.model, &whole);
  g_assert_cmpuint (snapshot.n_spans, ==, whole.n_spans);
  g_assert_cmpuint (snapshot.n_states[WEFT_TASK_MEMORY], ==, whole.n_tasks);
  weft_model_unref (model);
  clear (&f);
}

static void
test_unknown_frames (void)
{
  g_autoptr (GPtrArray) frames = NULL;
  g_autoptr (GError) error = NULL;
  WeftModel *model = weft_model_new ();
  Run f;

  record (&f);
  frames = read_frames (f.path);
  for (guint i = 0; i < frames->len; i++)
    {
      WeftRunFrame unknown = *(WeftRunFrame *) frames->pdata[i];

      unknown.head.kind = (uint16_t) g_test_rand_int_range (WEFT_FRAME_LOD, 0x7fff);
      g_assert_true (weft_model_add_frame (model, &unknown, &error));
      add_frames (model, frames, i, i + 1);
    }
  weft_model_finish (model, false);
  assert_same (model, f.model);
  weft_model_unref (model);
  clear (&f);
}

/* ---- damage ---------------------------------------------------------------------------------- */

/* A frame that says what cannot be is an error, and changes nothing. */
static void
assert_refused (WeftModel *model, const WeftRunFrame *frame)
{
  g_autoptr (GError) error = NULL;
  WeftModelSnapshot before, after;

  weft_model_snapshot (model, &before);
  g_assert_false (weft_model_add_frame (model, frame, &error));
  g_assert_true (error->domain == WEFT_MODEL_ERROR || error->domain == WEFT_GRAPH_ERROR);
  weft_model_snapshot (model, &after);
  after.serial = before.serial;
  g_assert_cmpmem (&before, sizeof before, &after, sizeof after);
}

static const WeftRunFrame *
find_frame (GPtrArray *frames, uint16_t kind, guint n)
{
  for (guint i = 0; i < frames->len; i++)
    {
      const WeftRunFrame *frame = frames->pdata[i];
      WeftRecordsHead head;
      const WeftRecord *records;
      uint32_t n_records;

      if (frame->head.kind != kind
          || (kind == WEFT_FRAME_RECORDS
              && (!weft_run_frame_records (frame, &head, &records, &n_records)
                  || head.n_task_spans == 0)))
        continue;
      if (n-- == 0)
        return frame;
    }
  return NULL;
}

static void
refuse_records (WeftModel *model, GPtrArray *frames, void (*spoil) (WeftRecord *record))
{
  WeftRunFrame *frame = frame_copy (find_frame (frames, WEFT_FRAME_RECORDS, 0));
  const WeftRecord *records;
  uint32_t n;

  weft_run_frame_records (frame, NULL, &records, &n);
  for (uint32_t i = n; i-- > 0;)
    if (records[i].kind == WEFT_RECORD_TASK)
      {
        spoil ((WeftRecord *) &records[i]);
        break;
      }
  assert_refused (model, frame);
  frame_free (frame);
}

static void
spoil_task (WeftRecord *record)
{
  record->task = 60;
}

static void
spoil_segment (WeftRecord *record)
{
  record->segment = 1;
}

static void
spoil_segment_far (WeftRecord *record)
{
  record->segment = 0xfffffff0;
}

static void
refuse_shortened (WeftModel *model, GPtrArray *frames, uint16_t kind)
{
  WeftRunFrame frame = *find_frame (frames, kind, 0);

  frame.head.n_bytes--;
  assert_refused (model, &frame);
}

static void
test_damage (void)
{
  g_autoptr (GPtrArray) frames = NULL;
  WeftModel *model;
  WeftRunFrame frame;
  Run f;

  record (&f);
  frames = read_frames (f.path);
  model = weft_model_new ();
  add_frames (model, frames, 0, frames->len);
  refuse_records (model, frames, spoil_task);
  refuse_records (model, frames, spoil_segment);
  refuse_records (model, frames, spoil_segment_far);
  frame = *find_frame (frames, WEFT_FRAME_RECORDS, 0);
  frame.head.lane = 77;
  assert_refused (model, &frame);
  assert_refused (model, find_frame (frames, WEFT_FRAME_LANE, 0));    /* comes twice */
  assert_refused (model, find_frame (frames, WEFT_FRAME_SEGMENT, 0)); /* likewise */
  refuse_shortened (model, frames, WEFT_FRAME_RECORDS);
  refuse_shortened (model, frames, WEFT_FRAME_NOW);
  refuse_shortened (model, frames, WEFT_FRAME_CLOCK);
  refuse_shortened (model, frames, WEFT_FRAME_ERROR);
  weft_model_finish (model, false);
  assert_same (model, f.model);
  weft_model_unref (model);
  clear (&f);
}

/* Any bytes may come as any payload: an error or not, nothing worse. */
static void
test_noise (void)
{
  g_autoptr (GPtrArray) frames = NULL;
  Run f;

  record (&f);
  frames = read_frames (f.path);
  for (unsigned round = 0; round < 60; round++)
    {
      WeftModel *model = weft_model_new ();

      for (guint i = 0; i < frames->len; i++)
        {
          WeftRunFrame *frame = frame_copy (frames->pdata[i]);

          if (g_test_rand_int_range (0, 4) == 0 && frame->head.n_bytes > 0)
            for (int n = g_test_rand_int_range (1, 8); n > 0; n--)
              ((uint8_t *)
                   frame->payload)[g_test_rand_int_range (0, (gint32) frame->head.n_bytes)] =
                  (uint8_t) g_test_rand_int ();
          weft_model_add_frame (model, frame, NULL);
          frame_free (frame);
        }
      weft_model_finish (model, g_test_rand_bit ());
      weft_model_unref (model);
    }
  clear (&f);
}

/* ---- groups ---------------------------------------------------------------------------------- */

/* More groups than have numbers: what is beyond counts as one. */
static void
test_many_groups (void)
{
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  WeftModelSnapshot snapshot;
  WeftModelGroup group;
  Run f;

  for (uint32_t i = 0; i < 66000; i++)
    {
      g_autofree char *key = g_strdup_printf ("t-%u", i);
      g_autofree char *name = g_strdup_printf ("group %u", i);

      weft_graph_builder_set_group (builder, add_task (builder, key, "t.sum", 1, WEFT_NONE, 0, 1),
                                    name);
    }
  begin (&f, 2, freeze (builder), (WeftRunOptions){ 0 });
  finish (&f);
  weft_model_snapshot (f.model, &snapshot);
  g_assert_cmpuint (snapshot.n_groups, ==, 65535);
  weft_model_group (f.model, 65534, &group);
  g_assert_cmpstr (group.name, ==, "other");
  g_assert_cmpuint (group.n_tasks, ==, 66000 - 65534);
  g_assert_cmpuint (group.n_states[WEFT_TASK_RELEASED], ==, 66000 - 65534);
  g_assert_cmpuint (group.n_ended, ==, 66000 - 65534);
  clear (&f);
}

/* ---- series ---------------------------------------------------------------------------------- */

static void
test_series (void)
{
  uint64_t n;
  Run f;

  record (&f);
  n = weft_model_series_n (f.model, WEFT_SERIES_RESIDENT);
  g_assert_cmpuint (n, >, 0);
  g_assert_cmpfloat (weft_model_series_get (f.model, WEFT_SERIES_RESIDENT, 0).value, >, 1e5);
  for (unsigned series = 0; series < WEFT_N_SERIES; series++)
    {
      n = weft_model_series_n (f.model, series);
      for (uint64_t i = 0; i < n; i++)
        {
          int64_t at_ns = weft_model_series_get (f.model, series, i).at_ns;
          uint64_t found = weft_model_series_find (f.model, series, n, at_ns);

          g_assert_cmpuint (found, >=, i);
          g_assert_cmpint (weft_model_series_get (f.model, series, found).at_ns, ==, at_ns);
          found = weft_model_series_find (f.model, series, n, at_ns - 1);
          if (found < n)
            g_assert_cmpint (weft_model_series_get (f.model, series, found).at_ns, <, at_ns);
        }
    }
  clear (&f);
}

/* ---- readers beside the feeding thread ------------------------------------------------------- */

static _Atomic bool is_fed;

static void
look_at (WeftModel *model)
{
  WeftModelSnapshot snapshot;
  WeftModelNow now;

  weft_model_snapshot (model, &snapshot);
  for (uint32_t i = 0; i < snapshot.n_lanes; i++)
    {
      WeftModelLane lane;
      uint64_t n;

      weft_model_lane (model, i, &lane);
      n = weft_spans_n (lane.spans);
      if (n > 0)
        g_assert_cmpuint (weft_spans_get (lane.spans, n - 1)->kind, !=, 0);
      weft_model_now (model, i, &now);
    }
  for (uint32_t task = 0; task < snapshot.n_tasks; task += 97)
    {
      g_autofree char *key = weft_model_task_dup_key (model, task);
      uint32_t lane;
      uint64_t index;

      g_assert_cmpuint (weft_model_task_state (model, task), <, WEFT_TASK_N_STATES);
      if (weft_model_task_span (model, task, &lane, &index))
        {
          WeftModelLane info;

          weft_model_lane (model, lane, &info);
          g_assert_cmpuint (weft_spans_get (info.spans, index)->task, ==, task);
        }
    }
  for (uint32_t i = 0; i < snapshot.n_groups; i++)
    {
      WeftModelGroup group;

      weft_model_group (model, i, &group);
      g_assert_nonnull (group.name);
    }
}

static void *
read_beside (void *data)
{
  bool last;

  do
    {
      last = atomic_load (&is_fed);
      look_at (data);
    }
  while (!last);
  return NULL;
}

static void
test_readers (void)
{
  g_autoptr (GPtrArray) frames = NULL;
  WeftModel *model = weft_model_new ();
  GThread *reader;
  Run f;

  begin (&f, 2, shape_graph ("tree:30000,2", "t.box"), (WeftRunOptions){ 0 });
  finish (&f);
  frames = read_frames (f.path);
  atomic_store (&is_fed, false);
  reader = g_thread_new ("reader", read_beside, model);
  add_frames (model, frames, 0, frames->len);
  weft_model_finish (model, false);
  atomic_store (&is_fed, true);
  g_thread_join (reader);
  assert_same (model, f.model);
  weft_model_unref (model);
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
  test_add ("model", "model", "several-outputs", test_several_outputs);
  test_add ("model", "model", "spilling", test_spilling);
  test_add ("model", "model", "nested-graphs", test_nested);
  test_add ("model", "model", "imports", test_imports);
  test_add ("model", "model", "futures", test_futures);
  test_add ("model", "model", "while-it-runs", test_running);
  test_add ("model", "model", "cancelled-run", test_cancel);
  test_add ("model", "model", "cancelled-task", test_cancelled_task);
  test_add ("model", "model", "cut-anywhere", test_cut_anywhere);
  test_add ("model", "model", "records-before-their-graph", test_records_first);
  test_add ("model", "model", "records-without-their-graph", test_records_without_graph);
  test_add ("model", "model", "unknown-frames", test_unknown_frames);
  test_add ("model", "model", "damage-is-refused", test_damage);
  test_add ("model", "model", "noise", test_noise);
  test_add ("model", "model", "more-groups-than-numbers", test_many_groups);
  test_add ("model", "model", "series", test_series);
  test_add ("model", "model", "readers-beside-the-feed", test_readers);
  return g_test_run ();
}
