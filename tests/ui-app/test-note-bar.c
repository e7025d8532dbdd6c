/* test-note-bar.c: tests of what is said above the cards about a graph
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "test-objects.h"
#include "ui-fixture.h"

#include "app/weftline-note-bar.h"
#include "session/weftline-run-file.h"

#include <adwaita.h>
#include <string.h>

static gboolean
mentions (GtkWidget *widget, const void *text)
{
  return GTK_IS_LABEL (widget) && strstr (gtk_label_get_text (GTK_LABEL (widget)), text) != NULL;
}

static void
check_note_bar (WeftlineRun *run)
{
  GtkWidget *bar = g_object_ref_sink (weftline_note_bar_new (run));

  test_loop_until (gtk_widget_get_visible (bar));
  gtk_test_accessible_assert_role (bar, GTK_ACCESSIBLE_ROLE_GROUP);
  gtk_test_accessible_assert_property (bar, GTK_ACCESSIBLE_PROPERTY_LABEL, "Notes on the graph");
  gtk_test_accessible_assert_property (
      find_widget (bar, has_type, GSIZE_TO_POINTER (GTK_TYPE_MENU_BUTTON)),
      GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, "2 more notes");
  g_assert_nonnull (find_widget (bar, mentions, "none recorded for 2 of 2 tasks"));
  g_assert_nonnull (find_widget (bar, has_text, "2 more notes"));
  g_assert_nonnull (find_widget (bar, mentions, "nodes.dag:2:1: DOT is not supported"));
  g_assert_nonnull (find_widget (bar, mentions, "nodes.dag:3:1: CONFIG is not supported"));
  g_assert_finalize_object (bar);
}

/* Before the run, during it and after it; of its file the same. */
static void
test_notes (void)
{
  g_autoptr (TestDir) dir = test_dir_new ();
  g_autofree char *path =
      test_dir_write (dir, "nodes.dag", "JOB A a\nDOT d.dot\nCONFIG c\nJOB B b\n");
  g_autoptr (GError) error = NULL;
  g_autoptr (WeftlinePlan) plan = weftline_plan_new_for_file (path, &error);
  WeftlineRun *run, *file;
  GtkWidget *bar;

  g_assert_no_error (error);
  run = weftline_run_embedded_new (plan, NULL);
  check_note_bar (run);
  run_to_the_end (run);
  check_note_bar (run);
  file = weftline_run_file_new (weftline_run_path (run), &error);
  g_assert_no_error (error);
  check_note_bar (file);
  g_assert_finalize_object (file);
  g_object_unref (run);
  run = example_run ("fork-join");
  bar = g_object_ref_sink (weftline_note_bar_new (run));
  run_to_the_end (run);
  g_assert_false (gtk_widget_get_visible (bar));
  g_assert_finalize_object (bar);
  g_object_unref (run);
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  test_add ("ui-app", "note-bar", "notes", test_notes);
  return g_test_run ();
}
