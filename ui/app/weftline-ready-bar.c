/* weftline-ready-bar.c: what to do with a graph that has not run yet
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Opening a graph runs nothing, so all cards are empty then: this says so, and how to go on.
 */
#include "config.h"

#include "app/weftline-ready-bar.h"
#include "canvas/number-format.h"

#include <glib/gi18n.h>

struct _WeftlineReadyBar
{
  GtkWidget parent_instance;

  WeftlineRun *run;
  GtkWidget *box;
  GtkWidget *label;
};

G_DEFINE_FINAL_TYPE (WeftlineReadyBar, weftline_ready_bar, GTK_TYPE_WIDGET)

static void
update (WeftlineReadyBar *self)
{
  WeftlineRunStatus status;
  g_autofree char *n = NULL;
  g_autofree char *text = NULL;
  gulong n_tasks;

  weftline_run_status (self->run, &status);
  n_tasks = status.n_tasks;
  gtk_widget_set_visible (GTK_WIDGET (self), status.phase == WEFT_RUN_PREPARED);
  n = weftline_format_count (status.n_tasks);
  text = g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%s task is ready to run.",
                                       "%s tasks are ready to run.", n_tasks),
                          n);
  gtk_label_set_text (GTK_LABEL (self->label), text);
}

static void
weftline_ready_bar_dispose (GObject *object)
{
  WeftlineReadyBar *self = WEFTLINE_READY_BAR (object);

  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_object (&self->run);
  G_OBJECT_CLASS (weftline_ready_bar_parent_class)->dispose (object);
}

static void
weftline_ready_bar_class_init (WeftlineReadyBarClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = weftline_ready_bar_dispose;
  gtk_widget_class_set_css_name (GTK_WIDGET_CLASS (klass), "readybar");
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (klass), GTK_ACCESSIBLE_ROLE_GROUP);
}

static GtkWidget *
make_button (void)
{
  GtkWidget *button = gtk_button_new_with_label (_ ("Run"));

  gtk_widget_add_css_class (button, "suggested-action");
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), "win.run");
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  return button;
}

static void
weftline_ready_bar_init (WeftlineReadyBar *self)
{
  self->box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  self->label = gtk_label_new (NULL);
  gtk_label_set_wrap (GTK_LABEL (self->label), TRUE);
  gtk_label_set_natural_wrap_mode (GTK_LABEL (self->label), GTK_NATURAL_WRAP_NONE);
  gtk_label_set_xalign (GTK_LABEL (self->label), 0);
  gtk_widget_add_css_class (self->label, "numeric");
  gtk_box_append (GTK_BOX (self->box), self->label);
  gtk_box_append (GTK_BOX (self->box), make_button ());
  gtk_widget_set_halign (self->box, GTK_ALIGN_CENTER);
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
}

GtkWidget *
weftline_ready_bar_new (WeftlineRun *run)
{
  WeftlineReadyBar *self = g_object_new (WEFTLINE_TYPE_READY_BAR, NULL);

  self->run = g_object_ref (run);
  g_signal_connect_object (run, "changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Ready"),
                                  -1);
  update (self);
  return GTK_WIDGET (self);
}
