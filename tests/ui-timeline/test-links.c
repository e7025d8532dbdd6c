/* test-links.c: dependencies and lineage, in the graph and in the stream, beside plain ways
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "ui-inspect/inspect-fixture.h"

#include "timeline/timeline-links.h"

/* ---- neighbours and lineage ------------------------------------------------------------------ */

/* Each needs some of those before it. */
static char *
random_graph (unsigned n)
{
  GString *json = g_string_new ("{\"weftline\": 1, \"tasks\": {");

  for (unsigned i = 0; i < n; i++)
    {
      g_string_append_printf (json, "%s\"t-%u\": {\"op\": \"sum\", \"args\": [[%u",
                              i > 0 ? ", " : "", i, i);
      for (unsigned k = 0; i > 0 && k < 2; k++)
        if (g_test_rand_int_range (0, 4) > 0)
          g_string_append_printf (json, ", {\"ref\": \"t-%d\"}",
                                  g_test_rand_int_range (MAX ((int) i - 12, 0), (int) i));
      g_string_append (json, "]]}");
    }
  g_string_append (json, "}}");
  return g_string_free (json, FALSE);
}

static bool
needs (const WeftlineLinks *links, uint32_t task, uint32_t other)
{
  g_autoptr (GArray) inputs = g_array_new (FALSE, FALSE, sizeof (uint32_t));

  g_assert_true (weftline_links_inputs (links, task, inputs));
  for (guint i = 0; i < inputs->len; i++)
    if (g_array_index (inputs, uint32_t, i) == other)
      return true;
  return false;
}

static bool
is_needed_by (const WeftlineLinks *links, uint32_t task, uint32_t other)
{
  g_autoptr (GArray) dependents = g_array_new (FALSE, FALSE, sizeof (uint32_t));

  g_assert_true (weftline_links_dependents (links, task, dependents));
  for (guint i = 0; i < dependents->len; i++)
    if (g_array_index (dependents, uint32_t, i) == other)
      return true;
  return false;
}

/* Ids rise along edges, through all segments: one sweep finds all that reaches a task. */
static void
check_ancestors (const WeftlineLinks *links, uint32_t n_tasks, uint32_t task)
{
  g_autoptr (WeftlineTaskSet) set =
      weftline_links_lineage (links, task, WEFTLINE_LINEAGE_ANCESTORS);
  g_autofree bool *is_in = g_new0 (bool, n_tasks);
  uint32_t n = 0;

  is_in[task] = true;
  for (uint32_t v = task + 1; v-- > 0;)
    for (uint32_t w = v + 1; w <= task && !is_in[v]; w++)
      is_in[v] = is_in[w] && needs (links, w, v);
  for (uint32_t v = 0; v < n_tasks; v++)
    {
      g_assert_cmpint (weftline_task_set_has (set, v), ==, is_in[v]);
      n += is_in[v];
    }
  g_assert_cmpuint (set->n_members, ==, n);
}

/* Both directions say the same. */
static void
check_links (const Recorded *recorded)
{
  g_autoptr (WeftlineLinks) links = weftline_links_new (recorded->model, &recorded->snapshot);
  uint32_t n = recorded->snapshot.n_tasks;

  g_assert_true (weftline_links_is_current (links, &recorded->snapshot));
  for (uint32_t v = 0; v < n; v++)
    {
      g_autoptr (WeftlineTaskSet) below =
          weftline_links_lineage (links, v, WEFTLINE_LINEAGE_DESCENDANTS);

      check_ancestors (links, n, v);
      for (uint32_t w = 0; w < n; w++)
        {
          g_autoptr (WeftlineTaskSet) above =
              weftline_links_lineage (links, w, WEFTLINE_LINEAGE_ANCESTORS);

          g_assert_cmpint (needs (links, w, v), ==, is_needed_by (links, v, w));
          g_assert_cmpint (weftline_task_set_has (above, v), ==, weftline_task_set_has (below, w));
        }
    }
}

static void
test_one_segment (void)
{
  g_autofree char *json = random_graph (60);
  Recorded recorded;

  record_run (&recorded, json, 2);
  check_links (&recorded);
  recorded_clear (&recorded);
}

/* Its tasks read results of segments before: one by key, one by number. */
static WeftGraph *
later_segment (const char *key, uint32_t segment, uint32_t task)
{
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *own_key = g_strdup_printf ("later-%u", segment);
  WeftTaskOutput inputs[2] = { { .task = weft_graph_builder_import (builder, key, 0) },
                               { .task =
                                     weft_graph_builder_import_task (builder, segment, task, 0) } };
  uint32_t added;
  WeftGraph *graph;

  weft_graph_builder_begin_call (builder, "add", 0, 1);
  weft_graph_builder_arg_slot (builder, 0);
  weft_graph_builder_arg_slot (builder, 1);
  added = weft_graph_builder_add_task (builder, own_key, -1, weft_graph_builder_end_call (builder),
                                       inputs, 2);
  weft_graph_builder_want (builder, added, 0);
  graph = weft_graph_builder_freeze (builder, NULL, &error);
  g_assert_no_error (error);
  weft_graph_builder_free (builder);
  return graph;
}

static void
test_segments (void)
{
  Recorded recorded;
  g_autoptr (WeftlineLinks) links = NULL;

  make_engine (&recorded, 2);
  start_graph (&recorded,
               parse_graph ("{\"weftline\": 1, \"tasks\": {"
                            "\"a\": {\"op\": \"add\", \"args\": [1, 2]}, "
                            "\"b\": {\"op\": \"add\", \"args\": [{\"ref\": \"a\"}, 2]}}, "
                            "\"outputs\": [\"a\", \"b\"]}"),
               (WeftRunOptions){ .keep_open = true });
  for (uint32_t segment = 0; segment < 3; segment++)
    {
      g_autoptr (GError) error = NULL;
      WeftGraph *graph = later_segment (segment == 0 ? "a" : "later-0", segment, 0);

      g_assert_cmpuint (weft_run_extend (recorded.run, graph, NULL, &error), ==, segment + 1);
      g_assert_no_error (error);
      weft_graph_unref (graph);
    }
  weft_run_close (recorded.run);
  finish_run (&recorded);
  g_assert_cmpuint (recorded.snapshot.n_segments, ==, 4);
  check_links (&recorded);
  links = weftline_links_new (recorded.model, &recorded.snapshot);
  g_assert_true (needs (links, weft_model_find_key (recorded.model, "later-0"),
                        weft_model_find_key (recorded.model, "a")));
  g_assert_true (needs (links, weft_model_find_key (recorded.model, "later-2"),
                        weft_model_find_key (recorded.model, "later-0")));
  recorded.snapshot.n_segments++;
  g_assert_false (weftline_links_is_current (links, &recorded.snapshot));
  recorded_clear (&recorded);
}

/* ---- in the stream --------------------------------------------------------------------------- */

typedef struct
{
  Recorded recorded;
  WeftlineTimelineSource source;
  WeftlineTimelineInput input;
  WeftlineTimelineLayout *layout;
  WeftlineTimelineLinks links;
  WeftlineLinks *graph;
} Stream;

static void
stream_init (Stream *stream, const char *json)
{
  record_run (&stream->recorded, json, 2);
  weftline_timeline_source_init (&stream->source);
  weftline_timeline_links_init (&stream->links);
  weftline_timeline_source_take (&stream->source, stream->recorded.model,
                                 &stream->recorded.snapshot, &stream->input);
  stream->layout = weftline_timeline_layout_new ();
  stream->graph = weftline_links_new (stream->recorded.model, &stream->recorded.snapshot);
}

static void
stream_clear (Stream *stream)
{
  weftline_links_free (stream->graph);
  weftline_timeline_layout_free (stream->layout);
  weftline_timeline_links_clear (&stream->links);
  weftline_timeline_source_clear (&stream->source);
  recorded_clear (&stream->recorded);
}

static const WeftSpan *
span_of (const Stream *stream, const WeftlineTimelineMark *mark)
{
  return weft_spans_get (stream->input.lanes[mark->lane].spans, mark->index);
}

static void
find_arrows (Stream *stream, uint32_t task)
{
  weftline_timeline_links_find_arrows (&stream->links, stream->recorded.model, &stream->source,
                                       stream->graph, task);
}

/* An arrow for each dependency, and all lead through the task. */
static void
test_arrows (void)
{
  g_autofree char *json = random_graph (80);
  Stream stream;

  stream_init (&stream, json);
  for (uint32_t task = 0; task < stream.recorded.snapshot.n_tasks; task++)
    {
      uint32_t n = 0;

      for (uint32_t v = 0; v < stream.recorded.snapshot.n_tasks; v++)
        n += (guint) needs (stream.graph, task, v) + (guint) needs (stream.graph, v, task);
      find_arrows (&stream, task);
      g_assert_cmpuint (stream.links.n_arrows, ==, n);
      g_assert_cmpuint (stream.links.arrows->len, ==, n);
      for (guint i = 0; i < n; i++)
        {
          const WeftlineTimelineArrow *arrow =
              &g_array_index (stream.links.arrows, WeftlineTimelineArrow, i);
          const WeftSpan *from = span_of (&stream, &arrow->from),
                         *to = span_of (&stream, &arrow->to);

          g_assert_true (from->task == task || to->task == task);
          g_assert_true (needs (stream.graph, to->task, from->task));
          g_assert_cmpint (from->end_ns, <=, to->start_ns);
        }
    }
  find_arrows (&stream, WEFT_NONE);
  g_assert_cmpuint (stream.links.n_arrows, ==, 0);
  stream_clear (&stream);
}

/* One that more need than arrows can be followed. */
static void
test_arrows_are_bounded (void)
{
  g_autoptr (GString) json = g_string_new ("{\"weftline\": 1, \"tasks\": {\"hub\": "
                                           "{\"op\": \"add\", \"args\": [1, 2]}");
  Stream stream;

  for (unsigned i = 0; i < WEFTLINE_TIMELINE_MAX_ARROWS + 50; i++)
    g_string_append_printf (
        json, ", \"t-%u\": {\"op\": \"add\", \"args\": [{\"ref\": \"hub\"}, %u]}", i, i);
  g_string_append (json, "}}");
  stream_init (&stream, json->str);
  find_arrows (&stream, weft_model_find_key (stream.recorded.model, "hub"));
  g_assert_cmpuint (stream.links.n_arrows, ==, WEFTLINE_TIMELINE_MAX_ARROWS + 50);
  g_assert_cmpuint (stream.links.arrows->len, ==, WEFTLINE_TIMELINE_MAX_ARROWS);
  stream_clear (&stream);
}

/* Every pixel that a member has, and no pixel without one. */
static void
check_lineage (Stream *stream, const WeftlineTaskSet *set, const WeftlineTimelineView *view)
{
  g_autofree bool *shown = NULL;
  int width;

  weftline_timeline_layout_run (stream->layout, &stream->input, view);
  weftline_timeline_links_find_lineage (&stream->links, stream->recorded.model, &stream->source,
                                        stream->layout, set);
  width = stream->layout->area_width;
  shown = g_new0 (bool, (size_t) width * stream->input.n_lanes);
  for (guint i = 0; i < stream->links.lineage->len; i++)
    {
      const WeftlineTimelineMark *mark =
          &g_array_index (stream->links.lineage, WeftlineTimelineMark, i);
      const WeftSpan *span = span_of (stream, mark);
      int x0 = MAX (weftline_timeline_x (stream->layout, span->start_ns), 0);
      int x1 = MIN (weftline_timeline_x (stream->layout, MAX (span->end_ns - 1, span->start_ns)),
                    width - 1);

      g_assert_true (weftline_task_set_has (set, span->task));
      for (int x = x0; x <= x1; x++)
        shown[mark->lane * (size_t) width + (size_t) x] = true;
    }
  g_assert_cmpuint (stream->links.n_members, ==, set->n_members);
  g_assert_cmpuint (stream->links.n_looked_at, ==, set->n_members);
  for (uint32_t task = 0; task < set->n_tasks; task++)
    {
      WeftlineTimelineMark mark;
      const WeftlineTimelineColumn *column;
      int x;

      if (!weftline_task_set_has (set, task)
          || !weftline_timeline_find_task (&stream->source, stream->recorded.model, task, &mark))
        continue;
      x = weftline_timeline_x (stream->layout, span_of (stream, &mark)->start_ns);
      if (x < 0 || x >= width)
        continue;
      /* a longer task's rectangle has that pixel, or it is shown */
      column = weftline_timeline_columns (stream->layout, mark.lane) + x;
      g_assert_true (column->form != WEFTLINE_FORM_FOLDED
                     || shown[mark.lane * (size_t) width + (size_t) x]);
    }
}

static void
test_lineage (void)
{
  g_autofree char *json = random_graph (300);
  Stream stream;

  stream_init (&stream, json);
  for (unsigned k = 0; k < 60; k++)
    {
      uint32_t task = (uint32_t) g_test_rand_int_range (0, 300);
      g_autoptr (WeftlineTaskSet) set = weftline_links_lineage (
          stream.graph, task, (WeftlineLineage) g_test_rand_int_range (1, 4));
      WeftlineTimelineView view = { .t1_ns = MAX (stream.recorded.snapshot.last_ns, 1000) >> k % 6,
                                    .width = g_test_rand_int_range (100, 900),
                                    .height = 200,
                                    .scale = 1 + (int) k % 2,
                                    .gutter = 60 };

      check_lineage (&stream, set, &view);
    }
  weftline_timeline_links_find_lineage (&stream.links, stream.recorded.model, &stream.source,
                                        stream.layout, NULL);
  g_assert_cmpuint (stream.links.lineage->len, ==, 0);
  stream_clear (&stream);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("ui-timeline", "links", "one-segment", test_one_segment);
  test_add ("ui-timeline", "links", "segments", test_segments);
  test_add ("ui-timeline", "links", "arrows", test_arrows);
  test_add ("ui-timeline", "links", "arrows-are-bounded", test_arrows_are_bounded);
  test_add ("ui-timeline", "links", "lineage", test_lineage);
  return g_test_run ();
}
