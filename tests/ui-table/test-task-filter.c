/* test-task-filter.c: tests of the bar above the table of tasks
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "test-objects.h"
#include "ui-app/ui-fixture.h"

#include "table/task-filter.h"
#include "table/task-words.h"

typedef struct
{
  GtkWidget *window;
  GtkWidget *filter;
  unsigned n_changed;
} Fixture;

static void
count_cb (Fixture *f)
{
  f->n_changed++;
}

static void
set_up (Fixture *f, const void *data G_GNUC_UNUSED)
{
  f->filter = weftline_task_filter_new ();
  f->window = gtk_window_new ();
  gtk_window_set_child (GTK_WINDOW (f->window), f->filter);
  gtk_window_present (GTK_WINDOW (f->window));
  g_signal_connect_swapped (f->filter, "changed", G_CALLBACK (count_cb), f);
}

static void
tear_down (Fixture *f, const void *data G_GNUC_UNUSED)
{
  void *filter = g_object_ref (f->filter);

  gtk_window_destroy (GTK_WINDOW (f->window));
  test_loop_drain ();
  test_assert_finalised (filter);
}

static WeftlineTaskFilter *
filter_of (Fixture *f)
{
  return WEFTLINE_TASK_FILTER (f->filter);
}

static WeftlineTaskQuery
query_of (Fixture *f)
{
  WeftlineTaskQuery query = { 0 };

  weftline_task_filter_get (filter_of (f), &query);
  return query;
}

/* One of the popover's, by what it says. */
static gboolean
is_check (GtkWidget *widget, const void *text)
{
  return GTK_IS_CHECK_BUTTON (widget)
         && g_strcmp0 (gtk_check_button_get_label (GTK_CHECK_BUTTON (widget)), text) == 0;
}

static GtkWidget *
check_of (Fixture *f, const char *text)
{
  GtkWidget *check = find_widget (f->filter, is_check, text);

  g_assert_nonnull (check);
  return check;
}

/* At first all are wanted; the entry has a name for those who do not see its icon. */
static void
test_nothing (Fixture *f, const void *data G_GNUC_UNUSED)
{
  GtkWidget *entry = find_widget (f->filter, has_type, GSIZE_TO_POINTER (GTK_TYPE_SEARCH_ENTRY));

  gtk_test_accessible_assert_role (entry, GTK_ACCESSIBLE_ROLE_SEARCH_BOX);
  gtk_test_accessible_assert_property (entry, GTK_ACCESSIBLE_PROPERTY_LABEL, "Key or group");
  g_assert_cmpstr (query_of (f).text, ==, "");
  g_assert_cmpuint (query_of (f).states, ==, WEFTLINE_TASK_ALL_STATES);
  g_assert_false (weftline_task_filter_marked_only (filter_of (f)));
  g_assert_cmpuint (f->n_changed, ==, 0);
}

/* What is written and checked is what is asked for, and told. */
static void
test_asks (Fixture *f, const void *data G_GNUC_UNUSED)
{
  GtkWidget *entry = find_widget (f->filter, has_type, GSIZE_TO_POINTER (GTK_TYPE_SEARCH_ENTRY));

  gtk_editable_set_text (GTK_EDITABLE (entry), "part-");
  test_loop_until (f->n_changed == 1);
  g_assert_cmpstr (query_of (f).text, ==, "part-");
  gtk_check_button_set_active (GTK_CHECK_BUTTON (check_of (f, "running (0)")), FALSE);
  g_assert_cmpuint (f->n_changed, ==, 2);
  g_assert_cmpuint (query_of (f).states, ==, WEFTLINE_TASK_ALL_STATES & ~(1u << WEFT_TASK_RUNNING));
  gtk_check_button_set_active (GTK_CHECK_BUTTON (check_of (f, "Only what stands out")), TRUE);
  g_assert_cmpuint (f->n_changed, ==, 3);
  g_assert_true (weftline_task_filter_marked_only (filter_of (f)));
}

/* What is set is shown. */
static void
test_is_set (Fixture *f, const void *data G_GNUC_UNUSED)
{
  weftline_task_filter_set (filter_of (f), "sum", 1u << WEFT_TASK_ERRED, TRUE);
  g_assert_cmpstr (query_of (f).text, ==, "sum");
  g_assert_true (gtk_check_button_get_active (GTK_CHECK_BUTTON (check_of (f, "erred (0)"))));
  g_assert_false (gtk_check_button_get_active (GTK_CHECK_BUTTON (check_of (f, "waiting (0)"))));
  g_assert_true (weftline_task_filter_marked_only (filter_of (f)));
  weftline_task_filter_set (filter_of (f), NULL, WEFTLINE_TASK_ALL_STATES, FALSE);
  g_assert_cmpstr (query_of (f).text, ==, "");
  g_assert_cmpuint (query_of (f).states, ==, WEFTLINE_TASK_ALL_STATES);
}

/* How many there are of each is said when somebody looks. */
static void
test_counts (Fixture *f, const void *data G_GNUC_UNUSED)
{
  uint32_t n_states[WEFT_TASK_N_STATES] = { [WEFT_TASK_WAITING] = 3, [WEFT_TASK_ERRED] = 12345 };
  GtkWidget *button = find_widget (f->filter, has_type, GSIZE_TO_POINTER (GTK_TYPE_MENU_BUTTON));

  weftline_task_filter_set_counts (filter_of (f), n_states);
  gtk_menu_button_popup (GTK_MENU_BUTTON (button));
  check_of (f, "waiting (3)");
  check_of (f, "erred (12\u202f345)");
  n_states[WEFT_TASK_WAITING] = 2;
  test_loop_until (gtk_widget_get_mapped (check_of (f, "waiting (3)")));
  weftline_task_filter_set_counts (filter_of (f), n_states);
  check_of (f, "waiting (2)");
}

/* All columns are offered as orders, and that of the graph. */
static void
test_orders (Fixture *f, const void *data G_GNUC_UNUSED)
{
  GMenuModel *menu = NULL;
  g_autoptr (GMenuModel) columns = NULL;

  for (GtkWidget *child = gtk_widget_get_last_child (gtk_widget_get_first_child (f->filter));
       child != NULL && menu == NULL; child = gtk_widget_get_prev_sibling (child))
    if (GTK_IS_MENU_BUTTON (child))
      menu = gtk_menu_button_get_menu_model (GTK_MENU_BUTTON (child));
  g_assert_nonnull (menu);
  columns = g_menu_model_get_item_link (menu, 0, G_MENU_LINK_SECTION);
  g_assert_cmpint (g_menu_model_get_n_items (columns), ==, 1 + WEFTLINE_TASK_N_COLUMNS);
  for (int i = 0; i < WEFTLINE_TASK_N_COLUMNS; i++)
    {
      g_autofree char *label = NULL;
      g_autofree char *target = NULL;

      g_assert_true (
          g_menu_model_get_item_attribute (columns, i + 1, G_MENU_ATTRIBUTE_LABEL, "s", &label));
      g_assert_true (
          g_menu_model_get_item_attribute (columns, i + 1, G_MENU_ATTRIBUTE_TARGET, "s", &target));
      g_assert_cmpstr (label, ==, weftline_task_column_title ((WeftlineTaskColumn) i));
      g_assert_cmpstr (target, ==, weftline_task_column_name ((WeftlineTaskColumn) i));
    }
}

#define ADD(behaviour, function) \
  g_test_add ("/weft/ui-table/task-filter/" behaviour, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  ADD ("nothing", test_nothing);
  ADD ("asks", test_asks);
  ADD ("is-set", test_is_set);
  ADD ("counts", test_counts);
  ADD ("orders", test_orders);
  return g_test_run ();
}
