/* test-output-view.c: tests of what tasks write, as a widget
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "ui-app/view-fixture.h"

#include "events/output-view.h"

static const char talking[] =
    "\"one\": {\"op\": \"exec\", \"args\": [[\"sh\", \"-c\", \"echo warp; echo -n weft\"]]},"
    "\"two\": {\"op\": \"exec\", \"args\": [[\"sh\", \"-c\", \"echo shed >&2\"]],"
    " \"after\": [\"one\"]}";

static const char all[] = "one\nwarp\nweft\ntwo, standard error\nshed\n";

static void
open_view (ViewFixture *f, const char *tasks)
{
  view_fixture_open (f, run_of_tasks (tasks, 1), weftline_output_view_new, 400, 240);
}

static GtkWidget *
text_of (ViewFixture *f)
{
  return find_widget (f->view, has_type, GSIZE_TO_POINTER (GTK_TYPE_TEXT_VIEW));
}

static void
assert_shows (ViewFixture *f, const char *expected)
{
  g_autofree char *text = NULL;

  g_object_get (gtk_text_view_get_buffer (GTK_TEXT_VIEW (text_of (f))), "text", &text, NULL);
  g_assert_cmpstr (text, ==, expected);
}

static void
assert_sizes (ViewFixture *f, uint64_t expected)
{
  uint64_t n_shown, n_bytes;

  weftline_output_view_get_sizes (WEFTLINE_OUTPUT_VIEW (f->view), &n_shown, &n_bytes);
  g_assert_cmpuint (n_bytes, ==, expected);
  g_assert_cmpuint (n_shown, ==, expected);
}

/* Text that can be read, reached and copied, and not changed. */
static void
test_nothing (void)
{
  ViewFixture f;

  open_view (&f, talking);
  gtk_test_accessible_assert_role (f.view, GTK_ACCESSIBLE_ROLE_GROUP);
  gtk_test_accessible_assert_property (f.view, GTK_ACCESSIBLE_PROPERTY_LABEL, "Output of tasks");
  gtk_test_accessible_assert_property (text_of (&f), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                       "Output of tasks");
  g_assert_false (gtk_text_view_get_editable (GTK_TEXT_VIEW (text_of (&f))));
  g_assert_true (gtk_widget_get_focusable (text_of (&f)));
  assert_shows (&f, "");
  assert_sizes (&f, 0);
  view_fixture_close (&f);
}

/* Who wrote it stands above it; a task that writes none is not named. */
static void
test_output (void)
{
  ViewFixture f;

  open_view (&f, talking);
  view_fixture_finish (&f);
  assert_shows (&f, all);
  assert_sizes (&f, strlen ("warp\nweft") + strlen ("shed\n"));
  view_fixture_close (&f);
  open_view (&f, "\"silent\": {\"op\": \"const\", \"args\": [4]}");
  view_fixture_finish (&f);
  assert_shows (&f, "");
  view_fixture_close (&f);
}

/* Bytes that are no text are shown as such, and do no harm. */
static void
test_not_text (void)
{
  ViewFixture f;

  open_view (&f, "\"one\": {\"op\": \"exec\", \"args\": [[\"sh\", \"-c\","
                 " \"printf 'a\\\\377b\\\\n'\"]]}");
  view_fixture_finish (&f);
  assert_shows (&f, "one\na\xef\xbf\xbd"
                    "b\n");
  view_fixture_close (&f);
}

/* At a moment there is what had been written by then, and now all of it again. */
static void
test_past (void)
{
  ViewFixture f;
  WeftModelLog log;

  open_view (&f, talking);
  view_fixture_finish (&f);
  weft_model_log (weftline_session_model (f.session),
                  weftline_session_snapshot (f.session)->n_logs - 1, &log);
  weftline_session_set_time (f.session, 0);
  assert_shows (&f, "");
  weftline_session_set_time (f.session, log.at_ns - 1);
  assert_shows (&f, "one\nwarp\nweft");
  weftline_session_set_time (f.session, log.at_ns);
  assert_shows (&f, all);
  weftline_session_set_time (f.session, WEFTLINE_NOW);
  assert_shows (&f, all);
  view_fixture_close (&f);
}

/* One that comes when there is output already shows it, and may go while more is to come. */
static void
test_comes_late_and_goes_early (void)
{
  ViewFixture f;
  GtkWidget *late;

  open_view (&f, "\"one\": {\"op\": \"exec\", \"args\": [[\"sh\", \"-c\","
                 " \"for i in $(seq 3000); do echo $i; done\"]]}");
  run_to_the_end (f.run);
  test_loop_until (weftline_feed_state (weftline_run_feed (f.run)) >= WEFT_FEED_ENDED);
  weftline_session_update (f.session);
  late = g_object_ref_sink (weftline_output_view_new (f.session));
  g_assert_finalize_object (late);
  late = g_object_ref_sink (weftline_output_view_new (f.session));
  gtk_window_set_child (GTK_WINDOW (f.window), late);
  f.view = late;
  test_loop_drain ();
  assert_sizes (&f, 9 + 2 * 90 + 3 * 900 + 4 * 2001 + 3000);
  g_object_unref (late);
  view_fixture_close (&f);
}

/* Its text is as light or dark as the window's. */
static void
test_dark (void)
{
  ViewFixture f;

  open_view (&f, talking);
  view_fixture_finish (&f);
  assert_goes_dark (&f);
  view_fixture_close (&f);
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  test_add ("ui-events", "output-view", "nothing", test_nothing);
  test_add ("ui-events", "output-view", "output", test_output);
  test_add ("ui-events", "output-view", "not-text", test_not_text);
  test_add ("ui-events", "output-view", "past", test_past);
  test_add ("ui-events", "output-view", "comes-late-and-goes-early",
            test_comes_late_and_goes_early);
  test_add ("ui-events", "output-view", "dark", test_dark);
  return g_test_run ();
}
