/* test-task-list.c: how rows come to a view
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "test-objects.h"

#include "table/task-list.h"

#define FIRST_ROWS 200 /* that a view makes widgets for */
#define MOST_AT_ONCE 40

typedef struct
{
  WeftlineTaskList *list;
  guint n;             /* as the list told of it */
  guint most;          /* rows that came at once, of the first ones */
  unsigned n_changes;  /* since it was looked at */
  unsigned n_selected; /* times it was told that the selection changed */
} View;

static void
items_cb (GListModel *model, guint at, guint n_removed, guint n_added, View *view)
{
  g_assert_cmpuint (at + n_removed, ==, view->n); /* at the end */
  view->n += n_added;
  view->n -= n_removed;
  view->n_changes++;
  g_assert_cmpuint (g_list_model_get_n_items (model), ==, view->n);
  if (at < FIRST_ROWS)
    view->most = MAX (view->most, n_added);
}

static void
selection_cb (GtkSelectionModel *model G_GNUC_UNUSED, guint at, guint n, View *view)
{
  g_assert_cmpuint (at + n, <=, view->n);
  view->n_selected++;
}

static void
set_up (View *view)
{
  *view = (View){ .list = weftline_task_list_new () };
  g_signal_connect (view->list, "items-changed", G_CALLBACK (items_cb), view);
  g_signal_connect (view->list, "selection-changed", G_CALLBACK (selection_cb), view);
}

static void
take (View *view, guint n)
{
  weftline_task_list_take_rows (view->list, &(WeftlineTaskRows){ .n = n });
  g_assert_cmpuint (weftline_task_list_n_rows (view->list), ==, n);
}

static void
assert_item (View *view, guint place, bool there)
{
  g_autoptr (GObject) item = g_list_model_get_item (G_LIST_MODEL (view->list), place);

  g_assert_cmpint (item != NULL, ==, there);
}

/* Never so many widgets in one turn of the loop that it takes long; all rows in the end. */
static void
test_a_few_at_a_time (void)
{
  View view;

  set_up (&view);
  take (&view, 1000000);
  g_assert_cmpuint (view.n, >, 0);
  g_assert_cmpuint (view.n, <=, MOST_AT_ONCE);
  assert_item (&view, view.n - 1, true);
  assert_item (&view, view.n, false);
  g_assert_cmpuint (weftline_task_list_task (view.list, 999999), ==, 999999);
  while (view.n < 1000000)
    {
      view.n_changes = 0;
      g_assert_true (g_main_context_iteration (NULL, FALSE));
      g_assert_cmpuint (view.n_changes, <=, 1);
    }
  g_assert_cmpuint (view.most, <=, MOST_AT_ONCE);
  assert_item (&view, 999999, true);
  g_assert_false (g_main_context_pending (NULL));
  g_assert_finalize_object (view.list);
}

/* What is few, or comes behind widgets that are there, comes at once. */
static void
test_at_once (void)
{
  View view;

  set_up (&view);
  take (&view, 15);
  g_assert_cmpuint (view.n, ==, 15);
  take (&view, 300);
  test_loop_until (view.n == 300);
  g_assert_cmpuint (view.most, <=, MOST_AT_ONCE);
  take (&view, 5000);
  g_assert_cmpuint (view.n, ==, 5000);
  take (&view, 3);
  g_assert_cmpuint (view.n, ==, 3);
  g_assert_false (g_main_context_pending (NULL));
  g_assert_finalize_object (view.list);
}

/* As long as the first are enough there are no others, and those that are stay. */
static void
test_few (void)
{
  View view;

  set_up (&view);
  weftline_task_list_set_few (view.list, true);
  take (&view, 15);
  g_assert_cmpuint (view.n, ==, 15);
  take (&view, MOST_AT_ONCE + 5);
  g_assert_cmpuint (view.n, ==, MOST_AT_ONCE);
  weftline_task_list_set_few (view.list, false);
  g_assert_cmpuint (view.n, ==, MOST_AT_ONCE); /* in a turn of its own */
  test_loop_until (view.n == MOST_AT_ONCE + 5);
  take (&view, 15);
  weftline_task_list_set_few (view.list, true);
  take (&view, 1000);
  take (&view, 5000);
  g_assert_false (g_main_context_pending (NULL));
  g_assert_cmpuint (view.n, ==, MOST_AT_ONCE);
  weftline_task_list_set_few (view.list, false);
  g_assert_true (g_main_context_iteration (NULL, FALSE));
  g_assert_cmpuint (view.n, ==, 2 * MOST_AT_ONCE);
  weftline_task_list_set_few (view.list, true);
  g_assert_false (g_main_context_pending (NULL));
  g_assert_cmpuint (view.n, ==, 2 * MOST_AT_ONCE);
  weftline_task_list_set_few (view.list, false);
  test_loop_until (view.n == 5000);
  g_assert_cmpuint (view.most, <=, MOST_AT_ONCE);
  weftline_task_list_set_few (view.list, true);
  take (&view, 6000);
  g_assert_cmpuint (view.n, ==, 5000);
  g_assert_finalize_object (view.list);
}

/* More and fewer while the first ones come; the list may go meanwhile, too. */
static void
test_changes_meanwhile (void)
{
  View view;

  set_up (&view);
  for (unsigned i = 0; i < 300; i++)
    {
      guint n = (guint) g_test_rand_int_range (0, g_test_rand_int_range (1, 1000));

      weftline_task_list_set_few (view.list, g_test_rand_bit ());
      take (&view, n);
      g_assert_cmpuint (view.n, <=, n);
      for (int turns = g_test_rand_int_range (0, 6); turns > 0; turns--)
        g_main_context_iteration (NULL, FALSE);
      weftline_task_list_select (view.list, (uint32_t) g_test_rand_int_range (0, 1000));
    }
  weftline_task_list_set_few (view.list, false);
  take (&view, 700);
  test_loop_until (view.n == 700);
  take (&view, 0);
  take (&view, 700);
  g_assert_finalize_object (view.list);
  g_assert_false (g_main_context_pending (NULL));
}

/* The selection is told of where it can be seen only, and there when it comes. */
static void
test_selected_behind (void)
{
  View view;

  set_up (&view);
  take (&view, 1000);
  weftline_task_list_select (view.list, 900);
  g_assert_cmpuint (view.n_selected, ==, 0);
  test_loop_until (view.n == 1000);
  g_assert_true (gtk_selection_model_is_selected (GTK_SELECTION_MODEL (view.list), 900));
  weftline_task_list_select (view.list, WEFT_NONE);
  g_assert_cmpuint (view.n_selected, ==, 1);
  g_assert_finalize_object (view.list);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("ui-table", "task-list", "a-few-at-a-time", test_a_few_at_a_time);
  test_add ("ui-table", "task-list", "few-at-once", test_at_once);
  test_add ("ui-table", "task-list", "few", test_few);
  test_add ("ui-table", "task-list", "changes-meanwhile", test_changes_meanwhile);
  test_add ("ui-table", "task-list", "selected-behind", test_selected_behind);
  return g_test_run ();
}
