/* test-heights.c: cards of any height are not painted beyond it
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Rows that are shown are whole, so there is nothing to be cut off: what is painted for a height
 * leaves alone what is below it.
 */
#include "export-fixture.h"

#include "memory/memory-picture.h"
#include "occupancy/occupancy-picture.h"
#include "progress/progress-paint.h"
#include "progress/progress-source.h"
#include "where/where-picture.h"

#define BELOW 60
#define LEAST 60 /* of a view whose card is 80 or 100 high */
#define MOST 400
#define UNTOUCHED 0xffff00ff

typedef struct
{
  const Recorded *recorded;
  const WeftlinePalette *palette;
  WeftlineTextCache *text;
} Drawing;

typedef void (*Draw) (const Drawing *drawing, cairo_t *cr, int width, int height);

static void
draw_where (const Drawing *drawing, cairo_t *cr, int width, int height)
{
  weftline_where_picture (drawing->recorded->model, &drawing->recorded->snapshot,
                          (WeftlineWherePart){ 0 }, drawing->palette, drawing->text, false, cr,
                          width, height);
}

static void
draw_memory (const Drawing *drawing, cairo_t *cr, int width, int height)
{
  weftline_memory_picture (drawing->recorded->model, &drawing->recorded->snapshot, INT64_MAX,
                           drawing->palette, drawing->text, false, &(WeftlineClock){ 0 }, cr, width,
                           height);
}

static void
draw_occupancy (const Drawing *drawing, cairo_t *cr, int width, int height)
{
  const WeftlineOccupancyPaint paint = { .palette = drawing->palette,
                                         .text = drawing->text,
                                         .at_ns = INT64_MAX };

  weftline_occupancy_picture (drawing->recorded->model, &drawing->recorded->snapshot, &paint, 0, 0,
                              cr, width, height);
}

static void
draw_progress (const Drawing *drawing, cairo_t *cr, int width, int height)
{
  WeftlineProgressSource source;
  WeftlineProgressLayout layout;

  weftline_progress_source_init (&source);
  weftline_progress_layout_init (&layout);
  weftline_progress_source_take (&source, drawing->recorded->model, &drawing->recorded->snapshot,
                                 NULL);
  weftline_progress_source_color (&source, drawing->palette);
  weftline_progress_source_layout (&source, WEFTLINE_PROGRESS_AS_IN_GRAPH, width, height,
                                   g_test_rand_int_range (0, 100), &layout);
  weftline_progress_paint (
      &(WeftlineProgressPaint){ .layout = &layout,
                                .groups = (const void *) source.groups->data,
                                .colors = (const uint32_t *) (void *) source.colors->data,
                                .rate = (const double *) (void *) source.rates->data,
                                .left = "in 3 s",
                                .palette = drawing->palette,
                                .text = drawing->text,
                                .hover = 1,
                                .selected = 2 },
      cr);
  weftline_progress_layout_clear (&layout);
  weftline_progress_source_clear (&source);
}

static void
fill_untouched (cairo_surface_t *surface, int height)
{
  uint32_t *pixels = (uint32_t *) (void *) cairo_image_surface_get_data (surface);
  int stride = cairo_image_surface_get_stride (surface) / (int) sizeof *pixels;

  cairo_surface_flush (surface);
  for (int i = 0; i < stride * height; i++)
    pixels[i] = UNTOUCHED;
  cairo_surface_mark_dirty (surface);
}

/* Returns: how many pixels were painted in lines from @from to before @to */
static unsigned
n_painted (cairo_surface_t *surface, int from, int to)
{
  const uint32_t *pixels = (const uint32_t *) (void *) cairo_image_surface_get_data (surface);
  int stride = cairo_image_surface_get_stride (surface) / (int) sizeof *pixels;
  unsigned n = 0;

  cairo_surface_flush (surface);
  for (int y = from; y < to; y++)
    for (int x = 0; x < cairo_image_surface_get_width (surface); x++)
      n += pixels[y * stride + x] != UNTOUCHED;
  return n;
}

static void
check_height (const Drawing *drawing, Draw draw, int width, int height)
{
  cairo_surface_t *surface =
      cairo_image_surface_create (CAIRO_FORMAT_ARGB32, width, height + BELOW);
  cairo_t *cr = cairo_create (surface);

  fill_untouched (surface, height + BELOW);
  draw (drawing, cr, width, height);
  g_assert_cmpint (cairo_status (cr), ==, CAIRO_STATUS_SUCCESS);
  cairo_destroy (cr);
  g_assert_cmpuint (n_painted (surface, 0, height), ==, (unsigned) (width * height));
  g_assert_cmpuint (n_painted (surface, height, height + BELOW), ==, 0);
  cairo_surface_destroy (surface);
}

static void
check_heights (Draw draw)
{
  Recorded recorded;
  Drawing drawing;

  record_run (&recorded, EXPORT_RUN, 5);
  drawing = (Drawing){ .recorded = &recorded,
                       .palette = weftline_palette (WEFTLINE_PALETTE_SAFE, false),
                       .text = weftline_text_cache_new ("Sans 11", 1) };
  for (int height = LEAST; height <= MOST; height++)
    check_height (&drawing, draw, g_test_rand_int_range (160, 420), height);
  weftline_text_cache_free (drawing.text);
  recorded_clear (&recorded);
}

static void
test_progress (void)
{
  check_heights (draw_progress);
}

static void
test_memory (void)
{
  check_heights (draw_memory);
}

static void
test_occupancy (void)
{
  check_heights (draw_occupancy);
}

static void
test_where (void)
{
  check_heights (draw_where);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("ui-export", "heights", "progress", test_progress);
  test_add ("ui-export", "heights", "memory", test_memory);
  test_add ("ui-export", "heights", "occupancy", test_occupancy);
  test_add ("ui-export", "heights", "where", test_where);
  return g_test_run ();
}
