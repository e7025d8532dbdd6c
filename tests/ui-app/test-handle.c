/* test-handle.c: tests of the gap between two panes
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "view-fixture.h"

#include "app/weftline-handle.h"

typedef struct
{
  GtkWidget *window, *handle;
  gboolean beside;
  double moved;
  gboolean dragging;
  unsigned n_moved, n_pressed;
} Fixture;

static void
moved_cb (GtkWidget *handle G_GNUC_UNUSED, double px, gboolean dragging, Fixture *f)
{
  f->moved = px;
  f->dragging = dragging;
  f->n_moved++;
}

static void
pressed_cb (Fixture *f)
{
  f->n_pressed++;
}

static void
set_up (Fixture *f, const void *data)
{
  f->beside = GPOINTER_TO_INT (data);
  f->handle = weftline_handle_new (f->beside);
  f->window = gtk_window_new ();
  gtk_window_set_child (GTK_WINDOW (f->window), f->handle);
  gtk_window_present (GTK_WINDOW (f->window));
  g_signal_connect (f->handle, "moved", G_CALLBACK (moved_cb), f);
  g_signal_connect_swapped (f->handle, "pressed", G_CALLBACK (pressed_cb), f);
}

static void
tear_down (Fixture *f, const void *data G_GNUC_UNUSED)
{
  void *handle = g_object_ref (f->handle);

  gtk_window_destroy (GTK_WINDOW (f->window));
  test_loop_drain ();
  test_assert_finalised (handle);
}

/* A separator with a value that can be reached by keys. */
static void
test_accessible (Fixture *f, const void *data G_GNUC_UNUSED)
{
  gtk_test_accessible_assert_role (f->handle, GTK_ACCESSIBLE_ROLE_SEPARATOR);
  gtk_test_accessible_assert_property (f->handle, GTK_ACCESSIBLE_PROPERTY_LABEL,
                                       "Border between panes; arrow keys move it");
  weftline_handle_set_share (WEFTLINE_HANDLE (f->handle), 37.5);
  gtk_test_accessible_assert_property (f->handle, GTK_ACCESSIBLE_PROPERTY_VALUE_MIN, 0.0);
  gtk_test_accessible_assert_property (f->handle, GTK_ACCESSIBLE_PROPERTY_VALUE_NOW, 37.5);
  gtk_test_accessible_assert_property (f->handle, GTK_ACCESSIBLE_PROPERTY_VALUE_MAX, 100.0);
  g_assert_true (gtk_widget_get_focusable (f->handle));
}

/* Arrows along it mean nothing to it, those across move it, each back what the other moved. */
static void
test_keys (Fixture *f, const void *data G_GNUC_UNUSED)
{
  double there;

  g_assert_false (press (f->handle, f->beside ? GDK_KEY_Up : GDK_KEY_Left));
  g_assert_false (press (f->handle, f->beside ? GDK_KEY_Down : GDK_KEY_Right));
  g_assert_cmpuint (f->n_moved, ==, 0);
  g_assert_true (press (f->handle, f->beside ? GDK_KEY_Right : GDK_KEY_Down));
  there = f->moved;
  g_assert_cmpfloat (there, >, 0);
  g_assert_false (f->dragging);
  g_assert_true (press (f->handle, f->beside ? GDK_KEY_Left : GDK_KEY_Up));
  g_assert_cmpfloat (f->moved, ==, -there);
  g_assert_cmpuint (f->n_moved, ==, 2);
  g_assert_cmpuint (f->n_pressed, ==, 0);
}

/* A drag is told when it begins, then how far it has gone across. */
static void
test_drag (Fixture *f, const void *data G_GNUC_UNUSED)
{
  drag_by (f->handle, 2, 3, 40, -24);
  g_assert_cmpuint (f->n_pressed, ==, 1);
  g_assert_cmpuint (f->n_moved, ==, 4);
  g_assert_true (f->dragging);
  g_assert_cmpfloat (f->moved, ==, f->beside ? 40 : -24);
}

#define ADD(behaviour, function)                                                                   \
  g_test_add ("/weft/ui-app/handle/" behaviour "/beside", Fixture, GINT_TO_POINTER (TRUE), set_up, \
              function, tear_down);                                                                \
  g_test_add ("/weft/ui-app/handle/" behaviour "/above", Fixture, GINT_TO_POINTER (FALSE), set_up, \
              function, tear_down)

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  ADD ("accessible", test_accessible);
  ADD ("keys", test_keys);
  ADD ("drag", test_drag);
  return g_test_run ();
}
