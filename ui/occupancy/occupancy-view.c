/* occupancy-view.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * While a run goes on it is drawn a few times a second: every worker is summed up in every column.
 * What is new is looked at so much at a time; while more is left the next frame goes on.
 */
#include "config.h"

#include "occupancy/occupancy-view.h"

#include "canvas/reading.h"
#include "canvas/view-input.h"
#include "canvas/widget-text.h"
#include "occupancy/occupancy-paint.h"
#include "occupancy/occupancy-words.h"
#include "session/weftline-turn.h"
#include "timeline/timeline-hit.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#define SPANS_A_FRAME 200000
#define ZOOM_STEP 1.25
#define PAN_SHARE 0.1
#define SCROLL_STEP 40
#define LEAST_SHOWN_NS 100

struct _WeftlineOccupancyView
{
  GtkWidget parent;
  WeftlineSession *session;
  WeftlineOccupancySource source;
  WeftlineOccupancyLayout layout;
  WeftlineTextCache *text; /* (nullable) */
  int text_scale;
  bool stale; /* what is laid out is not what there is */
  bool all;   /* of the snapshot is in the source */
  char *figures;
  int hover_column;
  int scroll;
  guint tick, tell_source;
  WeftlineTurn turn;
  gint64 updated_us;
  double drag_x; /* how far the drag has been followed */
  int64_t range_anchor;
  bool dragging_range;
};

enum
{
  PROP_FIGURES = 1,
};

G_DEFINE_FINAL_TYPE (WeftlineOccupancyView, weftline_occupancy_view, GTK_TYPE_WIDGET)

static bool
is_rtl (WeftlineOccupancyView *self)
{
  return gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL;
}

/* ---- figures --------------------------------------------------------------------------------- */

/* Not while it is drawn: figures are other widgets' texts. */
static void
tell (WeftlineOccupancyView *self)
{
  g_autofree char *figures = weftline_occupancy_figures (&self->layout);
  g_autofree char *summary = weftline_occupancy_summary (&self->layout);

  g_clear_handle_id (&self->tell_source, g_source_remove);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  summary, -1);
  if (g_strcmp0 (figures, self->figures) == 0)
    return;
  g_free (self->figures);
  self->figures = g_steal_pointer (&figures);
  g_object_notify (G_OBJECT (self), "figures");
}

static gboolean
tell_cb (void *data)
{
  WeftlineOccupancyView *self = data;

  self->tell_source = 0;
  tell (self);
  return G_SOURCE_REMOVE;
}

/* ---- drawing --------------------------------------------------------------------------------- */

static void
lay_out (WeftlineOccupancyView *self, int width, int height)
{
  WeftlineOccupancyRoom room;
  int64_t from_ns, to_ns;

  weftline_session_get_shown (self->session, &from_ns, &to_ns);
  if (to_ns <= from_ns)
    {
      from_ns = 0;
      to_ns = self->source.end_ns;
    }
  weftline_occupancy_measure (self->text, &self->source, width, &room);
  weftline_occupancy_layout (&self->layout, &self->source, from_ns, to_ns, width, height, &room,
                             self->scroll);
  self->stale = false;
}

/* Where the selected task ran last, or runs. */
static void
find_task (WeftlineOccupancyView *self, WeftlineOccupancyPaint *paint)
{
  uint32_t task = weftline_session_selection (self->session)->task;
  const WeftModelSnapshot *snapshot = weftline_session_snapshot (self->session);
  WeftModelLane info;
  const WeftSpan *span;
  uint64_t index;

  paint->task_lane = WEFT_NONE;
  if (self->source.model == NULL || task >= snapshot->n_tasks
      || !weft_model_task_span (self->source.model, task, &paint->task_lane, &index)
      || paint->task_lane >= snapshot->n_lanes)
    return;
  weft_model_lane (self->source.model, paint->task_lane, &info);
  span = weft_spans_get (info.spans, index);
  paint->task_from_ns = span->start_ns;
  paint->task_to_ns = span->end_ns;
}

static void
weftline_occupancy_view_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  WeftlineOccupancyView *self = WEFTLINE_OCCUPANCY_VIEW (widget);
  int width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  bool dark = adw_style_manager_get_dark (adw_style_manager_get_default ());
  const WeftlineSessionLook *look = weftline_session_look (self->session);
  const WeftlineSelection *selection = weftline_session_selection (self->session);
  WeftlineOccupancyPaint paint;
  cairo_t *cr;

  if (width <= 0 || height <= 0)
    return;
  weftline_widget_text (widget, &self->text, &self->text_scale);
  if (self->stale || width != self->layout.width || height != self->layout.height)
    {
      lay_out (self, width, height);
      if (self->tell_source == 0)
        self->tell_source = g_idle_add (tell_cb, self);
    }
  cr = gtk_snapshot_append_cairo (snapshot,
                                  &GRAPHENE_RECT_INIT (0, 0, (float) width, (float) height));
  paint = (WeftlineOccupancyPaint){
    .layout = &self->layout,
    .source = &self->source,
    .palette = weftline_palette (look->palette, dark),
    .text = self->text,
    .time_form = look->time_form,
    .wall_ns = self->source.model != NULL ? weft_model_wall_ns (self->source.model) : 0,
    .hover_column = self->hover_column,
    .range_from_ns = selection->from_ns,
    .range_to_ns = selection->to_ns,
    .at_ns = weftline_session_time (self->session),
    .rtl = is_rtl (self),
  };
  find_task (self, &paint);
  weftline_occupancy_paint (&paint, cr);
  weftline_text_cache_turn (self->text);
  cairo_destroy (cr);
}

static void
redraw (WeftlineOccupancyView *self)
{
  self->stale = true;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* ---- input from the run ---------------------------------------------------------------------- */

static void update (WeftlineOccupancyView *self);

static gboolean
go_on_cb (GtkWidget *widget, GdkFrameClock *clock G_GNUC_UNUSED, void *data G_GNUC_UNUSED)
{
  WeftlineOccupancyView *self = WEFTLINE_OCCUPANCY_VIEW (widget);

  self->tick = 0;
  update (self);
  return G_SOURCE_REMOVE;
}

static void
update (WeftlineOccupancyView *self)
{
  int width = gtk_widget_get_width (GTK_WIDGET (self));
  int height = gtk_widget_get_height (GTK_WIDGET (self));

  if (!gtk_widget_get_mapped (GTK_WIDGET (self)))
    return;
  self->all =
      weftline_occupancy_source_take (&self->source, weftline_session_model (self->session),
                                      weftline_session_snapshot (self->session), SPANS_A_FRAME);
  if (!self->all && self->tick == 0)
    self->tick = gtk_widget_add_tick_callback (GTK_WIDGET (self), go_on_cb, NULL, NULL);
  self->updated_us = g_get_monotonic_time ();
  redraw (self);
  if (self->text == NULL || width <= 0 || height <= 0)
    return; /* it was never drawn */
  lay_out (self, width, height);
  tell (self); /* in the same picture */
}

static void
snapshot_cb (WeftlineOccupancyView *self)
{
  if (weftline_session_only_time_passed (self->session))
    update (self); /* in one picture with all else that goes with the time */
  else if (gtk_widget_get_mapped (GTK_WIDGET (self)))
    weftline_turn_want (&self->turn, self->updated_us + WEFTLINE_TURN_REFRESH_US);
}

static void
weftline_occupancy_view_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (weftline_occupancy_view_parent_class)->map (widget);
  update (WEFTLINE_OCCUPANCY_VIEW (widget));
}

static void
weftline_occupancy_view_unmap (GtkWidget *widget)
{
  WeftlineOccupancyView *self = WEFTLINE_OCCUPANCY_VIEW (widget);

  weftline_turn_forget (&self->turn);
  GTK_WIDGET_CLASS (weftline_occupancy_view_parent_class)->unmap (widget);
}

/* ---- moving ---------------------------------------------------------------------------------- */

/* As the layout has it, in which names come first; exact where time is, beside it elsewhere. */
static double
along (WeftlineOccupancyView *self, double x)
{
  const WeftlineOccupancyLayout *layout = &self->layout;
  double left = weftline_turn (is_rtl (self), layout->width, layout->x, layout->columns);

  return x - left + layout->x;
}

static void
zoom (WeftlineOccupancyView *self, double factor, double x)
{
  int64_t at_ns = weftline_occupancy_at (&self->layout, x);
  double before = (double) (at_ns - self->layout.t0_ns);
  double length = (double) (self->layout.t1_ns - self->layout.t0_ns);

  if (length <= 0 || length * factor < LEAST_SHOWN_NS
      || length * factor > 4 * (double) MAX (self->source.end_ns, LEAST_SHOWN_NS))
    return;
  weftline_session_show (self->session, at_ns - (int64_t) (before * factor),
                         at_ns + (int64_t) ((length - before) * factor));
}

/* @by: units that what is shown goes back in time */
static void
pan (WeftlineOccupancyView *self, double by)
{
  double length = (double) (self->layout.t1_ns - self->layout.t0_ns);
  int64_t by_ns = (int64_t) (by / MAX (self->layout.columns, 1) * length);

  weftline_session_show (self->session, self->layout.t0_ns - by_ns, self->layout.t1_ns - by_ns);
}

static gboolean
scroll_by (WeftlineOccupancyView *self, double steps)
{
  int most = self->layout.most_scroll;

  self->scroll = CLAMP (self->scroll + (int) (steps * SCROLL_STEP), 0, most);
  redraw (self);
  return most > 0;
}

/* Over the names workers scroll. */
static gboolean
scroll_cb (WeftlineOccupancyView *self, double dx, double dy, GtkEventControllerScroll *scroll)
{
  GdkModifierType state =
      gtk_event_controller_get_current_event_state (GTK_EVENT_CONTROLLER (scroll));

  if (dx != 0 || (state & GDK_SHIFT_MASK) != 0)
    pan (self, -(dx + dy) * PAN_SHARE * self->layout.columns / 2);
  else if (self->hover_column < 0)
    return scroll_by (self, dy);
  else
    zoom (self, dy > 0 ? ZOOM_STEP : 1 / ZOOM_STEP, self->layout.x + self->hover_column);
  return TRUE;
}

static void
drag_begin_cb (WeftlineOccupancyView *self, double x, double y G_GNUC_UNUSED, GtkGestureDrag *drag)
{
  GdkModifierType state =
      gtk_event_controller_get_current_event_state (GTK_EVENT_CONTROLLER (drag));

  gtk_widget_grab_focus (GTK_WIDGET (self));
  self->drag_x = 0;
  self->dragging_range = (state & GDK_SHIFT_MASK) != 0;
  self->range_anchor = weftline_occupancy_at (&self->layout, along (self, x));
}

static void
drag_update_cb (WeftlineOccupancyView *self, double dx, double dy G_GNUC_UNUSED,
                GtkGestureDrag *drag)
{
  double x = 0, y = 0;

  gtk_gesture_drag_get_start_point (drag, &x, &y);
  if (self->dragging_range)
    weftline_session_select_range (self->session, self->range_anchor,
                                   weftline_occupancy_at (&self->layout, along (self, x + dx)));
  else
    pan (self, dx - self->drag_x);
  self->drag_x = dx;
}

static void
drag_end_cb (WeftlineOccupancyView *self)
{
  self->dragging_range = false;
}

static gboolean
key_cb (WeftlineOccupancyView *self, guint key, guint code G_GNUC_UNUSED, GdkModifierType modifiers)
{
  double middle = self->layout.x + self->layout.columns / 2.0;
  double step = PAN_SHARE * self->layout.columns;

  if ((modifiers & (GDK_CONTROL_MASK | GDK_ALT_MASK)) != 0)
    return FALSE;
  switch (gdk_keyval_to_lower (key))
    {
    case GDK_KEY_w:
    case GDK_KEY_s:
      zoom (self, gdk_keyval_to_lower (key) == GDK_KEY_w ? 1 / ZOOM_STEP : ZOOM_STEP, middle);
      return TRUE;
    case GDK_KEY_a:
    case GDK_KEY_d:
      pan (self, gdk_keyval_to_lower (key) == GDK_KEY_a ? step : -step);
      return TRUE;
    case GDK_KEY_f:
      weftline_session_show (self->session, 0, 0);
      return TRUE;
    case GDK_KEY_Up:
    case GDK_KEY_Down:
      return scroll_by (self, key == GDK_KEY_Up ? -1 : 1);
    case GDK_KEY_Page_Up:
    case GDK_KEY_Page_Down:
      return scroll_by (self, (key == GDK_KEY_Page_Up ? -1 : 1) * self->layout.rows_height
                                  / (double) SCROLL_STEP);
    case GDK_KEY_Escape:
      weftline_session_select_nothing (self->session);
      return TRUE;
    default:
      return FALSE;
    }
}

/* ---- hover ----------------------------------------------------------------------------------- */

static void
hover (WeftlineOccupancyView *self, int column)
{
  if (column == self->hover_column)
    return;
  self->hover_column = column;
  gtk_widget_trigger_tooltip_query (GTK_WIDGET (self));
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* The task that took most of the column a worker's strip has there. */
static uint32_t
task_at (WeftlineOccupancyView *self, double x, double y, int *column)
{
  const WeftlineOccupancyStrip *strip =
      weftline_occupancy_hit (&self->layout, (int) along (self, x), (int) y, column);
  unsigned n = (unsigned) self->layout.columns;
  WeftlineTimelineLane lane = { 0 };
  const WeftSpan *span;
  WeftModelLane info;
  uint64_t index;

  if (strip == NULL || strip->row == WEFT_NONE || *column < 0)
    return WEFT_NONE;
  weft_model_lane (self->source.model,
                   g_array_index (self->source.workers, WeftlineOccupancyWorker, strip->row).lane,
                   &info);
  lane.spans = info.spans;
  lane.n = weft_spans_n (info.spans);
  index = weftline_timeline_longest (
      &lane,
      weftline_occupancy_edge (self->layout.t0_ns, self->layout.t1_ns, n, (unsigned) *column),
      weftline_occupancy_edge (self->layout.t0_ns, self->layout.t1_ns, n, (unsigned) *column + 1));
  if (index == WEFTLINE_TIMELINE_NO_SPAN)
    return WEFT_NONE;
  span = weft_spans_get (info.spans, index);
  return span->kind == WEFT_RECORD_TASK ? span->task : WEFT_NONE;
}

static void
motion_cb (WeftlineOccupancyView *self, double x, double y)
{
  int column;
  uint32_t task = task_at (self, x, y, &column);
  uint32_t group =
      task != WEFT_NONE ? weft_model_task_group (self->source.model, task) : WEFT_NO_GROUP;

  hover (self, column);
  weftline_session_set_hover (self->session, task, group != WEFT_NO_GROUP ? group : WEFT_NONE);
}

static void
leave_cb (WeftlineOccupancyView *self)
{
  hover (self, -1);
  weftline_session_set_hover (self->session, WEFT_NONE, WEFT_NONE);
}

void
weftline_occupancy_view_select (WeftlineOccupancyView *self, double x, double y)
{
  int column;
  uint32_t task = task_at (self, x, y, &column);

  if (task != WEFT_NONE)
    weftline_session_select_task (self->session, task);
  else if (column >= 0)
    weftline_session_select_nothing (self->session);
}

static void
click_cb (WeftlineOccupancyView *self, int n_press G_GNUC_UNUSED, double x, double y)
{
  gtk_widget_grab_focus (GTK_WIDGET (self));
  if (self->drag_x == 0 && !self->dragging_range)
    weftline_occupancy_view_select (self, x, y);
}

static gboolean
weftline_occupancy_view_query_tooltip (GtkWidget *widget, int x, int y, gboolean keyboard,
                                       GtkTooltip *tooltip)
{
  WeftlineOccupancyView *self = WEFTLINE_OCCUPANCY_VIEW (widget);
  const WeftlineOccupancyStrip *strip = NULL;
  g_autofree char *text = NULL;
  int column = -1;

  if (self->layout.n_workers == 0 || self->layout.strips->len == 0)
    return FALSE;
  if (keyboard)
    strip = &g_array_index (self->layout.strips, WeftlineOccupancyStrip, 0);
  else
    strip = weftline_occupancy_hit (&self->layout, (int) along (self, x), y, &column);
  if (strip == NULL)
    return FALSE;
  text = weftline_occupancy_explain (&self->layout, &self->source, strip, column,
                                     weftline_session_look (self->session)->time_form);
  gtk_tooltip_set_text (tooltip, text);
  return TRUE;
}

/* ---- the widget ------------------------------------------------------------------------------ */

static void
weftline_occupancy_view_measure (GtkWidget *widget G_GNUC_UNUSED, GtkOrientation orientation,
                                 int for_size G_GNUC_UNUSED, int *minimum, int *natural,
                                 int *minimum_baseline, int *natural_baseline)
{
  int fixed = WEFTLINE_OCCUPANCY_LEGEND + WEFTLINE_OCCUPANCY_TOTAL + WEFTLINE_OCCUPANCY_AXIS;

  *minimum = orientation == GTK_ORIENTATION_HORIZONTAL ? 160 : fixed;
  *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? 480 : fixed + 4 * WEFTLINE_OCCUPANCY_ROW;
  *minimum_baseline = *natural_baseline = -1;
}

static void
weftline_occupancy_view_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_FIGURES)
    g_value_set_string (value, WEFTLINE_OCCUPANCY_VIEW (object)->figures);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
weftline_occupancy_view_dispose (GObject *object)
{
  WeftlineOccupancyView *self = WEFTLINE_OCCUPANCY_VIEW (object);

  weftline_turn_clear (&self->turn);
  g_clear_handle_id (&self->tell_source, g_source_remove);
  if (self->session != NULL)
    g_signal_handlers_disconnect_by_data (self->session, self);
  g_signal_handlers_disconnect_by_data (adw_style_manager_get_default (), self);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (weftline_occupancy_view_parent_class)->dispose (object);
}

static void
weftline_occupancy_view_finalize (GObject *object)
{
  WeftlineOccupancyView *self = WEFTLINE_OCCUPANCY_VIEW (object);

  weftline_occupancy_layout_clear (&self->layout);
  weftline_occupancy_source_clear (&self->source);
  weftline_text_cache_free (self->text);
  g_free (self->figures);
  G_OBJECT_CLASS (weftline_occupancy_view_parent_class)->finalize (object);
}

static void
weftline_occupancy_view_class_init (WeftlineOccupancyViewClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = weftline_occupancy_view_dispose;
  G_OBJECT_CLASS (class)->finalize = weftline_occupancy_view_finalize;
  G_OBJECT_CLASS (class)->get_property = weftline_occupancy_view_get_property;
  widget_class->snapshot = weftline_occupancy_view_snapshot;
  widget_class->measure = weftline_occupancy_view_measure;
  widget_class->map = weftline_occupancy_view_map;
  widget_class->unmap = weftline_occupancy_view_unmap;
  widget_class->query_tooltip = weftline_occupancy_view_query_tooltip;
  gtk_widget_class_set_css_name (widget_class, "occupancyview");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
  g_object_class_install_property (
      G_OBJECT_CLASS (class), PROP_FIGURES,
      g_param_spec_string ("figures", NULL, NULL, NULL, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
}

static void
add_controllers (WeftlineOccupancyView *self)
{
  weftline_view_add_input (GTK_WIDGET (self),
                           &(WeftlineViewInput){ .motion = G_CALLBACK (motion_cb),
                                                 .leave = G_CALLBACK (leave_cb),
                                                 .key = G_CALLBACK (key_cb),
                                                 .scroll = G_CALLBACK (scroll_cb),
                                                 .scrolls = GTK_EVENT_CONTROLLER_SCROLL_BOTH_AXES,
                                                 .drag_begin = G_CALLBACK (drag_begin_cb),
                                                 .drag_update = G_CALLBACK (drag_update_cb),
                                                 .drag_end = G_CALLBACK (drag_end_cb),
                                                 .click = G_CALLBACK (click_cb) });
}

static void
weftline_occupancy_view_init (WeftlineOccupancyView *self)
{
  weftline_occupancy_source_init (&self->source);
  weftline_occupancy_layout_init (&self->layout);
  self->stale = true;
  self->hover_column = -1;
  gtk_widget_set_has_tooltip (GTK_WIDGET (self), TRUE);
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  gtk_widget_set_hexpand (GTK_WIDGET (self), TRUE);
  gtk_widget_set_vexpand (GTK_WIDGET (self), TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Occupancy"), -1);
  add_controllers (self);
  g_signal_connect_swapped (adw_style_manager_get_default (), "notify::dark",
                            G_CALLBACK (gtk_widget_queue_draw), self);
}

GtkWidget *
weftline_occupancy_view_new (WeftlineSession *session)
{
  WeftlineOccupancyView *self = g_object_new (WEFTLINE_TYPE_OCCUPANCY_VIEW, NULL);

  self->session = g_object_ref (session);
  weftline_turn_init (&self->turn, session, (GSourceOnceFunc) update, self);
  g_signal_connect_swapped (session, "snapshot-changed", G_CALLBACK (snapshot_cb), self);
  g_signal_connect_swapped (session, "shown-changed", G_CALLBACK (redraw), self);
  g_signal_connect_swapped (session, "selection-changed", G_CALLBACK (gtk_widget_queue_draw), self);
  g_signal_connect_swapped (session, "time-changed", G_CALLBACK (gtk_widget_queue_draw), self);
  g_signal_connect_swapped (session, "look-changed", G_CALLBACK (gtk_widget_queue_draw), self);
  return GTK_WIDGET (self);
}

const WeftlineOccupancyLayout *
weftline_occupancy_view_layout (WeftlineOccupancyView *self)
{
  return &self->layout;
}

gboolean
weftline_occupancy_view_is_current (WeftlineOccupancyView *self)
{
  return self->all && !self->stale && !weftline_turn_is_wanted (&self->turn)
         && self->tell_source == 0;
}
