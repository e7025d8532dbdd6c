/* test-workers-view.c: tests of workers as a widget
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "../ui-app/view-fixture.h"

#include "session/weftline-run-file.h"
#include "trace/weft-recorder.h"
#include "workers/workers-view.h"

#define MS UINT64_C (1000000)
#define N_WORKERS 40
#define GONE 7

/* ---- a run file of a cluster ----------------------------------------------------------------- */

static uint64_t
clock_cb (void *data)
{
  return *(uint64_t *) data;
}

static void
add_record (WeftLane *lane, WeftRecordKind kind, uint8_t how, uint32_t what, uint64_t start,
            uint64_t duration, uint64_t amount)
{
  weft_record_set (weft_lane_next (lane), (uint8_t) kind, 0, how, what, 0, start, duration, amount);
  weft_lane_publish (lane);
}

/* Worker i keeps i tenths of a core busy, and ran i tasks. */
static void
record_worker (WeftRecorder *recorder, uint32_t i)
{
  g_autofree char *name = g_strdup_printf ("node-%u", i);
  WeftLane *process =
      weft_recorder_add_lane (recorder, &(WeftLaneInfo){ .kind = WEFT_LANE_PROCESS,
                                                         .parent_lane = WEFT_NONE,
                                                         .worker = i,
                                                         .n_threads = 2,
                                                         .memory_limit_bytes = 4000000000,
                                                         .best_effort = true,
                                                         .name = name });
  WeftLane *thread = weft_recorder_add_lane (recorder, &(WeftLaneInfo){ .kind = WEFT_LANE_THREAD,
                                                                        .parent_lane = 1 + 2 * i,
                                                                        .worker = i,
                                                                        .best_effort = true,
                                                                        .name = name });
  uint32_t cpu = weft_recorder_series (recorder, 1 + 2 * i, "cpu", "cores", 0.1);

  add_record (process, WEFT_RECORD_MEMORY, 0, WEFT_MEMORY_RESIDENT, 10 * MS, 0,
              100000000 * (i + 1));
  add_record (process, WEFT_RECORD_COUNTER, 0, cpu, 20 * MS, 0, i);
  for (uint32_t k = 0; k < i; k++)
    add_record (thread, WEFT_RECORD_TASK, WEFT_HOW_FOREIGN, WEFT_NONE, (30 + 2 * k) * MS, MS, 0);
  if (i == GONE)
    add_record (process, WEFT_RECORD_WORKER_LOST, 0, 0, 90 * MS, 0, 0);
}

/* (transfer full) */
static WeftlineRun *
cluster_run (const TestDir *dir)
{
  g_autofree char *path = g_build_filename (dir, "cluster.weft", NULL);
  g_autoptr (GError) error = NULL;
  uint64_t now = 0;
  WeftRecorder *recorder = weft_recorder_new (
      &(WeftRecorderOptions){ .path = path, .clock = clock_cb, .clock_data = &now }, &error);
  WeftlineRun *run;
  WeftRecord phase;

  g_assert_no_error (error);
  weft_record_set (&phase, WEFT_RECORD_RUN_STATE, 0, WEFT_RUN_RUNNING, 0, 0, 0, 0, 0);
  weft_recorder_note (recorder, &phase);
  for (uint32_t i = 0; i < N_WORKERS; i++)
    record_worker (recorder, i);
  weft_record_set (&phase, WEFT_RECORD_RUN_STATE, 0, WEFT_RUN_DONE, 0, 0, 200 * MS, 0, 0);
  weft_recorder_note (recorder, &phase);
  now = 200 * MS;
  weft_recorder_close (recorder, NULL, &error);
  g_assert_no_error (error);
  weft_recorder_free (recorder);
  run = weftline_run_file_new (path, &error);
  g_assert_no_error (error);
  return run;
}

static WeftlineWorkersView *
view_of (ViewFixture *f)
{
  return WEFTLINE_WORKERS_VIEW (f->view);
}

static void
open_view (ViewFixture *f, const void *data G_GNUC_UNUSED)
{
  TestDir *dir = test_dir_new ();

  view_fixture_open_in (f, dir, cluster_run (dir), weftline_workers_view_new, 900, 300);
  test_loop_until (weftline_feed_state (weftline_run_feed (f->run)) >= WEFT_FEED_ENDED);
  weftline_session_update (f->session);
  draw_view (f);
}

static void
close_view (ViewFixture *f, const void *data G_GNUC_UNUSED)
{
  view_fixture_close (f);
}

static const WeftlineWorker *
worker_in_row (ViewFixture *f, uint32_t row)
{
  const WeftlineWorkersSource *source = weftline_workers_view_source (view_of (f));

  return weftline_workers_source_get (source, g_array_index (source->order, uint32_t, row));
}

/* ---- tests ----------------------------------------------------------------------------------- */

/* What is drawn is told: how many, in which state, the sums, and who is gone. */
static void
test_told (ViewFixture *f, const void *data G_GNUC_UNUSED)
{
  g_autofree char *figures = NULL;

  assert_drawn_view (f->view, "Workers");
  g_assert_true (is_described (f->view, "40 workers: 39 idle, 1 gone; "));
  g_assert_true (is_described (f->view, "Done: 780"));
  g_assert_true (is_described (f->view, "node-7: gone since "));
  g_assert_true (is_described (f->view, "Sorted by Worker"));
  g_object_get (f->view, "figures", &figures, NULL);
  g_assert_nonnull (strstr (figures, " of 40 workers, 1 gone"));
  g_assert_cmpuint (weftline_workers_view_layout (view_of (f))->n_shown, <, N_WORKERS);
}

/* By keys and by a click on a title, one way and the other. */
static void
test_sorts (ViewFixture *f, const void *data G_GNUC_UNUSED)
{
  const WeftlineWorkersLayout *layout = weftline_workers_view_layout (view_of (f));

  g_assert_cmpuint (worker_in_row (f, 0)->worker, ==, 0);
  g_assert_true (press (f->view, GDK_KEY_space));
  g_assert_cmpuint (worker_in_row (f, 0)->worker, ==, N_WORKERS - 1);
  g_assert_true (is_described (f->view, "Sorted by Worker, descending"));
  for (unsigned i = 0; i < layout->n_columns; i++)
    if (layout->places[i].column == WEFTLINE_WORKERS_CPU)
      {
        click_at (f->view, layout->places[i].x + 2, 5);
        g_assert_cmpuint (worker_in_row (f, 0)->worker, ==, N_WORKERS - 1);
        click_at (f->view, layout->places[i].x + 2, 5);
        g_assert_cmpuint (worker_in_row (f, 0)->worker, ==, 0);
      }
  g_assert_true (is_described (f->view, "Sorted by CPU"));
  g_assert_cmpuint (worker_in_row (f, N_WORKERS - 1)->worker, ==,
                    GONE); /* of whom nothing is known */
  for (int i = 0; i < 20; i++)
    press (f->view, GDK_KEY_Left);
  g_assert_true (is_described (f->view, "Sorted by Worker"));
}

/* From row to row with the keys: the row is told, brought into sight, and drawn. */
static void
test_selects (ViewFixture *f, const void *data G_GNUC_UNUSED)
{
  const WeftlineWorkersLayout *layout = weftline_workers_view_layout (view_of (f));
  g_autoptr (GBytes) plain = picture_of (f);

  g_assert_true (press (f->view, GDK_KEY_Down));
  g_assert_cmpuint (weftline_workers_view_selected (view_of (f)), ==, 0);
  g_assert_true (is_described (f->view, "node-0 · idle\n"));
  test_loop_until (has_changed (f, plain));
  g_assert_true (press (f->view, GDK_KEY_End));
  g_assert_cmpuint (weftline_workers_view_selected (view_of (f)), ==, N_WORKERS - 1);
  g_assert_cmpuint (layout->first + layout->n_shown, ==, N_WORKERS);
  scroll (f->view, -1);
  g_assert_cmpuint (layout->first + layout->n_shown, <, N_WORKERS);
  g_assert_true (press (f->view, GDK_KEY_Home));
  g_assert_cmpuint (layout->first, ==, 0);
  click_at (f->view, 20, layout->rows_y + 2 * WEFTLINE_WORKERS_ROW + 3);
  g_assert_cmpuint (weftline_workers_view_selected (view_of (f)), ==, 2);
  g_assert_false (press (f->view, GDK_KEY_x));
}

/* At a moment of the past nobody had gone, and less was done. */
static void
test_moment (ViewFixture *f, const void *data G_GNUC_UNUSED)
{
  const WeftlineWorkersSource *source = weftline_workers_view_source (view_of (f));

  weftline_session_set_time (f->session, 60 * (int64_t) MS);
  g_assert_cmpuint (source->n_states[WEFTLINE_WORKER_GONE], ==, 0);
  g_assert_cmpfloat (source->total.values[WEFTLINE_WORKERS_DONE], <, 780);
  g_assert_cmpfloat (source->total.values[WEFTLINE_WORKERS_DONE], >, 0);
  g_assert_true (is_described (f->view, "as of"));
  weftline_session_set_time (f->session, 15 * (int64_t) MS);
  g_assert_cmpfloat (source->total.values[WEFTLINE_WORKERS_CPU], <, 0); /* nothing was measured */
  test_loop_until (!weftline_session_is_rewinding (f->session));
  weftline_session_set_time (f->session, WEFTLINE_NOW);
  g_assert_cmpfloat (source->total.values[WEFTLINE_WORKERS_DONE], ==, 780);
}

static void
test_looks (ViewFixture *f, const void *data G_GNUC_UNUSED)
{
  g_autoptr (GBytes) plain = picture_of (f);

  assert_goes_dark (f);
  point_at (f->view, 60, 120);
  test_loop_until (has_changed (f, plain));
  point_nowhere (f->view);
  test_loop_until (!has_changed (f, plain));
}

/* ---- its layout ------------------------------------------------------------------------------ */

/* Is offered for runs that have workers, and for no others; the wish is kept. */
static void
test_offered (void)
{
  g_autoptr (TestDir) dir = test_dir_new ();
  WeftlineRun *cluster = cluster_run (dir), *embedded = example_run ("loop");
  WeftlineLayoutKind kind;
  RunPage p;

  g_assert_true (weftline_layout_kinds_find ("cluster", &kind));
  run_page_open (&p, cluster);
  g_settings_set_string (p.settings, "layout", "cluster");
  test_loop_until (weftline_feed_state (weftline_run_feed (cluster)) >= WEFT_FEED_ENDED);
  weftline_session_update (p.session);
  g_assert_true (weftline_run_page_offers (p.page, &kind));
  g_assert_cmpstr (weftline_run_page_layout (p.page), ==, "cluster");
  g_object_ref (cluster);
  gtk_window_destroy (GTK_WINDOW (p.window));
  g_object_unref (p.settings);
  g_object_unref (cluster);
  run_page_open (&p, embedded);
  g_assert_false (weftline_run_page_offers (p.page, &kind));
  g_assert_cmpstr (weftline_run_page_layout (p.page), ==, "status");
  g_settings_reset (p.settings, "layout");
  run_page_close (&p, embedded);
}

#define ADD(behaviour, function)                                                                  \
  g_test_add ("/weft/ui-workers/workers-view/" behaviour, ViewFixture, NULL, open_view, function, \
              close_view)

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  ADD ("told", test_told);
  ADD ("sorts", test_sorts);
  ADD ("selects", test_selects);
  ADD ("moment", test_moment);
  ADD ("looks", test_looks);
  test_add ("ui-workers", "workers-view", "offered", test_offered);
  return g_test_run ();
}
