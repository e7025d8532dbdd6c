/* workers-view.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Nothing is read while nobody can see it: there is a view in each run's page.
 */
#include "config.h"

#include "workers/workers-view.h"

#include "canvas/view-input.h"
#include "canvas/widget-text.h"
#include "session/weftline-turn.h"
#include "workers/workers-paint.h"
#include "workers/workers-words.h"

#include <adwaita.h>
#include <glib/gi18n.h>
#include <math.h>

#define SCROLL_ROWS 2 /* a step of the wheel */
#define NO_HIT                                                \
  (WeftlineWorkersHit)                                        \
  {                                                           \
    .column = WEFTLINE_WORKERS_N_COLUMNS, .worker = WEFT_NONE \
  }

struct _WeftlineWorkersView
{
  GtkWidget parent_instance;

  WeftlineSession *session;
  WeftlineWorkersSource source;
  WeftlineWorkersLayout layout;
  WeftlineTextCache *text; /* (nullable) */
  int text_scale;
  char *figures; /* (nullable) */
  WeftlineWorkersColumn sort;
  bool descending;
  WeftlineWorkersHit hover;
  uint32_t selected, linked; /* workers, or WEFT_NONE */
  uint32_t scroll;           /* rows out of view above */
  double scroll_rest;        /* of a step */
  gint64 updated_us;
  WeftlineTurn turn;
};

enum
{
  PROP_FIGURES = 1,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (WeftlineWorkersView, weftline_workers_view, GTK_TYPE_WIDGET)

const WeftlineWorkersSource *
weftline_workers_view_source (WeftlineWorkersView *self)
{
  return &self->source;
}

const WeftlineWorkersLayout *
weftline_workers_view_layout (WeftlineWorkersView *self)
{
  return &self->layout;
}

uint32_t
weftline_workers_view_selected (WeftlineWorkersView *self)
{
  return self->selected;
}

static bool
is_rtl (WeftlineWorkersView *self)
{
  return gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL;
}

/* ---- drawing --------------------------------------------------------------------------------- */

static void
lay_out (WeftlineWorkersView *self)
{
  WeftlineClock clock = weftline_session_clock (self->session);
  WeftlineWorkersRoom room;

  weftline_widget_text (GTK_WIDGET (self), &self->text, &self->text_scale);
  weftline_workers_measure (self->text, &self->source, &clock, self->sort, &room);
  weftline_workers_layout (&self->layout, &self->source, &room,
                           gtk_widget_get_width (GTK_WIDGET (self)),
                           gtk_widget_get_height (GTK_WIDGET (self)), self->scroll);
}

static void
paint (WeftlineWorkersView *self, cairo_t *cr)
{
  bool dark = adw_style_manager_get_dark (adw_style_manager_get_default ());

  weftline_workers_paint (
      &(WeftlineWorkersPaint){
          .layout = &self->layout,
          .source = &self->source,
          .palette = weftline_palette (weftline_session_look (self->session)->palette, dark),
          .text = self->text,
          .clock = weftline_session_clock (self->session),
          .sort = self->sort,
          .descending = self->descending,
          .hover = self->hover,
          .selected = self->selected,
          .linked = self->linked,
          .rtl = is_rtl (self) },
      cr);
}

static void
weftline_workers_view_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  WeftlineWorkersView *self = WEFTLINE_WORKERS_VIEW (widget);
  int width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  cairo_t *cr;

  if (width <= 0 || height <= 0)
    return;
  lay_out (self);
  weftline_workers_layout_lines (&self->layout, &self->source,
                                 MIN (weftline_session_time (self->session),
                                      weftline_session_snapshot (self->session)->last_ns));
  cr = gtk_snapshot_append_cairo (snapshot,
                                  &GRAPHENE_RECT_INIT (0, 0, (float) width, (float) height));
  paint (self, cr);
  cairo_destroy (cr);
  weftline_text_cache_turn (self->text);
}

/* ---- words ----------------------------------------------------------------------------------- */

static void
tell_figures (WeftlineWorkersView *self)
{
  char *figures = weftline_workers_figures (&self->source, &self->layout);

  if (g_strcmp0 (figures, self->figures) == 0)
    {
      g_free (figures);
      return;
    }
  g_free (self->figures);
  self->figures = figures;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_FIGURES]);
}

/* The selected row comes first: it is what somebody who goes from row to row wants to hear. */
static void
tell (WeftlineWorkersView *self)
{
  WeftlineClock clock = weftline_session_clock (self->session);
  g_autofree char *time = weftline_session_dup_time_text (self->session);
  g_autofree char *summary =
      weftline_workers_summary (&self->source, self->sort, self->descending, &clock);
  GString *text = g_string_new (time);

  if (*time != '\0')
    g_string_append (text, " · ");
  if (self->selected != WEFT_NONE)
    {
      g_autofree char *row = weftline_workers_explain (&self->source, self->selected, &clock);

      g_string_append_printf (text, "%s\n", row);
    }
  g_string_append (text, summary);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  text->str, -1);
  g_string_free (text, TRUE);
  lay_out (self);
  tell_figures (self);
}

/* ---- input from the run ---------------------------------------------------------------------- */

static uint32_t
find_linked (WeftlineWorkersView *self)
{
  uint32_t task = weftline_session_hover_task (self->session);

  if (task == WEFT_NONE)
    task = weftline_session_selection (self->session)->task;
  return weftline_workers_source_worker_of (&self->source, task);
}

static void
look (WeftlineWorkersView *self)
{
  if (self->source.model == NULL || !gtk_widget_get_mapped (GTK_WIDGET (self)))
    return;
  weftline_workers_source_look (&self->source, weftline_session_snapshot (self->session),
                                weftline_session_time (self->session));
  weftline_workers_source_sort (&self->source, self->sort, self->descending);
  self->linked = find_linked (self);
  tell (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
update (WeftlineWorkersView *self)
{
  WeftModel *model = weftline_session_model (self->session);

  self->updated_us = g_get_monotonic_time ();
  if (model == NULL || !gtk_widget_get_mapped (GTK_WIDGET (self)))
    return;
  if (model != self->source.model)
    self->selected = self->hover.worker = WEFT_NONE;
  weftline_workers_source_take (&self->source, model, weftline_session_snapshot (self->session));
  look (self);
}

static void
snapshot_cb (WeftlineWorkersView *self)
{
  weftline_turn_refresh (&self->turn, self->updated_us);
}

static void
link_cb (WeftlineWorkersView *self)
{
  uint32_t linked = find_linked (self);

  if (linked == self->linked)
    return;
  self->linked = linked;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* ---- input from people ----------------------------------------------------------------------- */

static void
sort_by (WeftlineWorkersView *self, WeftlineWorkersColumn column)
{
  /* numbers are looked at from the largest on */
  self->descending = column == self->sort ? !self->descending : column > WEFTLINE_WORKERS_STATE;
  self->sort = column;
  look (self);
}

static void
scroll_to (WeftlineWorkersView *self, int64_t first)
{
  self->scroll = (uint32_t) CLAMP (first, 0, (int64_t) self->layout.n_rows - self->layout.n_shown);
  self->hover = NO_HIT;
  lay_out (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
select_row (WeftlineWorkersView *self, int64_t row)
{
  int64_t n = self->source.order->len, first = self->layout.first;

  if (n == 0)
    return;
  row = CLAMP (row, 0, n - 1);
  self->selected = g_array_index (self->source.order, uint32_t, row);
  if (row < first)
    scroll_to (self, row);
  else if (row >= first + self->layout.n_shown)
    scroll_to (self, row - self->layout.n_shown + 1);
  tell (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* -1: none */
static int64_t
selected_row (WeftlineWorkersView *self)
{
  for (guint i = 0; i < self->source.order->len; i++)
    if (g_array_index (self->source.order, uint32_t, i) == self->selected)
      return i;
  return -1;
}

static void
select_task (WeftlineWorkersView *self)
{
  uint32_t task = WEFT_NONE;

  if (self->selected != WEFT_NONE)
    task = weftline_workers_source_task_of (
        &self->source, weftline_session_snapshot (self->session), self->selected);
  if (task != WEFT_NONE)
    weftline_session_reveal_task (self->session, task);
}

static WeftlineWorkersHit
hit (WeftlineWorkersView *self, double x, double y)
{
  int at = is_rtl (self) ? self->layout.width - 1 - (int) x : (int) x;

  return weftline_workers_hit (&self->layout, &self->source, at, (int) y);
}

static void
set_hover (WeftlineWorkersView *self, WeftlineWorkersHit now)
{
  if (now.in_head == self->hover.in_head && now.in_total == self->hover.in_total
      && now.column == self->hover.column && now.worker == self->hover.worker)
    return;
  self->hover = now;
  gtk_widget_trigger_tooltip_query (GTK_WIDGET (self));
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
motion_cb (WeftlineWorkersView *self, double x, double y)
{
  set_hover (self, hit (self, x, y));
}

static void
leave_cb (WeftlineWorkersView *self)
{
  set_hover (self, NO_HIT);
}

static void
click_cb (WeftlineWorkersView *self, int n_press, double x, double y)
{
  WeftlineWorkersHit now = hit (self, x, y);

  gtk_widget_grab_focus (GTK_WIDGET (self));
  if (now.in_head && now.column < WEFTLINE_WORKERS_N_COLUMNS)
    sort_by (self, now.column);
  if (now.worker == WEFT_NONE)
    return;
  self->selected = now.worker;
  if (n_press > 1)
    select_task (self);
  tell (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static gboolean
scroll_cb (WeftlineWorkersView *self, double dx G_GNUC_UNUSED, double dy)
{
  if (self->layout.n_shown >= self->layout.n_rows)
    return FALSE;
  self->scroll_rest += dy * SCROLL_ROWS;
  dy = trunc (self->scroll_rest);
  self->scroll_rest -= dy;
  scroll_to (self, (int64_t) self->layout.first + (int64_t) dy);
  return TRUE;
}

/* The title beside the one that is sorted by. */
static void
sort_beside (WeftlineWorkersView *self, int step)
{
  int place = 0, n = (int) self->layout.n_columns;

  for (int i = 0; i < n; i++)
    if (self->layout.places[i].column == self->sort)
      place = i;
  place += is_rtl (self) ? -step : step;
  if (place >= 0 && place < n)
    sort_by (self, self->layout.places[place].column);
}

static bool
sort_key (WeftlineWorkersView *self, guint key)
{
  switch (key)
    {
    case GDK_KEY_Left:
      sort_beside (self, -1);
      return true;
    case GDK_KEY_Right:
      sort_beside (self, 1);
      return true;
    case GDK_KEY_space:
      sort_by (self, self->sort);
      return true;
    default:
      return false;
    }
}

static gboolean
key_cb (WeftlineWorkersView *self, guint key, guint code G_GNUC_UNUSED, GdkModifierType modifiers)
{
  int64_t row = selected_row (self), page = MAX (self->layout.n_shown, 1);

  if (self->source.order->len == 0 || (modifiers & (GDK_CONTROL_MASK | GDK_ALT_MASK)) != 0)
    return FALSE;
  if (sort_key (self, key))
    return TRUE;
  switch (key)
    {
    case GDK_KEY_Up:
      select_row (self, row - 1);
      return TRUE;
    case GDK_KEY_Down:
      select_row (self, row + 1);
      return TRUE;
    case GDK_KEY_Page_Up:
      select_row (self, row - page);
      return TRUE;
    case GDK_KEY_Page_Down:
      select_row (self, MAX (row, 0) + page);
      return TRUE;
    case GDK_KEY_Home:
      select_row (self, 0);
      return TRUE;
    case GDK_KEY_End:
      select_row (self, G_MAXINT64);
      return TRUE;
    case GDK_KEY_Return:
    case GDK_KEY_KP_Enter:
      select_task (self);
      return TRUE;
    default:
      return FALSE;
    }
}

static gboolean
weftline_workers_view_query_tooltip (GtkWidget *widget, int x, int y, gboolean keyboard,
                                     GtkTooltip *tooltip)
{
  WeftlineWorkersView *self = WEFTLINE_WORKERS_VIEW (widget);
  WeftlineClock clock = weftline_session_clock (self->session);
  WeftlineWorkersHit now = keyboard ? NO_HIT : hit (self, x, y);
  g_autofree char *text = NULL;

  if (keyboard)
    now.worker = self->selected;
  if (now.in_head && now.column < WEFTLINE_WORKERS_N_COLUMNS)
    text = weftline_workers_explain_column (now.column);
  else if (now.in_total)
    text = weftline_workers_explain_total (&self->source, &clock);
  else if (now.worker < self->source.workers->len)
    text = weftline_workers_explain (&self->source, now.worker, &clock);
  if (text == NULL)
    return FALSE;
  gtk_tooltip_set_text (tooltip, text);
  return TRUE;
}

/* ---- the widget ------------------------------------------------------------------------------ */

static void
weftline_workers_view_measure (GtkWidget *widget G_GNUC_UNUSED, GtkOrientation orientation,
                               int for_size G_GNUC_UNUSED, int *minimum, int *natural,
                               int *minimum_baseline, int *natural_baseline)
{
  int rows = WEFTLINE_WORKERS_HEAD + WEFTLINE_WORKERS_ROW;

  *minimum = orientation == GTK_ORIENTATION_HORIZONTAL ? 200 : rows + 2 * WEFTLINE_WORKERS_ROW;
  *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? 900 : rows + 8 * WEFTLINE_WORKERS_ROW;
  *minimum_baseline = *natural_baseline = -1;
}

/* How many find room may be another now. Not while places are given. */
static void
weftline_workers_view_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  WeftlineWorkersView *self = WEFTLINE_WORKERS_VIEW (widget);

  GTK_WIDGET_CLASS (weftline_workers_view_parent_class)
      ->size_allocate (widget, width, height, baseline);
  weftline_turn_want (&self->turn, g_get_monotonic_time () + 1000);
}

static void
weftline_workers_view_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_FIGURES)
    g_value_set_string (value, WEFTLINE_WORKERS_VIEW (object)->figures);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
weftline_workers_view_dispose (GObject *object)
{
  WeftlineWorkersView *self = WEFTLINE_WORKERS_VIEW (object);

  weftline_turn_clear (&self->turn);
  if (self->session != NULL)
    g_signal_handlers_disconnect_by_data (self->session, self);
  g_signal_handlers_disconnect_by_data (adw_style_manager_get_default (), self);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (weftline_workers_view_parent_class)->dispose (object);
}

static void
weftline_workers_view_finalize (GObject *object)
{
  WeftlineWorkersView *self = WEFTLINE_WORKERS_VIEW (object);

  weftline_workers_layout_clear (&self->layout);
  weftline_workers_source_clear (&self->source);
  weftline_text_cache_free (self->text);
  g_free (self->figures);
  G_OBJECT_CLASS (weftline_workers_view_parent_class)->finalize (object);
}

static void
weftline_workers_view_class_init (WeftlineWorkersViewClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->get_property = weftline_workers_view_get_property;
  G_OBJECT_CLASS (class)->dispose = weftline_workers_view_dispose;
  G_OBJECT_CLASS (class)->finalize = weftline_workers_view_finalize;
  widget_class->snapshot = weftline_workers_view_snapshot;
  widget_class->measure = weftline_workers_view_measure;
  widget_class->size_allocate = weftline_workers_view_size_allocate;
  widget_class->query_tooltip = weftline_workers_view_query_tooltip;
  props[PROP_FIGURES] =
      g_param_spec_string ("figures", NULL, NULL, NULL, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (G_OBJECT_CLASS (class), N_PROPS, props);
  gtk_widget_class_set_css_name (widget_class, "workersview");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
weftline_workers_view_init (WeftlineWorkersView *self)
{
  weftline_workers_source_init (&self->source);
  self->hover = NO_HIT;
  self->selected = self->linked = WEFT_NONE;
  weftline_view_add_input (GTK_WIDGET (self),
                           &(WeftlineViewInput){ .motion = G_CALLBACK (motion_cb),
                                                 .leave = G_CALLBACK (leave_cb),
                                                 .key = G_CALLBACK (key_cb),
                                                 .scroll = G_CALLBACK (scroll_cb),
                                                 .scrolls = GTK_EVENT_CONTROLLER_SCROLL_VERTICAL,
                                                 .click = G_CALLBACK (click_cb) });
  gtk_widget_set_has_tooltip (GTK_WIDGET (self), TRUE);
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  gtk_widget_set_hexpand (GTK_WIDGET (self), TRUE);
  gtk_widget_set_vexpand (GTK_WIDGET (self), TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Workers"), -1);
  g_signal_connect_swapped (adw_style_manager_get_default (), "notify::dark",
                            G_CALLBACK (gtk_widget_queue_draw), self);
}

GtkWidget *
weftline_workers_view_new (WeftlineSession *session)
{
  WeftlineWorkersView *self = g_object_new (WEFTLINE_TYPE_WORKERS_VIEW, NULL);

  self->session = g_object_ref (session);
  g_signal_connect_swapped (session, "snapshot-changed", G_CALLBACK (snapshot_cb), self);
  g_signal_connect_swapped (session, "time-changed", G_CALLBACK (look), self);
  g_signal_connect_swapped (session, "selection-changed", G_CALLBACK (link_cb), self);
  g_signal_connect_swapped (session, "hover-changed", G_CALLBACK (link_cb), self);
  g_signal_connect_swapped (session, "look-changed", G_CALLBACK (look), self);
  weftline_turn_init (&self->turn, session, (GSourceOnceFunc) update, self);
  g_signal_connect (self, "map", G_CALLBACK (update), NULL);
  return GTK_WIDGET (self);
}
