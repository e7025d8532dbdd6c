/* test-graph-dot.c: tests of what the graph says where Graphviz does not lay it out
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * With WEFT_PICTURES set to a folder, pictures are left there to be looked at.
 */
#include "view-fixture.h"
#include "window-pictures.h"

#include "graph/graph-dot.h"
#include "graph/task-graph.h"

static WeftlineRun *
make_run (uint32_t n_tasks)
{
  GString *tasks = g_string_new (NULL);
  WeftlineRun *run;

  for (uint32_t i = 0; i < n_tasks; i++)
    g_string_append_printf (tasks, "%s\"x-%u\": {\"op\": \"const\", \"args\": [1]}",
                            i > 0 ? ", " : "", i);
  run = run_of_tasks (tasks->str, 2);
  g_string_free (tasks, TRUE);
  return run;
}

/* What is too large is laid out all the same, and it is said by whom, as long as Graphviz is asked
 * for. Of what is small nothing is said. */
static void
assert_said (uint32_t n_tasks, bool said)
{
  ViewFixture f;

  view_fixture_open (&f, make_run (n_tasks), weftline_task_graph_new, 700, 500);
  view_fixture_finish (&f);
  test_loop_until (is_described (f.view, "tasks"));
  g_assert_false (is_described (f.view, "Graphviz"));
  weftline_task_graph_set_dot (WEFTLINE_TASK_GRAPH (f.view), true);
  if (said)
    test_loop_until (is_described (f.view, "Too large for Graphviz"));
  test_loop_until (is_described (f.view, "tasks"));
  g_assert_cmpint (is_described (f.view, "Graphviz"), ==, said);
  if (said)
    leave_pictures (f.window, "dot");
  weftline_task_graph_set_dot (WEFTLINE_TASK_GRAPH (f.view), false);
  test_loop_until (is_described (f.view, "tasks") && !is_described (f.view, "Graphviz"));
  view_fixture_close (&f);
}

static void
test_says_why_not (void)
{
  assert_said (WEFTLINE_DOT_MAX_TASKS + 1, true);
  assert_said (12, false);
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  test_add ("ui-app", "graph-dot", "says-why-not", test_says_why_not);
  return g_test_run ();
}
