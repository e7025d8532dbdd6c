/* test-review.c: tests of the page before a graph touches the world
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "test-support.h"
#include "ui-fixture.h"

#include "app/weftline-review.h"

#include <string.h>

static gboolean
mentions (GtkWidget *widget, const void *text)
{
  return GTK_IS_LABEL (widget) && strstr (gtk_label_get_text (GTK_LABEL (widget)), text) != NULL;
}

static void
test_lists_commands (void)
{
  g_autoptr (WeftlinePlan) plan = weftline_examples_make ("build", 0, -1, NULL);
  GtkWidget *review = g_object_ref_sink (weftline_review_new (plan));

  for (const char *const *line = weftline_plan_commands (plan); *line != NULL; line++)
    g_assert_nonnull (find_widget (review, mentions, *line));
  g_assert_nonnull (find_widget (review, mentions, "5 tasks"));
  g_assert_nonnull (find_widget (review, has_action, "win.run"));
  g_assert_finalize_object (review);
}

/* The list does not scroll by itself: no line of it is hidden above the button. */
static void
test_all_is_read_before_the_button (void)
{
  g_autoptr (WeftlinePlan) plan = weftline_examples_make ("build", 0, -1, NULL);
  GtkWidget *review = g_object_ref_sink (weftline_review_new (plan));
  GtkWidget *list = find_widget (review, mentions, weftline_plan_commands (plan)[0]);
  GtkWidget *button = find_widget (review, has_action, "win.run");

  g_assert_nonnull (gtk_widget_get_ancestor (button, GTK_TYPE_SCROLLED_WINDOW));
  g_assert_true (gtk_widget_get_ancestor (list, GTK_TYPE_SCROLLED_WINDOW)
                 == gtk_widget_get_ancestor (button, GTK_TYPE_SCROLLED_WINDOW));
  g_assert_finalize_object (review);
}

/* What is not as the graph has it is read there, too. */
static void
test_notes (void)
{
  g_autoptr (TestDir) dir = test_dir_new ();
  g_autofree char *path =
      test_dir_write (dir, "g.json",
                      "{\"weftline\": 1, \"tasks\": {\"a\": {}, \"b\": {\"runtime\": 0.5},"
                      " \"c\": {\"op\": \"exec\", \"args\": [[\"true\"]]}}}");
  g_autoptr (GError) error = NULL;
  g_autoptr (WeftlinePlan) plan = weftline_plan_new_for_file (path, &error);
  g_autoptr (WeftlinePlan) whole = weftline_examples_make ("build", 0, -1, NULL);
  GtkWidget *review;

  g_assert_no_error (error);
  review = g_object_ref_sink (weftline_review_new (plan));
  g_assert_nonnull (find_widget (review, mentions, "none recorded for 1 of 2 tasks"));
  g_assert_finalize_object (review);
  review = g_object_ref_sink (weftline_review_new (whole));
  g_assert_null (find_widget (review, mentions, "none recorded"));
  g_assert_finalize_object (review);
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  test_add ("ui-app", "review", "lists-commands", test_lists_commands);
  test_add ("ui-app", "review", "all-is-read-before-the-button",
            test_all_is_read_before_the_button);
  test_add ("ui-app", "review", "notes", test_notes);
  return g_test_run ();
}
