/* test-scrub-track.c: tests of the time of a run as a slider
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Its keys, and what it does beside its buttons, are tested in test-scrub-bar.c.
 */
#include "ui-app/view-fixture.h"

#include "scrub/scrub-track.h"

static void
set_up (ViewFixture *f, const void *data G_GNUC_UNUSED)
{
  view_fixture_open (f, example_run ("fork-join"), weftline_scrub_track_new, 600,
                     WEFTLINE_SCRUB_HEIGHT);
}

static void
tear_down (ViewFixture *f, const void *data G_GNUC_UNUSED)
{
  view_fixture_close (f);
}

static int64_t
end_of (ViewFixture *f)
{
  return weftline_session_snapshot (f->session)->last_ns;
}

/* All of the run is told of: that comes a little later, else. */
static void
finish (ViewFixture *f)
{
  view_fixture_finish (f);
  weftline_session_set_time (f->session, 0);
  weftline_session_set_time (f->session, WEFTLINE_NOW);
  test_loop_until (!weftline_session_is_rewinding (f->session));
}

static void
assert_value (ViewFixture *f, int64_t at_ns)
{
  double at = (double) at_ns / 1e9, end = (double) end_of (f) / 1e9;

  gtk_test_accessible_assert_property (f->view, GTK_ACCESSIBLE_PROPERTY_VALUE_MIN, 0.0);
  gtk_test_accessible_assert_property (f->view, GTK_ACCESSIBLE_PROPERTY_VALUE_MAX, end);
  gtk_test_accessible_assert_property (f->view, GTK_ACCESSIBLE_PROPERTY_VALUE_NOW, at);
}

/* Before the start it is now, of a time that has no length. */
static void
test_nothing (ViewFixture *f, const void *data G_GNUC_UNUSED)
{
  gtk_test_accessible_assert_role (f->view, GTK_ACCESSIBLE_ROLE_SLIDER);
  gtk_test_accessible_assert_property (f->view, GTK_ACCESSIBLE_PROPERTY_LABEL, "Time of the run");
  gtk_test_accessible_assert_property (f->view, GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT, "now");
  g_assert_true (gtk_widget_get_focusable (f->view));
  assert_value (f, 0);
  draw_view (f);
  drag_by (f->view, 10, 20, 100, 0);
  g_assert_cmpint (weftline_session_time (f->session), ==, WEFTLINE_NOW);
  assert_goes_dark (f);
}

/* A slider's value is the moment, in seconds and in words. */
static void
test_value (ViewFixture *f, const void *data G_GNUC_UNUSED)
{
  int64_t at_ns;

  finish (f);
  weftline_session_set_time (f->session, at_ns = end_of (f) / 4);
  assert_value (f, at_ns);
  test_loop_until (!weftline_session_is_rewinding (f->session));
  gtk_test_accessible_assert_property (f->view, GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT,
                                       weftline_scrub_track_words (WEFTLINE_SCRUB_TRACK (f->view)));
  weftline_session_set_time (f->session, WEFTLINE_NOW);
  assert_value (f, end_of (f));
  gtk_test_accessible_assert_property (f->view, GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT, "now");
}

/* The moment is under the pointer for as long as the button is down, and stays there; at the end it
 * is now again. */
static void
test_drag (ViewFixture *f, const void *data G_GNUC_UNUSED)
{
  GtkEventController *drag = find_controller (f->view, GTK_TYPE_GESTURE_DRAG);
  const WeftlineScrubLayout *layout;
  double width = gtk_widget_get_width (f->view);

  finish (f);
  layout = weftline_scrub_track_layout (WEFTLINE_SCRUB_TRACK (f->view));
  g_signal_emit_by_name (drag, "drag-begin", 100.0, 20.0);
  for (double x = 100; x < width - 40; x += 30)
    {
      g_signal_emit_by_name (drag, "drag-update", x - 100, 3.0);
      g_assert_cmpint (weftline_session_time (f->session), ==, weftline_scrub_at (layout, x));
      g_assert_cmpfloat_with_epsilon (weftline_scrub_x (layout, weftline_session_time (f->session)),
                                      x, 1);
    }
  g_signal_emit_by_name (drag, "drag-end", width - 140, 3.0);
  g_assert_cmpint (weftline_session_time (f->session), <, end_of (f));
  drag_by (f->view, 100, 20, width, 0);
  g_assert_cmpint (weftline_session_time (f->session), ==, WEFTLINE_NOW);
}

/* A line follows the pointer, and is gone with it. */
static void
test_pointer (ViewFixture *f, const void *data G_GNUC_UNUSED)
{
  g_autoptr (GBytes) plain = NULL;

  finish (f);
  plain = picture_of (f);
  point_at (f->view, 200, 20);
  test_loop_until (has_changed (f, plain));
  g_assert_cmpint (weftline_session_time (f->session), ==, WEFTLINE_NOW);
  point_nowhere (f->view);
  test_loop_until (!has_changed (f, plain));
}

static void
test_looks (ViewFixture *f, const void *data G_GNUC_UNUSED)
{
  finish (f);
  assert_goes_dark (f);
}

#define ADD(behaviour, function)                                                            \
  g_test_add ("/weft/ui-scrub/scrub-track/" behaviour, ViewFixture, NULL, set_up, function, \
              tear_down)

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  ADD ("nothing", test_nothing);
  ADD ("value", test_value);
  ADD ("drag", test_drag);
  ADD ("pointer", test_pointer);
  ADD ("looks", test_looks);
  return g_test_run ();
}
