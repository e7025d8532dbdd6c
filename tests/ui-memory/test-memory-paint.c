/* test-memory-paint.c: pictures of memory against references
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "test-pictures.h"

#include "canvas/shown-text.h"
#include "memory/held-paint.h"
#include "memory/memory-paint.h"

#include <math.h>

#define SECOND INT64_C (1000000000)
#define MB UINT64_C (1000000)
#define N_STEPS 300
#define N_BANDS 5
#define N_POINTS 100
#define MOST_WORKERS 64

static bool writes;

typedef struct
{
  const char *name;
  bool dark, rtl;
  int width, height, scale;
  uint64_t managed, limit; /* in the end */
  bool spills, is_empty;
  uint32_t n_workers, scroll;
  WeftlinePaletteKind palette;
  bool on_disk; /* a third of what is held */
} Scene;

static cairo_t *
begin (const Scene *scene, cairo_surface_t **surface, WeftlineTextCache **text)
{
  *surface = picture_new (scene->width, scene->height, scene->scale);
  *text = weftline_text_cache_new ("Sans 10", scene->scale);
  return cairo_create (*surface);
}

static void
end (cairo_t *cr, WeftlineTextCache *text)
{
  g_assert_cmpint (cairo_status (cr), ==, CAIRO_STATUS_SUCCESS);
  cairo_destroy (cr);
  weftline_text_cache_free (text);
}

/* ---- bars and lines -------------------------------------------------------------------------- */

static void
make_points (WeftModelPoint *points, double last, double swing)
{
  for (int i = 0; i < N_POINTS; i++)
    points[i] = (WeftModelPoint){ i * SECOND,
                                  last * (0.3 + 0.7 * i / (N_POINTS - 1))
                                      + swing * fabs (sin (i / 9.0)) * (N_POINTS - 1 - i) / 99 };
}

/* Some have more than others; together what is in memory in the end, or a little less. */
static void
make_workers (WeftlineMemoryWorker *workers, const Scene *scene)
{
  static const char *const names[] = { "worker 0", "worker 1", "worker 2", "worker 3",
                                       "worker 4", "worker 5", "worker 6", "worker 7" };

  for (uint32_t i = 0; i < scene->n_workers; i++)
    workers[i] = (WeftlineMemoryWorker){
      .name = names[i % G_N_ELEMENTS (names)],
      .live = scene->managed / scene->n_workers * (7 + i * 5 % 6) / 10,
      .spilled = scene->spills && i % 2 == 1 ? 220 * MB / scene->n_workers : 0,
    };
}

static void
paint_memory (const Scene *scene, cairo_t *cr, WeftlineTextCache *text,
              WeftlineMemoryLayout *layout)
{
  WeftModelPoint points[5][N_POINTS];
  WeftlineMemoryInput input = { .end_ns = N_POINTS * SECOND };
  WeftlineMemoryWorker workers[MOST_WORKERS];
  WeftlineMemoryRoom room;

  make_points (points[0], (double) scene->managed, 100e6);
  make_points (points[1], 220e6, 0);
  make_points (points[2], (double) scene->managed + 180e6, 100e6);
  points[4][0] = (WeftModelPoint){ 0, (double) scene->limit };
  if (!scene->is_empty)
    {
      input.managed = (WeftlineMemorySeries){ points[0], N_POINTS };
      input.resident = (WeftlineMemorySeries){ points[2], N_POINTS };
      input.limit = (WeftlineMemorySeries){ points[4], scene->limit > 0 };
    }
  if (scene->spills)
    input.spilled = (WeftlineMemorySeries){ points[1], N_POINTS };
  weftline_memory_layout_init (layout);
  if (!scene->is_empty)
    input.n_workers = scene->n_workers;
  input.workers = workers;
  make_workers (workers, scene);
  weftline_memory_measure (text, &input, scene->width, scene->rtl, &room);
  weftline_memory_layout (layout, &input, &room, scene->width, scene->height, scene->scroll);
  weftline_memory_paint (
      &(WeftlineMemoryPaint){ .layout = layout,
                              .input = &input,
                              .palette = weftline_palette (scene->palette, scene->dark),
                              .text = text,
                              .hover_ns = 60 * SECOND,
                              .time_ns = INT64_MAX,
                              .rtl = scene->rtl },
      cr);
}

static cairo_surface_t *
draw_memory (const Scene *scene)
{
  WeftlineMemoryLayout layout;
  cairo_surface_t *surface;
  WeftlineTextCache *text;
  cairo_t *cr = begin (scene, &surface, &text);

  paint_memory (scene, cr, text, &layout);
  weftline_memory_layout_clear (&layout);
  end (cr, text);
  return surface;
}

static cairo_surface_t *
memory_in_palette (const WeftlinePalette *palette, const void *data)
{
  Scene scene = *(const Scene *) data;

  scene.dark = palette->dark;
  scene.palette = palette->kind;
  return draw_memory (&scene);
}

/* Above the threshold at which sources wait, with results on disk: all colours that it has. */
static void
test_memory_palettes (void)
{
  static const Scene scene = { NULL,     false,     false, 310,   240, 1,
                               900 * MB, 1000 * MB, true,  false, 4,   0 };

  assert_in_all_palettes ("ui-memory", "memory", memory_in_palette, &scene, writes);
}

static void
test_memory (void)
{
  static const Scene scenes[] = {
    { "memory-calm", false, false, 310, 240, 1, 400 * MB, 1000 * MB, false, false, 4, 0 },
    { "memory-spilling", false, false, 310, 240, 1, 720 * MB, 1000 * MB, true, false, 4, 0 },
    { "memory-pausing", true, false, 310, 240, 1, 900 * MB, 1000 * MB, true, false, 2, 0 },
    { "memory-no-limit", false, false, 310, 160, 1, 400 * MB, 0, false, false, 2, 0 },
    { "memory-right-to-left", false, true, 310, 240, 1, 720 * MB, 1000 * MB, true, false, 4, 0 },
    { "memory-scale-2", false, false, 310, 200, 2, 400 * MB, 1000 * MB, true, false, 2, 0 },
    { "memory-small", false, false, 180, 80, 1, 400 * MB, 1000 * MB, false, false, 2, 0 },
    { "memory-large", true, false, 900, 420, 1, 720 * MB, 1000 * MB, true, false, 8, 0 },
    { "memory-one-worker", false, false, 218, 170, 1, 400 * MB, 1000 * MB, false, false, 1, 0 },
    { "memory-two-workers", true, false, 218, 150, 1, 400 * MB, 1000 * MB, true, false, 2, 0 },
    { "memory-many-workers", false, false, 310, 240, 1, 720 * MB, 1000 * MB, true, false, 64, 20 },
    { "memory-empty-small", true, false, 160, 60, 1, 0, 0, false, true, 0, 0 },
    { "memory-empty", false, false, 310, 200, 1, 0, 0, false, true, 0, 0 },
  };

  assert_scenes ("ui-memory", scenes, draw_memory, writes);
}

/* @words: their beginning. Returns: the left edge of the text that is shown; −1: none is */
static double
place_of (const GArray *texts, const char *words)
{
  for (guint i = 0; i < texts->len; i++)
    if (g_str_has_prefix (g_array_index (texts, WeftlineShownText, i).text, words))
      return g_array_index (texts, WeftlineShownText, i).x;
  return -1;
}

/* Names, amounts, the bytes' scale and the threshold's word change sides, times do not. */
static void
test_right_to_left (void)
{
  for (int rtl = 0; rtl < 2; rtl++)
    {
      Scene scene = { NULL, false, rtl, 310, 300, 1, 720 * MB, 1000 * MB, true, false, 2, 0 };
      WeftlineMemoryLayout layout;
      cairo_surface_t *surface;
      WeftlineTextCache *text;
      cairo_t *cr = begin (&scene, &surface, &text);
      GArray *texts = weftline_collect_texts (surface);
      double middle = scene.width / 2.0;

      paint_memory (&scene, cr, text, &layout);
      g_assert_true (layout.has_lines && layout.as_bars);
      g_assert_true (rtl == (place_of (texts, "worker 1") > middle));
      g_assert_true (rtl == (place_of (texts, "managed") > middle));
      g_assert_true (rtl == (place_of (texts, "720") < middle));
      g_assert_true (
          rtl
          == (place_of (texts, layout.bytes.ticks[1].label) >= layout.plot_x + layout.plot_width));
      g_assert_cmpfloat (place_of (texts, "0" WEFTLINE_NO_BREAK_SPACE "s"), >=, 0);
      for (unsigned i = 1; i < layout.time.n_ticks; i++)
        g_assert_cmpfloat (place_of (texts, layout.time.ticks[i].label), >,
                           place_of (texts, layout.time.ticks[i - 1].label));
      weftline_memory_layout_clear (&layout);
      cairo_destroy (cr);
      cairo_surface_destroy (surface);
      weftline_text_cache_free (text);
    }
}

/* ---- areas ----------------------------------------------------------------------------------- */

typedef struct
{
  WeftHeldSteps steps;
  uint32_t groups[N_BANDS];
  int64_t at_ns[N_STEPS];
  uint64_t totals[N_STEPS], on_disk[N_STEPS];
  uint64_t bands[N_BANDS * N_STEPS];
} Made;

/* Waves that come one after the other. */
static void
make_steps (Made *made, bool is_empty)
{
  memset (made, 0, sizeof *made);
  made->steps = (WeftHeldSteps){ .end_ns = 104 * SECOND,
                                 .n_steps = N_STEPS,
                                 .n_bands = is_empty ? 0 : N_BANDS,
                                 .groups = made->groups,
                                 .at_ns = made->at_ns,
                                 .totals = made->totals,
                                 .bands = made->bands,
                                 .n_results = is_empty ? 0 : 400 };
  for (uint32_t step = 0; step < N_STEPS && !is_empty; step++)
    {
      made->at_ns[step] = 104 * SECOND * step / N_STEPS;
      for (uint32_t band = 0; band < N_BANDS; band++)
        {
          double from = ((double) step / N_STEPS - 0.1 - 0.15 * band) * 4;
          double bytes = from > -0.5 && from < 2 ? 300e6 * exp (-from * from * 2) : 0;

          made->bands[band * N_STEPS + step] = (uint64_t) (bytes / 20e6) * 20000000;
          made->totals[step] += made->bands[band * N_STEPS + step];
        }
      made->on_disk[step] = made->totals[step] / 3;
      if (made->totals[step] <= made->steps.peak_bytes)
        continue;
      made->steps.peak_bytes = made->totals[step];
      made->steps.peak_ns = made->at_ns[step];
    }
}

static cairo_surface_t *
draw_held (const Scene *scene)
{
  static const char *const names[] = { "mViewer", "mProject", "mDiff", "mFitplane", "others" };
  const WeftlinePalette *palette = weftline_palette (scene->palette, scene->dark);
  uint32_t colors[N_BANDS];
  Made *made = g_new (Made, 1);
  WeftlineHeldLayout layout;
  cairo_surface_t *surface;
  WeftlineTextCache *text;
  cairo_t *cr = begin (scene, &surface, &text);

  for (unsigned i = 0; i < N_BANDS; i++)
    colors[i] = i + 1 < N_BANDS ? weftline_palette_group (palette, names[i], i)
                                : palette->slots[WEFTLINE_SLOT_OTHER];
  make_steps (made, scene->is_empty);
  made->steps.on_disk = scene->on_disk ? made->on_disk : NULL;
  weftline_held_layout_init (&layout);
  weftline_held_layout (&layout, &made->steps, scene->limit * 7 / 10, scene->width, scene->height,
                        weftline_held_gutter (text, made->steps.peak_bytes), scene->rtl, 7);
  weftline_held_paint (&(WeftlineHeldPaint){ .layout = &layout,
                                             .names = names,
                                             .colors = colors,
                                             .palette = palette,
                                             .text = text,
                                             .hover_step = 200,
                                             .hover_band = 2,
                                             .selected_band = scene->spills ? 1 : WEFT_NONE,
                                             .time_ns = INT64_MAX,
                                             .rtl = scene->rtl },
                       cr);
  weftline_held_layout_clear (&layout);
  g_free (made);
  end (cr, text);
  return surface;
}

static cairo_surface_t *
held_in_palette (const WeftlinePalette *palette, const void *data)
{
  Scene scene = *(const Scene *) data;

  scene.dark = palette->dark;
  scene.palette = palette->kind;
  return draw_held (&scene);
}

static void
test_held_palettes (void)
{
  static const Scene scene = { NULL, false, false, 390, 300, 1, 0, 1000 * MB, false, false };

  assert_in_all_palettes ("ui-memory", "held", held_in_palette, &scene, writes);
}

static void
test_held (void)
{
  static const Scene scenes[] = {
    { "held-one-selected", false, false, 390, 300, 1, 0, 0, true, false },
    { "held-right-to-left", false, true, 390, 300, 1, 0, 0, false, false },
    { "held-scale-2", true, false, 300, 200, 2, 0, 0, false, false },
    { "held-small", false, false, 170, 110, 1, 0, 0, false, false },
    { .name = "held-on-disk", .width = 390, .height = 300, .scale = 1, .on_disk = true },
    { .name = "held-on-disk-small", .width = 190, .height = 110, .scale = 1, .on_disk = true },
    { .name = "held-on-disk-dark",
      .dark = true,
      .rtl = true,
      .width = 390,
      .height = 200,
      .scale = 1,
      .on_disk = true },
    { "held-empty", true, false, 390, 200, 1, 0, 0, false, true },
  };

  assert_scenes ("ui-memory", scenes, draw_held, writes);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  writes = picture_writes (argc, argv);
  test_add ("ui-memory", "memory-paint", "memory", test_memory);
  test_add ("ui-memory", "memory-paint", "memory-palettes", test_memory_palettes);
  test_add ("ui-memory", "memory-paint", "right-to-left", test_right_to_left);
  test_add ("ui-memory", "memory-paint", "held", test_held);
  test_add ("ui-memory", "memory-paint", "held-palettes", test_held_palettes);
  return g_test_run ();
}
