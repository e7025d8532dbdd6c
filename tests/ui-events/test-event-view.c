/* test-event-view.c: tests of the list of events and of the tasks' output
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "../ui-app/ui-fixture.h"
#include "../ui-session/child-fixture.h"

#include "events/event-view.h"
#include "events/follow.h"
#include "events/output-view.h"

#include <string.h>

static TestDir *dir;

typedef struct
{
  WeftlineRun *run;
  WeftlineSession *session;
  GtkWidget *window;
  GtkWidget *view;
} Fixture;

static void
set_up (Fixture *fixture, const char *tasks)
{
  g_autofree char *text = g_strdup_printf ("{\"weftline\": 1, \"tasks\": {%s}}", tasks);
  g_autofree char *path = test_dir_write (dir, "graph.json", text);
  g_autoptr (WeftlinePlan) plan = weftline_plan_new_for_file (path, NULL);

  fixture->run = weftline_run_embedded_new (plan, &(WeftlineRunSettings){ .n_workers = 1 });
  fixture->session = weftline_session_new (fixture->run);
  fixture->view = weftline_event_view_new (fixture->session);
  fixture->window = gtk_window_new ();
  gtk_window_set_default_size (GTK_WINDOW (fixture->window), 500, 300);
  gtk_window_set_child (GTK_WINDOW (fixture->window), fixture->view);
  gtk_window_present (GTK_WINDOW (fixture->window));
}

static void
run (Fixture *fixture)
{
  weftline_run_start (fixture->run);
  run_wait (fixture->run);
  weftline_session_update (fixture->session);
  test_loop_drain ();
}

static void
tear_down (Fixture *fixture)
{
  gtk_window_destroy (GTK_WINDOW (fixture->window));
  test_loop_drain ();
  test_assert_finalised (fixture->session);
  test_assert_finalised (fixture->run);
}

static guint
n_items (Fixture *fixture)
{
  return g_list_model_get_n_items (
      G_LIST_MODEL (weftline_event_view_list (WEFTLINE_EVENT_VIEW (fixture->view))));
}

static gboolean
is_list (GtkWidget *widget, const void *data G_GNUC_UNUSED)
{
  return gtk_widget_has_css_class (widget, "event-list"); /* choices have lists, too */
}

static gboolean
is_text (GtkWidget *widget, const void *data G_GNUC_UNUSED)
{
  return GTK_IS_TEXT_VIEW (widget);
}

static const char failing[] = "\"a\": {\"op\": \"const\", \"args\": [4]},"
                              "\"bad\": {\"op\": \"fail\", \"args\": [null, null, \"knot\"]}";

/* Events come with the run; which are left out is said; choosing one selects its task. */
static void
test_events (void)
{
  Fixture fixture;
  WeftlineEventView *view;
  GtkSelectionModel *selection;
  g_autofree char *words = NULL;
  guint n, at;

  set_up (&fixture, failing);
  g_assert_cmpuint (n_items (&fixture), ==, 0);
  g_assert_nonnull (find_widget (fixture.view, has_text, "0 of 0 events"));
  run (&fixture);
  n = n_items (&fixture);
  g_assert_cmpuint (n, >, 5);
  view = WEFTLINE_EVENT_VIEW (fixture.view);
  weftline_event_view_show_kind (view, WEFTLINE_EVENT_SETTING, FALSE);
  g_assert_cmpuint (n_items (&fixture), <, n);
  words = g_strdup_printf ("%u of %u events", n_items (&fixture), n);
  g_assert_nonnull (find_widget (fixture.view, has_text, words));
  selection = gtk_list_view_get_model (GTK_LIST_VIEW (find_widget (fixture.view, is_list, NULL)));
  for (at = 0; at < n_items (&fixture); at++)
    {
      g_autoptr (WeftlineEventItem) item = g_list_model_get_item (G_LIST_MODEL (selection), at);

      if (weftline_event_item_event (item)->kind == WEFTLINE_EVENT_ERROR)
        break;
    }
  gtk_selection_model_select_item (selection, at, TRUE);
  g_assert_cmpuint (weftline_session_selection (fixture.session)->task, ==,
                    weft_model_find_key (weftline_session_model (fixture.session), "bad"));
  gtk_test_accessible_assert_property (find_widget (fixture.view, is_list, NULL),
                                       GTK_ACCESSIBLE_PROPERTY_LABEL, "Events");
  gtk_test_accessible_assert_property (find_widget (fixture.view, is_list, NULL),
                                       GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, words);
  tear_down (&fixture);
}

static char *
output_of (Fixture *fixture)
{
  GtkTextBuffer *buffer =
      gtk_text_view_get_buffer (GTK_TEXT_VIEW (find_widget (fixture->view, is_text, NULL)));
  char *text = NULL;

  g_object_get (buffer, "text", &text, NULL);
  return text;
}

static const char talking[] =
    "\"one\": {\"op\": \"exec\", \"args\": [[\"sh\", \"-c\", \"echo warp; echo -n weft\"]]},"
    "\"two\": {\"op\": \"exec\", \"args\": [[\"sh\", \"-c\", \"echo shed >&2\"]],"
    " \"after\": [\"one\"]}";

static void
test_output (void)
{
  Fixture fixture;
  g_autofree char *text = NULL;

  set_up (&fixture, talking);
  run (&fixture);
  text = output_of (&fixture);
  g_assert_cmpstr (text, ==, "one\nwarp\nweft\ntwo, standard error\nshed\n");
  tear_down (&fixture);
}

/* At a moment there is what had been written by then. */
static void
test_output_of_the_past (void)
{
  const char *all = "one\nwarp\nweft\ntwo, standard error\nshed\n";
  Fixture fixture;
  WeftModelLog log;
  g_autofree char *before = NULL;
  g_autofree char *then = NULL;
  g_autofree char *now = NULL;

  set_up (&fixture, talking);
  run (&fixture);
  weft_model_log (weftline_session_model (fixture.session),
                  weftline_session_snapshot (fixture.session)->n_logs - 1, &log);
  g_assert_cmpmem (log.bytes, log.n_bytes, "shed\n", 5);
  weftline_session_set_time (fixture.session, log.at_ns - 1);
  before = output_of (&fixture);
  g_assert_cmpstr (before, ==, "one\nwarp\nweft");
  weftline_session_set_time (fixture.session, log.at_ns);
  then = output_of (&fixture);
  g_assert_cmpstr (then, ==, all);
  weftline_session_set_time (fixture.session, 0);
  weftline_session_set_time (fixture.session, WEFTLINE_NOW);
  now = output_of (&fixture);
  g_assert_cmpstr (now, ==, all);
  tear_down (&fixture);
}

/* Of much the last is kept, and the end is followed. */
static void
test_much_output (void)
{
  Fixture fixture;
  g_autofree char *text = NULL;
  uint64_t n_shown, n_bytes;
  GtkWidget *text_view;
  GtkAdjustment *adjustment;
  GtkWidget *stack;

  set_up (&fixture,
          "\"one\": {\"op\": \"exec\", \"args\": [[\"sh\", \"-c\", \"seq 1 300000 >&2\"]]}");
  text_view = find_widget (fixture.view, is_text, NULL);
  stack = gtk_widget_get_ancestor (text_view, GTK_TYPE_STACK);
  gtk_stack_set_visible_child_name (GTK_STACK (stack), "output");
  run (&fixture);
  weftline_output_view_get_sizes (
      WEFTLINE_OUTPUT_VIEW (gtk_widget_get_ancestor (text_view, WEFTLINE_TYPE_OUTPUT_VIEW)),
      &n_shown, &n_bytes);
  text = output_of (&fixture);
  g_assert_true (g_str_has_suffix (text, "\n299999\n300000\n"));
  g_assert_cmpuint (n_bytes, ==, 1988895);
  g_assert_cmpuint (n_shown, ==, strlen (text));
  g_assert_cmpuint (n_shown, <=, 1 << 20);
  g_assert_cmpuint (n_shown, >, 1 << 19);
  adjustment = gtk_scrollable_get_vadjustment (GTK_SCROLLABLE (text_view));
  test_loop_until (gtk_adjustment_get_value (adjustment) > 0
                   && gtk_adjustment_get_value (adjustment)
                              + gtk_adjustment_get_page_size (adjustment)
                          > gtk_adjustment_get_upper (adjustment) - 40);
  /* once somebody looks at the beginning it stays there */
  gtk_adjustment_set_value (adjustment, 0);
  g_assert_false (weftline_follows_end (
      GTK_SCROLLED_WINDOW (gtk_widget_get_ancestor (text_view, GTK_TYPE_SCROLLED_WINDOW))));
  tear_down (&fixture);
}

int
main (int argc, char **argv)
{
  int status;

  gtk_test_init (&argc, &argv, NULL);
  dir = test_dir_new ();
  test_add ("ui-events", "event-view", "events", test_events);
  test_add ("ui-events", "event-view", "output", test_output);
  test_add ("ui-events", "event-view", "output-of-the-past", test_output_of_the_past);
  test_add ("ui-events", "event-view", "much-output", test_much_output);
  status = g_test_run ();
  test_dir_free (dir);
  return status;
}
