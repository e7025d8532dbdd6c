/* test-gap.c: why a worker had nothing to do, on real runs, beside a plain way to the same
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "ui-inspect/inspect-fixture.h"

#include "timeline/task-stream-words.h"

static bool
is_worker (const Recorded *recorded, uint32_t lane, WeftModelLane *info)
{
  weft_model_lane (recorded->model, lane, info);
  return info->kind == WEFT_LANE_THREAD;
}

static void
ask (const Recorded *recorded, const WeftlineLinks *links, uint32_t lane, int64_t at_ns,
     WeftlineGap *gap)
{
  weftline_timeline_gap (recorded->model, &recorded->snapshot, links, lane, at_ns, gap);
}

/* Whether a worker ran a task at that moment. */
static bool
is_busy (const WeftSpans *spans, int64_t at_ns)
{
  for (uint64_t i = 0; i < weft_spans_n (spans); i++)
    {
      const WeftSpan *span = weft_spans_get (spans, i);

      if (span->kind == WEFT_RECORD_TASK && span->start_ns <= at_ns && span->end_ns > at_ns)
        return true;
    }
  return false;
}

/* The first task of a lane from that moment on, or WEFT_NONE. */
static uint32_t
next_task (const WeftSpans *spans, int64_t at_ns)
{
  for (uint64_t i = 0; i < weft_spans_n (spans); i++)
    {
      const WeftSpan *span = weft_spans_get (spans, i);

      if (span->kind == WEFT_RECORD_TASK && span->start_ns > at_ns)
        return span->task;
    }
  return WEFT_NONE;
}

/* When a task of a graph in one piece was ready; nothing was tried twice. */
static int64_t
ready_ns (const Recorded *recorded, uint32_t task)
{
  const WeftGraphArrays *arrays = weft_graph_arrays (weft_model_graph (recorded->model, 0));
  int64_t latest_ns = INT64_MIN;
  uint32_t lane;

  for (uint32_t i = arrays->input_offsets[task]; i < arrays->input_offsets[task + 1]; i++)
    latest_ns = MAX (latest_ns, last_span (recorded, arrays->input_tasks[i], &lane)->end_ns);
  return latest_ns;
}

static bool
is_ancestor (const WeftlineLinks *links, uint32_t task, uint32_t of)
{
  g_autoptr (WeftlineTaskSet) set = weftline_links_lineage (links, of, WEFTLINE_LINEAGE_ANCESTORS);

  return weftline_task_set_has (set, task);
}

/* What is said of a moment agrees with the spans and the graph. */
static void
check (const Recorded *recorded, const WeftlineLinks *links, uint32_t lane, const WeftSpans *spans,
       int64_t at_ns, unsigned *n_kinds)
{
  WeftlineGap gap;
  uint32_t other;

  ask (recorded, links, lane, at_ns, &gap);
  n_kinds[gap.kind]++;
  g_assert_cmpuint (gap.next, ==, next_task (spans, at_ns));
  g_assert_cmpint (gap.from_ns, <=, at_ns);
  g_assert_cmpint (gap.to_ns, >, at_ns);
  if (gap.kind == WEFTLINE_GAP_AWAITED)
    {
      const WeftSpan *span = last_span (recorded, gap.task, &other);

      g_assert_cmpint (span->start_ns, <=, at_ns);
      g_assert_cmpint (span->end_ns, >, at_ns);
      g_assert_cmpuint (other, ==, gap.lane);
      g_assert_true (is_ancestor (links, gap.task, gap.next));
    }
  else if (gap.kind == WEFTLINE_GAP_UNTAKEN)
    {
      g_assert_cmpint (last_span (recorded, gap.task, &other)->start_ns, >, at_ns);
      g_assert_cmpint (ready_ns (recorded, gap.task), <=, at_ns);
      g_assert_true (is_ancestor (links, gap.task, gap.next));
    }
  else if (gap.kind == WEFTLINE_GAP_SCHEDULER)
    {
      g_assert_cmpuint (gap.task, ==, gap.next);
      g_assert_cmpint (ready_ns (recorded, gap.task), <=, at_ns);
    }
  else if (gap.kind == WEFTLINE_GAP_NO_MORE)
    g_assert_cmpuint (gap.next, ==, WEFT_NONE);
}

/* Layers of tasks that wait for some of the layer before. */
static char *
layered_graph (unsigned n_layers, unsigned width)
{
  GString *json = g_string_new ("{\"weftline\": 1, \"tasks\": {");

  for (unsigned layer = 0; layer < n_layers; layer++)
    for (unsigned k = 0; k < width; k++)
      {
        g_string_append_printf (json, "%s\"t-%u-%u\": {\"op\": \"sleep\", \"args\": [%.4f, ",
                                layer + k > 0 ? ", " : "", layer, k,
                                g_test_rand_double_range (0.0001, 0.004));
        if (layer == 0)
          g_string_append (json, "1]}");
        else
          g_string_append_printf (json, "{\"ref\": \"t-%u-%d\"}]}", layer - 1,
                                  g_test_rand_int_range (0, (int) width));
      }
  g_string_append (json, "}}");
  return g_string_free (json, FALSE);
}

static void
test_agrees_with_the_spans (void)
{
  g_autofree char *json = layered_graph (7, 4);
  g_autoptr (WeftlineLinks) links = NULL;
  unsigned n_kinds[WEFTLINE_GAP_NO_MORE + 1] = { 0 };
  Recorded recorded;
  WeftModelLane info;

  record_run (&recorded, json, 3);
  links = weftline_links_new (recorded.model, &recorded.snapshot);
  for (uint32_t lane = 0; lane < recorded.snapshot.n_lanes; lane++)
    for (unsigned k = 0; k < 400 && is_worker (&recorded, lane, &info); k++)
      {
        int64_t at_ns = (int64_t) g_test_rand_double_range (0, (double) recorded.snapshot.last_ns);

        if (!is_busy (info.spans, at_ns))
          check (&recorded, links, lane, info.spans, at_ns, n_kinds);
      }
  g_assert_cmpuint (n_kinds[WEFTLINE_GAP_UNKNOWN], ==, 0);
  recorded_clear (&recorded);
}

/* A worker that is not that one. */
static uint32_t
other_worker (const Recorded *recorded, uint32_t lane)
{
  WeftModelLane info;

  for (uint32_t i = 0; i < recorded->snapshot.n_lanes; i++)
    if (i != lane && is_worker (recorded, i, &info))
      return i;
  g_assert_not_reached ();
}

static uint32_t
worker_of (const Recorded *recorded, uint32_t lane)
{
  WeftModelLane info;

  weft_model_lane (recorded->model, lane, &info);
  return info.worker;
}

/* One runs, two wait for it. */
static void
test_awaited (void)
{
  g_autoptr (WeftlineLinks) links = NULL;
  const WeftSpan *span;
  Recorded recorded;
  WeftlineGap gap;
  uint32_t lane, source;
  g_autofree char *worker = NULL;
  g_auto (GStrv) lines = NULL;

  record_run (&recorded,
              "{\"weftline\": 1, \"tasks\": {\"source\": {\"op\": \"sleep\", \"args\": [0.1, 1]}, "
              "\"one\": {\"op\": \"sleep\", \"args\": [0.2, {\"ref\": \"source\"}]}, "
              "\"other\": {\"op\": \"sleep\", \"args\": [0.2, {\"ref\": \"source\"}]}}}",
              2);
  links = weftline_links_new (recorded.model, &recorded.snapshot);
  source = weft_model_find_key (recorded.model, "source");
  span = last_span (&recorded, source, &lane);
  ask (&recorded, links, other_worker (&recorded, lane), (span->start_ns + span->end_ns) / 2, &gap);
  g_assert_cmpint (gap.kind, ==, WEFTLINE_GAP_AWAITED);
  g_assert_cmpuint (gap.task, ==, source);
  g_assert_cmpuint (gap.lane, ==, lane);
  g_assert_cmpuint (gap.n_between, ==, 0);
  worker = g_strdup_printf ("awaited source, which ran on worker %u", worker_of (&recorded, lane));
  lines = weftline_task_stream_gap_words (recorded.model, other_worker (&recorded, lane), &gap,
                                          WEFTLINE_TIME_SINCE_START);
  g_assert_cmpstr (lines[0], ==, "No task was ready");
  g_assert_cmpstr (lines[1], ==, worker);
  g_assert_true (gap.next == WEFT_NONE || g_str_has_prefix (lines[2], "next here: o"));
  /* without the graph nothing can be said */
  ask (&recorded, NULL, other_worker (&recorded, lane), span->start_ns + 1, &gap);
  g_assert_cmpint (gap.kind, ==, WEFTLINE_GAP_UNKNOWN);
  ask (&recorded, links, lane, -1, &gap);
  g_assert_cmpint (gap.kind, ==, WEFTLINE_GAP_NOT_STARTED);
  ask (&recorded, links, lane, recorded.snapshot.last_ns, &gap);
  g_assert_cmpint (gap.kind, ==, WEFTLINE_GAP_NO_MORE);
  recorded_clear (&recorded);
}

static bool
has_line (char **lines, const char *start, const char *end)
{
  for (unsigned i = 0; lines[i] != NULL; i++)
    if (g_str_has_prefix (lines[i], start) && g_str_has_suffix (lines[i], end))
      return true;
  return false;
}

/* What is said of a task itself: when it was ready, and what it depends on. */
static void
test_task_words (void)
{
  static const char *const keys[] = { "source", "middle", "end" };
  static const char *const ends[] = { " from the run's start on", " after source",
                                      " after middle" };
  static const char *const counts[] = { "depends on 0, needed by 2", "depends on 1, needed by 1",
                                        "depends on 2, needed by 0" };
  g_autoptr (WeftlineLinks) links = NULL;
  Recorded recorded;

  record_run (
      &recorded,
      "{\"weftline\": 1, \"tasks\": {\"source\": {\"op\": \"add\", \"args\": [1, 2]}, "
      "\"middle\": {\"op\": \"sleep\", \"args\": [0.01, {\"ref\": \"source\"}]}, "
      "\"end\": {\"op\": \"add\", \"args\": [{\"ref\": \"source\"}, {\"ref\": \"middle\"}]}}}",
      2);
  links = weftline_links_new (recorded.model, &recorded.snapshot);
  for (unsigned i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      uint32_t task = weft_model_find_key (recorded.model, keys[i]), lane, last;
      g_auto (GStrv) lines = NULL;
      int64_t ready = -1;
      uint64_t index;

      g_assert_true (weft_model_task_span (recorded.model, task, &lane, &index));
      lines = weftline_task_stream_span_words (recorded.model, &recorded.snapshot, links, lane,
                                               index, WEFTLINE_TIME_SINCE_START);
      g_assert_cmpstr (lines[0], ==, keys[i]);
      g_assert_true (has_line (lines, "waited ", ends[i]));
      g_assert_true (has_line (lines, counts[i], ""));
      g_assert_true (
          weftline_timeline_ready (recorded.model, &recorded.snapshot, links, task, &ready, &last));
      if (i > 0)
        g_assert_cmpint (ready, ==, ready_ns (&recorded, task));
    }
  recorded_clear (&recorded);
}

/* Two would, but there is only one of what they need. */
static void
test_resource (void)
{
  g_autoptr (WeftlineLinks) links = NULL;
  const WeftSpan *first, *second;
  Recorded recorded;
  WeftlineGap gap;
  uint32_t lane, other, swap_lane;

  make_engine (&recorded, 2);
  weft_engine_set_resource (recorded.engine, "gpu", 1);
  start_graph (
      &recorded,
      parse_graph (
          "{\"weftline\": 1, \"tasks\": {"
          "\"one\": {\"op\": \"sleep\", \"args\": [0.15, 1], \"resources\": {\"gpu\": 1}}, "
          "\"two\": {\"op\": \"sleep\", \"args\": [0.15, 1], \"resources\": {\"gpu\": 1}}}}"),
      (WeftRunOptions){ 0 });
  finish_run (&recorded);
  links = weftline_links_new (recorded.model, &recorded.snapshot);
  first = last_span (&recorded, weft_model_find_key (recorded.model, "one"), &lane);
  second = last_span (&recorded, weft_model_find_key (recorded.model, "two"), &other);
  if (second->start_ns < first->start_ns)
    {
      const WeftSpan *swap = first;

      first = second;
      second = swap;
      swap_lane = other;
      other = lane;
      lane = swap_lane;
    }
  g_assert_cmpint (second->start_ns, >=, first->end_ns);
  ask (&recorded, links, other_worker (&recorded, lane), (first->start_ns + first->end_ns) / 2,
       &gap);
  if (other == lane)
    /* the same worker ran both */
    g_assert_cmpint (gap.kind, ==, WEFTLINE_GAP_NO_MORE);
  else
    {
      g_assert_cmpint (gap.kind, ==, WEFTLINE_GAP_RESOURCE);
      g_assert_cmpstr (gap.resource, ==, "gpu");
    }
  g_assert_cmpuint (gap.task, ==, other == lane ? first->task : second->task);
  recorded_clear (&recorded);
}

/* Held between attempts, on all workers: whichever takes it next. */
static void
test_retry (void)
{
  g_autofree char *example = test_example_path ("07-retries.json");
  g_autofree char *json = test_file_read (example);
  g_autoptr (WeftlineLinks) links = NULL;
  Recorded recorded;
  WeftModelLane info;
  unsigned n = 0;

  record_run (&recorded, json, 1);
  links = weftline_links_new (recorded.model, &recorded.snapshot);
  for (uint32_t lane = 0; lane < recorded.snapshot.n_lanes; lane++)
    for (int64_t k = 0; k < 2000 && is_worker (&recorded, lane, &info); k++)
      {
        int64_t at_ns = recorded.snapshot.last_ns / 2000 * k;
        WeftlineGap gap;

        if (is_busy (info.spans, at_ns))
          continue;
        ask (&recorded, links, lane, at_ns, &gap);
        if (gap.kind != WEFTLINE_GAP_RETRY)
          continue;
        n++;
        g_assert_cmpuint (gap.task, ==, weft_model_find_key (recorded.model, "flaky"));
      }
  g_assert_cmpuint (n, >, 0);
  recorded_clear (&recorded);
}

/* What is said in a worker's lane at that moment. (transfer full) */
static char **
words_at (const Recorded *recorded, const WeftlineLinks *links, uint32_t lane, int64_t at_ns,
          WeftlineGap *gap)
{
  ask (recorded, links, lane, at_ns, gap);
  return weftline_task_stream_gap_words (recorded->model, lane, gap, WEFTLINE_TIME_SINCE_START);
}

/* When the run last came into that phase. */
static int64_t
phase_ns (const Recorded *recorded, WeftRunPhase phase)
{
  int64_t at_ns = -1;
  WeftModelLane info;

  weft_model_lane (recorded->model, 0, &info);
  for (uint64_t i = 0; i < weft_spans_n (info.spans); i++)
    {
      const WeftSpan *span = weft_spans_get (info.spans, i);

      if (span->kind == WEFT_RECORD_RUN_STATE && span->how == phase)
        at_ns = span->start_ns;
    }
  g_assert_cmpint (at_ns, >=, 0);
  return at_ns;
}

/* All is over of what was running when a run was paused, which then stays so for as long. */
#define PAUSE_NS 150000000

/* Of a run that is paused all workers say so, and what could go on but for that. */
static void
test_paused (void)
{
  g_autoptr (GString) json = g_string_new ("{\"weftline\": 1, \"tasks\": {\"end\": {\"op\": "
                                           "\"add\", \"args\": [1, 2]}");
  g_autoptr (WeftlineLinks) links = NULL;
  unsigned n_workers = 0;
  Recorded recorded;
  WeftModelLane info;
  WeftlineGap gap;
  int64_t at_ns;

  for (unsigned i = 0; i < 40; i++)
    g_string_append_printf (json, ", \"nap-%u\": {\"op\": \"sleep\", \"args\": [0.02, 1]}", i);
  g_string_append (json, "}}");
  begin_run (&recorded, json->str, 2);
  g_assert_false (weft_run_wait (recorded.run, 50000000));
  weft_run_pause (recorded.run);
  g_assert_false (weft_run_wait (recorded.run, PAUSE_NS));
  weft_run_resume (recorded.run);
  finish_run (&recorded);
  links = weftline_links_new (recorded.model, &recorded.snapshot);
  at_ns = phase_ns (&recorded, WEFT_RUN_RUNNING) - PAUSE_NS / 10;
  g_assert_cmpint (at_ns, >, phase_ns (&recorded, WEFT_RUN_PAUSED));
  for (uint32_t lane = 0; lane < recorded.snapshot.n_lanes; lane++)
    {
      g_auto (GStrv) lines = NULL;
      g_autofree char *key = NULL;
      g_autofree char *reason = NULL;

      if (!is_worker (&recorded, lane, &info))
        continue;
      n_workers++;
      lines = words_at (&recorded, links, lane, at_ns, &gap);
      g_assert_cmpint (gap.kind, ==, WEFTLINE_GAP_PAUSED);
      g_assert_cmpuint (gap.next, !=, WEFT_NONE);
      key = weft_model_task_dup_key (recorded.model, gap.next);
      reason = g_strdup_printf ("%s was ready, but was not started", key);
      g_assert_cmpstr (lines[0], ==, "Paused");
      g_assert_cmpstr (lines[1], ==, reason);
      g_assert_true (has_line (lines, "paused by the user, ", ""));
    }
  g_assert_cmpuint (n_workers, ==, 2);
  recorded_clear (&recorded);
}

/* One that had nothing to do anyway: what it waits for runs on; then only the user is awaited. */
static void
test_paused_asleep (void)
{
  g_autoptr (WeftlineLinks) links = NULL;
  g_auto (GStrv) while_it_ran = NULL;
  g_auto (GStrv) after = NULL;
  const WeftSpan *first;
  Recorded recorded;
  int64_t paused_ns, resumed_ns;
  WeftlineGap gap;
  uint32_t lane, other;

  begin_run (&recorded,
             "{\"weftline\": 1, \"tasks\": {\"first\": {\"op\": \"sleep\", \"args\": [0.2, 1]}, "
             "\"one\": {\"op\": \"sleep\", \"args\": [0.1, {\"ref\": \"first\"}]}, "
             "\"two\": {\"op\": \"sleep\", \"args\": [0.1, {\"ref\": \"first\"}]}}}",
             2);
  g_assert_false (weft_run_wait (recorded.run, 50000000));
  weft_run_pause (recorded.run);
  g_assert_false (weft_run_wait (recorded.run, 200000000 + PAUSE_NS));
  weft_run_resume (recorded.run);
  finish_run (&recorded);
  links = weftline_links_new (recorded.model, &recorded.snapshot);
  paused_ns = phase_ns (&recorded, WEFT_RUN_PAUSED);
  resumed_ns = phase_ns (&recorded, WEFT_RUN_RUNNING);
  first = last_span (&recorded, weft_model_find_key (recorded.model, "first"), &lane);
  other = other_worker (&recorded, lane);
  g_assert_cmpint (first->end_ns, >, paused_ns);
  ask (&recorded, links, other, (first->start_ns + paused_ns) / 2, &gap);
  g_assert_cmpint (gap.kind, ==, WEFTLINE_GAP_AWAITED);
  while_it_ran = words_at (&recorded, links, other, (paused_ns + first->end_ns) / 2, &gap);
  g_assert_cmpint (gap.kind, ==, WEFTLINE_GAP_PAUSED);
  g_assert_cmpstr (while_it_ran[0], ==, "Paused");
  g_assert_false (has_line (while_it_ran, "", " was ready, but was not started"));
  after = words_at (&recorded, links, other, (first->end_ns + resumed_ns) / 2, &gap);
  g_assert_cmpint (gap.kind, ==, WEFTLINE_GAP_PAUSED);
  g_assert_true (gap.next == WEFT_NONE || has_line (after, "", " was ready, but was not started"));
  recorded_clear (&recorded);
}

/* In slow motion what is ready waits for its turn. */
static void
test_slowed (void)
{
  g_autoptr (WeftlineLinks) links = NULL;
  g_auto (GStrv) lines = NULL;
  const WeftSpan *second;
  Recorded recorded;
  WeftlineGap gap;
  uint32_t lane;

  make_engine (&recorded, 1);
  start_graph (&recorded,
               parse_graph ("{\"weftline\": 1, \"tasks\": {"
                            "\"first\": {\"op\": \"sleep\", \"args\": [0.05, 1]}, "
                            "\"a\": {\"op\": \"add\", \"args\": [{\"ref\": \"first\"}, 2]}, "
                            "\"b\": {\"op\": \"add\", \"args\": [{\"ref\": \"a\"}, 2]}}}"),
               (WeftRunOptions){ 0 });
  weft_run_set_slow_motion (recorded.run, 50000000);
  finish_run (&recorded);
  links = weftline_links_new (recorded.model, &recorded.snapshot);
  second = last_span (&recorded, weft_model_find_key (recorded.model, "b"), &lane);
  lines = words_at (&recorded, links, lane, second->start_ns - 10000000, &gap);
  g_assert_cmpint (gap.kind, ==, WEFTLINE_GAP_SLOWED);
  g_assert_cmpstr (lines[0], ==, "Slow motion");
  g_assert_cmpstr (lines[1], ==, "b was ready, but was not started");
  recorded_clear (&recorded);
}

/* One result takes most of the limit while a task reads it, so that it cannot go to disk: sources
 * wait on the other worker, which says so, until the reader has ended. */
static void
test_memory (void)
{
  g_autoptr (GString) json = g_string_new (
      "{\"weftline\": 1, \"tasks\": {\"big\": {\"op\": \"alloc\", \"args\": [9000000, 1]}, "
      "\"reads\": {\"op\": \"sleep\", \"args\": [0.4, {\"ref\": \"big\"}]}, "
      "\"end\": {\"op\": \"alloc\", \"args\": [10, 0, {\"ref\": \"reads\"}");
  g_autoptr (WeftlineLinks) links = NULL;
  g_autofree char *reason = NULL;
  g_autofree char *key = NULL;
  g_auto (GStrv) lines = NULL;
  const WeftSpan *reads;
  Recorded recorded;
  WeftlineGap gap;
  uint32_t lane;

  for (unsigned i = 0; i < 30; i++)
    g_string_append_printf (json, ", {\"ref\": \"source-%u\"}", i);
  g_string_append (json, "]}");
  for (unsigned i = 0; i < 30; i++)
    g_string_append_printf (json, ", \"source-%u\": {\"op\": \"sleep\", \"args\": [0.01, 1]}", i);
  g_string_append (json, "}, \"outputs\": [\"end\"]}");
  begin_limited (&recorded, json->str, 2, 10000000);
  finish_run (&recorded);
  links = weftline_links_new (recorded.model, &recorded.snapshot);
  reads = last_span (&recorded, weft_model_find_key (recorded.model, "reads"), &lane);
  lines = words_at (&recorded, links, other_worker (&recorded, lane),
                    reads->end_ns - (reads->end_ns - reads->start_ns) / 10, &gap);
  g_assert_cmpint (gap.kind, ==, WEFTLINE_GAP_MEMORY);
  g_assert_cmpstr (lines[0], ==, "Short of memory");
  g_assert_cmpuint (gap.task, !=, WEFT_NONE);
  key = weft_model_task_dup_key (recorded.model, gap.task);
  g_assert_true (g_str_has_prefix (key, "source-"));
  reason = g_strdup_printf ("%s was ready, but was not started", key);
  g_assert_cmpstr (lines[1], ==, reason);
  g_assert_true (has_line (lines, "no source was started for want of memory, ", ""));
  g_assert_cmpint (gap.to_ns, >=, reads->end_ns);
  recorded_clear (&recorded);
}

/* Every kind has a title of its own, but for the two that differ in what they say of it. */
static void
test_words (void)
{
  g_autoptr (GHashTable) titles = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  Recorded recorded;

  record_run (&recorded,
              "{\"weftline\": 1, \"tasks\": {\"a\": {\"op\": \"sleep\", \"args\": [0.001, 1]}}}",
              1);
  for (int kind = 0; kind <= WEFTLINE_GAP_NO_MORE; kind++)
    {
      WeftlineGap gap = { .kind = (WeftlineGapKind) kind,
                          .to_ns = 5000,
                          .next = 0,
                          .task = 0,
                          .lane = recorded.snapshot.n_lanes - 1,
                          .resource = "gpu" };
      g_auto (GStrv) lines = NULL;

      lines = weftline_task_stream_gap_words (recorded.model, gap.lane, &gap,
                                              WEFTLINE_TIME_SINCE_START);
      g_assert_cmpuint (g_strv_length (lines), >=, 2);
      g_assert_true (kind == WEFTLINE_GAP_UNKNOWN || kind == WEFTLINE_GAP_NOT_STARTED
                     || strstr (lines[1], "a") != NULL);
      g_hash_table_add (titles, g_strdup (lines[0]));
    }
  g_assert_cmpuint (g_hash_table_size (titles), ==, WEFTLINE_GAP_NO_MORE);
  recorded_clear (&recorded);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("ui-timeline", "gap", "agrees-with-the-spans", test_agrees_with_the_spans);
  test_add ("ui-timeline", "gap", "awaited", test_awaited);
  test_add ("ui-timeline", "gap", "memory", test_memory);
  test_add ("ui-timeline", "gap", "paused", test_paused);
  test_add ("ui-timeline", "gap", "paused-asleep", test_paused_asleep);
  test_add ("ui-timeline", "gap", "resource", test_resource);
  test_add ("ui-timeline", "gap", "retry", test_retry);
  test_add ("ui-timeline", "gap", "slowed", test_slowed);
  test_add ("ui-timeline", "gap", "task-words", test_task_words);
  test_add ("ui-timeline", "gap", "words", test_words);
  return g_test_run ();
}
