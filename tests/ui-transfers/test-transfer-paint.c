/* test-transfer-paint.c: pictures of transfers against references
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "transfer-fixture.h"

#include "test-pictures.h"

#include "transfers/transfer-paint.h"
#include "transfers/transfer-picture.h"

static bool writes;

typedef struct
{
  const char *name;
  MadeRun run;
  bool dark, rtl;
  int width, height, scale;
  WeftlineTransferMeasure measure;
  WeftlinePaletteKind palette;
} Scene;

/* (transfer full) */
static cairo_surface_t *
draw_scene (const Scene *scene)
{
  cairo_surface_t *surface = picture_new (scene->width, scene->height, scene->scale);
  WeftlineTextCache *text = weftline_text_cache_new ("Sans 10", scene->scale);
  WeftModel *model = made_run_model (&scene->run, NULL);
  WeftlineTransferMatrix *matrix;
  WeftModelSnapshot snapshot;
  cairo_t *cr = cairo_create (surface);

  weft_model_snapshot (model, &snapshot);
  matrix = weftline_transfer_picture_matrix (model, &snapshot, INT64_MIN, INT64_MAX);
  weftline_transfer_picture (matrix, scene->measure, weftline_palette (scene->palette, scene->dark),
                             text, true, scene->rtl, cr, scene->width, scene->height);
  g_assert_cmpint (cairo_status (cr), ==, CAIRO_STATUS_SUCCESS);
  cairo_destroy (cr);
  weftline_transfer_matrix_free (matrix);
  weftline_text_cache_free (text);
  weft_model_unref (model);
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

static void
test_palettes (void)
{
  static const Scene scene = {
    .run = { 8, 0, 900, 0, 11 }, .width = 620, .height = 480, .scale = 1
  };

  assert_in_all_palettes ("ui-transfers", "transfer", draw_in_palette, &scene, writes);
}

static void
test_scenes (void)
{
  static const Scene scenes[] = {
    { "four", { 4, 0, 300, 0, 2 }, false, false, 620, 400, 1, 0, 0 },
    { "four-rate", { 4, 0, 300, 6, 2 }, true, false, 620, 400, 1, WEFTLINE_TRANSFER_BY_RATE, 0 },
    { "right-to-left", { 4, 0, 300, 0, 2 }, false, true, 620, 400, 1, 0, 0 },
    { "one", { 1, 0, 12, 0, 3 }, false, false, 400, 300, 1, 0, 0 },
    { "many", { 300, 0, 20000, 0, 4 }, false, false, 900, 760, 1, 0, 0 },
    { "hosts", { 300, 12, 20000, 0, 4 }, true, false, 700, 520, 1, 0, 0 },
    { "small", { 6, 0, 300, 0, 5 }, false, false, 260, 220, 2, 0, 0 },
    { "empty", { 4, 0, 0, 0, 6 }, false, false, 400, 240, 1, 0, 0 },
  };

  assert_scenes ("ui-transfers", scenes, draw_scene, writes);
}

/* Stronger is more, in each palette: lightness goes one way. */
static void
test_colors (void)
{
  for (unsigned i = 0; i < 4; i++)
    {
      const WeftlinePalette *palette =
          weftline_palette (i / 2 ? WEFTLINE_PALETTE_CLASSIC : WEFTLINE_PALETTE_SAFE, i % 2);
      bool gets_lighter = palette->kind == WEFTLINE_PALETTE_CLASSIC || palette->dark;
      double before = -1;

      for (int step = 0; step <= 8; step++)
        {
          double light =
              weftline_contrast (weftline_transfer_color (palette, step / 8.0), 0x000000);

          if (before >= 0)
            g_assert_true (gets_lighter ? light >= before - 0.2 : light <= before + 0.2);
          before = light;
        }
      g_assert_cmpfloat (weftline_contrast (weftline_transfer_color (palette, 0),
                                            weftline_transfer_color (palette, 1)),
                         >, 3);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  writes = picture_writes (argc, argv);
  test_add ("ui-transfers", "transfer-paint", "colors", test_colors);
  test_add ("ui-transfers", "transfer-paint", "palettes", test_palettes);
  test_add ("ui-transfers", "transfer-paint", "scenes", test_scenes);
  return g_test_run ();
}
