/* test-transfer-view.c: transfers as a widget
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "../ui-app/view-fixture.h"

#include "transfer-fixture.h"

#include "session/weftline-run-file.h"
#include "transfers/transfer-view.h"
#include "transfers/transfer-words.h"

static const MadeRun made = { 4, 0, 400, 3, 21 };

static void
open_made (ViewFixture *f, const MadeRun *run)
{
  TestDir *dir = test_dir_new ();
  g_autofree char *path = g_build_filename (dir, "made.weft", NULL);
  g_autoptr (GError) error = NULL;
  WeftlineRun *file;

  made_run_write (path, run, NULL);
  file = weftline_run_file_new (path, &error);
  g_assert_no_error (error);
  view_fixture_open_in (f, dir, file, weftline_transfer_view_new, 620, 460);
  session_to_the_end (f->session);
}

static WeftlineTransferChart *
chart_of (ViewFixture *f)
{
  return weftline_transfer_view_chart (WEFTLINE_TRANSFER_VIEW (f->view));
}

static const WeftlineTransferMatrix *
matrix_of (ViewFixture *f)
{
  test_loop_until (!weftline_transfer_chart_is_busy (chart_of (f)));
  return weftline_transfer_chart_matrix (chart_of (f));
}

static void
open_view (ViewFixture *f, const void *data G_GNUC_UNUSED)
{
  open_made (f, &made);
}

static void
close_view (ViewFixture *f, const void *data G_GNUC_UNUSED)
{
  view_fixture_close (f);
}

/* All are counted, and it is told to those who do not see it. */
static void
test_told (ViewFixture *f, const void *data G_GNUC_UNUSED)
{
  const WeftlineTransferMatrix *matrix = matrix_of (f);
  g_autofree char *summary = weftline_transfer_summary (matrix);
  g_autofree char *figures = NULL;

  g_assert_cmpuint (matrix->total.n, ==, made.n_transfers);
  assert_drawn_view (GTK_WIDGET (chart_of (f)), "Transfers");
  gtk_test_accessible_assert_role (GTK_ACCESSIBLE (f->view), GTK_ACCESSIBLE_ROLE_GROUP);
  gtk_test_accessible_assert_property (GTK_ACCESSIBLE (chart_of (f)),
                                       GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, summary);
  g_object_get (f->view, "figures", &figures, NULL);
  g_assert_nonnull (strstr (figures, "400 transfers"));
}

/* It goes with the moment and the selected time. */
static void
test_times (ViewFixture *f, const void *data G_GNUC_UNUSED)
{
  int64_t end_ns = weftline_session_snapshot (f->session)->complete_ns;
  uint64_t n_before, n_after;

  weftline_session_set_time (f->session, end_ns / 2);
  n_before = matrix_of (f)->total.n;
  g_assert_cmpuint (n_before, >, 0);
  g_assert_cmpuint (n_before, <, made.n_transfers);
  g_assert_true (is_described (GTK_WIDGET (chart_of (f)), "as of"));
  weftline_session_set_time (f->session, WEFTLINE_NOW);
  weftline_session_select_range (f->session, end_ns / 2 + 1, end_ns + 1);
  n_after = matrix_of (f)->total.n;
  g_assert_cmpuint (n_before + n_after, ==, made.n_transfers);
  weftline_session_select_nothing (f->session);
  g_assert_cmpuint (matrix_of (f)->total.n, ==, made.n_transfers);
}

static GBytes *
chart_picture (ViewFixture *f)
{
  return widget_picture (f->dir, GTK_WIDGET (chart_of (f)));
}

/* The switch is another picture. */
static void
test_switch (ViewFixture *f, const void *data G_GNUC_UNUSED)
{
  WeftlineTransferView *view = WEFTLINE_TRANSFER_VIEW (f->view);
  g_autoptr (GBytes) bytes = NULL;

  matrix_of (f);
  test_loop_drain ();
  bytes = chart_picture (f);
  g_assert_cmpuint (weftline_transfer_view_get_measure (view), ==, WEFTLINE_TRANSFER_BY_BYTES);
  weftline_transfer_view_set_measure (view, WEFTLINE_TRANSFER_BY_RATE);
  test_loop_until (widget_has_changed (f->dir, GTK_WIDGET (chart_of (f)), bytes));
  weftline_transfer_view_set_measure (view, WEFTLINE_TRANSFER_BY_BYTES);
  test_loop_until (!widget_has_changed (f->dir, GTK_WIDGET (chart_of (f)), bytes));
}

/* A cell selects the task of its longest transfer, a bar its group; keys do the same. */
static void
test_selects (ViewFixture *f, const void *data G_GNUC_UNUSED)
{
  const WeftlineTransferMatrix *matrix = matrix_of (f);
  GtkWidget *chart = GTK_WIDGET (chart_of (f));
  const WeftlineTransferLayout *layout = weftline_transfer_chart_layout (chart_of (f));
  const WeftlineTransferLine *line;

  test_loop_until (layout->n_rows == matrix->n_places);
  click_at (chart, layout->x + 1.5 * layout->cell_width, layout->y + 2);
  g_assert_cmpuint (weftline_session_selection (f->session)->task, ==,
                    matrix->cells[1].longest_task);
  weftline_session_select_nothing (f->session);
  press (chart, GDK_KEY_Down);
  press (chart, GDK_KEY_Right);
  press (chart, GDK_KEY_Return);
  g_assert_cmpuint (weftline_session_selection (f->session)->task, ==,
                    matrix->cells[1].longest_task);
  g_assert_false (press (chart, GDK_KEY_x));
  g_assert_cmpuint (layout->lines->len, >, 0);
  line = &g_array_index (layout->lines, WeftlineTransferLine, 0);
  click_at (chart, layout->bar_x + 4, line->y + 4);
  g_assert_cmpuint (weftline_session_selection (f->session)->group, ==, matrix->types[0].group);
}

static void
test_pointer (ViewFixture *f, const void *data G_GNUC_UNUSED)
{
  GtkWidget *chart = GTK_WIDGET (chart_of (f));
  const WeftlineTransferLayout *layout = weftline_transfer_chart_layout (chart_of (f));
  g_autoptr (GBytes) plain = NULL;

  matrix_of (f);
  test_loop_until (layout->n_rows > 0);
  test_loop_drain ();
  plain = chart_picture (f);
  point_at (chart, layout->x + 4, layout->y + 4);
  test_loop_until (widget_has_changed (f->dir, chart, plain));
  point_nowhere (chart);
  test_loop_until (!widget_has_changed (f->dir, chart, plain));
}

static void
test_looks (ViewFixture *f, const void *data G_GNUC_UNUSED)
{
  matrix_of (f);
  test_loop_drain ();
  assert_goes_dark (f);
  assert_has_palettes (f);
}

/* Of a run without any it says what would be seen. */
static void
test_nothing (void)
{
  static const MadeRun none = { 2, 0, 0, 0, 1 };
  g_autofree char *figures = NULL;
  ViewFixture f;

  open_made (&f, &none);
  g_assert_cmpuint (matrix_of (&f)->total.n, ==, 0);
  g_assert_true (is_described (GTK_WIDGET (chart_of (&f)), "No transfers"));
  g_object_get (f.view, "figures", &figures, NULL);
  g_assert_null (figures);
  click_at (GTK_WIDGET (chart_of (&f)), 100, 100);
  g_assert_false (press (GTK_WIDGET (chart_of (&f)), GDK_KEY_Down));
  view_fixture_close (&f);
}

/* Before the start there is nothing; while it goes on it is asked for a few times a second. */
static void
test_own_run (void)
{
  ViewFixture f;

  view_fixture_open (&f, example_run ("fork-join"), weftline_transfer_view_new, 400, 300);
  g_assert_null (weftline_transfer_chart_matrix (chart_of (&f)));
  run_to_the_end (f.run);
  session_to_the_end (f.session);
  g_assert_cmpuint (matrix_of (&f)->total.n, ==, 0);
  g_assert_cmpuint (matrix_of (&f)->n_workers, >, 0);
  view_fixture_close (&f);
}

#define ADD(behaviour, function)                                                           \
  g_test_add ("/weft/ui-transfers/transfer-view/" behaviour, ViewFixture, NULL, open_view, \
              function, close_view)

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  ADD ("told", test_told);
  ADD ("times", test_times);
  ADD ("switch", test_switch);
  ADD ("selects", test_selects);
  ADD ("pointer", test_pointer);
  ADD ("looks", test_looks);
  test_add ("ui-transfers", "transfer-view", "nothing", test_nothing);
  test_add ("ui-transfers", "transfer-view", "own-run", test_own_run);
  return g_test_run ();
}
