/* test-resource-layout.c: tests of charts of what was measured, and of how they are drawn
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "../ui-inspect/inspect-fixture.h"

#include "canvas/number-format.h"
#include "canvas/shown-text.h"
#include "resources/resource-paint.h"

static const WeftModelSeries series_of[][WEFTLINE_RESOURCE_N_LINES] = {
  { WEFT_SERIES_CPU, WEFT_SERIES_CHILDREN_CPU },
  { WEFT_SERIES_RESIDENT, WEFT_SERIES_CHILDREN },
  { WEFT_SERIES_READ, WEFT_SERIES_WRITTEN },
};

static void
test_round_up (void)
{
  g_assert_cmpfloat (weftline_resource_round_up (0), ==, 1);
  g_assert_cmpfloat (weftline_resource_round_up (1), ==, 1);
  g_assert_cmpfloat (weftline_resource_round_up (1.1), ==, 2);
  g_assert_cmpfloat (weftline_resource_round_up (4.9e8), ==, 5e8);
  for (int i = 0; i < 1000; i++)
    {
      double value = g_test_rand_double_range (1e-3, 1e12);
      double top = weftline_resource_round_up (value);

      g_assert_cmpfloat (top, >=, value * (1 - 1e-9));
      g_assert_cmpfloat (top, <=, 2.5 * value * (1 + 1e-9));
    }
}

/* A process that is measured for a while, with work in it and in its children. */
static void
record_measured (Recorded *recorded)
{
  WeftGraph *graph = parse_graph ("{\"weftline\": 1, \"tasks\": {"
                                  "\"burn\": {\"op\": \"busy\", \"args\": [0.3]},"
                                  "\"child\": {\"op\": \"exec\", \"args\": [[\"sleep\", \"0.4\"]]},"
                                  "\"big\": {\"op\": \"alloc\", \"args\": [20000000]}}}");
  WeftEngineOptions engine_options = { .n_workers = 3 };
  WeftRunOptions options = { .records = true };

  *recorded = (Recorded){ .dir = test_dir_new () };
  recorded->path = g_build_filename (recorded->dir, "run.weft", NULL);
  options.recorder.path = recorded->path;
  options.recorder.sample_process = true;
  recorded->registry = engine_options.registry = weft_op_registry_new ();
  recorded->engine = weft_engine_new (&engine_options, NULL);
  recorded->run = weft_run_new (recorded->engine, graph, &options, NULL);
  g_assert_nonnull (recorded->run);
  weft_graph_unref (graph);
  weft_run_start (recorded->run);
  finish_run (recorded);
}

static double
greatest (const WeftlineResourceLayout *layout, unsigned chart, unsigned line)
{
  double most = -1;

  for (int x = 0; x < layout->width; x++)
    {
      const WeftlineResourceColumn *column = &layout->charts[chart].columns[line][x];

      g_assert_cmpfloat (column->low, <=, column->high);
      most = MAX (most, column->high);
    }
  return most;
}

/* At whatever size, no peak is lost, everything is below the top, and the latest is told. */
static void
test_nothing_is_lost (void)
{
  Recorded recorded;
  WeftlineResourceLayout layout = { 0 };

  record_measured (&recorded);
  g_assert_cmpuint (weft_model_series_n (recorded.model, WEFT_SERIES_RESIDENT), >, 2);
  for (int round = 0; round < 40; round++)
    {
      weftline_resource_layout (&layout, recorded.model, recorded.snapshot.last_ns,
                                g_test_rand_int_range (1, 900), g_test_rand_int_range (1, 600));
      for (unsigned chart = 0; chart < WEFTLINE_RESOURCE_N_CHARTS; chart++)
        for (unsigned line = 0; line < WEFTLINE_RESOURCE_N_LINES; line++)
          {
            WeftModelSeries series = series_of[chart][line];
            uint64_t n = weft_model_series_n (recorded.model, series);
            double most = -1;

            for (uint64_t i = 0; i < n; i++)
              most = MAX (most, weft_model_series_get (recorded.model, series, i).value);
            g_assert_cmpfloat (greatest (&layout, chart, line), ==, most);
            g_assert_cmpfloat (most, <=, layout.charts[chart].top);
            g_assert_cmpfloat (layout.charts[chart].last[line], ==,
                               n > 0 ? weft_model_series_get (recorded.model, series, n - 1).value
                                     : -1);
          }
    }
  weftline_resource_layout_clear (&layout);
  recorded_clear (&recorded);
}

/* Charts stand one over the other, and leave room for their words and for the times. */
static void
test_places (void)
{
  WeftlineResourceLayout layout = { 0 };

  for (int height = 0; height < 700; height += 7)
    {
      int below = 0;

      weftline_resource_layout (&layout, NULL, 0, 300, height);
      for (unsigned i = 0; i < WEFTLINE_RESOURCE_N_CHARTS; i++)
        {
          const WeftlineResourceChart *chart = &layout.charts[i];

          g_assert_cmpint (chart->height, >=, 0);
          g_assert_cmpfloat (chart->last[0], <, 0);
          if (chart->height == 0) /* no room: it is not drawn */
            continue;
          g_assert_cmpint (chart->y, >=, below + WEFTLINE_RESOURCE_HEAD);
          below = chart->y + chart->height;
          g_assert_cmpint (below, <=, height - WEFTLINE_RESOURCE_AXIS);
        }
    }
  weftline_resource_layout_clear (&layout);
}

static void
test_words (void)
{
  WeftlineResourceLayout layout = { 0 };
  g_autofree char *nothing = NULL;
  g_autofree char *cores = weftline_resource_value_text (WEFTLINE_RESOURCE_CPU, 1.419);
  g_autofree char *rate = weftline_resource_value_text (WEFTLINE_RESOURCE_IO, 3100000);

  weftline_resource_layout (&layout, NULL, 0, 10, 10);
  nothing = weftline_resource_text (&layout, WEFTLINE_RESOURCE_MEMORY);
  g_assert_cmpstr (nothing, ==, "Memory: –, children –");
  g_assert_cmpstr (cores, ==, "1.42 cores");
  g_assert_cmpstr (rate, ==, "3.10" WEFTLINE_NO_BREAK_SPACE "MB/s");
  weftline_resource_layout_clear (&layout);
}

static uint32_t
pixel (cairo_surface_t *surface, int x, int y)
{
  const uint8_t *row = cairo_image_surface_get_data (surface)
                       + (ptrdiff_t) y * cairo_image_surface_get_stride (surface);

  return ((const uint32_t *) (const void *) row)[x] & 0xffffff;
}

/* An area that is half full is coloured in its lower half and empty above. */
static void
test_paint (void)
{
  for (int dark = 0; dark < 2; dark++)
    {
      const WeftlinePalette *palette = weftline_palette (WEFTLINE_PALETTE_SAFE, dark);
      WeftlineTextCache *text = weftline_text_cache_new ("Sans 10", 1);
      cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, 200, 200);
      cairo_t *cr = cairo_create (surface);
      WeftlineResourceLayout layout = { 0 };
      WeftlineResourceChart *chart = &layout.charts[WEFTLINE_RESOURCE_MEMORY];

      weftline_resource_layout (&layout, NULL, 1000000000, 200, 200);
      for (int x = 0; x < 200; x++)
        chart->columns[0][x] = (WeftlineResourceColumn){ 0.4, 0.4 };
      weftline_resource_paint (
          &(WeftlineResourcePaint){ .layout = &layout, .palette = palette, .text = text }, cr);
      cairo_destroy (cr);
      cairo_surface_flush (surface);
      g_assert_cmphex (pixel (surface, 100, chart->y + 3), ==, palette->track);
      g_assert_cmphex (pixel (surface, 100, chart->y + chart->height - 2), !=, palette->track);
      g_assert_cmphex (pixel (surface, 100, layout.charts[0].y + 3), ==, palette->track);
      cairo_surface_destroy (surface);
      weftline_text_cache_free (text);
      weftline_resource_layout_clear (&layout);
    }
}

/* What is said of a chart begins on the right where text does; times do not change places. */
static void
test_right_to_left (void)
{
  for (int rtl = 0; rtl < 2; rtl++)
    {
      const WeftlinePalette *palette = weftline_palette (WEFTLINE_PALETTE_SAFE, false);
      WeftlineTextCache *text = weftline_text_cache_new ("Sans 10", 1);
      cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, 500, 300);
      GArray *texts = weftline_collect_texts (surface);
      cairo_t *cr = cairo_create (surface);
      WeftlineResourceLayout layout = { 0 };
      double last = -1;
      unsigned n_begin = 0, n_end = 0, n_times = 0;

      weftline_resource_layout (&layout, NULL, 10000000000, 500, 300);
      for (unsigned i = 0; i < WEFTLINE_RESOURCE_N_CHARTS; i++)
        layout.charts[i].last[0] = 0.5;
      weftline_resource_paint (
          &(WeftlineResourcePaint){
              .layout = &layout, .palette = palette, .text = text, .rtl = rtl },
          cr);
      cairo_destroy (cr);
      for (guint i = 0; i < texts->len; i++)
        {
          const WeftlineShownText *shown = &g_array_index (texts, WeftlineShownText, i);

          if (shown->y > 300 - WEFTLINE_RESOURCE_AXIS)
            {
              g_assert_cmpfloat (shown->x, >, last);
              last = shown->x;
              n_times++;
            }
          else if (shown->size > 12.5) /* of usual size: what the chart shows */
            n_begin += rtl ? ABS (shown->x + shown->width - 500) < 2 : shown->x < 2;
          else
            n_end += rtl ? shown->x < 2 : ABS (shown->x + shown->width - 500) < 2;
        }
      g_assert_cmpuint (n_begin, ==, WEFTLINE_RESOURCE_N_CHARTS);
      g_assert_cmpuint (n_end, ==, WEFTLINE_RESOURCE_N_CHARTS);
      g_assert_cmpuint (n_times, >, 2);
      cairo_surface_destroy (surface);
      weftline_text_cache_free (text);
      weftline_resource_layout_clear (&layout);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("ui-resources", "resource-layout", "round-up", test_round_up);
  test_add ("ui-resources", "resource-layout", "nothing-is-lost", test_nothing_is_lost);
  test_add ("ui-resources", "resource-layout", "places", test_places);
  test_add ("ui-resources", "resource-layout", "words", test_words);
  test_add ("ui-resources", "resource-layout", "paint", test_paint);
  test_add ("ui-resources", "resource-layout", "right-to-left", test_right_to_left);
  return g_test_run ();
}
