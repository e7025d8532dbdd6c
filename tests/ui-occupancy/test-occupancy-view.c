/* test-occupancy-view.c: tests of what workers did over time, as a widget
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "../ui-app/ui-fixture.h"
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
  begins = g_strdup_printf ("%u of %u worker", layout->n_shown, layout->n_workers);
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

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  g_test_add ("/weft/ui-occupancy/occupancy-view/run", Fixture, NULL, set_up, test_run, tear_down);
  g_test_add ("/weft/ui-occupancy/occupancy-view/selects", Fixture, NULL, set_up, test_selects,
              tear_down);
  g_test_add ("/weft/ui-occupancy/occupancy-view/right-to-left", Fixture, NULL, set_up,
              test_right_to_left, tear_down);
  g_test_add ("/weft/ui-occupancy/occupancy-view/shares-the-time", Fixture, NULL, set_up,
              test_shares_the_time, tear_down);
  return g_test_run ();
}
