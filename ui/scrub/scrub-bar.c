/* scrub-bar.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "scrub/scrub-bar.h"

#include "canvas/text-zoom.h"
#include "canvas/widget-text.h"

#include <glib/gi18n.h>

struct _WeftlineScrubBar
{
  GtkWidget parent_instance;

  WeftlineSession *session;
  GtkWidget *box;
  GtkWidget *back, *forward;
  GtkWidget *track;
  GtkWidget *now;
};

G_DEFINE_FINAL_TYPE (WeftlineScrubBar, weftline_scrub_bar, GTK_TYPE_WIDGET)

/* ---- following the session ------------------------------------------------------------------- */

static void
time_cb (WeftlineScrubBar *self)
{
  bool past = weftline_session_time (self->session) != WEFTLINE_NOW;

  gtk_widget_set_sensitive (self->now, past);
  gtk_widget_set_sensitive (self->forward, past);
  if (past)
    {
      gtk_widget_add_css_class (GTK_WIDGET (self), "past");
      gtk_widget_add_css_class (self->now, "suggested-action");
    }
  else
    {
      gtk_widget_remove_css_class (GTK_WIDGET (self), "past");
      gtk_widget_remove_css_class (self->now, "suggested-action");
    }
}

static void
snapshot_cb (WeftlineScrubBar *self)
{
  const WeftModelSnapshot *snapshot = weftline_session_snapshot (self->session);
  const char *label = snapshot->phase < WEFT_RUN_DONE ? _ ("Live") : _ ("End");

  if (g_strcmp0 (gtk_button_get_label (GTK_BUTTON (self->now)), label) != 0)
    gtk_button_set_label (GTK_BUTTON (self->now), label);
  gtk_widget_set_visible (GTK_WIDGET (self),
                          weftline_session_model (self->session) != NULL && snapshot->last_ns > 0);
}

/* ---- input from people ----------------------------------------------------------------------- */

static void
back_cb (WeftlineScrubBar *self)
{
  weftline_session_step_time (self->session, false);
}

static void
forward_cb (WeftlineScrubBar *self)
{
  weftline_session_step_time (self->session, true);
}

static void
now_cb (WeftlineScrubBar *self)
{
  weftline_session_set_time (self->session, WEFTLINE_NOW);
}

/* ---- the widget ------------------------------------------------------------------------------ */

static void
weftline_scrub_bar_dispose (GObject *object)
{
  WeftlineScrubBar *self = WEFTLINE_SCRUB_BAR (object);

  if (self->session != NULL)
    g_signal_handlers_disconnect_by_data (self->session, self);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (weftline_scrub_bar_parent_class)->dispose (object);
}

static void
weftline_scrub_bar_class_init (WeftlineScrubBarClass *class)
{
  G_OBJECT_CLASS (class)->dispose = weftline_scrub_bar_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (class), GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (GTK_WIDGET_CLASS (class), "scrubbar");
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (class), GTK_ACCESSIBLE_ROLE_GROUP);
}

static GtkWidget *
make_button (const char *icon, const char *label, const char *about)
{
  GtkWidget *button =
      icon != NULL ? gtk_button_new_from_icon_name (icon) : gtk_button_new_with_label (label);

  if (icon != NULL)
    gtk_widget_add_css_class (button, "flat");
  gtk_widget_set_tooltip_text (button, about);
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  if (icon != NULL)
    gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, about,
                                    -1);
  return button;
}

static void
weftline_scrub_bar_init (WeftlineScrubBar *self)
{
  self->box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 4);
  self->back = make_button ("go-previous-symbolic", NULL, _ ("To the event before"));
  self->forward = make_button ("go-next-symbolic", NULL, _ ("To the next event"));
  self->now = make_button (NULL, _ ("End"), _ ("Show what is now"));
  gtk_widget_set_size_request (self->now, 56, -1);
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
  g_signal_connect_swapped (self->back, "clicked", G_CALLBACK (back_cb), self);
  g_signal_connect_swapped (self->forward, "clicked", G_CALLBACK (forward_cb), self);
  g_signal_connect_swapped (self->now, "clicked", G_CALLBACK (now_cb), self);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Time of the run"), -1);
}

GtkWidget *
weftline_scrub_bar_new (WeftlineSession *session)
{
  WeftlineScrubBar *self = g_object_new (WEFTLINE_TYPE_SCRUB_BAR, NULL);

  self->session = g_object_ref (session);
  self->track = weftline_scrub_track_new (session);
  gtk_box_append (GTK_BOX (self->box), self->back);
  gtk_box_append (GTK_BOX (self->box), self->forward);
  gtk_box_append (GTK_BOX (self->box), weftline_text_zoom_new (self->track));
  gtk_box_append (GTK_BOX (self->box), self->now);
  /* time goes from left to right (canvas/reading.h), and so do the ways through it */
  weftline_widget_keep_ltr (self->box);
  g_signal_connect_swapped (session, "snapshot-changed", G_CALLBACK (snapshot_cb), self);
  g_signal_connect_swapped (session, "time-changed", G_CALLBACK (time_cb), self);
  snapshot_cb (self);
  time_cb (self);
  return GTK_WIDGET (self);
}

WeftlineScrubTrack *
weftline_scrub_bar_track (WeftlineScrubBar *self)
{
  return WEFTLINE_SCRUB_TRACK (self->track);
}

GtkWidget *
weftline_scrub_bar_now_button (WeftlineScrubBar *self)
{
  return self->now;
}
