/* test-text-zoom.c: tests of drawn views at the size of large text
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "test-support.h"

#include "app/weftline-card.h"
#include "canvas/text-zoom.h"
#include "canvas/widget-text.h"

#include <math.h>

#define USUAL_DPI (96 * 1024)

static void
set_text (const char *font, double times)
{
  g_object_set (gtk_settings_get_default (), "gtk-font-name", font, "gtk-xft-dpi",
                (int) (USUAL_DPI * times), NULL);
}

static int
size_of (GtkWidget *widget, GtkOrientation orientation)
{
  int minimum;

  gtk_widget_measure (widget, orientation, -1, &minimum, NULL, NULL, NULL);
  return minimum;
}

/* All of the child is as much larger as the text is; it is not told so, and where one points is
 * where it is. */
static void
test_goes_with_the_text (void)
{
  GtkWidget *child = gtk_drawing_area_new (), *zoom = weftline_text_zoom_new (child);
  GtkWidget *window = gtk_window_new ();

  gtk_widget_set_size_request (child, 200, 60);
  gtk_widget_set_halign (zoom, GTK_ALIGN_START);
  gtk_widget_set_valign (zoom, GTK_ALIGN_START);
  gtk_window_set_child (GTK_WINDOW (window), zoom);
  for (double times = 0.5; times < 3; times += 0.5)
    {
      double expected = MAX (times, 1);
      graphene_point_t point;

      set_text ("Sans 11", times);
      gtk_window_present (GTK_WINDOW (window));
      test_loop_until (gtk_widget_get_mapped (child)
                       && size_of (zoom, GTK_ORIENTATION_VERTICAL) == lround (60 * expected));
      g_assert_cmpfloat_with_epsilon (weftline_text_zoom_of (child), expected, 0.01);
      g_assert_cmpint (size_of (zoom, GTK_ORIENTATION_HORIZONTAL), ==, lround (200 * expected));
      test_loop_until (gtk_widget_get_width (zoom) == lround (200 * expected));
      g_assert_cmpint (gtk_widget_get_width (child), ==, 200);
      g_assert_cmpint (gtk_widget_get_height (child), ==, 60);
      g_assert_true (
          gtk_widget_compute_point (child, zoom, &GRAPHENE_POINT_INIT (100, 30), &point));
      g_assert_cmpfloat_with_epsilon (point.x, 100 * expected, 0.5);
      g_assert_true (gtk_widget_pick (zoom, 199 * expected, 59 * expected, GTK_PICK_DEFAULT)
                     == child);
    }
  set_text ("Sans 11", 1);
  gtk_window_destroy (GTK_WINDOW (window));
}

/* Texts are drawn in the usual size, whatever is asked for, and anew when that changes. */
static void
test_texts_stay_in_proportion (void)
{
  GtkWidget *child = gtk_drawing_area_new (), *window = gtk_window_new ();
  WeftlineTextCache *text = NULL;
  int scale = 0, usual, large, unused;

  gtk_window_set_child (GTK_WINDOW (window), weftline_text_zoom_new (child));
  set_text ("Sans 11", 1);
  gtk_window_present (GTK_WINDOW (window));
  test_loop_until (gtk_widget_get_mapped (child) && weftline_text_zoom_of (child) < 1.1);
  g_assert_true (weftline_widget_text (child, &text, &scale));
  g_assert_false (weftline_widget_text (child, &text, &scale));
  weftline_text_size (text, "412 of 412 tasks", WEFTLINE_TEXT_NORMAL, &usual, &unused);
  set_text ("Sans 11", 2);
  test_loop_until (weftline_text_zoom_of (child) > 1.9);
  weftline_widget_text (child, &text, &scale);
  weftline_text_size (text, "412 of 412 tasks", WEFTLINE_TEXT_NORMAL, &large, &unused);
  g_assert_cmpint (abs (large - usual), <=, 2);
  set_text ("Monospace 11", 1);
  test_loop_until (weftline_text_zoom_of (child) < 1.1);
  g_assert_true (weftline_widget_text (child, &text, &scale));
  weftline_text_cache_free (text);
  set_text ("Sans 11", 1);
  gtk_window_destroy (GTK_WINDOW (window));
}

/* A card gives its room to the view, zoomed or not. */
static void
test_in_a_card (void)
{
  for (int drawn = 0; drawn < 2; drawn++)
    {
      GtkWidget *child = gtk_drawing_area_new ();
      WeftlineCard *card = g_object_ref_sink (weftline_card_new ("memory", "Memory", child, drawn));

      g_assert_true (weftline_card_child (card) == child);
      if (drawn)
        gtk_test_accessible_assert_role (gtk_widget_get_parent (child), GTK_ACCESSIBLE_ROLE_GROUP);
      g_assert_cmpint (WEFTLINE_IS_TEXT_ZOOM (gtk_widget_get_parent (child)), ==, drawn);
      g_assert_true (
          gtk_widget_compute_expand (gtk_widget_get_parent (child), GTK_ORIENTATION_VERTICAL));
      g_assert_finalize_object (card);
    }
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  test_add ("ui-app", "text-zoom", "goes-with-the-text", test_goes_with_the_text);
  test_add ("ui-app", "text-zoom", "texts-stay-in-proportion", test_texts_stay_in_proportion);
  test_add ("ui-app", "text-zoom", "in-a-card", test_in_a_card);
  return g_test_run ();
}
