/* control-fixture.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "control-fixture.h"

#include "base/weft-clock.h"

#include <inttypes.h>
#include <pthread.h>

static pthread_mutex_t door_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t door_changed = PTHREAD_COND_INITIALIZER;
static bool door_is_open = true;
static uint32_t n_at_door;

/* ---- operations ------------------------------------------------------------------------------ */

static WeftStatus
deaf_kernel (WeftTask *task G_GNUC_UNUSED, const WeftValue *args, uint32_t n_args G_GNUC_UNUSED,
             WeftValue *results)
{
  pthread_mutex_lock (&door_lock);
  n_at_door++;
  pthread_cond_broadcast (&door_changed);
  while (!door_is_open)
    pthread_cond_wait (&door_changed, &door_lock);
  pthread_mutex_unlock (&door_lock);
  weft_value_set_int64 (results, args[0].u.i);
  return WEFT_OK;
}

/* Waits for a task it submits; its own failure is what it was told. */
static WeftStatus
wait_for_submitted (WeftTask *task, const char *op, int64_t number, WeftValue *results)
{
  g_autoptr (GError) error = NULL;
  WeftValue argument, value;
  WeftFuture *future;
  bool there;

  weft_value_set_int64 (&argument, number);
  future = weft_run_submit (weft_task_run (task), NULL, op, &argument, NULL, 1, &error);
  if (future == NULL)
    return weft_task_fail (task, "cannot submit: %s", error->message);
  there = weft_future_get (future, &value, &error);
  weft_future_unref (future);
  if (!there)
    {
      const char *first = g_strrstr (error->message, "cannot wait: ");

      return first != NULL ? weft_task_fail (task, "%s", first)
                           : weft_task_fail (task, "cannot wait: %s", error->message);
    }
  weft_value_set_int64 (results, value.u.i + 1);
  return WEFT_OK;
}

static WeftStatus
block_kernel (WeftTask *task, const WeftValue *args, uint32_t n_args G_GNUC_UNUSED,
              WeftValue *results)
{
  if (args[0].u.i > 0)
    return wait_for_submitted (task, "c.block", args[0].u.i - 1, results);
  weft_value_set_int64 (results, 0);
  return WEFT_OK;
}

static WeftStatus
waits_kernel (WeftTask *task, const WeftValue *args, uint32_t n_args G_GNUC_UNUSED,
              WeftValue *results)
{
  return wait_for_submitted (task, "t.gate", args[0].u.i, results);
}

static WeftStatus
log_kernel (WeftTask *task, const WeftValue *args, uint32_t n_args G_GNUC_UNUSED,
            WeftValue *results)
{
  g_autofree char *text =
      g_strdup_printf ("attempt %u of %" PRId64 "\n", weft_task_attempt (task), args[0].u.i);

  weft_task_log (task, 1, text, strlen (text));
  if (weft_task_attempt (task) <= args[0].u.i)
    return weft_task_fail (task, "failed after printing");
  weft_value_set_int64 (results, 0);
  return WEFT_OK;
}

static WeftStatus
spin_kernel (WeftTask *task G_GNUC_UNUSED, const WeftValue *args, uint32_t n_args G_GNUC_UNUSED,
             WeftValue *results)
{
  int64_t end_ns = weft_clock_mono_ns () + args[0].u.i * 1000;

  while (weft_clock_mono_ns () < end_ns)
    ;
  weft_value_set_int64 (results, args[0].u.i);
  return WEFT_OK;
}

static WeftStatus
nests_kernel (WeftTask *task, const WeftValue *args, uint32_t n_args G_GNUC_UNUSED,
              WeftValue *results G_GNUC_UNUSED)
{
  WeftGraphBuilder *builder = weft_graph_builder_new ();

  control_add (builder, "inner", args[0].u.i > 0 ? "c.nests" : "t.fail",
               args[0].u.i > 0 ? args[0].u.i - 1 : 9, NULL, 0, true);
  return weft_task_return_graph (task, control_freeze (builder), NULL, 0);
}

static const WeftOp control_ops[] = {
  FIXTURE_OP ("c.block", block_kernel, 1, 0), FIXTURE_OP ("c.deaf", deaf_kernel, 1, 0),
  FIXTURE_OP ("c.log", log_kernel, 1, 0),     FIXTURE_OP ("c.nests", nests_kernel, 1, 0),
  FIXTURE_OP ("c.spin", spin_kernel, 1, 0),   FIXTURE_OP ("c.waits", waits_kernel, 1, 0),
};

WeftOpRegistry *
control_registry (void)
{
  WeftOpRegistry *registry = fixture_registry ();
  g_autoptr (GError) error = NULL;

  weft_op_registry_add (registry, control_ops, G_N_ELEMENTS (control_ops), &error);
  g_assert_no_error (error);
  return registry;
}

/* ---- engines --------------------------------------------------------------------------------- */

static WeftEngine *
new_engine (WeftEngineOptions *options)
{
  g_autoptr (GError) error = NULL;
  WeftEngine *engine;

  options->registry = control_registry ();
  engine = weft_engine_new (options, &error);
  g_assert_no_error (error);
  weft_op_registry_unref (options->registry);
  return engine;
}

WeftEngine *
control_engine (uint32_t n_workers, uint32_t max_spares)
{
  WeftEngineOptions options = { .n_workers = n_workers, .max_spares = max_spares };

  return new_engine (&options);
}

static uint64_t
read_clock (void *data)
{
  return ((ControlClock *) data)->now_ns;
}

WeftEngine *
control_manual_engine (uint32_t n_workers, ControlClock *clock)
{
  WeftEngineOptions options = {
    .n_workers = n_workers, .manual = true, .manual_clock = read_clock, .manual_data = clock
  };

  return new_engine (&options);
}

uint32_t
control_exhaust (WeftEngine *engine, uint32_t n_workers)
{
  uint32_t n_steps = 0;
  uint32_t n_idle = 0;

  for (uint32_t worker = 0; n_idle < 2 * n_workers; worker = (worker + 1) % n_workers)
    if (weft_engine_step_manual (engine, worker))
      {
        n_steps++;
        n_idle = 0;
      }
    else
      n_idle++;
  return n_steps;
}

/* ---- graphs and runs ------------------------------------------------------------------------- */

uint32_t
control_add (WeftGraphBuilder *builder, const char *key, const char *op, int64_t number,
             const uint32_t *inputs, uint32_t n_inputs, bool wanted)
{
  g_autofree WeftTaskOutput *edges = g_new0 (WeftTaskOutput, n_inputs + 1);
  uint32_t task;

  weft_graph_builder_begin_call (builder, op, 0, 1);
  if (number >= 0)
    weft_graph_builder_arg_int64 (builder, number);
  if (n_inputs > 0)
    weft_graph_builder_arg_slots (builder, 0, n_inputs);
  for (uint32_t i = 0; i < n_inputs; i++)
    edges[i].task = inputs[i];
  task = weft_graph_builder_add_task (builder, key, -1, weft_graph_builder_end_call (builder),
                                      edges, n_inputs);
  if (wanted)
    weft_graph_builder_want (builder, task, 0);
  return task;
}

WeftGraph *
control_freeze (WeftGraphBuilder *builder)
{
  g_autoptr (GError) error = NULL;
  WeftGraph *graph = weft_graph_builder_freeze (builder, NULL, &error);

  g_assert_no_error (error);
  weft_graph_builder_free (builder);
  return graph;
}

WeftGraph *
control_independent (const char *prefix, const char *op, int64_t number, uint32_t n)
{
  WeftGraphBuilder *builder = weft_graph_builder_new ();

  for (uint32_t i = 0; i < n; i++)
    {
      g_autofree char *key = g_strdup_printf ("%s-%u", prefix, i);

      control_add (builder, key, op, number, NULL, 0, true);
    }
  return control_freeze (builder);
}

WeftGraph *
control_chain (const char *prefix, const char *op, int64_t number, uint32_t n)
{
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  uint32_t last = WEFT_NONE;

  for (uint32_t i = 0; i < n; i++)
    {
      g_autofree char *key = g_strdup_printf ("%s-%u", prefix, i);

      last = control_add (builder, key, op, number, &last, i > 0, i + 1 == n);
    }
  return control_freeze (builder);
}

WeftRun *
control_run (WeftEngine *engine, WeftGraph *graph, const WeftRunOptions *options)
{
  g_autoptr (GError) error = NULL;
  WeftRun *run = weft_run_new (engine, graph, options, &error);

  g_assert_no_error (error);
  weft_graph_unref (graph);
  return run;
}

WeftRun *
control_open_run (WeftEngine *engine, WeftOnError on_error)
{
  WeftRunOptions options = { .keep_open = true, .on_error = on_error };
  WeftRun *run = control_run (engine, NULL, &options);

  weft_run_start (run);
  return run;
}

void
control_end_run (WeftRun *run)
{
  weft_run_close (run);
  g_assert_true (weft_run_wait (run, -1));
  weft_run_unref (run);
}

WeftFuture *
control_submit (WeftRun *run, const char *op, int64_t number)
{
  g_autoptr (GError) error = NULL;
  WeftValue value;
  WeftFuture *future;

  weft_value_set_int64 (&value, number);
  future = weft_run_submit (run, NULL, op, &value, NULL, 1, &error);
  g_assert_no_error (error);
  return future;
}

uint32_t
control_find (WeftRun *run, uint32_t segment, const char *key)
{
  WeftGraph *graph = weft_run_segment (run, segment);
  uint32_t task = weft_graph_find (graph, key, -1);

  weft_graph_unref (graph);
  g_assert_cmpuint (task, !=, WEFT_NONE);
  return task;
}

WeftTaskState
control_state (WeftRun *run, const char *key)
{
  return weft_run_task_state (run, 0, control_find (run, 0, key));
}

uint64_t
control_n_done (WeftRun *run)
{
  WeftRunProgress progress;

  weft_run_progress (run, &progress);
  return progress.n_done;
}

void
control_wait_phase (WeftRun *run, WeftRunPhase phase)
{
  while (weft_run_phase (run) != phase)
    g_thread_yield ();
}

/* ---- records --------------------------------------------------------------------------------- */

typedef struct
{
  WeftRecordKind kind;
  GArray *records;
} Search;

static void
keep_kind (uint32_t lane, const WeftRecord *record, void *data)
{
  Search *search = data;
  ControlRecord kept = { lane, *record };

  if (record->kind == search->kind)
    g_array_append_val (search->records, kept);
}

static int
by_start (gconstpointer a, gconstpointer b)
{
  uint64_t left = ((const ControlRecord *) a)->record.start;
  uint64_t right = ((const ControlRecord *) b)->record.start;

  return left < right ? -1 : left > right;
}

GArray *
control_records (WeftRun *run, WeftRecordKind kind)
{
  Search search = { kind, g_array_new (FALSE, FALSE, sizeof (ControlRecord)) };

  weft_recorder_foreach (weft_run_recorder (run), keep_kind, &search);
  g_array_sort (search.records, by_start);
  return search.records;
}

uint64_t
control_ticks (int64_t ns)
{
  WeftClockMap map;

  weft_clock_calibrate (&map);
  return (uint64_t) ((double) ns * (double) map.ticks_per_second / 1e9);
}

/* ---- the door -------------------------------------------------------------------------------- */

void
control_close_door (void)
{
  pthread_mutex_lock (&door_lock);
  door_is_open = false;
  n_at_door = 0;
  pthread_mutex_unlock (&door_lock);
}

void
control_open_door (void)
{
  pthread_mutex_lock (&door_lock);
  door_is_open = true;
  pthread_cond_broadcast (&door_changed);
  pthread_mutex_unlock (&door_lock);
}

void
control_wait_at_door (uint32_t n)
{
  pthread_mutex_lock (&door_lock);
  while (n_at_door < n)
    pthread_cond_wait (&door_changed, &door_lock);
  pthread_mutex_unlock (&door_lock);
}
