/* test-read-wfcommons.c: WfCommons workflows as graphs
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "read-support.h"

#define WF WEFT_GRAPH_FORMAT_WFCOMMONS

/* ---- bad inputs ------------------------------------------------------------------------------ */

/* clang-format off */
static const BadInput bad_inputs[] = {
  BAD ("no-object", FORMAT,
       "[1]",
       "bad.json:1:1: found “[”, expected an object in WfFormat"),
  BAD ("truncated", TRUNCATED,
       "{\"schemaVersion\": \"1.5\", \"workflow\": {\"specification\": {\"tasks\": [{\"id\": "
       "\"a\"",
       "bad.json:1:77: found the end of the input, expected “,” or “}”"),
  BAD ("missing-comma", SYNTAX,
       "{\"schemaVersion\": \"1.5\"\n"
       " \"workflow\": {}}",
       "bad.json:2:2: found “\"”, expected “,” or “}”"),
  BAD ("text-after-the-end", SYNTAX,
       "{\"name\": \"w\", \"schemaVersion\": \"1.5\", \"workflow\": {\"specification\": "
       "{\"tasks\": [{\"name\": \"a\", \"id\": \"a\"}]}}}\n"
       "}",
       "bad.json:2:1: found “}”, expected nothing after the end of the document"),
  BAD ("invalid-utf8", UTF8,
       "{\"name\": \"w\", \"schemaVersion\": \"1.5\", \"workflow\": {\"specification\": "
       "{\"tasks\": [{\"name\": \"a\377\", \"id\": \"a\377\"}]}}}",
       "bad.json:1:91: found byte 0xff, expected UTF-8 text"),
  BAD ("half-surrogate", UTF8,
       "{\"name\": \"w\", \"schemaVersion\": \"1.5\", \"workflow\": {\"specification\": "
       "{\"tasks\": [{\"name\": \"a\\ud800\", \"id\": \"a\\ud800\"}]}}}",
       "bad.json:1:91: found “\\ud800”, one half of a surrogate pair, expected both: “\\ud800” to "
       "“\\udbff”, then “\\udc00” to “\\udfff”"),
  BAD ("no-version", FORMAT,
       "{\"workflow\": {\"specification\": {\"tasks\": []}}}",
       "bad.json:1:1: found a workflow file without “schemaVersion”, expected one"),
  BAD ("old-version", VERSION,
       "{\"schemaVersion\": \"1.3\", \"workflow\": {}}",
       "bad.json:1:19: found schema version “1.3”, expected “1.5” or “1.4”"),
  BAD ("version-is-a-number", FORMAT,
       "{\"schemaVersion\": 1.5, \"workflow\": {}}",
       "bad.json:1:19: found the number 1.5, expected a schema version like “1.5”"),
  BAD ("no-workflow", FORMAT,
       "{\"schemaVersion\": \"1.5\"}",
       "bad.json:1:1: found a workflow file without “workflow”, expected one"),
  BAD ("no-specification", FORMAT,
       "{\"schemaVersion\": \"1.5\",\n"
       " \"workflow\": {\"execution\": {\"tasks\": []}}}",
       "bad.json:2:14: found a workflow without “specification”, expected one"),
  BAD ("no-tasks", FORMAT,
       "{\"schemaVersion\": \"1.5\", \"workflow\": {\"specification\": {\"files\": []}}}",
       "bad.json:1:56: found a specification without “tasks”, expected one"),
  BAD ("both-layouts", FORMAT,
       "{\"schemaVersion\": \"1.5\", \"workflow\": {\"specification\": {\"tasks\": []}, "
       "\"tasks\": []}}",
       "bad.json:1:38: found a workflow with “specification” and “tasks”, expected one"),
  BAD ("empty-graph", EMPTY,
       "{\"name\": \"w\", \"schemaVersion\": \"1.5\", \"workflow\": {\"specification\": "
       "{\"tasks\": []}}}",
       "bad.json:1:79: found a graph without tasks, expected at least one"),
  BAD ("tasks-is-no-array", FORMAT,
       "{\"schemaVersion\": \"1.5\", \"workflow\": {\"specification\": {\"tasks\": {}}}}",
       "bad.json:1:66: found “{”, expected an array of tasks"),
  BAD ("task-is-no-object", FORMAT,
       "{\"name\": \"w\", \"schemaVersion\": \"1.5\", \"workflow\": {\"specification\": "
       "{\"tasks\": [\"a\"]}}}",
       "bad.json:1:80: found the string “a”, expected an object that describes a task"),
  BAD ("task-without-id", FORMAT,
       "{\"name\": \"w\", \"schemaVersion\": \"1.5\", \"workflow\": {\"specification\": "
       "{\"tasks\": [{\"name\": \"a\"}]}}}",
       "bad.json:1:80: found a task without “id”, expected one"),
  BAD ("id-is-a-number", FORMAT,
       "{\"name\": \"w\", \"schemaVersion\": \"1.5\", \"workflow\": {\"specification\": "
       "{\"tasks\": [{\"id\": 1}]}}}",
       "bad.json:1:87: found the number 1, expected the id of a task"),
  BAD ("id-is-empty", FORMAT,
       "{\"name\": \"w\", \"schemaVersion\": \"1.5\", \"workflow\": {\"specification\": "
       "{\"tasks\": [{\"id\": \"\"}]}}}",
       "bad.json:1:87: found the string “”, expected the id of a task"),
  BAD ("id-with-zero-byte", FORMAT,
       "{\"name\": \"w\", \"schemaVersion\": \"1.5\", \"workflow\": {\"specification\": "
       "{\"tasks\": [{\"name\": \"a\\u0000b\", \"id\": \"a\\u0000b\"}]}}}",
       "bad.json:1:107: found the key “a\\x00b”, expected UTF-8 text without a zero byte"),
  BAD ("member-twice", DUPLICATE,
       "{\"name\": \"w\", \"schemaVersion\": \"1.5\", \"workflow\": {\"specification\": "
       "{\"tasks\": [{\"id\": \"a\", \"id\": \"b\"}]}}}",
       "bad.json:1:92: found the member “id” a second time in the same object, expected each once"),
  BAD ("task-twice", DUPLICATE,
       "{\"name\": \"w\", \"schemaVersion\": \"1.5\", \"workflow\": {\"specification\": "
       "{\"tasks\": [{\"name\": \"a\", \"id\": \"a\"},\n"
       " {\"name\": \"b\", \"id\": \"b\"},\n"
       " {\"name\": \"a\", \"id\": \"a\"}]}}}",
       "bad.json:3:22: found the key “a” a second time, expected each once; it was first defined "
       "on line 1, "
       "column 100"),
  BAD ("unknown-parent", MISSING,
       "{\"name\": \"w\", \"schemaVersion\": \"1.5\", \"workflow\": {\"specification\": "
       "{\"tasks\": [{\"name\": \"make-1\", \"id\": \"make-1\"},\n"
       " {\"name\": \"b\", \"id\": \"b\", \"parents\": [\"make-2\"]}]}}}",
       "bad.json:2:39: found a reference to “make-2”, expected the key of a task; did you "
       "mean “make-1”?"),
  BAD ("unknown-child", MISSING,
       "{\"name\": \"w\", \"schemaVersion\": \"1.5\", \"workflow\": {\"specification\": "
       "{\"tasks\": [{\"name\": \"a\", \"id\": \"a\",\n"
       " \"children\": [\"zzzzzz\"]}]}}}",
       "bad.json:2:15: found a reference to “zzzzzz”, expected the key of a task"),
  BAD ("own-parent", SELF,
       "{\"name\": \"w\", \"schemaVersion\": \"1.5\", \"workflow\": {\"specification\": "
       "{\"tasks\": [{\"name\": \"a\", \"id\": \"a\", \"parents\": [\"a\"]}]}}}",
       "bad.json:1:117: found the task “a” as a dependency of itself, expected another task"),
  BAD ("own-child", SELF,
       "{\"name\": \"w\", \"schemaVersion\": \"1.5\", \"workflow\": {\"specification\": "
       "{\"tasks\": [{\"children\": [\"a\"],\n"
       " \"id\": \"a\"}]}}}",
       "bad.json:1:94: found the task “a” as a dependency of itself, expected another task"),
  BAD ("cycle", CYCLE,
       "{\"name\": \"w\", \"schemaVersion\": \"1.5\", \"workflow\": {\"specification\": "
       "{\"tasks\": [{\"name\": \"a\", \"id\": \"a\", \"parents\": [\"c\"]},\n"
       " {\"name\": \"b\", \"id\": \"b\", \"parents\": [\"a\"]},\n"
       " {\"name\": \"c\", \"id\": \"c\", \"parents\": [\"b\"]}]}}}",
       "bad.json:1:100: found a cycle, in which each task needs the one before: a -> b -> c "
       "-> a"),
  BAD ("cycle-by-children", CYCLE,
       "{\"name\": \"w\", \"schemaVersion\": \"1.5\", \"workflow\": {\"specification\": "
       "{\"tasks\": [{\"name\": \"a\", \"id\": \"a\", \"parents\": [\"b\"], \"children\": "
       "[\"b\"]}, {\"name\": \"b\", \"id\": \"b\"}]}}}",
       "bad.json:1:100: found a cycle, in which each task needs the one before: a -> b -> a"),
  BAD ("parents-is-a-string", FORMAT,
       "{\"name\": \"w\", \"schemaVersion\": \"1.5\", \"workflow\": {\"specification\": "
       "{\"tasks\": [{\"name\": \"a\", \"id\": \"a\", \"parents\": \"b\"}]}}}",
       "bad.json:1:116: found the string “b”, expected an array of parent tasks"),
  BAD ("parent-is-a-number", FORMAT,
       "{\"name\": \"w\", \"schemaVersion\": \"1.5\", \"workflow\": {\"specification\": "
       "{\"tasks\": [{\"name\": \"a\", \"id\": \"a\", \"parents\": [1]}]}}}",
       "bad.json:1:117: found the number 1, expected the id of a parent task"),
  BAD ("file-is-no-string", FORMAT,
       "{\"name\": \"w\", \"schemaVersion\": \"1.5\", \"workflow\": {\"specification\": "
       "{\"tasks\": [{\"name\": \"a\", \"id\": \"a\", \"outputFiles\": [null]}]}}}",
       "bad.json:1:121: found “null”, expected the id of an output file"),
  BAD ("file-without-id", FORMAT,
       "{\"name\": \"w\", \"schemaVersion\": \"1.5\", \"workflow\": {\"specification\": "
       "{\"tasks\": [{\"name\": \"a\", \"id\": \"a\"}], \"files\": [{\"sizeInBytes\": 1}]}}}",
       "bad.json:1:117: found a file without “id”, expected one"),
  BAD ("negative-size", RANGE,
       "{\"name\": \"w\", \"schemaVersion\": \"1.5\", \"workflow\": {\"specification\": "
       "{\"tasks\": [{\"name\": \"a\", \"id\": \"a\"}], \"files\": [{\"id\": \"f\", "
       "\"sizeInBytes\": -1}]}}}",
       "bad.json:1:144: found the number -1, expected a size in bytes from 0 to "
       "9223372036854775807"),
  BAD ("size-is-no-integer", FORMAT,
       "{\"name\": \"w\", \"schemaVersion\": \"1.5\", \"workflow\": {\"specification\": "
       "{\"tasks\": [{\"name\": \"a\", \"id\": \"a\"}], \"files\": [{\"id\": \"f\", "
       "\"sizeInBytes\": 1.5}]}}}",
       "bad.json:1:144: found the number 1.5, expected a size in bytes"),
  BAD ("size-too-large", RANGE,
       "{\"name\": \"w\", \"schemaVersion\": \"1.5\", \"workflow\": {\"specification\": "
       "{\"tasks\": [{\"name\": \"a\", \"id\": \"a\"}], \"files\": [{\"id\": \"f\", "
       "\"sizeInBytes\": 9223372036854775808}]}}}",
       "bad.json:1:144: found the integer 9223372036854775808, expected one from "
       "-9223372036854775808 to 9223372036854775807"),
  BAD ("negative-runtime", RANGE,
       "{\"name\": \"w\", \"schemaVersion\": \"1.5\", \"workflow\": {\"specification\": "
       "{\"tasks\": [{\"name\": \"a\", \"id\": \"a\"}]}, \"execution\": {\"tasks\": [{\"id\": "
       "\"a\", \"runtimeInSeconds\": -0.5}]}}}",
       "bad.json:1:164: found the number -0.5, expected a runtime in seconds from 0 to "
       "9200000000"),
  BAD ("runtime-too-long", RANGE,
       "{\"name\": \"w\", \"schemaVersion\": \"1.5\", \"workflow\": {\"specification\": "
       "{\"tasks\": [{\"name\": \"a\", \"id\": \"a\"}]}, \"execution\": {\"tasks\": [{\"id\": "
       "\"a\", \"runtimeInSeconds\": 1e10}]}}}",
       "bad.json:1:164: found the number 1e10, expected a runtime in seconds from 0 to "
       "9200000000"),
  BAD ("runtime-is-a-string", FORMAT,
       "{\"name\": \"w\", \"schemaVersion\": \"1.5\", \"workflow\": {\"specification\": "
       "{\"tasks\": [{\"name\": \"a\", \"id\": \"a\"}]}, \"execution\": {\"tasks\": [{\"id\": "
       "\"a\", \"runtimeInSeconds\": \"1\"}]}}}",
       "bad.json:1:164: found the string “1”, expected a runtime in seconds"),
  BAD ("runtime-beyond-double", RANGE,
       "{\"name\": \"w\", \"schemaVersion\": \"1.5\", \"workflow\": {\"specification\": "
       "{\"tasks\": [{\"name\": \"a\", \"id\": \"a\"}]}, \"execution\": {\"tasks\": [{\"id\": "
       "\"a\", \"runtimeInSeconds\": 1e400}]}}}",
       "bad.json:1:164: found the number 1e400, expected at most 1.7976931348623157e+308 in "
       "size"),
  BAD ("execution-without-id", FORMAT,
       "{\"name\": \"w\", \"schemaVersion\": \"1.5\", \"workflow\": {\"specification\": "
       "{\"tasks\": [{\"name\": \"a\", \"id\": \"a\"}]}, \"execution\": {\"tasks\": "
       "[{\"runtimeInSeconds\": 1}]}}}",
       "bad.json:1:132: found an executed task without “id”, expected one"),
  BAD ("execution-of-unknown-task", MISSING,
       "{\"name\": \"w\", \"schemaVersion\": \"1.5\", \"workflow\": {\"specification\": "
       "{\"tasks\": [{\"name\": \"task-a\", \"id\": \"task-a\"}]}, \"execution\": {\"tasks\": "
       "[{\"id\": \"task-b\", \"runtimeInSeconds\": 1}]}}}",
       "bad.json:1:149: found a reference to “task-b”, expected the key of a task; did you "
       "mean “task-a”?"),
  BAD ("machines-is-a-string", FORMAT,
       "{\"name\": \"w\", \"schemaVersion\": \"1.5\", \"workflow\": {\"specification\": "
       "{\"tasks\": [{\"name\": \"a\", \"id\": \"a\"}]}, \"execution\": {\"tasks\": [{\"id\": "
       "\"a\", \"machines\": \"m\"}]}}}",
       "bad.json:1:156: found the string “m”, expected an array of machine names"),
  BAD ("command-is-a-string", FORMAT,
       "{\"name\": \"w\", \"schemaVersion\": \"1.5\", \"workflow\": {\"specification\": "
       "{\"tasks\": [{\"name\": \"a\", \"id\": \"a\"}]}, \"execution\": {\"tasks\": [{\"id\": "
       "\"a\", \"command\": \"ls\"}]}}}",
       "bad.json:1:155: found the string “ls”, expected an object that describes a command"),
  BAD ("old-task-without-name", FORMAT,
       "{\"schemaVersion\": \"1.4\", \"workflow\": {\"tasks\": [{\"id\": \"a\"}]}}",
       "bad.json:1:49: found a task without “name”, expected one"),
};
/* clang-format on */

static void
test_bad_input (gconstpointer data)
{
  assert_bad_input (data, WF);
}

static void
test_too_deep (void)
{
  g_autofree char *brackets = g_strnfill (100000, '[');
  g_autofree char *text = g_strconcat ("{\"schemaVersion\": \"1.5\", \"author\": ", brackets, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_null (weft_graph_read_bytes (text, strlen (text), "bad.json", WF, &error));
  test_assert_error (&error, WEFT_GRAPH_ERROR, WEFT_GRAPH_ERROR_DEPTH,
                     "bad.json:1:547: ", "nested deeper than 512", NULL);
}

/* Wherever a file is cut off, that is an error with a place, and no memory is lost. */
static void
test_cut_off (void)
{
  const char *text =
      "{\"name\": \"w\", \"schemaVersion\": \"1.5\", \"workflow\": {\"specification\": "
      "{\"tasks\": [{\"id\": \"a\", \"outputFiles\": [\"f\"], \"children\": [\"b\"]}, "
      "{\"id\": \"b\", \"name\": \"\\u00e9\", \"inputFiles\": [\"f\"]}], "
      "\"files\": [{\"id\": \"f\", \"sizeInBytes\": 12}]}, \"execution\": {\"tasks\": "
      "[{\"id\": \"a\", \"runtimeInSeconds\": 1.5, \"machines\": [\"m\"]}]}}}";
  size_t n = strlen (text);
  WeftGraph *graph = read_text (text, WF);

  weft_graph_unref (graph);
  for (size_t i = 1; i < n; i++)
    {
      g_autofree char *part = g_memdup2 (text, i);
      g_autoptr (GError) error = NULL;

      g_assert_null (weft_graph_read_bytes (part, i, "cut", WF, &error));
      g_assert_error (error, WEFT_GRAPH_ERROR, WEFT_GRAPH_ERROR_TRUNCATED);
      g_assert_true (g_str_has_prefix (error->message, "cut:1:"));
    }
}

/* ---- what becomes of a workflow -------------------------------------------------------------- */

/* A specification with these tasks and files, and an execution. */
static WeftGraph *
read_workflow (const char *tasks, const char *files, const char *executed)
{
  g_autofree char *text = g_strdup_printf (
      "{\"name\": \"test\", \"schemaVersion\": \"1.5\", \"workflow\": {\"specification\": "
      "{\"tasks\": [%s], \"files\": [%s]}, \"execution\": {\"makespanInSeconds\": 1, "
      "\"executedAt\": \"then\", \"tasks\": [%s]}}}",
      tasks, files, executed);

  return read_text (text, WF);
}

static void
test_edges_are_the_union (void)
{
  WeftGraph *graph = read_workflow ("{\"id\": \"a\", \"children\": [\"b\", \"d\"]},"
                                    "{\"id\": \"b\", \"parents\": [\"a\", \"a\"]},"
                                    "{\"id\": \"c\", \"parents\": [\"b\"], \"children\": []},"
                                    "{\"id\": \"d\"}",
                                    "", "");

  assert_inputs (graph, "a", "");
  assert_inputs (graph, "b", "(a)");
  assert_inputs (graph, "c", "(b)");
  assert_inputs (graph, "d", "(a)");
  g_assert_cmpuint (weft_graph_arrays (graph)->n_edges, ==, 3);
  g_assert_cmpuint (weft_graph_arrays (graph)->n_wanted, ==, 2);
  g_assert_cmpstr (weft_graph_name (graph), ==, "test");
  weft_graph_unref (graph);
}

/* A file that somebody makes who is no parent makes no edge; the task's own files neither. */
static void
test_files_make_no_edges (void)
{
  WeftGraph *graph =
      read_workflow ("{\"id\": \"a\", \"outputFiles\": [\"f\"], \"inputFiles\": [\"f\"]},"
                     "{\"id\": \"b\", \"inputFiles\": [\"f\"]}",
                     "", "");

  assert_inputs (graph, "a", "");
  assert_inputs (graph, "b", "");
  weft_graph_unref (graph);
}

static void
test_files_with_the_same_readers_are_one_output (void)
{
  WeftGraph *graph = read_workflow (
      "{\"id\": \"a\", \"children\": [\"b\", \"c\"], \"outputFiles\": "
      "[\"f\", \"g\", \"h\", \"i\"]},"
      "{\"id\": \"b\", \"inputFiles\": [\"f\", \"h\"]},"
      "{\"id\": \"c\", \"inputFiles\": [\"h\", \"g\", \"f\"]}",
      "{\"id\": \"f\", \"sizeInBytes\": 1}, {\"id\": \"g\", \"sizeInBytes\": 20},"
      "{\"id\": \"h\", \"sizeInBytes\": 300}, {\"id\": \"i\", \"sizeInBytes\": 4000}",
      "");

  /* f and h: both readers; g: c alone; i: nobody. */
  assert_bytes (graph, "a", "301 20 4000");
  assert_inputs (graph, "b", "a");
  assert_inputs (graph, "c", "a a:1");
  weft_graph_unref (graph);
}

/* @n files, the k-th read by task k alone. */
static WeftGraph *
read_split (int n)
{
  g_autoptr (GString) files = g_string_new (NULL);
  g_autoptr (GString) tasks = g_string_new (NULL);
  g_autofree char *all = NULL;

  for (int k = 0; k < n; k++)
    {
      g_string_append_printf (files, "%s\"f%d\"", k > 0 ? ", " : "", k);
      g_string_append_printf (
          tasks, ", {\"id\": \"t%d\", \"parents\": [\"a\"], \"inputFiles\": [\"f%d\"]}", k, k);
    }
  all = g_strdup_printf ("{\"id\": \"a\", \"outputFiles\": [%s]}%s", files->str, tasks->str);
  return read_workflow (
      all, "{\"id\": \"f3\", \"sizeInBytes\": 7}, {\"id\": \"f9\", \"sizeInBytes\": 8}", "");
}

static void
test_too_many_outputs_are_one (void)
{
  WeftGraph *most = read_split (64);
  WeftGraph *too_many = read_split (65);

  g_assert_cmpuint (weft_graph_n_slots (most), ==, 64 + 64);
  assert_inputs (most, "t9", "a:9");
  g_assert_cmpuint (weft_graph_n_slots (too_many), ==, 1 + 65);
  assert_inputs (too_many, "t9", "a");
  assert_bytes (too_many, "a", "15");
  weft_graph_unref (most);
  weft_graph_unref (too_many);
}

/* No list of files: not known. An empty one: no bytes. A file without a size: not known. */
static void
test_unknown_sizes (void)
{
  WeftGraph *graph = read_workflow ("{\"id\": \"a\"},"
                                    "{\"id\": \"b\", \"outputFiles\": []},"
                                    "{\"id\": \"c\", \"outputFiles\": [\"x\"]},"
                                    "{\"id\": \"d\", \"outputFiles\": [\"y\"]}",
                                    "{\"id\": \"y\", \"sizeInBytes\": 9223372036854775807}", "");

  assert_bytes (graph, "a", "?");
  assert_bytes (graph, "b", "0");
  assert_bytes (graph, "c", "?");
  assert_bytes (graph, "d", "9223372036854775807");
  weft_graph_unref (graph);
}

/* Files that tasks name but nobody describes: said once, with the place of the first. */
static void
test_missing_files (void)
{
  const char *task = "{\"id\": \"a\", \"inputFiles\": [\"x\", \"z\"], \"outputFiles\": [\"y\"]}";
  WeftGraph *all = read_workflow (task, "{\"id\": \"y\"}, {\"id\": \"z\"}, {\"id\": \"x\"}", "");
  WeftGraph *one = read_workflow (task, "{\"id\": \"x\"}, {\"id\": \"z\"}", "");
  WeftGraph *two = read_workflow (task, "{\"id\": \"x\"}", "");

  g_assert_cmpuint (weft_graph_n_notes (all), ==, 0);
  g_assert_cmpuint (weft_graph_n_notes (one), ==, 1);
  g_assert_nonnull (strstr (weft_graph_note (one, 0), ": found the file “y”, expected it among "
                                                      "“files”; its size is taken as unknown"));
  g_assert_cmpuint (weft_graph_n_notes (two), ==, 1);
  g_assert_nonnull (strstr (weft_graph_note (two, 0), ": found the file “z” and 1 more, "));
  weft_graph_unref (all);
  weft_graph_unref (one);
  weft_graph_unref (two);
}

static void
test_runtimes_and_machines (void)
{
  WeftGraph *graph = read_workflow (
      "{\"id\": \"a\"}, {\"id\": \"b\"}, {\"id\": \"c\"}", "",
      "{\"runtimeInSeconds\": 0.1, \"id\": \"b\", \"machines\": "
      "[\"m2\", \"m1\"]}, {\"id\": \"c\", \"runtimeInSeconds\": 9.2e9, \"machines\": []}");

  g_assert_cmpint (runtime_of (graph, "a"), ==, -1);
  g_assert_cmpint (runtime_of (graph, "b"), ==, 100000000);
  g_assert_cmpint (runtime_of (graph, "c"), ==, 9200000000000000000);
  g_assert_null (machine_of (graph, "a"));
  g_assert_cmpstr (machine_of (graph, "b"), ==, "m2");
  g_assert_null (machine_of (graph, "c"));
  weft_graph_unref (graph);
}

static void
test_groups_come_from_names (void)
{
  WeftGraph *graph = read_workflow (
      "{\"id\": \"1\", \"name\": \"mAdd_ID0000012\"}, {\"id\": \"2\", \"name\": \"chain-7\"},"
      "{\"id\": \"3\", \"name\": \"map_map_HEP_1_ID03\"}, {\"id\": \"4\", \"name\": \"mapper_4\"},"
      "{\"id\": \"task_5\"}, {\"id\": \"6\", \"name\": \"6\"}, {\"id\": \"VOID12\"}",
      "",
      "{\"id\": \"3\", \"command\": {\"arguments\": [1], \"program\": \"map\"}},"
      "{\"id\": \"4\", \"command\": {\"program\": \"map\"}}");

  assert_group (graph, "1", "mAdd");
  assert_group (graph, "2", "chain");
  assert_group (graph, "3", "map");
  assert_group (graph, "4", "mapper");
  assert_group (graph, "task_5", "task");
  assert_group (graph, "6", "6");
  assert_group (graph, "VOID12", "VOID");
  g_assert_cmpstr (label_of (graph, "1"), ==, "mAdd_ID0000012");
  g_assert_null (label_of (graph, "task_5"));
  g_assert_null (label_of (graph, "6"));
  weft_graph_unref (graph);
}

static void
test_metadata_is_kept (void)
{
  WeftGraph *graph = read_text (
      "{\"author\": {\"name\": \"x\"}, \"unknown\": [1, {}], \"workflow\": {\"execution\": "
      "{\"executedAt\": \"now\", \"tasks\": []}, "
      "\"specification\": {\"tasks\": [{\"id\": \"a\"}]}}, "
      "\"schemaVersion\": \"1.5\"}",
      WEFT_GRAPH_FORMAT_AUTO);

  g_assert_cmpstr (
      weft_graph_metadata (graph), ==,
      "{\"author\": {\"name\": \"x\"}, \"executedAt\": \"now\", \"schemaVersion\": \"1.5\"}");
  weft_graph_unref (graph);
}

static void
test_old_layout (void)
{
  WeftGraph *graph = read_text (
      "{\"schemaVersion\": \"1.4\", \"workflow\": {\"tasks\": [{\"name\": \"a_1\", \"id\": \"1\", "
      "\"runtimeInSeconds\": 2, \"machine\": \"m\", \"command\": {\"program\": \"a\"}, \"files\": "
      "[{\"link\": \"output\", \"name\": \"f\", \"sizeInBytes\": 7}]}, {\"name\": \"b_2\", "
      "\"id\": \"2\", \"parents\": [\"a_1\"], "
      "\"files\": [{\"link\": \"input\", \"name\": \"f\"}]}]}}",
      WF);

  assert_inputs (graph, "b_2", "a_1");
  assert_bytes (graph, "a_1", "7");
  assert_group (graph, "a_1", "a");
  g_assert_cmpint (runtime_of (graph, "a_1"), ==, 2000000000);
  g_assert_cmpstr (machine_of (graph, "a_1"), ==, "m");
  weft_graph_unref (graph);
}

/* ---- real files ------------------------------------------------------------------------------ */

/* As count_wfcommons.py prints it. (transfer full) */
static char *
count (const WeftGraph *graph, const char *name)
{
  const WeftGraphArrays *a = weft_graph_arrays (graph);
  g_autoptr (GHashTable) pairs = g_hash_table_new (g_int64_hash, g_int64_equal);
  g_autofree gint64 *keys = g_new (gint64, a->n_edges + 1);
  g_autoptr (GHashTable) machines = g_hash_table_new (g_direct_hash, g_direct_equal);
  gint64 runtime_ns = 0;
  guint64 bytes = 0;
  guint n_machines = 0;
  size_t n = 0;

  for (uint32_t t = 0; t < a->n_tasks; t++)
    {
      for (uint32_t e = a->input_offsets[t]; e < a->input_offsets[t + 1]; e++)
        keys[n++] = (gint64) a->input_tasks[e] << 32 | t;
      for (uint32_t e = a->after_offsets != NULL ? a->after_offsets[t] : 0;
           a->after_offsets != NULL && e < a->after_offsets[t + 1]; e++)
        keys[n++] = (gint64) a->after_tasks[e] << 32 | t;
      runtime_ns += a->hints.runtime_ns[t];
      if (a->hints.machine != NULL && a->hints.machine[t] != WEFT_NONE)
        {
          n_machines++;
          g_hash_table_add (machines, GUINT_TO_POINTER (a->hints.machine[t]));
        }
    }
  for (size_t i = 0; i < n; i++)
    g_hash_table_add (pairs, &keys[i]);
  for (uint32_t s = 0; s < weft_graph_n_slots (graph); s++)
    bytes += a->hints.output_bytes[s];
  return g_strdup_printf ("%s %u %u %zu %" G_GINT64_FORMAT " %" G_GUINT64_FORMAT " %u %u", name,
                          a->n_tasks, g_hash_table_size (pairs), n, runtime_ns, bytes, n_machines,
                          g_hash_table_size (machines));
}

/* Paths of all workflows of the folder; the schema is none. */
static GPtrArray *
workflows (const char *folder)
{
  GPtrArray *paths = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_suffix (name, ".json") && strcmp (name, "wfcommons-schema.json") != 0)
      g_ptr_array_add (paths, g_build_filename (folder, name, NULL));
  return paths;
}

static void
test_real_files_agree_with_an_independent_count (void)
{
  g_autofree char *folder = real_files ("wfcommons");
  g_autoptr (GPtrArray) paths = folder != NULL ? workflows (folder) : NULL;
  g_autoptr (GPtrArray) argv = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *expected = NULL;
  g_autoptr (GString) found = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  int status;

  if (folder == NULL)
    return;
  g_ptr_array_add (argv, g_strdup ("/usr/bin/python3"));
  g_ptr_array_add (argv, test_source_path ("graph/count_wfcommons.py"));
  for (guint i = 0; i < paths->len; i++)
    {
      WeftGraph *graph = read_path (paths->pdata[i]);
      g_autofree char *name = g_path_get_basename (paths->pdata[i]);
      g_autofree char *line = count (graph, name);

      g_ptr_array_add (argv, g_strdup (paths->pdata[i]));
      g_string_append_printf (found, "%s\n", line);
      weft_graph_unref (graph);
    }
  g_ptr_array_add (argv, NULL);
  g_assert_cmpuint (paths->len, >=, 8);
  g_spawn_sync (NULL, (char **) argv->pdata, NULL, G_SPAWN_DEFAULT, NULL, NULL, &expected, NULL,
                &status, &error);
  g_assert_no_error (error);
  g_spawn_check_wait_status (status, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (found->str, ==, expected);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  add_bad_inputs ("read-wfcommons", bad_inputs, G_N_ELEMENTS (bad_inputs), test_bad_input);
  test_add ("graph", "read-wfcommons", "bad/too-deep", test_too_deep);
  test_add ("graph", "read-wfcommons", "bad/cut-off-anywhere", test_cut_off);
  test_add ("graph", "read-wfcommons", "edges-are-the-union", test_edges_are_the_union);
  test_add ("graph", "read-wfcommons", "files-make-no-edges", test_files_make_no_edges);
  test_add ("graph", "read-wfcommons", "files-with-the-same-readers-are-one-output",
            test_files_with_the_same_readers_are_one_output);
  test_add ("graph", "read-wfcommons", "too-many-outputs-are-one", test_too_many_outputs_are_one);
  test_add ("graph", "read-wfcommons", "unknown-sizes", test_unknown_sizes);
  test_add ("graph", "read-wfcommons", "missing-files", test_missing_files);
  test_add ("graph", "read-wfcommons", "runtimes-and-machines", test_runtimes_and_machines);
  test_add ("graph", "read-wfcommons", "groups-come-from-names", test_groups_come_from_names);
  test_add ("graph", "read-wfcommons", "metadata-is-kept", test_metadata_is_kept);
  test_add ("graph", "read-wfcommons", "old-layout", test_old_layout);
  test_add ("graph", "read-wfcommons", "real-files-agree-with-an-independent-count",
            test_real_files_agree_with_an_independent_count);
  return g_test_run ();
}
