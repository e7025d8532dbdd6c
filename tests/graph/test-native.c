/* test-native.c: reading and writing the native graph format
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "graph-support.h"
#include "test-support.h"

static WeftGraph *
read_text (const char *text)
{
  g_autoptr (GError) error = NULL;
  WeftGraph *graph =
      weft_graph_read_bytes (text, strlen (text), "t.json", WEFT_GRAPH_FORMAT_AUTO, &error);

  g_assert_no_error (error);
  g_assert_true (weft_graph_validate (graph, &error));
  g_assert_no_error (error);
  return graph;
}

static bool
append_cb (const char *bytes, size_t n_bytes, void *data, GError **error)
{
  g_string_append_len (data, bytes, (gssize) n_bytes);
  return true;
}

static char *
write_text (const WeftGraph *graph)
{
  GString *text = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *lost = NULL;

  g_assert_true (
      weft_graph_write (graph, WEFT_GRAPH_FORMAT_NATIVE, append_cb, text, &lost, &error));
  g_assert_no_error (error);
  g_assert_null (lost);
  return g_string_free (text, FALSE);
}

/* ---- reading --------------------------------------------------------------------------------- */

static void
test_example (void)
{
  g_autofree char *path = test_example_path ("01-two-increments.json");
  g_autoptr (GError) error = NULL;
  WeftGraph *graph = weft_graph_read_file (path, WEFT_GRAPH_FORMAT_AUTO, &error);
  const WeftGraphArrays *a;
  uint32_t total;

  g_assert_no_error (error);
  a = weft_graph_arrays (graph);
  total = weft_graph_find (graph, "total", -1);
  g_assert_cmpuint (a->n_tasks, ==, 3);
  g_assert_cmpstr (weft_graph_name (graph), ==, "two increments");
  g_assert_cmpstr (weft_graph_file (graph), ==, path);
  g_assert_cmpstr (weft_graph_op_name (graph, total), ==, "sum");
  g_assert_cmpuint (weft_graph_n_inputs (a, total), ==, 2);
  g_assert_cmpuint (a->n_wanted, ==, 1);
  g_assert_cmpuint (a->wanted[0].task, ==, total);
  weft_graph_unref (graph);
}

static void
test_every_member (void)
{
  WeftGraph *graph = read_text (
      "{\"weftline\": 1, \"$schema\": \"https://x\", \"tasks\": {\n"
      " \"a\": {\"op\": \"split\", \"version\": 2, \"outputs\": 2, \"bytes\": [10, null]},\n"
      " \"b\": {\"op\": \"add\", \"args\": [{\"ref\": \"a\", \"output\": 1}, 2],\n"
      "        \"after\": [\"a\"], \"group\": \"g\", \"label\": \"l\", \"priority\": -3,\n"
      "        \"retries\": 4,\n"
      "        \"retry_delay\": 0.25, \"timeout\": 2, \"resources\": {\"gpu\": 1.5},\n"
      "        \"runtime\": 1.5, \"bytes\": 7, \"machine\": \"m\", \"metadata\": {\"x\": 1}}},\n"
      " \"outputs\": [{\"ref\": \"a\", \"output\": 1}, \"b\"]}");
  const WeftGraphArrays *a = weft_graph_arrays (graph);
  const WeftTaskAttributes *attributes = &a->attributes[a->attributes_of_task[1]];

  g_assert_cmpuint (a->calls[a->call_of_task[0]].op_version, ==, 2);
  g_assert_cmpuint (a->calls[a->call_of_task[0]].n_outputs, ==, 2);
  g_assert_cmpuint (weft_graph_n_slots (graph), ==, 3);
  g_assert_cmpuint (a->input_outputs[0], ==, 1);
  g_assert_cmpuint (a->after_tasks[0], ==, 0);
  g_assert_cmpuint (a->n_edges, ==, 2);
  g_assert_cmpstr (weft_graph_group_name (graph, a->group_of_task[1]), ==, "g");
  g_assert_cmpstr (weft_graph_string (graph, attributes->label), ==, "l");
  g_assert_cmpint (attributes->priority, ==, -3);
  g_assert_cmpuint (attributes->retries, ==, 4);
  g_assert_cmpint (attributes->retry_delay_ns, ==, 250000000);
  g_assert_cmpint (attributes->timeout_ns, ==, 2000000000);
  g_assert_cmpstr (weft_graph_string (graph, attributes->resources[0].name), ==, "gpu");
  g_assert_cmpfloat (attributes->resources[0].amount, ==, 1.5);
  g_assert_cmpstr (attributes->metadata, ==, "{\"x\": 1}");
  g_assert_cmpint (a->hints.runtime_ns[0], ==, -1);
  g_assert_cmpint (a->hints.runtime_ns[1], ==, 1500000000);
  g_assert_cmpuint (a->hints.output_bytes[0], ==, 10);
  g_assert_cmpuint (a->hints.output_bytes[1], ==, UINT64_MAX);
  g_assert_cmpuint (a->hints.output_bytes[2], ==, 7);
  g_assert_cmpstr (weft_graph_string (graph, a->hints.machine[1]), ==, "m");
  g_assert_cmpuint (a->n_wanted, ==, 2);
  g_assert_cmpuint (a->wanted[0].output, ==, 1);
  weft_graph_unref (graph);
}

static void
test_no_outputs_wants_sinks (void)
{
  WeftGraph *graph = read_text ("{\"weftline\": 1, \"tasks\": {\"a\": {\"outputs\": 2},"
                                "\"b\": {\"args\": [{\"ref\": \"c\"}]}, \"c\": {}}}");
  const WeftGraphArrays *a = weft_graph_arrays (graph);

  g_assert_cmpuint (a->n_wanted, ==, 3);
  g_assert_cmpuint (a->wanted[0].task, ==, weft_graph_find (graph, "a", -1));
  g_assert_cmpuint (a->wanted[1].output, ==, 1);
  g_assert_cmpuint (a->wanted[2].task, ==, weft_graph_find (graph, "b", -1));
  weft_graph_unref (graph);
  graph = read_text ("{\"weftline\": 1, \"tasks\": {\"a\": {}}, \"outputs\": []}");
  g_assert_cmpuint (weft_graph_arrays (graph)->n_wanted, ==, 0);
  weft_graph_unref (graph);
}

/* Members of an object have no order: all of these are one graph. */
static void
test_any_order_of_members (void)
{
  static const char *const texts[] = {
    "{\"weftline\": 1, \"defaults\": {\"retries\": 2}, \"tasks\": {\"a\": {}, \"b\": {\"op\": "
    "\"f\", \"args\": [{\"ref\": \"a\"}], \"kwargs\": {\"k\": {\"ref\": \"c\"}}}, \"c\": "
    "{\"retries\": 3}}, \"outputs\": [\"b\"]}",
    "{\"outputs\": [\"b\"], \"tasks\": {\"a\": {}, \"b\": {\"kwargs\": {\"k\": {\"ref\": "
    "\"c\"}}, \"args\": [{\"ref\": \"a\"}], \"op\": \"f\"}, \"c\": {\"retries\": 3}}, "
    "\"defaults\": {\"retries\": 2}, \"weftline\": 1}"
  };
  WeftGraph *graph = read_text (texts[0]);
  WeftGraph *other = read_text (texts[1]);

  assert_same_graph (graph, other);
  g_assert_cmpuint (weft_graph_arrays (graph)->attributes[0].retries, ==, 2);
  weft_graph_unref (graph);
  weft_graph_unref (other);
}

/* File order where it is topological; else the smallest that can stand there. */
static void
test_ids_follow_the_file (void)
{
  static const char *const expected[] = { "inc-2", "inc-1", "total", "last" };
  WeftGraph *graph = read_text (
      "{\"weftline\": 1, \"tasks\": {\"total\": {\"args\": [{\"ref\": \"inc-1\"}, {\"ref\": "
      "\"inc-2\"}]}, \"inc-2\": {}, \"inc-1\": {\"after\": [\"inc-2\"]}, \"last\": {}}}");

  for (uint32_t t = 0; t < G_N_ELEMENTS (expected); t++)
    {
      g_autofree char *key = weft_graph_dup_key (graph, t);

      g_assert_cmpstr (key, ==, expected[t]);
    }
  weft_graph_unref (graph);
}

static void
test_special_records (void)
{
  WeftGraph *graph = read_text (
      "{\"weftline\": 1, \"tasks\": {\"a\": {}, \"b\": {\"args\": ["
      "{\"$literal\": {\"ref\": \"a\"}}, {\"$float\": \"-inf\"}, {\"$bytes\": \"AAE=\"},"
      "{\"$map\": [[1, {\"ref\": \"a\"}], [[2], null]]}, {\"$tagged\": [\"tuple\", [1]]},"
      "{\"output\": 1}, {\"output\": 0, \"ref\": \"a\"}, {\"$encoded\": \"\"}]}}}");
  const WeftGraphArrays *a = weft_graph_arrays (graph);
  const WeftArg *arg = a->args + a->calls[a->call_of_task[1]].args;
  static const uint8_t kinds[] = { WEFT_ARG_RECORD, WEFT_ARG_FLOAT64, WEFT_ARG_BYTES,
                                   WEFT_ARG_MAP,    WEFT_ARG_TAGGED,  WEFT_ARG_RECORD,
                                   WEFT_ARG_SLOT,   WEFT_ARG_ENCODED };

  g_assert_cmpuint (a->n_edges, ==, 1);
  g_assert_cmpfloat (arg[3].u.f, ==, -INFINITY);
  g_assert_cmpmem (a->text + arg[4].u.offset, arg[4].count, "\0\1", 2);
  for (uint32_t i = 0; i < G_N_ELEMENTS (kinds); i++, arg += arg->skip)
    g_assert_cmpuint (arg->kind, ==, kinds[i]);
  weft_graph_unref (graph);
}

static void
assert_path (const char *file, const char *path, const char *expected)
{
  g_autofree char *text = g_strdup_printf (
      "{\"weftline\": 1, \"tasks\": {\"a\": {\"args\": [{\"$path\": \"%s\"}]}}}", path);
  WeftGraph *graph =
      weft_graph_read_bytes (text, strlen (text), file, WEFT_GRAPH_FORMAT_NATIVE, NULL);
  const WeftGraphArrays *a = weft_graph_arrays (graph);
  const WeftArg *arg = a->args + a->calls[a->call_of_task[0]].args;
  g_autofree char *whole = g_canonicalize_filename (expected, NULL);

  g_assert_cmpuint (arg->kind, ==, WEFT_ARG_STRING);
  g_assert_cmpstr (a->text + arg->u.offset, ==, whole);
  weft_graph_unref (graph);
}

/* From where the file is; without one, from where the program is. */
static void
test_paths (void)
{
  assert_path ("/graphs/g.json", "texts/a.txt", "/graphs/texts/a.txt");
  assert_path ("/graphs/g.json", "../a.txt", "/a.txt");
  assert_path ("/graphs/g.json", "/b/a.txt", "/b/a.txt");
  assert_path ("graphs/g.json", "a.txt", "graphs/a.txt");
  assert_path ("standard input", "a.txt", "a.txt");
}

static void
test_neighbouring_references_are_one_node (void)
{
  WeftGraph *graph = read_text (
      "{\"weftline\": 1, \"tasks\": {\"a\": {}, \"b\": {}, \"c\": {}, \"s\": {\"op\": \"sum\","
      "\"args\": [[{\"ref\": \"a\"}, {\"ref\": \"b\"}, {\"ref\": \"c\"}, {\"ref\": \"a\"}]]}}}");
  const WeftGraphArrays *a = weft_graph_arrays (graph);
  const WeftArg *arg = a->args + a->calls[a->call_of_task[3]].args;

  g_assert_cmpuint (arg[0].kind, ==, WEFT_ARG_LIST);
  g_assert_cmpuint (arg[0].count, ==, 2);
  g_assert_cmpuint (arg[1].kind, ==, WEFT_ARG_SLOTS);
  g_assert_cmpuint (arg[1].count, ==, 3);
  g_assert_cmpuint (arg[2].kind, ==, WEFT_ARG_SLOT);
  g_assert_cmpuint (arg[2].u.slot.first, ==, 0);
  g_assert_cmpuint (weft_graph_n_inputs (a, 3), ==, 3);
  weft_graph_unref (graph);
}

static void
test_call_locations (void)
{
  WeftGraph *graph = read_text ("{\"weftline\": 1, \"tasks\": {\n"
                                "  \"a\": {\"op\": \"f\"},\n"
                                "  \"b\": {\n    \"args\": [], \"op\": \"g\"},\n"
                                "  \"c\": {\"op\": \"f\"}\n}}");
  const WeftGraphArrays *a = weft_graph_arrays (graph);

  g_assert_cmpuint (a->n_calls, ==, 2);
  g_assert_cmpuint (a->call_locations[a->call_of_task[0]].line, ==, 2);
  g_assert_cmpuint (a->call_locations[a->call_of_task[0]].column, ==, 15);
  g_assert_cmpuint (a->call_locations[a->call_of_task[1]].line, ==, 4);
  g_assert_cmpuint (a->call_locations[a->call_of_task[1]].column, ==, 23);
  g_assert_cmpuint (a->call_of_task[2], ==, a->call_of_task[0]);
  weft_graph_unref (graph);
}

/* ---- writing --------------------------------------------------------------------------------- */

static void
test_round_trip (void)
{
  for (int i = 0; i < 200; i++)
    {
      WeftGraph *graph = random_graph ((uint32_t) g_test_rand_int_range (1, 40), i % 2 != 0);
      g_autoptr (GError) error = NULL;
      g_autofree char *text = write_text (graph);
      g_autofree char *again = NULL;
      WeftGraph *read = read_text (text);

      g_assert_true (weft_graph_validate (graph, &error));
      assert_same_graph (graph, read);
      again = write_text (read);
      g_assert_cmpstr (text, ==, again);
      weft_graph_unref (graph);
      weft_graph_unref (read);
    }
}

/* A file that is cut off anywhere is an error, never a smaller graph. */
static void
test_every_truncation_is_an_error (void)
{
  WeftGraph *graph = random_graph (12, false);
  g_autofree char *text = write_text (graph);
  size_t n = strlen (g_strchomp (text));

  for (size_t i = 0; i < n; i++)
    {
      g_autofree char *cut = g_memdup2 (text, i);
      g_autoptr (GError) error = NULL;

      g_assert_null (weft_graph_read_bytes (cut, i, "t", WEFT_GRAPH_FORMAT_NATIVE, &error));
      g_assert_nonnull (error);
    }
  weft_graph_unref (graph);
}

static void
test_file_is_replaced_whole (void)
{
  g_autoptr (TestDir) dir = test_dir_new ();
  g_autofree char *path = test_dir_write (dir, "g.json", "before");
  WeftGraph *graph = random_graph (20, false);
  g_autoptr (GError) error = NULL;
  WeftGraph *read;

  g_assert_true (weft_graph_write_file (graph, WEFT_GRAPH_FORMAT_NATIVE, path, NULL, &error));
  read = weft_graph_read_file (path, WEFT_GRAPH_FORMAT_AUTO, &error);
  g_assert_no_error (error);
  assert_same_graph (graph, read);
  weft_graph_unref (read);
  weft_graph_unref (graph);
}

static bool
refuse_cb (const char *bytes, size_t n_bytes, void *data, GError **error)
{
  int *n_calls = data;

  ++*n_calls;
  g_set_error_literal (error, G_FILE_ERROR, G_FILE_ERROR_NOSPC, "full");
  return false;
}

static void
test_write_error_ends_writing (void)
{
  WeftGraph *graph = random_graph (2000, false);
  g_autoptr (GError) error = NULL;
  int n_calls = 0;

  g_assert_false (
      weft_graph_write (graph, WEFT_GRAPH_FORMAT_NATIVE, refuse_cb, &n_calls, NULL, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOSPC);
  g_assert_cmpint (n_calls, ==, 1);
  weft_graph_unref (graph);
}

/* Each is one, however often it is read. */
static void
test_imports (void)
{
  WeftGraph *graph = read_text (
      "{\"weftline\": 1, \"tasks\": {"
      "\"a\": {\"op\": \"f\", \"args\": [{\"$import\": \"early\"}, "
      "[{\"$import\": [\"early\", 2]}]]}, "
      "\"b\": {\"op\": \"g\", \"args\": [{\"x\": {\"$import\": \"early\"}}, {\"ref\": \"a\"}]}}, "
      "\"defaults\": {\"priority\": 3}}");
  const WeftGraphArrays *a = weft_graph_arrays (graph);
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GString) again = g_string_new (NULL);
  WeftGraph *back;

  g_assert_cmpuint (a->n_imports, ==, 2);
  for (uint32_t i = 0; i < 2; i++)
    {
      g_assert_cmpint (a->imports[i].kind, ==, WEFT_IMPORT_KEY);
      g_assert_cmpstr (weft_graph_string (graph, a->imports[i].key), ==, "early");
      g_assert_cmpuint (a->imports[i].output, ==, 2 * i);
    }
  g_assert_true (weft_graph_write (graph, WEFT_GRAPH_FORMAT_NATIVE, append_cb, text, NULL, NULL));
  back = read_text (text->str);
  g_assert_true (weft_graph_write (back, WEFT_GRAPH_FORMAT_NATIVE, append_cb, again, NULL, NULL));
  g_assert_cmpstr (text->str, ==, again->str);
  g_assert_cmpuint (weft_graph_arrays (back)->n_imports, ==, 2);
  weft_graph_unref (graph);
  weft_graph_unref (back);
}

static void
test_imports_and_constants_cannot_be_written (void)
{
  for (int i = 0; i < 2; i++)
    {
      WeftGraphBuilder *builder = weft_graph_builder_new ();
      g_autoptr (GString) text = g_string_new (NULL);
      WeftTaskOutput input = { WEFT_NONE, 0 };
      g_autoptr (GError) error = NULL;
      WeftGraph *graph;
      uint32_t call;

      weft_graph_builder_begin_call (builder, "f", 0, 1);
      if (i == 0)
        weft_graph_builder_arg_slot (builder, 0);
      else
        weft_graph_builder_arg_constant (builder, g_strdup ("x"), g_free);
      call = weft_graph_builder_end_call (builder);
      if (i == 0)
        input.task = weft_graph_builder_import_value (builder);
      weft_graph_builder_add_task (builder, "a", -1, call, &input, i == 0 ? 1 : 0);
      graph = weft_graph_builder_freeze (builder, NULL, &error);
      g_assert_no_error (error);
      g_assert_false (
          weft_graph_write (graph, WEFT_GRAPH_FORMAT_NATIVE, append_cb, text, NULL, &error));
      test_assert_error (&error, WEFT_GRAPH_ERROR, WEFT_GRAPH_ERROR_UNSUPPORTED, "written", NULL);
      g_assert_cmpuint (text->len, ==, 0);
      weft_graph_unref (graph);
      weft_graph_builder_free (builder);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  test_add ("graph", "native", "example-is-read", test_example);
  test_add ("graph", "native", "every-member-is-read", test_every_member);
  test_add ("graph", "native", "no-outputs-wants-sinks", test_no_outputs_wants_sinks);
  test_add ("graph", "native", "any-order-of-members", test_any_order_of_members);
  test_add ("graph", "native", "ids-follow-the-file", test_ids_follow_the_file);
  test_add ("graph", "native", "special-records", test_special_records);
  test_add ("graph", "native", "imports", test_imports);
  test_add ("graph", "native", "paths", test_paths);
  test_add ("graph", "native", "neighbouring-references-are-one-node",
            test_neighbouring_references_are_one_node);
  test_add ("graph", "native", "call-locations", test_call_locations);
  test_add ("graph", "native", "round-trip", test_round_trip);
  test_add ("graph", "native", "every-truncation-is-an-error", test_every_truncation_is_an_error);
  test_add ("graph", "native", "file-is-replaced-whole", test_file_is_replaced_whole);
  test_add ("graph", "native", "write-error-ends-writing", test_write_error_ends_writing);
  test_add ("graph", "native", "imports-and-constants-cannot-be-written",
            test_imports_and_constants_cannot_be_written);
  return g_test_run ();
}
