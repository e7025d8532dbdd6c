/* weftline-run-figures.c: how a run stands, in figures
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "app/weftline-failure.h"
#include "app/weftline-run-bar.h"
#include "app/weftline-run-cards.h"
#include "canvas/widget-text.h"
#include "failures/failure-button.h"
#include "inspect/run-facts.h"

#include <glib/gi18n.h>

struct _WeftlineRunFigures
{
  GtkWidget parent_instance;

  WeftlineSession *session;
  GtkWidget *scroller;
  GtkWidget *bar;
  GtkWidget *failure;
  GtkWidget *message;
  GtkWidget *titles[WEFTLINE_RUN_N_FACTS];
  GtkWidget *values[WEFTLINE_RUN_N_FACTS];
};

G_DEFINE_FINAL_TYPE (WeftlineRunFigures, weftline_run_figures, GTK_TYPE_WIDGET)

static void
update (WeftlineRunFigures *self)
{
  WeftlineRunStatus status;
  WeftEta left;
  bool has_left = weftline_session_left (self->session, &left);
  const char *message = weftline_session_time (self->session) == WEFTLINE_NOW
                            ? weftline_run_message (weftline_session_run (self->session))
                            : NULL;

  weftline_session_status (self->session, &status);
  /* which task failed and why says as much */
  if (status.phase == WEFT_RUN_FAILED && gtk_widget_get_visible (self->failure))
    message = NULL;
  for (WeftlineRunFact row = 0; row < WEFTLINE_RUN_N_FACTS; row++)
    {
      g_autofree char *text = weftline_run_fact_text (&status, has_left ? &left : NULL, row);
      gboolean shown = weftline_run_fact_is_shown (&status, row, text);

      gtk_label_set_text (GTK_LABEL (self->values[row]), text);
      gtk_widget_set_visible (self->values[row], shown);
      gtk_widget_set_visible (self->titles[row], shown);
    }
  weftline_run_bar_set (self->bar, &status);
  gtk_label_set_text (GTK_LABEL (self->message), message != NULL ? message : "");
  gtk_widget_set_visible (self->message, message != NULL);
}

static void
weftline_run_figures_dispose (GObject *object)
{
  WeftlineRunFigures *self = WEFTLINE_RUN_FIGURES (object);

  g_clear_pointer (&self->scroller, gtk_widget_unparent);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (weftline_run_figures_parent_class)->dispose (object);
}

static void
weftline_run_figures_class_init (WeftlineRunFiguresClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = weftline_run_figures_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (klass), GTK_ACCESSIBLE_ROLE_GROUP);
}

static GtkWidget *
make_grid (WeftlineRunFigures *self)
{
  GtkWidget *grid = gtk_grid_new ();

  gtk_grid_set_column_spacing (GTK_GRID (grid), 18);
  gtk_grid_set_row_spacing (GTK_GRID (grid), 6);
  gtk_widget_set_halign (grid, GTK_ALIGN_START);
  for (WeftlineRunFact row = 0; row < WEFTLINE_RUN_N_FACTS; row++)
    {
      self->titles[row] = gtk_label_new (weftline_run_fact_title (row));
      self->values[row] = gtk_label_new (NULL);
      gtk_label_set_xalign (GTK_LABEL (self->titles[row]), 0);
      gtk_label_set_wrap (GTK_LABEL (self->titles[row]), TRUE);
      gtk_label_set_xalign (GTK_LABEL (self->values[row]), 1);
      gtk_widget_set_hexpand (self->values[row], TRUE);
      gtk_widget_add_css_class (self->titles[row], "dim-label");
      gtk_widget_add_css_class (self->values[row], "numeric");
      gtk_accessible_update_relation (GTK_ACCESSIBLE (self->values[row]),
                                      GTK_ACCESSIBLE_RELATION_LABELLED_BY, self->titles[row], NULL,
                                      -1);
      if (row == WEFTLINE_RUN_FACT_MEMORY || row == WEFTLINE_RUN_FACT_PEAK)
        {
          const char *what =
              _ ("Results, and values made for calls, which “Held in memory” leaves out");

          gtk_widget_set_tooltip_text (self->titles[row], what);
          gtk_widget_set_tooltip_text (self->values[row], what);
        }
      gtk_grid_attach (GTK_GRID (grid), self->titles[row], 0, (int) row, 1, 1);
      gtk_grid_attach (GTK_GRID (grid), self->values[row], 1, (int) row, 1, 1);
    }
  return grid;
}

static void
weftline_run_figures_init (WeftlineRunFigures *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);

  self->scroller = gtk_scrolled_window_new ();
  self->bar = weftline_run_bar_new ();
  self->message = gtk_label_new (NULL);
  gtk_widget_add_css_class (box, "card-body");
  weftline_label_wrap (self->message);
  gtk_label_set_selectable (GTK_LABEL (self->message), TRUE);
  gtk_label_set_xalign (GTK_LABEL (self->message), 0);
  gtk_widget_add_css_class (self->message, "error");
  gtk_box_append (GTK_BOX (box), self->bar);
  gtk_box_append (GTK_BOX (box), make_grid (self));
  gtk_box_append (GTK_BOX (box), self->message);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (self->scroller), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (self->scroller), TRUE);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->scroller), box);
  gtk_widget_set_parent (self->scroller, GTK_WIDGET (self));
}

GtkWidget *
weftline_run_figures_new (WeftlineSession *session)
{
  WeftlineRunFigures *self = g_object_new (WEFTLINE_TYPE_RUN_FIGURES, NULL);

  self->session = g_object_ref (session);
  self->failure = weftline_failure_new (session);
  gtk_box_insert_child_after (GTK_BOX (gtk_widget_get_parent (self->bar)), self->failure,
                              self->bar);
  gtk_box_insert_child_after (GTK_BOX (gtk_widget_get_parent (self->bar)),
                              weftline_failure_button_new (session), self->failure);
  g_signal_connect_object (self->failure, "notify::visible", G_CALLBACK (update), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (weftline_session_run (session), "changed", G_CALLBACK (update), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "left-changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "moment-changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("This run"), -1);
  update (self);
  return GTK_WIDGET (self);
}
