/* test-breaks.c: tests of groups in cards at which a run is told to stop
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * With WEFT_PICTURES set to a folder, pictures are left there to be looked at.
 */
#include "ui-fixture.h"
#include "window-pictures.h"

#include "session/weftline-run-file.h"

static WeftlineCard *
card_of (RunPage *p, const char *name)
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
  RunPage p;

  run_page_open (&p, run);
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
  run_page_close (&p, run);
}

/* What cannot be served is not there. */
static void
test_file (void)
{
  g_autoptr (TestDir) dir = test_dir_new ();
  g_autofree char *path = g_build_filename (dir, "run.weft", NULL);
  WeftlineRun *run = example_run ("loop"), *file;
  g_autoptr (GError) error = NULL;
  RunPage p;

  run_to_the_end (run);
  g_assert_true (weftline_run_save (run, path, &error));
  file = weftline_run_file_new (path, &error);
  g_assert_no_error (error);
  run_page_open (&p, file);
  g_assert_false (gtk_widget_activate_action (weftline_card_child (card_of (&p, "graph")),
                                              "breaks.group", NULL));
  run_page_close (&p, file);
  g_object_unref (run);
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  test_add ("ui-app", "breaks", "group-menu", test_group_menu);
  test_add ("ui-app", "breaks", "file", test_file);
  return g_test_run ();
}
