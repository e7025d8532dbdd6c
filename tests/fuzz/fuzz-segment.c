/* fuzz-segment.c: any bytes as a graph segment of a run file
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * What is decoded must be a graph that can be looked at and encoded again, and what is decoded of
 * that must have the same tasks, keys and edges.
 */
#include "config.h"

#include "graph/weft-graph-codec.h"
#include "graph/weft-graph.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput (const guint8 *data, gsize n_bytes);

static WeftGraph *
encode_and_decode (WeftGraph *graph)
{
  WeftGraphEncoder *encoder = weft_graph_encoder_new (graph);
  WeftGraphDecoder *decoder = weft_graph_decoder_new ();
  g_autoptr (GByteArray) piece = g_byte_array_new ();
  g_autoptr (GError) error = NULL;
  guint32 first_task, n_tasks, number = 0;
  gboolean more = TRUE;
  WeftGraph *again;

  while (more)
    {
      g_byte_array_set_size (piece, 0);
      more = weft_graph_encoder_next (encoder, number++, piece, &first_task, &n_tasks);
      if (!weft_graph_decoder_add (decoder, piece->data, piece->len, &error))
        g_error ("own piece %u not read: %s", number - 1, error->message);
    }
  again = weft_graph_decoder_finish (decoder, &error);
  if (again == NULL)
    g_error ("not read back: %s", error->message);
  weft_graph_encoder_free (encoder);
  weft_graph_decoder_free (decoder);
  return again;
}

static void
compare (const WeftGraph *graph, const WeftGraph *again)
{
  const WeftGraphArrays *a = weft_graph_arrays (graph), *b = weft_graph_arrays (again);

  if (a->n_tasks != b->n_tasks || a->n_edges != b->n_edges || a->n_groups != b->n_groups
      || a->n_wanted != b->n_wanted || a->n_imports != b->n_imports)
    abort ();
  for (guint32 task = 0; task < a->n_tasks; task++)
    {
      g_autofree char *key = weft_graph_dup_key (graph, task);
      g_autofree char *same = weft_graph_dup_key (again, task);

      if (strcmp (key, same) != 0 || a->group_of_task[task] != b->group_of_task[task])
        abort ();
    }
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize n_bytes)
{
  WeftGraphDecoder *decoder = weft_graph_decoder_new ();
  g_autoptr (GError) error = NULL;
  WeftGraph *graph = NULL, *again;

  if (weft_graph_decoder_add (decoder, data, n_bytes, &error))
    graph = weft_graph_decoder_finish (decoder, &error);
  weft_graph_decoder_free (decoder);
  if ((graph == NULL) != (error != NULL))
    abort ();
  if (graph == NULL)
    return 0;
  again = encode_and_decode (graph);
  compare (graph, again);
  weft_graph_unref (again);
  weft_graph_unref (graph);
  return 0;
}
