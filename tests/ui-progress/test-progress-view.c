/* test-progress-view.c: tests of the groups' progress as a widget
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "ui-app/view-fixture.h"

#include "progress/progress-view.h"

#define WIDTH 320

/* Of five groups, two are in view. */
static void
set_up (ViewFixture *f, const void *data G_GNUC_UNUSED)
{
  view_fixture_open (f, example_run ("fork-join"), weftline_progress_view_new, WIDTH, 170);
}

static void
tear_down (ViewFixture *f, const void *data G_GNUC_UNUSED)
{
  view_fixture_close (f);
}

static uint32_t
n_groups (ViewFixture *f)
{
  return weftline_session_snapshot (f->session)->n_groups;
}

static uint32_t
selected (ViewFixture *f)
{
  return weftline_session_selection (f->session)->group;
}

static const char *
name_of (ViewFixture *f, uint32_t group)
{
  WeftModelGroup info;

  g_assert_cmpuint (group, <, n_groups (f));
  weft_model_group (weftline_session_model (f->session), group, &info);
  return info.name;
}

/* That of the row, from 0 on, which has to be in view. */
static uint32_t
group_in_row (ViewFixture *f, int row)
{
  point_at (f->view, WIDTH / 2, WEFTLINE_PROGRESS_HEAD + (row + 0.5) * WEFTLINE_PROGRESS_ROW);
  return weftline_session_hover_group (f->session);
}

/* ---- before the start ------------------------------------------------------------------------ */

/* All tasks wait, and their groups are no run's yet. */
static void
test_before_the_start (ViewFixture *f, const void *data G_GNUC_UNUSED)
{
  static const guint keys[] = { GDK_KEY_Down, GDK_KEY_End,    GDK_KEY_Home,
                                GDK_KEY_Up,   GDK_KEY_Return, GDK_KEY_Escape };

  assert_drawn_view (f->view, "Progress");
  test_loop_until (is_described (f->view, "all tasks: 0 of 21 done, 21 waiting"));
  draw_view (f);
  g_assert_cmpuint (group_in_row (f, 0), ==, WEFT_NONE);
  click_at (f->view, WIDTH / 2, WEFTLINE_PROGRESS_HEAD + 10);
  for (unsigned i = 0; i < G_N_ELEMENTS (keys); i++)
    g_assert_true (press (f->view, keys[i]));
  g_assert_false (press (f->view, GDK_KEY_x));
  g_assert_cmpuint (selected (f), ==, WEFT_NONE);
}

/* ---- what it tells --------------------------------------------------------------------------- */

static void
test_words (ViewFixture *f, const void *data G_GNUC_UNUSED)
{
  view_fixture_finish (f);
  g_assert_true (is_described (f->view, "all tasks: 21 of 21 done"));
  g_assert_true (is_described (f->view, ", in "));
  g_assert_false (is_described (f->view, "erred"));
  weftline_session_select_group (f->session, 2);
  g_assert_true (is_described (f->view, name_of (f, 2)));
  weftline_session_select_nothing (f->session);
  weftline_session_set_time (f->session, 0);
  test_loop_until (is_described (f->view, "as of ") && is_described (f->view, ": 0 of 21 done"));
  weftline_session_set_time (f->session, WEFTLINE_NOW);
  test_loop_until (is_described (f->view, "all tasks: 21 of 21 done"));
}

/* Errors are told, not only drawn. */
static void
test_errors (void)
{
  ViewFixture f;

  view_fixture_open (&f,
                     run_of_tasks ("\"good\": {\"op\": \"const\", \"args\": [4]},"
                                   "\"bad\": {\"op\": \"fail\", \"args\": [null, null, \"knot\"]},"
                                   "\"later\": {\"op\": \"identity\", \"args\": [{\"ref\": "
                                   "\"bad\"}]}",
                                   1),
                     weftline_progress_view_new, WIDTH, 300);
  view_fixture_finish (&f);
  g_assert_true (is_described (f.view, "erred"));
  view_fixture_close (&f);
}

/* ---- the pointer ----------------------------------------------------------------------------- */

/* Each row is another group; a click selects it, one on that of all tasks none. */
static void
test_points_and_clicks (ViewFixture *f, const void *data G_GNUC_UNUSED)
{
  uint32_t first, second;

  view_fixture_finish (f);
  first = group_in_row (f, 0);
  second = group_in_row (f, 1);
  g_assert_cmpuint (first, <, n_groups (f));
  g_assert_cmpuint (second, <, n_groups (f));
  g_assert_cmpuint (first, !=, second);
  click_at (f->view, WIDTH / 2, WEFTLINE_PROGRESS_HEAD + 10);
  g_assert_cmpuint (selected (f), ==, first);
  point_at (f->view, WIDTH / 2, 10);
  g_assert_cmpuint (weftline_session_hover_group (f->session), ==, WEFT_NONE);
  click_at (f->view, WIDTH / 2, 10);
  g_assert_cmpuint (selected (f), ==, WEFT_NONE);
  group_in_row (f, 1);
  point_nowhere (f->view);
  g_assert_cmpuint (weftline_session_hover_group (f->session), ==, WEFT_NONE);
}

/* The wheel goes through all groups, a row at a time, as far as there are any. */
static void
test_wheel (ViewFixture *f, const void *data G_GNUC_UNUSED)
{
  g_autoptr (GArray) seen = g_array_new (FALSE, FALSE, sizeof (uint32_t));
  uint32_t group;

  view_fixture_finish (f);
  for (uint32_t i = 0; i < n_groups (f); i++)
    {
      group = group_in_row (f, 0);
      if (seen->len > 0 && group == g_array_index (seen, uint32_t, seen->len - 1))
        break;
      g_array_append_val (seen, group);
      scroll (f->view, 1);
      draw_view (f);
    }
  g_assert_cmpuint (seen->len, >, 3);
  g_assert_cmpuint (seen->len, <, n_groups (f)); /* the last row is not the only one in view */
  for (guint i = seen->len - 1; i-- > 0;)
    {
      scroll (f->view, -1);
      draw_view (f);
      g_assert_cmpuint (group_in_row (f, 0), ==, g_array_index (seen, uint32_t, i));
    }
}

/* What is selected elsewhere comes into view, as what is pointed at elsewhere does meanwhile. */
static void
test_reveals (ViewFixture *f, const void *data G_GNUC_UNUSED)
{
  uint32_t first, last;

  view_fixture_finish (f);
  press (f->view, GDK_KEY_End);
  last = selected (f);
  draw_view (f);
  first = group_in_row (f, 0);
  g_assert_cmpuint (first, !=, last);
  point_nowhere (f->view);
  press (f->view, GDK_KEY_Home);
  draw_view (f);
  g_assert_cmpuint (group_in_row (f, 0), ==, selected (f));
  point_nowhere (f->view);
  weftline_session_select_nothing (f->session);
  weftline_session_set_hover (f->session, WEFT_NONE, last);
  draw_view (f);
  g_assert_cmpuint (group_in_row (f, 0), ==, first);
}

/* ---- keys ------------------------------------------------------------------------------------ */

/* Down from the first to the last, up again, and by pages; the names do the same. */
static void
test_keys (ViewFixture *f, const void *data G_GNUC_UNUSED)
{
  uint32_t first, last;

  view_fixture_finish (f);
  press (f->view, GDK_KEY_Home);
  first = selected (f);
  for (uint32_t i = 1; i < n_groups (f); i++)
    {
      uint32_t before = selected (f);

      press (f->view, GDK_KEY_Down);
      g_assert_cmpuint (selected (f), !=, before);
    }
  last = selected (f);
  press (f->view, GDK_KEY_Down);
  g_assert_cmpuint (selected (f), ==, last);
  for (uint32_t i = 0; i < n_groups (f) && selected (f) != first; i++)
    press (f->view, GDK_KEY_Page_Up);
  g_assert_cmpuint (selected (f), ==, first);
  press (f->view, GDK_KEY_Up); /* that of all tasks */
  g_assert_cmpuint (selected (f), ==, WEFT_NONE);
  g_assert_true (gtk_widget_activate_action (f->view, "progress.last-group", NULL));
  g_assert_cmpuint (selected (f), ==, last);
  g_assert_true (gtk_widget_activate_action (f->view, "progress.select-nothing", NULL));
  g_assert_cmpuint (selected (f), ==, WEFT_NONE);
  g_assert_false (press_with (f->view, GDK_KEY_Down, GDK_CONTROL_MASK));
  g_assert_cmpuint (selected (f), ==, WEFT_NONE);
}

/* Keys go through the groups in the order that is shown. */
static void
test_sorts (ViewFixture *f, const void *data G_GNUC_UNUSED)
{
  WeftlineProgressView *view = WEFTLINE_PROGRESS_VIEW (f->view);
  const char *before = NULL;

  view_fixture_finish (f);
  g_assert_cmpint (weftline_progress_view_get_sort (view), ==, WEFTLINE_PROGRESS_AS_IN_GRAPH);
  weftline_progress_view_set_sort (view, WEFTLINE_PROGRESS_BY_NAME);
  g_assert_cmpint (weftline_progress_view_get_sort (view), ==, WEFTLINE_PROGRESS_BY_NAME);
  draw_view (f);
  press (f->view, GDK_KEY_Home);
  for (uint32_t i = 0; i < n_groups (f); i++)
    {
      const char *name = name_of (f, selected (f));

      if (before != NULL)
        g_assert_cmpint (g_utf8_collate (before, name), <, 0);
      before = name;
      press (f->view, GDK_KEY_Down);
    }
}

/* ---- looks ----------------------------------------------------------------------------------- */

static void
test_looks (ViewFixture *f, const void *data G_GNUC_UNUSED)
{
  view_fixture_finish (f);
  assert_goes_dark (f);
  assert_has_palettes (f);
}

#define ADD(behaviour, function)                                                                 \
  g_test_add ("/weft/ui-progress/progress-view/" behaviour, ViewFixture, NULL, set_up, function, \
              tear_down)

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  ADD ("before-the-start", test_before_the_start);
  ADD ("words", test_words);
  ADD ("points-and-clicks", test_points_and_clicks);
  ADD ("wheel", test_wheel);
  ADD ("reveals", test_reveals);
  ADD ("keys", test_keys);
  ADD ("sorts", test_sorts);
  ADD ("looks", test_looks);
  test_add ("ui-progress", "progress-view", "errors", test_errors);
  return g_test_run ();
}
