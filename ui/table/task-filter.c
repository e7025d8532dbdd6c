/* task-filter.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "table/task-filter.h"

#include "canvas/number-format.h"
#include "inspect/inspect-facts.h"
#include "table/task-words.h"

#include <glib/gi18n.h>

struct _WeftlineTaskFilter
{
  GtkWidget parent_instance;

  GtkWidget *box;
  GtkWidget *entry;
  GtkWidget *marked;
  GtkWidget *checks[WEFT_TASK_N_STATES];
  uint32_t n_states[WEFT_TASK_N_STATES];
};

static guint changed_signal;

G_DEFINE_FINAL_TYPE (WeftlineTaskFilter, weftline_task_filter, GTK_TYPE_WIDGET)

/* ---- which states ---------------------------------------------------------------------------- */

static void
changed_cb (WeftlineTaskFilter *self)
{
  g_signal_emit (self, changed_signal, 0);
}

static void
update_checks (WeftlineTaskFilter *self)
{
  for (unsigned state = 0; state < WEFT_TASK_N_STATES; state++)
    {
      g_autofree char *n = weftline_format_count (self->n_states[state]);
      /* Translators: a state, and how many tasks are in it */
      g_autofree char *label =
          g_strdup_printf (_ ("%s (%s)"), weftline_state_word ((WeftModelState) state), n);

      gtk_check_button_set_label (GTK_CHECK_BUTTON (self->checks[state]), label);
    }
}

static GtkWidget *
make_check (WeftlineTaskFilter *self, GtkWidget *box, gboolean active)
{
  GtkWidget *check = gtk_check_button_new ();

  gtk_check_button_set_active (GTK_CHECK_BUTTON (check), active);
  g_signal_connect_swapped (check, "toggled", G_CALLBACK (changed_cb), self);
  gtk_box_append (GTK_BOX (box), check);
  return check;
}

static GtkWidget *
make_popover (WeftlineTaskFilter *self)
{
  GtkWidget *popover = gtk_popover_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  for (unsigned state = 0; state < WEFT_TASK_N_STATES; state++)
    self->checks[state] = make_check (self, box, TRUE);
  gtk_box_append (GTK_BOX (box), gtk_separator_new (GTK_ORIENTATION_HORIZONTAL));
  self->marked = make_check (self, box, FALSE);
  gtk_check_button_set_label (GTK_CHECK_BUTTON (self->marked), _ ("Only what stands out"));
  gtk_widget_set_tooltip_text (self->marked,
                               _ ("The lineage, the group or the time that is selected"));
  gtk_widget_add_css_class (box, "control-popover");
  gtk_popover_set_child (GTK_POPOVER (popover), box);
  g_signal_connect_swapped (popover, "show", G_CALLBACK (update_checks), self);
  update_checks (self);
  return popover;
}

/* ---- in what order --------------------------------------------------------------------------- */

static void
add_order (GMenu *menu, const char *title, const char *name)
{
  g_autoptr (GMenuItem) item = g_menu_item_new (title, NULL);

  g_menu_item_set_action_and_target (item, "table.sort", "s", name);
  g_menu_append_item (menu, item);
}

static GMenuModel *
make_orders (void)
{
  GMenu *menu = g_menu_new ();
  g_autoptr (GMenu) columns = g_menu_new ();
  g_autoptr (GMenu) way = g_menu_new ();

  /* Translators: tasks in the order in which the graph has them */
  add_order (columns, _ ("As in the Graph"), "");
  for (unsigned i = 0; i < WEFTLINE_TASK_N_COLUMNS; i++)
    add_order (columns, weftline_task_column_title ((WeftlineTaskColumn) i),
               weftline_task_column_name ((WeftlineTaskColumn) i));
  /* Translators: the largest first */
  g_menu_append (way, _ ("_Descending"), "table.descending");
  g_menu_append_section (menu, NULL, G_MENU_MODEL (columns));
  g_menu_append_section (menu, NULL, G_MENU_MODEL (way));
  return G_MENU_MODEL (menu);
}

/* ---- the widget ------------------------------------------------------------------------------ */

static GtkWidget *
make_button (const char *label, const char *tooltip)
{
  GtkWidget *button = gtk_menu_button_new ();

  gtk_menu_button_set_label (GTK_MENU_BUTTON (button), label);
  gtk_widget_set_tooltip_text (button, tooltip);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_add_css_class (button, "figure-button");
  return button;
}

static GtkWidget *
make_entry (WeftlineTaskFilter *self)
{
  GtkWidget *entry = gtk_search_entry_new ();

  g_object_set (entry, "placeholder-text", _ ("Key or group"), NULL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (entry), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Key or group"), -1);
  gtk_editable_set_width_chars (GTK_EDITABLE (entry), 6);
  gtk_editable_set_max_width_chars (GTK_EDITABLE (entry), 30);
  gtk_widget_set_hexpand (entry, TRUE);
  g_signal_connect_swapped (entry, "search-changed", G_CALLBACK (changed_cb), self);
  return entry;
}

static void
weftline_task_filter_dispose (GObject *object)
{
  g_clear_pointer (&WEFTLINE_TASK_FILTER (object)->box, gtk_widget_unparent);
  G_OBJECT_CLASS (weftline_task_filter_parent_class)->dispose (object);
}

static void
weftline_task_filter_class_init (WeftlineTaskFilterClass *class)
{
  G_OBJECT_CLASS (class)->dispose = weftline_task_filter_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (class), GTK_TYPE_BIN_LAYOUT);
  changed_signal = g_signal_new ("changed", WEFTLINE_TYPE_TASK_FILTER, G_SIGNAL_RUN_LAST, 0, NULL,
                                 NULL, NULL, G_TYPE_NONE, 0);
}

static void
weftline_task_filter_init (WeftlineTaskFilter *self)
{
  g_autoptr (GMenuModel) orders = make_orders ();
  /* Translators: which tasks are listed */
  GtkWidget *show = make_button (_ ("Show"), _ ("Which tasks are listed"));
  GtkWidget *sort = make_button (_ ("Sort"), _ ("In what order tasks are listed"));

  self->box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  gtk_widget_add_css_class (self->box, "table-bar");
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
  self->entry = make_entry (self);
  gtk_menu_button_set_popover (GTK_MENU_BUTTON (show), make_popover (self));
  gtk_menu_button_set_menu_model (GTK_MENU_BUTTON (sort), orders);
  gtk_box_append (GTK_BOX (self->box), self->entry);
  gtk_box_append (GTK_BOX (self->box), show);
  gtk_box_append (GTK_BOX (self->box), sort);
}

GtkWidget *
weftline_task_filter_new (void)
{
  return g_object_new (WEFTLINE_TYPE_TASK_FILTER, NULL);
}

void
weftline_task_filter_get (WeftlineTaskFilter *self, WeftlineTaskQuery *query)
{
  query->text = gtk_editable_get_text (GTK_EDITABLE (self->entry));
  query->states = 0;
  for (unsigned state = 0; state < WEFT_TASK_N_STATES; state++)
    if (gtk_check_button_get_active (GTK_CHECK_BUTTON (self->checks[state])))
      query->states |= 1u << state;
}

gboolean
weftline_task_filter_marked_only (WeftlineTaskFilter *self)
{
  return gtk_check_button_get_active (GTK_CHECK_BUTTON (self->marked));
}

void
weftline_task_filter_set (WeftlineTaskFilter *self, const char *text, uint32_t states,
                          gboolean marked_only)
{
  gtk_editable_set_text (GTK_EDITABLE (self->entry), text != NULL ? text : "");
  for (unsigned state = 0; state < WEFT_TASK_N_STATES; state++)
    gtk_check_button_set_active (GTK_CHECK_BUTTON (self->checks[state]),
                                 (states >> state & 1) != 0);
  gtk_check_button_set_active (GTK_CHECK_BUTTON (self->marked), marked_only);
}

void
weftline_task_filter_set_counts (WeftlineTaskFilter *self, const uint32_t *n_states)
{
  memcpy (self->n_states, n_states, sizeof self->n_states);
  if (gtk_widget_get_mapped (self->checks[0]))
    update_checks (self);
}
