/* test-view-keys.c: tests that the keys of the drawn views do what the shortcuts window says
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * The window's own keys are pressed for real by test-keys.py.
 */
#include "view-fixture.h"

#include "graph/task-graph.h"
#include "progress/progress-view.h"
#include "timeline/task-stream.h"

typedef struct
{
  TestDir *dir;
  WeftlineRun *run;
  RunPage page;
  WeftlineSession *session; /* the page's */
  GtkWidget *stream, *graph, *progress;
} Fixture;

static gboolean
is_laid_out (Fixture *f)
{
  g_autofree char *figures = NULL;

  g_object_get (f->graph, "figures", &figures, NULL);
  return figures != NULL && *figures != 0;
}

static void
set_up (Fixture *f, const void *data G_GNUC_UNUSED)
{
  f->dir = test_dir_new ();
  f->run = example_run ("fork-join");
  run_page_open (&f->page, f->run);
  f->session = f->page.session;
  f->stream = find_of_type (f->page.window, WEFTLINE_TYPE_TASK_STREAM);
  f->graph = find_of_type (f->page.window, WEFTLINE_TYPE_TASK_GRAPH);
  f->progress = find_of_type (f->page.window, WEFTLINE_TYPE_PROGRESS_VIEW);
  run_to_the_end (f->run);
  session_to_the_end (f->session);
  test_loop_until (is_laid_out (f));
}

static void
tear_down (Fixture *f, const void *data G_GNUC_UNUSED)
{
  run_page_close (&f->page, f->run);
  test_dir_free (f->dir);
}

/* Lets what is laid out come, once it has been drawn. */
static void
draw (Fixture *f, GtkWidget *widget)
{
  g_autofree char *path = g_build_filename (f->dir, "picture.png", NULL);

  test_loop_until (weftline_screenshot (widget, path, NULL));
}

/* … and draws what comes of it. */
static void
press_and_draw (Fixture *f, GtkWidget *widget, guint key)
{
  g_assert_true (press (widget, key));
  draw (f, widget);
}

/* ---- the task stream ------------------------------------------------------------------------- */

typedef struct
{
  int64_t from_ns, to_ns;
} Range;

static Range
shown (Fixture *f)
{
  Range range;

  weftline_task_stream_get_range (WEFTLINE_TASK_STREAM (f->stream), &range.from_ns, &range.to_ns);
  return range;
}

/* W and S are each other's inverse, as A and D are; Control and Alt are somebody else's. */
static void
test_stream_moves (Fixture *f, const void *data G_GNUC_UNUSED)
{
  Range all, near, left;

  press_and_draw (f, f->stream, GDK_KEY_f);
  all = shown (f);
  press_and_draw (f, f->stream, GDK_KEY_w);
  near = shown (f);
  g_assert_cmpint (near.to_ns - near.from_ns, <, (all.to_ns - all.from_ns) * 9 / 10);
  press_and_draw (f, f->stream, GDK_KEY_a);
  left = shown (f);
  g_assert_cmpint (left.from_ns, <, near.from_ns);
  g_assert_cmpint (left.to_ns - left.from_ns, ==, near.to_ns - near.from_ns);
  press_and_draw (f, f->stream, GDK_KEY_d);
  press_and_draw (f, f->stream, GDK_KEY_s);
  g_assert_cmpint (ABS (shown (f).from_ns - all.from_ns), <, (all.to_ns - all.from_ns) / 1000);
  g_assert_cmpint (ABS (shown (f).to_ns - all.to_ns), <, (all.to_ns - all.from_ns) / 1000);
  left = shown (f);
  g_assert_false (press_with (f->stream, GDK_KEY_a, GDK_CONTROL_MASK));
  g_assert_false (press_with (f->stream, GDK_KEY_d, GDK_ALT_MASK));
  g_assert_cmpint (shown (f).from_ns, ==, left.from_ns);
}

/* F: the selected task, and once more everything; a selected time comes before it. */
static void
test_stream_fits (Fixture *f, const void *data G_GNUC_UNUSED)
{
  const WeftlineSelection *selection = weftline_session_selection (f->session);
  Range all, task;

  press_and_draw (f, f->stream, GDK_KEY_f);
  all = shown (f);
  press_and_draw (f, f->stream, GDK_KEY_bracketright);
  g_assert_cmpuint (selection->task, !=, WEFT_NONE);
  press_and_draw (f, f->stream, GDK_KEY_f);
  task = shown (f);
  g_assert_cmpint (task.to_ns - task.from_ns, <, (all.to_ns - all.from_ns) / 4);
  press_and_draw (f, f->stream, GDK_KEY_r); /* its time, with a little air around it in the view */
  g_assert_cmpint (selection->from_ns, >, task.from_ns);
  g_assert_cmpint (selection->to_ns, <, task.to_ns);
  press_and_draw (f, f->stream, GDK_KEY_f); /* that is what was shown */
  g_assert_cmpint (shown (f).from_ns, ==, all.from_ns);
  g_assert_cmpint (shown (f).to_ns, ==, all.to_ns);
  press_and_draw (f, f->stream, GDK_KEY_f);
  g_assert_cmpint (shown (f).from_ns, ==, task.from_ns);
}

/* A range of time by keys alone, with its statistics and the groups that took most of it. */
static void
test_stream_selects_time (Fixture *f, const void *data G_GNUC_UNUSED)
{
  const WeftlineSelection *selection = weftline_session_selection (f->session);
  g_autofree char *told = NULL;
  Range range;

  press_and_draw (f, f->stream, GDK_KEY_f);
  g_assert_true (press_with (f->stream, GDK_KEY_D, GDK_SHIFT_MASK));
  range = (Range){ selection->from_ns, selection->to_ns };
  g_assert_cmpint (range.to_ns, >, range.from_ns);
  g_assert_true (press_with (f->stream, GDK_KEY_D, GDK_SHIFT_MASK));
  g_assert_cmpint (selection->from_ns, ==, range.from_ns);
  g_assert_cmpint (selection->to_ns, >, range.to_ns);
  g_assert_true (press_with (f->stream, GDK_KEY_A, GDK_SHIFT_MASK));
  g_assert_cmpint (selection->to_ns, ==, range.to_ns);
  press_and_draw (f, f->stream, GDK_KEY_Escape);
  press_and_draw (f, f->stream, GDK_KEY_r);
  g_assert_cmpint (selection->from_ns, ==, shown (f).from_ns);
  g_assert_cmpint (selection->to_ns, ==, shown (f).to_ns);
  told = description_of (f->stream);
  g_assert_nonnull (strstr (told, "21 tasks ·"));
  g_assert_nonnull (strstr (told, "most: stage"));
}

static gboolean
is_popover (GtkWidget *widget, const void *data G_GNUC_UNUSED)
{
  return GTK_IS_POPOVER (widget) && gtk_widget_get_visible (widget);
}

/* All kinds with their meaning are one key away. */
static void
test_stream_legend (Fixture *f, const void *data G_GNUC_UNUSED)
{
  static const char *const words[] = { "task",  "running", "error", "retried",  "cancelled",
                                       "spill", "paused",  "idle",  "transfer", "stage1" };
  GtkWidget *popover;

  g_assert_null (find_widget (f->stream, is_popover, NULL));
  press_and_draw (f, f->stream, GDK_KEY_h);
  popover = find_widget (f->stream, is_popover, NULL);
  g_assert_nonnull (popover);
  for (unsigned i = 0; i < G_N_ELEMENTS (words); i++)
    g_assert_nonnull (find_widget (popover, has_text, words[i]));
}

/* ---- the task graph -------------------------------------------------------------------------- */

static const WeftlineViewport *
viewport (Fixture *f)
{
  return weftline_task_graph_get_viewport (WEFTLINE_TASK_GRAPH (f->graph));
}

static void
test_graph_moves (Fixture *f, const void *data G_GNUC_UNUSED)
{
  double x, y, scale;

  g_assert_null (viewport (f));
  press_and_draw (f, f->graph, GDK_KEY_w);
  g_assert_nonnull (viewport (f));
  scale = viewport (f)->scale;
  press_and_draw (f, f->graph, GDK_KEY_w);
  g_assert_cmpfloat (viewport (f)->scale, >, scale);
  press_and_draw (f, f->graph, GDK_KEY_s);
  g_assert_cmpfloat_with_epsilon (viewport (f)->scale, scale, scale * 1e-9);
  x = viewport (f)->x;
  y = viewport (f)->y;
  press_and_draw (f, f->graph, GDK_KEY_d);
  g_assert_cmpfloat (viewport (f)->x, >, x);
  press_and_draw (f, f->graph, GDK_KEY_a);
  g_assert_cmpfloat_with_epsilon (viewport (f)->x, x, 1e-6);
  press_and_draw (f, f->graph, GDK_KEY_Page_Down);
  g_assert_cmpfloat (viewport (f)->y, >, y);
  press_and_draw (f, f->graph, GDK_KEY_Page_Up);
  g_assert_cmpfloat_with_epsilon (viewport (f)->y, y, 1e-6);
  press_and_draw (f, f->graph, GDK_KEY_f);
  g_assert_null (viewport (f));
}

/* There and back, and as far as there is anything. F brings it near, and once more everything into
 * view. */
static void
test_graph_goes (Fixture *f, const void *data G_GNUC_UNUSED)
{
  const WeftlineSelection *selection = weftline_session_selection (f->session);
  uint32_t first, second;

  press_and_draw (f, f->graph, GDK_KEY_Right); /* nothing is selected: what is in the middle */
  first = selection->task;
  g_assert_cmpuint (first, !=, WEFT_NONE);
  press_and_draw (f, f->graph, GDK_KEY_Down);
  second = selection->task;
  g_assert_cmpuint (second, !=, first);
  press_and_draw (f, f->graph, GDK_KEY_Up); /* in a column now */
  press_and_draw (f, f->graph, GDK_KEY_Down);
  g_assert_cmpuint (selection->task, ==, second);
  for (int i = 0; i < 60; i++)
    press_and_draw (f, f->graph, GDK_KEY_Left);
  first = selection->task;
  press_and_draw (f, f->graph, GDK_KEY_Left); /* there is nothing more */
  g_assert_cmpuint (selection->task, ==, first);
  press_and_draw (f, f->graph, GDK_KEY_f);
  g_assert_nonnull (viewport (f));
  press_and_draw (f, f->graph, GDK_KEY_f);
  g_assert_null (viewport (f));
}

/* ---- progress -------------------------------------------------------------------------------- */

static void
test_progress (Fixture *f, const void *data G_GNUC_UNUSED)
{
  const WeftlineSelection *selection = weftline_session_selection (f->session);
  uint32_t n_groups = weftline_session_snapshot (f->session)->n_groups, first, last;

  g_assert_true (gtk_widget_get_focusable (f->progress));
  press_and_draw (f, f->progress, GDK_KEY_Return);
  first = selection->group;
  g_assert_cmpuint (first, !=, WEFT_NONE);
  press_and_draw (f, f->progress, GDK_KEY_End);
  last = selection->group;
  g_assert_cmpuint (last, !=, first);
  press_and_draw (f, f->progress, GDK_KEY_Home);
  g_assert_cmpuint (selection->group, ==, first);
  for (uint32_t i = 0; i + 1 < n_groups; i++)
    press_and_draw (f, f->progress, GDK_KEY_Down);
  g_assert_cmpuint (selection->group, ==, last);
  press_and_draw (f, f->progress, GDK_KEY_Escape);
  g_assert_cmpuint (selection->group, ==, WEFT_NONE);
}

/* Whatever is drawn can be reached. */
static void
test_all_take_the_focus (Fixture *f, const void *data G_GNUC_UNUSED)
{
  GtkAccessibleRole role = GTK_ACCESSIBLE_ROLE_IMG;
  GQueue queue = G_QUEUE_INIT;
  unsigned n = 0;

  g_queue_push_tail (&queue, f->page.window);
  while (!g_queue_is_empty (&queue))
    {
      GtkWidget *widget = g_queue_pop_head (&queue);

      if (gtk_accessible_get_accessible_role (GTK_ACCESSIBLE (widget)) == role
          && g_str_has_prefix (G_OBJECT_TYPE_NAME (widget), "Weftline"))
        {
          g_test_message ("%s", G_OBJECT_TYPE_NAME (widget));
          g_assert_true (gtk_widget_get_focusable (widget));
          n++;
        }
      for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
           child = gtk_widget_get_next_sibling (child))
        g_queue_push_tail (&queue, child);
    }
  g_assert_cmpuint (n, >=, 8);
}

static void
add (const char *name, void (*test) (Fixture *f, const void *data))
{
  g_autofree char *path = g_strdup_printf ("/weft/ui-app/view-keys/%s", name);

  g_test_add (path, Fixture, NULL, set_up, test, tear_down);
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  add ("stream-moves", test_stream_moves);
  add ("stream-fits", test_stream_fits);
  add ("stream-selects-time", test_stream_selects_time);
  add ("stream-legend", test_stream_legend);
  add ("graph-moves", test_graph_moves);
  add ("graph-goes", test_graph_goes);
  add ("progress", test_progress);
  add ("all-take-the-focus", test_all_take_the_focus);
  return g_test_run ();
}
