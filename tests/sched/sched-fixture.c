/* sched-fixture.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "sched-fixture.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

static pthread_mutex_t gate_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t gate_changed = PTHREAD_COND_INITIALIZER;
static bool gate_is_open = true;
static uint32_t n_at_gate, n_inside, most_inside;
static _Atomic uint32_t n_taken;

static int64_t
int_of (const WeftValue *value)
{
  if (weft_value_type (value) == WEFT_TYPE_BYTES)
    {
      int64_t i;

      memcpy (&i, ((WeftBytes *) value->u.box)->bytes, sizeof i);
      return i;
    }
  return weft_value_type (value) == WEFT_TYPE_INT64 ? value->u.i : 0;
}

static uint64_t
sum_of (const WeftValue *args, uint32_t n_args)
{
  uint64_t sum = 1;

  for (uint32_t i = 0; i < n_args; i++)
    sum += (uint64_t) int_of (&args[i]);
  return sum;
}

static WeftStatus
sum_kernel (WeftTask *task G_GNUC_UNUSED, const WeftValue *args, uint32_t n_args,
            WeftValue *results)
{
  weft_value_set_int64 (results, (int64_t) sum_of (args, n_args));
  return WEFT_OK;
}

static WeftStatus
box_kernel (WeftTask *task, const WeftValue *args, uint32_t n_args, WeftValue *results)
{
  uint64_t sum[3] = { sum_of (args, n_args), 0, 0 };

  return weft_value_init_bytes (results, weft_task_account (task), sum, sizeof sum);
}

static WeftStatus
bytes_kernel (WeftTask *task, const WeftValue *args, uint32_t n_args G_GNUC_UNUSED,
              WeftValue *results)
{
  size_t n_bytes = (size_t) args[0].u.i;
  WeftBuffer *buffer = weft_task_buffer (task, n_bytes);

  if (buffer == NULL)
    return WEFT_NO_MEMORY;
  memset (buffer->bytes, 0x5a, n_bytes);
  memcpy (buffer->bytes, &(int64_t){ args[0].u.i }, sizeof (int64_t));
  return weft_value_init_bytes_buffer (results, buffer, 0, n_bytes);
}

static WeftStatus
fail_kernel (WeftTask *task, const WeftValue *args, uint32_t n_args G_GNUC_UNUSED,
             WeftValue *results)
{
  uint32_t attempt = weft_task_attempt (task);

  if (attempt <= (uint64_t) args[0].u.i)
    return weft_task_fail (task, "attempt %u fails as asked", attempt);
  weft_value_set_int64 (results, attempt);
  return WEFT_OK;
}

static WeftStatus
gate_kernel (WeftTask *task, const WeftValue *args, uint32_t n_args, WeftValue *results)
{
  pthread_mutex_lock (&gate_lock);
  n_at_gate++;
  n_inside++;
  most_inside = MAX (most_inside, n_inside);
  pthread_cond_broadcast (&gate_changed);
  while (!gate_is_open && !weft_task_is_cancelled (task))
    {
      struct timespec until;

      clock_gettime (CLOCK_REALTIME, &until);
      until.tv_nsec += 1000000;
      until.tv_sec += until.tv_nsec / 1000000000;
      until.tv_nsec %= 1000000000;
      pthread_cond_timedwait (&gate_changed, &gate_lock, &until);
    }
  n_inside--;
  pthread_mutex_unlock (&gate_lock);
  if (weft_task_is_cancelled (task))
    return WEFT_CANCELLED;
  return sum_kernel (task, args, n_args, results);
}

static WeftStatus
pair_kernel (WeftTask *task G_GNUC_UNUSED, const WeftValue *args, uint32_t n_args,
             WeftValue *results)
{
  weft_value_set_int64 (&results[0], (int64_t) sum_of (args, n_args));
  weft_value_set_int64 (&results[1], (int64_t) sum_of (args, n_args) + 1);
  return WEFT_OK;
}

static WeftStatus
take_kernel (WeftTask *task, const WeftValue *args, uint32_t n_args, WeftValue *results)
{
  int64_t sum = (int64_t) sum_of (args, n_args);

  if (n_args > 0 && weft_task_steal (task, &args[0], results))
    {
      atomic_fetch_add (&n_taken, 1);
      memcpy ((void *) ((WeftBytes *) results->u.box)->bytes, &sum, sizeof sum);
      return WEFT_OK;
    }
  return box_kernel (task, args, n_args, results);
}

static WeftGraph *
nested_graph (int64_t depth)
{
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  WeftGraph *graph;
  uint32_t task;

  weft_graph_builder_begin_call (builder, depth > 0 ? "t.nest" : "t.sum", 0, 1);
  weft_graph_builder_arg_int64 (builder, depth > 0 ? depth - 1 : 41);
  task = weft_graph_builder_add_task (builder, "inner", -1, weft_graph_builder_end_call (builder),
                                      NULL, 0);
  weft_graph_builder_want (builder, task, 0);
  graph = weft_graph_builder_freeze (builder, NULL, NULL);
  weft_graph_builder_free (builder);
  return graph;
}

static WeftStatus
nest_kernel (WeftTask *task, const WeftValue *args, uint32_t n_args G_GNUC_UNUSED,
             WeftValue *results G_GNUC_UNUSED)
{
  return weft_task_return_graph (task, nested_graph (args[0].u.i), NULL, 0);
}

const WeftOpParam fixture_any_params[1] = {
  { .name = "values", .accepts = WEFT_ACCEPT_ANY, .doc = "anything" }
};

static const WeftOp test_ops[] = {
  FIXTURE_OP ("t.sum", sum_kernel, 1, WEFT_OP_PURE | WEFT_OP_CHEAP),
  FIXTURE_OP ("t.box", box_kernel, 1, WEFT_OP_PURE | WEFT_OP_CHEAP),
  FIXTURE_OP ("t.bytes", bytes_kernel, 1, WEFT_OP_PURE),
  FIXTURE_OP ("t.fail", fail_kernel, 1, 0),
  FIXTURE_OP ("t.gate", gate_kernel, 1, WEFT_OP_BLOCKING),
  FIXTURE_OP ("t.pair", pair_kernel, 2, WEFT_OP_PURE),
  FIXTURE_OP ("t.take", take_kernel, 1, WEFT_OP_PURE),
  FIXTURE_OP ("t.nest", nest_kernel, 1, 0),
};

WeftOpRegistry *
fixture_registry (void)
{
  WeftOpRegistry *registry = weft_op_registry_new ();
  g_autoptr (GError) error = NULL;

  weft_op_registry_add (registry, test_ops, G_N_ELEMENTS (test_ops), &error);
  g_assert_no_error (error);
  return registry;
}

WeftEngine *
fixture_engine (uint32_t n_workers)
{
  WeftEngineOptions options = { .n_workers = n_workers, .registry = fixture_registry () };
  g_autoptr (GError) error = NULL;
  WeftEngine *engine = weft_engine_new (&options, &error);

  g_assert_no_error (error);
  weft_op_registry_unref (options.registry);
  return engine;
}

/* One call for each number of inputs. */
static uint32_t
call_for (WeftGraphBuilder *builder, GHashTable *calls, const char *op, uint32_t n_inputs)
{
  gpointer found;

  if (g_hash_table_lookup_extended (calls, GUINT_TO_POINTER (n_inputs), NULL, &found))
    return GPOINTER_TO_UINT (found);
  weft_graph_builder_begin_call (builder, op, 0, 1);
  if (n_inputs > 0)
    weft_graph_builder_arg_slots (builder, 0, n_inputs);
  uint32_t call = weft_graph_builder_end_call (builder);
  g_hash_table_insert (calls, GUINT_TO_POINTER (n_inputs), GUINT_TO_POINTER (call));
  return call;
}

uint32_t
fixture_unique_inputs (const WeftShape *shape, uint32_t task, WeftTaskOutput *inputs)
{
  uint32_t n = 0;

  for (uint32_t i = shape->dep_offsets[task]; i < shape->dep_offsets[task + 1]; i++)
    {
      bool seen = false;

      for (uint32_t k = 0; k < n && !seen; k++)
        seen = inputs[k].task == shape->deps[i];
      if (!seen)
        inputs[n++] = (WeftTaskOutput){ shape->deps[i], 0 };
    }
  return n;
}

WeftGraph *
fixture_graph (const WeftShape *shape, const char *op)
{
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  g_autoptr (GHashTable) calls = g_hash_table_new (NULL, NULL);
  g_autofree WeftTaskOutput *inputs = g_new (WeftTaskOutput, shape->n_edges + 1);
  g_autoptr (GError) error = NULL;

  for (uint32_t task = 0; task < shape->n_tasks; task++)
    {
      char key[32];

      g_snprintf (key, sizeof key, "t-%u", task);
      weft_graph_builder_mention (builder, key, -1);
    }
  for (uint32_t task = 0; task < shape->n_tasks; task++)
    {
      uint32_t n_inputs = fixture_unique_inputs (shape, task, inputs);
      char key[32];

      g_snprintf (key, sizeof key, "t-%u", task);
      weft_graph_builder_add_task (builder, key, -1, call_for (builder, calls, op, n_inputs),
                                   inputs, n_inputs);
      if (shape->dependent_offsets[task] == shape->dependent_offsets[task + 1])
        weft_graph_builder_want (builder, task, 0);
    }
  WeftGraph *graph = weft_graph_builder_freeze (builder, NULL, &error);
  g_assert_no_error (error);
  weft_graph_builder_free (builder);
  return graph;
}

static int64_t
expect (const WeftShape *shape, uint32_t task, int64_t *values, bool *known)
{
  g_autofree WeftTaskOutput *inputs =
      g_new (WeftTaskOutput, shape->dep_offsets[task + 1] - shape->dep_offsets[task] + 1);
  uint64_t sum = 1;

  if (known[task])
    return values[task];
  for (uint32_t i = fixture_unique_inputs (shape, task, inputs); i-- > 0;)
    sum += (uint64_t) expect (shape, inputs[i].task, values, known);
  known[task] = true;
  values[task] = (int64_t) sum;
  return values[task];
}

int64_t *
fixture_expected (const WeftShape *shape)
{
  int64_t *values = g_new0 (int64_t, shape->n_tasks + 1);
  g_autofree bool *known = g_new0 (bool, shape->n_tasks + 1);

  for (uint32_t task = 0; task < shape->n_tasks; task++)
    expect (shape, task, values, known);
  return values;
}

WeftRun *
fixture_run (WeftEngine *engine, WeftGraph *graph, const WeftRunOptions *options)
{
  g_autoptr (GError) error = NULL;
  WeftRun *run = weft_run_new (engine, graph, options, &error);

  g_assert_no_error (error);
  weft_run_start (run);
  g_assert_true (weft_run_wait (run, -1));
  return run;
}

int64_t
fixture_int (WeftRun *run, uint32_t segment, uint32_t task)
{
  WeftValue value;

  g_assert_true (weft_run_result (run, segment, task, 0, &value));
  int64_t i = int_of (&value);
  weft_value_unref (&value);
  return i;
}

void
fixture_close_gate (void)
{
  pthread_mutex_lock (&gate_lock);
  gate_is_open = false;
  n_at_gate = 0;
  most_inside = 0;
  pthread_mutex_unlock (&gate_lock);
}

void
fixture_open_gate (void)
{
  pthread_mutex_lock (&gate_lock);
  gate_is_open = true;
  pthread_cond_broadcast (&gate_changed);
  pthread_mutex_unlock (&gate_lock);
}

void
fixture_wait_at_gate (uint32_t n)
{
  pthread_mutex_lock (&gate_lock);
  while (n_at_gate < n)
    pthread_cond_wait (&gate_changed, &gate_lock);
  pthread_mutex_unlock (&gate_lock);
}

uint32_t
fixture_n_taken (void)
{
  return atomic_exchange (&n_taken, 0);
}

uint32_t
fixture_most_inside (void)
{
  uint32_t most;

  pthread_mutex_lock (&gate_lock);
  most = most_inside;
  pthread_mutex_unlock (&gate_lock);
  return most;
}
