/* test-views.c: pictures are what the window's views show
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Each view is drawn by GTK's cairo renderer and compared with a picture of the same run, size,
 * font and style.
 */
#include "export-fixture.h"
#include "test-objects.h"

#include "graph/graph-dot.h"
#include "graph/task-graph.h"
#include "memory/held-view.h"
#include "memory/memory-view.h"
#include "occupancy/occupancy-view.h"
#include "progress/progress-view.h"
#include "resources/resource-view.h"
#include "session/weftline-run-file.h"
#include "timeline/task-stream.h"
#include "where/where-view.h"

#include <adwaita.h>

#define WIDTH 760
#define HEIGHT 420
#define PIXEL_TOLERANCE 0.002
#define STEPS_TOLERANCE 0.02 /* the window has as many steps, however wide it is */

typedef struct
{
  Recorded recorded;
  WeftlineRun *run;
  WeftlineSession *session;
  GtkWidget *window;
  GtkWidget *view;
} Shown;

typedef GtkWidget *(*MakeView) (WeftlineSession *session);

static void
show (Shown *shown, MakeView make)
{
  g_autoptr (GError) error = NULL;

  record_run (&shown->recorded, EXPORT_RUN, 2);
  shown->run = weftline_run_file_new (shown->recorded.path, &error);
  g_assert_no_error (error);
  shown->session = weftline_session_new (shown->run);
  shown->view = make (shown->session);
  shown->window = gtk_window_new ();
  gtk_window_set_default_size (GTK_WINDOW (shown->window), WIDTH, HEIGHT);
  gtk_window_set_child (GTK_WINDOW (shown->window), shown->view);
  gtk_window_present (GTK_WINDOW (shown->window));
  test_loop_until (weftline_run_is_over (shown->run));
  weftline_session_update (shown->session);
  test_loop_until (gtk_widget_get_width (shown->view) > 0);
}

static void
unshow (Shown *shown)
{
  gtk_window_destroy (GTK_WINDOW (shown->window));
  test_loop_drain ();
  test_assert_finalised (shown->session);
  test_assert_finalised (shown->run);
  recorded_clear (&shown->recorded);
}

/* As the view draws itself now. */
static cairo_surface_t *
draw_view (Shown *shown)
{
  int width = gtk_widget_get_width (shown->view), height = gtk_widget_get_height (shown->view);
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, width, height);
  GtkSnapshot *snapshot = gtk_snapshot_new ();
  g_autoptr (GskRenderNode) node = NULL;
  cairo_t *cr = cairo_create (surface);

  GTK_WIDGET_GET_CLASS (shown->view)->snapshot (shown->view, snapshot);
  node = gtk_snapshot_free_to_node (snapshot);
  g_assert_nonnull (node);
  gsk_render_node_draw (node, cr);
  cairo_destroy (cr);
  return surface;
}

static cairo_surface_t *
draw_picture (Shown *shown, const WeftlineExport *export)
{
  cairo_surface_t *surface =
      cairo_image_surface_create (CAIRO_FORMAT_RGB24, export->width, export->height);
  cairo_t *cr = cairo_create (surface);

  weftline_export_draw (export, weftline_session_model (shown->session),
                        weftline_session_snapshot (shown->session), cr, export->width,
                        export->height, false);
  cairo_destroy (cr);
  return surface;
}

/* What differs, after the margin that a card gives was cut off. */
static double
difference (Shown *shown, WeftlineExport export, int margin)
{
  cairo_surface_t *view = draw_view (shown), *whole, *inner;
  g_autofree char *font = pango_font_description_to_string (
      pango_context_get_font_description (gtk_widget_get_pango_context (shown->view)));
  int width = cairo_image_surface_get_width (view), height = cairo_image_surface_get_height (view);
  double share;
  cairo_t *cr;

  g_assert_cmpfloat (share_of_ink (view), >, 0.001);
  export.width = width + 2 * margin;
  export.height = height + 2 * margin;
  export.font = font;
  export.dark = adw_style_manager_get_dark (adw_style_manager_get_default ());
  whole = draw_picture (shown, &export);
  inner = cairo_image_surface_create (CAIRO_FORMAT_RGB24, width, height);
  cr = cairo_create (inner);
  cairo_set_source_surface (cr, whole, -margin, -margin);
  cairo_paint (cr);
  cairo_destroy (cr);
  share = share_that_differs (view, inner);
  cairo_surface_destroy (view);
  cairo_surface_destroy (whole);
  cairo_surface_destroy (inner);
  return share;
}

static void
test_stream (void)
{
  WeftlineExport export = { .view = WEFTLINE_EXPORT_STREAM };
  Shown shown;

  show (&shown, weftline_task_stream_new);
  cairo_surface_destroy (draw_view (&shown)); /* it says what it shows once it does */
  weftline_task_stream_get_range (WEFTLINE_TASK_STREAM (shown.view), &export.from_ns,
                                  &export.to_ns);
  g_assert_cmpint (export.to_ns, >, export.from_ns);
  g_assert_cmpfloat (difference (&shown, export, 0), <=, PIXEL_TOLERANCE);
  unshow (&shown);
}

/* It is laid out in the background. */
static void
test_graph (void)
{
  WeftlineExport export = { .view = WEFTLINE_EXPORT_GRAPH };
  WeftlineTaskGraph *graph;
  Shown shown;

  show (&shown, weftline_task_graph_new);
  graph = WEFTLINE_TASK_GRAPH (shown.view);
  g_assert_null (weftline_task_graph_get_viewport (WEFTLINE_TASK_GRAPH (shown.view)));
  test_loop_until (difference (&shown, export, 0) <= PIXEL_TOLERANCE);
  g_assert_false (weftline_task_graph_get_value (graph, &export.value));
  g_assert_true (weftline_task_graph_set_color (graph, "age"));
  g_assert_cmpfloat (difference (&shown, export, 0), >, PIXEL_TOLERANCE);
  export.has_value = weftline_task_graph_get_value (graph, &export.value);
  g_assert_true (export.has_value);
  g_assert_cmpfloat (difference (&shown, export, 0), <=, PIXEL_TOLERANCE);
  g_assert_false (weftline_task_graph_set_color (graph, "heat"));
  unshow (&shown);
}

/* Laid out by Graphviz, where it is there, and back. */
static void
test_dot (void)
{
  const WeftlineExport layers = { .view = WEFTLINE_EXPORT_GRAPH };
  const WeftlineExport dot = { .view = WEFTLINE_EXPORT_GRAPH, .dot = true };
  WeftlineTaskGraph *graph;
  Shown shown;

  show (&shown, weftline_task_graph_new);
  graph = WEFTLINE_TASK_GRAPH (shown.view);
  test_loop_until (difference (&shown, layers, 0) <= PIXEL_TOLERANCE);
  g_assert_true (weftline_task_graph_can_dot (graph));
  weftline_task_graph_set_dot (graph, true);
  weftline_task_graph_set_dot (graph, false); /* nobody waits for the first */
  weftline_task_graph_set_dot (graph, true);
  g_assert_true (weftline_task_graph_get_dot (graph));
  test_loop_until (difference (&shown, dot, 0) <= PIXEL_TOLERANCE);
  if (weftline_dot_is_there ())
    g_assert_cmpfloat (difference (&shown, layers, 0), >, PIXEL_TOLERANCE);
  weftline_task_graph_set_dot (graph, false);
  test_loop_until (difference (&shown, layers, 0) <= PIXEL_TOLERANCE);
  unshow (&shown);
}

static void
test_progress (void)
{
  WeftlineExport export = { .view = WEFTLINE_EXPORT_PROGRESS };
  Shown shown;

  show (&shown, weftline_progress_view_new);
  g_assert_cmpfloat (difference (&shown, export, WEFTLINE_EXPORT_MARGIN), <=, PIXEL_TOLERANCE);
  unshow (&shown);
}

/* With a task and its lineage selected. */
static void
test_selection (void)
{
  static const MakeView makes[] = { weftline_task_stream_new, weftline_task_graph_new };
  static const WeftlineExportView views[] = { WEFTLINE_EXPORT_STREAM, WEFTLINE_EXPORT_GRAPH };

  for (unsigned i = 0; i < G_N_ELEMENTS (views); i++)
    {
      WeftlineExport export = { .view = views[i],
                                .has_task = true,
                                .lineage = WEFTLINE_LINEAGE_BOTH };
      Shown shown;

      show (&shown, makes[i]);
      test_loop_until (difference (&shown, (WeftlineExport){ .view = views[i] }, 0)
                       <= PIXEL_TOLERANCE);
      export.task = weft_model_find_key (weftline_session_model (shown.session), "dye-1");
      weftline_session_select_task (shown.session, export.task);
      weftline_session_set_lineage (shown.session, WEFTLINE_LINEAGE_BOTH);
      test_loop_until (difference (&shown, export, 0) <= PIXEL_TOLERANCE);
      g_assert_cmpfloat (difference (&shown, (WeftlineExport){ .view = views[i] }, 0), >,
                         PIXEL_TOLERANCE);
      unshow (&shown);
    }
}

static void
test_cards (void)
{
  static const struct
  {
    MakeView make;
    WeftlineExportView view;
    double tolerance;
  } cases[] = {
    { weftline_memory_view_new, WEFTLINE_EXPORT_MEMORY, PIXEL_TOLERANCE },
    { weftline_held_view_new, WEFTLINE_EXPORT_HELD, STEPS_TOLERANCE },
    { weftline_where_view_new, WEFTLINE_EXPORT_WHERE, PIXEL_TOLERANCE },
    { weftline_resource_view_new, WEFTLINE_EXPORT_RESOURCES, PIXEL_TOLERANCE },
  };

  for (unsigned i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const WeftlineExport export = { .view = cases[i].view };
      Shown shown;

      show (&shown, cases[i].make);
      test_loop_until (difference (&shown, export, WEFTLINE_EXPORT_MARGIN) <= cases[i].tolerance);
      unshow (&shown);
    }
}

/* As it was when the first of the tasks had ended. */
static void
go_back (Shown *shown, WeftlineExport *export)
{
  const WeftMoment *moment;

  weftline_session_set_time (shown->session, 0);
  while (weftline_session_moment (shown->session) == NULL
         || weftline_session_moment (shown->session)->n_states[WEFT_TASK_MEMORY] == 0)
    {
      weftline_session_step_time (shown->session, true);
      test_loop_until ((moment = weftline_session_moment (shown->session)) != NULL
                       && moment->at_ns == weftline_session_time (shown->session));
    }
  export->has_time = true;
  export->at_ns = weftline_session_time (shown->session);
}

/* What the views show of a moment is in their pictures, and another picture than now's. */
static void
assert_past (WeftlineExport export, MakeView make, int margin)
{
  Shown shown;
  double then;

  show (&shown, make);
  if (export.view == WEFTLINE_EXPORT_GRAPH || export.view == WEFTLINE_EXPORT_OCCUPANCY)
    test_loop_until (difference (&shown, export, margin) <= PIXEL_TOLERANCE);
  cairo_surface_destroy (draw_view (&shown));
  if (export.view == WEFTLINE_EXPORT_STREAM)
    weftline_task_stream_get_range (WEFTLINE_TASK_STREAM (shown.view), &export.from_ns,
                                    &export.to_ns);
  go_back (&shown, &export);
  then = difference (&shown, export, margin);
  g_assert_cmpfloat (then, <=, 2 * PIXEL_TOLERANCE); /* more outlines: their corners differ */
  export.has_time = false;
  g_assert_cmpfloat (difference (&shown, export, margin), >, 2 * then);
  unshow (&shown);
}

static void
test_past (void)
{
  assert_past ((WeftlineExport){ .view = WEFTLINE_EXPORT_STREAM }, weftline_task_stream_new, 0);
  assert_past ((WeftlineExport){ .view = WEFTLINE_EXPORT_GRAPH }, weftline_task_graph_new, 0);
  assert_past ((WeftlineExport){ .view = WEFTLINE_EXPORT_PROGRESS }, weftline_progress_view_new,
               WEFTLINE_EXPORT_MARGIN);
  assert_past ((WeftlineExport){ .view = WEFTLINE_EXPORT_MEMORY }, weftline_memory_view_new,
               WEFTLINE_EXPORT_MARGIN);
  assert_past ((WeftlineExport){ .view = WEFTLINE_EXPORT_RESOURCES }, weftline_resource_view_new,
               WEFTLINE_EXPORT_MARGIN);
  assert_past ((WeftlineExport){ .view = WEFTLINE_EXPORT_OCCUPANCY }, weftline_occupancy_view_new,
               WEFTLINE_EXPORT_MARGIN);
}

static void
test_occupancy (void)
{
  WeftlineExport export = { .view = WEFTLINE_EXPORT_OCCUPANCY };
  Shown shown;

  show (&shown, weftline_occupancy_view_new);
  test_loop_until (difference (&shown, export, WEFTLINE_EXPORT_MARGIN) <= PIXEL_TOLERANCE);
  unshow (&shown);
}

static void
test_dark (void)
{
  WeftlineExport export = { .view = WEFTLINE_EXPORT_PROGRESS };
  AdwStyleManager *style = adw_style_manager_get_default ();
  Shown shown;

  adw_style_manager_set_color_scheme (style, ADW_COLOR_SCHEME_FORCE_DARK);
  show (&shown, weftline_progress_view_new);
  g_assert_cmpfloat (difference (&shown, export, WEFTLINE_EXPORT_MARGIN), <=, PIXEL_TOLERANCE);
  unshow (&shown);
  adw_style_manager_set_color_scheme (style, ADW_COLOR_SCHEME_DEFAULT);
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  test_add ("ui-export", "views", "stream", test_stream);
  test_add ("ui-export", "views", "graph", test_graph);
  test_add ("ui-export", "views", "dot", test_dot);
  test_add ("ui-export", "views", "progress", test_progress);
  test_add ("ui-export", "views", "selection", test_selection);
  test_add ("ui-export", "views", "cards", test_cards);
  test_add ("ui-export", "views", "past", test_past);
  test_add ("ui-export", "views", "occupancy", test_occupancy);
  test_add ("ui-export", "views", "dark", test_dark);
  return g_test_run ();
}
