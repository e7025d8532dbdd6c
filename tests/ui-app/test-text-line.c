/* test-text-line.c: tests of texts in a line that give way to each other
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "test-objects.h"

#include "canvas/text-line.h"

enum
{
  TITLE,
  TIME,
  FIGURES,
  N_PARTS
};

typedef struct
{
  GtkWidget *line;
  GtkWidget *parts[N_PARTS];
} Fixture;

static GtkWidget *
make_label (const char *text)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  return label;
}

static void
set_up (Fixture *f, const void *data G_GNUC_UNUSED)
{
  f->parts[TITLE] = make_label ("Where the time goes");
  f->parts[TIME] = make_label ("as of 1.23 s");
  f->parts[FIGURES] = make_label ("4 of 16 workers, 61 % running");
  f->line = g_object_ref_sink (
      weftline_text_line_new (f->parts[TITLE], f->parts[TIME], f->parts[FIGURES]));
}

static void
tear_down (Fixture *f, const void *data G_GNUC_UNUSED)
{
  g_assert_finalize_object (f->line);
}

static void
measure (GtkWidget *widget, int *minimum, int *natural)
{
  gtk_widget_measure (widget, GTK_ORIENTATION_HORIZONTAL, -1, minimum, natural, NULL, NULL);
}

static int
natural_width (GtkWidget *widget)
{
  int natural;

  measure (widget, NULL, &natural);
  return natural;
}

/* So wide, and as high as it wants to be. */
static void
allocate (Fixture *f, int width)
{
  int height;

  gtk_widget_measure (f->line, GTK_ORIENTATION_VERTICAL, -1, NULL, &height, NULL, NULL);
  gtk_widget_allocate (f->line, width, height, -1, NULL);
}

/* What is not drawn takes no clicks. */
static gboolean
is_drawn (Fixture *f, int part)
{
  return gtk_widget_get_can_target (f->parts[part]);
}

static double
left_of (Fixture *f, int part)
{
  graphene_rect_t bounds;

  g_assert_true (gtk_widget_compute_bounds (f->parts[part], f->line, &bounds));
  return bounds.origin.x;
}

/* At no width do two that are drawn overlap, or anything stand outside; with less room figures are
 * cut first, and go; with all the room there is, all is whole. */
static void
test_widths (Fixture *f, const void *data G_GNUC_UNUSED)
{
  int minimum, natural;

  measure (f->line, &minimum, &natural);
  g_assert_cmpint (natural, >=,
                   natural_width (f->parts[TITLE]) + natural_width (f->parts[TIME])
                       + natural_width (f->parts[FIGURES]));
  for (int width = minimum; width <= natural + 80; width++)
    {
      double right = 0;

      allocate (f, width);
      for (int part = 0; part < N_PARTS; part++)
        {
          if (!is_drawn (f, part))
            continue;
          g_assert_cmpfloat (left_of (f, part), >=, right);
          right = left_of (f, part) + gtk_widget_get_width (f->parts[part]);
          g_assert_cmpfloat (right, <=, width);
        }
      if (gtk_widget_get_width (f->parts[TITLE]) < natural_width (f->parts[TITLE]))
        g_assert_false (is_drawn (f, FIGURES));
      if (gtk_widget_get_width (f->parts[TIME]) < natural_width (f->parts[TIME]))
        g_assert_cmpint (gtk_widget_get_width (f->parts[TITLE]), <,
                         natural_width (f->parts[TITLE]));
      g_assert_true (width < natural
                     || gtk_widget_get_width (f->parts[FIGURES])
                            == natural_width (f->parts[FIGURES]));
    }
  g_assert_true (is_drawn (f, FIGURES));
}

/* Figures that are not drawn are still told to those who do not see. */
static void
test_is_told (Fixture *f, const void *data G_GNUC_UNUSED)
{
  int minimum;

  measure (f->line, &minimum, NULL);
  allocate (f, minimum);
  g_assert_false (is_drawn (f, FIGURES));
  gtk_test_accessible_assert_role (f->line, GTK_ACCESSIBLE_ROLE_GROUP);
  g_assert_true (gtk_widget_get_visible (f->parts[FIGURES]));
  gtk_test_accessible_assert_property (f->parts[FIGURES], GTK_ACCESSIBLE_PROPERTY_LABEL,
                                       "4 of 16 workers, 61 % running");
}

/* Where text runs from right to left the title is on the right. */
static void
test_right_to_left (Fixture *f, const void *data G_GNUC_UNUSED)
{
  int natural = natural_width (f->line);
  double before[N_PARTS];

  allocate (f, natural + 40);
  for (int part = 0; part < N_PARTS; part++)
    before[part] = left_of (f, part);
  gtk_widget_set_direction (f->line, GTK_TEXT_DIR_RTL);
  allocate (f, natural + 40);
  for (int part = 0; part < N_PARTS; part++)
    g_assert_cmpfloat (left_of (f, part) + gtk_widget_get_width (f->parts[part]), ==,
                       natural + 40 - before[part]);
}

/* Without a time the others stand where they would. */
static void
test_without_a_time (void)
{
  GtkWidget *title = make_label ("Memory"), *figures = make_label ("412 MB");
  GtkWidget *line = g_object_ref_sink (weftline_text_line_new (title, NULL, figures));
  int natural = natural_width (line), height;
  graphene_rect_t bounds;

  gtk_widget_measure (line, GTK_ORIENTATION_VERTICAL, -1, NULL, &height, NULL, NULL);
  gtk_widget_allocate (line, natural + 30, height, -1, NULL);
  g_assert_true (gtk_widget_compute_bounds (figures, line, &bounds));
  g_assert_cmpfloat (bounds.origin.x + bounds.size.width, ==, natural + 30);
  g_assert_true (gtk_widget_compute_bounds (title, line, &bounds));
  g_assert_cmpfloat (bounds.origin.x, ==, 0);
  g_assert_finalize_object (line);
}

#define ADD(behaviour, function) \
  g_test_add ("/weft/ui-app/text-line/" behaviour, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  ADD ("widths", test_widths);
  ADD ("is-told", test_is_told);
  ADD ("right-to-left", test_right_to_left);
  test_add ("ui-app", "text-line", "without-a-time", test_without_a_time);
  return g_test_run ();
}
