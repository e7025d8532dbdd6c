/* test-scrub-bar.c: tests of the bar that rewinds a run
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "test-objects.h"
#include "ui-app/ui-fixture.h"

#include "scrub/scrub-bar.h"

typedef struct
{
  WeftlineRun *run;
  WeftlineSession *session;
  GtkWidget *window;
  GtkWidget *bar;
  WeftlineScrubTrack *track;
} Fixture;

static void
set_up (Fixture *f, const void *data G_GNUC_UNUSED)
{
  f->run = example_run ("fork-join");
  f->session = weftline_session_new (f->run);
  f->bar = g_object_ref_sink (weftline_scrub_bar_new (f->session));
  f->track = weftline_scrub_bar_track (WEFTLINE_SCRUB_BAR (f->bar));
  f->window = gtk_window_new ();
  gtk_window_set_child (GTK_WINDOW (f->window), f->bar);
  gtk_window_set_default_size (GTK_WINDOW (f->window), 600, 80);
  gtk_window_present (GTK_WINDOW (f->window));
}

static void
tear_down (Fixture *f, const void *data G_GNUC_UNUSED)
{
  gtk_window_set_child (GTK_WINDOW (f->window), NULL);
  gtk_window_destroy (GTK_WINDOW (f->window));
  g_assert_finalize_object (f->bar);
  test_assert_finalised (f->session);
  g_object_unref (f->run);
}

static void
finish (Fixture *f)
{
  run_to_the_end (f->run);
  test_loop_until (weftline_feed_state (weftline_run_feed (f->run)) >= WEFT_FEED_ENDED);
  weftline_session_update (f->session);
  test_loop_until (gtk_widget_get_width (GTK_WIDGET (f->track)) > 100);
}

static bool
has_moment (Fixture *f)
{
  const WeftMoment *moment = weftline_session_moment (f->session);

  return moment != NULL && moment->at_ns == weftline_session_time (f->session);
}

static void
test_shows_itself (Fixture *f, const void *data G_GNUC_UNUSED)
{
  GtkWidget *now = weftline_scrub_bar_now_button (WEFTLINE_SCRUB_BAR (f->bar));

  g_assert_false (gtk_widget_get_visible (f->bar));
  finish (f);
  g_assert_true (gtk_widget_get_visible (f->bar));
  g_assert_cmpstr (gtk_button_get_label (GTK_BUTTON (now)), ==, "End");
  g_assert_false (gtk_widget_get_sensitive (now));
  g_assert_false (gtk_widget_has_css_class (f->bar, "past"));
  gtk_test_accessible_assert_role (GTK_ACCESSIBLE (f->track), GTK_ACCESSIBLE_ROLE_SLIDER);
  gtk_test_accessible_assert_property (GTK_ACCESSIBLE (f->track), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                       "Time of the run");
  gtk_test_accessible_assert_property (GTK_ACCESSIBLE (f->track),
                                       GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT, "now");
}

/* Where it is pressed is the moment; at its end it is now. */
static void
test_press (Fixture *f, const void *data G_GNUC_UNUSED)
{
  GtkWidget *now = weftline_scrub_bar_now_button (WEFTLINE_SCRUB_BAR (f->bar));
  int64_t end_ns;
  int width;

  finish (f);
  end_ns = weftline_session_snapshot (f->session)->last_ns;
  width = gtk_widget_get_width (GTK_WIDGET (f->track));
  weftline_scrub_track_go_to (f->track, width / 2.0);
  g_assert_cmpint (ABS (weftline_session_time (f->session) - end_ns / 2), <=, end_ns / width + 1);
  g_assert_true (gtk_widget_has_css_class (f->bar, "past"));
  g_assert_true (gtk_widget_get_sensitive (now));
  test_loop_until (has_moment (f));
  g_assert_true (g_str_has_prefix (weftline_scrub_track_words (f->track), "as of "));
  gtk_test_accessible_assert_property (GTK_ACCESSIBLE (f->track),
                                       GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT,
                                       weftline_scrub_track_words (f->track));
  weftline_scrub_track_go_to (f->track, width);
  g_assert_cmpint (weftline_session_time (f->session), ==, WEFTLINE_NOW);
  weftline_scrub_track_go_to (f->track, -20);
  g_assert_cmpint (weftline_session_time (f->session), ==, 0);
  g_signal_emit_by_name (now, "clicked");
  g_assert_cmpint (weftline_session_time (f->session), ==, WEFTLINE_NOW);
  g_assert_false (gtk_widget_has_css_class (f->bar, "past"));
}

/* From the last end backward through every start and end, and forward again. */
static void
test_keys (Fixture *f, const void *data G_GNUC_UNUSED)
{
  g_autoptr (GArray) moments = g_array_new (FALSE, FALSE, sizeof (int64_t));
  int64_t before = WEFTLINE_NOW, at_ns;

  finish (f);
  g_assert_false (weftline_scrub_track_key (f->track, GDK_KEY_Escape));
  g_assert_false (weftline_scrub_track_key (f->track, GDK_KEY_a));
  while (weftline_scrub_track_key (f->track, GDK_KEY_Left)
         && (at_ns = weftline_session_time (f->session)) != before)
    {
      g_assert_cmpint (at_ns, <, before);
      g_array_append_val (moments, at_ns);
      before = at_ns;
    }
  g_assert_cmpuint (moments->len, >, weftline_session_snapshot (f->session)->n_tasks);
  for (guint i = moments->len - 1; i-- > 0;)
    {
      weftline_scrub_track_key (f->track, GDK_KEY_Right);
      g_assert_cmpint (weftline_session_time (f->session), ==, g_array_index (moments, int64_t, i));
    }
  weftline_scrub_track_key (f->track, GDK_KEY_Right);
  g_assert_cmpint (weftline_session_time (f->session), ==, WEFTLINE_NOW);
  weftline_scrub_track_key (f->track, GDK_KEY_Page_Down);
  g_assert_cmpint (weftline_session_time (f->session), <, WEFTLINE_NOW);
  weftline_scrub_track_key (f->track, GDK_KEY_Page_Up);
  g_assert_cmpint (weftline_session_time (f->session), ==, WEFTLINE_NOW);
  weftline_scrub_track_key (f->track, GDK_KEY_Home);
  g_assert_cmpint (weftline_session_time (f->session), ==, 0);
  g_assert_true (weftline_scrub_track_key (f->track, GDK_KEY_Escape));
  g_assert_cmpint (weftline_session_time (f->session), ==, WEFTLINE_NOW);
}

/* Time is not turned round: the end and the way there are on the right, whichever way text runs. */
static void
test_right_to_left (Fixture *f, const void *data G_GNUC_UNUSED)
{
  GtkWidget *now = weftline_scrub_bar_now_button (WEFTLINE_SCRUB_BAR (f->bar));
  graphene_rect_t at = { 0 }, track = { 0 };
  int64_t at_ns;

  finish (f);
  gtk_widget_set_default_direction (GTK_TEXT_DIR_RTL);
  test_loop_until (!gtk_widget_compute_bounds (now, f->bar, &at) || at.size.width > 0);
  g_assert_true (gtk_widget_compute_bounds (GTK_WIDGET (f->track), f->bar, &track));
  g_assert_cmpfloat (at.origin.x, >=, track.origin.x + track.size.width);
  weftline_scrub_track_go_to (f->track, 0);
  g_assert_cmpint (weftline_session_time (f->session), ==, 0);
  weftline_scrub_track_key (f->track, GDK_KEY_Right);
  at_ns = weftline_session_time (f->session);
  g_assert_cmpint (at_ns, >, 0);
  weftline_scrub_track_key (f->track, GDK_KEY_Right);
  weftline_scrub_track_key (f->track, GDK_KEY_Left);
  g_assert_cmpint (weftline_session_time (f->session), ==, at_ns);
  weftline_scrub_track_go_to (f->track, gtk_widget_get_width (GTK_WIDGET (f->track)));
  g_assert_cmpint (weftline_session_time (f->session), ==, WEFTLINE_NOW);
  gtk_widget_set_default_direction (GTK_TEXT_DIR_LTR);
}

/* While a run goes on its past can be looked at, and more comes meanwhile. */
static void
test_live (Fixture *f, const void *data G_GNUC_UNUSED)
{
  GtkWidget *now = weftline_scrub_bar_now_button (WEFTLINE_SCRUB_BAR (f->bar));
  const WeftModelSnapshot *snapshot = weftline_session_snapshot (f->session);
  uint64_t serial;
  int64_t at_ns;

  weftline_run_set_delay (f->run, 20000000);
  weftline_run_start (f->run);
  test_loop_until (weftline_session_update (f->session) && snapshot->complete_ns > 0
                   && snapshot->n_spans > 3);
  g_assert_cmpstr (gtk_button_get_label (GTK_BUTTON (now)), ==, "Live");
  at_ns = snapshot->complete_ns / 2;
  serial = snapshot->serial;
  weftline_session_set_time (f->session, at_ns);
  test_loop_until (has_moment (f) && weftline_session_update (f->session)
                   && snapshot->serial > serial);
  g_assert_cmpint (weftline_session_time (f->session), ==, at_ns);
  weftline_session_set_time (f->session, INT64_MAX - 1); /* no more is known */
  g_assert_cmpint (weftline_session_time (f->session), <=, snapshot->complete_ns);
  test_loop_until (has_moment (f));
  weftline_session_set_time (f->session, WEFTLINE_NOW);
  weftline_run_set_delay (f->run, 0);
  test_loop_until (weftline_run_is_over (f->run));
}

#define ADD(behaviour, function) \
  g_test_add ("/weft/ui-scrub/scrub-bar/" behaviour, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv);
  ADD ("shows-itself", test_shows_itself);
  ADD ("press", test_press);
  ADD ("keys", test_keys);
  ADD ("right-to-left", test_right_to_left);
  ADD ("live", test_live);
  return g_test_run ();
}
