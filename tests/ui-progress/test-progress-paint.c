/* test-progress-paint.c: pictures of progress against references
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "test-pictures.h"

#include "progress/progress-paint.h"

#define MOST_GROUPS 24

static bool writes;

typedef struct
{
  const char *name;
  WeftlinePaletteKind palette;
  bool dark, rtl;
  int width, height, scale;
  uint32_t n_groups;
  int scroll;
  bool is_over, is_marked;
} Scene;

static const char *const names[] = { "mProject",    "mDiff",   "mFitplane", "mConcat",
                                     "mBackground", "mImgtbl", "mAdd",      "mViewer" };

/* From done to not begun; some erred, some were cancelled. The same each time. */
static void
make_group (const Scene *scene, uint32_t i, WeftlineProgressGroup *group)
{
  uint32_t n = 40 + i * 37 % 90, n_open = scene->is_over ? 0 : MIN (n * i / 6, n);

  *group =
      (WeftlineProgressGroup){ .name = names[i % G_N_ELEMENTS (names)], .number = i, .n_tasks = n };
  group->n_states[WEFT_TASK_WAITING] = n_open / 2;
  group->n_states[WEFT_TASK_QUEUED] = n_open / 3;
  group->n_states[WEFT_TASK_RUNNING] = n_open - n_open / 2 - n_open / 3;
  n -= n_open;
  group->n_states[WEFT_TASK_ERRED] = i % 3 == 1 ? MIN (n, 3) : 0;
  group->n_states[WEFT_TASK_CANCELLED] = i % 4 == 2 ? MIN (n, 6) : 0;
  n -= MIN (n, group->n_states[WEFT_TASK_ERRED] + group->n_states[WEFT_TASK_CANCELLED]);
  group->n_states[WEFT_TASK_MEMORY] = n / 3;
  group->n_states[WEFT_TASK_RELEASED] = n - n / 3;
}

/* (transfer full) */
static cairo_surface_t *
draw_scene (const Scene *scene)
{
  const WeftlinePalette *palette = weftline_palette (scene->palette, scene->dark);
  cairo_surface_t *surface = picture_new (scene->width, scene->height, scene->scale);
  WeftlineTextCache *text = weftline_text_cache_new ("Sans 10", scene->scale);
  cairo_t *cr = cairo_create (surface);
  WeftlineProgressGroup groups[MOST_GROUPS];
  uint32_t colors[MOST_GROUPS], order[MOST_GROUPS], n_marked[MOST_GROUPS];
  double rates[MOST_GROUPS + 1] = { 0 };
  WeftlineProgressLayout layout;

  for (uint32_t i = 0; i < scene->n_groups; i++)
    {
      make_group (scene, i, &groups[i]);
      colors[i] = weftline_palette_group (palette, groups[i].name, i);
      rates[i] = scene->is_over || i % 2 == 1 ? 0 : 4.5 * (i + 1);
      rates[scene->n_groups] += rates[i];
      n_marked[i] = i % 2;
    }
  weftline_progress_layout_init (&layout);
  weftline_progress_sort (groups, scene->n_groups, WEFTLINE_PROGRESS_AS_IN_GRAPH, order);
  weftline_progress_layout (&layout, groups, scene->n_groups, order, scene->width, scene->height,
                            scene->scroll);
  weftline_progress_paint (
      &(WeftlineProgressPaint){ .layout = &layout,
                                .groups = groups,
                                .colors = colors,
                                .rate = rates,
                                .left = scene->n_groups == 0 ? NULL
                                        : scene->is_over     ? "in 1 m 44 s"
                                                         : "2 m 10 s left (1 m 50 s – 2 m 40 s)",
                                .left_short = scene->is_over ? NULL : "2 m 10 s left",
                                .n_marked = scene->is_marked ? n_marked : NULL,
                                .palette = palette,
                                .text = text,
                                .hover = 1,
                                .selected = 2,
                                .rtl = scene->rtl },
      cr);
  g_assert_cmpint (cairo_status (cr), ==, CAIRO_STATUS_SUCCESS);
  cairo_destroy (cr);
  weftline_progress_layout_clear (&layout);
  weftline_text_cache_free (text);
  return surface;
}

static cairo_surface_t *
draw_in_palette (const WeftlinePalette *palette, const void *data G_GNUC_UNUSED)
{
  return draw_scene (
      &(Scene){ NULL, palette->kind, palette->dark, false, 360, 300, 1, 6, 0, false, false });
}

static void
test_palettes (void)
{
  assert_in_all_palettes ("ui-progress", "progress", draw_in_palette, NULL, writes);
}

static void
test_scenes (void)
{
  static const Scene scenes[] = {
    { "right-to-left", 0, false, true, 360, 230, 1, 5, 0, false, false },
    { "scrolled", 0, true, false, 300, 200, 1, 24, 300, false, false },
    { "marked", 0, false, false, 300, 230, 1, 5, 0, false, true },
    { "over", 0, false, false, 300, 200, 1, 4, 0, true, false },
    { "scale-2", 0, true, false, 220, 130, 2, 2, 0, false, false },
    { "small", 0, false, false, 160, 110, 1, 3, 0, false, false },
    { "empty", 0, false, false, 300, 120, 1, 0, 0, false, false },
  };

  assert_scenes ("ui-progress", scenes, draw_scene, writes);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  writes = picture_writes (argc, argv);
  test_add ("ui-progress", "progress-paint", "palettes", test_palettes);
  test_add ("ui-progress", "progress-paint", "scenes", test_scenes);
  return g_test_run ();
}
