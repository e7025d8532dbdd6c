/* test-report-columns.c: packed events in columns say what the same events as lines say
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A run is made up and told three times: as lines, in columns where there are any, and now this
 * way, now that. The three files have the same lanes, graph and records, in the same order.
 */
#include "config.h"

#include "columns-fixture.h"
#include "model/model-fixture.h"
#include "server/weft-lines-private.h"

#define N_WORKERS 3
#define N_THREADS 3   /* of each; 0: not said */
#define MOST_TASKS 5u /* at once */
#define MOST_INPUTS 3u
#define WALL_SECONDS UINT64_C (1500000000)

typedef enum
{
  BY_LINES,
  BY_COLUMNS,
  BY_BOTH,
  N_FORMS,
} Form;

/* Somebody who reports, in one of the forms. */
typedef struct
{
  Form form;
  bool in_seconds; /* since 1970, a millionth for each of the story's moments */
  char *path;
  WeftReport *report;
  WeftReportPacked packed;
  GArray *numbers; /* uint32_t: by the story's task: the client's number, or WEFT_NONE */
  uint32_t worker; /* of the spans that wait */
  uint64_t thread;
  bool has_bytes;
  GArray *spans;   /* ColumnsSpan: waiting */
  GPtrArray *keys; /* char *: of their tasks */
} Reporter;

static Reporter *
reporter_new (const char *dir, Form form, bool in_seconds)
{
  Reporter *r = g_new0 (Reporter, 1);
  g_autofree char *name = g_strdup_printf ("%d.weft", form);
  g_autoptr (GError) error = NULL;

  r->form = form;
  r->in_seconds = in_seconds;
  r->path = g_build_filename (dir, name, NULL);
  r->report = _weft_report_new (
      &(WeftReportOptions){ .path = r->path,
                            .ahead_ns = in_seconds ? (int64_t) WALL_SECONDS * 1000000000 : 0 },
      &error);
  g_assert_no_error (error);
  _weft_report_packed_init (&r->packed, r->report);
  r->numbers = g_array_new (FALSE, FALSE, sizeof (uint32_t));
  r->spans = g_array_new (FALSE, FALSE, sizeof (ColumnsSpan));
  r->keys = g_ptr_array_new_with_free_func (g_free);
  return r;
}

static void
reporter_free (void *data)
{
  Reporter *r = data;

  g_array_unref (r->numbers);
  g_array_unref (r->spans);
  g_ptr_array_unref (r->keys);
  _weft_report_packed_clear (&r->packed);
  _weft_report_free (r->report);
  g_free (r->path);
  g_free (r);
}

static void
send_spans (Reporter *r)
{
  g_autofree char *worker = g_strdup_printf ("w%u", r->worker);

  const ColumnsSpan *spans = (const ColumnsSpan *) (void *) r->spans->data;
  const char *const *keys = (const char *const *) r->keys->pdata;
  uint32_t n = r->spans->len;

  if (n > 0 && g_test_rand_int_range (0, 2) == 0)
    columns_take (&r->packed, WEFT_WIRE_SPANS, r->has_bytes,
                  columns_spans (worker, r->thread, spans, n, r->has_bytes));
  else if (n > 0)
    columns_take (&r->packed, WEFT_WIRE_KEYED_SPANS, r->has_bytes,
                  columns_keyed_spans (worker, r->thread, spans, keys, n, r->has_bytes));
  g_array_set_size (r->spans, 0);
  g_ptr_array_set_size (r->keys, 0);
}

static void G_GNUC_PRINTF (2, 3) say (Reporter *r, const char *format, ...)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *line = NULL;
  va_list args;

  send_spans (r);
  va_start (args, format);
  line = g_strdup_vprintf (format, args);
  va_end (args);
  _weft_lines_take (r->report, &(WeftLinesClock){ r->in_seconds }, line, strlen (line), &error);
  g_assert_no_error (error);
}

static bool
as_line (const Reporter *r)
{
  return r->form == BY_LINES || (r->form == BY_BOTH && g_test_rand_int_range (0, 2));
}

/* ---- times ----------------------------------------------------------------------------------- */

/* A moment of the story or a duration, as the reporter's lines have it. */
static char *
as_text (const Reporter *r, uint64_t time, bool is_moment)
{
  if (!r->in_seconds)
    return g_strdup_printf ("%" G_GUINT64_FORMAT, time);
  return g_strdup_printf ("%" G_GUINT64_FORMAT ".%06u", is_moment ? WALL_SECONDS : 0, (guint) time);
}

/* What becomes of that, in nanoseconds of CLOCK_MONOTONIC. */
static uint64_t
as_ns (const Reporter *r, uint64_t time, bool is_moment)
{
  g_autofree char *text = as_text (r, time, is_moment);

  if (!r->in_seconds)
    return time;
  return (uint64_t) ((int64_t) (g_ascii_strtod (text, NULL) * 1e9)
                     - (is_moment ? r->report->ahead_ns : 0));
}

/* ---- tasks ----------------------------------------------------------------------------------- */

static uint32_t *
number (Reporter *r, uint32_t task)
{
  return &g_array_index (r->numbers, uint32_t, task);
}

/* So that all have numbers. Now and then one gets another, as its key is said again. */
static void
number_all (Reporter *r, const uint32_t *tasks, uint32_t n)
{
  g_autoptr (GPtrArray) keys = g_ptr_array_new_with_free_func (g_free);
  uint32_t first = r->packed.n_tasks, none = WEFT_NONE;

  for (uint32_t i = 0; i < n; i++)
    {
      while (r->numbers->len <= tasks[i])
        g_array_append_val (r->numbers, none);
      if (*number (r, tasks[i]) != WEFT_NONE && g_test_rand_int_range (0, 9))
        continue;
      *number (r, tasks[i]) = first + keys->len;
      g_ptr_array_add (keys, g_strdup_printf ("step-%u", tasks[i]));
    }
  columns_take (&r->packed, WEFT_WIRE_KEYS, 0,
                columns_keys (first, (const char *const *) keys->pdata, keys->len));
}

/* Tasks that follow one another, with what they read, and perhaps all of a group. */
typedef struct
{
  uint32_t first, n;
  uint32_t counts[MOST_TASKS];
  uint32_t inputs[MOST_TASKS * MOST_INPUTS]; /* of one after the other; n_inputs */
  uint32_t n_inputs;
  const char *group; /* (nullable) */
  bool wanted;
} Tasks;

static void
say_tasks (Reporter *r, const Tasks *tasks)
{
  const uint32_t *input = tasks->inputs;

  for (uint32_t i = 0; i < tasks->n; i++)
    {
      g_autoptr (GString) line = g_string_new (NULL);

      g_string_append_printf (line, "{\"e\":\"add\",\"k\":\"step-%u\"", tasks->first + i);
      for (uint32_t k = 0; k < tasks->counts[i]; k++)
        g_string_append_printf (line, "%s\"step-%u\"", k == 0 ? ",\"inputs\":[" : ",", *input++);
      if (tasks->counts[i] > 0)
        g_string_append_c (line, ']');
      if (tasks->group != NULL)
        g_string_append_printf (line, ",\"group\":\"%s\"", tasks->group);
      if (tasks->wanted)
        g_string_append (line, ",\"wanted\":true");
      say (r, "%s}", line->str);
    }
}

static void
tell_tasks (Reporter *r, const Tasks *tasks)
{
  uint32_t own[MOST_TASKS], inputs[MOST_TASKS * MOST_INPUTS], first;

  if (as_line (r))
    {
      say_tasks (r, tasks);
      return;
    }
  for (uint32_t i = 0; i < tasks->n; i++)
    own[i] = tasks->first + i;
  for (uint32_t i = 0; i < tasks->n_inputs; i++)
    if (tasks->inputs[i] < tasks->first)
      number_all (r, &tasks->inputs[i], 1);
  first = r->packed.n_tasks;
  number_all (r, own, tasks->n);
  for (uint32_t i = 0; i < tasks->n; i++)
    own[i] = *number (r, own[i]);
  for (uint32_t i = 0; i < tasks->n_inputs; i++)
    inputs[i] = *number (r, tasks->inputs[i]);
  columns_take (&r->packed, WEFT_WIRE_READS, 0,
                columns_reads (first, tasks->counts, tasks->n, inputs, tasks->n_inputs));
  if (tasks->group != NULL)
    columns_take (&r->packed, WEFT_WIRE_GROUP, 0, columns_group (tasks->group, own, tasks->n));
  if (tasks->wanted)
    columns_take (&r->packed, WEFT_WIRE_WANTED, 0, columns_wanted (own, tasks->n));
}

/* Of some that are known, some of them too late. */
static void
tell_group (Reporter *r, const char *group, const uint32_t *tasks, uint32_t n)
{
  uint32_t own[MOST_TASKS];

  if (as_line (r))
    {
      for (uint32_t i = 0; i < n; i++)
        say (r, "{\"e\":\"add\",\"k\":\"step-%u\",\"group\":\"%s\"}", tasks[i], group);
      return;
    }
  number_all (r, tasks, n);
  for (uint32_t i = 0; i < n; i++)
    own[i] = *number (r, tasks[i]);
  columns_take (&r->packed, WEFT_WIRE_GROUP, 0, columns_group (group, own, n));
}

/* ---- what happens ---------------------------------------------------------------------------- */

static void
say_span (Reporter *r, const ColumnsSpan *span, uint32_t worker, uint64_t thread, bool has_bytes)
{
  g_autofree char *start = as_text (r, span->start, true);
  g_autofree char *duration = as_text (r, span->end - span->start, false);
  g_autoptr (GString) rest = g_string_new (NULL);

  if (thread != 0 || g_test_rand_int_range (0, 2))
    g_string_append_printf (rest, ",\"h\":%u", (guint) thread);
  if (has_bytes)
    g_string_append_printf (rest, ",\"b\":%" G_GUINT64_FORMAT, span->n_bytes);
  say (r, "{\"e\":\"task\",\"k\":\"step-%u\",\"w\":\"w%u\",\"s\":%s,\"d\":%s%s}", span->task,
       worker, start, duration, rest->str);
}

static void
tell_span (Reporter *r, const ColumnsSpan *span, uint32_t worker, uint64_t thread, bool has_bytes)
{
  ColumnsSpan own = *span;

  if (as_line (r))
    {
      say_span (r, span, worker, thread, has_bytes);
      return;
    }
  if (worker != r->worker || thread != r->thread || has_bytes != r->has_bytes)
    send_spans (r);
  r->worker = worker;
  r->thread = thread;
  r->has_bytes = has_bytes;
  number_all (r, &span->task, 1);
  own.task = *number (r, span->task);
  own.start = as_ns (r, span->start, true);
  own.end = own.start + as_ns (r, span->end - span->start, false);
  g_array_append_val (r->spans, own);
  g_ptr_array_add (r->keys, g_strdup_printf ("step-%u", span->task));
  if (g_test_rand_int_range (0, 10) == 0)
    send_spans (r);
}

/* The same line in all forms. @what: its members but the time */
static void
tell_line (Reporter *r, const char *what, uint64_t time)
{
  g_autofree char *stamp = as_text (r, time, true);

  say (r, "{%s,\"t\":%s}", what, stamp);
}

static void
tell_flush (Reporter *r)
{
  g_autoptr (GError) error = NULL;

  send_spans (r);
  _weft_report_flush (r->report, &error);
  g_assert_no_error (error);
}

/* ---- a run that is made up ------------------------------------------------------------------- */

typedef struct
{
  GPtrArray *reporters;
  uint64_t clock;
  uint32_t n_tasks;
  uint32_t worker; /* of the last span */
  uint64_t thread;
} Story;

#define TELL(story, how, ...)                            \
  for (guint i_ = 0; i_ < (story)->reporters->len; i_++) \
  how ((story)->reporters->pdata[i_], __VA_ARGS__)

static const char *const groups[] = { "", "odd", "größer", "step", NULL };

static uint32_t
any_task (const Story *story)
{
  return (uint32_t) g_test_rand_int_range (0, (int) story->n_tasks);
}

static uint64_t
next_time (Story *story)
{
  story->clock += (uint64_t) g_test_rand_int_range (1, 50);
  return story->clock;
}

static void
happen_tasks (Story *story)
{
  Tasks tasks = { .first = story->n_tasks,
                  .n = (uint32_t) g_test_rand_int_range (1, MOST_TASKS + 1),
                  .group = groups[g_test_rand_int_range (0, G_N_ELEMENTS (groups))],
                  .wanted = g_test_rand_int_range (0, 3) == 0 };

  for (uint32_t i = 0; i < tasks.n; i++, story->n_tasks++)
    {
      if (story->n_tasks > 0)
        tasks.counts[i] = (uint32_t) g_test_rand_int_range (0, MOST_INPUTS + 1);
      for (uint32_t k = 0; k < tasks.counts[i]; k++)
        tasks.inputs[tasks.n_inputs++] = any_task (story);
    }
  TELL (story, tell_tasks, &tasks);
}

static void
happen_group (Story *story)
{
  uint32_t tasks[MOST_TASKS], n = (uint32_t) g_test_rand_int_range (1, MOST_TASKS + 1);
  const char *group = groups[g_test_rand_int_range (0, G_N_ELEMENTS (groups) - 1)];

  for (uint32_t i = 0; i < n; i++)
    tasks[i] = any_task (story);
  TELL (story, tell_group, group, tasks, n);
}

/* Mostly of the thread that the last one was of; it may overlap others of it. */
static void
happen_span (Story *story)
{
  uint64_t end = next_time (story), duration = (uint64_t) g_test_rand_int_range (0, 80);
  ColumnsSpan span = { .task = any_task (story),
                       .start = end - MIN (end, duration),
                       .end = end,
                       .n_bytes = (uint64_t) g_test_rand_int_range (0, INT32_MAX)
                                  << g_test_rand_int_range (0, 32) };
  bool has_bytes = g_test_rand_int_range (0, 4) > 0;

  if (g_test_rand_int_range (0, 5) == 0)
    {
      story->worker = (uint32_t) g_test_rand_int_range (0, N_WORKERS);
      story->thread = (uint64_t) g_test_rand_int_range (0, N_THREADS);
    }
  TELL (story, tell_span, &span, story->worker, story->thread, has_bytes);
}

static void
happen_start (Story *story)
{
  uint32_t worker = (uint32_t) g_test_rand_int_range (0, N_WORKERS);
  uint32_t thread = (uint32_t) g_test_rand_int_range (0, N_THREADS);
  g_autofree char *h = thread > 0 ? g_strdup_printf (",\"h\":%u", thread) : g_strdup ("");
  g_autofree char *what = g_strdup_printf ("\"e\":\"start\",\"k\":\"step-%u\",\"w\":\"w%u\"%s",
                                           any_task (story), worker, h);
  uint64_t time = next_time (story);

  TELL (story, tell_line, what, time);
}

static void
happen_line (Story *story)
{
  const char *const names[] = { "end", "fail", "ready", "release" };
  g_autofree char *what =
      g_strdup_printf ("\"e\":\"%s\",\"k\":\"step-%u\"",
                       names[g_test_rand_int_range (0, G_N_ELEMENTS (names))], any_task (story));
  uint64_t time = next_time (story);

  TELL (story, tell_line, what, time);
}

static void
happen_worker (Story *story)
{
  uint32_t worker = (uint32_t) g_test_rand_int_range (0, N_WORKERS);
  g_autofree char *gone = g_strdup_printf ("\"e\":\"gone\",\"w\":\"w%u\"", worker);
  uint64_t time = next_time (story);

  if (g_test_rand_int_range (0, 2))
    TELL (story, tell_line, gone, time);
  else
    TELL (story, say, "{\"e\":\"worker\",\"w\":\"w%u\",\"threads\":2}", worker);
}

static void
happen_flush (Story *story)
{
  for (guint i = 0; i < story->reporters->len; i++)
    tell_flush (story->reporters->pdata[i]);
}

static void
tell_story (Story *story, uint32_t n)
{
  void (*const happenings[]) (Story *) = { happen_tasks, happen_span, happen_span,  happen_span,
                                           happen_span,  happen_span, happen_span,  happen_start,
                                           happen_start, happen_line, happen_group, happen_worker,
                                           happen_flush };

  happen_tasks (story);
  for (uint32_t i = 0; i < n; i++)
    happenings[g_test_rand_int_range (0, G_N_ELEMENTS (happenings))](story);
  happen_span (story); /* so there is at least one */
  happen_flush (story);
}

/* ---- the same file --------------------------------------------------------------------------- */

static void
add_records (GByteArray *all, const WeftRecord *records, uint32_t n)
{
  for (uint32_t i = 0; i < n; i++)
    {
      WeftRecord record = records[i];

      /* of when it was heard, as is the run's begin where nothing was told before a flush */
      if (record.kind == WEFT_RECORD_LINK || record.kind == WEFT_RECORD_RUN_STATE)
        record.start = 0;
      add_bytes (all, &record, sizeof record);
    }
}

/* All that does not depend on when it was written. (transfer full) */
static GByteArray *
told_in (const char *path, uint32_t *n_spans)
{
  g_autoptr (GPtrArray) frames = read_frames (path);
  GByteArray *all = g_byte_array_new ();
  const WeftRecord *records;
  uint32_t n;

  *n_spans = 0;
  for (guint i = 0; i < frames->len; i++)
    {
      const WeftRunFrame *frame = frames->pdata[i];

      if (frame->head.kind == WEFT_FRAME_META || frame->head.kind == WEFT_FRAME_CLOCK)
        continue;
      add_u32 (all, frame->head.kind);
      add_u32 (all, frame->head.lane);
      if (!weft_run_frame_records (frame, NULL, &records, &n))
        add_bytes (all, frame->payload, frame->head.n_bytes);
      else
        add_records (all, records, n);
      for (uint32_t k = 0; frame->head.kind == WEFT_FRAME_RECORDS && k < n; k++)
        *n_spans += records[k].kind == WEFT_RECORD_TASK;
    }
  return all;
}

static void
check_twins (GPtrArray *reporters)
{
  const Reporter *r = reporters->pdata[BY_LINES];
  uint32_t n_spans;
  g_autoptr (GByteArray) expected = told_in (r->path, &n_spans);

  g_assert_cmpuint (n_spans, >, 0);
  for (guint i = BY_COLUMNS; i < N_FORMS; i++)
    {
      const Reporter *other = reporters->pdata[i];
      g_autoptr (GByteArray) told = told_in (other->path, &n_spans);
      WeftModel *model = model_of_file (other->path);

      g_assert_cmpmem (told->data, told->len, expected->data, expected->len);
      assert_counts (model);
      weft_model_unref (model);
    }
}

static void
test_twins (const void *in_seconds)
{
  for (uint32_t round = 0; round < 60 / test_slowdown (); round++)
    {
      g_autoptr (TestDir) dir = test_dir_new ();
      g_autoptr (GPtrArray) reporters = g_ptr_array_new_with_free_func (reporter_free);
      Story story = { .reporters = reporters };

      for (int form = BY_LINES; form < N_FORMS; form++)
        g_ptr_array_add (reporters, reporter_new (dir, (Form) form, in_seconds != NULL));
      tell_story (&story, 300);
      check_twins (reporters);
    }
}

/* ---- one by one ------------------------------------------------------------------------------ */

/* A message without spans says that there is the worker; one without tasks says nothing. */
static void
test_empty (void)
{
  g_autoptr (TestDir) dir = test_dir_new ();
  Reporter *r = reporter_new (dir, BY_COLUMNS, false);
  uint32_t n_lanes = r->report->lanes->len;

  columns_take (&r->packed, WEFT_WIRE_KEYS, 0, columns_keys (0, NULL, 0));
  columns_take (&r->packed, WEFT_WIRE_READS, 0, columns_reads (0, NULL, 0, NULL, 0));
  columns_take (&r->packed, WEFT_WIRE_GROUP, 0, columns_group ("group", NULL, 0));
  g_assert_cmpuint (r->report->lanes->len, ==, n_lanes);
  columns_take (&r->packed, WEFT_WIRE_SPANS, 0, columns_spans ("w", 7, NULL, 0, false));
  columns_take (&r->packed, WEFT_WIRE_SPANS, 1, columns_spans ("", INT64_MAX, NULL, 0, true));
  g_assert_cmpuint (r->report->lanes->len, ==, n_lanes + 2);
  tell_flush (r);
  reporter_free (r);
}

/* What is wanted stays, however few read it, until it is let go of; what is not goes. */
static void
test_wanted (void)
{
  const ColumnsSpan spans[] = { { 0, 100, 200, 1 }, { 1, 200, 300, 2 }, { 2, 300, 400, 4 } };
  const char *const keys[] = { "a", "b", "c" };
  const uint32_t wanted[] = { 1, 2 };

  for (int releases = 0; releases < 2; releases++)
    {
      g_autoptr (TestDir) dir = test_dir_new ();
      Reporter *r = reporter_new (dir, BY_COLUMNS, false);
      WeftModelSnapshot snapshot;
      WeftModel *model;

      columns_take (&r->packed, WEFT_WIRE_KEYS, 0, columns_keys (0, keys, 3));
      columns_take (&r->packed, WEFT_WIRE_WANTED, 0, columns_wanted (wanted, 2));
      columns_take (&r->packed, WEFT_WIRE_SPANS, 1, columns_spans ("w", 7, spans, 3, true));
      if (releases)
        say (r, "{\"e\":\"release\",\"k\":\"b\",\"t\":500}");
      tell_flush (r);
      model = model_of_file (r->path);
      weft_model_snapshot (model, &snapshot);
      g_assert_cmpuint (snapshot.n_states[WEFT_TASK_MEMORY], ==, releases ? 1 : 2);
      g_assert_cmpuint (snapshot.n_states[WEFT_TASK_RELEASED], ==, releases ? 2 : 1);
      weft_model_unref (model);
      reporter_free (r);
    }
}

/* As a line may have it: the longest there is, and the most bytes. */
static void
test_longest (void)
{
  const ColumnsSpan span = { 0, INT64_MAX - WEFT_REPORT_MOST_SPAN_NS, INT64_MAX, INT64_MAX };
  g_autoptr (TestDir) dir = test_dir_new ();
  Reporter *r = reporter_new (dir, BY_COLUMNS, false);
  uint32_t n_spans;

  columns_take (&r->packed, WEFT_WIRE_KEYS, 0, columns_keys (0, (const char *const[]){ "a" }, 1));
  columns_take (&r->packed, WEFT_WIRE_SPANS, 1, columns_spans ("w", 0, &span, 1, true));
  tell_flush (r);
  g_byte_array_unref (told_in (r->path, &n_spans));
  g_assert_cmpuint (n_spans, ==, 1 + (WEFT_REPORT_MOST_SPAN_NS - 1) / WEFT_RECORD_MAX_DURATION);
  reporter_free (r);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/weft/server/report-columns/twins", NULL, test_twins);
  g_test_add_data_func ("/weft/server/report-columns/twins-by-the-wall-clock", "", test_twins);
  test_add ("server", "report-columns", "empty", test_empty);
  test_add ("server", "report-columns", "longest", test_longest);
  test_add ("server", "report-columns", "wanted", test_wanted);
  return g_test_run ();
}
