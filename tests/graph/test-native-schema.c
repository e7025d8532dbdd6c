/* test-native-schema.c: the JSON Schema and the reader agree on what a graph file is
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * The judge of the schema is Python's jsonschema. What a schema cannot see (references that lead
 * nowhere, cycles, members given twice) is left out here; test-native-errors.c has it.
 */
#include "config.h"

#include "graph-support.h"
#include "test-support.h"

#define IN_TASKS(tasks) "{\"weftline\": 1, \"tasks\": {" tasks "}}"
#define IN_ARGS(args) IN_TASKS ("\"z\": {}, \"a\": {\"args\": [" args "]}")

static const char *const good[] = {
  IN_TASKS ("\"a\": {}"),
  IN_TASKS ("\"a\": {\"op\": \"f\", \"version\": 4294967295, \"args\": [], \"kwargs\": {}}"),
  IN_TASKS ("\"a\": {\"after\": [], \"group\": \"\", \"label\": \"\", \"priority\": -2147483648}"),
  IN_TASKS ("\"a\": {\"retries\": 0, \"retry_delay\": 0, \"timeout\": 9e9, \"resources\": {}}"),
  IN_TASKS ("\"a\": {\"outputs\": 65535, \"runtime\": 0.5, \"machine\": \"m\", \"metadata\": {}}"),
  IN_TASKS ("\"a\": {\"bytes\": null}, \"b\": {\"bytes\": [0]}, \"c\": {\"bytes\": 5}"),
  IN_ARGS ("null, true, 1, 1.5, \"x\", [], {}, {\"x\": {\"y\": []}}"),
  IN_ARGS ("{\"ref\": \"z\"}, {\"ref\": \"z\", \"output\": 0}, {\"output\": 0, \"ref\": \"z\"}"),
  IN_ARGS ("{\"output\": 0}, {\"output\": {\"ref\": \"z\"}}"),
  IN_ARGS ("{\"$literal\": {}}, {\"$literal\": {\"ref\": 1, \"$x\": {\"ref\": \"z\"}}}"),
  IN_ARGS ("{\"$float\": \"nan\"}, {\"$bytes\": \"\"}, {\"$bytes\": \"AA==\"}"),
  IN_ARGS ("{\"$encoded\": \"AAAA\"}, {\"$map\": []}, {\"$map\": [[[], {\"ref\": \"z\"}]]}"),
  IN_ARGS ("{\"$tagged\": [\"\", {\"$tagged\": [\"x\", null]}]}"),
  IN_ARGS ("{\"$path\": \"x\"}, {\"$path\": \"/x/../y\"}"),
  IN_ARGS ("{\"$import\": \"x\"}, {\"$import\": [\"x\", 0]}, {\"$import\": [\"x\", 65534]}"),
  "{\"weftline\": 1, \"$schema\": \"x\", \"name\": \"\", \"metadata\": {\"ref\": [1]}, "
  "\"defaults\": {\"priority\": 1, \"retries\": 1, \"retry_delay\": 1, \"timeout\": 1, "
  "\"resources\": {\"x\": 0}}, \"tasks\": {\"a\": {}}, "
  "\"outputs\": [\"a\", {\"ref\": \"a\"}, {\"ref\": \"a\", \"output\": 0}]}",
};

static const char *const bad[] = {
  "[]",
  "{}",
  "1",
  "{\"weftline\": 1}",
  "{\"tasks\": {\"a\": {}}}",
  "{\"weftline\": 2, \"tasks\": {\"a\": {}}}",
  "{\"weftline\": true, \"tasks\": {\"a\": {}}}",
  "{\"weftline\": 1, \"tasks\": {}}",
  "{\"weftline\": 1, \"tasks\": []}",
  "{\"weftline\": 1, \"tasks\": {\"a\": {}}, \"task\": 1}",
  "{\"weftline\": 1, \"tasks\": {\"a\": {}}, \"name\": 1}",
  "{\"weftline\": 1, \"tasks\": {\"a\": {}}, \"name\": \"\\u0000\"}",
  "{\"weftline\": 1, \"tasks\": {\"a\": {}}, \"$schema\": null}",
  "{\"weftline\": 1, \"tasks\": {\"a\": {}}, \"metadata\": []}",
  "{\"weftline\": 1, \"tasks\": {\"a\": {}}, \"defaults\": {\"op\": \"f\"}}",
  "{\"weftline\": 1, \"tasks\": {\"a\": {}}, \"defaults\": {\"retries\": -1}}",
  "{\"weftline\": 1, \"tasks\": {\"a\": {}}, \"outputs\": \"a\"}",
  "{\"weftline\": 1, \"tasks\": {\"a\": {}}, \"outputs\": [1]}",
  "{\"weftline\": 1, \"tasks\": {\"a\": {}}, \"outputs\": [{\"output\": 0}]}",
  "{\"weftline\": 1, \"tasks\": {\"a\": {}}, \"outputs\": [{\"ref\": \"a\", \"x\": 0}]}",
  IN_TASKS ("\"\": {}"),
  IN_TASKS ("\"a\\u0000\": {}"),
  IN_TASKS ("\"a\": 1"),
  IN_TASKS ("\"a\": {\"ops\": \"f\"}"),
  IN_TASKS ("\"a\": {\"op\": \"\"}"),
  IN_TASKS ("\"a\": {\"op\": 1}"),
  IN_TASKS ("\"a\": {\"version\": 0}"),
  IN_TASKS ("\"a\": {\"version\": 4294967296}"),
  IN_TASKS ("\"a\": {\"args\": {}}"),
  IN_TASKS ("\"a\": {\"kwargs\": []}"),
  IN_TASKS ("\"a\": {\"after\": \"b\"}"),
  IN_TASKS ("\"a\": {\"after\": [{\"ref\": \"b\"}]}"),
  IN_TASKS ("\"a\": {\"group\": null}"),
  IN_TASKS ("\"a\": {\"label\": 1}"),
  IN_TASKS ("\"a\": {\"priority\": 2147483648}"),
  IN_TASKS ("\"a\": {\"priority\": 1.5}"),
  IN_TASKS ("\"a\": {\"retries\": -1}"),
  IN_TASKS ("\"a\": {\"retry_delay\": -1}"),
  IN_TASKS ("\"a\": {\"timeout\": \"1\"}"),
  IN_TASKS ("\"a\": {\"timeout\": 1e10}"),
  IN_TASKS ("\"a\": {\"resources\": {\"gpu\": -1}}"),
  IN_TASKS ("\"a\": {\"resources\": {\"\": 1}}"),
  IN_TASKS ("\"a\": {\"resources\": [\"gpu\"]}"),
  IN_TASKS ("\"a\": {\"outputs\": 0}"),
  IN_TASKS ("\"a\": {\"outputs\": 65536}"),
  IN_TASKS ("\"a\": {\"runtime\": -0.5}"),
  IN_TASKS ("\"a\": {\"bytes\": -1}"),
  IN_TASKS ("\"a\": {\"bytes\": [true]}"),
  IN_TASKS ("\"a\": {\"bytes\": \"1\"}"),
  IN_TASKS ("\"a\": {\"machine\": 1}"),
  IN_TASKS ("\"a\": {\"metadata\": null}"),
  IN_ARGS ("{\"ref\": 1}"),
  IN_ARGS ("{\"ref\": \"z\", \"x\": 1}"),
  IN_ARGS ("{\"x\": 1, \"ref\": \"z\"}"),
  IN_ARGS ("{\"ref\": \"z\", \"output\": -1}"),
  IN_ARGS ("{\"ref\": \"z\", \"output\": 65535}"),
  IN_ARGS ("[{\"a\": {\"ref\": null}}]"),
  IN_ARGS ("{\"$x\": 1}"),
  IN_ARGS ("{\"x\": 1, \"$float\": \"nan\"}"),
  IN_ARGS ("{\"$float\": \"nan\", \"x\": 1}"),
  IN_ARGS ("{\"$float\": 1}"),
  IN_ARGS ("{\"$float\": \"NaN\"}"),
  IN_ARGS ("{\"$bytes\": \"A\"}"),
  IN_ARGS ("{\"$bytes\": \"AA=A\"}"),
  IN_ARGS ("{\"$bytes\": \"====\"}"),
  IN_ARGS ("{\"$encoded\": 1}"),
  IN_ARGS ("{\"$literal\": []}"),
  IN_ARGS ("{\"$literal\": {\"x\": {\"ref\": 1}}}"),
  IN_ARGS ("{\"$map\": {}}"),
  IN_ARGS ("{\"$map\": [[1]]}"),
  IN_ARGS ("{\"$map\": [[1, 2, 3]]}"),
  IN_ARGS ("{\"$tagged\": [\"x\"]}"),
  IN_ARGS ("{\"$tagged\": [1, 2]}"),
  IN_ARGS ("{\"$tagged\": [\"x\", 1, 2]}"),
  IN_ARGS ("{\"$path\": \"\"}"),
  IN_ARGS ("{\"$path\": [\"x\"]}"),
  IN_ARGS ("{\"$import\": \"\"}"),
  IN_ARGS ("{\"$import\": 3}"),
  IN_ARGS ("{\"$import\": [\"x\"]}"),
  IN_ARGS ("{\"$import\": [\"x\", 65535]}"),
  IN_ARGS ("{\"$import\": [\"x\", 0, 1]}"),
  IN_ARGS ("{\"$import\": [1, 0]}"),
};

/* The schema's verdicts, a line each. (transfer full) */
static char *
ask_schema (GPtrArray *files)
{
  g_autofree char *script = test_source_path ("graph/check_schema.py");
  g_autofree char *schema = test_source_path ("../data/weftline-graph.schema.json");
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;
  char *out = NULL;
  int status;

  g_ptr_array_add (argv, (char *) "/usr/bin/python3");
  g_ptr_array_add (argv, script);
  g_ptr_array_add (argv, schema);
  for (guint i = 0; i < files->len; i++)
    g_ptr_array_add (argv, g_ptr_array_index (files, i));
  g_ptr_array_add (argv, NULL);
  g_spawn_sync (NULL, (char **) argv->pdata, NULL, G_SPAWN_DEFAULT, NULL, NULL, &out, NULL, &status,
                &error);
  g_assert_no_error (error);
  g_spawn_check_wait_status (status, &error);
  g_assert_no_error (error);
  return out;
}

static bool
is_read (const char *path)
{
  g_autoptr (GError) error = NULL;
  WeftGraph *graph = weft_graph_read_file (path, WEFT_GRAPH_FORMAT_NATIVE, &error);

  weft_graph_unref (graph);
  return graph != NULL;
}

static void
assert_agree (GPtrArray *files, bool expect_good)
{
  g_autofree char *verdicts = ask_schema (files);
  g_auto (GStrv) lines = g_strsplit (g_strchomp (verdicts), "\n", -1);

  g_assert_cmpuint (g_strv_length (lines), ==, files->len);
  for (guint i = 0; i < files->len; i++)
    {
      const char *path = g_ptr_array_index (files, i);

      g_test_message ("%s: %s", path, lines[i]);
      g_assert_cmpint (g_str_has_prefix (lines[i], "good"), ==, expect_good);
      g_assert_cmpint (is_read (path), ==, expect_good);
    }
}

static void
assert_texts_agree (const char *const *texts, size_t n, bool expect_good)
{
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (TestDir) dir = test_dir_new ();

  for (size_t i = 0; i < n; i++)
    {
      g_autofree char *name = g_strdup_printf ("%zu.json", i);

      g_ptr_array_add (files, test_dir_write (dir, name, texts[i]));
    }
  assert_agree (files, expect_good);
}

static void
test_good_files (void)
{
  assert_texts_agree (good, G_N_ELEMENTS (good), true);
}

static void
test_bad_files (void)
{
  assert_texts_agree (bad, G_N_ELEMENTS (bad), false);
}

static void
test_examples (void)
{
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *examples = test_source_path ("../data/examples");
  g_autoptr (GDir) dir = g_dir_open (examples, 0, NULL);
  const char *name;

  g_assert_nonnull (dir);
  while ((name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_suffix (name, ".json"))
      g_ptr_array_add (files, g_build_filename (examples, name, NULL));
  g_assert_cmpuint (files->len, >=, 1);
  assert_agree (files, true);
}

static void
test_written_files (void)
{
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (TestDir) dir = test_dir_new ();

  for (int i = 0; i < 40; i++)
    {
      g_autofree char *path = g_strdup_printf ("%s/%d.json", dir, i);
      WeftGraph *graph = random_graph (20, i % 2 != 0);
      g_autoptr (GError) error = NULL;

      weft_graph_write_file (graph, WEFT_GRAPH_FORMAT_NATIVE, path, NULL, &error);
      g_assert_no_error (error);
      g_ptr_array_add (files, g_steal_pointer (&path));
      weft_graph_unref (graph);
    }
  assert_agree (files, true);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  test_add ("graph", "native-schema", "good-files", test_good_files);
  test_add ("graph", "native-schema", "bad-files", test_bad_files);
  test_add ("graph", "native-schema", "examples", test_examples);
  test_add ("graph", "native-schema", "written-files", test_written_files);
  return g_test_run ();
}
