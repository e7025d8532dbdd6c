/* test-examples.c: tests of the graphs to begin with
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "test-support.h"

#include "app/weftline-examples.h"
#include "session/weftline-run-embedded.h"

#include <string.h>

/* Each is made in every size, says what to watch, and runs to its end. */
static void
test_all_run (void)
{
  for (unsigned i = 0; i < weftline_examples_n (); i++)
    {
      WeftlineExample example;
      g_autoptr (GError) error = NULL;
      g_autoptr (WeftlinePlan) plan = NULL;
      WeftlineRun *run;

      weftline_examples_get (i, &example);
      g_assert_cmpuint (strlen (example.watch), >, 20);
      plan = weftline_examples_make (example.id, 4, 0.0001, &error);
      g_assert_no_error (error);
      if (g_str_equal (example.id, "workflow"))
        continue; /* takes its recorded time */
      run = weftline_run_embedded_new (plan, NULL);
      weftline_run_start (run);
      test_loop_until (weftline_run_is_over (run));
      g_assert_cmpstr (weftline_run_message (run), ==, NULL);
      g_object_unref (run);
      test_loop_drain ();
    }
}

static uint32_t
n_tasks (const char *id, unsigned size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (WeftlinePlan) plan = weftline_examples_make (id, size, 0, &error);

  g_assert_no_error (error);
  return weft_graph_arrays (weftline_plan_graph (plan))->n_tasks;
}

static void
test_sizes (void)
{
  g_assert_cmpuint (n_tasks ("loop", 100), ==, 101);
  g_assert_cmpuint (n_tasks ("fork-join", 5), ==, 4 * 6 + 1);
  g_assert_cmpuint (n_tasks ("rechunk", 5), ==, 25 + 3 * 5 + 1);
  g_assert_cmpuint (n_tasks ("tree", 64), ==, 64 + 2 * 63);
  g_assert_cmpuint (n_tasks ("loop", 1000000), ==, 100001); /* its most */
}

static void
test_external (void)
{
  g_autoptr (WeftlinePlan) build = weftline_examples_make ("build", 0, -1, NULL);
  g_autoptr (WeftlinePlan) words = weftline_examples_make ("words", 0, -1, NULL);
  g_autoptr (WeftlinePlan) loop = weftline_examples_make ("loop", 0, -1, NULL);

  g_assert_cmpuint (weftline_plan_n_external (build), ==, 5);
  g_assert_cmpuint (weftline_plan_n_external (words), >=, 3);
  g_assert_cmpuint (weftline_plan_n_external (loop), ==, 0);
}

static void
test_unknown (void)
{
  g_autoptr (GError) error = NULL;
  WeftlineExample example;

  g_assert_false (weftline_examples_find ("knitting", &example));
  g_assert_null (weftline_examples_make ("knitting", 0, -1, &error));
  for (unsigned i = 0; i < weftline_examples_n (); i++)
    {
      weftline_examples_get (i, &example);
      g_assert_nonnull (strstr (error->message, example.id));
    }
  test_assert_error (&error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "knitting", NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("ui-app", "examples", "all-run", test_all_run);
  test_add ("ui-app", "examples", "sizes", test_sizes);
  test_add ("ui-app", "examples", "external", test_external);
  test_add ("ui-app", "examples", "unknown", test_unknown);
  return g_test_run ();
}
