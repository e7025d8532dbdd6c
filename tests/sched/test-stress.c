/* test-stress.c: everything at once, at random
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Several threads do what users may do, to several runs on one engine of 8 workers at most, while
 * tasks fail, time out, spill, submit and return graphs. What happens is different each time; what
 * must hold afterwards is not. `--seed` repeats the choices, if not the timing.
 */
#include "config.h"

#include "control-fixture.h"

#include <string.h>

#define MS INT64_C (1000000)
#define N_RUNS 3
#define N_ACTORS 3
#define MAX_FUTURES 400

typedef struct
{
  WeftEngine *engine;
  WeftRun *runs[N_RUNS];
} Stage;

/* What a future's task gives, if it is not spoilt on the way. */
typedef struct
{
  WeftFuture *future;
  WeftRun *run;
  int64_t expected; /* -1: whatever it gives */
} Held;

typedef struct
{
  Stage *stage;
  GRand *rand;
  uint32_t n_actions;
  Held held[MAX_FUTURES];
  uint32_t n_held;
} Actor;

static int32_t
upto (Actor *actor, int32_t n)
{
  return g_rand_int_range (actor->rand, 0, n);
}

static void
hold (Actor *actor, WeftRun *run, WeftFuture *future, int64_t expected)
{
  if (future == NULL)
    return;
  if (actor->n_held == MAX_FUTURES)
    weft_future_unref (future);
  else
    actor->held[actor->n_held++] = (Held){ future, run, expected };
}

/* ---- what tasks are made --------------------------------------------------------------------- */

static void
submit_alone (Actor *actor, WeftRun *run)
{
  static const struct
  {
    const char *op;
    int64_t number, expected;
  } kinds[] = { { "t.sum", 41, 42 },  { "t.box", 41, 42 },        { "t.bytes", 150000, 150000 },
                { "t.fail", 9, -1 },  { "t.nest", 6, 42 },        { "c.block", 3, 3 },
                { "c.nests", 3, -1 }, { "c.spin", 200, 200 },     { "c.log", 1, -1 },
                { "t.take", 1, 2 },   { "t.bytes", 90000, 90000 } };
  uint32_t k = (uint32_t) upto (actor, G_N_ELEMENTS (kinds));
  WeftValue value;

  weft_value_set_int64 (&value, kinds[k].number);
  hold (actor, run, weft_run_submit (run, NULL, kinds[k].op, &value, NULL, 1, NULL),
        kinds[k].expected);
}

/* One more than one that is held already. */
static void
submit_after (Actor *actor, WeftRun *run)
{
  const Held *before;
  WeftValue none = WEFT_VALUE_INIT;

  if (actor->n_held == 0)
    return;
  before = &actor->held[upto (actor, (int32_t) actor->n_held)];
  if (before->run == run)
    hold (actor, run, weft_run_submit (run, NULL, "t.sum", &none, &before->future, 1, NULL),
          before->expected < 0 ? -1 : before->expected + 1);
}

static void
submit_map (Actor *actor, WeftRun *run)
{
  WeftFuture *futures[20];
  WeftValue items[20];

  for (int i = 0; i < 20; i++)
    weft_value_set_int64 (&items[i], i);
  if (weft_run_map (run, "t.sum", items, 20, futures, NULL))
    for (int i = 0; i < 20; i++)
      hold (actor, run, futures[i], i + 1);
}

/* Retries, timeouts, resources, and what is spoilt by them. */
static WeftGraph *
troubled_graph (Actor *actor)
{
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  WeftResourceNeed need = { .name = weft_graph_builder_string (builder, "gpu"), .amount = 1 };
  uint32_t last = WEFT_NONE;

  for (int i = 0; i < 12; i++)
    {
      static const char *const ops[] = { "t.sum", "t.fail", "c.spin", "t.bytes", "t.box" };
      static const int64_t numbers[] = { 1, 2, 300, 100000, 1 };
      uint32_t k = (uint32_t) upto (actor, G_N_ELEMENTS (ops));
      g_autofree char *key = g_strdup_printf ("g-%d", i);
      WeftTaskAttributes attributes = { .label = WEFT_NONE,
                                        .retries = (uint32_t) upto (actor, 3),
                                        .retry_delay_ns = 100000,
                                        .timeout_ns = upto (actor, 3) == 0 ? 200000 : 0,
                                        .n_resources = (uint32_t) upto (actor, 2),
                                        .resources = &need };
      uint32_t task = control_add (builder, key, ops[k], numbers[k], &last,
                                   i > 0 && upto (actor, 2) == 0, upto (actor, 2) == 0);

      if (upto (actor, 2) == 0)
        weft_graph_builder_set_attributes (builder, task, &attributes);
      if (i > 0 && upto (actor, 4) == 0)
        weft_graph_builder_add_after (builder, task, last);
      last = task;
    }
  return control_freeze (builder);
}

static void
extend (Actor *actor, WeftRun *run)
{
  WeftGraph *graph = troubled_graph (actor);
  WeftExtendOptions options = { .priority = upto (actor, 3) };
  uint32_t segment = weft_run_extend (run, graph, &options, NULL);

  if (segment != WEFT_NONE)
    hold (actor, run, weft_run_future (run, segment, (uint32_t) upto (actor, 12), 0, NULL), -1);
  weft_graph_unref (graph);
}

/* ---- what is done to runs -------------------------------------------------------------------- */

static void
look (Actor *actor, WeftRun *run)
{
  WeftRunProgress progress;
  WeftValue value;

  weft_run_progress (run, &progress);
  g_assert_cmpuint (progress.n_done + progress.n_erred, <=, progress.n_tasks);
  g_array_unref (weft_run_group_progress (run));
  if (weft_run_n_segments (run) > 0)
    {
      uint32_t segment = (uint32_t) upto (actor, (int32_t) weft_run_n_segments (run));

      weft_run_task_state (run, segment, (uint32_t) upto (actor, 12));
      if (weft_run_result (run, segment, 0, 0, &value))
        weft_value_unref (&value);
    }
}

static void
let_go (Actor *actor)
{
  uint32_t k;

  if (actor->n_held == 0)
    return;
  k = (uint32_t) upto (actor, (int32_t) actor->n_held);
  if (upto (actor, 2) == 0)
    {
      weft_future_cancel (actor->held[k].future);
      actor->held[k].expected = -1;
    }
  else
    {
      weft_future_unref (actor->held[k].future);
      actor->held[k] = actor->held[--actor->n_held];
    }
}

static void
wait_some (Actor *actor)
{
  if (actor->n_held > 0)
    weft_futures_wait (&actor->held[upto (actor, (int32_t) actor->n_held)].future, 1,
                       upto (actor, 3) * MS, NULL);
}

static void
control (Actor *actor, WeftRun *run)
{
  switch (upto (actor, 13))
    {
    case 0:
      weft_run_pause (run);
      break;
    case 1:
    case 2:
      weft_run_resume (run);
      break;
    case 3:
      weft_run_step (run);
      break;
    case 4:
      weft_run_step_group (run, "t.sum");
      break;
    case 5:
      weft_run_set_slow_motion (run, upto (actor, 2) * 50000);
      break;
    case 6:
      weft_run_break_at_group (run, upto (actor, 2) == 0 ? "t.box" : "g");
      break;
    case 7:
      weft_run_break_above_bytes (run, (uint64_t) upto (actor, 3000000));
      break;
    case 8:
      weft_run_break_on_error (run, upto (actor, 2) == 0);
      break;
    case 9:
      weft_run_clear_breakpoints (run);
      break;
    case 10:
      weft_run_set_memory_limit (run, (uint64_t) upto (actor, 3) * 1000000);
      break;
    case 11:
      weft_run_break_at_key (run, "g-3");
      break;
    default:
      if (upto (actor, 40) == 0)
        weft_run_cancel (run);
    }
}

static void *
act (void *data)
{
  Actor *actor = data;
  WeftEngine *engine = actor->stage->engine;

  for (uint32_t i = 0; i < actor->n_actions; i++)
    {
      WeftRun *run = actor->stage->runs[upto (actor, N_RUNS)];

      switch (upto (actor, 12))
        {
        case 0:
        case 1:
          submit_alone (actor, run);
          break;
        case 2:
          submit_after (actor, run);
          break;
        case 3:
          submit_map (actor, run);
          break;
        case 4:
          extend (actor, run);
          break;
        case 5:
          look (actor, run);
          break;
        case 6:
          let_go (actor);
          break;
        case 7:
          wait_some (actor);
          break;
        case 8:
          weft_engine_set_workers (engine, 1 + (uint32_t) upto (actor, 8), NULL);
          break;
        case 9:
          weft_engine_set_resource (engine, "gpu", 1 + upto (actor, 3));
          break;
        default:
          control (actor, run);
        }
    }
  return NULL;
}

/* ---- what must hold -------------------------------------------------------------------------- */

static void
check_held (Actor *actor)
{
  for (uint32_t i = 0; i < actor->n_held; i++)
    {
      const Held *held = &actor->held[i];
      g_autoptr (GError) error = NULL;
      WeftValue value;

      g_assert_true (weft_future_is_done (held->future));
      if (!weft_future_get (held->future, &value, &error))
        {
          g_assert_nonnull (error);
          /* Only who ends early, or spoils it, keeps a good task from its result. */
          if (held->expected >= 0 && weft_run_phase (held->run) == WEFT_RUN_DONE)
            g_error ("a task without trouble failed: %s", error->message);
        }
      else
        {
          int64_t number = value.u.i;

          if (weft_value_type (&value) == WEFT_TYPE_BYTES)
            memcpy (&number, ((WeftBytes *) value.u.box)->bytes, sizeof number);
          if (held->expected >= 0)
            g_assert_cmpint (number, ==, held->expected);
          weft_value_unref (&value);
        }
      weft_future_unref (held->future);
    }
}

static void
count_end (GHashTable *ends, const WeftRecord *record)
{
  uint64_t id = (uint64_t) record->segment << 32 | record->task;
  gpointer key = (gpointer) (uintptr_t) (id + 1);

  g_hash_table_insert (ends, key,
                       GUINT_TO_POINTER (GPOINTER_TO_UINT (g_hash_table_lookup (ends, key)) + 1));
}

/* Every task ended once, in one way: run, erred for another's sake, or cancelled before it ran. */
static void
check_records (WeftRun *run, uint64_t n_tasks)
{
  g_autoptr (GHashTable) ends = g_hash_table_new (NULL, NULL);
  g_autoptr (GArray) tasks = control_records (run, WEFT_RECORD_TASK);
  g_autoptr (GArray) erred = control_records (run, WEFT_RECORD_ERRED);
  g_autoptr (GArray) cancelled = control_records (run, WEFT_RECORD_CANCELLED);
  GHashTableIter iter;
  gpointer count;

  for (guint i = 0; i < tasks->len; i++)
    {
      const WeftRecord *record = &g_array_index (tasks, ControlRecord, i).record;

      if (weft_record_outcome (record) != WEFT_OUTCOME_RETRIED)
        count_end (ends, record);
    }
  for (guint i = 0; i < erred->len; i++)
    count_end (ends, &g_array_index (erred, ControlRecord, i).record);
  for (guint i = 0; i < cancelled->len; i++)
    count_end (ends, &g_array_index (cancelled, ControlRecord, i).record);
  g_hash_table_iter_init (&iter, ends);
  while (g_hash_table_iter_next (&iter, NULL, &count))
    g_assert_cmpuint (GPOINTER_TO_UINT (count), ==, 1);
  g_assert_cmpuint (g_hash_table_size (ends), ==, n_tasks);
}

static void
check_run (WeftRun *run)
{
  WeftRunPhase phase = weft_run_phase (run);
  g_autoptr (GError) error = NULL;
  WeftRunProgress progress;

  weft_run_progress (run, &progress);
  g_assert_cmpint (phase, >=, WEFT_RUN_DONE);
  g_assert_cmpint (weft_run_error (run, &error), ==, phase != WEFT_RUN_DONE);
  g_assert_cmpuint (progress.n_running, ==, 0);
  if (phase == WEFT_RUN_DONE)
    g_assert_cmpuint (progress.n_erred, ==, 0);
  g_assert_cmpuint (progress.n_done + progress.n_erred + progress.n_cancelled, <=,
                    progress.n_tasks);
}

static void
finish_run (WeftRun *run, bool continues)
{
  WeftRunProgress progress;

  weft_run_break_on_error (run, false);
  weft_run_clear_breakpoints (run);
  weft_run_set_slow_motion (run, 0);
  weft_run_close (run);
  weft_run_resume (run);
  /* A breakpoint that was just being hit may still pause it. */
  while (!weft_run_wait (run, 20 * MS))
    if (weft_run_phase (run) == WEFT_RUN_PAUSED)
      weft_run_resume (run);
  check_run (run);
  weft_run_progress (run, &progress);
  if (continues && weft_run_phase (run) != WEFT_RUN_CANCELLED)
    {
      g_assert_cmpuint (progress.n_done + progress.n_erred + progress.n_cancelled, ==,
                        progress.n_tasks);
      if (weft_run_recorder (run) != NULL)
        check_records (run, progress.n_tasks);
    }
}

static void
play (uint32_t n_actions)
{
  Actor *actors = g_new0 (Actor, N_ACTORS);
  GThread *threads[N_ACTORS];
  Stage stage = { .engine = control_engine (8, 0) };

  for (int i = 0; i < N_RUNS; i++)
    {
      WeftRunOptions options = { .keep_open = true,
                                 .records = i != 1,
                                 .on_error = i < 2 ? WEFT_ON_ERROR_CONTINUE : WEFT_ON_ERROR_STOP,
                                 .memory_limit_bytes = i == 0 ? 1000000 : 0 };

      stage.runs[i] = control_run (stage.engine, NULL, &options);
      weft_run_start (stage.runs[i]);
    }
  weft_engine_set_resource (stage.engine, "gpu", 2);
  for (int i = 0; i < N_ACTORS; i++)
    {
      actors[i].stage = &stage;
      actors[i].rand = g_rand_new_with_seed ((guint32) g_test_rand_int ());
      actors[i].n_actions = n_actions;
      threads[i] = g_thread_new ("actor", act, &actors[i]);
    }
  for (int i = 0; i < N_ACTORS; i++)
    g_thread_join (threads[i]);
  for (int i = 0; i < N_RUNS; i++)
    finish_run (stage.runs[i], i < 2);
  for (int i = 0; i < N_ACTORS; i++)
    {
      check_held (&actors[i]);
      g_rand_free (actors[i].rand);
    }
  for (int i = 0; i < N_RUNS; i++)
    weft_run_unref (stage.runs[i]);
  weft_engine_free (stage.engine);
  g_free (actors);
}

static void
test_everything_at_once (void)
{
  for (unsigned round = 0; round < 20 / test_slowdown (); round++)
    play (200);
}

/* Runs that begin, end, are extended and thrown away at the same moment. */
static void *
cancel_cb (void *run)
{
  weft_run_cancel (run);
  return NULL;
}

static void *
close_cb (void *run)
{
  weft_run_close (run);
  return NULL;
}

static void *
submit_cb (void *run)
{
  WeftValue value;

  weft_value_set_int64 (&value, 1);
  weft_future_unref (weft_run_submit (run, NULL, "t.box", &value, NULL, 1, NULL));
  return NULL;
}

static void *
start_cb (void *run)
{
  weft_run_start (run);
  return NULL;
}

static void
test_beginnings_and_ends (void)
{
  WeftEngine *engine = control_engine (3, 0);
  GThreadFunc doings[] = { cancel_cb, close_cb, submit_cb, start_cb };

  for (unsigned round = 0; round < 1000 / test_slowdown (); round++)
    {
      WeftRunOptions options = { .keep_open = true };
      WeftRun *run = control_run (engine, NULL, &options);
      GThread *threads[3];

      for (int i = 0; i < 3; i++)
        threads[i] =
            g_thread_new ("doing", doings[g_test_rand_int_range (0, G_N_ELEMENTS (doings))], run);
      for (int i = 0; i < 3; i++)
        g_thread_join (threads[i]);
      weft_run_close (run);
      weft_run_start (run);
      g_assert_true (weft_run_wait (run, -1));
      check_run (run);
      weft_run_unref (run);
    }
  weft_engine_free (engine);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("sched", "stress", "everything-at-once", test_everything_at_once);
  test_add ("sched", "stress", "beginnings-and-ends", test_beginnings_and_ends);
  return g_test_run ();
}
