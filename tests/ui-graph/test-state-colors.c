/* test-state-colors.c: tests that Dask's palette colours a graph's tasks by their state
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "graph/graph-look.h"

#include "test-support.h"

#define WIDTH 400
#define HEIGHT 300
#define SCALE 60

/* One task of group 0 in the middle. (transfer full) */
static cairo_surface_t *
draw_task (const WeftlinePalette *palette, WeftModelState state, bool has_value)
{
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, WIDTH, HEIGHT);
  cairo_t *cr = cairo_create (surface);
  WeftlineSceneTask task = { .group = 0, .width = 4, .state = (uint8_t) state };
  WeftlineGraphPainting painting = { .selected = WEFT_NONE,
                                     .hovered = WEFT_NONE,
                                     .value_most = has_value ? 1 : 0 };
  WeftlineGraphLook look;
  WeftlineSceneFrame frame;

  weftline_graph_look_init (&look);
  look.palette = palette;
  weftline_scene_frame_init (&frame);
  frame.mode = WEFTLINE_SCENE_TASKS;
  frame.viewport = (WeftlineViewport){ .x = -WIDTH / 2.0 / SCALE,
                                       .y = -100.0 / SCALE,
                                       .scale = SCALE,
                                       .width_px = WIDTH,
                                       .height_px = 200 };
  g_array_append_val (frame.tasks, task);
  weftline_graph_look_foot (&look, WIDTH, HEIGHT);
  weftline_graph_look_paint (&look, cr, &frame, &painting, 0);
  weftline_scene_frame_clear (&frame);
  weftline_graph_look_clear (&look);
  cairo_destroy (cr);
  cairo_surface_flush (surface);
  return surface;
}

static bool
is_near (uint32_t a, uint32_t b)
{
  for (int shift = 0; shift < 24; shift += 8)
    if (ABS ((int) (a >> shift & 255) - (int) (b >> shift & 255)) > 3)
      return false;
  return true;
}

/* Whether a color is anywhere in lines [y0, y1). */
static bool
has_color (cairo_surface_t *surface, uint32_t color, int y0, int y1)
{
  int stride = cairo_image_surface_get_stride (surface) / 4;
  const uint32_t *pixels = (const uint32_t *) (const void *) cairo_image_surface_get_data (surface);

  for (int y = y0; y < y1; y++)
    for (int x = 0; x < WIDTH; x++)
      if (is_near (pixels[y * stride + x] & 0xffffff, color))
        return true;
  return false;
}

/* As it is drawn: what is released at half its strength. */
static uint32_t
ink_of (const WeftlinePalette *palette, int state)
{
  return state == WEFT_TASK_RELEASED ? weftline_blend (palette->card, palette->states[state], 128)
                                     : palette->states[state];
}

/* The task and the legend below it, in light and dark. */
static void
test_classic (void)
{
  for (int dark = 0; dark < 2; dark++)
    for (int state = 0; state < WEFT_TASK_N_STATES; state++)
      {
        const WeftlinePalette *palette = weftline_palette (WEFTLINE_PALETTE_CLASSIC, dark);
        cairo_surface_t *surface = draw_task (palette, (WeftModelState) state, false);

        g_test_message ("%d %s", state, dark ? "dark" : "light");
        g_assert_true (has_color (surface, ink_of (palette, state), 0, 200));
        for (int other = 0; other < WEFT_TASK_N_STATES; other++)
          {
            g_assert_true (has_color (surface, ink_of (palette, other), 200, HEIGHT));
            if (palette->states[other] != palette->states[state])
              g_assert_false (has_color (surface, ink_of (palette, other), 0, 200));
          }
        cairo_surface_destroy (surface);
      }
}

/* As Dask means them: red results, green work, grey waiting, and so on; and each is seen. */
static void
test_meanings (void)
{
  for (int dark = 0; dark < 2; dark++)
    {
      const WeftlinePalette *palette = weftline_palette (WEFTLINE_PALETTE_CLASSIC, dark);
      const uint32_t *states = palette->states;

#define RED(color) ((color) >> 16 & 255)
#define GREEN(color) ((color) >> 8 & 255)
#define BLUE(color) ((color) &255)
      g_assert_cmpuint (RED (states[WEFT_TASK_WAITING]), ==, GREEN (states[WEFT_TASK_WAITING]));
      g_assert_cmpuint (RED (states[WEFT_TASK_WAITING]), ==, BLUE (states[WEFT_TASK_WAITING]));
      g_assert_cmpuint (RED (states[WEFT_TASK_QUEUED]), >, 2 * BLUE (states[WEFT_TASK_QUEUED]));
      g_assert_cmpuint (GREEN (states[WEFT_TASK_QUEUED]), >, 2 * BLUE (states[WEFT_TASK_QUEUED]));
      g_assert_cmpuint (GREEN (states[WEFT_TASK_RUNNING]), >, 2 * RED (states[WEFT_TASK_RUNNING]));
      g_assert_cmpuint (RED (states[WEFT_TASK_MEMORY]), >, 2 * GREEN (states[WEFT_TASK_MEMORY]));
      g_assert_cmpuint (BLUE (states[WEFT_TASK_RELEASED]), >,
                        3 * RED (states[WEFT_TASK_RELEASED]) / 2);
      g_assert_cmpuint (states[WEFT_TASK_ERRED], ==, dark ? 0xffffff : 0x000000);
      for (int state = 0; state < WEFT_TASK_N_STATES; state++)
        g_assert_cmpfloat (weftline_contrast (states[state], palette->card), >, 2.2);
    }
}

/* The colour-blind-safe one has the groups' colours, and overlays have their own in both. */
static void
test_others (void)
{
  const WeftlinePalette *classic = weftline_palette (WEFTLINE_PALETTE_CLASSIC, false);
  const WeftlinePalette *safe = weftline_palette (WEFTLINE_PALETTE_SAFE, false);
  cairo_surface_t *surface = draw_task (safe, WEFT_TASK_MEMORY, false);

  g_assert_false (safe->has_states);
  g_assert_true (has_color (surface, safe->slots[WEFTLINE_SLOT_OTHER], 0, 200));
  cairo_surface_destroy (surface);
  surface = draw_task (classic, WEFT_TASK_MEMORY, true);
  g_assert_false (has_color (surface, classic->states[WEFT_TASK_MEMORY], 0, 200));
  cairo_surface_destroy (surface);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("ui-graph", "state-colors", "classic", test_classic);
  test_add ("ui-graph", "state-colors", "meanings", test_meanings);
  test_add ("ui-graph", "state-colors", "others", test_others);
  return g_test_run ();
}
