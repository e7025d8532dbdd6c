/* test-layout.c: the task stream's layout against one made from every span
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "test-support.h"
#include "timeline-fixture.h"

#include "canvas/state-form.h"

#include <math.h>

#define N_ZOOMS 200

static const WeftlineTimelineLook plain_look = { .font = "Sans 9", .labels = WEFTLINE_LABELS_NONE };

static FixtureRun *
large_run (uint64_t n_spans, bool plain)
{
  FixtureRunSpec spec = {
    .n_lanes = 4, .n_spans = n_spans, .seed = g_test_rand_int (), .plain = plain
  };

  return fixture_run_new (&spec);
}

static WeftlineTimelineView
view_of (const FixtureRun *run, int width, int height, int scale)
{
  return (WeftlineTimelineView){
    .t0_ns = 0, .t1_ns = run->end_ns, .width = width, .height = height, .scale = scale, .gutter = 80
  };
}

/* Where spans overlap, the simplest way does not know what more than all is. */
static void
assert_groups (const WeftlineTimelineLayout *layout, const BruteLane *brute)
{
  const WeftlineTimelineColumn *columns = weftline_timeline_columns (layout, 0);

  for (int x = 0; x < layout->area_width; x++)
    {
      g_assert_cmpuint (columns[x].group, ==, brute->columns[x].group);
      g_assert_cmphex (columns[x].content, ==, brute->columns[x].content);
      g_assert_cmpuint (columns[x].form, ==, brute->columns[x].form);
    }
}

static void
assert_columns (const WeftlineTimelineLayout *layout, unsigned lane, const BruteLane *brute)
{
  const WeftlineTimelineColumn *columns = weftline_timeline_columns (layout, lane);

  for (int x = 0; x < layout->area_width; x++)
    {
      g_assert_cmpuint (columns[x].group, ==, brute->columns[x].group);
      g_assert_cmphex (columns[x].content, ==, brute->columns[x].content);
      g_assert_cmpuint (columns[x].share, ==, brute->columns[x].share);
      g_assert_cmpuint (columns[x].form, ==, brute->columns[x].form);
      g_assert_cmpuint (columns[x].separator, ==, brute->columns[x].separator);
    }
}

/* Rectangles: in order, apart, and over just the pixels that every-span says. */
static void
assert_rects (const WeftlineTimelineLayout *layout, unsigned lane, const BruteLane *brute)
{
  unsigned n;
  const WeftlineTimelineRect *rects = weftline_timeline_rects (layout, lane, &n);
  int behind = 0, n_owned = 0, n_covered = 0;

  for (int x = 0; x < layout->area_width; x++)
    n_owned += brute->owners[x] != WEFTLINE_TIMELINE_NO_SPAN;
  for (unsigned i = 0; i < n; i++)
    {
      g_assert_cmpint (rects[i].x0, >=, behind);
      g_assert_cmpint (rects[i].x1, >, rects[i].x0);
      g_assert_cmpint (rects[i].x1, <=, layout->area_width);
      if (i > 0)
        g_assert_cmpuint (rects[i].index, >, rects[i - 1].index);
      for (int x = rects[i].x0; x < rects[i].x1; x++)
        g_assert_cmpuint (brute->owners[x], ==, rects[i].index);
      behind = rects[i].x1;
      n_covered += rects[i].x1 - rects[i].x0;
    }
  g_assert_cmpint (n_covered, ==, n_owned);
}

/* Pixels where only a column's colour is: no line of the grid, hatch or stroke. */
static bool
is_bare (const WeftlineTimelineColumn *column, bool on_grid, int y, int height, int scale)
{
  if (on_grid || (column->share == 0 && column->content & WEFT_SPANS_HAS_PAUSE))
    return false;
  return column->form != WEFTLINE_FORM_CANCELLED || ABS (y - height / 2) > 2 * scale;
}

static void
assert_pixels (const WeftlineTimelineLayout *layout, const WeftlineTimelinePaint *paint,
               const WeftlineTimelineLook *look, const FixtureRun *run, unsigned lane,
               const BruteLane *brute)
{
  const WeftlinePixels *pixels = weftline_timeline_paint_pixels (paint);
  const uint32_t *data =
      (const uint32_t *) (const void *) cairo_image_surface_get_data (pixels->surface);
  int stride = cairo_image_surface_get_stride (pixels->surface) / 4;
  int top = weftline_timeline_lane_y (layout, lane), scale = layout->view.scale;
  const uint32_t *between = data + (ptrdiff_t) (top - 1) * stride;

  for (int y = 0; y < layout->lane_height; y++)
    for (int x = 0; x < layout->area_width; x++)
      {
        int at = layout->area_x + x;
        bool on_grid = (between[at] & 0xffffff) != look->palette->card;

        if (is_bare (&brute->columns[x], on_grid, y, layout->lane_height, scale))
          g_assert_cmphex (
              data[(ptrdiff_t) (top + y) * stride + at] & 0xffffff, ==,
              brute_color (look->palette, run, &brute->columns[x], y, layout->lane_height, scale));
      }
}

static void
check_zoom (const FixtureRun *run, WeftlineTimelineLayout *layout, WeftlineTimelinePaint *paint,
            const WeftlineTimelineView *view, const WeftlineTimelineLook *look)
{
  weftline_timeline_layout_run (layout, &run->input, view);
  weftline_timeline_paint_data (paint, layout, look);
  for (unsigned lane = 0; lane < run->input.n_lanes; lane++)
    {
      BruteLane brute;

      brute_lane (run, lane, &layout->view, layout->area_width, &brute);
      assert_columns (layout, lane, &brute);
      assert_rects (layout, lane, &brute);
      assert_pixels (layout, paint, look, run, lane, &brute);
      brute_lane_clear (&brute);
    }
}

static void
test_zooms_equal_every_span (void)
{
  g_autoptr (FixtureRun) run = large_run (100000 / test_slowdown (), false);
  WeftlineTimelineLayout *layout = weftline_timeline_layout_new ();
  WeftlineTimelinePaint *paint = weftline_timeline_paint_new ();
  GRand *rand = g_rand_new_with_seed (g_test_rand_int ());

  for (unsigned i = 0; i < N_ZOOMS / test_slowdown (); i++)
    {
      WeftlineTimelineView view = view_of (run, 1000, 180, 1 + i % 2);
      WeftlineTimelineLook look = plain_look;

      layout->helped_from = i % 3 != 0 ? 0 : UINT64_MAX; /* by two threads, or by one */
      look.palette = weftline_palette (i / 2 % 2, i / 4 % 2);
      view.rtl = i % 8 >= 4;
      if (i > 1)
        fixture_random_zoom (run, rand, &view);
      check_zoom (run, layout, paint, &view, &look);
    }
  g_rand_free (rand);
  weftline_timeline_paint_free (paint);
  weftline_timeline_layout_free (layout);
}

/* However lanes fall to two threads, all is as one makes it: also the order of rectangles. */
static void
test_two_threads_say_the_same (void)
{
  g_autoptr (FixtureRun) run = large_run (20000 / test_slowdown (), false);
  WeftlineTimelineLayout *alone = weftline_timeline_layout_new ();
  WeftlineTimelineLayout *helped = weftline_timeline_layout_new ();
  WeftlineTimelineView view = view_of (run, 700, 300, 1);
  GRand *rand = g_rand_new_with_seed (g_test_rand_int ());

  alone->helped_from = UINT64_MAX;
  helped->helped_from = 0;
  for (unsigned i = 0; i < 100; i++)
    {
      size_t n_columns;

      weftline_timeline_layout_run (alone, &run->input, &view);
      weftline_timeline_layout_run (helped, &run->input, &view);
      g_assert_false (alone->is_helped);
      g_assert_true (helped->is_helped);
      n_columns = (size_t) alone->n_lanes * (size_t) alone->area_width;
      g_assert_cmpmem (alone->columns, n_columns * sizeof *alone->columns, helped->columns,
                       n_columns * sizeof *helped->columns);
      g_assert_cmpmem (alone->rects->data, alone->rects->len * sizeof (WeftlineTimelineRect),
                       helped->rects->data, helped->rects->len * sizeof (WeftlineTimelineRect));
      g_assert_cmpmem (alone->rect_lanes->data, alone->rect_lanes->len * sizeof (uint32_t),
                       helped->rect_lanes->data, helped->rect_lanes->len * sizeof (uint32_t));
      g_assert_cmpuint (alone->n_tasks, ==, helped->n_tasks);
      g_assert_cmpuint (alone->n_visits, ==, helped->n_visits);
      fixture_random_zoom (run, rand, &view);
    }
  g_rand_free (rand);
  weftline_timeline_layout_free (helped);
  weftline_timeline_layout_free (alone);
}

/* A small picture is made by the thread that wants it. */
static void
test_few_spans_wake_nobody (void)
{
  g_autoptr (FixtureRun) run = large_run (5000, false);
  WeftlineTimelineLayout *layout = weftline_timeline_layout_new ();
  WeftlineTimelineView view = view_of (run, 700, 300, 1);

  weftline_timeline_layout_run (layout, &run->input, &view);
  g_assert_false (layout->is_helped);
  g_assert_null (layout->helper);
  weftline_timeline_layout_free (layout);
}

/* Hundreds of spans a pixel: nodes at edges are settled without being opened. */
static void
test_dense_zooms_equal_every_span (void)
{
  for (unsigned is_plain = 0; is_plain < 2; is_plain++)
    {
      FixtureRunSpec spec = { .n_lanes = 1,
                              .n_spans = 400000 / test_slowdown (),
                              .seed = g_test_rand_int (),
                              .plain = is_plain };
      g_autoptr (FixtureRun) run = fixture_run_new (&spec);
      WeftlineTimelineLayout *layout = weftline_timeline_layout_new ();
      GRand *rand = g_rand_new_with_seed (g_test_rand_int ());
      WeftlineTimelineView view = view_of (run, 680, 100, 1);

      for (unsigned i = 0; i < 10; i++)
        {
          BruteLane brute;

          if (i > 0)
            view.t0_ns = (int64_t) g_rand_double_range (rand, 0, (double) run->end_ns / 4);
          if (i > 0)
            view.t1_ns = view.t0_ns + run->end_ns / (1 + (int) i);
          weftline_timeline_layout_run (layout, &run->input, &view);
          brute_lane (run, 0, &layout->view, layout->area_width, &brute);
          assert_columns (layout, 0, &brute);
          assert_rects (layout, 0, &brute);
          brute_lane_clear (&brute);
        }
      g_rand_free (rand);
      weftline_timeline_layout_free (layout);
    }
}

/* From a nanosecond to a minute, one after the other, nested, and in the end in any order: nodes of
 * all levels are of all lengths, and what does not fit in 31 bits is drawn as well. */
static void
add_of_any_length (WeftlineTimelineLane *lane, GRand *rand, bool is_ordered, int64_t *at)
{
  double magnitude = g_rand_double (rand) * (g_rand_int_range (rand, 0, 50) == 0 ? 24.8 : 12);
  int64_t ns = (int64_t) exp (magnitude);
  WeftSpan span = {
    .start_ns = is_ordered ? *at : (int64_t) g_rand_double_range (rand, 0, (double) *at),
    .group = (uint16_t) g_rand_int_range (rand, 0, FIXTURE_N_GROUPS),
    .kind = g_rand_int_range (rand, 0, 9) == 0 ? WEFT_RECORD_PARKED : WEFT_RECORD_TASK,
    .how = WEFT_OUTCOME_OK << 4,
  };

  if (g_rand_int_range (rand, 0, 20) == 0)
    {
      span.depth = 1;
      span.kind = WEFT_RECORD_TASK;
      span.end_ns = span.start_ns + ns / 2;
      weft_spans_append ((WeftSpans *) lane->spans, &span);
      lane->n++;
      span.depth = 0;
    }
  span.end_ns = span.start_ns + ns;
  weft_spans_append ((WeftSpans *) lane->spans, &span);
  lane->n++;
  *at += is_ordered ? ns : 0;
}

static void
test_lengths_of_all_magnitudes (void)
{
  WeftlineTimelineLayout *layout = weftline_timeline_layout_new ();
  GRand *rand = g_rand_new_with_seed (g_test_rand_int ());

  for (unsigned part = 0; part < 2; part++)
    {
      FixtureRunSpec spec = { .n_lanes = 1 };
      g_autoptr (FixtureRun) run = fixture_run_new (&spec);
      const unsigned n = 20000 / test_slowdown ();
      WeftlineTimelineView view;

      for (unsigned i = 0; i < n; i++)
        add_of_any_length (&run->lanes[0], rand, part == 0 || i < n / 2, &run->end_ns);
      view = view_of (run, 480, 100, 1);
      g_assert_cmpint (weft_spans_is_ordered (run->lanes[0].spans), ==, part == 0);
      for (unsigned i = 0; i < 60; i++)
        {
          BruteLane brute;

          if (i > 0)
            fixture_random_zoom (run, rand, &view);
          weftline_timeline_layout_run (layout, &run->input, &view);
          brute_lane (run, 0, &layout->view, layout->area_width, &brute);
          if (part == 0)
            assert_columns (layout, 0, &brute);
          else
            assert_groups (layout, &brute);
          brute_lane_clear (&brute);
        }
    }
  g_rand_free (rand);
  weftline_timeline_layout_free (layout);
}

/* A count of tasks does not depend on the way a node is looked into. */
static void
test_tasks_are_counted_once (void)
{
  FixtureRunSpec spec = { .n_lanes = 1, .n_spans = 30000, .seed = g_test_rand_int () };
  g_autoptr (FixtureRun) run = fixture_run_new (&spec);
  WeftlineTimelineLayout *layout = weftline_timeline_layout_new ();
  GRand *rand = g_rand_new_with_seed (g_test_rand_int ());
  WeftlineTimelineView view = view_of (run, 480, 100, 1);

  for (unsigned i = 0; i < 100; i++)
    {
      uint64_t n_tasks = 0;

      fixture_random_zoom (run, rand, &view);
      weftline_timeline_layout_run (layout, &run->input, &view);
      for (uint64_t k = 0; k < run->lanes[0].n; k++)
        {
          const WeftSpan *span = weft_spans_get (run->lanes[0].spans, k);
          bool is_moment = span->start_ns == span->end_ns;

          n_tasks += span->kind == WEFT_RECORD_TASK && span->start_ns < layout->view.t1_ns
                     && (is_moment ? span->start_ns >= layout->view.t0_ns
                                   : span->end_ns > layout->view.t0_ns);
        }
      g_assert_cmpuint (layout->n_tasks, ==, n_tasks);
    }
  g_rand_free (rand);
  weftline_timeline_layout_free (layout);
}

/* What runs now is laid out as if it had ended now, but for its form. */
static void
test_running_equals_ended (void)
{
  FixtureRunSpec spec = {
    .n_lanes = 1, .n_spans = 20000, .seed = g_test_rand_int (), .plain = true
  };
  g_autoptr (FixtureRun) ended = fixture_run_new (&spec);
  g_autoptr (FixtureRun) running = fixture_run_new (&spec);
  WeftlineTimelineLayout *first = weftline_timeline_layout_new ();
  WeftlineTimelineLayout *second = weftline_timeline_layout_new ();
  int64_t start = ended->end_ns + 100;

  for (int64_t now = start + 1; now < start + ended->end_ns; now += 1 + (now - start) / 2)
    {
      WeftlineTimelineView view = view_of (ended, 380, 100, 1);

      view.t1_ns = now + now / 100;
      running->lanes[0].now_kind = WEFT_RECORD_TASK;
      running->lanes[0].now_group = 5;
      running->lanes[0].now_start_ns = start;
      running->input.now_ns = now;
      if (now == start + 1)
        fixture_add_task (&ended->lanes[0], 5, start, now, WEFT_OUTCOME_OK);
      else
        ((WeftSpan *) weft_spans_get (ended->lanes[0].spans, ended->lanes[0].n - 1))->end_ns = now;
      weftline_timeline_layout_run (first, &ended->input, &view);
      weftline_timeline_layout_run (second, &running->input, &view);
      for (int x = 0; x < first->area_width; x++)
        {
          WeftlineTimelineColumn a = weftline_timeline_columns (first, 0)[x];
          WeftlineTimelineColumn b = weftline_timeline_columns (second, 0)[x];

          g_assert_cmpuint (a.group, ==, b.group);
          g_assert_cmpuint (a.share, ==, b.share);
          g_assert_cmpuint (a.content, ==, b.content);
        }
    }
  weftline_timeline_layout_free (first);
  weftline_timeline_layout_free (second);
}

static void
test_any_length_is_drawn (void)
{
  WeftlineTimelineLayout *layout = weftline_timeline_layout_new ();
  WeftlineTimelinePaint *paint = weftline_timeline_paint_new ();

  for (unsigned n = 0; n < 700; n += 1 + n / 20)
    {
      FixtureRunSpec spec = { .n_lanes = 1, .n_spans = n, .seed = g_test_rand_int () };
      g_autoptr (FixtureRun) run = fixture_run_new (&spec);
      WeftlineTimelineLook look = plain_look;
      WeftlineTimelineView view = view_of (run, 120, 80, 1);

      look.palette = weftline_palette (WEFTLINE_PALETTE_SAFE, false);
      check_zoom (run, layout, paint, &view, &look);
    }
  weftline_timeline_paint_free (paint);
  weftline_timeline_layout_free (layout);
}

/* Counts do not depend on how far out the view is, and cost follows pixels, not spans. */
static void
test_visits_are_bounded (void)
{
  WeftlineTimelineLayout *layout = weftline_timeline_layout_new ();
  uint64_t visits[2];

  for (unsigned i = 0; i < 2; i++)
    {
      g_autoptr (FixtureRun) run = large_run (i == 0 ? 400000 : 3200000, true);
      GRand *rand = g_rand_new_with_seed (g_test_rand_int ());
      WeftlineTimelineView view = view_of (run, 1080, 200, 1);
      uint64_t n_tasks = 0;

      view.t1_ns++; /* the last task may take no time */
      weftline_timeline_layout_run (layout, &run->input, &view);
      visits[i] = layout->n_visits;
      for (unsigned lane = 0; lane < run->input.n_lanes; lane++)
        n_tasks += run->lanes[lane].n;
      g_assert_cmpuint (layout->n_tasks, ==, n_tasks);
      for (unsigned zoom = 0; zoom < 50; zoom++)
        {
          fixture_random_zoom (run, rand, &view);
          weftline_timeline_layout_run (layout, &run->input, &view);
          /* an edge opens at most a node of FAN a level; above them ever fewer nodes */
          g_assert_cmpuint (layout->n_visits, <=, UINT64_C (4) * 1000 * 2 * WEFT_SPANS_FAN * 4);
        }
      g_rand_free (rand);
    }
  g_assert_cmpuint (visits[1], <=, visits[0] + UINT64_C (4) * 1000 * 2 * WEFT_SPANS_FAN);
  weftline_timeline_layout_free (layout);
}

/* Where one view ends the next begins: a task that takes no time is in one of them. */
static void
test_moments_are_in_one_view (void)
{
  FixtureRunSpec spec = { .n_lanes = 1 };
  g_autoptr (FixtureRun) run = fixture_run_new (&spec);
  WeftlineTimelineLayout *layout = weftline_timeline_layout_new ();
  const unsigned n = 500;

  for (unsigned i = 0; i < n; i++)
    fixture_add_task (&run->lanes[0], 1, i * 1000, i * 1000, WEFT_OUTCOME_OK);
  run->end_ns = n * 1000;
  for (unsigned cut = 1; cut < n; cut += 1 + (unsigned) g_test_rand_int_range (0, 20))
    {
      WeftlineTimelineView view = view_of (run, 180, 80, 1);
      uint64_t n_before;

      view.t1_ns = cut * 1000;
      weftline_timeline_layout_run (layout, &run->input, &view);
      n_before = layout->n_tasks;
      view.t0_ns = view.t1_ns;
      view.t1_ns = run->end_ns;
      weftline_timeline_layout_run (layout, &run->input, &view);
      g_assert_cmpuint (n_before, ==, cut);
      g_assert_cmpuint (layout->n_tasks, ==, n - cut);
    }
  weftline_timeline_layout_free (layout);
}

/* Deeper spans come before what they are in: nothing is lost, and busy time is that of depth 0. */
static void
test_nested_spans_are_found (void)
{
  FixtureRunSpec spec = { .n_lanes = 1 };
  g_autoptr (FixtureRun) run = fixture_run_new (&spec);
  WeftlineTimelineLayout *layout = weftline_timeline_layout_new ();
  const WeftlineTimelineColumn *columns;
  WeftlineTimelineView view;

  for (int i = 0; i < 100; i++)
    {
      WeftSpan span = {
        .start_ns = i * 1000,
        .end_ns = i * 1000 + 500,
        .group = WEFT_NO_GROUP,
        .kind = i % 10 == 5 ? WEFT_RECORD_SPILL_READ : WEFT_RECORD_BLOCKED,
        .depth = 1,
      };

      weft_spans_append ((WeftSpans *) run->lanes[0].spans, &span);
      run->lanes[0].n++;
    }
  fixture_add_task (&run->lanes[0], 2, 0, 100000, WEFT_OUTCOME_OK);
  run->end_ns = 100000;
  view = view_of (run, 180, 80, 1);
  weftline_timeline_layout_run (layout, &run->input, &view);
  columns = weftline_timeline_columns (layout, 0);
  for (int x = 0; x < 100; x++)
    {
      g_assert_cmpuint (columns[x].share, ==, 255);
      g_assert_cmpuint (columns[x].group, ==, 2);
      g_assert_cmpint ((columns[x].content & WEFT_SPANS_HAS_SPILL) != 0, ==, x % 10 == 5);
    }
  weftline_timeline_layout_free (layout);
}

static void
test_running_task_grows (void)
{
  FixtureRunSpec spec = { .n_lanes = 1 };
  g_autoptr (FixtureRun) run = fixture_run_new (&spec);
  WeftlineTimelineLayout *layout = weftline_timeline_layout_new ();
  WeftlineTimelineView view = { 0, 100000, 180, 80, 1, 80, 0, false };

  fixture_add_task (&run->lanes[0], 1, 0, 20000, WEFT_OUTCOME_OK);
  run->lanes[0].now_kind = WEFT_RECORD_TASK;
  run->lanes[0].now_group = 3;
  run->lanes[0].now_start_ns = 20000;
  for (int64_t now = 30000; now <= 90000; now += 20000)
    {
      unsigned n;
      const WeftlineTimelineRect *rects;

      run->input.now_ns = now;
      weftline_timeline_layout_run (layout, &run->input, &view);
      rects = weftline_timeline_rects (layout, 0, &n);
      g_assert_cmpuint (n, ==, 2);
      g_assert_cmpuint (rects[1].index, ==, WEFTLINE_TIMELINE_NOW);
      g_assert_cmpint (rects[1].form, ==, WEFTLINE_FORM_RUNNING);
      g_assert_cmpint (rects[1].x0, ==, 20);
      g_assert_cmpint (rects[1].x1, ==, now / 1000);
    }
  /* its span has come: it is not shown twice */
  fixture_add_task (&run->lanes[0], 3, 20000, 95000, WEFT_OUTCOME_OK);
  weftline_timeline_layout_run (layout, &run->input, &view);
  {
    unsigned n;
    const WeftlineTimelineRect *rects = weftline_timeline_rects (layout, 0, &n);

    g_assert_cmpuint (n, ==, 2);
    g_assert_cmpuint (rects[1].index, ==, 1);
  }
  weftline_timeline_layout_free (layout);
}

/* What ran when the run was interrupted ends there, and says so. */
static void
test_interrupted_task_is_marked (void)
{
  FixtureRunSpec spec = { .n_lanes = 1 };
  g_autoptr (FixtureRun) run = fixture_run_new (&spec);
  WeftlineTimelineLayout *layout = weftline_timeline_layout_new ();
  WeftlineTimelineView view = { 0, 100000, 180, 80, 1, 80, 0, false };
  const WeftlineTimelineRect *rects;
  WeftModelSnapshot snapshot = { .phase = WEFT_RUN_INTERRUPTED };
  unsigned n;

  run->lanes[0].now_kind = WEFT_RECORD_TASK;
  run->lanes[0].now_group = 3;
  run->lanes[0].now_start_ns = 20000;
  run->input.now_ns = 70000;
  run->input.interrupted = true;
  weftline_timeline_layout_run (layout, &run->input, &view);
  rects = weftline_timeline_rects (layout, 0, &n);
  g_assert_cmpuint (n, ==, 1);
  g_assert_cmpint (rects[0].form, ==, WEFTLINE_FORM_CANCELLED);
  g_assert_cmpint (rects[0].x0, ==, 20);
  g_assert_cmpint (rects[0].x1, ==, 70);
  g_assert_true (weft_model_has_nows (&snapshot));
  snapshot.phase = WEFT_RUN_CANCELLED;
  g_assert_false (weft_model_has_nows (&snapshot));
  weftline_timeline_layout_free (layout);
}

static void
test_lanes_that_do_not_fit_scroll (void)
{
  FixtureRunSpec spec = { .n_lanes = 64, .n_spans = 64 };
  g_autoptr (FixtureRun) run = fixture_run_new (&spec);
  WeftlineTimelineLayout *layout = weftline_timeline_layout_new ();
  WeftlineTimelineView view = view_of (run, 300, 248, 1);
  bool seen[64] = { false };
  int most = weftline_timeline_max_scroll (&view, 64);

  g_assert_cmpint (most, ==, 64 * WEFTLINE_TIMELINE_MIN_PITCH - 200);
  for (view.scroll = 0; view.scroll <= most; view.scroll += 10)
    {
      weftline_timeline_layout_run (layout, &run->input, &view);
      g_assert_cmpint (weftline_timeline_lane_y (layout, layout->first_lane), <,
                       layout->area_y + WEFTLINE_TIMELINE_MIN_PITCH);
      for (unsigned i = 0; i < layout->n_lanes; i++)
        seen[layout->first_lane + i] = true;
    }
  for (unsigned i = 0; i < 64; i++)
    g_assert_true (seen[i] || i == 63);
  view.scroll = 1000000;
  weftline_timeline_layout_run (layout, &run->input, &view);
  g_assert_cmpint (layout->view.scroll, ==, most);
  g_assert_cmpuint (layout->first_lane + layout->n_lanes, ==, 64);
  weftline_timeline_layout_free (layout);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("ui-timeline", "layout", "zooms-equal-every-span", test_zooms_equal_every_span);
  test_add ("ui-timeline", "layout", "two-threads-say-the-same", test_two_threads_say_the_same);
  test_add ("ui-timeline", "layout", "few-spans-wake-nobody", test_few_spans_wake_nobody);
  test_add ("ui-timeline", "layout", "dense-zooms-equal-every-span",
            test_dense_zooms_equal_every_span);
  test_add ("ui-timeline", "layout", "lengths-of-all-magnitudes", test_lengths_of_all_magnitudes);
  test_add ("ui-timeline", "layout", "tasks-are-counted-once", test_tasks_are_counted_once);
  test_add ("ui-timeline", "layout", "running-equals-ended", test_running_equals_ended);
  test_add ("ui-timeline", "layout", "any-length-is-drawn", test_any_length_is_drawn);
  test_add ("ui-timeline", "layout", "visits-are-bounded", test_visits_are_bounded);
  test_add ("ui-timeline", "layout", "moments-are-in-one-view", test_moments_are_in_one_view);
  test_add ("ui-timeline", "layout", "nested-spans-are-found", test_nested_spans_are_found);
  test_add ("ui-timeline", "layout", "running-task-grows", test_running_task_grows);
  test_add ("ui-timeline", "layout", "interrupted-task-is-marked", test_interrupted_task_is_marked);
  test_add ("ui-timeline", "layout", "lanes-that-do-not-fit-scroll",
            test_lanes_that_do_not_fit_scroll);
  return g_test_run ();
}
