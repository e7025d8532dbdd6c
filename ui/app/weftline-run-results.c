/* weftline-run-results.c: what came of a run, as text
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "app/weftline-run-cards.h"
#include "canvas/widget-text.h"
#include "inspect/run-facts.h"

#include <glib/gi18n.h>

struct _WeftlineRunResults
{
  GtkWidget parent_instance;

  WeftlineSession *session;
  GtkWidget *scrolled;
  GtkWidget *text;
  char *results; /* (nullable): once they are there */
};

G_DEFINE_FINAL_TYPE (WeftlineRunResults, weftline_run_results, GTK_TYPE_WIDGET)

/* Outputs are given out with the run's end. */
static gboolean
is_too_early (WeftlineRunResults *self)
{
  WeftlineRunStatus status;

  weftline_session_status (self->session, &status);
  return weftline_session_time (self->session) != WEFTLINE_NOW && status.phase < WEFT_RUN_DONE;
}

static const char *
text_of (WeftlineRunResults *self)
{
  WeftlineRun *run = weftline_session_run (self->session);

  return weftline_run_results_text (
      &(WeftlineRunOutcome){ .has_results = weftline_run_has_results (run),
                             .too_early = is_too_early (self),
                             .is_over = weftline_run_is_over (run),
                             .results = self->results,
                             .about = weftline_run_about (run) });
}

static void
update (WeftlineRunResults *self)
{
  const char *text;

  if (self->results == NULL)
    self->results = weftline_run_dup_results (weftline_session_run (self->session));
  text = text_of (self);
  if (g_strcmp0 (gtk_label_get_text (GTK_LABEL (self->text)), text) != 0)
    gtk_label_set_text (GTK_LABEL (self->text), text);
  if (text == self->results)
    gtk_widget_add_css_class (self->text, "monospace");
  else
    gtk_widget_remove_css_class (self->text, "monospace");
}

static void
weftline_run_results_dispose (GObject *object)
{
  WeftlineRunResults *self = WEFTLINE_RUN_RESULTS (object);

  g_clear_pointer (&self->scrolled, gtk_widget_unparent);
  g_clear_object (&self->session);
  g_clear_pointer (&self->results, g_free);
  G_OBJECT_CLASS (weftline_run_results_parent_class)->dispose (object);
}

static void
weftline_run_results_class_init (WeftlineRunResultsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = weftline_run_results_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (klass), GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
weftline_run_results_init (WeftlineRunResults *self)
{
  self->scrolled = gtk_scrolled_window_new ();
  self->text = gtk_label_new (NULL);
  gtk_label_set_xalign (GTK_LABEL (self->text), 0);
  gtk_label_set_yalign (GTK_LABEL (self->text), 0);
  weftline_label_wrap (self->text);
  gtk_label_set_selectable (GTK_LABEL (self->text), TRUE);
  gtk_widget_add_css_class (self->text, "card-body");
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (self->scrolled), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->scrolled), self->text);
  gtk_widget_set_parent (self->scrolled, GTK_WIDGET (self));
}

GtkWidget *
weftline_run_results_new (WeftlineSession *session)
{
  WeftlineRunResults *self = g_object_new (WEFTLINE_TYPE_RUN_RESULTS, NULL);

  self->session = g_object_ref (session);
  g_signal_connect_object (weftline_session_run (session), "changed", G_CALLBACK (update), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "moment-changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Results"), -1);
  update (self);
  return GTK_WIDGET (self);
}
