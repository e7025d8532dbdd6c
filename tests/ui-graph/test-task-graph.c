/* test-task-graph.c: tests of the task graph as a widget
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "ui-app/view-fixture.h"

#include "graph/task-graph.h"

static void
set_up (ViewFixture *f, const void *data G_GNUC_UNUSED)
{
  view_fixture_open (f, example_run ("fork-join"), weftline_task_graph_new, 700, 500);
}

static void
tear_down (ViewFixture *f, const void *data G_GNUC_UNUSED)
{
  view_fixture_close (f);
}

static WeftlineTaskGraph *
graph_of (ViewFixture *f)
{
  return WEFTLINE_TASK_GRAPH (f->view);
}

static const WeftlineViewport *
viewport (ViewFixture *f)
{
  return weftline_task_graph_get_viewport (graph_of (f));
}

static uint32_t
selected (ViewFixture *f)
{
  return weftline_session_selection (f->session)->task;
}

/* The run is over, and what is drawn is its graph. */
static void
finish (ViewFixture *f, const char *words)
{
  view_fixture_finish (f);
  test_loop_until (is_described (f->view, words));
  draw_view (f);
}

/* A place where pointing tells of something: a task, or else a group. Returns: whether there is */
static bool
find_hover (ViewFixture *f, double *x, double *y)
{
  for (*y = 4; *y < gtk_widget_get_height (f->view); *y += 6)
    for (*x = 4; *x < gtk_widget_get_width (f->view); *x += 6)
      {
        point_at (f->view, *x, *y);
        if (weftline_session_hover_task (f->session) != WEFT_NONE
            || weftline_session_hover_group (f->session) != WEFT_NONE)
          return true;
      }
  return false;
}

/* ---- before the start ------------------------------------------------------------------------ */

/* The graph is there before its run; its tasks are no run's yet, so nothing selects them. */
static void
test_before_the_start (ViewFixture *f, const void *data G_GNUC_UNUSED)
{
  static const guint keys[] = { GDK_KEY_Right, GDK_KEY_Down, GDK_KEY_q, GDK_KEY_e, GDK_KEY_Escape };
  double x, y;

  assert_drawn_view (f->view, "Task graph");
  test_loop_until (is_described (f->view, "21 of 21 tasks shown"));
  draw_view (f);
  g_assert_false (find_hover (f, &x, &y));
  for (unsigned i = 0; i < G_N_ELEMENTS (keys); i++)
    g_assert_true (press (f->view, keys[i]));
  g_assert_false (press (f->view, GDK_KEY_x));
  click_at (f->view, 300, 200);
  g_assert_cmpuint (selected (f), ==, WEFT_NONE);
  g_assert_null (viewport (f));
}

/* It may go before anything is laid out, and while it is. */
static void
test_goes_meanwhile (void)
{
  for (int wait = 0; wait < 2; wait++)
    {
      WeftlineRun *run = example_run ("tree");
      WeftlineSession *session = weftline_session_new (run);
      GtkWidget *view = g_object_ref_sink (weftline_task_graph_new (session));

      gtk_test_accessible_assert_property (view, GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, "");
      if (wait)
        test_loop_drain ();
      test_assert_finalised (view);
      test_assert_finalised (session);
      test_assert_finalised (run);
    }
}

/* ---- what it tells --------------------------------------------------------------------------- */

static void
test_words (ViewFixture *f, const void *data G_GNUC_UNUSED)
{
  g_autofree char *figures = NULL;
  uint32_t task;

  finish (f, "21 of 21 tasks shown");
  g_object_get (f->view, "figures", &figures, NULL);
  g_assert_true (g_str_has_prefix (figures, "21 of 21 tasks shown"));
  task = weft_model_find_key (weftline_session_model (f->session), "stage1-2");
  weftline_session_select_task (f->session, task);
  g_assert_true (is_described (f->view, "stage1-2"));
  weftline_session_set_time (f->session, weftline_session_snapshot (f->session)->last_ns / 2);
  test_loop_until (is_described (f->view, "as of "));
  weftline_session_set_time (f->session, WEFTLINE_NOW);
  weftline_session_select_nothing (f->session);
  g_assert_false (is_described (f->view, "stage1-2"));
}

/* ---- the pointer ----------------------------------------------------------------------------- */

/* What is pointed at is pointed at in all views, a click selects it, and beside it there is
 * nothing. */
static void
test_points_and_clicks (ViewFixture *f, const void *data G_GNUC_UNUSED)
{
  uint32_t task;
  double x, y;

  finish (f, "21 of 21 tasks shown");
  g_assert_true (find_hover (f, &x, &y));
  task = weftline_session_hover_task (f->session);
  g_assert_cmpuint (task, !=, WEFT_NONE);
  g_assert_cmpuint (weftline_session_hover_group (f->session), ==,
                    weft_model_task_group (weftline_session_model (f->session), task));
  click_at (f->view, x, y);
  g_assert_cmpuint (selected (f), ==, task);
  point_at (f->view, 1, 1);
  g_assert_cmpuint (weftline_session_hover_task (f->session), ==, WEFT_NONE);
  click_at (f->view, 1, 1);
  g_assert_cmpuint (selected (f), ==, WEFT_NONE);
  point_at (f->view, x, y);
  point_nowhere (f->view);
  g_assert_cmpuint (weftline_session_hover_task (f->session), ==, WEFT_NONE);
}

static void
test_shows_what_others_do (ViewFixture *f, const void *data G_GNUC_UNUSED)
{
  g_autoptr (GBytes) plain = NULL;
  g_autoptr (GBytes) hovered = NULL;

  finish (f, "21 of 21 tasks shown");
  plain = picture_of (f);
  weftline_session_set_hover (f->session, 3, WEFT_NONE);
  test_loop_until (has_changed (f, plain));
  hovered = picture_of (f);
  weftline_session_select_task (f->session, 5);
  test_loop_until (has_changed (f, hovered));
  weftline_session_set_hover (f->session, WEFT_NONE, WEFT_NONE);
  weftline_session_select_nothing (f->session);
  test_loop_until (!has_changed (f, plain));
}

/* The wheel zooms, and what is under the pointer stays there. */
static void
test_wheel (ViewFixture *f, const void *data G_GNUC_UNUSED)
{
  double x = 420, y = 130, at_x, at_y, scale;

  finish (f, "21 of 21 tasks shown");
  point_at (f->view, x, y);
  scroll (f->view, -1);
  at_x = viewport (f)->x + x / viewport (f)->scale;
  at_y = viewport (f)->y + y / viewport (f)->scale;
  scale = viewport (f)->scale;
  for (int i = 0; i < 5; i++)
    scroll (f->view, -1);
  g_assert_cmpfloat (viewport (f)->scale, >, 2 * scale);
  g_assert_cmpfloat_with_epsilon (viewport (f)->x + x / viewport (f)->scale, at_x, 1e-6);
  g_assert_cmpfloat_with_epsilon (viewport (f)->y + y / viewport (f)->scale, at_y, 1e-6);
  for (int i = 0; i < 5; i++)
    scroll (f->view, 1);
  g_assert_cmpfloat_with_epsilon (viewport (f)->scale, scale, 1e-6 * scale);
  weftline_task_graph_fit (graph_of (f));
  g_assert_null (viewport (f));
}

/* Dragging moves what is shown with the pointer, and selects nothing when the button comes up. */
static void
test_drag (ViewFixture *f, const void *data G_GNUC_UNUSED)
{
  double x, y, left, top;

  finish (f, "21 of 21 tasks shown");
  press (f->view, GDK_KEY_w);
  draw_view (f);
  left = viewport (f)->x;
  top = viewport (f)->y;
  drag_by (f->view, 0, 0, -60, 25); /* from where a gesture without events says it began */
  draw_view (f);
  g_assert_true (find_hover (f, &x, &y));
  click_at (f->view, x, y);
  g_assert_cmpfloat_with_epsilon (viewport (f)->x, left + 60 / viewport (f)->scale, 1e-6);
  g_assert_cmpfloat_with_epsilon (viewport (f)->y, top - 25 / viewport (f)->scale, 1e-6);
  g_assert_cmpuint (selected (f), ==, WEFT_NONE);
}

/* ---- keys ------------------------------------------------------------------------------------ */

static void
test_lineage (ViewFixture *f, const void *data G_GNUC_UNUSED)
{
  finish (f, "21 of 21 tasks shown");
  weftline_session_select_task (
      f->session, weft_model_find_key (weftline_session_model (f->session), "join-1"));
  press (f->view, GDK_KEY_q);
  g_assert_cmpint (weftline_session_lineage (f->session), ==, WEFTLINE_LINEAGE_ANCESTORS);
  g_assert_true (is_described (f->view, "5 ancestors"));
  press (f->view, GDK_KEY_e);
  draw_view (f);
  g_assert_cmpint (weftline_session_lineage (f->session), ==, WEFTLINE_LINEAGE_BOTH);
  press (f->view, GDK_KEY_Escape);
  g_assert_cmpint (weftline_session_lineage (f->session), ==, WEFTLINE_LINEAGE_NONE);
}

/* What has a key has a name, too, for those who press none. */
static void
test_actions (ViewFixture *f, const void *data G_GNUC_UNUSED)
{
  double scale;
  uint32_t task;

  finish (f, "21 of 21 tasks shown");
  press (f->view, GDK_KEY_w);
  scale = viewport (f)->scale;
  g_assert_true (gtk_widget_activate_action (f->view, "graph.farther", NULL));
  g_assert_true (gtk_widget_activate_action (f->view, "graph.nearer", NULL));
  g_assert_cmpfloat_with_epsilon (viewport (f)->scale, scale, 1e-9 * scale);
  g_assert_true (gtk_widget_activate_action (f->view, "graph.fit", NULL));
  g_assert_null (viewport (f));
  draw_view (f);
  g_assert_true (gtk_widget_activate_action (f->view, "graph.go-right", NULL));
  task = selected (f);
  g_assert_cmpuint (task, !=, WEFT_NONE);
  g_assert_true (gtk_widget_activate_action (f->view, "graph.select-nothing", NULL));
  g_assert_cmpuint (selected (f), ==, WEFT_NONE);
  press (f->view, GDK_KEY_Right);
  g_assert_cmpuint (selected (f), ==, task);
}

/* ---- colours --------------------------------------------------------------------------------- */

/* By state, or by what dask.visualize() offers; other names are known to be none. */
static void
test_values (ViewFixture *f, const void *data G_GNUC_UNUSED)
{
  g_autoptr (GBytes) states = NULL;
  WeftlineGraphValue value = WEFTLINE_VALUE_ORDER;

  finish (f, "21 of 21 tasks shown");
  states = picture_of (f);
  g_assert_false (weftline_task_graph_get_value (graph_of (f), &value));
  g_assert_true (weftline_task_graph_set_color (graph_of (f), "age"));
  g_assert_true (weftline_task_graph_get_value (graph_of (f), &value));
  g_assert_cmpint (value, ==, WEFTLINE_VALUE_AGE);
  test_loop_until (has_changed (f, states));
  g_assert_false (weftline_task_graph_set_color (graph_of (f), "taste"));
  g_assert_true (weftline_task_graph_set_color (graph_of (f), "state"));
  g_assert_false (weftline_task_graph_get_value (graph_of (f), &value));
  test_loop_until (!has_changed (f, states));
}

static void
test_looks (ViewFixture *f, const void *data G_GNUC_UNUSED)
{
  finish (f, "21 of 21 tasks shown");
  assert_goes_dark (f);
  assert_has_palettes (f);
}

/* ---- from far -------------------------------------------------------------------------------- */

/* More than can be drawn one by one. (transfer full) */
static WeftlineRun *
large_run (void)
{
  g_autoptr (GString) json = g_string_new ("\"load\": {\"op\": \"identity\", \"args\": [1]}");

  for (unsigned i = 0; i < 20000; i++)
    g_string_append_printf (
        json, ", \"part-%u\": {\"op\": \"identity\", \"args\": [{\"ref\": \"load\"}]}", i);
  return run_of_tasks (json->str, 2);
}

/* Groups are drawn instead, and that is said; they are pointed at and selected as tasks are. */
static void
test_groups (void)
{
  ViewFixture f;
  uint32_t group;
  double x, y;

  view_fixture_open (&f, large_run (), weftline_task_graph_new, 500, 400);
  finish (&f, "20\u202f001 tasks shown as 2 groups");
  g_assert_true (find_hover (&f, &x, &y));
  g_assert_cmpuint (weftline_session_hover_task (f.session), ==, WEFT_NONE);
  group = weftline_session_hover_group (f.session);
  click_at (f.view, x, y);
  g_assert_cmpuint (weftline_session_selection (f.session)->group, ==, group);
  press (f.view, GDK_KEY_Right);
  press (f.view, GDK_KEY_Left);
  g_assert_cmpuint (weftline_session_selection (f.session)->group, !=, WEFT_NONE);
  g_assert_false (weftline_task_graph_can_dot (graph_of (&f)));
  view_fixture_close (&f);
}

#define ADD(behaviour, function)                                                           \
  g_test_add ("/weft/ui-graph/task-graph/" behaviour, ViewFixture, NULL, set_up, function, \
              tear_down)

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  ADD ("before-the-start", test_before_the_start);
  ADD ("words", test_words);
  ADD ("points-and-clicks", test_points_and_clicks);
  ADD ("shows-what-others-do", test_shows_what_others_do);
  ADD ("wheel", test_wheel);
  ADD ("drag", test_drag);
  ADD ("lineage", test_lineage);
  ADD ("actions", test_actions);
  ADD ("values", test_values);
  ADD ("looks", test_looks);
  test_add ("ui-graph", "task-graph", "goes-meanwhile", test_goes_meanwhile);
  test_add ("ui-graph", "task-graph", "groups", test_groups);
  return g_test_run ();
}
