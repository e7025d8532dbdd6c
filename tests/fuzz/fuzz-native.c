/* fuzz-native.c: any bytes as a native graph file
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * What is read must be a valid graph, and what is written of it must read back as one of the same
 * size.
 */
#include "config.h"

#include "graph/weft-graph-file.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput (const guint8 *data, gsize n_bytes);

static bool
append_cb (const char *bytes, size_t n_bytes, void *data, GError **error)
{
  g_string_append_len (data, bytes, (gssize) n_bytes);
  return true;
}

static void
write_and_read (const WeftGraph *graph)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  WeftGraph *again;

  if (!weft_graph_write (graph, WEFT_GRAPH_FORMAT_NATIVE, append_cb, text, NULL, &error))
    g_error ("not written: %s", error->message);
  again = weft_graph_read_bytes (text->str, text->len, "again", WEFT_GRAPH_FORMAT_NATIVE, &error);
  if (again == NULL)
    g_error ("not read back: %s\n%s", error->message, text->str);
  if (weft_graph_arrays (again)->n_tasks != weft_graph_arrays (graph)->n_tasks
      || weft_graph_arrays (again)->n_edges != weft_graph_arrays (graph)->n_edges)
    g_error ("read back as another graph:\n%s", text->str);
  weft_graph_unref (again);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize n_bytes)
{
  g_autoptr (GError) error = NULL;
  WeftGraph *graph = weft_graph_read_bytes ((const char *) data, n_bytes, "fuzz",
                                            WEFT_GRAPH_FORMAT_NATIVE, &error);

  if ((graph == NULL) != (error != NULL))
    abort ();
  if (graph == NULL)
    return 0;
  if (!weft_graph_validate (graph, &error))
    g_error ("read as an invalid graph: %s", error->message);
  write_and_read (graph);
  weft_graph_unref (graph);
  return 0;
}
