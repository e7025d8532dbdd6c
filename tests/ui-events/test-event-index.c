/* test-event-index.c: tests of what happened in a run, in order, and in words
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "../ui-inspect/inspect-fixture.h"

#include "canvas/number-format.h"
#include "events/event-list.h"

#include <string.h>

#define EVERYTHING UINT64_MAX

/* All events of a kind as text, a line each; with all kinds: -1. */
static char *
lines (WeftlineEventIndex *index, const WeftModel *model, int kind)
{
  GString *text = g_string_new (NULL);

  for (uint32_t i = 0; i < weftline_event_index_n_shown (index); i++)
    {
      const WeftlineEvent *event = weftline_event_index_get (index, i);
      g_autofree char *line = weftline_event_dup_text (model, event);

      if (kind < 0 || (int) event->kind == kind)
        g_string_append_printf (text, "%s\n", line);
    }
  return g_string_free (text, FALSE);
}

static const char failing[] =
    "{\"weftline\": 1, \"tasks\": {"
    "\"a\": {\"op\": \"const\", \"args\": [4]},"
    "\"bad\": {\"op\": \"fail\", \"args\": [null, null, \"broken thread\\nsecond line\"]},"
    "\"again\": {\"op\": \"fail\", \"retries\": 2, \"retry_delay\": 0.001,"
    " \"args\": [null, null, \"knot\"]}}}";

static void
test_words (void)
{
  Recorded recorded;
  WeftlineEventIndex *index;
  g_autofree char *errors = NULL;
  g_autofree char *retries = NULL;
  g_autofree char *states = NULL;
  g_autofree char *settings = NULL;
  g_autofree char *everything = NULL;

  record_run (&recorded, failing, 1);
  index = weftline_event_index_new (recorded.model);
  g_assert_false (weftline_event_index_update (index, recorded.snapshot.n_lanes, EVERYTHING));
  errors = lines (index, recorded.model, WEFTLINE_EVENT_ERROR);
  g_assert_nonnull (strstr (errors, "bad failed: "));
  g_assert_nonnull (strstr (errors, "broken thread\n"));
  g_assert_null (strstr (errors, "second line"));
  retries = lines (index, recorded.model, WEFTLINE_EVENT_RETRY);
  g_assert_cmpstr (retries, ==, "again will be tried again\nagain will be tried again\n");
  everything = lines (index, recorded.model, -1);
  g_assert_nonnull (strstr (everything, "knot\nagain will be tried again\n"));
  states = lines (index, recorded.model, WEFTLINE_EVENT_RUN);
  g_assert_true (g_str_has_suffix (states, "the run goes on\nthe run has failed\n"));
  settings = lines (index, recorded.model, WEFTLINE_EVENT_SETTING);
  g_assert_nonnull (strstr (settings, "workers: 1\n"));
  g_assert_nonnull (strstr (settings, "memory limit: none\n"));
  g_assert_nonnull (strstr (settings, "after an error: go on\n"));
  weftline_event_index_free (index);
  recorded_clear (&recorded);
}

static const char two[] = "{\"weftline\": 1, \"tasks\": {"
                          "\"a\": {\"op\": \"const\", \"args\": [4]},"
                          "\"b\": {\"op\": \"neg\", \"args\": [{\"ref\": \"a\"}]}}}";

/* What the user did stands there, too. */
static void
test_control (void)
{
  Recorded recorded;
  WeftlineEventIndex *index;
  g_autofree char *breaks = NULL;
  g_autofree char *settings = NULL;
  WeftGraph *graph = parse_graph (two);
  WeftEngineOptions engine_options = { .n_workers = 1 };
  WeftRunOptions options = { .records = true, .start_paused = true };

  recorded = (Recorded){ .dir = test_dir_new () };
  recorded.path = g_build_filename (recorded.dir, "run.weft", NULL);
  options.recorder.path = recorded.path;
  recorded.registry = engine_options.registry = weft_op_registry_new ();
  recorded.engine = weft_engine_new (&engine_options, NULL);
  recorded.run = weft_run_new (recorded.engine, graph, &options, NULL);
  weft_graph_unref (graph);
  weft_run_start (recorded.run);
  g_assert_true (weft_run_step (recorded.run));
  g_assert_true (weft_run_break_at_key (recorded.run, "b"));
  weft_run_set_slow_motion (recorded.run, 2000000);
  weft_run_set_memory_limit (recorded.run, 5000000);
  weft_run_resume (recorded.run);
  test_loop_until (weft_run_phase (recorded.run) == WEFT_RUN_PAUSED);
  weft_run_resume (recorded.run);
  finish_run (&recorded);
  index = weftline_event_index_new (recorded.model);
  weftline_event_index_update (index, recorded.snapshot.n_lanes, EVERYTHING);
  breaks = lines (index, recorded.model, WEFTLINE_EVENT_BREAK);
  g_assert_cmpstr (breaks, ==, "step: a\nbreakpoint hit at b\n");
  settings = lines (index, recorded.model, WEFTLINE_EVENT_SETTING);
  g_assert_nonnull (strstr (settings, "breakpoint at task b\n"));
  g_assert_nonnull (
      strstr (settings, "slow motion: 2.00" WEFTLINE_NO_BREAK_SPACE "ms before each start\n"));
  g_assert_nonnull (strstr (settings, "memory limit: 5.00" WEFTLINE_NO_BREAK_SPACE "MB\n"));
  weftline_event_index_free (index);
  recorded_clear (&recorded);
}

/* ---- order ----------------------------------------------------------------------------------- */

/* Many tasks whose attempts fail, on several workers. */
static void
record_many (Recorded *recorded)
{
  GString *text = g_string_new ("{\"weftline\": 1, \"tasks\": {\"a\": {\"op\": \"const\", "
                                "\"args\": [1]}");

  for (int i = 0; i < 300; i++)
    g_string_append_printf (text,
                            ",\"x-%d\": {\"op\": \"%s\", \"retries\": 1, \"retry_delay\": 0.0001}",
                            i, i % 3 == 0 ? "fail" : "list");
  g_string_append (text, "}}");
  record_run (recorded, text->str, 4);
  g_string_free (text, TRUE);
}

static void
assert_ordered (WeftlineEventIndex *index, uint32_t kinds)
{
  int64_t before = INT64_MIN;

  for (uint32_t i = 0; i < weftline_event_index_n_shown (index); i++)
    {
      const WeftlineEvent *event = weftline_event_index_get (index, i);

      g_assert_cmpint (event->at_ns, >=, before);
      g_assert_true (kinds & 1u << event->kind);
      before = event->at_ns;
    }
}

static uint32_t
count_stolen (const Recorded *recorded)
{
  WeftModelLane lane;
  uint32_t n = 0;

  for (uint32_t i = 0; i < recorded->snapshot.n_lanes; i++)
    {
      weft_model_lane (recorded->model, i, &lane);
      for (uint64_t k = 0; k < weft_spans_n (lane.spans); k++)
        {
          const WeftSpan *span = weft_spans_get (lane.spans, k);

          n += span->kind == WEFT_RECORD_TASK && (span->how & 15) == WEFT_HOW_STOLEN
               && span->how >> 4 != WEFT_OUTCOME_RETRIED;
        }
    }
  return n;
}

/* One task makes all others ready on its worker, which sleeps in one of them, while others take the
 * next. */
static void
test_steals (void)
{
  Recorded recorded;
  WeftlineEventIndex *index;
  GString *text = g_string_new ("{\"weftline\": 1, \"tasks\": {\"a\": {\"op\": \"sleep\", "
                                "\"args\": [0.001, 1]}");

  for (int i = 0; i < 30; i++)
    g_string_append_printf (
        text, ",\"x-%d\": {\"op\": \"sleep\", \"args\": [0.01, {\"ref\": \"a\"}]}", i);
  g_string_append (text, "}}");
  record_run (&recorded, text->str, 3);
  /* it depends on who wakes first */
  for (int round = 0; round < 50 && count_stolen (&recorded) == 0; round++)
    {
      recorded_clear (&recorded);
      record_run (&recorded, text->str, 3);
    }
  g_string_free (text, TRUE);
  index = weftline_event_index_new (recorded.model);
  weftline_event_index_set_filter (index,
                                   &(WeftlineEventFilter){ .kinds = 1u << WEFTLINE_EVENT_STEAL });
  weftline_event_index_update (index, recorded.snapshot.n_lanes, EVERYTHING);
  g_assert_cmpuint (weftline_event_index_n_shown (index), ==, count_stolen (&recorded));
  g_assert_cmpuint (weftline_event_index_n_shown (index), >, 0);
  for (uint32_t i = 0; i < weftline_event_index_n_shown (index); i++)
    {
      const WeftlineEvent *event = weftline_event_index_get (index, i);
      uint32_t task = weftline_event_task (recorded.model, event);
      g_autofree char *key = weft_model_task_dup_key (recorded.model, task);
      g_autofree char *words = weftline_event_dup_text (recorded.model, event);
      g_autofree char *pattern = g_strdup_printf ("worker [0-9] stole %s from worker [0-9]", key);

      g_assert_true (g_regex_match_simple (pattern, words, G_REGEX_ANCHORED, 0));
    }
  weftline_event_index_free (index);
  recorded_clear (&recorded);
}

/* However it is cut into updates, the list is the same; each kind's number adds up. */
static void
test_pieces (void)
{
  Recorded recorded;
  WeftlineEventIndex *whole;
  g_autofree char *expected = NULL;

  record_many (&recorded);
  whole = weftline_event_index_new (recorded.model);
  weftline_event_index_update (whole, recorded.snapshot.n_lanes, EVERYTHING);
  expected = lines (whole, recorded.model, -1);
  g_assert_cmpuint (weftline_event_index_n_of (whole, WEFTLINE_EVENT_RETRY), ==, 100);
  for (int round = 0; round < 20; round++)
    {
      WeftlineEventIndex *index = weftline_event_index_new (recorded.model);
      g_autofree char *got = NULL;
      uint32_t n = 0;

      weftline_event_index_set_filter (
          index, &(WeftlineEventFilter){ .kinds = (uint32_t) g_test_rand_int () });
      /* no turn takes longer than it was told: it finds no more than it looks at */
      for (bool more = true; more;)
        {
          uint64_t most = (uint64_t) g_test_rand_int_range (1, 200);
          uint32_t before = weftline_event_index_n (index);

          more = weftline_event_index_update (index, recorded.snapshot.n_lanes, most);
          g_assert_cmpuint (weftline_event_index_n (index) - before, <=, most);
          assert_ordered (index, weftline_event_index_filter (index)->kinds);
        }
      assert_ordered (index, weftline_event_index_filter (index)->kinds);
      for (unsigned kind = 0; kind < WEFTLINE_EVENT_N_KINDS; kind++)
        n += weftline_event_index_n_of (index, (WeftlineEventKind) kind);
      g_assert_cmpuint (n, ==, weftline_event_index_n (index));
      weftline_event_index_set_filter (index, &(WeftlineEventFilter){ .kinds = UINT32_MAX });
      g_assert_cmpuint (weftline_event_index_n_shown (index), ==, n);
      got = lines (index, recorded.model, -1);
      g_assert_cmpstr (got, ==, expected);
      weftline_event_index_free (index);
    }
  weftline_event_index_free (whole);
  recorded_clear (&recorded);
}

/* ---- as a list ------------------------------------------------------------------------------- */

/* A copy that is kept as the list tells. */
static void
items_cb (GListModel *list, guint at, guint n_removed, guint n_added, GArray *copy)
{
  /* told in one, GTK would make an item for each that comes */
  g_assert_true (n_removed == 0 || n_added == 0);
  if (n_removed > 0)
    g_array_remove_range (copy, at, n_removed);
  for (guint i = at; i < at + n_added; i++)
    {
      g_autoptr (WeftlineEventItem) item = g_list_model_get_item (list, i);
      const WeftlineEvent *event = weftline_event_item_event (item);

      g_array_insert_val (copy, i, *event);
    }
}

static void
assert_copy (GListModel *list, GArray *copy)
{
  g_assert_cmpuint (g_list_model_get_n_items (list), ==, copy->len);
  for (guint i = 0; i < copy->len; i++)
    {
      g_autoptr (WeftlineEventItem) item = g_list_model_get_item (list, i);
      const WeftlineEvent *event = weftline_event_item_event (item);

      g_assert_cmpmem (event, sizeof *event, &g_array_index (copy, WeftlineEvent, i),
                       sizeof (WeftlineEvent));
    }
}

/* At the beginning, and of no task. */
static void
test_notes (void)
{
  static const char meta[] =
      "{\"notes\": [\"/tmp/g.dag:2:1: left out\"], \"replay\": {\"tasks\": 4, "
      "\"without_time\": 3, \"stand_in_ns\": 10000000}}";
  Recorded recorded = { .dir = test_dir_new () };
  WeftEngineOptions engine_options = { .n_workers = 1 };
  WeftRunOptions options = { .records = true };
  WeftGraph *graph = parse_graph (two);
  WeftlineEventIndex *index;
  g_autofree char *notes = NULL;

  recorded.path = g_build_filename (recorded.dir, "run.weft", NULL);
  options.recorder.path = recorded.path;
  options.recorder.meta_json = meta;
  recorded.registry = engine_options.registry = weft_op_registry_new ();
  recorded.engine = weft_engine_new (&engine_options, NULL);
  recorded.run = weft_run_new (recorded.engine, graph, &options, NULL);
  weft_graph_unref (graph);
  weft_run_start (recorded.run);
  finish_run (&recorded);
  index = weftline_event_index_new (recorded.model);
  for (unsigned i = 0; i < 3; i++)
    weftline_event_index_update (index, recorded.snapshot.n_lanes, EVERYTHING);
  g_assert_cmpuint (weftline_event_index_n_of (index, WEFTLINE_EVENT_NOTE), ==, 2);
  notes = lines (index, recorded.model, WEFTLINE_EVENT_NOTE);
  g_assert_cmpstr (notes, ==,
                   "Times are assumed: none recorded for 3 of 4 tasks, "
                   "10.0" WEFTLINE_NO_BREAK_SPACE "ms each\ng.dag:2:1: left out\n");
  for (uint32_t i = 0; i < weftline_event_index_n_shown (index); i++)
    if (weftline_event_index_get (index, i)->kind == WEFTLINE_EVENT_NOTE)
      {
        g_assert_cmpint (weftline_event_index_get (index, i)->at_ns, ==, 0);
        g_assert_cmpuint (weftline_event_task (recorded.model, weftline_event_index_get (index, i)),
                          ==, WEFT_NONE);
      }
  weftline_event_index_free (index);
  recorded_clear (&recorded);
}

static void
test_list (void)
{
  Recorded recorded;
  WeftlineEventList *list = weftline_event_list_new ();
  g_autoptr (GArray) copy = g_array_new (FALSE, FALSE, sizeof (WeftlineEvent));

  g_signal_connect (list, "items-changed", G_CALLBACK (items_cb), copy);
  record_many (&recorded);
  g_assert_false (weftline_event_list_update (list, NULL, 0));
  for (uint32_t n_lanes = 0; n_lanes <= recorded.snapshot.n_lanes; n_lanes++)
    {
      weftline_event_list_update (list, recorded.model, n_lanes);
      assert_copy (G_LIST_MODEL (list), copy);
    }
  g_assert_cmpuint (copy->len, >, 200);
  for (int round = 0; round < 10; round++)
    {
      weftline_event_list_set_filter (
          list, &(WeftlineEventFilter){ .kinds = (uint32_t) g_test_rand_int () });
      assert_copy (G_LIST_MODEL (list), copy);
    }
  g_assert_null (g_list_model_get_item (G_LIST_MODEL (list), copy->len));
  weftline_event_list_update (list, NULL, 0);
  g_assert_cmpuint (copy->len, ==, 0);
  g_assert_finalize_object (list);
  recorded_clear (&recorded);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("ui-events", "event-index", "words", test_words);
  test_add ("ui-events", "event-index", "control", test_control);
  test_add ("ui-events", "event-index", "steals", test_steals);
  test_add ("ui-events", "event-index", "pieces", test_pieces);
  test_add ("ui-events", "event-index", "notes", test_notes);
  test_add ("ui-events", "event-index", "list", test_list);
  return g_test_run ();
}
