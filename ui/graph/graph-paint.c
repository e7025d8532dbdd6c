/* graph-paint.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "graph/graph-paint-private.h"
#include "canvas/palette.h"
#include "canvas/reading.h"

#include <glib/gi18n.h>
#include <math.h>

#define SMALL_PX 5.0 /* below this height a box has no outline */
#define FADED 0.22f

/* ---- the palette of the sketches ------------------------------------------------------------- */

static WeftlineGraphColor
color_of (uint32_t rgb)
{
  return (WeftlineGraphColor){ (float) (rgb >> 16) / 255, (float) (rgb >> 8 & 255) / 255,
                               (float) (rgb & 255) / 255, 1 };
}

static WeftlineGraphColor
default_group_color (uint32_t group, const void *data G_GNUC_UNUSED)
{
  static const uint32_t hues[] = { 0x4c9be8, 0xe69f00, 0x2fa37c, 0xc96fa8,
                                   0x7d6bd6, 0xd55e00, 0x8a8f98 };
  WeftlineGraphColor color = color_of (hues[group % G_N_ELEMENTS (hues)]);
  WeftlineGraphColor white = { 1, 1, 1, 1 }, black = { 0, 0, 0, 1 };
  uint32_t variant = group / G_N_ELEMENTS (hues);

  if (variant == 0)
    return color;
  return weftline_graph_color_mix (&color, variant % 2 == 1 ? &white : &black,
                                   variant % 4 < 2 ? 0.3f : 0.5f);
}

/* Viridis, at nine places. */
static WeftlineGraphColor
default_value_color (float share, const void *data G_GNUC_UNUSED)
{
  static const uint32_t stops[] = { 0x440154, 0x472d7b, 0x3b528b, 0x2c728e, 0x21918c,
                                    0x28ae80, 0x5ec962, 0xaddc30, 0xfde725 };
  float at = CLAMP (share, 0, 1) * 8;
  unsigned low = MIN ((unsigned) at, 7);
  WeftlineGraphColor a = color_of (stops[low]), b = color_of (stops[low + 1]);

  return weftline_graph_color_mix (&a, &b, at - (float) low);
}

void
weftline_graph_style_init (WeftlineGraphStyle *style, bool dark)
{
  static const char *const names[WEFT_TASK_N_STATES] = {
    N_ ("waiting"),  N_ ("queued"), N_ ("running"),   N_ ("in memory"),
    N_ ("released"), N_ ("erred"),  N_ ("cancelled"),
  };

  *style = (WeftlineGraphStyle){
    .background = color_of (dark ? 0x2a2a2e : 0xffffff),
    .text = color_of (dark ? 0xf2f2f2 : 0x242424),
    .dim_text = color_of (dark ? 0xa8a8ac : 0x6c6c70),
    .edge = color_of (dark ? 0xb0b4bc : 0x6a6f78),
    .strong_edge = color_of (dark ? 0xf0f0f0 : 0x2c2c30),
    .accent = color_of (0x3584e4),
    .erred = color_of (dark ? 0xffffff : 0x1c1c1e),
    .group_color = default_group_color,
    .value_color = default_value_color,
    .state_names = names,
    .max_labels = WEFTLINE_GRAPH_LABELS,
    .font = "Sans",
    .font_px = WEFTLINE_GRAPH_FONT_PX,
  };
}

const char *
weftline_graph_state_name (const WeftlineGraphStyle *style, WeftModelState state)
{
  return _weftline_graph_is_cut (style, state) ? _ ("interrupted") : _ (style->state_names[state]);
}

WeftlineGraphColor
_weftline_graph_text_on (const WeftlineGraphColor *color)
{
  const float parts[] = { color->r, color->g, color->b };
  uint32_t ground = 0;

  for (unsigned i = 0; i < G_N_ELEMENTS (parts); i++)
    ground = ground << 8 | (uint32_t) (CLAMP (parts[i], 0, 1) * 255 + 0.5f);
  return color_of (weftline_text_on (ground));
}

/* ---- boxes ----------------------------------------------------------------------------------- */

/* Too small for a form: the strength alone tells, and black or white an error. */
static void
small_box (WeftlineGraphPen *pen, double x, double y, double width, double height,
           WeftModelState state, const WeftlineGraphColor *color, float strength,
           const WeftlineGraphStyle *style)
{
  static const float strengths[WEFT_TASK_N_STATES] = { 0.25f, 0.32f, 0.8f, 1, 0.5f, 1, 0.12f };
  float own = _weftline_graph_is_cut (style, state) ? WEFTLINE_GRAPH_CUT : strengths[state];
  WeftlineGraphColor fill =
      weftline_graph_color_alpha (_weftline_graph_ink (style, state, color), own * strength);

  weftline_graph_pen_fill (pen, x, y, width, height, &fill, WEFTLINE_PEN_SOLID);
}

static void
open_box (WeftlineGraphPen *pen, double x, double y, double width, double height,
          WeftModelState state, const WeftlineGraphColor *color, float strength,
          const WeftlineGraphStyle *style)
{
  WeftlineGraphColor faint = weftline_graph_color_alpha (color, 0.10f * strength);
  WeftlineGraphColor line = weftline_graph_color_alpha (color, strength);
  double thick = height >= 12 ? 1.5 : 1;

  weftline_graph_pen_fill (pen, x, y, width, height, &style->background, WEFTLINE_PEN_SOLID);
  weftline_graph_pen_fill (pen, x, y, width, height, &faint, WEFTLINE_PEN_SOLID);
  if (state == WEFT_TASK_RUNNING)
    {
      WeftlineGraphColor hatch = weftline_graph_color_alpha (color, 0.75f * strength);

      weftline_graph_pen_fill (pen, x, y, width, height, &hatch, WEFTLINE_PEN_HATCHED);
    }
  weftline_graph_pen_frame (pen, x, y, width, height, thick, &line,
                            state == WEFT_TASK_QUEUED ? WEFTLINE_PEN_DOTTED : WEFTLINE_PEN_SOLID);
  if (state == WEFT_TASK_CANCELLED)
    weftline_graph_pen_fill (pen, x - 3, y + height / 2 - thick / 2, width + 6, thick, &line,
                             WEFTLINE_PEN_SOLID);
}

/* What the stream draws of an attempt that was cut short: faint, and struck through. Other than
 * what is cancelled, it had begun. */
static void
cut_box (WeftlineGraphPen *pen, double x, double y, double width, double height,
         const WeftlineGraphColor *color, float strength, const WeftlineGraphStyle *style)
{
  WeftlineGraphColor fill =
      weftline_graph_color_mix (&style->background, color, WEFTLINE_GRAPH_CUT * strength);
  WeftlineGraphColor line = weftline_graph_color_mix (&style->background, color, strength);
  double thick = height >= 12 ? 2 : 1;

  weftline_graph_pen_fill (pen, x, y, width, height, &fill, WEFTLINE_PEN_SOLID);
  weftline_graph_pen_fill (pen, x, y + round ((height - thick) / 2), width, thick, &line,
                           WEFTLINE_PEN_SOLID);
}

void
_weftline_graph_box (WeftlineGraphPen *pen, double x, double y, double width, double height,
                     WeftModelState state, const WeftlineGraphColor *color, float strength,
                     const WeftlineGraphStyle *style)
{
  const WeftlineGraphColor *ink = _weftline_graph_ink (style, state, color);

  if (height < SMALL_PX)
    {
      small_box (pen, x, y, width, height, state, color, strength, style);
      return;
    }
  if (_weftline_graph_is_cut (style, state))
    {
      cut_box (pen, x, y, width, height, ink, strength, style);
      return;
    }
  if (state != WEFT_TASK_MEMORY && state != WEFT_TASK_RELEASED && state != WEFT_TASK_ERRED)
    {
      open_box (pen, x, y, width, height, state, ink, strength, style);
      return;
    }
  WeftlineGraphColor fill = weftline_graph_color_mix (
      &style->background, ink, (state == WEFT_TASK_RELEASED ? 0.5f : 1) * strength);
  weftline_graph_pen_fill (pen, x, y, width, height, &fill, WEFTLINE_PEN_SOLID);
}

/* One of them. */
static void
fill_share (WeftlineGraphPen *pen, double x, double y, double width, double height,
            WeftModelState state, const WeftlineGraphColor *color, float strength,
            const WeftlineGraphStyle *style)
{
  static const float strengths[WEFT_TASK_N_STATES] = { 0.16f, 0.26f, 0.85f, 1, 0.5f, 1, 0.08f };
  bool is_cut = _weftline_graph_is_cut (style, state);
  const WeftlineGraphColor *ink = _weftline_graph_ink (style, state, color);
  WeftlineGraphColor fill = weftline_graph_color_mix (
      &style->background, ink, (is_cut ? WEFTLINE_GRAPH_CUT : strengths[state]) * strength);

  if (is_cut && height >= SMALL_PX)
    cut_box (pen, x, y, width, height, ink, strength, style);
  else
    weftline_graph_pen_fill (pen, x, y, width, height, &fill,
                             state == WEFT_TASK_RUNNING && height >= SMALL_PX ? WEFTLINE_PEN_HATCHED
                                                                              : WEFTLINE_PEN_SOLID);
}

/* From where lines begin as tasks go through them, at whole pixels: what is left over goes to the
 * last. An error is at least a pixel wide. */
void
_weftline_graph_shares (WeftlineGraphPen *pen, double x, double y, double width, double height,
                        const WeftlineSceneCell *cell, const WeftlineGraphColor *color,
                        float strength, const WeftlineGraphStyle *style)
{
  static const uint8_t order[] = { WEFT_TASK_ERRED,    WEFT_TASK_RELEASED, WEFT_TASK_MEMORY,
                                   WEFT_TASK_RUNNING,  WEFT_TASK_QUEUED,   WEFT_TASK_WAITING,
                                   WEFT_TASK_CANCELLED };
  double at = x, sum = 0;

  for (guint k = 0; k < G_N_ELEMENTS (order); k++)
    {
      WeftModelState state = order[k];
      double end;

      if (cell->n_states[state] == 0)
        continue;
      sum += cell->n_states[state];
      end = x + round (width * sum / MAX (1, cell->n_tasks));
      if (state == WEFT_TASK_ERRED)
        end = MAX (end, x + 1);
      if (end - at < 0.5)
        continue;
      fill_share (pen, style->rtl ? 2 * x + width - end : at, y, end - at, height, state, color,
                  strength, style);
      at = end;
    }
}

/* ---- edges ----------------------------------------------------------------------------------- */

static float
edge_alpha (const WeftlineSceneFrame *frame, const WeftlineGraphPainting *painting)
{
  float n = (float) frame->edges->len;
  float alpha = n <= 200 ? 0.45f : CLAMP (0.45f * sqrtf (200 / n), 0.12f, 0.45f);

  return painting->has_lineage ? alpha * 0.4f : alpha;
}

static double
edge_width (const WeftlineSceneEdge *edge, const WeftlineSceneFrame *frame)
{
  if (frame->mode != WEFTLINE_SCENE_GROUPS)
    return edge->is_marked ? 1.8 : 1;
  return 1 + 0.9 * log10 ((double) edge->count);
}

/* The slope of a curve through three points that swings out nowhere: the harmonic mean of both
 * sides', or level at a turn (Fritsch and Carlson, SIAM J. Numer. Anal. 1980). */
static double
slope_at (const WeftlinePoint *point)
{
  double before_x = (double) (point[0].x - point[-1].x),
         after_x = (double) (point[1].x - point[0].x);
  double before = (double) (point[0].y - point[-1].y), after = (double) (point[1].y - point[0].y);

  if (before_x <= 0 || after_x <= 0 || before * after <= 0)
    return 0;
  before /= before_x;
  after /= after_x;
  return 2 * before * after / (before + after);
}

static void
paint_edge (WeftlineGraphPen *pen, const WeftlineSceneFrame *frame, const WeftlineSceneEdge *edge,
            const WeftlineGraphColor *color)
{
  const WeftlinePoint *points = &g_array_index (frame->points, WeftlinePoint, edge->first_point);
  double width = edge_width (edge, frame), slope = 0;

  for (uint32_t k = 0; k + 1 < edge->n_points; k++)
    {
      double next = k + 2 < edge->n_points ? slope_at (&points[k + 1]) : 0;

      weftline_graph_pen_curve (pen, frame_x (frame, points[k].x), frame_y (frame, points[k].y),
                                frame_x (frame, points[k + 1].x), frame_y (frame, points[k + 1].y),
                                slope, next, width, color);
      slope = next;
    }
}

static void
paint_edges (WeftlineGraphPen *pen, const WeftlineSceneFrame *frame,
             const WeftlineGraphStyle *style, const WeftlineGraphPainting *painting, bool marked)
{
  WeftlineGraphColor faint =
      weftline_graph_color_alpha (&style->edge, edge_alpha (frame, painting));
  WeftlineGraphColor strong = weftline_graph_color_alpha (&style->strong_edge, 0.85f);

  for (guint k = 0; k < frame->edges->len; k++)
    {
      const WeftlineSceneEdge *edge = &g_array_index (frame->edges, WeftlineSceneEdge, k);
      bool is_strong = edge->is_marked && painting->has_lineage;

      if (is_strong == marked)
        paint_edge (pen, frame, edge, marked ? &strong : &faint);
    }
}

/* ---- nodes ----------------------------------------------------------------------------------- */

static WeftlineGraphColor
ink_of (uint32_t group, float value, const WeftlineGraphStyle *style,
        const WeftlineGraphPainting *painting)
{
  if (painting->value_most > 0)
    return style->value_color (value / painting->value_most, style->data);
  return style->group_color (group, style->data);
}

static void
paint_ring (WeftlineGraphPen *pen, double x, double y, double width, double height, double line,
            const WeftlineGraphColor *color)
{
  weftline_graph_pen_frame (pen, x - line - 1, y - line - 1, width + 2 * line + 2,
                            height + 2 * line + 2, line, color, WEFTLINE_PEN_SOLID);
}

static void
paint_task (WeftlineGraphPen *pen, const WeftlineSceneFrame *frame, const WeftlineSceneTask *task,
            const WeftlineGraphStyle *style, const WeftlineGraphPainting *painting)
{
  double scale = frame->viewport.scale;
  double width = round (MAX (2, (double) task->width * scale));
  double height = round (MAX (1, (double) WEFTLINE_GRAPH_NODE_HEIGHT * scale));
  double x = round (frame_x (frame, task->x) - width / 2);
  double y = round (frame_y (frame, task->y) - height / 2);
  bool has_values = painting->value_most > 0;
  WeftlineGraphColor color = ink_of (task->group, task->value, style, painting);

  _weftline_graph_box (pen, x, y, width, height, has_values ? WEFT_TASK_MEMORY : task->state,
                       &color, painting->has_lineage && !task->is_marked ? FADED : 1, style);
  if (task->task == painting->selected)
    paint_ring (pen, x, y, width, height, 2, &style->accent);
  else if (task->task == painting->hovered)
    paint_ring (pen, x, y, width, height, 1, &style->strong_edge);
}

/* The area tells how many tasks a cell has, of the fullest. */
static void
paint_cell (WeftlineGraphPen *pen, const WeftlineSceneFrame *frame, const WeftlineSceneCell *cell,
            uint32_t most, const WeftlineGraphStyle *style, const WeftlineGraphPainting *painting)
{
  double side = (double) cell->side * frame->viewport.scale;
  double inner = MAX (2, (side - 1.5) * sqrt (0.25 + 0.75 * cell->n_tasks / most));
  double x = round (frame_x (frame, cell->x) + (side - inner) / 2);
  double y = round (frame_y (frame, cell->y) + (side - inner) / 2);
  WeftlineGraphColor color = ink_of (cell->group, cell->value, style, painting);
  float strength = painting->has_lineage && cell->n_marked == 0 ? FADED : 1;

  inner = round (inner);
  if (painting->value_most > 0)
    small_box (pen, x, y, inner, inner, WEFT_TASK_MEMORY, &color, strength, style);
  else
    _weftline_graph_shares (pen, x, y, inner, inner, cell, &color, strength, style);
}

static void
paint_cells (WeftlineGraphPen *pen, const WeftlineSceneFrame *frame,
             const WeftlineGraphStyle *style, const WeftlineGraphPainting *painting)
{
  uint32_t most = 1;

  for (guint k = 0; k < frame->cells->len; k++)
    most = MAX (most, g_array_index (frame->cells, WeftlineSceneCell, k).n_tasks);
  for (guint k = 0; k < frame->cells->len; k++)
    paint_cell (pen, frame, &g_array_index (frame->cells, WeftlineSceneCell, k), most, style,
                painting);
}

/* A card: name and count above (by the labels), and its tasks' states as a bar. */
static void
paint_group (WeftlineGraphPen *pen, const WeftlineSceneFrame *frame, const WeftlineSceneCell *group,
             const WeftlineGraphStyle *style, const WeftlineGraphPainting *painting)
{
  double scale = frame->viewport.scale;
  double width = round ((double) WEFTLINE_GRAPH_NODE_WIDTH * scale);
  double height = round ((double) WEFTLINE_GRAPH_NODE_HEIGHT * scale);
  double x = round (frame_x (frame, group->x) - width / 2);
  double y = round (frame_y (frame, group->y) - height / 2);
  WeftlineGraphColor color = ink_of (group->group, group->value, style, painting);
  WeftlineGraphColor line = weftline_graph_color_alpha (&color, 0.9f);
  bool is_card = height >= _weftline_graph_card_px (style);
  bool is_back = painting->has_group ? group->group != painting->group
                                     : painting->has_lineage && group->n_marked == 0;
  double bar = MAX (4, round (height * 0.16)), margin = height >= 40 ? 8 : 4;

  weftline_graph_pen_fill (pen, x, y, width, height, &style->background, WEFTLINE_PEN_SOLID);
  if (is_card)
    {
      WeftlineGraphColor faint = weftline_graph_color_alpha (&color, 0.12f);

      weftline_graph_pen_fill (pen, x, y, width, height, &faint, WEFTLINE_PEN_SOLID);
      _weftline_graph_shares (pen, x + 8, y + height - bar - margin, width - 16, bar, group, &color,
                              1, style);
      weftline_graph_pen_fill (pen, x + weftline_turn (style->rtl, width, 0, 3), y, 3, height,
                               &color, WEFTLINE_PEN_SOLID);
    }
  else
    _weftline_graph_shares (pen, x, y, width, height, group, &color, 1, style);
  if (height >= SMALL_PX)
    weftline_graph_pen_frame (pen, x, y, width, height, 1, &line, WEFTLINE_PEN_SOLID);
  if (is_back)
    {
      WeftlineGraphColor veil = weftline_graph_color_alpha (&style->background, 0.7f);

      weftline_graph_pen_fill (pen, x, y, width, height, &veil, WEFTLINE_PEN_SOLID);
    }
  else if (painting->has_group)
    paint_ring (pen, x, y, width, height, 2, &style->accent);
}

void
weftline_graph_paint (cairo_t *cr, const WeftlineSceneFrame *frame, const WeftlineGraphStyle *given,
                      const WeftlineGraphPainting *painting)
{
  WeftlineGraphStyle copy = *given, *style = &copy;
  WeftlineGraphPen pen;

  copy.has_state_colors &= painting->value_most <= 0; /* values have colours of their own */
  cairo_save (cr);
  cairo_rectangle (cr, 0, 0, frame->viewport.width_px, frame->viewport.height_px);
  cairo_clip (cr);
  weftline_graph_pen_begin (&pen, cr);
  weftline_graph_pen_fill (&pen, 0, 0, frame->viewport.width_px, frame->viewport.height_px,
                           &style->background, WEFTLINE_PEN_SOLID);
  if (frame->mode != WEFTLINE_SCENE_CELLS)
    paint_edges (&pen, frame, style, painting, false);
  else
    paint_cells (&pen, frame, style, painting);
  if (frame->mode == WEFTLINE_SCENE_CELLS)
    paint_edges (&pen, frame, style, painting, false);
  paint_edges (&pen, frame, style, painting, true);
  for (guint k = 0; k < frame->tasks->len; k++)
    paint_task (&pen, frame, &g_array_index (frame->tasks, WeftlineSceneTask, k), style, painting);
  if (frame->mode == WEFTLINE_SCENE_GROUPS)
    for (guint k = 0; k < frame->cells->len; k++)
      paint_group (&pen, frame, &g_array_index (frame->cells, WeftlineSceneCell, k), style,
                   painting);
  weftline_graph_pen_end (&pen);
  _weftline_graph_labels (cr, frame, style, painting);
  cairo_restore (cr);
}
