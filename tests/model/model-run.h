/* model-run.h: real runs into files, and the engine's word on them
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "model-fixture.h"
#include "sched-fixture.h"

typedef struct
{
  TestDir *dir;
  char *path;
  WeftEngine *engine;
  WeftRun *run;
  WeftModel *model;
} Run;

static inline void
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

static inline void
clear (Run *f)
{
  weft_model_unref (f->model);
  weft_run_unref (f->run);
  weft_engine_free (f->engine);
  g_free (f->path);
  test_dir_free (f->dir);
}

static inline WeftGraph *
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
static inline void
assert_state (Run *f, uint32_t segment, uint32_t number, WeftModelState state)
{
  WeftTaskState engine = weft_run_task_state (f->run, segment, number);

  if (weft_run_phase (f->run) == WEFT_RUN_CANCELLED && engine == WEFT_STATE_ERRED)
    engine = WEFT_STATE_CANCELLED;
  g_assert_cmpuint (state, ==, as_model[engine]);
}

static inline void
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

static inline void
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

static inline void
assert_near (int64_t a_ns, int64_t b_ns, int64_t within_ns)
{
  g_assert_cmpint (ABS (a_ns - b_ns), <=, within_ns);
}

/* Each group's attempts and their time, by the engine's own count. */
static inline void
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

/* Waits for the end, and compares. */
static inline void
finish (Run *f)
{
  weft_run_close (f->run);
  g_assert_true (weft_run_wait (f->run, -1));
  f->model = model_of_file (f->path);
  assert_counts (f->model);
  assert_progress (f);
  assert_lanes_ordered (f->model, WEFT_LANE_THREAD);
}

static inline void
finish_and_compare (Run *f)
{
  finish (f);
  assert_states (f);
  assert_groups (f);
}

/* ---- graphs --------------------------------------------------------------------------------- */

static inline WeftGraph *
freeze (WeftGraphBuilder *builder)
{
  g_autoptr (GError) error = NULL;
  WeftGraph *graph = weft_graph_builder_freeze (builder, NULL, &error);

  g_assert_no_error (error);
  weft_graph_builder_free (builder);
  return graph;
}

/* A task of one argument and perhaps an input. */
static inline uint32_t
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

/* Three tasks of a second segment that read the result of the first's source. */
static inline void
run_with_imports (Run *f)
{
  g_autoptr (GError) error = NULL;
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  WeftTaskOutput input = { .output = 0 };
  WeftGraphBuilder *first = weft_graph_builder_new ();
  WeftGraph *graph;

  add_task (first, "source", "t.box", 0, add_task (first, "gate", "t.gate", 1, WEFT_NONE, 0, 1), 0,
            1);
  fixture_close_gate ();
  begin (f, 2, freeze (first), (WeftRunOptions){ .keep_open = true });
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
  weft_run_extend (f->run, graph, NULL, &error);
  g_assert_no_error (error);
  weft_graph_unref (graph);
  fixture_open_gate ();
  finish_and_compare (f);
}

/* A third of the tasks fails once or twice, some of them for good; others depend on them. */
static inline WeftGraph *
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

/* Tasks of two outputs: none of them read, or one, and some wanted. */
static inline WeftGraph *
pairs_graph (void)
{
  WeftGraphBuilder *builder = weft_graph_builder_new ();

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
  return freeze (builder);
}

/* ---- futures --------------------------------------------------------------------------------- */

static inline WeftFuture *
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

static inline void
get (WeftFuture *future)
{
  g_autoptr (GError) error = NULL;
  WeftValue value;

  weft_future_get (future, &value, &error);
  g_assert_no_error (error);
  weft_value_unref (&value);
  weft_future_unref (future);
}
