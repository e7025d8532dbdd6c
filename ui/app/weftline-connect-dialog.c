/* weftline-connect-dialog.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "app/weftline-connect-dialog.h"

#include "canvas/widget-text.h"
#include "session/weftline-address.h"

#include <glib/gi18n.h>

#define RECENT_KEY "recent-clusters"
#define MAX_RECENT 5
#define WIDTH 460
#define TICK_MS 200

struct _WeftlineConnectDialog
{
  AdwWindow parent_instance;

  GSettings *settings;
  WeftlineAttachment *attachment; /* (nullable): that is connecting */
  GtkWidget *connect;             /* button */
  GtkWidget *cancel;              /* button */
  GtkWidget *address;             /* row */
  GtkWidget *words;               /* how it stands, or what is wrong */
  GtkWidget *python;              /* row */
  GtkWidget *python_group;
  GtkWidget *recent;
  guint tick_source;
};

static guint connected_signal;

G_DEFINE_FINAL_TYPE (WeftlineConnectDialog, weftline_connect_dialog, ADW_TYPE_WINDOW)

/* ---- what is said ---------------------------------------------------------------------------- */

static void
say (WeftlineConnectDialog *self, const char *text, gboolean is_wrong)
{
  if (is_wrong)
    {
      gtk_widget_remove_css_class (self->words, "dim-label");
      gtk_widget_add_css_class (self->words, "error");
    }
  else
    {
      gtk_widget_remove_css_class (self->words, "error");
      gtk_widget_add_css_class (self->words, "dim-label");
    }
  gtk_label_set_text (GTK_LABEL (self->words), text);
}

static void
say_hint (WeftlineConnectDialog *self)
{
  say (self,
       _ ("The scheduler says it when it starts, in Python client.scheduler.address: "
          "tcp://host:8786. With the address of its page, http://host:8787, no Python is needed, "
          "but errors and inputs of tasks are not told."),
       FALSE);
}

static void
say_time (WeftlineConnectDialog *self)
{
  gint64 us = g_get_monotonic_time () - weftline_attachment_begun_at (self->attachment);
  /* Translators: whole seconds since it began */
  g_autofree char *text = g_strdup_printf (_ ("Connecting… %d s"), (int) (us / G_USEC_PER_SEC));

  say (self, text, FALSE);
}

static gboolean
tick_cb (void *data)
{
  say_time (data);
  return G_SOURCE_CONTINUE;
}

/* While it is typed: what cannot be told from an address that is not finished yet is an error only
 * when somebody wants to connect to it. */
static void
typed_cb (WeftlineConnectDialog *self)
{
  g_autofree char *problem = NULL;
  g_autofree char *address =
      weftline_address_read (gtk_editable_get_text (GTK_EDITABLE (self->address)), &problem);

  gtk_widget_set_sensitive (self->connect, address != NULL);
  gtk_widget_set_visible (self->python_group, FALSE);
  gtk_widget_remove_css_class (self->address, "error");
  if (problem != NULL)
    say (self, problem, FALSE);
  else
    say_hint (self);
}

/* ---- recent addresses ------------------------------------------------------------------------ */

static void
remember (WeftlineConnectDialog *self, const char *address)
{
  g_auto (GStrv) before = g_settings_get_strv (self->settings, RECENT_KEY);
  g_autoptr (GPtrArray) now = g_ptr_array_new ();

  g_ptr_array_add (now, (char *) address);
  for (char **one = before; *one != NULL && now->len < MAX_RECENT; one++)
    if (!g_str_equal (*one, address))
      g_ptr_array_add (now, *one);
  g_ptr_array_add (now, NULL);
  g_settings_set_strv (self->settings, RECENT_KEY, (const char *const *) now->pdata);
}

static void begin (WeftlineConnectDialog *self);

static void
recent_cb (AdwActionRow *row, WeftlineConnectDialog *self)
{
  gtk_editable_set_text (GTK_EDITABLE (self->address),
                         adw_preferences_row_get_title (ADW_PREFERENCES_ROW (row)));
  begin (self);
}

static void
add_recent (WeftlineConnectDialog *self)
{
  g_auto (GStrv) addresses = g_settings_get_strv (self->settings, RECENT_KEY);

  gtk_widget_set_visible (self->recent, addresses[0] != NULL);
  for (char **address = addresses; *address != NULL; address++)
    {
      GtkWidget *row = adw_action_row_new ();

      adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
      adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), *address);
      adw_action_row_set_title_lines (ADW_ACTION_ROW (row), 1); /* hyphens are no part of it */
      gtk_widget_set_tooltip_text (row, *address);
      adw_action_row_add_suffix (ADW_ACTION_ROW (row),
                                 gtk_image_new_from_icon_name ("go-next-symbolic"));
      gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), TRUE);
      g_signal_connect (row, "activated", G_CALLBACK (recent_cb), self);
      adw_preferences_group_add (ADW_PREFERENCES_GROUP (self->recent), row);
    }
}

/* ---- connecting ------------------------------------------------------------------------------ */

static void attachment_cb (WeftlineConnectDialog *self);

static void
let_go (WeftlineConnectDialog *self)
{
  g_clear_handle_id (&self->tick_source, g_source_remove);
  if (self->attachment != NULL)
    g_signal_handlers_disconnect_by_func (self->attachment, attachment_cb, self);
  g_clear_object (&self->attachment);
}

/* What can be used while it connects, and what otherwise. */
static void
set_busy (WeftlineConnectDialog *self, gboolean busy)
{
  gtk_editable_set_editable (GTK_EDITABLE (self->address), !busy);
  gtk_editable_set_editable (GTK_EDITABLE (self->python), !busy);
  gtk_widget_set_sensitive (self->connect, !busy);
  gtk_widget_set_sensitive (self->recent, !busy);
}

static void
failed (WeftlineConnectDialog *self, const char *message, gboolean wants_python)
{
  let_go (self);
  set_busy (self, FALSE);
  gtk_widget_set_visible (self->python_group, wants_python);
  gtk_widget_add_css_class (self->address, "error");
  say (self, message, TRUE);
  gtk_widget_grab_focus (self->address);
}

static void
attachment_cb (WeftlineConnectDialog *self)
{
  g_autoptr (WeftlineAttachment) attachment = g_object_ref (self->attachment);

  if (weftline_attachment_state (attachment) == WEFTLINE_ATTACHMENT_ENDED)
    {
      failed (self, weftline_attachment_message (attachment),
              weftline_attachment_wants_python (attachment));
      return;
    }
  if (weftline_attachment_state (attachment) != WEFTLINE_ATTACHMENT_CONNECTED)
    return;
  let_go (self);
  remember (self, weftline_attachment_address (attachment));
  g_signal_emit (self, connected_signal, 0, attachment);
  gtk_window_destroy (GTK_WINDOW (self));
}

static void
begin (WeftlineConnectDialog *self)
{
  g_autofree char *problem = NULL;
  g_autofree char *address =
      weftline_address_read (gtk_editable_get_text (GTK_EDITABLE (self->address)), &problem);
  g_autofree char *python = g_settings_get_string (self->settings, "python");
  g_autoptr (GError) error = NULL;

  if (self->attachment != NULL)
    return;
  if (address == NULL)
    {
      if (problem != NULL)
        failed (self, problem, FALSE);
      return;
    }
  self->attachment = weftline_attachment_new (address, python, &error);
  if (self->attachment == NULL)
    {
      failed (self, error->message, FALSE);
      return;
    }
  gtk_widget_remove_css_class (self->address, "error");
  set_busy (self, TRUE);
  say_time (self);
  self->tick_source = g_timeout_add (TICK_MS, tick_cb, self);
  g_signal_connect_swapped (self->attachment, "changed", G_CALLBACK (attachment_cb), self);
}

/* ---- the widget ------------------------------------------------------------------------------ */

static void
weftline_connect_dialog_dispose (GObject *object)
{
  WeftlineConnectDialog *self = WEFTLINE_CONNECT_DIALOG (object);
  g_autoptr (WeftlineAttachment) unwanted =
      self->attachment != NULL ? g_object_ref (self->attachment) : NULL;

  let_go (self);
  if (unwanted != NULL)
    weftline_attachment_stop (unwanted);
  g_clear_object (&self->settings);
  G_OBJECT_CLASS (weftline_connect_dialog_parent_class)->dispose (object);
}

static void
weftline_connect_dialog_class_init (WeftlineConnectDialogClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = weftline_connect_dialog_dispose;
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (klass), GTK_ACCESSIBLE_ROLE_DIALOG);
  gtk_widget_class_add_binding_action (GTK_WIDGET_CLASS (klass), GDK_KEY_Escape, 0, "window.close",
                                       NULL);
  /**
   * WeftlineConnectDialog::connected:
   * @attachment: the cluster that is watched
   */
  connected_signal = g_signal_new ("connected", WEFTLINE_TYPE_CONNECT_DIALOG, G_SIGNAL_RUN_LAST, 0,
                                   NULL, NULL, NULL, G_TYPE_NONE, 1, WEFTLINE_TYPE_ATTACHMENT);
}

static GtkWidget *
make_button (const char *label)
{
  GtkWidget *button = gtk_button_new_with_mnemonic (label);

  /* its label names it; the property has the mnemonic's mark */
  gtk_accessible_reset_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL);
  return button;
}

static GtkWidget *
make_header (WeftlineConnectDialog *self)
{
  GtkWidget *header = adw_header_bar_new ();

  self->cancel = make_button (_ ("_Cancel"));
  self->connect = make_button (_ ("C_onnect"));
  gtk_widget_add_css_class (self->connect, "suggested-action");
  gtk_widget_set_sensitive (self->connect, FALSE);
  adw_header_bar_set_show_start_title_buttons (ADW_HEADER_BAR (header), FALSE);
  adw_header_bar_set_show_end_title_buttons (ADW_HEADER_BAR (header), FALSE);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (self->cancel), "window.close");
  g_signal_connect_swapped (self->connect, "clicked", G_CALLBACK (begin), self);
  adw_header_bar_pack_start (ADW_HEADER_BAR (header), self->cancel);
  adw_header_bar_pack_end (ADW_HEADER_BAR (header), self->connect);
  return header;
}

static GtkWidget *
make_address (WeftlineConnectDialog *self)
{
  GtkWidget *group = adw_preferences_group_new ();

  self->address = adw_entry_row_new ();
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->address),
                                 _ ("Address of the scheduler"));
  adw_entry_row_set_input_purpose (ADW_ENTRY_ROW (self->address), GTK_INPUT_PURPOSE_URL);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), self->address);
  g_signal_connect_swapped (self->address, "changed", G_CALLBACK (typed_cb), self);
  g_signal_connect_swapped (self->address, "entry-activated", G_CALLBACK (begin), self);
  return group;
}

static GtkWidget *
make_words (WeftlineConnectDialog *self)
{
  self->words = gtk_label_new (NULL);
  weftline_label_wrap (self->words);
  gtk_label_set_xalign (GTK_LABEL (self->words), 0);
  gtk_label_set_selectable (GTK_LABEL (self->words), TRUE);
  gtk_widget_set_can_focus (self->words, FALSE);
  gtk_widget_add_css_class (self->words, "connect-words");
  return self->words;
}

static void
weftline_connect_dialog_init (WeftlineConnectDialog *self)
{
  GtkWidget *all = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);

  self->python_group = adw_preferences_group_new ();
  self->recent = adw_preferences_group_new ();
  gtk_widget_set_visible (self->python_group, FALSE);
  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (self->recent), _ ("Recent"));
  gtk_widget_add_css_class (box, "connect-box");
  gtk_box_append (GTK_BOX (box), make_address (self));
  gtk_box_append (GTK_BOX (box), make_words (self));
  gtk_box_append (GTK_BOX (box), self->python_group);
  gtk_box_append (GTK_BOX (box), self->recent);
  gtk_box_append (GTK_BOX (all), make_header (self));
  gtk_box_append (GTK_BOX (all), box);
  adw_window_set_content (ADW_WINDOW (self), all);
  gtk_window_set_title (GTK_WINDOW (self), _ ("Connect to Dask"));
  gtk_window_set_default_size (GTK_WINDOW (self), WIDTH, -1);
  gtk_window_set_modal (GTK_WINDOW (self), TRUE);
  say_hint (self);
  gtk_widget_grab_focus (self->address);
}

WeftlineConnectDialog *
weftline_connect_dialog_new (GtkWindow *parent, GSettings *settings)
{
  WeftlineConnectDialog *self = g_object_new (WEFTLINE_TYPE_CONNECT_DIALOG, NULL);

  self->settings = g_object_ref (settings);
  self->python = adw_entry_row_new ();
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->python), _ ("Python that has Dask"));
  g_settings_bind (settings, "python", self->python, "text", G_SETTINGS_BIND_DEFAULT);
  g_signal_connect_swapped (self->python, "entry-activated", G_CALLBACK (begin), self);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (self->python_group), self->python);
  add_recent (self);
  gtk_window_set_transient_for (GTK_WINDOW (self), parent);
  return self;
}
