/* test-turn.c: tests of what waits for a picture that is made anyway
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "run-fixture.h"
#include "test-objects.h"

#include "session/weftline-run-embedded.h"
#include "session/weftline-turn.h"

#define PICTURE_US 50000

typedef struct
{
  char *dir;
  WeftlineRun *run;
  WeftlineSession *session;
  WeftlineTurn turn;
  unsigned n_done, n_in_picture;
  bool in_picture; /* one is being made */
  bool wants;      /* with each snapshot */
} Fixture;

static void
note (Fixture *fixture)
{
  fixture->n_done++;
  fixture->n_in_picture += fixture->in_picture;
}

static void
work (void *data)
{
  note (data);
}

static void
snapshot_cb (Fixture *fixture)
{
  if (fixture->wants)
    weftline_turn_want (&fixture->turn, 0);
}

static void
set_up (Fixture *fixture, const void *data G_GNUC_UNUSED)
{
  g_autofree char *tasks = run_many_tasks ();
  g_autoptr (WeftlinePlan) plan = NULL;

  fixture->dir = test_dir_new ();
  plan = run_plan (fixture->dir, "", tasks);
  fixture->run = weftline_run_embedded_new (plan, NULL);
  fixture->session = weftline_session_new (fixture->run);
  weftline_turn_init (&fixture->turn, fixture->session, work, fixture);
  g_signal_connect_swapped (fixture->session, "snapshot-changed", G_CALLBACK (snapshot_cb),
                            fixture);
}

static void
tear_down (Fixture *fixture, const void *data G_GNUC_UNUSED)
{
  weftline_turn_clear (&fixture->turn);
  weftline_turn_clear (&fixture->turn);
  g_signal_handlers_disconnect_by_data (fixture->session, fixture);
  g_signal_handlers_disconnect_by_data (fixture->run, fixture);
  weftline_run_cancel (fixture->run);
  if (weftline_run_feed (fixture->run) != NULL)
    run_wait (fixture->run);
  g_assert_finalize_object (fixture->session);
  test_assert_finalised (fixture->run);
  test_dir_free (fixture->dir);
}

/* Returns: whether there was anything new to be shown */
static bool
make_picture (Fixture *fixture)
{
  bool made;

  fixture->in_picture = true;
  made = weftline_session_update (fixture->session);
  fixture->in_picture = false;
  return made;
}

static void
let_run (Fixture *fixture)
{
  weftline_run_start (fixture->run);
  test_loop_until (weftline_session_update (fixture->session)
                   && weftline_session_snapshot (fixture->session)->phase == WEFT_RUN_RUNNING);
}

static void
wait_us (gint64 us)
{
  gint64 end_us = g_get_monotonic_time () + us;

  test_loop_until (g_get_monotonic_time () >= end_us);
}

/* What is new four times a second: later while the run goes on, at once where it does not. */
static void
test_refreshes (Fixture *fixture, const void *data G_GNUC_UNUSED)
{
  weftline_turn_refresh (&fixture->turn, g_get_monotonic_time ());
  g_assert_cmpuint (fixture->n_done, ==, 1);
  let_run (fixture);
  gint64 updated_us = g_get_monotonic_time ();
  weftline_turn_refresh (&fixture->turn, updated_us);
  g_assert_cmpuint (fixture->n_done, ==, 1);
  g_assert_true (weftline_turn_is_wanted (&fixture->turn));
  test_loop_until (fixture->n_done > 1);
  g_assert_cmpint (g_get_monotonic_time (), >=, updated_us + WEFTLINE_TURN_REFRESH_US);
}

/* There is nothing to wait for. */
static void
test_nothing_goes_on (Fixture *fixture, const void *data G_GNUC_UNUSED)
{
  gint64 due_us;

  weftline_turn_want (&fixture->turn, 0);
  g_assert_cmpuint (fixture->n_done, ==, 1);
  g_assert_false (weftline_turn_is_wanted (&fixture->turn));
  due_us = g_get_monotonic_time () + 30000;
  weftline_turn_want (&fixture->turn, due_us);
  weftline_turn_want (&fixture->turn, due_us + 5000);
  g_assert_true (weftline_turn_is_wanted (&fixture->turn));
  test_loop_until (fixture->n_done == 2);
  g_assert_cmpint (g_get_monotonic_time (), >=, due_us);
  wait_us (20000);
  g_assert_cmpuint (fixture->n_done, ==, 2);
}

/* Once, in the next picture; in the same, if it is asked for in it. */
static void
test_with_the_next (Fixture *fixture, const void *data G_GNUC_UNUSED)
{
  let_run (fixture);
  weftline_turn_want (&fixture->turn, 0);
  weftline_turn_want (&fixture->turn, 0);
  g_assert_cmpuint (fixture->n_done, ==, 0);
  test_loop_until (make_picture (fixture));
  g_assert_cmpuint (fixture->n_done, ==, 1);
  g_assert_cmpuint (fixture->n_in_picture, ==, 1);
  test_loop_until (make_picture (fixture));
  g_assert_cmpuint (fixture->n_done, ==, 1);
  fixture->wants = true;
  test_loop_until (make_picture (fixture));
  g_assert_cmpuint (fixture->n_done, ==, 2);
  g_assert_cmpuint (fixture->n_in_picture, ==, 2);
}

/* Not in one that is made before it is due. */
static void
test_not_before_it_is_due (Fixture *fixture, const void *data G_GNUC_UNUSED)
{
  gint64 due_us;

  let_run (fixture);
  due_us = g_get_monotonic_time () + 4 * PICTURE_US;
  weftline_turn_want (&fixture->turn, due_us);
  while (fixture->n_done == 0)
    {
      wait_us (PICTURE_US);
      make_picture (fixture);
    }
  g_assert_cmpint (g_get_monotonic_time (), >=, due_us);
  g_assert_cmpuint (fixture->n_done, ==, 1);
}

/* No picture comes: it is not put off for ever. What is not wanted any more is not done. */
static void
test_without_one (Fixture *fixture, const void *data G_GNUC_UNUSED)
{
  gint64 begin_us;

  let_run (fixture);
  begin_us = g_get_monotonic_time ();
  weftline_turn_want (&fixture->turn, 0);
  test_loop_until (fixture->n_done == 1);
  g_assert_cmpint (g_get_monotonic_time () - begin_us, >=, WEFTLINE_TURN_LATE_MS * 1000);
  weftline_turn_want (&fixture->turn, 0);
  weftline_turn_forget (&fixture->turn);
  g_assert_false (weftline_turn_is_wanted (&fixture->turn));
  wait_us (2 * WEFTLINE_TURN_LATE_MS * 1000);
  make_picture (fixture);
  g_assert_cmpuint (fixture->n_done, ==, 1);
}

/* Pictures are made all the time, and how the run stands in words, and how long it takes, is told
 * in them, some times a second; if none are, so it is, too. */
static void
test_words_of_the_run (Fixture *fixture, const void *data G_GNUC_UNUSED)
{
  gint64 end_us;

  weftline_run_set_workers (fixture->run, 1);
  let_run (fixture);
  g_signal_connect_swapped (fixture->run, "changed", G_CALLBACK (note), fixture);
  g_signal_connect_swapped (fixture->session, "left-changed", G_CALLBACK (note), fixture);
  end_us = g_get_monotonic_time () + 2 * G_USEC_PER_SEC;
  while (g_get_monotonic_time () < end_us)
    {
      wait_us (PICTURE_US);
      make_picture (fixture);
    }
  g_assert_cmpuint (fixture->n_in_picture, >=, 6);
  g_assert_cmpuint (fixture->n_done - fixture->n_in_picture, <=, fixture->n_in_picture / 4);
  fixture->n_done = 0;
  wait_us (G_USEC_PER_SEC);
  g_assert_cmpuint (fixture->n_done, >=, 2);
}

/* All who tell how long the rest takes tell the same, whenever they ask, until it is told anew. */
static void
test_one_time_left (Fixture *fixture, const void *data G_GNUC_UNUSED)
{
  WeftEta left = { 0 };
  unsigned n_same = 0, n_others = 0;

  weftline_run_set_workers (fixture->run, 1);
  let_run (fixture);
  test_loop_until (weftline_session_left (fixture->session, &left));
  g_signal_connect_swapped (fixture->run, "changed", G_CALLBACK (note), fixture);
  g_signal_connect_swapped (fixture->session, "left-changed", G_CALLBACK (note), fixture);
  while (n_same < 50 || n_others < 3)
    {
      unsigned n_told = fixture->n_done;
      WeftEta now = { 0 };

      wait_us (10000);
      g_assert_true (weftline_session_left (fixture->session, &now));
      if (fixture->n_done == n_told)
        {
          g_assert_cmpint (now.middle_ns, ==, left.middle_ns);
          g_assert_cmpint (now.high_ns, ==, left.high_ns);
          n_same++;
        }
      n_others += now.middle_ns != left.middle_ns;
      left = now;
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, test) \
  g_test_add ("/weft/ui-session/turn/" name, Fixture, NULL, set_up, test, tear_down)
  ADD ("refreshes", test_refreshes);
  ADD ("nothing-goes-on", test_nothing_goes_on);
  ADD ("with-the-next", test_with_the_next);
  ADD ("not-before-it-is-due", test_not_before_it_is_due);
  ADD ("without-one", test_without_one);
  ADD ("words-of-the-run", test_words_of_the_run);
  ADD ("one-time-left", test_one_time_left);
#undef ADD
  return g_test_run ();
}
