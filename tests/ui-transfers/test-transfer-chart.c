/* test-transfer-chart.c: the picture of transfers by itself
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "../ui-app/view-fixture.h"

#include "transfers/transfer-chart.h"

/* It says that there is nothing before there is anything, and answers no key or click then. */
static void
test_alone (void)
{
  ViewFixture f;
  WeftlineTransferChart *chart;

  view_fixture_open (&f, example_run ("fork-join"), weftline_transfer_chart_new, 300, 200);
  chart = WEFTLINE_TRANSFER_CHART (f.view);
  assert_drawn_view (f.view, "Transfers");
  g_assert_true (is_described (f.view, "No transfers"));
  draw_view (&f);
  g_assert_cmpuint (weftline_transfer_chart_layout (chart)->n_rows, ==, 0);
  point_at (f.view, 20, 20);
  click_at (f.view, 20, 20);
  scroll (f.view, 1);
  g_assert_false (press (f.view, GDK_KEY_Down));
  g_assert_cmpuint (weftline_session_selection (f.session)->task, ==, WEFT_NONE);
  weftline_transfer_chart_set_measure (chart, WEFTLINE_TRANSFER_BY_RATE);
  assert_goes_dark (&f);
  view_fixture_finish (&f);
  test_loop_until (!weftline_transfer_chart_is_busy (chart));
  g_assert_cmpuint (weftline_transfer_chart_matrix (chart)->total.n, ==, 0);
  view_fixture_close (&f);
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  test_add ("ui-transfers", "transfer-chart", "alone", test_alone);
  return g_test_run ();
}
