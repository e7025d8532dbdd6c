/* weftline-window-actions.c: what the window can be told
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "app/weftline-window-private.h"
#include "session/weftline-run-child.h"

#include <glib/gi18n.h>

/* ---- running --------------------------------------------------------------------------------- */

/* @again: (nullable) (transfer full) */
static void
start_again (WeftlineWindow *self, WeftlineRun *again, const GError *error)
{
  if (again == NULL)
    {
      _weftline_window_say (self, error->message);
      return;
    }
  weftline_window_add_run (self, again);
  weftline_run_start (again);
  g_object_unref (again);
}

static void
run_again (WeftlineWindow *self, WeftlineRun *run)
{
  g_autoptr (GError) error = NULL;
  WeftlineRun *again = weftline_run_again (run, &error);

  start_again (self, again, error);
}

/* The same graph; where it has to be looked at first, that is shown. */
static void
run_apart_action (GtkWidget *widget, const char *name G_GNUC_UNUSED, GVariant *target G_GNUC_UNUSED)
{
  WeftlineWindow *self = WEFTLINE_WINDOW (widget);
  WeftlineRun *run = weftline_window_run (self);
  WeftlinePlan *plan = run != NULL ? weftline_run_plan (run) : NULL;
  WeftlineRunStatus status;
  g_autoptr (WeftlineRun) apart = NULL;

  if (plan == NULL)
    return;
  weftline_run_status (run, &status);
  apart = weftline_run_child_new (
      plan, &(WeftlineRunSettings){ .n_workers = status.n_workers,
                                    .memory_limit_bytes = status.memory_limit_bytes,
                                    .delay_ns = status.delay_ns });
  weftline_window_add_run (self, apart);
  if (status.phase != WEFT_RUN_PREPARED || !weftline_plan_needs_review (plan))
    weftline_run_start (apart);
}

/* Target: the task's key. */
static void
rerun_task_action (GtkWidget *widget, const char *name G_GNUC_UNUSED, GVariant *target)
{
  WeftlineWindow *self = WEFTLINE_WINDOW (widget);
  WeftlineRun *run = weftline_window_run (self);
  g_autoptr (GError) error = NULL;
  WeftlineRun *again;

  if (run == NULL || !weftline_run_can (run, WEFTLINE_CAN_RERUN_TASK))
    return;
  again = weftline_run_rerun_task (run, g_variant_get_string (target, NULL), &error);
  start_again (self, again, error);
}

static void
run_action (GtkWidget *widget, const char *name G_GNUC_UNUSED, GVariant *target G_GNUC_UNUSED)
{
  WeftlineWindow *self = WEFTLINE_WINDOW (widget);
  WeftlineRun *run = weftline_window_run (self);
  WeftlineRunStatus status;

  if (run == NULL)
    return;
  weftline_run_status (run, &status);
  if (status.phase == WEFT_RUN_PREPARED)
    weftline_run_start (run);
  else if (status.phase == WEFT_RUN_RUNNING)
    weftline_run_pause (run);
  else if (status.phase == WEFT_RUN_PAUSED)
    weftline_run_resume (run);
  else if (weftline_run_can (run, WEFTLINE_CAN_RUN_AGAIN))
    run_again (self, run);
}

static void
step_action (GtkWidget *widget, const char *name G_GNUC_UNUSED, GVariant *target G_GNUC_UNUSED)
{
  WeftlineRun *run = weftline_window_run (WEFTLINE_WINDOW (widget));

  if (run != NULL)
    weftline_run_step (run);
}

static void
breaks_action (GtkWidget *widget, const char *name G_GNUC_UNUSED, GVariant *target G_GNUC_UNUSED)
{
  weftline_controls_show_breaks (WEFTLINE_WINDOW (widget)->controls);
}

static void
stop_action (GtkWidget *widget, const char *name G_GNUC_UNUSED, GVariant *target G_GNUC_UNUSED)
{
  WeftlineRun *run = weftline_window_run (WEFTLINE_WINDOW (widget));

  if (run != NULL)
    weftline_run_cancel (run);
}

/* ---- files ----------------------------------------------------------------------------------- */

static void
open_action (GtkWidget *widget, const char *name G_GNUC_UNUSED, GVariant *target G_GNUC_UNUSED)
{
  _weftline_window_choose_file (WEFTLINE_WINDOW (widget));
}

static void
connect_action (GtkWidget *widget, const char *name G_GNUC_UNUSED, GVariant *target G_GNUC_UNUSED)
{
  _weftline_window_choose_cluster (WEFTLINE_WINDOW (widget));
}

static void
save_action (GtkWidget *widget, const char *name G_GNUC_UNUSED, GVariant *target G_GNUC_UNUSED)
{
  _weftline_window_choose_save (WEFTLINE_WINDOW (widget));
}

static void
screenshot_action (GtkWidget *widget, const char *name G_GNUC_UNUSED,
                   GVariant *target G_GNUC_UNUSED)
{
  _weftline_window_choose_screenshot (WEFTLINE_WINDOW (widget));
}

/* Target: the pane. */
static void
export_action (GtkWidget *widget, const char *name, GVariant *target)
{
  _weftline_window_choose_export (WEFTLINE_WINDOW (widget), g_variant_get_string (target, NULL),
                                  g_str_equal (name, "win.export-list"));
}

static void
close_ended_action (GtkWidget *widget, const char *name G_GNUC_UNUSED,
                    GVariant *target G_GNUC_UNUSED)
{
  _weftline_window_close_ended_runs (WEFTLINE_WINDOW (widget));
}

static void
close_run_action (GtkWidget *widget, const char *name G_GNUC_UNUSED, GVariant *target G_GNUC_UNUSED)
{
  WeftlineWindow *self = WEFTLINE_WINDOW (widget);
  WeftlineRun *run = weftline_window_run (self);

  if (run != NULL)
    _weftline_window_close_run (self, run);
  else
    gtk_window_close (GTK_WINDOW (self));
}

/* ---- what is shown --------------------------------------------------------------------------- */

static void
start_page_action (GtkWidget *widget, const char *name G_GNUC_UNUSED,
                   GVariant *target G_GNUC_UNUSED)
{
  WeftlineWindow *self = WEFTLINE_WINDOW (widget);

  gtk_list_box_select_row (self->run_list, NULL);
}

static void
find_action (GtkWidget *widget, const char *name G_GNUC_UNUSED, GVariant *target G_GNUC_UNUSED)
{
  WeftlineWindow *self = WEFTLINE_WINDOW (widget);

  weftline_search_set_open (self->search, !weftline_search_is_open (self->search));
}

static void
sidebar_action (GtkWidget *widget, const char *name G_GNUC_UNUSED, GVariant *target G_GNUC_UNUSED)
{
  WeftlineWindow *self = WEFTLINE_WINDOW (widget);

  adw_flap_set_reveal_flap (self->flap, !adw_flap_get_reveal_flap (self->flap));
}

static void
restore_action (GtkWidget *widget, const char *name G_GNUC_UNUSED, GVariant *target G_GNUC_UNUSED)
{
  WeftlineRunPage *page = weftline_window_page (WEFTLINE_WINDOW (widget));

  if (page != NULL)
    weftline_dock_maximise (weftline_run_page_dock (page), NULL);
}

static void
reset_layout_action (GtkWidget *widget, const char *name G_GNUC_UNUSED,
                     GVariant *target G_GNUC_UNUSED)
{
  WeftlineRunPage *page = weftline_window_page (WEFTLINE_WINDOW (widget));

  if (page != NULL)
    weftline_run_page_reset_layout (page);
}

static void
toggle_pane_action (GtkWidget *widget, const char *name G_GNUC_UNUSED, GVariant *target)
{
  WeftlineRunPage *page = weftline_window_page (WEFTLINE_WINDOW (widget));
  const char *pane = g_variant_get_string (target, NULL);
  WeftlineDock *dock;

  if (page == NULL)
    return;
  dock = weftline_run_page_dock (page);
  weftline_dock_set_hidden (dock, pane, !weftline_dock_is_hidden (dock, pane));
}

/* (transfer full): what the menu of panes says; changes when that does */
static char *
describe_panes (WeftlineDock *dock, char **panes)
{
  GString *text = g_string_new (NULL);

  for (char **pane = panes; *pane != NULL; pane++)
    g_string_append_printf (text, "%c%s", weftline_dock_is_hidden (dock, *pane) ? '-' : '+', *pane);
  return g_string_free (text, FALSE);
}

static void
clear_panes (WeftlineWindow *self)
{
  g_clear_pointer (&self->panes_told, g_free);
  g_menu_remove_all (self->pane_section);
}

/* The items say what they would do. A run tells of changes often: the menu has few. */
static void
update_panes (WeftlineWindow *self, WeftlineDock *dock)
{
  g_auto (GStrv) panes = weftline_dock_dup_panes (dock);
  g_autofree char *told = describe_panes (dock, panes);
  g_autoptr (GMenu) list = NULL;

  if (g_strcmp0 (told, self->panes_told) == 0)
    return;
  clear_panes (self);
  self->panes_told = g_steal_pointer (&told);
  list = g_menu_new ();
  for (char **pane = panes; *pane != NULL; pane++)
    {
      const char *title = weftline_card_title (weftline_dock_card (dock, *pane));
      g_autofree char *label = g_strdup_printf (
          weftline_dock_is_hidden (dock, *pane) ? _ ("Show “%s”") : _ ("Hide “%s”"), title);
      g_autoptr (GMenuItem) item = g_menu_item_new (label, NULL);

      g_menu_item_set_action_and_target (item, "win.toggle-pane", "s", *pane);
      g_menu_append_item (list, item);
    }
  g_menu_append (list, _ ("All in Their First Places"), "win.reset-layout");
  g_menu_append_submenu (self->pane_section, _ ("_Panes"), G_MENU_MODEL (list));
}

void
_weftline_window_update_actions (WeftlineWindow *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  WeftlineRunPage *page = weftline_window_page (self);
  WeftlineRun *run = weftline_window_run (self);
  WeftlineRunStatus status = { .phase = WEFT_RUN_DONE };
  gboolean ended;

  if (run != NULL)
    weftline_run_status (run, &status);
  ended = status.phase >= WEFT_RUN_DONE;
  gtk_widget_action_set_enabled (
      widget, "win.run",
      run != NULL && weftline_run_can (run, ended ? WEFTLINE_CAN_RUN_AGAIN : WEFTLINE_CAN_RUN));
  gtk_widget_action_set_enabled (widget, "win.run-apart",
                                 run != NULL && weftline_run_plan (run) != NULL);
  gtk_widget_action_set_enabled (widget, "win.step",
                                 !ended && weftline_run_can (run, WEFTLINE_CAN_STEP));
  gtk_widget_action_set_enabled (widget, "win.breaks",
                                 !ended && weftline_run_can (run, WEFTLINE_CAN_BREAK));
  gtk_widget_action_set_enabled (widget, "win.stop",
                                 !ended && status.phase != WEFT_RUN_PREPARED
                                     && weftline_run_can (run, WEFTLINE_CAN_CANCEL));
  gtk_widget_action_set_enabled (widget, "win.save",
                                 run != NULL && weftline_run_feed (run) != NULL
                                     && weftline_run_can (run, WEFTLINE_CAN_SAVE));
  gtk_widget_action_set_enabled (widget, "win.find", page != NULL);
  gtk_widget_action_set_enabled (widget, "win.restore", page != NULL);
  gtk_widget_action_set_enabled (widget, "win.reset-layout", page != NULL);
  gtk_widget_action_set_enabled (widget, "win.time-back", page != NULL);
  gtk_widget_action_set_enabled (widget, "win.time-forward", page != NULL);
  gtk_widget_action_set_enabled (widget, "win.time-now", page != NULL);
  if (page != NULL)
    update_panes (self, weftline_run_page_dock (page));
  else
    clear_panes (self);
}

/* ---- the past -------------------------------------------------------------------------------- */

static void
time_action (GtkWidget *widget, const char *name, GVariant *target G_GNUC_UNUSED)
{
  WeftlineRunPage *page = weftline_window_page (WEFTLINE_WINDOW (widget));

  if (page == NULL)
    return;
  if (g_str_equal (name, "win.time-now"))
    weftline_session_set_time (weftline_run_page_session (page), WEFTLINE_NOW);
  else
    weftline_session_step_time (weftline_run_page_session (page),
                                g_str_equal (name, "win.time-forward"));
}

void
_weftline_window_install_actions (GtkWidgetClass *widget_class)
{
  static const struct
  {
    const char *name;
    const char *type;
    GtkWidgetActionActivateFunc activate;
  } actions[] = {
    { "win.run", NULL, run_action },
    { "win.run-apart", NULL, run_apart_action },
    { "win.rerun-task", "s", rerun_task_action },
    { "win.step", NULL, step_action },
    { "win.stop", NULL, stop_action },
    { "win.breaks", NULL, breaks_action },
    { "win.open", NULL, open_action },
    { "win.connect", NULL, connect_action },
    { "win.save", NULL, save_action },
    { "win.screenshot", NULL, screenshot_action },
    { "win.export", "s", export_action },
    { "win.export-list", "s", export_action },
    { "win.close-run", NULL, close_run_action },
    { "win.close-ended", NULL, close_ended_action },
    { "win.start-page", NULL, start_page_action },
    { "win.find", NULL, find_action },
    { "win.sidebar", NULL, sidebar_action },
    { "win.restore", NULL, restore_action },
    { "win.reset-layout", NULL, reset_layout_action },
    { "win.time-back", NULL, time_action },
    { "win.time-forward", NULL, time_action },
    { "win.time-now", NULL, time_action },
    { "win.toggle-pane", "s", toggle_pane_action },
  };

  for (unsigned i = 0; i < G_N_ELEMENTS (actions); i++)
    gtk_widget_class_install_action (widget_class, actions[i].name, actions[i].type,
                                     actions[i].activate);
}
