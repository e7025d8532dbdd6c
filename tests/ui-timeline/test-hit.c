/* test-hit.c: what is pointed at, and from span to span
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "test-support.h"
#include "timeline-fixture.h"

#include "timeline/timeline-hit.h"

typedef struct
{
  FixtureRun *run;
  WeftlineTimelineLayout *layout;
  GRand *rand;
  WeftlineTimelineView view;
} Fixture;

static void
set_up (Fixture *fixture, const void *data)
{
  FixtureRunSpec spec = { .n_lanes = 3, .n_spans = 30000, .seed = g_test_rand_int () };

  fixture->run = fixture_run_new (&spec);
  fixture->layout = weftline_timeline_layout_new ();
  fixture->rand = g_rand_new_with_seed (g_test_rand_int ());
  fixture->view = (WeftlineTimelineView){ 0, fixture->run->end_ns, 500, 200, 1, 80, 0, false };
}

static void
tear_down (Fixture *fixture, const void *data)
{
  fixture_run_free (fixture->run);
  weftline_timeline_layout_free (fixture->layout);
  g_rand_free (fixture->rand);
}

/* The place of a column, in the middle of a lane. */
static void
hit_column (const Fixture *fixture, unsigned lane, int column, WeftlineTimelineHit *hit)
{
  const WeftlineTimelineLayout *layout = fixture->layout;
  int scale = layout->view.scale;
  int x = layout->area_x + column;

  weftline_timeline_hit (layout, (x + 0.5) / scale,
                         (weftline_timeline_lane_y (layout, lane) + 2) / scale, hit);
}

/* The longest piece in a pixel, looked for among all. */
static uint64_t
naive_longest (const WeftlineTimelineLane *lane, int64_t t0, int64_t t1)
{
  uint64_t best = WEFTLINE_TIMELINE_NO_SPAN;
  int64_t longest = -1;

  for (uint64_t i = 0; i < lane->n; i++)
    {
      const WeftSpan *span = weft_spans_get (lane->spans, i);
      bool touches = span->start_ns == span->end_ns ? span->start_ns >= t0 && span->start_ns < t1
                                                    : span->start_ns < t1 && span->end_ns > t0;
      int64_t ns = MIN (span->end_ns, t1) - MAX (span->start_ns, t0);

      if (touches && span->kind == WEFT_RECORD_TASK && ns > longest)
        {
          longest = ns;
          best = i;
        }
    }
  return best;
}

static void
check_column (const Fixture *fixture, unsigned lane, int column)
{
  const WeftlineTimelineLane *info = &fixture->run->lanes[lane];
  const WeftlineTimelineColumn *at = &weftline_timeline_columns (fixture->layout, lane)[column];
  int64_t t0 = fixture->layout->edges[column], t1 = fixture->layout->edges[column + 1];
  uint64_t longest = naive_longest (info, t0, t1);
  WeftlineTimelineHit hit;

  hit_column (fixture, lane, column, &hit);
  g_assert_cmpuint (hit.lane, ==, lane);
  g_assert_cmpint (hit.at_ns, >=, t0 - 1);
  g_assert_cmpint (hit.at_ns, <=, t1);
  if (longest != WEFTLINE_TIMELINE_NO_SPAN)
    {
      g_assert_cmpint (hit.kind, ==, WEFTLINE_HIT_SPAN);
      g_assert_cmpuint (hit.index, ==, longest);
      g_assert_cmpuint (weft_spans_get (info->spans, hit.index)->group, ==, at->group);
    }
  else if (at->content == 0)
    g_assert_cmpint (hit.kind, ==, WEFTLINE_HIT_GAP);
  else
    {
      g_assert_cmpint (hit.kind, ==, WEFTLINE_HIT_SPAN);
      g_assert_cmphex (weft_spans_content (weft_spans_get (info->spans, hit.index)) & at->content,
                       !=, 0);
    }
}

static void
test_hit_is_inverse_of_layout (Fixture *fixture, const void *data)
{
  for (unsigned zoom = 0; zoom < 40; zoom++)
    {
      WeftlineTimelineView view = fixture->view;

      if (zoom > 0)
        fixture_random_zoom (fixture->run, fixture->rand, &view);
      view.scale = 1 + (int) zoom % 2;
      view.rtl = zoom % 4 >= 2;
      weftline_timeline_layout_run (fixture->layout, &fixture->run->input, &view);
      for (unsigned i = 0; i < 30; i++)
        check_column (fixture, (unsigned) g_rand_int_range (fixture->rand, 0, 3),
                      g_rand_int_range (fixture->rand, 0, fixture->layout->area_width));
    }
}

static void
test_rectangles_are_hit (Fixture *fixture, const void *data)
{
  for (unsigned zoom = 0; zoom < 40; zoom++)
    {
      WeftlineTimelineView view = fixture->view;

      fixture_random_zoom (fixture->run, fixture->rand, &view);
      weftline_timeline_layout_run (fixture->layout, &fixture->run->input, &view);
      for (unsigned lane = 0; lane < 3; lane++)
        {
          unsigned n;
          const WeftlineTimelineRect *rects = weftline_timeline_rects (fixture->layout, lane, &n);

          for (unsigned i = 0; i < n; i++)
            for (int x = rects[i].x0; x < rects[i].x1; x += MAX (1, rects[i].x1 - rects[i].x0 - 1))
              {
                WeftlineTimelineHit hit;

                hit_column (fixture, lane, x, &hit);
                g_assert_cmpuint (hit.index, ==, rects[i].index);
              }
        }
    }
}

static void
test_places_outside_lanes (Fixture *fixture, const void *data)
{
  WeftlineTimelineHit hit;

  weftline_timeline_layout_run (fixture->layout, &fixture->run->input, &fixture->view);
  weftline_timeline_hit (fixture->layout, 300, 5, &hit);
  g_assert_cmpint (hit.kind, ==, WEFTLINE_HIT_NOTHING);
  weftline_timeline_hit (fixture->layout, 300, 190, &hit);
  g_assert_cmpint (hit.kind, ==, WEFTLINE_HIT_AXIS);
  weftline_timeline_hit (fixture->layout, 20, 40, &hit);
  g_assert_cmpint (hit.kind, ==, WEFTLINE_HIT_NAME);
  g_assert_cmpuint (hit.lane, ==, 0);
  weftline_timeline_hit (fixture->layout, 300, -5, &hit);
  g_assert_cmpint (hit.kind, ==, WEFTLINE_HIT_NOTHING);
  weftline_timeline_hit (fixture->layout, 5000, 50, &hit);
  g_assert_cmpint (hit.kind, ==, WEFTLINE_HIT_NOTHING);
}

static void
test_steps_visit_each_task (Fixture *fixture, const void *data)
{
  for (unsigned i = 0; i < 3; i++)
    {
      const WeftlineTimelineLane *lane = &fixture->run->lanes[i];
      uint64_t forward = WEFTLINE_TIMELINE_NO_SPAN, backward;

      for (uint64_t k = 0; k < lane->n; k++)
        if (weft_spans_get (lane->spans, k)->kind == WEFT_RECORD_TASK)
          {
            backward = forward;
            forward = weftline_timeline_step (lane, forward, 1);
            g_assert_cmpuint (forward, ==, k);
            if (backward != WEFTLINE_TIMELINE_NO_SPAN)
              g_assert_cmpuint (weftline_timeline_step (lane, forward, -1), ==, backward);
          }
      g_assert_cmpuint (weftline_timeline_step (lane, forward, 1), ==, WEFTLINE_TIMELINE_NO_SPAN);
      g_assert_cmpuint (weftline_timeline_step (lane, WEFTLINE_TIMELINE_NO_SPAN, -1), ==, forward);
    }
}

/* Far apart, with whole nodes of nothing between. */
typedef struct
{
  int64_t from_ns, to_ns;
} Gap;

/* All of a lane, found by looking at each span. */
static GArray *
naive_gaps (const WeftlineTimelineLane *lane, int64_t t1_ns, int64_t least_ns)
{
  GArray *gaps = g_array_new (FALSE, FALSE, sizeof (Gap));
  Gap gap = { 0, 0 };

  for (uint64_t i = 0; i <= lane->n; i++)
    {
      const WeftSpan *span = i < lane->n ? weft_spans_get (lane->spans, i) : NULL;

      if (span != NULL && (span->kind != WEFT_RECORD_TASK || span->depth != 0))
        continue;
      gap.to_ns = span != NULL ? span->start_ns : t1_ns;
      if (gap.to_ns - gap.from_ns >= least_ns)
        g_array_append_val (gaps, gap);
      if (span != NULL)
        gap.from_ns = span->end_ns;
    }
  return gaps;
}

/* Forth and back: each gap that is long enough, once. */
static void
test_steps_visit_each_gap (Fixture *fixture, const void *data)
{
  const WeftlineTimelineInput *input = &fixture->run->input;
  int64_t t1_ns = fixture->run->end_ns + 1000;

  for (unsigned i = 0; i < 4 * input->n_lanes; i++)
    {
      const WeftlineTimelineLane *lane = &input->lanes[i / 4];
      int64_t least_ns = i % 4 == 0 ? 1 : g_rand_int_range (fixture->rand, 1, 1000000);
      g_autoptr (GArray) gaps = naive_gaps (lane, t1_ns, least_ns);
      Gap gap = { 0, 0 };

      for (guint k = 0; k < gaps->len; k++)
        {
          g_assert_true (
              weftline_timeline_step_gap (lane, 0, t1_ns, least_ns, 1, &gap.from_ns, &gap.to_ns));
          g_assert_cmpmem (&gap, sizeof gap, &g_array_index (gaps, Gap, k), sizeof gap);
        }
      g_assert_false (
          weftline_timeline_step_gap (lane, 0, t1_ns, least_ns, 1, &gap.from_ns, &gap.to_ns));
      gap.from_ns = t1_ns;
      for (guint k = gaps->len; k > 0; k--)
        {
          g_assert_true (
              weftline_timeline_step_gap (lane, 0, t1_ns, least_ns, -1, &gap.from_ns, &gap.to_ns));
          g_assert_cmpmem (&gap, sizeof gap, &g_array_index (gaps, Gap, k - 1), sizeof gap);
        }
      g_assert_false (
          weftline_timeline_step_gap (lane, 0, t1_ns, least_ns, -1, &gap.from_ns, &gap.to_ns));
    }
}

/* What runs is no gap, and neither is what comes after; a lane without tasks is one. */
static void
test_gaps_at_the_end (void)
{
  WeftlineTimelineLane lane = { .spans = NULL };
  int64_t from_ns = 0, to_ns = 0;

  g_assert_true (weftline_timeline_step_gap (&lane, 0, 100, 1, 1, &from_ns, &to_ns));
  g_assert_cmpint (from_ns, ==, 0);
  g_assert_cmpint (to_ns, ==, 100);
  g_assert_false (weftline_timeline_step_gap (&lane, 0, 100, 1, 1, &from_ns, &to_ns));
  lane.now_kind = WEFT_RECORD_TASK;
  lane.now_start_ns = 40;
  from_ns = 100;
  g_assert_true (weftline_timeline_step_gap (&lane, 0, 100, 1, -1, &from_ns, &to_ns));
  g_assert_cmpint (from_ns, ==, 0);
  g_assert_cmpint (to_ns, ==, 40);
  g_assert_false (weftline_timeline_step_gap (&lane, 0, 100, 1, 1, &from_ns, &to_ns));
}

static void
test_steps_pass_over_idleness (void)
{
  FixtureRunSpec spec = { .n_lanes = 1 };
  g_autoptr (FixtureRun) run = fixture_run_new (&spec);
  WeftlineTimelineLane *lane = &run->lanes[0];
  int64_t at = 0;

  for (int i = 0; i < 5000; i++, at += 10)
    if (i == 17 || i == 4711)
      fixture_add_task (lane, 0, at, at + 10, WEFT_OUTCOME_OK);
    else
      fixture_add (lane, WEFT_RECORD_PARKED, at, at + 10);
  g_assert_cmpuint (weftline_timeline_step (lane, WEFTLINE_TIMELINE_NO_SPAN, 1), ==, 17);
  g_assert_cmpuint (weftline_timeline_step (lane, 17, 1), ==, 4711);
  g_assert_cmpuint (weftline_timeline_step (lane, 4711, 1), ==, WEFTLINE_TIMELINE_NO_SPAN);
  g_assert_cmpuint (weftline_timeline_step (lane, WEFTLINE_TIMELINE_NO_SPAN, -1), ==, 4711);
  g_assert_cmpuint (weftline_timeline_step (lane, 4711, -1), ==, 17);
  g_assert_cmpuint (weftline_timeline_step (lane, 17, -1), ==, WEFTLINE_TIMELINE_NO_SPAN);
}

/* Names change sides where text runs from right to left; time does not turn round. */
static void
test_right_to_left (Fixture *fixture, const void *data)
{
  WeftlineTimelineView view = fixture->view;
  WeftlineTimelineHit hit;

  for (int rtl = 0; rtl < 2; rtl++)
    {
      int first = rtl ? 0 : view.gutter, name = rtl ? view.width - view.gutter : 0;
      double y;

      view.rtl = rtl;
      weftline_timeline_layout_run (fixture->layout, &fixture->run->input, &view);
      y = (weftline_timeline_lane_y (fixture->layout, 1) + 2.0) / view.scale;
      g_assert_cmpint (weftline_timeline_at (fixture->layout, first), ==, view.t0_ns);
      g_assert_cmpint (weftline_timeline_at (fixture->layout, first + 100), >, view.t0_ns);
      for (int x = 0; x < view.width; x++)
        {
          weftline_timeline_hit (fixture->layout, x + 0.5, y, &hit);
          g_assert_cmpuint (hit.lane, ==, 1);
          g_assert_true ((hit.kind == WEFTLINE_HIT_NAME) == (x >= name && x < name + view.gutter));
        }
    }
}

static void
test_moving_keeps_what_is_pointed_at (Fixture *fixture, const void *data)
{
  for (unsigned i = 0; i < 200; i++)
    {
      WeftlineTimelineView view = fixture->view;
      double x = g_rand_double_range (fixture->rand, 80, 500);
      double factor = g_rand_double_range (fixture->rand, 0.2, 5);
      int64_t before, after, pixel;

      fixture_random_zoom (fixture->run, fixture->rand, &view);
      view.rtl = i % 2;
      weftline_timeline_layout_run (fixture->layout, &fixture->run->input, &view);
      if (view.rtl)
        x -= 80;
      before = weftline_timeline_at (fixture->layout, x);
      weftline_timeline_view_zoom (&view, factor, x);
      weftline_timeline_layout_run (fixture->layout, &fixture->run->input, &view);
      after = weftline_timeline_at (fixture->layout, x);
      pixel = (view.t1_ns - view.t0_ns) / 420 + 2;
      g_assert_cmpint (ABS (after - before), <=, pixel);

      weftline_timeline_view_pan (&view, 30);
      weftline_timeline_layout_run (fixture->layout, &fixture->run->input, &view);
      g_assert_cmpint (ABS (weftline_timeline_at (fixture->layout, x + 30) - after), <=, pixel);
    }
}

static void
test_fit_and_follow (Fixture *fixture, const void *data)
{
  WeftlineTimelineView view = fixture->view;
  int64_t t0, t1, first = INT64_MAX, last = INT64_MIN;

  for (unsigned lane = 0; lane < 3; lane++)
    for (uint64_t i = 0; i < fixture->run->lanes[lane].n; i++)
      {
        const WeftSpan *span = weft_spans_get (fixture->run->lanes[lane].spans, i);

        first = MIN (first, span->start_ns);
        last = MAX (last, span->end_ns);
      }
  g_assert_true (weftline_timeline_extent (&fixture->run->input, &t0, &t1));
  g_assert_cmpint (t0, ==, first);
  g_assert_cmpint (t1, ==, last);
  weftline_timeline_view_fit (&view, t0, t1);
  g_assert_cmpint (view.t0_ns, <, t0);
  g_assert_cmpint (view.t1_ns, >, t1);
  g_assert_cmpint (view.t1_ns - view.t0_ns, <, (t1 - t0) * 11 / 10);
  weftline_timeline_view_fit (&view, 5000, 5000);
  g_assert_cmpint (view.t0_ns, <, 5000);
  g_assert_cmpint (view.t1_ns, >, 5000);
  weftline_timeline_view_follow (&view, 1000000);
  g_assert_cmpint (view.t0_ns, <, 1000000);
  g_assert_cmpint (view.t1_ns, >, 1000000);
}

#define ADD(behaviour, function) \
  g_test_add ("/weft/ui-timeline/hit/" behaviour, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("inverse-of-layout", test_hit_is_inverse_of_layout);
  ADD ("rectangles-are-hit", test_rectangles_are_hit);
  ADD ("places-outside-lanes", test_places_outside_lanes);
  ADD ("steps-visit-each-task", test_steps_visit_each_task);
  ADD ("steps-visit-each-gap", test_steps_visit_each_gap);
  ADD ("moving-keeps-what-is-pointed-at", test_moving_keeps_what_is_pointed_at);
  ADD ("right-to-left", test_right_to_left);
  ADD ("fit-and-follow", test_fit_and_follow);
  test_add ("ui-timeline", "hit", "gaps-at-the-end", test_gaps_at_the_end);
  test_add ("ui-timeline", "hit", "steps-pass-over-idleness", test_steps_pass_over_idleness);
  return g_test_run ();
}
