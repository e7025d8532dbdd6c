/* memory-view.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "memory/memory-view.h"

#include "canvas/widget-text.h"
#include "memory/memory-paint.h"
#include "memory/memory-source.h"
#include "memory/memory-words.h"

#include <adwaita.h>
#include <glib/gi18n.h>

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
};

enum
{
  PROP_FIGURES = 1,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (WeftlineMemoryView, weftline_memory_view, GTK_TYPE_WIDGET)

/* ---- input from the run ---------------------------------------------------------------------- */

static WeftlineMemoryInput
take_input (WeftlineMemoryView *self)
{
  WeftlineMemoryInput input = weftline_memory_source_input (&self->source);

  input.moment_ns = weftline_session_time (self->session);
  input.has_moment = input.moment_ns != WEFTLINE_NOW;
  return input;
}

static void
lay_out (WeftlineMemoryView *self, int width, int height)
{
  WeftlineMemoryInput input = take_input (self);
  int before = 0, behind = 0, mark_widths[WEFTLINE_N_MARKS] = { 0 }, gutter = 0, figure = 7;

  if (self->text != NULL)
    weftline_memory_measure (self->text, width, &before, &behind, mark_widths, &gutter, &figure);
  weftline_memory_layout (&self->layout, &input, width, height, before, behind, mark_widths, gutter,
                          figure);
}

static void
tell (WeftlineMemoryView *self)
{
  g_autofree char *time = weftline_session_dup_time_text (self->session);
  g_autofree char *summary = NULL;
  g_autofree char *text = NULL;
  char *figures;

  lay_out (self, gtk_widget_get_width (GTK_WIDGET (self)),
           gtk_widget_get_height (GTK_WIDGET (self)));
  summary = weftline_memory_summary (&self->layout);
  text = g_strconcat (time, *time != 0 ? " · " : "", summary, NULL);
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
  tell (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
snapshot_cb (WeftlineMemoryView *self)
{
  WeftModel *model = weftline_session_model (self->session);

  if (model == NULL
      || !weftline_memory_source_take (&self->source, model,
                                       weftline_session_snapshot (self->session)))
    return;
  tell (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* ---- drawing --------------------------------------------------------------------------------- */

static void
ensure_text (WeftlineMemoryView *self)
{
  weftline_widget_text (GTK_WIDGET (self), &self->text, &self->text_scale,
                        gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL);
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
          .rtl = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL },
      cr);
  weftline_text_cache_turn (self->text);
  cairo_destroy (cr);
}

/* ---- input from people ----------------------------------------------------------------------- */

static void
set_hover (WeftlineMemoryView *self, int64_t at_ns)
{
  if (self->hover_ns == at_ns)
    return;
  self->hover_ns = at_ns;
  gtk_widget_trigger_tooltip_query (GTK_WIDGET (self));
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
motion_cb (WeftlineMemoryView *self, double x, double y)
{
  WeftlineMemoryInput input = take_input (self);

  set_hover (self, weftline_memory_time_at (&self->layout, &input, x, y));
}

static void
leave_cb (WeftlineMemoryView *self)
{
  set_hover (self, -1);
}

static gboolean
weftline_memory_view_query_tooltip (GtkWidget *widget, int x, int y, gboolean keyboard,
                                    GtkTooltip *tooltip)
{
  WeftlineMemoryView *self = WEFTLINE_MEMORY_VIEW (widget);
  WeftlineMemoryInput input = take_input (self);
  int64_t at_ns = keyboard ? -1 : weftline_memory_time_at (&self->layout, &input, x, y);
  g_autofree char *text = NULL;

  if (!self->layout.has_any)
    return FALSE;
  text = at_ns >= 0 ? weftline_memory_text_at (&input, at_ns)
                    : weftline_memory_explain (&self->layout);
  gtk_tooltip_set_text (tooltip, text);
  return TRUE;
}

/* ---- the widget ------------------------------------------------------------------------------ */

static void
weftline_memory_view_measure (GtkWidget *widget G_GNUC_UNUSED, GtkOrientation orientation,
                              int for_size G_GNUC_UNUSED, int *minimum, int *natural,
                              int *minimum_baseline, int *natural_baseline)
{
  *minimum = orientation == GTK_ORIENTATION_HORIZONTAL ? 160 : 2 * WEFTLINE_MEMORY_ROW;
  *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? 300 : 8 * WEFTLINE_MEMORY_ROW;
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
  GtkEventController *motion = gtk_event_controller_motion_new ();

  weftline_memory_layout_init (&self->layout);
  weftline_memory_source_init (&self->source);
  self->hover_ns = -1;
  g_signal_connect_swapped (motion, "motion", G_CALLBACK (motion_cb), self);
  g_signal_connect_swapped (motion, "leave", G_CALLBACK (leave_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), motion);
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
  g_signal_connect_swapped (session, "look-changed", G_CALLBACK (gtk_widget_queue_draw), self);
  snapshot_cb (self);
  return GTK_WIDGET (self);
}
