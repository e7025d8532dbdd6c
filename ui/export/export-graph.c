/* export-graph.c: the task graph drawn without a window
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "export/export-private.h"

#include "canvas/text-cache.h"
#include "graph/graph-links.h"
#include "graph/graph-look.h"
#include "graph/graph-placing.h"

#include <glib/gi18n.h>

#define GRAPH_WIDTH 1600
#define GRAPH_HEIGHT 1000
#define GRAPH_MIN_WIDTH 720 /* of the legend */
#define GRAPH_MIN_HEIGHT 200
#define GRAPH_MARGIN 48
#define GRAPH_MAX_MEASURED 20000 /* tasks: above, the picture is as large as may be anyway */

static void
place_one (const WeftlineExport *export, WeftlineGraphScene *scene, WeftlineGraphPlacing *placing,
           GPtrArray *kept)
{
  weftline_graph_placing_set_dot (placing, export->dot);
  if (weftline_graph_placing_run (placing))
    weftline_graph_placing_append (placing, scene, kept);
  weftline_graph_placing_free (placing);
}

static void
place_all (const WeftlineExport *export, WeftlineGraphScene *scene, WeftModel *model,
           const WeftModelSnapshot *snapshot, GPtrArray *kept)
{
  WeftlineGraphJoint joint = { 0 };

  if (model != NULL)
    weftline_graph_joint_grow (&joint, model, snapshot->n_segments);
  if (joint.n_segments > 1)
    place_one (export, scene, weftline_graph_placing_new_joined (model, &joint), kept);
  for (uint32_t segment = joint.n_segments > 1 ? joint.n_segments : 0;
       model != NULL && segment < snapshot->n_segments; segment++)
    {
      WeftlineGraphPlacing *placing = weftline_graph_placing_new (
          model, segment, snapshot->n_groups, snapshot->n_segments == 1);

      if (placing == NULL)
        return;
      place_one (export, scene, placing, kept);
    }
}

/* The selected task. (transfer full) (nullable): its lineage */
static WeftlineTaskSet *
mark (const WeftlineExport *export, WeftlineGraphScene *scene, WeftModel *model,
      const WeftModelSnapshot *snapshot, WeftlineGraphPainting *painting)
{
  g_autoptr (WeftlineLinks) links = NULL;
  WeftlineTaskSet *set;

  if (!_weftline_export_has_task (export, model, snapshot))
    return NULL;
  painting->selected = export->task;
  if (export->lineage == WEFTLINE_LINEAGE_NONE)
    return NULL;
  links = weftline_links_new (model, snapshot);
  set = weftline_links_lineage (links, export->task, export->lineage);
  painting->has_lineage = set->n_tasks >= weftline_graph_scene_n_tasks (scene);
  if (!painting->has_lineage)
    g_clear_pointer (&set, weftline_task_set_free);
  return set;
}

/* What is seen, above the legend. */
static void
place_viewport (const WeftlineExport *export, WeftlineGraphScene *scene, WeftlineGraphLook *look,
                int width, int height, WeftlineViewport *viewport)
{
  int foot = weftline_graph_look_foot (look, width, height);

  if (export->viewport != NULL)
    *viewport = *export->viewport;
  else
    weftline_graph_scene_fit (scene, width, height - foot, viewport);
  viewport->width_px = width;
  viewport->height_px = height - foot;
}

static void
draw_scene (const WeftlineExport *export, WeftlineGraphScene *scene, WeftModel *model,
            const WeftModelSnapshot *snapshot, cairo_t *cr, int width, int height)
{
  static const unsigned max_labels[] = { 0, WEFTLINE_GRAPH_LABELS, 8 * WEFTLINE_GRAPH_LABELS };
  WeftlineGraphPainting painting = { .selected = WEFT_NONE, .hovered = WEFT_NONE };
  g_autoptr (WeftlineTaskSet) lineage = NULL;
  g_autoptr (GByteArray) states = g_byte_array_new ();
  WeftMoment *moment = weftline_export_moment (export, model, snapshot);
  WeftlineSceneFacts facts = { 0 };
  WeftlineViewport viewport;
  WeftlineSceneFrame frame;
  WeftlineGraphLook look;

  weftline_scene_frame_init (&frame);
  weftline_graph_look_init (&look);
  look.model = model;
  look.n_groups = snapshot->n_groups;
  look.palette = _weftline_export_palette (export);
  look.rtl = export->rtl;
  weftline_graph_look_states (model, moment, weftline_graph_scene_n_tasks (scene), states);
  look.moment = moment;
  facts.states = states->data;
  if (export->has_value)
    weftline_graph_look_set_values (&look, model, snapshot->n_segments, export->value);
  if (look.n_values >= weftline_graph_scene_n_tasks (scene))
    {
      facts.values = look.values;
      painting.value_most = look.value_most;
    }
  place_viewport (export, scene, &look, width, height, &viewport);
  lineage = mark (export, scene, model, snapshot, &painting);
  facts.marked = lineage != NULL ? lineage->bits : NULL;
  weftline_graph_scene_frame (scene, &viewport, &facts, &frame);
  weftline_graph_look_paint (&look, cr, &frame, &painting,
                             max_labels[_weftline_export_density (export)]);
  weftline_graph_look_clear (&look);
  weftline_scene_frame_clear (&frame);
  weft_moment_unref (moment);
}

/* As much as the tasks take, as they are laid out in the largest picture. */
void
_weftline_export_measure_graph (const WeftlineExport *export, WeftModel *model,
                                const WeftModelSnapshot *snapshot, int *width, int *height)
{
  g_autoptr (WeftlineGraphScene) scene = NULL;
  GPtrArray *kept;
  WeftlineViewport viewport;
  float rows_wide, rows_high;

  *width = GRAPH_WIDTH;
  *height = GRAPH_HEIGHT;
  if (snapshot->n_tasks > GRAPH_MAX_MEASURED)
    return;
  scene = weftline_graph_scene_new ();
  kept = g_ptr_array_new_with_free_func (g_free);
  place_all (export, scene, model, snapshot, kept);
  weftline_graph_scene_size (scene, &rows_wide, &rows_high);
  weftline_graph_scene_fit (scene, *width, *height - WEFTLINE_GRAPH_FOOT, &viewport);
  *width = (int) CLAMP ((double) rows_wide * viewport.scale + 2 * GRAPH_MARGIN, GRAPH_MIN_WIDTH,
                        GRAPH_WIDTH);
  *height =
      (int) CLAMP ((double) rows_high * viewport.scale + 2 * GRAPH_MARGIN + WEFTLINE_GRAPH_FOOT,
                   GRAPH_MIN_HEIGHT, GRAPH_HEIGHT);
  g_clear_pointer (&scene, weftline_graph_scene_free);
  g_ptr_array_unref (kept);
}

/* A run of which the graph is not told. */
static void
draw_no_graph (const WeftlineExport *export, cairo_t *cr, int width, int height)
{
  const WeftlinePalette *palette = _weftline_export_palette (export);
  WeftlineTextCache *texts = weftline_text_cache_new (_weftline_export_font (export), 1);
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

void
_weftline_export_draw_graph (const WeftlineExport *export, WeftModel *model,
                             const WeftModelSnapshot *snapshot, cairo_t *cr, int width, int height,
                             bool as_shapes G_GNUC_UNUSED)
{
  g_autoptr (WeftlineGraphScene) scene = weftline_graph_scene_new ();
  GPtrArray *kept = g_ptr_array_new_with_free_func (g_free);

  place_all (export, scene, model, snapshot, kept);
  if (kept->len > 0 && height > WEFTLINE_GRAPH_FOOT)
    draw_scene (export, scene, model, snapshot, cr, width, height);
  else
    draw_no_graph (export, cr, width, height);
  g_clear_pointer (&scene, weftline_graph_scene_free); /* before what it looks at */
  g_ptr_array_unref (kept);
}
