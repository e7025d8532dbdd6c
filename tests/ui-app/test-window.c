/* test-window.c: tests of the whole window
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "test-objects.h"
#include "ui-fixture.h"

#include "app/weftline-application.h"
#include "app/weftline-window.h"

static WeftlineApplication *application;

static WeftlineWindow *
make_window (GSettings **settings)
{
  *settings = g_settings_new (WEFTLINE_APPLICATION_ID);
  return weftline_window_new (ADW_APPLICATION (application), *settings);
}

static void
spin_while (gboolean (*holds) (WeftlineWindow *window), WeftlineWindow *window)
{
  test_loop_until (!holds (window));
  test_loop_drain ();
}

static gboolean
is_busy (WeftlineWindow *window)
{
  WeftlineRun *run = weftline_window_run (window);

  return weftline_window_is_opening (window) || (run != NULL && weftline_run_is_active (run));
}

static void
test_example_runs (void)
{
  g_autoptr (GSettings) settings = NULL;
  WeftlineWindow *window = make_window (&settings);
  WeftlineRunStatus status;

  gtk_window_present (GTK_WINDOW (window));
  gtk_test_accessible_assert_role (GTK_ACCESSIBLE (window), GTK_ACCESSIBLE_ROLE_WINDOW);
  g_assert_null (weftline_window_run (window));
  weftline_window_open_example (window, "loop", 10, 0.001, 0, TRUE);
  spin_while (is_busy, window);
  g_assert_cmpuint (weftline_window_n_runs (window), ==, 1);
  weftline_run_status (weftline_window_run (window), &status);
  g_assert_cmpint (status.phase, ==, WEFT_RUN_DONE);
  gtk_widget_activate_action (GTK_WIDGET (window), "win.run", NULL); /* again */
  spin_while (is_busy, window);
  g_assert_cmpuint (weftline_window_n_runs (window), ==, 2);
  gtk_widget_activate_action (GTK_WIDGET (window), "win.close-run", NULL);
  gtk_widget_activate_action (GTK_WIDGET (window), "win.start-page", NULL);
  g_assert_cmpuint (weftline_window_n_runs (window), ==, 1);
  g_assert_null (weftline_window_run (window));
  window_close (window);
}

/* Opening never executes; what starts programs is shown first. */
static void
test_opening_runs_nothing (void)
{
  g_autoptr (GSettings) settings = NULL;
  WeftlineWindow *window = make_window (&settings);
  g_autofree char *path = test_example_path ("06-exec-build.json");
  g_autoptr (GFile) file = g_file_new_for_path (path);
  WeftlineRunStatus status;

  gtk_window_present (GTK_WINDOW (window));
  weftline_window_open (window, file);
  spin_while (is_busy, window);
  weftline_run_status (weftline_window_run (window), &status);
  g_assert_cmpint (status.phase, ==, WEFT_RUN_PREPARED);
  g_assert_nonnull (find_widget (GTK_WIDGET (window), has_text,
                                 "5 tasks start programs or touch files. Nothing runs before you "
                                 "say so."));
  weftline_window_open_example (window, "build", 0, -1, 0, TRUE);
  spin_while (is_busy, window);
  weftline_run_status (weftline_window_run (window), &status);
  g_assert_cmpint (status.phase, ==, WEFT_RUN_PREPARED);
  window_close (window);
}

static void
test_bad_file (void)
{
  g_autoptr (GSettings) settings = NULL;
  WeftlineWindow *window = make_window (&settings);
  g_autoptr (TestDir) dir = test_dir_new ();
  g_autofree char *path = test_dir_write (dir, "bad.json", "{\"weftline\": 1, ");
  g_autoptr (GFile) file = g_file_new_for_path (path);

  gtk_window_present (GTK_WINDOW (window));
  weftline_window_open (window, file);
  spin_while (is_busy, window);
  g_assert_cmpuint (weftline_window_n_runs (window), ==, 0);
  window_close (window);
}

static void
test_panes_are_remembered (void)
{
  g_autoptr (GSettings) settings = NULL;
  WeftlineWindow *window = make_window (&settings);
  g_auto (GStrv) hidden = NULL;
  WeftlineDock *dock;

  weftline_window_open_example (window, "loop", 2, 0, 0, TRUE);
  spin_while (is_busy, window);
  gtk_widget_activate_action (GTK_WIDGET (window), "win.toggle-pane", "s", "results");
  hidden = g_settings_get_strv (settings, "hidden-panes");
  g_assert_true (g_strv_contains ((const char *const *) hidden, "results"));
  weftline_window_open_example (window, "tree", 2, 0, 0, TRUE);
  spin_while (is_busy, window);
  dock = weftline_run_page_dock (weftline_window_page (window));
  g_assert_true (weftline_dock_is_hidden (dock, "results"));
  gtk_widget_activate_action (GTK_WIDGET (window), "win.reset-layout", NULL);
  g_assert_false (weftline_dock_is_hidden (dock, "results"));
  window_close (window);
}

static gboolean
is_in (GtkWidget *card, GtkWidget *dock, graphene_rect_t *bounds)
{
  return gtk_widget_get_mapped (card) && gtk_widget_compute_bounds (card, dock, bounds);
}

/* Returns: how many there are */
static unsigned
assert_cards_fit (WeftlineDock *dock)
{
  g_auto (GStrv) panes = weftline_dock_dup_panes (dock);
  int width = gtk_widget_get_width (GTK_WIDGET (dock));
  graphene_rect_t a, b;
  unsigned n = 0;

  for (char **pane = panes; *pane != NULL; pane++)
    {
      if (!is_in (GTK_WIDGET (weftline_dock_card (dock, *pane)), GTK_WIDGET (dock), &a))
        continue;
      n++;
      if (a.origin.x < 0 || a.origin.x + a.size.width > (float) width)
        g_error ("“%s” goes beyond the window", *pane);
      for (char **other = panes; other < pane; other++)
        if (is_in (GTK_WIDGET (weftline_dock_card (dock, *other)), GTK_WIDGET (dock), &b)
            && graphene_rect_intersection (&a, &b, NULL))
          g_error ("“%s” covers a part of “%s”", *pane, *other);
    }
  return n;
}

/* Until all have their places. */
static void
wait_for_frames (GtkWidget *widget, unsigned n)
{
  GdkFrameClock *clock = gtk_widget_get_frame_clock (widget);

  for (; n > 0; n--)
    {
      gint64 before = gdk_frame_clock_get_frame_counter (clock);

      gtk_widget_queue_resize (widget);
      test_loop_until (gdk_frame_clock_get_frame_counter (clock) > before);
    }
  test_loop_drain ();
}

/* Where cards just stand beside each other, none needs more room than it has. */
static void
test_cards_fit (void)
{
  static const char *const layouts[] = { "graph", "teaching", "status" };
  g_autoptr (GSettings) settings = NULL;
  WeftlineWindow *window = make_window (&settings);
  WeftlineDock *dock;

  gtk_window_set_default_size (GTK_WINDOW (window), WEFTLINE_DOCK_NARROW_PX + 300, 1000);
  gtk_window_present (GTK_WINDOW (window));
  weftline_window_open_example (window, "rechunk", 6, 0.0001, 0, TRUE);
  spin_while (is_busy, window);
  dock = weftline_run_page_dock (weftline_window_page (window));
  weftline_session_update (weftline_run_page_session (weftline_window_page (window)));
  weftline_session_select_task (weftline_run_page_session (weftline_window_page (window)), 0);
  for (unsigned i = 0; i < G_N_ELEMENTS (layouts); i++)
    {
      gtk_widget_activate_action (GTK_WIDGET (window), "win.layout", "s", layouts[i]);
      wait_for_frames (GTK_WIDGET (dock), 3);
      g_assert_cmpint (gtk_widget_get_width (GTK_WIDGET (dock)), >=, WEFTLINE_DOCK_NARROW_PX);
      g_assert_cmpint (gtk_widget_get_width (GTK_WIDGET (dock)), <, WEFTLINE_DOCK_NARROW_PX + 80);
      g_assert_cmpuint (assert_cards_fit (dock), >=, 4);
    }
  window_close (window);
}

/* From the start page on, where the header is short, into a run: neither grows the window, nor does
 * the list of runs go, for all that the header might show. */
static void
check_keeps_its_width (int asked)
{
  g_autoptr (GSettings) settings = NULL;
  WeftlineWindow *window = make_window (&settings);
  AdwFlap *flap =
      ADW_FLAP (find_widget (GTK_WIDGET (window), has_type, GSIZE_TO_POINTER (ADW_TYPE_FLAP)));
  int width;

  gtk_window_set_default_size (GTK_WINDOW (window), asked, 900);
  gtk_window_present (GTK_WINDOW (window));
  wait_for_frames (GTK_WIDGET (window), 3);
  width = gtk_widget_get_width (GTK_WIDGET (window));
  g_assert_false (adw_flap_get_folded (flap));
  weftline_window_open_example (window, "loop", 4, 0.001, 0, TRUE);
  spin_while (is_busy, window);
  wait_for_frames (GTK_WIDGET (window), 3);
  g_assert_cmpint (gtk_widget_get_width (GTK_WIDGET (window)), ==, width);
  g_assert_false (adw_flap_get_folded (flap));
  window_close (window);
}

static void
test_keeps_its_width (void)
{
  for (int width = 1120; width < 1500; width += 60)
    check_keeps_its_width (width);
}

static uint64_t
n_ended (WeftlineRun *run)
{
  WeftlineRunStatus status;

  weftline_run_status (run, &status);
  return status.n_ended;
}

/* Three go on side by side; what is done to one is not done to the others. */
static void
test_several_at_once (void)
{
  g_autoptr (GSettings) settings = NULL;
  WeftlineWindow *window = make_window (&settings);
  WeftlineRun *runs[3];
  uint64_t before[3];

  gtk_window_present (GTK_WINDOW (window));
  for (unsigned i = 0; i < G_N_ELEMENTS (runs); i++)
    {
      weftline_window_open_example (window, "loop", 100000, 0.001, 0, TRUE);
      test_loop_until (weftline_window_n_runs (window) == i + 1);
      runs[i] = g_object_ref (weftline_window_run (window));
    }
  for (unsigned i = 0; i < G_N_ELEMENTS (runs); i++)
    before[i] = n_ended (runs[i]);
  for (unsigned i = 0; i < G_N_ELEMENTS (runs); i++)
    {
      test_loop_until (n_ended (runs[i]) > before[i]);
      g_assert_true (weftline_run_is_active (runs[i]));
    }
  gtk_widget_activate_action (GTK_WIDGET (window), "win.stop", NULL); /* the last is shown */
  test_loop_until (weftline_run_is_over (runs[2]));
  for (unsigned i = 0; i < 2; i++)
    {
      g_assert_true (weftline_run_is_active (runs[i]));
      before[i] = n_ended (runs[i]);
      test_loop_until (n_ended (runs[i]) > before[i]);
      weftline_run_cancel (runs[i]);
      test_loop_until (weftline_run_is_over (runs[i]));
    }
  g_assert_cmpuint (weftline_window_n_runs (window), ==, 3);
  test_loop_drain ();
  window_close (window);
  for (unsigned i = 0; i < G_N_ELEMENTS (runs); i++)
    test_assert_finalised (runs[i]);
}

static gboolean
is_paused_not (WeftlineWindow *window)
{
  WeftlineRunStatus status;

  weftline_run_status (weftline_window_run (window), &status);
  return status.phase != WEFT_RUN_PAUSED;
}

static GtkWindow *
dialog_of (WeftlineWindow *window)
{
  GListModel *windows = gtk_window_get_toplevels ();

  for (guint i = 0; i < g_list_model_get_n_items (windows); i++)
    {
      g_autoptr (GtkWindow) other = g_list_model_get_item (windows, i);

      if (gtk_window_get_transient_for (other) == GTK_WINDOW (window)
          && ADW_IS_MESSAGE_DIALOG (other))
        return other;
    }
  return NULL;
}

/* It asks, stays if told so, and cancels cleanly if not. */
static void
test_close_asks (void)
{
  g_autoptr (GSettings) settings = NULL;
  WeftlineWindow *window = make_window (&settings);
  GWeakRef weak;

  g_weak_ref_init (&weak, window);
  gtk_window_present (GTK_WINDOW (window));
  weftline_window_open_example (window, "loop", 1000, 1, 0, TRUE);
  test_loop_until (!weftline_window_is_opening (window));
  gtk_widget_activate_action (GTK_WIDGET (window), "win.run", NULL); /* pause */
  spin_while (is_paused_not, window);
  gtk_window_close (GTK_WINDOW (window));
  g_assert_nonnull (dialog_of (window));
  adw_message_dialog_response (ADW_MESSAGE_DIALOG (dialog_of (window)), "no");
  g_assert_true (weftline_run_is_active (weftline_window_run (window)));
  gtk_window_close (GTK_WINDOW (window));
  adw_message_dialog_response (ADW_MESSAGE_DIALOG (dialog_of (window)), "yes");
  test_loop_until (test_is_gone (&weak));
  g_weak_ref_clear (&weak);
}

static gboolean
is_shortcut (GtkWidget *widget, const void *data)
{
  g_autofree char *action = NULL;

  if (!GTK_IS_SHORTCUTS_SHORTCUT (widget))
    return FALSE;
  g_object_get (widget, "action-name", &action, NULL);
  return g_strcmp0 (action, data) == 0;
}

/* All keys are listed with what they are set to; closed, it can be asked for again. */
static void
test_shortcuts (void)
{
  g_autoptr (GSettings) settings = NULL;
  WeftlineWindow *window = make_window (&settings);
  GtkWidget *keys;

  gtk_window_present (GTK_WINDOW (window));
  keys = GTK_WIDGET (gtk_application_window_get_help_overlay (GTK_APPLICATION_WINDOW (window)));
  for (unsigned i = 0; i < 2; i++)
    {
      g_assert_false (gtk_widget_get_mapped (keys));
      gtk_widget_activate_action (GTK_WIDGET (window), "win.show-help-overlay", NULL);
      test_loop_until (gtk_widget_get_mapped (keys));
      g_assert_nonnull (find_widget (keys, is_shortcut, "win.run"));
      gtk_window_close (GTK_WINDOW (keys));
      test_loop_until (!gtk_widget_get_mapped (keys));
    }
  window_close (window);
}

int
main (int argc, char **argv)
{
  int status;

  gtk_test_init (&argc, &argv, NULL);
  application = weftline_application_new ();
  g_application_set_flags (G_APPLICATION (application), G_APPLICATION_NON_UNIQUE);
  g_application_register (G_APPLICATION (application), NULL, NULL);
  test_add ("ui-app", "window", "example-runs", test_example_runs);
  test_add ("ui-app", "window", "opening-runs-nothing", test_opening_runs_nothing);
  test_add ("ui-app", "window", "bad-file", test_bad_file);
  test_add ("ui-app", "window", "panes-are-remembered", test_panes_are_remembered);
  test_add ("ui-app", "window", "cards-fit", test_cards_fit);
  test_add ("ui-app", "window", "keeps-its-width", test_keeps_its_width);
  test_add ("ui-app", "window", "several-at-once", test_several_at_once);
  test_add ("ui-app", "window", "close-asks", test_close_asks);
  test_add ("ui-app", "window", "shortcuts", test_shortcuts);
  status = g_test_run ();
  g_object_unref (application);
  return status;
}
