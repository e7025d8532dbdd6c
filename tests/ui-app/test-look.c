/* test-look.c: tests that the views look as the preferences say
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * With WEFT_PICTURES set to a folder, pictures of each look are left there to be looked at.
 */
#include "test-objects.h"
#include "ui-fixture.h"

#include "app/weftline-screenshot.h"
#include "canvas/palette.h"

#include <string.h>

/* The views' CSS names. */
enum
{
  STREAM,
  GRAPH,
  PROGRESS,
  N_VIEWS
};
static const char *const views[] = { "taskstream", "taskgraph", "progressview" };

typedef struct
{
  TestDir *dir;
  GSettings *settings;
  WeftlineRun *run;
  RunPage page;
  GtkWidget *window; /* the page's */
} Fixture;

static gboolean
has_css_name (GtkWidget *widget, const void *name)
{
  return g_str_equal (gtk_widget_get_css_name (widget), name);
}

static gboolean
write_picture (Fixture *fixture, int view, const char *path)
{
  GtkWidget *widget = find_widget (fixture->window, has_css_name, views[view]);

  return weftline_screenshot (widget, path, NULL);
}

/* (transfer full): once it has been drawn; until then there is nothing to write */
static cairo_surface_t *
picture_of (Fixture *fixture, int view)
{
  g_autofree char *path = g_build_filename (fixture->dir, "picture.png", NULL);

  test_loop_until (write_picture (fixture, view, path));
  return cairo_image_surface_create_from_png (path);
}

static const uint32_t *
row_of (cairo_surface_t *picture, int y)
{
  return (const uint32_t *) (const void *) (cairo_image_surface_get_data (picture)
                                            + (ptrdiff_t) y
                                                  * cairo_image_surface_get_stride (picture));
}

/* Whether tasks are in it: all but data is grey. */
static gboolean
has_colour (Fixture *fixture, int view)
{
  cairo_surface_t *picture = picture_of (fixture, view);
  unsigned n = 0;

  for (int y = 0; y < cairo_image_surface_get_height (picture); y++)
    for (int x = 0; x < cairo_image_surface_get_width (picture); x++)
      {
        int red = row_of (picture, y)[x] >> 16 & 255, blue = row_of (picture, y)[x] & 255;

        n += ABS (red - blue) > 60;
      }
  cairo_surface_destroy (picture);
  return n > 200;
}

static gboolean
is_like (Fixture *fixture, int view, cairo_surface_t *other)
{
  cairo_surface_t *picture = picture_of (fixture, view);
  int width = cairo_image_surface_get_width (picture);
  int height = cairo_image_surface_get_height (picture);
  gboolean same = width == cairo_image_surface_get_width (other)
                  && height == cairo_image_surface_get_height (other);

  for (int y = 0; y < height && same; y++)
    same = memcmp (row_of (picture, y), row_of (other, y), (size_t) width * 4) == 0;
  cairo_surface_destroy (picture);
  return same;
}

static void
leave_picture (Fixture *fixture, const char *name)
{
  const char *folder = g_getenv ("WEFT_PICTURES");
  g_autofree char *path = NULL;

  if (folder == NULL)
    return;
  path = g_strdup_printf ("%s/look-%s.png", folder, name);
  test_loop_until (weftline_screenshot (fixture->window, path, NULL));
}

/* A setting changes just these views. */
static void
check (Fixture *fixture, const char *key, const char *value, const gboolean changes[N_VIEWS])
{
  cairo_surface_t *before[N_VIEWS];

  for (int view = 0; view < N_VIEWS; view++)
    before[view] = picture_of (fixture, view);
  g_settings_set_string (fixture->settings, key, value);
  for (int view = 0; view < N_VIEWS; view++)
    if (changes[view])
      test_loop_until (!is_like (fixture, view, before[view]));
  for (int view = 0; view < N_VIEWS; view++)
    {
      if (!changes[view])
        g_assert_true (is_like (fixture, view, before[view]));
      cairo_surface_destroy (before[view]);
    }
  leave_picture (fixture, value);
}

/* Few tasks, that have room for their labels. */
static WeftlineRun *
short_run (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (WeftlinePlan) plan = weftline_examples_make ("fork-join", 1, 0.02, &error);

  g_assert_no_error (error);
  return weftline_run_embedded_new (plan, NULL);
}

/* In which the graph has room for its labels. */
#define LAYOUT "h(24 progress v(56 stream graph))"

static void
set_up (Fixture *fixture, const void *data G_GNUC_UNUSED)
{
  fixture->dir = test_dir_new ();
  fixture->settings = g_settings_new (WEFTLINE_APPLICATION_ID);
  g_settings_set_string (fixture->settings, "layout-status", LAYOUT);
  fixture->run = short_run ();
  run_page_open (&fixture->page, fixture->run);
  fixture->window = fixture->page.window;
  run_to_the_end (fixture->run);
  session_to_the_end (fixture->page.session);
  for (int view = 0; view < N_VIEWS; view++)
    test_loop_until (has_colour (fixture, view));
}

static void
tear_down (Fixture *fixture, const void *data G_GNUC_UNUSED)
{
  run_page_close (&fixture->page, fixture->run);
  g_settings_reset (fixture->settings, "layout-status");
  g_object_unref (fixture->settings);
  test_dir_free (fixture->dir);
}

static void
test_look (Fixture *fixture, const void *data G_GNUC_UNUSED)
{
  static const gboolean all[] = { TRUE, TRUE, TRUE }, stream[] = { TRUE, FALSE, FALSE };
  static const gboolean with_labels[] = { TRUE, TRUE, FALSE };

  check (fixture, "palette", "dask", all);
  check (fixture, "label-density", "few", with_labels);
  check (fixture, "label-density", "many", with_labels);
  check (fixture, "time-format", "clock", stream);
  check (fixture, "palette", "safe", all);
}

/* The card of the graph says of how many tasks it shows how many. */
static void
test_graph_says_how_many (Fixture *fixture, const void *data G_GNUC_UNUSED)
{
  WeftlineRunStatus status;
  g_autofree char *n = NULL;
  g_autofree char *expected = NULL;

  weftline_run_status (fixture->run, &status);
  n = g_strdup_printf ("%u", (unsigned) status.n_tasks);
  expected = g_strdup_printf ("%s of %s tasks shown", n, n);
  test_loop_until (find_widget (fixture->window, has_text, expected) != NULL);
}

/* ---- words ----------------------------------------------------------------------------------- */

/* The application loads it by itself. */
static void
use_style (void)
{
  GtkCssProvider *provider = gtk_css_provider_new ();

  gtk_css_provider_load_from_resource (provider, "/org/weftline/Weftline/style.css");
  gtk_style_context_add_provider_for_display (gdk_display_get_default (),
                                              GTK_STYLE_PROVIDER (provider),
                                              GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
  g_object_unref (provider);
}

/* Of what is drawn in a widget, against its left upper corner. */
static double
most_contrast (GtkWidget *widget, const char *path)
{
  cairo_surface_t *picture;
  double most = 1;

  test_loop_until (weftline_screenshot (widget, path, NULL));
  picture = cairo_image_surface_create_from_png (path);
  for (int y = 0; y < cairo_image_surface_get_height (picture); y++)
    for (int x = 0; x < cairo_image_surface_get_width (picture); x++)
      most = MAX (most, weftline_contrast (row_of (picture, y)[x] & 0xffffff,
                                           row_of (picture, 0)[0] & 0xffffff));
  cairo_surface_destroy (picture);
  return most;
}

/* A card with words of that class: blocks, to have no pale edges only. */
static GtkWidget *
words_window (const char *css_class)
{
  GtkWidget *window = gtk_window_new ();
  GtkWidget *label = gtk_label_new ("\u2588\u2588\u2588");

  gtk_widget_set_margin_start (label, 6);
  gtk_widget_set_margin_top (label, 6);
  gtk_widget_add_css_class (label, css_class);
  gtk_window_set_child (GTK_WINDOW (window), label);
  gtk_window_present (GTK_WINDOW (window));
  return window;
}

/* The head of a table like that of all tasks. */
static GtkWidget *
table_window (void)
{
  GtkWidget *window = gtk_window_new ();
  GtkWidget *table = gtk_column_view_new (NULL);
  g_autoptr (GtkColumnViewColumn) column = gtk_column_view_column_new ("\u2588\u2588\u2588", NULL);

  gtk_widget_add_css_class (table, "task-table");
  gtk_widget_set_margin_start (table, 6);
  gtk_widget_set_margin_top (table, 6);
  gtk_column_view_append_column (GTK_COLUMN_VIEW (table), column);
  gtk_window_set_child (GTK_WINDOW (window), table);
  gtk_window_present (GTK_WINDOW (window));
  return window;
}

/* WCAG 2.1, 1.4.3 for words, 1.4.11 for buttons. */
static void
test_can_be_read (void)
{
  static const struct
  {
    const char *css_class;
    double least;
  } words[] = { { "dim-label", 4.5 }, { "card-button", 3 } };
  AdwStyleManager *style = adw_style_manager_get_default ();
  TestDir *dir = test_dir_new ();
  g_autofree char *path = g_build_filename (dir, "words.png", NULL);

  use_style ();
  for (unsigned i = 0; i < 2 * G_N_ELEMENTS (words); i++)
    {
      GtkWidget *window;

      adw_style_manager_set_color_scheme (style, i % 2 == 0 ? ADW_COLOR_SCHEME_FORCE_LIGHT
                                                            : ADW_COLOR_SCHEME_FORCE_DARK);
      window = words_window (words[i / 2].css_class);
      g_assert_cmpfloat (most_contrast (window, path), >=, words[i / 2].least);
      gtk_window_destroy (GTK_WINDOW (window));
      window = table_window ();
      g_assert_cmpfloat (most_contrast (window, path), >=, 4.5);
      gtk_window_destroy (GTK_WINDOW (window));
    }
  adw_style_manager_set_color_scheme (style, ADW_COLOR_SCHEME_DEFAULT);
  test_dir_free (dir);
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  g_test_add ("/weft/ui-app/look/as-preferred", Fixture, NULL, set_up, test_look, tear_down);
  g_test_add ("/weft/ui-app/look/graph-says-how-many", Fixture, NULL, set_up,
              test_graph_says_how_many, tear_down);
  test_add ("ui-app", "look", "can-be-read", test_can_be_read);
  return g_test_run ();
}
