/* test-run-page.c: tests of the page of a run
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "view-fixture.h"
#include "../ui-session/child-fixture.h"

static gboolean
is_mapped (GtkWidget *widget, const void *type)
{
  return gtk_widget_get_mapped (widget) && has_type (widget, type);
}

/* It is named as its run is, and has all cards of its layout, each with its view. */
static void
test_cards (void)
{
  WeftlineRun *run = example_run ("fork-join");
  g_auto (GStrv) panes = NULL;
  RunPage p;

  run_page_open (&p, run);
  gtk_test_accessible_assert_role (p.page, GTK_ACCESSIBLE_ROLE_GROUP);
  gtk_test_accessible_assert_property (p.page, GTK_ACCESSIBLE_PROPERTY_LABEL,
                                       weftline_run_name (run));
  g_assert_true (find_of_type (p.window, WEFTLINE_TYPE_RUN_PAGE) == GTK_WIDGET (p.page));
  g_assert_true (weftline_run_page_run (p.page) == run);
  g_assert_true (weftline_session_run (p.session) == run);
  panes = weftline_dock_dup_panes (weftline_run_page_dock (p.page));
  g_assert_cmpuint (g_strv_length (panes), >=, 6);
  for (char **pane = panes; *pane != NULL; pane++)
    {
      WeftlineCard *card = weftline_dock_card (weftline_run_page_dock (p.page), *pane);

      g_assert_nonnull (card);
      g_assert_nonnull (weftline_card_child (card));
    }
  run_page_close (&p, run);
}

static graphene_rect_t
place_of (RunPage *p, const char *name)
{
  WeftlineDock *dock = weftline_run_page_dock (p->page);
  graphene_rect_t place;

  g_assert_true (gtk_widget_compute_bounds (GTK_WIDGET (weftline_dock_card (dock, name)),
                                            GTK_WIDGET (dock), &place));
  return place;
}

/* As on the status page of Dask's dashboard: memory and workers stand left, the task stream right
 * and progress below it. */
static void
test_status_layout (void)
{
  WeftlineRun *run = example_run ("fork-join");
  graphene_rect_t memory, workers, stream, progress;
  RunPage p;

  run_page_open (&p, run);
  test_loop_until (place_of (&p, "stream").size.width > 0);
  memory = place_of (&p, "memory");
  workers = place_of (&p, "occupancy");
  stream = place_of (&p, "stream");
  progress = place_of (&p, "progress");
  g_assert_cmpfloat (memory.origin.x + memory.size.width, <=, stream.origin.x);
  g_assert_cmpfloat (workers.origin.x + workers.size.width, <=, stream.origin.x);
  g_assert_cmpfloat (workers.origin.y, >=, memory.origin.y + memory.size.height);
  g_assert_cmpfloat (progress.origin.x, >=, stream.origin.x);
  g_assert_cmpfloat (progress.origin.y, >=, stream.origin.y + stream.size.height);
  run_page_close (&p, run);
}

/* It takes what is new by itself while it is seen, and rests when there is no more. */
static void
test_updates (void)
{
  WeftlineRun *run = example_run ("fork-join");
  RunPage p;
  uint64_t serial;

  run_page_open (&p, run);
  run_to_the_end (run);
  test_loop_until (weftline_session_snapshot (p.session)->phase == WEFT_RUN_DONE);
  test_loop_until (weftline_feed_state (weftline_run_feed (run)) >= WEFT_FEED_ENDED);
  test_loop_until (!weftline_session_update (p.session));
  serial = weftline_session_snapshot (p.session)->serial;
  test_loop_drain ();
  g_assert_cmpuint (weftline_session_snapshot (p.session)->serial, ==, serial);
  run_page_close (&p, run);
}

/* Escape leads back from the past, and means nothing to it otherwise. */
static void
test_escape (void)
{
  WeftlineRun *run = example_run ("fork-join");
  RunPage p;

  run_page_open (&p, run);
  run_to_the_end (run);
  test_loop_until (weftline_session_snapshot (p.session)->phase == WEFT_RUN_DONE);
  g_assert_false (weftline_run_page_key (p.page, GDK_KEY_Escape));
  weftline_session_set_time (p.session, 0);
  g_assert_false (weftline_run_page_key (p.page, GDK_KEY_a));
  g_assert_true (press (GTK_WIDGET (p.page), GDK_KEY_Escape));
  g_assert_cmpint (weftline_session_time (p.session), ==, WEFTLINE_NOW);
  run_page_close (&p, run);
}

/* Hidden panes are kept, and a reset brings them back. */
static void
test_layout (void)
{
  WeftlineRun *run = example_run ("fork-join");
  g_auto (GStrv) hidden = NULL;
  WeftlineDock *dock;
  RunPage p;

  run_page_open (&p, run);
  dock = weftline_run_page_dock (p.page);
  weftline_dock_set_hidden (dock, "progress", TRUE);
  hidden = g_settings_get_strv (p.settings, "hidden-panes");
  g_assert_true (g_strv_contains ((const char *const *) hidden, "progress"));
  weftline_run_page_reset_layout (p.page);
  g_assert_false (weftline_dock_is_hidden (dock, "progress"));
  run_page_close (&p, run);
}

/* A graph that starts programs is shown for review until it is started. */
static void
test_review (void)
{
  g_autoptr (TestDir) dir = test_dir_new ();
  g_autoptr (WeftlinePlan) plan = run_plan (
      dir, "", "\"one\": {\"op\": \"exec\", \"args\": [[\"sh\", \"-c\", \"echo warp\"]]}");
  WeftlineRun *run = weftline_run_embedded_new (plan, NULL);
  RunPage p;

  run_page_open (&p, run);
  test_loop_until (gtk_widget_get_mapped (GTK_WIDGET (p.page)));
  test_loop_drain ();
  g_assert_null (
      find_widget (GTK_WIDGET (p.page), is_mapped, GSIZE_TO_POINTER (WEFTLINE_TYPE_DOCK)));
  g_assert_null (weftline_run_feed (run));
  run_to_the_end (run);
  test_loop_until (
      find_widget (GTK_WIDGET (p.page), is_mapped, GSIZE_TO_POINTER (WEFTLINE_TYPE_DOCK)) != NULL);
  run_page_close (&p, run);
}

static void
count_cb (unsigned *n)
{
  (*n)++;
}

static gboolean
count_render_cb (GSignalInvocationHint *hint G_GNUC_UNUSED, guint n_values G_GNUC_UNUSED,
                 const GValue *values G_GNUC_UNUSED, void *n)
{
  count_cb (n);
  return G_SOURCE_CONTINUE;
}

/* Tells, each time the run does, in how many pictures it was drawn since. */
typedef struct
{
  unsigned n_pictures;
  unsigned n_told, n_quiet; /* one after the other, with one picture at most */
} Stillness;

static void
told_cb (Stillness *stillness)
{
  stillness->n_told++;
  stillness->n_quiet = stillness->n_pictures <= 1 ? stillness->n_quiet + 1 : 0;
  stillness->n_pictures = 0;
}

/* While a run is paused all that goes with the time is drawn in one picture, once a second. */
static void
test_paused (void)
{
  guint render;
  gulong hook;
  Stillness stillness = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (WeftlinePlan) plan = weftline_examples_make ("fork-join", 40, 0.01, &error);
  WeftlineRun *run;
  WeftlineRunStatus status;
  RunPage p;

  g_assert_no_error (error);
  run = weftline_run_embedded_new (plan, NULL);
  run_page_open (&p, run);
  weftline_run_start (run);
  test_loop_until ((weftline_run_status (run, &status), status.n_ended > 4));
  weftline_run_pause (run);
  test_loop_until ((weftline_run_status (run, &status),
                    status.phase == WEFT_RUN_PAUSED && status.n_running == 0));
  g_assert_cmpuint (status.n_ended, <, status.n_tasks);
  g_signal_connect_swapped (run, "changed", G_CALLBACK (told_cb), &stillness);
  render = g_signal_lookup ("render", GDK_TYPE_SURFACE);
  hook = g_signal_add_emission_hook (render, 0, count_render_cb, &stillness.n_pictures, NULL);
  test_loop_until (stillness.n_quiet >= 3 && stillness.n_told >= 4);
  g_signal_remove_emission_hook (render, hook);
  g_signal_handlers_disconnect_by_data (run, &stillness);
  weftline_run_cancel (run);
  test_loop_until (weftline_run_is_over (run));
  session_to_the_end (p.session);
  run_page_close (&p, run);
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  test_add ("ui-app", "run-page", "cards", test_cards);
  test_add ("ui-app", "run-page", "status-layout", test_status_layout);
  test_add ("ui-app", "run-page", "updates", test_updates);
  test_add ("ui-app", "run-page", "escape", test_escape);
  test_add ("ui-app", "run-page", "layout", test_layout);
  test_add ("ui-app", "run-page", "paused", test_paused);
  test_add ("ui-app", "run-page", "review", test_review);
  return g_test_run ();
}
