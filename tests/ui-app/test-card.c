/* test-card.c: tests of a pane's frame
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "test-support.h"

#include "app/weftline-card.h"

#include <gtk/gtk.h>

static void
test_card (void)
{
  GtkWidget *child = gtk_label_new ("the view");
  WeftlineCard *card = g_object_ref_sink (weftline_card_new ("stream", "Task stream", child));
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
  return g_test_run ();
}
