/* test-memory-view.c: tests of memory, and of what was held, as widgets
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "ui-app/view-fixture.h"

#include "canvas/number-format.h"
#include "memory/held-view.h"
#include "memory/memory-layout.h"
#include "memory/memory-picture.h"
#include "memory/memory-view.h"

typedef struct
{
  WeftlineRun *run;
  WeftlineSession *session;
  GtkWidget *memory, *held;
} Fixture;

/* @example: (nullable) */
static void
set_up (Fixture *f, const void *example)
{
  f->run = example_run (example != NULL ? example : "rechunk");
  f->session = weftline_session_new (f->run);
  f->memory = g_object_ref_sink (weftline_memory_view_new (f->session));
  f->held = g_object_ref_sink (weftline_held_view_new (f->session));
}

static void
tear_down (Fixture *f, const void *data G_GNUC_UNUSED)
{
  test_loop_until (!weftline_held_view_is_busy (WEFTLINE_HELD_VIEW (f->held)));
  g_assert_finalize_object (f->memory);
  test_assert_finalised (f->held);
  test_assert_finalised (f->session);
  g_object_unref (f->run);
}

static void
finish (Fixture *f)
{
  run_to_the_end (f->run);
  test_loop_until (weftline_feed_state (weftline_run_feed (f->run)) >= WEFT_FEED_ENDED);
  weftline_session_update (f->session);
  test_loop_until (!weftline_held_view_is_busy (WEFTLINE_HELD_VIEW (f->held)));
}

static void
test_before_the_start (Fixture *f, const void *data G_GNUC_UNUSED)
{
  g_autofree char *figures = NULL;

  g_assert_null (weftline_held_view_history (WEFTLINE_HELD_VIEW (f->held)));
  g_object_get (f->memory, "figures", &figures, NULL);
  g_assert_null (figures);
  gtk_test_accessible_assert_property (GTK_ACCESSIBLE (f->memory), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                       "Memory");
  gtk_test_accessible_assert_property (GTK_ACCESSIBLE (f->held), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                       "Held in memory");
}

static void
count_cb (unsigned *n)
{
  (*n)++;
}

/* The head of the card tells how much, and hears of it when it changes. */
static void
test_figures (Fixture *f, const void *data G_GNUC_UNUSED)
{
  g_autofree char *peak = NULL;
  g_autofree char *now = NULL;
  unsigned n_memory = 0, n_held = 0;
  WeftHeldSteps steps;

  g_signal_connect_swapped (f->memory, "notify::figures", G_CALLBACK (count_cb), &n_memory);
  g_signal_connect_swapped (f->held, "notify::figures", G_CALLBACK (count_cb), &n_held);
  finish (f);
  g_assert_cmpuint (n_memory, >, 0);
  g_assert_cmpuint (n_held, >, 0);
  g_object_get (f->memory, "figures", &now, NULL);
  g_object_get (f->held, "figures", &peak, NULL);
  g_assert_nonnull (now);
  g_assert_true (g_str_has_prefix (peak, "peak "));
  weft_held_history_steps (weftline_held_view_history (WEFTLINE_HELD_VIEW (f->held)), &steps);
  g_assert_cmpuint (steps.n_results, >, 0);
  g_assert_cmpuint (steps.peak_bytes, >, 0);
}

static gboolean
is_button (GtkWidget *widget, const void *data G_GNUC_UNUSED)
{
  return GTK_IS_BUTTON (widget);
}

/* A list names what was held at the peak; its buttons select. */
static void
test_list (Fixture *f, const void *data G_GNUC_UNUSED)
{
  GtkWidget *window = gtk_window_new (), *popover = NULL, *button;
  WeftHeldSteps steps;

  gtk_window_set_child (GTK_WINDOW (window), f->held);
  gtk_window_set_default_size (GTK_WINDOW (window), 400, 300);
  gtk_window_present (GTK_WINDOW (window));
  finish (f);
  weft_held_history_steps (weftline_held_view_history (WEFTLINE_HELD_VIEW (f->held)), &steps);
  weftline_held_view_list (WEFTLINE_HELD_VIEW (f->held), steps.peak_ns);
  test_loop_until ((popover = weftline_held_view_popover (WEFTLINE_HELD_VIEW (f->held))) != NULL);
  button = find_widget (popover, is_button, NULL);
  g_assert_nonnull (button);
  g_signal_emit_by_name (button, "clicked");
  g_assert_cmpuint (weftline_session_selection (f->session)->task, !=, WEFT_NONE);
  gtk_window_set_child (GTK_WINDOW (window), NULL);
  gtk_window_destroy (GTK_WINDOW (window));
}

/* Both can be drawn while the run goes on; one that rests changes nothing. */
static void
test_drawn (Fixture *f, const void *data G_GNUC_UNUSED)
{
  GtkWidget *window = gtk_window_new (), *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  gtk_box_append (GTK_BOX (box), f->memory);
  gtk_box_append (GTK_BOX (box), f->held);
  gtk_window_set_child (GTK_WINDOW (window), box);
  gtk_window_set_default_size (GTK_WINDOW (window), 400, 600);
  gtk_window_present (GTK_WINDOW (window));
  weftline_run_start (f->run);
  test_loop_until ((weftline_session_update (f->session), weftline_run_is_over (f->run)));
  finish (f);
  g_assert_false (weftline_session_update (f->session));
  gtk_window_destroy (GTK_WINDOW (window));
}

/* A view that goes while something is worked out for it is not called any more. */
static void
test_goes_meanwhile (Fixture *f, const void *data G_GNUC_UNUSED)
{
  GtkWidget *view;

  finish (f);
  view = g_object_ref_sink (weftline_held_view_new (f->session));
  g_assert_true (weftline_held_view_is_busy (WEFTLINE_HELD_VIEW (view)));
  weftline_held_view_list (WEFTLINE_HELD_VIEW (view), 0);
  test_assert_finalised (view);
  test_loop_drain ();
}

static void
assert_description (GtkWidget *widget, const char *text)
{
  gtk_test_accessible_assert_property (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                       text);
}

/* Results of a run that has ended are not to come yet, however little they take. */
static void
test_small_results (Fixture *f, const void *data G_GNUC_UNUSED)
{
  WeftHeldSteps steps;

  assert_description (f->held, "No result has taken memory yet");
  finish (f);
  weft_held_history_steps (weftline_held_view_history (WEFTLINE_HELD_VIEW (f->held)), &steps);
  g_assert_cmpuint (steps.n_results, ==, 0);
  assert_description (f->held, "No result takes memory of its own");
}

/* Whether the worker got anything to do, and so has a lane: one may be quick enough for all. */
static bool
has_come (Fixture *f, uint32_t worker)
{
  uint32_t n = weftline_session_snapshot (f->session)->n_lanes;

  for (uint32_t i = 0; i < n; i++)
    {
      WeftModelLane lane;

      weft_model_lane (weftline_session_model (f->session), i, &lane);
      if (lane.kind == WEFT_LANE_THREAD && lane.worker == worker)
        return true;
    }
  return false;
}

/* As the words of each worker begin. */
static void
assert_workers_told (Fixture *f, const uint64_t n_bytes[2])
{
  g_autofree char *text = description_of (f->memory);
  unsigned n = 0;

  for (uint32_t worker = 0; worker < 2; worker++)
    {
      g_autofree char *bytes = weftline_format_bytes (n_bytes[worker], WEFTLINE_BYTES_DECIMAL);
      g_autofree char *words = g_strdup_printf ("worker %u %s", worker, bytes);

      if (!has_come (f, worker))
        continue;
      n++;
      if (strstr (text, words) == NULL)
        g_error ("no “%s” in “%s”", words, text);
    }
  g_assert_cmpuint (n, >, 0);
}

/* A list that is made for a call is managed, and stays with the worker; it is no result. */
static void
test_calls_are_no_results (Fixture *f, const void *data G_GNUC_UNUSED)
{
  g_autofree char *text = NULL;
  WeftModel *model;
  WeftHeldSteps steps;
  uint64_t n;

  finish (f);
  model = weftline_session_model (f->session);
  n = weft_model_series_n (model, WEFT_SERIES_MANAGED);
  g_assert_cmpuint (n, >, 0);
  g_assert_cmpfloat (weft_model_series_get (model, WEFT_SERIES_MANAGED, n - 1).value, >, 0);
  weft_held_history_steps (weftline_held_view_history (WEFTLINE_HELD_VIEW (f->held)), &steps);
  g_assert_cmpuint (steps.n_results, ==, 0);
  text = description_of (f->memory);
  g_assert_nonnull (strstr (text, "managed "));
  g_assert_null (strstr (text, "managed 0"));
  g_assert_nonnull (strstr (text, "results by the worker that made them: worker "));
  assert_workers_told (f, (uint64_t[2]){ 0 });
}

/* All lanes of its own, as the session's moment has them. */
static uint64_t
bytes_then (Fixture *f, uint32_t worker)
{
  const WeftMoment *moment = weftline_session_moment (f->session);
  uint64_t bytes = 0;

  for (uint32_t i = 0; i < moment->n_lanes; i++)
    {
      WeftModelLane lane;

      weft_model_lane (weftline_session_model (f->session), i, &lane);
      bytes += lane.kind == WEFT_LANE_THREAD && lane.worker == worker ? moment->lanes[i].live : 0;
    }
  return bytes;
}

/* Bars of workers are those of the moment that is shown, and of the end again afterwards. */
static void
test_workers (Fixture *f, const void *data G_GNUC_UNUSED)
{
  WeftHeldSteps steps;
  uint64_t then[2];

  finish (f);
  assert_workers_told (f, (uint64_t[2]){ 0 });
  weft_held_history_steps (weftline_held_view_history (WEFTLINE_HELD_VIEW (f->held)), &steps);
  weftline_session_set_time (f->session, steps.peak_ns);
  test_loop_until (!weftline_session_is_rewinding (f->session));
  for (uint32_t worker = 0; worker < 2; worker++)
    then[worker] = bytes_then (f, worker);
  g_assert_cmpuint (then[0] + then[1], >, 0);
  g_assert_cmpuint (then[0] + then[1], <=, steps.peak_bytes);
  assert_workers_told (f, then);
  weftline_session_set_time (f->session, WEFTLINE_NOW);
  assert_workers_told (f, (uint64_t[2]){ 0 });
}

typedef void (*Picture) (WeftModel *model, const WeftModelSnapshot *snapshot, int64_t at_ns,
                         const WeftlinePalette *palette, WeftlineTextCache *text, bool rtl,
                         const WeftlineClock *clock, cairo_t *cr, int width, int height);

/* How many pixels are neither ground nor text. */
static unsigned
count_coloured (Picture picture, WeftModel *model, const WeftModelSnapshot *snapshot)
{
  WeftlineTextCache *text = weftline_text_cache_new ("Sans 10", 1);
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, 400, 300);
  cairo_t *cr = cairo_create (surface);
  unsigned n = 0;

  picture (model, snapshot, INT64_MAX, weftline_palette (WEFTLINE_PALETTE_SAFE, false), text, false,
           &(WeftlineClock){ 0 }, cr, 400, 300);
  g_assert_cmpint (cairo_status (cr), ==, CAIRO_STATUS_SUCCESS);
  cairo_destroy (cr);
  cairo_surface_flush (surface);
  for (int y = 0; y < 300; y++)
    for (int x = 0; x < 400; x++)
      {
        const uint8_t *pixel = cairo_image_surface_get_data (surface)
                               + (ptrdiff_t) y * cairo_image_surface_get_stride (surface) + 4 * x;

        n += ABS ((int) pixel[0] - (int) pixel[2]) > 60;
      }
  cairo_surface_destroy (surface);
  weftline_text_cache_free (text);
  return n;
}

/* Without a window the same can be drawn, also of nothing. */
static void
test_pictures (Fixture *f, const void *data G_GNUC_UNUSED)
{
  static const Picture pictures[] = { weftline_memory_picture, weftline_held_picture };
  const WeftModelSnapshot *snapshot = weftline_session_snapshot (f->session);

  for (unsigned i = 0; i < G_N_ELEMENTS (pictures); i++)
    g_assert_cmpuint (count_coloured (pictures[i], NULL, snapshot), ==, 0);
  finish (f);
  for (unsigned i = 0; i < G_N_ELEMENTS (pictures); i++)
    g_assert_cmpuint (count_coloured (pictures[i], weftline_session_model (f->session), snapshot),
                      >, 100);
}

/* ---- memory in a window ---------------------------------------------------------------------- */

static void
open_view (ViewFixture *f, const void *data G_GNUC_UNUSED)
{
  view_fixture_open (f, example_run ("rechunk"), weftline_memory_view_new, 320, 200);
}

static void
close_view (ViewFixture *f, const void *data G_GNUC_UNUSED)
{
  view_fixture_close (f);
}

static void
test_nothing (ViewFixture *f, const void *data G_GNUC_UNUSED)
{
  assert_drawn_view (f->view, "Memory");
  draw_view (f);
  point_at (f->view, 100, 100);
  scroll (f->view, 1);
  g_assert_false (press (f->view, GDK_KEY_Down)); /* there is nothing to go to */
  g_assert_false (press (f->view, GDK_KEY_x));
  assert_goes_dark (f);
}

/* A line follows the pointer, another stands at the moment that is looked at. */
static void
test_pointer (ViewFixture *f, const void *data G_GNUC_UNUSED)
{
  g_autoptr (GBytes) plain = NULL;
  double x = 200, y = gtk_widget_get_height (f->view) - WEFTLINE_MEMORY_AXIS - 10;

  view_fixture_finish (f);
  plain = picture_of (f);
  point_at (f->view, x, y);
  test_loop_until (has_changed (f, plain));
  point_nowhere (f->view);
  test_loop_until (!has_changed (f, plain));
  assert_shows_moment (f, plain);
}

static void
test_looks (ViewFixture *f, const void *data G_GNUC_UNUSED)
{
  view_fixture_finish (f);
  assert_goes_dark (f);
}

#define ADD_IN_WINDOW(behaviour, function)                                                      \
  g_test_add ("/weft/ui-memory/memory-view/" behaviour, ViewFixture, NULL, open_view, function, \
              close_view)

#define ADD(behaviour, function) \
  g_test_add ("/weft/ui-memory/memory-view/" behaviour, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  ADD_IN_WINDOW ("nothing", test_nothing);
  ADD_IN_WINDOW ("pointer", test_pointer);
  ADD_IN_WINDOW ("looks", test_looks);
  ADD ("before-the-start", test_before_the_start);
  ADD ("figures", test_figures);
  ADD ("list", test_list);
  ADD ("drawn", test_drawn);
  ADD ("goes-meanwhile", test_goes_meanwhile);
  ADD ("pictures", test_pictures);
  ADD ("workers", test_workers);
  g_test_add ("/weft/ui-memory/memory-view/small-results", Fixture, "loop", set_up,
              test_small_results, tear_down);
  g_test_add ("/weft/ui-memory/memory-view/calls-are-no-results", Fixture, "loop", set_up,
              test_calls_are_no_results, tear_down);
  return g_test_run ();
}
