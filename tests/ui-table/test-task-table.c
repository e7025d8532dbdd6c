/* test-task-table.c: tests of the table of all tasks
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "../ui-app/ui-fixture.h"
#include "../ui-session/child-fixture.h"

#include "table/task-cell.h"
#include "table/task-table.h"

static TestDir *dir;

typedef struct
{
  WeftlineRun *run;
  WeftlineSession *session;
  GtkWidget *window;
  WeftlineTaskTable *table;
  GListModel *list;
} Fixture;

static void
open_window (Fixture *fixture)
{
  fixture->session = weftline_session_new (fixture->run);
  fixture->table = WEFTLINE_TASK_TABLE (weftline_task_table_new (fixture->session));
  fixture->list = G_LIST_MODEL (weftline_task_table_list (fixture->table));
  fixture->window = gtk_window_new ();
  gtk_window_set_default_size (GTK_WINDOW (fixture->window), 900, 400);
  gtk_window_set_child (GTK_WINDOW (fixture->window), GTK_WIDGET (fixture->table));
  gtk_window_present (GTK_WINDOW (fixture->window));
  test_loop_drain ();
}

/* @tasks: as in a graph file */
static void
set_up (Fixture *fixture, const char *tasks)
{
  g_autofree char *text = g_strdup_printf ("{\"weftline\": 1, \"tasks\": {%s}}", tasks);
  g_autofree char *path = test_dir_write (dir, "graph.json", text);
  g_autoptr (WeftlinePlan) plan = weftline_plan_new_for_file (path, NULL);

  fixture->run = weftline_run_embedded_new (plan, &(WeftlineRunSettings){ .n_workers = 2 });
  open_window (fixture);
}

/* Until rows and values are those of the snapshot and of what is asked for. */
static void
settle (Fixture *fixture)
{
  weftline_session_update (fixture->session);
  test_loop_until (!weftline_task_table_is_busy (fixture->table));
  test_loop_drain ();
}

static void
run (Fixture *fixture)
{
  weftline_run_start (fixture->run);
  run_wait (fixture->run);
  settle (fixture);
}

static void
tear_down (Fixture *fixture)
{
  void *table = g_object_ref (fixture->table);

  gtk_window_destroy (GTK_WINDOW (fixture->window));
  test_loop_drain ();
  test_assert_finalised (table);
  test_assert_finalised (fixture->session);
  test_assert_finalised (fixture->run);
}

/* Keys of the rows, separated by spaces. (transfer full) */
static char *
keys (Fixture *fixture)
{
  WeftModel *model = weftline_session_model (fixture->session);
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < g_list_model_get_n_items (fixture->list); i++)
    {
      uint32_t task = weftline_task_list_task (WEFTLINE_TASK_LIST (fixture->list), i);
      g_autofree char *key = weft_model_task_dup_key (model, task);

      g_string_append_printf (text, "%s%s", i > 0 ? " " : "", key);
    }
  return g_string_free (text, FALSE);
}

static void
assert_keys (Fixture *fixture, const char *expected)
{
  g_autofree char *found = NULL;

  settle (fixture);
  found = keys (fixture);
  g_assert_cmpstr (found, ==, expected);
}

static void
assert_figures (Fixture *fixture, const char *expected)
{
  g_autofree char *figures = NULL;

  g_object_get (fixture->table, "figures", &figures, NULL);
  g_assert_cmpstr (figures, ==, expected);
}

typedef struct
{
  WeftlineTaskColumn column;
  guint place;
} CellAt;

static gboolean
is_cell (GtkWidget *widget, const void *data)
{
  const CellAt *at = data;

  return WEFTLINE_IS_TASK_CELL (widget)
         && weftline_task_cell_column (WEFTLINE_TASK_CELL (widget)) == at->column
         && weftline_task_cell_place (WEFTLINE_TASK_CELL (widget)) == at->place;
}

static gboolean
is_view (GtkWidget *widget, const void *data G_GNUC_UNUSED)
{
  return GTK_IS_COLUMN_VIEW (widget);
}

/* (transfer none) */
static const char *
text_at (Fixture *fixture, WeftlineTaskColumn column, guint place)
{
  CellAt at = { column, place };
  GtkWidget *cell = find_widget (GTK_WIDGET (fixture->table), is_cell, &at);

  g_assert_nonnull (cell);
  return weftline_task_cell_text (WEFTLINE_TASK_CELL (cell));
}

/* ---- rows ------------------------------------------------------------------------------------ */

static const char few[] = "\"x-10\": {\"op\": \"const\", \"args\": [4]},"
                          "\"x-9\": {\"op\": \"add\", \"args\": [{\"ref\": \"x-10\"}, 1]},"
                          "\"bad\": {\"op\": \"fail\", \"args\": [null, null, \"knot\"]},"
                          "\"slow\": {\"op\": \"sleep\", \"args\": [0.02, 1]}";

static void
test_rows (void)
{
  CellAt at = { WEFTLINE_TASK_STATE, 2 };
  GtkWidget *view, *cell;
  Fixture fixture;

  set_up (&fixture, few);
  assert_figures (&fixture, "0 of 0 tasks");
  view = find_widget (GTK_WIDGET (fixture.table), is_view, NULL);
  g_assert_nonnull (find_widget (GTK_WIDGET (fixture.table), has_text, "No tasks yet"));
  run (&fixture);
  assert_keys (&fixture, "x-10 x-9 bad slow");
  assert_figures (&fixture, "4 of 4 tasks");
  g_assert_null (find_widget (GTK_WIDGET (fixture.table), has_text, "No tasks yet"));
  g_assert_cmpstr (text_at (&fixture, WEFTLINE_TASK_KEY, 1), ==, "x-9");
  g_assert_cmpstr (text_at (&fixture, WEFTLINE_TASK_GROUP, 0), ==, "x");
  g_assert_cmpstr (text_at (&fixture, WEFTLINE_TASK_STATE, 2), ==, "erred");
  g_assert_cmpstr (text_at (&fixture, WEFTLINE_TASK_ATTEMPTS, 3), ==, "1");
  gtk_test_accessible_assert_property (view, GTK_ACCESSIBLE_PROPERTY_LABEL, "Tasks");
  gtk_test_accessible_assert_property (view, GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, "4 of 4 tasks");
  cell = find_widget (GTK_WIDGET (fixture.table), is_cell, &at);
  gtk_test_accessible_assert_property (cell, GTK_ACCESSIBLE_PROPERTY_LABEL, "erred");
  tear_down (&fixture);
}

static gboolean
is_on_right (Fixture *fixture, WeftlineTaskColumn column, guint place)
{
  CellAt at = { column, place };
  GtkWidget *cell = find_widget (GTK_WIDGET (fixture->table), is_cell, &at);
  float width = (float) gtk_widget_get_width (cell);
  graphene_rect_t box;

  weftline_task_cell_text_box (WEFTLINE_TASK_CELL (cell), &box);
  g_assert_cmpfloat (box.size.width, <, width);
  g_assert_true (box.origin.x == 0 || box.origin.x + box.size.width == width);
  return box.origin.x > 0;
}

static double
right_of (Fixture *fixture, WeftlineTaskColumn column)
{
  CellAt at = { column, 0 };
  GtkWidget *cell = find_widget (GTK_WIDGET (fixture->table), is_cell, &at);
  graphene_rect_t bounds;

  g_assert_nonnull (cell);
  g_assert_true (gtk_widget_compute_bounds (cell, GTK_WIDGET (fixture->table), &bounds));
  return bounds.origin.x + bounds.size.width;
}

/* The first column is on the right, and seen first, also where not all have room; words begin on
 * the right, whichever way they run, and numbers end there. */
static void
test_right_to_left (void)
{
  static const char tasks[] = "\"x-10\": {\"op\": \"const\", \"args\": [4]},"
                              "\"שלום\": {\"op\": \"const\", \"args\": [5]}";
  Fixture fixture;

  gtk_widget_set_default_direction (GTK_TEXT_DIR_RTL);
  set_up (&fixture, tasks);
  gtk_window_set_default_size (GTK_WINDOW (fixture.window), 500, 400);
  run (&fixture);
  test_loop_until (gtk_widget_get_width (GTK_WIDGET (fixture.table)) == 500
                   && right_of (&fixture, WEFTLINE_TASK_KEY) <= 500
                   && right_of (&fixture, WEFTLINE_TASK_KEY) > 450);
  g_assert_cmpfloat (right_of (&fixture, WEFTLINE_TASK_GROUP), <,
                     right_of (&fixture, WEFTLINE_TASK_KEY));
  g_assert_true (is_on_right (&fixture, WEFTLINE_TASK_KEY, 0));
  g_assert_true (is_on_right (&fixture, WEFTLINE_TASK_KEY, 1));
  g_assert_true (is_on_right (&fixture, WEFTLINE_TASK_DURATION, 0));
  g_assert_true (is_on_right (&fixture, WEFTLINE_TASK_ATTEMPTS, 0));
  gtk_widget_set_default_direction (GTK_TEXT_DIR_LTR);
  test_loop_until (!is_on_right (&fixture, WEFTLINE_TASK_KEY, 0));
  g_assert_false (is_on_right (&fixture, WEFTLINE_TASK_KEY, 1));
  g_assert_true (is_on_right (&fixture, WEFTLINE_TASK_ATTEMPTS, 0));
  tear_down (&fixture);
}

/* By a column's title, by the menu, and back; both say the same. */
static void
test_sorts (void)
{
  Fixture fixture;
  WeftlineTaskColumn column;
  gboolean descending;

  set_up (&fixture, few);
  run (&fixture);
  weftline_task_table_sort (fixture.table, WEFTLINE_TASK_KEY, FALSE);
  assert_keys (&fixture, "bad slow x-9 x-10");
  g_assert_cmpstr (text_at (&fixture, WEFTLINE_TASK_KEY, 0), ==, "bad");
  g_assert_true (gtk_widget_activate_action (GTK_WIDGET (fixture.table), "table.descending", NULL));
  assert_keys (&fixture, "x-10 x-9 slow bad");
  g_assert_true (
      gtk_widget_activate_action (GTK_WIDGET (fixture.table), "table.sort", "s", "group"));
  assert_keys (&fixture, "x-10 x-9 slow bad");
  weftline_task_table_get_sort (fixture.table, &column, &descending);
  g_assert_cmpint (column, ==, WEFTLINE_TASK_GROUP);
  g_assert_true (descending);
  weftline_task_table_sort (fixture.table, WEFTLINE_TASK_DURATION, TRUE);
  settle (&fixture);
  g_assert_cmpstr (text_at (&fixture, WEFTLINE_TASK_KEY, 0), ==, "slow");
  g_assert_true (gtk_widget_activate_action (GTK_WIDGET (fixture.table), "table.sort", "s", ""));
  assert_keys (&fixture, "x-10 x-9 bad slow");
  tear_down (&fixture);
}

static void
test_filters (void)
{
  WeftlineTaskFilter *filter;
  Fixture fixture;

  set_up (&fixture, few);
  run (&fixture);
  filter = weftline_task_table_filter (fixture.table);
  weftline_task_filter_set (filter, "X-", WEFTLINE_TASK_ALL_STATES, FALSE);
  test_loop_until (g_list_model_get_n_items (fixture.list) == 2);
  assert_keys (&fixture, "x-10 x-9");
  assert_figures (&fixture, "2 of 4 tasks");
  weftline_task_filter_set (filter, NULL, 1u << WEFT_TASK_ERRED, FALSE);
  test_loop_until (g_list_model_get_n_items (fixture.list) == 1);
  assert_keys (&fixture, "bad");
  weftline_task_filter_set (filter, "nowhere", WEFTLINE_TASK_ALL_STATES, FALSE);
  test_loop_until (g_list_model_get_n_items (fixture.list) == 0);
  settle (&fixture);
  g_assert_nonnull (find_widget (GTK_WIDGET (fixture.table), has_text, "No task is like that"));
  assert_figures (&fixture, "0 of 4 tasks");
  weftline_task_filter_set (filter, "", WEFTLINE_TASK_ALL_STATES, FALSE);
  test_loop_until (g_list_model_get_n_items (fixture.list) == 4);
  tear_down (&fixture);
}

/* ---- linked ---------------------------------------------------------------------------------- */

static void
append_many (GString *json, unsigned n, const char *task)
{
  for (unsigned i = 0; i < n; i++)
    g_string_append_printf (json, "%s\"%s-%u\": %s", json->len > 0 ? "," : "",
                            i % 2 == 0 ? "even" : "odd", i, task);
}

static double
row_height (Fixture *fixture)
{
  GtkAdjustment *adjustment =
      gtk_scrolled_window_get_vadjustment (weftline_task_table_scrolled (fixture->table));

  return gtk_adjustment_get_upper (adjustment) / g_list_model_get_n_items (fixture->list);
}

static bool
is_in_sight (Fixture *fixture, uint32_t task)
{
  GtkAdjustment *adjustment =
      gtk_scrolled_window_get_vadjustment (weftline_task_table_scrolled (fixture->table));
  guint place = weftline_task_list_find (WEFTLINE_TASK_LIST (fixture->list), task);
  double top = place * row_height (fixture) - gtk_adjustment_get_value (adjustment);

  return place != WEFT_NONE && top >= 0
         && top + row_height (fixture) <= gtk_adjustment_get_page_size (adjustment);
}

/* A task that is selected elsewhere is selected here, and in sight; and the other way. */
static void
test_linked (void)
{
  g_autoptr (GString) json = g_string_new (NULL);
  GtkSelectionModel *selection;
  unsigned n_revealed = 0;
  uint32_t task;
  Fixture fixture;
  GtkWidget *view;

  append_many (json, 2000, "{\"op\": \"const\", \"args\": [1]}");
  set_up (&fixture, json->str);
  run (&fixture);
  selection = GTK_SELECTION_MODEL (fixture.list);
  view = find_widget (GTK_WIDGET (fixture.table), is_view, NULL);
  task = weft_model_find_key (weftline_session_model (fixture.session), "even-1600");
  weftline_session_select_task (fixture.session, task);
  g_assert_true (gtk_selection_model_is_selected (selection, task));
  g_assert_false (gtk_selection_model_is_selected (selection, task + 1));
  test_loop_until (is_in_sight (&fixture, task));
  weftline_task_table_sort (fixture.table, WEFTLINE_TASK_KEY, TRUE);
  settle (&fixture);
  test_loop_until (is_in_sight (&fixture, task));
  g_assert_false (gtk_selection_model_is_selected (selection, task));
  gtk_selection_model_select_item (selection, 3, TRUE);
  g_assert_cmpuint (weftline_session_selection (fixture.session)->task, ==,
                    weftline_task_list_task (WEFTLINE_TASK_LIST (fixture.list), 3));
  g_signal_connect_swapped (fixture.session, "reveal", G_CALLBACK (g_atomic_int_inc), &n_revealed);
  g_signal_emit_by_name (view, "activate", 5);
  g_assert_cmpuint (n_revealed, ==, 1);
  g_assert_cmpuint (weftline_session_selection (fixture.session)->task, ==,
                    weftline_task_list_task (WEFTLINE_TASK_LIST (fixture.list), 5));
  weftline_session_select_nothing (fixture.session);
  g_assert_cmpuint (weftline_task_list_selected (WEFTLINE_TASK_LIST (fixture.list)), ==, WEFT_NONE);
  tear_down (&fixture);
}

static bool
has_class (Fixture *fixture, guint place, const char *name)
{
  CellAt at = { WEFTLINE_TASK_KEY, place };
  GtkWidget *cell = find_widget (GTK_WIDGET (fixture->table), is_cell, &at);

  return gtk_widget_has_css_class (cell, name);
}

/* What does not stand out in other views does not here; or is not listed. */
static void
test_marks (void)
{
  g_autoptr (GString) json = g_string_new (NULL);
  Fixture fixture;

  append_many (json, 8, "{\"op\": \"const\", \"args\": [1]}");
  set_up (&fixture, json->str);
  run (&fixture);
  g_assert_false (has_class (&fixture, 0, "veiled"));
  weftline_session_select_group (
      fixture.session, weft_model_task_group (weftline_session_model (fixture.session), 1));
  g_assert_true (has_class (&fixture, 0, "veiled"));
  g_assert_false (has_class (&fixture, 1, "veiled"));
  weftline_session_set_hover (fixture.session, 3, WEFT_NONE);
  g_assert_true (has_class (&fixture, 3, "hovered"));
  g_assert_false (has_class (&fixture, 4, "hovered"));
  weftline_task_filter_set (weftline_task_table_filter (fixture.table), "",
                            WEFTLINE_TASK_ALL_STATES, TRUE);
  assert_keys (&fixture, "odd-1 odd-3 odd-5 odd-7");
  gtk_selection_model_select_item (GTK_SELECTION_MODEL (fixture.list), 2, TRUE);
  assert_keys (&fixture,
               "odd-1 odd-3 odd-5 odd-7"); /* one of them was chosen: that is no other wish */
  weftline_session_select_nothing (fixture.session);
  settle (&fixture);
  g_assert_cmpuint (g_list_model_get_n_items (fixture.list), ==, 8);
  tear_down (&fixture);
}

/* ---- live ------------------------------------------------------------------------------------ */

static guint
n_items (Fixture *fixture)
{
  return g_list_model_get_n_items (fixture->list);
}

static GtkAdjustment *
adjustment_of (Fixture *fixture)
{
  return gtk_scrolled_window_get_vadjustment (weftline_task_table_scrolled (fixture->table));
}

static uint32_t
top_task (Fixture *fixture)
{
  return weftline_task_list_task (
      WEFTLINE_TASK_LIST (fixture->list),
      (guint) (gtk_adjustment_get_value (adjustment_of (fixture)) / row_height (fixture) + 0.5));
}

static bool
is_paused (Fixture *fixture)
{
  WeftlineRunStatus status;

  weftline_run_status (fixture->run, &status);
  return status.phase == WEFT_RUN_PAUSED;
}

static uint32_t
n_done (Fixture *fixture)
{
  const uint32_t *n = weftline_session_snapshot (fixture->session)->n_states;

  return n[WEFT_TASK_MEMORY] + n[WEFT_TASK_RELEASED];
}

static bool
has_done (Fixture *fixture, uint32_t n)
{
  weftline_session_update (fixture->session);
  return n_done (fixture) >= n;
}

/* Rows that are new have no height until they are laid out. */
static bool
have_heights (Fixture *fixture)
{
  CellAt at = { WEFTLINE_TASK_KEY, 0 };
  GtkWidget *cell = find_widget (GTK_WIDGET (fixture->table), is_cell, &at);
  GtkWidget *row = gtk_widget_get_parent (gtk_widget_get_parent (cell));

  return gtk_widget_get_height (row) == row_height (fixture);
}

/* Values change while the run goes on, rows change their places, and what one looks at stays. */
static void
test_live (void)
{
  g_autoptr (GString) json = g_string_new (NULL);
  uint32_t top, task, before;
  Fixture fixture;
  guint place;

  append_many (json, 400, "{\"op\": \"sleep\", \"args\": [0.005, 1]}");
  set_up (&fixture, json->str);
  weftline_run_start (fixture.run);
  weftline_run_run_to (fixture.run, "even-100");
  test_loop_until (is_paused (&fixture));
  test_loop_until (has_done (&fixture, 50));
  weftline_task_table_sort (fixture.table, WEFTLINE_TASK_STATE, FALSE);
  settle (&fixture);
  before = n_done (&fixture);
  g_assert_cmpuint (before, <, 300);
  test_loop_until (has_done (&fixture, before) && n_items (&fixture) == 400
                   && have_heights (&fixture));
  task = weft_model_find_key (weftline_session_model (fixture.session), "odd-399");
  place = weftline_task_list_find (WEFTLINE_TASK_LIST (fixture.list), task);
  g_assert_cmpuint (place, >=, 200);
  gtk_adjustment_set_value (adjustment_of (&fixture), (place - 20) * row_height (&fixture));
  test_loop_drain ();
  top = top_task (&fixture);
  g_assert_cmpuint (top, !=, WEFT_NONE);
  weftline_run_run_to (fixture.run, "even-200");
  test_loop_until (has_done (&fixture, before + 80));
  settle (&fixture);
  test_loop_until (weftline_task_list_find (WEFTLINE_TASK_LIST (fixture.list), task) < place);
  g_assert_cmpuint (top_task (&fixture), ==, top);
  weftline_run_resume (fixture.run);
  run_wait (fixture.run);
  settle (&fixture);
  g_assert_cmpuint (n_done (&fixture), ==, 400);
  tear_down (&fixture);
}

/* ---- few ------------------------------------------------------------------------------------- */

/* A run that goes on, with rows, until its last tasks; for longer where all takes longer. */
static void
begin (Fixture *fixture, int height)
{
  g_autoptr (GString) json = g_string_new (NULL);

  append_many (json, 400,
               test_slowdown () > 1 ? "{\"op\": \"sleep\", \"args\": [0.025, 1]}"
                                    : "{\"op\": \"sleep\", \"args\": [0.005, 1]}");
  set_up (fixture, json->str);
  gtk_widget_set_size_request (GTK_WIDGET (fixture->table), -1, height);
  weftline_run_start (fixture->run);
  weftline_run_run_to (fixture->run, "even-398");
  test_loop_until (has_done (fixture, 2));
  settle (fixture);
  test_loop_until (n_items (fixture) > 0 && have_heights (fixture));
  g_assert_cmpuint (weftline_session_snapshot (fixture->session)->phase, ==, WEFT_RUN_RUNNING);
}

static void
end (Fixture *fixture)
{
  test_loop_until (is_paused (fixture));
  weftline_run_resume (fixture->run);
  run_wait (fixture->run);
  settle (fixture);
  test_loop_until (n_items (fixture) == 400);
  tear_down (fixture);
}

/* No widgets are made for rows that nobody scrolls to as long as tasks want the time. */
static void
test_few_while_live (void)
{
  Fixture fixture;

  begin (&fixture, 400);
  test_loop_drain ();
  g_assert_cmpuint (n_items (&fixture), ==, 40);
  assert_figures (&fixture, "400 of 400 tasks");
  test_loop_until (is_paused (&fixture));
  test_loop_until (has_done (&fixture, 390) && n_items (&fixture) == 400);
  end (&fixture);
}

static void
test_few_until_scrolled (void)
{
  Fixture fixture;

  begin (&fixture, 400);
  g_assert_cmpuint (n_items (&fixture), ==, 40);
  gtk_adjustment_set_value (adjustment_of (&fixture), 3);
  test_loop_until (n_items (&fixture) == 400);
  end (&fixture);
}

static void
test_few_until_selected (void)
{
  Fixture fixture;

  begin (&fixture, 400);
  g_assert_cmpuint (n_items (&fixture), ==, 40);
  weftline_session_select_task (fixture.session, 350);
  test_loop_until (n_items (&fixture) == 400 && is_in_sight (&fixture, 350));
  end (&fixture);
}

/* There is room for more. */
static void
test_few_are_enough (void)
{
  Fixture fixture;

  begin (&fixture, 3000);
  test_loop_until (n_items (&fixture) == 400);
  g_assert_cmpuint (weftline_session_snapshot (fixture.session)->phase, ==, WEFT_RUN_RUNNING);
  end (&fixture);
}

/* ---- many ------------------------------------------------------------------------------------ */

static unsigned
count_cells (GtkWidget *widget)
{
  unsigned n = WEFTLINE_IS_TASK_CELL (widget);

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    n += count_cells (child);
  return n;
}

/* There are widgets for what is seen and a little more, and items for these. */
static void
test_many (void)
{
  g_autoptr (GString) json = g_string_new (NULL);
  g_autofree char *figures = NULL;
  g_autoptr (GObject) place = NULL;
  Fixture fixture;

  append_many (json, 30000, "{\"op\": \"const\", \"args\": [1]}");
  set_up (&fixture, json->str);
  run (&fixture);
  test_loop_until (g_list_model_get_n_items (fixture.list) == 30000);
  g_assert_cmpuint (count_cells (GTK_WIDGET (fixture.table)), <=, WEFTLINE_TASK_N_COLUMNS * 300);
  place = g_list_model_get_item (fixture.list, 29999);
  g_assert_true (WEFTLINE_IS_TASK_PLACE (place));
  g_assert_finalize_object (g_steal_pointer (&place)); /* nobody else has it */
  weftline_task_table_sort (fixture.table, WEFTLINE_TASK_KEY, TRUE);
  g_object_get (fixture.table, "figures", &figures, NULL);
  g_assert_true (g_str_has_suffix (figures, ", sorting…"));
  settle (&fixture);
  assert_figures (&fixture, "30\u202f000 of 30\u202f000 tasks");
  g_assert_cmpstr (text_at (&fixture, WEFTLINE_TASK_KEY, 0), ==, "odd-29999");
  tear_down (&fixture);
}

int
main (int argc, char **argv)
{
  int status;

  gtk_test_init (&argc, &argv, NULL);
  dir = test_dir_new ();
  test_add ("ui-table", "task-table", "rows", test_rows);
  test_add ("ui-table", "task-table", "right-to-left", test_right_to_left);
  test_add ("ui-table", "task-table", "sorts", test_sorts);
  test_add ("ui-table", "task-table", "filters", test_filters);
  test_add ("ui-table", "task-table", "linked", test_linked);
  test_add ("ui-table", "task-table", "marks", test_marks);
  test_add ("ui-table", "task-table", "live", test_live);
  test_add ("ui-table", "task-table", "few-while-live", test_few_while_live);
  test_add ("ui-table", "task-table", "few-until-scrolled", test_few_until_scrolled);
  test_add ("ui-table", "task-table", "few-until-selected", test_few_until_selected);
  test_add ("ui-table", "task-table", "few-are-enough", test_few_are_enough);
  test_add ("ui-table", "task-table", "many", test_many);
  status = g_test_run ();
  test_dir_free (dir);
  return status;
}
