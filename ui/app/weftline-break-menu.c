/* weftline-break-menu.c: where a run is to stop by itself: a button with what is set, and its menu
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * The button counts what is set and its tooltip names it, so that nobody wonders why a run has
 * stopped. The menu is filled in anew whenever the run has changed, but for a text that is being
 * written.
 */
#include "config.h"

#include "app/weftline-break-menu.h"
#include "canvas/number-format.h"
#include "session/weftline-bytes.h"

#include <glib/gi18n.h>

#define MOST_HEIGHT 240 /* of the list of what is set */

struct _WeftlineBreakMenu
{
  GtkWidget parent_instance;

  WeftlineRun *run; /* (nullable) */
  GtkWidget *button;
  GtkWidget *count;
  GtkWidget *on_error;
  GtkWidget *above;
  GtkWidget *groups;
  GtkWidget *add_group;
  GtkWidget *scrolled, *list;
  char *listed; /* what the list says */
  gboolean updating;
};

G_DEFINE_FINAL_TYPE (WeftlineBreakMenu, weftline_break_menu, GTK_TYPE_WIDGET)

static const WeftlineBreak any_error = { .kind = WEFTLINE_BREAK_ON_ERROR };
static const WeftlineBreak any_bytes = { .kind = WEFTLINE_BREAK_ABOVE_BYTES };

/* ---- what is set ----------------------------------------------------------------------------- */

/* (transfer full): a line each */
static char *
all_texts (const WeftlineBreaks *breaks)
{
  GString *text = g_string_new (NULL);

  for (unsigned i = 0; i < weftline_breaks_n (breaks); i++)
    {
      g_autofree char *one = weftline_break_text (weftline_breaks_get (breaks, i));

      g_string_append_printf (text, "%s%s", i > 0 ? "\n" : "", one);
    }
  return g_string_free (text, FALSE);
}

static void
remove_cb (GtkButton *button, WeftlineBreakMenu *self)
{
  unsigned index = GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (button), "index"));
  const WeftlineBreaks *breaks = weftline_run_breaks (self->run);
  g_autofree char *group = NULL;
  WeftlineBreak what;

  if (breaks == NULL || index >= weftline_breaks_n (breaks))
    return;
  what = *weftline_breaks_get (breaks, index);
  what.group = group = g_strdup (what.group);
  weftline_run_set_break (self->run, &what, false);
  gtk_widget_grab_focus (self->on_error); /* the button is gone */
}

static GtkWidget *
make_row (WeftlineBreakMenu *self, const WeftlineBreaks *breaks, unsigned index)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *button = gtk_button_new_from_icon_name ("window-close-symbolic");
  g_autofree char *text = weftline_break_text (weftline_breaks_get (breaks, index));
  GtkWidget *label = gtk_label_new (text);
  /* Translators: one of the places where a run stops by itself is taken away */
  g_autofree char *name = g_strdup_printf (_ ("Do not stop at: %s"), text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_MIDDLE);
  gtk_widget_set_hexpand (label, TRUE);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_add_css_class (button, "card-button");
  gtk_widget_set_tooltip_text (button, name);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  g_object_set_data (G_OBJECT (button), "index", GUINT_TO_POINTER (index));
  g_signal_connect (button, "clicked", G_CALLBACK (remove_cb), self);
  gtk_box_append (GTK_BOX (row), label);
  gtk_box_append (GTK_BOX (row), button);
  return row;
}

static void
fill_list (WeftlineBreakMenu *self, const WeftlineBreaks *breaks)
{
  GtkWidget *row;

  while ((row = gtk_widget_get_first_child (self->list)) != NULL)
    gtk_box_remove (GTK_BOX (self->list), row);
  for (unsigned i = 0; i < weftline_breaks_n (breaks); i++)
    gtk_box_append (GTK_BOX (self->list), make_row (self, breaks, i));
  gtk_widget_set_visible (self->scrolled, weftline_breaks_n (breaks) > 0);
}

static void
fill_above (WeftlineBreakMenu *self, const WeftlineBreaks *breaks)
{
  const WeftlineBreak *above = weftline_breaks_find (breaks, &any_bytes);
  g_autofree char *bytes =
      above != NULL ? weftline_format_bytes (above->n_bytes, WEFTLINE_BYTES_DECIMAL) : NULL;

  gtk_editable_set_text (GTK_EDITABLE (self->above), bytes != NULL ? bytes : "");
  gtk_widget_remove_css_class (self->above, "error");
}

/* The button says how many there are, and to those who ask, which. */
static void
tell (WeftlineBreakMenu *self, unsigned n)
{
  GtkWidget *const buttons[] = { self->button, gtk_widget_get_first_child (self->button) };
  g_autofree char *count = g_strdup_printf ("%u", n);
  g_autofree char *tooltip = NULL;

  gtk_label_set_text (GTK_LABEL (self->count), count);
  gtk_widget_set_visible (self->count, n > 0);
  if (n > 0)
    /* Translators: places follow, a line each */
    tooltip = g_strdup_printf (_ ("Stops at:\n%s"), self->listed);
  gtk_widget_set_tooltip_text (self->button, n > 0 ? tooltip : _ ("Stop at…"));
  for (unsigned i = 0; i < G_N_ELEMENTS (buttons); i++)
    gtk_accessible_update_property (GTK_ACCESSIBLE (buttons[i]), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                    _ ("Stop at…"), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                    self->listed, -1);
}

static void
update (WeftlineBreakMenu *self)
{
  const WeftlineBreaks *breaks = self->run != NULL ? weftline_run_breaks (self->run) : NULL;
  gboolean can = breaks != NULL && weftline_run_can (self->run, WEFTLINE_CAN_BREAK);
  g_autofree char *texts = breaks != NULL ? all_texts (breaks) : NULL;

  gtk_widget_set_visible (GTK_WIDGET (self), can);
  if (breaks == NULL)
    return;
  gtk_widget_set_sensitive (self->button, !weftline_run_is_over (self->run));
  if (g_strcmp0 (texts, self->listed) == 0)
    return;
  g_free (self->listed);
  self->listed = g_steal_pointer (&texts);
  self->updating = TRUE;
  gtk_check_button_set_active (GTK_CHECK_BUTTON (self->on_error),
                               weftline_breaks_find (breaks, &any_error) != NULL);
  fill_above (self, breaks);
  fill_list (self, breaks);
  tell (self, weftline_breaks_n (breaks));
  self->updating = FALSE;
}

/* ---- groups ---------------------------------------------------------------------------------- */

/* Those that are known: of the records, or, before there are any, of the graph. */
static GtkStringList *
group_names (WeftlineRun *run)
{
  WeftlineFeed *feed = weftline_run_feed (run);
  GtkStringList *names = gtk_string_list_new (NULL);
  WeftlinePlan *plan = weftline_run_plan (run);
  WeftModelSnapshot snapshot = { 0 };

  if (feed != NULL)
    weft_model_snapshot (weftline_feed_model (feed), &snapshot);
  for (uint32_t i = 0; i < snapshot.n_groups; i++)
    {
      WeftModelGroup group;

      weft_model_group (weftline_feed_model (feed), i, &group);
      gtk_string_list_append (names, group.name);
    }
  if (snapshot.n_groups > 0 || plan == NULL)
    return names;
  for (uint32_t i = 0; i < weft_graph_arrays (weftline_plan_graph (plan))->n_groups; i++)
    gtk_string_list_append (names, weft_graph_group_name (weftline_plan_graph (plan), i));
  return names;
}

/* Once the menu opens: there may be more by then. */
static void
show_cb (WeftlineBreakMenu *self)
{
  g_autoptr (GtkStringList) names = group_names (self->run);
  guint selected = gtk_drop_down_get_selected (GTK_DROP_DOWN (self->groups));
  guint n = g_list_model_get_n_items (G_LIST_MODEL (names));

  gtk_drop_down_set_model (GTK_DROP_DOWN (self->groups), G_LIST_MODEL (names));
  if (selected < n)
    gtk_drop_down_set_selected (GTK_DROP_DOWN (self->groups), selected);
  gtk_widget_set_sensitive (self->groups, n > 0);
  gtk_widget_set_sensitive (self->add_group, n > 0);
}

/* ---- what people do -------------------------------------------------------------------------- */

static void
on_error_cb (GtkCheckButton *button, WeftlineBreakMenu *self)
{
  if (!self->updating && self->run != NULL)
    weftline_run_set_break (self->run, &any_error, gtk_check_button_get_active (button));
}

/* Nothing, or none of it: it does not stop there any more. */
static void
above_cb (GtkEntry *entry, WeftlineBreakMenu *self)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (entry));
  WeftlineBreak what = any_bytes;

  if (self->run == NULL)
    return;
  if (text[0] != '\0' && !weftline_parse_bytes (text, &what.n_bytes))
    {
      gtk_widget_add_css_class (GTK_WIDGET (entry), "error");
      return;
    }
  gtk_widget_remove_css_class (GTK_WIDGET (entry), "error");
  weftline_run_set_break (self->run, &what, what.n_bytes > 0);
}

static void
group_cb (WeftlineBreakMenu *self)
{
  GtkStringObject *item = gtk_drop_down_get_selected_item (GTK_DROP_DOWN (self->groups));
  WeftlineBreak what = { .kind = WEFTLINE_BREAK_AT_GROUP };

  if (item == NULL || self->run == NULL)
    return;
  what.group = gtk_string_object_get_string (item);
  weftline_run_set_break (self->run, &what, true);
}

/* ---- making it ------------------------------------------------------------------------------- */

static GtkWidget *
label_for (GtkWidget *widget, const char *text)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_accessible_update_relation (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_RELATION_LABELLED_BY,
                                  label, NULL, -1);
  return label;
}

static GtkWidget *
make_groups (WeftlineBreakMenu *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkExpression *text = gtk_property_expression_new (GTK_TYPE_STRING_OBJECT, NULL, "string");

  self->groups = gtk_drop_down_new (NULL, text);
  gtk_drop_down_set_enable_search (GTK_DROP_DOWN (self->groups), TRUE);
  gtk_widget_set_hexpand (self->groups, TRUE);
  self->add_group = gtk_button_new_with_label (_ ("Add"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->add_group), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Stop at the Group"), -1);
  g_signal_connect_swapped (self->add_group, "clicked", G_CALLBACK (group_cb), self);
  gtk_box_append (GTK_BOX (box), self->groups);
  gtk_box_append (GTK_BOX (box), self->add_group);
  return box;
}

static GtkWidget *
make_menu (WeftlineBreakMenu *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkWidget *heading = gtk_label_new (_ ("Stop at")), *groups = make_groups (self);

  gtk_label_set_xalign (GTK_LABEL (heading), 0);
  gtk_widget_add_css_class (heading, "heading");
  gtk_widget_add_css_class (box, "control-popover");
  self->on_error = gtk_check_button_new_with_label (_ ("First error"));
  g_signal_connect (self->on_error, "toggled", G_CALLBACK (on_error_cb), self);
  self->above = gtk_entry_new ();
  gtk_entry_set_placeholder_text (GTK_ENTRY (self->above), _ ("such as 500 MB"));
  g_signal_connect (self->above, "activate", G_CALLBACK (above_cb), self);
  self->list = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_widget_add_css_class (self->list, "break-list");
  self->scrolled = gtk_scrolled_window_new ();
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (self->scrolled), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (self->scrolled), TRUE);
  gtk_scrolled_window_set_max_content_height (GTK_SCROLLED_WINDOW (self->scrolled), MOST_HEIGHT);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->scrolled), self->list);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->list), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Where the run stops"), -1);
  gtk_box_append (GTK_BOX (box), heading);
  gtk_box_append (GTK_BOX (box), self->on_error);
  gtk_box_append (GTK_BOX (box), label_for (self->above, _ ("Managed memory above, once")));
  gtk_box_append (GTK_BOX (box), self->above);
  gtk_box_append (GTK_BOX (box), label_for (self->groups, _ ("Each task of a group")));
  gtk_box_append (GTK_BOX (box), groups);
  gtk_box_append (GTK_BOX (box), self->scrolled);
  return box;
}

static void
weftline_break_menu_dispose (GObject *object)
{
  WeftlineBreakMenu *self = WEFTLINE_BREAK_MENU (object);

  if (self->run != NULL)
    g_signal_handlers_disconnect_by_func (self->run, update, self);
  g_clear_object (&self->run);
  g_clear_pointer (&self->button, gtk_widget_unparent);
  g_clear_pointer (&self->listed, g_free);
  G_OBJECT_CLASS (weftline_break_menu_parent_class)->dispose (object);
}

static void
weftline_break_menu_class_init (WeftlineBreakMenuClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = weftline_break_menu_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
weftline_break_menu_init (WeftlineBreakMenu *self)
{
  GtkWidget *face = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 4);
  GtkWidget *popover = gtk_popover_new ();

  self->button = gtk_menu_button_new ();
  self->count = gtk_label_new (NULL);
  gtk_widget_add_css_class (self->count, "numeric");
  gtk_box_append (GTK_BOX (face), gtk_image_new_from_icon_name ("weftline-break-symbolic"));
  gtk_box_append (GTK_BOX (face), self->count);
  gtk_menu_button_set_child (GTK_MENU_BUTTON (self->button), face);
  gtk_popover_set_child (GTK_POPOVER (popover), make_menu (self));
  gtk_menu_button_set_popover (GTK_MENU_BUTTON (self->button), popover);
  g_signal_connect_swapped (popover, "show", G_CALLBACK (show_cb), self);
  gtk_widget_add_css_class (self->button, "flat");
  gtk_widget_add_css_class (self->button, "break-button");
  gtk_widget_set_parent (self->button, GTK_WIDGET (self));
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
}

GtkWidget *
weftline_break_menu_new (void)
{
  return g_object_new (WEFTLINE_TYPE_BREAK_MENU, NULL);
}

void
weftline_break_menu_set_run (WeftlineBreakMenu *self, WeftlineRun *run)
{
  if (self->run != NULL)
    g_signal_handlers_disconnect_by_func (self->run, update, self);
  g_set_object (&self->run, run);
  g_clear_pointer (&self->listed, g_free);
  if (run != NULL)
    g_signal_connect_swapped (run, "changed", G_CALLBACK (update), self);
  if (self->button != NULL)
    update (self);
}

void
weftline_break_menu_popup (WeftlineBreakMenu *self)
{
  if (gtk_widget_get_visible (GTK_WIDGET (self)) && gtk_widget_is_sensitive (self->button))
    gtk_menu_button_popup (GTK_MENU_BUTTON (self->button));
}
