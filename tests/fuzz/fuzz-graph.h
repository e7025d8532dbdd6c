/* fuzz-graph.h: what the fuzz targets of foreign graph files do with an input
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Reads it. If it is a graph, the graph is valid, and what is written of it is read as a graph of
 * the same tasks and edges.
 */
#pragma once

#include "graph/weft-graph-file.h"

static bool
fuzz_append_cb (const char *bytes, size_t n_bytes, void *data, GError **error)
{
  g_string_append_len (data, bytes, (gssize) n_bytes);
  return true;
}

static void
fuzz_write_and_read (const WeftGraph *graph, WeftGraphFormat format)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *lost = NULL;
  WeftGraph *again;

  /* DOT cannot say all keys. */
  if (!weft_graph_write (graph, format, fuzz_append_cb, text, &lost, &error))
    {
      g_assert_error (error, WEFT_GRAPH_ERROR, WEFT_GRAPH_ERROR_UNSUPPORTED);
      return;
    }
  again = weft_graph_read_bytes (text->str, text->len, "again", format, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (weft_graph_arrays (again)->n_tasks, ==, weft_graph_arrays (graph)->n_tasks);
  g_assert_cmpuint (weft_graph_arrays (again)->n_edges, ==, weft_graph_arrays (graph)->n_edges);
  weft_graph_unref (again);
}

static int
fuzz_graph (const guint8 *data, gsize n_bytes, WeftGraphFormat format)
{
  g_autoptr (GError) error = NULL;
  WeftGraph *graph = weft_graph_read_bytes ((const char *) data, n_bytes, "fuzz", format, &error);

  if (graph == NULL)
    {
      g_assert_nonnull (error);
      g_assert_true (g_str_has_prefix (error->message, "fuzz:"));
      return 0;
    }
  weft_graph_validate (graph, &error);
  g_assert_no_error (error);
  fuzz_write_and_read (graph, format);
  weft_graph_unref (graph);
  return 0;
}
