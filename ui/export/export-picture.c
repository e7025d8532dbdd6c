/* export-picture.c: views drawn without a window
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "export/export-private.h"

#include "graph/graph-look.h"
#include "graph/graph-placing.h"
#include "progress/progress-paint.h"
#include "progress/progress-source.h"
#include "timeline/task-stream-words.h"
#include "timeline/timeline-hit.h"
#include "timeline/timeline-paint.h"
#include "timeline/timeline-source.h"

#include <glib/gi18n.h>

#define DEFAULT_FONT "Sans 10"
#define STREAM_WIDTH 1600
#define STREAM_PITCH 36 /* of lanes, where nothing is said of the height */
#define STREAM_MIN_HEIGHT 240
#define GRAPH_WIDTH 1600
#define GRAPH_HEIGHT 1000
#define GRAPH_MIN_WIDTH 720 /* of the legend */
#define GRAPH_MIN_HEIGHT 200
#define GRAPH_MARGIN 48
#define GRAPH_MAX_MEASURED 20000 /* tasks: above, the picture is as large as may be anyway */
#define PROGRESS_WIDTH 640
#define PROGRESS_MARGIN 12 /* which the window's card has */
#define MAX_DEFAULT_HEIGHT 8000
#define MAX_DRAWINGS 1000 /* until no text is left out any more */

static const char *
font_of (const WeftlineExport *export)
{
  return export->font != NULL ? export->font : DEFAULT_FONT;
}

static const WeftlinePalette *
palette_of (const WeftlineExport *export)
{
  return weftline_palette (export->palette, export->dark);
}

/* Of the three densities. */
static unsigned
density_of (const WeftlineExport *export)
{
  return (unsigned) (CLAMP (export->labels, -1, 1) + 1);
}

/* ---- task stream ----------------------------------------------------------------------------- */

static int
stream_height (WeftModel *model, const WeftModelSnapshot *snapshot)
{
  WeftlineTimelineSource source;
  WeftlineTimelineInput input;
  int height;

  weftline_timeline_source_init (&source);
  weftline_timeline_source_take (&source, model, snapshot, &input);
  height = (int) MIN (input.n_lanes, MAX_DEFAULT_HEIGHT) * STREAM_PITCH + WEFTLINE_TIMELINE_HEAD
           + WEFTLINE_TIMELINE_AXIS;
  weftline_timeline_source_clear (&source);
  return CLAMP (height, STREAM_MIN_HEIGHT, MAX_DEFAULT_HEIGHT);
}

/* Pictures that stay want all their texts, of which the window makes only so many a frame. */
static void
paint_stream (WeftlineTimelinePaint *paint, cairo_t *cr, const WeftlineTimelineLayout *layout,
              const WeftlineTimelineLook *look, bool as_shapes)
{
  if (as_shapes)
    weftline_timeline_paint_vector (paint, cr, layout, look);
  else
    {
      unsigned n = 0;

      do
        weftline_timeline_paint_data (paint, layout, look);
      while (weftline_timeline_paint_is_unfinished (paint) && ++n < MAX_DRAWINGS);
      weftline_timeline_paint_show (paint, cr);
    }
  weftline_timeline_paint_overlay (paint, cr, layout, look, NULL);
}

typedef struct
{
  WeftModel *model;
  char *key; /* (nullable) */
} Keys;

/* (nullable) (transfer none): until the next call */
static const char *
task_key (void *data, uint32_t task)
{
  Keys *keys = data;

  g_clear_pointer (&keys->key, g_free);
  if (task != WEFT_NONE)
    keys->key = weft_model_task_dup_key (keys->model, task);
  return keys->key;
}

static void
draw_stream (const WeftlineExport *export, WeftModel *model, const WeftModelSnapshot *snapshot,
             cairo_t *cr, int width, int height, bool as_shapes)
{
  WeftlineTimelineView view = { .width = width, .height = height, .scale = 1, .rtl = export->rtl };
  static const WeftlineTimelineLabels label_kinds[] = { WEFTLINE_LABELS_NONE, WEFTLINE_LABELS_GROUP,
                                                        WEFTLINE_LABELS_KEY };
  g_autofree char *status = weftline_task_stream_status (snapshot, false);
  Keys keys = { model, NULL };
  WeftlineTimelineLook look = { .palette = palette_of (export),
                                .font = font_of (export),
                                .labels = label_kinds[density_of (export)],
                                .key = task_key,
                                .key_data = &keys,
                                .time_form = export->time_form,
                                .wall_ns = model != NULL ? weft_model_wall_ns (model) : 0,
                                .status = status,
                                .empty_title = _ ("Nothing has run yet") };
  WeftlineTimelineLayout *layout = weftline_timeline_layout_new ();
  WeftlineTimelinePaint *paint = weftline_timeline_paint_new ();
  WeftlineTimelineSource source;
  WeftlineTimelineInput input;
  int64_t from_ns = export->from_ns, to_ns = export->to_ns;

  weftline_timeline_source_init (&source);
  weftline_timeline_source_take (&source, model, snapshot, &input);
  view.gutter = weftline_timeline_paint_gutter (paint, &input, &look, 1, view.rtl);
  if (to_ns > from_ns)
    view.t0_ns = from_ns, view.t1_ns = to_ns;
  else if (weftline_timeline_extent (&input, &from_ns, &to_ns))
    weftline_timeline_view_fit (&view, from_ns, to_ns);
  weftline_timeline_layout_run (layout, &input, &view);
  paint_stream (paint, cr, layout, &look, as_shapes);
  weftline_timeline_paint_free (paint);
  weftline_timeline_layout_free (layout);
  weftline_timeline_source_clear (&source);
  g_free (keys.key);
}

/* ---- task graph ------------------------------------------------------------------------------ */

static void
place_all (WeftlineGraphScene *scene, WeftModel *model, const WeftModelSnapshot *snapshot,
           GPtrArray *groups_of)
{
  for (uint32_t segment = 0; model != NULL && segment < snapshot->n_segments; segment++)
    {
      WeftlineGraphPlacing *placing = weftline_graph_placing_new (
          model, segment, snapshot->n_groups, snapshot->n_segments == 1);

      if (placing == NULL)
        return;
      if (weftline_graph_placing_run (placing))
        g_ptr_array_add (groups_of, weftline_graph_placing_append (placing, scene));
      weftline_graph_placing_free (placing);
    }
}

static void
draw_scene (const WeftlineExport *export, WeftlineGraphScene *scene, WeftModel *model,
            const WeftModelSnapshot *snapshot, cairo_t *cr, int width, int height)
{
  static const unsigned max_labels[] = { 0, WEFTLINE_GRAPH_LABELS, 8 * WEFTLINE_GRAPH_LABELS };
  WeftlineGraphPainting painting = { .selected = WEFT_NONE, .hovered = WEFT_NONE };
  g_autoptr (GByteArray) states = g_byte_array_new ();
  WeftlineSceneFacts facts = { 0 };
  WeftlineViewport viewport;
  WeftlineSceneFrame frame;
  WeftlineGraphLook look;

  weftline_scene_frame_init (&frame);
  weftline_graph_look_init (&look);
  look.model = model;
  look.n_groups = snapshot->n_groups;
  look.palette = palette_of (export);
  if (export->viewport != NULL)
    viewport = *export->viewport;
  else
    weftline_graph_scene_fit (scene, width, height - WEFTLINE_GRAPH_FOOT, &viewport);
  viewport.width_px = width;
  viewport.height_px = height - WEFTLINE_GRAPH_FOOT;
  weftline_graph_look_states (model, weftline_graph_scene_n_tasks (scene), states);
  facts.states = states->data;
  if (export->has_value)
    weftline_graph_look_set_values (&look, model, snapshot->n_segments, export->value);
  if (look.n_values >= weftline_graph_scene_n_tasks (scene))
    {
      facts.values = look.values;
      painting.value_most = look.value_most;
    }
  weftline_graph_scene_frame (scene, &viewport, &facts, &frame);
  weftline_graph_look_paint (&look, cr, &frame, &painting, max_labels[density_of (export)]);
  weftline_graph_look_clear (&look);
  weftline_scene_frame_clear (&frame);
}

/* As much as the tasks take, as they are laid out in the largest picture. */
static void
graph_size (WeftModel *model, const WeftModelSnapshot *snapshot, int *width, int *height)
{
  g_autoptr (WeftlineGraphScene) scene = NULL;
  GPtrArray *groups_of;
  WeftlineViewport viewport;
  float rows_wide, rows_high;

  *width = GRAPH_WIDTH;
  *height = GRAPH_HEIGHT;
  if (snapshot->n_tasks > GRAPH_MAX_MEASURED)
    return;
  scene = weftline_graph_scene_new ();
  groups_of = g_ptr_array_new_with_free_func (g_free);
  place_all (scene, model, snapshot, groups_of);
  weftline_graph_scene_size (scene, &rows_wide, &rows_high);
  weftline_graph_scene_fit (scene, *width, *height - WEFTLINE_GRAPH_FOOT, &viewport);
  *width = (int) CLAMP ((double) rows_wide * viewport.scale + 2 * GRAPH_MARGIN, GRAPH_MIN_WIDTH,
                        GRAPH_WIDTH);
  *height =
      (int) CLAMP ((double) rows_high * viewport.scale + 2 * GRAPH_MARGIN + WEFTLINE_GRAPH_FOOT,
                   GRAPH_MIN_HEIGHT, GRAPH_HEIGHT);
  g_clear_pointer (&scene, weftline_graph_scene_free);
  g_ptr_array_unref (groups_of);
}

/* A run of which the graph is not told. */
static void
draw_no_graph (const WeftlineExport *export, cairo_t *cr, int width, int height)
{
  const WeftlinePalette *palette = palette_of (export);
  WeftlineTextCache *texts = weftline_text_cache_new (font_of (export), 1, export->rtl);
  const char *words = _ ("There is no graph in this run");
  int text_width, text_height;

  weftline_set_color (cr, palette->card, 1);
  cairo_rectangle (cr, 0, 0, width, height);
  cairo_fill (cr);
  weftline_text_size (texts, words, WEFTLINE_TEXT_NORMAL, &text_width, &text_height);
  weftline_set_color (cr, palette->dim, 1);
  weftline_text_show (texts, cr, words, WEFTLINE_TEXT_NORMAL, (width - text_width) / 2,
                      (height - text_height) / 2);
  weftline_text_cache_free (texts);
}

static void
draw_graph (const WeftlineExport *export, WeftModel *model, const WeftModelSnapshot *snapshot,
            cairo_t *cr, int width, int height)
{
  g_autoptr (WeftlineGraphScene) scene = weftline_graph_scene_new ();
  GPtrArray *groups_of = g_ptr_array_new_with_free_func (g_free);

  place_all (scene, model, snapshot, groups_of);
  if (groups_of->len > 0 && height > WEFTLINE_GRAPH_FOOT)
    draw_scene (export, scene, model, snapshot, cr, width, height);
  else
    draw_no_graph (export, cr, width, height);
  g_clear_pointer (&scene, weftline_graph_scene_free); /* before what it looks at */
  g_ptr_array_unref (groups_of);
}

/* ---- progress -------------------------------------------------------------------------------- */

static int
progress_height (WeftModel *model, const WeftModelSnapshot *snapshot)
{
  WeftlineProgressSource source;
  WeftlineProgressLayout layout;
  int height;

  weftline_progress_source_init (&source);
  weftline_progress_layout_init (&layout);
  weftline_progress_source_take (&source, model, snapshot);
  weftline_progress_source_layout (&source, WEFTLINE_PROGRESS_AS_IN_GRAPH, PROGRESS_WIDTH, 1, 0,
                                   &layout);
  height = layout.content_height + 2 * PROGRESS_MARGIN;
  weftline_progress_layout_clear (&layout);
  weftline_progress_source_clear (&source);
  return CLAMP (height, WEFTLINE_PROGRESS_HEAD + WEFTLINE_PROGRESS_ROW, MAX_DEFAULT_HEIGHT);
}

static void
draw_progress (const WeftlineExport *export, WeftModel *model, const WeftModelSnapshot *snapshot,
               cairo_t *cr, int width, int height)
{
  WeftlineProgressSource source;
  WeftlineProgressLayout layout;
  WeftlineTextCache *texts = weftline_text_cache_new (font_of (export), 1, export->rtl);
  g_autofree char *elapsed = NULL;

  weftline_progress_source_init (&source);
  weftline_progress_layout_init (&layout);
  weftline_progress_source_take (&source, model, snapshot);
  elapsed = weftline_progress_elapsed_text (source.elapsed_ns);
  weftline_progress_source_color (&source, palette_of (export));
  weftline_progress_source_layout (&source, export->sort, MAX (width - 2 * PROGRESS_MARGIN, 1),
                                   MAX (height - 2 * PROGRESS_MARGIN, 1), 0, &layout);
  weftline_set_color (cr, palette_of (export)->card, 1);
  cairo_rectangle (cr, 0, 0, width, height);
  cairo_fill (cr);
  cairo_translate (cr, PROGRESS_MARGIN, PROGRESS_MARGIN);
  weftline_progress_paint (
      &(WeftlineProgressPaint){ .layout = &layout,
                                .groups = (const void *) source.groups->data,
                                .colors = (const uint32_t *) (void *) source.colors->data,
                                .rate = (const double *) (void *) source.rates->data,
                                .left = elapsed,
                                .palette = palette_of (export),
                                .text = texts,
                                .hover = WEFT_NONE,
                                .selected = WEFT_NONE,
                                .rtl = export->rtl },
      cr);
  weftline_progress_layout_clear (&layout);
  weftline_progress_source_clear (&source);
  weftline_text_cache_free (texts);
}

/* ---- any of them ----------------------------------------------------------------------------- */

void
weftline_export_measure (const WeftlineExport *export, WeftModel *model,
                         const WeftModelSnapshot *snapshot, int *width, int *height)
{
  int needed_width = STREAM_WIDTH, needed_height = STREAM_MIN_HEIGHT;

  if (export->width <= 0 || export->height <= 0)
    switch (export->view)
      {
      case WEFTLINE_EXPORT_STREAM:
        needed_height = stream_height (model, snapshot);
        break;
      case WEFTLINE_EXPORT_GRAPH:
        graph_size (model, snapshot, &needed_width, &needed_height);
        break;
      case WEFTLINE_EXPORT_PROGRESS:
      default:
        needed_width = PROGRESS_WIDTH;
        needed_height = progress_height (model, snapshot);
      }
  *width = export->width > 0 ? export->width : needed_width;
  *height = export->height > 0 ? export->height : needed_height;
}

void
weftline_export_draw (const WeftlineExport *export, WeftModel *model,
                      const WeftModelSnapshot *snapshot, cairo_t *cr, int width, int height,
                      bool as_shapes)
{
  cairo_save (cr);
  cairo_rectangle (cr, 0, 0, width, height);
  cairo_clip (cr);
  if (export->view == WEFTLINE_EXPORT_STREAM)
    draw_stream (export, model, snapshot, cr, width, height, as_shapes);
  else if (export->view == WEFTLINE_EXPORT_GRAPH)
    draw_graph (export, model, snapshot, cr, width, height);
  else
    draw_progress (export, model, snapshot, cr, width, height);
  cairo_restore (cr);
}
