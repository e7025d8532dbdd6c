/* resource-view.c: CPU, memory, reading and writing of a run's process as a widget
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "resources/resource-paint.h"
#include "resources/resource-view.h"

#include "canvas/widget-text.h"
#include "session/weftline-turn.h"
#include <adwaita.h>
#include <glib/gi18n.h>

#define MIN_WIDTH 160
#define MIN_HEIGHT 150

struct _WeftlineResourceView
{
  GtkWidget parent_instance;

  WeftlineSession *session;
  WeftlineResourceLayout layout;
  WeftlineTextCache *text; /* (nullable) */
  int text_scale;
  gint64 updated_us;
  WeftlineTurn turn;
};

G_DEFINE_FINAL_TYPE (WeftlineResourceView, weftline_resource_view, GTK_TYPE_WIDGET)

static void
lay_out (WeftlineResourceView *self)
{
  weftline_resource_layout (&self->layout, weftline_session_model (self->session),
                            weftline_session_snapshot (self->session)->last_ns,
                            gtk_widget_get_width (GTK_WIDGET (self)),
                            gtk_widget_get_height (GTK_WIDGET (self)));
}

static void
ensure_text (WeftlineResourceView *self)
{
  weftline_widget_text (GTK_WIDGET (self), &self->text, &self->text_scale);
}

static void
weftline_resource_view_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  WeftlineResourceView *self = WEFTLINE_RESOURCE_VIEW (widget);
  WeftModel *model = weftline_session_model (self->session);
  const WeftlineSessionLook *look = weftline_session_look (self->session);
  int width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  cairo_t *cr;

  if (width <= 0 || height <= 0)
    return;
  ensure_text (self);
  lay_out (self);
  cr = gtk_snapshot_append_cairo (snapshot,
                                  &GRAPHENE_RECT_INIT (0, 0, (float) width, (float) height));
  weftline_resource_paint (
      &(WeftlineResourcePaint){
          .layout = &self->layout,
          .palette = weftline_palette (
              look->palette, adw_style_manager_get_dark (adw_style_manager_get_default ())),
          .text = self->text,
          .time_form = look->time_form,
          .rtl = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL,
          .wall_ns = model != NULL ? weft_model_wall_ns (model) : 0,
          .has_time = weftline_session_time (self->session) != WEFTLINE_NOW,
          .time_ns = weftline_session_time (self->session) },
      cr);
  weftline_text_cache_turn (self->text);
  cairo_destroy (cr);
}

static void
weftline_resource_view_measure (GtkWidget *widget G_GNUC_UNUSED, GtkOrientation orientation,
                                int for_size G_GNUC_UNUSED, int *minimum, int *natural,
                                int *minimum_baseline, int *natural_baseline)
{
  *minimum = *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? MIN_WIDTH : MIN_HEIGHT;
  *minimum_baseline = *natural_baseline = -1;
}

static void
weftline_resource_view_dispose (GObject *object)
{
  WeftlineResourceView *self = WEFTLINE_RESOURCE_VIEW (object);

  weftline_turn_clear (&self->turn);
  if (self->session != NULL)
    g_signal_handlers_disconnect_by_data (self->session, self);
  g_signal_handlers_disconnect_by_data (adw_style_manager_get_default (), self);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (weftline_resource_view_parent_class)->dispose (object);
}

static void
weftline_resource_view_finalize (GObject *object)
{
  WeftlineResourceView *self = WEFTLINE_RESOURCE_VIEW (object);

  weftline_resource_layout_clear (&self->layout);
  weftline_text_cache_free (self->text);
  G_OBJECT_CLASS (weftline_resource_view_parent_class)->finalize (object);
}

static void
weftline_resource_view_class_init (WeftlineResourceViewClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = weftline_resource_view_dispose;
  G_OBJECT_CLASS (klass)->finalize = weftline_resource_view_finalize;
  GTK_WIDGET_CLASS (klass)->snapshot = weftline_resource_view_snapshot;
  GTK_WIDGET_CLASS (klass)->measure = weftline_resource_view_measure;
  gtk_widget_class_set_css_name (GTK_WIDGET_CLASS (klass), "resourceview");
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (klass), GTK_ACCESSIBLE_ROLE_IMG);
}

static void
weftline_resource_view_init (WeftlineResourceView *self)
{
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  gtk_widget_set_hexpand (GTK_WIDGET (self), TRUE);
  gtk_widget_set_vexpand (GTK_WIDGET (self), TRUE);
  g_signal_connect_swapped (adw_style_manager_get_default (), "notify::dark",
                            G_CALLBACK (gtk_widget_queue_draw), self);
}

/* What is drawn, also in words. */
static void
update (WeftlineResourceView *self)
{
  g_autoptr (GString) words = g_string_new (NULL);

  self->updated_us = g_get_monotonic_time ();
  lay_out (self);
  for (unsigned resource = 0; resource < WEFTLINE_RESOURCE_N_CHARTS; resource++)
    {
      g_autofree char *text = weftline_resource_text (&self->layout, (WeftlineResource) resource);

      g_string_append_printf (words, "%s%s", words->len > 0 ? "\n" : "", text);
    }
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("CPU, memory and I/O"), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  words->str, -1);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
snapshot_cb (WeftlineResourceView *self)
{
  weftline_turn_refresh (&self->turn, self->updated_us);
}

GtkWidget *
weftline_resource_view_new (WeftlineSession *session)
{
  WeftlineResourceView *self = g_object_new (WEFTLINE_TYPE_RESOURCE_VIEW, NULL);

  self->session = g_object_ref (session);
  g_signal_connect_swapped (session, "snapshot-changed", G_CALLBACK (snapshot_cb), self);
  g_signal_connect_swapped (session, "time-changed", G_CALLBACK (gtk_widget_queue_draw), self);
  g_signal_connect_swapped (session, "look-changed", G_CALLBACK (gtk_widget_queue_draw), self);
  weftline_turn_init (&self->turn, session, (GSourceOnceFunc) update, self);
  update (self);
  return GTK_WIDGET (self);
}
