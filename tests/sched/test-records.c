/* test-records.c: what is recorded of pauses, steps, futures, nested graphs, deadlines
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Each run goes into a file. Afterwards both readers must agree on it, tests/support/run_check.py
 * finds nothing wrong with it, and the test looks for the records it is about. Records of what the
 * command can do by itself are tested in tests/trace/test-run-records.py.
 */
#include "config.h"

#include "../trace/trace-support.h"
#include "sched-fixture.h"
#include "sched/weft-execute-private.h"
#include "sched/weft-memory-private.h"

typedef struct
{
  TestDir *dir;
  char *path;
  WeftEngine *engine;
  WeftRun *run;
  GPtrArray *lanes;   /* after finish(): array of WeftRecord by lane */
  GPtrArray *strings; /* char * by id */
} Recorded;

/* ---- operations of this test ----------------------------------------------------------------- */

static WeftRun *asked_run;
static _Atomic uint32_t n_met;
static _Atomic bool is_stuck;

/* Waits for a task it submits itself. */
static WeftStatus
ask_kernel (WeftTask *task, const WeftValue *args G_GNUC_UNUSED, uint32_t n_args G_GNUC_UNUSED,
            WeftValue *results)
{
  g_autoptr (GError) error = NULL;
  WeftValue five;
  WeftFuture *future;
  bool done;

  weft_value_set_int64 (&five, 5);
  future = weft_run_submit (asked_run, "answer", "t.gate", &five, NULL, 1, &error);
  done = future != NULL && weft_future_get (future, results, &error);
  weft_future_unref (future);
  return done ? WEFT_OK : weft_task_fail (task, "%s", error->message);
}

/* Returns when two of them run at the same time. */
static WeftStatus
meet_kernel (WeftTask *task G_GNUC_UNUSED, const WeftValue *args G_GNUC_UNUSED,
             uint32_t n_args G_GNUC_UNUSED, WeftValue *results)
{
  atomic_fetch_add (&n_met, 1);
  while (atomic_load (&n_met) < 2)
    g_thread_yield ();
  weft_value_set_int64 (results, 1);
  return WEFT_OK;
}

/* Does not look at its cancel flag. */
static WeftStatus
stuck_kernel (WeftTask *task G_GNUC_UNUSED, const WeftValue *args G_GNUC_UNUSED,
              uint32_t n_args G_GNUC_UNUSED, WeftValue *results)
{
  while (atomic_load (&is_stuck))
    g_thread_yield ();
  weft_value_set_int64 (results, 1);
  return WEFT_OK;
}

static const WeftOp own_ops[] = {
  FIXTURE_OP ("t.ask", ask_kernel, 1, WEFT_OP_BLOCKING),
  FIXTURE_OP ("t.meet", meet_kernel, 1, WEFT_OP_PURE),
  FIXTURE_OP ("t.stuck", stuck_kernel, 1, WEFT_OP_BLOCKING),
};

/* ---- runs ------------------------------------------------------------------------------------ */

static void
begin (Recorded *f, uint32_t n_workers, WeftGraph *graph, WeftRunOptions options)
{
  WeftEngineOptions engine_options = { .n_workers = n_workers, .registry = fixture_registry () };
  g_autoptr (GError) error = NULL;

  weft_op_registry_add (engine_options.registry, own_ops, G_N_ELEMENTS (own_ops), &error);
  g_assert_no_error (error);
  f->dir = test_dir_new ();
  f->path = g_build_filename (f->dir, "run.weft", NULL);
  f->engine = weft_engine_new (&engine_options, &error);
  g_assert_no_error (error);
  weft_op_registry_unref (engine_options.registry);
  options.records = true;
  options.recorder.path = f->path;
  f->run = weft_run_new (f->engine, graph, &options, &error);
  g_assert_no_error (error);
  weft_graph_unref (graph);
  f->lanes = NULL;
}

/* Python finds nothing wrong with the file, and reads the same from it as we do. */
static void
check_file (Recorded *f)
{
  g_autofree char *checker = test_source_path ("support/run_check.py");
  g_autofree char *reader = test_source_path ("support/run_file.py");
  g_autofree char *lines = g_strconcat (f->path, ".jsonl", NULL);
  const char *commands[2][6] = { { "/usr/bin/python3", checker, f->path, NULL },
                                 { "/usr/bin/python3", reader, "--compare", lines, f->path,
                                   NULL } };
  WeftRunReader *file = open_reader (f->path, 0);
  GString *dumped = g_string_new (NULL);
  WeftRunFrame frame;

  while (weft_run_reader_next (file, &frame, NULL) == WEFT_RUN_READ_FRAME)
    weft_run_frame_dump (&frame, dumped);
  weft_run_reader_free (file);
  g_file_set_contents (lines, dumped->str, (gssize) dumped->len, NULL);
  g_string_free (dumped, TRUE);
  for (int i = 0; i < 2; i++)
    {
      g_autofree char *output = NULL, *errors = NULL;
      g_autoptr (GError) error = NULL;
      int status;

      g_spawn_sync (NULL, (char **) commands[i], NULL, 0, NULL, NULL, &output, &errors, &status,
                    &error);
      if (error == NULL && !g_spawn_check_wait_status (status, &error))
        g_test_message ("%s%s", output, errors);
      g_assert_no_error (error);
    }
}

static void
read_strings (Recorded *f)
{
  WeftRunReader *reader = open_reader (f->path, 0);
  g_autoptr (GArray) texts = g_array_new (FALSE, FALSE, sizeof (WeftRunText));
  WeftRunFrame frame;
  uint32_t first;

  f->strings = g_ptr_array_new_with_free_func (g_free);
  while (weft_run_reader_next (reader, &frame, NULL) == WEFT_RUN_READ_FRAME)
    {
      g_array_set_size (texts, 0);
      if (!weft_run_frame_strings (&frame, &first, texts))
        continue;
      for (guint i = 0; i < texts->len; i++)
        {
          WeftRunText text = g_array_index (texts, WeftRunText, i);

          g_ptr_array_add (f->strings, g_strndup (text.chars, text.n_bytes));
        }
    }
  weft_run_reader_free (reader);
}

/* Waits for the end, and reads the file. */
static void
finish (Recorded *f)
{
  weft_run_close (f->run);
  g_assert_true (weft_run_wait (f->run, -1));
  check_file (f);
  f->lanes = read_records (f->path);
  read_strings (f);
}

static void
clear (Recorded *f)
{
  weft_run_unref (f->run);
  weft_engine_free (f->engine);
  g_ptr_array_unref (f->lanes);
  g_ptr_array_unref (f->strings);
  g_free (f->path);
  test_dir_free (f->dir);
}

/* The n-th record of a kind, lane by lane; NULL: there are not so many. */
static const WeftRecord *
find (Recorded *f, uint8_t kind, uint32_t n, uint32_t *lane)
{
  for (guint i = 0; i < f->lanes->len; i++)
    {
      GArray *records = f->lanes->pdata[i];

      for (guint k = 0; k < records->len; k++)
        if (g_array_index (records, WeftRecord, k).kind == kind && n-- == 0)
          {
            if (lane != NULL)
              *lane = i;
            return &g_array_index (records, WeftRecord, k);
          }
    }
  return NULL;
}

static uint32_t
count (Recorded *f, uint8_t kind)
{
  uint32_t n = 0;

  for (guint i = 0; i < f->lanes->len; i++)
    n += (uint32_t) count_kind (f->lanes->pdata[i], kind);
  return n;
}

static const WeftRecord *
only (Recorded *f, uint8_t kind, uint32_t *lane)
{
  g_assert_cmpuint (count (f, kind), ==, 1);
  return find (f, kind, 0, lane);
}

/* The task's span; no attempt before it. */
static const WeftRecord *
span_of (Recorded *f, uint32_t task, uint32_t segment, uint32_t *lane)
{
  const WeftRecord *record;

  for (uint32_t i = 0; (record = find (f, WEFT_RECORD_TASK, i, lane)) != NULL; i++)
    if (record->task == task && record->segment == segment)
      return record;
  g_assert_not_reached ();
}

/* Until the worker's lane says it is in a span of this kind. */
static void
wait_until_in (Recorded *f, uint32_t worker, uint8_t kind)
{
  WeftNow now = { 0 };

  for (;;)
    {
      WeftSeat *seat = atomic_load (&f->run->seats[worker]);

      if (seat != NULL && weft_lane_get_now (seat->lane, &now) && now.kind == kind)
        return;
      g_thread_yield ();
    }
}

static WeftFuture *
submit (Recorded *f, const char *key, const char *op, int64_t number)
{
  g_autoptr (GError) error = NULL;
  WeftValue value;
  WeftFuture *future;

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

static WeftGraph *
shape_graph (const char *spec, const char *op)
{
  WeftShape *shape = weft_shape_new_from_spec (spec);
  WeftGraph *graph = fixture_graph (shape, op);

  weft_shape_free (shape);
  return graph;
}

/* ---- control --------------------------------------------------------------------------------- */

static void
test_pauses (void)
{
  const WeftRecord *paused;
  Recorded f;

  begin (&f, 1, shape_graph ("independent:10", "t.sum"), (WeftRunOptions){ .start_paused = true });
  weft_run_start (f.run);
  wait_until_in (&f, 0, WEFT_RECORD_PAUSED);
  weft_run_resume (f.run);
  finish (&f);
  paused = find (&f, WEFT_RECORD_PAUSED, 0, NULL);
  g_assert_nonnull (paused);
  g_assert_cmpuint (weft_record_end (paused), <=, span_of (&f, 0, 0, NULL)->start);
  for (uint32_t i = 0; i < 4; i++)
    {
      static const WeftRunPhase phases[] = { WEFT_RUN_PREPARED, WEFT_RUN_PAUSED, WEFT_RUN_RUNNING,
                                             WEFT_RUN_DONE };

      g_assert_cmpuint (find (&f, WEFT_RECORD_RUN_STATE, i, NULL)->how, ==, phases[i]);
    }
  clear (&f);
}

static void
test_steps_and_breakpoints (void)
{
  const WeftRecord *setting = NULL;
  Recorded f;

  begin (&f, 1, shape_graph ("chains:1,6", "t.sum"), (WeftRunOptions){ .start_paused = true });
  weft_run_break_at_key (f.run, "t-4");
  weft_run_start (f.run);
  g_assert_true (weft_run_step (f.run));
  g_assert_true (weft_run_step (f.run));
  weft_run_resume (f.run);
  while (weft_run_phase (f.run) != WEFT_RUN_PAUSED)
    g_thread_yield ();
  weft_run_resume (f.run);
  finish (&f);
  g_assert_cmpuint (count (&f, WEFT_RECORD_STEPPED), ==, 2);
  g_assert_cmpuint (find (&f, WEFT_RECORD_STEPPED, 1, NULL)->task, ==, 1);
  g_assert_cmpuint (only (&f, WEFT_RECORD_BREAK, NULL)->task, ==, 4);
  for (uint32_t i = 0; (setting = find (&f, WEFT_RECORD_SETTING, i, NULL)) != NULL; i++)
    if (weft_record_low (setting) == WEFT_SETTING_BREAK_AT_KEY)
      break;
  g_assert_nonnull (setting);
  g_assert_cmpstr (f.strings->pdata[weft_record_high (setting)], ==, "t-4");
  clear (&f);
}

/* How much of the time between two stamps the lanes say they were slowed. */
static uint64_t
slowed_between (Recorded *f, uint64_t from, uint64_t to)
{
  const WeftRecord *record;
  uint64_t sum = 0;

  for (uint32_t i = 0; (record = find (f, WEFT_RECORD_SLOWED, i, NULL)) != NULL; i++)
    if (record->start >= from && weft_record_end (record) <= to)
      sum += weft_record_end (record) - record->start;
  return sum;
}

/* A worker's wait before a start is told as such, and by nothing that goes on during a task. */
static void
test_slow_motion (void)
{
  uint64_t slowed = 0, all = 0;
  const WeftRecord *record;
  Recorded f;

  begin (&f, 1, shape_graph ("chains:1,5", "t.sum"), (WeftRunOptions){ 0 });
  weft_run_set_slow_motion (f.run, 20000000);
  weft_run_start (f.run);
  finish (&f);
  for (uint32_t i = 1; i < 5; i++)
    {
      uint64_t from = weft_record_end (span_of (&f, i - 1, 0, NULL));
      uint64_t to = span_of (&f, i, 0, NULL)->start;

      slowed += slowed_between (&f, from, to);
      all += to - from;
    }
  g_assert_cmpuint (slowed, >, all / 2);
  for (uint32_t i = 0; (record = find (&f, WEFT_RECORD_SLOWED, i, NULL)) != NULL; i++)
    for (uint32_t task = 0; task < 5; task++)
      g_assert_true (weft_record_end (record) <= span_of (&f, task, 0, NULL)->start
                     || record->start >= weft_record_end (span_of (&f, task, 0, NULL)));
  clear (&f);
}

static void
test_workers_come_and_go (void)
{
  g_autoptr (GError) error = NULL;
  uint32_t n_settings = 0, n_stops = 0;
  uint64_t workers[3] = { 0 };
  const WeftRecord *record;
  Recorded f;

  begin (&f, 1, NULL, (WeftRunOptions){ .keep_open = true });
  weft_run_start (f.run);
  fixture_close_gate ();
  weft_engine_set_workers (f.engine, 3, &error);
  g_assert_no_error (error);
  WeftFuture *futures[3] = { submit (&f, "a", "t.gate", 1), submit (&f, "b", "t.gate", 2),
                             submit (&f, "c", "t.gate", 3) };
  fixture_wait_at_gate (3);
  fixture_open_gate ();
  for (int i = 0; i < 3; i++)
    get (futures[i]);
  wait_until_in (&f, 2, WEFT_RECORD_PARKED);
  weft_engine_set_workers (f.engine, 1, &error);
  g_assert_no_error (error);
  wait_until_in (&f, 2, 0); /* it has stopped, not only gone to sleep */
  finish (&f);
  for (uint32_t i = 0; (record = find (&f, WEFT_RECORD_SETTING, i, NULL)) != NULL; i++)
    if (weft_record_low (record) == WEFT_SETTING_WORKERS)
      workers[n_settings++ % 3] = weft_record_high (record);
  g_assert_cmpuint (n_settings, ==, 3);
  g_assert_cmpuint (workers[0], ==, 1);
  g_assert_cmpuint (workers[1], ==, 3);
  g_assert_cmpuint (workers[2], ==, 1);
  for (uint32_t i = 0; (record = find (&f, WEFT_RECORD_WORKER_STOP, i, NULL)) != NULL; i++)
    n_stops += record->segment == 2;
  g_assert_cmpuint (n_stops, ==, 1);
  clear (&f);
}

/* ---- tasks ----------------------------------------------------------------------------------- */

/* Until only the task that runs keeps the task from being ready: the order has reached it. */
static void
wait_until_passed (Recorded *f, uint32_t task)
{
  WeftSegment *segment = _weft_run_get_segment (f->run, 0);

  while (atomic_load (_weft_pending (segment, task)) != 1)
    g_thread_yield ();
}

/* The task at the gate makes two ready, which run at the same time or not at all. */
static void
test_stolen_from (void)
{
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  uint32_t root, lane, other;
  g_autoptr (GError) error = NULL;
  WeftTaskOutput input = { 0 };
  GArray *records;
  Recorded f;

  weft_graph_builder_begin_call (builder, "t.gate", 0, 1);
  root = weft_graph_builder_add_task (builder, "root", -1, weft_graph_builder_end_call (builder),
                                      NULL, 0);
  input.task = root;
  for (int i = 0; i < 2; i++)
    {
      weft_graph_builder_begin_call (builder, "t.meet", 0, 1);
      weft_graph_builder_arg_slot (builder, 0);
      weft_graph_builder_add_task (builder, i == 0 ? "one" : "two", -1,
                                   weft_graph_builder_end_call (builder), &input, 1);
    }
  atomic_store (&n_met, 0);
  fixture_close_gate ();
  begin (&f, 2, weft_graph_builder_freeze (builder, NULL, &error), (WeftRunOptions){ 0 });
  weft_graph_builder_free (builder);
  weft_run_start (f.run);
  fixture_wait_at_gate (1);
  wait_until_passed (&f, 1);
  wait_until_passed (&f, 2);
  fixture_open_gate ();
  finish (&f);
  span_of (&f, 1, 0, &lane);
  span_of (&f, 2, 0, &other);
  g_assert_cmpuint (lane, !=, other);
  const WeftRecord *peer = only (&f, WEFT_RECORD_PEER, &lane);
  records = f.lanes->pdata[lane];
  g_assert_true (peer->flags & WEFT_RECORD_DETAIL);
  for (guint i = 0; i + 1 < records->len; i++)
    if (&g_array_index (records, WeftRecord, i + 1) == peer)
      g_assert_cmpint (weft_record_how (&g_array_index (records, WeftRecord, i)), ==,
                       WEFT_HOW_STOLEN);
  g_assert_cmpuint (weft_record_amount (peer), ==, lane == 1 ? 2 : 1);
  clear (&f);
}

static void
test_several_outputs (void)
{
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  g_autoptr (GError) error = NULL;
  uint32_t pair;
  Recorded f;

  weft_graph_builder_begin_call (builder, "t.pair", 0, 2);
  weft_graph_builder_arg_int64 (builder, 10);
  pair = weft_graph_builder_add_task (builder, "pair", -1, weft_graph_builder_end_call (builder),
                                      NULL, 0);
  weft_graph_builder_want (builder, pair, 1);
  begin (&f, 1, weft_graph_builder_freeze (builder, NULL, &error), (WeftRunOptions){ 0 });
  weft_graph_builder_free (builder);
  weft_run_start (f.run);
  finish (&f);
  g_assert_cmpuint (count (&f, WEFT_RECORD_OUTPUT), ==, 2);
  g_assert_cmpuint (find (&f, WEFT_RECORD_OUTPUT, 1, NULL)->task, ==, 1);
  clear (&f);
}

static void
test_nested_graphs (void)
{
  WeftRunReader *reader;
  WeftSegmentHead segment;
  WeftRunText content;
  WeftRunFrame frame;
  uint32_t n_segments = 0;
  Recorded f;

  begin (&f, 2, NULL, (WeftRunOptions){ .keep_open = true });
  weft_run_start (f.run);
  get (submit (&f, "outer", "t.nest", 3));
  finish (&f);
  for (uint32_t i = 0; i < 4; i++)
    g_assert_cmpint (weft_record_outcome (span_of (&f, 0, i, NULL)), ==, WEFT_OUTCOME_REPLACED);
  g_assert_cmpint (weft_record_outcome (span_of (&f, 0, 4, NULL)), ==, WEFT_OUTCOME_OK);
  reader = open_reader (f.path, 0);
  while (weft_run_reader_next (reader, &frame, NULL) == WEFT_RUN_READ_FRAME)
    {
      if (!weft_run_frame_segment (&frame, &segment, &content))
        continue;
      bool outer = segment.segment == 0;

      g_assert_cmpuint (segment.parent_segment, ==, outer ? WEFT_NONE : segment.segment - 1);
      g_assert_cmpuint (segment.parent_task, ==, outer ? WEFT_NONE : 0);
      n_segments += (segment.flags & WEFT_SEGMENT_FIRST) != 0;
    }
  weft_run_reader_free (reader);
  g_assert_cmpuint (n_segments, ==, 5);
  clear (&f);
}

/* The waiting span lies inside its task's, and another worker ran what it waits for. */
static void
test_waiting_for_a_future (void)
{
  const WeftRecord *blocked, *span;
  uint32_t lane, other;
  Recorded f;

  begin (&f, 1, NULL, (WeftRunOptions){ .keep_open = true });
  asked_run = f.run;
  fixture_close_gate ();
  weft_run_start (f.run);
  WeftFuture *future = submit (&f, "asks", "t.ask", 1);
  fixture_wait_at_gate (1);
  fixture_open_gate ();
  get (future);
  finish (&f);
  blocked = only (&f, WEFT_RECORD_BLOCKED, &lane);
  span = span_of (&f, 0, 0, NULL);
  span_of (&f, 0, 1, &other);
  g_assert_cmpuint (lane, !=, other);
  g_assert_cmpuint (blocked->depth, ==, 1);
  g_assert_cmpuint (blocked->start, >=, span->start);
  g_assert_cmpuint (weft_record_end (blocked), <=, weft_record_end (span));
  clear (&f);
}

static void
test_cancelled_before_it_ran (void)
{
  const WeftRecord *cancelled;
  Recorded f;

  begin (&f, 1, NULL, (WeftRunOptions){ .keep_open = true, .on_error = WEFT_ON_ERROR_CONTINUE });
  fixture_close_gate ();
  weft_run_start (f.run);
  WeftFuture *first = submit (&f, "first", "t.gate", 1);
  fixture_wait_at_gate (1);
  WeftFuture *second = submit (&f, "second", "t.sum", 1);
  weft_future_cancel (second);
  fixture_open_gate ();
  get (first);
  weft_future_unref (second);
  finish (&f);
  cancelled = only (&f, WEFT_RECORD_CANCELLED, NULL);
  g_assert_cmpuint (cancelled->segment, ==, 1);
  g_assert_cmpuint (count (&f, WEFT_RECORD_TASK), ==, 1);
  clear (&f);
}

/* The span of the attempt goes up to the deadline, though its worker is stuck. */
static void
test_past_the_deadline (void)
{
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  WeftTaskAttributes attributes = { .timeout_ns = 20000000, .label = WEFT_NONE };
  g_autoptr (GError) error = NULL;
  const WeftRecord *late, *peer;
  uint32_t stuck;
  Recorded f;

  weft_graph_builder_begin_call (builder, "t.stuck", 0, 1);
  stuck = weft_graph_builder_add_task (builder, "stuck", -1, weft_graph_builder_end_call (builder),
                                       NULL, 0);
  weft_graph_builder_set_attributes (builder, stuck, &attributes);
  atomic_store (&is_stuck, true);
  begin (&f, 1, weft_graph_builder_freeze (builder, NULL, &error),
         (WeftRunOptions){ .on_error = WEFT_ON_ERROR_CONTINUE });
  weft_graph_builder_free (builder);
  weft_run_start (f.run);
  finish (&f);
  atomic_store (&is_stuck, false);
  late = only (&f, WEFT_RECORD_TIMED_OUT, NULL);
  peer = only (&f, WEFT_RECORD_PEER, NULL);
  g_assert_cmpuint (weft_record_amount (late), ==, 1);
  g_assert_cmpuint (weft_record_amount (peer), ==, 1);
  g_assert_cmpuint (weft_record_duration (late), >=,
                    f.engine->clock_map.ticks_per_second / 1000 * 20);
  g_assert_cmpint (weft_record_outcome (span_of (&f, 0, 0, NULL)), ==, WEFT_OUTCOME_TIMED_OUT);
  clear (&f);
}

/* ---- memory, marks --------------------------------------------------------------------------- */

/* A task without inputs that gives so many bytes. */
static WeftGraph *
source_graph (int64_t n_bytes)
{
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  g_autoptr (GError) error = NULL;
  WeftGraph *graph;
  uint32_t task;

  weft_graph_builder_begin_call (builder, "t.bytes", 0, 1);
  weft_graph_builder_arg_int64 (builder, n_bytes);
  task = weft_graph_builder_add_task (builder, "late", -1, weft_graph_builder_end_call (builder),
                                      NULL, 0);
  weft_graph_builder_want (builder, task, 0);
  graph = weft_graph_builder_freeze (builder, NULL, &error);
  g_assert_no_error (error);
  weft_graph_builder_free (builder);
  return graph;
}

/* A source waits while a task holds most of the limit and nothing can be spilled. The worker sleeps
 * for that, and whoever takes the source says of what task it was. Nobody sleeps for it any more
 * once it was taken. */
static void
test_memory_pause (void)
{
  const WeftRecord *paused;
  uint32_t n_of_task = 0;
  g_autoptr (GError) error = NULL;
  WeftValue size;
  Recorded f;

  begin (&f, 2, NULL, (WeftRunOptions){ .keep_open = true, .memory_limit_bytes = 10u << 20 });
  fixture_close_gate ();
  weft_run_start (f.run);
  weft_value_set_int64 (&size, 9 << 20);
  WeftFuture *big = weft_run_submit (f.run, "big", "t.bytes", &size, NULL, 1, &error);
  WeftFuture *holds = weft_run_submit (f.run, "holds", "t.gate", NULL, &big, 1, &error);
  g_assert_no_error (error);
  fixture_wait_at_gate (1);
  WeftGraph *late = source_graph (1 << 20);
  weft_run_extend (f.run, late, NULL, &error);
  g_assert_no_error (error);
  weft_graph_unref (late);
  while (_weft_queue_length (f.run->memory->waiting) == 0)
    g_thread_yield ();
  fixture_open_gate ();
  get (holds);
  weft_future_unref (big);
  while (weft_run_task_state (f.run, 2, 0) != WEFT_STATE_MEMORY)
    g_thread_yield ();
  while (atomic_load (&f.run->memory->n_sleepers) > 0)
    g_thread_yield ();
  finish (&f);
  for (uint32_t i = 0; (paused = find (&f, WEFT_RECORD_MEMORY_PAUSED, i, NULL)) != NULL; i++)
    {
      n_of_task += paused->task != WEFT_NONE;
      g_assert_cmpuint (paused->segment, ==, paused->task != WEFT_NONE ? 2 : WEFT_NONE);
      g_assert_cmpuint (paused->task != WEFT_NONE ? weft_record_end (paused) : paused->start, <=,
                        span_of (&f, 0, 2, NULL)->start);
    }
  g_assert_cmpuint (n_of_task, ==, 1);
  clear (&f);
}

static void
test_annotations (void)
{
  const WeftRecord *mark;
  Recorded f;

  begin (&f, 1, shape_graph ("independent:3", "t.sum"), (WeftRunOptions){ 0 });
  weft_run_annotate (f.run, "loading is over");
  weft_run_start (f.run);
  finish (&f);
  mark = only (&f, WEFT_RECORD_ANNOTATION, NULL);
  g_assert_cmpstr (f.strings->pdata[weft_record_amount (mark)], ==, "loading is over");
  clear (&f);
}

/* Each future is a segment of its own; none is lost, and the file stays one that opens. */
static void
test_futures_without_end (void)
{
  Recorded f;

  begin (&f, 2, NULL, (WeftRunOptions){ .keep_open = true });
  weft_run_start (f.run);
  for (int i = 0; i < 3000; i++)
    {
      WeftFuture *future = submit (&f, NULL, "t.sum", i);

      if (i % 100 == 99)
        get (future);
      else
        weft_future_unref (future);
    }
  finish (&f);
  g_assert_cmpuint (count (&f, WEFT_RECORD_TASK), ==, 3000);
  clear (&f);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("sched", "records", "pauses", test_pauses);
  test_add ("sched", "records", "steps-and-breakpoints", test_steps_and_breakpoints);
  test_add ("sched", "records", "slow-motion", test_slow_motion);
  test_add ("sched", "records", "workers-come-and-go", test_workers_come_and_go);
  test_add ("sched", "records", "stolen-from", test_stolen_from);
  test_add ("sched", "records", "several-outputs", test_several_outputs);
  test_add ("sched", "records", "nested-graphs", test_nested_graphs);
  test_add ("sched", "records", "waiting-for-a-future", test_waiting_for_a_future);
  test_add ("sched", "records", "cancelled-before-it-ran", test_cancelled_before_it_ran);
  test_add ("sched", "records", "past-the-deadline", test_past_the_deadline);
  test_add ("sched", "records", "memory-pause", test_memory_pause);
  test_add ("sched", "records", "annotations", test_annotations);
  test_add ("sched", "records", "futures-without-end", test_futures_without_end);
  return g_test_run ();
}
