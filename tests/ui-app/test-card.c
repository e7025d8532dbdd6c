/* test-card.c: tests of a pane's frame
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "test-support.h"

#include "app/weftline-card.h"

#include <gtk/gtk.h>
#include <string.h>

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

/* (nullable): the label below the widget that says so */
static GtkLabel *
find_label (GtkWidget *widget, const char *text)
{
  GtkLabel *found = NULL;

  if (GTK_IS_LABEL (widget) && g_str_equal (gtk_label_get_text (GTK_LABEL (widget)), text))
    return GTK_LABEL (widget);
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL && found == NULL;
       child = gtk_widget_get_next_sibling (child))
    found = find_label (child, text);
  return found;
}

/* Returns: whether it is shown in whole; where: as far from the card's beginning as text runs */
static bool
place_label (WeftlineCard *card, GtkLabel *label, double *from, double *to)
{
  graphene_rect_t at;
  double width = gtk_widget_get_width (GTK_WIDGET (card));

  *from = *to = 0;
  if (!gtk_widget_get_can_target (GTK_WIDGET (label)))
    return false;
  g_assert_true (gtk_widget_compute_bounds (GTK_WIDGET (label), GTK_WIDGET (card), &at));
  *from = at.origin.x;
  if (gtk_widget_get_direction (GTK_WIDGET (card)) == GTK_TEXT_DIR_RTL)
    *from = width - at.origin.x - at.size.width;
  *to = *from + at.size.width;
  return !pango_layout_is_ellipsized (gtk_label_get_layout (label));
}

/* The time is whole in every card of the dock; figures are cut before the title, and nothing runs
 * into anything, in both directions. */
static void
test_time_is_whole (void)
{
  static const char *const titles[] = { "Memory", "Fortschritt", "Journal des événements" };
  static const char *const times[] = { "1.20 s", "selected" };

  for (unsigned i = 0; i < 12; i++)
    {
      WeftlineCard *card = g_object_ref_sink (
          weftline_card_new ("memory", titles[i % 3], gtk_label_new (NULL), FALSE));
      const char *time = times[i / 3 % 2];
      GtkLabel *labels[3];

      gtk_widget_set_default_direction (i < 6 ? GTK_TEXT_DIR_LTR : GTK_TEXT_DIR_RTL);
      weftline_card_set_figures (card, "412 of 412 tasks");
      weftline_card_set_time (card, time, "as of then");
      labels[0] = find_label (GTK_WIDGET (card), titles[i % 3]);
      labels[1] = find_label (GTK_WIDGET (card), time);
      labels[2] = find_label (GTK_WIDGET (card), "412 of 412 tasks");
      for (int width = 212; width < 600; width += 3)
        {
          double from[3], to[3];
          bool whole[3];
          int least;

          gtk_widget_measure (GTK_WIDGET (card), GTK_ORIENTATION_HORIZONTAL, -1, &least, NULL, NULL,
                              NULL);
          g_assert_cmpint (least, <=, width);
          gtk_widget_measure (GTK_WIDGET (card), GTK_ORIENTATION_VERTICAL, width, NULL, NULL, NULL,
                              NULL);
          gtk_widget_allocate (GTK_WIDGET (card), width, 100, -1, NULL);
          for (unsigned k = 0; k < 3; k++)
            whole[k] = place_label (card, labels[k], &from[k], &to[k]);
          g_assert_true (whole[1]);
          g_assert_true (whole[0] || !gtk_widget_get_can_target (GTK_WIDGET (labels[2])));
          g_assert_cmpfloat (from[0], >=, 0);
          g_assert_cmpfloat (from[1], >=, to[0] + 4);
          g_assert_true (to[2] == 0 || from[2] >= to[1] + 4);
          g_assert_cmpfloat (MAX (to[1], to[2]), <=, width);
          g_assert_true (width < 580 || (whole[0] && whole[2]));
        }
      gtk_widget_set_default_direction (GTK_TEXT_DIR_LTR);
      g_assert_finalize_object (card);
    }
}

/* Pixels of a picture of the widget as it is drawn that are not as the one in its upper corner. */
static unsigned
count_pixels (GtkWidget *widget)
{
  g_autoptr (GdkPaintable) paintable = gtk_widget_paintable_new (widget);
  int width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  g_autoptr (GtkSnapshot) snapshot = gtk_snapshot_new ();
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, width, height);
  cairo_t *cr = cairo_create (surface);
  GskRenderNode *node;
  unsigned n = 0;

  gdk_paintable_snapshot (paintable, GDK_SNAPSHOT (snapshot), width, height);
  node = gtk_snapshot_to_node (snapshot);
  if (node != NULL)
    gsk_render_node_draw (node, cr);
  cairo_destroy (cr);
  cairo_surface_flush (surface);
  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++)
      n += memcmp (cairo_image_surface_get_data (surface)
                       + (ptrdiff_t) y * cairo_image_surface_get_stride (surface) + 4 * x,
                   cairo_image_surface_get_data (surface), 3)
           != 0;
  g_clear_pointer (&node, gsk_render_node_unref);
  cairo_surface_destroy (surface);
  return n;
}

/* Figures that come later are drawn, and those that go are not drawn any more. */
static void
test_figures_come_and_go (void)
{
  WeftlineCard *card = weftline_card_new ("memory", "Memory", gtk_label_new (NULL), FALSE);
  GtkWidget *window = gtk_window_new ();
  unsigned without;

  gtk_window_set_child (GTK_WINDOW (window), GTK_WIDGET (card));
  gtk_window_set_default_size (GTK_WINDOW (window), 500, 120);
  gtk_window_present (GTK_WINDOW (window));
  test_loop_until (gtk_widget_get_width (GTK_WIDGET (card)) > 300
                   && count_pixels (GTK_WIDGET (card)) > 100);
  without = count_pixels (GTK_WIDGET (card));
  weftline_card_set_figures (card, "412 of 412 tasks");
  test_loop_until (count_pixels (GTK_WIDGET (card)) > without + 200);
  weftline_card_set_figures (card, NULL);
  test_loop_until (count_pixels (GTK_WIDGET (card)) == without);
  gtk_window_destroy (GTK_WINDOW (window));
}

/* What is cut can be read where it is pointed at. */
static void
test_tooltips (void)
{
  WeftlineCard *card =
      g_object_ref_sink (weftline_card_new ("memory", "Memory", gtk_label_new (NULL), FALSE));
  GtkLabel *title = find_label (GTK_WIDGET (card), "Memory");

  g_assert_cmpstr (gtk_widget_get_tooltip_text (GTK_WIDGET (title)), ==, "Memory");
  weftline_card_set_figures (card, "64 B");
  g_assert_cmpstr (gtk_widget_get_tooltip_text (GTK_WIDGET (title)), ==, "Memory · 64 B");
  weftline_card_set_figures (card, NULL);
  g_assert_cmpstr (gtk_widget_get_tooltip_text (GTK_WIDGET (title)), ==, "Memory");
  weftline_card_set_time (card, "1.20 s", "as of 1.20000 s");
  g_assert_cmpstr (
      gtk_widget_get_tooltip_text (GTK_WIDGET (find_label (GTK_WIDGET (card), "1.20 s"))), ==,
      "as of 1.20000 s");
  g_assert_finalize_object (card);
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  test_add ("ui-app", "card", "parts", test_card);
  test_add ("ui-app", "card", "time-is-whole", test_time_is_whole);
  test_add ("ui-app", "card", "figures-come-and-go", test_figures_come_and_go);
  test_add ("ui-app", "card", "tooltips", test_tooltips);
  test_add ("ui-app", "card", "buttons-say-whose-they-are", test_buttons_say_whose_they_are);
  return g_test_run ();
}
