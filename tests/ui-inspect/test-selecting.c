/* test-selecting.c: a task that is selected in one view is what the inspector tells of
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * The views are in a window under a virtual display; clicks come from their gestures.
 */
#include "inspect-fixture.h"
#include "test-objects.h"

#include "graph/task-graph.h"
#include "inspect/inspect-view.h"
#include "session/weftline-run-embedded.h"
#include "session/weftline-run-file.h"
#include "timeline/task-stream.h"

#include <adwaita.h>

#define ONE_TASK                                                                      \
  "{\"weftline\": 1, \"tasks\": {\"only\": {\"op\": \"sleep\", \"args\": [%s, 1]}}, " \
  "\"outputs\": [\"only\"]}"

typedef struct
{
  WeftlineRun *run;
  WeftlineSession *session;
  GtkWidget *window;
  GtkWidget *view, *inspector;
} Fixture;

typedef GtkWidget *(*MakeView) (WeftlineSession *session);

static void
set_up (Fixture *fixture, const char *seconds, MakeView make)
{
  g_autofree char *json = g_strdup_printf (ONE_TASK, seconds);
  WeftGraph *graph = parse_graph (json);
  const WeftlineRunSettings settings = { .n_workers = 1 };
  g_autoptr (GError) error = NULL;
  g_autoptr (WeftlinePlan) plan = weftline_plan_new_for_graph (graph, &error);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);

  g_assert_no_error (error);
  weft_graph_unref (graph);
  fixture->run = weftline_run_embedded_new (plan, &settings);
  fixture->session = weftline_session_new (fixture->run);
  fixture->view = make (fixture->session);
  fixture->inspector = weftline_inspect_view_new (fixture->session);
  fixture->window = gtk_window_new ();
  gtk_box_append (GTK_BOX (box), fixture->view);
  gtk_box_append (GTK_BOX (box), fixture->inspector);
  gtk_window_set_default_size (GTK_WINDOW (fixture->window), 900, 300);
  gtk_window_set_child (GTK_WINDOW (fixture->window), box);
  gtk_window_present (GTK_WINDOW (fixture->window));
  weftline_run_start (fixture->run);
}

static void
tear_down (Fixture *fixture)
{
  weftline_run_cancel (fixture->run);
  test_loop_until (weftline_run_is_over (fixture->run));
  gtk_window_destroy (GTK_WINDOW (fixture->window));
  test_loop_drain ();
  test_assert_finalised (fixture->session);
  test_assert_finalised (fixture->run);
}

static bool
has_state (Fixture *fixture, WeftModelState state)
{
  weftline_session_update (fixture->session);
  return weftline_session_snapshot (fixture->session)->n_states[state] == 1;
}

/* The view draws itself, so that it knows what is where. */
static void
draw (Fixture *fixture)
{
  GtkSnapshot *snapshot = gtk_snapshot_new ();
  GskRenderNode *node;

  GTK_WIDGET_GET_CLASS (fixture->view)->snapshot (fixture->view, snapshot);
  node = gtk_snapshot_free_to_node (snapshot);
  g_clear_pointer (&node, gsk_render_node_unref);
}

/* A click at shares of its width and height. */
static void
click (GtkWidget *widget, double x, double y)
{
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (widget);

  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++)
    {
      g_autoptr (GtkEventController) controller = g_list_model_get_item (controllers, i);

      if (GTK_IS_GESTURE_CLICK (controller))
        g_signal_emit_by_name (controller, "released", 1, x * gtk_widget_get_width (widget),
                               y * gtk_widget_get_height (widget));
    }
}

static gboolean
says (GtkWidget *widget, const char *text)
{
  gboolean found =
      GTK_IS_LABEL (widget) && g_str_equal (gtk_label_get_text (GTK_LABEL (widget)), text);

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL && !found;
       child = gtk_widget_get_next_sibling (child))
    found = says (child, text);
  return found;
}

static bool
click_selects (Fixture *fixture)
{
  draw (fixture);
  click (fixture->view, 0.5, 0.25);
  if (weftline_session_selection (fixture->session)->task == WEFT_NONE)
    click (fixture->view, 0.5, 0.45); /* the graph's middle, without its foot */
  return weftline_session_selection (fixture->session)->task == 0;
}

static void
test_stream (void)
{
  Fixture fixture;

  set_up (&fixture, "0.03", weftline_task_stream_new);
  test_loop_until (has_state (&fixture, WEFT_TASK_MEMORY));
  test_loop_until (gtk_widget_get_width (fixture.view) > 0);
  g_assert_true (click_selects (&fixture));
  g_assert_true (says (fixture.inspector, "only"));
  g_assert_true (says (fixture.inspector, "in memory"));
  tear_down (&fixture);
}

/* A task that runs can be selected too. */
static void
test_running (void)
{
  Fixture fixture;

  set_up (&fixture, "60", weftline_task_stream_new);
  test_loop_until (has_state (&fixture, WEFT_TASK_RUNNING));
  test_loop_until (gtk_widget_get_width (fixture.view) > 0);
  test_loop_until ((weftline_session_update (fixture.session), click_selects (&fixture)));
  g_assert_true (says (fixture.inspector, "only"));
  g_assert_true (says (fixture.inspector, "running"));
  tear_down (&fixture);
}

/* It is laid out in the background. */
static void
test_graph (void)
{
  Fixture fixture;

  set_up (&fixture, "0.001", weftline_task_graph_new);
  test_loop_until (has_state (&fixture, WEFT_TASK_MEMORY));
  test_loop_until (gtk_widget_get_width (fixture.view) > 0);
  test_loop_until (click_selects (&fixture));
  g_assert_true (says (fixture.inspector, "only"));
  tear_down (&fixture);
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  test_add ("ui-inspect", "selecting", "in-the-stream", test_stream);
  test_add ("ui-inspect", "selecting", "what-runs", test_running);
  test_add ("ui-inspect", "selecting", "in-the-graph", test_graph);
  return g_test_run ();
}
