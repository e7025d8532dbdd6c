/* weftline-note-bar.c: what a run does not have from its graph, in a line
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Above all cards, so that no layout hides that times are assumed. The records of a run file say it
 * once they come; it does not change after that.
 */
#include "config.h"

#include "app/weftline-note-bar.h"
#include "canvas/note-text.h"
#include "canvas/widget-text.h"

#include <glib/gi18n.h>

#define LIST_WIDTH 480
#define LIST_HEIGHT 320

struct _WeftlineNoteBar
{
  GtkWidget parent_instance;

  WeftlineRun *run;
  GtkWidget *button;
  GtkWidget *line; /* the first */
  GtkWidget *more; /* how many there are beside it */
  GtkWidget *all;
  const WeftModelNotes *shown;
};

G_DEFINE_FINAL_TYPE (WeftlineNoteBar, weftline_note_bar, GTK_TYPE_WIDGET)

static void
show_more (WeftlineNoteBar *self, unsigned n)
{
  g_autofree char *text =
      /* Translators: so many lines beside the one that is shown */
      g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u more note", "%u more notes", n), n);

  gtk_label_set_text (GTK_LABEL (self->more), text);
  gtk_widget_set_visible (self->more, n > 0);
}

static void
show_lines (WeftlineNoteBar *self, char **lines)
{
  g_autofree char *first = weftline_note_short (lines[0]);
  g_autofree char *all = g_strjoinv ("\n", lines);

  gtk_label_set_text (GTK_LABEL (self->line), first);
  gtk_label_set_text (GTK_LABEL (self->all), all);
  gtk_widget_set_tooltip_text (self->button, first);
  show_more (self, g_strv_length (lines) - 1);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  first, GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  gtk_label_get_text (GTK_LABEL (self->more)), -1);
}

static void
update (WeftlineNoteBar *self)
{
  const WeftModelNotes *notes = weftline_run_notes (self->run);
  g_auto (GStrv) lines = NULL;

  if (notes == NULL || notes == self->shown)
    return;
  self->shown = notes;
  lines = weftline_note_lines (notes);
  gtk_widget_set_visible (GTK_WIDGET (self), lines[0] != NULL);
  if (lines[0] != NULL)
    show_lines (self, lines);
}

/* ---- the widget ------------------------------------------------------------------------------ */

static GtkWidget *
make_list (WeftlineNoteBar *self)
{
  GtkWidget *popover = gtk_popover_new ();
  GtkWidget *scrolled = gtk_scrolled_window_new ();

  self->all = gtk_label_new (NULL);
  weftline_label_wrap (self->all);
  gtk_label_set_selectable (GTK_LABEL (self->all), TRUE);
  gtk_label_set_xalign (GTK_LABEL (self->all), 0);
  gtk_label_set_yalign (GTK_LABEL (self->all), 0);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scrolled), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (scrolled), TRUE);
  gtk_scrolled_window_set_max_content_height (GTK_SCROLLED_WINDOW (scrolled), LIST_HEIGHT);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), self->all);
  gtk_widget_set_size_request (scrolled, LIST_WIDTH, -1);
  gtk_widget_add_css_class (scrolled, "control-popover");
  gtk_popover_set_child (GTK_POPOVER (popover), scrolled);
  return popover;
}

static void
weftline_note_bar_dispose (GObject *object)
{
  WeftlineNoteBar *self = WEFTLINE_NOTE_BAR (object);

  g_clear_pointer (&self->button, gtk_widget_unparent);
  g_clear_object (&self->run);
  G_OBJECT_CLASS (weftline_note_bar_parent_class)->dispose (object);
}

static void
weftline_note_bar_class_init (WeftlineNoteBarClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = weftline_note_bar_dispose;
  gtk_widget_class_set_css_name (GTK_WIDGET_CLASS (klass), "notebar");
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (klass), GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
weftline_note_bar_init (WeftlineNoteBar *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *icon = gtk_image_new_from_icon_name ("dialog-information-symbolic");

  self->line = gtk_label_new (NULL);
  gtk_label_set_ellipsize (GTK_LABEL (self->line), PANGO_ELLIPSIZE_END);
  gtk_label_set_xalign (GTK_LABEL (self->line), 0);
  self->more = gtk_label_new (NULL);
  gtk_widget_add_css_class (self->more, "dim-label");
  gtk_box_append (GTK_BOX (box), icon);
  gtk_box_append (GTK_BOX (box), self->line);
  gtk_box_append (GTK_BOX (box), self->more);
  self->button = gtk_menu_button_new ();
  gtk_menu_button_set_child (GTK_MENU_BUTTON (self->button), box);
  gtk_menu_button_set_popover (GTK_MENU_BUTTON (self->button), make_list (self));
  gtk_widget_add_css_class (self->button, "flat");
  gtk_widget_set_halign (self->button, GTK_ALIGN_START);
  gtk_widget_set_parent (self->button, GTK_WIDGET (self));
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
}

GtkWidget *
weftline_note_bar_new (WeftlineRun *run)
{
  WeftlineNoteBar *self = g_object_new (WEFTLINE_TYPE_NOTE_BAR, NULL);

  self->run = g_object_ref (run);
  g_signal_connect_object (run, "changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Notes on the graph"), -1);
  update (self);
  return GTK_WIDGET (self);
}
