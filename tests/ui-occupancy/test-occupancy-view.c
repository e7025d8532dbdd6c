/* test-occupancy-view.c: tests of what workers did over time, as a widget
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "../ui-app/view-fixture.h"
#include "../ui-session/child-fixture.h"

#include "occupancy/occupancy-view.h"
#include "timeline/task-stream.h"

typedef struct
{
  WeftlineRun *run;
  WeftlineSession *session;
  GtkWidget *window, *view, *stream;
} Fixture;

static void
set_up (Fixture *f, const void *data G_GNUC_UNUSED)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  f->run = example_run ("fork-join");
  f->session = weftline_session_new (f->run);
  f->view = weftline_occupancy_view_new (f->session);
  f->stream = weftline_task_stream_new (f->session);
  gtk_box_append (GTK_BOX (box), f->stream);
  gtk_box_append (GTK_BOX (box), f->view);
  f->window = gtk_window_new ();
  gtk_window_set_default_size (GTK_WINDOW (f->window), 700, 600);
  gtk_window_set_child (GTK_WINDOW (f->window), box);
  gtk_window_present (GTK_WINDOW (f->window));
  test_loop_drain ();
}

static void
tear_down (Fixture *f, const void *data G_GNUC_UNUSED)
{
  void *view = g_object_ref (f->view);

  gtk_window_destroy (GTK_WINDOW (f->window));
  test_loop_drain ();
  test_assert_finalised (view);
  test_assert_finalised (f->session);
  g_object_unref (f->run);
}

static WeftlineOccupancyView *
view_of (Fixture *f)
{
  return WEFTLINE_OCCUPANCY_VIEW (f->view);
}

static void
finish (Fixture *f)
{
  weftline_run_start (f->run);
  run_wait (f->run);
  weftline_session_update (f->session);
  test_loop_until (weftline_occupancy_view_is_current (view_of (f)));
}

/* The whole run with all its workers, said in words too. */
static void
test_run (Fixture *f, const void *data G_GNUC_UNUSED)
{
  const WeftlineOccupancyLayout *layout = weftline_occupancy_view_layout (view_of (f));
  g_autofree char *figures = NULL;
  g_autofree char *begins = NULL;

  gtk_test_accessible_assert_role (GTK_ACCESSIBLE (f->view), GTK_ACCESSIBLE_ROLE_IMG);
  gtk_test_accessible_assert_property (GTK_ACCESSIBLE (f->view), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                       "Occupancy");
  finish (f);
  g_assert_cmpuint (layout->n_workers, >, 0);
  g_assert_cmpint (layout->t0_ns, ==, 0);
  g_assert_cmpint (layout->t1_ns, ==, weftline_session_snapshot (f->session)->last_ns);
  g_object_get (f->view, "figures", &figures, NULL);
  g_assert_cmpuint (layout->n_shown, ==, layout->n_workers);
  begins = g_strdup_printf ("%u worker", layout->n_workers);
  g_assert_true (g_str_has_prefix (figures, begins));
}

/* What is shown here and in the task stream is the same, whichever is moved. */
static void
test_shares_the_time (Fixture *f, const void *data G_GNUC_UNUSED)
{
  const WeftlineOccupancyLayout *layout = weftline_occupancy_view_layout (view_of (f));
  int64_t end_ns, from_ns, to_ns;

  finish (f);
  end_ns = layout->t1_ns;
  weftline_session_show (f->session, end_ns / 4, end_ns / 2);
  test_loop_until (layout->t1_ns == end_ns / 2);
  g_assert_cmpint (layout->t0_ns, ==, end_ns / 4);
  weftline_task_stream_get_range (WEFTLINE_TASK_STREAM (f->stream), &from_ns, &to_ns);
  g_assert_cmpint (from_ns, ==, end_ns / 4);
  g_assert_cmpint (to_ns, ==, end_ns / 2);
  g_assert_false (weftline_task_stream_get_follow (WEFTLINE_TASK_STREAM (f->stream)));
  weftline_session_select_range (f->session, end_ns / 8, end_ns / 6);
  weftline_task_stream_fit (WEFTLINE_TASK_STREAM (f->stream));
  test_loop_until (layout->t0_ns < end_ns / 4 && layout->t1_ns < end_ns / 2);
  weftline_task_stream_get_range (WEFTLINE_TASK_STREAM (f->stream), &from_ns, &to_ns);
  g_assert_cmpint (from_ns, ==, layout->t0_ns);
  g_assert_cmpint (to_ns, ==, layout->t1_ns);
  weftline_task_stream_set_follow (WEFTLINE_TASK_STREAM (f->stream), TRUE);
  test_loop_until (layout->t0_ns == 0 && layout->t1_ns == end_ns);
  weftline_task_stream_fit (WEFTLINE_TASK_STREAM (f->stream)); /* also while it follows */
  test_loop_until (layout->t0_ns > 0 && layout->t1_ns < end_ns / 2);
}

/* Of a single worker; which of them ran how much is chance. */
static const WeftlineOccupancyStrip *
busiest_strip (const WeftlineOccupancyLayout *layout)
{
  const WeftlineOccupancyStrip *busiest = NULL;
  int64_t most_ns = 0;

  for (guint i = 1; i < layout->strips->len; i++)
    {
      const WeftlineOccupancyStrip *strip =
          &g_array_index (layout->strips, WeftlineOccupancyStrip, i);
      int64_t ns = 0;

      for (int column = 0; column < layout->columns; column++)
        ns += strip->shares[column].ns[WEFTLINE_OCCUPANCY_RUNNING];
      if (ns > most_ns)
        busiest = strip;
      most_ns = MAX (ns, most_ns);
    }
  g_assert_nonnull (busiest);
  return busiest;
}

/* @left: where time begins */
static void
select_all (Fixture *f, int left)
{
  const WeftlineOccupancyLayout *layout = weftline_occupancy_view_layout (view_of (f));
  const WeftlineSelection *selection = weftline_session_selection (f->session);
  const WeftlineOccupancyStrip *strip;
  uint32_t of_strip = WEFT_NONE;
  WeftModel *model;
  unsigned n_found = 0;

  model = weftline_session_model (f->session);
  strip = busiest_strip (layout);
  for (int column = 0; column < layout->columns; column++)
    {
      const WeftSpan *span;
      WeftModelLane info;
      uint64_t index;
      uint32_t lane;

      weftline_occupancy_view_select (view_of (f), left + column, strip->y + 3);
      g_assert_cmpint (selection->task != WEFT_NONE, ==,
                       strip->shares[column].ns[WEFTLINE_OCCUPANCY_RUNNING] > 0);
      if (selection->task == WEFT_NONE)
        continue;
      n_found++;
      g_assert_true (weft_model_task_span (model, selection->task, &lane, &index));
      weft_model_lane (model, lane, &info);
      of_strip = of_strip == WEFT_NONE ? lane : of_strip;
      g_assert_cmpuint (lane, ==, of_strip);
      span = weft_spans_get (info.spans, index);
      g_assert_cmpint (span->start_ns, <,
                       weftline_occupancy_edge (layout->t0_ns, layout->t1_ns,
                                                (unsigned) layout->columns, (unsigned) column + 1));
      g_assert_cmpint (span->end_ns, >,
                       weftline_occupancy_edge (layout->t0_ns, layout->t1_ns,
                                                (unsigned) layout->columns, (unsigned) column));
    }
  g_assert_cmpuint (n_found, >, 0);
}

/* A click selects the task that ran there then. */
static void
test_selects (Fixture *f, const void *data G_GNUC_UNUSED)
{
  finish (f);
  select_all (f, weftline_occupancy_view_layout (view_of (f))->x);
}

/* Where text runs from right to left names stand on the right; time goes to the right as ever. */
static void
test_right_to_left (Fixture *f, const void *data G_GNUC_UNUSED)
{
  const WeftlineOccupancyLayout *layout = weftline_occupancy_view_layout (view_of (f));

  finish (f);
  gtk_widget_set_direction (f->view, GTK_TEXT_DIR_RTL);
  select_all (f, layout->width - layout->x - layout->columns);
}

/* ---- by itself ------------------------------------------------------------------------------- */

static void
open_view (ViewFixture *f, const void *data G_GNUC_UNUSED)
{
  view_fixture_open (f, example_run ("fork-join"), weftline_occupancy_view_new, 600, 300);
}

static void
close_view (ViewFixture *f, const void *data G_GNUC_UNUSED)
{
  view_fixture_close (f);
}

static const WeftlineOccupancyLayout *
layout_of (ViewFixture *f)
{
  return weftline_occupancy_view_layout (WEFTLINE_OCCUPANCY_VIEW (f->view));
}

/* All of it is shown, and drawn. */
static void
finish_view (ViewFixture *f)
{
  view_fixture_finish (f);
  test_loop_until (weftline_occupancy_view_is_current (WEFTLINE_OCCUPANCY_VIEW (f->view))
                   && layout_of (f)->t1_ns == weftline_session_snapshot (f->session)->last_ns);
  draw_view (f);
}

/* Before the start there is nothing to point at, nor to go to. */
static void
test_nothing (ViewFixture *f, const void *data G_GNUC_UNUSED)
{
  static const guint keys[] = { GDK_KEY_w, GDK_KEY_s, GDK_KEY_a,
                                GDK_KEY_d, GDK_KEY_f, GDK_KEY_Escape };

  assert_drawn_view (f->view, "Occupancy");
  draw_view (f);
  for (unsigned i = 0; i < G_N_ELEMENTS (keys); i++)
    g_assert_true (press (f->view, keys[i]));
  g_assert_false (press (f->view, GDK_KEY_x));
  point_at (f->view, 300, 120);
  click_at (f->view, 300, 120);
  g_assert_cmpuint (weftline_session_hover_task (f->session), ==, WEFT_NONE);
  g_assert_cmpuint (weftline_session_selection (f->session)->task, ==, WEFT_NONE);
  assert_goes_dark (f);
}

/* W and S are each other's inverse, as A and D are; F shows all again. Control and Alt are somebody
 * else's. */
static void
test_keys (ViewFixture *f, const void *data G_GNUC_UNUSED)
{
  int64_t from_ns, to_ns, end_ns;

  finish_view (f);
  end_ns = layout_of (f)->t1_ns;
  press (f->view, GDK_KEY_w);
  test_loop_until (layout_of (f)->t1_ns < end_ns);
  from_ns = layout_of (f)->t0_ns;
  to_ns = layout_of (f)->t1_ns;
  g_assert_cmpint (from_ns, >, 0);
  g_assert_false (press_with (f->view, GDK_KEY_a, GDK_CONTROL_MASK));
  press (f->view, GDK_KEY_a);
  test_loop_until (layout_of (f)->t0_ns < from_ns);
  g_assert_cmpint (layout_of (f)->t1_ns - layout_of (f)->t0_ns, ==, to_ns - from_ns);
  press (f->view, GDK_KEY_d);
  test_loop_until (ABS (layout_of (f)->t0_ns - from_ns) <= 1);
  press (f->view, GDK_KEY_f);
  test_loop_until (layout_of (f)->t0_ns == 0 && layout_of (f)->t1_ns == end_ns);
}

/* A place in a worker's strip where a task ran. Returns: whether there is one */
static bool
find_task (ViewFixture *f, double *x, double *y)
{
  for (*y = 1; *y < gtk_widget_get_height (f->view); *y += 4)
    for (*x = 1; *x < gtk_widget_get_width (f->view); *x += 2)
      {
        point_at (f->view, *x, *y);
        if (weftline_session_hover_task (f->session) != WEFT_NONE)
          return true;
      }
  return false;
}

static void
test_points_and_clicks (ViewFixture *f, const void *data G_GNUC_UNUSED)
{
  double x, y;
  uint32_t task;

  finish_view (f);
  g_assert_true (find_task (f, &x, &y));
  task = weftline_session_hover_task (f->session);
  g_assert_cmpuint (weftline_session_hover_group (f->session), ==,
                    weft_model_task_group (weftline_session_model (f->session), task));
  click_at (f->view, x, y);
  g_assert_cmpuint (weftline_session_selection (f->session)->task, ==, task);
  press (f->view, GDK_KEY_Escape);
  g_assert_cmpuint (weftline_session_selection (f->session)->task, ==, WEFT_NONE);
  point_nowhere (f->view);
  g_assert_cmpuint (weftline_session_hover_task (f->session), ==, WEFT_NONE);
  g_assert_cmpuint (weftline_session_hover_group (f->session), ==, WEFT_NONE);
}

/* The wheel zooms at the pointer; dragging moves in time, and selects nothing. */
static void
test_wheel_and_drag (ViewFixture *f, const void *data G_GNUC_UNUSED)
{
  int64_t from_ns, length_ns, at_ns;
  double x, y;

  finish_view (f);
  g_assert_true (find_task (f, &x, &y));
  at_ns = weftline_occupancy_at (layout_of (f), x);
  for (int i = 0; i < 4; i++)
    {
      length_ns = layout_of (f)->t1_ns - layout_of (f)->t0_ns;
      scroll (f->view, -1);
      test_loop_until (layout_of (f)->t1_ns - layout_of (f)->t0_ns < length_ns);
      g_assert_cmpint (ABS (weftline_occupancy_at (layout_of (f), x) - at_ns), <=, length_ns / 100);
    }
  from_ns = layout_of (f)->t0_ns;
  length_ns = layout_of (f)->t1_ns - from_ns;
  drag_by (f->view, x, y, -40, 0);
  click_at (f->view, x - 40, y);
  test_loop_until (layout_of (f)->t0_ns > from_ns);
  g_assert_cmpint (layout_of (f)->t1_ns - layout_of (f)->t0_ns, ==, length_ns);
  g_assert_cmpuint (weftline_session_selection (f->session)->task, ==, WEFT_NONE);
}

/* What is selected and looked at elsewhere is drawn here, light and dark. */
static void
test_looks (ViewFixture *f, const void *data G_GNUC_UNUSED)
{
  g_autoptr (GBytes) plain = NULL;

  finish_view (f);
  plain = picture_of (f);
  weftline_session_select_range (f->session, 0, layout_of (f)->t1_ns / 2);
  test_loop_until (has_changed (f, plain));
  weftline_session_select_nothing (f->session);
  test_loop_until (!has_changed (f, plain));
  weftline_session_set_time (f->session, layout_of (f)->t1_ns / 2);
  test_loop_until (has_changed (f, plain));
  weftline_session_set_time (f->session, WEFTLINE_NOW);
  test_loop_until (!has_changed (f, plain));
  assert_goes_dark (f);
}

#define ADD(behaviour, function)                                                            \
  g_test_add ("/weft/ui-occupancy/occupancy-view/" behaviour, ViewFixture, NULL, open_view, \
              function, close_view)

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  ADD ("nothing", test_nothing);
  ADD ("keys", test_keys);
  ADD ("points-and-clicks", test_points_and_clicks);
  ADD ("wheel-and-drag", test_wheel_and_drag);
  ADD ("looks", test_looks);
  g_test_add ("/weft/ui-occupancy/occupancy-view/run", Fixture, NULL, set_up, test_run, tear_down);
  g_test_add ("/weft/ui-occupancy/occupancy-view/selects", Fixture, NULL, set_up, test_selects,
              tear_down);
  g_test_add ("/weft/ui-occupancy/occupancy-view/right-to-left", Fixture, NULL, set_up,
              test_right_to_left, tear_down);
  g_test_add ("/weft/ui-occupancy/occupancy-view/shares-the-time", Fixture, NULL, set_up,
              test_shares_the_time, tear_down);
  return g_test_run ();
}
