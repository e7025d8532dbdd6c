/* test-eta.c: tests of what is said of how long a run still takes
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "test-objects.h"

#include "session/weftline-eta.h"
#include "session/weftline-run-embedded.h"

#include <string.h>

static TestDir *dir;

static WeftlineRun *
sleeping_run (unsigned n)
{
  g_autoptr (GString) text = g_string_new ("{\"weftline\": 1, \"tasks\": {");
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (WeftlinePlan) plan = NULL;
  const WeftlineRunSettings settings = { .n_workers = 2, .folder = dir };

  for (unsigned i = 0; i < n; i++)
    g_string_append_printf (text, "%s\"nap-%u\": {\"op\": \"sleep\", \"args\": [0.002]}",
                            i > 0 ? ", " : "", i);
  g_string_append (text, "}}");
  path = test_dir_write (dir, "naps.json", text->str);
  plan = weftline_plan_new_for_file (path, &error);
  g_assert_no_error (error);
  return weftline_run_embedded_new (plan, &settings);
}

static uint64_t
n_ended (WeftlineRun *run)
{
  WeftlineRunStatus status;

  weftline_run_status (run, &status);
  return status.n_ended;
}

/* Nothing before the start and after the end; a run that is paused is one that goes on. */
static void
test_while_it_runs (void)
{
  WeftlineRun *run = sleeping_run (5000);
  WeftlineEta *eta = weftline_eta_of_run (run);
  g_autofree char *text = NULL;
  WeftEta now;

  g_assert_true (weftline_eta_of_run (run) == eta);
  g_assert_false (weftline_eta_now (eta, &now));
  weftline_run_start (run);
  test_loop_until (n_ended (run) >= 20);
  weftline_run_pause (run);
  test_loop_until (weftline_eta_now (eta, &now) && now.n_left < 5000 && now.n_left > 0);
  g_assert_cmpint (now.low_ns, <=, now.middle_ns);
  g_assert_cmpint (now.middle_ns, <=, now.high_ns);
  g_assert_false (now.at_least);
  text = weftline_eta_dup_text (eta, true);
  g_assert_true (g_str_has_suffix (text, ")") || g_str_has_suffix (text, "left"));
  weftline_run_cancel (run);
  weftline_run_resume (run);
  test_loop_until (weftline_run_is_over (run));
  test_loop_drain ();
  g_assert_false (weftline_eta_now (eta, &now));
  g_assert_null (weftline_eta_dup_text (eta, true));
  test_assert_finalised (run);
}

static void
test_words (void)
{
  const int64_t second = 1000000000;
  WeftEta eta = {
    .known = true, .middle_ns = 130 * second, .low_ns = 110 * second, .high_ns = 160 * second
  };
  const struct
  {
    bool at_least, band;
    const char *words;
  } expected[] = {
    { false, true, "2 m 10 s left (1 m 50 s – 2 m 40 s)" },
    { false, false, "2 m 10 s left" },
    { true, true, "1 m 50 s – 2 m 40 s left" },
    { true, false, "> 1 m 50 s left" },
  };

  for (unsigned i = 0; i < G_N_ELEMENTS (expected); i++)
    {
      g_autofree char *text = NULL;
      g_auto (GStrv) parts = NULL;
      g_autofree char *plain = NULL;

      eta.at_least = expected[i].at_least;
      text = weftline_eta_text (&eta, expected[i].band);
      parts = g_strsplit (text, "\u00a0", -1);
      plain = g_strjoinv (" ", parts);
      g_assert_cmpstr (plain, ==, expected[i].words);
    }
  eta.known = false;
  g_assert_null (weftline_eta_text (&eta, true));
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  dir = test_dir_new ();
  test_add ("ui-session", "eta", "while-it-runs", test_while_it_runs);
  test_add ("ui-session", "eta", "words", test_words);
  status = g_test_run ();
  test_dir_free (dir);
  return status;
}
