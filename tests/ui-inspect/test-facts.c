/* test-facts.c: tests of what is said of a task, on real runs
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "inspect-fixture.h"

#include "canvas/number-format.h"

#include <math.h>
#include <string.h>

#define DIAMOND                                                                            \
  "{\"weftline\": 1, \"name\": \"diamond\", \"tasks\": {"                                  \
  "\"top\": {\"op\": \"sleep\", \"args\": [0.002, 7]},"                                    \
  "\"left\": {\"op\": \"add\", \"args\": [{\"ref\": \"top\"}, 1]},"                        \
  "\"right-1\": {\"op\": \"sleep\", \"args\": [0.01, {\"ref\": \"top\"}]},"                \
  "\"sum\": {\"op\": \"sum\", \"args\": [[{\"ref\": \"left\"}, {\"ref\": \"right-1\"}]], " \
  "\"kwargs\": {\"start\": 0.5}}}, \"outputs\": [\"sum\"]}"

/* What a stamp's text says, in ns; within what is rounded away. */
static void
assert_stamp (const char *text, int64_t ns)
{
  const char *unit = strstr (text, WEFTLINE_NO_BREAK_SPACE);
  double scale = strstr (unit, "µs") ? 1e3 : strstr (unit, "ms") ? 1e6 : 1e9;

  g_assert_nonnull (unit);
  g_assert_cmpfloat (fabs (g_ascii_strtod (text, NULL) * scale - (double) ns), <=, 1000);
}

static void
assert_duration (const char *text, int64_t ns)
{
  g_autofree char *expected = weftline_format_duration (ns);

  g_assert_cmpstr (text, ==, expected);
}

/* ---- a task among others --------------------------------------------------------------------- */

static void
test_identity (void)
{
  Recorded recorded;
  g_autoptr (GPtrArray) sum = NULL;
  g_autoptr (GPtrArray) right = NULL;
  g_autoptr (GPtrArray) top = NULL;

  record_run (&recorded, DIAMOND, 2);
  sum = facts_of (&recorded, "sum");
  right = facts_of (&recorded, "right-1");
  top = facts_of (&recorded, "top");
  g_assert_cmpstr (fact_text (sum, "Key"), ==, "sum");
  g_assert_cmpstr (fact_text (sum, "Operation"), ==, "sum([left, right-1], start=0.5)");
  g_assert_cmpstr (fact_text (sum, "State"), ==, "in memory");
  g_assert_cmpstr (fact_text (sum, "Order"), ==, "4 of 4");
  g_assert_cmpstr (fact_text (right, "Group"), ==, "right");
  g_assert_cmpstr (fact_text (right, "State"), ==, "released");
  g_assert_cmpstr (fact_text (right, "Operation"), ==, "sleep(0.01, top)");
  g_assert_cmpstr (fact_text (top, "Operation"), ==, "sleep(0.002, 7)");
  g_assert_cmpstr (fact_text (top, "Order"), ==, "1 of 4");
  g_assert_null (fact_at (top, "Error", 0));
  g_assert_null (fact_at (top, "Attempts", 0));
  recorded_clear (&recorded);
}

static void
test_links (void)
{
  Recorded recorded;
  g_autoptr (GPtrArray) sum = NULL;
  g_autoptr (GPtrArray) top = NULL;
  g_autofree char *inputs = NULL;
  g_autofree char *dependents = NULL;
  g_autofree char *of_source = NULL;
  g_autofree char *of_last = NULL;

  record_run (&recorded, DIAMOND, 2);
  sum = facts_of (&recorded, "sum");
  top = facts_of (&recorded, "top");
  inputs = links_under (sum, "Depends on");
  dependents = links_under (top, "Needed by");
  g_assert_cmpstr (inputs, ==, "left right-1");
  g_assert_cmpstr (fact_text (sum, "Depends on"), ==, "2 of 2");
  g_assert_true (g_str_equal (dependents, "left right-1")
                 || g_str_equal (dependents, "right-1 left"));
  of_source = links_under (top, "Depends on");
  of_last = links_under (sum, "Needed by");
  g_assert_null (of_source);
  g_assert_null (of_last);
  g_assert_cmpuint (fact_at (sum, "Needed last", 0)->task, ==,
                    weft_model_find_key (recorded.model, "right-1"));
  recorded_clear (&recorded);
}

/* When it was ready: the latest end of what it reads, by the graph; a source with the run. */
static void
test_times (void)
{
  static const char *const keys[] = { "left", "right-1", "sum" };
  Recorded recorded;
  g_autoptr (GPtrArray) top = NULL;

  record_run (&recorded, DIAMOND, 2);
  for (unsigned i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      g_autoptr (GPtrArray) facts = facts_of (&recorded, keys[i]);
      WeftGraph *graph = weft_model_graph (recorded.model, 0);
      const WeftGraphArrays *arrays = weft_graph_arrays (graph);
      uint32_t task = weft_model_find_key (recorded.model, keys[i]), lane, other;
      const WeftSpan *span = last_span (&recorded, task, &lane);
      g_autofree char *worker = NULL;
      int64_t ready_ns = 0;
      WeftModelLane info;

      for (uint32_t k = arrays->input_offsets[task]; k < arrays->input_offsets[task + 1]; k++)
        ready_ns = MAX (ready_ns, last_span (&recorded, arrays->input_tasks[k], &other)->end_ns);
      assert_stamp (fact_text (facts, "Ready"), ready_ns);
      assert_stamp (fact_text (facts, "Started"), span->start_ns);
      assert_stamp (fact_text (facts, "Ended"), span->end_ns);
      assert_duration (fact_text (facts, "Waited"), span->start_ns - ready_ns);
      assert_duration (fact_text (facts, "Took"), span->end_ns - span->start_ns);
      weft_model_lane (recorded.model, lane, &info);
      worker = g_strdup_printf ("worker %u", info.worker);
      g_assert_cmpstr (fact_text (facts, "Ran on"), ==, worker);
    }
  top = facts_of (&recorded, "top");
  g_assert_nonnull (fact_text (top, "Ready"));
  g_assert_null (fact_at (top, "Needed last", 0));
  g_assert_nonnull (fact_at (top, "Why it waited", 0));
  recorded_clear (&recorded);
}

/* One worker: what was ready last waits for all others, and the longest of them is named. */
static void
test_meanwhile (void)
{
  Recorded recorded;
  const char *last = NULL;

  record_run (&recorded,
              "{\"weftline\": 1, \"tasks\": {"
              "\"short\": {\"op\": \"sleep\", \"args\": [0.001, 1]},"
              "\"long\": {\"op\": \"sleep\", \"args\": [0.03, 1]},"
              "\"other\": {\"op\": \"sleep\", \"args\": [0.001, 1]}},"
              "\"outputs\": [\"short\", \"long\", \"other\"]}",
              1);
  for (unsigned i = 0; i < 3; i++)
    {
      static const char *const keys[] = { "short", "long", "other" };
      g_autoptr (GPtrArray) facts = facts_of (&recorded, keys[i]);
      const char *first = fact_text (facts, "Ran others first");

      g_assert_true (
          g_str_has_suffix (fact_text (facts, "Meanwhile"), fact_text (facts, "Ran on")));
      if (first == NULL || !g_str_has_prefix (first, "2 tasks, "))
        continue;
      last = keys[i];
      if (!g_str_equal (last, "long"))
        g_assert_cmpstr (fact_at (facts, "Longest of them", 0)->text, ==, "long");
    }
  g_assert_nonnull (last);
  recorded_clear (&recorded);
}

/* What became of results: by the records of spilling, and the ends of those who read them. */
static void
assert_spills (const Recorded *recorded, uint32_t task, const GPtrArray *facts, unsigned *n_spilled)
{
  int64_t written_ns = -1, read_ns = -1;

  for (uint32_t lane = 0; lane < recorded->snapshot.n_lanes; lane++)
    {
      WeftModelLane info;

      weft_model_lane (recorded->model, lane, &info);
      for (uint64_t i = 0; i < weft_spans_n (info.spans); i++)
        {
          const WeftSpan *span = weft_spans_get (info.spans, i);

          if (span->task == task && span->kind == WEFT_RECORD_SPILL_WRITE)
            written_ns = MAX (written_ns, span->end_ns);
          if (span->task == task && span->kind == WEFT_RECORD_SPILL_READ)
            read_ns = MAX (read_ns, span->end_ns);
        }
    }
  *n_spilled += written_ns >= 0;
  g_assert_cmpint (fact_text (facts, "Written to disk") != NULL, ==, written_ns >= 0);
  g_assert_cmpint (fact_text (facts, "Read back") != NULL, ==, read_ns >= 0);
  if (written_ns >= 0)
    assert_stamp (fact_text (facts, "Written to disk"), written_ns);
  if (read_ns >= 0)
    assert_stamp (fact_text (facts, "Read back"), read_ns);
}

static void
test_spilled (void)
{
  Recorded recorded;
  GString *json = g_string_new ("{\"weftline\": 1, \"tasks\": {");
  unsigned n_spilled = 0;
  uint32_t all, lane;

  for (unsigned i = 0; i < 8; i++)
    g_string_append_printf (json, "\"block-%u\": {\"op\": \"alloc\", \"args\": [1000000, %u]}, ", i,
                            i);
  g_string_append (json, "\"all\": {\"op\": \"alloc\", \"args\": [10, 0");
  for (unsigned i = 0; i < 8; i++)
    g_string_append_printf (json, ", {\"ref\": \"block-%u\"}", i);
  g_string_append (json, "]}}, \"outputs\": [\"all\"]}");
  begin_limited (&recorded, json->str, 1, 4000000);
  finish_run (&recorded);
  all = weft_model_find_key (recorded.model, "all");
  for (unsigned i = 0; i < 8; i++)
    {
      g_autofree char *key = g_strdup_printf ("block-%u", i);
      g_autoptr (GPtrArray) facts = facts_of (&recorded, key);

      assert_spills (&recorded, weft_model_find_key (recorded.model, key), facts, &n_spilled);
      assert_stamp (fact_text (facts, "Last read"), last_span (&recorded, all, &lane)->end_ns);
    }
  g_assert_cmpuint (n_spilled, >, 0);
  recorded_clear (&recorded);
  g_string_free (json, TRUE);
}

/* ---- attempts and errors --------------------------------------------------------------------- */

static void
test_attempts (void)
{
  Recorded recorded;
  g_autofree char *example = test_example_path ("07-retries.json");
  g_autofree char *json = test_file_read (example);
  g_autoptr (GPtrArray) facts = NULL;
  unsigned n_spans = 0;
  uint32_t task;

  record_run (&recorded, json, 2);
  facts = facts_of (&recorded, "flaky");
  task = weft_model_find_key (recorded.model, "flaky");
  g_assert_cmpstr (fact_text (facts, "Attempts"), ==, "3 of 3");
  g_assert_cmpstr (fact_text (facts, "Retries allowed"), ==, "3");
  for (uint32_t lane = 0; lane < recorded.snapshot.n_lanes; lane++)
    {
      WeftModelLane info;

      weft_model_lane (recorded.model, lane, &info);
      for (uint64_t i = 0; i < weft_spans_n (info.spans); i++)
        n_spans += weft_spans_get (info.spans, i)->kind == WEFT_RECORD_TASK
                   && weft_spans_get (info.spans, i)->task == task;
    }
  g_assert_cmpuint (n_spans, ==, 3);
  g_assert_true (g_str_has_prefix (fact_text (facts, "Attempt 1"), "failed, tried again: "));
  g_assert_true (g_str_has_prefix (fact_text (facts, "Attempt 2"), "failed, tried again: "));
  g_assert_true (g_str_has_prefix (fact_text (facts, "Attempt 3"), "done: "));
  g_assert_null (fact_at (facts, "Attempt 4", 0));
  g_assert_nonnull (fact_text (facts, "Held after attempt 1"));
  g_assert_nonnull (fact_text (facts, "Held after attempt 2"));
  g_assert_null (fact_text (facts, "Held after attempt 3"));
  g_assert_cmpstr (fact_text (facts, "Errors"), ==, "2 of 2");
  g_assert_cmpstr (fact_at (facts, "In attempt", 0)->text, ==, "2");
  g_assert_cmpstr (fact_at (facts, "In attempt", 1)->text, ==, "1");
  g_assert_cmpstr (fact_text (facts, "Message"), ==, "the first two attempts fail");
  g_assert_nonnull (fact_text (facts, "First started"));
  recorded_clear (&recorded);
}

static void
test_time_limit (void)
{
  Recorded recorded;
  g_autoptr (GPtrArray) facts = NULL;

  record_run (&recorded,
              "{\"weftline\": 1, \"tasks\": {\"slow\": {\"op\": \"sleep\", \"args\": [5, 1], "
              "\"timeout\": 0.02, \"retries\": 1, \"retry_delay\": 0.001}}, "
              "\"outputs\": [\"slow\"]}",
              2);
  facts = facts_of (&recorded, "slow");
  g_assert_cmpstr (fact_text (facts, "State"), ==, "erred");
  assert_duration (fact_text (facts, "Time limit"), 20000000);
  g_assert_cmpstr (fact_text (facts, "Attempts"), ==, "2 of 2");
  g_assert_true (g_str_has_prefix (fact_text (facts, "Attempt 1"), "timed out: "));
  g_assert_true (g_str_has_prefix (fact_text (facts, "Attempt 2"), "timed out: "));
  g_assert_true (g_str_has_prefix (fact_text (facts, "Ran on"), "worker "));
  g_assert_null (fact_text (facts, "Result"));
  recorded_clear (&recorded);
}

static void
test_failure (void)
{
  Recorded recorded;
  g_autoptr (GPtrArray) shout = NULL;
  g_autoptr (GPtrArray) after = NULL;
  g_autofree char *inputs = NULL;

  record_run (&recorded,
              "{\"weftline\": 1, \"tasks\": {"
              "\"shout\": {\"op\": \"exec\", \"args\": [[\"sh\", \"-c\", \"echo one; echo two >&2; "
              "exit 3\"]]},"
              "\"uses\": {\"op\": \"len\", \"args\": [{\"ref\": \"shout\"}]},"
              "\"uses-too\": {\"op\": \"neg\", \"args\": [{\"ref\": \"uses\"}]}},"
              "\"outputs\": [\"uses-too\"]}",
              2);
  shout = facts_of (&recorded, "shout");
  after = facts_of (&recorded, "uses-too");
  g_assert_cmpstr (fact_text (shout, "State"), ==, "erred");
  g_assert_cmpstr (fact_text (shout, "Kind"), ==, "exit status");
  g_assert_nonnull (strstr (fact_text (shout, "Message"), "exit status 3"));
  g_assert_cmpint (fact_at (shout, "Output", 0)->kind, ==, WEFTLINE_FACT_OUTPUT);
  g_assert_nonnull (strstr (fact_text (shout, "Output"), "one"));
  g_assert_nonnull (strstr (fact_text (shout, "Output"), "two"));
  g_assert_null (fact_text (shout, "Result"));
  g_assert_cmpstr (fact_text (after, "State"), ==, "erred");
  g_assert_cmpstr (fact_at (after, "Because this failed", 0)->text, ==, "shout");
  g_assert_null (fact_text (after, "Times"));
  g_assert_null (fact_text (after, "Error"));
  inputs = links_under (after, "Depends on");
  g_assert_cmpstr (inputs, ==, "uses");
  recorded_clear (&recorded);
}

/* What a task printed is there when it did well too; only the end of much. */
static void
test_output (void)
{
  Recorded recorded;
  g_autoptr (GPtrArray) facts = NULL;
  const WeftlineFact *heading, *output = NULL;

  record_run (&recorded,
              "{\"weftline\": 1, \"tasks\": {\"talk\": {\"op\": \"exec\", \"args\": [[\"sh\", "
              "\"-c\", \"i=0; while [ $i -lt 2000 ]; do echo line $i >&2; i=$((i+1)); done\"]]}},"
              "\"outputs\": [\"talk\"]}",
              1);
  facts = facts_of (&recorded, "talk");
  heading = fact_at (facts, "Wrote", 0);
  g_assert_nonnull (heading);
  for (guint i = 0; i < facts->len; i++)
    if (((const WeftlineFact *) facts->pdata[i])->kind == WEFTLINE_FACT_OUTPUT)
      output = facts->pdata[i];
  g_assert_nonnull (output);
  g_assert_true (g_str_has_prefix (output->text, "…\nline "));
  g_assert_true (g_str_has_suffix (output->text, "\nline 1999"));
  g_assert_cmpuint (strlen (output->text), <=, WEFTLINE_FACTS_MAX_OUTPUT + 8);
  recorded_clear (&recorded);
}

static void
test_cancelled (void)
{
  Recorded recorded;
  g_autoptr (GPtrArray) first = NULL;
  g_autoptr (GPtrArray) second = NULL;
  WeftRunProgress progress;

  begin_run (&recorded,
             "{\"weftline\": 1, \"tasks\": {\"first\": {\"op\": \"sleep\", \"args\": [30, 1]}, "
             "\"second\": {\"op\": \"neg\", \"args\": [{\"ref\": \"first\"}]}}, "
             "\"outputs\": [\"second\"]}",
             1);
  do
    weft_run_progress (recorded.run, &progress);
  while (progress.n_running == 0);
  weft_run_cancel (recorded.run);
  finish_run (&recorded);
  first = facts_of (&recorded, "first");
  second = facts_of (&recorded, "second");
  g_assert_cmpstr (fact_text (first, "State"), ==, "cancelled");
  g_assert_cmpstr (fact_text (second, "State"), ==, "cancelled");
  g_assert_nonnull (fact_text (first, "Started"));
  g_assert_null (fact_text (first, "Result"));
  g_assert_null (fact_text (second, "Started"));
  g_assert_cmpstr (fact_at (second, "Because this was cancelled", 0)->text, ==, "first");
  recorded_clear (&recorded);
}

/* ---- while it runs --------------------------------------------------------------------------- */

typedef struct
{
  GMutex lock;
  GCond changed;
  unsigned n_changes;
} Watch;

static void
changed_cb (WeftModelFeed *feed G_GNUC_UNUSED, void *data)
{
  Watch *watch = data;

  g_mutex_lock (&watch->lock);
  watch->n_changes++;
  g_cond_signal (&watch->changed);
  g_mutex_unlock (&watch->lock);
}

static bool
runs (Recorded *recorded, const char *key)
{
  uint32_t task = weft_model_find_key (recorded->model, key);
  WeftModelNow now;

  weft_model_snapshot (recorded->model, &recorded->snapshot);
  for (uint32_t lane = 0; task != WEFT_NONE && lane < recorded->snapshot.n_lanes; lane++)
    if (weft_model_now (recorded->model, lane, &now) && now.task == task)
      return true;
  return false;
}

static void
test_running (void)
{
  Recorded recorded;
  Watch watch = { .n_changes = 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) first = NULL;
  g_autoptr (GPtrArray) second = NULL;
  g_autofree char *missing = NULL;
  WeftModelFeed *feed;

  g_mutex_init (&watch.lock);
  g_cond_init (&watch.changed);
  begin_run (&recorded,
             "{\"weftline\": 1, \"tasks\": {\"first\": {\"op\": \"sleep\", \"args\": [30, 1]}, "
             "\"second\": {\"op\": \"neg\", \"args\": [{\"ref\": \"first\"}]}}, "
             "\"outputs\": [\"second\"]}",
             1);
  recorded.model = weft_model_new ();
  feed = weft_model_feed_new (recorded.model, recorded.path, -1, changed_cb, &watch, &error);
  g_assert_no_error (error);
  g_mutex_lock (&watch.lock);
  for (unsigned seen = 0; !runs (&recorded, "first"); seen = watch.n_changes)
    while (watch.n_changes == seen)
      g_cond_wait (&watch.changed, &watch.lock);
  g_mutex_unlock (&watch.lock);
  first = facts_of (&recorded, "first");
  second = facts_of (&recorded, "second");
  g_assert_cmpstr (fact_text (first, "State"), ==, "running");
  g_assert_nonnull (fact_text (first, "Running for"));
  g_assert_nonnull (fact_text (first, "Started"));
  g_assert_null (fact_text (first, "Ended"));
  g_assert_cmpstr (fact_text (second, "State"), ==, "waiting");
  g_assert_cmpstr (fact_text (second, "Waits for"), ==, "1 of 1");
  missing = links_under (second, "Waits for");
  g_assert_cmpstr (missing, ==, "first");
  g_assert_null (fact_text (second, "Ready"));
  weft_run_cancel (recorded.run);
  weft_run_wait (recorded.run, -1);
  weft_model_feed_free (feed);
  recorded_clear (&recorded);
  g_mutex_clear (&watch.lock);
  g_cond_clear (&watch.changed);
}

/* ---- properties ------------------------------------------------------------------------------ */

/* Layers of tasks that read some of the layer before, each perhaps twice. (transfer full) */
static char *
random_json (unsigned n_layers, unsigned width)
{
  GString *json = g_string_new ("{\"weftline\": 1, \"tasks\": {");

  for (unsigned layer = 0; layer < n_layers; layer++)
    for (unsigned i = 0; i < width; i++)
      {
        unsigned n_inputs = layer > 0 ? (unsigned) g_test_rand_int_range (0, 5) : 0;

        g_string_append_printf (json, "%s\"t%u-%u\": {\"op\": \"list\", \"args\": [",
                                layer + i > 0 ? ", " : "", layer, i);
        for (unsigned k = 0; k < n_inputs; k++)
          g_string_append_printf (json, "%s{\"ref\": \"t%u-%d\"}", k > 0 ? ", " : "", layer - 1,
                                  g_test_rand_int_range (0, (gint32) width));
        g_string_append (json, "]}");
      }
  g_string_append_printf (json, "}, \"outputs\": [\"t%u-0\"]}", n_layers - 1);
  return g_string_free (json, FALSE);
}

static GHashTable *
links_of (const GPtrArray *facts, const char *title, guint *n)
{
  GHashTable *links = g_hash_table_new (NULL, NULL);
  bool under = false;

  *n = 0;
  for (guint i = 0; i < facts->len; i++)
    {
      const WeftlineFact *fact = facts->pdata[i];

      if (fact->kind == WEFTLINE_FACT_HEADING)
        under = g_str_equal (fact->title, title);
      else if (under && *fact->title == '\0')
        {
          g_hash_table_add (links, GUINT_TO_POINTER (fact->task + 1));
          (*n)++;
        }
    }
  return links;
}

/* A link is in one task's list if and only if the other way round in the other's. */
static void
assert_mutual (GPtrArray *all)
{
  for (guint task = 0; task < all->len; task++)
    {
      guint n;
      g_autoptr (GHashTable) inputs = links_of (all->pdata[task], "Depends on", &n);
      GHashTableIter iter;
      void *input;

      g_assert_cmpuint (g_hash_table_size (inputs), ==, n);
      g_hash_table_iter_init (&iter, inputs);
      while (g_hash_table_iter_next (&iter, &input, NULL))
        {
          guint n_back;
          g_autoptr (GHashTable) back =
              links_of (all->pdata[GPOINTER_TO_UINT (input) - 1], "Needed by", &n_back);

          g_assert_true (g_hash_table_contains (back, GUINT_TO_POINTER (task + 1)));
          g_assert_cmpuint (g_hash_table_size (back), ==, n_back);
        }
    }
}

static void
assert_rows (const GPtrArray *facts)
{
  for (guint i = 0; i < facts->len; i++)
    {
      const WeftlineFact *fact = facts->pdata[i];

      g_assert_nonnull (fact->text);
      g_assert_true (g_utf8_validate (fact->text, -1, NULL));
      if (fact->kind != WEFTLINE_FACT_HEADING)
        g_assert_cmpstr (fact->text, !=, "");
    }
  g_assert_true (weftline_facts_have_same_form (facts, facts));
}

static void
test_properties (void)
{
  Recorded recorded;
  g_autofree char *json = random_json (6, 20);
  g_autoptr (GPtrArray) all = g_ptr_array_new_with_free_func ((GDestroyNotify) g_ptr_array_unref);

  record_run (&recorded, json, 2);
  for (uint32_t task = 0; task < recorded.snapshot.n_tasks; task++)
    {
      GPtrArray *facts = weftline_inspect_facts (recorded.model, &recorded.snapshot, NULL,
                                                 WEFTLINE_TIME_SINCE_START, task);

      g_ptr_array_add (all, facts);
      assert_rows (facts);
    }
  assert_mutual (all);
  if (all->len > 1)
    g_assert_false (weftline_facts_have_same_form (all->pdata[0], all->pdata[all->len - 1]));
  recorded_clear (&recorded);
}

/* Stamps are of the day where the user wants that; how long things took is not. */
static void
test_clock (void)
{
  static const char *const stamps[] = { "Ready", "Started", "Ended" };
  Recorded recorded;
  g_autofree char *json = random_json (2, 4);

  record_run (&recorded, json, 1);
  for (uint32_t task = 0; task < recorded.snapshot.n_tasks; task++)
    {
      g_autoptr (GPtrArray) since = weftline_inspect_facts (recorded.model, &recorded.snapshot,
                                                            NULL, WEFTLINE_TIME_SINCE_START, task);
      g_autoptr (GPtrArray) of_day = weftline_inspect_facts (recorded.model, &recorded.snapshot,
                                                             NULL, WEFTLINE_TIME_OF_DAY, task);

      for (unsigned i = 0; i < G_N_ELEMENTS (stamps); i++)
        {
          g_test_message ("%s %s %s", stamps[i], fact_text (since, stamps[i]),
                          fact_text (of_day, stamps[i]));
          if (fact_text (since, stamps[i]) == NULL)
            continue;
          g_assert_null (strchr (fact_text (since, stamps[i]), ':'));
          g_assert_true (g_regex_match_simple ("^\\d\\d:\\d\\d:\\d\\d\\.\\d{6}$",
                                               fact_text (of_day, stamps[i]), 0, 0));
        }
      g_assert_nonnull (fact_text (since, "Started"));
      g_assert_cmpstr (fact_text (since, "Took"), ==, fact_text (of_day, "Took"));
    }
  recorded_clear (&recorded);
}

static void
test_many (void)
{
  Recorded recorded;
  GString *json = g_string_new ("{\"weftline\": 1, \"tasks\": {\"top\": {\"op\": \"const\", "
                                "\"args\": [1]}");
  GString *refs = g_string_new (NULL);
  g_autoptr (GPtrArray) top = NULL;
  g_autoptr (GPtrArray) all = NULL;
  const char *call;
  guint n;

  for (unsigned i = 0; i < 500; i++)
    {
      g_string_append_printf (json,
                              ", \"inc-%u\": {\"op\": \"add\", \"args\": [{\"ref\": "
                              "\"top\"}, %u]}",
                              i, i);
      g_string_append_printf (refs, "%s{\"ref\": \"inc-%u\"}", i > 0 ? ", " : "", i);
    }
  g_string_append_printf (json,
                          ", \"all\": {\"op\": \"sum\", \"args\": [[%s]]}}, \"outputs\": "
                          "[\"all\"]}",
                          refs->str);
  record_run (&recorded, json->str, 2);
  top = facts_of (&recorded, "top");
  all = facts_of (&recorded, "all");
  g_assert_cmpstr (fact_text (top, "Needed by"), ==, "30 of 500");
  g_assert_cmpstr (fact_text (all, "Depends on"), ==, "30 of 500");
  g_hash_table_unref (links_of (top, "Needed by", &n));
  g_assert_cmpuint (n, ==, WEFTLINE_FACTS_MAX_LINKS);
  call = fact_text (all, "Operation");
  g_assert_cmpuint (strlen (call), <, 450);
  g_assert_nonnull (strstr (call, "…"));
  recorded_clear (&recorded);
  g_string_free (json, TRUE);
  g_string_free (refs, TRUE);
}

/* A number without a unit is read from left to right in any window: its sign stays before it. */
static void
test_sign (void)
{
  Recorded recorded;
  g_autoptr (GPtrArray) facts = NULL;

  record_run (&recorded,
              "{\"weftline\": 1, \"tasks\": {\"top\": {\"op\": \"const\", \"args\": [1], "
              "\"priority\": -3}}, \"outputs\": [\"top\"]}",
              1);
  facts = facts_of (&recorded, "top");
  g_assert_cmpstr (fact_text (facts, "Priority"), ==, WEFTLINE_LEFT_TO_RIGHT "-3");
  recorded_clear (&recorded);
}

/* ---- an operation as text -------------------------------------------------------------------- */

static void
assert_call (const char *arguments, const char *expected)
{
  g_autofree char *json = g_strdup_printf (
      "{\"weftline\": 1, \"tasks\": {\"a-1\": {\"op\": \"const\", \"args\": [1]}, \"b\": {\"op\": "
      "\"list\", %s}}, \"outputs\": [\"b\"]}",
      arguments);
  WeftGraph *graph = parse_graph (json);
  g_autofree char *text = weftline_inspect_call_text (graph, weft_graph_find (graph, "b", -1), 200);

  g_assert_cmpstr (text, ==, expected);
  weft_graph_unref (graph);
}

static void
test_calls (void)
{
  assert_call ("\"args\": []", "list()");
  assert_call ("\"args\": [1, -2.5, true, null, 0.1]", "list(1, -2.5, true, null, 0.1)");
  assert_call ("\"args\": [\"a \\\"b\\\"\\n\"]", "list(\"a \\\"b\\\"\\n\")");
  assert_call ("\"args\": [[1, [2, \"x\"]], {\"k\": [3], \"l\": {}}]",
               "list([1, [2, \"x\"]], {\"k\": [3], \"l\": {}})");
  assert_call ("\"args\": [{\"ref\": \"a-1\"}, [{\"ref\": \"a-1\"}]]", "list(a-1, [a-1])");
}

/* Strings are cut between characters. */
static void
test_long_string (void)
{
  GString *arguments = g_string_new ("\"args\": [\"x");
  GString *expected = g_string_new ("list(\"x");

  for (unsigned i = 0; i < 60; i++)
    g_string_append (arguments, "ä");
  for (unsigned i = 0; i < 39; i++)
    g_string_append (expected, "ä");
  g_string_append (arguments, "\"]");
  g_string_append (expected, "…\")");
  assert_call (arguments->str, expected->str);
  g_string_free (arguments, TRUE);
  g_string_free (expected, TRUE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("ui-inspect", "facts", "identity", test_identity);
  test_add ("ui-inspect", "facts", "links", test_links);
  test_add ("ui-inspect", "facts", "times", test_times);
  test_add ("ui-inspect", "facts", "meanwhile", test_meanwhile);
  test_add ("ui-inspect", "facts", "spilled", test_spilled);
  test_add ("ui-inspect", "facts", "attempts", test_attempts);
  test_add ("ui-inspect", "facts", "time-limit", test_time_limit);
  test_add ("ui-inspect", "facts", "failure", test_failure);
  test_add ("ui-inspect", "facts", "output", test_output);
  test_add ("ui-inspect", "facts", "cancelled", test_cancelled);
  test_add ("ui-inspect", "facts", "running", test_running);
  test_add ("ui-inspect", "facts", "properties", test_properties);
  test_add ("ui-inspect", "facts", "clock", test_clock);
  test_add ("ui-inspect", "facts", "many", test_many);
  test_add ("ui-inspect", "facts", "sign", test_sign);
  test_add ("ui-inspect", "facts", "calls", test_calls);
  test_add ("ui-inspect", "facts", "long-string", test_long_string);
  return g_test_run ();
}
