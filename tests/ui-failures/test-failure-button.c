/* test-failure-button.c: failures that are alike, and their button
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "../ui-app/view-fixture.h"

#include "../ui-transfers/transfer-fixture.h"

#include "failures/failure-button.h"
#include "session/weftline-run-file.h"

static void
test_patterns (void)
{
  static const char *const cases[][2] = {
    { "bad value 12 at 0x7f3a91bc", "bad value # at #" },
    { "took 3.5 s of -2", "took # s of -#" },
    { "<object a at 0x1f> and then\nmore 1", "<object a at #> and then" },
    { "no key 5d41402abc4b2a76b9719d911017c592", "no key #" },
    { "chunk12 of face decade", "chunk# of face decade" },
    { "version 1.", "version #." },
    { "", "" },
  };

  for (unsigned i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *pattern = weftline_failure_pattern (cases[i][0]);

      g_assert_cmpstr (pattern, ==, cases[i][1]);
    }
}

/* Failures of three kinds in two groups of tasks each, of 50 tasks; at 1 ms, 2 ms … */
static void
write_failures (const char *path, uint32_t n)
{
  static const char *const kinds[] = { "ValueError", "KeyError", "MemoryError" };
  g_autoptr (GError) error = NULL;
  WeftRecorder *recorder = weft_recorder_new (
      &(WeftRecorderOptions){ .path = path, .clock = made_clock, .meta_json = "{}" }, &error);
  WeftLane *lane;

  g_assert_no_error (error);
  made_note_state (recorder, WEFT_RUN_RUNNING, 1000000);
  made_add_graph (recorder);
  lane = weft_recorder_add_lane (recorder, &(WeftLaneInfo){ .kind = WEFT_LANE_THREAD,
                                                            .parent_lane = WEFT_NONE,
                                                            .worker = 0,
                                                            .name = "alpha" });
  for (uint32_t i = 0; i < n; i++)
    {
      g_autofree char *message = g_strdup_printf ("no %u at 0x%x", i, i * 16);
      uint64_t at = 1000000 + (uint64_t) (i + 1) * 1000000;
      uint32_t task = i / 3 % MADE_TASKS / MADE_GROUPS * MADE_GROUPS + i % 2;

      weft_record_set (weft_lane_next (lane), WEFT_RECORD_TASK, 0, WEFT_OUTCOME_FAILED << 4, task,
                       0, at - 500000, 500000, 0);
      weft_lane_publish (lane);
      weft_recorder_error (recorder, lane, 0, task, 1, at, kinds[i % 3], message, "a traceback",
                           NULL);
    }
  made_note_state (recorder, WEFT_RUN_FAILED, 1000000 + (uint64_t) (n + 2) * 1000000);
  weft_recorder_end_lane (recorder, lane);
  g_assert_true (weft_recorder_close (recorder, NULL, &error));
  weft_recorder_free (recorder);
}

/* Each is in one group, groups differ, and taking them in piece by piece is the same. */
static void
test_groups (void)
{
  g_autoptr (TestDir) dir = test_dir_new ();
  g_autofree char *path = g_build_filename (dir, "made.weft", NULL);
  g_autoptr (GPtrArray) groups = NULL;
  WeftlineFailures *failures;
  WeftModelSnapshot snapshot;
  uint32_t n = 0;
  WeftModel *model;

  write_failures (path, 6000);
  model = model_of_file (path);
  weft_model_snapshot (model, &snapshot);
  g_assert_cmpuint (snapshot.n_errors, ==, 6000);
  failures = weftline_failures_new (model, INT64_MAX);
  while (weftline_failures_update (failures, &snapshot, 700))
    ;
  groups = weftline_failures_sorted (failures);
  g_assert_cmpuint (groups->len, ==, 6);
  for (guint i = 0; i < groups->len; i++)
    {
      const WeftlineFailureGroup *group = groups->pdata[i];

      n += group->n;
      g_assert_cmpuint (group->n, ==, 1000);
      g_assert_cmpstr (group->message, ==, "no # at #");
      g_assert_cmpuint (group->n_workers, ==, 1);
      g_assert_cmpint (group->first_ns, <, group->last_ns);
      g_assert_cmpuint (group->tasks->len, <=, MADE_TASKS / MADE_GROUPS);
      for (guint k = 0; k < group->tasks->len; k++)
        g_assert_cmpuint (weft_model_task_group (model, g_array_index (group->tasks, uint32_t, k)),
                          ==, group->group);
    }
  g_assert_cmpuint (n, ==, weftline_failures_n (failures));
  weftline_failures_free (failures);
  failures = weftline_failures_new (model, 10 * INT64_C (1000000));
  weftline_failures_update (failures, &snapshot, UINT32_MAX);
  g_assert_cmpuint (weftline_failures_n (failures), ==, 10);
  weftline_failures_free (failures);
  weft_model_unref (model);
}

static GtkWidget *
find_type (GtkWidget *widget, GType type)
{
  if (G_TYPE_CHECK_INSTANCE_TYPE (widget, type))
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find_type (child, type);

      if (found != NULL)
        return found;
    }
  return NULL;
}

/* It says how many, lists them, and what is clicked selects one task after the other. */
static void
test_button (void)
{
  TestDir *dir = test_dir_new ();
  g_autofree char *path = g_build_filename (dir, "made.weft", NULL);
  g_autoptr (GError) error = NULL;
  WeftlineFailureButton *button;
  GtkWidget *menu, *popover, *row;
  WeftlineRun *run;
  ViewFixture f;
  uint32_t first;

  write_failures (path, 60);
  run = weftline_run_file_new (path, &error);
  g_assert_no_error (error);
  f = (ViewFixture){ .dir = dir, .run = run, .session = weftline_session_new (run) };
  f.window = gtk_window_new ();
  f.view = weftline_failure_button_new (f.session);
  button = WEFTLINE_FAILURE_BUTTON (f.view);
  gtk_window_set_child (GTK_WINDOW (f.window), f.view);
  gtk_window_present (GTK_WINDOW (f.window));
  session_to_the_end (f.session);
  test_loop_until (weftline_failure_button_is_up_to_date (button)
                   && gtk_widget_get_visible (f.view));
  menu = gtk_widget_get_first_child (f.view);
  g_assert_cmpstr (gtk_menu_button_get_label (GTK_MENU_BUTTON (menu)), ==, "60 failures, 6 kinds");
  gtk_test_accessible_assert_property (GTK_ACCESSIBLE (menu), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                       "60 failures, 6 kinds");
  popover = GTK_WIDGET (gtk_menu_button_get_popover (GTK_MENU_BUTTON (menu)));
  gtk_menu_button_popup (GTK_MENU_BUTTON (menu));
  test_loop_until (gtk_popover_get_child (GTK_POPOVER (popover)) != NULL);
  row = find_type (gtk_popover_get_child (GTK_POPOVER (popover)), GTK_TYPE_BUTTON);
  g_assert_nonnull (find_type (gtk_popover_get_child (GTK_POPOVER (popover)), GTK_TYPE_EXPANDER));
  g_signal_emit_by_name (row, "clicked");
  first = weftline_session_selection (f.session)->task;
  g_assert_cmpuint (first, !=, WEFT_NONE);
  g_signal_emit_by_name (row, "clicked");
  g_assert_cmpuint (weftline_session_selection (f.session)->task, !=, first);
  gtk_menu_button_popdown (GTK_MENU_BUTTON (menu));
  weftline_session_set_time (f.session, 1);
  test_loop_until (!gtk_widget_get_visible (f.view));
  view_fixture_close (&f);
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  test_add ("ui-failures", "failure-button", "patterns", test_patterns);
  test_add ("ui-failures", "failure-button", "groups", test_groups);
  test_add ("ui-failures", "failure-button", "button", test_button);
  return g_test_run ();
}
