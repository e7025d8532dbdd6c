/* test-graph-far.c: tests that a large run's tasks are laid out when they are looked for
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * With WEFT_PICTURES set to a folder, pictures are left there to be looked at.
 */
#include "perf/dashboard/recorded-run.h"
#include "view-fixture.h"
#include "window-pictures.h"

#include "graph/graph-placing.h"
#include "graph/task-graph-private.h"
#include "session/weftline-run-file.h"

#include <time.h>

#define N_GROUPS 3
#define N_TASKS ((WEFTLINE_PLACING_FEW_TASKS / N_GROUPS + 1000) * N_GROUPS)

/* Chains of a task in each group, or all of one. (transfer full) */
static WeftGraph *
make_graph (bool one_group)
{
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  uint32_t calls[2], n = N_TASKS / N_GROUPS;
  WeftGraph *graph;

  for (unsigned reads = 0; reads < 2; reads++)
    {
      weft_graph_builder_begin_call (builder, reads ? "identity" : "const", 0, 1);
      if (reads)
        weft_graph_builder_arg_slot (builder, 0);
      else
        weft_graph_builder_arg_int64 (builder, 1);
      calls[reads] = weft_graph_builder_end_call (builder);
    }
  for (uint32_t task = 0; task < N_TASKS; task++)
    {
      static const char *const prefixes[N_GROUPS] = { "load-", "clean-", "store-" };
      WeftTaskOutput input = { .task = task - n };
      uint32_t group = one_group ? 0 : task / n;

      weft_graph_builder_add_numbered (
          builder, weft_graph_builder_key_pattern (builder, prefixes[group], ""),
          one_group ? task : task % n, calls[task >= n], &input, task >= n);
    }
  graph = weft_graph_builder_freeze (builder, NULL, NULL);
  weft_graph_builder_free (builder);
  return graph;
}

static void
set_up (ViewFixture *f, const void *data)
{
  TestDir *dir = test_dir_new ();
  g_autofree char *path = g_build_filename (dir, "run.weft", NULL);
  g_autoptr (GError) error = NULL;
  WeftlineRun *run;

  g_assert_true (write_run (path, make_graph (data != NULL), 2));
  run = weftline_run_file_new (path, &error);
  g_assert_no_error (error);
  view_fixture_open_in (f, dir, run, weftline_task_graph_new, 800, 600);
  test_loop_until (weftline_run_is_over (f->run));
  weftline_session_update (f->session);
}

static void
tear_down (ViewFixture *f, const void *data G_GNUC_UNUSED)
{
  view_fixture_close (f);
}

static gboolean
has_tasks (ViewFixture *f)
{
  return weftline_task_graph_has_tasks (WEFTLINE_TASK_GRAPH (f->view));
}

/* Groups at once, and nothing else is laid out, however long nobody comes nearer; then tasks, where
 * he looked; seen as groups again they are let go of. */
static void
test_nearer (ViewFixture *f, const void *data G_GNUC_UNUSED)
{
  WeftlineTaskGraph *graph = WEFTLINE_TASK_GRAPH (f->view);

  test_loop_until (is_described (f->view, "tasks shown as 3 groups"));
  test_loop_drain ();
  g_assert_false (has_tasks (f));
  leave_pictures (f->window, "far");
  gtk_widget_activate_action (f->view, "graph.nearer", NULL);
  test_loop_until (is_described (f->view, "while they are laid out") || has_tasks (f));
  leave_pictures (f->window, "waiting");
  test_loop_until (has_tasks (f) && is_described (f->view, "tasks in view, counted in"));
  leave_pictures (f->window, "near");
  g_assert_cmpuint (graph->resting, ==, 0);
  weftline_task_graph_fit (graph);
  test_loop_until (is_described (f->view, "tasks shown as 3 groups"));
  g_assert_true (has_tasks (f));
  g_assert_cmpuint (graph->resting, !=, 0); /* they go by themselves, too */
  weftline_task_graph_forget_tasks (graph);
  g_assert_false (has_tasks (f));
  test_loop_until (is_described (f->view, "tasks shown as 3 groups"));
  test_loop_drain ();
  g_assert_false (has_tasks (f));
}

/* A task that is searched for is laid out with all others, and is then in sight. */
static void
test_search (ViewFixture *f, const void *data G_GNUC_UNUSED)
{
  uint32_t task;

  test_loop_until (is_described (f->view, "tasks shown as 3 groups"));
  task = weft_model_find_key (weftline_session_model (f->session), "clean-4711");
  g_assert_cmpuint (task, !=, WEFT_NONE);
  weftline_session_select_task (f->session, task);
  test_loop_drain ();
  g_assert_false (has_tasks (f)); /* nobody looks for it */
  weftline_session_reveal_task (f->session, task);
  test_loop_until (has_tasks (f) && is_described (f->view, "tasks shown")
                   && !is_described (f->view, "groups"));
  g_assert_true (is_described (f->view, "clean-4711 is selected"));
  leave_pictures (f->window, "searched");
}

/* What was seen before is seen again: hidden for long, a card forgets its tasks, not its place. */
static void
test_hidden (ViewFixture *f, const void *data G_GNUC_UNUSED)
{
  WeftlineTaskGraph *graph = WEFTLINE_TASK_GRAPH (f->view);
  WeftlineViewport before;
  const WeftlineViewport *after;

  test_loop_until (is_described (f->view, "tasks shown as 3 groups"));
  for (int i = 0; i < 6; i++)
    gtk_widget_activate_action (f->view, "graph.nearer", NULL);
  gtk_widget_activate_action (f->view, "graph.pan-right", NULL);
  test_loop_until (has_tasks (f) && is_described (f->view, "tasks in view"));
  before = *weftline_task_graph_get_viewport (graph);
  g_assert_cmpuint (graph->resting, ==, 0);
  gtk_widget_set_visible (f->view, FALSE);
  g_assert_cmpuint (graph->resting, !=, 0);
  weftline_task_graph_forget_tasks (graph);
  test_loop_drain ();
  g_assert_false (has_tasks (f));
  gtk_widget_set_visible (f->view, TRUE);
  test_loop_until (has_tasks (f) && is_described (f->view, "tasks in view"));
  after = weftline_task_graph_get_viewport (graph);
  g_assert_nonnull (after);
  g_assert_cmpfloat (after->x, ==, before.x);
  g_assert_cmpfloat (after->y, ==, before.y);
  g_assert_cmpfloat (after->scale, ==, before.scale);
}

/* What is not seen as groups is laid out when it is to be seen, and let go of as a whole. */
static void
test_one_group (ViewFixture *f, const void *data G_GNUC_UNUSED)
{
  WeftlineTaskGraph *graph = WEFTLINE_TASK_GRAPH (f->view);
  WeftlineViewport before;

  test_loop_until (has_tasks (f) && is_described (f->view, "tasks in view, counted in"));
  weftline_task_graph_forget_tasks (graph);
  g_assert_true (has_tasks (f)); /* they are seen */
  gtk_widget_activate_action (f->view, "graph.nearer", NULL);
  before = *weftline_task_graph_get_viewport (graph);
  gtk_widget_set_visible (f->view, FALSE);
  g_assert_cmpuint (graph->resting, !=, 0);
  weftline_task_graph_forget_tasks (graph);
  g_signal_emit_by_name (f->session, "snapshot-changed");
  test_loop_drain ();
  g_assert_false (has_tasks (f));
  gtk_widget_set_visible (f->view, TRUE);
  test_loop_until (has_tasks (f) && is_described (f->view, "tasks in view, counted in"));
  g_assert_cmpfloat (weftline_task_graph_get_viewport (graph)->x, ==, before.x);
  g_assert_cmpfloat (weftline_task_graph_get_viewport (graph)->scale, ==, before.scale);
}

/* ---- beside the main loop -------------------------------------------------------------------- */

static int64_t
thread_cpu_ns (void)
{
  struct timespec cpu;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &cpu);
  return cpu.tv_sec * G_GINT64_CONSTANT (1000000000) + cpu.tv_nsec;
}

/* What laying out takes of a processor. */
static int64_t
layout_ns (ViewFixture *f)
{
  const WeftModelSnapshot *snapshot = weftline_session_snapshot (f->session);
  WeftlineGraphPlacing *placing =
      weftline_graph_placing_new (weftline_session_model (f->session), 0, snapshot->n_groups, true);
  int64_t from_ns = thread_cpu_ns ();

  g_assert_true (weftline_graph_placing_run (placing));
  weftline_graph_placing_free (placing);
  return thread_cpu_ns () - from_ns;
}

static gboolean
count_cb (void *n)
{
  ++*(unsigned *) n;
  return G_SOURCE_CONTINUE;
}

/* The main thread neither lays out nor waits for who does: none of its turns takes as much of a
 * processor, and what else is to be done goes on meanwhile. */
static void
test_beside (ViewFixture *f, const void *data G_GNUC_UNUSED)
{
  WeftlineTaskGraph *graph = WEFTLINE_TASK_GRAPH (f->view);
  int64_t alone_ns, longest_ns = 0;
  unsigned n_others = 0;
  TestLoop loop;
  guint source;

  test_loop_until (has_tasks (f));
  alone_ns = layout_ns (f);
  gtk_widget_set_visible (f->view, FALSE);
  weftline_task_graph_forget_tasks (graph);
  test_loop_drain ();
  g_assert_false (has_tasks (f));
  gtk_widget_set_visible (f->view, TRUE);
  source = g_timeout_add (1, count_cb, &n_others);
  loop = test_loop_begin ("it is laid out", G_STRLOC);
  while (!has_tasks (f))
    {
      int64_t from_ns = thread_cpu_ns ();

      test_loop_turn (&loop);
      longest_ns = MAX (longest_ns, thread_cpu_ns () - from_ns);
    }
  test_loop_end (&loop);
  g_source_remove (source);
  g_test_message ("alone %.1f ms; longest turn %.1f ms, %u of others", (double) alone_ns / 1e6,
                  (double) longest_ns / 1e6, n_others);
  g_assert_cmpint (longest_ns, <, alone_ns / 2);
  g_assert_cmpuint (n_others, >=, 5);
}

static void
add (const char *path, bool one_group, void (*test) (ViewFixture *f, const void *data))
{
  g_autofree char *whole = g_strconcat ("/weft/ui-app/graph-far/", path, NULL);

  g_test_add (whole, ViewFixture, GINT_TO_POINTER (one_group), set_up, test, tear_down);
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  add ("laid-out-for-who-comes-near", false, test_nearer);
  add ("laid-out-for-a-search", false, test_search);
  add ("place-is-kept", false, test_hidden);
  add ("hidden-as-a-whole", true, test_one_group);
  add ("laid-out-beside-the-main-loop", true, test_beside);
  return g_test_run ();
}
