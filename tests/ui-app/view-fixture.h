/* view-fixture.h: a view of a run in a window, and what its user does
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Events come from the view's own controllers, so that what is tested is what it makes of them.
 */
#pragma once

#include "test-objects.h"
#include "ui-fixture.h"

#include "app/weftline-screenshot.h"

#include <adwaita.h>
#include <string.h>

typedef struct
{
  TestDir *dir;
  WeftlineRun *run;
  WeftlineSession *session;
  GtkWidget *window, *view;
} ViewFixture;

typedef GtkWidget *(*MakeView) (WeftlineSession *session);

/* ---- acting as a user ------------------------------------------------------------------------ */

static inline GtkEventController *
find_controller (GtkWidget *widget, GType type)
{
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (widget);

  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++)
    {
      g_autoptr (GtkEventController) controller = g_list_model_get_item (controllers, i);

      if (G_TYPE_CHECK_INSTANCE_TYPE (controller, type))
        return controller; /* the widget keeps it */
    }
  g_assert_not_reached ();
}

/* Returns: whether the key means something to it */
static inline gboolean
press_with (GtkWidget *widget, guint key, GdkModifierType modifiers)
{
  gboolean handled = FALSE;

  g_signal_emit_by_name (find_controller (widget, GTK_TYPE_EVENT_CONTROLLER_KEY), "key-pressed",
                         key, 0, modifiers, &handled);
  return handled;
}

static inline gboolean
press (GtkWidget *widget, guint key)
{
  return press_with (widget, key, 0);
}

static inline void
point_at (GtkWidget *widget, double x, double y)
{
  g_signal_emit_by_name (find_controller (widget, GTK_TYPE_EVENT_CONTROLLER_MOTION), "motion", x,
                         y);
}

static inline void
point_nowhere (GtkWidget *widget)
{
  g_signal_emit_by_name (find_controller (widget, GTK_TYPE_EVENT_CONTROLLER_MOTION), "leave");
}

static inline void
click_at (GtkWidget *widget, double x, double y)
{
  g_signal_emit_by_name (find_controller (widget, GTK_TYPE_GESTURE_CLICK), "released", 1, x, y);
}

static inline void
scroll (GtkWidget *widget, double dy)
{
  gboolean handled;

  g_signal_emit_by_name (find_controller (widget, GTK_TYPE_EVENT_CONTROLLER_SCROLL), "scroll", 0.0,
                         dy, &handled);
}

/* From where to where, in steps, with the button down. */
static inline void
drag_by (GtkWidget *widget, double x, double y, double dx, double dy)
{
  GtkEventController *drag = find_controller (widget, GTK_TYPE_GESTURE_DRAG);

  g_signal_emit_by_name (drag, "drag-begin", x, y);
  for (int i = 1; i <= 4; i++)
    g_signal_emit_by_name (drag, "drag-update", dx * i / 4, dy * i / 4);
  g_signal_emit_by_name (drag, "drag-end", dx, dy);
}

/* ---- what it tells and shows ----------------------------------------------------------------- */

/* What assistive technology is told. (transfer full) (nullable) */
static inline char *
description_of (GtkWidget *widget)
{
  return gtk_test_accessible_check_property (
      GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, "nothing is as this");
}

static inline gboolean
is_described (GtkWidget *widget, const char *text)
{
  g_autofree char *told = description_of (widget);

  return told != NULL && strstr (told, text) != NULL;
}

/* A drawn view is a picture that has a name and can be reached by keys. */
static inline void
assert_drawn_view (GtkWidget *view, const char *name)
{
  gtk_test_accessible_assert_role (GTK_ACCESSIBLE (view), GTK_ACCESSIBLE_ROLE_IMG);
  gtk_test_accessible_assert_property (GTK_ACCESSIBLE (view), GTK_ACCESSIBLE_PROPERTY_LABEL, name);
  g_assert_true (gtk_widget_get_focusable (view));
}

/* The view draws itself, so that it knows what is where. */
static inline void
draw_view (ViewFixture *f)
{
  GtkSnapshot *snapshot = gtk_snapshot_new ();
  GskRenderNode *node;

  GTK_WIDGET_GET_CLASS (f->view)->snapshot (f->view, snapshot);
  node = gtk_snapshot_free_to_node (snapshot);
  g_clear_pointer (&node, gsk_render_node_unref);
}

/* Once it has been drawn. @dir: for files. (transfer full) */
static inline GBytes *
widget_picture (const TestDir *dir, GtkWidget *widget)
{
  g_autofree char *path = g_build_filename (dir, "picture.png", NULL);
  g_autofree char *bytes = NULL;
  size_t n;

  test_loop_until (weftline_screenshot (widget, path, NULL));
  g_assert_true (g_file_get_contents (path, &bytes, &n, NULL));
  return g_bytes_new_take (g_steal_pointer (&bytes), n);
}

static inline gboolean
widget_has_changed (const TestDir *dir, GtkWidget *widget, GBytes *before)
{
  g_autoptr (GBytes) now = widget_picture (dir, widget);

  return !g_bytes_equal (now, before);
}

/* (transfer full) */
static inline GBytes *
picture_of (ViewFixture *f)
{
  return widget_picture (f->dir, f->view);
}

static inline gboolean
has_changed (ViewFixture *f, GBytes *before)
{
  return widget_has_changed (f->dir, f->view, before);
}

/* Dark is another picture, and light again the one before. */
static inline void
assert_goes_dark (ViewFixture *f)
{
  AdwStyleManager *style = adw_style_manager_get_default ();
  g_autoptr (GBytes) light = NULL;

  adw_style_manager_set_color_scheme (style, ADW_COLOR_SCHEME_FORCE_LIGHT);
  test_loop_drain ();
  light = picture_of (f);
  adw_style_manager_set_color_scheme (style, ADW_COLOR_SCHEME_FORCE_DARK);
  test_loop_until (has_changed (f, light));
  adw_style_manager_set_color_scheme (style, ADW_COLOR_SCHEME_FORCE_LIGHT);
  test_loop_until (!has_changed (f, light));
}

/* So is the other palette, where the view has colours of its own. */
static inline void
assert_has_palettes (ViewFixture *f)
{
  WeftlineSessionLook look = *weftline_session_look (f->session);
  g_autoptr (GBytes) safe = picture_of (f);

  look.palette = WEFTLINE_PALETTE_CLASSIC;
  weftline_session_set_look (f->session, &look);
  test_loop_until (has_changed (f, safe));
  look.palette = WEFTLINE_PALETTE_SAFE;
  weftline_session_set_look (f->session, &look);
  test_loop_until (!has_changed (f, safe));
}

/* A moment that is looked at is drawn, and no more when it is now again. @plain: its picture now */
static inline void
assert_shows_moment (ViewFixture *f, GBytes *plain)
{
  weftline_session_set_time (f->session, weftline_session_snapshot (f->session)->last_ns / 2);
  test_loop_until (has_changed (f, plain));
  test_loop_until (!weftline_session_is_rewinding (f->session));
  weftline_session_set_time (f->session, WEFTLINE_NOW);
  test_loop_until (!has_changed (f, plain));
}

/* ---- its life -------------------------------------------------------------------------------- */

/* @dir: for files: (transfer full); @run: (transfer full) */
static inline void
view_fixture_open_in (ViewFixture *f, TestDir *dir, WeftlineRun *run, MakeView make, int width,
                      int height)
{
  f->dir = dir;
  f->run = run;
  f->session = weftline_session_new (run);
  f->view = make (f->session);
  f->window = gtk_window_new ();
  gtk_window_set_default_size (GTK_WINDOW (f->window), width, height);
  gtk_window_set_child (GTK_WINDOW (f->window), f->view);
  gtk_window_present (GTK_WINDOW (f->window));
  test_loop_until (gtk_widget_get_mapped (f->view) && gtk_widget_get_width (f->view) > 0);
}

/* @run: (transfer full) */
static inline void
view_fixture_open (ViewFixture *f, WeftlineRun *run, MakeView make, int width, int height)
{
  view_fixture_open_in (f, test_dir_new (), run, make, width, height);
}

/* All of the run is over, read, and shown. */
static inline void
view_fixture_finish (ViewFixture *f)
{
  run_to_the_end (f->run);
  test_loop_until (weftline_feed_state (weftline_run_feed (f->run)) >= WEFT_FEED_ENDED);
  weftline_session_update (f->session);
  draw_view (f);
}

/* View, session and run go with the window. */
static inline void
view_fixture_close (ViewFixture *f)
{
  void *view = g_object_ref (f->view);

  gtk_window_destroy (GTK_WINDOW (f->window));
  test_loop_drain ();
  test_assert_finalised (view);
  test_assert_finalised (f->session);
  test_assert_finalised (f->run);
  test_dir_free (f->dir);
}

/* A run of a graph of these tasks: members of an object, as in a graph file. (transfer full) */
static inline WeftlineRun *
run_of_tasks (const char *tasks, unsigned n_workers)
{
  g_autoptr (TestDir) dir = test_dir_new ();
  g_autofree char *text = g_strdup_printf ("{\"weftline\": 1, \"tasks\": {%s}}", tasks);
  g_autofree char *path = test_dir_write (dir, "graph.json", text);
  g_autoptr (GError) error = NULL;
  g_autoptr (WeftlinePlan) plan = weftline_plan_new_for_file (path, &error);

  g_assert_no_error (error);
  return weftline_run_embedded_new (plan, &(WeftlineRunSettings){ .n_workers = n_workers });
}

/* Tasks for that: one loads, @n_parts are made of what it loads. (transfer full) */
static inline GString *
load_and_parts (unsigned n_parts)
{
  GString *tasks = g_string_new ("\"load\": {\"op\": \"identity\", \"args\": [1]}");

  for (unsigned i = 0; i < n_parts; i++)
    g_string_append_printf (
        tasks, ", \"part-%u\": {\"op\": \"add\", \"args\": [{\"ref\": \"load\"}, %u]}", i, i);
  return tasks;
}
