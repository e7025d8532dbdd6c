/* test-read-dagman.c: input files of DAGMan as graphs
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "read-support.h"

#define DAGMAN WEFT_GRAPH_FORMAT_DAGMAN

/* ---- bad inputs ------------------------------------------------------------------------------ */

/* clang-format off */
static const BadInput bad_inputs[] = {
  BAD ("unknown-command", SYNTAX,
       "JBO A a.sub",
       "bad.dag:1:1: found “JBO”, expected a DAGMan command; did you mean “JOB”?"),
  BAD ("unknown-far-command", SYNTAX,
       "XYZZY A",
       "bad.dag:1:1: found “XYZZY”, expected a DAGMan command such as JOB or PARENT"),
  BAD ("job-without-name", SYNTAX,
       "JOB",
       "bad.dag:1:4: found the end of the line, expected the name of a node"),
  BAD ("job-without-file", SYNTAX,
       "JOB A",
       "bad.dag:1:6: found the end of the line, expected the name of a submit file"),
  BAD ("job-with-more", SYNTAX,
       "JOB A a.sub HERE",
       "bad.dag:1:13: found “HERE”, expected DIR, NOOP, DONE or the end of the line"),
  BAD ("job-dir-without-name", SYNTAX,
       "JOB A a.sub DIR",
       "bad.dag:1:16: found the end of the line, expected the name of a directory"),
  BAD ("job-with-reserved-name", SYNTAX,
       "JOB parent a.sub",
       "bad.dag:1:5: found “parent”, expected a name that is not a word of the language"),
  BAD ("job-twice", DUPLICATE,
       "JOB A a.sub\n"
       "JOB B b.sub\n"
       "NODE A c.sub",
       "bad.dag:3:6: found the key “A” a second time, expected each once; it was first defined on "
       "line 1, column 5"),
  BAD ("block-not-closed", TRUNCATED,
       "JOB A {\n"
       "  executable = x\n",
       "bad.dag:3:1: found the end of the input, expected “}” to end the submit description "
       "that began on line 1"),
  BAD ("description-not-closed", TRUNCATED,
       "SUBMIT-DESCRIPTION D @=end\n"
       "  executable = x\n",
       "bad.dag:3:1: found the end of the input, expected “@end” to end the submit "
       "description that began on line 1"),
  BAD ("description-without-block", SYNTAX,
       "SUBMIT-DESCRIPTION D file",
       "bad.dag:1:22: found “file”, expected “{”"),
  BAD ("empty-graph", EMPTY,
       "CONFIG x",
       "bad.dag:1:1: found a graph without tasks, expected at least one"),
  BAD ("only-comments", EMPTY,
       "# nothing",
       "bad.dag:1:1: found a graph without tasks, expected at least one"),
  BAD ("parent-alone", SYNTAX,
       "JOB A a\n"
       "PARENT",
       "bad.dag:2:7: found the end of the line, expected CHILD after the parents"),
  BAD ("parent-without-child", SYNTAX,
       "JOB A a\n"
       "PARENT A",
       "bad.dag:2:9: found the end of the line, expected CHILD after the parents"),
  BAD ("parent-without-parents", SYNTAX,
       "JOB A a\n"
       "PARENT CHILD A",
       "bad.dag:2:8: found “CHILD”, expected the name of a parent node"),
  BAD ("child-without-children", MISSING,
       "JOB A a\n"
       "JOB B b\n"
       "PARENT A CHILD # B",
       "bad.dag:3:16: found a reference to “#”, expected the key of a task; did you mean “A”?"),
  BAD ("child-at-the-end", SYNTAX,
       "JOB A a\n"
       "PARENT A CHILD",
       "bad.dag:2:15: found the end of the line, expected the name of a child node"),
  BAD ("unknown-parent", MISSING,
       "JOB node-1 a\n"
       "PARENT node-2 CHILD node-1",
       "bad.dag:2:8: found a reference to “node-2”, expected the key of a task; did you mean "
       "“node-1”?"),
  BAD ("unknown-child", MISSING,
       "JOB A a\n"
       "PARENT A CHILD Bzzzz",
       "bad.dag:2:16: found a reference to “Bzzzz”, expected the key of a task"),
  BAD ("own-parent", SELF,
       "JOB A a\n"
       "PARENT A CHILD A",
       "bad.dag:2:16: found the task “A” as a dependency of itself, expected another task"),
  BAD ("cycle", CYCLE,
       "JOB A a\n"
       "JOB B b\n"
       "JOB C c\n"
       "PARENT A CHILD B\n"
       "PARENT B CHILD C\n"
       "PARENT C CHILD A",
       "bad.dag:1:5: found a cycle, in which each task needs the one before: A -> B -> C -> A"),
  BAD ("retry-of-unknown-node", MISSING,
       "JOB A a\n"
       "RETRY B 3",
       "bad.dag:2:7: found a reference to “B”, expected the key of a task; did you mean “A”?"),
  BAD ("retry-without-number", SYNTAX,
       "JOB A a\n"
       "RETRY A",
       "bad.dag:2:8: found the end of the line, expected a number of retries"),
  BAD ("retry-with-word", SYNTAX,
       "JOB A a\n"
       "RETRY A often",
       "bad.dag:2:9: found “often”, expected a number of retries"),
  BAD ("retry-with-fraction", SYNTAX,
       "JOB A a\n"
       "RETRY A 1.5",
       "bad.dag:2:9: found “1.5”, expected a number of retries"),
  BAD ("retry-negative", RANGE,
       "JOB A a\n"
       "RETRY A -1",
       "bad.dag:2:9: found -1, expected a number of retries from 0 to 2147483647"),
  BAD ("retry-too-often", RANGE,
       "JOB A a\n"
       "RETRY A 99999999999999999999",
       "bad.dag:2:9: found 99999999999999999999, expected a number of retries from 0 to "
       "2147483647"),
  BAD ("retry-with-more", SYNTAX,
       "JOB A a\n"
       "RETRY A 1 UNLESS",
       "bad.dag:2:11: found “UNLESS”, expected UNLESS-EXIT or the end of the line"),
  BAD ("unless-exit-without-code", SYNTAX,
       "JOB A a\n"
       "RETRY A 1 UNLESS-EXIT",
       "bad.dag:2:22: found the end of the line, expected an exit code"),
  BAD ("priority-with-word", SYNTAX,
       "JOB A a\n"
       "PRIORITY A high",
       "bad.dag:2:12: found “high”, expected a priority"),
  BAD ("priority-with-more", SYNTAX,
       "JOB A a\n"
       "PRIORITY A 1 2",
       "bad.dag:2:14: found “2”, expected the end of the line"),
  BAD ("category-without-name", SYNTAX,
       "JOB A a\n"
       "CATEGORY A",
       "bad.dag:2:11: found the end of the line, expected the name of a category"),
  BAD ("maxjobs-negative", RANGE,
       "JOB A a\n"
       "MAXJOBS c -1",
       "bad.dag:2:11: found -1, expected a number of jobs from 0 to 2147483647"),
  BAD ("vars-without-variable", SYNTAX,
       "JOB A a\n"
       "VARS A",
       "bad.dag:2:7: found the end of the line, expected a variable written as name=\"value\""),
  BAD ("vars-without-quotes", SYNTAX,
       "JOB A a\n"
       "VARS A x=1",
       "bad.dag:2:8: found “x=1”, expected a variable written as name=\"value\""),
  BAD ("vars-not-closed", SYNTAX,
       "JOB A a\n"
       "VARS A x=\"1\n",
       "bad.dag:2:12: found the end of the line, expected “\"” to end the string that began "
       "at column 10"),
  BAD ("vars-without-equals", SYNTAX,
       "JOB A a\n"
       "VARS A x",
       "bad.dag:2:8: found “x”, expected a variable written as name=\"value\""),
  BAD ("two-finals", DUPLICATE,
       "JOB A a\n"
       "FINAL B b\n"
       "FINAL C c",
       "bad.dag:3:1: found a second FINAL, expected one at most; the first is on line 2"),
  BAD ("final-with-child", FORMAT,
       "JOB A a\n"
       "FINAL B b\n"
       "PARENT A CHILD B",
       "bad.dag:3:16: found an edge of the FINAL node, expected none: it comes after all "
       "others by itself"),
  BAD ("splice", UNSUPPORTED,
       "JOB A a\n"
       "SPLICE S s.dag",
       "bad.dag:2:1: found SPLICE, which is not supported: without it the graph would be "
       "another one"),
  BAD ("subdag", UNSUPPORTED,
       "SUBDAG EXTERNAL S s.dag",
       "bad.dag:1:1: found SUBDAG, which is not supported: without it the graph would be "
       "another one"),
  BAD ("include", UNSUPPORTED,
       "INCLUDE more.dag",
       "bad.dag:1:1: found INCLUDE, which is not supported: without it the graph would be "
       "another one"),
  BAD ("provisioner", UNSUPPORTED,
       "PROVISIONER P p.sub",
       "bad.dag:1:1: found PROVISIONER, which is not supported: without it the graph would be "
       "another one"),
  BAD ("service", UNSUPPORTED,
       "SERVICE P p.sub",
       "bad.dag:1:1: found SERVICE, which is not supported: without it the graph would be "
       "another one"),
  BAD ("reject", UNSUPPORTED,
       "REJECT",
       "bad.dag:1:1: found REJECT, which is not supported: without it the graph would be "
       "another one"),
  BAD ("connect", UNSUPPORTED,
       "CONNECT A B",
       "bad.dag:1:1: found CONNECT, which is not supported: without it the graph would be "
       "another one"),
  BAD ("invalid-utf8", UTF8,
       "JOB A a\n"
       "JOB \351 b",
       "bad.dag:2:5: found byte 0xe9, expected UTF-8 text"),
  BAD ("zero-byte", SYNTAX,
       "JOB A\000 a",
       "bad.dag:1:6: found a zero byte, expected text"),
};
/* clang-format on */

static void
test_bad_input (gconstpointer data)
{
  assert_bad_input (data, DAGMAN);
}

/* A few words may mean very many edges. */
static void
test_too_many_edges (void)
{
  g_autoptr (GString) text = g_string_new ("PARENT");
  g_autoptr (GError) error = NULL;

  for (int i = 0; i < 20000; i++)
    g_string_append_printf (text, " p%d", i);
  g_string_append (text, " CHILD");
  for (int i = 0; i < 20000; i++)
    g_string_append_printf (text, " c%d", i);
  g_assert_null (weft_graph_read_bytes (text->str, text->len, "many.dag", DAGMAN, &error));
  test_assert_error (&error, WEFT_GRAPH_ERROR, WEFT_GRAPH_ERROR_RANGE,
                     "many.dag:1:", "found more than 134217728 edges; put a node between", NULL);
}

/* ---- what becomes of a DAG ------------------------------------------------------------------- */

static void
test_parents_and_children (void)
{
  WeftGraph *graph = read_text ("# comment\n"
                                "  Job A a.sub\r\n"
                                "node B b.sub\n"
                                "\tJOB C c.sub\n"
                                "JOB D d.sub\n"
                                "Parent A Child B \\\n"
                                "   C\n"
                                "PARENT B C A CHILD D D\n",
                                WEFT_GRAPH_FORMAT_AUTO);

  assert_inputs (graph, "A", "");
  assert_inputs (graph, "B", "A");
  assert_inputs (graph, "C", "A");
  assert_inputs (graph, "D", "A B C");
  g_assert_cmpuint (weft_graph_arrays (graph)->n_edges, ==, 5);
  g_assert_cmpuint (weft_graph_arrays (graph)->n_wanted, ==, 1);
  weft_graph_unref (graph);
}

/* Commands may name a node before the JOB that defines it. */
static void
test_order_of_commands (void)
{
  WeftGraph *graph = read_text ("PRIORITY B -3\nPARENT A CHILD B\nRETRY C 2\n"
                                "JOB C c\nJOB B b\nJOB A a\n",
                                DAGMAN);

  assert_inputs (graph, "B", "A");
  g_assert_cmpint (attributes_of (graph, "B")->priority, ==, -3);
  g_assert_cmpuint (attributes_of (graph, "C")->retries, ==, 2);
  weft_graph_unref (graph);
}

static void
test_attributes (void)
{
  WeftGraph *graph = read_text ("JOB A a\nJOB B b\nJOB C c\nFINAL F f\n"
                                "RETRY A 3 UNLESS-EXIT -2\nRETRY all_nodes 1\n"
                                "PRIORITY ALL_NODES 5\nPRIORITY B -7\n"
                                "CATEGORY A heavy\nCATEGORY B heavy\nCATEGORY C light\n"
                                "MAXJOBS heavy 2\nMAXJOBS light 0\n",
                                DAGMAN);
  const WeftTaskAttributes *a = attributes_of (graph, "A");
  const WeftTaskAttributes *b = attributes_of (graph, "B");
  const WeftTaskAttributes *c = attributes_of (graph, "C");
  const WeftTaskAttributes *f = attributes_of (graph, "F");

  g_assert_cmpuint (a->retries, ==, 3);
  g_assert_cmpuint (b->retries, ==, 1);
  g_assert_cmpint (a->priority, ==, 5);
  g_assert_cmpint (b->priority, ==, -7);
  g_assert_cmpuint (f->retries, ==, 0);
  g_assert_cmpint (f->priority, ==, 0);
  g_assert_cmpuint (a->n_resources, ==, 1);
  g_assert_cmpstr (weft_graph_string (graph, a->resources[0].name), ==, "heavy");
  g_assert_cmpfloat (a->resources[0].amount, ==, 1);
  g_assert_cmpuint (c->n_resources, ==, 0);
  assert_group (graph, "A", "heavy");
  assert_group (graph, "C", "light");
  g_assert_cmpstr (
      weft_graph_metadata (graph), ==,
      "{\"resources\": {\"heavy\": 2}, \"ignored\": [{\"command\": \"RETRY UNLESS-EXIT\", "
      "\"line\": 5, \"count\": 1}]}");
  weft_graph_unref (graph);
}

static void
test_job_options (void)
{
  WeftGraph *graph = read_text ("JOB A a.sub DIR work NOOP\nJOB B b.sub done\nJOB C c.sub\nDONE C\n"
                                "JOB D {\n  executable = /bin/true\n } \n"
                                "JOB E @=end\n} \nJOB X x\n  @end\n"
                                "SUBMIT-DESCRIPTION S {\n  JOB Y y\n}\nJOB G S\n",
                                DAGMAN);

  g_assert_cmpuint (weft_graph_arrays (graph)->n_tasks, ==, 6);
  g_assert_cmpint (runtime_of (graph, "A"), ==, 0);
  g_assert_cmpint (runtime_of (graph, "B"), ==, 0);
  g_assert_cmpint (runtime_of (graph, "C"), ==, 0);
  g_assert_cmpint (runtime_of (graph, "D"), ==, -1);
  g_assert_cmpstr (attributes_of (graph, "A")->metadata, ==,
                   "{\"submit\": \"a.sub\", \"dir\": \"work\", \"noop\": true}");
  g_assert_cmpstr (attributes_of (graph, "B")->metadata, ==,
                   "{\"submit\": \"b.sub\", \"done\": true}");
  g_assert_cmpstr (attributes_of (graph, "G")->metadata, ==, "{\"submit\": \"S\"}");
  weft_graph_unref (graph);
}

static void
test_variables (void)
{
  WeftGraph *graph =
      read_text ("JOB A a\nJOB B b\n"
                 "VARS A x=\"1 2\" y=\"say \\\"hi\\\" \\\\\"\nVARS A PREPEND z=\"\"\n"
                 "VARS ALL_NODES all=\"\\t\t\"\n",
                 DAGMAN);

  g_assert_cmpstr (attributes_of (graph, "A")->metadata, ==,
                   "{\"submit\": \"a\", \"vars\": {\"all\": \"t\\u0009\", \"x\": \"1 2\", "
                   "\"y\": \"say \\\"hi\\\" \\\\\", \"z\": \"\"}}");
  g_assert_cmpstr (attributes_of (graph, "B")->metadata, ==,
                   "{\"submit\": \"b\", \"vars\": {\"all\": \"t\\u0009\"}}");
  weft_graph_unref (graph);
}

static void
test_final_comes_after_all (void)
{
  WeftGraph *graph = read_text ("FINAL F f\nJOB A a\nJOB B b\nJOB C c\nPARENT A CHILD B\n", DAGMAN);
  WeftGraph *alone = read_text ("FINAL F f\n", DAGMAN);

  assert_inputs (graph, "F", "(B) (C)");
  assert_inputs (alone, "F", "");
  weft_graph_unref (graph);
  weft_graph_unref (alone);
}

static void
test_ignored_commands_are_named (void)
{
  WeftGraph *graph =
      read_text ("JOB A a\nSCRIPT PRE A x \"y z\"\nscript POST A y\nCONFIG c\nENV SET A=1\n"
                 "SET_JOB_ATTR a = b\nDOT d.dot UPDATE\nNODE_STATUS_FILE s 60\n"
                 "JOBSTATE_LOG l\nABORT-DAG-ON A 3 RETURN 1\nPRE_SKIP A 1\n"
                 "SAVE_POINT_FILE A p\n",
                 DAGMAN);
  const char *metadata = weft_graph_metadata (graph);

  g_assert_nonnull (strstr (metadata, "{\"command\": \"SCRIPT\", \"line\": 2, \"count\": 2}"));
  g_assert_nonnull (
      strstr (metadata, "{\"command\": \"ABORT-DAG-ON\", \"line\": 10, \"count\": 1}"));
  g_assert_nonnull (
      strstr (metadata, "{\"command\": \"SAVE_POINT_FILE\", \"line\": 12, \"count\": 1}"));
  g_assert_cmpuint (weft_graph_n_notes (graph), ==, 10);
  g_assert_nonnull (strstr (weft_graph_note (graph, 0),
                            ":2:1: SCRIPT is not supported and was left out (2 times): "));
  g_assert_nonnull (strstr (weft_graph_note (graph, 7),
                            ":10:1: ABORT-DAG-ON is not supported and was left out: "));
  weft_graph_unref (graph);
}

/* ---- real files ------------------------------------------------------------------------------ */

static char *
real_path (const char *folder, const char *name)
{
  g_autofree char *file = g_strdup_printf ("src_condor_%s.dag", name);

  return g_build_filename (folder, file, NULL);
}

static void
test_real_files (void)
{
  g_autofree char *folder = real_files ("dagman");
  g_autofree char *diamond = NULL, *basic = NULL, *log = NULL, *with_final = NULL, *cycle = NULL;
  g_autoptr (GError) error = NULL;
  WeftGraph *graph;

  if (folder == NULL)
    return;
  graph = read_path (diamond = real_path (folder, "release_examples_dagman_diamond"));
  assert_inputs (graph, "D", "B C");
  weft_graph_unref (graph);
  graph = read_path (basic = real_path (folder, "tests_job_dagman_basic"));
  g_assert_cmpuint (weft_graph_arrays (graph)->n_tasks, ==, 1);
  weft_graph_unref (graph);
  graph = read_path (log = real_path (folder, "tests_job_dagman_default_log"));
  assert_inputs (graph, "NodeC", "NodeB1 NodeB2");
  weft_graph_unref (graph);
  graph = read_path (with_final = real_path (folder, "tests_job_dagman_final-C"));
  assert_inputs (graph, "C_B", "C_A");
  assert_inputs (graph, "C_C", "(C_B)");
  g_assert_cmpuint (attributes_of (graph, "C_A")->retries, ==, 1);
  weft_graph_unref (graph);
  cycle = real_path (folder, "tests_job_dagman_cycle-A");
  g_assert_null (weft_graph_read_file (cycle, WEFT_GRAPH_FORMAT_AUTO, &error));
  test_assert_error (&error, WEFT_GRAPH_ERROR, WEFT_GRAPH_ERROR_CYCLE, ".dag:4:5: found a cycle",
                     ": B -> C -> B", NULL);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  add_bad_inputs ("read-dagman", bad_inputs, G_N_ELEMENTS (bad_inputs), test_bad_input);
  test_add ("graph", "read-dagman", "bad/too-many-edges", test_too_many_edges);
  test_add ("graph", "read-dagman", "parents-and-children", test_parents_and_children);
  test_add ("graph", "read-dagman", "order-of-commands", test_order_of_commands);
  test_add ("graph", "read-dagman", "attributes", test_attributes);
  test_add ("graph", "read-dagman", "job-options", test_job_options);
  test_add ("graph", "read-dagman", "variables", test_variables);
  test_add ("graph", "read-dagman", "final-comes-after-all", test_final_comes_after_all);
  test_add ("graph", "read-dagman", "ignored-commands-are-named", test_ignored_commands_are_named);
  test_add ("graph", "read-dagman", "real-files", test_real_files);
  return g_test_run ();
}
