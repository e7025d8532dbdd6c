/* weftline-search.c: the bar that finds tasks
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * While one types the first match is selected; Enter goes to the next one.
 */
#include "config.h"

#include "app/weftline-search.h"
#include "session/weftline-find.h"
#include "canvas/number-format.h"

#include <glib/gi18n.h>

struct _WeftlineSearch
{
  GtkWidget parent_instance;

  WeftlineSession *session;
  GtkWidget *bar;
  GtkWidget *entry;
  GtkWidget *figures;
};

G_DEFINE_FINAL_TYPE (WeftlineSearch, weftline_search, GTK_TYPE_WIDGET)

static void
say (WeftlineSearch *self, const WeftlineFound *found)
{
  g_autofree char *position = weftline_format_count (found->position);
  g_autofree char *all = weftline_format_count (found->n_matches);
  g_autofree char *text = g_strdup_printf (_ ("%s of %s"), position, all);
  const char *typed = gtk_editable_get_text (GTK_EDITABLE (self->entry));

  if (*typed == '\0')
    gtk_label_set_text (GTK_LABEL (self->figures), "");
  else
    gtk_label_set_text (GTK_LABEL (self->figures), found->n_matches > 0 ? text : _ ("no task"));
}

static void
find (WeftlineSearch *self, uint32_t after, bool backwards)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->entry));
  WeftModel *model = self->session != NULL ? weftline_session_model (self->session) : NULL;
  WeftlineFound found = { .task = WEFT_NONE };

  if (model != NULL)
    weftline_find (model, weftline_session_snapshot (self->session)->n_tasks, text, after,
                   backwards, &found);
  if (found.task != WEFT_NONE)
    weftline_session_reveal_task (self->session, found.task);
  say (self, &found);
}

static void
changed_cb (WeftlineSearch *self)
{
  find (self, WEFT_NONE, false);
}

static void
next_cb (WeftlineSearch *self)
{
  if (self->session != NULL)
    find (self, weftline_session_selection (self->session)->task, false);
}

static void
previous_cb (WeftlineSearch *self)
{
  if (self->session != NULL)
    find (self, weftline_session_selection (self->session)->task, true);
}

static void
weftline_search_dispose (GObject *object)
{
  WeftlineSearch *self = WEFTLINE_SEARCH (object);

  g_clear_pointer (&self->bar, gtk_widget_unparent);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (weftline_search_parent_class)->dispose (object);
}

static void
weftline_search_class_init (WeftlineSearchClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = weftline_search_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (klass), GTK_ACCESSIBLE_ROLE_SEARCH);
}

static void
weftline_search_init (WeftlineSearch *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);

  self->bar = gtk_search_bar_new ();
  self->entry = gtk_search_entry_new ();
  self->figures = gtk_label_new (NULL);
  g_object_set (self->entry, "placeholder-text", _ ("Part of a task's key"), NULL);
  gtk_widget_set_size_request (self->entry, 320, -1);
  gtk_widget_add_css_class (self->figures, "dim-label");
  gtk_widget_add_css_class (self->figures, "numeric");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->entry), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Find tasks"), -1);
  g_signal_connect_swapped (self->entry, "search-changed", G_CALLBACK (changed_cb), self);
  g_signal_connect_swapped (self->entry, "activate", G_CALLBACK (next_cb), self);
  g_signal_connect_swapped (self->entry, "next-match", G_CALLBACK (next_cb), self);
  g_signal_connect_swapped (self->entry, "previous-match", G_CALLBACK (previous_cb), self);
  gtk_box_append (GTK_BOX (box), self->entry);
  gtk_box_append (GTK_BOX (box), self->figures);
  gtk_search_bar_set_child (GTK_SEARCH_BAR (self->bar), box);
  gtk_search_bar_connect_entry (GTK_SEARCH_BAR (self->bar), GTK_EDITABLE (self->entry));
  gtk_widget_set_parent (self->bar, GTK_WIDGET (self));
}

GtkWidget *
weftline_search_new (void)
{
  return g_object_new (WEFTLINE_TYPE_SEARCH, NULL);
}

void
weftline_search_set_session (WeftlineSearch *self, WeftlineSession *session)
{
  g_set_object (&self->session, session);
  gtk_label_set_text (GTK_LABEL (self->figures), "");
}

void
weftline_search_set_open (WeftlineSearch *self, gboolean open)
{
  gtk_search_bar_set_search_mode (GTK_SEARCH_BAR (self->bar), open);
  if (open)
    gtk_widget_grab_focus (self->entry);
}

gboolean
weftline_search_is_open (WeftlineSearch *self)
{
  return gtk_search_bar_get_search_mode (GTK_SEARCH_BAR (self->bar));
}
