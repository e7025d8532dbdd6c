/* weftline-run-row.c: a run in the sidebar: name, state, kind, progress, why it failed
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "app/weftline-failure.h"
#include "app/weftline-run-bar.h"
#include "app/weftline-run-row.h"
#include "canvas/number-format.h"
#include "canvas/text-line.h"
#include "session/weftline-run-served.h"

#include <glib/gi18n.h>

struct _WeftlineRunRow
{
  GtkListBoxRow parent_instance;

  WeftlineSession *session;
  GtkWidget *name;
  GtkWidget *state;
  GtkWidget *kind;
  GtkWidget *bar;
  GtkWidget *box;
  GtkWidget *failure;
};

static guint close_signal;

G_DEFINE_FINAL_TYPE (WeftlineRunRow, weftline_run_row, GTK_TYPE_LIST_BOX_ROW)

/* A cluster, or a notebook, which has nothing to do just now. */
static bool
is_idle (WeftlineSession *session, const WeftlineRunStatus *status)
{
  return WEFTLINE_IS_RUN_SERVED (weftline_session_run (session))
         && status->phase == WEFT_RUN_RUNNING && status->n_running == 0
         && status->n_ended == status->n_tasks;
}

static char *
state_text (WeftlineSession *session, const WeftlineRunStatus *status, double share)
{
  const char *phase = weftline_phase_text (status->phase);
  g_autofree char *elapsed = NULL;
  g_autofree char *left = weftline_session_dup_left_text (session, false);

  if (weftline_session_moment (session) != NULL)
    {
      g_autofree char *as_of = weftline_session_dup_time_text (session);

      /* Translators: a moment and progress then, such as “as of 1.2 s · 61 %” */
      return g_strdup_printf (_ ("%s · %.0f %%"), as_of, share * 100);
    }
  if (is_idle (session, status))
    return g_strdup (_ ("idle"));
  if (left != NULL && status->phase == WEFT_RUN_RUNNING)
    /* Translators: progress of a run that goes on, and time left, such as “61 % · 12 s left” */
    return g_strdup_printf (_ ("%.0f %% · %s"), share * 100, left);
  if (status->phase == WEFT_RUN_RUNNING || status->phase == WEFT_RUN_PAUSED)
    /* Translators: state and progress, such as “running · 61 %” */
    return g_strdup_printf (_ ("%s · %.0f %%"), phase, share * 100);
  if (status->phase == WEFT_RUN_PREPARED || !status->known)
    return g_strdup (phase);
  elapsed = weftline_format_duration (status->elapsed_ns);
  /* Translators: state and duration, such as “done · 2.41 s” */
  return g_strdup_printf (_ ("%s · %s"), phase, elapsed);
}

static void
update (WeftlineRunRow *self)
{
  WeftlineRun *run = weftline_session_run (self->session);
  WeftlineRunStatus status;
  double share;
  g_autofree char *text = NULL;
  g_autofree char *failure = NULL;
  g_autofree char *label = NULL;

  weftline_session_status (self->session, &status);
  share = weftline_run_bar_set (self->bar, &status);
  text = state_text (self->session, &status, share);
  failure = weftline_failure_dup_text (WEFTLINE_FAILURE (self->failure));
  label = g_strdup_printf ("%s, %s%s%s", weftline_run_name (run), text, failure != NULL ? ", " : "",
                           failure != NULL ? failure : "");
  if (g_strcmp0 (gtk_label_get_text (GTK_LABEL (self->name)), weftline_run_name (run)) != 0)
    {
      gtk_label_set_text (GTK_LABEL (self->name), weftline_run_name (run));
      gtk_widget_set_tooltip_text (self->name, weftline_run_name (run));
    }
  gtk_label_set_text (GTK_LABEL (self->state), text);
  gtk_label_set_text (GTK_LABEL (self->kind), weftline_run_kind (run));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
}

static void
close_cb (GtkButton *button G_GNUC_UNUSED, WeftlineRunRow *self)
{
  g_signal_emit (self, close_signal, 0);
}

/* The task is to be selected in the run's page, so that is shown. */
static void
failure_cb (WeftlineRunRow *self)
{
  GtkWidget *list = gtk_widget_get_parent (GTK_WIDGET (self));

  if (GTK_IS_LIST_BOX (list))
    gtk_list_box_select_row (GTK_LIST_BOX (list), GTK_LIST_BOX_ROW (self));
}

static void
weftline_run_row_dispose (GObject *object)
{
  WeftlineRunRow *self = WEFTLINE_RUN_ROW (object);

  g_clear_object (&self->session);
  G_OBJECT_CLASS (weftline_run_row_parent_class)->dispose (object);
}

static void
weftline_run_row_class_init (WeftlineRunRowClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = weftline_run_row_dispose;
  /**
   * WeftlineRunRow::close-run:
   *
   * The run is to leave the list.
   */
  close_signal = g_signal_new ("close-run", WEFTLINE_TYPE_RUN_ROW, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                               NULL, G_TYPE_NONE, 0);
}

static GtkWidget *
small_label (void)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_widget_add_css_class (label, "caption");
  gtk_widget_add_css_class (label, "dim-label");
  gtk_widget_add_css_class (label, "numeric");
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  return label;
}

static GtkWidget *
close_button (WeftlineRunRow *self)
{
  GtkWidget *button = gtk_button_new_from_icon_name ("window-close-symbolic");

  gtk_widget_add_css_class (button, "flat");
  gtk_widget_add_css_class (button, "card-button");
  gtk_widget_set_tooltip_text (button, _ ("Remove From List"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Remove From List"), -1);
  g_signal_connect (button, "clicked", G_CALLBACK (close_cb), self);
  return button;
}

static void
weftline_run_row_init (WeftlineRunRow *self)
{
  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);

  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 4);
  self->name = gtk_label_new (NULL);
  self->state = small_label ();
  self->kind = small_label ();
  self->bar = weftline_run_bar_new ();
  gtk_label_set_xalign (GTK_LABEL (self->name), 0);
  gtk_label_set_ellipsize (GTK_LABEL (self->name), PANGO_ELLIPSIZE_END);
  gtk_widget_set_hexpand (self->name, TRUE);
  gtk_box_append (GTK_BOX (head), self->name);
  gtk_box_append (GTK_BOX (head), close_button (self));
  gtk_box_append (GTK_BOX (self->box), head);
  gtk_box_append (GTK_BOX (self->box), weftline_text_line_new (self->state, NULL, self->kind));
  gtk_box_append (GTK_BOX (self->box), self->bar);
  gtk_widget_add_css_class (self->box, "run-row");
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (self), self->box);
}

GtkWidget *
weftline_run_row_new (WeftlineSession *session)
{
  WeftlineRunRow *self = g_object_new (WEFTLINE_TYPE_RUN_ROW, NULL);

  self->session = g_object_ref (session);
  self->failure = weftline_failure_new (session);
  gtk_box_append (GTK_BOX (self->box), self->failure);
  g_signal_connect_object (self->failure, "clicked", G_CALLBACK (failure_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->failure, "notify::visible", G_CALLBACK (update), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (weftline_session_run (session), "changed", G_CALLBACK (update), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "left-changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "moment-changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);
  return GTK_WIDGET (self);
}

WeftlineRun *
weftline_run_row_run (WeftlineRunRow *self)
{
  return self->session != NULL ? weftline_session_run (self->session) : NULL;
}

WeftlineSession *
weftline_run_row_session (WeftlineRunRow *self)
{
  return self->session;
}
