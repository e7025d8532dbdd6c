/* test-paint.c: pictures of the task stream against references
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "test-pictures.h"
#include "timeline-fixture.h"

#include "canvas/shown-text.h"
#include "timeline/timeline-legend.h"
#include "timeline/timeline-stats.h"

#include <cairo-pdf.h>
#include <cairo-svg.h>

static bool writes;

typedef struct
{
  const char *name;
  WeftlinePaletteKind palette;
  bool dark, rtl;
  int width, height, scale;
  bool has_overlay, has_legend;
} Scene;

static void
add_lane_run (WeftlineTimelineLane *lane, GRand *rand, uint16_t group, int64_t mean_ms,
              int64_t until_ms, int64_t *at_ms)
{
  while (*at_ms < until_ms)
    {
      int64_t ms = g_rand_int_range (rand, (int) mean_ms / 2, (int) mean_ms * 3 / 2);
      WeftOutcome outcome = WEFT_OUTCOME_OK;

      if (group == 2 && lane->n % 8 == 7)
        outcome = lane->n % 16 == 7 ? WEFT_OUTCOME_FAILED : WEFT_OUTCOME_CANCELLED;
      else if (group == 1 && lane->n % 9 == 1)
        outcome = WEFT_OUTCOME_RETRIED;
      fixture_add_task (lane, group, *at_ms * 1000000, (*at_ms + ms) * 1000000, outcome);
      *at_ms += ms;
      ms = g_rand_int_range (rand, 0, (int) mean_ms / 12 + 2);
      if (lane->n % 19 == 18)
        {
          static const WeftRecordKind kinds[] = { WEFT_RECORD_SPILL_WRITE, WEFT_RECORD_TRANSFER,
                                                  WEFT_RECORD_PARKED, WEFT_RECORD_MEMORY_PAUSED };

          ms += mean_ms / 2;
          fixture_add (lane, kinds[g_rand_int_range (rand, 0, 4)], *at_ms * 1000000,
                       (*at_ms + ms) * 1000000);
        }
      *at_ms += ms;
    }
}

/* Four workers through three stages, as in the design's sketch. */
static FixtureRun *
sketch_run (void)
{
  FixtureRunSpec spec = { .n_lanes = 4 };
  FixtureRun *run = fixture_run_new (&spec);
  GRand *rand = g_rand_new_with_seed (5);

  run->input.now_ns = INT64_C (104000000000);
  run->end_ns = run->input.now_ns;
  for (unsigned i = 0; i < 4; i++)
    {
      WeftlineTimelineLane *lane = &run->lanes[i];
      int64_t at_ms = 0;

      add_lane_run (lane, rand, 0, 1800, 11000, &at_ms);
      add_lane_run (lane, rand, 1, 8000, 70000, &at_ms);
      add_lane_run (lane, rand, 2, 2600, 100000 - i * 2500, &at_ms);
      lane->now_kind = i == 2 ? 0 : WEFT_RECORD_TASK;
      lane->now_group = 2 + (uint16_t) (i & 1);
      lane->now_start_ns = (at_ms + 300) * 1000000;
      lane->gone = i == 2;
    }
  g_rand_free (rand);
  return run;
}

static void
make_look (const Scene *scene, WeftlineTimelineLook *look)
{
  *look = (WeftlineTimelineLook){
    .palette = weftline_palette (scene->palette, scene->dark),
    .font = "Sans 10",
    .labels = WEFTLINE_LABELS_GROUP,
    .status = "following · 412 of 412 tasks · 0 dropped",
    .empty_title = "No run yet",
    .empty_text = "Open a graph, or start with an example.",
    .now_text = "now",
  };
}

static cairo_surface_t *
draw_scene (const Scene *scene, const FixtureRun *run, const WeftlineTimelineOverlay *overlay)
{
  WeftlineTimelineLayout *layout = weftline_timeline_layout_new ();
  WeftlineTimelinePaint *paint = weftline_timeline_paint_new ();
  cairo_surface_t *surface = picture_new (scene->width, scene->height, scene->scale);
  int legend =
      scene->has_legend ? weftline_timeline_legend_height (scene->width, scene->height) : 0;
  WeftlineTimelineView view = { .t0_ns = 0,
                                .t1_ns = MAX (run->end_ns + run->end_ns / 9, 1000),
                                .width = scene->width,
                                .height = scene->height - legend,
                                .scale = scene->scale,
                                .rtl = scene->rtl };
  WeftlineTimelineLook look;
  cairo_t *cr;

  make_look (scene, &look);
  view.gutter = weftline_timeline_paint_gutter (paint, &run->input, &look, scene->scale);
  weftline_timeline_layout_run (layout, &run->input, &view);
  weftline_timeline_paint_data (paint, layout, &look);
  cr = cairo_create (surface);
  weftline_timeline_paint_show (paint, cr);
  if (legend > 0)
    weftline_timeline_paint_legend (paint, cr, look.palette,
                                    weftline_timeline_legend_kinds (layout), scene->width,
                                    view.height, scene->rtl);
  weftline_timeline_paint_overlay (paint, cr, layout, &look, overlay);
  g_assert_cmpint (cairo_status (cr), ==, CAIRO_STATUS_SUCCESS);
  cairo_destroy (cr);
  weftline_timeline_paint_free (paint);
  weftline_timeline_layout_free (layout);
  return surface;
}

/* ---- scenes ---------------------------------------------------------------------------------- */

static const char *const hover_lines[] = { "mDiff-0073 · attempt 1",
                                           "ran 3.41 s, waited 0.62 s after mProject-0031",
                                           "CPU 99 % · 4.2 MB made · worker 2",
                                           "order 311 · releases mProject-0031", NULL };

static cairo_surface_t *
draw_sketch (const Scene *scene)
{
  g_autoptr (FixtureRun) run = sketch_run ();
  WeftlineTimelineStats stats;
  WeftlineTimelineArrow arrows[] = { { { 0, 14 }, { 1, 19 } }, { { 3, 13 }, { 1, 19 } } };
  WeftlineTimelineOverlay overlay = {
    .has_selected = true,
    .selected = { 1, 19 },
    .has_hovered = true,
    .hovered = { 2, 20 },
    .has_range = true,
    .range_t0_ns = INT64_C (46000000000),
    .range_t1_ns = INT64_C (66000000000),
    .hover_lines = hover_lines,
    .pointer_x = scene->rtl ? 300 : 620,
    .pointer_y = 230,
    .arrows = arrows,
    .n_arrows = G_N_ELEMENTS (arrows),
  };
  g_autofree char *line = NULL;

  weftline_timeline_stats (&run->input, NULL, 0, overlay.range_t0_ns, overlay.range_t1_ns,
                           WEFTLINE_STATS_LIMIT, &stats);
  overlay.range_text = line = weftline_timeline_stats_line (&stats);
  return draw_scene (scene, run, scene->has_overlay ? &overlay : NULL);
}

static cairo_surface_t *
draw_in_palette (const WeftlinePalette *palette, const void *data G_GNUC_UNUSED)
{
  return draw_sketch (
      &(Scene){ NULL, palette->kind, palette->dark, false, 860, 370, 1, true, true });
}

static void
test_palettes (void)
{
  assert_in_all_palettes ("ui-timeline", "timeline", draw_in_palette, NULL, writes);
}

static void
test_sketch (void)
{
  static const Scene scenes[] = {
    { "right-to-left", WEFTLINE_PALETTE_SAFE, false, true, 980, 420, 1, true },
    { "scale-2", WEFTLINE_PALETTE_SAFE, false, false, 600, 300, 2, true },
    { "small", WEFTLINE_PALETTE_SAFE, false, false, 320, 120, 1, false },
  };

  assert_scenes ("ui-timeline", scenes, draw_sketch, writes);
}

static void
test_dense (void)
{
  static const Scene scenes[] = {
    { "dense-light", WEFTLINE_PALETTE_SAFE, false, false, 980, 420, 1, false },
    { "dense-dark", WEFTLINE_PALETTE_SAFE, true, false, 980, 420, 1, false },
  };
  FixtureRunSpec spec = { .n_lanes = 16, .n_spans = 1000000, .seed = 3 };
  g_autoptr (FixtureRun) run = fixture_run_new (&spec);

  for (unsigned i = 0; i < G_N_ELEMENTS (scenes); i++)
    assert_drawn_as_reference ("ui-timeline", scenes[i].name, draw_scene (&scenes[i], run, NULL),
                               writes);
}

static void
test_hardly_anything (void)
{
  static const Scene empty = { "empty", WEFTLINE_PALETTE_SAFE, false, false, 600, 260, 1, false };
  static const Scene one = { "one-task", WEFTLINE_PALETTE_SAFE, true, false, 600, 260, 1, false };
  FixtureRunSpec spec = { 0 };
  const Scene *scene;

  for (unsigned n_lanes = 0; n_lanes < 2; n_lanes++)
    {
      g_autoptr (FixtureRun) run = NULL;

      spec.n_lanes = n_lanes;
      run = fixture_run_new (&spec);
      if (n_lanes == 1)
        {
          fixture_add_task (&run->lanes[0], 4, 300, 900, WEFT_OUTCOME_OK);
          run->end_ns = 1000;
        }
      scene = n_lanes == 0 ? &empty : &one;
      assert_drawn_as_reference ("ui-timeline", scene->name, draw_scene (scene, run, NULL), writes);
    }
}

static void
test_lineage_is_what_is_left (void)
{
  static const Scene scene = { "lineage", WEFTLINE_PALETTE_SAFE, false, false, 980, 420, 1, false };
  g_autoptr (FixtureRun) run = sketch_run ();
  WeftlineTimelineMark lineage[] = { { 0, 2 }, { 1, 3 }, { 0, 14 }, { 3, 13 }, { 1, 19 } };
  WeftlineTimelineOverlay overlay = { .is_veiled = true,
                                      .lineage = lineage,
                                      .n_lineage = G_N_ELEMENTS (lineage),
                                      .has_selected = true,
                                      .selected = { 1, 19 } };

  assert_drawn_as_reference ("ui-timeline", scene.name, draw_scene (&scene, run, &overlay), writes);
}

/* Two in one pixel are one, and those outside of the view are not there. */
static void
test_annotations (void)
{
  static const Scene scenes[] = {
    { "annotations-light", WEFTLINE_PALETTE_SAFE, false, false, 980, 420, 1, false },
    { "annotations-dark", WEFTLINE_PALETTE_SAFE, true, true, 600, 300, 2, false },
  };
  g_autoptr (FixtureRun) run = sketch_run ();
  const WeftlineTimelineAnnotation annotations[] = { { -5, 0 },
                                                     { 0, 1 },
                                                     { INT64_C (20000000000), 2 },
                                                     { INT64_C (20000000001), 3 },
                                                     { INT64_C (78000000000), 4 },
                                                     { INT64_C (900000000000), 5 } };
  WeftlineTimelineAnnotations all;
  WeftlineTimelineOverlay overlay = { .annotations = &all };

  weftline_timeline_annotations_init (&all);
  g_array_append_vals (all.places, annotations, G_N_ELEMENTS (annotations));
  for (unsigned i = 0; i < G_N_ELEMENTS (scenes); i++)
    assert_drawn_as_reference ("ui-timeline", scenes[i].name,
                               draw_scene (&scenes[i], run, &overlay), writes);
  weftline_timeline_annotations_clear (&all);
}

/* ---- without references ---------------------------------------------------------------------- */

/* Lines of the grid are two device pixels, both of the grid's colour. */
static void
test_scale_2_has_whole_lines (void)
{
  static const Scene scene = { "", WEFTLINE_PALETTE_SAFE, false, false, 400, 200, 2, false };
  g_autoptr (FixtureRun) run = sketch_run ();
  WeftlineTimelineLayout *layout = weftline_timeline_layout_new ();
  WeftlineTimelinePaint *paint = weftline_timeline_paint_new ();
  WeftlineTimelineView view = { 0, run->end_ns, 400, 200, 2, 80, 0, false };
  WeftlineTimelineLook look;
  const WeftlinePixels *pixels;
  const uint32_t *row;
  int n_grid = 0;

  make_look (&scene, &look);
  weftline_timeline_layout_run (layout, &run->input, &view);
  weftline_timeline_paint_data (paint, layout, &look);
  pixels = weftline_timeline_paint_pixels (paint);
  row = (const uint32_t *) (const void *) cairo_image_surface_get_data (pixels->surface)
        + (ptrdiff_t) layout->area_y * pixels->stride;
  for (int x = layout->area_x; x < pixels->width - 1; x++)
    if ((row[x] & 0xffffff) != look.palette->card)
      {
        g_assert_cmphex (row[x] & 0xffffff, ==, look.palette->grid);
        n_grid++;
      }
  g_assert_cmpint (n_grid, >, 2);
  g_assert_cmpint (n_grid % 2, ==, 0);
  weftline_timeline_paint_free (paint);
  weftline_timeline_layout_free (layout);
}

static const char *
key_cb (void *data, uint32_t task)
{
  static char key[16];

  ++*(unsigned *) data;
  g_snprintf (key, sizeof key, "k%u", task);
  return key;
}

/* Hundreds of keys that were never laid out come in several pictures, not all in one. */
static void
test_new_keys_are_spread (void)
{
  FixtureRunSpec spec = { .n_lanes = 8 };
  g_autoptr (FixtureRun) run = fixture_run_new (&spec);
  WeftlineTimelineLayout *layout = weftline_timeline_layout_new ();
  WeftlineTimelinePaint *paint = weftline_timeline_paint_new ();
  WeftlineTimelineView view = { 0, 60000, 2080, 420, 1, 80, 0, false };
  unsigned n_asked = 0, n_pictures = 0, n_each = 60;
  WeftlineTimelineLook look = { .palette = weftline_palette (WEFTLINE_PALETTE_SAFE, true),
                                .font = "Sans 6",
                                .labels = WEFTLINE_LABELS_KEY,
                                .key = key_cb,
                                .key_data = &n_asked };

  for (unsigned i = 0; i < 8 * n_each; i++)
    {
      WeftSpan span = { .start_ns = i / 8 * 1000,
                        .end_ns = i / 8 * 1000 + 1000,
                        .task = i,
                        .group = 1,
                        .kind = WEFT_RECORD_TASK };

      weft_spans_append ((WeftSpans *) run->lanes[i % 8].spans, &span);
      run->lanes[i % 8].n++;
    }
  weftline_timeline_layout_run (layout, &run->input, &view);
  do
    {
      n_asked = 0;
      weftline_timeline_paint_data (paint, layout, &look);
      g_assert_cmpuint (++n_pictures, <, 20);
    }
  while (weftline_timeline_paint_is_unfinished (paint));
  g_assert_cmpuint (n_pictures, >, 3);
  g_assert_cmpuint (n_asked, ==, 8 * n_each);
  weftline_timeline_paint_free (paint);
  weftline_timeline_layout_free (layout);
}

static const char *
long_key_cb (void *data G_GNUC_UNUSED, uint32_t task G_GNUC_UNUSED)
{
  return "a key that is wider than its task, by far, and so is not what is drawn there";
}

/* A key that does not fit leaves its place to the group. */
static void
test_long_keys_give_way (void)
{
  FixtureRunSpec spec = { .n_lanes = 1 };
  g_autoptr (FixtureRun) run = fixture_run_new (&spec);
  WeftlineTimelineLayout *layout = weftline_timeline_layout_new ();
  WeftlineTimelinePaint *by_group = weftline_timeline_paint_new ();
  WeftlineTimelinePaint *by_key = weftline_timeline_paint_new ();
  WeftlineTimelineView view = { 0, 60000, 380, 100, 1, 80, 0, false };
  WeftlineTimelineLook look = { .palette = weftline_palette (WEFTLINE_PALETTE_SAFE, false),
                                .font = "Sans 9",
                                .labels = WEFTLINE_LABELS_GROUP,
                                .key = long_key_cb };
  const WeftlinePixels *pixels;

  for (int i = 0; i < 3; i++)
    fixture_add_task (&run->lanes[0], 1, i * 20000, i * 20000 + 19000, WEFT_OUTCOME_OK);
  weftline_timeline_layout_run (layout, &run->input, &view);
  weftline_timeline_paint_data (by_group, layout, &look);
  look.labels = WEFTLINE_LABELS_KEY;
  weftline_timeline_paint_data (by_key, layout, &look);
  pixels = weftline_timeline_paint_pixels (by_group);
  g_assert_cmpmem (cairo_image_surface_get_data (pixels->surface),
                   (size_t) cairo_image_surface_get_stride (pixels->surface) * 100,
                   cairo_image_surface_get_data (weftline_timeline_paint_pixels (by_key)->surface),
                   (size_t) cairo_image_surface_get_stride (pixels->surface) * 100);
  weftline_timeline_paint_free (by_group);
  weftline_timeline_paint_free (by_key);
  weftline_timeline_layout_free (layout);
}

static cairo_status_t
count_cb (void *data, const unsigned char *bytes, unsigned n)
{
  g_string_append_len (data, (const char *) bytes, n);
  return CAIRO_STATUS_SUCCESS;
}

/* As shapes it is the same picture, and as large as what is seen. */
static void
test_shapes_equal_pixels (void)
{
  static const Scene scene = { "", WEFTLINE_PALETTE_SAFE, false, false, 980, 420, 1, false };
  g_autoptr (FixtureRun) run = sketch_run ();
  WeftlineTimelineLayout *layout = weftline_timeline_layout_new ();
  WeftlineTimelinePaint *paint = weftline_timeline_paint_new ();
  WeftlineTimelineView view = { 0, run->end_ns, 980, 420, 1, 80, 0, false };
  g_autoptr (GString) svg = g_string_new (NULL);
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, 980, 420);
  cairo_surface_t *file = cairo_svg_surface_create_for_stream (count_cb, svg, 980, 420);
  WeftlineTimelineLook look;
  cairo_t *cr = cairo_create (surface);

  make_look (&scene, &look);
  weftline_timeline_layout_run (layout, &run->input, &view);
  weftline_timeline_paint_data (paint, layout, &look);
  weftline_timeline_paint_vector (paint, cr, layout, &look);
  g_assert_cmpfloat (picture_share_that_differs (
                         surface, weftline_timeline_paint_pixels (paint)->surface, PICTURE_FAR),
                     <=, 0.02);
  cairo_destroy (cr);
  cr = cairo_create (file);
  weftline_timeline_paint_vector (paint, cr, layout, &look);
  cairo_destroy (cr);
  cairo_surface_destroy (file);
  g_assert_cmpuint (svg->len, >, 10000);
  g_assert_cmpuint (svg->len, <, 4000000);
  g_assert_nonnull (strstr (svg->str, "</svg>"));
  cairo_surface_destroy (surface);
  weftline_timeline_paint_free (paint);
  weftline_timeline_layout_free (layout);
}

/* Texts of any size are in the picture as a whole, above, in, and below the lanes, and those of
 * lanes one below the other do not touch, on either side. */
static void
test_large_text (void)
{
  static const char *const fonts[] = { "Sans 10", "Sans 15", "Sans 22" };
  FixtureRunSpec spec = { .n_lanes = 40, .n_spans = 400 };
  g_autoptr (FixtureRun) run = fixture_run_new (&spec);

  for (unsigned i = 0; i < 2 * G_N_ELEMENTS (fonts); i++)
    {
      const Scene scene = { NULL, WEFTLINE_PALETTE_SAFE, false, i % 2, 900, 400, 1, false };
      WeftlineTimelineLayout *layout = weftline_timeline_layout_new ();
      WeftlineTimelinePaint *paint = weftline_timeline_paint_new ();
      cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, 900, 400);
      GArray *texts = weftline_collect_texts (surface);
      cairo_t *cr = cairo_create (surface);
      WeftlineTimelineView view = {
        .t1_ns = run->end_ns, .width = 900, .height = 400, .scale = 1, .rtl = i % 2
      };
      WeftlineTimelineLook look;
      double before = -1000, last = 0;
      unsigned n_names = 0;

      make_look (&scene, &look);
      look.font = fonts[i / 2];
      view.gutter = weftline_timeline_paint_gutter (paint, &run->input, &look, 1);
      view.line = weftline_timeline_paint_line (paint);
      weftline_timeline_layout_run (layout, &run->input, &view);
      weftline_timeline_paint_vector (paint, cr, layout, &look);
      cairo_destroy (cr);
      for (guint k = 0; k < texts->len; k++)
        {
          const WeftlineShownText *shown = &g_array_index (texts, WeftlineShownText, k);
          double upper = shown->y - 0.75 * shown->size, lower = shown->y + 0.22 * shown->size;

          g_assert_cmpfloat (upper, >=, 0);
          g_assert_cmpfloat (lower, <=, 400);
          g_assert_true (
              lower <= layout->area_y || upper >= layout->area_y + layout->area_height
              || (upper >= layout->area_y && lower <= layout->area_y + layout->area_height));
          if (shown->x >= layout->area_x && shown->x < layout->area_x + layout->area_width)
            continue;
          if (upper < layout->area_y || lower > layout->area_y + layout->area_height)
            continue;
          n_names++;
          g_assert_cmpfloat (upper, >=, before);
          before = lower;
          last = lower;
        }
      g_assert_cmpuint (n_names, >, 5);
      g_assert_cmpfloat (last, >, 250);
      cairo_surface_destroy (surface);
      weftline_timeline_paint_free (paint);
      weftline_timeline_layout_free (layout);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  writes = picture_writes (argc, argv);
  test_add ("ui-timeline", "paint", "palettes", test_palettes);
  test_add ("ui-timeline", "paint", "sketch", test_sketch);
  test_add ("ui-timeline", "paint", "dense", test_dense);
  test_add ("ui-timeline", "paint", "hardly-anything", test_hardly_anything);
  test_add ("ui-timeline", "paint", "lineage-is-what-is-left", test_lineage_is_what_is_left);
  test_add ("ui-timeline", "paint", "annotations", test_annotations);
  test_add ("ui-timeline", "paint", "scale-2-has-whole-lines", test_scale_2_has_whole_lines);
  test_add ("ui-timeline", "paint", "new-keys-are-spread", test_new_keys_are_spread);
  test_add ("ui-timeline", "paint", "shapes-equal-pixels", test_shapes_equal_pixels);
  test_add ("ui-timeline", "paint", "large-text", test_large_text);
  test_add ("ui-timeline", "paint", "long-keys-give-way", test_long_keys_give_way);
  return g_test_run ();
}
