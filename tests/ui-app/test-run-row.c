/* test-run-row.c: tests of a run in the sidebar
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "test-objects.h"
#include "ui-fixture.h"

#include "app/weftline-run-row.h"
#include "session/weftline-run-served.h"

#include <adwaita.h>

static void
count_cb (GtkWidget *row G_GNUC_UNUSED, unsigned *n)
{
  (*n)++;
}

static void
test_row (void)
{
  WeftlineRun *run = example_run ("loop");
  WeftlineSession *session = weftline_session_new (run);
  GtkWidget *row = g_object_ref_sink (weftline_run_row_new (session));
  unsigned n_closed = 0;

  g_signal_connect (row, "close-run", G_CALLBACK (count_cb), &n_closed);
  g_assert_nonnull (find_widget (row, has_text, weftline_run_name (run)));
  g_assert_nonnull (find_widget (row, has_text, "ready"));
  gtk_test_accessible_assert_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                       "A parallel loop, ready");
  run_to_the_end (run);
  g_assert_null (find_widget (row, has_text, "ready"));
  gtk_test_accessible_assert_role (row, GTK_ACCESSIBLE_ROLE_LIST_ITEM);
  g_assert_true (weftline_run_row_run (WEFTLINE_RUN_ROW (row)) == run);
  gtk_test_accessible_assert_property (
      find_widget (row, has_type, GSIZE_TO_POINTER (GTK_TYPE_BUTTON)),
      GTK_ACCESSIBLE_PROPERTY_LABEL, "Remove From List");
  g_signal_emit_by_name (find_widget (row, has_type, GSIZE_TO_POINTER (GTK_TYPE_BUTTON)),
                         "clicked");
  g_assert_cmpuint (n_closed, ==, 1);
  g_assert_finalize_object (row);
  g_assert_finalize_object (session);
  g_object_unref (run);
}

/* What goes on elsewhere and has nothing to do is idle: before its first task, between others. */
static void
test_idle (void)
{
  static const struct
  {
    uint64_t n_tasks, n_done, n_running;
    const char *state;
  } all[] = { { 0, 0, 0, "idle" },
              { 3, 3, 0, "idle" },
              { 3, 2, 0, "running · 67 %" },
              { 4, 1, 1, "running · 25 %" } };

  for (unsigned i = 0; i < G_N_ELEMENTS (all); i++)
    {
      const WeftServedRun served = { .name = "a cluster",
                                     .source = "dask",
                                     .phase = WEFT_RUN_RUNNING,
                                     .n_tasks = all[i].n_tasks,
                                     .n_done = all[i].n_done,
                                     .n_running = all[i].n_running };
      g_autoptr (WeftlineRun) run = weftline_run_served_new (&served, NULL, NULL);
      g_autoptr (WeftlineSession) session = weftline_session_new (run);
      GtkWidget *row = g_object_ref_sink (weftline_run_row_new (session));

      g_assert_nonnull (find_widget (row, has_text, all[i].state));
      g_object_unref (row);
    }
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  test_add ("ui-app", "run-row", "row", test_row);
  test_add ("ui-app", "run-row", "idle", test_idle);
  return g_test_run ();
}
