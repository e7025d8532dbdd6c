/* timeline-bench.c: what a picture of ten million spans costs
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 *   timeline-bench [SPANS [LANES [ZOOMS]]]
 *
 * Layout and paint of the whole run and of random zooms at 1920 × 1080, beside a calibration drawn
 * between them: 20,000 rectangles filled by cairo, aligned to pixels, batched by colour. At the end
 * a thread appends a million spans a second while the whole run is drawn again and again. Prints
 * one line a phase: milliseconds of the clock, as two threads make a picture, and the ratio to the
 * calibration's median.
 */
#include "config.h"

#include "timeline-fixture.h"

#include "timeline/timeline-hit.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define ARRIVALS_A_MS 1050
#define N_CALIBRATION 20000
#define N_COLORS 7

/* By the clock, as two threads make a picture. */
static double
now_ms (void)
{
  struct timespec time;

  clock_gettime (CLOCK_MONOTONIC, &time);
  return (double) time.tv_sec * 1e3 + (double) time.tv_nsec / 1e6;
}

static int
compare (const void *a, const void *b)
{
  double first = *(const double *) a, second = *(const double *) b;

  return (first > second) - (first < second);
}

static double
quantile (double *times, unsigned n, double q)
{
  qsort (times, n, sizeof *times, compare);
  return times[MIN ((unsigned) (q * n), n - 1)];
}

static double
calibrate (cairo_t *cr, GRand *rand)
{
  double start = now_ms ();

  for (unsigned color = 0; color < N_COLORS; color++)
    {
      weftline_set_color (cr, 0x102030 * (color + 1), 1);
      for (unsigned i = 0; i < N_CALIBRATION / N_COLORS; i++)
        cairo_rectangle (cr, g_rand_int_range (rand, 0, 1910), g_rand_int_range (rand, 0, 1040), 6,
                         30);
      cairo_fill (cr);
    }
  return now_ms () - start;
}

static void
print_line (const char *phase, double *times, unsigned n, double calibration)
{
  double median = quantile (times, n, 0.5), high = quantile (times, n, 0.99);

  printf ("%-12s least %5.2f ms  median %5.2f ms  p99 %5.2f ms  max %5.2f ms  ", phase, times[0],
          median, high, times[n - 1]);
  printf ("of calibration %5.3f, p99 %5.3f\n", median / calibration, high / calibration);
}

typedef struct
{
  FixtureRun *run;
  atomic_bool stop;
  uint64_t n_arrived;
} Arrivals;

/* A million spans a second, to all lanes in turn, at their ends. */
static void *
arrive_cb (void *data)
{
  Arrivals *arrivals = data;
  unsigned n_lanes = arrivals->run->input.n_lanes;
  int64_t at = arrivals->run->end_ns, start_us = g_get_monotonic_time ();

  while (!arrivals->stop)
    {
      uint64_t due = (uint64_t) (g_get_monotonic_time () - start_us) * ARRIVALS_A_MS / 1000;

      for (; arrivals->n_arrived < due; arrivals->n_arrived++)
        {
          WeftSpan span = {
            .start_ns = at,
            .end_ns = at + 900,
            .group = (uint16_t) (arrivals->n_arrived / 100000 % FIXTURE_N_GROUPS),
            .kind = WEFT_RECORD_TASK,
          };
          unsigned lane = (unsigned) (arrivals->n_arrived % n_lanes);

          weft_spans_append ((WeftSpans *) arrivals->run->lanes[lane].spans, &span);
          at += lane + 1 == n_lanes ? 1000 : 0;
        }
      g_usleep (1000);
    }
  return NULL;
}

static double
time_picture (FixtureRun *run, WeftlineTimelineLayout *layout, WeftlineTimelinePaint *paint,
              const WeftlineTimelineLook *look, const WeftlineTimelineView *view)
{
  double start = now_ms ();

  weftline_timeline_layout_run (layout, &run->input, view);
  weftline_timeline_paint_data (paint, layout, look);
  return now_ms () - start;
}

/* The whole run, as it grows, and somewhere in it. */
static void
time_arrivals (FixtureRun *run, WeftlineTimelineLayout *layout, WeftlineTimelinePaint *paint,
               const WeftlineTimelineLook *look, WeftlineTimelineView *view, GRand *rand,
               double *whole, double *zooms, unsigned n)
{
  Arrivals arrivals = { .run = run };
  gint64 start_us = g_get_monotonic_time ();
  GThread *thread = g_thread_new ("arrivals", arrive_cb, &arrivals);

  for (unsigned i = 0; i < n; i++)
    {
      FixtureRun grown = *run;

      for (unsigned lane = 0; lane < run->input.n_lanes; lane++)
        run->lanes[lane].n = weft_spans_n (run->lanes[lane].spans);
      weftline_timeline_extent (&run->input, &view->t0_ns, &view->t1_ns);
      grown.end_ns = view->t1_ns;
      whole[i] = time_picture (run, layout, paint, look, view);
      fixture_random_zoom (&grown, rand, view);
      zooms[i] = time_picture (run, layout, paint, look, view);
      g_usleep (4000);
    }
  arrivals.stop = true;
  g_thread_join (thread);
  printf ("%" G_GUINT64_FORMAT " spans arrived meanwhile, %.0f a second\n", arrivals.n_arrived,
          (double) arrivals.n_arrived * G_USEC_PER_SEC
              / (double) (g_get_monotonic_time () - start_us));
}

int
main (int argc, char **argv)
{
  FixtureRunSpec spec = {
    .n_spans = argc > 1 ? strtoull (argv[1], NULL, 10) : 10000000,
    .n_lanes = argc > 2 ? (unsigned) atoi (argv[2]) : 16,
    .seed = 7,
    .plain = true,
  };
  unsigned n_zooms = argc > 3 ? (unsigned) atoi (argv[3]) : 200;
  double start = now_ms ();
  FixtureRun *run = fixture_run_new (&spec);
  WeftlineTimelineLayout *layout = weftline_timeline_layout_new ();
  WeftlineTimelinePaint *paint = weftline_timeline_paint_new ();
  WeftlineTimelineLook look = {
    .palette = weftline_palette (WEFTLINE_PALETTE_SAFE, false),
    .font = "Sans 10",
    .labels = WEFTLINE_LABELS_GROUP,
    .status = "10 000 000 of 10 000 000 tasks · 0 dropped",
  };
  WeftlineTimelineView view = { 0, run->end_ns, 1920, 1080, 1, 90, 0, false };
  GRand *rand = g_rand_new_with_seed (11);
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, 1920, 1080);
  cairo_t *cr = cairo_create (surface);
  double *times[4]; /* layout, paint, both, calibration */
  double *whole = g_new (double, n_zooms);
  double middle;
  uint64_t most = 0;

  for (unsigned i = 0; i < G_N_ELEMENTS (times); i++)
    times[i] = g_new (double, n_zooms);
  printf ("%" G_GUINT64_FORMAT " spans in %u lanes, made in %.0f ms\n", spec.n_spans, spec.n_lanes,
          now_ms () - start);
  for (unsigned i = 0; i < n_zooms; i++)
    {
      double laid_out;

      view.t0_ns = 0;
      view.t1_ns = run->end_ns;
      whole[i] = time_picture (run, layout, paint, &look, &view);

      fixture_random_zoom (run, rand, &view);
      start = now_ms ();
      weftline_timeline_layout_run (layout, &run->input, &view);
      laid_out = now_ms ();
      weftline_timeline_paint_data (paint, layout, &look);
      times[0][i] = laid_out - start;
      times[1][i] = now_ms () - laid_out;
      times[2][i] = times[0][i] + times[1][i];
      times[3][i] = calibrate (cr, rand);
      most = MAX (most, layout->n_visits);
    }
  middle = quantile (times[3], n_zooms, 0.5);
  print_line ("  layout", times[0], n_zooms, middle);
  print_line ("  paint", times[1], n_zooms, middle);
  print_line ("zooms", times[2], n_zooms, middle);
  print_line ("whole run", whole, n_zooms, middle);
  time_arrivals (run, layout, paint, &look, &view, rand, whole, times[2], n_zooms);
  print_line ("arriving", whole, n_zooms, middle);
  print_line ("zooms then", times[2], n_zooms, middle);
  print_line ("calibration", times[3], n_zooms, middle);
  printf ("at most %" G_GUINT64_FORMAT " nodes and spans looked at\n", most);
  for (unsigned i = 0; i < G_N_ELEMENTS (times); i++)
    g_free (times[i]);
  g_free (whole);
  cairo_destroy (cr);
  cairo_surface_destroy (surface);
  g_rand_free (rand);
  weftline_timeline_paint_free (paint);
  weftline_timeline_layout_free (layout);
  fixture_run_free (run);
  return 0;
}
