/* test-span-words.c: all that is said of a span under the pointer, line by line, of real runs
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * What is expected is put together here from the graph and the records.
 */
#include "config.h"

#include "ui-inspect/inspect-fixture.h"

#include "canvas/number-format.h"
#include "timeline/task-stream-words.h"

#define N_SHORT 40
/* A shell counts: some 0.05 s of CPU time. */
#define RUN                                                                      \
  "{\"weftline\": 1, \"tasks\": {"                                               \
  "\"burn-1\": {\"op\": \"busy\", \"args\": [0.02, 1]}, "                        \
  "\"burn-2\": {\"op\": \"busy\", \"args\": [0.02, {\"ref\": \"burn-1\"}]}, "    \
  "\"burn-3\": {\"op\": \"busy\", \"args\": [0.02, {\"ref\": \"burn-2\"}]}, "    \
  "\"blob\": {\"op\": \"alloc\", \"args\": [3000000, 7]}, "                      \
  "\"flaky\": {\"op\": \"fail\", \"args\": [1, 40, \"once\"], \"retries\": 1}, " \
  "\"never\": {\"op\": \"fail\", \"args\": [9, 40, \"always\"]}, "               \
  "\"shell\": {\"op\": \"exec\", \"args\": [[\"sh\", \"-c\", "                   \
  "\"i=0; while [ $i -lt 40000 ]; do i=$((i+1)); done\"]], \"after\": [\"burn-3\", \"blob\"]}%s}}"

/* Whose span is looked at. */
typedef struct
{
  const Recorded *recorded;
  const WeftlineLinks *links;
  uint32_t lane;
  uint64_t index;
  const WeftSpan *span;
} Look;

static void
look_at_lane (Look *look, uint32_t lane, uint64_t index)
{
  WeftModelLane info;

  weft_model_lane (look->recorded->model, lane, &info);
  look->lane = lane;
  look->index = index;
  look->span = weft_spans_get (info.spans, index);
}

/* The last one of a task. */
static void
look_at_task (Look *look, const char *key)
{
  uint32_t task = weft_model_find_key (look->recorded->model, key), lane;
  uint64_t index;

  g_assert_true (weft_model_task_span (look->recorded->model, task, &lane, &index));
  look_at_lane (look, lane, index);
}

typedef bool (*SpanTest) (const Look *look);

/* The first one, in the order of lanes, for which that holds. */
static bool
look_for (Look *look, SpanTest test)
{
  WeftModelLane info;

  for (uint32_t lane = 0; lane < look->recorded->snapshot.n_lanes; lane++)
    {
      weft_model_lane (look->recorded->model, lane, &info);
      for (uint64_t i = 0; i < weft_spans_n (info.spans); i++)
        {
          look_at_lane (look, lane, i);
          if (test (look))
            return true;
        }
    }
  return false;
}

/* ---- what is expected ------------------------------------------------------------------------ */

static void expect (GPtrArray *lines, const char *format, ...) G_GNUC_PRINTF (2, 3);

static void
expect (GPtrArray *lines, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  g_ptr_array_add (lines, g_strdup_vprintf (format, arguments));
  va_end (arguments);
}

static int64_t
took_ns (const Look *look)
{
  return look->span->end_ns - look->span->start_ns;
}

static void
expect_head (GPtrArray *lines, const Look *look, const char *key, const char *end)
{
  g_autofree char *took = weftline_format_duration (took_ns (look));

  expect (lines, "%s", key);
  expect (lines, "ran %s, %s", took, end);
}

/* @last: (nullable): what it needs last */
static void
expect_wait (GPtrArray *lines, const Look *look, const char *last)
{
  const WeftModel *model = look->recorded->model;
  int64_t ready_ns = 0;
  g_autofree char *took = NULL;
  WeftModelLane info;
  uint32_t lane;

  if (last != NULL)
    ready_ns = last_span (look->recorded, weft_model_find_key (model, last), &lane)->end_ns;
  weft_model_lane (model, 0, &info);
  for (uint64_t i = 0; last == NULL && ready_ns == 0; i++)
    {
      const WeftSpan *span = weft_spans_get (info.spans, i);

      if (span->kind == WEFT_RECORD_RUN_STATE && span->how == WEFT_RUN_RUNNING)
        ready_ns = span->start_ns;
    }
  took = weftline_format_duration (look->span->start_ns - ready_ns);
  if (last != NULL)
    expect (lines, "waited %s after %s", took, last);
  else
    expect (lines, "waited %s from the run's start on", took);
}

static void
expect_place (GPtrArray *lines, const Look *look)
{
  g_autofree char *at = weftline_format_moment (look->span->start_ns, WEFTLINE_TIME_SINCE_START, 0);
  WeftModelLane info;

  weft_model_lane (look->recorded->model, look->lane, &info);
  expect (lines, "worker %u, from %s on", info.worker, at);
}

/* Of a task without programs. Returns: what it used, or -1 */
static int64_t
expect_cpu (GPtrArray *lines, const Look *look)
{
  g_autofree char *time = NULL;
  g_autofree char *share = NULL;
  uint64_t cpu_ns;

  if (!weft_model_span_detail (look->recorded->model, look->lane, look->index, WEFT_RECORD_TASK_CPU,
                               &cpu_ns))
    {
      expect (lines, took_ns (look) < 100000 ? "CPU: not known: shorter than 100\u00a0µs"
                                             : "CPU: not known: not measured from its start");
      return -1;
    }
  time = weftline_format_duration ((int64_t) cpu_ns);
  share = weftline_format_share ((double) cpu_ns / (double) took_ns (look));
  expect (lines, "CPU: %s, %s", time, share);
  return (int64_t) cpu_ns;
}

static void
expect_made (GPtrArray *lines, const Look *look)
{
  g_autofree char *bytes = weftline_format_bytes (look->span->amount, WEFTLINE_BYTES_DECIMAL);

  if (look->span->amount > 0)
    expect (lines, "%s made", bytes);
}

static void
expect_group (GPtrArray *lines, const char *name, int64_t sum_ns, unsigned n)
{
  g_autofree char *mean = weftline_format_duration (sum_ns / n);

  expect (lines, "%s: %s each on average", name, mean);
}

static void
expect_found (GPtrArray *lines, const Look *look)
{
  static const char *const words[] = { "next in the order", "straight after the task before",
                                       "had been passed", "stolen from another worker",
                                       "had been put back" };

  g_assert_cmpuint (look->span->how & 15, <, G_N_ELEMENTS (words));
  expect (lines, "%s", words[look->span->how & 15]);
}

/* Line by line. @lines: (transfer full) */
static void
assert_words (const Look *look, GPtrArray *lines)
{
  g_auto (GStrv) words = weftline_task_stream_span_words (
      look->recorded->model, &look->recorded->snapshot, look->links, look->lane, look->index,
      WEFTLINE_TIME_SINCE_START);

  for (guint i = 0; i < lines->len && words[i] != NULL; i++)
    g_assert_cmpstr (words[i], ==, lines->pdata[i]);
  g_assert_cmpuint (g_strv_length (words), ==, lines->len);
  g_ptr_array_unref (lines);
}

static GPtrArray *
begin_lines (void)
{
  return g_ptr_array_new_with_free_func (g_free);
}

/* ---- tests ----------------------------------------------------------------------------------- */

static char *
make_graph (void)
{
  g_autoptr (GString) more = g_string_new (NULL);

  for (unsigned i = 0; i < N_SHORT; i++)
    g_string_append_printf (more, ", \"short-%u\": {\"op\": \"add\", \"args\": [%u, 1]}", i, i);
  return g_strdup_printf (RUN, more->str);
}

/* The time of all spans of these tasks. */
static int64_t
sum_of (const Recorded *recorded, const char *prefix, unsigned n)
{
  int64_t sum_ns = 0;
  uint32_t lane;

  for (unsigned i = 1; i <= n; i++)
    {
      g_autofree char *key = g_strdup_printf ("%s-%u", prefix, i);
      const WeftSpan *span =
          last_span (recorded, weft_model_find_key (recorded->model, key), &lane);

      sum_ns += span->end_ns - span->start_ns;
    }
  return sum_ns;
}

/* They use what they are told to, if it was measured: of the first it may not be. */
static void
check_burns (Look *look)
{
  static const char *const after[] = { NULL, "burn-1", "burn-2" };
  static const char *const links[] = { "depends on 0, needed by 1", "depends on 1, needed by 1",
                                       "depends on 1, needed by 1" };
  unsigned n_known = 0;

  for (unsigned i = 0; i < 3; i++)
    {
      g_autofree char *key = g_strdup_printf ("burn-%u", i + 1);
      GPtrArray *lines = begin_lines ();
      int64_t cpu_ns;

      look_at_task (look, key);
      expect_head (lines, look, key, "done");
      expect_wait (lines, look, after[i]);
      expect_place (lines, look);
      cpu_ns = expect_cpu (lines, look);
      g_assert_true (cpu_ns == -1 || cpu_ns >= 19000000);
      n_known += cpu_ns >= 0;
      expect_made (lines, look);
      expect_group (lines, "burn", sum_of (look->recorded, "burn", 3), 3);
      expect_found (lines, look);
      expect (lines, "%s", links[i]);
      assert_words (look, lines);
    }
  g_assert_cmpuint (n_known, >, 0);
}

static void
check_blob (Look *look)
{
  GPtrArray *lines = begin_lines ();

  look_at_task (look, "blob");
  expect_head (lines, look, "blob", "done");
  expect_wait (lines, look, NULL);
  expect_place (lines, look);
  expect_cpu (lines, look);
  g_assert_cmpuint (look->span->amount, >=, 3000000);
  expect_made (lines, look);
  expect_group (lines, "blob", took_ns (look), 1);
  expect_found (lines, look);
  expect (lines, "depends on 0, needed by 1");
  assert_words (look, lines);
}

/* Programs are told apart from the thread that waits for them. */
static void
check_shell (Look *look)
{
  GPtrArray *lines = begin_lines ();
  g_autofree char *time = NULL;
  g_autofree char *share = NULL;
  g_autofree char *own = NULL;
  int64_t programs_ns = 0;
  uint64_t own_ns = 0;

  look_at_task (look, "shell");
  g_assert_true (weft_model_child_cpu (look->recorded->model, look->span->task, 1, &programs_ns));
  g_assert_cmpint (programs_ns, >, 5000000);
  g_assert_true (weft_model_span_detail (look->recorded->model, look->lane, look->index,
                                         WEFT_RECORD_TASK_CPU, &own_ns));
  g_assert_cmpuint (own_ns, <, (uint64_t) programs_ns);
  time = weftline_format_duration ((int64_t) own_ns + programs_ns);
  own = weftline_format_duration ((int64_t) own_ns);
  share =
      weftline_format_share ((double) ((int64_t) own_ns + programs_ns) / (double) took_ns (look));
  expect_head (lines, look, "shell", "done");
  expect_wait (lines, look, "burn-3");
  expect_place (lines, look);
  expect (lines, "CPU: %s, %s, with its programs (%s without)", time, share, own);
  expect_made (lines, look);
  expect_group (lines, "shell", took_ns (look), 1);
  expect_found (lines, look);
  expect (lines, "depends on 2, needed by 0");
  assert_words (look, lines);
}

static bool
is_retried (const Look *look)
{
  return look->span->kind == WEFT_RECORD_TASK && look->span->how >> 4 == WEFT_OUTCOME_RETRIED;
}

/* Each attempt says which it is. What came between belongs to neither: no wait is told. */
static void
check_attempts (Look *look)
{
  static const char *const ends[] = { "failed, tried again", "done" };
  int64_t sum_ns = 0;

  look_at_task (look, "flaky");
  sum_ns = took_ns (look);
  g_assert_true (look_for (look, is_retried));
  sum_ns += took_ns (look);
  for (unsigned i = 0; i < 2; i++)
    {
      GPtrArray *lines = begin_lines ();

      if (i == 1)
        look_at_task (look, "flaky");
      expect_head (lines, look, "flaky", ends[i]);
      expect_place (lines, look);
      expect_cpu (lines, look);
      expect_made (lines, look);
      expect_group (lines, "flaky", sum_ns, 1);
      expect (lines, "attempt %u of 2", i + 1);
      expect_found (lines, look);
      expect (lines, "depends on 0, needed by 0");
      assert_words (look, lines);
    }
}

static void
check_never (Look *look)
{
  GPtrArray *lines = begin_lines ();

  look_at_task (look, "never");
  expect_head (lines, look, "never", "failed");
  expect_wait (lines, look, NULL);
  expect_place (lines, look);
  expect_cpu (lines, look);
  expect (lines, "never: none has ended well");
  expect_found (lines, look);
  expect (lines, "depends on 0, needed by 0");
  assert_words (look, lines);
}

/* Too short to be measured: that is said, in the inspector too. */
static void
check_short (Look *look)
{
  unsigned n_short = 0;

  for (unsigned i = 0; i < N_SHORT; i++)
    {
      g_autofree char *key = g_strdup_printf ("short-%u", i);
      g_autoptr (GPtrArray) facts = facts_of (look->recorded, key);
      GPtrArray *lines = begin_lines ();

      look_at_task (look, key);
      expect_cpu (lines, look);
      g_assert_cmpstr (fact_text (facts, "CPU time"), ==,
                       (const char *) lines->pdata[0] + strlen ("CPU: "));
      n_short += took_ns (look) < 100000;
      g_ptr_array_unref (lines);
    }
  g_assert_cmpuint (n_short, >, 0);
}

static void
test_tasks (void)
{
  g_autofree char *json = make_graph ();
  g_autoptr (WeftlineLinks) links = NULL;
  Recorded recorded;
  Look look = { .recorded = &recorded };

  record_run (&recorded, json, 2);
  look.links = links = weftline_links_new (recorded.model, &recorded.snapshot);
  check_burns (&look);
  check_blob (&look);
  check_shell (&look);
  check_attempts (&look);
  check_never (&look);
  check_short (&look);
  recorded_clear (&recorded);
}

static bool
is_written (const Look *look)
{
  return look->span->kind == WEFT_RECORD_SPILL_WRITE;
}

static bool
is_read (const Look *look)
{
  return look->span->kind == WEFT_RECORD_SPILL_READ;
}

/* Results that went to disk and came back: whose, for how long, where, how large. */
static void
test_spills (void)
{
  g_autoptr (GString) json = g_string_new ("{\"weftline\": 1, \"tasks\": {");
  static const SpanTest tests[] = { is_written, is_read };
  static const char *const words[] = { "written to disk", "read from disk" };
  Recorded recorded;
  Look look = { .recorded = &recorded };

  for (unsigned i = 0; i < 8; i++)
    g_string_append_printf (json, "\"block-%u\": {\"op\": \"alloc\", \"args\": [1000000, 7]}, ", i);
  g_string_append (json, "\"all\": {\"op\": \"list\", \"args\": [");
  for (unsigned i = 0; i < 8; i++)
    g_string_append_printf (json, "%s{\"ref\": \"block-%u\"}", i > 0 ? ", " : "", i);
  g_string_append (json, "]}}}");
  begin_limited (&recorded, json->str, 1, 4000000);
  finish_run (&recorded);
  for (unsigned i = 0; i < G_N_ELEMENTS (tests); i++)
    {
      GPtrArray *lines = begin_lines ();
      g_autofree char *took = NULL;
      g_autofree char *bytes = NULL;

      g_assert_true (look_for (&look, tests[i]));
      g_assert_cmpuint (look.span->amount, >=, 1000000);
      took = weftline_format_duration (took_ns (&look));
      bytes = weftline_format_bytes (look.span->amount, WEFTLINE_BYTES_DECIMAL);
      expect (lines, "block-%u", look.span->task);
      expect (lines, "%s, %s", words[i], took);
      expect_place (lines, &look);
      expect (lines, "%s", bytes);
      assert_words (&look, lines);
    }
  recorded_clear (&recorded);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("ui-timeline", "span-words", "tasks", test_tasks);
  test_add ("ui-timeline", "span-words", "spills", test_spills);
  return g_test_run ();
}
