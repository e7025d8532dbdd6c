/* test-task-cell.c: tests of a value of a task in a table
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "test-objects.h"
#include "ui-app/ui-fixture.h"

#include "table/task-cell.h"
#include "table/task-words.h"

#define WIDTH 300
#define NARROW 40

/* Where its text is, in so much room. */
static graphene_rect_t
box_in (GtkWidget *cell, int width)
{
  graphene_rect_t box;
  int height;

  gtk_widget_measure (cell, GTK_ORIENTATION_HORIZONTAL, -1, NULL, NULL, NULL, NULL);
  gtk_widget_measure (cell, GTK_ORIENTATION_VERTICAL, -1, NULL, &height, NULL, NULL);
  gtk_widget_allocate (cell, width, height, -1, NULL);
  weftline_task_cell_text_box (WEFTLINE_TASK_CELL (cell), &box);
  g_assert_cmpfloat (box.size.height, <=, height);
  return box;
}

static int
width_of (GtkWidget *widget)
{
  int natural;

  gtk_widget_measure (widget, GTK_ORIENTATION_HORIZONTAL, -1, NULL, &natural, NULL, NULL);
  return natural;
}

/* Its text is what is heard; another text takes no other room. */
static void
test_text (void)
{
  for (int column = 0; column < WEFTLINE_TASK_N_COLUMNS; column++)
    {
      GtkWidget *cell = g_object_ref_sink (weftline_task_cell_new ((WeftlineTaskColumn) column));
      WeftlineTaskCell *self = WEFTLINE_TASK_CELL (cell);
      int width = width_of (cell);

      g_assert_cmpint (weftline_task_cell_column (self), ==, column);
      g_assert_cmpuint (weftline_task_cell_place (self), ==, GTK_INVALID_LIST_POSITION);
      weftline_task_cell_set_place (self, 7);
      g_assert_cmpuint (weftline_task_cell_place (self), ==, 7);
      weftline_task_cell_set_text (self, "a key that is much longer than any column is wide");
      g_assert_cmpstr (weftline_task_cell_text (self), ==,
                       "a key that is much longer than any column is wide");
      gtk_test_accessible_assert_role (GTK_ACCESSIBLE (cell), GTK_ACCESSIBLE_ROLE_LABEL);
      gtk_test_accessible_assert_property (cell, GTK_ACCESSIBLE_PROPERTY_LABEL,
                                           "a key that is much longer than any column is wide");
      g_assert_cmpint (width_of (cell), ==, width);
      g_assert_finalize_object (cell);
    }
}

/* Figures end on the right in any direction, words begin where lines do. */
static void
test_sides (void)
{
  for (int column = 0; column < WEFTLINE_TASK_N_COLUMNS; column++)
    {
      GtkWidget *cell = g_object_ref_sink (weftline_task_cell_new ((WeftlineTaskColumn) column));
      bool is_number = weftline_task_column_is_number ((WeftlineTaskColumn) column);

      float before = column == WEFTLINE_TASK_STATE ? 20 : 0;
      graphene_rect_t box;

      weftline_task_cell_set_text (WEFTLINE_TASK_CELL (cell), "x 12");
      gtk_widget_set_direction (cell, GTK_TEXT_DIR_LTR);
      box = box_in (cell, WIDTH);
      g_assert_cmpfloat (box.origin.x, ==, is_number ? WIDTH - box.size.width : before);
      gtk_widget_set_direction (cell, GTK_TEXT_DIR_RTL);
      box = box_in (cell, WIDTH);
      g_assert_cmpfloat (box.origin.x, ==, WIDTH - before - box.size.width);
      g_assert_finalize_object (cell);
    }
}

/* What does not fit is cut, and is whole again where there is room. */
static void
test_room (void)
{
  for (int column = 0; column < WEFTLINE_TASK_N_COLUMNS; column++)
    {
      GtkWidget *cell = g_object_ref_sink (weftline_task_cell_new ((WeftlineTaskColumn) column));
      graphene_rect_t whole, cut;

      weftline_task_cell_set_text (WEFTLINE_TASK_CELL (cell), "twelve letters and more");
      whole = box_in (cell, WIDTH);
      cut = box_in (cell, NARROW);
      g_assert_cmpfloat (whole.size.width, >, NARROW);
      g_assert_cmpfloat (cut.size.width, <=, NARROW);
      g_assert_cmpfloat (cut.size.height, ==, whole.size.height);
      g_assert_true (box_in (cell, WIDTH).size.width == whole.size.width);
      weftline_task_cell_set_text (WEFTLINE_TASK_CELL (cell), "x");
      g_assert_cmpfloat (box_in (cell, WIDTH).size.width, <, NARROW);
      g_assert_finalize_object (cell);
    }
}

/* A state has a form before its word, on the side where lines begin, light and dark. */
static void
test_state (void)
{
  for (int i = 0; i < 4; i++)
    {
      GtkWidget *window = gtk_window_new (), *cell = weftline_task_cell_new (WEFTLINE_TASK_STATE);
      bool rtl = i / 2, dark = i % 2;
      graphene_rect_t bounds;
      GWeakRef weak;

      g_weak_ref_init (&weak, cell);
      gtk_widget_set_direction (cell, rtl ? GTK_TEXT_DIR_RTL : GTK_TEXT_DIR_LTR);
      gtk_window_set_child (GTK_WINDOW (window), cell);
      gtk_window_present (GTK_WINDOW (window));
      for (int state = 0; state < WEFT_TASK_N_STATES; state++)
        {
          weftline_task_cell_set_state (WEFTLINE_TASK_CELL (cell),
                                        weftline_palette (WEFTLINE_PALETTE_SAFE, dark),
                                        (WeftModelState) state, 0xe69f00);
          test_loop_drain ();
        }
      weftline_task_cell_set_text (WEFTLINE_TASK_CELL (cell), "released");
      test_loop_drain ();
      weftline_task_cell_text_box (WEFTLINE_TASK_CELL (cell), &bounds);
      if (rtl)
        g_assert_cmpfloat (bounds.origin.x + bounds.size.width, <=,
                           gtk_widget_get_width (cell) - 12);
      else
        g_assert_cmpfloat (bounds.origin.x, >=, 12);
      gtk_window_destroy (GTK_WINDOW (window));
      test_loop_until (test_is_gone (&weak));
      g_weak_ref_clear (&weak);
    }
}

/* What stands out elsewhere, or is pointed at, is told to the style. */
static void
test_looks (void)
{
  GtkWidget *cell = g_object_ref_sink (weftline_task_cell_new (WEFTLINE_TASK_KEY));

  for (int i = 0; i < 16; i++)
    {
      gboolean veiled = g_test_rand_bit (), hovered = g_test_rand_bit ();

      weftline_task_cell_set_look (WEFTLINE_TASK_CELL (cell), veiled, hovered);
      g_assert_cmpint (gtk_widget_has_css_class (cell, "veiled"), ==, veiled);
      g_assert_cmpint (gtk_widget_has_css_class (cell, "hovered"), ==, hovered);
    }
  g_assert_finalize_object (cell);
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  test_add ("ui-table", "task-cell", "text", test_text);
  test_add ("ui-table", "task-cell", "sides", test_sides);
  test_add ("ui-table", "task-cell", "room", test_room);
  test_add ("ui-table", "task-cell", "state", test_state);
  test_add ("ui-table", "task-cell", "looks", test_looks);
  return g_test_run ();
}
