/* test-graph-before.c: tests of what can be selected in the graph before it runs
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * With WEFT_PICTURES set to a folder, pictures are left there to be looked at.
 */
#include "view-fixture.h"
#include "window-pictures.h"

#include "graph/graph-before.h"
#include "graph/graph-placing.h"
#include "graph/task-graph.h"

#define WIDTH 900
#define HEIGHT 500
#define FEW 8
#define MANY 7000                                /* seen as groups */
#define HUGE (WEFTLINE_PLACING_FEW_TASKS + 5000) /* laid out as such */

/* One loads, @n are made of that, and one is made of all of these. */
static WeftlineRun *
make_run (unsigned n)
{
  GString *tasks = load_and_parts (n);
  WeftlineRun *run;

  g_string_append (tasks, ", \"all\": {\"op\": \"sum\", \"args\": [[");
  for (unsigned i = 0; i < n; i++)
    g_string_append_printf (tasks, "%s{\"ref\": \"part-%u\"}", i > 0 ? ", " : "", i);
  g_string_append (tasks, "]]}");
  run = run_of_tasks (tasks->str, 2);
  g_string_free (tasks, TRUE);
  return run;
}

static void
set_up (ViewFixture *f, const void *data)
{
  unsigned n = GPOINTER_TO_UINT (data);

  view_fixture_open (f, make_run (n), weftline_task_graph_new, WIDTH, HEIGHT);
  test_loop_until (is_described (f->view, n == FEW ? "10 of 10 tasks shown" : "shown as 3 groups"));
}

static void
tear_down (ViewFixture *f, const void *data G_GNUC_UNUSED)
{
  view_fixture_close (f);
}

static void
act (ViewFixture *f, const char *action)
{
  g_assert_true (gtk_widget_activate_action (f->view, action, NULL));
}

/* As the view draws itself now. (transfer full) */
static cairo_surface_t *
draw (ViewFixture *f)
{
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, WIDTH, HEIGHT);
  GtkSnapshot *snapshot = gtk_snapshot_new ();
  g_autoptr (GskRenderNode) node = NULL;
  cairo_t *cr = cairo_create (surface);

  GTK_WIDGET_GET_CLASS (f->view)->snapshot (f->view, snapshot);
  node = gtk_snapshot_free_to_node (snapshot);
  gsk_render_node_draw (node, cr);
  cairo_destroy (cr);
  cairo_surface_flush (surface);
  return surface;
}

/* Whether it draws itself otherwise than before. */
static bool
draws_otherwise (ViewFixture *f, cairo_surface_t **before)
{
  cairo_surface_t *now = draw (f);
  size_t n = (size_t) cairo_image_surface_get_stride (now) * HEIGHT;
  bool differs =
      *before == NULL
      || memcmp (cairo_image_surface_get_data (now), cairo_image_surface_get_data (*before), n)
             != 0;

  g_clear_pointer (before, cairo_surface_destroy);
  *before = now;
  return differs;
}

static void
assert_selected_nothing (ViewFixture *f)
{
  const WeftlineSelection *selection = weftline_session_selection (f->session);

  g_assert_cmpuint (selection->task, ==, WEFT_NONE);
  g_assert_cmpuint (selection->group, ==, WEFT_NONE);
  g_assert_cmpuint (weftline_session_hover_task (f->session), ==, WEFT_NONE);
}

/* Keys go from task to task, and show what hangs together; the rest of the window does not know of
 * it. */
static void
test_keys (ViewFixture *f, const void *data G_GNUC_UNUSED)
{
  cairo_surface_t *before = NULL;

  draws_otherwise (f, &before);
  act (f, "graph.go-right");
  g_assert_true (is_described (f->view, "is selected"));
  for (int i = 0; i < 3; i++)
    act (f, "graph.go-left");
  g_assert_true (
      is_described (f->view, "load is selected · Operation: identity · Waits for: – · "));
  g_assert_true (draws_otherwise (f, &before)); /* what needs it stands out */
  leave_pictures (f->window, "selected");
  act (f, "graph.descendants");
  g_assert_true (draws_otherwise (f, &before)); /* and what needs that */
  act (f, "graph.descendants");
  g_assert_true (draws_otherwise (f, &before));
  assert_selected_nothing (f);
  act (f, "graph.select-nothing");
  g_assert_false (is_described (f->view, "is selected"));
  g_assert_true (draws_otherwise (f, &before));
  cairo_surface_destroy (before);
}

/* Of all places of the view those where a tooltip is told. */
static unsigned
count_tooltips (ViewFixture *f)
{
  g_autoptr (GtkTooltip) tooltip = g_object_new (GTK_TYPE_TOOLTIP, NULL);
  unsigned n = 0;

  for (int y = 0; y < HEIGHT; y += 4)
    for (int x = 0; x < WIDTH; x += 4)
      n += GTK_WIDGET_GET_CLASS (f->view)->query_tooltip (f->view, x, y, FALSE, tooltip);
  return n;
}

/* A click selects what is there, one beside everything nothing. */
static void
test_pointer (ViewFixture *f, const void *data G_GNUC_UNUSED)
{
  g_autoptr (GtkTooltip) tooltip = g_object_new (GTK_TYPE_TOOLTIP, NULL);
  int x = 0, y = 0;

  while (!GTK_WIDGET_GET_CLASS (f->view)->query_tooltip (f->view, x, y, FALSE, tooltip))
    {
      x = (x + 4) % WIDTH;
      y += x == 0 ? 4 : 0;
      g_assert_cmpint (y, <, HEIGHT);
    }
  click_at (f->view, x, y);
  g_assert_true (is_described (f->view, "is selected"));
  assert_selected_nothing (f);
  click_at (f->view, 1, 1);
  g_assert_false (is_described (f->view, "is selected"));
}

/* A task tells what it is, what it waits for, and what waits for it. */
static void
test_words (ViewFixture *f, const void *data G_GNUC_UNUSED)
{
  const WeftModelSnapshot *snapshot = NULL;
  WeftModel *model = weftline_session_preview (f->session, &snapshot);
  g_autofree char *load = NULL, *part = NULL, *all = NULL;
  WeftlineGraphBefore own;

  g_assert_cmpuint (count_tooltips (f), >, 10);
  weftline_graph_before_init (&own);
  load =
      weftline_graph_before_dup_words (&own, model, snapshot, weft_model_find_key (model, "load"));
  part = weftline_graph_before_dup_words (&own, model, snapshot,
                                          weft_model_find_key (model, "part-3"));
  all = weftline_graph_before_dup_words (&own, model, snapshot, weft_model_find_key (model, "all"));
  g_assert_cmpstr (load, ==,
                   "\nOperation: identity\nWaits for: –\n"
                   "Needed by: part-0, part-1, part-2, part-3, … (8)");
  g_assert_cmpstr (part, ==, "\nOperation: add\nWaits for: load\nNeeded by: all");
  g_assert_cmpstr (all, ==,
                   "\nOperation: sum\nWaits for: part-0, part-1, part-2, part-3, … (8)\n"
                   "Needed by: –");
  weftline_graph_before_clear (&own);
}

/* What was selected stays so when the run begins, and then all views know of it. */
static void
test_run_begins (ViewFixture *f, const void *data G_GNUC_UNUSED)
{
  const WeftModelSnapshot *snapshot;
  g_autofree char *key = NULL;

  for (int i = 0; i < 4; i++)
    act (f, "graph.go-left");
  act (f, "graph.descendants");
  view_fixture_finish (f);
  test_loop_until (weftline_session_preview (f->session, &snapshot) == NULL
                   && weftline_session_selection (f->session)->task != WEFT_NONE);
  key = weft_model_task_dup_key (weftline_session_model (f->session),
                                 weftline_session_selection (f->session)->task);
  g_assert_cmpstr (key, ==, "load");
  g_assert_cmpint (weftline_session_lineage (f->session), ==, WEFTLINE_LINEAGE_DESCENDANTS);
  test_loop_until (is_described (f->view, "load is selected"));
  leave_pictures (f->window, "begun");
}

/* From far groups are selected, and stay so. */
static void
test_groups (ViewFixture *f, const void *data G_GNUC_UNUSED)
{
  const WeftModelSnapshot *snapshot;
  cairo_surface_t *before = NULL;
  WeftModelGroup group;

  draws_otherwise (f, &before);
  for (int i = 0; i < 3; i++)
    act (f, "graph.go-left");
  g_assert_true (is_described (f->view, "group load is selected"));
  g_assert_true (draws_otherwise (f, &before));
  assert_selected_nothing (f);
  act (f, "graph.go-right");
  g_assert_true (is_described (f->view, "group part is selected"));
  g_assert_true (draws_otherwise (f, &before));
  leave_pictures (f->window, "group");
  view_fixture_finish (f);
  test_loop_until (weftline_session_preview (f->session, &snapshot) == NULL
                   && weftline_session_selection (f->session)->group != WEFT_NONE);
  weft_model_group (weftline_session_model (f->session),
                    weftline_session_selection (f->session)->group, &group);
  g_assert_cmpstr (group.name, ==, "part");
  cairo_surface_destroy (before);
}

static gboolean
is_near (ViewFixture *f)
{
  return weftline_task_graph_has_tasks (WEFTLINE_TASK_GRAPH (f->view))
         && is_described (f->view, "tasks in view, counted in");
}

/* What is seen from far before the run can be looked at nearer in it, and before it. */
static void
test_far (ViewFixture *f, const void *data G_GNUC_UNUSED)
{
  const WeftModelSnapshot *snapshot;

  g_assert_false (weftline_task_graph_has_tasks (WEFTLINE_TASK_GRAPH (f->view)));
  act (f, "graph.go-right");
  act (f, "graph.nearer");
  test_loop_until (is_near (f));
  weftline_task_graph_fit (WEFTLINE_TASK_GRAPH (f->view));
  test_loop_until (is_described (f->view, "shown as 3 groups"));
  weftline_task_graph_forget_tasks (WEFTLINE_TASK_GRAPH (f->view));
  view_fixture_finish (f);
  test_loop_until (weftline_session_preview (f->session, &snapshot) == NULL
                   && weftline_session_selection (f->session)->group != WEFT_NONE);
  g_assert_false (weftline_task_graph_has_tasks (WEFTLINE_TASK_GRAPH (f->view)));
  g_assert_true (is_described (f->view, "shown as 3 groups"));
  act (f, "graph.nearer");
  test_loop_until (is_near (f));
}

static void
add (const char *path, unsigned n, void (*test) (ViewFixture *f, const void *data))
{
  g_autofree char *whole = g_strconcat ("/weft/ui-app/graph-before/", path, NULL);

  g_test_add (whole, ViewFixture, GUINT_TO_POINTER (n), set_up, test, tear_down);
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  add ("keys", FEW, test_keys);
  add ("pointer", FEW, test_pointer);
  add ("words", FEW, test_words);
  add ("stays-selected", FEW, test_run_begins);
  add ("groups", MANY, test_groups);
  add ("far", HUGE, test_far);
  return g_test_run ();
}
