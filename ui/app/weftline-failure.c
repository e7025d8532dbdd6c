/* weftline-failure.c: why a run has failed, in a line
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Errors of attempts that were followed by a better one are passed over. Which error came first
 * does not change any more once it is known, so they are looked through until then only.
 */
#include "config.h"

#include "app/weftline-failure.h"

#include "inspect/run-facts.h"

#include <glib/gi18n.h>

struct _WeftlineFailure
{
  GtkWidget parent_instance;

  WeftlineSession *session;
  GtkWidget *button;
  GtkWidget *label;
  bool known;
  uint32_t index; /* of the error, in the model */
};

static guint clicked_signal;

G_DEFINE_FINAL_TYPE (WeftlineFailure, weftline_failure, GTK_TYPE_WIDGET)

/* ---- the first error ------------------------------------------------------------------------- */

/* Returns: FALSE: nothing has failed, or not by then */
static bool
get (WeftlineFailure *self, WeftModelErrorText *error)
{
  WeftModel *model = weftline_session_model (self->session);

  if (model != NULL && !self->known)
    self->known = weftline_run_find_failure (model, &self->index);
  if (!self->known)
    return false;
  weft_model_error (model, self->index, error);
  return error->at_ns <= weftline_session_time (self->session);
}

char *
weftline_failure_dup_text (WeftlineFailure *self)
{
  WeftModelErrorText error;

  return get (self, &error)
             ? weftline_run_failure_text (weftline_session_model (self->session), self->index)
             : NULL;
}

/* ---- the widget ------------------------------------------------------------------------------ */

static void
update (WeftlineFailure *self)
{
  g_autofree char *text = weftline_failure_dup_text (self);

  gtk_widget_set_visible (GTK_WIDGET (self), text != NULL);
  if (text == NULL || g_str_equal (text, gtk_label_get_text (GTK_LABEL (self->label))))
    return;
  gtk_label_set_text (GTK_LABEL (self->label), text);
  gtk_widget_set_tooltip_text (self->button, text);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  text, GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, _ ("Selects the task"),
                                  -1);
}

static void
clicked_cb (WeftlineFailure *self)
{
  WeftModelErrorText error;

  g_signal_emit (self, clicked_signal, 0);
  if (get (self, &error))
    weftline_session_reveal_task (self->session, error.task);
}

static void
weftline_failure_dispose (GObject *object)
{
  WeftlineFailure *self = WEFTLINE_FAILURE (object);

  g_clear_pointer (&self->button, gtk_widget_unparent);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (weftline_failure_parent_class)->dispose (object);
}

static void
weftline_failure_class_init (WeftlineFailureClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = weftline_failure_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  /**
   * WeftlineFailure::clicked:
   *
   * Its task is going to be selected: who shows that may come into sight first.
   */
  clicked_signal = g_signal_new ("clicked", WEFTLINE_TYPE_FAILURE, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 0);
}

static void
weftline_failure_init (WeftlineFailure *self)
{
  self->label = gtk_label_new (NULL);
  self->button = gtk_button_new ();
  gtk_label_set_ellipsize (GTK_LABEL (self->label), PANGO_ELLIPSIZE_END);
  gtk_label_set_xalign (GTK_LABEL (self->label), 0);
  gtk_button_set_child (GTK_BUTTON (self->button), self->label);
  gtk_widget_add_css_class (self->button, "flat");
  gtk_widget_add_css_class (self->button, "failure-button");
  gtk_widget_add_css_class (self->label, "error");
  gtk_widget_set_parent (self->button, GTK_WIDGET (self));
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
  g_signal_connect_swapped (self->button, "clicked", G_CALLBACK (clicked_cb), self);
}

GtkWidget *
weftline_failure_new (WeftlineSession *session)
{
  WeftlineFailure *self = g_object_new (WEFTLINE_TYPE_FAILURE, NULL);

  self->session = g_object_ref (session);
  g_signal_connect_object (weftline_session_run (session), "changed", G_CALLBACK (update), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "stale", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "time-changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);
  return GTK_WIDGET (self);
}
