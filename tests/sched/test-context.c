/* test-context.c: what a running kernel may ask of the engine, and the hooks of foreign runtimes
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "control-fixture.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

static WeftEngine *
engine_with (uint32_t n_workers, const WeftOp *ops, size_t n_ops)
{
  WeftEngine *engine = control_engine (n_workers, 0);
  g_autoptr (GError) error = NULL;

  weft_op_registry_add (weft_engine_registry (engine), ops, n_ops, &error);
  g_assert_no_error (error);
  return engine;
}

static void
run_to_end (WeftEngine *engine, WeftGraph *graph, WeftRunPhase phase)
{
  WeftRun *run = control_run (engine, graph, NULL);

  weft_run_start (run);
  g_assert_true (weft_run_wait (run, -1));
  g_assert_cmpint (weft_run_phase (run), ==, phase);
  weft_run_unref (run);
}

static const WeftOpParam any_params[] = {
  { .name = "any", .accepts = WEFT_ACCEPT_ANY, .doc = "any" }
};

#define OP(op_name, op_kernel, ...)                                                         \
  {                                                                                         \
    .name = op_name, .version = 1, .doc = "for tests", .params = any_params, .n_params = 1, \
    .variadic = true, .n_outputs = 1, .kernel = op_kernel, __VA_ARGS__                      \
  }

/* ---- scratch, worker, random ----------------------------------------------------------------- */

/* Aligned, writable, and its own: nobody else writes into it meanwhile. */
static WeftStatus
scratch_kernel (WeftTask *task, const WeftValue *args G_GNUC_UNUSED, uint32_t n_args G_GNUC_UNUSED,
                WeftValue *results)
{
  static const size_t sizes[] = { 0, 1, 100, 5000, 200000 };
  uint8_t *pieces[G_N_ELEMENTS (sizes)];
  uint8_t mark = (uint8_t) weft_task_random (task);

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      pieces[i] = weft_task_scratch (task, sizes[i]);
      if (pieces[i] == NULL || (uintptr_t) pieces[i] % 16 != 0)
        return weft_task_fail (task, "bad scratch");
      memset (pieces[i], mark, MAX (sizes[i], 1));
    }
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    for (size_t k = 0; k < MAX (sizes[i], 1); k++)
      if (pieces[i][k] != mark)
        return weft_task_fail (task, "scratch was written by somebody else");
  weft_value_set_int64 (results, 1);
  return WEFT_OK;
}

static void
test_scratch_is_the_tasks_own (void)
{
  const WeftOp op = OP ("scratch", scratch_kernel);
  WeftEngine *engine = engine_with (4, &op, 1);

  run_to_end (engine, control_independent ("s", "scratch", -1, 300), WEFT_RUN_DONE);
  weft_engine_free (engine);
}

#define MAX_SEEN 64

static _Atomic uint32_t inside[MAX_SEEN];
static pthread_t thread_of[MAX_SEEN];
static _Atomic bool seen_wrong;

/* One task at a time has an index, and it is always on the same thread. */
static WeftStatus
worker_kernel (WeftTask *task, const WeftValue *args G_GNUC_UNUSED, uint32_t n_args G_GNUC_UNUSED,
               WeftValue *results)
{
  uint32_t worker = weft_task_worker (task);

  if (worker >= MAX_SEEN || atomic_fetch_add (&inside[worker], 1) != 0)
    atomic_store (&seen_wrong, true);
  else if (thread_of[worker] == 0)
    thread_of[worker] = pthread_self ();
  else if (!pthread_equal (thread_of[worker], pthread_self ()))
    atomic_store (&seen_wrong, true);
  atomic_fetch_sub (&inside[worker], 1);
  weft_value_set_int64 (results, worker);
  return WEFT_OK;
}

static void
test_worker_index_is_dense_and_exclusive (void)
{
  const WeftOp op = OP ("worker", worker_kernel);
  WeftEngine *engine = engine_with (4, &op, 1);
  WeftRun *run;

  memset (thread_of, 0, sizeof thread_of);
  run = control_run (engine, control_independent ("w", "worker", -1, 2000), NULL);
  weft_run_start (run);
  g_assert_true (weft_run_wait (run, -1));
  for (uint32_t task = 0; task < 2000; task++)
    g_assert_cmpint (fixture_int (run, 0, task), <, 4);
  g_assert_false (atomic_load (&seen_wrong));
  weft_run_unref (run);
  weft_engine_free (engine);
}

static WeftStatus
random_kernel (WeftTask *task, const WeftValue *args G_GNUC_UNUSED, uint32_t n_args G_GNUC_UNUSED,
               WeftValue *results)
{
  uint64_t first = weft_task_random (task);

  if (weft_task_attempt (task) == 1 && args[0].u.i > 1)
    return weft_task_fail (task, "once more");
  weft_value_set_int64 (results, (int64_t) (first ^ weft_task_random (task) << 1));
  return WEFT_OK;
}

static void
draw (uint32_t n_workers, uint64_t seed, const char *prefix, int64_t attempts, int64_t *numbers)
{
  const WeftOp op = OP ("random", random_kernel);
  WeftEngine *engine = engine_with (n_workers, &op, 1);
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  WeftTaskAttributes attributes = { .retries = 1, .retry_delay_ns = 1, .label = WEFT_NONE };
  WeftRunOptions options = { .seed = seed };
  WeftRun *run;

  for (uint32_t i = 0; i < 50; i++)
    {
      g_autofree char *key = g_strdup_printf ("%s-%u", prefix, i);

      weft_graph_builder_set_attributes (
          builder, control_add (builder, key, "random", attempts, NULL, 0, true), &attributes);
    }
  run = control_run (engine, control_freeze (builder), &options);
  weft_run_start (run);
  g_assert_true (weft_run_wait (run, -1));
  for (uint32_t i = 0; i < 50; i++)
    {
      g_autofree char *key = g_strdup_printf ("%s-%u", prefix, i);

      numbers[i] = fixture_int (run, 0, control_find (run, 0, key));
    }
  weft_run_unref (run);
  weft_engine_free (engine);
}

/* Of seed, key and attempt, and of nothing else. */
static void
test_random_stream (void)
{
  int64_t first[50], same[50], other[50];

  draw (1, 7, "r", 1, first);
  draw (4, 7, "r", 1, same);
  g_assert_cmpmem (first, sizeof first, same, sizeof same);
  draw (2, 8, "r", 1, other);
  g_assert_cmpint (memcmp (first, other, sizeof first), !=, 0);
  draw (2, 7, "q", 1, other);
  g_assert_cmpint (memcmp (first, other, sizeof first), !=, 0);
  draw (2, 7, "r", 2, other);
  g_assert_cmpint (memcmp (first, other, sizeof first), !=, 0);
  for (int i = 0; i < 50; i++)
    for (int k = 0; k < i; k++)
      g_assert_cmpint (first[i], !=, first[k]);
}

/* ---- giving up ------------------------------------------------------------------------------- */

static pthread_barrier_t polling;

/* Waits on the descriptor only. */
static WeftStatus
poll_kernel (WeftTask *task, const WeftValue *args G_GNUC_UNUSED, uint32_t n_args G_GNUC_UNUSED,
             WeftValue *results G_GNUC_UNUSED)
{
  struct pollfd poll_fd = { .fd = weft_task_cancel_fd (task), .events = POLLIN };

  if (poll_fd.fd < 0 || weft_task_is_cancelled (task))
    return weft_task_fail (task, "told too early");
  if (poll (&poll_fd, 1, 0) != 0)
    return weft_task_fail (task, "readable too early");
  pthread_barrier_wait (&polling);
  poll (&poll_fd, 1, -1);
  return weft_task_is_cancelled (task) ? WEFT_CANCELLED : weft_task_fail (task, "not cancelled");
}

/* One is cancelled, then the run with the other; neither hears of what is not its own. */
static void
test_cancel_descriptor (void)
{
  const WeftOp op = OP ("poll", poll_kernel);
  WeftEngine *engine = engine_with (2, &op, 1);
  WeftRun *run = control_open_run (engine, WEFT_ON_ERROR_CONTINUE);
  WeftFuture *futures[2];
  g_autoptr (GError) error = NULL;
  WeftValue value;

  pthread_barrier_init (&polling, NULL, 3);
  for (int i = 0; i < 2; i++)
    futures[i] = control_submit (run, "poll", 1);
  pthread_barrier_wait (&polling);
  weft_future_cancel (futures[0]);
  g_assert_false (weft_future_get (futures[0], &value, &error));
  test_assert_error (&error, WEFT_ENGINE_ERROR, WEFT_ENGINE_ERROR_CANCELLED, NULL);
  g_assert_false (weft_futures_wait (&futures[1], 1, 3000000, NULL));
  weft_run_cancel (run);
  g_assert_true (weft_run_wait (run, -1));
  for (int i = 0; i < 2; i++)
    weft_future_unref (futures[i]);
  weft_run_unref (run);
  pthread_barrier_destroy (&polling);
  weft_engine_free (engine);
}

/* ---- foreign runtimes ------------------------------------------------------------------------ */

typedef struct
{
  _Atomic uint32_t n_starts, n_stops, n_parks, n_unparks, n_drains, n_tasks;
  _Atomic uint32_t pending;
  _Atomic uint32_t n_begun, n_ended; /* batches */
  _Atomic uint32_t n_wrong;
} Hooks;

enum
{
  OUTSIDE = 1,
  IN_BATCH = 2,
  PARKED = 3,
};

/* Every hook comes in its turn, on one thread; the slot is the runtime's own. */
static void
turn (Hooks *hooks, void **slot, intptr_t from, intptr_t to)
{
  if ((intptr_t) *slot != from)
    atomic_fetch_add (&hooks->n_wrong, 1);
  *slot = (void *) to;
}

static _Thread_local void **own_slot;

static void
hook_start (void *data, uint32_t worker G_GNUC_UNUSED, void **slot)
{
  atomic_fetch_add (&((Hooks *) data)->n_starts, 1);
  turn (data, slot, 0, OUTSIDE);
  own_slot = slot;
}

static void
hook_stop (void *data, uint32_t worker G_GNUC_UNUSED, void **slot)
{
  atomic_fetch_add (&((Hooks *) data)->n_stops, 1);
  turn (data, slot, OUTSIDE, 0);
}

static void
hook_park (void *data, uint32_t worker G_GNUC_UNUSED, void **slot)
{
  atomic_fetch_add (&((Hooks *) data)->n_parks, 1);
  turn (data, slot, OUTSIDE, PARKED);
}

static void
hook_unpark (void *data, uint32_t worker G_GNUC_UNUSED, void **slot)
{
  atomic_fetch_add (&((Hooks *) data)->n_unparks, 1);
  turn (data, slot, PARKED, OUTSIDE);
}

static void
hook_begin (void *data, uint32_t worker G_GNUC_UNUSED, void **slot)
{
  atomic_fetch_add (&((Hooks *) data)->n_begun, 1);
  turn (data, slot, OUTSIDE, IN_BATCH);
}

static void
hook_end (void *data, uint32_t worker G_GNUC_UNUSED, void **slot)
{
  turn (data, slot, IN_BATCH, OUTSIDE);
  atomic_fetch_add (&((Hooks *) data)->n_ended, 1);
}

static bool
hook_has_pending (void *data)
{
  return atomic_load (&((Hooks *) data)->pending) > 0;
}

static void
hook_drain (void *data, uint32_t worker G_GNUC_UNUSED, void **slot)
{
  Hooks *hooks = data;

  atomic_fetch_add (&hooks->n_drains, 1);
  atomic_store (&hooks->pending, 0);
  turn (hooks, slot, IN_BATCH, IN_BATCH);
}

static WeftStatus
foreign_kernel (WeftTask *task, const WeftValue *args G_GNUC_UNUSED, uint32_t n_args G_GNUC_UNUSED,
                WeftValue *results)
{
  Hooks *hooks = weft_task_user_data (task);

  atomic_fetch_add (&hooks->n_tasks, 1);
  if (own_slot == NULL || (intptr_t) *own_slot != IN_BATCH)
    atomic_fetch_add (&hooks->n_wrong, 1);
  atomic_store (&hooks->pending, 1);
  weft_value_set_int64 (results, 1);
  return WEFT_OK;
}

/* While other work runs, or a kernel waits, no batch is open. */
static WeftStatus
plain_kernel (WeftTask *task, const WeftValue *args G_GNUC_UNUSED, uint32_t n_args G_GNUC_UNUSED,
              WeftValue *results)
{
  Hooks *hooks = weft_task_user_data (task);

  if (own_slot != NULL && (intptr_t) *own_slot != OUTSIDE)
    atomic_fetch_add (&hooks->n_wrong, 1);
  weft_value_set_int64 (results, 1);
  return WEFT_OK;
}

static WeftStatus
blocks_kernel (WeftTask *task, const WeftValue *args G_GNUC_UNUSED, uint32_t n_args G_GNUC_UNUSED,
               WeftValue *results)
{
  Hooks *hooks = weft_task_user_data (task);
  WeftValue value;
  WeftFuture *future;

  weft_value_set_int64 (&value, 1);
  future = weft_run_submit (weft_task_run (task), NULL, "plain", &value, NULL, 1, NULL);
  if (future == NULL || !weft_future_get (future, results, NULL))
    return weft_task_fail (task, "no result");
  weft_future_unref (future);
  /* The batch follows on the same thread. */
  if (own_slot == NULL || (intptr_t) *own_slot != IN_BATCH)
    atomic_fetch_add (&hooks->n_wrong, 1);
  return WEFT_OK;
}

/* Runs past its deadline, in a batch. */
static WeftStatus
late_kernel (WeftTask *task, const WeftValue *args G_GNUC_UNUSED, uint32_t n_args G_GNUC_UNUSED,
             WeftValue *results)
{
  while (!weft_task_is_cancelled (task))
    g_usleep (1000);
  g_usleep (20000); /* until a spare worker has taken its place */
  weft_value_set_int64 (results, 1);
  return WEFT_OK;
}

static WeftRuntime
runtime_of (Hooks *hooks)
{
  return (WeftRuntime){ .name = "test",
                        .data = hooks,
                        .worker_start = hook_start,
                        .worker_stop = hook_stop,
                        .park = hook_park,
                        .unpark = hook_unpark,
                        .batch_begin = hook_begin,
                        .batch_end = hook_end,
                        .has_pending = hook_has_pending,
                        .drain = hook_drain };
}

static WeftEngine *
foreign_engine (uint32_t n_workers, const WeftRuntime *runtime, Hooks *hooks)
{
  const WeftOp ops[] = {
    OP ("blocks", blocks_kernel, .flags = WEFT_OP_RUNTIME, .runtime = runtime, .user_data = hooks),
    OP ("foreign", foreign_kernel, .flags = WEFT_OP_RUNTIME, .runtime = runtime,
        .user_data = hooks),
    OP ("late", late_kernel, .flags = WEFT_OP_RUNTIME, .runtime = runtime, .user_data = hooks),
    OP ("plain", plain_kernel, .user_data = hooks),
  };

  return engine_with (n_workers, ops, G_N_ELEMENTS (ops));
}

/* A worker that sleeps has no batch open: else a foreign lock would be held for as long. */
static void
wait_until_parked (Hooks *hooks)
{
  gint64 until = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;

  while (atomic_load (&hooks->pending) != 0
         || atomic_load (&hooks->n_begun) != atomic_load (&hooks->n_ended))
    {
      g_assert_cmpint (g_get_monotonic_time (), <, until);
      g_usleep (1000);
    }
}

static void
test_runtime_hooks_come_in_turn (void)
{
  Hooks hooks = { 0 };
  const WeftRuntime runtime = runtime_of (&hooks);
  WeftEngine *engine = foreign_engine (2, &runtime, &hooks);

  for (int round = 0; round < 5; round++)
    {
      WeftGraphBuilder *builder = weft_graph_builder_new ();

      for (int i = 0; i < 200; i++)
        {
          g_autofree char *key = g_strdup_printf ("t-%d", i);

          control_add (builder, key,
                       i % 40 == 7 ? "blocks"
                       : i / 5 % 2 ? "plain"
                                   : "foreign",
                       1, NULL, 0, true);
        }
      run_to_end (engine, control_freeze (builder), WEFT_RUN_DONE);
      wait_until_parked (&hooks); /* and whatever was put off is done */
    }
  weft_engine_free (engine);
  g_assert_cmpuint (atomic_load (&hooks.n_wrong), ==, 0);
  g_assert_cmpuint (atomic_load (&hooks.n_starts), >, 0);
  g_assert_cmpuint (atomic_load (&hooks.n_starts), ==, atomic_load (&hooks.n_stops));
  g_assert_cmpuint (atomic_load (&hooks.n_parks), ==, atomic_load (&hooks.n_unparks));
  g_assert_cmpuint (atomic_load (&hooks.n_parks), >, 0);
  g_assert_cmpuint (atomic_load (&hooks.n_drains), >, 0);
  /* One batch serves a stretch of tasks. */
  g_assert_cmpuint (atomic_load (&hooks.n_begun), <, atomic_load (&hooks.n_tasks));
}

/* The last task of a run that is stepped, and one that runs past its deadline, leave no batch
 * open. */
static void
test_batches_end_with_steps_and_deadlines (void)
{
  Hooks hooks = { 0 };
  const WeftRuntime runtime = runtime_of (&hooks);
  WeftEngine *engine = foreign_engine (1, &runtime, &hooks);
  const WeftTaskAttributes hasty = { .timeout_ns = 20000000 };
  WeftGraphBuilder *builder;
  WeftRun *run;

  run = control_run (engine, control_independent ("t", "foreign", -1, 3),
                     &(WeftRunOptions){ .start_paused = true });
  weft_run_start (run);
  for (int i = 0; i < 3; i++)
    g_assert_true (weft_run_step (run));
  g_assert_true (weft_run_wait (run, -1));
  wait_until_parked (&hooks);
  weft_run_unref (run);

  builder = weft_graph_builder_new ();
  for (int i = 0; i < 4; i++)
    {
      g_autofree char *key = g_strdup_printf ("t-%d", i);
      uint32_t task = control_add (builder, key, i % 2 ? "plain" : "late", 1, NULL, 0, true);

      if (i % 2 == 0)
        weft_graph_builder_set_attributes (builder, task, &hasty);
    }
  run = control_run (engine, control_freeze (builder),
                     &(WeftRunOptions){ .on_error = WEFT_ON_ERROR_CONTINUE });
  weft_run_start (run);
  g_assert_true (weft_run_wait (run, -1));
  wait_until_parked (&hooks);
  weft_run_unref (run);
  weft_engine_free (engine);
  g_assert_cmpuint (atomic_load (&hooks.n_wrong), ==, 0);
}

/* ---- children -------------------------------------------------------------------------------- */

static WeftStatus
child_kernel (WeftTask *task, const WeftValue *args G_GNUC_UNUSED, uint32_t n_args G_GNUC_UNUSED,
              WeftValue *results)
{
  weft_task_account_child (task, 123, 4096, -1, 7);
  weft_value_set_int64 (results, 1);
  return WEFT_OK;
}

/* What a child has used is a fact of the task's attempt; what is unknown counts as nothing. */
static void
test_children_are_accounted (void)
{
  static const WeftOp op = OP ("child", child_kernel, .flags = 0);
  WeftEngine *engine = engine_with (1, &op, 1);
  WeftRunOptions options = { .records = true };
  WeftRun *run = control_run (engine, control_independent ("c", "child", -1, 3), &options);
  WeftRecorderCursor *cursor;
  uint32_t n_facts = 0, lane;
  const WeftRecord *records;
  WeftRunFrame frame;
  WeftFactsHead facts;
  WeftRunText json;

  weft_run_start (run);
  g_assert_true (weft_run_wait (run, -1));
  cursor = weft_recorder_cursor_new (weft_run_recorder (run));
  while (weft_recorder_cursor_next (cursor, &lane, &records) > 0)
    ;
  while (weft_recorder_cursor_next_frame (cursor, &frame))
    if (weft_run_frame_facts (&frame, &facts, &json))
      {
        g_autofree char *text = g_strndup (json.chars, json.n_bytes);

        g_assert_cmpuint (facts.attempt, ==, 1);
        g_assert_cmpuint (facts.task, ==, n_facts++);
        g_assert_cmpstr (text, ==,
                         "{\"child\": {\"cpu_ns\": 123, \"max_rss_bytes\": 4096, "
                         "\"read_bytes\": 0, \"written_bytes\": 7}}");
      }
  g_assert_cmpuint (n_facts, ==, 3);
  weft_recorder_cursor_free (cursor);
  weft_run_unref (run);
  weft_engine_free (engine);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("sched", "context", "scratch-is-the-tasks-own", test_scratch_is_the_tasks_own);
  test_add ("sched", "context", "worker-index-is-dense-and-exclusive",
            test_worker_index_is_dense_and_exclusive);
  test_add ("sched", "context", "random-stream-of-seed-key-and-attempt", test_random_stream);
  test_add ("sched", "context", "cancel-descriptor", test_cancel_descriptor);
  test_add ("sched", "context", "children-are-accounted", test_children_are_accounted);
  test_add ("sched", "context", "runtime-hooks-come-in-turn", test_runtime_hooks_come_in_turn);
  test_add ("sched", "context", "batches-end-with-steps-and-deadlines",
            test_batches_end_with_steps_and_deadlines);
  return g_test_run ();
}
