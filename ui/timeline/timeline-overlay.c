/* timeline-overlay.c: what follows pointer and selection, over the task stream
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * In units of the view; lines stand on whole device pixels.
 */
#include "config.h"

#include "timeline/timeline-paint-private.h"

#include <math.h>

#define BOX_PAD 10
#define BOX_RADIUS 8
#define ARROW_HEAD 5
#define FLAG 5
#define PENNANT 7

typedef struct
{
  cairo_t *cr;
  WeftlineTimelinePaint *paint;
  const WeftlineTimelineLayout *layout;
  const WeftlineTimelineLook *look;
  double scale;
  double x, y, width, height; /* of the area */
} Overlay;

/* Where a time is; outside of the view: at the area's edge. */
static double
place_of (const Overlay *overlay, int64_t at_ns)
{
  int x = weftline_timeline_x (overlay->layout, at_ns);

  return overlay->x + x / overlay->scale;
}

static bool
times_of (const Overlay *overlay, const WeftlineTimelineMark *mark, int64_t *t0, int64_t *t1)
{
  const WeftlineTimelineInput *input = &overlay->layout->input;
  const WeftlineTimelineLane *lane;

  if (mark->lane >= input->n_lanes)
    return false;
  lane = &input->lanes[mark->lane];
  if (mark->index == WEFTLINE_TIMELINE_NOW)
    {
      *t0 = lane->now_start_ns;
      *t1 = input->now_ns;
      return lane->now_kind != 0;
    }
  if (lane->spans == NULL || mark->index >= lane->n)
    return false;
  *t0 = weft_spans_get (lane->spans, mark->index)->start_ns;
  *t1 = weft_spans_get (lane->spans, mark->index)->end_ns;
  return true;
}

/* Of a time in a lane, at least a device pixel wide. Returns: whether any of it is in the area */
static bool
time_box (const Overlay *overlay, unsigned lane, int64_t t0, int64_t t1, cairo_rectangle_t *box)
{
  const WeftlineTimelineLayout *layout = overlay->layout;
  int x0, x1;

  if (t0 >= layout->view.t1_ns || t1 < layout->view.t0_ns)
    return false;
  x0 = MAX (weftline_timeline_x (layout, t0), 0);
  x1 = MIN (weftline_timeline_x (layout, MAX (t0, t1 - 1)) + 1, layout->area_width);
  x1 = MAX (x1, x0 + 1);
  box->x = (layout->area_x + x0) / overlay->scale;
  box->width = (x1 - x0) / overlay->scale;
  box->y = weftline_timeline_lane_y (layout, lane) / overlay->scale;
  box->height = layout->lane_height / overlay->scale;
  return box->y < overlay->y + overlay->height && box->y + box->height > overlay->y;
}

/* Of a span; as time_box() */
static bool
box_of (const Overlay *overlay, const WeftlineTimelineMark *mark, cairo_rectangle_t *box)
{
  int64_t t0, t1;

  return times_of (overlay, mark, &t0, &t1) && time_box (overlay, mark->lane, t0, t1, box);
}

static void
draw_now (const Overlay *overlay)
{
  const WeftlineTimelineLayout *layout = overlay->layout;
  const WeftlineTimelineInput *input = &layout->input;
  int place, width;
  double x;

  if (input->now_ns < layout->view.t0_ns || input->now_ns >= layout->view.t1_ns
      || input->n_lanes == 0 || input->interrupted)
    return;
  x = place_of (overlay, input->now_ns);
  weftline_set_color (overlay->cr, overlay->look->palette->accent, 1);
  cairo_rectangle (overlay->cr, x, overlay->y - 4, 1.5, overlay->height + 4);
  cairo_fill (overlay->cr);
  if (!_weftline_timeline_paint_now_label (overlay->paint, layout, overlay->look, &place, &width))
    return;
  weftline_text_show (overlay->paint->texts, overlay->cr, overlay->look->now_text,
                      WEFTLINE_TEXT_SMALL, place / overlay->scale,
                      overlay->y + overlay->height + 4);
}

/* ---- lineage and arrows ---------------------------------------------------------------------- */

static uint32_t
color_of (const Overlay *overlay, const WeftlineTimelineMark *mark)
{
  const WeftlineTimelineLane *lane = &overlay->layout->input.lanes[mark->lane];
  const WeftlinePalette *palette = overlay->look->palette;
  const WeftSpan *span;

  if (mark->index == WEFTLINE_TIMELINE_NOW)
    return _weftline_timeline_paint_group_color (overlay->paint, palette, lane->now_group);
  span = weft_spans_get (lane->spans, mark->index);
  if (weftline_timeline_form_of (span) == WEFTLINE_FORM_ERRED)
    return palette->error;
  return _weftline_timeline_paint_group_color (overlay->paint, palette, span->group);
}

static void
draw_lineage (const Overlay *overlay, const WeftlineTimelineOverlay *what)
{
  const WeftlinePalette *palette = overlay->look->palette;
  cairo_rectangle_t box;

  if (!what->is_veiled)
    return;
  weftline_set_color (overlay->cr, palette->card, 0.7);
  cairo_rectangle (overlay->cr, overlay->x, overlay->y, overlay->width, overlay->height);
  cairo_fill (overlay->cr);
  for (unsigned i = 0; i < what->n_lineage; i++)
    {
      if (!box_of (overlay, &what->lineage[i], &box))
        continue;
      weftline_set_color (overlay->cr, color_of (overlay, &what->lineage[i]), 1);
      cairo_rectangle (overlay->cr, box.x, box.y, box.width, box.height);
      cairo_fill (overlay->cr);
      if (box.width < 6)
        continue;
      weftline_set_color (overlay->cr, palette->text, 0.7);
      cairo_set_line_width (overlay->cr, 1);
      cairo_rectangle (overlay->cr, box.x + 0.5, box.y + 0.5, box.width - 1, box.height - 1);
      cairo_stroke (overlay->cr);
    }
}

static void
draw_arrow (const Overlay *overlay, double x0, double y0, double x1, double y1)
{
  double bend = MAX (fabs (x1 - x0) / 2, 24);
  /* along a lane it goes below the tasks' names */
  double bow = y0 == y1 ? 0.4 * overlay->layout->lane_height / overlay->scale : 0;
  cairo_t *cr = overlay->cr;

  cairo_move_to (cr, x0, y0);
  cairo_curve_to (cr, x0 + bend * (bow > 0 ? 0.3 : 1), y0 + bow, x1 - bend * (bow > 0 ? 0.3 : 1),
                  y1 + bow, x1 - ARROW_HEAD, y1);
  cairo_stroke (cr);
  cairo_move_to (cr, x1, y1);
  cairo_line_to (cr, x1 - 1.6 * ARROW_HEAD, y1 - 0.8 * ARROW_HEAD);
  cairo_line_to (cr, x1 - 1.6 * ARROW_HEAD, y1 + 0.8 * ARROW_HEAD);
  cairo_close_path (cr);
  cairo_fill (cr);
}

static double
lane_middle (const Overlay *overlay, unsigned lane)
{
  return (weftline_timeline_lane_y (overlay->layout, lane) + overlay->layout->lane_height / 2)
         / overlay->scale;
}

static void
draw_arrows (const Overlay *overlay, const WeftlineTimelineOverlay *what)
{
  const WeftlineTimelineView *view = &overlay->layout->view;

  for (unsigned i = 0; i < MIN (what->n_arrows, WEFTLINE_TIMELINE_MAX_ARROWS); i++)
    {
      const WeftlineTimelineArrow *arrow = &what->arrows[i];
      int64_t t0, t1, from, to;

      if (!times_of (overlay, &arrow->from, &t0, &from) || !times_of (overlay, &arrow->to, &to, &t1)
          || MAX (from, to) < view->t0_ns || MIN (from, to) >= view->t1_ns)
        continue;
      for (unsigned pass = 0; pass < 2; pass++)
        {
          /* a lighter line under it keeps it off what it crosses */
          weftline_set_color (
              overlay->cr, pass == 0 ? overlay->look->palette->card : overlay->look->palette->text,
              pass == 0 ? 0.8 : 1);
          cairo_set_line_width (overlay->cr, pass == 0 ? 4 : 1.5);
          draw_arrow (overlay, place_of (overlay, from), lane_middle (overlay, arrow->from.lane),
                      place_of (overlay, to), lane_middle (overlay, arrow->to.lane));
        }
    }
}

/* ---- outlines and range ---------------------------------------------------------------------- */

/* Two rings: one of them is seen on any colour. */
static void
draw_rings (const Overlay *overlay, const cairo_rectangle_t *box, uint32_t color)
{
  cairo_set_line_width (overlay->cr, 1);
  weftline_set_color (overlay->cr, overlay->look->palette->card, 1);
  cairo_rectangle (overlay->cr, box->x - 0.5, box->y - 0.5, box->width + 1, box->height + 1);
  cairo_stroke (overlay->cr);
  cairo_set_line_width (overlay->cr, 2);
  weftline_set_color (overlay->cr, color, 1);
  cairo_rectangle (overlay->cr, box->x - 2, box->y - 2, box->width + 4, box->height + 4);
  cairo_stroke (overlay->cr);
}

static void
draw_outline (const Overlay *overlay, const WeftlineTimelineMark *mark, uint32_t color)
{
  cairo_rectangle_t box;

  if (box_of (overlay, mark, &box))
    draw_rings (overlay, &box, color);
}

/* What is said of it hangs in its middle. */
static void
draw_gap (const Overlay *overlay, WeftlineTimelineOverlay *what)
{
  cairo_rectangle_t box;

  if (!what->has_gap || !time_box (overlay, what->gap_lane, what->gap_t0_ns, what->gap_t1_ns, &box))
    return;
  draw_rings (overlay, &box, overlay->look->palette->accent);
  what->pointer_x = box.x + box.width / 2;
  what->pointer_y = box.y + box.height / 2;
}

/* The groups in full, or as many letters of them as there is room for. (transfer full) */
static char *
range_line (const Overlay *overlay, const char *text, const char *groups)
{
  g_autofree char *all =
      groups != NULL ? g_strdup_printf ("%s · %s", text, groups) : g_strdup (text);

  return weftline_text_fit (overlay->paint->texts, all, WEFTLINE_TEXT_SMALL,
                            overlay->layout->view.width - 8);
}

static void
draw_range_text (const Overlay *overlay, const WeftlineTimelineOverlay *what, double middle)
{
  g_autofree char *text = range_line (overlay, what->range_text, what->range_groups);
  const WeftlinePalette *palette = overlay->look->palette;
  int width, height;
  double x;

  weftline_text_size (overlay->paint->texts, text, WEFTLINE_TEXT_SMALL, &width, &height);
  x = CLAMP (middle - width / 2.0, 4, MAX (4, overlay->layout->view.width - width - 4));
  x = floor (x);
  weftline_set_color (overlay->cr, palette->card, 1);
  cairo_rectangle (overlay->cr, 0, 0, overlay->layout->view.width,
                   weftline_timeline_head (&overlay->layout->view) - 4);
  cairo_fill (overlay->cr);
  weftline_set_color (overlay->cr, palette->accent, 1);
  weftline_text_show (overlay->paint->texts, overlay->cr, text, WEFTLINE_TEXT_SMALL, x, 4);
}

static void
draw_range (const Overlay *overlay, const WeftlineTimelineOverlay *what)
{
  const WeftlineTimelineView *view = &overlay->layout->view;
  int64_t t0 = MAX (what->range_t0_ns, view->t0_ns), t1 = MIN (what->range_t1_ns, view->t1_ns);
  double x0, x1;

  if (!what->has_range || t0 >= t1)
    return;
  x0 = place_of (overlay, t0);
  x1 = place_of (overlay, t1);
  weftline_set_color (overlay->cr, overlay->look->palette->accent, 0.14);
  cairo_rectangle (overlay->cr, x0, overlay->y, x1 - x0, overlay->height);
  cairo_fill (overlay->cr);
  weftline_set_color (overlay->cr, overlay->look->palette->accent, 0.8);
  if (what->range_t0_ns >= view->t0_ns)
    cairo_rectangle (overlay->cr, x0, overlay->y, 1, overlay->height);
  if (what->range_t1_ns <= view->t1_ns)
    cairo_rectangle (overlay->cr, x1 - 1, overlay->y, 1, overlay->height);
  cairo_fill (overlay->cr);
  if (what->range_text != NULL)
    draw_range_text (overlay, what, (x0 + x1) / 2);
}

/* ---- annotations ----------------------------------------------------------------------------- */

/* A line with a pennant. Of those in one pixel one is drawn, however many there are. */
static void
draw_annotations (const Overlay *overlay, const WeftlineTimelineOverlay *what)
{
  const WeftlineTimelineView *view = &overlay->layout->view;
  const WeftlineTimelineAnnotations *all = what->annotations;
  double last = -1;

  if (all == NULL || overlay->layout->input.n_lanes == 0)
    return;
  weftline_set_color (overlay->cr, overlay->look->palette->text, 0.75);
  for (unsigned i = weftline_timeline_annotations_find (all, view->t0_ns); i < all->places->len;
       i++)
    {
      int64_t at_ns = g_array_index (all->places, WeftlineTimelineAnnotation, i).at_ns;
      double x = place_of (overlay, at_ns);

      if (at_ns >= view->t1_ns)
        break;
      if (x == last)
        continue;
      last = x;
      cairo_rectangle (overlay->cr, x, overlay->y - PENNANT, 1, overlay->height + PENNANT);
      cairo_move_to (overlay->cr, x + 1, overlay->y - PENNANT);
      cairo_line_to (overlay->cr, x + 1 + PENNANT, overlay->y - PENNANT / 2.0);
      cairo_line_to (overlay->cr, x + 1, overlay->y);
      cairo_close_path (overlay->cr);
    }
  cairo_fill (overlay->cr);
}

/* ---- the moment ------------------------------------------------------------------------------ */

/* Over what came after it. */
static void
draw_veil (const Overlay *overlay, const WeftlineTimelineOverlay *what)
{
  const WeftlineTimelineView *view = &overlay->layout->view;
  double x = place_of (overlay, CLAMP (what->moment_ns, view->t0_ns, view->t1_ns));
  double end = overlay->x + overlay->width;

  if (!what->has_moment || overlay->layout->input.n_lanes == 0)
    return;
  weftline_set_color (overlay->cr, overlay->look->palette->card, 0.66);
  cairo_rectangle (overlay->cr, x, overlay->y, end - x, overlay->height);
  cairo_fill (overlay->cr);
}

/* A line with a flag at its upper end. */
static void
draw_moment (const Overlay *overlay, const WeftlineTimelineOverlay *what)
{
  const WeftlineTimelineView *view = &overlay->layout->view;
  double x = place_of (overlay, CLAMP (what->moment_ns, view->t0_ns, view->t1_ns));

  if (!what->has_moment || overlay->layout->input.n_lanes == 0 || what->moment_ns < view->t0_ns
      || what->moment_ns > view->t1_ns)
    return;
  weftline_set_color (overlay->cr, overlay->look->palette->accent, 1);
  cairo_rectangle (overlay->cr, x - 1, overlay->y - FLAG, 2, overlay->height + FLAG);
  cairo_move_to (overlay->cr, x - FLAG, overlay->y - FLAG);
  cairo_line_to (overlay->cr, x + FLAG, overlay->y - FLAG);
  cairo_line_to (overlay->cr, x, overlay->y);
  cairo_close_path (overlay->cr);
  cairo_fill (overlay->cr);
}

/* ---- the hover box --------------------------------------------------------------------------- */

static void
round_rectangle (cairo_t *cr, double x, double y, double width, double height, double radius)
{
  cairo_new_sub_path (cr);
  cairo_arc (cr, x + width - radius, y + radius, radius, -G_PI / 2, 0);
  cairo_arc (cr, x + width - radius, y + height - radius, radius, 0, G_PI / 2);
  cairo_arc (cr, x + radius, y + height - radius, radius, G_PI / 2, G_PI);
  cairo_arc (cr, x + radius, y + radius, radius, G_PI, 3 * G_PI / 2);
  cairo_close_path (cr);
}

static WeftlineTextStyle
line_style (unsigned line)
{
  return line == 0 ? WEFTLINE_TEXT_BOLD : WEFTLINE_TEXT_SMALL;
}

/* Beside the pointer where there is room, inside the view always. */
static void
place_box (const Overlay *overlay, const WeftlineTimelineOverlay *what, cairo_rectangle_t *box)
{
  const WeftlineTimelineView *view = &overlay->layout->view;
  int width, height;

  *box = (cairo_rectangle_t){ 0, 0, 0, 2 * BOX_PAD };
  for (unsigned i = 0; what->hover_lines[i] != NULL; i++)
    {
      weftline_text_size (overlay->paint->texts, what->hover_lines[i], line_style (i), &width,
                          &height);
      box->width = MAX (box->width, width + 2 * BOX_PAD);
      box->height += height + (i > 0 ? 2 : 0);
    }
  box->x = what->pointer_x + (view->rtl ? -14 - box->width : 14);
  box->y = what->pointer_y + 16;
  if (box->x + box->width > view->width - 4 || box->x < 4)
    box->x = what->pointer_x + (view->rtl ? 14 : -14 - box->width);
  if (box->y + box->height > view->height - 4)
    box->y = what->pointer_y - 12 - box->height;
  box->x = floor (CLAMP (box->x, 4, MAX (4, view->width - box->width - 4)));
  box->y = floor (CLAMP (box->y, 4, MAX (4, view->height - box->height - 4)));
}

static void
draw_hover_box (const Overlay *overlay, const WeftlineTimelineOverlay *what)
{
  const WeftlinePalette *palette = overlay->look->palette;
  cairo_rectangle_t box;
  double y;

  place_box (overlay, what, &box);
  round_rectangle (overlay->cr, box.x, box.y, box.width, box.height, BOX_RADIUS);
  weftline_set_color (overlay->cr, palette->box, 0.95);
  cairo_fill_preserve (overlay->cr);
  weftline_set_color (overlay->cr, palette->grid, palette->dark ? 1 : 0.2);
  cairo_set_line_width (overlay->cr, 1);
  cairo_stroke (overlay->cr);
  y = box.y + BOX_PAD;
  for (unsigned i = 0; what->hover_lines[i] != NULL; i++)
    {
      int width, height;

      weftline_text_size (overlay->paint->texts, what->hover_lines[i], line_style (i), &width,
                          &height);
      weftline_set_color (overlay->cr, palette->box_text, i == 0 ? 1 : 0.85);
      weftline_text_show (
          overlay->paint->texts, overlay->cr, what->hover_lines[i], line_style (i),
          overlay->layout->view.rtl ? box.x + box.width - BOX_PAD - width : box.x + BOX_PAD, y);
      y += height + 2;
    }
}

void
weftline_timeline_paint_overlay (WeftlineTimelinePaint *paint, cairo_t *cr,
                                 const WeftlineTimelineLayout *layout,
                                 const WeftlineTimelineLook *look,
                                 const WeftlineTimelineOverlay *given)
{
  WeftlineTimelineOverlay copy = { 0 }, *what = given != NULL ? &copy : NULL;
  double scale = layout->view.scale;
  Overlay overlay = { cr,
                      paint,
                      layout,
                      look,
                      scale,
                      layout->area_x / scale,
                      layout->area_y / scale,
                      layout->area_width / scale,
                      layout->area_height / scale };

  if (what == NULL)
    {
      draw_now (&overlay);
      return;
    }
  copy = *given;
  cairo_save (cr);
  cairo_rectangle (cr, overlay.x, overlay.y - 3, overlay.width, overlay.height + 6);
  cairo_clip (cr);
  draw_veil (&overlay, what);
  draw_lineage (&overlay, what);
  draw_arrows (&overlay, what);
  if (what->has_selected)
    draw_outline (&overlay, &what->selected, look->palette->accent);
  if (what->has_hovered)
    draw_outline (&overlay, &what->hovered, look->palette->text);
  draw_gap (&overlay, what);
  cairo_restore (cr);
  draw_annotations (&overlay, what);
  draw_moment (&overlay, what);
  draw_range (&overlay, what);
  draw_now (&overlay);
  if (what->hover_lines != NULL && what->hover_lines[0] != NULL)
    draw_hover_box (&overlay, what);
}
