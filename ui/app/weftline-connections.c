/* weftline-connections.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "app/weftline-connections.h"

#include <glib/gi18n.h>

struct _WeftlineConnections
{
  GtkWidget parent_instance;

  GtkWidget *box;
  GtkWidget *list;
  GPtrArray *all; /* Connection */
};

/* One of them. */
typedef struct
{
  WeftlineConnections *owner;
  WeftlineAttachment *attachment;
  GtkWidget *row;
  GtkWidget *state;
  GtkWidget *button;
  gulong handler;
} Connection;

static guint ended_signal;

G_DEFINE_FINAL_TYPE (WeftlineConnections, weftline_connections, GTK_TYPE_WIDGET)

/* ---- a connection ---------------------------------------------------------------------------- */

static void
connection_free (void *data)
{
  Connection *connection = data;

  g_signal_handler_disconnect (connection->attachment, connection->handler);
  g_object_unref (connection->attachment);
  g_free (connection);
}

static void
show (const Connection *connection)
{
  bool stopping = weftline_attachment_is_stopping (connection->attachment);
  /* Translators: how it stands with a cluster */
  const char *state = stopping ? _ ("disconnecting…") : _ ("connected");
  g_autofree char *label =
      g_strdup_printf ("%s, %s", weftline_attachment_address (connection->attachment), state);

  gtk_label_set_text (GTK_LABEL (connection->state), state);
  gtk_widget_set_sensitive (connection->button, !stopping);
  gtk_accessible_update_property (GTK_ACCESSIBLE (connection->row), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  label, -1);
}

static void
changed_cb (Connection *connection)
{
  WeftlineConnections *self = connection->owner;
  g_autofree char *message = NULL;

  if (weftline_attachment_state (connection->attachment) != WEFTLINE_ATTACHMENT_ENDED)
    {
      show (connection);
      return;
    }
  message = g_strdup (weftline_attachment_message (connection->attachment));
  gtk_list_box_remove (GTK_LIST_BOX (self->list), connection->row);
  g_ptr_array_remove (self->all, connection);
  gtk_widget_set_visible (GTK_WIDGET (self), self->all->len > 0);
  if (message != NULL)
    g_signal_emit (self, ended_signal, 0, message);
}

static void
stop_cb (Connection *connection)
{
  weftline_attachment_stop (connection->attachment);
}

static GtkWidget *
make_button (Connection *connection)
{
  GtkWidget *button = gtk_button_new_from_icon_name ("window-close-symbolic");
  g_autofree char *label = g_strdup_printf (_ ("Disconnect from %s"),
                                            weftline_attachment_address (connection->attachment));

  gtk_widget_add_css_class (button, "flat");
  gtk_widget_add_css_class (button, "card-button");
  gtk_widget_set_tooltip_text (button, _ ("Disconnect"));
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, label,
                                  -1);
  g_signal_connect_swapped (button, "clicked", G_CALLBACK (stop_cb), connection);
  return button;
}

static GtkWidget *
make_label (const char *text)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  return label;
}

/* The address's end tells the most of one that is too long. */
static void
fill (Connection *connection)
{
  const char *address = weftline_attachment_address (connection->attachment);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *texts = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);
  GtkWidget *name = make_label (address);

  connection->row = gtk_list_box_row_new ();
  connection->state = make_label (NULL);
  connection->button = make_button (connection);
  gtk_label_set_ellipsize (GTK_LABEL (name), PANGO_ELLIPSIZE_START);
  gtk_widget_set_tooltip_text (name, address);
  gtk_widget_add_css_class (connection->state, "caption");
  gtk_widget_add_css_class (connection->state, "dim-label");
  gtk_widget_set_hexpand (texts, TRUE);
  gtk_box_append (GTK_BOX (texts), name);
  gtk_box_append (GTK_BOX (texts), connection->state);
  gtk_box_append (GTK_BOX (box), texts);
  gtk_box_append (GTK_BOX (box), connection->button);
  gtk_widget_add_css_class (box, "run-row");
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (connection->row), box);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (connection->row), FALSE);
}

void
weftline_connections_add (WeftlineConnections *self, WeftlineAttachment *attachment)
{
  Connection *connection = g_new0 (Connection, 1);

  connection->owner = self;
  connection->attachment = g_object_ref (attachment);
  connection->handler =
      g_signal_connect_swapped (attachment, "changed", G_CALLBACK (changed_cb), connection);
  fill (connection);
  gtk_list_box_append (GTK_LIST_BOX (self->list), connection->row);
  g_ptr_array_add (self->all, connection);
  gtk_widget_set_visible (GTK_WIDGET (self), TRUE);
  show (connection);
}

unsigned
weftline_connections_n (WeftlineConnections *self)
{
  return self->all->len;
}

void
weftline_connections_stop (WeftlineConnections *self)
{
  for (guint i = 0; i < self->all->len; i++)
    weftline_attachment_stop (((Connection *) self->all->pdata[i])->attachment);
}

/* ---- the widget ------------------------------------------------------------------------------ */

static void
weftline_connections_dispose (GObject *object)
{
  WeftlineConnections *self = WEFTLINE_CONNECTIONS (object);

  if (self->all != NULL)
    weftline_connections_stop (self);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_pointer (&self->all, g_ptr_array_unref);
  G_OBJECT_CLASS (weftline_connections_parent_class)->dispose (object);
}

static void
weftline_connections_class_init (WeftlineConnectionsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = weftline_connections_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (klass), GTK_ACCESSIBLE_ROLE_GROUP);
  ended_signal = g_signal_new ("ended", WEFTLINE_TYPE_CONNECTIONS, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                               NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
weftline_connections_init (WeftlineConnections *self)
{
  /* Translators: heads the list of clusters that are watched */
  GtkWidget *title = make_label (_ ("Dask clusters"));

  self->all = g_ptr_array_new_with_free_func (connection_free);
  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  self->list = gtk_list_box_new ();
  gtk_list_box_set_selection_mode (GTK_LIST_BOX (self->list), GTK_SELECTION_NONE);
  gtk_widget_add_css_class (self->list, "navigation-sidebar");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->list), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Dask clusters"), -1);
  gtk_widget_add_css_class (title, "heading");
  gtk_widget_add_css_class (title, "connections-title");
  gtk_box_append (GTK_BOX (self->box), gtk_separator_new (GTK_ORIENTATION_HORIZONTAL));
  gtk_box_append (GTK_BOX (self->box), title);
  gtk_box_append (GTK_BOX (self->box), self->list);
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Dask clusters"), -1);
}

GtkWidget *
weftline_connections_new (void)
{
  return g_object_new (WEFTLINE_TYPE_CONNECTIONS, NULL);
}
