/* test-card.c: tests of a pane's frame
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "test-support.h"

#include "app/weftline-card.h"

#include <gtk/gtk.h>

/* Of all the buttons below it. Returns: how many there are */
static unsigned
assert_described (GtkWidget *widget, const char *description)
{
  unsigned n = GTK_IS_BUTTON (widget);

  if (GTK_IS_BUTTON (widget))
    gtk_test_accessible_assert_property (GTK_ACCESSIBLE (widget),
                                         GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, description);
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    n += assert_described (child, description);
  return n;
}

/* Who hears “Hide” twelve times hears of what, also after a button was given another name. */
static void
test_buttons_say_whose_they_are (void)
{
  WeftlineCard *card = g_object_ref_sink (
      weftline_card_new ("stream", "Task stream", gtk_label_new ("the view"), FALSE));

  g_assert_cmpuint (assert_described (GTK_WIDGET (card), "Task stream"), ==, 3);
  weftline_card_set_maximised (card, TRUE);
  g_assert_cmpuint (assert_described (GTK_WIDGET (card), "Task stream"), ==, 3);
  g_assert_finalize_object (card);
}

static void
test_card (void)
{
  GtkWidget *child = gtk_label_new ("the view");
  WeftlineCard *card =
      g_object_ref_sink (weftline_card_new ("stream", "Task stream", child, FALSE));
  int narrow, wide;

  g_assert_cmpstr (weftline_card_name (card), ==, "stream");
  g_assert_cmpstr (weftline_card_title (card), ==, "Task stream");
  g_assert_true (weftline_card_child (card) == child);
  gtk_test_accessible_assert_role (GTK_ACCESSIBLE (card), GTK_ACCESSIBLE_ROLE_GROUP);
  gtk_test_accessible_assert_property (GTK_ACCESSIBLE (card), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                       "Task stream");
  gtk_widget_measure (GTK_WIDGET (card), GTK_ORIENTATION_HORIZONTAL, -1, &narrow, NULL, NULL, NULL);
  weftline_card_set_figures (card, "412 of 412 tasks · 0 dropped · and much more that is long");
  gtk_widget_measure (GTK_WIDGET (card), GTK_ORIENTATION_HORIZONTAL, -1, &wide, NULL, NULL, NULL);
  g_assert_cmpint (wide - narrow, <, 40); /* figures give way */
  weftline_card_set_figures (card, NULL);
  weftline_card_set_maximised (card, TRUE);
  weftline_card_set_maximised (card, FALSE);
  g_assert_finalize_object (card);
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  test_add ("ui-app", "card", "parts", test_card);
  test_add ("ui-app", "card", "buttons-say-whose-they-are", test_buttons_say_whose_they_are);
  return g_test_run ();
}
