/* test-plan.c: tests of plans: what a graph file would do
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "test-support.h"

#include "session/weftline-plan.h"

#include <string.h>

static WeftlinePlan *
plan_of (const char *text, GError **error)
{
  g_autoptr (TestDir) dir = test_dir_new ();
  g_autofree char *path = test_dir_write (dir, "graph.json", text);

  return weftline_plan_new_for_file (path, error);
}

static void
test_about (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (WeftlinePlan) plan =
      plan_of ("{\"weftline\": 1, \"name\": \"n\", \"metadata\": {\"about\": \"a \\\"quoted\\\" "
               "word\"}, \"tasks\": {\"a\": {\"op\": \"const\", \"args\": [1]}}}",
               &error);

  g_assert_no_error (error);
  g_assert_cmpstr (weftline_plan_name (plan), ==, "n");
  g_assert_cmpstr (weftline_plan_about (plan), ==, "a \"quoted\" word");
  g_assert_cmpuint (weftline_plan_n_external (plan), ==, 0);
  g_assert_null (weftline_plan_commands (plan)[0]);
}

static void
test_name_of_file (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (WeftlinePlan) plan =
      plan_of ("{\"weftline\": 1, \"tasks\": {\"a\": {\"op\": \"const\", \"args\": [1]}}}", &error);

  g_assert_no_error (error);
  g_assert_cmpstr (weftline_plan_name (plan), ==, "graph");
}

static void
test_commands (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (WeftlinePlan) plan =
      plan_of ("{\"weftline\": 1, \"tasks\": {"
               "\"a\": {\"op\": \"exec\", \"args\": [[\"sh\", \"-c\", \"rm -r x\"]], \"kwargs\": "
               "{\"limit\": 7, \"cwd\": \"/srv/all of it\", \"env\": {\"CC\": \"gcc\"}}},"
               "\"b\": {\"op\": \"file.write\", \"args\": [\"out\", {\"ref\": \"a\"}]}}}",
               &error);

  g_assert_no_error (error);
  g_assert_cmpuint (weftline_plan_n_external (plan), ==, 2);
  g_assert_cmpstr (weftline_plan_commands (plan)[0], ==,
                   "exec sh -c 'rm -r x' cwd='/srv/all of it' env=CC gcc");
  g_assert_cmpstr (weftline_plan_commands (plan)[1], ==, "file.write out …");
  g_assert_null (weftline_plan_commands (plan)[2]);
}

/* A folder without a beginning is one in this process's, so what is reviewed names that. */
static void
test_folders (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (WeftlinePlan) plan = plan_of (
      "{\"weftline\": 1, \"tasks\": {"
      "\"a\": {\"op\": \"exec\", \"args\": [[\"true\"]], \"kwargs\": {\"cwd\": \"sub/here\"}},"
      "\"b\": {\"op\": \"exec\", \"args\": [[\"true\"]], \"kwargs\": {\"cwd\": \"/tmp\"}}}}",
      &error);
  g_autofree char *here = g_get_current_dir ();
  g_autofree char *wanted = g_strdup_printf ("exec true cwd=%s/sub/here", here);
  bool found = false, found_whole = false;

  g_assert_no_error (error);
  for (unsigned i = 0; i < 2; i++)
    {
      g_test_message ("%s", weftline_plan_commands (plan)[i]);
      found |= g_str_equal (weftline_plan_commands (plan)[i], wanted);
      found_whole |= g_str_equal (weftline_plan_commands (plan)[i], "exec true cwd=/tmp");
    }
  g_assert_true (found && found_whole);
}

/* Also of a task alone, in whose graph the assumed time is like any other. */
static void
test_notes (void)
{
  g_autoptr (TestDir) dir = test_dir_new ();
  g_autofree char *path =
      test_dir_write (dir, "g.dag", "JOB A a\nJOB B b\nPARENT A CHILD B\nDOT d.dot\nCONFIG c\n");
  g_autoptr (GError) error = NULL;
  g_autoptr (WeftlinePlan) plan = weftline_plan_new_for_file (path, &error);
  g_autoptr (WeftlinePlan) part = NULL;
  g_autoptr (WeftlinePlan) none =
      plan_of ("{\"weftline\": 1, \"tasks\": {\"a\": {\"op\": \"const\", \"args\": [1]}}}", &error);
  const WeftModelNotes *notes;

  g_assert_no_error (error);
  notes = weftline_plan_notes (plan);
  g_assert_cmpuint (g_strv_length (notes->lines), ==, 2);
  g_assert_nonnull (strstr (notes->lines[1], "g.dag:5:1: CONFIG is not supported"));
  g_assert_cmpuint (notes->n_replayed, ==, 2);
  g_assert_cmpuint (notes->n_without_time, ==, 2);
  g_assert_cmpint (notes->stand_in_ns, ==, 10000000);
  part = weftline_plan_new_for_task (plan, "A", &error);
  g_assert_no_error (error);
  g_assert_cmpstrv (weftline_plan_notes (part)->lines, notes->lines);
  g_assert_cmpuint (weftline_plan_notes (part)->n_without_time, ==, 2);
  g_assert_null (weftline_plan_notes (none)->lines[0]);
  g_assert_cmpuint (weftline_plan_notes (none)->n_without_time, ==, 0);
}

static void
test_many_commands (void)
{
  g_autoptr (GString) text = g_string_new ("{\"weftline\": 1, \"tasks\": {");
  g_autoptr (GError) error = NULL;
  g_autoptr (WeftlinePlan) plan = NULL;
  unsigned n = 0;

  for (unsigned i = 0; i < WEFTLINE_PLAN_MAX_COMMANDS + 50; i++)
    g_string_append_printf (text, "%s\"t-%u\": {\"op\": \"exec\", \"args\": [[\"true\"]]}",
                            i > 0 ? "," : "", i);
  g_string_append (text, "}}");
  plan = plan_of (text->str, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (weftline_plan_n_external (plan), ==, WEFTLINE_PLAN_MAX_COMMANDS + 50);
  while (weftline_plan_commands (plan)[n] != NULL)
    n++;
  g_assert_cmpuint (n, ==, WEFTLINE_PLAN_MAX_COMMANDS);
}

/* Nothing of a graph is lost to the eye: three tasks stay three. */
static void
test_tasks_stay (void)
{
  g_autofree char *path = test_example_path ("01-two-increments.json");
  g_autoptr (GError) error = NULL;
  g_autoptr (WeftlinePlan) plan = weftline_plan_new_for_file (path, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (weft_graph_arrays (weftline_plan_graph (plan))->n_tasks, ==, 3);
}

static void
test_errors (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (plan_of ("{\"weftline\": 1, \"tasks\": {\"a\": {\"op\": \"snub\"}}}", &error));
  test_assert_error (&error, WEFT_GRAPH_ERROR, WEFT_GRAPH_ERROR_OPERATION, "snub", NULL);
  g_assert_null (weftline_plan_new_for_file ("/nowhere/at-all.json", &error));
  test_assert_error (&error, WEFT_GRAPH_ERROR, WEFT_GRAPH_ERROR_IO, "at-all", NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("ui-session", "plan", "about", test_about);
  test_add ("ui-session", "plan", "name-of-file", test_name_of_file);
  test_add ("ui-session", "plan", "commands", test_commands);
  test_add ("ui-session", "plan", "folders", test_folders);
  test_add ("ui-session", "plan", "notes", test_notes);
  test_add ("ui-session", "plan", "many-commands", test_many_commands);
  test_add ("ui-session", "plan", "tasks-stay", test_tasks_stay);
  test_add ("ui-session", "plan", "errors", test_errors);
  return g_test_run ();
}
