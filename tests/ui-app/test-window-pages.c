/* test-window-pages.c: tests of a window with many runs, few of which anybody looks at
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "test-objects.h"
#include "ui-fixture.h"

#include "app/weftline-application.h"
#include "app/weftline-run-row.h"
#include "app/weftline-window.h"
#include "session/weftline-run-served.h"

#define N_RUNS 30
#define MOST_PAGES 12

static WeftlineApplication *application;

static void
count_pages (GtkWidget *widget, unsigned *n)
{
  *n += WEFTLINE_IS_RUN_PAGE (widget);
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    count_pages (child, n);
}

static unsigned
n_pages (WindowAndDir *w)
{
  unsigned n = 0;

  count_pages (GTK_WIDGET (w->window), &n);
  return n;
}

static GtkListBoxRow *
row_of (WindowAndDir *w, int i)
{
  GtkWidget *row = find_of_type (GTK_WIDGET (w->window), WEFTLINE_TYPE_RUN_ROW);

  return gtk_list_box_get_row_at_index (GTK_LIST_BOX (gtk_widget_get_parent (row)), i);
}

static WeftlineRun *
select_row (WindowAndDir *w, int i)
{
  GtkListBoxRow *row = row_of (w, i);

  gtk_list_box_select_row (GTK_LIST_BOX (gtk_widget_get_parent (GTK_WIDGET (row))), row);
  return weftline_run_row_run (WEFTLINE_RUN_ROW (row));
}

static void
add_runs (WindowAndDir *w, WeftRunPhase phase)
{
  for (uint64_t i = 0; i < N_RUNS; i++)
    {
      g_autofree char *name = g_strdup_printf ("run %u", (unsigned) i);
      const WeftServedRun served = { .id = i, .name = name, .source = "dask", .phase = phase };
      g_autoptr (WeftlineRun) run = weftline_run_served_new (&served, NULL, NULL);

      weftline_window_add_observed (w->window, run);
    }
}

/* A run that appears is a row; the first, which is shown, has all that there is to see. */
static void
test_made_when_shown (WindowAndDir *w, const void *unused G_GNUC_UNUSED)
{
  add_runs (w, WEFT_RUN_RUNNING);
  g_assert_cmpuint (weftline_window_n_runs (w->window), ==, N_RUNS);
  g_assert_cmpuint (n_pages (w), ==, 1);
  g_assert_cmpstr (weftline_run_name (weftline_window_run (w->window)), ==, "run 0");
  g_assert_true (select_row (w, 0) == weftline_window_run (w->window));
  g_assert_cmpuint (n_pages (w), ==, 2);
}

/* Of those that were shown the last are kept. One that comes back has the session it had: what was
 * selected, and the time that was looked at. */
static void
test_last_shown_are_kept (WindowAndDir *w, const void *unused G_GNUC_UNUSED)
{
  WeftlineRunPage *kept, *dropped;
  WeftlineSession *session;

  add_runs (w, WEFT_RUN_RUNNING);
  select_row (w, 0);
  dropped = weftline_window_page (w->window);
  session = weftline_run_page_session (dropped);
  g_object_add_weak_pointer (G_OBJECT (dropped), (void **) &dropped);
  select_row (w, 1);
  kept = weftline_window_page (w->window);
  for (int i = 2; i < N_RUNS; i++)
    {
      g_assert_true (select_row (w, i) == weftline_window_run (w->window));
      g_assert_cmpuint (n_pages (w), <=, MOST_PAGES);
      select_row (w, 1);
      g_assert_true (weftline_window_page (w->window) == kept);
    }
  g_assert_cmpuint (n_pages (w), ==, MOST_PAGES);
  test_loop_until (dropped == NULL);
  select_row (w, 0);
  g_assert_true (weftline_run_page_session (weftline_window_page (w->window)) == session);
  g_assert_cmpuint (n_pages (w), ==, MOST_PAGES);
}

/* What is over goes all at once, but for what is looked at. */
static void
test_ended_go (WindowAndDir *w, const void *unused G_GNUC_UNUSED)
{
  GtkWidget *window = GTK_WIDGET (w->window);
  WeftlineRun *shown;

  add_runs (w, WEFT_RUN_RUNNING);
  g_assert_false (is_enabled (w->window, "win.close-ended"));
  add_runs (w, WEFT_RUN_DONE);
  shown = select_row (w, 3);
  g_assert_true (is_enabled (w->window, "win.close-ended"));
  g_assert_true (gtk_widget_activate_action (window, "win.close-ended", NULL));
  g_assert_cmpuint (weftline_window_n_runs (w->window), ==, N_RUNS + 1);
  g_assert_true (weftline_window_run (w->window) == shown);
  g_assert_false (is_enabled (w->window, "win.close-ended"));
  select_row (w, 1);
  g_assert_true (gtk_widget_activate_action (window, "win.close-ended", NULL));
  g_assert_cmpuint (weftline_window_n_runs (w->window), ==, N_RUNS);
}

/* The last that is over is closed by its own button. */
static void
test_last_ended_is_closed (WindowAndDir *w, const void *unused G_GNUC_UNUSED)
{
  add_runs (w, WEFT_RUN_DONE);
  while (weftline_window_n_runs (w->window) > 1)
    g_signal_emit_by_name (row_of (w, 0), "close-run");
  add_runs (w, WEFT_RUN_RUNNING);
  select_row (w, 0);
  g_assert_true (is_enabled (w->window, "win.close-ended"));
  g_signal_emit_by_name (row_of (w, (int) weftline_window_n_runs (w->window) - 1), "close-run");
  g_assert_false (is_enabled (w->window, "win.close-ended"));
}

static void
set_up (WindowAndDir *w, const void *unused G_GNUC_UNUSED)
{
  window_and_dir_open (w, application);
}

static void
add (const char *name, void (*test) (WindowAndDir *, const void *))
{
  g_autofree char *path = g_strconcat ("/weft/ui-app/window-pages/", name, NULL);

  g_test_add (path, WindowAndDir, NULL, set_up, test, window_and_dir_close);
}

int
main (int argc, char *argv[])
{
  int status;

  gtk_test_init (&argc, &argv, NULL);
  application = weftline_application_new ();
  g_application_set_flags (G_APPLICATION (application), G_APPLICATION_NON_UNIQUE);
  g_application_register (G_APPLICATION (application), NULL, NULL);
  add ("made-when-shown", test_made_when_shown);
  add ("last-shown-are-kept", test_last_shown_are_kept);
  add ("ended-go", test_ended_go);
  add ("last-ended-is-closed", test_last_ended_is_closed);
  status = g_test_run ();
  g_object_unref (application);
  return status;
}
