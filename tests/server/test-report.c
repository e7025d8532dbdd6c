/* test-report.c: what is reported, line by line, is what a model of the file has
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "model/model-fixture.h"
#include "server/weft-lines-private.h"

#include <inttypes.h>

#define N_TASKS 400
#define N_WORKERS 3

typedef struct
{
  char *dir;
  char *path;
  WeftReport *report;
  WeftLinesClock clock;
} Fixture;

#define KEEPS GINT_TO_POINTER (1)

/* @keeps: KEEPS, or NULL */
static void
set_up (Fixture *f, const void *keeps)
{
  g_autoptr (GError) error = NULL;

  f->dir = test_dir_new ();
  f->path = g_build_filename (f->dir, "reported.weft", NULL);
  f->report = _weft_report_new (&(WeftReportOptions){ .path = f->path,
                                                      .meta_json = "{\"name\": \"elsewhere\"}",
                                                      .keeps = keeps == KEEPS },
                                &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture *f, const void *unused)
{
  _weft_report_free (f->report);
  test_dir_free (f->dir);
  g_free (f->path);
}

static void G_GNUC_PRINTF (2, 3) say (Fixture *f, const char *format, ...)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *line = NULL;
  va_list args;

  va_start (args, format);
  line = g_strdup_vprintf (format, args);
  va_end (args);
  _weft_lines_take (f->report, &f->clock, line, strlen (line), &error);
  g_assert_no_error (error);
}

static void
flush (Fixture *f)
{
  g_autoptr (GError) error = NULL;

  _weft_report_flush (f->report, &error);
  g_assert_no_error (error);
}

static WeftModel *
finish (Fixture *f, WeftRunPhase phase)
{
  g_autoptr (GError) error = NULL;

  _weft_report_finish (f->report, phase, "{}", &error);
  g_assert_no_error (error);
  return model_of_file (f->path);
}

/* The task's last span, and its lane's worker. */
static const WeftSpan *
span_of (const WeftModel *model, const char *key, WeftModelLane *lane)
{
  uint32_t task = weft_model_find_key (model, key), lane_id;
  uint64_t index;

  g_assert_cmpuint (task, !=, WEFT_NONE);
  g_assert_true (weft_model_task_span (model, task, &lane_id, &index));
  weft_model_lane (model, lane_id, lane);
  return weft_spans_get (lane->spans, index);
}

static int64_t
length_ns (const WeftSpan *span)
{
  return span->end_ns - span->start_ns;
}

/* ---- many tasks ------------------------------------------------------------------------------ */

typedef struct
{
  uint32_t worker;
  int64_t start_ns, duration_ns;
  GArray *inputs; /* uint32_t, each once */
} Told;

static void
told_free (void *data)
{
  g_array_unref (((Told *) data)->inputs);
  g_free (data);
}

/* Reads of tasks with smaller numbers, so there is no cycle; they are said in any order. */
static GPtrArray *
make_tasks (void)
{
  GPtrArray *tasks = g_ptr_array_new_with_free_func (told_free);

  for (uint32_t i = 0; i < N_TASKS; i++)
    {
      Told *told = g_new0 (Told, 1);
      uint32_t input = i;

      told->worker = (uint32_t) g_test_rand_int_range (0, N_WORKERS);
      told->start_ns = 1000000 + 1000 * (int64_t) i;
      told->duration_ns = g_test_rand_int_range (1, 20000);
      told->inputs = g_array_new (FALSE, FALSE, sizeof (uint32_t));
      for (int k = g_test_rand_int_range (0, 4); k > 0 && input > 0; k--)
        {
          input -= (uint32_t) g_test_rand_int_range (1, (int) MIN (input, 20) + 1);
          g_array_append_val (told->inputs, input);
        }
      g_ptr_array_add (tasks, told);
    }
  return tasks;
}

static void
say_inputs (Fixture *f, GPtrArray *tasks, uint32_t i)
{
  const Told *told = tasks->pdata[i];
  g_autoptr (GString) inputs = g_string_new (NULL);

  for (guint k = 0; k < told->inputs->len; k++)
    g_string_append_printf (inputs, "%s\"step-%u\"", k > 0 ? ", " : "",
                            g_array_index (told->inputs, uint32_t, k));
  say (f, "{\"e\": \"add\", \"k\": \"step-%u\", \"inputs\": [%s]}", i, inputs->str);
}

static void
say_span (Fixture *f, GPtrArray *tasks, uint32_t i)
{
  const Told *told = tasks->pdata[i];

  if (g_test_rand_int_range (0, 2))
    {
      say (f,
           "{\"e\":\"task\",\"k\":\"step-%u\",\"w\":\"w%u\",\"s\":%" G_GINT64_FORMAT
           ",\"d\":%" G_GINT64_FORMAT "}",
           i, told->worker, told->start_ns, told->duration_ns);
      return;
    }
  say (f, "{\"e\":\"start\",\"k\":\"step-%u\",\"w\":\"w%u\",\"t\":%" G_GINT64_FORMAT "}", i,
       told->worker, told->start_ns);
  if (g_test_rand_int_range (0, 4) == 0)
    flush (f);
  say (f, "{\"e\":\"end\",\"k\":\"step-%u\",\"t\":%" G_GINT64_FORMAT "}", i,
       told->start_ns + told->duration_ns);
}

static void
check_inputs (const WeftModel *model, uint32_t task, const Told *told)
{
  g_autoptr (GHashTable) expected = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  uint32_t number, segment = weft_model_task_segment (model, task, &number);
  const WeftGraphArrays *arrays = weft_graph_arrays (weft_model_graph (model, segment));

  for (guint k = 0; k < told->inputs->len; k++)
    g_hash_table_add (expected,
                      g_strdup_printf ("step-%u", g_array_index (told->inputs, uint32_t, k)));
  for (uint32_t k = arrays->input_offsets[number]; k < arrays->input_offsets[number + 1]; k++)
    {
      uint32_t input = arrays->input_tasks[k];
      g_autofree char *key = NULL;

      if (input < arrays->n_tasks)
        key = weft_graph_dup_key (weft_model_graph (model, segment), input);
      else
        {
          const WeftImport *import = &arrays->imports[input - arrays->n_tasks];

          key = weft_graph_dup_key (weft_model_graph (model, import->segment), import->task);
        }
      g_assert_true (g_hash_table_remove (expected, key));
    }
  g_assert_cmpuint (g_hash_table_size (expected), ==, 0);
}

static void
check_tasks (const WeftModel *model, GPtrArray *tasks)
{
  WeftModelLane any;
  int64_t first_ns = span_of (model, "step-0", &any)->start_ns; /* a model begins at 0 */

  for (uint32_t i = 0; i < tasks->len; i++)
    {
      const Told *told = tasks->pdata[i];
      g_autofree char *key = g_strdup_printf ("step-%u", i);
      g_autofree char *worker = g_strdup_printf ("w%u/", told->worker);
      WeftModelLane lane;
      const WeftSpan *span = span_of (model, key, &lane);

      g_assert_cmpint (span->start_ns - first_ns, ==, 1000 * (int64_t) i);
      g_assert_cmpint (length_ns (span), ==, told->duration_ns);
      g_assert_true (g_str_has_prefix (lane.name, worker));
      check_inputs (model, weft_model_find_key (model, key), told);
    }
}

static void
test_tasks_in_any_order (Fixture *f, const void *unused)
{
  g_autoptr (GPtrArray) tasks = make_tasks ();
  WeftModelSnapshot snapshot;
  WeftModel *model;
  uint32_t n_said = 0;

  while (n_said < N_TASKS) /* a batch: edges backwards, then what ran */
    {
      uint32_t n = (uint32_t) g_test_rand_int_range (1, 60), end = MIN (N_TASKS, n_said + n);

      for (uint32_t i = end; i > n_said; i--)
        say_inputs (f, tasks, i - 1);
      for (uint32_t i = n_said; i < end; i++)
        say_span (f, tasks, i);
      n_said = end;
      flush (f);
    }
  model = finish (f, WEFT_RUN_DONE);
  weft_model_snapshot (model, &snapshot);
  g_assert_cmpuint (snapshot.n_tasks, ==, N_TASKS);
  g_assert_cmpint (snapshot.phase, ==, WEFT_RUN_DONE);
  g_assert_cmpuint (snapshot.n_spans, ==, N_TASKS + 2); /* 2: what the run's state was */
  g_assert_cmpuint (snapshot.n_states[WEFT_TASK_MEMORY] + snapshot.n_states[WEFT_TASK_RELEASED], ==,
                    N_TASKS);
  g_assert_cmpuint (snapshot.n_groups, ==, 1);
  check_tasks (model, tasks);
  assert_lanes_ordered (model, WEFT_LANE_UNPLACED); /* though those of a worker overlap */
  weft_model_unref (model);
}

/* ---- one thing each -------------------------------------------------------------------------- */

static void
assert_states (WeftModel *model, uint32_t n_memory, uint32_t n_released)
{
  WeftModelSnapshot snapshot;

  weft_model_snapshot (model, &snapshot);
  g_assert_cmpuint (snapshot.n_states[WEFT_TASK_MEMORY], ==, n_memory);
  g_assert_cmpuint (snapshot.n_states[WEFT_TASK_RELEASED], ==, n_released);
}

/* "a" is read by "b" of its batch and by "c" of the next, and "c" by nobody. */
static void
say_who_reads (Fixture *f)
{
  say (f, "{\"e\":\"add\",\"k\":\"b\",\"inputs\":[\"a\"]}");
  say (f, "{\"e\":\"task\",\"k\":\"a\",\"w\":\"w\",\"h\":1,\"s\":1000,\"d\":10,\"b\":8}");
  say (f, "{\"e\":\"task\",\"k\":\"b\",\"w\":\"w\",\"h\":1,\"s\":1020,\"d\":10,\"b\":8}");
  flush (f);
  say (f, "{\"e\":\"add\",\"k\":\"c\",\"inputs\":[\"a\"]}");
  say (f, "{\"e\":\"task\",\"k\":\"c\",\"w\":\"w\",\"h\":1,\"s\":1040,\"d\":10,\"b\":8}");
  flush (f);
}

static void
test_kept_until_told (Fixture *f, const void *unused)
{
  WeftModel *model;

  say_who_reads (f);
  model = model_of_file (f->path);
  assert_states (model, 3, 0);
  weft_model_unref (model);
  say (f, "{\"e\":\"release\",\"k\":\"a\",\"t\":1060}");
  say (f, "{\"e\":\"release\",\"k\":\"c\",\"t\":1061}");
  model = finish (f, WEFT_RUN_DONE);
  assert_states (model, 1, 2);
  weft_model_unref (model);
}

static void
test_kept_for_readers (Fixture *f, const void *unused)
{
  WeftModel *model;

  say_who_reads (f);
  model = finish (f, WEFT_RUN_DONE);
  assert_states (model, 0, 3);
  weft_model_unref (model);
}

static void
test_running_task_is_seen (Fixture *f, const void *unused)
{
  WeftModelNow now;
  WeftModelLane lane;
  WeftModel *model;
  uint32_t n_in = 0;
  WeftModelSnapshot snapshot;

  say (f, "{\"e\":\"start\",\"k\":\"a\",\"w\":\"w\",\"t\":5000}");
  flush (f);
  model = model_of_file (f->path);
  weft_model_snapshot (model, &snapshot);
  for (uint32_t i = 0; i < snapshot.n_lanes; i++)
    if (weft_model_now (model, i, &now) && now.task != WEFT_NONE)
      {
        g_autofree char *key = weft_model_task_dup_key (model, now.task);

        weft_model_lane (model, i, &lane);
        g_assert_cmpstr (key, ==, "a");
        g_assert_cmpstr (lane.name, ==, "w/0");
        g_assert_cmpint (now.start_ns, <, now.seen_ns);
        n_in++;
      }
  g_assert_cmpuint (n_in, ==, 1);
  weft_model_unref (model);
}

static void
test_failure (Fixture *f, const void *unused)
{
  WeftModelErrorText text;
  WeftModelSnapshot snapshot;
  WeftModelLane lane;
  WeftModel *model;

  say (f, "{\"e\":\"start\",\"k\":\"a\",\"w\":\"w\",\"t\":5000}");
  say (f, "{\"e\":\"fail\",\"k\":\"a\",\"t\":7000,\"kind\":\"ZeroDivisionError\","
          "\"message\":\"division by \\\"zero\\\"\",\"traceback\":\"line\\nline\"}");
  say (f, "{\"e\":\"start\",\"k\":\"a\",\"w\":\"w\",\"t\":8000}");
  say (f, "{\"e\":\"end\",\"k\":\"a\",\"t\":9000,\"b\":77}");
  model = finish (f, WEFT_RUN_DONE);
  weft_model_snapshot (model, &snapshot);
  g_assert_cmpuint (snapshot.n_errors, ==, 1);
  weft_model_error (model, 0, &text);
  g_assert_cmpint (span_of (model, "a", &lane)->start_ns - text.at_ns, ==, 1000);
  g_assert_cmpuint (text.task, ==, weft_model_find_key (model, "a"));
  g_assert_cmpstr (text.kind, ==, "ZeroDivisionError");
  g_assert_cmpstr (text.message, ==, "division by \"zero\"");
  g_assert_cmpstr (text.detail, ==, "line\nline");
  g_assert_cmpuint (weft_model_task_attempts (model, 0), ==, 2);
  g_assert_cmpuint (snapshot.n_spans, ==, 2 + 2);
  weft_model_unref (model);
}

static void
test_late_edge (Fixture *f, const void *unused)
{
  g_autoptr (GPtrArray) frames = NULL;
  uint32_t n_links = 0;
  WeftModel *model;

  say (f, "{\"e\":\"add\",\"k\":\"a\"}");
  say (f, "{\"e\":\"add\",\"k\":\"b\"}");
  flush (f);
  say (f, "{\"e\":\"add\",\"k\":\"b\",\"inputs\":[\"a\"],\"t\":50}");
  model = finish (f, WEFT_RUN_DONE);
  weft_model_unref (model);
  frames = read_frames (f->path);
  for (guint i = 0; i < frames->len; i++)
    {
      const WeftRecord *records;
      uint32_t n;

      if (!weft_run_frame_records (frames->pdata[i], NULL, &records, &n))
        continue;
      for (uint32_t k = 0; k < n; k++)
        if (records[k].kind == WEFT_RECORD_LINK)
          {
            g_assert_cmpuint (records[k].task, ==, 1);
            g_assert_cmpuint (records[k].segment, ==, 0);
            g_assert_cmpuint (weft_record_low (&records[k]), ==, 0);
            g_assert_cmpuint (weft_record_high (&records[k]), ==, 0);
            n_links++;
          }
    }
  g_assert_cmpuint (n_links, ==, 1);
}

static void
test_cycle_loses_no_task (Fixture *f, const void *unused)
{
  g_autoptr (GError) error = NULL;
  WeftModelSnapshot snapshot;
  WeftModelLane lane;
  WeftModel *model;

  say (f, "{\"e\":\"add\",\"k\":\"a\",\"inputs\":[\"b\"]}");
  say (f, "{\"e\":\"add\",\"k\":\"b\",\"inputs\":[\"a\"]}");
  say (f, "{\"e\":\"task\",\"k\":\"a\",\"w\":\"w\",\"s\":10,\"d\":5}");
  g_assert_false (_weft_report_flush (f->report, &error));
  g_assert_error (error, WEFT_GRAPH_ERROR, WEFT_GRAPH_ERROR_CYCLE);
  say (f, "{\"e\":\"task\",\"k\":\"b\",\"w\":\"w\",\"s\":20,\"d\":6}");
  model = finish (f, WEFT_RUN_DONE);
  weft_model_snapshot (model, &snapshot);
  g_assert_cmpuint (snapshot.n_tasks, ==, 2);
  g_assert_cmpint (length_ns (span_of (model, "a", &lane)), ==, 5);
  g_assert_cmpint (length_ns (span_of (model, "b", &lane)), ==, 6);
  weft_model_unref (model);
}

#define MOST_IN_CIRCLES 12

/* Whether a task reads what it makes itself, by others; reads[i] has the bits of what i reads. */
static bool
is_in_circle (const uint32_t *reads, unsigned task)
{
  uint32_t reached = reads[task];

  for (int round = 0; round < MOST_IN_CIRCLES; round++)
    for (unsigned i = 0; i < MOST_IN_CIRCLES; i++)
      if ((reached >> i & 1) != 0)
        reached |= reads[i];
  return (reached >> task & 1) != 0;
}

static void
say_reads (Fixture *f, unsigned task, uint32_t reads)
{
  g_autoptr (GString) line = g_string_new (NULL);

  g_string_printf (line, "{\"e\":\"add\",\"k\":\"t%u\",\"inputs\":[", task);
  for (unsigned i = 0; i < MOST_IN_CIRCLES; i++)
    if ((reads >> i & 1) != 0)
      g_string_append_printf (line, "%s\"t%u\"", line->str[line->len - 1] == '[' ? "" : ",", i);
  g_string_append (line, "]}");
  say (f, "%s", line->str);
}

static void
test_only_circles_lose_inputs (Fixture *f, const void *unused)
{
  uint32_t reads[MOST_IN_CIRCLES] = { 0 };
  g_autoptr (GError) error = NULL;
  bool is_wrong = false, ok;
  WeftModel *model;

  for (int n = g_test_rand_int_range (4, 20); n > 0; n--)
    {
      unsigned task = (unsigned) g_test_rand_int_range (0, MOST_IN_CIRCLES);
      unsigned input = (unsigned) g_test_rand_int_range (0, MOST_IN_CIRCLES);

      if (task != input)
        reads[task] |= 1u << input;
    }
  for (unsigned task = 0; task < MOST_IN_CIRCLES; task++)
    {
      say_reads (f, task, reads[task]);
      is_wrong |= is_in_circle (reads, task);
    }
  ok = _weft_report_flush (f->report, &error);
  g_assert_true (ok == !is_wrong);
  if (!ok)
    g_assert_error (error, WEFT_GRAPH_ERROR, WEFT_GRAPH_ERROR_CYCLE);
  model = finish (f, WEFT_RUN_DONE);
  for (unsigned task = 0; task < MOST_IN_CIRCLES; task++)
    {
      WeftGraph *graph = weft_model_graph (model, 0);
      const WeftGraphArrays *arrays = weft_graph_arrays (graph);
      g_autofree char *key = g_strdup_printf ("t%u", task);
      uint32_t number = weft_graph_find (graph, key, -1), n;

      n = arrays->input_offsets[number + 1] - arrays->input_offsets[number];
      g_assert_cmpuint (
          n, ==, is_in_circle (reads, task) ? 0 : (uint32_t) __builtin_popcount (reads[task]));
    }
  weft_model_unref (model);
}

static void
test_lost_worker (Fixture *f, const void *unused)
{
  WeftModelLane lane;
  WeftModel *model;
  int64_t again_ns;

  say (f, "{\"e\":\"worker\",\"w\":\"w\",\"pid\":12,\"threads\":2,\"limit\":1000}");
  say (f, "{\"e\":\"start\",\"k\":\"a\",\"w\":\"w\",\"h\":7,\"t\":100}");
  say (f, "{\"e\":\"gone\",\"w\":\"w\",\"t\":300}");
  say (f, "{\"e\":\"start\",\"k\":\"a\",\"w\":\"v\",\"t\":400}");
  say (f, "{\"e\":\"end\",\"k\":\"a\",\"t\":450}");
  model = finish (f, WEFT_RUN_DONE);
  again_ns = span_of (model, "a", &lane)->start_ns;
  g_assert_cmpuint (weft_model_task_attempts (model, 0), ==, 2);
  weft_model_lane (model, 1, &lane);
  g_assert_cmpstr (lane.name, ==, "w");
  g_assert_cmpuint (lane.pid, ==, 12);
  weft_model_lane (model, 2, &lane);
  g_assert_cmpuint (lane.os_thread, ==, 7);
  g_assert_cmpint (length_ns (weft_spans_get (lane.spans, 0)), ==, 200);
  g_assert_cmpint (again_ns - weft_spans_get (lane.spans, 0)->start_ns, ==, 300);
  weft_model_unref (model);
}

static void
test_seconds (Fixture *f, const void *unused)
{
  WeftModelLane lane;
  WeftModel *model;
  const WeftSpan *span, *later;

  f->clock = (WeftLinesClock){ .in_seconds = true };
  say (f, "{\"e\":\"task\",\"k\":\"a\",\"w\":\"w\",\"s\":3.5,\"d\":0.25}");
  say (f, "{\"e\":\"task\",\"k\":\"b\",\"w\":\"w\",\"s\":5,\"d\":1}");
  model = finish (f, WEFT_RUN_DONE);
  span = span_of (model, "a", &lane);
  later = span_of (model, "b", &lane);
  g_assert_cmpint (later->start_ns - span->start_ns, ==, 1500000000);
  g_assert_cmpint (length_ns (later), ==, 1000000000);
  g_assert_cmpint (length_ns (span), ==, 250000000);
  weft_model_unref (model);
}

/* ---- what is wrong --------------------------------------------------------------------------- */

static void
test_bad_lines (Fixture *f, const void *unused)
{
  const struct
  {
    const char *line, *message;
  } lines[] = {
    { "", "event:1:1: " },
    { "[]", "expected an event" },
    { "{\"k\":\"a\"}", "found no “e”" },
    { "{\"e\":\"tusk\"}", "found an event of the name “tusk”, expected one of task, start" },
    { "{\"e\":\"end\",\"k\":\"a\"}", "found no “t” in an event “end”" },
    { "{\"e\":\"end\",\"k\":\"a\",\"t\":1,\"w\":\"w\"}", "found “w” in an event “end”" },
    { "{\"e\":\"end\",\"k\":\"a\",\"t\":-1}", "event:1:24: found the number -1, expected nanosec" },
    { "{\"e\":\"end\",\"k\":1,\"t\":1}", "event:1:16: found the number 1, expected a text" },
    { "{\"e\":\"end\",\"e\":\"end\"}", "a second time" },
    { "{\"e\":\"memory\",\"managd\":1}", "did you mean “managed”?" },
    { "{\"e\":\"end\",\"k\":\"a\",\"t\":1} x", "expected" },
    { "{\"e\":\"add\",\"k\":\"a\",\"inputs\":[1]}", "expected a key" },
    { "{\"e\":\"add\",\"k\":\"a\",\"inputs\":[\"b\",\"a\"]}", "the task's own key in “inputs”" },
    { "{\"e\":\"add\",\"k\":\"\"}", "event:1:16: found an empty key" },
    { "{\"e\":\"add\",\"k\":\"a\\u0000b\"}", "found the byte 0x00 in a key" },
    { "{\"e\":\"add\",\"k\":\"a\",\"inputs\":[\"\"]}", "found an empty key" },
    { "{\"e\":\"span\",\"what\":\"sleep\"}",
      "found “sleep” as what a worker did, expected one of" },
    { "{\"e\":\"count\",\"name\":\"x\",\"t\":1,\"v\":-1}", "expected a number from 0 on" },
    { "{\"e\":\"log\",\"t\":1,\"message\":\"x\",\"level\":8}", "expected a level of 0 to 7" },
    { "{\"e\":\"fail\",\"k\":\"a\",\"t\":1,\"again\":1}", "expected true or false" },
    { "{\"e\":\"task\",\"k\":\"b\",\"w\":\"w\",\"s\":0,\"d\":31622400000000001}",
      "expected nanoseconds from 0 to 31622400000000000" },
    { "{\"e\":\"span\",\"w\":\"w\",\"what\":\"gc\",\"s\":0,\"d\":9000000000000000000}",
      "expected nanoseconds from 0 to 31622400000000000" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (lines); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (
          _weft_lines_take (f->report, &f->clock, lines[i].line, strlen (lines[i].line), &error));
      g_assert_nonnull (error);
      if (strstr (error->message, lines[i].message) == NULL)
        g_error ("“%s” says: %s", lines[i].line, error->message);
      g_assert_cmpuint (_weft_report_n_tasks (f->report), ==, 0);
    }
}

/* Each of them stands in a frame of its own, and a worker's in the names of its rows. */
static void
test_long_names (Fixture *f, const void *unused)
{
  const char *const lines[] = {
    "{\"e\":\"task\",\"k\":\"a\",\"w\":\"%s\",\"s\":1,\"d\":1}",
    "{\"e\":\"start\",\"k\":\"a\",\"w\":\"w\",\"t\":1,\"peer\":\"%s\"}",
    "{\"e\":\"add\",\"k\":\"a\",\"group\":\"%s\"}",
    "{\"e\":\"count\",\"name\":\"%s\",\"t\":1,\"v\":1}",
    "{\"e\":\"count\",\"name\":\"n\",\"unit\":\"%s\",\"t\":1,\"v\":1}"
  };
  g_autofree char *most = g_strnfill (4096, 'n'), *more = g_strnfill (4097, 'n');

  for (size_t i = 0; i < G_N_ELEMENTS (lines); i++)
    {
      g_auto (GStrv) parts = g_strsplit (lines[i], "%s", 2);
      g_autofree char *line = g_strconcat (parts[0], more, parts[1], NULL);
      g_autofree char *good = g_strconcat (parts[0], most, parts[1], NULL);
      g_autoptr (GError) error = NULL;

      g_assert_false (_weft_lines_take (f->report, &f->clock, line, strlen (line), &error));
      g_assert_nonnull (strstr (error->message, "found a name of 4097 bytes, expected at most"));
      g_clear_error (&error);
      g_assert_true (_weft_lines_take (f->report, &f->clock, good, strlen (good), &error));
    }
}

/* Told apart, they are no longer than they may be told together. */
static void
test_long_span (Fixture *f, const void *unused)
{
  WeftModelLane lane;
  WeftModel *model;

  say (f, "{\"e\":\"start\",\"k\":\"a\",\"w\":\"w\",\"t\":0}");
  say (f, "{\"e\":\"end\",\"k\":\"a\",\"t\":9000000000000000000}");
  g_assert_cmpuint (_weft_report_n_waiting (f->report), <, 200); /* else 31,975 */
  model = finish (f, WEFT_RUN_DONE);
  g_assert_cmpuint ((uint64_t) length_ns (span_of (model, "a", &lane)), <=,
                    WEFT_REPORT_MOST_SPAN_NS);
  weft_model_unref (model);
}

static void
test_file_that_cannot_be_made (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (_weft_report_new (&(WeftReportOptions){ .path = "/nowhere/a.weft" }, &error));
  g_assert_nonnull (error);
}

/* ---- beside tasks ---------------------------------------------------------------------------- */

static uint32_t
lane_named (const WeftModel *model, const char *name)
{
  WeftModelSnapshot snapshot;
  WeftModelLane lane;

  weft_model_snapshot (model, &snapshot);
  for (uint32_t i = 0; i < snapshot.n_lanes; i++)
    {
      weft_model_lane (model, i, &lane);
      if (g_str_equal (lane.name, name))
        return i;
    }
  g_assert_not_reached ();
}

static const WeftSpan *
first_span (const WeftModel *model, uint32_t lane)
{
  WeftModelLane info;

  weft_model_lane (model, lane, &info);
  return weft_spans_get (info.spans, 0);
}

/* A transfer beside a task has a row of its own, and tells where the bytes came from. */
static void
test_transfers (Fixture *f, const void *unused)
{
  int64_t now = weft_clock_mono_ns ();
  uint64_t peer = 0;
  const WeftSpan *span;
  WeftModel *model;
  uint32_t row;

  say (f, "{\"e\": \"worker\", \"w\": \"b\"}");
  say (f, "{\"e\": \"task\", \"k\": \"x-1\", \"w\": \"a\", \"s\": %" PRId64 ", \"d\": 1000}", now);
  say (f,
       "{\"e\": \"span\", \"what\": \"transfer\", \"w\": \"a\", \"k\": \"x-1\", \"b\": 4096, "
       "\"peer\": \"b\", \"s\": %" PRId64 ", \"d\": 600}",
       now + 200);
  say (f, "{\"e\": \"span\", \"what\": \"gc\", \"w\": \"a\", \"s\": %" PRId64 ", \"d\": 10}",
       now + 400);
  model = finish (f, WEFT_RUN_DONE);
  row = lane_named (model, "a/data 1");
  span = first_span (model, row);
  g_assert_cmpint (span->kind, ==, WEFT_RECORD_TRANSFER);
  g_assert_cmpint (length_ns (span), ==, 600);
  g_assert_cmpuint (span->task, ==, weft_model_find_key (model, "x-1"));
  g_assert_true (weft_model_span_detail (model, row, 0, WEFT_RECORD_PEER, &peer));
  g_assert_cmpuint (peer, ==, lane_named (model, "b"));
  /* at the same time */
  g_assert_cmpint (first_span (model, lane_named (model, "a/data 2"))->kind, ==, WEFT_RECORD_PHASE);
  weft_model_unref (model);
}

/* It was seen to run somewhere; where it did is known with its end. */
static void
test_place_known_late (Fixture *f, const void *unused)
{
  int64_t now = weft_clock_mono_ns ();
  WeftModelSnapshot snapshot;
  WeftModelLane lane;
  const WeftSpan *span;
  WeftModel *model;

  say (f, "{\"e\": \"start\", \"k\": \"a\", \"w\": \"w\", \"t\": %" PRId64 "}", now);
  flush (f);
  say (f,
       "{\"e\": \"task\", \"k\": \"a\", \"w\": \"w\", \"h\": 77, \"s\": %" PRId64 ", \"d\": 500}",
       now + 20);
  model = finish (f, WEFT_RUN_DONE);
  span = span_of (model, "a", &lane);
  g_assert_cmpint (lane.kind, ==, WEFT_LANE_THREAD);
  g_assert_cmpstr (lane.name, ==, "w/0"); /* where it was seen: no row is left without anything */
  g_assert_cmpuint (weft_spans_n (lane.spans), ==, 1);
  g_assert_cmpint (length_ns (span), ==, 500);
  weft_model_snapshot (model, &snapshot);
  g_assert_cmpuint (snapshot.n_lanes, ==, 3);
  weft_model_unref (model);
}

/* A counter takes bytes of any machine: what is too large for thousandths is one counter all the
 * same, in the order in which it was told; up to 2.8e14 to the byte, above to nine figures. */
static void
test_large_counters (Fixture *f, const void *unused)
{
  static const char *const told[] = { "1",
                                      "0.001",
                                      "281474976710.655",
                                      "281474976710.656",
                                      "281474976711",
                                      "1319413953331",
                                      "281474976710655",
                                      "281474976710656",
                                      "281474976710657",
                                      "9007199254740992",
                                      "9007199254740991",
                                      "9.2e18",
                                      "1.5" };
  WeftModelCounter info;
  WeftModel *model;

  for (guint i = 0; i < G_N_ELEMENTS (told); i++)
    {
      g_autofree char *line =
          g_strdup_printf ("{\"e\":\"count\",\"w\":\"w\",\"name\":\"read\",\"unit\":\"B\","
                           "\"t\":%u,\"v\":%s}",
                           100 + i, told[i]);

      say (f, "%s", line);
      if (i == 5)
        flush (f);
    }
  model = finish (f, WEFT_RUN_DONE);
  g_assert_cmpuint (weft_model_n_counters (model), ==, 1);
  weft_model_counter (model, 0, &info);
  g_assert_cmpstr (info.name, ==, "read");
  g_assert_cmpstr (info.unit, ==, "B");
  g_assert_cmpuint (weft_model_counter_n (model, 0), ==, G_N_ELEMENTS (told));
  for (guint i = 0; i < G_N_ELEMENTS (told); i++)
    {
      double value = g_ascii_strtod (told[i], NULL);
      double within = value < 2.8e11 ? 0.0006 : value < 281474976710655.5 ? 0.5 : value * 1e-9;

      g_assert_cmpfloat_with_epsilon (weft_model_counter_get (model, 0, i).value, value, within);
    }
  g_assert_cmpfloat (weft_model_counter_get (model, 0, 7).value, ==, 281474976710656.);
  g_assert_cmpfloat (weft_model_counter_get (model, 0, 9).value, ==, 9007199254740992.);
  weft_model_unref (model);
}

static void
test_counters (Fixture *f, const void *unused)
{
  int64_t now = weft_clock_mono_ns ();
  WeftModelCounter info;
  WeftModel *model;

  for (int i = 0; i < 50; i++)
    {
      say (f,
           "{\"e\": \"count\", \"name\": \"cpu\", \"unit\": \"cores\", \"w\": \"a\", "
           "\"t\": %" PRId64 ", \"v\": %d.25}",
           now + i, i);
      say (f, "{\"e\": \"count\", \"name\": \"queue\", \"t\": %" PRId64 ", \"v\": 3}", now + i);
      if (i == 20)
        flush (f);
    }
  model = finish (f, WEFT_RUN_DONE);
  g_assert_cmpuint (weft_model_n_counters (model), ==, 2);
  weft_model_counter (model, 0, &info);
  g_assert_cmpstr (info.name, ==, "cpu");
  g_assert_cmpstr (info.unit, ==, "cores");
  g_assert_cmpuint (info.lane, ==, lane_named (model, "a"));
  g_assert_cmpuint (weft_model_counter_n (model, 0), ==, 50);
  g_assert_cmpfloat_with_epsilon (weft_model_counter_get (model, 0, 49).value, 49.25, 1e-9);
  weft_model_counter (model, 1, &info);
  g_assert_cmpuint (info.lane, ==, WEFT_NONE);
  g_assert_cmpuint (weft_model_counter_n (model, 1), ==, 50);
  weft_model_unref (model);
}

static void
test_words (Fixture *f, const void *unused)
{
  int64_t now = weft_clock_mono_ns ();
  WeftModelSnapshot snapshot;
  WeftModel *model;
  WeftModelLog log;

  say (f,
       "{\"e\": \"log\", \"w\": \"a\", \"t\": %" PRId64 ", \"message\": \"is full\", \"level\": 4}",
       now);
  say (f, "{\"e\": \"log\", \"k\": \"x-1\", \"t\": %" PRId64 ", \"message\": \"seen\"}", now + 10);
  model = finish (f, WEFT_RUN_DONE);
  weft_model_snapshot (model, &snapshot);
  g_assert_cmpuint (snapshot.n_logs, ==, 2);
  weft_model_log (model, 0, &log);
  g_assert_cmpmem (log.bytes, log.n_bytes, "is full", 7);
  g_assert_cmpuint (log.level, ==, 4);
  g_assert_cmpuint (log.lane, ==, lane_named (model, "a"));
  weft_model_log (model, 1, &log);
  g_assert_cmpuint (log.task, ==, weft_model_find_key (model, "x-1"));
  g_assert_cmpuint (log.level, ==, 6);
  weft_model_unref (model);
}

/* Of the run, a worker, a task; also of a time before anything else was told. */
static void
test_annotations (Fixture *f, const void *unused)
{
  int64_t now = weft_clock_mono_ns ();
  WeftModelAnnotation first, second, third;
  WeftModel *model;

  say (f,
       "{\"e\": \"annotation\", \"t\": %" PRId64 ", \"message\": \"the second “half”\\nbegins\"}",
       now);
  say (f, "{\"e\": \"annotation\", \"t\": %" PRId64 ", \"message\": \"is full\", \"w\": \"a\"}",
       now - 5);
  flush (f);
  say (f, "{\"e\": \"annotation\", \"t\": %" PRId64 ", \"message\": \"odd\", \"k\": \"x-1\"}",
       now + 5);
  model = finish (f, WEFT_RUN_DONE);
  g_assert_cmpuint (weft_model_n_annotations (model), ==, 3);
  weft_model_annotation (model, 0, &first);
  g_assert_cmpstr (first.text, ==, "the second “half”\nbegins");
  g_assert_cmpuint (first.lane, ==, 0);
  g_assert_cmpuint (first.task, ==, WEFT_NONE);
  weft_model_annotation (model, 1, &second);
  g_assert_cmpstr (second.text, ==, "is full");
  g_assert_cmpuint (second.lane, ==, lane_named (model, "a"));
  g_assert_cmpint (second.at_ns, ==, first.at_ns - 5);
  weft_model_annotation (model, 2, &third);
  g_assert_cmpstr (third.text, ==, "odd");
  g_assert_cmpuint (third.task, ==, weft_model_find_key (model, "x-1"));
  g_assert_cmpint (third.end_ns, ==, first.at_ns + 5);
  weft_model_unref (model);
}

/* What is tried again has not failed. */
static void
test_again (Fixture *f, const void *unused)
{
  int64_t now = weft_clock_mono_ns ();
  WeftModelLane lane;
  WeftModel *model;

  say (f, "{\"e\": \"start\", \"k\": \"a\", \"w\": \"w\", \"t\": %" PRId64 "}", now);
  say (f,
       "{\"e\": \"fail\", \"k\": \"a\", \"t\": %" PRId64
       ", \"kind\": \"OSError\", \"again\": true}",
       now + 5);
  say (f, "{\"e\": \"task\", \"k\": \"a\", \"w\": \"w\", \"s\": %" PRId64 ", \"d\": 5}", now + 10);
  model = finish (f, WEFT_RUN_DONE);
  g_assert_cmpint (weft_model_task_state (model, weft_model_find_key (model, "a")), !=,
                   WEFT_TASK_ERRED);
  span_of (model, "a", &lane);
  g_assert_cmpuint (weft_spans_n (lane.spans), ==, 2);
  weft_model_unref (model);
}

/* A run begins with its report, however long the process has had its clock. */
static void
test_begins_with_the_report (Fixture *f, const void *unused)
{
  g_autofree char *path = g_build_filename (f->dir, "later.weft", NULL);
  int64_t before_ns = weft_clock_mono_ns (), start_ns;
  WeftModelLane lane;
  WeftModel *model;

  _weft_report_free (f->report);
  g_free (f->path);
  f->path = g_steal_pointer (&path);
  f->report = _weft_report_new (&(WeftReportOptions){ .path = f->path }, NULL);
  start_ns = weft_clock_mono_ns ();
  say (f, "{\"e\": \"task\", \"k\": \"a\", \"w\": \"w\", \"s\": %" G_GINT64_FORMAT ", \"d\": 5}",
       start_ns);
  model = finish (f, WEFT_RUN_DONE);
  g_assert_cmpint (span_of (model, "a", &lane)->start_ns, <=, start_ns - before_ns);
  weft_model_unref (model);
}

/* How long it took is what was told of it, not how long the telling took. */
static void
test_takes_what_was_told (Fixture *f, const void *unused)
{
  uint64_t start = (uint64_t) weft_clock_mono_ns () - 5000000000;
  int64_t begun_wall_ns, ended_wall_ns;
  WeftModelSnapshot snapshot;
  WeftModel *model;

  say (f, "{\"e\": \"task\", \"k\": \"a\", \"w\": \"w\", \"s\": %" PRIu64 ", \"d\": 5000}",
       start + 1000);
  say (f, "{\"e\": \"start\", \"k\": \"b\", \"w\": \"w\", \"t\": %" PRIu64 "}", start);
  say (f, "{\"e\": \"end\", \"k\": \"b\", \"t\": %" PRIu64 "}", start + 7000);
  if (unused != NULL) /* the first that is written is of before the report, so that is the begin */
    flush (f);
  model = finish (f, WEFT_RUN_DONE);
  weft_model_snapshot (model, &snapshot);
  g_assert_cmpint (weft_model_elapsed (&snapshot), ==, 7000);
  _weft_report_times (f->report, &begun_wall_ns, &ended_wall_ns);
  g_assert_cmpint (ended_wall_ns - begun_wall_ns, ==, 7000);
  g_assert_cmpint (ABS (g_get_real_time () * 1000 - 5000000000 - begun_wall_ns), <, 4000000000);
  weft_model_unref (model);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, func) \
  g_test_add ("/weft/server/report/" name, Fixture, NULL, set_up, func, tear_down)
  ADD ("tasks-in-any-order", test_tasks_in_any_order);
  ADD ("kept-for-readers", test_kept_for_readers);
  g_test_add ("/weft/server/report/kept-until-told", Fixture, KEEPS, set_up, test_kept_until_told,
              tear_down);
  ADD ("running-task-is-seen", test_running_task_is_seen);
  ADD ("failure", test_failure);
  ADD ("late-edge", test_late_edge);
  ADD ("cycle-loses-no-task", test_cycle_loses_no_task);
  for (int i = 0; i < 40; i++)
    {
      g_autofree char *path =
          g_strdup_printf ("/weft/server/report/only-circles-lose-inputs/%d", i);

      g_test_add (path, Fixture, NULL, set_up, test_only_circles_lose_inputs, tear_down);
    }
  ADD ("lost-worker", test_lost_worker);
  ADD ("seconds", test_seconds);
  ADD ("bad-lines", test_bad_lines);
  ADD ("long-names", test_long_names);
  ADD ("long-span", test_long_span);
  ADD ("takes-what-was-told", test_takes_what_was_told);
  g_test_add ("/weft/server/report/takes-what-was-told-in-pieces", Fixture, "", set_up,
              test_takes_what_was_told, tear_down);
  ADD ("begins-with-the-report", test_begins_with_the_report);
  ADD ("transfers", test_transfers);
  ADD ("place-known-late", test_place_known_late);
  ADD ("counters", test_counters);
  ADD ("large-counters", test_large_counters);
  ADD ("words", test_words);
  ADD ("annotations", test_annotations);
  ADD ("again", test_again);
  g_test_add_func ("/weft/server/report/file-that-cannot-be-made", test_file_that_cannot_be_made);
  return g_test_run ();
}
