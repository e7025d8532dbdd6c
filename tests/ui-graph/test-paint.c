/* test-paint.c: pictures of scenes: forms, both ways of drawing, references
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * References of forms are without text, so that fonts do not matter. Those of the view as a whole,
 * in all palettes, have its words and its legend.
 */
#include "config.h"

#include "graphs.h"
#include "canvas/shown-text.h"
#include "graph/graph-look.h"
#include "graph/graph-paint-private.h"
#include "graph/weft-graph-codec.h"
#include "test-pictures.h"
#include "trace/weft-run-reader.h"

#include <math.h>
#include <string.h>

#define WIDTH 480
#define HEIGHT 300

static bool writes;

typedef struct
{
  TestGraph *graph;
  WeftlineGraphScene *scene;
  uint8_t *states;
  uint64_t *marked;
  float *values;
  WeftlineSceneFacts facts;
  WeftlineSceneFrame frame;
  WeftlineGraphStyle style;
  WeftlineGraphPainting painting;
} Fixture;

static void
fixture_open (Fixture *fixture, const char *spec, bool dark)
{
  TestGraph *graph = test_graph_new_shape (spec);
  uint32_t n = graph->edges.n_nodes;
  WeftlineGraphGroups *groups =
      weftline_graph_groups_new (&graph->edges, graph->group, graph->n_groups);

  *fixture = (Fixture){ .graph = graph, .scene = weftline_graph_scene_new () };
  weftline_graph_scene_append (
      fixture->scene,
      weftline_graph_index_new (weftline_graph_layout_new (&graph->edges, NULL), &graph->edges),
      graph->group, NULL, 0);
  weftline_graph_scene_set_groups (fixture->scene, groups,
                                   weftline_graph_layout_new (&groups->edges, NULL));
  fixture->states = g_new (uint8_t, n);
  fixture->marked = g_new0 (uint64_t, n / 64 + 1);
  fixture->values = g_new (float, n);
  for (uint32_t v = 0; v < n; v++)
    {
      fixture->states[v] = v % 7;
      fixture->values[v] = (float) v;
      fixture->marked[v / 64] |= (uint64_t) (v % 3 == 0) << v % 64;
    }
  fixture->facts.states = fixture->states;
  fixture->painting = (WeftlineGraphPainting){ .selected = WEFT_NONE, .hovered = WEFT_NONE };
  weftline_graph_style_init (&fixture->style, dark);
  weftline_scene_frame_init (&fixture->frame);
}

static void
fixture_frame (Fixture *fixture, double zoom)
{
  WeftlineViewport viewport;

  weftline_graph_scene_fit (fixture->scene, WIDTH, HEIGHT, &viewport);
  viewport.scale *= zoom;
  weftline_graph_scene_frame (fixture->scene, &viewport, &fixture->facts, &fixture->frame);
}

static void
fixture_close (Fixture *fixture)
{
  weftline_scene_frame_clear (&fixture->frame);
  weftline_graph_scene_free (fixture->scene);
  g_free (fixture->states);
  g_free (fixture->marked);
  g_free (fixture->values);
  test_graph_free (fixture->graph);
}

static cairo_surface_t *
paint_pixels (const Fixture *fixture, int scale)
{
  cairo_surface_t *surface =
      cairo_image_surface_create (CAIRO_FORMAT_RGB24, WIDTH * scale, HEIGHT * scale);
  cairo_surface_set_device_scale (surface, scale, scale);
  cairo_t *cr = cairo_create (surface);

  weftline_graph_paint (cr, &fixture->frame, &fixture->style, &fixture->painting);
  cairo_destroy (cr);
  cairo_surface_flush (surface);
  return surface;
}

/* The same through a recording, which has no pixels to write into. */
static cairo_surface_t *
paint_vectors (const Fixture *fixture)
{
  cairo_rectangle_t extents = { 0, 0, WIDTH, HEIGHT };
  cairo_surface_t *recording = cairo_recording_surface_create (CAIRO_CONTENT_COLOR_ALPHA, &extents);
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, WIDTH, HEIGHT);
  cairo_t *cr = cairo_create (recording);

  weftline_graph_paint (cr, &fixture->frame, &fixture->style, &fixture->painting);
  cairo_destroy (cr);
  cr = cairo_create (surface);
  cairo_set_source_surface (cr, recording, 0, 0);
  cairo_paint (cr);
  cairo_destroy (cr);
  cairo_surface_destroy (recording);
  cairo_surface_flush (surface);
  return surface;
}

static void
compare (cairo_surface_t *a, cairo_surface_t *b, double *mean, double *share)
{
  *share = picture_share_that_differs (a, b, PICTURE_FAR);
  *mean = picture_mean_difference (a, b);
}

/* Nothing of these depends on a font. */
static void
assert_like_reference (const Fixture *fixture, const char *name)
{
  cairo_surface_t *found = paint_pixels (fixture, 1);

  assert_as_reference_within ("ui-graph", name, found, 0.003, writes);
  cairo_surface_destroy (found);
}

static void
test_references (void)
{
  for (int dark = 0; dark < 2; dark++)
    {
      const char *suffix = dark ? "dark" : "light";
      g_autofree char *tasks = g_strdup_printf ("tasks-%s", suffix);
      g_autofree char *lineage = g_strdup_printf ("lineage-%s", suffix);
      g_autofree char *values = g_strdup_printf ("values-%s", suffix);
      g_autofree char *cells = g_strdup_printf ("cells-%s", suffix);
      g_autofree char *groups = g_strdup_printf ("groups-%s", suffix);
      Fixture fixture;

      fixture_open (&fixture, "random-layered:4,6,7,2", dark);
      fixture_frame (&fixture, 1);
      assert_like_reference (&fixture, tasks);
      fixture.facts.marked = fixture.marked;
      fixture.painting.has_lineage = true;
      fixture.painting.selected = 9;
      fixture_frame (&fixture, 1);
      assert_like_reference (&fixture, lineage);
      fixture.facts.marked = NULL;
      fixture.facts.values = fixture.values;
      fixture.painting = (WeftlineGraphPainting){ WEFT_NONE, 3, false, 42, NULL };
      fixture_frame (&fixture, 1);
      assert_like_reference (&fixture, values);
      fixture_close (&fixture);

      fixture_open (&fixture, "tree:6000,6", dark);
      fixture_frame (&fixture, 1);
      assert_like_reference (&fixture, groups);
      fixture_frame (&fixture, 1.1);
      assert_like_reference (&fixture, cells);
      fixture_close (&fixture);
    }
}

/* ---- the view -------------------------------------------------------------------------------- */

#define KINDS 3 /* groups */

/* A few of each kind, one after the other. (transfer full) */
static TestGraph *
graph_of_kinds (void)
{
  static const char *const kinds[KINDS] = { "load", "clean", "sum" };
  g_autoptr (GString) json = g_string_new ("{\"weftline\": 1, \"tasks\": {");
  g_autoptr (TestDir) dir = test_dir_new ();
  g_autofree char *path = NULL;

  for (unsigned kind = 0; kind < KINDS; kind++)
    for (unsigned i = 0; i < 5; i++)
      {
        g_string_append_printf (json, "%s\"%s-%u\": {\"op\": \"identity\", \"args\": [[",
                                kind + i > 0 ? ", " : "", kinds[kind], i);
        for (unsigned k = 0; k < 2 && kind > 0; k++)
          g_string_append_printf (json, "%s{\"ref\": \"%s-%u\"}", k > 0 ? ", " : "",
                                  kinds[kind - 1], (i + 2 * k) % 5);
        g_string_append (json, "]]}");
      }
  g_string_append (json, "}}");
  path = test_dir_write (dir, "kinds.json", json->str);
  return test_graph_new_file (path);
}

/* The next piece of the graph, as a recorder writes it. Returns: whether there are more */
static bool
add_piece (WeftModel *model, WeftGraphEncoder *encoder, uint32_t number, GByteArray *bytes)
{
  WeftSegmentHead head = { .piece = number, .parent_segment = WEFT_NONE, .parent_task = WEFT_NONE };
  WeftRunFrame frame = { .head = { .kind = WEFT_FRAME_SEGMENT } };
  g_autoptr (GError) error = NULL;
  bool more;

  g_byte_array_set_size (bytes, 0);
  g_byte_array_append (bytes, (const uint8_t *) &head, sizeof head);
  more = weft_graph_encoder_next (encoder, number, bytes, &head.first_task, &head.n_tasks);
  head.flags = (number == 0 ? WEFT_SEGMENT_FIRST : 0) | (more ? 0 : WEFT_SEGMENT_LAST);
  memcpy (bytes->data, &head, sizeof head);
  frame.head.n_bytes = bytes->len;
  frame.n_bytes = bytes->len;
  frame.payload = bytes->data;
  weft_model_add_frame (model, &frame, &error);
  g_assert_no_error (error);
  return more;
}

/* Nothing of it has run. (transfer full) */
static WeftModel *
model_of (const TestGraph *graph)
{
  WeftGraphEncoder *encoder = weft_graph_encoder_new (graph->graph);
  WeftModel *model = weft_model_new ();
  GByteArray *bytes = g_byte_array_new ();
  uint32_t number = 0;

  while (add_piece (model, encoder, number, bytes))
    number++;
  weft_model_finish (model, false);
  weft_graph_encoder_free (encoder);
  g_byte_array_unref (bytes);
  return model;
}

typedef struct
{
  TestGraph *graph;
  WeftModel *model;
  WeftModelSnapshot snapshot;
  WeftlineGraphScene *scene;
  uint8_t *states; /* each of them, in all groups */
} View;

static void
view_open (View *view)
{
  WeftlineGraphGroups *groups;

  view->graph = graph_of_kinds ();
  view->model = model_of (view->graph);
  weft_model_snapshot (view->model, &view->snapshot);
  view->scene = weftline_graph_scene_new ();
  groups =
      weftline_graph_groups_new (&view->graph->edges, view->graph->group, view->graph->n_groups);
  weftline_graph_scene_append (
      view->scene,
      weftline_graph_index_new (weftline_graph_layout_new (&view->graph->edges, NULL),
                                &view->graph->edges),
      view->graph->group, NULL, 0);
  weftline_graph_scene_set_groups (view->scene, groups,
                                   weftline_graph_layout_new (&groups->edges, NULL));
  view->states = g_new (uint8_t, view->graph->edges.n_nodes);
  for (uint32_t v = 0; v < view->graph->edges.n_nodes; v++)
    view->states[v] = (uint8_t) (v * 3 % WEFT_TASK_N_STATES);
}

static void
view_close (View *view)
{
  weftline_graph_scene_free (view->scene);
  weft_model_unref (view->model);
  test_graph_free (view->graph);
  g_free (view->states);
}

/* @data: of a View: tasks with their keys, one selected, another pointed at, and the legend */
static cairo_surface_t *
draw_in_palette (const WeftlinePalette *palette, const void *data)
{
  const View *view = data;
  cairo_surface_t *surface = picture_new (WIDTH, HEIGHT, 1);
  cairo_t *cr = cairo_create (surface);
  WeftlineSceneFacts facts = { .states = view->states };
  WeftlineGraphPainting painting = { .selected = 7, .hovered = 3 };
  WeftlineSceneFrame frame;
  WeftlineViewport viewport;
  WeftlineGraphLook look;

  weftline_graph_look_init (&look);
  look.model = view->model;
  look.n_groups = view->snapshot.n_groups;
  look.palette = palette;
  weftline_scene_frame_init (&frame);
  weftline_graph_scene_fit (view->scene, WIDTH,
                            HEIGHT - weftline_graph_look_foot (&look, WIDTH, HEIGHT), &viewport);
  weftline_graph_scene_frame (view->scene, &viewport, &facts, &frame);
  weftline_graph_look_paint (&look, cr, &frame, &painting, WEFTLINE_GRAPH_LABELS);
  weftline_scene_frame_clear (&frame);
  weftline_graph_look_clear (&look);
  cairo_destroy (cr);
  return surface;
}

static void
test_palettes (void)
{
  View view;

  view_open (&view);
  assert_in_all_palettes ("ui-graph", "graph", draw_in_palette, &view, writes);
  view_close (&view);
}

/* ---- forms ----------------------------------------------------------------------------------- */

/* An exported picture is the one on the screen. Hatches and dots start elsewhere, and lines are
 * smoothed another way, so the tolerance is wider. */
static void
test_vectors (void)
{
  static const char *const shapes[] = { "random-layered:4,6,7,2", "stencil:8,8", "tree:6000,6" };

  for (guint k = 0; k < G_N_ELEMENTS (shapes); k++)
    for (int mode = 0; mode < 2; mode++)
      {
        Fixture fixture;
        double mean, share;

        fixture_open (&fixture, shapes[k], false);
        fixture_frame (&fixture, mode == 0 ? 1 : 1.1);
        cairo_surface_t *pixels = paint_pixels (&fixture, 1);
        cairo_surface_t *vectors = paint_vectors (&fixture);
        compare (pixels, vectors, &mean, &share);
        g_test_message ("%s, mode %d: mean difference %.3f, %.3f %% of pixels far off", shapes[k],
                        (int) fixture.frame.mode, mean, share * 100);
        g_assert_cmpfloat (mean, <, 4);
        g_assert_cmpfloat (share, <, 0.03);
        cairo_surface_destroy (pixels);
        cairo_surface_destroy (vectors);
        fixture_close (&fixture);
      }
}

/* No two states look the same, at any size, even to an eye that sees no colours. */
static void
test_forms_differ (void)
{
  static const double scales[] = { 40, 14 };

  for (int dark = 0; dark < 2; dark++)
    for (guint k = 0; k < G_N_ELEMENTS (scales); k++)
      {
        Fixture fixture;
        cairo_surface_t *pictures[WEFT_TASK_N_STATES];

        fixture_open (&fixture, "chains:1,1", dark);
        for (int state = 0; state < WEFT_TASK_N_STATES; state++)
          {
            WeftlineViewport viewport = { -1, -1, scales[k], WIDTH, HEIGHT };

            fixture.states[0] = (uint8_t) state;
            weftline_graph_scene_frame (fixture.scene, &viewport, &fixture.facts, &fixture.frame);
            pictures[state] = paint_pixels (&fixture, 1);
          }
        for (int a = 0; a < WEFT_TASK_N_STATES; a++)
          for (int b = 0; b < a; b++)
            {
              double mean, share;

              compare (pictures[a], pictures[b], &mean, &share);
              g_assert_cmpfloat (mean * WIDTH * HEIGHT, >, scales[k] * 20);
            }
        for (int state = 0; state < WEFT_TASK_N_STATES; state++)
          cairo_surface_destroy (pictures[state]);
        fixture_close (&fixture);
      }
}

/* At twice the pixels there is the same picture. */
static void
test_scaled (void)
{
  Fixture fixture;
  double mean, share;

  fixture_open (&fixture, "stencil:6,6", false);
  for (uint32_t v = 0; v < fixture.graph->edges.n_nodes; v++)
    fixture.states[v] = v % 2 == 0 ? WEFT_TASK_MEMORY : WEFT_TASK_RELEASED;
  fixture_frame (&fixture, 1);
  cairo_surface_t *once = paint_pixels (&fixture, 1);
  cairo_surface_t *twice = paint_pixels (&fixture, 2);
  cairo_surface_t *small = cairo_image_surface_create (CAIRO_FORMAT_RGB24, WIDTH, HEIGHT);
  cairo_t *cr = cairo_create (small);
  cairo_set_source_surface (cr, twice, 0, 0);
  cairo_paint (cr);
  cairo_destroy (cr);
  cairo_surface_flush (small);
  compare (once, small, &mean, &share);
  g_test_message ("mean difference %.3f, %.3f %% far off", mean, share * 100);
  g_assert_cmpfloat (mean, <, 2);
  g_assert_cmpfloat (share, <, 0.01);
  cairo_surface_destroy (once);
  cairo_surface_destroy (twice);
  cairo_surface_destroy (small);
  fixture_close (&fixture);
}

/* Nothing is written beside the clip. */
static void
test_clipped (void)
{
  Fixture fixture;
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, WIDTH, HEIGHT);
  cairo_t *cr = cairo_create (surface);
  const uint8_t *bytes;
  int stride = cairo_image_surface_get_stride (surface);

  fixture_open (&fixture, "stencil:20,10", false);
  fixture_frame (&fixture, 3);
  cairo_rectangle (cr, 100, 50, 120, 80);
  cairo_clip (cr);
  cairo_translate (cr, 40, 30);
  weftline_graph_paint (cr, &fixture.frame, &fixture.style, &fixture.painting);
  cairo_destroy (cr);
  cairo_surface_flush (surface);
  bytes = cairo_image_surface_get_data (surface);
  for (int y = 0; y < HEIGHT; y++)
    for (int x = 0; x < WIDTH; x++)
      {
        bool inside = x >= 100 && x < 220 && y >= 50 && y < 130;
        const uint8_t *pixel = bytes + (ptrdiff_t) y * stride + 4 * x;

        g_assert_cmpint (pixel[0] + pixel[1] + pixel[2] > 0, ==, inside);
      }
  cairo_surface_destroy (surface);
  fixture_close (&fixture);
}

static char *
dup_label (uint32_t task, const void *data G_GNUC_UNUSED)
{
  return g_strdup_printf ("a-task-with-a-long-name-%u", task);
}

static const char *
group_name (uint32_t group G_GNUC_UNUSED, const void *data G_GNUC_UNUSED)
{
  return "a group";
}

/* Labels are drawn where there is room, and only there. */
static void
test_labels (void)
{
  for (int near = 0; near < 2; near++)
    {
      Fixture fixture;
      double mean, share;
      WeftlineViewport viewport = { 0, 0, near ? 40 : 8, WIDTH, HEIGHT };

      fixture_open (&fixture, "stencil:20,10", false);
      memset (fixture.states, WEFT_TASK_WAITING, fixture.graph->edges.n_nodes);
      weftline_graph_scene_frame (fixture.scene, &viewport, &fixture.facts, &fixture.frame);
      cairo_surface_t *without = paint_pixels (&fixture, 1);
      fixture.style.dup_label = dup_label;
      fixture.style.group_name = group_name;
      cairo_surface_t *with = paint_pixels (&fixture, 1);
      fixture.style.texts = weftline_graph_texts_new ();
      for (int turn = 0; turn < 2; turn++)
        {
          cairo_surface_t *kept = paint_pixels (&fixture, 1);

          compare (with, kept, &mean, &share);
          g_assert_cmpfloat (mean, ==, 0);
          cairo_surface_destroy (kept);
        }
      weftline_graph_texts_free (fixture.style.texts);
      fixture.style.texts = NULL;
      fixture.style.max_labels = 0;
      cairo_surface_t *few = paint_pixels (&fixture, 1);
      compare (without, few, &mean, &share);
      g_assert_cmpfloat (mean, ==, 0);
      cairo_surface_destroy (few);
      compare (without, with, &mean, &share);
      if (near)
        g_assert_cmpfloat (share, >, 0.005);
      else
        g_assert_cmpfloat (mean, ==, 0);
      cairo_surface_destroy (without);
      cairo_surface_destroy (with);
      fixture_close (&fixture);
    }
}

/* In a node's box, which may have been rounded to other pixels. */
static bool
is_in_node (const WeftlineSceneFrame *frame, int x, int y)
{
  double width = (double) WEFTLINE_GRAPH_NODE_WIDTH * frame->viewport.scale / 2 - 1;
  double height = (double) WEFTLINE_GRAPH_NODE_HEIGHT * frame->viewport.scale / 2 - 1;

  for (guint k = 0; k < frame->cells->len; k++)
    {
      const WeftlineSceneCell *cell = &g_array_index (frame->cells, WeftlineSceneCell, k);

      if (fabs (x + 0.5 - frame_x (frame, cell->x)) < width
          && fabs (y + 0.5 - frame_y (frame, cell->y)) < height)
        return true;
    }
  return false;
}

/* Groups too small for words have them beside, and over no node. */
static void
test_words_of_small_groups (void)
{
  uint32_t n_outside = 0, n_inside = 0;
  Fixture fixture;

  fixture_open (&fixture, "stencil:700,10", false);
  fixture_frame (&fixture, 1);
  g_assert_cmpint (fixture.frame.mode, ==, WEFTLINE_SCENE_GROUPS);
  g_assert_cmpfloat ((double) WEFTLINE_GRAPH_NODE_HEIGHT * fixture.frame.viewport.scale, <,
                     _weftline_graph_card_px (&fixture.style));
  cairo_surface_t *without = paint_pixels (&fixture, 1);
  fixture.style.group_name = group_name;
  cairo_surface_t *with = paint_pixels (&fixture, 1);
  for (int y = 0; y < HEIGHT; y++)
    for (int x = 0; x < WIDTH; x++)
      {
        ptrdiff_t at = (ptrdiff_t) y * cairo_image_surface_get_stride (with) + 4 * x;
        bool differs = memcmp (cairo_image_surface_get_data (with) + at,
                               cairo_image_surface_get_data (without) + at, 3)
                       != 0;

        n_inside += differs && is_in_node (&fixture.frame, x, y);
        n_outside += differs;
      }
  g_assert_cmpuint (n_inside, ==, 0);
  g_assert_cmpuint (n_outside, >, 40 * fixture.frame.cells->len);
  cairo_surface_destroy (without);
  cairo_surface_destroy (with);
  fixture_close (&fixture);
}

static void
test_legend (void)
{
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, WIDTH, HEIGHT);
  cairo_t *cr = cairo_create (surface);
  WeftlineGraphStyle style;

  weftline_graph_style_init (&style, false);
  double all = weftline_graph_paint_legend (cr, 0, 0, 2000, 1, &style, 0, 0);
  double some = weftline_graph_paint_legend (cr, 0, 0, 2000, 1, &style, 0x0f, 0);
  g_assert_cmpfloat (all, >, some + 100);
  g_assert_cmpfloat (weftline_graph_paint_legend (cr, 0, 0, 2000, 1, &style, 0, 1500), >, 106);
  g_assert_cmpint (weftline_graph_legend_rows (all, &style, 0, 0), ==, 1);
  cairo_destroy (cr);
  cairo_surface_destroy (surface);
}

/* (transfer full): the legend's words and where they stand. */
static GArray *
legend_texts (cairo_surface_t **surface, double room, bool rtl, double zoom, float value_most)
{
  cairo_t *cr;
  WeftlineGraphStyle style;
  GArray *texts;

  *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, WIDTH, HEIGHT);
  texts = weftline_collect_texts (*surface);
  cr = cairo_create (*surface);
  weftline_graph_style_init (&style, false);
  style.rtl = rtl;
  style.font_px *= zoom;
  style.value_title = "age";
  weftline_graph_paint_legend (cr, 10, 0, room, 20, &style, 0, value_most);
  cairo_destroy (cr);
  return texts;
}

/* Where text runs from right to left each row is as in a mirror, words themselves are not. */
static void
test_legend_right_to_left (void)
{
  for (int round = 0; round < 40; round++)
    {
      double room = g_test_rand_int_range (200, 700), zoom = round % 3 == 0 ? 1.5 : 1;
      float most = round % 2 == 0 ? 0 : 1500;
      cairo_surface_t *surfaces[2];
      GArray *ltr = legend_texts (&surfaces[0], room, false, zoom, most);
      GArray *rtl = legend_texts (&surfaces[1], room, true, zoom, most);

      g_assert_cmpuint (ltr->len, >=, 3);
      g_assert_cmpuint (ltr->len, ==, rtl->len);
      for (guint i = 0; i < ltr->len; i++)
        {
          const WeftlineShownText *a = &g_array_index (ltr, WeftlineShownText, i);
          const WeftlineShownText *b = &g_array_index (rtl, WeftlineShownText, i);

          g_assert_cmpstr (a->text, ==, b->text);
          g_assert_cmpfloat (a->y, ==, b->y);
          g_assert_cmpfloat_with_epsilon (a->x - 10, 10 + room - b->x - b->width, 2);
        }
      cairo_surface_destroy (surfaces[0]);
      cairo_surface_destroy (surfaces[1]);
    }
}

/* All of the legend is larger where text is: words, what stands before and between them, rows. How
 * wide words are is not quite in proportion to their size. */
static void
test_legend_grows (void)
{
  for (double zoom = 1.5; zoom <= 2; zoom += 0.5)
    {
      cairo_surface_t *surfaces[3];
      GArray *usual = legend_texts (&surfaces[0], 5000, false, 1, 0);
      GArray *large = legend_texts (&surfaces[1], 5000, false, zoom, 0);
      GArray *rows = legend_texts (&surfaces[2], 150 * zoom, false, zoom, 0);

      g_assert_cmpuint (usual->len, ==, large->len);
      for (guint i = 0; i < usual->len; i++)
        {
          const WeftlineShownText *a = &g_array_index (usual, WeftlineShownText, i);
          const WeftlineShownText *b = &g_array_index (large, WeftlineShownText, i);
          double before = i > 0 ? a[-1].x + a[-1].width : 10;
          double large_before = i > 0 ? b[-1].x + b[-1].width : 10;

          g_assert_cmpfloat_with_epsilon (b->size, a->size * zoom, 0.1);
          g_assert_cmpfloat_with_epsilon (b->x - large_before, (a->x - before) * zoom, 4);
          g_assert_cmpfloat_with_epsilon (b->y, a->y * zoom, 3);
        }
      for (guint i = 1; i < rows->len; i++)
        {
          const WeftlineShownText *shown = &g_array_index (rows, WeftlineShownText, i);

          g_assert_true (shown->y == shown[-1].y || ABS (shown->y - shown[-1].y - 18 * zoom) < 2);
        }
      g_assert_cmpfloat (g_array_index (rows, WeftlineShownText, rows->len - 1).y, >,
                         2 * 18 * zoom);
      for (unsigned i = 0; i < G_N_ELEMENTS (surfaces); i++)
        cairo_surface_destroy (surfaces[i]);
    }
}

#define LEGEND_WIDTH 1200
#define LEGEND_HEIGHT 200

/* Pixels that are not as the ground is, left and right of @room. */
static void
count_legend (double room, int max_rows, unsigned *n_left, unsigned *n_right)
{
  cairo_surface_t *surface =
      cairo_image_surface_create (CAIRO_FORMAT_RGB24, LEGEND_WIDTH, LEGEND_HEIGHT);
  cairo_t *cr = cairo_create (surface);
  WeftlineGraphStyle style;

  weftline_graph_style_init (&style, false);
  cairo_set_source_rgb (cr, 1, 1, 1);
  cairo_paint (cr);
  weftline_graph_paint_legend (cr, 0, 0, room, max_rows, &style, 0, 0);
  cairo_destroy (cr);
  cairo_surface_flush (surface);
  *n_left = *n_right = 0;
  for (int y = 0; y < LEGEND_HEIGHT; y++)
    for (int x = 0; x < LEGEND_WIDTH; x++)
      {
        uint32_t pixel =
            *(const uint32_t *) (void *) (cairo_image_surface_get_data (surface)
                                          + (ptrdiff_t) y * cairo_image_surface_get_stride (surface)
                                          + 4 * x);

        *(x < room ? n_left : n_right) += (pixel & 0xffffff) != 0xffffff;
      }
  cairo_surface_destroy (surface);
}

/* Whatever the width: all of it is there, and nothing is cut. */
static void
test_legend_wraps (void)
{
  unsigned all, left, right;
  WeftlineGraphStyle style;
  int n_rows, before = INT_MAX;

  weftline_graph_style_init (&style, false);
  count_legend (LEGEND_WIDTH, 1, &all, &right);
  g_assert_cmpuint (all, >, 500);
  for (int room = 110; room < LEGEND_WIDTH; room += 7)
    {
      n_rows = weftline_graph_legend_rows (room, &style, 0, 0);
      g_assert_cmpint (n_rows, <=, before);
      before = n_rows;
      count_legend (room, n_rows, &left, &right);
      g_assert_cmpuint (right, ==, 0);
      g_assert_cmpuint (ABS ((int) left - (int) all), <, all / 30); /* hatches differ by place */
      if (n_rows == 1)
        continue;
      count_legend (room, n_rows - 1, &left, &right);
      g_assert_cmpuint (left, <, all - all / 30);
    }
  g_assert_cmpint (before, ==, 1);
}

/* A key that is written on a task can be read: on all colours of the palette. */
static void
test_labels_can_be_read (void)
{
  const WeftlinePalette *palette = weftline_palette (WEFTLINE_PALETTE_SAFE, false);

  for (unsigned slot = 0; slot < WEFTLINE_N_SLOTS; slot++)
    {
      uint32_t ground = palette->slots[slot];
      WeftlineGraphColor color = { (float) (ground >> 16 & 255) / 255,
                                   (float) (ground >> 8 & 255) / 255, (float) (ground & 255) / 255,
                                   1 };
      WeftlineGraphColor text = _weftline_graph_text_on (&color);

      g_assert_cmpfloat (weftline_contrast (ground, text.r > 0.5f ? 0xffffff : 0x1d1d1d), >=, 4);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  writes = picture_writes (argc, argv);
  test_add ("ui-graph", "paint", "like-the-references", test_references);
  test_add ("ui-graph", "paint", "palettes", test_palettes);
  test_add ("ui-graph", "paint", "vectors-like-pixels", test_vectors);
  test_add ("ui-graph", "paint", "forms-of-states-differ", test_forms_differ);
  test_add ("ui-graph", "paint", "scaled", test_scaled);
  test_add ("ui-graph", "paint", "clipped", test_clipped);
  test_add ("ui-graph", "paint", "labels-where-there-is-room", test_labels);
  test_add ("ui-graph", "paint", "labels-can-be-read", test_labels_can_be_read);
  test_add ("ui-graph", "paint", "words-of-small-groups", test_words_of_small_groups);
  test_add ("ui-graph", "paint", "legend", test_legend);
  test_add ("ui-graph", "paint", "legend-wraps", test_legend_wraps);
  test_add ("ui-graph", "paint", "legend-right-to-left", test_legend_right_to_left);
  test_add ("ui-graph", "paint", "legend-grows", test_legend_grows);
  return g_test_run ();
}
