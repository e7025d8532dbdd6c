/* transfer-view.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "transfers/transfer-view.h"

#include "transfers/transfer-words.h"

#include <glib/gi18n.h>

struct _WeftlineTransferView
{
  GtkWidget parent;
  WeftlineSession *session;
  GtkWidget *box, *chart;
  GtkWidget *buttons[2]; /* by measure */
  char *figures;         /* (nullable) */
};

enum
{
  PROP_FIGURES = 1,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (WeftlineTransferView, weftline_transfer_view, GTK_TYPE_WIDGET)

WeftlineTransferChart *
weftline_transfer_view_chart (WeftlineTransferView *self)
{
  return WEFTLINE_TRANSFER_CHART (self->chart);
}

WeftlineTransferMeasure
weftline_transfer_view_get_measure (WeftlineTransferView *self)
{
  return gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->buttons[1]))
             ? WEFTLINE_TRANSFER_BY_RATE
             : WEFTLINE_TRANSFER_BY_BYTES;
}

void
weftline_transfer_view_set_measure (WeftlineTransferView *self, WeftlineTransferMeasure measure)
{
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->buttons[measure]), TRUE);
}

void
weftline_transfer_view_get_range (WeftlineTransferView *self, int64_t *from_ns, int64_t *to_ns)
{
  const WeftlineSelection *selection = weftline_session_selection (self->session);
  bool is_range = selection->to_ns > selection->from_ns;

  *from_ns = is_range ? selection->from_ns : 0;
  *to_ns = is_range ? selection->to_ns : 0;
}

static void
toggled_cb (WeftlineTransferView *self)
{
  weftline_transfer_chart_set_measure (weftline_transfer_view_chart (self),
                                       weftline_transfer_view_get_measure (self));
}

static void
changed_cb (WeftlineTransferView *self)
{
  const WeftlineTransferMatrix *matrix =
      weftline_transfer_chart_matrix (weftline_transfer_view_chart (self));
  g_autofree char *figures = weftline_transfer_figures (matrix);

  if (g_strcmp0 (figures, self->figures) == 0)
    return;
  g_free (self->figures);
  self->figures = g_steal_pointer (&figures);
  gtk_widget_set_visible (gtk_widget_get_first_child (self->box),
                          matrix != NULL && matrix->total.bytes > 0);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_FIGURES]);
}

/* ---- the widget ------------------------------------------------------------------------------ */

/* Of nothing, or where no bytes are told, there is nothing to switch. */
static GtkWidget *
make_switch (WeftlineTransferView *self)
{
  const char *const labels[] = { _ ("Bytes"), _ ("Bandwidth") };
  GtkWidget *bar = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);

  for (unsigned i = 0; i < G_N_ELEMENTS (labels); i++)
    {
      self->buttons[i] = gtk_toggle_button_new_with_label (labels[i]);
      gtk_box_append (GTK_BOX (bar), self->buttons[i]);
    }
  gtk_toggle_button_set_group (GTK_TOGGLE_BUTTON (self->buttons[1]),
                               GTK_TOGGLE_BUTTON (self->buttons[0]));
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->buttons[0]), TRUE);
  g_signal_connect_swapped (self->buttons[1], "toggled", G_CALLBACK (toggled_cb), self);
  gtk_widget_add_css_class (bar, "linked");
  gtk_widget_add_css_class (bar, "event-switcher");
  gtk_widget_set_halign (bar, GTK_ALIGN_START);
  gtk_widget_set_visible (bar, FALSE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (bar), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("What colour tells"), -1);
  return bar;
}

static void
weftline_transfer_view_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_FIGURES)
    g_value_set_string (value, WEFTLINE_TRANSFER_VIEW (object)->figures);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
weftline_transfer_view_dispose (GObject *object)
{
  WeftlineTransferView *self = WEFTLINE_TRANSFER_VIEW (object);

  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (weftline_transfer_view_parent_class)->dispose (object);
}

static void
weftline_transfer_view_finalize (GObject *object)
{
  g_free (WEFTLINE_TRANSFER_VIEW (object)->figures);
  G_OBJECT_CLASS (weftline_transfer_view_parent_class)->finalize (object);
}

static void
weftline_transfer_view_class_init (WeftlineTransferViewClass *class)
{
  G_OBJECT_CLASS (class)->get_property = weftline_transfer_view_get_property;
  G_OBJECT_CLASS (class)->dispose = weftline_transfer_view_dispose;
  G_OBJECT_CLASS (class)->finalize = weftline_transfer_view_finalize;
  props[PROP_FIGURES] =
      g_param_spec_string ("figures", NULL, NULL, NULL, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (G_OBJECT_CLASS (class), N_PROPS, props);
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (class), GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (GTK_WIDGET_CLASS (class), "transferview");
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (class), GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
weftline_transfer_view_init (WeftlineTransferView *self)
{
  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Transfers"), -1);
}

GtkWidget *
weftline_transfer_view_new (WeftlineSession *session)
{
  WeftlineTransferView *self = g_object_new (WEFTLINE_TYPE_TRANSFER_VIEW, NULL);

  self->session = g_object_ref (session);
  self->chart = weftline_transfer_chart_new (session);
  gtk_box_append (GTK_BOX (self->box), make_switch (self));
  gtk_box_append (GTK_BOX (self->box), self->chart);
  g_signal_connect_object (self->chart, "changed", G_CALLBACK (changed_cb), self,
                           G_CONNECT_SWAPPED);
  return GTK_WIDGET (self);
}
