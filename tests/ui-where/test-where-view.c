/* test-where-view.c: tests of where the time goes, as a widget
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "ui-app/view-fixture.h"

#include "session/weftline-turn.h"
#include "where/where-picture.h"
#include "where/where-view.h"
#include "where/where-words.h"

typedef struct
{
  WeftlineRun *run;
  WeftlineSession *session;
  GtkWidget *view;
} Fixture;

static void
set_up (Fixture *f, const void *data G_GNUC_UNUSED)
{
  f->run = example_run ("fork-join");
  f->session = weftline_session_new (f->run);
  f->view = g_object_ref_sink (weftline_where_view_new (f->session));
}

static void
tear_down (Fixture *f, const void *data G_GNUC_UNUSED)
{
  g_assert_finalize_object (f->view);
  test_assert_finalised (f->session);
  g_object_unref (f->run);
}

static void
finish (Fixture *f)
{
  run_to_the_end (f->run);
  test_loop_until (weftline_feed_state (weftline_run_feed (f->run)) >= WEFT_FEED_ENDED);
  weftline_session_update (f->session);
}

static void
test_before_the_start (Fixture *f, const void *data G_GNUC_UNUSED)
{
  g_assert_null (weftline_where_view_account (WEFTLINE_WHERE_VIEW (f->view)));
  gtk_test_accessible_assert_role (GTK_ACCESSIBLE (f->view), GTK_ACCESSIBLE_ROLE_IMG);
  gtk_test_accessible_assert_property (GTK_ACCESSIBLE (f->view), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                       "Where the time goes");
}

/* What is read out is what the account says. */
static void
test_summary (Fixture *f, const void *data G_GNUC_UNUSED)
{
  const WeftTimeAccount *account;
  g_autofree char *summary = NULL;
  WeftTimeRow total;

  finish (f);
  account = weftline_where_view_account (WEFTLINE_WHERE_VIEW (f->view));
  g_assert_nonnull (account);
  weft_time_account_total (account, &total);
  g_assert_cmpint (total.total_ns, ==,
                   weft_time_account_elapsed (account) * weft_time_account_n_rows (account));
  g_assert_cmpint (total.ns[WEFT_TIME_RUNNING], >, 0);
  summary = weftline_where_summary (account);
  g_assert_nonnull (strstr (summary, "running tasks"));
  gtk_test_accessible_assert_property (GTK_ACCESSIBLE (f->view),
                                       GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, summary);
}

/* While a run goes on it is another a few times a second, however often the run is looked at; at
 * the end it is what the run came to. On a busy machine it may be over before the first look. */
static void
test_refreshed (Fixture *f, const void *data G_GNUC_UNUSED)
{
  gint64 begin_us = g_get_monotonic_time (), end_us;
  int64_t before = 0;
  unsigned n_changes = 0, n_looks = 0;

  weftline_run_start (f->run);
  do
    {
      const WeftTimeAccount *account = weftline_where_view_account (WEFTLINE_WHERE_VIEW (f->view));
      int64_t now = account != NULL ? weft_time_account_elapsed (account) : 0;

      n_changes += now != before;
      before = now;
      test_loop_drain ();
      n_looks += weftline_session_update (f->session);
      end_us = g_get_monotonic_time ();
    }
  while (n_looks == 0 || (end_us < begin_us + G_USEC_PER_SEC && !weftline_run_is_over (f->run)));
  g_assert_cmpint (n_changes, <=, (end_us - begin_us) / WEFTLINE_TURN_REFRESH_US + 2);
  test_loop_until (weftline_run_is_over (f->run)
                   && weftline_feed_state (weftline_run_feed (f->run)) >= WEFT_FEED_ENDED);
  weftline_session_update (f->session);
  g_assert_cmpint (
      weft_time_account_elapsed (weftline_where_view_account (WEFTLINE_WHERE_VIEW (f->view))), >=,
      before);
}

static void
test_explanation (Fixture *f, const void *data G_GNUC_UNUSED)
{
  const WeftTimeAccount *account;
  WeftModel *model;

  finish (f);
  account = weftline_where_view_account (WEFTLINE_WHERE_VIEW (f->view));
  model = weftline_session_model (f->session);
  for (unsigned use = 0; use <= WEFT_TIME_N_USES; use++)
    {
      g_autofree char *all = weftline_where_explain (account, model, WEFT_NONE, use);
      g_autofree char *one = weftline_where_explain (account, model, 0, use);

      g_assert_nonnull (strstr (all, "all workers"));
      g_assert_nonnull (strstr (one, "worker 0"));
    }
}

/* What ran in that time, by each span there is. */
static int64_t
running_by_spans (WeftlineSession *session, int64_t from_ns, int64_t to_ns)
{
  WeftModel *model = weftline_session_model (session);
  const WeftModelSnapshot *snapshot = weftline_session_snapshot (session);
  int64_t ns = 0;

  for (uint32_t lane = 0; lane < snapshot->n_lanes; lane++)
    {
      WeftModelLane info;

      weft_model_lane (model, lane, &info);
      for (uint64_t i = 0; info.kind == WEFT_LANE_THREAD && i < weft_spans_n (info.spans); i++)
        {
          const WeftSpan *span = weft_spans_get (info.spans, i);

          if (span->kind == WEFT_RECORD_TASK && span->depth == 0)
            ns += MAX (MIN (span->end_ns, to_ns) - MAX (span->start_ns, from_ns), 0);
        }
    }
  return ns;
}

/* What is shown is of that time, to the nanosecond, and is all of it. */
static void
assert_shown (Fixture *f, int64_t from_ns, int64_t to_ns)
{
  WeftlineWhereView *view = WEFTLINE_WHERE_VIEW (f->view);
  const WeftTimeAccount *account;
  WeftTimeRow total;

  test_loop_until (!weftline_where_view_is_behind (view));
  account = weftline_where_view_account (view);
  weft_time_account_total (account, &total);
  g_assert_cmpint (total.ns[WEFT_TIME_RUNNING] + total.ns[WEFT_TIME_BLOCKED], ==,
                   running_by_spans (f->session, from_ns, to_ns));
  g_assert_cmpint (total.total_ns, ==,
                   weft_time_account_elapsed (account) * weft_time_account_n_rows (account));
}

/* It follows the moment, and the selected time as far as it had gone by then; and back again. */
static void
test_parts (Fixture *f, const void *data G_GNUC_UNUSED)
{
  int64_t end_ns, whole_ns;

  finish (f);
  end_ns = weftline_session_snapshot (f->session)->complete_ns;
  whole_ns = running_by_spans (f->session, 0, end_ns);
  for (int i = 0; i < 40; i++)
    {
      int64_t at_ns = (int64_t) (g_test_rand_double () * (double) end_ns);
      int64_t from_ns = (int64_t) (g_test_rand_double () * (double) end_ns);
      int64_t to_ns = from_ns + 1 + (int64_t) (g_test_rand_double () * (double) (end_ns - from_ns));

      weftline_session_set_time (f->session, at_ns);
      assert_shown (f, 0, at_ns);
      weftline_session_select_range (f->session, from_ns, to_ns);
      assert_shown (f, from_ns, MIN (to_ns, at_ns));
      weftline_session_set_time (f->session, WEFTLINE_NOW);
      assert_shown (f, from_ns, to_ns);
      weftline_session_select_nothing (f->session);
      assert_shown (f, 0, end_ns);
    }
  g_assert_cmpint (whole_ns, >, 0);
}

/* While somebody drags, the last moment that was asked for is the one that is shown in the end. */
static void
test_dragged (Fixture *f, const void *data G_GNUC_UNUSED)
{
  int64_t end_ns;

  finish (f);
  end_ns = weftline_session_snapshot (f->session)->complete_ns;
  for (int i = 1; i <= 300; i++)
    {
      weftline_session_set_time (f->session, end_ns * i / 400);
      if (i % 50 == 0)
        test_loop_drain ();
    }
  assert_shown (f, 0, end_ns * 300 / 400);
  weftline_session_set_time (f->session, 1);
  weftline_session_set_time (f->session, WEFTLINE_NOW);
  assert_shown (f, 0, end_ns);
}

/* It can be drawn at any time, and a run that rests changes nothing. */
static void
test_drawn (Fixture *f, const void *data G_GNUC_UNUSED)
{
  GtkWidget *window = gtk_window_new ();
  g_autoptr (GdkPaintable) paintable = gtk_widget_paintable_new (f->view);

  gtk_window_set_child (GTK_WINDOW (window), f->view);
  gtk_window_set_default_size (GTK_WINDOW (window), 320, 260);
  gtk_window_present (GTK_WINDOW (window));
  finish (f);
  test_loop_until (gdk_paintable_get_intrinsic_width (paintable) > 0);
  g_assert_cmpint (gdk_paintable_get_intrinsic_height (paintable), >, 100);
  g_assert_false (weftline_session_update (f->session));
  gtk_window_set_child (GTK_WINDOW (window), NULL);
  gtk_window_destroy (GTK_WINDOW (window));
}

static bool
is_captioned (GtkWidget *view, const char *words)
{
  g_autofree char *caption = weftline_where_view_dup_caption (WEFTLINE_WHERE_VIEW (view));

  return caption != NULL && strstr (caption, words) != NULL;
}

/* Of workers that are not seen in whole it is said that there are more. */
static void
test_n_of_m (Fixture *f, const void *data G_GNUC_UNUSED)
{
  GtkWidget *window = gtk_window_new ();
  g_autofree char *caption = NULL;

  gtk_window_set_child (GTK_WINDOW (window), f->view);
  gtk_window_set_default_size (GTK_WINDOW (window), 320, 600);
  gtk_window_present (GTK_WINDOW (window));
  weftline_run_set_workers (f->run, 9);
  finish (f);
  test_loop_until (gtk_widget_get_height (f->view) == 600);
  gtk_window_set_default_size (GTK_WINDOW (window), 320, 260);
  test_loop_until (is_captioned (f->view, " of 9 workers, all "));
  caption = weftline_where_view_dup_caption (WEFTLINE_WHERE_VIEW (f->view));
  g_assert_cmpint (atoi (caption), <, 9);
  gtk_window_set_default_size (GTK_WINDOW (window), 320, 600);
  test_loop_until (!is_captioned (f->view, " of 9 ") && is_captioned (f->view, "9 workers, "));
  gtk_window_set_child (GTK_WINDOW (window), NULL);
  gtk_window_destroy (GTK_WINDOW (window));
}

/* Without a window it is the same picture. */
static void
test_picture (Fixture *f, const void *data G_GNUC_UNUSED)
{
  const WeftlinePalette *palette = weftline_palette (WEFTLINE_PALETTE_SAFE, false);
  WeftlineTextCache *text = weftline_text_cache_new ("Sans 10", 1);
  WeftModel *model;
  int height;
  cairo_surface_t *surface;
  cairo_t *cr;

  finish (f);
  model = weftline_session_model (f->session);
  height = weftline_where_picture_height (model, weftline_session_snapshot (f->session),
                                          (WeftlineWherePart){ .is_part = false }, 300);
  g_assert_cmpint (height, >, 100);
  surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, 300, height);
  cr = cairo_create (surface);
  weftline_where_picture (model, weftline_session_snapshot (f->session),
                          (WeftlineWherePart){ .is_part = false }, palette, text, false, cr, 300,
                          height);
  g_assert_cmpint (cairo_status (cr), ==, CAIRO_STATUS_SUCCESS);
  cairo_destroy (cr);
  cairo_surface_flush (surface);
  /* the first bar begins with what ran */
  g_assert_cmphex (*(uint32_t *) (void *) cairo_image_surface_get_data (surface) & 0xffffff, ==,
                   palette->slots[0]);
  cairo_surface_destroy (surface);
  weftline_text_cache_free (text);
}

#define ADD(behaviour, function) \
  g_test_add ("/weft/ui-where/where-view/" behaviour, Fixture, NULL, set_up, function, tear_down)

/* ---- in a window ----------------------------------------------------------------------------- */

/* One task that all wait for, in the time of which a worker has nothing to do. */
static const char tasks[] =
    "\"load\": {\"op\": \"sleep\", \"args\": [0.03, 1]},"
    "\"part-0\": {\"op\": \"sleep\", \"args\": [0.01, {\"ref\": \"load\"}]},"
    "\"part-1\": {\"op\": \"sleep\", \"args\": [0.01, {\"ref\": \"load\"}]},"
    "\"part-2\": {\"op\": \"sleep\", \"args\": [0.01, {\"ref\": \"load\"}]}";

static void
open_view (ViewFixture *f, const void *data G_GNUC_UNUSED)
{
  view_fixture_open (f, run_of_tasks (tasks, 2), weftline_where_view_new, 320, 160);
}

static void
close_view (ViewFixture *f, const void *data G_GNUC_UNUSED)
{
  view_fixture_close (f);
}

static uint32_t
selected (ViewFixture *f)
{
  return weftline_session_selection (f->session)->task;
}

/* Nothing is told before there is anything, and nothing can be done. */
static void
test_nothing (ViewFixture *f, const void *data G_GNUC_UNUSED)
{
  assert_drawn_view (f->view, "Where the time goes");
  draw_view (f);
  point_at (f->view, 100, 40);
  click_at (f->view, 100, 40);
  press (f->view, GDK_KEY_Return);
  g_assert_false (press (f->view, GDK_KEY_x));
  g_assert_cmpuint (selected (f), ==, WEFT_NONE);
  assert_goes_dark (f);
}

/* Whether the second worker came in time to wait for what the first one ran. */
static bool
has_waited (ViewFixture *f)
{
  const WeftTimeAccount *account = weftline_where_view_account (WEFTLINE_WHERE_VIEW (f->view));
  WeftTimeAwaited awaited;

  return account != NULL && weft_time_account_awaited (account, WEFT_NONE, &awaited, 1) > 0;
}

/* Return, and a click where no task was ready, select what was awaited; elsewhere a click selects
 * nothing. */
static void
test_selects (ViewFixture *f, const void *data)
{
  uint32_t load;
  unsigned n_other = 0;

  view_fixture_finish (f);
  for (int i = 0; !has_waited (f); i++)
    {
      g_assert_cmpint (i, <, 20);
      close_view (f, data);
      open_view (f, data);
      view_fixture_finish (f);
    }
  load = weft_model_find_key (weftline_session_model (f->session), "load");
  g_assert_true (press (f->view, GDK_KEY_Return));
  g_assert_cmpuint (selected (f), ==, load);
  weftline_session_select_nothing (f->session);
  for (double y = 2; y < gtk_widget_get_height (f->view) && selected (f) == WEFT_NONE; y += 4)
    for (double x = 2; x < gtk_widget_get_width (f->view) && selected (f) == WEFT_NONE; x += 4)
      {
        click_at (f->view, x, y);
        n_other += selected (f) == WEFT_NONE;
      }
  g_assert_cmpuint (selected (f), ==, load);
  g_assert_cmpuint (n_other, >, 10);
}

/* What the pointer is on is lit, and not any more when it is gone; lines scroll by wheel and keys,
 * and back. */
static void
test_pointer_and_wheel (ViewFixture *f, const void *data G_GNUC_UNUSED)
{
  g_autoptr (GBytes) plain = NULL;

  view_fixture_finish (f);
  plain = picture_of (f);
  point_at (f->view, 60, WEFTLINE_WHERE_TOP + WEFTLINE_WHERE_ENTRY / 2);
  test_loop_until (has_changed (f, plain));
  point_nowhere (f->view);
  test_loop_until (!has_changed (f, plain));
  scroll (f->view, 1);
  test_loop_until (has_changed (f, plain));
  g_assert_true (press (f->view, GDK_KEY_Up));
  test_loop_until (!has_changed (f, plain));
  g_assert_true (press (f->view, GDK_KEY_Page_Down));
  test_loop_until (has_changed (f, plain));
  g_assert_true (press (f->view, GDK_KEY_Page_Up));
  test_loop_until (!has_changed (f, plain));
}

static void
test_looks (ViewFixture *f, const void *data G_GNUC_UNUSED)
{
  view_fixture_finish (f);
  assert_goes_dark (f);
}

#define ADD_IN_WINDOW(behaviour, function)                                                    \
  g_test_add ("/weft/ui-where/where-view/" behaviour, ViewFixture, NULL, open_view, function, \
              close_view)

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  ADD_IN_WINDOW ("nothing", test_nothing);
  ADD_IN_WINDOW ("selects", test_selects);
  ADD_IN_WINDOW ("pointer-and-wheel", test_pointer_and_wheel);
  ADD_IN_WINDOW ("looks", test_looks);
  ADD ("before-the-start", test_before_the_start);
  ADD ("summary", test_summary);
  ADD ("refreshed", test_refreshed);
  ADD ("explanation", test_explanation);
  ADD ("parts", test_parts);
  ADD ("dragged", test_dragged);
  ADD ("n-of-m", test_n_of_m);
  ADD ("drawn", test_drawn);
  ADD ("picture", test_picture);
  return g_test_run ();
}
