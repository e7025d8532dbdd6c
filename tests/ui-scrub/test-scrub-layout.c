/* test-scrub-layout.c: the time of a run as a track, against a look at every span
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "../model/made-fixture.h"

#include "canvas/number-format.h"
#include "scrub/scrub-paint.h"
#include "scrub/scrub-words.h"

#define N_LANES 3
#define MOST_SPANS 4000

/* ---- made runs ------------------------------------------------------------------------------- */

/* Tasks of all lengths with gaps of all lengths, other things between, deeper ones inside. */
static void
give_random_lane (Maker *m, uint32_t lane, uint32_t n)
{
  g_autofree WeftRecord *records = g_new (WeftRecord, n);
  gint32 longest = g_test_rand_int_range (2, 20000);
  uint64_t at = 1000;

  for (uint32_t i = 0; i < n; i++)
    {
      uint64_t gap = (uint64_t) g_test_rand_int_range (0, longest) * (uint64_t) (i % 3 == 0);
      uint64_t length = (uint64_t) g_test_rand_int_range (0, longest);
      uint8_t kind = g_test_rand_int_range (0, 4) > 0 ? WEFT_RECORD_TASK : WEFT_RECORD_PARKED;

      records[i] = span (kind, 0, kind == WEFT_RECORD_TASK ? 0 : WEFT_NONE, at + gap, length, 0);
      at += gap + length;
    }
  give_records (m, lane, records, n);
}

static void
give_random_run (Maker *m)
{
  static const uint32_t distances[] = { 0 };

  begin (m);
  give_clock (m, 0, 1000000000, 0, 0);
  give_lane (m, 0, WEFT_LANE_CONTROL, 0);
  give_one (m, 0, span (WEFT_RECORD_RUN_STATE, WEFT_RUN_RUNNING, WEFT_NONE, 1000, 0, 0));
  give_segment (m, 0, 0, distances, 1);
  for (uint32_t lane = 1; lane <= N_LANES; lane++)
    {
      give_lane (m, lane, WEFT_LANE_THREAD, 0);
      give_random_lane (m, lane, (uint32_t) g_test_rand_int_range (1, MOST_SPANS));
    }
  weft_model_finish (m->model, false);
}

/* How long tasks ran from one moment to another, in all lanes. */
static int64_t
busy_between (const WeftModel *model, int64_t from_ns, int64_t to_ns)
{
  int64_t busy_ns = 0;

  for (uint32_t lane = 1; lane <= N_LANES; lane++)
    {
      WeftModelLane info;

      weft_model_lane (model, lane, &info);
      for (uint64_t i = 0; i < weft_spans_n (info.spans); i++)
        {
          const WeftSpan *one = weft_spans_get (info.spans, i);
          int64_t begin_ns = MAX (one->start_ns, from_ns), end_ns = MIN (one->end_ns, to_ns);

          if (one->kind == WEFT_RECORD_TASK && end_ns > begin_ns)
            busy_ns += end_ns - begin_ns;
        }
    }
  return busy_ns;
}

/* ---- the curve ------------------------------------------------------------------------------- */

static void
test_curve (void)
{
  WeftlineScrubLayout layout = { 0 };

  for (int round = 0; round < 25; round++)
    {
      WeftModelSnapshot snapshot;
      double most = 0;
      Maker m;

      give_random_run (&m);
      weft_model_snapshot (m.model, &snapshot);
      weftline_scrub_layout (&layout, m.model, &snapshot, g_test_rand_int_range (1, 300));
      g_assert_cmpint (layout.end_ns, ==, snapshot.last_ns);
      for (int column = 0; column < layout.width; column++)
        {
          int64_t from_ns = weftline_scrub_column_ns (&layout, column);
          int64_t to_ns = weftline_scrub_column_ns (&layout, column + 1);
          double busy = (double) busy_between (m.model, from_ns, to_ns);

          g_assert_cmpfloat_with_epsilon (layout.running[column] * (double) (to_ns - from_ns), busy,
                                          1e-3 + busy * 1e-9);
          g_assert_cmpfloat (layout.running[column], <=, N_LANES + 1e-9);
          most = MAX (most, layout.running[column]);
        }
      g_assert_cmpfloat (layout.most, ==, most);
      clear (&m);
    }
  weftline_scrub_layout_clear (&layout);
}

/* What runs now has run since its start. */
static void
test_running (void)
{
  static const uint32_t distances[] = { 0 };
  WeftlineScrubLayout layout = { 0 };
  WeftModelSnapshot snapshot;
  Maker m;

  begin_run (&m);
  give_segment (&m, 0, 0, distances, 1);
  give_one (&m, 1, span (WEFT_RECORD_BEGIN, 0, 0, 1500, 0, 0));
  give_one (&m, 0, span (WEFT_RECORD_PAUSED, 0, WEFT_NONE, 1000, 1000, 0));
  weft_model_snapshot (m.model, &snapshot);
  weftline_scrub_layout (&layout, m.model, &snapshot, 100 + 2 * WEFTLINE_SCRUB_MARGIN);
  g_assert_cmpint (layout.end_ns, ==, 1000);
  for (int column = 0; column < 100; column++)
    g_assert_cmpfloat (layout.running[column], ==, column < 50 ? 0 : 1);
  weftline_scrub_layout_clear (&layout);
  clear (&m);
}

static void
test_nothing (void)
{
  WeftlineScrubLayout layout = { 0 };
  WeftModelSnapshot snapshot = { 0 };

  weftline_scrub_layout (&layout, NULL, &snapshot, 0);
  g_assert_cmpint (layout.width, ==, 1);
  g_assert_cmpfloat (layout.most, ==, 0);
  g_assert_cmpint (weftline_scrub_at (&layout, 3), ==, INT64_MAX);
  g_assert_cmpfloat (weftline_scrub_x (&layout, INT64_MAX), ==, WEFTLINE_SCRUB_MARGIN + 1);
  weftline_scrub_layout_clear (&layout);
}

/* ---- places ---------------------------------------------------------------------------------- */

/* From a place to a moment and back; later is farther right. */
static void
test_places (void)
{
  for (int round = 0; round < 2000; round++)
    {
      WeftlineScrubLayout layout = { .width = g_test_rand_int_range (20, 2000),
                                     .end_ns = g_test_rand_int_range (5000, 2000000000) };
      double x = g_test_rand_double_range (-50, layout.width + 50.0);
      int64_t at_ns = weftline_scrub_at (&layout, x);
      double back = weftline_scrub_x (&layout, at_ns);

      g_assert_cmpfloat (back, >=, WEFTLINE_SCRUB_MARGIN);
      g_assert_cmpfloat (back, <=, WEFTLINE_SCRUB_MARGIN + layout.width);
      if (x >= WEFTLINE_SCRUB_MARGIN && x <= WEFTLINE_SCRUB_MARGIN + layout.width)
        g_assert_cmpfloat (ABS (back - x), <=, WEFTLINE_SCRUB_SNAP + 0.5);
      if (at_ns != INT64_MAX)
        g_assert_cmpint (at_ns, <, layout.end_ns);
      g_assert_cmpint (weftline_scrub_at (&layout, x + 1), >=, at_ns);
    }
}

/* ---- words and picture ----------------------------------------------------------------------- */

static void
assert_words (int64_t at_ns, const WeftMoment *moment, const char *expected)
{
  g_autofree char *words =
      weftline_scrub_words (at_ns, 2000000, moment, WEFTLINE_TIME_SINCE_START, 0);

  g_assert_cmpstr (words, ==, expected);
}

static void
test_words (void)
{
  WeftMoment moment = { .at_ns = 1200000, .live_bytes = 1210000000 };

  moment.n_states[WEFT_TASK_RUNNING] = 3;
  moment.n_states[WEFT_TASK_QUEUED] = 12345;
  moment.n_states[WEFT_TASK_RELEASED] = 7;
  assert_words (INT64_MAX, &moment, "Tasks running over time: drag to see how it was");
  assert_words (1200000, &moment,
                "as of 1.20000" WEFTLINE_NO_BREAK_SPACE "ms · 3 running · 12" WEFTLINE_NARROW_SPACE
                "345 queued · 1.21" WEFTLINE_NO_BREAK_SPACE "GB");
  assert_words (1300000, &moment,
                "as of 1.30000" WEFTLINE_NO_BREAK_SPACE "ms · finding out how it was");
  assert_words (1300000, NULL,
                "as of 1.30000" WEFTLINE_NO_BREAK_SPACE "ms · finding out how it was");
}

static void
assert_moment (int64_t at_ns, int64_t end_ns, const char *expected)
{
  g_autofree char *text = weftline_scrub_moment (at_ns, end_ns, WEFTLINE_TIME_SINCE_START, 0);
  g_auto (GStrv) parts = g_strsplit (text, WEFTLINE_NO_BREAK_SPACE, -1);
  g_autofree char *plain = g_strjoinv (" ", parts);

  g_assert_cmpstr (plain, ==, expected);
}

/* One unit for a whole run, and as many figures as tell its moments apart. */
static void
test_moments (void)
{
  assert_moment (0, 0, "0 ns");
  assert_moment (17, 900, "17 ns");
  assert_moment (1234, 999999, "1.234 µs");
  assert_moment (1234, 5000000, "0.00123 ms");
  assert_moment (1203456789, 6990000000, "1.20345 s");
  assert_moment (59999999999, 61000000000, "59.9999 s");
  assert_moment (64215999999, 70000000000, "1 m 04.2159 s");
  assert_moment (3725000000000, 10000000000000, "1 h 2 m 05.0 s");
  assert_moment (7384000000000, 200000000000000, "2 h 3 m 04 s");
}

static uint32_t
pixel (cairo_surface_t *surface, int x, int y)
{
  const unsigned char *data = cairo_image_surface_get_data (surface);

  return *(const uint32_t *) (const void *) (data
                                             + (ptrdiff_t) y
                                                   * cairo_image_surface_get_stride (surface)
                                             + 4 * x)
         & 0xffffff;
}

/* (transfer full) */
static cairo_surface_t *
draw (const WeftlineScrubLayout *layout, int64_t time_ns, bool dark)
{
  const WeftlinePalette *palette = weftline_palette (WEFTLINE_PALETTE_SAFE, dark);
  int width = layout->width + 2 * WEFTLINE_SCRUB_MARGIN;
  WeftlineTextCache *text = weftline_text_cache_new ("Sans 10", 1);
  cairo_surface_t *surface =
      cairo_image_surface_create (CAIRO_FORMAT_RGB24, width, WEFTLINE_SCRUB_HEIGHT);
  cairo_t *cr = cairo_create (surface);

  weftline_set_color (cr, palette->card, 1);
  cairo_paint (cr);
  weftline_scrub_paint (&(WeftlineScrubPaint){ .layout = layout,
                                               .palette = palette,
                                               .text = text,
                                               .width = width,
                                               .height = WEFTLINE_SCRUB_HEIGHT,
                                               .time_ns = time_ns,
                                               .hover_x = -1,
                                               .words = "as of 1.20 s",
                                               .end_words = "2.00 s" },
                        cr);
  cairo_destroy (cr);
  cairo_surface_flush (surface);
  weftline_text_cache_free (text);
  return surface;
}

/* Before the moment the curve is filled, behind it only its edge is drawn. */
static void
test_picture (void)
{
  WeftlineScrubLayout layout = { .width = 200, .end_ns = 2000, .most = 1 };
  int middle = (WEFTLINE_SCRUB_WORDS + WEFTLINE_SCRUB_HEIGHT) / 2;

  layout.running = g_new (double, 200);
  for (int column = 0; column < 200; column++)
    layout.running[column] = 1;
  for (int dark = 0; dark < 2; dark++)
    {
      uint32_t card = weftline_palette (WEFTLINE_PALETTE_SAFE, dark)->card;
      cairo_surface_t *then = draw (&layout, 1000, dark);
      cairo_surface_t *now = draw (&layout, INT64_MAX, dark);

      for (int x = 20; x < 90; x++)
        {
          int early = x, late = 213 - x;

          g_assert_cmphex (pixel (then, early, middle), !=, card);
          g_assert_cmphex (pixel (then, late, middle), ==, card);
          g_assert_cmphex (pixel (then, late, WEFTLINE_SCRUB_WORDS), !=, card);
          g_assert_cmphex (pixel (now, late, middle), !=, card);
        }
      cairo_surface_destroy (then);
      cairo_surface_destroy (now);
    }
  g_free (layout.running);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("ui-scrub", "scrub-layout", "curve", test_curve);
  test_add ("ui-scrub", "scrub-layout", "running", test_running);
  test_add ("ui-scrub", "scrub-layout", "nothing", test_nothing);
  test_add ("ui-scrub", "scrub-layout", "places", test_places);
  test_add ("ui-scrub", "scrub-layout", "words", test_words);
  test_add ("ui-scrub", "scrub-layout", "moments", test_moments);
  test_add ("ui-scrub", "scrub-layout", "picture", test_picture);
  return g_test_run ();
}
