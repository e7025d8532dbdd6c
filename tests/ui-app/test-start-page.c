/* test-start-page.c: tests of the page with the examples
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "test-support.h"
#include "ui-fixture.h"

#include "app/weftline-start-page.h"

#include <adwaita.h>
#include <math.h>

typedef struct
{
  unsigned n;
  char *id;
  unsigned size;
  double seconds;
  unsigned n_workers;
} Chosen;

static void
example_cb (GtkWidget *page G_GNUC_UNUSED, const char *id, unsigned size, double seconds,
            unsigned n_workers, Chosen *chosen)
{
  chosen->n++;
  g_free (chosen->id);
  chosen->id = g_strdup (id);
  chosen->size = size;
  chosen->seconds = seconds;
  chosen->n_workers = n_workers;
}

/* (nullable): of a row the last slider, which is that of workers */
static GtkRange *
last_slider (GtkWidget *widget)
{
  GtkRange *last = GTK_IS_SCALE (widget) ? GTK_RANGE (widget) : NULL;

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkRange *found = last_slider (child);

      last = found != NULL ? found : last;
    }
  return last;
}

static void
press_all (GtkWidget *widget, Chosen *chosen)
{
  if (ADW_IS_EXPANDER_ROW (widget))
    {
      g_assert_cmpfloat_with_epsilon (gtk_range_get_value (last_slider (widget)), log (3), 1e-9);
      gtk_range_set_value (last_slider (widget), log (5));
      gtk_test_accessible_assert_property (GTK_ACCESSIBLE (last_slider (widget)),
                                           GTK_ACCESSIBLE_PROPERTY_LABEL, "Workers");
    }
  if (GTK_IS_BUTTON (widget) && g_strcmp0 (gtk_button_get_label (GTK_BUTTON (widget)), "Run") == 0)
    {
      unsigned n = chosen->n;
      WeftlineExample example;

      g_signal_emit_by_name (widget, "clicked");
      g_assert_cmpuint (chosen->n, ==, n + 1);
      g_assert_true (weftline_examples_find (chosen->id, &example));
      g_assert_cmpuint (chosen->size, ==, example.size_label != NULL ? example.size : 0);
      if (example.has_duration)
        g_assert_cmpfloat_with_epsilon (chosen->seconds, example.duration, 1e-6);
      else
        g_assert_cmpfloat (chosen->seconds, <, 0);
      g_assert_cmpuint (chosen->n_workers, ==, 5);
    }
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    press_all (child, chosen);
}

/* Every example has its button, which gives what its sliders say. */
static void
test_examples (void)
{
  GtkWidget *page = g_object_ref_sink (weftline_start_page_new (3));
  Chosen chosen = { 0 };

  gtk_test_accessible_assert_role (page, GTK_ACCESSIBLE_ROLE_GROUP);
  gtk_test_accessible_assert_property (page, GTK_ACCESSIBLE_PROPERTY_LABEL, "Start Page");
  g_signal_connect (page, "example", G_CALLBACK (example_cb), &chosen);
  press_all (page, &chosen);
  g_assert_cmpuint (chosen.n, ==, weftline_examples_n ());
  g_free (chosen.id);
  g_assert_finalize_object (page);
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  test_add ("ui-app", "start-page", "examples", test_examples);
  return g_test_run ();
}
