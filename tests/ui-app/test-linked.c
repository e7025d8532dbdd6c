/* test-linked.c: tests that what is selected or pointed at in one view shows in the others
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * With WEFT_PICTURES set to a folder, pictures are left there to be looked at.
 */
#include "view-fixture.h"
#include "window-pictures.h"

#include "app/weftline-application.h"
#include "app/weftline-run-page.h"
#include "graph/graph-look.h"

typedef struct
{
  TestDir *dir;
  GSettings *settings;
  WeftlineRun *run;
  WeftlineSession *session; /* of the page */
  GtkWidget *window;
  GtkWidget *stream, *graph, *progress;
} Fixture;

static gboolean
has_css_name (GtkWidget *widget, const void *name)
{
  return g_str_equal (gtk_widget_get_css_name (widget), name);
}

static void
leave_picture (Fixture *fixture, const char *name)
{
  g_autofree char *whole = g_strdup_printf ("linked-%s", name);

  leave_pictures (fixture->window, whole);
}

/* ---- the run --------------------------------------------------------------------------------- */

/* One task that all wait for, and one that waits for all: of two workers one is idle then. */
static char *
make_graph (unsigned n_parts, double seconds)
{
  GString *json = g_string_new ("{\"weftline\": 1, \"name\": \"linked\", \"tasks\": {");

  g_string_append_printf (json, "\"load\": {\"op\": \"sleep\", \"args\": [%.4f, 1]}", seconds * 4);
  for (unsigned i = 0; i < n_parts; i++)
    g_string_append_printf (json,
                            ", \"part-%u\": {\"op\": \"sleep\", \"args\": [%.4f, "
                            "{\"ref\": \"load\"}]}",
                            i, seconds);
  g_string_append (json, ", \"all\": {\"op\": \"sum\", \"args\": [[");
  for (unsigned i = 0; i < n_parts; i++)
    g_string_append_printf (json, "%s{\"ref\": \"part-%u\"}", i > 0 ? ", " : "", i);
  g_string_append_printf (json,
                          "]]}, \"merge\": {\"op\": \"sleep\", \"args\": [%.4f, "
                          "{\"ref\": \"all\"}]}",
                          seconds * 3);
  for (unsigned i = 0; i < 4; i++)
    g_string_append_printf (json,
                            ", \"report-%u\": {\"op\": \"sleep\", \"args\": [%.4f, "
                            "{\"ref\": \"merge\"}]}",
                            i, seconds / 2);
  g_string_append (json, "}}");
  return g_string_free (json, FALSE);
}

static WeftlineRun *
make_run_of (const TestDir *dir, const char *json)
{
  g_autofree char *path = test_dir_write (dir, "linked.json", json);
  g_autoptr (GError) error = NULL;
  g_autoptr (WeftlinePlan) plan = weftline_plan_new_for_file (path, &error);
  const WeftlineRunSettings settings = { .n_workers = 2 };

  g_assert_no_error (error);
  return weftline_run_embedded_new (plan, &settings);
}

/* @is_big: so many tasks that from far only groups are shown */
static WeftlineRun *
make_run (const TestDir *dir, bool is_big)
{
  g_autofree char *json = is_big ? make_graph (6100, 0) : make_graph (6, 0.03);

  return make_run_of (dir, json);
}

static void
open_window (Fixture *fixture)
{
  g_autoptr (WeftlineSession) session = weftline_session_new (fixture->run);
  GtkWidget *page;

  fixture->settings = g_settings_new (WEFTLINE_APPLICATION_ID);
  fixture->window = gtk_window_new ();
  page = weftline_run_page_new (session, fixture->settings);
  fixture->session = weftline_run_page_session (WEFTLINE_RUN_PAGE (page));
  gtk_window_set_default_size (GTK_WINDOW (fixture->window), 1400, 900);
  gtk_window_set_child (GTK_WINDOW (fixture->window), page);
  gtk_window_present (GTK_WINDOW (fixture->window));
  fixture->stream = find_widget (fixture->window, has_css_name, "taskstream");
  fixture->graph = find_widget (fixture->window, has_css_name, "taskgraph");
  fixture->progress = find_widget (fixture->window, has_css_name, "progressview");
}

static void
set_up (Fixture *fixture, const void *data)
{
  fixture->dir = test_dir_new ();
  fixture->run = make_run (fixture->dir, g_strcmp0 (data, "big") == 0);
  open_window (fixture);
  run_to_the_end (fixture->run);
  session_to_the_end (fixture->session);
  test_loop_until (is_described (fixture->graph, "tasks"));
  /* what is pointed at is found in what is drawn */
  g_bytes_unref (widget_picture (fixture->dir, fixture->stream));
  test_loop_drain ();
}

static void
tear_down (Fixture *fixture, const void *data G_GNUC_UNUSED)
{
  gtk_window_destroy (GTK_WINDOW (fixture->window));
  test_loop_drain ();
  test_assert_finalised (fixture->run);
  g_object_unref (fixture->settings);
  test_dir_free (fixture->dir);
}

static uint32_t
find_task (Fixture *fixture, const char *key)
{
  uint32_t task = weft_model_find_key (weftline_session_model (fixture->session), key);

  g_assert_cmpuint (task, !=, WEFT_NONE);
  return task;
}

/* ---- lineage --------------------------------------------------------------------------------- */

static void
test_lineage (Fixture *fixture, const void *data)
{
  GtkWidget *widget = g_str_equal (data, "stream") ? fixture->stream : fixture->graph;
  uint32_t task = find_task (fixture, "merge");
  g_autoptr (GBytes) stream = NULL;
  g_autoptr (GBytes) graph = NULL;

  weftline_session_select_task (fixture->session, task);
  test_loop_drain ();
  leave_picture (fixture, "selected");
  stream = widget_picture (fixture->dir, fixture->stream);
  graph = widget_picture (fixture->dir, fixture->graph);
  g_assert_true (press (widget, GDK_KEY_q));
  g_assert_cmpint (weftline_session_lineage (fixture->session), ==, WEFTLINE_LINEAGE_ANCESTORS);
  g_assert_true (is_described (fixture->stream, "ancestors"));
  g_assert_true (is_described (fixture->graph, "ancestors"));
  test_loop_until (widget_has_changed (fixture->dir, fixture->stream, stream));
  test_loop_until (widget_has_changed (fixture->dir, fixture->graph, graph));
  leave_picture (fixture, "ancestors");
  g_assert_true (press (widget, GDK_KEY_e));
  g_assert_cmpint (weftline_session_lineage (fixture->session), ==, WEFTLINE_LINEAGE_BOTH);
  g_assert_true (press (widget, GDK_KEY_q));
  g_assert_true (is_described (fixture->stream, "descendant"));
  g_assert_true (press (widget, GDK_KEY_Escape));
  g_assert_cmpint (weftline_session_lineage (fixture->session), ==, WEFTLINE_LINEAGE_NONE);
  g_assert_false (is_described (fixture->stream, "selected"));
  g_assert_false (is_described (fixture->graph, "selected"));
}

/* ---- gaps ------------------------------------------------------------------------------------ */

/* A place in a lane where pointing tells of a task, from @x on; −1: there is none. */
static int
find_hover (Fixture *fixture, int x, int y, uint32_t task)
{
  for (; x < gtk_widget_get_width (fixture->stream); x += 3)
    {
      point_at (fixture->stream, x, y);
      if (weftline_session_hover_task (fixture->session) == task)
        return x;
    }
  return -1;
}

/* While one worker runs what all wait for, pointing at the other's emptiness tells of that too. */
static void
test_gap (Fixture *fixture, const void *data G_GNUC_UNUSED)
{
  static const char *const keys[] = { "load", "merge" };
  static const int lanes_y[] = { 70, 160 };

  for (unsigned k = 0; k < G_N_ELEMENTS (keys); k++)
    for (unsigned lane = 0; lane < G_N_ELEMENTS (lanes_y); lane++)
      {
        int x = find_hover (fixture, 90, lanes_y[lane], find_task (fixture, keys[k]));
        g_autofree char *name = g_strdup_printf ("gap-%s-%u", keys[k], lane);

        g_assert_cmpint (x, >=, 0);
        point_at (fixture->stream, x + 30, lanes_y[lane]);
        leave_picture (fixture, name);
      }
}

/* Keys go through all of them, there and back, and each is told. */
static void
test_gap_keys (Fixture *fixture, const void *data G_GNUC_UNUSED)
{
  g_autoptr (GPtrArray) seen = g_ptr_array_new_with_free_func (g_free);
  bool load = false, merge = false;

  point_at (fixture->stream, 2, 2);
  test_loop_drain ();
  for (unsigned i = 0; i < 100; i++)
    {
      char *told;

      g_assert_true (press (fixture->stream, GDK_KEY_period));
      test_loop_drain ();
      told = description_of (fixture->stream);
      if (seen->len > 0 && g_str_equal (told, seen->pdata[seen->len - 1]))
        {
          g_free (told);
          break;
        }
      g_ptr_array_add (seen, told);
      load |= strstr (told, "No task was ready, awaited load, which ran on ") != NULL;
      merge |= strstr (told, "No task was ready, awaited merge, which ran on ") != NULL;
      if (strstr (told, "awaited merge") != NULL)
        leave_picture (fixture, "gap-keys");
    }
  g_assert_true (load && merge);
  for (guint i = seen->len - 1; i > 0; i--)
    {
      g_autofree char *told = NULL;

      g_assert_true (press (fixture->stream, GDK_KEY_comma));
      told = description_of (fixture->stream);
      g_assert_cmpstr (told, ==, seen->pdata[i - 1]);
    }
  g_assert_true (press (fixture->stream, GDK_KEY_Escape));
  for (guint i = 0; i < seen->len; i++)
    g_assert_false (is_described (fixture->stream, seen->pdata[i]));
}

/* From the selected task on; the pointer has the last word. */
static void
test_gap_after_a_task (Fixture *fixture, const void *data G_GNUC_UNUSED)
{
  weftline_session_select_task (fixture->session, find_task (fixture, "merge"));
  test_loop_drain ();
  g_assert_true (gtk_widget_activate_action (fixture->stream, "stream.previous-gap", NULL));
  if (!is_described (fixture->stream, "merge is selected · ")) /* its worker was always busy */
    g_assert_true (gtk_widget_activate_action (fixture->stream, "stream.next-gap", NULL));
  g_assert_true (weftline_session_selection (fixture->session)->task
                 == find_task (fixture, "merge"));
  g_assert_true (is_described (fixture->stream, "merge is selected · "));
  test_loop_drain ();
  point_at (fixture->stream, 2, 2);
  g_assert_false (is_described (fixture->stream, "merge is selected · "));
}

/* ---- the task graph -------------------------------------------------------------------------- */

/* What a value's colours look like is no other's, and states come back. */
static void
test_colors (Fixture *fixture, const void *data G_GNUC_UNUSED)
{
  g_autoptr (GBytes) states = widget_picture (fixture->dir, fixture->graph);

  for (int i = 0; i < WEFTLINE_N_VALUES; i++)
    {
      const char *name = weftline_graph_value_name ((WeftlineGraphValue) i);
      g_autoptr (GBytes) before = widget_picture (fixture->dir, fixture->graph);

      g_assert_true (gtk_widget_activate_action (fixture->graph, "graph.color", "s", name));
      test_loop_until (widget_has_changed (fixture->dir, fixture->graph, before));
      leave_picture (fixture, name);
    }
  g_assert_true (gtk_widget_activate_action (fixture->graph, "graph.color", "s", "state"));
  test_loop_until (!widget_has_changed (fixture->dir, fixture->graph, states));
}

/* What was found is in the middle, though it was out of sight. */
static void
test_found (Fixture *fixture, const void *data G_GNUC_UNUSED)
{
  uint32_t task = find_task (fixture, "report-3");
  int width = gtk_widget_get_width (fixture->graph);
  int height = gtk_widget_get_height (fixture->graph) - 30; /* without the legend */
  g_autoptr (GBytes) before = NULL;

  point_at (fixture->graph, 5, 5);
  for (int i = 0; i < 12; i++)
    scroll (fixture->graph, -1);
  before = widget_picture (fixture->dir, fixture->graph);
  weftline_session_reveal_task (fixture->session, task);
  test_loop_until (widget_has_changed (fixture->dir, fixture->graph, before));
  leave_picture (fixture, "found");
  weftline_session_select_nothing (fixture->session);
  click_at (fixture->graph, width / 2.0, height / 2.0);
  g_assert_cmpuint (weftline_session_selection (fixture->session)->task, ==, task);
}

/* Its menu's items do what the keys do. */
static void
test_menu (Fixture *fixture, const void *data G_GNUC_UNUSED)
{
  weftline_session_select_task (fixture->session, find_task (fixture, "merge"));
  g_assert_true (gtk_widget_activate_action (fixture->stream, "lineage.descendants", NULL));
  g_assert_cmpint (weftline_session_lineage (fixture->session), ==, WEFTLINE_LINEAGE_DESCENDANTS);
  g_assert_true (gtk_widget_activate_action (fixture->graph, "lineage.descendants", NULL));
  g_assert_cmpint (weftline_session_lineage (fixture->session), ==, WEFTLINE_LINEAGE_NONE);
}

/* ---- from view to view ----------------------------------------------------------------------- */

typedef struct
{
  GBytes *stream, *graph, *progress;
} Pictures;

static void
take_pictures (Fixture *fixture, Pictures *pictures)
{
  pictures->stream = widget_picture (fixture->dir, fixture->stream);
  pictures->graph = widget_picture (fixture->dir, fixture->graph);
  pictures->progress = widget_picture (fixture->dir, fixture->progress);
}

/* All views look otherwise than they did. */
static void
assert_all_changed (Fixture *fixture, const Pictures *before)
{
  test_loop_until (widget_has_changed (fixture->dir, fixture->stream, before->stream));
  test_loop_until (widget_has_changed (fixture->dir, fixture->graph, before->graph));
  test_loop_until (widget_has_changed (fixture->dir, fixture->progress, before->progress));
}

static void
drop_pictures (Pictures *pictures)
{
  g_clear_pointer (&pictures->stream, g_bytes_unref);
  g_clear_pointer (&pictures->graph, g_bytes_unref);
  g_clear_pointer (&pictures->progress, g_bytes_unref);
}

/* … and now as before again. */
static void
assert_all_back (Fixture *fixture, Pictures *before)
{
  test_loop_until (!widget_has_changed (fixture->dir, fixture->stream, before->stream));
  test_loop_until (!widget_has_changed (fixture->dir, fixture->graph, before->graph));
  test_loop_until (!widget_has_changed (fixture->dir, fixture->progress, before->progress));
  drop_pictures (before);
}

static void
leave (GtkWidget *widget)
{
  g_signal_emit_by_name (find_controller (widget, GTK_TYPE_EVENT_CONTROLLER_MOTION), "leave");
}

/* A place in the graph where that task is. */
static void
point_at_node (Fixture *fixture, uint32_t task)
{
  for (int y = 2; y < gtk_widget_get_height (fixture->graph); y += 6)
    for (int x = 2; x < gtk_widget_get_width (fixture->graph); x += 12)
      {
        point_at (fixture->graph, x, y);
        if (weftline_session_hover_task (fixture->session) == task)
          return;
      }
  g_assert_not_reached ();
}

static void
test_hover_task (Fixture *fixture, const void *data)
{
  uint32_t task = find_task (fixture, "merge");
  Pictures before;

  take_pictures (fixture, &before);
  if (g_str_equal (data, "stream"))
    g_assert_cmpint (find_hover (fixture, 90, 70, task), >=, 0);
  else
    point_at_node (fixture, task);
  g_assert_cmpuint (weftline_session_hover_group (fixture->session), ==,
                    weft_model_task_group (weftline_session_model (fixture->session), task));
  assert_all_changed (fixture, &before);
  leave (g_str_equal (data, "stream") ? fixture->stream : fixture->graph);
  assert_all_back (fixture, &before);
}

/* One after the other: what runs is also what a worker without a task is told to wait for. The
 * second goes on until it is cancelled. */
static void
set_up_chain (Fixture *fixture, const void *data G_GNUC_UNUSED)
{
  static const char chain[] = "{\"weftline\": 1, \"tasks\": {"
                              "\"first\": {\"op\": \"sleep\", \"args\": [1.2, 1]}, "
                              "\"then\": {\"op\": \"sleep\", \"args\": [600, "
                              "{\"ref\": \"first\"}]}, "
                              "\"last\": {\"op\": \"sleep\", \"args\": [600, "
                              "{\"ref\": \"then\"}]}}}";

  fixture->dir = test_dir_new ();
  fixture->run = make_run_of (fixture->dir, chain);
  open_window (fixture);
}

/* Where the run goes on under a pointer at rest, what is told goes with it. */
static void
test_hover_goes_on (Fixture *fixture, const void *data G_GNUC_UNUSED)
{
  int width, height;
  bool on_first = false;

  weftline_run_start (fixture->run);
  /* workers come one after the other, and lanes move */
  test_loop_until (weftline_session_snapshot (fixture->session)->last_ns > 100000000);
  test_loop_drain ();
  width = gtk_widget_get_width (fixture->stream);
  height = gtk_widget_get_height (fixture->stream);
  for (int i = 1; i < 8 && !on_first; i++)
    {
      point_at (fixture->stream, width * 0.8, height * i / 8.0);
      on_first = weftline_session_hover_task (fixture->session) != WEFT_NONE;
    }
  g_assert_true (on_first);
  test_loop_until (weftline_session_hover_task (fixture->session) == find_task (fixture, "then"));
  weftline_run_cancel (fixture->run);
  test_loop_until (weftline_session_snapshot (fixture->session)->phase == WEFT_RUN_CANCELLED);
}

static void
test_select_task (Fixture *fixture, const void *data)
{
  uint32_t task = find_task (fixture, "merge");
  Pictures before;

  take_pictures (fixture, &before);
  if (g_str_equal (data, "stream"))
    click_at (fixture->stream, find_hover (fixture, 90, 70, task) + 2, 70);
  else
    for (int y = 2; y < gtk_widget_get_height (fixture->graph)
                    && weftline_session_selection (fixture->session)->task != task;
         y += 6)
      for (int x = 2; x < gtk_widget_get_width (fixture->graph)
                      && weftline_session_selection (fixture->session)->task != task;
           x += 12)
        click_at (fixture->graph, x, y);
  if (weftline_session_selection (fixture->session)->task != task)
    /* that lane was empty then: what was awaited is told of, not selected */
    weftline_session_select_task (fixture->session, task);
  leave (fixture->stream);
  assert_all_changed (fixture, &before);
  g_assert_true (is_described (fixture->stream, "merge is selected"));
  g_assert_true (is_described (fixture->graph, "merge is selected"));
  g_assert_true (is_described (fixture->progress, "merge is selected"));
  click_at (fixture->graph, 3, 3);
  assert_all_back (fixture, &before);
}

/* The third row: the second group. */
static void
test_group (Fixture *fixture, const void *data G_GNUC_UNUSED)
{
  Pictures before;

  take_pictures (fixture, &before);
  point_at (fixture->progress, 40, 54 + 36 + 10);
  g_assert_cmpuint (weftline_session_hover_group (fixture->session), !=, WEFT_NONE);
  assert_all_changed (fixture, &before);
  leave (fixture->progress);
  assert_all_back (fixture, &before);
  take_pictures (fixture, &before);
  click_at (fixture->progress, 40, 54 + 36 + 10);
  g_assert_cmpuint (weftline_session_selection (fixture->session)->group, !=, WEFT_NONE);
  assert_all_changed (fixture, &before);
  g_assert_true (is_described (fixture->graph, "group part is selected"));
  leave_picture (fixture, "group");
  press (fixture->stream, GDK_KEY_Escape);
  drop_pictures (&before);
}

/* Key, group and state, and the value that the colours tell. */
static void
test_words (Fixture *fixture, const void *data G_GNUC_UNUSED)
{
  WeftModel *model = weftline_session_model (fixture->session);
  uint32_t task = find_task (fixture, "report-3");
  WeftlineGraphLook look;
  g_autofree char *states = NULL;
  g_autofree char *order = NULL;
  g_autofree char *expected = NULL;

  weftline_graph_look_init (&look);
  look.model = model;
  look.n_groups = weftline_session_snapshot (fixture->session)->n_groups;
  states = weftline_graph_look_dup_words (&look, task, WEFT_TASK_MEMORY);
  g_assert_cmpstr (states, ==, "report-3\nreport · in memory");
  weftline_graph_look_set_values (&look, model, 1, WEFTLINE_VALUE_ORDER);
  order = weftline_graph_look_dup_words (&look, task, WEFT_TASK_MEMORY);
  expected = g_strdup_printf ("%s\nPlace in the order: %u", states, task);
  g_assert_cmpstr (order, ==, expected);
  weftline_graph_look_clear (&look);
}

/* From far the graph shows groups, which are pointed at and selected as such. */
static void
test_group_in_graph (Fixture *fixture, const void *data G_GNUC_UNUSED)
{
  int width = gtk_widget_get_width (fixture->graph),
      height = gtk_widget_get_height (fixture->graph);
  Pictures before;
  uint32_t group;
  int x = 2, y = 2;

  take_pictures (fixture, &before);
  for (y = 2; y < height && weftline_session_hover_group (fixture->session) == WEFT_NONE; y += 6)
    for (x = 2; x < width && weftline_session_hover_group (fixture->session) == WEFT_NONE; x += 12)
      point_at (fixture->graph, x, y);
  group = weftline_session_hover_group (fixture->session);
  g_assert_cmpuint (group, !=, WEFT_NONE);
  g_assert_cmpuint (weftline_session_hover_task (fixture->session), ==, WEFT_NONE);
  assert_all_changed (fixture, &before);
  leave (fixture->graph);
  assert_all_back (fixture, &before);
  click_at (fixture->graph, x - 12, y - 6);
  g_assert_cmpuint (weftline_session_selection (fixture->session)->group, ==, group);
  leave_picture (fixture, "far");
  click_at (fixture->graph, 2, 2);
  g_assert_cmpuint (weftline_session_selection (fixture->session)->group, ==, WEFT_NONE);
}

static void
test_range (Fixture *fixture, const void *data G_GNUC_UNUSED)
{
  WeftModel *model = weftline_session_model (fixture->session);
  Pictures before;
  WeftModelLane info;
  uint32_t lane;
  uint64_t index;
  const WeftSpan *span;

  g_assert_true (weft_model_task_span (model, find_task (fixture, "merge"), &lane, &index));
  weft_model_lane (model, lane, &info);
  span = weft_spans_get (info.spans, index);
  take_pictures (fixture, &before);
  weftline_session_select_range (fixture->session, span->start_ns + 1, span->end_ns - 1);
  assert_all_changed (fixture, &before);
  g_assert_true (is_described (fixture->progress, "a range of"));
  leave_picture (fixture, "range");
  press (fixture->graph, GDK_KEY_Escape);
  drop_pictures (&before);
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  g_test_add ("/weft/ui-app/linked/lineage-from-stream", Fixture, "stream", set_up, test_lineage,
              tear_down);
  g_test_add ("/weft/ui-app/linked/lineage-from-graph", Fixture, "graph", set_up, test_lineage,
              tear_down);
  g_test_add ("/weft/ui-app/linked/gap", Fixture, NULL, set_up, test_gap, tear_down);
  g_test_add ("/weft/ui-app/linked/gap-keys", Fixture, NULL, set_up, test_gap_keys, tear_down);
  g_test_add ("/weft/ui-app/linked/gap-after-a-task", Fixture, NULL, set_up, test_gap_after_a_task,
              tear_down);
  g_test_add ("/weft/ui-app/linked/colors", Fixture, NULL, set_up, test_colors, tear_down);
  g_test_add ("/weft/ui-app/linked/found", Fixture, NULL, set_up, test_found, tear_down);
  g_test_add ("/weft/ui-app/linked/menu", Fixture, NULL, set_up, test_menu, tear_down);
  g_test_add ("/weft/ui-app/linked/hover-stream", Fixture, "stream", set_up, test_hover_task,
              tear_down);
  g_test_add ("/weft/ui-app/linked/hover-graph", Fixture, "graph", set_up, test_hover_task,
              tear_down);
  g_test_add ("/weft/ui-app/linked/hover-goes-on", Fixture, NULL, set_up_chain, test_hover_goes_on,
              tear_down);
  g_test_add ("/weft/ui-app/linked/select-stream", Fixture, "stream", set_up, test_select_task,
              tear_down);
  g_test_add ("/weft/ui-app/linked/select-graph", Fixture, "graph", set_up, test_select_task,
              tear_down);
  g_test_add ("/weft/ui-app/linked/group", Fixture, NULL, set_up, test_group, tear_down);
  g_test_add ("/weft/ui-app/linked/group-in-graph", Fixture, "big", set_up, test_group_in_graph,
              tear_down);
  g_test_add ("/weft/ui-app/linked/words", Fixture, NULL, set_up, test_words, tear_down);
  g_test_add ("/weft/ui-app/linked/range", Fixture, NULL, set_up, test_range, tear_down);
  return g_test_run ();
}
