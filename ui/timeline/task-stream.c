/* task-stream.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * The model's snapshot becomes the layout's input when the source has changed; layout and data are
 * made anew before drawing if input, size or time changed. Hover and selection only draw the
 * overlay again.
 */
#include "config.h"

#include "timeline/task-stream-private.h"

#include "timeline/stream-legend.h"
#include "timeline/task-stream-words.h"
#include "timeline/timeline-gap.h"
#include "timeline/timeline-stats.h"

#include "canvas/number-format.h"
#include "canvas/view-input.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#define LEAST_FOUND 4      /* units: what a search has found is to be as long at least */
#define FOUND_VIEW 60      /* … else the view is as many times as long */
#define ANNOTATION_REACH 3 /* units: so near a line the pointer is at it */
#define PENNANT_REACH 8    /* the same above the lanes */
#define DRAG_LIMIT 100000  /* tasks looked at for statistics while a range is dragged */

G_DEFINE_FINAL_TYPE (WeftlineTaskStream, weftline_task_stream, GTK_TYPE_WIDGET)

/* ---- input ----------------------------------------------------------------------------------- */

WeftlineTimelineInput
_weftline_task_stream_input (WeftlineTaskStream *self)
{
  WeftlineTimelineInput input;

  weftline_timeline_source_take (&self->source, weftline_session_model (self->session),
                                 weftline_session_snapshot (self->session), &input);
  return input;
}

/* (transfer full) */
static char *
status_text (WeftlineTaskStream *self)
{
  g_autofree char *run =
      weftline_task_stream_status (weftline_session_snapshot (self->session), self->follow);
  g_autofree char *lanes = weftline_task_stream_lanes_words (self->layout);
  g_autofree char *links =
      weftline_task_stream_links_words (&self->links, weftline_session_lineage (self->session));

  return g_strconcat (run, lanes, links, NULL);
}

/* Arrows and lineage go by what was laid out last. */
static void
find_links (WeftlineTaskStream *self)
{
  const WeftlineTaskSet *set = weftline_session_lineage_set (self->session);
  uint32_t task = weftline_session_selection (self->session)->task;

  weftline_timeline_links_find_arrows (
      &self->links, weftline_session_model (self->session), &self->source,
      task != WEFT_NONE ? weftline_session_links (self->session) : NULL, task);
  weftline_timeline_links_find_lineage (&self->links, weftline_session_model (self->session),
                                        &self->source, self->layout, set);
}

static void find_hover (WeftlineTaskStream *self);

/* ---- drawing --------------------------------------------------------------------------------- */

/* By how many the user wants. */
static const WeftlineTimelineLabels label_kinds[] = { WEFTLINE_LABELS_NONE, WEFTLINE_LABELS_GROUP,
                                                      WEFTLINE_LABELS_KEY };

/* (nullable) (transfer none): until the next call */
static const char *
task_key (void *data, uint32_t task)
{
  WeftlineTaskStream *self = data;

  g_clear_pointer (&self->key, g_free);
  if (task != WEFT_NONE)
    self->key = weft_model_task_dup_key (weftline_session_model (self->session), task);
  return self->key;
}

static WeftlineTimelineLook
look (WeftlineTaskStream *self, const char *font)
{
  bool dark = adw_style_manager_get_dark (adw_style_manager_get_default ());
  WeftModel *model = weftline_session_model (self->session);
  const WeftlineSessionLook *wanted = weftline_session_look (self->session);
  uint32_t group = weftline_session_marked_group (self->session);

  return (WeftlineTimelineLook){ .palette = weftline_palette (wanted->palette, dark),
                                 .font = font,
                                 .has_group = group != WEFT_NONE,
                                 .group = group,
                                 .labels = label_kinds[wanted->labels],
                                 .key = task_key,
                                 .key_data = self,
                                 .time_form = wanted->time_form,
                                 .wall_ns = model != NULL ? weft_model_wall_ns (model) : 0,
                                 .status = self->status,
                                 .empty_title = _ ("Nothing has run yet"),
                                 .empty_text =
                                     _ ("Each worker gets a lane, each task a rectangle as "
                                        "long as it took") };
}

/* (transfer full): as pango has it */
static char *
font_text (WeftlineTaskStream *self)
{
  const PangoFontDescription *font =
      pango_context_get_font_description (gtk_widget_get_pango_context (GTK_WIDGET (self)));

  return pango_font_description_to_string (font);
}

static void
place_view (WeftlineTaskStream *self, const WeftlineTimelineInput *input)
{
  int64_t t0_ns, t1_ns;

  if (!weftline_timeline_extent (input, &t0_ns, &t1_ns))
    return;
  if (!self->placed || self->follow)
    {
      weftline_timeline_view_fit (&self->view, t0_ns, t1_ns);
      self->placed = true;
    }
}

/* Other views over time show the same. */
static void
tell_shown (WeftlineTaskStream *self)
{
  if (self->follow || !self->placed)
    weftline_session_show (self->session, 0, 0);
  else
    weftline_session_show (self->session, self->view.t0_ns, self->view.t1_ns);
}

/* What has been in view, so that it does not come and go as the view moves; but what runs. */
static void
take_legend (WeftlineTaskStream *self)
{
  self->legend &= ~(1u << WEFTLINE_LEGEND_RUNNING);
  self->legend |= weftline_timeline_legend_kinds (self->layout);
}

/* Without the legend's line. */
static int
lanes_height (WeftlineTaskStream *self)
{
  int width = gtk_widget_get_width (GTK_WIDGET (self));
  int height = gtk_widget_get_height (GTK_WIDGET (self));

  return height - weftline_timeline_legend_height (width, height);
}

static void
draw_data (WeftlineTaskStream *self, const char *font)
{
  WeftlineTimelineInput input = _weftline_task_stream_input (self);
  GtkWidget *widget = GTK_WIDGET (self);

  self->view.width = gtk_widget_get_width (widget);
  self->view.height = lanes_height (self);
  self->view.scale = gtk_widget_get_scale_factor (widget);
  self->view.rtl = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL;
  WeftlineTimelineLook now_look = look (self, font);
  self->view.gutter =
      weftline_timeline_paint_gutter (self->paint, &input, &now_look, self->view.scale);
  self->view.line = weftline_timeline_paint_line (self->paint);
  place_view (self, &input);
  tell_shown (self);
  weftline_timeline_layout_run (self->layout, &input, &self->view);
  take_legend (self);
  find_links (self);
  weftline_timeline_annotations_take (&self->annotations, weftline_session_model (self->session));
  self->group_shown = weftline_session_marked_group (self->session);
  g_free (self->status);
  now_look.status = self->status = status_text (self);
  now_look.is_live = weftline_session_snapshot (self->session)->phase == WEFT_RUN_RUNNING;
  weftline_timeline_paint_data (self->paint, self->layout, &now_look);
  self->stale = weftline_timeline_paint_is_unfinished (self->paint);
  if (self->stale)
    gtk_widget_queue_draw (widget);
  if (self->has_pointer && !self->has_gap)
    find_hover (self); /* the run has gone on under a pointer at rest */
}

bool
_weftline_task_stream_selected (WeftlineTaskStream *self, WeftlineTimelineMark *mark)
{
  const WeftlineSelection *selection = weftline_session_selection (self->session);

  return selection->task != WEFT_NONE
         && weftline_timeline_find_task (&self->source, weftline_session_model (self->session),
                                         selection->task, mark);
}

/* What is under the pointer here, or in another view. */
static bool
hovered_mark (WeftlineTaskStream *self, WeftlineTimelineMark *mark)
{
  uint32_t task = weftline_session_hover_task (self->session);

  if (self->hover_lines != NULL && !self->hover_is_gap)
    {
      *mark = (WeftlineTimelineMark){ self->hit.lane, self->hit.index };
      return true;
    }
  return task != WEFT_NONE
         && weftline_timeline_find_task (&self->source, weftline_session_model (self->session),
                                         task, mark);
}

static void
draw_overlay (WeftlineTaskStream *self, cairo_t *cr, const char *font)
{
  const WeftlineSelection *selection = weftline_session_selection (self->session);
  WeftlineTimelineLook now_look = look (self, font);
  WeftlineTimelineOverlay overlay = { .range_t0_ns = selection->from_ns,
                                      .range_t1_ns = selection->to_ns,
                                      .has_range = selection->to_ns > selection->from_ns,
                                      .range_text = self->range_text,
                                      .range_groups = self->range_groups,
                                      .hover_lines = (const char *const *) self->hover_lines,
                                      .pointer_x = self->pointer_x,
                                      .pointer_y = self->pointer_y };

  overlay.has_selected = _weftline_task_stream_selected (self, &overlay.selected);
  overlay.has_hovered = hovered_mark (self, &overlay.hovered);
  overlay.arrows = (const WeftlineTimelineArrow *) (void *) self->links.arrows->data;
  overlay.n_arrows = self->links.arrows->len;
  overlay.lineage = (const WeftlineTimelineMark *) (void *) self->links.lineage->data;
  overlay.n_lineage = self->links.lineage->len;
  overlay.annotations = &self->annotations;
  overlay.is_veiled = weftline_session_lineage_set (self->session) != NULL;
  overlay.moment_ns = weftline_session_time (self->session);
  overlay.has_moment = overlay.moment_ns != WEFTLINE_NOW;
  overlay.has_gap = self->has_gap;
  overlay.gap_lane = self->hit.lane;
  overlay.gap_t0_ns = self->gap_from_ns;
  overlay.gap_t1_ns = self->gap_to_ns;
  weftline_timeline_paint_overlay (self->paint, cr, self->layout, &now_look, &overlay);
}

static void
draw_legend (WeftlineTaskStream *self, cairo_t *cr)
{
  bool dark = adw_style_manager_get_dark (adw_style_manager_get_default ());

  if (self->view.height < gtk_widget_get_height (GTK_WIDGET (self)))
    weftline_timeline_paint_legend (
        self->paint, cr, weftline_palette (weftline_session_look (self->session)->palette, dark),
        self->legend, self->view.width, self->view.height, self->view.rtl);
}

static void
weftline_task_stream_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  WeftlineTaskStream *self = WEFTLINE_TASK_STREAM (widget);
  int width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  g_autofree char *font = font_text (self);
  cairo_t *cr;

  if (width <= 0 || height <= 0)
    return;
  if (self->stale || self->view.width != width || self->view.height != lanes_height (self)
      || self->view.scale != gtk_widget_get_scale_factor (widget))
    draw_data (self, font);
  cr = gtk_snapshot_append_cairo (snapshot,
                                  &GRAPHENE_RECT_INIT (0, 0, (float) width, (float) height));
  weftline_timeline_paint_show (self->paint, cr);
  draw_legend (self, cr);
  draw_overlay (self, cr, font);
  cairo_destroy (cr);
}

void
_weftline_task_stream_redraw (WeftlineTaskStream *self)
{
  self->stale = true;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* ---- hover ----------------------------------------------------------------------------------- */

static uint32_t
model_lane (WeftlineTaskStream *self, unsigned lane)
{
  return g_array_index (self->source.lane_ids, uint32_t, lane);
}

/* Nothing ran: why. What was awaited is shown as hovered. */
void
_weftline_task_stream_hover_gap (WeftlineTaskStream *self)
{
  WeftModel *model = weftline_session_model (self->session);
  uint32_t lane = model_lane (self, self->hit.lane), group;
  WeftlineGap gap;

  self->hover_is_gap = true;
  weftline_timeline_gap (model, weftline_session_snapshot (self->session),
                         weftline_session_links (self->session), lane, self->hit.at_ns, &gap);
  self->hover_lines = weftline_task_stream_gap_words (
      model, lane, &gap, weftline_session_look (self->session)->time_form);
  group = gap.task != WEFT_NONE ? weft_model_task_group (model, gap.task) : WEFT_NONE;
  weftline_session_set_hover (self->session, gap.task, group != WEFT_NO_GROUP ? group : WEFT_NONE);
}

/* What a worker did there was to stand still: why, is asked of the run. */
static bool
is_standstill (const WeftSpan *span)
{
  return span->kind == WEFT_RECORD_PARKED || span->kind == WEFT_RECORD_STEAL_MISS
         || span->kind == WEFT_RECORD_PAUSED || span->kind == WEFT_RECORD_MEMORY_PAUSED
         || span->kind == WEFT_RECORD_SLOWED;
}

static void
hover_span (WeftlineTaskStream *self)
{
  const WeftlineTimelineLane *lane =
      &g_array_index (self->source.lanes, WeftlineTimelineLane, self->hit.lane);
  const WeftSpan *span = weft_spans_get (lane->spans, self->hit.index);

  if (is_standstill (span))
    {
      _weftline_task_stream_hover_gap (self);
      return;
    }
  self->hover_lines = weftline_task_stream_span_words (
      weftline_session_model (self->session), weftline_session_snapshot (self->session),
      weftline_session_links (self->session), model_lane (self, self->hit.lane), self->hit.index,
      weftline_session_look (self->session)->time_form);
  weftline_session_set_hover (self->session, span->task,
                              span->group != WEFT_NO_GROUP ? span->group : WEFT_NONE);
}

static void
hover_now (WeftlineTaskStream *self)
{
  WeftModel *model = weftline_session_model (self->session);
  uint32_t lane = model_lane (self, self->hit.lane);
  WeftModelNow now;

  if (!weft_model_now (model, lane, &now))
    return;
  if (now.kind == WEFT_RECORD_PARKED || now.kind == WEFT_RECORD_STEAL_MISS)
    {
      _weftline_task_stream_hover_gap (self);
      return;
    }
  self->hover_lines =
      weftline_task_stream_now_words (model, lane, &now, weftline_session_snapshot (self->session),
                                      weftline_session_look (self->session)->time_form);
  weftline_session_set_hover (self->session, now.task,
                              now.group != WEFT_NO_GROUP ? now.group : WEFT_NONE);
}

void
_weftline_task_stream_drop_hover (WeftlineTaskStream *self)
{
  bool had_gap = self->has_gap;

  g_clear_pointer (&self->hover_lines, g_strfreev);
  self->hover_is_gap = self->has_gap = false;
  if (had_gap)
    _weftline_task_stream_describe (self);
}

static bool
is_at_task (WeftlineTaskStream *self)
{
  const WeftlineTimelineLane *lane;

  if (self->hit.kind != WEFTLINE_HIT_SPAN && self->hit.kind != WEFTLINE_HIT_NOW)
    return false;
  lane = &g_array_index (self->source.lanes, WeftlineTimelineLane, self->hit.lane);
  if (self->hit.kind == WEFTLINE_HIT_NOW)
    return lane->now_task != WEFT_NONE;
  return weft_spans_get (lane->spans, self->hit.index)->task != WEFT_NONE;
}

/* At a pennant, or where no task is beside its line. Returns: whether there is one */
static bool
hover_annotation (WeftlineTaskStream *self)
{
  int64_t unit_ns = weftline_timeline_at (self->layout, self->pointer_x + 1) - self->hit.at_ns;
  bool above = self->pointer_y < (double) self->layout->area_y / self->view.scale;
  int64_t reach_ns = unit_ns * (above ? PENNANT_REACH : ANNOTATION_REACH);
  unsigned place;

  if (is_at_task (self) || self->hit.kind == WEFTLINE_HIT_NAME
      || !weftline_timeline_annotations_nearest (&self->annotations, self->hit.at_ns, reach_ns,
                                                 &place))
    return false;
  self->hover_lines = weftline_timeline_annotation_words (
      weftline_session_model (self->session),
      &g_array_index (self->annotations.places, WeftlineTimelineAnnotation, place),
      weftline_session_look (self->session)->time_form);
  self->hover_is_gap = true; /* no task is hovered */
  weftline_session_set_hover (self->session, WEFT_NONE, WEFT_NONE);
  return true;
}

/* What is laid out there now. */
static void
find_hover (WeftlineTaskStream *self)
{
  _weftline_task_stream_drop_hover (self);
  weftline_timeline_hit (self->layout, self->pointer_x, self->pointer_y, &self->hit);
  if (hover_annotation (self))
    return;
  if (self->hit.kind == WEFTLINE_HIT_SPAN)
    hover_span (self);
  else if (self->hit.kind == WEFTLINE_HIT_NOW)
    hover_now (self);
  else if (self->hit.kind == WEFTLINE_HIT_GAP)
    _weftline_task_stream_hover_gap (self);
  else
    weftline_session_set_hover (self->session, WEFT_NONE, WEFT_NONE);
}

static void
look_under_pointer (WeftlineTaskStream *self)
{
  if (self->stale)
    _weftline_task_stream_drop_hover (
        self); /* what is laid out is not what was asked for; the next picture is */
  else
    find_hover (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
motion_cb (WeftlineTaskStream *self, double x, double y)
{
  self->has_pointer = true;
  self->pointer_x = x;
  self->pointer_y = y;
  look_under_pointer (self);
}

static void
leave_cb (WeftlineTaskStream *self)
{
  self->has_pointer = false;
  if (self->has_gap)
    return;
  _weftline_task_stream_drop_hover (self);
  weftline_session_set_hover (self->session, WEFT_NONE, WEFT_NONE);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* ---- moving ---------------------------------------------------------------------------------- */

void
_weftline_task_stream_moved (WeftlineTaskStream *self)
{
  weftline_task_stream_set_follow (self, FALSE);
  _weftline_task_stream_redraw (self);
}

static gboolean
scroll_cb (WeftlineTaskStream *self, double dx, double dy, GtkEventControllerScroll *scroll)
{
  GdkModifierType state =
      gtk_event_controller_get_current_event_state (GTK_EVENT_CONTROLLER (scroll));

  if (dx != 0 || (state & GDK_SHIFT_MASK) != 0)
    weftline_timeline_view_pan (&self->view, -(dx + dy) * STREAM_PAN_SHARE * self->view.width / 2);
  else
    weftline_timeline_view_zoom (&self->view, dy > 0 ? STREAM_ZOOM_STEP : 1 / STREAM_ZOOM_STEP,
                                 self->pointer_x);
  _weftline_task_stream_moved (self);
  return TRUE;
}

static void
tell_range (WeftlineTaskStream *self, uint64_t limit)
{
  const WeftlineSelection *selection = weftline_session_selection (self->session);
  WeftlineTimelineStats stats;

  g_clear_pointer (&self->range_text, g_free);
  g_clear_pointer (&self->range_groups, g_free);
  if (selection->to_ns <= selection->from_ns)
    return;
  weftline_timeline_stats (&self->layout->input, NULL, 0, selection->from_ns, selection->to_ns,
                           limit, &stats);
  self->range_text = weftline_timeline_stats_line (&stats);
  self->range_groups = weftline_timeline_stats_groups (&stats, &self->layout->input);
}

static void
drag_begin_cb (WeftlineTaskStream *self, double x, double y G_GNUC_UNUSED, GtkGestureDrag *drag)
{
  GdkModifierType state =
      gtk_event_controller_get_current_event_state (GTK_EVENT_CONTROLLER (drag));

  gtk_widget_grab_focus (GTK_WIDGET (self));
  self->drag_x = 0;
  self->dragging_range = (state & GDK_SHIFT_MASK) != 0;
  self->range_anchor = weftline_timeline_at (self->layout, x);
}

static void
drag_update_cb (WeftlineTaskStream *self, double dx, double dy G_GNUC_UNUSED, GtkGestureDrag *drag)
{
  double x = 0, y = 0;

  gtk_gesture_drag_get_start_point (drag, &x, &y);
  if (self->dragging_range)
    {
      weftline_session_select_range (self->session, self->range_anchor,
                                     weftline_timeline_at (self->layout, x + dx));
      tell_range (self, DRAG_LIMIT);
      gtk_widget_queue_draw (GTK_WIDGET (self));
      return;
    }
  weftline_timeline_view_pan (&self->view, dx - self->drag_x);
  self->drag_x = dx;
  _weftline_task_stream_moved (self);
}

static void
drag_end_cb (WeftlineTaskStream *self)
{
  if (self->dragging_range)
    tell_range (self, WEFTLINE_STATS_LIMIT);
  self->dragging_range = false;
  _weftline_task_stream_describe (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
click_cb (WeftlineTaskStream *self, int n_press G_GNUC_UNUSED, double x, double y)
{
  WeftlineTimelineHit hit;

  gtk_widget_grab_focus (GTK_WIDGET (self));
  if (self->drag_x != 0 || self->dragging_range)
    return;
  weftline_timeline_hit (self->layout, x, y, &hit);
  if (hit.kind == WEFTLINE_HIT_SPAN)
    {
      const WeftlineTimelineLane *lane =
          &g_array_index (self->source.lanes, WeftlineTimelineLane, hit.lane);

      weftline_session_select_task (self->session, weft_spans_get (lane->spans, hit.index)->task);
    }
  else if (hit.kind == WEFTLINE_HIT_NOW)
    weftline_session_select_task (
        self->session, g_array_index (self->source.lanes, WeftlineTimelineLane, hit.lane).now_task);
  else if (hit.kind == WEFTLINE_HIT_GAP)
    weftline_session_select_nothing (self->session);
}

/* ---- what is shown --------------------------------------------------------------------------- */

void
weftline_task_stream_set_follow (WeftlineTaskStream *self, gboolean follow)
{
  if (self->follow == follow)
    return;
  self->follow = follow;
  _weftline_task_stream_redraw (self);
}

gboolean
weftline_task_stream_get_follow (WeftlineTaskStream *self)
{
  return self->follow;
}

void
weftline_task_stream_get_range (WeftlineTaskStream *self, int64_t *from_ns, int64_t *to_ns)
{
  *from_ns = self->placed ? self->view.t0_ns : 0;
  *to_ns = self->placed ? self->view.t1_ns : 0;
}

uint64_t
weftline_task_stream_n_drawn (WeftlineTaskStream *self)
{
  return self->layout->n_tasks;
}

/* ---- the legend ------------------------------------------------------------------------------ */

static void
drop_popover (WeftlineTaskStream *self)
{
  GtkWidget *popover = g_steal_pointer (&self->popover);

  if (popover == NULL)
    return;
  gtk_popover_popdown (GTK_POPOVER (popover)); /* else GTK looks for tooltips in it */
  gtk_widget_unparent (popover);
}

void
weftline_task_stream_show_legend (WeftlineTaskStream *self)
{
  bool dark = adw_style_manager_get_dark (adw_style_manager_get_default ());

  drop_popover (self);
  self->popover = weftline_stream_legend_new (
      weftline_palette (weftline_session_look (self->session)->palette, dark), &self->source);
  gtk_widget_set_parent (self->popover, GTK_WIDGET (self));
  gtk_popover_set_position (GTK_POPOVER (self->popover), GTK_POS_TOP);
  gtk_popover_set_pointing_to (GTK_POPOVER (self->popover),
                               &(GdkRectangle){ self->view.width / 2, lanes_height (self), 1, 1 });
  gtk_popover_popup (GTK_POPOVER (self->popover));
}

static void
weftline_task_stream_size_allocate (GtkWidget *widget, int width G_GNUC_UNUSED,
                                    int height G_GNUC_UNUSED, int baseline G_GNUC_UNUSED)
{
  WeftlineTaskStream *self = WEFTLINE_TASK_STREAM (widget);

  if (self->popover != NULL)
    gtk_popover_present (GTK_POPOVER (self->popover));
}

/* ---- the widget ------------------------------------------------------------------------------ */

static void
weftline_task_stream_measure (GtkWidget *widget G_GNUC_UNUSED, GtkOrientation orientation,
                              int for_size G_GNUC_UNUSED, int *minimum, int *natural,
                              int *minimum_baseline, int *natural_baseline)
{
  *minimum = orientation == GTK_ORIENTATION_HORIZONTAL ? 240 : 120;
  *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? 640 : 320;
  *minimum_baseline = *natural_baseline = -1;
}

static void
weftline_task_stream_dispose (GObject *object)
{
  WeftlineTaskStream *self = WEFTLINE_TASK_STREAM (object);

  drop_popover (self);
  if (self->session != NULL)
    g_signal_handlers_disconnect_by_data (self->session, self);
  g_signal_handlers_disconnect_by_data (adw_style_manager_get_default (), self);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (weftline_task_stream_parent_class)->dispose (object);
}

static void
weftline_task_stream_finalize (GObject *object)
{
  WeftlineTaskStream *self = WEFTLINE_TASK_STREAM (object);

  weftline_timeline_layout_free (self->layout);
  weftline_timeline_paint_free (self->paint);
  weftline_timeline_source_clear (&self->source);
  weftline_timeline_links_clear (&self->links);
  weftline_timeline_annotations_clear (&self->annotations);
  g_strfreev (self->hover_lines);
  g_free (self->range_text);
  g_free (self->range_groups);
  g_free (self->status);
  g_free (self->key);
  G_OBJECT_CLASS (weftline_task_stream_parent_class)->finalize (object);
}

static void
weftline_task_stream_class_init (WeftlineTaskStreamClass *class)
{
  G_OBJECT_CLASS (class)->dispose = weftline_task_stream_dispose;
  G_OBJECT_CLASS (class)->finalize = weftline_task_stream_finalize;
  GTK_WIDGET_CLASS (class)->snapshot = weftline_task_stream_snapshot;
  GTK_WIDGET_CLASS (class)->measure = weftline_task_stream_measure;
  GTK_WIDGET_CLASS (class)->size_allocate = weftline_task_stream_size_allocate;
  gtk_widget_class_set_css_name (GTK_WIDGET_CLASS (class), "taskstream");
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (class), GTK_ACCESSIBLE_ROLE_IMG);
  _weftline_task_stream_install_actions (GTK_WIDGET_CLASS (class));
}

static void
add_controllers (WeftlineTaskStream *self)
{
  weftline_view_add_input (GTK_WIDGET (self),
                           &(WeftlineViewInput){ .motion = G_CALLBACK (motion_cb),
                                                 .leave = G_CALLBACK (leave_cb),
                                                 .key = G_CALLBACK (_weftline_task_stream_key_cb),
                                                 .scroll = G_CALLBACK (scroll_cb),
                                                 .scrolls = GTK_EVENT_CONTROLLER_SCROLL_BOTH_AXES,
                                                 .drag_begin = G_CALLBACK (drag_begin_cb),
                                                 .drag_update = G_CALLBACK (drag_update_cb),
                                                 .drag_end = G_CALLBACK (drag_end_cb),
                                                 .click = G_CALLBACK (click_cb) });
}

static void
weftline_task_stream_init (WeftlineTaskStream *self)
{
  self->layout = weftline_timeline_layout_new ();
  self->paint = weftline_timeline_paint_new ();
  weftline_timeline_source_init (&self->source);
  weftline_timeline_links_init (&self->links);
  weftline_timeline_annotations_init (&self->annotations);
  self->follow = true;
  self->group_shown = WEFT_NONE;
  self->stale = true;
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  gtk_widget_set_hexpand (GTK_WIDGET (self), TRUE);
  gtk_widget_set_vexpand (GTK_WIDGET (self), TRUE);
  add_controllers (self);
  g_signal_connect_swapped (adw_style_manager_get_default (), "notify::dark",
                            G_CALLBACK (_weftline_task_stream_redraw), self);
}

void
_weftline_task_stream_describe (WeftlineTaskStream *self)
{
  g_autofree char *status =
      weftline_task_stream_status (weftline_session_snapshot (self->session), self->follow);
  g_autofree char *selection = weftline_session_dup_selection_text (self->session);
  g_autofree char *time = weftline_session_dup_time_text (self->session);
  g_autofree char *range =
      g_strdup_printf (" (%s%s%s)", self->range_text, self->range_groups != NULL ? " · " : "",
                       self->range_groups != NULL ? self->range_groups : "");
  g_autofree char *gap = self->has_gap ? g_strjoinv (", ", self->hover_lines) : g_strdup ("");
  g_autofree char *text =
      g_strconcat (time, *time != 0 ? " · " : "", status, *selection != 0 ? " · " : "", selection,
                   self->range_text != NULL ? range : "", *gap != 0 ? " · " : "", gap, NULL);

  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Task stream"), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text, -1);
}

/* A group that stands out is drawn with the data, all else above it. */
static void
hover_cb (WeftlineTaskStream *self)
{
  if (self->group_shown != weftline_session_marked_group (self->session))
    _weftline_task_stream_redraw (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
selection_cb (WeftlineTaskStream *self)
{
  g_autofree char *status = NULL;

  if (!self->dragging_range)
    tell_range (self, WEFTLINE_STATS_LIMIT);
  find_links (self);
  _weftline_task_stream_describe (self);
  status = status_text (self);
  if (g_strcmp0 (status, self->status) != 0)
    _weftline_task_stream_redraw (self);
  hover_cb (self);
}

/* Found by a search: long enough to be seen, and in the middle, unless it is there anyhow. */
static void
reveal_cb (WeftlineTaskStream *self)
{
  WeftlineTimelineView *view = &self->view;
  int64_t length = view->t1_ns - view->t0_ns, least_ns;
  WeftlineTimelineMark mark;
  const WeftSpan *span;

  if (!self->placed || !_weftline_task_stream_selected (self, &mark)
      || mark.index == WEFTLINE_TIMELINE_NOW)
    return;
  span = weft_spans_get (g_array_index (self->source.lanes, WeftlineTimelineLane, mark.lane).spans,
                         mark.index);
  least_ns = length / MAX (view->width - view->gutter, 1) * LEAST_FOUND;
  if (span->end_ns - span->start_ns >= least_ns && span->start_ns >= view->t0_ns
      && span->end_ns <= view->t1_ns)
    return;
  if (span->end_ns - span->start_ns < least_ns)
    length = (span->end_ns - span->start_ns) * FOUND_VIEW;
  length = MAX (length, span->end_ns - span->start_ns);
  weftline_timeline_view_fit (view, span->start_ns + (span->end_ns - span->start_ns - length) / 2,
                              span->start_ns + (span->end_ns - span->start_ns + length) / 2);
  _weftline_task_stream_moved (self);
}

/* Moved in another view. */
static void
shown_cb (WeftlineTaskStream *self)
{
  int64_t from_ns, to_ns;

  weftline_session_get_shown (self->session, &from_ns, &to_ns);
  if (to_ns <= from_ns)
    {
      weftline_task_stream_set_follow (self, TRUE);
      return;
    }
  if (self->placed && from_ns == self->view.t0_ns && to_ns == self->view.t1_ns)
    return;
  self->view.t0_ns = from_ns;
  self->view.t1_ns = to_ns;
  self->placed = true;
  _weftline_task_stream_moved (self);
}

static void
time_cb (WeftlineTaskStream *self)
{
  _weftline_task_stream_describe (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
snapshot_cb (WeftlineTaskStream *self)
{
  _weftline_task_stream_describe (self);
  _weftline_task_stream_redraw (self);
}

GtkWidget *
weftline_task_stream_new (WeftlineSession *session)
{
  WeftlineTaskStream *self = g_object_new (WEFTLINE_TYPE_TASK_STREAM, NULL);

  self->session = g_object_ref (session);
  g_signal_connect_swapped (session, "snapshot-changed", G_CALLBACK (snapshot_cb), self);
  g_signal_connect_swapped (session, "selection-changed", G_CALLBACK (selection_cb), self);
  g_signal_connect_swapped (session, "hover-changed", G_CALLBACK (hover_cb), self);
  g_signal_connect_swapped (session, "time-changed", G_CALLBACK (time_cb), self);
  g_signal_connect_swapped (session, "reveal", G_CALLBACK (reveal_cb), self);
  g_signal_connect_swapped (session, "shown-changed", G_CALLBACK (shown_cb), self);
  g_signal_connect_swapped (session, "look-changed", G_CALLBACK (_weftline_task_stream_redraw),
                            self);
  snapshot_cb (self);
  return GTK_WIDGET (self);
}
