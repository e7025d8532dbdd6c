/* test-session.c: tests of what views of a run share
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "test-objects.h"

#include "session/weftline-run-embedded.h"
#include "session/weftline-session.h"

typedef struct
{
  WeftlineRun *run;
  WeftlineSession *session;
  unsigned n_selections, n_hovers, n_times, n_looks;
} Fixture;

static void
count (unsigned *n)
{
  (*n)++;
}

static void
set_up (Fixture *fixture, const void *data G_GNUC_UNUSED)
{
  g_autofree char *path = test_example_path ("01-two-increments.json");
  g_autoptr (GError) error = NULL;
  g_autoptr (WeftlinePlan) plan = weftline_plan_new_for_file (path, &error);

  g_assert_no_error (error);
  fixture->run = weftline_run_embedded_new (plan, NULL);
  fixture->session = weftline_session_new (fixture->run);
  g_signal_connect_swapped (fixture->session, "selection-changed", G_CALLBACK (count),
                            &fixture->n_selections);
  g_signal_connect_swapped (fixture->session, "hover-changed", G_CALLBACK (count),
                            &fixture->n_hovers);
  g_signal_connect_swapped (fixture->session, "time-changed", G_CALLBACK (count),
                            &fixture->n_times);
  g_signal_connect_swapped (fixture->session, "look-changed", G_CALLBACK (count),
                            &fixture->n_looks);
}

static void
tear_down (Fixture *fixture, const void *data G_GNUC_UNUSED)
{
  g_assert_finalize_object (fixture->session);
  test_assert_finalised (fixture->run);
}

static void
test_selection (Fixture *fixture, const void *data G_GNUC_UNUSED)
{
  const WeftlineSelection *selection = weftline_session_selection (fixture->session);

  g_assert_cmpuint (selection->task, ==, WEFT_NONE);
  weftline_session_select_task (fixture->session, 2);
  weftline_session_select_task (fixture->session, 2);
  g_assert_cmpuint (fixture->n_selections, ==, 1);
  weftline_session_select_range (fixture->session, 50, 20);
  g_assert_cmpint (selection->from_ns, ==, 20);
  g_assert_cmpint (selection->to_ns, ==, 50);
  g_assert_cmpuint (selection->task, ==, 2);
  weftline_session_select_group (fixture->session, 1);
  g_assert_cmpuint (selection->task, ==, WEFT_NONE);
  g_assert_cmpint (selection->to_ns, ==, 50);
  weftline_session_select_range (fixture->session, 7, 7);
  g_assert_cmpint (selection->to_ns, ==, 0);
  weftline_session_select_nothing (fixture->session);
  weftline_session_select_nothing (fixture->session);
  g_assert_cmpuint (selection->group, ==, WEFT_NONE);
  g_assert_cmpuint (fixture->n_selections, ==, 5);
}

static void
test_hover_and_time (Fixture *fixture, const void *data G_GNUC_UNUSED)
{
  weftline_session_set_hover (fixture->session, WEFT_NONE, WEFT_NONE);
  g_assert_cmpuint (fixture->n_hovers, ==, 0);
  weftline_session_set_hover (fixture->session, 1, 0);
  g_assert_cmpuint (weftline_session_hover_task (fixture->session), ==, 1);
  g_assert_cmpuint (weftline_session_hover_group (fixture->session), ==, 0);
  g_assert_cmpint (weftline_session_time (fixture->session), ==, WEFTLINE_NOW);
  weftline_session_set_time (fixture->session, -5);
  g_assert_cmpint (weftline_session_time (fixture->session), ==, 0);
  weftline_session_set_time (fixture->session, WEFTLINE_NOW);
  g_assert_cmpuint (fixture->n_hovers, ==, 1);
  g_assert_cmpuint (fixture->n_times, ==, 2);
}

static void
test_look (Fixture *fixture, const void *data G_GNUC_UNUSED)
{
  WeftlineSessionLook look = *weftline_session_look (fixture->session);

  g_assert_cmpint (look.palette, ==, WEFTLINE_PALETTE_SAFE);
  g_assert_cmpint (look.labels, ==, WEFTLINE_DENSITY_NORMAL);
  g_assert_cmpint (look.time_form, ==, WEFTLINE_TIME_SINCE_START);
  weftline_session_set_look (fixture->session, &look);
  g_assert_cmpuint (fixture->n_looks, ==, 0);
  look.palette = WEFTLINE_PALETTE_CLASSIC;
  weftline_session_set_look (fixture->session, &look);
  look.labels = WEFTLINE_DENSITY_FEW;
  weftline_session_set_look (fixture->session, &look);
  look.time_form = WEFTLINE_TIME_OF_DAY;
  weftline_session_set_look (fixture->session, &look);
  weftline_session_set_look (fixture->session, &look);
  g_assert_cmpuint (fixture->n_looks, ==, 3);
  g_assert_cmpint (weftline_session_look (fixture->session)->labels, ==, WEFTLINE_DENSITY_FEW);
}

/* A time, or all of the run; told once. */
static void
test_shown (Fixture *fixture, const void *data G_GNUC_UNUSED)
{
  int64_t from_ns = 1, to_ns = 1;
  unsigned n = 0;

  g_signal_connect_swapped (fixture->session, "shown-changed", G_CALLBACK (count), &n);
  weftline_session_get_shown (fixture->session, &from_ns, &to_ns);
  g_assert_true (from_ns == 0 && to_ns == 0);
  weftline_session_show (fixture->session, 7, 7);
  g_assert_cmpuint (n, ==, 0);
  weftline_session_show (fixture->session, -20, 50);
  weftline_session_show (fixture->session, -20, 50);
  g_assert_cmpuint (n, ==, 1);
  weftline_session_get_shown (fixture->session, &from_ns, &to_ns);
  g_assert_true (from_ns == -20 && to_ns == 50);
  weftline_session_show (fixture->session, 9, 3);
  weftline_session_get_shown (fixture->session, &from_ns, &to_ns);
  g_assert_true (from_ns == 0 && to_ns == 0);
  g_assert_cmpuint (n, ==, 2);
}

static const WeftModelSnapshot *
update (WeftlineSession *session)
{
  weftline_session_update (session);
  return weftline_session_snapshot (session);
}

static void
test_snapshot (Fixture *fixture, const void *data G_GNUC_UNUSED)
{
  unsigned n_stale = 0;

  g_signal_connect_swapped (fixture->session, "stale", G_CALLBACK (count), &n_stale);
  g_assert_null (weftline_session_model (fixture->session));
  g_assert_false (weftline_session_update (fixture->session));
  weftline_run_start (fixture->run);
  g_assert_nonnull (weftline_session_model (fixture->session));
  test_loop_until (update (fixture->session)->phase == WEFT_RUN_DONE);
  g_assert_cmpuint (n_stale, >=, 1);
  g_assert_cmpuint (weftline_session_snapshot (fixture->session)->n_tasks, ==, 3);
  test_loop_until (weftline_feed_state (weftline_run_feed (fixture->run)) == WEFT_FEED_ENDED);
  test_loop_drain ();
  weftline_session_update (fixture->session);
  g_assert_false (weftline_session_update (fixture->session));
}

static bool
is_paused_after_a_step (const WeftModelSnapshot *snapshot)
{
  return snapshot->phase == WEFT_RUN_PAUSED && snapshot->n_states[WEFT_TASK_RUNNING] == 0
         && snapshot->n_states[WEFT_TASK_MEMORY] > 0;
}

/* Whether the records have. */
static bool
have_gone_on (Fixture *fixture, WeftModelSnapshot *now)
{
  uint64_t serial = now->serial;

  weft_model_snapshot (weftline_session_model (fixture->session), now);
  return now->serial != serial;
}

/* Whether it was said that only the time is new, whenever a snapshot came. */
static void
note_kind (WeftlineSession *session, GArray *kinds)
{
  bool only_time = weftline_session_only_time_passed (session);

  g_array_append_val (kinds, only_time);
}

/* While a run is paused its records go on, but nothing is new, except the time once a second: when
 * the run tells of it, so that all that goes with it changes at once. Nobody is woken for more. */
static void
test_paused_is_still (Fixture *fixture, const void *data G_GNUC_UNUSED)
{
  const WeftModelSnapshot *shown = weftline_session_snapshot (fixture->session);
  WeftModelSnapshot now = { 0 };
  g_autoptr (GArray) kinds = g_array_new (FALSE, FALSE, sizeof (bool));
  unsigned n_told = 0, n_stale = 0;
  int64_t first_ns;

  weftline_run_step (fixture->run);
  test_loop_until (is_paused_after_a_step (update (fixture->session)));
  for (uint64_t n = 1; n != now.n_changes;) /* until the workers have fallen asleep */
    {
      n = now.n_changes;
      for (unsigned i = 0; i < 4; i++)
        test_loop_until (have_gone_on (fixture, &now));
    }
  weftline_session_update (fixture->session);
  g_signal_connect (fixture->session, "snapshot-changed", G_CALLBACK (note_kind), kinds);
  g_signal_connect_swapped (fixture->session, "stale", G_CALLBACK (count), &n_stale);
  g_signal_connect_swapped (fixture->run, "changed", G_CALLBACK (count), &n_told);
  first_ns = shown->last_ns;
  for (unsigned i = 0; i < 20; i++)
    {
      test_loop_until (have_gone_on (fixture, &now));
      weftline_session_update (fixture->session);
    }
  g_assert_cmpint (now.last_ns, >, first_ns);
  g_assert_cmpuint (n_told, >=, 1);
  g_assert_cmpint (n_told, <=, (now.last_ns - first_ns) / 1000000000 + 1);
  g_assert_cmpuint (kinds->len, >=, 1);
  g_assert_cmpuint (kinds->len, <=, n_told + 1);
  g_assert_cmpuint (n_stale, <=, 2 * n_told + 1);
  for (guint i = 0; i < kinds->len; i++)
    g_assert_true (g_array_index (kinds, bool, i));
  g_assert_false (weftline_session_only_time_passed (fixture->session));
  g_signal_handlers_disconnect_by_data (fixture->run, &n_told);
  weftline_run_resume (fixture->run);
  test_loop_until (update (fixture->session)->phase == WEFT_RUN_DONE);
  g_assert_false (g_array_index (kinds, bool, kinds->len - 1));
}

/* Two tasks and the one that needs both; the words go with what is asked for. */
static void
test_lineage (Fixture *fixture, const void *data G_GNUC_UNUSED)
{
  WeftlineSession *session = fixture->session;
  WeftModel *model;
  uint32_t sum;
  g_autofree char *nothing = weftline_session_dup_selection_text (session);
  g_autofree char *text = NULL;

  g_assert_cmpstr (nothing, ==, "");
  g_assert_null (weftline_session_links (session));
  weftline_run_start (fixture->run);
  test_loop_until (update (session)->phase == WEFT_RUN_DONE
                   && weftline_feed_state (weftline_run_feed (fixture->run)) == WEFT_FEED_ENDED);
  model = weftline_session_model (session);
  sum = weftline_session_snapshot (session)->n_tasks - 1;
  weftline_session_toggle_lineage (session, WEFTLINE_LINEAGE_ANCESTORS);
  g_assert_null (weftline_session_lineage_set (session));
  weftline_session_select_task (session, sum);
  g_assert_cmpuint (weftline_session_lineage_set (session)->n_members, ==, 3);
  text = weftline_session_dup_selection_text (session);
  g_assert_true (g_str_has_suffix (text, " is selected, 2 ancestors"));
  weftline_session_toggle_lineage (session, WEFTLINE_LINEAGE_DESCENDANTS);
  weftline_session_toggle_lineage (session, WEFTLINE_LINEAGE_ANCESTORS);
  g_assert_cmpuint (weftline_session_lineage_set (session)->n_members, ==, 1);
  weftline_session_select_task (session, weft_model_task_of (model, 0, 0));
  g_assert_cmpuint (weftline_session_lineage_set (session)->n_members, ==, 2);
  weftline_session_select_nothing (session);
  g_assert_cmpint (weftline_session_lineage (session), ==, WEFTLINE_LINEAGE_NONE);
  g_assert_null (weftline_session_lineage_set (session));
  g_assert_cmpuint (fixture->n_selections, ==, 6);
}

/* What stands out is the group pointed at, else the selected one, else what ran in the range. */
static void
test_marks (Fixture *fixture, const void *data G_GNUC_UNUSED)
{
  WeftlineSession *session = fixture->session;
  const WeftModelSnapshot *snapshot;
  WeftModel *model;
  uint32_t group;

  weftline_run_start (fixture->run);
  test_loop_until (update (session)->phase == WEFT_RUN_DONE
                   && weftline_feed_state (weftline_run_feed (fixture->run)) == WEFT_FEED_ENDED);
  model = weftline_session_model (session);
  snapshot = update (session);
  group = weft_model_task_group (model, 0);
  g_assert_null (weftline_session_marked (session));
  weftline_session_set_hover (session, WEFT_NONE, group);
  g_assert_cmpuint (weftline_session_marked_group (session), ==, group);
  g_assert_true (weftline_task_set_has (weftline_session_marked (session), 0));
  weftline_session_set_hover (session, 1, group); /* a task, not the group */
  g_assert_null (weftline_session_marked (session));
  weftline_session_set_hover (session, WEFT_NONE, WEFT_NONE);
  weftline_session_select_group (session, group);
  g_assert_cmpuint (weftline_session_marked_group (session), ==, group);
  weftline_session_select_nothing (session);
  for (unsigned k = 0; k < 200; k++)
    {
      int64_t from_ns = (int64_t) g_test_rand_double_range (0, (double) snapshot->last_ns);
      int64_t to_ns = (int64_t) g_test_rand_double_range (0, (double) snapshot->last_ns + 1);

      weftline_session_select_range (session, from_ns, to_ns);
      for (uint32_t task = 0; task < snapshot->n_tasks && from_ns != to_ns; task++)
        {
          WeftModelLane info;
          uint32_t lane;
          uint64_t index;
          const WeftSpan *span;

          g_assert_true (weft_model_task_span (model, task, &lane, &index));
          weft_model_lane (model, lane, &info);
          span = weft_spans_get (info.spans, index);
          g_assert_cmpint (weftline_task_set_has (weftline_session_marked (session), task), ==,
                           span->start_ns < MAX (from_ns, to_ns)
                               && span->end_ns > MIN (from_ns, to_ns));
        }
    }
}

static bool
has_moment (WeftlineSession *session)
{
  const WeftMoment *moment = weftline_session_moment (session);

  return moment != NULL && moment->at_ns == weftline_session_time (session)
         && !weftline_session_is_rewinding (session);
}

/* From the end event by event to the beginning: two sources and their sum, each with a start and an
 * end. Tasks that have ended grow fewer, and before the first start all wait or are ready. */
static void
test_rewind (Fixture *fixture, const void *data G_GNUC_UNUSED)
{
  WeftlineSession *session = fixture->session;
  unsigned n_moments = 0, n_steps = 0;
  uint32_t n_ended = 3;

  g_signal_connect_swapped (session, "moment-changed", G_CALLBACK (count), &n_moments);
  weftline_session_step_time (session, false); /* nothing to go back to */
  g_assert_cmpint (weftline_session_time (session), ==, WEFTLINE_NOW);
  weftline_run_start (fixture->run);
  test_loop_until (update (session)->phase == WEFT_RUN_DONE
                   && weftline_feed_state (weftline_run_feed (fixture->run)) == WEFT_FEED_ENDED);
  g_assert_null (weftline_session_moment (session));
  for (int64_t before = WEFTLINE_NOW; n_steps < 7; before = weftline_session_time (session))
    {
      const WeftMoment *moment;
      uint32_t n_now;

      weftline_session_step_time (session, false);
      if (weftline_session_time (session) == before)
        break;
      n_steps++;
      test_loop_until (has_moment (session));
      moment = weftline_session_moment (session);
      n_now = moment->n_states[WEFT_TASK_MEMORY] + moment->n_states[WEFT_TASK_RELEASED];
      g_assert_cmpuint (n_now, <=, n_ended);
      n_ended = n_now;
      for (uint32_t task = 0; task < moment->n_tasks; task++)
        g_assert_cmpint (weftline_session_task_state (session, task), ==, moment->states[task]);
    }
  g_assert_cmpuint (n_steps, >=, 3);
  g_assert_cmpuint (n_ended, ==, 0);
  weftline_session_set_time (session, 0);
  test_loop_until (has_moment (session));
  g_assert_cmpint (weftline_session_task_state (session, 2), ==, WEFT_TASK_WAITING);
  g_assert_cmpuint (n_moments, >=, n_steps);
  while (weftline_session_time (session) != WEFTLINE_NOW)
    weftline_session_step_time (session, true);
  g_assert_null (weftline_session_moment (session));
  g_assert_false (weftline_session_is_rewinding (session));
  g_assert_cmpint (weftline_session_task_state (session, 2), ==,
                   weft_model_task_state (weftline_session_model (session), 2));
}

/* Whoever drags asks for many: the last one is found, and of those between some. */
static void
test_rewind_latest (Fixture *fixture, const void *data G_GNUC_UNUSED)
{
  WeftlineSession *session = fixture->session;
  int64_t last_ns;

  weftline_run_start (fixture->run);
  test_loop_until (update (session)->phase == WEFT_RUN_DONE
                   && weftline_feed_state (weftline_run_feed (fixture->run)) == WEFT_FEED_ENDED);
  last_ns = update (session)->last_ns;
  for (int i = 0; i < 200; i++)
    {
      weftline_session_set_time (session, last_ns * i / 400);
      if (i % 50 == 49)
        weftline_session_set_time (session, WEFTLINE_NOW);
    }
  g_assert_null (weftline_session_moment (session));
  weftline_session_set_time (session, last_ns / 2);
  g_assert_true (weftline_session_is_rewinding (session));
  test_loop_until (has_moment (session));
  weftline_session_set_time (session, last_ns / 3); /* the session goes while it is looked for */
}

#define ADD(behaviour, function) \
  g_test_add ("/weft/ui-session/session/" behaviour, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("selection", test_selection);
  ADD ("hover-and-time", test_hover_and_time);
  ADD ("lineage", test_lineage);
  ADD ("look", test_look);
  ADD ("marks", test_marks);
  ADD ("paused-is-still", test_paused_is_still);
  ADD ("rewind", test_rewind);
  ADD ("rewind-latest", test_rewind_latest);
  ADD ("shown", test_shown);
  ADD ("snapshot", test_snapshot);
  return g_test_run ();
}
