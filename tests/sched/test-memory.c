/* test-memory.c: a run whose results are larger than its memory limit
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "peaks.h"

#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define MIB (1 << 20)
#define KIB 1024
#define N_RESULTS 60

/* N results of a MiB each, all of which are needed at the end. */
static WeftGraph *
hold_all (void)
{
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  WeftTaskOutput inputs[N_RESULTS] = { { 0 } };
  g_autoptr (GError) error = NULL;

  weft_graph_builder_begin_call (builder, "t.bytes", 0, 1);
  weft_graph_builder_arg_int64 (builder, MIB);
  uint32_t call = weft_graph_builder_end_call (builder);
  for (uint32_t i = 0; i < N_RESULTS; i++)
    {
      g_autofree char *key = g_strdup_printf ("part-%u", i);

      inputs[i].task = weft_graph_builder_add_task (builder, key, -1, call, NULL, 0);
    }
  weft_graph_builder_begin_call (builder, "t.sum", 0, 1);
  weft_graph_builder_arg_slots (builder, 0, N_RESULTS);
  uint32_t total = weft_graph_builder_add_task (
      builder, "total", -1, weft_graph_builder_end_call (builder), inputs, N_RESULTS);
  weft_graph_builder_want (builder, total, 0);
  WeftGraph *graph = weft_graph_builder_freeze (builder, NULL, &error);
  g_assert_no_error (error);
  weft_graph_builder_free (builder);
  return graph;
}

typedef struct
{
  uint32_t n_written, n_read;
} Moves;

static void
count_moves (uint32_t lane G_GNUC_UNUSED, const WeftRecord *record, void *data)
{
  Moves *moves = data;

  moves->n_written += record->kind == WEFT_RECORD_SPILL_WRITE;
  moves->n_read += record->kind == WEFT_RECORD_SPILL_READ;
}

static void
test_spills_and_gives_the_same (void)
{
  g_autoptr (TestDir) dir = test_dir_new ();
  WeftEngineOptions engine_options = { .n_workers = 2,
                                       .registry = fixture_registry (),
                                       .spill_dir = dir };
  WeftEngine *engine = weft_engine_new (&engine_options, NULL);
  WeftRunOptions options = { .memory_limit_bytes = 12 * MIB, .records = true };
  WeftGraph *graph = hold_all ();
  WeftRun *run = fixture_run (engine, graph, &options);
  WeftRunProgress progress;
  Moves moves = { 0, 0 };
  g_autoptr (GError) error = NULL;

  weft_run_error (run, &error);
  g_assert_no_error (error);
  g_assert_cmpint (fixture_int (run, 0, N_RESULTS), ==, 1 + (int64_t) N_RESULTS * MIB);
  weft_recorder_foreach (weft_run_recorder (run), count_moves, &moves);
  /* At least what the last task's inputs exceed the target by had to be on disk once. */
  g_assert_cmpuint (moves.n_written, >=, N_RESULTS - 12);
  g_assert_cmpuint (moves.n_read, >=, N_RESULTS - 12);
  weft_run_progress (run, &progress);
  g_assert_cmpuint (progress.spilled_bytes, ==, 0);
  weft_run_unref (run);
  weft_graph_unref (graph);
  weft_engine_free (engine);
  weft_op_registry_unref (engine_options.registry);
}

static void
test_no_limit_spills_nothing (void)
{
  WeftEngine *engine = fixture_engine (2);
  WeftRunOptions options = { .records = true };
  WeftGraph *graph = hold_all ();
  WeftRun *run = fixture_run (engine, graph, &options);
  Moves moves = { 0, 0 };

  weft_recorder_foreach (weft_run_recorder (run), count_moves, &moves);
  g_assert_cmpuint (moves.n_written, ==, 0);
  weft_run_unref (run);
  weft_graph_unref (graph);
  weft_engine_free (engine);
}


/* ---- graphs ---------------------------------------------------------------------------------- */

/* Builder of graphs whose tasks take at most a number, then their inputs. */
typedef struct
{
  WeftGraphBuilder *builder;
  uint32_t n;
} Sketch;

static uint32_t
add (Sketch *sketch, const char *op, int64_t number, const WeftTaskOutput *inputs,
     uint32_t n_inputs)
{
  g_autofree char *key = g_strdup_printf ("task-%u", sketch->n++);

  weft_graph_builder_begin_call (sketch->builder, op, 0, 1);
  weft_graph_builder_arg_int64 (sketch->builder, number);
  if (n_inputs > 0)
    weft_graph_builder_arg_slots (sketch->builder, 0, n_inputs);
  return weft_graph_builder_add_task (
      sketch->builder, key, -1, weft_graph_builder_end_call (sketch->builder), inputs, n_inputs);
}

static WeftGraph *
finish (Sketch *sketch)
{
  g_autoptr (GError) error = NULL;
  WeftGraph *graph = weft_graph_builder_freeze (sketch->builder, NULL, &error);

  g_assert_no_error (error);
  weft_graph_builder_free (sketch->builder);
  return graph;
}

/* n results of n_bytes each; then, behind a gate, either one task reads them all or n read one
 * each, the first the first. */
static WeftGraph *
behind_a_gate (uint32_t n, int64_t n_bytes, bool one_reader)
{
  Sketch sketch = { weft_graph_builder_new (), 0 };
  g_autofree WeftTaskOutput *results = g_new0 (WeftTaskOutput, n + 1);

  for (uint32_t i = 0; i < n; i++)
    results[i].task = add (&sketch, "t.bytes", n_bytes, NULL, 0);
  uint32_t gate = add (&sketch, "t.gate", 0, NULL, 0);
  for (uint32_t i = 0; i < n; i++)
    weft_graph_builder_add_after (sketch.builder, gate, results[i].task);
  for (uint32_t i = 0; i < (one_reader ? 1 : n); i++)
    {
      uint32_t reader = add (&sketch, "t.sum", 0, &results[i], one_reader ? n : 1);

      weft_graph_builder_add_after (sketch.builder, reader, gate);
      weft_graph_builder_want (sketch.builder, reader, 0);
    }
  return finish (&sketch);
}

static WeftRun *
start (WeftEngine *engine, WeftGraph *graph, uint64_t limit_bytes)
{
  WeftRunOptions options = { .memory_limit_bytes = limit_bytes,
                             .records = true,
                             .on_error = WEFT_ON_ERROR_CONTINUE };
  g_autoptr (GError) error = NULL;
  WeftRun *run = weft_run_new (engine, graph, &options, &error);

  g_assert_no_error (error);
  weft_run_start (run);
  return run;
}

static WeftEngine *
engine_in (const char *spill_dir, uint32_t n_workers)
{
  WeftEngineOptions options = { .n_workers = n_workers,
                                .registry = fixture_registry (),
                                .spill_dir = spill_dir };
  WeftEngine *engine = weft_engine_new (&options, NULL);

  weft_op_registry_unref (options.registry);
  return engine;
}

/* ---- thresholds ------------------------------------------------------------------------------ */

#define LIMIT (10 * MIB + 10 * KIB)
#define SLACK (64 * KIB)

typedef struct
{
  const WeftGraphArrays *arrays;
  int64_t held, limit;
  uint32_t done;     /* the last task that ended */
  uint32_t n_writes; /* in all, and since the last start */
  bool spilling;
  bool *in_memory; /* by task */
} Follow;

/* The first task behind the last one done that has this one's result as an input. */
static uint32_t
next_reader (const Follow *follow, uint32_t task)
{
  const WeftGraphArrays *arrays = follow->arrays;

  for (uint32_t reader = follow->done + 1; reader < arrays->n_tasks; reader++)
    for (uint32_t e = arrays->input_offsets[reader]; e < arrays->input_offsets[reader + 1]; e++)
      if (arrays->input_tasks[e] == task)
        return reader;
  return WEFT_NONE;
}

/* One worker: its records in order tell what was held at every moment. */
static void
follow_record (uint32_t lane G_GNUC_UNUSED, const WeftRecord *record, void *data)
{
  Follow *follow = data;
  int64_t n_bytes = (int64_t) weft_record_amount (record);

  if (record->kind == WEFT_RECORD_SPILL_WRITE)
    {
      /* Begins above 70 % of the limit, goes on above 60 %; furthest next use first. Boxes, which
       * count too, make up for less than the slack. */
      g_assert_cmpint (follow->held + SLACK, >, follow->limit / 10 * (follow->spilling ? 6 : 7));
      for (uint32_t task = 0; task < follow->arrays->n_tasks; task++)
        g_assert_false (follow->in_memory[task]
                        && next_reader (follow, task) > next_reader (follow, record->task));
      follow->in_memory[record->task] = false;
      follow->held -= n_bytes;
      follow->spilling = true;
      follow->n_writes++;
    }
  else if (record->kind == WEFT_RECORD_SPILL_READ)
    {
      follow->in_memory[record->task] = true;
      follow->held += n_bytes;
    }
  else if (record->kind == WEFT_RECORD_TASK)
    {
      uint32_t first = follow->arrays->input_offsets[record->task];

      if (first == follow->arrays->input_offsets[record->task + 1])
        g_assert_cmpint (follow->held, <=, follow->limit / 10 * (follow->spilling ? 6 : 7));
      follow->spilling = false;
      follow->done = record->task;
      follow->held += n_bytes;
      follow->in_memory[record->task] = n_bytes >= MIB;
      for (uint32_t e = first; e < follow->arrays->input_offsets[record->task + 1]; e++)
        {
          follow->held -= MIB;
          follow->in_memory[follow->arrays->input_tasks[e]] = false;
        }
    }
}

static void
test_thresholds (void)
{
  g_autoptr (TestDir) dir = test_dir_new ();
  WeftEngine *engine = engine_in (dir, 1);
  WeftGraph *graph = behind_a_gate (40, MIB, false);
  WeftRun *run = start (engine, graph, LIMIT);
  g_autofree bool *in_memory = g_new0 (bool, weft_graph_arrays (graph)->n_tasks);
  Follow follow = { .arrays = weft_graph_arrays (graph), .limit = LIMIT, .in_memory = in_memory };

  weft_run_wait (run, -1);
  g_assert_cmpint (weft_run_phase (run), ==, WEFT_RUN_DONE);
  weft_recorder_foreach (weft_run_recorder (run), follow_record, &follow);
  g_assert_cmpuint (follow.n_writes, >=, 34);
  weft_run_unref (run);
  weft_graph_unref (graph);
  weft_engine_free (engine);
}

/* ---- what cannot be spilled ------------------------------------------------------------------ */

typedef struct
{
  int64_t held, limit;
  uint32_t n_over, n_admitted, n_paused;
} Over;

static void
count_over (uint32_t lane G_GNUC_UNUSED, const WeftRecord *record, void *data)
{
  Over *over = data;

  over->n_admitted += record->kind == WEFT_RECORD_ADMITTED;
  over->n_paused += record->kind == WEFT_RECORD_MEMORY_PAUSED;
}

/* Results too small to be spilled fill the memory: sources wait, then one after the other is let in
 * over the limit, as nothing else could go on; and the records say so. */
static void
test_admits_one_over_the_limit (gconstpointer data)
{
  uint32_t n_workers = GPOINTER_TO_UINT (data);
  WeftEngine *engine = fixture_engine (n_workers);
  WeftGraph *graph = behind_a_gate (100, 32 * KIB, true);
  WeftRun *run = start (engine, graph, MIB);
  Over over = { 0 };
  Peaks peaks;

  weft_run_wait (run, -1);
  g_assert_cmpint (weft_run_phase (run), ==, WEFT_RUN_DONE);
  g_assert_cmpint (fixture_int (run, 0, 101), ==, 1 + 100 * 32 * KIB);
  weft_recorder_foreach (weft_run_recorder (run), count_over, &over);
  peaks_of_run (run, graph, &peaks);
  /* 80 % are 26 results. The gate is a source too. With several workers each may have started one
   * before it could know of the others'. */
  g_assert_cmpuint (over.n_admitted, <=, 100 + 1 - 26);
  g_assert_cmpuint (over.n_admitted, >=, 100 + 1 - 26 - n_workers);
  g_assert_cmpuint (over.n_paused, >=, over.n_admitted);
  g_assert_cmpuint (peaks.n_written, ==, 0);
  weft_run_unref (run);
  weft_graph_unref (graph);
  weft_engine_free (engine);
}

/* A gate keeps a worker busy, so sources wait; without the limit they need not any more. */
static void
test_lifting_the_limit_lets_sources_in (gconstpointer data)
{
  bool lift = GPOINTER_TO_INT (data);
  WeftEngine *engine = fixture_engine (2);
  Sketch sketch = { weft_graph_builder_new (), 0 };
  WeftTaskOutput results[4] = { { 0 } };

  results[0].task = add (&sketch, "t.bytes", 60 * KIB, NULL, 0);
  WeftTaskOutput first = results[0];
  add (&sketch, "t.gate", 0, &first, 1);
  for (uint32_t i = 1; i < 4; i++)
    {
      results[i].task = add (&sketch, "t.bytes", 60 * KIB, NULL, 0);
      weft_graph_builder_add_after (sketch.builder, results[i].task, results[0].task);
    }
  uint32_t last = add (&sketch, "t.gate", 0, results, 4);
  weft_graph_builder_want (sketch.builder, last, 0);
  WeftGraph *graph = finish (&sketch);
  fixture_close_gate ();
  WeftRun *run = start (engine, graph, 70 * KIB);
  fixture_wait_at_gate (1);
  weft_run_set_memory_limit (run, lift ? 0 : 10 * MIB);
  fixture_wait_at_gate (2);
  fixture_open_gate ();
  weft_run_wait (run, -1);
  g_assert_cmpint (weft_run_phase (run), ==, WEFT_RUN_DONE);
  weft_run_unref (run);
  weft_graph_unref (graph);
  weft_engine_free (engine);
}

static WeftStatus
wait_kernel (WeftTask *task, const WeftValue *args, uint32_t n_args G_GNUC_UNUSED,
             WeftValue *results)
{
  g_autoptr (GError) error = NULL;
  WeftFuture *future =
      weft_run_submit (weft_task_run (task), NULL, "t.bytes", &args[0], NULL, 1, &error);

  g_assert_no_error (error);
  bool done = weft_future_get (future, results, &error);
  weft_future_unref (future);
  return done ? WEFT_OK : weft_task_fail (task, "%s", error->message);
}

static const WeftOpParam wait_param = { .name = "n", .accepts = WEFT_ACCEPT_ANY, .doc = "bytes" };
static const WeftOp wait_op = { .name = "m.wait",
                                .version = 1,
                                .doc = "waits for a source of its own",
                                .params = &wait_param,
                                .n_params = 1,
                                .variadic = true,
                                .n_outputs = 1,
                                .flags = WEFT_OP_BLOCKING,
                                .kernel = wait_kernel };

/* A task that waits for a source which has to wait for memory keeps nobody busy. */
static void
test_waiting_tasks_do_not_hold_sources_up (void)
{
  WeftEngineOptions engine_options = { .n_workers = 1, .registry = fixture_registry () };
  Sketch sketch = { weft_graph_builder_new (), 0 };
  WeftRunOptions options = { .memory_limit_bytes = 70 * KIB, .records = true, .keep_open = true };
  Over over = { 0 };

  g_assert_true (weft_op_registry_add (engine_options.registry, &wait_op, 1, NULL));
  WeftEngine *engine = weft_engine_new (&engine_options, NULL);
  WeftTaskOutput full = { add (&sketch, "t.bytes", 60 * KIB, NULL, 0), 0 };
  uint32_t task = add (&sketch, "m.wait", 5000, &full, 1);
  weft_graph_builder_want (sketch.builder, task, 0);
  WeftGraph *graph = finish (&sketch);
  WeftRun *run = weft_run_new (engine, graph, &options, NULL);
  WeftFuture *future = weft_run_future (run, 0, task, 0, NULL);
  weft_run_start (run);
  g_assert_true (weft_futures_wait (&future, 1, -1, NULL));
  weft_future_unref (future);
  weft_run_close (run);
  weft_run_wait (run, -1);
  g_assert_cmpint (weft_run_phase (run), ==, WEFT_RUN_DONE);
  g_assert_cmpint (fixture_int (run, 0, task), ==, 5000);
  weft_recorder_foreach (weft_run_recorder (run), count_over, &over);
  g_assert_cmpuint (over.n_admitted, ==, 1);
  weft_run_unref (run);
  weft_graph_unref (graph);
  weft_engine_free (engine);
  weft_op_registry_unref (engine_options.registry);
}

/* ---- faults ---------------------------------------------------------------------------------- */

/* No file may have more than a few bytes: like a full disk. */
static void
test_full_disk_keeps_values (void)
{
  g_autoptr (TestDir) dir = test_dir_new ();
  WeftEngine *engine = engine_in (dir, 2);
  WeftGraph *graph = behind_a_gate (30, MIB, true);
  struct rlimit before, tiny;
  Peaks peaks;

  getrlimit (RLIMIT_FSIZE, &before);
  tiny = before;
  tiny.rlim_cur = 100;
  setrlimit (RLIMIT_FSIZE, &tiny);
  WeftRun *run = start (engine, graph, 10 * MIB);
  weft_run_wait (run, -1);
  setrlimit (RLIMIT_FSIZE, &before);
  g_assert_cmpint (weft_run_phase (run), ==, WEFT_RUN_DONE);
  g_assert_cmpint (fixture_int (run, 0, 31), ==, 1 + INT64_C (30) * MIB);
  peaks_of_run (run, graph, &peaks);
  g_assert_cmpuint (peaks.n_failed_writes, >=, 8);
  g_assert_cmpuint (peaks.n_written, ==, 0);
  weft_run_unref (run);
  weft_graph_unref (graph);
  weft_engine_free (engine);
}

/* Removes or garbles all spilled values there are. Returns how many. */
static uint32_t
spoil (const char *parent, bool remove)
{
  g_autoptr (GDir) folders = g_dir_open (parent, 0, NULL);
  g_autofree char *folder = g_build_filename (parent, g_dir_read_name (folders), NULL);
  g_autoptr (GDir) files = g_dir_open (folder, 0, NULL);
  const char *name;
  uint32_t n = 0;

  while ((name = g_dir_read_name (files)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      g_autofree char *bytes = NULL;
      gsize n_bytes;

      if (!g_str_has_suffix (name, ".wval"))
        continue;
      g_assert_true (g_file_get_contents (path, &bytes, &n_bytes, NULL));
      bytes[n_bytes / 2] ^= 0x10;
      if (remove)
        g_assert_cmpint (unlink (path), ==, 0);
      else
        g_assert_true (g_file_set_contents (path, bytes, (gssize) n_bytes, NULL));
      n++;
    }
  return n;
}

static uint32_t
count_errors (WeftRun *run, WeftGraph *graph, const char *says)
{
  const WeftGraphArrays *arrays = weft_graph_arrays (graph);
  uint32_t n = 0;

  for (uint32_t i = 0; i < arrays->n_wanted; i++)
    {
      WeftValue value;

      g_assert_true (weft_run_result (run, 0, arrays->wanted[i].task, 0, &value));
      if (weft_value_type (&value) == WEFT_TYPE_ERROR)
        {
          g_assert_nonnull (strstr (((WeftErrorValue *) value.u.box)->message, says));
          n++;
        }
      else
        g_assert_cmpint (value.u.i, ==, 1 + MIB);
      weft_value_unref (&value);
    }
  return n;
}

/* While a gate is closed what was spilled is spoiled: those that need it err, all others end. */
static void
test_spoilt_files_are_task_errors (gconstpointer data)
{
  bool remove = GPOINTER_TO_INT (data);
  g_autoptr (TestDir) dir = test_dir_new ();
  WeftEngine *engine = engine_in (dir, 2);
  WeftGraph *graph = behind_a_gate (30, MIB, false);
  g_autoptr (GError) error = NULL;

  fixture_close_gate ();
  WeftRun *run = start (engine, graph, 10 * MIB);
  fixture_wait_at_gate (1);
  uint32_t n_spoilt = spoil (dir, remove);
  fixture_open_gate ();
  weft_run_wait (run, -1);
  g_assert_cmpint (weft_run_phase (run), ==, WEFT_RUN_FAILED);
  g_assert_cmpuint (n_spoilt, >=, 20);
  g_assert_cmpuint (count_errors (run, graph, remove ? "lost" : "damaged"), ==, n_spoilt);
  g_assert_true (weft_run_error (run, &error));
  test_assert_error (&error, WEFT_ENGINE_ERROR, WEFT_ENGINE_ERROR_FAILED, "spilled",
                     remove ? "lost" : "damaged", NULL);
  weft_run_unref (run);
  weft_graph_unref (graph);
  weft_engine_free (engine);
}

static void
test_folder_goes_with_the_run (void)
{
  g_autoptr (TestDir) dir = test_dir_new ();
  WeftEngine *engine = engine_in (dir, 2);
  WeftGraph *graph = behind_a_gate (30, MIB, false);
  WeftRun *run = start (engine, graph, 10 * MIB);
  g_autoptr (GDir) folder = g_dir_open (dir, 0, NULL);

  g_assert_nonnull (g_dir_read_name (folder));
  weft_run_wait (run, -1);
  weft_run_unref (run);
  weft_engine_free (engine);
  g_dir_rewind (folder);
  g_assert_null (g_dir_read_name (folder));
  weft_graph_unref (graph);
}

/* ---- small values ---------------------------------------------------------------------------- */

/* Boxes count as managed bytes too, and are gone when their readers are. */
static void
test_boxes_are_charged (void)
{
  g_autoptr (WeftShape) shape = weft_shape_new_from_spec ("fork-join:3,5000");
  WeftEngine *engine = fixture_engine (2);
  WeftGraph *graph = fixture_graph (shape, "t.box");
  WeftRun *run = fixture_run (engine, graph, NULL);
  WeftRunProgress progress;

  weft_run_progress (run, &progress);
  /* 5,000 of them are needed at once; one is wanted. */
  g_assert_cmpuint (progress.peak_managed_bytes, >=, 5000 * 24);
  g_assert_cmpuint (progress.peak_managed_bytes, <=, 2 * 5000 * 128);
  g_assert_cmpuint (progress.managed_bytes, <=, 1024);
  weft_run_unref (run);
  weft_graph_unref (graph);
  weft_engine_free (engine);
}

static void
add_data (const char *behaviour, gconstpointer data, GTestDataFunc test)
{
  g_autofree char *path = g_strconcat ("/weft/sched/memory/", behaviour, NULL);

  g_test_add_data_func (path, data, test);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("sched", "memory", "spills-and-gives-the-same", test_spills_and_gives_the_same);
  test_add ("sched", "memory", "no-limit-spills-nothing", test_no_limit_spills_nothing);
  test_add ("sched", "memory", "thresholds-and-furthest-use-first", test_thresholds);
  add_data ("admits-one-over-the-limit/1", GUINT_TO_POINTER (1), test_admits_one_over_the_limit);
  add_data ("admits-one-over-the-limit/4", GUINT_TO_POINTER (4), test_admits_one_over_the_limit);
  add_data ("raising-the-limit-lets-sources-in", GINT_TO_POINTER (false),
            test_lifting_the_limit_lets_sources_in);
  add_data ("lifting-the-limit-lets-sources-in", GINT_TO_POINTER (true),
            test_lifting_the_limit_lets_sources_in);
  test_add ("sched", "memory", "waiting-tasks-do-not-hold-sources-up",
            test_waiting_tasks_do_not_hold_sources_up);
  test_add ("sched", "memory", "full-disk-keeps-values", test_full_disk_keeps_values);
  add_data ("lost-files-are-task-errors", GINT_TO_POINTER (true),
            test_spoilt_files_are_task_errors);
  add_data ("damaged-files-are-task-errors", GINT_TO_POINTER (false),
            test_spoilt_files_are_task_errors);
  test_add ("sched", "memory", "folder-goes-with-the-run", test_folder_goes_with_the_run);
  test_add ("sched", "memory", "boxes-are-charged", test_boxes_are_charged);
  return g_test_run ();
}
