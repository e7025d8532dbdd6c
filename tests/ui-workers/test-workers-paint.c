/* test-workers-paint.c: pictures of workers against references
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "test-pictures.h"
#include "workers-fixture.h"
#include "workers/workers-paint.h"
#include "workers/workers-words.h"

static bool writes;

typedef struct
{
  const char *name;
  Cluster cluster;
  int width, height, scale;
  uint32_t scroll;
  bool dark, rtl;
  WeftlineWorkersColumn sort;
  WeftlinePaletteKind palette;
} Scene;

/* (transfer full) */
static cairo_surface_t *
draw_scene (const Scene *scene)
{
  cairo_surface_t *surface = picture_new (scene->width, scene->height, scene->scale);
  WeftlineTextCache *text = weftline_text_cache_new ("Sans 10", scene->scale);
  cairo_t *cr = cairo_create (surface);
  WeftlineClock clock = { WEFTLINE_TIME_SINCE_START, 0 };
  WeftlineWorkersSource source;
  WeftlineWorkersLayout layout = { 0 };
  WeftlineWorkersRoom room;
  Maker m;

  make_cluster (&m, &scene->cluster);
  weftline_workers_source_init (&source);
  take_at (&source, &m, (int64_t) (scene->cluster.n_seconds * SECOND - 90 * MS));
  weftline_workers_source_sort (&source, scene->sort, scene->sort != WEFTLINE_WORKERS_NAME);
  weftline_workers_measure (text, &source, &clock, scene->sort, &room);
  weftline_workers_layout (&layout, &source, &room, scene->width, scene->height, scene->scroll);
  weftline_workers_layout_lines (&layout, &source, (int64_t) (scene->cluster.n_seconds * SECOND));
  weftline_workers_paint (
      &(WeftlineWorkersPaint){ .layout = &layout,
                               .source = &source,
                               .palette = weftline_palette (scene->palette, scene->dark),
                               .text = text,
                               .clock = clock,
                               .sort = scene->sort,
                               .descending = scene->sort != WEFTLINE_WORKERS_NAME,
                               .hover = { .column = WEFTLINE_WORKERS_CPU, .worker = 1 },
                               .selected = 2,
                               .linked = WEFT_NONE,
                               .rtl = scene->rtl },
      cr);
  g_assert_cmpint (cairo_status (cr), ==, CAIRO_STATUS_SUCCESS);
  cairo_destroy (cr);
  weftline_workers_layout_clear (&layout);
  weftline_workers_source_clear (&source);
  weftline_text_cache_free (text);
  clear (&m);
  return surface;
}

static cairo_surface_t *
draw_in_palette (const WeftlinePalette *palette, const void *data)
{
  Scene scene = *(const Scene *) data;

  scene.dark = palette->dark;
  scene.palette = palette->kind;
  return draw_scene (&scene);
}

/* Mostly of memory that is nearly full, whose colours are others in each palette. */
static void
test_palettes (void)
{
  static const Scene scene = {
    .cluster = { .n_workers = 12, .gone = 6, .n_seconds = 4, .full = true },
    .width = 320,
    .height = 320,
    .scale = 1
  };

  assert_in_all_palettes ("ui-workers", "workers", draw_in_palette, &scene, writes);
}

static void
test_scenes (void)
{
  static const Scene scenes[] = {
    { .name = "three",
      .cluster = { 3, NULL, WEFT_NONE, 6, false, false },
      .width = 1320,
      .height = 160,
      .scale = 1 },
    { .name = "one",
      .cluster = { 1, NULL, WEFT_NONE, 6, false, false },
      .width = 900,
      .height = 120,
      .scale = 1 },
    { .name = "twelve",
      .cluster = { 12, NULL, 6, 70, false, false },
      .width = 1320,
      .height = 340,
      .scale = 1 },
    { .name = "many",
      .cluster = { 300, NULL, 7, 2, false, false },
      .width = 1320,
      .height = 340,
      .scale = 1,
      .scroll = 120,
      .sort = WEFTLINE_WORKERS_MEMORY },
    { .name = "wide",
      .cluster = { 5, NULL, 1, 70, false, false },
      .width = 2400,
      .height = 180,
      .scale = 1,
      .sort = WEFTLINE_WORKERS_CPU },
    { .name = "middle",
      .cluster = { 5, NULL, 1, 70, false, false },
      .width = 1150,
      .height = 180,
      .scale = 1,
      .sort = WEFTLINE_WORKERS_PROCESSING },
    { .name = "narrow",
      .cluster = { 5, NULL, 1, 70, false, false },
      .width = 700,
      .height = 180,
      .scale = 1 },
    { .name = "gone-dark",
      .cluster = { 4, NULL, 1, 6, false, false },
      .width = 1320,
      .height = 180,
      .scale = 1,
      .dark = true },
    { .name = "long-names",
      .cluster = { 4, "tls://node0123.rack7.cluster.example.org:38121/nanny-of-gpu", 3, 3, false,
                   false },
      .width = 700,
      .height = 180,
      .scale = 1 },
    { .name = "bare",
      .cluster = { 3, "node", WEFT_NONE, 3, true, false },
      .width = 700,
      .height = 160,
      .scale = 1 },
    { .name = "right-to-left",
      .cluster = { 4, NULL, 1, 6, false, false },
      .width = 1100,
      .height = 180,
      .scale = 1,
      .rtl = true },
    { .name = "scale-2",
      .cluster = { 3, NULL, 1, 3, false, false },
      .width = 600,
      .height = 130,
      .scale = 2 },
    { .name = "small",
      .cluster = { 20, NULL, 1, 3, false, false },
      .width = 240,
      .height = 110,
      .scale = 1 },
    { .name = "empty",
      .cluster = { 0, NULL, WEFT_NONE, 1, false, false },
      .width = 500,
      .height = 130,
      .scale = 1 },
  };

  assert_scenes ("ui-workers", scenes, draw_scene, writes);
}

/* However wide the card is: titles are whole, each in its column, and columns are apart. */
static void
check_titles (WeftlineTextCache *text, const WeftlineWorkersSource *source,
              WeftlineWorkersColumn sort, int width)
{
  WeftlineClock clock = { WEFTLINE_TIME_SINCE_START, 0 };
  WeftlineWorkersLayout layout = { 0 };
  WeftlineWorkersRoom room;
  int end = 0;

  weftline_workers_measure (text, source, &clock, sort, &room);
  weftline_workers_layout (&layout, source, &room, width, 300, 0);
  for (unsigned i = 0; i < layout.n_columns; i++)
    {
      const WeftlineWorkersPlace *place = &layout.places[i];
      int x, extent;

      weftline_workers_title_extent (text, &layout, place, sort, &x, &extent);
      g_assert_cmpint (x, >=, place->x);
      g_assert_cmpint (x + extent, <=, place->x + place->width);
      g_assert_cmpint (place->x, >=, end);
      end = place->x + place->width + WEFTLINE_WORKERS_GAP;
    }
  g_assert_cmpint (end - WEFTLINE_WORKERS_GAP, <=, width);
  weftline_workers_layout_clear (&layout);
}

/* Whether figures are whole, too: of each worker, and of all. */
static void
check_figures (WeftlineTextCache *text, const WeftlineWorkersSource *source, int width)
{
  WeftlineClock clock = { WEFTLINE_TIME_SINCE_START, 0 };
  WeftlineWorkersLayout layout = { 0 };
  WeftlineWorkersRoom room;

  weftline_workers_measure (text, source, &clock, WEFTLINE_WORKERS_NAME, &room);
  weftline_workers_layout (&layout, source, &room, width, 300, 0);
  for (unsigned i = 0; i < layout.n_columns; i++)
    for (guint k = 0; k <= source->workers->len; k++)
      {
        const WeftlineWorkersPlace *place = &layout.places[i];
        const WeftlineWorker *worker =
            k < source->workers->len ? weftline_workers_source_get (source, k) : &source->total;
        int inner = place->picture > 0 ? place->picture + WEFTLINE_WORKERS_INNER : 0;
        g_autofree char *words = NULL;

        if (place->column <= WEFTLINE_WORKERS_STATE)
          continue;
        words = weftline_workers_text (worker, place->column, &clock);
        g_assert_cmpint (weftline_text_width (text, words, WEFTLINE_TEXT_SMALL), <=,
                         place->width - inner);
      }
  weftline_workers_layout_clear (&layout);
}

static void
test_nothing_cut (void)
{
  static const Cluster clusters[] = {
    { .n_workers = 1, .gone = WEFT_NONE, .n_seconds = 2 },
    { .n_workers = 30, .gone = 3, .n_seconds = 2, .full = true },
    { .n_workers = 300, .name = "tls://[2001:db8::ff00:42:8329]:40077", .gone = 2, .n_seconds = 1 },
    { .n_workers = 3, .name = "n", .gone = WEFT_NONE, .n_seconds = 1, .bare = true },
  };
  WeftlineTextCache *text = weftline_text_cache_new ("Sans 10", 1);

  for (unsigned i = 0; i < G_N_ELEMENTS (clusters); i++)
    {
      WeftlineWorkersSource source;
      Maker m;

      make_cluster (&m, &clusters[i]);
      weftline_workers_source_init (&source);
      take_at (&source, &m, (int64_t) (clusters[i].n_seconds * SECOND - 90 * MS));
      for (int width = 360; width <= 2500; width += 7)
        {
          for (unsigned sort = 0; sort < WEFTLINE_WORKERS_N_COLUMNS; sort++)
            check_titles (text, &source, (WeftlineWorkersColumn) sort, width);
          check_figures (text, &source, width);
        }
      weftline_workers_source_clear (&source);
      clear (&m);
    }
  weftline_text_cache_free (text);
}

/* What a refresh takes while a hundred workers report ten times a second: told, as machines differ.
 * However many there are, texts are only of rows that are seen. */
static void
test_cost (void)
{
  const Cluster cluster = { .n_workers = 100, .gone = WEFT_NONE, .n_seconds = 60 };
  cairo_surface_t *surface = picture_new (1320, 340, 1);
  WeftlineTextCache *text = weftline_text_cache_new ("Sans 10", 1);
  WeftlineClock clock = { WEFTLINE_TIME_SINCE_START, 0 };
  WeftlineWorkersSource source;
  WeftlineWorkersLayout layout = { 0 };
  WeftlineWorkersRoom room;
  int64_t took_us = 0;
  Maker m;

  make_cluster (&m, &cluster);
  weftline_workers_source_init (&source);
  for (uint32_t tick = 600; tick < 700; tick++)
    {
      for (uint32_t i = 0; i < cluster.n_workers; i++)
        measure_once (&m, &cluster, i, tick);
      if (tick % 5 == 0)
        {
          int64_t start_us = g_get_monotonic_time ();
          cairo_t *cr = cairo_create (surface);

          take_at (&source, &m, INT64_MAX);
          weftline_workers_source_sort (&source, WEFTLINE_WORKERS_CPU, true);
          weftline_workers_measure (text, &source, &clock, WEFTLINE_WORKERS_CPU, &room);
          weftline_workers_layout (&layout, &source, &room, 1320, 340, 0);
          weftline_workers_layout_lines (&layout, &source, (int64_t) (tick * 100 * MS));
          weftline_workers_paint (
              &(WeftlineWorkersPaint){ .layout = &layout,
                                       .source = &source,
                                       .palette = weftline_palette (WEFTLINE_PALETTE_SAFE, false),
                                       .text = text,
                                       .clock = clock,
                                       .selected = WEFT_NONE,
                                       .linked = WEFT_NONE },
              cr);
          cairo_destroy (cr);
          weftline_text_cache_turn (text);
          took_us += g_get_monotonic_time () - start_us;
        }
    }
  g_test_message ("a refresh with 100 workers: %.2f ms, four times a second %.1f %% of a core",
                  (double) took_us / 20 / 1000, (double) took_us / 20 / 1e6 * 4 * 100);
  g_assert_cmpuint (weftline_text_cache_n (text), <, 700);
  cairo_surface_destroy (surface);
  weftline_workers_layout_clear (&layout);
  weftline_workers_source_clear (&source);
  weftline_text_cache_free (text);
  clear (&m);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  writes = picture_writes (argc, argv);
  test_add ("ui-workers", "workers-paint", "palettes", test_palettes);
  test_add ("ui-workers", "workers-paint", "scenes", test_scenes);
  test_add ("ui-workers", "workers-paint", "nothing-cut", test_nothing_cut);
  test_add ("ui-workers", "workers-paint", "cost", test_cost);
  return g_test_run ();
}
