/* test-messages.c: tests of what the window says, and of the run's name in its header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "test-objects.h"
#include "ui-fixture.h"

#include "app/weftline-application.h"
#include "app/weftline-window.h"

#include <adwaita.h>
#include <string.h>

static WeftlineApplication *application;

typedef struct
{
  TestDir *dir;
  GSettings *settings;
  WeftlineWindow *window;
} Fixture;

static void
set_up (Fixture *f, const void *data G_GNUC_UNUSED)
{
  f->dir = test_dir_new ();
  f->settings = g_settings_new (WEFTLINE_APPLICATION_ID);
  f->window = weftline_window_new (ADW_APPLICATION (application), f->settings);
  gtk_window_present (GTK_WINDOW (f->window));
}

static void
tear_down (Fixture *f, const void *data G_GNUC_UNUSED)
{
  gtk_window_destroy (GTK_WINDOW (f->window));
  test_loop_drain ();
  g_object_unref (f->settings);
  test_dir_free (f->dir);
}

/* ---- messages -------------------------------------------------------------------------------- */

static gboolean
is_message (GtkWidget *widget, const void *text)
{
  return GTK_IS_LABEL (widget) && gtk_widget_has_css_class (widget, "message")
         && (text == NULL || strstr (gtk_label_get_text (GTK_LABEL (widget)), text) != NULL);
}

static gboolean
is_said (Fixture *f, const char *text)
{
  return find_widget (GTK_WIDGET (f->window), is_message, text) != NULL;
}

static void
open_missing (Fixture *f, unsigned i)
{
  g_autofree char *name = g_strdup_printf ("missing-%u.json", i);
  g_autofree char *path = g_build_filename (f->dir, name, NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);

  weftline_window_open (f->window, file);
  test_loop_until (!weftline_window_is_opening (f->window) && is_said (f, name));
}

static gboolean
is_close_button (GtkWidget *widget, const void *data G_GNUC_UNUSED)
{
  return GTK_IS_BUTTON (widget) && gtk_widget_has_css_class (widget, "circular")
         && gtk_widget_get_ancestor (widget, ADW_TYPE_TOAST_OVERLAY) != NULL;
}

static gboolean
count_cb (void *n)
{
  return ++*(unsigned *) n < 20;
}

/* Until all that moves has come to rest. */
static void
wait_for_rest (void)
{
  unsigned n = 0;

  g_timeout_add (50, count_cb, &n);
  test_loop_until (n >= 20);
}

/* Each is seen as soon as it is known, and when the last was put away nothing comes after it. */
static void
test_newest (Fixture *f, const void *data G_GNUC_UNUSED)
{
  GtkWidget *button;

  for (unsigned i = 0; i < 5; i++)
    {
      open_missing (f, i);
      if (i > 0)
        {
          g_autofree char *before = g_strdup_printf ("missing-%u.json", i - 1);

          g_assert_false (is_said (f, before));
        }
    }
  button = find_widget (GTK_WIDGET (f->window), is_close_button, NULL);
  g_assert_nonnull (button);
  g_signal_emit_by_name (button, "clicked");
  test_loop_until (!is_said (f, NULL));
  open_missing (f, 7); /* and what is said after that is said again */
}

/* Also what a run refuses is said at once, whatever is being said. */
static void
test_refused (Fixture *f, const void *data G_GNUC_UNUSED)
{
  g_autoptr (WeftlineRun) run = example_run ("fork-join");

  weftline_window_add_run (f->window, run);
  for (unsigned i = 0; i < 3; i++)
    {
      g_autofree char *reason = g_strdup_printf ("not now, %u", i);

      open_missing (f, i);
      g_signal_emit_by_name (run, "refused", reason);
      g_assert_true (is_said (f, reason));
    }
  wait_for_rest ();
}

/* A run file without content is called so. */
static void
test_empty_run (Fixture *f, const void *data G_GNUC_UNUSED)
{
  g_autofree char *path = test_dir_write (f->dir, "nothing.weft", "");
  g_autoptr (GFile) file = g_file_new_for_path (path);

  weftline_window_open (f->window, file);
  test_loop_until (!weftline_window_is_opening (f->window) && is_said (f, "nothing.weft"));
  g_assert_true (is_said (f, "run file is empty"));
}

/* A window may end while a message comes, or goes, or comes as another goes. */
static void
test_ends (Fixture *f, const void *data)
{
  open_missing (f, 0);
  if (g_str_equal (data, "coming"))
    return;
  g_signal_emit_by_name (find_widget (GTK_WIDGET (f->window), is_close_button, NULL), "clicked");
  for (int i = g_test_rand_int_range (0, 20); i > 0; i--)
    g_main_context_iteration (NULL, FALSE);
  if (g_str_equal (data, "again"))
    open_missing (f, 1);
}

/* What is wrong with that file. */
static void
put_away (Fixture *f, unsigned i)
{
  g_autofree char *name = g_strdup_printf ("missing-%u.json", i);
  GtkWidget *toast = find_widget (GTK_WIDGET (f->window), is_message, name), *button = NULL;

  while ((button = find_widget (toast, is_close_button, NULL)) == NULL)
    toast = gtk_widget_get_parent (toast);
  g_signal_emit_by_name (button, "clicked");
}

/* Put away again and again, also while it still comes in the place of the one before. */
static void
test_put_away (Fixture *f, const void *data G_GNUC_UNUSED)
{
  for (unsigned i = 0; i < 4; i++)
    {
      open_missing (f, i);
      put_away (f, i);
    }
  wait_for_rest ();
  g_assert_false (is_said (f, NULL));
}

/* ---- the name -------------------------------------------------------------------------------- */

/* Not one in the list at the side. */
static gboolean
is_name_in_header (GtkWidget *widget, const void *name)
{
  return has_text (widget, name) && gtk_widget_get_mapped (widget)
         && gtk_widget_get_ancestor (widget, ADW_TYPE_HEADER_BAR) != NULL;
}

/* Also while the runs are hidden; in full in its tooltip, however narrow the window. */
static void
test_name (Fixture *f, const void *data G_GNUC_UNUSED)
{
  g_autoptr (WeftlineRun) run = example_run ("fork-join");
  const char *name = weftline_run_name (run);
  GtkWidget *label;

  weftline_window_add_run (f->window, run);
  test_loop_until ((label = find_widget (GTK_WIDGET (f->window), is_name_in_header, name)) != NULL);
  g_assert_cmpstr (gtk_widget_get_tooltip_text (label), ==, name);
  g_assert_cmpint (gtk_label_get_ellipsize (GTK_LABEL (label)), ==, PANGO_ELLIPSIZE_END);
  gtk_widget_activate_action (GTK_WIDGET (f->window), "win.sidebar", NULL);
  test_loop_drain ();
  g_assert_true (gtk_widget_get_mapped (label));
  gtk_widget_activate_action (GTK_WIDGET (f->window), "win.sidebar", NULL);
  gtk_widget_activate_action (GTK_WIDGET (f->window), "win.start-page", NULL);
  test_loop_until (find_widget (GTK_WIDGET (f->window), is_name_in_header, name) == NULL);
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  int status;

  gtk_test_init (&argc, &argv, NULL);
  application = weftline_application_new ();
  g_application_set_flags (G_APPLICATION (application), G_APPLICATION_NON_UNIQUE);
  g_application_register (G_APPLICATION (application), NULL, &error);
  g_assert_no_error (error);
  g_test_add ("/weft/ui-app/messages/newest", Fixture, NULL, set_up, test_newest, tear_down);
  g_test_add ("/weft/ui-app/messages/empty-run", Fixture, NULL, set_up, test_empty_run, tear_down);
  g_test_add ("/weft/ui-app/messages/ends-coming", Fixture, "coming", set_up, test_ends, tear_down);
  g_test_add ("/weft/ui-app/messages/ends-going", Fixture, "going", set_up, test_ends, tear_down);
  g_test_add ("/weft/ui-app/messages/ends-again", Fixture, "again", set_up, test_ends, tear_down);
  g_test_add ("/weft/ui-app/messages/put-away", Fixture, NULL, set_up, test_put_away, tear_down);
  g_test_add ("/weft/ui-app/messages/refused", Fixture, NULL, set_up, test_refused, tear_down);
  g_test_add ("/weft/ui-app/messages/name", Fixture, NULL, set_up, test_name, tear_down);
  status = g_test_run ();
  g_object_unref (application);
  return status;
}
