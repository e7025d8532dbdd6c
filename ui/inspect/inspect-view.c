/* inspect-view.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * While a run goes on facts change many times a second, mostly in their texts only: then the labels
 * are set and the widgets stay, with the focus and what is selected in them. “Re-run” is the
 * action `win.rerun-task`, whose target is the task's key: making runs is the window's business.
 */
#include "config.h"

#include "inspect/inspect-view.h"

#include "canvas/palette.h"
#include "canvas/state-form.h"
#include "canvas/text-zoom.h"
#include "canvas/widget-text.h"
#include "inspect/inspect-facts.h"
#include "session/weftline-turn.h"

#include <adwaita.h>
#include <glib/gi18n.h>

/* Of the time, at most one part of so many goes into looking facts up, in runs of much output. */
#define COST_SHARE 20

#define NATURAL_HEIGHT 400 /* at most, where cards are stacked */
#define NARROW_PX 210      /* below this what is said stands below its title */
#define FORM_WIDTH 18
#define FORM_HEIGHT 12

struct _WeftlineInspectView
{
  GtkWidget parent_instance;

  WeftlineSession *session;
  WeftlineGroupColors *slots;
  GArray *slot_of_group; /* unsigned */
  GtkWidget *stack;
  GtkWidget *scrolled;
  GtkWidget *rows;
  GtkWidget *run_to;
  GtkWidget *rerun;
  GtkWidget *buttons;
  GPtrArray *facts;  /* (nullable): what the rows say */
  GPtrArray *titles; /* of GtkWidget: of the facts that have one */
  GPtrArray *values; /* of GtkWidget: what shows each fact's text; NULL: nothing */
  GPtrArray *forms;  /* of GtkWidget: what shows each fact's state; NULL: nothing */
  uint32_t task;     /* of these, or WEFT_NONE */
  unsigned n_built;
  gint64 updated_us; /* when facts were looked up last, and how long that took */
  gint64 cost_us;
  WeftlineTurn turn;
  guint fit_source;
  bool narrow;
};

G_DEFINE_FINAL_TYPE (WeftlineInspectView, weftline_inspect_view, GTK_TYPE_WIDGET)

/* ---- the form of a state --------------------------------------------------------------------- */

static uint32_t
color_of_task (WeftlineInspectView *self, const WeftlinePalette *palette, uint32_t task)
{
  WeftModel *model = weftline_session_model (self->session);
  uint32_t group = weft_model_task_group (model, task);
  WeftModelGroup info;

  if (group >= weftline_session_snapshot (self->session)->n_groups)
    return palette->slots[WEFTLINE_SLOT_OTHER];
  while (self->slot_of_group->len <= group)
    {
      unsigned slot;

      weft_model_group (model, self->slot_of_group->len, &info);
      slot = weftline_group_colors_add (self->slots, info.name);
      g_array_append_val (self->slot_of_group, slot);
    }
  weft_model_group (model, group, &info);
  return weftline_palette_group (palette, info.name,
                                 g_array_index (self->slot_of_group, unsigned, group));
}

/* Its fact is found by its place, which stays while the widget does. */
static void
draw_form_cb (GtkDrawingArea *area, cairo_t *cr, int width, int height, void *data)
{
  WeftlineInspectView *self = data;
  guint place = GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (area), "place"));
  bool dark = adw_style_manager_get_dark (adw_style_manager_get_default ());
  const WeftlinePalette *palette =
      weftline_palette (weftline_session_look (self->session)->palette, dark);
  const WeftlineFact *fact;

  if (self->facts == NULL || place >= self->facts->len)
    return;
  fact = self->facts->pdata[place];
  weftline_state_form_draw (cr, palette, fact->state, color_of_task (self, palette, fact->task), 0,
                            0, width, height);
}

static GtkWidget *
make_form (WeftlineInspectView *self, guint place)
{
  GtkWidget *form = gtk_drawing_area_new ();

  gtk_drawing_area_set_content_width (GTK_DRAWING_AREA (form), FORM_WIDTH);
  gtk_drawing_area_set_content_height (GTK_DRAWING_AREA (form), FORM_HEIGHT);
  gtk_widget_set_valign (form, GTK_ALIGN_CENTER);
  gtk_widget_set_halign (form, GTK_ALIGN_START);
  g_object_set_data (G_OBJECT (form), "place", GUINT_TO_POINTER (place));
  gtk_drawing_area_set_draw_func (GTK_DRAWING_AREA (form), draw_form_cb, self, NULL);
  self->forms->pdata[place] = form;
  return form;
}

/* ---- rows ------------------------------------------------------------------------------------ */

static GtkWidget *
make_label (const char *text, bool dim)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_yalign (GTK_LABEL (label), 0);
  weftline_label_wrap (label);
  gtk_widget_add_css_class (label, dim ? "dim-label" : "numeric");
  return label;
}

static GtkWidget *
make_value (WeftlineInspectView *self, guint place, const WeftlineFact *fact)
{
  GtkWidget *value = make_label (fact->text, false);

  gtk_label_set_selectable (GTK_LABEL (value), TRUE);
  gtk_widget_set_hexpand (value, TRUE);
  self->values->pdata[place] = value;
  return value;
}

static void
link_cb (GtkWidget *button, WeftlineInspectView *self)
{
  guint place = GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (button), "place"));

  weftline_session_select_task (self->session,
                                ((const WeftlineFact *) self->facts->pdata[place])->task);
}

static void
name_link (GtkWidget *button, const WeftlineFact *fact)
{
  g_autofree char *name =
      /* Translators: a task's key, and its state */
      g_strdup_printf (_ ("%s, %s"), fact->text, weftline_state_word (fact->state));

  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
}

static GtkWidget *
make_link (WeftlineInspectView *self, guint place, const WeftlineFact *fact)
{
  GtkWidget *button = gtk_button_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *label = gtk_label_new (fact->text);

  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_MIDDLE);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_box_append (GTK_BOX (box), make_form (self, place));
  gtk_box_append (GTK_BOX (box), label);
  gtk_button_set_child (GTK_BUTTON (button), box);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_add_css_class (button, "fact-link");
  gtk_widget_set_halign (button, GTK_ALIGN_START);
  gtk_widget_set_tooltip_text (button, fact->text);
  g_object_set_data (G_OBJECT (button), "place", GUINT_TO_POINTER (place));
  g_signal_connect (button, "clicked", G_CALLBACK (link_cb), self);
  name_link (button, fact);
  self->values->pdata[place] = label;
  return button;
}

static GtkWidget *
make_state (WeftlineInspectView *self, guint place, const WeftlineFact *fact)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);

  gtk_box_append (GTK_BOX (box), make_form (self, place));
  gtk_box_append (GTK_BOX (box), make_value (self, place, fact));
  return box;
}

static GtkWidget *
make_heading (WeftlineInspectView *self, guint place, const WeftlineFact *fact)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *title = gtk_label_new (fact->title);
  GtkWidget *figures = make_label (fact->text, true);

  gtk_widget_add_css_class (title, "heading");
  gtk_widget_add_css_class (figures, "numeric");
  gtk_widget_add_css_class (box, "fact-heading");
  gtk_widget_set_valign (title, GTK_ALIGN_BASELINE);
  gtk_widget_set_valign (figures, GTK_ALIGN_BASELINE);
  gtk_box_append (GTK_BOX (box), title);
  gtk_box_append (GTK_BOX (box), figures);
  self->values->pdata[place] = figures;
  return box;
}

static GtkWidget *
make_output (WeftlineInspectView *self, guint place, const WeftlineFact *fact)
{
  GtkWidget *value = make_value (self, place, fact);

  gtk_widget_add_css_class (value, "fact-output");
  gtk_accessible_update_property (GTK_ACCESSIBLE (value), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  fact->title, -1);
  return value;
}

/* Beside its title, or below it. */
static void
place_value (WeftlineInspectView *self, GtkWidget *title)
{
  GtkLayoutManager *grid = gtk_widget_get_layout_manager (self->rows);
  GtkGridLayoutChild *above =
      GTK_GRID_LAYOUT_CHILD (gtk_layout_manager_get_layout_child (grid, title));
  GtkGridLayoutChild *value = GTK_GRID_LAYOUT_CHILD (
      gtk_layout_manager_get_layout_child (grid, g_object_get_data (G_OBJECT (title), "value")));

  gtk_grid_layout_child_set_column (value, self->narrow ? 0 : 1);
  gtk_grid_layout_child_set_row (value, gtk_grid_layout_child_get_row (above) + self->narrow);
  if (self->narrow)
    gtk_widget_add_css_class (title, "fact-above");
  else
    gtk_widget_remove_css_class (title, "fact-above");
}

static void
attach (WeftlineInspectView *self, guint place, const WeftlineFact *fact)
{
  GtkWidget *title = NULL, *value;
  int row = 2 * (int) place;

  if (*fact->title != '\0' && fact->kind != WEFTLINE_FACT_HEADING)
    {
      title = make_label (fact->title, true);
      gtk_label_set_wrap_mode (GTK_LABEL (title), PANGO_WRAP_WORD);
    }
  if (fact->kind == WEFTLINE_FACT_HEADING)
    value = make_heading (self, place, fact);
  else if (fact->kind == WEFTLINE_FACT_LINK)
    value = make_link (self, place, fact);
  else if (fact->kind == WEFTLINE_FACT_STATE)
    value = make_state (self, place, fact);
  else if (fact->kind == WEFTLINE_FACT_OUTPUT)
    value = make_output (self, place, fact);
  else
    value = make_value (self, place, fact);
  if (title != NULL)
    {
      if (fact->kind == WEFTLINE_FACT_LINK)
        gtk_widget_set_valign (title, GTK_ALIGN_CENTER);
      gtk_grid_attach (GTK_GRID (self->rows), title, 0, row, 1, 1);
      gtk_grid_attach (GTK_GRID (self->rows), value, 1, row, 1, 1);
      g_object_set_data (G_OBJECT (title), "value", value);
      g_ptr_array_add (self->titles, title);
      place_value (self, title);
      if (fact->kind == WEFTLINE_FACT_TEXT)
        gtk_accessible_update_relation (GTK_ACCESSIBLE (value), GTK_ACCESSIBLE_RELATION_LABELLED_BY,
                                        title, NULL, -1);
    }
  else
    gtk_grid_attach (GTK_GRID (self->rows), value, 0, row, 2, 1);
}

static void
build (WeftlineInspectView *self)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (self->rows)) != NULL)
    gtk_grid_remove (GTK_GRID (self->rows), child);
  g_ptr_array_set_size (self->titles, 0);
  g_ptr_array_set_size (self->values, 0);
  g_ptr_array_set_size (self->forms, 0);
  g_ptr_array_set_size (self->values, (int) self->facts->len);
  g_ptr_array_set_size (self->forms, (int) self->facts->len);
  for (guint i = 0; i < self->facts->len; i++)
    attach (self, i, self->facts->pdata[i]);
  self->n_built++;
}

static void
set_texts (WeftlineInspectView *self)
{
  for (guint i = 0; i < self->facts->len; i++)
    {
      const WeftlineFact *fact = self->facts->pdata[i];
      GtkWidget *value = self->values->pdata[i];

      if (g_strcmp0 (gtk_label_get_text (GTK_LABEL (value)), fact->text) != 0)
        gtk_label_set_text (GTK_LABEL (value), fact->text);
      if (self->forms->pdata[i] != NULL)
        gtk_widget_queue_draw (self->forms->pdata[i]);
      if (fact->kind == WEFTLINE_FACT_LINK)
        name_link (gtk_widget_get_ancestor (value, GTK_TYPE_BUTTON), fact);
    }
}

static gboolean
fit_cb (void *data)
{
  WeftlineInspectView *self = data;
  GtkAdjustment *across =
      gtk_scrolled_window_get_hadjustment (GTK_SCROLLED_WINDOW (self->scrolled));
  double room = gtk_adjustment_get_page_size (across) / weftline_text_zoom_of (GTK_WIDGET (self));

  self->fit_source = 0;
  if (room <= 0 || self->narrow == (room < NARROW_PX))
    return G_SOURCE_REMOVE;
  self->narrow = room < NARROW_PX;
  for (guint i = 0; i < self->titles->len; i++)
    place_value (self, self->titles->pdata[i]);
  return G_SOURCE_REMOVE;
}

/* Not while places are given. */
static void
width_cb (WeftlineInspectView *self)
{
  if (self->fit_source == 0)
    self->fit_source = g_idle_add (fit_cb, self);
}

/* Text has become larger or smaller, perhaps. */
static void
weftline_inspect_view_system_setting_changed (GtkWidget *widget, GtkSystemSetting setting)
{
  GTK_WIDGET_CLASS (weftline_inspect_view_parent_class)->system_setting_changed (widget, setting);
  width_cb (WEFTLINE_INSPECT_VIEW (widget));
}

/* ---- commands -------------------------------------------------------------------------------- */

static void
run_to_cb (WeftlineInspectView *self)
{
  g_autofree char *key = NULL;

  if (self->task == WEFT_NONE)
    return;
  key = weft_model_task_dup_key (weftline_session_model (self->session), self->task);
  weftline_run_run_to (weftline_session_run (self->session), key);
}

/* What cannot be served is not there. */
static void
update_buttons (WeftlineInspectView *self)
{
  WeftlineRun *run = weftline_session_run (self->session);
  WeftModel *model = weftline_session_model (self->session);
  bool run_to = false, rerun = false;
  uint32_t number;

  if (self->task != WEFT_NONE)
    {
      g_autofree char *key = weft_model_task_dup_key (model, self->task);

      run_to = weftline_run_can (run, WEFTLINE_CAN_RUN_TO) && !weftline_run_is_over (run)
               && weft_model_task_attempts (model, self->task) == 0
               && weft_model_task_state (model, self->task) < WEFT_TASK_MEMORY;
      rerun = weftline_run_can (run, WEFTLINE_CAN_RERUN_TASK) && weftline_run_is_over (run)
              && weft_model_task_segment (model, self->task, &number) == 0;
      gtk_actionable_set_action_target (GTK_ACTIONABLE (self->rerun), "s", key);
    }
  gtk_widget_set_visible (self->run_to, run_to);
  gtk_widget_set_visible (self->rerun, rerun);
  gtk_widget_set_visible (self->buttons, run_to || rerun);
}

/* ---- following the session ------------------------------------------------------------------- */

static void
show_nothing (WeftlineInspectView *self)
{
  self->task = WEFT_NONE;
  g_clear_pointer (&self->facts, g_ptr_array_unref);
  gtk_stack_set_visible_child_name (GTK_STACK (self->stack), "nothing");
  update_buttons (self);
}

static void
look_up (WeftlineInspectView *self)
{
  const WeftlineSelection *selection = weftline_session_selection (self->session);
  const WeftModelSnapshot *snapshot = weftline_session_snapshot (self->session);
  WeftModel *model = weftline_session_model (self->session);
  g_autoptr (GPtrArray) old = g_steal_pointer (&self->facts);
  bool is_other = selection->task != self->task;

  if (model == NULL || selection->task >= snapshot->n_tasks)
    {
      show_nothing (self);
      return;
    }
  self->task = selection->task;
  self->facts =
      weftline_inspect_facts (model, snapshot, weftline_session_moment (self->session),
                              weftline_session_look (self->session)->time_form, self->task);
  if (old == NULL || !weftline_facts_have_same_form (self->facts, old))
    build (self);
  else
    set_texts (self);
  if (is_other)
    gtk_adjustment_set_value (
        gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (self->scrolled)), 0);
  gtk_stack_set_visible_child_name (GTK_STACK (self->stack), "facts");
  update_buttons (self);
}

static void
update (WeftlineInspectView *self)
{
  gint64 begin_us = g_get_monotonic_time ();

  weftline_turn_forget (&self->turn);
  look_up (self);
  self->updated_us = g_get_monotonic_time ();
  self->cost_us = self->updated_us - begin_us;
}

static void
snapshot_cb (WeftlineInspectView *self)
{
  if (weftline_session_selection (self->session)->task != WEFT_NONE)
    weftline_turn_want (&self->turn, self->updated_us + COST_SHARE * self->cost_us);
}

/* ---- the widget ------------------------------------------------------------------------------ */

static void
weftline_inspect_view_dispose (GObject *object)
{
  WeftlineInspectView *self = WEFTLINE_INSPECT_VIEW (object);

  if (self->session != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->session, self);
      g_signal_handlers_disconnect_by_data (weftline_session_run (self->session), self);
    }
  g_signal_handlers_disconnect_by_data (adw_style_manager_get_default (), self);
  weftline_turn_clear (&self->turn);
  g_clear_pointer (&self->stack, gtk_widget_unparent);
  g_clear_handle_id (&self->fit_source, g_source_remove);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (weftline_inspect_view_parent_class)->dispose (object);
}

static void
weftline_inspect_view_finalize (GObject *object)
{
  WeftlineInspectView *self = WEFTLINE_INSPECT_VIEW (object);

  g_clear_pointer (&self->facts, g_ptr_array_unref);
  g_ptr_array_unref (self->titles);
  g_ptr_array_unref (self->values);
  g_ptr_array_unref (self->forms);
  weftline_group_colors_free (self->slots);
  g_array_unref (self->slot_of_group);
  G_OBJECT_CLASS (weftline_inspect_view_parent_class)->finalize (object);
}

static void
weftline_inspect_view_class_init (WeftlineInspectViewClass *class)
{
  G_OBJECT_CLASS (class)->dispose = weftline_inspect_view_dispose;
  G_OBJECT_CLASS (class)->finalize = weftline_inspect_view_finalize;
  GTK_WIDGET_CLASS (class)->system_setting_changed = weftline_inspect_view_system_setting_changed;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (class), GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (GTK_WIDGET_CLASS (class), "inspectview");
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (class), GTK_ACCESSIBLE_ROLE_GROUP);
}

static GtkWidget *
make_buttons (WeftlineInspectView *self)
{
  self->buttons = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  self->run_to = gtk_button_new_with_label (_ ("Run to Here"));
  self->rerun = gtk_button_new_with_label (_ ("Re-run"));
  gtk_widget_set_tooltip_text (self->run_to,
                               _ ("Go on until this task would start, and pause there"));
  gtk_widget_set_tooltip_text (
      self->rerun, _ ("Run this task once more, with all it needs, as a run of its own"));
  gtk_actionable_set_action_name (GTK_ACTIONABLE (self->rerun), "win.rerun-task");
  gtk_actionable_set_action_target (GTK_ACTIONABLE (self->rerun), "s", "");
  gtk_widget_add_css_class (self->run_to, "fact-button");
  gtk_widget_add_css_class (self->rerun, "fact-button");
  g_signal_connect_swapped (self->run_to, "clicked", G_CALLBACK (run_to_cb), self);
  gtk_box_append (GTK_BOX (self->buttons), self->run_to);
  gtk_box_append (GTK_BOX (self->buttons), self->rerun);
  return self->buttons;
}

static void
weftline_inspect_view_init (WeftlineInspectView *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);
  GtkWidget *nothing =
      gtk_label_new (_ ("Select a task in a picture or through search to read all about it"));

  self->slots = weftline_group_colors_new ();
  self->slot_of_group = g_array_new (FALSE, FALSE, sizeof (unsigned));
  self->titles = g_ptr_array_new ();
  self->values = g_ptr_array_new ();
  self->forms = g_ptr_array_new ();
  self->task = WEFT_NONE;
  self->stack = gtk_stack_new ();
  self->scrolled = gtk_scrolled_window_new ();
  self->rows = gtk_grid_new ();
  gtk_label_set_wrap (GTK_LABEL (nothing), TRUE);
  gtk_label_set_justify (GTK_LABEL (nothing), GTK_JUSTIFY_CENTER);
  gtk_widget_add_css_class (nothing, "dim-label");
  gtk_widget_add_css_class (nothing, "card-body");
  gtk_grid_set_column_spacing (GTK_GRID (self->rows), 18);
  gtk_grid_set_row_spacing (GTK_GRID (self->rows), 4);
  gtk_widget_add_css_class (box, "card-body");
  gtk_box_append (GTK_BOX (box), make_buttons (self));
  gtk_box_append (GTK_BOX (box), self->rows);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (self->scrolled), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (self->scrolled), TRUE);
  gtk_scrolled_window_set_max_content_height (GTK_SCROLLED_WINDOW (self->scrolled), NATURAL_HEIGHT);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->scrolled), box);
  g_signal_connect_object (
      gtk_scrolled_window_get_hadjustment (GTK_SCROLLED_WINDOW (self->scrolled)),
      "notify::page-size", G_CALLBACK (width_cb), self, G_CONNECT_SWAPPED);
  gtk_stack_set_hhomogeneous (GTK_STACK (self->stack), FALSE);
  gtk_stack_add_named (GTK_STACK (self->stack), nothing, "nothing");
  gtk_stack_add_named (GTK_STACK (self->stack), self->scrolled, "facts");
  gtk_widget_set_parent (self->stack, GTK_WIDGET (self));
}

GtkWidget *
weftline_inspect_view_new (WeftlineSession *session)
{
  WeftlineInspectView *self = g_object_new (WEFTLINE_TYPE_INSPECT_VIEW, NULL);

  self->session = g_object_ref (session);
  weftline_turn_init (&self->turn, session, (GSourceOnceFunc) update, self);
  g_signal_connect_swapped (session, "snapshot-changed", G_CALLBACK (snapshot_cb), self);
  g_signal_connect_swapped (session, "selection-changed", G_CALLBACK (update), self);
  g_signal_connect_swapped (session, "moment-changed", G_CALLBACK (update), self);
  g_signal_connect_swapped (session, "look-changed", G_CALLBACK (update), self);
  g_signal_connect_swapped (weftline_session_run (session), "changed", G_CALLBACK (update_buttons),
                            self);
  g_signal_connect_swapped (adw_style_manager_get_default (), "notify::dark",
                            G_CALLBACK (gtk_widget_queue_draw), self);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Inspector"), -1);
  update (self);
  return GTK_WIDGET (self);
}

unsigned
weftline_inspect_view_n_built (WeftlineInspectView *self)
{
  return self->n_built;
}
