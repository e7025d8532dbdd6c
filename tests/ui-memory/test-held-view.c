/* test-held-view.c: tests of what was held in memory as a widget
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Its words and its list are tested in test-memory-view.c, beside the memory whose peak it
 * explains.
 */
#include "ui-app/view-fixture.h"

#include "memory/held-view.h"

static void
set_up (ViewFixture *f, const void *data G_GNUC_UNUSED)
{
  view_fixture_open (f, example_run ("rechunk"), weftline_held_view_new, 420, 300);
}

static void
tear_down (ViewFixture *f, const void *data G_GNUC_UNUSED)
{
  test_loop_until (!weftline_held_view_is_busy (WEFTLINE_HELD_VIEW (f->view)));
  view_fixture_close (f);
}

static WeftlineHeldView *
view_of (ViewFixture *f)
{
  return WEFTLINE_HELD_VIEW (f->view);
}

/* All is worked out. */
static void
finish (ViewFixture *f)
{
  view_fixture_finish (f);
  test_loop_until (!weftline_held_view_is_busy (view_of (f)) && is_described (f->view, "peak"));
  draw_view (f);
}

static void
test_nothing (ViewFixture *f, const void *data G_GNUC_UNUSED)
{
  assert_drawn_view (f->view, "Held in memory");
  gtk_test_accessible_assert_property (f->view, GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                       "No result has taken memory yet");
  draw_view (f);
  point_at (f->view, 200, 150);
  click_at (f->view, 200, 150);
  g_assert_true (press (f->view, GDK_KEY_Return));
  g_assert_false (press (f->view, GDK_KEY_x));
  test_loop_drain ();
  g_assert_null (weftline_held_view_popover (view_of (f)));
  assert_goes_dark (f);
}

/* A group's area, pointed at, is pointed at in all views. Returns: whether there is one */
static bool
find_band (ViewFixture *f, double *x, double *y)
{
  for (*y = 4; *y < gtk_widget_get_height (f->view); *y += 6)
    for (*x = 4; *x < gtk_widget_get_width (f->view); *x += 6)
      {
        point_at (f->view, *x, *y);
        if (weftline_session_hover_group (f->session) != WEFT_NONE)
          return true;
      }
  return false;
}

/* … and a click lists what was held then. */
static void
test_points_and_clicks (ViewFixture *f, const void *data G_GNUC_UNUSED)
{
  double x, y;

  finish (f);
  g_assert_true (find_band (f, &x, &y));
  g_assert_cmpuint (weftline_session_hover_group (f->session), <,
                    weftline_session_snapshot (f->session)->n_groups);
  g_assert_cmpuint (weftline_session_hover_task (f->session), ==, WEFT_NONE);
  click_at (f->view, x, y);
  test_loop_until (weftline_held_view_popover (view_of (f)) != NULL);
  point_nowhere (f->view);
  g_assert_cmpuint (weftline_session_hover_group (f->session), ==, WEFT_NONE);
}

/* Return lists what was held at the peak; a list that is open goes with the view. */
static void
test_keys (ViewFixture *f, const void *data G_GNUC_UNUSED)
{
  finish (f);
  g_assert_true (press (f->view, GDK_KEY_Return));
  test_loop_until (weftline_held_view_popover (view_of (f)) != NULL);
  g_assert_true (press (f->view, GDK_KEY_space)); /* another in its place */
}

/* A selected group stands out; a moment is a line, and told. */
static void
test_shows_what_others_do (ViewFixture *f, const void *data G_GNUC_UNUSED)
{
  g_autoptr (GBytes) plain = NULL;
  double x, y;
  uint32_t group;

  finish (f);
  g_assert_true (find_band (f, &x, &y));
  group = weftline_session_hover_group (f->session);
  point_nowhere (f->view);
  plain = picture_of (f);
  weftline_session_select_group (f->session, group);
  test_loop_until (has_changed (f, plain));
  weftline_session_select_nothing (f->session);
  test_loop_until (!has_changed (f, plain));
  assert_shows_moment (f, plain);
}

static void
test_looks (ViewFixture *f, const void *data G_GNUC_UNUSED)
{
  finish (f);
  assert_goes_dark (f);
  assert_has_palettes (f);
}

#define ADD(behaviour, function)                                                           \
  g_test_add ("/weft/ui-memory/held-view/" behaviour, ViewFixture, NULL, set_up, function, \
              tear_down)

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  ADD ("nothing", test_nothing);
  ADD ("points-and-clicks", test_points_and_clicks);
  ADD ("keys", test_keys);
  ADD ("shows-what-others-do", test_shows_what_others_do);
  ADD ("looks", test_looks);
  return g_test_run ();
}
