/* test-dock.c: tests of cards in a layout; no window is needed to give them places
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "test-support.h"

#include "app/weftline-dock.h"

#include <gtk/gtk.h>

static WeftlineDock *
make_dock (void)
{
  static const char *const names[] = { "memory", "stream", "graph" };
  WeftlineDock *dock = g_object_ref_sink (weftline_dock_new ());

  for (unsigned i = 0; i < G_N_ELEMENTS (names); i++)
    weftline_dock_add (dock,
                       weftline_card_new (names[i], names[i], gtk_label_new (names[i]), FALSE));
  g_assert_true (weftline_dock_set_layout (dock, "h(25 memory v(50 stream graph))"));
  return dock;
}

static void
allocate (WeftlineDock *dock, int width, int height)
{
  gtk_widget_measure (GTK_WIDGET (dock), GTK_ORIENTATION_HORIZONTAL, -1, NULL, NULL, NULL, NULL);
  gtk_widget_measure (GTK_WIDGET (dock), GTK_ORIENTATION_VERTICAL, width, NULL, NULL, NULL, NULL);
  gtk_widget_size_allocate (GTK_WIDGET (dock), &(GtkAllocation){ 0, 0, width, height }, -1);
}

static GtkAllocation
place_of (WeftlineDock *dock, const char *name)
{
  GtkAllocation place;

  gtk_widget_get_allocation (GTK_WIDGET (weftline_dock_card (dock, name)), &place);
  return place;
}

static gboolean
is_there (WeftlineDock *dock, const char *name)
{
  return gtk_widget_get_child_visible (GTK_WIDGET (weftline_dock_card (dock, name)));
}

static void
test_wide (void)
{
  WeftlineDock *dock = make_dock ();
  GtkAllocation memory, stream, graph;

  allocate (dock, 1212, 812);
  memory = place_of (dock, "memory");
  stream = place_of (dock, "stream");
  graph = place_of (dock, "graph");
  g_assert_cmpint (memory.height, >, stream.height);
  g_assert_cmpint (stream.x, >, memory.x + memory.width);
  g_assert_cmpint (graph.y, >, stream.y + stream.height);
  g_assert_cmpint (stream.x, ==, graph.x);
  g_assert_finalize_object (dock);
}

static void
test_right_to_left (void)
{
  WeftlineDock *dock = make_dock ();

  gtk_widget_set_direction (GTK_WIDGET (dock), GTK_TEXT_DIR_RTL);
  allocate (dock, 1212, 812);
  g_assert_cmpint (place_of (dock, "memory").x, >, place_of (dock, "stream").x);
  g_assert_finalize_object (dock);
}

/* In a window that is too low, nothing lies over another card: the page scrolls. */
static void
test_low_scrolls (void)
{
  WeftlineDock *dock = make_dock ();
  int height;

  g_assert_true (weftline_dock_set_layout (dock, "h(25 memory v(90 stream graph))"));
  gtk_widget_measure (GTK_WIDGET (dock), GTK_ORIENTATION_VERTICAL, 1000, &height, NULL, NULL, NULL);
  g_assert_cmpint (height, >, 2 * 100);
  allocate (dock, 1000, height);
  g_assert_cmpint (place_of (dock, "graph").y, >=,
                   place_of (dock, "stream").y + place_of (dock, "stream").height);
  g_assert_cmpint (place_of (dock, "graph").y + place_of (dock, "graph").height, <=, height);
  g_assert_cmpint (place_of (dock, "graph").height, >, 100);
  g_assert_finalize_object (dock);
}

/* Cards that need more width than there is stack in a window that is wide. */
static void
test_wide_cards_stack (void)
{
  WeftlineDock *dock = make_dock ();

  gtk_widget_set_size_request (weftline_card_child (weftline_dock_card (dock, "memory")), 700, -1);
  gtk_widget_set_size_request (weftline_card_child (weftline_dock_card (dock, "graph")), 700, -1);
  allocate (dock, 1212, 812);
  g_assert_cmpint (place_of (dock, "memory").x, ==, place_of (dock, "graph").x);
  allocate (dock, 1512, 812);
  g_assert_cmpint (place_of (dock, "memory").x, <, place_of (dock, "graph").x);
  g_assert_cmpint (place_of (dock, "memory").width, >=, 700);
  g_assert_finalize_object (dock);
}

static void
test_narrow_stacks (void)
{
  WeftlineDock *dock = make_dock ();
  int height;

  gtk_widget_measure (GTK_WIDGET (dock), GTK_ORIENTATION_VERTICAL, 600, &height, NULL, NULL, NULL);
  g_assert_cmpint (height, >, 3 * 100);
  allocate (dock, 600, height);
  g_assert_cmpint (place_of (dock, "memory").x, ==, place_of (dock, "graph").x);
  g_assert_cmpint (place_of (dock, "memory").width, ==, place_of (dock, "graph").width);
  g_assert_cmpint (place_of (dock, "memory").y, >, place_of (dock, "stream").y);
  g_assert_cmpint (place_of (dock, "graph").y, >, place_of (dock, "memory").y);
  g_assert_finalize_object (dock);
}

static void
test_hide_and_maximise (void)
{
  WeftlineDock *dock = make_dock ();
  int height;

  allocate (dock, 1212, 812);
  height = place_of (dock, "stream").height;
  weftline_dock_set_hidden (dock, "graph", TRUE);
  g_assert_false (is_there (dock, "graph"));
  allocate (dock, 1212, 812);
  g_assert_cmpint (place_of (dock, "stream").height, >, height);
  gtk_widget_activate_action (GTK_WIDGET (weftline_dock_card (dock, "stream")), "dock.maximise",
                              "s", "stream");
  g_assert_cmpstr (weftline_dock_maximised (dock), ==, "stream");
  g_assert_false (is_there (dock, "memory"));
  gtk_widget_activate_action (GTK_WIDGET (weftline_dock_card (dock, "stream")), "dock.hide", "s",
                              "stream");
  g_assert_null (weftline_dock_maximised (dock));
  g_assert_true (is_there (dock, "memory"));
  g_assert_false (is_there (dock, "stream"));
  weftline_dock_set_hidden (dock, "graph", FALSE);
  g_assert_true (is_there (dock, "graph"));
  g_assert_finalize_object (dock);
}

static void
test_layouts (void)
{
  WeftlineDock *dock = make_dock ();
  g_auto (GStrv) panes = NULL;
  g_autofree char *text = NULL;

  g_assert_false (weftline_dock_set_layout (dock, "h(25 memory"));
  text = weftline_dock_dup_layout (dock);
  g_assert_cmpstr (text, ==, "h(25 memory v(50 stream graph))");
  g_assert_true (weftline_dock_set_layout (dock, "v(30 graph h(50 nothing-of-that-name memory))"));
  panes = weftline_dock_dup_panes (dock);
  g_assert_cmpuint (g_strv_length (panes), ==, 2);
  g_assert_cmpstr (panes[0], ==, "graph");
  g_assert_false (is_there (dock, "stream"));
  g_assert_finalize_object (dock);
}

static void
find_handle (GtkWidget *dock, GtkWidget **handle)
{
  for (*handle = gtk_widget_get_first_child (dock); *handle != NULL;
       *handle = gtk_widget_get_next_sibling (*handle))
    if (g_str_equal (G_OBJECT_TYPE_NAME (*handle), "WeftlineHandle")
        && gtk_widget_has_css_class (*handle, "beside"))
      return;
}

static void
test_borders_move (void)
{
  WeftlineDock *dock = make_dock ();
  GtkWidget *handle;
  g_autofree char *text = NULL;

  allocate (dock, 1212, 812);
  find_handle (GTK_WIDGET (dock), &handle);
  g_assert_nonnull (handle);
  gtk_test_accessible_assert_role (GTK_ACCESSIBLE (handle), GTK_ACCESSIBLE_ROLE_SEPARATOR);
  g_signal_emit_by_name (handle, "moved", 120.0, TRUE);
  text = weftline_dock_dup_layout (dock);
  g_assert_true (g_str_has_prefix (text, "h(35 "));
  g_signal_emit_by_name (handle, "moved", -5000.0, TRUE);
  g_free (text);
  text = weftline_dock_dup_layout (dock);
  g_assert_true (g_str_has_prefix (text, "h(8 "));
  g_assert_finalize_object (dock);
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  test_add ("ui-app", "dock", "wide", test_wide);
  test_add ("ui-app", "dock", "right-to-left", test_right_to_left);
  test_add ("ui-app", "dock", "low-scrolls", test_low_scrolls);
  test_add ("ui-app", "dock", "wide-cards-stack", test_wide_cards_stack);
  test_add ("ui-app", "dock", "narrow-stacks", test_narrow_stacks);
  test_add ("ui-app", "dock", "hide-and-maximise", test_hide_and_maximise);
  test_add ("ui-app", "dock", "layouts", test_layouts);
  test_add ("ui-app", "dock", "borders-move", test_borders_move);
  return g_test_run ();
}
