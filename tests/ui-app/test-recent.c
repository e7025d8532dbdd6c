/* test-recent.c: tests of the files that were opened last, on the start page of the real window
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * GTK keeps them for all programs of the user, in a file below XDG_DATA_HOME: here that is a folder
 * of this test alone.
 */
#include "ui-fixture.h"

#include "app/weftline-window.h"

#include <adwaita.h>
#include <glib/gstdio.h>
#include <string.h>

#define GRAPH "{\"weftline\": 1, \"tasks\": {\"a\": {\"op\": \"add\", \"args\": [1, 2]}}}"

static WeftlineApplication *application;

typedef WindowAndDir Fixture;

static void
set_up (Fixture *f, const void *data G_GNUC_UNUSED)
{
  g_autofree char *kept = NULL;

  g_object_get (gtk_recent_manager_get_default (), "filename", &kept, NULL);
  g_assert_true (g_str_has_prefix (kept, g_getenv ("HOME")));
  g_assert_true (g_str_has_prefix (kept, g_get_tmp_dir ()));
  gtk_recent_manager_purge_items (gtk_recent_manager_get_default (), NULL);
  window_and_dir_open (f, application);
  test_loop_drain ();
}

/* ---- what is listed -------------------------------------------------------------------------- */

/* Rows that are to be seen and tell of a file in that folder. */
static void
add_rows (GtkWidget *widget, const char *dir, GPtrArray *rows)
{
  if (ADW_IS_ACTION_ROW (widget) && gtk_widget_get_mapped (widget)
      && adw_action_row_get_subtitle (ADW_ACTION_ROW (widget)) != NULL
      && strstr (adw_action_row_get_subtitle (ADW_ACTION_ROW (widget)), dir) != NULL)
    g_ptr_array_add (rows, widget);
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    add_rows (child, dir, rows);
}

/* (transfer full) */
static GPtrArray *
rows_of (Fixture *f)
{
  GPtrArray *rows = g_ptr_array_new ();

  add_rows (GTK_WIDGET (f->window), f->dir, rows);
  return rows;
}

/* Whether these are listed, from the top on: names with spaces between. */
static gboolean
lists (Fixture *f, const char *names)
{
  g_autoptr (GPtrArray) rows = rows_of (f);
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < rows->len; i++)
    g_string_append_printf (text, "%s%s", i > 0 ? " " : "",
                            adw_preferences_row_get_title (ADW_PREFERENCES_ROW (rows->pdata[i])));
  return g_str_equal (text->str, names);
}

static void
go_to_start_page (Fixture *f)
{
  gtk_widget_activate_action (GTK_WIDGET (f->window), "win.start-page", NULL);
  test_loop_drain ();
}

/* ---- opening --------------------------------------------------------------------------------- */

static unsigned
n_known (void)
{
  GList *items = gtk_recent_manager_get_items (gtk_recent_manager_get_default ());
  unsigned n = g_list_length (items);

  g_list_free_full (items, (GDestroyNotify) gtk_recent_info_unref);
  return n;
}

/* A graph of that name in the fixture's folder, made if it is not there. */
static void
open_graph (Fixture *f, const char *name)
{
  g_autofree char *path = test_dir_write (f->dir, name, GRAPH);
  g_autoptr (GFile) file = g_file_new_for_path (path);

  weftline_window_open (f->window, file);
  test_loop_until (!weftline_window_is_opening (f->window));
  test_loop_drain ();
}

static void
open_run (Fixture *f, const char *name)
{
  WeftlineRun *run = example_run ("tree");
  g_autofree char *path = g_build_filename (f->dir, name, NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GFile) recorded = NULL;
  g_autoptr (GError) error = NULL;

  run_to_the_end (run);
  recorded = g_file_new_for_path (weftline_run_path (run));
  g_file_copy (recorded, file, G_FILE_COPY_NONE, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  test_assert_finalised (run);
  weftline_window_open (f->window, file);
  test_loop_until (!weftline_window_is_opening (f->window));
}

/* ---- tests ----------------------------------------------------------------------------------- */

/* What was opened last is first, once more opened it is first again; graphs and runs. */
static void
test_newest_first (Fixture *f, const void *data G_GNUC_UNUSED)
{
  g_assert_true (lists (f, ""));
  open_graph (f, "a.json");
  go_to_start_page (f);
  test_loop_until (lists (f, "a.json"));
  open_graph (f, "b.json");
  go_to_start_page (f);
  test_loop_until (lists (f, "b.json a.json"));
  open_run (f, "c.weft");
  go_to_start_page (f);
  test_loop_until (lists (f, "c.weft b.json a.json"));
  open_graph (f, "a.json");
  go_to_start_page (f);
  test_loop_until (lists (f, "a.json c.weft b.json"));
}

static gboolean
is_kept (const char *path, const char *name)
{
  g_autofree char *text = NULL;

  return g_file_get_contents (path, &text, NULL, NULL) && strstr (text, name) != NULL;
}

/* They are there when the program starts anew; what could not be read is not among them. */
static void
test_kept (Fixture *f, const void *data G_GNUC_UNUSED)
{
  g_autofree char *path = NULL;
  g_autofree char *bad_path = test_dir_write (f->dir, "bad.json", "{\"weftline\": 1, ");
  g_autoptr (GFile) bad = g_file_new_for_path (bad_path);

  g_object_get (gtk_recent_manager_get_default (), "filename", &path, NULL);
  weftline_window_open (f->window, bad);
  test_loop_until (!weftline_window_is_opening (f->window));
  open_graph (f, "kept.json");
  test_loop_until (is_kept (path, "kept.json"));
  g_assert_false (is_kept (path, "bad.json"));
  g_assert_cmpuint (n_known (), ==, 1);
}

/* Eight were opened. */
static void
test_at_most_six (Fixture *f, const void *data G_GNUC_UNUSED)
{
  for (unsigned i = 1; i <= 8; i++)
    {
      g_autofree char *name = g_strdup_printf ("%u.json", i);

      open_graph (f, name);
      test_loop_until (n_known () == i);
    }
  go_to_start_page (f);
  test_loop_until (lists (f, "8.json 7.json 6.json 5.json 4.json 3.json"));
}

/* By its name: rows may come and go whenever the loop turns. */
static GtkWidget *
find_row (Fixture *f, const char *name)
{
  g_autoptr (GPtrArray) rows = rows_of (f);

  for (guint i = 0; i < rows->len; i++)
    if (g_str_equal (adw_preferences_row_get_title (ADW_PREFERENCES_ROW (rows->pdata[i])), name))
      return rows->pdata[i];
  g_error ("%s is not listed", name);
}

static void
click (Fixture *f, GtkWidget *row)
{
  g_assert_true (gtk_widget_activate (row));
  test_loop_until (!weftline_window_is_opening (f->window));
  test_loop_drain ();
}

static void
test_click_opens (Fixture *f, const void *data G_GNUC_UNUSED)
{
  WeftlineRunStatus status;

  open_graph (f, "a.json");
  open_graph (f, "b.json");
  go_to_start_page (f);
  test_loop_until (lists (f, "b.json a.json"));
  g_assert_null (weftline_window_run (f->window));
  click (f, find_row (f, "a.json"));
  g_assert_cmpuint (weftline_window_n_runs (f->window), ==, 3);
  g_assert_cmpstr (weftline_run_name (weftline_window_run (f->window)), ==, "a");
  weftline_run_status (weftline_window_run (f->window), &status);
  g_assert_cmpint (status.phase, ==, WEFT_RUN_PREPARED);
  go_to_start_page (f);
  test_loop_until (lists (f, "a.json b.json"));
}

static gboolean
speaks_of (GtkWidget *widget, const void *text)
{
  return GTK_IS_LABEL (widget) && gtk_widget_has_css_class (widget, "message")
         && strstr (gtk_label_get_text (GTK_LABEL (widget)), text) != NULL;
}

/* A file that has gone: where it was listed still, that is said; the next time it is not. */
static void
test_missing (Fixture *f, const void *data G_GNUC_UNUSED)
{
  g_autofree char *path = g_build_filename (f->dir, "gone.json", NULL);
  GtkWidget *gone;

  open_graph (f, "stays.json");
  open_graph (f, "gone.json");
  go_to_start_page (f);
  test_loop_until (lists (f, "gone.json stays.json"));
  gone = find_row (f, "gone.json");
  g_assert_cmpint (g_unlink (path), ==, 0);
  click (f, gone);
  test_loop_until (find_widget (GTK_WIDGET (f->window), speaks_of, "gone.json") != NULL);
  g_assert_cmpuint (weftline_window_n_runs (f->window), ==, 2);
  click (f, find_row (f, "stays.json"));
  g_assert_cmpuint (weftline_window_n_runs (f->window), ==, 3);
  go_to_start_page (f);
  test_loop_until (lists (f, "stays.json"));
}

#define ADD(name, test) \
  g_test_add ("/weft/ui-app/recent/" name, Fixture, NULL, set_up, test, window_and_dir_close)

int
main (int argc, char **argv)
{
  int status;

  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  application = weftline_application_new ();
  g_application_set_flags (G_APPLICATION (application), G_APPLICATION_NON_UNIQUE);
  g_application_register (G_APPLICATION (application), NULL, NULL);
  ADD ("newest-first", test_newest_first);
  ADD ("kept", test_kept);
  ADD ("at-most-six", test_at_most_six);
  ADD ("click-opens", test_click_opens);
  ADD ("missing", test_missing);
  status = g_test_run ();
  g_object_unref (application);
  return status;
}
