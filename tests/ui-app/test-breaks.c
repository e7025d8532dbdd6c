/* test-breaks.c: tests of where a run is told to stop
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * With WEFT_PICTURES set to a folder, pictures are left there to be looked at.
 */
#include "test-objects.h"
#include "ui-fixture.h"
#include "window-pictures.h"

#include "app/weftline-application.h"
#include "app/weftline-break-menu.h"
#include "app/weftline-controls.h"
#include "app/weftline-run-page.h"
#include "session/weftline-run-file.h"

#include <adwaita.h>

static const WeftlineBreak on_error = { .kind = WEFTLINE_BREAK_ON_ERROR };
static const WeftlineBreak above = { .kind = WEFTLINE_BREAK_ABOVE_BYTES };

/* ---- finding --------------------------------------------------------------------------------- */

static gboolean
is_named (GtkWidget *widget, const void *name)
{
  g_autofree char *other = GTK_IS_BUTTON (widget) ? gtk_test_accessible_check_property (
                               GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_PROPERTY_LABEL, name)
                                                  : NULL;

  return GTK_IS_BUTTON (widget) && other == NULL;
}

static gboolean
has_label (GtkWidget *widget, const void *text)
{
  return GTK_IS_BUTTON (widget)
         && g_strcmp0 (gtk_button_get_label (GTK_BUTTON (widget)), text) == 0;
}

static void
write_amount (GtkWidget *menu, const char *text)
{
  GtkWidget *entry = find_widget (menu, has_type, GSIZE_TO_POINTER (GTK_TYPE_ENTRY));

  gtk_editable_set_text (GTK_EDITABLE (entry), text);
  g_signal_emit_by_name (entry, "activate");
}

/* ---- the menu -------------------------------------------------------------------------------- */

typedef struct
{
  WeftlineRun *run;
  GtkWidget *window, *menu;
} Fixture;

static void
set_up (Fixture *f, const void *data G_GNUC_UNUSED)
{
  f->run = example_run ("fork-join");
  f->window = gtk_window_new ();
  f->menu = weftline_break_menu_new ();
  gtk_window_set_child (GTK_WINDOW (f->window), f->menu);
  gtk_window_present (GTK_WINDOW (f->window));
  weftline_break_menu_set_run (WEFTLINE_BREAK_MENU (f->menu), f->run);
}

static void
tear_down (Fixture *f, const void *data G_GNUC_UNUSED)
{
  gtk_window_destroy (GTK_WINDOW (f->window));
  test_loop_drain ();
  test_assert_finalised (f->run);
}

static unsigned
n_breaks (Fixture *f)
{
  return weftline_breaks_n (weftline_run_breaks (f->run));
}

/* What is set in the menu is set in the run, and can be taken away; what others set is in the menu.
 */
static void
test_menu (Fixture *f, const void *data G_GNUC_UNUSED)
{
  GtkWidget *check = find_widget (f->menu, has_type, GSIZE_TO_POINTER (GTK_TYPE_CHECK_BUTTON));
  GtkWidget *entry = find_widget (f->menu, has_type, GSIZE_TO_POINTER (GTK_TYPE_ENTRY));

  gtk_check_button_set_active (GTK_CHECK_BUTTON (check), TRUE);
  g_assert_nonnull (weftline_breaks_find (weftline_run_breaks (f->run), &on_error));
  write_amount (f->menu, "500 MB");
  g_assert_cmpuint (weftline_breaks_find (weftline_run_breaks (f->run), &above)->n_bytes, ==,
                    500000000);
  g_assert_nonnull (find_widget (f->menu, has_text, "managed memory above 500\u00a0MB"));
  g_assert_nonnull (find_widget (f->menu, has_text, "first error"));
  g_assert_nonnull (find_widget (f->menu, has_text, "2"));
  write_amount (f->menu, "many");
  g_assert_true (gtk_widget_has_css_class (entry, "error"));
  g_assert_cmpuint (n_breaks (f), ==, 2);
  write_amount (f->menu, "");
  g_assert_false (gtk_widget_has_css_class (entry, "error"));
  g_assert_null (weftline_breaks_find (weftline_run_breaks (f->run), &above));
  g_signal_emit_by_name (find_widget (f->menu, is_named, "Do not stop at: first error"), "clicked");
  g_assert_cmpuint (n_breaks (f), ==, 0);
  g_assert_false (gtk_check_button_get_active (GTK_CHECK_BUTTON (check)));
  weftline_run_set_break (f->run, &on_error, true);
  g_assert_true (gtk_check_button_get_active (GTK_CHECK_BUTTON (check)));
}

/* All groups there are can be chosen, before the start and after it. */
static void
test_groups (Fixture *f, const void *data G_GNUC_UNUSED)
{
  GtkWidget *groups = find_widget (f->menu, has_type, GSIZE_TO_POINTER (GTK_TYPE_DROP_DOWN));
  WeftGraph *graph = weftline_plan_graph (weftline_run_plan (f->run));
  WeftlineBreak what = { .kind = WEFTLINE_BREAK_AT_GROUP };
  guint n;

  weftline_break_menu_popup (WEFTLINE_BREAK_MENU (f->menu));
  n = g_list_model_get_n_items (gtk_drop_down_get_model (GTK_DROP_DOWN (groups)));
  g_assert_cmpuint (n, ==, weft_graph_arrays (graph)->n_groups);
  for (guint i = 0; i < n; i++)
    {
      gtk_drop_down_set_selected (GTK_DROP_DOWN (groups), i);
      g_signal_emit_by_name (find_widget (f->menu, has_label, "Add"), "clicked");
    }
  g_assert_cmpuint (n_breaks (f), ==, n);
  what.group = weft_graph_group_name (graph, n - 1);
  g_assert_nonnull (weftline_breaks_find (weftline_run_breaks (f->run), &what));
  leave_pictures (gtk_widget_get_ancestor (groups, GTK_TYPE_POPOVER), "breaks");
  weftline_run_start (f->run);
  test_loop_until (weftline_run_feed (f->run) != NULL);
  gtk_menu_button_popdown (
      GTK_MENU_BUTTON (find_widget (f->menu, has_type, GSIZE_TO_POINTER (GTK_TYPE_MENU_BUTTON))));
  weftline_break_menu_popup (WEFTLINE_BREAK_MENU (f->menu));
  g_assert_cmpuint (g_list_model_get_n_items (gtk_drop_down_get_model (GTK_DROP_DOWN (groups))), ==,
                    n);
  weftline_run_cancel (f->run);
  test_loop_until (weftline_run_is_over (f->run));
}

/* What is set can be heard, and is not to be changed when it is too late. */
static void
test_button (Fixture *f, const void *data G_GNUC_UNUSED)
{
  GtkWidget *button = find_widget (f->menu, has_type, GSIZE_TO_POINTER (GTK_TYPE_MENU_BUTTON));

  gtk_test_accessible_assert_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                       "Stop at…");
  weftline_run_set_break (f->run, &on_error, true);
  gtk_test_accessible_assert_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                       "first error");
  g_assert_cmpstr (gtk_widget_get_tooltip_text (button), ==, "Stops at:\nfirst error");
  g_assert_true (gtk_widget_get_sensitive (button));
  leave_pictures (f->window, "break-button");
  run_to_the_end (f->run);
  g_assert_false (gtk_widget_get_sensitive (button));
}

/* ---- cards ----------------------------------------------------------------------------------- */

typedef struct
{
  TestDir *dir;
  GSettings *settings;
  GtkWidget *window;
  WeftlineRunPage *page;
  WeftlineSession *session;
} Page;

static void
page_set_up (Page *p, WeftlineRun *run)
{
  p->settings = g_settings_new (WEFTLINE_APPLICATION_ID);
  p->page = WEFTLINE_RUN_PAGE (weftline_run_page_new (run, p->settings));
  p->session = weftline_run_page_session (p->page);
  p->window = gtk_window_new ();
  gtk_window_set_default_size (GTK_WINDOW (p->window), 1400, 900);
  gtk_window_set_child (GTK_WINDOW (p->window), GTK_WIDGET (p->page));
  gtk_window_present (GTK_WINDOW (p->window));
}

static void
page_clear (Page *p)
{
  gtk_window_destroy (GTK_WINDOW (p->window));
  g_object_unref (p->settings);
  test_loop_drain ();
}

static WeftlineCard *
card_of (Page *p, const char *name)
{
  return weftline_dock_card (weftline_run_page_dock (p->page), name);
}

static gboolean
is_popover_menu (GtkWidget *widget, const void *data G_GNUC_UNUSED)
{
  return GTK_IS_POPOVER_MENU (widget) && gtk_widget_get_visible (widget)
         && WEFTLINE_IS_CARD (gtk_widget_get_parent (widget));
}

/* As a click with the right button does. */
static void
click_right (GtkWidget *card)
{
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (card);

  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++)
    {
      g_autoptr (GtkEventController) one = g_list_model_get_item (controllers, i);

      if (GTK_IS_GESTURE_CLICK (one)
          && gtk_gesture_single_get_button (GTK_GESTURE_SINGLE (one)) == GDK_BUTTON_SECONDARY)
        g_signal_emit_by_name (one, "pressed", 1, 20.0, 20.0);
    }
}

/* The group under the pointer, or that of the task there, is told to stop the run, or not to any
 * more, by the menu of each card that shows some. */
static void
test_group_menu (void)
{
  static const char *const cards[] = { "stream", "graph", "progress", "table" };
  WeftlineRun *run = example_run ("fork-join");
  Page p;

  page_set_up (&p, run);
  weftline_run_step (run);
  test_loop_until (weftline_session_snapshot (p.session)->n_groups > 0
                   && weftline_session_snapshot (p.session)->n_tasks > 0);
  for (unsigned i = 0; i < G_N_ELEMENTS (cards); i++)
    {
      WeftlineCard *card = card_of (&p, cards[i]);
      GtkWidget *view = weftline_card_child (card), *menu;
      WeftlineBreak what = { .kind = WEFTLINE_BREAK_AT_GROUP };
      WeftModelGroup group;
      uint32_t task = i;

      weft_model_group (weftline_session_model (p.session),
                        weft_model_task_group (weftline_session_model (p.session), task), &group);
      what.group = group.name;
      weftline_session_select_nothing (p.session);
      g_assert_false (gtk_widget_activate_action (view, "breaks.group", NULL)
                      && weftline_breaks_n (weftline_run_breaks (run)) > 0);
      weftline_session_set_hover (p.session, i % 2 == 0 ? task : WEFT_NONE,
                                  weft_model_task_group (weftline_session_model (p.session), task));
      click_right (GTK_WIDGET (card));
      menu = find_widget (GTK_WIDGET (card), is_popover_menu, NULL);
      g_assert_nonnull (menu);
      if (i == 1)
        leave_pictures (menu, "group-menu");
      gtk_widget_activate_action (menu, "breaks.group", NULL);
      g_assert_nonnull (weftline_breaks_find (weftline_run_breaks (run), &what));
      gtk_widget_activate_action (menu, "breaks.group", NULL);
      g_assert_cmpuint (weftline_breaks_n (weftline_run_breaks (run)), ==, 0);
      gtk_popover_popdown (GTK_POPOVER (menu));
    }
  weftline_run_cancel (run);
  test_loop_until (weftline_run_is_over (run));
  page_clear (&p);
  test_assert_finalised (run);
}

/* What cannot be served is not there. */
static void
test_file (void)
{
  g_autoptr (TestDir) dir = test_dir_new ();
  g_autofree char *path = g_build_filename (dir, "run.weft", NULL);
  WeftlineRun *run = example_run ("loop"), *file;
  GtkWidget *menu = g_object_ref_sink (weftline_break_menu_new ());
  g_autoptr (GError) error = NULL;
  Page p;

  run_to_the_end (run);
  g_assert_true (weftline_run_save (run, path, &error));
  file = weftline_run_file_new (path, &error);
  g_assert_no_error (error);
  weftline_break_menu_set_run (WEFTLINE_BREAK_MENU (menu), run);
  g_assert_true (gtk_widget_get_visible (menu));
  weftline_break_menu_set_run (WEFTLINE_BREAK_MENU (menu), file);
  g_assert_false (gtk_widget_get_visible (menu));
  page_set_up (&p, file);
  g_assert_false (gtk_widget_activate_action (weftline_card_child (card_of (&p, "graph")),
                                              "breaks.group", NULL));
  page_clear (&p);
  g_assert_finalize_object (menu);
  test_assert_finalised (file);
  g_object_unref (run);
}

#define ADD(behaviour, function) \
  g_test_add ("/weft/ui-app/breaks/" behaviour, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  ADD ("menu", test_menu);
  ADD ("groups", test_groups);
  ADD ("button", test_button);
  test_add ("ui-app", "breaks", "group-menu", test_group_menu);
  test_add ("ui-app", "breaks", "file", test_file);
  return g_test_run ();
}
