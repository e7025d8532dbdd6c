/* test-break-menu.c: tests of the menu of where a run is to stop
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * With WEFT_PICTURES set to a folder, pictures are left there to be looked at.
 */
#include "test-objects.h"
#include "ui-fixture.h"
#include "window-pictures.h"

#include "app/weftline-break-menu.h"
#include "session/weftline-run-file.h"

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

/* What cannot be served is not there. */
static void
test_file (void)
{
  g_autoptr (TestDir) dir = test_dir_new ();
  g_autofree char *path = g_build_filename (dir, "run.weft", NULL);
  WeftlineRun *run = example_run ("loop"), *file;
  GtkWidget *menu = g_object_ref_sink (weftline_break_menu_new ());
  g_autoptr (GError) error = NULL;

  run_to_the_end (run);
  g_assert_true (weftline_run_save (run, path, &error));
  file = weftline_run_file_new (path, &error);
  g_assert_no_error (error);
  g_assert_false (gtk_widget_get_visible (menu));
  weftline_break_menu_set_run (WEFTLINE_BREAK_MENU (menu), run);
  g_assert_true (gtk_widget_get_visible (menu));
  weftline_break_menu_set_run (WEFTLINE_BREAK_MENU (menu), file);
  g_assert_false (gtk_widget_get_visible (menu));
  weftline_break_menu_set_run (WEFTLINE_BREAK_MENU (menu), NULL);
  g_assert_false (gtk_widget_get_visible (menu));
  g_assert_finalize_object (menu);
  test_assert_finalised (file);
  g_object_unref (run);
}

#define ADD(behaviour, function) \
  g_test_add ("/weft/ui-app/break-menu/" behaviour, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  ADD ("menu", test_menu);
  ADD ("groups", test_groups);
  ADD ("button", test_button);
  test_add ("ui-app", "break-menu", "file", test_file);
  return g_test_run ();
}
