/* memory-view.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "memory/memory-view.h"

#include "canvas/view-input.h"
#include "canvas/widget-text.h"
#include "memory/memory-paint.h"
#include "memory/memory-source.h"
#include "memory/memory-words.h"
#include "session/weftline-turn.h"

#include <adwaita.h>
#include <glib/gi18n.h>
#include <math.h>

struct _WeftlineMemoryView
{
  GtkWidget parent;
  WeftlineSession *session;
  WeftlineMemorySource source;
  WeftlineMemoryLayout layout;
  WeftlineTextCache *text; /* (nullable) */
  int text_scale;
  char *figures; /* (nullable) */
  int64_t hover_ns;
  uint32_t hover_worker; /* or WEFT_NONE */
  uint32_t scroll;       /* workers out of view above */
  double scroll_rest;    /* of a step */
  gint64 updated_us;
  WeftlineTurn turn;
};

enum
{
  PROP_FIGURES = 1,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (WeftlineMemoryView, weftline_memory_view, GTK_TYPE_WIDGET)

static bool
is_rtl (WeftlineMemoryView *self)
{
  return gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL;
}

/* ---- input from the run ---------------------------------------------------------------------- */

static WeftlineMemoryInput
take_input (WeftlineMemoryView *self)
{
  WeftlineMemoryInput input = weftline_memory_source_input (&self->source);

  input.moment_ns = weftline_session_time (self->session);
  input.has_moment = input.moment_ns != WEFTLINE_NOW;
  input.clock = weftline_session_clock (self->session);
  return input;
}

static void
lay_out (WeftlineMemoryView *self, int width, int height)
{
  WeftlineMemoryInput input = take_input (self);
  WeftlineMemoryRoom room = { .figure = 7 };

  if (self->text != NULL)
    weftline_memory_measure (self->text, &input, width, is_rtl (self), &room);
  weftline_memory_layout (&self->layout, &input, &room, width, height, self->scroll);
}

static void
look_at_workers (WeftlineMemoryView *self)
{
  WeftModel *model = weftline_session_model (self->session);

  if (model != NULL)
    weftline_memory_source_look (&self->source, model, weftline_session_snapshot (self->session),
                                 weftline_session_moment (self->session));
}

static void
tell (WeftlineMemoryView *self)
{
  WeftlineMemoryInput input = take_input (self);
  g_autofree char *time = weftline_session_dup_time_text (self->session);
  g_autofree char *workers = weftline_memory_workers_text (&input);
  g_autofree char *summary = NULL;
  g_autofree char *text = NULL;
  char *figures;

  lay_out (self, gtk_widget_get_width (GTK_WIDGET (self)),
           gtk_widget_get_height (GTK_WIDGET (self)));
  summary = weftline_memory_summary (&self->layout);
  text = g_strconcat (time, *time != 0 ? " · " : "", summary, workers != NULL ? " · " : "", workers,
                      NULL);
  figures = weftline_memory_figures (&self->layout);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text,
                                  -1);
  if (g_strcmp0 (figures, self->figures) != 0)
    {
      g_free (self->figures);
      self->figures = g_steal_pointer (&figures);
      g_object_notify_by_pspec (G_OBJECT (self), props[PROP_FIGURES]);
    }
  g_free (figures);
}

static void
time_cb (WeftlineMemoryView *self)
{
  look_at_workers (self);
  tell (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
update (WeftlineMemoryView *self)
{
  WeftModel *model = weftline_session_model (self->session);

  self->updated_us = g_get_monotonic_time ();
  if (model == NULL
      || !weftline_memory_source_take (&self->source, model,
                                       weftline_session_snapshot (self->session)))
    return;
  time_cb (self);
}

static void
snapshot_cb (WeftlineMemoryView *self)
{
  weftline_turn_refresh (&self->turn, self->updated_us);
}

/* ---- drawing --------------------------------------------------------------------------------- */

static void
ensure_text (WeftlineMemoryView *self)
{
  weftline_widget_text (GTK_WIDGET (self), &self->text, &self->text_scale);
}

static void
weftline_memory_view_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  WeftlineMemoryView *self = WEFTLINE_MEMORY_VIEW (widget);
  int width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  bool dark = adw_style_manager_get_dark (adw_style_manager_get_default ());
  WeftlineMemoryInput input = take_input (self);
  cairo_t *cr;

  if (width <= 0 || height <= 0)
    return;
  ensure_text (self);
  lay_out (self, width, height);
  cr = gtk_snapshot_append_cairo (snapshot,
                                  &GRAPHENE_RECT_INIT (0, 0, (float) width, (float) height));
  weftline_memory_paint (
      &(WeftlineMemoryPaint){
          .layout = &self->layout,
          .input = &input,
          .palette = weftline_palette (weftline_session_look (self->session)->palette, dark),
          .text = self->text,
          .hover_ns = self->hover_ns,
          .time_ns = weftline_session_time (self->session),
          .rtl = is_rtl (self) },
      cr);
  weftline_text_cache_turn (self->text);
  cairo_destroy (cr);
}

/* ---- input from people ----------------------------------------------------------------------- */

static void
set_hover (WeftlineMemoryView *self, int64_t at_ns, uint32_t worker)
{
  if (self->hover_ns == at_ns && self->hover_worker == worker)
    return;
  self->hover_ns = at_ns;
  self->hover_worker = worker;
  gtk_widget_trigger_tooltip_query (GTK_WIDGET (self));
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
motion_cb (WeftlineMemoryView *self, double x, double y)
{
  WeftlineMemoryInput input = take_input (self);

  set_hover (self, weftline_memory_time_at (&self->layout, &input, x, y),
             weftline_memory_worker_at (&self->layout, x, y));
}

static void
leave_cb (WeftlineMemoryView *self)
{
  set_hover (self, -1, WEFT_NONE);
}

/* Returns: whether there is anything to scroll */
static gboolean
scroll_to (WeftlineMemoryView *self, int64_t first)
{
  int64_t most = (int64_t) self->layout.n_workers - self->layout.n_shown;

  if (most <= 0)
    return FALSE;
  self->scroll = (uint32_t) CLAMP (first, 0, most);
  set_hover (self, -1, WEFT_NONE);
  gtk_widget_queue_draw (GTK_WIDGET (self));
  return TRUE;
}

static gboolean
scroll_cb (WeftlineMemoryView *self, double dx G_GNUC_UNUSED, double dy)
{
  self->scroll_rest += dy;
  dy = trunc (self->scroll_rest);
  self->scroll_rest -= dy;
  return scroll_to (self, (int64_t) self->layout.first_worker + (int64_t) dy);
}

static gboolean
key_cb (WeftlineMemoryView *self, guint key, guint code G_GNUC_UNUSED,
        GdkModifierType modifiers G_GNUC_UNUSED)
{
  int64_t first = self->layout.first_worker, page = MAX (self->layout.n_shown, 1);

  switch (key)
    {
    case GDK_KEY_Up:
      return scroll_to (self, first - 1);
    case GDK_KEY_Down:
      return scroll_to (self, first + 1);
    case GDK_KEY_Page_Up:
      return scroll_to (self, first - page);
    case GDK_KEY_Page_Down:
      return scroll_to (self, first + page);
    case GDK_KEY_Home:
      return scroll_to (self, 0);
    case GDK_KEY_End:
      return scroll_to (self, self->layout.n_workers);
    default:
      return FALSE;
    }
}

static gboolean
weftline_memory_view_query_tooltip (GtkWidget *widget, int x, int y, gboolean keyboard,
                                    GtkTooltip *tooltip)
{
  WeftlineMemoryView *self = WEFTLINE_MEMORY_VIEW (widget);
  WeftlineMemoryInput input = take_input (self);
  int64_t at_ns = keyboard ? -1 : weftline_memory_time_at (&self->layout, &input, x, y);
  uint32_t worker = keyboard ? WEFT_NONE : weftline_memory_worker_at (&self->layout, x, y);
  g_autofree char *text = NULL;

  if (!self->layout.has_any)
    return FALSE;
  if (at_ns >= 0)
    text = weftline_memory_text_at (&input, at_ns);
  else if (worker < input.n_workers)
    text = weftline_memory_worker_text (&input.workers[worker]);
  else
    text = weftline_memory_explain (&self->layout);
  gtk_tooltip_set_text (tooltip, text);
  return TRUE;
}

/* ---- the widget ------------------------------------------------------------------------------ */

static void
weftline_memory_view_measure (GtkWidget *widget G_GNUC_UNUSED, GtkOrientation orientation,
                              int for_size G_GNUC_UNUSED, int *minimum, int *natural,
                              int *minimum_baseline, int *natural_baseline)
{
  *minimum = orientation == GTK_ORIENTATION_HORIZONTAL ? 160 : 3 * WEFTLINE_MEMORY_ROW;
  *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? 300 : 10 * WEFTLINE_MEMORY_ROW;
  *minimum_baseline = *natural_baseline = -1;
}

static void
weftline_memory_view_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_FIGURES)
    g_value_set_string (value, WEFTLINE_MEMORY_VIEW (object)->figures);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
weftline_memory_view_dispose (GObject *object)
{
  WeftlineMemoryView *self = WEFTLINE_MEMORY_VIEW (object);

  weftline_turn_clear (&self->turn);
  if (self->session != NULL)
    g_signal_handlers_disconnect_by_data (self->session, self);
  g_signal_handlers_disconnect_by_data (adw_style_manager_get_default (), self);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (weftline_memory_view_parent_class)->dispose (object);
}

static void
weftline_memory_view_finalize (GObject *object)
{
  WeftlineMemoryView *self = WEFTLINE_MEMORY_VIEW (object);

  weftline_memory_layout_clear (&self->layout);
  weftline_text_cache_free (self->text);
  weftline_memory_source_clear (&self->source);
  g_free (self->figures);
  G_OBJECT_CLASS (weftline_memory_view_parent_class)->finalize (object);
}

static void
weftline_memory_view_class_init (WeftlineMemoryViewClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->get_property = weftline_memory_view_get_property;
  G_OBJECT_CLASS (class)->dispose = weftline_memory_view_dispose;
  G_OBJECT_CLASS (class)->finalize = weftline_memory_view_finalize;
  widget_class->snapshot = weftline_memory_view_snapshot;
  widget_class->measure = weftline_memory_view_measure;
  widget_class->query_tooltip = weftline_memory_view_query_tooltip;
  props[PROP_FIGURES] =
      g_param_spec_string ("figures", NULL, NULL, NULL, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (G_OBJECT_CLASS (class), N_PROPS, props);
  gtk_widget_class_set_css_name (widget_class, "memoryview");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
weftline_memory_view_init (WeftlineMemoryView *self)
{
  weftline_memory_layout_init (&self->layout);
  weftline_memory_source_init (&self->source);
  self->hover_ns = -1;
  self->hover_worker = WEFT_NONE;
  weftline_view_add_input (GTK_WIDGET (self),
                           &(WeftlineViewInput){ .motion = G_CALLBACK (motion_cb),
                                                 .leave = G_CALLBACK (leave_cb),
                                                 .key = G_CALLBACK (key_cb),
                                                 .scroll = G_CALLBACK (scroll_cb),
                                                 .scrolls = GTK_EVENT_CONTROLLER_SCROLL_VERTICAL });
  gtk_widget_set_has_tooltip (GTK_WIDGET (self), TRUE);
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  gtk_widget_set_hexpand (GTK_WIDGET (self), TRUE);
  gtk_widget_set_vexpand (GTK_WIDGET (self), TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Memory"), -1);
  g_signal_connect_swapped (adw_style_manager_get_default (), "notify::dark",
                            G_CALLBACK (gtk_widget_queue_draw), self);
}

GtkWidget *
weftline_memory_view_new (WeftlineSession *session)
{
  WeftlineMemoryView *self = g_object_new (WEFTLINE_TYPE_MEMORY_VIEW, NULL);

  self->session = g_object_ref (session);
  g_signal_connect_swapped (session, "snapshot-changed", G_CALLBACK (snapshot_cb), self);
  g_signal_connect_swapped (session, "time-changed", G_CALLBACK (time_cb), self);
  g_signal_connect_swapped (session, "moment-changed", G_CALLBACK (time_cb), self);
  g_signal_connect_swapped (session, "look-changed", G_CALLBACK (gtk_widget_queue_draw), self);
  weftline_turn_init (&self->turn, session, (GSourceOnceFunc) update, self);
  update (self);
  return GTK_WIDGET (self);
}
