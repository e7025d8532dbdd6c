/* test-task-stream.c: tests of the task stream as a widget
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "ui-app/view-fixture.h"
#include "ui-inspect/inspect-fixture.h"

#include "session/weftline-run-file.h"
#include "timeline/task-stream-private.h"

/* One task that all wait for, and one that waits for all: of two workers one is idle then. */
static const char tasks[] =
    "\"load\": {\"op\": \"sleep\", \"args\": [0.02, 1]},"
    "\"part-0\": {\"op\": \"sleep\", \"args\": [0.01, {\"ref\": \"load\"}]},"
    "\"part-1\": {\"op\": \"sleep\", \"args\": [0.01, {\"ref\": \"load\"}]},"
    "\"part-2\": {\"op\": \"sleep\", \"args\": [0.01, {\"ref\": \"load\"}]},"
    "\"part-3\": {\"op\": \"sleep\", \"args\": [0.01, {\"ref\": \"load\"}]},"
    "\"merge\": {\"op\": \"sleep\", \"args\": [0.01, [{\"ref\": \"part-0\"},"
    " {\"ref\": \"part-1\"}, {\"ref\": \"part-2\"}, {\"ref\": \"part-3\"}]]},"
    "\"report\": {\"op\": \"sleep\", \"args\": [0.02, {\"ref\": \"merge\"}]}";
#define N_TASKS 7

static void
set_up (ViewFixture *f, const void *data G_GNUC_UNUSED)
{
  view_fixture_open (f, run_of_tasks (tasks, 2), weftline_task_stream_new, 700, 320);
}

static void
set_up_one (ViewFixture *f, const void *data G_GNUC_UNUSED)
{
  view_fixture_open (f, run_of_tasks ("\"only\": {\"op\": \"sleep\", \"args\": [0.01, 0]}", 8),
                     weftline_task_stream_new, 700, 320);
}

static void
tear_down (ViewFixture *f, const void *data G_GNUC_UNUSED)
{
  view_fixture_close (f);
}

static WeftlineTaskStream *
stream_of (ViewFixture *f)
{
  return WEFTLINE_TASK_STREAM (f->view);
}

typedef struct
{
  int64_t from_ns, to_ns;
} Range;

static Range
shown (ViewFixture *f)
{
  Range range;

  weftline_task_stream_get_range (stream_of (f), &range.from_ns, &range.to_ns);
  return range;
}

static uint32_t
find_task (ViewFixture *f, const char *key)
{
  uint32_t task = weft_model_find_key (weftline_session_model (f->session), key);

  g_assert_cmpuint (task, !=, WEFT_NONE);
  return task;
}

static uint32_t
selected (ViewFixture *f)
{
  return weftline_session_selection (f->session)->task;
}

/* ---- before the start ------------------------------------------------------------------------ */

/* There is nothing to show and nothing to do, whatever is pressed or pointed at. */
static void
test_nothing (ViewFixture *f, const void *data G_GNUC_UNUSED)
{
  static const guint keys[] = { GDK_KEY_w,
                                GDK_KEY_s,
                                GDK_KEY_a,
                                GDK_KEY_d,
                                GDK_KEY_f,
                                GDK_KEY_r,
                                GDK_KEY_q,
                                GDK_KEY_e,
                                GDK_KEY_bracketleft,
                                GDK_KEY_comma,
                                GDK_KEY_bracketright,
                                GDK_KEY_period,
                                GDK_KEY_Escape };

  assert_drawn_view (f->view, "Task stream");
  gtk_test_accessible_assert_property (f->view, GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, "");
  draw_view (f);
  for (unsigned i = 0; i < G_N_ELEMENTS (keys); i++)
    g_assert_true (press (f->view, keys[i]));
  g_assert_false (press (f->view, GDK_KEY_x));
  point_at (f->view, 300, 100);
  click_at (f->view, 300, 100);
  point_nowhere (f->view);
  draw_view (f);
  g_assert_cmpuint (selected (f), ==, WEFT_NONE);
  g_assert_cmpuint (weftline_session_hover_task (f->session), ==, WEFT_NONE);
  g_assert_cmpint (weftline_session_selection (f->session)->to_ns, ==, 0);
  assert_goes_dark (f);
}

/* ---- what it tells --------------------------------------------------------------------------- */

/* All tasks, what is selected, the selected time with its figures. */
static void
test_words (ViewFixture *f, const void *data G_GNUC_UNUSED)
{
  int64_t end_ns;

  view_fixture_finish (f);
  end_ns = weftline_session_snapshot (f->session)->last_ns;
  g_assert_true (is_described (f->view, "7 of 7 tasks · 0 dropped"));
  weftline_session_select_task (f->session, find_task (f, "merge"));
  g_assert_true (is_described (f->view, "merge"));
  weftline_session_select_nothing (f->session);
  g_assert_false (is_described (f->view, "merge"));
  weftline_session_select_range (f->session, 0, end_ns);
  g_assert_true (is_described (f->view, "7 tasks ·"));
  g_assert_true (is_described (f->view, "most: "));
  weftline_session_select_nothing (f->session);
  weftline_session_set_time (f->session, end_ns / 2);
  g_assert_true (is_described (f->view, "as of "));
}

/* ---- the pointer ----------------------------------------------------------------------------- */

/* The middle of the span in which the task ran. */
static void
place_of (ViewFixture *f, uint32_t task, double *x, double *y)
{
  WeftlineTaskStream *self = stream_of (f);

  for (*y = 1; *y < gtk_widget_get_height (f->view); *y += 2)
    for (*x = 1; *x < gtk_widget_get_width (f->view); *x += 2)
      {
        WeftlineTimelineHit hit;

        weftline_timeline_hit (self->layout, *x, *y, &hit);
        if (hit.kind == WEFTLINE_HIT_SPAN
            && weft_spans_get (
                   g_array_index (self->source.lanes, WeftlineTimelineLane, hit.lane).spans,
                   hit.index)
                       ->task
                   == task)
          return;
      }
  g_assert_not_reached ();
}

/* A place in a lane that sleeps now. Returns: whether there is one */
static bool
find_asleep (ViewFixture *f, double *x, double *y)
{
  WeftlineTaskStream *self = stream_of (f);

  for (*y = 1; *y < gtk_widget_get_height (f->view); *y += 4)
    for (*x = 1; *x < gtk_widget_get_width (f->view); *x += 4)
      {
        WeftlineTimelineHit hit;

        weftline_timeline_hit (self->layout, *x, *y, &hit);
        if (hit.kind == WEFTLINE_HIT_NOW
            && g_array_index (self->source.lanes, WeftlineTimelineLane, hit.lane).now_kind
                   == WEFT_RECORD_PARKED)
          return true;
      }
  return false;
}

static gboolean
sees_asleep (ViewFixture *f, double *x, double *y)
{
  weftline_session_update (f->session);
  draw_view (f);
  return find_asleep (f, x, y);
}

/* While the run goes on: one worker sleeps, and it is told what runs elsewhere meanwhile. */
static void
test_asleep_now (void)
{
  ViewFixture f;
  g_autofree char *told = NULL;
  double x, y;

  view_fixture_open (&f,
                     run_of_tasks ("\"long\": {\"op\": \"sleep\", \"args\": [600]},"
                                   "\"short\": {\"op\": \"sleep\", \"args\": [0.05]}",
                                   2),
                     weftline_task_stream_new, 700, 320);
  weftline_run_start (f.run);
  test_loop_until (sees_asleep (&f, &x, &y));
  point_at (f.view, x, y);
  g_assert_cmpuint (weftline_session_hover_task (f.session), ==, find_task (&f, "long"));
  g_assert_nonnull (stream_of (&f)->hover_lines);
  told = g_strjoinv (", ", stream_of (&f)->hover_lines);
  g_assert_nonnull (strstr (told, "No task has come since, long ran on worker "));
  weftline_run_cancel (f.run);
  test_loop_until (weftline_run_is_over (f.run));
  view_fixture_close (&f);
}

/* What is pointed at is pointed at in all views, and told of; a click selects it. Off it again,
 * nothing is. */
static void
test_points_and_clicks (ViewFixture *f, const void *data G_GNUC_UNUSED)
{
  double x, y;

  view_fixture_finish (f);
  for (uint32_t task = 0; task < N_TASKS; task++)
    {
      place_of (f, task, &x, &y);
      point_at (f->view, x, y);
      g_assert_cmpuint (weftline_session_hover_task (f->session), ==, task);
      g_assert_cmpuint (weftline_session_hover_group (f->session), ==,
                        weft_model_task_group (weftline_session_model (f->session), task));
      click_at (f->view, x, y);
      g_assert_cmpuint (selected (f), ==, task);
      draw_view (f);
    }
  point_nowhere (f->view);
  g_assert_cmpuint (weftline_session_hover_task (f->session), ==, WEFT_NONE);
  g_assert_cmpuint (weftline_session_hover_group (f->session), ==, WEFT_NONE);
}

/* What is pointed at and selected in other views is drawn here, too. */
static void
test_shows_what_others_do (ViewFixture *f, const void *data G_GNUC_UNUSED)
{
  g_autoptr (GBytes) plain = NULL;
  g_autoptr (GBytes) hovered = NULL;

  view_fixture_finish (f);
  plain = picture_of (f);
  weftline_session_set_hover (f->session, find_task (f, "report"), WEFT_NONE);
  test_loop_until (has_changed (f, plain));
  hovered = picture_of (f);
  weftline_session_select_task (f->session, find_task (f, "load"));
  test_loop_until (has_changed (f, hovered));
  weftline_session_set_hover (f->session, WEFT_NONE, WEFT_NONE);
  weftline_session_select_nothing (f->session);
  test_loop_until (!has_changed (f, plain));
}

/* The wheel zooms, and what is under the pointer stays there. */
static void
test_wheel (ViewFixture *f, const void *data G_GNUC_UNUSED)
{
  WeftlineTaskStream *self = stream_of (f);
  double x = 500, y = 100;
  Range before;
  int64_t at_ns;

  view_fixture_finish (f);
  before = shown (f);
  at_ns = weftline_timeline_at (self->layout, x);
  point_at (f->view, x, y);
  for (int i = 0; i < 6; i++)
    {
      scroll (f->view, -1);
      draw_view (f);
      g_assert_cmpint (ABS (weftline_timeline_at (self->layout, x) - at_ns), <=,
                       (before.to_ns - before.from_ns) / 500);
    }
  g_assert_cmpint (shown (f).to_ns - shown (f).from_ns, <, (before.to_ns - before.from_ns) / 3);
  g_assert_false (weftline_task_stream_get_follow (self));
  for (int i = 0; i < 6; i++)
    scroll (f->view, 1);
  draw_view (f);
  g_assert_cmpint (ABS (shown (f).from_ns - before.from_ns), <=,
                   (before.to_ns - before.from_ns) / 100);
}

/* Dragging moves in time, and selects nothing when the button comes up. */
static void
test_drag (ViewFixture *f, const void *data G_GNUC_UNUSED)
{
  Range before, after;
  double x, y;

  view_fixture_finish (f);
  press (f->view, GDK_KEY_w);
  draw_view (f);
  before = shown (f);
  place_of (f, find_task (f, "part-0"), &x, &y);
  drag_by (f->view, x, y, -80, 10);
  click_at (f->view, x - 80, y + 10);
  draw_view (f);
  after = shown (f);
  g_assert_cmpint (after.from_ns, >, before.from_ns);
  g_assert_cmpint (after.to_ns - after.from_ns, ==, before.to_ns - before.from_ns);
  g_assert_cmpuint (selected (f), ==, WEFT_NONE);
}

/* ---- keys ------------------------------------------------------------------------------------ */

/* The brackets go through all tasks of a lane, there and back. */
static void
test_steps (ViewFixture *f, const void *data G_GNUC_UNUSED)
{
  uint32_t seen[N_TASKS + 1];
  unsigned n = 0;

  view_fixture_finish (f);
  weftline_session_select_task (f->session, find_task (f, "load"));
  do
    {
      g_assert_cmpuint (n, <, G_N_ELEMENTS (seen));
      seen[n++] = selected (f);
      press (f->view, GDK_KEY_bracketright);
    }
  while (selected (f) != seen[n - 1]);
  g_assert_cmpuint (n, >, 1);
  for (; n-- > 1;)
    {
      press (f->view, GDK_KEY_bracketleft);
      g_assert_cmpuint (selected (f), ==, seen[n - 1]);
    }
}

/* From nothing the brackets find the one task there is, whichever of many workers ran it. */
static void
test_steps_from_nothing (ViewFixture *f, const void *data G_GNUC_UNUSED)
{
  const guint keys[] = { GDK_KEY_bracketright, GDK_KEY_bracketleft };

  view_fixture_finish (f);
  for (unsigned i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      weftline_session_select_nothing (f->session);
      press (f->view, keys[i]);
      g_assert_cmpuint (selected (f), ==, find_task (f, "only"));
    }
}

/* Why nobody ran anything is told, and what was awaited is pointed at; Escape ends it. */
static void
test_gaps (ViewFixture *f, const void *data G_GNUC_UNUSED)
{
  view_fixture_finish (f);
  for (int i = 0; i < 500 && !is_described (f->view, "No task was ready, awaited load"); i++)
    {
      press (f->view, GDK_KEY_period);
      draw_view (f);
    }
  g_assert_true (is_described (f->view, "No task was ready, awaited load"));
  g_assert_cmpuint (weftline_session_hover_task (f->session), ==, find_task (f, "load"));
  point_nowhere (f->view); /* the pointer was not what led there */
  g_assert_true (is_described (f->view, "No task was ready"));
  press (f->view, GDK_KEY_Escape);
  g_assert_false (is_described (f->view, "No task was ready"));
}

/* Ancestors, descendants, both, and again none. */
static void
test_lineage (ViewFixture *f, const void *data G_GNUC_UNUSED)
{
  view_fixture_finish (f);
  weftline_session_select_task (f->session, find_task (f, "part-1"));
  press (f->view, GDK_KEY_q);
  g_assert_cmpint (weftline_session_lineage (f->session), ==, WEFTLINE_LINEAGE_ANCESTORS);
  g_assert_true (is_described (f->view, "1 ancestor"));
  press (f->view, GDK_KEY_e);
  g_assert_cmpint (weftline_session_lineage (f->session), ==, WEFTLINE_LINEAGE_BOTH);
  draw_view (f);
  press (f->view, GDK_KEY_q);
  g_assert_true (is_described (f->view, "2 descendants"));
  press (f->view, GDK_KEY_Escape);
  g_assert_cmpint (weftline_session_lineage (f->session), ==, WEFTLINE_LINEAGE_NONE);
  g_assert_cmpuint (selected (f), ==, WEFT_NONE);
}

/* The end of a run that goes on stays in sight for as long as that is wanted. */
static void
test_follows (ViewFixture *f, const void *data G_GNUC_UNUSED)
{
  WeftlineTaskStream *self = stream_of (f);
  Range before;

  g_assert_true (weftline_task_stream_get_follow (self));
  view_fixture_finish (f);
  before = shown (f);
  g_assert_cmpint (before.to_ns, >=, weftline_session_snapshot (f->session)->last_ns);
  press (f->view, GDK_KEY_a);
  draw_view (f);
  g_assert_false (weftline_task_stream_get_follow (self));
  g_assert_cmpint (shown (f).from_ns, <, before.from_ns);
  press (f->view, GDK_KEY_l);
  draw_view (f);
  g_assert_true (weftline_task_stream_get_follow (self));
  g_assert_cmpint (shown (f).from_ns, ==, before.from_ns);
}

/* What has a key has a name, too, for those who press none. */
static void
test_actions (ViewFixture *f, const void *data G_GNUC_UNUSED)
{
  Range before, by_key;

  view_fixture_finish (f);
  before = shown (f);
  press (f->view, GDK_KEY_w);
  by_key = shown (f);
  press (f->view, GDK_KEY_l);
  draw_view (f);
  g_assert_cmpint (shown (f).to_ns, ==, before.to_ns);
  g_assert_true (gtk_widget_activate_action (f->view, "stream.nearer", NULL));
  g_assert_cmpint (shown (f).from_ns, ==, by_key.from_ns);
  g_assert_cmpint (shown (f).to_ns, ==, by_key.to_ns);
  weftline_session_select_task (f->session, find_task (f, "report"));
  g_assert_true (gtk_widget_activate_action (f->view, "stream.select-time", NULL));
  g_assert_cmpint (weftline_session_selection (f->session)->to_ns, >, 0);
  g_assert_true (gtk_widget_activate_action (f->view, "stream.select-nothing", NULL));
  g_assert_cmpuint (selected (f), ==, WEFT_NONE);
  g_assert_true (gtk_widget_activate_action (f->view, "stream.legend", NULL));
  test_loop_drain (); /* it goes with the view */
}

/* ---- looks ----------------------------------------------------------------------------------- */

static void
test_looks (ViewFixture *f, const void *data G_GNUC_UNUSED)
{
  view_fixture_finish (f);
  assert_goes_dark (f);
  assert_has_palettes (f);
}

#define ADD(behaviour, function)                                                               \
  g_test_add ("/weft/ui-timeline/task-stream/" behaviour, ViewFixture, NULL, set_up, function, \
              tear_down)

/* A mark of the program is told at its pennant and at its line, where nothing ran. */
static void
test_annotation (void)
{
  Recorded recorded;
  ViewFixture f;
  g_autoptr (GError) error = NULL;
  WeftlineTimelineAnnotation said;
  WeftRunOptions options = { .keep_open = true };
  WeftlineTaskStream *stream;
  double x;

  make_engine (&recorded, 1);
  start_graph (&recorded,
               parse_graph ("{\"weftline\": 1, \"tasks\": {\"a\": {\"op\": \"sleep\","
                            " \"args\": [0.001]}}}"),
               options);
  g_usleep (20000); /* only so that the task does not stand where the line is */
  weft_run_annotate (recorded.run, "half of it");
  g_usleep (20000);
  weft_run_close (recorded.run);
  finish_run (&recorded);
  view_fixture_open (&f, weftline_run_file_new (recorded.path, &error), weftline_task_stream_new,
                     700, 320);
  g_assert_no_error (error);
  test_loop_until (weftline_feed_state (weftline_run_feed (f.run)) >= WEFT_FEED_ENDED);
  weftline_session_update (f.session);
  draw_view (&f);
  stream = stream_of (&f);
  g_assert_cmpuint (stream->annotations.places->len, ==, 1);
  said = g_array_index (stream->annotations.places, WeftlineTimelineAnnotation, 0);
  x = stream->layout->area_x + weftline_timeline_x (stream->layout, said.at_ns);
  for (int above = 0; above < 2; above++)
    {
      double y = above ? stream->layout->area_y - 4 : stream->layout->area_y + 40;

      point_at (f.view, x, y);
      g_assert_nonnull (stream->hover_lines);
      g_assert_cmpstr (stream->hover_lines[0], ==, "half of it");
      point_at (f.view, x + 30, y);
      g_assert_true (stream->hover_lines == NULL
                     || !g_str_equal (stream->hover_lines[0], "half of it"));
    }
  view_fixture_close (&f);
  recorded_clear (&recorded);
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  ADD ("nothing", test_nothing);
  ADD ("words", test_words);
  ADD ("points-and-clicks", test_points_and_clicks);
  ADD ("shows-what-others-do", test_shows_what_others_do);
  ADD ("wheel", test_wheel);
  ADD ("drag", test_drag);
  ADD ("steps", test_steps);
  for (int i = 0; i < 10; i++) /* it is not known beforehand who runs it */
    {
      g_autofree char *path =
          g_strdup_printf ("/weft/ui-timeline/task-stream/steps-from-nothing/%d", i);

      g_test_add (path, ViewFixture, NULL, set_up_one, test_steps_from_nothing, tear_down);
    }
  ADD ("gaps", test_gaps);
  test_add ("ui-timeline", "task-stream", "asleep-now", test_asleep_now);
  test_add ("ui-timeline", "task-stream", "annotation", test_annotation);
  ADD ("lineage", test_lineage);
  ADD ("follows", test_follows);
  ADD ("actions", test_actions);
  ADD ("looks", test_looks);
  return g_test_run ();
}
