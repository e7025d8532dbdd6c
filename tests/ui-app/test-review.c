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

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  test_add ("ui-app", "review", "lists-commands", test_lists_commands);
  test_add ("ui-app", "review", "all-is-read-before-the-button",
            test_all_is_read_before_the_button);
  return g_test_run ();
}
