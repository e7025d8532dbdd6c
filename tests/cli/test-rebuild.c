/* test-rebuild.c: tests of graphs made out of graphs
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "test-support.h"

#include "cli/weft-cli-graph-private.h"

#include <string.h>

static const char everything[] =
    "{\"weftline\": 1, \"name\": \"all\", \"metadata\": {\"a\": 1}, \"tasks\": {"
    "\"x-1\": {\"op\": \"list\", \"args\": [1, 2.5, null, true, \"text\", [1, [2, 3]], "
    "{\"k\": [1], \"l\": {\"m\": \"n\"}}], \"retries\": 2, \"priority\": 3, \"label\": \"an x\", "
    "\"resources\": {\"GPU\": 1.5}},"
    "\"x-2\": {\"op\": \"list\", \"args\": [{\"ref\": \"x-1\"}, [{\"ref\": \"x-1\"}, 7]], "
    "\"after\": [\"z\"]},"
    "\"y\": {\"op\": \"sum\", \"kwargs\": {\"values\": [{\"ref\": \"x-1\"}, {\"ref\": \"x-2\"}]}, "
    "\"group\": \"mine\", \"timeout\": 2},"
    "\"z\": {\"op\": \"const\", \"args\": [\"q\"]}}, \"outputs\": [\"y\", \"x-1\"]}";

static bool
append (const char *bytes, size_t n_bytes, void *data, GError **error G_GNUC_UNUSED)
{
  g_string_append_len (data, bytes, (gssize) n_bytes);
  return true;
}

static char *
text_of (WeftGraph *graph)
{
  GString *text = g_string_new (NULL);
  GError *error = NULL;

  g_assert_true (weft_graph_write (graph, WEFT_GRAPH_FORMAT_NATIVE, append, text, NULL, &error));
  g_assert_no_error (error);
  return g_string_free (text, FALSE);
}

static WeftGraph *
read_everything (void)
{
  GError *error = NULL;
  WeftGraph *graph = weft_graph_read_bytes (everything, strlen (everything), "all.json",
                                            WEFT_GRAPH_FORMAT_NATIVE, &error);

  g_assert_no_error (error);
  return graph;
}

static void
nothing_is_lost (void)
{
  WeftGraph *graph = read_everything ();
  const WeftRebuild how = { 0 };
  GError *error = NULL;
  WeftGraph *again = weft_graph_rebuild (graph, &how, &error);

  g_assert_no_error (error);
  g_assert_true (weft_graph_validate (again, &error));
  g_assert_no_error (error);
  g_autofree char *before = text_of (graph);
  g_autofree char *after = text_of (again);

  g_assert_cmpstr (after, ==, before);
  g_assert_cmpstr (weft_graph_file (again), ==, "all.json");
  weft_graph_unref (again);
  weft_graph_unref (graph);
}

static void
outputs_can_be_chosen (void)
{
  WeftGraph *graph = read_everything ();
  char *names[] = { (char *) "x-2", (char *) "z", (char *) "x-2", NULL };
  char *wrong[] = { (char *) "x-3", NULL };
  g_autoptr (GArray) outputs = _weft_cli_find_outputs (graph, names, NULL);
  GError *error = NULL;

  g_assert_cmpuint (outputs->len, ==, 2);
  g_assert_cmpuint (g_array_index (outputs, WeftTaskOutput, 0).task, ==,
                    weft_graph_find (graph, "x-2", -1));
  g_assert_null (_weft_cli_find_outputs (graph, wrong, &error));
  test_assert_error (&error, WEFT_GRAPH_ERROR, WEFT_GRAPH_ERROR_MISSING, "x-3", "did you mean",
                     NULL);
  weft_graph_unref (graph);
}

static WeftFingerprint *
prints_of (const char *json, WeftOpRegistry *registry, const char *key, WeftFingerprint *print)
{
  GError *error = NULL;
  WeftGraph *graph =
      weft_graph_read_bytes (json, strlen (json), "p", WEFT_GRAPH_FORMAT_NATIVE, &error);
  g_autofree WeftFingerprint *all = NULL;

  g_assert_no_error (error);
  all = _weft_cli_fingerprints (graph, registry, 0);
  *print = all[weft_graph_find (graph, key, -1)];
  weft_graph_unref (graph);
  return print;
}

/* Same work, same print, whatever it is called; another argument upstream, another print. */
static void
fingerprints_follow_the_work (void)
{
  static const char form[] = "{\"weftline\": 1, \"tasks\": {\"%s\": {\"op\": \"add\", \"args\": "
                             "[1, %s]}, \"t\": {\"op\": \"neg\", \"args\": [{\"ref\": \"%s\"}]}}}";
  WeftOpRegistry *registry = weft_op_registry_new ();
  g_autofree char *one = g_strdup_printf (form, "a", "1", "a");
  g_autofree char *renamed = g_strdup_printf (form, "b", "1", "b");
  g_autofree char *other = g_strdup_printf (form, "a", "2", "a");
  g_autofree char *as_float = g_strdup_printf (form, "a", "1.0", "a");
  WeftFingerprint x, y;

  prints_of (one, registry, "t", &x);
  g_assert_cmpmem (prints_of (renamed, registry, "t", &y), sizeof y, &x, sizeof x);
  prints_of (other, registry, "t", &y);
  g_assert_cmpint (memcmp (&x, &y, sizeof x), !=, 0);
  prints_of (as_float, registry, "t", &y);
  g_assert_cmpint (memcmp (&x, &y, sizeof x), !=, 0);
  weft_op_registry_unref (registry);
}

static void
kept_results_come_back (void)
{
  g_autoptr (TestDir) dir = test_dir_new ();
  WeftKeep *keep = _weft_cli_keep_open (dir, true, NULL);
  const WeftFingerprint print = { { 1, 2 } }, other = { { 1, 3 } };
  WeftValue value = WEFT_VALUE_INIT, back = WEFT_VALUE_INIT;
  g_autoptr (GBytes) bytes = NULL;
  const WeftTaskFiles none = { 0 };
  bool renewed = true;
  GError *error = NULL;

  g_assert_cmpint (weft_value_init_string (&value, NULL, "warp and weft", 13), ==, WEFT_OK);
  g_assert_true (_weft_cli_keep_store (keep, print, &value, false, &error));
  for (int again = 0; again < 2; again++) /* does no harm */
    g_assert_true (_weft_cli_keep_store (keep, print, &value, again == 1, &error));
  g_assert_no_error (error);
  g_assert_null (_weft_cli_keep_load (keep, other, &none, &renewed));
  bytes = _weft_cli_keep_load (keep, print, &none, &renewed);
  g_assert_false (renewed);
  g_assert_true (weft_value_decode (NULL, NULL, g_bytes_get_data (bytes, NULL),
                                    g_bytes_get_size (bytes), 0, &back, NULL, &error));
  g_assert_true (weft_value_equal (&value, &back));
  weft_value_clear (&value);
  weft_value_clear (&back);
  _weft_cli_keep_free (keep);
}

/* A flipped bit anywhere makes it missing, never another value. */
static void
damage_is_noticed (void)
{
  g_autoptr (TestDir) dir = test_dir_new ();
  WeftKeep *keep = _weft_cli_keep_open (dir, true, NULL);
  const WeftFingerprint print = { { 0xab00000000000000u, 2 } };
  g_autofree char *path =
      g_build_filename (dir, "ab", "ab000000000000000000000000000002.value", NULL);
  g_autofree char *content = NULL;
  gsize n_bytes;
  const WeftTaskFiles none = { 0 };
  WeftValue value;
  bool renewed;

  weft_value_set_int64 (&value, 42);
  g_assert_true (_weft_cli_keep_store (keep, print, &value, false, NULL));
  g_assert_true (g_file_get_contents (path, &content, &n_bytes, NULL));
  for (gsize i = 0; i < n_bytes; i++)
    {
      g_autoptr (GBytes) bytes = NULL;

      content[i] ^= 0x10;
      g_assert_true (g_file_set_contents (path, content, (gssize) n_bytes, NULL));
      content[i] ^= 0x10;
      bytes = _weft_cli_keep_load (keep, print, &none, &renewed);
      if (bytes != NULL) /* a byte that means nothing: then the value is right */
        {
          WeftValue back = WEFT_VALUE_INIT;

          g_assert_true (weft_value_decode (NULL, NULL, g_bytes_get_data (bytes, NULL), n_bytes, 0,
                                            &back, NULL, NULL));
          g_assert_true (weft_value_equal (&value, &back));
          weft_value_clear (&back);
        }
    }
  g_assert_true (g_file_set_contents (path, content, (gssize) n_bytes / 2, NULL));
  g_assert_null (_weft_cli_keep_load (keep, print, &none, &renewed));
  _weft_cli_keep_free (keep);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("cli", "rebuild", "nothing-is-lost", nothing_is_lost);
  test_add ("cli", "rebuild", "outputs-can-be-chosen", outputs_can_be_chosen);
  test_add ("cli", "rebuild", "fingerprints-follow-the-work", fingerprints_follow_the_work);
  test_add ("cli", "rebuild", "kept-results-come-back", kept_results_come_back);
  test_add ("cli", "rebuild", "damage-is-noticed", damage_is_noticed);
  return g_test_run ();
}
