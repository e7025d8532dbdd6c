/* export-stream.c: the task stream drawn without a window
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "export/export-private.h"

#include "timeline/task-stream-words.h"
#include "timeline/timeline-hit.h"
#include "timeline/timeline-legend.h"
#include "timeline/timeline-links.h"
#include "timeline/timeline-paint.h"
#include "timeline/timeline-source.h"

#include <glib/gi18n.h>

#define STREAM_WIDTH 1600
#define STREAM_PITCH 36 /* of lanes, where nothing is said of the height */
#define STREAM_MIN_HEIGHT 240
#define MAX_DRAWINGS 1000 /* until no text is left out any more */

void
_weftline_export_measure_stream (const WeftlineExport *export G_GNUC_UNUSED, WeftModel *model,
                                 const WeftModelSnapshot *snapshot, int *width, int *height)
{
  WeftlineTimelineSource source;
  WeftlineTimelineInput input;

  weftline_timeline_source_init (&source);
  weftline_timeline_source_take (&source, model, snapshot, &input);
  *width = STREAM_WIDTH;
  *height = (int) MIN (input.n_lanes, EXPORT_MAX_DEFAULT_HEIGHT) * STREAM_PITCH
            + WEFTLINE_TIMELINE_HEAD + WEFTLINE_TIMELINE_AXIS + WEFTLINE_LEGEND_HEIGHT;
  weftline_timeline_source_clear (&source);
  *height = CLAMP (*height, STREAM_MIN_HEIGHT, EXPORT_MAX_DEFAULT_HEIGHT);
}

/* Pictures that stay want all their texts, of which the window makes only so many a frame. */
static void
paint_stream (WeftlineTimelinePaint *paint, cairo_t *cr, const WeftlineTimelineLayout *layout,
              const WeftlineTimelineLook *look, const WeftlineTimelineOverlay *overlay,
              int whole_height, bool as_shapes)
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
  if (weftline_timeline_legend_height (layout->view.width, whole_height) > 0)
    weftline_timeline_paint_legend (paint, cr, look->palette,
                                    weftline_timeline_legend_kinds (layout), layout->view.width,
                                    layout->view.height, layout->view.rtl);
  weftline_timeline_paint_overlay (paint, cr, layout, look, overlay);
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

/* ---- what stands out ------------------------------------------------------------------------- */

typedef struct
{
  WeftlineTimelineLinks links;
  WeftlineTimelineOverlay overlay;
} Links;

/* The selected task's arrows, and its lineage. The layout is made. */
static void
find_links (Links *links, const WeftlineExport *export, WeftModel *model,
            const WeftModelSnapshot *snapshot, const WeftlineTimelineSource *source,
            const WeftlineTimelineLayout *layout)
{
  g_autoptr (WeftlineLinks) graph = NULL;
  g_autoptr (WeftlineTaskSet) set = NULL;

  weftline_timeline_links_init (&links->links);
  links->overlay =
      (WeftlineTimelineOverlay){ .has_moment = export->has_time, .moment_ns = export->at_ns };
  if (!_weftline_export_has_task (export, model, snapshot))
    return;
  graph = weftline_links_new (model, snapshot);
  if (export->lineage != WEFTLINE_LINEAGE_NONE)
    set = weftline_links_lineage (graph, export->task, export->lineage);
  weftline_timeline_links_find_arrows (&links->links, model, source, graph, export->task);
  weftline_timeline_links_find_lineage (&links->links, model, source, layout, set);
  links->overlay.has_selected =
      weftline_timeline_find_task (source, model, export->task, &links->overlay.selected);
  links->overlay.arrows = (const WeftlineTimelineArrow *) (void *) links->links.arrows->data;
  links->overlay.n_arrows = links->links.arrows->len;
  links->overlay.lineage = (const WeftlineTimelineMark *) (void *) links->links.lineage->data;
  links->overlay.n_lineage = links->links.lineage->len;
  links->overlay.is_veiled = set != NULL;
}

/* ---- all of it ------------------------------------------------------------------------------- */

static void
place (const WeftlineExport *export, const WeftlineTimelineInput *input, WeftlineTimelineView *view)
{
  int64_t from_ns = export->from_ns, to_ns = export->to_ns;

  if (to_ns > from_ns)
    view->t0_ns = from_ns, view->t1_ns = to_ns;
  else if (weftline_timeline_extent (input, &from_ns, &to_ns))
    weftline_timeline_view_fit (view, from_ns, to_ns);
}

void
_weftline_export_draw_stream (const WeftlineExport *export, WeftModel *model,
                              const WeftModelSnapshot *snapshot, cairo_t *cr, int width, int height,
                              bool as_shapes)
{
  WeftlineTimelineView view = { .width = width,
                                .height = height - weftline_timeline_legend_height (width, height),
                                .scale = 1,
                                .rtl = export->rtl };
  static const WeftlineTimelineLabels label_kinds[] = { WEFTLINE_LABELS_NONE, WEFTLINE_LABELS_GROUP,
                                                        WEFTLINE_LABELS_KEY };
  g_autofree char *run = weftline_task_stream_status (snapshot, false);
  g_autofree char *lanes = NULL;
  g_autofree char *words = NULL;
  g_autofree char *status = NULL;
  Keys keys = { model, NULL };
  WeftlineTimelineLook look = { .palette = _weftline_export_palette (export),
                                .font = _weftline_export_font (export),
                                .labels = label_kinds[_weftline_export_density (export)],
                                .key = task_key,
                                .key_data = &keys,
                                .time_form = export->time_form,
                                .wall_ns = model != NULL ? weft_model_wall_ns (model) : 0,
                                .empty_title = _ ("Nothing has run yet") };
  WeftlineTimelineLayout *layout = weftline_timeline_layout_new ();
  WeftlineTimelinePaint *paint = weftline_timeline_paint_new ();
  WeftlineTimelineSource source;
  WeftlineTimelineInput input;
  WeftlineTimelineAnnotations annotations;
  Links links;

  weftline_timeline_annotations_init (&annotations);
  weftline_timeline_annotations_take (&annotations, model);
  weftline_timeline_source_init (&source);
  weftline_timeline_source_take (&source, model, snapshot, &input);
  view.gutter = weftline_timeline_paint_gutter (paint, &input, &look, 1);
  place (export, &input, &view);
  weftline_timeline_layout_run (layout, &input, &view);
  find_links (&links, export, model, snapshot, &source, layout);
  links.overlay.annotations = &annotations;
  words = weftline_task_stream_links_words (&links.links, export->lineage);
  lanes = weftline_task_stream_lanes_words (layout);
  look.status = status = g_strconcat (run, lanes, words, NULL);
  paint_stream (paint, cr, layout, &look, &links.overlay, height, as_shapes);
  weftline_timeline_links_clear (&links.links);
  weftline_timeline_annotations_clear (&annotations);
  weftline_timeline_paint_free (paint);
  weftline_timeline_layout_free (layout);
  weftline_timeline_source_clear (&source);
  g_free (keys.key);
}
