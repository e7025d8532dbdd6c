/* weftline-card-menus.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Actions stand in groups of the card: `lineage` and `breaks` of all that show tasks or groups,
 * `graph` of the task graph, `streamcard` of the stream. A click with the right button selects what
 * is under it and shows the card's menu there.
 */
#include "config.h"

#include "app/weftline-card-menus.h"

#include "canvas/number-format.h"
#include "export/export-data.h"
#include "graph/graph-dot.h"
#include "graph/task-graph.h"
#include "progress/progress-view.h"
#include "table/task-table.h"
#include "timeline/task-stream.h"

#include <glib/gi18n.h>

/* ---- lineage --------------------------------------------------------------------------------- */

static const char *const lineage_names[] = { "ancestors", "descendants" };
static const WeftlineLineage lineages[] = { WEFTLINE_LINEAGE_ANCESTORS,
                                            WEFTLINE_LINEAGE_DESCENDANTS };

static void
lineage_cb (GSimpleAction *action, GVariant *value G_GNUC_UNUSED, WeftlineSession *session)
{
  for (unsigned i = 0; i < G_N_ELEMENTS (lineages); i++)
    if (g_str_equal (g_action_get_name (G_ACTION (action)), lineage_names[i]))
      weftline_session_toggle_lineage (session, lineages[i]);
}

/* The actions say what is asked for, whoever did. */
static void
selection_cb (WeftlineSession *session, GSimpleActionGroup *group)
{
  for (unsigned i = 0; i < G_N_ELEMENTS (lineages); i++)
    {
      GAction *action = g_action_map_lookup_action (G_ACTION_MAP (group), lineage_names[i]);
      bool is_shown = (weftline_session_lineage (session) & lineages[i]) != 0;

      g_simple_action_set_state (G_SIMPLE_ACTION (action), g_variant_new_boolean (is_shown));
      g_simple_action_set_enabled (G_SIMPLE_ACTION (action),
                                   weftline_session_selection (session)->task != WEFT_NONE);
    }
}

static void
add_lineage (WeftlineCard *card, WeftlineSession *session, GMenu *menu)
{
  g_autoptr (GSimpleActionGroup) group = g_simple_action_group_new ();
  g_autoptr (GMenu) section = g_menu_new ();

  for (unsigned i = 0; i < G_N_ELEMENTS (lineages); i++)
    {
      g_autoptr (GSimpleAction) action =
          g_simple_action_new_stateful (lineage_names[i], NULL, g_variant_new_boolean (FALSE));

      g_signal_connect_object (action, "change-state", G_CALLBACK (lineage_cb), session, 0);
      g_action_map_add_action (G_ACTION_MAP (group), G_ACTION (action));
    }
  g_menu_append (section, _ ("_Ancestors of the Task"), "lineage.ancestors");
  g_menu_append (section, _ ("_Descendants of the Task"), "lineage.descendants");
  g_menu_append_section (menu, NULL, G_MENU_MODEL (section));
  g_signal_connect_object (session, "selection-changed", G_CALLBACK (selection_cb), group, 0);
  selection_cb (session, group);
  gtk_widget_insert_action_group (GTK_WIDGET (card), "lineage", G_ACTION_GROUP (group));
}

/* ---- where the run stops --------------------------------------------------------------------- */

/* The selected group, or that of the selected task. Returns: FALSE: nothing is selected */
static bool
selected_group (WeftlineSession *session, WeftlineBreak *what)
{
  const WeftlineSelection *selection = weftline_session_selection (session);
  const WeftModelSnapshot *snapshot = weftline_session_snapshot (session);
  WeftModel *model = weftline_session_model (session);
  uint32_t number = selection->group;
  WeftModelGroup group;

  if (model != NULL && selection->task < snapshot->n_tasks)
    number = weft_model_task_group (model, selection->task);
  if (model == NULL || number >= snapshot->n_groups)
    return false;
  weft_model_group (model, number, &group);
  *what = (WeftlineBreak){ .kind = WEFTLINE_BREAK_AT_GROUP, .group = group.name };
  return true;
}

static void
break_cb (GSimpleAction *action G_GNUC_UNUSED, GVariant *value, WeftlineSession *session)
{
  WeftlineBreak what;

  if (selected_group (session, &what))
    weftline_run_set_break (weftline_session_run (session), &what, g_variant_get_boolean (value));
}

/* The action says whether it is set, whoever did. */
static void
update_break (WeftlineSession *session, GSimpleAction *action)
{
  WeftlineRun *run = weftline_session_run (session);
  const WeftlineBreaks *breaks = weftline_run_breaks (run);
  WeftlineBreak what;
  bool is_any = breaks != NULL && selected_group (session, &what);

  g_simple_action_set_state (
      action, g_variant_new_boolean (is_any && weftline_breaks_find (breaks, &what) != NULL));
  g_simple_action_set_enabled (action, is_any && weftline_run_can (run, WEFTLINE_CAN_BREAK)
                                           && !weftline_run_is_over (run));
}

static void
break_changed_cb (WeftlineRun *run G_GNUC_UNUSED, GSimpleAction *action)
{
  update_break (g_object_get_data (G_OBJECT (action), "session"), action);
}

static void
add_break (WeftlineCard *card, WeftlineSession *session, GMenu *menu)
{
  WeftlineRun *run = weftline_session_run (session);
  g_autoptr (GSimpleActionGroup) group = g_simple_action_group_new ();
  g_autoptr (GSimpleAction) action =
      g_simple_action_new_stateful ("group", NULL, g_variant_new_boolean (FALSE));
  g_autoptr (GMenu) section = g_menu_new ();

  if (!weftline_run_can (run, WEFTLINE_CAN_BREAK))
    return;
  g_menu_append (section, _ ("_Stop at This Group"), "breaks.group");
  g_menu_append_section (menu, NULL, G_MENU_MODEL (section));
  g_object_set_data_full (G_OBJECT (action), "session", g_object_ref (session), g_object_unref);
  g_signal_connect_object (action, "change-state", G_CALLBACK (break_cb), session, 0);
  g_signal_connect_object (session, "selection-changed", G_CALLBACK (update_break), action, 0);
  g_signal_connect_object (run, "changed", G_CALLBACK (break_changed_cb), action, 0);
  update_break (session, action);
  g_action_map_add_action (G_ACTION_MAP (group), G_ACTION (action));
  gtk_widget_insert_action_group (GTK_WIDGET (card), "breaks", G_ACTION_GROUP (group));
}

/* ---- the task graph -------------------------------------------------------------------------- */

static void
color_cb (GSimpleAction *action, GVariant *value, WeftlineTaskGraph *graph)
{
  if (weftline_task_graph_set_color (graph, g_variant_get_string (value, NULL)))
    g_simple_action_set_state (action, value);
}

static void
add_color (GMenu *colors, const char *title, const char *name)
{
  g_autoptr (GMenuItem) item = g_menu_item_new (title, NULL);

  g_menu_item_set_action_and_target (item, "graph.color", "s", name);
  g_menu_append_item (colors, item);
}

static void
dot_cb (GSimpleAction *action, GVariant *value, WeftlineTaskGraph *graph)
{
  g_simple_action_set_state (action, value);
  weftline_task_graph_set_dot (graph, g_variant_get_boolean (value));
}

/* What was chosen can be given up again. */
static void
snapshot_cb (WeftlineSession *session G_GNUC_UNUSED, GSimpleAction *action)
{
  WeftlineTaskGraph *graph = g_object_get_data (G_OBJECT (action), "graph");

  g_simple_action_set_enabled (action, weftline_task_graph_can_dot (graph)
                                           || weftline_task_graph_get_dot (graph));
}

/* Up to how many tasks, so that it is said why it is not offered for more. */
static void
add_dot (WeftlineTaskGraph *graph, WeftlineSession *session, GSimpleActionGroup *group, GMenu *menu)
{
  g_autoptr (GSimpleAction) action =
      g_simple_action_new_stateful ("dot", NULL, g_variant_new_boolean (FALSE));
  g_autofree char *most = weftline_format_count (WEFTLINE_DOT_MAX_TASKS);
  g_autofree char *most_edges = weftline_format_count (WEFTLINE_DOT_MAX_EDGES);
  g_autofree char *title = NULL;

  if (!weftline_dot_is_there ())
    return;
  /* Translators: a layout of the task graph by Graphviz, for graphs of at most so many */
  title = g_strdup_printf (_ ("Layout by _Graphviz (up to %s tasks, %s edges)"), most, most_edges);
  g_menu_append (menu, title, "graph.dot");
  g_object_set_data (G_OBJECT (action), "graph", graph);
  g_signal_connect_object (action, "change-state", G_CALLBACK (dot_cb), graph, 0);
  g_signal_connect_object (session, "snapshot-changed", G_CALLBACK (snapshot_cb), action, 0);
  snapshot_cb (session, action);
  g_action_map_add_action (G_ACTION_MAP (group), G_ACTION (action));
}

static void
add_graph (WeftlineCard *card, WeftlineSession *session, GMenu *menu)
{
  g_autoptr (GSimpleActionGroup) group = g_simple_action_group_new ();
  g_autoptr (GSimpleAction) action =
      g_simple_action_new_stateful ("color", G_VARIANT_TYPE_STRING, g_variant_new_string ("state"));
  g_autoptr (GMenu) colors = g_menu_new ();

  add_color (colors, _ ("State"), "state");
  for (int i = 0; i < WEFTLINE_N_VALUES; i++)
    add_color (colors, weftline_graph_value_title ((WeftlineGraphValue) i),
               weftline_graph_value_name ((WeftlineGraphValue) i));
  g_menu_append_submenu (menu, _ ("_Colour Tells"), G_MENU_MODEL (colors));
  g_signal_connect_object (action, "change-state", G_CALLBACK (color_cb),
                           weftline_card_child (card), 0);
  g_action_map_add_action (G_ACTION_MAP (group), G_ACTION (action));
  add_dot (WEFTLINE_TASK_GRAPH (weftline_card_child (card)), session, group, menu);
  gtk_widget_insert_action_group (GTK_WIDGET (card), "graph", G_ACTION_GROUP (group));
}

/* ---- the task stream ------------------------------------------------------------------------- */

static void
legend_cb (GSimpleAction *action G_GNUC_UNUSED, GVariant *value G_GNUC_UNUSED,
           WeftlineTaskStream *stream)
{
  weftline_task_stream_show_legend (stream);
}

static void
time_cb (GSimpleAction *action G_GNUC_UNUSED, GVariant *value G_GNUC_UNUSED,
         WeftlineTaskStream *stream)
{
  gtk_widget_activate_action (GTK_WIDGET (stream), "stream.select-time", NULL);
}

static void
add_stream (WeftlineCard *card, GMenu *menu)
{
  static const struct
  {
    const char *name;
    void (*activate) (GSimpleAction *action, GVariant *value, WeftlineTaskStream *stream);
  } entries[] = { { "legend", legend_cb }, { "select-time", time_cb } };
  g_autoptr (GSimpleActionGroup) group = g_simple_action_group_new ();
  g_autoptr (GMenu) section = g_menu_new ();

  for (unsigned i = 0; i < G_N_ELEMENTS (entries); i++)
    {
      g_autoptr (GSimpleAction) action = g_simple_action_new (entries[i].name, NULL);

      g_signal_connect_object (action, "activate", G_CALLBACK (entries[i].activate),
                               weftline_card_child (card), 0);
      g_action_map_add_action (G_ACTION_MAP (group), G_ACTION (action));
    }
  g_menu_append (section, _ ("_Legend"), "streamcard.legend");
  g_menu_append (section, _ ("Select _Time (or Drag with Shift)"), "streamcard.select-time");
  g_menu_append_section (menu, NULL, G_MENU_MODEL (section));
  gtk_widget_insert_action_group (GTK_WIDGET (card), "streamcard", G_ACTION_GROUP (group));
}

/* ---- all cards ------------------------------------------------------------------------------- */

/* Views say what the pointer is on. */
static void
context_cb (GtkGestureClick *gesture, int n_press G_GNUC_UNUSED, double x, double y,
            WeftlineSession *session)
{
  GtkWidget *card = gtk_event_controller_get_widget (GTK_EVENT_CONTROLLER (gesture));
  uint32_t task = weftline_session_hover_task (session);
  uint32_t group = weftline_session_hover_group (session);

  if (task != WEFT_NONE)
    weftline_session_select_task (session, task);
  else if (group != WEFT_NONE)
    weftline_session_select_group (session, group);
  gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_CLAIMED);
  weftline_card_popup_menu (WEFTLINE_CARD (card), x, y);
}

static void
add_context_menu (WeftlineCard *card, WeftlineSession *session)
{
  GtkGesture *click = gtk_gesture_click_new ();

  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (click), GDK_BUTTON_SECONDARY);
  g_signal_connect_object (click, "pressed", G_CALLBACK (context_cb), session, 0);
  gtk_widget_add_controller (GTK_WIDGET (card), GTK_EVENT_CONTROLLER (click));
}

static void
add_item (GMenu *section, const char *title, const char *action, const char *pane)
{
  g_autoptr (GMenuItem) item = g_menu_item_new (title, NULL);

  g_menu_item_set_action_and_target (item, action, "s", pane);
  g_menu_append_item (section, item);
}

/* All cards become pictures; what is a list is written as one too. */
static void
add_export (WeftlineCard *card, GMenu *menu)
{
  g_autoptr (GMenu) section = g_menu_new ();
  WeftlineDataView data;

  add_item (section, _ ("Save as _Picture…"), "win.export", weftline_card_name (card));
  if (weftline_data_find_view (weftline_card_name (card), &data))
    add_item (section, _ ("_Export as a List…"), "win.export-list", weftline_card_name (card));
  g_menu_append_section (menu, NULL, G_MENU_MODEL (section));
}

void
weftline_card_menus_add (WeftlineCard *card, WeftlineSession *session)
{
  g_autoptr (GMenu) menu = g_menu_new ();
  GtkWidget *view = weftline_card_child (card);

  if (WEFTLINE_IS_TASK_GRAPH (view))
    add_graph (card, session, menu);
  if (WEFTLINE_IS_TASK_STREAM (view))
    add_stream (card, menu);
  if (WEFTLINE_IS_TASK_GRAPH (view) || WEFTLINE_IS_TASK_STREAM (view)
      || WEFTLINE_IS_TASK_TABLE (view))
    add_lineage (card, session, menu);
  if (WEFTLINE_IS_TASK_GRAPH (view) || WEFTLINE_IS_TASK_STREAM (view)
      || WEFTLINE_IS_TASK_TABLE (view) || WEFTLINE_IS_PROGRESS_VIEW (view))
    add_break (card, session, menu);
  add_export (card, menu);
  weftline_card_set_menu (card, G_MENU_MODEL (menu));
  add_context_menu (card, session);
}
