/* weftline-run-results.c: what came of a run, as text
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "app/weftline-run-cards.h"
#include "canvas/widget-text.h"

#include <glib/gi18n.h>

struct _WeftlineRunResults
{
  GtkWidget parent_instance;

  WeftlineRun *run;
  GtkWidget *scrolled;
  GtkWidget *text;
  gboolean complete;
};

G_DEFINE_FINAL_TYPE (WeftlineRunResults, weftline_run_results, GTK_TYPE_WIDGET)

/* In the place of results. */
static const char *
missing_text (WeftlineRun *run)
{
  if (!weftline_run_is_over (run))
    return _ ("The run's outputs will stand here.");
  return weftline_run_plan (run) != NULL ? _ ("There are no outputs to show.")
                                         : _ ("A run file keeps records, not results.");
}

static void
update (WeftlineRunResults *self)
{
  const char *about = weftline_run_about (self->run);
  g_autofree char *results = NULL;

  if (self->complete)
    return;
  results = weftline_run_dup_results (self->run);
  self->complete = results != NULL;
  if (results != NULL)
    gtk_label_set_text (GTK_LABEL (self->text), results);
  else if (about != NULL)
    gtk_label_set_text (GTK_LABEL (self->text), about);
  else
    gtk_label_set_text (GTK_LABEL (self->text), missing_text (self->run));
  if (self->complete)
    gtk_widget_add_css_class (self->text, "monospace");
  else
    gtk_widget_remove_css_class (self->text, "monospace");
}

static void
weftline_run_results_dispose (GObject *object)
{
  WeftlineRunResults *self = WEFTLINE_RUN_RESULTS (object);

  g_clear_pointer (&self->scrolled, gtk_widget_unparent);
  g_clear_object (&self->run);
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
weftline_run_results_new (WeftlineRun *run)
{
  WeftlineRunResults *self = g_object_new (WEFTLINE_TYPE_RUN_RESULTS, NULL);

  self->run = g_object_ref (run);
  g_signal_connect_object (run, "changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Results"), -1);
  update (self);
  return GTK_WIDGET (self);
}
